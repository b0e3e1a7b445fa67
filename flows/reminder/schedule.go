// Package reminder decides who must be told what, and when. The schedule is data; who owes something is asked of the records.
//
// A further kind, such as "self-report due", is one entry in schedule.toml and one query in the table owing of reminder.go:
//
//	[[kind]]                            "selfreport": onDay(Store.PeopleOwingSelfReport),
//	name = "selfreport"
//	days = [-2, 0]
package reminder

import (
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/BurntSushi/toml"

	"kinerja/flows/rules"
	"kinerja/store"
)

//go:embed schedule.toml
var defaultSchedule string

// Schedule is when reminders go out. It is read from TOML: see schedule.toml.
type Schedule struct {
	calendar rules.Calendar
	from     clockTime
	until    clockTime
	at       clockTime
	kinds    []kind
}

type kind struct {
	Name string `toml:"name"`
	Days []int  `toml:"days"`
}

type clockTime struct{ hour, minute int }

func readClock(text string) (clockTime, error) {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return clockTime{}, fmt.Errorf("schedule: %q is not an hour such as 08:00", text)
	}
	return clockTime{t.Hour(), t.Minute()}, nil
}

// Default is the schedule that the program carries. Its working days are those of the calendar.
func Default(calendar rules.Calendar) (Schedule, error) { return Read(defaultSchedule, calendar) }

// Read reads a schedule. It refuses hours out of order, days that are none and kinds that nobody can answer.
func Read(text string, calendar rules.Calendar) (Schedule, error) {
	var file struct {
		From  string `toml:"from"`
		Until string `toml:"until"`
		At    string `toml:"at"`
		Kind  []kind `toml:"kind"`
	}
	meta, err := toml.Decode(text, &file)
	if err != nil {
		return Schedule{}, fmt.Errorf("schedule: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 { // such as the holidays that once stood here
		return Schedule{}, fmt.Errorf("schedule: nobody knows what %q means (days off stand in a file of their own: WORK_CALENDAR)", unknown[0])
	}
	s := Schedule{calendar: calendar, kinds: file.Kind}
	for _, hour := range []struct {
		text string
		into *clockTime
	}{{file.From, &s.from}, {file.Until, &s.until}, {file.At, &s.at}} {
		if *hour.into, err = readClock(hour.text); err != nil {
			return Schedule{}, err
		}
	}
	if !s.from.before(s.until) || s.at.before(s.from) || !s.at.before(s.until) {
		return Schedule{}, fmt.Errorf("schedule: from, at and until must follow each other")
	}
	for _, k := range s.kinds {
		if owing[k.Name] == nil {
			return Schedule{}, fmt.Errorf("schedule: nobody knows who owes %q", k.Name)
		}
	}
	return s, nil
}

func (c clockTime) before(other clockTime) bool {
	return c.hour < other.hour || c.hour == other.hour && c.minute < other.minute
}

// Allowed returns the first moment from at on, at itself if it may be now, in which people may be disturbed: within the hours of
// the schedule on a working day.
func (s Schedule) Allowed(at time.Time) time.Time {
	day := s.calendar.Date(at)
	for {
		from, until := s.on(day, s.from), s.on(day, s.until)
		switch {
		case !s.calendar.IsWorkday(day), !at.Before(until):
			day = nextDay(day)
		case at.Before(from):
			return from
		default:
			return at
		}
		at = s.begins(day)
	}
}

// sendingOf is when the reminders of a day go out: at their hour, on the next working day where the day is off, and not in the past.
func (s Schedule) sendingOf(day store.Date, now time.Time) time.Time {
	if at := s.on(s.calendar.NextWorkday(day), s.at); at.After(now) {
		return at
	}
	return s.Allowed(now)
}

// nextDay is when a reminder goes out that is put off now: at the hour of reminders of the next working day.
func (s Schedule) nextDay(now time.Time) time.Time {
	return s.sendingOf(nextDay(s.calendar.Date(now)), now)
}

// sinceWorkday is the first day whose reminders go out on a day: the day itself, or the first of the days off before it.
func (s Schedule) sinceWorkday(day store.Date) store.Date {
	for !s.calendar.IsWorkday(shift(day, -1)) {
		day = shift(day, -1)
	}
	return day
}

// overdueSuperior is the kind that tells superiors of evaluators who are late.
const overdueSuperior = "overdue_superior"

// lateSince is the moment before which a deadline must have been for superiors to hear of who missed it: so many days ago as the
// schedule first names. Without such a kind they never hear: the zero time.
func (s Schedule) lateSince(now time.Time) time.Time {
	for _, k := range s.kinds {
		if k.Name == overdueSuperior && len(k.Days) > 0 {
			return s.begins(shift(s.calendar.Date(now), 1-slices.Min(k.Days)))
		}
	}
	return time.Time{}
}

// progress is the kind that tells administrators how far a period is.
const progress = "progress"

// unfinished is the span of deadlines that administrators hear of: from the first day that the schedule names on, until after its last, as
// much later as the reminder of a day may be sent. Without such a kind it is empty.
func (s Schedule) unfinished(now time.Time) (from, until time.Time) {
	today := s.calendar.Date(now)
	for _, k := range s.kinds {
		if k.Name == progress && len(k.Days) > 0 {
			return s.begins(shift(today, -slices.Max(k.Days)-catchUp)), s.begins(shift(today, 1-slices.Min(k.Days)))
		}
	}
	return time.Time{}, time.Time{}
}

// Quiet reports whether a kind of notification keeps the hours. Answers to what somebody just did, and screens that are owed, go at once; so
// does that an account has ended, with which the list of commands on that phone ends.
func (s Schedule) Quiet(kind string) bool {
	return !slices.Contains([]string{store.KindRedraw, store.KindJobDone, store.KindAccountEnded, store.KindUploadDone, store.KindMessageSample}, kind) && !store.IsFile(kind)
}

// on is a moment of a day.
func (s Schedule) on(day store.Date, c clockTime) time.Time {
	at, err := s.calendar.At(day, c.hour, c.minute)
	if err != nil {
		return time.Time{} // a day of the calendar is always one
	}
	return at
}

// begins is the moment at which a day begins.
func (s Schedule) begins(day store.Date) time.Time { return s.on(day, clockTime{}) }

func nextDay(day store.Date) store.Date { return shift(day, 1) }

func shift(day store.Date, days int) store.Date {
	d, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return day
	}
	return store.Date(d.AddDate(0, 0, days).Format(time.DateOnly))
}
