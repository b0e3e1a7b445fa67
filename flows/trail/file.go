package trail

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"kinerja/flows"
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
func (c conversation) workbook(ctx context.Context, r *flows.Request, scope store.Scope, filter store.TrailFilter) (content []byte, err error) {
	file := excelize.NewFile()
	defer func() { err = errors.Join(err, file.Close()) }()
	const first = "Sheet1"
	title := r.T.Plain("trail.sheet")
	if err := file.SetSheetName(first, title); err != nil {
		return nil, fmt.Errorf("name sheet: %w", err)
	}
	sheet, err := file.NewStreamWriter(title)
	if err != nil {
		return nil, fmt.Errorf("write sheet: %w", err)
	}
	for i, width := range []float64{8, 20, 28, 40, 28, 36, 18, 60} {
		err = errors.Join(err, sheet.SetColWidth(i+1, i+1, width))
	}
	err = errors.Join(err, sheet.SetRow("A1", cells(r.T.Plain("trail.col_number"), r.T.Plain("trail.col_at"), r.T.Plain("trail.col_actor"), r.T.Plain("trail.col_did"),
		r.T.Plain("trail.col_person"), r.T.Plain("trail.col_unit"), r.T.Plain("trail.col_period"), r.T.Plain("trail.col_changed"))))
	if err != nil {
		return nil, fmt.Errorf("write sheet: %w", err)
	}
	row := 1
	for more := true; more && row < mostRows; {
		var entries []store.TrailEntry
		if entries, more, err = c.store.Trail(ctx, r.Actor.PersonID, filter, row-1, readRows); err != nil {
			return nil, err
		}
		for _, e := range entries {
			row++
			period := ""
			if e.PeriodID != 0 {
				alone := store.TrailEntry{PeriodID: e.PeriodID, Kind: e.Kind, FirstDay: e.FirstDay}
				period = about(r.T, alone)
			}
			if err := sheet.SetRow("A"+strconv.Itoa(row), cells(strconv.FormatInt(e.ID, 10), r.T.Moment(e.At), actor(r.T, e), did(r.T, e), e.Person, e.Unit, period,
				changed(r.T, scope, e, len(e.Before)+len(e.After)))); err != nil {
				return nil, fmt.Errorf("write row: %w", err)
			}
		}
	}
	if err := sheet.Flush(); err != nil {
		return nil, fmt.Errorf("write sheet: %w", err)
	}
	buffer, err := file.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	return buffer.Bytes(), nil
}

// cells are text, which no spreadsheet takes for a formula: a stream writes a string as what it is.
func cells(list ...string) []any {
	row := make([]any, len(list))
	for i, one := range list {
		row[i] = one
	}
	return row
}
