package scoring

import (
	"context"
	"errors"
	"strings"

	"kinerja/flows"
	"kinerja/flows/performance"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// How the predicates of a team are distributed beside the pattern that the organisation performance of its unit lets expect (PermenPANRB 6/2022,
// annex IV.B.2). It is private to the evaluator and a thought only: nothing waits for it.

// pattern draws both for one period. The second argument is the evaluation whose summary it was opened from, 0 for the team.
func (c conversation) pattern(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	members, err := c.membersOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	own, err := c.store.PerformanceFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return flows.Screen{}, err
	}
	expected, known := rules.PatternOf(own.Grade)
	count := distribution(members)
	lines := []string{r.T.HTML("scoring.pattern_title", locales.Args{"Period": words.PeriodName(r.T, members[0].PeriodKind, members[0].FirstDay)})}
	if known {
		lines = append(lines, performance.Line(r.T, own), r.T.HTML("scoring.pattern_expected", locales.Args{"Predicate": words.Predicate(r.T, expected.Largest)}))
	} else {
		lines = append(lines, r.T.HTML("scoring.pattern_unknown"))
	}
	lines = append(lines, r.T.HTML("scoring.pattern_team", locales.Args{"Done": finishedOf(members), "All": len(members)}),
		r.T.HTML("scoring.pattern_chart", locales.Args{"Chart": chart(r.T, expected, known, count)}))
	lines = append(lines, patternWarnings(r.T, expected, count)...)
	if known && finishedOf(members) < rules.LeastForPattern {
		lines = append(lines, r.T.HTML("scoring.pattern_small", locales.Args{"Least": rules.LeastForPattern}))
	}
	back := backTo(r, "score.period", members[0].PeriodID, 1)
	if evaluation := int64(r.Args.Int(1)); evaluation != 0 {
		back = backTo(r, "score.summary", evaluation)
	}
	return flows.Screen{Text: flows.Lines(append(lines, "\n", r.T.HTML("scoring.pattern_private"))...), Rows: [][]flows.Button{back}}, nil
}

// membersOf is the evaluator's own team in a period, open or closed: whom he evaluates for somebody absent is of another unit's pattern.
// ErrNotFound where it is nobody.
func (c conversation) membersOf(ctx context.Context, evaluatorID, periodID int64) ([]store.TeamMember, error) {
	team, err := c.store.Team(ctx, evaluatorID)
	if err != nil {
		return nil, err
	}
	own := ownOf(team, periodID)
	if len(own) == 0 {
		if team, err = c.store.TeamThen(ctx, evaluatorID, periodID); err != nil {
			return nil, err
		}
		own = ownOf(team, periodID)
	}
	if len(own) == 0 {
		return nil, store.ErrNotFound
	}
	return own, nil
}

func ownOf(team []store.TeamMember, periodID int64) []store.TeamMember {
	var own []store.TeamMember
	for _, m := range team {
		if m.PeriodID == periodID && m.DelegationID == 0 {
			own = append(own, m)
		}
	}
	return own
}

// distribution counts the predicates that are set.
func distribution(members []store.TeamMember) map[store.Predicate]int {
	count := map[store.Predicate]int{}
	for _, m := range members {
		if m.State == store.EvaluationFinal {
			count[m.Predicate]++
		}
	}
	return count
}

// widestBar is the length of the longest bar of a chart, in characters; with the longest predicate and two bars a line fits a narrow phone.
const widestBar = 5

// chart has a line for each predicate: its name, the pattern's curve where there is one, and how many of the team have it.
func chart(t *locales.Translator, expected rules.Pattern, known bool, count map[store.Predicate]int) string {
	most, name := 1, 0
	for _, p := range rules.Predicates() {
		most, name = max(most, count[p]), max(name, flows.Width(words.Predicate(t, p)))
	}
	var lines []string
	for _, p := range rules.Predicates() {
		line := padded(words.Predicate(t, p), name)
		if known {
			line += " " + padded(strings.Repeat("▒", expected.Height(p)), widestBar)
		}
		team := (count[p]*widestBar + most - 1) / most // whoever there is shows
		lines = append(lines, line+" "+padded(strings.Repeat("▓", team), widestBar)+" "+t.Number(count[p]))
	}
	return strings.Join(lines, "\n")
}

func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-flows.Width(text)))
}

// patternWarnings say in words how a team departs from its pattern; none where it is too small, or has none.
func patternWarnings(t *locales.Translator, expected rules.Pattern, count map[store.Predicate]int) []string {
	var lines []string
	for _, off := range expected.Departures(count) {
		args := locales.Args{"Predicate": words.Predicate(t, off.Predicate), "Limit": off.Limit}
		switch {
		case off.Largest:
			lines = append(lines, t.HTML("scoring.pattern_other", args))
		case off.Fewer:
			lines = append(lines, t.HTML("scoring.pattern_fewer", args))
		case off.Limit == 0:
			lines = append(lines, t.HTML("scoring.pattern_none", args))
		default:
			lines = append(lines, t.HTML("scoring.pattern_more", args))
		}
	}
	return lines
}

// patternHints are the warnings for whoever has set his last result; none while nobody has entered the organisation performance.
func (c conversation) patternHints(ctx context.Context, r *flows.Request, periodID int64, team []store.TeamMember) ([]string, error) {
	own, err := c.store.PerformanceFor(ctx, r.Actor.PersonID, periodID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	expected, _ := rules.PatternOf(own.Grade)
	return patternWarnings(r.T, expected, distribution(ownOf(team, periodID))), err
}
