package roster

import (
	"strings"

	"kinerja/locales"
)

// Problem is a sentence about a file or a row: a key below "roster." in locales with its arguments.
type Problem struct {
	Key  string
	Args locales.Args
}

// Text is the sentence in plain text.
func (p Problem) Text(t *locales.Translator) string { return t.Plain("roster."+p.Key, p.Args) }

// Typed is the sentence about something that was typed in the chat, where there is no column.
func (p Problem) Typed(t *locales.Translator) string {
	switch key := strings.TrimPrefix(p.Key, "wrong."); key {
	case "empty", "too_long", "nip_digits", "nip_length", "nip_birth", "nip_appointment", "nip_sex", "nip_sequence":
		return t.Plain("roster.typed."+key, p.Args)
	}
	return p.Text(t)
}

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
