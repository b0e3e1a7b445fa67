package bot

import (
	"context"
	"strconv"
	"time"
)

const (
	// chatEvery is how often a chat may send once its burst is spent: as often as Telegram lets the bot answer there, and as somebody
	// taps who scores fast.
	chatEvery = time.Second
	// slowPatience is how long an update of a chat that sends too fast may wait. Longer ones would hold back everybody's when polling.
	slowPatience = 4 * time.Second
	// noticePause is how long a person is not sent a second message about waiting. Toasts are not counted: each tap needs its own.
	noticePause = 5 * time.Second
	// groupPause is how long a group that was told to write in private is told nothing.
	groupPause = 10 * time.Minute
)

// manners keeps one chat from taking what is meant for all. The intake's lock guards it.
type manners struct {
	now     func() time.Time
	chats   *buckets // what comes in
	notices *buckets // what a chat is told about waiting
	groups  *buckets
}

func newManners(o IntakeOptions) *manners {
	return &manners{
		now: o.Now, chats: newBuckets(chatEvery, o.ChatBurst), notices: newBuckets(noticePause, 1), groups: newBuckets(groupPause, 1),
	}
}

// slow returns how long the next update of a chat has to wait, and false when it sends so fast that it is not taken at all.
// In a chat that Telegram has paused none waits: its answer could not be shown, and everybody's newer updates would wait with it.
func (m *manners) slow(chat int64, paused bool) (time.Duration, bool) {
	if paused {
		return m.chats.wait(chat, m.now(), 0)
	}
	return m.chats.wait(chat, m.now(), slowPatience)
}

// spent reports whether a chat has sent all that it may send at once.
func (m *manners) spent(chat int64) bool { return m.chats.empty(chat, m.now()) }

// mayTell reports whether a chat may be sent a message about waiting, and then takes it as sent.
func (m *manners) mayTell(chat int64) bool { return m.notices.allow(chat, m.now()) }

// groupMayAsk reports whether a group may be answered, as far as this replica knows, and then takes it as answered.
func (m *manners) groupMayAsk(chat int64) bool { return m.groups.allow(chat, m.now()) }

// mayNotWait reports whether the screen of an update is owed rather than that anything waits for a pause of its chat: everybody's newer
// updates would wait too, or the chat has sent so much that it brought the pause on itself.
func (in *Intake) mayNotWait(t *task, chat int64) bool { return t.isAwaited() || in.floods(chat) }

// floods reports whether a chat has sent so much that nobody may wait for the pause that it brought on itself.
func (in *Intake) floods(chat int64) bool {
	if !in.bot.gate.pausedAlone(chat) {
		return false
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.manners.spent(chat)
}

// groupMayBeTold asks whether another replica told the group lately. While Redis is away a group is told nothing.
func (in *Intake) groupMayBeTold(t *task) bool {
	if in.bot.gate == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(in.life, in.bot.limit)
	defer cancel()
	may, err := in.bot.gate.TakeOnce(ctx, "group:"+strconv.FormatInt(t.event.Chat, 10), groupPause)
	if err != nil {
		in.log.Info("a group was not answered", "update", t.event.UpdateID, "cause", classOf(err))
	}
	return may && err == nil
}
