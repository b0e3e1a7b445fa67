package period

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	listOfLeft = 4 // two lines each
	goneShown  = 3 // evaluators who have left, on one page
)

// left lists the evaluations that are not finished because somebody has left the roster.
func (c conversation) left(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	lines, total, page, pages, err := turn(r.Args.Int(0), listOfLeft, func(offset, limit int) ([]store.LeftBehind, int, error) {
		return c.store.LeftBehind(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	gone, err := c.store.GoneEvaluators(ctx, r.Actor.PersonID, goneShown)
	if err != nil {
		return flows.Screen{}, err
	}
	text := []string{r.T.HTML("admin.left_title", locales.Args{"Number": r.T.Number(total)}), "\n"}
	rows := goneRows(r.T, gone)
	var people []store.FigureLine
	for _, l := range lines {
		text = append(text, leftLine(r.T, l))
		people = append(people, store.FigureLine{PersonLine: store.PersonLine{Name: l.Employee}, Evaluation: l.EvaluationID})
	}
	rows = append(rows, personRows(people)...)
	if total == 0 {
		text = append(text, r.T.HTML("admin.left_none"))
	} else {
		text = append(text, "\n", r.T.HTML("admin.left_hint"))
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("admin.left", n) })...)
	return flows.Screen{Text: flows.Lines(text...), Rows: append(rows, back(r.T, "admin.home"))}, nil
}

// goneRows lead from an evaluator who has left to the choice of another one, for all whom he has at once.
func goneRows(t *locales.Translator, gone []store.GoneEvaluator) [][]flows.Button {
	var rows [][]flows.Button
	for _, g := range gone {
		label := t.Plain("admin.left_replace", locales.Args{"Name": untitled(g.Evaluator), "Number": t.Number(g.Number)})
		if len(gone) > 1 { // he may have people in several periods
			label += " · " + words.PeriodName(t, g.Kind, g.FirstDay)
		}
		rows = append(rows, flows.Row(flows.Go(label, "assign.evaluator", g.EvaluationID, 0)))
	}
	return rows
}

// leftLine says who of an evaluation has left.
func leftLine(t *locales.Translator, l store.LeftBehind) string {
	key := "admin.left_employee"
	switch {
	case l.EmployeeLeft && l.EvaluatorLeft:
		key = "admin.left_both"
	case l.EvaluatorLeft:
		key = "admin.left_evaluator"
	case l.Evaluator == "":
		key = "admin.left_alone"
	}
	return t.HTML(key, locales.Args{"Employee": l.Employee, "Evaluator": l.Evaluator, "Unit": l.Unit, "Period": words.PeriodName(t, l.Kind, l.FirstDay)})
}

// tellLeft tells an administrator that there are such evaluations, as long as there are. It names nobody.
func (c conversation) tellLeft(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err != nil || scope.None() {
		return flows.Screen{}, false, err
	}
	_, total, err := c.store.LeftBehind(ctx, r.Actor.PersonID, 0, 1)
	if err != nil || total == 0 {
		return flows.Screen{}, false, err
	}
	return flows.Screen{
		Text: r.T.HTML("admin.left_told", locales.Args{"Number": r.T.Number(total)}),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("admin.left_open"), "admin.left", 1).Styled(flows.Confirm))},
	}, true, nil
}
