package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

const grace = 10 * time.Minute

// desk is the small city with an open period, and the evaluation of one person by his evaluator.
type desk struct {
	*store.Store
	t      *testing.T
	clock  *storetest.Clock
	cast   *sample.Cast
	period store.Period
	id     int64 // of the evaluation
	boss   int64 // his evaluator
	worker int64
}

var ctx = context.Background() //nolint:gochecknoglobals // tests end by themselves

func eachDesk(t *testing.T, release store.Release, test func(d *desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		cast, err := sample.City(ctx, s)
		if err != nil {
			t.Fatalf("sample city: %v", err)
		}
		d := &desk{Store: s, t: t, clock: clock, cast: cast, boss: cast.Evaluator.ID, worker: cast.Employee.ID}
		d.period = d.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", Release: release})
		d.id = d.evaluationIn(d.period.ID)
		test(d)
	})
}

func (d *desk) open(form store.PeriodForm) store.Period {
	d.t.Helper()
	form.SelfReportDue, form.ScoringDue, form.ObjectionDays = d.clock.Now().AddDate(0, 0, 1), d.clock.Now().AddDate(0, 0, 6), 14
	period, err := d.OpenPeriodNow(ctx, d.cast.Admin.ID, form)
	d.must("open period", err)
	return period
}

// evaluationIn is the worker's evaluation in a period.
func (d *desk) evaluationIn(periodID int64) int64 {
	d.t.Helper()
	team, err := d.Team(ctx, d.boss)
	d.must("read team", err)
	for _, m := range team {
		if m.PeriodID == periodID && m.EmployeeID == d.worker {
			return m.EvaluationID
		}
	}
	d.t.Fatal("the worker is not in the team")
	return 0
}

func (d *desk) must(what string, err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatalf("%s: %v", what, err)
	}
}

func (d *desk) expect(what string, got, want error) {
	d.t.Helper()
	if !errors.Is(got, want) {
		d.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (d *desk) sheet() store.Sheet {
	d.t.Helper()
	sheet, err := d.SheetOf(ctx, d.boss, d.id)
	d.must("read sheet", err)
	return sheet
}

func (d *desk) indicator(n int) int64 { return d.sheet().Indicators[n].ID }

func (d *desk) rate(n int, rating store.Rating) {
	d.t.Helper()
	d.must("rate", d.Rate(ctx, d.boss, d.id, d.indicator(n), rating))
}

// judge stands for what the conversation decides with: everything is rated, what needs a reason has one, and then it is good.
func judge(sheet store.Sheet) (store.Predicate, error) {
	for _, i := range sheet.Indicators {
		if a := sheet.Answers[i.ID]; a.Rating == "" || a.Rating != store.Meets && a.Reason == "" {
			return "", fmt.Errorf("indicator %d is not complete", i.Ordinal)
		}
	}
	return store.Good, nil
}

func (d *desk) finalise() store.Result {
	d.t.Helper()
	r, err := d.Finalise(ctx, d.boss, d.id, grace, judge)
	d.must("finalise", err)
	return r
}

func (d *desk) rateRest() {
	d.t.Helper()
	_, _, err := d.RateRest(ctx, d.boss, d.id)
	d.must("rate the rest", err)
}

// released sets a result and lets its grace pass.
func (d *desk) released() store.Result {
	d.t.Helper()
	d.rateRest()
	r := d.finalise()
	d.clock.Advance(grace)
	return r
}

// audits counts the audit rows of an action.
func (d *desk) audits(action string) int {
	d.t.Helper()
	return d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE action = ?", action)
}

// news counts the notifications of a kind in a state.
func (d *desk) news(state store.NotificationState) int {
	d.t.Helper()
	return d.CountRows(d.t, "SELECT COUNT(*) FROM notifications WHERE kind = ? AND state = ?", store.KindResultReady, state)
}
