package store

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// Scope is what an administrator is responsible for: the units that his role names and all below them.
type Scope struct {
	tree  Tree
	roots []int64
}

// AdminScope returns what a person administers. Of somebody who is no administrator it is empty.
func (s *Store) AdminScope(ctx context.Context, personID int64) (Scope, error) {
	return s.scopeIn(s.db.WithContext(ctx), personID)
}

func (s *Store) scopeIn(tx *gorm.DB, personID int64) (Scope, error) {
	return scopeOf(tx, personID, Admin)
}

// scopeOf is what some roles of a person cover together.
func scopeOf(tx *gorm.DB, personID int64, roles ...Role) (Scope, error) {
	var scope Scope
	held := tx.Model(&PersonRole{}).Distinct("unit_id").Where("person_id = ? AND role IN ?", personID, roles).Order("unit_id")
	err := failed(held.Pluck("unit_id", &scope.roots), "read roles")
	if err != nil || scope.None() {
		return scope, err
	}
	scope.tree, err = treeIn(tx)
	return scope, err
}

// administered is the scope of an administrator; ErrNotFound for everybody else.
func (s *Store) administered(tx *gorm.DB, personID int64) (Scope, error) {
	scope, err := s.scopeIn(tx, personID)
	if err == nil && scope.None() {
		err = ErrNotFound
	}
	return scope, err
}

func treeIn(tx *gorm.DB) (Tree, error) {
	var list []Unit
	err := failed(tx.Order("code").Find(&list), "read units")
	return newTree(list), err
}

// None reports that there is nothing to administer.
func (c Scope) None() bool { return len(c.roots) == 0 }

// City reports that all units are covered, those to come included.
func (c Scope) City() bool { return slices.Contains(c.roots, 0) }

// Covers reports whether a unit is within the scope; 0 is the whole city. An unknown unit is in no scope.
func (c Scope) Covers(unitID int64) bool {
	if _, known := c.tree.Unit(unitID); !known && unitID != 0 {
		return false
	}
	return slices.ContainsFunc(c.tree.Above(unitID), func(above int64) bool { return slices.Contains(c.roots, above) })
}

// takesNew reports whether a unit of the scope can have something new: it was not merged into another one.
func (c Scope) takesNew(unitID int64) bool {
	unit, _ := c.tree.Unit(unitID)
	return c.Covers(unitID) && !unit.Closed()
}

// Unit returns a unit of the scope, also one that was merged; false for all others.
func (c Scope) Unit(unitID int64) (Unit, bool) {
	unit, known := c.tree.Unit(unitID)
	return unit, known && c.Covers(unitID)
}

// Units lists the units of the scope, those that were merged too, those that the role names first, then level by level.
func (c Scope) Units() []Unit {
	var units []Unit
	seen := map[int64]bool{}
	for _, root := range c.roots {
		for _, id := range c.tree.Below(root) {
			if unit, known := c.tree.Unit(id); known && !seen[id] {
				seen[id] = true
				units = append(units, unit)
			}
		}
	}
	return units
}

// Roots lists the units that the roles name. The whole city is none of them.
func (c Scope) Roots() []Unit {
	var units []Unit
	for _, id := range c.roots {
		if unit, known := c.tree.Unit(id); known {
			units = append(units, unit)
		}
	}
	return units
}

// Widest lists the units that the roles name and that lie below no other of them; 0, the whole city, is then the only one.
func (c Scope) Widest() []int64 {
	return slices.DeleteFunc(slices.Clone(c.roots), func(id int64) bool {
		return slices.ContainsFunc(c.tree.Above(id), func(above int64) bool { return above != id && slices.Contains(c.roots, above) })
	})
}

// Start is the unit with which a choice begins: the only one that the roles name, else 0.
func (c Scope) Start() int64 {
	if len(c.roots) == 1 {
		return c.roots[0]
	}
	return 0
}

// Parts lists the units of the scope directly below a unit; of 0, where the scope begins. A unit at the top that holds all
// others is the whole city, and its parts stand in its place. Units that were merged into others are not offered.
func (c Scope) Parts(unitID int64) []Unit { return slices.DeleteFunc(c.everPart(unitID), Unit.Closed) }

// everPart is Parts with the units that were merged, each a part of the one that took it over.
func (c Scope) everPart(unitID int64) []Unit {
	if unitID == 0 && !c.City() {
		return c.Roots()
	}
	if top := c.tree.children[0]; unitID == 0 && len(top) == 1 && len(c.tree.children[top[0]]) > 0 {
		unitID = top[0]
	}
	var units []Unit
	for _, id := range c.tree.children[unitID] {
		if unit, known := c.tree.Unit(id); known {
			units = append(units, unit)
		}
	}
	return units
}

// Top is the unit at the top that holds all others, which is the whole city, to whoever administers that; 0 where there is none.
func (c Scope) Top() int64 {
	if top := c.tree.children[0]; c.City() && len(top) == 1 && len(c.tree.children[top[0]]) > 0 {
		return top[0]
	}
	return 0
}

// Choices lists the units that one may choose in the scope, level by level. A unit at the top that holds all others is the whole
// city and not listed, nor are units that were merged into others.
func (c Scope) Choices() []Unit { return slices.DeleteFunc(c.everChoice(), Unit.Closed) }

func (c Scope) everChoice() []Unit {
	units := c.Units()
	if top := c.tree.children[0]; c.City() && len(top) == 1 {
		units = slices.DeleteFunc(units, func(u Unit) bool { return u.ID == top[0] })
	}
	return units
}

// Matching lists those of the Choices whose name or code holds every word of a text, in any case.
func (c Scope) Matching(text string) []Unit { return matching(c.Choices(), text) }

// EverMatching is Matching where history is shown: it finds what was merged into another unit, too.
func (c Scope) EverMatching(text string) []Unit { return matching(c.everChoice(), text) }

func matching(units []Unit, text string) []Unit {
	wanted := strings.Fields(strings.ToLower(text))
	var found []Unit
	for _, u := range units {
		name, holds := strings.ToLower(u.Name+" "+u.Code), len(wanted) > 0
		for _, word := range wanted {
			holds = holds && strings.Contains(name, word)
		}
		if holds {
			found = append(found, u)
		}
	}
	return found
}

// Above is the unit among whose Parts a unit stands; 0 where a choice begins.
func (c Scope) Above(unitID int64) int64 {
	if unitID == c.Start() {
		return 0
	}
	if slices.ContainsFunc(c.everPart(0), func(u Unit) bool { return u.ID == unitID }) {
		return 0
	}
	unit, _ := c.tree.Unit(unitID)
	return parentOf(unit)
}

// Name returns the name of a unit; "" for the whole city and for an unknown one.
func (c Scope) Name(unitID int64) string {
	unit, _ := c.tree.Unit(unitID)
	return unit.Name
}

// related lists the units whose periods touch the scope: its own units and those above them, up to the whole city.
func (c Scope) related() []int64 {
	ids := []int64{0}
	for _, root := range c.roots {
		ids = append(ids, c.tree.Above(root)...)
		ids = append(ids, c.tree.Below(root)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// near reports whether a unit is in the scope or above it: there are the evaluators of its people.
func (c Scope) near(unitID int64) bool {
	return c.City() || unitID != 0 && slices.Contains(c.related(), unitID)
}

// narrow keeps the rows of a query whose unit is within the scope.
func (c Scope) narrow(tx *gorm.DB, column string) *gorm.DB {
	if c.City() {
		return tx
	}
	var ids []int64
	for _, unit := range c.Units() {
		ids = append(ids, unit.ID)
	}
	return tx.Where(column+" IN ?", ids)
}
