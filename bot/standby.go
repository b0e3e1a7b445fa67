package bot

import (
	"context"
	"fmt"
	"sync"
)

// pollWhileHolding polls while this process holds the lease. The lease only spares two pollers each other's 409; order and
// once-only effects do not rest on it.
func (p *Poller) pollWhileHolding(ctx context.Context) {
	for ctx.Err() == nil {
		held, err := p.hold(ctx)
		if err != nil {
			p.report(fmt.Errorf("ask for the lease: %w", err))
		}
		if !held {
			p.standBy(err == nil)
			if rest(ctx, p.options.LeaseLife/4) != nil {
				return
			}
			continue
		}
		p.standBy(false)
		holding, lose := context.WithCancel(ctx)
		var renewing sync.WaitGroup
		renewing.Go(func() { p.renew(holding, lose) })
		p.poll(holding)
		lose()
		renewing.Wait() // or it might take the lease once more after it was given back
	}
}

func (p *Poller) standBy(yes bool) {
	p.mu.Lock()
	p.standby = yes
	p.mu.Unlock()
	if yes {
		p.announce()
	}
}

func (p *Poller) hold(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, p.options.LeaseLife/4)
	defer cancel()
	return p.options.Leases.Hold(ctx, leaseName, p.options.Owner, p.options.LeaseLife)
}

// renew keeps the lease, and ends polling when another process has it.
func (p *Poller) renew(ctx context.Context, lose context.CancelFunc) {
	for rest(ctx, p.options.LeaseLife/4) == nil {
		held, err := p.hold(ctx)
		if err == nil && !held { // while the store is away nobody else can take it either
			p.log.Warn("another process took over polling")
			lose()
			return
		}
	}
}
