package upkeep

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

const (
	sealing = "seal"
	// sealEvery is how long a row of the audit stands unsealed: whoever would change it behind the program's back has no longer than that.
	sealEvery = 3 * time.Minute
	// sealLease is how long after the death of the process that seals another goes on.
	sealLease = time.Minute
)

// Ledger is what sealing needs of the records.
type Ledger interface {
	SealAudit(ctx context.Context) (int, error)
	Hold(ctx context.Context, name, owner string, ttl time.Duration) (bool, error)
}

// Sealer seals the audit every few minutes. Any number of them may run: one at a time works, and two at once do no harm.
type Sealer struct {
	store   Ledger
	options Options
}

// NewSealer makes a sealer. Run it.
func NewSealer(s Ledger, o Options) *Sealer {
	if o.Every == 0 {
		o.Every = sealEvery
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Sealer{store: s, options: o}
}

// Run seals until ctx ends. What was not sealed waits for the next time.
func (s *Sealer) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.options.Every)
	defer ticker.Stop()
	for {
		if err := s.Now(ctx); err != nil && ctx.Err() == nil {
			s.options.Log.Warn("the audit could not be sealed; it will be", "cause", fmt.Sprintf("%T", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Now seals all that waits, unless another process does it.
func (s *Sealer) Now(ctx context.Context) error {
	for {
		held, err := s.store.Hold(ctx, sealing, s.options.Owner, sealLease)
		if err != nil || !held {
			return err
		}
		if n, err := s.store.SealAudit(ctx); err != nil || n == 0 {
			return err
		}
	}
}
