package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"kinerja/bot"
	"kinerja/bot/health"
	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/dialogue"
)

// redisPrefix begins every key, so that a Redis can be shared with other programs.
const redisPrefix = "kinerja:"

// appSettings is what the subcommands decide; the rest follows.
type appSettings struct {
	token, apiURL          string
	databaseURL, redisURL  string
	webhook                *webhookSettings // nil for polling
	health                 string           // address; "" for none
	sendRate               int              // messages a second
	grace                  time.Duration    // until a result that is released at once is visible
	reasonMin              int              // characters
	now                    func() time.Time
	log                    *slog.Logger
}

type webhookSettings struct {
	url, secret, listen string
	connections         int
}

// app is the running program: the stores, the conversations, and what moves them.
type app struct {
	settings appSettings
	log      *slog.Logger
	owner    string // of leases: unique for each process
	store    *store.Store
	redis    redis.UniversalClient
	closers  []func() error
	catalog  *locales.Catalog
	engine   *flows.Engine
	metrics  *bot.Metrics
	gate     *bot.Gate
	bot      *bot.Bot
	intake   *bot.Intake
}

// assemble connects everything and starts nothing.
func assemble(ctx context.Context, s appSettings) (*app, error) {
	a := &app{settings: s, log: s.log, owner: newOwner(), metrics: bot.NewMetrics()}
	for _, step := range []func(context.Context) error{a.openStores, a.loadConversations, a.connectTelegram} {
		if err := step(ctx); err != nil {
			return nil, a.closeAfter(err)
		}
	}
	return a, nil
}

func (a *app) openStores(ctx context.Context) (err error) {
	if a.store, err = store.Open(ctx, a.settings.databaseURL, store.Options{Now: a.settings.now, Wrap: a.measured()}); err != nil {
		return err
	}
	a.closers = append(a.closers, a.store.Close)
	client, shut, err := dialogue.Connect(a.settings.redisURL)
	if err != nil {
		return err
	}
	a.redis = client
	a.closers = append(a.closers, shut)
	return nil
}

func (a *app) connectTelegram(context.Context) (err error) {
	a.gate = bot.NewGate(a.redis, redisPrefix, a.settings.sendRate, time.Now, a.log)
	a.bot, err = bot.New(bot.Options{Token: a.settings.token, APIURL: a.settings.apiURL, Log: a.log, Metrics: a.metrics, Gate: a.gate})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, func() error { a.bot.Close(); return nil })
	a.intake = bot.NewIntake(a.bot, a.engine, bot.IntakeOptions{Owing: a.store, Reachability: a.store, Healthy: a.storesAnswer, Log: a.log})
	return nil
}

// closeAfter closes what is open and returns err with whatever went wrong in closing.
func (a *app) closeAfter(err error) error {
	for i := len(a.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, a.closers[i]())
	}
	a.closers = nil
	return err
}

// run serves until ctx ends; ready is called once updates can be received. It finishes what was taken and closes the stores.
func (a *app) run(ctx context.Context, ready func()) error {
	a.introduce(ctx)
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return a.gate.Run(running) })
	group.Go(func() error { return a.courier.Run(running) })
	group.Go(func() error { return a.scheduler.Run(running) })
	group.Go(func() error { return a.jobs.Run(running) })
	updates, checks := a.poll(ready), []health.Check{}
	if a.settings.webhook != nil {
		updates, checks = a.receive(ready)
	}
	_ = checks
	group.Go(func() error { return updates(running) })
	if a.settings.health != "" {
		group.Go(func() error { return serveHTTP(running, a.settings.health, a.healthHandler()) })
	}
	return a.closeAfter(group.Wait())
}

// introduce asks who the bot is and sets its menus. Neither stops the start: Telegram may be away for a moment.
func (a *app) introduce(ctx context.Context) {
	if _, err := a.bot.Me(ctx); err != nil {
		a.log.Warn("Telegram does not say who the bot is; going on without its name", "cause", err.Error())
	}
	if err := a.bot.SetMenus(ctx, a.menus()); err != nil {
		a.log.Warn("the list of commands could not be set", "cause", err.Error())
	}
}

// serveHTTP listens until ctx ends and then lets running requests finish.
func serveHTTP(ctx context.Context, address string, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return serveOn(ctx, listener, handler)
}

func serveOn(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		stopped <- server.Shutdown(limited)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", listener.Addr(), err)
	}
	return <-stopped
}

// stopLimit is how long stopping may take to finish what was taken.
const stopLimit = 20 * time.Second
