package people_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"kinerja/flows"
	"kinerja/flows/transcript"
	"kinerja/flows/transcript/town"
	"kinerja/store"
)

func TestPeopleReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"change", "evaluator", "leave", "new", "bad"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, _ := town.Of(t, language)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", nil)
			})
		}
	}
}

func TestASuccessorForAWholeTeamReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		t.Run(language, func(t *testing.T) {
			w, cast := town.Of(t, language)
			transcript.Play(t, w, "testdata/succeed_"+language+".txt", transcript.Hooks{"a quarter is open": func() string {
				_, err := w.Store.OpenPeriodNow(context.Background(), cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
					ScoringDue: w.Clock.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce})
				if err != nil {
					t.Fatal(err)
				}
				return ""
			}})
		})
	}
}

func TestAPageReadTwiceIsTheSameAndAForgedButtonOfAnotherAgencyIsNothing(t *testing.T) {
	w, cast := town.Of(t, "id")
	w.Type("dinkes", "/admin")
	nothing := w.Do("dinkes", flows.Event{Kind: flows.Tap, Private: true, Data: "people.show:999999"})
	for _, route := range []string{"people.show:%d", "people.edit:%d", "people.leaveset:%d:retired:2027-01-04", "people.unlinkset:%d:lost", "people.backset:%d", "people.move:%d:0:1", "people.led:%d:1"} {
		seen := w.Do("dinkes", flows.Event{Kind: flows.Tap, Private: true, Data: fmt.Sprintf(route, cast.OtherEvaluator.ID)})
		if seen != nothing {
			t.Errorf("%s shows\n%s", route, seen)
		}
	}
	person, err := w.Store.PersonByID(context.Background(), cast.OtherEvaluator.ID)
	if err != nil || !person.Active {
		t.Errorf("%+v, %v", person, err)
	}
	link := fmt.Sprintf("people.show:%d", cast.Evaluator.ID)
	first := w.Do("dinkes", flows.Event{Kind: flows.Tap, Private: true, Data: link})
	if again := w.Do("dinkes", flows.Event{Kind: flows.Tap, Private: true, Data: link}); again != first || !strings.Contains(first, "Elvira") {
		t.Errorf("%s\nthen\n%s", first, again)
	}
}
