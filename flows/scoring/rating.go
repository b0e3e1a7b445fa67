package scoring

import (
	"context"
	"strings"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

var ratings = []store.Rating{store.Above, store.Meets, store.Below} //nolint:gochecknoglobals // a constant list

// ratingRow is the three buttons of one thing to rate; the stored one is marked by word and style.
func ratingRow(r *flows.Request, chosen store.Rating, prefix string, to func(store.Rating) flows.Link) []flows.Button {
	var row []flows.Button
	for _, rating := range ratings {
		label := prefix + words.Mark(rating) + " " + r.T.Plain("rating.short."+string(rating))
		style := flows.Plain
		if rating == chosen {
			label, style = prefix+"• "+r.T.Plain("rating.short."+string(rating)), flows.Chosen
		}
		row = append(row, flows.Button{Label: label, To: to(rating), Style: style})
	}
	return row
}

// indicator is the screen on which one indicator is rated.
func (c conversation) indicator(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if !sheet.Open() {
		return c.person(ctx, r)
	}
	i, err := indicatorAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Screen{}, err
	}
	answer := sheet.Answers[i.ID]
	lines := []string{
		r.T.HTML("scoring.indicator_heading", locales.Args{"Name": sheet.Employee, "Place": i.Ordinal, "All": len(sheet.Indicators), "Aspect": words.Aspect(r.T, i.Aspect)}),
		"\n", locales.Escape(i.Name), locales.Escape(i.Description),
	}
	if i.Target != "" {
		lines = append(lines, r.T.HTML("scoring.target", locales.Args{"Target": i.Target, "Measure": i.Measure}))
	}
	if answer.Note != "" {
		lines = append(lines, r.T.HTML("scoring.note_is", locales.Args{"Note": answer.Note}))
	}
	screen := flows.Screen{Text: flows.Lines(lines...), Protect: true}
	screen.Rows = append(screen.Rows, ratingRow(r, answer.Rating, "", func(rating store.Rating) flows.Link {
		return flows.To("score.rate", sheet.ID, i.Ordinal, rating)
	}))
	if answer.Rating != "" {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("scoring.note"), "score.note", sheet.ID, i.Ordinal)))
	}
	screen.Rows = append(screen.Rows, flows.Row(
		flows.Go(r.T.Plain("common.back"), "score.person", sheet.ID),
		flows.Button{Label: r.T.Plain("scoring.skip"), To: beyond(sheet, i)}))
	return screen, nil
}

// beyond is the page after an indicator, whether that one is rated or not.
func beyond(sheet store.Sheet, i store.Indicator) flows.Link {
	for _, other := range sheet.Indicators {
		if other.Ordinal > i.Ordinal {
			return pageOf(sheet, other)
		}
	}
	return flows.To("score.summary", sheet.ID)
}

// values shows the seven BerAKHLAK values on one screen, a row each.
func (c conversation) values(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if !sheet.Open() {
		return c.person(ctx, r)
	}
	values := valuesOf(sheet)
	if len(values) == 0 || len(values) > maxValues {
		return flows.Screen{}, store.ErrNotFound
	}
	lines := []string{r.T.HTML("scoring.values_heading", locales.Args{"Name": sheet.Employee}), "\n"}
	screen := flows.Screen{Protect: true}
	for n, v := range values {
		answer := sheet.Answers[v.ID]
		lines = append(lines, r.T.HTML("scoring.value_line", locales.Args{"Number": n + 1, "Value": v.Name, "Rating": words.Rating(r.T, answer.Rating)}))
		screen.Rows = append(screen.Rows, ratingRow(r, answer.Rating, numberMark(n+1), func(rating store.Rating) flows.Link {
			return flows.To("score.value", sheet.ID, v.Ordinal, rating)
		}))
	}
	onward := flows.Button{Label: r.T.Plain("scoring.onward"), To: next(sheet, values[len(values)-1].Ordinal)}
	if onward.To.Route == "score.values" { // something here has no rating yet
		onward.To = beyond(sheet, values[len(values)-1])
	}
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("common.back"), "score.person", sheet.ID), onward))
	screen.Text = flows.Lines(lines...)
	return screen, nil
}

// numberMark names a row in the first button, so that a screen reader and a narrow phone still know whose row it is.
func numberMark(n int) string { return string(rune('0'+n)) + "\u00a0" }

// notePage takes feedback on one indicator.
func (c conversation) notePage(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	i, err := indicatorAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{
		r.T.HTML("scoring.note_heading", locales.Args{"Name": sheet.Employee}), locales.Escape(i.Name), "\n", r.T.HTML("scoring.note_ask"),
	}
	var rows [][]flows.Button
	if note := sheet.Answers[i.ID].Note; note != "" {
		lines = append(lines, r.T.HTML("scoring.note_is", locales.Args{"Note": note}))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("scoring.note_clear"), "score.clearnote", sheet.ID, i.Ordinal)))
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("common.back"), "score.indicator", sheet.ID, i.Ordinal)))
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows, Protect: true}, nil
}

// remark takes the note to the employee.
func (c conversation) remark(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("scoring.remark_heading", locales.Args{"Name": sheet.Employee}), "\n", r.T.HTML("scoring.remark_ask")}
	var rows [][]flows.Button
	if strings.TrimSpace(sheet.Note) != "" {
		lines = append(lines, r.T.HTML("scoring.note_is", locales.Args{"Note": sheet.Note}))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("scoring.note_clear"), "score.clearremark", sheet.ID)))
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("common.back"), "score.summary", sheet.ID)))
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows, Protect: true}, nil
}
