package reminder

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what reminders need of the records.
type Store interface {
	OpenPeriods(ctx context.Context) ([]store.Period, error)
	LateEvaluators(ctx context.Context, periodID int64) ([]int64, error)
	SuperiorsOfLate(ctx context.Context, periodID int64) ([]int64, error)
	UnreadSince(ctx context.Context, from, until time.Time) ([]int64, error)
	PlanReminders(ctx context.Context, day store.Date, due time.Time, people []int64) error
	PostponeReminder(ctx context.Context, personID int64, day store.Date, due time.Time) error
	LastReminder(ctx context.Context, personID int64) (time.Time, error)
	LastNudge(ctx context.Context, personID, periodID int64) (time.Time, error)
	DebtOf(ctx context.Context, personID int64) (store.Debt, error)
	LastRun(ctx context.Context, name string) (time.Time, error)
	SetLastRun(ctx context.Context, name string, at time.Time) error
	Now() time.Time
}

// question asks who owes something of a kind on a day, for one entry of the schedule's days.
type question func(ctx context.Context, s Store, schedule Schedule, today store.Date, days int) ([]int64, error)

// owing is one query for each kind of the schedule.
var owing = map[string]question{ //nolint:gochecknoglobals // a constant table
	"scoring":          onDay(Store.LateEvaluators),
	"overdue":          onDay(Store.LateEvaluators),
	"overdue_superior": onDay(Store.SuperiorsOfLate),
	"unread": func(ctx context.Context, s Store, schedule Schedule, today store.Date, days int) ([]int64, error) {
		released := shift(today, -days)
		return s.UnreadSince(ctx, schedule.begins(released), schedule.begins(nextDay(released)))
	},
}

// onDay asks a query of every open period whose deadline of scoring is so many days before the day.
func onDay(query func(Store, context.Context, int64) ([]int64, error)) question {
	return func(ctx context.Context, s Store, schedule Schedule, today store.Date, days int) ([]int64, error) {
		periods, err := s.OpenPeriods(ctx)
		if err != nil {
			return nil, err
		}
		var people []int64
		for _, p := range periods {
			if shift(schedule.calendar.Date(p.ScoringDue), days) != today {
				continue
			}
			some, err := query(s, ctx, p.ID)
			if err != nil {
				return nil, err
			}
			people = append(people, some...)
		}
		return people, nil
	}
}

// Scheduler plans the reminders of each day. Any number of them may run: a person has one reminder, whatever asks for it.
type Scheduler struct {
	store    Store
	schedule Schedule
	every    time.Duration
	log      *slog.Logger
}

// NewScheduler makes a scheduler that looks at the clock so often; a minute when zero.
func NewScheduler(s Store, schedule Schedule, every time.Duration, log *slog.Logger) *Scheduler {
	if every == 0 {
		every = time.Minute
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Scheduler{store: s, schedule: schedule, every: every, log: log}
}

// Run plans until ctx ends.
func (s *Scheduler) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.every)
	defer ticker.Stop()
	for {
		if err := s.Plan(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("reminders could not be planned; they will be", "cause", fmt.Sprintf("%T", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

const (
	duty = "reminders"
	// catchUp is how far back days are planned that passed while no scheduler ran.
	catchUp = 7
)

// Plan owes the reminders of today, and of days that passed since the last time. A day is planned once its hour has come.
func (s *Scheduler) Plan(ctx context.Context) error {
	now := s.store.Now()
	today := s.schedule.calendar.Date(now)
	last, err := s.store.LastRun(ctx, duty)
	if err != nil {
		return err
	}
	day := today
	if !last.IsZero() {
		if day = nextDay(s.schedule.calendar.Date(last)); day < shift(today, -catchUp) {
			day = shift(today, -catchUp)
		}
	}
	for ; day <= today && !now.Before(s.schedule.on(day, s.schedule.at)); day = nextDay(day) {
		if err := s.planDay(ctx, day, now); err != nil {
			return fmt.Errorf("plan reminders of %s: %w", day, err)
		}
		if err := s.store.SetLastRun(ctx, duty, s.schedule.on(day, s.schedule.at)); err != nil {
			return err
		}
	}
	return nil
}

// planDay finds everybody who owes something of a kind whose day it is. Each gets one message, whatever he owes.
func (s *Scheduler) planDay(ctx context.Context, day store.Date, now time.Time) error {
	due := s.schedule.sendingOf(day, now)
	for _, k := range s.schedule.kinds {
		for _, days := range k.Days {
			people, err := owing[k.Name](ctx, s.store, s.schedule, day, days)
			if err != nil {
				return fmt.Errorf("%s: %w", k.Name, err)
			}
			// It belongs to the day on which it goes, so that those of days off, of days that were missed and of that day itself are one.
			if err := s.store.PlanReminders(ctx, s.schedule.calendar.Date(due), due, people); err != nil {
				return err
			}
		}
	}
	return nil
}

type conversation struct {
	store    Store
	schedule Schedule
}

// Register adds the reminder and its postponement to the engine.
func Register(e *flows.Engine, s Store, schedule Schedule) {
	c := conversation{store: s, schedule: schedule}
	e.Message(store.KindReminder, "date", c.remind)
	e.Action("reminder.later", "date", c.later)
	e.Page("reminder.postponed", "date", c.postponed)
}

// remind sums up what the person owes at the moment of sending; nothing is sent to whoever owes nothing any more, or was reminded
// on this day: what waited over the night goes out in the morning, before the reminder of the day would.
func (c conversation) remind(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	reminded, err := c.remindedToday(ctx, r)
	if err != nil || reminded {
		return flows.Screen{}, false, err
	}
	debt, err := c.store.DebtOf(ctx, r.Actor.PersonID)
	if err != nil || debt.None() {
		return flows.Screen{}, false, err
	}
	lines := []string{r.T.HTML("reminder.title"), "\n"}
	var rows [][]flows.Button
	if debt.ToScore > 0 {
		lines = append(lines, r.T.HTML("reminder.to_score", locales.Args{"Number": debt.ToScore, "Deadline": words.Deadline(r.T, c.schedule.calendar, r.Now, *debt.ScoringDue)}))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.score"), "score.team", 1).Styled(flows.Confirm)))
	}
	if debt.LatePeople > 0 {
		lines = append(lines, r.T.HTML("reminder.late", locales.Args{"Number": debt.LatePeople}))
	}
	if debt.Unread > 0 {
		lines = append(lines, r.T.HTML("reminder.unread", locales.Args{"Number": debt.Unread}))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.read"), "result.list", 1)))
	}
	day := store.Date(r.Args.Word(0))
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("reminder.later"), "reminder.later", day)))
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows}, true, nil
}

// remindedToday reports whether the person was sent a reminder today, by the schedule or by an administrator.
func (c conversation) remindedToday(ctx context.Context, r *flows.Request) (bool, error) {
	bySchedule, err := c.store.LastReminder(ctx, r.Actor.PersonID)
	if err != nil {
		return false, err
	}
	byAdministrator, err := c.store.LastNudge(ctx, r.Actor.PersonID, 0)
	date := c.schedule.calendar.Date
	return date(bySchedule) == date(r.Now) || date(byAdministrator) == date(r.Now), err
}

// later puts the reminder off to the next working day.
func (c conversation) later(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := time.Parse(time.DateOnly, r.Args.Word(0)); err != nil {
		return flows.Outcome{}, flows.ErrBadLink
	}
	due := c.schedule.sendingOf(nextDay(c.schedule.calendar.Date(r.Now)), r.Now)
	day := c.schedule.calendar.Date(due)
	if err := c.store.PostponeReminder(ctx, r.Actor.PersonID, day, due); err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("reminder.postponed", day), Toast: r.T.Plain("reminder.postponed", locales.Args{"Day": words.LongDay(r.T, day)})}, nil
}

func (c conversation) postponed(_ context.Context, r *flows.Request) (flows.Screen, error) {
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("reminder.title"), "\n", r.T.HTML("reminder.postponed", locales.Args{"Day": words.LongDay(r.T, store.Date(r.Args.Word(0)))})),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("common.menu"), "menu"))},
	}, nil
}
