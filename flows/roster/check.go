package roster

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

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

// Check compares a file with the store and makes the plan of what Apply would do, as far as who asks may do it. It writes nothing.
func Check(ctx context.Context, s Reader, f File, scope Scope) (Plan, error) {
	units, people, err := s.Roster(ctx)
	if err != nil {
		return Plan{}, err
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		return Plan{}, err
	}
	c := checker{today: calendar.Date(s.Now()), file: f, scope: scope, storedUnits: map[string]store.UnitEntry{}, storedPeople: map[string]store.PersonEntry{},
		inFile: map[string]bool{}, phones: map[string]place{}}
	for _, u := range units {
		c.storedUnits[u.Code] = u
	}
	for _, p := range people {
		c.storedPeople[p.NIP] = p
		if slices.Contains(p.Roles, mayor()) {
			c.mayor = p
		}
	}
	merged, err := s.MergedUnits(ctx)
	if err != nil {
		return Plan{}, err
	}
	f = c.follow(f, merged)
	c.scope.learn(c.storedUnits, f.units)
	goodUnits := c.checkUnits(f.units)
	goodPeople := c.checkPeople(f.people, goodUnits)
	return c.plan(f, goodUnits, goodPeople), nil
}

// checker collects what it finds.
type checker struct {
	today        store.Date
	file         File
	scope        Scope
	storedUnits  map[string]store.UnitEntry
	storedPeople map[string]store.PersonEntry
	unitNames    nameIndex
	personNames  nameIndex
	inFile       map[string]bool // NIPs that the file names, in good rows and in wrong ones
	phones       map[string]place
	mayor        store.PersonEntry // who holds that role so far
	wrong        []Finding
	warnings     []Finding
}

func (c *checker) reject(sheet string, at place, problems ...Problem) {
	for _, p := range problems {
		c.wrong = append(c.wrong, c.finding(sheet, at, p))
	}
}

func (c *checker) finding(sheet string, at place, p Problem) Finding {
	part := c.file.parts[at.part]
	return Finding{File: c.fileOf(at), Sheet: c.file.nameOf(part), Kind: sheet, Row: at.row, Problem: asWritten(p, part.header), part: at.part}
}

// asWritten names the column of a problem as the file does.
func asWritten(p Problem, h header) Problem {
	column, _ := p.Args["Column"].(string)
	at, found := h.columns[column]
	if !found || h.name(at) == "" {
		return p
	}
	p.Args = maps.Clone(p.Args)
	p.Args["Column"] = h.name(at)
	return p
}

// fileOf is the name of the file in which a row stands, where that is a question.
func (c *checker) fileOf(at place) string {
	if len(c.file.sources) < 2 {
		return ""
	}
	return c.file.sources[c.file.parts[at.part].source].name
}

// rowOf names a row to which another one points: its number, and where it stands when there are several files or sheets of the kind.
func (c *checker) rowOf(at place) string {
	p, where := c.file.parts[at.part], c.fileOf(at)
	for i, other := range c.file.parts {
		if i != at.part && other.source == p.source && other.header.sheet == p.header.sheet {
			where = strings.TrimPrefix(where+", "+c.file.nameOf(p), ", ")
			break
		}
	}
	return within(strconv.Itoa(at.row), where)
}

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
	c.unitNames = indexUnits(c.storedUnits, rows)
	first := map[string]place{}
	for _, r := range rows {
		unit, problems := c.unit(r)
		if at, twice := first[r.code]; twice && r.code != "" {
			problems = append(problems, wrong("unit_twice", map[string]any{"Row": c.rowOf(at)}))
		} else {
			first[r.code] = r.at
		}
		if len(problems) > 0 {
			c.reject(UnitSheet, r.at, problems...)
			continue
		}
		g.add(r.at, r.code, unit)
	}
	return g.good()
}

// unit reads one row as far as it can be judged alone.
func (c *checker) unit(r unitRow) (store.UnitEntry, []Problem) {
	old := c.storedUnits[r.code]
	unit := store.UnitEntry{Code: r.code, Name: r.name, ParentCode: old.ParentCode}
	if r.absent[nameColumn] {
		unit.Name = old.Name
	}
	problems := slices.Concat(r.broken, textProblems(codeColumn, r.code, maxCode, true))
	problems = append(problems, textProblems(nameColumn, unit.Name, maxName, true)...)
	if strings.IndexFunc(r.code, func(c rune) bool { return c <= ' ' || c > '~' }) >= 0 {
		problems = append(problems, wrong("unit_code", nil))
	}
	if !r.absent[parentColumn] {
		parent, problem := c.unitOf(r.parent)
		unit.ParentCode, problems = parent, append(problems, problem...)
	}
	if unit.ParentCode != "" && unit.ParentCode == r.code {
		problems = append(problems, wrong("own_parent", nil))
	}
	problems = append(problems, exampleProblem(UnitSheet, r.code)...)
	return unit, append(problems, c.scope.unit(old, unit)...)
}

// unitOf finds a unit by its code, else by its name where exactly one has it.
func (c *checker) unitOf(text string) (code string, problems []Problem) {
	code = store.UnitCode(text)
	if code == "" || c.unitNames.keys[code] {
		return code, nil
	}
	codes := c.unitNames.find(text)
	if len(codes) > 1 {
		if within := slices.DeleteFunc(slices.Clone(codes), func(code string) bool { return !c.scope.covers(code) }); len(within) == 1 {
			codes = within
		}
	}
	switch len(codes) {
	case 0:
		return code, nil
	case 1:
		return codes[0], nil
	}
	return code, []Problem{wrong("unit_ambiguous", map[string]any{"Unit": shorten(text), "Codes": strings.Join(codes[:min(3, len(codes))], ", ")})}
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
		target: func(p store.PersonEntry) string { return p.SuperiorNIP }, stored: c.storedPeople, gone: map[string]bool{}}
	c.personNames = indexPeople(c.storedPeople, rows)
	first := map[string]place{}
	for _, r := range rows {
		person, problems := c.person(r)
		problems = append(problems, c.unitProblems(r, person, known)...)
		if at, twice := first[person.NIP]; twice && person.NIP != "" {
			problems = append(problems, wrong("nip_twice", map[string]any{"Row": c.rowOf(at)}))
		} else {
			first[person.NIP] = r.at
		}
		c.inFile[person.NIP] = true
		problems = append(problems, c.secondMayor(person)...)
		if len(problems) > 0 {
			c.reject(PeopleSheet, r.at, problems...)
			continue
		}
		if slices.Contains(person.Roles, mayor()) {
			c.mayor = person
		}
		if r.absent[superiorColumn] {
			g.gone[person.SuperiorNIP] = true // it stays as it is, also when he has left
		}
		c.warn(r.at, person)
		g.add(r.at, person.NIP, person)
	}
	return g.good()
}

// secondMayor says that somebody else is the Kepala Daerah, here or in an earlier row: there is one.
func (c *checker) secondMayor(p store.PersonEntry) []Problem {
	if !slices.Contains(p.Roles, mayor()) || c.mayor.NIP == "" || c.mayor.NIP == p.NIP {
		return nil
	}
	return []Problem{wrong("second_mayor", map[string]any{"Name": c.mayor.Name, "NIP": c.mayor.NIP})}
}

func mayor() store.RoleEntry { return store.RoleEntry{Role: store.Mayor, City: true} }

// unitProblems says that the unit of a person is not there, or none of those in which this may be done.
func (c *checker) unitProblems(r personRow, p store.PersonEntry, known map[string]bool) []Problem {
	switch {
	case known[p.UnitCode]:
		return c.scope.person(c.storedPeople[p.NIP], p)
	case c.isAmbiguousUnit(r):
		return nil // that was said
	case p.UnitCode == "":
		return []Problem{wrong("no_unit", nil)}
	case r.unitDate:
		return []Problem{wrong("date", map[string]any{"Column": unitColumn, "Text": r.unit})}
	}
	return []Problem{wrong("unknown_unit", map[string]any{"Unit": shorten(r.unit)})}
}

func (c *checker) isAmbiguousUnit(r personRow) bool {
	_, problems := c.unitOf(r.unit)
	return len(problems) > 0
}

// person reads one row as far as it can be judged alone. What its sheet has no column for stays as it is stored.
func (c *checker) person(r personRow) (store.PersonEntry, []Problem) {
	nip, problem := readNIP(nipColumn, r.nip, r.nipLost)
	old := c.storedPeople[nip]
	given := func(column, text, stored string) string {
		if r.absent[column] {
			return stored
		}
		return text
	}
	p := store.PersonEntry{NIP: nip, Name: given(nameColumn, r.name, old.Name), Position: given("jabatan", r.position, old.Position),
		Grade: given("golongan", r.grade, old.Grade), UnitCode: old.UnitCode, Phone: old.Phone, PositionKind: old.PositionKind, SuperiorNIP: old.SuperiorNIP}
	problems := slices.Concat(r.broken, problem, exampleProblem(PeopleSheet, nip))
	problems = append(problems, textProblems(nameColumn, p.Name, maxName, true)...)
	problems = append(problems, textProblems("jabatan", p.Position, maxName, false)...)
	problems = append(problems, textProblems("golongan", p.Grade, maxGrade, false)...)
	var ok bool
	if !r.absent["jenis_jabatan"] {
		if p.PositionKind, ok = positionKind(r.kind); !ok {
			problems = append(problems, wrong("position_kind", map[string]any{"Text": shorten(r.kind)}))
		}
	}
	if !r.absent[unitColumn] {
		p.UnitCode, problem = c.unitOf(r.unit)
		problems = append(problems, problem...)
	}
	if !r.absent[superiorColumn] {
		p.SuperiorNIP, problem = c.superior(r)
		problems = append(problems, problem...)
	}
	if p.NIP != "" && p.NIP == p.SuperiorNIP {
		problems = append(problems, wrong("own_superior", nil))
	}
	if !r.absent["telepon"] {
		if p.Phone, ok = store.Phone(r.phone); !ok {
			problems = append(problems, wrong("phone", nil))
		}
	}
	p.Roles, problem = readRoles(r.roles)
	return p, append(problems, problem...)
}

// superior finds the superior of a row by his NIP, else by his name where exactly one person has it.
func (c *checker) superior(r personRow) (string, []Problem) {
	if r.superiorNIP != "" {
		return readNIP(superiorColumn, r.superiorNIP, r.superiorLost)
	}
	if r.superiorName == "" {
		return "", nil
	}
	nips := c.personNames.find(r.superiorName)
	switch args := map[string]any{"Name": shorten(r.superiorName)}; len(nips) {
	case 0:
		return "", []Problem{wrong("superior_name", args)}
	case 1:
		return nips[0], nil
	default:
		args["Number"] = len(nips)
		return "", []Problem{wrong("superior_ambiguous", args)}
	}
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
