package scoring

import (
	"context"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/flows/performance"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	perPage = 8 // people on one page of the team list
	perRow  = 2 // of them beside each other
)

// team is the list of the people whom this person evaluates. Where more than one period is open, the period is chosen first.
func (c conversation) team(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	team, err := c.store.Team(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	switch periods := byPeriod(team); len(periods) {
	case 0:
		away, err := c.deputyLines(ctx, r)
		if err != nil {
			return flows.Screen{}, err
		}
		screen, err := c.noTeam(ctx, r)
		if len(away) > 0 {
			screen.Text = flows.Lines(append([]string{r.T.HTML("scoring.team_title"), "\n"}, away...)...)
		}
		return screen, err
	case 1:
		return c.teamList(ctx, r, periods[0], r.Args.Int(0), backTo(r, "menu"))
	default:
		return c.choosePeriod(r, periods), nil
	}
}

// teamOfPeriod is a page of the list of one period.
func (c conversation) teamOfPeriod(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	return c.teamWith(ctx, r, func(m store.TeamMember, _ int) (page int, found bool) {
		return r.Args.Int(1), m.PeriodID == r.Args.ID(0)
	})
}

// teamAround is the page of the list on which an evaluation stands: where it was opened from.
func (c conversation) teamAround(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	return c.teamWith(ctx, r, func(m store.TeamMember, n int) (page int, found bool) {
		return n/perPage + 1, m.EvaluationID == r.Args.ID(0)
	})
}

// teamWith is the list of the period in which somebody is found; of a closed period where none is open any more. found is given
// his place in the list of his period, from 0.
func (c conversation) teamWith(ctx context.Context, r *flows.Request, found func(m store.TeamMember, n int) (page int, found bool)) (flows.Screen, error) {
	team, err := c.store.Team(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	periods := byPeriod(team)
	back := backTo(r, "menu")
	if len(periods) > 1 {
		back = backTo(r, "score.team", 1)
	}
	for _, members := range periods {
		for n, m := range members {
			if page, ok := found(m, n); ok {
				return c.teamList(ctx, r, members, page, back)
			}
		}
	}
	return c.pastWith(ctx, r, found)
}

// byPeriod divides a team, which is ordered by period.
func byPeriod(team []store.TeamMember) [][]store.TeamMember {
	var periods [][]store.TeamMember
	for n, m := range team {
		if n == 0 || m.PeriodID != team[n-1].PeriodID {
			periods = append(periods, nil)
		}
		last := len(periods) - 1
		periods[last] = append(periods[last], m)
	}
	return periods
}

// choosePeriod tells of each open period how far it is and when it is due.
func (c conversation) choosePeriod(r *flows.Request, periods [][]store.TeamMember) flows.Screen {
	lines := []string{r.T.HTML("scoring.team_title"), r.T.HTML("scoring.team_choose")}
	var rows [][]flows.Button
	for n, members := range periods {
		name, waiting := words.PeriodName(r.T, members[0].PeriodKind, members[0].FirstDay), len(members)-finishedOf(members)
		lines = append(lines, "\n", r.T.HTML("scoring.period_line", locales.Args{"Number": n + 1, "Period": name}))
		lines = append(lines, c.progressLines(r, members)...)
		args, label, style := locales.Args{"Number": n + 1, "Period": name, "Waiting": waiting}, "scoring.period_open", flows.Plain
		switch {
		case waiting == 0:
			label = "scoring.period_done"
		case n == 0:
			style = flows.Confirm
		}
		rows = append(rows, flows.Row(flows.Go(r.T.Plain(label, args), "score.period", members[0].PeriodID, 1).Styled(style)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, "menu"))}
}

func finishedOf(members []store.TeamMember) int {
	finished := 0
	for _, m := range members {
		if m.State == store.EvaluationFinal {
			finished++
		}
	}
	return finished
}

// progressLines tell how many people of a period are evaluated, and until when all have to be.
func (c conversation) progressLines(r *flows.Request, members []store.TeamMember) []string {
	finished := finishedOf(members)
	return []string{
		r.T.HTML("scoring.team_progress", locales.Args{"Bar": flows.Bar(finished, len(members)), "Done": finished, "All": len(members)}),
		r.T.HTML("scoring.deadline", locales.Args{"Deadline": words.Deadline(r.T, c.Calendar, r.Now, members[0].ScoringDue)}),
	}
}

// teamList is one page of the people of one period.
func (c conversation) teamList(ctx context.Context, r *flows.Request, members []store.TeamMember, page int, back []flows.Button) (flows.Screen, error) {
	first := members[0]
	pages := (len(members) + perPage - 1) / perPage
	page = max(1, min(page, pages))
	start := (page - 1) * perPage
	shown := members[start:min(start+perPage, len(members))]
	performed, err := performance.LineFor(ctx, r.T, c.store, r.Actor.PersonID, first.PeriodID)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := append([]string{r.T.HTML("scoring.team_heading", locales.Args{"Period": words.PeriodName(r.T, first.PeriodKind, first.FirstDay)})},
		append(c.progressLines(r, members), performed)...)
	away, err := c.deputyLines(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines = append(append(lines, away...), "\n")
	people, err := c.teamLines(ctx, r, shown, start, c.lacks)
	if err != nil {
		return flows.Screen{}, err
	}
	rows, err := c.continueRow(ctx, r, members)
	if err != nil {
		return flows.Screen{}, err
	}
	rows = append(rows, peopleRows(shown, start)...)
	rows = append(rows, othersRow(r, members)...)
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("score.period", first.PeriodID, n) })...)
	back, err = c.withPast(ctx, r, back)
	return flows.Screen{Text: flows.Lines(append(lines, people...)...), Rows: append(rows, back)}, err
}

// teamLines writes a numbered line for each person: not yet, being, evaluated. A predicate on it is a look at that result, and recorded.
// start is how many stand on the pages before, lacks says how far one is that is begun.
func (c conversation) teamLines(ctx context.Context, r *flows.Request, shown []store.TeamMember, start int, lacks lacking) ([]string, error) {
	var lines []string
	looked := false
	for n, m := range shown {
		if n == 0 || m.DelegationID != shown[n-1].DelegationID {
			if as := standingIn(r, m); as != "" {
				lines = append(lines, as)
			}
		}
		args := locales.Args{"Number": start + n + 1, "Name": m.Name}
		sentence := "scoring.line_open"
		switch {
		case m.State == store.EvaluationFinal:
			sentence, args["Predicate"] = "scoring.line_final", words.Predicate(r.T, m.Predicate)
			looked = true
		case m.Answered > 0:
			far, err := lacks(ctx, r, m)
			if err != nil {
				return nil, err
			}
			sentence, args["Lacks"] = "scoring.line_begun", far
		}
		lines = append(lines, r.T.HTML(sentence, args))
	}
	if looked {
		if err := c.store.Looked(ctx, r.Actor.PersonID, "team", shown[0].PeriodID); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// lacking says in a few words how far an evaluation is that is begun.
type lacking func(ctx context.Context, r *flows.Request, m store.TeamMember) (string, error)

// lacks says in a few words how far an evaluation is that is begun: "7 dari 13", "kurang 2 alasan", "siap ditetapkan".
func (c conversation) lacks(ctx context.Context, r *flows.Request, m store.TeamMember) (string, error) {
	indicators, err := c.store.Indicators(ctx, m.TemplateVersionID)
	if err != nil {
		return "", err
	}
	if m.Answered < len(indicators) {
		return r.T.Plain("scoring.lacks_ratings", locales.Args{"Answered": m.Answered, "All": len(indicators)}), nil
	}
	sheet, err := c.store.SheetOf(ctx, r.Actor.PersonID, m.EvaluationID)
	if err != nil {
		return "", err
	}
	switch missing := rules.Check(sheet, c.MinReason); {
	case len(missing.Overall) > 0:
		return r.T.Plain("scoring.lacks_overall"), nil
	case len(missing.Reasons) > 0:
		return r.T.Plain("scoring.lacks_reasons", counted(len(missing.Reasons))), nil
	case missing.FollowUp:
		return r.T.Plain("scoring.lacks_followup"), nil
	default:
		return r.T.Plain("scoring.lacks_nothing"), nil
	}
}

// continueRow leads to whoever is begun and not finished, from any page; none when nobody is.
func (c conversation) continueRow(ctx context.Context, r *flows.Request, members []store.TeamMember) ([][]flows.Button, error) {
	begun := begunOf(members)
	if begun == nil {
		return nil, nil
	}
	lacks, err := c.lacks(ctx, r, *begun)
	if err != nil {
		return nil, err
	}
	label := r.T.Plain("scoring.continue", locales.Args{"Name": withoutTitles(begun.Name), "Lacks": lacks})
	return [][]flows.Button{flows.Row(flows.Go(label, "score.next", begun.EvaluationID, 0).Styled(flows.Confirm))}, nil
}

// peopleRows are the people of the page. Two stand beside each other, where a narrow phone cuts a name: the number is that of the line.
func peopleRows(shown []store.TeamMember, start int) [][]flows.Button {
	var rows [][]flows.Button
	names := shortNames(shown)
	for n := 0; n < len(shown); n += perRow {
		var row []flows.Button
		for i := n; i < min(n+perRow, len(shown)); i++ {
			mark := statusMark(shown[i]) + " " + strconv.Itoa(start+i+1) + " "
			row = append(row, flows.Go(mark+words.Brief(names[i], flows.WidestOfTwo()-flows.Width(mark)), "score.person", shown[i].EvaluationID))
		}
		rows = append(rows, row)
	}
	return rows
}

// withoutTitles leaves out the titles after a name.
func withoutTitles(name string) string {
	short, _, _ := strings.Cut(name, ",")
	return short
}

// shortNames leaves out the titles after the name, which would not fit on a button beside another one. Two people keep theirs
// when only the titles tell them apart.
func shortNames(team []store.TeamMember) []string {
	count := map[string]int{}
	for _, m := range team {
		count[withoutTitles(m.Name)]++
	}
	names := make([]string, len(team))
	for i, m := range team {
		if names[i] = withoutTitles(m.Name); count[names[i]] > 1 {
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
