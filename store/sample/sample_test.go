package sample_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

func build(t *testing.T, s *store.Store) *sample.Cast {
	t.Helper()
	city, err := sample.City(context.Background(), s)
	if err != nil {
		t.Fatalf("build city: %v", err)
	}
	return city
}

func TestBuildingTheCityTwiceChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		before := build(t, s)
		clock.Advance(time.Hour)
		if difference := cmp.Diff(before, build(t, s)); difference != "" {
			t.Errorf("second build changed the city:\n%s", difference)
		}
		units, people := sample.Files()
		if len(before.People) != 61 || len(units) == 0 || len(people) == 0 {
			t.Errorf("%d people, %d and %d bytes; want 61 people and two files", len(before.People), len(units), len(people))
		}
	})
}

func TestTheCityHasEveryRoleAndNobodyTwice(t *testing.T) {
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	city := build(t, s)
	seen := map[int64]bool{}
	for _, p := range []*store.Person{city.Admin, city.UnitAdmin, city.Leader, city.Evaluator, city.Superior, city.Employee, city.OtherEvaluator, city.NoSuperior} {
		if p == nil || seen[p.ID] {
			t.Fatalf("a named person is missing or named twice: %v", p)
		}
		seen[p.ID] = true
	}
	if *city.Evaluator.SuperiorID != city.Superior.ID || *city.Employee.SuperiorID != city.Evaluator.ID {
		t.Error("employee, evaluator and superior are not one line")
	}
	for _, p := range city.People {
		if (p.SuperiorID == nil) != (p == city.NoSuperior) {
			t.Errorf("superior of %d: %v", p.ID, p.SuperiorID)
		}
	}
	admins, err := s.AdministratorsFor(context.Background(), city.Evaluator.UnitID)
	if err != nil || len(admins) != 2 {
		t.Errorf("administrators of the puskesmas: %v, %v; want the city's and the agency's", admins, err)
	}
}

func TestTheEvaluatorHasEightPeople(t *testing.T) {
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	team, err := s.Subordinates(context.Background(), build(t, s).Evaluator.ID)
	if err != nil || len(team) != 8 {
		t.Fatalf("team of %d, %v; want 8", len(team), err)
	}
}

func TestEachAgencyHasIndicatorsOfItsOwn(t *testing.T) {
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	city := build(t, s)
	ctx := context.Background()
	first := map[string]string{"PKM-01": "Pasien dilayani", "SDN-05": "Metode pembelajaran baru", "DISHUB-IZIN": "Waktu tunggu izin", "SETDA-ORG": "Tugas pokok diselesaikan"}
	for code, want := range first {
		version, err := s.TemplateFor(ctx, city.Units[code].ID)
		if err != nil {
			t.Fatalf("template of %s: %v", code, err)
		}
		indicators, err := s.Indicators(ctx, version)
		if err != nil || indicators[0].Name != want {
			t.Errorf("%s starts with %q, %v; want %q", code, indicators[0].Name, err, want)
		}
		if last := indicators[len(indicators)-1]; last.Name != "Kolaboratif" || last.Ordinal != len(indicators) {
			t.Errorf("%s ends with %d %q; want the seventh value", code, last.Ordinal, last.Name)
		}
	}
}
