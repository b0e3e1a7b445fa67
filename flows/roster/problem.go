package roster

import (
	"kinerja/locales"
)

// Problem is a sentence about a file or a row: a key below "roster." in locales with its arguments.
type Problem struct {
	Key  string
	Args locales.Args
}

// Text is the sentence in plain text.
func (p Problem) Text(t *locales.Translator) string { return t.Plain("roster."+p.Key, p.Args) }

// FileError is returned for a file that cannot be used at all. Its Problem tells a person why and what to do;
// its Error holds nothing of the file.
type FileError struct{ Problem }

// Error is for logs.
func (e *FileError) Error() string { return "roster file: " + e.Key }

func unusable(key string, args locales.Args) error {
	return &FileError{Problem{Key: "file." + key, Args: args}}
}

// Finding is a problem of one row.
type Finding struct {
	File  string // its name, where several were read; else ""
	Sheet string // as the file calls it; in a CSV as Kind
	Kind  string // PeopleSheet or UnitSheet
	Row   int    // as the spreadsheet counts it; for CSV the line of the file
	Problem
	part int
}
