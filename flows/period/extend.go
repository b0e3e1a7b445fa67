package period

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	typedReason    = "typed"      // the reason that stands in the draft
	extendReason   = "extend-why" // where the draft keeps it, with the period and the new day
	shortestReason = 10           // characters
	longestReason  = 300
)

var (
	extendBy      = []int{1, 3, 5}                      //nolint:gochecknoglobals // working days that are offered
	extendReasons = []string{"network", "duty", "data"} //nolint:gochecknoglobals // reasons that are offered
)

// extending is a deadline that may be extended: the period of the first argument, for who manages it, before it passes.
func (c conversation) extending(ctx context.Context, r *flows.Request) (store.AdminPeriod, store.Concerned, error) {
	p, n, err := c.store.ConcernedBy(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return p, n, err
	}
	return p, n, c.extendable(r, p)
}

// extendable refuses a period whose deadline has passed, with the reason of the law, and one that is not open.
func (c conversation) extendable(r *flows.Request, p store.AdminPeriod) error {
	there := flows.To("period.progress", p.ID)
	switch stage := c.stageOf(r, p.Period); {
	case c.may(r, p, store.MoveExtend):
		return nil
	case stage == store.StageSuperiors || stage == store.StageEvaluated:
		return flows.Refuse(r.T.Plain("extend.passed", locales.Args{"Due": words.Day(r.T, c.calendar.Date(p.ScoringDue))}), there)
	default:
		return flows.Refuse(r.T.Plain("progress.not_open"), there)
	}
}

// askExtend asks until when. A deadline only moves forward.
func (c conversation) askExtend(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, _, err := c.extending(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	due := c.calendar.Date(p.ScoringDue)
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("extend.title", locales.Args{"Period": words.NameOfPeriod(r.T, p)}), c.dueLine(r, p.Period), "\n", r.T.HTML("extend.ask_day"))}
	for _, days := range extendBy {
		day := c.calendar.AddWorkdays(due, days)
		label := r.T.Plain("extend.by", locales.Args{"Count": days, "Day": words.LongDay(r.T, day)})
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(label, "period.extendwhy", p.ID, due, day)))
	}
	screen.Rows = append(screen.Rows, back(r.T, "period.progress", p.ID))
	return screen, nil
}

// saveExtendDay takes a typed day; one on a day off becomes the next working day.
func (c conversation) saveExtendDay(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	p, _, err := c.extending(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	again := flows.To("period.extend", p.ID)
	day, ok := words.ReadDay(r.T, r.Text, c.today(r))
	if !ok {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("period.due_unknown"), again)
	}
	work := c.calendar.NextWorkday(day)
	if problem := c.extendProblem(r, p, work); problem != "" {
		return flows.Outcome{}, flows.Refuse(problem, again)
	}
	toast := ""
	if work != day {
		toast = r.T.Plain("extend.day_off", locales.Args{"Day": words.LongDay(r.T, day), "Work": words.LongDay(r.T, work)})
	}
	return flows.Outcome{To: flows.To("period.extendwhy", p.ID, c.calendar.Date(p.ScoringDue), work), Toast: toast}, nil
}

// extendProblem says what is wrong with a new deadline; "" when it can be used.
func (c conversation) extendProblem(r *flows.Request, p store.AdminPeriod, day store.Date) string {
	due, err := c.calendar.DueOn(day)
	switch {
	case err != nil:
		return r.T.Plain("period.due_unknown")
	case !due.After(p.ScoringDue) || !due.After(r.Now):
		return r.T.Plain("extend.shorter", locales.Args{"Day": words.LongDay(r.T, c.calendar.Date(p.ScoringDue))})
	case due.After(p.ScoringDue.AddDate(1, 0, 0)):
		return r.T.Plain("period.due_late")
	}
	return ""
}

// newDeadline reads a period, the old deadline that a screen showed and the new one, and refuses what does not fit any more.
func (c conversation) newDeadline(ctx context.Context, r *flows.Request) (store.AdminPeriod, store.Concerned, time.Time, error) {
	p, n, err := c.extending(ctx, r)
	if err != nil {
		return p, n, time.Time{}, err
	}
	before, day := store.Date(r.Args.Word(1)), store.Date(r.Args.Word(2))
	if now := c.calendar.Date(p.ScoringDue); now != before {
		return p, n, time.Time{}, flows.Refuse(r.T.Plain("extend.moved", locales.Args{"Day": words.LongDay(r.T, now)}), flows.To("period.extend", p.ID))
	}
	if problem := c.extendProblem(r, p, day); problem != "" {
		return p, n, time.Time{}, flows.Refuse(problem, flows.To("period.extend", p.ID))
	}
	due, err := c.calendar.DueOn(day)
	return p, n, due, err
}

// askExtendWhy asks for the reason, which stands in the record.
func (c conversation) askExtendWhy(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, _, due, err := c.newDeadline(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("extend.title", locales.Args{"Period": words.NameOfPeriod(r.T, p)}),
		r.T.HTML("extend.until", locales.Args{"Due": r.T.LongMoment(due)}), "\n", r.T.HTML("extend.ask_why"))}
	for _, reason := range extendReasons {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("extend.why_"+reason), "period.extendsure", p.ID, r.Args[1], r.Args[2], reason)))
	}
	return flows.Screen{Text: screen.Text, Rows: append(screen.Rows, back(r.T, "period.extend", p.ID))}, nil
}

// saveExtendWhy takes a typed reason.
func (c conversation) saveExtendWhy(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	p, _, _, err := c.newDeadline(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	text := strings.Join(strings.Fields(r.Text), " ")
	if n := len([]rune(text)); n < shortestReason || n > longestReason {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("extend.why_length", locales.Args{"Least": shortestReason, "Most": longestReason}), flows.Link{})
	}
	r.Draft[extendReason] = c.reasonOf(r) + text
	return flows.Outcome{To: flows.To("period.extendsure", p.ID, r.Args[1], r.Args[2], typedReason)}, nil
}

// reasonOf begins the reason of one period and day.
func (c conversation) reasonOf(r *flows.Request) string {
	return fmt.Sprintf("%d:%s:", r.Args.ID(0), r.Args[2])
}

// why is the reason that a link names. One that was typed may be gone: then it is asked for again.
func (c conversation) why(r *flows.Request) (string, error) {
	word := r.Args.Word(3)
	if slices.Contains(extendReasons, word) {
		return r.T.Plain("extend.why_" + word), nil
	}
	text, ok := strings.CutPrefix(r.Draft[extendReason], c.reasonOf(r))
	if word != typedReason || !ok {
		return "", flows.Refuse(r.T.Plain("extend.why_gone"), flows.To("period.extendwhy", r.Args.ID(0), r.Args[1], r.Args[2]))
	}
	return text, nil
}

// askExtendSure says who will be told before the deadline moves, for it does not move back.
func (c conversation) askExtendSure(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, n, due, err := c.newDeadline(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	reason, err := c.why(r)
	if err != nil {
		return flows.Screen{}, err
	}
	selfReport, err := c.selfReportAfter(p.Period, due)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("extend.title", locales.Args{"Period": words.NameOfPeriod(r.T, p)}), "\n",
		r.T.HTML("extend.from_to", locales.Args{"From": r.T.LongMoment(p.ScoringDue), "To": r.T.LongMoment(due)}),
		r.T.HTML("extend.reason", locales.Args{"Reason": reason}), r.T.HTML("extend.told", locales.Args{"Number": r.T.Number(n.Evaluators)})}
	if selfReport.After(p.SelfReportDue) {
		lines = append(lines, r.T.HTML("extend.told_employees", locales.Args{"Number": r.T.Number(n.Employees), "Due": r.T.LongMoment(selfReport)}))
	}
	lines = append(lines, c.outLine(r), c.januaryLine(r, p.Period, due), r.T.HTML("extend.sure"))
	yes := flows.Go(r.T.Plain("extend.yes", locales.Args{"Day": words.LongDay(r.T, c.calendar.Date(due))}), "period.extendnow", p.ID, r.Args[1], r.Args[2], r.Args[3])
	return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{flows.Row(yes.Styled(flows.Danger)), back(r.T, "period.extendwhy", p.ID, r.Args[1], r.Args[2])}}, nil
}

// januaryLine warns of an annual evaluation that would end after January (PermenPANRB 6/2022, annex IV.A.8b); "" for all others.
func (c conversation) januaryLine(r *flows.Request, p store.Period, due time.Time) string {
	if p.Kind != store.Annual || !c.calendar.AfterJanuary(p.LastDay, due) {
		return ""
	}
	return r.T.HTML("extend.january")
}

// selfReportAfter is until when employees report themselves once scoring is due at a moment. It moves only where the deadline had cut it short.
func (c conversation) selfReportAfter(p store.Period, due time.Time) (time.Time, error) {
	if p.SelfReportDue.Before(p.ScoringDue) {
		return p.SelfReportDue, nil
	}
	usual, err := c.calendar.SelfReportFor(p.LastDay, due)
	return later(usual, p.SelfReportDue), err
}

// extend moves the deadline. A second tap finds it moved, and says so.
func (c conversation) extend(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	there := flows.To("period.progress", r.Args.ID(0))
	p, err := c.store.PeriodFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	if p.Manages && string(c.calendar.Date(p.ScoringDue)) == r.Args[2] {
		return flows.Outcome{To: there, Toast: r.T.Plain("extend.done_already")}, nil
	}
	_, _, due, err := c.newDeadline(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	reason, err := c.why(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	selfReport, err := c.selfReportAfter(p.Period, due)
	if err != nil {
		return flows.Outcome{}, err
	}
	err = c.store.ExtendPeriod(ctx, r.Actor.PersonID, store.Extension{PeriodID: p.ID, DueBefore: p.ScoringDue, DueAfter: due, SelfReportAfter: selfReport, Reason: reason})
	switch {
	case errors.Is(err, store.ErrDeadlinePassed):
		return flows.Outcome{}, c.extendable(r, p)
	case errors.Is(err, store.ErrConflict):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("extend.moved_meanwhile"), there)
	case err != nil:
		return flows.Outcome{}, err
	}
	delete(r.Draft, extendReason)
	return flows.Outcome{To: there, Toast: r.T.Plain("extend.done", locales.Args{"Day": words.LongDay(r.T, c.calendar.Date(due))})}, nil
}

// extendedLine tells the last extension and why, and of several how many there were and what was due at first; "" for none.
func (c conversation) extendedLine(ctx context.Context, r *flows.Request, p store.Period) (string, error) {
	list, err := c.store.Extensions(ctx, r.Actor.PersonID, p.ID)
	if err != nil || len(list) == 0 {
		return "", err
	}
	day := func(x store.Extension) string { return words.Day(r.T, c.calendar.Date(x.DueBefore)) }
	args, key := locales.Args{"Day": day(list[0]), "Reason": list[0].Reason}, "extend.was"
	if n := len(list); n > 1 {
		args["Times"], args["First"], key = r.T.Number(n), day(list[n-1]), "extend.was_again"
	}
	return r.T.HTML(key, args), nil
}

// tellExtended tells an evaluator with people left until when he has now. Of several extensions that he has not heard of the last one is told.
func (c conversation) tellExtended(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	_, err := c.store.DeadlineNews(ctx, store.KindDeadlineExtended, r.Actor.PersonID, r.Args.ID(0), r.Args.ID(1))
	if errors.Is(err, store.ErrNotFound) {
		return flows.Screen{}, false, nil
	}
	if err != nil {
		return flows.Screen{}, false, err
	}
	return c.tellOwed(ctx, r, "extend.news")
}

// tellSelfReport tells an employee that his own date moved.
func (c conversation) tellSelfReport(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	p, err := c.store.DeadlineNews(ctx, store.KindSelfReportExtended, r.Actor.PersonID, r.Args.ID(0), r.Args.ID(1))
	if errors.Is(err, store.ErrNotFound) {
		return flows.Screen{}, false, nil
	}
	if err != nil {
		return flows.Screen{}, false, err
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("extend.news_selfreport", locales.Args{"Period": words.PeriodName(r.T, p.Kind, p.FirstDay)}), "\n",
			r.T.HTML("extend.selfreport_until", locales.Args{"Deadline": words.Deadline(r.T, c.calendar, r.Now, p.SelfReportDue)})),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("common.menu"), "menu"))},
	}, true, nil
}
