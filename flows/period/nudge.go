package period

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// askNudge lists who is late, those first whom a reminder would reach, and says how many would go out. Each number leads to one of them.
func (c conversation) askNudge(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	p, late, err := c.lateIn(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	reachable := reachableIn(late, 0)
	intro := r.T.HTML("progress.nudge_to", locales.Args{"Number": r.T.Number(reachable)})
	if reachable == 0 {
		intro = r.T.HTML("progress.nudge_nobody")
	}
	lines := []string{r.T.HTML("progress.nudge_title", locales.Args{"Period": words.NameOfPeriod(r.T, p)}), intro, "\n"}
	page, pages, start, end := part(r.Args.Int(1), len(late), evaluatorsShown)
	var numbers []flows.Button
	for n, l := range late[start:end] {
		number := strconv.Itoa(start + n + 1)
		lines = append(lines, r.T.HTML("progress.nudge_line", locales.Args{"Number": number, "Late": lateLine(r, l)}))
		numbers = append(numbers, flows.Go(number, "period.nudgeone", id, l.EvaluatorID))
	}
	var rows [][]flows.Button
	if reachable > 0 {
		lines = append(lines, c.morningLine(r))
		label := r.T.Plain("progress.nudge_send", locales.Args{"Number": r.T.Number(reachable)})
		rows = append(rows, flows.Row(flows.Go(label, "period.sendnudge", id).Styled(flows.Confirm)))
	}
	for row := range slices.Chunk(numbers, evaluatorsShown/2) {
		rows = append(rows, row)
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.nudge", id, n) })...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back(r.T, "period.progress", id))}, nil
}

// lateIn lists who is late in the period of the first argument: whom a reminder would reach, then who had one today, then who has no account.
func (c conversation) lateIn(ctx context.Context, r *flows.Request) (store.AdminPeriod, []store.Late, error) {
	p, late, err := c.store.LateIn(ctx, r.Actor.PersonID, r.Args.ID(0), c.today(r))
	rank := func(l store.Late) int {
		switch {
		case l.Reachable():
			return 0
		case l.Linked:
			return 1
		default:
			return 2
		}
	}
	slices.SortStableFunc(late, func(a, b store.Late) int { return rank(a) - rank(b) })
	return p, late, err
}

// reachableIn counts whom a reminder would reach, without one.
func reachableIn(late []store.Late, but int64) int {
	n := 0
	for _, l := range late {
		if l.Reachable() && l.EvaluatorID != but {
			n++
		}
	}
	return n
}

// lateLine is one evaluator with what he has left, and why he gets no reminder now.
func lateLine(r *flows.Request, l store.Late) string {
	key := "progress.nudge_one"
	switch {
	case !l.Linked:
		key = "progress.nudge_one_unlinked"
	case l.Nudged:
		key = "progress.nudge_one_already"
	}
	return r.T.Plain(key, locales.Args{"Name": l.Name, "Left": l.Left})
}

// morningLine says when a reminder goes out that may not at once; "" when it may.
func (c conversation) morningLine(r *flows.Request) string {
	due := c.allowed(r.Now)
	if !due.After(r.Now) {
		return ""
	}
	return r.T.HTML("progress.nudge_morning", locales.Args{"Moment": r.T.LongMoment(due)})
}

// askNudgeOne is one evaluator who is late. Who is done meanwhile, is somebody else's or does not exist looks the same.
func (c conversation) askNudgeOne(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id, evaluator := r.Args.ID(0), r.Args.ID(1)
	p, late, err := c.lateIn(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at := slices.IndexFunc(late, func(l store.Late) bool { return l.EvaluatorID == evaluator })
	if at < 0 {
		return flows.Screen{}, flows.Refuse(r.T.Plain("progress.nudge_gone"), flows.To("period.nudge", id, 1))
	}
	lines := []string{r.T.HTML("progress.nudge_title", locales.Args{"Period": words.NameOfPeriod(r.T, p)}), "\n", locales.Escape(lateLine(r, late[at]))}
	var rows [][]flows.Button
	if late[at].Reachable() {
		lines = append(lines, c.morningLine(r))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("progress.nudge_only"), "period.nudgeonly", id, evaluator).Styled(flows.Confirm)))
		if others := reachableIn(late, evaluator); others > 0 {
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("progress.nudge_but", locales.Args{"Number": r.T.Number(others)}), "period.nudgebut", id, evaluator)))
		}
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back(r.T, "period.nudge", id, 1))}, nil
}

func (c conversation) nudge(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.remind(ctx, r, store.Nudged{}, flows.To("period.progress", r.Args.ID(0)))
}

func (c conversation) nudgeOnly(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.remind(ctx, r, store.Nudged{Only: r.Args.ID(1)}, flows.To("period.nudge", r.Args.ID(0), 1))
}

func (c conversation) nudgeBut(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.remind(ctx, r, store.Nudged{But: r.Args.ID(1)}, flows.To("period.nudge", r.Args.ID(0), 1))
}

// remind owes the reminders and says how many are new.
func (c conversation) remind(ctx context.Context, r *flows.Request, whom store.Nudged, to flows.Link) (flows.Outcome, error) {
	n, err := c.store.Nudge(ctx, r.Actor.PersonID, r.Args.ID(0), whom, c.today(r), c.allowed(r.Now))
	switch {
	case errors.Is(err, store.ErrClosed):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("progress.not_open"), flows.To("period.progress", r.Args.ID(0)))
	case err != nil:
		return flows.Outcome{}, err
	case n == 0:
		return flows.Outcome{To: to, Toast: r.T.Plain("progress.nudged_none")}, nil
	}
	return flows.Outcome{To: to, Toast: r.T.Plain("progress.nudged", locales.Args{"Number": r.T.Number(n)})}, nil
}
