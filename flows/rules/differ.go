package rules

import (
	"slices"

	"kinerja/store"
)

// Difference is one thing that is otherwise in a later list of indicators.
type Difference struct {
	Kind   string // "added", "removed", "order", or the field that changed: name, description, plan, serves, kind, dimension, target, measure, expectation
	Aspect store.Aspect
	Name   string // of the indicator, as it is called in the later list; "" for the order of an aspect
	Before string
	After  string
}

// The kinds of Difference that are no field, and the one field that has no text.
const (
	Added   = "added"
	Removed = "removed"
	Order   = "order"
	Kind    = "kind" // After is "main" or "additional"
)

// compared are the fields that a difference names, in the order in which screens show them.
var compared = []struct { //nolint:gochecknoglobals // a constant table
	kind string
	of   func(store.Indicator) string
}{
	{"plan", func(i store.Indicator) string { return i.Plan }},
	{"serves", func(i store.Indicator) string { return i.Serves }},
	{Kind, func(i store.Indicator) string {
		return map[bool]string{true: "additional", false: "main"}[i.Additional]
	}},
	{"dimension", func(i store.Indicator) string { return i.Dimension }},
	{"target", func(i store.Indicator) string { return i.Target }},
	{"measure", func(i store.Indicator) string { return i.Measure }},
	{"description", func(i store.Indicator) string { return i.Description }},
	{"expectation", func(i store.Indicator) string { return i.Expectation }},
}

// Differences tells what is otherwise in the list after than in the list before: what was removed, what was added, what changed of each, and
// where the order of an aspect is another one. Nothing when they are equal. An indicator is known by its name; one whose name alone is new is
// the one that was there.
func Differences(before, after []store.Indicator) []Difference {
	pairs := paired(before, after)
	var found []Difference
	for n, i := range before {
		if !slices.ContainsFunc(pairs, func(p [2]int) bool { return p[0] == n }) {
			found = append(found, Difference{Kind: Removed, Aspect: i.Aspect, Name: i.Name})
		}
	}
	for n, i := range after {
		at := slices.IndexFunc(pairs, func(p [2]int) bool { return p[1] == n })
		if at < 0 {
			found = append(found, Difference{Kind: Added, Aspect: i.Aspect, Name: i.Name})
			continue
		}
		found = append(found, changes(before[pairs[at][0]], i)...)
	}
	return append(found, orders(before, after, pairs)...)
}

// paired finds which place of the list before is which of the list after: by name, then by everything but the name.
func paired(before, after []store.Indicator) [][2]int {
	var pairs [][2]int
	taken := func(side, n int) bool { return slices.ContainsFunc(pairs, func(p [2]int) bool { return p[side] == n }) }
	for _, same := range []func(a, b store.Indicator) bool{
		func(a, b store.Indicator) bool { return a.Aspect == b.Aspect && a.Name == b.Name },
		func(a, b store.Indicator) bool { return nameless(a) == nameless(b) },
	} {
		for n, i := range after {
			if taken(1, n) {
				continue
			}
			for m, o := range before {
				if !taken(0, m) && same(o, i) {
					pairs = append(pairs, [2]int{m, n})
					break
				}
			}
		}
	}
	return pairs
}

// nameless is an indicator without its name and without what its version gave it. One that a result is called after is renamed with it.
func nameless(i store.Indicator) store.Indicator {
	if i.Itself() {
		i.Plan = ""
	}
	i.ID, i.TemplateVersionID, i.Ordinal, i.Name = 0, 0, 0, ""
	return i
}

func changes(before, after store.Indicator) []Difference {
	var found []Difference
	if before.Name != after.Name {
		found = append(found, Difference{Kind: "name", Aspect: after.Aspect, Name: after.Name, Before: before.Name, After: after.Name})
		if before.Itself() && after.Itself() { // its name is the result
			before.Plan = after.Plan
		}
	}
	for _, c := range compared {
		if was, is := c.of(before), c.of(after); was != is {
			found = append(found, Difference{Kind: c.kind, Aspect: after.Aspect, Name: after.Name, Before: was, After: is})
		}
	}
	return found
}

// orders tells of each aspect whether what is in both lists stands in another order.
func orders(before, after []store.Indicator, pairs [][2]int) []Difference {
	slices.SortFunc(pairs, func(a, b [2]int) int { return a[1] - b[1] })
	var found []Difference
	last := map[store.Aspect]int{}
	told := map[store.Aspect]bool{}
	for _, p := range pairs {
		aspect := after[p[1]].Aspect
		if before[p[0]].Aspect == aspect && last[aspect] > p[0]+1 && !told[aspect] {
			told[aspect] = true
			found = append(found, Difference{Kind: Order, Aspect: aspect})
		}
		last[aspect] = max(last[aspect], p[0]+1)
	}
	return found
}
