package unit

import (
	"context"
	"errors"
	"slices"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// askMove tells in numbers what moving would do, and asks.
func (c conversation) askMove(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.open(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	plan, err := c.store.PlanUnitMove(ctx, r.Actor.PersonID, view.ID, r.Args.ID(1))
	if err != nil {
		return flows.Screen{}, explain(r, err, flows.To("unit.pick", view.ID, toMove, 0, 1))
	}
	back := backTo(r, flows.To("unit.pick", view.ID, toMove, 0, 1))
	heading := []string{r.T.HTML("unit.title_move", locales.Args{"Unit": view.Name}),
		r.T.HTML("unit.way", locales.Args{"From": topOr(r, plan.From), "To": topOr(r, plan.To)}), "\n"}
	if plan.Done {
		return flows.Screen{Text: flows.Lines(append(heading, r.T.HTML("unit.there_already"))...), Rows: [][]flows.Button{back}}, nil
	}
	lines := slices.Concat(heading, []string{
		r.T.HTML("unit.move_goes", locales.Args{"People": r.T.Number(plan.People), "Units": r.T.Number(plan.Below)}), r.T.HTML("unit.move_keeps")})
	if plan.Indicators {
		lines = append(lines, r.T.HTML("unit.move_indicators", locales.Args{"Unit": cityOr(r, plan.Source)}))
	}
	lines = append(lines, r.T.HTML("unit.move_scope"), "\n", r.T.HTML("unit.move_sure"))
	return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{
		flows.Row(flows.Go(r.T.Plain("unit.move_yes"), "unit.move", view.ID, plan.To.ID, plan.Seen()).Styled(flows.Confirm)), back,
	}}, nil
}

// cityOr names a unit; "" is the city.
func cityOr(r *flows.Request, name string) string {
	if name == "" {
		return r.T.Plain("indicator.city")
	}
	return name
}

func (c conversation) move(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	id, parent := r.Args.ID(0), r.Args.ID(1)
	plan, err := c.store.MoveUnit(ctx, r.Actor.PersonID, id, parent, r.Args.Word(2))
	switch {
	case errors.Is(err, store.ErrUnitChanged):
		return flows.Outcome{}, explain(r, err, flows.To("unit.moving", id, parent))
	case err != nil:
		return flows.Outcome{}, explain(r, err, showLink(id))
	}
	return flows.Outcome{To: showLink(id), Toast: r.T.Plain("unit.moved", locales.Args{"Unit": topOr(r, plan.To)})}, nil
}

// mergeWord and mergeChoice write a choice as a word in links: roles end or go along, indicators are kept or taken over.
func mergeWord(choice store.MergeChoice) string {
	word := []byte("ek")
	if choice.RolesFollow {
		word[0] = 'g'
	}
	if choice.TakeTemplate {
		word[1] = 't'
	}
	return string(word)
}

func mergeChoice(word string) (store.MergeChoice, error) {
	for _, choice := range []store.MergeChoice{{}, {RolesFollow: true}, {TakeTemplate: true}, {RolesFollow: true, TakeTemplate: true}} {
		if mergeWord(choice) == word {
			return choice, nil
		}
	}
	return store.MergeChoice{}, flows.ErrBadLink
}

// askMerge tells in numbers what merging would do, lets the administrator decide on roles and indicators, and asks.
func (c conversation) askMerge(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	choice, err := mergeChoice(r.Args.Word(2))
	if err != nil {
		return flows.Screen{}, err
	}
	view, err := c.open(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	plan, err := c.store.PlanUnitMerge(ctx, r.Actor.PersonID, view.ID, r.Args.ID(1))
	if err != nil {
		return flows.Screen{}, explain(r, err, flows.To("unit.pick", view.ID, toMerge, 0, 1))
	}
	lines := []string{r.T.HTML("unit.title_merge", locales.Args{"Unit": view.Name}), r.T.HTML("unit.into", locales.Args{"Into": plan.Into.Name}), "\n"}
	lines = append(append(lines, consequences(r, plan, choice)...), "\n", r.T.HTML("unit.merge_sure", locales.Args{"Code": plan.Unit.Code, "IntoCode": plan.Into.Code}))
	yes := flows.Go(r.T.Plain("unit.merge_yes"), "unit.merge", view.ID, plan.Into.ID, mergeWord(choice), plan.Seen()).Styled(flows.Danger)
	rows := [][]flows.Button{flows.Row(yes)}
	rows = append(rows, optionRows(r, plan, choice)...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, flows.To("unit.pick", view.ID, toMerge, 0, 1)))}, nil
}

// consequences are what merging does, a line each; what concerns nobody is left out.
func consequences(r *flows.Request, plan store.UnitMerge, choice store.MergeChoice) []string {
	roles := plan.RoleCounts
	if choice.RolesFollow {
		roles = plan.Following()
	}
	args := locales.Args{"Into": plan.Into.Name, "From": cityOr(r, plan.IntoFrom), "People": r.T.Number(plan.People), "Units": r.T.Number(plan.Below),
		"Admins": r.T.Number(roles.Administrators), "Leaders": r.T.Number(roles.Leaders), "Others": r.T.Number(roles.OtherRoles),
		"Evaluations": r.T.Number(plan.OpenEvaluations), "Periods": r.T.Number(plan.OpenPeriods), "Indicators": r.T.Number(plan.Indicators)}
	var lines []string
	say := func(when bool, key string) {
		if when {
			lines = append(lines, r.T.HTML(key, args))
		}
	}
	say(true, "unit.goes_people")
	say(plan.Below > 0, "unit.goes_units")
	say(roles.All() > 0 && !choice.RolesFollow, "unit.roles_end")
	say(roles.All() > 0 && choice.RolesFollow, "unit.roles_follow")
	say(plan.Own.All() > 0, "unit.own_role_ends")
	say(plan.OpenEvaluations > 0, "unit.evaluations_stay")
	say(plan.OpenPeriods > 0, "unit.periods_stay")
	take := choice.TakeTemplate && plan.Indicators > 0
	say(take, "unit.indicators_taken")
	say(!take, "unit.indicators_kept")
	return lines
}

// optionRows turn what is decided round, where there is something to decide.
func optionRows(r *flows.Request, plan store.UnitMerge, choice store.MergeChoice) [][]flows.Button {
	var rows [][]flows.Button
	turn := func(key string, other store.MergeChoice) {
		label := r.T.Plain(key, locales.Args{"Into": plan.Into.Name})
		rows = append(rows, flows.Row(flows.Go(label, "unit.merging", plan.Unit.ID, plan.Into.ID, mergeWord(other))))
	}
	if plan.Following().All() > 0 {
		key, other := "unit.let_roles_follow", choice
		if other.RolesFollow = !choice.RolesFollow; choice.RolesFollow {
			key = "unit.let_roles_end"
		}
		turn(key, other)
	}
	if plan.Indicators > 0 {
		key, other := "unit.take_indicators", choice
		if other.TakeTemplate = !choice.TakeTemplate; choice.TakeTemplate {
			key = "unit.keep_indicators"
		}
		turn(key, other)
	}
	return rows
}

func (c conversation) merge(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	choice, err := mergeChoice(r.Args.Word(2))
	if err != nil {
		return flows.Outcome{}, err
	}
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	id, into := r.Args.ID(0), r.Args.ID(1)
	plan, err := c.store.MergeUnit(ctx, r.Actor.PersonID, id, into, choice, r.Args.Word(3))
	switch {
	case errors.Is(err, store.ErrUnitChanged):
		return flows.Outcome{}, explain(r, err, flows.To("unit.merging", id, into, mergeWord(choice)))
	case err != nil:
		return flows.Outcome{}, explain(r, err, showLink(id))
	}
	key := "unit.merge_done"
	if plan.Done {
		key = "unit.merged_already"
	}
	return flows.Outcome{To: showLink(into), Toast: r.T.Plain(key, locales.Args{"Unit": plan.Unit.Name, "Into": plan.Into.Name})}, nil
}

// tellMoved and tellMerged tell an administrator that a unit is his now, or his no more.
func (c conversation) tellMoved(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	return c.tell(ctx, r, "moved")
}

func (c conversation) tellMerged(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	return c.tell(ctx, r, "merged")
}

func (c conversation) tell(ctx context.Context, r *flows.Request, what string) (flows.Screen, bool, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, false, err
	}
	unit, err := c.store.UnitByID(ctx, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, false, err
	}
	title := r.T.HTML("unit.told_title")
	if scope.Covers(unit.ID) {
		view, err := c.store.UnitFor(ctx, r.Actor.PersonID, unit.ID)
		args := locales.Args{"Unit": unit.Name, "Into": view.Into.Name, "Parent": view.Parent}
		return flows.Screen{
			Text: flows.Lines(title, "\n", r.T.HTML("unit.told_"+what, args)),
			Rows: [][]flows.Button{flows.Row(flows.Button{Label: r.T.Plain("unit.look"), To: showLink(unit.ID)})},
		}, err == nil, err
	}
	home := flows.To("admin.home")
	if scope.None() {
		home = flows.To("menu")
	}
	return flows.Screen{
		Text: flows.Lines(title, "\n", r.T.HTML("unit.told_"+what+"_gone", locales.Args{"Unit": unit.Name})),
		Rows: [][]flows.Button{flows.Row(flows.Button{Label: r.T.Plain("unit.go_on"), To: home})},
	}, true, nil
}
