package indicator

import (
	"context"
	"slices"
	"strconv"
	"unicode/utf16"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// field is something of an indicator that is typed.
type field struct {
	word     string // in links and keys
	aspects  []store.Aspect
	limit    int // characters as Telegram counts them
	lines    bool
	required bool
	of       func(*store.Indicator) *string
}

const (
	fieldName = "name"
	fieldPlan = "plan"
	// apart is the word in links for the plan of one indicator alone, which is split off from its result by it.
	apart = "apart"
)

var (
	results = []store.Aspect{store.Capaian}              //nolint:gochecknoglobals // a constant list
	free    = []store.Aspect{store.Capaian, store.Sikap} //nolint:gochecknoglobals // a constant list
	values  = []store.Aspect{store.Perilaku}             //nolint:gochecknoglobals // a constant list
	fields  = []field{                                   //nolint:gochecknoglobals // a constant table
		{word: fieldName, aspects: free, limit: 120, required: true, of: func(i *store.Indicator) *string { return &i.Name }},
		{word: "description", aspects: free, limit: 500, lines: true, of: func(i *store.Indicator) *string { return &i.Description }},
		{word: fieldPlan, aspects: results, limit: 300, of: func(i *store.Indicator) *string { return &i.Plan }},
		{word: "serves", aspects: results, limit: 300, of: func(i *store.Indicator) *string { return &i.Serves }},
		{word: "target", aspects: results, limit: 40, of: func(i *store.Indicator) *string { return &i.Target }},
		{word: "measure", aspects: results, limit: 40, of: func(i *store.Indicator) *string { return &i.Measure }},
		{word: "expectation", aspects: values, limit: 300, of: func(i *store.Indicator) *string { return &i.Expectation }},
	}
	dimensions = []string{"kuantitas", "kualitas", "waktu", "biaya"} //nolint:gochecknoglobals // PermenPANRB 6/2022 art. 9(2)
)

func fieldOf(word string) (field, error) {
	if word == apart {
		word = fieldPlan
	}
	n := slices.IndexFunc(fields, func(f field) bool { return f.word == word })
	if n < 0 {
		return field{}, flows.ErrBadLink
	}
	return fields[n], nil
}

// TextOf is the text that a field of an indicator holds; nil for a field that is none of text.
func TextOf(i *store.Indicator, word string) *string {
	f, err := fieldOf(word)
	if err != nil {
		return nil
	}
	return f.of(i)
}

// Dimensions are the four that an indicator may measure (PermenPANRB 6/2022 art. 9(2)).
func Dimensions() []string { return slices.Clone(dimensions) }

// Typed reads what was typed for a field; a Refusal when it is empty or too long.
func Typed(r *flows.Request, word string) (string, error) {
	f, err := fieldOf(word)
	if err != nil {
		return "", err
	}
	text := tidy(r.Text, f.lines)
	if n := len(utf16.Encode([]rune(text))); n > f.limit {
		return "", flows.Refuse(r.T.Plain("indicator.too_long", locales.Args{"Number": n, "Limit": f.limit}), flows.Link{})
	}
	if text == "" {
		return "", flows.Refuse(r.T.Plain("indicator.empty"), flows.Link{})
	}
	return text, nil
}

// itemOf reads the indicator that a link names, in the version that was seen.
func (c conversation) itemOf(ctx context.Context, r *flows.Request) (store.UnitTemplate, store.Indicator, error) {
	view, err := c.seen(ctx, r)
	if err != nil {
		return view, store.Indicator{}, err
	}
	i, err := at(view.Indicators, r.Args.Int(2))
	return view, i, err
}

func at(list []store.Indicator, place int) (store.Indicator, error) {
	if place < 1 || place > len(list) {
		return store.Indicator{}, store.ErrNotFound
	}
	return list[place-1], nil
}

func itemLink(view store.UnitTemplate, place int) flows.Link {
	return flows.To("indicator.item", view.UnitID, view.VersionID, place)
}

// item is all there is of one indicator, with what can be changed.
func (c conversation) item(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, i, err := c.itemOf(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{title(r, view), r.T.HTML("indicator.item_title", locales.Args{"Number": i.Ordinal, "Aspect": words.Aspect(r.T, i.Aspect), "Name": i.Name}), "\n"}
	lines = append(lines, ItemLines(r, view.Indicators, i)...)
	rows := append(fieldRows(r, view, i), itemRows(r, view, i)...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, unitLink(view.UnitID)))}, nil
}

// kindOf tells main and additional results apart.
func kindOf(i store.Indicator) string {
	if i.Additional {
		return "additional"
	}
	return "main"
}

// fieldRows lead to what can be typed, two in a row.
func fieldRows(r *flows.Request, view store.UnitTemplate, i store.Indicator) [][]flows.Button {
	var all []flows.Button
	for _, f := range fields {
		if slices.Contains(f.aspects, i.Aspect) {
			all = append(all, flows.Go(r.T.Plain("indicator.field_"+f.word), "indicator.field", view.UnitID, view.VersionID, i.Ordinal, f.word))
		}
	}
	if i.Aspect == store.Capaian {
		all = append(all, flows.Go(r.T.Plain("indicator.field_dimension"), "indicator.dimension", view.UnitID, view.VersionID, i.Ordinal),
			flows.Go(r.T.Plain("indicator.make_"+kindOf(store.Indicator{Additional: !i.Additional})), "indicator.kind", view.UnitID, view.VersionID, i.Ordinal))
		if len(rules.SameResult(view.Indicators, i.Ordinal-1)) > 1 {
			all = append(all, flows.Go(r.T.Plain("indicator.apart"), "indicator.field", view.UnitID, view.VersionID, i.Ordinal, apart))
		}
	}
	var rows [][]flows.Button
	for pair := range slices.Chunk(all, 2) {
		rows = append(rows, pair)
	}
	return rows
}

// itemRows move an indicator within its group and remove it. The seven values stay, in the order of the law.
func itemRows(r *flows.Request, view store.UnitTemplate, i store.Indicator) [][]flows.Button {
	if i.Aspect == store.Perilaku {
		return nil
	}
	var move []flows.Button
	for _, way := range ways {
		if other, err := at(view.Indicators, i.Ordinal+way.step); err == nil && other.Aspect == i.Aspect {
			move = append(move, flows.Go(r.T.Plain("indicator.move_"+way.word), "indicator.move", view.UnitID, view.VersionID, i.Ordinal, way.word))
		}
	}
	return [][]flows.Button{append(move, flows.Go(r.T.Plain("indicator.remove"), "indicator.drop", view.UnitID, view.VersionID, i.Ordinal))}
}

// askField asks for one field of an indicator.
func (c conversation) askField(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, i, f, err := c.fieldAsked(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("indicator.item_title", locales.Args{"Number": i.Ordinal, "Aspect": words.Aspect(r.T, i.Aspect), "Name": i.Name}), "\n"}
	var rows [][]flows.Button
	if value := *f.of(&i); value != "" {
		lines = append(lines, r.T.HTML("indicator.has_"+f.word, locales.Args{"Value": value}), "\n")
		if !f.required {
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("indicator.clear"), "indicator.clear", view.UnitID, view.VersionID, i.Ordinal, r.Args.Word(3))))
		}
	}
	if word := r.Args.Word(3); word == apart {
		lines = append(lines, r.T.HTML("indicator.ask_apart"))
	} else {
		lines = append(lines, r.T.HTML("indicator.ask_"+f.word), SharedLine(r, view.Indicators, i, word))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, itemLink(view, i.Ordinal)))}, nil
}

func (c conversation) fieldAsked(ctx context.Context, r *flows.Request) (store.UnitTemplate, store.Indicator, field, error) {
	f, err := fieldOf(r.Args.Word(3))
	if err != nil {
		return store.UnitTemplate{}, store.Indicator{}, f, err
	}
	view, i, err := c.itemOf(ctx, r)
	if err == nil && !slices.Contains(f.aspects, i.Aspect) {
		err = store.ErrNotFound
	}
	return view, i, f, err
}

func (c conversation) save(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, _, _, err := c.fieldAsked(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	text, err := Typed(r, r.Args.Word(3))
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.setField(ctx, r, text)
}

func (c conversation) clear(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if f, err := fieldOf(r.Args.Word(3)); err != nil || f.required {
		return flows.Outcome{}, flows.ErrBadLink
	}
	return c.setField(ctx, r, "")
}

func (c conversation) setField(ctx context.Context, r *flows.Request, text string) (flows.Outcome, error) {
	f, err := fieldOf(r.Args.Word(3))
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.changeItem(ctx, r, func(list []store.Indicator, i *store.Indicator) error {
		if !slices.Contains(f.aspects, i.Aspect) {
			return store.ErrNotFound
		}
		if f.word == fieldName && named(list, text, i.Ordinal) {
			return flows.Refuse(r.T.Plain("indicator.name_twice"), flows.Link{})
		}
		switch f.word {
		case fieldPlan:
			rules.SetPlan(list, i.Ordinal-1, text, r.Args.Word(3) == apart)
		case "serves":
			rules.OfResult(list, i.Ordinal-1, func(o *store.Indicator) { o.Serves = text })
		default:
			*f.of(i) = text
		}
		if named(list, i.Name, i.Ordinal) { // a result in words is called after its plan
			return flows.Refuse(r.T.Plain("indicator.name_twice"), flows.Link{})
		}
		return nil
	})
}

// changeItem changes the indicator that the link names and shows it again.
func (c conversation) changeItem(ctx context.Context, r *flows.Request, change func([]store.Indicator, *store.Indicator) error) (flows.Outcome, error) {
	place := r.Args.Int(2)
	name := ""
	view, err := c.change(ctx, r, func(list []store.Indicator) ([]store.Indicator, error) {
		if _, err := at(list, place); err != nil {
			return nil, err
		}
		err := change(list, &list[place-1])
		name = list[place-1].Name
		return list, err
	})
	if err != nil {
		return flows.Outcome{}, err
	}
	for _, i := range view.Indicators { // one that joins another result goes to its place
		if i.Name == name && i.Aspect == store.Capaian {
			place = i.Ordinal
		}
	}
	return flows.Outcome{To: itemLink(view, place), Toast: r.T.Plain("indicator.stored")}, nil
}

// turnKind makes a main result an additional one, and back.
func (c conversation) turnKind(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.changeItem(ctx, r, func(list []store.Indicator, i *store.Indicator) error {
		if i.Aspect != store.Capaian {
			return store.ErrNotFound
		}
		additional := !i.Additional
		rules.OfResult(list, i.Ordinal-1, func(o *store.Indicator) { o.Additional = additional })
		return nil
	})
}

// noDimension is the word for none in links.
const noDimension = "none"

func (c conversation) askDimension(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, i, err := c.itemOf(ctx, r)
	if err == nil && i.Aspect != store.Capaian {
		err = store.ErrNotFound
	}
	if err != nil {
		return flows.Screen{}, err
	}
	var rows [][]flows.Button
	for _, word := range append(slices.Clone(dimensions), noDimension) {
		b := flows.Go(r.T.Plain("indicator."+word), "indicator.measured", view.UnitID, view.VersionID, i.Ordinal, word)
		if word == i.Dimension || word == noDimension && i.Dimension == "" {
			b = b.Styled(flows.Chosen)
			b.Label = "● " + b.Label
		}
		rows = append(rows, flows.Row(b))
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("indicator.item_title", locales.Args{"Number": i.Ordinal, "Aspect": words.Aspect(r.T, i.Aspect), "Name": i.Name}), "\n", r.T.HTML("indicator.ask_dimension")),
		Rows: append(rows, backTo(r, itemLink(view, i.Ordinal))),
	}, nil
}

func (c conversation) setDimension(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	word := r.Args.Word(3)
	if word == noDimension {
		word = ""
	} else if !slices.Contains(dimensions, word) {
		return flows.Outcome{}, flows.ErrBadLink
	}
	return c.changeItem(ctx, r, func(_ []store.Indicator, i *store.Indicator) error {
		if i.Aspect != store.Capaian {
			return store.ErrNotFound
		}
		i.Dimension = word
		return nil
	})
}

var ways = []struct { //nolint:gochecknoglobals // a constant table
	word string
	step int
}{{"up", -1}, {"down", 1}}

// move changes places with the one before or after it in its group; at the edge of a result all of it moves.
func (c conversation) move(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	n := slices.IndexFunc(ways, func(w struct {
		word string
		step int
	}) bool {
		return w.word == r.Args.Word(3)
	})
	if n < 0 {
		return flows.Outcome{}, flows.ErrBadLink
	}
	place := r.Args.Int(2)
	other := place
	view, err := c.change(ctx, r, func(list []store.Indicator) ([]store.Indicator, error) {
		if _, err := at(list, place); err != nil {
			return nil, err
		}
		to, ok := rules.MoveIndicator(list, place-1, ways[n].step)
		if !ok {
			return nil, store.ErrNotFound
		}
		other = to + 1
		return list, nil
	})
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: itemLink(view, other), Toast: r.T.Plain("indicator.moved", locales.Args{"Number": strconv.Itoa(other)})}, nil
}

func (c conversation) askDrop(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, i, err := c.itemOf(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if err := removable(r, view.Indicators, i); err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(title(r, view), "\n", r.T.HTML("indicator.ask_remove", locales.Args{"Name": i.Name})),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("indicator.remove_yes"), "indicator.remove", view.UnitID, view.VersionID, i.Ordinal).Styled(flows.Danger)),
			backTo(r, itemLink(view, i.Ordinal)),
		},
	}, nil
}

// removable refuses what must stay: the seven values, and the last result, without which nothing speaks for the work.
func removable(r *flows.Request, list []store.Indicator, i store.Indicator) error {
	switch {
	case i.Aspect == store.Perilaku:
		return store.ErrNotFound
	case i.Aspect != store.Capaian:
		return nil
	}
	left := slices.DeleteFunc(slices.Clone(list), func(o store.Indicator) bool { return o.Aspect != store.Capaian })
	if len(left) > 1 {
		return nil
	}
	return flows.Refuse(r.T.Plain("indicator.last_result"), flows.To("indicator.item", r.Args.ID(0), r.Args.ID(1), i.Ordinal))
}

func (c conversation) remove(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	place := r.Args.Int(2)
	view, err := c.change(ctx, r, func(list []store.Indicator) ([]store.Indicator, error) {
		i, err := at(list, place)
		if err != nil {
			return nil, err
		}
		if err := removable(r, list, i); err != nil {
			return nil, err
		}
		return slices.Delete(list, place-1, place), nil
	})
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: unitLink(view.UnitID), Toast: r.T.Plain("indicator.removed")}, nil
}
