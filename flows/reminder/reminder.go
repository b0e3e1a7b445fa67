package reminder

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"kinerja/store"
)

// Store is what reminders need of the records.
type Store interface {
	OpenPeriods(ctx context.Context) ([]store.Period, error)
	LateEvaluators(ctx context.Context, periodID int64) ([]int64, error)
	AdministratorsOf(ctx context.Context, periodID int64) ([]int64, error)
	Unfinished(ctx context.Context, adminID int64, from, until time.Time) ([]store.PeriodLine, error)
	SuperiorsOfLate(ctx context.Context, periodID int64) ([]int64, error)
	UnreadSince(ctx context.Context, from, until time.Time) ([]int64, error)
	FollowUpsDue(ctx context.Context, day store.Date) ([]int64, error)
	PeopleOfTalksOn(ctx context.Context, day store.Date) ([]int64, error)
	DueOn(ctx context.Context, personID int64, since, day store.Date) (store.DueToday, error)
	PlanReminders(ctx context.Context, day store.Date, due time.Time, people []int64) error
	PostponeReminder(ctx context.Context, personID int64, day store.Date, due time.Time) error
	LastReminder(ctx context.Context, personID int64) (time.Time, error)
	LastNudge(ctx context.Context, personID, periodID int64) (time.Time, error)
	DigestOn(ctx context.Context, day store.Date) (store.AuditSeal, error)
	DebtOf(ctx context.Context, personID int64, lateSince time.Time) (store.Debt, error)
	LateUnder(ctx context.Context, superiorID int64, lateSince time.Time) ([]store.LateLine, error)
	LastRun(ctx context.Context, name string) (time.Time, error)
	SetLastRun(ctx context.Context, name string, at time.Time) error
	Now() time.Time
}

// question asks who owes something of a kind on a day, for one entry of the schedule's days.
type question func(ctx context.Context, s Store, schedule Schedule, today store.Date, days int) ([]int64, error)

// owing is one query for each kind of the schedule.
var owing = map[string]question{ //nolint:gochecknoglobals // a constant table
	"scoring":       onDay(Store.LateEvaluators),
	"overdue":       onDay(Store.LateEvaluators),
	overdueSuperior: onDay(Store.SuperiorsOfLate),
	progress:        onDay(Store.AdministratorsOf),
	"unread": func(ctx context.Context, s Store, schedule Schedule, today store.Date, days int) ([]int64, error) {
		released := shift(today, -days)
		return s.UnreadSince(ctx, schedule.begins(released), schedule.begins(nextDay(released)))
	},
	"followup": onItsDay(Store.FollowUpsDue),
	"talk":     onItsDay(Store.PeopleOfTalksOn),
}

// onItsDay asks a query of the day that is so many days away.
func onItsDay(query func(Store, context.Context, store.Date) ([]int64, error)) question {
	return func(ctx context.Context, s Store, _ Schedule, today store.Date, days int) ([]int64, error) {
		return query(s, ctx, shift(today, -days))
	}
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
