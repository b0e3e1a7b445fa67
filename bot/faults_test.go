package bot

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kinerja/store/storetest"
)

// faultOnce places one fault at the first call of a method.
func faultOnce(method, fault string) func(string, map[string]string) string {
	return faultTimes(method, fault, 1)
}

func faultTimes(method, fault string, times int32) func(string, map[string]string) string {
	var happened atomic.Int32
	return func(called string, _ map[string]string) string {
		if called == method && happened.Add(1) <= times {
			return fault
		}
		return noFault
	}
}

func TestAScreenIsShownInSpiteOfFaults(t *testing.T) {
	for name, c := range map[string]struct {
		method, fault string
		times         int32
	}{
		"edit broken":                  {"editMessageText", brokenServer, 3},
		"edit cut before":              {"editMessageText", cutBefore, 2},
		"edit cut after it was done":   {"editMessageText", cutAfter, 2},
		"edit in a short flood":        {"editMessageText", flooded + "1", 1},
		"answer broken":                {"answerCallbackQuery", brokenServer, 1},
		"answer cut after it was done": {"answerCallbackQuery", cutAfter, 1},
		"the tap is too old to answer": {"answerCallbackQuery", "400 Bad Request: query is too old and response timeout expired or query ID is invalid", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := w.options()
			o.ShowLimit = 10 * time.Second
			in := w.intake(o)
			card := w.tel.card(7)
			w.tel.setFault(faultTimes(c.method, c.fault, c.times))
			w.mustDo(in, w.tel.tap(7, card, "add:3"))
			shown := w.tel.shownTo(7)
			if len(shown) != 1 || !strings.Contains(shown[0].text, "3") {
				t.Errorf("the person sees %+v, want one card with the state", shown)
			}
			if !slices.Equal(w.records.did(7), []string{"3"}) || len(w.records.owed) != 0 {
				t.Errorf("done %v, owed %v", w.records.did(7), w.records.owed)
			}
		})
	}
}

func TestACardThatIsGoneIsSentAnewAndRemembered(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	w.mustDo(in, w.tel.tap(7, 12345, "add:3"))
	shown := w.tel.shownTo(7)
	if len(shown) != 1 || !shown[0].buttons || !strings.Contains(shown[0].text, "3") {
		t.Fatalf("the person sees %+v, want a new card", shown)
	}
	w.mustDo(in, w.tel.text(7, "catatan"))
	if again := w.tel.shownTo(7); len(again) != 2 || again[0].buttons {
		t.Errorf("the person sees %+v, want the card before stripped", again)
	}
}

func TestACardThatMayHaveBeenSentIsNotSentBlindlyAgain(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	w.mustDo(in, w.tel.text(7, "/mulai"))
	w.tel.setFault(faultOnce("sendMessage", cutAfter))
	w.mustDo(in, w.tel.text(7, "catatan"))
	shown := w.tel.shownTo(7)
	if len(shown) != 2 {
		t.Fatalf("the person sees %d cards, want the first and the one that was cut: %+v", len(shown), shown)
	}
	if !strings.Contains(shown[0].text, "catatan") {
		t.Errorf("the card that is known to stand shows %q, want the state", shown[0].text)
	}
}

func TestATextThatIsNoYoungerThanTheScreenIsNotItsAnswer(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	w.mustDo(in, w.tel.text(7, "/mulai"))
	w.mustDo(in, w.tel.textAt(shownAt, 7, "catatan"))
	if did := w.records.did(7); len(did) != 0 {
		t.Errorf("it did %v", did)
	}
	w.mustDo(in, w.tel.textAt(shownAt+1, 7, "catatan"))
	if did := w.records.did(7); !slices.Equal(did, []string{"catatan"}) {
		t.Errorf("the younger one did %v", did)
	}
}

func TestACardThatWasNotSentIsSentAgain(t *testing.T) {
	for _, fault := range []string{brokenServer, flooded + "1"} {
		w := newWorld(t)
		w.tel.setFault(faultOnce("sendMessage", fault))
		w.mustDo(w.intake(w.options()), w.tel.text(firstStranger, "halo"))
		if got := w.tel.shownTo(firstStranger); len(got) != 1 {
			t.Errorf("%s: a stranger sees %d cards, want one", fault, len(got))
		}
	}
}

func TestAScreenThatCannotBeShownIsOwedAndTheUpdateConfirmed(t *testing.T) {
	for _, fault := range []string{brokenServer, cutAfter, flooded + "3600"} {
		t.Run(fault, func(t *testing.T) {
			w := newWorld(t)
			o := w.options()
			o.ShowLimit = 200 * time.Millisecond
			card := w.tel.card(7)
			w.tel.setFault(faultTimes("editMessageText", fault, 1<<30))
			gate := NewGate(w.redis, "pace:", 25, time.Now, nil)
			id := w.tel.tap(7, card, "add:3")
			w.mustDo(w.intakeOn(w.tel.bot(t, gate), o), id)
			if !slices.Equal(w.records.did(7), []string{"3"}) || !slices.Equal(w.records.owed, []int64{id}) {
				t.Errorf("done %v, owed %v", w.records.did(7), w.records.owed)
			}
			if paused := gate.PausedFor(7) > time.Minute; paused != strings.HasPrefix(fault, flooded) {
				t.Errorf("his chat pauses: %v", paused)
			}
		})
	}
}

func TestWhoBlockedTheBotIsMarkedAndHoldsNothingUp(t *testing.T) {
	w := newWorld(t)
	card := w.tel.card(7)
	w.tel.setFault(faultOnce("editMessageText", "403 Forbidden: bot was blocked by the user"))
	w.mustDo(w.intake(w.options()), w.tel.tap(7, card, "add:3"))
	if !slices.Equal(w.records.gone, []int64{7}) || !slices.Equal(w.records.did(7), []string{"3"}) {
		t.Errorf("unreachable %v, done %v", w.records.gone, w.records.did(7))
	}
}

func TestMarkupThatTelegramCannotReadIsSentAsPlainText(t *testing.T) {
	w := newWorld(t)
	w.tel.setFault(func(method string, form map[string]string) string {
		if method == "sendMessage" && form["parse_mode"] != "" {
			return "400 Bad Request: can't parse entities: Unsupported start tag"
		}
		return noFault
	})
	w.mustDo(w.intake(w.options()), w.tel.text(7, "a<b"))
	if got := w.tel.lastText(7); !strings.Contains(got, "a<b") || strings.Contains(got, "<b>") {
		t.Errorf("the person sees %q", got)
	}
}

func TestARefusedScreenIsToldNotSwallowed(t *testing.T) {
	w := newWorld(t)
	w.tel.setFault(faultOnce("editMessageText", "400 Bad Request: BUTTON_DATA_INVALID"))
	w.mustDo(w.intake(w.options()), w.tel.tap(7, w.tel.card(7), "add:3"))
	if got := w.tel.lastText(7); !strings.Contains(got, "tidak dapat ditampilkan") {
		t.Errorf("the person sees %q", got)
	}
}

func TestASentenceThatNoToastCouldCarryStandsOnTheScreen(t *testing.T) {
	w := newWorld(t)
	w.tel.setFault(faultOnce("answerCallbackQuery", "400 Bad Request: query is too old and response timeout expired or query ID is invalid"))
	w.mustDo(w.intake(w.options()), w.tel.tap(7, w.tel.card(7), "refuse"))
	if got := w.tel.lastText(7); !strings.Contains(got, "tidak boleh") {
		t.Errorf("the person sees %q", got)
	}
}

func TestAPositionThatCannotBeStoredIsStoredLaterAndSendsNoSecondCard(t *testing.T) {
	w := newWorld(t)
	log := &logged{}
	o := w.options()
	o.Log = log.logger()
	in := w.intake(o)
	w.mustDo(in, w.tel.text(7, "/mulai"))
	w.tel.setFault(func(method string, _ map[string]string) string {
		if method == "sendMessage" {
			w.mini.SetError("LOADING Redis is loading the dataset in memory")
		}
		return noFault
	})
	tk, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(7, "catatan"))))
	if err != nil {
		t.Fatalf("take: %v", err)
	}
	eventually(t, "it is tried again", func() bool { return strings.Contains(log.text(), "tried again") })
	w.tel.setFault(nil)
	w.mini.SetError("")
	<-tk.done
	if tk.err != nil || len(w.tel.shownTo(7)) != 2 || !slices.Equal(w.records.did(7), []string{"catatan"}) {
		t.Errorf("error %v, %d cards, done %v", tk.err, len(w.tel.shownTo(7)), w.records.did(7))
	}
	w.expectPosition(in, 1)
}

// expectPosition checks that the place of person 7 is known: his card, by its index, loses its buttons when he types.
func (w *world) expectPosition(in *Intake, card int) {
	w.t.Helper()
	w.mustDo(in, w.tel.text(7, "lagi"))
	if shown := w.tel.shownTo(7); len(shown) != card+2 || shown[card].buttons {
		w.t.Errorf("his place was not remembered: %+v", shown)
	}
}

func TestAnEmptiedRedisInTheMiddleLosesNothing(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	w.mustDo(in, w.tel.text(7, "/mulai"))
	var once sync.Once
	w.records.setFail(func(context.Context, int64, string) error {
		once.Do(w.mini.FlushAll)
		return nil
	})
	w.mustDo(in, w.tel.tap(7, w.tel.shownTo(7)[0].id, "add:3"))
	if shown := w.tel.shownTo(7); len(shown) != 1 || !strings.Contains(shown[0].text, "3") || !slices.Equal(w.records.did(7), []string{"3"}) {
		t.Errorf("the person sees %+v, done %v", shown, w.records.did(7))
	}
	w.expectPosition(in, 0)
}

func TestARedisEmptiedWhileACardIsSentCausesNoSecondCard(t *testing.T) {
	w := newWorld(t)
	var once sync.Once
	w.tel.setFault(func(method string, _ map[string]string) string {
		if method == "sendMessage" {
			once.Do(w.mini.FlushAll)
		}
		return noFault
	})
	in := w.intake(w.options())
	w.mustDo(in, w.tel.text(7, "catatan"))
	if shown := w.tel.shownTo(7); len(shown) != 1 {
		t.Errorf("the person sees %+v, want one card", shown)
	}
	w.expectPosition(in, 0)
}

func TestATapCostsTwoCallsSideBySide(t *testing.T) {
	w := newWorld(t)
	card := w.tel.card(7)
	both := make(chan struct{}, 2)
	// Each of the two calls is answered only when the other has arrived: one after the other they would never end.
	w.tel.setFault(func(method string, _ map[string]string) string {
		if method == "answerCallbackQuery" || method == "editMessageText" {
			both <- struct{}{}
			w.tel.mu.Unlock()
			defer w.tel.mu.Lock()
			eventually(t, "the other call", func() bool { return len(both) == 2 })
		}
		return noFault
	})
	in := w.intake(w.options())
	w.mustDo(in, w.tel.tap(7, card, "add:3"))
	if n := counts(t, in.metrics)["kinerja_telegram_errors_total 0 unknown"]; n != 0 {
		t.Error("one call was over its limit before the other was made")
	}
	if a, e, s := w.tel.called("answerCallbackQuery"), w.tel.called("editMessageText"), w.tel.called("sendMessage"); a != 1 || e != 1 || s != 0 {
		t.Errorf("%d answers, %d edits, %d sends", a, e, s)
	}
}

func TestAFloodHoldsTapsBackToo(t *testing.T) {
	w := newWorld(t)
	clock := storetest.NewClock(time.Now())
	gate := NewGate(w.redis, "pace:", 25, clock.Now, nil)
	gate.Flood(time.Hour)
	o := w.options()
	o.ShowLimit = 10 * time.Minute // waiting for the pause to end would not end
	id := w.tel.tap(7, w.tel.card(7), "add:3")
	w.mustDo(w.intakeOn(w.tel.bot(t, gate), o), id)
	if n := w.tel.called("editMessageText") + w.tel.called("answerCallbackQuery"); n != 0 {
		t.Errorf("%d calls during the pause", n)
	}
	if !slices.Equal(w.records.owed, []int64{id}) {
		t.Errorf("owed %v", w.records.owed)
	}
}
