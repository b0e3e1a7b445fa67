package scoring

import (
	"context"
	"slices"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// noTeam is what an evaluator finds while no period is open: what the last one left undone, and the teams of all that are closed.
func (c conversation) noTeam(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	past, err := c.store.PastPeriodsOf(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	if len(past) == 0 {
		return c.neverTeam(ctx, r)
	}
	said, err := c.closedLines(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	kept := r.T.HTML("scoring.past_still")
	if said == "" {
		kept = r.T.HTML("scoring.past_kept", locales.Args{"Period": words.PeriodName(r.T, past[0].Kind, past[0].FirstDay)})
	}
	screen, err := c.pastPeriods(ctx, r, past, r.Args.Int(0), "score.team")
	screen.Text = flows.Lines(r.T.HTML("scoring.team_title"), "\n", said, kept)
	screen.Rows = append(screen.Rows, plansRow(r), backTo(r, "menu"))
	return screen, err
}

// plansRow leads to the results of one's people of their own, which are set in January, before any period is open (art. 14(1)).
func plansRow(r *flows.Request) []flows.Button {
	return flows.Row(flows.Go(r.T.Plain("skp.on_person"), "skp.team", 1))
}

// neverTeam tells who has not evaluated anybody yet whether he will.
func (c conversation) neverTeam(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	leads, err := c.store.Leads(ctx, r.Actor.PersonID)
	sentence := "scoring.team_none"
	var rows [][]flows.Button
	if leads {
		sentence, rows = "scoring.team_empty", [][]flows.Button{plansRow(r)}
	}
	return flows.Screen{Text: flows.Lines(r.T.HTML("scoring.team_title"), "\n", r.T.HTML(sentence)), Rows: append(rows, backTo(r, "menu"))}, err
}

// pasts is the list of the closed periods, for who has an open one too.
func (c conversation) pasts(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	past, err := c.store.PastPeriodsOf(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	screen, err := c.pastPeriods(ctx, r, past, r.Args.Int(0), "score.pasts")
	screen.Text = flows.Lines(r.T.HTML("scoring.past_title"), "\n", r.T.HTML("scoring.past_choose"))
	if len(past) == 0 {
		screen.Text = flows.Lines(r.T.HTML("scoring.past_title"), "\n", r.T.HTML("scoring.past_none"))
	}
	screen.Rows = append(screen.Rows, backTo(r, "score.team", 1))
	return screen, err
}

// pastPeriods are the buttons to closed periods, and to the follow-ups that are not done.
func (c conversation) pastPeriods(ctx context.Context, r *flows.Request, past []store.PastPeriod, page int, route string) (flows.Screen, error) {
	pages := max(1, (len(past)+perPage-1)/perPage)
	page = max(1, min(page, pages))
	var rows [][]flows.Button
	for _, p := range past[(page-1)*perPage : min(page*perPage, len(past))] {
		label := r.T.Plain("scoring.past_period", locales.Args{"Period": words.PeriodName(r.T, p.Kind, p.FirstDay), "Done": p.Final, "All": p.All})
		rows = append(rows, flows.Row(flows.Go(label, "score.past", p.PeriodID, 1)))
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To(route, n) })...)
	followUps, err := c.followUpsRow(ctx, r)
	return flows.Screen{Rows: append(followUps, rows...)}, err
}

// withPast adds the way to the closed periods beside the way back, where there are any.
func (c conversation) withPast(ctx context.Context, r *flows.Request, back []flows.Button) ([]flows.Button, error) {
	past, err := c.store.PastPeriodsOf(ctx, r.Actor.PersonID)
	if len(past) > 0 {
		back = append(slices.Clone(back), flows.Go(r.T.Plain("scoring.pasts"), "score.pasts", 1))
	}
	return back, err
}

// past is a page of the people of a closed period, to be read.
func (c conversation) past(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	members, err := c.store.TeamThen(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	if len(members) == 0 {
		return flows.Screen{}, store.ErrNotFound
	}
	return c.pastTeam(ctx, r, members, r.Args.Int(1))
}

// pastWith is the list of the closed period in which somebody is found: see teamWith.
func (c conversation) pastWith(ctx context.Context, r *flows.Request, found func(m store.TeamMember, n int) (page int, found bool)) (flows.Screen, error) {
	past, err := c.store.PastPeriodsOf(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	for _, p := range past {
		members, err := c.store.TeamThen(ctx, r.Actor.PersonID, p.PeriodID)
		if err != nil {
			return flows.Screen{}, err
		}
		for n, m := range members {
			if page, ok := found(m, n); ok {
				return c.pastTeam(ctx, r, members, page)
			}
		}
	}
	at := *r
	at.Args = flows.Args{"1"}
	return c.team(ctx, &at)
}

func (c conversation) pastTeam(ctx context.Context, r *flows.Request, members []store.TeamMember, page int) (flows.Screen, error) {
	first := members[0]
	pages := (len(members) + perPage - 1) / perPage
	page = max(1, min(page, pages))
	start := (page - 1) * perPage
	shown := members[start:min(start+perPage, len(members))]
	finished := finishedOf(members)
	lines := []string{r.T.HTML("scoring.team_heading", locales.Args{"Period": words.PeriodName(r.T, first.PeriodKind, first.FirstDay)}),
		r.T.HTML("scoring.team_progress", locales.Args{"Bar": flows.Bar(finished, len(members)), "Done": finished, "All": len(members)}),
		r.T.HTML("scoring.past_closed"), "\n"}
	people, err := c.teamLines(ctx, r, shown, start, leftUnset)
	if err != nil {
		return flows.Screen{}, err
	}
	rows := append(peopleRows(shown, start), flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("score.past", first.PeriodID, n) })...)
	_, open, err := c.store.ToScore(ctx, r.Actor.PersonID)
	list := "score.pasts"
	if open == 0 { // the closed periods are his first page
		list = "score.team"
	}
	return flows.Screen{Text: flows.Lines(append(lines, people...)...), Rows: append(rows, backTo(r, list, 1))}, err
}

// leftUnset says of what was begun in a closed period that it led to no result.
func leftUnset(_ context.Context, r *flows.Request, _ store.TeamMember) (string, error) {
	return r.T.Plain("scoring.lacks_set"), nil
}
