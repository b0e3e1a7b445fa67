package main

import (
	"errors"
	"fmt"

	"kinerja/store"
)

type migrateCommand struct {
	databaseSetting
}

// Run brings the schema up. Doing it twice is harmless.
func (m *migrateCommand) Run(c console) (err error) {
	if err := asError(m.problems()); err != nil {
		return err
	}
	s, err := store.Open(c.ctx, m.DatabaseURL, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	applied, err := s.Migrate(c.ctx)
	if err != nil {
		return schemaAdvice(err)
	}
	if len(applied) == 0 {
		_, err = fmt.Fprintln(c.stdout, "The schema is up to date; nothing was changed.")
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "Applied migrations %v.\n", applied)
	return err
}

// schemaAdvice adds what to do to an error about the schema, and leaves others as they are.
func schemaAdvice(err error) error {
	switch {
	case errors.Is(err, store.ErrSchemaOld):
		return fmt.Errorf("%w\nRun `kinerja migrate` with the same DATABASE_URL, then this command again", err)
	case errors.Is(err, store.ErrSchemaNew):
		return fmt.Errorf("%w\nA newer kinerja has migrated this database. Use that version here too, or restore the backup from before", err)
	}
	return err
}
