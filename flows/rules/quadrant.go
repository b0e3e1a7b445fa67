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

// Suggest proposes an overall rating from those of the indicators ("usulan sistem"); a person chooses. More than half decide:
// above only if most are above and none is below; an even split gives the lower. So a better rating never worsens the
// suggestion. "" when there is nothing to go by.
func Suggest(ratings []store.Rating) store.Rating {
	count := map[store.Rating]int{}
	for _, r := range ratings {
		count[r]++
	}
	below, meets, above := count[store.Below], count[store.Meets], count[store.Above]
	switch {
	case below+meets+above == 0:
		return ""
	case below > 0 && below >= meets+above:
		return store.Below
	case above > meets+below && below == 0:
		return store.Above
	default:
		return store.Meets
	}
}

// NeedsFollowUp reports whether a predicate may only be set with a follow-up (tindak lanjut): Kurang and Sangat Kurang.
func NeedsFollowUp(p store.Predicate) bool { return p == store.Poor || p == store.VeryPoor }

// NeedsConfirmation reports whether a predicate is below Baik, and so is set only after one more question.
func NeedsConfirmation(p store.Predicate) bool {
	return p == store.NeedsImprovement || NeedsFollowUp(p)
}
