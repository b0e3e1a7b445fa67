// Package dialogue keeps in Redis where each person stands in his conversation.
//
// A position may vanish at any time: it holds no answer, and every button carries what its page needs.
package dialogue

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// Format is the version of the stored form. A position of another format is treated as none.
	Format = 1
	// Life is how long a position stays without use.
	Life = 30 * 24 * time.Hour
	// Silence is how long a turn may go without a sign of life before another process may begin the next one of the same person:
	// so long a person waits whose process was killed.
	Silence = 5 * time.Second
	// TurnLife is how long a turn gives signs of life, if nobody ends it: longer than taking effect and showing may take.
	TurnLife = 40 * time.Second

	heartbeat = 1500 * time.Millisecond
)

var (
	// ErrBusy says that another process is handling an update of the same person.
	ErrBusy = errors.New("another turn of this person is running")
	// ErrLost says that the turn took so long that another process has taken over; what it drew may be old.
	ErrLost = errors.New("this turn was overtaken")
)

// Position is where one Telegram user stands.
type Position struct {
	Format int               `json:"f"`
	Page   string            `json:"p,omitempty"` // link of the page, as in callback data
	Draft  map[string]string `json:"d,omitempty"` // a form that is not yet submitted
	Card   int               `json:"c,omitempty"` // message that shows the page
	Seen   int64             `json:"s,omitempty"` // when it was shown there, in Unix seconds of Telegram's clock, or Unseen or Announced
	Look   string            `json:"l,omitempty"` // a hash of what Card shows, as whoever drew it makes one; "" when that is not known
	// Keyboard says that a keyboard which shares the phone number was opened and has not been taken away.
	Keyboard bool      `json:"k,omitempty"`
	Recent   []int64   `json:"u,omitempty"` // ids of the last updates that were handled, oldest first
	At       time.Time `json:"at,omitzero"` // when the last one was
	Answered int64     `json:"a,omitempty"` // id of the last update whose text, contact or file an action took
	Expected int64     `json:"e,omitempty"` // id of the tap that led to the page when no other question was open; 0 when the page came otherwise
}

// What Seen is while the page was not shown. Both are later than any moment.
const (
	Unseen    = math.MaxInt64     // it could not be
	Announced = math.MaxInt64 - 1 // and a message with a button to it says so
)

// Store reads and writes positions.
type Store struct {
	redis  redis.UniversalClient
	prefix string
}

// New keeps positions in client under keys that start with prefix. Several bots may share a Redis under different prefixes.
func New(client redis.UniversalClient, prefix string) *Store {
	return &Store{redis: client, prefix: prefix}
}

// Turn is the right to handle one update of one person. End it with Commit or Abandon. While it lasts it gives signs of life,
// but not for longer than TurnLife.
type Turn struct {
	Position Position
	store    *Store
	key      string
	token    string
	revision int64
	beats    context.Context // ends with the turn
	still    context.CancelFunc
}

// A position is one hash: value, revision, and the turn that is running with the time at which it ends.
// One key, so that it fits any slot of a cluster and expires whole.
//
// The lock alone would not be enough (its holder may stall beyond its end): the revision is what keeps a late commit out.
// Time is that of Redis: the clocks of the callers may differ.
//
// A turn that was not committed leaves its name: it may have drawn something that the position does not know of.
var (
	begin = redis.NewScript(`
local h = redis.call('HMGET', KEYS[1], 'value', 'revision', 'turn', 'until')
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
if h[3] and h[4] and tonumber(h[4]) > now then return {'busy'} end
redis.call('HSET', KEYS[1], 'turn', ARGV[1], 'until', now + tonumber(ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'ok', h[1] or '', h[2] or '0', h[3] and 'left' or ''}`)
	renew = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'turn') ~= ARGV[1] then return 0 end
local clock = redis.call('TIME')
redis.call('HSET', KEYS[1], 'until', tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + tonumber(ARGV[2]))
return 1`)
	commit = redis.NewScript(`
local h = redis.call('HMGET', KEYS[1], 'revision', 'turn')
if (h[1] or '0') ~= ARGV[2] or h[2] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[3], 'revision', tonumber(ARGV[2]) + 1)
redis.call('HDEL', KEYS[1], 'turn', 'until')
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`)
	abandon = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'turn') == ARGV[1] then
redis.call('HSET', KEYS[1], 'turn', 'abandoned')
redis.call('HDEL', KEYS[1], 'until')
end
return 1`)
)

// Begin takes the turn of one Telegram user, in one round trip. It returns ErrBusy while another process has it. After a turn
// that was not committed the position has no Look.
func (s *Store) Begin(ctx context.Context, telegramID int64) (*Turn, error) {
	t := &Turn{store: s, key: s.key(telegramID), token: rand.Text()}
	reply, err := begin.Run(ctx, s.redis, []string{t.key}, t.token, Silence.Milliseconds(), Life.Milliseconds()).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("begin turn: %w", err)
	}
	if reply[0] == "busy" {
		return nil, ErrBusy
	}
	if t.revision, err = strconv.ParseInt(reply[2], 10, 64); err != nil {
		return nil, fmt.Errorf("begin turn: revision: %w", err)
	}
	t.Position = decode(reply[1])
	if reply[3] == "left" {
		t.Position.Look = ""
	}
	t.beats, t.still = context.WithTimeout(context.WithoutCancel(ctx), TurnLife)
	time.AfterFunc(heartbeat, t.beat)
	return t, nil
}

// beat is a sign of life. A usual turn is over long before its first one, so it costs a usual turn nothing.
func (t *Turn) beat() {
	if t.beats.Err() != nil {
		return
	}
	held, err := renew.Run(t.beats, t.store.redis, []string{t.key}, t.token, Silence.Milliseconds()).Int()
	if err == nil && held == 0 {
		return // lost: whoever has it now decides
	}
	time.AfterFunc(heartbeat, t.beat)
}

// Peek reads where a Telegram user stands, without his turn.
func (s *Store) Peek(ctx context.Context, telegramID int64) (Position, error) {
	value, err := s.redis.HGet(ctx, s.key(telegramID), "value").Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return Position{}, fmt.Errorf("read position: %w", err)
	}
	return decode(value), nil
}

func (s *Store) key(telegramID int64) string {
	return s.prefix + "position:{" + strconv.FormatInt(telegramID, 10) + "}"
}

// decode reads a stored position. What it cannot read, or what another format of the program wrote, is no position:
// the person goes on from a menu with nothing lost, because nothing but his place was in it.
func decode(text string) Position {
	var p Position
	if text == "" || json.Unmarshal([]byte(text), &p) != nil || p.Format != Format {
		return Position{Format: Format}
	}
	return p
}

// Commit stores the new position and ends the turn, in one round trip. ErrLost means that nothing was stored
// because another turn came between; the caller draws again from the records.
func (t *Turn) Commit(ctx context.Context, p Position) error {
	p.Format = Format
	value, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("commit turn: %w", err)
	}
	done, err := commit.Run(ctx, t.store.redis, []string{t.key}, t.token, strconv.FormatInt(t.revision, 10), value, Life.Milliseconds()).Int()
	if err != nil {
		return fmt.Errorf("commit turn: %w", err)
	}
	t.still()
	if done == 0 {
		return ErrLost
	}
	return nil
}

// Abandon ends the turn and leaves the position as it was.
func (t *Turn) Abandon(ctx context.Context) error {
	defer t.still()
	if err := abandon.Run(ctx, t.store.redis, []string{t.key}, t.token).Err(); err != nil {
		return fmt.Errorf("abandon turn: %w", err)
	}
	return nil
}
