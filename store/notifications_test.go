package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

const claimTime = time.Minute

// owe writes reminders for people, due now.
func owe(t *testing.T, s *store.Store, people ...*store.Person) {
	t.Helper()
	var ids []int64
	for _, p := range people {
		ids = append(ids, p.ID)
	}
	if err := s.PlanReminders(context.Background(), "2027-01-04", s.Now(), ids); err != nil {
		t.Fatalf("owe: %v", err)
	}
}

func claim(t *testing.T, s *store.Store, owner string) []store.Notification {
	t.Helper()
	claimed, err := s.ClaimNotifications(context.Background(), owner, claimTime, 100)
	if err != nil {
		t.Fatalf("claim: %v", err)
	}
	return claimed
}

func counts(t *testing.T, s *store.Store) map[store.NotificationState]int {
	t.Helper()
	n, err := s.NotificationStates(context.Background(), append(store.Unsettled(), store.Sent, store.Cancelled)...)
	if err != nil {
		t.Fatalf("count: %v", err)
	}
	return n
}

func linkAs(t *testing.T, s *store.Store, p *store.Person, telegramID int64) {
	t.Helper()
	code, err := s.Invite(context.Background(), p.ID, time.Hour)
	if err != nil {
		t.Fatalf("invite: %v", err)
	}
	if _, err := s.Link(context.Background(), telegramID, "id", code); err != nil {
		t.Fatalf("link: %v", err)
	}
}

func inCity(t *testing.T, test func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		cast, err := sample.City(context.Background(), s)
		if err != nil {
			t.Fatalf("sample city: %v", err)
		}
		test(t, s, clock, cast)
	})
}

func TestTheSameReminderPlannedTwiceIsOne(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		owe(t, s, cast.Evaluator, cast.Employee)
		owe(t, s, cast.Evaluator, cast.Employee)
		if n := counts(t, s)[store.Owed]; n != 2 {
			t.Errorf("%d owed, want 2", n)
		}
	})
}

func TestSeveralCouriersNeverHoldTheSameNotification(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		owe(t, s, cast.People...)
		var mu sync.Mutex
		held := map[int64]int{}
		var all sync.WaitGroup
		for n := range 4 {
			all.Go(func() {
				claimed, err := s.ClaimNotifications(context.Background(), fmt.Sprint("courier", n), claimTime, 100)
				if err != nil {
					t.Errorf("claim: %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, c := range claimed {
					held[c.ID]++
				}
			})
		}
		all.Wait()
		for id, n := range held {
			if n != 1 {
				t.Errorf("notification %d is held %d times", id, n)
			}
		}
		if len(held) != len(cast.People) {
			t.Errorf("%d of %d were taken", len(held), len(cast.People))
		}
	})
}

func TestWhatADeadCourierHeldIsTakenOverAfterItsLease(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		owe(t, s, cast.Evaluator)
		dead := claim(t, s, "dead")
		if n := len(claim(t, s, "living")); n != 0 {
			t.Fatalf("%d taken while the lease lasts", n)
		}
		clock.Advance(claimTime + time.Second)
		living := claim(t, s, "living")
		if len(living) != 1 {
			t.Fatalf("%d taken after the lease, want 1", len(living))
		}
		// The dead one wakes up: what it says does not count any more.
		if err := s.Retry(context.Background(), dead[0], "late"); err != nil {
			t.Fatalf("retry: %v", err)
		}
		if err := s.MarkSent(context.Background(), living[0], 7); err != nil {
			t.Fatalf("sent: %v", err)
		}
		if n := counts(t, s); n[store.Sent] != 1 || n[store.Owed] != 0 {
			t.Errorf("states: %v", n)
		}
	})
}

func TestAFailingSendIsTriedWithGrowingPausesAndThenParked(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		owe(t, s, cast.Evaluator)
		tries, last := 0, time.Duration(0)
		for counts(t, s)[store.Failed] == 0 && tries < 20 {
			waited := time.Duration(0)
			claimed := claim(t, s, "courier")
			for len(claimed) == 0 {
				clock.Advance(10 * time.Second)
				waited += 10 * time.Second
				claimed = claim(t, s, "courier")
			}
			if tries > 0 && (waited < last || waited == 0) {
				t.Errorf("pause %d is %v after %v", tries, waited, last)
			}
			tries, last = tries+1, waited
			if err := s.Retry(context.Background(), claimed[0], "server"); err != nil {
				t.Fatalf("retry: %v", err)
			}
		}
		if tries != 8 {
			t.Errorf("parked after %d tries, want 8", tries)
		}
	})
}

func TestAPauseOfTheWholeBotCostsNoTry(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		owe(t, s, cast.Evaluator)
		for range 20 {
			n := claim(t, s, "courier")[0]
			if err := s.Postpone(context.Background(), n, clock.Now().Add(time.Hour)); err != nil {
				t.Fatalf("postpone: %v", err)
			}
			if again := claim(t, s, "courier"); len(again) != 0 {
				t.Fatal("taken before its time")
			}
			clock.Advance(time.Hour)
		}
		if n := claim(t, s, "courier"); len(n) != 1 || n[0].Attempts != 0 {
			t.Errorf("after twenty pauses: %+v", n)
		}
	})
}

func TestWhoBlocksTheBotIsToldLaterAndHisAdministratorsOnce(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		ctx := context.Background()
		linkAs(t, s, cast.Employee, 501)
		owe(t, s, cast.Employee)
		for range 2 {
			if err := s.MarkUnreachable(ctx, 501); err != nil {
				t.Fatalf("mark: %v", err)
			}
		}
		administrators, err := s.AdministratorsFor(ctx, cast.Employee.UnitID)
		if err != nil {
			t.Fatalf("administrators: %v", err)
		}
		if n := counts(t, s); n[store.Unreachable] != 1 || n[store.Owed] != len(administrators) {
			t.Fatalf("states %v, want 1 held and %d owed to administrators", n, len(administrators))
		}
		if n := claim(t, s, "courier"); len(n) != 0 {
			t.Errorf("%d are due on the same day, want none before the next", len(n))
		}
		actor, err := s.ActorByTelegram(ctx, 501)
		if err != nil || actor.UnreachableSince == nil {
			t.Fatalf("actor: %+v, %v", actor, err)
		}
		for range 2 {
			if err := s.MarkReachable(ctx, 501); err != nil {
				t.Fatalf("returned: %v", err)
			}
		}
		if n := counts(t, s); n[store.Unreachable] != 0 || n[store.Owed] != 1+len(administrators) {
			t.Errorf("after his return: %v", n)
		}
		for _, mark := range []func(context.Context, int64) error{s.MarkUnreachable, s.MarkReachable} {
			if err := mark(ctx, 999); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("a stranger: %v, want ErrNotFound", err)
			}
		}
	})
}

func TestWhatIsOwedToSomebodyWithoutAccountWaitsForHim(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		owe(t, s, cast.Employee)
		if err := s.HoldUnlinked(context.Background(), claim(t, s, "courier")[0]); err != nil {
			t.Fatalf("hold: %v", err)
		}
		if n := claim(t, s, "courier"); len(n) != 0 {
			t.Fatal("taken although nobody can receive it")
		}
		linkAs(t, s, cast.Employee, 501)
		if n := claim(t, s, "courier"); len(n) != 1 {
			t.Errorf("%d owed after linking, want 1", len(n))
		}
	})
}

func TestOfEachPersonTheOldestIsTakenAndTheOthersWaitForIt(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		ctx := context.Background()
		linkAs(t, s, cast.Admin, 501)
		for update := range 20 {
			if err := s.OweRedraw(ctx, 501, int64(update)); err != nil {
				t.Fatal(err)
			}
		}
		clock.Advance(time.Second)
		owe(t, s, cast.Evaluator, cast.Employee)
		first, err := s.ClaimNotifications(ctx, "a", claimTime, 20)
		if err != nil || len(first) != 3 {
			t.Fatalf("%d taken, %v; want the oldest of three people", len(first), err)
		}
		if more := claim(t, s, "b"); len(more) != 0 {
			t.Errorf("another took %d while the oldest of everybody are on their way", len(more))
		}
		if err := s.MarkSent(ctx, first[0], 1); err != nil {
			t.Fatal(err)
		}
		if next := claim(t, s, "b"); len(next) != 1 || next[0].PersonID != cast.Admin.ID || next[0].ID <= first[0].ID {
			t.Errorf("after the first was sent: %+v, want the administrator's second", next)
		}
	})
}
