package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/store"
)

const (
	aDay     = 24 * time.Hour
	fiveYear = 5 * 366 * aDay
)

func TestOnlyWhatIsOlderThanItsRetentionGoes(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		keep := store.Retention{Records: fiveYear, Traces: 90 * aDay}
		tables := []string{"periods", "evaluations", "answers", "results", "result_answers", "notifications", "invitations", "presented_codes", "link_attempts", "jobs"}
		count := func() map[string]int {
			rows := map[string]int{}
			for _, table := range tables {
				rows[table] = d.CountRows(d.t, "SELECT COUNT(*) FROM "+table)
			}
			return rows
		}
		prune := func(dry bool) map[string]int {
			gone, err := d.Prune(ctx, keep, dry)
			d.must("prune", err)
			rows := map[string]int{}
			for _, g := range gone {
				rows[g.Table] += g.Rows
			}
			return rows
		}
		d.rateRest()
		d.finalise()
		code, err := d.Invite(ctx, d.worker, time.Hour)
		d.must("invite", err)
		_, err = d.InvitationFor(ctx, 901, code)
		d.must("show code", err)
		_, err = d.InvitationFor(ctx, 902, "ABCD-EFGH-JKMN-PQRS")
		d.expect("a wrong code", err, store.ErrCodeUnknown)
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		d.Change(d.t, "UPDATE notifications SET state = ?", store.Sent)
		whole := count()

		d.clock.Advance(80 * aDay)
		prune(false)
		if diff := cmp.Diff(whole, count()); diff != "" {
			d.t.Errorf("after eighty days: %s", diff)
		}

		d.clock.Advance(20 * aDay)
		would := prune(true)
		if diff := cmp.Diff(whole, count()); diff != "" {
			d.t.Errorf("a dry run changed: %s", diff)
		}
		if diff := cmp.Diff(would, prune(false)); diff != "" {
			d.t.Errorf("the dry run told otherwise: %s", diff)
		}
		after := map[string]int{"notifications": 0, "invitations": 0, "presented_codes": 0, "link_attempts": 0, "jobs": 0}
		for _, kept := range tables[:5] {
			after[kept] = whole[kept]
		}
		if diff := cmp.Diff(after, count()); diff != "" {
			d.t.Errorf("after a hundred days: %s", diff)
		}

		d.clock.Advance(fiveYear)
		prune(false)
		for table, rows := range count() {
			if rows != 0 {
				d.t.Errorf("after five years %d rows of %s are left", rows, table)
			}
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE action = 'pruned'"); n == 0 || n != d.CountRows(d.t, "SELECT COUNT(*) FROM audits") {
			d.t.Errorf("%d audits of pruning, and others", n)
		}
	})
}
