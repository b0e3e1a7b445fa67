package account_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
		account.Register(e, w.Store, []account.MenuEntry{{To: flows.To("help"), Draw: func(_ context.Context, r *flows.Request) (account.MenuLine, error) {
			return account.MenuLine{Label: r.T.Plain("menu.results")}, nil
		}}})
	})
	return w, cast
}

// invite makes the code that a transcript types as {code}: codes are random, so the file has a hook in its place.
func invite(t *testing.T, w *transcript.World, person *store.Person, life time.Duration) string {
	t.Helper()
	code, err := w.Store.Invite(context.Background(), person.ID, life)
	if err != nil {
		t.Fatalf("invite: %v", err)
	}
	return code
}

// shares lets somebody share a phone number that Telegram says is his own.
func shares(w *transcript.World, key string, person *store.Person) string {
	return w.Do(key, flows.Event{Kind: flows.Contact, Private: true, Contact: flows.SharedContact{Phone: "+" + person.Phone, UserID: w.TelegramID(key)}})
}

func TestLinkingReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		t.Run(language, func(t *testing.T) {
			w, cast := town(t)
			w.Stranger("rina", language)
			w.Stranger("tamu", language)
			w.Stranger("baru", language)
			first, second, third := invite(t, w, cast.Employee, time.Hour), "", invite(t, w, cast.NoSuperior, time.Hour)
			transcript.Play(t, w, "testdata/linking_"+language+".txt", transcript.Hooks{
				"rina opens her invitation link":             func() string { return w.Type("rina", "/start "+first) },
				"rina types her code as on paper":            func() string { return w.Type("rina", " "+store.GroupCode(first)+" ") },
				"the guest types rina's used code":           func() string { return w.Type("tamu", first) },
				"rina gets a second code":                    func() string { second = invite(t, w, cast.Employee, time.Hour); return "" },
				"the guest types it too late":                func() string { return w.Type("tamu", second) },
				"the guest opens a right link":               func() string { return w.Type("tamu", "/start "+third) },
				"rina opens another person's link":           func() string { return w.Type("rina", "/start "+third) },
				"the guest shares the roster phone":          func() string { return shares(w, "tamu", cast.NoSuperior) },
				"the guest shares rina's phone":              func() string { return shares(w, "tamu", cast.Employee) },
				"the guest shares the administrator's phone": func() string { return shares(w, "tamu", cast.Admin) },
				"rina opens a link on her new phone":         func() string { return w.Type("baru", "/start "+invite(t, w, cast.Employee, time.Hour)) },
				"rina confirms it":                           func() string { return w.Tap("baru", "✅") },
			})
		})
	}
}

func TestNoCodeLiesInRedis(t *testing.T) {
	w, cast := town(t)
	w.Stranger("rina", "id")
	code := invite(t, w, cast.Employee, time.Hour)
	for _, does := range []func(){
		func() { w.Type("rina", "/start "+code) },
		func() { w.Type("rina", "/mulai"); w.Type("rina", store.GroupCode(code)) },
		func() { w.Tap("rina", "Bukan saya") },
		func() { w.Type("rina", code); w.Tap("rina", "Ya, benar") },
	} {
		does()
		if kept := w.DumpRedis(); kept == "" || strings.Contains(kept, code) || strings.Contains(kept, store.GroupCode(code)) {
			t.Errorf("Redis is empty or holds the code:\n%s", kept)
		}
	}
}

func TestAWrongSuperiorIsReportedAfterAQuestionAndNamedOnlyOnItsPage(t *testing.T) {
	w, cast := town(t)
	ctx := context.Background()
	w.Stranger("rina", "id")
	w.Link("pengelola", cast.Admin, "id", account.NoticeVersion)
	w.Link("atasan", cast.Evaluator, "id", account.NoticeVersion)
	w.Type("rina", "/start "+invite(t, w, cast.Employee, time.Hour))
	w.Tap("rina", "Penilai saya salah")
	if _, err := w.Store.ActorByPerson(ctx, cast.Employee.ID); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("linked before the question was answered: %v", err)
	}
	w.Tap("rina", "Hubungkan dan beri tahu")
	if _, err := w.Store.ActorByPerson(ctx, cast.Employee.ID); err != nil {
		t.Fatalf("not linked: %v", err)
	}
	args := fmt.Sprint(cast.Employee.ID)
	for kind, page := range map[string]string{"superior_wrong": "account.superiorwrong", store.KindAccountMoved: "account.moved"} {
		admin, err := w.Store.ActorByPerson(ctx, cast.Admin.ID)
		if err != nil {
			t.Fatal(err)
		}
		push, owed, err := w.Engine.Tell(ctx, admin, kind, args)
		if err != nil || !owed || strings.Contains(push.Text, "Erni") || strings.Contains(push.Text, "Puskesmas") {
			t.Errorf("%s is pushed as %q, %v, %v", kind, push.Text, owed, err)
		}
		tap := flows.Event{Kind: flows.Tap, Private: true, Data: page + ":" + args}
		if seen := w.Do("pengelola", tap); !strings.Contains(seen, cast.Employee.Name) {
			t.Errorf("the administrator sees %s", seen)
		}
		if seen := w.Do("atasan", tap); strings.Contains(seen, cast.Employee.Name) {
			t.Errorf("who administers nothing sees %s", seen)
		}
		other, err := w.Store.ActorByPerson(ctx, cast.Evaluator.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, owed, err := w.Engine.Tell(ctx, other, kind, args); owed || err != nil {
			t.Errorf("%s is told to who administers nothing: %v", kind, err)
		}
	}
}
