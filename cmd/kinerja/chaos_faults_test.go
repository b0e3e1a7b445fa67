package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"time"

	"kinerja/bot/simulator"
)

// longestRest is after what time something falls over though nobody did anything.
const longestRest = 4 * time.Second

// faults lets one thing after the other fall over. What Telegram does wrong is asked of the simulator, which decides call by call.
type faults struct {
	world  *chaosWorld
	random *rand.Rand

	deck     []kind
	shuffled bool           // a first deck
	counters map[string]int // of each database server since it was started
}

func newFaults(w *chaosWorld) *faults {
	f := &faults{world: w, random: rand.New(rand.NewPCG(w.ordeal.seed, 0)), counters: map[string]int{}} //nolint:gosec // repeatable on purpose
	_, err := w.raw.ExecContext(context.Background(), "CREATE TABLE ballast (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(40))")
	w.must("make the table of ballast", err)
	return f
}

// kind is one way to fall over. It reports how often it did, and an error when the world itself broke.
type kind struct {
	name   string // "" when it is counted where it happens
	weight int    // how often, beside the others
	do     func(ctx context.Context) (int, error)
}

func (f *faults) kinds() []kind {
	api := f.world.sim.Faults()
	upset := func(n int, fault simulator.Fault, methods ...string) func(context.Context) (int, error) {
		return func(context.Context) (int, error) {
			api.Clear() // of what nobody met: it would all fall upon the next one
			for _, method := range methods {
				api.FailNext(method, n, fault)
			}
			return 0, nil // counted when they happen
		}
	}
	kinds := []kind{
		{"process killed (-9)", 14, f.killReplica},
		{"process asked to end (SIGTERM)", 4, f.endReplica},
	}
	kinds = append(kinds, f.world.stores.kinds(f)...)
	return append(kinds, []kind{
		{"MariaDB connection killed by its server", 8, f.killConnection},
		{"rows locked for long", 6, f.lockRows},
		{"transaction against the order of locks", 10, f.crossLocks},
		{"", 12, func(context.Context) (int, error) { f.world.front.swallow.Add(3); return 0, nil }},
		{"", 4, upset(1, simulator.TooMany(1), "sendMessage", "editMessageText")},
		{"", 8, upset(2, simulator.ServerError(), "sendMessage", "editMessageText", "answerCallbackQuery")},
		{"", 2, upset(1, simulator.Hang(), "sendMessage", "editMessageText", "answerCallbackQuery")},
		{"", 12, upset(2, simulator.CutAfter(), "sendMessage", "editMessageText", "answerCallbackQuery")},
	}...)
}

// begin lets things fall over until the returned function is called, which waits for the last of them.
func (f *faults) begin(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		for f.rest(ctx) {
			f.one(context.WithoutCancel(ctx))
			f.countOthers(context.WithoutCancel(ctx))
		}
	})
	return func() {
		cancel()
		running.Wait()
		f.world.sim.Faults().Clear()
		f.world.front.swallow.Store(0)
		f.countOthers(context.WithoutCancel(ctx))
	}
}

// rest waits until people have done something since the last fault, or could not for a while; false when there is nothing more to do.
func (f *faults) rest(ctx context.Context) bool {
	goal := f.world.tally.count() + f.world.ordeal.every/2 + f.random.IntN(f.world.ordeal.every)
	limited, cancel := context.WithTimeout(ctx, longestRest)
	defer cancel()
	_ = f.world.sim.Wait(limited, func() bool { return f.world.tally.count() >= goal }) // both ways of ending are right
	return ctx.Err() == nil
}

// one lets one thing fall over, and lets time pass for whoever pauses because of an earlier one.
func (f *faults) one(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	k := f.draw()
	n, err := k.do(ctx)
	f.world.unless(nil, "the fault "+k.name, err)
	if k.name != "" {
		f.world.tally.fault(k.name, n)
	}
	f.world.unless(nil, "let time pass", f.world.hasten(ctx, 3))
}

// draw takes the next kind from a shuffled deck that has each as often as it weighs; but first each comes once.
func (f *faults) draw() kind {
	if len(f.deck) == 0 {
		f.deck = f.kinds()
		if f.shuffled {
			for _, k := range f.kinds() {
				f.deck = append(f.deck, slices.Repeat([]kind{k}, k.weight-1)...)
			}
		}
		f.shuffled = true
		f.random.Shuffle(len(f.deck), func(i, j int) { f.deck[i], f.deck[j] = f.deck[j], f.deck[i] })
	}
	k := f.deck[0]
	f.deck = f.deck[1:]
	return k
}

// countOthers counts what happens by itself once it was asked for.
func (f *faults) countOthers(ctx context.Context) {
	f.world.tally.setFault("Telegram: 429, 500, time-out, cut", f.world.sim.Faults().Count())
	f.world.tally.setFault("answer to the webhook lost", int(f.world.front.swallowed.Load()))
	f.countDeadlocks(ctx)
}

// countDeadlocks reads the servers' own counters, which begin anew with the server: deadlocks, and transactions that gave way to
// one on another node.
func (f *faults) countDeadlocks(ctx context.Context) {
	for i, db := range f.world.stores.each() {
		for _, name := range []string{"Innodb_deadlocks", "wsrep_local_cert_failures", "wsrep_local_bf_aborts"} {
			var n int
			if db.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE '"+name+"'").Scan(&name, &n) != nil {
				continue // the server is away, or one that stands alone
			}
			key := fmt.Sprint(i, name)
			if n < f.counters[key] {
				f.counters[key] = 0
			}
			if name == "Innodb_deadlocks" {
				f.world.tally.deadlocks += n - f.counters[key]
			} else {
				f.world.tally.gaveWay += n - f.counters[key]
			}
			f.counters[key] = n
		}
	}
}

func (f *faults) anyReplica() *replica { return f.world.replicas[f.random.IntN(len(f.world.replicas))] }

func (f *faults) killReplica(context.Context) (int, error) {
	return asCount(f.anyReplica().signal(syscall.SIGKILL)), nil
}

func (f *faults) endReplica(context.Context) (int, error) {
	return asCount(f.anyReplica().signal(syscall.SIGTERM)), nil
}

func asCount(happened bool) int {
	if happened {
		return 1
	}
	return 0
}

// server is one that can be killed.
type server interface {
	Kill() error
	Restart(ctx context.Context) error
}

// restart lets a server be away for a moment.
func (f *faults) restart(ctx context.Context, s server) error {
	if err := s.Kill(); err != nil {
		return err
	}
	if err := f.away(ctx, 1500*time.Millisecond); err != nil {
		return err
	}
	return s.Restart(ctx)
}

// away waits for a time below the limit.
func (f *faults) away(ctx context.Context, limit time.Duration) error {
	timer := time.NewTimer(time.Duration(f.random.Int64N(int64(limit))))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// killConnection lets MariaDB itself end a connection of the program, perhaps in the middle of a transaction.
func (f *faults) killConnection(ctx context.Context) (int, error) {
	var id int64
	db := f.world.stores.busy(ctx, f)
	err := db.QueryRowContext(ctx, "SELECT id FROM information_schema.processlist WHERE user = 'root' AND db = 'kinerja' AND id <> CONNECTION_ID() "+
		"ORDER BY command = 'Sleep', RAND() LIMIT 1").Scan(&id)
	if err != nil {
		return 0, nil //nolint:nilerr // nobody is connected just now
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf("KILL %d", id)); err != nil {
		return 0, nil //nolint:nilerr // it has gone by itself
	}
	return 1, nil
}

// lockRows holds the open evaluations and their period, so that everybody waits, longer than a person stays silent.
func (f *faults) lockRows(ctx context.Context) (int, error) {
	err := f.inTransaction(ctx, time.Duration(500+f.random.IntN(3500))*time.Millisecond,
		"SELECT id FROM evaluations WHERE state = 'open' FOR UPDATE", "SELECT id FROM periods FOR UPDATE")
	return asCount(err == nil), nil // else it met a deadlock itself
}

// crossLocks takes the locks against the order of the program, with so much work done before that InnoDB lets the program be the
// one that begins again.
func (f *faults) crossLocks(ctx context.Context) (int, error) {
	for range 6 {
		err := f.inTransaction(ctx, 20*time.Millisecond,
			"INSERT INTO ballast (word) SELECT 'x' FROM people", "SELECT id FROM periods FOR UPDATE", "DO SLEEP(0.03)",
			"UPDATE evaluations SET updated_at = updated_at WHERE state = 'open'", "SELECT id FROM evaluations WHERE state = 'open' FOR UPDATE")
		if err != nil {
			return 1, nil //nolint:nilerr // it was chosen itself
		}
	}
	return 1, nil
}

// inTransaction runs the statements and takes all back after a while.
func (f *faults) inTransaction(ctx context.Context, hold time.Duration, statements ...string) error {
	tx, err := f.world.stores.busy(ctx, f).BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // that is what it is for
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	timer := time.NewTimer(hold)
	defer timer.Stop()
	<-timer.C
	return nil
}
