package store_test

import (
	"slices"
	"testing"

	"kinerja/store"
)

func TestThePeriodThatIsDueFirstStandsFirst(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		later := d.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2027-01-01", LastDay: "2027-03-31", Release: store.ReleaseAtOnce})
		d.Change(d.t, "UPDATE periods SET scoring_due = ? WHERE id = ?", d.clock.Now().AddDate(0, 0, 30), later.ID)
		first := func() []int64 {
			lines, total, err := d.PeriodsDue(ctx, d.cast.Admin.ID, 5)
			if d.must("periods", err); total != 2 {
				d.t.Errorf("%d periods", total)
			}
			var ids []int64
			for _, l := range lines {
				ids = append(ids, l.ID)
			}
			return ids
		}
		if got := first(); !slices.Equal(got, []int64{d.period.ID, later.ID}) {
			d.t.Errorf("the one with the nearer deadline is first: %v", got)
		}
		d.Change(d.t, "UPDATE evaluations SET state = 'final' WHERE period_id = ?", d.period.ID)
		if got := first(); !slices.Equal(got, []int64{later.ID, d.period.ID}) {
			d.t.Errorf("where everybody is evaluated nothing is due: %v", got)
		}
	})
}
