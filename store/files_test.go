package store_test

import (
	"context"
	"errors"
	"testing"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// Given a file that somebody waits for, asking again owes no second one; another file, another person and one after it has come do.
func TestAFileIsOwedOnceWhileItIsWaitedFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		cast, err := sample.City(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		ask := func(person *store.Person, want bool, args ...any) {
			t.Helper()
			if isNew, err := s.RequestFile(ctx, person.ID, "recap", args...); err != nil || isNew != want {
				t.Errorf("request %v of %s: new %v, %v; want %v", args, person.Name, isNew, err, want)
			}
		}
		ask(cast.Admin, true, 7, "x")
		ask(cast.Admin, false, 7, "x")
		ask(cast.Admin, true, 8, "x")
		ask(cast.UnitAdmin, true, 7, "x")
		claimed, err := s.ClaimNotifications(ctx, "a", lease, 10)
		if err != nil || len(claimed) != 2 {
			t.Fatalf("claimed %d, %v; want the first of each", len(claimed), err)
		}
		for _, n := range claimed {
			if !store.IsFile(n.Kind) || n.Args != "7:x" {
				t.Errorf("claimed %+v", n)
			}
			if err := s.MarkSent(ctx, n, 1); err != nil {
				t.Fatal(err)
			}
			if err := s.HoldNotification(ctx, n, lease); !errors.Is(err, store.ErrLeaseLost) {
				t.Errorf("hold what was sent: %v, want lease lost", err)
			}
		}
		ask(cast.Admin, true, 7, "x")
	})
}

func TestWhoLeftIsOwedNoFile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		cast, err := sample.City(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Leave(ctx, 0, cast.UnitAdmin.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RequestFile(ctx, cast.UnitAdmin.ID, "recap"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("request of who left: %v, want not found", err)
		}
	})
}
