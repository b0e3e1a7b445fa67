package document

import (
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// Table is a sheet of an XLSX file.
type Table struct {
	Title   string
	Columns []Column
	Rows    iter.Seq2[[]string, error] // each as many cells as there are columns; it ends at an error
}

// Column is a column of a table, its width in letters.
type Column struct {
	Title string
	Width float64
}

// Tables writes an XLSX file of text cells, a sheet for each table, with a header that stays in sight. No cell is a formula, whatever it begins
// with. Of a table only what is being written is kept in memory.
func Tables(tables ...Table) (content []byte, err error) {
	file := excelize.NewFile()
	defer func() { err = errors.Join(err, file.Close()) }()
	bold, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEBF7"}}})
	if err != nil {
		return nil, fmt.Errorf("make workbook: %w", err)
	}
	for i, table := range tables {
		if i == 0 {
			err = file.SetSheetName("Sheet1", table.Title)
		} else {
			_, err = file.NewSheet(table.Title)
		}
		if err == nil {
			err = write(file, bold, table)
		}
		if err != nil {
			return nil, fmt.Errorf("write sheet %d: %w", i+1, err)
		}
	}
	buffer, err := file.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	return buffer.Bytes(), nil
}

func write(file *excelize.File, bold int, table Table) error {
	sheet, err := file.NewStreamWriter(table.Title)
	if err != nil {
		return err
	}
	head := make([]any, len(table.Columns))
	for i, column := range table.Columns {
		head[i] = excelize.Cell{StyleID: bold, Value: column.Title}
		err = errors.Join(err, sheet.SetColWidth(i+1, i+1, column.Width))
	}
	err = errors.Join(err, sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}), sheet.SetRow("A1", head))
	row := 1
	for cells, failed := range table.Rows {
		if err = errors.Join(err, failed); err != nil {
			return err
		}
		row++
		values := make([]any, len(cells))
		for i, cell := range cells {
			values[i] = cell // a stream writes a string as what it is
		}
		err = sheet.SetRow("A"+strconv.Itoa(row), values)
	}
	return errors.Join(err, sheet.Flush())
}
