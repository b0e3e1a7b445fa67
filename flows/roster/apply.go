package roster

import (
	"context"
	"fmt"
	"slices"

	"kinerja/store"
)

// Writer is what Apply needs of the store.
type Writer interface {
	SaveUnits(ctx context.Context, actor int64, entries []store.UnitEntry) (store.Changes, error)
	SavePeople(ctx context.Context, actor int64, entries []store.PersonEntry) (store.Changes, error)
	LeaveMissing(ctx context.Context, actor int64, nips []string) (store.Departed, error)
}

// Apply writes the good rows: units first, then people; then those leave whom a complete file misses. actor is the person who asked,
// 0 for the program. It may be called again after a failure. store.ErrNotFound says that a unit or superior that Check saw is gone:
// check the file again.
func (p Plan) Apply(ctx context.Context, s Writer, actor int64) error {
	for _, step := range p.Steps(max(1, p.Changes())) {
		if err := step.Apply(ctx, s, actor); err != nil {
			return err
		}
	}
	return nil
}

// Step is a piece of a plan that can be written by itself once those before it are written. It is plain data for JSON.
type Step struct {
	Units  []store.UnitEntry   `json:"units,omitempty"`
	People []store.PersonEntry `json:"people,omitempty"`
	Leave  []string            `json:"leave,omitempty"` // NIPs
}

// Rows counts what the step writes.
func (s Step) Rows() int { return len(s.Units) + len(s.People) + len(s.Leave) }

// Apply writes the step. Doing it twice changes nothing more.
func (s Step) Apply(ctx context.Context, w Writer, actor int64) error {
	if len(s.Units) > 0 {
		if _, err := w.SaveUnits(ctx, actor, s.Units); err != nil {
			return fmt.Errorf("apply units: %w", err)
		}
	}
	if len(s.People) > 0 {
		if _, err := w.SavePeople(ctx, actor, s.People); err != nil {
			return fmt.Errorf("apply people: %w", err)
		}
	}
	if len(s.Leave) > 0 {
		if _, err := w.LeaveMissing(ctx, actor, s.Leave); err != nil {
			return fmt.Errorf("let missing people leave: %w", err)
		}
	}
	return nil
}

// Steps cuts the plan into pieces of at most so many rows, in an order in which each finds what it points at: parents before the units below
// them, units before people, superiors before those whom they evaluate. A plan made again after some steps has only the rest of them.
func (p Plan) Steps(most int) (steps []Step) {
	if p.stopped() {
		return nil
	}
	units := upFirst(p.units, func(u store.UnitEntry) (string, string) { return u.Code, u.ParentCode })
	people := upFirst(p.people, func(e store.PersonEntry) (string, string) { return e.NIP, e.SuperiorNIP })
	for chunk := range slices.Chunk(units, most) {
		steps = append(steps, Step{Units: chunk})
	}
	for chunk := range slices.Chunk(people, most) {
		steps = append(steps, Step{People: chunk})
	}
	if p.Leaving() == 0 {
		return steps
	}
	for chunk := range slices.Chunk(p.missing, most) {
		var step Step
		for _, person := range chunk {
			step.Leave = append(step.Leave, person.NIP)
		}
		steps = append(steps, step)
	}
	return steps
}

// upFirst puts every row behind the one that it points at. There are no circles.
func upFirst[T any](rows []T, keys func(T) (key, target string)) []T {
	at := map[string]int{}
	for i, row := range rows {
		key, _ := keys(row)
		at[key] = i
	}
	sorted, done := make([]T, 0, len(rows)), make([]bool, len(rows))
	for i := range rows {
		var path []int
		for found := true; found && !done[i]; {
			done[i] = true
			path = append(path, i)
			_, target := keys(rows[i])
			var next int
			if next, found = at[target]; found {
				i = next
			}
		}
		for _, j := range slices.Backward(path) {
			sorted = append(sorted, rows[j])
		}
	}
	return sorted
}
