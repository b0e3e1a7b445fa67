package message

import (
	"cmp"
	"context"
	"slices"

	"kinerja/flows"
	"kinerja/flows/tree"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// addressed is a draft for which it is asked to whom it goes; 0 for one that begins.
type addressed struct {
	id    int64
	to    store.Audience
	scope store.Scope
}

// addressing reads draft and audience of the first arguments. Of a draft it holds that it is his and still one.
func (c conversation) addressing(ctx context.Context, r *flows.Request) (addressed, error) {
	a := addressed{id: r.Args.ID(0)}
	var err error
	if a.scope, err = c.administrator(ctx, r); err != nil || a.id == 0 {
		return a, err
	}
	_, err = c.ownDraft(ctx, r, a.id)
	return a, err
}

// choosing is addressing with the audience of the second argument.
func (c conversation) choosing(ctx context.Context, r *flows.Request) (addressed, error) {
	a, err := c.addressing(ctx, r)
	a.to = store.Audience(r.Args.Word(1))
	if err == nil && (!slices.Contains(store.Audiences(), a.to) || a.to == store.ToAll) {
		err = flows.ErrBadLink
	}
	return a, err
}

// out is where the choice was begun.
func (a addressed) out() flows.Link {
	if a.id != 0 {
		return flows.To("message.draft", a.id)
	}
	return flows.To("message.home", 1)
}

// askWhom asks to whom a message goes.
func (c conversation) askWhom(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	a, err := c.addressing(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("message.whom_title"), scopeLine(r.T, a.scope), "\n", r.T.HTML("message.whom_ask"))}
	for _, to := range store.Audiences() {
		a.to = to
		if to == store.ToAll && !a.scope.City() {
			continue
		}
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: r.T.Plain("message.kind_" + string(to)), To: a.next()}))
	}
	screen.Rows = append(screen.Rows, backTo(r, a.out()))
	return screen, nil
}

// next is where an audience leads: to the choice of a unit, unless there is nothing to choose.
func (a addressed) next() flows.Link {
	if a.to == store.ToAll {
		return flows.To("message.to", a.id, store.ToAll, 0, 0)
	}
	if only := a.scope.Start(); only != 0 && len(a.scope.Parts(only)) == 0 {
		return a.chosen(only)
	}
	return flows.To("message.unit", a.id, a.to, 0, 1)
}

// chosen is where a unit leads; 0 is the whole city.
func (a addressed) chosen(unit int64) flows.Link {
	switch {
	case a.to == store.ToUnfinished:
		return flows.To("message.period", a.id, unit)
	case a.to == store.ToUnit && unit == 0:
		return flows.To("message.to", a.id, store.ToAll, 0, 0)
	}
	return flows.To("message.to", a.id, a.to, unit, 0)
}

func (a addressed) title(r *flows.Request) string {
	return r.T.HTML("message.unit_title", locales.Args{"Kind": r.T.Plain("message.kind_" + string(a.to))})
}

// walk is the way through the tree to the unit.
func (a addressed) walk() tree.Walk {
	return tree.Walk{
		At:    func(unit int64, page int) flows.Link { return flows.To("message.unit", a.id, a.to, unit, page) },
		Leaf:  a.chosen,
		Found: func(page int) flows.Link { return flows.To("message.unitsfound", a.id, a.to, page) },
		Query: "message-unit", None: "period.no_unit",
	}
}

// askUnit walks down the tree to the unit whose people get the message, with all below it.
func (c conversation) askUnit(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	a, err := c.choosing(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(a.scope, r.Args.ID(2))
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(a.title(r), "\n", r.T.HTML("message.unit_ask"))}
	switch {
	case at != 0:
		label := r.T.Plain("message.this_unit", locales.Args{"Unit": a.scope.Name(at)})
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: label, To: a.chosen(at)}.Styled(flows.Confirm)))
	case a.scope.City():
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: r.T.Plain("message.whole_city"), To: a.chosen(0)}.Styled(flows.Confirm)))
	}
	parts := a.scope.Parts(at)
	page, pages, start, end := flows.Part(r.Args.Int(3), len(parts), unitsPerPage)
	screen.Rows = append(screen.Rows, a.walk().Rows(tree.Of(a.scope, parts[start:end]))...)
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return a.walk().At(at, n) })...)
	screen.Rows = append(screen.Rows, backTo(r, a.walk().Up(a.scope, at, flows.To("message.whom", a.id))))
	return screen, nil
}

// findUnit takes the text of a search.
func (c conversation) findUnit(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	a, err := c.choosing(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return a.walk().Take(r, tree.Whole(a.scope.Matching(words.ShortQuery(r.Text))))
}

// unitsFound lists what a search has found.
func (c conversation) unitsFound(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	a, err := c.choosing(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	units := tree.Whole(a.scope.Matching(r.Draft[a.walk().Query]))
	page, pages, start, end := flows.Part(r.Args.Int(2), len(units), unitsPerPage)
	screen := flows.Screen{Text: flows.Lines(a.title(r), "\n", a.walk().Title(r, units, "message.unit_ask")), Rows: a.walk().Rows(units[start:end])}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, a.walk().Found)...)
	screen.Rows = append(screen.Rows, backTo(r, a.walk().At(0, 1)))
	return screen, nil
}

// askPeriod asks in which open period somebody is to be unfinished.
func (c conversation) askPeriod(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	a, err := c.addressing(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	unit := r.Args.ID(1)
	if !a.scope.Covers(unit) {
		return flows.Screen{}, store.ErrNotFound
	}
	periods, err := c.store.OpenPeriodsOf(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	what := r.T.HTML("message.period_ask")
	if len(periods) == 0 {
		what = r.T.HTML("message.no_period")
	}
	a.to = store.ToUnfinished
	screen := flows.Screen{Text: flows.Lines(a.title(r), "\n", what)}
	for _, p := range periods[:min(periodsShown, len(periods))] {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(words.NameOfPeriod(r.T, p), "message.to", a.id, store.ToUnfinished, unit, p.ID)))
	}
	screen.Rows = append(screen.Rows, backTo(r, flows.To("message.whom", a.id)))
	return screen, nil
}

// address says to whom a draft goes, and begins it where there is none yet.
func (c conversation) address(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	to := store.Audience(r.Args.Word(1))
	m, err := c.store.AddressMessage(ctx, r.Actor.PersonID, r.Args.ID(0), to, r.Args.ID(2), r.Args.ID(3))
	if err != nil {
		return flows.Outcome{}, explain(r, cmp.Or(r.Args.ID(0), m.ID), err)
	}
	if m.Empty() {
		return flows.Outcome{To: flows.To("message.write", m.ID)}, nil
	}
	return flows.Outcome{To: flows.To("message.draft", m.ID)}, nil
}
