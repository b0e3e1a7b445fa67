package store_test

import (
	"testing"

	"kinerja/store"
)

func TestAnEvaluatorIsToldSinceWhenSomebodyIsNotHisAndNobodyElseIsToldAnything(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.expect("he is his", second(d.PartingOf(ctx, d.boss, d.id)), store.ErrNotFound)
		d.must("exclude", d.Exclude(ctx, d.cast.UnitAdmin.ID, d.id, store.OtherwiseExcluded, "Diperbantukan di provinsi"))
		parting, err := d.PartingOf(ctx, d.boss, d.id)
		if d.must("excluded", err); !parting.Excluded || parting.Since.IsZero() || parting.Employee != d.cast.Employee.Name {
			d.t.Errorf("%+v", parting)
		}
		d.expect("never his", second(d.PartingOf(ctx, d.cast.OtherEvaluator.ID, d.id)), store.ErrNotFound)
		out, err := d.ExcludedFrom(ctx, d.worker)
		if d.must("own", err); len(out) != 1 || out[0].PeriodID != d.period.ID || out[0].Reason != store.OtherwiseExcluded {
			d.t.Errorf("%+v", out)
		}
		d.must("include", d.Include(ctx, d.cast.UnitAdmin.ID, d.id))
		if out, err := d.ExcludedFrom(ctx, d.worker); len(out) != 0 || err != nil {
			d.t.Errorf("%+v, %v", out, err)
		}
		d.must("pass on", second(d.Reassign(ctx, d.cast.UnitAdmin.ID, d.period.ID, []int64{d.id}, d.boss, d.cast.Superior.ID, "")))
		parting, err = d.PartingOf(ctx, d.boss, d.id)
		d.expect("still never his", second(d.PartingOf(ctx, d.cast.OtherEvaluator.ID, d.id)), store.ErrNotFound)
		if d.must("passed on", err); parting.Excluded || parting.Since.IsZero() {
			d.t.Errorf("%+v", parting)
		}
	})
}
