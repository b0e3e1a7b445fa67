package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"kinerja/flows"
	"kinerja/flows/roster"
	"kinerja/flows/rules"
	"kinerja/locales"
	"kinerja/store"
)

// kinds of position, each with a letter of a button; the last is none.
var kinds = []string{"struktural", "fungsional", "pelaksana", ""} //nolint:gochecknoglobals // a constant list

// typedFields are those that are typed, in their order.
var typedFields = []store.PersonField{store.FieldName, store.FieldPosition, store.FieldGrade, store.FieldPhone} //nolint:gochecknoglobals // a constant list

// person reads the card of the first argument, of somebody on the roster whom the administrator may change.
func (c conversation) person(ctx context.Context, r *flows.Request) (store.PersonCard, error) {
	p, err := c.store.PersonCardOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	switch {
	case err != nil:
		return store.PersonCard{}, err
	case p.Beyond:
		return store.PersonCard{}, flows.Refuse(r.T.Plain("people.beyond"), card(p.ID))
	case !p.Active:
		return store.PersonCard{}, flows.Refuse(r.T.Plain("people.has_left"), card(p.ID))
	}
	return p, nil
}

// another is person for what nobody does to himself.
func (c conversation) another(ctx context.Context, r *flows.Request) (store.PersonCard, error) {
	p, err := c.person(ctx, r)
	if err == nil && p.Himself {
		err = flows.Refuse(r.T.Plain("people.himself"), card(p.ID))
	}
	return p, err
}

// about is the first line of a form about a person.
func about(r *flows.Request, key string, p store.PersonCard) string {
	return r.T.HTML("people.about", locales.Args{"What": r.T.Plain(key), "Name": p.Name})
}

// edit lists the fields with what stands in them.
func (c conversation) edit(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.person(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(about(r, "people.edit_title", p), "\n", r.T.HTML("people.edit_ask"))}
	for pair := range slices.Chunk(typedFields, 2) {
		var row []flows.Button
		for _, f := range pair {
			row = append(row, flows.Go(r.T.Plain("people.field_"+string(f)), "people.field", p.ID, string(f), store.Seen(p.Field(f))))
		}
		screen.Rows = append(screen.Rows, row)
	}
	row := flows.Row(flows.Go(r.T.Plain("people.field_kind"), "people.kind", p.ID, store.Seen(p.PositionKind)))
	if !p.Himself {
		row = append(row, flows.Go(r.T.Plain("people.field_nip"), "people.field", p.ID, string(store.FieldNIP), store.Seen(p.NIP)))
	}
	screen.Rows = append(screen.Rows, row, back(r, card(p.ID)))
	return screen, nil
}

// field is the field of the second argument.
func field(r *flows.Request) (store.PersonField, error) {
	f := store.PersonField(r.Args.Word(1))
	if f != store.FieldNIP && !slices.Contains(typedFields, f) {
		return "", flows.ErrBadLink
	}
	return f, nil
}

// askField asks for what should stand in a field.
func (c conversation) askField(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.person(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	f, err := field(r)
	if err != nil {
		return flows.Screen{}, err
	}
	value := p.Field(f)
	if f == store.FieldNIP {
		value = rules.NIP(value).Grouped()
	}
	if value == "" {
		value = "–"
	}
	screen := flows.Screen{Text: flows.Lines(about(r, "people.field_"+string(f), p), "\n", r.T.HTML("people.now", locales.Args{"Value": value}), r.T.HTML("people.ask_"+string(f)))}
	if p.Field(f) != "" && (f == store.FieldGrade || f == store.FieldPhone) {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("people.clear"), "people.clear", p.ID, string(f), r.Args.Word(2))))
	}
	screen.Rows = append(screen.Rows, back(r, flows.To("people.edit", p.ID)))
	return screen, nil
}

// problem is what is wrong with what was typed, as a sentence.
func problem(r *flows.Request, problems []roster.Problem) error {
	sentence := problems[0].Typed(r.T)
	return flows.Refuse(r.T.Plain("people.typed_wrong", locales.Args{"Problem": sentence}), flows.Link{})
}

// save takes what was typed for a field. A NIP is shown once more first.
func (c conversation) save(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	p, err := c.person(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	f, err := field(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	value, problems := roster.Typed(f, r.T.Plain("people.field_"+string(f)), r.Text)
	if len(problems) > 0 {
		return flows.Outcome{}, problem(r, problems)
	}
	if f != store.FieldNIP {
		return c.write(ctx, r, p.ID, f, value, "")
	}
	r.Draft[newNIP], r.Draft[nipReason] = fmt.Sprintf("%d %s", p.ID, value), ""
	return flows.Outcome{To: flows.To("people.nip", p.ID, r.Args.Word(2))}, nil
}

// clear empties a field.
func (c conversation) clear(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	f, err := field(r)
	if err == nil && f != store.FieldGrade && f != store.FieldPhone {
		err = flows.ErrBadLink
	}
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.write(ctx, r, r.Args.ID(0), f, "", "")
}

// write changes a field and goes back to the card.
func (c conversation) write(ctx context.Context, r *flows.Request, id int64, f store.PersonField, value, reason string) (flows.Outcome, error) {
	seen := r.Args.Word(len(r.Args) - 1)
	if f == store.FieldKind {
		seen = r.Args.Word(1)
	}
	changed, err := c.store.ChangePerson(ctx, r.Actor.PersonID, id, f, seen, value, reason)
	if err != nil {
		return flows.Outcome{}, refused(r, err, card(id))
	}
	said := "people.same"
	if changed {
		said = "people.saved"
	}
	return flows.Outcome{To: card(id), Toast: r.T.Plain(said)}, nil
}

// askKind offers the kinds of position.
func (c conversation) askKind(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.person(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(about(r, "people.field_kind", p), "\n", r.T.HTML("people.now", locales.Args{"Value": kindName(r.T, p.PositionKind)}), r.T.HTML("people.ask_kind"))}
	for n, kind := range kinds {
		button := flows.Go(kindName(r.T, kind), "people.setkind", p.ID, r.Args.Word(1), fmt.Sprintf("k%d", n))
		if kind == p.PositionKind {
			button = button.Styled(flows.Chosen)
		}
		screen.Rows = append(screen.Rows, flows.Row(button))
	}
	screen.Rows = append(screen.Rows, back(r, flows.To("people.edit", p.ID)))
	return screen, nil
}

// kindOf reads the kind of a button.
func kindOf(word string) (string, error) {
	for n, kind := range kinds {
		if word == fmt.Sprintf("k%d", n) {
			return kind, nil
		}
	}
	return "", flows.ErrBadLink
}

func (c conversation) setKind(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	kind, err := kindOf(r.Args.Word(2))
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.write(ctx, r, r.Args.ID(0), store.FieldKind, kind, "")
}

// Where the draft keeps a NIP that is typed, and why it is right although it is unlikely.
const (
	newNIP    = "people-nip"
	nipReason = "people-nip-reason"
)

// typedNIP is the NIP that was typed for a person; "" when it is gone, or was for somebody else.
func typedNIP(r *flows.Request, id int64) rules.NIP {
	nip, ours := strings.CutPrefix(r.Draft[newNIP], fmt.Sprintf("%d ", id))
	if !ours {
		return ""
	}
	return rules.NIP(nip)
}

// askNIP shows the NIP that was typed beside the present one. An unlikely one needs a reason.
func (c conversation) askNIP(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	typed := typedNIP(r, p.ID)
	ask := flows.To("people.field", p.ID, string(store.FieldNIP), r.Args.Word(1))
	if typed == "" { // Redis was emptied, or the form was left
		return flows.Screen{Text: flows.Lines(about(r, "people.field_nip", p), "\n", r.T.HTML("people.form_gone")), Rows: [][]flows.Button{back(r, ask)}}, nil
	}
	lines := []string{about(r, "people.field_nip", p), "\n", r.T.HTML("people.nip_from_to", locales.Args{"Old": rules.NIP(p.NIP).Grouped(), "New": typed.Grouped()})}
	doubts := c.doubts(r, typed)
	screen := flows.Screen{}
	if len(doubts) > 0 && r.Draft[nipReason] == "" {
		lines = append(append(lines, doubts...), r.T.HTML("people.ask_reason", locales.Args{"Least": c.minReason}))
	} else {
		lines = append(append(lines, doubts...), reasonLine(r, r.Draft[nipReason]), "\n", r.T.HTML("people.nip_sure"))
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("people.nip_yes"), "people.nipset", p.ID, r.Args.Word(1)).Styled(flows.Confirm)))
	}
	screen.Text = flows.Lines(lines...)
	screen.Rows = append(screen.Rows, back(r, ask))
	return screen, nil
}

func reasonLine(r *flows.Request, reason string) string {
	if reason == "" {
		return ""
	}
	return r.T.HTML("people.reason", locales.Args{"Reason": reason})
}

// doubts is what is unlikely about a NIP.
func (c conversation) doubts(r *flows.Request, nip rules.NIP) []string {
	var lines []string
	for _, w := range nip.Warnings(c.calendar.Date(r.Now)) {
		lines = append(lines, r.T.HTML("people.nip_"+string(w)))
	}
	return lines
}

// longestReason is what the store keeps of a reason, in characters.
const longestReason = 500

// reason reads a reason that was typed.
func (c conversation) reason(r *flows.Request) (string, error) {
	text := strings.Join(strings.Fields(r.Text), " ")
	switch n := utf8.RuneCountInString(text); {
	case n < c.minReason:
		return "", flows.Refuse(r.T.Plain("people.reason_short", locales.Args{"Least": c.minReason}), flows.Link{})
	case n > longestReason:
		return "", flows.Refuse(r.T.Plain("people.reason_long", locales.Args{"Most": longestReason}), flows.Link{})
	}
	return text, nil
}

// takeNIPReason keeps why an unlikely NIP is right.
func (c conversation) takeNIPReason(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	text, err := c.reason(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	r.Draft[nipReason] = text
	return flows.Outcome{To: flows.To("people.nip", p.ID, r.Args.Word(1))}, nil
}

func (c conversation) setNIP(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	nip, err := rules.ParseNIP(string(typedNIP(r, p.ID)))
	if broken := (rules.NIPError{}); errors.As(err, &broken) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("people.form_gone"), flows.To("people.edit", p.ID))
	}
	if len(c.doubts(r, nip)) > 0 && r.Draft[nipReason] == "" {
		return flows.Outcome{To: flows.To("people.nip", p.ID, r.Args.Word(1))}, nil
	}
	outcome, err := c.write(ctx, r, p.ID, store.FieldNIP, string(nip), r.Draft[nipReason])
	if err == nil {
		delete(r.Draft, newNIP)
		delete(r.Draft, nipReason)
	}
	return outcome, err
}
