package store

// A city's units come, are named anew, move and are merged. The rules:
//
//   - Who: the administrator of the unit and of what it stands below, and of where it goes. So nobody takes the unit that his own role
//     names away from those above him: of that one he may change the name, and what is below it. Everybody else is told ErrNotFound.
//   - A unit never goes below itself, nor into one that stands below it. Changes of the tree write one row, the first unit's, so that two that
//     would make a circle together come one after the other, on two nodes of a cluster too (see guard.go). What a screen showed is carried
//     along: when it is otherwise by now, nothing is changed.
//   - A unit that is merged stays as a closed row with its name, its code, the successor and the moment. Evaluations, results, templates,
//     periods and the audit keep pointing at it. It stands below its successor, so that whoever administers the successor reaches what is its,
//     a period of it alone that is open too. It takes nobody and nothing new, and no choice offers it.
//   - Its people, those who left too, belong to the successor from then on. Who evaluates whom stays. Open evaluations stay as they were pinned:
//     unit, template, evaluator. While a period is being opened for it, and not for its successor too, it cannot be merged.
//   - The units below it stand below the successor. What was merged into it before stays below it.
//   - Roles over it end, because over the successor they would be rights over more people than before; or they follow, if the administrator says
//     so. His own end in any case. A city expects the former: the successor has its own administrators. Each is audited.
//   - Its template stays in its history. The successor keeps its own, or that which it inherits; or takes the merged unit's over as a
//     new version, if the administrator says so. Periods to come are evaluated with that.
//   - Its code stays known: a roster that names it means the successor (UnitByCode, SaveUnits, SavePeople), and Check of flows/roster warns.
//   - Nobody is told but the administrators whose scope is another one afterwards, once.

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"

	"gorm.io/gorm"
)

// Why a unit cannot be changed so. Each is an ErrConflict.
var (
	ErrUnitExists  = fmt.Errorf("another unit has this code: %w", ErrConflict)
	ErrUnitClosed  = fmt.Errorf("unit was merged into another: %w", ErrConflict)
	ErrUnitCircle  = fmt.Errorf("unit would stand below itself: %w", ErrConflict)
	ErrUnitOwn     = fmt.Errorf("unit is the one that the administrator's role names: %w", ErrConflict)
	ErrUnitOpening = fmt.Errorf("a period is being opened for the unit: %w", ErrConflict)
	ErrUnitChanged = fmt.Errorf("unit is not as it was shown: %w", ErrConflict)
)

// Operator is who changes units at the command line, beside the ids of administrators: he covers all of them. In the audit he is the program.
const Operator int64 = -1

// KindUnitMoved and KindUnitMerged tell an administrator that he is responsible for other units than before. Args is the unit.
const (
	KindUnitMoved  = "unit_moved"
	KindUnitMerged = "unit_merged"
)

// unitScope is what somebody may change.
func (s *Store) unitScope(tx *gorm.DB, actor int64) (Scope, error) {
	if actor != Operator {
		return s.administered(tx, actor)
	}
	tree, err := treeIn(tx)
	return Scope{tree: tree, roots: []int64{0}}, err
}

// audited is the person who stands in the audit.
func audited(actor int64) int64 { return max(0, actor) }

// guardTree orders the changes of the tree: the first unit's row is written by each.
func guardTree(tx *gorm.DB) error {
	var ids []int64
	if err := failed(tx.Model(&Unit{}).Order("id").Limit(1).Pluck("id", &ids), "find first unit"); err != nil || len(ids) == 0 {
		return err
	}
	return guard(tx.Model(&Unit{}).Where("id IN ?", ids), "guard tree of units")
}

// openUnits guards the units that something new comes to; 0 is none. ErrNotFound when one does not exist, or was merged into another.
func openUnits(tx *gorm.DB, ids ...int64) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == 0 })
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return nil
	}
	guarded := tx.Model(&Unit{}).Where("id IN ? AND closed_at IS NULL", ids).UpdateColumn("guard", gorm.Expr("guard + 1"))
	if guarded.Error == nil && int(guarded.RowsAffected) < len(ids) {
		return ErrNotFound
	}
	return failed(guarded, "guard units")
}

// UnitView is a unit as its administrators see it.
type UnitView struct {
	Unit
	Parent         string // name; "" at the top
	Into           Unit   // of one that was merged: the unit in which it lives on
	People         int    // on the roster, of the unit itself
	Directly       int    // units directly below it
	Administrators int    // whose role names this unit
	Leaders        int
	Merged         []Unit // what was merged into it
	OpenPeriods    int    // of this unit alone, not closed
	Movable        bool   // he may move and merge it
}

// Seen tells in a few characters how the unit was shown, for links.
func (v UnitView) Seen() string { return seen(v.Name, value(v.ParentID), v.Closed()) }

// seen is a word for what a screen has shown.
func seen(what ...any) string {
	hash := fnv.New32a()
	fmt.Fprintln(hash, what...)
	return fmt.Sprintf("s%08x", hash.Sum32())
}

// UnitFor returns a unit, also one that was merged, to its administrator; ErrNotFound to everybody else.
func (s *Store) UnitFor(ctx context.Context, adminID, unitID int64) (UnitView, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.unitScope(tx, adminID)
	if err != nil {
		return UnitView{}, err
	}
	unit, known := scope.Unit(unitID)
	if !known {
		return UnitView{}, ErrNotFound
	}
	view := scope.view(unit)
	if view.People, err = peopleOf(tx, unitID); err != nil {
		return UnitView{}, err
	}
	roles, err := rolesOver(tx, unitID)
	for _, role := range roles {
		switch role.Role {
		case Admin:
			view.Administrators++
		case Leader:
			view.Leaders++
		}
	}
	if err != nil {
		return UnitView{}, err
	}
	view.OpenPeriods, err = openPeriodsOf(tx, unitID)
	return view, err
}

// view tells what the tree knows of a unit.
func (c Scope) view(unit Unit) UnitView {
	view := UnitView{Unit: unit, Parent: c.Name(parentOf(unit)), Movable: c.Covers(parentOf(unit)) && !unit.Closed()}
	if unit.Closed() {
		view.Into, _ = c.tree.Unit(c.tree.Successor(unit.ID))
	}
	for _, id := range c.tree.children[unit.ID] {
		below, _ := c.tree.Unit(id)
		switch {
		case !below.Closed():
			view.Directly++
		case value(below.MergedInto) == unit.ID:
			view.Merged = append(view.Merged, below)
		}
	}
	return view
}

func peopleOf(tx *gorm.DB, unitID int64) (int, error) {
	var n int64
	err := failed(tx.Model(&Person{}).Where("unit_id = ? AND active = ?", unitID, true).Count(&n), "count people of unit")
	return int(n), err
}

// rolesOver lists the roles that name a unit, of those who are on the roster.
func rolesOver(tx *gorm.DB, unitID int64) (roles []PersonRole, err error) {
	err = failed(tx.Where("unit_id = ?", unitID).Order("id").Find(&roles), "read roles over unit")
	return roles, err
}

func openPeriodsOf(tx *gorm.DB, unitID int64) (int, error) {
	var n int64
	err := failed(tx.Model(&Period{}).Where("unit_id = ? AND state <> ?", unitID, PeriodClosed).Count(&n), "count open periods of unit")
	return int(n), err
}

// CreateUnit makes a unit below another one, or at the top (0). ErrUnitExists when the code is another unit's, also of one that was merged;
// the same unit again, as by a tap that is handled twice, is done. ErrNotFound unless the other unit is the administrator's and takes new ones.
func (s *Store) CreateUnit(ctx context.Context, actor, parentID int64, code, name string) (Unit, error) {
	var unit Unit
	create := func(tx *gorm.DB) error {
		if err := guardTree(tx); err != nil {
			return err
		}
		scope, err := s.unitScope(tx, actor)
		if err != nil {
			return err
		}
		if !scope.takesNew(parentID) {
			return ErrNotFound
		}
		if err := openUnits(tx, parentID); err != nil {
			return err
		}
		unit = Unit{}
		err = first(tx.Where("code = ?", UnitCode(code)).Take(&unit), "find unit")
		switch {
		case err == nil && unit.Name == name && parentOf(unit) == parentID && !unit.Closed():
			return nil
		case err == nil:
			return ErrUnitExists
		case !errors.Is(err, ErrNotFound):
			return err
		}
		unit = Unit{Code: UnitCode(code), Name: name, ParentID: nullable(parentID)}
		if err := failed(tx.Create(&unit), "create unit"); err != nil {
			return err
		}
		return s.audit(tx, audited(actor), "unit.new", "unit", unit.ID, "", asJSON(map[string]any{"code": unit.Code, "name": name, "parent": parentID}, true))
	}
	err := s.transaction(ctx, "create unit", create)
	if errors.Is(err, gorm.ErrDuplicatedKey) { // somebody made it at the same moment: it is there now
		err = s.transaction(ctx, "create unit", create)
	}
	return unit, err
}

// RenameUnit gives a unit another name, under which its old reports stand too. shown is UnitView.Seen of what the administrator saw: when it
// is otherwise by now, ErrUnitChanged, unless it has this name already. ErrUnitClosed for one that was merged; ErrNotFound when it is not his.
func (s *Store) RenameUnit(ctx context.Context, actor, unitID int64, name, shown string) error {
	return s.transaction(ctx, "rename unit", func(tx *gorm.DB) error {
		if err := guard(tx.Model(&Unit{}).Where("id = ?", unitID), "guard unit"); err != nil {
			return err
		}
		scope, err := s.unitScope(tx, actor)
		if err != nil {
			return err
		}
		unit, known := scope.Unit(unitID)
		switch {
		case !known:
			return ErrNotFound
		case unit.Closed():
			return ErrUnitClosed
		case unit.Name == name:
			return nil
		case scope.view(unit).Seen() != shown:
			return ErrUnitChanged
		}
		if err := failed(tx.Model(&Unit{}).Where("id = ?", unitID).Updates(map[string]any{"name": name, "updated_at": s.now()}), "rename unit"); err != nil {
			return err
		}
		return s.audit(tx, audited(actor), "unit.rename", "unit", unitID, unit.Name, name)
	})
}

// UnitMove is what moving a unit would do.
type UnitMove struct {
	Unit, From, To Unit // the zero Unit for the top
	Below          int  // units below it, at any depth
	People         int  // on the roster, in it and below it
	Indicators     bool // its indicators come from another unit then
	Template       int64
	Source         string // name of the unit whose indicators it has then; "" for the whole city
	Done           bool   // it stands there already
}

// Seen tells in a few characters what was shown, for links.
func (m UnitMove) Seen() string {
	return seen(m.Unit.Name, m.From.ID, m.To.ID, m.Below, m.People, m.Template)
}

// PlanUnitMove tells what moving a unit below another one, or to the top (0), would do. ErrNotFound, ErrUnitClosed, ErrUnitCircle and ErrUnitOwn say that
// it cannot be: see the rules above.
func (s *Store) PlanUnitMove(ctx context.Context, actor, unitID, parentID int64) (UnitMove, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.unitScope(tx, actor)
	if err != nil {
		return UnitMove{}, err
	}
	return planMove(tx, scope, unitID, parentID)
}

func planMove(tx *gorm.DB, scope Scope, unitID, parentID int64) (UnitMove, error) {
	unit, known := scope.Unit(unitID)
	target, _ := scope.tree.Unit(parentID)
	plan := UnitMove{Unit: unit, To: target}
	plan.From, _ = scope.tree.Unit(parentOf(unit))
	switch {
	case !known || !scope.Covers(parentID):
		return plan, ErrNotFound
	case unit.Closed() || target.Closed():
		return plan, ErrUnitClosed
	case slices.Contains(scope.tree.Below(unitID), parentID):
		return plan, ErrUnitCircle
	case parentOf(unit) == parentID:
		plan.Done = true
		return plan, nil
	case !scope.Covers(parentOf(unit)):
		return plan, ErrUnitOwn
	}
	if err := refuseOpening(tx, scope.tree.Above(parentOf(unit)), scope.tree.Above(parentID)); err != nil {
		return plan, err
	}
	units := scope.tree.Below(unitID)
	plan.Below = len(slices.DeleteFunc(slices.Clone(units), func(id int64) bool { return scope.tree.units[id].Closed() })) - 1
	var people int64
	if err := failed(tx.Model(&Person{}).Where("unit_id IN ? AND active = ?", units, true).Count(&people), "count people of units"); err != nil {
		return plan, err
	}
	plan.People = int(people)
	own, err := ownVersions(tx)
	if err != nil || own[unitID] != 0 {
		plan.Template = own[unitID]
		return plan, err
	}
	nearest := nearestVersions(scope.tree, own)
	plan.Template, plan.Indicators = nearest[parentID], nearest[parentID] != nearest[unitID]
	for _, above := range scope.tree.Above(parentID) {
		if own[above] != 0 {
			plan.Source = scope.Name(above)
			break
		}
	}
	return plan, nil
}

// MoveUnit puts a unit with all that is below it below another one, or to the top (0). shown is UnitMove.Seen of what the administrator was told: when
// it is otherwise by now, ErrUnitChanged; "" for whoever was told nothing. What stands there already is done. Errors as PlanUnitMove.
func (s *Store) MoveUnit(ctx context.Context, actor, unitID, parentID int64, shown string) (UnitMove, error) {
	var plan UnitMove
	err := s.transaction(ctx, "move unit", func(tx *gorm.DB) error {
		if err := guardTree(tx); err != nil {
			return err
		}
		scope, err := s.unitScope(tx, actor)
		if err != nil {
			return err
		}
		if plan, err = planMove(tx, scope, unitID, parentID); err != nil || plan.Done {
			return err
		}
		if shown != "" && plan.Seen() != shown {
			return ErrUnitChanged
		}
		if err := openUnits(tx, unitID, parentID); err != nil {
			return err
		}
		moved := tx.Model(&Unit{}).Where("id = ?", unitID).Updates(map[string]any{"parent_id": nullable(parentID), "updated_at": s.now()})
		if err := failed(moved, "move unit"); err != nil {
			return err
		}
		if err := s.audit(tx, audited(actor), "unit.move", "unit", unitID, fmt.Sprint(plan.From.ID), fmt.Sprint(parentID)); err != nil {
			return err
		}
		return s.tellScopes(tx, actor, KindUnitMoved, unitID, scope.tree.Above(plan.From.ID), scope.tree.Above(parentID))
	})
	return plan, err
}

// tellScopes owes the news to the administrators for whom a unit is new, or theirs no more: whose roles name a unit above its
// old place and not above the new one, or the other way round.
func (s *Store) tellScopes(tx *gorm.DB, actor int64, kind string, unitID int64, before, after []int64) error {
	changed := slices.DeleteFunc(slices.Concat(before, after), func(id int64) bool { return slices.Contains(before, id) && slices.Contains(after, id) })
	if len(changed) == 0 {
		return nil
	}
	var administrators []int64
	err := failed(tx.Table("person_roles").Distinct("people.id").
		Joins("JOIN people ON people.id = person_roles.person_id AND people.active = ?", true).
		Where("person_roles.role = ? AND person_roles.unit_id IN ? AND people.id <> ?", Admin, changed, actor).
		Order("people.id").Pluck("people.id", &administrators), "find administrators")
	if err != nil {
		return err
	}
	var notices []Notice
	for _, admin := range administrators {
		notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d:%d:%d", kind, unitID, s.now().UnixNano(), admin), PersonID: admin, Kind: kind, Args: fmt.Sprint(unitID)})
	}
	return s.notify(tx, notices...)
}
