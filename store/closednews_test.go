package store_test

import (
	"testing"
	"time"

	"kinerja/store"
)

// closeNews runs the job that tells of a closed period.
func (d *desk) closeNews() {
	d.t.Helper()
	for {
		job, err := d.ClaimJob(ctx, "news", time.Minute)
		if err != nil {
			d.t.Fatalf("claim: %v", err)
		}
		for job.State == store.JobRunning {
			if job, err = d.CloseNewsChunk(ctx, "news", job.ID, time.Minute); err != nil {
				d.t.Fatalf("chunk: %v", err)
			}
		}
		if job.Kind == store.JobCloseNews {
			return
		}
	}
}

func TestAClosedPeriodTellsWhomItLeavesWithSomethingUndoneOnce(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.rateRest()
		d.finalise()
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		d.closeNews()
		d.must("close again", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		left := d.CountRows(d.t, "SELECT COUNT(*) FROM evaluations WHERE state = ?", store.EvaluationOpen)
		if n := d.CountRows(d.t, "SELECT COUNT(DISTINCT person_id) FROM notifications WHERE kind = ?", store.KindNotEvaluated); n != left || n == 0 {
			d.t.Errorf("%d employees are told, %d have no result", n, left)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM notifications WHERE kind = ? AND person_id = ?", store.KindNotEvaluated, d.worker); n != 0 {
			d.t.Error("who has a result is told that he has none")
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM notifications WHERE kind = ? AND person_id = ?", store.KindClosedUnscored, d.boss); n != 1 {
			d.t.Errorf("the evaluator with people left is told %d times", n)
		}
		gaps, err := d.UnscoredBy(ctx, d.boss)
		if err != nil || len(gaps) != 1 || gaps[0].Open != 7 || gaps[0].PeriodID != d.period.ID {
			d.t.Errorf("left by the evaluator: %+v, %v; want 7 of one period", gaps, err)
		}
		if gaps, err := d.UnevaluatedIn(ctx, d.worker); err != nil || len(gaps) != 0 {
			d.t.Errorf("who has a result lacks %+v, %v", gaps, err)
		}
	})
}

func TestAPeriodThatWasOpenedAnewForTheSameDaysLeavesNoGap(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		if gaps, err := d.UnevaluatedIn(ctx, d.worker); err != nil || len(gaps) != 1 {
			d.t.Fatalf("gaps %+v, %v; want one", gaps, err)
		}
		unit := d.cast.Units["DINKES"].ID
		d.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", UnitID: unit, Release: store.ReleaseAtOnce})
		if gaps, err := d.UnevaluatedIn(ctx, d.worker); err != nil || len(gaps) != 0 {
			d.t.Errorf("gaps %+v, %v though he is evaluated now", gaps, err)
		}
	})
}

func TestWhomPeopleAskIsTheNearestAdministrator(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		below := d.cast.Employee.UnitID // of the health agency
		for unit, want := range map[int64]string{d.cast.Units["DINKES"].ID: d.cast.UnitAdmin.Name, below: d.cast.UnitAdmin.Name, 0: d.cast.Admin.Name} {
			contacts, err := d.ContactsFor(ctx, unit, d.worker)
			if err != nil || len(contacts) != 1 || contacts[0].Name != want {
				d.t.Errorf("of unit %d: %v, %v; want %s", unit, contacts, err, want)
			}
		}
		own, err := d.ContactsFor(ctx, d.cast.Units["DINKES"].ID, d.cast.UnitAdmin.ID)
		if err != nil || len(own) != 1 || own[0].Name != d.cast.Admin.Name {
			d.t.Errorf("the administrator of the agency asks %v, %v; want the city's", own, err)
		}
	})
}
