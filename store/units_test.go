package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"kinerja/store"
	"kinerja/store/storetest"
)

func TestUnitsHangTogetherAsTheRosterSays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		units, _ := town(t, s)
		for code, want := range map[string][]string{"R": {"A", "A1", "B", "R"}, "A": {"A", "A1"}, "B": {"B"}} {
			got, err := s.Subtree(ctx, units[code])
			if wanted := idsOf(units, want); err != nil || !sameIDs(got, wanted) {
				t.Errorf("below %s: %v, %v; want %v", code, got, err, wanted)
			}
		}
		if all, err := s.Subtree(ctx, 0); err != nil || len(all) != 4 {
			t.Errorf("city: %v, %v", all, err)
		}
		if _, err := s.Subtree(ctx, 999999); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown unit: %v", err)
		}
		tree, err := s.UnitTree(ctx)
		if err != nil || !slices.Equal(tree.Above(units["A1"]), []int64{units["A1"], units["A"], units["R"], 0}) {
			t.Errorf("above A1: %v, %v", tree.Above(units["A1"]), err)
		}
	})
}

func idsOf(units map[string]int64, codes []string) []int64 {
	var ids []int64
	for _, code := range codes {
		ids = append(ids, units[code])
	}
	return ids
}

func sameIDs(a, b []int64) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func TestAUnitMovesAndKeepsItsPlaceInTheStore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		units, _ := town(t, s)
		for try, want := range []store.Changes{{Changed: 2}, {Same: 2}} {
			got, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{"A1", "Unit A1", "B"}, {"B", "Unit B baru", ""}})
			if err != nil || got != want {
				t.Fatalf("try %d: %+v, %v; want %+v", try, got, err, want)
			}
		}
		unit, err := s.UnitByCode(ctx, "A1")
		if err != nil || unit.ID != units["A1"] || *unit.ParentID != units["B"] {
			t.Errorf("moved: %+v, %v", unit, err)
		}
		if top, err := s.UnitByID(ctx, units["B"]); err != nil || top.ParentID != nil || top.Name != "Unit B baru" {
			t.Errorf("top: %+v, %v", top, err)
		}
		if _, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{"C", "Unit C", "none"}}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown parent: %v", err)
		}
	})
}

// A loop in the data, however it came there, must not hang a tap.
func TestALoopOfUnitsIsWalkedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		units, _ := town(t, s)
		if _, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{"R", "Root", "A1"}}); !errors.Is(err, store.ErrUnitCircle) {
			t.Errorf("a file makes a loop: %v", err)
		}
		s.Change(t, "UPDATE units SET parent_id = ? WHERE id = ?", units["A1"], units["R"])
		if below, err := s.Subtree(ctx, units["R"]); err != nil || len(below) != 4 {
			t.Errorf("below: %v, %v", below, err)
		}
		if _, err := s.AdministratorsFor(ctx, units["A"]); err != nil {
			t.Error(err)
		}
	})
}

func TestAdministratorsAreThoseOfTheUnitAboveItAndOfTheCity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		units, people := town(t, s)
		for name, unit := range map[string]int64{"Adi": units["A"], "Budi": units["B"], "Rina": 0} {
			if err := s.GrantRole(ctx, 0, people[name].ID, store.Admin, unit); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.GrantRole(ctx, 0, people["Ayu"].ID, store.Leader, 0); err != nil {
			t.Fatal(err)
		}
		for unit, want := range map[int64][]int64{
			units["A1"]: {people["Adi"].ID, people["Rina"].ID}, units["B"]: {people["Budi"].ID, people["Rina"].ID}, 0: {people["Rina"].ID},
		} {
			if got, err := s.AdministratorsFor(ctx, unit); err != nil || !sameIDs(got, want) {
				t.Errorf("unit %d: %v, %v; want %v", unit, got, err, want)
			}
		}
	})
}

func TestAUnitsCodeIsTheSameInAnyCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		for try, want := range []store.Changes{{New: 2}, {Same: 2}} {
			code := []string{"Pkm", "pKM"}[try]
			got, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{code + "1", "Poli", code}, {code, "Puskesmas", ""}})
			if err != nil || got != want {
				t.Fatalf("saved as %s: %+v, %v; want %+v", code, got, err, want)
			}
			if _, err := s.SavePeople(ctx, 0, []store.PersonEntry{{NIP: "198609262015051001", Name: "Adi", UnitCode: code + "1"}}); err != nil {
				t.Fatalf("somebody in %s: %v", code, err)
			}
			if unit, err := s.UnitByCode(ctx, code); err != nil || unit.Code != "PKM" {
				t.Errorf("found %q, %v", unit.Code, err)
			}
		}
		units, people, err := s.Roster(ctx)
		if err != nil || len(units) != 2 || units[1].ParentCode != "PKM" || len(people) != 1 || people[0].UnitCode != "PKM1" {
			t.Errorf("the roster has %+v, %+v, %v", units, people, err)
		}
	})
}
