package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Roles returns what was granted to a person.
func (s *Store) Roles(ctx context.Context, personID int64) ([]PersonRole, error) {
	var roles []PersonRole
	err := failed(s.db.WithContext(ctx).Where("person_id = ?", personID).Order("id").Find(&roles), "read roles")
	return roles, err
}

// MayorTakenError says that somebody else is the Kepala Daerah already. It is an ErrConflict.
type MayorTakenError struct {
	PersonID int64
	Name     string
}

func (e *MayorTakenError) Error() string { return "somebody else is the Kepala Daerah" }

// Unwrap makes it an ErrConflict.
func (e *MayorTakenError) Unwrap() error { return ErrConflict }

// IsMayor reports whether a person is the Kepala Daerah, whose results are final without objection (PermenPANRB 6/2022, annex IV.A.12).
func (s *Store) IsMayor(ctx context.Context, personID int64) (bool, error) {
	return isMayor(s.db.WithContext(ctx), personID)
}

func isMayor(tx *gorm.DB, personID int64) (bool, error) {
	var held []int64
	err := failed(tx.Model(&PersonRole{}).Where("person_id = ? AND role = ? AND unit_id = 0", personID, Mayor).Pluck("id", &held), "find mayor")
	return len(held) > 0, err
}

// GrantRole gives a person a role over a unit and all below it; unit 0 is the whole city. It is the operator's, who may do so without a
// role; in the chat it is GiveRole. Granting it again changes nothing. ErrNotFound when the person is not on the roster or the unit does
// not exist or does not any more, or not any more, ErrConflict for a Kepala Daerah of a unit, *MayorTakenError for a second one.
func (s *Store) GrantRole(ctx context.Context, actor, personID int64, role Role, unitID int64) error {
	return s.transaction(ctx, "grant role", func(tx *gorm.DB) error {
		if _, err := s.onRoster(tx, personID); err != nil {
			return err
		}
		if err := openUnits(tx, unitID); err != nil {
			return err
		}
		_, err := s.grant(tx, actor, []PersonRole{{PersonID: personID, Role: role, UnitID: unitID}})
		return err
	})
}

// grant writes the roles that are missing, with their audit, and returns them. A person who gives them may: see mayGive.
func (s *Store) grant(tx *gorm.DB, actor int64, wanted []PersonRole) ([]PersonRole, error) {
	people := []int64{}
	for _, r := range wanted {
		people = append(people, r.PersonID)
	}
	var have []PersonRole
	if err := failed(s.exclusive(tx).Where("person_id IN ?", people).Find(&have), "read roles"); err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(wanted), func(w PersonRole) bool {
		return slices.ContainsFunc(have, func(h PersonRole) bool {
			return h.PersonID == w.PersonID && h.Role == w.Role && h.UnitID == w.UnitID
		})
	})
	if len(missing) == 0 {
		return nil, nil
	}
	if err := s.mayGive(tx, actor, missing); err != nil {
		return nil, err
	}
	if err := s.oneMayor(tx, missing); err != nil {
		return nil, err
	}
	if err := failed(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&missing), "write roles"); err != nil {
		return nil, err
	}
	for _, r := range missing {
		if err := s.audit(tx, actor, "role.grant", "person", r.PersonID, "", r.String()); err != nil {
			return nil, err
		}
	}
	return missing, nil
}

// oneMayor holds that there is one Kepala Daerah, over the city: *MayorTakenError for another one. Two nodes that make one each meet in
// the rows of the city's administrators.
func (s *Store) oneMayor(tx *gorm.DB, wanted []PersonRole) error {
	var mayor int64
	for _, w := range wanted {
		switch {
		case w.Role != Mayor:
		case w.UnitID != 0 || mayor != 0 && mayor != w.PersonID:
			return ErrConflict
		default:
			mayor = w.PersonID
		}
	}
	if mayor == 0 {
		return nil
	}
	if _, err := s.cityAdministrators(tx); err != nil {
		return err
	}
	var others []int64
	held := s.exclusive(tx).Model(&PersonRole{}).Where("role = ? AND person_id <> ?", Mayor, mayor)
	if err := failed(held.Limit(1).Pluck("person_id", &others), "find mayor"); err != nil || len(others) == 0 {
		return err
	}
	var other Person
	err := first(tx.Where("id = ?", others[0]).Take(&other), "find person")
	return errors.Join(err, &MayorTakenError{PersonID: other.ID, Name: other.Name})
}

// cityAdministrators returns the people who administer the whole city, and writes their rows: who decides by them, or makes one of them
// none any more, decides with everybody else who does.
func (s *Store) cityAdministrators(tx *gorm.DB) ([]int64, error) {
	var ids []int64
	held := s.exclusive(tx).Model(&PersonRole{}).Where("role = ? AND unit_id = 0", Admin).Order("person_id")
	if err := failed(held.Pluck("person_id", &ids), "find administrators of the city"); err != nil || len(ids) == 0 {
		return nil, err
	}
	return ids, guard(tx.Model(&Person{}).Where("id IN ?", ids), "guard administrators of the city")
}

// RevokeRole takes a role over a unit away, 0 being the whole city, and reports whether there was one. Doing it twice is done already. It is
// the operator's: in the chat it is TakeRole. ErrNotFound for an unknown person; ErrLastAdministrator as it says there.
func (s *Store) RevokeRole(ctx context.Context, actor, personID int64, role Role, unitID int64) (bool, error) {
	revoked := false
	err := s.transaction(ctx, "revoke role", func(tx *gorm.DB) error {
		if err := first(s.exclusive(tx).Where("id = ?", personID).Take(&Person{}), "find person"); err != nil {
			return err
		}
		if err := guard(tx.Model(&Person{}).Where("id = ?", personID), "guard person"); err != nil {
			return err
		}
		var held []PersonRole
		err := failed(s.exclusive(tx).Where("person_id = ? AND role = ? AND unit_id = ?", personID, role, unitID).Find(&held), "read roles")
		if revoked = len(held) > 0; err != nil || !revoked {
			return err
		}
		return s.revoke(tx, actor, held)
	})
	return revoked, err
}

// revoke takes roles away that are locked, with their audit.
func (s *Store) revoke(tx *gorm.DB, actor int64, held []PersonRole) error {
	ids := make([]int64, 0, len(held))
	for _, role := range held {
		ids = append(ids, role.ID)
	}
	if err := s.cityStays(tx, actor, held); err != nil {
		return err
	}
	if err := failed(tx.Where("id IN ?", ids).Delete(&PersonRole{}), "take roles away"); err != nil {
		return err
	}
	for _, role := range held {
		if err := s.audit(tx, actor, "role.revoke", "person", role.PersonID, role.String(), ""); err != nil {
			return err
		}
	}
	return nil
}

// cityStays holds that somebody who can enter still administers the whole city once some roles are taken away: ErrLastAdministrator when
// nobody would, whoever takes them in the chat. The operator may do it, as he can name somebody again, and says so: see CityEntered.
func (s *Store) cityStays(tx *gorm.DB, actor int64, taken []PersonRole) error {
	leaving := map[int64]bool{}
	for _, role := range taken {
		if role.Role == Admin && role.UnitID == 0 {
			leaving[role.PersonID] = true
		}
	}
	if len(leaving) == 0 {
		return nil
	}
	return s.cityEntered(tx, actor, func(id int64) bool { return leaving[id] })
}

// entryStays is cityStays for an account that is about to end.
func (s *Store) entryStays(tx *gorm.DB, actor int64, old Account) error {
	if old.ID == 0 || actor == 0 {
		return nil
	}
	return s.cityEntered(tx, actor, func(id int64) bool { return id == old.PersonID })
}

// cityEntered holds that one of those who administer the city can enter when some of them are gone. It says nothing to the operator, nor where
// none of them goes.
func (s *Store) cityEntered(tx *gorm.DB, actor int64, goes func(id int64) bool) error {
	all, err := s.cityAdministrators(tx)
	if err != nil || actor == 0 || !slices.ContainsFunc(all, goes) {
		return err
	}
	staying := slices.DeleteFunc(all, goes)
	var linked []int64
	err = failed(s.shared(tx).Model(&Account{}).Where("person_id IN ?", staying).Limit(1).Pluck("person_id", &linked), "find who can enter")
	if err == nil && len(linked) == 0 {
		err = ErrLastAdministrator
	}
	return err
}

// CityEntered counts the people who administer the whole city, and those of them who can enter because they are linked.
func (s *Store) CityEntered(ctx context.Context) (all, linked int, err error) {
	var rows []struct{ Linked bool }
	err = failed(s.db.WithContext(ctx).Table("person_roles AS r").Select("a.id IS NOT NULL AS linked").
		Joins("JOIN people AS p ON p.id = r.person_id AND p.active = ?", true).Joins("LEFT JOIN accounts AS a ON a.person_id = r.person_id").
		Where("r.role = ? AND r.unit_id = 0", Admin).Find(&rows), "count administrators of the city")
	for _, row := range rows {
		if row.Linked {
			linked++
		}
	}
	return len(rows), linked, err
}

// String writes a role for the audit: "admin 3", over unit 3.
func (r PersonRole) String() string { return fmt.Sprintf("%s %d", r.Role, r.UnitID) }

// move is a person who goes from one unit to another.
type move struct{ person, from, to int64 }

// moveRoles takes the roles that people hold over the unit they leave along to the unit they come to. Whoever administered the old
// unit administers it no longer; roles over other units and over the city stay.
func (s *Store) moveRoles(tx *gorm.DB, actor int64, moves []move) error {
	if len(moves) == 0 {
		return nil
	}
	people := make([]int64, 0, len(moves))
	for _, m := range moves {
		people = append(people, m.person)
	}
	var held []PersonRole
	if err := failed(s.exclusive(tx).Where("person_id IN ? AND unit_id <> 0", people).Order("id").Find(&held), "read roles"); err != nil {
		return err
	}
	for _, m := range moves {
		for _, role := range held {
			if role.PersonID == m.person && role.UnitID == m.from {
				if err := s.moveRole(tx, actor, role, m.to, held); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *Store) moveRole(tx *gorm.DB, actor int64, role PersonRole, unitID int64, held []PersonRole) error {
	there := role
	there.UnitID = unitID
	known := slices.ContainsFunc(held, func(h PersonRole) bool { return h.PersonID == role.PersonID && h.String() == there.String() })
	var moved *gorm.DB
	if known {
		moved = tx.Where("id = ?", role.ID).Delete(&PersonRole{})
	} else {
		moved = tx.Model(&PersonRole{}).Where("id = ?", role.ID).Update("unit_id", unitID)
	}
	if err := failed(moved, "move role"); err != nil {
		return err
	}
	return s.audit(tx, actor, "role.move", "person", role.PersonID, role.String(), there.String())
}
