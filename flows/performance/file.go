package performance

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"

	"kinerja/locales"
	"kinerja/store"
)

// The columns of a file. Others are left out, and their order does not matter.
const (
	codeColumn  = "kode"
	nameColumn  = "nama"
	gradeColumn = "capaian"
)

const (
	headerRows  = 10       // how far down the names of the columns are looked for
	longestFile = 16 << 20 // bytes, packed and unpacked
	longestText = 60       // of what was written, in a sentence about it
)

// ErrNoTable is returned for what is neither XLSX nor CSV.
var ErrNoTable = errors.New("the file is no XLSX workbook and no CSV, or a damaged one")

// Row is one line of a list as somebody wrote it.
type Row struct {
	Number      int // as he counts
	Code, Grade string
}

// Wrong is one thing that is wrong in a list.
type Wrong struct {
	Row  int    // 0 for the whole
	Key  string // of the sentence
	What string
}

// Text tells it.
func (w Wrong) Text(t *locales.Translator) string {
	what := t.Plain("performance.wrong_"+w.Key, locales.Args{"Text": w.What})
	if w.Row == 0 {
		return what
	}
	return t.Plain("performance.wrong_row", locales.Args{"Row": w.Row, "What": what})
}

// Lines reads a typed list: a line for each unit, its code and then its grade.
func Lines(text string) []Row {
	var rows []Row
	for n, line := range strings.Split(text, "\n") {
		if code, grade, _ := strings.Cut(strings.TrimSpace(line), " "); code != "" {
			rows = append(rows, Row{Number: n + 1, Code: strings.TrimRight(code, ":="), Grade: strings.Trim(grade, " :=-")})
		}
	}
	return rows
}

// gradeWords are the grades as people write them, in any language, as plain writes them.
var gradeWords = map[string]store.OrgGrade{ //nolint:gochecknoglobals // a constant table
	"istimewa": store.OrgOutstanding, "sangat baik": store.OrgOutstanding, // so the law itself once names it (annex IV.B.2b)
	"baik": store.OrgGood, "butuh perbaikan": store.OrgNeedsImprovement, "cukup": store.OrgNeedsImprovement, "kurang": store.OrgPoor, "sangat kurang": store.OrgVeryPoor,
	"outstanding": store.OrgOutstanding, "good": store.OrgGood, "needs improvement": store.OrgNeedsImprovement, "poor": store.OrgPoor, "very poor": store.OrgVeryPoor,
}

// plain is a text in small letters, with one space between its words.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return unicode.IsSpace(r) || r == '_' || r == '-' }), " ")
}

func shown(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), longestText)])
}

// Resolve turns the rows of a list into entries for the units of a period, or tells all that is wrong. A row without grade is left out: so an
// exported list comes back half filled. An unknown grade is wrong, never a default.
func Resolve(p store.Performances, rows []Row) (entries []store.GradeEntry, wrong []Wrong) {
	seen := map[string]bool{}
	for _, row := range rows {
		code := store.UnitCode(row.Code)
		i := slices.IndexFunc(p.Units, func(l store.PerformanceLine) bool { return l.Unit.Code == code })
		grade, known := gradeWords[plain(row.Grade)]
		switch {
		case row.Grade == "" && len(rows) == 1, code == "":
			wrong = append(wrong, Wrong{Row: row.Number, Key: "form"})
		case row.Grade == "":
		case i < 0:
			wrong = append(wrong, Wrong{Row: row.Number, Key: "unit", What: shown(row.Code)})
		case !known:
			wrong = append(wrong, Wrong{Row: row.Number, Key: "grade", What: shown(row.Grade)})
		case seen[code]:
			wrong = append(wrong, Wrong{Row: row.Number, Key: "twice", What: shown(row.Code)})
		default:
			entries = append(entries, store.GradeEntry{UnitID: p.Units[i].Unit.ID, Grade: grade})
		}
		seen[code] = true
	}
	return entries, wrong
}

// Read reads a list from an XLSX, its first sheet, or a CSV with commas or semicolons.
func Read(r io.Reader) (rows []Row, wrong []Wrong, err error) {
	data, err := io.ReadAll(io.LimitReader(r, longestFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read list: %w", err)
	}
	if len(data) > longestFile {
		return nil, nil, ErrNoTable
	}
	table, err := tableOf(data)
	if err != nil {
		return nil, nil, err
	}
	code, grade, first := -1, -1, 0
	for n, cells := range table[:min(headerRows, len(table))] {
		names := make([]string, len(cells))
		for i, cell := range cells {
			names[i] = plain(cell)
		}
		if code, grade = slices.Index(names, codeColumn), slices.Index(names, gradeColumn); code >= 0 && grade >= 0 {
			first = n + 1
			break
		}
	}
	if first == 0 {
		return nil, []Wrong{{Key: "header"}}, nil
	}
	for n, cells := range table[first:] {
		row := Row{Number: first + n + 1, Code: cell(cells, code), Grade: cell(cells, grade)}
		if row.Code+row.Grade != "" {
			rows = append(rows, row)
		}
	}
	return rows, nil, nil
}

func cell(cells []string, i int) string {
	if i >= len(cells) {
		return ""
	}
	return strings.TrimPrefix(strings.TrimSpace(cells[i]), "'")
}

// tableOf reads the cells of a file.
func tableOf(data []byte) (table [][]string, err error) {
	if !bytes.HasPrefix(data, []byte("PK")) {
		text := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
		text.FieldsPerRecord, text.LazyQuotes = -1, true
		if first, _, _ := bytes.Cut(data, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
			text.Comma = ';'
		}
		if table, err = text.ReadAll(); err != nil {
			return nil, ErrNoTable
		}
		return table, nil
	}
	defer func() {
		if recover() != nil { // the file comes from outside, and excelize is written for files that a spreadsheet made
			table, err = nil, ErrNoTable
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: longestFile, UnzipXMLSizeLimit: longestFile})
	if err != nil {
		return nil, ErrNoTable
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	if table, err = book.GetRows(book.GetSheetName(0)); err != nil {
		return nil, ErrNoTable
	}
	return table, nil
}

// Write writes the units of a period with what is entered as a list that Read reads again: CSV where the file is called so, else XLSX.
func Write(w io.Writer, file string, p store.Performances, t *locales.Translator) error {
	rows := [][]string{{codeColumn, nameColumn, gradeColumn}}
	for _, l := range p.Units {
		grade := ""
		if l.Grade != "" {
			grade = Grade(t, l.Grade, false)
		}
		rows = append(rows, []string{safe(l.Unit.Code), safe(l.Unit.Name), grade})
	}
	if strings.EqualFold(filepath.Ext(file), ".csv") {
		out := csv.NewWriter(w)
		return errors.Join(out.WriteAll(rows), out.Error())
	}
	return writeBook(w, rows)
}

// safe keeps a cell from starting a formula.
func safe(text string) string {
	if strings.HasPrefix(text, "=") || strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") || strings.HasPrefix(text, "@") {
		return "'" + text
	}
	return text
}

func writeBook(w io.Writer, rows [][]string) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	sheet := book.GetSheetName(0)
	for n, row := range rows {
		if err := book.SetSheetRow(sheet, fmt.Sprintf("A%d", n+1), &row); err != nil {
			return fmt.Errorf("write row: %w", err)
		}
	}
	if err := book.Write(w); err != nil {
		return fmt.Errorf("write list: %w", err)
	}
	return nil
}
