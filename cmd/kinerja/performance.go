package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"kinerja/flows/performance"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

type performanceCommand struct {
	Export performanceExport `cmd:"" help:"Write the units that evaluators of a period lead, with their organisation performance, into an XLSX or CSV."`
	Import performanceImport `cmd:"" help:"Read such a list: code of the unit and its performance (Istimewa, Baik, Butuh Perbaikan, Kurang, Sangat Kurang)."`
}

// ofPeriod names a period.
type ofPeriod struct {
	databaseSetting
	Period   string `required:"" placeholder:"2026-Q4" help:"The period: a quarter such as 2026-Q4, a month such as 2026-11, or a year such as 2026."`
	Unit     string `placeholder:"CODE" help:"Code of the unit whose period it is; without it the one of the whole city."`
	Language string `env:"KINERJA_LANGUAGE" enum:"id,en" default:"id" help:"Language of the report: id or en."`
}

// span reads the name of the period.
func (o ofPeriod) span() (rules.Span, error) {
	wrong := fmt.Errorf("%q is no period: write a quarter such as 2026-Q4, a month such as 2026-11 or a year such as 2026; nothing was changed", o.Period)
	year, rest, _ := strings.Cut(strings.ToUpper(o.Period), "-")
	kind, month := store.Annual, 1
	if _, err := strconv.Atoi(year); err != nil || len(year) != 4 {
		return rules.Span{}, wrong
	}
	if number, quarter := strings.CutPrefix(rest, "Q"); rest != "" {
		n, err := strconv.Atoi(number)
		if kind, month = store.Monthly, n; quarter {
			kind, month = store.Quarterly, 3*n-2
		}
		if err != nil || n < 1 || quarter && n > 4 || n > 12 {
			return rules.Span{}, wrong
		}
	}
	return rules.SpanOf(kind, store.Date(fmt.Sprintf("%s-%02d-01", year, month)))
}

// open finds the period, with its units.
func (o ofPeriod) open(ctx context.Context) (*store.Store, store.Performances, *locales.Translator, error) {
	span, err := o.span()
	if err := errors.Join(asError(o.problems()), err); err != nil {
		return nil, store.Performances{}, nil, err
	}
	t, err := translator(o.Language)
	if err != nil {
		return nil, store.Performances{}, nil, err
	}
	s, err := openStore(ctx, o.DatabaseURL)
	if err != nil {
		return nil, store.Performances{}, nil, err
	}
	unitID, _, err := ofUnit{Unit: o.Unit}.find(ctx, s)
	var p store.Performances
	if err == nil {
		p, err = s.PerformancesIn(ctx, span.Kind, span.First, unitID)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = fmt.Errorf("there is no period %s for these units; nothing was changed", o.Period)
	}
	if err != nil {
		return nil, store.Performances{}, nil, errors.Join(err, s.Close())
	}
	return s, p, t, nil
}

type performanceExport struct {
	ofPeriod
	File string `arg:"" help:"XLSX or CSV file to write." type:"path"`
}

// Run writes the list.
func (e *performanceExport) Run(c console) (err error) {
	s, p, t, err := e.open(c.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	file, err := os.Create(filepath.Clean(e.File))
	if err != nil {
		return err
	}
	if err := errors.Join(performance.Write(file, e.File, p, t), file.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stdout, t.Plain("performance.written", locales.Args{"Number": len(p.Units), "File": e.File}))
	return err
}

type performanceImport struct {
	ofPeriod
	File   string `arg:"" help:"XLSX or CSV file to read." type:"existingfile"`
	DryRun bool   `name:"dry-run" help:"Only check the file."`
}

// Run enters the list, all of it or nothing.
func (i *performanceImport) Run(c console) (err error) {
	s, p, t, err := i.open(c.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	entries, err := i.read(c, p, t)
	if err != nil {
		return err
	}
	if i.DryRun {
		_, err = fmt.Fprintln(c.stdout, t.Plain("performance.good", locales.Args{"Number": len(entries)}))
		return err
	}
	n, err := s.EnterPerformances(c.ctx, p.ID, entries)
	if errors.Is(err, store.ErrClosed) {
		return errors.New(t.Plain("performance.archived"))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stdout, t.Plain("performance.stored", locales.Args{"Number": n, "Period": words.NameOfPeriod(t, p.AdminPeriod)}))
	return err
}

// read returns the entries of the file; what is wrong is printed, and then nothing is stored.
func (i *performanceImport) read(c console, p store.Performances, t *locales.Translator) ([]store.GradeEntry, error) {
	file, err := os.Open(filepath.Clean(i.File))
	if err != nil {
		return nil, err
	}
	rows, wrong, err := performance.Read(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	entries, more := performance.Resolve(p, rows)
	if wrong = append(wrong, more...); len(wrong) == 0 {
		return entries, nil
	}
	for _, w := range wrong {
		if _, err := fmt.Fprintln(c.stdout, w.Text(t)); err != nil {
			return nil, err
		}
	}
	return nil, errors.New(t.Plain("workbook.nothing_changed"))
}
