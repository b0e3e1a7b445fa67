package rules

import "kinerja/store"

// Notable is why somebody is not among "the others, who all meet": his evaluator looks at him on his own.
type Notable string

// What is noticed. Each has its sentence in locales, others.why_ and its name.
const (
	BegunOtherwise Notable = "begun"    // his evaluator said something else than "meets" already
	FollowUpOpen   Notable = "followup" // something was agreed in his last result and is not done
	LastBelowGood  Notable = "last"     // his last predicate is below Baik
)

// notables are looked for in this order; a further reason is a line here, a name above and a sentence.
var notables = []struct { //nolint:gochecknoglobals // a constant list
	notable Notable
	of      func(store.Standing) bool
}{
	{BegunOtherwise, func(s store.Standing) bool { return SaysOtherwise(s.Sheet) }},
	{FollowUpOpen, func(s store.Standing) bool { return IsOpen(s.Earlier.Agreed) }},
	{LastBelowGood, func(s store.Standing) bool { return BelowGood(s.Earlier.Predicate) }},
}

// IsOpen reports whether something was agreed that is not done. The evaluator's word ends it; the employee's own is shown beside it and asks
// the evaluator to look (DOMAIN.md section 6.4: the next scoring shows the open ones first).
func IsOpen(f store.FollowUp) bool { return f.Kind != "" && f.ByEvaluator == nil }

// StandsOut lists what is noticed about somebody; nothing about most.
func StandsOut(s store.Standing) []Notable {
	var found []Notable
	for _, n := range notables {
		if n.of(s) {
			found = append(found, n.notable)
		}
	}
	return found
}

// SaysOtherwise reports whether an evaluation says anything but "meets": another rating, a reason, a note, a follow-up.
func SaysOtherwise(sheet store.Sheet) bool {
	for _, a := range sheet.Answers {
		if a.Rating != "" && a.Rating != store.Meets || a.Note != "" {
			return true
		}
	}
	for _, side := range []store.Side{store.Work, store.Behaviour} {
		if rating, reason := sheet.Overall(side); rating != "" && rating != store.Meets || reason != "" {
			return true
		}
	}
	return sheet.Note != "" || sheet.FollowUpKind != ""
}
