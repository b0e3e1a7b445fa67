package performance

import (
	"context"
	"slices"

	"kinerja/flows"
	"kinerja/flows/tree"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// leaders lists who leads a unit, or of whom no unit is known, each with the way to say otherwise.
func (c conversation) leaders(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.read(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if !p.Manages {
		return flows.Screen{}, store.ErrNotFound
	}
	unit := r.Args.ID(1)
	period := words.NameOfPeriod(r.T, p.AdminPeriod)
	people, title, hint, out := slices.Concat(p.Nobody, p.None), r.T.HTML("performance.nobody_title", locales.Args{"Period": period}), "performance.nobody_hint", flows.To("performance.list", p.ID, 1)
	switch l, led := p.Of(unit); {
	case led:
		people, title, hint = l.Leaders, r.T.HTML("performance.leaders_title", locales.Args{"Unit": l.Unit.Name, "Period": period}), "performance.leaders_hint"
		out = flows.To("performance.unit", p.ID, unit)
	case unit != 0:
		return flows.Screen{}, store.ErrNotFound
	case len(people) == 0:
		hint = "performance.nobody_none"
	}
	page, pages, start, end := flows.Part(r.Args.Int(2), len(people), leadersPerPage)
	screen := flows.Screen{Text: flows.Lines(title, "\n", r.T.HTML(hint))}
	if !mayEnter(p) {
		screen.Text = flows.Lines(title, "\n", r.T.HTML("performance.archived_read"))
	}
	for _, leader := range people[start:end] {
		key := "performance.who"
		if unit == 0 && leader.Corrected {
			key = "performance.who_none"
		}
		label := r.T.Plain(key, locales.Args{"Name": words.Shortened(leader.Name, nameOnButton)})
		if mayEnter(p) {
			screen.Rows = append(screen.Rows, flows.Row(flows.Go(label, "performance.lead", p.ID, leader.PersonID, 0, 1)))
		} else {
			screen.Text = flows.Lines(screen.Text, "• "+locales.Escape(label))
		}
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("performance.leaders", p.ID, unit, n) })...)
	screen.Rows = append(screen.Rows, back(r.T, out))
	return screen, nil
}

// leading is an evaluator of a period whose unit is said.
type leading struct {
	store.UnitLeader
	scope  store.Scope
	period int64
}

// leading reads the evaluator of the first two arguments, for who manages the period.
func (c conversation) leading(ctx context.Context, r *flows.Request) (leading, error) {
	p, err := c.read(ctx, r)
	if err != nil {
		return leading{}, err
	}
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err != nil {
		return leading{}, err
	}
	all := slices.Concat(p.Nobody, p.None)
	for _, l := range p.Units {
		all = append(all, l.Leaders...)
	}
	for _, leader := range all {
		if leader.PersonID == r.Args.ID(1) && mayEnter(p) {
			return leading{UnitLeader: leader, scope: scope, period: p.ID}, nil
		}
	}
	return leading{}, store.ErrNotFound
}

// walk is the way through the tree of units to the one that he leads.
func (l leading) walk() tree.Walk {
	return tree.Walk{
		At: func(unit int64, page int) flows.Link {
			return flows.To("performance.lead", l.period, l.PersonID, unit, page)
		},
		Leaf:  func(unit int64) flows.Link { return flows.To("performance.lead", l.period, l.PersonID, unit, 1) }, // where it is chosen
		Found: func(page int) flows.Link { return flows.To("performance.found", l.period, l.PersonID, page) },
		Query: "performance-unit", None: "period.no_unit",
	}
}

// choose stores a unit; 0 leaves it to the roster.
func (l leading) choose(unit int64) flows.Link {
	return flows.To("performance.setlead", l.period, l.PersonID, unit)
}

// out is where the walk began.
func (l leading) out() flows.Link { return flows.To("performance.leaders", l.period, l.UnitID, 1) }

func (l leading) title(t *locales.Translator) string {
	return t.HTML("performance.lead_title", locales.Args{"Name": l.Name})
}

// lead walks down the tree of units to the one that an evaluator leads.
func (c conversation) lead(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	l, err := c.leading(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(l.scope, r.Args.ID(2))
	if err != nil {
		return flows.Screen{}, err
	}
	parts := l.scope.Parts(at)
	page, pages, start, end := flows.Part(r.Args.Int(3), len(parts), unitsPerPage)
	screen := flows.Screen{Text: flows.Lines(l.title(r.T), "\n", r.T.HTML("performance.lead_ask"))}
	if at != 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: r.T.Plain("performance.lead_whole", locales.Args{"Unit": l.scope.Name(at)}), To: l.choose(at), Style: flows.Confirm}))
	}
	switch {
	case at != l.scope.Start():
	case l.Corrected:
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: r.T.Plain("performance.lead_roster"), To: l.choose(0)}))
	default:
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("performance.lead_none"), "performance.leadnone", l.period, l.PersonID)))
	}
	screen.Rows = append(screen.Rows, l.walk().Rows(tree.Of(l.scope, parts[start:end]))...)
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return l.walk().At(at, n) })...)
	screen.Rows = append(screen.Rows, back(r.T, l.walk().Up(l.scope, at, l.out())))
	return screen, nil
}

// find takes the text of a search. What it finds is chosen as it is.
func (c conversation) find(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	l, err := c.leading(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return l.walk().Take(r, tree.Whole(l.scope.Matching(words.ShortQuery(r.Text))))
}

// found lists what a search has found.
func (c conversation) found(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	l, err := c.leading(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	units := tree.Whole(l.scope.Matching(r.Draft[l.walk().Query]))
	page, pages, start, end := flows.Part(r.Args.Int(2), len(units), unitsPerPage)
	rows := append(l.walk().Rows(units[start:end]), flows.Pager(r.T, page, pages, l.walk().Found)...)
	return flows.Screen{Text: flows.Lines(l.title(r.T), "\n", l.walk().Title(r, units, "performance.lead_ask")), Rows: append(rows, back(r.T, l.walk().At(0, 1)))}, nil
}

// setLead says which unit an evaluator leads.
func (c conversation) setLead(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	l, err := c.leading(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	unit := r.Args.ID(2)
	if err := c.store.LeadUnit(ctx, r.Actor.PersonID, l.period, l.PersonID, unit); err != nil {
		return flows.Outcome{}, c.refused(r, err, l.out())
	}
	toast := r.T.Plain("performance.lead_undone")
	if unit != 0 {
		toast = r.T.Plain("performance.lead_done", locales.Args{"Name": words.Shortened(l.Name, nameOnButton), "Unit": words.Shortened(l.scope.Name(unit), 60)})
	}
	return flows.Outcome{To: flows.To("performance.list", l.period, 1), Toast: toast}, nil
}

// leadNone says that an evaluator leads no unit.
func (c conversation) leadNone(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	l, err := c.leading(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if err := c.store.LeadNone(ctx, r.Actor.PersonID, l.period, l.PersonID); err != nil {
		return flows.Outcome{}, c.refused(r, err, l.out())
	}
	return flows.Outcome{To: flows.To("performance.list", l.period, 1), Toast: r.T.Plain("performance.lead_none_done", locales.Args{"Name": words.Shortened(l.Name, nameOnButton)})}, nil
}
