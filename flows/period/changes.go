package period

import (
	"context"
	"errors"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// askPublish asks once more before results become visible.
func (c conversation) askPublish(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	p, err := c.store.ProgressOf(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Screen{}, err
	}
	if !p.Manages {
		return flows.Screen{}, store.ErrNotFound
	}
	if !c.publishable(r, p.Period) {
		return flows.Screen{}, flows.Refuse(r.T.Plain("progress.already_published"), flows.To("period.progress", id))
	}
	if p.Final == 0 {
		return flows.Screen{}, flows.Refuse(r.T.Plain("progress.publish_none"), flows.To("period.progress", id))
	}
	lines := []string{r.T.HTML("progress.publish_title", locales.Args{"Period": words.NameOfPeriod(r.T, p.AdminPeriod)}), "\n",
		r.T.HTML("progress.publish_ask", locales.Args{"Final": r.T.Number(p.Final)})}
	if left := p.Total - p.Final; left > 0 && p.State == store.PeriodOpen {
		lines = append(lines, r.T.HTML("progress.publish_left",
			locales.Args{"Left": r.T.Number(left), "Alone": aloneOf(r.T, p.Counts), "Deadline": words.Deadline(r.T, c.calendar, r.Now, p.ScoringDue)}))
	}
	units, err := c.store.PerformancesOf(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Screen{}, err
	}
	rows := [][]flows.Button{flows.Row(flows.Go(r.T.Plain("progress.publish_yes"), "period.publishnow", id).Styled(flows.Danger))}
	if missing := len(units.Units) - units.Entered(); missing > 0 {
		lines = append(lines, r.T.HTML("performance.publish_missing", locales.Args{"Missing": r.T.Number(missing), "All": r.T.Number(len(units.Units))}))
		rows = append(rows, performanceRow(r.T, units)...)
	}
	return flows.Screen{Text: flows.Lines(append(lines, r.T.HTML("progress.publish_sure"))...), Rows: append(rows, back(r.T, "period.progress", id))}, nil
}

func (c conversation) publish(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	n, err := c.store.PublishPeriod(ctx, r.Actor.PersonID, id)
	if errors.Is(err, store.ErrConflict) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("progress.already_published"), flows.To("period.progress", id))
	}
	if err != nil {
		return flows.Outcome{}, err
	}
	if n == 0 {
		return flows.Outcome{To: flows.To("period.progress", id), Toast: r.T.Plain("progress.published_none")}, nil
	}
	return flows.Outcome{To: flows.To("period.progress", id), Toast: r.T.Plain("progress.published", locales.Args{"Number": r.T.Number(n)})}, nil
}

// askClose asks once more before a period is closed for good.
func (c conversation) askClose(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	p, err := c.store.ProgressOf(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Screen{}, err
	}
	if !p.Manages {
		return flows.Screen{}, store.ErrNotFound
	}
	if !c.may(r, p.AdminPeriod, store.MoveClose) {
		return flows.Screen{}, flows.Refuse(r.T.Plain("progress.not_open"), flows.To("period.progress", id))
	}
	unfinished, names, err := c.unfinished(ctx, r, p)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("progress.close_title", locales.Args{"Period": words.NameOfPeriod(r.T, p.AdminPeriod)}), c.stageLine(r, p), "\n", unfinished}
	if c.today(r) <= p.LastDay {
		lines = append(lines, r.T.HTML("progress.close_before_end", locales.Args{"Last": words.LongDay(r.T, p.LastDay)}))
	}
	if r.Now.Before(p.ScoringDue) && p.Final < p.Total {
		lines = append(lines, r.T.HTML("progress.close_early"))
	}
	if c.stageOf(r, p.Period) == store.StageSuperiors && p.Final < p.Total {
		lines = append(lines, r.T.HTML("periodstate.close_superiors"))
	}
	if left := p.Total - p.Final; left > 0 {
		lines = append(lines, r.T.HTML("progress.close_left", locales.Args{"Left": r.T.Number(left), "All": r.T.Number(p.Total), "Alone": aloneOf(r.T, p.Counts)}))
	}
	if c.publishable(r, p.Period) {
		lines = append(lines, r.T.HTML("progress.close_unpublished"))
	}
	rows := append([][]flows.Button{flows.Row(flows.Go(r.T.Plain("progress.close_yes"), "period.closenow", id).Styled(flows.Danger))}, names...)
	return flows.Screen{Text: flows.Lines(append(lines, r.T.HTML("progress.close_ask"))...), Rows: append(rows, back(r.T, "period.progress", id))}, nil
}

// unfinished tells of a period what is unfinished, by kind, with the buttons that lead to the names behind each; "" and none when nothing is.
func (c conversation) unfinished(ctx context.Context, r *flows.Request, p store.Progress) (string, [][]flows.Button, error) {
	unlinked, err := c.store.UnlinkedIn(ctx, r.Actor.PersonID, p.ID)
	if err != nil {
		return "", nil, err
	}
	var lines []string
	var buttons []flows.Button
	for _, k := range []struct {
		kind string
		n    int
		to   flows.Link
	}{
		{string(store.FigureNotBegun), p.NotBegun, flows.To("period.people", p.ID, string(store.FigureNotBegun), 1)},
		{string(store.FigureBegun), p.Begun, flows.To("period.people", p.ID, string(store.FigureBegun), 1)},
		{"alone", p.NoEvaluator, flows.To("period.alone", p.ID, 1)},
		{string(store.FigureUnlinked), unlinked, flows.To("period.people", p.ID, string(store.FigureUnlinked), 1)},
		{string(store.FigureUnopened), p.Released - p.Opened, flows.To("period.people", p.ID, string(store.FigureUnopened), 1)},
	} {
		if k.n > 0 {
			number := locales.Args{"Number": r.T.Number(k.n)}
			lines = append(lines, r.T.HTML("periodstate.unfinished_"+k.kind, number))
			buttons = append(buttons, flows.Button{Label: r.T.Plain("periodstate.names_"+k.kind, number), To: k.to})
		}
	}
	return flows.Lines(lines...), flows.Pack(figuresPerRow, buttons...), nil
}

// aloneOf says in brackets how many of those who are not final have nobody to evaluate them; "" when everybody has.
func aloneOf(t *locales.Translator, c store.Counts) string {
	if c.NoEvaluator == 0 {
		return ""
	}
	return " " + t.Plain("progress.alone_of", locales.Args{"Number": t.Number(c.NoEvaluator)})
}

func (c conversation) close(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	err := c.store.ClosePeriod(ctx, r.Actor.PersonID, id)
	if errors.Is(err, store.ErrConflict) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("progress.not_open"), flows.To("period.progress", id))
	}
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("period.progress", id), Toast: r.T.Plain("progress.closed_now")}, nil
}
