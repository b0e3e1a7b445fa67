package scoring

import (
	"context"
	"errors"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// closedShown is how long an evaluator whom nobody waits for is shown what the last closed period left.
const closedShown = 60 * 24 * time.Hour

// tellClosed tells an evaluator, once, that a period was closed with people whom he had not finished, and in the same message that it gave
// himself no result. Like every push it names nobody.
func (c conversation) tellClosed(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	gaps, err := c.store.UnscoredBy(ctx, r.Actor.PersonID)
	gap, left := store.GapIn(gaps, r.Args.ID(0))
	if err != nil || !left {
		return flows.Screen{}, false, err
	}
	lines := []string{r.T.HTML("scoring.closed_told", locales.Args{"Period": words.PeriodName(r.T, gap.Kind, gap.FirstDay), "Number": gap.Open})}
	rows := [][]flows.Button{flows.Row(flows.Go(r.T.Plain("common.see"), "score.team", 1).Styled(flows.Confirm))}
	own, err := c.store.UnevaluatedIn(ctx, r.Actor.PersonID)
	if _, without := store.GapIn(own, gap.PeriodID); without {
		lines = append(lines, r.T.HTML("scoring.closed_own"))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("menu.results"), "result.list", 1)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows}, true, err
}

// tellPublished tells an evaluator, once, that the results of a period were published: from now on his people read what he decided. Like
// every push it names nobody.
func (c conversation) tellPublished(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	shown, err := c.store.PublishedBy(ctx, r.Actor.PersonID, r.Args.ID(0))
	switch {
	case errors.Is(err, store.ErrNotFound): // they are somebody else's meanwhile, or withdrawn
		return flows.Screen{}, false, nil
	case err != nil:
		return flows.Screen{}, false, err
	}
	return flows.Screen{
		Text: r.T.HTML("scoring.published_told", locales.Args{"Period": words.PeriodName(r.T, shown.Kind, shown.FirstDay), "Number": shown.Number}),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("common.see"), "score.team", 1).Styled(flows.Confirm))},
	}, true, nil
}

// closedLines is what the last closed period left undone, for the list of a team in which nobody waits; "" for nothing.
func (c conversation) closedLines(ctx context.Context, r *flows.Request) (string, error) {
	gaps, err := c.store.UnscoredBy(ctx, r.Actor.PersonID)
	if err != nil || len(gaps) == 0 || r.Now.Sub(gaps[0].ClosedAt) > closedShown {
		return "", err
	}
	return c.closedLine(ctx, r, gaps[0])
}

func (c conversation) closedLine(ctx context.Context, r *flows.Request, gap store.ClosedGap) (string, error) {
	contacts, err := c.store.ContactsFor(ctx, gap.UnitID, r.Actor.PersonID)
	return r.T.HTML("scoring.closed_left", locales.Args{"Period": words.PeriodName(r.T, gap.Kind, gap.FirstDay), "Moment": r.T.LongMoment(gap.ClosedAt),
		"Number": gap.Open, "Contacts": words.Contacts(r.T, contacts)}), err
}
