package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"kinerja/bot/simulator"
)

// Two who write without end: a stranger, and a group that calls the bot by its name. Only their chats have Telegram's limits here.
const (
	flooder      = 900_001
	agitator     = 900_002 // in the group
	hostileGroup = -1_000_900_003
)

const (
	// nuisanceEvery and nuisanceBurst are up to 15 messages a second from the flooder, and 5 from the group.
	nuisanceEvery = 200 * time.Millisecond
	nuisanceBurst = 3
	// backlog is how many messages of the flooder wait at Telegram before he pauses: it gives a webhook those of one chat one after another,
	// so what he writes beyond the bot's pace stays there.
	backlog = 100
	// groupSilence is how long a group that was answered gets no other answer.
	groupSilence = 10 * time.Minute
	// tooFast begins what somebody is told who writes too fast.
	tooFast = "Terlalu cepat"
)

// nuisance is what the two wrote and what they got.
type nuisance struct {
	flooded, called int // messages that they wrote
	shown, refused  int // messages that the flooder got, and that Telegram refused because there were too many
	lines, mayHave  int // answers that the group got, and the most that it may have got
}

func (n nuisance) String() string {
	return fmt.Sprintf("  flooder                              wrote %d, got %d, and Telegram refused %d\n", n.flooded, n.shown, n.refused) +
		fmt.Sprintf("  hostile group                        wrote %d, got %d of at most %d lines\n", n.called, n.lines, n.mayHave)
}

// beNuisances lets both write until the returned function is called.
func (w *chaosWorld) beNuisances(ctx context.Context) (end func()) {
	for id, name := range map[int64]string{flooder: "Tamu", agitator: "Tamu Grup"} {
		w.sim.AddPhone(simulator.Phone{ID: id, Name: name, Label: name})
	}
	ctx, cancel := context.WithCancel(ctx)
	var writing sync.WaitGroup
	writing.Go(func() {
		ticker := time.NewTicker(nuisanceEvery)
		defer ticker.Stop()
		for ctx.Err() == nil {
			if w.sim.PendingFrom(flooder) < backlog {
				for range nuisanceBurst {
					w.sim.Type(flooder, "/mulai")
				}
				w.tally.nuisance.flooded += nuisanceBurst
			}
			w.sim.InGroup(agitator, hostileGroup, "/mulai@kinerja_demo_bot")
			w.tally.nuisance.called++
			select {
			case <-ctx.Done():
			case <-ticker.C:
			}
		}
	})
	return func() {
		cancel()
		writing.Wait()
	}
}

// toldTooFast reports whether somebody's phone shows that he writes too fast.
func (w *chaosWorld) toldTooFast(user int64) bool {
	for _, m := range w.sim.Chat(user) {
		if m.FromBot && strings.HasPrefix(m.Text, tooFast) {
			return true
		}
	}
	for _, t := range w.sim.Toasts(user) {
		if strings.HasPrefix(t.Text, tooFast) {
			return true
		}
	}
	return false
}

// judgeNuisances asks what the two got, and whether anybody else paid for it: people here wait for each answer, so
// only who taps faster than a human can be too fast.
func (w *chaosWorld) judgeNuisances() {
	n := &w.tally.nuisance
	n.shown, n.refused = w.sim.Traffic(flooder)
	n.lines, _ = w.sim.Traffic(hostileGroup)
	n.mayHave = 1 + int(time.Since(w.tally.began)/groupSilence)
	for kind, times := range w.tally.faults {
		if strings.HasPrefix(kind, "Redis") && !strings.Contains(kind, "cut") { // that the group was answered may be forgotten each time
			n.mayHave += times
		}
	}
	if n.lines > n.mayHave {
		w.tally.note(&w.tally.nuisances, "the hostile group got %d lines, at most %d were right", n.lines, n.mayHave)
	}
	for chat, p := range w.people {
		if w.toldTooFast(chat) && !p.wasFast() {
			w.tally.note(&w.tally.slowed, "person %d waits for each answer and was told that he is too fast", p.person)
		}
	}
}
