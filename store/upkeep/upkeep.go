// Package upkeep lets go, each night, of what is older than it must be kept.
package upkeep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kinerja/store"
)

const (
	duty = "prune"
	// The hours in WIB within which it works: nobody is at work, and the copies that are made of the database at midnight are done.
	from, until = 1, 4
	// leaseLife is how long after the death of the process that prunes another goes on. It is renewed before each chunk, which takes far less.
	leaseLife = 5 * time.Minute
)

// Store is what upkeep needs of the records.
type Store interface {
	Prune(ctx context.Context, keep store.Retention, may func(context.Context) error) ([]store.Pruned, error)
	Hold(ctx context.Context, name, owner string, ttl time.Duration) (bool, error)
	LastRun(ctx context.Context, name string) (time.Time, error)
	SetLastRun(ctx context.Context, name string, at time.Time) error
	Now() time.Time
}

// Options of New. Zero values mean the defaults.
type Options struct {
	Owner string        // of the duty: unique for each process
	Every time.Duration // between looks at the clock; a minute
	Log   *slog.Logger
}

// Keeper prunes the records each night. Any number of them may run: one at a time works, and another goes on when it dies.
type Keeper struct {
	store   Store
	keep    store.Retention
	options Options
}

// New makes a keeper. Run it.
func New(s Store, keep store.Retention, o Options) *Keeper {
	if o.Every == 0 {
		o.Every = time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Keeper{store: s, keep: keep, options: o}
}

// Run prunes each night until ctx ends. A night that passed while nothing ran is no loss: the next one does its work.
func (k *Keeper) Run(ctx context.Context) error {
	ticker := time.NewTicker(k.options.Every)
	defer ticker.Stop()
	for {
		if err := k.Tonight(ctx); err != nil && ctx.Err() == nil {
			k.options.Log.Warn("what is over could not be pruned; it will be", "cause", fmt.Sprintf("%T", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// errNotNow ends pruning: the night is over, or another process does it.
var errNotNow = errors.New("not now")

// Tonight prunes if it is night, this night's work is not done, and nobody else does it. What is left in the morning waits for the next night.
func (k *Keeper) Tonight(ctx context.Context) error {
	night, begun := nightOf(k.store.Now())
	if !begun {
		return nil
	}
	last, err := k.store.LastRun(ctx, duty)
	if err != nil || !last.Before(night) {
		return err
	}
	gone, err := k.store.Prune(ctx, k.keep, func(ctx context.Context) error { return k.mine(ctx, night) })
	for _, g := range gone {
		if g.Rows > 0 {
			k.options.Log.Info("what was over is gone", "table", g.Table, "rows", g.Rows)
		}
	}
	switch {
	case errors.Is(err, errNotNow):
		return nil
	case err != nil:
		return err
	}
	return k.store.SetLastRun(ctx, duty, night)
}

// mine takes or renews the duty, as long as the night lasts.
func (k *Keeper) mine(ctx context.Context, night time.Time) error {
	if now, begun := nightOf(k.store.Now()); !begun || !now.Equal(night) {
		return errNotNow
	}
	held, err := k.store.Hold(ctx, duty, k.options.Owner, leaseLife)
	if err == nil && !held {
		return errNotNow
	}
	return err
}

// nightOf returns when the work of the night begins that a moment is in, and whether it is in one.
func nightOf(at time.Time) (begin time.Time, in bool) {
	year, month, day := at.In(store.WIB).Date()
	begin = time.Date(year, month, day, from, 0, 0, 0, store.WIB)
	return begin, !at.Before(begin) && at.Before(begin.Add((until-from)*time.Hour))
}
