package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"kinerja/flows/indicator"
	"kinerja/locales"
	"kinerja/store"
)

type skpCommand struct {
	Export skpExport `cmd:"" help:"Write what people have of their own into an XLSX."`
	Import skpImport `cmd:"" help:"Read such an XLSX: what it says of somebody takes the place of what he had; who is not in it stays as he is."`
}

type skpExport struct {
	ofUnit
	File string `arg:"" help:"XLSX file to write." type:"path"`
}

// Run writes what everybody of the unit has of his own. Without anybody it is the example to fill in.
func (e *skpExport) Run(c console) (err error) {
	if err := asError(e.problems()); err != nil {
		return err
	}
	s, err := openStore(c.ctx, e.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	unitID, _, err := e.find(c.ctx, s)
	if err != nil {
		return err
	}
	entries, err := s.PersonalEntries(c.ctx, unitID)
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Clean(e.File))
	if err != nil {
		return err
	}
	if err := errors.Join(indicator.WritePersonal(file, entries), file.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "the results of %d people are in %s\n", len(entries), e.File)
	return err
}

type skpImport struct {
	databaseSetting
	File     string `arg:"" help:"XLSX file to read." type:"existingfile"`
	DryRun   bool   `name:"dry-run" help:"Only check the file."`
	Language string `env:"KINERJA_LANGUAGE" enum:"id,en" default:"id" help:"Language of the report: id or en."`
}

// Run makes what the file says what its people have of their own: all of it, or nothing.
func (i *skpImport) Run(c console) (err error) {
	if err := asError(i.problems()); err != nil {
		return err
	}
	t, err := translator(i.Language)
	if err != nil {
		return err
	}
	entries, wrong, err := i.read()
	if err != nil {
		return err
	}
	s, err := openStore(c.ctx, i.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	strangers, err := i.strangers(c.ctx, s, entries)
	if err != nil {
		return err
	}
	if wrong = append(wrong, strangers...); len(wrong) > 0 {
		return i.refuse(c, t, wrong)
	}
	if i.DryRun {
		_, err = fmt.Fprintln(c.stdout, t.Plain("workbook.personal_good", locales.Args{"Number": len(entries)}))
		return err
	}
	changed, err := s.ImportPersonal(c.ctx, 0, plain(entries))
	var tooMany store.PersonalTooMany
	if errors.As(err, &tooMany) {
		return i.refuse(c, t, tooManyOf(entries, tooMany))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stdout, t.Plain("workbook.personal_stored", locales.Args{"Number": len(entries), "Changed": changed}))
	return err
}

func (i *skpImport) read() ([]indicator.PersonalRows, []indicator.Wrong, error) {
	file, err := os.Open(filepath.Clean(i.File))
	if err != nil {
		return nil, nil, err
	}
	entries, wrong, err := indicator.ReadPersonal(file)
	return entries, wrong, errors.Join(err, file.Close())
}

// strangers are the people of the file who are not on the roster.
func (i *skpImport) strangers(ctx context.Context, s *store.Store, entries []indicator.PersonalRows) ([]indicator.Wrong, error) {
	var nips []string
	for _, e := range entries {
		nips = append(nips, e.NIP)
	}
	unknown, err := s.PersonalUnknown(ctx, nips)
	var wrong []indicator.Wrong
	for _, e := range entries {
		if slices.Contains(unknown, e.NIP) {
			wrong = append(wrong, e.Wrong("no_person", nil))
		}
	}
	return wrong, err
}

func tooManyOf(entries []indicator.PersonalRows, e store.PersonalTooMany) []indicator.Wrong {
	var wrong []indicator.Wrong
	for _, one := range entries {
		if slices.Contains(e.NIPs, one.NIP) {
			wrong = append(wrong, one.Wrong("personal_too_many", locales.Args{"Limit": store.MaxIndicators}))
		}
	}
	return wrong
}

func plain(entries []indicator.PersonalRows) []store.PersonalEntry {
	list := make([]store.PersonalEntry, 0, len(entries))
	for _, e := range entries {
		list = append(list, e.PersonalEntry)
	}
	return list
}

// refuse says all that is wrong.
func (i *skpImport) refuse(c console, t *locales.Translator, wrong []indicator.Wrong) error {
	slices.SortStableFunc(wrong, func(a, b indicator.Wrong) int { return a.Row - b.Row })
	for _, w := range wrong {
		if _, err := fmt.Fprintln(c.stdout, w.Text(t)); err != nil {
			return err
		}
	}
	return errors.New(t.Plain("workbook.nothing_changed"))
}
