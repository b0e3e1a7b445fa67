package people

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// periodsShown is how many open periods a card tells of.
const periodsShown = 3

// show is what an administrator sees of a person: nothing of what is in an evaluation, only where it stands.
func (c conversation) show(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.store.PersonCardOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{
		r.T.HTML("people.name", locales.Args{"Name": p.Name}), joined(r.T.HTML("people.nip", locales.Args{"NIP": rules.NIP(p.NIP).Grouped()}), unitLine(r.T, p)),
		positionLine(r.T, p), evaluatorLine(r.T, p), evaluatesLine(r.T, p), joined(c.accountLine(r.T, p), roleLine(r.T, p)),
	}
	lines = append(lines, openLines(r.T, p)...)
	if note := noteLine(r, p); note != "" {
		lines = append(lines, "\n", note)
	}
	screen := flows.Screen{Text: flows.Lines(lines...), Rows: cardRows(r, p)}
	to := r.Came()
	if to.Zero() {
		to = flows.To("people.home")
	}
	screen.Rows = append(screen.Rows, back(r, to))
	return screen, nil
}

// joined is two short things in one line of a phone; either may be "".
func joined(first, second string) string {
	if first == "" || second == "" {
		return first + second
	}
	return first + " · " + second
}

// evaluatesLine tells how many he evaluates by the roster, and how many wait for him in periods; "" for nobody.
func evaluatesLine(t *locales.Translator, p store.PersonCard) string {
	evaluates, waiting := "", ""
	if p.Evaluates > 0 {
		evaluates = t.HTML("people.evaluates", locales.Args{"Number": t.Number(p.Evaluates)})
	}
	if p.ToDo > 0 {
		waiting = t.HTML("people.todo", locales.Args{"Number": t.Number(p.ToDo)})
	}
	return joined(evaluates, waiting)
}

func positionLine(t *locales.Translator, p store.PersonCard) string {
	text := p.Position
	if text == "" {
		text = t.Plain("people.no_position")
	}
	if p.PositionKind != "" {
		text += " (" + kindName(t, p.PositionKind) + ")"
	}
	if p.Grade != "" {
		text += " · " + p.Grade
	}
	return locales.Escape(text)
}

// kindName is a kind of position; a word that a roster brought and nobody knows stays as it is.
func kindName(t *locales.Translator, kind string) string {
	switch kind {
	case "":
		return t.Plain("people.kind_none")
	case "struktural", "fungsional", "pelaksana":
		return t.Plain("people.kind_" + kind)
	}
	return kind
}

func unitLine(t *locales.Translator, p store.PersonCard) string {
	if p.Unit == "" {
		return t.HTML("people.no_unit")
	}
	return t.HTML("people.unit", locales.Args{"Unit": p.Unit})
}

func evaluatorLine(t *locales.Translator, p store.PersonCard) string {
	args := locales.Args{"Name": p.Evaluator.Name, "Why": p.Why}
	switch {
	case p.Evaluator.PersonID == 0:
		return t.HTML("people.no_evaluator")
	case !p.Evaluator.Active:
		return t.HTML("people.evaluator_gone", args)
	case p.Why != "":
		return t.HTML("people.evaluator_why", args)
	default:
		return t.HTML("people.evaluator", args)
	}
}

func (c conversation) accountLine(t *locales.Translator, p store.PersonCard) string {
	switch {
	case !p.Active && p.Departure.Kind != "":
		return t.HTML("people.left_how", locales.Args{"How": t.Plain("people.leave_" + string(p.Departure.Kind)), "Day": words.Day(t, p.Departure.Day)})
	case !p.Active && !p.Departure.LeftAt.IsZero():
		return t.HTML("people.left_since", locales.Args{"Day": t.Day(p.Departure.LeftAt)})
	case !p.Active:
		return t.HTML("people.left")
	case p.Account.ID == 0:
		return t.HTML("people.not_linked")
	case p.Account.UnreachableSince != nil:
		return t.HTML("people.unreachable", locales.Args{"Day": t.Day(*p.Account.UnreachableSince)})
	default:
		return t.HTML("people.linked", locales.Args{"Day": t.Day(p.LinkedSince())})
	}
}

// roleLine names the granted roles; "" for none.
func roleLine(t *locales.Translator, p store.PersonCard) string {
	text := ""
	for i, role := range p.Roles {
		if i > 0 {
			text += "; "
		}
		text += roleName(t, role)
	}
	if text == "" {
		return ""
	}
	return t.HTML("people.roles", locales.Args{"Roles": text})
}

func roleName(t *locales.Translator, role store.RoleOver) string {
	unit := role.Unit
	if role.UnitID == 0 {
		unit = t.Plain("people.whole_city")
	} else if unit == "" {
		unit = t.Plain("people.other_unit")
	}
	return t.Plain("people.role_"+string(role.Role), locales.Args{"Unit": unit})
}

// openLines tell where his evaluations stand.
func openLines(t *locales.Translator, p store.PersonCard) []string {
	var lines []string
	for _, e := range p.Open[:min(len(p.Open), periodsShown)] {
		state := "people.state_not_begun"
		switch {
		case e.State == store.EvaluationFinal:
			state = "people.state_final"
		case e.Begun:
			state = "people.state_begun"
		}
		lines = append(lines, t.HTML("people.open", locales.Args{"Period": words.PeriodName(t, e.Kind, e.FirstDay), "State": t.Plain(state), "Evaluator": orNobody(t, e.Evaluator)}))
	}
	return lines
}

func orNobody(t *locales.Translator, name string) string {
	if name == "" {
		return t.Plain("people.no_one")
	}
	return name
}

// noteLine says why less can be changed; "" where all can.
func noteLine(r *flows.Request, p store.PersonCard) string {
	switch {
	case p.Beyond:
		return r.T.HTML("people.beyond_note")
	case p.Himself:
		return r.T.HTML("people.himself_note")
	}
	return ""
}

// cardRows are what can be done with a person.
func cardRows(r *flows.Request, p store.PersonCard) [][]flows.Button {
	do := func(key, route string, args ...any) flows.Button { return flows.Go(r.T.Plain(key), route, args...) }
	var rows [][]flows.Button
	switch {
	case p.Beyond:
	case !p.Active:
		rows = append(rows, flows.Row(do("people.do_back", "people.back", p.ID)))
	case p.UnitID == 0:
		rows = append(rows, flows.Row(do("people.do_move", "people.move", p.ID, 0, 1)))
	case p.Himself:
		rows = append(rows, flows.Row(do("people.do_edit", "people.edit", p.ID), do("people.see_roles", "role.of", p.ID)))
	default:
		rows = append(rows,
			flows.Row(do("people.do_evaluator", "people.evaluator", p.ID), do("people.do_move", "people.move", p.ID, 0, 1)),
			flows.Row(do("people.do_edit", "people.edit", p.ID), do("people.see_roles", "role.of", p.ID)),
			flows.Row(do("people.do_leave", "people.leave", p.ID)))
		if p.Account.ID != 0 {
			rows = append(rows, flows.Row(do("people.do_unlink", "people.unlink", p.ID)))
		} else {
			rows = append(rows, flows.Row(do("invite.print_one", "invite.person", p.ID)))
		}
	}
	if p.Evaluates > 0 && !p.Active && !p.Beyond {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("people.succeed", locales.Args{"Number": r.T.Number(p.Evaluates)}), "people.heirs", p.ID, 0, 0).Styled(flows.Confirm)))
	}
	if p.Evaluates > 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("people.see_led", locales.Args{"Number": r.T.Number(p.Evaluates)}), "people.led", p.ID, 1)))
	}
	return rows
}
