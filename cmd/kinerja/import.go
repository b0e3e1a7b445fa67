package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kinerja/flows/roster"
	"kinerja/flows/rules"
	"kinerja/locales"
	"kinerja/store"
)

type importCommand struct {
	databaseSetting
	Files        []string          `arg:"" optional:"" name:"file" help:"One or several XLSX, ODS or CSV with people, units or both; 200,000 rows in all." type:"existingfile"`
	Example      string            `placeholder:"FILE" help:"Only write an XLSX to fill in, which says what each column means." type:"path"`
	DryRun       bool              `name:"dry-run" help:"Only tell what would change."`
	Column       map[string]string `mapsep:"none" placeholder:"NAME=HEADER" help:"Where a column is whose name is not known: --column nip='Nomor Induk'. [F] is the column F; nothing after = says that there is none. May be given several times; units have unit.kode, unit.nama and unit.induk."`
	Wrong        string            `placeholder:"FILE" help:"Write the wrong rows, as they were given, into an XLSX with a column of reasons, to be mended and imported." type:"path"`
	AllOrNothing bool              `name:"all-or-nothing" help:"Change nothing while there is a wrong row."`
	Complete     bool              `help:"The files name everybody: whoever is missing is listed, and leaves once --confirm says how many."`
	Confirm      int               `placeholder:"N" help:"With --complete: so many people leave; another number changes nothing."`
	Language     string            `env:"KINERJA_LANGUAGE" enum:"id,en" default:"id" help:"Language of the report: id or en."`
}

func (i *importCommand) problems() (found []problem) {
	if i.Example == "" || len(i.Files) > 0 {
		found = i.databaseSetting.problems()
	}
	if i.Example == "" && len(i.Files) == 0 {
		found = append(found, problem{"file", "is missing: which roster is to be read?", "kinerja import --dry-run pegawai.xlsx"})
	}
	if i.Example != "" && len(i.Files) > 0 {
		found = append(found, problem{"--example", "writes a file and reads none", "kinerja import --example contoh.xlsx"})
	}
	if i.Confirm != 0 && !i.Complete {
		found = append(found, problem{"--confirm", "is for a complete roster only", "kinerja import --complete --confirm 12 pegawai.xlsx"})
	}
	for _, name := range slices.Sorted(maps.Keys(i.Column)) {
		if !slices.Contains(roster.Columns(), name) {
			found = append(found, problem{"--column", fmt.Sprintf("knows no column %q, only %s", name, strings.Join(roster.Columns(), ", ")), "--column nip='Nomor Induk'"})
		}
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
	if i.Example != "" {
		return i.writeExample(c, t)
	}
	file, err := readRoster(i.Files, i.Column, t)
	if err != nil {
		return err
	}
	s, err := openStore(c.ctx, i.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	plan, err := roster.Check(c.ctx, s, file, roster.City())
	if err != nil {
		return err
	}
	told, err := i.tell(&plan), plan.Print(c.stdout, t)
	if err := errors.Join(err, i.writeWrong(c, file, plan, t), sayProblem(told, t)); err != nil {
		return err
	}
	if err := i.apply(c, s, plan, t); err != nil || len(plan.Wrong) == 0 {
		return err
	}
	return errRowsLeftOut
}

// tell makes the plan what the operator wants it to be.
func (i *importCommand) tell(plan *roster.Plan) error {
	if i.AllOrNothing {
		if err := plan.AllOrNothing(); err != nil {
			return err
		}
	}
	if i.Complete {
		return plan.Complete()
	}
	return nil
}

func (i *importCommand) writeExample(c console, t *locales.Translator) error {
	content, err := roster.Example(t)
	if err == nil {
		err = os.WriteFile(filepath.Clean(i.Example), content, 0o600)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stdout, t.Plain("roster.example_written", locales.Args{"File": i.Example}))
	return err
}

// writeWrong writes the wrong rows where the operator wants them. Without any, an older file of that name stays.
func (i *importCommand) writeWrong(c console, file roster.File, plan roster.Plan, t *locales.Translator) error {
	if i.Wrong == "" || len(plan.Wrong) == 0 {
		return nil
	}
	content, err := roster.WrongRows(file, plan, t)
	if err == nil {
		err = os.WriteFile(filepath.Clean(i.Wrong), content, 0o600)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stdout, t.Plain("roster.wrong_written", locales.Args{"File": i.Wrong}))
	return err
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
func readRoster(paths []string, mapping roster.Mapping, t *locales.Translator) (all roster.File, err error) {
	limits := roster.CommandLimits()
	for n, path := range paths {
		file, err := readFile(path, limits, mapping)
		switch {
		case err == nil && n == 0:
			all = file
		case err == nil:
			all, err = all.Join(file, limits)
		}
		if problem, ok := roster.FileProblem(err); ok {
			said := filepath.Base(path) + ": " + problem.Text(t)
			if question := (*roster.HeaderQuestion)(nil); errors.As(err, &question) {
				said += " " + howToAnswer(question, t)
			}
			return all, errors.New(said)
		}
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// howToAnswer tells the operator with which words the command is to be given again.
func howToAnswer(q *roster.HeaderQuestion, t *locales.Translator) string {
	said := t.Plain("roster.answer", locales.Args{"Column": q.Column, "Meaning": q.Meaning(t)})
	if q.Optional {
		said += " " + t.Plain("roster.answer_none", locales.Args{"Column": q.Column})
	}
	return said
}

func readFile(path string, limits roster.Limits, mapping roster.Mapping) (roster.File, error) {
	content, err := os.Open(filepath.Clean(path))
	if err != nil {
		return roster.File{}, err
	}
	file, err := roster.Read(filepath.Base(path), content, limits, mapping)
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
