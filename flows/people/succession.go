package people

import (
	"context"
	"errors"
	"hash/fnv"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	heirQuery    = "people-heir"
	heirsOffered = 5 // before anything is typed
	namesShown   = 3 // of a team
	keptShown    = 4 // of those who are kept out
)

// registerSuccession adds the way from an evaluator to the next one for all his people at once. The first two numbers name the team: its evaluator, or 0
// and the unit; the third is a page, or the successor.
func registerSuccession(e *flows.Engine, c conversation, text func(action string) flows.RouteOption) {
	inside := flows.Within("people.heirs")
	e.Page("people.teams", "n", c.teams)
	e.Page("people.heirs", "unit unit n", c.heirs, text("people.heirfind"), flows.Aside)
	e.Action("people.heirfind", "unit unit n", c.findHeir)
	e.Page("people.heirsure", "unit unit id", c.sureHeir, inside)
	e.Page("people.heirwhy", "unit unit id word", c.askHeirWhy, text("people.heirbecause"), inside)
	e.Action("people.heirset", "unit unit id word", c.setHeir)
	e.Action("people.heirbecause", "unit unit id word", c.setHeirBecause)
}

// teams lists who needs an evaluator, by the evaluator who has left and by the unit where there is none.
func (c conversation) teams(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	lines, total, page, pages, err := flows.ReadPart(r.Args.Int(0), linesPerPage, func(offset, limit int) ([]store.TeamLine, int, error) {
		return c.store.Teamless(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	what := "people.teams_ask"
	if total == 0 {
		what = "people.chain_done"
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("people.teams_title"), "\n", r.T.HTML(what))}
	for _, l := range lines {
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: teamLabel(r.T, l), To: heirs(l.Team, 0)}))
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("people.teams", n) })...)
	screen.Rows = append(screen.Rows, back(r, flows.To("people.home")))
	return screen, nil
}

func teamLabel(t *locales.Translator, l store.TeamLine) string {
	key, name := "people.team_gone", l.Evaluator
	if l.EvaluatorID == 0 {
		key, name = "people.team_alone", l.Unit
	}
	return t.Plain(key, locales.Args{"Name": words.Brief(name, longestName/2), "Number": t.Number(l.Number)})
}

func heirs(team store.Team, page int) flows.Link {
	return flows.To("people.heirs", team.EvaluatorID, team.UnitID, page)
}

func teamOf(r *flows.Request) store.Team {
	return store.Team{EvaluatorID: r.Args.ID(0), UnitID: r.Args.ID(1)}
}

// team reads the team that the arguments name, with some of its people.
func (c conversation) team(ctx context.Context, r *flows.Request) (store.TeamLine, []store.PersonFound, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return store.TeamLine{}, nil, err
	}
	return c.store.TeamOf(ctx, r.Actor.PersonID, teamOf(r), namesShown)
}

// teamLines say who is to get another evaluator, and whose people they are.
func teamLines(r *flows.Request, l store.TeamLine) []string {
	lines := []string{r.T.HTML("people.heirs_title", locales.Args{"Number": r.T.Number(l.Number)})}
	switch {
	case l.EvaluatorID == 0:
		return append(lines, r.T.HTML("people.heirs_alone", locales.Args{"Unit": l.Unit}))
	case l.Number == 0:
		return append(lines, r.T.HTML("people.heirs_before", locales.Args{"Name": l.Evaluator}))
	case l.Left:
		return append(lines, r.T.HTML("people.heirs_gone", locales.Args{"Name": l.Evaluator, "Number": r.T.Number(l.Number)}))
	}
	return append(lines, r.T.HTML("people.heirs_now", locales.Args{"Name": l.Evaluator}))
}

// heirs offers who may follow, and takes a search. Page 0 is before one.
func (c conversation) heirs(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	l, some, err := c.team(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if l.Number == 0 {
		return flows.Screen{Text: flows.Lines(r.T.HTML("people.heirs_title", locales.Args{"Number": "0"}), "\n", r.T.HTML("people.heirs_done")), Rows: [][]flows.Button{backFromTeam(r)}}, nil
	}
	text, wanted, size := r.Draft[heirQuery], r.Args.Int(2), linesPerPage
	if wanted == 0 || text == "" {
		text, wanted, size = "", 1, heirsOffered
	}
	found, total, page, pages, err := flows.ReadPart(wanted, size, func(offset, limit int) ([]store.PersonFound, int, error) {
		return c.store.SuccessorsFor(ctx, r.Actor.PersonID, l.Team, text, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	ask := r.T.HTML("people.heirs_ask")
	if text != "" {
		ask = r.T.HTML("people.candidates", locales.Args{"Number": r.T.Number(total), "Text": text})
	}
	screen := flows.Screen{Text: flows.Lines(append(teamLines(r, l), namesLine(r, some, l.Number), "\n", ask)...)}
	for _, p := range found {
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: label(r.T, p), To: flows.To("people.heirsure", l.EvaluatorID, l.UnitID, p.PersonID)}))
	}
	if text != "" {
		screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return heirs(l.Team, n) })...)
		screen.Rows = append(screen.Rows, back(r, heirs(l.Team, 0)))
		return screen, nil
	}
	screen.Rows = append(screen.Rows, backFromTeam(r))
	return screen, nil
}

// backFromTeam leads to where the naming of a successor began.
func backFromTeam(r *flows.Request) []flows.Button {
	to := r.CameTo("people.heirs")
	switch {
	case to.Route == "people.leavesure": // that is done
		to = card(r.Args.ID(0))
	case to.Zero():
		to = flows.To("people.teams", 1)
	}
	return back(r, to)
}

// namesLine names some people, and how many there are beside them.
func namesLine(r *flows.Request, some []store.PersonFound, all int) string {
	var names []string
	for _, p := range some {
		short, _, _ := strings.Cut(p.Name, ",")
		names = append(names, short)
	}
	key := "people.names"
	if all > len(some) {
		key = "people.names_more"
	}
	return r.T.HTML(key, locales.Args{"Names": strings.Join(names, ", "), "Number": r.T.Number(all - len(some))})
}

func (c conversation) findHeir(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	l, _, err := c.team(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	text := words.ShortQuery(r.Text)
	found, total, err := c.store.SuccessorsFor(ctx, r.Actor.PersonID, l.Team, text, 0, 1)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case total == 0 || text == "":
		return flows.Outcome{}, flows.Refuse(r.T.Plain("people.no_candidate", locales.Args{"Text": text}), flows.Link{})
	case total == 1:
		return flows.Outcome{To: flows.To("people.heirsure", l.EvaluatorID, l.UnitID, found[0].PersonID)}, nil
	}
	r.Draft[heirQuery] = text
	return flows.Outcome{To: heirs(l.Team, 1)}, nil
}

// succession reads what naming the successor of the arguments would do.
func (c conversation) succession(ctx context.Context, r *flows.Request) (store.Succession, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return store.Succession{}, err
	}
	team := teamOf(r)
	plan, err := c.store.SuccessionFor(ctx, r.Actor.PersonID, team, r.Args.ID(2))
	return plan, refused(r, err, heirs(team, 0))
}

// sureHeir says who gets the successor and who does not, and that open periods stay. Once nobody is left to get him it says what is left to do.
func (c conversation) sureHeir(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	plan, err := c.succession(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := append(teamLines(r, plan.TeamLine), r.T.HTML("people.heirs_then", locales.Args{"Name": plan.To.Name}), positionLine(r.T, store.PersonCard{Person: plan.To}))
	lines = append(append(lines, "\n"), keptLines(r, plan)...)
	team := plan.Team
	if len(plan.Given) == 0 {
		return c.succeeded(r, plan, lines), nil
	}
	way, label := "people.heirset", r.T.Plain("people.heirs_yes", locales.Args{"Number": r.T.Number(len(plan.Given))})
	if !rules.MayEvaluate(plan.To.PositionKind, plan.To.Position) {
		way, label = "people.heirwhy", r.T.Plain("people.write_reason")
		lines = append(lines, r.T.HTML("people.not_entitled"))
	}
	lines = append(lines, r.T.HTML("people.heirs_means"))
	return flows.Screen{Text: flows.Lines(append(lines, openTeamLines(r, plan)...)...), Rows: [][]flows.Button{
		flows.Row(flows.Go(label, way, team.EvaluatorID, team.UnitID, plan.To.ID, givenWord(plan)).Styled(flows.Confirm)),
		back(r, heirs(team, 0)),
	}}, nil
}

// succeeded is what a team looks like when nobody else of it can get this successor: who is left, and the periods that keep the evaluator of before.
func (c conversation) succeeded(r *flows.Request, plan store.Succession, lines []string) flows.Screen {
	screen := flows.Screen{}
	if plan.Number == 0 {
		lines = append(lines, r.T.HTML("people.heirs_done"))
	}
	for _, open := range plan.Open[:min(len(plan.Open), periodsShown)] {
		label := r.T.Plain("people.heirs_period", locales.Args{"Period": words.PeriodName(r.T, open.Kind, open.FirstDay), "Number": r.T.Number(open.Number)})
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(label, "assign.evaluator", open.EvaluationID, 0)))
	}
	screen.Text = flows.Lines(append(lines, openTeamLines(r, plan)...)...)
	if plan.Number > 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: r.T.Plain("people.heirs_other"), To: heirs(plan.Team, 0)}))
	}
	screen.Rows = append(screen.Rows, backFromTeam(r))
	return screen
}

// keptLines name who cannot get the successor, and why.
func keptLines(r *flows.Request, plan store.Succession) []string {
	var lines []string
	for _, kept := range plan.Kept[:min(len(plan.Kept), keptShown)] {
		why := "people.kept_beyond"
		switch {
		case errors.Is(kept.Why, store.ErrOwnEvaluator):
			why = "people.kept_own"
		case errors.Is(kept.Why, store.ErrCircle):
			why = "people.kept_circle"
		case errors.Is(kept.Why, store.ErrHimself):
			why = "people.kept_himself"
		}
		lines = append(lines, r.T.HTML("people.kept", locales.Args{"Name": kept.Name, "Why": r.T.Plain(why)}))
	}
	if more := len(plan.Kept) - keptShown; more > 0 {
		lines = append(lines, r.T.HTML("people.kept_more", locales.Args{"Number": r.T.Number(more)}))
	}
	return lines
}

// openTeamLines tell which open periods keep the evaluator of before.
func openTeamLines(r *flows.Request, plan store.Succession) []string {
	n := 0
	for _, open := range plan.Open {
		n += open.Number
	}
	if n == 0 {
		return nil
	}
	return []string{"\n", r.T.HTML("people.heirs_open", locales.Args{"Number": r.T.Number(n)})}
}

// givenWord names who gets the successor, so that a button gives what its screen told.
func givenWord(plan store.Succession) string {
	hash := fnv.New64a()
	for _, p := range plan.Given {
		_, _ = hash.Write([]byte(strconv.FormatInt(p.PersonID, 36) + ","))
	}
	return "h" + strconv.FormatUint(hash.Sum64(), 36)
}

// askHeirWhy asks why the successor evaluates whom the roster does not show to be entitled: once, for all of them.
func (c conversation) askHeirWhy(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	plan, err := c.succession(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := append(teamLines(r, plan.TeamLine), r.T.HTML("people.heirs_then", locales.Args{"Name": plan.To.Name}), "\n", r.T.HTML("people.ask_why", locales.Args{"Least": c.minReason}))
	return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{back(r, sureOf(r))}}, nil
}

func sureOf(r *flows.Request) flows.Link {
	return flows.To("people.heirsure", r.Args.ID(0), r.Args.ID(1), r.Args.ID(2))
}

func (c conversation) setHeir(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.succeed(ctx, r, "")
}

func (c conversation) setHeirBecause(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.succession(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	text, err := c.reason(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.succeed(ctx, r, text)
}

// succeed names the successor for whom the screen showed.
func (c conversation) succeed(ctx context.Context, r *flows.Request, reason string) (flows.Outcome, error) {
	plan, err := c.succession(ctx, r)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case len(plan.Given) == 0: // tapped twice
		return flows.Outcome{To: sureOf(r), Toast: r.T.Plain("people.evaluator_already")}, nil
	case givenWord(plan) != r.Args.Word(3):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("people.changed"), sureOf(r))
	}
	n, err := c.store.Succeed(ctx, r.Actor.PersonID, plan.Team, plan.To.ID, reason, func(e store.Person) error {
		if reason == "" && !rules.MayEvaluate(e.PositionKind, e.Position) {
			return errReasonNeeded
		}
		return nil
	})
	switch {
	case errors.Is(err, errReasonNeeded):
		return flows.Outcome{To: flows.To("people.heirwhy", r.Args.ID(0), r.Args.ID(1), r.Args.ID(2), r.Args.Word(3))}, nil
	case err != nil:
		return flows.Outcome{}, refused(r, err, sureOf(r))
	}
	return flows.Outcome{To: sureOf(r), Toast: r.T.Plain("people.heirs_set", locales.Args{"Number": r.T.Number(n)})}, nil
}
