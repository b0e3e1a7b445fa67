package rules

import (
	"slices"

	"kinerja/store"
)

// A result (rencana hasil kerja) has one or more indicators, which stand together and share what belongs to the result: its plan, the
// leader's result that it serves, and whether it is a main one. The plan's text is what makes them one. An indicator without a plan is a
// result of its own.

// SameResult lists the places, from 0, of all indicators of the result of the one at a place, itself included.
func SameResult(list []store.Indicator, at int) []int {
	places := []int{at}
	if list[at].Aspect != store.Capaian || list[at].Plan == "" {
		return places
	}
	places = nil
	for n, i := range list {
		if i.Aspect == store.Capaian && i.Plan == list[at].Plan {
			places = append(places, n)
		}
	}
	return places
}

// SetPlan gives a result another plan: all its indicators, or alone the one at a place, which then is split off. Where another result has
// that plan already they join it, and take what belongs to it.
func SetPlan(list []store.Indicator, at int, plan string, alone bool) {
	places := SameResult(list, at)
	if alone {
		places = []int{at}
	}
	joined := slices.IndexFunc(list, func(i store.Indicator) bool { return plan != "" && i.Aspect == store.Capaian && i.Plan == plan })
	for _, n := range places {
		i := &list[n]
		if i.Itself() && plan != "" {
			i.Name = store.NameOf(plan)
		}
		i.Plan = plan
		if joined >= 0 {
			i.Serves, i.Additional = list[joined].Serves, list[joined].Additional
		}
	}
}

// OfResult changes what belongs to a result in each of its indicators.
func OfResult(list []store.Indicator, at int, change func(*store.Indicator)) {
	for _, n := range SameResult(list, at) {
		change(&list[n])
	}
}

// MoveIndicator lets the indicator at a place change with the one before it (step -1) or after it (step 1) of its result; at the edge of the
// result all of it changes places with the neighbouring one. It returns where the indicator is then; ok is false where there is no further.
func MoveIndicator(list []store.Indicator, at, step int) (place int, ok bool) {
	other := at + step
	if other < 0 || other >= len(list) || list[other].Aspect != list[at].Aspect || list[at].Aspect == store.Perilaku {
		return at, false
	}
	own, next := SameResult(list, at), SameResult(list, other)
	if slices.Contains(own, other) {
		list[at], list[other] = list[other], list[at]
		return other, true
	}
	first, last := min(own[0], next[0]), max(own[len(own)-1], next[len(next)-1])
	before, after := slices.Clone(list[own[0]:own[len(own)-1]+1]), slices.Clone(list[next[0]:next[len(next)-1]+1])
	if step > 0 {
		before, after = after, before
	}
	// Upwards the own result comes first, downwards the next one.
	copy(list[first:last+1], slices.Concat(before, after))
	return at + step*len(next), true
}
