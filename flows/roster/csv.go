package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// csvBook is a CSV: one sheet without a name.
type csvBook struct {
	data      []byte // UTF-8
	separator rune
}

func openCSV(data []byte, limits Limits, mapping Mapping) (book, error) {
	data, err := asUTF8(data)
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limits.Unzipped { // UTF-16 and Windows-1252 may grow
		return nil, unusable("unpacks_too_big", nil)
	}
	b := csvBook{data: data}
	b.separator = b.bestSeparator(mapping)
	return b, nil
}

// asUTF8 reads what spreadsheets call Unicode text (UTF-16), CSV UTF-8, and CSV (Windows-1252).
func asUTF8(data []byte) ([]byte, error) {
	order, wide := unicode.LittleEndian, false
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		wide = true
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order, wide = unicode.BigEndian, true
	case len(data) >= 4 && data[1] == 0 && data[3] == 0 && data[0] != 0: // without the mark
		wide = true
	case len(data) >= 4 && data[0] == 0 && data[2] == 0 && data[1] != 0:
		order, wide = unicode.BigEndian, true
	}
	var err error
	switch {
	case wide:
		data, err = unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(data)
	case !utf8.Valid(data):
		data, err = charmap.Windows1252.NewDecoder().Bytes(data)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err != nil || bytes.IndexByte(data, 0) >= 0 {
		return nil, unusable("not_text", nil)
	}
	return data, nil
}

func (b csvBook) close() error { return nil }

func (b csvBook) sheets() iter.Seq2[sheet, error] {
	return func(yield func(sheet, error) bool) { yield(sheet{lines: b.lines()}, nil) }
}

// lines goes through the lines that are not empty.
func (b csvBook) lines() iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		reader := csv.NewReader(bytes.NewReader(b.data))
		reader.Comma = b.separator
		reader.FieldsPerRecord = -1
		reader.ReuseRecord = true
		for first := true; ; first = false {
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
			if blank(cells) || first && isSeparatorLine(record) {
				continue
			}
			if !yield(line{row: row, cells: cells}, nil) {
				return
			}
		}
	}
}

// isSeparatorLine recognises sep=; with which a file tells Excel how it is written.
func isSeparatorLine(record []string) bool {
	return bytes.HasPrefix([]byte(record[0]), []byte("sep="))
}

// bestSeparator is the one with which the header is understood best, and of several the one that stands most often in the first lines: Excel
// writes semicolons where the comma is the decimal mark, and commas stand in names and titles.
func (b csvBook) bestSeparator(mapping Mapping) rune {
	best, most := ',', -1
	for _, r := range []rune{',', ';', '\t'} {
		b.separator = r
		var lines []line
		for l, err := range b.lines() {
			if err != nil || len(lines) == headerRows {
				break
			}
			lines = append(lines, l)
		}
		known, _ := findHeader(lines, "", mapping)
		if n := len(known.columns)<<32 + bytes.Count(b.data[:min(len(b.data), 4<<10)], []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}
