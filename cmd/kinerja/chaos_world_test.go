package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kinerja/bot/simulator"
	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/servers"
	"kinerja/store/storetest"
)

// replicaEnv makes the test's own binary be the program: see TestMain.
const replicaEnv = "KINERJA_TEST_REPLICA"

// TestMain also plays a process of the program, which the chaos test starts and kills. Such a process ends with the test,
// however the test ends: then its standard input is closed.
func TestMain(m *testing.M) {
	if os.Getenv(replicaEnv) == "" {
		os.Exit(m.Run())
	}
	go func() {
		if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
			os.Exit(exitFailed)
		}
		os.Exit(exitFailed)
	}()
	main()
}

// chaosWorld is everything that runs.
type chaosWorld struct {
	t        *testing.T
	ordeal   ordeal
	tally    *tally
	stores   backing
	raw      *sql.DB // past the proxies, for what no method of the store tells
	store    *store.Store
	cast     *sample.Cast
	sim      *simulator.Server
	front    *front
	replicas []*replica
	faults   *faults
	people   map[int64]*someone // by Telegram user
	endLife  func()
	ended    chan struct{}
}

func newChaosWorld(t *testing.T, o ordeal) *chaosWorld {
	t.Helper()
	for _, program := range []servers.Program{servers.MariaDB, servers.Redis} {
		storetest.Need(t, program)
	}
	if o.cluster {
		storetest.Need(t, servers.Galera)
	}
	w := &chaosWorld{t: t, ordeal: o, tally: newTally(), people: map[int64]*someone{}, ended: make(chan struct{})}
	w.startServers()
	w.buildCity()
	w.startReplicas()
	w.faults = newFaults(w)
	return w
}

// must ends the test: the world itself could not be built.
func (w *chaosWorld) must(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// atEnd cleans up and tells when that fails.
func (w *chaosWorld) atEnd(what string, do func() error) {
	w.t.Cleanup(func() {
		if err := do(); err != nil {
			w.t.Errorf("%s: %v", what, err)
		}
	})
}

// startServers starts what may be killed, and the simulator.
func (w *chaosWorld) startServers() {
	if w.ordeal.cluster {
		w.stores = startClusters(w)
	} else {
		w.stores = startSingle(w)
	}
	w.raw = w.stores.connect()
	w.sim = simulator.New(simulator.Options{NoRateLimits: true, Limited: []int64{flooder, hostileGroup}, WebhookRetry: 50 * time.Millisecond})
	w.sim.Faults().Seed(w.ordeal.seed)
}

// buildCity fills the records past all faults, and gives everybody a phone.
func (w *chaosWorld) buildCity() {
	ctx := context.Background()
	var err error
	w.store, err = store.Open(ctx, w.stores.url(), store.Options{Now: func() time.Time { return time.Now().UTC() }})
	w.must("open the store", err)
	w.atEnd("close the store", w.store.Close)
	_, err = w.store.Migrate(ctx)
	w.must("migrate", err)
	w.cast, err = sample.City(ctx, w.store)
	w.must("build the city", err)
	a := &app{store: w.store, log: slog.New(slog.DiscardHandler)}
	w.must("link phones", a.linkPhones(ctx, w.sim, w.cast))
	w.must("link the newcomer's phone", a.linkPhone(ctx, w.sim, w.cast.Newcomer))
	for _, p := range w.cast.People {
		w.people[demoPhone(p.ID)] = newSomeone(w, p.ID)
	}
}

// startReplicas starts two processes behind one address, and keeps them running as a supervisor does.
func (w *chaosWorld) startReplicas() {
	api := httptest.NewServer(w.sim.Handler())
	w.t.Cleanup(func() {
		w.sim.Close()
		api.CloseClientConnections()
		api.Close()
	})
	updates := "webhook"
	if w.ordeal.polling {
		updates = "polling"
	}
	schedule := filepath.Join(w.t.TempDir(), "schedule.toml") // the test runs at night too
	w.must("write the schedule", os.WriteFile(schedule, []byte("from = \"00:00\"\nat = \"00:01\"\nuntil = \"23:59\"\n"), 0o600))
	w.front = &front{client: &http.Client{Timeout: time.Minute}}
	door := httptest.NewServer(w.front)
	w.t.Cleanup(door.Close)
	life, end := context.WithCancel(context.Background())
	w.endLife = end
	w.t.Cleanup(end)
	var running sync.WaitGroup
	for n := range 2 {
		r := &replica{log: filepath.Join(w.t.TempDir(), "log"), started: make(chan struct{}, 1)}
		listen := freeAddress(w.t)
		r.env = []string{
			replicaEnv + "=1", "TELEGRAM_TOKEN=" + w.sim.Token(), "TELEGRAM_API_URL=" + api.URL,
			"UPDATES=" + updates, "WEBHOOK_URL=" + door.URL, "WEBHOOK_SECRET=rahasia", "LISTEN=" + listen, "HEALTH_LISTEN=" + freeAddress(w.t),
			"SEND_RATE=1000", "RELEASE_GRACE=3s", "REMINDER_SCHEDULE=" + schedule,
		}
		r.env = append(r.env, w.stores.settings(n)...)
		w.front.addresses = append(w.front.addresses, "http://"+listen)
		w.replicas = append(w.replicas, r)
		running.Go(func() { r.keepRunning(life, w.t) })
		select {
		case <-r.started:
		case <-time.After(time.Minute):
			w.showLogs()
			w.t.Fatalf("process %d was not ready in a minute", n)
		}
	}
	go func() { running.Wait(); close(w.ended) }()
	w.t.Cleanup(func() { end(); <-w.ended })
}

// stop ends both processes in good order.
func (w *chaosWorld) stop() {
	w.endLife()
	select {
	case <-w.ended:
	case <-time.After(time.Minute):
		w.tally.note(&w.tally.stuck, "a process did not end within a minute of SIGTERM")
	}
	for n, r := range w.replicas {
		if r.failure != "" {
			w.tally.note(&w.tally.stuck, "process %d ended with %s on SIGTERM", n, r.failure)
		}
	}
}

// showLogs tells the last words of each process.
func (w *chaosWorld) showLogs() {
	for n, r := range w.replicas {
		content, err := os.ReadFile(r.log)
		if err != nil {
			w.t.Logf("process %d: %v", n, err)
			continue
		}
		const most = 30 // lines
		lines := strings.Split(string(content), "\n")
		w.t.Logf("process %d:\n%s", n, strings.Join(lines[max(0, len(lines)-most):], "\n"))
		if at := slices.Index(lines, "WARNING: DATA RACE"); at >= 0 { // of several the first, whole
			w.t.Logf("process %d:\n%s", n, strings.Join(lines[at:min(len(lines), at+3*most)], "\n"))
		}
	}
}

// replica is one process of the program. It is started again whenever it ends.
type replica struct {
	env     []string
	log     string
	started chan struct{} // gets a word when the process is ready
	failure string        // how it ended when it was asked to; read after keepRunning

	mu      sync.Mutex
	process *os.Process
}

// restartPause is how long a supervisor waits before it starts a process again.
const restartPause = 200 * time.Millisecond

func (r *replica) keepRunning(ctx context.Context, t *testing.T) {
	log, err := os.OpenFile(filepath.Clean(r.log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Errorf("open the log: %v", err)
		return
	}
	defer func() {
		if err := log.Close(); err != nil {
			t.Errorf("close the log: %v", err)
		}
	}()
	for ctx.Err() == nil {
		err := r.once(ctx, log)
		if ctx.Err() != nil {
			if err != nil {
				r.failure = err.Error()
			}
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(restartPause):
		}
	}
}

// once runs the process to its end. When ctx ends it is asked to stop.
func (r *replica) once(ctx context.Context, log io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "serve")
	cmd.Env = append(os.Environ(), r.env...)
	cmd.Stdout, cmd.Stderr = &firstWord{to: r.started}, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 50 * time.Second
	if _, err := cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	r.set(cmd.Process)
	err = cmd.Wait()
	r.set(nil)
	if errors.Is(err, context.Canceled) { // it was asked to end and did
		return nil
	}
	return err
}

func (r *replica) set(p *os.Process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.process = p
}

// signal reaches the process; false when none runs.
func (r *replica) signal(s os.Signal) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.process != nil && r.process.Signal(s) == nil
}

// firstWord tells that something was written.
type firstWord struct{ to chan<- struct{} }

func (f *firstWord) Write(text []byte) (int, error) {
	select {
	case f.to <- struct{}{}:
	default:
	}
	return len(text), nil
}

// front is what stands before the processes, as a load balancer does: each update goes to the next one. Now and then it loses an
// answer on the way back, so that Telegram, which cannot know, delivers the update once more.
type front struct {
	addresses []string
	client    *http.Client
	next      atomic.Int64
	swallow   atomic.Int64 // how many answers are to be lost
	swallowed atomic.Int64
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, err := f.pass(r)
	if err == nil && status == http.StatusOK && f.swallow.Load() > 0 && f.swallow.Add(-1) >= 0 {
		f.swallowed.Add(1)
		err = errors.New("lost on the way back")
	}
	if err != nil {
		status = http.StatusBadGateway
	}
	w.WriteHeader(status)
}

func (f *front) pass(r *http.Request) (status int, err error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err
	}
	to := f.addresses[int(f.next.Add(1))%len(f.addresses)]
	passed, err := http.NewRequestWithContext(r.Context(), r.Method, to+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	passed.Header = r.Header.Clone()
	response, err := f.client.Do(passed)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}

// hasten lets time pass for what is tried again after a pause: minutes, where the test has seconds.
func (w *chaosWorld) hasten(ctx context.Context, attempts int) error {
	return w.insist(ctx, func() error {
		now := time.Now().UTC()
		_, err := w.raw.ExecContext(ctx, "UPDATE notifications SET due_at = ? WHERE state = 'owed' AND due_at > ? AND attempts BETWEEN 1 AND ?", now, now, attempts)
		return err
	})
}
