package indicator

import (
	"context"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/scoring"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	numbersPerRow = 7  // buttons that are a number only; so many fit beside each other on a narrow phone
	longestListed = 60 // characters of a unit's name on a button
	maxIndicators = store.MaxIndicators
)

// unit lists the indicators of a unit, and leads to each.
func (c conversation) unit(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	view, err := c.store.TemplateOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	lines := append([]string{title(r, view), whose(r, view), "\n"}, indicatorLines(r, view.Indicators)...)
	lines = append(lines, "\n", r.T.HTML("indicator.from_next_period"))
	var rows [][]flows.Button
	if view.MayChange {
		rows = append(numberRows(view), changeRows(r, view)...)
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("indicator.personal"), "indicator.personal", view.UnitID)))
	}
	rows = append(rows,
		flows.Row(flows.Go(r.T.Plain("indicator.preview"), "indicator.preview", view.UnitID, 0), flows.Go(r.T.Plain("indicator.history"), "indicator.history", view.UnitID, 1)),
		backTo(r, flows.To("indicator.home", 1)))
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows}, nil
}

func title(r *flows.Request, view store.UnitTemplate) string {
	return r.T.HTML("indicator.unit_title", locales.Args{"Unit": unitName(r.T, view.Unit)})
}

// whose tells whether the indicators are the unit's own, and since when and by whom.
func whose(r *flows.Request, view store.UnitTemplate) string {
	args := locales.Args{"From": unitName(r.T, view.FromUnit), "Version": view.Version, "When": r.T.Moment(view.ChangedAt), "Who": view.ChangedBy}
	switch {
	case !view.Own():
		return r.T.HTML("indicator.inherited", args)
	case view.ChangedBy == "":
		return r.T.HTML("indicator.own", args)
	default:
		return r.T.HTML("indicator.own_by", args)
	}
}

// indicatorLines list indicators under the titles of their groups and of their results, numbered.
func indicatorLines(r *flows.Request, indicators []store.Indicator) []string {
	var lines []string
	for n, i := range indicators {
		if n == 0 || i.Aspect != indicators[n-1].Aspect {
			lines = append(lines, "<b>"+locales.Escape(words.Aspect(r.T, i.Aspect))+"</b>")
		}
		lines = append(lines, words.ResultTitle(r.T, indicators, n), listedLine(r, indicators, i))
	}
	return lines
}

// Lines list results without the title of their aspect.
func Lines(r *flows.Request, results []store.Indicator) []string {
	var lines []string
	for n, i := range results {
		lines = append(lines, words.ResultTitle(r.T, results, n), listedLine(r, results, i))
	}
	return lines
}

func listedLine(r *flows.Request, list []store.Indicator, i store.Indicator) string {
	key := "indicator.listed"
	if i.Additional && !words.Titled(i) {
		key = "indicator.listed_additional"
	}
	return r.T.HTML(key, locales.Args{"Number": i.Ordinal, "Name": words.Shortened(i.Name, words.ListedLength(len(list)))})
}

func numberRows(view store.UnitTemplate) [][]flows.Button {
	var rows [][]flows.Button
	for n, i := range view.Indicators {
		if n%numbersPerRow == 0 {
			rows = append(rows, nil)
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], flows.Go(strconv.Itoa(i.Ordinal), "indicator.item", view.UnitID, view.VersionID, i.Ordinal))
	}
	return rows
}

func changeRows(r *flows.Request, view store.UnitTemplate) [][]flows.Button {
	rows := [][]flows.Button{flows.Row(
		flows.Go(r.T.Plain("indicator.add"), "indicator.aspect", view.UnitID, view.VersionID),
		flows.Go(r.T.Plain("indicator.copy"), "indicator.copy", view.UnitID, view.VersionID, 1))}
	if view.Own() && view.UnitID != 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("indicator.follow", aboveOf(r, view)), "indicator.follow", view.UnitID, view.VersionID)))
	}
	return rows
}

// aboveOf names the unit that another one would follow.
func aboveOf(r *flows.Request, view store.UnitTemplate) locales.Args {
	return locales.Args{"Unit": words.Shortened(unitName(r.T, view.Above), longestListed)}
}

// preview shows the indicators as a supervisor will see them: the list, or one of its screens.
func (c conversation) preview(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	view, err := c.store.TemplateOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	to := func(place int) flows.Link { return flows.To("indicator.preview", view.UnitID, place) }
	screen := scoring.Preview(r, view.Indicators, r.Args.Int(1), to, backTo(r, unitLink(view.UnitID)))
	screen.Text = flows.Lines(r.T.HTML("indicator.preview_hint"), "\n", screen.Text)
	return screen, nil
}

// personal tells that people of the unit have results of their own, and how many; what they are is between them and their evaluators.
func (c conversation) personal(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	view, err := c.store.TemplateOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	if !view.MayChange {
		return flows.Screen{}, store.ErrNotFound
	}
	n, err := c.store.PersonalCount(ctx, r.Actor.PersonID, view.UnitID)
	return flows.Screen{
		Text: flows.Lines(title(r, view), "\n", r.T.HTML("indicator.personal_count", locales.Args{"Number": n}), r.T.HTML("indicator.personal_how")),
		Rows: [][]flows.Button{backTo(r, unitLink(view.UnitID))},
	}, err
}

// askAspect asks what kind of indicator is added. The values are fixed by law (art. 10): what a leader expects is added to each of them.
func (c conversation) askAspect(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.seen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	var rows [][]flows.Button
	for _, word := range []string{string(store.Capaian), inWords, string(store.Sikap)} {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("indicator.add_"+word), "indicator.name", view.UnitID, view.VersionID, word)))
	}
	return flows.Screen{Text: flows.Lines(title(r, view), "\n", r.T.HTML("indicator.ask_aspect")), Rows: append(rows, backTo(r, unitLink(view.UnitID)))}, nil
}

// inWords is the word in links for a result that is stated in words alone (the qualitative approach, art. 8 and format A.1.6).
const inWords = "words"

// addable reads what is to be added; ErrBadLink for anything else.
func addable(r *flows.Request) (store.Aspect, error) {
	switch word := r.Args.Word(2); word {
	case string(store.Capaian), string(store.Sikap):
		return store.Aspect(word), nil
	case inWords:
		return store.Capaian, nil
	}
	return "", flows.ErrBadLink
}

// typedNew reads what was typed as an indicator: its name, or the whole result in words.
func (c conversation) typedNew(r *flows.Request, aspect store.Aspect) (store.Indicator, error) {
	if r.Args.Word(2) == inWords {
		plan, err := Typed(r, fieldPlan)
		return store.Indicator{Aspect: aspect, Plan: plan, Name: store.NameOf(plan)}, err
	}
	name, err := Typed(r, fieldName)
	return store.Indicator{Aspect: aspect, Name: name}, err
}

func (c conversation) askName(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := addable(r); err != nil {
		return flows.Screen{}, err
	}
	view, err := c.seen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(title(r, view), "\n", r.T.HTML("indicator.ask_name_"+r.Args.Word(2))),
		Rows: [][]flows.Button{backTo(r, flows.To("indicator.aspect", view.UnitID, view.VersionID))},
	}, nil
}

// create adds an indicator with the typed name at the end of its group; all else about it is asked on its own page.
func (c conversation) create(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	aspect, err := addable(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if _, err := c.seen(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	one, err := c.typedNew(r, aspect)
	if err != nil {
		return flows.Outcome{}, err
	}
	added := 0
	view, err := c.change(ctx, r, func(list []store.Indicator) ([]store.Indicator, error) {
		if len(list) >= maxIndicators {
			return nil, flows.Refuse(r.T.Plain("indicator.too_many", locales.Args{"Limit": maxIndicators}), unitLink(r.Args.ID(0)))
		}
		if named(list, one.Name, 0) {
			return nil, flows.Refuse(r.T.Plain("indicator.name_twice"), flows.Link{})
		}
		added = 1
		for _, i := range list {
			if i.Aspect == aspect || aspect == store.Sikap && i.Aspect == store.Capaian {
				added = i.Ordinal + 1
			}
		}
		return append(list, one), nil
	})
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("indicator.item", view.UnitID, view.VersionID, added), Toast: r.T.Plain("indicator.added")}, nil
}

// named reports whether an indicator other than the one at a place has a name.
func named(list []store.Indicator, name string, except int) bool {
	for _, i := range list {
		if i.Ordinal != except && i.Name == name {
			return true
		}
	}
	return false
}
