package rules_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kinerja/flows/rules"
	"kinerja/store"
)

func TestTheSuggestionFollowsTheGuideOfPermenPANRB6Of2022(t *testing.T) {
	const a, m, b = store.Above, store.Meets, store.Below
	for _, c := range []struct {
		main, additional []store.Rating
		want             store.Rating
	}{
		{nil, nil, ""},
		{[]store.Rating{m, m, m}, nil, m},
		{[]store.Rating{a, a, m}, nil, a},
		{[]store.Rating{a, m}, nil, m}, // half is not most
		{[]store.Rating{m, b}, nil, m},
		{[]store.Rating{a, b}, nil, m},
		{[]store.Rating{m, b, b}, nil, b},
		{[]store.Rating{a, a, a, b}, nil, m},                  // a main one is below
		{[]store.Rating{a, a, a}, []store.Rating{b}, a},       // an additional one does not hinder
		{[]store.Rating{m}, []store.Rating{a, a}, a},          // but counts
		{[]store.Rating{a}, []store.Rating{b, b}, b},          // either way
		{[]store.Rating{b}, []store.Rating{a, a, a, a}, m},    // most above, and a main one below
		{nil, []store.Rating{a, b}, m},                        // no main one at all
		{[]store.Rating{a, a, m, m}, []store.Rating{a, b}, m}, // half above
	} {
		if got := rules.Suggest(slices.Concat(rated(c.main, false), rated(c.additional, true))); got != c.want {
			t.Errorf("main %v, additional %v suggest %q, want %q", c.main, c.additional, got, c.want)
		}
	}
}

func rated(ratings []store.Rating, additional bool) []rules.Rated {
	var list []rules.Rated
	for _, r := range ratings {
		list = append(list, rules.Rated{Rating: r, Additional: additional})
	}
	return list
}

func anyRated(t *rapid.T) []rules.Rated {
	return slices.Concat(rated(rapid.SliceOfN(anyRating, 1, 8).Draw(t, "main"), false), rated(rapid.SliceOfN(anyRating, 0, 8).Draw(t, "additional"), true))
}

func TestTheSuggestionDoesNotDependOnTheOrderAndNeverFallsWhenARatingRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := anyRated(t)
		got := rules.Suggest(list)
		if mixed := rules.Suggest(rapid.Permutation(list).Draw(t, "mixed")); mixed != got {
			t.Fatalf("%v suggests %s, in another order %s", list, got, mixed)
		}
		raised := slices.Clone(list)
		if one := &raised[rapid.IntRange(0, len(list)-1).Draw(t, "which")]; one.Rating == store.Below {
			one.Rating = store.Meets
		} else {
			one.Rating = store.Above
		}
		if better := rules.Suggest(raised); rank(better) < rank(got) {
			t.Fatalf("%v suggests %s, the better %v only %s", list, got, raised, better)
		}
	})
}

func TestTheSuggestionIsAboveOnlyWhenMostAreAndNoMainOneIsBelow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := anyRated(t)
		count := map[store.Rating]int{}
		for _, r := range list {
			count[r.Rating]++
		}
		mainBelow := slices.Contains(list, rules.Rated{Rating: store.Below})
		mostAbove, mostBelow := 2*count[store.Above] > len(list), 2*count[store.Below] > len(list)
		if got := rules.Suggest(list); (got == store.Above) != (mostAbove && !mainBelow) || (got == store.Below) != mostBelow {
			t.Fatalf("%v suggests %s", list, got)
		}
	})
}

// A result with several indicators is one result: three poor indicators of one do not outweigh two good results.
func TestTheIndicatorsOfOneResultCountOnce(t *testing.T) {
	s := store.Sheet{Answers: map[int64]store.Answer{}}
	for n, i := range []store.Indicator{{Plan: "A"}, {Plan: "A"}, {Plan: "A"}, {Plan: "B"}, {Plan: "C", Additional: true}, {Name: "no plan"}, {Name: "nor this"}} {
		i.ID, i.Aspect = int64(n+1), store.Capaian
		s.Indicators = append(s.Indicators, i)
		s.Answers[i.ID] = store.Answer{Rating: map[bool]store.Rating{true: store.Below, false: store.Meets}[i.Plan == "A"]}
	}
	want := []rules.Rated{{Rating: store.Below}, {Rating: store.Meets}, {Rating: store.Meets, Additional: true}, {Rating: store.Meets}, {Rating: store.Meets}}
	if got := rules.RatedOf(s, store.Work); !slices.Equal(got, want) {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if got := rules.Suggested(s, store.Work); got != store.Meets {
		t.Errorf("suggested %s", got)
	}
	if got := rules.RatedOf(s, store.Behaviour); got != nil {
		t.Errorf("behaviour is made of %+v", got)
	}
}
