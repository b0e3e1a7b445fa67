package bot

import (
	"strconv"
	"strings"
	"time"
)

const (
	// usualBurst and usualEvery are what a chat may be sent before its own speed explains a 429: Telegram's rule is one message
	// a second and a short burst.
	usualBurst = 10
	usualEvery = 2 * time.Second
	// longMemory is how long after its pause a chat that is told so again explains that by itself: Telegram counts on meanwhile, and who
	// floods on one replica may have been sent little by the others.
	longMemory = 10 * time.Minute
)

// pauses is what Telegram's answers "too many requests" ask for. One chat's is its own affair, or a single person who floods
// could silence a city. But when a second chat is told so meanwhile, though neither was sent much, the limit that was
// passed is probably that of the whole bot. Gate's lock guards it.
type pauses struct {
	all   time.Time           // nothing may be sent to anybody before
	chats map[int64]chatPause // holds those that are over for longMemory
	news  map[int64]bool      // chats whose pause the other replicas do not know
	sent  *buckets            // what each chat was sent lately
}

type chatPause struct {
	until time.Time
	sign  bool // of a limit on the whole bot: the chat had been sent little, and not been paused lately
}

func newPauses() pauses {
	return pauses{chats: map[int64]chatPause{}, news: map[int64]bool{}, sent: newBuckets(usualEvery, usualBurst)}
}

// add pauses one chat, never for less than before.
func (p *pauses) add(chat int64, c chatPause, now time.Time) {
	for other, old := range p.chats {
		if !old.until.Add(longMemory).After(now) {
			delete(p.chats, other)
		}
	}
	if old, ok := p.chats[chat]; ok && old.until.After(now) {
		c.sign = c.sign || old.sign
		c.until = later(c.until, old.until)
	}
	p.chats[chat] = c
}

// explained reports that a 429 is most likely about the chat itself.
func (p *pauses) explained(chat int64, now time.Time) bool {
	last, known := p.chats[chat]
	return p.sent.empty(chat, now) || known && !last.until.After(now) && last.until.Add(longMemory).After(now)
}

// everybody is until when nothing may be sent to anybody: as long as two chats that were sent little are paused.
func (p *pauses) everybody() time.Time {
	var longest, second time.Time
	for _, c := range p.chats {
		switch {
		case !c.sign:
		case c.until.After(longest):
			longest, second = c.until, longest
		default:
			second = later(second, c.until)
		}
	}
	return later(p.all, second)
}

// of is until when nothing may be sent to a chat.
func (p *pauses) of(chat int64) time.Time { return later(p.everybody(), p.chats[chat].until) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// The other replicas read a pause as "chat:1" with its end in Unix milliseconds; ":1" for a sign.

func (c chatPause) member(chat int64) string {
	if c.sign {
		return strconv.FormatInt(chat, 10) + ":1"
	}
	return strconv.FormatInt(chat, 10) + ":0"
}

// learn takes over what another replica was told.
func (p *pauses) learn(member string, until time.Time, now time.Time) {
	number, sign, _ := strings.Cut(member, ":")
	chat, err := strconv.ParseInt(number, 10, 64)
	if err == nil && until.After(now) {
		p.add(chat, chatPause{until: until, sign: sign == "1"}, now)
	}
}

// PausedFor is how long nothing may be sent to a chat, as far as this replica knows.
func (g *Gate) PausedFor(chat int64) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, g.pauses.of(chat).Sub(g.now()))
}

// Paused is how long nothing may be sent to anybody, as far as this replica knows.
func (g *Gate) Paused() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, g.pauses.everybody().Sub(g.now()))
}

// pausedAlone reports that a chat must be left alone longer than everybody. Without a gate none is.
func (g *Gate) pausedAlone(chat int64) bool {
	if g == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	own := g.pauses.of(chat)
	return own.After(g.now()) && own.After(g.pauses.everybody())
}

// Flood pauses the whole bot, at once here and within a fifth of a second on the other replicas.
func (g *Gate) Flood(retryAfter time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pauses.all = later(g.pauses.all, g.now().Add(retryAfter))
}

// FloodIn pauses one chat; and everybody, while another one is paused too and neither had been sent much.
func (g *Gate) FloodIn(chat int64, retryAfter time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	g.pauses.add(chat, chatPause{until: now.Add(retryAfter), sign: !g.pauses.explained(chat, now)}, now)
	g.pauses.news[chat] = true
}

// FloodOfBulk pauses everybody, because what goes to many meets the limit of the whole bot first; but only the chat itself when it had been
// sent much, or was told so lately.
func (g *Gate) FloodOfBulk(chat int64, retryAfter time.Duration) {
	g.mu.Lock()
	own := g.pauses.explained(chat, g.now())
	g.mu.Unlock()
	if own {
		g.FloodIn(chat, retryAfter)
	} else {
		g.Flood(retryAfter)
	}
}

// sending notes that a message is sent to a chat or changed there: Telegram counts both.
func (g *Gate) sending(chat int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pauses.sent.drain(chat, g.now())
}
