package scoring

import (
	"context"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

var ratings = []store.Rating{store.Above, store.Meets, store.Below} //nolint:gochecknoglobals // a constant list

// ratingRow is the three buttons of one thing to rate. The stored one is marked by word and style, and then it alone has a mark.
func ratingRow(r *flows.Request, chosen store.Rating, to func(store.Rating) flows.Link) []flows.Button {
	var row []flows.Button
	for _, rating := range ratings {
		b := flows.Button{Label: r.T.Plain("rating.short." + string(rating)), To: to(rating)}
		switch chosen {
		case rating:
			b.Label, b.Style = "● "+b.Label, flows.Chosen
		case "":
			b.Label = words.Mark(rating) + " " + b.Label
		}
		row = append(row, b)
	}
	return row
}

// indicatorAt finds an indicator by its place in the template; ErrNotFound when there is none.
func indicatorAt(sheet store.Sheet, ordinal int) (store.Indicator, error) {
	for _, i := range sheet.Indicators {
		if i.Ordinal == ordinal {
			return i, nil
		}
	}
	return store.Indicator{}, store.ErrNotFound
}

// next goes on: the first unrated indicator after the given one, then any unrated one, then the summary.
// It is a page and no redirect, so that a rating costs one reading of the evaluation and not two.
func (c conversation) next(ctx context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	i := nextUnrated(sheet, r.Args.Int(1))
	switch {
	case i == nil:
		return c.summary(ctx, r, sheet)
	case onValuesScreen(sheet, *i):
		return c.values(ctx, r, sheet)
	default:
		return c.indicatorScreen(r, sheet, *i), nil
	}
}

func nextUnrated(sheet store.Sheet, after int) *store.Indicator {
	var first *store.Indicator
	for n := range sheet.Indicators {
		i := &sheet.Indicators[n]
		if sheet.Rating(i.ID) != "" {
			continue
		}
		if i.Ordinal > after {
			return i
		}
		if first == nil {
			first = i
		}
	}
	return first
}

// beyond is the page after an indicator, whether that one is rated or not.
func beyond(sheet store.Sheet, i store.Indicator) flows.Link {
	for _, other := range sheet.Indicators {
		switch {
		case other.Ordinal <= i.Ordinal:
		case onValuesScreen(sheet, other) && !onValuesScreen(sheet, i):
			return flows.To("score.values", sheet.ID)
		default:
			return flows.To("score.indicator", sheet.ID, other.Ordinal)
		}
	}
	return flows.To("score.summary", sheet.ID)
}

// indicator is the screen on which one indicator is rated.
func (c conversation) indicator(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	i, err := indicatorAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Screen{}, err
	}
	return c.indicatorScreen(r, sheet, i), nil
}

func (c conversation) indicatorScreen(r *flows.Request, sheet store.Sheet, i store.Indicator) flows.Screen {
	answer := sheet.Answers[i.ID]
	lines := []string{
		r.T.HTML("scoring.indicator_heading", locales.Args{"Name": sheet.Employee, "Place": i.Ordinal, "All": len(sheet.Indicators), "Aspect": words.Aspect(r.T, i.Aspect)}),
		"\n", "<b>" + locales.Escape(i.Name) + "</b>", locales.Escape(i.Description),
	}
	if i.Target != "" {
		lines = append(lines, r.T.HTML("scoring.target", locales.Args{"Target": i.Target, "Measure": i.Measure}))
	}
	lines = append(lines, answerLines(r, answer)...)
	rate, back := "score.rate", flows.To("score.person", sheet.ID)
	if onValuesScreen(sheet, i) {
		rate, back = "score.value", flows.To("score.values", sheet.ID)
	}
	extra := flows.Row(flows.Go(r.T.Plain("scoring.note"), "score.note", sheet.ID, i.Ordinal))
	if owesReason(answer.Rating) {
		extra = append(extra, flows.Go(r.T.Plain("scoring.reason"), "score.reason", sheet.ID, indicatorWord(i)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{
		ratingRow(r, answer.Rating, func(rating store.Rating) flows.Link { return flows.To(rate, sheet.ID, i.ID, rating) }),
		extra,
		flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: back}, flows.Button{Label: r.T.Plain("scoring.skip"), To: beyond(sheet, i)}),
	}}
}

// answerLines tell what is stored of an indicator.
func answerLines(r *flows.Request, a store.Answer) []string {
	var lines []string
	if a.Rating != "" {
		lines = append(lines, "\n", r.T.HTML("scoring.rated", locales.Args{"Rating": words.Rating(r.T, a.Rating)}))
	}
	if a.Reason != "" {
		lines = append(lines, r.T.HTML("scoring.reason_is", locales.Args{"Reason": a.Reason}))
	}
	if a.Note != "" {
		lines = append(lines, r.T.HTML("scoring.note_is", locales.Args{"Note": a.Note}))
	}
	return lines
}

// maxValues is how many indicators fit on one screen with a row of buttons each, and a row to go on.
const maxValues = 7

func valuesOf(sheet store.Sheet) []store.Indicator {
	var values []store.Indicator
	for _, i := range sheet.Indicators {
		if i.Aspect == store.Perilaku {
			values = append(values, i)
		}
	}
	return values
}

// onValuesScreen reports whether an indicator is rated on the one screen of the BerAKHLAK values.
func onValuesScreen(sheet store.Sheet, i store.Indicator) bool {
	return i.Aspect == store.Perilaku && len(valuesOf(sheet)) <= maxValues
}

// values shows the seven BerAKHLAK values on one screen, a row each.
func (c conversation) values(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	values := valuesOf(sheet)
	if len(values) == 0 || len(values) > maxValues {
		return flows.Screen{}, store.ErrNotFound
	}
	lines := []string{r.T.HTML("scoring.values_heading", locales.Args{"Name": sheet.Employee}), r.T.HTML("scoring.values_ask"), "\n"}
	var rows [][]flows.Button
	for n, v := range values {
		lines = append(lines, r.T.HTML("scoring.value_line", locales.Args{"Number": n + 1, "Value": v.Name, "Rating": words.Rating(r.T, sheet.Rating(v.ID))}))
		rows = append(rows, valueRow(r, sheet, v, n+1))
	}
	onward := flows.Go(r.T.Plain("scoring.onward"), "score.next", sheet.ID, values[len(values)-1].Ordinal)
	if i := nextUnrated(sheet, values[len(values)-1].Ordinal); i != nil && onValuesScreen(sheet, *i) {
		onward.To = flows.To("score.summary", sheet.ID) // which says what is missing here
	}
	rows = append(rows, flows.Row(
		flows.Go(r.T.Plain("common.back"), "score.person", sheet.ID),
		flows.Go(r.T.Plain("scoring.each"), "score.each", sheet.ID),
		onward))
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows}, nil
}

// valueRow is the buttons of one value. Each begins with the number of its line: a screen reader does not see which row it is in.
func valueRow(r *flows.Request, sheet store.Sheet, v store.Indicator, number int) []flows.Button {
	chosen := sheet.Rating(v.ID)
	row := ratingRow(r, chosen, func(rating store.Rating) flows.Link { return flows.To("score.value", sheet.ID, v.ID, rating) })
	for n, rating := range ratings {
		if rating != chosen { // no marks, so that three fit beside each other on a narrow phone
			row[n].Label = r.T.Plain("rating.short." + string(rating))
		}
		row[n].Label = strconv.Itoa(number) + " " + row[n].Label
	}
	return row
}

// each leads to the values one by one, with the behaviours that they mean, and their notes.
func (c conversation) each(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	values := valuesOf(sheet)
	if len(values) == 0 || len(values) > maxValues {
		return flows.Screen{}, store.ErrNotFound
	}
	var rows [][]flows.Button
	for n, v := range values {
		rows = append(rows, flows.Row(flows.Go(strconv.Itoa(n+1)+" "+v.Name, "score.indicator", sheet.ID, v.Ordinal)))
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("scoring.values_heading", locales.Args{"Name": sheet.Employee}), "\n", r.T.HTML("scoring.each_ask")),
		Rows: append(rows, backTo(r, "score.values", sheet.ID)),
	}, nil
}

// rate stores one rating and goes on to the next indicator at once.
func (c conversation) rate(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	i, err := c.store.Indicator(ctx, r.Args.ID(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	toast, err := c.storeRating(ctx, r, i)
	return flows.Outcome{To: flows.To("score.next", r.Args.ID(0), i.Ordinal), Toast: toast}, err
}

// rateValue stores the rating of a value and stays on the screen of the values.
func (c conversation) rateValue(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	i, err := c.store.Indicator(ctx, r.Args.ID(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	toast, err := c.storeRating(ctx, r, i)
	return flows.Outcome{To: flows.To("score.values", r.Args.ID(0)), Toast: toast}, err
}

// storeRating stores the rating that the link carries and says so.
func (c conversation) storeRating(ctx context.Context, r *flows.Request, i store.Indicator) (string, error) {
	rating := r.Args.Rating(2)
	if err := c.store.Rate(ctx, r.Actor.PersonID, r.Args.ID(0), i.ID, rating); err != nil {
		return "", c.explain(r, err, r.Args.ID(0))
	}
	return storedToast(r, i.Name, rating), nil
}

// storedToast says what was stored, within the length of a toast.
func storedToast(r *flows.Request, what string, rating store.Rating) string {
	return r.T.Plain("scoring.stored", locales.Args{"Indicator": shortened(what, 100), "Rating": words.Rating(r.T, rating)})
}

// shortened fits a text on a button or in a toast; the whole of it stands on the screen.
func shortened(text string, longest int) string {
	runes := []rune(text)
	if len(runes) <= longest {
		return text
	}
	return string(runes[:longest-1]) + "…"
}

// rateRest is "Semua sesuai ekspektasi": what has a rating keeps it, the rest meets the expectation.
func (c conversation) rateRest(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	rated, kept, err := c.store.RateRest(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Outcome{}, c.explain(r, err, id)
	}
	sentence := "scoring.rest_stored"
	switch {
	case rated == 0:
		sentence = "scoring.rest_none"
	case kept > 0:
		sentence = "scoring.rest_kept"
	}
	return flows.Outcome{To: flows.To("score.summary", id), Toast: r.T.Plain(sentence, locales.Args{"Number": rated, "Kept": kept, "Count": rated})}, nil
}
