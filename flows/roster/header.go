package roster

import (
	"slices"
	"strings"
)

const (
	headerRows = 10 // rows that are not empty in which the header is looked for
	peekRows   = headerRows + 8
)

// header is where a sheet has its columns.
type header struct {
	sheet   string // PeopleSheet or UnitSheet
	at      int    // which of the lines
	rows    int    // 1, or 2 where a title stands over several columns
	names   []string
	columns map[string]int   // index into the cells of a line
	twice   map[string][]int // columns of which there are several with the same name
}

// findHeader looks for the header among the first rows of a sheet. forced is the sheet that it is by its name, "" for any. fits says that
// the sheet is one of ours.
func findHeader(lines []line, forced string, mapping Mapping) (best header, fits bool) {
	for at := range min(headerRows, len(lines)) {
		for rows := 1; rows <= 2 && at+rows <= len(lines); rows++ {
			names := headerNames(lines[at : at+rows])
			if slices.ContainsFunc(names, looksLikeNIP) {
				continue
			}
			for _, sheet := range []string{PeopleSheet, UnitSheet} {
				if forced != "" && forced != sheet {
					continue
				}
				h := header{sheet: sheet, at: at, rows: rows, names: names}
				h.resolve(mapping)
				if len(h.columns) > len(best.columns) {
					best = h
				}
			}
		}
	}
	return best, best.fits(forced != "")
}

// fits reports whether enough is known to say that this is a header.
func (h *header) fits(forced bool) bool {
	_, nip := h.columns[nipColumn]
	switch n := len(h.columns); {
	case n == 0:
		return false
	case forced, nip && h.sheet == PeopleSheet:
		return true
	case h.sheet == UnitSheet:
		return n >= 2
	default:
		return n >= 3
	}
}

// headerNames reads one row as it is, or two as one: a title that stands over several columns belongs to each of them.
func headerNames(lines []line) []string {
	width := 0
	for _, l := range lines {
		width = max(width, len(l.cells))
	}
	names, over := make([]string, width), ""
	for i := range names {
		top := lines[0].text(i)
		if len(lines) == 1 {
			names[i] = top
			continue
		}
		below := lines[1].text(i)
		if top != "" {
			over = top
		} else if below != "" {
			top = over
		}
		names[i] = strings.TrimSpace(top + " " + below)
	}
	return names
}

// resolve finds the columns: by the mapping, else by the names that offices use.
func (h *header) resolve(mapping Mapping) {
	h.columns, h.twice = map[string]int{}, map[string][]int{}
	folded := make([]string, len(h.names))
	for i, name := range h.names {
		folded[i] = foldName(name)
	}
	for _, c := range columnsOf(h.sheet) {
		if answer, answered := mapping[answerKey(h.sheet, c.name)]; answered {
			if at := h.find(answer); at >= 0 {
				h.columns[c.name] = at
				continue
			}
			if answer == "" {
				continue
			}
		}
		for _, name := range c.names {
			at := slices.Index(folded, name)
			if at < 0 {
				continue
			}
			h.columns[c.name] = at
			if last := lastIndex(folded, name); last != at {
				h.twice[c.name] = allOf(folded, name)
			}
			break
		}
	}
	h.settleSuperior()
}

// settleSuperior: a single column of superiors, whatever is in it, is not there twice.
func (h *header) settleSuperior() {
	at, found := h.columns[superiorColumn]
	if byName, also := h.columns[superiorNameColumn]; found && also && at == byName {
		delete(h.columns, superiorNameColumn)
		delete(h.twice, superiorNameColumn)
	}
}

func lastIndex(list []string, text string) int {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == text {
			return i
		}
	}
	return -1
}

func allOf(list []string, text string) (at []int) {
	for i, each := range list {
		if each == text {
			at = append(at, i)
		}
	}
	return at
}

// find returns the column that an answer means, -1 for none.
func (h *header) find(answer string) int {
	if answer == "" {
		return -1
	}
	if at := slices.IndexFunc(h.names, func(name string) bool { return sameHeader(name, answer) }); at >= 0 {
		return at
	}
	if folded := foldName(answer); folded != "" {
		if at := slices.IndexFunc(h.names, func(name string) bool { return foldName(name) == folded && !strings.HasPrefix(answer, "[") }); at >= 0 {
			return at
		}
	}
	for i := range len(h.names) + maxUnnamed {
		if strings.EqualFold("["+letters(i)+"]", answer) {
			return i
		}
	}
	return -1
}

// maxUnnamed is how many columns behind the last one with a name can be meant by their letter.
const maxUnnamed = 30

func sameHeader(a, b string) bool { return strings.EqualFold(clean(a), clean(b)) }

// name is what stands over a column.
func (h *header) name(i int) string {
	if i >= len(h.names) {
		return ""
	}
	return h.names[i]
}

func (h *header) width(lines []line) int {
	width := len(h.names)
	for _, l := range lines[min(h.at+h.rows, len(lines)):] {
		width = max(width, len(l.cells))
	}
	return width
}

// taken reports whether a column is one of ours already.
func (h *header) taken(i int) bool {
	for _, at := range h.columns {
		if at == i {
			return true
		}
	}
	return false
}

// ask returns what must be asked before the rows can be read, nil for nothing. Whoever declared a column absent is not asked again, and nobody
// is asked who has no column to choose.
func (h *header) ask(title string, lines []line, mapping Mapping) *HeaderQuestion {
	for _, c := range columnsOf(h.sheet) {
		if twice := h.twice[c.name]; len(twice) > 0 {
			return h.question(title, lines, c, twice)
		}
		_, found := h.columns[c.name]
		answer, answered := mapping[answerKey(h.sheet, c.name)]
		none := answered && answer == "" && c.need == asked
		if _, byName := h.columns[superiorNameColumn]; byName && c.name == superiorColumn {
			none = true
		}
		if found || c.need == optional || none {
			continue
		}
		if q := h.question(title, lines, c, nil); len(q.Candidates) > 0 || !q.Optional {
			return q
		}
	}
	return nil
}

// guess is the header of a sheet of which no name is known: the row with the most in it.
func guess(lines []line, sheet string) (header, bool) {
	h, most := header{sheet: sheet, at: -1, rows: 1, columns: map[string]int{}}, 0
	for at := range min(headerRows, len(lines)) {
		names := headerNames(lines[at : at+1])
		n := 0
		for _, name := range names {
			if name != "" {
				n++
			}
		}
		if n > most && !slices.ContainsFunc(names, looksLikeNIP) {
			h.at, h.names, most = at, names, n
		}
	}
	return h, h.at >= 0 && h.at+1 < len(lines) && most >= 2
}

// ignored lists the columns with a name that are not used.
func (h *header) ignored() (names []string) {
	for i, name := range h.names {
		if !h.taken(i) && !unnamed(foldName(name)) {
			names = append(names, name)
		}
	}
	return names
}

// absent lists the columns that the sheet does not have.
func (h *header) absent() (names []string) {
	for _, c := range columnsOf(h.sheet) {
		_, found := h.columns[c.name]
		_, byName := h.columns[superiorNameColumn]
		if !found && c.name != superiorNameColumn && (c.name != superiorColumn || !byName) {
			names = append(names, c.name)
		}
	}
	return names
}
