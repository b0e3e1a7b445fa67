package roster

import (
	"bufio"
	"fmt"
	"io"

	"kinerja/locales"
)

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
	for _, n := range p.Notes {
		_, _ = out.WriteString(n.Text(t) + "\n")
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
