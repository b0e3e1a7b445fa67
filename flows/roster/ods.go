package roster

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"
)

// What is in an ODS: the sheets, and a list that says whether they are encrypted.
const (
	odsContent  = "content.xml"
	odsManifest = "META-INF/manifest.xml"
)

type odsBook struct {
	content *zip.File
	limits  Limits
}

func openODS(z *zip.Reader, limits Limits) (book, error) {
	b := odsBook{limits: limits}
	for _, f := range z.File {
		switch f.Name {
		case odsContent:
			b.content = f
		case odsManifest:
			if encrypted(f) {
				return nil, unusable("locked", nil)
			}
		}
	}
	return b, nil
}

func encrypted(f *zip.File) bool {
	r, err := f.Open()
	if err != nil {
		return false
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, 1<<20))
	return err == nil && bytes.Contains(text, []byte("encryption-data"))
}

func (b odsBook) close() error { return nil }

// errUnpacked is what a reader says that has given as much as it may.
var errUnpacked = errors.New("unpacks to too much")

// bounded gives no more than the limit, whatever the zip says of its size.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errUnpacked
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func (b odsBook) sheets() iter.Seq2[sheet, error] {
	return func(yield func(sheet, error) bool) {
		content, err := b.content.Open()
		if err != nil {
			yield(sheet{}, unusable("broken", nil))
			return
		}
		defer content.Close()
		r := odsReader{xml: xml.NewDecoder(bufio.NewReader(&bounded{content, b.limits.Unzipped})), limits: b.limits, invisible: map[string]bool{}}
		r.xml.Strict = true
		for {
			start, err := r.nextTable()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(sheet{}, odsError(err))
				return
			}
			r.depth, r.ended = 0, false
			if !yield(sheet{title: attribute(start, "name"), hidden: r.invisible[attribute(start, "style-name")], lines: r.lines()}, nil) {
				return
			}
			if err := r.leaveTable(); err != nil {
				yield(sheet{}, odsError(err))
				return
			}
		}
	}
}

func odsError(err error) error {
	var file *FileError
	switch {
	case errors.As(err, &file):
		return err
	case errors.Is(err, errUnpacked):
		return unusable("unpacks_too_big", nil)
	}
	return unusable("broken", nil)
}

// odsReader goes once through the content.
type odsReader struct {
	xml       *xml.Decoder
	limits    Limits
	invisible map[string]bool // styles of tables that are not shown
	style     string          // that is being defined
	depth     int             // of open elements within the table
	ended     bool            // of the table
}

// next counts depth, so that the end of the table is known wherever the reading of its rows stopped.
func (r *odsReader) next() (xml.Token, error) {
	token, err := r.xml.Token()
	switch token.(type) {
	case xml.StartElement:
		r.depth++
	case xml.EndElement:
		r.depth--
		r.ended = r.depth < 0
	}
	return token, err
}

// nextTable goes to the next sheet; tables within drawings, and those that keep tracked changes, are none.
func (r *odsReader) nextTable() (xml.StartElement, error) {
	for {
		token, err := r.xml.Token()
		if err != nil {
			return xml.StartElement{}, err
		}
		start, isStart := token.(xml.StartElement)
		if !isStart {
			continue
		}
		switch start.Name.Local {
		case "style":
			r.style = attribute(start, "name")
		case "table-properties":
			r.invisible[r.style] = attribute(start, "display") == "false"
		case "tracked-changes", "shapes":
			if err := r.xml.Skip(); err != nil {
				return xml.StartElement{}, err
			}
		case "table":
			return start, nil
		}
	}
}

func (r *odsReader) leaveTable() error {
	for !r.ended {
		if _, err := r.next(); err != nil {
			return err
		}
	}
	return nil
}

// lines goes through the rows of the table that are not empty. A row that stands for many is given as often.
func (r *odsReader) lines() iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		row := 1
		for !r.ended {
			token, err := r.next()
			if err != nil {
				yield(line{}, odsError(err))
				return
			}
			start, isStart := token.(xml.StartElement)
			switch {
			case !isStart:
				continue
			case start.Name.Local != "table-row":
				if strings.HasPrefix(start.Name.Local, "table-") { // groups of rows, and columns
					continue
				}
				if err := r.skip(); err != nil { // drawings, forms, a table within
					yield(line{}, odsError(err))
					return
				}
				continue
			}
			times := repeated(start, "number-rows-repeated")
			cells, err := r.row()
			if err != nil {
				yield(line{}, odsError(err))
				return
			}
			if blank(cells) {
				row = min(row+times, 1<<30)
				continue
			}
			for range times {
				if !yield(line{row: row, cells: cells}, nil) {
					return
				}
				row++
			}
		}
	}
}

func (r *odsReader) skip() error {
	for depth := r.depth; r.depth >= depth; {
		if _, err := r.next(); err != nil {
			return err
		}
	}
	return nil
}

// row reads the cells of a row, without the empty ones at its end.
func (r *odsReader) row() ([]cell, error) {
	var cells []cell
	empty := 0 // cells that count only when one with something in it follows
	for depth := r.depth; ; {
		token, err := r.next()
		if err != nil {
			return nil, err
		}
		if r.depth < depth {
			return cells, nil
		}
		start, isStart := token.(xml.StartElement)
		if !isStart || start.Name.Local != "table-cell" && start.Name.Local != "covered-table-cell" {
			continue
		}
		times := repeated(start, "number-columns-repeated")
		c, err := r.cell(start)
		if err != nil {
			return nil, err
		}
		if clean(c.text) == "" {
			empty = min(empty+times, 1<<30)
			continue
		}
		if len(cells)+empty+times > r.limits.Columns {
			return nil, tooManyColumns(r.limits)
		}
		cells = append(cells, make([]cell, empty)...)
		for range times {
			cells = append(cells, c)
		}
		empty = 0
	}
}

// cell reads one cell to its end: the value as stored, and the text as shown. Notes and drawings in it are left out.
func (r *odsReader) cell(start xml.StartElement) (cell, error) {
	var text strings.Builder
	paragraphs := 0
	for depth := r.depth; ; {
		token, err := r.next()
		if err != nil {
			return cell{}, err
		}
		if r.depth < depth {
			break
		}
		switch token := token.(type) {
		case xml.CharData:
			if paragraphs > 0 {
				text.Write(token)
			}
		case xml.StartElement:
			switch token.Name.Local {
			case "p":
				paragraphs++
				text.WriteByte('\n')
			case "s", "tab", "line-break":
				text.WriteByte(' ')
			case "annotation", "frame", "custom-shape", "detective":
				if err := r.skip(); err != nil {
					return cell{}, err
				}
			}
		}
	}
	return odsValue(start, strings.TrimPrefix(text.String(), "\n")), nil
}

func odsValue(start xml.StartElement, shown string) cell {
	switch attribute(start, "value-type") {
	case "float", "percentage", "currency":
		stored := attribute(start, "value")
		if significant(wholeNumber(stored)) > 15 {
			return cell{text: shown, lost: true}
		}
		return numberCell(stored, shown)
	case "date", "time":
		return cell{text: shown, date: true}
	case "string":
		if shown == "" {
			return cell{text: attribute(start, "string-value")}
		}
	}
	return cell{text: shown}
}

func attribute(start xml.StartElement, local string) string {
	for _, a := range start.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

func repeated(start xml.StartElement, local string) int {
	n, err := strconv.Atoi(attribute(start, local))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, 1<<30)
}
