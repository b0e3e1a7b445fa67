package skp_test

import (
	"context"
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
				}
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", hooks)
			})
		}
	}
}
