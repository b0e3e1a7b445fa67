package bot

import (
	"time"

	"golang.org/x/time/rate"
)

// buckets is a token bucket for each chat. Only those that are not full take memory. It has no lock of its own.
type buckets struct {
	limit   rate.Limit
	burst   int
	chats   map[int64]*rate.Limiter
	sweepAt int // how many there may be before the full ones are forgotten
}

// leastSweep is how many buckets are worth looking through.
const leastSweep = 1024

// newBuckets holds burst tokens for each chat and adds one each time every passes.
func newBuckets(every time.Duration, burst int) *buckets {
	return &buckets{limit: rate.Every(every), burst: burst, chats: map[int64]*rate.Limiter{}, sweepAt: leastSweep}
}

func (b *buckets) of(chat int64, now time.Time) *rate.Limiter {
	if l, ok := b.chats[chat]; ok {
		return l
	}
	if len(b.chats) >= b.sweepAt {
		b.sweep(now)
	}
	l := rate.NewLimiter(b.limit, b.burst)
	b.chats[chat] = l
	return l
}

// sweep forgets the full ones: a new one is the same.
func (b *buckets) sweep(now time.Time) {
	for chat, l := range b.chats {
		if l.TokensAt(now) >= float64(b.burst) {
			delete(b.chats, chat)
		}
	}
	b.sweepAt = max(leastSweep, 2*len(b.chats))
}

// allow takes a token of a chat; false when it has none.
func (b *buckets) allow(chat int64, now time.Time) bool { return b.of(chat, now).AllowN(now, 1) }

// empty reports whether a chat has no token.
func (b *buckets) empty(chat int64, now time.Time) bool {
	l, ok := b.chats[chat]
	return ok && l.TokensAt(now) < 1
}

// drain takes a token of a chat if it has one.
func (b *buckets) drain(chat int64, now time.Time) { b.allow(chat, now) }

// wait takes a token of a chat, perhaps one that comes later, and returns how long until then. It takes none and returns false
// when that is longer than patience.
func (b *buckets) wait(chat int64, now time.Time, patience time.Duration) (time.Duration, bool) {
	r := b.of(chat, now).ReserveN(now, 1)
	delay := r.DelayFrom(now)
	if delay > patience {
		r.CancelAt(now)
		return 0, false
	}
	return delay, true
}
