package upload

import (
	"bytes"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"

	"kinerja/flows/roster"
	"kinerja/locales"
	"kinerja/store"
)

// summary is what a look at a file found, as it is kept beside the upload.
type summary struct {
	Problem  *roster.Problem        `json:"problem,omitempty"`  // the file cannot be used
	Question *roster.HeaderQuestion `json:"question,omitempty"` // which column is it?

	Units    roster.Counts    `json:"units"`
	People   roster.Counts    `json:"people"`
	Changes  int              `json:"changes"` // rows that would be written
	Wrong    []finding        `json:"wrong,omitempty"`
	Warnings []finding        `json:"warnings,omitempty"`
	Warned   int              `json:"warned"`
	Notes    []roster.Problem `json:"notes,omitempty"`
	Moves    int              `json:"moves"`
	Missing  int              `json:"missing"`
	Stale    bool             `json:"stale,omitempty"` // the roster changed since what was shown before, so nothing was applied
	Applied  int              `json:"applied,omitempty"`
}

// finding is a problem of one row.
type finding struct {
	Sheet string `json:"sheet"`
	Row   int    `json:"row"`
	roster.Problem
}

// shownFindings is how many rows are named on the screen; the rest is in the file.
const shownFindings = 3

// summaryOf keeps of a plan what is shown.
func summaryOf(p roster.Plan) summary {
	return summary{Units: p.Units, People: p.People, Changes: p.Changes(), Wrong: firstOf(p.Wrong), Warnings: firstOf(p.Warnings), Warned: len(p.Warnings),
		Notes: p.Notes, Moves: len(p.Moves), Missing: p.Missing}
}

func firstOf(all []roster.Finding) (list []finding) {
	for _, f := range all[:min(shownFindings, len(all))] {
		list = append(list, finding{Sheet: f.Sheet, Row: f.Row, Problem: f.Problem})
	}
	return list
}

// wrong counts the rows that cannot be used.
func (s summary) wrong() int { return s.Units.Wrong + s.People.Wrong }

// longestHeader is how long the name of a column may be that is offered, in bytes; a longer one is a text in the wrong place.
const longestHeader = 200

// short keeps of a question the candidates that are shown: what is kept of a file is bounded, however wide its table is.
func short(q *roster.HeaderQuestion) *roster.HeaderQuestion {
	kept := *q
	kept.Candidates = nil
	for _, candidate := range q.Candidates {
		if len(candidate.Answer) <= longestHeader && len(candidate.Header) <= longestHeader && len(kept.Candidates) < candidatesShown {
			kept.Candidates = append(kept.Candidates, candidate)
		}
	}
	return &kept
}

// readSummary reads what was kept; nothing while nothing was found yet.
func readSummary(u store.Upload) (s summary) {
	decoder := json.NewDecoder(strings.NewReader(u.Summary))
	if decoder.Decode(&s) != nil {
		return summary{}
	}
	for _, p := range s.problems() {
		whole(p.Args)
	}
	return s
}

func (s *summary) problems() (all []*roster.Problem) {
	if s.Problem != nil {
		all = append(all, s.Problem)
	}
	for i := range s.Notes {
		all = append(all, &s.Notes[i])
	}
	for _, list := range [][]finding{s.Wrong, s.Warnings} {
		for i := range list {
			all = append(all, &list[i].Problem)
		}
	}
	return all
}

// whole makes numbers whole again, which JSON gives back as floating point: a sentence counts with them.
func whole(args locales.Args) {
	for name, value := range args {
		if number, ok := value.(float64); ok && number == math.Trunc(number) {
			args[name] = int(number)
		}
	}
}

// text is what is kept.
func (s summary) text() (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(s)
	return strings.TrimSpace(out.String()), err
}

// readMapping reads the answers so far.
func readMapping(u store.Upload) roster.Mapping {
	mapping := roster.Mapping{}
	if json.Unmarshal([]byte(u.Mapping), &mapping) != nil {
		return roster.Mapping{}
	}
	return mapping
}

const (
	keptName  = 200 // characters
	shownName = 30
)

// cutName keeps a name within what the store keeps, with its ending, which says what kind of file it is.
func cutName(name string) string { return shorten(name, keptName) }

func shortName(name string) string { return shorten(name, shownName) }

func shorten(name string, most int) string {
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	ending := []rune(filepath.Ext(name))
	if len(ending) > 6 {
		ending = nil
	}
	return string(runes[:most-len(ending)-1]) + "…" + string(ending)
}
