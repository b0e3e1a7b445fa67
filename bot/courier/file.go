package courier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kinerja/bot"
	"kinerja/flows"
	"kinerja/store"
)

const (
	// filesAtOnce is how many files a process makes and sends side by side.
	filesAtOnce = 2
	// makeLimit is how long a file may take to be made.
	makeLimit = 2 * time.Minute
	// waitLimit is how long one that is made waits for its turn to be sent.
	waitLimit = 30 * time.Second
	// fileLease is how long one is kept from other processes: for making it, waiting, and sending it, which the bot limits to 40 s.
	fileLease = makeLimit + waitLimit + time.Minute
	// filePause is how long one waits while enough others are made.
	filePause = 2 * time.Second
)

// Wait returns when no file is made or sent any more. Run waits by itself.
func (c *Courier) Wait() { _ = c.files.Wait() } // what failed was logged where it failed

// fileAside makes and sends a file beside everything else, which is not to wait for it.
func (c *Courier) fileAside(ctx context.Context, n store.Notification, actor store.Actor, screen flows.Screen) error {
	if err := c.store.HoldNotification(ctx, n, fileLease); err != nil {
		return err // somebody else's by now
	}
	ctx = context.WithoutCancel(ctx)
	begun := c.files.TryGo(func() error {
		if err := c.file(ctx, n, actor, screen); err != nil {
			c.options.Log.Warn("a file could not be sent; it is tried again", "notification", n.ID, "kind", n.Kind, "cause", bot.Cause(err))
		}
		return nil
	})
	if begun {
		return nil
	}
	return c.outcome("postponed", c.store.Postpone(ctx, n, c.store.Now().Add(filePause)))
}

// file makes a file and sends it. One that takes too long to be made fails by itself, and is tried less and less often.
func (c *Courier) file(ctx context.Context, n store.Notification, actor store.Actor, screen flows.Screen) error {
	limited, cancel := context.WithTimeout(ctx, makeLimit)
	defer cancel()
	content, err := guarded(func() ([]byte, error) { return screen.Document.Make(limited) })
	if err != nil {
		return errors.Join(err, c.outcome("not_drawn", c.store.Retry(ctx, n, "not_drawn")))
	}
	waiting, stop := context.WithTimeout(ctx, waitLimit) // of its own: a file that took long to make is not made again for that
	defer stop()
	if err := c.gate.WaitBulk(waiting, actor.TelegramID); err != nil {
		return c.giveBack(ctx, n, err)
	}
	placed, err := c.sender.SendFile(ctx, actor.TelegramID, screen, content)
	return c.after(ctx, n, actor, placed.Message, err)
}

// guarded turns a panic of do into an error, which tells its type and no value.
func guarded(do func() ([]byte, error)) (content []byte, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic of type %T", value)
		}
	}()
	return do()
}
