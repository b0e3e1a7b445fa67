package servers_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"testing"

	"kinerja/store/servers"
)

// echo is a server that sends each line back.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

func TestACutConnectionEndsAndTheNextOneWorks(t *testing.T) {
	proxy, err := servers.NewProxy(context.Background(), echo(t))
	if err != nil {
		t.Fatalf("proxy: %v", err)
	}
	first := dial(t, proxy.Addr())
	say(t, first)
	if got := proxy.Cut(); got != 1 {
		t.Errorf("cut %d connections, want 1", got)
	}
	if _, err := bufio.NewReader(first).ReadString('\n'); err == nil {
		t.Error("the cut connection still answers")
	}
	say(t, dial(t, proxy.Addr()))
	if err := proxy.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func say(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := fmt.Fprintln(conn, "halo"); err != nil {
		t.Fatalf("write: %v", err)
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || line != "halo\n" {
		t.Fatalf("read %q, %v", line, err)
	}
}
