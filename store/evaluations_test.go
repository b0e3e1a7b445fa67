package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/store"
)

func TestARatingIsStoredOnceWithWhatWasThereBefore(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.rate(0, store.Above)
		d.must("reason", d.SetReason(ctx, d.boss, d.id, d.indicator(0), "Melampaui target dua bulan"))
		d.rate(0, store.Above) // tapped twice
		if a := d.sheet().Answers[d.indicator(0)]; a.Rating != store.Above || a.Reason == "" {
			d.t.Errorf("the same rating again left %+v", a)
		}
		d.rate(0, store.Below)
		if a := d.sheet().Answers[d.indicator(0)]; a.Rating != store.Below || a.Reason != "" {
			d.t.Errorf("another rating left %+v, want it without the old reason", a)
		}
		if d.sheet().Answered() != 1 || d.audits("rated") != 2 {
			d.t.Errorf("%d answered, %d audited; want 1 and 2", d.sheet().Answered(), d.audits("rated"))
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE action = 'rated' AND `before` = 'above' AND `after` LIKE '% below'"); n != 1 {
			d.t.Errorf("%d audit rows say from above to below", n)
		}
	})
}

func TestNobodyElseCanChangeAnEvaluation(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		i := d.indicator(0)
		stranger := d.cast.OtherEvaluator.ID
		for what, err := range map[string]error{
			"rate":      d.Rate(ctx, stranger, d.id, i, store.Above),
			"himself":   d.Rate(ctx, d.worker, d.id, i, store.Above),
			"superior":  d.Rate(ctx, d.cast.Superior.ID, d.id, i, store.Above),
			"missing":   d.Rate(ctx, d.boss, 999999, i, store.Above),
			"foreign":   d.Rate(ctx, d.boss, d.id, d.indicatorOf(stranger), store.Above),
			"note":      d.SetNote(ctx, stranger, d.id, i, "x"),
			"foreign n": d.SetNote(ctx, d.boss, d.id, d.indicatorOf(stranger), "x"),
			"reason":    d.SetReason(ctx, stranger, d.id, i, "x"),
			"overall":   d.ChooseOverall(ctx, stranger, d.id, map[store.Side]store.Rating{store.Work: store.Above}),
			"remark":    d.SetEvaluationNote(ctx, stranger, d.id, "x"),
			"follow-up": d.SetFollowUp(ctx, stranger, d.id, store.Coaching, "2027-03-01"),
			"take back": d.TakeBack(ctx, stranger, d.id),
			"finalise":  second(d.Finalise(ctx, stranger, d.id, grace, judge)),
			"read":      second(d.SheetOf(ctx, stranger, d.id)),
			"result":    second(d.CurrentResult(ctx, stranger, d.id)),
		} {
			d.expect(what, err, store.ErrNotFound)
		}
		if err := d.Rate(ctx, d.boss, d.id, i, "good"); err == nil {
			d.t.Error("a rating that does not exist was stored")
		}
		if d.sheet().Answered() != 0 || d.audits("rated") != 0 {
			d.t.Error("something was stored")
		}
	})
}

func second[T any](_ T, err error) error { return err }

// indicatorOf is an indicator in the template of another evaluator's team.
func (d *desk) indicatorOf(evaluator int64) int64 {
	d.t.Helper()
	team, err := d.Team(ctx, evaluator)
	d.must("read other team", err)
	list, err := d.Indicators(ctx, team[0].TemplateVersionID)
	d.must("read indicators", err)
	return list[0].ID
}

func TestAllMeetsFillsOnlyWhatIsNotRated(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.rate(0, store.Below)
		d.must("note", d.SetNote(ctx, d.boss, d.id, d.indicator(1), "Mohon dipertahankan"))
		all := len(d.sheet().Indicators)
		rated, kept, err := d.RateRest(ctx, d.boss, d.id)
		d.must("rate the rest", err)
		if rated != all-1 || kept != 1 {
			d.t.Errorf("rated %d, kept %d of %d", rated, kept, all)
		}
		s := d.sheet()
		if s.Rating(d.indicator(0)) != store.Below || s.Answers[d.indicator(1)].Note == "" || s.Answered() != all {
			d.t.Errorf("left %+v", s.Answers)
		}
		if s.WorkRating != "" || s.BehaviourRating != "" {
			d.t.Error("an overall rating was chosen though not all meet the expectation")
		}
		rated, kept, err = d.RateRest(ctx, d.boss, d.id)
		if err != nil || rated != 0 || kept != all || d.audits("rated_rest") != 1 {
			d.t.Errorf("the second time: rated %d, kept %d, %v, %d audited", rated, kept, err, d.audits("rated_rest"))
		}
	})
}

func TestAllMeetsChoosesBothOverallRatingsAndKeepsOneThatIsChosen(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.must("choose", d.ChooseOverall(ctx, d.boss, d.id, map[store.Side]store.Rating{store.Work: store.Above}))
		d.rateRest()
		if s := d.sheet(); s.WorkRating != store.Above || s.BehaviourRating != store.Meets {
			d.t.Errorf("chosen: %s and %s", s.WorkRating, s.BehaviourRating)
		}
	})
}

func TestANoteMayComeBeforeTheRatingAndIsNoRating(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		i := d.indicator(0)
		d.must("note", d.SetNote(ctx, d.boss, d.id, i, "Sangat membantu"))
		if s := d.sheet(); s.Answered() != 0 || s.Rating(i) != "" {
			d.t.Errorf("a note counts as a rating: %d answered", s.Answered())
		}
		d.expect("a reason for no rating", d.SetReason(ctx, d.boss, d.id, i, "Melampaui target"), store.ErrConflict)
		d.rate(0, store.Meets)
		d.expect("a reason for meets", d.SetReason(ctx, d.boss, d.id, i, "Melampaui target"), store.ErrConflict)
		if a := d.sheet().Answers[i]; a.Note != "Sangat membantu" || a.Rating != store.Meets {
			d.t.Errorf("left %+v", a)
		}
		d.must("clear", d.SetNote(ctx, d.boss, d.id, i, ""))
		if a := d.sheet().Answers[i]; a.Note != "" || a.Rating != store.Meets {
			d.t.Errorf("left %+v", a)
		}
	})
}

func TestAnotherOverallRatingTakesItsReasonAway(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		choose := func(r store.Rating) {
			d.must("choose", d.ChooseOverall(ctx, d.boss, d.id, map[store.Side]store.Rating{store.Behaviour: r}))
		}
		d.expect("a reason for nothing", d.SetOverallReason(ctx, d.boss, d.id, store.Behaviour, "", "Menjadi teladan"), store.ErrConflict)
		choose(store.Above)
		d.must("reason", d.SetOverallReason(ctx, d.boss, d.id, store.Behaviour, store.Above, "Menjadi teladan"))
		d.expect("a reason for another rating", d.SetOverallReason(ctx, d.boss, d.id, store.Behaviour, store.Below, "Sering terlambat"), store.ErrConflict)
		choose(store.Above)
		if _, reason := d.sheet().Overall(store.Behaviour); reason != "Menjadi teladan" {
			d.t.Errorf("the same rating again left the reason %q", reason)
		}
		choose(store.Below)
		if rating, reason := d.sheet().Overall(store.Behaviour); rating != store.Below || reason != "" {
			d.t.Errorf("left %s with reason %q", rating, reason)
		}
		if n := d.audits("chose_behaviour"); n != 2 {
			d.t.Errorf("%d choices audited, want 2", n)
		}
	})
}

func TestAClosedPeriodAndAFinalEvaluationChangeNoMore(t *testing.T) {
	changes := func(d *desk) map[string]error {
		i := d.indicator(0)
		return map[string]error{
			"rate":      d.Rate(ctx, d.boss, d.id, i, store.Above),
			"rest":      second2(d.RateRest(ctx, d.boss, d.id)),
			"note":      d.SetNote(ctx, d.boss, d.id, i, "x"),
			"reason":    d.SetReason(ctx, d.boss, d.id, i, "x"),
			"overall":   d.ChooseOverall(ctx, d.boss, d.id, map[store.Side]store.Rating{store.Work: store.Above}),
			"side":      d.SetOverallReason(ctx, d.boss, d.id, store.Work, store.Meets, "x"),
			"remark":    d.SetEvaluationNote(ctx, d.boss, d.id, "x"),
			"follow-up": d.SetFollowUp(ctx, d.boss, d.id, store.Coaching, "2027-03-01"),
		}
	}
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		closed := &desk{Store: d.Store, t: d.t, boss: d.boss, id: d.neighbour()}
		d.rateRest()
		d.finalise()
		before := d.sheet()
		for what, err := range changes(d) {
			d.expect(what+" when final", err, store.ErrFinal)
		}
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		for what, err := range changes(d) {
			d.expect(what+" when final and closed", err, store.ErrClosed)
		}
		for what, err := range changes(closed) {
			d.expect(what+" when closed", err, store.ErrClosed)
		}
		d.expect("finalise when closed", second(d.Finalise(ctx, closed.boss, closed.id, grace, judge)), store.ErrClosed)
		if closed.sheet().Answered() != 0 {
			d.t.Error("something was rated after the closing")
		}
		d.expect("take back when closed", d.TakeBack(ctx, d.boss, d.id), store.ErrClosed)
		after := d.sheet()
		after.Period = before.Period
		if diff := cmp.Diff(before, after); diff != "" {
			d.t.Errorf("something changed:\n%s", diff)
		}
	})
}

// neighbour is the evaluation of somebody else in the team.
func (d *desk) neighbour() int64 {
	d.t.Helper()
	team, err := d.Team(ctx, d.boss)
	d.must("read team", err)
	if team[0].EvaluationID != d.id {
		return team[0].EvaluationID
	}
	return team[1].EvaluationID
}

func second2[T, U any](_ T, _ U, err error) error { return err }

func TestTheTeamListKnowsHowFarEachOneIs(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		team, err := d.Team(ctx, d.boss)
		d.must("read team", err)
		if len(team) != 8 {
			d.t.Fatalf("%d in the team, want 8", len(team))
		}
		d.rate(0, store.Above)
		d.must("note", d.SetNote(ctx, d.boss, d.id, d.indicator(1), "catatan"))
		other := team[len(team)-1].EvaluationID
		d.must("rest", second2(d.RateRest(ctx, d.boss, other)))
		d.must("finalise", second(d.Finalise(ctx, d.boss, other, grace, judge)))
		team, err = d.Team(ctx, d.boss)
		d.must("read team", err)
		for _, m := range team {
			switch m.EvaluationID {
			case d.id:
				if m.Answered != 1 || m.State != store.EvaluationOpen || m.Predicate != "" {
					d.t.Errorf("begun: %+v", m)
				}
			case other:
				if m.State != store.EvaluationFinal || m.Predicate != store.Good || m.ReleaseAt == nil {
					d.t.Errorf("finished: %+v", m)
				}
			default:
				if m.Answered != 0 || m.State != store.EvaluationOpen {
					d.t.Errorf("untouched: %+v", m)
				}
			}
		}
		if open, all, err := d.ToScore(ctx, d.boss); err != nil || open != 7 || all != 8 {
			d.t.Errorf("to score: %d of %d, %v", open, all, err)
		}
	})
}

func TestReasonsOfTheSameIndicatorComeInTheOrderInWhichTheyWereGiven(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		const before, after = "Melampaui target setiap bulan", "Menangani dua wilayah sekaligus"
		first, second := d.sheet().Indicators[0], d.sheet().Indicators[1]
		give := func(evaluation int64, i store.Indicator, reason string) {
			d.must("rate", d.Rate(ctx, d.boss, evaluation, i.ID, store.Above))
			d.must("reason", d.SetReason(ctx, d.boss, evaluation, i.ID, reason))
		}
		team, err := d.Team(ctx, d.boss)
		d.must("read team", err)
		for n, reason := range []string{before, after, after} {
			give(team[n].EvaluationID, first, reason)
		}
		give(d.id, second, "Menjawab pengaduan pada hari yang sama")
		got, err := d.ReasonsUsed(ctx, d.boss, first, store.Above, 5)
		d.must("reasons", err)
		if diff := cmp.Diff([]string{before, after}, got); diff != "" {
			d.t.Error(diff)
		}
		for what, args := range map[string]struct {
			who       int64
			indicator store.Indicator
			rating    store.Rating
		}{
			"another person": {d.cast.OtherEvaluator.ID, first, store.Above},
			"another aspect": {d.boss, store.Indicator{Aspect: store.Sikap, Name: first.Name}, store.Above},
			"another rating": {d.boss, first, store.Below}, "another indicator": {d.boss, d.sheet().Indicators[2], store.Above},
		} {
			if got, err := d.ReasonsUsed(ctx, args.who, args.indicator, args.rating, 5); err != nil || len(got) != 0 {
				d.t.Errorf("%s is offered %v, %v", what, got, err)
			}
		}
		given, err := d.ReasonsGiven(ctx, d.boss, d.period.ID)
		if err != nil || len(given) != 4 {
			d.t.Errorf("given: %v, %v", given, err)
		}
	})
}

// Nobody remembers the words of years ago, and reading them all takes longer each year.
func TestOnlyReasonsOfTheLastPeriodsAreOffered(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		const reason = "Melampaui target setiap bulan"
		d.rate(0, store.Above)
		d.must("reason", d.SetReason(ctx, d.boss, d.id, d.indicator(0), reason))
		for n, want := range []int{1, 1, 1, 1, 0} {
			year := fmt.Sprint(2027 + n)
			d.open(store.PeriodForm{Kind: store.Annual, FirstDay: store.Date(year + "-01-01"), LastDay: store.Date(year + "-12-31"), Release: store.ReleaseAtOnce})
			got, err := d.ReasonsUsed(ctx, d.boss, d.sheet().Indicators[0], store.Above, 5)
			if err != nil || len(got) != want {
				d.t.Errorf("after %d periods more: %v, %v", n+1, got, err)
			}
		}
	})
}

func TestWhatWasAgreedBeforeComesBack(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.must("follow-up", d.SetFollowUp(ctx, d.boss, d.id, store.Mentoring, "2027-03-01"))
		d.rateRest()
		d.finalise()
		d.clock.Advance(90 * 24 * time.Hour)
		next := d.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2027-01-01", LastDay: "2027-03-31", Release: store.ReleaseAtOnce})
		sheet, err := d.SheetOf(ctx, d.boss, d.evaluationIn(next.ID))
		d.must("read next sheet", err)
		earlier, err := d.EarlierOf(ctx, d.boss, sheet)
		d.must("earlier", err)
		agreed := store.FollowUp{ResultID: earlier.ResultID, Kind: store.Mentoring, Due: "2027-03-01", MayTell: true}
		want := store.Earlier{ResultID: earlier.ResultID, Predicate: store.Good, Kind: store.Quarterly, FirstDay: "2026-10-01",
			Agreed: agreed, FollowUps: []store.FollowUp{agreed}}
		if diff := cmp.Diff(want, earlier); diff != "" || earlier.ResultID == 0 {
			d.t.Error(diff)
		}
		if earlier, err := d.EarlierOf(ctx, d.boss, d.sheet()); err != nil || earlier.ResultID != 0 {
			d.t.Errorf("before the first: %+v, %v", earlier, err)
		}
		d.Change(d.t, "UPDATE results SET release_at = NULL")
		if earlier, err := d.EarlierOf(ctx, d.boss, sheet); err != nil || earlier.ResultID == 0 {
			d.t.Errorf("his own, not released: %+v, %v", earlier, err)
		}
		d.Change(d.t, "UPDATE results SET set_by = ?", d.cast.OtherEvaluator.ID)
		if earlier, err := d.EarlierOf(ctx, d.boss, sheet); err != nil || earlier.ResultID != 0 {
			d.t.Errorf("another evaluator's, not released: %+v, %v", earlier, err)
		}
	})
}

func TestAYearFollowsItsQuartersAndItsLastQuarterDoesNotFollowTheYear(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		year := d.open(store.PeriodForm{Kind: store.Annual, FirstDay: "2026-01-01", LastDay: "2026-12-31", Release: store.ReleaseAtOnce})
		month := d.open(store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-12-01", LastDay: "2026-12-31", Release: store.ReleaseAtOnce})
		sheets := map[store.PeriodKind]store.Sheet{}
		for kind, period := range map[store.PeriodKind]int64{store.Annual: year.ID, store.Quarterly: d.period.ID, store.Monthly: month.ID} {
			sheet, err := d.SheetOf(ctx, d.boss, d.evaluationIn(period))
			d.must("read sheet", err)
			_, _, err = d.RateRest(ctx, d.boss, sheet.ID)
			d.must("rate", err)
			_, err = d.Finalise(ctx, d.boss, sheet.ID, grace, judge)
			d.must("finalise", err)
			sheets[kind] = sheet
		}
		for kind, want := range map[store.PeriodKind]store.PeriodKind{store.Annual: store.Quarterly, store.Quarterly: store.Monthly, store.Monthly: ""} {
			earlier, err := d.EarlierOf(ctx, d.boss, sheets[kind])
			if err != nil || earlier.Kind != want {
				d.t.Errorf("before the %s one stands the %q one, %v; want %q", kind, earlier.Kind, err, want)
			}
		}
	})
}

func TestTheTeamOfAClosedPeriodStaysToBeReadByItsEvaluator(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.released()
		period := d.sheet().Period
		if past, err := d.PastPeriodsOf(ctx, d.boss); err != nil || len(past) != 0 {
			d.t.Errorf("while it is open: %v, %v", past, err)
		}
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, period.ID))
		past, err := d.PastPeriodsOf(ctx, d.boss)
		if err != nil || len(past) != 1 || past[0].PeriodID != period.ID || past[0].Final != 1 || past[0].All != 8 || past[0].FirstDay != period.FirstDay {
			d.t.Fatalf("past periods %+v, %v", past, err)
		}
		then, err := d.TeamThen(ctx, d.boss, period.ID)
		if err != nil || len(then) != 8 {
			d.t.Errorf("%d people, %v", len(then), err)
		}
		for _, m := range then {
			if (m.EmployeeID == d.worker) != (m.Predicate == store.Good) {
				d.t.Errorf("%+v", m)
			}
		}
		if other, err := d.TeamThen(ctx, d.worker, period.ID); err != nil || len(other) != 0 {
			d.t.Errorf("the employee finds %v, %v", other, err)
		}
	})
}
