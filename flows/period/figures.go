package period

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// figuresPerRow is how many buttons with a word and a number fit beside each other.
const figuresPerRow = 2

// figures leads from each figure of the progress that is not zero to the names behind it.
func (c conversation) figures(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	p, err := c.store.ProgressOf(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Screen{}, err
	}
	unlinked, err := c.store.UnlinkedIn(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Screen{}, err
	}
	var buttons []flows.Button
	for _, f := range []struct {
		figure store.Figure
		n      int
	}{
		{store.FigureNotBegun, p.NotBegun}, {store.FigureBegun, p.Begun}, {store.FigureFinal, p.Final}, {store.FigureReleased, p.Released},
		{store.FigureUnopened, p.Released - p.Opened}, {store.FigureOpened, p.Opened}, {store.FigureRead, p.Read}, {store.FigureExcluded, p.Excluded}, {store.FigureOwed, p.Notices[store.Owed]},
		{store.FigureUnlinked, unlinked},
	} {
		if f.n > 0 {
			label := r.T.Plain("progress.people_of", locales.Args{"Figure": r.T.Plain("progress.people_" + string(f.figure)), "Number": r.T.Number(f.n)})
			buttons = append(buttons, flows.Go(label, "period.people", id, string(f.figure), 1))
		}
	}
	rows := flows.Pack(figuresPerRow, buttons...)
	if len(rows) > 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("progress.get_file"), "period.file", id)))
	}
	ask := r.T.HTML("progress.names_ask")
	if len(rows) == 0 {
		ask = r.T.HTML("progress.nobody")
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("progress.names_title", locales.Args{"Period": words.NameOfPeriod(r.T, p.AdminPeriod)}), "\n", ask),
		Rows: append(rows, back(r.T, "period.progress", id)),
	}, nil
}

// people lists who is behind one figure. What it tells of somebody's result is a look at that result, and recorded.
func (c conversation) people(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id, figure := r.Args.ID(0), r.Args.Word(1)
	var period store.AdminPeriod
	lines, total, page, pages, err := turn(r.Args.Int(2), listOfPeople, func(offset, limit int) (lines []store.FigureLine, total int, err error) {
		period, lines, total, err = c.store.PeopleIn(ctx, r.Actor.PersonID, id, store.Figure(figure), offset, limit)
		return lines, total, err
	})
	if err != nil {
		return flows.Screen{}, err
	}
	for _, l := range lines {
		if l.ResultID == 0 {
			continue
		}
		if err := c.store.Looked(ctx, r.Actor.PersonID, "result", l.ResultID); err != nil {
			return flows.Screen{}, err
		}
	}
	name := r.T.Plain("progress.people_" + figure)
	if figure == string(store.FigureOwed) { // one person may wait for several of them
		name = r.T.Plain("progress.people_waiting")
	}
	what := r.T.Plain("progress.people_of", locales.Args{"Figure": name, "Number": r.T.Number(total)})
	list := peopleLines(r.T, namesOf(lines))
	if total == 0 {
		list = r.T.HTML("progress.people_none")
	}
	rows := append(personRows(lines), flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.people", id, figure, n) })...)
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("progress.people_title", locales.Args{"What": what, "Period": words.NameOfPeriod(r.T, period)}), "\n", list),
		Rows: append(rows, back(r.T, "period.figures", id)),
	}, nil
}
