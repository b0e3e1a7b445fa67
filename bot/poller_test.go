package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/store/storetest"
)

func TestTwoHundredUpdatesOfAChatAndOthersArriveInOrderByPolling(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	o.PerPerson = 300
	for n := range 200 {
		w.tel.text(1, fmt.Sprint(n))
		if n%4 == 0 {
			w.tel.text(2, fmt.Sprint(n/4))
			w.tel.text(3, fmt.Sprint(n/4))
		}
	}
	w.poll(w.intake(o), PollerOptions{})
	eventually(t, "all is confirmed", func() bool { return len(w.tel.pending()) == 0 })
	for person, count := range map[int64]int{1: 200, 2: 50, 3: 50} {
		if diff := cmp.Diff(numbers(count), w.records.did(person)); diff != "" {
			t.Errorf("person %d (-sent +done):\n%s", person, diff)
		}
	}
}

func TestAnUpdateIsConfirmedOnlyAfterItsEffect(t *testing.T) {
	w := newWorld(t)
	held := make(chan struct{})
	w.records.setFail(func(ctx context.Context, person int64, _ string) error {
		if person == 1 {
			return waitFor(ctx, held)
		}
		return nil
	})
	o := w.options()
	o.TryLimit = time.Minute
	slow := w.tel.text(1, "slow")
	var quick []int64
	for n := range 5 {
		quick = append(quick, w.tel.text(2, fmt.Sprint(n)))
	}
	w.poll(w.intake(o), PollerOptions{})
	eventually(t, "the others are done", func() bool { return len(w.records.did(2)) == 5 })
	eventually(t, "it is asked again and again from the one in hand", func() bool { return w.tel.called("getUpdates") >= 4 })
	late := w.tel.text(3, "later")
	eventually(t, "somebody who came later is served too", func() bool { return len(w.records.did(3)) == 1 })
	if diff := cmp.Diff(append([]int64{slow}, append(quick, late)...), w.tel.pending()); diff != "" {
		t.Errorf("unconfirmed, because the lowest is not done (-want +got):\n%s", diff)
	}
	for n := range 5 {
		if got := w.records.triesOf(fmt.Sprint(n)); got != 1 {
			t.Errorf("update %d was handed over %d times", n, got)
		}
	}
	close(held)
	eventually(t, "all is confirmed", func() bool { return len(w.tel.pending()) == 0 })
}

func TestAProcessThatDiesConfirmsNothingItDidNotDo(t *testing.T) {
	w := newWorld(t)
	stuck := make(chan struct{})
	w.records.setFail(func(ctx context.Context, _ int64, what string) error {
		if what == "3" {
			close(stuck)
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
	var ids []int64
	for n := range 6 {
		ids = append(ids, w.tel.text(1, fmt.Sprint(n)))
	}
	o := w.options()
	o.TryLimit = time.Minute
	stop := w.poll(w.intake(o), PollerOptions{StopLimit: 50 * time.Millisecond})
	<-stuck
	if err := stop(); err == nil {
		t.Error("stopping did not tell that something was left undone")
	}
	if diff := cmp.Diff(ids[3:], w.tel.pending()); diff != "" {
		t.Errorf("left with Telegram (-want +got):\n%s", diff)
	}
	w.records.setFail(nil)
	w.poll(w.intake(w.options()), PollerOptions{})
	eventually(t, "the next process does the rest", func() bool { return len(w.tel.pending()) == 0 })
	if diff := cmp.Diff(numbers(6), w.records.did(1)); diff != "" {
		t.Errorf("(-sent +done):\n%s", diff)
	}
}

func TestStoppingFinishesAndConfirmsWhatWasTaken(t *testing.T) {
	w := newWorld(t)
	entered, held := make(chan struct{}), make(chan struct{})
	w.records.setFail(func(ctx context.Context, _ int64, what string) error {
		if what == "0" {
			close(entered)
			return waitFor(ctx, held)
		}
		return nil
	})
	for n := range 4 {
		w.tel.text(1, fmt.Sprint(n))
	}
	in := w.intake(w.options())
	stop := w.poll(in, PollerOptions{})
	<-entered
	eventually(t, "all four are in hand", func() bool { return in.Waiting() == 4 })
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	close(held)
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
	if got := w.tel.pending(); len(got) != 0 {
		t.Errorf("not confirmed: %v", got)
	}
	w.tel.text(1, "after")
	if got := w.records.did(1); !slices.Equal(got, numbers(4)) {
		t.Errorf("done is %v", got)
	}
}

func TestWhatCannotBeReadTakesNobodyWithIt(t *testing.T) {
	w := newWorld(t)
	w.tel.text(1, "0")
	w.tel.mu.Lock()
	w.tel.push(`"message":"not a message"`)
	w.tel.push(`"telepathy":{"x":1}`)
	w.tel.mu.Unlock()
	w.tel.text(1, "1")
	w.poll(w.intake(w.options()), PollerOptions{})
	eventually(t, "all is confirmed", func() bool { return len(w.tel.pending()) == 0 })
	if got := w.records.did(1); !slices.Equal(got, numbers(2)) {
		t.Errorf("done is %v", got)
	}
}

func TestAPollerThatIsRefusedSaysWhyAndRecovers(t *testing.T) {
	for refusal, want := range map[string]string{
		"401 Unauthorized": "token",
		"409 Conflict: terminated by other getUpdates request": "another process",
		brokenServer: "cannot be reached",
	} {
		t.Run(refusal, func(t *testing.T) {
			w := newWorld(t)
			var mended atomic.Bool
			w.tel.setFault(func(method string, _ map[string]string) string {
				if method == "getUpdates" && !mended.Load() {
					return refusal
				}
				return noFault
			})
			in := w.intake(w.options())
			p := NewPoller(in.bot, in, PollerOptions{})
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- p.Run(ctx) }()
			eventually(t, "it is not healthy and says why", func() bool {
				err := p.Healthy(ctx)
				return err != nil && strings.Contains(err.Error(), want)
			})
			mended.Store(true)
			eventually(t, "it is healthy again", func() bool { w.tel.text(1, "x"); return p.Healthy(ctx) == nil })
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("run: %v", err)
			}
		})
	}
}

// duty is a lease in memory.
type duty struct {
	mu    sync.Mutex
	owner string
}

// Hold gives the duty to the first who asks.
func (d *duty) Hold(_ context.Context, _, owner string, ttl time.Duration) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.owner == "" || d.owner == owner {
		d.owner = owner
		if ttl == 0 {
			d.owner = ""
		}
	}
	return d.owner == owner, nil
}

func TestOneProcessPollsAndTheOtherStandsBy(t *testing.T) {
	w := newWorld(t)
	leases := &duty{}
	ready := make(chan struct{}, 2)
	start := func(owner string) (*Intake, func() error) {
		in := w.intake(w.options())
		stop := w.poll(in, PollerOptions{Leases: leases, Owner: owner, LeaseLife: 200 * time.Millisecond, OnReady: func() { ready <- struct{}{} }})
		return in, stop
	}
	_, stopFirst := start("one")
	w.tel.text(1, "0")
	<-ready
	eventually(t, "the first waits for news in a long poll", func() bool { return len(w.tel.pending()) == 0 })
	polls := w.tel.called("getUpdates")
	start("two")
	<-ready // standing by is being ready
	if got := w.tel.called("getUpdates"); got != polls {
		t.Errorf("%d polls although the other stands by", got-polls)
	}
	if err := stopFirst(); err != nil {
		t.Errorf("stop: %v", err)
	}
	w.tel.text(1, "1")
	eventually(t, "the other takes over", func() bool { return slices.Equal(w.records.did(1), numbers(2)) })
}

func TestAnUpdateThatAnotherProcessConfirmedHoldsNothingBack(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	p := NewPoller(in.bot, in, PollerOptions{})
	p.known[100], p.next = false, 101 // taken over and confirmed by another process while this one had lost its lease
	id := w.tel.text(1, "x")
	for id < 105 {
		id = w.tel.text(1, fmt.Sprint(id))
	}
	w.tel.mu.Lock()
	w.tel.updates = w.tel.updates[1:]
	w.tel.mu.Unlock()
	if err := p.fetch(context.Background()); err != nil {
		t.Fatalf("fetch: %v", err)
	}
	eventually(t, "what came is done", func() bool { return !p.busy() })
	if got := p.offset(); got != id+1 {
		t.Errorf("offset is %d, want %d", got, id+1)
	}
}

func TestAShortBatchTellsNothingOfWhatLiesAboveIt(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	p := NewPoller(in.bot, in, PollerOptions{})
	p.known[100], p.known[101], p.next = false, false, 102 // both failed and are to come again
	p.fetched(100, []incoming{{id: 100}})
	p.finish(100, nil)
	if got := p.offset(); got != 101 {
		t.Errorf("offset is %d, want 101, which Telegram still has", got)
	}
}

func TestAnUpdateThatFillsTheWindowIsGivenUpSooner(t *testing.T) {
	w := newWorld(t)
	w.records.setFail(func(_ context.Context, person int64, _ string) error {
		if person == 1 {
			return context.DeadlineExceeded // as of a row that somebody holds locked
		}
		return nil
	})
	o := w.options()
	o.GiveUp, o.GiveUpFull = time.Hour, 50*time.Millisecond
	w.tel.text(1, "stuck")
	for n := range 150 {
		w.tel.text(int64(2+n%10), fmt.Sprint(n/10))
	}
	w.poll(w.intake(o), PollerOptions{})
	eventually(t, "everybody's are done", func() bool { return len(w.tel.pending()) == 0 })
	for person := range int64(10) {
		if diff := cmp.Diff(numbers(15), w.records.did(2+person)); diff != "" {
			t.Errorf("person %d (-sent +done):\n%s", 2+person, diff)
		}
	}
	if got := w.records.did(1); got != nil {
		t.Errorf("done: %v", got)
	}
}

// Who taps in bursts too short to be shed, into a pause that he brought on himself, would hold the hundred updates that Telegram shows for as
// many pauses as he made taps.
func TestWhoFillsTheWindowInAPauseHoldsUpNobodysUpdates(t *testing.T) {
	w := newWorld(t)
	clock := storetest.NewClock(storetest.Start) // it stands still, and so does the pause
	gate := NewGate(w.redis, "pace:", 25, clock.Now, nil)
	gate.FloodIn(7, 2*time.Second)
	o := w.options()
	o.ChatBurst, o.Now, o.ShowLimit = 40, clock.Now, time.Hour
	card := w.tel.card(7)
	for n := range 30 {
		w.tel.tap(7, card, fmt.Sprintf("add:%d", n))
	}
	for n := range 150 {
		w.tel.text(int64(10+n%10), fmt.Sprint(n/10))
	}
	w.poll(w.intakeOn(w.tel.bot(t, gate), o), PollerOptions{})
	eventually(t, "everybody's are done", func() bool { return len(w.tel.pending()) == 0 })
	if diff := cmp.Diff(numbers(30), w.records.did(7)); diff != "" {
		t.Errorf("what he tapped himself (-sent +done):\n%s", diff)
	}
	w.records.mu.Lock()
	defer w.records.mu.Unlock()
	if got := len(w.records.owed); got != 30 {
		t.Errorf("%d of his screens are owed, want all: none was sent into the pause, and none is forgotten", got)
	}
}

func TestWhatIsKeptBackBeginsWhenEverybodyWaitsForIt(t *testing.T) {
	w := newWorld(t)
	held := make(chan struct{})
	w.records.setFail(func(ctx context.Context, _ int64, what string) error {
		if what == "first" {
			return waitFor(ctx, held)
		}
		return nil
	})
	in := w.intake(w.options())
	first := w.mustTake(in, w.tel.text(7, "first"))
	second := w.mustTake(in, w.tel.text(7, "second"))
	second.begin = time.Now().Add(time.Hour) // read when the first is done
	in.hurry(first.event.UpdateID)
	close(held)
	eventually(t, "both are done", func() bool { return isDone(first) && isDone(second) })
}
