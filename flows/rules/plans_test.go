package rules_test

import (
	"strings"
	"testing"

	"kinerja/flows/rules"
	"kinerja/store"
)

// results writes a list as "plan/name plan/name".
func results(text string) []store.Indicator {
	var list []store.Indicator
	for _, word := range strings.Fields(text) {
		plan, name, _ := strings.Cut(word, "/")
		list = append(list, store.Indicator{Aspect: store.Capaian, Plan: plan, Name: name})
	}
	return list
}

func written(list []store.Indicator) string {
	var all []string
	for _, i := range list {
		all = append(all, i.Plan+"/"+i.Name)
	}
	return strings.Join(all, " ")
}

func TestAnIndicatorMovesWithinItsResultAndItsResultWholeAtTheEdge(t *testing.T) {
	for _, c := range []struct {
		before   string
		at, step int
		after    string
		place    int
		ok       bool
	}{
		{"p/a p/b q/c", 0, 1, "p/b p/a q/c", 1, true},
		{"p/a p/b q/c", 1, 1, "q/c p/a p/b", 2, true},
		{"p/a p/b q/c q/d", 2, -1, "q/c q/d p/a p/b", 0, true},
		{"/a /b p/c", 1, -1, "/b /a p/c", 0, true},
		{"p/a p/b /c", 2, -1, "/c p/a p/b", 0, true},
		{"p/a p/b", 0, -1, "p/a p/b", 0, false},
	} {
		list := results(c.before)
		place, ok := rules.MoveIndicator(list, c.at, c.step)
		if got := written(list); got != c.after || place != c.place || ok != c.ok {
			t.Errorf("%s, %d by %d: %s at %d, %v; want %s at %d, %v", c.before, c.at, c.step, got, place, ok, c.after, c.place, c.ok)
		}
	}
}

func TestAPlanIsThatOfTheWholeResultUnlessOneIsSplitOff(t *testing.T) {
	list := results("p/a p/b q/c")
	list[2].Additional = true
	rules.SetPlan(list, 0, "r", false)
	if got := written(list); got != "r/a r/b q/c" {
		t.Errorf("changed: %s", got)
	}
	rules.SetPlan(list, 1, "q", true)
	if got := written(list); got != "r/a q/b q/c" || !list[1].Additional || list[0].Additional {
		t.Errorf("split off into another result: %s", got)
	}
	words := []store.Indicator{{Aspect: store.Capaian, Plan: "Layanan ramah", Name: "Layanan ramah"}}
	if rules.SetPlan(words, 0, "Layanan cepat", false); words[0].Name != "Layanan cepat" || !words[0].Itself() {
		t.Errorf("a result in words is %+v", words[0])
	}
}
