package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"kinerja/store"
)

// Side returns the overall rating that an aspect feeds: capaian kerja feeds Hasil Kerja, sikap and perilaku feed Perilaku Kerja.
func Side(a store.Aspect) store.Side {
	if a == store.Capaian {
		return store.Work
	}
	return store.Behaviour
}

// AspectsOf lists the aspects that feed an overall rating.
func AspectsOf(side store.Side) []store.Aspect {
	if side == store.Work {
		return []store.Aspect{store.Capaian}
	}
	return []store.Aspect{store.Sikap, store.Perilaku}
}

// ReasonOwed is one written reason that is still missing: of an indicator, or of an overall rating.
type ReasonOwed struct {
	Indicator store.Indicator // zero for an overall rating
	Side      store.Side
	Rating    store.Rating
}

// Overall reports whether the reason is for an overall rating.
func (r ReasonOwed) Overall() bool { return r.Indicator.ID == 0 }

// Missing is what an evaluation lacks before it can be set.
type Missing struct {
	Unrated  []store.Indicator
	Overall  []store.Side // not chosen yet
	Reasons  []ReasonOwed
	FollowUp bool
}

// None reports whether nothing is missing.
func (m Missing) None() bool {
	return len(m.Unrated) == 0 && len(m.Overall) == 0 && len(m.Reasons) == 0 && !m.FollowUp
}

// Check tells what a sheet lacks. minReason is the shortest reason in characters.
//
// Every rating of an indicator other than Sesuai needs a written reason. An overall rating that departs from what the system
// suggests needs one of its own, whatever the indicators say. One that follows it needs one only if it is not Sesuai and no
// indicator of its side with the same rating gives one: the same thing is not asked twice.
func Check(sheet store.Sheet, minReason int) Missing {
	var m Missing
	given := map[store.Side]map[store.Rating]bool{store.Work: {}, store.Behaviour: {}}
	for _, i := range sheet.Indicators {
		answer := sheet.Answers[i.ID]
		switch {
		case !answer.Rating.Valid():
			m.Unrated = append(m.Unrated, i)
		case answer.Rating != store.Meets:
			given[Side(i.Aspect)][answer.Rating] = true
			if !ReasonSuffices(answer.Reason, minReason) {
				m.Reasons = append(m.Reasons, ReasonOwed{Indicator: i, Side: Side(i.Aspect), Rating: answer.Rating})
			}
		}
	}
	for _, side := range []store.Side{store.Work, store.Behaviour} {
		rating, reason := sheet.Overall(side)
		switch {
		case !rating.Valid():
			m.Overall = append(m.Overall, side)
		case ReasonSuffices(reason, minReason):
		case rating != store.Meets && !given[side][rating], len(m.Unrated) == 0 && Departs(sheet, side):
			m.Reasons = append(m.Reasons, ReasonOwed{Side: side, Rating: rating})
		}
	}
	predicate, err := Predicate(sheet.WorkRating, sheet.BehaviourRating)
	m.FollowUp = err == nil && BelowGood(predicate) && (sheet.FollowUpKind == "" || sheet.FollowUpDue == "")
	return m
}

// Departs reports whether the overall rating that was chosen is another than the system suggests.
func Departs(sheet store.Sheet, side store.Side) bool {
	chosen, _ := sheet.Overall(side)
	suggested := Suggested(sheet, side)
	return chosen != "" && suggested != "" && chosen != suggested
}

// ReasonSuffices reports whether a reason has at least minimum characters and says more than one character over and over.
func ReasonSuffices(reason string, minimum int) bool {
	reason = strings.TrimSpace(reason)
	different := map[rune]bool{}
	for _, r := range reason {
		if !unicode.IsSpace(r) && !unicode.IsPunct(r) {
			different[unicode.ToLower(r)] = true
		}
	}
	const fewest = 4 // different letters; no sentence of this length has fewer
	return utf8.RuneCountInString(reason) >= minimum && len(different) >= min(fewest, minimum)
}
