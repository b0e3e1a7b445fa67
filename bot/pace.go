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
// does not silence it. What a 429 pauses, it pauses on all replicas: see pauses.
type Gate struct {
	redis redis.UniversalClient
	key   string
	rate  int
	now   func() time.Time
	log   *slog.Logger

	mu     sync.Mutex
	taps   int // sent since the last flush
	pauses pauses
	shared time.Time // the end of everybody's pause that the others know of
}

// NewGate paces a bot to perSecond messages. Replicas of one bot share client and prefix. now is the clock.
func NewGate(client redis.UniversalClient, prefix string, perSecond int, now func() time.Time, log *slog.Logger) *Gate {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Gate{redis: client, key: prefix + "{pace}", rate: max(1, perSecond), now: now, log: log, pauses: newPauses()}
}

// The budget is a hash: tokens for whatever is left, least for the tenth that is the bulk's own, at when they were
// counted, until when all must pause. The chats that must pause are a sorted set by the end of their pause. Each chat has a key
// with the time of its next turn. The hash tag keeps them all in one slot.
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
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
for i = 5, #ARGV, 2 do
  local known = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[i]) or '0')
  if known < tonumber(ARGV[i + 1]) then redis.call('ZADD', KEYS[2], ARGV[i + 1], ARGV[i]) end
end
redis.call('PEXPIRE', KEYS[2], 86400000)
local reply = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
table.insert(reply, 1, string.format('%.0f', paused))
return reply`)
)

// WaitBulk waits until one message of the bulk may go to chat. It returns a *Failure of kind Flood when the chat itself must be left alone
// for a while, or everybody for longer than ctx lasts; and another error when ctx ends first, or when Redis cannot be asked.
func (g *Gate) WaitBulk(ctx context.Context, chat int64) error {
	for {
		if left := g.PausedFor(chat); left > 0 && (left > g.Paused() || outlives(ctx, left)) {
			return &Failure{Kind: Flood, RetryAfter: left}
		}
		wait, err := g.reserve(ctx, chat)
		if err != nil || wait == 0 {
			return err
		}
		if err := rest(ctx, min(wait, time.Second)); err != nil {
			return err
		}
	}
}

// outlives reports that a wait is longer than ctx lasts.
func outlives(ctx context.Context, wait time.Duration) bool {
	end, limited := ctx.Deadline()
	return limited && time.Until(end) < wait
}

// reserve takes one message out of the budget, or says how long to wait.
func (g *Gate) reserve(ctx context.Context, chat int64) (time.Duration, error) {
	if left := g.PausedFor(chat); left > 0 {
		return left, nil
	}
	keys := []string{g.key, g.key + ":" + strconv.FormatInt(chat, 10)}
	wait, err := reserve.Run(ctx, g.redis, keys, g.now().UnixMilli(), g.rate, perChat.Milliseconds()).Int64()
	if err != nil {
		return 0, fmt.Errorf("reserve a message: %w", err)
	}
	return time.Duration(wait) * time.Millisecond, nil
}

// floodPatience is how long a screen waits for a pause to end; after that it is owed.
const floodPatience = 8 * time.Second

// Tap lets a message to somebody who is tapping now go at once, unless Telegram told his chat, or everybody, to pause: then it waits,
// or returns a *Failure of kind Flood when the pause lasts longer than a person looks at his phone, or than ctx.
func (g *Gate) Tap(ctx context.Context, chat int64) error {
	return g.tapUnless(ctx, chat, func(int64) bool { return false })
}

// tapUnless is Tap that does not wait once the chat is not worth waiting for.
func (g *Gate) tapUnless(ctx context.Context, chat int64, unworthy func(chat int64) bool) error {
	for left := g.PausedFor(chat); left > 0; left = g.PausedFor(chat) {
		if left > floodPatience || outlives(ctx, left) || unworthy(chat) {
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
	return g.taps > 0 || g.pauses.all.After(g.shared) || len(g.pauses.news) > 0
}

// flush tells and learns, in one round trip.
func (g *Gate) flush(ctx context.Context) error {
	g.mu.Lock()
	taps, all, told := g.taps, g.pauses.all, g.pauses.news
	g.taps, g.pauses.news = 0, map[int64]bool{}
	args := []any{g.now().UnixMilli(), g.rate, taps, max(0, all.UnixMilli())}
	for chat := range told {
		c := g.pauses.chats[chat]
		args = append(args, c.member(chat), c.until.UnixMilli())
	}
	g.mu.Unlock()
	reply, err := debit.Run(ctx, g.redis, []string{g.key, g.key + ":paused"}, args...).StringSlice()
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil { // the taps were sent; that they are not counted costs the bulk nothing
		for chat := range told {
			g.pauses.news[chat] = true
		}
		return fmt.Errorf("share the pace: %w", err)
	}
	g.pauses.all = later(g.pauses.all, moment(reply[0]))
	for i := 1; i+1 < len(reply); i += 2 {
		g.pauses.learn(reply[i], moment(reply[i+1]), g.now())
	}
	g.shared = all
	return nil
}

// moment reads Unix milliseconds as Redis writes the number; the zero time for none.
func moment(text string) time.Time {
	ms, err := strconv.ParseFloat(text, 64)
	if err != nil || ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms))
}

// TakeOnce takes a right that exists once in a while for all replicas together, and reports whether it was to be had.
func (g *Gate) TakeOnce(ctx context.Context, right string, while time.Duration) (bool, error) {
	taken, err := g.redis.SetNX(ctx, g.key+":once:"+right, 1, while).Result()
	if err != nil {
		return false, fmt.Errorf("take a right: %w", err)
	}
	return taken, nil
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
