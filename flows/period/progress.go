package period

import (
	"context"
	"slices"
	"strings"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const evaluatorsShown = 8 // on a page

// progress is how far a period is.
func (c conversation) progress(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	p, err := c.store.ProgressOf(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Screen{}, err
	}
	if p.State == store.PeriodOpening {
		return c.opening(ctx, r)
	}
	list, err := c.reminding(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	extended, err := c.extendedLine(ctx, r, p.Period)
	if err != nil {
		return flows.Screen{}, err
	}
	units, err := c.store.PerformancesOf(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Screen{}, err
	}
	title := r.T.HTML("progress.title", locales.Args{"Period": words.NameOfPeriod(r.T, p.AdminPeriod)})
	screen := flows.Screen{Text: flows.Lines(title, c.stageLine(r, p), extended, "\n", c.countLines(r, p), list.noneLine(r.T))}
	screen.Rows = append(screen.Rows,
		flows.Row(flows.Go(r.T.Plain("progress.by_unit"), "period.byunit", id, 0, 1, 0), flows.Go(r.T.Plain("progress.names"), "period.figures", id)),
		flows.Row(flows.Go(r.T.Plain("assign.open"), "assign.people", id, "all", 1), flows.Go(r.T.Plain("progress.reload"), "period.progress", id)))
	screen.Rows = append(screen.Rows, troubleRow(r.T, p)...)
	screen.Rows = append(screen.Rows, list.row(r)...)
	screen.Rows = append(screen.Rows, performanceRow(r.T, units)...)
	screen.Rows = append(screen.Rows, c.moveRows(r, p)...)
	screen.Rows = append(screen.Rows, back(r.T, "admin.home"))
	return screen, nil
}

// moveRows are what who manages a period may do with the whole of it now.
func (c conversation) moveRows(r *flows.Request, p store.Progress) [][]flows.Button {
	var rows [][]flows.Button
	if c.may(r, p.AdminPeriod, store.MovePublish) && p.Final > 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("progress.publish"), "period.publish", p.ID)))
	}
	var row []flows.Button
	if c.may(r, p.AdminPeriod, store.MoveExtend) {
		row = append(row, flows.Go(r.T.Plain("extend.button"), "period.extend", p.ID))
	}
	if c.may(r, p.AdminPeriod, store.MoveClose) {
		row = append(row, flows.Go(r.T.Plain("progress.close"), "period.close", p.ID))
	}
	if row != nil {
		rows = append(rows, row)
	}
	return append(rows, c.archiveRows(r, p.AdminPeriod)...)
}

// performanceRow leads to the organisation performance of a period; none where nobody of the administrator's units leads one.
func performanceRow(t *locales.Translator, p store.Performances) [][]flows.Button {
	if len(p.Units)+len(p.Nobody) == 0 {
		return nil
	}
	label := t.Plain("performance.button", locales.Args{"Done": t.Number(p.Entered()), "All": t.Number(len(p.Units))})
	return [][]flows.Button{flows.Row(flows.Go(label, "performance.list", p.ID, 1))}
}

// troubleRow leads to the names behind the figures that need somebody; none when all is well.
func troubleRow(t *locales.Translator, p store.Progress) [][]flows.Button {
	var row []flows.Button
	if p.NoEvaluator > 0 {
		row = append(row, flows.Go(t.Plain("progress.see_alone", locales.Args{"Number": t.Number(p.NoEvaluator)}), "period.alone", p.ID, 1))
	}
	if p.Notices[store.Failed]+p.Notices[store.Unreachable] > 0 {
		row = append(row, flows.Go(t.Plain("progress.see_undelivered"), "period.undelivered", p.ID, 1))
	}
	if row == nil {
		return nil
	}
	return [][]flows.Button{row}
}

// alone lists who has nobody to evaluate him.
func (c conversation) alone(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	var period store.AdminPeriod
	lines, total, page, pages, err := turn(r.Args.Int(1), listOfPeople, func(offset, limit int) (lines []store.FigureLine, total int, err error) {
		period, lines, total, err = c.store.WithoutEvaluator(ctx, r.Actor.PersonID, id, offset, limit)
		return lines, total, err
	})
	if err != nil {
		return flows.Screen{}, err
	}
	text := []string{r.T.HTML("progress.alone_title", locales.Args{"Period": words.NameOfPeriod(r.T, period)}), "\n"}
	if total == 0 {
		text = append(text, r.T.HTML("progress.alone_none"))
	} else {
		text = append(text, peopleLines(r.T, namesOf(lines)), "\n", r.T.HTML("progress.alone_hint"))
	}
	rows := append(personRows(lines), flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.alone", id, n) })...)
	return flows.Screen{Text: flows.Lines(text...), Rows: append(rows, back(r.T, "period.progress", id))}, nil
}

// undelivered lists whom messages of the period have not reached.
func (c conversation) undelivered(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	var period store.AdminPeriod
	lines, total, page, pages, err := turn(r.Args.Int(1), listOfPeople, func(offset, limit int) (lines []store.UndeliveredLine, total int, err error) {
		period, lines, total, err = c.store.UndeliveredIn(ctx, r.Actor.PersonID, id, offset, limit)
		return lines, total, err
	})
	if err != nil {
		return flows.Screen{}, err
	}
	text := []string{r.T.HTML("progress.undelivered_title", locales.Args{"Period": words.NameOfPeriod(r.T, period), "Number": r.T.Number(total)}), "\n"}
	if total == 0 {
		text = append(text, r.T.HTML("progress.undelivered_none"))
	} else {
		text = append(text, undeliveredLines(r.T, lines), "\n", r.T.HTML("progress.undelivered_hint"))
	}
	rows := flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.undelivered", id, n) })
	return flows.Screen{Text: flows.Lines(text...), Rows: append(rows, back(r.T, "period.progress", id))}, nil
}

// publishable reports whether the results of a period wait for an administrator to publish them.
func (c conversation) publishable(r *flows.Request, p store.Period) bool {
	return p.May(store.MovePublish, r.Now)
}

func (c conversation) countLines(r *flows.Request, p store.Progress) string {
	lines := []string{
		barLine(r.T, p.Counts),
		joined(figure{"progress.not_begun", p.NotBegun}.told(r.T, p.NotBegunAlone), figure{"progress.begun", p.Begun}.told(r.T, p.NoEvaluator-p.NotBegunAlone),
			figure{"progress.final", p.Final}.told(r.T, 0), figure{"progress.excluded", p.Excluded}.told(r.T, 0)),
		countLine(r.T, figure{"progress.released", p.Released}, figure{"progress.opened", p.Opened}, figure{"progress.read", p.Read}),
		countLine(r.T, figure{"progress.owed", p.Notices[store.Owed]}, figure{"progress.failed", p.Notices[store.Failed]},
			figure{"progress.unreachable", p.Notices[store.Unreachable]}),
	}
	if c.publishable(r, p.Period) {
		lines = append(lines, r.T.HTML("progress.not_published"))
	}
	return flows.Lines(lines...)
}

// figure is a number with the sentence that tells it.
type figure struct {
	sentence string
	n        int
}

// told writes a figure, and how many of those whom it counts have nobody to evaluate them; "" for zero.
func (f figure) told(t *locales.Translator, alone int) string {
	if f.n == 0 {
		return ""
	}
	number := t.Number(f.n)
	if alone > 0 {
		number = t.Plain("progress.including_alone", locales.Args{"Number": number, "Alone": t.Number(alone)})
	}
	return t.HTML(f.sentence, locales.Args{"Number": number})
}

// countLine tells the figures of a line that are not zero; "" when all are.
func countLine(t *locales.Translator, figures ...figure) string {
	told := make([]string, 0, len(figures))
	for _, f := range figures {
		told = append(told, f.told(t, 0))
	}
	return joined(told...)
}

// joined is a line of parts, without those that are empty.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " · ")
}

func barLine(t *locales.Translator, c store.Counts) string {
	return t.HTML("progress.bar", locales.Args{"Bar": flows.Bar(c.Final, c.Total), "Done": t.Number(c.Final), "All": t.Number(c.Total)})
}

// unit lists the evaluators of one unit, the one furthest behind first.
func (c conversation) unit(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id, unitID := r.Args.ID(0), r.Args.ID(1)
	p, unit, evaluators, err := c.store.EvaluatorsOf(ctx, r.Actor.PersonID, id, unitID)
	if err != nil {
		return flows.Screen{}, err
	}
	page, pages, start, end := part(r.Args.Int(2), len(evaluators), evaluatorsShown)
	lines := []string{r.T.HTML("progress.unit_title", locales.Args{"Unit": unit.Name, "Period": words.PeriodName(r.T, p.Kind, p.FirstDay)}), "\n"}
	if len(evaluators) == 0 {
		lines = append(lines, r.T.HTML("progress.nobody"))
	}
	for _, e := range evaluators[start:end] {
		key := "progress.evaluator"
		switch {
		case e.EvaluatorID == 0:
			key = "progress.evaluator_none"
		case e.Final == e.Total:
			key = "progress.evaluator_done"
		case !e.Linked:
			key = "progress.evaluator_unlinked"
		}
		lines = append(lines, r.T.HTML(key, locales.Args{"Name": e.Name, "Done": e.Final, "All": e.Total}))
	}
	rows := append(evaluatorRows(evaluators[start:end], id), flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.unit", id, unitID, n, r.Args.Int(3)) })...)
	units, err := c.store.UnitsOf(ctx, r.Actor.PersonID, id)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backButton(r.T, branchOf(units, unitID, r.Args.Int(3))))}, err
}
