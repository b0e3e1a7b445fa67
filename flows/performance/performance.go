// Package performance is the organisation performance of the units that evaluators lead (PermenPANRB 6/2022, annex IV.B.1): entering it with a tap, as a list or
// as a file, and saying which unit somebody leads.
package performance

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the organisation performance needs of the records. Each method answers for the units of the administrator only.
type Store interface {
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	PerformancesOf(ctx context.Context, adminID, periodID int64) (store.Performances, error)
	PerformanceChanges(ctx context.Context, adminID, periodID, unitID int64, limit int) ([]store.GradeChange, error)
	SetPerformances(ctx context.Context, adminID, periodID int64, entries []store.GradeEntry) (int, error)
	LeadUnit(ctx context.Context, adminID, periodID, personID, unitID int64) error
	LeadNone(ctx context.Context, adminID, periodID, personID int64) error
}

type conversation struct {
	store    Store
	calendar rules.Calendar
}

const (
	perPage        = 6
	perRow         = 3
	leadersPerPage = 5
	unitsPerPage   = 4
	changesShown   = 3
	leadersShown   = 2
	nameOnButton   = 40 // characters
)

// Register adds the conversation to the engine.
func Register(e *flows.Engine, s Store, calendar rules.Calendar) {
	c := conversation{store: s, calendar: calendar}
	e.Page("performance.list", "id n", c.list, flows.Accepts(flows.Text, "performance.typed"))
	e.Action("performance.typed", "id n", c.typed)
	e.Page("performance.unit", "id id", c.unit)
	e.Action("performance.set", "id id word word", c.set)   // the grade, and the one that the screen showed
	e.Action("performance.lastyear", "id unit", c.lastYear) // 0 for all that are missing
	e.Page("performance.leaders", "id unit n", c.leaders)   // 0 for those of whom no unit is known
	e.Page("performance.lead", "id id unit n", c.lead, flows.Accepts(flows.Text, "performance.find"))
	e.Action("performance.find", "id id unit n", c.find)
	e.Page("performance.found", "id id n", c.found, flows.Accepts(flows.Text, "performance.findagain"))
	e.Action("performance.findagain", "id id n", c.find)
	e.Action("performance.setlead", "id id unit", c.setLead) // 0 for what the roster says
	e.Action("performance.leadnone", "id id", c.leadNone)
}

// letters are the grades in links; none stands for no grade yet.
var letters = map[store.OrgGrade]string{ //nolint:gochecknoglobals // a constant table
	"": "x", store.OrgOutstanding: "o", store.OrgGood: "g", store.OrgNeedsImprovement: "n", store.OrgPoor: "p", store.OrgVeryPoor: "v"}

func withLetter(letter string) (store.OrgGrade, error) {
	for grade, l := range letters {
		if l == letter {
			return grade, nil
		}
	}
	return "", flows.ErrBadLink
}

// Grade writes a grade; "belum diisi" for none.
func Grade(t *locales.Translator, g store.OrgGrade, carried bool) string {
	switch {
	case g == "":
		return t.Plain("performance.missing")
	case carried:
		return t.Plain("performance.carried", locales.Args{"Grade": t.Plain("performance.grade_" + string(g))})
	default:
		return t.Plain("performance.grade_" + string(g))
	}
}

func (c conversation) read(ctx context.Context, r *flows.Request) (store.Performances, error) {
	return c.store.PerformancesOf(ctx, r.Actor.PersonID, r.Args.ID(0))
}

func back(t *locales.Translator, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: t.Plain("common.back"), To: to})
}

// mayEnter reports whether somebody may enter grades: he administers all of the period's units, and it is not in the archive. Whoever administers one
// of several units sees them, and does not grade his own.
func mayEnter(p store.Performances) bool { return p.Manages && p.ArchivedAt == nil }

// fromLastYear are the units whose grade may be last year's: an annual one that is missing after the end of January (annex IV.B.1f).
func (c conversation) fromLastYear(r *flows.Request, p store.Performances) []store.PerformanceLine {
	var lines []store.PerformanceLine
	for _, l := range p.Units {
		if mayEnter(p) && !l.Own && l.Grade == "" && l.LastYear != "" && c.calendar.AfterJanuary(p.LastDay, r.Now) {
			lines = append(lines, l)
		}
	}
	return lines
}

// list is the units that evaluators of a period lead, with what each has.
func (c conversation) list(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.read(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	page, pages, start, end := flows.Part(r.Args.Int(1), len(p.Units), perPage)
	lines := []string{r.T.HTML("performance.title", locales.Args{"Period": words.NameOfPeriod(r.T, p.AdminPeriod)}),
		r.T.HTML("performance.filled", locales.Args{"Done": r.T.Number(p.Entered()), "All": r.T.Number(len(p.Units))}), "\n"}
	var numbers []flows.Button
	for n, l := range p.Units[start:end] {
		number := strconv.Itoa(start + n + 1)
		lines = append(lines, r.T.HTML("performance.line", locales.Args{"Number": number, "Unit": l.Unit.Name, "Grade": Grade(r.T, l.Grade, l.Carried)}))
		numbers = append(numbers, flows.Go(number, "performance.unit", p.ID, l.Unit.ID))
	}
	var rows [][]flows.Button
	switch {
	case len(p.Units) == 0:
		lines = append(lines, r.T.HTML("performance.nothing"))
	case !p.Manages:
		lines = append(lines, "\n", r.T.HTML("performance.hint_read"))
	case mayEnter(p):
		lines = append(lines, "\n", r.T.HTML("performance.hint"))
	}
	if next, ok := missing(p, 0); ok && mayEnter(p) {
		label := r.T.Plain("performance.next", locales.Args{"Unit": words.Shortened(next.Unit.Name, nameOnButton)})
		rows = append(rows, flows.Row(flows.Go(label, "performance.unit", p.ID, next.Unit.ID).Styled(flows.Confirm)))
	}
	rows = slices.AppendSeq(rows, slices.Chunk(numbers, perRow))
	if n := len(c.fromLastYear(r, p)); n > 0 {
		lines = append(lines, r.T.HTML("performance.last_year_hint"))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("performance.last_years", locales.Args{"Number": n}), "performance.lastyear", p.ID, 0)))
	}
	switch nobody, none := len(p.Nobody), len(p.None); {
	case nobody > 0:
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("performance.nobody", locales.Args{"Number": nobody}), "performance.leaders", p.ID, 0, 1)))
	case none > 0:
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("performance.none", locales.Args{"Number": none}), "performance.leaders", p.ID, 0, 1)))
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("performance.list", p.ID, n) })...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back(r.T, flows.To("period.progress", p.ID)))}, nil
}

// missing finds the first unit without a grade, of those that may be graded here, after another one, and then from the start.
func missing(p store.Performances, after int64) (store.PerformanceLine, bool) {
	behind := after == 0
	var before *store.PerformanceLine
	for i, l := range p.Units {
		if l.Grade == "" && !l.Own && l.Unit.ID != after {
			if behind {
				return l, true
			}
			if before == nil {
				before = &p.Units[i]
			}
		}
		behind = behind || l.Unit.ID == after
	}
	if before == nil {
		return store.PerformanceLine{}, false
	}
	return *before, true
}

// pageOf is the page of the list on which a unit stands.
func pageOf(p store.Performances, unit int64) int {
	for i, l := range p.Units {
		if l.Unit.ID == unit {
			return i/perPage + 1
		}
	}
	return 1
}

// unit is one unit with the five grades, who leads it, and how it was changed.
func (c conversation) unit(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.read(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	l, led := p.Of(r.Args.ID(1))
	if !led {
		return flows.Screen{}, store.ErrNotFound
	}
	changes, err := c.store.PerformanceChanges(ctx, r.Actor.PersonID, p.ID, l.Unit.ID, changesShown)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("performance.unit_title", locales.Args{"Unit": l.Unit.Name, "Period": words.PeriodName(r.T, p.Kind, p.FirstDay)}),
		r.T.HTML("performance.unit_now", locales.Args{"Grade": Grade(r.T, l.Grade, l.Carried)})}
	for _, leader := range l.Leaders[:min(leadersShown, len(l.Leaders))] {
		lines = append(lines, r.T.HTML("performance.unit_led", locales.Args{"Name": leader.Name, "Position": leader.Position}))
	}
	if more := len(l.Leaders) - leadersShown; more > 0 {
		lines = append(lines, r.T.HTML("performance.unit_more", locales.Args{"Number": more}))
	}
	lines = append(lines, "\n")
	for _, change := range changes {
		lines = append(lines, changeLine(r.T, change))
	}
	var rows [][]flows.Button
	switch {
	case !mayEnter(p):
	case l.Own:
		lines = append(lines, r.T.HTML("performance.own_unit"))
		rows = append(rows, moreRow(r, p, l))
	default:
		lines = append(lines, r.T.HTML("performance.ask"))
		rows = c.gradeRows(r, p, l)
	}
	rows = append(rows, back(r.T, flows.To("performance.list", p.ID, pageOf(p, l.Unit.ID))))
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows}, nil
}

func changeLine(t *locales.Translator, c store.GradeChange) string {
	by := c.By
	if by == "" {
		by = t.Plain("performance.change_system")
	}
	return t.HTML("performance.change", locales.Args{"Moment": t.Moment(c.At), "By": by, "Before": Grade(t, c.Before, false), "After": Grade(t, c.After, false)})
}

// gradeRows are the five grades, the best first, last year's, and what else can be done with a unit.
func (c conversation) gradeRows(r *flows.Request, p store.Performances, l store.PerformanceLine) [][]flows.Button {
	var buttons []flows.Button
	for _, g := range store.OrgGrades() {
		button := flows.Go(Grade(r.T, g, false), "performance.set", p.ID, l.Unit.ID, letters[g], letters[l.Grade])
		if g == l.Grade {
			button = button.Styled(flows.Chosen)
			button.Label = "✅ " + button.Label
		}
		buttons = append(buttons, button)
	}
	rows := flows.Pack(2, buttons...)
	for _, last := range c.fromLastYear(r, p) {
		if last.Unit.ID == l.Unit.ID {
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("performance.last_year", locales.Args{"Grade": Grade(r.T, l.LastYear, false)}), "performance.lastyear", p.ID, l.Unit.ID)))
		}
	}
	return append(rows, moreRow(r, p, l))
}

// moreRow leads to who leads a unit, and past it.
func moreRow(r *flows.Request, p store.Performances, l store.PerformanceLine) []flows.Button {
	more := flows.Row(flows.Go(r.T.Plain("performance.leaders"), "performance.leaders", p.ID, l.Unit.ID, 1))
	if next, ok := missing(p, l.Unit.ID); ok {
		more = append(more, flows.Go(r.T.Plain("performance.skip"), "performance.unit", p.ID, next.Unit.ID))
	}
	return more
}

// set enters one grade and goes on to the next unit that has none.
func (c conversation) set(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	periodID, unitID := r.Args.ID(0), r.Args.ID(1)
	grade, err := withLetter(r.Args.Word(2))
	if err != nil || grade == "" {
		return flows.Outcome{}, flows.ErrBadLink
	}
	seen, err := withLetter(r.Args.Word(3))
	if err != nil {
		return flows.Outcome{}, err
	}
	if _, err := c.store.SetPerformances(ctx, r.Actor.PersonID, periodID, []store.GradeEntry{{UnitID: unitID, Grade: grade, Seen: &seen}}); err != nil {
		return flows.Outcome{}, c.refused(r, err, flows.To("performance.unit", periodID, unitID))
	}
	p, err := c.read(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	l, _ := p.Of(unitID)
	done := flows.Outcome{To: flows.To("performance.list", periodID, pageOf(p, unitID)),
		Toast: r.T.Plain("performance.set", locales.Args{"Unit": words.Shortened(l.Unit.Name, 100), "Grade": Grade(r.T, grade, false)})}
	if next, ok := missing(p, unitID); ok && seen == "" {
		done.To = flows.To("performance.unit", periodID, next.Unit.ID)
	}
	return done, nil
}

// refused says why nothing was stored; another error stays as it is.
func (c conversation) refused(r *flows.Request, err error, there flows.Link) error {
	switch {
	case errors.Is(err, store.ErrClosed):
		return flows.Refuse(r.T.Plain("performance.archived"), flows.To("performance.list", r.Args.ID(0), 1))
	case errors.Is(err, store.ErrUnitOwn):
		return flows.Refuse(r.T.Plain("performance.own_refused"), there)
	case errors.Is(err, store.ErrConflict):
		return flows.Refuse(r.T.Plain("performance.moved"), there)
	default:
		return err
	}
}

// lastYear takes last year's grade for one unit, or for all that have none.
func (c conversation) lastYear(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	p, err := c.read(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if !p.Manages {
		return flows.Outcome{}, store.ErrNotFound
	}
	unit, none := r.Args.ID(1), store.OrgGrade("")
	there := flows.To("performance.list", p.ID, pageOf(p, unit))
	var entries []store.GradeEntry
	for _, l := range c.fromLastYear(r, p) {
		if unit == 0 || unit == l.Unit.ID {
			entries = append(entries, store.GradeEntry{UnitID: l.Unit.ID, Grade: l.LastYear, Carried: true, Seen: &none})
		}
	}
	n, err := c.store.SetPerformances(ctx, r.Actor.PersonID, p.ID, entries)
	if err != nil {
		return flows.Outcome{}, c.refused(r, err, there)
	}
	return flows.Outcome{To: there, Toast: changed(r.T, n)}, nil
}

func changed(t *locales.Translator, n int) string {
	if n == 0 {
		return t.Plain("performance.set_none")
	}
	return t.Plain("performance.set_many", locales.Args{"Number": t.Number(n)})
}

// typed takes a whole list at once, a line for each unit: all of it, or nothing.
func (c conversation) typed(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	p, err := c.read(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if !mayEnter(p) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("performance.hint_read"), flows.Link{})
	}
	entries, wrong := Resolve(p, Lines(r.Text))
	if len(wrong) > 0 {
		return flows.Outcome{}, flows.Refuse(told(r.T, wrong), flows.Link{})
	}
	n, err := c.store.SetPerformances(ctx, r.Actor.PersonID, p.ID, entries)
	if err != nil {
		return flows.Outcome{}, c.refused(r, err, flows.To("performance.list", p.ID, 1))
	}
	return flows.Outcome{To: flows.To("performance.list", p.ID, 1), Toast: changed(r.T, n)}, nil
}

// told is the first of what is wrong in a list, and how much more there is.
func told(t *locales.Translator, wrong []Wrong) string {
	what := wrong[0].Text(t)
	if more := len(wrong) - 1; more > 0 {
		what = t.Plain("performance.wrong_more", locales.Args{"What": what, "Number": more})
	}
	return t.Plain("performance.wrong", locales.Args{"What": what})
}

// LineFor is the one line that tells an evaluator how the unit that he leads performed; "" while nobody has entered it.
func LineFor(ctx context.Context, t *locales.Translator, s interface {
	PerformanceFor(ctx context.Context, evaluatorID, periodID int64) (store.OwnPerformance, error)
}, evaluatorID, periodID int64) (string, error) {
	own, err := s.PerformanceFor(ctx, evaluatorID, periodID)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return Line(t, own), nil
}

// Line tells how the unit that somebody leads performed.
func Line(t *locales.Translator, own store.OwnPerformance) string {
	return t.HTML("performance.own", locales.Args{"Unit": strings.TrimSpace(own.Unit), "Grade": Grade(t, own.Grade, own.Carried)})
}
