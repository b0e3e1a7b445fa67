package main

import (
	"context"
	"slices"
	"strings"
	"testing"

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

func TestTheMenuButtonListsWhatThePersonUses(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	ctx, people := context.Background(), castOf(w.cast)
	sees := func(what string, user int64, want ...string) {
		t.Helper()
		if err := w.client.Type(ctx, user, "/mulai"); err != nil {
			t.Fatal(err)
		}
		w.await(t, what+" finds "+strings.Join(want, " "), func() bool { return slices.Equal(w.commandsOf(t, user), want) }) //nolint:contextcheck // a helper of the test
	}
	everybody := []string{"mulai", "bahasa", "bantuan", "privasi"}
	if got := w.commandsOf(t, people.employee); !slices.Equal(got, everybody) {
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
	sees("who is not linked any more", people.employee, everybody...)
}
