package store

import (
	"context"

	"gorm.io/gorm"
)

// Reach is how many people of an audience a message would reach now.
type Reach struct {
	Linked    int // and can be written to
	NotLinked int // have no account
	Blocked   int // blocked the bot
}

// None reports that nobody would get it.
func (r Reach) None() bool { return r.Linked == 0 }

// ReachOf counts the audience of an administrator's draft. The draft's author is not among them: he sees what became of it.
// ErrNotFound for a draft that is not his or goes beyond what he administers, ErrClosed for a period that is not open.
func (s *Store) ReachOf(ctx context.Context, adminID, id int64) (Reach, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return Reach{}, err
	}
	var m Message
	if err := first(tx.Where("id = ? AND author_id = ?", id, adminID).Take(&m), "find message"); err != nil {
		return Reach{}, err
	}
	if err := s.mayWrite(tx, scope, adminID, m); err != nil {
		return Reach{}, err
	}
	return reach(tx, scope, m)
}

func reach(tx *gorm.DB, scope Scope, m Message) (Reach, error) {
	var r Reach
	counted := audience(tx, scope, m).Joins("LEFT JOIN accounts AS a ON a.person_id = p.id").Select("COALESCE(SUM(CASE WHEN a.id IS NULL THEN 1 ELSE 0 END), 0) AS not_linked, " +
		"COALESCE(SUM(CASE WHEN a.id IS NOT NULL AND a.unreachable_since IS NULL THEN 1 ELSE 0 END), 0) AS linked, " +
		"COALESCE(SUM(CASE WHEN a.unreachable_since IS NOT NULL THEN 1 ELSE 0 END), 0) AS blocked")
	err := failed(counted.Take(&r), "count audience")
	return r, err
}

// audience selects the people p to whom a message of an administrator of a scope goes.
func audience(tx *gorm.DB, scope Scope, m Message) *gorm.DB {
	people := tx.Table("people AS p").Where("p.active = ? AND p.id <> ?", true, m.AuthorID)
	branch := scope.tree.Below(m.UnitID)
	fresh := tx.Session(&gorm.Session{NewDB: true})
	switch m.Audience {
	case ToUnit:
		return people.Where("p.unit_id IN ?", branch)
	case ToUnfinished:
		owing := fresh.Table("evaluations AS e").Select("e.evaluator_id").Where("e.period_id = ? AND e.state = ? AND e.evaluator_id IS NOT NULL", m.PeriodID, EvaluationOpen)
		if m.UnitID != 0 {
			owing = owing.Where("e.unit_id IN ?", branch)
		}
		return people.Where("p.id IN (?)", owing)
	case ToAdministrators:
		held := fresh.Table("person_roles AS r").Select("r.person_id").Where("r.role = ?", Admin)
		if m.UnitID != 0 && !scope.City() {
			branch = append(branch, 0) // the city's, to whom who administers a unit turns
		}
		if m.UnitID != 0 {
			held = held.Where("r.unit_id IN ?", branch)
		}
		return people.Where("p.id IN (?)", held)
	}
	return people
}
