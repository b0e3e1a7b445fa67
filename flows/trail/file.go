package trail

import (
	"context"
	"strconv"
	"time"

	"kinerja/flows"
	"kinerja/flows/document"
	"kinerja/locales"
	"kinerja/store"
)

const (
	mostRows = 20_000 // of a file
	readRows = 500    // at a time
)

// export asks for the list as a file.
func (c conversation) export(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	filter, err := c.filtering(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if _, err := c.told(ctx, r, filter); err != nil { // the right to the person and the period
		return flows.Outcome{}, err
	}
	isNew, err := c.store.RequestFile(ctx, r.Actor.PersonID, fileName, args(filter)...)
	said := "trail.on_its_way"
	if !isNew {
		said = "trail.asked_already"
	}
	return flows.Outcome{To: at(filter, 1), Toast: r.T.Plain(said)}, err
}

// tellFile brings the file, of what the administrator may see when it is made.
func (c conversation) tellFile(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err != nil || scope.None() {
		return flows.Screen{}, false, err
	}
	filter, err := filterOf(r)
	if err != nil {
		return flows.Screen{}, false, err
	}
	said, err := c.told(ctx, r, filter)
	if err != nil {
		return flows.Screen{}, false, err
	}
	return flows.Screen{
		Text: r.T.HTML("trail.file", locales.Args{"What": said, "Most": r.T.Number(mostRows)}),
		Document: &flows.Document{Name: r.T.Plain("trail.file_name", locales.Args{"Day": today(r).Format(time.DateOnly)}),
			Make: func(ctx context.Context) ([]byte, error) { return c.workbook(ctx, r, scope, filter) }},
	}, true, nil
}

// workbook writes the newest rows of the audit, one in a row, with the same words as the chat.
func (c conversation) workbook(ctx context.Context, r *flows.Request, scope store.Scope, filter store.TrailFilter) ([]byte, error) {
	column := func(key string, width float64) document.Column {
		return document.Column{Title: r.T.Plain("trail.col_" + key), Width: width}
	}
	return document.Tables(document.Table{
		Title: r.T.Plain("trail.sheet"),
		Columns: []document.Column{column("number", 10), column("at", 24), column("actor", 28), column("did", 40), column("person", 28), column("unit", 36),
			column("period", 18), column("changed", 60)},
		Rows: func(yield func([]string, error) bool) {
			for row, more := 0, true; more && row < mostRows; row += readRows {
				var entries []store.TrailEntry
				var err error
				if entries, more, err = c.store.Trail(ctx, r.Actor.PersonID, filter, row, readRows); err != nil {
					yield(nil, err)
					return
				}
				for _, e := range entries {
					if !yield(cells(r.T, scope, e), nil) {
						return
					}
				}
			}
		},
	})
}

// cells are a row of the file.
func cells(t *locales.Translator, scope store.Scope, e store.TrailEntry) []string {
	period := about(t, store.TrailEntry{PeriodID: e.PeriodID, Kind: e.Kind, FirstDay: e.FirstDay})
	return []string{strconv.FormatInt(e.ID, 10), t.Moment(e.At), actor(t, e), did(t, e), e.Person, e.Unit, period, changed(t, scope, e, len(e.Before)+len(e.After))}
}
