package period

import (
	"context"
	"errors"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// unreachableTold is how many names one message of unreachable people holds.
const unreachableTold = 5

// parked lists whose messages were given up after many tries, before they are sent again.
func (c conversation) parked(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	lines, total, page, pages, err := turn(r.Args.Int(0), listOfPeople, func(offset, limit int) ([]store.UndeliveredLine, int, error) {
		return c.store.ParkedPeople(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	title := r.T.HTML("admin.parked_title", locales.Args{"Number": r.T.Number(total)})
	if total == 0 {
		return flows.Screen{Text: flows.Lines(title, "\n", r.T.HTML("admin.sent_again_none")), Rows: [][]flows.Button{back(r.T, "admin.home")}}, nil
	}
	rows := [][]flows.Button{flows.Row(flows.Go(r.T.Plain("admin.send_again_now"), "admin.sendagain").Styled(flows.Confirm))}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("admin.parked", n) })...)
	return flows.Screen{Text: flows.Lines(title, "\n", undeliveredLines(r.T, lines)), Rows: append(rows, back(r.T, "admin.home"))}, nil
}

func undeliveredLines(t *locales.Translator, people []store.UndeliveredLine) string {
	var lines []string
	for _, p := range people {
		args := locales.Args{"Name": p.Name, "As": "", "Failed": t.Number(p.Failed), "Waiting": t.Number(p.Waiting)}
		if p.Name == "" {
			args["Name"] = t.Plain("admin.stranger")
		}
		if p.Unit != "" {
			args["As"] = ", " + p.Unit
		}
		why := countLine(t, figure{"admin.not_sent", p.Failed}, figure{"admin.not_reached", p.Waiting})
		args["Why"] = locales.HTML(why)
		lines = append(lines, t.HTML("admin.undelivered", args))
	}
	return flows.Lines(lines...)
}

// sendAgain owes again whatever was parked after many tries.
func (c conversation) sendAgain(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	n, err := c.store.OweParkedAgain(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Outcome{}, err
	}
	toast := r.T.Plain("admin.sent_again", locales.Args{"Number": r.T.Number(n)})
	if n == 0 {
		toast = r.T.Plain("admin.sent_again_none")
	}
	return flows.Outcome{To: flows.To("admin.home"), Toast: toast}, nil
}

// unreachable lists who blocked the bot or closed his account.
func (c conversation) unreachable(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	lines, total, page, pages, err := turn(r.Args.Int(0), listOfPeople, func(offset, limit int) ([]store.UnreachableLine, int, error) {
		return c.store.UnreachablePeople(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	text := flows.Lines(r.T.HTML("admin.unreachable_title", locales.Args{"Number": r.T.Number(total)}), "\n",
		c.unreachableLines(r, lines), "\n", r.T.HTML("admin.unreachable_hint"))
	if total == 0 {
		text = flows.Lines(r.T.HTML("admin.unreachable_title", locales.Args{"Number": 0}), "\n", r.T.HTML("admin.unreachable_none"))
	}
	rows := flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("admin.unreachable", n) })
	return flows.Screen{Text: text, Rows: append(rows, back(r.T, "admin.home"))}, nil
}

func (c conversation) unreachableLines(r *flows.Request, people []store.UnreachableLine) string {
	var lines []string
	for _, p := range people {
		as := ""
		if p.Unit != "" {
			as = ", " + p.Unit
		}
		lines = append(lines, r.T.HTML("admin.unreachable_person", locales.Args{"Name": p.Name, "As": as, "Day": r.T.Day(p.Since)}))
	}
	return flows.Lines(lines...)
}

// tellUnreachable is the message of the day after somebody blocked the bot. It is drawn from who cannot be reached when it goes.
func (c conversation) tellUnreachable(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	people, total, err := c.store.UnreachablePeople(ctx, r.Actor.PersonID, 0, unreachableTold)
	if errors.Is(err, store.ErrNotFound) || err == nil && total == 0 { // he administers nothing any more, or they are back
		return flows.Screen{}, false, nil
	}
	if err != nil {
		return flows.Screen{}, false, err
	}
	more := ""
	if total > len(people) {
		more = r.T.HTML("admin.unreachable_more", locales.Args{"Number": r.T.Number(total - len(people))})
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("admin.unreachable_title", locales.Args{"Number": r.T.Number(total)}), "\n",
			c.unreachableLines(r, people), more, "\n", r.T.HTML("admin.unreachable_hint")),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("admin.unreachable_list"), "admin.unreachable", 1))},
	}, true, nil
}
