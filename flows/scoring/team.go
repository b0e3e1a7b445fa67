package scoring

import (
	"context"
	"strings"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	perPage = 8 // people on one page of the team list
	perRow  = 2 // of them beside each other
)

// team is the list of the people whom this person evaluates.
func (c conversation) team(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	team, err := c.store.Team(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	if len(team) == 0 {
		left, err := c.closedLines(ctx, r)
		return flows.Screen{Text: flows.Lines(r.T.HTML("scoring.team_title"), "\n", left, r.T.HTML("scoring.team_empty")), Rows: [][]flows.Button{backTo(r, "menu")}}, err
	}
	pages := (len(team) + perPage - 1) / perPage
	page := max(1, min(r.Args.Int(0), pages))
	shown := team[(page-1)*perPage : min(page*perPage, len(team))]
	lines, err := c.teamLines(ctx, r, team[0], shown)
	if err != nil {
		return flows.Screen{}, err
	}
	finished := 0
	for _, m := range team {
		if m.State == store.EvaluationFinal {
			finished++
		}
	}
	heading := []string{
		r.T.HTML("scoring.team_heading", locales.Args{"Period": words.PeriodName(r.T, team[0].PeriodKind, team[0].FirstDay)}),
		r.T.HTML("scoring.team_progress", locales.Args{"Bar": flows.Bar(finished, len(team)), "Done": finished, "All": len(team)}),
		r.T.HTML("scoring.deadline", locales.Args{"Deadline": words.Deadline(r.T, c.Calendar, r.Now, team[0].ScoringDue)}),
		"\n",
	}
	rows := append(teamRows(r, team, shown), pager(r, page, pages)...)
	return flows.Screen{Text: flows.Lines(append(heading, lines...)...), Rows: append(rows, backTo(r, "menu"))}, nil
}

// teamLines writes a line for each person: not yet, being, evaluated. A predicate on it is a look at that result, and recorded.
func (c conversation) teamLines(ctx context.Context, r *flows.Request, first store.TeamMember, shown []store.TeamMember) ([]string, error) {
	var lines []string
	looked := map[int64]bool{}
	for _, m := range shown {
		indicators, err := c.store.Indicators(ctx, m.TemplateVersionID)
		if err != nil {
			return nil, err
		}
		args := locales.Args{"Name": m.Name, "Answered": m.Answered, "All": len(indicators)}
		sentence := "scoring.line_open"
		switch {
		case m.State == store.EvaluationFinal:
			sentence, args["Predicate"] = "scoring.line_final", words.Predicate(r.T, m.Predicate)
			looked[m.PeriodID] = true
		case m.Answered > 0:
			sentence = "scoring.line_begun"
		}
		line := r.T.HTML(sentence, args)
		if m.PeriodID != first.PeriodID {
			line += " · " + locales.Escape(words.PeriodName(r.T, m.PeriodKind, m.FirstDay))
		}
		lines = append(lines, line)
	}
	for period := range looked {
		if err := c.store.Looked(ctx, r.Actor.PersonID, "team", period); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// teamRows are the people of the page; before them whoever is begun and not finished, from any page.
func teamRows(r *flows.Request, team, shown []store.TeamMember) [][]flows.Button {
	var rows [][]flows.Button
	if begun := begunOf(team); begun != nil {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("scoring.continue", locales.Args{"Name": begun.Name}), "score.next", begun.EvaluationID, 0).Styled(flows.Confirm)))
	}
	names := shortNames(shown)
	for n := 0; n < len(shown); n += perRow {
		var row []flows.Button
		for i := n; i < min(n+perRow, len(shown)); i++ {
			row = append(row, flows.Go(statusMark(shown[i])+" "+names[i], "score.person", shown[i].EvaluationID))
		}
		rows = append(rows, row)
	}
	return rows
}

// shortNames leaves out the titles after the name, which would not fit on a button beside another one. Two people keep theirs
// when only the titles tell them apart.
func shortNames(team []store.TeamMember) []string {
	count := map[string]int{}
	short := func(m store.TeamMember) string {
		name, _, _ := strings.Cut(m.Name, ",")
		return name
	}
	for _, m := range team {
		count[short(m)]++
	}
	names := make([]string, len(team))
	for i, m := range team {
		if names[i] = short(m); count[names[i]] > 1 {
			names[i] = m.Name
		}
	}
	return names
}

func begunOf(team []store.TeamMember) *store.TeamMember {
	for i := range team {
		if team[i].State == store.EvaluationOpen && team[i].Answered > 0 {
			return &team[i]
		}
	}
	return nil
}

func statusMark(m store.TeamMember) string {
	switch {
	case m.State == store.EvaluationFinal:
		return "✅"
	case m.Answered > 0:
		return "✏️"
	default:
		return "○"
	}
}

// pager is the row that turns pages; none when there is one page.
func pager(r *flows.Request, page, pages int) [][]flows.Button {
	if pages == 1 {
		return nil
	}
	var row []flows.Button
	if page > 1 {
		row = append(row, flows.Go(r.T.Plain("common.previous_page"), "score.team", page-1))
	}
	row = append(row, flows.Go(r.T.Plain("common.page", locales.Args{"Page": page, "Pages": pages}), "score.team", page))
	if page < pages {
		row = append(row, flows.Go(r.T.Plain("common.next_page"), "score.team", page+1))
	}
	return [][]flows.Button{row}
}
