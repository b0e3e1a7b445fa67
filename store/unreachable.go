package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// KindUnreachable tells an administrator which people blocked the bot. Each has one row of it, which is owed anew on the day after
// somebody joined them: one message a day, however many there are.
const KindUnreachable = "unreachable"

// WIB is the zone in which days begin (Asia/Jakarta, which changes its clocks never).
var WIB = time.FixedZone("WIB", 7*60*60) //nolint:gochecknoglobals // a constant

// nextMidnight is when the next day begins.
func nextMidnight(now time.Time) time.Time {
	year, month, day := now.In(WIB).Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, WIB)
}

// MarkUnreachable notes that Telegram refuses to bring anything to a Telegram user: what is owed to him waits until he writes
// again, and his administrators hear of it the next day. ErrNotFound for a stranger.
func (s *Store) MarkUnreachable(ctx context.Context, telegramID int64) error {
	actor, err := s.ActorByTelegram(ctx, telegramID)
	if err != nil {
		return err
	}
	person, err := s.PersonByID(ctx, actor.PersonID)
	if err != nil {
		return err
	}
	administrators, err := s.AdministratorsFor(ctx, person.UnitID)
	if err != nil {
		return err
	}
	return s.transaction(ctx, "mark unreachable", func(tx *gorm.DB) error {
		now := s.now()
		if err := guard(tx.Model(&Person{}).Where("id = ?", person.ID), "guard person"); err != nil {
			return err
		}
		// Of this Telegram user: the account may have moved to another since it was read, who can be reached.
		var account Account
		if err := first(s.exclusive(tx).Where("person_id = ? AND telegram_id = ?", person.ID, telegramID).Take(&account), "lock account"); err != nil {
			return err
		}
		marked := tx.Model(&Account{}).Where("id = ? AND unreachable_since IS NULL", account.ID).Updates(map[string]any{"unreachable_since": now, "updated_at": now})
		if marked.Error != nil {
			return failed(marked, "mark account")
		}
		waiting := tx.Model(&Notification{}).Where("person_id = ? AND state = ?", person.ID, Owed).
			Updates(map[string]any{"state": Unreachable, "lease_owner": "", "lease_until": nil, "updated_at": now})
		if err := failed(waiting, "hold notifications"); err != nil || marked.RowsAffected == 0 {
			return err
		}
		return s.tellUnreachable(tx, person.ID, administrators)
	})
}

// tellUnreachable owes administrators the list of the next day. One that waits stays as it is, because it is drawn when it goes; one that
// is going just now may not have this person in it, and is taken from its courier to go again.
func (s *Store) tellUnreachable(tx *gorm.DB, personID int64, administrators []int64) error {
	due, keys, notices := nextMidnight(s.now()), []string{}, []Notice{}
	for _, admin := range administrators {
		if admin != personID {
			key := fmt.Sprintf("%s:%d", KindUnreachable, admin)
			keys = append(keys, key)
			notices = append(notices, Notice{Key: key, PersonID: admin, Kind: KindUnreachable, Args: fmt.Sprint(personID), DueAt: due})
		}
	}
	if len(keys) == 0 {
		return nil
	}
	waits := []NotificationState{Owed, Unreachable}
	anew := tx.Model(&Notification{}).Where("`key` IN ? AND NOT (state IN ? AND lease_owner = ?)", keys, waits, "").
		Updates(map[string]any{"state": Owed, "due_at": due.UTC(), "attempts": 0, "last_error": "", "lease_owner": "", "lease_until": nil, "updated_at": s.now()})
	if err := failed(anew, "tell of unreachable anew"); err != nil {
		return err
	}
	return s.notify(tx, notices...)
}

// UnreachableLine is somebody who blocked the bot or closed his account.
type UnreachableLine struct {
	PersonLine `gorm:"embedded"`
	Since      time.Time // when Telegram first said so
}

// UnreachablePeople lists whom an administrator must reach by other ways, the latest first, and counts all of them.
// ErrNotFound when he administers nothing.
func (s *Store) UnreachablePeople(ctx context.Context, adminID int64, offset, limit int) (lines []UnreachableLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	people := scope.narrow(tx.Table("accounts AS a").Joins("JOIN people AS p ON p.id = a.person_id AND p.active = ?", true).
		Where("a.unreachable_since IS NOT NULL"), "p.unit_id").Session(&gorm.Session{})
	var count int64
	if err := failed(people.Count(&count), "count unreachable people"); err != nil || count == 0 {
		return nil, 0, err
	}
	err = failed(people.Select("p.name, COALESCE(units.name, '') AS unit, a.unreachable_since AS since").
		Joins("LEFT JOIN units ON units.id = p.unit_id").
		Order("a.unreachable_since DESC, a.id DESC").Offset(offset).Limit(limit).Find(&lines), "list unreachable people")
	return lines, int(count), err
}
