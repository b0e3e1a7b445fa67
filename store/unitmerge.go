package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// MergeChoice is what an administrator decides when he merges a unit.
type MergeChoice struct {
	RolesFollow  bool // roles over the merged unit become roles over the other one; else they end
	TakeTemplate bool // the other unit takes the indicators of the merged one over; else it keeps its own
}

// UnitMerge is what merging a unit into another one would do.
type UnitMerge struct {
	Unit, Into      Unit
	People          int        // on the roster
	Below           int        // units directly below it
	RoleCounts                 // whose role names the merged unit
	Own             RoleCounts // of these, the roles of the administrator himself: they end in any case
	OpenEvaluations int        // of the merged unit, in periods that are not closed
	OpenPeriods     int        // of it alone
	Indicators      int        // its own; 0 when it follows another unit
	Template        int64      // the version of these
	IntoTemplate    int64      // the version that the other unit is evaluated with
	IntoFrom        string
	Done            bool // it is merged into that unit already
}

// RoleCounts counts roles over a unit.
type RoleCounts struct{ Administrators, Leaders, OtherRoles int }

// All counts them together.
func (n RoleCounts) All() int { return n.Administrators + n.Leaders + n.OtherRoles }

func (n RoleCounts) without(some RoleCounts) RoleCounts {
	return RoleCounts{n.Administrators - some.Administrators, n.Leaders - some.Leaders, n.OtherRoles - some.OtherRoles}
}

func (n *RoleCounts) count(role Role) {
	switch role {
	case Admin:
		n.Administrators++
	case Leader:
		n.Leaders++
	default:
		n.OtherRoles++
	}
}

// Following are the roles that go along with the people, where that is chosen.
func (m UnitMerge) Following() RoleCounts { return m.without(m.Own) }

// Seen tells in a few characters what was shown, for links.
func (m UnitMerge) Seen() string {
	return seen(m.Unit.ID, m.Into.ID, m.Unit.Name, m.Into.Name, m.People, m.Below, m.RoleCounts, m.Own, m.OpenEvaluations, m.OpenPeriods, m.Template, m.IntoTemplate)
}

// PlanUnitMerge tells what merging a unit into another one would do. ErrNotFound, ErrUnitClosed, ErrUnitCircle, ErrUnitOwn and ErrUnitOpening say that it
// cannot be: see the rules in unitchange.go.
func (s *Store) PlanUnitMerge(ctx context.Context, actor, unitID, intoID int64) (UnitMerge, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.unitScope(tx, actor)
	if err != nil {
		return UnitMerge{}, err
	}
	return planMerge(tx, actor, scope, unitID, intoID)
}

// MergeUnit merges a unit into another one. shown is UnitMerge.Seen of what the administrator was told: when it is otherwise by now, nothing is
// changed and ErrUnitChanged returned; "" for whoever was told nothing. What is merged so already is done. Errors as PlanUnitMerge.
//
// It is one transaction of a fixed number of statements, beside one for each role: 20,000 people took it less than two seconds on MariaDB.
func (s *Store) MergeUnit(ctx context.Context, actor, unitID, intoID int64, choice MergeChoice, shown string) (UnitMerge, error) {
	var plan UnitMerge
	err := s.transaction(ctx, "merge unit", func(tx *gorm.DB) error {
		if err := guardTree(tx); err != nil {
			return err
		}
		scope, err := s.unitScope(tx, actor)
		if err != nil {
			return err
		}
		above := slices.Concat(scope.tree.Above(unitID), scope.tree.Above(intoID))
		if err := guard(tx.Model(&Unit{}).Where("id IN ?", above), "guard units"); err != nil {
			return err
		}
		if plan, err = planMerge(tx, actor, scope, unitID, intoID); err != nil || plan.Done {
			return err
		}
		if shown != "" && plan.Seen() != shown {
			return ErrUnitChanged
		}
		return s.merge(tx, actor, scope, plan, choice)
	})
	return plan, err
}

func planMerge(tx *gorm.DB, actor int64, scope Scope, unitID, intoID int64) (UnitMerge, error) {
	unit, known := scope.Unit(unitID)
	into, also := scope.Unit(intoID)
	plan := UnitMerge{Unit: unit, Into: into}
	switch {
	case !known || !also:
		return plan, ErrNotFound
	case unitID != intoID && value(unit.MergedInto) == intoID:
		plan.Done = true
		return plan, nil
	case unit.Closed() || into.Closed():
		return plan, ErrUnitClosed
	case slices.Contains(scope.tree.Below(unitID), intoID): // itself too
		return plan, ErrUnitCircle
	case !scope.Covers(parentOf(unit)):
		return plan, ErrUnitOwn
	}
	for _, count := range []func(*gorm.DB, Scope) error{plan.refuseOpening, plan.countPeople, plan.countPeriods, plan.countIndicators} {
		if err := count(tx, scope); err != nil {
			return plan, err
		}
	}
	return plan, plan.countRoles(tx, actor)
}

func (m *UnitMerge) refuseOpening(tx *gorm.DB, scope Scope) error {
	return refuseOpening(tx, scope.tree.Above(m.Unit.ID), scope.tree.Above(m.Into.ID))
}

// refuseOpening holds that no period is being opened which has the people of a unit where it is, and not where it goes: it would lose them. Both
// ways go up to the city.
func refuseOpening(tx *gorm.DB, from, to []int64) error {
	leaves := slices.DeleteFunc(slices.Clone(from), func(id int64) bool { return slices.Contains(to, id) })
	var n int64
	err := failed(tx.Model(&Period{}).Where("state = ? AND unit_id IN ?", PeriodOpening, leaves).Count(&n), "find periods that are being opened")
	if err == nil && n > 0 {
		return ErrUnitOpening
	}
	return err
}

func (m *UnitMerge) countPeople(tx *gorm.DB, scope Scope) (err error) {
	if m.People, err = peopleOf(tx, m.Unit.ID); err != nil {
		return err
	}
	m.Below = scope.view(m.Unit).Directly
	return nil
}

func (m *UnitMerge) countRoles(tx *gorm.DB, actor int64) error {
	roles, err := rolesOver(tx, m.Unit.ID)
	for _, role := range roles {
		m.count(role.Role)
		if role.PersonID == actor {
			m.Own.count(role.Role)
		}
	}
	return err
}

func (m *UnitMerge) countPeriods(tx *gorm.DB, _ Scope) (err error) {
	if m.OpenPeriods, err = openPeriodsOf(tx, m.Unit.ID); err != nil {
		return err
	}
	var open []int64
	if err := failed(tx.Model(&Period{}).Where("state <> ?", PeriodClosed).Pluck("id", &open), "find open periods"); err != nil {
		return err
	}
	var n int64
	err = failed(tx.Model(&Evaluation{}).Where("period_id IN ? AND unit_id = ? AND state = ?", open, m.Unit.ID, EvaluationOpen).Count(&n), "count open evaluations")
	m.OpenEvaluations = int(n)
	return err
}

func (m *UnitMerge) countIndicators(tx *gorm.DB, scope Scope) error {
	own, err := ownVersions(tx)
	if err != nil {
		return err
	}
	m.Template = own[m.Unit.ID]
	for _, above := range scope.tree.Above(m.Into.ID) {
		if m.IntoTemplate = own[above]; m.IntoTemplate != 0 {
			m.IntoFrom = scope.Name(above)
			break
		}
	}
	if m.Template == 0 {
		return nil
	}
	var n int64
	err = failed(tx.Model(&Indicator{}).Where("template_version_id = ?", m.Template).Count(&n), "count indicators")
	m.Indicators = int(n)
	return err
}

// merge does what the plan says, of units that are guarded.
func (s *Store) merge(tx *gorm.DB, actor int64, scope Scope, plan UnitMerge, choice MergeChoice) error {
	from, into := plan.Unit.ID, plan.Into.ID
	// Before the roles end: whoever has them is told too.
	if err := s.tellScopes(tx, actor, KindUnitMerged, from, scope.tree.Above(from), scope.tree.Above(into)); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return s.takePeople(tx, actor, from, into) },
		func() error { return s.takeRoles(tx, actor, from, into, choice.RolesFollow) },
		func() error { return s.takeUnits(tx, actor, scope, from, into) },
		func() error { return s.takeTemplate(tx, actor, plan, choice) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	now := s.now()
	closed := tx.Model(&Unit{}).Where("id = ?", from).Updates(map[string]any{"merged_into": into, "parent_id": into, "closed_at": now, "updated_at": now})
	if err := failed(closed, "close unit"); err != nil {
		return err
	}
	before := asJSON(map[string]any{"code": plan.Unit.Code, "name": plan.Unit.Name, "parent": parentOf(plan.Unit), "people": plan.People, "units": plan.Below,
		"roles": plan.All(), "open_evaluations": plan.OpenEvaluations, "template": plan.Template}, true)
	after := asJSON(map[string]any{"into": into, "roles_follow": choice.RolesFollow, "template_taken": choice.TakeTemplate && plan.Template != 0}, true)
	if err := s.audit(tx, audited(actor), "unit.merge", "unit", from, before, after); err != nil {
		return err
	}
	return s.audit(tx, audited(actor), "unit.takeover", "unit", into, fmt.Sprint(plan.IntoTemplate), fmt.Sprint(from))
}

// takePeople puts everybody of a unit into another one, those who left too, with an audit of each.
func (s *Store) takePeople(tx *gorm.DB, actor, from, into int64) error {
	now := s.now()
	written := tx.Exec("INSERT INTO audits (at, actor_id, action, subject, object_id, `before`, `after`) SELECT ?, ?, 'person.merge', 'person', id, ?, ? FROM people WHERE unit_id = ?",
		now, audited(actor), fmt.Sprint(from), fmt.Sprint(into), from)
	if err := failed(written, "write audit of people"); err != nil {
		return err
	}
	moved := tx.Model(&Person{}).Where("unit_id = ?", from).UpdateColumns(map[string]any{"unit_id": into, "updated_at": now, "guard": gorm.Expr("guard + 1")})
	return failed(moved, "move people")
}

// takeRoles ends the roles over a unit, or puts them over another one. The actor's own end: he covers both already.
func (s *Store) takeRoles(tx *gorm.DB, actor, from, into int64, follow bool) error {
	roles, err := rolesOver(s.exclusive(tx), from)
	if err != nil || len(roles) == 0 {
		return err
	}
	people := make([]int64, 0, len(roles))
	for _, role := range roles {
		people = append(people, role.PersonID)
	}
	var held []PersonRole
	if err := failed(s.exclusive(tx).Where("person_id IN ?", people).Find(&held), "read roles"); err != nil {
		return err
	}
	for _, role := range roles {
		if follow && role.PersonID != actor {
			err = s.moveRole(tx, audited(actor), role, into, held)
		} else if err = failed(tx.Where("id = ?", role.ID).Delete(&PersonRole{}), "end role"); err == nil {
			err = s.audit(tx, audited(actor), "role.revoke", "person", role.PersonID, role.String(), "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeUnits puts the units below a unit below another one; what was merged into it stays.
func (s *Store) takeUnits(tx *gorm.DB, actor int64, scope Scope, from, into int64) error {
	for _, id := range scope.tree.children[from] {
		if scope.tree.units[id].Closed() {
			continue
		}
		moved := tx.Model(&Unit{}).Where("id = ?", id).Updates(map[string]any{"parent_id": into, "updated_at": s.now()})
		if err := failed(moved, "move unit"); err != nil {
			return err
		}
		if err := s.audit(tx, audited(actor), "unit.move", "unit", id, fmt.Sprint(from), fmt.Sprint(into)); err != nil {
			return err
		}
	}
	return nil
}

// takeTemplate gives the other unit the indicators of the merged one, if that was chosen and it has some.
func (s *Store) takeTemplate(tx *gorm.DB, actor int64, plan UnitMerge, choice MergeChoice) error {
	if !choice.TakeTemplate || plan.Template == 0 {
		return nil
	}
	indicators, err := readIndicators(tx, plan.Template)
	if err != nil {
		return err
	}
	template, err := s.lockTemplate(tx, plan.Into.ID, "")
	if err != nil {
		return err
	}
	_, err = s.saveVersion(tx, audited(actor), template.ID, bare(indicators), false)
	return err
}
