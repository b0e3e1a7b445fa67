package roster

import (
	"iter"
	"strconv"
	"strings"

	"kinerja/store"
)

// table reads the rows of a part.
type table struct {
	part   part
	at     int // of the part
	absent map[string]bool
	seen   map[string]string // what stands in many rows is kept once
}

// addRows takes the lines below the header of a part.
func (f *File) addRows(at int, lines iter.Seq2[line, error]) error {
	t := table{part: f.parts[at], at: at, absent: map[string]bool{}, seen: map[string]string{}}
	for _, name := range t.part.header.absent() {
		t.absent[name] = true
	}
	examples, strays := 0, []string{}
	n := -1
	for l, err := range lines {
		n++
		switch l = t.part.given(l); {
		case err != nil:
			return err
		case len(l.cells) > f.limits.Columns:
			return tooManyColumns(f.limits)
		case n < t.part.header.at+t.part.header.rows:
			continue
		case f.rows() >= f.limits.Rows:
			return tooManyRows(f.limits)
		case t.numbers(l, n), t.headerAgain(l):
			continue
		case t.isExample(l):
			examples++
			continue
		case t.isStray(l):
			strays = append(strays, strconv.Itoa(l.row))
			continue
		}
		if t.part.header.sheet == PeopleSheet {
			f.people = append(f.people, t.person(l))
		} else {
			f.units = append(f.units, t.unit(l))
		}
	}
	name := map[string]any{"Sheet": f.nameOf(t.part)}
	f.noteList("rows_ignored", "Rows", strays, name)
	if examples > 0 {
		f.notes = append(f.notes, Problem{Key: "note.examples", Args: map[string]any{"Sheet": name["Sheet"], "Number": examples}})
	}
	return nil
}

func tooManyRows(limits Limits) error {
	return unusable("too_many_rows", map[string]any{"Rows": limits.Rows})
}

// given is a line as it was before WrongRows put a column in front.
func (p part) given(l line) line {
	if p.lead {
		return withoutLead(l)
	}
	return l
}

// numbers recognises the row below a header that counts the columns: 1, 2, 3 or (1), (2), (3).
func (t table) numbers(l line, n int) bool {
	if n > t.part.header.at+t.part.header.rows {
		return false
	}
	last := 0
	for i := range l.cells {
		text := strings.Trim(l.text(i), "()[]. ")
		if text == "" {
			continue
		}
		number, err := strconv.Atoi(text)
		if err != nil || number != last+1 {
			return false
		}
		last = number
	}
	return last >= 2
}

// headerAgain recognises the header where it stands on every page.
func (t table) headerAgain(l line) bool {
	same := 0
	for _, i := range t.part.header.columns {
		text := l.text(i)
		if text == "" || !sameHeader(text, t.part.header.name(i)) {
			return false
		}
		same++
	}
	return same > 0
}

// isStray recognises headings between the rows, and the date and signature below them: fewer than three fields, none of them where a row has its
// key or its name.
func (t table) isStray(l line) bool {
	key := codeColumn
	if t.part.header.sheet == PeopleSheet {
		key = nipColumn
	}
	return t.cell(l, key).text == "" && t.cell(l, nameColumn).text == "" && l.filled() < 3
}

// cell is a copy: the text of a row is in one piece, with columns that nobody wants.
func (t table) cell(l line, column string) cell {
	i, found := t.part.header.columns[column]
	if !found || i >= len(l.cells) {
		return cell{}
	}
	c := l.cells[i]
	c.text = strings.Clone(clean(c.text))
	if strings.Trim(c.text, "-–—") == "" { // how offices write that there is nothing
		c.text = ""
	}
	return c
}

// broken says which fields hold no value, although something is shown.
func (t table) broken(l line) (problems []Problem) {
	for _, c := range columnsOf(t.part.header.sheet) {
		if text := t.cell(l, c.name).text; failedFormula(text) {
			problems = append(problems, wrong("formula", map[string]any{"Column": c.name, "Text": text}))
		}
	}
	return problems
}

func (t table) person(l line) personRow {
	text := func(column string) string { return t.cell(l, column).text }
	often := func(column string) string { return t.once(text(column)) }
	nip, superior := t.cell(l, nipColumn), t.cell(l, superiorColumn)
	r := personRow{
		at: place{part: t.at, row: l.row}, nip: withoutLabel(nip.text), nipLost: nip.lost, name: text(nameColumn), position: often("jabatan"), kind: often("jenis_jabatan"),
		grade: t.once(readGrade(text("golongan"))), unit: often(unitColumn), superiorName: often(superiorNameColumn), superiorLost: superior.lost,
		phone: withoutLabel(text("telepon")), roles: often("peran"), absent: t.absent, broken: t.broken(l),
	}
	columns := t.part.header.columns
	if at, both := columns[nameColumn]; both && at == columns[nipColumn] {
		r.name, r.nip = splitNIP(nip.text)
	}
	r.superiorNIP = t.once(withoutLabel(superior.text))
	if name, nip := splitNIP(superior.text); nip != "" {
		r.superiorNIP = t.once(nip)
	} else if !strings.ContainsAny(name, "0123456789") {
		r.superiorNIP, r.superiorName = "", t.once(firstOf(name, r.superiorName))
	}
	r.unitDate = t.cell(l, unitColumn).date
	return r
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
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
	r := unitRow{at: place{part: t.at, row: l.row}, code: store.UnitCode(text(codeColumn)), name: text(nameColumn), parent: text(parentColumn), absent: t.absent, broken: t.broken(l)}
	if c := t.cell(l, codeColumn); c.date {
		r.broken = append(r.broken, wrong("date", map[string]any{"Column": codeColumn, "Text": c.text}))
	}
	return r
}
