package rules_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kinerja/flows/rules"
	"kinerja/store"
)

func TestTheQuadrantIsThatOfPermenPANRB6Of2022(t *testing.T) {
	order := []store.Rating{store.Below, store.Meets, store.Above}
	want := map[store.Rating][]store.Predicate{ // by behaviour: below, meets, above
		store.Above: {store.Poor, store.Good, store.VeryGood},
		store.Meets: {store.Poor, store.Good, store.Good},
		store.Below: {store.VeryPoor, store.NeedsImprovement, store.NeedsImprovement},
	}
	for work, row := range want {
		for i, behaviour := range order {
			if got, err := rules.Predicate(work, behaviour); err != nil || got != row[i] {
				t.Errorf("work %s, behaviour %s: %s, %v; want %s", work, behaviour, got, err, row[i])
			}
		}
	}
}

func TestAnUnknownRatingHasNoPredicate(t *testing.T) {
	for _, pair := range [][2]store.Rating{{"", store.Meets}, {store.Meets, ""}, {"good", store.Meets}} {
		if got, err := rules.Predicate(pair[0], pair[1]); err == nil {
			t.Errorf("%v gives %s, want an error", pair, got)
		}
	}
}

var anyRating = rapid.SampledFrom([]store.Rating{store.Above, store.Meets, store.Below})

func rank(r store.Rating) int {
	return slices.Index([]store.Rating{store.Below, store.Meets, store.Above}, r)
}

func TestABetterRatingNeverGivesAWorsePredicate(t *testing.T) {
	order := []store.Predicate{store.VeryPoor, store.Poor, store.NeedsImprovement, store.Good, store.VeryGood}
	predicate := func(t *rapid.T, work, behaviour store.Rating) int {
		p, err := rules.Predicate(work, behaviour)
		if err != nil {
			t.Fatalf("%s, %s: %v", work, behaviour, err)
		}
		return slices.Index(order, p)
	}
	rapid.Check(t, func(t *rapid.T) {
		work, behaviour := anyRating.Draw(t, "work"), anyRating.Draw(t, "behaviour")
		better := anyRating.Draw(t, "better")
		if rank(better) > rank(work) && predicate(t, better, behaviour) < predicate(t, work, behaviour) {
			t.Fatalf("work %s instead of %s lowers the predicate", better, work)
		}
		if rank(better) > rank(behaviour) && predicate(t, work, better) < predicate(t, work, behaviour) {
			t.Fatalf("behaviour %s instead of %s lowers the predicate", better, behaviour)
		}
	})
}

func TestANoteAloneIsNoRating(t *testing.T) {
	s := sheet(map[int64]store.Rating{1: "", 2: store.Meets, 3: "good"})
	if m := rules.Check(s, minReason); len(m.Unrated) != 2 {
		t.Errorf("unrated: %+v, want indicators 1 and 3", m.Unrated)
	}
}

func TestTheReasonOfAnIndicatorSpeaksForItsSideOnly(t *testing.T) {
	s := sheet(map[int64]store.Rating{1: store.Above, 2: store.Meets, 3: store.Meets})
	s.Answers[1] = store.Answer{IndicatorID: 1, Rating: store.Above, Reason: "Melampaui target dua bulan"}
	s.WorkRating, s.BehaviourRating = store.Above, store.Above
	if m := rules.Check(s, minReason); len(m.Reasons) != 1 || m.Reasons[0].Side != store.Behaviour {
		t.Errorf("owed: %+v, want the behaviour rating alone", m.Reasons)
	}
	s.WorkRating = store.Below // of this rating no indicator of the side speaks
	if m := rules.Check(s, minReason); len(m.Reasons) != 2 {
		t.Errorf("owed: %+v, want both sides", m.Reasons)
	}
	s.WorkReason, s.BehaviourReason = "Laporan akhir belum diserahkan", "Menjadi teladan bagi rekan"
	s.FollowUpKind, s.FollowUpDue = store.Coaching, "2027-03-01"
	if m := rules.Check(s, minReason); !m.None() {
		t.Errorf("still missing: %+v", m)
	}
}

func sheet(ratings map[int64]store.Rating) store.Sheet {
	s := store.Sheet{Answers: map[int64]store.Answer{}, Indicators: []store.Indicator{
		{ID: 1, Aspect: store.Capaian}, {ID: 2, Aspect: store.Sikap}, {ID: 3, Aspect: store.Perilaku},
	}}
	for id, r := range ratings {
		s.Answers[id] = store.Answer{IndicatorID: id, Rating: r}
	}
	return s
}

const minReason = 15

func TestNothingIsMissingWhenAllMeetsTheExpectation(t *testing.T) {
	s := sheet(map[int64]store.Rating{1: store.Meets, 2: store.Meets, 3: store.Meets})
	s.WorkRating, s.BehaviourRating = store.Meets, store.Meets
	if m := rules.Check(s, minReason); !m.None() {
		t.Errorf("missing: %+v", m)
	}
}

func TestEveryOtherRatingOwesAReasonOnce(t *testing.T) {
	s := sheet(map[int64]store.Rating{1: store.Above, 2: store.Meets, 3: store.Below})
	s.WorkRating, s.BehaviourRating = store.Above, store.Meets // as suggested
	if m := rules.Check(s, minReason); len(m.Reasons) != 2 || m.Reasons[0].Indicator.ID != 1 || m.Reasons[1].Indicator.ID != 3 {
		t.Errorf("owed reasons: %+v, want those of indicators 1 and 3", m.Reasons)
	}
	s.BehaviourRating = store.Above // no indicator of that side is above: the overall rating needs a reason of its own
	if m := rules.Check(s, minReason); len(m.Reasons) != 3 || !m.Reasons[2].Overall() || m.Reasons[2].Side != store.Behaviour {
		t.Errorf("owed reasons: %+v, want one for the behaviour rating too", m.Reasons)
	}
}

func TestADepartureFromTheSuggestionOwesAReasonWhateverTheIndicatorsSay(t *testing.T) {
	s := sheet(map[int64]store.Rating{1: store.Meets, 2: store.Below, 3: store.Meets})
	s.Indicators = append(s.Indicators, store.Indicator{ID: 4, Aspect: store.Perilaku})
	s.Answers[2] = store.Answer{IndicatorID: 2, Rating: store.Below, Reason: "Sering terlambat hadir"}
	s.Answers[4] = store.Answer{IndicatorID: 4, Rating: store.Meets}
	s.WorkRating, s.BehaviourRating = store.Meets, store.Meets
	if m := rules.Check(s, minReason); !m.None() {
		t.Errorf("what follows the suggestion owes %+v", m)
	}
	s.BehaviourRating = store.Below // as one indicator of the side, but against the suggestion
	if m := rules.Check(s, minReason); len(m.Reasons) != 1 || m.Reasons[0].Side != store.Behaviour {
		t.Errorf("a departure owes %+v, want its reason", m.Reasons)
	}
	s.Answers[3], s.Answers[4] = store.Answer{}, store.Answer{} // the suggestion is not settled before all is rated
	if m := rules.Check(s, minReason); len(m.Reasons) != 0 {
		t.Errorf("before all is rated it owes %+v", m.Reasons)
	}
	s.BehaviourRating = store.Meets
	s.Answers[2] = store.Answer{IndicatorID: 2, Rating: store.Below, Reason: "Sering terlambat hadir"}
	s.Answers[3] = store.Answer{IndicatorID: 3, Rating: store.Below, Reason: "Ada keluhan warga"}
	s.Answers[4] = store.Answer{IndicatorID: 4, Rating: store.Below, Reason: "Ada keluhan rekan"}
	if m := rules.Check(s, minReason); len(m.Reasons) != 1 || m.Reasons[0].Rating != store.Meets {
		t.Errorf("to stay at meets owes %+v, want its reason", m.Reasons)
	}
}

func TestFromButuhPerbaikanDownAFollowUpWithADayIsNeeded(t *testing.T) {
	for _, c := range []struct{ work, behaviour store.Rating }{{store.Below, store.Meets}, {store.Meets, store.Below}, {store.Below, store.Below}} {
		s := sheet(map[int64]store.Rating{1: store.Meets, 2: store.Below, 3: store.Below})
		s.WorkRating, s.BehaviourRating = c.work, c.behaviour
		if !rules.Check(s, minReason).FollowUp {
			t.Errorf("%+v without follow-up passes", c)
		}
		s.FollowUpKind = store.Coaching
		if !rules.Check(s, minReason).FollowUp {
			t.Errorf("%+v with a follow-up without a day passes", c)
		}
		s.FollowUpDue = "2027-03-01"
		if rules.Check(s, minReason).FollowUp {
			t.Errorf("%+v with follow-up does not pass", c)
		}
	}
	if s := sheet(nil); rules.Check(s, minReason).FollowUp {
		t.Error("a follow-up is asked for before anything is chosen")
	}
}

func TestAReasonIsASentenceNotNoise(t *testing.T) {
	for reason, want := range map[string]bool{
		"Melampaui target dua bulan": true, "terlalu pendek": false, "aaaaaaaaaaaaaaaaaaaa": false,
		"                    ": false, "....................": false, "aba aba aba aba aba": false,
	} {
		if got := rules.ReasonSuffices(reason, minReason); got != want {
			t.Errorf("%q suffices: %v, want %v", reason, got, want)
		}
	}
}
