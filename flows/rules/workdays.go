package rules

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/BurntSushi/toml"

	"kinerja/store"
)

//go:embed daysoff.toml
var defaultDaysOff string

// DayOffKind is why nobody works on a day.
type DayOffKind string

// The kinds of day off.
const (
	NationalHoliday DayOffKind = "national" // libur nasional
	JointLeave      DayOffKind = "joint"    // cuti bersama
	LocalHoliday    DayOffKind = "local"    // libur daerah
)

// DayOff is a day on which nobody works though it may be no Saturday or Sunday.
type DayOff struct {
	Day     store.Date `toml:"day"`
	Name    string     `toml:"name"` // as the decree names it
	Kind    DayOffKind `toml:"kind"`
	Assumed bool       `toml:"assumed"` // not decreed yet when it was written down
}

// DaysOff is the days off of the years that somebody has looked up. The zero value lists no year.
type DaysOff struct {
	years map[int]bool
	days  map[store.Date]DayOff
}

// NewDaysOff takes days off and the years that they are complete for. It refuses a day that is none, has no name or an unknown
// kind, stands there twice, or lies in a year that is not listed.
func NewDaysOff(years []int, days []DayOff) (DaysOff, error) {
	off := DaysOff{years: map[int]bool{}, days: map[store.Date]DayOff{}}
	for _, year := range years {
		off.years[year] = true
	}
	for _, d := range days {
		at, err := time.Parse(time.DateOnly, string(d.Day))
		switch {
		case err != nil:
			return DaysOff{}, fmt.Errorf("days off: %q is not a day such as 2027-01-01", d.Day)
		case d.Name == "":
			return DaysOff{}, fmt.Errorf("days off: %s has no name", d.Day)
		case !slices.Contains([]DayOffKind{NationalHoliday, JointLeave, LocalHoliday}, d.Kind):
			return DaysOff{}, fmt.Errorf("days off: %s has kind %q, which is none of national, joint and local", d.Day, d.Kind)
		case !off.years[at.Year()]:
			return DaysOff{}, fmt.Errorf("days off: %s lies in a year that is not among the years", d.Day)
		case off.days[d.Day] != DayOff{}:
			return DaysOff{}, fmt.Errorf("days off: %s stands there twice", d.Day)
		}
		off.days[d.Day] = d
	}
	return off, nil
}

// ReadDaysOff reads a file like daysoff.toml.
func ReadDaysOff(text string) (DaysOff, error) {
	var file struct {
		Years []int    `toml:"years"`
		Days  []DayOff `toml:"days"`
	}
	meta, err := toml.Decode(text, &file)
	if err != nil {
		return DaysOff{}, fmt.Errorf("days off: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return DaysOff{}, fmt.Errorf("days off: nobody knows what %q means", unknown[0])
	}
	return NewDaysOff(file.Years, file.Days)
}

// WithDaysOff returns the calendar with other days off.
func (c Calendar) WithDaysOff(off DaysOff) Calendar {
	c.off = off
	return c
}

// Lists reports whether the days off of a year are known. In a year that is not listed every Monday to Friday counts as a working day.
func (c Calendar) Lists(year int) bool { return c.off.years[year] }

// Unlisted returns the years of the given days that are not listed, each once, in order.
func (c Calendar) Unlisted(days ...store.Date) []int {
	var years []int
	for _, day := range days {
		year, err := strconv.Atoi(string(day[:min(4, len(day))]))
		if err == nil && !c.Lists(year) && !slices.Contains(years, year) {
			years = append(years, year)
		}
	}
	slices.Sort(years)
	return years
}

// decreeMonth is when the days off of the next year can be known: the decree of the three ministers comes in September or October.
const decreeMonth = "10"

// Missing returns the years whose days off should be known on a day and are not listed: its own year, and from October on the next one.
func (c Calendar) Missing(day store.Date) []int {
	if len(day) < len(time.DateOnly) || day[5:7] < decreeMonth {
		return c.Unlisted(day)
	}
	year, err := strconv.Atoi(string(day[:4]))
	if err != nil {
		return nil
	}
	return c.Unlisted(day, store.Date(strconv.Itoa(year+1)+"-01-01"))
}

// DayOff tells why a day is off; ok is false for a working day, and for a Saturday or Sunday that is nothing else.
func (c Calendar) DayOff(day store.Date) (off DayOff, ok bool) {
	off, ok = c.off.days[day]
	return off, ok
}

// IsWorkday reports whether a day is a working day (hari kerja): Monday to Friday and no listed day off.
func (c Calendar) IsWorkday(day store.Date) bool {
	d, err := time.Parse(time.DateOnly, string(day))
	if err != nil || d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		return false
	}
	_, off := c.off.days[day]
	return !off
}

// NextWorkday returns the first working day from a day on: the day itself if it is one.
func (c Calendar) NextWorkday(day store.Date) store.Date {
	if c.IsWorkday(day) {
		return day
	}
	return c.AddWorkdays(day, 1)
}

// AddWorkdays returns the n-th working day after a day, or before it where n is negative; the day itself for 0. A time of n working
// days that begins on a day ends on it. A text that is no day is returned as it is.
func (c Calendar) AddWorkdays(day store.Date, n int) store.Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for at := day; n > 0; {
		next, err := DayAfter(at, step)
		if err != nil {
			return day
		}
		if at = next; c.IsWorkday(at) {
			n--
		}
		day = at
	}
	return day
}

// WorkdaysBetween counts the working days after one day up to and with another; negative when the other is earlier.
// After AddWorkdays(d, n) with n from 0 it is n.
func (c Calendar) WorkdaysBetween(from, to store.Date) int {
	if to < from {
		return -c.WorkdaysBetween(to, from)
	}
	count := 0
	for day := from; day < to; {
		next, err := DayAfter(day, 1)
		if err != nil {
			return count
		}
		if day = next; c.IsWorkday(day) {
			count++
		}
	}
	return count
}

// DayAfter is the day so many days after another, before it where they are negative. It fails only for a text that is no day.
func DayAfter(day store.Date, days int) (store.Date, error) {
	d, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return "", fmt.Errorf("read day: %w", err)
	}
	return date(d.AddDate(0, 0, days)), nil
}

// TalkDays are the days that are offered for a talk: the first working day after today, and the last of the week, this one or, where it has
// no more than that first day, the next one that has.
func (c Calendar) TalkDays(today store.Date) (first, last store.Date, err error) {
	at, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		return "", "", fmt.Errorf("read day: %w", err)
	}
	first = c.AddWorkdays(today, 1)
	monday := date(at.AddDate(0, 0, 7-(int(at.Weekday())+6)%7)) // the next one
	for last = c.AddWorkdays(monday, -1); last <= first; last = c.AddWorkdays(monday, -1) {
		if monday, err = DayAfter(monday, 7); err != nil {
			return "", "", err
		}
	}
	return first, last, nil
}

// SameWeek reports whether two days lie in one week, from Monday to Sunday.
func SameWeek(a, b store.Date) bool {
	one, errOne := time.Parse(time.DateOnly, string(a))
	other, errOther := time.Parse(time.DateOnly, string(b))
	y1, w1 := one.ISOWeek()
	y2, w2 := other.ISOWeek()
	return errOne == nil && errOther == nil && y1 == y2 && w1 == w2
}
