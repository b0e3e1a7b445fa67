package main

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"kinerja/bot"
	"kinerja/bot/courier"
	"kinerja/flows"
	"kinerja/flows/assignment"
	"kinerja/flows/job"
	"kinerja/flows/message"
	"kinerja/flows/reminder"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/dialogue"
	"kinerja/store/upkeep"
)

// redisPrefix begins every key, so that a Redis can be shared with other programs.
const redisPrefix = "kinerja:"

// stopLimit is how long stopping may take to finish what was taken.
const stopLimit = 20 * time.Second

// appSettings is what the subcommands decide; the rest follows.
type appSettings struct {
	token, apiURL         string
	databaseURL, redisURL string
	webhook               *webhookSettings // nil for polling
	health                string           // address; "" for none
	sendRate              int              // messages a second
	grace                 time.Duration    // until a result that is released at once is visible
	reasonMin             int              // characters
	schedule              string           // of reminders, as TOML; "" for the one that the program carries
	keep                  store.Retention  // of what is over; zero for ever
	daysOff               string           // of the working calendar, as TOML; "" for those that the program carries
	now                   func() time.Time
	tick                  time.Duration // between looks at what is due; 0 for the usual
	log                   *slog.Logger
	wrap                  func(driver.Connector) driver.Connector // between the records and their driver, for tests; nil for nothing
}

type webhookSettings struct {
	url, secret, listen string
	connections         int
}

// app is the running program: the stores, the conversations, and what moves them.
type app struct {
	settings  appSettings
	log       *slog.Logger
	owner     string // of leases: unique for each process
	metrics   *bot.Metrics
	store     *store.Store
	redis     redis.UniversalClient
	closers   []func() error
	catalog   *locales.Catalog
	engine    *flows.Engine
	schedule  reminder.Schedule
	gate      *bot.Gate
	bot       *bot.Bot
	intake    *bot.Intake
	lists     *bot.Lists
	courier   *courier.Courier
	scheduler *reminder.Scheduler
	jobs      *job.Runner
	keeper    *upkeep.Keeper
	sealer    *upkeep.Sealer
}

// assemble connects everything and starts nothing.
func assemble(ctx context.Context, s appSettings) (*app, error) {
	a := &app{settings: s, log: s.log, owner: rand.Text()[:16], metrics: bot.NewMetrics()}
	for _, step := range []func(context.Context) error{a.openStores, a.loadConversations, a.connectTelegram} {
		if err := step(ctx); err != nil {
			return nil, a.closeAfter(err)
		}
	}
	return a, nil
}

func (a *app) openStores(ctx context.Context) (err error) {
	if a.store, err = store.Open(ctx, a.settings.databaseURL, store.Options{Now: a.settings.now, Observe: a.metrics.Statement, Wrap: a.settings.wrap}); err != nil {
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
	a.lists = bot.NewLists(a.bot, a.redis, redisPrefix, a.engine.Commands, a.log)
	a.intake = bot.NewIntake(a.bot, a.engine, bot.IntakeOptions{Owing: a.store, Reachability: a.store, Lists: a.lists, Healthy: a.storesAnswer, Log: a.log})
	a.courier = courier.New(a.store, a.engine, a.bot.Bulk(), a.gate, a.schedule, courier.Options{Owner: a.owner, Every: a.settings.tick, Lists: a.lists, Log: a.log, Registry: a.metrics.Registry()})
	a.scheduler = reminder.NewScheduler(a.store, a.schedule, a.settings.tick, a.log)
	a.jobs = job.New(a.store, shower{a}, a.works(), a.owner, bot.Cause, a.log)
	a.keeper = upkeep.New(a.store, a.settings.keep, upkeep.Options{Owner: a.owner, Every: a.settings.tick, Log: a.log})
	a.sealer = upkeep.NewSealer(a.store, upkeep.Options{Owner: a.owner, Log: a.log})
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
	source := a.polling(ready)
	if a.settings.webhook != nil {
		source = a.webhook(ready)
	}
	group, running := errgroup.WithContext(ctx)
	parts := []func(context.Context) error{source.run, a.gate.Run, a.lists.Run, a.courier.Run, a.scheduler.Run, a.jobs.Run, a.sealer.Run}
	parts = append(parts, assignment.Clock(a.store, a.settings.tick, func(err error) {
		a.log.Warn("delegations could not be settled; they will be", "cause", fmt.Sprintf("%T", err))
	}))
	parts = append(parts, message.Clock(a.store, shower{a}, a.owner, a.settings.tick, func(err error) {
		a.log.Warn("how far messages are could not be shown; it will be", "cause", bot.Cause(err))
	}))
	if a.settings.keep != (store.Retention{}) {
		parts = append(parts, a.keeper.Run)
	}
	for _, part := range parts {
		group.Go(func() error { return part(running) })
	}
	if a.settings.health != "" {
		group.Go(func() error { return serveHTTP(running, a.settings.health, a.healthHandler(source.healthy), nil) })
	}
	return a.closeAfter(group.Wait())
}

// introduce asks who the bot is and sets its menus. Neither stops the start: Telegram may be away for a moment.
func (a *app) introduce(ctx context.Context) {
	if _, err := a.bot.Me(ctx); err != nil {
		a.log.Warn("Telegram does not say who the bot is; going on without its name", "cause", bot.Cause(err), "meaning", bot.Meaning(err))
	}
	if err := a.bot.SetMenus(ctx, menus(a.catalog)); err != nil {
		a.log.Warn("the list of commands could not be set", "cause", bot.Cause(err))
	}
}

// storesAnswer reports whether MySQL takes writes and Redis answers.
func (a *app) storesAnswer(ctx context.Context) error {
	if err := a.redis.Ping(ctx).Err(); err != nil {
		return errors.New("redis does not answer")
	}
	return a.store.TakesWrites(ctx)
}
