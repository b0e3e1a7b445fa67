// Package town is the sample city with the whole administration in the chat, for the transcripts of its conversations: they lead to each other.
package town

import (
	"context"
	"testing"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/assignment"
	"kinerja/flows/indicator"
	"kinerja/flows/invite"
	"kinerja/flows/leader"
	"kinerja/flows/people"
	"kinerja/flows/performance"
	"kinerja/flows/period"
	"kinerja/flows/reminder"
	"kinerja/flows/role"
	"kinerja/flows/rules"
	"kinerja/flows/transcript"
	"kinerja/flows/unit"
	"kinerja/store"
	"kinerja/store/sample"
)

// Bot is the user name of the bot, to which printed codes lead.
const Bot = "KotaSolokKinerjaBot"

// ReasonMin is the least number of characters of a written reason.
const ReasonMin = 15

// New is a city in which nobody is linked.
func New(t testing.TB) (*transcript.World, *sample.Cast) {
	t.Helper()
	w := transcript.NewWorld(t)
	cast, err := sample.City(context.Background(), w.Store)
	must(t, err)
	calendar, err := rules.NewCalendar()
	must(t, err)
	schedule, err := reminder.Default(calendar)
	must(t, err)
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{leader.MenuEntry(w.Store), period.MenuEntry(w.Store)})
		period.Register(e, w.Store, calendar, schedule.Allowed)
		indicator.Register(e, w.Store)
		unit.Register(e, w.Store)
		assignment.Register(e, w.Store, calendar, ReasonMin)
		people.Register(e, w.Store, calendar, ReasonMin)
		role.Register(e, w.Store)
		leader.Register(e, w.Store, calendar)
		performance.Register(e, w.Store, calendar)
		invite.Register(e, w.Store, func(context.Context) (string, error) { return Bot, nil })
	})
	return w, cast
}

// Of is a city with the administrators of the city ("kota") and of its health agency ("dinkes"), and an employee ("pegawai").
func Of(t testing.TB, language string) (*transcript.World, *sample.Cast) {
	t.Helper()
	w, cast := New(t)
	for _, phone := range []struct {
		key    string
		person *store.Person
	}{{"kota", cast.Admin}, {"dinkes", cast.UnitAdmin}, {"pegawai", cast.Employee}} {
		w.Link(phone.key, phone.person, language, account.NoticeVersion)
	}
	return w, cast
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
