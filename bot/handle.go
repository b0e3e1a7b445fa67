package bot

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"kinerja/flows"
	"kinerja/store"
	"kinerja/store/dialogue"
)

const (
	firstPause = 50 * time.Millisecond
	maxPause   = 2 * time.Second
	pingLimit  = 3 * time.Second
)

// handle tries one update until it is done, set aside, or the intake ends. It returns an error only when the update must come again.
func (in *Intake) handle(t *task) (outcome string, err error) {
	if !t.event.Private && t.membership == unchanged && !in.groupMayBeTold(t) {
		return outcomeIgnored, nil
	}
	own, began := 0, time.Now() // own: failures that are the update's own
	others := in.watchOthers()
	for try := 0; ; try++ {
		err = in.attempt(t)
		if err == nil {
			in.succeeded.Add(1)
			return outcomeDone, nil
		}
		others.look()
		if in.life.Err() != nil {
			return outcomeFailed, ErrStopping
		}
		if errors.Is(err, dialogue.ErrLost) && try < deterministicTries {
			continue // another replica went first: begin again at once, on the state it left
		}
		if try == 0 { // once is enough: an outage has many updates
			in.log.Warn("an update failed and is tried again", "update", t.event.UpdateID, "cause", classOf(err))
		}
		if !transient(err) {
			own++
		}
		if own >= deterministicTries || in.hopeless(t, began, others, err) {
			in.setAside(t, err)
			return outcomeSetAside, nil
		}
		if rest(in.life, pauseAfter(try)) != nil {
			return outcomeFailed, ErrStopping
		}
	}
}

// pauseAfter grows with the tries, and is random so that those who failed together do not come back together.
func pauseAfter(try int) time.Duration {
	pause := min(maxPause, firstPause<<min(try, 10))
	return pause/2 + rand.N(pause/2)
}

// hopeless reports that an update has failed for so long, though other people's went through meanwhile and the stores take
// writes, that it must be its own fault. While nobody's goes through, an outage is the likelier cause, whatever answers a ping.
// One for which everybody's newer updates wait is the reason itself that nobody's goes through: that they once did is enough.
func (in *Intake) hopeless(t *task, began time.Time, o *others, err error) bool {
	limit, passed := in.options.GiveUp, deterministicTries
	if t.isAwaited() {
		limit, passed = min(limit, in.options.GiveUpFull), 1
	}
	if time.Since(began) < limit || !transient(err) || o.timesPassed < passed {
		return false
	}
	ctx, cancel := context.WithTimeout(in.life, pingLimit)
	defer cancel()
	return in.options.Healthy(ctx) == nil
}

// others counts the tries of an update between which updates of other people succeeded.
type others struct {
	succeeded   *atomic.Int64
	seen        int64
	timesPassed int
}

func (in *Intake) watchOthers() *others {
	return &others{succeeded: &in.succeeded, seen: in.succeeded.Load()}
}

// look is called after each failure.
func (o *others) look() {
	if now := o.succeeded.Load(); now != o.seen {
		o.seen = now
		o.timesPassed++
	}
}

// attempt is one try: take effect, show, remember where the person stands. What an earlier try did is not done again.
func (in *Intake) attempt(t *task) error {
	if t.membership != unchanged {
		return in.noteMembership(t)
	}
	if t.turn == nil {
		if err := in.takeEffect(t); err != nil {
			return err
		}
	}
	err := in.remember(t)
	if errors.Is(err, dialogue.ErrLost) {
		t.turn = nil // what was shown may be old
	}
	return err
}

// noteMembership stores that a person blocked the bot, before anything fails to reach him, or that he is back.
func (in *Intake) noteMembership(t *task) (err error) {
	defer recovered(&err)
	if in.options.Reachability == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(in.life, in.options.TryLimit)
	defer cancel()
	note := in.options.Reachability.MarkReachable
	if t.membership == blocked {
		note = in.options.Reachability.MarkUnreachable
	}
	if err := note(ctx, t.event.From); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil // a stranger
}

// takeEffect lets the update take effect and shows the screen, and leaves the turn to be ended.
func (in *Intake) takeEffect(t *task) error {
	turn, err := in.begin(t)
	if err != nil {
		return err
	}
	t.settle() // stored: from here nobody may be told that it is not
	if err := in.follow(t, turn); err != nil {
		return errors.Join(err, in.abandon(turn)) // so that the next try need not wait for this one's turn
	}
	t.turn = turn
	in.metrics.shown(time.Since(t.taken))
	return nil
}

// follow shows the screen. A panic in it is an error like others.
func (in *Intake) follow(t *task, turn *flows.Turn) (err error) {
	defer recovered(&err)
	ctx, cancel := context.WithTimeout(in.life, in.options.ShowLimit)
	defer cancel()
	t.place, err = in.show(ctx, t, turn)
	return err
}

// remember stores where the person stands and ends the turn.
func (in *Intake) remember(t *task) (err error) {
	defer recovered(&err)
	ctx, cancel := context.WithTimeout(in.life, in.bot.limit)
	defer cancel()
	return t.turn.Shown(ctx, t.place)
}

// begin lets the update take effect, in one of the slots. A panic in it is an error like others.
func (in *Intake) begin(t *task) (turn *flows.Turn, err error) {
	defer recovered(&err)
	ctx, cancel := context.WithTimeout(in.life, in.options.TryLimit)
	defer cancel()
	if err := in.slots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer in.slots.Release(1)
	return in.engine.Begin(ctx, t.event)
}

func (in *Intake) abandon(turn *flows.Turn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(in.life), in.bot.limit)
	defer cancel()
	return turn.Abandon(ctx)
}

// setAside gives an update up: its cause goes to the log, never its text, and the person is told what to do.
func (in *Intake) setAside(t *task, cause error) {
	in.log.Error("an update was set aside", "update", t.event.UpdateID, "kind", kindName(t.event.Kind), "stored", t.stored(), "cause", classOf(cause))
	t.settle()
	if t.turn == nil && t.membership == unchanged { // else only his place was not remembered, which nothing depends on
		in.notify(t, "edge.set_aside", always)
	}
}
