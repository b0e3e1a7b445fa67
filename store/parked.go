package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// oweChunk is how many parked notifications are owed again in one transaction.
const oweChunk = 500

// ParkedFor counts the notifications to an administrator's people that were parked after many tries; those to strangers are the
// city's. ErrNotFound when he administers nothing.
func (s *Store) ParkedFor(ctx context.Context, adminID int64) (int, error) {
	parked, err := s.parkedFor(s.db.WithContext(ctx), adminID)
	if err != nil {
		return 0, err
	}
	var n int64
	err = failed(parked.Count(&n), "count parked notifications")
	return int(n), err
}

// UndeliveredLine is somebody whom messages have not reached.
type UndeliveredLine struct {
	Name    string // "" for who is not on the roster
	Unit    string
	Failed  int // given up after many tries
	Waiting int // until he links an account or unblocks the bot
}

// undelivered lists the people of some messages by name, and counts them.
func undelivered(messages *gorm.DB, offset, limit int) (lines []UndeliveredLine, total int, err error) {
	messages = messages.Session(&gorm.Session{})
	var count int64
	if err := failed(messages.Distinct("n.person_id").Count(&count), "count people without their messages"); err != nil || count == 0 {
		return nil, 0, err
	}
	err = failed(messages.Joins("LEFT JOIN people AS w ON w.id = n.person_id").Joins("LEFT JOIN units AS u ON u.id = w.unit_id").
		Select("COALESCE(w.name, '') AS name, COALESCE(u.name, '') AS unit, SUM(CASE WHEN n.state = ? THEN 1 ELSE 0 END) AS failed, "+
			"SUM(CASE WHEN n.state = ? THEN 1 ELSE 0 END) AS waiting", Failed, Unreachable).
		Group("n.person_id, w.name, u.name").Order("w.name, n.person_id").Offset(offset).Limit(limit).Find(&lines), "list people without their messages")
	return lines, int(count), err
}

// ParkedPeople lists whose messages OweParkedAgain would send again, and counts them. ErrNotFound to who administers nothing.
func (s *Store) ParkedPeople(ctx context.Context, adminID int64, offset, limit int) ([]UndeliveredLine, int, error) {
	messages, err := s.parkedFor(s.db.WithContext(ctx), adminID)
	if err != nil {
		return nil, 0, err
	}
	return undelivered(messages, offset, limit)
}

// UndeliveredIn lists the people of an administrator whom messages of a period have not reached, and counts them. ErrNotFound when none of
// the period's units are his.
func (s *Store) UndeliveredIn(ctx context.Context, adminID, periodID int64, offset, limit int) (AdminPeriod, []UndeliveredLine, int, error) {
	tx := s.db.WithContext(ctx)
	period, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return AdminPeriod{}, nil, 0, err
	}
	lines, total, err := undelivered(ofPeriod(tx, scope, periodID, Failed, Unreachable), offset, limit)
	return period, lines, total, err
}

// OweParkedAgain lets everything be sent again that was parked for an administrator's people, and returns how much that was.
// ErrNotFound when he administers nothing.
func (s *Store) OweParkedAgain(ctx context.Context, adminID int64) (int, error) {
	return s.oweParkedAgain(ctx, adminID, func(tx *gorm.DB) (*gorm.DB, error) { return s.parkedFor(tx, adminID) })
}

// OweAllParkedAgain is OweParkedAgain for the whole city, by the program itself.
func (s *Store) OweAllParkedAgain(ctx context.Context) (int, error) {
	return s.oweParkedAgain(ctx, 0, func(tx *gorm.DB) (*gorm.DB, error) { return parked(tx), nil })
}

func parked(tx *gorm.DB) *gorm.DB { return tx.Table("notifications AS n").Where("n.state = ?", Failed) }

func (s *Store) parkedFor(tx *gorm.DB, adminID int64) (*gorm.DB, error) {
	scope, err := s.scopeIn(tx, adminID)
	switch {
	case err != nil:
		return nil, err
	case scope.None():
		return nil, ErrNotFound
	case scope.City():
		return parked(tx), nil
	}
	return scope.narrow(parked(tx).Joins("JOIN people AS p ON p.id = n.person_id"), "p.unit_id"), nil
}

// oweParkedAgain works chunk by chunk: what is done stays done when a later chunk fails, and can be asked for again.
func (s *Store) oweParkedAgain(ctx context.Context, actor int64, which func(*gorm.DB) (*gorm.DB, error)) (int, error) {
	for total := 0; ; {
		done := 0
		err := s.transaction(ctx, "owe parked notifications again", func(tx *gorm.DB) error {
			some, err := which(tx)
			if err != nil {
				return err
			}
			var ids []int64
			if err := failed(some.Order("n.id").Limit(oweChunk).Pluck("n.id", &ids), "find parked notifications"); err != nil {
				return err
			}
			if done = len(ids); done == 0 {
				return nil
			}
			owed := tx.Model(&Notification{}).Where("id IN ? AND state = ?", ids, Failed).
				Updates(map[string]any{"state": Owed, "attempts": 0, "last_error": "", "updated_at": s.now()})
			if err := failed(owed, "owe again"); err != nil {
				return err
			}
			return s.audit(tx, actor, "notifications.owed_again", "notification", ids[0], string(Failed), fmt.Sprint(owed.RowsAffected))
		})
		if total += done; err != nil || done < oweChunk {
			return total, err
		}
	}
}
