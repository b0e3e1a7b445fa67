package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"kinerja/store"
	"kinerja/store/storetest"
)

// town is a small roster: R over A and B, A1 under A; the boss of R, one person in each unit below.
func town(t *testing.T, s *store.Store) (units map[string]int64, people map[string]store.Person) {
	t.Helper()
	ctx := context.Background()
	_, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{"A1", "Unit A1", "A"}, {"A", "Unit A", "R"}, {"B", "Unit B", "R"}, {"R", "Root", ""}})
	if err != nil {
		t.Fatalf("units: %v", err)
	}
	_, err = s.SavePeople(ctx, 0, []store.PersonEntry{
		{NIP: "198609262015051001", Name: "Adi", UnitCode: "A", SuperiorNIP: "198609262015051009"},
		{NIP: "198609262015051002", Name: "Ayu", UnitCode: "A1", SuperiorNIP: "198609262015051001"},
		{NIP: "198609262015051003", Name: "Budi", UnitCode: "B", SuperiorNIP: "198609262015051009", Phone: "6281234567890"},
		{NIP: "198609262015051009", Name: "Rina", UnitCode: "R"},
	})
	if err != nil {
		t.Fatalf("people: %v", err)
	}
	units, people = map[string]int64{}, map[string]store.Person{}
	list, err := s.Units(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, u := range list {
		units[u.Code] = u.ID
		ids = append(ids, u.ID)
	}
	all, err := s.PeopleOfUnits(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		people[p.Name] = p
	}
	return units, people
}

func TestSavingARosterAgainChangesNothingAndLeavesOthersAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		_, people := town(t, s)
		entry := store.PersonEntry{NIP: people["Ayu"].NIP, Name: "Ayu Lestari", UnitCode: "B", SuperiorNIP: people["Budi"].NIP, Roles: []store.RoleEntry{{Role: store.Leader}}}
		for try, want := range []store.Changes{{Changed: 1}, {Same: 1}} {
			if got, err := s.SavePeople(ctx, 0, []store.PersonEntry{entry}); err != nil || got != want {
				t.Fatalf("try %d: %+v, %v; want %+v", try, got, err, want)
			}
		}
		ayu, err := s.PersonByID(ctx, people["Ayu"].ID)
		if err != nil || ayu.Name != "Ayu Lestari" || *ayu.SuperiorID != people["Budi"].ID || !ayu.CreatedAt.Equal(people["Ayu"].CreatedAt) {
			t.Errorf("changed: %+v, %v", ayu, err)
		}
		budi, err := s.PersonByNIP(ctx, people["Budi"].NIP)
		if err != nil || budi.Name != "Budi" || budi.Phone != "6281234567890" {
			t.Errorf("left alone: %+v, %v", budi, err)
		}
		team, err := s.Subordinates(ctx, budi.ID)
		if err != nil || len(team) != 1 || team[0].ID != ayu.ID {
			t.Errorf("team %v, %v", team, err)
		}
	})
}

func TestAPersonWithAnUnknownUnitOrSuperiorIsNotFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		_, people := town(t, s)
		for want, entry := range map[error]store.PersonEntry{
			store.ErrNotFound: {NIP: "198609262015051005", Name: "X", UnitCode: "none"},
			store.ErrConflict: {NIP: people["Adi"].NIP, Name: "Adi", UnitCode: "A", SuperiorNIP: people["Adi"].NIP},
		} {
			if _, err := s.SavePeople(context.Background(), 0, []store.PersonEntry{entry}); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		entry := store.PersonEntry{NIP: people["Adi"].NIP, Name: "Adi", UnitCode: "A", SuperiorNIP: "198609262015051008"}
		if _, err := s.SavePeople(context.Background(), 0, []store.PersonEntry{entry}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown superior: %v", err)
		}
		if _, err := s.PersonByNIP(context.Background(), "198609262015051005"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a wrong person was written: %v", err)
		}
	})
}

// More rows than one transaction takes, with superiors in other chunks, from two importers at once.
func TestTwoImportsOfTheSameRosterAtOnceEndAsOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		if _, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{Code: "U", Name: "Unit"}}); err != nil {
			t.Fatal(err)
		}
		var entries []store.PersonEntry
		nip := func(i int) string { return fmt.Sprintf("198609262015051%03d", i) }
		for i := 1; i <= 450; i++ {
			e := store.PersonEntry{NIP: nip(i), Name: "Nama", UnitCode: "U", SuperiorNIP: nip(i + 1)}
			if i == 450 {
				e.SuperiorNIP, e.Roles = "", []store.RoleEntry{{Role: store.Admin, City: true}}
			}
			entries = append(entries, e)
		}
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				if _, err := s.SavePeople(ctx, 0, entries); err != nil {
					t.Errorf("import: %v", err)
				}
			})
		}
		group.Wait()
		_, people, err := s.Roster(ctx)
		if err != nil || len(people) != len(entries) {
			t.Fatalf("%d people, %v", len(people), err)
		}
		for i, p := range people {
			if p.SuperiorNIP != entries[i].SuperiorNIP || !slices.Equal(p.Roles, entries[i].Roles) {
				t.Fatalf("person %d: %+v, want %+v", i, p, entries[i])
			}
		}
	})
}

func TestGrantingARoleTwiceIsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		units, people := town(t, s)
		for range 2 {
			if err := s.GrantRole(ctx, 0, people["Adi"].ID, store.Admin, units["A"]); err != nil {
				t.Fatal(err)
			}
		}
		admins, err := s.AdministratorsFor(ctx, units["A1"])
		if err != nil || !slices.Equal(admins, []int64{people["Adi"].ID}) {
			t.Errorf("administrators %v, %v", admins, err)
		}
		for person, unit := range map[int64]int64{people["Adi"].ID: 999999, 999999: 0} {
			if err := s.GrantRole(ctx, 0, person, store.Admin, unit); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("person %d over unit %d: %v", person, unit, err)
			}
		}
	})
}

func TestPhonesAreWrittenOneWay(t *testing.T) {
	good := map[string]string{
		"": "", "081234567890": "6281234567890", "0812-3456-7890": "6281234567890", "+62 (812) 3456.7890": "6281234567890",
		"006281234567890": "6281234567890", "81234567890": "6281234567890", "6281234567890": "6281234567890", "075512345": "6275512345",
		"+4915112345678": "4915112345678", "+819012345678": "819012345678",
	}
	for text, want := range good {
		if got, ok := store.Phone(text); !ok || got != want {
			t.Errorf("Phone(%q) = %q, %v; want %q", text, got, ok, want)
		}
		if again, ok := store.Phone("+" + want); want != "" && (!ok || again != want) {
			t.Errorf("Phone(+%q) = %q: not stable", want, again)
		}
	}
	for _, text := range []string{"nanti", "0812", "+", "08123456789012345", "0000000000000", "٠٨١٢٣٤٥٦٧٨٩٠", "62812x4567890"} {
		if got, ok := store.Phone(text); ok {
			t.Errorf("Phone(%q) = %q, want none", text, got)
		}
	}
}
