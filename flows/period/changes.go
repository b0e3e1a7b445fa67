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
	if !publishable(p.Period) {
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
	return flows.Screen{
		Text: flows.Lines(append(lines, r.T.HTML("progress.publish_sure"))...),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("progress.publish_yes"), "period.publishnow", id).Styled(flows.Danger)),
			back(r.T, "period.progress", id),
		},
	}, nil
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
	if p.State != store.PeriodOpen {
		return flows.Screen{}, flows.Refuse(r.T.Plain("progress.not_open"), flows.To("period.progress", id))
	}
	lines := []string{r.T.HTML("progress.close_title", locales.Args{"Period": words.NameOfPeriod(r.T, p.AdminPeriod)}), c.dueLine(r, p.Period), "\n"}
	if r.Now.Before(p.ScoringDue) && p.Final < p.Total {
		lines = append(lines, r.T.HTML("progress.close_early"))
	}
	if left := p.Total - p.Final; left > 0 {
		lines = append(lines, r.T.HTML("progress.close_left", locales.Args{"Left": r.T.Number(left), "All": r.T.Number(p.Total), "Alone": aloneOf(r.T, p.Counts)}))
	}
	if publishable(p.Period) {
		lines = append(lines, r.T.HTML("progress.close_unpublished"))
	}
	return flows.Screen{
		Text: flows.Lines(append(lines, r.T.HTML("progress.close_ask"))...),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("progress.close_yes"), "period.closenow", id).Styled(flows.Danger)), back(r.T, "period.progress", id)},
	}, nil
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
