package roster

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kinerja/flows/rules"
	"kinerja/store"
)

// Reader is what Check needs of the store.
type Reader interface {
	Roster(ctx context.Context) ([]store.UnitEntry, []store.PersonEntry, error)
	MergedUnits(ctx context.Context) (map[string]string, error)
	Now() time.Time
}

// Lengths that the store keeps, in characters.
const (
	maxCode  = 40
	maxName  = 200
	maxGrade = 20
)

// Check compares a file with the store and makes the plan of what Apply would do. It writes nothing.
func Check(ctx context.Context, s Reader, f File) (Plan, error) {
	units, people, err := s.Roster(ctx)
	if err != nil {
		return Plan{}, err
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		return Plan{}, err
	}
	c := checker{today: calendar.Date(s.Now()), storedUnits: map[string]store.UnitEntry{}, storedPeople: map[string]store.PersonEntry{},
		inFile: map[string]bool{}, phones: map[string]place{}, names: f.names}
	for _, u := range units {
		c.storedUnits[u.Code] = u
	}
	for _, p := range people {
		c.storedPeople[p.NIP] = p
	}
	merged, err := s.MergedUnits(ctx)
	if err != nil {
		return Plan{}, err
	}
	f = c.follow(f, merged)
	goodUnits := c.checkUnits(f.units)
	goodPeople := c.checkPeople(f.people, goodUnits)
	return c.plan(f, goodUnits, goodPeople), nil
}

// checker collects what it finds.
type checker struct {
	today        store.Date
	names        []string // of the files
	storedUnits  map[string]store.UnitEntry
	storedPeople map[string]store.PersonEntry
	inFile       map[string]bool // NIPs that the file names, in good rows and in wrong ones
	phones       map[string]place
	wrong        []Finding
	warnings     []Finding
}

func (c *checker) reject(sheet string, at place, problems ...Problem) {
	for _, p := range problems {
		c.wrong = append(c.wrong, c.finding(sheet, at, p))
	}
}

func (c *checker) finding(sheet string, at place, p Problem) Finding {
	return Finding{File: c.nameOf(at), Sheet: sheet, Row: at.row, Problem: p, file: at.file}
}

// nameOf is the name of the file in which a row stands, where that is a question.
func (c *checker) nameOf(at place) string {
	if len(c.names) < 2 {
		return ""
	}
	return c.names[at.file]
}

// rowOf names a row to which another one points: its number, and its file where there are several.
func (c *checker) rowOf(at place) string { return within(strconv.Itoa(at.row), c.nameOf(at)) }

// within adds the file to what is found in it.
func within(what, file string) string {
	if file == "" {
		return what
	}
	return what + " (" + file + ")"
}

func wrong(key string, args map[string]any) Problem { return Problem{Key: "wrong." + key, Args: args} }

// checkUnits returns the good rows.
func (c *checker) checkUnits(rows []unitRow) []*entry[store.UnitEntry] {
	g := graph[store.UnitEntry]{sheet: UnitSheet, wrong: c.reject, lost: "unknown_parent", loop: "unit_cycle",
		target: func(u store.UnitEntry) string { return u.ParentCode }, stored: c.storedUnits}
	first := map[string]place{}
	for _, r := range rows {
		problems := textProblems("kode", r.code, maxCode, true)
		problems = append(problems, textProblems("nama", r.name, maxName, true)...)
		if strings.IndexFunc(r.code, func(c rune) bool { return c <= ' ' || c > '~' }) >= 0 {
			problems = append(problems, wrong("unit_code", nil))
		}
		if at, twice := first[r.code]; twice && r.code != "" {
			problems = append(problems, wrong("unit_twice", map[string]any{"Row": c.rowOf(at)}))
		} else {
			first[r.code] = r.at
		}
		if r.parent != "" && r.parent == r.code {
			problems = append(problems, wrong("own_parent", nil))
		}
		if len(problems) > 0 {
			c.reject(UnitSheet, r.at, problems...)
			continue
		}
		g.add(r.at, r.code, store.UnitEntry{Code: r.code, Name: r.name, ParentCode: r.parent})
	}
	return g.good()
}

// checkPeople returns the good rows.
func (c *checker) checkPeople(rows []personRow, units []*entry[store.UnitEntry]) []*entry[store.PersonEntry] {
	known := map[string]bool{}
	for code := range c.storedUnits {
		known[code] = true
	}
	for _, u := range units {
		known[u.value.Code] = true
	}
	g := graph[store.PersonEntry]{sheet: PeopleSheet, wrong: c.reject, lost: "unknown_superior", loop: "superior_cycle",
		target: func(p store.PersonEntry) string { return p.SuperiorNIP }, stored: c.storedPeople}
	first := map[string]place{}
	for _, r := range rows {
		person, problems := c.person(r)
		if !known[r.unit] {
			problems = append(problems, wrong("unknown_unit", map[string]any{"Unit": shorten(r.unit)}))
		}
		if at, twice := first[person.NIP]; twice && person.NIP != "" {
			problems = append(problems, wrong("nip_twice", map[string]any{"Row": c.rowOf(at)}))
		} else {
			first[person.NIP] = r.at
		}
		c.inFile[person.NIP] = true
		if len(problems) > 0 {
			c.reject(PeopleSheet, r.at, problems...)
			continue
		}
		c.warn(r.at, person)
		g.add(r.at, person.NIP, person)
	}
	return g.good()
}

// person reads one row as far as it can be judged alone.
func (c *checker) person(r personRow) (store.PersonEntry, []Problem) {
	p := store.PersonEntry{Name: r.name, Position: r.position, Grade: r.grade, UnitCode: r.unit}
	var problems []Problem
	nip, problem := readNIP("nip", r.nip, r.nipLost)
	p.NIP, problems = nip, append(problems, problem...)
	problems = append(problems, textProblems("nama", r.name, maxName, true)...)
	problems = append(problems, textProblems("jabatan", r.position, maxName, false)...)
	problems = append(problems, textProblems("golongan", r.grade, maxGrade, false)...)
	kind, ok := positionKind(r.kind)
	if !ok {
		problems = append(problems, wrong("position_kind", map[string]any{"Text": shorten(r.kind)}))
	}
	p.PositionKind = kind
	if r.superiorNIP != "" {
		p.SuperiorNIP, problem = readNIP("nip_atasan", r.superiorNIP, r.superiorLost)
		problems = append(problems, problem...)
		if p.NIP != "" && p.NIP == p.SuperiorNIP {
			problems = append(problems, wrong("own_superior", nil))
		}
	}
	p.Phone, ok = store.Phone(r.phone)
	if !ok {
		problems = append(problems, wrong("phone", nil))
	}
	p.Roles, problem = readRoles(r.roles)
	return p, append(problems, problem...)
}

// readNIP takes the apostrophe away that makes a spreadsheet keep digits as text.
func readNIP(column, text string, lost bool) (string, []Problem) {
	args := map[string]any{"Column": column}
	text = strings.TrimLeft(text, "'’`")
	if text == "" {
		return "", []Problem{wrong("empty", args)}
	}
	if lost || rounded(text) {
		return "", []Problem{wrong("nip_number", args)}
	}
	nip, err := rules.ParseNIP(text)
	if broken := (rules.NIPError{}); errors.As(err, &broken) {
		return "", []Problem{wrong("nip_"+string(broken.Rule), args)}
	}
	return string(nip), nil
}

// rounded recognises 1.98609E+17 and 1,98609E+17, which a spreadsheet writes into a CSV in place of 18 digits.
func rounded(text string) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(text), "E")
	return found && exponent != "" && mantissa != "" && strings.Trim(mantissa, "0123456789.,") == "" && strings.Trim(exponent, "+0123456789") == ""
}

// textProblems says that a field is empty or longer than the store keeps.
func textProblems(column, text string, most int, needed bool) []Problem {
	args := map[string]any{"Column": column, "Most": most}
	switch {
	case needed && text == "":
		return []Problem{wrong("empty", args)}
	case utf8.RuneCountInString(text) > most:
		return []Problem{wrong("too_long", args)}
	}
	return nil
}

// positionKind reads jenis_jabatan: the three kinds, also with "jabatan" before them.
func positionKind(text string) (string, bool) {
	kind := strings.TrimPrefix(strings.ToLower(text), "jabatan ")
	return kind, slices.Contains([]string{"", "struktural", "fungsional", "pelaksana"}, kind)
}

// readRoles reads peran. Pegawai and penilai are no granted roles: they follow from who evaluates whom.
func readRoles(text string) ([]store.RoleEntry, []Problem) {
	var roles []store.RoleEntry
	var problems []Problem
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ';' || r == '/' }) {
		role := store.RoleEntry{}
		switch clean(word) {
		case "", "pegawai", "penilai":
			continue
		case "pengelola":
			role.Role = store.Admin
		case "pengelola kota":
			role = store.RoleEntry{Role: store.Admin, City: true}
		case "pimpinan":
			role.Role = store.Leader
		case "pimpinan kota":
			role = store.RoleEntry{Role: store.Leader, City: true}
		default:
			problems = append(problems, wrong("role", map[string]any{"Text": shorten(clean(word))}))
			continue
		}
		if !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return roles, problems
}

// warn notes what is unlikely; the row stays good.
func (c *checker) warn(at place, p store.PersonEntry) {
	note := func(key string, args map[string]any) {
		c.warnings = append(c.warnings, c.finding(PeopleSheet, at, Problem{Key: "warning." + key, Args: args}))
	}
	for _, w := range rules.NIP(p.NIP).Warnings(c.today) {
		note(string(w), nil)
	}
	if p.Phone == "" {
		return
	}
	if first, shared := c.phones[p.Phone]; shared {
		note("phone_twice", map[string]any{"Row": c.rowOf(first)})
		return
	}
	c.phones[p.Phone] = at
}

// shorten keeps a wrong text from filling the screen.
func shorten(text string) string {
	const most = 40
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}
