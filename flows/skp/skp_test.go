package skp_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/indicator"
	"kinerja/flows/period"
	"kinerja/flows/reminder"
	"kinerja/flows/result"
	"kinerja/flows/rules"
	"kinerja/flows/scoring"
	"kinerja/flows/skp"
	"kinerja/flows/talk"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

// city is the small city with an open period, fourth quarter of 2026.
func city(t *testing.T) (*transcript.World, *sample.Cast) {
	t.Helper()
	w := transcript.NewWorld(t)
	ctx := context.Background()
	cast, err := sample.City(ctx, w.Store)
	if err != nil {
		t.Fatalf("sample city: %v", err)
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		t.Fatalf("calendar: %v", err)
	}
	schedule, err := reminder.Default(calendar)
	if err != nil {
		t.Fatalf("schedule: %v", err)
	}
	selfReport, due, err := calendar.Deadlines("2026-12-31")
	if err != nil {
		t.Fatalf("deadlines: %v", err)
	}
	_, err = w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		SelfReportDue: selfReport, ScoringDue: due, ObjectionDays: 14, Release: store.ReleaseAtOnce})
	if err != nil {
		t.Fatalf("open period: %v", err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{scoring.MenuEntry(w.Store, calendar), result.MenuEntry(w.Store), period.MenuEntry(w.Store)})
		scoring.Register(e, w.Store, scoring.Settings{Calendar: calendar, Grace: 10 * time.Minute, MinReason: 15})
		result.Register(e, w.Store, calendar)
		talk.Register(e, w.Store, calendar)
		period.Register(e, w.Store, calendar, schedule.Allowed)
		indicator.Register(e, w.Store)
		skp.Register(e, w.Store)
	})
	return w, cast
}

// grow gives a unit so many results that there is no room for all of them beside those of a person.
func grow(t *testing.T, w *transcript.World, cast *sample.Cast) {
	t.Helper()
	ctx, unit := context.Background(), cast.Units["DINKES"].ID
	before, err := w.Store.TemplateOf(ctx, cast.Admin.ID, unit)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Store.ChangeTemplate(ctx, cast.Admin.ID, unit, before.VersionID, func(list []store.Indicator) ([]store.Indicator, error) {
		for n := len(list); n < store.MaxIndicators; n++ {
			list = append(list, store.Indicator{Aspect: store.Capaian, Name: fmt.Sprintf("Capaian program %d", n)})
		}
		return list, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOwnResultsReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"beside", "instead"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, cast := city(t)
				w.Link("penilai", cast.Evaluator, language, account.NoticeVersion)
				w.Link("pegawai", cast.Employee, language, account.NoticeVersion)
				w.Link("dinkes", cast.UnitAdmin, language, account.NoticeVersion)
				hooks := transcript.Hooks{
					"the employee is told": func() string {
						actor, err := w.Store.ActorByPerson(context.Background(), cast.Employee.ID)
						if err != nil {
							t.Fatal(err)
						}
						screen, owed, err := w.Engine.Tell(context.Background(), actor, store.KindPersonalChanged, "")
						if err != nil || !owed {
							t.Fatalf("he is not told: %v", err)
						}
						return transcript.Render(screen)
					},
					"the unit is given many results": func() string {
						grow(t, w, cast)
						return ""
					},
				}
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", hooks)
			})
		}
	}
}

// An older card for somebody else keeps where the present one was opened from: that evaluation is none of his.
func TestTheWayBackLeadsToTheEvaluationOfThatPersonOnly(t *testing.T) {
	w, cast := city(t)
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	team, err := w.Store.Team(context.Background(), cast.Evaluator.ID)
	if err != nil || len(team) < 2 {
		t.Fatalf("a team of %d, %v", len(team), err)
	}
	tap := func(link flows.Link) string {
		w.Do("penilai", flows.Event{Kind: flows.Tap, Private: true, Data: link.String()})
		rows := w.Last("penilai").Rows
		return rows[len(rows)-1][0].To.String()
	}
	evaluation := flows.To("score.person", team[0].EvaluationID)
	tap(evaluation)
	if back := tap(flows.To("skp.home", team[0].EmployeeID)); back != evaluation.String() {
		t.Errorf("the way back leads to %s", back)
	}
	tap(flows.To("skp.plan", team[0].EmployeeID, 0))
	if back := tap(flows.To("skp.home", team[0].EmployeeID)); back != evaluation.String() {
		t.Errorf("after a form the way back leads to %s", back)
	}
	if back := tap(flows.To("skp.home", team[1].EmployeeID)); back != "skp.team:1" {
		t.Errorf("of somebody else the way back leads to %s", back)
	}
}
