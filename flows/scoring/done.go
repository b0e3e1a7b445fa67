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

// judge decides on an evaluation as it is stored, which an old screen may not show.
func (c conversation) judge(sheet store.Sheet) (store.Predicate, error) {
	if missing := rules.Check(sheet, c.MinReason); !missing.None() {
		return "", incomplete{missing}
	}
	return rules.Predicate(sheet.WorkRating, sheet.BehaviourRating)
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

// done comes after a result was set: who is next, and the quiet hints after the last one.
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
	lines := []string{
		r.T.HTML("scoring.done_heading", locales.Args{"Name": sheet.Employee, "Predicate": words.Predicate(r.T, result.Predicate)}),
		releaseLine(r, sheet, result), "\n",
	}
	onward := flows.Row(flows.Go(r.T.Plain("scoring.to_team"), "score.team", 1))
	if next, place := following(team, sheet.ID); next != nil {
		lines = append(lines, r.T.HTML("scoring.next_person", locales.Args{"Name": next.Name, "Place": place, "All": len(team)}))
		onward = flows.Row(
			flows.Go(r.T.Plain("scoring.next"), "score.person", next.EvaluationID).Styled(flows.Confirm),
			flows.Go(r.T.Plain("scoring.enough"), "score.team", 1))
	} else {
		hints, err := c.hints(ctx, r, sheet.PeriodID, team)
		if err != nil {
			return flows.Screen{}, err
		}
		lines = append(append(lines, r.T.HTML("scoring.all_done", locales.Args{"All": len(team)})), hints...)
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append([][]flows.Button{onward}, takeBackRow(r, sheet, result)...)}, nil
}

// following is the next person who is not evaluated yet, after the given one in the list, else from its start.
func following(team []store.TeamMember, after int64) (*store.TeamMember, int) {
	start := 0
	for i := range team {
		if team[i].EvaluationID == after {
			start = i
		}
	}
	for n := range team {
		i := (start + n) % len(team)
		if team[i].State == store.EvaluationOpen {
			return &team[i], i + 1
		}
	}
	return nil, 0
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
	if len(lines) > 0 {
		lines = append([]string{"\n", r.T.HTML("scoring.hint_private")}, lines...)
	}
	return lines, nil
}
