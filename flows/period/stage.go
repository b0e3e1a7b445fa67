package period

import (
	"context"
	"errors"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// stageOf is where a period stands now.
func (c conversation) stageOf(r *flows.Request, p store.Period) store.Stage {
	return c.calendar.Stage(p, r.Now)
}

// stageWords tells in words where a period stands, with the next date.
func (c conversation) stageWords(r *flows.Request, p store.Period) string {
	stage := c.stageOf(r, p)
	args := locales.Args{"Due": words.Day(r.T, c.calendar.Date(p.ScoringDue)), "Until": words.Day(r.T, c.calendar.Date(c.calendar.SuperiorsUntil(p.ScoringDue)))}
	for name, at := range map[string]*time.Time{"Closed": p.ClosedAt, "Published": p.PublishedAt, "Archived": p.ArchivedAt} {
		if at != nil {
			args[name] = words.Day(r.T, c.calendar.Date(*at))
		}
	}
	return r.T.Plain("periodstate.is_"+string(stage), args)
}

// stageLine is the second line of a period's pages: its deadline with the hour while it runs, else where it stands, and whose right it is then.
func (c conversation) stageLine(r *flows.Request, p store.Progress) string {
	switch stage := c.stageOf(r, p.Period); {
	case stage == store.StageOpen || stage == store.StageOpening:
		return c.dueLine(r, p.Period)
	case stage == store.StageClosed && p.ClosedAt != nil:
		return r.T.HTML("progress.closed", locales.Args{"Moment": r.T.Moment(*p.ClosedAt)})
	case (stage == store.StageSuperiors || stage == store.StageEvaluated) && p.Final < p.Total:
		return flows.Lines(r.T.HTML("periodstate.line", locales.Args{"Stage": c.stageWords(r, p.Period)}),
			r.T.HTML("periodstate.left_"+string(stage), locales.Args{"Left": r.T.Number(p.Total - p.Final)}))
	default:
		return r.T.HTML("periodstate.line", locales.Args{"Stage": c.stageWords(r, p.Period)})
	}
}

// stageLines tell of the periods of a list where each stands.
func (c conversation) stageLines(r *flows.Request, lines []store.PeriodLine) string {
	told := make([]string, 0, len(lines))
	for _, l := range lines {
		told = append(told, r.T.HTML("periodstate.of", locales.Args{"Period": words.NameOfPeriod(r.T, l.AdminPeriod), "Stage": c.stageWords(r, l.Period)}))
	}
	return flows.Lines(told...)
}

// may reports whether a person's buttons offer a move of a period.
func (c conversation) may(r *flows.Request, p store.AdminPeriod, move store.Move) bool {
	return p.Manages && p.May(move, r.Now)
}

// archiveRows lead into the archive or out of it; none for what is not closed.
func (c conversation) archiveRows(r *flows.Request, p store.AdminPeriod) [][]flows.Button {
	switch {
	case c.may(r, p, store.MoveArchive):
		return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("periodstate.archive"), "period.archive", p.ID))}
	case c.may(r, p, store.MoveRestore):
		return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("periodstate.restore"), "period.restore", p.ID))}
	default:
		return nil
	}
}

// archives lists the periods in the archive.
func (c conversation) archives(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	lines, total, page, pages, err := turn(r.Args.Int(0), listPeriods, func(offset, limit int) ([]store.PeriodLine, int, error) {
		return c.store.ArchivedPeriods(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	what := c.stageLines(r, lines)
	if total == 0 {
		what = r.T.HTML("periodstate.archives_none")
	}
	rows := append(c.periodRows(r, lines), flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.archives", n) })...)
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("periodstate.archives_title", locales.Args{"Number": r.T.Number(total)}), "\n", what),
		Rows: append(rows, back(r.T, "period.home", 1)),
	}, nil
}

// aside leads from the list of all periods to what stands in no list of what goes on: drafts and the archive.
func (c conversation) aside(ctx context.Context, r *flows.Request) ([]flows.Button, error) {
	_, drafts, err := c.store.Drafts(ctx, r.Actor.PersonID, 0, 1)
	if err != nil {
		return nil, err
	}
	_, archived, err := c.store.ArchivedPeriods(ctx, r.Actor.PersonID, 0, 1)
	var row []flows.Button
	if drafts > 0 {
		row = append(row, flows.Go(r.T.Plain("draft.all", locales.Args{"Number": r.T.Number(drafts)}), "period.drafts", 1))
	}
	if archived > 0 {
		row = append(row, flows.Go(r.T.Plain("periodstate.archives", locales.Args{"Number": r.T.Number(archived)}), "period.archives", 1))
	}
	return row, err
}

// askArchive says what archiving means before it is done. It can be undone.
func (c conversation) askArchive(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	p, err := c.store.ProgressOf(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Screen{}, err
	}
	if !p.Manages {
		return flows.Screen{}, store.ErrNotFound
	}
	if !c.may(r, p.AdminPeriod, store.MoveArchive) {
		return flows.Screen{}, flows.Refuse(r.T.Plain("periodstate.not_closed"), flows.To("period.progress", id))
	}
	unread := ""
	if n := p.Released - p.Opened; n > 0 {
		unread = r.T.HTML("periodstate.archive_unopened", locales.Args{"Number": r.T.Number(n)})
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("periodstate.archive_title", locales.Args{"Period": words.NameOfPeriod(r.T, p.AdminPeriod)}), c.stageLine(r, p), "\n",
			r.T.HTML("periodstate.archive_ask"), unread),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("periodstate.archive_yes"), "period.archivenow", id).Styled(flows.Confirm)), back(r.T, "period.progress", id)},
	}, nil
}

func (c conversation) archive(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	there := flows.To("period.progress", r.Args.ID(0))
	p, err := c.store.PeriodFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	err = c.store.ArchivePeriod(ctx, r.Actor.PersonID, p.ID, c.calendar.ObjectionsSince(r.Now, p.ObjectionDays))
	return c.moved(r, err, there, "periodstate.archived")
}

func (c conversation) restore(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	err := c.store.RestorePeriod(ctx, r.Actor.PersonID, r.Args.ID(0))
	return c.moved(r, err, flows.To("period.progress", r.Args.ID(0)), "periodstate.restored")
}

// moved is what a move leads to, or why it was refused.
func (c conversation) moved(r *flows.Request, err error, there flows.Link, done string) (flows.Outcome, error) {
	why := ""
	switch {
	case err == nil:
		return flows.Outcome{To: there, Toast: r.T.Plain(done)}, nil
	case errors.Is(err, store.ErrObjectable):
		why = "periodstate.objectable"
	case errors.Is(err, store.ErrReopened):
		why = "periodstate.reopened"
	case errors.Is(err, store.ErrUnpublished):
		why = "periodstate.unpublished"
	case errors.Is(err, store.ErrConflict):
		why = "periodstate.not_closed"
	default:
		return flows.Outcome{}, err
	}
	return flows.Outcome{}, flows.Refuse(r.T.Plain(why), there)
}
