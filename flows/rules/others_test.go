package rules_test

import (
	"slices"
	"testing"
	"time"

	"kinerja/flows/rules"
	"kinerja/store"
)

// standing is an evaluation with one indicator that meets and one that is not rated, and an earlier result that was good.
func standing(change func(s *store.Standing)) store.Standing {
	s := store.Standing{
		Sheet: store.Sheet{Indicators: []store.Indicator{{ID: 1, Aspect: store.Capaian}, {ID: 2, Aspect: store.Sikap}},
			Answers: map[int64]store.Answer{1: {IndicatorID: 1, Rating: store.Meets}}},
		Earlier: store.Earlier{ResultID: 7, Predicate: store.Good},
	}
	if change != nil {
		change(&s)
	}
	return s
}

func TestWhatStandsOutAboutSomebody(t *testing.T) {
	for what, c := range map[string]struct {
		change func(s *store.Standing)
		want   []rules.Notable
	}{
		"nothing":                {nil, nil},
		"nothing, never before":  {func(s *store.Standing) { s.Earlier = store.Earlier{} }, nil},
		"nothing, chosen so":     {func(s *store.Standing) { s.WorkRating, s.BehaviourRating = store.Meets, store.Meets }, nil},
		"better before":          {func(s *store.Standing) { s.Earlier.Predicate = store.VeryGood }, nil},
		"agreed two periods ago": {func(s *store.Standing) { s.Earlier.FollowUps = []store.FollowUp{{Kind: store.Training}} }, nil},
		"rated below":            {func(s *store.Standing) { s.Answers[2] = store.Answer{Rating: store.Below} }, []rules.Notable{rules.BegunOtherwise}},
		"rated above":            {func(s *store.Standing) { s.Answers[2] = store.Answer{Rating: store.Above} }, []rules.Notable{rules.BegunOtherwise}},
		"feedback":               {func(s *store.Standing) { s.Answers[2] = store.Answer{Note: "Pertahankan"} }, []rules.Notable{rules.BegunOtherwise}},
		"a note":                 {func(s *store.Standing) { s.Note = "Terima kasih" }, []rules.Notable{rules.BegunOtherwise}},
		"a follow-up":            {func(s *store.Standing) { s.FollowUpKind = store.Coaching }, []rules.Notable{rules.BegunOtherwise}},
		"chosen above":           {func(s *store.Standing) { s.BehaviourRating = store.Above }, []rules.Notable{rules.BegunOtherwise}},
		"agreed, and done by his evaluator's word": {func(s *store.Standing) {
			s.Earlier.Agreed = store.FollowUp{Kind: store.Training, ByEvaluator: &time.Time{}}
		}, nil},
		"agreed, and done by his own word only": {func(s *store.Standing) {
			s.Earlier.Agreed = store.FollowUp{Kind: store.Training, ByEmployee: &time.Time{}}
		}, []rules.Notable{rules.FollowUpOpen}},
		"agreed last time":     {func(s *store.Standing) { s.Earlier.Agreed = store.FollowUp{Kind: store.Training} }, []rules.Notable{rules.FollowUpOpen}},
		"to improve last time": {func(s *store.Standing) { s.Earlier.Predicate = store.NeedsImprovement }, []rules.Notable{rules.LastBelowGood}},
		"poor last time":       {func(s *store.Standing) { s.Earlier.Predicate = store.Poor }, []rules.Notable{rules.LastBelowGood}},
		"very poor, agreed, begun": {func(s *store.Standing) {
			s.Earlier.Predicate, s.Earlier.Agreed.Kind, s.WorkRating = store.VeryPoor, store.Coaching, store.Below
		}, []rules.Notable{rules.BegunOtherwise, rules.FollowUpOpen, rules.LastBelowGood}},
	} {
		if got := rules.StandsOut(standing(c.change)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}
