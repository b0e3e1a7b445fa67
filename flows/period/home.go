package period

import (
	"context"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	homePeriods  = 4 // on the first screen
	listPeriods  = 6 // on a page of all periods
	listOfPeople = 8
)

// home is where an administrator starts.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines, total, err := c.store.Periods(ctx, r.Actor.PersonID, 0, homePeriods)
	if err != nil {
		return flows.Screen{}, err
	}
	_, unlinked, err := c.store.NotLinked(ctx, r.Actor.PersonID, 0, 0)
	if err != nil {
		return flows.Screen{}, err
	}
	_, behind, err := c.store.LeftBehind(ctx, r.Actor.PersonID, 0, 1)
	if err != nil {
		return flows.Screen{}, err
	}
	what := r.T.HTML("admin.choose")
	if total == 0 {
		what = r.T.HTML("admin.no_period")
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("admin.title"), scopeLine(r.T, scope), "\n", c.calendarLine(r), what), Rows: periodRows(r.T, lines)}
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("admin.new"), "period.new"), flows.Go(r.T.Plain("admin.indicators"), "indicator.home", 1)))
	if total > len(lines) {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("admin.all", locales.Args{"Number": total}), "period.home", 1)))
	}
	if unlinked > 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("admin.unlinked", locales.Args{"Number": r.T.Number(unlinked)}), "admin.unlinked", 1)))
	}
	if behind > 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("admin.left", locales.Args{"Number": r.T.Number(behind)}), "admin.left", 1)))
	}
	troubles, err := c.troubleRows(ctx, r)
	screen.Rows = append(append(screen.Rows, troubles...), back(r.T, "menu"))
	return screen, err
}

// calendarDays is how long before a new year its days off should be known.
const calendarDays = 60

// calendarLine says that the days off of this year or the coming one are missing; "" when they are there.
func (c conversation) calendarLine(r *flows.Request) string {
	years := c.calendar.Unlisted(c.today(r), c.calendar.Date(r.Now.AddDate(0, 0, calendarDays)))
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

func periodRows(t *locales.Translator, lines []store.PeriodLine) [][]flows.Button {
	var rows [][]flows.Button
	for _, l := range lines {
		label := t.Plain("admin.line_"+string(l.State),
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
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("admin.list_title"), "\n", r.T.HTML("admin.choose")), Rows: periodRows(r.T, lines)}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.home", n) })...)
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
