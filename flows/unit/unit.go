// Package unit is where administrators make, name, move and merge units. What may be changed by whom, and what becomes of people, roles,
// periods and indicators, stands at the top of store/unitchange.go.
//
// What cannot be undone, or gives others other rights, is shown in numbers and asked once more; the link of the answer carries what was shown.
package unit

import (
	"cmp"
	"context"
	"errors"

	"kinerja/flows"
	"kinerja/flows/tree"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the conversation needs of the records. Every method answers for the units of the administrator only.
type Store interface {
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	UnitByID(ctx context.Context, id int64) (store.Unit, error)
	UnitFor(ctx context.Context, adminID, unitID int64) (store.UnitView, error)
	PlanUnitMove(ctx context.Context, adminID, unitID, parentID int64) (store.UnitMove, error)
	PlanUnitMerge(ctx context.Context, adminID, unitID, intoID int64) (store.UnitMerge, error)

	CreateUnit(ctx context.Context, adminID, parentID int64, code, name string) (store.Unit, error)
	RenameUnit(ctx context.Context, adminID, unitID int64, name, shown string) error
	MoveUnit(ctx context.Context, adminID, unitID, parentID int64, shown string) (store.UnitMove, error)
	MergeUnit(ctx context.Context, adminID, unitID, intoID int64, choice store.MergeChoice, shown string) (store.UnitMerge, error)
}

type conversation struct{ store Store }

// Register adds the conversation to the engine. The first argument is the unit; 0 is where the administrator's scope begins.
func Register(e *flows.Engine, s Store) {
	c := conversation{store: s}
	e.Page("unit.home", "unit n", c.home, flows.Accepts(flows.Text, "unit.find"))
	e.Action("unit.find", "unit n", c.find)
	e.Page("unit.found", "n", c.found, flows.Accepts(flows.Text, "unit.findagain"))
	e.Action("unit.findagain", "n", c.find)
	e.Page("unit.show", "id", c.show)

	e.Page("unit.new", "unit", c.askName, flows.Accepts(flows.Text, "unit.named"))
	e.Action("unit.named", "unit", c.named)
	e.Page("unit.code", "unit", c.askCode, flows.Accepts(flows.Text, "unit.create"))
	e.Action("unit.create", "unit", c.create)
	e.Page("unit.rename", "id word", c.askRename, flows.Accepts(flows.Text, "unit.save"))
	e.Action("unit.save", "id word", c.rename)

	e.Page("unit.pick", "id word unit n", c.pick, flows.Accepts(flows.Text, "unit.findpick"))
	e.Action("unit.findpick", "id word unit n", c.findPick)
	e.Page("unit.picked", "id word n", c.picked, flows.Accepts(flows.Text, "unit.findpicked"))
	e.Action("unit.findpicked", "id word n", c.findPick)
	e.Page("unit.moving", "id unit", c.askMove)
	e.Action("unit.move", "id unit word", c.move)
	e.Page("unit.merging", "id unit word", c.askMerge)
	e.Action("unit.merge", "id unit word word", c.merge)

	e.Message(store.KindUnitMoved, "id", c.tellMoved)
	e.Message(store.KindUnitMerged, "id", c.tellMerged)
}

const unitsPerPage = 5

// administrator returns what a person administers, and refuses whoever administers nothing.
func (c conversation) administrator(ctx context.Context, r *flows.Request) (store.Scope, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err == nil && scope.None() {
		err = flows.Refuse(r.T.Plain("admin.only"), flows.To("menu"))
	}
	return scope, err
}

func showLink(unitID int64) flows.Link { return flows.To("unit.show", unitID) }

func backTo(r *flows.Request, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

// title is the first line of every page.
func title(r *flows.Request, view store.UnitView) string {
	return r.T.HTML("unit.title_of", locales.Args{"Unit": view.Name})
}

// walk is the way through the tree of units to the page of one. A search opens a unit itself, whatever is below it.
func walk() tree.Walk {
	return tree.Walk{
		At:    func(unit int64, page int) flows.Link { return flows.To("unit.home", unit, page) },
		Leaf:  showLink,
		Found: func(page int) flows.Link { return flows.To("unit.found", page) },
		Query: "unit-search", None: "period.no_unit",
	}
}

// home walks down the tree of units; what is typed is a search.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(scope, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	here := cmp.Or(at, scope.Top()) // the unit whose parts these are
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("unit.title"), "\n", r.T.HTML("unit.ask"))}
	var first []flows.Button
	if here != 0 {
		screen.Text = flows.Lines(r.T.HTML("unit.title"), r.T.HTML("period.parts_of", locales.Args{"Unit": scope.Name(here)}), "\n", r.T.HTML("unit.ask"))
		first = append(first, flows.Button{Label: r.T.Plain("unit.this", locales.Args{"Unit": scope.Name(here)}), To: showLink(here)}.Styled(flows.Confirm))
	}
	if scope.Covers(here) {
		first = append(first, flows.Go(r.T.Plain("unit.new"), "unit.new", here))
	}
	screen.Rows = append(screen.Rows, flows.Pack(2, first...)...)
	parts := scope.Parts(at)
	page, pages, start, end := flows.Part(r.Args.Int(1), len(parts), unitsPerPage)
	screen.Rows = append(screen.Rows, walk().Rows(tree.Of(scope, parts[start:end]))...)
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return walk().At(at, n) })...)
	screen.Rows = append(screen.Rows, backTo(r, walk().Up(scope, at, flows.To("admin.home"))))
	return screen, nil
}

// find takes the text of a search.
func (c conversation) find(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return walk().Take(r, tree.Whole(scope.EverMatching(words.ShortQuery(r.Text))))
}

// found lists what a search has found, units that were merged too: it is the way to their history.
func (c conversation) found(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	units := tree.Whole(scope.EverMatching(r.Draft[walk().Query]))
	page, pages, start, end := flows.Part(r.Args.Int(0), len(units), unitsPerPage)
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("unit.title"), "\n", walk().Title(r, units, "unit.ask")), Rows: walk().Rows(units[start:end])}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, walk().Found)...)
	screen.Rows = append(screen.Rows, backTo(r, walk().At(0, 1)))
	return screen, nil
}

// show is one unit and what can be done with it.
func (c conversation) show(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	view, err := c.store.UnitFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{title(r, view), r.T.HTML("unit.code_line", locales.Args{"Code": view.Code}), "\n"}
	lines = append(lines, facts(r, view)...)
	if view.Closed() {
		return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{
			flows.Row(flows.Button{Label: view.Into.Name, To: showLink(view.Into.ID)}),
			flows.Row(flows.Go(r.T.Plain("unit.indicators"), "indicator.unit", view.ID)),
			backTo(r, walk().At(0, 1)),
		}}, nil
	}
	rows := [][]flows.Button{flows.Row(
		flows.Go(r.T.Plain("unit.rename"), "unit.rename", view.ID, view.Seen()), flows.Go(r.T.Plain("unit.new_below"), "unit.new", view.ID))}
	if view.Movable && view.ID != scope.Top() {
		rows = append(rows, flows.Row(
			flows.Go(r.T.Plain("unit.move"), "unit.pick", view.ID, "move", 0, 1), flows.Go(r.T.Plain("unit.merge"), "unit.pick", view.ID, "merge", 0, 1)))
	}
	if !view.Movable {
		lines = append(lines, "\n", r.T.HTML("unit.own"))
	}
	more := []flows.Button{flows.Go(r.T.Plain("unit.indicators"), "indicator.unit", view.ID)}
	if view.Directly > 0 {
		more = append(more, flows.Button{Label: r.T.Plain("unit.below", locales.Args{"Number": r.T.Number(view.Directly)}), To: walk().At(view.ID, 1)})
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(append(rows, flows.Pack(2, more...)...), backTo(r, walk().At(scope.Above(view.ID), 1)))}, nil
}

const mergedNamed = 3 // of the units that were merged into one, so many are named

// facts are what is known of a unit, a line each.
func facts(r *flows.Request, view store.UnitView) []string {
	if view.Closed() {
		args := locales.Args{"Into": view.Into.Name, "Day": r.T.Day(*view.ClosedAt), "Code": view.Code, "IntoCode": view.Into.Code}
		lines := []string{r.T.HTML("unit.closed", args), r.T.HTML("unit.closed_code", args)}
		return append(lines, openPeriods(r, view.OpenPeriods))
	}
	lines := []string{r.T.HTML("unit.at_top")}
	if view.Parent != "" {
		lines[0] = r.T.HTML("unit.below_of", locales.Args{"Unit": view.Parent})
	}
	lines = append(lines, r.T.HTML("unit.people", locales.Args{"Number": r.T.Number(view.People), "Units": r.T.Number(view.Directly)}),
		r.T.HTML("unit.roles", locales.Args{"Admins": r.T.Number(view.Administrators), "Leaders": r.T.Number(view.Leaders)}), openPeriods(r, view.OpenPeriods))
	for n, merged := range view.Merged {
		if n == mergedNamed {
			return append(lines, r.T.HTML("unit.more_merged", locales.Args{"Number": r.T.Number(len(view.Merged) - mergedNamed)}))
		}
		lines = append(lines, r.T.HTML("unit.merged", locales.Args{"Unit": merged.Name, "Code": merged.Code, "Day": r.T.Day(*merged.ClosedAt)}))
	}
	return lines
}

// openPeriods is the line of periods of a unit alone; "" for none.
func openPeriods(r *flows.Request, n int) string {
	if n == 0 {
		return ""
	}
	return r.T.HTML("unit.open_periods", locales.Args{"Number": r.T.Number(n)})
}

// explain turns what cannot be into a sentence, with the page on which to go on.
func explain(r *flows.Request, err error, to flows.Link) error {
	for cause, key := range map[error]string{
		store.ErrUnitExists: "unit.exists", store.ErrUnitClosed: "unit.is_closed", store.ErrUnitCircle: "unit.circle", store.ErrUnitOwn: "unit.own_refused",
		store.ErrUnitOpening: "unit.opening", store.ErrUnitChanged: "unit.changed",
	} {
		if errors.Is(err, cause) {
			return flows.Refuse(r.T.Plain(key), to)
		}
	}
	return err
}
