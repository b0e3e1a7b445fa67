package main

import (
	"errors"
	"fmt"
)

type resendCommand struct {
	databaseSetting
}

// Run owes again what was parked after many tries. Doing it twice is harmless: what is owed already stays as it is.
func (r *resendCommand) Run(c console) (err error) {
	if err := asError(r.problems()); err != nil {
		return err
	}
	s, err := openStore(c.ctx, r.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	n, err := s.OweAllParkedAgain(c.ctx)
	if err != nil {
		return fmt.Errorf("%w\n%d notifications are owed again; give the command once more for the rest", err, n)
	}
	if n == 0 {
		_, err = fmt.Fprintln(c.stdout, "No notification is parked; nothing was changed.")
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "%d notifications are owed again; `kinerja serve` sends them.\n", n)
	return err
}
