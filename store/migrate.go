package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Errors of CheckSchema. ErrSchemaOld is mended by `kinerja migrate`, ErrSchemaNew by a newer program.
var (
	ErrSchemaOld = errors.New("schema is older than the program")
	ErrSchemaNew = errors.New("schema is newer than the program")
)

// words are the few in which the two engines differ.
//
// {{table}} ends every CREATE TABLE. It names the character set, whatever that of the database is, and a collation that MySQL 8
// and MariaDB both have: binary, so that keys, states and what people wrote are compared as in SQLite, byte by byte. {{name}} is
// for names by which people are sorted and looked for, without regard to case and accents.
var words = map[string]*strings.Replacer{
	"mysql": strings.NewReplacer("{{id}}", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", "{{time}}", "DATETIME(6)", "{{text}}", "TEXT",
		"{{name}}", "VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
		"{{table}}", "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
	"sqlite": strings.NewReplacer("{{id}}", "INTEGER PRIMARY KEY AUTOINCREMENT", "{{time}}", "DATETIME", "{{text}}", "TEXT",
		"{{name}}", "VARCHAR(200)", "{{table}}", ""),
}

// ErrTableInUse is returned by Migrate when another transaction has kept a table all the time that it tried. What was applied stays applied.
var ErrTableInUse = errors.New("a table is in use")

const (
	// patience is how often Migrate begins anew what the database was too busy for. A step waits for a table no longer than ddlWait, because
	// all others who want the table wait behind it.
	patience   = 40
	ddlWait    = 3 * time.Second
	ddlPause   = 2 * time.Second
	lockEvery  = time.Second
	lockChecks = 300
)

// Migrate brings the schema up to the program's version and returns the versions it applied. Running it twice is harmless, also at the
// same moment: one works, the other waits. A schema that is newer already is ErrSchemaNew.
func (s *Store) Migrate(ctx context.Context) ([]int64, error) {
	if err := s.sql.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	// goose makes its table of versions when it looks for it. In a new database that must not happen beside another process that makes it.
	if s.Migrated(ctx) {
		if err := s.CheckSchema(ctx); !errors.Is(err, ErrSchemaOld) {
			return nil, err
		}
	}
	return s.migratePatiently(ctx, migrationFiles)
}

// migratePatiently applies migrations, and begins anew when somebody else's transaction keeps a table: whatever was done is skipped then.
func (s *Store) migratePatiently(ctx context.Context, files fs.FS) ([]int64, error) {
	var applied []int64
	for try := 1; ; try++ {
		some, err := s.applyMigrations(ctx, files)
		applied = append(applied, some...)
		switch {
		case err == nil:
			return applied, nil
		case !busyForDDL(err):
			return applied, fmt.Errorf("migrate: %w", err)
		case try == patience:
			return applied, fmt.Errorf("migrate: %w: %w", ErrTableInUse, err)
		}
		if s.waits != nil {
			s.waits()
		}
		select {
		case <-ctx.Done():
			return applied, ctx.Err()
		case <-time.After(ddlPause):
		}
	}
}

// busyForDDL reports that a table was in use, so that a migration may go through when it is begun anew.
func busyForDDL(err error) bool {
	var numbered *mysql.MySQLError
	return errors.As(err, &numbered) && slices.Contains([]uint16{mysqlLockTimeout, mysqlDeadlock}, numbered.Number)
}

// applyMigrations applies what is missing, while no other process does.
func (s *Store) applyMigrations(ctx context.Context, files fs.FS) ([]int64, error) {
	var options []goose.ProviderOption
	if s.engine != "sqlite" { // which has one writer, and a migration in one transaction
		locker, err := lock.NewMySQLTableLocker(lock.WithTableLockTimeout(lockEvery, lockChecks), lock.WithTableLogger(slog.New(slog.DiscardHandler)))
		if err != nil {
			return nil, fmt.Errorf("prepare lock: %w", err)
		}
		options = append(options, goose.WithLocker(locker))
	}
	provider, err := s.migrationsOf(files, options...)
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		results = partial.Applied
	}
	applied := make([]int64, 0, len(results))
	for _, r := range results {
		applied = append(applied, r.Source.Version)
	}
	return applied, err
}

// Migrated reports whether a migration has ever begun. Unlike CheckSchema it makes nothing in a new database, not even goose's table of versions.
func (s *Store) Migrated(ctx context.Context) bool {
	return s.sql.QueryRowContext(ctx, "SELECT 1 FROM goose_db_version WHERE version_id = 0").Scan(new(int)) == nil
}

// CheckSchema is for the start of a program: it returns an error that wraps ErrSchemaOld or ErrSchemaNew when the schema is not the
// one that the program was built for.
func (s *Store) CheckSchema(ctx context.Context) error {
	provider, err := s.migrations()
	if err != nil {
		return err
	}
	return check(ctx, provider)
}

// CheckSchemaStill is for a program that runs. A schema that has become newer is good: a migration takes nothing away that the
// program before it needs, so that `kinerja migrate` is no outage.
func (s *Store) CheckSchemaStill(ctx context.Context) error {
	if err := s.CheckSchema(ctx); !errors.Is(err, ErrSchemaNew) {
		return err
	}
	return nil
}

func check(ctx context.Context, provider *goose.Provider) error {
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	versions := fmt.Sprintf("the database has version %d, the program was built for %d", current, target)
	switch {
	case current < target:
		return fmt.Errorf("%w: %s", ErrSchemaOld, versions)
	case current > target:
		return fmt.Errorf("%w: %s", ErrSchemaNew, versions)
	}
	// The version is the highest that was applied. One below it may have come to the program later.
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("look for missing migrations: %w", err)
	}
	if pending {
		return fmt.Errorf("%w: a migration before version %d is missing", ErrSchemaOld, current)
	}
	return nil
}

func (s *Store) migrations() (*goose.Provider, error) { return s.migrationsOf(migrationFiles) }

func (s *Store) migrationsOf(checkedIn fs.FS, options ...goose.ProviderOption) (*goose.Provider, error) {
	files, err := migrationsFor(s.engine, checkedIn)
	if err != nil {
		return nil, err
	}
	dialect := goose.DialectMySQL
	if s.engine == "sqlite" {
		dialect = goose.DialectSQLite3
	}
	// Migrations that were written side by side reach a database in the order in which they came to the program: none needs a later one.
	provider, err := goose.NewProvider(dialect, s.sql, files, append(options, goose.WithAllowOutofOrder(true))...)
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	return provider, nil
}

// migrationsFor writes the files in the words of one engine. 0002_name.sql is for both, 0002_name.mysql.sql and
// 0002_name.sqlite.sql for one of them. A version that concerns one engine only needs no file for the other.
func migrationsFor(engine string, files fs.FS) (fs.FS, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	out := fstest.MapFS{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		target, ours, err := forEngine(engine, path.Base(name))
		if err != nil {
			return nil, err
		}
		if !ours {
			continue
		}
		if _, twice := out[target]; twice {
			return nil, fmt.Errorf("two migrations are %s on %s", target, engine)
		}
		out[target] = &fstest.MapFile{Data: []byte(inWordsOf(engine, string(text)))}
	}
	return out, nil
}

// newIndex is a statement that MariaDB and SQLite know and MySQL 8 does not.
var newIndex = regexp.MustCompile(`(?m)^CREATE INDEX IF NOT EXISTS (\w+) ON (\w+) (\(.+\));$`)

// unlessThere makes an index on MySQL unless it is there: DDL is committed at once, so a migration that was interrupted meets its own
// indexes when it is run again.
const unlessThere = `SET @made = (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = '$2' AND index_name = '$1');
SET @make = IF(@made > 0, 'DO 0', 'CREATE INDEX $1 ON $2 $3');
PREPARE make FROM @make;
EXECUTE make;
DEALLOCATE PREPARE make;`

// newColumn is a statement that only MariaDB knows.
var newColumn = regexp.MustCompile(`(?m)^ALTER TABLE (\w+) ADD COLUMN IF NOT EXISTS (\w+) (.+);$`)

// columnUnlessThere adds a column on MySQL unless it is there, as unlessThere does an index. The quotes of its default are doubled beforehand.
const columnUnlessThere = `SET @made = (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '$1' AND column_name = '$2');
SET @add = IF(@made > 0, 'DO 0', 'ALTER TABLE $1 ADD COLUMN $2 $3');
PREPARE add_column FROM @add;
EXECUTE add_column;
DEALLOCATE PREPARE add_column;`

// inWordsOf writes a migration as an engine understands it. SQLite keeps DDL in the transaction, so that no column is added twice.
func inWordsOf(engine, text string) string {
	text = words[engine].Replace(text)
	if engine == "sqlite" {
		return newColumn.ReplaceAllString(text, "ALTER TABLE $1 ADD COLUMN $2 $3;")
	}
	text = newColumn.ReplaceAllStringFunc(text, func(statement string) string {
		return newColumn.ReplaceAllString(strings.ReplaceAll(statement, "'", "''"), columnUnlessThere)
	})
	return newIndex.ReplaceAllString(text, unlessThere)
}

// forEngine returns a file's name without the engine in it, and whether it is for this engine.
func forEngine(engine, file string) (name string, ours bool, err error) {
	base, only, specific := strings.Cut(strings.TrimSuffix(file, ".sql"), ".")
	if _, known := words[only]; specific && !known {
		return "", false, fmt.Errorf("migration %s is for an unknown engine", file)
	}
	return base + ".sql", !specific || only == engine, nil
}
