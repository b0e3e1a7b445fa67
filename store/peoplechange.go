package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Why a person cannot be changed. Nothing was.
var (
	// ErrHimself is returned when somebody would change of himself, or make of himself, what gives him rights or takes others' hold on him away.
	ErrHimself = errors.New("nobody does this to himself")
	// ErrBeyond is returned for a person who holds a role over units that the administrator does not administer.
	ErrBeyond = errors.New("holds a role beyond the administrator's units")
	// ErrNIPTaken is returned for a NIP that somebody else has.
	ErrNIPTaken = errors.New("NIP is taken")
	// ErrOwnEvaluator, ErrCircle and ErrEvaluatorLeft say why somebody cannot be the evaluator of a person.
	ErrOwnEvaluator  = errors.New("is the person himself")
	ErrCircle        = fmt.Errorf("evaluators would go round in a circle: %w", ErrConflict)
	ErrEvaluatorLeft = errors.New("evaluator has left")
)

// PersonField is something about a person that is changed by itself.
type PersonField string

// The fields.
const (
	FieldNIP      PersonField = "nip"
	FieldName     PersonField = "name"
	FieldPosition PersonField = "position"
	FieldKind     PersonField = "kind"
	FieldGrade    PersonField = "grade"
	FieldPhone    PersonField = "phone"
)

// Field is what stands in a field; "" for one that does not exist.
func (p Person) Field(f PersonField) string {
	return map[PersonField]string{FieldNIP: p.NIP, FieldName: p.Name, FieldPosition: p.Position, FieldKind: p.PositionKind, FieldGrade: p.Grade, FieldPhone: p.Phone}[f]
}

// Seen is a short mark of what somebody saw in a field, for the button with which he changes it.
func Seen(value string) string {
	sum := sha256.Sum256([]byte(value))
	return "s" + hex.EncodeToString(sum[:5])
}

// EvaluatorReason is why somebody evaluates a person although the roster does not know that he is entitled. It counts while he is the evaluator.
type EvaluatorReason struct {
	PersonID    int64 `gorm:"primaryKey;autoIncrement:false"`
	EvaluatorID int64
	Reason      string
	GivenBy     int64
	CreatedAt   time.Time
}

// ChangePerson writes one field of a person on the roster, as an import would, and reports whether that changed anything. seen is the mark
// of what the administrator saw there: ErrConflict when it says something else by now. The reason is kept in the audit; "" for none.
// ErrNotFound for a person who is not his, ErrHimself for his own NIP, ErrBeyond and ErrNIPTaken.
func (s *Store) ChangePerson(ctx context.Context, adminID, personID int64, field PersonField, seen, value, reason string) (bool, error) {
	changed := false
	err := s.transaction(ctx, "change person", func(tx *gorm.DB) error {
		changed = false
		p, _, err := s.changing(tx, adminID, personID)
		switch {
		case err != nil:
			return err
		case field == FieldNIP && adminID == personID:
			return ErrHimself
		case p.Field(field) == value:
			return nil
		case Seen(p.Field(field)) != seen:
			return ErrConflict
		}
		changed = true
		if field == FieldNIP {
			return s.correctNIP(tx, adminID, p, value, reason)
		}
		entry, err := s.entryOf(tx, p)
		if err != nil {
			return err
		}
		*map[PersonField]*string{FieldName: &entry.Name, FieldPosition: &entry.Position, FieldKind: &entry.PositionKind, FieldGrade: &entry.Grade, FieldPhone: &entry.Phone}[field] = value
		_, err = s.savePeople(tx, adminID, []PersonEntry{entry})
		return err
	})
	return changed, err
}

// correctNIP gives a person another NIP. It is all that an import finds him by.
func (s *Store) correctNIP(tx *gorm.DB, adminID int64, p Person, nip, reason string) error {
	err := first(s.exclusive(tx).Where("nip = ?", nip).Take(&Person{}), "find NIP")
	if err == nil {
		return ErrNIPTaken
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := failed(tx.Model(&Person{}).Where("id = ?", p.ID).Updates(map[string]any{"nip": nip, "updated_at": s.now()}), "correct NIP"); err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrNIPTaken
		}
		return err
	}
	if reason != "" {
		nip += " " + reason
	}
	return s.audit(tx, adminID, "person.nip", "person", p.ID, p.NIP, nip)
}

// MovePerson takes a person from one unit to another, as an import would: the roles that he holds over the one go along. Open evaluations
// stay as their periods have pinned them. Both units must be the administrator's: ErrNotFound. ErrConflict when he is in a third unit by now.
func (s *Store) MovePerson(ctx context.Context, adminID, personID, from, to int64) (bool, error) {
	moved := false
	err := s.transaction(ctx, "move person", func(tx *gorm.DB) error {
		moved = false
		p, scope, err := s.changing(tx, adminID, personID)
		unit, known := scope.tree.Unit(to)
		switch {
		case err != nil:
			return err
		case adminID == personID:
			return ErrHimself
		case !known || !scope.takesNew(to):
			return ErrNotFound
		case p.UnitID == to:
			return nil
		case p.UnitID != from:
			return ErrConflict
		}
		entry := plainEntry(p)
		entry.UnitCode, moved = unit.Code, true
		_, err = s.savePeople(tx, adminID, []PersonEntry{entry})
		return err
	})
	return moved, err
}

// SetEvaluator names who evaluates a person from the next period on, 0 for nobody. from is who the administrator saw: ErrConflict when it is
// somebody else by now. With a reason the present one may be named again, to keep it. accept judges the evaluator, with the reason that was given; its error ends it. ErrHimself when either is the
// administrator, ErrOwnEvaluator, ErrCircle and ErrEvaluatorLeft as they say.
func (s *Store) SetEvaluator(ctx context.Context, adminID, personID, from, to int64, reason string, accept func(evaluator Person) error) (bool, error) {
	set := false
	err := s.transaction(ctx, "set evaluator", func(tx *gorm.DB) error {
		set = false
		p, scope, err := s.changing(tx, adminID, personID)
		switch {
		case err != nil:
			return err
		case adminID == personID, adminID == to:
			return ErrHimself
		case value(p.SuperiorID) == to && (from != to || reason == ""):
			return nil
		case value(p.SuperiorID) != from:
			return ErrConflict
		}
		entry := PersonEntry{NIP: p.NIP}
		if to != 0 {
			evaluator, err := candidate(tx, scope, p, to, func(id int64) error {
				return guard(tx.Model(&Person{}).Where("id = ?", id), "guard evaluator")
			})
			if err != nil {
				return err
			}
			if err := accept(evaluator); err != nil {
				return err
			}
			entry.SuperiorNIP = evaluator.NIP
		}
		set = true
		if _, err := s.saveSuperiors(tx, adminID, []PersonEntry{entry}); err != nil {
			return err
		}
		return s.noteReason(tx, EvaluatorReason{PersonID: personID, EvaluatorID: to, Reason: reason, GivenBy: adminID})
	})
	return set, err
}

// EvaluatorFor reads who might become the evaluator of a person; errors are those of SetEvaluator.
func (s *Store) EvaluatorFor(ctx context.Context, adminID, personID, evaluatorID int64) (Person, error) {
	tx := s.db.WithContext(ctx)
	p, scope, err := s.administeredPerson(tx, adminID, personID)
	if err != nil {
		return Person{}, err
	}
	if adminID == evaluatorID || adminID == personID {
		return Person{}, ErrHimself
	}
	return candidate(tx, scope, p, evaluatorID, func(int64) error { return nil })
}

// candidate reads who may become the evaluator of a person. Each on the way up from him is held, so that no two changes close a circle together.
func candidate(tx *gorm.DB, scope Scope, p Person, evaluatorID int64, hold func(id int64) error) (Person, error) {
	if evaluatorID == p.ID {
		return Person{}, ErrOwnEvaluator
	}
	evaluator, way, err := wayUp(tx, scope, evaluatorID, hold)
	switch {
	case err != nil:
		return Person{}, err
	case slices.Contains(way, p.ID):
		return Person{}, ErrCircle
	}
	if !evaluator.Active {
		return Person{}, ErrEvaluatorLeft
	}
	return evaluator, nil
}

// noteReason keeps why somebody is the evaluator; without a reason it forgets an earlier one.
func (s *Store) noteReason(tx *gorm.DB, row EvaluatorReason) error {
	if row.Reason == "" {
		return failed(tx.Where("person_id = ?", row.PersonID).Delete(&EvaluatorReason{}), "forget reason")
	}
	if err := failed(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row), "keep reason"); err != nil {
		return err
	}
	return s.audit(tx, row.GivenBy, "person.evaluator_reason", "person", row.PersonID, fmt.Sprint(row.EvaluatorID), row.Reason)
}

// NewPerson puts a person on the roster in one of the administrator's units. The reason tells why an unlikely NIP is right; "" for none.
// Once more with the same name and unit is done already; ErrNIPTaken for the NIP of anybody else, also of who left.
func (s *Store) NewPerson(ctx context.Context, adminID int64, entry PersonEntry, unitID int64, reason string) (Person, error) {
	var made Person
	err := s.transaction(ctx, "new person", func(tx *gorm.DB) error {
		scope, err := s.administered(tx, adminID)
		if err != nil {
			return err
		}
		unit, known := scope.tree.Unit(unitID)
		if !known || !scope.takesNew(unitID) {
			return ErrNotFound
		}
		made = Person{}
		switch err = first(s.exclusive(tx).Where("nip = ?", entry.NIP).Take(&made), "find NIP"); {
		case err == nil && made.Active && made.UnitID == unitID && made.Name == entry.Name:
			return nil
		case err == nil:
			return ErrNIPTaken
		case !errors.Is(err, ErrNotFound):
			return err
		}
		entry.UnitCode, entry.SuperiorNIP, entry.Roles = unit.Code, "", nil
		if made, err = s.createPerson(tx, adminID, entry, unitID); err != nil || reason == "" {
			return err
		}
		return s.audit(tx, adminID, "person.nip", "person", made.ID, "", reason)
	})
	return made, err
}

// createPerson puts a person on the roster. Nothing locks a NIP that nobody has: of two who create one at the same moment one is told
// that it is taken.
func (s *Store) createPerson(tx *gorm.DB, actor int64, e PersonEntry, unitID int64) (Person, error) {
	if err := openUnits(tx, unitID); err != nil {
		return Person{}, err
	}
	p := Person{NIP: e.NIP, Name: e.Name, Position: e.Position, PositionKind: e.PositionKind, Grade: e.Grade, UnitID: unitID, Phone: e.Phone, Active: true}
	if err := failed(tx.Create(&p), "create person"); err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			err = ErrNIPTaken
		}
		return Person{}, err
	}
	made := outcomes{e.NIP: {isNew: true, after: asJSON(e, true)}}
	return p, s.auditAll(tx, actor, "person", made, func(string) int64 { return p.ID })
}

// BringBack puts somebody on the roster again who left it, as an import would: in the unit and with the evaluator that he had, without
// account and without roles. ErrNotFound for who is not the administrator's. Somebody who is on it is done already.
func (s *Store) BringBack(ctx context.Context, adminID, personID int64) (bool, error) {
	back := false
	err := s.transaction(ctx, "bring back", func(tx *gorm.DB) error {
		back = false
		if err := guard(tx.Model(&Person{}).Where("id = ?", personID), "guard person"); err != nil {
			return err
		}
		p, _, err := s.administeredPerson(tx, adminID, personID)
		if err != nil || p.Active {
			return err
		}
		entry, err := s.entryOf(tx, p)
		if err != nil {
			return err
		}
		back = true
		_, err = s.savePeople(tx, adminID, []PersonEntry{entry})
		return err
	})
	return back, err
}

// changing reads a person on the roster whom an administrator may change, guarded until the commit. ErrNotFound when he is not one of his
// or has left; ErrBeyond when he holds a role over units of others.
func (s *Store) changing(tx *gorm.DB, adminID, personID int64) (Person, Scope, error) {
	p, err := s.onRoster(tx, personID)
	if err != nil {
		return Person{}, Scope{}, err
	}
	scope, err := s.administered(tx, adminID)
	if err == nil && !scope.Covers(p.UnitID) {
		err = ErrNotFound
	}
	if err != nil {
		return Person{}, Scope{}, err
	}
	_, beyond, err := rolesOf(tx, scope, personID)
	if err == nil && beyond {
		err = ErrBeyond
	}
	return p, scope, err
}

// plainEntry is a person as a roster names him, without unit and superior.
func plainEntry(p Person) PersonEntry {
	return PersonEntry{NIP: p.NIP, Name: p.Name, Position: p.Position, PositionKind: p.PositionKind, Grade: p.Grade, Phone: p.Phone}
}

// entryOf is a person as a roster names him, without superior. Who has no unit yet cannot be named by one: ErrNotFound.
func (s *Store) entryOf(tx *gorm.DB, p Person) (PersonEntry, error) {
	var unit Unit
	err := first(s.shared(tx).Where("id = ?", p.UnitID).Take(&unit), "find unit")
	entry := plainEntry(p)
	entry.UnitCode = unit.Code
	return entry, err
}
