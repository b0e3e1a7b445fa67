package main

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/store"
)

// wholePeriods lets an administrator write a draft down, change and discard it, extend a deadline, and enter organisation performance.
func (o *tour) wholePeriods(administrator, evaluator *store.Person) {
	o.t.Helper()
	ctx, phone, s := context.Background(), demoPhone(administrator.ID), o.w.app.store
	form := []any{"m", "2027-02-01", 0, "2027-03-10", "p"}
	o.tap(phone, "action", flows.To("period.keep", form...))
	drafts, _, err := s.Drafts(ctx, administrator.ID, 0, 1)
	if err != nil || len(drafts) == 0 {
		o.t.Fatalf("%d drafts, %v", len(drafts), err)
	}
	draft := drafts[0].ID
	for _, to := range []flows.Link{flows.To("period.drafts", 1), flows.To("period.draft", draft), flows.To("period.sure", draft), flows.To("period.drop", draft), flows.To("period.archives", 1)} {
		o.tap(phone, "page", to)
	}
	o.tap(phone, "action", flows.To("period.rewrite", draft))
	o.tap(phone, "action", flows.To("period.keepas", append(form, draft)...))
	o.tap(phone, "action", flows.To("period.dropnow", draft))
	lines, _, err := s.Periods(ctx, administrator.ID, 0, 1)
	if err != nil || len(lines) == 0 {
		o.t.Fatalf("%d periods, %v", len(lines), err)
	}
	id, calendar := lines[0].ID, o.calendar()
	due := calendar.Date(lines[0].ScoringDue)
	later := calendar.AddWorkdays(due, 3)
	o.tap(phone, "page", flows.To("period.extendsure", id, due, later, "network"))
	o.tap(phone, "action", flows.To("period.extendnow", id, due, later, "network"))
	o.jobs("job deadline_news")
	o.tap(phone, "page", flows.To("performance.lead", id, evaluator.ID, 0, 1))
	o.tap(phone, "page", flows.To("performance.found", id, evaluator.ID, 1))
	o.tap(phone, "action", flows.To("performance.setlead", id, evaluator.ID, evaluator.UnitID))
	o.tap(phone, "action", flows.To("performance.setlead", id, evaluator.ID, 0))
	o.tap(phone, "action", flows.To("performance.leadnone", id, evaluator.ID))
	o.tap(phone, "action", flows.To("performance.setlead", id, evaluator.ID, 0))
	o.tap(phone, "action", flows.To("performance.set", id, evaluator.UnitID, "g", "x"))
	o.tap(phone, "action", flows.To("performance.lastyear", id, 0))
	o.tap(phone, "page", flows.To("performance.unit", id, evaluator.UnitID))
	o.as("command performance", func(ctx context.Context) error {
		p, err := s.PerformancesIn(ctx, lines[0].Kind, lines[0].FirstDay, 0)
		if err != nil {
			return err
		}
		_, err = s.EnterPerformances(ctx, p.ID, []store.GradeEntry{{UnitID: evaluator.UnitID, Grade: store.OrgOutstanding}})
		return err
	})
}

// calendar is the working days of the program.
func (o *tour) calendar() rules.Calendar {
	o.t.Helper()
	calendar, err := o.w.app.calendar()
	if err != nil {
		o.t.Fatal(err)
	}
	return calendar
}
