package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/storetest"
)

// Whoever evaluates holds the period, so that it is not closed meanwhile. At any moment of a working day somebody does.
func TestAReminderOfTheLateWaitsForNobodyWhoEvaluates(t *testing.T) {
	s := storetest.Open(t, storetest.URL(t, "mariadb"), store.Options{Now: storetest.NewClock(storetest.Start).Now})
	city := sampleCity(t, s)
	period := open(t, s, city.Admin, quarter(0))
	link(t, s, city.Evaluator, 501)
	s.WhilePeriodIsHeld(t, period.ID, func() {
		limited, stop := context.WithTimeout(ctx, 5*time.Second)
		defer stop()
		if n, err := s.Nudge(limited, city.Admin.ID, period.ID, store.Nudged{}, "2027-01-04", time.Time{}); err != nil || n != 1 {
			t.Errorf("%d reminders, %v; want one", n, err)
		}
	})
}

func TestOfALateEvaluatorItIsKnownWhenHeWasRemindedToday(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		link(t, s, city.Evaluator, 501)
		asked, sent := clock.Now(), clock.Now().Add(3*time.Hour)
		if _, err := s.Nudge(ctx, city.Admin.ID, period.ID, store.Nudged{}, "2027-01-04", asked); err != nil {
			t.Fatal(err)
		}
		if _, late, err := s.LateIn(ctx, city.Admin.ID, period.ID, "2027-01-04"); err != nil || slices.ContainsFunc(late, func(l store.Late) bool { return !l.NudgeDue.IsZero() }) {
			t.Errorf("what is due already waits until %+v, %v", late, err)
		}
		nudged := func(day store.Date) time.Time {
			t.Helper()
			_, late, err := s.LateIn(ctx, city.Admin.ID, period.ID, day)
			at := slices.IndexFunc(late, func(l store.Late) bool { return l.EvaluatorID == city.Evaluator.ID })
			if err != nil || at < 0 {
				t.Fatalf("he is not late: %v", err)
			}
			return late[at].NudgedAt
		}
		clock.Advance(time.Hour)
		if at := nudged("2027-01-04"); !at.Equal(asked) {
			t.Errorf("while it waits: %v, want when it was asked for, %v", at, asked)
		}
		s.Change(t, "UPDATE notifications SET state = 'sent', sent_at = ? WHERE kind = ?", sent, store.KindNudge)
		if at := nudged("2027-01-04"); !at.Equal(sent) {
			t.Errorf("once it is sent: %v, want %v", at, sent)
		}
		if at := nudged("2027-01-05"); !at.IsZero() {
			t.Errorf("on the next day: %v", at)
		}
	})
}
