// Package trail is where administrators read what was changed and looked at in their units, by whom and when (Riwayat perubahan). Nothing in it
// changes anything: the audit is only ever added to, and a chain of digests shows whether somebody changed it behind the program's back.
package trail

import (
	"context"
	"errors"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the conversation needs of the records. Every method answers for the units of the administrator only.
type Store interface {
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	Trail(ctx context.Context, adminID int64, filter store.TrailFilter, offset, limit int) ([]store.TrailEntry, bool, error)
	TrailPerson(ctx context.Context, adminID, personID int64) (string, error)
	FindPeople(ctx context.Context, adminID int64, text string, left bool, offset, limit int) ([]store.PersonFound, int, error)
	PeriodFor(ctx context.Context, adminID, periodID int64) (store.AdminPeriod, error)
	Periods(ctx context.Context, adminID int64, offset, limit int) ([]store.PeriodLine, int, error)
	DigestOn(ctx context.Context, day store.Date) (store.AuditSeal, error)
	RequestFile(ctx context.Context, personID int64, name string, args ...any) (bool, error)
}

type conversation struct{ store Store }

// unbounded stands in a link for a day that is no bound.
const unbounded = "0001-01-01"

const (
	entriesPerPage = 7 // each takes one or two lines of a phone
	listPerPage    = 6
	lately         = 30 // days, with which the list begins
	personQuery    = "trail_person"
	fileName       = "trail"
)

// Register adds the conversation to the engine. Every page carries the filter: the person and the period, 0 for any, and the first and the last day.
func Register(e *flows.Engine, s Store) {
	c := conversation{store: s}
	e.Page("trail.home", "", c.home)
	e.Page("trail.list", "unit unit date date n", c.list)
	e.Page("trail.who", "unit unit date date", c.askPerson, flows.Accepts(flows.Text, "trail.find"))
	e.Page("trail.found", "unit unit date date n", c.found, flows.Accepts(flows.Text, "trail.findagain"))
	e.Page("trail.periods", "unit unit date date n", c.periods)
	e.Page("trail.when", "unit unit date date", c.askDays, flows.Accepts(flows.Text, "trail.day"))
	e.Action("trail.find", "unit unit date date", c.find)
	e.Action("trail.findagain", "unit unit date date n", c.find)
	e.Action("trail.day", "unit unit date date", c.takeDay)
	e.Action("trail.export", "unit unit date date", c.export)
	e.Message("file."+fileName, "unit unit date date", c.tellFile)
}

// administrator refuses whoever administers nothing.
func (c conversation) administrator(ctx context.Context, r *flows.Request) (store.Scope, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err == nil && scope.None() {
		err = flows.Refuse(r.T.Plain("admin.only"), flows.To("menu"))
	}
	return scope, err
}

// filterOf reads the filter that every page carries.
func filterOf(r *flows.Request) (store.TrailFilter, error) {
	filter := store.TrailFilter{PersonID: r.Args.ID(0), PeriodID: r.Args.ID(1)}
	for at, day := range map[int]*store.Date{2: &filter.From, 3: &filter.Until} {
		word := r.Args.Word(at)
		if _, err := time.Parse(time.DateOnly, word); err != nil {
			return filter, flows.ErrBadLink
		}
		if word != unbounded {
			*day = store.Date(word)
		}
	}
	return filter, nil
}

// args are a filter as the arguments of a link, and more after it.
func args(f store.TrailFilter, more ...any) []any {
	day := func(d store.Date) string {
		if d == "" {
			return unbounded
		}
		return string(d)
	}
	return append([]any{f.PersonID, f.PeriodID, day(f.From), day(f.Until)}, more...)
}

func at(f store.TrailFilter, page int) flows.Link { return flows.To("trail.list", args(f, page)...) }

func back(r *flows.Request, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

func today(r *flows.Request) time.Time { return r.Now.In(store.WIB) }

// since is a filter from some days ago on.
func since(r *flows.Request, f store.TrailFilter, days int) store.TrailFilter {
	f.From, f.Until = store.Date(today(r).AddDate(0, 0, -days).Format(time.DateOnly)), ""
	return f
}

// home begins with the last thirty days.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	return c.show(ctx, r, since(r, store.TrailFilter{}, lately), 1)
}

// list is a page of the list.
func (c conversation) list(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	filter, err := filterOf(r)
	if err != nil {
		return flows.Screen{}, err
	}
	return c.show(ctx, r, filter, max(1, r.Args.Int(4)))
}

func (c conversation) show(ctx context.Context, r *flows.Request, filter store.TrailFilter, page int) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	entries, more, err := c.store.Trail(ctx, r.Actor.PersonID, filter, (page-1)*entriesPerPage, entriesPerPage)
	if err != nil {
		return flows.Screen{}, err
	}
	said, err := c.told(ctx, r, filter)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("trail.title"), r.T.HTML("trail.shown", locales.Args{"What": said}), "\n"}
	lines = append(lines, listLines(r.T, scope, entries)...)
	if len(entries) == 0 {
		lines = append(lines, r.T.HTML("trail.none"))
	}
	if lines, err = c.sealed(ctx, r, lines); err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(lines...)}
	var turn []flows.Button
	if page > 1 {
		turn = append(turn, flows.Button{Label: r.T.Plain("trail.newer"), To: at(filter, page-1)})
	}
	if more {
		turn = append(turn, flows.Button{Label: r.T.Plain("trail.older"), To: at(filter, page+1)})
	}
	if len(turn) > 0 {
		screen.Rows = append(screen.Rows, turn)
	}
	screen.Rows = append(screen.Rows,
		flows.Row(flows.Go(r.T.Plain("trail.by_person"), "trail.who", args(filter)...), flows.Go(r.T.Plain("trail.by_period"), "trail.periods", args(filter, 1)...)),
		flows.Row(flows.Go(r.T.Plain("trail.by_time"), "trail.when", args(filter)...)))
	if len(entries) > 0 {
		last := len(screen.Rows) - 1
		screen.Rows[last] = append(screen.Rows[last], flows.Go(r.T.Plain("trail.export"), "trail.export", args(filter)...))
	}
	screen.Rows = append(screen.Rows, back(r, flows.To("admin.home")))
	return screen, nil
}

// told is a filter in words.
func (c conversation) told(ctx context.Context, r *flows.Request, f store.TrailFilter) (string, error) {
	days := r.T.Plain("trail.all_time")
	switch {
	case f.From != "" && f.From == f.Until:
		days = words.Day(r.T, f.From)
	case f.From != "" && f.Until == "":
		days = r.T.Plain("trail.since", locales.Args{"Day": words.Day(r.T, f.From)})
	case f.From != "":
		days = r.T.Plain("trail.days", locales.Args{"From": words.Day(r.T, f.From), "Until": words.Day(r.T, f.Until)})
	}
	said := days
	if f.PersonID != 0 {
		name, err := c.store.TrailPerson(ctx, r.Actor.PersonID, f.PersonID)
		if err != nil {
			return "", err
		}
		said = name + " · " + said
	}
	if f.PeriodID != 0 {
		period, err := c.store.PeriodFor(ctx, r.Actor.PersonID, f.PeriodID)
		if err != nil {
			return "", err
		}
		said = words.NameOfPeriod(r.T, period) + " · " + said
	}
	return said, nil
}

// sealed adds the digest of yesterday: whoever writes it down can show later on that nothing before it was changed.
func (c conversation) sealed(ctx context.Context, r *flows.Request, lines []string) ([]string, error) {
	yesterday := today(r).AddDate(0, 0, -1)
	seal, err := c.store.DigestOn(ctx, store.Date(yesterday.Format(time.DateOnly)))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return append(lines, "\n", r.T.HTML("trail.delay")), nil
	case err != nil:
		return nil, err
	}
	return append(lines, "\n", r.T.HTML("trail.digest", locales.Args{"Day": r.T.Day(seal.SealedAt), "Digest": seal.Short()}), r.T.HTML("trail.digest_means"), r.T.HTML("trail.delay")), nil
}
