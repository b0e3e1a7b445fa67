// Package role is where administrators see who holds which role in their units, and give and take roles. Nobody changes his own, and whoever
// is concerned is told at once, with the commands that are his from then on.
package role

import (
	"context"
	"errors"
	"slices"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the conversation needs of the records. Every method answers for the units of the administrator only.
type Store interface {
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	RolesIn(ctx context.Context, adminID int64, text string, offset, limit int) ([]store.RoleLine, int, error)
	FindPeople(ctx context.Context, adminID int64, text string, left bool, offset, limit int) ([]store.PersonFound, int, error)
	HolderOf(ctx context.Context, adminID, personID int64) (store.RoleHolder, error)
	RoleOf(ctx context.Context, adminID, roleID int64) (store.RoleLine, store.RoleHolder, error)
	MayorNow(ctx context.Context) (personID int64, name string, err error)
	GiveRole(ctx context.Context, adminID, personID int64, role store.Role, unitID int64, seen int) (bool, error)
	TakeRole(ctx context.Context, adminID, roleID int64) (store.PersonRole, error)
	RoleNews(ctx context.Context, personID, actor int64, role store.Role, unitID int64) (held bool, unit, by string, err error)
}

type conversation struct {
	store    Store
	commands func(ctx context.Context, telegramID int64) ([]flows.MenuCommand, error)
}

// Register adds the conversation to the engine.
func Register(e *flows.Engine, s Store) {
	c := conversation{store: s, commands: e.Commands}
	e.Page("role.home", "n", c.home, flows.Accepts(flows.Text, "role.find"))
	e.Action("role.find", "n", c.find)
	e.Page("role.found", "n", c.found, flows.Accepts(flows.Text, "role.findagain"))
	e.Action("role.findagain", "n", c.find)
	e.Page("role.whom", "", c.askWhom, flows.Accepts(flows.Text, "role.findperson"))
	e.Action("role.findperson", "", c.findPerson)
	e.Page("role.people", "n", c.people, flows.Accepts(flows.Text, "role.findotherperson"))
	e.Action("role.findotherperson", "n", c.findPerson)
	inside := flows.Within("role.of")
	e.Page("role.of", "id", c.of, flows.Aside)
	e.Page("role.more", "id n", c.of, inside)

	e.Page("role.give", "id", c.askRole, inside)
	e.Page("role.units", "id word unit n", c.askUnit, flows.Accepts(flows.Text, "role.findunit"), inside)
	e.Action("role.findunit", "id word unit n", c.findUnit)
	e.Page("role.unitsfound", "id word n", c.unitsFound, flows.Accepts(flows.Text, "role.findunitagain"), inside)
	e.Action("role.findunitagain", "id word n", c.findUnit)
	e.Page("role.sure", "id word unit", c.sure, inside)
	e.Action("role.grant", "id word unit n", c.give) // the last is what the screen knew of the person
	e.Page("role.drop", "id", c.askDrop, inside)     // the id is the role's
	e.Action("role.take", "id", c.take)

	e.Message(store.KindRoleGiven, "unit word unit", c.tell("role.told_given", true)) // the first is who did it, 0 for the operator
	e.Message(store.KindRoleTaken, "unit word unit", c.tell("role.told_taken", false))
}

const (
	holdersPerPage = 4
	peoplePerPage  = 6
	rolesPerPage   = 4
	unitsPerPage   = 5
	nameOnButton   = 28 // characters
	unitOnButton   = 26
)

// Where the draft keeps the texts of searches. Should they vanish, everything is shown instead.
const (
	holderQuery = "role-holder"
	personQuery = "role-person"
	unitQuery   = "role-unit"
)

// administrator returns what a person administers, and refuses whoever administers nothing.
func (c conversation) administrator(ctx context.Context, r *flows.Request) (store.Scope, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err == nil && scope.None() {
		err = flows.Refuse(r.T.Plain("admin.only"), flows.To("menu"))
	}
	return scope, err
}

// home lists who holds a role; what is typed is a search.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	rows, total, err := c.holderRows(ctx, r, "", "role.home")
	if err != nil {
		return flows.Screen{}, err
	}
	ask := r.T.HTML("role.home", locales.Args{"Number": r.T.Number(total)})
	if total == 0 {
		ask = r.T.HTML("role.none")
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("role.give"), "role.whom").Styled(flows.Confirm)), back(r, flows.To("admin.home")))
	return flows.Screen{Text: flows.Lines(r.T.HTML("role.title"), "\n", ask), Rows: rows}, nil
}

// holderRows is a page of those who hold a role and whom a text finds, each with a button; route is the page that turns it.
func (c conversation) holderRows(ctx context.Context, r *flows.Request, text, route string) (rows [][]flows.Button, total int, err error) {
	lines, total, page, pages, err := flows.ReadPart(r.Args.Int(0), holdersPerPage, func(offset, limit int) ([]store.RoleLine, int, error) {
		return c.store.RolesIn(ctx, r.Actor.PersonID, text, offset, limit)
	})
	for _, l := range lines {
		label := r.T.Plain("role.line", locales.Args{"Name": words.Shortened(l.Name, nameOnButton), "Role": name(r, l.Role),
			"Unit": words.Shortened(unitName(r, l.Unit), unitOnButton)})
		rows = append(rows, flows.Row(flows.Go(label, "role.of", l.PersonID)))
	}
	return append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To(route, n) })...), total, err
}

// find takes the text of a search among those who hold a role. Where it finds none of them, it looks among all people.
func (c conversation) find(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	text := words.ShortQuery(r.Text)
	lines, total, err := c.store.RolesIn(ctx, r.Actor.PersonID, text, 0, 2)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case total == 0:
		return c.findPerson(ctx, r)
	case total == 1:
		return flows.Outcome{To: flows.To("role.of", lines[0].PersonID)}, nil
	}
	r.Draft[holderQuery] = text
	return flows.Outcome{To: flows.To("role.found", 1)}, nil
}

// found lists those who hold a role and whom a search has found, and leads on to all people.
func (c conversation) found(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	text := r.Draft[holderQuery]
	rows, total, err := c.holderRows(ctx, r, text, "role.found")
	if err != nil {
		return flows.Screen{}, err
	}
	title := r.T.HTML("role.found", locales.Args{"Number": r.T.Number(total), "Text": text})
	if text == "" { // Redis was emptied, or the search was left
		title = r.T.HTML("role.home", locales.Args{"Number": r.T.Number(total)})
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("role.all_people"), "role.whom")), back(r, flows.To("role.home", 1)))
	return flows.Screen{Text: flows.Lines(r.T.HTML("role.title"), "\n", title), Rows: rows}, nil
}

// askWhom asks who is to get a role, or whose roles are to be seen.
func (c conversation) askWhom(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("role.title"), "\n", r.T.HTML("role.ask_whom")),
		Rows: [][]flows.Button{back(r, flows.To("role.home", 1))},
	}, nil
}

// findPerson takes the text of a search among the people of the administrator. One is shown at once, several are listed.
func (c conversation) findPerson(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	text := words.ShortQuery(r.Text)
	people, total, err := c.store.FindPeople(ctx, r.Actor.PersonID, text, false, 0, 2)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case total == 0:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("role.nobody", locales.Args{"Text": text}), flows.Link{})
	case total == 1:
		return flows.Outcome{To: flows.To("role.of", people[0].PersonID)}, nil
	}
	r.Draft[personQuery] = text
	return flows.Outcome{To: flows.To("role.people", 1)}, nil
}

// people lists the people whom a search has found.
func (c conversation) people(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	text := r.Draft[personQuery]
	if text == "" { // Redis was emptied, or the search was left
		return c.askWhom(ctx, r)
	}
	people, total, page, pages, err := flows.ReadPart(r.Args.Int(0), peoplePerPage, func(offset, limit int) ([]store.PersonFound, int, error) {
		return c.store.FindPeople(ctx, r.Actor.PersonID, text, false, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	title := r.T.HTML("role.people", locales.Args{"Number": r.T.Number(total), "Text": text})
	var rows [][]flows.Button
	for _, p := range people {
		label := r.T.Plain("role.person", locales.Args{"Name": words.Shortened(p.Name, nameOnButton), "Unit": words.Shortened(noUnit(r, p.Unit), unitOnButton)})
		rows = append(rows, flows.Row(flows.Go(label, "role.of", p.PersonID)))
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("role.people", n) })...)
	return flows.Screen{Text: flows.Lines(r.T.HTML("role.title"), "\n", title), Rows: append(rows, back(r, flows.To("role.home", 1)))}, nil
}

// of shows the roles of one person, as far as they are the administrator's to see, with what can be done about them.
func (c conversation) of(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	holder, err := c.store.HolderOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	wanted := 1
	if len(r.Args) > 1 {
		wanted = r.Args.Int(1)
	}
	page, pages, start, end := flows.Part(wanted, len(holder.Roles), rolesPerPage)
	lines := []string{r.T.HTML("role.of_title", locales.Args{"Name": holder.Name}), as(holder), "\n"}
	var rows [][]flows.Button
	for _, l := range holder.Roles[start:end] {
		lines = append(lines, r.T.HTML("role.held", locales.Args{"Role": name(r, l.Role), "Unit": unitName(r, l.Unit), "Day": r.T.Day(l.CreatedAt)}))
		if !holder.Own {
			label := r.T.Plain("role.drop", locales.Args{"Role": name(r, l.Role), "Unit": words.Shortened(unitName(r, l.Unit), unitOnButton)})
			rows = append(rows, flows.Row(flows.Go(label, "role.drop", l.ID)))
		}
	}
	lines = append(lines, hints(r, holder)...)
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("role.more", holder.PersonID, n) })...)
	if holder.MayReceive {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("role.give"), "role.give", holder.PersonID).Styled(flows.Confirm)))
	}
	if holder.MayReceive || holder.Own {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("role.see_card"), "people.show", holder.PersonID)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back(r, whence(r, holder.PersonID)))}, nil
}

// whence is the list, or the card of this very person, from which one came. A page that was opened for somebody else keeps where that one came from.
func whence(r *flows.Request, personID int64) flows.Link {
	came, card := r.Came(), flows.To("people.show", personID)
	if came.Zero() || came.Route == card.Route && came.String() != card.String() {
		return flows.To("role.home", 1)
	}
	return came
}

// hints say what the list of somebody's roles does not.
func hints(r *flows.Request, holder store.RoleHolder) []string {
	var lines []string
	if len(holder.Roles) == 0 {
		lines = append(lines, r.T.HTML("role.holds_none"))
	}
	switch {
	case holder.Own:
		lines = append(lines, "\n", r.T.HTML("role.own"))
	case !holder.Linked:
		lines = append(lines, "\n", r.T.HTML("role.not_linked"))
	}
	return lines
}

// as is position and unit of a person, as far as they are known.
func as(holder store.RoleHolder) string {
	parts := slices.DeleteFunc([]string{holder.Position, holder.Unit}, func(part string) bool { return part == "" })
	text := ""
	for i, part := range parts {
		if i > 0 {
			text += ", "
		}
		text += locales.Escape(part)
	}
	return text
}

func name(r *flows.Request, role store.Role) string { return r.T.Plain("role.name_" + string(role)) }

// unitName is what a role is over, as a person speaks of it.
func unitName(r *flows.Request, unit string) string {
	if unit == "" {
		return r.T.Plain("role.city")
	}
	return unit
}

// noUnit is where somebody belongs.
func noUnit(r *flows.Request, unit string) string {
	if unit == "" {
		return r.T.Plain("role.no_unit")
	}
	return unit
}

func back(r *flows.Request, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

// explain turns what the store says against a change into a sentence with the page to go on from.
func explain(r *flows.Request, err error, to flows.Link) error {
	var taken *store.MayorTakenError
	switch {
	case errors.Is(err, store.ErrOwnRole):
		return flows.Refuse(r.T.Plain("role.not_own"), to)
	case errors.Is(err, store.ErrRolesChanged):
		return flows.Refuse(r.T.Plain("role.changed"), to)
	case errors.Is(err, store.ErrLastAdministrator):
		return flows.Refuse(r.T.Plain("role.last"), to)
	case errors.As(err, &taken):
		return flows.Refuse(r.T.Plain("role.mayor_taken", locales.Args{"Name": taken.Name}), to)
	}
	return err
}
