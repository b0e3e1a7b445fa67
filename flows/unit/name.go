package unit

import (
	"context"
	"strings"
	"unicode/utf8"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// What the records keep, in characters.
const (
	longestName = 200
	longestCode = 40
)

// nameDraft keeps the name of a new unit until its code is there. Should it vanish, it is asked again.
const nameDraft = "unit-name"

// below names the unit below which a new one is made; "" for the top. ErrNotFound when it takes none of this administrator.
func (c conversation) below(ctx context.Context, r *flows.Request) (string, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return "", err
	}
	id := r.Args.ID(0)
	if unit, _ := scope.Unit(id); !scope.Covers(id) || unit.Closed() {
		return "", store.ErrNotFound
	}
	return scope.Name(id), nil
}

func newLines(r *flows.Request, below string) []string {
	where := r.T.HTML("unit.new_at_top")
	if below != "" {
		where = r.T.HTML("unit.new_below_of", locales.Args{"Unit": below})
	}
	return []string{r.T.HTML("unit.new_title"), where}
}

// whence is where the making of a unit began.
func whence(r *flows.Request) flows.Link {
	if id := r.Args.ID(0); id != 0 {
		return showLink(id)
	}
	return walk().At(0, 1)
}

func (c conversation) askName(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	below, err := c.below(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{Text: flows.Lines(append(newLines(r, below), "\n", r.T.HTML("unit.ask_name"))...), Rows: [][]flows.Button{backTo(r, whence(r))}}, nil
}

// typedName reads a name of one line.
func typedName(r *flows.Request) (string, error) {
	name := strings.Join(strings.Fields(r.Text), " ")
	if n := utf8.RuneCountInString(name); n < 2 || n > longestName {
		return "", flows.Refuse(r.T.Plain("unit.name_length", locales.Args{"Limit": longestName}), flows.Link{})
	}
	return name, nil
}

// named keeps the name and asks for the code.
func (c conversation) named(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.below(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	name, err := typedName(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	r.Draft[nameDraft] = name
	return flows.Outcome{To: flows.To("unit.code", r.Args.ID(0))}, nil
}

func (c conversation) askCode(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	below, err := c.below(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := newLines(r, below)
	if name := r.Draft[nameDraft]; name != "" {
		lines = append(lines, r.T.HTML("unit.name_line", locales.Args{"Name": name}))
	}
	return flows.Screen{
		Text: flows.Lines(append(lines, "\n", r.T.HTML("unit.ask_code"))...),
		Rows: [][]flows.Button{backTo(r, flows.To("unit.new", r.Args.ID(0)))},
	}, nil
}

// create makes the unit of which the name was given before the code.
func (c conversation) create(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.below(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	name := r.Draft[nameDraft]
	if name == "" { // Redis was emptied, or the form was left
		return flows.Outcome{}, flows.Refuse(r.T.Plain("unit.name_gone"), flows.To("unit.new", r.Args.ID(0)))
	}
	code := store.UnitCode(r.Text)
	if code == "" || len(code) > longestCode || strings.IndexFunc(code, func(c rune) bool { return c <= ' ' || c > '~' }) >= 0 {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("unit.code_form", locales.Args{"Limit": longestCode}), flows.Link{})
	}
	unit, err := c.store.CreateUnit(ctx, r.Actor.PersonID, r.Args.ID(0), code, name)
	if err != nil {
		return flows.Outcome{}, explain(r, err, flows.Link{})
	}
	delete(r.Draft, nameDraft)
	return flows.Outcome{To: showLink(unit.ID), Toast: r.T.Plain("unit.created", locales.Args{"Unit": unit.Name})}, nil
}

// open reads the unit of the first argument, which must not have been merged.
func (c conversation) open(ctx context.Context, r *flows.Request) (store.UnitView, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return store.UnitView{}, err
	}
	view, err := c.store.UnitFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err == nil && view.Closed() {
		err = explain(r, store.ErrUnitClosed, showLink(view.ID))
	}
	return view, err
}

func (c conversation) askRename(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.open(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{Text: flows.Lines(title(r, view), "\n", r.T.HTML("unit.ask_rename")), Rows: [][]flows.Button{backTo(r, showLink(view.ID))}}, nil
}

func (c conversation) rename(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	view, err := c.open(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	name, err := typedName(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if err := c.store.RenameUnit(ctx, r.Actor.PersonID, view.ID, name, r.Args.Word(1)); err != nil {
		return flows.Outcome{}, explain(r, err, showLink(view.ID))
	}
	return flows.Outcome{To: showLink(view.ID), Toast: r.T.Plain("unit.renamed")}, nil
}
