package scoring

import (
	"context"
	"slices"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// valuesPerScreen is how many BerAKHLAK values stand on one screen: on a narrow phone their names and their buttons are seen together.
const valuesPerScreen = 4

// isValue reports whether an indicator is a BerAKHLAK value, which is rated on a screen with others.
func isValue(i store.Indicator) bool { return i.Aspect == store.Perilaku }

func valuesOf(sheet store.Sheet) []store.Indicator {
	var values []store.Indicator
	for _, i := range sheet.Indicators {
		if isValue(i) {
			values = append(values, i)
		}
	}
	return values
}

// valuesAt shows the screen of one value.
func (c conversation) valuesAt(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	v, err := valueAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Screen{}, err
	}
	return valuesScreen(r, sheet, v, nil), nil
}

func valueAt(sheet store.Sheet, ordinal int) (store.Indicator, error) {
	v, err := indicatorAt(sheet, ordinal)
	if err == nil && !isValue(v) {
		err = store.ErrNotFound
	}
	return v, err
}

// valued comes after a value was rated: its screen again, or the next one with a value that is not rated when all on it are.
func (c conversation) valued(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	v, err := valueAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Screen{}, err
	}
	parts, at := partsAt(sheet, v)
	for _, part := range slices.Concat(parts[at:], parts[:at]) {
		for _, other := range part {
			if sheet.Rating(other.ID) == "" {
				return valuesScreen(r, sheet, other, nil), nil
			}
		}
	}
	return valuesScreen(r, sheet, v, nil), nil
}

// partsAt are the values screen by screen, and on which of the screens one of them stands.
func partsAt(sheet store.Sheet, v store.Indicator) (parts [][]store.Indicator, at int) {
	parts = inParts(valuesOf(sheet), valuesPerScreen)
	for at < len(parts)-1 && parts[at+1][0].Ordinal <= v.Ordinal {
		at++
	}
	return parts, at
}

// valuesScreen is the screen on which a value stands with a row of buttons, and others with theirs. previous is where the person came
// from; nil for the page before it.
func valuesScreen(r *flows.Request, sheet store.Sheet, v store.Indicator, previous *flows.Link) flows.Screen {
	parts, at := partsAt(sheet, v)
	lines := []string{valuesHeading(r, sheet, at, len(parts)), r.T.HTML("scoring.values_ask"), "\n"}
	var rows [][]flows.Button
	number := parts[at][0].Ordinal - parts[0][0].Ordinal
	for _, v := range parts[at] {
		number++
		lines = append(lines, r.T.HTML("scoring.value_line", locales.Args{"Number": number, "Value": v.Name, "Rating": words.Rating(r.T, sheet.Rating(v.ID))}), expectationLine(r, v))
		rows = append(rows, valueRow(r, sheet, v, number))
	}
	if left := len(sheet.Indicators) - sheet.Answered(); left > 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("scoring.rest_meets_number", locales.Args{"Number": left}), "score.all", sheet.ID)))
	}
	if previous == nil {
		previous = beforePart(sheet, parts, at)
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows,
		onwardRow(r, previous, partOnward(r, sheet, parts, at)),
		flows.Row(flows.Go(r.T.Plain("common.back"), "score.person", sheet.ID),
			flows.Go(r.T.Plain("scoring.each"), "score.each", sheet.ID, parts[at][0].Ordinal)))}
}

func valuesHeading(r *flows.Request, sheet store.Sheet, at, parts int) string {
	if parts == 1 {
		return r.T.HTML("scoring.values_heading", locales.Args{"Name": sheet.Employee})
	}
	return r.T.HTML("scoring.values_heading_part", locales.Args{"Name": sheet.Employee, "Part": at + 1, "Parts": parts})
}

// beforePart is the screen before one of values; nil when the values come first.
func beforePart(sheet store.Sheet, parts [][]store.Indicator, at int) *flows.Link {
	first := parts[at][0]
	if at > 0 {
		link := placeToRate(sheet, parts[at-1][0])
		return &link
	}
	return preceding(sheet, first)
}

// partOnward leads to the next values, or on from the last, and says how many are not rated up to here.
func partOnward(r *flows.Request, sheet store.Sheet, parts [][]store.Indicator, at int) flows.Button {
	last := parts[at][len(parts[at])-1]
	b := flows.Go(r.T.Plain("scoring.onward"), "score.next", sheet.ID, last.Ordinal)
	switch i := nextUnrated(sheet, last.Ordinal); {
	case at < len(parts)-1:
		b.To = placeToRate(sheet, parts[at+1][0])
	case i != nil && isValue(*i):
		b.To = flows.To("score.summary", sheet.ID) // which says what is missing here
	}
	left := 0
	for _, v := range valuesOf(sheet) {
		if v.Ordinal <= last.Ordinal && sheet.Rating(v.ID) == "" {
			left++
		}
	}
	if left > 0 {
		b.Label = r.T.Plain("scoring.onward_missing", locales.Args{"Number": left})
	}
	return b
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

// each leads to the values of one screen one by one, with the behaviours that they mean, and their notes.
func (c conversation) each(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	v, err := valueAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Screen{}, err
	}
	parts, at := partsAt(sheet, v)
	var rows [][]flows.Button
	number := parts[at][0].Ordinal - parts[0][0].Ordinal
	for _, v := range parts[at] {
		number++
		rows = append(rows, flows.Row(flows.Go(strconv.Itoa(number)+" "+v.Name, "score.indicator", sheet.ID, v.Ordinal)))
	}
	return flows.Screen{
		Text: flows.Lines(valuesHeading(r, sheet, at, len(parts)), "\n", r.T.HTML("scoring.each_ask")),
		Rows: append(rows, backTo(r, "score.valuesat", sheet.ID, v.Ordinal)),
	}, nil
}

// rateValue stores the rating of a value and stays on its screen while something on it is not rated.
func (c conversation) rateValue(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	i, err := c.store.Indicator(ctx, r.Args.ID(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	toast, err := c.storeRating(ctx, r, i)
	return flows.Outcome{To: flows.To("score.valued", r.Args.ID(0), i.Ordinal), Toast: toast}, err
}
