package store_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

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

var onlyMariaDB = regexp.MustCompile(`(?m)^(CREATE|DROP) INDEX IF `)

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
		if onlyMariaDB.Match(text) {
			t.Errorf("%s makes or drops an index as MySQL 8 does not know", name)
		}
	}
}
