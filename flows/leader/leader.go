// Package leader is what a Pimpinan reads, and the Kepala Daerah: how the periods go in the own units, in figures without anybody's name.
package leader

import (
	"context"
	"slices"
	"strings"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the conversation needs of the records. Every method answers for the units of the leader only.
type Store interface {
	LeaderScope(ctx context.Context, personID int64) (store.Scope, error)
	LedPeriods(ctx context.Context, leaderID int64, offset, limit int) ([]store.PeriodLine, int, error)
	AchievementOf(ctx context.Context, leaderID, periodID, unitID int64) (store.Achievement, error)
}

type conversation struct {
	store    Store
	calendar rules.Calendar
}

// Register adds the conversation to the engine.
func Register(e *flows.Engine, s Store, calendar rules.Calendar) {
	c := conversation{store: s, calendar: calendar}
	e.Page("leader.home", "n", c.home)
	e.Page("leader.period", "id unit n", c.period) // the unit whose figures are shown, 0 for all that he leads; the page of its parts
	e.Command(flows.To("leader.home", 1), "laporan", "report")
}

// MenuEntry is shown to leaders.
func MenuEntry(s Store) account.MenuEntry {
	return account.MenuEntry{To: flows.To("leader.home", 1), Command: "report", Help: "help.leader", Draw: func(ctx context.Context, r *flows.Request) (account.MenuLine, error) {
		scope, err := s.LeaderScope(ctx, r.Actor.PersonID)
		if err != nil || scope.None() {
			return account.MenuLine{}, err
		}
		return account.MenuLine{Label: r.T.Plain("menu.leader")}, nil
	}}
}

const (
	periodsPerPage = 6
	partsPerPage   = 5
	nameOnButton   = 40 // characters
)

// leading refuses whoever leads nothing.
func (c conversation) leading(ctx context.Context, r *flows.Request) error {
	scope, err := c.store.LeaderScope(ctx, r.Actor.PersonID)
	if err == nil && scope.None() {
		err = flows.Refuse(r.T.Plain("leader.only"), flows.To("menu"))
	}
	return err
}

// home lists the periods, the newest first.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if err := c.leading(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	lines, total, page, pages, err := flows.ReadPart(r.Args.Int(0), periodsPerPage, func(offset, limit int) ([]store.PeriodLine, int, error) {
		return c.store.LedPeriods(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	ask := r.T.HTML("leader.choose")
	if total == 0 {
		ask = r.T.HTML("leader.no_period")
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("leader.title"), "\n", ask)}
	for _, l := range lines {
		key := "leader.line_open"
		switch stage := c.calendar.Stage(l.Period, r.Now); {
		case l.ClosedAt != nil:
			key = "leader.line_closed"
		case stage == store.StageSuperiors || stage == store.StageEvaluated:
			key = "leader.line_late"
		}
		label := r.T.Plain(key, locales.Args{"Period": words.NameOfPeriod(r.T, l.AdminPeriod), "Done": r.T.Number(l.Final), "All": r.T.Number(l.Total)})
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(label, "leader.period", l.ID, 0, 1)))
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("leader.home", n) })...)
	screen.Rows = append(screen.Rows, back(r, flows.To("menu")))
	return screen, nil
}

func back(r *flows.Request, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

// period tells how a period goes in a unit, and leads to the units below it.
func (c conversation) period(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if err := c.leading(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	scope, err := c.store.LeaderScope(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	at := r.Args.ID(1)
	if at == 0 {
		at = scope.Start()
	}
	a, err := c.store.AchievementOf(ctx, r.Actor.PersonID, r.Args.ID(0), at)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{
		r.T.HTML("leader.period_title", locales.Args{"Period": words.NameOfPeriod(r.T, a.AdminPeriod)}),
		r.T.HTML("leader.unit", locales.Args{"Unit": unitName(r, scope, at)}),
		r.T.HTML("leader.done", locales.Args{"Bar": flows.Bar(a.Final, a.Total), "Done": r.T.Number(a.Final), "All": r.T.Number(a.Total)}),
		c.timeLine(r, a),
	}
	if len(a.Parts) > 0 && a.Own.Total > 0 {
		lines = append(lines, r.T.HTML("leader.own", locales.Args{"Done": r.T.Number(a.Own.Final), "All": r.T.Number(a.Own.Total)}))
	}
	lines = append(lines, spread(r, a)...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(c.partRows(r, a), back(r, c.above(a)))}, nil
}

// unitName is what the figures are about.
func unitName(r *flows.Request, scope store.Scope, unit int64) string {
	switch {
	case unit != 0:
		return scope.Name(unit)
	case scope.City():
		return r.T.Plain("leader.city")
	default:
		return r.T.Plain("leader.all_units")
	}
}

// timeLine tells how many were evaluated by the deadline, and the deadline while it is to come.
func (c conversation) timeLine(r *flows.Request, a store.Achievement) string {
	text := r.T.HTML("leader.on_time", locales.Args{"Number": r.T.Number(a.OnTime), "Late": r.T.Number(a.Final - a.OnTime)})
	if a.ClosedAt == nil && r.Now.Before(a.ScoringDue) {
		text = flows.Lines(text, r.T.HTML("period.deadline", locales.Args{"Deadline": words.Deadline(r.T, c.calendar, r.Now, a.ScoringDue)}))
	}
	return text
}

// predicates are all there are, best first.
func predicates() []store.Predicate {
	return []store.Predicate{store.VeryGood, store.Good, store.NeedsImprovement, store.Poor, store.VeryPoor}
}

// spread tells how many have which predicate, without what would tell it of few; nothing for a part of what he leads.
func spread(r *flows.Request, a store.Achievement) []string {
	switch {
	case a.Spread == nil && !a.Settled() && a.Widest():
		return []string{"\n", r.T.HTML("leader.spread_later")}
	case a.Spread == nil || a.Final == 0:
		return nil
	}
	counts := make([]int, 0, len(predicates()))
	for _, p := range predicates() {
		counts = append(counts, a.Spread[p])
	}
	var told []string
	hidden := false
	for i, shown := range rules.Suppress(counts, rules.SmallestGroup) {
		number := r.T.Number(counts[i])
		if !shown {
			number, hidden = r.T.Plain("leader.hidden"), true
		}
		told = append(told, r.T.HTML("leader.predicate", locales.Args{"Predicate": words.Predicate(r.T, predicates()[i]), "Number": number}))
	}
	lines := []string{"\n", r.T.HTML("leader.spread")}
	for pair := range slices.Chunk(told, 2) {
		lines = append(lines, "• "+strings.Join(pair, " · "))
	}
	if hidden {
		lines = append(lines, r.T.HTML("leader.hidden_why", locales.Args{"Least": rules.SmallestGroup}))
	}
	return lines
}

// partRows is a button for each unit directly below, the one furthest behind first.
func (c conversation) partRows(r *flows.Request, a store.Achievement) [][]flows.Button {
	page, pages, start, end := flows.Part(r.Args.Int(2), len(a.Parts), partsPerPage)
	var rows [][]flows.Button
	for _, p := range a.Parts[start:end] {
		label := r.T.Plain("leader.part", locales.Args{"Unit": words.Shortened(p.Name, nameOnButton), "Done": r.T.Number(p.Final), "All": r.T.Number(p.Total)})
		rows = append(rows, flows.Row(flows.Go(label, "leader.period", a.ID, p.UnitID, 1)))
	}
	return append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("leader.period", a.ID, a.UnitID, n) })...)
}

// above is where the figures were opened from.
func (c conversation) above(a store.Achievement) flows.Link {
	if a.UnitID == a.Scope.Start() {
		return flows.To("leader.home", 1)
	}
	return flows.To("leader.period", a.ID, a.Scope.Above(a.UnitID), 1)
}
