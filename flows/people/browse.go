package people

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/tree"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// walk is the way through the tree of units to the people of one.
func walk() tree.Walk {
	return tree.Walk{
		At:    func(unit int64, page int) flows.Link { return flows.To("people.units", unit, page) },
		Leaf:  func(unit int64) flows.Link { return flows.To("people.of", unit, 1) },
		Found: func(page int) flows.Link { return flows.To("people.unitsfound", page) },
		Query: "people-unit", None: "period.no_unit",
	}
}

// units walks down the tree of units to people; what is typed is a search for a unit.
func (c conversation) units(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := tree.Place(scope, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("people.units_title"), partsLine(r, scope, at), "\n", r.T.HTML("people.ask_unit"))}
	if at != 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("people.of_unit", locales.Args{"Unit": scope.Name(at)}), "people.of", at, 1)))
	}
	screen.Rows = append(screen.Rows, treeRows(r, walk(), scope, at, r.Args.Int(1))...)
	screen.Rows = append(screen.Rows, back(r, walk().Up(scope, at, flows.To("people.home"))))
	return screen, nil
}

// partsLine names the unit whose parts are shown; "" where the scope begins.
func partsLine(r *flows.Request, scope store.Scope, at int64) string {
	if at == 0 {
		return ""
	}
	return r.T.HTML("period.parts_of", locales.Args{"Unit": scope.Name(at)})
}

// treeRows are the parts of a unit, a page of them.
func treeRows(r *flows.Request, w tree.Walk, scope store.Scope, at int64, wanted int) [][]flows.Button {
	parts := tree.Of(scope, scope.Parts(at))
	page, pages, start, end := flows.Part(wanted, len(parts), linesPerPage-1)
	return append(w.Rows(parts[start:end]), flows.Pager(r.T, page, pages, func(n int) flows.Link { return w.At(at, n) })...)
}

// foundRows are the units that a search has found, a page of them.
func foundRows(r *flows.Request, w tree.Walk, found []tree.Unit, wanted int) [][]flows.Button {
	page, pages, start, end := flows.Part(wanted, len(found), linesPerPage)
	return append(w.Rows(found[start:end]), flows.Pager(r.T, page, pages, w.Found)...)
}

func (c conversation) findUnit(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return walk().Take(r, tree.Of(scope, scope.Matching(words.ShortQuery(r.Text))))
}

// unitsFound lists the units that a search has found.
func (c conversation) unitsFound(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	found := tree.Of(scope, scope.Matching(r.Draft[walk().Query]))
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("people.units_title"), "\n", walk().Title(r, found, "people.ask_unit")), Rows: foundRows(r, walk(), found, r.Args.Int(0))}
	screen.Rows = append(screen.Rows, back(r, walk().At(0, 1)))
	return screen, nil
}

// of lists the people of exactly one unit.
func (c conversation) of(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	var unit store.Unit
	screen, total, err := c.list(r, r.Args.Int(1), func(n int) flows.Link { return flows.To("people.of", r.Args.ID(0), n) },
		func(offset, limit int) (lines []store.PersonFound, total int, err error) {
			unit, lines, total, err = c.store.PeopleOf(ctx, r.Actor.PersonID, r.Args.ID(0), offset, limit)
			return lines, total, err
		})
	if err != nil {
		return flows.Screen{}, err
	}
	what := "people.choose"
	if total == 0 {
		what = "people.unit_empty"
	}
	screen.Text = flows.Lines(r.T.HTML("people.of_title", locales.Args{"Unit": unit.Name, "Number": r.T.Number(total)}), "\n", r.T.HTML(what))
	to := walk().At(unit.ID, 1)
	if len(scope.Parts(unit.ID)) == 0 {
		to = walk().Up(scope, unit.ID, flows.To("people.home"))
	}
	screen.Rows = append(screen.Rows, back(r, to))
	return screen, nil
}

// led lists whom somebody evaluates today.
func (c conversation) led(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	var evaluator store.Person
	screen, total, err := choose(r, linesPerPage-1, r.Args.Int(1), func(n int) flows.Link { return flows.To("people.led", r.Args.ID(0), n) }, toCard,
		func(offset, limit int) (lines []store.PersonFound, total int, err error) {
			evaluator, lines, total, err = c.store.EvaluatedBy(ctx, r.Actor.PersonID, r.Args.ID(0), offset, limit)
			return lines, total, err
		})
	if err != nil {
		return flows.Screen{}, err
	}
	screen.Text = flows.Lines(r.T.HTML("people.led_title", locales.Args{"Name": evaluator.Name, "Number": r.T.Number(total)}), "\n", r.T.HTML("people.led_hint"))
	if total > 0 && evaluator.ID != r.Actor.PersonID {
		label := r.T.Plain("people.succeed", locales.Args{"Number": r.T.Number(total)})
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(label, "people.heirs", evaluator.ID, 0, 0)))
	}
	screen.Rows = append(screen.Rows, back(r, card(evaluator.ID)))
	return screen, nil
}

// chains counts what is wrong with the chains of evaluators, by kind.
func (c conversation) chains(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	counts, err := c.store.CountChains(ctx, r.Actor.PersonID, rules.MayEvaluate)
	if err != nil {
		return flows.Screen{}, err
	}
	screen, what := flows.Screen{}, "people.chains_none"
	for _, problem := range store.ChainProblems() {
		if n := counts[problem]; n > 0 {
			what = "people.chains_ask"
			screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("people.chain_"+string(problem), locales.Args{"Number": r.T.Number(n)}), "people.chain", string(problem), 1)))
		}
	}
	screen.Text = flows.Lines(r.T.HTML("people.chains_title"), "\n", r.T.HTML(what))
	screen.Rows = append(screen.Rows, back(r, flows.To("people.home")))
	return screen, nil
}

// chain lists the people with one of these problems.
func (c conversation) chain(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	problem := store.ChainProblem(r.Args.Word(0))
	screen, total, err := choose(r, linesPerPage-1, r.Args.Int(1), func(n int) flows.Link { return flows.To("people.chain", string(problem), n) }, toCard,
		func(offset, limit int) ([]store.PersonFound, int, error) {
			return c.store.InChain(ctx, r.Actor.PersonID, problem, rules.MayEvaluate, offset, limit)
		})
	if err != nil {
		return flows.Screen{}, err
	}
	hint := r.T.HTML("people.chain_hint_" + string(problem))
	switch {
	case total == 0:
		hint = r.T.HTML("people.chain_done")
	case problem == store.ChainLeft, problem == store.ChainNone:
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("people.teams", locales.Args{"Number": r.T.Number(total)}), "people.teams", 1)))
	}
	screen.Text = flows.Lines(r.T.HTML("people.chain_title", locales.Args{"Problem": r.T.Plain("people.chain_"+string(problem), locales.Args{"Number": r.T.Number(total)})}), "\n", hint)
	screen.Rows = append(screen.Rows, back(r, flows.To("people.chains")))
	return screen, nil
}
