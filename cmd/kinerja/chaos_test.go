package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The chaos test lets a city evaluate its people, through the simulator, with two real processes of the program behind one webhook,
// while MariaDB, Redis, Telegram and the processes themselves fall over. Then it asks the records and the phones whether
// anything that somebody saw confirmed was lost, done twice or left hanging.
//
//	chaos_test.go          the story and its figures
//	chaos_world_test.go    the two processes, and what stands between them and the servers
//	chaos_servers_test.go  one MariaDB and one Redis
//	chaos_cluster_test.go  or clusters of them
//	chaos_phone_test.go    somebody with a phone
//	chaos_scoring_test.go  what he does as an evaluator
//	chaos_people_test.go   and as an employee and an administrator
//	chaos_nuisance_test.go somebody who floods, and a hostile group
//	chaos_faults_test.go   what falls over
//	chaos_verdict_test.go  what must be true in the end

// ordeal is the measure of one run.
type ordeal struct {
	seed    uint64
	polling bool   // one process fetches updates and the other stands by; else both stand behind one webhook
	cluster bool   // on clusters of MariaDB and Redis
	unit    string // code of the unit that is evaluated, with all below it
	updates int    // at least so many, and
	faults  int    // so many: one period follows another until both are reached
	every   int    // how many updates lie between two faults, on average
}

func TestChaosShort(t *testing.T) {
	for name, polling := range map[string]bool{"webhook": false, "polling": true} {
		t.Run(name, func(t *testing.T) {
			undergo(t, ordeal{seed: 20260101, polling: polling, unit: "PKM-01", updates: 150, faults: 20, every: 12})
		})
	}
}

func TestChaosLong(t *testing.T) {
	if os.Getenv("CHAOS") != "long" {
		t.Skip("the long form takes many minutes: run `make chaos`")
	}
	seed, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	if err != nil {
		t.Fatalf("SEED is not a number: %v", err)
	}
	t.Run("webhook", func(t *testing.T) {
		undergo(t, ordeal{seed: seed, unit: "KOTA", updates: 10_000, faults: 300, every: 40})
	})
	t.Run("polling", func(t *testing.T) {
		undergo(t, ordeal{seed: seed, polling: true, unit: "KOTA", updates: 2_000, faults: 60, every: 40})
	})
}

// mostPeriods is how many months an ordeal goes back before something must be wrong with its measure.
const mostPeriods = 60

func undergo(t *testing.T, o ordeal) {
	t.Helper()
	w := newChaosWorld(t, o)
	ctx, cancel := context.WithTimeout(context.Background(), 80*time.Minute)
	defer cancel()
	end, quiet := w.faults.begin(ctx), w.beNuisances(ctx)
	for n := 1; n <= mostPeriods && !w.tally.enough(o); n++ {
		w.playPeriod(ctx, n)
		t.Logf("period %d: %d updates so far, after %v", n, w.tally.count(), time.Since(w.tally.began).Round(time.Second))
		if len(w.tally.stuck) > 0 {
			break // the rest would only wait as long
		}
	}
	end()
	quiet()
	w.calm(ctx)
	w.judge(ctx)
	w.stop()
	t.Logf("seed %d\n%s", o.seed, w.tally)
	w.tally.verdict(t)
	if t.Failed() {
		w.showLogs()
	}
}

// tally counts what happened and keeps what must not.
type tally struct {
	mu        sync.Mutex
	began     time.Time
	updates   int
	faults    map[string]int
	confirmed int // answers and decisions that somebody saw confirmed
	told      int // taps that were answered "not stored yet"
	periods   int
	owed      int // notifications
	sent      int
	cancelled int // no longer true when their turn came
	repeated  int // messages that a phone got more than once
	deadlocks int
	gaveWay   int // transactions, to one on another node of the database

	nuisance nuisance

	lost, duplicates, impossible, unsent, stuck, slowed, nuisances, leaks []string
}

func newTally() *tally { return &tally{began: time.Now(), faults: map[string]int{}} }

func (t *tally) update() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.updates++
}

func (t *tally) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.updates
}

func (t *tally) fault(kind string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults[kind] += n
}

func (t *tally) tell() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.told++
}

// setFault is for what is counted where it happens.
func (t *tally) setFault(kind string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults[kind] = n
}

func (t *tally) confirm() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.confirmed++
}

func (t *tally) repeat(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.repeated += n
}

// note keeps one thing that must not be, in one of the tally's lists.
func (t *tally) note(list *[]string, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*list = append(*list, fmt.Sprintf(format, args...))
}

func (t *tally) allFaults() int {
	sum := 0
	for _, n := range t.faults {
		sum += n
	}
	return sum
}

func (t *tally) enough(o ordeal) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.updates >= o.updates && t.allFaults() >= o.faults
}

// String is the figures, a line each.
func (t *tally) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(t.faults)) {
		kinds = append(kinds, fmt.Sprintf("    %-34s %d", kind, t.faults[kind]))
	}
	return fmt.Sprintf("  updates                              %d in %v, over %d periods\n", t.updates, time.Since(t.began).Round(time.Second), t.periods) +
		fmt.Sprintf("  faults                               %d\n%s\n", t.allFaults(), strings.Join(kinds, "\n")) +
		fmt.Sprintf("  deadlocks that InnoDB found          %d\n", t.deadlocks) +
		fmt.Sprintf("  transactions that gave way to a node %d\n", t.gaveWay) +
		fmt.Sprintf("  taps answered \"not stored yet\"       %d\n", t.told) +
		fmt.Sprintf("  confirmed answers and decisions      %d\n", t.confirmed) +
		fmt.Sprintf("    lost                               %d\n", len(t.lost)) +
		fmt.Sprintf("    duplicates                         %d\n", len(t.duplicates)) +
		fmt.Sprintf("    impossible states                  %d\n", len(t.impossible)) +
		fmt.Sprintf("  people stuck                         %d\n", len(t.stuck)) +
		fmt.Sprintf("  people slowed by a flood             %d\n", len(t.slowed)) +
		t.nuisance.String() +
		fmt.Sprintf("  notifications                        %d: sent %d, cancelled %d, not sent %d; messages repeated %d\n", t.owed, t.sent, t.cancelled, len(t.unsent), t.repeated) +
		fmt.Sprintf("  personal words in the logs           %d\n", len(t.leaks))
}

func (t *tally) verdict(test *testing.T) {
	test.Helper()
	for name, list := range map[string][]string{
		"lost": t.lost, "duplicate": t.duplicates, "impossible": t.impossible, "not sent": t.unsent, "stuck": t.stuck,
		"slowed": t.slowed, "nuisance": t.nuisances, "leak": t.leaks,
	} {
		for _, what := range list[:min(len(list), 20)] {
			test.Errorf("%s: %s", name, what)
		}
	}
	if t.confirmed == 0 || t.sent == 0 {
		test.Errorf("nothing was proven: %d confirmed, %d notifications sent", t.confirmed, t.sent)
	}
}
