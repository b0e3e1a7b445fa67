package main

import (
	"errors"
	"fmt"
	"time"

	"kinerja/store"
)

type pruneCommand struct {
	databaseSetting
	Records int  `name:"keep-records" env:"KEEP_RECORDS" default:"1827" help:"Days for which closed periods with their results, and the audit, are kept; five years."`
	Traces  int  `name:"keep-traces" env:"KEEP_TRACES" default:"90" help:"Days for which settled messages, codes and finished work are kept."`
	DryRun  bool `name:"dry-run" help:"Only tell what would go."`
}

// leastDays is the shortest retention: whoever mistypes must not lose a period in which somebody may still object.
const leastDays = 30

func (p *pruneCommand) problems() []problem {
	found := p.databaseSetting.problems()
	for setting, days := range map[string]int{"KEEP_RECORDS": p.Records, "KEEP_TRACES": p.Traces} {
		if days < leastDays {
			found = append(found, problem{setting, fmt.Sprintf("must be at least %d days", leastDays), setting + "=90"})
		}
	}
	return found
}

// Run deletes what is older than it must be kept. It may be stopped at any moment and run again.
func (p *pruneCommand) Run(c console) (err error) {
	if err := asError(p.problems()); err != nil {
		return err
	}
	s, err := openStore(c.ctx, p.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	const day = 24 * time.Hour
	gone, err := s.Prune(c.ctx, store.Retention{Records: time.Duration(p.Records) * day, Traces: time.Duration(p.Traces) * day}, p.DryRun)
	for _, g := range gone {
		if _, told := fmt.Fprintf(c.stdout, "%-14s %d\n", g.Table, g.Rows); told != nil {
			return errors.Join(err, told)
		}
	}
	if err == nil && p.DryRun {
		_, err = fmt.Fprintln(c.stdout, "Nothing was deleted: this was a dry run.")
	}
	return err
}
