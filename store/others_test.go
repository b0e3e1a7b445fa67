package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/store"
)

func usual(store.Sheet) error { return nil }

// people are the evaluations of the evaluator's team.
func (d *desk) people() []int64 {
	d.t.Helper()
	team, err := d.Team(ctx, d.boss)
	d.must("read team", err)
	var ids []int64
	for _, m := range team {
		ids = append(ids, m.EvaluationID)
	}
	return ids
}

func (d *desk) batch(people ...int64) store.Batch {
	d.t.Helper()
	batch, err := d.OpenBatch(ctx, d.boss, store.Batch{PeriodID: d.period.ID, List: "l1", People: people})
	d.must("open batch", err)
	return batch
}

func (d *desk) inBatch(batch store.Batch, id int64) error {
	return d.FinaliseInBatch(ctx, d.boss, batch.ID, id, grace, usual, judge)
}

// trail is what the audit says about one evaluation and its result, without the numbers of records.
func (d *desk) trail(id int64) map[string]int {
	d.t.Helper()
	trail := map[string]int{}
	for _, action := range []string{"rated", "rated_rest", "chose_work", "chose_behaviour", "finalised", "took_back"} {
		trail[action] = d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE actor_id = ? AND action = ? AND (subject = 'evaluation' AND object_id = ? OR subject = 'result' AND "+
			"object_id IN (SELECT id FROM results WHERE evaluation_id = ?))", d.boss, action, id, id)
	}
	return trail
}

func TestWhoeverIsSetInABatchIsAuditedAndToldAsIfSetSingly(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		people := d.people()
		single, together := people[0], people[1]
		_, _, err := d.RateRest(ctx, d.boss, single)
		d.must("rate", err)
		_, err = d.Finalise(ctx, d.boss, single, grace, judge)
		d.must("finalise", err)
		batch := d.batch(together, people[2])
		for range 2 { // again changes nothing
			d.must("set in batch", d.inBatch(batch, together))
		}
		if diff := cmp.Diff(d.trail(single), d.trail(together)); diff != "" || d.trail(together)["finalised"] != 1 {
			d.t.Errorf("audited otherwise (-singly +in a batch):\n%s", diff)
		}
		if n := d.news(store.Owed); n != 2 {
			d.t.Errorf("%d employees are told, want 2", n)
		}
		members, err := d.BatchMembers(ctx, d.boss, batch)
		d.must("members", err)
		if len(members) != 2 || !members[0].Settled || members[0].ResultID == 0 || members[1].Settled || members[1].State != store.EvaluationOpen {
			d.t.Errorf("the batch stands at %+v", members)
		}
		d.must("take back", d.TakeBack(ctx, d.boss, together))
		members, err = d.BatchMembers(ctx, d.boss, batch)
		d.must("members", err)
		if !members[0].Settled || members[0].ResultID != 0 {
			d.t.Errorf("taken back, he stands at %+v", members[0])
		}
	})
}

func TestABatchIsOfItsEvaluatorAndOfHisPeopleOnly(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		people := d.people()
		batch := d.batch(people...)
		stranger := d.cast.OtherEvaluator.ID
		d.expect("batch of another", second(d.BatchOf(ctx, stranger, batch.ID)), store.ErrNotFound)
		d.expect("none of this number", second(d.BatchOf(ctx, d.boss, batch.ID+1_000_000)), store.ErrNotFound)
		d.expect("set by another", d.FinaliseInBatch(ctx, stranger, batch.ID, people[0], grace, usual, judge), store.ErrNotFound)
		d.expect("people of another", second(d.OpenBatch(ctx, stranger, store.Batch{PeriodID: d.period.ID, List: "l", People: people})), store.ErrNotFound)
		d.expect("nobody", second(d.OpenBatch(ctx, d.boss, store.Batch{PeriodID: d.period.ID, List: "l"})), store.ErrNotFound)
		if last, err := d.LastBatch(ctx, stranger, d.period.ID); err != nil || last.ID != 0 {
			d.t.Errorf("another one's last batch is %+v, %v", last, err)
		}
		if members, err := d.BatchMembers(ctx, stranger, batch); err != nil || len(members) != 0 {
			d.t.Errorf("another one sees %+v, %v", members, err)
		}
		if same, err := d.BatchOf(ctx, d.boss, batch.ID); err != nil || !cmp.Equal(same, batch) {
			d.t.Errorf("the batch reads as %+v, %v", same, err)
		}
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		d.expect("in a closed period", second(d.OpenBatch(ctx, d.boss, store.Batch{PeriodID: d.period.ID, List: "l2", People: people})), store.ErrClosed)
		d.expect("set in a closed period", d.inBatch(batch, people[0]), store.ErrClosed)
	})
}

func TestWhatStopsOneOfABatchLeavesNothingBehind(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		batch, stop := d.batch(d.id), errors.New("stop")
		first := d.FinaliseInBatch(ctx, d.boss, batch.ID, d.id, grace, func(store.Sheet) error { return stop }, judge)
		later := d.FinaliseInBatch(ctx, d.boss, batch.ID, d.id, grace, usual, func(store.Sheet) (store.Predicate, error) { return "", stop })
		d.expect("not usual", first, stop)
		d.expect("judged incomplete", later, stop)
		if sheet := d.sheet(); sheet.Answered() != 0 || sheet.State != store.EvaluationOpen || sheet.WorkRating != "" || d.audits("rated_rest")+d.audits("finalised_in_batch") != 0 {
			d.t.Errorf("left behind: %d ratings, %q", sheet.Answered(), sheet.WorkRating)
		}
	})
}

func TestStandingsTellWhatThePagesOfEachPersonTell(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.must("follow-up", d.SetFollowUp(ctx, d.boss, d.id, store.Mentoring, "2027-03-01"))
		d.rateRest()
		d.finalise()
		d.clock.Advance(90 * 24 * time.Hour)
		next := d.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2027-01-01", LastDay: "2027-03-31", Release: store.ReleaseAtOnce})
		id := d.evaluationIn(next.ID)
		sheet, err := d.SheetOf(ctx, d.boss, id)
		d.must("read sheet", err)
		d.must("rate", d.Rate(ctx, d.boss, id, sheet.Indicators[0].ID, store.Below))
		standings, err := d.Standings(ctx, d.boss, next.ID)
		d.must("standings", err)
		if len(standings) != 8 {
			d.t.Fatalf("%d people stand, want 8", len(standings))
		}
		for _, one := range standings {
			sheet, err := d.SheetOf(ctx, d.boss, one.ID)
			d.must("read sheet", err)
			earlier, err := d.EarlierOf(ctx, d.boss, sheet)
			d.must("earlier", err)
			if diff := cmp.Diff(store.Standing{Sheet: sheet, Earlier: earlier}, one); diff != "" || (one.Earlier.Agreed.Kind != "") != (one.ID == id) {
				d.t.Errorf("evaluation %d stands otherwise:\n%s", one.ID, diff)
			}
		}
		if others, err := d.Standings(ctx, d.cast.OtherEvaluator.ID, d.period.ID+1_000_000); err != nil || len(others) != 0 {
			d.t.Errorf("in no period stand %+v, %v", others, err)
		}
	})
}
