package servers

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// StartRedis starts a private Redis on a free loopback port, without persistence, with its files in dir/redis; it returns when
// the server answers. The context bounds the start only; end the server with Stop or Close.
func StartRedis(ctx context.Context, dir string) (*Server, error) {
	program, found := Redis.Path()
	if !found {
		return nil, fmt.Errorf("start Redis: no redis-server in PATH, /usr/sbin or /usr/bin")
	}
	home, err := makeHome(dir, "redis")
	if err != nil {
		return nil, fmt.Errorf("start Redis: %w", err)
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, fmt.Errorf("start Redis: %w", err)
	}
	s := &Server{name: "Redis", home: home, port: port, ready: redisReady}
	s.url = "redis://" + s.Addr() + "/0"
	s.command = []string{
		program, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", home,
		"--save", "", "--appendonly", "no", "--daemonize", "no",
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// redisReady is nil when the process pid answers on the port. It asks for the process: another server may have taken the port.
func redisReady(ctx context.Context, s *Server, pid int) (err error) {
	// go-redis writes each failure to connect into the program's log; while the server starts, they are expected.
	if err := canConnect(ctx, s.Addr()); err != nil {
		return err
	}
	client := redis.NewClient(&redis.Options{Addr: s.Addr(), MaxRetries: -1, DisableIdentity: true})
	defer func() {
		if closeErr := client.Close(); err == nil {
			err = closeErr
		}
	}()
	info, err := client.Info(ctx, "server").Result()
	if err != nil {
		return err
	}
	if !strings.Contains(info, fmt.Sprintf("\nprocess_id:%d\r", pid)) {
		return fmt.Errorf("another Redis answers on %s", s.Addr())
	}
	return nil
}

func canConnect(ctx context.Context, address string) error {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return connection.Close()
}
