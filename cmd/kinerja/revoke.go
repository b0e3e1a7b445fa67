package main

import (
	"fmt"
	"strings"

	"kinerja/store"
)

type revokeCommand struct {
	databaseSetting
	NIP  string `name:"nip" required:"" placeholder:"N" help:"Who holds the role."`
	Role string `enum:"admin,leader,mayor" required:"" help:"The role to take away: admin, leader or mayor."`
	Unit string `placeholder:"CODE" help:"The role over this unit; the one over the whole city when not given."`
}

// Run takes one role away. Who does not hold it is told which he holds.
func (r *revokeCommand) Run(c console) error {
	return onPerson(c, r.databaseSetting, r.NIP, func(s *store.Store, person store.Person) error {
		unit, err := unitOf(c, s, r.Unit)
		if err != nil {
			return err
		}
		revoked, err := s.RevokeRole(c.ctx, 0, person.ID, store.Role(r.Role), unit.ID)
		if err != nil {
			return err
		}
		held, err := heldRoles(c, s, person)
		if err != nil {
			return err
		}
		if !revoked {
			return fmt.Errorf("%s does not hold this role; nothing was changed. Held: %s", person.Name, held)
		}
		if _, err := fmt.Fprintf(c.stdout, "%s (%s) is not %s over %s any more. Still held: %s\n", person.Name, person.NIP, r.Role, over(unit), held); err != nil {
			return err
		}
		return warnOfNoAdministrator(c, s)
	})
}

// over names what a role is over.
func over(unit store.Unit) string {
	if unit.ID == 0 {
		return "the whole city"
	}
	return unit.Code
}

// heldRoles lists the roles of a person with what they are over.
func heldRoles(c console, s *store.Store, person store.Person) (string, error) {
	roles, err := s.Roles(c.ctx, person.ID)
	if err != nil {
		return "", err
	}
	var list []string
	for _, role := range roles {
		unit := store.Unit{}
		if role.UnitID != 0 {
			if unit, err = s.UnitByID(c.ctx, role.UnitID); err != nil {
				return "", err
			}
		}
		list = append(list, fmt.Sprintf("%s over %s", role.Role, over(unit)))
	}
	if len(list) == 0 {
		return "no role", nil
	}
	return strings.Join(list, ", "), nil
}
