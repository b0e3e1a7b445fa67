// Package indicator is where administrators see and change what is evaluated: the indicators of the city, and of units that have their own.
//
// Each change is a new version at once, so that nothing is lost and everything can be taken back; open periods keep the version that they
// opened with. Every link carries the version that its screen showed: who comes too late sees the newest one and changes nothing.
package indicator

import (
	"context"
	"errors"
	"slices"
	"strings"

	"kinerja/flows"
	"kinerja/flows/tree"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the conversation needs of the records. Every method answers for the units of the administrator only.
type Store interface {
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	OwnTemplates(ctx context.Context, adminID int64) ([]store.TemplateLine, error)
	TemplateOf(ctx context.Context, adminID, unitID int64) (store.UnitTemplate, error)
	PersonalCount(ctx context.Context, adminID, unitID int64) (int, error)
	TemplateHistory(ctx context.Context, adminID, unitID int64, offset, limit int) ([]store.TemplateVersionLine, int, error)
	TemplateVersionOf(ctx context.Context, adminID, unitID, versionID int64) (store.TemplateVersionLine, error)

	ChangeTemplate(ctx context.Context, adminID, unitID, seen int64, change store.TemplateChange) (store.UnitTemplate, error)
	InheritTemplate(ctx context.Context, adminID, unitID, seen int64) error
}

type conversation struct{ store Store }

// Register adds the conversation to the engine. The first argument is the unit, 0 for the city, the second the version that was seen, the
// third the place of an indicator.
func Register(e *flows.Engine, s Store) {
	c := conversation{store: s}
	e.Page("indicator.home", "n", c.home)
	e.Page("indicator.units", "unit n", c.units, flows.Accepts(flows.Text, "indicator.find"))
	e.Action("indicator.find", "unit n", c.find)
	e.Page("indicator.found", "n", c.found, flows.Accepts(flows.Text, "indicator.findagain"))
	e.Action("indicator.findagain", "n", c.find)
	e.Page("indicator.unit", "unit", c.unit)
	e.Page("indicator.preview", "unit n", c.preview)
	e.Page("indicator.personal", "unit", c.personal)

	e.Page("indicator.aspect", "unit id", c.askAspect)
	e.Page("indicator.name", "unit id word", c.askName, flows.Accepts(flows.Text, "indicator.create"))
	e.Action("indicator.create", "unit id word", c.create)
	e.Page("indicator.item", "unit id n", c.item)
	e.Page("indicator.field", "unit id n word", c.askField, flows.Accepts(flows.Text, "indicator.save"))
	e.Action("indicator.save", "unit id n word", c.save)
	e.Action("indicator.clear", "unit id n word", c.clear)
	e.Action("indicator.kind", "unit id n", c.turnKind)
	e.Page("indicator.dimension", "unit id n", c.askDimension)
	e.Action("indicator.measured", "unit id n word", c.setDimension)
	e.Action("indicator.move", "unit id n word", c.move)
	e.Page("indicator.drop", "unit id n", c.askDrop)
	e.Action("indicator.remove", "unit id n", c.remove)

	e.Page("indicator.copy", "unit id n", c.askCopy)
	e.Page("indicator.copyfrom", "unit id word unit", c.confirmCopy)
	e.Action("indicator.docopy", "unit id word unit unit", c.copy)
	e.Page("indicator.follow", "unit id", c.askFollow)
	e.Action("indicator.inherit", "unit id", c.inherit)
	e.Page("indicator.history", "unit n", c.history)
	e.Page("indicator.version", "unit id", c.version) // the id is the version of the history
	e.Page("indicator.again", "unit id id", c.askReuse)
	e.Action("indicator.reuse", "unit id id", c.reuse)
}

// administrator returns what a person administers, and refuses whoever administers nothing.
func (c conversation) administrator(ctx context.Context, r *flows.Request) (store.Scope, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err == nil && scope.None() {
		err = flows.Refuse(r.T.Plain("admin.only"), flows.To("menu"))
	}
	return scope, err
}

func unitLink(unitID int64) flows.Link { return flows.To("indicator.unit", unitID) }

// unitName is a unit as a person speaks of it.
func unitName(t *locales.Translator, name string) string {
	if name == "" {
		return t.Plain("indicator.city")
	}
	return name
}

func backTo(r *flows.Request, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

// seen reads the template of the first argument, which must be the administrator's to change and in the version of the second.
func (c conversation) seen(ctx context.Context, r *flows.Request) (store.UnitTemplate, error) {
	view, err := c.store.TemplateOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	switch {
	case err != nil:
		return view, err
	case !view.MayChange:
		return view, store.ErrNotFound
	case view.VersionID != r.Args.ID(1):
		return view, c.explain(r, store.ErrTemplateChanged)
	}
	return view, nil
}

// change makes a new version of the template of the first argument, if it is still in the version of the second.
func (c conversation) change(ctx context.Context, r *flows.Request, change store.TemplateChange) (store.UnitTemplate, error) {
	view, err := c.store.ChangeTemplate(ctx, r.Actor.PersonID, r.Args.ID(0), r.Args.ID(1), change)
	return view, c.explain(r, err)
}

// explain turns "another one by now" into a sentence with the newest version.
func (c conversation) explain(r *flows.Request, err error) error {
	if errors.Is(err, store.ErrTemplateChanged) {
		return flows.Refuse(r.T.Plain("indicator.changed_meanwhile"), unitLink(r.Args.ID(0)))
	}
	return err
}

const (
	templatesPerPage = 6
	unitsPerPage     = 6
)

// home lists the units with indicators of their own; all others follow one of these.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	own, err := c.store.OwnTemplates(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("indicator.title"), "\n", r.T.HTML("indicator.home"))}
	page, pages, shown := part(r.Args.Int(0), own, templatesPerPage)
	for _, line := range shown {
		label := r.T.Plain("indicator.line", locales.Args{"Unit": unitName(r.T, line.Unit), "Number": line.Indicators})
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: label, To: unitLink(line.UnitID)}))
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("indicator.home", n) })...)
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("indicator.other_unit"), "indicator.units", 0, 1)), backTo(r, flows.To("admin.home")))
	return screen, nil
}

// walk is the way through the tree of units to the indicators of one. A search opens a unit itself, whatever is below it.
func walk() tree.Walk {
	return tree.Walk{
		At:    func(unit int64, page int) flows.Link { return flows.To("indicator.units", unit, page) },
		Leaf:  unitLink,
		Found: func(page int) flows.Link { return flows.To("indicator.found", page) },
		Query: "indicator-unit", None: "period.no_unit",
	}
}

// units walks down the tree of units; what is typed is a search.
func (c conversation) units(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(scope, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("indicator.title"), "\n", r.T.HTML("indicator.ask_unit"))}
	if scope.Covers(at) {
		label := r.T.Plain("indicator.this_unit", locales.Args{"Unit": unitName(r.T, scope.Name(at))})
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: label, To: unitLink(at)}.Styled(flows.Confirm)))
	}
	page, pages, shown := part(r.Args.Int(1), scope.Parts(at), unitsPerPage)
	screen.Rows = append(screen.Rows, walk().Rows(tree.Of(scope, shown))...)
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return walk().At(at, n) })...)
	screen.Rows = append(screen.Rows, backTo(r, walk().Up(scope, at, flows.To("indicator.home", 1))))
	return screen, nil
}

// find takes the text of a search. One unit is opened at once, several are listed.
func (c conversation) find(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return walk().Take(r, tree.Whole(scope.Matching(words.ShortQuery(r.Text))))
}

// found lists what a search has found.
func (c conversation) found(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	units := tree.Whole(scope.Matching(r.Draft[walk().Query]))
	page, pages, shown := part(r.Args.Int(0), units, unitsPerPage)
	screen := flows.Screen{
		Text: flows.Lines(r.T.HTML("indicator.title"), "\n", walk().Title(r, units, "indicator.ask_unit")),
		Rows: walk().Rows(shown),
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, walk().Found)...)
	screen.Rows = append(screen.Rows, backTo(r, walk().At(0, 1)))
	return screen, nil
}

// part is one page of a list: which page there is, of how many, and what stands on it.
func part[T any](wanted int, all []T, size int) (page, pages int, shown []T) {
	page, pages, start, end := flows.Part(wanted, len(all), size)
	return page, pages, all[start:end]
}

// tidy makes one line of what was typed, or keeps its lines where it may have several.
func tidy(text string, lines bool) string {
	if !lines {
		return strings.Join(strings.Fields(text), " ")
	}
	var kept []string
	for line := range strings.Lines(text) {
		kept = append(kept, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(slices.DeleteFunc(kept, func(l string) bool { return l == "" }), "\n")
}
