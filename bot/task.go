package bot

import (
	"context"
	"sync"
	"time"

	"kinerja/flows"
)

// task is one update on its way.
type task struct {
	event flows.Event
	query string // the tap to answer; "" for none
	// membership is for Reachability, not for the engine, and nobody waits for an answer to it.
	membership membership
	taken      time.Time
	begin      time.Time // not before
	tell       *time.Timer
	done       chan struct{} // closed when it is over
	err        error         // read after done
	// awaited is closed when everybody's newer updates wait for this one, or for one before it of the same person. The intake's lock guards the closing.
	awaited chan struct{}

	// What earlier tries of this update did. Only the person's goroutine uses it.
	card  int          // message that was sent; 0 for none
	toast string       // what the tap was answered
	turn  *flows.Turn  // whose screen is shown, or owed, and whose end is not stored; nil for none
	place flows.Placed // where it stands; nowhere when it is owed
	drew  bool         // something was sent: what the card shows is not as the turn knows it any more

	mu       sync.Mutex
	effect   bool // it is stored
	answered bool // the tap got its one answer
}

// membership is what a person did with the bot itself.
type membership int

const (
	unchanged membership = iota
	blocked
	unblocked
)

func newTask(ev flows.Event, query string) *task {
	return &task{event: ev, query: query, taken: time.Now(), awaited: make(chan struct{}), done: make(chan struct{})}
}

func (t *task) isAwaited() bool {
	select {
	case <-t.awaited:
		return true
	default:
		return false
	}
}

// finished is a task that needs nothing done.
func finished() *task {
	t := &task{done: make(chan struct{})}
	close(t.done)
	return t
}

// settle notes that there is nothing more to tell about waiting.
func (t *task) settle() {
	if t.tell != nil {
		t.tell.Stop()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.effect = true
}

func (t *task) stored() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.effect
}

// claimAnswer returns true to the one who may answer the tap.
func (t *task) claimAnswer() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.query == "" || t.answered {
		return false
	}
	t.answered = true
	return true
}

// tellNotYet runs when an update has had no effect for too long for silence.
func (in *Intake) tellNotYet(t *task) {
	in.mu.Lock()
	if in.queues[t.event.From] == nil || in.flying[t.event.UpdateID] != t || t.stored() || t.membership != unchanged {
		in.mu.Unlock()
		return
	}
	in.people.Add(1) // the queue is there, so its goroutine holds the group open
	in.mu.Unlock()
	defer in.people.Done()
	in.metrics.notYet.Inc()
	in.notify(t, "edge.not_stored_yet", in.mayMessage)
}

// notify tells a person something that no screen says: in the answer to his tap, else in a message, if he may get one.
func (in *Intake) notify(t *task, key string, mayMessage func(t *task) bool) {
	tap := t.claimAnswer()
	if !tap && (!t.event.Private || !mayMessage(t)) {
		return
	}
	sentence := in.engine.Say(t.event.Language, key)
	ctx, cancel := context.WithTimeout(in.life, in.bot.writing)
	defer cancel()
	var err error
	if tap {
		err = in.bot.Answer(ctx, t.event.Chat, t.query, sentence, true)
	} else {
		_, err = in.bot.Send(ctx, t.event.Chat, noticeScreen(sentence))
	}
	if err != nil { // what it is about goes on without it
		in.log.Warn("a person could not be told", "update", t.event.UpdateID, "cause", classOf(err))
	}
}

// mayMessage reports whether a person may get a message about waiting; he gets few.
func (in *Intake) mayMessage(t *task) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.manners.mayTell(t.event.Chat)
}

// mayMessageLater is mayMessage where Telegram may have paused the chat: the message waits for the end of that, and nothing else for the message.
func (in *Intake) mayMessageLater(t *task) bool {
	if !in.mayMessage(t) {
		return false
	}
	if in.bot.gate == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(in.life, floodPatience)
	defer cancel()
	return in.bot.gate.Tap(ctx, t.event.Chat) == nil
}

func always(*task) bool { return true }

// shed lets go of an update of a person who sends too fast or has too many waiting, and tells him. The lock is held.
func (in *Intake) shed(t *task) {
	in.metrics.update(kindName(t.event.Kind), outcomeShed)
	in.log.Warn("an update was shed: this person sends too many", "update", t.event.UpdateID)
	if !in.shedding.TryAcquire(1) {
		return // telling must not become the flood
	}
	in.people.Go(func() {
		defer in.shedding.Release(1)
		in.notify(t, "edge.too_fast", in.mayMessageLater)
	})
}
