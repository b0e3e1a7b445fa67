package roster

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"kinerja/locales"
	"kinerja/store"
)

// Counts sums up the rows of a sheet.
type Counts struct{ New, Changed, Same, Wrong int }

// Plan is what applying a file would do. It holds good rows only, so that a wrong one stops nothing.
type Plan struct {
	Units, People Counts
	Wrong         []Finding // a row with several problems stands here several times, in the order of sheet and row
	Warnings      []Finding // of rows that are applied all the same
	Missing       int       // people on the roster whom the file does not name; they are left alone unless it is Complete
	Moves         []Move    // roles that go along with their holders

	hasPeople, complete bool
	units               []store.UnitEntry
	people              []store.PersonEntry
	missing             []store.PersonEntry // by unit and name
	orphans             int                 // people of the file whose superior is missing
}

// Move is a role over a unit whose holder goes to another unit, by code.
type Move struct {
	Role             store.Role
	Name, NIP        string
	FromUnit, ToUnit string
}

// plan counts, and keeps the rows that change something.
func (c *checker) plan(f File, units []*entry[store.UnitEntry], people []*entry[store.PersonEntry]) Plan {
	p := Plan{Wrong: c.wrong, Warnings: c.warnings, hasPeople: f.hasPeople}
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
	if f.hasPeople {
		p.missing, p.orphans = c.missing(people)
		p.Missing = len(p.missing)
	}
	byPlace := func(a, b Finding) int { return cmp.Or(strings.Compare(b.Sheet, a.Sheet), a.file-b.file, a.Row-b.Row) } // units first
	slices.SortStableFunc(p.Wrong, byPlace)
	slices.SortStableFunc(p.Warnings, byPlace)
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
		if !c.inFile[nip] && person.UnitCode != "" {
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
func (p Plan) Changes() int { return len(p.units) + len(p.people) + p.Leaving() }

// Writer is what Apply needs of the store.
type Writer interface {
	SaveUnits(ctx context.Context, actor int64, entries []store.UnitEntry) (store.Changes, error)
	SavePeople(ctx context.Context, actor int64, entries []store.PersonEntry) (store.Changes, error)
	LeaveMissing(ctx context.Context, actor int64, nips []string) (store.Departed, error)
}

// Apply writes the good rows: units first, then people; then those leave whom a complete file misses. actor is the person who asked,
// 0 for the program. It may be called again after a failure. store.ErrNotFound says that a unit or superior that Check saw is gone:
// check the file again.
func (p Plan) Apply(ctx context.Context, s Writer, actor int64) error {
	if _, err := s.SaveUnits(ctx, actor, p.units); err != nil {
		return fmt.Errorf("apply units: %w", err)
	}
	if _, err := s.SavePeople(ctx, actor, p.people); err != nil {
		return fmt.Errorf("apply people: %w", err)
	}
	if p.Leaving() == 0 {
		return nil
	}
	nips := make([]string, 0, len(p.missing))
	for _, person := range p.missing {
		nips = append(nips, person.NIP)
	}
	if _, err := s.LeaveMissing(ctx, actor, nips); err != nil {
		return fmt.Errorf("let missing people leave: %w", err)
	}
	return nil
}

// Print writes the plan as plain text, one sentence a line: the counts, every wrong row, every warning, and what is left alone.
func (p Plan) Print(w io.Writer, t *locales.Translator) error {
	out := bufio.NewWriter(w) // which remembers the first error until Flush; a bad file has a sentence a row
	say := func(key string, args locales.Args) { _, _ = out.WriteString(t.Plain("roster."+key, args) + "\n") }
	for _, sheet := range []struct {
		key string
		c   Counts
	}{{"units", p.Units}, {"people", p.People}} {
		if sheet.c == (Counts{}) {
			continue
		}
		say("counts."+sheet.key, locales.Args{"All": t.Number(sheet.c.New + sheet.c.Changed + sheet.c.Same + sheet.c.Wrong),
			"New": t.Number(sheet.c.New), "Changed": t.Number(sheet.c.Changed), "Same": t.Number(sheet.c.Same), "Wrong": t.Number(sheet.c.Wrong)})
	}
	for _, f := range p.Wrong {
		say("row.wrong", locales.Args{"Sheet": within(f.Sheet, f.File), "Row": f.Row, "Problem": f.Text(t)})
	}
	for _, f := range p.Warnings {
		say("row.warning", locales.Args{"Sheet": within(f.Sheet, f.File), "Row": f.Row, "Problem": f.Text(t)})
	}
	for _, m := range p.Moves {
		say("role_moves."+string(m.Role), locales.Args{"Name": m.Name, "NIP": m.NIP, "From": m.FromUnit, "To": m.ToUnit})
	}
	if p.complete {
		p.sayLeaving(say)
	} else if p.Missing > 0 {
		say("missing", locales.Args{"Count": p.Missing})
	}
	if p.hasPeople {
		say("roles_stay", nil)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("print plan: %w", err)
	}
	return nil
}

// sayLeaving lists who leaves.
func (p Plan) sayLeaving(say func(key string, args locales.Args)) {
	if len(p.missing) == 0 {
		say("nobody_leaves", nil)
		return
	}
	say("leaving", locales.Args{"Count": len(p.missing)})
	for _, person := range p.missing {
		key := "leaver"
		if len(person.Roles) > 0 {
			key = "leaver_with_role"
		}
		say(key, locales.Args{"Name": person.Name, "NIP": person.NIP, "Unit": person.UnitCode})
	}
	if p.orphans > 0 {
		say("superior_leaves", locales.Args{"Count": p.orphans})
	}
}
