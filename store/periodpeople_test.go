package store_test

import (
	"testing"
	"time"

	"kinerja/store"
)

// team is how many people somebody evaluates now.
func (d *desk) team(evaluator int64) int {
	d.t.Helper()
	team, err := d.Team(ctx, evaluator)
	d.must("read team", err)
	return len(team)
}

func (d *desk) counts() store.Counts {
	d.t.Helper()
	p, err := d.ProgressOf(ctx, d.cast.Admin.ID, d.period.ID)
	d.must("progress", err)
	return p.Counts
}

// told counts the notifications of a kind to somebody.
func (d *desk) owedTo(kind string, person int64) int {
	d.t.Helper()
	return d.CountRows(d.t, "SELECT COUNT(*) FROM notifications WHERE kind = ? AND person_id = ?", kind, person)
}

func TestWhoIsExcludedIsCountedApartOwesNothingAndComesBackWithHisDraft(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, before, size := d.cast.Admin.ID, d.counts(), d.team(d.boss)
		d.rate(0, store.Above)
		for range 2 {
			d.must("exclude", d.Exclude(ctx, admin, d.id, store.UnpaidLeave, ""))
		}
		after := d.counts()
		if after.Excluded != 1 || after.Total != before.Total-1 || after.Begun != 0 || after.NotBegun != before.NotBegun-1 {
			t.Errorf("%+v, was %+v", after, before)
		}
		if d.team(d.boss) != size-1 || d.owedTo(store.KindExcluded, d.worker) != 1 || d.owedTo(store.KindExcludedTeam, d.boss) != 1 {
			t.Error("the evaluator still has him, or the news is not owed once")
		}
		_, open, all, err := d.Owes(ctx, d.boss, d.period.ID)
		d.must("owes", err)
		debts, err := d.ScoringDebts(ctx, d.boss)
		d.must("debts", err)
		if open != size-1 || all != size-1 || debts[0].Open != size-1 {
			t.Errorf("%d of %d and %+v are owed", open, all, debts)
		}
		standings, err := d.Standings(ctx, d.boss, d.period.ID)
		d.must("standings", err)
		if len(standings) != size-1 {
			t.Errorf("%d people would be confirmed with the others", len(standings))
		}
		_, err = d.SheetOf(ctx, d.boss, d.id)
		d.expect("the sheet", err, store.ErrNotFound)
		d.expect("a rating", d.Rate(ctx, d.boss, d.id, 1, store.Meets), store.ErrNotFound)
		_, err = d.Finalise(ctx, d.boss, d.id, grace, judge)
		d.expect("finalising", err, store.ErrNotFound)
		for range 2 {
			d.must("include", d.Include(ctx, admin, d.id))
		}
		if d.sheet().Rating(d.indicator(0)) != store.Above || d.counts().Begun != 1 || d.owedTo(store.KindIncludedAgain, d.worker) != 1 {
			t.Error("the draft or the news of the return is missing")
		}
		d.must("exclude again", d.Exclude(ctx, admin, d.id, store.OtherwiseExcluded, "Diperbantukan"))
		e, err := d.EvaluationFor(ctx, admin, d.id)
		d.must("read", err)
		if e.Excluded.Words != "Diperbantukan" || d.audits("evaluation.exclude") != 2 || d.owedTo(store.KindExcluded, d.worker) != 2 {
			t.Errorf("%+v", e.Excluded)
		}
	})
}

func TestExcludingIsForTheAdministratorOfTheUnitWhileThePeriodIsOpenAndTheResultIsNotSet(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.expect("the evaluator", d.Exclude(ctx, d.boss, d.id, store.IsRetired, ""), store.ErrNotFound)
		school, err := d.Team(ctx, d.cast.OtherEvaluator.ID)
		d.must("team", err)
		d.expect("another branch", d.Exclude(ctx, d.cast.UnitAdmin.ID, school[0].EvaluationID, store.IsRetired, ""), store.ErrNotFound)
		d.expect("nobody", d.Exclude(ctx, d.cast.Admin.ID, 999999, store.IsRetired, ""), store.ErrNotFound)
		own := d.CountRows(t, "SELECT id FROM evaluations WHERE employee_id = ?", d.cast.UnitAdmin.ID)
		d.expect("oneself", d.Exclude(ctx, d.cast.UnitAdmin.ID, int64(own), store.IsRetired, ""), store.ErrOwn)
		d.rateRest()
		d.finalise()
		d.expect("a set result", d.Exclude(ctx, d.cast.Admin.ID, d.id, store.IsRetired, ""), store.ErrFinal)
		other := school[0].EvaluationID
		d.must("exclude", d.Exclude(ctx, d.cast.Admin.ID, other, store.HasDied, ""))
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		d.expect("undo after closing", d.Include(ctx, d.cast.Admin.ID, other), store.ErrClosed)
		d.closeNews()
		if n := d.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE kind = ? AND person_id = ?", store.KindNotEvaluated, school[0].EmployeeID); n != 0 {
			t.Error("who was excluded is told that he was not evaluated")
		}
	})
}

func TestWhoComesLateIsAddedOnceWithTheIndicatorsOfTheOpening(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin := d.cast.UnitAdmin.ID
		before := d.sheet()
		late := d.cast.Newcomer.ID
		d.Change(t, "DELETE FROM evaluations WHERE employee_id = ?", late)
		_, lines, n, err := d.WithoutEvaluation(ctx, admin, d.period.ID, "", 0, 8)
		d.must("list", err)
		if n != 1 || lines[0].PersonID != late {
			t.Fatalf("%d people without evaluation: %+v", n, lines)
		}
		if _, _, n, err = d.WithoutEvaluation(ctx, d.cast.Admin.ID, d.period.ID, "tidak ada", 0, 8); err != nil || n != 0 {
			t.Errorf("%d found, %v", n, err)
		}
		_, err = d.AddLate(ctx, d.boss, d.period.ID, late)
		d.expect("no administrator", err, store.ErrNotFound)
		for tap, want := range []int{1, 0} {
			added, err := d.AddLate(ctx, admin, d.period.ID, late)
			d.must("add", err)
			if added != want {
				t.Errorf("tap %d added %d", tap, added)
			}
		}
		if n := d.CountRows(t, "SELECT COUNT(*) FROM evaluations WHERE employee_id = ? AND template_version_id = ?", late, before.TemplateVersionID); n != 1 {
			t.Error("he is not evaluated with the indicators of the opening")
		}
		if d.owedTo(store.KindYouAdded, late) != 1 || d.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE kind = ?", store.KindPeopleAdded) != 1 {
			t.Error("he and his evaluator are not told once")
		}
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		_, err = d.AddLate(ctx, admin, d.period.ID)
		d.expect("after closing", err, store.ErrClosed)
	})
}

func TestAnotherEvaluatorBeginsAnewAndTheDraftComesBackWithItsWriter(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, next := d.cast.Admin.ID, d.cast.Superior.ID
		d.rate(0, store.Above)
		d.must("reason", d.SetReason(ctx, d.boss, d.id, d.indicator(0), "Melampaui target"))
		first := d.indicator(0)
		pass := func(from, to int64) int {
			n, err := d.Reassign(ctx, admin, d.period.ID, []int64{d.id}, from, to, "Mutasi")
			d.must("reassign", err)
			return n
		}
		if pass(d.boss, next) != 1 || pass(d.boss, next) != 0 {
			t.Error("the same tap twice does not change once")
		}
		d.expect("a tap of the old one", d.Rate(ctx, d.boss, d.id, first, store.Below), store.ErrNotFound)
		sheet, err := d.SheetOf(ctx, next, d.id)
		d.must("read sheet", err)
		if sheet.Answered() != 0 || sheet.SuperiorID == nil || *sheet.SuperiorID != *d.cast.Superior.SuperiorID {
			t.Errorf("%d are rated, superior %v", sheet.Answered(), sheet.SuperiorID)
		}
		kept, err := d.EarlierDrafts(ctx, next, d.id)
		d.must("earlier drafts", err)
		if len(kept) != 1 || kept[0].PersonID != d.boss || kept[0].Draft.Answers[first].Reason != "Melampaui target" {
			t.Fatalf("%+v", kept)
		}
		if none, err := d.EarlierDrafts(ctx, d.boss, d.id); err != nil || len(none) != 0 {
			t.Errorf("the old one reads %+v, %v", none, err)
		}
		d.must("rate", d.Rate(ctx, next, d.id, first, store.Meets))
		if pass(next, d.boss) != 1 || d.sheet().Rating(first) != store.Above {
			t.Error("the draft is not back")
		}
		if kept, err = d.EarlierDrafts(ctx, d.boss, d.id); err != nil || len(kept) != 1 || kept[0].Draft.Answers[first].Rating != store.Meets {
			t.Errorf("%+v, %v", kept, err)
		}
		if d.owedTo(store.KindPeopleTaken, d.boss) != 1 || d.owedTo(store.KindPeopleGiven, d.boss) != 1 || d.owedTo(store.KindPeopleGiven, next) != 1 {
			t.Error("not told once each")
		}
	})
}

func TestNobodyEvaluatesHimselfAndWhoIsBelowNeedsAReason(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		team, err := d.Team(ctx, d.boss)
		d.must("team", err)
		all := make([]int64, 0, len(team))
		for _, m := range team {
			all = append(all, m.EvaluationID)
		}
		try := func(by, from, to int64, reason string) error {
			_, err := d.Reassign(ctx, by, d.period.ID, all, from, to, reason)
			return err
		}
		d.expect("himself", try(d.cast.Admin.ID, d.boss, d.worker, "Ditunjuk"), store.ErrSelf)
		d.expect("below", try(d.cast.Admin.ID, d.boss, d.cast.Newcomer.ID, " "), store.ErrNeedsReason)
		d.expect("the administrator", try(d.cast.UnitAdmin.ID, d.boss, d.cast.UnitAdmin.ID, "Saya"), store.ErrOwn)
		d.expect("another branch", try(d.boss, d.boss, d.cast.Superior.ID, ""), store.ErrNotFound)
		d.expect("seen otherwise", try(d.cast.Admin.ID, d.cast.Leader.ID, d.cast.Superior.ID, ""), store.ErrMeanwhile)
		_, err = d.Leave(ctx, 0, d.cast.OtherEvaluator.ID)
		d.must("leave", err)
		d.expect("who has left", try(d.cast.Admin.ID, d.boss, d.cast.OtherEvaluator.ID, ""), store.ErrNotOnRoster)
		d.rateRest()
		result := d.finalise()
		n, err := d.Reassign(ctx, d.cast.Admin.ID, d.period.ID, all, d.boss, d.cast.Superior.ID, "")
		d.must("reassign", err)
		if now, err := d.CurrentResult(ctx, d.boss, d.id); err != nil || now.ID != result.ID || n != len(all)-1 {
			t.Errorf("%d of %d changed, the result is %+v, %v", n, len(all), now, err)
		}
	})
}

// days is a delegation of the evaluator to somebody, from a number of days after now to another.
func (d *desk) days(deputy int64, capacity store.Capacity, from, to int) store.DelegationForm {
	at := d.clock.Now()
	day := func(n int) store.Date { return store.Date(at.AddDate(0, 0, n).Format(time.DateOnly)) }
	return store.DelegationForm{EvaluatorID: d.boss, DeputyID: deputy, Capacity: capacity, FirstDay: day(from), LastDay: day(to),
		BeginsAt: at.AddDate(0, 0, from), EndsAt: at.AddDate(0, 0, to+1), Letter: "800/12/2026"}
}

func TestADeputyEvaluatesWithinHisDaysAndNobodyElseDoes(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, deputy, size := d.cast.Admin.ID, d.cast.OtherEvaluator.ID, d.team(d.boss)
		own := d.team(deputy)
		d.rate(0, store.Above)
		first := d.indicator(0)
		delegation, err := d.Delegate(ctx, admin, d.days(deputy, store.Plh, 1, 2))
		d.must("delegate", err)
		again, err := d.Delegate(ctx, admin, d.days(deputy, store.Plh, 1, 2))
		if d.must("delegate again", err); again.ID != delegation.ID {
			t.Error("two delegations")
		}
		_, err = d.Delegate(ctx, admin, d.days(d.cast.Leader.ID, store.Plt, 2, 3))
		d.expect("overlap", err, store.ErrOverlap)
		_, err = d.Delegate(ctx, d.cast.Admin.ID, d.days(d.cast.Superior.ID, store.Plt, 5, 6))
		d.expect("the superior", err, store.ErrIsSuperior)
		_, err = d.Delegate(ctx, d.boss, d.days(deputy, store.Plt, 5, 6))
		d.expect("no administrator", err, store.ErrNotFound)
		settle := func() {
			_, err := d.SettleDelegations(ctx)
			d.must("settle", err)
		}
		settle()
		if d.team(deputy) != own {
			t.Error("he evaluates before his days")
		}
		d.clock.Advance(24 * time.Hour)
		settle()
		if d.team(deputy) != own+size || d.team(d.boss) != 0 {
			t.Errorf("teams of %d and %d", d.team(deputy), d.team(d.boss))
		}
		d.expect("the absent one", d.Rate(ctx, d.boss, d.id, first, store.Below), store.ErrNotFound)
		_, _, err = d.RateRest(ctx, deputy, d.id)
		d.must("rate as deputy", err)
		result, err := d.Finalise(ctx, deputy, d.id, grace, judge)
		d.must("finalise as deputy", err)
		d.clock.Advance(grace)
		line, err := d.ResultFor(ctx, d.worker, result.ID)
		d.must("result", err)
		if line.Capacity != store.Plh || line.OnBehalf != d.cast.Evaluator.Name || line.Letter != "800/12/2026" || line.SetBy != deputy {
			t.Errorf("%+v", line.ResultLine)
		}
		team, err := d.Team(ctx, deputy)
		d.must("team", err)
		left := team[len(team)-1]
		d.clock.Advance(48 * time.Hour)
		d.expect("after his last day, before it has fallen back", d.Rate(ctx, deputy, left.EvaluationID, first, store.Meets), store.ErrNotFound)
		settle()
		settle()
		if d.team(deputy) != own || d.team(d.boss) != size || d.owedTo(store.KindDelegationOver, d.boss) != 1 {
			t.Errorf("teams of %d and %d", d.team(deputy), d.team(d.boss))
		}
		if now, err := d.CurrentResult(ctx, d.boss, d.id); err != nil || now.ID != result.ID || now.DelegationID != delegation.ID {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

func TestADelegationThatIsEndedEarlyFallsBackAtOnceWithBothDrafts(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		deputy, size := d.cast.OtherEvaluator.ID, d.team(d.boss)
		d.rate(0, store.Above)
		first := d.indicator(0)
		delegation, err := d.Delegate(ctx, d.cast.Admin.ID, d.days(deputy, store.Plt, 0, 5))
		d.must("delegate", err)
		d.must("rate as deputy", d.Rate(ctx, deputy, d.id, first, store.Meets))
		d.expect("another branch", d.EndDelegation(ctx, d.boss, delegation.ID), store.ErrNotFound)
		for range 2 {
			d.must("end", d.EndDelegation(ctx, d.cast.Admin.ID, delegation.ID))
		}
		kept, err := d.EarlierDrafts(ctx, d.boss, d.id)
		d.must("drafts", err)
		if d.team(d.boss) != size || d.sheet().Rating(first) != store.Above || len(kept) != 1 || kept[0].Capacity != store.Plt {
			t.Errorf("%d people, %+v", d.team(d.boss), kept)
		}
		if d.audits("delegation.end") != 1 || d.owedTo(store.KindDelegationOver, deputy) != 1 {
			t.Error("not told and audited once")
		}
	})
}

func TestAResultThatIsOpenedAgainStaysUntilTheNextVersionIsSeen(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin := d.cast.Admin.ID
		result := d.released()
		d.must("open", d.OpenResult(ctx, d.worker, result.ID))
		d.must("close", d.ClosePeriod(ctx, admin, d.period.ID))
		d.expect("the evaluator", d.Reopen(ctx, d.boss, d.id, result.ID, "x"), store.ErrNotFound)
		d.expect("seen otherwise", d.Reopen(ctx, admin, d.id, result.ID+9, "x"), store.ErrMeanwhile)
		for range 2 {
			d.must("reopen", d.Reopen(ctx, admin, d.id, result.ID, "Salah orang"))
		}
		if d.owedTo(store.KindReopened, d.worker) != 1 || d.owedTo(store.KindReopenedTeam, d.boss) != 1 || d.audits("result.reopen") != 1 {
			t.Error("not told and audited once")
		}
		sheet := d.sheet()
		if !sheet.Open() || sheet.Answered() != len(sheet.Indicators) || d.team(d.boss) != 1 {
			t.Error("his evaluator cannot go on with the answers of then")
		}
		if lines, err := d.ResultsOf(ctx, d.worker); err != nil || len(lines) != 1 || lines[0].ID != result.ID || lines[0].ReopenedAt == nil {
			t.Errorf("%+v, %v", lines, err)
		}
		d.rate(0, store.Above)
		d.must("reason", d.SetReason(ctx, d.boss, d.id, d.indicator(0), "Melampaui target"))
		second := d.finalise()
		if lines, err := d.ResultsOf(ctx, d.worker); err != nil || len(lines) != 1 || lines[0].ID != result.ID {
			t.Errorf("before the release of the next: %+v, %v", lines, err)
		}
		d.clock.Advance(grace)
		lines, err := d.ResultsOf(ctx, d.worker)
		d.must("results", err)
		if len(lines) != 1 || lines[0].ID != second.ID || second.Version != 2 || lines[0].OpenedAt != nil {
			t.Errorf("%+v", lines)
		}
		d.expect("closed again", d.Rate(ctx, d.boss, d.id, d.indicator(0), store.Below), store.ErrClosed)
		if n := d.CountRows(t, "SELECT COUNT(*) FROM result_answers WHERE result_id = ? AND rating = 'meets'", result.ID); n != len(sheet.Indicators) {
			t.Error("the first version has changed")
		}
	})
}

func TestNobodyOpensAResultAgainThatConcernsHim(t *testing.T) {
	eachDesk(t, store.ReleasePublished, func(d *desk) {
		d.rateRest()
		result := d.finalise()
		for _, person := range []int64{d.boss, d.worker} {
			d.must("grant", d.GrantRole(ctx, 0, person, store.Admin, 0))
			d.expect("who is concerned", d.Reopen(ctx, person, d.id, result.ID, "x"), store.ErrOwn)
		}
		d.must("reopen what nobody has seen", d.Reopen(ctx, d.cast.Admin.ID, d.id, result.ID, "Salah orang"))
		if d.owedTo(store.KindReopened, d.worker) != 0 || d.news(store.Owed) != 0 {
			t.Error("the employee is told of what he has not seen")
		}
	})
}

// decided takes one decision of each kind, and a draft is kept.
func (d *desk) decided(resultID int64) {
	d.t.Helper()
	admin := d.cast.Admin.ID
	d.must("reopen", d.Reopen(ctx, admin, d.id, resultID, "Salah orang"))
	team, err := d.Team(ctx, d.boss)
	d.must("team", err)
	var others []int64
	for _, m := range team {
		if m.EvaluationID != d.id {
			others = append(others, m.EvaluationID)
		}
	}
	d.must("exclude", d.Exclude(ctx, admin, others[0], store.IsRetired, ""))
	d.must("rate", d.Rate(ctx, d.boss, others[1], d.indicator(0), store.Meets))
	_, err = d.Reassign(ctx, admin, d.period.ID, others[1:2], d.boss, d.cast.Superior.ID, "")
	d.must("reassign", err)
	delegation, err := d.Delegate(ctx, admin, d.days(d.cast.OtherEvaluator.ID, store.Plh, 3, 4))
	d.must("delegate", err)
	d.must("end", d.EndDelegation(ctx, admin, delegation.ID))
}
