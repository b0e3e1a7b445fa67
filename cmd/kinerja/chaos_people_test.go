package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kinerja/store"
)

// readResult opens the newest result that he was told of and acknowledges it.
func (p *someone) readResult(ctx context.Context) error {
	told := func(c card) bool {
		for _, route := range []string{"result.open", "result.acknowledge"} {
			if c.has(route) && !slices.Contains(p.read, c.links[route][0][0]) {
				return true
			}
		}
		return false
	}
	acknowledging := ""
	done := func(c card) bool {
		return acknowledging != "" && c.has("result.details") && c.links["result.details"][0][0] == acknowledging && !c.has("result.acknowledge")
	}
	for begun := time.Now(); time.Since(begun) < 2*stuckAfter; {
		if _, ok := p.newest(done); ok {
			p.read = append(p.read, acknowledging)
			p.world.tally.confirm()
			return nil
		}
		c, ok := p.newest(told)
		switch {
		case !ok:
			p.await(ctx, patience, func() bool {
				_, ok := p.newest(func(c card) bool { return told(c) || done(c) })
				return ok
			})
		case c.has("result.acknowledge"):
			acknowledging = c.links["result.acknowledge"][0][0]
			if _, err := p.tap(ctx, c.ID, c.data("result.acknowledge")); err != nil {
				return err
			}
		default:
			p.countRepeats(c.links["result.open"][0][0])
			if _, err := p.tap(ctx, c.ID, c.data("result.open")); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return p.stuck("he is not told of his result, or cannot read it")
}

// countRepeats counts the messages beyond the first that tell of a result: a notification is sent at least once.
func (p *someone) countRepeats(result string) {
	n := 0
	for _, m := range p.world.sim.Chat(p.chat) {
		if c := cardOf(m); c.has("result.open") && c.links["result.open"][0][0] == result {
			n++
		}
	}
	p.world.tally.repeat(n - 1)
}

// openPeriod is an administrator who opens a period, and waits until he is told that it is open.
func (p *someone) openPeriod(ctx context.Context, month time.Time, unit *store.Unit) error {
	home, err := p.open(ctx, "/admin", func(c card) bool { return c.has("period.new") })
	if err != nil {
		return err
	}
	due := time.Now().AddDate(0, 0, 14).Format(time.DateOnly)
	opened := func(c card) bool { return c.ID >= home.ID && c.has("period.progress") && !c.has("period.new") } // the list has both
	for begun := time.Now(); time.Since(begun) < 2*stuckAfter; {
		if _, err := p.tap(ctx, home.ID, fmt.Sprintf("period.open:m:%s:%d:%s:a", month.Format("2006-01-02"), unit.ID, due)); err != nil {
			return err
		}
		if p.await(ctx, stuckAfter/2, func() bool { _, ok := p.newest(opened); return ok }) {
			return nil
		}
	}
	return p.stuck("the period of %s does not open", month.Format("January 2006"))
}
