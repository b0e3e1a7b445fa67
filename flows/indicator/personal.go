package indicator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"kinerja/flows/rules"
	"kinerja/locales"
	"kinerja/store"
)

// What people have of their own stands in a workbook of one sheet: the columns of the sheet capaian, each row with whose it is, and whether his results
// stand beside those of his unit (bersama) or take their place (menggantikan). It may be said in any of his rows; in none it means beside.

const (
	personalSheet  = "skp"
	nipColumn      = "nip"
	personColumn   = "nama" // for whoever reads the file
	modeColumn     = "hasil_unit"
	besideWord     = "bersama"
	insteadWord    = "menggantikan"
	lostDigitsMark = "E+" // a spreadsheet that kept a NIP as a number has lost its last digits
)

func personalColumns() []column {
	return append([]column{{nipColumn, nipColumn}, {personColumn, personColumn}, {modeColumn, modeColumn}}, sheets[0].columns...)
}

// PersonalRows is what a workbook says of one person, with the row in which he stands first.
type PersonalRows struct {
	store.PersonalEntry
	Row   int
	sheet string
	said  bool // beside or instead
}

// Wrong is something that is wrong with a person of a workbook.
func (p PersonalRows) Wrong(key string, args locales.Args) Wrong {
	return Wrong{Sheet: p.sheet, Row: p.Row, Key: key, Args: args}
}

// WritePersonal writes what people have of their own as an XLSX that ReadPersonal reads again.
func WritePersonal(w io.Writer, entries []store.PersonalEntry) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	if err := book.SetSheetName(book.GetSheetName(0), personalSheet); err != nil {
		return fmt.Errorf("make sheet: %w", err)
	}
	rows := [][]any{{}}
	for _, c := range personalColumns() {
		rows[0] = append(rows[0], c.name)
	}
	for _, e := range entries {
		mode := besideWord
		if e.Instead {
			mode = insteadWord
		}
		for _, i := range e.Results {
			if i.Itself() {
				i.Name = ""
			}
			rows = append(rows, append([]any{e.NIP, e.Name, mode}, rowOf(i, sheets[0].columns)...))
		}
	}
	if err := writeRows(book, personalSheet, rows); err != nil {
		return err
	}
	if err := book.Write(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// ReadPersonal reads what people have of their own, in the order of the file, or tells all that is wrong with its row.
func ReadPersonal(r io.Reader) (people []PersonalRows, wrong []Wrong, err error) {
	data, err := io.ReadAll(io.LimitReader(r, longestFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read workbook: %w", err)
	}
	defer func() {
		if recover() != nil { // as in ReadWorkbook
			people, wrong, err = nil, nil, ErrNoWorkbook
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: longestFile, UnzipXMLSizeLimit: longestFile})
	if err != nil || len(data) > longestFile {
		return nil, nil, ErrNoWorkbook
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	p := &personalReader{at: map[string]int{}}
	p.sheet(book)
	return p.people, p.wrong, nil
}

type personalReader struct {
	name   string // of the sheet
	people []PersonalRows
	at     map[string]int // by NIP
	wrong  []Wrong
}

func (p *personalReader) complain(row int, key string, args locales.Args) {
	p.wrong = append(p.wrong, Wrong{Sheet: p.name, Row: row, Key: key, Args: args})
}

// sheet reads the sheet skp, or the only one.
func (p *personalReader) sheet(book *excelize.File) {
	names := book.GetSheetList()
	at := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), personalSheet) })
	if p.name = personalSheet; at < 0 {
		if at = 0; len(names) > 1 {
			p.complain(0, "no_sheet", nil)
			return
		}
		p.name = names[0]
	}
	rows, err := book.GetRows(names[at])
	if err != nil {
		p.complain(0, "unreadable", nil)
		return
	}
	columns := personalColumns()
	header, places := headerOf(rows, columns)
	if header < 0 {
		p.complain(0, "no_header", locales.Args{"Column": nipColumn})
		return
	}
	for n, row := range rows[header+1:] {
		if strings.TrimSpace(strings.Join(row, "")) != "" {
			p.row(columns, places, row, header+n+2)
		}
	}
	if len(p.people)+len(p.wrong) == 0 {
		p.complain(0, "no_rows", nil)
	}
}

func (p *personalReader) row(columns []column, places []int, row []string, number int) {
	w := &workbookReader{}
	i, cells := store.Indicator{Aspect: store.Capaian}, map[string]string{}
	for n, c := range columns {
		cell := ""
		if places[n] >= 0 && places[n] < len(row) {
			cell = row[places[n]]
		}
		if n < len(columns)-len(sheets[0].columns) {
			cells[c.field] = strings.TrimSpace(cell)
			continue
		}
		w.cell(&i, c, cell, number)
	}
	for _, found := range w.wrong {
		p.complain(number, found.Key, found.Args)
	}
	if person := p.person(cells[nipColumn], number); person != nil {
		p.mode(person, cells[modeColumn], number)
		p.add(person, i, number)
	}
}

// person finds whose row it is; nil when that cannot be read.
func (p *personalReader) person(cell string, number int) *PersonalRows {
	nip, err := rules.ParseNIP(strings.Trim(cell, "'’`"))
	switch {
	case cell == "":
		p.complain(number, "no_name", locales.Args{"Column": nipColumn})
		return nil
	case strings.Contains(strings.ToUpper(cell), lostDigitsMark):
		p.complain(number, "nip_lost", nil)
		return nil
	case err != nil:
		p.complain(number, "no_nip", locales.Args{"Text": cell})
		return nil
	}
	at, known := p.at[string(nip)]
	if !known {
		at = len(p.people)
		p.at[string(nip)] = at
		p.people = append(p.people, PersonalRows{PersonalEntry: store.PersonalEntry{NIP: string(nip)}, Row: number, sheet: p.name})
	}
	return &p.people[at]
}

func (p *personalReader) mode(person *PersonalRows, cell string, number int) {
	word := strings.ToLower(cell)
	switch {
	case word == "":
		return
	case word != besideWord && word != insteadWord:
		p.complain(number, "no_mode", locales.Args{"Text": cell})
		return
	case person.said && person.Instead != (word == insteadWord):
		p.complain(number, "mode_twice", nil)
	}
	person.said, person.Instead = true, word == insteadWord
}

func (p *personalReader) add(person *PersonalRows, i store.Indicator, number int) {
	if i.Name == "" && i.Plan != "" {
		i.Name = store.NameOf(i.Plan)
	}
	switch {
	case i.Name == "":
		p.complain(number, "no_name", locales.Args{"Column": "rencana_hasil_kerja"})
	case slices.ContainsFunc(person.Results, func(o store.Indicator) bool { return o.Name == i.Name }):
		p.complain(number, "name_twice", locales.Args{"Name": i.Name})
	case slices.ContainsFunc(person.Results, func(o store.Indicator) bool { return contradicts(o, i) }):
		p.complain(number, "result_twice", locales.Args{"Plan": i.Plan})
	default:
		person.Results = append(person.Results, i)
	}
}
