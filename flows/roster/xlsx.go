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

type xlsxBook struct{ file *excelize.File }

func openXLSX(data []byte, limits Limits) (book, error) {
	file, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: limits.Unzipped, UnzipXMLSizeLimit: min(limits.Unzipped, 64<<20)})
	if err != nil {
		return nil, openError(err)
	}
	return xlsxBook{file}, nil
}

// openError tells a file that grows too large apart from one that is no workbook.
func openError(err error) error {
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return unusable("unpacks_too_big", nil)
	}
	return unusable("broken", nil)
}

func (b xlsxBook) close() error { return b.file.Close() } // larger sheets lie in temporary files

func (b xlsxBook) sheets() iter.Seq2[sheet, error] {
	return func(yield func(sheet, error) bool) {
		for _, name := range b.file.GetSheetList() {
			visible, err := b.file.GetSheetVisible(name)
			if err != nil {
				yield(sheet{}, unusable("broken", nil))
				return
			}
			if !yield(sheet{title: name, hidden: !visible, lines: b.lines(name)}, nil) {
				return
			}
		}
	}
}

// lines reads each row twice, as stored and as shown: see numberCell.
func (b xlsxBook) lines(name string) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		stored, err := b.file.Rows(name)
		if err != nil {
			if !isNoWorksheet(err) {
				yield(line{}, unusable("broken", nil))
			}
			return
		}
		defer func() { err = errors.Join(err, stored.Close()) }()
		shown, err := b.file.Rows(name)
		if err != nil {
			yield(line{}, unusable("broken", nil))
			return
		}
		defer func() { err = errors.Join(err, shown.Close()) }()
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

// isNoWorksheet recognises a sheet that holds a chart and no cells.
func isNoWorksheet(err error) bool { return strings.Contains(err.Error(), "is not a worksheet") }

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
		seen := ""
		if i < len(formatted) {
			seen = formatted[i]
		}
		cells[i] = numberCell(raw[i], seen)
	}
	return cells, nil
}
