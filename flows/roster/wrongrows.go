package roster

import (
	"errors"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"kinerja/locales"
)

const (
	reasonsWidth = 60
	fieldWidth   = 22
	bullet       = "• "
)

// WrongRows returns the wrong rows of the plan as an XLSX: as they were given, all columns in their order below the same header, behind a first
// column that says in plain words what is wrong. Mended, it is read with the same mapping as the file; the first column is left out then.
// nil when no row is wrong.
func WrongRows(f File, p Plan, t *locales.Translator) (_ []byte, err error) {
	if len(p.Wrong) == 0 {
		return nil, nil
	}
	defer func() {
		if recover() != nil { // the file was read before, but it comes from outside
			err = unusable("broken", nil)
		}
	}()
	reasons := map[place][]string{}
	for _, w := range p.Wrong {
		at := place{part: w.part, row: w.Row}
		reasons[at] = append(reasons[at], bullet+w.Text(t))
	}
	file, styles, err := newWorkbook()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	titles := f.titles(p)
	for n, s := range f.sources {
		if err := f.copyRows(file, styles, n, s, titles, reasons, t); err != nil {
			return nil, err
		}
	}
	return finish(file)
}

// titles names the sheet of each part with wrong rows. Of several for the same kind none has the name that makes it the only one.
func (f File) titles(p Plan) map[int]string {
	kinds, wanted := map[string]int{}, map[int]bool{}
	for _, w := range p.Wrong {
		if !wanted[w.part] {
			wanted[w.part] = true
			kinds[w.Kind]++
		}
	}
	titles, used := map[int]string{}, map[string]bool{"sheet1": true}
	for i, part := range f.parts {
		if !wanted[i] {
			continue
		}
		name := f.nameOf(part)
		if folded := foldName(name); folded == foldName("Sheet1") || kinds[part.header.sheet] > 1 && (folded == PeopleSheet || folded == UnitSheet) {
			name = part.header.sheet + " " + strconv.Itoa(i+1)
			if kinds[part.header.sheet] == 1 {
				name = part.header.sheet
			}
		}
		titles[i] = sheetTitle(name, used)
	}
	return titles
}

// copyRows reads a file again and copies its wrong rows.
func (f File) copyRows(file *excelize.File, styles styles, source int, s source, titles map[int]string, reasons map[place][]string, t *locales.Translator) (err error) {
	b, err := open(s, f.limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	n := -1
	for sheet, err := range b.sheets() {
		if err != nil {
			return err
		}
		n++
		for at, part := range f.parts {
			if title := titles[at]; part.source == source && part.index == n && title != "" {
				if err := copySheet(file, styles, title, part, at, sheet, reasons, t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func copySheet(file *excelize.File, styles styles, title string, part part, at int, from sheet, reasons map[place][]string, t *locales.Translator) error {
	widths := []float64{reasonsWidth}
	for range part.header.names {
		widths = append(widths, fieldWidth)
	}
	w, err := newSheet(file, title, widths)
	if err != nil {
		return err
	}
	if err := w.add(texts(styles.head, append([]string{t.Plain("roster.wrong_rows.reasons")}, part.header.names...)...)); err != nil {
		return err
	}
	for l, err := range from.lines {
		if err != nil {
			return err
		}
		found := reasons[place{part: at, row: l.row}]
		if len(found) == 0 {
			continue
		}
		cells := texts(styles.reasons, strings.Join(found, "\n"))
		for _, c := range part.given(l).cells {
			cells = append(cells, c.copied(styles.text))
		}
		if err := w.add(cells); err != nil {
			return err
		}
	}
	return w.stream.Flush()
}

// copied is the field as it was. A number that has lost digits stays one, so that it is not taken for a good one next time.
func (c cell) copied(style int) any {
	if c.lost {
		if n, err := strconv.ParseFloat(c.text, 64); err == nil {
			return excelize.Cell{Value: n}
		}
	}
	return excelize.Cell{StyleID: style, Value: plainText(clean(c.text))}
}
