package bot

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/redis/go-redis/v9"

	"kinerja/flows"
)

const (
	// listPace is the least time between two lists. Telegram allows few changes of settings in a row and then none for minutes.
	listPace = time.Second
	// listsWaiting is how many lists may wait. What does not fit is set when its person sees his menu again.
	listsWaiting = 256
	// listMemory is for how long it is remembered what a chat has; after that it is set once more.
	listMemory = 90 * 24 * time.Hour
)

// Lists keeps the commands that single people find behind the menu button, where they differ from everybody's. All of it is a convenience:
// it goes out one by one beside everything else, what fails waits for the next time that the person sees his menu, and nobody waits for it.
type Lists struct {
	bot   *Bot
	redis redis.UniversalClient
	key   string
	log   *slog.Logger
	pace  time.Duration
	queue chan chatList
}

type chatList struct {
	chat     int64
	commands []flows.MenuCommand
}

// NewLists makes the lists of a bot. What was set is remembered under the prefix; an emptied Redis costs only that it is set once more.
func NewLists(b *Bot, client redis.UniversalClient, prefix string, log *slog.Logger) *Lists {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Lists{bot: b, redis: client, key: prefix + "commands:", log: log, pace: listPace, queue: make(chan chatList, listsWaiting)}
}

// Want asks that a chat finds these commands, none for everybody's. It never waits.
func (l *Lists) Want(chat int64, commands []flows.MenuCommand) {
	select {
	case l.queue <- chatList{chat, commands}:
	default:
	}
}

// Run sets what is wanted until ctx ends.
func (l *Lists) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case wanted := <-l.queue:
			if pause := l.set(ctx, wanted); pause > 0 && rest(ctx, pause) != nil {
				return nil
			}
		}
	}
}

// set sets one list unless the chat has it already, and returns how long Telegram is to be left alone with others.
func (l *Lists) set(ctx context.Context, wanted chatList) (pause time.Duration) {
	key := fmt.Sprint(l.key, wanted.chat)
	had, err := l.redis.Get(ctx, key).Result()
	if err != nil && !errors.Is(err, redis.Nil) || had == digest(wanted.commands) {
		return 0
	}
	if err := l.send(ctx, wanted); err != nil {
		var failure *Failure
		if errors.As(err, &failure) && failure.Kind == Flood {
			pause = failure.RetryAfter
		}
		l.log.Warn("the commands of a chat were not set; they will be when its person sees his menu again", "cause", Cause(err))
		return max(pause, l.pace)
	}
	if len(wanted.commands) == 0 {
		err = l.redis.Del(ctx, key).Err()
	} else {
		err = l.redis.Set(ctx, key, digest(wanted.commands), listMemory).Err()
	}
	if err != nil {
		l.log.Warn("it was not remembered which commands a chat has", "cause", classOf(err))
	}
	return l.pace
}

func (l *Lists) send(ctx context.Context, wanted chatList) error {
	scope := &models.BotCommandScopeChat{ChatID: wanted.chat}
	if len(wanted.commands) == 0 {
		return l.bot.call(ctx, aside, "deleteMyCommands", func(ctx context.Context) error {
			_, err := l.bot.api.DeleteMyCommands(ctx, &tg.DeleteMyCommandsParams{Scope: scope})
			return err
		})
	}
	return l.bot.call(ctx, aside, "setMyCommands", func(ctx context.Context) error {
		_, err := l.bot.api.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: commandsOf(wanted.commands), Scope: scope})
		return err
	})
}

// digest is a short hash of a list; "" for none.
func digest(commands []flows.MenuCommand) string {
	if len(commands) == 0 {
		return ""
	}
	hash := sha256.Sum256(fmt.Append(nil, commands))
	return base64.RawURLEncoding.EncodeToString(hash[:9])
}
