package upkeep_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
	"kinerja/store/upkeep"
)

const day = 24 * time.Hour

var keep = store.Retention{Records: 5 * 366 * day, Traces: 90 * day} //nolint:gochecknoglobals // a constant

// office is a city in which codes grow old, and its processes.
type office struct {
	t     *testing.T
	store *store.Store
	clock *storetest.Clock
	cast  *sample.Cast
}

func eachOffice(t *testing.T, test func(o office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		cast, err := sample.City(context.Background(), s)
		if err != nil {
			t.Fatalf("city: %v", err)
		}
		test(office{t, s, clock, cast})
	})
}

// code makes something that is over, and old, a hundred days from now.
func (o office) code() {
	o.t.Helper()
	if _, err := o.store.Invite(context.Background(), o.cast.Newcomer.ID, time.Hour); err != nil {
		o.t.Fatalf("invite: %v", err)
	}
}

// at moves the clock on to an hour of WIB, on the same day or the next.
func (o office) at(hour int) {
	o.t.Helper()
	now := o.clock.Now().In(store.WIB)
	then := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, store.WIB)
	if then.Before(now) {
		then = then.AddDate(0, 0, 1)
	}
	o.clock.Advance(then.Sub(now))
}

// prunes lets a process look at the clock, and expects so many codes to be left.
func (o office) prunes(what string, s upkeep.Store, process string, left int) {
	o.t.Helper()
	if err := upkeep.New(s, keep, upkeep.Options{Owner: process}).Tonight(context.Background()); err != nil {
		o.t.Fatalf("%s: %v", what, err)
	}
	if n := o.old(); n != left {
		o.t.Errorf("%s: %d codes are left, want %d", what, n, left)
	}
}

// old counts the codes that are over.
func (o office) old() int {
	o.t.Helper()
	would, err := o.store.Prunable(context.Background(), keep)
	if err != nil {
		o.t.Fatalf("count: %v", err)
	}
	for _, w := range would {
		if w.Table == "invitations" {
			return w.Rows
		}
	}
	o.t.Fatal("no codes are looked for")
	return 0
}

// during is a store with which something happens before each chunk of its pruning.
type during struct {
	*store.Store
	before func() error
}

func (d during) Prune(ctx context.Context, keep store.Retention, may func(context.Context) error) ([]store.Pruned, error) {
	return d.Store.Prune(ctx, keep, func(ctx context.Context) error {
		if err := may(ctx); err != nil {
			return err
		}
		return d.before()
	})
}

func TestWhatIsOverGoesAtNightAndOnceANight(t *testing.T) {
	eachOffice(t, func(o office) {
		o.code()
		o.clock.Advance(100 * day)
		for _, hour := range []int{12, 23, 0, 4} {
			o.at(hour)
			o.prunes("outside the hours", o.store, "a", 1)
		}
		o.at(1)
		o.prunes("the first hour", o.store, "a", 0)
		o.code()
		o.clock.Advance(100*day - time.Hour)
		o.at(1)
		o.prunes("a hundred nights later", o.store, "b", 0)
		o.at(3)
		o.prunes("the same night", during{Store: o.store, before: func() error { return errors.New("pruned twice in a night") }}, "a", 0)
	})
}

func TestOneProcessPrunesAndAnotherGoesOnWhenItDies(t *testing.T) {
	eachOffice(t, func(o office) {
		o.code()
		o.clock.Advance(100 * day)
		o.at(1)
		died := errors.New("killed")
		beside := during{Store: o.store, before: func() error {
			o.prunes("beside one that works", o.store, "b", 1)
			return died
		}}
		if err := upkeep.New(beside, keep, upkeep.Options{Owner: "a"}).Tonight(context.Background()); !errors.Is(err, died) {
			o.t.Fatalf("the first: %v", err)
		}
		o.prunes("at once", o.store, "b", 1)
		o.clock.Advance(6 * time.Minute)
		o.prunes("when the lease is over", o.store, "b", 0)
	})
}

func TestWhatIsLeftInTheMorningWaitsForTheNextNight(t *testing.T) {
	eachOffice(t, func(o office) {
		o.code()
		o.clock.Advance(100 * day)
		o.at(3)
		slow := during{Store: o.store, before: func() error { o.at(4); return nil }}
		// The first thing that it looks for takes it to the morning; codes come later.
		o.prunes("a slow night", slow, "a", 1)
		o.at(1)
		o.prunes("the next", o.store, "a", 0)
	})
}

func TestARetentionThatIsMistypedDeletesNothing(t *testing.T) {
	eachOffice(t, func(o office) {
		o.code()
		o.clock.Advance(100 * day)
		o.at(1)
		err := upkeep.New(o.store, store.Retention{Records: keep.Records, Traces: 9 * day}, upkeep.Options{Owner: "a"}).Tonight(context.Background())
		if !errors.Is(err, store.ErrKeptTooShort) || o.old() != 1 {
			o.t.Errorf("%v", err)
		}
	})
}

// The audit is sealed to its end by one process at a time, also where more waits than one seal takes.
func TestTheAuditIsSealedToItsEnd(t *testing.T) {
	eachOffice(t, func(o office) {
		ctx := context.Background()
		held, err := o.store.Hold(ctx, "seal", "another", time.Minute)
		if err != nil || !held {
			t.Fatalf("held %v, %v", held, err)
		}
		mine := upkeep.NewSealer(o.store, upkeep.Options{Owner: "mine"})
		waiting := func(want bool) {
			o.t.Helper()
			if err := mine.Now(ctx); err != nil {
				o.t.Fatal(err)
			}
			check, err := o.store.VerifyAudit(ctx, nil)
			if err != nil || check.Broken != nil || (check.Waiting > 0) != want || (check.Seals == 0) != want {
				o.t.Errorf("%+v, %v; rows wait: want %v", check, err, want)
			}
		}
		waiting(true)
		o.clock.Advance(2 * time.Minute) // it has died
		waiting(false)
	})
}
