package period

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/tree"
	"kinerja/locales"
	"kinerja/store"
)

const unitsPerPage = 6

// walk is the way through the tree of units to the next question of the form.
func walk(span rules.Span) tree.Walk {
	return tree.Walk{
		At:    func(unit int64, page int) flows.Link { return unitsLink(span, unit, page) },
		Leaf:  func(unit int64) flows.Link { return flows.To("period.due", kindLetters[span.Kind], span.First, unit) },
		Found: func(page int) flows.Link { return flows.To("period.found", kindLetters[span.Kind], span.First, page) },
		Query: "unit", None: "period.no_unit",
	}
}

// askUnits is the second question: whom it covers. It walks down the tree of units, an agency and then its parts; what is typed is a
// search. The third argument is the unit whose parts are shown, 0 at the top.
func (c conversation) askUnits(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, span, err := c.begun(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(scope, r.Args.ID(2))
	if err != nil {
		return flows.Screen{}, err
	}
	path := ""
	if at != 0 {
		path = r.T.HTML("period.parts_of", locales.Args{"Unit": scope.Name(at)})
	}
	parts := scope.Parts(at)
	page, pages, start, end := part(r.Args.Int(3), len(parts), unitsPerPage)
	screen := flows.Screen{Text: flows.Lines(heading(r, 2), spanLine(r.T, span), path, "\n", r.T.HTML("period.ask_units"))}
	if scope.Covers(at) {
		screen.Rows = append(screen.Rows, flows.Row(wholeUnit(r.T, scope, span, at)))
	}
	screen.Rows = append(screen.Rows, walk(span).Rows(tree.Of(scope, parts[start:end]))...)
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return unitsLink(span, at, n) })...)
	screen.Rows = append(screen.Rows, backButton(r.T, walk(span).Up(scope, at, flows.To("period.new"))))
	return screen, nil
}

// begun reads what the person administers, and the answer to the first question.
func (c conversation) begun(ctx context.Context, r *flows.Request) (store.Scope, rules.Span, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return store.Scope{}, rules.Span{}, err
	}
	span, err := spanOf(r)
	return scope, span, err
}

func unitsLink(span rules.Span, unit int64, page int) flows.Link {
	return flows.To("period.units", kindLetters[span.Kind], span.First, unit, page)
}

// wholeUnit chooses a unit with everything below it.
func wholeUnit(t *locales.Translator, scope store.Scope, span rules.Span, unit int64) flows.Button {
	label := t.Plain("period.whole_city")
	if unit != 0 {
		label = t.Plain("period.whole_unit", locales.Args{"Unit": scope.Name(unit)})
	}
	return flows.Go(label, "period.due", kindLetters[span.Kind], span.First, unit).Styled(flows.Confirm)
}

// findUnits takes the text of a search. One unit is chosen at once, several are listed.
func (c conversation) findUnits(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	scope, span, err := c.begun(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return walk(span).Take(r, tree.Of(scope, scope.Matching(r.Text)))
}

// found lists what a search has found.
func (c conversation) found(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, span, err := c.begun(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	units := tree.Of(scope, scope.Matching(r.Draft[walk(span).Query]))
	page, pages, start, end := part(r.Args.Int(2), len(units), unitsPerPage)
	title := walk(span).Title(r, units, "period.ask_units")
	screen := flows.Screen{Text: flows.Lines(heading(r, 2), spanLine(r.T, span), "\n", title), Rows: walk(span).Rows(units[start:end])}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, walk(span).Found)...)
	screen.Rows = append(screen.Rows, backButton(r.T, unitsLink(span, 0, 1)))
	return screen, nil
}
