package people

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/tree"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// moving is the way through the tree of units to the one to which a person goes.
func moving(id, from int64) tree.Walk {
	return tree.Walk{
		At:    func(unit int64, page int) flows.Link { return flows.To("people.move", id, unit, page) },
		Leaf:  func(unit int64) flows.Link { return flows.To("people.movesure", id, from, unit) },
		Found: func(page int) flows.Link { return flows.To("people.movefound", id, page) },
		Query: "people-unit", None: "people.no_unit_there",
	}
}

// askMove walks down the tree to the unit to which somebody moves.
func (c conversation) askMove(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, scope, err := c.mover(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(scope, r.Args.ID(1))
	if err != nil {
		return flows.Screen{}, err
	}
	w := moving(p.ID, p.UnitID)
	screen := flows.Screen{Text: flows.Lines(about(r, "people.move_title", p), unitLine(r.T, p), partsLine(r, scope, at), "\n", r.T.HTML("people.ask_move"), elsewhereLine(r, scope))}
	if at != 0 && at != p.UnitID {
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: r.T.Plain("people.move_here", locales.Args{"Unit": scope.Name(at)}), To: w.Leaf(at)}.Styled(flows.Confirm)))
	}
	screen.Rows = append(screen.Rows, treeRows(r, w, scope, at, r.Args.Int(2))...)
	screen.Rows = append(screen.Rows, back(r, w.Up(scope, at, card(p.ID))))
	return screen, nil
}

// elsewhereLine tells who administers a part of the city who moves people out of it.
func elsewhereLine(r *flows.Request, scope store.Scope) string {
	if scope.City() {
		return ""
	}
	return r.T.HTML("people.move_elsewhere")
}

func (c conversation) mover(ctx context.Context, r *flows.Request) (store.PersonCard, store.Scope, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return store.PersonCard{}, store.Scope{}, err
	}
	scope, err := c.administrator(ctx, r)
	return p, scope, err
}

func (c conversation) findMove(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	p, scope, err := c.mover(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return moving(p.ID, p.UnitID).Take(r, tree.Of(scope, scope.Matching(words.ShortQuery(r.Text))))
}

func (c conversation) moveFound(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, scope, err := c.mover(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	w := moving(p.ID, p.UnitID)
	found := tree.Of(scope, scope.Matching(r.Draft[w.Query]))
	screen := flows.Screen{Text: flows.Lines(about(r, "people.move_title", p), "\n", w.Title(r, found, "people.ask_move")), Rows: foundRows(r, w, found, r.Args.Int(1))}
	screen.Rows = append(screen.Rows, back(r, w.At(0, 1)))
	return screen, nil
}

// sureMove says what a move means before it is done.
func (c conversation) sureMove(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, scope, err := c.mover(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	from, to := r.Args.ID(1), r.Args.ID(2)
	switch {
	case to == 0 || !scope.Covers(to):
		return flows.Screen{}, store.ErrNotFound
	case p.UnitID == to:
		return flows.Screen{}, flows.Refuse(r.T.Plain("people.there_already"), card(p.ID))
	case p.UnitID != from:
		return flows.Screen{}, flows.Refuse(r.T.Plain("people.changed"), card(p.ID))
	}
	lines := []string{about(r, "people.move_title", p), "\n", r.T.HTML("people.move_from_to", locales.Args{"From": orNobody(r.T, p.Unit), "To": scope.Name(to)})}
	for _, role := range p.Roles {
		if role.UnitID == from && from != 0 {
			lines = append(lines, r.T.HTML("people.role_goes", locales.Args{"Role": roleName(r.T, role), "To": scope.Name(to)}))
		}
	}
	if len(p.Open) > 0 {
		lines = append(lines, r.T.HTML("people.move_open", locales.Args{"Number": r.T.Number(len(p.Open))}))
	}
	lines = append(lines, r.T.HTML("people.move_evaluator", locales.Args{"Name": orNobody(r.T, p.Evaluator.Name)}))
	return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{
		flows.Row(flows.Go(r.T.Plain("people.move_yes"), "people.moveset", p.ID, from, to).Styled(flows.Confirm)),
		back(r, moving(p.ID, from).At(0, 1)),
	}}, nil
}

func (c conversation) setMove(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	moved, err := c.store.MovePerson(ctx, r.Actor.PersonID, id, r.Args.ID(1), r.Args.ID(2))
	if err != nil {
		return flows.Outcome{}, refused(r, err, card(id))
	}
	said := "people.there_already"
	if moved {
		said = "people.moved"
	}
	return flows.Outcome{To: card(id), Toast: r.T.Plain(said)}, nil
}
