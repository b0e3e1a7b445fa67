package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// Proxy stands between a program and a server on loopback, so that connections can be cut in the middle of a conversation:
// the client then does not know whether its last statement took effect, as on a real network.
type Proxy struct {
	listener net.Listener
	target   string
	mu       sync.Mutex
	open     map[net.Conn]struct{}
	closed   bool
	done     sync.WaitGroup
}

// NewProxy listens on a free loopback port and passes everything on to target, a host:port.
func NewProxy(ctx context.Context, target string) (*Proxy, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	p := &Proxy{listener: listener, target: target, open: map[net.Conn]struct{}{}}
	p.done.Go(p.accept)
	return p, nil
}

// Addr is where clients connect, as host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Cut drops all connections that are open now and returns how many they were. New ones are taken.
func (p *Proxy) Cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	cut := len(p.open) / 2 // each connection has two ends
	for conn := range p.open {
		closeQuietly(conn)
	}
	clear(p.open)
	return cut
}

// Close ends the proxy with all its connections.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.listener.Close()
	p.Cut()
	p.done.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.done.Go(func() { p.serve(client) })
	}
}

// serve passes both directions on until one end closes or is cut.
func (p *Proxy) serve(client net.Conn) {
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		closeQuietly(client)
		return
	}
	if !p.track(client, server) {
		closeQuietly(client, server)
		return
	}
	var directions sync.WaitGroup
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		directions.Go(func() {
			_, _ = io.Copy(way[0], way[1]) // a cut connection is what the proxy is for
			closeQuietly(client, server)
		})
	}
	directions.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, client)
	delete(p.open, server)
}

func (p *Proxy) track(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	for _, c := range conns {
		p.open[c] = struct{}{}
	}
	return true
}

// closeQuietly closes connections that the other end may have closed already.
func closeQuietly(conns ...net.Conn) {
	for _, c := range conns {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			continue // gone either way
		}
	}
}
