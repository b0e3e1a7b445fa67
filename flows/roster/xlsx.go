package roster

import (
	"bytes"
	"errors"
	"iter"
	"strings"

	"github.com/xuri/excelize/v2"
)

// emptyRows is how many empty rows may lie between two rows with something in them. What stands below more of them is a stray
// mark at the end of the sheet.
const emptyRows = 10_000

// readXLSX reads the sheets pegawai and unit, whichever are there.
func readXLSX(data []byte, limits Limits) (file File, err error) {
	// The file comes from outside, and excelize is written for files that a spreadsheet made.
	defer func() {
		if recover() != nil {
			file, err = File{}, unusable("broken", nil)
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: limits.Unzipped, UnzipXMLSizeLimit: min(limits.Unzipped, 64<<20)})
	if err != nil {
		return File{}, openError(err)
	}
	defer func() { err = errors.Join(err, book.Close()) }() // larger sheets lie in temporary files
	for _, sheet := range book.GetSheetList() {
		name := strings.ToLower(clean(sheet))
		if name == PeopleSheet && file.hasPeople || name == UnitSheet && file.hasUnits {
			return File{}, unusable("sheet_twice", map[string]any{"Sheet": name})
		}
		if name != PeopleSheet && name != UnitSheet {
			continue
		}
		if err := file.addSheet(book, sheet, name, limits); err != nil {
			return File{}, err
		}
	}
	if !file.hasPeople && !file.hasUnits {
		return File{}, unusable("no_sheets", map[string]any{"People": PeopleSheet, "Units": UnitSheet})
	}
	return file, nil
}

// openError tells a file that grows too large apart from one that is no workbook.
func openError(err error) error {
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return unusable("unpacks_too_big", nil)
	}
	return unusable("broken", nil)
}

// addSheet reads each row twice, as stored and as shown. Text is the same both times; a number of more than 15 digits is not:
// that is how a NIP is found that a spreadsheet took for a number and rounded.
func (f *File) addSheet(book *excelize.File, sheet, name string, limits Limits) error {
	stored, err := book.Rows(sheet)
	if err != nil {
		return unusable("broken", nil)
	}
	shown, err := book.Rows(sheet)
	if err != nil {
		return errors.Join(unusable("broken", nil), stored.Close())
	}
	err = f.addRows(sheetLines(stored, shown), limits, func([]string) (string, error) { return name, nil })
	if errors.Is(err, errNoHeader) {
		err = unusable("no_header", map[string]any{"Sheet": name, "Columns": strings.Join(columnsOf(name), ", ")})
	}
	return errors.Join(err, stored.Close(), shown.Close())
}

// sheetLines goes through the rows that are not empty.
func sheetLines(stored, shown *excelize.Rows) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		last := 0
		for row := 1; stored.Next() && shown.Next(); row++ {
			cells, err := rowCells(stored, shown)
			if err != nil {
				yield(line{}, err)
				return
			}
			if blank(cells) {
				if row-last > emptyRows {
					return
				}
				continue
			}
			last = row
			if !yield(line{row: row, cells: cells}, nil) {
				return
			}
		}
		if stored.Error() != nil {
			yield(line{}, unusable("broken", nil))
		}
	}
}

func rowCells(stored, shown *excelize.Rows) ([]cell, error) {
	raw, err := stored.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, unusable("broken", nil)
	}
	formatted, err := shown.Columns()
	if err != nil {
		return nil, unusable("broken", nil)
	}
	cells := make([]cell, len(raw))
	for i := range cells {
		cells[i] = cell{text: raw[i], lost: isNumber(raw[i]) && (i >= len(formatted) || formatted[i] != raw[i])}
	}
	return cells, nil
}

// isNumber reports whether the text is how a spreadsheet stores a number.
func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789.eE+-") == ""
}
