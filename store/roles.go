package store

import (
	"context"
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

// GrantRole gives a person a role over a unit and all below it; unit 0 is the whole city. Granting it again changes nothing.
// ErrNotFound when the person is not on the roster or the unit does not exist, or not any more.
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

// grant writes the roles that are missing, with their audit, and returns them.
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

// RevokeRole takes a role over a unit away, 0 being the whole city, and reports whether there was one. Doing it twice is done already.
// ErrNotFound for an unknown person.
func (s *Store) RevokeRole(ctx context.Context, actor, personID int64, role Role, unitID int64) (bool, error) {
	revoked := false
	err := s.transaction(ctx, "revoke role", func(tx *gorm.DB) error {
		if err := first(s.exclusive(tx).Where("id = ?", personID).Take(&Person{}), "find person"); err != nil {
			return err
		}
		taken := tx.Where("person_id = ? AND role = ? AND unit_id = ?", personID, role, unitID).Delete(&PersonRole{})
		if revoked = taken.RowsAffected > 0; taken.Error != nil || !revoked {
			return failed(taken, "take role away")
		}
		return s.audit(tx, actor, "role.revoke", "person", personID, PersonRole{Role: role, UnitID: unitID}.String(), "")
	})
	return revoked, err
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
