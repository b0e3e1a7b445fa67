package scoring

import (
	"cmp"
	"context"
	"slices"

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

// next goes on: the first unrated indicator after the given one, then any unrated one, then the summary. [‹ Sebelumnya] leads back to
// the given one, so that a slip of the finger is corrected in two taps. It is a page and no redirect, so that a rating costs one
// reading of the evaluation and not two.
func (c conversation) next(ctx context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	i := nextUnrated(sheet, r.Args.Int(1))
	var previous *flows.Link
	if came, err := indicatorAt(sheet, r.Args.Int(1)); err == nil && (i == nil || came.ID != i.ID) {
		link := placeToRate(sheet, came)
		previous = &link
	}
	switch {
	case i == nil:
		screen, err := c.summary(ctx, r, sheet)
		return withTurn(r, sheet, screen, previous), err
	case isValue(*i):
		return valuesScreen(r, sheet, *i, previous), nil
	default:
		return indicatorScreen(r, sheet, *i, cmp.Or(previous, preceding(sheet, *i))), nil
	}
}

// withTurn puts a row above the last one that leads back to the indicator from which the person came, and on to the one after it:
// who goes through them one by one and changes one goes on where he was.
func withTurn(r *flows.Request, sheet store.Sheet, screen flows.Screen, previous *flows.Link) flows.Screen {
	if previous == nil || len(screen.Rows) == 0 {
		return screen
	}
	row := flows.Row(flows.Button{Label: r.T.Plain("common.previous_page"), To: *previous})
	if came, err := indicatorAt(sheet, r.Args.Int(1)); err == nil {
		if next := beyond(sheet, came); next.Route != "score.summary" && !isValue(came) {
			row = append(row, flows.Button{Label: r.T.Plain("common.next_page"), To: next})
		}
	}
	screen.Rows = slices.Insert(slices.Clone(screen.Rows), len(screen.Rows)-1, row)
	return screen
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

// beyond is the page after an indicator, whether that one is rated or not; the summary after the last.
func beyond(sheet store.Sheet, i store.Indicator) flows.Link {
	for _, other := range sheet.Indicators {
		switch {
		case other.Ordinal <= i.Ordinal:
		case isValue(i):
			return flows.To("score.indicator", sheet.ID, other.Ordinal)
		default:
			return placeToRate(sheet, other)
		}
	}
	return flows.To("score.summary", sheet.ID)
}

// preceding is the page before an indicator; nil before the first.
func preceding(sheet store.Sheet, i store.Indicator) *flows.Link {
	var link *flows.Link
	for _, other := range sheet.Indicators {
		if other.Ordinal >= i.Ordinal {
			break
		}
		to := placeToRate(sheet, other)
		if isValue(i) && isValue(other) {
			to = flows.To("score.indicator", sheet.ID, other.Ordinal)
		}
		link = &to
	}
	return link
}

// onwardRow leads to the one before, where there is one, and to the one after.
func onwardRow(r *flows.Request, previous *flows.Link, next flows.Button) []flows.Button {
	if previous == nil {
		return flows.Row(next)
	}
	return flows.Row(flows.Button{Label: r.T.Plain("common.previous_page"), To: *previous}, next)
}

// indicator is the screen on which one indicator is rated, or read once nothing can be changed any more.
func (c conversation) indicator(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	i, err := indicatorAt(sheet, r.Args.Int(1))
	switch {
	case err != nil:
		return flows.Screen{}, err
	case sheet.Open():
		return indicatorScreen(r, sheet, i, preceding(sheet, i)), nil
	default:
		return c.readIndicator(ctx, r, sheet, i)
	}
}

// indicatorText is what there is to know of an indicator, and what is stored of it.
func indicatorText(r *flows.Request, sheet store.Sheet, i store.Indicator) []string {
	lines := []string{
		r.T.HTML("scoring.indicator_heading", locales.Args{"Name": sheet.Employee, "Place": i.Ordinal, "All": len(sheet.Indicators), "Aspect": words.Aspect(r.T, i.Aspect)}),
		"\n", "<b>" + locales.Escape(nameOf(i)) + "</b>", locales.Escape(i.Description),
	}
	lines = append(lines, planLine(r, i))
	lines = append(lines, expectationLine(r, i))
	if i.Target != "" {
		lines = append(lines, r.T.HTML("scoring.target", locales.Args{"Target": i.Target, "Measure": i.Measure}))
	}
	return append(lines, answerLines(r, sheet.Answers[i.ID])...)
}

// nameOf is what is rated: of a result in words all of it.
func nameOf(i store.Indicator) string {
	if i.Itself() {
		return i.Plan
	}
	return i.Name
}

// planLine tells the result that an indicator measures, and whether it is an additional one.
func planLine(r *flows.Request, i store.Indicator) string {
	switch {
	case i.Plan != "" && !i.Itself() && i.Additional:
		return r.T.HTML("scoring.plan_additional", locales.Args{"Plan": i.Plan})
	case i.Plan != "" && !i.Itself():
		return r.T.HTML("scoring.plan", locales.Args{"Plan": i.Plan})
	case i.Additional:
		return r.T.HTML("indicator.is_additional")
	}
	return ""
}

// expectationLine tells what the leader expects of a value (PermenPANRB 6/2022 art. 10(4)); "" for nothing.
func expectationLine(r *flows.Request, i store.Indicator) string {
	if i.Expectation == "" {
		return ""
	}
	return r.T.HTML("scoring.expectation", locales.Args{"Expectation": i.Expectation})
}

func indicatorScreen(r *flows.Request, sheet store.Sheet, i store.Indicator, previous *flows.Link) flows.Screen {
	answer := sheet.Answers[i.ID]
	rate, back := "score.rate", flows.To("score.person", sheet.ID)
	if isValue(i) {
		rate, back = "score.value", placeToRate(sheet, i)
	}
	extra := flows.Row(flows.Go(r.T.Plain("scoring.note"), "score.note", sheet.ID, i.Ordinal))
	if owesReason(answer.Rating) {
		extra = append(extra, flows.Go(r.T.Plain("scoring.reason"), "score.reason", sheet.ID, indicatorWord(i)))
	}
	return flows.Screen{Text: flows.Lines(indicatorText(r, sheet, i)...), ForText: asNote(r, sheet, i.Ordinal), Rows: [][]flows.Button{
		ratingRow(r, answer.Rating, func(rating store.Rating) flows.Link { return flows.To(rate, sheet.ID, i.ID, rating) }),
		extra,
		onwardRow(r, previous, flows.Button{Label: r.T.Plain("common.next_page"), To: beyond(sheet, i)}),
		flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: back}),
	}}
}

// readIndicator shows what is stored of an indicator when nothing can be changed any more, and records the look at a result.
func (c conversation) readIndicator(ctx context.Context, r *flows.Request, sheet store.Sheet, i store.Indicator) (flows.Screen, error) {
	if sheet.State == store.EvaluationFinal {
		result, err := c.store.CurrentResult(ctx, r.Actor.PersonID, sheet.ID)
		if err != nil {
			return flows.Screen{}, err
		}
		if err := c.store.Looked(ctx, r.Actor.PersonID, "result", result.ID); err != nil {
			return flows.Screen{}, err
		}
	}
	var turn []flows.Button
	for _, way := range []struct {
		label string
		to    int
	}{{"common.previous_page", i.Ordinal - 1}, {"common.next_page", i.Ordinal + 1}} {
		if _, err := indicatorAt(sheet, way.to); err == nil {
			turn = append(turn, flows.Go(r.T.Plain(way.label), "score.indicator", sheet.ID, way.to))
		}
	}
	rows := [][]flows.Button{backTo(r, "score.person", sheet.ID)}
	if len(turn) > 0 {
		rows = slices.Insert(rows, 0, turn)
	}
	return flows.Screen{Text: flows.Lines(indicatorText(r, sheet, i)...), Rows: rows}, nil
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

// rate stores one rating and goes on to the next indicator at once.
func (c conversation) rate(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	i, err := c.store.Indicator(ctx, r.Args.ID(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	toast, err := c.storeRating(ctx, r, i)
	return flows.Outcome{To: flows.To("score.next", r.Args.ID(0), i.Ordinal), Toast: toast}, err
}

// storeRating stores the rating that the link carries and says so.
func (c conversation) storeRating(ctx context.Context, r *flows.Request, i store.Indicator) (string, error) {
	rating := r.Args.Rating(2)
	if err := c.store.Rate(ctx, r.Actor.PersonID, r.Args.ID(0), i.ID, rating); err != nil {
		return "", c.explain(ctx, r, err, r.Args.ID(0))
	}
	return storedToast(r, i.Name, rating), nil
}

// storedToast says what was stored, within the length of a toast.
func storedToast(r *flows.Request, what string, rating store.Rating) string {
	return r.T.Plain("scoring.stored", locales.Args{"Indicator": words.Shortened(what, 100), "Rating": words.Rating(r.T, rating)})
}

// rateRest is "Semua sesuai ekspektasi": what has a rating keeps it, the rest meets the expectation.
func (c conversation) rateRest(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	rated, kept, err := c.store.RateRest(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Outcome{}, c.explain(ctx, r, err, id)
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
