package main

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"kinerja/bot"
	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/assignment"
	"kinerja/flows/indicator"
	"kinerja/flows/invite"
	"kinerja/flows/job"
	"kinerja/flows/leader"
	"kinerja/flows/message"
	"kinerja/flows/people"
	"kinerja/flows/performance"
	"kinerja/flows/period"
	"kinerja/flows/reminder"
	"kinerja/flows/result"
	"kinerja/flows/role"
	"kinerja/flows/rules"
	"kinerja/flows/scoring"
	"kinerja/flows/skp"
	"kinerja/flows/talk"
	"kinerja/flows/trail"
	"kinerja/flows/unit"
	"kinerja/flows/upload"
	"kinerja/locales"
	"kinerja/store/dialogue"
)

// loadConversations registers every conversation with the engine.
func (a *app) loadConversations(context.Context) error {
	calendar, err := a.calendar()
	if err != nil {
		return err
	}
	if a.catalog, err = locales.Load(calendar.Location()); err != nil {
		return err
	}
	if a.settings.schedule == "" {
		a.schedule, err = reminder.Default(calendar)
	} else {
		a.schedule, err = reminder.Read(a.settings.schedule, calendar)
	}
	if err != nil {
		return err
	}
	a.engine = flows.NewEngine(a.store, dialogue.New(a.redis, redisPrefix), a.catalog, a.settings.now)
	account.Register(a.engine, a.store, []account.MenuEntry{scoring.MenuEntry(a.store, calendar), scoring.FollowUpEntry(a.store), result.MenuEntry(a.store), talk.MenuEntry(a.store, calendar),
		leader.MenuEntry(a.store), period.MenuEntry(a.store)})
	scoring.Register(a.engine, a.store, scoring.Settings{Calendar: calendar, Grace: a.settings.grace, MinReason: a.settings.reasonMin})
	result.Register(a.engine, a.store, calendar)
	talk.Register(a.engine, a.store, calendar)
	invite.Register(a.engine, a.store, func(ctx context.Context) (string, error) { return a.bot.Me(ctx) })
	period.Register(a.engine, a.store, calendar, a.schedule.Allowed)
	assignment.Register(a.engine, a.store, calendar, a.settings.reasonMin)
	indicator.Register(a.engine, a.store)
	upload.Register(a.engine, a.store, fetcher{a})
	unit.Register(a.engine, a.store)
	people.Register(a.engine, a.store, calendar, a.settings.reasonMin)
	skp.Register(a.engine, a.store)
	role.Register(a.engine, a.store)
	leader.Register(a.engine, a.store, calendar)
	performance.Register(a.engine, a.store, calendar)
	trail.Register(a.engine, a.store)
	message.Register(a.engine, a.store, a.schedule.Allowed, message.Pace(a.settings.sendRate))
	reminder.Register(a.engine, a.store, a.schedule)
	return nil
}

// calendar is the working days of the settings.
func (a *app) calendar() (rules.Calendar, error) {
	calendar, err := rules.NewCalendar()
	if err != nil || a.settings.daysOff == "" {
		return calendar, err
	}
	off, err := rules.ReadDaysOff(a.settings.daysOff)
	return calendar.WithDaysOff(off), err
}

// shower edits the message that shows the progress of long work.
type shower struct{ app *app }

// Show draws a page for a Telegram user into one of his messages.
func (s shower) Show(ctx context.Context, telegramID int64, message int, link flows.Link) error {
	actor, err := s.app.store.ActorByTelegram(ctx, telegramID)
	if err != nil {
		return fmt.Errorf("show progress: %w", err)
	}
	screen, err := s.app.engine.Draw(ctx, actor, link)
	if err != nil {
		return fmt.Errorf("show progress: %w", err)
	}
	_, err = s.app.bot.Edit(ctx, telegramID, message, screen)
	return err
}

// menus are what everybody finds behind Telegram's menu button, until his own menu was drawn: in the language of the app, Indonesian for all others.
func menus(catalog *locales.Catalog) []bot.Menu {
	var list []bot.Menu
	for _, language := range append([]string{""}, locales.Languages...) {
		list = append(list, bot.Menu{Language: language, Commands: account.Commands(catalog.In(language))})
	}
	return list
}

// fetcher fetches what people sent, once the bot is there.
type fetcher struct{ app *app }

// Fetch tells what is the file's own fault from what may pass.
func (f fetcher) Fetch(ctx context.Context, fileID string, limit int64) ([]byte, error) {
	content, err := f.app.bot.Download(ctx, fileID, limit)
	var failure *bot.Failure
	switch {
	case errors.Is(err, bot.ErrTooLarge):
		return nil, upload.ErrTooLarge
	case errors.As(err, &failure) && (failure.Kind == bot.Refused || failure.Kind == bot.FileLost):
		return nil, upload.ErrGone
	}
	return content, err
}

// works is the long work of all conversations.
func (a *app) works() map[string]job.Work {
	all := period.Works(a.store)
	maps.Copy(all, upload.Works(a.store, fetcher{a}))
	maps.Copy(all, message.Works(a.store, message.Pace(a.settings.sendRate)))
	return all
}
