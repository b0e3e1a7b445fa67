package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"testing"

	"kinerja/store"
	"kinerja/store/standard"
	"kinerja/store/storetest"
)

func TestTwoRunnersAndACrashBetweenChunksDoNoHarm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		admin := crowd(t, s, 450)
		period, err := s.OpenPeriod(ctx, admin.ID, quarter(0), store.Place{})
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		job, err := s.ClaimJob(ctx, "first", lease)
		if err != nil {
			t.Fatalf("claim: %v", err)
		}
		if _, err := s.ClaimJob(ctx, "second", lease); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("second claim of a held job: %v; want not found", err)
		}
		if job, err = s.OpenPeriodChunk(ctx, "first", job.ID, lease); err != nil || job.Done != 200 || job.State != store.JobRunning {
			t.Fatalf("first chunk: %+v, %v", job, err)
		}
		// The first process dies; nobody waits for it longer than its lease.
		clock.Advance(lease)
		if job, err = s.ClaimJob(ctx, "second", lease); err != nil || job.Done != 200 {
			t.Fatalf("claim after the lease: %+v, %v", job, err)
		}
		if _, err := s.OpenPeriodChunk(ctx, "first", job.ID, lease); !errors.Is(err, store.ErrLeaseLost) {
			t.Fatalf("chunk of the dead: %v; want lease lost", err)
		}
		for job.State == store.JobRunning {
			if job, err = s.OpenPeriodChunk(ctx, "second", job.ID, lease); err != nil {
				t.Fatalf("chunk: %v", err)
			}
		}
		p := progress(t, s, admin, period.ID)
		if p.State != store.PeriodOpen || p.Total != 450 || job.Done != 450 || job.Total != 450 {
			t.Errorf("period %s with %d evaluations, job %d of %d; want 450", p.State, p.Total, job.Done, job.Total)
		}
		if _, err := s.OpenPeriodChunk(ctx, "second", job.ID, lease); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("chunk of a job that is done: %v; want lease lost", err)
		}
	})
}

// crowd is one unit with n people, the first of whom evaluates all others and is its administrator.
func crowd(t testing.TB, s *store.Store, n int) *store.Person {
	t.Helper()
	ctx := context.Background()
	if _, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{Code: "X", Name: "Unit"}}); err != nil {
		t.Fatalf("units: %v", err)
	}
	nip := func(i int) string { return fmt.Sprintf("19860926%06d%04d", 201001+i/999, 1001+i%999) }
	people := make([]store.PersonEntry, n)
	for i := range people {
		people[i] = store.PersonEntry{NIP: nip(i), Name: fmt.Sprintf("Pegawai %d", i), UnitCode: "X"}
		if i > 0 {
			people[i].SuperiorNIP = nip((i - 1) / 10)
		}
	}
	if _, err := s.SavePeople(ctx, 0, people); err != nil {
		t.Fatalf("people: %v", err)
	}
	if _, err := s.SaveTemplate(ctx, 0, 0, "umum", standard.Values()); err != nil {
		t.Fatalf("template: %v", err)
	}
	admin, err := s.PersonByNIP(ctx, nip(0))
	if err != nil {
		t.Fatalf("admin: %v", err)
	}
	if err := s.GrantRole(ctx, 0, admin.ID, store.Admin, 0); err != nil {
		t.Fatalf("grant: %v", err)
	}
	return &admin
}

func TestThreeThousandPeopleAreOpenedInChunksOfFewStatements(t *testing.T) {
	counter := &statements{}
	clock := storetest.NewClock(storetest.Start)
	s := storetest.Open(t, storetest.URL(t, "sqlite"), store.Options{Now: clock.Now, Wrap: counter.wrap})
	admin := crowd(t, s, 3000)
	period, err := s.OpenPeriod(context.Background(), admin.ID, quarter(0), store.Place{})
	if err != nil {
		t.Fatal(err)
	}
	job, err := s.ClaimJob(context.Background(), "one", lease)
	if err != nil {
		t.Fatal(err)
	}
	const most = 20 // statements of a chunk, whatever it holds
	chunks := 0
	for ; job.State == store.JobRunning; chunks++ {
		before := counter.count()
		if job, err = s.OpenPeriodChunk(context.Background(), "one", job.ID, lease); err != nil {
			t.Fatal(err)
		}
		if n := counter.count() - before; n > most {
			t.Errorf("chunk %d took %d statements; want at most %d", chunks, n, most)
		}
	}
	if p := progress(t, s, admin, period.ID); p.Total != 3000 || chunks != 16 {
		t.Errorf("%d evaluations in %d chunks; want 3000 in 15 and one to finish", p.Total, chunks)
	}
}

// statements counts what goes to the database.
type statements struct {
	mu sync.Mutex
	n  int
}

func (c *statements) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func (c *statements) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
}

func (c *statements) wrap(inner driver.Connector) driver.Connector {
	return countingConnector{Connector: inner, counter: c}
}

type countingConnector struct {
	driver.Connector
	counter *statements
}

func (c countingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	return countingConn{Conn: conn, counter: c.counter}, err
}

type countingConn struct {
	driver.Conn
	counter *statements
}

func (c countingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.counter.add()
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c countingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.counter.add()
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func (c countingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}
