package indicator

import (
	"slices"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/locales"
	"kinerja/store"
)

// ItemLines tell all there is of one indicator of a list but its name, and with which others it shares its result.
func ItemLines(r *flows.Request, list []store.Indicator, i store.Indicator) []string {
	var lines []string
	for _, f := range fields[1:] {
		value := *f.of(&i)
		if value == "" || f.word == fieldPlan && i.Itself() && i.Plan == i.Name {
			continue
		}
		lines = append(lines, r.T.HTML("indicator.has_"+f.word, locales.Args{"Value": value}))
	}
	if i.Dimension != "" {
		lines = append(lines, r.T.HTML("indicator.has_dimension", locales.Args{"Value": r.T.Plain("indicator." + i.Dimension)}))
	}
	if i.Aspect == store.Capaian {
		lines = append(lines, r.T.HTML("indicator.is_"+kindOf(i)))
	}
	if i.Itself() && i.Target == "" && i.Dimension == "" {
		lines = append(lines, r.T.HTML("indicator.in_words"))
	}
	return append(lines, SharedLine(r, list, i, fieldPlan))
}

// ofResult are the fields that belong to a result, and so to all of its indicators.
var ofResult = []string{fieldPlan, "serves", "kind"} //nolint:gochecknoglobals // a constant list

// SharedLine says that what is changed in a field is changed for all indicators of a result; "" where there is only one, or for a field of its own.
func SharedLine(r *flows.Request, list []store.Indicator, i store.Indicator, word string) string {
	if i.Ordinal < 1 || i.Ordinal > len(list) || !slices.Contains(ofResult, word) {
		return ""
	}
	same := rules.SameResult(list, i.Ordinal-1)
	if len(same) < 2 {
		return ""
	}
	var numbers []string
	for _, n := range same {
		numbers = append(numbers, strconv.Itoa(n+1))
	}
	return r.T.HTML("indicator.shared", locales.Args{"Numbers": strings.Join(numbers, ", ")})
}
