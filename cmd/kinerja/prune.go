package main

import (
	"context"
	"errors"
	"fmt"

	"kinerja/store"
)

type pruneCommand struct {
	databaseSetting
	retentionSetting
	DryRun bool `name:"dry-run" help:"Only tell what would go."`
}

func (p *pruneCommand) problems() []problem {
	return append(p.databaseSetting.problems(), p.retentionSetting.problems()...)
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
	prune := func() ([]store.Pruned, error) {
		return s.Prune(c.ctx, p.retention(), func(context.Context) error { return nil })
	}
	if p.DryRun {
		prune = func() ([]store.Pruned, error) { return s.Prunable(c.ctx, p.retention()) }
	}
	rows, err := prune()
	for _, r := range rows {
		if _, told := fmt.Fprintf(c.stdout, "%-16s %d\n", r.Table, r.Rows); told != nil {
			return errors.Join(err, told)
		}
	}
	if err == nil && p.DryRun {
		_, err = fmt.Fprintln(c.stdout, "Nothing was deleted: this was a dry run.")
	}
	return err
}
