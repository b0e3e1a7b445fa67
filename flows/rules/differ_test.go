package rules_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kinerja/flows/rules"
	"kinerja/store"
)

func TestWhatChangedBetweenTwoListsIsNamed(t *testing.T) {
	patients := store.Indicator{Aspect: store.Capaian, Name: "Pasien", Target: "250", Measure: "pasien"}
	letters := store.Indicator{Aspect: store.Capaian, Name: "Surat", Plan: "Surat dijawab"}
	discipline := store.Indicator{Aspect: store.Sikap, Name: "Disiplin"}
	with := func(i store.Indicator, change func(*store.Indicator)) store.Indicator { change(&i); return i }
	for name, c := range map[string]struct {
		before, after []store.Indicator
		want          []rules.Difference
	}{
		"nothing": {[]store.Indicator{patients, letters}, []store.Indicator{patients, letters}, nil},
		"one added and one removed": {[]store.Indicator{patients, discipline}, []store.Indicator{letters, discipline}, []rules.Difference{
			{Kind: rules.Removed, Aspect: store.Capaian, Name: "Pasien"}, {Kind: rules.Added, Aspect: store.Capaian, Name: "Surat"}}},
		"a target": {[]store.Indicator{patients}, []store.Indicator{with(patients, func(i *store.Indicator) { i.Target = "300" })}, []rules.Difference{
			{Kind: "target", Aspect: store.Capaian, Name: "Pasien", Before: "250", After: "300"}}},
		"a name": {[]store.Indicator{patients, letters}, []store.Indicator{with(patients, func(i *store.Indicator) { i.Name = "Orang sakit" }), letters}, []rules.Difference{
			{Kind: "name", Aspect: store.Capaian, Name: "Orang sakit", Before: "Pasien", After: "Orang sakit"}}},
		"the kind": {[]store.Indicator{letters}, []store.Indicator{with(letters, func(i *store.Indicator) { i.Additional = true })}, []rules.Difference{
			{Kind: rules.Kind, Aspect: store.Capaian, Name: "Surat", Before: "main", After: "additional"}}},
		"the order": {[]store.Indicator{patients, letters}, []store.Indicator{letters, patients}, []rules.Difference{{Kind: rules.Order, Aspect: store.Capaian}}},
		"the order beside one that is gone": {[]store.Indicator{discipline, patients, letters}, []store.Indicator{patients, letters}, []rules.Difference{
			{Kind: rules.Removed, Aspect: store.Sikap, Name: "Disiplin"}}},
	} {
		if diff := cmp.Diff(c.want, rules.Differences(c.before, c.after)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Two lists without a difference are the same, and the other way round.
func TestNoDifferenceMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) store.Indicator {
			return store.Indicator{Aspect: rapid.SampledFrom([]store.Aspect{store.Capaian, store.Sikap}).Draw(t, "aspect"), Name: rapid.StringMatching("[abc]").Draw(t, "name"),
				Target: rapid.StringMatching("[12]?").Draw(t, "target"), Additional: rapid.Bool().Draw(t, "additional")}
		})
		list := func(label string) []store.Indicator {
			list := rapid.SliceOfNDistinct(one, 0, 5, func(i store.Indicator) string { return i.Name }).Draw(t, label)
			slices.SortStableFunc(list, func(a, b store.Indicator) int { return len(b.Aspect) - len(a.Aspect) })
			return list
		}
		before, after := list("before"), list("after")
		if same, silent := slices.Equal(before, after), len(rules.Differences(before, after)) == 0; same != silent {
			t.Fatalf("%v and %v: equal %v, without a difference %v", before, after, same, silent)
		}
	})
}
