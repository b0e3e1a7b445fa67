package scoring

import (
	"context"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// agreed lists the follow-ups that were agreed with a person, with who tells that they are done; the evaluator tells it here, and takes back
// what he told himself.
func (c conversation) agreed(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	all, err := c.store.FollowUpsOf(ctx, r.Actor.PersonID, sheet)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("followup.agreed_title", locales.Args{"Name": sheet.Employee}), "\n"}
	if len(all) == 0 {
		lines = append(lines, r.T.HTML("followup.agreed_none"))
	}
	var rows [][]flows.Button
	for n, f := range all {
		number := strconv.Itoa(n + 1)
		lines = append(lines, r.T.HTML("followup.agreed_line", locales.Args{"Number": number, "Kind": words.Agreed(r.T, f.Kind, f.Name), "Due": words.LongDay(r.T, f.Due)}))
		lines = append(lines, words.Done(r.T, f, sheet.Employee, f.Evaluator)...)
		switch {
		case f.ByEvaluator == nil:
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("followup.mark_done", locales.Args{"Number": number}), "score.followupdone", sheet.ID, f.ResultID)))
		case f.EvaluatorID == r.Actor.PersonID:
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("followup.mark_undone", locales.Args{"Number": number}), "score.followupundone", sheet.ID, f.ResultID)))
		}
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, "score.person", sheet.ID))}, nil
}

func (c conversation) followUpDone(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.reportFollowUp(ctx, r, true, "followup.marked_done")
}

func (c conversation) followUpUndone(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.reportFollowUp(ctx, r, false, "followup.marked_undone")
}

func (c conversation) reportFollowUp(ctx context.Context, r *flows.Request, done bool, toast string) (flows.Outcome, error) {
	if _, err := c.sheet(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	if err := c.store.ReportFollowUp(ctx, store.EvaluatorSide, r.Actor.PersonID, r.Args.ID(1), done); err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("score.agreed", r.Args.ID(0)), Toast: r.T.Plain(toast)}, nil
}

// agreedRow leads to the follow-ups of a person; none where there are none.
func agreedRow(r *flows.Request, sheet store.Sheet, any bool) [][]flows.Button {
	if !any {
		return nil
	}
	return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("followup.agreed"), "score.agreed", sheet.ID))}
}
