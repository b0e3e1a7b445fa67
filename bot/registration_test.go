package bot

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestTheWebhookIsSetOnlyWhenItChanged(t *testing.T) {
	w := newWorld(t)
	start := func(url, secret string, connections int) (set int) {
		t.Helper()
		before := w.tel.called("setWebhook")
		b := w.tel.bot(t, NewGate(w.redis, w.prefix, 25, time.Now, nil))
		if err := b.Register(context.Background(), url, secret, connections); err != nil {
			t.Fatalf("register: %v", err)
		}
		return w.tel.called("setWebhook") - before
	}
	const url = "https://x.id/telegram"
	known := func(key, value string) {
		w.tel.mu.Lock()
		defer w.tel.mu.Unlock()
		w.tel.settings["webhook"] = strings.Replace(w.tel.settings["webhook"], key, value, 1)
	}
	for _, step := range []struct {
		when        string
		before      func()
		url, secret string
		connections int
		want        int
	}{
		{"first", nil, url, "rahasia", 40, 1},
		{"second", nil, url, "rahasia", 40, 0},
		{"with another secret", nil, url, "lain", 40, 1},
		{"with the old secret again", nil, url, "rahasia", 40, 1},
		{"with other connections", nil, url, "rahasia", 20, 1},
		{"at another address", nil, url + "2", "rahasia", 20, 1},
		{"and no change", nil, url + "2", "rahasia", 20, 0},
		{"after Redis was emptied", w.mini.FlushAll, url + "2", "rahasia", 20, 1},
		{"when somebody set other kinds of update", func() { known(`"edited_message",`, "") }, url + "2", "rahasia", 20, 1},
		{"when Telegram names the kinds in another order", func() { known(`"message","edited_message"`, `"edited_message","message"`) }, url + "2", "rahasia", 20, 0},
		{"when we answered its secret 401", func() {
			known("{", `{"last_error_message":"Wrong response from the webhook: 401 Unauthorized",`)
		}, url + "2", "rahasia", 20, 1},
		{"while Redis is away", w.mini.Close, url + "2", "rahasia", 20, 1},
	} {
		if step.before != nil {
			step.before()
		}
		if set := start(step.url, step.secret, step.connections); set != step.want {
			t.Errorf("the start %s sets the webhook %d times, want %d", step.when, set, step.want)
		}
	}
}

func TestTheSecretOfTheWebhookIsNotInRedis(t *testing.T) {
	w := newWorld(t)
	b := w.tel.bot(t, NewGate(w.redis, w.prefix, 25, time.Now, nil))
	if err := b.Register(context.Background(), "https://x.id/telegram", "rahasia", 40); err != nil {
		t.Fatalf("register: %v", err)
	}
	if dump := w.mini.Dump(); !strings.Contains(dump, "{pace}:webhook") || strings.Contains(dump, "rahasia") || strings.Contains(dump, "TEST") {
		t.Errorf("Redis holds\n%s", dump)
	}
}
