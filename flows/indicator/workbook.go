package indicator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/standard"
)

// A workbook has a sheet for each aspect, named as the aspect is in the law. The first row of a sheet, or one of the first ten where titles
// stand above it, names the columns; their order does not matter, and other columns are left out.

// column is one column of a sheet: its name, and the field of an indicator that it holds.
type column struct {
	name  string
	field string // word of fields, or one of the two below
}

const (
	kindColumn      = "kind"      // utama or tambahan
	dimensionColumn = "dimension" // kuantitas, kualitas, waktu or biaya
	behaviourColumn = "behaviour" // of a value: to be read only, the law fixes it
)

const (
	mainWord       = "utama"
	additionalWord = "tambahan"
)

var sheets = []struct { //nolint:gochecknoglobals // a constant table
	aspect  store.Aspect
	columns []column // the first one is what a row must have
}{
	{store.Capaian, []column{{"indikator", fieldName}, {"uraian", "description"}, {"rencana_hasil_kerja", "plan"}, {"rhk_pimpinan", "serves"},
		{"jenis", kindColumn}, {"aspek", dimensionColumn}, {"target", "target"}, {"satuan", "measure"}}},
	{store.Sikap, []column{{"sikap", fieldName}, {"uraian", "description"}}},
	{store.Perilaku, []column{{"nilai", fieldName}, {"perilaku", behaviourColumn}, {"ekspektasi_khusus", "expectation"}}},
}

// WriteWorkbook writes indicators as an XLSX that ReadWorkbook reads again.
func WriteWorkbook(w io.Writer, indicators []store.Indicator) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	for n, s := range sheets {
		name := string(s.aspect)
		if n == 0 {
			err = book.SetSheetName(book.GetSheetName(0), name)
		} else {
			_, err = book.NewSheet(name)
		}
		if err != nil {
			return fmt.Errorf("make sheet: %w", err)
		}
		rows := [][]any{{}}
		for _, c := range s.columns {
			rows[0] = append(rows[0], c.name)
		}
		for _, i := range indicators {
			if i.Aspect == s.aspect {
				rows = append(rows, rowOf(i, s.columns))
			}
		}
		if err := writeRows(book, name, rows); err != nil {
			return err
		}
	}
	if err := book.Write(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

func writeRows(book *excelize.File, sheet string, rows [][]any) error {
	for n, row := range rows {
		if err := book.SetSheetRow(sheet, fmt.Sprintf("A%d", n+1), &row); err != nil {
			return fmt.Errorf("write row: %w", err)
		}
	}
	return nil
}

func rowOf(i store.Indicator, columns []column) []any {
	var row []any
	for _, c := range columns {
		switch c.field {
		case kindColumn:
			word := mainWord
			if i.Additional {
				word = additionalWord
			}
			row = append(row, word)
		case dimensionColumn:
			row = append(row, i.Dimension)
		case behaviourColumn:
			row = append(row, i.Description)
		default:
			f, _ := fieldOf(c.field)
			row = append(row, *f.of(&i))
		}
	}
	return row
}

// Wrong is one thing that is wrong in a workbook.
type Wrong struct {
	Sheet string
	Row   int    // as the spreadsheet counts; 0 for the sheet
	Key   string // of the sentence
	Args  locales.Args
}

// Text tells it.
func (w Wrong) Text(t *locales.Translator) string {
	what := t.Plain("workbook."+w.Key, w.Args)
	if w.Row == 0 {
		return t.Plain("workbook.in_sheet", locales.Args{"Sheet": w.Sheet, "What": what})
	}
	return t.Plain("workbook.in_row", locales.Args{"Sheet": w.Sheet, "Row": w.Row, "What": what})
}

// ErrNoWorkbook is returned for what is no XLSX.
var ErrNoWorkbook = errors.New("the file is no XLSX workbook, or a damaged one")

const (
	headerRows  = 10       // how far down the names of the columns are looked for
	longestFile = 16 << 20 // bytes, packed and unpacked
)

// ReadWorkbook reads indicators, or tells all that is wrong. Without the sheet perilaku, or without some of the seven values in it, the values
// are there all the same, without what a leader expects.
func ReadWorkbook(r io.Reader) (indicators []store.Indicator, wrong []Wrong, err error) {
	data, err := io.ReadAll(io.LimitReader(r, longestFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read workbook: %w", err)
	}
	defer func() {
		if recover() != nil { // the file comes from outside, and excelize is written for files that a spreadsheet made
			indicators, wrong, err = nil, nil, ErrNoWorkbook
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: longestFile, UnzipXMLSizeLimit: longestFile})
	if err != nil || len(data) > longestFile {
		return nil, nil, ErrNoWorkbook
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	reader := &workbookReader{book: book}
	for _, s := range sheets {
		reader.sheet(s.aspect, s.columns)
	}
	if reader.missing(store.Capaian) && len(reader.wrong) == 0 {
		reader.complain(string(store.Capaian), 0, "no_results", nil)
	}
	if len(reader.list) > maxIndicators {
		reader.complain(string(store.Capaian), 0, "too_many", locales.Args{"Number": len(reader.list), "Limit": maxIndicators})
	}
	return reader.list, reader.wrong, nil
}

type workbookReader struct {
	book  *excelize.File
	list  []store.Indicator
	wrong []Wrong
}

func (w *workbookReader) complain(sheet string, row int, key string, args locales.Args) {
	w.wrong = append(w.wrong, Wrong{Sheet: sheet, Row: row, Key: key, Args: args})
}

func (w *workbookReader) missing(aspect store.Aspect) bool {
	return !slices.ContainsFunc(w.list, func(i store.Indicator) bool { return i.Aspect == aspect })
}

// sheet reads one sheet, whatever capitals its name has.
func (w *workbookReader) sheet(aspect store.Aspect, columns []column) {
	if aspect == store.Perilaku {
		w.list = append(w.list, standard.Values()...)
	}
	names := w.book.GetSheetList()
	at := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), string(aspect)) })
	if at < 0 {
		return
	}
	rows, err := w.book.GetRows(names[at])
	if err != nil {
		w.complain(string(aspect), 0, "unreadable", nil)
		return
	}
	header, places := headerOf(rows, columns)
	if header < 0 {
		if slices.ContainsFunc(rows, func(row []string) bool { return strings.Join(row, "") != "" }) {
			w.complain(string(aspect), 0, "no_header", locales.Args{"Column": columns[0].name})
		}
		return
	}
	for n, row := range rows[header+1:] {
		if strings.TrimSpace(strings.Join(row, "")) != "" {
			w.row(aspect, columns, places, row, header+n+2)
		}
	}
}

// headerOf finds the row that names the columns, and where each stands; -1 when there is none.
func headerOf(rows [][]string, columns []column) (header int, places []int) {
	for n, row := range rows[:min(len(rows), headerRows)] {
		places = places[:0]
		for _, c := range columns {
			places = append(places, slices.IndexFunc(row, func(cell string) bool { return columnName(cell) == c.name }))
		}
		if places[0] >= 0 {
			return n, places
		}
	}
	return -1, nil
}

// columnName reads "Rencana Hasil Kerja" as rencana_hasil_kerja.
func columnName(cell string) string { return strings.ToLower(strings.Join(strings.Fields(cell), "_")) }

func (w *workbookReader) row(aspect store.Aspect, columns []column, places []int, row []string, number int) {
	i := store.Indicator{Aspect: aspect}
	for n, c := range columns {
		cell := ""
		if places[n] >= 0 && places[n] < len(row) {
			cell = row[places[n]]
		}
		w.cell(&i, c, cell, number)
	}
	if i.Name == "" && i.Plan != "" {
		i.Name = store.NameOf(i.Plan) // a result in words alone
	}
	switch {
	case i.Name == "":
		w.complain(string(aspect), number, "no_name", locales.Args{"Column": columns[0].name})
	case aspect == store.Perilaku:
		w.value(i, number)
	case slices.ContainsFunc(w.list, func(o store.Indicator) bool { return o.Name == i.Name }):
		w.complain(string(aspect), number, "name_twice", locales.Args{"Name": i.Name})
	case slices.ContainsFunc(w.list, func(o store.Indicator) bool { return contradicts(o, i) }):
		w.complain(string(aspect), number, "result_twice", locales.Args{"Plan": i.Plan})
	default:
		w.list = append(w.list, i)
	}
}

// contradicts reports that two rows are about one result and say otherwise what belongs to it.
func contradicts(a, b store.Indicator) bool {
	return a.Plan != "" && a.Plan == b.Plan && (a.Serves != b.Serves || a.Additional != b.Additional)
}

// cell reads one cell into an indicator.
func (w *workbookReader) cell(i *store.Indicator, c column, cell string, number int) {
	word := strings.ToLower(strings.TrimSpace(cell))
	switch c.field {
	case behaviourColumn:
	case kindColumn:
		if word != "" && word != mainWord && word != additionalWord {
			w.complain(string(i.Aspect), number, "no_kind", locales.Args{"Text": cell})
		}
		i.Additional = word == additionalWord
	case dimensionColumn:
		if word != "" && !slices.Contains(dimensions, word) {
			w.complain(string(i.Aspect), number, "no_dimension", locales.Args{"Text": cell})
		}
		i.Dimension = word
	default:
		f, _ := fieldOf(c.field)
		text := tidy(cell, f.lines)
		if n := len(utf16.Encode([]rune(text))); n > f.limit {
			w.complain(string(i.Aspect), number, "too_long", locales.Args{"Column": c.name, "Number": n, "Limit": f.limit})
		}
		*f.of(i) = text
	}
}

// value adds what a leader expects to one of the seven values.
func (w *workbookReader) value(i store.Indicator, number int) {
	at := slices.IndexFunc(w.list, func(o store.Indicator) bool { return o.Aspect == store.Perilaku && strings.EqualFold(o.Name, i.Name) })
	if at < 0 {
		w.complain(string(store.Perilaku), number, "no_value", locales.Args{"Name": i.Name})
		return
	}
	w.list[at].Expectation = i.Expectation
}
