package main

import (
	"context"
	"time"

	"kinerja/flows"
	"kinerja/store"
	"kinerja/store/sample"
)

// messagePages writes a message that is under way and a draft with a picture, and returns the pages of messages that only a text leads to.
func (a *app) messagePages(ctx context.Context, cast *sample.Cast) ([]flows.Link, error) {
	code, err := a.store.Invite(ctx, cast.UnitAdmin.ID, time.Hour)
	if err != nil {
		return nil, err
	}
	if _, err := a.store.Link(ctx, demoPhone(cast.UnitAdmin.ID), "id", code); err != nil {
		return nil, err
	}
	admin := cast.Admin.ID
	sent, err := a.letter(ctx, admin, "Besok sistem SKP nasional tutup pukul 16.00.")
	if err != nil {
		return nil, err
	}
	if err := a.store.SendMessage(ctx, admin, sent, 1, store.Place{}, a.store.Now()); err != nil {
		return nil, err
	}
	draft, err := a.letter(ctx, admin, "Apel pagi Senin pukul 07.30 di halaman balai kota.")
	if err != nil {
		return nil, err
	}
	return []flows.Link{flows.To("message.show", sent), flows.To("message.draft", draft), flows.To("message.unitsfound", draft, string(store.ToUnit), 1)},
		a.store.AttachToMessage(ctx, admin, draft, store.Picture, "gambar", "", "")
}

// letter is a draft to everybody.
func (a *app) letter(ctx context.Context, admin int64, text string) (int64, error) {
	m, err := a.store.AddressMessage(ctx, admin, 0, store.ToAll, 0, 0)
	if err != nil {
		return 0, err
	}
	return m.ID, a.store.WriteMessage(ctx, admin, m.ID, text)
}
