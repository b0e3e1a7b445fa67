package store_test

import (
	"context"
	"errors"
	"testing"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// park lets notifications fail until they are parked.
func park(t *testing.T, s *store.Store, people ...*store.Person) {
	t.Helper()
	owe(t, s, people...)
	for _, n := range claim(t, s, "courier") {
		n.Attempts = 100 // many tries later
		if err := s.Retry(context.Background(), n, "refused"); err != nil {
			t.Fatalf("park: %v", err)
		}
	}
}

func TestWhatWasParkedIsOwedAgainByTheAdministratorOfItsPeople(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		ctx := context.Background()
		park(t, s, cast.Employee, cast.Evaluator, cast.Admin)
		if n := counts(t, s); n[store.Failed] != 3 {
			t.Fatalf("states %v, want 3 parked", n)
		}
		if _, err := s.OweParkedAgain(ctx, cast.Employee.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an employee: %v, want ErrNotFound", err)
		}
		if _, err := s.ParkedFor(ctx, cast.Employee.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an employee counts: %v, want ErrNotFound", err)
		}
		if n, err := s.ParkedFor(ctx, cast.UnitAdmin.ID); err != nil || n != 2 {
			t.Errorf("the agency's administrator sees %d, %v", n, err)
		}
		for _, want := range []int{2, 0} { // a second tap finds nothing
			if n, err := s.OweParkedAgain(ctx, cast.UnitAdmin.ID); err != nil || n != want {
				t.Errorf("owed again: %d, %v; want %d", n, err, want)
			}
		}
		if n, err := s.OweAllParkedAgain(ctx); err != nil || n != 1 {
			t.Errorf("owed again in the city: %d, %v", n, err)
		}
		again := claim(t, s, "courier")
		if len(again) != 3 || again[0].Attempts != 0 {
			t.Errorf("%+v are due again, want 3 with all of their tries", again)
		}
		if n := s.CountRows(t, "SELECT COUNT(*) FROM audits WHERE action = 'notifications.owed_again'"); n != 2 {
			t.Errorf("%d rows in the audit, want 2", n)
		}
	})
}

func TestThousandsOfParkedAreOwedAgainInChunks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		crowd(t, s, 1200)
		s.Change(t, "INSERT INTO notifications (`key`, person_id, period_id, kind, args, state, due_at, attempts, lease_owner, last_error, message_id, created_at, updated_at) "+
			"SELECT CONCAT('x', id), id, 0, 'reminder', '', 'failed', created_at, 8, '', 'server', 0, created_at, created_at FROM people")
		if n, err := s.OweAllParkedAgain(ctx); err != nil || n != 1200 {
			t.Errorf("owed again: %d, %v", n, err)
		}
		if n := counts(t, s); n[store.Owed] != 1200 || n[store.Failed] != 0 {
			t.Errorf("states %v", n)
		}
	})
}
