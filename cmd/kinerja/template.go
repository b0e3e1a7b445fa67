package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"kinerja/flows/indicator"
	"kinerja/locales"
	"kinerja/store"
)

type templateCommand struct {
	Export templateExport `cmd:"" help:"Write the indicators of the city, or of a unit, into an XLSX with the sheets capaian, sikap and perilaku."`
	Import templateImport `cmd:"" help:"Read such an XLSX as the indicators of the city, or of a unit, for the periods that are opened afterwards."`
}

// ofUnit names whose indicators are meant.
type ofUnit struct {
	databaseSetting
	Unit string `placeholder:"CODE" help:"Code of the unit; without it the default of the whole city."`
}

// find returns the id and the name of the unit, 0 and "" for the city.
func (u ofUnit) find(ctx context.Context, s *store.Store) (int64, string, error) {
	if u.Unit == "" {
		return 0, "", nil
	}
	unit, err := s.UnitByCode(ctx, u.Unit)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return 0, "", fmt.Errorf("there is no unit with the code %q; nothing was changed", u.Unit)
	case err == nil && unit.Code != store.UnitCode(u.Unit):
		return 0, "", fmt.Errorf("%s was merged into %s (%s); nothing was changed. If that one is meant, give its code", store.UnitCode(u.Unit), unit.Code, unit.Name)
	}
	return unit.ID, unit.Name, err
}

type templateExport struct {
	ofUnit
	File string `arg:"" help:"XLSX file to write." type:"path"`
}

// Run writes the indicators that the unit is evaluated with, its own or those that it follows.
func (e *templateExport) Run(c console) (err error) {
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
	version, err := s.TemplateFor(c.ctx, unitID)
	if errors.Is(err, store.ErrNotFound) {
		return errors.New("there are no indicators yet: run `kinerja migrate`, which writes a default for the city")
	}
	if err != nil {
		return err
	}
	indicators, err := s.Indicators(c.ctx, version)
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Clean(e.File))
	if err != nil {
		return err
	}
	if err := errors.Join(indicator.WriteWorkbook(file, indicators), file.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "%d indicators are in %s\n", len(indicators), e.File)
	return err
}

type templateImport struct {
	ofUnit
	File     string `arg:"" help:"XLSX file to read." type:"existingfile"`
	DryRun   bool   `name:"dry-run" help:"Only check the file."`
	Language string `env:"KINERJA_LANGUAGE" enum:"id,en" default:"id" help:"Language of the report: id or en."`
}

// Run makes the indicators of a workbook those of the unit, all or none.
func (i *templateImport) Run(c console) (err error) {
	if err := asError(i.problems()); err != nil {
		return err
	}
	t, err := translator(i.Language)
	if err != nil {
		return err
	}
	indicators, err := i.read(c, t)
	if err != nil {
		return err
	}
	s, err := openStore(c.ctx, i.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	unitID, name, err := i.find(c.ctx, s)
	if err != nil {
		return err
	}
	if i.DryRun {
		_, err = fmt.Fprintln(c.stdout, t.Plain("workbook.good", locales.Args{"Number": len(indicators)}))
		return err
	}
	if _, err := s.SaveTemplate(c.ctx, 0, unitID, name, indicators); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stdout, t.Plain("workbook.stored", locales.Args{"Number": len(indicators)}))
	return err
}

// read returns the indicators of the file; the error says all that is wrong in it.
func (i *templateImport) read(c console, t *locales.Translator) ([]store.Indicator, error) {
	file, err := os.Open(filepath.Clean(i.File))
	if err != nil {
		return nil, err
	}
	indicators, wrong, err := indicator.ReadWorkbook(file)
	if err = errors.Join(err, file.Close()); err != nil || len(wrong) == 0 {
		return indicators, err
	}
	for _, w := range wrong {
		if _, err := fmt.Fprintln(c.stdout, w.Text(t)); err != nil {
			return nil, err
		}
	}
	return nil, errors.New(t.Plain("workbook.nothing_changed"))
}
