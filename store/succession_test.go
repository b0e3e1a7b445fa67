package store_test

import (
	"slices"
	"testing"

	"kinerja/store"
)

// successionOf is what a successor for the people of a desk's evaluator would do.
func (d *desk) successionOf(admin *store.Person, to int64) store.Succession {
	d.t.Helper()
	plan, err := d.SuccessionFor(ctx, admin.ID, store.Team{EvaluatorID: d.boss}, to)
	d.must("plan", err)
	return plan
}

func TestAWholeTeamGetsASuccessorOnceAndWhoCannotHaveHimIsKeptOut(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.must("leave", second(d.LeaveAs(ctx, d.cast.UnitAdmin.ID, d.boss, store.Leaving{Kind: store.Retired})))
		team := store.Team{EvaluatorID: d.boss}
		lines, total, err := d.Teamless(ctx, d.cast.UnitAdmin.ID, 0, 10)
		if d.must("list", err); total != 1 || lines[0].Team != team || lines[0].Number != 8 || !lines[0].Left {
			d.t.Fatalf("%+v", lines)
		}
		plan := d.successionOf(d.cast.UnitAdmin, d.worker)
		if len(plan.Given) != 7 || len(plan.Kept) != 1 || plan.Kept[0].Why != store.ErrOwnEvaluator || len(plan.Open) != 1 || plan.Open[0].Number != 8 { //nolint:errorlint // it is itself
			d.t.Errorf("%+v", plan)
		}
		for _, want := range []int{7, 0} {
			if n, err := d.Succeed(ctx, d.cast.UnitAdmin.ID, team, d.worker, "surat 12", anybody); n != want || err != nil {
				d.t.Errorf("%d, %v", n, err)
			}
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM people WHERE superior_id = ?", d.worker); n != 7 {
			d.t.Errorf("%d have the successor", n)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE action = 'person.change' AND actor_id = ?", d.cast.UnitAdmin.ID); n != 7 {
			d.t.Errorf("%d audits", n)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM evaluator_reasons WHERE evaluator_id = ? AND reason = 'surat 12'", d.worker); n != 7 {
			d.t.Errorf("%d reasons", n)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM evaluations WHERE evaluator_id = ? AND state = 'open'", d.boss); n != 8 {
			d.t.Errorf("an open period changed: %d", n)
		}
		people, err := d.CountPeople(ctx, d.cast.UnitAdmin.ID)
		if d.must("count", err); people.WithoutEvaluator != 1 {
			d.t.Errorf("%+v", people)
		}
	})
}

func TestASuccessorIsRefusedWhoWouldCloseACircleAndWhoHasNoRight(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		team, admin := store.Team{EvaluatorID: d.boss}, d.cast.UnitAdmin.ID
		given := d.successionOf(d.cast.UnitAdmin, d.cast.Superior.ID).Given
		other := given[slices.IndexFunc(given, func(p store.PersonFound) bool { return p.PersonID != d.worker })].PersonID
		d.must("two levels", second(d.SetEvaluator(ctx, admin, other, d.boss, d.worker, "surat 12", anybody)))
		plan, err := d.SuccessionFor(ctx, admin, team, other)
		if d.must("plan", err); len(plan.Kept) != 1 || plan.Kept[0].PersonID != d.worker || plan.Kept[0].Why != store.ErrCircle { //nolint:errorlint // it is itself
			d.t.Errorf("%+v", plan.Kept)
		}
		if n, err := d.Succeed(ctx, admin, team, other, "surat 12", anybody); n != 6 || err != nil {
			d.t.Errorf("%d, %v", n, err)
		}
		d.expect("himself", second(d.Succeed(ctx, admin, team, admin, "", anybody)), store.ErrHimself)
		d.expect("no administrator", second(d.Succeed(ctx, d.worker, team, other, "", anybody)), store.ErrNotFound)
		d.expect("another agency's team", second(d.Succeed(ctx, admin, store.Team{EvaluatorID: d.cast.OtherEvaluator.ID}, other, "", anybody)), store.ErrNotFound)
		d.expect("another agency's successor", second(d.Succeed(ctx, admin, team, d.cast.OtherEvaluator.ID, "", anybody)), store.ErrNotFound)
		d.expect("nobody of another unit", second(d.Succeed(ctx, admin, store.Team{UnitID: d.cast.OtherEvaluator.UnitID}, other, "", anybody)), store.ErrNotFound)
		d.must("leave", second(d.LeaveAs(ctx, admin, other, store.Leaving{Kind: store.Retired})))
		d.expect("has left", second(d.Succeed(ctx, admin, team, other, "", anybody)), store.ErrEvaluatorLeft)
	})
}

func TestWhoHasNoEvaluatorInAUnitGetsOneAtOnce(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.Change(d.t, "UPDATE people SET superior_id = NULL WHERE superior_id = ?", d.boss) // as an import without that column would leave it
		lines, total, err := d.Teamless(ctx, d.cast.UnitAdmin.ID, 0, 10)
		if d.must("list", err); total != 1 || lines[0].UnitID != d.cast.Evaluator.UnitID || lines[0].Number != 8 || lines[0].Unit == "" {
			d.t.Fatalf("%+v", lines)
		}
		if n, err := d.Succeed(ctx, d.cast.UnitAdmin.ID, lines[0].Team, d.boss, "", anybody); n != 8 || err != nil {
			d.t.Errorf("%d, %v", n, err)
		}
	})
}
