package role

import (
	"context"
	"errors"

	"kinerja/flows"
	"kinerja/flows/tree"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// askRole asks which role a person is to get.
func (c conversation) askRole(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	holder, err := c.receiver(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("role.give_title", locales.Args{"Name": holder.Name}), "\n", r.T.HTML("role.ask_role"), r.T.HTML("role.short_admin"), r.T.HTML("role.short_leader")}
	rows := [][]flows.Button{
		flows.Row(flows.Go(name(r, store.Admin), "role.units", holder.PersonID, string(store.Admin), 0, 1)),
		flows.Row(flows.Go(name(r, store.Leader), "role.units", holder.PersonID, string(store.Leader), 0, 1)),
	}
	if scope.City() {
		lines = append(lines, r.T.HTML("role.short_mayor"))
		rows = append(rows, flows.Row(flows.Go(name(r, store.Mayor), "role.sure", holder.PersonID, string(store.Mayor), 0)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back(r, flows.To("role.of", holder.PersonID)))}, nil
}

// receiver is the person of the first argument, to whom the administrator may give roles.
func (c conversation) receiver(ctx context.Context, r *flows.Request) (store.RoleHolder, error) {
	holder, err := c.store.HolderOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	switch {
	case err != nil:
		return holder, err
	case holder.Own:
		return holder, flows.Refuse(r.T.Plain("role.not_own"), flows.To("role.of", holder.PersonID))
	case !holder.MayReceive:
		return holder, store.ErrNotFound
	}
	return holder, nil
}

// ofUnits is the role of the second argument, which is given over a unit.
func ofUnits(r *flows.Request) (store.Role, error) {
	if role := store.Role(r.Args.Word(1)); role == store.Admin || role == store.Leader {
		return role, nil
	}
	return "", flows.ErrBadLink
}

// choosing reads what the pages of the units need: who gets which role, from whom.
func (c conversation) choosing(ctx context.Context, r *flows.Request) (choice, error) {
	role, err := ofUnits(r)
	if err != nil {
		return choice{}, err
	}
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return choice{}, err
	}
	holder, err := c.receiver(ctx, r)
	return choice{scope: scope, holder: holder, role: role}, err
}

// choice is a role that somebody is to get, over a unit that is still to be chosen.
type choice struct {
	scope  store.Scope
	holder store.RoleHolder
	role   store.Role
}

func (c choice) title(r *flows.Request) string {
	return r.T.HTML("role.units_title", locales.Args{"Role": name(r, c.role), "Name": c.holder.Name})
}

func (c choice) sure(unit int64) flows.Link {
	return flows.To("role.sure", c.holder.PersonID, string(c.role), unit)
}

// walk is the way through the tree of units to the question about one of them.
func (c choice) walk() tree.Walk {
	return tree.Walk{
		At: func(unit int64, page int) flows.Link {
			return flows.To("role.units", c.holder.PersonID, string(c.role), unit, page)
		},
		Leaf:  c.sure,
		Found: func(page int) flows.Link { return flows.To("role.unitsfound", c.holder.PersonID, string(c.role), page) },
		Query: unitQuery, None: "period.no_unit",
	}
}

// askUnit walks down the tree of units; what is typed is a search.
func (c conversation) askUnit(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	choice, err := c.choosing(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(choice.scope, r.Args.ID(2))
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(choice.title(r), "\n", r.T.HTML("role.ask_unit"))}
	if choice.scope.Covers(at) {
		label := r.T.Plain("role.whole", locales.Args{"Unit": unitName(r, choice.scope.Name(at))})
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: label, To: choice.sure(at), Style: flows.Confirm}))
	}
	parts, walk := choice.scope.Parts(at), choice.walk()
	page, pages, start, end := flows.Part(r.Args.Int(3), len(parts), unitsPerPage)
	screen.Rows = append(screen.Rows, walk.Rows(tree.Of(choice.scope, parts[start:end]))...)
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return walk.At(at, n) })...)
	screen.Rows = append(screen.Rows, back(r, walk.Up(choice.scope, at, flows.To("role.give", choice.holder.PersonID))))
	return screen, nil
}

// findUnit takes the text of a search. One unit is asked about at once, several are listed.
func (c conversation) findUnit(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	choice, err := c.choosing(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return choice.walk().Take(r, tree.Whole(choice.scope.Matching(words.ShortQuery(r.Text))))
}

// unitsFound lists the units that a search has found.
func (c conversation) unitsFound(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	choice, err := c.choosing(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	walk, found := choice.walk(), tree.Whole(choice.scope.Matching(r.Draft[unitQuery]))
	page, pages, start, end := flows.Part(r.Args.Int(2), len(found), unitsPerPage)
	screen := flows.Screen{Text: flows.Lines(choice.title(r), "\n", walk.Title(r, found, "role.ask_unit")), Rows: walk.Rows(found[start:end])}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, walk.Found)...)
	screen.Rows = append(screen.Rows, back(r, walk.At(0, 1)))
	return screen, nil
}

// wanted reads the role of the second argument and the unit of the third, which must be the administrator's.
func wanted(r *flows.Request, scope store.Scope) (store.Role, int64, error) {
	role, unit := store.Role(r.Args.Word(1)), r.Args.ID(2)
	switch {
	case !role.Valid():
		return "", 0, flows.ErrBadLink
	case !scope.Covers(unit), role == store.Mayor && unit != 0:
		return "", 0, store.ErrNotFound
	}
	return role, unit, nil
}

// sure says what somebody with the role may see and do, before it is given.
func (c conversation) sure(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	role, unit, err := wanted(r, scope)
	if err != nil {
		return flows.Screen{}, err
	}
	holder, err := c.receiver(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	to := flows.To("role.give", holder.PersonID)
	if role != store.Mayor {
		to = choice{holder: holder, role: role}.walk().At(scope.Above(unit), 1)
	}
	title := r.T.HTML("role.give_title", locales.Args{"Name": holder.Name})
	if role == store.Mayor {
		id, mayor, err := c.store.MayorNow(ctx)
		if err != nil {
			return flows.Screen{}, err
		}
		if id != 0 && id != holder.PersonID {
			see := flows.Go(r.T.Plain("role.see", locales.Args{"Name": words.Shortened(mayor, nameOnButton)}), "role.of", id)
			return flows.Screen{Text: flows.Lines(title, "\n", r.T.HTML("role.mayor_other", locales.Args{"Name": mayor})), Rows: [][]flows.Button{flows.Row(see), back(r, to)}}, nil
		}
	}
	args := locales.Args{"Role": name(r, role), "Unit": unitName(r, scope.Name(unit)), "Name": holder.Name}
	return flows.Screen{
		Text: flows.Lines(title, "\n", r.T.HTML("role.sure", args), r.T.HTML("role.may_"+string(role), args), "\n", r.T.HTML(toldWhen(holder), args)),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("role.sure_yes"), "role.grant", holder.PersonID, string(role), unit, holder.Seen).Styled(flows.Confirm)),
			back(r, to),
		},
	}, nil
}

// toldWhen is the sentence that says when somebody is told of a role.
func toldWhen(holder store.RoleHolder) string {
	if !holder.Linked {
		return "role.sure_told_later"
	}
	return "role.sure_told"
}

// give gives the role.
func (c conversation) give(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	role, unit, err := wanted(r, scope)
	if err != nil {
		return flows.Outcome{}, err
	}
	person := r.Args.ID(0)
	given, err := c.store.GiveRole(ctx, r.Actor.PersonID, person, role, unit, r.Args.Int(3))
	if err != nil {
		return flows.Outcome{}, explain(r, err, flows.To("role.of", person))
	}
	said := "role.given"
	if !given {
		said = "role.given_already"
	}
	return flows.Outcome{To: flows.To("role.of", person), Toast: r.T.Plain(said)}, nil
}

// askDrop asks before a role is taken away.
func (c conversation) askDrop(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	role, holder, err := c.store.RoleOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, gone(r, err)
	}
	if holder.Own {
		return flows.Screen{}, flows.Refuse(r.T.Plain("role.not_own"), flows.To("role.of", holder.PersonID))
	}
	args := locales.Args{"Role": name(r, role.Role), "Unit": unitName(r, role.Unit), "Name": holder.Name}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("role.drop_title", args), "\n", r.T.HTML("role.drop_sure", args), r.T.HTML("role.drop_"+string(role.Role), args)),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("role.drop_yes"), "role.take", role.ID).Styled(flows.Danger)),
			back(r, flows.To("role.of", holder.PersonID)),
		},
	}, nil
}

// gone says that a role is not there any more, or is not the administrator's: the two look the same.
func gone(r *flows.Request, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return flows.Refuse(r.T.Plain("role.gone"), flows.To("role.home", 1))
	}
	return err
}

// take takes the role away.
func (c conversation) take(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	role, err := c.store.TakeRole(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, explain(r, gone(r, err), flows.To("role.home", 1))
	}
	to := flows.To("role.of", role.PersonID)
	if _, err := c.store.HolderOf(ctx, r.Actor.PersonID, role.PersonID); errors.Is(err, store.ErrNotFound) { // who is of other units and holds nothing here any more
		to = flows.To("role.home", 1)
	}
	return flows.Outcome{To: to, Toast: r.T.Plain("role.taken")}, nil
}

// tell is the message to whose role it is: what changed, by whom, and what is his from now on. Nothing is owed once that is not true any more.
func (c conversation) tell(sentence string, held bool) flows.Message {
	return func(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
		role, unit := store.Role(r.Args.Word(1)), r.Args.ID(2)
		holds, unitNamed, by, err := c.store.RoleNews(ctx, r.Actor.PersonID, r.Args.ID(0), role, unit)
		if err != nil || holds != held || !role.Valid() {
			return flows.Screen{}, false, err
		}
		if by == "" {
			by = r.T.Plain("role.operator")
		}
		commands, err := c.commands(ctx, r.Actor.TelegramID)
		args := locales.Args{"Role": name(r, role), "Unit": unitName(r, unitNamed), "By": by}
		lines := []string{r.T.HTML(sentence+"_title", args), "\n", r.T.HTML(sentence, args)}
		if held {
			lines = append(lines, r.T.HTML("role.you_"+string(role)))
		}
		return flows.Screen{
			Text:     flows.Lines(lines...),
			Rows:     [][]flows.Button{flows.Row(flows.Go(r.T.Plain("common.menu"), "menu").Styled(flows.Confirm))},
			Commands: commands,
		}, true, err
	}
}
