package period_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/job"
	"kinerja/flows/period"
	"kinerja/flows/reminder"
	"kinerja/flows/rules"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

func calendar(t *testing.T) rules.Calendar {
	t.Helper()
	c, err := rules.NewCalendar()
	if err != nil {
		t.Fatalf("calendar: %v", err)
	}
	return c
}

// town is a world with the sample city and the administration.
func town(t *testing.T, calendar rules.Calendar) (*transcript.World, *sample.Cast) {
	t.Helper()
	w := transcript.NewWorld(t)
	cast, err := sample.City(context.Background(), w.Store)
	if err != nil {
		t.Fatalf("sample city: %v", err)
	}
	schedule, err := reminder.Default(calendar)
	if err != nil {
		t.Fatalf("schedule: %v", err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{period.MenuEntry(w.Store)})
		period.Register(e, w.Store, calendar, schedule.Allowed)
	})
	return w, cast
}

// message is the message of a job, drawn for its administrator as the edge would.
type message struct {
	w     *transcript.World
	shown string
}

func (m *message) Show(ctx context.Context, telegramID int64, _ int, link flows.Link) error {
	actor, err := m.w.Store.ActorByTelegram(ctx, telegramID)
	if err != nil {
		return err
	}
	screen, err := m.w.Engine.Draw(ctx, actor, link)
	m.shown = transcript.Render(screen)
	return err
}

// told draws what a person is told.
func told(t *testing.T, w *transcript.World, person *store.Person, kind, args string) func() string {
	t.Helper()
	return func() string {
		actor, err := w.Store.ActorByPerson(context.Background(), person.ID)
		if err != nil {
			t.Fatalf("actor: %v", err)
		}
		screen, owed, err := w.Engine.Tell(context.Background(), actor, kind, args)
		if err != nil {
			t.Fatalf("tell: %v", err)
		}
		if !owed {
			return "  (nothing is owed)\n"
		}
		return transcript.Render(screen)
	}
}

// stage is the stage directions of the transcripts.
func stage(t *testing.T, w *transcript.World, cast *sample.Cast) transcript.Hooks {
	ctx := context.Background()
	told := func(person *store.Person, kind, args string) func() string { return told(t, w, person, kind, args) }
	return transcript.Hooks{
		"the jobs run": func() string {
			m := &message{w: w}
			runner := job.New(w.Store, m, period.Works(w.Store), "runner", error.Error, slog.New(slog.DiscardHandler))
			for worked := true; worked; {
				var err error
				if worked, err = runner.Next(ctx); err != nil {
					t.Fatalf("job: %v", err)
				}
			}
			return m.shown
		},
		"one evaluation is finalised": func() string {
			team, err := w.Store.Team(ctx, cast.Evaluator.ID)
			if err != nil {
				t.Fatalf("team: %v", err)
			}
			for _, member := range team {
				if member.State == store.EvaluationOpen {
					finalise(t, w.Store, cast.Evaluator.ID, member.EvaluationID) //nolint:contextcheck // a helper of the test
					break
				}
			}
			return ""
		},
		"a quarter is open": func() string {
			_, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
				ScoringDue: w.Clock.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce})
			if err != nil {
				t.Fatalf("open period: %v", err)
			}
			return ""
		},
		"the messages go out, and those to the evaluator fail": func() string {
			sendAll(t, w, cast.Evaluator)
			return ""
		},
		"a code of a teacher expires": func() string {
			if _, err := w.Store.Invite(ctx, cast.OtherEvaluator.ID, time.Hour); err != nil {
				t.Fatalf("invite: %v", err)
			}
			w.Clock.Advance(2 * time.Hour)
			return ""
		},
		"the evaluator leaves":                              leaves(t, w, cast.Evaluator),
		"the employee leaves":                               leaves(t, w, cast.Employee),
		"the unit's administrator is told that people left": told(cast.UnitAdmin, store.KindPeopleLeft, ""),
		"the evaluator is told that the period opened":      told(cast.Evaluator, store.KindPeriodOpened, "1"),
		"the evaluator is reminded":                         told(cast.Evaluator, store.KindNudge, "1"),
		"the evaluator is told of the first extension":      told(cast.Evaluator, store.KindDeadlineExtended, "1:1"),
		"the evaluator is told of the second extension":     told(cast.Evaluator, store.KindDeadlineExtended, "1:2"),
		"the employee is told of the first extension":       told(cast.Employee, store.KindSelfReportExtended, "1:1"),
		"the employee is told of the second extension":      told(cast.Employee, store.KindSelfReportExtended, "1:2"),
		"the administrator is told that the job is done":    told(cast.Admin, store.KindJobDone, "1"),
		"the administrator is told that it was published":   told(cast.Admin, store.KindJobDone, "2"),
	}
}

// sendAll is what the courier does with all that is due: messages to one person fail for good, those to who is not linked wait.
func sendAll(t *testing.T, w *transcript.World, failing *store.Person) {
	t.Helper()
	ctx := context.Background()
	for {
		claimed, err := w.Store.ClaimNotifications(ctx, "test", time.Minute, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range claimed {
			_, err := w.Store.ActorByPerson(ctx, n.PersonID)
			switch {
			case errors.Is(err, store.ErrNotFound):
				err = w.Store.HoldUnlinked(ctx, n)
			case err == nil && n.PersonID == failing.ID:
				err = w.Store.Park(ctx, n, "refused")
			case err == nil:
				err = w.Store.MarkSent(ctx, n, 1)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if len(claimed) == 0 {
			return
		}
	}
}

// leaves ends a person's place on the roster.
func leaves(t *testing.T, w *transcript.World, person *store.Person) func() string {
	return func() string {
		if _, err := w.Store.Leave(context.Background(), 0, person.ID); err != nil {
			t.Fatalf("leave: %v", err)
		}
		return ""
	}
}

func finalise(t *testing.T, s *store.Store, evaluator, evaluation int64) {
	t.Helper()
	ctx := context.Background()
	if _, _, err := s.RateRest(ctx, evaluator, evaluation); err != nil {
		t.Fatalf("rate: %v", err)
	}
	judge := func(store.Sheet) (store.Predicate, error) { return store.Good, nil }
	if _, err := s.Finalise(ctx, evaluator, evaluation, 10*time.Minute, judge); err != nil {
		t.Fatalf("finalise: %v", err)
	}
}

func TestAdministrationReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"whole", "bad", "left", "names", "states"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, cast := town(t, calendar(t))
				w.Link("pengelola", cast.Admin, language, account.NoticeVersion)
				w.Link("dinkes", cast.UnitAdmin, language, account.NoticeVersion)
				w.Link("penilai", cast.Evaluator, language, account.NoticeVersion)
				w.Link("pegawai", cast.Employee, language, account.NoticeVersion)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", stage(t, w, cast))
			})
		}
	}
}

func TestAYearWhoseDaysOffAreNotListedIsToldBeforeItsDeadlinesAreSet(t *testing.T) {
	for _, c := range []struct {
		off  func(rules.Calendar) rules.Calendar
		told bool
	}{
		{func(c rules.Calendar) rules.Calendar { return c }, false},
		{func(c rules.Calendar) rules.Calendar { return c.WithDaysOff(rules.DaysOff{}) }, true},
	} {
		w, cast := town(t, c.off(calendar(t)))
		w.Link("pengelola", cast.Admin, "id", account.NoticeVersion)
		for screen, shown := range map[string]string{
			"home":    w.Type("pengelola", "/admin"),
			"due":     w.Do("pengelola", flows.Event{Kind: flows.Tap, Private: true, Data: "period.due:q:2026-10-01:0"}),
			"preview": w.Do("pengelola", flows.Event{Kind: flows.Tap, Private: true, Data: "period.preview:q:2026-10-01:0:2027-01-12:a"}),
		} {
			if told := strings.Contains(shown, "Hari libur tahun 2027 belum tercatat"); told != c.told {
				t.Errorf("%s tells it: %v, want %v\n%s", screen, told, c.told, shown)
			}
		}
	}
}

func TestWhoLostHisRoleIsNotToldOfTheWorkThatHeAskedFor(t *testing.T) {
	ctx := context.Background()
	w, cast := town(t, calendar(t))
	w.Link("pengelola", cast.Admin, "id", account.NoticeVersion)
	if _, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", Release: store.ReleaseAtOnce}); err != nil {
		t.Fatal(err)
	}
	actor, err := w.Store.ActorByPerson(ctx, cast.Admin.ID)
	if err != nil {
		t.Fatal(err)
	}
	told := func() bool {
		t.Helper()
		_, owed, err := w.Engine.Tell(ctx, actor, store.KindJobDone, "1")
		if err != nil {
			t.Fatalf("it cannot be drawn: %v", err)
		}
		return owed
	}
	if !told() {
		t.Fatal("the administrator is not told")
	}
	if _, err := w.Store.RevokeRole(ctx, 0, cast.Admin.ID, store.Admin, 0); err != nil {
		t.Fatal(err)
	}
	if told() {
		t.Error("he is told of a period that is not his any more")
	}
}

func TestOfAnAdministratorsRemindersThatWaitedOneIsSentOnADay(t *testing.T) {
	ctx := context.Background()
	w, cast := town(t, calendar(t))
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	p, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", Release: store.ReleaseAtOnce})
	if err != nil {
		t.Fatal(err)
	}
	nudge := func(day store.Date) {
		t.Helper()
		if n, err := w.Store.Nudge(ctx, cast.Admin.ID, p.ID, store.Nudged{}, day, w.Clock.Now()); err != nil || n != 1 {
			t.Fatalf("nudge: %d, %v", n, err)
		}
	}
	// send is what the courier does with all that is due; it returns how many reminders went out.
	send := func() (sent int) {
		t.Helper()
		actor, err := w.Store.ActorByPerson(ctx, cast.Evaluator.ID)
		if err != nil {
			t.Fatal(err)
		}
		for {
			claimed, err := w.Store.ClaimNotifications(ctx, "test", time.Minute, 100)
			if err != nil {
				t.Fatal(err)
			}
			if len(claimed) == 0 {
				return sent
			}
			for _, n := range claimed {
				owed := false
				if n.Kind == store.KindNudge {
					if _, owed, err = w.Engine.Tell(ctx, actor, n.Kind, n.Args); err != nil {
						t.Fatal(err)
					}
				}
				if !owed {
					err = w.Store.CancelNotification(ctx, n)
				} else {
					sent++
					err = w.Store.MarkSent(ctx, n, 1)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, day := range []store.Date{"2027-01-04", "2027-01-06", "2027-01-07"} { // Telegram is away
		nudge(day)
		w.Clock.Advance(24 * time.Hour)
	}
	if n := send(); n != 1 {
		t.Errorf("%d reminders of the administrator are sent at once, want 1", n)
	}
	w.Clock.Advance(24 * time.Hour)
	nudge("2027-01-08")
	if n := send(); n != 1 {
		t.Errorf("on the next day %d are sent, want 1", n)
	}
}

// threeToRemind opens a quarter for three evaluators whom a reminder can reach; tap is a button of the city's administrator.
func threeToRemind(t *testing.T) (w *transcript.World, cast *sample.Cast, tap func(data string) string) {
	t.Helper()
	w, cast = town(t, calendar(t))
	w.Link("pengelola", cast.Admin, "id", account.NoticeVersion)
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	w.Link("guru", cast.OtherEvaluator, "id", account.NoticeVersion)
	w.Link("atasan", cast.Superior, "id", account.NoticeVersion)
	if _, err := w.Store.OpenPeriodNow(context.Background(), cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		ScoringDue: w.Clock.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce}); err != nil {
		t.Fatal(err)
	}
	return w, cast, func(data string) string {
		return w.Do("pengelola", flows.Event{Kind: flows.Tap, Private: true, Data: data})
	}
}

// reminded counts who was reminded today.
func reminded(t *testing.T, w *transcript.World, cast *sample.Cast) (n int) {
	t.Helper()
	_, late, err := w.Store.LateIn(context.Background(), cast.Admin.ID, 1, "2027-01-04")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range late {
		if l.Nudged() {
			n++
		}
	}
	return n
}

// numbered are the first three lines of the list: number and name.
func numbered(shown string) (lines []string) {
	for _, line := range strings.Split(shown, "\n") {
		if line = strings.TrimSpace(line); len(line) > 1 && line[1] == '.' && line[0] <= '3' {
			name, _, _ := strings.Cut(line, " —")
			lines = append(lines, name)
		}
	}
	return lines
}

func TestMoreThanOneCanBeLeftOutOfAReminderAndNoNumberMoves(t *testing.T) {
	w, cast, tap := threeToRemind(t)
	before := numbered(tap("period.nudge:1:1"))
	one := tap(fmt.Sprintf("period.nudgebut:1:%d", cast.Evaluator.ID))
	if !strings.Contains(one, "[🔔 Ingatkan 2 lainnya]") || !slices.Equal(numbered(one), before) {
		t.Errorf("after the first is left out of %v:\n%s", before, one)
	}
	sure := tap("period.nudgesure:1")
	if !strings.Contains(sure, "Ingatkan 2 penilai?") || !strings.Contains(sure, "Tidak diingatkan: "+cast.Evaluator.Name) {
		t.Errorf("the question:\n%s", sure)
	}
	two := tap(fmt.Sprintf("period.nudgebut:1:%d", cast.OtherEvaluator.ID))
	if !strings.Contains(two, "[🔔 Ingatkan "+cast.Superior.Name+" saja]") || !slices.Equal(numbered(two), before) || !strings.Contains(two, "2 Anda lewati") {
		t.Errorf("after the second is left out of %v:\n%s", before, two)
	}
	if again := tap(fmt.Sprintf("period.nudgetoo:1:%d", cast.Evaluator.ID)); !strings.Contains(again, "[🔔 Ingatkan 2 lainnya]") {
		t.Errorf("after the first is back:\n%s", again)
	}
	if n := reminded(t, w, cast); n != 0 {
		t.Errorf("%d reminders by choosing", n)
	}
}

func TestAButtonRemindsNobodyWhomItsScreenLeftOut(t *testing.T) {
	w, cast, tap := threeToRemind(t)
	tap(fmt.Sprintf("period.nudgebut:1:%d", cast.Evaluator.ID))
	tap("period.nudgesure:1")
	send := w.Last("pengelola").Rows[0][0].To.String()
	w.Type("pengelola", "/batal") // what was chosen is gone
	if shown := tap(send); !strings.Contains(shown, "Tidak ada yang dikirim") {
		t.Errorf("the old button:\n%s", shown)
	}
	if n := reminded(t, w, cast); n != 0 {
		t.Fatalf("%d reminders are sent by a button that counted others", n)
	}
	tap(fmt.Sprintf("period.nudgebut:1:%d", cast.Evaluator.ID))
	tap(send)
	if n := reminded(t, w, cast); n != 2 {
		t.Errorf("%d reminders, want those to the two who were not left out", n)
	}
	if shown := tap(send); !strings.Contains(shown, "Tidak ada pengingat baru. 2 sudah diingatkan hari ini · 16 belum terhubung atau memblokir bot · 1 Anda lewati") {
		t.Errorf("the second tap:\n%s", shown)
	}
}

// looks counts the looks at results that are recorded.
type looks struct {
	period.Store
	n int
}

func (l *looks) Looked(ctx context.Context, viewerID int64, subject string, id int64) error {
	l.n++
	return l.Store.Looked(ctx, viewerID, subject, id)
}

func TestALookAtWhoHasAResultIsRecordedForEachNameThatIsShown(t *testing.T) {
	w, cast, _ := threeToRemind(t)
	schedule, err := reminder.Default(calendar(t))
	if err != nil {
		t.Fatal(err)
	}
	recorded := &looks{Store: w.Store}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{period.MenuEntry(w.Store)})
		period.Register(e, recorded, calendar(t), schedule.Allowed)
	})
	team, err := w.Store.Team(context.Background(), cast.Evaluator.ID)
	if err != nil {
		t.Fatal(err)
	}
	finalise(t, w.Store, cast.Evaluator.ID, team[0].EvaluationID)
	see := func(figure string) string {
		return w.Do("pengelola", flows.Event{Kind: flows.Tap, Private: true, Data: "period.people:1:" + figure + ":1"})
	}
	if see("notbegun"); recorded.n != 0 {
		t.Errorf("%d looks at results where there are none", recorded.n)
	}
	if shown := see("final"); recorded.n != 1 || !strings.Contains(shown, team[0].Name) {
		t.Errorf("%d looks, want one\n%s", recorded.n, shown)
	}
}

func TestFromAUnitOnALaterPageOneComesBackToThatPage(t *testing.T) {
	ctx := context.Background()
	w, cast := town(t, calendar(t))
	w.Link("pengelola", cast.Admin, "id", account.NoticeVersion)
	var units []store.UnitEntry
	var people []store.PersonEntry
	for n := range 6 {
		units = append(units, store.UnitEntry{Code: fmt.Sprint("POSKO-", n), Name: fmt.Sprint("Posko ", n), ParentCode: "DINKES"})
		people = append(people, store.PersonEntry{NIP: fmt.Sprint("19900101201501100", n), Name: fmt.Sprint("Petugas ", n), UnitCode: units[n].Code})
	}
	if _, err := w.Store.SaveUnits(ctx, 0, units); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.SavePeople(ctx, 0, people); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", Release: store.ReleaseAtOnce}); err != nil {
		t.Fatal(err)
	}
	w.Do("pengelola", flows.Event{Kind: flows.Tap, Private: true, Data: "period.byunit:1:0:1:0"})
	w.Tap("pengelola", "Dinas Kesehatan")
	second := w.Tap("pengelola", "Berikutnya")
	w.Tap("pengelola", "Posko 3")
	if back := w.Tap("pengelola", "Kembali"); back != second || !strings.Contains(back, "Posko 3") {
		t.Errorf("opened from\n%s\nback to\n%s", second, back)
	}
	w.Type("pengelola", "posko")
	found := w.Tap("pengelola", "Berikutnya")
	w.Tap("pengelola", "Posko 5")
	if back := w.Tap("pengelola", "Kembali"); back != found {
		t.Errorf("found on\n%s\nback to\n%s", found, back)
	}
}
