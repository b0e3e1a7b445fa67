package scoring

import (
	"context"
	"errors"
	"unicode/utf8"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// incomplete stops a finalisation; it carries what is missing.
type incomplete struct{ rules.Missing }

func (incomplete) Error() string { return "evaluation is not complete" }

// errUnconfirmed stops the finalisation of a predicate below Baik that nobody was asked about.
var errUnconfirmed = errors.New("predicate is not confirmed")

// judge decides on an evaluation as it is stored, which an old screen may not show. A predicate below Baik is only set when it is
// the one that was confirmed.
func (c conversation) judge(confirmed store.Predicate) func(store.Sheet) (store.Predicate, error) {
	return func(sheet store.Sheet) (store.Predicate, error) {
		if missing := rules.Check(sheet, c.MinReason); !missing.None() {
			return "", incomplete{missing}
		}
		predicate, err := rules.Predicate(sheet.WorkRating, sheet.BehaviourRating)
		if err == nil && rules.BelowGood(predicate) && predicate != confirmed {
			return "", errUnconfirmed
		}
		return predicate, err
	}
}

// finalise sets the result, leads to the first thing that is missing, or asks once more.
func (c conversation) finalise(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.set(ctx, r, "")
}

// confirmed sets the result that the question named; when it is another by now, the question is asked again.
func (c conversation) confirmed(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.set(ctx, r, store.Predicate(r.Args.Word(1)))
}

func (c conversation) set(ctx context.Context, r *flows.Request, confirmed store.Predicate) (flows.Outcome, error) {
	id := r.Args.ID(0)
	_, err := c.store.Finalise(ctx, r.Actor.PersonID, id, c.Grace, c.judge(confirmed))
	var lacking incomplete
	switch {
	case errors.As(err, &lacking):
		return flows.Outcome{}, flows.Refuse(sentenceFor(r, lacking.Missing), placeOf(id, lacking.Missing))
	case errors.Is(err, errUnconfirmed):
		return flows.Outcome{To: flows.To("score.confirm", id)}, nil
	case err != nil:
		return flows.Outcome{}, c.explain(ctx, r, err, id)
	}
	return flows.Outcome{To: flows.To("score.done", id), Toast: r.T.Plain("scoring.finalised")}, nil
}

// confirm asks once more before a predicate below Baik is set, in one sentence that tells what the system suggested.
func (c conversation) confirm(ctx context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	predicate, err := rules.Predicate(sheet.WorkRating, sheet.BehaviourRating)
	if err != nil || !rules.BelowGood(predicate) { // chosen otherwise meanwhile
		return c.summary(ctx, r, sheet)
	}
	args := locales.Args{"Name": sheet.Employee, "Predicate": words.Predicate(r.T, predicate)}
	sentence := "scoring.confirm_alone"
	if proposed, err := rules.Predicate(rules.Suggested(sheet, store.Work), rules.Suggested(sheet, store.Behaviour)); err == nil {
		sentence, args["Proposed"] = "scoring.confirm_other", words.Predicate(r.T, proposed)
		if proposed == predicate {
			sentence = "scoring.confirm_same"
		}
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("scoring.summary_heading", locales.Args{"Name": sheet.Employee}), "\n", r.T.HTML(sentence, args)),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("scoring.confirm_yes", args), "score.confirmed", sheet.ID, string(predicate))),
			backTo(r, "score.summary", sheet.ID),
		},
	}, nil
}

// placeOf is where the first missing thing is given.
func placeOf(id int64, m rules.Missing) flows.Link {
	switch {
	case len(m.Unrated) > 0, len(m.Overall) > 0:
		return flows.To("score.summary", id)
	case len(m.Reasons) > 0:
		return reasonLink(id, m.Reasons[0])
	default:
		return flows.To("score.followup", id)
	}
}

// done comes after a result was set: what is stored and who sees it, how far the team is, who is next; and the quiet hints after
// the last one of a period.
func (c conversation) done(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	result, err := c.store.CurrentResult(ctx, r.Actor.PersonID, sheet.ID)
	if errors.Is(err, store.ErrNotFound) { // taken back meanwhile
		return c.person(ctx, r)
	}
	if err != nil {
		return flows.Screen{}, err
	}
	team, err := c.store.Team(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	args := quadrantWords(r, result.WorkRating, result.BehaviourRating, result.Predicate)
	args["Name"] = sheet.Employee
	lines := []string{r.T.HTML("scoring.done_heading", args), r.T.HTML("scoring.done_stored", args), releaseLine(r, sheet, result), "\n"}
	more, err := c.afterwards(ctx, r, sheet.Period, team)
	if err != nil {
		return flows.Screen{}, err
	}
	onward := flows.Row(flows.Go(r.T.Plain("scoring.to_team"), "score.teamof", sheet.ID), flows.Go(r.T.Plain("scoring.pattern"), "score.pattern", sheet.PeriodID, 0))
	if next := firstLeft(team, sheet.PeriodID); next != nil {
		onward = flows.Row(
			flows.Go(r.T.Plain("scoring.next"), "score.person", next.EvaluationID).Styled(flows.Confirm),
			flows.Go(r.T.Plain("scoring.enough"), "score.teamof", sheet.ID))
	}
	return flows.Screen{Text: flows.Lines(append(lines, more...)...), Rows: append([][]flows.Button{onward}, takeBackRow(r, sheet, result)...)}, nil
}

// afterwards tells how many of the period are done and who is next, or that it was the last one.
func (c conversation) afterwards(ctx context.Context, r *flows.Request, period store.Period, team []store.TeamMember) ([]string, error) {
	var members []store.TeamMember
	for _, m := range team {
		if m.PeriodID == period.ID {
			members = append(members, m)
		}
	}
	finished, all := finishedOf(members), len(members)
	lines := []string{r.T.HTML("scoring.team_progress", locales.Args{"Bar": flows.Bar(finished, all), "Done": finished, "All": all})}
	next := firstLeft(team, period.ID)
	if next != nil && next.PeriodID == period.ID {
		return append(lines, r.T.HTML("scoring.next_person", locales.Args{"Name": next.Name})), nil
	}
	lines = append(lines, r.T.HTML("scoring.all_done", locales.Args{"All": all, "Period": words.PeriodName(r.T, period.Kind, period.FirstDay)}))
	if next != nil {
		elsewhere := words.PeriodName(r.T, next.PeriodKind, next.FirstDay)
		lines = append(lines, r.T.HTML("scoring.next_elsewhere", locales.Args{"Name": next.Name, "Period": elsewhere}))
	}
	hints, err := c.hints(ctx, r, period.ID, team)
	return append(lines, hints...), err
}

// firstLeft is the first one of a team who is not evaluated yet: of the given period, else of another one; nil when all are.
func firstLeft(team []store.TeamMember, periodID int64) *store.TeamMember {
	var elsewhere *store.TeamMember
	for i := range team {
		switch m := &team[i]; {
		case m.State != store.EvaluationOpen:
		case m.PeriodID == periodID:
			return m
		case elsewhere == nil:
			elsewhere = m
		}
	}
	return elsewhere
}

const (
	smallTeam   = 5  // the least team in which equal predicates are worth a second thought
	shortReason = 25 // characters; a shorter reason may be allowed and still say little
)

// hints are quiet and private, and never block.
func (c conversation) hints(ctx context.Context, r *flows.Request, periodID int64, team []store.TeamMember) ([]string, error) {
	var lines []string
	predicates, members := map[store.Predicate]bool{}, 0
	for _, m := range team {
		if m.PeriodID == periodID {
			predicates[m.Predicate] = true
			members++
		}
	}
	if members >= smallTeam && len(predicates) == 1 {
		lines = append(lines, r.T.HTML("scoring.hint_same"))
	}
	reasons, err := c.store.ReasonsGiven(ctx, r.Actor.PersonID, periodID)
	if err != nil {
		return nil, err
	}
	short := 0
	for _, reason := range reasons {
		if utf8.RuneCountInString(reason) < shortReason {
			short++
		}
	}
	if short > 0 {
		lines = append(lines, r.T.HTML("scoring.hint_short", counted(short)))
	}
	pattern, err := c.patternHints(ctx, r, periodID, team)
	if err != nil {
		return nil, err
	}
	if lines = append(pattern, lines...); len(lines) > 0 {
		lines = append([]string{"\n", r.T.HTML("scoring.hint_private")}, lines...)
	}
	return lines, nil
}
