package scoring

import (
	"context"
	"errors"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// perPage is how many people stand on one page of the team list; with the rows below it stays within eight.
const perPage = 5

// team is the list of the people whom this person evaluates.
func (c conversation) team(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	team, err := c.store.Team(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	menu := flows.Row(flows.Go(r.T.Plain("common.back"), "menu"))
	if len(team) == 0 {
		return flows.Screen{Text: flows.Lines(r.T.HTML("scoring.team_title"), "\n", r.T.HTML("scoring.team_empty")), Rows: [][]flows.Button{menu}}, nil
	}
	finished := 0
	for _, m := range team {
		if m.State == store.EvaluationFinal {
			finished++
		}
	}
	pages := (len(team) + perPage - 1) / perPage
	page := max(1, min(r.Args.Int(0), pages))
	shown := team[(page-1)*perPage : min(page*perPage, len(team))]
	lines, err := c.teamLines(ctx, r, team[0], shown)
	if err != nil {
		return flows.Screen{}, err
	}
	heading := []string{
		r.T.HTML("scoring.team_heading", locales.Args{"Period": words.PeriodName(r.T, team[0].PeriodKind, team[0].FirstDay)}),
		r.T.HTML("scoring.team_progress", locales.Args{"Bar": flows.Bar(finished, len(team)), "Done": finished, "All": len(team)}),
		r.T.HTML("scoring.deadline", locales.Args{"Deadline": words.Deadline(r.T, c.Calendar, r.Now, team[0].ScoringDue)}),
		"\n",
	}
	screen := flows.Screen{Text: flows.Lines(append(heading, lines...)...), Protect: true}
	screen.Rows = append(c.teamRows(r, team, shown), pager(r, page, pages)...)
	screen.Rows = append(screen.Rows, menu)
	return screen, nil
}

// teamLines writes a line for each person: not yet, being, evaluated.
func (c conversation) teamLines(ctx context.Context, r *flows.Request, first store.TeamMember, shown []store.TeamMember) ([]string, error) {
	var lines []string
	for _, m := range shown {
		total, err := c.store.Indicators(ctx, m.TemplateVersionID)
		if err != nil {
			return nil, err
		}
		args := locales.Args{"Name": m.Name, "Answered": m.Answered, "All": len(total)}
		line := ""
		switch {
		case m.State == store.EvaluationFinal:
			line = r.T.HTML("scoring.line_final", args, locales.Args{"Predicate": words.Predicate(r.T, m.Predicate)})
		case m.Answered > 0:
			line = r.T.HTML("scoring.line_begun", args)
		default:
			line = r.T.HTML("scoring.line_open", args)
		}
		if m.PeriodID != first.PeriodID {
			line += " · " + locales.Escape(words.PeriodName(r.T, m.PeriodKind, m.FirstDay))
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// teamRows are the people of the page, the one to go on with first.
func (c conversation) teamRows(r *flows.Request, team, shown []store.TeamMember) [][]flows.Button {
	var rows [][]flows.Button
	for _, m := range shown {
		rows = append(rows, flows.Row(flows.Go(statusMark(m)+" "+m.Name, "score.person", m.EvaluationID)))
	}
	if begun := begunOf(team); begun != nil && !contains(shown[:1], begun.EvaluationID) {
		on := flows.Go(r.T.Plain("scoring.continue", locales.Args{"Name": begun.Name}), "score.go", begun.EvaluationID).Styled(flows.Confirm)
		rows = append([][]flows.Button{flows.Row(on)}, rows...)
	}
	return rows
}

func begunOf(team []store.TeamMember) *store.TeamMember {
	for i := range team {
		if team[i].State == store.EvaluationOpen && team[i].Answered > 0 {
			return &team[i]
		}
	}
	return nil
}

func contains(team []store.TeamMember, evaluationID int64) bool {
	for _, m := range team {
		if m.EvaluationID == evaluationID {
			return true
		}
	}
	return false
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

// person is where the evaluation of one person begins, and where a set one is read.
func (c conversation) person(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	back := flows.Row(flows.Go(r.T.Plain("common.back"), "score.team", 1))
	if sheet.State == store.EvaluationFinal {
		return c.finished(ctx, r, sheet, back)
	}
	lines, err := c.personLines(ctx, r, sheet)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(lines...), Protect: true}
	if sheet.Period.State != store.PeriodOpen {
		screen.Text = flows.Lines(screen.Text, "\n", r.T.HTML("scoring.is_closed"))
		screen.Rows = [][]flows.Button{back}
		return screen, nil
	}
	begin := "scoring.begin"
	if sheet.Answered() > 0 {
		begin = "scoring.go_on"
	}
	if sheet.Answered() < len(sheet.Indicators) {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("scoring.all_meet"), "score.all", sheet.ID).Styled(flows.Confirm)))
	}
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain(begin), "score.go", sheet.ID)), back)
	return screen, nil
}

// personLines: his open follow-ups first, then his last predicate, then how far his evaluation is.
func (c conversation) personLines(ctx context.Context, r *flows.Request, sheet store.Sheet) ([]string, error) {
	lines := []string{
		r.T.HTML("scoring.person_heading", locales.Args{"Name": sheet.Employee, "Period": words.PeriodName(r.T, sheet.Period.Kind, sheet.Period.FirstDay)}),
		locales.Escape(sheet.Position), "\n",
	}
	earlier, err := c.store.EarlierOf(ctx, sheet)
	if err != nil {
		return nil, err
	}
	for _, f := range earlier.FollowUps {
		lines = append(lines, r.T.HTML("scoring.open_followup", locales.Args{"Kind": words.FollowUp(r.T, f.Kind), "Due": words.Day(r.T, f.Due)}))
	}
	if earlier.Predicate != "" {
		lines = append(lines, r.T.HTML("scoring.last_predicate", locales.Args{"Predicate": words.Predicate(r.T, earlier.Predicate), "Period": words.PeriodName(r.T, earlier.Kind, earlier.FirstDay)}))
	}
	return append(lines,
		r.T.HTML("scoring.person_progress", locales.Args{"Bar": flows.Bar(sheet.Answered(), len(sheet.Indicators)), "Done": sheet.Answered(), "All": len(sheet.Indicators)}),
		r.T.HTML("scoring.deadline", locales.Args{"Deadline": words.Deadline(r.T, c.Calendar, r.Now, sheet.Period.ScoringDue)})), nil
}

// finished shows a result that is set, and records the look at it.
func (c conversation) finished(ctx context.Context, r *flows.Request, sheet store.Sheet, back []flows.Button) (flows.Screen, error) {
	result, err := c.store.CurrentResult(ctx, r.Actor.PersonID, sheet.ID)
	if err != nil {
		return flows.Screen{}, err
	}
	if err := c.store.Looked(ctx, r.Actor.PersonID, "result", result.ID); err != nil {
		return flows.Screen{}, err
	}
	lines := append([]string{
		r.T.HTML("scoring.person_heading", locales.Args{"Name": sheet.Employee, "Period": words.PeriodName(r.T, sheet.Period.Kind, sheet.Period.FirstDay)}), "\n",
	}, quadrantLines(r, result.WorkRating, result.BehaviourRating)...)
	lines = append(lines, r.T.HTML("scoring.set_at", locales.Args{"When": r.T.Moment(result.SetAt), "Version": strconv.Itoa(result.Version)}), c.releaseLine(r, result))
	screen := flows.Screen{Text: flows.Lines(lines...), Protect: true}
	if c.canTakeBack(r, sheet, result) {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("scoring.take_back"), "score.takeback", sheet.ID)))
	}
	screen.Rows = append(screen.Rows, back)
	return screen, nil
}

func (c conversation) canTakeBack(r *flows.Request, sheet store.Sheet, result store.Result) bool {
	return sheet.Period.State == store.PeriodOpen && (result.ReleaseAt == nil || result.ReleaseAt.After(r.Now))
}

// releaseLine says until when the result can be taken back, or how far it has come with the employee.
func (c conversation) releaseLine(r *flows.Request, result store.Result) string {
	switch {
	case result.ReleaseAt == nil:
		return r.T.HTML("scoring.until_published")
	case result.ReleaseAt.After(r.Now):
		return r.T.HTML("scoring.until_released", locales.Args{"Until": r.T.Clock(*result.ReleaseAt)})
	case result.AcknowledgedAt != nil:
		return r.T.HTML("scoring.acknowledged", locales.Args{"When": r.T.Moment(*result.AcknowledgedAt)})
	case result.OpenedAt != nil:
		return r.T.HTML("scoring.opened", locales.Args{"When": r.T.Moment(*result.OpenedAt)})
	default:
		return r.T.HTML("scoring.not_opened")
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
	screen := flows.Screen{Protect: true}
	lines := []string{
		r.T.HTML("scoring.done_heading", locales.Args{"Name": sheet.Employee, "Predicate": words.Predicate(r.T, result.Predicate)}),
		c.releaseLine(r, result), "\n",
	}
	if following, place := following(team, sheet.ID); following != nil {
		lines = append(lines, r.T.HTML("scoring.next_person", locales.Args{"Name": following.Name, "Place": place, "All": len(team)}))
		screen.Rows = append(screen.Rows, flows.Row(
			flows.Go(r.T.Plain("scoring.next"), "score.person", following.EvaluationID).Styled(flows.Confirm),
			flows.Go(r.T.Plain("scoring.enough"), "score.team", 1)))
	} else {
		lines = append(lines, r.T.HTML("scoring.all_done", locales.Args{"All": len(team)}))
		lines = append(lines, c.hints(r, team)...)
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("scoring.to_team"), "score.team", 1)))
	}
	if c.canTakeBack(r, sheet, result) {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("scoring.take_back"), "score.takeback", sheet.ID)))
	}
	screen.Text = flows.Lines(lines...)
	return screen, nil
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

// smallTeam is the least team in which equal predicates are worth a second thought.
const smallTeam = 5

// hints are quiet and private, and never block.
func (c conversation) hints(r *flows.Request, team []store.TeamMember) []string {
	predicates := map[store.Predicate]int{}
	for _, m := range team {
		predicates[m.Predicate]++
	}
	if len(team) >= smallTeam && len(predicates) == 1 {
		return []string{"\n", r.T.HTML("scoring.hint_same")}
	}
	return nil
}
