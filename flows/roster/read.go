// Package roster reads units and people from a spreadsheet or CSV files, tells what would change and what is wrong, and applies it.
//
// It goes in three steps: Read takes the file apart, Check compares it with the store and makes a Plan, Plan.Apply writes.
// Nothing is written before Apply, and a wrong row never stops the good ones.
//
// A plan is not stored: the bytes of the file, its name, the Mapping and who asks make it again in any process. What is kept beside them is
// Plan.Digest, with which Plan.Since tells whether the roster is still what was looked at.
package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits bound what a file may cost, however it was made.
type Limits struct {
	Bytes    int64 // of the files that are read together
	Unzipped int64 // of an XLSX or ODS once it is unpacked
	Rows     int   // below the headers, of everything that is read together
	Columns  int   // of one row
}

// DefaultLimits are roomy for a city: 20 MB (what Telegram lets a bot download) and 50,000 rows.
func DefaultLimits() Limits {
	return Limits{Bytes: 20 << 20, Unzipped: 200 << 20, Rows: 50_000, Columns: 200}
}

// CommandLimits are for a file that an operator has on the machine: a whole province, 200,000 rows. An XLSX may not unpack to more
// than any other may.
func CommandLimits() Limits {
	l := DefaultLimits()
	l.Bytes, l.Rows = 100<<20, 200_000
	return l
}

// The sheets of a roster.
const (
	PeopleSheet = "pegawai"
	UnitSheet   = "unit"
)

// File is the rows of one or several files, taken apart but not yet judged. It keeps their bytes, so that WrongRows can give rows back as
// they were.
type File struct {
	sources []source
	parts   []part
	notes   []Problem
	people  []personRow
	units   []unitRow
	limits  Limits
}

// source is a file as it came.
type source struct {
	name    string
	content []byte
	mapping Mapping
}

// part is a sheet with rows of ours.
type part struct {
	source int
	index  int    // among the sheets of the source
	title  string // of the sheet; "" in a CSV
	header header
	lead   bool // WrongRows put a column in front
}

// place is where a row stands.
type place struct {
	part int
	row  int // as the spreadsheet counts it; for CSV the line of the file
}

type unitRow struct {
	at                 place
	code, name, parent string
	absent             map[string]bool // columns that the sheet does not have: what is stored stays
	broken             []Problem       // what can be said of the cells alone
}

type personRow struct {
	at                                                                              place
	nip, name, position, kind, grade, unit, superiorNIP, superiorName, phone, roles string
	nipLost, superiorLost                                                           bool            // the spreadsheet kept the NIP as a number
	unitDate                                                                        bool            // the spreadsheet took the code for a day
	absent                                                                          map[string]bool // see unitRow
	broken                                                                          []Problem
}

// Read takes a file apart: an XLSX, an ODS or a CSV (commas, semicolons or tabs; UTF-8, UTF-16 or Windows-1252). The sheets pegawai and unit
// are read where they are there, else every visible sheet whose header is one of people or of units. The header is looked for among the
// first ten rows that are not empty, by the names that offices use; mapping adds what a person has answered, nil for nothing.
//
// The error is a *HeaderQuestion when a column must be asked for, and a *FileError when the file is at fault.
func Read(name string, content io.Reader, limits Limits, mapping Mapping) (File, error) {
	data, err := io.ReadAll(io.LimitReader(content, limits.Bytes+1))
	if err != nil {
		return File{}, fmt.Errorf("read file: %w", err)
	}
	if int64(len(data)) > limits.Bytes {
		return File{}, tooBig(limits)
	}
	f := File{sources: []source{{name: name, content: data, mapping: mapping}}, limits: limits}
	if err := f.read(); err != nil {
		return File{}, err
	}
	return f, nil
}

func tooBig(limits Limits) error {
	return unusable("too_big", map[string]any{"Megabytes": limits.Bytes >> 20})
}

// Join puts the rows of another file below those of this one. More than the limits allow is a *FileError.
func (f File) Join(other File, limits Limits) (File, error) {
	if f.bytes()+other.bytes() > limits.Bytes {
		return File{}, tooBig(limits)
	}
	if f.rows()+other.rows() > limits.Rows {
		return File{}, tooManyRows(limits)
	}
	for i := range other.parts {
		other.parts[i].source += len(f.sources)
	}
	for i := range other.people {
		other.people[i].at.part += len(f.parts)
	}
	for i := range other.units {
		other.units[i].at.part += len(f.parts)
	}
	f.sources, f.parts, f.notes = append(f.sources, other.sources...), append(f.parts, other.parts...), append(f.notes, other.notes...)
	f.people, f.units, f.limits = append(f.people, other.people...), append(f.units, other.units...), limits
	return f, nil
}

func (f File) bytes() (all int64) {
	for _, s := range f.sources {
		all += int64(len(s.content))
	}
	return all
}

func (f File) rows() int { return len(f.people) + len(f.units) }

// has reports whether there is a sheet of people, or of units.
func (f File) has(sheet string) bool {
	for _, p := range f.parts {
		if p.header.sheet == sheet {
			return true
		}
	}
	return false
}

// Notes says what was passed over: columns and sheets that nobody needs, columns that are not there, example rows.
func (f File) Notes() []Problem { return f.notes }

// FileProblem returns what to tell the person when err says that the file is at fault, or asks which column is meant.
func FileProblem(err error) (Problem, bool) {
	var file *FileError
	if errors.As(err, &file) {
		return file.Problem, true
	}
	var question *HeaderQuestion
	if errors.As(err, &question) {
		return question.Problem(), true
	}
	return Problem{}, false
}

// open goes through the sheets of a file, whatever it is.
func open(s source, limits Limits) (book, error) {
	switch {
	case bytes.HasPrefix(s.content, []byte("PK\x03\x04")):
		return openZip(s.content, limits)
	case bytes.HasPrefix(s.content, []byte{0xd0, 0xcf, 0x11, 0xe0}), startsMarkup(s.content):
		return nil, unusable("locked", nil) // the old XLS, an XLSX with a password, or a page of the web that is called XLS
	case isSpreadsheetName(s.name):
		return nil, unusable("not_xlsx", nil)
	default:
		return openCSV(s.content, limits, s.mapping)
	}
}
