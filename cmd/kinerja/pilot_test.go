package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"kinerja/bot/simulator"
)

// busyBot is a Telegram that holds a bot with one update waiting, and a webhook if an address is given.
func busyBot(t *testing.T, webhook string) (*simulator.Server, string) {
	t.Helper()
	sim := simulator.New(simulator.Options{})
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		sim.Close()
		server.Close()
	})
	if webhook != "" {
		answer, err := http.PostForm(server.URL+"/bot"+sim.Token()+"/setWebhook", url.Values{"url": {webhook}}) //nolint:gosec // the simulator's own address
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("set webhook: %s, %v", answer.Status, err)
		}
	}
	sim.AddPhone(simulator.Phone{ID: 7, Name: "Pegawai", Language: "id", Label: "Pegawai"})
	if err := (simulator.Client{BaseURL: server.URL}).Type(t.Context(), 7, "/mulai"); err != nil {
		t.Fatal(err)
	}
	return sim, server.URL
}

func TestAPilotLeavesABotThatIsInUseAlone(t *testing.T) {
	address := "https://" + freeAddress(t) + "/a-secret-path"
	for name, c := range map[string]struct{ webhook, told string }{
		"a webhook":       {address, "to a webhook at 127.0.0.1"},
		"updates waiting": {"", "1 update waits to be taken"},
	} {
		t.Run(name, func(t *testing.T) {
			sim, api := busyBot(t, c.webhook)
			data := filepath.Join(t.TempDir(), "pilot.db")
			code, stdout, stderr := invoke(t, "demo", "--telegram-token", sim.Token(), "--telegram-api-url", api, "--data", data)
			if code != exitFailed || stdout != "" || strings.Contains(stderr, "secret") {
				t.Errorf("exit code %d, printed %q and %q", code, stdout, stderr)
			}
			for _, told := range []string{c.told, "nothing was started", "@BotFather", "--take-over"} {
				if !strings.Contains(stderr, told) {
					t.Errorf("%q is not told in:\n%s", told, stderr)
				}
			}
			if sim.Pending() == 0 || sim.Counts()["deleteWebhook"]+sim.Counts()["getUpdates"] > 0 {
				t.Error("the bot's updates were touched")
			}
		})
	}
}

// untilReady ends a context when the line that says so is printed.
type untilReady struct {
	bytes.Buffer
	stop func()
}

func (u *untilReady) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("talks to Telegram now")) {
		u.stop()
	}
	return u.Buffer.Write(p)
}

func TestAPilotTakesABotInUseWhenTold(t *testing.T) {
	sim, api := busyBot(t, "")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &untilReady{stop: stop}
	args := []string{"demo", "--take-over", "--telegram-token", sim.Token(), "--telegram-api-url", api, "--data", filepath.Join(t.TempDir(), "pilot.db")}
	if code := run(ctx, args, out, io.Discard); code != exitOK || sim.Counts()["getUpdates"] == 0 {
		t.Errorf("exit code %d:\n%s", code, out.String())
	}
}
