package result

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// gapsShown is how many closed periods without result stand under the list of results.
const gapsShown = 3

// tellNotEvaluated tells an employee, once, that a period was closed and gave him no result. Like every push it names nobody. Who has people left
// in it reads so in the message about them: see scoring.
func (c conversation) tellNotEvaluated(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	gaps, err := c.store.UnevaluatedIn(ctx, r.Actor.PersonID)
	gap, without := store.GapIn(gaps, r.Args.ID(0))
	if err != nil || !without {
		return flows.Screen{}, false, err
	}
	people, err := c.store.UnscoredBy(ctx, r.Actor.PersonID)
	if _, told := store.GapIn(people, gap.PeriodID); told || err != nil {
		return flows.Screen{}, false, err
	}
	return flows.Screen{
		Text: r.T.HTML("result.closed_told", locales.Args{"Period": words.PeriodName(r.T, gap.Kind, gap.FirstDay)}),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("common.see"), "result.list", 1).Styled(flows.Confirm))},
	}, true, nil
}

// gapLines are the latest closed periods that gave the employee no result, with whom to ask.
func (c conversation) gapLines(ctx context.Context, r *flows.Request) ([]string, error) {
	gaps, err := c.store.UnevaluatedIn(ctx, r.Actor.PersonID)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, gap := range gaps[:min(gapsShown, len(gaps))] {
		line, err := c.gapLine(ctx, r, gap)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func (c conversation) gapLine(ctx context.Context, r *flows.Request, gap store.ClosedGap) (string, error) {
	contacts, err := c.store.ContactsFor(ctx, gap.UnitID, r.Actor.PersonID)
	key := "result.closed_without"
	if gap.Evaluator == "" {
		key = "result.closed_nobody"
	}
	return r.T.HTML(key, locales.Args{"Period": words.PeriodName(r.T, gap.Kind, gap.FirstDay), "Moment": r.T.LongMoment(gap.ClosedAt),
		"Evaluator": gap.Evaluator, "Contacts": words.Contacts(r.T, contacts)}), err
}

// excludedLines tell an employee in which periods he is not evaluated, for which kind of reason, and whom to ask: no news of a result will come.
func (c conversation) excludedLines(ctx context.Context, r *flows.Request) ([]string, error) {
	excluded, err := c.store.ExcludedFrom(ctx, r.Actor.PersonID)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, x := range excluded[:min(gapsShown, len(excluded))] {
		contacts, err := c.store.ContactsFor(ctx, x.UnitID, r.Actor.PersonID)
		if err != nil {
			return nil, err
		}
		lines = append(lines, r.T.HTML("result.excluded", locales.Args{"Period": words.PeriodName(r.T, x.Kind, x.FirstDay),
			"Reason": r.T.Plain("result.excluded_" + string(x.Reason)), "Contacts": words.Contacts(r.T, contacts)}))
	}
	return lines, nil
}
