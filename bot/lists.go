package bot

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/redis/go-redis/v9"

	"kinerja/flows"
)

const (
	// listPace is the least time between two lists. Telegram allows few changes of settings in a row and then none for minutes.
	listPace = time.Second
	// listDoubt is how long Telegram is left alone after a list whose outcome is unknown: it may still be doing that one, and the last to
	// be done is the one that stays.
	listDoubt = 10 * time.Second
	// listsWaiting is how many chats may wait. Whoever does not fit is looked after when he sees his menu again.
	listsWaiting = 256
	// listMemory is for how long it is remembered what a chat has, since it was last asked for.
	listMemory = 90 * 24 * time.Hour
	// listRest is for how long a list that was refused, or that could not be remembered, is not tried again here.
	listRest = time.Hour
	// lookEvery is how often the list of somebody who acts, but does not see his menu, is looked after.
	lookEvery = 24 * time.Hour
)

// Lists keeps the commands that single people find behind the menu button, where they differ from everybody's. All of it is a convenience:
// it goes out one by one beside everything else, what fails waits for the next time that the person sees his menu, and nobody waits for it.
//
// Redis remembers what each chat has: the digest of a list, or that it has none of its own. A key that is missing, or that a sending has
// marked as its own, means that nobody knows, and then the list is sent.
type Lists struct {
	bot     *Bot
	redis   redis.UniversalClient
	key     string
	compose Compose
	log     *slog.Logger
	pace    time.Duration
	now     func() time.Time
	news    chan struct{} // there may be something to do

	mu     sync.Mutex
	wanted map[int64][]flows.MenuCommand // the newest of each chat that waits; nil where it is still to be composed
	order  []int64                       // the chats of wanted, the longest waiting first
	looked map[int64]bool                // chats whose list was looked after since then
	since  time.Time                     // when that memory began
	rested map[int64]restingList         // what is not tried now
}

// Compose makes the list of a person as he is now, none for a stranger.
type Compose func(ctx context.Context, telegramID int64) ([]flows.MenuCommand, error)

type chatList struct {
	chat     int64
	commands []flows.MenuCommand
}

type restingList struct {
	digest string
	until  time.Time
}

// NewLists makes the lists of a bot. What was set is remembered under the prefix; an emptied Redis costs that each is set, or taken away, once
// more. compose may be nil: then only who sees his menu is looked after.
func NewLists(b *Bot, client redis.UniversalClient, prefix string, compose Compose, log *slog.Logger) *Lists {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Lists{
		bot: b, redis: client, key: prefix + "commands:", compose: compose, log: log, pace: listPace, now: time.Now, news: make(chan struct{}, 1),
		wanted: map[int64][]flows.MenuCommand{}, looked: map[int64]bool{}, rested: map[int64]restingList{},
	}
}

// Want asks that a chat finds these commands, none for everybody's, instead of what was asked for it before. It never waits.
func (l *Lists) Want(chat int64, commands []flows.MenuCommand) {
	if commands == nil {
		commands = []flows.MenuCommand{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lookedAfter(chat)
	l.enqueue(chat, commands)
}

// Look asks that the list of somebody who acts in a private chat is looked after, which happens once a day: he may have come by a message
// and never have seen his menu, or have got a role since. It never waits.
func (l *Lists) Look(chat int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, waits := l.wanted[chat]; waits || l.compose == nil || !l.lookedAfter(chat) {
		return
	}
	l.enqueue(chat, nil)
}

// lookedAfter notes a chat for a day, and reports whether that is news. The lock is held.
func (l *Lists) lookedAfter(chat int64) (news bool) {
	if now := l.now(); now.Sub(l.since) >= lookEvery {
		clear(l.looked)
		l.since = now
	}
	news = !l.looked[chat]
	l.looked[chat] = true
	return news
}

// enqueue puts a chat at the end, or its newest list where the chat waits already. The lock is held.
func (l *Lists) enqueue(chat int64, commands []flows.MenuCommand) {
	if _, waits := l.wanted[chat]; !waits {
		if len(l.order) >= listsWaiting {
			return
		}
		l.order = append(l.order, chat)
	}
	l.wanted[chat] = commands
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// next takes the list that waits longest; ok is false when none does.
func (l *Lists) next() (wanted chatList, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.order) == 0 {
		return chatList{}, false
	}
	chat := l.order[0]
	l.order = l.order[1:]
	wanted = chatList{chat, l.wanted[chat]}
	delete(l.wanted, chat)
	return wanted, true
}

// again lets a list wait once more, unless its chat got a newer one meanwhile.
func (l *Lists) again(wanted chatList) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, newer := l.wanted[wanted.chat]; !newer {
		l.enqueue(wanted.chat, wanted.commands)
	}
}

// Run sets what is wanted until ctx ends.
func (l *Lists) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		wanted, ok := l.next()
		if !ok {
			select {
			case <-ctx.Done():
			case <-l.news:
			}
			continue
		}
		if pause := l.lookAfter(ctx, wanted); pause > 0 && rest(ctx, pause) != nil {
			return nil
		}
	}
	return nil
}

// lookAfter composes a list, where that is still to be done, and sets it.
func (l *Lists) lookAfter(ctx context.Context, wanted chatList) (pause time.Duration) {
	if wanted.commands != nil {
		return l.set(ctx, wanted)
	}
	limited, cancel := context.WithTimeout(ctx, l.bot.limit)
	defer cancel()
	commands, err := l.compose(limited, wanted.chat)
	if err != nil {
		l.log.Warn("the commands of a chat are not known; they will be when its person sees his menu again", "cause", classOf(err))
		return 0
	}
	wanted.commands = commands
	return l.set(ctx, wanted)
}

// set sets one list unless the chat has it already, and returns how long Telegram is to be left alone with others.
func (l *Lists) set(ctx context.Context, wanted chatList) (pause time.Duration) {
	key, digest := fmt.Sprint(l.key, wanted.chat), digestOf(wanted.commands)
	if l.rests(wanted.chat, digest) {
		return 0
	}
	had, err := l.redis.Get(ctx, key).Result()
	switch {
	case err != nil && !errors.Is(err, redis.Nil):
		return 0 // nothing is sent without Redis: it could not be remembered
	case had == digest:
		l.noted(l.redis.Expire(ctx, key, listMemory).Err())
		return 0
	}
	if pause := l.paused(ctx); pause > 0 {
		l.again(wanted)
		return pause
	}
	// From here nobody knows what the chat has until it is remembered: the answer may be lost, or this process killed. And when two replicas
	// are at it at once, in whatever order Telegram does what they ask, neither may remember it. What Telegram does only after both were
	// given up stays unseen until that person's list changes.
	mine := "sending " + rand.Text()
	if err := l.redis.Set(ctx, key, mine, listMemory).Err(); err != nil {
		return 0
	}
	if err := l.send(ctx, wanted); err != nil {
		return l.failed(ctx, wanted, err)
	}
	if err := remember.Run(ctx, l.redis, []string{key}, mine, digest, int(listMemory.Seconds())).Err(); err != nil {
		l.noted(err)
		l.letRest(wanted.chat, digest)
	}
	return l.pace
}

// remember writes down what a chat has, unless another sending has begun since.
var remember = redis.NewScript(`
	if redis.call('GET', KEYS[1]) == ARGV[1] then
		redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
	else
		redis.call('DEL', KEYS[1])
	end
	return 1`)

// failed says how long others wait after a list that was not set.
func (l *Lists) failed(ctx context.Context, wanted chatList, err error) (pause time.Duration) {
	pause = l.pace
	var failure *Failure
	errors.As(err, &failure)
	switch kindOf(err) {
	case Flood:
		pause = max(failure.RetryAfter, l.pace)
		l.noted(l.redis.Set(ctx, l.key+"pause", "", pause).Err())
		l.again(wanted)
	case Unknown:
		pause = max(listDoubt, l.pace)
	case NotSent, Server, Unauthorized:
	default:
		l.letRest(wanted.chat, digestOf(wanted.commands))
	}
	l.log.Warn("the commands of a chat were not set; they will be when its person sees his menu again", "cause", Cause(err))
	return pause
}

// paused is how long Telegram asked the bot, by any replica, to change no settings.
func (l *Lists) paused(ctx context.Context) time.Duration {
	left, err := l.redis.PTTL(ctx, l.key+"pause").Result()
	l.noted(err)
	return max(0, left)
}

// rests reports that a list is not to be tried now.
func (l *Lists) rests(chat int64, digest string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	resting, ok := l.rested[chat]
	return ok && resting.digest == digest && resting.until.After(l.now())
}

// letRest keeps a list from being tried each time that its person sees his menu.
func (l *Lists) letRest(chat int64, digest string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for other, resting := range l.rested {
		if !resting.until.After(now) {
			delete(l.rested, other)
		}
	}
	l.rested[chat] = restingList{digest, now.Add(listRest)}
}

func (l *Lists) noted(err error) {
	if err != nil {
		l.log.Warn("it was not remembered which commands a chat has", "cause", classOf(err))
	}
}

// send waits as long as for a message: Telegram waits out a short flood by itself and then does it.
func (l *Lists) send(ctx context.Context, wanted chatList) error {
	scope := &models.BotCommandScopeChat{ChatID: wanted.chat}
	if len(wanted.commands) == 0 {
		return l.bot.callWithin(ctx, l.bot.writing, aside, "deleteMyCommands", func(ctx context.Context) error {
			_, err := l.bot.api.DeleteMyCommands(ctx, &tg.DeleteMyCommandsParams{Scope: scope})
			return err
		})
	}
	return l.bot.callWithin(ctx, l.bot.writing, aside, "setMyCommands", func(ctx context.Context) error {
		_, err := l.bot.api.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: commandsOf(wanted.commands), Scope: scope})
		return err
	})
}

// digestOf is a short hash of a list. That there is none is something to remember, too.
func digestOf(commands []flows.MenuCommand) string {
	if len(commands) == 0 {
		return "none"
	}
	hash := sha256.Sum256(fmt.Append(nil, commands))
	return base64.RawURLEncoding.EncodeToString(hash[:9])
}
