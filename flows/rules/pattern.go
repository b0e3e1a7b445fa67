package rules

import (
	"slices"

	"kinerja/store"
)

// Predicates lists the five grades of a person, best first.
func Predicates() []store.Predicate {
	return []store.Predicate{store.VeryGood, store.Good, store.NeedsImprovement, store.Poor, store.VeryPoor}
}

// Pattern is what the organisation performance of a unit lets expect of the predicates of its people: most have the one that is named like it, and no
// other is excluded (PermenPANRB 6/2022, annex IV.B.2).
type Pattern struct {
	Largest store.Predicate
	bounds  []bound
}

// bound is a share of the people, in per cent, that a predicate should have (SE MenPANRB 3/2023, as far as it is known; assumed).
type bound struct {
	of          store.Predicate
	least, most int
}

// PatternOf is the pattern of a grade; false for none.
func PatternOf(grade store.OrgGrade) (Pattern, bool) {
	const everybody = 100
	p, known := map[store.OrgGrade]Pattern{
		store.OrgOutstanding:      {store.VeryGood, []bound{{store.VeryGood, 0, 70}}},
		store.OrgGood:             {store.Good, []bound{{store.Good, 0, 70}}},
		store.OrgNeedsImprovement: {store.NeedsImprovement, []bound{{store.NeedsImprovement, 60, everybody}, {store.VeryGood, 0, 10}}},
		store.OrgPoor:             {store.Poor, []bound{{store.Poor, 60, everybody}, {store.VeryGood, 0, 10}}},
		store.OrgVeryPoor:         {store.VeryPoor, []bound{{store.VeryPoor, 60, everybody}, {store.VeryGood, 0, 0}}},
	}[grade]
	return p, known
}

// Height is how high the pattern's curve stands at a predicate, from 1 to 5. The law draws the curves without a scale: highest at the largest group,
// and lower with each step away from it.
func (p Pattern) Height(of store.Predicate) int {
	all := Predicates()
	steps := slices.Index(all, of) - slices.Index(all, p.Largest)
	return []int{5, 3, 2, 1, 1}[max(steps, -steps)]
}

// LeastForPattern is the number of people below which a team is too small for a pattern.
const LeastForPattern = 5

// Off is one way in which a team is not as its pattern lets expect.
type Off struct {
	Predicate store.Predicate
	Limit     int  // per cent; 0 where Largest
	Fewer     bool // its share is below Limit, not above
	Largest   bool // another predicate than this one, which should have the most, has more
}

// Departures tells how a team differs from its pattern; nothing where it is too small. It is a thought for the evaluator, and never stops him.
func (p Pattern) Departures(count map[store.Predicate]int) []Off {
	all := 0
	for _, n := range count {
		all += n
	}
	if all < LeastForPattern {
		return nil
	}
	var off []Off
	for _, other := range Predicates() {
		if count[other] > count[p.Largest] {
			off = append(off, Off{Predicate: p.Largest, Largest: true})
			break
		}
	}
	for _, b := range p.bounds {
		switch share := 100 * count[b.of]; {
		case share > b.most*all:
			off = append(off, Off{Predicate: b.of, Limit: b.most})
		case share < b.least*all && len(off) == 0: // that another group is the largest says it already
			off = append(off, Off{Predicate: b.of, Limit: b.least, Fewer: true})
		}
	}
	return off
}
