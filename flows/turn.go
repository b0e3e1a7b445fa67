package flows

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/dialogue"
)

// Turn is an event that took effect and whose screen waits to be shown. End it with Shown or Abandon.
type Turn struct {
	Screen Screen
	Edit   int // message to change into the screen; 0 to send a new one
	Strip  int // older card that loses its buttons because the screen is sent anew below it; 0 for none
	Toast  string
	Alert  bool
	// Known is what the message to change shows already, when that is sure: the same screen need not be drawn on it again.
	Known Placed
	// CloseKeyboard says that a keyboard stands in the chat which an earlier screen with ShareContact opened. Say KeyboardClosed when it is gone.
	CloseKeyboard bool

	turn      *dialogue.Turn    // nil outside private chats, where nobody has a position
	before    dialogue.Position // where he stood
	position  dialogue.Position // where he stands now
	announces bool              // the screen is not the page itself but a button to it
	tapped    Placed            // the message that was tapped, and when it last changed before that; nowhere for other events
}

var errStranger = errors.New("not linked")

const (
	// recentUpdates is how many handled updates a position remembers, so that one delivered twice is known.
	recentUpdates = 24
	// memoryOfUpdates is how long Telegram keeps an update; after a quiet week its numbers start anew at random.
	memoryOfUpdates = 24 * time.Hour
)

// Begin lets one event take effect and draws the screen that follows. When it returns an error nothing is owed to the
// person but another try with the same event, which is always safe. While another process handles an update
// of the same person it waits, until ctx ends.
func (e *Engine) Begin(ctx context.Context, ev Event) (turn *Turn, err error) {
	if !ev.Private {
		return &Turn{Screen: Screen{Text: e.catalog.In(ev.Language).HTML("engine.group_only_private")}}, nil
	}
	held, err := e.takeTurn(ctx, ev.From)
	if err != nil {
		return nil, err
	}
	played := false
	defer func() {
		if !played { // by an error or a panic: the turn would end by itself, but the next try should not have to wait for that
			err = errors.Join(err, held.Abandon(context.WithoutCancel(ctx)))
		}
	}()
	turn, err = e.play(ctx, ev, held)
	played = err == nil
	return turn, err
}

// takeTurn waits for the person's turn.
func (e *Engine) takeTurn(ctx context.Context, telegramID int64) (*dialogue.Turn, error) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		held, err := e.positions.Begin(ctx, telegramID)
		if !errors.Is(err, dialogue.ErrBusy) {
			return held, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for turn: %w", errors.Join(ctx.Err(), dialogue.ErrBusy))
		case <-ticker.C:
		}
	}
}

// play is the way of one event: who is it, what does he want, do it, draw what follows.
func (e *Engine) play(ctx context.Context, ev Event, held *dialogue.Turn) (*Turn, error) {
	actor, err := e.whoIs(ctx, ev.From)
	if err != nil {
		return nil, err
	}
	r := &Request{Event: ev, Actor: actor, Now: e.now().UTC(), T: e.speaker(actor, ev, held.Position), Draft: draftOf(held.Position)}
	scene := scene{engine: e, request: r, position: held.Position}
	r.Asked = len(e.pages[scene.present().Route].accepts) > 0
	if wasHandled(held.Position, ev.UpdateID, r.Now) {
		err = scene.showAgain(ctx)
	} else {
		err = scene.respond(ctx)
	}
	if err != nil {
		return nil, err
	}
	return scene.turn(held), nil
}

func (e *Engine) whoIs(ctx context.Context, telegramID int64) (store.Actor, error) {
	actor, err := e.accounts.ActorByTelegram(ctx, telegramID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Actor{TelegramID: telegramID}, nil
	case err != nil:
		return store.Actor{}, err
	case actor.UnreachableSince != nil:
		if err := e.accounts.Returned(ctx, actor); err != nil {
			return store.Actor{}, err
		}
	}
	return actor, nil
}

// LanguageDraft is where a stranger's choice of language is kept: he has no account that could hold it.
const LanguageDraft = "language"

func (e *Engine) speaker(actor store.Actor, ev Event, p dialogue.Position) *locales.Translator {
	switch {
	case actor.Known():
		return e.catalog.In(actor.Language)
	case p.Draft[LanguageDraft] != "":
		return e.catalog.In(p.Draft[LanguageDraft])
	default:
		return e.catalog.In(ev.Language)
	}
}

// wasHandled tells an update that came again from one that comes late. A late one still counts: it was never handled.
func wasHandled(p dialogue.Position, updateID int64, now time.Time) bool {
	if now.Sub(p.At) > memoryOfUpdates {
		return false
	}
	return slices.Contains(p.Recent, updateID)
}

// turn remembers where the person stands now, to be stored when the screen was shown.
func (s *scene) turn(held *dialogue.Turn) *Turn {
	s.out.turn, s.out.before = held, held.Position
	if r := s.request; r.Kind == Tap && r.Shown != 0 {
		s.out.tapped = Placed{Message: r.Message, At: time.Unix(r.Shown, 0)}
	}
	s.out.position = dialogue.Position{
		Page: s.shown.String(), Draft: s.request.Draft, Card: held.Position.Card, At: s.request.Now,
		Recent: remember(held.Position.Recent, s.request.UpdateID), Keyboard: held.Position.Keyboard || s.out.Screen.ShareContact != "",
	}
	if s.onlyQuestion() {
		s.out.position.Expected = s.request.UpdateID
	}
	s.out.position.Answered = held.Position.Answered
	if s.answered {
		s.out.position.Answered = s.request.UpdateID
	}
	return &s.out
}

func remember(recent []int64, id int64) []int64 {
	if id == 0 || slices.Contains(recent, id) {
		return recent
	}
	recent = append(slices.Clone(recent), id)
	return recent[max(0, len(recent)-recentUpdates):]
}

func draftOf(p dialogue.Position) map[string]string {
	if p.Draft == nil {
		return map[string]string{}
	}
	return maps.Clone(p.Draft)
}

// Shown stores where the person stands, with where and when that was shown to him, and ends the turn. dialogue.ErrLost means that
// another process handled an update of the same person meanwhile: the same event is begun again, which draws the present state.
func (t *Turn) Shown(ctx context.Context, placed Placed) error {
	if t.turn == nil {
		return nil
	}
	t.position.Seen = dialogue.Unseen
	if placed.Message != 0 {
		t.position.Seen = t.seenSince(placed)
		t.position.Card, t.position.Look = placed.Message, placed.Look
	}
	if placed.Message != 0 && t.announces {
		t.position.Seen = dialogue.Announced
	}
	return t.turn.Commit(ctx, t.position)
}

// KeyboardClosed notes before Shown that what CloseKeyboard asks for is done. Until it is, the next turn asks again.
func (t *Turn) KeyboardClosed() { t.position.Keyboard = false }

// seenSince is since when the person sees what was placed, in Unix seconds. Of a message that showed it before, the latest change counts that
// is remembered or came with the tap.
func (t *Turn) seenSince(placed Placed) int64 {
	if !placed.Stood {
		return placed.At.Unix()
	}
	var since int64
	if before := t.before; before.Card == placed.Message && before.Seen < dialogue.Announced {
		since = before.Seen
	}
	if t.tapped.Message == placed.Message && !t.tapped.At.IsZero() {
		since = max(since, t.tapped.At.Unix())
	}
	return cmp.Or(since, placed.At.Unix())
}

// Abandon ends the turn without storing where the person stands. What he did stays done.
func (t *Turn) Abandon(ctx context.Context) error {
	if t.turn == nil {
		return nil
	}
	return t.turn.Abandon(ctx)
}

// Present says, as a turn, that a screen waits which could not be shown when it was due, with a button to it; nil when the person has
// seen a later one since, or was told. The screen itself is for him alone and does not come by itself, perhaps while somebody else
// holds his phone. While he is doing something it waits, until ctx ends: then dialogue.ErrBusy.
func (e *Engine) Present(ctx context.Context, actor store.Actor) (*Turn, error) {
	held, err := e.takeTurn(ctx, actor.TelegramID)
	if err != nil {
		return nil, err
	}
	if seen := held.Position.Seen; seen != 0 && seen != dialogue.Unseen {
		return nil, held.Abandon(ctx)
	}
	t := e.catalog.In(actor.Language)
	s := scene{engine: e, position: held.Position, request: &Request{
		Event: Event{From: actor.TelegramID, Private: true}, Actor: actor, Now: e.now().UTC(), T: t, Draft: draftOf(held.Position),
	}}
	s.shown = s.present()
	s.out.Screen, s.out.announces = doorTo(t, "engine.screen_waits", s.shown), true
	return s.turn(held), nil
}

// Discreet is what is told of a message at an hour at which people are not meant to be disturbed: that there is one, with a button
// to where its first button leads.
func (e *Engine) Discreet(actor store.Actor, message Screen) Screen {
	to := e.home(actor)
	for _, b := range slices.Concat(message.Rows...) {
		if !b.To.Zero() {
			to = b.To
			break
		}
	}
	return doorTo(e.catalog.In(actor.Language), "engine.news_waits", to)
}

// doorTo is one sentence that names nobody, and a button.
func doorTo(t *locales.Translator, sentence string, to Link) Screen {
	return Screen{Text: t.HTML(sentence), Rows: [][]Button{Row(Button{Label: t.Plain("engine.open_it"), To: to, Style: Confirm})}}
}
