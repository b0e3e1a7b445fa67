package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
)

// PersonCard is what an administrator sees of somebody in his units. Of evaluations it has where they stand and nothing of what is in them.
type PersonCard struct {
	Person
	Unit       string
	Evaluator  PersonFound // the zero value for none; he may have left
	Why        string      // why he is the evaluator although the roster does not know that he is entitled; "" while nobody said
	Evaluates  int         // people on the roster
	Account    Account     // the zero value for none
	Roles      []RoleOver
	Open       []OpenEvaluation // his, in periods that are not closed
	ToDo       int              // open evaluations of others that he is to do
	Departure  Departure        // when he left; counts only while he is not Active
	Himself    bool             // the administrator looks at himself
	Beyond     bool             // he holds a role over units that are not the administrator's: only who administers these too may change him
	Everywhere bool             // the administrator's own role is over the whole city
}

// RoleOver is a granted role with the name of its unit, "" for the whole city.
type RoleOver struct {
	PersonRole
	Unit string
}

// OpenEvaluation tells where an evaluation stands in a period that is not closed.
type OpenEvaluation struct {
	PeriodID  int64
	Kind      PeriodKind
	FirstDay  Date
	State     EvaluationState
	Begun     bool
	Evaluator string // pinned by the period; "" for none
}

// PersonCardOf returns the card of a person of an administrator's units, on the roster or not, and notes the look. ErrNotFound for everybody else.
func (s *Store) PersonCardOf(ctx context.Context, adminID, personID int64) (PersonCard, error) {
	tx := s.db.WithContext(ctx)
	person, scope, err := s.administeredPerson(tx, adminID, personID)
	if err != nil {
		return PersonCard{}, err
	}
	c := PersonCard{Person: person, Unit: scope.Name(person.UnitID), Himself: adminID == personID, Everywhere: scope.City()}
	if err := s.evaluatorOf(tx, &c); err != nil {
		return PersonCard{}, err
	}
	if c.Account, err = accountOf(tx, personID); err != nil {
		return PersonCard{}, err
	}
	if c.Roles, c.Beyond, err = rolesOf(tx, scope, personID); err != nil {
		return PersonCard{}, err
	}
	if err := s.workOf(tx, &c); err != nil {
		return PersonCard{}, err
	}
	return c, s.Looked(ctx, adminID, "person", personID)
}

// administeredPerson reads a person of an administrator's units; ErrNotFound for everybody else. Who has no unit is the city's.
func (s *Store) administeredPerson(tx *gorm.DB, adminID, personID int64) (Person, Scope, error) {
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return Person{}, Scope{}, err
	}
	var p Person
	if err := first(tx.Where("id = ?", personID).Take(&p), "find person"); err != nil {
		return Person{}, Scope{}, err
	}
	if !scope.Covers(p.UnitID) {
		return Person{}, Scope{}, ErrNotFound
	}
	return p, scope, nil
}

// evaluatorOf reads who evaluates, why, and how many are evaluated.
func (s *Store) evaluatorOf(tx *gorm.DB, c *PersonCard) error {
	if c.SuperiorID != nil {
		evaluator := tx.Table("people AS p").Joins("LEFT JOIN units AS u ON u.id = p.unit_id").Where("p.id = ?", *c.SuperiorID)
		if err := failed(evaluator.Select(foundColumns).Limit(1).Find(&c.Evaluator), "read evaluator"); err != nil {
			return err
		}
		var reasons []string
		given := tx.Model(&EvaluatorReason{}).Where("person_id = ? AND evaluator_id = ?", c.ID, *c.SuperiorID)
		if err := failed(given.Pluck("reason", &reasons), "read reason"); err != nil {
			return err
		}
		c.Why = slices.Concat(reasons, []string{""})[0]
	}
	var evaluates int64
	err := failed(tx.Model(&Person{}).Where("active = ? AND superior_id = ?", true, c.ID).Count(&evaluates), "count who is evaluated")
	c.Evaluates = int(evaluates)
	if err != nil || c.Active {
		return err
	}
	return failed(tx.Where("person_id = ?", c.ID).Limit(1).Find(&c.Departure), "read departure")
}

// rolesOf reads what was granted to a person, and whether some of it is beyond a scope.
func rolesOf(tx *gorm.DB, scope Scope, personID int64) (roles []RoleOver, beyond bool, err error) {
	var held []PersonRole
	err = failed(tx.Where("person_id = ?", personID).Order("id").Find(&held), "read roles")
	for _, r := range held {
		roles = append(roles, RoleOver{PersonRole: r, Unit: scope.Name(r.UnitID)})
		beyond = beyond || !scope.Covers(r.UnitID)
	}
	return roles, beyond, err
}

// workOf reads where his evaluations stand, and how many others wait for him.
func (s *Store) workOf(tx *gorm.DB, c *PersonCard) error {
	err := failed(tx.Table("evaluations AS e").Joins("JOIN periods AS p ON p.id = e.period_id AND p.state <> ?", PeriodClosed).
		Joins("LEFT JOIN people AS v ON v.id = e.evaluator_id").Where("e.employee_id = ?", c.ID).
		Select("e.period_id, p.kind, p.first_day, e.state, "+begun+" AS begun, COALESCE(v.name, '') AS evaluator").
		Order("p.first_day DESC, e.id DESC").Find(&c.Open), "read open evaluations")
	if err != nil {
		return err
	}
	var todo int64
	err = failed(tx.Table("evaluations AS e").Joins("JOIN periods AS p ON p.id = e.period_id AND p.state <> ?", PeriodClosed).
		Where("e.evaluator_id = ? AND e.state = ?", c.ID, EvaluationOpen).Count(&todo), "count what is to be evaluated")
	c.ToDo = int(todo)
	return err
}

// LinkedSince is when the account was linked; the zero time without one.
func (c PersonCard) LinkedSince() time.Time { return c.Account.CreatedAt }
