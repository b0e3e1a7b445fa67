package main

import (
	"context"
	"maps"

	"kinerja/flows"
	"kinerja/store"
)

func init() { //nolint:gochecknoinits // beside the tables, so that they do not grow without end
	const (
		inPeriod = "FROM people AS w JOIN evaluations AS e"
		counted  = "SELECT count(*) FROM evaluations AS e WHERE e.period_id"
		missing  = "NOT EXISTS (SELECT 1 FROM evaluations AS own"
		byName   = "FROM people AS w"
		sorted   = "the people of a whole city's period are counted, and those whom a state or a text leaves are walked through by name; it is the administrator who waits"
		asked    = "who has no evaluation in a period is looked for among all people; it is the administrator who waits"
		named    = "an administrator looks for parts in the middle of names, which no index knows; it is he who waits"
	)
	for _, where := range []string{"page assign.people", "action assign.find", "action assign.everybody"} {
		readsAll = append(readsAll, scanned{where, inPeriod, sorted}, scanned{where, counted, sorted}, scanned{where, missing, asked})
	}
	for _, where := range []string{"action assign.add", "action assign.addall", "page assign.addask", "page assign.late", "action assign.findlate", "action assign.give"} {
		readsAll = append(readsAll, scanned{where, missing, asked})
	}
	for _, where := range []string{"action assign.finddeputy", "action assign.findevaluator", "page assign.deputy", "page assign.evaluator",
		"page assign.absent", "action assign.findabsent"} {
		readsAll = append(readsAll, scanned{where, byName, named})
	}
	last = append(last, "assign.leaveout", "assign.give", "assign.addall", "assign.reopennow", "assign.delegate", "assign.end")
	maps.Copy(takes, map[string]string{
		"assign.people": "assign.find", "assign.words": "assign.savewords", "assign.late": "assign.findlate", "assign.evaluator": "assign.findevaluator",
		"assign.sure": "assign.savewhy", "assign.reopen": "assign.savereason", "assign.deputy": "assign.finddeputy", "assign.absent": "assign.findabsent", "assign.from": "assign.savefrom",
		"assign.until": "assign.saveuntil", "assign.letter": "assign.saveletter",
	})
}

// assigning lets an administrator take every decision about single people of an evaluator, and undo what can be undone.
func (o *tour) assigning(administrator, evaluator, other *store.Person) {
	o.t.Helper()
	phone, ctx := demoPhone(administrator.ID), context.Background()
	team, err := o.w.app.store.Team(ctx, evaluator.ID)
	if err != nil || len(team) < 2 {
		o.t.Fatalf("a team of %d, %v", len(team), err)
	}
	period, first, second := team[0].PeriodID, team[0].EvaluationID, team[1].EvaluationID
	page := func(route string, args ...any) flows.Screen { return o.tap(phone, "page", flows.To(route, args...)) }
	do := func(route string, args ...any) { o.tap(phone, "action", flows.To(route, args...)) }
	typed := func(route, text string) {
		o.play(phone, "action "+takes[route], flows.Event{Kind: flows.Text, Text: text})
	}
	for _, list := range []string{"all", "excluded"} {
		page("assign.people", period, list, 1)
	}
	typed("assign.people", "siti")
	do("assign.everybody", period, "all")
	page("assign.people", period, "all", 1)
	page("assign.team", period, evaluator.ID, 1)
	page("assign.show", first)
	page("assign.exclude", first)
	page("assign.excludesure", first, string(store.UnpaidLeave))
	do("assign.leaveout", first, string(store.UnpaidLeave))
	page("assign.show", first)
	do("assign.include", first)
	page("assign.words", first)
	typed("assign.words", "Diperbantukan pada lembaga lain")
	do("assign.leaveout", first, string(store.OtherwiseExcluded))
	do("assign.include", first)

	o.raw("DELETE FROM evaluations WHERE id = ?", team[len(team)-1].EvaluationID)
	page("assign.late", period, 1)
	typed("assign.late", "tidak seorang pun")
	page("assign.addask", period)
	do("assign.add", period, team[len(team)-1].EmployeeID)
	do("assign.addall", period)

	page("assign.evaluator", second, 0)
	typed("assign.evaluator", other.NIP)
	page("assign.evaluator", second, 1)
	page("assign.sure", second, other.ID, evaluator.ID, 1)
	typed("assign.sure", "Ditunjuk dengan surat nomor 800")
	do("assign.choose", second, other.ID, evaluator.ID, 1, first)
	do("assign.every", second, other.ID, evaluator.ID, 1)
	do("assign.choose", second, other.ID, evaluator.ID, 1, first)
	o.give(phone, page("assign.sure", second, other.ID, evaluator.ID, 1))
	o.tap(demoPhone(other.ID), "page", flows.To("score.earlier", second, 1))
	page("assign.evaluator", second, 0) // giving led back to the list
	typed("assign.evaluator", evaluator.NIP)
	page("assign.sure", second, evaluator.ID, other.ID, 1)
	o.give(phone, page("assign.sure", second, evaluator.ID, other.ID, 1))

	o.deputy(phone, evaluator, other)
	o.again(phone, evaluator, first)
}

// give taps the button that changes the evaluator of those who are chosen.
func (o *tour) give(phone int64, screen flows.Screen) {
	o.t.Helper()
	for _, to := range links(screen) {
		if to.Route == "assign.give" {
			o.tap(phone, "action", to)
		}
	}
}

// deputy names a deputy for an evaluator, who evaluates for a moment, and ends it.
func (o *tour) deputy(phone int64, evaluator, other *store.Person) {
	o.t.Helper()
	day := storeDay(o)
	for _, step := range []struct {
		route string
		args  []any
		text  string
	}{
		{"assign.delegations", []any{1}, ""}, {"assign.absent", []any{1}, "kepala"}, {"assign.deputy", []any{evaluator.ID, 0}, other.NIP}, {"assign.capacity", []any{evaluator.ID, other.ID}, ""},
		{"assign.from", []any{evaluator.ID, other.ID, "plh"}, day}, {"assign.until", []any{evaluator.ID, other.ID, "plh", day}, day},
		{"assign.letter", []any{evaluator.ID, other.ID, "plh", day, day}, "800/12/2027"}, {"assign.name", []any{evaluator.ID, other.ID, "plh", day, day}, ""},
	} {
		o.tap(phone, "page", flows.To(step.route, step.args...))
		if step.text != "" {
			o.play(phone, "action "+takes[step.route], flows.Event{Kind: flows.Text, Text: step.text})
		}
	}
	o.tap(phone, "action", flows.To("assign.delegate", evaluator.ID, other.ID, "plh", day, day))
	o.as("job delegations", func(ctx context.Context) error {
		_, err := o.w.app.store.SettleDelegations(ctx)
		return err
	})
	o.tap(demoPhone(other.ID), "page", flows.To("score.team", 1))
	lines, _, err := o.w.app.store.DelegationsFor(context.Background(), o.w.cast.Admin.ID, 0, 1)
	if err != nil || len(lines) == 0 {
		o.t.Fatalf("%d delegations, %v", len(lines), err)
	}
	for _, route := range []string{"assign.delegation", "assign.endask"} {
		o.tap(phone, "page", flows.To(route, lines[0].ID))
	}
	o.tap(phone, "action", flows.To("assign.end", lines[0].ID))
}

// again sets a result and opens it again.
func (o *tour) again(phone int64, evaluator *store.Person, evaluation int64) {
	o.t.Helper()
	for _, route := range []string{"score.all", "score.suggested", "score.clearfollowup", "score.finalise"} {
		o.tap(demoPhone(evaluator.ID), "action", flows.To(route, evaluation))
	}
	e, err := o.w.app.store.EvaluationFor(context.Background(), o.w.cast.Admin.ID, evaluation)
	if err != nil {
		o.t.Fatal(err)
	}
	if e.ResultID == 0 {
		return
	}
	o.tap(phone, "page", flows.To("assign.reopen", evaluation, e.ResultID))
	o.play(phone, "action assign.savereason", flows.Event{Kind: flows.Text, Text: "Penilaian tertukar dengan pegawai lain"})
	o.tap(phone, "page", flows.To("assign.reopensure", evaluation, e.ResultID))
	o.tap(phone, "action", flows.To("assign.reopennow", evaluation, e.ResultID))
	o.tap(demoPhone(evaluator.ID), "page", flows.To("score.person", evaluation))
}

// storeDay is the day of the play.
func storeDay(o *tour) string { return o.w.clock.Now().Format("2006-01-02") }

// raw runs a statement past the store.
func (o *tour) raw(statement string, args ...any) {
	o.t.Helper()
	change(o.t, o.records, statement, args...)
}
