package period

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// numbersPerRow is how many people stand beside each other, by their numbers.
const numbersPerRow = 4

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
	if err != nil {
		return flows.Screen{}, err
	}
	printing, err := c.printRows(ctx, r)
	screen.Rows = append(screen.Rows, printing...)
	if expired > 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("admin.expired", locales.Args{"Number": r.T.Number(expired)}), "admin.expired", 1)))
	}
	screen.Rows = append(screen.Rows, back(r.T, "people.home"))
	return screen, err
}

// printRows lead to the invitations on paper; empty when everybody is linked.
func (c conversation) printRows(ctx context.Context, r *flows.Request) ([][]flows.Button, error) {
	plan, err := c.store.PlanPrinting(ctx, r.Actor.PersonID, store.Printing{})
	switch {
	case err != nil || plan.Fresh()+plan.Holding()+plan.Beyond == 0:
		return nil, err
	case plan.Fresh() == 0:
		return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("admin.print_again"), "invite.unit", 0))}, nil
	}
	label := r.T.Plain("admin.print_invitations", locales.Args{"Number": r.T.Number(plan.Fresh())})
	return [][]flows.Button{flows.Row(flows.Go(label, "invite.unit", 0).Styled(flows.Confirm))}, nil
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

// listUnlinked draws a page of such a list, each line leading to the person, without the way back; route is also where its sentences are.
func (c conversation) listUnlinked(ctx context.Context, r *flows.Request, route string, read readUnlinked) (flows.Screen, error) {
	lines, total, page, pages, err := turn(r.Args.Int(0), listOfPeople, func(offset, limit int) ([]store.UnlinkedLine, int, error) {
		return read(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	text := []string{r.T.HTML(route+"_title", locales.Args{"Number": r.T.Number(total)}), "\n"}
	var numbers []flows.Button
	for n, l := range lines {
		line := strings.TrimPrefix(peopleLines(r.T, []store.PersonLine{l.PersonLine}), "•")
		text = append(text, strconv.Itoa(n+1)+"."+line+codeOf(r, l))
		numbers = append(numbers, flows.Go(strconv.Itoa(n+1), "people.show", l.PersonID))
	}
	if total == 0 {
		text = append(text, r.T.HTML(route+"_none"))
	} else {
		text = append(text, "\n", r.T.HTML(route+"_hint"))
	}
	screen := flows.Screen{Text: flows.Lines(text...), Rows: slices.Collect(slices.Chunk(numbers, numbersPerRow))}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To(route, n) })...)
	return screen, nil
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
