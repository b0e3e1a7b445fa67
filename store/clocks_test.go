package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/storetest"
)

// apart opens one database for two processes whose clocks differ by an hour; the second is ahead.
func apart(t *testing.T) (slow, fast *store.Store) {
	t.Helper()
	url := storetest.URL(t, "mariadb")
	now := storetest.NewClock(storetest.Start)
	later := storetest.NewClock(storetest.Start.Add(time.Hour))
	return storetest.Open(t, url, store.Options{Now: now.Now}), storetest.Open(t, url, store.Options{Now: later.Now})
}

// over is a lease that has ended by the time of the next statement.
const over = time.Microsecond

func TestProcessesWhoseClocksDifferKeepEachOthersLeases(t *testing.T) {
	slow, fast := apart(t)
	ctx := context.Background()
	admin := crowd(t, slow, 3)
	if err := slow.PlanReminders(ctx, "2027-01-04", slow.Now().Add(-time.Hour), []int64{admin.ID}); err != nil {
		t.Fatal(err)
	}
	if _, err := slow.OpenPeriod(ctx, admin.ID, quarter(0), store.Place{}); err != nil {
		t.Fatal(err)
	}
	for _, duty := range []struct {
		what string
		take func(s *store.Store, owner string, lease time.Duration) (bool, error)
	}{
		{"notification", func(s *store.Store, owner string, lease time.Duration) (bool, error) {
			claimed, err := s.ClaimNotifications(ctx, owner, lease, 10)
			return len(claimed) == 1, err
		}},
		{"job", func(s *store.Store, owner string, lease time.Duration) (bool, error) {
			_, err := s.ClaimJob(ctx, owner, lease)
			if errors.Is(err, store.ErrNotFound) {
				return false, nil
			}
			return err == nil, err
		}},
		{"duty", func(s *store.Store, owner string, lease time.Duration) (bool, error) {
			return s.Hold(ctx, "polling", owner, lease)
		}},
	} {
		for _, step := range []struct {
			what  string
			s     *store.Store
			owner string
			lease time.Duration
			want  bool
		}{
			{"the slow one takes it, for a moment", slow, "slow", over, true},
			{"the fast one takes it after that", fast, "fast", over, true},
			{"the slow one does not wait an hour", slow, "slow", time.Minute, true},
			{"the fast one waits for the slow one", fast, "fast", time.Minute, false},
		} {
			if got, err := duty.take(step.s, step.owner, step.lease); err != nil || got != step.want {
				t.Errorf("%s: %s: %v, %v", duty.what, step.what, got, err)
			}
		}
	}
}

func TestAJobGoesOnUnderTheLeaseOfTheDatabase(t *testing.T) {
	slow, fast := apart(t)
	ctx := context.Background()
	admin := crowd(t, slow, 450)
	if _, err := slow.OpenPeriod(ctx, admin.ID, quarter(0), store.Place{}); err != nil {
		t.Fatal(err)
	}
	job, err := slow.ClaimJob(ctx, "slow", lease)
	if err != nil {
		t.Fatal(err)
	}
	if job, err = slow.OpenPeriodChunk(ctx, "slow", job.ID, lease); err != nil || job.State != store.JobRunning {
		t.Fatalf("first chunk: %+v, %v", job, err)
	}
	if _, err := fast.ClaimJob(ctx, "fast", lease); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a process that is ahead took the job between two chunks: %v", err)
	}
}

func TestALastRunInTheFutureIsNow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		if err := s.SetLastRun(ctx, "reminders", clock.Now().AddDate(2, 0, 0)); err != nil {
			t.Fatal(err)
		}
		seen := clock.Now()
		if last, err := s.LastRun(ctx, "reminders"); err != nil || !last.Equal(seen) {
			t.Fatalf("last run %v, %v; want now", last, err)
		}
		clock.Advance(24 * time.Hour)
		if last, err := s.LastRun(ctx, "reminders"); err != nil || !last.Equal(seen) {
			t.Errorf("a day later the last run is %v, %v; it must not move on with the clock", last, err)
		}
		if err := s.SetLastRun(ctx, "reminders", clock.Now()); err != nil {
			t.Fatal(err)
		}
		if last, err := s.LastRun(ctx, "reminders"); err != nil || !last.Equal(clock.Now()) {
			t.Errorf("last run %v, %v; want today's", last, err)
		}
	})
}
