package trail

import (
	"context"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// filtering reads what every page of a filter needs.
func (c conversation) filtering(ctx context.Context, r *flows.Request) (store.TrailFilter, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return store.TrailFilter{}, err
	}
	return filterOf(r)
}

// askPerson asks whose changes are looked for: those about him, and those that he made.
func (c conversation) askPerson(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	filter, err := c.filtering(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("trail.title"), "\n", r.T.HTML("trail.ask_person"))}
	if filter.PersonID != 0 {
		everybody := filter
		everybody.PersonID = 0
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: r.T.Plain("trail.everybody"), To: at(everybody, 1)}))
	}
	screen.Rows = append(screen.Rows, back(r, at(filter, 1)))
	return screen, nil
}

// find takes a part of a name or of a NIP. Who has left is found too, where nobody else is.
func (c conversation) find(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	filter, err := c.filtering(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	text := words.ShortQuery(r.Text)
	people, total, err := c.search(ctx, r, text, 0, 2)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case total == 0:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("role.nobody", locales.Args{"Text": text}), flows.To("trail.who", args(filter)...))
	case total == 1:
		filter.PersonID = people[0].PersonID
		return flows.Outcome{To: at(filter, 1)}, nil
	}
	r.Draft[personQuery] = text
	return flows.Outcome{To: flows.To("trail.found", args(filter, 1)...)}, nil
}

func (c conversation) search(ctx context.Context, r *flows.Request, text string, offset, limit int) ([]store.PersonFound, int, error) {
	people, total, err := c.store.FindPeople(ctx, r.Actor.PersonID, text, false, offset, limit)
	if err == nil && total == 0 {
		return c.store.FindPeople(ctx, r.Actor.PersonID, text, true, offset, limit)
	}
	return people, total, err
}

// found lists the people that a search has found.
func (c conversation) found(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	filter, err := c.filtering(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	text := r.Draft[personQuery]
	people, total, page, pages, err := flows.ReadPart(r.Args.Int(4), listPerPage, func(offset, limit int) ([]store.PersonFound, int, error) {
		return c.search(ctx, r, text, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("trail.title"), "\n", r.T.HTML("trail.found", locales.Args{"Text": text, "Number": r.T.Number(total)}))}
	for _, p := range people {
		one := filter
		one.PersonID = p.PersonID
		label := words.Shortened(r.T.Plain("people.line", locales.Args{"Name": p.Name, "Unit": p.Unit}), longestLabel)
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: label, To: at(one, 1)}))
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("trail.found", args(filter, n)...) })...)
	screen.Rows = append(screen.Rows, back(r, flows.To("trail.who", args(filter)...)))
	return screen, nil
}

const longestLabel = 40

// periods lists the periods to choose from.
func (c conversation) periods(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	filter, err := c.filtering(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines, _, page, pages, err := flows.ReadPart(r.Args.Int(4), listPerPage, func(offset, limit int) ([]store.PeriodLine, int, error) {
		return c.store.Periods(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	ask := "trail.ask_period"
	if len(lines) == 0 {
		ask = "trail.no_period"
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("trail.title"), "\n", r.T.HTML(ask))}
	choose := func(id int64, label string) {
		one := filter
		one.PeriodID = id
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: label, To: at(one, 1)}))
	}
	for _, l := range lines {
		choose(l.ID, words.NameOfPeriod(r.T, l.AdminPeriod))
	}
	if filter.PeriodID != 0 {
		choose(0, r.T.Plain("trail.every_period"))
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("trail.periods", args(filter, n)...) })...)
	screen.Rows = append(screen.Rows, back(r, at(filter, 1)))
	return screen, nil
}

// askDays asks from when on, or for one day that is typed.
func (c conversation) askDays(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	filter, err := c.filtering(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	ever := filter
	ever.From, ever.Until = "", ""
	choice := func(key string, days int) flows.Button {
		return flows.Button{Label: r.T.Plain(key), To: at(since(r, filter, days), 1)}
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("trail.title"), "\n", r.T.HTML("trail.ask_days", locales.Args{"Example": r.T.Day(today(r).AddDate(0, 0, -7))})),
		Rows: [][]flows.Button{
			{choice("trail.today", 0), choice("trail.week", 7)},
			{choice("trail.month", lately), {Label: r.T.Plain("trail.ever"), To: at(ever, 1)}},
			back(r, at(filter, 1)),
		},
	}, nil
}

// takeDay takes the day that was typed. It is one that is over, or today.
func (c conversation) takeDay(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	filter, err := c.filtering(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	now := store.Date(today(r).Format(time.DateOnly))
	day, ok := words.ReadPastDay(r.T, r.Text, now)
	if !ok || day > now {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("trail.no_day", locales.Args{"Example": r.T.Day(today(r).AddDate(0, 0, -7))}), flows.To("trail.when", args(filter)...))
	}
	filter.From, filter.Until = day, day
	return flows.Outcome{To: at(filter, 1)}, nil
}
