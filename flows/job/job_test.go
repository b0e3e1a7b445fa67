package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kinerja/flows"
	"kinerja/flows/job"
	"kinerja/flows/period"
	"kinerja/store"
	"kinerja/store/standard"
	"kinerja/store/storetest"
)

var quiet = slog.New(slog.DiscardHandler)

// shower remembers what was shown, and may fail.
type shower struct {
	mu    sync.Mutex
	links []flows.Link
	fails error
}

func (s *shower) Show(_ context.Context, telegramID int64, message int, link flows.Link) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if telegramID != 77 || message != 9 {
		return fmt.Errorf("shown in message %d of %d", message, telegramID)
	}
	s.links = append(s.links, link)
	return s.fails
}

// opening is a period that a city of n people has asked to be opened, in message 9 of Telegram user 77.
func opening(t *testing.T, s *store.Store, n int) (admin int64, p store.Period) {
	t.Helper()
	ctx := context.Background()
	if _, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{Code: "X", Name: "Unit"}}); err != nil {
		t.Fatalf("units: %v", err)
	}
	people := make([]store.PersonEntry, n)
	for i := range people {
		people[i] = store.PersonEntry{NIP: fmt.Sprintf("198609262010%02d1%03d", 1+i/999, 1+i%999), Name: fmt.Sprintf("Pegawai %d", i), UnitCode: "X"}
		if i > 0 {
			people[i].SuperiorNIP = people[0].NIP
		}
	}
	if _, err := s.SavePeople(ctx, 0, people); err != nil {
		t.Fatalf("people: %v", err)
	}
	if _, err := s.SaveTemplate(ctx, 0, 0, "umum", standard.Values()); err != nil {
		t.Fatalf("template: %v", err)
	}
	boss, err := s.PersonByNIP(ctx, people[0].NIP)
	if err != nil {
		t.Fatalf("boss: %v", err)
	}
	if err := s.GrantRole(ctx, 0, boss.ID, store.Admin, 0); err != nil {
		t.Fatalf("grant: %v", err)
	}
	form := store.PeriodForm{Kind: store.Annual, FirstDay: "2026-01-01", LastDay: "2026-12-31", SelfReportDue: storetest.Start, ScoringDue: storetest.Start.AddDate(0, 0, 6), Release: store.ReleaseAtOnce}
	p, err = s.OpenPeriod(ctx, boss.ID, form, store.Place{ChatID: 77, MessageID: 9})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return boss.ID, p
}

func evaluations(t *testing.T, s *store.Store, admin, periodID int64) store.Progress {
	t.Helper()
	p, err := s.ProgressOf(context.Background(), admin, periodID)
	if err != nil {
		t.Fatalf("progress: %v", err)
	}
	return p
}

func TestARunnerDoesAJobToItsEndAndShowsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		admin, p := opening(t, s, 250)
		shown := &shower{}
		runner := job.New(s, shown, period.Works(s), "one", error.Error, quiet)
		for _, want := range []bool{true, false} {
			if worked, err := runner.Next(context.Background()); err != nil || worked != want {
				t.Fatalf("worked %v, %v; want %v", worked, err, want)
			}
		}
		if got := evaluations(t, s, admin, p.ID); got.State != store.PeriodOpen || got.Total != 250 {
			t.Errorf("period %s with %d evaluations", got.State, got.Total)
		}
		if n := len(shown.links); n == 0 || shown.links[n-1].String() != flows.To("period.opening", p.ID).String() {
			t.Errorf("shown %v; want the opening", shown.links)
		}
	})
}

// The news of the end: the message that shows the job, when it does, or one that is sent.
func TestTheEndOfAJobIsToldOnce(t *testing.T) {
	for name, c := range map[string]struct {
		shown error
		takes time.Duration
		owed  int
	}{
		"who looks on sees it":                      {nil, 0, 0},
		"it cannot be shown":                        {errors.New("Telegram is away"), 0, 1},
		"it took long: perhaps he looks on no more": {nil, time.Minute, 1},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
				ctx := context.Background()
				opening(t, s, 10)
				clock.Advance(c.takes)
				if _, err := job.New(s, &shower{fails: c.shown}, period.Works(s), "one", error.Error, quiet).Next(ctx); err != nil {
					t.Fatalf("run: %v", err)
				}
				clock.Advance(time.Minute)
				if owed := newsOf(t, s); owed != c.owed {
					t.Errorf("%d messages say that it is done, want %d", owed, c.owed)
				}
			})
		})
	}
}

// newsOf sends what is due and counts the messages that say that a job is done.
func newsOf(t *testing.T, s *store.Store) (count int) {
	t.Helper()
	for {
		claimed, err := s.ClaimNotifications(context.Background(), "one", time.Minute, 100)
		if err != nil {
			t.Fatalf("claim: %v", err)
		}
		for _, n := range claimed {
			if n.Kind == store.KindJobDone {
				count++
			}
			if err := s.MarkSent(context.Background(), n, 1); err != nil {
				t.Fatalf("mark: %v", err)
			}
		}
		if len(claimed) == 0 {
			return count
		}
	}
}

func TestManyRunnersAtOnceDoNoHarm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		admin, p := opening(t, s, 900)
		var wait sync.WaitGroup
		for i := range 4 {
			wait.Go(func() {
				runner := job.New(s, &shower{}, period.Works(s), fmt.Sprintf("runner %d", i), error.Error, quiet)
				if _, err := runner.Next(context.Background()); err != nil {
					t.Errorf("runner %d: %v", i, err)
				}
			})
		}
		wait.Wait()
		got := evaluations(t, s, admin, p.ID)
		_, opened, err := s.OpeningOf(context.Background(), admin, p.ID)
		if err != nil || got.Total != 900 || got.State != store.PeriodOpen || opened.Done != 900 {
			t.Errorf("period %s with %d evaluations, job %d, %v; want 900", got.State, got.Total, opened.Done, err)
		}
		if got.Notices[store.Owed] != 1 {
			t.Errorf("the one evaluator is owed %d messages; want one", got.Notices[store.Owed])
		}
	})
}

func TestThatProgressCannotBeShownStopsNoWork(t *testing.T) {
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	admin, p := opening(t, s, 10)
	runner := job.New(s, &shower{fails: errors.New("Telegram is away")}, period.Works(s), "one", error.Error, quiet)
	if _, err := runner.Next(context.Background()); err != nil {
		t.Fatalf("run: %v", err)
	}
	if got := evaluations(t, s, admin, p.ID); got.State != store.PeriodOpen {
		t.Errorf("period is %s", got.State)
	}
}

func TestARunnerThatStopsGivesItsJobBackAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		admin, p := opening(t, s, 650)
		ctx, stop := context.WithCancel(context.Background())
		works := period.Works(s)
		inner := works[store.JobOpenPeriod].Chunk
		works[store.JobOpenPeriod] = job.Work{Chunk: func(ctx context.Context, owner string, id int64, lease time.Duration) (store.Job, error) {
			defer stop() // after the first chunk
			return inner(ctx, owner, id, lease)
		}}
		if err := job.New(s, &shower{}, works, "stopped", error.Error, quiet).Run(ctx); err != nil {
			t.Fatalf("run: %v", err)
		}
		if got := evaluations(t, s, admin, p.ID); got.Total != 200 || got.State != store.PeriodOpening {
			t.Fatalf("after one chunk: %s with %d", got.State, got.Total)
		}
		// The clock stands still: the lease has not ended, it was given back.
		if worked, err := job.New(s, &shower{}, period.Works(s), "next", error.Error, quiet).Next(context.Background()); err != nil || !worked {
			t.Fatalf("next process: %v, %v", worked, err)
		}
		if got := evaluations(t, s, admin, p.ID); got.Total != 650 || got.State != store.PeriodOpen {
			t.Errorf("in the end: %s with %d", got.State, got.Total)
		}
	})
}

// flaky has one job whose work fails at first.
type flaky struct{ claims, releases int }

func (f *flaky) ClaimJob(context.Context, string, time.Duration) (store.Job, error) {
	f.claims++
	if f.claims > 3 {
		return store.Job{}, store.ErrNotFound
	}
	return store.Job{ID: 1, Kind: "some", State: store.JobRunning}, nil
}

func (f *flaky) ReleaseJob(context.Context, string, int64) error { f.releases++; return nil }

func (f *flaky) JobSeen(context.Context, int64) error { return nil }

func TestWhatFailsIsTriedAgainAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, tries := &flaky{}, 0
		works := map[string]job.Work{"some": {Chunk: func(context.Context, string, int64, time.Duration) (store.Job, error) {
			if tries++; tries < 3 {
				return store.Job{}, errors.New("database is away")
			}
			return store.Job{ID: 1, State: store.JobDone}, nil
		}}}
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		if err := job.New(f, &shower{}, works, "one", error.Error, quiet).Run(ctx); err != nil {
			t.Fatalf("run: %v", err)
		}
		if tries != 3 {
			t.Errorf("%d tries; want 3", tries)
		}
	})
}

func TestAFaultInAChunkEndsNeitherTheProcessNorTheJob(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		admin, p := opening(t, s, 250)
		works := period.Works(s)
		inner, tries := works[store.JobOpenPeriod].Chunk, 0
		works[store.JobOpenPeriod] = job.Work{Chunk: func(ctx context.Context, owner string, id int64, lease time.Duration) (store.Job, error) {
			if tries++; tries == 2 {
				panic("name of a person")
			}
			return inner(ctx, owner, id, lease)
		}}
		runner := job.New(s, &shower{}, works, "one", error.Error, quiet)
		if worked, err := runner.Next(context.Background()); !worked || err == nil || strings.Contains(err.Error(), "name of a person") {
			t.Fatalf("worked %v, %v; want an error that does not tell what it was about", worked, err)
		}
		clock.Advance(job.Lease)
		if worked, err := runner.Next(context.Background()); !worked || err != nil {
			t.Fatalf("next try: %v, %v", worked, err)
		}
		if got := evaluations(t, s, admin, p.ID); got.Total != 250 || got.State != store.PeriodOpen {
			t.Errorf("in the end: %s with %d", got.State, got.Total)
		}
	})
}

func TestAFaultInShowingProgressStopsNoWork(t *testing.T) {
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	admin, p := opening(t, s, 10)
	runner := job.New(s, nil, period.Works(s), "one", error.Error, quiet) // showing with nothing to show it
	if _, err := runner.Next(context.Background()); err != nil {
		t.Fatalf("run: %v", err)
	}
	if got := evaluations(t, s, admin, p.ID); got.State != store.PeriodOpen {
		t.Errorf("period is %s", got.State)
	}
}

func TestAJobOfAnotherProgramIsLeftAlone(t *testing.T) {
	f := &flaky{}
	if worked, err := job.New(f, &shower{}, nil, "one", error.Error, quiet).Next(context.Background()); worked || err != nil {
		t.Errorf("worked %v, %v; want neither", worked, err)
	}
}
