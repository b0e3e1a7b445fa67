package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/storetest"
)

// sealAll seals everything that waits.
func sealAll(t *testing.T, s *store.Store) {
	t.Helper()
	for {
		n, err := s.SealAudit(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// wroteDown adds rows to the audit, each sealed by itself.
func wroteDown(t *testing.T, s *store.Store, clock *storetest.Clock, person int64, n int) {
	t.Helper()
	for i := range n {
		if err := s.Looked(context.Background(), person, "result", int64(i+1)); err != nil {
			t.Fatal(err)
		}
		sealAll(t, s)
		clock.Advance(5 * time.Minute)
	}
}

func verified(t *testing.T, s *store.Store) store.AuditCheck {
	t.Helper()
	check, err := s.VerifyAudit(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return check
}

func TestAChainThatNobodyTouchedIsWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		_, people := town(t, s)
		wroteDown(t, s, clock, people["Rina"].ID, 5)
		clock.Advance(2 * time.Hour)
		wroteDown(t, s, clock, people["Rina"].ID, 2)
		check := verified(t, s)
		if check.Broken != nil || check.Rows != s.CountRows(t, "SELECT COUNT(*) FROM audits") || check.Waiting != 0 || check.First.ID != 1 || check.Seals < 7 {
			t.Errorf("%+v, broken %+v", check, check.Broken)
		}
		if err := s.Looked(context.Background(), people["Rina"].ID, "result", 9); err != nil {
			t.Fatal(err)
		}
		if check := verified(t, s); check.Waiting != 1 || check.Broken != nil {
			t.Errorf("a row that waits: %+v", check)
		}
	})
}

// insertAudit writes a row that nobody's change has written.
func insertAudit(id, object string) string {
	return "INSERT INTO audits (id, at, actor_id, action, subject, object_id, `before`, `after`) VALUES (" + id + ", '2027-01-04 02:00:00', 1, 'looked', 'result', " + object + ", '', '')"
}

// Whatever somebody with the password of the database does to a sealed row or its seal, the chain tells which link is broken.
func TestAChangeBehindTheProgramShows(t *testing.T) {
	for name, change := range map[string]struct {
		statements []string
		why        store.AuditBreak
		row        int64 // how far from the first of the written rows
	}{
		"a row says something else": {[]string{"UPDATE audits SET object_id = 77 WHERE id = %d"}, store.BreakRowChanged, 2},
		"a row was done by another": {[]string{"UPDATE audits SET actor_id = 1 WHERE id = %d"}, store.BreakRowChanged, 2},
		"a row is another time's":   {[]string{"UPDATE audits SET at = '2026-01-01 00:00:00' WHERE id = %d"}, store.BreakRowChanged, 2},
		"a row is gone":             {[]string{"DELETE FROM audits WHERE id = %d"}, store.BreakRowMissing, 2},
		"a row is gone with its mark": {
			[]string{"DELETE FROM audits WHERE id = %[1]d", "DELETE FROM sealed_audits WHERE audit_id = %[1]d"}, store.BreakSeal, 0},
		"a row is gone with its seal": {
			[]string{"DELETE FROM audits WHERE id = %[1]d", "DELETE FROM audit_seals WHERE id = (SELECT seal_id FROM sealed_audits WHERE audit_id = %[1]d)",
				"DELETE FROM sealed_audits WHERE audit_id = %[1]d"}, store.BreakSealGone, 0},
		"a row was put before":   {[]string{insertAudit("-5", "1") + " /* %d */"}, store.BreakRowAdded, 0},
		"a row and its mark":     {[]string{"UPDATE audits SET object_id = 77 WHERE id = %[1]d", "UPDATE sealed_audits SET digest = 'x' WHERE audit_id = %[1]d"}, store.BreakRowChanged, 2},
		"a seal":                 {[]string{"UPDATE audit_seals SET digest = 'x' WHERE id = (SELECT seal_id FROM sealed_audits WHERE audit_id = %d)"}, store.BreakSeal, 0},
		"the time of a seal":     {[]string{"UPDATE audit_seals SET sealed_at = '2026-01-01 00:00:00' WHERE id = (SELECT seal_id FROM sealed_audits WHERE audit_id = %d)"}, store.BreakSeal, 0},
		"a row moves to another": {[]string{"UPDATE sealed_audits SET seal_id = seal_id + 1 WHERE audit_id = %d"}, store.BreakSeal, 0},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
				_, people := town(t, s)
				sealAll(t, s)
				before := int64(s.CountRows(t, "SELECT MAX(id) FROM audits"))
				wroteDown(t, s, clock, people["Rina"].ID, 5)
				clock.Advance(2 * time.Hour)
				wroteDown(t, s, clock, people["Rina"].ID, 2)
				id := before + 2
				for _, statement := range change.statements {
					s.Change(t, fmt.Sprintf(statement, id))
				}
				check := verified(t, s)
				if check.Broken == nil || check.Broken.Why != change.why {
					t.Fatalf("%+v, want %s", check.Broken, change.why)
				}
				if change.row != 0 && check.Broken.AuditID != id {
					t.Errorf("row %d, want %d", check.Broken.AuditID, id)
				}
			})
		})
	}
}

// Ids are given before a transaction ends, so that a lower one may be seen after a higher one was sealed: it is sealed with the next.
func TestARowThatAppearsLateIsSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		town(t, s)
		sealAll(t, s)
		last := s.CountRows(t, "SELECT MAX(id) FROM audits")
		for _, id := range []int{last + 10, last + 5, last + 20, last + 1} {
			s.Change(t, insertAudit(fmt.Sprint(id), "1"))
			sealAll(t, s)
			clock.Advance(10 * time.Minute)
		}
		clock.Advance(2 * time.Hour)
		s.Change(t, insertAudit(fmt.Sprint(last+30), "1"))
		sealAll(t, s)
		if check := verified(t, s); check.Broken != nil || check.Rows != s.CountRows(t, "SELECT COUNT(*) FROM audits") {
			t.Errorf("%+v, %+v", check, check.Broken)
		}
	})
}

// Two processes that seal at once make one chain.
func TestTwoProcessesSealOneChain(t *testing.T) {
	ctx, clock := context.Background(), storetest.NewClock(storetest.Start)
	url := storetest.URL(t, "mariadb")
	one, other := storetest.Open(t, url, store.Options{Now: clock.Now}), storetest.Open(t, url, store.Options{Now: clock.Now})
	_, people := town(t, one)
	for range 20 {
		var group sync.WaitGroup
		for _, s := range []*store.Store{one, other, one, other} {
			group.Go(func() {
				if err := s.Looked(ctx, people["Rina"].ID, "result", 1); err != nil {
					t.Error(err)
				}
				if _, err := s.SealAudit(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	sealAll(t, one)
	if check := verified(t, one); check.Broken != nil || check.Rows != one.CountRows(t, "SELECT COUNT(*) FROM audits") || check.Waiting != 0 {
		t.Errorf("%+v, %+v", check, check.Broken)
	}
}

// What is let go of after its time leaves a chain that is whole, and a digest that was told is found as long as its seal is there.
func TestAChainThatWasPrunedIsWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		_, people := town(t, s)
		wroteDown(t, s, clock, people["Rina"].ID, 12)
		old := s.CountRows(t, "SELECT COUNT(*) FROM audits")
		clock.Advance(400 * 24 * time.Hour)
		wroteDown(t, s, clock, people["Rina"].ID, 3)
		told, err := s.DigestOn(ctx, store.Date(clock.Now().In(store.WIB).Format(time.DateOnly)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Prune(ctx, store.Retention{Records: 365 * 24 * time.Hour, Traces: 90 * 24 * time.Hour}, func(context.Context) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if left := s.CountRows(t, "SELECT COUNT(*) FROM audits WHERE at < ?", clock.Now().AddDate(0, 0, -365)); left != 0 {
			t.Errorf("%d of %d old rows are left", left, old)
		}
		sealAll(t, s)
		check := verified(t, s)
		if check.Broken != nil || check.First.ID == 1 || check.Rows != s.CountRows(t, "SELECT COUNT(*) FROM audits") {
			t.Errorf("%+v, %+v", check, check.Broken)
		}
		if found, err := s.SealWith(ctx, told.Short()); err != nil || found.ID != told.ID {
			t.Errorf("told %+v, found %+v, %v", told, found, err)
		}
		if _, err := s.SealWith(ctx, "0000 0000 0000 0000 0000"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another digest: %v", err)
		}
	})
}

// Each administrator sees what was done in his units, by person, period and time.
func TestTheTrailIsThatOfTheAdministratorsUnits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		units, people := town(t, s)
		for name, unit := range map[string]int64{"Adi": units["A"], "Rina": 0} {
			if err := s.GrantRole(ctx, 0, people[name].ID, store.Admin, unit); err != nil {
				t.Fatal(err)
			}
		}
		clock.Advance(48 * time.Hour)
		for _, name := range []string{"Budi", "Ayu"} { // of B and of A1
			if err := s.Looked(ctx, people["Rina"].ID, "person", people[name].ID); err != nil {
				t.Fatal(err)
			}
		}
		sealAll(t, s)
		today := store.Date(clock.Now().In(store.WIB).Format(time.DateOnly))
		look := func(who string, filter store.TrailFilter) (seen []string) {
			entries, _, err := s.Trail(ctx, people[who].ID, filter, 0, 100)
			if err != nil {
				t.Fatalf("%s, %+v: %v", who, filter, err)
			}
			for _, e := range entries {
				if e.Action == "looked" {
					seen = append(seen, e.Actor+">"+e.Person)
				}
			}
			return seen
		}
		for _, c := range []struct {
			who    string
			filter store.TrailFilter
			want   string
		}{
			{"Rina", store.TrailFilter{}, "[Rina>Ayu Rina>Budi]"},
			{"Adi", store.TrailFilter{}, "[Rina>Ayu]"},
			{"Rina", store.TrailFilter{PersonID: people["Budi"].ID}, "[Rina>Budi]"},
			{"Rina", store.TrailFilter{PersonID: people["Rina"].ID}, "[Rina>Ayu Rina>Budi]"},
			{"Rina", store.TrailFilter{From: today, Until: today}, "[Rina>Ayu Rina>Budi]"},
			{"Rina", store.TrailFilter{Until: "2027-01-05"}, "[]"},
		} {
			if seen := fmt.Sprint(look(c.who, c.filter)); seen != c.want {
				t.Errorf("%s, %+v: %v, want %s", c.who, c.filter, seen, c.want)
			}
		}
		for name, filter := range map[string]store.TrailFilter{"Ayu": {}, "Adi": {PersonID: people["Budi"].ID}, "Rina": {PeriodID: 77}} {
			if _, _, err := s.Trail(ctx, people[name].ID, filter, 0, 5); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s, %+v: %v", name, filter, err)
			}
		}
		if entries, more, err := s.Trail(ctx, people["Rina"].ID, store.TrailFilter{}, 0, 1); err != nil || !more || len(entries) != 1 {
			t.Errorf("a page of one: %d, %v, %v", len(entries), more, err)
		}
	})
}
