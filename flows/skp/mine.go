package skp

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/indicator"
	"kinerja/locales"
)

// minePerPage is how many results stand on one page of what a person reads of his own, with all that is said of them.
const minePerPage = 4

// mine is what a person reads of his own results. He changes nothing: they are agreed with his evaluator, who sets them (art. 14(3)).
func (c conversation) mine(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, err := c.store.PersonalOf(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	back := backTo(r, flows.To("result.list", 1))
	lines := []string{r.T.HTML("skp.mine_title")}
	if len(own.Results) == 0 {
		return flows.Screen{Text: flows.Lines(append(lines, "\n", r.T.HTML("skp.mine_none"))...), Rows: [][]flows.Button{back}}, nil
	}
	lines = append(lines, r.T.HTML("skp.mine_"+modeWord(own.Instead)))
	pages := (len(own.Results) + minePerPage - 1) / minePerPage
	page := max(1, min(r.Args.Int(0), pages))
	for _, i := range own.Results[(page-1)*minePerPage : min(page*minePerPage, len(own.Results))] {
		lines = append(lines, "\n", r.T.HTML("skp.item_title", locales.Args{"Number": i.Ordinal, "Name": i.Name}))
		lines = append(lines, indicator.ItemLines(r, nil, i)...)
	}
	lines = append(lines, "\n", r.T.HTML("skp.mine_changed", locales.Args{"When": r.T.Moment(own.ChangedAt)}), r.T.HTML("skp.from_next_period"))
	rows := flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("skp.mine", n) })
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back)}, nil
}

// tellChanged is the push: it says that something changed, and not what.
func (c conversation) tellChanged(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	own, err := c.store.PersonalOf(ctx, r.Actor.PersonID)
	if err != nil || own.VersionID == 0 {
		return flows.Screen{}, false, err
	}
	return flows.Screen{
		Text: r.T.HTML("skp.told"),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("common.see"), "skp.mine", 1).Styled(flows.Confirm))},
	}, true, nil
}
