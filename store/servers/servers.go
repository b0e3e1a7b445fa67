// Package servers starts private MariaDB and Redis servers for tests, on free loopback ports and with all their files in one
// folder, and installs the programs it needs where it may. It never touches a server it did not start.
package servers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startLimit = 90 * time.Second // a cold start beside a full test suite on two cores
	stopLimit  = 30 * time.Second
	retryEvery = 20 * time.Millisecond
)

// Server is one server process with its port and its files. Its port and URL stay the same through Kill and Restart.
// It does not outlive the program that started it, however that program ends (on Linux). Safe for concurrent use.
type Server struct {
	name    string   // of the program, for errors
	url     string   // without a database
	port    int      // on 127.0.0.1
	home    string   // everything the server writes is below it
	command []string // program and arguments
	ready   func(ctx context.Context, s *Server, pid int) error
	more    func(ctx context.Context) ([]string, error) // arguments that are known at the start only; nil for none
	limit   time.Duration                               // how long a start may take; 0 for startLimit

	mu      sync.Mutex
	process *process // nil before the first start
}

// URL is how the program's own settings name this server: mysql://root@127.0.0.1:PORT/ or redis://127.0.0.1:PORT/0.
func (s *Server) URL() string { return s.url }

// Addr is host and port, as net.Dial takes them.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// PID is the id of the running process, 0 when none runs.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil || s.process.ended() {
		return 0
	}
	return s.process.pid
}

// Stop ends the server in good order and returns when its process is gone. One that does not end within 30 seconds is killed,
// which is an error. Stopping a stopped server does nothing. The data stays: Restart finds it again.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop()
}

// Kill ends the server at once with SIGKILL, as a power cut would, and returns when its process is gone.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	return s.process.kill()
}

// Restart stops the server if it runs, and starts it on the same port and the same data; it returns when the server answers.
// Redis comes back empty, since it writes nothing to disk.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.stop(); err != nil {
		return err
	}
	return s.start(ctx)
}

// Close stops the server and removes everything it wrote.
func (s *Server) Close() error {
	return errors.Join(s.Stop(), os.RemoveAll(s.home))
}

func (s *Server) stop() error {
	if s.process == nil || s.process.ended() {
		return nil
	}
	if err := s.process.signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop %s: %w", s.name, err)
	}
	select {
	case <-s.process.done:
		return nil
	case <-time.After(stopLimit):
		return errors.Join(fmt.Errorf("stop %s: still running after %s, killed", s.name, stopLimit), s.process.kill())
	}
}

// start runs the program and waits until it answers. The context bounds the start only, not the life of the server.
func (s *Server) start(ctx context.Context) error {
	limit := startLimit
	if s.limit > 0 {
		limit = s.limit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := s.launch(ctx); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	if err := s.waitReady(ctx); err != nil {
		return errors.Join(fmt.Errorf("start %s: %w\n%s", s.name, err, tail(s.logPath())), s.process.kill())
	}
	return nil
}

func (s *Server) launch(ctx context.Context) error {
	command := s.command
	if s.more != nil {
		more, err := s.more(ctx)
		if err != nil {
			return err
		}
		command = append(slices.Clone(command), more...)
	}
	log, err := os.OpenFile(s.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), command[0], command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.home, log, log
	started, err := launch(cmd)
	if err != nil {
		return errors.Join(err, log.Close())
	}
	s.process = started
	return log.Close() // the child has its own copy
}

// waitReady asks until the server answers, the process ends, or the time is over.
func (s *Server) waitReady(ctx context.Context) error {
	again := time.NewTicker(retryEvery)
	defer again.Stop()
	for {
		err := s.ready(ctx, s, s.process.pid)
		if err == nil {
			return nil
		}
		select {
		case <-s.process.done:
			return fmt.Errorf("it ended at once: %w", errors.Join(s.process.err, err))
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", errors.Join(ctx.Err(), err))
		case <-again.C:
		}
	}
}

func (s *Server) logPath() string { return filepath.Join(s.home, "server.log") }

// makeHome makes the server's own folder in dir and returns its real path, in which no link is left to follow. A folder that
// is there already belongs to another server, which is an error.
func makeHome(dir, name string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	home, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(home, 0o700); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(home)
}

// tail returns the end of a server's log, to tell in an error why it did not start.
func tail(path string) string {
	const lines = 20
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// freePort finds a loopback port on which nobody listens. It stays below the range from which the system takes the ports of
// outgoing connections: else, while a killed server is down, a client's connection could sit on its port when it comes back.
func freePort(ctx context.Context) (int, error) {
	const from, to, tries = 15000, 32000, 100
	var listener net.Listener
	var err error
	for range tries {
		port := from + rand.IntN(to-from)
		listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, listener.Close()
		}
	}
	return 0, fmt.Errorf("find a free port: %w", err)
}

// freePorts finds several.
func freePorts(ctx context.Context, n int) ([]int, error) {
	var ports []int
	for len(ports) < n {
		port, err := freePort(ctx)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	return ports, nil
}
