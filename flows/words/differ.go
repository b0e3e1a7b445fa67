package words

import (
	"kinerja/flows/rules"
	"kinerja/locales"
)

// Difference tells in plain words one thing that is otherwise in a later list of indicators. Of each name and value it keeps so many characters.
func Difference(t *locales.Translator, d rules.Difference, longest int) string {
	args := locales.Args{"Name": Shortened(d.Name, longest), "Aspect": Aspect(t, d.Aspect), "Before": Shortened(d.Before, longest), "After": Shortened(d.After, longest)}
	switch d.Kind {
	case rules.Added, rules.Removed, rules.Order, "name":
		return t.Plain("differ."+d.Kind, args)
	case "description":
		return t.Plain("differ.described", args)
	case rules.Kind:
		return t.Plain("differ.kind_"+d.After, args)
	case "dimension":
		args["Before"], args["After"] = dimension(t, d.Before), dimension(t, d.After)
	}
	args["Field"] = t.Plain("differ.field_" + d.Kind)
	switch {
	case d.Before == "":
		return t.Plain("differ.filled", args)
	case d.After == "":
		return t.Plain("differ.emptied", args)
	}
	return t.Plain("differ.changed", args)
}

func dimension(t *locales.Translator, word string) string {
	if word == "" {
		return ""
	}
	return t.Plain("indicator." + word)
}

// Differences tells the first of many in HTML, a line each, and how many more there are.
func Differences(t *locales.Translator, all []rules.Difference, most, longest int) []string {
	if len(all) == 0 {
		return []string{"• " + locales.Escape(t.Plain("differ.nothing"))}
	}
	var lines []string
	for _, d := range all[:min(len(all), most)] {
		lines = append(lines, "• "+locales.Escape(Difference(t, d, longest)))
	}
	if more := len(all) - most; more > 0 {
		lines = append(lines, "• "+locales.Escape(t.Plain("differ.more", locales.Args{"Number": more})))
	}
	return lines
}
