package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"kinerja/bot/simulator"
	"kinerja/store"
	"kinerja/store/storetest"
)

// commandsOf are the words behind the menu button of a phone.
func (w *town) commandsOf(t *testing.T, user int64) []string {
	t.Helper()
	view, err := w.client.View(context.Background(), user)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, c := range view.Commands {
		words = append(words, c.Command)
	}
	return words
}

// everybody is what Telegram lists for whoever has no list of his own.
func everybody() []string { return []string{"mulai", "bahasa", "bantuan", "privasi"} }

// lists waits until a phone lists these commands.
func (w *town) lists(t *testing.T, what string, user int64, want ...string) {
	t.Helper()
	w.await(t, what+" finds "+strings.Join(want, " "), func() bool { return slices.Equal(w.commandsOf(t, user), want) })
}

// types lets a person type, and waits for what he sees then.
func (w *town) types(t *testing.T, user int64, text, sees string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := w.client.Type(ctx, user, text); err != nil {
		t.Fatal(err)
	}
	w.sees(ctx, t, user, sees)
}

// taps lets a person tap, and waits for what he sees then and for the end of the spinner.
func (w *town) taps(t *testing.T, user int64, label, sees string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := w.client.Tap(ctx, user, label); err != nil {
		t.Fatal(err)
	}
	w.sees(ctx, t, user, sees)
}

func (w *town) sees(ctx context.Context, t *testing.T, user int64, text string) {
	t.Helper()
	_, err := w.client.Await(ctx, user, func(v simulator.View) bool {
		last := v.Messages[len(v.Messages)-1]
		return len(v.Waiting) == 0 && last.FromBot && strings.Contains(last.Text, text)
	})
	if err != nil {
		t.Fatalf("%d never saw %q: %v", user, text, err)
	}
}

func TestTheMenuButtonListsWhatThePersonUses(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	ctx, people := context.Background(), castOf(w.cast)
	sees := func(what string, user int64, want ...string) {
		t.Helper()
		if err := w.client.Type(ctx, user, "/mulai"); err != nil {
			t.Fatal(err)
		}
		w.lists(t, what, user, want...) //nolint:contextcheck // a helper of the test
	}
	if got := w.commandsOf(t, people.employee); !slices.Equal(got, everybody()) {
		t.Errorf("before his menu was drawn he finds %v", got)
	}
	sees("an employee", people.employee, "mulai", "hasil", "bahasa", "bantuan", "privasi", "batal")
	sees("an evaluator between two periods", people.evaluator, "mulai", "nilai", "hasil", "bahasa", "bantuan", "privasi", "batal")
	sees("an administrator", people.admin, "mulai", "hasil", "admin", "bahasa", "bantuan", "privasi", "batal")

	if err := w.app.store.GrantRole(ctx, 0, w.cast.Employee.ID, store.Admin, w.cast.Employee.UnitID); err != nil {
		t.Fatal(err)
	}
	sees("an employee who became administrator", people.employee, "mulai", "hasil", "admin", "bahasa", "bantuan", "privasi", "batal")
	if err := w.app.store.SetLanguage(ctx, w.cast.Employee.ID, "en"); err != nil {
		t.Fatal(err)
	}
	sees("who speaks English", people.employee, "start", "results", "admin", "language", "help", "privacy", "cancel")
	if _, err := w.app.store.Unlink(ctx, 0, w.cast.Employee.ID); err != nil {
		t.Fatal(err)
	}
	sees("who is not linked any more", people.employee, everybody()...)
}

func TestTheListFollowsTheLanguageAtOnce(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	user := castOf(w.cast).employee
	w.types(t, user, "/mulai", "Menu kinerja")
	w.lists(t, "an employee", user, "mulai", "hasil", "bahasa", "bantuan", "privasi", "batal")
	w.taps(t, user, "Hasil evaluasi saya", "Hasil")
	w.types(t, user, "/bahasa", "Bahasa")
	w.taps(t, user, "English", "My evaluation results") // and not back to his menu
	w.lists(t, "who speaks English now", user, "start", "results", "language", "help", "privacy", "cancel")
}

func TestWhoComesByAMessageGetsHisListWithoutHisMenu(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	user := castOf(w.cast).evaluator
	w.types(t, user, "/hasil", "Hasil")
	w.lists(t, "an evaluator who never saw his menu", user, "mulai", "nilai", "hasil", "bahasa", "bantuan", "privasi", "batal")
}

func TestTheOldPhoneLosesItsListWhenItIsTold(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	ctx, old := context.Background(), castOf(w.cast).employee
	w.types(t, old, "/mulai", "Menu kinerja")
	w.lists(t, "an employee", old, "mulai", "hasil", "bahasa", "bantuan", "privasi", "batal")
	code, err := w.app.store.Invite(ctx, w.cast.Employee.ID, time.Hour)
	if err == nil {
		_, err = w.app.store.Link(ctx, 990_001, "id", code)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.lists(t, "the old phone", old, everybody()...)
}

func TestTheHelpExplainsWhatTheListNames(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	people := castOf(w.cast)
	w.types(t, people.evaluator, "/bantuan", "/nilai")
	w.lists(t, "an evaluator between two periods, from his help,", people.evaluator, "mulai", "nilai", "hasil", "bahasa", "bantuan", "privasi", "batal")
	w.types(t, people.employee, "/bantuan", "/hasil")
	view, err := w.client.View(context.Background(), people.employee)
	if err != nil || strings.Contains(view.Messages[len(view.Messages)-1].Text, "/nilai") {
		t.Errorf("an employee is told of /nilai (%v)", err)
	}
	w.lists(t, "an employee", people.employee, "mulai", "hasil", "bahasa", "bantuan", "privasi", "batal")
	if err := w.app.store.GrantRole(context.Background(), 0, w.cast.Employee.ID, store.Admin, w.cast.Employee.UnitID); err != nil {
		t.Fatal(err)
	}
	w.types(t, people.employee, "/bantuan", "/admin")
	w.lists(t, "who became administrator, from his help,", people.employee, "mulai", "hasil", "admin", "bahasa", "bantuan", "privasi", "batal")
}

func TestPeopleAreAnsweredWhileTelegramTakesNoLists(t *testing.T) {
	released := make(chan struct{})
	for name, fault := range map[string]simulator.Fault{"429": simulator.TooMany(300), "hangs": simulator.HoldUntil(released)} {
		t.Run(name, func(t *testing.T) {
			w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
			w.open(t)
			people := castOf(w.cast)
			before := w.sim.Counts()[simulator.SetOneList]
			w.sim.Faults().Fail("setMyCommands", 1, fault)
			w.types(t, people.evaluator, "/mulai", "Menu kinerja")
			w.await(t, "the list is tried", func() bool { return w.sim.Counts()[simulator.SetOneList] > before })
			for _, user := range []int64{people.employee, people.admin, people.evaluator} {
				w.types(t, user, "/mulai", "Menu kinerja")
				w.taps(t, user, "Hasil evaluasi saya", "Hasil")
			}
			if got := w.commandsOf(t, people.evaluator); !slices.Equal(got, everybody()) {
				t.Errorf("the list was set meanwhile: %v", got)
			}
			if calls := w.sim.Counts()[simulator.SetOneList] - before; calls != 1 {
				t.Errorf("%d lists were tried, want one and the others after it", calls)
			}
		})
	}
	close(released)
}
