package store_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// latin1 opens a MariaDB database that an operator made with another character set, empty and not migrated.
func latin1(t *testing.T) *store.Store {
	t.Helper()
	url := storetest.URL(t, "mariadb")
	s, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.Change(t, "ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci")
	return s
}

// migrateAsFirst makes the schema as the first version did, whose tables took the character set of the database.
func migrateAsFirst(t *testing.T, s *store.Store) {
	t.Helper()
	text, err := os.ReadFile("migrations/0001_main_job.sql")
	if err != nil {
		t.Fatal(err)
	}
	first := strings.NewReplacer("{{table}}", "", "{{name}}", "VARCHAR(200)").Replace(string(text))
	s.MigrateWith(t, fstest.MapFS{"migrations/0001_main_job.sql": &fstest.MapFile{Data: []byte(first)}})
}

func migrate(t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.Migrate(ctx); err != nil {
		t.Fatalf("migrate: %v", err)
	}
}

func TestAnEmojiInANoteIsKeptWhateverTheDatabaseWasMadeWith(t *testing.T) {
	for name, before := range map[string]func(*testing.T, *store.Store){"new": nil, "from the first version": migrateAsFirst} {
		t.Run(name, func(t *testing.T) {
			s := latin1(t)
			if before != nil {
				before(t, s)
			}
			migrate(t, s)
			cast, err := sample.City(ctx, s)
			if err != nil {
				t.Fatal(err)
			}
			d := &desk{Store: s, t: t, clock: storetest.NewClock(s.Now()), cast: cast, boss: cast.Evaluator.ID, worker: cast.Employee.ID}
			d.period = d.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", Release: store.ReleaseAtOnce})
			d.id = d.evaluationIn(d.period.ID)

			const note = "Terima kasih 🙏🏽, Nurul’aini"
			d.must("note", d.SetNote(ctx, d.boss, d.id, d.indicator(0), note))

			if got := d.sheet().Answers[d.indicator(0)].Note; got != note {
				t.Errorf("the note came back as %q", got)
			}
		})
	}
}

func TestAConvertedDatabaseIsLikeANewOne(t *testing.T) {
	fresh, old := latin1(t), latin1(t)
	migrate(t, fresh)
	migrateAsFirst(t, old)
	old.Change(t, "INSERT INTO units (code, name, created_at, updated_at) VALUES ('pkm', 'Puskesmas Andalé', NOW(), NOW())")
	migrate(t, old)

	if diff := cmp.Diff(fresh.Columns(t), old.Columns(t)); diff != "" {
		t.Errorf("new and converted differ: %s", diff)
	}
	unit, err := old.UnitByCode(ctx, "PKM")
	if err != nil || unit.Name != "Puskesmas Andalé" || unit.Code != "PKM" {
		t.Errorf("the unit came through as %+v, %v", unit, err)
	}
}

// Keys are compared byte by byte, as SQLite does; only names have a sorting order of people.
func TestEveryTextColumnNamesItsCharacterSet(t *testing.T) {
	s := latin1(t)
	migrate(t, s)
	for column, is := range s.Columns(t) {
		if strings.HasPrefix(column, "goose_lock.") { // made by goose, for a host's name and a number
			continue
		}
		if strings.Contains(is, "utf8mb4_bin") || !strings.Contains(is, "_") || strings.Contains(is, "varchar(200) utf8mb4_unicode_ci") {
			continue
		}
		t.Errorf("%s is %s: end its CREATE TABLE with {{table}}", column, is)
	}
	if n := s.CountRows(t, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_collation <> 'utf8mb4_bin' AND table_name <> 'goose_lock'"); n != 0 {
		t.Errorf("%d tables have another collation: end their CREATE TABLE with {{table}}", n)
	}

}
