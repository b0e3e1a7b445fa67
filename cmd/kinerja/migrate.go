package main

import (
	"context"
	"errors"
	"fmt"

	"kinerja/store"
	"kinerja/store/standard"
)

type migrateCommand struct {
	databaseSetting
}

// Run brings the schema up. Doing it twice is harmless.
func (m *migrateCommand) Run(c console) (err error) {
	if err := asError(m.problems()); err != nil {
		return err
	}
	s, err := store.Open(c.ctx, m.DatabaseURL, store.Options{Waits: func() {
		_, _ = fmt.Fprintln(c.stderr, "A table is in use by a long transaction; trying again. Nothing is lost, and kinerja goes on serving.")
	}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	applied, err := s.Migrate(c.ctx)
	if len(applied) > 0 { // also when a later one failed: they stay applied
		_, printed := fmt.Fprintf(c.stdout, "Applied migrations %v.\n", applied)
		err = errors.Join(err, printed)
	}
	if err != nil {
		return schemaAdvice(err)
	}
	begun, err := beginTemplates(c.ctx, s)
	if err != nil {
		return err
	}
	if begun {
		_, err = fmt.Fprintln(c.stdout, "Wrote the default indicators of the city. Its administrator may change them in /admin.")
	}
	if len(applied) == 0 && !begun {
		_, err = fmt.Fprintln(c.stdout, "The schema is up to date; nothing was changed.")
	}
	return err
}

// beginTemplates gives a city that has no default indicators those of the program, so that it can begin at once.
func beginTemplates(ctx context.Context, s *store.Store) (begun bool, err error) {
	if _, err := s.TemplateFor(ctx, 0); !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	_, err = s.SaveTemplate(ctx, 0, 0, "Indikator umum", standard.Of(standard.General))
	return err == nil, err
}

// schemaAdvice adds what to do to an error about the schema, and leaves others as they are.
func schemaAdvice(err error) error {
	switch {
	case errors.Is(err, store.ErrSchemaOld):
		return fmt.Errorf("%w\nRun `kinerja migrate` with the same DATABASE_URL, then this command again", err)
	case errors.Is(err, store.ErrTableInUse):
		return fmt.Errorf("%w\nNothing is lost and kinerja goes on serving. End the transaction that keeps the table (a backup, a console: SHOW PROCESSLIST), then run this command again", err)
	case errors.Is(err, store.ErrSchemaNew):
		return fmt.Errorf("%w\nA newer kinerja has migrated this database. Use that version here too, or restore the backup from before", err)
	}
	return err
}
