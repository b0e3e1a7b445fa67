package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// readCSV reads units or people; the header tells which.
func readCSV(data []byte, limits Limits) (File, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return File{}, unusable("not_utf8", nil)
	}
	lines, err := csvLines(data, limits)
	if err != nil {
		return File{}, err
	}
	var header []string
	for _, c := range lines[0].cells {
		header = append(header, columnName(c.text))
	}
	switch {
	case slices.Contains(header, "nip"):
		t, err := newTable(PeopleSheet, lines, personColumns())
		return File{hasPeople: true, people: t.people()}, err
	case slices.Contains(header, "kode"):
		t, err := newTable(UnitSheet, lines, unitColumns())
		return File{hasUnits: true, units: t.units()}, err
	default:
		return File{}, unusable("unknown_header", map[string]any{
			"People": strings.Join(personColumns(), ", "), "Units": strings.Join(unitColumns(), ", ")})
	}
}

// csvLines returns at least one line.
func csvLines(data []byte, limits Limits) ([]line, error) {
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comma = separator(data)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	var lines []line
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, unusable("csv_broken", map[string]any{"Line": broken.Line})
		}
		if err != nil {
			return nil, err
		}
		row, _ := reader.FieldPos(0)
		cells := make([]cell, len(record))
		for i, text := range record {
			// Fields are slices of a whole record; a copy lets go of the columns that nobody wants.
			cells[i] = cell{text: strings.Clone(text)}
		}
		if blank(cells) {
			continue
		}
		lines = append(lines, line{row: row, cells: cells})
		if err := tooMuch(lines, limits); err != nil {
			return nil, err
		}
	}
	if len(lines) == 0 {
		return nil, unusable("empty", nil)
	}
	return lines, nil
}

// separator is what stands most often in the first line: Excel writes semicolons where the comma is the decimal mark.
func separator(data []byte) rune {
	first, _, _ := bytes.Cut(bytes.TrimSpace(data), []byte("\n"))
	best, most := ',', 0
	for _, r := range []rune{',', ';', '\t'} {
		if n := bytes.Count(first, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}

// tooMuch looks at the newest line.
func tooMuch(lines []line, limits Limits) error {
	if len(lines) > limits.Rows {
		return unusable("too_many_rows", map[string]any{"Rows": limits.Rows})
	}
	if len(lines[len(lines)-1].cells) > limits.Columns {
		return unusable("too_many_columns", map[string]any{"Columns": limits.Columns})
	}
	return nil
}
