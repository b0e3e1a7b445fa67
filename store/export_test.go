package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"
)

// MigrationsFor is migrationsFor, for tests with files of their own.
var MigrationsFor = migrationsFor

// CountRows runs a query that counts, for tests of what no method shows.
func (s *Store) CountRows(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := s.db.WithContext(context.Background()).Raw(query, args...).Scan(&n).Error; err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// Change runs a statement that brings about what no method can, such as the doing of a process with another clock.
func (s *Store) Change(t testing.TB, statement string, args ...any) {
	t.Helper()
	if err := s.db.WithContext(context.Background()).Exec(statement, args...).Error; err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// MigrateWith brings the schema up with other migrations than the program's, such as those of an earlier version.
func (s *Store) MigrateWith(t testing.TB, files fs.FS) {
	t.Helper()
	if _, err := s.migratePatiently(context.Background(), files); err != nil {
		t.Fatalf("migrate: %v", err)
	}
}

// Columns tells type and collation of each column of a MySQL database, as "table.column" and "type collation".
func (s *Store) Columns(t testing.TB) map[string]string {
	t.Helper()
	var rows []struct{ Name, Kind string }
	query := "SELECT CONCAT(table_name, '.', column_name) AS name, CONCAT(column_type, ' ', COALESCE(collation_name, ''), ' ', is_nullable) AS kind" +
		" FROM information_schema.columns WHERE table_schema = DATABASE()"
	if err := s.db.WithContext(context.Background()).Raw(query).Scan(&rows).Error; err != nil {
		t.Fatalf("read columns: %v", err)
	}
	columns := map[string]string{}
	for _, r := range rows {
		columns[r.Name] = r.Kind
	}
	return columns
}

// KilledWhileWaiting lets one session wait for a row that another one holds, kills it, and returns what it is told.
func (s *Store) KilledWhileWaiting(t testing.TB, kill string) error {
	t.Helper()
	const insert = "INSERT INTO leases (name, owner, until) VALUES ('held', '', NOW())"
	ctx := context.Background()
	holder, err := s.sql.BeginTx(ctx, nil)
	if err == nil {
		defer func() { _ = holder.Rollback() }()
		_, err = holder.ExecContext(ctx, insert)
	}
	var victim *sql.Conn
	if err == nil {
		victim, err = s.sql.Conn(ctx)
	}
	var session int64
	if err == nil {
		defer func() { _ = victim.Close() }()
		err = victim.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&session)
	}
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan error, 1)
	go func() {
		_, err := victim.ExecContext(ctx, insert)
		told <- err
	}()
	again := time.NewTicker(5 * time.Millisecond) // a kill that comes before the statement ends nothing
	defer again.Stop()
	for {
		select {
		case err := <-told:
			return err
		case <-again.C:
			_, _ = s.sql.ExecContext(ctx, fmt.Sprintf("%s %d", kill, session)) // the session may be gone already
		}
	}
}

// ForgetPulse makes the next TakesWrites write.
func (s *Store) ForgetPulse() { s.pulse.at = time.Time{} }

// Indexes tells the columns of each index, by "table.name" on MySQL and by name on SQLite.
func (s *Store) Indexes(t testing.TB) map[string]string {
	t.Helper()
	var rows []struct{ Name, Columns string }
	query := "SELECT name, sql AS columns FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
	if s.engine == "mysql" {
		query = "SELECT CONCAT(table_name, '.', index_name) AS name, GROUP_CONCAT(column_name ORDER BY seq_in_index) AS columns" +
			" FROM information_schema.statistics WHERE table_schema = DATABASE() GROUP BY table_name, index_name"
	}
	if err := s.db.WithContext(context.Background()).Raw(query).Scan(&rows).Error; err != nil {
		t.Fatalf("read indexes: %v", err)
	}
	indexes := map[string]string{}
	for _, r := range rows {
		indexes[r.Name] = r.Columns
	}
	return indexes
}

// WhilePeriodIsHeld does something while another session holds a period as every change of an evaluation does.
func (s *Store) WhilePeriodIsHeld(t testing.TB, periodID int64, do func()) {
	t.Helper()
	tx := s.db.WithContext(context.Background()).Begin()
	defer tx.Rollback()
	if err := first(s.shared(tx).Where("id = ?", periodID).Take(&Period{}), "hold period"); err != nil {
		t.Fatal(err)
	}
	do()
}

// OnceAfterReading does something, once, as soon as a table was read: what another process may do at that moment.
func (s *Store) OnceAfterReading(t testing.TB, table string, do func()) {
	t.Helper()
	var once sync.Once
	err := s.db.Callback().Query().After("gorm:query").Register("test:once", func(tx *gorm.DB) {
		if tx.Statement.Table == table {
			once.Do(do)
		}
	})
	if err != nil {
		t.Fatalf("register: %v", err)
	}
}

// SaveRolesAlone is the last pass of an import by itself.
func (s *Store) SaveRolesAlone(ctx context.Context, entries []PersonEntry) error {
	return s.transaction(ctx, "save roles", func(tx *gorm.DB) error {
		_, err := s.saveRoles(tx, 0, entries)
		return err
	})
}
