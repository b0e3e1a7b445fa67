package store_test

import (
	"slices"
	"testing"
	"time"

	"kinerja/store"
)

// agreed is a released result, opened by its employee, in which a training was agreed.
func (d *desk) agreed() store.Result {
	d.t.Helper()
	d.must("agree", d.SetFollowUp(ctx, d.boss, d.id, store.Training, "2027-06-30"))
	d.must("name", d.NameTraining(ctx, d.boss, d.id, "Pelayanan prima"))
	return d.opened()
}

func (d *desk) report(side store.FollowUpSide, who, resultID int64, done bool) error {
	_, err := d.ReportFollowUp(ctx, side, who, resultID, done)
	return err
}

func (d *desk) followUp() store.FollowUp {
	d.t.Helper()
	all, err := d.FollowUpsOf(ctx, d.boss, d.sheet())
	d.must("list follow-ups", err)
	if len(all) != 1 {
		d.t.Fatalf("%d follow-ups", len(all))
	}
	return all[0]
}

func TestEachSideTellsForItselfThatAFollowUpIsDone(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		r := d.agreed()
		for range 2 { // a double tap
			d.must("the employee", d.report(store.EmployeeSide, d.worker, r.ID, true))
		}
		if f := d.followUp(); f.Name != "Pelayanan prima" || f.ByEmployee == nil || f.ByEvaluator != nil || d.audits("followup.done") != 1 {
			d.t.Errorf("the employee told: %+v, %d audits", f, d.audits("followup.done"))
		}
		d.clock.Advance(24 * time.Hour)
		d.must("the evaluator", d.report(store.EvaluatorSide, d.boss, r.ID, true))
		d.must("the employee takes back", d.report(store.EmployeeSide, d.worker, r.ID, false))
		d.must("twice", d.report(store.EmployeeSide, d.worker, r.ID, false))
		f := d.followUp()
		if f.ByEmployee != nil || f.ByEvaluator == nil || !f.ByEvaluator.Equal(d.clock.Now()) || f.Evaluator != d.cast.Evaluator.Name || d.audits("followup.undone") != 1 {
			d.t.Errorf("the evaluator alone told: %+v", f)
		}
		view, err := d.ResultFor(ctx, d.worker, r.ID)
		d.must("read result", err)
		if view.FollowUp != f && (view.FollowUp.ByEvaluator == nil || view.FollowUp.Evaluator != f.Evaluator) {
			d.t.Errorf("the employee sees %+v", view.FollowUp)
		}
	})
}

func TestAFollowUpConcernsItsEmployeeAndWhoEvaluatesHim(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.must("agree", d.SetFollowUp(ctx, d.boss, d.id, store.Training, "2027-06-30"))
		d.rateRest()
		r := d.finalise()
		d.expect("the employee before the release", d.report(store.EmployeeSide, d.worker, r.ID, true), store.ErrNotFound)
		d.expect("the evaluator before the release", d.report(store.EvaluatorSide, d.boss, r.ID, true), store.ErrNotFound)
		d.clock.Advance(grace)
		d.expect("the employee before he opened it", d.report(store.EmployeeSide, d.worker, r.ID, true), store.ErrNotFound)
		d.must("open", d.OpenResult(ctx, d.worker, r.ID))
		other := d.cast.OtherEvaluator.ID
		for name, try := range map[string]error{
			"somebody as the employee":      d.report(store.EmployeeSide, other, r.ID, true),
			"the evaluator as the employee": d.report(store.EmployeeSide, d.boss, r.ID, true),
			"the employee as his evaluator": d.report(store.EvaluatorSide, d.worker, r.ID, true),
			"another evaluator":             d.report(store.EvaluatorSide, other, r.ID, true),
			"an administrator":              d.report(store.EvaluatorSide, d.cast.Admin.ID, r.ID, true),
			"a result that is none":         d.report(store.EvaluatorSide, d.boss, 4711, true),
		} {
			d.expect(name, try, store.ErrNotFound)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM follow_up_reports"); n != 0 {
			d.t.Errorf("%d were written", n)
		}
		// His evaluator of the next period may tell it too, and does not take back what the former one told.
		d.must("the evaluator", d.report(store.EvaluatorSide, d.boss, r.ID, true))
		d.Change(d.t, "UPDATE people SET superior_id = ? WHERE id = ?", other, d.worker)
		d.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2027-01-01", LastDay: "2027-03-31", Release: store.ReleaseAtOnce})
		d.must("the new evaluator, told already", d.report(store.EvaluatorSide, other, r.ID, true))
		d.must("the new evaluator takes nothing back", d.report(store.EvaluatorSide, other, r.ID, false))
		if f := d.followUp(); f.EvaluatorID != d.boss {
			d.t.Errorf("told by %d", f.EvaluatorID)
		}
	})
}

func TestTheNameOfATrainingGoesWithIt(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.expect("a name for nothing", d.NameTraining(ctx, d.boss, d.id, "Pelayanan prima"), store.ErrConflict)
		d.must("agree", d.SetFollowUp(ctx, d.boss, d.id, store.Training, "2027-06-30"))
		d.must("name", d.NameTraining(ctx, d.boss, d.id, "Pelayanan prima"))
		d.must("another day", d.SetFollowUp(ctx, d.boss, d.id, store.Training, "2027-07-30"))
		if got := d.sheet().FollowUpName; got != "Pelayanan prima" {
			d.t.Errorf("on another day it is called %q", got)
		}
		d.must("another kind", d.SetFollowUp(ctx, d.boss, d.id, store.Coaching, "2027-07-30"))
		if got := d.sheet().FollowUpName; got != "" {
			d.t.Errorf("coaching is called %q", got)
		}
		d.expect("somebody else names", d.NameTraining(ctx, d.cast.OtherEvaluator.ID, d.id, "x"), store.ErrNotFound)
		d.must("training again", d.SetFollowUp(ctx, d.boss, d.id, store.Training, "2027-07-30"))
		d.rateRest()
		d.finalise()
		d.expect("of a result that is set", d.NameTraining(ctx, d.boss, d.id, "x"), store.ErrFinal)
	})
}

// following is the evaluation of the employee in a quarter that another evaluator opens with him.
func (d *desk) following(evaluator int64) {
	d.t.Helper()
	d.Change(d.t, "UPDATE people SET superior_id = ? WHERE id = ?", evaluator, d.worker)
	d.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2027-01-01", LastDay: "2027-03-31", Release: store.ReleaseAtOnce})
}

func TestOpenFollowUpsAreFoundByWhoAgreedOnThemAndWhoEvaluatesNow(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		open := func(who int64) int {
			d.t.Helper()
			list, err := d.OpenFollowUps(ctx, who)
			d.must("list open follow-ups", err)
			return len(list)
		}
		d.must("agree", d.SetFollowUp(ctx, d.boss, d.id, store.Training, "2027-06-30"))
		d.rateRest()
		r := d.finalise()
		if n := open(d.boss); n != 0 {
			d.t.Errorf("%d before the release", n)
		}
		d.clock.Advance(grace)
		d.must("open", d.OpenResult(ctx, d.worker, r.ID))
		other := d.cast.OtherEvaluator.ID
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.sheet().Period.ID))
		if open(d.boss) != 1 || open(other) != 0 || open(d.worker) != 0 {
			d.t.Errorf("%d, %d and %d after closing", open(d.boss), open(other), open(d.worker))
		}
		d.following(other)
		if open(d.boss) != 1 || open(other) != 1 {
			d.t.Errorf("%d and %d with a new evaluator", open(d.boss), open(other))
		}
		d.must("the employee", d.report(store.EmployeeSide, d.worker, r.ID, true))
		if open(other) != 1 {
			d.t.Error("the employee's word ended it")
		}
		d.must("the new evaluator", d.report(store.EvaluatorSide, other, r.ID, true))
		if open(d.boss)+open(other) != 0 {
			d.t.Error("it is open though an evaluator told it to be done")
		}
	})
}

func TestWhatAnotherEvaluatorToldStaysUntilHeHasLeftAndNobodyIsToldOtherwise(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		r := d.agreed()
		other := d.cast.OtherEvaluator.ID
		d.following(other)
		d.must("the former evaluator", d.report(store.EvaluatorSide, d.boss, r.ID, true))
		for _, done := range []bool{true, false} {
			if changed, err := d.ReportFollowUp(ctx, store.EvaluatorSide, other, r.ID, done); changed || err != nil {
				d.t.Errorf("done %v by the new evaluator: changed %v, %v", done, changed, err)
			}
		}
		d.Change(d.t, "UPDATE people SET active = ? WHERE id = ?", false, d.boss)
		if changed, err := d.ReportFollowUp(ctx, store.EvaluatorSide, other, r.ID, false); !changed || err != nil {
			d.t.Errorf("taken back after he left: %v, %v", changed, err)
		}
	})
}

func TestEveryButtonThatTellsAFollowUpToBeDoneWorks(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		r := d.agreed()
		other := d.cast.OtherEvaluator.ID
		d.following(other)
		team, err := d.Team(ctx, other)
		d.must("team", err)
		var mine store.Sheet
		for _, m := range team {
			if m.EmployeeID == d.worker {
				mine, err = d.SheetOf(ctx, other, m.EvaluationID)
				d.must("sheet", err)
			}
		}
		may := func() bool {
			d.t.Helper()
			all, err := d.FollowUpsOf(ctx, other, mine)
			d.must("list", err)
			if len(all) != 1 || all[0].ResultID != r.ID {
				d.t.Fatalf("%+v", all)
			}
			return all[0].MayTell
		}
		if !may() {
			d.t.Error("the evaluator of now may not")
		}
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, mine.Period.ID))
		if may() {
			d.t.Error("who evaluated him in another period that is closed may")
		}
		d.expect("and is refused", d.report(store.EvaluatorSide, other, r.ID, true), store.ErrNotFound)
	})
}

func TestAFollowUpFallsDueForItsEmployeeAndHisEvaluatorOfNow(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		r := d.agreed()
		other := d.cast.OtherEvaluator.ID
		due := func(day store.Date) []int64 {
			d.t.Helper()
			people, err := d.FollowUpsDue(ctx, day)
			d.must("due", err)
			return people
		}
		if got := due("2027-06-30"); !slices.Equal(got, sorted(d.worker, d.boss)) || len(due("2027-06-29")) != 0 {
			d.t.Errorf("due for %v", got)
		}
		d.following(other)
		if got := due("2027-06-30"); !slices.Equal(got, sorted(d.worker, other)) {
			d.t.Errorf("with a new evaluator due for %v", got)
		}
		on, err := d.DueOn(ctx, d.worker, "2027-06-28", "2027-06-30")
		if err != nil || len(on.FollowUps) != 1 || on.OfTeam != 0 {
			d.t.Errorf("the employee: %+v, %v", on, err)
		}
		d.must("the employee", d.report(store.EmployeeSide, d.worker, r.ID, true))
		if got := due("2027-06-30"); !slices.Equal(got, []int64{other}) {
			d.t.Errorf("after the employee's word due for %v", got)
		}
		if on, err = d.DueOn(ctx, other, "2027-06-30", "2027-06-30"); err != nil || on.OfTeam != 1 || len(on.FollowUps) != 0 {
			d.t.Errorf("the evaluator: %+v, %v", on, err)
		}
		d.must("the evaluator", d.report(store.EvaluatorSide, other, r.ID, true))
		if got := due("2027-06-30"); len(got) != 0 {
			d.t.Errorf("when it is done due for %v", got)
		}
	})
}

func sorted(ids ...int64) []int64 {
	slices.Sort(ids)
	return ids
}
