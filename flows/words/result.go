package words

import (
	"kinerja/locales"
	"kinerja/store"
)

const (
	longList      = 24 // indicators; of more each line is shorter
	longestListed = 60 // characters of a name in a list
	leastListed   = 32
)

// ListedLength is how many characters of a name a list of so many indicators has room for, with the titles of their results.
func ListedLength(indicators int) int {
	if indicators > longList {
		return leastListed
	}
	return longestListed
}

// Titled reports whether an indicator stands under the title of its result, which says what belongs to all of it. One that is its result needs none.
func Titled(i store.Indicator) bool { return i.Aspect == store.Capaian && i.Plan != "" && !i.Itself() }

// ResultTitle is the line, in HTML, that stands above the indicator at a place of a list when a result begins with it; "" within one. It closes
// a result too, where one without a plan follows.
func ResultTitle(t *locales.Translator, list []store.Indicator, at int) string {
	i := list[at]
	if i.Aspect != store.Capaian {
		return ""
	}
	titled, plan := titledAt(list, at)
	before, same := "", false
	if at > 0 && list[at-1].Aspect == store.Capaian {
		var was bool
		if was, before = titledAt(list, at-1); was {
			same = titled && before == plan
			if !titled {
				return t.HTML("words.result_other")
			}
		}
	}
	if !titled || same {
		return ""
	}
	key := "words.result"
	if i.Additional {
		key = "words.result_additional"
	}
	return t.HTML(key, locales.Args{"Plan": Shortened(plan, ListedLength(len(list)))})
}

// titledAt reports whether the indicator at a place stands under a title: it is measured by a name of its own, or by several.
func titledAt(list []store.Indicator, at int) (bool, string) {
	i := list[at]
	if i.Plan == "" {
		return false, ""
	}
	if !i.Itself() {
		return true, i.Plan
	}
	for n, o := range list {
		if n != at && o.Plan == i.Plan {
			return true, i.Plan
		}
	}
	return false, ""
}
