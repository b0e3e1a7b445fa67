package roster_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kinerja/flows/roster"
	"kinerja/locales"
	"kinerja/store/sample"
)

// opened is a workbook until the end of the test.
func opened(t testing.TB, content []byte) *excelize.File {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	return book
}

// edited types texts into cells such as "pegawai!A2", over what the cells hold.
func edited(t testing.TB, content []byte, cells map[string]string) []byte {
	t.Helper()
	book := opened(t, content)
	for at, text := range cells {
		sheet, cell, _ := strings.Cut(at, "!")
		if err := book.SetCellStr(sheet, cell, text); err != nil {
			t.Fatal(err)
		}
	}
	buffer, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func rowsOf(t testing.TB, content []byte, sheet string) [][]string {
	t.Helper()
	rows, err := opened(t, content).GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// noFormulas holds rule 9: no cell of a file that goes out begins like a formula, and none is one.
func noFormulas(t testing.TB, content []byte) {
	t.Helper()
	book := opened(t, content)
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for y, row := range rows {
			for x, text := range row {
				at, err := excelize.CoordinatesToCellName(x+1, y+1)
				formula, formulaErr := book.GetCellFormula(sheet, at)
				if err := errors.Join(err, formulaErr); err != nil {
					t.Fatal(err)
				}
				if formula != "" || text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
					t.Errorf("%s!%s holds %q %q", sheet, at, text, formula)
				}
			}
		}
	}
}

func TestTheReasonsAreRecognisedInEveryLanguage(t *testing.T) {
	for _, language := range locales.Languages {
		reasons := translator(t, language).Plain("roster.wrong_rows.reasons")
		f := read(t, "a.csv", []byte("\""+reasons+"\",NIP,Nama,Unit\nx,"+nip(1)+",A,U\n"))
		if plan := check(t, withUnits(t), f); plan.People.New != 1 || strings.Contains(printed(t, plan), reasons) {
			t.Errorf("%s: %s", language, printed(t, plan))
		}
	}
}

func TestTheExampleOffersWordsAndKeepsDigits(t *testing.T) {
	content, err := roster.Example(translator(t, "id"))
	if err != nil {
		t.Fatal(err)
	}
	book := opened(t, content)
	choices, err := book.GetDataValidations("pegawai")
	if err != nil || len(choices) != 2 {
		t.Errorf("%d lists to choose from, %v", len(choices), err)
	}
	style, err := book.GetColStyle("pegawai", "A")
	if err != nil {
		t.Fatal(err)
	}
	if format, err := book.GetStyle(style); err != nil || format.NumFmt != 49 {
		t.Errorf("the column of NIPs: %+v, %v", format, err)
	}
	panes, err := book.GetPanes("pegawai")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the header moves: %+v, %v", panes, err)
	}
	if rows := rowsOf(t, content, "petunjuk"); len(rows) < 13 || rows[1][2] != "NIP pegawai" {
		t.Errorf("the guide: %q", rows)
	}
}

func sampleSources(t testing.TB) (units, people []byte) {
	t.Helper()
	return sample.Files()
}
