package rules

import (
	"fmt"
	"time"
	_ "time/tzdata" // the zone must be there on a machine that has no zone files

	"kinerja/store"
)

// Zone is where the people live: Waktu Indonesia Barat, UTC+7 without summer time.
const Zone = "Asia/Jakarta"

// The usual deadlines, at deadlineHour on the so-many-th day after the last day of a period, or on the first working day from then on
// (assumed; an administrator may change them).
const (
	selfReportDay = 5
	scoringDay    = 10
	deadlineHour  = 16
)

// Calendar knows days, working days and deadlines in the zone of the people. Every time it returns is in UTC.
type Calendar struct {
	zone *time.Location
	off  DaysOff
}

// NewCalendar returns the calendar of Zone with the days off that the program carries.
func NewCalendar() (Calendar, error) {
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return Calendar{}, fmt.Errorf("load zone: %w", err)
	}
	off, err := ReadDaysOff(defaultDaysOff)
	if err != nil {
		return Calendar{}, err
	}
	return Calendar{zone: zone, off: off}, nil
}

// Location is the zone, for what writes times.
func (c Calendar) Location() *time.Location { return c.zone }

// Date is the day in the zone at a moment.
func (c Calendar) Date(at time.Time) store.Date {
	return store.Date(at.In(c.zone).Format(time.DateOnly))
}

// At is the moment of an hour and minute on a day. It fails only for a text that is no day.
func (c Calendar) At(day store.Date, hour, minute int) (time.Time, error) {
	d, err := time.ParseInLocation(time.DateOnly, string(day), c.zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("read day: %w", err)
	}
	return time.Date(d.Year(), d.Month(), d.Day(), hour, minute, 0, 0, c.zone).UTC(), nil
}

// Span is the days of a period.
type Span struct {
	Kind        store.PeriodKind
	Year        int
	Number      int // month 1 to 12, quarter 1 to 4; 1 for a year
	First, Last store.Date
}

// SpanAt returns the period of a kind that a moment lies in. It fails only for an unknown kind.
func (c Calendar) SpanAt(kind store.PeriodKind, at time.Time) (Span, error) {
	return SpanOf(kind, c.Date(at))
}

// SpanOf returns the period of a kind that a day lies in. It fails for an unknown kind and a text that is no day.
func SpanOf(kind store.PeriodKind, day store.Date) (Span, error) {
	d, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return Span{}, fmt.Errorf("read day: %w", err)
	}
	months := 0
	switch kind {
	case store.Monthly:
		months = 1
	case store.Quarterly:
		months = 3
	case store.Annual:
		months = 12
	default:
		return Span{}, fmt.Errorf("unknown kind of period %q", kind)
	}
	number := (int(d.Month())-1)/months + 1
	first := time.Date(d.Year(), time.Month((number-1)*months+1), 1, 0, 0, 0, 0, time.UTC)
	return Span{Kind: kind, Year: d.Year(), Number: number, First: date(first), Last: date(first.AddDate(0, months, -1))}, nil
}

// Previous returns the period before.
func (s Span) Previous() (Span, error) { return s.beside(s.First, -1) }

// Next returns the period after.
func (s Span) Next() (Span, error) { return s.beside(s.Last, 1) }

func (s Span) beside(day store.Date, days int) (Span, error) {
	beside, err := DayAfter(day, days)
	if err != nil {
		return Span{}, err
	}
	return SpanOf(s.Kind, beside)
}

func date(d time.Time) store.Date { return store.Date(d.Format(time.DateOnly)) }

// Deadlines returns the usual deadlines of a period that ends on a day: the self-report on day 5 and scoring on day 10 after it, each
// at 16.00 WIB and on the next working day where that day is off.
func (c Calendar) Deadlines(last store.Date) (selfReport, scoring time.Time, err error) {
	if selfReport, err = c.workdayAfter(last, selfReportDay); err != nil {
		return time.Time{}, time.Time{}, err
	}
	scoring, err = c.workdayAfter(last, scoringDay)
	return selfReport, scoring, err
}

func (c Calendar) workdayAfter(last store.Date, days int) (time.Time, error) {
	day, err := DayAfter(last, days)
	if err != nil {
		return time.Time{}, err
	}
	return c.DueOn(c.NextWorkday(day))
}

// DueOn is the moment of a deadline on a day: 16.00 WIB. It fails only for a text that is no day.
func (c Calendar) DueOn(day store.Date) (time.Time, error) { return c.At(day, deadlineHour, 0) }

// SuperiorsUntil is the last second in which the superiors evaluate what passed to them at a deadline: 23:59:59 WIB of the 14th working day after
// it (PermenPANRB 6/2022, annex V.A.8).
func (c Calendar) SuperiorsUntil(due time.Time) time.Time {
	until, err := c.At(c.AddWorkdays(c.Date(due), store.SuperiorWorkdays), 0, 0)
	if err != nil {
		return due // a day of the calendar is always one
	}
	return until.In(c.zone).AddDate(0, 0, 1).Add(-time.Second).UTC()
}

// Stage is where a period stands at a moment.
func (c Calendar) Stage(p store.Period, now time.Time) store.Stage {
	return p.Stage(now, c.SuperiorsUntil(p.ScoringDue))
}

// SelfReportFor is until when employees report themselves where scoring is due at a moment: the usual deadline of a period that ends on a day, or
// that moment, when it is earlier.
func (c Calendar) SelfReportFor(last store.Date, due time.Time) (time.Time, error) {
	usual, _, err := c.Deadlines(last)
	if err == nil && due.Before(usual) {
		usual = due
	}
	return usual, err
}

// AfterJanuary reports whether a moment lies after the January that follows a day: an annual evaluation ends by then, and an organisation
// performance that is not there by then is last year's (PermenPANRB 6/2022, annex IV.A.8b and IV.B.1f).
func (c Calendar) AfterJanuary(last store.Date, at time.Time) bool {
	d, err := time.Parse(time.DateOnly, string(last))
	return err == nil && c.Date(at) > date(time.Date(d.Year()+1, time.January, 31, 0, 0, 0, 0, time.UTC))
}

// ObjectionsSince is the earliest receipt of a result to which somebody may still object, where there are so many days to do it.
func (c Calendar) ObjectionsSince(now time.Time, days int) time.Time {
	n := now.In(c.zone)
	return time.Date(n.Year(), n.Month(), n.Day()-days, 0, 0, 0, 0, c.zone).UTC()
}

// ObjectionUntil is the last second in which an objection is accepted: 23:59:59 WIB of the given day after the one on which the
// result was received (PP 30/2019 art. 59: 14 calendar days). To decide, ask ObjectionOpen.
func (c Calendar) ObjectionUntil(openedAt time.Time, days int) time.Time {
	opened := openedAt.In(c.zone)
	return time.Date(opened.Year(), opened.Month(), opened.Day()+days, 23, 59, 59, 0, c.zone).UTC()
}

// ObjectionOpen reports whether an objection is still accepted: all of the last second is in time, midnight is not.
func (c Calendar) ObjectionOpen(openedAt time.Time, days int, now time.Time) bool {
	return now.Before(c.ObjectionUntil(openedAt, days).Add(time.Second))
}

// DaysLeft counts the midnights between now and a deadline: 0 on its day, 1 on the day before, negative once its day is over.
func (c Calendar) DaysLeft(now, due time.Time) int {
	from, to := now.In(c.zone), due.In(c.zone)
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(to).Sub(midnight(from)) / (24 * time.Hour))
}
