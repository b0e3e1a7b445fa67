package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// pollTime is how long Telegram holds a poll open when there is nothing.
	pollTime = 30 * time.Second
	// batch is the most that one poll may bring.
	batch = 100
	// samePause is the least time from one poll to the next from the same offset. Within 500 ms Telegram gives only the lowest update,
	// which is the one that is being worked on: whoever came later would never be seen.
	samePause = 600 * time.Millisecond
	// heldAfter is how soon after a poll from the same offset Telegram holds an empty answer back, up to 3 s, whatever time-out is asked for.
	heldAfter = 3 * time.Second
	// leastPause keeps a busy poller from asking more often than is useful.
	leastPause = 20 * time.Millisecond
	// maxPollPause is the pause that failures grow to.
	maxPollPause = 15 * time.Second
	// staleNumbers is after how much quiet the numbers of updates may have started anew.
	staleNumbers = 24 * time.Hour

	leaseName = "polling"
	leaseLife = 15 * time.Second
)

// Leases lets one process at a time hold a duty. Hold takes or renews it; a ttl of zero gives it back.
type Leases interface {
	Hold(ctx context.Context, name, owner string, ttl time.Duration) (bool, error)
}

// PollerOptions of NewPoller.
type PollerOptions struct {
	Leases Leases // nil: this process polls always
	Owner  string // of the lease: unique for each process
	// LeaseLife is how long after the death of the one who polls another takes over; 15 s when zero. It is renewed four times as often.
	LeaseLife time.Duration
	// StopLimit is how long stopping may take to finish what was taken; 20 s when zero.
	StopLimit time.Duration
	Log       *slog.Logger
	// OnReady is called once, when the first poll was answered or this process stands by; may be nil.
	OnReady func()
}

// Poller fetches updates by long polling and confirms to Telegram exactly those that the intake is done with: its offset
// is always the lowest update that is not.
//
// Telegram shows at most 100 updates above the offset. While one update takes long the newer ones go on within that
// window; then they wait for it, nothing is lost, and it is given up sooner than it would be otherwise.
type Poller struct {
	bot     *Bot
	intake  *Intake
	options PollerOptions
	log     *slog.Logger
	ready   sync.Once

	wake     chan struct{}  // something finished
	watchers sync.WaitGroup // one for each update that the intake has

	// Only the polling goroutine looks at these.
	webhookGone bool      // Telegram said so
	asked       int64     // the offset of the last poll
	askedAt     time.Time // when it began

	mu        sync.Mutex
	known     map[int64]bool // updates at or above the offset that were seen: true when done
	running   map[int64]bool // those the intake has now
	next      int64          // one above the highest seen; 0 before the first
	confirmed int64          // the offset that Telegram was last told
	lastNews  time.Time
	problem   error // why polling fails; nil while it works
	standby   bool
}

// NewPoller makes a poller that feeds the intake.
func NewPoller(b *Bot, in *Intake, o PollerOptions) *Poller {
	o.StopLimit = defaultTo(o.StopLimit, 20*time.Second)
	o.LeaseLife = defaultTo(o.LeaseLife, leaseLife)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Poller{
		bot: b, intake: in, options: o, log: o.Log, wake: make(chan struct{}, 1),
		known: map[int64]bool{}, running: map[int64]bool{}, lastNews: time.Now(), problem: errNotPolled,
	}
}

var errNotPolled = errors.New("not polled yet")

// Healthy reports why this process receives no updates; nil while it does, and while it stands by for another.
func (p *Poller) Healthy(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.standby {
		return nil
	}
	return p.problem
}

// Run polls until ctx ends. Then it stops the intake, which finishes what was taken, and confirms what was done and nothing else.
func (p *Poller) Run(ctx context.Context) error {
	if p.options.Leases == nil {
		p.poll(ctx)
	} else {
		p.pollWhileHolding(ctx)
	}
	return p.stop(context.WithoutCancel(ctx))
}

// stop finishes what was taken and tells Telegram.
func (p *Poller) stop(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, p.options.StopLimit)
	defer cancel()
	err := p.intake.Stop(limited)
	if err != nil {
		err = fmt.Errorf("some updates were not finished in time and will come again: %w", err)
	}
	p.watchers.Wait() // the intake is done with all of them
	ctx, cancel = context.WithTimeout(ctx, callLimit)
	defer cancel()
	err = errors.Join(err, p.confirm(ctx))
	if p.options.Leases != nil {
		_, leaseErr := p.options.Leases.Hold(ctx, leaseName, p.options.Owner, 0)
		err = errors.Join(err, leaseErr)
	}
	return err
}

// confirm tells Telegram the offset without taking anything: what this brings is not handled, so it is not confirmed.
func (p *Poller) confirm(ctx context.Context) error {
	offset := p.offset()
	p.mu.Lock()
	told := p.confirmed
	p.mu.Unlock()
	if offset == 0 || offset == told {
		return nil
	}
	held := offset == p.asked && time.Since(p.askedAt) < heldAfter
	if held {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Second)
		defer cancel()
	}
	_, err := p.bot.getUpdates(ctx, offset, 1, 0)
	if held && errors.Is(err, context.DeadlineExceeded) {
		return nil // the offset was read when the call came in
	}
	return err
}

// poll fetches until ctx ends.
func (p *Poller) poll(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		err := p.fetch(ctx)
		if ctx.Err() != nil {
			return
		}
		p.report(err)
		if err != nil {
			failures++
			p.pauseAfterFailure(ctx, err, failures)
			continue
		}
		failures = 0
		p.announce()
		p.pauseWhileBusy(ctx)
	}
}

func (p *Poller) announce() {
	p.ready.Do(func() {
		if p.options.OnReady != nil {
			p.options.OnReady()
		}
	})
}

// report remembers whether polling works, and logs when that changes.
func (p *Poller) report(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil && (p.problem == nil || errors.Is(p.problem, errNotPolled)) {
		p.log.Error("updates cannot be fetched", "cause", classOf(err), "meaning", Meaning(err))
	}
	if err == nil && p.problem != nil && !errors.Is(p.problem, errNotPolled) {
		p.log.Info("updates can be fetched again")
	}
	p.problem = err
	if err == nil {
		p.bot.metrics.received()
	} else {
		p.problem = fmt.Errorf("%s: %s", classOf(err), Meaning(err))
	}
}

func (p *Poller) pauseAfterFailure(ctx context.Context, err error, failures int) {
	pause := min(maxPollPause, pauseAfter(failures+1))
	var f *Failure
	if errors.As(err, &f) {
		switch f.Kind {
		case Flood:
			pause = f.RetryAfter
		case Unauthorized, Conflict:
			pause = min(maxPollPause, time.Duration(failures)*time.Second) // nothing that hurry would help
		}
	}
	_ = rest(ctx, pause) // the loop looks at ctx itself
}

// pauseWhileBusy waits a little, so that what finishes together is confirmed together.
func (p *Poller) pauseWhileBusy(ctx context.Context) {
	if p.busy() {
		_ = rest(ctx, leastPause) // the loop looks at ctx itself
	}
}

// nextOffset is from where to poll. It waits while that would be too soon after a poll from there, and less when the lowest update finishes meanwhile.
func (p *Poller) nextOffset(ctx context.Context) (int64, error) {
	for {
		offset, left := p.offset(), time.Until(p.askedAt.Add(samePause))
		if offset != p.asked || left <= 0 {
			p.asked, p.askedAt = offset, time.Now()
			return offset, nil
		}
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
			timer.Stop()
			return 0, ctx.Err()
		case <-p.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (p *Poller) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, done := range p.known {
		if !done {
			return true
		}
	}
	return false
}

// fetch makes one poll and hands what is new to the intake. Beside a webhook Telegram lets nobody poll, so one that was left is taken away first.
func (p *Poller) fetch(ctx context.Context) error {
	if !p.webhookGone {
		if err := p.bot.deleteWebhook(ctx); err != nil {
			return err
		}
		p.webhookGone = true
	}
	offset, err := p.nextOffset(ctx)
	if err != nil {
		return err
	}
	wait := pollTime
	if p.busy() || p.unproven() {
		wait = 0
	}
	updates, err := p.bot.getUpdates(ctx, offset, batch, wait)
	if err != nil {
		return err
	}
	if p.windowFull(offset, updates) {
		p.intake.hurry(offset)
	}
	p.fetched(offset, updates)
	for _, u := range updates {
		if !p.start(u) { //nolint:contextcheck // an update outlives the poll that brought it
			break // the ones after it must not overtake it
		}
	}
	return nil
}

// windowFull reports that nothing newer can be seen before the lowest update is done.
func (p *Poller) windowFull(offset int64, updates []incoming) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(updates) == batch && p.lowest() == offset && !slices.ContainsFunc(updates, func(u incoming) bool { _, seen := p.known[u.id]; return !seen })
}

// unproven reports that no poll was answered since something failed, or at all: a short one then tells soon that updates can be received.
func (p *Poller) unproven() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.problem != nil
}

// fetched notes what Telegram was told and what it still has. An update that failed here and is there no more was confirmed
// by another process, or its time was over (150 s for a tap); waiting for it would keep the offset back for ever. Only a gap
// tells that, or an answer without any update: how far a batch reaches is for Telegram to decide.
func (p *Poller) fetched(offset int64, updates []incoming) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.confirmed = offset
	there := map[int64]bool{}
	for _, u := range updates {
		there[u.id] = true
		p.lastNews = time.Now()
	}
	for id, done := range p.known {
		within := len(updates) == 0 || id < updates[len(updates)-1].id
		if !done && !p.running[id] && !there[id] && within {
			delete(p.known, id)
		}
	}
}

// lowest is the lowest update that is not done, or the next one. The lock is held.
func (p *Poller) lowest() int64 {
	lowest := p.next
	for id, done := range p.known {
		if !done && id < lowest {
			lowest = id
		}
	}
	return lowest
}

// offset is from where to poll next: the lowest update that is not done. What lies below is forgotten here and at Telegram, so no batch may
// be looked through after this that was asked for before it: what was done would seem new.
func (p *Poller) offset() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	lowest := p.lowest()
	for id := range p.known {
		if id < lowest {
			delete(p.known, id)
		}
	}
	if len(p.known) == 0 && time.Since(p.lastNews) > staleNumbers {
		p.next = 0 // all was confirmed long ago; after a quiet week the numbers start anew, perhaps lower
		return 0
	}
	return lowest
}

// start hands one update to the intake unless it is there or done already. It returns false when the intake takes no more now.
func (p *Poller) start(u incoming) bool {
	p.mu.Lock()
	done, seen := p.known[u.id]
	skip := seen && (done || p.running[u.id])
	if !seen {
		p.known[u.id] = false
	}
	p.next = max(p.next, u.id+1)
	p.mu.Unlock()
	if skip {
		return true
	}
	if !p.intake.readable(u) {
		p.finish(u.id, nil)
		return true
	}
	t, err := p.intake.take(u.update)
	if err != nil {
		return false
	}
	p.mu.Lock()
	p.running[u.id] = true
	p.mu.Unlock()
	p.watchers.Go(func() {
		<-t.done
		p.finish(u.id, t.err)
	})
	return true
}

// finish notes how an update ended. One that failed stays unconfirmed and is handed over again when it is next fetched.
func (p *Poller) finish(id int64, err error) {
	p.mu.Lock()
	delete(p.running, id)
	p.known[id] = err == nil
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}
