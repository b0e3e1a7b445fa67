package bot

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// tunnel is a way to a server that can go dead: what is sent on the connections that are there vanishes, and they stay open. New ones work.
type tunnel struct {
	listener net.Listener
	server   string
	opened   atomic.Int32
	work     sync.WaitGroup

	mu   sync.Mutex
	dead chan struct{} // of the connections that are there; closed when they go dead
	all  []net.Conn
}

func newTunnel(t *testing.T, server string) *tunnel {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	tn := &tunnel{listener: listener, server: server, dead: make(chan struct{})}
	tn.work.Go(tn.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		tn.mu.Lock()
		for _, c := range tn.all {
			_ = c.Close()
		}
		tn.mu.Unlock()
		tn.work.Wait()
	})
	return tn
}

func (tn *tunnel) accept() {
	for {
		client, err := tn.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", tn.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		tn.opened.Add(1)
		tn.mu.Lock()
		dead := tn.dead
		tn.all = append(tn.all, client, server)
		tn.mu.Unlock()
		tn.work.Go(func() { pass(client, server, dead) })
		tn.work.Go(func() { pass(server, client, dead) })
	}
}

// pass carries what comes until the way is dead, and then lets it vanish.
func pass(to io.Writer, from io.Reader, dead <-chan struct{}) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		select {
		case <-dead:
		default:
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
}

func (tn *tunnel) goDead() {
	tn.mu.Lock()
	defer tn.mu.Unlock()
	close(tn.dead)
	tn.dead = make(chan struct{})
}

func TestADeadConnectionToTelegramIsNoticedAndLeft(t *testing.T) {
	held, came := make(chan struct{}), make(chan string, 10)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came <- r.Proto
		if strings.HasSuffix(r.URL.Path, "/getUpdates") {
			<-held // a long poll in a quiet hour
		}
		answerWith(w, map[string]any{"id": 1, "is_bot": true, "username": "Kinerja_Bot"}, "")
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	defer close(held)
	way := newTunnel(t, server.Listener.Addr().String())
	b, err := New(Options{Token: "1:TEST", APIURL: "https://" + way.listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	hasten(b, server.Certificate())

	if _, err := b.Me(context.Background()); err != nil {
		t.Fatalf("on a way that is alive: %v", err)
	}
	if proto := <-came; proto != "HTTP/2.0" {
		t.Fatalf("the bot spoke %s", proto)
	}
	polled := make(chan error, 1)
	go func() {
		_, err := b.getUpdates(context.Background(), 0, 1, pollTime)
		polled <- err
	}()
	<-came
	before := way.opened.Load()
	way.goDead()
	if err := <-polled; kindOf(err) != Unknown || errors.Is(err, context.DeadlineExceeded) { // without pings only the limit of the poll ends it
		t.Errorf("the poll ended with %v, want the connection found dead", err)
	}
	if _, err := b.Me(context.Background()); err != nil || way.opened.Load() == before {
		t.Errorf("the next call, after %d connections of %d: %v", before, way.opened.Load(), err)
	}
}

// hasten lets a bot trust a test's server and ping twenty times as soon as it would.
func hasten(b *Bot, certificate *x509.Certificate) {
	connections := b.http.client.Transport.(*http.Transport)
	connections.HTTP2.SendPingTimeout /= 20
	connections.HTTP2.PingTimeout /= 20
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	connections.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}
