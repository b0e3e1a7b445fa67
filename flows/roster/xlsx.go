package roster

import (
	"bytes"
	"errors"
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
		switch name {
		case PeopleSheet:
			t, err := readSheet(book, sheet, personColumns(), limits)
			if err != nil {
				return File{}, err
			}
			file.hasPeople, file.people = true, t.people()
		case UnitSheet:
			t, err := readSheet(book, sheet, unitColumns(), limits)
			if err != nil {
				return File{}, err
			}
			file.hasUnits, file.units = true, t.units()
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

// readSheet reads each row twice, as stored and as shown. Text is the same both times; a number of more than 15 digits is not:
// that is how a NIP is found that a spreadsheet took for a number and rounded.
func readSheet(book *excelize.File, sheet string, wanted []string, limits Limits) (table, error) {
	name := strings.ToLower(clean(sheet))
	stored, err := book.Rows(sheet)
	if err != nil {
		return table{}, unusable("broken", nil)
	}
	shown, err := book.Rows(sheet)
	if err != nil {
		return table{}, errors.Join(unusable("broken", nil), stored.Close())
	}
	lines, err := sheetLines(stored, shown, limits)
	if err = errors.Join(err, stored.Close(), shown.Close()); err != nil {
		return table{}, err
	}
	return newTable(name, lines, wanted)
}

func sheetLines(stored, shown *excelize.Rows, limits Limits) ([]line, error) {
	var lines []line
	last := 0
	for row := 1; stored.Next() && shown.Next(); row++ {
		raw, err := stored.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, unusable("broken", nil)
		}
		formatted, err := shown.Columns()
		if err != nil {
			return nil, unusable("broken", nil)
		}
		if len(raw) > limits.Columns {
			return nil, unusable("too_many_columns", map[string]any{"Columns": limits.Columns})
		}
		cells := make([]cell, len(raw))
		for i := range cells {
			cells[i] = cell{text: raw[i], lost: isNumber(raw[i]) && (i >= len(formatted) || formatted[i] != raw[i])}
		}
		if blank(cells) {
			if row-last > emptyRows {
				break
			}
			continue
		}
		last = row
		lines = append(lines, line{row: row, cells: cells})
		if err := tooMuch(lines, limits); err != nil {
			return nil, err
		}
	}
	if stored.Error() != nil {
		return nil, unusable("broken", nil)
	}
	return lines, nil
}

// isNumber reports whether the text is how a spreadsheet stores a number.
func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789.eE+-") == ""
}
