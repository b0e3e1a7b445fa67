package bot

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

const secret = "S3CRET_of-the-webhook"

// post delivers a body as Telegram would and returns the status.
func post(t *testing.T, hook http.Handler, method, secret, body string) int {
	t.Helper()
	r := httptest.NewRequest(method, "/telegram", strings.NewReader(body))
	r.Header.Set(secretHeader, secret)
	out := httptest.NewRecorder()
	hook.ServeHTTP(out, r)
	return out.Code
}

func TestTheWebhookAnswersWhatMakesTelegramDoTheRightThing(t *testing.T) {
	w := newWorld(t)
	hook := NewWebhook(w.intake(w.options()), secret, nil)
	good := w.tel.raw(w.tel.text(7, "halo"))
	cases := []struct {
		name, method, secret, body string
		want                       int
	}{
		{"GET", http.MethodGet, secret, good, http.StatusMethodNotAllowed},
		{"no secret", http.MethodPost, "", good, http.StatusUnauthorized},
		{"wrong secret", http.MethodPost, secret + "x", good, http.StatusUnauthorized},
		{"wrong secret with a huge body", http.MethodPost, "x", strings.Repeat(" ", 2<<20), http.StatusUnauthorized},
		{"too large", http.MethodPost, secret, good + strings.Repeat(" ", 1<<20), http.StatusRequestEntityTooLarge},
		{"broken JSON", http.MethodPost, secret, good[:20], http.StatusBadRequest},
		{"not an update", http.MethodPost, secret, `{"x":1}`, http.StatusBadRequest},
		{"unreadable update", http.MethodPost, secret, `{"update_id":5,"message":"x"}`, http.StatusOK},
	}
	for _, c := range cases {
		if got := post(t, hook, c.method, c.secret, c.body); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if got := w.records.did(7); got != nil {
		t.Errorf("something had an effect: %v", got)
	}
	if got := post(t, hook, http.MethodPost, secret, good); got != http.StatusOK || !slices.Equal(w.records.did(7), []string{"halo"}) {
		t.Errorf("a good update: %d, done %v", got, w.records.did(7))
	}
}

func TestAWebhookWithoutSecretLetsNobodyIn(t *testing.T) {
	w := newWorld(t)
	hook := NewWebhook(w.intake(w.options()), "", nil)
	if got := post(t, hook, http.MethodPost, "", w.tel.raw(w.tel.text(7, "halo"))); got != http.StatusUnauthorized {
		t.Errorf("%d, want 401", got)
	}
}

func TestTheWebhookAnswers500UntilTheEffectIsStored(t *testing.T) {
	w := newWorld(t)
	w.records.setFail(func(context.Context, int64, string) error { return context.DeadlineExceeded })
	hook := NewWebhook(w.intake(w.options()), secret, nil)
	hook.limit = 50 * time.Millisecond
	update := w.tel.raw(w.tel.text(7, "halo"))
	if got := post(t, hook, http.MethodPost, secret, update); got != http.StatusInternalServerError {
		t.Errorf("the store is away: %d, want 500", got)
	}
	w.records.setFail(nil)
	hook.limit = 20 * time.Second
	if got := post(t, hook, http.MethodPost, secret, update); got != http.StatusOK || !slices.Equal(w.records.did(7), []string{"halo"}) {
		t.Errorf("sent again: %d, done %v", got, w.records.did(7))
	}
}

func TestTheWebhookAnswers503WhileDrainingAndWhenFull(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	o.All = -1
	full := NewWebhook(w.intake(o), secret, nil)
	draining := NewWebhook(w.intake(w.options()), secret, nil)
	draining.Drain()
	stopping := w.intake(w.options())
	if err := stopping.Stop(context.Background()); err != nil {
		t.Fatalf("stop: %v", err)
	}
	for name, hook := range map[string]*Webhook{"full": full, "draining": draining, "stopping": NewWebhook(stopping, secret, nil)} {
		if got := post(t, hook, http.MethodPost, secret, w.tel.raw(w.tel.text(7, "halo"))); got != http.StatusServiceUnavailable {
			t.Errorf("%s: %d, want 503", name, got)
		}
	}
}

func TestRegistrationNamesTheSecretAndWhatIsWanted(t *testing.T) {
	w := newWorld(t)
	var seen map[string]string
	w.tel.setFault(func(method string, form map[string]string) string {
		if method == "setWebhook" {
			seen = form
		}
		return noFault
	})
	if err := w.tel.bot(t, nil).Register(context.Background(), "https://x.id/telegram", secret, 40); err != nil {
		t.Fatalf("register: %v", err)
	}
	if seen["url"] != "https://x.id/telegram" || seen["secret_token"] != secret || seen["max_connections"] != "40" ||
		seen["allowed_updates"] != `["message","edited_message","callback_query","my_chat_member"]` {
		t.Errorf("registered %v", seen)
	}
}

func TestWhatTelegramSaysOfTheWebhookIsToldAndOfMessagesIsNot(t *testing.T) {
	const words = "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
	w := newWorld(t)
	w.tel.setFault(func(method string, _ map[string]string) string {
		if method == "getWebhookInfo" {
			return noFault
		}
		return "400 " + words
	})
	b := w.tel.bot(t, nil)
	if err := b.Register(context.Background(), "https://x.id:9/telegram", secret, 40); err == nil || !strings.Contains(classOf(err), words) {
		t.Errorf("told is %v, want Telegram's words", err)
	}
	_, err := b.Send(context.Background(), 7, noticeScreen("rahasia"))
	if err == nil || strings.Contains(classOf(err), "webhook") {
		t.Errorf("of a message is told %v", err)
	}
}

func TestATokenThatTelegramDoesNotKnowIsNamedAsTheCause(t *testing.T) {
	for _, refusal := range []string{"401 Unauthorized", "404 Not Found"} {
		w := newWorld(t)
		w.tel.setFault(func(string, map[string]string) string { return refusal })
		b := w.tel.bot(t, nil)
		_, me := b.Me(context.Background())
		_, polled := b.getUpdates(context.Background(), 0, 1, 0)
		for _, err := range []error{me, polled, b.Register(context.Background(), "https://x.id/telegram", secret, 40)} {
			if kindOf(err) != Unauthorized || !strings.Contains(Meaning(err), "token is wrong") {
				t.Errorf("%s means %v: %s", refusal, err, Meaning(err))
			}
		}
	}
}
