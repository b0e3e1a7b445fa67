package roster

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

const textFormat = 49 // the number format @: digits that are typed stay text

// styles are those of a workbook that is written.
type styles struct{ head, text, reasons int }

func newStyles(file *excelize.File) (s styles, err error) {
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	s.head, err = file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: textFormat, Alignment: top,
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEBF7"}}})
	if err == nil {
		s.text, err = file.NewStyle(&excelize.Style{NumFmt: textFormat, Alignment: &excelize.Alignment{Vertical: "top"}})
	}
	if err == nil {
		s.reasons, err = file.NewStyle(&excelize.Style{NumFmt: textFormat, Alignment: top, Font: &excelize.Font{Color: "9C0006"}})
	}
	return s, err
}

// sheetWriter writes a sheet from top to bottom, with a header that stays in sight.
type sheetWriter struct {
	stream *excelize.StreamWriter
	row    int
}

func newSheet(file *excelize.File, title string, widths []float64) (*sheetWriter, error) {
	if _, err := file.NewSheet(title); err != nil {
		return nil, fmt.Errorf("make sheet: %w", err)
	}
	stream, err := file.NewStreamWriter(title)
	if err != nil {
		return nil, fmt.Errorf("make sheet: %w", err)
	}
	for i, width := range widths {
		err = errors.Join(err, stream.SetColWidth(i+1, i+1, width))
	}
	err = errors.Join(err, stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	return &sheetWriter{stream: stream}, err
}

func (w *sheetWriter) add(cells []any) error {
	w.row++
	return w.stream.SetRow("A"+strconv.Itoa(w.row), cells)
}

// texts are cells that no spreadsheet takes for formulas or numbers.
func texts(style int, list ...string) []any {
	cells := make([]any, len(list))
	for i, text := range list {
		cells[i] = excelize.Cell{StyleID: style, Value: plainText(text)}
	}
	return cells
}

// finish takes the sheet away with which excelize begins, and returns the file.
func finish(file *excelize.File) ([]byte, error) {
	const first = "Sheet1"
	if len(file.GetSheetList()) > 1 {
		if err := file.DeleteSheet(first); err != nil {
			return nil, fmt.Errorf("write workbook: %w", err)
		}
	}
	file.SetActiveSheet(0)
	buffer, err := file.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	return buffer.Bytes(), nil
}

// newWorkbook begins a file. Its first sheet has a name that no sheet of ours has until finish.
func newWorkbook() (*excelize.File, styles, error) {
	file := excelize.NewFile()
	s, err := newStyles(file)
	return file, s, err
}

const longestTitle = 31 // of a sheet, as Excel allows

// sheetTitle makes a name for a sheet that no other has.
func sheetTitle(name string, used map[string]bool) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) {
			return ' '
		}
		return r
	}, clean(name)), "' ")
	title := shortenTitle(name, "")
	for n := 2; title == "" || used[strings.ToLower(title)]; n++ {
		title = shortenTitle(name, " "+strconv.Itoa(n))
	}
	used[strings.ToLower(title)] = true
	return title
}

func shortenTitle(name, end string) string {
	most := longestTitle - len(end)
	runes := []rune(name)
	return strings.TrimSpace(string(runes[:min(len(runes), most/2+most/2)])) + end
}
