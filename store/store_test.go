package store_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"testing"

	"kinerja/store"
	"kinerja/store/storetest"
)

func TestMigratingTwiceIsHarmless(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		if err := s.CheckSchema(context.Background()); err != nil {
			t.Fatalf("fresh schema: %v", err)
		}
		applied, err := s.Migrate(context.Background())
		if err != nil || len(applied) != 0 {
			t.Fatalf("second migration applied %v, %v; want nothing", applied, err)
		}
	})
}

// later is what the next version of the program has beyond this one.
const later = 9000

func TestAProgramGoesOnWhenItsDatabaseIsMigratedByANewerOneAndStartsOnItNoMore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		s.Change(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, ?)", later, true)

		if err := s.CheckSchemaStill(ctx); err != nil {
			t.Errorf("while it runs: %v", err)
		}
		if _, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{Code: "A", Name: "A"}}); err != nil {
			t.Errorf("at work: %v", err)
		}
		if err := s.CheckSchema(ctx); !errors.Is(err, store.ErrSchemaNew) {
			t.Errorf("at the start: %v", err)
		}
		if applied, err := s.Migrate(ctx); !errors.Is(err, store.ErrSchemaNew) {
			t.Errorf("its own migration: %v, %v", applied, err)
		}
	})
}

func TestAnOlderSchemaIsNeverGoodEnough(t *testing.T) {
	for _, engine := range []string{"sqlite", "mariadb"} {
		s := openStore(t, storetest.URL(t, engine))
		if err := s.CheckSchema(ctx); !errors.Is(err, store.ErrSchemaOld) {
			t.Errorf("%s, at the start: %v", engine, err)
		}
		if err := s.CheckSchemaStill(ctx); !errors.Is(err, store.ErrSchemaOld) {
			t.Errorf("%s, while it runs: %v", engine, err)
		}
	}
}

// notAdding is what would break a program of the version before that still runs: what it reads or names is gone, or a column that
// it does not know wants a value of it. On SQLite nobody else runs.
var notAdding = map[string]*regexp.Regexp{
	"takes something away":             regexp.MustCompile(`(?is)\b(DROP\s+(TABLE|COLUMN)|RENAME|CHANGE)\b`),
	"wants a value that nobody writes": regexp.MustCompile(`(?is)\bADD\s+COLUMN\s+(IF\s+NOT\s+EXISTS\s+)?\w+\s+[^;,]*NOT\s+NULL(\s*[,;]|\s*$)`),
}

func TestAMigrationOnMySQLOnlyAdds(t *testing.T) {
	files, err := store.MigrationsFor("mysql", os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) < 2 {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		statements := regexp.MustCompile(`(?m)^--.*$`).ReplaceAllString(string(text), "")
		for what, pattern := range notAdding {
			if found := pattern.FindString(statements); found != "" {
				t.Errorf("%s %s: %s", name, what, found)
			}
		}
	}
}
