package skp

import (
	"context"
	"slices"

	"kinerja/flows"
	"kinerja/flows/indicator"
	"kinerja/flows/rules"
	"kinerja/locales"
	"kinerja/store"
)

// The questions about a new result, in their order; each after its plan can be left out. Those without text are chosen. The plan makes the result,
// and can be typed anew by who comes back to it.
var questions = []string{"plan", "serves", kind, dimension, "target", "measure"} //nolint:gochecknoglobals // a constant list

const (
	kind      = "kind"
	dimension = "dimension"
)

// fields are what can be changed of a result afterwards.
var fields = []string{"plan", "name", "serves", "description", "target", "measure", kind, dimension} //nolint:gochecknoglobals // a constant list

// choices are the answers of a question that is chosen; nil for one that is typed.
func choices(question string) []string {
	switch question {
	case kind:
		return []string{"main", "additional"}
	case dimension:
		return append(slices.Clone(indicator.Dimensions()), "none")
	}
	return nil
}

// itemOf reads the result that a link names, in the version that was seen.
func (c conversation) itemOf(ctx context.Context, r *flows.Request) (store.Personal, store.Indicator, error) {
	own, err := c.seen(ctx, r)
	if err != nil {
		return own, store.Indicator{}, err
	}
	place := r.Args.Int(2)
	if place < 1 || place > len(own.Results) {
		return own, store.Indicator{}, store.ErrNotFound
	}
	return own, own.Results[place-1], nil
}

func itemLink(own store.Personal, place int) flows.Link {
	return flows.To("skp.item", own.PersonID, own.VersionID, place)
}

// askPlan asks for the result itself, the first question about a new one.
func (c conversation) askPlan(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, err := c.seen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(title(r, own), r.T.HTML("skp.step", locales.Args{"Step": 1, "Steps": len(questions)}), "\n", r.T.HTML("skp.ask_new")),
		Rows: [][]flows.Button{backTo(r, homeLink(own.PersonID))},
	}, nil
}

// create adds a result that is stated in words, at the end; all else about it is asked one after the other.
func (c conversation) create(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.seen(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	plan, err := indicator.Typed(r, "plan")
	if err != nil {
		return flows.Outcome{}, err
	}
	own, err := c.change(ctx, r, func(list []store.Indicator) ([]store.Indicator, error) {
		if named(list, store.NameOf(plan), 0) || planned(list, plan) {
			return nil, flows.Refuse(r.T.Plain("skp.there_already"), flows.Link{})
		}
		return append(list, store.Indicator{Aspect: store.Capaian, Plan: plan, Name: store.NameOf(plan)}), nil
	})
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("skp.ask", own.PersonID, own.VersionID, len(own.Results), questions[1]), Toast: r.T.Plain("indicator.stored")}, nil
}

func named(list []store.Indicator, name string, except int) bool {
	return slices.ContainsFunc(list, func(i store.Indicator) bool { return i.Ordinal != except && i.Name == name })
}

func planned(list []store.Indicator, plan string) bool {
	return slices.ContainsFunc(list, func(i store.Indicator) bool { return i.Plan == plan })
}

// ask is one of the questions about a new result. The way back leads to the question before; before the first to the result, which is there.
func (c conversation) ask(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, i, err := c.itemOf(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at := slices.Index(questions, r.Args.Word(3))
	if at < 0 {
		return flows.Screen{}, flows.ErrBadLink
	}
	word, before, has := questions[at], itemLink(own, i.Ordinal), answered(i, questions[at])
	if at > 0 {
		before = flows.To("skp.ask", own.PersonID, own.VersionID, i.Ordinal, questions[at-1])
	}
	onward := flows.Button{Label: r.T.Plain("skp.skip"), To: c.after(own, i.Ordinal, word)}
	lines := []string{title(r, own), r.T.HTML("skp.step", locales.Args{"Step": at + 1, "Steps": len(questions)}), "<b>" + locales.Escape(i.Name) + "</b>", "\n"}
	if has != "" {
		onward.Label = r.T.Plain("skp.keep")
	}
	if has != "" && has != i.Name {
		lines = append(lines, r.T.HTML("indicator.has_"+word, locales.Args{"Value": has}), "\n")
	}
	rows := append(choiceRows(r, own, i, word, "skp.choose"), flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: before}, onward))
	return flows.Screen{Text: flows.Lines(append(lines, question(r, word), indicator.SharedLine(r, own.Results, i, word))...), Rows: rows}, nil
}

// answered is what is stored already as the answer to a question that is typed.
func answered(i store.Indicator, word string) string {
	if choices(word) != nil {
		return ""
	}
	return *indicator.TextOf(&i, word)
}

func question(r *flows.Request, word string) string {
	switch word {
	case "plan", kind:
		return r.T.HTML("skp.ask_" + word)
	}
	return r.T.HTML("indicator.ask_" + word)
}

// after is where one goes on after a question about a new result.
func (c conversation) after(own store.Personal, place int, word string) flows.Link {
	at := slices.Index(questions, word)
	if at+1 >= len(questions) {
		return itemLink(own, place)
	}
	return flows.To("skp.ask", own.PersonID, own.VersionID, place, questions[at+1])
}

// choiceRows are the answers of a question that is chosen, the one that is stored marked.
func choiceRows(r *flows.Request, own store.Personal, i store.Indicator, word, route string) [][]flows.Button {
	var rows [][]flows.Button
	for _, choice := range choices(word) {
		label := "indicator." + choice
		if word == kind {
			label = "indicator.is_" + choice
		}
		b := flows.Go(r.T.Plain(label), route, own.PersonID, own.VersionID, i.Ordinal, word, choice)
		if chosen(i, word) == choice {
			b = b.Styled(flows.Chosen)
			b.Label = "● " + b.Label
		}
		rows = append(rows, flows.Row(b))
	}
	return rows
}

func chosen(i store.Indicator, word string) string {
	switch {
	case word == kind && i.Additional:
		return "additional"
	case word == kind:
		return "main"
	case i.Dimension == "":
		return "none"
	}
	return i.Dimension
}

func (c conversation) answer(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	own, place, err := c.setTyped(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: c.after(own, place, r.Args.Word(3)), Toast: r.T.Plain("indicator.stored")}, nil
}

func (c conversation) choose(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	own, place, err := c.setChosen(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: c.after(own, place, r.Args.Word(3)), Toast: r.T.Plain("indicator.stored")}, nil
}

func (c conversation) save(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	own, place, err := c.setTyped(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: itemLink(own, place), Toast: r.T.Plain("indicator.stored")}, nil
}

func (c conversation) pick(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	own, place, err := c.setChosen(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: itemLink(own, place), Toast: r.T.Plain("indicator.stored")}, nil
}

// clear empties what can be empty.
func (c conversation) clear(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	word := r.Args.Word(3)
	if !slices.Contains([]string{"serves", "description", "target", "measure"}, word) {
		return flows.Outcome{}, flows.ErrBadLink
	}
	own, place, err := c.set(ctx, r, word, "")
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: itemLink(own, place), Toast: r.T.Plain("indicator.stored")}, nil
}

// setTyped stores what was typed for a field.
func (c conversation) setTyped(ctx context.Context, r *flows.Request) (store.Personal, int, error) {
	word := r.Args.Word(3)
	if !slices.Contains(fields, word) || choices(word) != nil {
		return store.Personal{}, 0, flows.ErrBadLink
	}
	if _, _, err := c.itemOf(ctx, r); err != nil {
		return store.Personal{}, 0, err
	}
	text, err := indicator.Typed(r, word)
	if err != nil {
		return store.Personal{}, 0, err
	}
	return c.set(ctx, r, word, text)
}

// set stores the text of a field: what belongs to the result, for all of its indicators.
func (c conversation) set(ctx context.Context, r *flows.Request, word, text string) (store.Personal, int, error) {
	return c.changeItem(ctx, r, func(list []store.Indicator, at int) error {
		switch word {
		case "plan":
			rules.SetPlan(list, at, text, false)
			if i := list[at]; i.Itself() && named(list, i.Name, i.Ordinal) {
				return flows.Refuse(r.T.Plain("skp.there_already"), flows.Link{})
			}
		case "serves":
			rules.OfResult(list, at, func(i *store.Indicator) { i.Serves = text })
		case "name":
			if named(list, text, list[at].Ordinal) {
				return flows.Refuse(r.T.Plain("indicator.name_twice"), flows.Link{})
			}
			list[at].Name = text
		default:
			*indicator.TextOf(&list[at], word) = text
		}
		return nil
	})
}

func (c conversation) setChosen(ctx context.Context, r *flows.Request) (store.Personal, int, error) {
	word, choice := r.Args.Word(3), r.Args.Word(4)
	if !slices.Contains(choices(word), choice) {
		return store.Personal{}, 0, flows.ErrBadLink
	}
	return c.changeItem(ctx, r, func(list []store.Indicator, at int) error {
		switch {
		case word == kind:
			rules.OfResult(list, at, func(i *store.Indicator) { i.Additional = choice == "additional" })
		case choice == "none":
			list[at].Dimension = ""
		default:
			list[at].Dimension = choice
		}
		return nil
	})
}

// changeItem changes the result at the place of the link.
// It returns where that one is then: what joins another result goes to its place.
func (c conversation) changeItem(ctx context.Context, r *flows.Request, change func(list []store.Indicator, at int) error) (store.Personal, int, error) {
	place, name := r.Args.Int(2), ""
	own, err := c.change(ctx, r, func(list []store.Indicator) ([]store.Indicator, error) {
		if place < 1 || place > len(list) {
			return nil, store.ErrNotFound
		}
		err := change(list, place-1)
		name = list[place-1].Name
		return list, err
	})
	if at := slices.IndexFunc(own.Results, func(i store.Indicator) bool { return i.Name == name }); at >= 0 {
		place = at + 1
	}
	return own, place, err
}

// item is all there is of one result, with what can be changed.
func (c conversation) item(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, i, err := c.itemOf(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := append([]string{title(r, own), r.T.HTML("skp.item_title", locales.Args{"Number": i.Ordinal, "Name": i.Name}), "\n"}, indicator.ItemLines(r, own.Results, i)...)
	var all []flows.Button
	for _, word := range fields {
		all = append(all, flows.Go(r.T.Plain("skp.field_"+word), "skp.field", own.PersonID, own.VersionID, i.Ordinal, word))
	}
	var rows [][]flows.Button
	for pair := range slices.Chunk(all, 2) {
		rows = append(rows, pair)
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("skp.also"), "skp.also", own.PersonID, own.VersionID, i.Ordinal)))
	rows = append(rows, moveRow(r, own, i), backTo(r, homeLink(own.PersonID)))
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows}, nil
}

func moveRow(r *flows.Request, own store.Personal, i store.Indicator) []flows.Button {
	var row []flows.Button
	if i.Ordinal > 1 {
		row = append(row, flows.Go(r.T.Plain("indicator.move_up"), "skp.move", own.PersonID, own.VersionID, i.Ordinal, "up"))
	}
	if i.Ordinal < len(own.Results) {
		row = append(row, flows.Go(r.T.Plain("indicator.move_down"), "skp.move", own.PersonID, own.VersionID, i.Ordinal, "down"))
	}
	return append(row, flows.Go(r.T.Plain("indicator.remove"), "skp.drop", own.PersonID, own.VersionID, i.Ordinal))
}

// askField asks for one field of a result.
func (c conversation) askField(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, i, err := c.itemOf(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	word := r.Args.Word(3)
	if !slices.Contains(fields, word) {
		return flows.Screen{}, flows.ErrBadLink
	}
	lines := []string{title(r, own), r.T.HTML("skp.item_title", locales.Args{"Number": i.Ordinal, "Name": i.Name}), "\n"}
	rows := choiceRows(r, own, i, word, "skp.pick")
	if choices(word) == nil {
		if value := *indicator.TextOf(&i, word); value != "" {
			lines = append(lines, r.T.HTML("indicator.has_"+word, locales.Args{"Value": value}), "\n")
			if word != "plan" && word != "name" {
				rows = append(rows, flows.Row(flows.Go(r.T.Plain("indicator.clear"), "skp.clear", own.PersonID, own.VersionID, i.Ordinal, word)))
			}
		}
	}
	lines = append(lines, question(r, word), indicator.SharedLine(r, own.Results, i, word))
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, itemLink(own, i.Ordinal)))}, nil
}
