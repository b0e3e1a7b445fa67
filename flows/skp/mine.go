package skp

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/indicator"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
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
	openings, err := c.store.PersonalOpeningsOf(ctx, own)
	if err != nil {
		return flows.Screen{}, err
	}
	used := usedLines(r, own, openings)
	lines := []string{r.T.HTML("skp.mine_title")}
	if len(own.Results) == 0 {
		lines = append(append(lines, "\n", r.T.HTML("skp.mine_none")), used...)
		return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{back}}, nil
	}
	lines = append(append(lines, used...), r.T.HTML("skp.mine_"+modeWord(own.Instead)), leftOut(r, own), r.T.HTML("skp.mine_wrong"))
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

// usedLines tell for each running period whether the person is judged by what he reads here. An evaluation has the list that was in force when
// its period opened; where nothing is changed since he has results of his own, there is nothing to tell.
func usedLines(r *flows.Request, own store.Personal, openings []store.PersonalOpening) []string {
	if own.VersionID == 0 {
		return nil
	}
	var lines []string
	for _, o := range openings {
		key := "skp.mine_later"
		switch {
		case o.Counts && len(own.Results) == 0:
			key = "skp.mine_counts_unit"
		case o.Counts:
			key = "skp.mine_counts"
		}
		lines = append(lines, r.T.HTML(key, locales.Args{"Period": words.PeriodName(r.T, o.Kind, o.FirstDay)}))
	}
	return lines
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
