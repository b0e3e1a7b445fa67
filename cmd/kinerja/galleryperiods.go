package main

import (
	"context"

	"kinerja/flows"
	"kinerja/store"
	"kinerja/store/sample"
)

// wholePeriods writes a draft down and enters the organisation performance of one unit, and returns the pages that only a text or an action leads to.
func (a *app) wholePeriods(ctx context.Context, cast *sample.Cast, period int64) ([]flows.Link, error) {
	calendar, err := a.calendar()
	if err != nil {
		return nil, err
	}
	span, err := calendar.SpanAt(store.Quarterly, a.store.Now())
	if err != nil {
		return nil, err
	}
	if span, err = span.Next(); err != nil {
		return nil, err
	}
	selfReport, scoring, err := calendar.Deadlines(span.Last)
	if err != nil {
		return nil, err
	}
	draft, err := a.store.SaveDraft(ctx, cast.Admin.ID, 0, store.PeriodForm{Kind: span.Kind, FirstDay: span.First, LastDay: span.Last, SelfReportDue: selfReport,
		ScoringDue: scoring, ObjectionDays: 14, Release: store.ReleasePublished})
	if err != nil {
		return nil, err
	}
	unit := cast.Evaluator.UnitID
	if _, err := a.store.SetPerformances(ctx, cast.Admin.ID, period, []store.GradeEntry{{UnitID: unit, Grade: store.OrgGood}}); err != nil {
		return nil, err
	}
	p, err := a.store.PeriodFor(ctx, cast.Admin.ID, period)
	if err != nil {
		return nil, err
	}
	due := calendar.Date(p.ScoringDue)
	return []flows.Link{flows.To("period.drafts", 1), flows.To("period.draft", draft.ID), flows.To("period.archives", 1), flows.To("period.extendwhy", period, due, calendar.AddWorkdays(due, 3)),
		flows.To("performance.list", period, 1), flows.To("performance.unit", period, unit), flows.To("performance.leaders", period, 0, 1),
		flows.To("performance.lead", period, cast.Evaluator.ID, 0, 1), flows.To("performance.found", period, cast.Evaluator.ID, 1)}, nil
}
