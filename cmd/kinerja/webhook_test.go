package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kinerja/bot/simulator"
	"kinerja/store/storetest"
)

func TestAWebhookURLThatTelegramWouldRefuseIsToldAtStart(t *testing.T) {
	for url, want := range map[string]string{
		"http://kinerja.example.go.id/telegram":       "is not https",
		"https://kinerja.example.go.id:9443/telegram": "443, 80, 88 or 8443",
		"https://10.1.2.3/telegram":                   "cannot reach from outside",
		"https://[::1]/telegram":                      "cannot reach from outside",
		"https://localhost:8443/telegram":             "cannot reach from outside",
		"kinerja.example.go.id/telegram":              "not a URL",
		"https://kinerja.example.go.id/telegram":      "",
		"https://kinerja.example.go.id:88/telegram":   "",
		"https://203.0.113.7:8443/telegram":           "",
	} {
		code, _, stderr := invoke(t, "serve", "--updates", "webhook", "--webhook-url", url, "--telegram-api-url", "https://api.telegram.org/")
		told := strings.Contains(stderr, "WEBHOOK_URL ")
		if code != exitUsage || told != (want != "") || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, want %q in\n%s", url, code, want, stderr)
		}
	}
}

func TestAnotherBotAPIServerMayTakeAnyWebhookURL(t *testing.T) {
	_, _, stderr := invoke(t, "serve", "--updates", "webhook", "--webhook-url", "http://10.1.2.3:9000/", "--telegram-api-url", "http://10.1.2.4:8081")
	if strings.Contains(stderr, "WEBHOOK_URL ") {
		t.Errorf("refused:\n%s", stderr)
	}
}

// journal is a log that a test reads while it is written.
type journal struct {
	mu  sync.Mutex
	out strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.out.Write(p)
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.out.String()
}

func TestARefusedWebhookIsLoggedAndToldInTelegramsWords(t *testing.T) {
	sim := simulator.New(simulator.Options{})
	server := httptest.NewServer(sim.Handler())
	defer server.Close()
	defer sim.Close()
	for name, c := range map[string]struct{ url, token, want string }{
		"address": {"http://203.0.113.7/", sim.Token(), "An HTTPS URL must be provided"},
		"token":   {"https://203.0.113.7/", "1:REVOKED", "the token is wrong or was revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			log := &journal{}
			a, err := assemble(context.Background(), appSettings{
				token: c.token, apiURL: server.URL, databaseURL: storetest.URL(t, "sqlite"), redisURL: "embedded:", now: time.Now,
				webhook: &webhookSettings{url: c.url, secret: "rahasia", listen: freeAddress(t), connections: 20}, log: slog.New(slog.NewJSONHandler(log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.Background())
			source, ended := a.webhook(func() { t.Error("ready") }), make(chan error, 1)
			go func() { ended <- source.run(ctx) }()
			limit := time.After(20 * time.Second)
			for !strings.Contains(log.text(), c.want) || !strings.Contains(source.healthy(ctx).Error(), c.want) {
				select {
				case <-limit:
					t.Fatalf("the log is %s and health %v", log.text(), source.healthy(ctx))
				case <-time.After(time.Millisecond):
				}
			}
			stop()
			if err := a.closeAfter(<-ended); err != nil {
				t.Errorf("the end: %v", err)
			}
			if strings.Contains(log.text(), "rahasia") || strings.Contains(log.text(), c.token) {
				t.Errorf("a secret is in the log: %s", log.text())
			}
		})
	}
}

// pipes is a listener whose connections lie in memory, so that time is the test's own.
type pipes struct {
	waiting chan net.Conn
	closed  context.Context
	close   context.CancelFunc
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.waiting:
		return c, nil
	case <-p.closed.Done():
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.close(); return nil }

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

// serveInMemory serves a handler in the bubble of a test, and returns a connection to it.
func serveInMemory(t *testing.T, handler http.HandlerFunc) net.Conn {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	closed, shut := context.WithCancel(context.Background())
	listener, ended := &pipes{waiting: make(chan net.Conn), closed: closed, close: shut}, make(chan error, 1)
	go func() { ended <- serveOn(ctx, listener, handler, nil) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	ours, theirs := net.Pipe()
	listener.waiting <- theirs
	return ours
}

func TestABodyThatNeverEndsHoldsNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := make(chan error, 1)
		ours := serveInMemory(t, func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			read <- err
		})
		if _, err := io.WriteString(ours, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"); err != nil {
			t.Fatal(err)
		}
		if err := <-read; err == nil { // where the body has no limit everybody waits here, which the test's clock notices
			t.Error("half a body was taken for a whole one")
		}
		if _, err := io.ReadAll(ours); err != nil {
			t.Errorf("the connection did not end: %v", err)
		}
	})
}

func TestHandlingMayTakeLongerThanABodyToArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours := serveInMemory(t, func(_ http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadAll(r.Body); err != nil {
				t.Errorf("read: %v", err)
			}
			select {
			case <-time.After(5 * readLimit):
			case <-r.Context().Done():
				t.Error("the request was given up")
			}
		})
		if _, err := io.WriteString(ours, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nhalf"); err != nil {
			t.Fatal(err)
		}
		if answer, err := io.ReadAll(ours); err != nil || !strings.Contains(string(answer), "200 OK") {
			t.Errorf("the answer is %q, %v", answer, err)
		}
	})
}
