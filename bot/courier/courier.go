// Package courier sends what is owed: it takes notifications out of their table, draws each at the moment it goes, and
// notes what became of it. Any number of couriers may work side by side.
package courier

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"kinerja/bot"
	"kinerja/flows"
	"kinerja/store"
	"kinerja/store/dialogue"
)

// Store is the table of what is owed.
type Store interface {
	ClaimNotifications(ctx context.Context, owner string, lease time.Duration, limit int) ([]store.Notification, error)
	ActorByPerson(ctx context.Context, personID int64) (store.Actor, error)
	HoldNotification(ctx context.Context, n store.Notification, lease time.Duration) error
	MarkSent(ctx context.Context, n store.Notification, messageID int) error
	Postpone(ctx context.Context, n store.Notification, until time.Time) error
	Retry(ctx context.Context, n store.Notification, class string) error
	Park(ctx context.Context, n store.Notification, class string) error
	CancelNotification(ctx context.Context, n store.Notification) error
	HoldUnlinked(ctx context.Context, n store.Notification) error
	LoseFile(ctx context.Context, n store.Notification) error
	MarkUnreachable(ctx context.Context, telegramID int64) error
	NotificationStates(ctx context.Context, states ...store.NotificationState) (map[store.NotificationState]int, error)
	Now() time.Time
}

// Teller draws notifications, and says that the page on which a person is waits for him. Discreet hides what a message is about.
type Teller interface {
	Tell(ctx context.Context, actor store.Actor, kind, args string) (flows.Screen, bool, error)
	Present(ctx context.Context, actor store.Actor) (*flows.Turn, error)
	Discreet(actor store.Actor, message flows.Screen) flows.Screen
}

// Sender sends one message. Its errors are *bot.Failure.
type Sender interface {
	Send(ctx context.Context, chatID int64, screen flows.Screen) (flows.Placed, error)
	// SendFile sends the document of a screen.
	SendFile(ctx context.Context, chatID int64, screen flows.Screen, content []byte) (flows.Placed, error)
	// Reach asks Telegram for something that concerns nobody, to see whether it answers.
	Reach(ctx context.Context) error
}

// Gate paces the bulk. A *bot.Failure of kind Flood says how long a chat must be left alone.
type Gate interface {
	WaitBulk(ctx context.Context, chat int64) error
}

// Hours says when people may be disturbed with what can wait.
type Hours interface {
	// Allowed returns the first moment from at on, at itself if it may be now.
	Allowed(at time.Time) time.Time
	// Quiet reports whether a kind of notification keeps these hours.
	Quiet(kind string) bool
}

// Lists keeps the commands that a chat finds behind the menu button. It never makes anybody wait.
type Lists interface {
	Want(chat int64, commands []flows.MenuCommand)
}

// Options of New. Zero values mean the defaults.
type Options struct {
	Owner  string        // of leases: unique for each process
	Every  time.Duration // between looks at the table; 1 s
	Lease  time.Duration // how long a claim lasts; 30 s, of which half is for waiting and half for the last send
	Batch  int           // 20
	AtOnce int           // sends side by side; 8
	Lists  Lists         // nil: no message changes what the menu button lists
	Log    *slog.Logger
	// Registry takes the metrics; nil for none.
	Registry prometheus.Registerer
}

// Courier is one process's share of the sending.
type Courier struct {
	store   Store
	teller  Teller
	sender  Sender
	gate    Gate
	hours   Hours
	options Options
	sends   *prometheus.CounterVec
	states  *prometheus.GaugeVec
	way     way
	counted time.Time // when states was last counted

	unknownKinds sync.Map // the kinds that were said to be unknown
	files        errgroup.Group
}

// New makes a courier. Run it.
func New(s Store, t Teller, sender Sender, gate Gate, hours Hours, o Options) *Courier {
	if o.Every == 0 {
		o.Every = time.Second
	}
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	if o.Batch == 0 {
		o.Batch = 20
	}
	if o.AtOnce == 0 {
		o.AtOnce = 8
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Courier{
		store: s, teller: t, sender: sender, gate: gate, hours: hours, options: o,
		sends: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kinerja_notification_sends_total", Help: "Attempts to send a notification by outcome.",
		}, []string{"outcome"}),
		states: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "kinerja_notifications", Help: "Notifications that are not settled, by state; counted every 30 s.",
		}, []string{"state"}),
	}
	if o.Registry != nil {
		o.Registry.MustRegister(c.sends, c.states)
	}
	c.files.SetLimit(filesAtOnce)
	return c
}

// Run sends until ctx ends. What it took and did not begin to send by then is given back.
func (c *Courier) Run(ctx context.Context) error {
	defer c.Wait()
	ticker := time.NewTicker(c.options.Every)
	defer ticker.Stop()
	for {
		if n, err := c.Round(ctx); err != nil && ctx.Err() == nil {
			c.options.Log.Warn("notifications could not be sent; they stay owed", "cause", bot.Cause(err))
		} else if err == nil && n == c.options.Batch {
			continue // there is more
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Round sends one batch and returns how many notifications it took: none while Telegram cannot be reached, and one to see whether it can again.
func (c *Courier) Round(ctx context.Context) (int, error) {
	limit := c.options.Batch
	switch {
	case c.way.closed(c.store.Now()):
		return 0, c.count(ctx)
	case c.way.doubtful():
		if !c.answers(ctx) {
			return 0, c.count(ctx)
		}
		limit = 1
	}
	claimed, err := c.store.ClaimNotifications(ctx, c.options.Owner, c.options.Lease, limit)
	if err != nil {
		return 0, err
	}
	// A claim that is over belongs to somebody else: what did not get its turn by half of the time is given back.
	working, cancel := context.WithTimeout(ctx, c.options.Lease/2)
	defer cancel()
	group := errgroup.Group{}
	group.SetLimit(c.options.AtOnce)
	for _, n := range claimed {
		group.Go(func() error { return c.deliver(working, n) })
	}
	return len(claimed), errors.Join(group.Wait(), c.count(ctx))
}

// answers asks Telegram without a message while it is in doubt: one that a gateway swallows may have arrived, and is not tried a third time.
func (c *Courier) answers(ctx context.Context) bool {
	var failure *bot.Failure
	if err := c.sender.Reach(ctx); !errors.As(err, &failure) {
		return err == nil
	}
	c.watch(failure)
	return !away(failure)
}

// countEvery is how old the numbers of what waits may be.
const countEvery = 30 * time.Second

// count tells the metrics what waits. Rounds come every second, and counting reads every row that is not settled.
func (c *Courier) count(ctx context.Context) error {
	now := c.store.Now()
	if since := now.Sub(c.counted); since >= 0 && since < countEvery {
		return nil
	}
	counts, err := c.store.NotificationStates(ctx, store.Unsettled()...)
	if err != nil {
		return err
	}
	c.counted = now
	for _, state := range store.Unsettled() {
		c.states.WithLabelValues(string(state)).Set(float64(counts[state]))
	}
	return nil
}

// deliver is the way of one notification.
func (c *Courier) deliver(ctx context.Context, n store.Notification) error {
	now := c.store.Now()
	at := c.hours.Allowed(now)
	night := at.After(now)
	if night && c.hours.Quiet(n.Kind) {
		return c.outcome("postponed", c.store.Postpone(ctx, n, at))
	}
	actor, err := c.recipient(ctx, n)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && actor.UnreachableSince != nil:
		return c.outcome("unreachable", c.store.HoldUnlinked(ctx, n))
	case ctx.Err() != nil:
		return c.giveBack(ctx, n, err)
	case err != nil:
		return err
	}
	if n.Kind == store.KindRedraw {
		return c.redraw(ctx, n, actor)
	}
	screen, owed, err := c.teller.Tell(ctx, actor, n.Kind, n.Args)
	switch {
	case err != nil:
		return c.notDrawn(ctx, n, err)
	case !owed:
		return c.outcome("cancelled", c.store.CancelNotification(ctx, n))
	}
	if screen.Document != nil {
		return c.fileAside(ctx, n, actor, screen)
	}
	return c.message(ctx, n, actor, screen, night)
}

// message sends a screen that is owed; at night one that says only that there is something.
func (c *Courier) message(ctx context.Context, n store.Notification, actor store.Actor, screen flows.Screen, night bool) error {
	if c.options.Lists != nil && screen.Commands != nil {
		c.options.Lists.Want(actor.TelegramID, screen.Commands)
	}
	if night && !screen.Open {
		screen = c.teller.Discreet(actor, screen)
	}
	if err := c.gate.WaitBulk(ctx, actor.TelegramID); err != nil {
		return c.giveBack(ctx, n, err)
	}
	if c.way.closed(c.store.Now()) { // others of this batch have tried
		return c.outcome("given_back", c.store.Postpone(ctx, n, n.DueAt))
	}
	_, err := c.send(ctx, n, actor, screen)
	return err
}

// recipient is the Telegram user whom a notification is for: that of its person, or one who is nobody any more.
func (c *Courier) recipient(ctx context.Context, n store.Notification) (store.Actor, error) {
	if stranger, ok := n.Stranger(); ok {
		return stranger, nil
	}
	return c.store.ActorByPerson(ctx, n.PersonID)
}

// busyPause is how long a screen that is owed waits for a person who is doing something: most likely he sees a later one by that.
const busyPause = 5 * time.Second

// redraw leads a person to where he is, as a turn of his own. The turn is taken last, so that he does not wait for the pace.
func (c *Courier) redraw(ctx context.Context, n store.Notification, actor store.Actor) error {
	if err := c.gate.WaitBulk(ctx, actor.TelegramID); err != nil {
		return c.giveBack(ctx, n, err)
	}
	if c.way.closed(c.store.Now()) {
		return c.outcome("given_back", c.store.Postpone(ctx, n, n.DueAt))
	}
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	turn, err := c.teller.Present(limited, actor)
	switch {
	case errors.Is(err, dialogue.ErrBusy):
		return c.outcome("postponed", c.store.Postpone(ctx, n, c.store.Now().Add(busyPause)))
	case err != nil:
		return c.notDrawn(ctx, n, err)
	case turn == nil:
		return c.outcome("cancelled", c.store.CancelNotification(ctx, n))
	}
	ctx = context.WithoutCancel(ctx)
	placed, err := c.send(ctx, n, actor, turn.Screen)
	if placed.Message == 0 {
		return errors.Join(err, turn.Abandon(ctx))
	}
	return errors.Join(err, turn.Shown(ctx, placed))
}

// send sends and notes what became of it. What has begun is finished, though the program stops: half of it would be sent again.
func (c *Courier) send(ctx context.Context, n store.Notification, actor store.Actor, screen flows.Screen) (flows.Placed, error) {
	ctx = context.WithoutCancel(ctx)
	placed, err := c.sender.Send(ctx, actor.TelegramID, screen)
	return placed, c.after(ctx, n, actor, placed.Message, err)
}

// giveBack lets go of what did not get its turn in time, so that any courier can take it; after the pause that Telegram asked for, if it was that.
func (c *Courier) giveBack(ctx context.Context, n store.Notification, cause error) error {
	var failure *bot.Failure
	if errors.As(cause, &failure) && failure.Kind == bot.Flood {
		return c.outcome("flood", c.store.Postpone(context.WithoutCancel(ctx), n, c.store.Now().Add(failure.RetryAfter)))
	}
	return errors.Join(cause, c.outcome("given_back", c.store.Postpone(context.WithoutCancel(ctx), n, c.store.Now())))
}

// notDrawn leaves what failed for a moment to the end of the lease; what fails by itself is tried less and less often.
func (c *Courier) notDrawn(ctx context.Context, n store.Notification, cause error) error {
	switch {
	case ctx.Err() != nil:
		return c.giveBack(ctx, n, cause)
	case store.Transient(cause):
		return cause
	case errors.Is(cause, flows.ErrUnknownKind):
		return c.leaveToNewer(ctx, n)
	}
	c.options.Log.Error("a notification could not be drawn", "notification", n.ID, "kind", n.Kind, "cause", bot.Cause(cause))
	return c.outcome("not_drawn", c.store.Retry(ctx, n, "not_drawn"))
}

// newerPause is how long a notification waits for a newer program that knows its kind.
const newerPause = time.Minute

// leaveToNewer gives a notification back that a newer program has written while both run, as in an upgrade. It costs none of its tries.
func (c *Courier) leaveToNewer(ctx context.Context, n store.Notification) error {
	if _, said := c.unknownKinds.LoadOrStore(n.Kind, true); !said {
		c.options.Log.Warn("a newer kinerja has written notifications of a kind that this one does not know; they are left to it", "kind", n.Kind)
	}
	return c.outcome("left_to_newer", c.store.Postpone(ctx, n, c.store.Now().Add(newerPause)))
}

func away(failure *bot.Failure) bool { return failure.OfTheWay() || failure.Kind == bot.Unknown }

// watch learns from a send whether Telegram can be reached. A send that was cut may have been done, but the next ones would be cut too.
func (c *Courier) watch(failure *bot.Failure) {
	reached := failure == nil || !away(failure)
	switch {
	case !reached && c.way.failed(c.store.Now()):
		c.options.Log.Warn("Telegram cannot be reached; notifications wait", "cause", bot.Cause(failure))
	case reached && c.way.worked():
		c.options.Log.Info("Telegram can be reached again; notifications go on")
	}
}

// after notes what became of a send. That Telegram could not be reached is no failure of the message.
func (c *Courier) after(ctx context.Context, n store.Notification, actor store.Actor, message int, err error) error {
	var failure *bot.Failure
	known := errors.As(err, &failure)
	c.watch(failure)
	if known && failure.OfTheWay() {
		return c.outcome(string(failure.Kind), c.store.Postpone(ctx, n, c.store.Now().Add(wayPause)))
	}
	if err == nil {
		return c.outcome("sent", c.store.MarkSent(ctx, n, message))
	}
	if !known {
		return c.outcome("failed", c.store.Retry(ctx, n, "unknown"))
	}
	switch failure.Kind {
	case bot.Unreachable:
		if _, ok := n.Stranger(); ok {
			return c.outcome("cancelled", c.store.CancelNotification(ctx, n))
		}
		return c.outcome("unreachable", c.unreachable(ctx, n, actor))
	case bot.Flood:
		return c.outcome("flood", c.store.Postpone(ctx, n, c.store.Now().Add(failure.RetryAfter)))
	case bot.FileLost:
		return c.outcome("file_lost", c.store.LoseFile(ctx, n))
	case bot.Unknown:
		return c.outcome("unknown", c.afterUnknown(ctx, n))
	default:
		return c.outcome(string(failure.Kind), c.store.Retry(ctx, n, string(failure.Kind)))
	}
}

// afterUnknown repeats what may have arrived once. What may have arrived twice is parked: a third message would only annoy, and whoever
// sees it parked can owe it again.
func (c *Courier) afterUnknown(ctx context.Context, n store.Notification) error {
	if n.LastError == string(bot.Unknown) {
		return c.store.Park(ctx, n, string(bot.Unknown))
	}
	return c.store.Retry(ctx, n, string(bot.Unknown))
}

// unreachable marks the person first: what is held for somebody who is not marked would wait though he writes again. A Telegram user
// whom nobody is any more needs no mark.
func (c *Courier) unreachable(ctx context.Context, n store.Notification, actor store.Actor) error {
	if err := c.store.MarkUnreachable(ctx, actor.TelegramID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return c.store.HoldUnlinked(ctx, n)
}

func (c *Courier) outcome(name string, err error) error {
	c.sends.WithLabelValues(name).Inc()
	return err
}
