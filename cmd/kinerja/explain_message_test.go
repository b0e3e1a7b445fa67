package main

import (
	"context"
	"errors"
	"maps"

	"kinerja/flows"
	"kinerja/store"
)

func init() { //nolint:gochecknoinits // beside the tables, so that they do not grow without end
	readsAll = append(readsAll, scanned{anywhere, "AS not_linked", "who would get a message is counted over all whom it may be about; it is the administrator who waits"})
	counting = append(counting, "page message.", "action message.")
	last = append(last, "message.send", "message.stopnow", "message.dropnow")
	maps.Copy(takes, map[string]string{"message.unit": "message.findunit", "message.unitsfound": "message.findagain", "message.write": "message.text"})
}

// writing lets an administrator write to everybody, to those who have not finished and to administrators, and stop it.
func (o *tour) writing(administrator *store.Person, unit int64) {
	o.t.Helper()
	phone, ctx, s := demoPhone(administrator.ID), context.Background(), o.w.app.store
	page := func(route string, args ...any) flows.Screen { return o.tap(phone, "page", flows.To(route, args...)) }
	do := func(route string, args ...any) { o.tap(phone, "action", flows.To(route, args...)) }
	draft := func() store.Message {
		o.t.Helper()
		lines, _, err := s.Messages(ctx, administrator.ID, 0, 1)
		if err != nil || len(lines) == 0 || lines[0].State != store.MessageDraft {
			o.t.Fatalf("%d messages, %v; want a draft", len(lines), err)
		}
		return lines[0].Message
	}
	periods, err := s.OpenPeriodsOf(ctx, administrator.ID)
	if err != nil || len(periods) == 0 {
		o.t.Fatalf("%d periods, %v", len(periods), err)
	}
	for _, to := range []flows.Link{flows.To("message.to", 0, audienceOver(unit), unit, 0), flows.To("message.to", 0, store.ToAdministrators, unit, 0),
		flows.To("message.to", 0, store.ToUnfinished, unit, periods[0].ID)} {
		page("message.whom", 0)
		page("message.unit", 0, store.ToUnit, 0, 1)
		o.play(phone, "action message.findunit", flows.Event{Kind: flows.Text, Text: "kantor"})
		o.play(phone, "action message.findagain", flows.Event{Kind: flows.Text, Text: "kantor"})
		page("message.period", 0, unit)
		o.tap(phone, "action", to)
		page("message.write", draft().ID)
		o.play(phone, "action message.text", flows.Event{Kind: flows.Text, Text: "Mohon diselesaikan hari ini."})
		m := draft()
		page("message.write", m.ID)
		o.play(phone, "action message.picture", flows.Event{Kind: flows.Photo, File: flows.Upload{ID: "gambar"}})
		page("message.write", m.ID)
		o.play(phone, "action message.file", flows.Event{Kind: flows.File, File: flows.Upload{ID: "berkas", Name: "edaran.pdf"}})
		do("message.detach", m.ID)
		page("message.draft", m.ID)
		o.play(phone, "page message.draft", flows.Event{Kind: flows.Text, Text: "Mohon diselesaikan besok."})
		do("message.retext", m.ID)
		do("message.sample", m.ID)
		page("message.sure", m.ID)
		page("message.drop", m.ID)
		do("message.send", m.ID, draft().Revision)
		o.jobs("job send_message")
		o.settles()
		for _, route := range []string{"message.show", "message.read", "message.stop"} {
			page(route, m.ID)
		}
		do("message.watch", m.ID)
		do("message.leave", m.ID)
		do("message.stopnow", m.ID)
		o.settles()
		do("message.again", m.ID)
		do("message.dropnow", draft().ID)
	}
	page("message.home", 1)
}

func (o *tour) settles() {
	o.t.Helper()
	o.as("job messages", func(ctx context.Context) error {
		_, held := o.w.app.store.Hold(ctx, "messages", "tour", 0)
		_, err := o.w.app.store.SettleMessages(ctx)
		return errors.Join(held, err)
	})
}

// audienceOver is everybody of a unit; 0 is the city.
func audienceOver(unit int64) store.Audience {
	if unit == 0 {
		return store.ToAll
	}
	return store.ToUnit
}
