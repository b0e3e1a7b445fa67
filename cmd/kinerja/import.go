package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"kinerja/flows/roster"
	"kinerja/flows/rules"
	"kinerja/locales"
	"kinerja/store"
)

type importCommand struct {
	databaseSetting
	Files    []string `arg:"" name:"file" help:"One or several XLSX with the sheets pegawai and unit, or CSV for people and for units; 200,000 rows in all." type:"existingfile"`
	DryRun   bool     `name:"dry-run" help:"Only tell what would change."`
	Complete bool     `help:"The files name everybody: whoever is missing is listed, and leaves once --confirm says how many."`
	Confirm  int      `placeholder:"N" help:"With --complete: so many people leave; another number changes nothing."`
	Language string   `env:"KINERJA_LANGUAGE" enum:"id,en" default:"id" help:"Language of the report: id or en."`
}

func (i *importCommand) problems() []problem {
	found := i.databaseSetting.problems()
	if i.Confirm != 0 && !i.Complete {
		found = append(found, problem{"--confirm", "is for a complete roster only", "kinerja import --complete --confirm 12 pegawai.xlsx"})
	}
	return found
}

// Run tells what a roster would change and, unless told not to, changes it. Wrong rows are named and left out, with exit code 3.
func (i *importCommand) Run(c console) (err error) {
	if err := asError(i.problems()); err != nil {
		return err
	}
	t, err := translator(i.Language)
	if err != nil {
		return err
	}
	file, err := readRoster(i.Files, t)
	if err != nil {
		return err
	}
	s, err := openStore(c.ctx, i.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	plan, err := roster.Check(c.ctx, s, file)
	if err != nil {
		return err
	}
	if i.Complete {
		err = plan.Complete()
	}
	if err := errors.Join(plan.Print(c.stdout, t), sayProblem(err, t)); err != nil {
		return err
	}
	if err := i.apply(c, s, plan, t); err != nil || len(plan.Wrong) == 0 {
		return err
	}
	return errRowsLeftOut
}

// errRowsLeftOut tells a script that the roster is not wholly in; the good rows are, unless it was a dry run.
var errRowsLeftOut = errors.New("wrong rows were left out, as listed above; exit code 3")

// apply does what the plan says, unless it was to be told only or more than the operator has confirmed.
func (i *importCommand) apply(c console, s *store.Store, plan roster.Plan, t *locales.Translator) error {
	leaving := plan.Leaving()
	unconfirmed := leaving > 0 && leaving != i.Confirm
	switch {
	case unconfirmed && i.DryRun:
		_, err := fmt.Fprintln(c.stdout, t.Plain("roster.confirm", locales.Args{"Number": leaving}))
		return err
	case unconfirmed:
		return errors.New(t.Plain("roster.confirm", locales.Args{"Number": leaving}))
	case i.DryRun || plan.Changes() == 0:
		_, err := fmt.Fprintln(c.stdout, t.Plain("roster.nothing_changed"))
		return err
	}
	if err := plan.Apply(c.ctx, s, 0); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c.stdout, t.Plain("roster.applied")); err != nil || leaving == 0 {
		return err
	}
	return warnOfNoAdministrator(c, s)
}

// sayProblem makes a problem of the files a sentence for the operator; other errors stay as they are.
func sayProblem(err error, t *locales.Translator) error {
	if problem, ok := roster.FileProblem(err); ok {
		return errors.New(problem.Text(t))
	}
	return err
}

// readRoster reads all files as one. The error is a sentence for the operator where a file is at fault.
func readRoster(paths []string, t *locales.Translator) (all roster.File, err error) {
	limits := roster.CommandLimits()
	for n, path := range paths {
		file, err := readFile(path, limits)
		switch {
		case err == nil && n == 0:
			all = file
		case err == nil:
			all, err = all.Join(file, limits)
		}
		if problem, ok := roster.FileProblem(err); ok {
			return all, fmt.Errorf("%s: %s", filepath.Base(path), problem.Text(t))
		}
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func readFile(path string, limits roster.Limits) (roster.File, error) {
	content, err := os.Open(filepath.Clean(path))
	if err != nil {
		return roster.File{}, err
	}
	file, err := roster.Read(filepath.Base(path), content, limits)
	return file, errors.Join(err, content.Close())
}

// translator speaks to the operator.
func translator(language string) (*locales.Translator, error) {
	calendar, err := rules.NewCalendar()
	if err != nil {
		return nil, err
	}
	catalog, err := locales.Load(calendar.Location())
	if err != nil {
		return nil, err
	}
	return catalog.In(language), nil
}

// openStore opens the records for a command that changes them, and refuses another schema than its own.
func openStore(ctx context.Context, url string) (*store.Store, error) {
	s, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return nil, err
	}
	if err := s.CheckSchema(ctx); err != nil {
		return nil, errors.Join(schemaAdvice(err), s.Close())
	}
	return s, nil
}
