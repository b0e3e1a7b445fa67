package indicator

import (
	"context"
	"errors"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/standard"
)

// fromUnit is the word in links for "copy from a unit"; any other is a sample.
const fromUnit = "unit"

// askCopy offers the samples, and the units that have indicators of their own.
func (c conversation) askCopy(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.seen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	own, err := c.store.OwnTemplates(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	var all []flows.Button
	for _, sample := range standard.Samples() {
		all = append(all, flows.Go(r.T.Plain("indicator.sample_"+string(sample)), "indicator.copyfrom", view.UnitID, view.VersionID, string(sample), 0))
	}
	for _, line := range own {
		if line.UnitID != view.From {
			label := r.T.Plain("indicator.line", locales.Args{"Unit": unitName(r.T, line.Unit), "Number": line.Indicators})
			all = append(all, flows.Go(label, "indicator.copyfrom", view.UnitID, view.VersionID, fromUnit, line.UnitID))
		}
	}
	page, pages, shown := part(r.Args.Int(2), all, templatesPerPage)
	screen := flows.Screen{Text: flows.Lines(title(r, view), "\n", r.T.HTML("indicator.ask_copy"))}
	for _, b := range shown {
		screen.Rows = append(screen.Rows, flows.Row(b))
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("indicator.copy", view.UnitID, view.VersionID, n) })...)
	screen.Rows = append(screen.Rows, backTo(r, unitLink(view.UnitID)))
	return screen, nil
}

// source reads what is to be copied, with its name and, of a unit, its version.
func (c conversation) source(ctx context.Context, r *flows.Request) (indicators []store.Indicator, name string, version int64, err error) {
	word := r.Args.Word(2)
	if word == fromUnit {
		from, err := c.store.TemplateOf(ctx, r.Actor.PersonID, r.Args.ID(3))
		return from.Indicators, unitName(r.T, from.Unit), from.VersionID, err
	}
	indicators = standard.Of(standard.Sample(word))
	if indicators == nil {
		return nil, "", 0, flows.ErrBadLink
	}
	for n := range indicators {
		indicators[n].Ordinal = n + 1
	}
	return indicators, r.T.Plain("indicator.sample_" + word), 0, nil
}

// confirmCopy shows what would take the place of what is there.
func (c conversation) confirmCopy(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.seen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	indicators, name, version, err := c.source(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := append([]string{title(r, view), r.T.HTML("indicator.copy_from", locales.Args{"Name": name}), "\n"}, indicatorLines(r, indicators)...)
	return flows.Screen{
		Text: flows.Lines(append(lines, "\n", r.T.HTML("indicator.replaces", locales.Args{"Number": len(view.Indicators)}))...),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("indicator.copy_yes"), "indicator.docopy", view.UnitID, view.VersionID, r.Args.Word(2), r.Args.ID(3), version).Styled(flows.Confirm)),
			backTo(r, flows.To("indicator.copy", view.UnitID, view.VersionID, 1)),
		},
	}, nil
}

// copy takes what was shown; where the other unit has changed its own meanwhile nothing is copied.
func (c conversation) copy(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	indicators, _, version, err := c.source(ctx, r)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case version != r.Args.ID(4):
		return flows.Outcome{}, c.explain(r, store.ErrTemplateChanged)
	}
	return c.replace(ctx, r, indicators)
}

// replace puts other indicators in the place of all.
func (c conversation) replace(ctx context.Context, r *flows.Request, indicators []store.Indicator) (flows.Outcome, error) {
	view, err := c.change(ctx, r, func([]store.Indicator) ([]store.Indicator, error) { return indicators, nil })
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: unitLink(view.UnitID), Toast: r.T.Plain("indicator.replaced")}, nil
}

// askFollow asks before a unit gives its own indicators up.
func (c conversation) askFollow(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.seen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if !view.Own() || view.UnitID == 0 {
		return flows.Screen{}, store.ErrNotFound
	}
	return flows.Screen{
		Text: flows.Lines(title(r, view), "\n", r.T.HTML("indicator.ask_follow", aboveOf(r, view))),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("indicator.follow_yes"), "indicator.inherit", view.UnitID, view.VersionID).Styled(flows.Confirm)),
			backTo(r, unitLink(view.UnitID)),
		},
	}, nil
}

func (c conversation) inherit(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	view, err := c.store.TemplateOf(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Outcome{}, err
	}
	err = c.store.InheritTemplate(ctx, r.Actor.PersonID, id, r.Args.ID(1))
	switch {
	case errors.Is(err, store.ErrTemplateChanged):
		return flows.Outcome{}, c.explain(r, err)
	case errors.Is(err, store.ErrConflict): // the city
		return flows.Outcome{}, flows.ErrBadLink
	case err != nil:
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: unitLink(id), Toast: r.T.Plain("indicator.follows", aboveOf(r, view))}, nil
}
