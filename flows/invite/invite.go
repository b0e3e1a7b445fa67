// Package invite prints invitations for those who have no Telegram account yet: slips with a code, for all, a unit or a person.
package invite

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/document"
	"kinerja/flows/tree"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what printing needs of the records. Each method answers for the units of the administrator only.
type Store interface {
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	FindNotLinked(ctx context.Context, adminID int64, text string, offset, limit int) ([]store.UnlinkedLine, int, error)
	PlanPrinting(ctx context.Context, adminID int64, p store.Printing) (store.PrintPlan, error)
	PrintInvitations(ctx context.Context, adminID int64, p store.Printing) (store.Printed, error)
	RequestFile(ctx context.Context, personID int64, name string, args ...any) (bool, error)
}

type conversation struct {
	store Store
	bot   func(ctx context.Context) (string, error)
}

// The files, by the name of their request. The unit of the first is followed by whether those below it are meant, whose codes, and the stamp
// of what was shown.
const (
	fileOfUnit   = "slips"
	fileOfPerson = "slip"

	below, alone = "below", "alone"
	fresh, renew = "new", "all"
)

// Register adds the conversation to the engine. bot asks for the bot's user name, to which the QR codes lead.
func Register(e *flows.Engine, s Store, bot func(ctx context.Context) (string, error)) {
	c := conversation{store: s, bot: bot}
	e.Page("invite.unit", "unit", c.unit)
	e.Page("invite.renew", "unit", c.renew)
	e.Page("invite.units", "unit n", c.units, flows.Accepts(flows.Text, "invite.find"))
	e.Page("invite.found", "n", c.found, flows.Accepts(flows.Text, "invite.findagain"))
	e.Page("invite.people", "n", c.people, flows.Accepts(flows.Text, "invite.findperson"))
	e.Page("invite.named", "n", c.named, flows.Accepts(flows.Text, "invite.findother"))
	e.Page("invite.person", "id", c.person, flows.Aside)
	e.Action("invite.find", "unit n", c.find)
	e.Action("invite.findagain", "n", c.find)
	e.Action("invite.findperson", "n", c.findPerson)
	e.Action("invite.findother", "n", c.findPerson)
	e.Action("invite.print", "unit word unit", c.print) // the last is the stamp of the plan that was shown
	e.Action("invite.printone", "id unit", c.printOne)

	e.Message("file."+fileOfUnit, "unit word word unit", c.tellUnit)
	e.Message("file."+fileOfPerson, "id unit", c.tellPerson)
}

// administrator returns what a person administers, and refuses whoever administers nothing.
func (c conversation) administrator(ctx context.Context, r *flows.Request) (store.Scope, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err == nil && scope.None() {
		err = flows.Refuse(r.T.Plain("admin.only"), flows.To("menu"))
	}
	return scope, err
}

func backTo(r *flows.Request, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

// nameOf is a unit as a person speaks of it; of 0 the whole scope.
func nameOf(t *locales.Translator, plan store.PrintPlan) string {
	if plan.Name == "" {
		return t.Plain("invite.everybody")
	}
	return plan.Name
}

// shown reads the plan of a unit, or of all where it is 0.
func (c conversation) shown(ctx context.Context, r *flows.Request, unit int64) (store.PrintPlan, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return store.PrintPlan{}, err
	}
	return c.store.PlanPrinting(ctx, r.Actor.PersonID, store.Printing{UnitID: unit})
}

// perFile is how many people one file is for at most, where units can be told apart: 250 pages and about 4 MB.
const perFile = 2000

// pagesOf is how many pages and units a printing has.
func pagesOf(plan store.PrintPlan, all bool) (people, units, pages int) {
	for _, u := range plan.Units {
		n := u.Fresh
		if all {
			n += u.Holding
		}
		if n > 0 {
			people, units, pages = people+n, units+1, pages+document.SlipPages(n)
		}
	}
	return people, units, pages
}

// unit tells for whom slips would be printed, and asks.
func (c conversation) unit(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	unit := r.Args.ID(0)
	plan, err := c.shown(ctx, r, unit)
	if err != nil {
		return flows.Screen{}, err
	}
	people, units, pages := pagesOf(plan, false)
	lines := []string{r.T.HTML("invite.title", locales.Args{"Whom": nameOf(r.T, plan)}), "\n"}
	if people > 0 {
		lines = append(lines, r.T.HTML("invite.count", locales.Args{"People": r.T.Number(people), "Units": r.T.Number(units), "Pages": r.T.Number(pages)}))
	}
	lines = append(lines, c.asides(r, plan, people)...)
	screen := flows.Screen{Text: flows.Lines(append(lines, c.files(r, plan, false)...)...)}
	if people > 0 {
		label := r.T.Plain("invite.print", locales.Args{"People": r.T.Number(people)})
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(label, "invite.print", unit, fresh, plan.Stamp).Styled(flows.Confirm)))
	}
	if plan.Holding() > 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("invite.renew", locales.Args{"People": r.T.Number(plan.Fresh() + plan.Holding())}), "invite.renew", unit)))
	}
	back := flows.To("invite.unit", 0)
	if unit == 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("invite.one_unit"), "invite.units", 0, 1), flows.Go(r.T.Plain("invite.one_person"), "invite.people", 1)))
		back = flows.To("admin.unlinked", 1)
	}
	screen.Rows = append(screen.Rows, backTo(r, back))
	return screen, nil
}

// asides says who is left out.
func (c conversation) asides(r *flows.Request, plan store.PrintPlan, people int) []string {
	var lines []string
	if plan.Fresh()+plan.Holding()+plan.Beyond == 0 {
		lines = append(lines, r.T.HTML("invite.nobody"))
	}
	if plan.Holding() > 0 {
		lines = append(lines, r.T.HTML("invite.holding", locales.Args{"Holding": r.T.Number(plan.Holding())}))
	}
	if plan.Beyond > 0 {
		lines = append(lines, r.T.HTML("invite.beyond", locales.Args{"Beyond": r.T.Number(plan.Beyond)}))
	}
	return lines
}

// files says how the slips come.
func (c conversation) files(r *flows.Request, plan store.PrintPlan, all bool) []string {
	files := plan.Files(all, perFile)
	if len(files) == 0 {
		return nil
	}
	lines := []string{"\n", r.T.HTML("invite.until", locales.Args{"Until": r.T.Day(r.Now.Add(store.CodeLife))})}
	if len(files) > 1 {
		lines = append(lines, r.T.HTML("invite.several", locales.Args{"Files": r.T.Number(len(files))}))
	}
	return lines
}

// renew asks once more: it ends codes that people may hold on paper.
func (c conversation) renew(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	unit := r.Args.ID(0)
	plan, err := c.shown(ctx, r, unit)
	if err != nil {
		return flows.Screen{}, err
	}
	people, units, pages := pagesOf(plan, true)
	args := locales.Args{"People": r.T.Number(people), "Units": r.T.Number(units), "Pages": r.T.Number(pages), "Holding": r.T.Number(plan.Holding())}
	lines := []string{r.T.HTML("invite.renew_title", locales.Args{"Whom": nameOf(r.T, plan)}), "\n", r.T.HTML("invite.renew_count", args)}
	if plan.Holding() > 0 {
		lines = append(lines, r.T.HTML("invite.renew_ends", args))
	}
	screen := flows.Screen{Text: flows.Lines(append(lines, c.files(r, plan, true)...)...)}
	if people > 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("invite.renew_yes", args), "invite.print", unit, renew, plan.Stamp).Styled(flows.Danger)))
	}
	screen.Rows = append(screen.Rows, backTo(r, flows.To("invite.unit", unit)))
	return screen, nil
}

// print asks for the files of what was shown.
func (c conversation) print(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	unit, whose := r.Args.ID(0), r.Args.Word(1)
	if whose != fresh && whose != renew {
		return flows.Outcome{}, flows.ErrBadLink
	}
	plan, err := c.shown(ctx, r, unit)
	if err != nil {
		return flows.Outcome{}, err
	}
	page := flows.To("invite.unit", unit)
	files := plan.Files(whose == renew, perFile)
	if plan.Stamp != r.Args.ID(2) || len(files) == 0 {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("invite.changed"), page)
	}
	isNew := false
	for _, f := range files {
		reach := below
		if f.Alone {
			reach = alone
		}
		asked, err := c.store.RequestFile(ctx, r.Actor.PersonID, fileOfUnit, f.UnitID, reach, whose, f.Stamp)
		if err != nil {
			return flows.Outcome{}, err
		}
		isNew = isNew || asked
	}
	return c.asked(r, isNew, flows.To("admin.unlinked", 1)), nil
}

// asked says that a file is on its way, or was already.
func (c conversation) asked(r *flows.Request, isNew bool, to flows.Link) flows.Outcome {
	said := "invite.on_its_way"
	if !isNew {
		said = "invite.asked_already"
	}
	return flows.Outcome{To: to, Toast: r.T.Plain(said)}
}

// person tells of the slip of one person, and asks.
func (c conversation) person(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	id := r.Args.ID(0)
	plan, err := c.store.PlanPrinting(ctx, r.Actor.PersonID, store.Printing{PersonID: id})
	if err != nil {
		return flows.Screen{}, err
	}
	args := locales.Args{"Name": plan.Name, "Until": r.T.Day(r.Now.Add(store.CodeLife))}
	what, rows := "invite.person", [][]flows.Button{flows.Row(flows.Go(r.T.Plain("invite.print_one"), "invite.printone", id, plan.Stamp).Styled(flows.Confirm))}
	switch {
	case plan.Beyond > 0:
		what, rows = "invite.person_beyond", nil
	case plan.Fresh()+plan.Holding() == 0:
		what, rows = "invite.person_linked", nil
	case plan.Holding() > 0:
		what = "invite.person_holding"
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("invite.title", locales.Args{"Whom": plan.Name}), "\n", r.T.HTML(what, args)),
		Rows: append(rows, backTo(r, whence(r, flows.To("invite.people", 1)))),
	}, nil
}

// whence is the card of the very person whose slip is asked for, where one came from there, else a list.
func whence(r *flows.Request, list flows.Link) flows.Link {
	if card := flows.To("people.show", r.Args.ID(0)); r.Came().String() == card.String() {
		return card
	}
	return list
}

// printOne asks for the slip of a person.
func (c conversation) printOne(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	id := r.Args.ID(0)
	plan, err := c.store.PlanPrinting(ctx, r.Actor.PersonID, store.Printing{PersonID: id})
	if err != nil {
		return flows.Outcome{}, err
	}
	if plan.Stamp != r.Args.ID(1) || plan.Fresh()+plan.Holding() == 0 {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("invite.changed"), flows.To("invite.person", id))
	}
	isNew, err := c.store.RequestFile(ctx, r.Actor.PersonID, fileOfPerson, id, plan.Stamp)
	return c.asked(r, isNew, whence(r, flows.To("admin.unlinked", 1))), err
}

// walk is the way through the tree of units to the slips of one.
func walk() tree.Walk {
	return tree.Walk{
		At:    func(unit int64, page int) flows.Link { return flows.To("invite.units", unit, page) },
		Leaf:  func(unit int64) flows.Link { return flows.To("invite.unit", unit) },
		Found: func(page int) flows.Link { return flows.To("invite.found", page) },
		Query: "invite-unit", None: "period.no_unit",
	}
}

const perPage = 5

// units walks down the tree of units; what is typed is a search.
func (c conversation) units(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(scope, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("invite.units_title"), "\n", r.T.HTML("invite.ask_unit"))}
	if at != 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: r.T.Plain("invite.whole_unit", locales.Args{"Unit": scope.Name(at)}), To: walk().Leaf(at)}.Styled(flows.Confirm)))
	}
	parts := tree.Of(scope, scope.Parts(at))
	page, pages, start, end := flows.Part(r.Args.Int(1), len(parts), perPage)
	screen.Rows = append(screen.Rows, walk().Rows(parts[start:end])...)
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return walk().At(at, n) })...)
	screen.Rows = append(screen.Rows, backTo(r, walk().Up(scope, at, flows.To("invite.unit", 0))))
	return screen, nil
}

// find takes the text of a search for a unit.
func (c conversation) find(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return walk().Take(r, tree.Whole(scope.Matching(words.ShortQuery(r.Text))))
}

// found lists the units that a search has found.
func (c conversation) found(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	units := tree.Whole(scope.Matching(r.Draft[walk().Query]))
	page, pages, start, end := flows.Part(r.Args.Int(0), len(units), perPage)
	rows := append(walk().Rows(units[start:end]), flows.Pager(r.T, page, pages, walk().Found)...)
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("invite.units_title"), "\n", walk().Title(r, units, "invite.ask_unit")),
		Rows: append(rows, backTo(r, walk().At(0, 1))),
	}, nil
}

// personQuery is where the draft keeps the text of a search for a person. Should it vanish, everybody is listed.
const personQuery = "invite-person"

// people lists who is not linked, to choose one; what is typed is a search.
func (c conversation) people(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	return c.choose(ctx, r, "", "invite.people", flows.To("invite.unit", 0))
}

// named lists those whom a search has found.
func (c conversation) named(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	return c.choose(ctx, r, r.Draft[personQuery], "invite.named", flows.To("invite.people", 1))
}

func (c conversation) choose(ctx context.Context, r *flows.Request, text, route string, back flows.Link) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	lines, total, page, pages, err := flows.ReadPart(r.Args.Int(0), perPage, func(offset, limit int) ([]store.UnlinkedLine, int, error) {
		return c.store.FindNotLinked(ctx, r.Actor.PersonID, text, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	title := r.T.HTML("invite.ask_person", locales.Args{"Number": r.T.Number(total)})
	switch {
	case text != "":
		title = r.T.HTML("invite.people_found", locales.Args{"Number": r.T.Number(total), "Text": text})
	case total == 0:
		title = r.T.HTML("invite.nobody")
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("invite.people_title"), "\n", title)}
	for _, l := range lines {
		label := l.Name
		if l.Unit != "" {
			label += " · " + l.Unit
		}
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(label, "invite.person", l.PersonID)))
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To(route, n) })...)
	screen.Rows = append(screen.Rows, backTo(r, back))
	return screen, nil
}

// findPerson takes the text of a search for a person.
func (c conversation) findPerson(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	text := words.ShortQuery(r.Text)
	_, total, err := c.store.FindNotLinked(ctx, r.Actor.PersonID, text, 0, 0)
	if err != nil {
		return flows.Outcome{}, err
	}
	if total == 0 {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("invite.no_person", locales.Args{"Text": text}), flows.Link{})
	}
	r.Draft[personQuery] = text
	return flows.Outcome{To: flows.To("invite.named", 1)}, nil
}
