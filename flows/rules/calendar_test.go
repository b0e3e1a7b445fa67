package rules_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"kinerja/flows/rules"
	"kinerja/store"
)

func calendar(t *testing.T) rules.Calendar {
	t.Helper()
	c, err := rules.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestADayBeginsAtMidnightInJakarta(t *testing.T) {
	c := calendar(t)
	for text, want := range map[string]store.Date{
		"2026-12-31T16:59:59Z": "2026-12-31",
		"2026-12-31T17:00:00Z": "2027-01-01",
		"2028-02-28T17:00:00Z": "2028-02-29",
	} {
		if got := c.Date(moment(t, text)); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	if at, err := c.At("2027-01-10", 16, 0); err != nil || !at.Equal(moment(t, "2027-01-10T16:00:00+07:00")) || at.Location() != time.UTC {
		t.Errorf("16.00 WIB is %v, %v", at, err)
	}
	if _, err := c.At("2027-02-30", 16, 0); err == nil {
		t.Error("30 February was taken for a day")
	}
}

func TestSpansAtTheEndsOfYears(t *testing.T) {
	tests := []struct {
		kind store.PeriodKind
		day  store.Date
		want rules.Span
	}{
		{store.Quarterly, "2026-12-31", rules.Span{Kind: store.Quarterly, Year: 2026, Number: 4, First: "2026-10-01", Last: "2026-12-31"}},
		{store.Quarterly, "2027-01-01", rules.Span{Kind: store.Quarterly, Year: 2027, Number: 1, First: "2027-01-01", Last: "2027-03-31"}},
		{store.Monthly, "2028-02-15", rules.Span{Kind: store.Monthly, Year: 2028, Number: 2, First: "2028-02-01", Last: "2028-02-29"}},
		{store.Monthly, "2026-12-01", rules.Span{Kind: store.Monthly, Year: 2026, Number: 12, First: "2026-12-01", Last: "2026-12-31"}},
		{store.Annual, "2026-06-30", rules.Span{Kind: store.Annual, Year: 2026, Number: 1, First: "2026-01-01", Last: "2026-12-31"}},
	}
	for _, test := range tests {
		got, err := rules.SpanOf(test.kind, test.day)
		if err != nil || got != test.want {
			t.Errorf("%s of %s: %+v, %v; want %+v", test.kind, test.day, got, err, test.want)
		}
	}
	if _, err := rules.SpanOf("weekly", "2026-01-01"); err == nil {
		t.Error("an unknown kind was taken")
	}
	last, err := calendar(t).SpanAt(store.Quarterly, moment(t, "2026-12-31T17:00:00Z"))
	if err != nil || last.Year != 2027 {
		t.Errorf("new year in Jakarta: %+v, %v", last, err)
	}
}

// Spans follow each other without a gap, and a day lies in its own.
func TestSpansLieSideBySide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]store.PeriodKind{store.Monthly, store.Quarterly, store.Annual}).Draw(t, "kind")
		at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 8000).Draw(t, "day"))
		day := store.Date(at.Format(time.DateOnly))
		span, err := rules.SpanOf(kind, day)
		if err != nil || day < span.First || span.Last < day {
			t.Fatalf("%s lies outside %+v, %v", day, span, err)
		}
		next, err := span.Next()
		if err != nil {
			t.Fatal(err)
		}
		back, err := next.Previous()
		if err != nil || back != span {
			t.Fatalf("back from %+v is %+v, %v; want %+v", next, back, err, span)
		}
	})
}

func TestUsualDeadlinesFallOnWorkingDays(t *testing.T) {
	for _, c := range []struct {
		last                store.Date
		selfReport, scoring string
	}{
		{"2026-12-31", "2027-01-06T16:00:00+07:00", "2027-01-11T16:00:00+07:00"}, // the 5th is a holiday, the 10th a Sunday
		{"2026-09-30", "2026-10-05T16:00:00+07:00", "2026-10-12T16:00:00+07:00"}, // the 10th is a Saturday
		{"2026-10-31", "2026-11-05T16:00:00+07:00", "2026-11-10T16:00:00+07:00"}, // both are working days
	} {
		selfReport, scoring, err := calendar(t).Deadlines(c.last)
		if err != nil || !selfReport.Equal(moment(t, c.selfReport)) || !scoring.Equal(moment(t, c.scoring)) {
			t.Errorf("deadlines after %s: %v and %v, %v", c.last, selfReport, scoring, err)
		}
	}
	if _, _, err := calendar(t).Deadlines("2026-12-32"); err == nil {
		t.Error("deadlines after a text that is no day")
	}
}

func TestObjectionIsAcceptedUntilTheLastSecondOfDay14(t *testing.T) {
	c := calendar(t)
	for _, opened := range []string{"2026-12-25T00:00:00+07:00", "2026-12-25T23:59:59+07:00"} {
		until := c.ObjectionUntil(moment(t, opened), 14)
		if !until.Equal(moment(t, "2027-01-08T23:59:59+07:00")) {
			t.Errorf("opened %s: until %v", opened, until)
		}
		for now, want := range map[string]bool{
			"2027-01-08T23:59:59.999999+07:00": true,
			"2027-01-09T00:00:00+07:00":        false,
		} {
			if got := c.ObjectionOpen(moment(t, opened), 14, moment(t, now)); got != want {
				t.Errorf("opened %s, now %s: %v, want %v", opened, now, got, want)
			}
		}
	}
}

func TestDaysLeftCountsMidnightsInJakarta(t *testing.T) {
	c := calendar(t)
	due := moment(t, "2027-01-10T16:00:00+07:00")
	for now, want := range map[string]int{
		"2026-12-23T09:00:00+07:00": 18,
		"2027-01-09T23:59:59+07:00": 1,
		"2027-01-10T00:00:00+07:00": 0,
		"2027-01-10T17:00:00+07:00": 0,
		"2027-01-11T00:00:00+07:00": -1,
	} {
		if got := c.DaysLeft(moment(t, now), due); got != want {
			t.Errorf("%s: %d days left, want %d", now, got, want)
		}
	}
}
