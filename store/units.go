package store

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// UnitEntry is a unit as a roster names it, with its parent by code.
type UnitEntry struct {
	Code       string `json:"code"` // in any case; stored as UnitCode writes it
	Name       string `json:"name"`
	ParentCode string `json:"parent"` // "" for a unit at the top
}

// Units returns all units in the order of their codes.
func (s *Store) Units(ctx context.Context) ([]Unit, error) {
	var list []Unit
	err := failed(s.db.WithContext(ctx).Order("code").Find(&list), "read units")
	return list, err
}

// UnitByID returns one unit, or ErrNotFound.
func (s *Store) UnitByID(ctx context.Context, id int64) (Unit, error) {
	var u Unit
	err := first(s.db.WithContext(ctx).Where("id = ?", id).Take(&u), "find unit")
	return u, err
}

// UnitCode writes a code the one way in which it is stored and compared, in capitals: "pkm" and "PKM" are one unit.
func UnitCode(text string) string { return strings.ToUpper(strings.TrimSpace(text)) }

// UnitByCode returns the unit with a code of the roster, in any case, or ErrNotFound. Of a unit that was merged into another it is
// the other one, which has another code.
func (s *Store) UnitByCode(ctx context.Context, code string) (Unit, error) {
	known, err := unitsByCode(s.db.WithContext(ctx), []string{UnitCode(code)})
	if err != nil {
		return Unit{}, err
	}
	u, found := known[UnitCode(code)]
	if !found {
		return Unit{}, ErrNotFound
	}
	return u, nil
}

// UnitByOwnCode is UnitByCode that returns a merged unit itself.
func (s *Store) UnitByOwnCode(ctx context.Context, code string) (Unit, error) {
	var u Unit
	err := first(s.db.WithContext(ctx).Where("code = ?", UnitCode(code)).Take(&u), "find unit")
	return u, err
}

// MergedUnits returns the codes of the units that were merged into others, each with the code under which it lives on.
func (s *Store) MergedUnits(ctx context.Context) (map[string]string, error) {
	tree, err := s.UnitTree(ctx)
	codes := map[string]string{}
	for _, u := range tree.units {
		if u.Closed() {
			codes[u.Code] = tree.units[tree.Successor(u.ID)].Code
		}
	}
	return codes, err
}

// Tree is the units as they hang together. It is a snapshot: read it anew for each piece of work.
type Tree struct {
	units    map[int64]Unit
	children map[int64][]int64 // 0 holds the units at the top
}

// UnitTree reads all units at once; a city has a few hundred.
func (s *Store) UnitTree(ctx context.Context) (Tree, error) {
	list, err := s.Units(ctx)
	if err != nil {
		return Tree{}, err
	}
	return newTree(list), nil
}

func newTree(list []Unit) Tree {
	t := Tree{units: map[int64]Unit{}, children: map[int64][]int64{}}
	for _, u := range list {
		t.units[u.ID] = u
		t.children[parentOf(u)] = append(t.children[parentOf(u)], u.ID)
	}
	return t
}

func parentOf(u Unit) int64 {
	if u.ParentID == nil {
		return 0
	}
	return *u.ParentID
}

// Unit returns a unit of the tree.
func (t Tree) Unit(id int64) (Unit, bool) {
	u, ok := t.units[id]
	return u, ok
}

// Directly lists the units that stand directly below one, merged ones too, in the order of their codes; of 0, those at the top.
func (t Tree) Directly(id int64) []Unit {
	units := make([]Unit, 0, len(t.children[id]))
	for _, child := range t.children[id] {
		units = append(units, t.units[child])
	}
	return units
}

// Successor returns the unit in which another one lives on: itself, unless it was merged. A loop in the data ends it.
func (t Tree) Successor(id int64) int64 {
	for range t.units {
		next := value(t.units[id].MergedInto)
		if next == 0 {
			break
		}
		id = next
	}
	return id
}

// Above returns the unit itself, then its parent and so on up to 0, the whole city. A loop in the data ends it.
func (t Tree) Above(id int64) []int64 {
	var path []int64
	for id != 0 && !slices.Contains(path, id) {
		path = append(path, id)
		id = parentOf(t.units[id])
	}
	return append(path, 0)
}

// circles reports that the way up from a unit comes by it again.
func (t Tree) circles(id int64) bool {
	path := t.Above(id)
	last, _ := t.Unit(path[len(path)-2])
	return last.ParentID != nil
}

// Below returns the unit itself and all units under it; of 0, every unit there is.
func (t Tree) Below(id int64) []int64 {
	var found []int64
	if id != 0 {
		found = append(found, id)
	} else {
		found = append(found, t.children[0]...)
	}
	seen := map[int64]bool{}
	for _, each := range found {
		seen[each] = true
	}
	for i := 0; i < len(found); i++ {
		for _, child := range t.children[found[i]] {
			if !seen[child] {
				seen[child] = true
				found = append(found, child)
			}
		}
	}
	return found
}

// Subtree returns the ids of a unit and of all units below it; of 0, every unit there is. ErrNotFound for an unknown unit.
func (s *Store) Subtree(ctx context.Context, unitID int64) ([]int64, error) {
	tree, err := s.UnitTree(ctx)
	if err != nil {
		return nil, err
	}
	if _, known := tree.Unit(unitID); !known && unitID != 0 {
		return nil, ErrNotFound
	}
	return tree.Below(unitID), nil
}

// AdministratorsFor returns the people who are responsible for a unit: its administrators, those of the units above it
// and those of the city, each once, in the order of their ids.
func (s *Store) AdministratorsFor(ctx context.Context, unitID int64) ([]int64, error) {
	return administratorsFor(s.db.WithContext(ctx), unitID)
}

func administratorsFor(tx *gorm.DB, units ...int64) ([]int64, error) {
	tree, err := treeIn(tx)
	if err != nil {
		return nil, err
	}
	var above []int64
	for _, id := range units {
		above = append(above, tree.Above(id)...)
	}
	var people []int64
	err = failed(tx.Table("person_roles").Distinct("people.id").
		Joins("JOIN people ON people.id = person_roles.person_id AND people.active = ?", true).
		Where("person_roles.role = ? AND person_roles.unit_id IN ?", Admin, above).
		Order("people.id").Pluck("people.id", &people), "find administrators")
	return people, err
}

// SaveUnits creates and changes units so that they are as the entries say; others stay. A parent may come later in the
// list. It works in chunks: after a failure the rest can be saved by calling it again. An unknown parent is ErrNotFound.
// What was merged into another unit stays as it is, and what is to stand below it stands below the other one.
func (s *Store) SaveUnits(ctx context.Context, actor int64, entries []UnitEntry) (Changes, error) {
	entries = slices.Clone(entries)
	for i := range entries {
		entries[i].Code, entries[i].ParentCode = UnitCode(entries[i].Code), UnitCode(entries[i].ParentCode)
	}
	return inChunks(ctx, s, "save units", actor, entries, s.saveUnits, s.saveParents)
}

// saveUnits writes codes, names and the parents that are there already, so that no new unit stands at the top of the city for a moment whose
// parent comes earlier in the list.
func (s *Store) saveUnits(tx *gorm.DB, actor int64, entries []UnitEntry) (outcomes, error) {
	done, err := s.saveNames(tx, actor, entries)
	if err != nil {
		return nil, err
	}
	known, err := unitsByCode(tx, codesOf(entries))
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(slices.Clone(entries), func(e UnitEntry) bool { return e.ParentCode != "" && known[e.ParentCode].ID == 0 })
	moved, err := s.saveParents(tx, actor, found)
	done.add(moved)
	return done, err
}

// saveNames writes codes and names.
func (s *Store) saveNames(tx *gorm.DB, actor int64, entries []UnitEntry) (outcomes, error) {
	known, err := unitsByCode(s.exclusive(tx), codesOf(entries))
	if err != nil {
		return nil, err
	}
	done, rows := outcomes{}, []Unit{}
	for _, e := range entries {
		old, exists := known[e.Code]
		if exists && (old.Name == e.Name || old.Code != e.Code) { // another code: it was merged
			continue
		}
		done[e.Code] = outcome{isNew: !exists, before: asJSON(old.Name, exists), after: asJSON(e, true)}
		rows = append(rows, Unit{Code: e.Code, Name: e.Name})
	}
	if len(rows) == 0 {
		return done, nil
	}
	upsert := clause.OnConflict{Columns: []clause.Column{{Name: "code"}}, DoUpdates: clause.AssignmentColumns([]string{"name", "updated_at"})}
	if err := failed(tx.Clauses(upsert).Create(&rows), "write units"); err != nil {
		return nil, err
	}
	known, err = unitsByCode(tx, codesOf(entries))
	if err != nil {
		return nil, err
	}
	return done, s.auditAll(tx, actor, "unit", done, func(code string) int64 { return known[code].ID })
}

// saveParents sets the parents, which exist by now. ErrUnitCircle when a unit would stand below itself.
func (s *Store) saveParents(tx *gorm.DB, actor int64, entries []UnitEntry) (outcomes, error) {
	if err := guardTree(tx); err != nil {
		return nil, err
	}
	known, err := unitsByCode(s.exclusive(tx), codesOf(entries))
	if err != nil {
		return nil, err
	}
	done := outcomes{}
	for _, e := range entries {
		parent, found := known[e.ParentCode]
		if e.ParentCode != "" && !found {
			return nil, ErrNotFound
		}
		unit := known[e.Code]
		if parentOf(unit) == parent.ID || unit.Code != e.Code || unit.ID == parent.ID { // the last two: merged, or into this one
			continue
		}
		update := map[string]any{"parent_id": nullable(parent.ID)}
		if err := failed(tx.Model(&Unit{}).Where("id = ?", unit.ID).Updates(update), "write parent"); err != nil {
			return nil, err
		}
		done[e.Code] = outcome{before: asJSON(parentOf(unit), true), after: asJSON(parent.ID, true)}
	}
	if len(done) > 0 {
		tree, err := treeIn(tx)
		if err != nil {
			return nil, err
		}
		for code := range done {
			if tree.circles(known[code].ID) {
				return nil, ErrUnitCircle
			}
		}
	}
	return done, s.auditAll(tx, actor, "unit", done, func(code string) int64 { return known[code].ID })
}

// codesOf are the codes of the entries and of their parents.
func codesOf(entries []UnitEntry) []string {
	codes := make([]string, 0, 2*len(entries))
	for _, e := range entries {
		codes = append(codes, e.Code, e.ParentCode)
	}
	return codes
}

// unitsByCode reads units. In the place of one that was merged stands the unit in which it lives on.
func unitsByCode(tx *gorm.DB, codes []string) (map[string]Unit, error) {
	tx = tx.Session(&gorm.Session{})
	var list []Unit
	if err := failed(tx.Where("code IN ?", codes).Order("id").Find(&list), "read units"); err != nil {
		return nil, err
	}
	known, merged := map[string]Unit{}, false
	for _, u := range list {
		known[u.Code] = u
		merged = merged || u.Closed()
	}
	if !merged {
		return known, nil
	}
	var all []Unit
	if err := failed(tx.Order("id").Find(&all), "read units"); err != nil {
		return nil, err
	}
	tree := newTree(all)
	for code, u := range known {
		known[code] = tree.units[tree.Successor(u.ID)]
	}
	return known, nil
}
