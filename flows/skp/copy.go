package skp

import (
	"context"
	"slices"

	"kinerja/flows"
	"kinerja/flows/indicator"
	"kinerja/locales"
	"kinerja/store"
)

// askCopy offers the results of the unit, and those of others whom the evaluator judges.
func (c conversation) askCopy(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, err := c.seen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines, _, page, pages, err := flows.ReadPart(r.Args.Int(2), perPage, func(offset, limit int) ([]store.PersonalLine, int, error) {
		return c.store.PersonalSources(ctx, r.Actor.PersonID, own.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	rows := [][]flows.Button{flows.Row(flows.Go(r.T.Plain("skp.copy_unit"), "skp.copyfrom", own.PersonID, own.VersionID, 0))}
	for _, l := range lines {
		rows = append(rows, flows.Row(flows.Go(personLabel(r, l), "skp.copyfrom", own.PersonID, own.VersionID, l.PersonID)))
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("skp.copy", own.PersonID, own.VersionID, n) })...)
	return flows.Screen{Text: flows.Lines(title(r, own), "\n", r.T.HTML("skp.ask_copy")), Rows: append(rows, backTo(r, homeLink(own.PersonID)))}, nil
}

// source reads what is to be copied, with its name and its version: of the unit, none.
func (c conversation) source(ctx context.Context, r *flows.Request, own store.Personal) (list []store.Indicator, name string, version int64, err error) {
	from := r.Args.ID(2)
	if from == 0 {
		list = slices.DeleteFunc(slices.Clone(own.Unit), func(i store.Indicator) bool { return i.Aspect != store.Capaian })
		return list, r.T.Plain("skp.the_unit"), 0, nil
	}
	other, err := c.store.PersonalFor(ctx, r.Actor.PersonID, from)
	return other.Results, other.Name, other.VersionID, err
}

// missing are those of a list that the person has not, by name.
func missing(own, list []store.Indicator) []store.Indicator {
	return slices.DeleteFunc(slices.Clone(list), func(i store.Indicator) bool { return named(own, i.Name, 0) })
}

// confirmCopy shows what would be added. Nothing that is there is lost.
func (c conversation) confirmCopy(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, err := c.seen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	list, name, version, err := c.source(ctx, r, own)
	if err != nil {
		return flows.Screen{}, err
	}
	back := backTo(r, flows.To("skp.copy", own.PersonID, own.VersionID, 1))
	heading := []string{title(r, own), r.T.HTML("indicator.copy_from", locales.Args{"Name": name}), "\n"}
	list = missing(own.Results, list)
	if len(list) == 0 {
		return flows.Screen{Text: flows.Lines(append(heading, r.T.HTML("skp.copy_none"))...), Rows: [][]flows.Button{back}}, nil
	}
	for n := range list {
		list[n].Ordinal = n + 1
	}
	return flows.Screen{
		Text: flows.Lines(slices.Concat(heading, indicator.Lines(r, list), []string{"\n", r.T.HTML("skp.copy_adds", locales.Args{"Number": len(list)})})...),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("skp.copy_yes"), "skp.docopy", own.PersonID, own.VersionID, r.Args.ID(2), version).Styled(flows.Confirm)), back},
	}, nil
}

func (c conversation) copy(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	own, err := c.store.PersonalFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	from, _, version, err := c.source(ctx, r, own)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case version != r.Args.ID(3):
		return flows.Outcome{}, c.explain(r, store.ErrTemplateChanged)
	}
	own, err = c.change(ctx, r, func(list []store.Indicator) ([]store.Indicator, error) {
		return append(list, missing(list, from)...), nil
	})
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: homeLink(own.PersonID), Toast: r.T.Plain("indicator.stored")}, nil
}
