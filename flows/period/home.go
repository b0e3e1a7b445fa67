package period

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	homePeriods = 2 // on the first screen
	// homePeriodsBesideStep is homePeriods while a row leads to the next step.
	homePeriodsBesideStep = 1
	listPeriods           = 5 // on a page of all periods
	listOfPeople          = 8
)

// section is a part of the administration beside the periods.
type section struct {
	label string // key
	to    flows.Link
}

// sections are those parts, in their order. At most nine, or the first screen has more than eight rows; three in a row leave a label twelve
// characters (flows.Fit).
func sections() []section {
	return []section{
		{"admin.indicators", flows.To("indicator.home", 1)},
		{"admin.units", flows.To("unit.home", 0, 1)},
		{"admin.people", flows.To("people.home")},
		{"admin.roles", flows.To("role.home", 1)},
		{"admin.messages", flows.To("message.home", 1)},
		{"admin.trail", flows.To("trail.home")},
	}
}

// home is where an administrator starts: his periods, the parts of the administration, and what needs him.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines, total, err := c.store.PeriodsDue(ctx, r.Actor.PersonID, homePeriods)
	if err != nil {
		return flows.Screen{}, err
	}
	steps, err := c.store.Readiness(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	what := r.T.HTML("admin.choose")
	switch {
	case total == 0 && len(steps) > 0:
		what = ""
	case total == 0:
		what = r.T.HTML("admin.no_period")
	}
	if len(steps) > 0 {
		lines = lines[:min(len(lines), homePeriodsBesideStep)]
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("admin.title"), scopeLine(r.T, scope), "\n", c.stageLines(r, lines), c.calendarLine(r), stepLine(r, steps), what)}
	screen.Rows = append(stepRows(r, steps), c.periodRows(r, lines)...)
	aside, err := c.aside(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	opening := flows.Row(flows.Go(r.T.Plain("admin.new"), "period.new"))
	switch {
	case total > 0 && (total > len(lines) || len(aside) > 0):
		opening = append(opening, flows.Go(r.T.Plain("admin.all", locales.Args{"Number": total}), "period.home", 1))
	case len(aside) == 1: // there is no period, and these are one step nearer
		opening = append(opening, aside...)
	case len(aside) > 1:
		screen.Rows = append(screen.Rows, aside)
	}
	screen.Rows = append(append(screen.Rows, opening), sectionRows(r.T)...)
	waiting, err := c.waitingRows(ctx, r)
	screen.Rows = append(append(screen.Rows, waiting...), back(r.T, "menu"))
	return screen, err
}

// sectionRows are the sections, three in a row.
func sectionRows(t *locales.Translator) [][]flows.Button {
	var rows [][]flows.Button
	for three := range slices.Chunk(sections(), 3) {
		var row []flows.Button
		for _, s := range three {
			row = append(row, flows.Button{Label: t.Plain(s.label), To: s.to})
		}
		rows = append(rows, row)
	}
	return rows
}

// waitingRows lead to what needs attention; none when nothing does.
func (c conversation) waitingRows(ctx context.Context, r *flows.Request) ([][]flows.Button, error) {
	troubles, err := c.troubles(ctx, r)
	switch {
	case err != nil || len(troubles) == 0:
		return nil, err
	case len(troubles) == 1: // one is at hand
		return [][]flows.Button{flows.Row(troubles[0])}, nil
	}
	return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("admin.attention", locales.Args{"Number": r.T.Number(len(troubles))}), "admin.attention"))}, nil
}

// attention lists what needs the administrator, where that is more than one thing.
func (c conversation) attention(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	troubles, err := c.troubles(ctx, r)
	what := r.T.HTML("admin.attention_hint")
	if len(troubles) == 0 {
		what = r.T.HTML("admin.attention_none")
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("admin.attention_title"), "\n", what)}
	for _, trouble := range troubles {
		screen.Rows = append(screen.Rows, flows.Row(trouble))
	}
	screen.Rows = append(screen.Rows, back(r.T, "admin.home"))
	return screen, err
}

// troubles are the ways to what needs the administrator: evaluations that somebody left behind, and messages that did not arrive.
func (c conversation) troubles(ctx context.Context, r *flows.Request) ([]flows.Button, error) {
	_, behind, err := c.store.LeftBehind(ctx, r.Actor.PersonID, 0, 1)
	if err != nil {
		return nil, err
	}
	_, unreachable, err := c.store.UnreachablePeople(ctx, r.Actor.PersonID, 0, 1)
	if err != nil {
		return nil, err
	}
	parked, err := c.store.ParkedFor(ctx, r.Actor.PersonID)
	if err != nil {
		return nil, err
	}
	var list []flows.Button
	for _, t := range []struct {
		label string
		count int
		to    flows.Link
	}{
		{"admin.left", behind, flows.To("admin.left", 1)},
		{"admin.unreachable", unreachable, flows.To("admin.unreachable", 1)},
		{"admin.send_again", parked, flows.To("admin.parked", 1)},
	} {
		if t.count > 0 {
			list = append(list, flows.Button{Label: r.T.Plain(t.label, locales.Args{"Number": r.T.Number(t.count)}), To: t.to})
		}
	}
	return list, nil
}

// calendarLine says that the days off of this year or the coming one are missing; "" when they are there.
func (c conversation) calendarLine(r *flows.Request) string {
	years := c.calendar.Missing(c.today(r))
	if len(years) == 0 {
		return ""
	}
	return r.T.HTML("admin.year_unlisted", locales.Args{"Year": strconv.Itoa(years[0])})
}

// scopeLine tells an administrator what he is responsible for.
func scopeLine(t *locales.Translator, scope store.Scope) string {
	if scope.City() {
		return t.HTML("admin.scope_city")
	}
	var names []string
	for _, unit := range scope.Roots() {
		names = append(names, unit.Name)
	}
	return t.HTML("admin.scope_unit", locales.Args{"Unit": strings.Join(names, ", ")})
}

func (c conversation) periodRows(r *flows.Request, lines []store.PeriodLine) [][]flows.Button {
	var rows [][]flows.Button
	for _, l := range lines {
		state, t := string(l.State), r.T
		if stage := c.stageOf(r, l.Period); stage == store.StageSuperiors || stage == store.StageEvaluated {
			state = "late" // the window of evaluation is closed
		}
		label := t.Plain("admin.line_"+state,
			locales.Args{"Period": words.NameOfPeriod(t, l.AdminPeriod), "Done": t.Number(l.Final), "All": t.Number(l.Total)})
		to := flows.To("period.progress", l.ID)
		if l.State == store.PeriodOpening {
			to = flows.To("period.watch", l.ID)
		}
		rows = append(rows, flows.Row(flows.Button{Label: label, To: to}))
	}
	return rows
}

// list is all periods.
func (c conversation) list(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	lines, _, page, pages, err := turn(r.Args.Int(0), listPeriods, func(offset, limit int) ([]store.PeriodLine, int, error) {
		return c.store.Periods(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	aside, err := c.aside(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("admin.list_title"), "\n", c.stageLines(r, lines), r.T.HTML("admin.choose")), Rows: c.periodRows(r, lines)}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.home", n) })...)
	if len(aside) > 0 {
		screen.Rows = append(screen.Rows, aside)
	}
	screen.Rows = append(screen.Rows, back(r.T, "admin.home"))
	return screen, nil
}

func peopleLines(t *locales.Translator, people []store.PersonLine) string {
	var lines []string
	for _, p := range people {
		if p.Unit == "" {
			lines = append(lines, t.HTML("admin.person_no_unit", locales.Args{"Name": p.Name}))
			continue
		}
		lines = append(lines, t.HTML("admin.person", locales.Args{"Name": p.Name, "Unit": p.Unit}))
	}
	return flows.Lines(lines...)
}

// dueLine tells a deadline with the days left.
func (c conversation) dueLine(r *flows.Request, p store.Period) string {
	return r.T.HTML("period.deadline", locales.Args{"Deadline": words.Deadline(r.T, c.calendar, r.Now, p.ScoringDue)})
}
