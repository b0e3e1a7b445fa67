package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

func teamList(c card) bool { return c.has("score.person") }

// evaluateTeam goes through the list of his people until everybody on it has a result.
func (p *someone) evaluateTeam(ctx context.Context) error {
	for {
		evaluation, list, err := p.nextOnList(ctx)
		if err != nil || evaluation == "" {
			return err
		}
		if p.intentionFor(evaluation).final {
			p.world.tally.note(&p.world.tally.lost, "evaluation %s was confirmed as final and is open on a fresh list", evaluation)
			p.intentionFor(evaluation).final = false
		}
		if _, err := p.tap(ctx, list, "score.person:"+evaluation); err != nil {
			return err
		}
		if err := p.evaluate(ctx, evaluation); err != nil {
			return err
		}
	}
}

// nextOnList opens the list and finds the first person without a result, on any of its pages; "" when there is none.
func (p *someone) nextOnList(ctx context.Context) (evaluation string, list int, err error) {
	return p.onList(ctx, func(_ string, done bool) bool { return !done })
}

// onList opens the list and finds the first evaluation that is as wanted, on any of its pages, and the message that shows it;
// "" when there is none.
func (p *someone) onList(ctx context.Context, wanted func(evaluation string, done bool) bool) (evaluation string, list int, err error) {
	c, err := p.open(ctx, "/nilai", teamList)
	if err != nil {
		return "", 0, err
	}
	for page := 1; ; page++ {
		for _, row := range c.Buttons {
			for _, b := range row {
				if id, ok := strings.CutPrefix(b.Data, "score.person:"); ok && wanted(id, strings.HasPrefix(b.Text, "✅")) {
					return id, c.ID, nil
				}
			}
		}
		next := fmt.Sprint(page + 1)
		if !slices.ContainsFunc(c.links["score.period"], func(args []string) bool { return args[1] == next }) {
			return "", 0, nil
		}
		if c, err = p.turnTo(ctx, c, page+1); err != nil {
			return "", 0, err
		}
	}
}

// turnTo turns a page of the list.
func (p *someone) turnTo(ctx context.Context, c card, page int) (card, error) {
	turned := func(next card) bool {
		back := slices.ContainsFunc(next.links["score.period"], func(args []string) bool { return args[1] == fmt.Sprint(page-1) })
		return teamList(next) && next.ID >= c.ID && back
	}
	for begun := time.Now(); time.Since(begun) < stuckAfter; {
		if _, err := p.tap(ctx, c.ID, fmt.Sprintf("score.period:%s:%d", c.links["score.period"][0][0], page)); err != nil {
			return card{}, err
		}
		if next, ok := p.newest(turned); ok {
			return next, nil
		}
	}
	return card{}, p.stuck("page %d of the list does not show", page)
}

// about selects the cards of one evaluation on which something is to be decided. Those that only lead to lists and to what is stored
// are none.
func about(evaluation string) func(card) bool {
	reads := []string{"score.team", "score.period", "score.teamof", "score.person", "score.indicator"}
	return func(c card) bool {
		for route, links := range c.links {
			if strings.HasPrefix(route, "score.") && !slices.Contains(reads, route) && links[0][0] == evaluation {
				return true
			}
		}
		return false
	}
}

// evaluate answers what the screens ask until the result is set.
func (p *someone) evaluate(ctx context.Context, evaluation string) error {
	in := p.intentionFor(evaluation)
	for forward := time.Now(); !in.final; {
		if time.Since(forward) > stuckAfter {
			return p.stuck("evaluation %s does not go forward", evaluation)
		}
		c, ok := p.newest(about(evaluation))
		moved := false
		var err error
		if ok {
			moved, err = p.answer(ctx, evaluation, in, c)
		}
		if err == nil && !moved {
			err = p.reopen(ctx, evaluation, in)
		}
		if err != nil {
			return err
		}
		if moved {
			forward = time.Now()
		}
	}
	return nil
}

// reopen comes back to an evaluation from the list, as one does who does not trust what he sees.
func (p *someone) reopen(ctx context.Context, evaluation string, in *intention) error {
	final := false
	_, list, err := p.onList(ctx, func(id string, done bool) bool {
		final = id == evaluation && done
		return id == evaluation
	})
	if err != nil || final {
		p.decided(in, final)
		return err
	}
	_, err = p.tap(ctx, list, "score.person:"+evaluation)
	return err
}

func (p *someone) decided(in *intention, final bool) {
	if final && !in.final {
		p.world.tally.confirm()
	}
	in.final = final
}

// answer does what the screen asks for, and reports whether that went forward.
func (p *someone) answer(ctx context.Context, evaluation string, in *intention, c card) (moved bool, err error) {
	before := p.look()
	switch {
	case c.has("score.takeback"):
		return p.atTheEnd(ctx, in, c)
	case c.has("score.finalise"):
		stored, err := p.tap(ctx, c.ID, c.data("score.finalise"))
		if stored {
			p.decided(in, true)
		}
		return stored || p.look() != before, err
	case c.has("score.phrase"):
		return p.giveReason(ctx, in, c)
	case c.has("score.each"):
		return p.rateValues(ctx, in, c)
	case c.has("score.rate"), c.has("score.value"):
		return p.rateOne(ctx, evaluation, in, c)
	case c.has("score.all") && p.chance(40):
		_, err = p.tap(ctx, c.ID, c.data("score.next"))
	case c.has("score.setdue"):
		_, err = p.tap(ctx, c.ID, c.data("score.setdue"))
	case c.has("score.due"):
		_, err = p.tap(ctx, c.ID, c.data("score.due"))
	default: // the usual way on is the first button
		_, err = p.tap(ctx, c.ID, c.first())
	}
	return p.look() != before, err
}

// atTheEnd sees his result set; now and then he takes it back, which works for a short time only.
func (p *someone) atTheEnd(ctx context.Context, in *intention, c card) (moved bool, err error) {
	p.decided(in, true)
	if !p.chance(10) {
		return true, nil
	}
	_, err = p.tap(ctx, c.ID, c.data("score.takeback"))
	p.decided(in, false)
	return false, err // the list tells
}

// rateOne rates the indicator that the screen shows, and now and then changes his mind afterwards on the old card. A rating is
// confirmed when the answer says so, or when the screen has gone on to another indicator.
func (p *someone) rateOne(ctx context.Context, evaluation string, in *intention, c card) (moved bool, err error) {
	route := "score.rate"
	if !c.has(route) {
		route = "score.value"
	}
	indicator := c.links[route][0][1]
	if in.sure[indicator] {
		return false, nil // the screen asks again for what was confirmed: look at a fresh one
	}
	stored, err := p.rate(ctx, in, c, route, evaluation, indicator)
	if now, ok := p.newest(about(evaluation)); !stored && ok && now.has(route) && now.links[route][0][1] != indicator {
		p.ensure(in, indicator)
		stored = true
	}
	if stored && p.chance(8) {
		return true, p.changeMind(ctx, in, c, route, evaluation, indicator)
	}
	return stored, err
}

// changeMind rates again on a card that shows something else by now. Only the answer to the tap can confirm it.
func (p *someone) changeMind(ctx context.Context, in *intention, c card, route, evaluation, indicator string) error {
	in.sure[indicator] = false
	for begun := time.Now(); !in.sure[indicator]; {
		if time.Since(begun) > stuckAfter {
			return p.stuck("a change of mind about indicator %s of evaluation %s is not confirmed", indicator, evaluation)
		}
		if _, err := p.rate(ctx, in, c, route, evaluation, indicator); err != nil {
			return err
		}
	}
	return nil
}

// rate taps one rating and reports whether the answer confirmed it.
func (p *someone) rate(ctx context.Context, in *intention, c card, route, evaluation, indicator string) (stored bool, err error) {
	in.mind[indicator] = p.rating()
	stored, err = p.tap(ctx, c.ID, strings.Join([]string{route, evaluation, indicator, in.mind[indicator]}, ":"))
	if stored {
		p.ensure(in, indicator)
	}
	return stored, err
}

// ensure notes a rating that was confirmed.
func (p *someone) ensure(in *intention, indicator string) {
	if !in.sure[indicator] {
		p.world.tally.confirm()
	}
	in.sure[indicator] = true
}

// rateValues rates the first of the values that is not as he means it, on a screen that shows some of them, or goes on.
func (p *someone) rateValues(ctx context.Context, in *intention, c card) (moved bool, err error) {
	for _, row := range c.Buttons {
		if !strings.HasPrefix(row[0].Data, "score.value:") {
			continue
		}
		indicator := strings.Split(row[0].Data, ":")[2]
		if in.mind[indicator] == "" {
			in.mind[indicator] = p.rating()
		}
		for _, b := range row {
			if !strings.HasSuffix(b.Data, ":"+in.mind[indicator]) {
				continue
			}
			if strings.Contains(b.Text, "●") {
				p.ensure(in, indicator)
				continue
			}
			if in.sure[indicator] { // perhaps the screen is still the old one
				return false, nil
			}
			stored, err := p.tap(ctx, c.ID, b.Data)
			if stored {
				p.ensure(in, indicator)
			}
			return stored, err
		}
	}
	before := p.look()
	onward := c.Buttons[len(c.Buttons)-2] // above the way back
	_, err = p.tap(ctx, c.ID, onward[len(onward)-1].Data)
	return p.look() != before, err
}

// giveReason taps a phrase or types a reason of his own.
func (p *someone) giveReason(ctx context.Context, in *intention, c card) (moved bool, err error) {
	evaluation, subject := c.links["score.phrase"][0][0], c.links["score.phrase"][0][1]
	if _, sure := in.reasons[subject]; sure {
		return false, nil // an old card, or one that asks again for what was confirmed: look at a fresh one
	}
	if !p.chance(30) {
		before := p.look()
		_, err = p.tap(ctx, c.ID, c.data("score.phrase"))
		return p.look() != before, err
	}
	if err := p.reads(ctx, c); err != nil {
		return false, err
	}
	if now, ok := p.newest(about(evaluation)); !ok || now.ID != c.ID || now.Text != c.Text {
		return true, nil // the screen has changed under his eyes
	}
	if in.typed[subject] == "" {
		in.typed[subject] = fmt.Sprintf("Alasan tertulis nomor %d tentang capaian kerja", p.random.IntN(1_000_000))
	}
	text := in.typed[subject] // the same again when nothing came of it
	p.world.sim.Type(p.chat, text)
	p.sent()
	var now card
	moved = p.await(ctx, patience, func() (ok bool) {
		now, ok = p.newest(func(n card) bool { return n.ID > c.ID })
		return ok && strings.Contains(now.Text, "Alasan tersimpan")
	})
	p.did("typed the reason of %s of evaluation %s on %d; stored: %t by %d of %s: %.200q", subject, evaluation, c.ID,
		moved, now.ID, now.Date.Format("05.000"), now.Text)
	if moved {
		in.reasons[subject] = text
		p.world.tally.confirm()
	}
	return moved, ctx.Err()
}

// reads takes until the next second of Telegram's clock: what leaves a person sooner cannot be an answer to what he has just seen.
func (p *someone) reads(ctx context.Context, c card) error {
	shown := c.Date
	if c.EditDate.After(shown) {
		shown = c.EditDate
	}
	timer := time.NewTimer(time.Until(shown.Truncate(time.Second).Add(time.Second)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
