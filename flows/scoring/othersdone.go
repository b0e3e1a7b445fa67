package scoring

import (
	"context"
	"slices"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// batchView is how far a batch is.
type batchView struct {
	store.Batch
	set    []store.BatchMember // their result is that of the batch
	back   []store.BatchMember // of these, who can be taken back
	left   []store.BatchMember // not come to, and nothing stands out
	passed []store.Standing    // left out, because something stands out by now
	ended  bool                // nothing of it is left to see: all was taken back or set otherwise
}

func (c conversation) viewBatch(ctx context.Context, r *flows.Request, batch store.Batch) (batchView, error) {
	v := batchView{Batch: batch}
	members, err := c.store.BatchMembers(ctx, r.Actor.PersonID, batch)
	if err != nil {
		return v, err
	}
	standings, err := c.store.Standings(ctx, r.Actor.PersonID, batch.PeriodID)
	for _, m := range members {
		n := slices.IndexFunc(standings, func(s store.Standing) bool { return s.ID == m.EvaluationID })
		switch {
		case m.ResultID != 0:
			v.set = append(v.set, m)
			if m.PeriodState == store.PeriodOpen && (m.ReleaseAt == nil || m.ReleaseAt.After(r.Now)) {
				v.back = append(v.back, m)
			}
		case m.Settled || n < 0: // taken back since, or set by another way
		case len(rules.StandsOut(standings[n])) > 0:
			v.passed = append(v.passed, standings[n])
		default:
			v.left = append(v.left, m)
		}
	}
	v.ended = len(v.set)+len(v.left)+len(v.passed) == 0
	return v, err
}

// othersDone tells what came of a batch: who is evaluated, who is not and why, and who is next.
func (c conversation) othersDone(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	batch, err := c.store.BatchOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	v, err := c.viewBatch(ctx, r, batch)
	if err != nil || v.ended {
		if err == nil {
			return c.teamOf(ctx, r, batch.PeriodID)
		}
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("others.done_heading", locales.Args{"Done": len(v.set), "All": len(batch.People), "Predicate": words.Predicate(r.T, store.Good)}), "\n"}
	for _, m := range v.set {
		lines = append(lines, r.T.HTML("others.line", locales.Args{"Name": words.Shortened(m.Name, longestName)}))
	}
	lines = append(lines, "\n", backLine(r, v))
	looks, err := c.lookLines(ctx, r, v.passed)
	if err != nil {
		return flows.Screen{}, err
	}
	onward, whoIsNext, err := c.afterOthers(ctx, r, v)
	if err != nil {
		return flows.Screen{}, err
	}
	rows := append([][]flows.Button{}, onward)
	if n := len(v.back); n > 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("others.take_back", counted(n)), "others.back", batch.ID)))
	}
	return flows.Screen{Text: flows.Lines(append(append(lines, looks...), whoIsNext...)...), Rows: rows}, nil
}

// backLine says until when the batch can be taken back.
func backLine(r *flows.Request, v batchView) string {
	switch {
	case len(v.set) == 0:
		return ""
	case len(v.back) == 0:
		return r.T.HTML("others.no_way_back")
	case v.back[0].ReleaseAt == nil:
		return r.T.HTML("scoring.until_published")
	}
	until := *v.back[0].ReleaseAt // of the first who is released
	for _, m := range v.back {
		if m.ReleaseAt != nil && m.ReleaseAt.Before(until) {
			until = *m.ReleaseAt
		}
	}
	when := r.T.Clock(until)
	if r.T.Day(until) != r.T.Day(r.Now) {
		when = r.T.Moment(until)
	}
	return r.T.HTML("scoring.until_released", locales.Args{"Until": when})
}

// afterOthers is the way on: with those whom a crash left, to the first who waits, or the quiet hints when nobody does.
func (c conversation) afterOthers(ctx context.Context, r *flows.Request, v batchView) (row []flows.Button, lines []string, err error) {
	toTeam := flows.Go(r.T.Plain("scoring.to_team"), "score.period", v.PeriodID, 1)
	if n := len(v.left); n > 0 {
		onward := flows.Go(r.T.Plain("others.go_on", counted(n)), "others.goon", v.ID).Styled(flows.Confirm)
		return flows.Row(onward, toTeam), []string{"\n", r.T.HTML("others.left", counted(n))}, nil
	}
	team, err := c.store.Team(ctx, r.Actor.PersonID)
	if err != nil {
		return nil, nil, err
	}
	n := slices.IndexFunc(team, func(m store.TeamMember) bool { return m.PeriodID == v.PeriodID })
	if n < 0 { // the period is closed
		return flows.Row(toTeam), nil, nil
	}
	lines, err = c.afterwards(ctx, r, store.Period{ID: v.PeriodID, Kind: team[n].PeriodKind, FirstDay: team[n].FirstDay}, team)
	row = flows.Row(toTeam)
	if next := firstLeft(team, v.PeriodID); next != nil {
		row = flows.Row(flows.Go(r.T.Plain("scoring.next"), "score.person", next.EvaluationID).Styled(flows.Confirm), toTeam)
	}
	return row, append([]string{"\n"}, lines...), err
}
