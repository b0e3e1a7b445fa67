// Package storetest opens stores for tests: on SQLite in a temporary file and on a real MariaDB or MySQL.
package storetest

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/servers"
)

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at the given time.
func NewClock(at time.Time) *Clock { return &Clock{now: at.UTC()} }

// Now is the time it shows, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Start is where the clocks of tests begin: Monday 4 January 2027, 09.00 WIB, in the scoring days of the fourth quarter of 2026.
var Start = time.Date(2027, time.January, 4, 2, 0, 0, 0, time.UTC)

// Each runs the test on every engine, each time on a new, migrated database.
func Each(t *testing.T, test func(t *testing.T, s *store.Store, clock *Clock)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "mariadb"} {
		t.Run(engine, func(t *testing.T) {
			clock := NewClock(Start)
			test(t, Open(t, URL(t, engine), store.Options{Now: clock.Now, LeaseNow: clock.Now}), clock)
		})
	}
}

// SQLite opens a new, migrated SQLite store.
func SQLite(t testing.TB, clock *Clock) *store.Store {
	t.Helper()
	return Open(t, URL(t, "sqlite"), store.Options{Now: clock.Now})
}

// Open opens and migrates the database at url and closes it when the test ends.
func Open(t testing.TB, url string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), url, o)
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return s
}

// URL returns the address of a new, empty database of an engine, "sqlite" or "mariadb". It is dropped when the test ends.
func URL(t testing.TB, engine string) string {
	t.Helper()
	if engine == "sqlite" {
		return "sqlite:" + filepath.Join(t.TempDir(), "kinerja.db")
	}
	return newDatabase(t, MariaDB(t))
}

// MariaDB returns the address of the private test server, such as mysql://root@127.0.0.1:3307/. Without one the test fails,
// because a suite that leaves out the production database has not been run; KINERJA_ALLOW_MISSING=1 makes that a loud skip.
func MariaDB(t testing.TB) string { return needed(t, "KINERJA_TEST_MYSQL") }

// Redis returns the address of the private test server, such as redis://127.0.0.1:6380/0.
func Redis(t testing.TB) string { return needed(t, "KINERJA_TEST_REDIS") }

func needed(t testing.TB, variable string) string {
	t.Helper()
	if value := os.Getenv(variable); value != "" {
		return value
	}
	if os.Getenv("KINERJA_ALLOW_MISSING") == "1" {
		t.Skipf("LEFT OUT: %s is not set and KINERJA_ALLOW_MISSING=1", variable)
	}
	t.Fatalf("%s is not set: run `make test`, or start the servers with `go run ./cmd/testenv -- go test ./...`", variable)
	return ""
}

// Name is a name for a database that no other test has.
func Name() string { return "kinerja_" + strings.ToLower(rand.Text()[:12]) }

func newDatabase(t testing.TB, server string) string {
	t.Helper()
	address, err := servers.CreateDatabase(context.Background(), server, Name())
	if err != nil {
		t.Fatalf("create test database: %v", err)
	}
	t.Cleanup(func() {
		if err := servers.DropDatabase(context.Background(), address); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	return address
}

// Need stops a test that needs a program of the machine which is not there: loudly, like MariaDB.
func Need(t testing.TB, program servers.Program) {
	t.Helper()
	if program.Usable(context.Background()) {
		return
	}
	if os.Getenv("KINERJA_ALLOW_MISSING") == "1" {
		t.Skipf("LEFT OUT: %s is missing and KINERJA_ALLOW_MISSING=1", program)
	}
	t.Fatalf("%s is missing: run `make test`, which finds or installs it", program)
}
