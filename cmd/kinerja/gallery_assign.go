package main

import (
	"context"
	"time"

	"kinerja/flows"
	"kinerja/store"
	"kinerja/store/sample"
)

// singlePeople are the pages about single people of a period that only a text leads to, after a deputy was named.
func (a *app) singlePeople(ctx context.Context, cast *sample.Cast, period, final, begun, result int64) ([]flows.Link, error) {
	const from, until = "2027-06-01", "2027-06-05"
	begins := time.Date(2027, time.June, 1, 0, 0, 0, 0, time.UTC)
	boss, deputy := cast.Evaluator.ID, cast.Leader.ID
	d, err := a.store.Delegate(ctx, cast.Admin.ID, store.DelegationForm{EvaluatorID: boss, DeputyID: deputy, Capacity: store.Plh, FirstDay: from, LastDay: until,
		BeginsAt: begins, EndsAt: begins.AddDate(0, 0, 5), Letter: "800/12/2027"})
	return []flows.Link{flows.To("assign.delegation", d.ID), flows.To("assign.absent", 1), flows.To("assign.team", period, boss, 1), flows.To("assign.late", period, 1), flows.To("assign.addask", period),
		flows.To("assign.show", begun), flows.To("assign.evaluator", begun, 0), flows.To("assign.exclude", begun), flows.To("assign.excludesure", begun, string(store.HasDied)),
		flows.To("assign.sure", begun, deputy, boss, 1),
		flows.To("assign.show", final), flows.To("assign.reopen", final, result), flows.To("assign.reopensure", final, result),
		flows.To("assign.capacity", boss, deputy), flows.To("assign.from", boss, deputy, "plh"), flows.To("assign.until", boss, deputy, "plh", from),
		flows.To("assign.letter", boss, deputy, "plh", from, until), flows.To("assign.name", boss, deputy, "plh", from, until)}, err
}
