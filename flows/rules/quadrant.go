package rules

import (
	"fmt"

	"kinerja/store"
)

// Predicate is the grade of two overall ratings (PermenPANRB 6/2022, the quadrant). It is a judgement in a matrix, no average.
// An unknown rating is an error, never a default.
func Predicate(work, behaviour store.Rating) (store.Predicate, error) {
	if !work.Valid() || !behaviour.Valid() {
		return "", fmt.Errorf("no predicate for ratings %q and %q", work, behaviour)
	}
	switch {
	case behaviour == store.Below && work == store.Below:
		return store.VeryPoor, nil
	case behaviour == store.Below:
		return store.Poor, nil
	case work == store.Below:
		return store.NeedsImprovement, nil
	case work == store.Above && behaviour == store.Above:
		return store.VeryGood, nil
	default:
		return store.Good, nil
	}
}

// BelowGood reports whether a predicate is below Baik: then it is set only after one more question, and with a follow-up (tindak lanjut).
func BelowGood(p store.Predicate) bool {
	return p == store.NeedsImprovement || p == store.Poor || p == store.VeryPoor
}
