package roster

import (
	"archive/zip"
	"bytes"
	"errors"
	"iter"
	"path/filepath"
	"slices"
	"strings"
)

// book is a file of sheets.
type book interface {
	// sheets goes through the sheets in their order. The lines of each can be gone through once, before the next sheet.
	sheets() iter.Seq2[sheet, error]
	close() error
}

// sheet is one sheet, not yet understood.
type sheet struct {
	title  string // "" in a CSV
	hidden bool
	lines  iter.Seq2[line, error] // those that are not empty
}

// found is what the first rows of a sheet tell.
type found struct {
	sheet
	peek   []line
	header header
	fits   bool
	forced string // PeopleSheet or UnitSheet by its name
	lead   bool   // WrongRows put a column in front
}

// read chooses the sheets, then reads them.
func (f *File) read() (err error) {
	mapping := f.sources[0].mapping
	// The file comes from outside, and excelize is written for files that a spreadsheet made.
	defer func() {
		if recover() != nil {
			err = unusable("broken", nil)
		}
	}()
	b, err := open(f.sources[0], f.limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	sheets, err := look(b, f.limits, mapping)
	if err != nil {
		return err
	}
	if err := f.choose(sheets, mapping); err != nil {
		return err
	}
	n := -1
	for s, err := range b.sheets() {
		if err != nil {
			return err
		}
		n++
		for at, p := range f.parts {
			if p.index != n {
				continue
			}
			if err := f.addRows(at, s.lines); err != nil {
				return err
			}
		}
	}
	f.noteParts()
	return nil
}

// look reads the first rows of every sheet.
func look(b book, limits Limits, mapping Mapping) ([]found, error) {
	var list []found
	for s, err := range b.sheets() {
		if err != nil {
			return nil, err
		}
		one := found{sheet: s}
		if name := foldName(s.title); name == PeopleSheet || name == UnitSheet {
			one.forced = name
		}
		for l, err := range s.lines {
			if err != nil {
				return nil, err
			}
			if len(l.cells) > limits.Columns {
				if one.forced != "" || s.title == "" {
					return nil, tooManyColumns(limits)
				}
				one.peek = nil // a sheet of something else
				break
			}
			if one.peek = append(one.peek, l); len(one.peek) == peekRows {
				break
			}
		}
		one.lead = slices.ContainsFunc(one.peek[:min(headerRows, len(one.peek))], func(l line) bool { return isReasons(foldName(l.text(0))) })
		if one.lead {
			for i := range one.peek {
				one.peek[i] = withoutLead(one.peek[i])
			}
		}
		if foldName(s.title) != guideSheet {
			one.header, one.fits = findHeader(one.peek, one.forced, mapping)
		}
		list = append(list, one)
	}
	return list, nil
}

func withoutLead(l line) line {
	l.cells = l.cells[min(1, len(l.cells)):]
	return l
}

func tooManyColumns(limits Limits) error {
	return unusable("too_many_columns", map[string]any{"Columns": limits.Columns})
}

// choose decides which sheets are read: those that are named for it, else every visible one that fits.
func (f *File) choose(sheets []found, mapping Mapping) error {
	for _, kind := range []string{PeopleSheet, UnitSheet} {
		named := 0
		for _, s := range sheets {
			if s.forced == kind && !s.hidden {
				named++
			}
		}
		if named > 1 {
			return unusable("sheet_twice", map[string]any{"Sheet": kind})
		}
		for i, s := range sheets {
			switch {
			case s.hidden, named > 0 && s.forced != kind, named == 0 && (!s.fits || s.header.sheet != kind):
				continue
			case len(s.peek) == 0:
				return unusable("no_header", map[string]any{"Sheet": s.title, "Columns": columnList(kind)})
			case !s.fits:
				return f.unknown(s, kind)
			}
			if q := s.header.ask(s.title, s.peek, mapping); q != nil {
				return q.orError()
			}
			f.parts = append(f.parts, part{index: i, title: s.title, header: s.header, lead: s.lead})
		}
	}
	if len(f.parts) == 0 {
		return f.nothing(sheets)
	}
	f.noteSheets(sheets)
	return nil
}

// unknown asks in a sheet of which no column has a known name.
func (f *File) unknown(s found, kind string) error {
	h, usable := guess(s.peek, kind)
	if !usable {
		return unusable("columns_missing", map[string]any{"Sheet": s.title, "Columns": columnList(kind)})
	}
	return h.question(s.title, s.peek, columnsOf(kind)[0], nil).orError()
}

// nothing says why no sheet is one of ours. Where there is only one table, it is asked what it holds.
func (f *File) nothing(sheets []found) error {
	var tables []found
	for _, s := range sheets {
		switch h, usable := guess(s.peek, PeopleSheet); {
		case s.hidden && s.fits:
			return unusable("hidden", map[string]any{"Sheet": s.title})
		case !s.hidden && usable && len(h.names) >= 2:
			tables = append(tables, s)
		}
	}
	csv := len(sheets) == 1 && sheets[0].title == ""
	switch {
	case len(tables) == 1:
		return f.unknown(tables[0], PeopleSheet)
	case csv && len(sheets[0].peek) == 0:
		return unusable("empty", nil)
	case csv:
		return unusable("unknown_header", map[string]any{"People": columnList(PeopleSheet), "Units": columnList(UnitSheet)})
	}
	return unusable("no_sheets", map[string]any{"People": PeopleSheet, "Units": UnitSheet})
}

func (f *File) noteSheets(sheets []found) {
	var hidden, others []string
	for i, s := range sheets {
		switch used := slices.ContainsFunc(f.parts, func(p part) bool { return p.index == i }); {
		case used || len(s.peek) == 0 || foldName(s.title) == guideSheet:
		case s.hidden:
			hidden = append(hidden, s.title)
		default:
			others = append(others, s.title)
		}
	}
	f.noteList("sheets_hidden", "Sheets", hidden, nil)
	f.noteList("sheets_ignored", "Sheets", others, nil)
}

// noteParts says of each sheet which of its columns are not used, and which it lacks.
func (f *File) noteParts() {
	for _, p := range f.parts {
		name := map[string]any{"Sheet": f.nameOf(p)}
		f.noteList("columns_ignored", "Columns", p.header.ignored(), name)
		f.noteList("columns_absent", "Columns", p.header.absent(), name)
	}
}

func (f *File) noteList(key, what string, names []string, more map[string]any) {
	if len(names) == 0 {
		return
	}
	for i := range names {
		names[i] = shorten(names[i])
	}
	args := map[string]any{what: strings.Join(names[:min(len(names), 12)], ", ")}
	if len(names) > 12 {
		args[what] = args[what].(string) + ", …" //nolint:forcetypeassert // it was put there just now
	}
	for name, value := range more {
		args[name] = value
	}
	f.notes = append(f.notes, Problem{Key: "note." + key, Args: args})
}

// nameOf is how a sheet is called to people.
func (f *File) nameOf(p part) string {
	if p.title == "" {
		return p.header.sheet
	}
	return p.title
}

// openZip tells the two kinds of workbook apart.
func openZip(data []byte, limits Limits) (book, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, unusable("broken", nil)
	}
	if slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == odsContent }) {
		return openODS(z, limits)
	}
	return openXLSX(data, limits)
}

// startsMarkup recognises web pages and XML, which some programs write and call XLS.
func startsMarkup(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(data[:min(len(data), 512)], []byte("\ufeff"))), []byte("<"))
}

func isSpreadsheetName(name string) bool {
	return slices.Contains([]string{".xlsx", ".xlsm", ".xltx", ".ods", ".ots"}, strings.ToLower(filepath.Ext(name)))
}
