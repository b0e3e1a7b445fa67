package roster

import (
	"errors"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"kinerja/locales"
)

// guideSheet is the sheet of the example that explains the others.
const guideSheet = "petunjuk"

// examplePeople are rows of nobody: no civil servant was born in 1900. Whoever sends them back unchanged means nobody by them.
func examplePeople() [][]string {
	return [][]string{
		{"190001012000011001", "Contoh Kepala, S.E.", "Kepala Dinas Contoh", "struktural", "IV/b", "CONTOH", "", "081200000001", "pengelola"},
		{"190001012000011002", "Contoh Bidang, S.Sos.", "Kepala Bidang Contoh", "struktural", "III/d", "CONTOH-1", "190001012000011001", "081200000002", "penilai"},
		{"190001012020212003", "Contoh Pegawai, A.Md.", "Pengelola Data", "pelaksana", "VII", "CONTOH-1", "190001012000011002", "", ""},
	}
}

func exampleUnits() [][]string {
	return [][]string{{"CONTOH", "Dinas Contoh", ""}, {"CONTOH-1", "Bidang Contoh", "CONTOH"}, {"CONTOH-2", "UPTD Contoh", "CONTOH"}}
}

func examplesOf(sheet string) [][]string {
	if sheet == PeopleSheet {
		return examplePeople()
	}
	return exampleUnits()
}

// writtenColumns are those of the example.
func writtenColumns(sheet string) []string {
	var names []string
	for _, c := range columnsOf(sheet) {
		if c.name != superiorNameColumn {
			names = append(names, c.name)
		}
	}
	return names
}

// isExampleKey recognises the NIP or the code of an example row, which nobody has.
func isExampleKey(sheet, key string) bool {
	return key != "" && slices.ContainsFunc(examplesOf(sheet), func(row []string) bool { return row[0] == key })
}

// isExample recognises an example row that nobody has changed.
func (t table) isExample(l line) bool {
	sheet := t.part.header.sheet
	key, columns := t.cell(l, columnsOf(sheet)[0].name).text, writtenColumns(sheet)
	return isExampleKey(sheet, key) && slices.ContainsFunc(examplesOf(sheet), func(row []string) bool {
		for i, column := range columns {
			if _, there := t.part.header.columns[column]; there && t.cell(l, column).text != row[i] {
				return false
			}
		}
		return true
	})
}

const exampleRows = 5000 // as far down as the lists to choose from reach

// Example returns an XLSX to fill in: the sheets pegawai and unit with three example rows each, which are left out when they come back
// unchanged, and a sheet that says what each column means.
func Example(t *locales.Translator) (_ []byte, err error) {
	file, styles, err := newWorkbook()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for _, sheet := range []string{PeopleSheet, UnitSheet} {
		if err := writeExample(file, styles, sheet); err != nil {
			return nil, err
		}
	}
	if err := writeGuide(file, styles, t); err != nil {
		return nil, err
	}
	if err := offerChoices(file, t); err != nil {
		return nil, err
	}
	return finish(file)
}

// writeExample formats whole columns as text: a NIP that is typed into them keeps its digits.
func writeExample(file *excelize.File, styles styles, sheet string) error {
	if _, err := file.NewSheet(sheet); err != nil {
		return fmt.Errorf("make sheet: %w", err)
	}
	columns := writtenColumns(sheet)
	last := letters(len(columns) - 1)
	err := errors.Join(
		file.SetColStyle(sheet, "A:"+last, styles.text),
		file.SetColWidth(sheet, "A", last, fieldWidth),
		file.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	for n, row := range append([][]string{columns}, examplesOf(sheet)...) {
		for i, text := range row {
			at := fmt.Sprintf("%s%d", letters(i), n+1)
			style := styles.text
			if n == 0 {
				style = styles.head
			}
			err = errors.Join(err, file.SetCellStr(sheet, at, plainText(text)), file.SetCellStyle(sheet, at, at, style))
		}
	}
	return err
}

// writeGuide says of each column what it means, what may stand in it, and whether it is needed.
func writeGuide(file *excelize.File, styles styles, t *locales.Translator) error {
	w, err := newSheet(file, guideSheet, []float64{12, 18, 50, 70})
	if err != nil {
		return err
	}
	say := func(key string) string { return t.Plain("roster.guide." + key) }
	if err := w.add(texts(styles.head, say("sheet"), say("column"), say("meaning"), say("values"))); err != nil {
		return err
	}
	for _, sheet := range []string{PeopleSheet, UnitSheet} {
		for _, column := range writtenColumns(sheet) {
			if err := w.add(texts(styles.text, sheet, column, meaning(t, sheet, column), t.Plain("roster.values."+sheet+"."+column))); err != nil {
				return err
			}
		}
	}
	for _, key := range []string{"examples", "empty", "text"} {
		if err := w.add(texts(styles.text, "", "", say(key))); err != nil {
			return err
		}
	}
	return w.stream.Flush()
}

// offerChoices lets a spreadsheet offer the words that two columns may hold. Of roles several may stand in a cell, so other texts are let through.
func offerChoices(file *excelize.File, t *locales.Translator) error {
	for column, words := range map[string][]string{"jenis_jabatan": positionWords(), "peran": roleWords()} {
		letter := letters(slices.Index(writtenColumns(PeopleSheet), column))
		choice := excelize.NewDataValidation(true)
		choice.SetSqref(fmt.Sprintf("%s2:%s%d", letter, letter, exampleRows))
		if err := choice.SetDropList(words); err != nil {
			return fmt.Errorf("offer choices: %w", err)
		}
		values := shortenTo(t.Plain("roster.values."+PeopleSheet+"."+column), 200) // Excel allows 255
		choice.SetInput(column, values)
		if column == "jenis_jabatan" {
			choice.SetError(excelize.DataValidationErrorStyleStop, column, values)
		}
		if err := file.AddDataValidation(PeopleSheet, choice); err != nil {
			return fmt.Errorf("offer choices: %w", err)
		}
	}
	return nil
}

func positionWords() []string { return []string{"struktural", "fungsional", "pelaksana"} }

// roleWords in the order of what they grant; the first two follow from who evaluates whom.
func roleWords() []string {
	return []string{"pegawai", "penilai", "pengelola", "pimpinan", "pengelola kota", "pimpinan kota", "kepala daerah"}
}

// exampleProblem says that a row still has the key of an example.
func exampleProblem(sheet, key string) []Problem {
	if !isExampleKey(sheet, key) {
		return nil
	}
	return []Problem{wrong("example", map[string]any{"Column": columnsOf(sheet)[0].name})}
}
