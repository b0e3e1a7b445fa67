package rules

// SmallestGroup is how many people a figure is about at least before it is shown to somebody who may not know of each of them (DOMAIN 8).
const SmallestGroup = 5

// Suppress tells which figures of a distribution may be shown beside its total, so that no group of 1 to least-1 people is shown, and none
// can be found by subtracting what is shown from the total, also by who knows this rule. Where there is no such group nothing is hidden, and
// where all together are fewer than least everything is. least is 4 or more.
//
// Beside a small group all that is smaller than least is hidden, zeros too. One more figure goes with it where what is hidden would be a
// small group again, or as large as it can be, which is one way only: the next one in the order of the figures, because the smallest of them
// would tell how it compares with those that are shown.
func Suppress(counts []int, least int) (shown []bool) {
	shown = make([]bool, len(counts))
	first, hidden, people := -1, 0, 0
	for i, n := range counts {
		shown[i] = n >= least
		if shown[i] {
			continue
		}
		if first < 0 {
			first = i
		}
		hidden, people = hidden+1, people+n
	}
	if people == 0 { // nobody is in a small group
		for i := range shown {
			shown[i] = true
		}
		return shown
	}
	if people < least || people == hidden*(least-1) {
		hideNext(shown, first)
	}
	return shown
}

// hideNext hides the figure that is shown next after a place, or before it where none is after.
func hideNext(shown []bool, place int) {
	for i := range shown {
		if i > place && shown[i] {
			shown[i] = false
			return
		}
	}
	for i := len(shown) - 1; i >= 0; i-- {
		if shown[i] {
			shown[i] = false
			return
		}
	}
}
