package period

import (
	"context"
	"errors"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// changedDraft is where the draft of a form keeps which draft of a period is being changed. Should it vanish, another one is written.
const changedDraft = "period-draft"

func draftName(t *locales.Translator, d store.DraftLine) string {
	return words.NameOfPeriod(t, store.AdminPeriod{Period: store.Period{Kind: d.Kind, FirstDay: d.FirstDay}, Unit: d.Unit})
}

// drafts lists the periods that are prepared and not opened.
func (c conversation) drafts(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	lines, total, page, pages, err := turn(r.Args.Int(0), listPeriods, func(offset, limit int) ([]store.DraftLine, int, error) {
		return c.store.Drafts(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	what := r.T.HTML("draft.choose")
	if total == 0 {
		what = r.T.HTML("draft.none")
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("draft.list_title", locales.Args{"Number": r.T.Number(total)}), "\n", what)}
	for _, d := range lines {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("draft.line", locales.Args{"Period": draftName(r.T, d)}), "period.draft", d.ID)))
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.drafts", n) })...)
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("admin.new"), "period.new")), back(r.T, "period.home", 1))
	return screen, nil
}

// readDraft reads a draft with its name.
func (c conversation) readDraft(ctx context.Context, r *flows.Request, id int64) (store.DraftLine, error) {
	draft, err := c.store.DraftFor(ctx, r.Actor.PersonID, id)
	if err != nil {
		return store.DraftLine{}, err
	}
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	return store.DraftLine{PeriodDraft: draft, Unit: scope.Name(draft.UnitID)}, err
}

// draft is one of them, with what opening it now would do.
func (c conversation) draft(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	d, err := c.readDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	span, err := rules.SpanOf(d.Kind, d.FirstDay)
	if err != nil {
		return flows.Screen{}, err
	}
	p, err := c.store.PreviewPeriod(ctx, r.Actor.PersonID, d.Form())
	if err != nil {
		return flows.Screen{}, err
	}
	unit := d.Unit
	if unit == "" {
		unit = r.T.Plain("period.whole_city")
	}
	day := c.calendar.Date(d.ScoringDue)
	lines := []string{r.T.HTML("draft.title", locales.Args{"Period": draftName(r.T, d)}), spanLine(r.T, span), r.T.HTML("period.covers", locales.Args{"Unit": unit}),
		c.dueLine(r, store.Period{ScoringDue: d.ScoringDue}), r.T.HTML("period.sees_" + string(d.Release)), "\n"}
	var rows [][]flows.Button
	switch problem := c.dueProblem(r, span, day); {
	case p.Existing != 0:
		lines = append(lines, r.T.HTML("period.exists"))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("period.go_there"), "period.progress", p.Existing)))
	case problem != "":
		lines = append(lines, r.T.HTML("draft.due_passed"))
	case p.People == 0:
		lines = append(lines, previewLines(r.T, p), r.T.HTML("period.nobody"))
	default:
		lines = append(lines, previewLines(r.T, p), r.T.HTML("draft.nobody_told"))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("period.open"), "period.sure", d.ID).Styled(flows.Confirm)))
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("draft.change"), "period.rewrite", d.ID), flows.Go(r.T.Plain("draft.drop"), "period.drop", d.ID)))
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back(r.T, "period.drafts", 1))}, nil
}

// askOpen says who is told before a draft is opened, for an open period is not unmade.
func (c conversation) askOpen(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	d, err := c.readDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	span, err := rules.SpanOf(d.Kind, d.FirstDay)
	if err != nil {
		return flows.Screen{}, err
	}
	p, err := c.store.PreviewPeriod(ctx, r.Actor.PersonID, d.Form())
	if err != nil {
		return flows.Screen{}, err
	}
	day := c.calendar.Date(d.ScoringDue)
	if p.Existing != 0 || p.People == 0 || c.dueProblem(r, span, day) != "" {
		return c.draft(ctx, r) // which says why it cannot be opened
	}
	number := func(n int) locales.Args { return locales.Args{"Number": r.T.Number(n)} }
	later := ""
	if p.EvaluatorsNotLinked > 0 {
		later = r.T.HTML("draft.told_linked", number(p.EvaluatorsNotLinked))
	}
	open := flows.To("period.open", kindLetters[d.Kind], d.FirstDay, d.UnitID, day, releaseLetters[d.Release])
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("draft.open_title", locales.Args{"Period": draftName(r.T, d)}), c.dueLine(r, store.Period{ScoringDue: d.ScoringDue}), c.todayLine(r, day), "\n",
			r.T.HTML("period.count_people", locales.Args{"Number": r.T.Number(p.People), "Evaluators": r.T.Number(p.Evaluators)}),
			r.T.HTML("draft.told", number(p.Evaluators-p.EvaluatorsNotLinked)), c.newsLine(r), later, "\n", r.T.HTML("draft.open_sure")),
		Rows: [][]flows.Button{
			flows.Row(flows.Button{Label: r.T.Plain("draft.open_yes"), To: open, Style: flows.Danger}), back(r.T, "period.draft", d.ID),
		},
	}, nil
}

// rewrite goes back into the form with a draft; its preview then offers to keep the changes.
func (c conversation) rewrite(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	d, err := c.store.DraftFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	r.Draft[changedDraft] = strconv.FormatInt(d.ID, 10)
	return flows.Outcome{To: flows.To("period.due", kindLetters[d.Kind], d.FirstDay, d.UnitID)}, nil
}

// beingChanged is the draft with which the form was entered; the zero value for none, and for one that is gone.
func (c conversation) beingChanged(ctx context.Context, r *flows.Request) (store.DraftLine, error) {
	id, err := strconv.ParseInt(r.Draft[changedDraft], 10, 64)
	if err != nil {
		return store.DraftLine{}, nil //nolint:nilerr // none is being changed
	}
	d, err := c.readDraft(ctx, r, id)
	if errors.Is(err, store.ErrNotFound) {
		return store.DraftLine{}, nil
	}
	return d, err
}

// keepRows write down what the form says instead of opening it: as the draft that is being changed, or as one of its own.
func (c conversation) keepRows(ctx context.Context, r *flows.Request, form store.PeriodForm) ([][]flows.Button, error) {
	here := formLink(r.Args[:5])
	anew := flows.Row(flows.Button{Label: r.T.Plain("draft.keep"), To: here.to("period.keep")})
	d, err := c.beingChanged(ctx, r)
	if err != nil {
		return nil, err
	}
	if d.ID == 0 {
		return [][]flows.Button{anew}, nil
	}
	changed := flows.Row(flows.Button{Label: r.T.Plain("draft.keep_changes", locales.Args{"Period": draftName(r.T, d)}), To: here.to("period.keepas", d.ID)})
	if d.Kind == form.Kind && d.FirstDay == form.FirstDay && d.UnitID == form.UnitID {
		return [][]flows.Button{changed}, nil
	}
	return [][]flows.Button{changed, anew}, nil
}

func (c conversation) keep(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.save(ctx, r, 0)
}

func (c conversation) keepAs(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(5)
	form := *r
	form.Args = r.Args[:5]
	return c.save(ctx, &form, id)
}

// save writes the answers of the form down.
func (c conversation) save(ctx context.Context, r *flows.Request, id int64) (flows.Outcome, error) {
	form, err := c.answers(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	d, err := c.store.SaveDraft(ctx, r.Actor.PersonID, id, form)
	switch {
	case errors.Is(err, store.ErrOpened):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("period.exists"), formLink(r.Args).to("period.preview"))
	case errors.Is(err, store.ErrConflict):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("draft.another"), flows.To("period.drafts", 1))
	case err != nil:
		return flows.Outcome{}, err
	}
	delete(r.Draft, changedDraft)
	return flows.Outcome{To: flows.To("period.draft", d.ID), Toast: r.T.Plain("draft.kept")}, nil
}

// askDrop asks once more before a draft is thrown away.
func (c conversation) askDrop(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	d, err := c.readDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("draft.title", locales.Args{"Period": draftName(r.T, d)}), "\n", r.T.HTML("draft.drop_ask")),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("draft.drop_yes"), "period.dropnow", d.ID).Styled(flows.Danger)), back(r.T, "period.draft", d.ID)},
	}, nil
}

// drop throws a draft away. Of one that is not his he is told what he is told of one that is gone.
func (c conversation) drop(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	there, err := flows.To("period.drafts", 1), c.store.DiscardDraft(ctx, r.Actor.PersonID, r.Args.ID(0))
	if errors.Is(err, store.ErrNotFound) { // a second tap, or somebody else was quicker
		return flows.Outcome{To: there, Toast: r.T.Plain("draft.gone")}, nil
	}
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: there, Toast: r.T.Plain("draft.dropped")}, nil
}
