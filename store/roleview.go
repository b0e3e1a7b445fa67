package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// seenTurns is after how many decisions about one person RoleHolder.Seen begins anew, so that it fits into a button.
const seenTurns = 1_000_000

// RoleLine is a role with its holder, as an administrator sees it.
type RoleLine struct {
	ID        int64
	PersonID  int64
	Name      string
	Role      Role
	UnitID    int64  // 0 for the whole city
	Unit      string // name; "" for the whole city
	CreatedAt time.Time
}

// RoleHolder is a person with the roles that an administrator may see of him.
type RoleHolder struct {
	PersonID   int64
	Name       string
	Position   string
	UnitID     int64
	Unit       string // name; "" for none
	Linked     bool
	Own        bool // the administrator himself
	MayReceive bool // roles, from this administrator: the person is one of his units', and not himself
	Seen       int  // of how many decisions about the person the screen knows
	Roles      []RoleLine
}

func (h RoleHolder) holds(role Role, unitID int64) bool {
	for _, r := range h.Roles {
		if r.Role == role && r.UnitID == unitID {
			return true
		}
	}
	return false
}

const roleColumns = "r.id, r.person_id, p.name, r.role, r.unit_id, COALESCE(u.name, '') AS unit, r.created_at"

// rolesWithin selects the roles r over the units of a scope, with their holders p and units u.
func rolesWithin(tx *gorm.DB, scope Scope) *gorm.DB { return scope.narrow(everyRole(tx), "r.unit_id") }

func everyRole(tx *gorm.DB) *gorm.DB {
	return tx.Table("person_roles AS r").Joins("JOIN people AS p ON p.id = r.person_id AND p.active = ?", true).
		Joins("LEFT JOIN units AS u ON u.id = r.unit_id").Where("r.role IN ?", []Role{Admin, Leader, Mayor})
}

// RolesIn lists who holds which role over the units of an administrator, those over the city first, then by unit, and counts them. A text
// keeps those whose name, NIP or unit holds each of its words. ErrNotFound when he administers nothing.
func (s *Store) RolesIn(ctx context.Context, adminID int64, text string, offset, limit int) (lines []RoleLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	list := rolesWithin(tx, scope)
	for _, word := range strings.Fields(text) {
		part := "%" + literal.Replace(word) + "%"
		list = list.Where("(p.name LIKE ? ESCAPE '!' OR p.nip LIKE ? ESCAPE '!' OR u.name LIKE ? ESCAPE '!')", part, part, part)
	}
	list = list.Session(&gorm.Session{})
	var count int64
	if err := failed(list.Count(&count), "count roles"); err != nil || count == 0 {
		return nil, 0, err
	}
	err = failed(list.Select(roleColumns).Order("CASE WHEN r.unit_id = 0 THEN 0 ELSE 1 END, u.code, r.role, p.name, r.id").
		Offset(offset).Limit(limit).Find(&lines), "list roles")
	return lines, int(count), err
}

// HolderOf returns a person with his roles to an administrator: those over units of his, and the person when he belongs to one of them or
// holds such a role. ErrNotFound for all others, for who has left, and when he administers nothing.
func (s *Store) HolderOf(ctx context.Context, adminID, personID int64) (RoleHolder, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return RoleHolder{}, err
	}
	return holderOf(tx, scope, adminID, personID)
}

func holderOf(tx *gorm.DB, scope Scope, adminID, personID int64) (RoleHolder, error) {
	var row struct {
		PersonID, UnitID, Guard int64
		Name, Position, Unit    string
		Linked                  bool
	}
	err := first(tx.Table("people AS p").Select("p.id AS person_id, p.name, p.position, p.unit_id, COALESCE(u.name, '') AS unit, a.id IS NOT NULL AS linked, p.guard").
		Joins("LEFT JOIN units AS u ON u.id = p.unit_id").Joins("LEFT JOIN accounts AS a ON a.person_id = p.id").
		Where("p.id = ? AND p.active = ?", personID, true).Take(&row), "find person")
	if err != nil {
		return RoleHolder{}, err
	}
	holder := RoleHolder{PersonID: row.PersonID, Name: row.Name, Position: row.Position, UnitID: row.UnitID, Unit: row.Unit, Linked: row.Linked,
		Own: personID == adminID, Seen: int(row.Guard % seenTurns)}
	holder.MayReceive = !holder.Own && scope.Covers(holder.UnitID)
	err = failed(everyRole(tx).Where("r.person_id = ?", personID).Select(roleColumns).
		Order("CASE WHEN r.unit_id = 0 THEN 0 ELSE 1 END, u.code, r.role, r.id").Find(&holder.Roles), "read roles of a person")
	holder.Roles = slices.DeleteFunc(holder.Roles, func(r RoleLine) bool { return !scope.Covers(r.UnitID) })
	if err == nil && len(holder.Roles) == 0 && !scope.Covers(holder.UnitID) {
		err = ErrNotFound
	}
	return holder, err
}

// RoleOf returns a role over a unit of an administrator with its holder; ErrNotFound for all others.
func (s *Store) RoleOf(ctx context.Context, adminID, roleID int64) (RoleLine, RoleHolder, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return RoleLine{}, RoleHolder{}, err
	}
	var line RoleLine
	err = first(everyRole(tx).Where("r.id = ?", roleID).Select(roleColumns).Take(&line), "find role")
	if err == nil && !scope.Covers(line.UnitID) {
		err = ErrNotFound
	}
	if err != nil {
		return RoleLine{}, RoleHolder{}, err
	}
	holder, err := holderOf(tx, scope, adminID, line.PersonID)
	return line, holder, err
}

// MayorNow returns who the Kepala Daerah is, 0 for nobody.
func (s *Store) MayorNow(ctx context.Context) (personID int64, name string, err error) {
	var p Person
	err = first(s.db.WithContext(ctx).Joins("JOIN person_roles AS r ON r.person_id = people.id AND r.role = ? AND r.unit_id = 0", Mayor).Take(&p), "find mayor")
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return p.ID, p.Name, err
}
