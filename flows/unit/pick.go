package unit

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

// What is done with a unit once another one is chosen, as a word in links.
const (
	toMove  = "move"
	toMerge = "merge"
)

// errand is the choice of another unit for one that is moved or merged.
type errand struct {
	view  store.UnitView
	what  string
	scope store.Scope
}

// errandOf reads unit and purpose of the first two arguments. Whoever may not move the unit is told why.
func (c conversation) errandOf(ctx context.Context, r *flows.Request) (errand, error) {
	e := errand{what: r.Args.Word(1)}
	if e.what != toMove && e.what != toMerge {
		return e, flows.ErrBadLink
	}
	var err error
	if e.scope, err = c.administrator(ctx, r); err != nil {
		return e, err
	}
	if e.view, err = c.open(ctx, r); err == nil && !e.view.Movable {
		err = explain(r, store.ErrUnitOwn, showLink(e.view.ID))
	}
	return e, err
}

// chosen is where the choice of a unit leads: 0 is the top.
func (e errand) chosen(unit int64) flows.Link {
	if e.what == toMove {
		return flows.To("unit.moving", e.view.ID, unit)
	}
	return flows.To("unit.merging", e.view.ID, unit, mergeWord(store.MergeChoice{}))
}

// walk is the way through the tree to the other unit. One with parts is chosen on the page of its parts.
func (e errand) walk() tree.Walk {
	return tree.Walk{
		At:    func(unit int64, page int) flows.Link { return flows.To("unit.pick", e.view.ID, e.what, unit, page) },
		Leaf:  e.chosen,
		Found: func(page int) flows.Link { return flows.To("unit.picked", e.view.ID, e.what, page) },
		Query: "unit-pick", None: "period.no_unit",
	}
}

// without leaves out the unit itself; what is below it is refused when it is chosen.
func (e errand) without(units []store.Unit) []store.Unit {
	return slices.DeleteFunc(slices.Clone(units), func(u store.Unit) bool { return u.ID == e.view.ID })
}

func (e errand) title(r *flows.Request) string {
	return r.T.HTML("unit.title_"+e.what, locales.Args{"Unit": e.view.Name})
}

// pick walks down the tree to the unit that takes the other one.
func (c conversation) pick(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	e, err := c.errandOf(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(e.scope, r.Args.ID(2))
	if err != nil {
		return flows.Screen{}, err
	}
	here := cmp.Or(at, e.scope.Top())
	screen := flows.Screen{Text: flows.Lines(e.title(r), "\n", r.T.HTML("unit.ask_"+e.what))}
	switch {
	case here != 0 && here != e.view.ID && (at != 0 || e.what == toMove):
		label := r.T.Plain("unit.this_"+e.what, locales.Args{"Unit": e.scope.Name(here)})
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: label, To: e.chosen(here)}.Styled(flows.Confirm)))
	case here == 0 && e.scope.City() && e.what == toMove && e.view.Parent != "":
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: r.T.Plain("unit.to_top"), To: e.chosen(0)}))
	}
	parts := e.without(e.scope.Parts(at))
	page, pages, start, end := flows.Part(r.Args.Int(3), len(parts), unitsPerPage)
	screen.Rows = append(screen.Rows, e.walk().Rows(tree.Of(e.scope, parts[start:end]))...)
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return e.walk().At(at, n) })...)
	screen.Rows = append(screen.Rows, backTo(r, e.walk().Up(e.scope, at, showLink(e.view.ID))))
	return screen, nil
}

// findPick takes the text of a search.
func (c conversation) findPick(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	e, err := c.errandOf(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return e.walk().Take(r, tree.Whole(e.without(e.scope.Matching(words.ShortQuery(r.Text)))))
}

// picked lists what a search has found.
func (c conversation) picked(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	e, err := c.errandOf(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	units := tree.Whole(e.without(e.scope.Matching(r.Draft[e.walk().Query])))
	page, pages, start, end := flows.Part(r.Args.Int(2), len(units), unitsPerPage)
	screen := flows.Screen{Text: flows.Lines(e.title(r), "\n", e.walk().Title(r, units, "unit.ask_"+e.what)), Rows: e.walk().Rows(units[start:end])}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, e.walk().Found)...)
	screen.Rows = append(screen.Rows, backTo(r, e.walk().At(0, 1)))
	return screen, nil
}

// topOr names a unit, or the top.
func topOr(r *flows.Request, unit store.Unit) string {
	if unit.ID == 0 {
		return r.T.Plain("unit.top")
	}
	return unit.Name
}
