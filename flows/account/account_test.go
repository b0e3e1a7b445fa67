package account_test

import (
	"context"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

// town is a world with the sample city and only the account conversation.
func town(t *testing.T) (*transcript.World, *sample.Cast) {
	t.Helper()
	w := transcript.NewWorld(t)
	cast, err := sample.City(context.Background(), w.Store)
	if err != nil {
		t.Fatalf("sample city: %v", err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{{Sentence: "menu.results", To: flows.To("help"), Show: func(context.Context, store.Actor) (int, bool, error) { return 0, true, nil }}})
	})
	return w, cast
}

// invite makes the code that a transcript types as {code}: codes are random, so the file has a hook in its place.
func invite(t *testing.T, w *transcript.World, person *store.Person, life time.Duration) string {
	t.Helper()
	code, err := w.Store.Invite(context.Background(), person.ID, "", life)
	if err != nil {
		t.Fatalf("invite: %v", err)
	}
	return code
}

func TestLinkingReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		t.Run(language, func(t *testing.T) {
			w, cast := town(t)
			w.Stranger("rina", language)
			w.Stranger("tamu", language)
			first, second, third := invite(t, w, cast.Employee, time.Hour), "", invite(t, w, cast.NoSuperior, time.Hour)
			transcript.Play(t, w, "testdata/linking_"+language+".txt", transcript.Hooks{
				"rina opens her invitation link":   func() string { return w.Type("rina", "/start "+first) },
				"rina types her code as on paper":  func() string { return w.Type("rina", " "+store.GroupCode(first)+" ") },
				"the guest types rina's used code": func() string { return w.Type("tamu", first) },
				"rina gets a second code":          func() string { second = invite(t, w, cast.Employee, time.Hour); return "" },
				"the guest types it too late":      func() string { return w.Type("tamu", second) },
				"the guest opens a right link":     func() string { return w.Type("tamu", "/start "+third) },
				"rina opens another person's link": func() string { return w.Type("rina", "/start "+third) },
				"the guest shares the roster phone": func() string {
					return w.Do("tamu", flows.Event{Kind: flows.Contact, Private: true, Contact: flows.SharedContact{Phone: "+" + cast.NoSuperior.Phone, UserID: w.TelegramID("tamu")}})
				},
			})
		})
	}
}
