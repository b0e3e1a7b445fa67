package rules_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kinerja/flows/rules"
)

func TestSmallGroupsAreHiddenWithWhatWouldTellThem(t *testing.T) {
	for _, c := range []struct {
		counts []int
		want   []bool
	}{
		{[]int{7, 20, 0, 0, 0}, []bool{true, true, true, true, true}},     // nothing is small
		{[]int{7, 20, 3, 0, 0}, []bool{true, false, false, false, false}}, // 30 - 7 - 20 = 3
		{[]int{3, 20, 9, 8, 7}, []bool{false, false, true, true, true}},   // 47 - 44 = 3
		{[]int{7, 20, 3, 2, 0}, []bool{true, true, false, false, false}},  // 5 of one or the other
		{[]int{7, 20, 1, 1, 9}, []bool{true, true, false, false, false}},  // 2 in two groups are still 2
		{[]int{4, 20, 4, 9, 9}, []bool{false, false, false, true, true}},  // 8 in two small groups are 4 and 4
		{[]int{0, 3, 1, 0, 0}, []bool{false, false, false, false, false}}, // too few in all
		{[]int{1, 1, 1, 1, 1}, []bool{false, false, false, false, false}}, // as of 2, 1, 1, 1 and 0
		{[]int{0, 0, 0, 0, 0}, []bool{true, true, true, true, true}},      // nobody
	} {
		if got := rules.Suppress(c.counts, rules.SmallestGroup); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.counts, got, c.want)
		}
	}
}

// What is hidden cannot be told from what is shown: the same screen could stand for other figures, for each that is hidden.
func TestNoHiddenFigureFollowsFromTheTotalAndWhatIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.IntRange(0, 14), 1, 5).Draw(t, "counts")
		least := rapid.IntRange(4, 8).Draw(t, "least")
		shown := rules.Suppress(counts, least)
		total, people, hidden, small := 0, 0, 0, 0
		for i, n := range counts {
			total += n
			if n > 0 && n < least {
				small++
			}
			switch {
			case !shown[i]:
				hidden, people = hidden+1, people+n
			case n > 0 && n < least:
				t.Fatalf("%v shows %d people", counts, n)
			}
		}
		switch {
		case small == 0 && hidden > 0:
			t.Fatalf("%v: %v hides for nothing", counts, shown)
		case small > 0 && total >= least && (hidden < 2 && len(counts) > 1 || people < least):
			t.Fatalf("%v: %v leaves a group of %d in %d figures", counts, shown, people, hidden)
		case total < least && small > 0 && hidden < len(counts):
			t.Fatalf("%v: %v shows something of %d people", counts, shown, total)
		}
		for i := range counts {
			if !shown[i] && len(counts) > 1 && !couldBeOther(counts, shown, i, least) {
				t.Fatalf("%v: %v tells figure %d to who knows the rule", counts, shown, i)
			}
		}
	})
}

// couldBeOther looks for other figures that look the same and differ in one that is hidden.
func couldBeOther(counts []int, shown []bool, hidden, least int) bool {
	var places []int
	people := 0
	for i := range counts {
		if !shown[i] {
			places, people = append(places, i), people+counts[i]
		}
	}
	instead := slices.Clone(counts)
	var try func(at, left int) bool
	try = func(at, left int) bool {
		if at == len(places)-1 {
			instead[places[at]] = left
			return instead[hidden] != counts[hidden] && slices.Equal(rules.Suppress(instead, least), shown)
		}
		for n := 0; n <= left; n++ {
			instead[places[at]] = n
			if try(at+1, left-n) {
				return true
			}
		}
		return false
	}
	return try(0, people)
}
