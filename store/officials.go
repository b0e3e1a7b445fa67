package store

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"
)

// heirsShown is how many are proposed as the next evaluator.
const heirsShown = 3

// Heirs proposes to an administrator who may evaluate somebody from now on: whom the roster names as the evaluator of those who have the same one in the
// period, then the superior of then. It leaves out the evaluator of now, who has left, and the administrator. ErrNotFound as EvaluationFor.
func (s *Store) Heirs(ctx context.Context, adminID, evaluationID int64) ([]Chosen, error) {
	e, err := s.EvaluationFor(ctx, adminID, evaluationID)
	if err != nil {
		return nil, err
	}
	tx := s.db.WithContext(ctx)
	same := tx.Table("evaluations AS e").Where("e.id = ?", e.ID)
	if e.EvaluatorID != nil {
		same = tx.Table("evaluations AS e").Where("e.period_id = ? AND e.evaluator_id = ? AND e.state = ?", e.PeriodID, *e.EvaluatorID, EvaluationOpen)
	}
	var ids []int64
	err = failed(same.Joins("JOIN people AS w ON w.id = e.employee_id").Joins("JOIN people AS s ON s.id = w.superior_id AND s.active = ?", true).
		Select("s.id").Group("s.id").Order("COUNT(*) DESC, s.id").Limit(heirsShown+2).Find(&ids), "find evaluators of the roster")
	if err != nil {
		return nil, err
	}
	named := len(ids)
	if e.SuperiorID != nil && !slices.Contains(ids, *e.SuperiorID) {
		ids = append(ids, *e.SuperiorID)
	}
	superiors := ids[named:]
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == adminID || id == value(e.EvaluatorID) || id == e.EmployeeID })
	var heirs []Chosen
	for _, id := range ids[:min(len(ids), heirsShown)] {
		one, err := s.OfficialFor(ctx, adminID, id)
		switch {
		case err == nil:
			one.Superior = slices.Contains(superiors, id)
			heirs = append(heirs, one)
		case !errors.Is(err, ErrNotFound):
			return nil, err
		}
	}
	return heirs, nil
}

// Chosen is somebody who may become an evaluator, or a deputy.
type Chosen struct {
	Person
	Unit     string
	Below    bool // below pejabat pengawas
	Linked   bool
	Superior bool `gorm:"-"` // of Heirs: he is the superior of the evaluator of now, and the roster does not name him
}

// FindOfficials lists people on the roster of the whole city whose name holds every word of a text, or whose NIP begins with it, for an
// administrator who looks for an evaluator, and counts all of them: without himself, and without another one where there is one. ErrNotFound to
// everybody else.
func (s *Store) FindOfficials(ctx context.Context, adminID, without int64, text string, offset, limit int) (found []Chosen, total int, err error) {
	tx := s.db.WithContext(ctx)
	if _, err := s.administered(tx, adminID); err != nil {
		return nil, 0, err
	}
	return foundOfficials(namedLike(tx.Table("people AS w").Where("w.active = ? AND w.id NOT IN ?", true, []int64{adminID, without}), "w", text), offset, limit)
}

// FindEvaluators lists who of an administrator's units evaluates somebody by the roster, for whom he may name a deputy; with a text those whom it finds
// as FindOfficials does. ErrNotFound when he administers nothing.
func (s *Store) FindEvaluators(ctx context.Context, adminID int64, text string, offset, limit int) (found []Chosen, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	led := tx.Table("people AS led").Select("led.superior_id").Where("led.active = ? AND led.superior_id IS NOT NULL", true)
	list := scope.narrow(tx.Table("people AS w").Where("w.active = ? AND w.id IN (?)", true, led), "w.unit_id")
	return foundOfficials(namedLike(list, "w", text), offset, limit)
}

// foundOfficials reads a part of a list of people w.
func foundOfficials(list *gorm.DB, offset, limit int) (found []Chosen, total int, err error) {
	list = list.Session(&gorm.Session{})
	var count int64
	if err := failed(list.Count(&count), "count officials"); err != nil || count == 0 {
		return nil, 0, err
	}
	err = failed(list.Joins("LEFT JOIN units AS u ON u.id = w.unit_id").Select("w.*, COALESCE(u.name, '') AS unit").
		Order("CASE WHEN w.position_kind = 'struktural' THEN 0 ELSE 1 END, w.name, w.id").Offset(offset).Limit(limit).Find(&found), "find officials")
	return found, int(count), err
}

// OfficialIn is OfficialFor for somebody in the administrator's units only: whom a deputy may be named for.
func (s *Store) OfficialIn(ctx context.Context, adminID, personID int64) (Chosen, error) {
	scope, err := s.administered(s.db.WithContext(ctx), adminID)
	if err != nil {
		return Chosen{}, err
	}
	c, err := s.OfficialFor(ctx, adminID, personID)
	if err == nil && !scope.Covers(c.UnitID) {
		return Chosen{}, ErrNotFound
	}
	return c, err
}

// OfficialFor returns one of them; ErrNotFound for who has left, and to who administers nothing.
func (s *Store) OfficialFor(ctx context.Context, adminID, personID int64) (Chosen, error) {
	tx := s.db.WithContext(ctx)
	if _, err := s.administered(tx, adminID); err != nil {
		return Chosen{}, err
	}
	var c Chosen
	err := first(tx.Table("people AS w").Joins("LEFT JOIN units AS u ON u.id = w.unit_id").Joins("LEFT JOIN accounts AS a ON a.person_id = w.id").
		Select("w.*, COALESCE(u.name, '') AS unit, a.id IS NOT NULL AS linked").Where("w.id = ? AND w.active = ?", personID, true).Take(&c), "read official")
	if err == nil {
		c.Below, err = belowSupervisor(tx, c.Person)
	}
	return c, err
}
