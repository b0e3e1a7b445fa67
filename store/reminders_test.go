package store_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

func TestAReminderThatWaitsIsTheOneOfEveryLaterDay(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		plan := func(day store.Date) {
			t.Helper()
			if err := s.PlanReminders(ctx, day, clock.Now(), []int64{cast.Evaluator.ID, cast.Evaluator.ID, cast.Employee.ID}); err != nil {
				t.Fatalf("plan: %v", err)
			}
		}
		states := func(want map[store.NotificationState]int) {
			t.Helper()
			if got := counts(t, s); got[store.Owed] != want[store.Owed] || got[store.Unreachable] != want[store.Unreachable] || got[store.Sent] != want[store.Sent] {
				t.Errorf("states %v, want %v", got, want)
			}
		}
		plan("2027-01-04")
		plan("2027-01-08") // nobody was told yet
		states(map[store.NotificationState]int{store.Owed: 2})
		for _, n := range claim(t, s, "courier") {
			err := error(nil)
			if n.PersonID == cast.Evaluator.ID {
				err = s.MarkSent(ctx, n, 1)
			} else {
				err = s.HoldUnlinked(ctx, n)
			}
			if err != nil {
				t.Fatalf("settle: %v", err)
			}
		}
		plan("2027-01-04") // a second scheduler
		states(map[store.NotificationState]int{store.Sent: 1, store.Unreachable: 1})
		plan("2027-01-11")
		states(map[store.NotificationState]int{store.Owed: 1, store.Unreachable: 1})
	})
}

func TestSeveralSchedulersAtOnceOweOneReminder(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		for _, day := range []store.Date{"2027-01-04", "2027-01-08"} {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if err := s.PlanReminders(ctx, day, clock.Now(), []int64{cast.Evaluator.ID, cast.Employee.ID, cast.Superior.ID}); err != nil {
						t.Errorf("plan: %v", err)
					}
				})
			}
			all.Wait()
			claimed := claim(t, s, "courier")
			if len(claimed) != 3 {
				t.Errorf("%s: %d reminders, want 3", day, len(claimed))
			}
			for _, n := range claimed {
				if err := s.MarkSent(ctx, n, 1); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// Before version 7 each day had a reminder of its own.
func TestRemindersOfManyDaysBecomeOneByMigration(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		for i, r := range []struct {
			person int64
			state  store.NotificationState
		}{
			{cast.Employee.ID, store.Unreachable}, {cast.Employee.ID, store.Unreachable}, {cast.Employee.ID, store.Sent},
			{cast.Evaluator.ID, store.Failed}, {cast.Evaluator.ID, store.Owed}, {cast.Superior.ID, store.Sent},
		} {
			day := fmt.Sprintf("2027-01-%02d", 4+i)
			s.Change(t, "INSERT INTO notifications (`key`, person_id, period_id, kind, args, state, due_at, attempts, lease_owner, last_error, message_id, created_at, updated_at) "+
				"VALUES (?, ?, 0, 'reminder', ?, ?, ?, 0, '', '', 0, ?, ?)", fmt.Sprintf("reminder:%s:%d", day, r.person), r.person, day, r.state, s.Now(), s.Now(), s.Now())
		}
		text, err := os.ReadFile("migrations/0007_one_reminder.sql")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // a migration that was cut runs again
			for statement := range strings.SplitSeq(strings.TrimSpace(string(text)), ";\n") {
				s.Change(t, statement)
			}
		}
		if n := counts(t, s); n[store.Owed] != 1 || n[store.Unreachable] != 1 || n[store.Failed] != 0 || n[store.Sent] != 2 {
			t.Errorf("states %v, want one for each who waits", n)
		}
		if err := s.PlanReminders(ctx, "2027-02-01", s.Now().Add(-time.Hour), []int64{cast.Employee.ID, cast.Evaluator.ID, cast.Superior.ID}); err != nil {
			t.Fatal(err)
		}
		if n := counts(t, s); n[store.Owed] != 2 || n[store.Unreachable] != 1 {
			t.Errorf("then states %v, want no second for anybody who waits", n)
		}
	})
}

func TestNothingIsHeldForWhoCameBackMeanwhile(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		hold := func(what string, n store.Notification, want store.NotificationState) {
			t.Helper()
			if err := s.HoldUnlinked(ctx, n); err != nil {
				t.Fatalf("hold: %v", err)
			}
			if got := counts(t, s); got[want] != 1 {
				t.Fatalf("%s: states %v, want it %s", what, got, want)
			}
		}
		owe(t, s, cast.Employee)
		taken := claim(t, s, "courier")[0] // he has no account
		linkAs(t, s, cast.Employee, 501)
		hold("linked meanwhile", taken, store.Owed)

		if err := s.MarkUnreachable(ctx, 501); err != nil {
			t.Fatal(err)
		}
		actor, err := s.ActorByTelegram(ctx, 501)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Returned(ctx, actor); err != nil {
			t.Fatal(err)
		}
		for _, taken = range claim(t, s, "courier") {
			if taken.PersonID == cast.Employee.ID {
				break
			}
		}
		s.Change(t, "UPDATE notifications SET state = ? WHERE person_id <> ?", store.Sent, cast.Employee.ID)
		hold("back meanwhile", taken, store.Owed)

		taken = claim(t, s, "courier")[0]
		s.Change(t, "UPDATE accounts SET unreachable_since = ? WHERE person_id = ?", clock.Now(), cast.Employee.ID)
		hold("unreachable", taken, store.Unreachable)
	})
}
