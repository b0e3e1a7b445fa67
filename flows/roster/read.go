// Package roster reads units and people from a spreadsheet or CSV files, tells what would change and what is wrong, and applies it.
//
// It goes in three steps: Read takes the file apart, Check compares it with the store and makes a Plan, Plan.Apply writes.
// Nothing is written before Apply, and a wrong row never stops the good ones.
package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Limits bound what a file may cost, however it was made.
type Limits struct {
	Bytes    int64 // of the files that are read together
	Unzipped int64 // of an XLSX once it is unpacked
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

// File is the rows of one or several files, taken apart but not yet judged.
type File struct {
	names               []string
	bytes               int64
	hasPeople, hasUnits bool
	people              []personRow
	units               []unitRow
}

// place is where a row stands.
type place struct {
	file int // index into the names
	row  int // as the spreadsheet counts it, the header is row 1; for CSV the line of the file
}

type unitRow struct {
	at                 place
	code, name, parent string
}

type personRow struct {
	at                                                                place
	nip, name, position, kind, grade, unit, superiorNIP, phone, roles string
	nipLost, superiorLost                                             bool // the spreadsheet kept the NIP as a number
}

// Read takes a file apart: an XLSX with the sheets pegawai and unit (one may be missing), or a CSV with one of the two,
// separated by commas or semicolons, in UTF-8. The error is a *FileError when the file is at fault.
func Read(name string, content io.Reader, limits Limits) (File, error) {
	data, err := io.ReadAll(io.LimitReader(content, limits.Bytes+1))
	if err != nil {
		return File{}, fmt.Errorf("read roster: %w", err)
	}
	if int64(len(data)) > limits.Bytes {
		return File{}, tooBig(limits)
	}
	file, err := takeApart(name, data, limits)
	file.names, file.bytes = []string{name}, int64(len(data))
	return file, err
}

func tooBig(limits Limits) error {
	return unusable("too_big", map[string]any{"Megabytes": limits.Bytes >> 20})
}

func takeApart(name string, data []byte, limits Limits) (File, error) {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return File{}, unusable("empty", nil)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readXLSX(data, limits)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return File{}, unusable("locked", nil) // the old XLS, or an XLSX with a password
	case strings.EqualFold(filepath.Ext(name), ".xlsx"):
		return File{}, unusable("not_xlsx", nil)
	default:
		return readCSV(data, limits)
	}
}

// Join puts the rows of another file below those of this one. More than the limits allow is a *FileError.
func (f File) Join(other File, limits Limits) (File, error) {
	if f.bytes+other.bytes > limits.Bytes {
		return File{}, tooBig(limits)
	}
	if len(f.people)+len(f.units)+len(other.people)+len(other.units) > limits.Rows {
		return File{}, tooManyRows(limits)
	}
	for i := range other.people {
		other.people[i].at.file += len(f.names)
	}
	for i := range other.units {
		other.units[i].at.file += len(f.names)
	}
	return File{
		names:     append(f.names, other.names...),
		bytes:     f.bytes + other.bytes,
		hasPeople: f.hasPeople || other.hasPeople, people: append(f.people, other.people...),
		hasUnits: f.hasUnits || other.hasUnits, units: append(f.units, other.units...),
	}, nil
}

// FileProblem returns what to tell the person when err says that the file is at fault.
func FileProblem(err error) (Problem, bool) {
	var file *FileError
	if errors.As(err, &file) {
		return file.Problem, true
	}
	return Problem{}, false
}
