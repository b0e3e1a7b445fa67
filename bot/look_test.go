package bot

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kinerja/flows"
)

func TestACardThatShowsTheScreenAlreadyIsNotEditedAndTheTapIsAnswered(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	card := w.tel.card(7)
	w.mustDo(in, w.tel.tap(7, card, "list"))
	again := w.tel.tap(7, card, "list")
	w.mustDo(in, again)
	if n := w.tel.called("editMessageText"); n != 1 {
		t.Errorf("%d edits, want the first", n)
	}
	if len(w.tel.answersTo(again)) != 1 {
		t.Error("the tap was not answered")
	}
	// It stands there since the first time: what was typed after that is an answer.
	w.mustDo(in, w.tel.textAt(shownAt+1, 7, "catatan"))
	if did := w.records.did(7); !slices.Equal(did, []string{"catatan"}) {
		t.Errorf("the text did %v", did)
	}
}

func TestACardThatShowsTheScreenAlreadyStoodThereSinceItsEarlierTime(t *testing.T) {
	for name, forget := range map[string]func(w *world, in *Intake, card int) (tap int64){
		"an emptied Redis": func(w *world, _ *Intake, card int) int64 {
			w.mini.FlushAll()
			return w.tel.tap(7, card, "list")
		},
		"a tap that came twice": func(w *world, in *Intake, card int) int64 {
			tap := w.tel.tap(7, card, "list")
			w.mustDo(in, tap)
			return tap
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			in := w.intake(w.options())
			card := w.tel.card(7)
			w.mustDo(in, w.tel.tap(7, card, "list"))
			tap, before := forget(w, in, card), w.tel.called("editMessageText")
			w.mustDo(in, tap)
			if w.tel.called("editMessageText") != before+1 {
				t.Fatal("Telegram was not asked")
			}
			w.mustDo(in, w.tel.textAt(shownAt+1, 7, "catatan")) // long before now, by any clock
			if did := w.records.did(7); !slices.Equal(did, []string{"catatan"}) {
				t.Errorf("the text did %v", did)
			}
		})
	}
}

func TestAnEditWhoseAnswerWasLostCountsFromTelegramsNextAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		sent   int64 // after Telegram's clock said lostAt
		forgot bool  // what the card showed
		want   []string
	}{
		"a text from before it":                        {lostAt, false, []string{"3"}},
		"a text from before it, after a forgotten one": {lostAt, true, []string{"3"}},
		"a text from after it":                         {lostAt + 1, false, []string{"3", "catatan"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			in := w.intake(w.options())
			card := w.tel.card(7)
			w.mustDo(in, w.tel.tap(7, card, "list"))
			if c.forgot {
				w.mini.FlushAll()
			}
			w.tel.setClock(lostAt)
			w.tel.setFault(faultOnce("editMessageText", cutAfter))
			w.mustDo(in, w.tel.tap(7, card, "add:3"))
			w.mustDo(in, w.tel.textAt(c.sent, 7, "catatan"))
			if did := w.records.did(7); !slices.Equal(did, c.want) {
				t.Errorf("done is %v, want %v", did, c.want)
			}
		})
	}
}

// lostAt is a moment of Telegram's clock that is long past for ours.
const lostAt = 1_000_000_000

func TestACardIsEditedWheneverItIsNotSureWhatItShows(t *testing.T) {
	for name, disturb := range map[string]func(w *world, in *Intake, card int){
		"an emptied Redis": func(w *world, _ *Intake, _ int) { w.mini.FlushAll() },
		"an outcome that is not known": func(w *world, in *Intake, card int) {
			o := w.options()
			o.ShowLimit = 1 // no time to try again
			w.tel.setFault(faultOnce("editMessageText", cutAfter))
			w.mustDo(w.intake(o), w.tel.tap(7, card, "add:3"))
			w.tel.setFault(nil)
		},
		"another process that was lost on the way": func(w *world, _ *Intake, card int) {
			in := w.intake(w.options())
			turn, err := in.engine.Begin(context.Background(), eventFor(w, w.tel.tap(7, card, "list")))
			if err != nil {
				w.t.Fatalf("begin: %v", err)
			}
			if err := turn.Abandon(context.Background()); err != nil {
				w.t.Fatalf("abandon: %v", err)
			}
		},
		"words without markup": func(w *world, in *Intake, card int) {
			w.tel.setFault(func(_ string, form map[string]string) string {
				if form["parse_mode"] != "" {
					return "400 Bad Request: can't parse entities: x"
				}
				return noFault
			})
			w.mustDo(in, w.tel.tap(7, card, "add:3"))
			w.tel.setFault(nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			in := w.intake(w.options())
			card := w.tel.card(7)
			w.mustDo(in, w.tel.tap(7, card, "list"))
			disturb(w, in, card)
			before := w.tel.called("editMessageText")
			w.mustDo(in, w.tel.tap(7, card, "list"))
			if w.tel.called("editMessageText") != before+1 {
				t.Error("the card was not edited")
			}
		})
	}
}

// TestARandomRunSendsFewerEditsAndShowsTheSame plays the same taps, some of them twice, some delivered twice, on a bot that
// remembers what its cards show and on one whose memory is emptied before each.
func TestARandomRunSendsFewerEditsAndShowsTheSame(t *testing.T) {
	const taps = 300
	remembering, forgetful := newWorld(t), newWorld(t)
	in, other := remembering.intake(remembering.options()), forgetful.intake(forgetful.options())
	card, otherCard := remembering.tel.card(7), forgetful.tel.card(7)
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // repeatable on purpose
	for range taps {
		data := []string{"list", "refuse", "nothing", fmt.Sprintf("add:%d", random.IntN(60)+1)}[random.IntN(4)]
		again := random.IntN(10) == 0
		for _, one := range []struct {
			w    *world
			in   *Intake
			card int
		}{{remembering, in, card}, {forgetful, other, otherCard}} {
			if one.w == forgetful {
				one.w.mini.FlushAll()
			}
			id := one.w.tel.tap(7, one.card, data)
			one.w.mustDo(one.in, id)
			if again {
				one.w.mustDo(one.in, id)
			}
		}
		if got, want := remembering.tel.lastText(7), forgetful.tel.lastText(7); got != want {
			t.Fatalf("after %q the card shows %q, want %q", data, got, want)
		}
	}
	fewer, all := remembering.tel.called("editMessageText"), forgetful.tel.called("editMessageText")
	t.Logf("%d edits, where a bot without memory makes %d", fewer, all)
	if fewer > all*2/3 {
		t.Errorf("%d edits, where a bot without memory makes %d", fewer, all)
	}
}

func TestWhatACardShowsCannotBeGuessedFromItsHash(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	w.mustDo(in, w.tel.tap(7, w.tel.card(7), "list"))
	value := w.mini.HGet(w.prefix+"position:{7}", "value")
	other, err := New(Options{Token: "2:OTHER", APIURL: w.tel.server.URL})
	if err != nil {
		t.Fatalf("new bot: %v", err)
	}
	defer other.Close()
	screen, err := in.engine.Begin(context.Background(), eventFor(w, w.tel.tap(7, 1, "list")))
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	if look := in.bot.lookOf(screen.Screen); !strings.Contains(value, look) || strings.Contains(value, other.lookOf(screen.Screen)) {
		t.Errorf("the position %s has another hash than %s, or one that needs no token", value, look)
	}
}

// eventFor is what the engine is given for an update.
func eventFor(w *world, id int64) flows.Event {
	ev, _, _ := eventOf(updateFrom(w.t, w.tel.raw(id)), "")
	return ev
}
