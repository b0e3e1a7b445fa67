package assignment_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/assignment"
	"kinerja/flows/period"
	"kinerja/flows/reminder"
	"kinerja/flows/result"
	"kinerja/flows/rules"
	"kinerja/flows/scoring"
	"kinerja/flows/talk"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

// town is the sample city with an open quarter, its administration, its evaluators and its employees.
func town(t *testing.T, language string) (*transcript.World, *sample.Cast) {
	t.Helper()
	w := transcript.NewWorld(t)
	ctx := context.Background()
	cast, err := sample.City(ctx, w.Store)
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	schedule, err := reminder.Default(calendar)
	if err != nil {
		t.Fatal(err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{scoring.MenuEntry(w.Store, calendar), period.MenuEntry(w.Store)})
		scoring.Register(e, w.Store, scoring.Settings{Calendar: calendar, Grace: 10 * time.Minute, MinReason: 15})
		result.Register(e, w.Store, calendar)
		talk.Register(e, w.Store, calendar)
		period.Register(e, w.Store, calendar, schedule.Allowed)
		assignment.Register(e, w.Store, calendar, 15)
	})
	for key, person := range map[string]*store.Person{"pengelola": cast.Admin, "dinkes": cast.UnitAdmin, "penilai": cast.Evaluator, "atasan": cast.Superior,
		"sekolah": cast.OtherEvaluator, "pegawai": cast.Employee} {
		w.Link(key, person, language, account.NoticeVersion)
	}
	_, err = w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		ScoringDue: w.Clock.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	if err != nil {
		t.Fatal(err)
	}
	return w, cast
}

// told draws what everybody is told who is linked, and counts it as sent.
func told(t *testing.T, w *transcript.World, person *store.Person) func() string {
	return func() string {
		ctx, text := context.Background(), ""
		for {
			claimed, err := w.Store.ClaimNotifications(ctx, "test", time.Minute, 100)
			if err != nil {
				t.Fatal(err)
			}
			if len(claimed) == 0 {
				break
			}
			for _, n := range claimed {
				if n.PersonID != person.ID {
					continue
				}
				actor, err := w.Store.ActorByPerson(ctx, n.PersonID)
				if err != nil {
					t.Fatal(err)
				}
				screen, owed, err := w.Engine.Tell(ctx, actor, n.Kind, n.Args)
				if err != nil {
					t.Fatalf("%s: %v", n.Kind, err)
				}
				if owed {
					text += transcript.Render(screen)
				}
				if err := w.Store.MarkSent(ctx, n, 1); err != nil {
					t.Fatal(err)
				}
			}
		}
		w.Clock.Advance(2 * time.Minute) // the leases of the others end
		if text == "" {
			return "  (nothing is owed)\n"
		}
		return text
	}
}

// arrive puts two people on the roster whom the evaluator of the cast evaluates from now on; the first links his phone.
func arrive(t *testing.T, w *transcript.World, cast *sample.Cast, language string) {
	t.Helper()
	ctx := context.Background()
	for n, name := range []string{"Zulkifli, S.K.M.", "Zurnalis"} {
		p, err := w.Store.NewPerson(ctx, cast.Admin.ID, store.PersonEntry{NIP: "19900101201501100" + strconv.Itoa(n+1), Name: name, Position: "Analis", PositionKind: "pelaksana",
			Grade: "III/a"}, cast.Evaluator.UnitID, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Store.SetEvaluator(ctx, cast.Admin.ID, p.ID, 0, cast.Evaluator.ID, "", func(store.Person) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			w.Link("pendatang", &p, language, account.NoticeVersion)
		}
	}
}

func stage(t *testing.T, w *transcript.World, cast *sample.Cast, language string) transcript.Hooks {
	ctx := context.Background()
	id := func() int64 {
		team, err := w.Store.Team(ctx, cast.Evaluator.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range team {
			if m.EmployeeID == cast.Employee.ID {
				return m.EvaluationID
			}
		}
		t.Fatal("the employee is nobody's")
		return 0
	}
	finalise := func(evaluator *store.Person, evaluation int64) string {
		if _, _, err := w.Store.RateRest(ctx, evaluator.ID, evaluation); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Store.Finalise(ctx, evaluator.ID, evaluation, time.Minute, func(store.Sheet) (store.Predicate, error) { return store.Good, nil }); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Minute)
		return ""
	}
	return transcript.Hooks{
		"the employee is told":  told(t, w, cast.Employee),
		"the evaluator is told": told(t, w, cast.Evaluator),
		"the superior is told":  told(t, w, cast.Superior),
		"the deputy is told":    told(t, w, cast.OtherEvaluator),
		"the newcomer is told": func() string {
			p, err := w.Store.PersonByNIP(context.Background(), "199001012015011001")
			if err != nil {
				t.Fatal(err)
			}
			return told(t, w, &p)()
		},
		"the tap that names the deputy comes a second time": func() string {
			found, _, err := w.Store.FindPeople(context.Background(), cast.Admin.ID, "Jasman", false, 0, 1)
			if err != nil || len(found) != 1 {
				t.Fatalf("%v, %v", found, err)
			}
			again := flows.To("assign.delegate", cast.Evaluator.ID, found[0].PersonID, "plh", "2027-01-04", "2027-01-08")
			return w.Do("pengelola", flows.Event{Kind: flows.Tap, Private: true, Data: again.String()})
		},
		"the evaluator taps the old button of the excluded": func() string {
			_, lines, _, err := w.Store.PeopleOfPeriod(context.Background(), cast.Admin.ID, 1, store.PeopleFilter{Text: "Erni Yusnita"}, 0, 1)
			if err != nil || len(lines) != 1 {
				t.Fatalf("%v, %v", lines, err)
			}
			seen := ""
			for _, route := range []string{"score.person", "score.all"} {
				seen += w.Do("penilai", flows.Event{Kind: flows.Tap, Private: true, Data: flows.To(route, lines[0].EvaluationID).String()})
			}
			return seen + w.Do("sekolah", flows.Event{Kind: flows.Tap, Private: true, Data: flows.To("score.person", lines[0].EvaluationID).String()})
		},
		"a forged button makes the absent evaluator his own deputy": func() string {
			forged := flows.To("assign.capacity", cast.Evaluator.ID, cast.Evaluator.ID)
			return w.Do("dinkes", flows.Event{Kind: flows.Tap, Private: true, Data: forged.String()})
		},
		"a deputy is in force": func() string {
			begin := w.Clock.Now().Add(-time.Hour)
			_, err := w.Store.Delegate(context.Background(), cast.Admin.ID, store.DelegationForm{EvaluatorID: cast.Evaluator.ID, DeputyID: cast.OtherEvaluator.ID,
				Capacity: store.Plh, FirstDay: "2027-01-04", LastDay: "2027-01-08", BeginsAt: begin, EndsAt: begin.AddDate(0, 0, 4), Letter: "800/13/2027"})
			if err != nil {
				t.Fatal(err)
			}
			return ""
		},
		"two people come to the office": func() string {
			arrive(t, w, cast, language)
			return ""
		},
		"the evaluator leaves": func() string {
			if _, err := w.Store.Leave(ctx, 0, cast.Evaluator.ID); err != nil {
				t.Fatal(err)
			}
			return ""
		},
		"the period is closed": func() string {
			if err := w.Store.ClosePeriod(ctx, cast.Admin.ID, 1); err != nil {
				t.Fatal(err)
			}
			return ""
		},
		"the period is in the archive": func() string {
			w.Clock.Advance(90 * 24 * time.Hour)
			if err := w.Store.ArchivePeriod(ctx, cast.Admin.ID, 1, w.Clock.Now()); err != nil {
				t.Fatal(err)
			}
			return ""
		},
		"the result is set": func() string { return finalise(cast.Evaluator, id()) },
		"a first indicator is rated": func() string {
			sheet, err := w.Store.SheetOf(ctx, cast.Evaluator.ID, id())
			if err != nil {
				t.Fatal(err)
			}
			first := sheet.Indicators[0].ID
			if err := w.Store.Rate(ctx, cast.Evaluator.ID, sheet.ID, first, store.Above); err != nil {
				t.Fatal(err)
			}
			if err := w.Store.SetReason(ctx, cast.Evaluator.ID, sheet.ID, first, "Melampaui target setiap bulan"); err != nil {
				t.Fatal(err)
			}
			return ""
		},
		"the delegations are settled": func() string {
			if _, err := w.Store.SettleDelegations(ctx); err != nil {
				t.Fatal(err)
			}
			return ""
		},
	}
}

func TestWhatIsDecidedAboutSinglePeopleReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"exclude", "late", "change", "left", "deputy", "reopen"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, cast := town(t, language)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", stage(t, w, cast, language))
			})
		}
	}
}
