package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// ErrSchema says that the schema is older or newer than the program; `kinerja migrate` brings an older one up.
var ErrSchema = errors.New("schema does not fit the program")

// types are the few words in which the two engines differ.
var types = map[string]*strings.Replacer{
	"mysql":  strings.NewReplacer("{{id}}", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", "{{time}}", "DATETIME(6)", "{{text}}", "TEXT"),
	"sqlite": strings.NewReplacer("{{id}}", "INTEGER PRIMARY KEY AUTOINCREMENT", "{{time}}", "DATETIME", "{{text}}", "TEXT"),
}

// Migrate brings the schema up to the program's version and returns the versions it applied. Running it twice is harmless.
func (s *Store) Migrate(ctx context.Context) ([]int64, error) {
	provider, err := s.migrations()
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	applied := make([]int64, 0, len(results))
	for _, r := range results {
		applied = append(applied, r.Source.Version)
	}
	return applied, nil
}

// CheckSchema returns an error that wraps ErrSchema when the schema is not the one the program was built for.
func (s *Store) CheckSchema(ctx context.Context) error {
	provider, err := s.migrations()
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if current != target {
		return fmt.Errorf("%w: database has version %d, the program needs %d", ErrSchema, current, target)
	}
	return nil
}

func (s *Store) migrations() (*goose.Provider, error) {
	files, err := migrationsFor(s.engine)
	if err != nil {
		return nil, err
	}
	dialect := goose.DialectMySQL
	if s.engine == "sqlite" {
		dialect = goose.DialectSQLite3
	}
	provider, err := goose.NewProvider(dialect, s.sql, files)
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	return provider, nil
}

// migrationsFor writes the checked-in files in the words of one engine.
func migrationsFor(engine string) (fs.FS, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	out := fstest.MapFS{}
	for _, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		out[strings.TrimPrefix(name, "migrations/")] = &fstest.MapFile{Data: []byte(types[engine].Replace(string(text)))}
	}
	return out, nil
}
