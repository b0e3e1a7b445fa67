package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestATapChangesItsCardAndIsAnswered(t *testing.T) {
	w := newWorld(t)
	card := w.tel.card(7)
	id := w.tel.tap(7, card, "add:3")
	w.mustDo(w.intake(w.options()), id)
	shown := w.tel.shownTo(7)
	if len(shown) != 1 || shown[0].edits != 1 || !strings.Contains(shown[0].text, "3") {
		t.Errorf("the person sees %+v, want his card changed once", shown)
	}
	if got := w.tel.answersTo(id); !slices.Equal(got, []string{"tersimpan 3"}) {
		t.Errorf("the tap was answered %q", got)
	}
}

func TestATypedTextGetsANewCardAndTheOldOneLosesItsButtons(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	w.mustDo(in, w.tel.text(7, "/mulai"))
	w.mustDo(in, w.tel.text(7, "catatan"))
	shown := w.tel.shownTo(7)
	if len(shown) != 2 || shown[0].buttons || !shown[1].buttons || !strings.Contains(shown[1].text, "catatan") {
		t.Errorf("the person sees %+v, want two cards, the second with buttons", shown)
	}
}

func TestUpdatesOfOnePersonTakeEffectInOrderAndThoseOfOthersBeside(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	o.PerPerson = 500
	w.records.setFail(func(_ context.Context, person int64, what string) error {
		if person == 1 && w.records.triesOf(what)%3 == 1 {
			return context.DeadlineExceeded // now and then the store is busy: order must hold all the same
		}
		return nil
	})
	in := w.intake(o)
	const people, each = 4, 50
	tasks := []*task{}
	for n := range each {
		for person := int64(1); person <= people; person++ {
			tk, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(person, fmt.Sprint(n)))))
			if err != nil {
				t.Fatalf("take: %v", err)
			}
			tasks = append(tasks, tk)
		}
	}
	for _, tk := range tasks {
		<-tk.done
	}
	for person := int64(1); person <= people; person++ {
		if diff := cmp.Diff(numbers(each), w.records.did(person)); diff != "" {
			t.Errorf("person %d (-sent +done):\n%s", person, diff)
		}
	}
}

func TestOnePersonHasOneUpdateInHandAtATime(t *testing.T) {
	w := newWorld(t)
	var now, most atomic.Int32
	w.records.setFail(func(context.Context, int64, string) error {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		return nil
	})
	in := w.intake(w.options())
	var all sync.WaitGroup
	for n := range 20 {
		id := w.tel.text(7, fmt.Sprint(n))
		all.Go(func() {
			if err := w.do(in, id); err != nil {
				t.Errorf("update: %v", err)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d updates of one person at once", most.Load())
	}
}

func TestTheSameUpdateAgainHasTheEffectOfOnce(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	w.mustDo(in, w.tel.text(7, "/mulai"))
	id := w.tel.text(7, "catatan")
	w.mustDo(in, id)
	before := w.tel.shownTo(7)
	w.mustDo(in, id)
	if got := w.records.triesOf("catatan"); got != 1 {
		t.Errorf("the store was asked %d times, want once", got)
	}
	if diff := cmp.Diff(len(before), len(w.tel.shownTo(7))); diff != "" {
		t.Errorf("the repeat sent another card:\n%s", diff)
	}
}

func TestAnUpdateThatIsInHandIsJoinedNotQueuedTwice(t *testing.T) {
	w := newWorld(t)
	held := make(chan struct{})
	entered := make(chan struct{}, 2)
	w.records.setFail(func(ctx context.Context, _ int64, _ string) error {
		entered <- struct{}{}
		return waitFor(ctx, held)
	})
	in := w.intake(w.options())
	u := updateFrom(t, w.tel.raw(w.tel.text(7, "x")))
	first, err := in.take(u)
	if err != nil {
		t.Fatalf("take: %v", err)
	}
	<-entered
	second, err := in.take(u)
	if err != nil || second != first {
		t.Errorf("the repeat became a task of its own (%v)", err)
	}
	close(held)
	<-first.done
	if got := w.records.triesOf("x"); got != 1 {
		t.Errorf("done %d times", got)
	}
}

func TestAnUpdateThatKeepsFailingIsSetAsideAndThePersonIsTold(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("duplicate entry 'rahasia'") },
		"panic": func() error { panic("rahasia") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.records.setFail(func(_ context.Context, _ int64, what string) error {
				if what == "13" {
					return fail()
				}
				return nil
			})
			log := &logged{}
			o := w.options()
			o.Log = log.logger()
			in := w.intake(o)
			card := w.tel.card(7)
			bad, good := w.tel.tap(7, card, "add:13"), w.tel.tap(7, card, "add:14")
			w.mustDo(in, bad)
			w.mustDo(in, good)
			if got := w.records.triesOf("13"); got != deterministicTries {
				t.Errorf("tried %d times, want %d", got, deterministicTries)
			}
			if got := w.tel.answersTo(bad); len(got) != 1 || !strings.Contains(got[0], "/mulai") {
				t.Errorf("the person was told %q", got)
			}
			if got := w.records.did(7); !slices.Equal(got, []string{"14"}) {
				t.Errorf("done is %v, want the next one", got)
			}
			if text := log.text(); strings.Contains(text, "rahasia") || !strings.Contains(text, "set aside") || !strings.Contains(text, fmt.Sprint(bad)) {
				t.Errorf("the log must name the update and not what was in it:\n%s", text)
			}
		})
	}
}

func TestAPanicLeavesNobodyWaitingForTheTurn(t *testing.T) {
	w := newWorld(t)
	w.records.setFail(func(context.Context, int64, string) error { panic("x") })
	o := w.options()
	o.TryLimit = 500 * time.Millisecond // far less than a turn's life: were the turn left behind, the next update could not begin
	in := w.intake(o)
	w.mustDo(in, w.tel.text(7, "13"))
	w.records.setFail(nil)
	began := time.Now()
	w.mustDo(in, w.tel.text(7, "14"))
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the next update took %v", took)
	}
}

func TestWhatTheStoreCannotTakeNowIsToldAndDoneLaterByItself(t *testing.T) {
	w := newWorld(t)
	var away atomic.Bool
	away.Store(true)
	w.records.setFail(func(context.Context, int64, string) error {
		if away.Load() {
			return context.DeadlineExceeded
		}
		return nil
	})
	o := w.options()
	o.TellAfter = 30 * time.Millisecond
	in := w.intake(o)
	card := w.tel.card(7)
	tap, text := w.tel.tap(7, card, "add:3"), w.tel.text(8, "halo")
	tasks := []*task{}
	for _, id := range []int64{tap, text} {
		tk, err := in.take(updateFrom(t, w.tel.raw(id)))
		if err != nil {
			t.Fatalf("take: %v", err)
		}
		tasks = append(tasks, tk)
	}
	eventually(t, "the tap is answered", func() bool { return len(w.tel.answersTo(tap)) == 1 })
	eventually(t, "the text is answered", func() bool { return strings.Contains(w.tel.lastText(8), "Belum tersimpan") })
	if got := w.tel.answersTo(tap); !strings.Contains(got[0], "Belum tersimpan") {
		t.Errorf("the tap was answered %q", got)
	}
	if got := w.records.did(7); got != nil {
		t.Errorf("stored %v although the store was away", got)
	}
	away.Store(false)
	for _, tk := range tasks {
		<-tk.done
		if tk.err != nil {
			t.Errorf("not done in the end: %v", tk.err)
		}
	}
	if got := w.tel.lastText(7); !strings.Contains(got, "tersimpan 3") {
		t.Errorf("the toast could not be sent any more, so the screen must say it: %q", got)
	}
	if got := w.tel.shownTo(8); len(got) != 2 {
		t.Errorf("the text was told %d things, want one notice and one card", len(got))
	}
}

func TestAnUpdateIsSetAsideOnlyWhileOthersGoThroughAndTheStoresTakeWrites(t *testing.T) {
	w := newWorld(t)
	w.records.setFail(func(_ context.Context, person int64, _ string) error {
		if person == 7 {
			return context.DeadlineExceeded
		}
		return nil
	})
	var healthy atomic.Bool
	var asked atomic.Int32
	o := w.options()
	o.GiveUp = 100 * time.Millisecond
	o.Healthy = func(context.Context) error {
		asked.Add(1)
		if healthy.Load() {
			return nil
		}
		return errors.New("read-only")
	}
	in := w.intake(o)
	tk, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(7, "x"))))
	if err != nil {
		t.Fatalf("take: %v", err)
	}
	over := func() bool {
		select {
		case <-tk.done:
			return true
		default:
			return false
		}
	}
	eventually(t, "it was tried for longer than it may fail", func() bool { return w.records.triesOf("x") >= 6 })
	if over() || asked.Load() > 0 {
		t.Fatal("set aside, or about to be, while nobody's update went through")
	}
	somebodyElse := func() { w.mustDo(in, w.tel.text(8, "y")) }
	eventually(t, "asked twice whether the stores take writes", func() bool { somebodyElse(); return asked.Load() >= 2 })
	if over() {
		t.Fatal("set aside while the stores took no writes")
	}
	healthy.Store(true)
	eventually(t, "it is set aside", func() bool { somebodyElse(); return over() })
	if !strings.Contains(w.tel.lastText(7), "tidak dapat diproses") || tk.err != nil {
		t.Errorf("the person sees %q, error %v", w.tel.lastText(7), tk.err)
	}
}

func TestWaitingInTheQueueIsNotHeldAgainstAnUpdate(t *testing.T) {
	w := newWorld(t)
	held := make(chan struct{})
	w.records.setFail(func(ctx context.Context, _ int64, what string) error {
		if what == "1" && w.records.triesOf("1") == 1 {
			return context.DeadlineExceeded
		}
		return waitFor(ctx, held)
	})
	o := w.options()
	o.GiveUp, o.TryLimit = 50*time.Millisecond, time.Minute
	in := w.intake(o)
	var tasks []*task
	for n := range 2 {
		tk, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(7, fmt.Sprint(n)))))
		if err != nil {
			t.Fatalf("take: %v", err)
		}
		tasks = append(tasks, tk)
	}
	time.AfterFunc(2*o.GiveUp, func() { close(held) })
	for _, tk := range tasks {
		<-tk.done
	}
	if got := w.records.did(7); !slices.Equal(got, numbers(2)) {
		t.Errorf("done is %v, want both", got)
	}
}

func TestAFloodOfOnePersonIsShedAndStarvesNobody(t *testing.T) {
	w := newWorld(t)
	held := make(chan struct{})
	w.records.setFail(func(ctx context.Context, person int64, _ string) error {
		if person == 1 {
			return waitFor(ctx, held)
		}
		return nil
	})
	o := w.options()
	o.PerPerson, o.TryLimit, o.SideBySide = 5, time.Minute, 2
	in := w.intake(o)
	var kept []*task
	for n := range 300 {
		tk, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(1, fmt.Sprint(n)))))
		if err != nil {
			t.Fatalf("take: %v", err)
		}
		kept = append(kept, tk)
	}
	if got := in.Waiting(); got != 5 {
		t.Errorf("%d updates wait, want the 5 that one person may have", got)
	}
	for n := range 10 {
		w.mustDo(in, w.tel.text(2, fmt.Sprint(n)))
	}
	eventually(t, "the flooder is told", func() bool { return strings.Contains(w.tel.lastText(1), "Terlalu cepat") })
	close(held)
	for _, tk := range kept {
		<-tk.done
	}
	if got := w.records.did(1); !slices.Equal(got, numbers(5)) {
		t.Errorf("of the flood %v was done, want the first five", got)
	}
	notices := 0
	for _, m := range w.tel.shownTo(1) {
		if strings.Contains(m.text, "Terlalu cepat") {
			notices++
		}
	}
	if notices != 1 {
		t.Errorf("%d notices within five seconds, want one", notices)
	}
}

func TestWhoHasManyWaitingTakesTurnsWithTheOthers(t *testing.T) {
	w := newWorld(t)
	permits, entered := make(chan struct{}), make(chan int64, 100)
	w.records.setFail(func(ctx context.Context, person int64, _ string) error {
		entered <- person
		return waitFor(ctx, permits)
	})
	o := w.options()
	o.SideBySide, o.TryLimit = 1, time.Minute
	in := w.intake(o)
	for n := range 30 {
		if _, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(1, fmt.Sprint(n))))); err != nil {
			t.Fatalf("take: %v", err)
		}
	}
	<-entered // the first of the many has the slot
	if _, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(2, "one")))); err != nil {
		t.Fatalf("take: %v", err)
	}
	before := 0
	for person := int64(1); person != 2; before++ {
		permits <- struct{}{} // whoever has the slot goes on
		person = <-entered
	}
	if before > 5 {
		t.Errorf("%d of the many went before the one", before)
	}
	close(permits)
}

func TestWhatHappensIsCounted(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	w.mustDo(in, w.tel.text(7, "/mulai"))
	w.records.setFail(func(context.Context, int64, string) error { return errors.New("x") })
	w.mustDo(in, w.tel.text(7, "x"))
	w.tel.setFault(faultOnce("editMessageText", brokenServer))
	w.mustDo(in, w.tel.tap(7, w.tel.card(7), "list"))
	want := map[string]float64{
		"kinerja_updates_total command done": 1, "kinerja_updates_total text set_aside": 1, "kinerja_updates_total tap done": 1,
		"kinerja_telegram_errors_total 500 server": 1, "kinerja_update_to_screen_seconds": 2, "kinerja_updates_waiting": 0,
		"kinerja_last_received_timestamp_seconds": 0, "kinerja_not_stored_yet_total": 0, "kinerja_screens_owed_total": 0, "kinerja_telegram_pauses_total": 0,
	}
	if diff := cmp.Diff(want, counts(t, in.metrics)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhenMemoryIsFullUpdatesAreLeftWithTelegram(t *testing.T) {
	w := newWorld(t)
	held := make(chan struct{})
	w.records.setFail(func(ctx context.Context, _ int64, _ string) error {
		return waitFor(ctx, held)
	})
	o := w.options()
	o.All, o.TryLimit = 2, time.Minute
	in := w.intake(o)
	for person := int64(1); person <= 2; person++ {
		if _, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(person, "x")))); err != nil {
			t.Fatalf("take: %v", err)
		}
	}
	if _, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(3, "x")))); !errors.Is(err, ErrFull) {
		t.Errorf("taken beyond the limit: %v", err)
	}
	close(held)
}

func TestStopFinishesWhatWasTakenAndTakesNoMore(t *testing.T) {
	w := newWorld(t)
	entered, held := make(chan struct{}), make(chan struct{})
	w.records.setFail(func(ctx context.Context, _ int64, what string) error {
		if what == "0" {
			close(entered)
			return waitFor(ctx, held)
		}
		return nil
	})
	in := w.intake(w.options())
	for n := range 3 {
		if _, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(7, fmt.Sprint(n))))); err != nil {
			t.Fatalf("take: %v", err)
		}
	}
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- in.Stop(context.Background()) }()
	late := updateFrom(t, w.tel.raw(w.tel.text(8, "late")))
	eventually(t, "no more is taken", func() bool {
		_, err := in.take(late)
		return errors.Is(err, ErrStopping)
	})
	close(held)
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
	if got := w.records.did(7); !slices.Equal(got, numbers(3)) {
		t.Errorf("done is %v, want all that was taken", got)
	}
}

func TestTwoReplicasHandlingOnePersonEndAsOneOrderOfThem(t *testing.T) {
	onEachRedisWorld(t, func(t *testing.T, w *world) {
		one, two := w.intake(w.options()), w.intake(w.options())
		var all sync.WaitGroup
		for n := range 30 {
			id := w.tel.text(7, fmt.Sprint(n))
			for _, in := range []*Intake{one, two} { // each update even goes to both
				all.Go(func() {
					if err := w.do(in, id); err != nil {
						t.Errorf("update %d: %v", id, err)
					}
				})
			}
		}
		all.Wait()
		got := w.records.did(7)
		slices.Sort(got)
		want := numbers(30)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-sent +done):\n%s", diff)
		}
		if text := w.tel.lastText(7); strings.Count(text, " ") != 29 {
			t.Errorf("the last card is not the state of the records: %q", text)
		}
	})
}

func TestNobodyIsToldThatSomethingStoredIsNotStored(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	o.TellAfter, o.ShowLimit = time.Hour, time.Minute
	shown := make(chan struct{})
	w.tel.setFault(func(method string, form map[string]string) string {
		if method == "sendMessage" && !strings.Contains(form["text"], "Belum") {
			w.tel.mu.Unlock()
			defer w.tel.mu.Lock()
			<-shown // Telegram is slow; the effect is stored long since
		}
		return noFault
	})
	in := w.intake(o)
	tk, err := in.take(updateFrom(t, w.tel.raw(w.tel.text(7, "x"))))
	if err != nil {
		t.Fatalf("take: %v", err)
	}
	eventually(t, "it is being shown", func() bool { return w.tel.called("sendMessage") > 0 })
	in.tellNotYet(tk) // as its timer would that went off a moment ago
	close(shown)
	<-tk.done
	if got := w.tel.shownTo(7); len(got) != 1 {
		t.Errorf("the person sees %+v, want only his card", got)
	}
}
