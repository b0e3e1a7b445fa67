package rules_test

import (
	"testing"
	"time"

	"kinerja/flows/rules"
)

func TestNobodyIsWrittenToAtNight(t *testing.T) {
	calendar, err := rules.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time {
		return time.Date(2027, time.January, day, hour, minute, 0, 0, calendar.Location())
	}
	for _, c := range []struct{ at, want time.Time }{
		{at(4, 6, 59), at(4, 7, 0)}, {at(4, 7, 0), at(4, 7, 0)}, {at(4, 19, 59), at(4, 19, 59)},
		{at(4, 20, 0), at(5, 7, 0)}, {at(31, 23, 30), at(32, 7, 0)}, {at(5, 0, 0), at(5, 7, 0)},
	} {
		if got := calendar.Awake(c.at); !got.Equal(c.want) {
			t.Errorf("awake after %s: %s; want %s", c.at, got, c.want)
		}
	}
}
