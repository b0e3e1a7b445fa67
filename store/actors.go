package store

import (
	"context"
	"time"
)

// Actor is the person behind a Telegram user, as far as every tap needs it. The zero Actor is a stranger.
type Actor struct {
	AccountID        int64
	PersonID         int64
	TelegramID       int64
	Name             string
	Language         string
	NoticeVersion    string
	UnreachableSince *time.Time
}

// Known reports whether the Telegram user is linked to a person.
func (a Actor) Known() bool { return a.PersonID != 0 }

const actorColumns = "accounts.id AS account_id, accounts.person_id, accounts.telegram_id, accounts.language, accounts.notice_version, accounts.unreachable_since, people.name"

// ActorByTelegram returns who a Telegram user is: ErrNotFound for a stranger, and for somebody who left the roster.
func (s *Store) ActorByTelegram(ctx context.Context, telegramID int64) (Actor, error) {
	return s.actor(ctx, "accounts.telegram_id = ?", telegramID)
}

// ActorByPerson returns the linked Telegram user of a person; ErrNotFound when he has none or left the roster.
func (s *Store) ActorByPerson(ctx context.Context, personID int64) (Actor, error) {
	return s.actor(ctx, "accounts.person_id = ?", personID)
}

func (s *Store) actor(ctx context.Context, where string, value int64) (Actor, error) {
	var a Actor
	err := first(s.db.WithContext(ctx).Table("accounts").Select(actorColumns).
		Joins("JOIN people ON people.id = accounts.person_id AND people.active = ?", true).
		Where(where, value).Take(&a), "find actor")
	return a, err
}
