package rules_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kinerja/flows/rules"
	"kinerja/store"
)

type counts = map[store.Predicate]int

func TestThePatternFollowsTheOrganisationAndIsSilentBelowFive(t *testing.T) {
	most := func(p store.Predicate) rules.Off { return rules.Off{Predicate: p, Largest: true} }
	for _, c := range []struct {
		grade store.OrgGrade
		count counts
		want  []rules.Off
	}{
		{store.OrgGood, counts{store.VeryGood: 2, store.Good: 5, store.NeedsImprovement: 1}, nil},
		{store.OrgGood, counts{store.Good: 7, store.VeryGood: 3}, nil}, // 70 of 100 are no more than 70
		{store.OrgGood, counts{store.Good: 8, store.VeryGood: 3}, []rules.Off{{Predicate: store.Good, Limit: 70}}},
		{store.OrgGood, counts{store.VeryGood: 4}, nil}, // four people
		{store.OrgGood, counts{store.VeryGood: 5}, []rules.Off{most(store.Good)}},
		{store.OrgGood, counts{store.VeryGood: 3, store.Good: 3}, nil}, // as many as another is still the largest
		{store.OrgOutstanding, counts{store.Good: 6, store.VeryGood: 1}, []rules.Off{most(store.VeryGood)}},
		{store.OrgNeedsImprovement, counts{store.NeedsImprovement: 6, store.Good: 3, store.VeryGood: 1}, nil},
		{store.OrgNeedsImprovement, counts{store.NeedsImprovement: 5, store.Good: 4, store.VeryGood: 1}, []rules.Off{{Predicate: store.NeedsImprovement, Limit: 60, Fewer: true}}},
		{store.OrgPoor, counts{store.Poor: 4, store.VeryGood: 1}, []rules.Off{{Predicate: store.VeryGood, Limit: 10}}},
		{store.OrgVeryPoor, counts{store.VeryPoor: 19, store.VeryGood: 1}, []rules.Off{{Predicate: store.VeryGood}}},
		{store.OrgVeryPoor, counts{store.Good: 6}, []rules.Off{most(store.VeryPoor)}},
	} {
		pattern, known := rules.PatternOf(c.grade)
		if got := pattern.Departures(c.count); !known || !slices.Equal(got, c.want) {
			t.Errorf("%s, %v: %+v, want %+v", c.grade, c.count, got, c.want)
		}
	}
	if _, known := rules.PatternOf(""); known {
		t.Error("a unit without a grade has a pattern")
	}
}

// Whoever heeds the warning about the largest group has a way to heed the others too: some distribution departs from no pattern.
func TestEveryPatternCanBeMet(t *testing.T) {
	for _, grade := range store.OrgGrades() {
		pattern, known := rules.PatternOf(grade)
		near := map[store.OrgGrade]store.Predicate{store.OrgVeryPoor: store.Poor}[grade]
		if near == "" {
			near = rules.Predicates()[min(slices.Index(rules.Predicates(), pattern.Largest)+1, 4)]
		}
		if off := pattern.Departures(counts{pattern.Largest: 13, near: 7}); !known || len(off) > 0 {
			t.Errorf("%s: %+v", grade, off)
		}
		heights := map[store.Predicate]int{}
		for _, p := range rules.Predicates() {
			heights[p] = pattern.Height(p)
			if heights[p] < 1 || heights[p] > 5 || (heights[p] == 5) != (p == pattern.Largest) {
				t.Errorf("%s: %s stands %d high", grade, p, heights[p])
			}
		}
	}
}

func TestAPatternNeverWarnsOfATeamBelowFive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern, _ := rules.PatternOf(rapid.SampledFrom(store.OrgGrades()).Draw(t, "grade"))
		count := counts{}
		for range rapid.IntRange(0, rules.LeastForPattern-1).Draw(t, "people") {
			count[rapid.SampledFrom(rules.Predicates()).Draw(t, "predicate")]++
		}
		if off := pattern.Departures(count); len(off) > 0 {
			t.Fatalf("%v: %+v", count, off)
		}
	})
}
