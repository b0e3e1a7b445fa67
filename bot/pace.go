package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// flushTime is how often what taps have sent is told to the other replicas.
	flushTime = 200 * time.Millisecond
	// idleFlushes is after how many quiet flushes the gate asks anyway whether another replica was told to pause.
	idleFlushes = 5
	// perChat is the least time between two bulk messages to one chat, Telegram's rule.
	perChat = time.Second
)

// Gate keeps the bot within Telegram's limits, over all replicas.
//
// Bulk asks the shared budget before each message. People who tap now come first: their sends never wait for the budget
// and are taken off it afterwards, so the bulk gets what they leave, but always a tenth, so that a busy morning
// does not silence it. A 429 pauses everybody everywhere.
type Gate struct {
	redis redis.UniversalClient
	key   string
	rate  int
	now   func() time.Time
	log   *slog.Logger

	mu     sync.Mutex
	taps   int       // sent since the last flush
	until  time.Time // nothing may be sent before
	shared time.Time // the end of the pause that the others know of
}

// NewGate paces a bot to perSecond messages. Replicas of one bot share client and prefix. now is the clock.
func NewGate(client redis.UniversalClient, prefix string, perSecond int, now func() time.Time, log *slog.Logger) *Gate {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Gate{redis: client, key: prefix + "{pace}", rate: max(1, perSecond), now: now, log: log}
}

// The budget is a hash: tokens for whatever is left, least for the tenth that is the bulk's own, at when they were
// counted, until when all must pause. Each chat has a key with the time of its next turn; the hash tag keeps both in one slot.
//
// The clocks of the replicas differ a little, so time never runs backwards here.
var (
	reserve = redis.NewScript(`
local now, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local h = redis.call('HMGET', KEYS[1], 'tokens', 'least', 'at', 'until')
local paused = tonumber(h[4] or '0')
if paused > now then return paused - now end
local turn = tonumber(redis.call('GET', KEYS[2]) or '0')
if turn > now then return turn - now end
local at = tonumber(h[3] or now)
local passed = math.max(0, now - at) / 1000
local burst = math.max(1, rate / 5)
local tokens = math.min(burst, tonumber(h[1] or burst) + passed * rate * 0.9)
local least = math.min(1, tonumber(h[2] or '1') + passed * rate * 0.1)
local wait = 0
if tokens >= 1 then tokens = tokens - 1
elseif least >= 1 then least = least - 1
else wait = math.max(1, math.ceil(math.min((1 - tokens) / 0.9, (1 - least) / 0.1) / rate * 1000)) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'least', tostring(least), 'at', math.max(now, at))
redis.call('PEXPIRE', KEYS[1], 86400000)
if wait == 0 then redis.call('SET', KEYS[2], now + tonumber(ARGV[3]), 'PX', 2 * tonumber(ARGV[3])) end
return wait`)
	debit = redis.NewScript(`
local now, rate, taps, pause = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local h = redis.call('HMGET', KEYS[1], 'tokens', 'least', 'at', 'until')
local at = tonumber(h[3] or now)
local passed = math.max(0, now - at) / 1000
local burst = math.max(1, rate / 5)
local tokens = math.min(burst, tonumber(h[1] or burst) + passed * rate * 0.9)
local least = math.min(1, tonumber(h[2] or '1') + passed * rate * 0.1)
local paused = math.max(tonumber(h[4] or '0'), pause)
redis.call('HSET', KEYS[1], 'tokens', tostring(math.max(tokens - taps, -rate)), 'least', tostring(least), 'at', math.max(now, at), 'until', paused)
redis.call('PEXPIRE', KEYS[1], 86400000)
return paused`)
)

// WaitBulk waits until one message of the bulk may go to chat. It returns an error when ctx ends first, or when Redis cannot be asked.
func (g *Gate) WaitBulk(ctx context.Context, chat int64) error {
	for {
		wait, err := g.reserve(ctx, chat)
		if err != nil || wait == 0 {
			return err
		}
		if err := rest(ctx, min(wait, time.Second)); err != nil {
			return err
		}
	}
}

// reserve takes one message out of the budget, or says how long to wait.
func (g *Gate) reserve(ctx context.Context, chat int64) (time.Duration, error) {
	if left := g.Paused(); left > 0 {
		return left, nil
	}
	keys := []string{g.key, g.key + ":" + strconv.FormatInt(chat, 10)}
	wait, err := reserve.Run(ctx, g.redis, keys, g.now().UnixMilli(), g.rate, perChat.Milliseconds()).Int64()
	if err != nil {
		return 0, fmt.Errorf("reserve a message: %w", err)
	}
	return time.Duration(wait) * time.Millisecond, nil
}

// Tap lets a message to somebody who is tapping now go at once, unless Telegram told the bot to pause: then it waits,
// or returns a *Failure of kind Flood when the pause lasts longer than ctx.
func (g *Gate) Tap(ctx context.Context) error {
	for left := g.Paused(); left > 0; left = g.Paused() {
		if end, ok := ctx.Deadline(); ok && time.Until(end) < left {
			return &Failure{Kind: Flood, RetryAfter: left}
		}
		if err := rest(ctx, min(left, time.Second)); err != nil {
			return &Failure{Kind: Flood, RetryAfter: left, cause: err}
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taps++
	return nil
}

// Paused is how long nothing may be sent, as far as this replica knows.
func (g *Gate) Paused() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, g.until.Sub(g.now()))
}

// Flood pauses the whole bot, at once here and within a fifth of a second on the other replicas.
func (g *Gate) Flood(retryAfter time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := g.now().Add(retryAfter); until.After(g.until) {
		g.until = until
	}
}

// Run tells the other replicas what was sent here, and learns when to pause, until ctx ends.
func (g *Gate) Run(ctx context.Context) error {
	ticker := time.NewTicker(flushTime)
	defer ticker.Stop()
	for quiet := 0; ; quiet++ {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if !g.news() && quiet < idleFlushes {
			continue
		}
		quiet = 0
		if err := g.flush(ctx); err != nil && !errors.Is(err, context.Canceled) {
			g.log.Warn("the pace is not shared with the other replicas for now", "cause", classOf(err))
		}
	}
}

func (g *Gate) news() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.taps > 0 || g.until.After(g.shared)
}

// flush tells and learns, in one round trip.
func (g *Gate) flush(ctx context.Context) error {
	g.mu.Lock()
	taps, until := g.taps, g.until
	g.taps = 0
	g.mu.Unlock()
	var end int64
	if !until.IsZero() {
		end = until.UnixMilli()
	}
	paused, err := debit.Run(ctx, g.redis, []string{g.key}, g.now().UnixMilli(), g.rate, taps, end).Int64()
	if err != nil {
		return fmt.Errorf("share the pace: %w", err) // the taps were sent; that they are not counted costs the bulk nothing
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if all := time.UnixMilli(paused); paused > 0 && all.After(g.until) {
		g.until = all
	}
	g.shared = until
	return nil
}

// rest waits, or returns when ctx ends.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
