package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

const lease = 30 * time.Second

// quarter is the form of the fourth quarter of 2026 over a unit.
func quarter(unitID int64) store.PeriodForm {
	due := time.Date(2027, time.January, 10, 9, 0, 0, 0, time.UTC)
	return store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", UnitID: unitID,
		SelfReportDue: due.AddDate(0, 0, -5), ScoringDue: due, ObjectionDays: 14, Release: store.ReleaseAtOnce}
}

func sampleCity(t testing.TB, s *store.Store) *sample.Cast {
	t.Helper()
	city, err := sample.City(context.Background(), s)
	if err != nil {
		t.Fatalf("sample city: %v", err)
	}
	return city
}

func open(t testing.TB, s *store.Store, admin *store.Person, form store.PeriodForm) store.Period {
	t.Helper()
	p, err := s.OpenPeriodNow(context.Background(), admin.ID, form)
	if err != nil {
		t.Fatalf("open period: %v", err)
	}
	if p.State != store.PeriodOpen {
		t.Fatalf("period is %s", p.State)
	}
	return p
}

func progress(t testing.TB, s *store.Store, admin *store.Person, periodID int64) store.Progress {
	t.Helper()
	p, err := s.ProgressOf(context.Background(), admin.ID, periodID)
	if err != nil {
		t.Fatalf("progress: %v", err)
	}
	return p
}

func TestOpeningAPeriodGivesEverybodyAnEvaluationAndTellsEveryEvaluatorOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		city := sampleCity(t, s)
		first := open(t, s, city.Admin, quarter(0))
		p := progress(t, s, city.Admin, first.ID)
		if p.Total != len(city.People) || p.NotBegun != p.Total || p.NoEvaluator != 1 {
			t.Errorf("%+v; want an evaluation for each of %d people, one without evaluator", p.Counts, len(city.People))
		}
		evaluators := map[int64]bool{}
		for _, person := range city.People {
			if person.SuperiorID != nil {
				evaluators[*person.SuperiorID] = true
			}
		}
		if p.Notices[store.Owed] != len(evaluators) {
			t.Errorf("%d notifications are owed; want one for each of %d evaluators", p.Notices[store.Owed], len(evaluators))
		}
		if again := open(t, s, city.Admin, quarter(0)); again.ID != first.ID {
			t.Errorf("opened again as period %d, not %d", again.ID, first.ID)
		}
		if again := progress(t, s, city.Admin, first.ID); again.Total != p.Total || again.Notices[store.Owed] != p.Notices[store.Owed] {
			t.Errorf("opening again made %+v of %+v", again, p)
		}
	})
}

func TestTwoAdministratorsOpeningAtOnceOpenOnePeriod(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		city := sampleCity(t, s)
		var wait sync.WaitGroup
		ids := make([]int64, 6)
		for i := range ids {
			wait.Go(func() {
				p, err := s.OpenPeriod(context.Background(), city.Admin.ID, quarter(0), store.Place{})
				if err != nil {
					t.Errorf("open: %v", err)
				}
				ids[i] = p.ID
			})
		}
		wait.Wait()
		if slices.Sort(ids); ids[0] == 0 || ids[0] != ids[len(ids)-1] {
			t.Errorf("opened as %v; want one period", ids)
		}
	})
}

func TestAnOpenPeriodKeepsTheEvaluatorAndTemplateThatItOpenedWith(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		team := func() []store.TeamMember {
			list, err := s.Team(ctx, city.Evaluator.ID)
			if err != nil {
				t.Fatalf("team: %v", err)
			}
			return list
		}
		before := team()
		clock.Advance(time.Hour)
		_, people, err := s.Roster(ctx)
		if err != nil {
			t.Fatalf("roster: %v", err)
		}
		for i := range people {
			if people[i].SuperiorNIP == city.Evaluator.NIP {
				people[i].SuperiorNIP = city.OtherEvaluator.NIP
			}
		}
		if _, err := s.SavePeople(ctx, 0, people); err != nil {
			t.Fatalf("change superiors: %v", err)
		}
		if _, err := s.SaveTemplate(ctx, 0, city.Units["DINKES"].ID, "baru", sample.Values()); err != nil {
			t.Fatalf("change template: %v", err)
		}
		after := team()
		if len(after) != 8 || !slices.Equal(before, after) {
			t.Errorf("team was %d people, is %+v", len(before), after)
		}
		form := quarter(0)
		form.FirstDay, form.LastDay = "2027-01-01", "2027-03-31"
		if next := open(t, s, city.Admin, form); next.ID == period.ID || len(team()) != 8 {
			t.Errorf("the next period does not follow the new roster: team of %d", len(team()))
		}
	})
}

func TestATemplateThatChangesWhileAPeriodOpensIsNotUsedByItsLaterChunks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		if _, err := s.OpenPeriod(ctx, city.Admin.ID, quarter(0), store.Place{}); err != nil {
			t.Fatalf("open: %v", err)
		}
		clock.Advance(time.Second)
		changed, err := s.SaveTemplate(ctx, 0, city.Units["DINKES"].ID, "baru", sample.Values())
		if err != nil {
			t.Fatalf("change template: %v", err)
		}
		open(t, s, city.Admin, quarter(0))
		team, err := s.Team(ctx, city.Evaluator.ID)
		if err != nil || len(team) == 0 || team[0].TemplateVersionID == changed {
			t.Errorf("team %v, %v; want the version of when the period was created", team, err)
		}
	})
}

func TestNobodyEvaluatesHimselfAndNobodyWhoLeftEvaluates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		_, people := town(t, s)
		if _, err := s.SaveTemplate(ctx, 0, 0, "umum", sample.Values()); err != nil {
			t.Fatal(err)
		}
		if err := s.GrantRole(ctx, 0, people["Rina"].ID, store.Admin, 0); err != nil {
			t.Fatal(err)
		}
		rina := people["Rina"]
		period := open(t, s, &rina, quarter(0))
		_, _, evaluators, err := s.EvaluatorsOf(ctx, rina.ID, period.ID, rina.UnitID)
		if err != nil || len(evaluators) != 1 || evaluators[0].EvaluatorID != 0 {
			t.Errorf("whoever has no superior is evaluated by %+v, %v; want nobody", evaluators, err)
		}
		for _, p := range people {
			team, err := s.Team(ctx, p.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, member := range team {
				if member.EmployeeID == p.ID {
					t.Errorf("%d evaluates himself", p.ID)
				}
			}
		}
	})
}

func TestWhoeverIsEvaluatedElsewhereOverTheSameDaysIsLeftOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		health := open(t, s, city.UnitAdmin, quarter(city.Units["DINKES"].ID))
		inHealth := progress(t, s, city.Admin, health.ID).Total
		preview, err := s.PreviewPeriod(ctx, city.Admin.ID, quarter(0))
		if err != nil || preview.Elsewhere != inHealth || preview.People != len(city.People)-inHealth {
			t.Errorf("preview %+v, %v; want %d left out", preview, err, inHealth)
		}
		whole := open(t, s, city.Admin, quarter(0))
		if got := progress(t, s, city.Admin, whole.ID).Total; got != preview.People {
			t.Errorf("%d evaluations, previewed were %d", got, preview.People)
		}
	})
}

func TestAPeriodThatWasClosedUnfinishedLetsTheOthersBeEvaluatedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		city := sampleCity(t, s)
		mistake := open(t, s, city.UnitAdmin, quarter(city.Units["DINKES"].ID))
		if err := s.ClosePeriod(context.Background(), city.UnitAdmin.ID, mistake.ID); err != nil {
			t.Fatalf("close: %v", err)
		}
		whole := open(t, s, city.Admin, quarter(0))
		if got := progress(t, s, city.Admin, whole.ID).Total; got != len(city.People) {
			t.Errorf("%d evaluations; want all %d", got, len(city.People))
		}
	})
}

func TestAnAdministratorActsOnlyWithinHisUnits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		whole := open(t, s, city.Admin, quarter(0))
		schools := quarter(city.Units["DISDIK"].ID)
		schools.FirstDay, schools.LastDay = "2027-01-01", "2027-03-31"
		foreign := open(t, s, city.Admin, schools)
		health, nobody := city.UnitAdmin.ID, city.Employee.ID

		refused := map[string]func(admin, period int64) error{
			"progress":   func(a, p int64) error { _, err := s.ProgressOf(ctx, a, p); return err },
			"units":      func(a, p int64) error { _, _, err := s.UnitsOf(ctx, a, p); return err },
			"opening":    func(a, p int64) error { _, _, err := s.OpeningOf(ctx, a, p); return err },
			"late":       func(a, p int64) error { _, _, err := s.LateIn(ctx, a, p, "2027-01-04"); return err },
			"nudge":      func(a, p int64) error { _, err := s.Nudge(ctx, a, p, "2027-01-04", time.Time{}); return err },
			"close":      func(a, p int64) error { return s.ClosePeriod(ctx, a, p) },
			"publish":    func(a, p int64) error { _, err := s.PublishPeriod(ctx, a, p); return err },
			"evaluators": func(a, p int64) error { _, _, _, err := s.EvaluatorsOf(ctx, a, p, city.Units["SDN-05"].ID); return err },
		}
		for name, do := range refused {
			for _, try := range []struct{ admin, period int64 }{{health, foreign.ID}, {nobody, whole.ID}, {health, 999}} {
				if err := do(try.admin, try.period); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s by %d on %d: %v; want not found", name, try.admin, try.period, err)
				}
			}
		}
		for _, name := range []string{"close", "publish", "evaluators"} { // of a period that is his only in part
			if err := refused[name](health, whole.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s of the whole city by a unit's administrator: %v; want not found", name, err)
			}
		}
		if _, err := s.OpenPeriod(ctx, health, quarter(0), store.Place{}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("opening the whole city: %v; want not found", err)
		}
		if _, err := s.PreviewPeriod(ctx, health, schools); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("preview of other units: %v; want not found", err)
		}
		mine, all := progress(t, s, city.UnitAdmin, whole.ID), progress(t, s, city.Admin, whole.ID)
		if mine.Manages || !all.Manages || mine.Total == 0 || mine.Total >= all.Total || mine.Notices[store.Owed] >= all.Notices[store.Owed] {
			t.Errorf("a unit's administrator sees %+v of %+v; want his part", mine, all)
		}
		if lines, n, err := s.Periods(ctx, health, 0, 10); err != nil || n != 1 || lines[0].ID != whole.ID || lines[0].Total != mine.Total {
			t.Errorf("his periods: %+v, %v; want the city's only", lines, err)
		}
		if _, _, err := s.Periods(ctx, nobody, 0, 10); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("periods of no administrator: %v; want not found", err)
		}
	})
}

func TestTwoRunnersAndACrashBetweenChunksDoNoHarm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		admin := crowd(t, s, 450)
		period, err := s.OpenPeriod(ctx, admin.ID, quarter(0), store.Place{})
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		job, err := s.ClaimJob(ctx, "first", lease)
		if err != nil {
			t.Fatalf("claim: %v", err)
		}
		if _, err := s.ClaimJob(ctx, "second", lease); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("second claim of a held job: %v; want not found", err)
		}
		if job, err = s.OpenPeriodChunk(ctx, "first", job.ID, lease); err != nil || job.Done != 200 || job.State != store.JobRunning {
			t.Fatalf("first chunk: %+v, %v", job, err)
		}
		// The first process dies; nobody waits for it longer than its lease.
		clock.Advance(lease)
		if job, err = s.ClaimJob(ctx, "second", lease); err != nil || job.Done != 200 {
			t.Fatalf("claim after the lease: %+v, %v", job, err)
		}
		if _, err := s.OpenPeriodChunk(ctx, "first", job.ID, lease); !errors.Is(err, store.ErrLeaseLost) {
			t.Fatalf("chunk of the dead: %v; want lease lost", err)
		}
		for job.State == store.JobRunning {
			if job, err = s.OpenPeriodChunk(ctx, "second", job.ID, lease); err != nil {
				t.Fatalf("chunk: %v", err)
			}
		}
		p := progress(t, s, admin, period.ID)
		if p.State != store.PeriodOpen || p.Total != 450 || job.Done != 450 || job.Total != 450 {
			t.Errorf("period %s with %d evaluations, job %d of %d; want 450", p.State, p.Total, job.Done, job.Total)
		}
		if _, err := s.OpenPeriodChunk(ctx, "second", job.ID, lease); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("chunk of a job that is done: %v; want lease lost", err)
		}
	})
}

func TestOverlappingPeriodsThatOpenAtOnceEvaluateEverybodyOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		city := sampleCity(t, s)
		var wait sync.WaitGroup
		total := make([]int, 2)
		for i, unit := range []int64{0, city.Units["DINKES"].ID} {
			wait.Go(func() {
				p, err := s.OpenPeriodNow(context.Background(), city.Admin.ID, quarter(unit))
				if err != nil {
					t.Errorf("open: %v", err)
					return
				}
				total[i] = progress(t, s, city.Admin, p.ID).Total
			})
		}
		wait.Wait()
		if total[0]+total[1] != len(city.People) {
			t.Errorf("%v evaluations for %d people", total, len(city.People))
		}
	})
}

func TestAClosedPeriodStaysClosedAndRefusesChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		team, err := s.Team(ctx, city.Evaluator.ID)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.ClosePeriod(ctx, city.Admin.ID, period.ID); err != nil {
				t.Fatalf("close: %v", err)
			}
		}
		if _, _, err := s.RateRest(ctx, city.Evaluator.ID, team[0].EvaluationID); !errors.Is(err, store.ErrClosed) {
			t.Errorf("rating in a closed period: %v; want closed", err)
		}
		if _, err := s.Nudge(ctx, city.Admin.ID, period.ID, "2027-01-04", time.Time{}); !errors.Is(err, store.ErrClosed) {
			t.Errorf("reminding in a closed period: %v; want closed", err)
		}
		if p := open2(t, s, city); p.State != store.PeriodClosed {
			t.Errorf("opened again it is %s; want closed", p.State)
		}
		if _, open, all, err := s.Owes(ctx, city.Evaluator.ID, period.ID); err != nil || open != 0 || all != 8 {
			t.Errorf("owed in a closed period: %d of %d, %v; want none of 8", open, all, err)
		}
	})
}

func open2(t *testing.T, s *store.Store, city *sample.Cast) store.Period {
	t.Helper()
	p, err := s.OpenPeriodNow(context.Background(), city.Admin.ID, quarter(0))
	if err != nil {
		t.Fatalf("open again: %v", err)
	}
	return p
}

func TestAReminderGoesOnceADayToLinkedEvaluatorsWhoOwe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		link(t, s, city.Evaluator, 501)
		link(t, s, city.OtherEvaluator, 502)
		link(t, s, city.Employee, 503)
		for day, want := range map[store.Date]int{"2027-01-04": 2, "2027-01-05": 2} {
			for try, want := range []int{want, 0} {
				if n, err := s.Nudge(ctx, city.Admin.ID, period.ID, day, time.Time{}); err != nil || n != want {
					t.Errorf("%s, try %d: %d reminders, %v; want %d", day, try, n, err, want)
				}
			}
		}
		_, late, err := s.LateIn(ctx, city.UnitAdmin.ID, period.ID, "2027-01-05")
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range late {
			if l.EvaluatorID == city.OtherEvaluator.ID {
				t.Error("the health agency's administrator sees a school's evaluator")
			}
			if l.EvaluatorID == city.Evaluator.ID && (!l.Nudged || !l.Linked || l.Left != 8) {
				t.Errorf("the evaluator is listed as %+v", l)
			}
		}
	})
}

func TestPublishingReleasesWaitingResultsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		form := quarter(0)
		form.Release = store.ReleasePublished
		period := open(t, s, city.Admin, form)
		team, err := s.Team(ctx, city.Evaluator.ID)
		if err != nil {
			t.Fatal(err)
		}
		finalise := func(evaluation int64) {
			if _, _, err := s.RateRest(ctx, city.Evaluator.ID, evaluation); err != nil {
				t.Fatalf("rate: %v", err)
			}
			if _, err := s.Finalise(ctx, city.Evaluator.ID, evaluation, 0, func(store.Sheet) (store.Predicate, error) { return store.Good, nil }); err != nil {
				t.Fatalf("finalise: %v", err)
			}
		}
		finalise(team[0].EvaluationID)
		if p := progress(t, s, city.Admin, period.ID); p.Final != 1 || p.Released != 0 {
			t.Fatalf("%+v; want one final, none released", p.Counts)
		}
		for try, want := range []int{1, 0} {
			if n, err := s.PublishPeriod(ctx, city.Admin.ID, period.ID); err != nil || n != want {
				t.Fatalf("publish, try %d: %d, %v; want %d", try, n, err, want)
			}
		}
		job, err := s.ClaimJob(ctx, "one", lease)
		for err == nil && job.State == store.JobRunning {
			job, err = s.PublishChunk(ctx, "one", job.ID, lease)
		}
		if err != nil || job.Kind != store.JobPublishResults || job.Done != 1 {
			t.Fatalf("job %+v, %v", job, err)
		}
		finalise(team[1].EvaluationID) // set after publishing: released by itself
		if p := progress(t, s, city.Admin, period.ID); p.Final != 2 || p.Released != 2 || p.Read != 0 {
			t.Errorf("%+v; want two final and released", p.Counts)
		}
	})
}

func TestProgressListsTheUnitFurthestBehindFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		team, err := s.Team(ctx, city.Evaluator.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, member := range team {
			if _, _, err := s.RateRest(ctx, city.Evaluator.ID, member.EvaluationID); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				continue
			}
			if _, err := s.Finalise(ctx, city.Evaluator.ID, member.EvaluationID, 0, func(store.Sheet) (store.Predicate, error) { return store.Good, nil }); err != nil {
				t.Fatal(err)
			}
		}
		p := progress(t, s, city.Admin, period.ID)
		if p.Final != 7 || p.Begun != 1 || p.NotBegun != p.Total-8 || p.Released != 7 {
			t.Errorf("%+v; want 7 final, 1 begun", p.Counts)
		}
		_, units, err := s.UnitsOf(ctx, city.Admin.ID, period.ID)
		if err != nil {
			t.Fatal(err)
		}
		last, sum := units[len(units)-1], 0
		for i, u := range units {
			sum += u.Total
			if i > 0 && u.Final*units[i-1].Total < units[i-1].Final*u.Total {
				t.Errorf("%s comes after %s", u.Name, units[i-1].Name)
			}
		}
		if last.UnitID != city.Units["PKM-01"].ID || sum != p.Total {
			t.Errorf("last is %+v, %d people in all units", last, sum)
		}
	})
}

// crowd is one unit with n people, the first of whom evaluates all others and is its administrator.
func crowd(t testing.TB, s *store.Store, n int) *store.Person {
	t.Helper()
	ctx := context.Background()
	if _, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{Code: "X", Name: "Unit"}}); err != nil {
		t.Fatalf("units: %v", err)
	}
	nip := func(i int) string { return fmt.Sprintf("19860926%06d%04d", 201001+i/999, 1001+i%999) }
	people := make([]store.PersonEntry, n)
	for i := range people {
		people[i] = store.PersonEntry{NIP: nip(i), Name: fmt.Sprintf("Pegawai %d", i), UnitCode: "X"}
		if i > 0 {
			people[i].SuperiorNIP = nip((i - 1) / 10)
		}
	}
	if _, err := s.SavePeople(ctx, 0, people); err != nil {
		t.Fatalf("people: %v", err)
	}
	if _, err := s.SaveTemplate(ctx, 0, 0, "umum", sample.Values()); err != nil {
		t.Fatalf("template: %v", err)
	}
	admin, err := s.PersonByNIP(ctx, nip(0))
	if err != nil {
		t.Fatalf("admin: %v", err)
	}
	if err := s.GrantRole(ctx, 0, admin.ID, store.Admin, 0); err != nil {
		t.Fatalf("grant: %v", err)
	}
	return &admin
}

func link(t testing.TB, s *store.Store, p *store.Person, telegramID int64) {
	t.Helper()
	ctx := context.Background()
	code, err := s.Invite(ctx, p.ID, "", time.Hour)
	if err != nil {
		t.Fatalf("invite: %v", err)
	}
	if _, err := s.Link(ctx, telegramID, "id", code); err != nil {
		t.Fatalf("link: %v", err)
	}
}

func TestThreeThousandPeopleAreOpenedInChunksOfFewStatements(t *testing.T) {
	counter := &statements{}
	clock := storetest.NewClock(storetest.Start)
	s := storetest.Open(t, storetest.URL(t, "sqlite"), store.Options{Now: clock.Now, Wrap: counter.wrap})
	admin := crowd(t, s, 3000)
	period, err := s.OpenPeriod(context.Background(), admin.ID, quarter(0), store.Place{})
	if err != nil {
		t.Fatal(err)
	}
	job, err := s.ClaimJob(context.Background(), "one", lease)
	if err != nil {
		t.Fatal(err)
	}
	const most = 20 // statements of a chunk, whatever it holds
	chunks := 0
	for ; job.State == store.JobRunning; chunks++ {
		before := counter.count()
		if job, err = s.OpenPeriodChunk(context.Background(), "one", job.ID, lease); err != nil {
			t.Fatal(err)
		}
		if n := counter.count() - before; n > most {
			t.Errorf("chunk %d took %d statements; want at most %d", chunks, n, most)
		}
	}
	if p := progress(t, s, admin, period.ID); p.Total != 3000 || chunks != 16 {
		t.Errorf("%d evaluations in %d chunks; want 3000 in 15 and one to finish", p.Total, chunks)
	}
}

// statements counts what goes to the database.
type statements struct {
	mu sync.Mutex
	n  int
}

func (c *statements) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func (c *statements) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
}

func (c *statements) wrap(inner driver.Connector) driver.Connector {
	return countingConnector{Connector: inner, counter: c}
}

type countingConnector struct {
	driver.Connector
	counter *statements
}

func (c countingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	return countingConn{Conn: conn, counter: c.counter}, err
}

type countingConn struct {
	driver.Conn
	counter *statements
}

func (c countingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.counter.add()
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c countingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.counter.add()
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func (c countingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}
