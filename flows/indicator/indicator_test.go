package indicator_test

import (
	"context"
	"testing"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/indicator"
	"kinerja/flows/period"
	"kinerja/flows/reminder"
	"kinerja/flows/rules"
	"kinerja/flows/transcript"
	"kinerja/store/sample"
)

func city(t *testing.T) (*transcript.World, *sample.Cast) {
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
	})
	return w, cast
}

func TestIndicatorsReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"unit", "city"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, cast := city(t)
				w.Link("kota", cast.Admin, language, account.NoticeVersion)
				w.Link("dinkes", cast.UnitAdmin, language, account.NoticeVersion)
				w.Link("pegawai", cast.Employee, language, account.NoticeVersion)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", nil)
			})
		}
	}
}
