package rules_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"kinerja/flows/rules"
	"kinerja/store"
)

func TestWorkingDaysAreMondayToFridayWithoutTheListedDaysOff(t *testing.T) {
	c := calendar(t)
	for day, want := range map[store.Date]bool{
		"2026-11-24": true,
		"2026-11-28": false, // Saturday
		"2026-11-29": false, // Sunday
		"2026-12-25": false, // Christmas, a Friday
		"2026-12-24": false, // joint leave, a Thursday
		"2026-12-23": true,
		"2027-03-09": false, // joint leave between two holidays
		"2027-02-30": false, // no day at all
	} {
		if got := c.IsWorkday(day); got != want {
			t.Errorf("%s: working day is %v, want %v", day, got, want)
		}
	}
	if off, ok := c.DayOff("2026-12-24"); !ok || off.Kind != rules.JointLeave || off.Name == "" {
		t.Errorf("24 December 2026 is %+v", off)
	}
	if off, ok := c.DayOff("2026-11-28"); ok {
		t.Errorf("a usual Saturday is %+v", off)
	}
}

func TestWorkingDaysAreCountedFromTheDayAfter(t *testing.T) {
	c := calendar(t)
	for _, step := range []struct {
		from store.Date
		n    int
		to   store.Date
	}{
		{"2026-11-24", 0, "2026-11-24"},
		{"2026-11-24", 3, "2026-11-27"},
		{"2026-11-24", 4, "2026-11-30"},  // over a weekend
		{"2026-12-22", 2, "2026-12-28"},  // over Christmas with its joint leave and a weekend
		{"2027-01-11", 14, "2027-01-29"}, // what a superior has after the deadline
		{"2026-12-28", -2, "2026-12-22"},
		{"2026-11-28", 1, "2026-11-30"},
		{"no day", 3, "no day"},
	} {
		if got := c.AddWorkdays(step.from, step.n); got != step.to {
			t.Errorf("%d working days after %s is %s, want %s", step.n, step.from, got, step.to)
		}
	}
	if got := c.WorkdaysBetween("2026-12-22", "2026-12-28"); got != 2 {
		t.Errorf("%d working days between, want 2", got)
	}
	if got := c.WorkdaysBetween("2026-12-28", "2026-12-22"); got != -2 {
		t.Errorf("%d working days backwards, want -2", got)
	}
	if got := c.NextWorkday("2026-12-24"); got != "2026-12-28" {
		t.Errorf("the working day from Christmas Eve on is %s", got)
	}
	if got := c.NextWorkday("2026-12-23"); got != "2026-12-23" {
		t.Errorf("the working day from a working day on is %s", got)
	}
}

func TestAddingAndCountingWorkingDaysAgree(t *testing.T) {
	c := calendar(t)
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "day"))
		day, n := store.Date(at.Format(time.DateOnly)), rapid.IntRange(1, 60).Draw(t, "n")
		end := c.AddWorkdays(day, n)
		if !c.IsWorkday(end) || c.WorkdaysBetween(day, end) != n {
			t.Fatalf("%d working days after %s is %s; counted back %d", n, day, end, c.WorkdaysBetween(day, end))
		}
		if next := c.NextWorkday(day); next < day || !c.IsWorkday(next) || c.NextWorkday(next) != next || c.IsWorkday(day) && next != day {
			t.Fatalf("the working day from %s on is %s", day, next)
		}
	})
}

func TestAYearWithoutListedDaysOffIsKnownAsSuch(t *testing.T) {
	c := calendar(t)
	if !c.Lists(2026) || !c.Lists(2027) || c.Lists(2028) {
		t.Errorf("2026 %v, 2027 %v, 2028 %v", c.Lists(2026), c.Lists(2027), c.Lists(2028))
	}
	if got := c.Unlisted("2028-01-05", "2027-12-31", "2028-01-10", "", "2026-01-01"); len(got) != 1 || got[0] != 2028 {
		t.Errorf("unlisted: %v, want 2028", got)
	}
	if !c.IsWorkday("2028-12-25") { // a Monday: nobody has said that it is a holiday
		t.Error("a year that is not listed knows holidays")
	}
	if none := c.WithDaysOff(rules.DaysOff{}); !none.IsWorkday("2026-12-25") || none.Lists(2026) || c.IsWorkday("2026-12-25") {
		t.Error("a calendar is not changed by the days off of another")
	}
}

func TestDaysOffThatCannotBeMeantAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no toml":            "years =",
		"no day":             "years=[2027]\ndays=[{day=\"2027-02-30\",kind=\"national\",name=\"x\"}]",
		"no name":            "years=[2027]\ndays=[{day=\"2027-02-03\",kind=\"national\"}]",
		"unknown kind":       "years=[2027]\ndays=[{day=\"2027-02-03\",kind=\"strike\",name=\"x\"}]",
		"year not listed":    "years=[2026]\ndays=[{day=\"2027-02-03\",kind=\"local\",name=\"x\"}]",
		"the same day twice": "years=[2027]\ndays=[{day=\"2027-02-03\",kind=\"local\",name=\"x\"},{day=\"2027-02-03\",kind=\"joint\",name=\"y\"}]",
		"a misspelt word":    "years=[2027]\nday=[{day=\"2027-02-03\",kind=\"local\",name=\"x\"}]",
	} {
		if _, err := rules.ReadDaysOff(text); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := rules.ReadDaysOff("years=[2027]\ndays=[{day=\"2027-02-03\",kind=\"local\",name=\"Hari Jadi\",assumed=true}]"); err != nil {
		t.Errorf("a good one is refused: %v", err)
	}
}

func TestADayForATalkIsAWorkingDayOfThisWeekOrTheNextThatHasOne(t *testing.T) {
	c := calendar(t)
	for today, want := range map[store.Date][2]store.Date{
		"2027-01-11": {"2027-01-12", "2027-01-15"}, // a Monday
		"2027-01-13": {"2027-01-14", "2027-01-15"},
		"2027-01-14": {"2027-01-15", "2027-01-22"}, // the week has no more than tomorrow
		"2027-01-15": {"2027-01-18", "2027-01-22"}, // a Friday
		"2027-01-16": {"2027-01-18", "2027-01-22"},
		"2027-01-17": {"2027-01-18", "2027-01-22"}, // a Sunday
		"2027-01-04": {"2027-01-06", "2027-01-08"}, // tomorrow is a day off
		"2027-03-05": {"2027-03-16", "2027-03-19"}, // the whole week to come is off
	} {
		first, last, err := c.TalkDays(today)
		if err != nil || first != want[0] || last != want[1] {
			t.Errorf("on %s %s and %s are offered, %v; want %v", today, first, last, err, want)
		}
	}
	if _, _, err := c.TalkDays("no day"); err == nil {
		t.Error("a day was offered after what is no day")
	}
}

func TestAWeekIsFromMondayToSundayAlsoOverTheEndOfAYear(t *testing.T) {
	for _, days := range []struct {
		a, b store.Date
		same bool
	}{
		{"2026-12-28", "2027-01-03", true}, {"2027-01-03", "2027-01-04", false}, {"2027-01-04", "2027-01-10", true}, {"2027-01-04", "2028-01-03", false}, {"no", "no", false},
	} {
		if rules.SameWeek(days.a, days.b) != days.same {
			t.Errorf("%s and %s lie in one week: %v", days.a, days.b, !days.same)
		}
	}
}
