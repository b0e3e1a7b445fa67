package bot

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot/models"
	"golang.org/x/sync/semaphore"

	"kinerja/flows"
	"kinerja/locales"
)

var (
	// ErrStopping says that no more updates are taken: this one has to come again, to another process.
	ErrStopping = errors.New("the intake is stopping")
	// ErrFull says that as many updates wait as memory is meant for: this one has to come again, later.
	ErrFull = errors.New("too many updates are waiting")
)

// Engine is the conversations.
type Engine interface {
	Begin(ctx context.Context, ev flows.Event) (*flows.Turn, error)
	Say(language, key string, args ...locales.Args) string
}

// Owing writes down that a screen is owed, for the courier. store.ErrNotFound means that the Telegram user is a stranger, to whom nothing can be owed.
type Owing interface {
	OweRedraw(ctx context.Context, telegramID, updateID int64) error
}

// Reachability remembers who blocked the bot. store.ErrNotFound means that the Telegram user is a stranger.
type Reachability interface {
	MarkUnreachable(ctx context.Context, telegramID int64) error
	MarkReachable(ctx context.Context, telegramID int64) error
}

// IntakeOptions of NewIntake. Zero values mean the defaults.
type IntakeOptions struct {
	Owing        Owing        // nil: a screen that cannot be shown is only logged
	Reachability Reachability // nil: nobody is told
	Lists        *Lists       // nil: everybody keeps the commands of all
	// Healthy reports whether the stores take writes. Without it, that other people's updates go through is taken for proof.
	Healthy func(ctx context.Context) error
	Log     *slog.Logger

	PerPerson  int           // updates of one person that may wait; 32
	ChatBurst  int           // updates that a chat may send at once; then one each second; 40
	All        int           // of everybody; 2048
	SideBySide int           // people whose updates the engine works on at one moment; 128
	TryLimit   time.Duration // for one try; 8 s, well within a turn's life
	TellAfter  time.Duration // without effect, the person is told that it is not stored yet; 2.5 s
	GiveUp     time.Duration // an update that fails for so long while others go through is set aside; 45 s, longer than a turn that a killed process left behind
	// GiveUpFull is the same for an update that keeps the poller from everybody's newer ones; 10 s, longer than the silence of a killed process.
	GiveUpFull time.Duration
	ShowLimit  time.Duration // for showing a screen before it is left to the courier; 20 s, more than one slow message takes

	Now func() time.Time // for what comes too fast; time.Now
}

// deterministicTries is how often an update that fails by itself is tried before it is set aside.
const deterministicTries = 3

func (o IntakeOptions) withDefaults() IntakeOptions {
	o.PerPerson = defaultTo(o.PerPerson, 32)
	o.ChatBurst = defaultTo(o.ChatBurst, 40)
	o.All = defaultTo(o.All, 2048)
	o.SideBySide = defaultTo(o.SideBySide, 128)
	o.TryLimit = defaultTo(o.TryLimit, 8*time.Second)
	o.TellAfter = defaultTo(o.TellAfter, 2500*time.Millisecond)
	o.GiveUp = defaultTo(o.GiveUp, 45*time.Second)
	o.GiveUpFull = defaultTo(o.GiveUpFull, 10*time.Second)
	o.ShowLimit = defaultTo(o.ShowLimit, 20*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Healthy == nil {
		o.Healthy = func(context.Context) error { return nil }
	}
	return o
}

func defaultTo[T int | time.Duration](value, fallback T) T {
	if value == 0 {
		return fallback
	}
	return value
}

// Intake lets updates take effect: those of one person in order and one at a time, those of different people side by side.
//
// Each person with something to do has a goroutine; how many of them work with the stores at one moment is bounded by slots
// that are given in the order of asking. A person asks for one update at a time, so one who floods waits his turn like all others;
// and a chat that sends too much is slowed: see manners.
type Intake struct {
	bot      *Bot
	engine   Engine
	options  IntakeOptions
	log      *slog.Logger
	metrics  *Metrics
	slots    *semaphore.Weighted
	shedding *semaphore.Weighted
	manners  *manners

	succeeded atomic.Int64 // updates that were done, by anybody

	life   context.Context // ends when Stop runs out of patience
	end    context.CancelFunc
	people sync.WaitGroup // goroutines

	mu       sync.Mutex
	queues   map[int64]*queue // by Telegram user; only those with something to do
	flying   map[int64]*task  // by update id; taken and not done
	stopping bool
}

// queue is what one person sent and is not done, oldest first.
type queue struct{ tasks []*task }

// NewIntake makes an intake. End it with Stop.
func NewIntake(b *Bot, engine Engine, o IntakeOptions) *Intake {
	o = o.withDefaults()
	life, end := context.WithCancel(context.Background())
	return &Intake{
		bot: b, engine: engine, options: o, log: o.Log, metrics: b.metrics,
		slots: semaphore.NewWeighted(int64(o.SideBySide)), shedding: semaphore.NewWeighted(8), manners: newManners(o),
		life: life, end: end, queues: map[int64]*queue{}, flying: map[int64]*task{},
	}
}

// Do lets one update take effect and shows what follows. It returns nil when the effect is stored and its screen was shown
// or is written down as owed, or when the update was set aside or shed and the person told: then it may be confirmed to Telegram.
// Any error means that it must come again. When ctx ends first the work goes on, and the same update joins it.
func (in *Intake) Do(ctx context.Context, u *models.Update) error {
	t, err := in.take(u) //nolint:contextcheck // an update outlives the request that brought it
	if err != nil {
		return err
	}
	select {
	case <-t.done:
		return t.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take puts an update into its person's queue without waiting for it. An update that is being worked on already is joined.
func (in *Intake) take(u *models.Update) (*task, error) {
	ev, query, ours := eventOf(u, in.bot.botName())
	member, change := membershipOf(u)
	if change != unchanged {
		ev, ours = member, true
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if t, ok := in.flying[u.ID]; ok {
		return t, nil
	}
	switch {
	case in.stopping:
		return nil, ErrStopping
	case !ours:
		in.metrics.update("other", outcomeIgnored)
		return finished(), nil
	case len(in.flying) >= in.options.All:
		return nil, ErrFull // nobody is told: everybody's updates come again by themselves
	}
	if !ev.Private && change == unchanged && !in.manners.groupMayAsk(ev.Chat) {
		in.metrics.update(kindName(ev.Kind), outcomeIgnored)
		return finished(), nil
	}
	t := newTask(ev, query)
	t.membership = change
	q := in.queues[ev.From]
	slowed, welcome := in.manners.slow(ev.Chat, change == unchanged && in.bot.gate.pausedAlone(ev.Chat))
	if !welcome || q != nil && len(q.tasks) >= in.options.PerPerson {
		in.shed(t)
		return finished(), nil
	}
	t.begin = t.taken.Add(slowed)
	in.queueUp(q, t)
	return t, nil
}

// hurry is for an update that is in hand and that everybody's newer ones wait for. It and those that its person sent after it are not
// kept back any longer, however fast he sends; what they show waits for no pause of Telegram's, but is owed; and they are given up sooner.
func (in *Intake) hurry(updateID int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	lowest, ok := in.flying[updateID]
	if !ok || lowest.isAwaited() {
		return
	}
	in.log.Warn("the newer updates of everybody wait for one", "update", updateID)
	for _, t := range in.queues[lowest.event.From].tasks {
		if !t.isAwaited() {
			close(t.awaited)
		}
	}
}

// queueUp starts the person's goroutine when he has none. The lock is held.
func (in *Intake) queueUp(q *queue, t *task) {
	in.flying[t.event.UpdateID] = t
	in.metrics.waiting.Set(float64(len(in.flying)))
	t.tell = time.AfterFunc(in.options.TellAfter, func() { in.tellNotYet(t) })
	if q != nil {
		q.tasks = append(q.tasks, t)
		return
	}
	q = &queue{tasks: []*task{t}}
	in.queues[t.event.From] = q
	in.people.Go(func() { in.serve(t.event.From, q) })
}

// serve works off one person's queue.
func (in *Intake) serve(person int64, q *queue) {
	for t := in.next(person, q, nil); t != nil; t = in.next(person, q, t) {
		in.keepBack(t)
		outcome, err := in.handle(t)
		t.err = err
		t.settle()
		in.metrics.update(kindName(t.event.Kind), outcome)
	}
}

// keepBack waits until an update may begin. When the life ends, handle says so.
func (in *Intake) keepBack(t *task) {
	timer := time.NewTimer(time.Until(t.begin))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.awaited:
	case <-in.life.Done():
	}
}

// next ends one task and returns the following; nil when there is none, and then the queue is gone.
func (in *Intake) next(person int64, q *queue, done *task) *task {
	in.mu.Lock()
	defer in.mu.Unlock()
	if done != nil {
		q.tasks = q.tasks[1:]
		delete(in.flying, done.event.UpdateID)
		in.metrics.waiting.Set(float64(len(in.flying)))
		close(done.done)
	}
	if len(q.tasks) == 0 {
		delete(in.queues, person)
		return nil
	}
	return q.tasks[0]
}

// Stop takes no more updates and finishes those that were taken, until ctx ends; what is not done then fails, so that it is not confirmed.
// It returns ctx's error when something was left undone.
func (in *Intake) Stop(ctx context.Context) error {
	in.mu.Lock()
	in.stopping = true
	in.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		in.people.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		in.end()
		return nil
	case <-ctx.Done():
	}
	in.end()
	<-idle // every wait in here ends with life
	return ctx.Err()
}

// Waiting is how many updates were taken and are not done.
func (in *Intake) Waiting() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.flying)
}

func kindName(k flows.Kind) string {
	switch k {
	case flows.Command:
		return "command"
	case flows.Tap:
		return "tap"
	case flows.Text:
		return "text"
	case flows.Contact:
		return "contact"
	case flows.File:
		return "file"
	case flows.Edited:
		return "edited"
	default:
		return "other"
	}
}
