package scoring

import (
	"context"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/account"
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
		case !f.MayTell: // another evaluator's, or not released yet
		case f.ByEvaluator == nil:
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("followup.mark_done", locales.Args{"Number": number}), "score.followupdone", sheet.ID, f.ResultID)))
		case f.EvaluatorID == r.Actor.PersonID, f.EvaluatorGone:
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("followup.mark_undone", locales.Args{"Number": number}), "score.followupundone", sheet.ID, f.ResultID)))
		}
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backFromAgreed(r, sheet))}, nil
}

// backFromAgreed leads back to where this was opened from: the person, or the list of all follow-ups.
func backFromAgreed(r *flows.Request, sheet store.Sheet) []flows.Button {
	if came := r.Came(); !came.Zero() {
		return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: came})
	}
	return backTo(r, "score.person", sheet.ID)
}

// followUps lists what was agreed with any of the evaluator's people and is not done: also after their period is closed.
func (c conversation) followUps(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	all, err := c.store.OpenFollowUps(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("followup.all_title"), "\n"}
	if len(all) == 0 {
		lines = append(lines, r.T.HTML("followup.all_none"))
	}
	pages := max(1, (len(all)+perPage-1)/perPage)
	page := max(1, min(r.Args.Int(0), pages))
	start := (page - 1) * perPage
	var rows [][]flows.Button
	for n, f := range all[start:min(start+perPage, len(all))] {
		args := locales.Args{"Number": start + n + 1, "Name": f.Employee, "Kind": words.Agreed(r.T, f.Kind, f.Name), "Due": words.LongDay(r.T, f.Due)}
		sentence := "followup.all_line"
		switch {
		case f.ByEmployee != nil:
			sentence = "followup.all_told"
		case f.Due < c.Calendar.Date(r.Now):
			sentence = "followup.all_over"
		}
		lines = append(lines, r.T.HTML(sentence, args))
		rows = append(rows, flows.Row(flows.Go(strconv.Itoa(start+n+1)+" "+withoutTitles(f.Employee), "score.agreed", f.EvaluationID)))
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("score.followups", n) })...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, "menu"))}, nil
}

// followUpsRow leads to them; none where nothing is open.
func (c conversation) followUpsRow(ctx context.Context, r *flows.Request) ([][]flows.Button, error) {
	open, err := c.store.OpenFollowUps(ctx, r.Actor.PersonID)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("followup.all", locales.Args{"Number": len(open)}), "score.followups", 1))}, nil
}

func (c conversation) followUpDone(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.reportFollowUp(ctx, r, true, "followup.marked_done", "followup.done_already")
}

func (c conversation) followUpUndone(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.reportFollowUp(ctx, r, false, "followup.marked_undone", "followup.undone_already")
}

// reportFollowUp stores what the evaluator tells. Where that changes nothing, as after another evaluator's word, the page shows whose it is.
func (c conversation) reportFollowUp(ctx context.Context, r *flows.Request, done bool, toast, already string) (flows.Outcome, error) {
	if _, err := c.sheet(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	changed, err := c.store.ReportFollowUp(ctx, store.EvaluatorSide, r.Actor.PersonID, r.Args.ID(1), done)
	if err != nil {
		return flows.Outcome{}, err
	}
	if !changed {
		toast = already
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

// FollowUpEntry is shown to an evaluator while something that was agreed with his people is not done.
func FollowUpEntry(s Store) account.MenuEntry {
	return account.MenuEntry{To: flows.To("score.followups", 1), Draw: func(ctx context.Context, r *flows.Request) (account.MenuLine, error) {
		open, err := s.OpenFollowUps(ctx, r.Actor.PersonID)
		if err != nil || len(open) == 0 {
			return account.MenuLine{}, err
		}
		return account.MenuLine{Label: r.T.Plain("followup.all", locales.Args{"Number": len(open)})}, nil
	}}
}
