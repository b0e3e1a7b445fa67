package store_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/storetest"
)

func hold(t *testing.T, s *store.Store, owner string, ttl time.Duration) bool {
	t.Helper()
	held, err := s.Hold(context.Background(), "polling", owner, ttl)
	if err != nil {
		t.Fatalf("hold for %s: %v", owner, err)
	}
	return held
}

func TestALeaseIsHeldByOneUntilItIsOverOrGivenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		steps := []struct {
			what  string
			owner string
			ttl   time.Duration
			after time.Duration
			want  bool
		}{
			{"the first takes it", "a", time.Minute, 0, true},
			{"another does not", "b", time.Minute, 0, false},
			{"the holder renews it", "a", time.Minute, 50 * time.Second, true},
			{"renewed, it lasts", "b", time.Minute, 50 * time.Second, false},
			{"when it is over another takes it", "b", time.Minute, 11 * time.Second, true},
			{"the first has lost it", "a", time.Minute, 0, false},
			{"who has it not gives nothing back", "a", 0, 0, false},
			{"so it is still held", "a", time.Minute, 0, false},
			{"given back", "b", 0, 0, false},
			{"it is free at once", "a", time.Minute, 0, true},
		}
		for _, step := range steps {
			clock.Advance(step.after)
			if got := hold(t, s, step.owner, step.ttl); got != step.want {
				t.Fatalf("%s: held is %v, want %v", step.what, got, step.want)
			}
		}
	})
}

func TestOfManyAtOnceOneGetsTheLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		var winners atomic.Int32
		var all sync.WaitGroup
		for _, owner := range []string{"a", "b", "c", "d", "e", "f"} {
			all.Go(func() {
				if held, err := s.Hold(context.Background(), "polling", owner, time.Minute); err != nil {
					t.Errorf("hold for %s: %v", owner, err)
				} else if held {
					winners.Add(1)
				}
			})
		}
		all.Wait()
		if winners.Load() != 1 {
			t.Errorf("%d got the lease, want one", winners.Load())
		}
	})
}
