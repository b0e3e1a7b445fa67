// Package people is the administrators' side of the roster: finding people, seeing where each stands, and changing what an import would
// change, one person at a time.
package people

import (
	"context"
	"errors"
	"slices"
	"strings"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/upload"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the conversation needs of the records. Each method answers for the people of the administrator's units only.
type Store interface {
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	CountPeople(ctx context.Context, adminID int64) (store.PeopleCounts, error)
	FindPeople(ctx context.Context, adminID int64, text string, left bool, offset, limit int) ([]store.PersonFound, int, error)
	PeopleOf(ctx context.Context, adminID, unitID int64, offset, limit int) (store.Unit, []store.PersonFound, int, error)
	EvaluatedBy(ctx context.Context, adminID, personID int64, offset, limit int) (store.Person, []store.PersonFound, int, error)
	EvaluatorsFor(ctx context.Context, adminID, personID int64, text string, offset, limit int) ([]store.PersonFound, int, error)
	EvaluatorFor(ctx context.Context, adminID, personID, evaluatorID int64) (store.Person, error)
	PersonCardOf(ctx context.Context, adminID, personID int64) (store.PersonCard, error)
	PersonByNIP(ctx context.Context, nip string) (store.Person, error)

	ChangePerson(ctx context.Context, adminID, personID int64, field store.PersonField, seen, value, reason string) (bool, error)
	MovePerson(ctx context.Context, adminID, personID, from, to int64) (bool, error)
	SetEvaluator(ctx context.Context, adminID, personID, from, to int64, reason string, accept func(evaluator store.Person) error) (bool, error)
	NewPerson(ctx context.Context, adminID int64, entry store.PersonEntry, unitID int64, reason string) (store.Person, error)
	BringBack(ctx context.Context, adminID, personID int64) (bool, error)
	LeaveAs(ctx context.Context, adminID, personID int64, how store.Leaving) (store.Departed, error)
	UnlinkAs(ctx context.Context, adminID, personID int64, reason string) (bool, error)

	Teamless(ctx context.Context, adminID int64, offset, limit int) ([]store.TeamLine, int, error)
	TeamOf(ctx context.Context, adminID int64, team store.Team, limit int) (store.TeamLine, []store.PersonFound, error)
	SuccessorsFor(ctx context.Context, adminID int64, team store.Team, text string, offset, limit int) ([]store.PersonFound, int, error)
	SuccessionFor(ctx context.Context, adminID int64, team store.Team, to int64) (store.Succession, error)
	Succeed(ctx context.Context, adminID int64, team store.Team, to int64, reason string, accept func(evaluator store.Person) error) (int, error)

	CountChains(ctx context.Context, adminID int64, entitled func(kind, position string) bool) (map[store.ChainProblem]int, error)
	InChain(ctx context.Context, adminID int64, problem store.ChainProblem, entitled func(kind, position string) bool, offset, limit int) ([]store.PersonFound, int, error)
	NotLinked(ctx context.Context, adminID int64, offset, limit int) ([]store.UnlinkedLine, int, error)
}

type conversation struct {
	store     Store
	calendar  rules.Calendar
	minReason int // characters of a written reason
}

const (
	linesPerPage = 6
	longestName  = 60 // of a person on a button
	query        = "people-query"
)

// Register adds the conversation to the engine. minReason is the least number of characters of a written reason.
func Register(e *flows.Engine, s Store, calendar rules.Calendar, minReason int) {
	c := conversation{store: s, calendar: calendar, minReason: minReason}
	text := func(action string) flows.RouteOption { return flows.Accepts(flows.Text, action) }
	inside := flows.Within("people.show")

	e.Page("people.home", "", c.home, text("people.find"), upload.TakesFile())
	e.Action("people.find", "", c.find)
	e.Page("people.found", "n", c.found(false), text("people.findagain"))
	e.Page("people.gone", "n", c.found(true), text("people.findagain"))
	e.Action("people.findagain", "n", c.find)
	e.Page("people.units", "unit n", c.units, text("people.findunit"))
	e.Action("people.findunit", "unit n", c.findUnit)
	e.Page("people.unitsfound", "n", c.unitsFound, text("people.findunitagain"))
	e.Action("people.findunitagain", "n", c.findUnit)
	e.Page("people.of", "id n", c.of)
	e.Page("people.chains", "", c.chains)
	e.Page("people.chain", "word n", c.chain)

	e.Page("people.show", "id", c.show, text("people.findfrom"), flows.Aside)
	e.Action("people.findfrom", "id", c.find)
	e.Page("people.led", "id n", c.led, inside)
	e.Page("people.edit", "id", c.edit, inside)
	e.Page("people.field", "id word word", c.askField, text("people.save"), inside)
	e.Action("people.save", "id word word", c.save)
	e.Action("people.clear", "id word word", c.clear)
	e.Page("people.kind", "id word", c.askKind, inside)
	e.Action("people.setkind", "id word word", c.setKind)
	e.Page("people.nip", "id word", c.askNIP, text("people.nipreason"), inside)
	e.Action("people.nipreason", "id word", c.takeNIPReason)
	e.Action("people.nipset", "id word", c.setNIP)

	e.Page("people.move", "id unit n", c.askMove, text("people.movefind"), inside)
	e.Action("people.movefind", "id unit n", c.findMove)
	e.Page("people.movefound", "id n", c.moveFound, text("people.movefindagain"), inside)
	e.Action("people.movefindagain", "id n", c.findMove)
	e.Page("people.movesure", "id unit unit", c.sureMove, inside)
	e.Action("people.moveset", "id unit unit", c.setMove)

	e.Page("people.evaluator", "id", c.askEvaluator, text("people.evaluatorfind"), inside)
	e.Action("people.evaluatorfind", "id", c.findEvaluator)
	e.Page("people.evaluators", "id n", c.evaluators, text("people.evaluatoragain"), inside)
	e.Action("people.evaluatoragain", "id n", c.findEvaluator)
	e.Page("people.evaluatorsure", "id unit unit", c.sureEvaluator, inside)
	e.Page("people.evaluatorwhy", "id unit unit", c.askWhy, text("people.evaluatorbecause"), inside)
	e.Action("people.evaluatorset", "id unit unit", c.setEvaluator)
	e.Action("people.evaluatorbecause", "id unit unit", c.setEvaluatorBecause)

	e.Page("people.leave", "id", c.askLeave, inside)
	e.Page("people.leaveday", "id word", c.askLeaveDay, text("people.leavetyped"), inside)
	e.Action("people.leavetyped", "id word", c.takeLeaveDay)
	e.Page("people.leavesure", "id word date", c.sureLeave, inside)
	e.Action("people.leaveset", "id word date", c.setLeave)
	e.Page("people.back", "id", c.askBack, inside)
	e.Action("people.backset", "id", c.setBack)
	e.Page("people.unlink", "id", c.askUnlink, inside)
	e.Page("people.unlinksure", "id word", c.sureUnlink, inside)
	e.Action("people.unlinkset", "id word", c.setUnlink)

	registerSuccession(e, c, text)
	registerNew(e, c, text)
}

// registerNew adds the questions about a new person.
func registerNew(e *flows.Engine, c conversation, text func(action string) flows.RouteOption) {
	e.Page("people.new", "n", c.askNew, text("people.answer"))
	e.Action("people.answer", "n", c.answer)
	e.Page("people.newunit", "unit n", c.askNewUnit, text("people.newfind"))
	e.Action("people.newfind", "unit n", c.findNewUnit)
	e.Page("people.newfound", "n", c.newUnitFound, text("people.newfindagain"))
	e.Action("people.newfindagain", "n", c.findNewUnit)
	e.Action("people.newin", "id", c.newIn)
	e.Action("people.newkind", "word", c.newKind)
	e.Action("people.newsave", "", c.saveNew)
}

// administrator returns what a person administers, and refuses whoever administers nothing.
func (c conversation) administrator(ctx context.Context, r *flows.Request) (store.Scope, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err == nil && scope.None() {
		err = flows.Refuse(r.T.Plain("admin.only"), flows.To("menu"))
	}
	return scope, err
}

// home counts the people, takes a search, and leads to the other ways.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	counts, err := c.store.CountPeople(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	say := func(key string, n int) string { return r.T.Plain(key, locales.Args{"Number": r.T.Number(n)}) }
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("people.title"), scopeLine(r, scope), "\n",
		r.T.HTML("people.counts", locales.Args{"People": r.T.Number(counts.People), "Linked": r.T.Number(counts.Linked), "Alone": r.T.Number(counts.WithoutEvaluator)}),
		"\n", r.T.HTML("people.ask"))}
	screen.Rows = append(screen.Rows,
		flows.Row(flows.Go(r.T.Plain("people.by_unit"), "people.units", 0, 1), flows.Go(r.T.Plain("people.new"), "people.new", 1)),
		flows.Row(flows.Go(r.T.Plain("people.chains"), "people.chains")))
	if counts.WithoutEvaluator > 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(say("people.teams", counts.WithoutEvaluator), "people.teams", 1)))
	}
	if scope.City() {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("admin.import"), "import.home")))
	}
	if waiting := counts.People - counts.Linked; waiting > 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(say("admin.unlinked", waiting), "admin.unlinked", 1)))
	}
	screen.Rows = append(screen.Rows, back(r, flows.To("admin.home")))
	return screen, nil
}

// scopeLine tells an administrator what he is responsible for.
func scopeLine(r *flows.Request, scope store.Scope) string {
	if scope.City() {
		return r.T.HTML("admin.scope_city")
	}
	var names []string
	for _, unit := range scope.Roots() {
		names = append(names, unit.Name)
	}
	return r.T.HTML("admin.scope_unit", locales.Args{"Unit": strings.Join(names, ", ")})
}

// find takes a search. One person is opened at once, several are listed; who has left is found where nobody on the roster is.
func (c conversation) find(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	text := words.ShortQuery(r.Text)
	here, total, err := c.store.FindPeople(ctx, r.Actor.PersonID, text, false, 0, 1)
	if err != nil {
		return flows.Outcome{}, err
	}
	gone, left, err := c.store.FindPeople(ctx, r.Actor.PersonID, text, true, 0, 1)
	if err != nil {
		return flows.Outcome{}, err
	}
	switch total + left {
	case 0:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("people.nobody", locales.Args{"Text": text}), flows.Link{})
	case 1:
		return flows.Outcome{To: card(slices.Concat(here, gone)[0].PersonID)}, nil
	}
	r.Draft[query] = text
	if total == 0 {
		return flows.Outcome{To: flows.To("people.gone", 1)}, nil
	}
	return flows.Outcome{To: flows.To("people.found", 1)}, nil
}

// found lists what a search has found: people on the roster, or those who have left.
func (c conversation) found(left bool) flows.Page {
	route, title := "people.found", "people.found_title"
	if left {
		route, title = "people.gone", "people.gone_title"
	}
	return func(ctx context.Context, r *flows.Request) (flows.Screen, error) {
		if _, err := c.administrator(ctx, r); err != nil {
			return flows.Screen{}, err
		}
		text := r.Draft[query]
		screen, total, err := c.list(r, r.Args.Int(0), func(n int) flows.Link { return flows.To(route, n) }, func(offset, limit int) ([]store.PersonFound, int, error) {
			return c.store.FindPeople(ctx, r.Actor.PersonID, text, left, offset, limit)
		})
		if err != nil {
			return flows.Screen{}, err
		}
		screen.Text = flows.Lines(r.T.HTML(title, locales.Args{"Number": r.T.Number(total), "Text": text}), "\n", r.T.HTML("people.ask"))
		if text == "" { // Redis was emptied, or the search was left
			screen.Text = flows.Lines(r.T.HTML("people.title"), "\n", r.T.HTML("people.ask"))
		}
		if !left && text != "" {
			_, gone, err := c.store.FindPeople(ctx, r.Actor.PersonID, text, true, 0, 0)
			if err != nil {
				return flows.Screen{}, err
			}
			if gone > 0 {
				screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("people.see_gone", locales.Args{"Number": r.T.Number(gone)}), "people.gone", 1)))
			}
		}
		screen.Rows = append(screen.Rows, back(r, flows.To("people.home")))
		return screen, nil
	}
}

// list is one page of people, each with a button to his card; the text and the way back are the caller's.
func (c conversation) list(r *flows.Request, wanted int, to func(page int) flows.Link, read func(offset, limit int) ([]store.PersonFound, int, error)) (flows.Screen, int, error) {
	return choose(r, linesPerPage, wanted, to, toCard, read)
}

func toCard(p store.PersonFound) flows.Link { return card(p.PersonID) }

// choose is one page of people, so many at a time, each with a button.
func choose(r *flows.Request, size, wanted int, to func(page int) flows.Link, each func(store.PersonFound) flows.Link,
	read func(offset, limit int) ([]store.PersonFound, int, error),
) (flows.Screen, int, error) {
	lines, total, page, pages, err := flows.ReadPart(wanted, size, read)
	if err != nil {
		return flows.Screen{}, 0, err
	}
	var screen flows.Screen
	for _, p := range lines {
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: label(r.T, p), To: each(p)}))
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, to)...)
	return screen, total, nil
}

// label is a person on a button.
func label(t *locales.Translator, p store.PersonFound) string {
	key := "people.line"
	switch {
	case !p.Active:
		key = "people.line_left"
	case p.Unit == "":
		key = "people.line_no_unit"
	}
	return words.Shortened(t.Plain(key, locales.Args{"Name": p.Name, "Unit": p.Unit}), longestName)
}

func card(id int64) flows.Link { return flows.To("people.show", id) }

func back(r *flows.Request, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

// refusals are the reasons of the records in words, the plain conflict last: others are conflicts too.
var refusals = []struct { //nolint:gochecknoglobals // a constant table
	cause error
	key   string
}{
	{store.ErrHimself, "people.himself"}, {store.ErrBeyond, "people.beyond"}, {store.ErrNIPTaken, "people.nip_taken"},
	{store.ErrOwnEvaluator, "people.own_evaluator"}, {store.ErrCircle, "people.circle"}, {store.ErrEvaluatorLeft, "people.evaluator_left"},
	{store.ErrConflict, "people.changed"},
}

// refused says why nothing was changed, on a page that shows how things are.
func refused(r *flows.Request, err error, to flows.Link) error {
	for _, refusal := range refusals {
		if errors.Is(err, refusal.cause) {
			return flows.Refuse(r.T.Plain(refusal.key), to)
		}
	}
	return err
}
