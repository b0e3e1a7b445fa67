package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"kinerja/bot"
	"kinerja/store"
)

// pilot talks to the real Telegram, with a code for the administrator to begin with.
func (d *demoCommand) pilot(ctx context.Context, c console, settings appSettings) error {
	if err := d.mayTake(ctx); err != nil {
		return err
	}
	settings.now = time.Now
	a, cast, err := assembleSample(ctx, settings)
	if err != nil {
		return err
	}
	out := newSlips(c.stdout, "text", "")
	for _, p := range []*store.Person{cast.Admin, cast.Evaluator, cast.Employee} {
		code, err := a.store.Invite(ctx, p.ID, store.CodeLife)
		if err != nil {
			return a.closeAfter(err)
		}
		if err := out.add(*p, code); err != nil {
			return a.closeAfter(err)
		}
	}
	return a.run(ctx, func() {
		if _, err := fmt.Fprintln(c.stdout, "kinerja demo talks to Telegram now; send one of the codes above to your bot."); err != nil {
			a.log.Error("the ready line could not be printed")
		}
	})
}

// mayTake refuses a bot that seems to be at work for somebody: polling takes its webhook away, and the updates that wait.
func (d *demoCommand) mayTake(ctx context.Context) error {
	if d.TakeOver {
		return nil
	}
	b, err := bot.New(bot.Options{Token: d.Token, APIURL: d.APIURL})
	if err != nil {
		return err
	}
	defer b.Close()
	inbox, err := b.Inbox(ctx)
	if err != nil {
		return fmt.Errorf("ask Telegram whether this bot is in use: %w\nNothing was started", err)
	}
	if signs := signsOfUse(inbox); len(signs) > 0 {
		return fmt.Errorf("this bot seems to be in use: %s. The demo would take its updates away, so nothing was started.\n"+
			"Make a bot for the pilot (@BotFather, /newbot) and set TELEGRAM_TOKEN to its token, or add --take-over if nobody else needs this one",
			strings.Join(signs, ", and "))
	}
	return nil
}

// signsOfUse says what a bot's updates tell about somebody who works with it. Of the webhook only the host: its path may be secret.
func signsOfUse(in bot.Inbox) (signs []string) {
	if in.Webhook != "" {
		host := "an address that cannot be read"
		if u, err := url.Parse(in.Webhook); err == nil && u.Host != "" {
			host = u.Host
		}
		signs = append(signs, "Telegram delivers its updates to a webhook at "+host)
	}
	switch in.Waiting {
	case 0:
	case 1:
		signs = append(signs, "1 update waits to be taken")
	default:
		signs = append(signs, fmt.Sprintf("%d updates wait to be taken", in.Waiting))
	}
	return signs
}
