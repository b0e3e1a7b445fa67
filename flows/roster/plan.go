package roster

import (
	"cmp"
	"slices"
	"strings"

	"kinerja/store"
)

// Counts sums up the rows of a sheet.
type Counts struct{ New, Changed, Same, Wrong int }

// Plan is what applying a file would do. It holds good rows only, so that a wrong one stops nothing.
type Plan struct {
	Units, People Counts
	Wrong         []Finding // a row with several problems stands here several times, in the order of sheet and row
	Warnings      []Finding // of rows that are applied all the same
	Notes         []Problem // what of the file was passed over
	Missing       int       // people on the roster whom the file does not name; they are left alone unless it is Complete
	Moves         []Move    // roles that go along with their holders

	hasPeople, complete, whole bool
	units                      []store.UnitEntry
	people                     []store.PersonEntry
	missing                    []store.PersonEntry // by unit and name
	orphans                    int                 // people of the file whose superior is missing
	sums                       sums
}

// Move is a role over a unit whose holder goes to another unit, by code.
type Move struct {
	Role             store.Role
	Name, NIP        string
	FromUnit, ToUnit string
}

// plan counts, and keeps the rows that change something.
func (c *checker) plan(f File, units []*entry[store.UnitEntry], people []*entry[store.PersonEntry]) Plan {
	p := Plan{Wrong: c.wrong, Warnings: c.warnings, Notes: f.notes, hasPeople: f.has(PeopleSheet)}
	for _, u := range units {
		old, exists := c.storedUnits[u.key]
		if p.Units.add(exists, old == u.value) {
			p.units = append(p.units, u.value)
		}
	}
	for _, e := range people {
		old, exists := c.storedPeople[e.key]
		if p.People.add(exists, samePerson(old, e.value)) {
			p.people = append(p.people, e.value)
		}
		p.Moves = append(p.Moves, movesOf(old, e.value)...)
	}
	p.Units.Wrong = len(f.units) - len(units)
	p.People.Wrong = len(f.people) - len(people)
	if p.hasPeople {
		p.missing, p.orphans = c.missing(people)
		p.Missing = len(p.missing)
	}
	byPlace := func(a, b Finding) int { return cmp.Or(strings.Compare(b.Kind, a.Kind), a.part-b.part, a.Row-b.Row) } // units first
	slices.SortStableFunc(p.Wrong, byPlace)
	slices.SortStableFunc(p.Warnings, byPlace)
	p.sums = c.sum(units, people, p.missing)
	return p
}

// movesOf lists the roles over the old unit of a person that go along to a new one, as the store moves them.
func movesOf(old, wanted store.PersonEntry) (moves []Move) {
	if old.UnitCode == "" || old.UnitCode == wanted.UnitCode {
		return nil
	}
	for _, role := range old.Roles {
		if !role.City {
			moves = append(moves, Move{Role: role.Role, Name: wanted.Name, NIP: wanted.NIP, FromUnit: old.UnitCode, ToUnit: wanted.UnitCode})
		}
	}
	return moves
}

// missing lists whom the file does not name, and counts whom of its people they are to evaluate. Who has no unit was never on
// a roster, such as a first administrator, so that none can miss him.
func (c *checker) missing(people []*entry[store.PersonEntry]) (list []store.PersonEntry, orphans int) {
	absent := map[string]bool{}
	for nip, person := range c.storedPeople {
		if !c.inFile[nip] && c.scope.mine(person) {
			list, absent[nip] = append(list, person), true
		}
	}
	slices.SortFunc(list, func(a, b store.PersonEntry) int {
		return cmp.Or(strings.Compare(a.UnitCode, b.UnitCode), strings.Compare(a.Name, b.Name), strings.Compare(a.NIP, b.NIP))
	})
	for _, e := range people {
		if absent[e.value.SuperiorNIP] {
			orphans++
		}
	}
	return list, orphans
}

// Complete declares that the file names everybody: whoever is missing is listed by Print and leaves by Apply. A *FileError when that
// cannot be: the file has no people, or rows that could not be read and may be anybody's.
func (p *Plan) Complete() error {
	switch {
	case !p.hasPeople:
		return unusable("complete_no_people", map[string]any{"Sheet": PeopleSheet})
	case p.People.Wrong > 0:
		return unusable("complete_wrong", map[string]any{"Number": p.People.Wrong})
	}
	p.complete = true
	return nil
}

// AllOrNothing declares that the good rows are not wanted without the wrong ones. A *FileError says that there are wrong ones: then the plan
// changes nothing.
func (p *Plan) AllOrNothing() error {
	p.whole = true
	if !p.stopped() {
		return nil
	}
	return unusable("all_or_nothing", map[string]any{"Number": p.Units.Wrong + p.People.Wrong})
}

// stopped reports that wrong rows keep the good ones back.
func (p Plan) stopped() bool { return p.whole && len(p.Wrong) > 0 }

// Leaving counts who leaves by Apply.
func (p Plan) Leaving() int {
	if !p.complete {
		return 0
	}
	return p.Missing
}

// add counts a good row and reports whether it changes something.
func (c *Counts) add(exists, same bool) bool {
	switch {
	case !exists:
		c.New++
	case same:
		c.Same++
		return false
	default:
		c.Changed++
	}
	return true
}

// samePerson compares what an import writes; roles that the file does not name are kept and make no difference.
func samePerson(old, wanted store.PersonEntry) bool {
	for _, role := range wanted.Roles {
		if !slices.Contains(old.Roles, role) {
			return false
		}
	}
	return old.NIP == wanted.NIP && old.Name == wanted.Name && old.Position == wanted.Position && old.PositionKind == wanted.PositionKind &&
		old.Grade == wanted.Grade && old.UnitCode == wanted.UnitCode && old.SuperiorNIP == wanted.SuperiorNIP && old.Phone == wanted.Phone
}

// Changes counts the rows that Apply would write, and who leaves.
func (p Plan) Changes() int {
	if p.stopped() {
		return 0
	}
	return len(p.units) + len(p.people) + p.Leaving()
}
