package rules

import "kinerja/store"

// Rated is one of the things that an overall rating is made of: a result, an attitude or a value.
type Rated struct {
	Rating     store.Rating
	Additional bool // a result that is tambahan, not utama
}

// Suggest proposes an overall rating ("usulan sistem"); a person chooses. It follows the guide of PermenPANRB 6/2022, annex IV.B.3a1d: above where
// more than half are above and no main one is below; below where more than half are below; else meets. So a better rating never worsens
// the suggestion. "" when there is nothing to go by.
func Suggest(rated []Rated) store.Rating {
	count := map[store.Rating]int{}
	mainBelow := false
	for _, r := range rated {
		count[r.Rating]++
		mainBelow = mainBelow || r.Rating == store.Below && !r.Additional
	}
	all := count[store.Below] + count[store.Meets] + count[store.Above]
	switch {
	case all == 0:
		return ""
	case 2*count[store.Below] > all:
		return store.Below
	case 2*count[store.Above] > all && !mainBelow:
		return store.Above
	default:
		return store.Meets
	}
}

// Suggested is what the system proposes for one side of a sheet; "" without any rating.
func Suggested(sheet store.Sheet, side store.Side) store.Rating { return Suggest(RatedOf(sheet, side)) }

// RatedOf lists what the overall rating of one side is made of, as far as it is rated. The indicators of one result count once, as the same guide
// would have it for them alone.
func RatedOf(sheet store.Sheet, side store.Side) []Rated {
	var list []Rated
	for n, i := range sheet.Indicators {
		places := SameResult(sheet.Indicators, n)
		if Side(i.Aspect) != side || places[0] != n { // its result was counted at its first indicator
			continue
		}
		var own []Rated
		for _, place := range places {
			if rating := sheet.Rating(sheet.Indicators[place].ID); rating.Valid() {
				own = append(own, Rated{Rating: rating, Additional: i.Additional})
			}
		}
		if rating := Suggest(own); rating != "" {
			list = append(list, Rated{Rating: rating, Additional: i.Additional})
		}
	}
	return list
}
