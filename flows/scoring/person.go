package scoring

import (
	"context"
	"errors"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// person is where the evaluation of one person begins, and where a set one is read.
func (c conversation) person(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if sheet.State == store.EvaluationFinal {
		return c.finished(ctx, r, sheet)
	}
	lines, agreed, err := c.personLines(ctx, r, sheet)
	if err != nil {
		return flows.Screen{}, err
	}
	if !sheet.Open() {
		lines = append(lines, "\n", r.T.HTML("scoring.is_closed"))
		rows, err := c.besideRows(ctx, r, sheet, agreed)
		rows = append(readRows(sheet), rows...)
		return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, "score.teamof", sheet.ID))}, err
	}
	rows := append(beginRows(r, sheet), editRows(sheet)...)
	rows = append(rows, keptRow(r, sheet)...)
	rows = append(rows, agreedRow(r, sheet, agreed)...)
	personal, err := c.personalRow(ctx, r, sheet)
	if err != nil {
		return flows.Screen{}, err
	}
	rows = append(rows, personal...)
	return flows.Screen{Text: flows.Lines(lines...), ForText: asNote(r, sheet, 0), Rows: append(rows, backTo(r, "score.teamof", sheet.ID))}, nil
}

// personalRow leads to the results that somebody has of his own, his SKP, whose evaluator is the one who reads this by the roster of now too.
func (c conversation) personalRow(ctx context.Context, r *flows.Request, sheet store.Sheet) ([][]flows.Button, error) {
	may, results, err := c.store.PersonalHeld(ctx, r.Actor.PersonID, sheet.EmployeeID)
	if err != nil || !may {
		return nil, err
	}
	key := "skp.on_person"
	if results > 0 {
		key = "skp.on_person_has"
	}
	return [][]flows.Button{flows.Row(flows.Go(r.T.Plain(key, locales.Args{"Number": results}), "skp.home", sheet.EmployeeID))}, nil
}

// beginRows: the usual way first, which says all with one tap, then one by one.
func beginRows(r *flows.Request, sheet store.Sheet) [][]flows.Button {
	if sheet.Answered() == len(sheet.Indicators) {
		return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("scoring.to_summary"), "score.summary", sheet.ID).Styled(flows.Confirm))}
	}
	all, begin := "scoring.all_meet", "scoring.begin"
	if sheet.Answered() > 0 {
		all, begin = "scoring.rest_meets", "scoring.go_on"
	}
	return [][]flows.Button{
		flows.Row(flows.Go(r.T.Plain(all), "score.all", sheet.ID).Styled(flows.Confirm)),
		flows.Row(flows.Go(r.T.Plain(begin), "score.next", sheet.ID, 0)),
	}
}

func personHeading(r *flows.Request, sheet store.Sheet) string {
	return r.T.HTML("scoring.person_heading", locales.Args{"Name": sheet.Employee, "Period": words.PeriodName(r.T, sheet.Period.Kind, sheet.Period.FirstDay)})
}

// personLines: his open follow-ups first, then his last predicate, then how far his evaluation is, and all indicators. agreed reports that
// there are follow-ups, open or done.
func (c conversation) personLines(ctx context.Context, r *flows.Request, sheet store.Sheet) (lines []string, agreed bool, err error) {
	lines = []string{personHeading(r, sheet), locales.Escape(sheet.Position)}
	handed, err := c.handedLines(ctx, r, sheet)
	if err != nil {
		return nil, false, err
	}
	lines = append(append(lines, handed...), "\n")
	earlier, err := c.store.EarlierOf(ctx, r.Actor.PersonID, sheet)
	if err != nil {
		return nil, false, err
	}
	for _, f := range earlier.FollowUps {
		if rules.IsOpen(f) {
			lines = append(lines, openLine(r, f))
		}
	}
	if earlier.ResultID != 0 {
		if err := c.store.Looked(ctx, r.Actor.PersonID, "result", earlier.ResultID); err != nil {
			return nil, false, err
		}
		lines = append(lines, r.T.HTML("scoring.last_predicate",
			locales.Args{"Predicate": words.Predicate(r.T, earlier.Predicate), "Period": words.PeriodName(r.T, earlier.Kind, earlier.FirstDay)}))
	}
	lines = append(lines, progressLine(r, sheet),
		r.T.HTML("scoring.deadline", locales.Args{"Deadline": words.Deadline(r.T, c.Calendar, r.Now, sheet.Period.ScoringDue)}))
	if sheet.Note != "" {
		lines = append(lines, r.T.HTML("scoring.note_is", locales.Args{"Note": sheet.Note}))
	}
	lines = append(lines, "\n")
	return append(lines, indicatorLines(r, sheet)...), len(earlier.FollowUps) > 0, nil
}

// openLine is a follow-up that is not done, or done by the employee's own word only.
func openLine(r *flows.Request, f store.FollowUp) string {
	key := "scoring.open_followup"
	if f.ByEmployee != nil {
		key = "scoring.told_followup"
	}
	return r.T.HTML(key, locales.Args{"Kind": words.Agreed(r.T, f.Kind, f.Name), "Due": words.LongDay(r.T, f.Due)})
}

// finished shows a result that is set, and records the look at it.
func (c conversation) finished(ctx context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	result, err := c.store.CurrentResult(ctx, r.Actor.PersonID, sheet.ID)
	if err != nil {
		return flows.Screen{}, err
	}
	if err := c.store.Looked(ctx, r.Actor.PersonID, "result", result.ID); err != nil {
		return flows.Screen{}, err
	}
	lines := append([]string{personHeading(r, sheet), "\n"}, quadrantLine(r, result.WorkRating, result.BehaviourRating)...)
	lines = append(lines, extraLines(r, sheet)...)
	set := "scoring.set_at"
	if result.Version > 1 {
		set = "scoring.set_again"
	}
	lines = append(lines, "\n", r.T.HTML(set, locales.Args{"When": r.T.Moment(result.SetAt)}), releaseLine(r, sheet, result))
	lines = append(append(lines, "\n"), indicatorLines(r, sheet)...)
	rows := append(takeBackRow(r, sheet, result), readRows(sheet)...)
	beside, err := c.besideRows(ctx, r, sheet, sheet.FollowUpKind != "" && result.ReleaseAt != nil && !result.ReleaseAt.After(r.Now))
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(append(rows, beside...), backTo(r, "score.teamof", sheet.ID))}, err
}

// besideRows lead to what was agreed with a person, and to his wish to talk.
func (c conversation) besideRows(ctx context.Context, r *flows.Request, sheet store.Sheet, agreed bool) ([][]flows.Button, error) {
	rows := agreedRow(r, sheet, agreed)
	view, err := c.store.TalkAboutEvaluation(ctx, r.Actor.PersonID, sheet.ID)
	if errors.Is(err, store.ErrNotFound) {
		return rows, nil
	}
	key := "talk.on_person"
	if view.Answer == store.TalkOn || view.Answer == store.TalkUntil {
		key = "talk.on_person_day"
	}
	label := r.T.Plain(key, locales.Args{"Day": words.LongDay(r.T, view.Day)})
	return append(rows, flows.Row(flows.Go(label, "talk.show", view.ID))), err
}

func takeBackRow(r *flows.Request, sheet store.Sheet, result store.Result) [][]flows.Button {
	if !canTakeBack(r, sheet, result) {
		return nil
	}
	return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("scoring.take_back"), "score.takeback", sheet.ID))}
}

func canTakeBack(r *flows.Request, sheet store.Sheet, result store.Result) bool {
	return sheet.Period.State == store.PeriodOpen && (result.ReleaseAt == nil || result.ReleaseAt.After(r.Now))
}

// releaseLine says until when the result can be taken back, or how far it has come with the employee.
func releaseLine(r *flows.Request, sheet store.Sheet, result store.Result) string {
	if result.ReleaseAt == nil || result.ReleaseAt.After(r.Now) {
		return waitingLine(r, sheet, result)
	}
	switch {
	case result.AcknowledgedAt != nil:
		return r.T.HTML("scoring.acknowledged", locales.Args{"When": r.T.Moment(*result.AcknowledgedAt)})
	case result.OpenedAt != nil:
		return r.T.HTML("scoring.opened", locales.Args{"When": r.T.Moment(*result.OpenedAt)})
	default:
		return r.T.HTML("scoring.not_opened")
	}
}

// waitingLine is about a result that its employee cannot see yet.
func waitingLine(r *flows.Request, sheet store.Sheet, result store.Result) string {
	sentence, args := "scoring.until_published", locales.Args{}
	if result.ReleaseAt != nil {
		until := r.T.Clock(*result.ReleaseAt)
		if r.T.Day(*result.ReleaseAt) != r.T.Day(r.Now) {
			until = r.T.Moment(*result.ReleaseAt)
		}
		sentence, args = "scoring.until_released", locales.Args{"Until": until}
	}
	if canTakeBack(r, sheet, result) {
		return r.T.HTML(sentence, args)
	}
	return r.T.HTML("scoring.not_released")
}

// saveDraft says that what is said so far is stored, which every tap did already, and leaves for the list.
func (c conversation) saveDraft(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	r.ForgetForm()
	said := ""
	switch args := (locales.Args{"Name": words.Shortened(withoutTitles(sheet.Employee), 60), "Done": sheet.Answered(), "All": len(sheet.Indicators)}); {
	case !sheet.Open(): // there is nothing left to leave
	case len(sheet.Answers) == 0 && sheet.Note == "":
		said = r.T.Plain("scoring.draft_empty", args)
	default:
		said = r.T.Plain("scoring.draft_saved", args)
	}
	return flows.Outcome{To: flows.To("score.teamof", sheet.ID), Toast: said}, nil
}

// takeBack opens a set evaluation again, until its employee may have seen the result.
func (c conversation) takeBack(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	err := c.store.TakeBack(ctx, r.Actor.PersonID, id)
	switch {
	case errors.Is(err, store.ErrReleased):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("scoring.released"), flows.To("score.person", id))
	case err != nil:
		return flows.Outcome{}, c.explain(ctx, r, err, id)
	}
	return flows.Outcome{To: flows.To("score.summary", id), Toast: r.T.Plain("scoring.taken_back")}, nil
}
