package store_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	neturl "net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/store"
	"kinerja/store/storetest"
)

// files makes migrations of the names, each with its own name as text.
func files(names ...string) fs.FS {
	all := fstest.MapFS{}
	for _, name := range names {
		all["migrations/"+name] = &fstest.MapFile{Data: []byte(name + " {{table}}")}
	}
	return all
}

func TestAMigrationMayHaveAFileForEachEngine(t *testing.T) {
	checkedIn := files("0001_both.sql", "0002_differs.mysql.sql", "0002_differs.sqlite.sql", "0003_one.mysql.sql")
	for engine, want := range map[string]map[string]string{
		"mysql":  {"0001_both.sql": "0001_both.sql", "0002_differs.sql": "0002_differs.mysql.sql", "0003_one.sql": "0003_one.mysql.sql"},
		"sqlite": {"0001_both.sql": "0001_both.sql", "0002_differs.sql": "0002_differs.sqlite.sql"},
	} {
		written, err := store.MigrationsFor(engine, checkedIn)
		if err != nil {
			t.Fatal(err)
		}
		names, err := fs.Glob(written, "*")
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, name := range names {
			text, err := fs.ReadFile(written, name)
			if err != nil {
				t.Fatal(err)
			}
			got[name], _, _ = strings.Cut(string(text), " ")
			if strings.Contains(string(text), "{{") {
				t.Errorf("%s on %s keeps a mark: %s", name, engine, text)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", engine, diff)
		}
	}
}

func TestMigrationsThatContradictOneAnotherAreRefused(t *testing.T) {
	for _, names := range [][]string{{"0001_a.sql", "0001_a.mysql.sql"}, {"0001_a.postgres.sql"}} {
		if _, err := store.MigrationsFor("mysql", files(names...)); err == nil {
			t.Errorf("%v were accepted", names)
		}
	}
}

// On MySQL every migration may be cut in its middle, because DDL is committed at once. SQLite keeps a migration in one transaction.
func TestAMigrationThatWasInterruptedIsRunAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		whole, columns := s.Indexes(t), map[string]string{}
		forget, drop := "DELETE FROM goose_db_version WHERE version_id = 9", "DROP INDEX audits_at"
		_, mysql := whole["audits.audits_at"]
		if mysql {
			columns = s.Columns(t)
			forget, drop = "DELETE FROM goose_db_version WHERE version_id > 1", "DROP INDEX audits_at ON audits"
		}
		s.Change(t, forget)
		s.Change(t, drop)

		migrate(t, s)

		if diff := cmp.Diff(whole, s.Indexes(t)); diff != "" {
			t.Errorf("the indexes are other ones now (-before +after):\n%s", diff)
		}
		if !mysql {
			return
		}
		if diff := cmp.Diff(columns, s.Columns(t)); diff != "" {
			t.Errorf("the columns are other ones now (-before +after):\n%s", diff)
		}
	})
}

func TestAMigrationThatCameLaterThanItsNumberIsMissedAndMadeUpFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		s.Change(t, "DROP TABLE departures")
		s.Change(t, "DELETE FROM goose_db_version WHERE version_id = 5")
		for _, check := range []func(context.Context) error{s.CheckSchema, s.CheckSchemaStill} {
			if err := check(t.Context()); !errors.Is(err, store.ErrSchemaOld) {
				t.Errorf("without migration 5 the schema is taken for %v", err)
			}
		}

		migrate(t, s)

		if err := s.CheckSchema(t.Context()); err != nil {
			t.Error(err)
		}
		if n := s.CountRows(t, "SELECT COUNT(*) FROM departures"); n != 0 {
			t.Errorf("%d departures", n)
		}
	})
}

var onlyMariaDB = regexp.MustCompile(`(?i)\b(COLUMN|INDEX|ADD|DROP|MODIFY|CHANGE|KEY)\s+IF\s+(NOT\s+)?EXISTS`)

var comment = regexp.MustCompile(`--[^\n]*`)

func TestNoMigrationNeedsWhatOnlyMariaDBKnows(t *testing.T) {
	written, err := store.MigrationsFor("mysql", os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(written, "*")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d migrations, %v", len(names), err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(written, name)
		if err != nil {
			t.Fatal(err)
		}
		if onlyMariaDB.Match(comment.ReplaceAll(text, nil)) {
			t.Errorf("%s makes or drops a column or an index as MySQL 8 does not know", name)
		}
	}
}

func TestWhatOnlyMariaDBKnowsIsSeenHoweverItIsWritten(t *testing.T) {
	for _, text := range []string{
		"ALTER TABLE people ADD COLUMN a INT,\n  ADD COLUMN IF NOT EXISTS b INT;", "alter table people add column if not exists a int;",
		"ALTER TABLE people ADD COLUMN IF NOT EXISTS a INT; -- and why", "ALTER TABLE `people` ADD COLUMN IF NOT EXISTS a INT;",
		"ALTER TABLE people ADD IF NOT EXISTS a INT;", "ALTER TABLE people DROP COLUMN IF EXISTS a;", "DROP INDEX IF EXISTS a ON people;",
		"ALTER TABLE people ADD COLUMN IF NOT EXISTS a INT, ADD COLUMN IF NOT EXISTS b INT;",
	} {
		written, err := store.MigrationsFor("mysql", fstest.MapFS{"migrations/0099_new.sql": &fstest.MapFile{Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		rewritten, err := fs.ReadFile(written, "0099_new.sql")
		if err != nil {
			t.Fatal(err)
		}
		if !onlyMariaDB.Match(comment.ReplaceAll(rewritten, nil)) {
			t.Errorf("nobody sees %q, which becomes %q", text, rewritten)
		}
	}
}

// upTo is the migrations of an earlier program.
func upTo(t *testing.T, version string) fs.FS {
	t.Helper()
	names, err := fs.Glob(os.DirFS("."), "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	old := fstest.MapFS{}
	for _, name := range names {
		if strings.TrimPrefix(name, "migrations/") > version+"~" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		old[name] = &fstest.MapFile{Data: text}
	}
	return old
}

// earlier is a database with the schema of an earlier program.
func earlier(t *testing.T, version string) string {
	t.Helper()
	url := storetest.URL(t, "mariadb")
	bare(t, url).MigrateWith(t, upTo(t, version))
	return url
}

// bare is a store whose schema nobody has brought up yet.
func bare(t *testing.T, url string) *store.Store { return bareWith(t, url, store.Options{}) }

func bareWith(t *testing.T, url string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(ctx, url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSeveralProcessesMigrateAtOnceAndEachSucceeds(t *testing.T) {
	for name, url := range map[string]string{"from an earlier version": earlier(t, "0010"), "from nothing": storetest.URL(t, "mariadb")} {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup
			for range 5 {
				s := bare(t, url)
				all.Go(func() {
					if _, err := s.Migrate(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			s := bare(t, url)
			if err := s.CheckSchema(ctx); err != nil {
				t.Error(err)
			}
			if n := s.CountRows(t, "SELECT COUNT(*) FROM (SELECT version_id FROM goose_db_version GROUP BY version_id HAVING COUNT(*) > 1) AS twice"); n != 0 {
				t.Errorf("%d versions were applied twice", n)
			}
		})
	}
}

// A backup, or a forgotten console, keeps a table that a migration changes. Whoever wants to read it must not wait for both.
func TestATableThatSomebodyKeepsIsReadByOthersWhileAMigrationWaitsForIt(t *testing.T) {
	url := earlier(t, "0010")
	var waited atomic.Int32
	s := bareWith(t, url, store.Options{Waits: func() { waited.Add(1) }})
	keeper := console(t, url)
	tx, err := keeper.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM evaluations").Scan(&n); err != nil {
		t.Fatal(err)
	}
	migrated := make(chan error, 1)
	go func() {
		_, err := s.Migrate(ctx)
		migrated <- err
	}()
	waits := "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND state LIKE 'Waiting for table metadata lock%'"
	for seen := 0; seen == 0; {
		select {
		case err := <-migrated:
			t.Fatalf("the migration did not wait: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
		if err := keeper.QueryRowContext(ctx, waits).Scan(&seen); err != nil {
			t.Fatal(err)
		}
	}
	patient, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	if err := keeper.QueryRowContext(patient, "SELECT COUNT(*) FROM evaluations").Scan(&n); err != nil {
		t.Errorf("a reader waits as long as the keeper: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil || waited.Load() == 0 {
		t.Errorf("once the table is free: %v; it was said %d times that it is not", err, waited.Load())
	}
}

// console is a connection with the server's own settings.
func console(t *testing.T, url string) *sql.DB {
	t.Helper()
	address, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("mysql", address.User.Username()+"@tcp("+address.Host+")"+address.Path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
