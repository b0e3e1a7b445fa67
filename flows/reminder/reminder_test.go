package reminder_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/reminder"
	"kinerja/flows/rules"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

func calendar(t testing.TB) rules.Calendar {
	t.Helper()
	c, err := rules.NewCalendar()
	if err != nil {
		t.Fatalf("calendar: %v", err)
	}
	return c
}

func schedule(t testing.TB) reminder.Schedule {
	t.Helper()
	s, err := reminder.Default(calendar(t))
	if err != nil {
		t.Fatalf("schedule: %v", err)
	}
	return s
}

func at(t testing.TB, day store.Date, hour, minute int) time.Time {
	t.Helper()
	moment, err := calendar(t).At(day, hour, minute)
	if err != nil {
		t.Fatalf("moment: %v", err)
	}
	return moment
}

func TestNobodyIsDisturbedAtNightOrOnADayOff(t *testing.T) {
	for _, c := range []struct{ asked, want time.Time }{
		{at(t, "2027-01-04", 9, 0), at(t, "2027-01-04", 9, 0)},
		{at(t, "2027-01-04", 6, 59), at(t, "2027-01-04", 7, 0)},
		{at(t, "2027-01-06", 20, 0), at(t, "2027-01-07", 7, 0)},
		{at(t, "2026-12-31", 23, 0), at(t, "2027-01-04", 7, 0)}, // the first of January is a holiday, and a Friday
		{at(t, "2027-01-08", 20, 0), at(t, "2027-01-11", 7, 0)}, // a weekend
		{at(t, "2027-03-05", 23, 0), at(t, "2027-03-16", 7, 0)}, // a weekend, Nyepi, joint leave, two days of Idul Fitri, joint leave
	} {
		if got := schedule(t).Allowed(c.asked); !got.Equal(c.want) {
			t.Errorf("%v is put off to %v, want %v", c.asked, got, c.want)
		}
	}
}

func TestTheAllowedMomentIsNeverEarlierAndAlwaysAllowed(t *testing.T) {
	s, c := schedule(t), calendar(t)
	rapid.Check(t, func(t *rapid.T) {
		asked := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, int64(400*24*time.Hour)).Draw(t, "asked")))
		got := s.Allowed(asked)
		hour := got.In(c.Location()).Hour()
		if got.Before(asked) || hour < 7 || hour >= 20 || !c.IsWorkday(c.Date(got)) || !s.Allowed(got).Equal(got) {
			t.Fatalf("%v is put off to %v", asked, got)
		}
	})
}

func TestAScheduleThatCannotBeMeantIsRefused(t *testing.T) {
	good := "from=\"07:00\"\nuntil=\"20:00\"\nat=\"08:00\"\n"
	for name, text := range map[string]string{
		"no toml":         "from =",
		"no hour":         strings.Replace(good, "08:00", "morning", 1),
		"hours reversed":  strings.Replace(good, "20:00", "06:00", 1),
		"too early":       strings.Replace(good, "08:00", "06:00", 1),
		"unknown kind":    good + "[[kind]]\nname=\"birthday\"\ndays=[0]\n",
		"holidays":        good + "[[holiday]]\nday=\"2027-02-03\"\n", // they have a file of their own
		"outside of hour": strings.Replace(good, "08:00", "20:00", 1),
	} {
		if _, err := reminder.Read(text, calendar(t)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := reminder.Read(good, calendar(t)); err != nil {
		t.Errorf("a good one is refused: %v", err)
	}
}

// town is a world with an open period whose scoring is due on Monday 11 January 2027, 16.00 WIB.
type town struct {
	*transcript.World
	cast   *sample.Cast
	period store.Period
}

func newTown(t *testing.T) town {
	t.Helper()
	ctx := context.Background()
	w := transcript.NewWorld(t)
	cast, err := sample.City(ctx, w.Store)
	if err != nil {
		t.Fatalf("sample city: %v", err)
	}
	period, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		SelfReportDue: at(t, "2027-01-05", 16, 0), ScoringDue: at(t, "2027-01-11", 16, 0), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	if err != nil {
		t.Fatalf("open period: %v", err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, nil)
		reminder.Register(e, w.Store, schedule(t))
	})
	return town{World: w, cast: cast, period: period}
}

// reminders lists who has a reminder, by day.
func (w town) reminders(t *testing.T) map[string][]int64 {
	t.Helper()
	found := map[string][]int64{}
	for {
		claimed, err := w.Store.ClaimNotifications(context.Background(), "test", 10000*time.Hour, 500)
		if err != nil {
			t.Fatalf("claim: %v", err)
		}
		if len(claimed) == 0 {
			return found
		}
		for _, n := range claimed {
			if n.Kind == store.KindReminder {
				found[n.Args] = append(found[n.Args], n.PersonID)
			}
		}
	}
}

func (w town) plan(t *testing.T) {
	t.Helper()
	if err := reminder.NewScheduler(w.Store, schedule(t), 0, nil).Plan(context.Background()); err != nil {
		t.Fatalf("plan: %v", err)
	}
}

func TestRemindersGoOutOnTheDaysOfTheSchedule(t *testing.T) {
	w := newTown(t)
	evaluators, err := w.Store.LateEvaluators(context.Background(), w.period.ID)
	if err != nil {
		t.Fatalf("evaluators: %v", err)
	}
	got := map[string]int{}
	for range 12 * 24 { // from 4 January on, an hour at a time
		w.plan(t)
		for day, people := range w.reminders(t) {
			got[day] += len(people)
		}
		w.Clock.Advance(time.Hour)
	}
	// The 10th is a Sunday: what belongs to it goes out on the 11th, with what belongs to that day.
	want := map[string]int{"2027-01-04": len(evaluators), "2027-01-08": len(evaluators), "2027-01-11": len(evaluators), "2027-01-12": len(evaluators)}
	for day, n := range want {
		if got[day] != n {
			t.Errorf("%s: %d reminders, want %d", day, got[day], n)
		}
	}
	// On the third day after the deadline the superiors are told too; who is both gets one message.
	superiors, err := w.Store.SuperiorsOfLate(context.Background(), w.period.ID)
	if err != nil || len(superiors) == 0 {
		t.Fatalf("superiors: %v, %v", superiors, err)
	}
	both := map[int64]bool{}
	for _, id := range append(superiors, evaluators...) {
		both[id] = true
	}
	if got["2027-01-14"] != len(both) {
		t.Errorf("2027-01-14: %d reminders, want %d", got["2027-01-14"], len(both))
	}
	if len(got) != len(want)+1 {
		t.Errorf("reminders on %v", got)
	}
}

func TestSeveralSchedulersPlanEachReminderOnce(t *testing.T) {
	w := newTown(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := reminder.NewScheduler(w.Store, schedule(t), 0, nil).Plan(context.Background()); err != nil {
				t.Errorf("plan: %v", err)
			}
		})
	}
	all.Wait()
	w.plan(t)
	seen := map[int64]int{}
	for _, id := range w.reminders(t)["2027-01-04"] {
		seen[id]++
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("person %d has %d reminders for one day", id, n)
		}
	}
	if len(seen) == 0 {
		t.Error("nobody is reminded")
	}
}

func TestADayThatPassedWithoutASchedulerIsCaughtUp(t *testing.T) {
	w := newTown(t)
	w.plan(t) // 4 January
	w.reminders(t)
	w.Clock.Advance(5 * 24 * time.Hour) // the scheduler was down on the 8th; now it is the 9th, a Saturday
	w.plan(t)
	w.Clock.Advance(2 * 24 * time.Hour)
	if got := w.reminders(t); len(got["2027-01-11"]) == 0 {
		t.Errorf("the reminders of the 8th are lost: %v", got)
	}
}

func (w town) tell(t *testing.T, key string) (flows.Screen, bool) {
	t.Helper()
	actor, err := w.Store.ActorByTelegram(context.Background(), w.TelegramID(key))
	if err != nil {
		t.Fatalf("actor: %v", err)
	}
	screen, owed, err := w.Engine.Tell(context.Background(), actor, store.KindReminder, "2027-01-04")
	if err != nil {
		t.Fatalf("tell: %v", err)
	}
	return screen, owed
}

func TestOneMessageSumsUpWhatIsOwedAtThatMomentAndNothingIsSentToWhoOwesNothing(t *testing.T) {
	w := newTown(t)
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	w.Link("boss", w.cast.Superior, "en", account.NoticeVersion)
	w.Link("pegawai", w.cast.Employee, "id", account.NoticeVersion)
	screen, owed := w.tell(t, "penilai")
	if !owed || !strings.Contains(screen.Text, "8 pegawai belum dinilai. Tenggat Senin, 11 Januari 2027 16.00 WIB (7 hari lagi)") {
		t.Errorf("the evaluator is told: %v %s", owed, screen.Text)
	}
	if _, owed := w.tell(t, "pegawai"); owed {
		t.Error("an employee who owes nothing is reminded")
	}
	w.Clock.Advance(10 * 24 * time.Hour)
	screen, owed = w.tell(t, "boss")
	if !owed || !strings.Contains(screen.Text, "evaluators below you are past the deadline") || !strings.Contains(screen.Text, "people are not evaluated yet") {
		t.Errorf("the superior is told: %v %s", owed, screen.Text)
	}
	if strings.Contains(screen.Text, w.cast.Evaluator.Name) {
		t.Error("a push names somebody")
	}
}

func TestAReminderCanBePutOffForADayOnce(t *testing.T) {
	w := newTown(t)
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	for range 2 {
		shown := w.Do("penilai", flows.Event{Kind: flows.Tap, Private: true, Data: "reminder.later:2027-01-04", Message: 1})
		if !strings.Contains(shown, "ditunda sampai Rabu, 6 Januari 2027") { // the 5th is a holiday
			t.Errorf("he sees:\n%s", shown)
		}
	}
	w.Clock.Advance(48 * time.Hour)
	if got := w.reminders(t)["2027-01-06"]; len(got) != 1 || got[0] != w.cast.Evaluator.ID {
		t.Errorf("reminders for the 6th: %v", got)
	}
}

func TestAClockThatWasYearsAheadEndsNoReminders(t *testing.T) {
	w := newTown(t)
	if err := w.Store.SetLastRun(context.Background(), "reminders", w.Clock.Now().AddDate(3, 0, 0)); err != nil {
		t.Fatalf("last run: %v", err)
	}
	got := map[string]int{}
	for range 8 * 24 { // an hour at a time
		w.plan(t)
		for day, people := range w.reminders(t) {
			got[day] += len(people)
		}
		w.Clock.Advance(time.Hour)
	}
	if got["2027-01-04"] != 0 { // the day on which it is found counts as done
		t.Errorf("reminders on the first day: %v", got)
	}
	if got["2027-01-08"] == 0 || got["2027-01-11"] == 0 {
		t.Errorf("reminders on %v, want them on the 8th and the 11th", got)
	}
}
