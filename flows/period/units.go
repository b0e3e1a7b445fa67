package period

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const unitsPerPage = 6

// unitQuery is where the form keeps the text by which units are searched. Should it vanish, the tree is shown instead.
const unitQuery = "unit"

// askUnits is the second question: whom it covers. It walks down the tree of units, an agency and then its parts; what is typed is a
// search. The third argument is the unit whose parts are shown, 0 at the top.
func (c conversation) askUnits(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, span, err := c.begun(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := placeIn(scope, r.Args.ID(2))
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
	screen.Rows = append(screen.Rows, unitRows(scope, span, parts[start:end])...)
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return unitsLink(span, at, n) })...)
	if at == scope.Start() {
		screen.Rows = append(screen.Rows, back(r.T, "period.new"))
		return screen, nil
	}
	screen.Rows = append(screen.Rows, backButton(r.T, unitsLink(span, scope.Above(at), 1)))
	return screen, nil
}

// placeIn is the unit at which a walk down the tree stands; 0 is where the scope begins.
func placeIn(scope store.Scope, unitID int64) (int64, error) {
	if unitID == 0 {
		unitID = scope.Start()
	}
	if unitID != 0 && !scope.Covers(unitID) {
		return 0, store.ErrNotFound
	}
	return unitID, nil
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

// unitRows is a button for each unit: to its parts, or to the next question where it has none.
func unitRows(scope store.Scope, span rules.Span, units []store.Unit) [][]flows.Button {
	var rows [][]flows.Button
	for _, u := range units {
		if len(scope.Parts(u.ID)) > 0 {
			rows = append(rows, flows.Row(flows.Button{Label: u.Name + " ›", To: unitsLink(span, u.ID, 1)}))
			continue
		}
		rows = append(rows, flows.Row(flows.Go(u.Name, "period.due", kindLetters[span.Kind], span.First, u.ID)))
	}
	return rows
}

// findUnits takes the text of a search. One unit is chosen at once, several are listed.
func (c conversation) findUnits(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	scope, span, err := c.begun(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	found := scope.Matching(r.Text)
	switch {
	case len(found) == 0:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("period.no_unit", locales.Args{"Text": words.ShortQuery(r.Text)}), flows.Link{})
	case len(found) == 1 && len(scope.Parts(found[0].ID)) == 0:
		return flows.Outcome{To: flows.To("period.due", kindLetters[span.Kind], span.First, found[0].ID)}, nil
	case len(found) == 1:
		return flows.Outcome{To: unitsLink(span, found[0].ID, 1)}, nil
	}
	r.Draft[unitQuery] = words.ShortQuery(r.Text)
	return flows.Outcome{To: flows.To("period.found", kindLetters[span.Kind], span.First, 1)}, nil
}

// found lists what a search has found.
func (c conversation) found(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, span, err := c.begun(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	query := r.Draft[unitQuery]
	units := scope.Matching(query)
	page, pages, start, end := part(r.Args.Int(2), len(units), unitsPerPage)
	title := r.T.HTML("period.units_found", locales.Args{"Number": r.T.Number(len(units)), "Text": query})
	if query == "" { // Redis was emptied, or the form was left
		title = r.T.HTML("period.ask_units")
	}
	screen := flows.Screen{Text: flows.Lines(heading(r, 2), spanLine(r.T, span), "\n", title), Rows: unitRows(scope, span, units[start:end])}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.found", kindLetters[span.Kind], span.First, n) })...)
	screen.Rows = append(screen.Rows, backButton(r.T, unitsLink(span, 0, 1)))
	return screen, nil
}
