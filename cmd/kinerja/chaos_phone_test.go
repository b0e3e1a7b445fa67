package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"kinerja/bot/simulator"
)

const (
	// patience is how long somebody looks at a screen that does not move before he does something else.
	patience = 6 * time.Second
	// stuckAfter is how long nothing may go forward. A killed process holds a person's turn for 20 s, and an update may wait for
	// a store that is away.
	stuckAfter = 90 * time.Second
)

// errStuck is noted where it happens.
var errStuck = errors.New("stuck")

// someone has a phone. He taps what he means, again when nothing happens, and remembers what he saw confirmed. He knows only what
// his phone shows.
type someone struct {
	world  *chaosWorld
	person int64
	chat   int64
	random *rand.Rand
	sheets map[string]*intention // as an evaluator, by evaluation
	read   []string              // results that he saw acknowledged
	times  []time.Time           // of what he sent
	trail  []string              // what he tapped and was answered, for whoever must find out why he is stuck
}

// intention is what an evaluator means to answer about one employee, and what of it he saw confirmed.
type intention struct {
	mind    map[string]string // rating letter by indicator
	sure    map[string]bool   // by indicator
	typed   map[string]string // reasons by the word in their link
	reasons map[string]string // of those, what was confirmed
	final   bool
}

func newSomeone(w *chaosWorld, person int64) *someone {
	random := rand.New(rand.NewPCG(w.ordeal.seed, uint64(person))) //nolint:gosec // repeatable on purpose
	return &someone{world: w, person: person, chat: demoPhone(person), random: random, sheets: map[string]*intention{}}
}

func (p *someone) intentionFor(evaluation string) *intention {
	if p.sheets[evaluation] == nil {
		p.sheets[evaluation] = &intention{mind: map[string]string{}, sure: map[string]bool{}, typed: map[string]string{}, reasons: map[string]string{}}
	}
	return p.sheets[evaluation]
}

// chance is true so often out of a hundred.
func (p *someone) chance(percent int) bool { return p.random.IntN(100) < percent }

// letters are the ratings in links: above, meets, below.
var letters = []string{"a", "m", "m", "m", "b"}

func (p *someone) rating() string { return letters[p.random.IntN(len(letters))] }

// card is a message with buttons, and its links by route.
type card struct {
	simulator.Message
	links map[string][][]string
}

func (c card) has(route string) bool { return len(c.links[route]) > 0 }

// first is the first button's data.
func (c card) first() string { return c.Buttons[0][0].Data }

// data is the first link of a route.
func (c card) data(route string) string { return route + ":" + strings.Join(c.links[route][0], ":") }

func cardOf(m simulator.Message) card {
	c := card{Message: m, links: map[string][][]string{}}
	for _, row := range m.Buttons {
		for _, b := range row {
			parts := strings.Split(b.Data, ":")
			c.links[parts[0]] = append(c.links[parts[0]], parts[1:])
		}
	}
	return c
}

// newest is the newest card that is as wanted.
func (p *someone) newest(wanted func(card) bool) (card, bool) {
	for _, m := range slices.Backward(p.world.sim.Chat(p.chat)) {
		if !m.FromBot || len(m.Buttons) == 0 {
			continue
		}
		if c := cardOf(m); wanted(c) {
			return c, true
		}
	}
	return card{}, false
}

// look is a fingerprint of what the end of the chat shows.
func (p *someone) look() string {
	chat := p.world.sim.Chat(p.chat)
	var look strings.Builder
	for _, m := range chat[max(0, len(chat)-6):] {
		fmt.Fprintln(&look, m.ID, m.Text, m.Buttons)
	}
	return look.String()
}

// await returns when the phone is as wanted, or false when patience is over.
func (p *someone) await(ctx context.Context, limit time.Duration, wanted func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return p.world.sim.Wait(ctx, wanted) == nil
}

// answerTo is what the tap of an update was answered.
func (p *someone) answerTo(update int64) (toast string, answered bool) {
	for _, t := range slices.Backward(p.world.sim.Toasts(p.chat)) {
		if t.UpdateID == update {
			return t.Text, true
		}
	}
	return "", false
}

// tap taps, now and then twice, and waits for another screen. stored tells that the answer said so.
func (p *someone) tap(ctx context.Context, message int, data string) (stored bool, err error) {
	before := p.look()
	update, err := p.world.sim.Tap(p.chat, message, data)
	if err != nil {
		return false, err
	}
	p.sent()
	if p.chance(5) {
		if _, err := p.world.sim.Tap(p.chat, message, data); err != nil {
			return false, err
		}
		p.sent()
	}
	p.await(ctx, patience, func() bool { _, answered := p.answerTo(update); return answered })
	toast, _ := p.answerTo(update)
	wait := time.Second // answer and screen go side by side
	if strings.HasPrefix(toast, "Belum tersimpan") {
		p.world.tally.tell()
		wait = patience
	}
	p.await(ctx, wait, func() bool { return p.look() != before })
	p.did("update %d on %d: %s -> %q", update, message, data, toast)
	return confirms(toast), ctx.Err()
}

// did keeps what he did for whoever must find out why something went wrong.
func (p *someone) did(format string, args ...any) {
	p.trail = append(p.trail, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

// trailOf is what he did about one evaluation.
func (p *someone) trailOf(evaluation string) string {
	word := regexp.MustCompile(`[: ]` + evaluation + `\b`)
	return "\n    " + strings.Join(slices.DeleteFunc(slices.Clone(p.trail), func(did string) bool { return !word.MatchString(did) }), "\n    ")
}

// sent counts what he sends.
func (p *someone) sent() {
	p.times = append(p.times, time.Now())
	p.world.tally.update()
}

// wasFast reports that he once sent about as much as a chat may send at once, faster than one a second. He waits for each answer, but he
// reads none: no human taps so fast.
func (p *someone) wasFast() bool {
	const nearlyAll = 30 // of the 40 that a chat may send at once: what a killed process had taken counts twice
	bucket := rate.NewLimiter(1, nearlyAll)
	return slices.ContainsFunc(p.times, func(at time.Time) bool { return !bucket.AllowN(at, 1) })
}

// confirms reports whether the answer to a tap says that what it meant is stored.
func confirms(toast string) bool {
	return strings.HasPrefix(toast, "Tersimpan") || strings.HasPrefix(toast, "Hasil ditetapkan")
}

// open types a command until a fresh card shows that is as wanted.
func (p *someone) open(ctx context.Context, command string, wanted func(card) bool) (card, error) {
	for begun := time.Now(); time.Since(begun) < stuckAfter; {
		p.world.sim.Type(p.chat, command)
		p.sent()
		chat := p.world.sim.Chat(p.chat)
		typed := chat[len(chat)-1].ID
		var found card
		fresh := func() (ok bool) {
			found, ok = p.newest(func(c card) bool { return c.ID >= typed && wanted(c) })
			return ok
		}
		if p.await(ctx, 2*patience, fresh) {
			return found, nil
		}
		if ctx.Err() != nil {
			return card{}, ctx.Err()
		}
	}
	return card{}, p.stuck("%s is not answered", command)
}

func (p *someone) stuck(format string, args ...any) error {
	chat := p.world.sim.Chat(p.chat)
	var end strings.Builder
	for _, m := range chat[max(0, len(chat)-8):] {
		fmt.Fprintf(&end, "\n    %s %d %v %q %v", m.Date.Format("05.000"), m.ID, m.FromBot, m.Text[:min(len(m.Text), 60)], m.Buttons)
	}
	p.world.tally.note(&p.world.tally.stuck, "person %d: %s; he did\n    %s\nand his phone shows%s", p.person, fmt.Sprintf(format, args...),
		strings.Join(p.trail[max(0, len(p.trail)-15):], "\n    "), end.String())
	return errStuck
}
