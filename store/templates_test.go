package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"kinerja/store"
	"kinerja/store/storetest"
)

func indicators(names ...string) []store.Indicator {
	var list []store.Indicator
	for _, name := range names {
		list = append(list, store.Indicator{Aspect: store.Capaian, Name: name, Target: "250", Measure: "pasien", Dimension: "kuantitas"})
	}
	return list
}

func save(t *testing.T, s *store.Store, unit int64, names ...string) int64 {
	t.Helper()
	version, err := s.SaveTemplate(context.Background(), 0, unit, "Indikator", indicators(names...))
	if err != nil {
		t.Fatalf("save template: %v", err)
	}
	return version
}

func TestATemplateVersionNeverChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		first := save(t, s, 0, "Satu", "Dua")
		if again := save(t, s, 0, "Satu", "Dua"); again != first {
			t.Errorf("the same indicators made version %d after %d", again, first)
		}
		second := save(t, s, 0, "Dua", "Satu")
		if second == first {
			t.Fatal("another order is the same version")
		}
		old, err := s.Indicators(ctx, first)
		if err != nil || len(old) != 2 || old[0].Name != "Satu" || old[1].Ordinal != 2 {
			t.Errorf("first version now: %+v, %v", old, err)
		}
		if back := save(t, s, 0, "Satu", "Dua"); back == first || back == second {
			t.Errorf("going back is version %d, want a new one", back)
		}
	})
}

func TestTheNearestTemplateUpwardsCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		units, _ := town(t, s)
		if _, err := s.TemplateFor(ctx, units["A1"]); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("no template at all: %v", err)
		}
		save(t, s, units["A"], "A")
		if _, err := s.TemplateFor(ctx, units["B"]); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("no default: %v", err)
		}
		byDefault := save(t, s, 0, "Umum")
		save(t, s, units["A"], "A", "lagi")
		forA := save(t, s, units["A"], "A baru")
		versions, err := s.TemplateVersions(ctx)
		want := map[int64]int64{units["A"]: forA, units["A1"]: forA, units["B"]: byDefault, units["R"]: byDefault, 0: byDefault}
		if err != nil || len(versions) != len(want) {
			t.Fatalf("%v, %v; want %v", versions, err, want)
		}
		for unit, version := range want {
			if versions[unit] != version {
				t.Errorf("unit %d has version %d, want %d", unit, versions[unit], version)
			}
		}
	})
}

func TestSavingATemplateAtOnceMakesOneVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		versions := make([]int64, 6)
		var group sync.WaitGroup
		for i := range versions {
			group.Go(func() {
				version, err := s.SaveTemplate(context.Background(), 0, 0, "Indikator", indicators("Satu"))
				if err != nil {
					t.Errorf("save: %v", err)
				}
				versions[i] = version
			})
		}
		group.Wait()
		for _, v := range versions {
			if v != versions[0] || v == 0 {
				t.Fatalf("versions %v, want the same", versions)
			}
		}
	})
}

func TestATemplateThatMakesNoSenseIsRefused(t *testing.T) {
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	for name, list := range map[string][]store.Indicator{
		"empty": nil, "no name": indicators(""), "no aspect": {{Name: "X"}}, "strange aspect": {{Name: "X", Aspect: "cuaca"}},
	} {
		if _, err := s.SaveTemplate(context.Background(), 0, 0, "Indikator", list); err == nil {
			t.Errorf("%s was saved", name)
		}
	}
	if _, err := s.SaveTemplate(context.Background(), 0, 999999, "Indikator", indicators("X")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown unit: %v", err)
	}
}
