package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/standard"
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
		if _, err := s.SaveTemplate(ctx, 0, city.Units["DINKES"].ID, "baru", standard.Values()); err != nil {
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
		changed, err := s.SaveTemplate(ctx, 0, city.Units["DINKES"].ID, "baru", standard.Values())
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
		city := sampleCity(t, s)
		// The employee is his own superior; the other evaluator has left; one of the evaluator's people is her superior.
		colleagues, err := s.Subordinates(ctx, city.Evaluator.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.Change(t, "UPDATE people SET superior_id = id WHERE id = ?", city.Employee.ID)
		s.Change(t, "UPDATE people SET active = ? WHERE id = ?", false, city.OtherEvaluator.ID)
		s.Change(t, "UPDATE people SET superior_id = ? WHERE id = ?", colleagues[1].ID, city.Evaluator.ID)
		form := quarter(0)
		preview, err := s.PreviewPeriod(ctx, city.Admin.ID, form)
		if err != nil {
			t.Fatal(err)
		}
		period := open(t, s, city.Admin, form)
		for _, nobody := range []*store.Person{city.Employee, city.OtherEvaluator} {
			if team, err := s.Team(ctx, nobody.ID); err != nil || len(team) != 0 {
				t.Errorf("%d evaluates %d people, %v", nobody.ID, len(team), err)
			}
		}
		if n := s.CountRows(t, "SELECT COUNT(*) FROM evaluations WHERE evaluator_id = employee_id OR superior_id = employee_id OR superior_id = evaluator_id"); n != 0 {
			t.Errorf("%d evaluations have one person in two parts", n)
		}
		// The one whom the roster names nobody for, the employee, and the five of the school.
		if p := progress(t, s, city.Admin, period.ID); p.NoEvaluator != 7 || p.NoEvaluator != preview.WithoutEvaluator || p.Total != len(city.People)-1 {
			t.Errorf("%+v, previewed %+v; want 7 without evaluator", p.Counts, preview)
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
		if _, job, err := s.OpeningOf(ctx, city.Admin.ID, whole.ID); err != nil || job.Total != preview.People || job.Done != preview.People {
			t.Errorf("the opening tells of %d of %d people, %v; previewed were %d", job.Done, job.Total, err, preview.People)
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

func TestOverlappingPeriodsThatOpenAtOnceEvaluateEverybodyOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		admin := crowd(t, s, 600)
		var wait sync.WaitGroup
		total := make([]int, 2)
		for i, unit := range []int64{0, admin.UnitID} {
			wait.Go(func() {
				p, err := s.OpenPeriodNow(ctx, admin.ID, quarter(unit))
				if err != nil {
					t.Errorf("open: %v", err)
					return
				}
				total[i] = progress(t, s, admin, p.ID).Total //nolint:contextcheck // a helper of the test
			})
		}
		wait.Wait()
		if total[0]+total[1] != 600 {
			t.Errorf("%v evaluations for 600 people", total)
		}
	})
}

func TestWhoAppearsBehindTheCursorWhileAPeriodOpensIsEvaluatedToo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		admin := crowd(t, s, 450)
		// On a cluster the other node's people may get lower numbers; here they come back to the roster.
		s.Change(t, "UPDATE people SET active = ? WHERE id <= ?", false, 300)
		before := s.CountRows(t, "SELECT COUNT(*) FROM people WHERE active = ?", true)
		if _, err := s.OpenPeriod(ctx, admin.ID, quarter(0), store.Place{}); err != nil {
			t.Fatal(err)
		}
		job, err := s.ClaimJob(ctx, "one", lease)
		if err == nil {
			job, err = s.OpenPeriodChunk(ctx, "one", job.ID, lease)
		}
		if err != nil || job.Done != before {
			t.Fatalf("%d of %d people, %v", job.Done, before, err)
		}
		s.Change(t, "UPDATE people SET active = ?", true)
		for err == nil && job.State == store.JobRunning {
			job, err = s.OpenPeriodChunk(ctx, "one", job.ID, lease)
		}
		if got := progress(t, s, admin, job.ObjectID).Total; err != nil || got != 450 || job.Done != 450 {
			t.Errorf("%d evaluations for 450 people, %d done, %v", got, job.Done, err)
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
		if _, err := s.Nudge(ctx, city.Admin.ID, period.ID, store.Nudged{}, "2027-01-04", time.Time{}); !errors.Is(err, store.ErrClosed) {
			t.Errorf("reminding in a closed period: %v; want closed", err)
		}
		if p := openAgain(t, s, city); p.State != store.PeriodClosed {
			t.Errorf("opened again it is %s; want closed", p.State)
		}
		if _, open, all, err := s.Owes(ctx, city.Evaluator.ID, period.ID); err != nil || open != 0 || all != 8 {
			t.Errorf("owed in a closed period: %d of %d, %v; want none of 8", open, all, err)
		}
	})
}

func openAgain(t *testing.T, s *store.Store, city *sample.Cast) store.Period {
	t.Helper()
	p, err := s.OpenPeriodNow(context.Background(), city.Admin.ID, quarter(0))
	if err != nil {
		t.Fatalf("open again: %v", err)
	}
	return p
}

func audits(t *testing.T, s *store.Store) int {
	t.Helper()
	return s.CountRows(t, "SELECT COUNT(*) FROM audits")
}

func TestWhatIsDoneAlreadyIsNotAuditedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		link(t, s, city.Evaluator, 501)
		form := quarter(0)
		form.Release = store.ReleasePublished
		period := open(t, s, city.Admin, form)
		steps := []struct {
			name string
			do   func() error
		}{
			{"open", func() error { _, err := s.OpenPeriod(ctx, city.Admin.ID, form, store.Place{}); return err }},
			{"nudge", func() error {
				_, err := s.Nudge(ctx, city.Admin.ID, period.ID, store.Nudged{}, "2027-01-04", time.Time{})
				return err
			}},
			{"publish", func() error { _, err := s.PublishPeriod(ctx, city.Admin.ID, period.ID); return err }},
			{"close", func() error { return s.ClosePeriod(ctx, city.Admin.ID, period.ID) }},
		}
		for i, step := range steps {
			for try, more := range []int{min(i, 1), 0} { // it is open already
				before := audits(t, s)
				if err := step.do(); err != nil || audits(t, s)-before != more {
					t.Errorf("%s, try %d: %d audits, %v; want %d", step.name, try, audits(t, s)-before, err, more)
				}
			}
		}
	})
}

func TestAPeriodThatIsBeingOpenedIsNeitherClosedNorPublished(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		form := quarter(0)
		form.Release = store.ReleasePublished
		period, err := s.OpenPeriod(ctx, city.Admin.ID, form, store.Place{})
		if err != nil {
			t.Fatal(err)
		}
		before := audits(t, s)
		if err := s.ClosePeriod(ctx, city.Admin.ID, period.ID); !errors.Is(err, store.ErrConflict) {
			t.Errorf("close: %v; want a conflict", err)
		}
		if _, err := s.PublishPeriod(ctx, city.Admin.ID, period.ID); !errors.Is(err, store.ErrConflict) {
			t.Errorf("publish: %v; want a conflict", err)
		}
		if _, err := s.Nudge(ctx, city.Admin.ID, period.ID, store.Nudged{}, "2027-01-04", time.Time{}); !errors.Is(err, store.ErrClosed) {
			t.Errorf("nudge: %v; want closed", err)
		}
		if n := audits(t, s) - before; n != 0 {
			t.Errorf("%d audits of what was refused", n)
		}
		open(t, s, city.Admin, form)
	})
}

func TestNobodyOpensAPeriodOfAUnitThatDoesNotExist(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		for _, unit := range []int64{-1, 999_999} {
			if _, err := s.OpenPeriod(ctx, city.Admin.ID, quarter(unit), store.Place{}); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("open unit %d: %v; want not found", unit, err)
			}
			if _, err := s.PreviewPeriod(ctx, city.Admin.ID, quarter(unit)); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("preview unit %d: %v; want not found", unit, err)
			}
		}
		if n := s.CountRows(t, "SELECT COUNT(*) FROM periods"); n != 0 {
			t.Errorf("%d periods", n)
		}
	})
}
