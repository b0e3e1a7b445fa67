package store_test

import (
	"slices"
	"testing"
	"time"

	"kinerja/store"
)

func (d *desk) performances(admin int64) store.Performances {
	d.t.Helper()
	list, err := d.PerformancesOf(ctx, admin, d.period.ID)
	d.must("read organisation performance", err)
	return list
}

func (d *desk) grade(unit int64, grade store.OrgGrade) error {
	_, err := d.SetPerformances(ctx, d.cast.Admin.ID, d.period.ID, []store.GradeEntry{{UnitID: unit, Grade: grade}})
	return err
}

func TestTheUnitThatAnEvaluatorLeadsFollowsFromTheRosterAndIsCorrected(t *testing.T) {
	eachDesk(t, store.ReleasePublished, func(d *desk) {
		own := d.cast.Evaluator.UnitID
		list := d.performances(d.cast.Admin.ID)
		line, led := list.Of(own)
		if !led || !slices.ContainsFunc(line.Leaders, func(l store.UnitLeader) bool { return l.PersonID == d.boss && !l.Corrected }) {
			d.t.Fatalf("he does not lead his unit: %+v", line)
		}
		if list.Entered() != 0 || len(list.Units) < 3 {
			d.t.Errorf("%d of %d units are entered", list.Entered(), len(list.Units))
		}
		other := d.cast.Units["DINKES"].ID
		d.must("correct", d.LeadUnit(ctx, d.cast.Admin.ID, d.period.ID, d.boss, other))
		d.must("correct again", d.LeadUnit(ctx, d.cast.Admin.ID, d.period.ID, d.boss, other))
		if _, led := d.performances(d.cast.Admin.ID).Of(own); led || d.audits("unit.led") != 1 {
			d.t.Error("he leads his unit although it was corrected")
		}
		for what, err := range map[string]error{
			"a unit's administrator":   d.LeadUnit(ctx, d.cast.UnitAdmin.ID, d.period.ID, d.boss, other),
			"the evaluator himself":    d.LeadUnit(ctx, d.boss, d.period.ID, d.boss, other),
			"who evaluates nobody":     d.LeadUnit(ctx, d.cast.Admin.ID, d.period.ID, d.worker, other),
			"a unit that is not there": d.LeadUnit(ctx, d.cast.Admin.ID, d.period.ID, d.boss, 1<<40),
		} {
			d.expect(what, err, store.ErrNotFound)
		}
		d.must("leave it to the roster", d.LeadUnit(ctx, d.cast.Admin.ID, d.period.ID, d.boss, 0))
		if _, led := d.performances(d.cast.Admin.ID).Of(own); !led {
			d.t.Error("he does not lead his unit again")
		}
	})
}

func TestOrganisationPerformanceIsEnteredByWhoManagesThePeriodAndLeavesATrace(t *testing.T) {
	eachDesk(t, store.ReleasePublished, func(d *desk) {
		unit := d.cast.Evaluator.UnitID
		_, err := d.PerformanceFor(ctx, d.boss, d.period.ID)
		d.expect("before it is entered", err, store.ErrNotFound)
		none, good := store.OrgGrade(""), store.OrgGood
		set := func(admin int64, grade store.OrgGrade, seen *store.OrgGrade) (int, error) {
			return d.SetPerformances(ctx, admin, d.period.ID, []store.GradeEntry{{UnitID: unit, Grade: grade, Seen: seen}})
		}
		for _, who := range []int64{d.cast.UnitAdmin.ID, d.boss, d.worker, d.cast.Leader.ID} {
			_, err := set(who, store.OrgOutstanding, nil)
			d.expect("by somebody who does not manage the period", err, store.ErrNotFound)
		}
		if n, err := set(d.cast.Admin.ID, store.OrgGood, &none); err != nil || n != 1 {
			d.t.Fatalf("enter: %d, %v", n, err)
		}
		if n, err := set(d.cast.Admin.ID, store.OrgGood, &none); err != nil || n != 0 {
			d.t.Errorf("a second tap: %d, %v", n, err)
		}
		_, err = set(d.cast.Admin.ID, store.OrgPoor, &none)
		d.expect("on an old screen", err, store.ErrGradeMoved)
		d.clock.Advance(time.Minute)
		_, err = set(d.cast.Admin.ID, store.OrgPoor, &good)
		d.must("change", err)
		_, err = d.SetPerformances(ctx, d.cast.Admin.ID, d.period.ID, []store.GradeEntry{{UnitID: unit, Grade: store.OrgGood}, {UnitID: 1 << 40, Grade: store.OrgGood}})
		d.expect("all or none", err, store.ErrNotFound)
		changes, err := d.PerformanceChanges(ctx, d.cast.UnitAdmin.ID, d.period.ID, unit, 5)
		d.must("read the trace", err)
		if len(changes) != 2 || changes[0].Before != store.OrgGood || changes[0].After != store.OrgPoor || changes[0].By != d.cast.Admin.Name {
			d.t.Errorf("the trace is %+v", changes)
		}
		own, err := d.PerformanceFor(ctx, d.boss, d.period.ID)
		if err != nil || own.Grade != store.OrgPoor || own.Unit == "" {
			d.t.Errorf("the evaluator is told %+v: %v", own, err)
		}
		if _, err := d.PerformanceFor(ctx, d.worker, d.period.ID); err == nil {
			d.t.Error("who leads nothing is told too")
		}
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		d.must("archive", d.ArchivePeriod(ctx, d.cast.Admin.ID, d.period.ID, d.clock.Now()))
		d.expect("in the archive", d.grade(unit, store.OrgGood), store.ErrClosed)
		d.expect("who leads, in the archive", d.LeadUnit(ctx, d.cast.Admin.ID, d.period.ID, d.boss, unit), store.ErrClosed)
	})
}

func TestWhoAdministersAUnitGradesWhatIsBelowItAndNotItself(t *testing.T) {
	eachDesk(t, store.ReleasePublished, func(d *desk) {
		own, below := d.cast.Units["DINKES"].ID, d.cast.Evaluator.UnitID
		admin := d.cast.UnitAdmin.ID
		p, err := d.OpenPeriodNow(ctx, admin, store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-11-01", LastDay: "2026-11-30", UnitID: own,
			SelfReportDue: d.Now(), ScoringDue: d.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleasePublished})
		d.must("open a period over the unit alone", err)
		set := func(by int64, units ...int64) error {
			var entries []store.GradeEntry
			for _, unit := range units {
				entries = append(entries, store.GradeEntry{UnitID: unit, Grade: store.OrgGood})
			}
			_, err := d.SetPerformances(ctx, by, p.ID, entries)
			return err
		}
		d.must("what is below it", set(admin, below))
		d.expect("his own", set(admin, own), store.ErrUnitOwn)
		d.must("who administers the city", set(d.cast.Admin.ID, own))
		d.expect("his own, as it is", set(admin, own), store.ErrUnitOwn)
	})
}

func TestAnEvaluatorMayLeadNoUnit(t *testing.T) {
	eachDesk(t, store.ReleasePublished, func(d *desk) {
		unit := d.cast.Evaluator.UnitID
		d.must("enter", d.grade(unit, store.OrgGood))
		d.must("say that he leads none", d.LeadNone(ctx, d.cast.Admin.ID, d.period.ID, d.boss))
		d.must("say it again", d.LeadNone(ctx, d.cast.Admin.ID, d.period.ID, d.boss))
		d.expect("by a unit's administrator", d.LeadNone(ctx, d.cast.UnitAdmin.ID, d.period.ID, d.boss), store.ErrNotFound)
		list := d.performances(d.cast.Admin.ID)
		if len(list.None) != 1 || list.None[0].PersonID != d.boss || d.audits("unit.led") != 1 {
			d.t.Errorf("%+v lead none, audited %d times", list.None, d.audits("unit.led"))
		}
		_, err := d.PerformanceFor(ctx, d.boss, d.period.ID)
		d.expect("what he is told of it", err, store.ErrNotFound)
		d.must("leave it to the roster", d.LeadUnit(ctx, d.cast.Admin.ID, d.period.ID, d.boss, 0))
		if list := d.performances(d.cast.Admin.ID); len(list.None) != 0 {
			d.t.Errorf("%+v lead none", list.None)
		}
	})
}

func TestAHeadWhoseOwnPeopleAreAllBelowHisUnitIsToldOfItToo(t *testing.T) {
	eachDesk(t, store.ReleasePublished, func(d *desk) {
		unit := d.cast.Superior.UnitID
		d.must("enter", d.grade(unit, store.OrgOutstanding))
		d.Change(d.t, "UPDATE evaluations SET unit_id = ? WHERE evaluator_id = ?", d.cast.Evaluator.UnitID, d.cast.Superior.ID)
		own, err := d.PerformanceFor(ctx, d.cast.Superior.ID, d.period.ID)
		if err != nil || own.Grade != store.OrgOutstanding {
			d.t.Errorf("he is told %+v: %v", own, err)
		}
		d.Change(d.t, "UPDATE evaluations SET unit_id = ? WHERE evaluator_id = ?", d.cast.OtherEvaluator.UnitID, d.cast.Superior.ID)
		_, err = d.PerformanceFor(ctx, d.cast.Superior.ID, d.period.ID)
		d.expect("with nobody of his unit", err, store.ErrNotFound)
	})
}

func TestLastYearsPerformanceIsThatOfTheSameUnit(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		unit := d.cast.Evaluator.UnitID
		year := func(n string) {
			d.period = d.open(store.PeriodForm{Kind: store.Annual, FirstDay: store.Date(n + "-01-01"), LastDay: store.Date(n + "-12-31"), Release: store.ReleaseAtOnce})
		}
		year("2025")
		d.must("enter", d.grade(unit, store.OrgGood))
		year("2026")
		line, _ := d.performances(d.cast.Admin.ID).Of(unit)
		if line.LastYear != store.OrgGood || line.Grade != "" {
			d.t.Errorf("the line is %+v", line)
		}
		carry := func(grade store.OrgGrade) error {
			_, err := d.SetPerformances(ctx, d.cast.Admin.ID, d.period.ID, []store.GradeEntry{{UnitID: unit, Grade: grade, Carried: true}})
			return err
		}
		d.expect("another one as last year's", carry(store.OrgPoor), store.ErrConflict)
		d.must("last year's", carry(store.OrgGood))
		if line, _ := d.performances(d.cast.Admin.ID).Of(unit); !line.Carried {
			d.t.Error("nobody sees that it is last year's")
		}
	})
}
