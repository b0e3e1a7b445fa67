package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/storetest"
)

func TestWhoseCodeHasExpiredIsListedUntilHeHasAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		city := sampleCity(t, s)
		expired := func(admin *store.Person) (names []string) {
			t.Helper()
			lines, total, err := s.ExpiredCodes(ctx, admin.ID, 0, 8)
			if err != nil || total != len(lines) {
				t.Fatalf("%d of %d, %v", len(lines), total, err)
			}
			for _, l := range lines {
				names = append(names, l.Name)
			}
			return names
		}
		invite := func() {
			t.Helper()
			if _, err := s.Invite(ctx, city.OtherEvaluator.ID, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		codeUntil := func() time.Time {
			t.Helper()
			lines, _, err := s.NotLinked(ctx, city.Admin.ID, 0, 100)
			at := slices.IndexFunc(lines, func(l store.UnlinkedLine) bool { return l.PersonID == city.OtherEvaluator.ID })
			if err != nil || at < 0 {
				t.Fatalf("he is not listed: %v", err)
			}
			return lines[at].CodeUntil
		}
		if names := expired(city.Admin); len(names) != 0 || !codeUntil().IsZero() {
			t.Errorf("before any code: %v, until %v", names, codeUntil())
		}
		invite()
		if names := expired(city.Admin); len(names) != 0 || !codeUntil().Equal(clock.Now().Add(time.Hour)) {
			t.Errorf("with a code: %v, until %v", names, codeUntil())
		}
		clock.Advance(2 * time.Hour)
		if names := expired(city.Admin); !slices.Equal(names, []string{city.OtherEvaluator.Name}) {
			t.Errorf("after its time: %v", names)
		}
		if names := expired(city.UnitAdmin); len(names) != 0 {
			t.Errorf("the health agency's administrator sees %v of a school", names)
		}
		if invite(); len(expired(city.Admin)) != 0 {
			t.Error("with a new code he is listed still")
		}
		if _, _, err := s.ExpiredCodes(ctx, city.Employee.ID, 0, 8); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an employee: %v; want not found", err)
		}
	})
}
