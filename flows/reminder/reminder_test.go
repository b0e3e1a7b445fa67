package reminder_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// take takes all notifications that are due and lets the courier of the test do with each what do says.
func (w town) take(t *testing.T, do func(n store.Notification) error) {
	t.Helper()
	for {
		claimed, err := w.Store.ClaimNotifications(context.Background(), "test", time.Minute, 500)
		if err != nil {
			t.Fatalf("claim: %v", err)
		}
		if len(claimed) == 0 {
			return
		}
		for _, n := range claimed {
			if err := do(n); err != nil {
				t.Fatalf("deliver: %v", err)
			}
		}
	}
}

// reminders sends what is due and lists who got a reminder, by day.
func (w town) reminders(t *testing.T) map[string][]int64 {
	t.Helper()
	found := map[string][]int64{}
	w.take(t, func(n store.Notification) error {
		if n.Kind == store.KindReminder {
			found[n.Args] = append(found[n.Args], n.PersonID)
		}
		return w.Store.MarkSent(context.Background(), n, 1)
	})
	return found
}

// hourly plans for so many days, an hour at a time, and lets the courier of the test take what is due.
func (w town) hourly(t *testing.T, days int, do func(n store.Notification) error) {
	t.Helper()
	for range days * 24 {
		w.plan(t)
		w.take(t, do)
		w.Clock.Advance(time.Hour)
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
	// Administrators hear of the period on the 4th, the 11th and the 12th; who evaluates too gets one message.
	administrators, err := w.Store.AdministratorsOf(context.Background(), w.period.ID)
	if err != nil || len(administrators) == 0 {
		t.Fatalf("administrators: %v, %v", administrators, err)
	}
	told := len(union(evaluators, administrators))
	want := map[string]int{"2027-01-04": told, "2027-01-08": len(evaluators), "2027-01-11": told, "2027-01-12": told}
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
	if both := union(superiors, evaluators); got["2027-01-14"] != len(both) {
		t.Errorf("2027-01-14: %d reminders, want %d", got["2027-01-14"], len(both))
	}
	if len(got) != len(want)+1 {
		t.Errorf("reminders on %v", got)
	}
}

// union is who is in one of two lists, or in both.
func union(a, b []int64) []int64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func TestAnAdministratorWhoEvaluatesReadsOneLineForAPeriod(t *testing.T) {
	w := newTown(t)
	w.Link("dinkes", w.cast.UnitAdmin, "id", account.NoticeVersion)
	screen, owed := w.tell(t, "dinkes")
	if !owed || strings.Count(screen.Text, "Triwulan IV 2026") != 1 || !strings.Contains(screen.Text, "pegawai belum Anda nilai; dalam kewenangan Anda 0 dari 23 hasil") {
		t.Errorf("he is told: %v %s", owed, screen.Text)
	}
}

func TestAdministratorsHearHowFarTheirUnitsAreUntilAllIsDone(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	w.Link("kota", w.cast.Admin, "id", account.NoticeVersion)
	screen, owed := w.tell(t, "kota") // 4 January, a week before the deadline
	if !owed || !strings.Contains(screen.Text, "Triwulan IV 2026: 0 dari 61 hasil sudah ditetapkan. Tenggat Senin, 11 Januari 2027 16.00 WIB (7 hari lagi)") {
		t.Errorf("the administrator of the city is told: %v %s", owed, screen.Text)
	}
	if strings.Contains(screen.Text, "Segel") {
		t.Errorf("a seal is told before there is one: %s", screen.Text)
	}
	if n, err := w.Store.SealAudit(ctx); err != nil || n == 0 {
		t.Fatalf("%d rows sealed, %v", n, err)
	}
	w.Clock.Advance(24 * time.Hour)
	seal, err := w.Store.DigestOn(ctx, "2027-01-04")
	if err != nil {
		t.Fatal(err)
	}
	if next, _ := w.tell(t, "kota"); !strings.Contains(next.Text, "4 Januari 2027: <code>"+seal.Short()+"</code>") {
		t.Errorf("the seal of the day before is not told: %s", next.Text)
	}
	w.Clock.Advance(-24 * time.Hour)
	if to := screen.Rows[0][0].To.String(); to != flows.To("period.progress", w.period.ID).String() {
		t.Errorf("the button leads to %v", to)
	}
	if err := w.Store.GrantRole(ctx, 0, w.cast.Employee.ID, store.Admin, w.cast.Employee.UnitID); err != nil {
		t.Fatalf("grant: %v", err)
	}
	w.Link("unit", w.cast.Employee, "en", account.NoticeVersion)
	lines, err := w.Store.Unfinished(ctx, w.cast.Employee.ID, w.Clock.Now(), w.Clock.Now().AddDate(0, 0, 30))
	if err != nil || len(lines) != 1 || lines[0].Total >= 61 {
		t.Fatalf("the unit's: %v, %v", lines, err)
	}
	want := fmt.Sprintf("Quarter IV 2026: 0 of %d results are finalised.", lines[0].Total)
	if screen, owed := w.tell(t, "unit"); !owed || !strings.Contains(screen.Text, want) {
		t.Errorf("the administrator of the unit is told: %v %s", owed, screen.Text)
	}
	w.finaliseAll(t)
	if screen, _ := w.tell(t, "unit"); strings.Contains(screen.Text, "finalised") { // his own result waits for him
		t.Errorf("where all is done the administrator is told: %s", screen.Text)
	}
	if screen, owed := w.tell(t, "kota"); !owed || !strings.Contains(screen.Text, "60 dari 61") {
		t.Errorf("one is left in the city, whom nobody evaluates: %v %s", owed, screen.Text)
	}
	w.Clock.Advance(30 * 24 * time.Hour) // whatever day of the schedule is caught up, this is not one
	if screen, _ := w.tell(t, "kota"); strings.Contains(screen.Text, "ditetapkan") {
		t.Errorf("long after the deadline he is told: %s", screen.Text)
	}
}

// The administrators' line reads, over the days of the schedule, as it does in the files.
func TestTheAdministratorsLineReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		t.Run(language, func(t *testing.T) {
			w := newTown(t)
			w.Link("kota", w.cast.Admin, language, account.NoticeVersion)
			told := func() string {
				screen, owed := w.tell(t, "kota")
				if !owed {
					return "  (nothing is owed)\n"
				}
				return transcript.Render(screen)
			}
			on := func(day string) func() string {
				return func() string {
					w.Clock.Advance(at(t, store.Date(day), 8, 0).Sub(w.Clock.Now()))
					return told()
				}
			}
			transcript.Play(t, w.World, "testdata/progress_"+language+".txt", transcript.Hooks{
				"a week before the deadline":       on("2027-01-04"),
				"the day before the deadline":      on("2027-01-10"),
				"on the day of the deadline":       on("2027-01-11"),
				"the day after the deadline":       on("2027-01-12"),
				"long after":                       on("2027-01-25"),
				"every evaluator finishes":         func() string { w.finaliseAll(t); return "" },
				"on the day, when all is finished": told,
			})
		})
	}
}

// finaliseAll lets every evaluator finish.
func (w town) finaliseAll(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	evaluators, err := w.Store.LateEvaluators(ctx, w.period.ID)
	if err != nil {
		t.Fatalf("evaluators: %v", err)
	}
	for _, evaluator := range evaluators {
		team, err := w.Store.Team(ctx, evaluator)
		if err != nil {
			t.Fatalf("team: %v", err)
		}
		for _, m := range team {
			good := func(store.Sheet) (store.Predicate, error) { return store.Good, nil }
			_, _, err := w.Store.RateRest(ctx, evaluator, m.EvaluationID)
			if err == nil {
				_, err = w.Store.Finalise(ctx, evaluator, m.EvaluationID, 0, good)
			}
			if err != nil {
				t.Fatalf("finalise: %v", err)
			}
		}
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

func TestWhoLinksLateGetsOneReminderHoweverManyPassed(t *testing.T) {
	w := newTown(t)
	w.hourly(t, 30, func(n store.Notification) error { return w.Store.HoldUnlinked(context.Background(), n) })
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	got := 0
	w.take(t, func(n store.Notification) error {
		if n.Kind == store.KindReminder && n.PersonID == w.cast.Evaluator.ID {
			got++
		}
		return w.Store.MarkSent(context.Background(), n, 1)
	})
	if got != 1 {
		t.Errorf("he gets %d reminders, want 1", got)
	}
}

func TestAnOutageOfTelegramEndsInOneReminderForEach(t *testing.T) {
	w := newTown(t)
	for range 12 * 24 {
		w.plan(t)
		w.Clock.Advance(time.Hour)
	}
	seen := map[int64]int{}
	for _, people := range w.reminders(t) {
		for _, id := range people {
			seen[id]++
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("person %d gets %d reminders", id, n)
		}
	}
	if seen[w.cast.Evaluator.ID] == 0 {
		t.Error("the evaluator gets none")
	}
}

func TestWhatWaitedForTheMorningIsTheReminderOfThatDay(t *testing.T) {
	w := newTown(t)
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	sent := map[string]int{}
	deliver := func(n store.Notification) error {
		if n.PersonID != w.cast.Evaluator.ID || n.Kind != store.KindReminder {
			return w.Store.CancelNotification(context.Background(), n)
		}
		now := w.Clock.Now()
		if now.Before(at(t, "2027-01-08", 7, 0)) && now.After(at(t, "2027-01-07", 12, 0)) {
			return w.Store.Postpone(context.Background(), n, now.Add(30*time.Minute)) // Telegram is away
		}
		actor, err := w.Store.ActorByPerson(context.Background(), n.PersonID)
		if err != nil {
			return err
		}
		_, owed, err := w.Engine.Tell(context.Background(), actor, n.Kind, n.Args)
		if err != nil || !owed {
			return errors.Join(err, w.Store.CancelNotification(context.Background(), n))
		}
		sent[string(calendar(t).Date(now))]++
		return w.Store.MarkSent(context.Background(), n, 1)
	}
	// On the evening of the 7th he is owed a reminder; on the 8th at 08.00 the next is planned.
	w.Clock.Advance(at(t, "2027-01-07", 18, 0).Sub(w.Clock.Now()))
	if err := w.Store.PlanReminders(context.Background(), "2027-01-07", w.Clock.Now(), []int64{w.cast.Evaluator.ID}); err != nil {
		t.Fatal(err)
	}
	w.hourly(t, 2, deliver)
	if sent["2027-01-08"] != 1 || len(sent) != 1 {
		t.Errorf("he gets reminders on %v, want one, on the 8th", sent)
	}
	w.hourly(t, 3, deliver)
	if sent["2027-01-11"] != 1 {
		t.Errorf("he gets reminders on %v, want the next on the 11th", sent)
	}
}

func TestAReminderThatIsPutOffDoesNotComeEarlierThoughOneWaited(t *testing.T) {
	w := newTown(t)
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	w.plan(t) // one waits for 08.00 on the 4th, and he taps in the last message before
	w.Do("penilai", flows.Event{Kind: flows.Tap, Private: true, Data: "reminder.later:2027-01-03", Message: 1})
	if got := w.reminders(t)["2027-01-04"]; slices.Contains(got, w.cast.Evaluator.ID) {
		t.Error("he is reminded on the day from which he put it off")
	}
	w.Clock.Advance(48 * time.Hour)
	if got := w.reminders(t)["2027-01-06"]; !slices.Equal(got, []int64{w.cast.Evaluator.ID}) {
		t.Errorf("reminders for the 6th: %v", got)
	}
}

func TestAnUnreadResultIsNamedWithItsPeriodAndTheDaysToObject(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	w.Link("pegawai", w.cast.Employee, "id", account.NoticeVersion)
	result := w.released(t)
	screen, _ := w.tell(t, "pegawai")
	if !strings.Contains(screen.Text, "Hasil evaluasi Triwulan IV 2026 belum Anda buka. Keberatan dapat diajukan 14 hari sejak dibuka") {
		t.Errorf("unread: %s", screen.Text)
	}
	if err := w.Store.OpenResult(ctx, w.cast.Employee.ID, result); err != nil {
		t.Fatal(err)
	}
	if screen, _ = w.tell(t, "pegawai"); !strings.Contains(screen.Text, "belum ditandai dibaca. Keberatan dapat diajukan sampai Senin, 18 Januari 2027") {
		t.Errorf("opened, not acknowledged: %s", screen.Text)
	}
}

// released is a result of the employee that he may read.
func (w town) released(t *testing.T) int64 {
	t.Helper()
	ctx := context.Background()
	team, err := w.Store.Team(ctx, w.cast.Evaluator.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range team {
		if m.EmployeeID != w.cast.Employee.ID {
			continue
		}
		if _, _, err := w.Store.RateRest(ctx, w.cast.Evaluator.ID, m.EvaluationID); err != nil {
			t.Fatal(err)
		}
		good := func(store.Sheet) (store.Predicate, error) { return store.Good, nil }
		result, err := w.Store.Finalise(ctx, w.cast.Evaluator.ID, m.EvaluationID, time.Minute, good)
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Hour)
		return result.ID
	}
	t.Fatal("the employee is in nobody's team")
	return 0
}

func TestAResultIsRemindedOfThoughItsPeriodIsClosed(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	team, err := w.Store.Team(ctx, w.cast.Evaluator.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Store.RateRest(ctx, w.cast.Evaluator.ID, team[0].EvaluationID); err != nil {
		t.Fatal(err)
	}
	good := func(store.Sheet) (store.Predicate, error) { return store.Good, nil }
	if _, err := w.Store.Finalise(ctx, w.cast.Evaluator.ID, team[0].EvaluationID, time.Minute, good); err != nil {
		t.Fatal(err)
	}
	if err := w.Store.ClosePeriod(ctx, w.cast.Admin.ID, w.period.ID); err != nil {
		t.Fatal(err)
	}
	got := map[string][]int64{}
	w.hourly(t, 15, func(n store.Notification) error {
		if n.Kind == store.KindReminder {
			got[n.Args] = append(got[n.Args], n.PersonID)
		}
		return w.Store.MarkSent(ctx, n, 1)
	})
	want := []int64{team[0].EmployeeID}
	// The 7th is three days after the release, the 14th ten.
	if len(got) != 2 || !slices.Equal(got["2027-01-07"], want) || !slices.Equal(got["2027-01-14"], want) {
		t.Errorf("reminders %v, want person %d on the 7th and the 14th", got, want[0])
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
	if !owed || !strings.Contains(screen.Text, "Triwulan IV 2026: 8 pegawai belum dinilai. Tenggat Senin, 11 Januari 2027 16.00 WIB (7 hari lagi)") {
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
	if list := w.tap(t, "boss", screen, "reminder.late"); !strings.Contains(list, w.cast.Evaluator.Name) || !strings.Contains(list, "left to evaluate: 8, over by 3 days") {
		t.Errorf("the list behind it:\n%s", list)
	}
}

// tap taps the button of a message that leads to a route.
func (w town) tap(t *testing.T, key string, screen flows.Screen, route string) string {
	t.Helper()
	for _, row := range screen.Rows {
		for _, b := range row {
			if b.To.Route == route {
				return w.Do(key, flows.Event{Kind: flows.Tap, Private: true, Data: b.To.String(), Message: 1})
			}
		}
	}
	t.Fatalf("no button leads to %s: %v", route, screen.Rows)
	return ""
}

func TestSuperiorsHearOfLateEvaluatorsFromTheDayOfTheScheduleOn(t *testing.T) {
	w := newTown(t)
	w.Link("boss", w.cast.Superior, "id", account.NoticeVersion)
	for _, c := range []struct {
		day  store.Date
		told bool
	}{{"2027-01-11", false}, {"2027-01-13", false}, {"2027-01-14", true}, {"2027-01-15", true}} {
		w.Clock.Advance(at(t, c.day, 17, 0).Sub(w.Clock.Now()))
		screen, _ := w.tell(t, "boss")
		if got := strings.Contains(screen.Text, "melewati tenggat"); got != c.told {
			t.Errorf("%s: told %v, want %v\n%s", c.day, got, c.told, screen.Text)
		}
	}
}

func TestTheListOfLateEvaluatorsHasOnlyOnesOwn(t *testing.T) {
	w := newTown(t)
	w.Link("pegawai", w.cast.Employee, "id", account.NoticeVersion)
	w.Clock.Advance(20 * 24 * time.Hour)
	list := w.Do("pegawai", flows.Event{Kind: flows.Tap, Private: true, Data: "reminder.late:1", Message: 1})
	if strings.Contains(list, w.cast.Evaluator.Name) || !strings.Contains(list, "sudah menyelesaikan") {
		t.Errorf("he sees:\n%s", list)
	}
}

func TestTwoOpenPeriodsAreToldEachWithItsDeadline(t *testing.T) {
	w := newTown(t)
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	_, err := w.Store.OpenPeriodNow(context.Background(), w.cast.Admin.ID, store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-12-01", LastDay: "2026-12-31",
		SelfReportDue: at(t, "2027-01-05", 16, 0), ScoringDue: at(t, "2027-01-18", 16, 0), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	if err != nil {
		t.Fatal(err)
	}
	screen, _ := w.tell(t, "penilai")
	for _, want := range []string{"Triwulan IV 2026: 8 pegawai belum dinilai. Tenggat Senin, 11 Januari", "Desember 2026: 8 pegawai belum dinilai. Tenggat Senin, 18 Januari"} {
		if !strings.Contains(screen.Text, want) {
			t.Errorf("not told: %q in\n%s", want, screen.Text)
		}
	}
}

func TestPuttingOffIsNotOfferedWhenTheNextDayIsTooLate(t *testing.T) {
	w := newTown(t)
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	for _, c := range []struct {
		day   store.Date
		label string
	}{{"2027-01-06", "⏰ Ingatkan besok 08.00 WIB"}, {"2027-01-07", "⏰ Ingatkan besok 08.00 WIB"}, {"2027-01-08", "⏰ Ingatkan Senin, 11 Januari 2027 08.00 WIB"}, {"2027-01-11", ""}, {"2027-01-15", "⏰ Ingatkan Senin, 18 Januari 2027 08.00 WIB"}} {
		w.Clock.Advance(at(t, c.day, 9, 0).Sub(w.Clock.Now()))
		screen, owed := w.tell(t, "penilai")
		last := screen.Rows[len(screen.Rows)-1][0]
		if !owed || c.label != "" && last.Label != c.label || c.label == "" && last.To.Route == "reminder.later" {
			t.Errorf("%s: the last button is %q, want %q", c.day, last.Label, c.label)
		}
	}
}

func TestWhomAnAdministratorHasRemindedTodayIsNotRemindedAgain(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	if _, err := w.Store.Nudge(ctx, w.cast.Admin.ID, w.period.ID, store.Nudged{}, "2027-01-04", w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.take(t, func(n store.Notification) error { return w.Store.MarkSent(ctx, n, 1) })
	if _, owed := w.tell(t, "penilai"); owed {
		t.Error("he is reminded twice on one day")
	}
	w.Clock.Advance(24 * time.Hour)
	if _, owed := w.tell(t, "penilai"); !owed {
		t.Error("he is not reminded on the next day")
	}
}

func TestAReminderOfOnePeriodLeavesTheOthersToTheSchedule(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	if _, err := w.Store.OpenPeriodNow(ctx, w.cast.Admin.ID, store.PeriodForm{Kind: store.Annual, FirstDay: "2026-01-01", LastDay: "2026-12-31",
		SelfReportDue: at(t, "2027-01-05", 16, 0), ScoringDue: at(t, "2027-01-11", 16, 0), ObjectionDays: 14, Release: store.ReleaseAtOnce}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.Nudge(ctx, w.cast.Admin.ID, w.period.ID, store.Nudged{}, "2027-01-04", w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.take(t, func(n store.Notification) error { return w.Store.MarkSent(ctx, n, 1) })
	screen, owed := w.tell(t, "penilai")
	if !owed || strings.Contains(screen.Text, "Triwulan") || !strings.Contains(screen.Text, "Tahun 2026: 8 pegawai belum dinilai") {
		t.Errorf("reminded of the quarter by hand he hears of the year:\n%s", screen.Text)
	}
}

func TestAReminderCanBePutOffForADayOnce(t *testing.T) {
	w := newTown(t)
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	for range 2 {
		shown := w.Do("penilai", flows.Event{Kind: flows.Tap, Private: true, Data: "reminder.later:2027-01-04", Message: 1})
		if !strings.Contains(shown, "ditunda sampai Rabu, 6 Januari 2027 08.00 WIB") || !strings.Contains(shown, "[✏️ Nilai tim saya]") { // the 5th is a holiday
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

func TestBothHearOnItsDayOfATalkAndOfAFollowUpAndNoNameIsSaid(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Link("penilai", w.cast.Evaluator, "id", account.NoticeVersion)
	w.Link("pegawai", w.cast.Employee, "id", account.NoticeVersion)
	team, err := w.Store.Team(ctx, w.cast.Evaluator.ID)
	must(err)
	for _, m := range team {
		if m.EmployeeID == w.cast.Employee.ID { // a Sunday: what falls on it is told on Monday
			must(w.Store.SetFollowUp(ctx, w.cast.Evaluator.ID, m.EvaluationID, store.Training, "2027-02-14"))
		}
	}
	result := w.released(t)
	must(w.Store.OpenResult(ctx, w.cast.Employee.ID, result))
	must(w.Store.Acknowledge(ctx, w.cast.Employee.ID, result))
	_, err = w.Store.RequestTalk(ctx, w.cast.Employee.ID, result, "2027-01-04")
	must(err)
	view, err := w.Store.TalkAbout(ctx, w.cast.Employee.ID, result)
	must(err)
	must(w.Store.AnswerTalk(ctx, w.cast.Evaluator.ID, view.ID, store.TalkOn, "2027-01-20"))
	must(w.Store.ClosePeriod(ctx, w.cast.Admin.ID, w.period.ID))
	got := map[string][]int64{}
	said := map[string]string{}
	w.hourly(t, 45, func(n store.Notification) error {
		if n.Kind == store.KindReminder {
			got[n.Args] = append(got[n.Args], n.PersonID)
			key := map[int64]string{w.cast.Evaluator.ID: "penilai", w.cast.Employee.ID: "pegawai"}[n.PersonID]
			screen, _ := w.tell(t, key)
			said[key+" "+n.Args] = screen.Text
		}
		return w.Store.MarkSent(context.Background(), n, 1)
	})
	both := []int64{w.cast.Evaluator.ID, w.cast.Employee.ID}
	slices.Sort(both)
	for day, want := range map[string]map[string]string{
		"2027-01-20": {"penilai": "Hari ini Anda menyediakan waktu bicara untuk 1 pegawai", "pegawai": "Hari ini pejabat penilai Anda menyediakan waktu"},
		"2027-02-15": {"penilai": "1 tindak lanjut tim Anda sampai pada batas waktunya", "pegawai": "Batas waktu tindak lanjut dari hasil Triwulan IV 2026: Minggu, 14 Februari 2027"},
	} {
		slices.Sort(got[day])
		if !slices.Equal(got[day], both) {
			t.Errorf("%s: reminders to %v, want %v (all: %v)", day, got[day], both, got)
		}
		for key, sentence := range want {
			if text := said[key+" "+day]; !strings.Contains(text, sentence) || strings.Contains(text, w.cast.Employee.Name) || strings.Contains(text, w.cast.Evaluator.Name) {
				t.Errorf("%s on %s: %s", key, day, text)
			}
		}
	}
	if len(got) != 2 {
		t.Errorf("reminders on %v", got)
	}
}
