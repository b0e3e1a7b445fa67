package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/standard"
	"kinerja/store/storetest"
)

// lacking are the steps that somebody's units lack, by name, with their numbers.
func lacking(t *testing.T, s *store.Store, admin int64) ([]store.Step, map[store.Step]store.NextStep) {
	t.Helper()
	found, err := s.Readiness(ctx, admin)
	if err != nil {
		t.Fatal(err)
	}
	var steps []store.Step
	by := map[store.Step]store.NextStep{}
	for _, f := range found {
		steps, by[f.Step] = append(steps, f.Step), f
	}
	return steps, by
}

func lacks(t *testing.T, s *store.Store, admin int64, after string, want ...store.Step) map[store.Step]store.NextStep {
	t.Helper()
	steps, by := lacking(t, s, admin)
	if !slices.Equal(steps, want) {
		t.Fatalf("%s: the steps are %v, want %v", after, steps, want)
	}
	return by
}

func TestAnEmptyCityIsLedToAnOpenPeriodStepByStep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		must := func(_ any, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		admin, err := s.FirstAdministrator(ctx, "198609262015051001", "Siti Rahayu")
		must(nil, errors.Join(err, s.GrantRole(ctx, 0, admin.ID, store.Admin, 0)))
		lacks(t, s, admin.ID, "nothing is there", store.StepUnits)
		must(s.SaveUnits(ctx, 0, []store.UnitEntry{{Code: "KOTA", Name: "Kota"}, {Code: "DINKES", Name: "Dinas Kesehatan", ParentCode: "KOTA"}}))
		lacks(t, s, admin.ID, "units", store.StepPeople)

		mayor := store.PersonEntry{NIP: "196001011985031001", Name: "Wali Kota", UnitCode: "KOTA", Roles: []store.RoleEntry{{Role: store.Mayor, City: true}}}
		head := store.PersonEntry{NIP: "197107091996032007", Name: "Kepala Dinas", UnitCode: "DINKES"}
		nurse := store.PersonEntry{NIP: "199101282023212024", Name: "Perawat", UnitCode: "DINKES", SuperiorNIP: head.NIP}
		must(s.SavePeople(ctx, 0, []store.PersonEntry{mayor, head, nurse}))
		by := lacks(t, s, admin.ID, "people", store.StepEvaluators, store.StepIndicators, store.StepInvite, store.StepPeriod)
		if by[store.StepEvaluators].Number != 1 || by[store.StepIndicators].Number != 2 || by[store.StepInvite].Number != 1 {
			t.Errorf("only the head has no evaluator, since a mayor needs none, and nobody has indicators: %+v", by)
		}
		if counts, err := s.CountPeople(ctx, admin.ID); err != nil || counts.WithoutEvaluator != 1 {
			t.Errorf("counted elsewhere: %+v, %v", counts, err)
		}

		head.SuperiorNIP = mayor.NIP
		must(s.SavePeople(ctx, 0, []store.PersonEntry{head}))
		by = lacks(t, s, admin.ID, "an evaluator", store.StepIndicators, store.StepInvite, store.StepPeriod)
		if by[store.StepInvite].Number != 2 {
			t.Errorf("now the mayor evaluates, too: %+v", by)
		}
		must(s.SaveTemplate(ctx, 0, 0, "Indikator umum", standard.Of(standard.General)))
		lacks(t, s, admin.ID, "indicators", store.StepInvite, store.StepPeriod)
		if other := lacks(t, s, store.Operator, "for the operator", store.StepInvite, store.StepPeriod); other[store.StepInvite].Number != 2 {
			t.Errorf("the operator sees %+v", other)
		}

		people, err := s.Unlinked(ctx, 0, 10)
		must(nil, err)
		codes := map[string]string{}
		for _, p := range people {
			codes[p.Name], err = s.Invite(ctx, p.ID, store.CodeLife)
			must(nil, err)
		}
		if by = lacks(t, s, admin.ID, "invitations", store.StepPeriod, store.StepLink); by[store.StepLink].Number != 2 {
			t.Errorf("both have their codes: %+v", by)
		}
		clock.Advance(store.CodeLife)
		lacks(t, s, admin.ID, "the codes have expired", store.StepInvite, store.StepPeriod)
		clock.Advance(-store.CodeLife)

		form := store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", SelfReportDue: clock.Now().AddDate(0, 0, 5),
			ScoringDue: clock.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleasePublished}
		draft, err := s.SaveDraft(ctx, admin.ID, 0, form)
		must(nil, err)
		if by = lacks(t, s, admin.ID, "a draft", store.StepPeriod, store.StepLink); by[store.StepPeriod].ID != draft.ID {
			t.Errorf("the draft waits to be opened: %+v", by)
		}
		period, err := s.OpenPeriodNow(ctx, admin.ID, form)
		must(nil, err)
		lacks(t, s, admin.ID, "a period", store.StepLink)
		for telegram, name := range []string{"Wali Kota", "Kepala Dinas"} {
			must(s.Link(ctx, int64(9000+telegram), "id", codes[name]))
		}
		lacks(t, s, admin.ID, "accounts")

		clock.Advance(8 * 24 * time.Hour)
		if by = lacks(t, s, admin.ID, "the deadline", store.StepPerformance); by[store.StepPerformance].Number != 2 || by[store.StepPerformance].ID != period.ID {
			t.Errorf("two units are led: %+v", by)
		}
		units, err := s.PerformancesOf(ctx, admin.ID, period.ID)
		must(nil, err)
		for _, line := range units.Units {
			must(s.SetPerformances(ctx, admin.ID, period.ID, []store.GradeEntry{{UnitID: line.Unit.ID, Grade: store.OrgGood}}))
		}
		lacks(t, s, admin.ID, "organisation performance")
	})
}

func TestTheAdministratorOfABranchSeesTheStepsOfHisBranchOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		cast, err := sample.City(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		city := lacks(t, s, cast.Admin.ID, "a new city", store.StepInvite, store.StepPeriod)
		branch := lacks(t, s, cast.UnitAdmin.ID, "a branch of it", store.StepInvite)
		if all, some := city[store.StepInvite].Number, branch[store.StepInvite].Number; some == 0 || some >= all {
			t.Errorf("%d evaluators of the city and %d of the branch are not linked", all, some)
		}
		if _, err := s.Leave(ctx, 0, cast.Evaluator.ID); err != nil {
			t.Fatal(err)
		}
		branch = lacks(t, s, cast.UnitAdmin.ID, "an evaluator left", store.StepEvaluators, store.StepInvite)
		if branch[store.StepEvaluators].Number != 8 {
			t.Errorf("his eight people need another one: %+v", branch)
		}
		if _, err := s.Readiness(ctx, cast.Employee.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("who administers nothing is told %v", err)
		}
	})
}

func TestOneWhoStandsAtTheTopLacksNobodyWhileNoMayorIsOnTheRoster(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		cast, err := sample.City(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			then, do string
			args     []any
			want     int
		}{
			{"only the secretary of the city has none", "UPDATE people SET active = active", nil, 0},
			{"a head of an agency has none either", "UPDATE people SET superior_id = NULL WHERE id = ?", []any{cast.Superior.ID}, 2},
			{"he leads nobody", "UPDATE people SET superior_id = ? WHERE superior_id = ?", []any{cast.Leader.ID, cast.Superior.ID}, 1},
			{"there is a mayor", "INSERT INTO person_roles (person_id, role, unit_id, created_at) VALUES (?, 'mayor', 0, '2026-01-01')", []any{cast.Leader.ID}, 2},
		} {
			s.Change(t, c.do, c.args...)
			if _, by := lacking(t, s, cast.Admin.ID); by[store.StepEvaluators].Number != c.want {
				t.Errorf("%s: %d lack an evaluator, want %d", c.then, by[store.StepEvaluators].Number, c.want)
			}
		}
	})
}

func TestACircleOfEvaluatorsIsFoundForTheOperator(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		cast, err := sample.City(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		s.Change(t, "UPDATE people SET superior_id = ? WHERE id = ?", cast.Employee.ID, cast.Superior.ID)
		steps, by := lacking(t, s, store.Operator)
		if by[store.StepCircles].Number != 3 || steps[0] != store.StepCircles {
			t.Errorf("%v: %+v", steps, by)
		}
	})
}
