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
	Missing       int       // people in the store whom the file does not name; they are left alone

	hasPeople bool
	units     []store.UnitEntry
	people    []store.PersonEntry
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
	}
	p.Units.Wrong = len(f.units) - len(units)
	p.People.Wrong = len(f.people) - len(people)
	if f.hasPeople {
		for nip := range c.storedPeople {
			if !c.inFile[nip] {
				p.Missing++
			}
		}
	}
	byPlace := func(a, b Finding) int { return cmp.Or(strings.Compare(b.Sheet, a.Sheet), a.file-b.file, a.Row-b.Row) } // units first
	slices.SortStableFunc(p.Wrong, byPlace)
	slices.SortStableFunc(p.Warnings, byPlace)
	return p
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

// Changes counts the rows that Apply would write.
func (p Plan) Changes() int { return len(p.units) + len(p.people) }

// Writer is what Apply needs of the store.
type Writer interface {
	SaveUnits(ctx context.Context, actor int64, entries []store.UnitEntry) (store.Changes, error)
	SavePeople(ctx context.Context, actor int64, entries []store.PersonEntry) (store.Changes, error)
}

// Apply writes the good rows: units first, then people. actor is the person who asked, 0 for the program. It may be called again
// after a failure. store.ErrNotFound says that a unit or superior that Check saw is gone: check the file again.
func (p Plan) Apply(ctx context.Context, s Writer, actor int64) error {
	if _, err := s.SaveUnits(ctx, actor, p.units); err != nil {
		return fmt.Errorf("apply units: %w", err)
	}
	if _, err := s.SavePeople(ctx, actor, p.people); err != nil {
		return fmt.Errorf("apply people: %w", err)
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
	if p.Missing > 0 {
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
