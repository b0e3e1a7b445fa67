package roster

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"unicode"

	"kinerja/store"
)

func personColumns() []string {
	return []string{"nip", "nama", "jabatan", "jenis_jabatan", "golongan", "unit", "nip_atasan", "telepon", "peran"}
}

func columnsOf(sheet string) []string {
	if sheet == PeopleSheet {
		return personColumns()
	}
	return unitColumns()
}

func unitColumns() []string { return []string{"kode", "nama", "induk"} }

// cell is one field. lost says that the spreadsheet kept a long number in it, of which the last digits are gone.
type cell struct {
	text string
	lost bool
}

// line is one row that is not empty.
type line struct {
	row   int
	cells []cell
}

// table is where a sheet has its columns.
type table struct {
	sheet   string
	columns map[string]int
	seen    map[string]string // what stands in many rows is kept once
}

// errNoHeader says that a sheet has no line at all.
var errNoHeader = errors.New("no header")

// addRows takes the lines of a sheet. The first is its header, which tells sheetOf what the sheet is.
func (f *File) addRows(lines iter.Seq2[line, error], limits Limits, sheetOf func(header []string) (string, error)) error {
	var t table
	for l, err := range lines {
		switch {
		case err != nil:
			return err
		case len(l.cells) > limits.Columns:
			return unusable("too_many_columns", map[string]any{"Columns": limits.Columns})
		case t.columns == nil:
			if t, err = newTable(l, sheetOf); err != nil {
				return err
			}
			f.hasPeople, f.hasUnits = f.hasPeople || t.sheet == PeopleSheet, f.hasUnits || t.sheet == UnitSheet
		case len(f.people)+len(f.units) == limits.Rows:
			return tooManyRows(limits)
		case t.sheet == PeopleSheet:
			f.people = append(f.people, t.person(l))
		default:
			f.units = append(f.units, t.unit(l))
		}
	}
	if t.columns == nil {
		return errNoHeader
	}
	return nil
}

func tooManyRows(limits Limits) error {
	return unusable("too_many_rows", map[string]any{"Rows": limits.Rows})
}

// newTable reads the header: names in any order and case; unknown columns are left out.
func newTable(header line, sheetOf func(header []string) (string, error)) (table, error) {
	var names []string
	for _, c := range header.cells {
		names = append(names, columnName(c.text))
	}
	sheet, err := sheetOf(names)
	if err != nil {
		return table{}, err
	}
	t, wanted := table{sheet: sheet, columns: map[string]int{}, seen: map[string]string{}}, columnsOf(sheet)
	for i, name := range names {
		if !slices.Contains(wanted, name) {
			continue
		}
		if _, twice := t.columns[name]; twice {
			return table{}, unusable("column_twice", map[string]any{"Sheet": sheet, "Column": name})
		}
		t.columns[name] = i
	}
	var missing []string
	for _, name := range wanted {
		if _, found := t.columns[name]; !found {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return table{}, unusable("columns_missing", map[string]any{"Sheet": sheet, "Columns": strings.Join(missing, ", ")})
	}
	return t, nil
}

// columnName makes "NIP Atasan" nip_atasan.
func columnName(text string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(clean(text)))
}

// cell is a copy: the text of a row is in one piece, with columns that nobody wants.
func (t table) cell(l line, column string) cell {
	i := t.columns[column]
	if i >= len(l.cells) {
		return cell{}
	}
	return cell{text: strings.Clone(clean(l.cells[i].text)), lost: l.cells[i].lost}
}

func (t table) person(l line) personRow {
	text := func(column string) string { return t.cell(l, column).text }
	often := func(column string) string { return t.once(text(column)) }
	nip, superior := t.cell(l, "nip"), t.cell(l, "nip_atasan")
	return personRow{
		at: place{row: l.row}, nip: nip.text, nipLost: nip.lost, name: text("nama"), position: often("jabatan"), kind: often("jenis_jabatan"),
		grade: often("golongan"), unit: t.once(store.UnitCode(text("unit"))), superiorNIP: t.once(superior.text), superiorLost: superior.lost,
		phone: text("telepon"), roles: often("peran"),
	}
}

// once returns the first text that was the same.
func (t table) once(text string) string {
	if first, found := t.seen[text]; found {
		return first
	}
	t.seen[text] = text
	return text
}

func (t table) unit(l line) unitRow {
	text := func(column string) string { return t.cell(l, column).text }
	return unitRow{at: place{row: l.row}, code: store.UnitCode(text("kode")), name: text("nama"), parent: store.UnitCode(text("induk"))}
}

// clean makes every run of blanks, line ends and control characters one space and cuts them off at both ends.
// It keeps a leading = + - or @: that is text, and whoever writes a spreadsheet writes it as text.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\ufeff' || r == '\u200b' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}

func blank(cells []cell) bool {
	return !slices.ContainsFunc(cells, func(c cell) bool { return clean(c.text) != "" })
}
