package store_test

import (
	"context"
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
