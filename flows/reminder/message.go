package reminder

import (
	"context"
	"errors"
	"slices"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

type conversation struct {
	store    Store
	schedule Schedule
}

// Register adds the reminder, its postponement and the list behind it to the engine.
func Register(e *flows.Engine, s Store, schedule Schedule) {
	c := conversation{store: s, schedule: schedule}
	e.Message(store.KindReminder, "date", c.remind)
	e.Action("reminder.later", "date", c.later)
	e.Page("reminder.postponed", "date", c.postponed)
	e.Page("reminder.late", "n", c.late)
	e.Page("reminder.now", "", c.present)
}

// remind sums up what the person owes at the moment of sending; nothing is sent to whoever owes nothing any more, or was reminded
// on this day: what waited over the night goes out in the morning, before the reminder of the day would. A period of which an
// administrator has reminded him today is left out, and all else is told.
func (c conversation) remind(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	last, err := c.store.LastReminder(ctx, r.Actor.PersonID)
	if err != nil || c.isToday(r, last) {
		return flows.Screen{}, false, err
	}
	debt, err := c.debt(ctx, r)
	if err == nil {
		debt.ToScore, err = c.withoutNudged(ctx, r, debt.ToScore)
	}
	if err != nil || debt.None() {
		return flows.Screen{}, false, err
	}
	screen := c.summary(r, debt)
	if next := c.schedule.nextDay(r.Now); !isLast(debt, r.Now, next) {
		label := r.T.Plain("reminder.later", locales.Args{"Day": c.dayName(r, next), "Clock": r.T.Clock(next)})
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(label, "reminder.later", store.Date(r.Args.Word(0)))))
	}
	return screen, true, nil
}

func (c conversation) isToday(r *flows.Request, at time.Time) bool {
	date := c.schedule.calendar.Date
	return date(at) == date(r.Now)
}

// withoutNudged leaves out the periods of which an administrator has reminded the person today.
func (c conversation) withoutNudged(ctx context.Context, r *flows.Request, debts []store.ScoringDebt) ([]store.ScoringDebt, error) {
	var kept []store.ScoringDebt
	for _, d := range debts {
		last, err := c.store.LastNudge(ctx, r.Actor.PersonID, d.PeriodID)
		if err != nil {
			return nil, err
		}
		if !c.isToday(r, last) {
			kept = append(kept, d)
		}
	}
	return kept, nil
}

// debt is what the person owes now. Of his late evaluators he hears from the day on that the schedule names, and of the periods that he
// administers around their deadline.
func (c conversation) debt(ctx context.Context, r *flows.Request) (store.Debt, error) {
	debt, err := c.store.DebtOf(ctx, r.Actor.PersonID, c.schedule.lateSince(r.Now))
	if err != nil {
		return store.Debt{}, err
	}
	from, until := c.schedule.unfinished(r.Now)
	if debt.Unfinished, err = c.store.Unfinished(ctx, r.Actor.PersonID, from, until); err != nil {
		return store.Debt{}, err
	}
	if len(debt.Unfinished) > 0 { // the administrators hear what the audit was: a change behind the program's back shows by it
		yesterday := c.schedule.calendar.Date(r.Now.AddDate(0, 0, -1))
		if debt.Seal, err = c.store.DigestOn(ctx, yesterday); err != nil && !errors.Is(err, store.ErrNotFound) {
			return store.Debt{}, err
		}
	}
	today := c.schedule.calendar.Date(r.Now)
	debt.DueToday, err = c.store.DueOn(ctx, r.Actor.PersonID, c.schedule.sinceWorkday(today), today)
	return debt, err
}

// isLast reports that a deadline to come would be over when the next reminder goes out.
func isLast(debt store.Debt, now, next time.Time) bool {
	return slices.ContainsFunc(debt.ToScore, func(d store.ScoringDebt) bool { return d.Due.After(now) && !d.Due.After(next) })
}

// dayName is "besok" for tomorrow, else the weekday: the next working day is never a week away by itself.
func (c conversation) dayName(r *flows.Request, at time.Time) string {
	if c.schedule.calendar.DaysLeft(r.Now, at) == 1 {
		return r.T.Plain("reminder.tomorrow")
	}
	return r.T.LongDay(at)
}

// summary is a line for each period and result that waits, with the buttons that lead there.
func (c conversation) summary(r *flows.Request, debt store.Debt) flows.Screen {
	lines := []string{r.T.HTML("reminder.title"), "\n"}
	var rows [][]flows.Button
	said := map[int64]bool{}
	for _, d := range debt.ToScore {
		if n := slices.IndexFunc(debt.Unfinished, func(p store.PeriodLine) bool { return p.ID == d.PeriodID }); n >= 0 { // one line for one period
			p := debt.Unfinished[n]
			said[p.ID] = true
			lines = append(lines, r.T.HTML("reminder.both", locales.Args{"Period": words.NameOfPeriod(r.T, p.AdminPeriod), "Number": d.Open, "Done": r.T.Number(p.Final),
				"All": r.T.Number(p.Total), "Deadline": words.Deadline(r.T, c.schedule.calendar, r.Now, d.Due)}))
			continue
		}
		lines = append(lines, r.T.HTML("reminder.to_score", locales.Args{"Period": words.PeriodName(r.T, d.Kind, d.FirstDay), "Number": d.Open,
			"Deadline": words.Deadline(r.T, c.schedule.calendar, r.Now, d.Due)}))
	}
	if len(debt.ToScore) > 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.score"), "score.team", 1).Styled(flows.Confirm)))
	}
	if debt.LatePeople > 0 {
		lines = append(lines, r.T.HTML("reminder.late", locales.Args{"Number": debt.LatePeople}))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.see_late"), "reminder.late", 1)))
	}
	for _, result := range debt.Unread {
		lines = append(lines, c.unreadLine(r, result))
	}
	if len(debt.Unread) > 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.read"), "result.list", 1)))
	}
	for _, p := range debt.Unfinished {
		name := words.NameOfPeriod(r.T, p.AdminPeriod)
		if !said[p.ID] {
			lines = append(lines, r.T.HTML("reminder.progress", locales.Args{"Period": name, "Done": r.T.Number(p.Final), "All": r.T.Number(p.Total),
				"Deadline": words.Deadline(r.T, c.schedule.calendar, r.Now, p.ScoringDue)}))
		}
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.see_progress", locales.Args{"Period": name}), "period.progress", p.ID)))
	}
	if debt.Seal.ID != 0 {
		lines = append(lines, r.T.HTML("trail.digest", locales.Args{"Day": r.T.Day(debt.Seal.SealedAt), "Digest": debt.Seal.Short()}))
	}
	dueLines, dueRows := dueToday(r, debt.DueToday)
	return flows.Screen{Text: flows.Lines(append(lines, dueLines...)...), Rows: append(rows, dueRows...)}
}

// dueToday is what was agreed for this day. Like all that comes by itself it names nobody.
func dueToday(r *flows.Request, due store.DueToday) (lines []string, rows [][]flows.Button) {
	promised := 0
	for _, t := range due.Talks {
		if t.EmployeeID == r.Actor.PersonID {
			lines = append(lines, r.T.HTML("reminder.talk_own", locales.Args{"Period": words.PeriodName(r.T, t.Kind, t.FirstDay)}))
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.see_result"), "result.show", t.ResultID)))
			continue
		}
		promised++
	}
	if promised > 0 {
		lines = append(lines, r.T.HTML("reminder.talk_promised", locales.Args{"Number": promised}))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.see_talks"), "talk.list", 1)))
	}
	for _, f := range due.FollowUps {
		lines = append(lines, r.T.HTML("reminder.followup_own", locales.Args{"Period": words.PeriodName(r.T, f.Kind, f.FirstDay), "Due": words.LongDay(r.T, f.FollowUpDue)}))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.see_followup"), "result.show", f.ID)))
	}
	if due.OfTeam > 0 {
		lines = append(lines, r.T.HTML("reminder.followup_team", locales.Args{"Number": due.OfTeam}))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.see_followups"), "score.followups", 1)))
	}
	return lines, rows
}

// unreadLine tells of a result that was not opened, or opened and not acknowledged: then the days to object run.
func (c conversation) unreadLine(r *flows.Request, result store.ResultLine) string {
	period := words.PeriodName(r.T, result.Kind, result.FirstDay)
	switch {
	case result.OpenedAt == nil:
		return r.T.HTML("reminder.unread", locales.Args{"Period": period, "Days": result.Objection})
	case c.schedule.calendar.ObjectionOpen(*result.OpenedAt, result.Objection, r.Now):
		until := c.schedule.calendar.ObjectionUntil(*result.OpenedAt, result.Objection)
		return r.T.HTML("reminder.unmarked", locales.Args{"Period": period, "Until": r.T.LongDay(until)})
	default:
		return r.T.HTML("reminder.unmarked_over", locales.Args{"Period": period})
	}
}

// later puts the reminder off to the next working day.
func (c conversation) later(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := time.Parse(time.DateOnly, r.Args.Word(0)); err != nil {
		return flows.Outcome{}, flows.ErrBadLink
	}
	due := c.schedule.nextDay(r.Now)
	day := c.schedule.calendar.Date(due)
	if err := c.store.PostponeReminder(ctx, r.Actor.PersonID, day, due); err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("reminder.postponed", day), Toast: r.T.Plain("reminder.postponed", c.postponement(r, day))}, nil
}

func (c conversation) postponement(r *flows.Request, day store.Date) locales.Args {
	return locales.Args{"Day": words.LongDay(r.T, day), "Clock": r.T.Clock(c.schedule.on(day, c.schedule.at))}
}

// postponed is what waits, still with its buttons, and until when nobody will speak of it.
func (c conversation) postponed(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	debt, err := c.debt(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := c.summary(r, debt)
	screen.Text = flows.Lines(screen.Text, "\n", r.T.HTML("reminder.postponed", c.postponement(r, store.Date(r.Args.Word(0)))))
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("common.menu"), "menu")))
	return screen, nil
}

// present is what waits now, for who comes back from the list behind a reminder.
func (c conversation) present(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	debt, err := c.debt(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := c.summary(r, debt)
	if debt.None() {
		screen.Text = flows.Lines(screen.Text, r.T.HTML("reminder.nothing"))
	}
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("common.menu"), "menu")))
	return screen, nil
}

// latePerPage is how many late evaluators stand on one page.
const latePerPage = 8

// late lists the evaluators under a superior who let a deadline pass, with how much is left.
func (c conversation) late(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	all, err := c.store.LateUnder(ctx, r.Actor.PersonID, c.schedule.lateSince(r.Now))
	if err != nil {
		return flows.Screen{}, err
	}
	pages := max(1, (len(all)+latePerPage-1)/latePerPage)
	page := max(1, min(r.Args.Int(0), pages))
	lines := []string{r.T.HTML("reminder.late_title"), "\n"}
	if len(all) == 0 {
		lines = append(lines, r.T.HTML("reminder.late_none"))
	}
	for _, l := range all[(page-1)*latePerPage : min(page*latePerPage, len(all))] {
		lines = append(lines, r.T.HTML("reminder.late_one", locales.Args{"Name": l.Name, "Period": words.PeriodName(r.T, l.Kind, l.FirstDay), "Number": l.Open,
			"Left": words.Left(r.T, c.schedule.calendar, r.Now, l.Due)}))
	}
	if len(all) > 0 {
		lines = append(lines, "\n", r.T.HTML("reminder.late_hint"))
	}
	var turns []flows.Button
	if page > 1 {
		turns = append(turns, flows.Go(r.T.Plain("common.previous_page"), "reminder.late", page-1))
	}
	if page < pages {
		turns = append(turns, flows.Go(r.T.Plain("common.next_page"), "reminder.late", page+1))
	}
	rows := [][]flows.Button{flows.Row(flows.Go(r.T.Plain("common.back"), "reminder.now"))}
	if len(turns) > 0 {
		rows = slices.Insert(rows, 0, turns)
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows}, nil
}
