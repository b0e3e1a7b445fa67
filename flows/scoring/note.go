package scoring

import (
	"context"
	"strings"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// note takes feedback on one indicator.
func (c conversation) note(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	i, err := indicatorAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{
		r.T.HTML("scoring.note_heading", locales.Args{"Name": sheet.Employee}), locales.Escape(i.Name), "\n", r.T.HTML("scoring.note_ask"),
	}
	var rows [][]flows.Button
	if written := sheet.Answers[i.ID].Note; written != "" {
		lines = append(lines, "\n", r.T.HTML("scoring.note_is", locales.Args{"Note": written}))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("scoring.note_clear"), "score.clearnote", sheet.ID, i.Ordinal)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, "score.indicator", sheet.ID, i.Ordinal))}, nil
}

func (c conversation) saveNote(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	text, err := typed(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.setNote(ctx, r, text, "scoring.note_stored")
}

func (c conversation) clearNote(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.setNote(ctx, r, "", "scoring.note_cleared")
}

func (c conversation) setNote(ctx context.Context, r *flows.Request, text, toast string) (flows.Outcome, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	i, err := indicatorAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	if err := c.store.SetNote(ctx, r.Actor.PersonID, sheet.ID, i.ID, text); err != nil {
		return flows.Outcome{}, c.explain(ctx, r, err, sheet.ID)
	}
	return flows.Outcome{To: flows.To("score.indicator", sheet.ID, i.Ordinal), Toast: r.T.Plain(toast)}, nil
}

// asNote is the button that makes a text a note which came although the page asks for none: on one indicator, or with 0 on the whole. What is
// written there already stays.
func asNote(r *flows.Request, sheet store.Sheet, ordinal int) flows.Button {
	key, written := "scoring.as_note", sheet.Note
	if i, err := indicatorAt(sheet, ordinal); err == nil {
		key, written = "scoring.as_indicator_note", sheet.Answers[i.ID].Note
	}
	if written != "" {
		key = "scoring.to_note"
	}
	return flows.Go(r.T.Plain(key, locales.Args{"Name": withoutTitles(sheet.Employee)}), "score.textnote", sheet.ID, ordinal)
}

// noting lets a text become a note on the whole where a page makes nothing of it.
func noting(draw sheetPage) sheetPage {
	return func(ctx context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
		screen, err := draw(ctx, r, sheet)
		if screen.ForText.To.Zero() {
			screen.ForText = asNote(r, sheet, 0)
		}
		return screen, err
	}
}

// textNote stores such a text below what is written there, and stays where the person is.
func (c conversation) textNote(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	sheet, err := c.sheet(ctx, r)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case r.Unasked == "": // taken already, or forgotten with his place
		return flows.Outcome{Toast: r.T.Plain("scoring.text_gone")}, nil
	}
	written, set := sheet.Note, c.setRemark
	if ordinal := r.Args.Int(1); ordinal != 0 {
		i, err := indicatorAt(sheet, ordinal)
		if err != nil {
			return flows.Outcome{}, err
		}
		written, set = sheet.Answers[i.ID].Note, c.setNote
	}
	text := strings.TrimSpace(written + "\n" + r.Unasked)
	if strings.HasSuffix("\n"+written, "\n"+strings.TrimSpace(r.Unasked)) { // the tap is handled again
		text = written
	}
	if err := fits(r, text); err != nil {
		return flows.Outcome{}, err
	}
	outcome, err := set(ctx, r, text, "scoring.note_stored")
	outcome.To = flows.Link{}
	return outcome, err
}

// remark takes the note to the employee about the whole.
func (c conversation) remark(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	lines := []string{r.T.HTML("scoring.note_heading", locales.Args{"Name": sheet.Employee}), "\n", r.T.HTML("scoring.remark_ask")}
	var rows [][]flows.Button
	if sheet.Note != "" {
		lines = append(lines, "\n", r.T.HTML("scoring.note_is", locales.Args{"Note": sheet.Note}))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("scoring.note_clear"), "score.clearremark", sheet.ID)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, "score.summary", sheet.ID))}, nil
}

func (c conversation) saveRemark(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	text, err := typed(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.setRemark(ctx, r, text, "scoring.note_stored")
}

func (c conversation) clearRemark(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.setRemark(ctx, r, "", "scoring.note_cleared")
}

func (c conversation) setRemark(ctx context.Context, r *flows.Request, text, toast string) (flows.Outcome, error) {
	id := r.Args.ID(0)
	if err := c.store.SetEvaluationNote(ctx, r.Actor.PersonID, id, text); err != nil {
		return flows.Outcome{}, c.explain(ctx, r, err, id)
	}
	return flows.Outcome{To: flows.To("score.summary", id), Toast: r.T.Plain(toast)}, nil
}
