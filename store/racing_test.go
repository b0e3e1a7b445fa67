package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"kinerja/store"
)

// The answers are rated from several places at once, while the result is set three times.
func TestAnAnswerNeverDiffersFromTheResultThatWasSetMeanwhile(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.rateRest()
		i := d.sheet().Indicators
		start := make(chan struct{})
		var all sync.WaitGroup
		var set atomic.Int32
		for n := range 8 {
			all.Go(func() {
				<-start
				err := d.Rate(ctx, d.boss, d.id, i[n%4].ID, store.Above)
				if err == nil {
					err = d.SetReason(ctx, d.boss, d.id, i[n%4].ID, "Melampaui target dengan mutu")
				}
				if err != nil && !errors.Is(err, store.ErrFinal) {
					d.t.Errorf("rate: %v", err)
				}
			})
		}
		for range 3 {
			all.Go(func() {
				<-start
				r, err := d.Finalise(ctx, d.boss, d.id, grace, func(store.Sheet) (store.Predicate, error) { return store.Good, nil })
				if err != nil || r.Version != 1 {
					d.t.Errorf("finalise: version %d, %v", r.Version, err)
				}
				set.Add(1)
			})
		}
		close(start)
		all.Wait()
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM results"); n != 1 || set.Load() != 3 || d.news(store.Owed) != 1 {
			d.t.Errorf("%d results, %d notifications", n, d.news(store.Owed))
		}
		const differs = "SELECT COUNT(*) FROM answers a JOIN result_answers r ON r.indicator_id = a.indicator_id WHERE a.rating <> r.rating OR a.reason <> r.reason"
		if n := d.CountRows(d.t, differs); n != 0 {
			d.t.Errorf("%d answers differ from the result", n)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM result_answers"); n != len(i) {
			d.t.Errorf("%d answers in the result, want %d", n, len(i))
		}
	})
}

func TestARatingAndTheClosingOfThePeriodComeOneAfterTheOther(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		i := d.sheet().Indicators
		start := make(chan struct{})
		var all sync.WaitGroup
		var stored atomic.Int32
		for n := range 6 {
			all.Go(func() {
				<-start
				switch err := d.Rate(ctx, d.boss, d.id, i[n].ID, store.Above); {
				case err == nil:
					stored.Add(1)
				case !errors.Is(err, store.ErrClosed):
					d.t.Errorf("rate: %v", err)
				}
			})
		}
		all.Go(func() {
			<-start
			if err := d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID); err != nil {
				d.t.Errorf("close: %v", err)
			}
		})
		close(start)
		all.Wait()
		if got := d.sheet().Answered(); got != int(stored.Load()) || d.audits("rated") != got {
			d.t.Errorf("%d answers, %d were confirmed, %d audited", got, stored.Load(), d.audits("rated"))
		}
	})
}
