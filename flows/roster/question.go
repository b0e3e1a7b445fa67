package roster

import (
	"slices"
	"strings"

	"kinerja/locales"
)

// Mapping says where columns are whose names Read does not know: column (one of Columns) to Candidate.Answer, or to "" for a column that
// the file does not have. Keep it as JSON beside the file: the same file with the same mapping is read the same way.
type Mapping map[string]string

// HeaderQuestion is the error of Read for a file in which a column is missing, or there twice: which one is it? Put the answer into the
// Mapping under Column and read the file again; it may then ask for the next one.
type HeaderQuestion struct {
	Column     string // as a Mapping names it
	Sheet      string // PeopleSheet or UnitSheet
	Title      string // of the sheet in the file; "" in a CSV
	Optional   bool   // "" is an answer too: the file has none, and what is stored stays as it is
	Twice      bool   // the candidates all have the name of the column
	Candidates []Candidate
}

// Candidate is a column of the file that may be the one.
type Candidate struct {
	Answer  string   // for the Mapping
	Header  string   // as the file writes it; "" where it has none
	Letter  string   // of the column, as a spreadsheet shows it
	Samples []string // up to three values below it
}

// Error holds nothing of the file.
func (q *HeaderQuestion) Error() string { return "roster file: which column is " + q.Column + "?" }

// Problem asks in one sentence; a conversation draws buttons of the Candidates instead.
func (q *HeaderQuestion) Problem() Problem {
	var names []string
	for _, c := range q.Candidates {
		names = append(names, c.Answer)
	}
	key := "question.missing"
	if q.Twice {
		key = "question.twice"
	}
	name := q.Title
	if name == "" {
		name = q.Sheet
	}
	return Problem{Key: key, Args: locales.Args{"Sheet": name, "Column": q.Column, "Headers": strings.Join(names, ", ")}}
}

// orError says that a column is missing where there is none to choose.
func (q *HeaderQuestion) orError() error {
	if len(q.Candidates) > 0 {
		return q
	}
	return unusable("columns_missing", locales.Args{"Sheet": q.Problem().Args["Sheet"], "Columns": columnList(q.Sheet)})
}

// Meaning says in a few words what the column holds.
func (q *HeaderQuestion) Meaning(t *locales.Translator) string {
	return meaning(t, q.Sheet, lastPart(q.Column))
}

func lastPart(key string) string { return key[strings.LastIndex(key, ".")+1:] }

func meaning(t *locales.Translator, sheet, column string) string {
	return t.Plain("roster.meaning." + sheet + "." + column)
}

const (
	samplesShown = 3
	sampleLength = 40
)

// question asks for a column of a header.
func (h *header) question(title string, lines []line, c column, twice []int) *HeaderQuestion {
	q := &HeaderQuestion{Column: answerKey(h.sheet, c.name), Sheet: h.sheet, Title: title, Optional: c.need != needed, Twice: len(twice) > 0}
	for i := range h.width(lines) {
		if q.Twice && !slices.Contains(twice, i) || !q.Twice && h.taken(i) {
			continue
		}
		candidate := Candidate{Header: h.name(i), Letter: letters(i), Answer: h.answer(i), Samples: h.samples(lines, i)}
		if candidate.Header == "" && len(candidate.Samples) == 0 || !q.Twice && unnamed(foldName(candidate.Header)) && candidate.Header != "" {
			continue
		}
		q.Candidates = append(q.Candidates, candidate)
	}
	if c.name == nipColumn || c.name == superiorColumn { // those that hold such numbers first
		slices.SortStableFunc(q.Candidates, func(a, b Candidate) int { return likely(b) - likely(a) })
	}
	return q
}

func likely(c Candidate) int {
	if slices.ContainsFunc(c.Samples, looksLikeNIP) {
		return 1
	}
	return 0
}

// answer is the name of a column where it has one of its own, else its letter.
func (h *header) answer(i int) string {
	name := h.name(i)
	for j := range h.names {
		if j != i && sameHeader(h.name(j), name) {
			name = ""
		}
	}
	if name == "" {
		return "[" + letters(i) + "]"
	}
	return name
}

func (h *header) samples(lines []line, i int) []string {
	var found []string
	for _, l := range lines[min(h.at+h.rows, len(lines)):] {
		if text := l.text(i); text != "" && len(found) < samplesShown && !slices.Contains(found, text) {
			found = append(found, shortenTo(text, sampleLength))
		}
	}
	return found
}

// letters is how a spreadsheet calls a column: A, B, ... Z, AA.
func letters(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}
