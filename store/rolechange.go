package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// Why a role is not given or not taken. Each is an ErrConflict.
var (
	// ErrOwnRole is returned to whoever would change what he may do himself.
	ErrOwnRole = fmt.Errorf("nobody changes his own roles: %w", ErrConflict)
	// ErrRolesChanged is returned when something has been decided about a person since the screen was drawn.
	ErrRolesChanged = fmt.Errorf("person has changed meanwhile: %w", ErrConflict)
	// ErrLastAdministrator is returned when nobody who can enter would administer the city any more.
	ErrLastAdministrator = fmt.Errorf("nobody would administer the city: %w", ErrConflict)
)

// What a person is told of his roles. The arguments are who did it, 0 for the operator, the role and the unit.
const (
	KindRoleGiven = "role_given"
	KindRoleTaken = "role_taken"
)

// GiveRole lets an administrator give a person a role over a unit and all below it, 0 being the whole city, and reports whether he did not
// hold it. seen is RoleHolder.Seen of the screen on which it was decided. Both person and unit must be his, nobody gives himself anything
// (ErrOwnRole), and only who administers the city makes its Kepala Daerah; ErrNotFound for all that is not his. ErrRolesChanged after
// another decision about the person, *MayorTakenError while somebody else is the Kepala Daerah. The person is told.
func (s *Store) GiveRole(ctx context.Context, adminID, personID int64, role Role, unitID int64, seen int) (bool, error) {
	given := false
	err := s.transaction(ctx, "give role", func(tx *gorm.DB) error {
		given = false
		if err := s.guardBoth(tx, adminID, personID); err != nil {
			return err
		}
		if err := openUnits(tx, unitID); err != nil {
			return err
		}
		scope, err := s.administered(tx, adminID)
		if err != nil {
			return err
		}
		holder, err := holderOf(tx, scope, adminID, personID)
		switch {
		case err != nil:
			return err
		case holder.Own:
			return ErrOwnRole
		case !holder.MayReceive || !role.Valid() || !scope.Covers(unitID) || role == Mayor && unitID != 0:
			return ErrNotFound
		case holder.holds(role, unitID):
			return nil
		case (holder.Seen-1+seenTurns)%seenTurns != seen: // the row was written by guardBoth
			return ErrRolesChanged
		}
		granted, err := s.grant(tx, adminID, []PersonRole{{PersonID: personID, Role: role, UnitID: unitID}})
		if given = len(granted) > 0; err != nil || !given {
			return err
		}
		return s.tellOfRole(tx, KindRoleGiven, adminID, granted[0])
	})
	return given, err
}

// TakeRole lets an administrator take a role away, by its id, and returns it. Whether he may follows from what the role is over: he takes
// every role over his units and those below them, also one that somebody above him gave or that an equal of his holds; one over a wider unit,
// or over the city, is not his to see. ErrNotFound then, and when the role was taken already; ErrOwnRole for one of his own, and
// ErrLastAdministrator as cityStays says. The person is told.
func (s *Store) TakeRole(ctx context.Context, adminID, roleID int64) (PersonRole, error) {
	var role PersonRole // whose it is never changes
	if err := first(s.db.WithContext(ctx).Where("id = ?", roleID).Take(&role), "find role"); err != nil {
		return role, err
	}
	return role, s.transaction(ctx, "take role", func(tx *gorm.DB) error {
		if err := s.guardBoth(tx, adminID, role.PersonID); err != nil {
			return err
		}
		if err := first(s.exclusive(tx).Where("id = ?", roleID).Take(&PersonRole{}), "find role"); err != nil {
			return err
		}
		scope, err := s.administered(tx, adminID)
		switch {
		case err != nil:
			return err
		case !scope.Covers(role.UnitID):
			return ErrNotFound
		case role.PersonID == adminID:
			return ErrOwnRole
		}
		if err := s.revoke(tx, adminID, []PersonRole{role}); err != nil {
			return err
		}
		return s.tellOfRole(tx, KindRoleTaken, adminID, role)
	})
}

// guardBoth writes the rows of who changes a role and of whose it is, before anything is read. So two who take each other's role, here or
// on two nodes, do it one after the other, and the second one has nothing left to do it with.
func (s *Store) guardBoth(tx *gorm.DB, adminID, personID int64) error {
	return guard(tx.Model(&Person{}).Where("id IN ?", []int64{adminID, personID}), "guard people")
}

// mayGive holds that whoever gives roles to others, such as by a roster, gives only what is his to give and nothing to himself. The
// operator may give everything.
func (s *Store) mayGive(tx *gorm.DB, actor int64, roles []PersonRole) error {
	if actor == 0 {
		return nil
	}
	scope, err := s.administered(tx, actor)
	for _, r := range roles {
		switch {
		case err != nil:
			return err
		case r.PersonID == actor:
			return ErrOwnRole
		case !scope.Covers(r.UnitID):
			return ErrNotFound
		}
	}
	return err
}

// tellOfRole owes the news to the person whose role it is.
func (s *Store) tellOfRole(tx *gorm.DB, kind string, actor int64, role PersonRole) error {
	return s.notify(tx, Notice{Key: fmt.Sprintf("%s:%d", kind, role.ID), PersonID: role.PersonID, Kind: kind,
		Args: fmt.Sprintf("%d:%s:%d", actor, role.Role, role.UnitID)})
}

// RoleNews tells whether news of a role is still true for a person, with the name of the unit, "" for the city, and that of who did it, ""
// for the operator. ErrNotFound when the unit is gone.
func (s *Store) RoleNews(ctx context.Context, personID, actor int64, role Role, unitID int64) (held bool, unit, by string, err error) {
	roles, err := s.Roles(ctx, personID)
	if err != nil {
		return false, "", "", err
	}
	for _, r := range roles {
		held = held || r.Role == role && r.UnitID == unitID
	}
	if unitID != 0 {
		u, err := s.UnitByID(ctx, unitID)
		if err != nil {
			return false, "", "", err
		}
		unit = u.Name
	}
	person, err := s.PersonByID(ctx, actor)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return held, unit, person.Name, err
}
