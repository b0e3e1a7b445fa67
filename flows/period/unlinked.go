package period

import (
	"context"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// unlinked lists who has no Telegram account yet.
func (c conversation) unlinked(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	_, expired, err := c.store.ExpiredCodes(ctx, r.Actor.PersonID, 0, 0)
	if err != nil {
		return flows.Screen{}, err
	}
	screen, err := c.listUnlinked(ctx, r, "admin.unlinked", c.store.NotLinked)
	if expired > 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("admin.expired", locales.Args{"Number": r.T.Number(expired)}), "admin.expired", 1)))
	}
	screen.Rows = append(screen.Rows, back(r.T, "admin.home"))
	return screen, err
}

// expired lists those of them whose code has expired.
func (c conversation) expired(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	screen, err := c.listUnlinked(ctx, r, "admin.expired", c.store.ExpiredCodes)
	screen.Rows = append(screen.Rows, back(r.T, "admin.unlinked", 1))
	return screen, err
}

type readUnlinked func(ctx context.Context, adminID int64, offset, limit int) ([]store.UnlinkedLine, int, error)

// listUnlinked draws a page of such a list, without the way back; route is also where its sentences are.
func (c conversation) listUnlinked(ctx context.Context, r *flows.Request, route string, read readUnlinked) (flows.Screen, error) {
	lines, total, page, pages, err := turn(r.Args.Int(0), listOfPeople, func(offset, limit int) ([]store.UnlinkedLine, int, error) {
		return read(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	text := []string{r.T.HTML(route+"_title", locales.Args{"Number": r.T.Number(total)}), "\n"}
	for _, l := range lines {
		text = append(text, peopleLines(r.T, []store.PersonLine{l.PersonLine})+codeOf(r, l))
	}
	if total == 0 {
		text = append(text, r.T.HTML(route+"_none"))
	} else {
		text = append(text, "\n", r.T.HTML(route+"_hint"))
	}
	return flows.Screen{Text: flows.Lines(text...), Rows: flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To(route, n) })}, nil
}

// codeOf tells of somebody's code; "" while none is known.
func codeOf(r *flows.Request, l store.UnlinkedLine) string {
	switch {
	case l.CodeUntil.IsZero():
		return ""
	case l.CodeUntil.After(r.Now):
		return r.T.HTML("admin.code_until", locales.Args{"Day": r.T.Day(l.CodeUntil)})
	default:
		return r.T.HTML("admin.code_expired", locales.Args{"Day": r.T.Day(l.CodeUntil)})
	}
}
