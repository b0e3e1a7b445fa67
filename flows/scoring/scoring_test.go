package scoring_test

import (
	"context"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/result"
	"kinerja/flows/rules"
	"kinerja/flows/scoring"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

const grace = 10 * time.Minute

// city is a world with an open period: fourth quarter of 2026, scoring due on 10 January 2027.
func city(t testing.TB, release store.Release) (*transcript.World, *sample.Cast, store.Period) {
	t.Helper()
	w := transcript.NewWorld(t)
	cast, period := furnish(t, w, release)
	return w, cast, period
}

func furnish(t testing.TB, w *transcript.World, release store.Release) (*sample.Cast, store.Period) {
	t.Helper()
	ctx := context.Background()
	cast, err := sample.City(ctx, w.Store)
	if err != nil {
		t.Fatalf("sample city: %v", err)
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		t.Fatalf("calendar: %v", err)
	}
	selfReport, due, err := calendar.Deadlines("2026-12-31")
	if err != nil {
		t.Fatalf("deadlines: %v", err)
	}
	period, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		SelfReportDue: selfReport, ScoringDue: due, ObjectionDays: 14, Release: release})
	if err != nil {
		t.Fatalf("open period: %v", err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, append(scoring.MenuEntry(w.Store), result.MenuEntry()))
		scoring.Register(e, w.Store, scoring.Settings{Calendar: calendar, Grace: grace, MinReason: 15})
		result.Register(e, w.Store, calendar)
	})
	return cast, period
}

func TestScoringReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"usual", "thorough", "bad"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, cast, period := city(t, store.ReleaseAtOnce)
				w.Link("penilai", cast.Evaluator, language, account.NoticeVersion)
				w.Link("pegawai", cast.Employee, language, account.NoticeVersion)
				w.Link("lain", cast.OtherEvaluator, language, account.NoticeVersion)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", transcript.Hooks{
					"the administrator closes the period": func() string {
						if err := w.Store.ClosePeriod(context.Background(), cast.Admin.ID, period.ID); err != nil {
							t.Fatalf("close: %v", err)
						}
						return ""
					},
				})
			})
		}
	}
}
