package store

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Notice is a notification that a change owes to somebody, to be written with the change.
type Notice struct {
	Key      string // unique; the same key again is the same notification
	PersonID int64
	PeriodID int64 // 0 for none
	Kind     string
	Args     string
	DueAt    time.Time // zero means now
}

// notify writes what is owed in the transaction of its cause. A notification that exists already stays as it is.
func (s *Store) notify(tx *gorm.DB, notices ...Notice) error {
	if len(notices) == 0 {
		return nil
	}
	rows := s.notificationsOf(notices)
	return failed(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows), "write notifications")
}

// unlessThere makes an insert pass over rows that exist and count those which did not. MySQL does not tell that of a write that ends in an update.
func (s *Store) unlessThere() clause.Expression {
	if s.engine == "sqlite" {
		return clause.OnConflict{DoNothing: true}
	}
	return clause.Insert{Modifier: "IGNORE"}
}

// notifyNew is notify that counts those which did not exist.
func (s *Store) notifyNew(tx *gorm.DB, notices ...Notice) (int, error) {
	rows := s.notificationsOf(notices)
	written := tx.Clauses(s.unlessThere()).Create(&rows)
	return int(written.RowsAffected), failed(written, "write notifications")
}

func (s *Store) notificationsOf(notices []Notice) []Notification {
	now := s.now()
	rows := make([]Notification, 0, len(notices))
	for _, n := range notices {
		due := n.DueAt.UTC()
		if n.DueAt.IsZero() {
			due = now
		}
		rows = append(rows, Notification{Key: n.Key, PersonID: n.PersonID, PeriodID: n.PeriodID, Kind: n.Kind, Args: n.Args, State: Owed, DueAt: due})
	}
	return rows
}

// audit writes who changed what, in the transaction of the change.
func (s *Store) audit(tx *gorm.DB, actor int64, action, subject string, object int64, before, after string) error {
	row := Audit{At: s.now(), ActorID: actor, Action: action, Subject: subject, ObjectID: object, Before: before, After: after}
	return failed(tx.Create(&row), "write audit")
}
