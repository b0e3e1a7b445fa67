package roster

import (
	"slices"
	"strings"
	"unicode"

	"kinerja/store"
)

func personColumns() []string {
	return []string{"nip", "nama", "jabatan", "jenis_jabatan", "golongan", "unit", "nip_atasan", "telepon", "peran"}
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

// table is the rows of a sheet under their header.
type table struct {
	columns map[string]int
	lines   []line
}

// newTable reads the first line as the header: names in any order and case; unknown columns are left out.
func newTable(sheet string, lines []line, wanted []string) (table, error) {
	if len(lines) == 0 {
		return table{}, unusable("no_header", map[string]any{"Sheet": sheet, "Columns": strings.Join(wanted, ", ")})
	}
	t := table{columns: map[string]int{}, lines: lines[1:]}
	for i, c := range lines[0].cells {
		name := columnName(c.text)
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

func (t table) cell(l line, column string) cell {
	i := t.columns[column]
	if i >= len(l.cells) {
		return cell{}
	}
	return cell{text: clean(l.cells[i].text), lost: l.cells[i].lost}
}

func (t table) people() []personRow {
	rows := make([]personRow, 0, len(t.lines))
	for _, l := range t.lines {
		text := func(column string) string { return t.cell(l, column).text }
		nip, superior := t.cell(l, "nip"), t.cell(l, "nip_atasan")
		rows = append(rows, personRow{
			row: l.row, nip: nip.text, nipLost: nip.lost, name: text("nama"), position: text("jabatan"), kind: text("jenis_jabatan"),
			grade: text("golongan"), unit: store.UnitCode(text("unit")), superiorNIP: superior.text, superiorLost: superior.lost,
			phone: text("telepon"), roles: text("peran"),
		})
	}
	return rows
}

func (t table) units() []unitRow {
	rows := make([]unitRow, 0, len(t.lines))
	for _, l := range t.lines {
		rows = append(rows, unitRow{row: l.row, code: store.UnitCode(t.cell(l, "kode").text), name: t.cell(l, "nama").text, parent: store.UnitCode(t.cell(l, "induk").text)})
	}
	return rows
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
