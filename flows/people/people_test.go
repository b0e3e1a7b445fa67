package people_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/indicator"
	"kinerja/flows/people"
	"kinerja/flows/period"
	"kinerja/flows/reminder"
	"kinerja/flows/rules"
	"kinerja/flows/transcript"
	"kinerja/store/sample"
)

func city(t *testing.T, language string) (*transcript.World, *sample.Cast) {
	t.Helper()
	w := transcript.NewWorld(t)
	cast, err := sample.City(context.Background(), w.Store)
	if err != nil {
		t.Fatalf("sample city: %v", err)
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		t.Fatalf("calendar: %v", err)
	}
	schedule, err := reminder.Default(calendar)
	if err != nil {
		t.Fatalf("schedule: %v", err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{period.MenuEntry(w.Store)})
		period.Register(e, w.Store, calendar, schedule.Allowed)
		indicator.Register(e, w.Store)
		people.Register(e, w.Store, calendar, 15)
	})
	w.Link("kota", cast.Admin, language, account.NoticeVersion)
	w.Link("dinkes", cast.UnitAdmin, language, account.NoticeVersion)
	w.Link("pegawai", cast.Employee, language, account.NoticeVersion)
	return w, cast
}

func TestPeopleReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"change", "evaluator", "leave", "new", "bad"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, _ := city(t, language)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", nil)
			})
		}
	}
}

func TestAPageReadTwiceIsTheSameAndAForgedButtonOfAnotherAgencyIsNothing(t *testing.T) {
	w, cast := city(t, "id")
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
