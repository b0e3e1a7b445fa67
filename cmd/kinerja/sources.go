package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"kinerja/bot"
	"kinerja/bot/health"
)

// source is where updates come from.
type source struct {
	run     func(ctx context.Context) error
	healthy func(ctx context.Context) error
}

// polling fetches updates; one process at a time does, the others stand by.
func (a *app) polling(ready func()) source {
	poller := bot.NewPoller(a.bot, a.intake, bot.PollerOptions{Leases: a.store, Owner: a.owner, StopLimit: stopLimit, Log: a.log, OnReady: ready})
	return source{run: poller.Run, healthy: poller.Healthy}
}

// webhook lets Telegram deliver updates.
func (a *app) webhook(ready func()) source {
	handler, ready := bot.NewWebhook(a.intake, a.settings.webhook.secret, a.log), sync.OnceFunc(ready)
	registered := &registration{problem: errNotRegistered}
	run := func(ctx context.Context) error {
		err := serveHTTP(ctx, a.settings.webhook.listen, handler, func() { a.keepRegistered(ctx, registered, ready) })
		handler.Drain()
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		return errors.Join(err, a.intake.Stop(limited))
	}
	return source{run: run, healthy: registered.healthy}
}

// registration is why Telegram does not deliver to our webhook.
type registration struct {
	mu      sync.Mutex
	problem error // nil while it delivers
}

var errNotRegistered = errors.New("the webhook is not registered yet")

func (r *registration) set(problem error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problem = problem
}

func (r *registration) healthy(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.problem
}

// lookEvery is how often a process asks Telegram whether updates still come to its webhook.
const lookEvery = time.Minute

// keepRegistered registers the webhook, and again when it is gone: a program that polls with the same token takes it away, and
// then no update comes and nothing fails.
func (a *app) keepRegistered(ctx context.Context, registered *registration, ready func()) {
	ticker := time.NewTicker(cmp.Or(a.settings.tick, lookEvery))
	defer ticker.Stop()
	for a.register(ctx, registered) == nil {
		registered.set(nil)
		ready()
		for a.stillRegistered(ctx) {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
		registered.set(errNotRegistered)
		a.log.Error("somebody else took the webhook away; it is registered again. Does another program use the same token?")
	}
}

// stillRegistered reports whether updates come to our webhook, as far as Telegram tells.
func (a *app) stillRegistered(ctx context.Context) bool {
	inbox, err := a.bot.Inbox(ctx)
	return err != nil || inbox.Webhook == a.settings.webhook.url
}

// register tells Telegram where the webhook is, again and again until it hears.
func (a *app) register(ctx context.Context, registered *registration) error {
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		w := a.settings.webhook
		err := a.bot.Register(ctx, w.url, w.secret, w.connections)
		if err == nil || ctx.Err() != nil {
			return err
		}
		a.log.Error("the webhook could not be registered; trying again", "cause", bot.Cause(err), "meaning", bot.Meaning(err))
		registered.set(fmt.Errorf("%w: %s: %s", errNotRegistered, bot.Cause(err), bot.Meaning(err)))
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// readLimit is how long a request may take to arrive, with its body. Handling it may take longer.
const readLimit = 10 * time.Second

// serveHTTP listens until ctx ends and then lets running requests finish. started is called once it listens; may be nil.
func serveHTTP(ctx context.Context, address string, handler http.Handler, started func()) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return serveOn(ctx, listener, handler, started)
}

func serveOn(ctx context.Context, listener net.Listener, handler http.Handler, started func()) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: readLimit, ReadTimeout: readLimit, IdleTimeout: 2 * time.Minute}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		stopped <- server.Shutdown(limited)
	}()
	if started != nil {
		go started()
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", listener.Addr(), err)
	}
	return <-stopped
}

// healthHandler tells operators how the process is.
func (a *app) healthHandler(updates func(context.Context) error) http.Handler {
	return health.Handler(a.metrics.Registry(),
		health.Check{Name: "database", Run: a.store.TakesWrites},
		health.Check{Name: "schema", Run: a.store.CheckSchemaStill},
		health.Check{Name: "redis", Run: func(ctx context.Context) error {
			if a.redis.Ping(ctx).Err() != nil {
				return errors.New("redis does not answer")
			}
			return nil
		}},
		health.Check{Name: "updates", Run: updates, Last: a.metrics.LastReceived})
}
