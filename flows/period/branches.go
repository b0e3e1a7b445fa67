package period

import (
	"context"
	"slices"

	"kinerja/flows"
	"kinerja/flows/tree"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const unitsOfProgress = 5 // on a page, each with a button

// branch is where in the tree of units somebody stands: the page of one unit's parts, opened from a page of what a search found, 0 for none.
type branch struct {
	period, unit int64
	page, found  int
}

func (b branch) link() flows.Link {
	return flows.To("period.byunit", b.period, b.unit, b.page, b.found)
}

func foundLink(period int64, page int) flows.Link { return flows.To("period.branches", period, page) }

// branchOf is the page from which the evaluators of a unit are opened: of a search, or of the tree on which it stands now.
func branchOf(units store.UnitsProgress, unitID int64, found int) flows.Link {
	if found > 0 {
		return foundLink(units.ID, found)
	}
	itself := func(u store.UnitProgress) bool { return u.UnitID == unitID }
	if start := units.Scope.Start(); slices.ContainsFunc(units.Directly(start), itself) {
		return branch{units.ID, start, 1, 0}.link()
	}
	if len(units.Parts(unitID)) > 0 { // its own people, beside its parts
		return branch{units.ID, unitID, 1, 0}.link()
	}
	return above(units, unitID).link()
}

// above is the page of the tree on which a unit is one of the parts.
func above(units store.UnitsProgress, unitID int64) branch {
	holder := units.Scope.Above(unitID)
	if !units.Scope.Covers(holder) { // what holds all units is the city
		holder = 0
	}
	at := slices.IndexFunc(units.Parts(holder), func(u store.UnitProgress) bool { return u.UnitID == unitID })
	return branch{units.ID, holder, pageOf(max(0, at), unitsOfProgress), 0}
}

// byUnit walks down the tree of units, the part furthest behind first, each with all below it; what is typed is a search.
func (c conversation) byUnit(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	units, err := c.store.UnitsOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(units.Scope, r.Args.ID(1))
	if err != nil {
		return flows.Screen{}, err
	}
	here := branch{units.ID, at, r.Args.Int(2), r.Args.Int(3)}
	lines := []string{r.T.HTML("progress.units_title", locales.Args{"Period": words.NameOfPeriod(r.T, units.AdminPeriod)})}
	if at != 0 {
		lines = append(lines, r.T.HTML("period.parts_of", locales.Args{"Unit": units.Scope.Name(at)}))
	}
	lines = append(lines, barLine(r.T, units.Of(at).Counts), "\n")
	var rows [][]flows.Button
	parts := units.Parts(at)
	page, pages, start, end := part(here.page, len(parts), unitsOfProgress)
	if page == 1 {
		for _, u := range units.Directly(at) {
			lines = append(lines, unitLine(r.T, "progress.unit_itself", u))
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("progress.unit_people", locales.Args{"Unit": u.Name}), "period.unit", units.ID, u.UnitID, 1, 0)))
		}
	}
	for _, u := range parts[start:end] {
		lines = append(lines, unitLine(r.T, "progress.unit", u))
		rows = append(rows, flows.Row(climb(units.ID, 0).Button(stepOf(units, u))))
	}
	lines = append(lines, "\n", r.T.HTML(askOf(units, at)))
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return branch{units.ID, at, n, here.found}.link() })...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backButton(r.T, here.back(units)))}, nil
}

// back is where a page of the tree was opened from.
func (b branch) back(units store.UnitsProgress) flows.Link {
	switch {
	case b.found > 0:
		return foundLink(b.period, b.found)
	case b.unit == units.Scope.Start():
		return flows.To("period.progress", b.period)
	default:
		return above(units, b.unit).link()
	}
}

// askOf says what can be done on a page of the tree.
func askOf(units store.UnitsProgress, at int64) string {
	if units.Of(at).Total == 0 {
		return "progress.nobody"
	}
	return "progress.units_ask"
}

func unitLine(t *locales.Translator, key string, u store.UnitProgress) string {
	return t.HTML(key, locales.Args{"Unit": u.Name, "Bar": flows.Bar(u.Final, u.Total), "Done": t.Number(u.Final), "All": t.Number(u.Total)})
}

// climb is the way through the tree to the evaluators of a unit, opened from a page of what a search found, 0 for none.
func climb(period int64, found int) tree.Walk {
	return tree.Walk{
		At:    func(unit int64, page int) flows.Link { return branch{period, unit, page, found}.link() },
		Leaf:  func(unit int64) flows.Link { return flows.To("period.unit", period, unit, 1, found) },
		Found: func(page int) flows.Link { return foundLink(period, page) },
		Query: "progress-unit", None: "progress.no_unit",
	}
}

// stepOf is a unit on the way: those of its parts count in which somebody is evaluated.
func stepOf(units store.UnitsProgress, u store.UnitProgress) tree.Unit {
	return tree.Unit{ID: u.UnitID, Name: u.Name, Parts: len(units.Parts(u.UnitID)) > 0}
}

func stepsOf(units store.UnitsProgress, list []store.UnitProgress) []tree.Unit {
	steps := make([]tree.Unit, 0, len(list))
	for _, u := range list {
		steps = append(steps, stepOf(units, u))
	}
	return steps
}

// matching lists the units that a text finds and in which somebody is evaluated.
func matching(units store.UnitsProgress, text string) []store.UnitProgress {
	var found []store.UnitProgress
	for _, unit := range units.Scope.EverMatching(text) {
		if u := units.Of(unit.ID); u.Total > 0 {
			found = append(found, u)
		}
	}
	return found
}

// findBranch takes the text of a search. One unit is opened at once, several are listed.
func (c conversation) findBranch(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	units, err := c.store.UnitsOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	return climb(units.ID, 0).Take(r, stepsOf(units, matching(units, words.ShortQuery(r.Text))))
}

// branches lists what a search has found.
func (c conversation) branches(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	units, err := c.store.UnitsOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	found := matching(units, r.Draft[climb(units.ID, 0).Query])
	what := climb(units.ID, 0).Title(r, stepsOf(units, found), "progress.units_ask")
	lines := []string{r.T.HTML("progress.units_title", locales.Args{"Period": words.NameOfPeriod(r.T, units.AdminPeriod)}), what, "\n"}
	page, pages, start, end := part(r.Args.Int(1), len(found), unitsOfProgress)
	var rows [][]flows.Button
	for _, u := range found[start:end] {
		lines = append(lines, unitLine(r.T, "progress.unit", u))
		rows = append(rows, flows.Row(climb(units.ID, page).Button(stepOf(units, u))))
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return foundLink(units.ID, n) })...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backButton(r.T, branch{units.ID, 0, 1, 0}.link()))}, nil
}
