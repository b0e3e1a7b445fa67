package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"iter"
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
	var file File
	err := file.addRows(csvLines(data), limits, func(header []string) (string, error) {
		switch {
		case slices.Contains(header, "nip"):
			return PeopleSheet, nil
		case slices.Contains(header, "kode"):
			return UnitSheet, nil
		}
		return "", unusable("unknown_header", map[string]any{
			"People": strings.Join(personColumns(), ", "), "Units": strings.Join(unitColumns(), ", ")})
	})
	if errors.Is(err, errNoHeader) {
		err = unusable("empty", nil)
	}
	return file, err
}

// csvLines goes through the lines that are not empty.
func csvLines(data []byte) iter.Seq2[line, error] {
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comma = separator(data)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	return func(yield func(line, error) bool) {
		for {
			record, err := reader.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			var broken *csv.ParseError
			if errors.As(err, &broken) {
				err = unusable("csv_broken", map[string]any{"Line": broken.Line})
			}
			if err != nil {
				yield(line{}, err)
				return
			}
			row, _ := reader.FieldPos(0)
			cells := make([]cell, len(record))
			for i, text := range record {
				cells[i] = cell{text: text}
			}
			if !blank(cells) && !yield(line{row: row, cells: cells}, nil) {
				return
			}
		}
	}
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
