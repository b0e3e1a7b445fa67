package period

import (
	"context"
	"slices"
	"strconv"
	"time"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// objectionDays is how long after its receipt a result may be objected to (PP 30/2019 art. 59: 14 calendar days).
const objectionDays = 14

// The form has no draft: every link of it carries all answers given so far, so it survives an emptied Redis and any old card.
// Kinds and ways of release are a letter in links, which are short.
var (
	kindLetters    = map[store.PeriodKind]string{store.Quarterly: "q", store.Monthly: "m", store.Annual: "y"}
	releaseLetters = map[store.Release]string{store.ReleaseAtOnce: "a", store.ReleasePublished: "p"}
	lackLetters    = map[store.Lack]string{store.LackEvaluator: "e", store.LackAccount: "a", store.LackEvaluatorAccount: "c"}
)

func withLetter[T ~string](letters map[T]string, letter string) (T, error) {
	for value, l := range letters {
		if l == letter {
			return value, nil
		}
	}
	return "", flows.ErrBadLink
}

// spanOf reads kind and first day, the first two arguments of every page of the form.
func spanOf(r *flows.Request) (rules.Span, error) {
	kind, err := withLetter(kindLetters, r.Args.Word(0))
	if err != nil {
		return rules.Span{}, err
	}
	span, err := rules.SpanOf(kind, store.Date(r.Args.Word(1)))
	if err != nil || span.First != store.Date(r.Args.Word(1)) {
		return rules.Span{}, flows.ErrBadLink
	}
	return span, nil
}

// heading is the first line of a question.
func heading(r *flows.Request, step int) string {
	return r.T.HTML("period.step", locales.Args{"Step": step})
}

// askSpan is the first question: which days.
func (c conversation) askSpan(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(heading(r, 1), "\n", r.T.HTML("period.ask_span"))}
	for _, kind := range []store.PeriodKind{store.Quarterly, store.Monthly, store.Annual} {
		present, err := c.calendar.SpanAt(kind, r.Now)
		if err != nil {
			return flows.Screen{}, err
		}
		past, err := present.Previous()
		if err != nil {
			return flows.Screen{}, err
		}
		// Work is judged when it is done: the days that have passed come first.
		screen.Rows = append(screen.Rows, flows.Row(spanButton(r.T, past), spanButton(r.T, present)))
	}
	screen.Rows = append(screen.Rows, back(r.T, "admin.home"))
	return screen, nil
}

func spanButton(t *locales.Translator, s rules.Span) flows.Button {
	return flows.Go(words.PeriodName(t, s.Kind, s.First), "period.units", kindLetters[s.Kind], s.First, 0, 1)
}

func spanLine(t *locales.Translator, s rules.Span) string {
	return t.HTML("period.span", locales.Args{"Period": words.PeriodName(t, s.Kind, s.First), "First": words.Day(t, s.First), "Last": words.Day(t, s.Last)})
}

// choice is the answers to the first two questions, which the later ones repeat.
type choice struct {
	span rules.Span
	unit int64 // 0 for the whole city
	name string
	from int64 // the unit among whose parts it was chosen
}

// chosen reads the first three arguments of the form and checks the unit against what the person administers.
func (c conversation) chosen(ctx context.Context, r *flows.Request) (choice, error) {
	scope, span, err := c.begun(ctx, r)
	if err != nil {
		return choice{}, err
	}
	unit := r.Args.ID(2)
	if !scope.Covers(unit) {
		return choice{}, store.ErrNotFound
	}
	picked := choice{span: span, unit: unit, name: scope.Name(unit), from: unit}
	if unit == 0 {
		picked.name = r.T.Plain("period.whole_city")
	}
	if len(scope.Parts(unit)) == 0 {
		picked.from = scope.Above(unit)
	}
	return picked, nil
}

// heading is the first lines of a question: which one it is, and what is answered.
func (p choice) heading(r *flows.Request, step int) string {
	return flows.Lines(heading(r, step), spanLine(r.T, p.span), r.T.HTML("period.covers", locales.Args{"Unit": p.name}))
}

// to is a page of the form with the answers so far, and what comes after them.
func (p choice) to(route string, more ...any) flows.Link {
	return flows.To(route, append([]any{kindLetters[p.span.Kind], p.span.First, p.unit}, more...)...)
}

// button leads to a page of the form.
func (p choice) button(label, route string, more ...any) flows.Button {
	return flows.Button{Label: label, To: p.to(route, more...)}
}

// askDue is the third question: until when.
func (c conversation) askDue(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	picked, err := c.chosen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	_, usual, err := c.calendar.Deadlines(picked.span.Last)
	if err != nil {
		return flows.Screen{}, err
	}
	offers := []store.Date{c.calendar.Date(usual), c.workdayIn(r, 7), c.workdayIn(r, 14)}
	screen := flows.Screen{Text: flows.Lines(picked.heading(r, 3), "\n", c.unlistedLines(r.T, offers...), r.T.HTML("period.ask_due"))}
	for i, day := range offers {
		if c.dueProblem(r, picked.span, day) != "" || slices.Contains(offers[:i], day) {
			continue
		}
		label := r.T.Plain("period.due_usual", locales.Args{"Day": words.LongDay(r.T, day)})
		if i > 0 {
			due, err := c.calendar.DueOn(day)
			if err != nil {
				return flows.Screen{}, err
			}
			label = r.T.Plain("period.due_other", locales.Args{"Day": words.LongDay(r.T, day), "Days": c.calendar.DaysLeft(r.Now, due)})
		}
		screen.Rows = append(screen.Rows, flows.Row(picked.button(label, c.afterDue(r, day), day)))
	}
	rows, err := c.beforeDue(ctx, r, picked)
	screen.Rows = append(screen.Rows, rows...)
	return screen, err
}

// beforeDue leads back from the deadline: to the units; where a draft is being changed, to the draft, and to other days and units beside it.
func (c conversation) beforeDue(ctx context.Context, r *flows.Request, picked choice) ([][]flows.Button, error) {
	units := unitsLink(picked.span, picked.from, 1)
	d, err := c.beingChanged(ctx, r)
	if err != nil {
		return nil, err
	}
	if d.ID == 0 || d.Kind != picked.span.Kind || d.FirstDay != picked.span.First || d.UnitID != picked.unit {
		return [][]flows.Button{flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: units})}, nil
	}
	return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("draft.other_span"), "period.new"), flows.Button{Label: r.T.Plain("draft.other_unit"), To: units}),
		back(r.T, "period.draft", d.ID)}, nil
}

// workdayIn is the working day in so many days, or the first one after it.
func (c conversation) workdayIn(r *flows.Request, days int) store.Date {
	return c.calendar.NextWorkday(c.calendar.Date(r.Now.AddDate(0, 0, days)))
}

// unlistedLines warns of the years of some days whose days off nobody has written down yet; "" when there are none.
func (c conversation) unlistedLines(t *locales.Translator, days ...store.Date) string {
	var lines []string
	for _, year := range c.calendar.Unlisted(days...) {
		lines = append(lines, t.HTML("period.year_unlisted", locales.Args{"Year": strconv.Itoa(year)}))
	}
	return flows.Lines(lines...)
}

// dueProblem says what is wrong with a deadline; "" when it can be used.
func (c conversation) dueProblem(r *flows.Request, span rules.Span, day store.Date) string {
	due, err := c.calendar.DueOn(day)
	if err != nil {
		return r.T.Plain("period.due_unknown")
	}
	last, err := c.calendar.DueOn(span.Last)
	switch {
	case err != nil:
		return r.T.Plain("period.due_unknown")
	case !due.After(r.Now):
		return r.T.Plain("period.due_past")
	case day < span.Last:
		return r.T.Plain("period.due_early", locales.Args{"Day": words.Day(r.T, span.Last)})
	case due.After(later(last, r.Now).AddDate(1, 0, 0)):
		return r.T.Plain("period.due_late")
	}
	return ""
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// saveDue takes a typed deadline.
func (c conversation) saveDue(_ context.Context, r *flows.Request) (flows.Outcome, error) {
	span, err := spanOf(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	again := flows.To("period.due", r.Args.Word(0), span.First, r.Args.ID(2))
	day, ok := words.ReadDay(r.T, r.Text, c.today(r))
	if !ok {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("period.due_unknown"), again)
	}
	if problem := c.dueProblem(r, span, day); problem != "" {
		return flows.Outcome{}, flows.Refuse(problem, again)
	}
	return flows.Outcome{To: flows.To(c.afterDue(r, day), r.Args.Word(0), span.First, r.Args.ID(2), day)}, nil
}

// afterDue is the page behind the question of the deadline: whether it is meant, where it is on a day off or today, else the next question.
func (c conversation) afterDue(r *flows.Request, day store.Date) string {
	if !c.calendar.IsWorkday(day) || day == c.today(r) {
		return "period.dayoff"
	}
	return "period.release"
}

// askDayOff asks whether a deadline on a day off, or today, is meant, and offers the next working day.
func (c conversation) askDayOff(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	picked, err := c.chosen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	day := store.Date(r.Args.Word(3))
	if _, err := c.dueFrom(r, picked.span, day); err != nil {
		return flows.Screen{}, err
	}
	reason := r.T.Plain("period.weekend")
	if off, ok := c.calendar.DayOff(day); ok {
		reason = off.Name
	}
	args, ask := locales.Args{"Day": words.LongDay(r.T, day), "Reason": reason}, ""
	if !c.calendar.IsWorkday(day) {
		ask = r.T.HTML("period.ask_dayoff", args)
	}
	screen := flows.Screen{Text: flows.Lines(picked.heading(r, 3), "\n", ask, c.todayLine(r, day))}
	if work := c.calendar.AddWorkdays(day, 1); c.dueProblem(r, picked.span, work) == "" {
		label := r.T.Plain("period.next_workday", locales.Args{"Day": words.LongDay(r.T, work)})
		screen.Rows = append(screen.Rows, flows.Row(picked.button(label, "period.release", work).Styled(flows.Confirm)))
	}
	keep := r.T.Plain("period.keep_day", locales.Args{"Day": words.LongDay(r.T, day)})
	screen.Rows = append(screen.Rows, flows.Row(picked.button(keep, "period.release", day)),
		flows.Row(picked.button(r.T.Plain("common.back"), "period.due")))
	return screen, nil
}

// todayLine warns of a deadline that is today; "" for every other day.
func (c conversation) todayLine(r *flows.Request, day store.Date) string {
	if day != c.today(r) {
		return ""
	}
	return r.T.HTML("period.due_today")
}

// askRelease is the fourth question: when employees see their results.
func (c conversation) askRelease(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	picked, err := c.chosen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	day := store.Date(r.Args.Word(3))
	due, err := c.dueFrom(r, picked.span, day)
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(picked.heading(r, 4), c.dueLine(r, store.Period{ScoringDue: due}), "\n", r.T.HTML("period.ask_release")),
		Rows: [][]flows.Button{
			flows.Row(picked.button(r.T.Plain("period.release_at_once"), "period.preview", day, releaseLetters[store.ReleaseAtOnce])),
			flows.Row(picked.button(r.T.Plain("period.release_published"), "period.preview", day, releaseLetters[store.ReleasePublished])),
			flows.Row(picked.button(r.T.Plain("common.back"), "period.due")),
		},
	}, nil
}

// dueFrom reads the deadline, the fourth argument. One that has passed since the card was drawn leads back to its question.
func (c conversation) dueFrom(r *flows.Request, span rules.Span, day store.Date) (time.Time, error) {
	due, err := c.calendar.DueOn(day)
	if err != nil {
		return time.Time{}, flows.ErrBadLink
	}
	if problem := c.dueProblem(r, span, day); problem != "" {
		return time.Time{}, flows.Refuse(problem, flows.To("period.due", kindLetters[span.Kind], span.First, r.Args.ID(2)))
	}
	return due, nil
}

// answers reads the whole form out of a link.
func (c conversation) answers(r *flows.Request) (store.PeriodForm, error) {
	span, err := spanOf(r)
	if err != nil {
		return store.PeriodForm{}, err
	}
	release, err := withLetter(releaseLetters, r.Args.Word(4))
	if err != nil {
		return store.PeriodForm{}, err
	}
	due, err := c.dueFrom(r, span, store.Date(r.Args.Word(3)))
	if err != nil {
		return store.PeriodForm{}, err
	}
	selfReport, err := c.calendar.SelfReportFor(span.Last, due) // a short deadline shortens the time for the self-report too
	if err != nil {
		return store.PeriodForm{}, err
	}
	return store.PeriodForm{Kind: span.Kind, FirstDay: span.First, LastDay: span.Last, UnitID: r.Args.ID(2),
		SelfReportDue: selfReport, ScoringDue: due, ObjectionDays: objectionDays, Release: release}, nil
}

// open opens the period. A second tap finds it opened and shows the same.
func (c conversation) open(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	form, err := c.answers(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	preview, err := c.store.PreviewPeriod(ctx, r.Actor.PersonID, form)
	if err != nil {
		return flows.Outcome{}, err
	}
	if preview.People == 0 && preview.Existing == 0 {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("period.nobody"), formLink(r.Args).to("period.preview"))
	}
	p, err := c.store.OpenPeriod(ctx, r.Actor.PersonID, form, store.Place{ChatID: r.Chat, MessageID: r.Message})
	if err != nil {
		return flows.Outcome{}, err
	}
	if p.State != store.PeriodOpening {
		return flows.Outcome{To: flows.To("period.progress", p.ID), Toast: r.T.Plain("period.already_open")}, nil
	}
	return flows.Outcome{To: flows.To("period.opening", p.ID), Toast: r.T.Plain("period.begun")}, nil
}
