package performance_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/performance"
	"kinerja/flows/period"
	"kinerja/flows/rules"
	"kinerja/flows/scoring"
	"kinerja/flows/transcript"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/sample"
)

// town is the sample city with an open quarter whose results are published.
func town(t *testing.T) (*transcript.World, *sample.Cast, store.Period) {
	t.Helper()
	days, err := rules.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	w := transcript.NewWorld(t)
	cast, err := sample.City(context.Background(), w.Store)
	if err != nil {
		t.Fatal(err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{period.MenuEntry(w.Store)})
		period.Register(e, w.Store, days, func(at time.Time) time.Time { return at })
		scoring.Register(e, w.Store, scoring.Settings{Calendar: days, Grace: time.Minute, MinReason: 15})
		performance.Register(e, w.Store, days)
	})
	return w, cast, open(t, w.Store, cast, store.Quarterly, "2026-10-01", "2026-12-31")
}

func open(t *testing.T, s *store.Store, cast *sample.Cast, kind store.PeriodKind, first, last store.Date) store.Period {
	t.Helper()
	p, err := s.OpenPeriodNow(context.Background(), cast.Admin.ID, store.PeriodForm{Kind: kind, FirstDay: first, LastDay: last, SelfReportDue: s.Now(),
		ScoringDue: s.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleasePublished})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOrganisationPerformanceReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		t.Run(language, func(t *testing.T) {
			w, cast, p := town(t)
			w.Link("pengelola", cast.Admin, language, account.NoticeVersion)
			w.Link("dinkes", cast.UnitAdmin, language, account.NoticeVersion)
			w.Link("penilai", cast.Evaluator, language, account.NoticeVersion)
			ctx := context.Background()
			must := func(err error) string {
				if err != nil {
					t.Fatal(err)
				}
				return ""
			}
			transcript.Play(t, w, "testdata/chat_"+language+".txt", transcript.Hooks{
				"another administrator enters the agency": func() string {
					_, err := w.Store.SetPerformances(ctx, cast.Admin.ID, p.ID, []store.GradeEntry{{UnitID: cast.Units["DINKES"].ID, Grade: store.OrgPoor}})
					return must(err)
				},
				"the agency has a month of its own": func() string {
					_, err := w.Store.OpenPeriodNow(ctx, cast.UnitAdmin.ID, store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-12-01", LastDay: "2026-12-31", UnitID: cast.Units["DINKES"].ID,
						SelfReportDue: w.Store.Now(), ScoringDue: w.Store.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleasePublished})
					return must(err)
				},
				"one evaluation is finalised": func() string {
					team, err := w.Store.Team(ctx, cast.Evaluator.ID)
					must(err)
					_, _, err = w.Store.RateRest(ctx, cast.Evaluator.ID, team[0].EvaluationID)
					must(err)
					_, err = w.Store.Finalise(ctx, cast.Evaluator.ID, team[0].EvaluationID, time.Minute, func(store.Sheet) (store.Predicate, error) { return store.Good, nil })
					return must(err)
				},
				"the period is closed, published and archived": func() string {
					_, err := w.Store.PublishPeriodNow(ctx, cast.Admin.ID, p.ID)
					must(err)
					must(w.Store.ClosePeriod(ctx, cast.Admin.ID, p.ID))
					return must(w.Store.ArchivePeriod(ctx, cast.Admin.ID, p.ID, w.Clock.Now().Add(time.Second))) // as if the days for objecting were over
				},
			})
		})
	}
}

// Before February nobody is offered last year's figure, and then it is marked as such.
func TestLastYearsFigureIsOfferedAfterJanuary(t *testing.T) {
	w, cast, _ := town(t)
	w.Link("pengelola", cast.Admin, "id", account.NoticeVersion)
	ctx := context.Background()
	unit := cast.Evaluator.UnitID
	old := open(t, w.Store, cast, store.Annual, "2025-01-01", "2025-12-31")
	if _, err := w.Store.SetPerformances(ctx, cast.Admin.ID, old.ID, []store.GradeEntry{{UnitID: unit, Grade: store.OrgOutstanding}}); err != nil {
		t.Fatal(err)
	}
	year := open(t, w.Store, cast, store.Annual, "2026-01-01", "2026-12-31")
	see := func(to flows.Link) string {
		return w.Do("pengelola", flows.Event{Kind: flows.Tap, Private: true, Data: to.String()})
	}
	if shown := see(flows.To("performance.list", year.ID, 1)); strings.Contains(shown, "tahun lalu") {
		t.Errorf("in January last year's is offered:\n%s", shown)
	}
	if shown := see(flows.To("performance.lastyear", year.ID, 0)); !strings.Contains(shown, "Tidak ada yang berubah") {
		t.Errorf("in January last year's is taken:\n%s", shown)
	}
	w.Clock.Advance(28 * 24 * time.Hour) // 1 February
	for _, page := range []flows.Link{flows.To("performance.list", year.ID, 1), flows.To("performance.unit", year.ID, unit)} {
		if shown := see(page); !strings.Contains(shown, "tahun lalu") {
			t.Errorf("in February last year's is not offered:\n%s", shown)
		}
	}
	see(flows.To("performance.lastyear", year.ID, 0))
	p, err := w.Store.PerformancesOf(ctx, cast.Admin.ID, year.ID)
	if err != nil {
		t.Fatal(err)
	}
	if l, _ := p.Of(unit); l.Grade != store.OrgOutstanding || !l.Carried || p.Entered() != 1 {
		t.Errorf("the unit has %+v", l)
	}
}

func TestAListComesBackAsItWasWritten(t *testing.T) {
	catalog, err := locales.Load(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	p := store.Performances{Units: []store.PerformanceLine{
		{Unit: store.Unit{ID: 4, Code: "DINKES", Name: "=Dinas Kesehatan"}, Grade: store.OrgVeryPoor}, {Unit: store.Unit{ID: 9, Code: "DISDIK", Name: "Dinas Pendidikan"}},
		{Unit: store.Unit{ID: 5, Code: "PKM-01", Name: "Puskesmas, I"}, Grade: store.OrgOutstanding}}}
	for _, language := range locales.Languages {
		for _, name := range []string{"capaian.xlsx", "capaian.CSV"} {
			var file bytes.Buffer
			if err := performance.Write(&file, name, p, catalog.In(language)); err != nil {
				t.Fatal(err)
			}
			rows, wrong, err := performance.Read(&file)
			if err != nil || len(wrong) > 0 {
				t.Fatalf("%s: %v, %v", name, wrong, err)
			}
			entries, wrong := performance.Resolve(p, rows)
			want := []store.GradeEntry{{UnitID: 4, Grade: store.OrgVeryPoor}, {UnitID: 5, Grade: store.OrgOutstanding}}
			if !slices.Equal(entries, want) || len(wrong) > 0 {
				t.Errorf("%s in %s came back as %+v, %v", name, language, entries, wrong)
			}
		}
	}
}

func TestWhatIsWrongInAListIsNamedAndNothingOfItIsTaken(t *testing.T) {
	p := store.Performances{Units: []store.PerformanceLine{{Unit: store.Unit{ID: 4, Code: "DINKES"}}, {Unit: store.Unit{ID: 9, Code: "DISDIK"}}}}
	for text, want := range map[string]string{
		"dinkes Butuh  perbaikan": "", "DINKES: baik\nDISDIK = Sangat Kurang": "", "Dinkes cukup": "",
		"DINKES": "form", "DINKES hebat": "grade", "DINKES baik\nABC baik": "unit", "DINKES baik\ndinkes kurang": "twice", "DINKES baik sekali": "grade",
	} {
		_, wrong := performance.Resolve(p, performance.Lines(text))
		got := ""
		if len(wrong) > 0 {
			got = wrong[0].Key
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for file, want := range map[string]string{"kode;capaian\nDINKES;baik\n": "", "\ufeffDaftar capaian\n\nNama,Kode,Capaian\nDinas,DINKES,Baik\n": "", "DINKES,baik\n": "header", "": "header"} {
		rows, wrong, err := performance.Read(strings.NewReader(file))
		got := ""
		if len(wrong) > 0 {
			got = wrong[0].Key
		}
		if err != nil || got != want || want == "" && (len(rows) != 1 || rows[0].Code != "DINKES") {
			t.Errorf("%q: %v, %q, %v", file, rows, got, err)
		}
	}
	if _, _, err := performance.Read(strings.NewReader("PK\x03\x04 damaged")); err == nil {
		t.Error("a damaged workbook was read")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("kode,capaian\nDINKES,baik\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, _, _ := performance.Read(bytes.NewReader(data))
		performance.Resolve(store.Performances{}, rows)
		performance.Resolve(store.Performances{}, performance.Lines(string(data)))
	})
}
