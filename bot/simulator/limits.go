package simulator

import (
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Telegram's limits. Their exact numbers are its secret; these are those that it documents, and the bursts that bots report.
const (
	perSecond = 30 // messages of the bot to all chats
	// chatBurst is how many messages one private chat takes at once, sent or changed; then one a second.
	chatBurst = 30
	// groupBurst is how many a group takes in a minute.
	groupBurst = 20
	// firstPause is what the first 429 asks for. A bot that does not wait is asked to wait longer each time, up to longestPause.
	firstPause   = 3 * time.Second
	longestPause = 2 * time.Minute
	// settingsBurst is how often a bot may set its commands before it has to wait for minutes.
	settingsBurst = 10
	settingsPause = 3 * time.Minute
)

// limits are those on the whole bot.
type limits struct {
	messages *rate.Limiter
	settings *rate.Limiter
	webhook  *rate.Limiter
}

func newLimits() limits {
	return limits{
		messages: rate.NewLimiter(perSecond, perSecond),
		settings: rate.NewLimiter(rate.Every(time.Minute), settingsBurst),
		webhook:  rate.NewLimiter(1, 1),
	}
}

// chatLimit is what one chat takes, and what it was sent.
type chatLimit struct {
	bucket *rate.Limiter
	pause  time.Duration // that the last 429 asked for
	until  time.Time
	writes int // messages sent and changed
	floods int // answers 429
}

// Traffic is how many messages the bot sent to a chat or changed there, and how many it was refused because they were too many.
func (s *Server) Traffic(chat int64) (writes, floods int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[chat]
	if !ok {
		return 0, 0
	}
	return c.limit.writes, c.limit.floods
}

// pace answers 429 to a bot that sends or changes messages too fast. The lock is held.
func (s *Server) pace(c *chat) error {
	c.limit.writes++
	if s.options.NoRateLimits && !slices.Contains(s.options.Limited, c.id) {
		return nil
	}
	now := s.options.Now()
	if retry := c.limit.take(c.group, now); retry > 0 {
		c.limit.writes--
		c.limit.floods++
		return tooMany(seconds(retry))
	}
	if !s.limits.messages.AllowN(now, 1) && !s.options.NoRateLimits {
		c.limit.writes--
		return tooMany(seconds(firstPause))
	}
	return nil
}

// take takes one message, or returns how long the bot must wait.
func (l *chatLimit) take(group bool, now time.Time) time.Duration {
	if l.bucket == nil {
		l.bucket = rate.NewLimiter(1, chatBurst)
		if group {
			l.bucket = rate.NewLimiter(rate.Every(time.Minute/groupBurst), groupBurst)
		}
	}
	switch {
	case now.Before(l.until): // it did not wait
		l.pause = min(2*l.pause, longestPause)
	case l.bucket.AllowN(now, 1):
		return 0
	default:
		l.pause = firstPause
	}
	l.until = now.Add(l.pause)
	return l.pause
}

// paceMethod answers 429 to a bot that changes its settings again and again.
func (s *Server) paceMethod(name string) error {
	if s.options.NoRateLimits {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Now()
	switch strings.ToLower(name) {
	case "setmycommands", "deletemycommands", "setchatmenubutton":
		if !s.limits.settings.AllowN(now, 1) {
			return tooMany(seconds(settingsPause))
		}
	case "setwebhook":
		if !s.limits.webhook.AllowN(now, 1) {
			return tooMany(1)
		}
	}
	return nil
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
