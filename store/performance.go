package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// OrgGrade is the organisation performance (capaian kinerja organisasi) of a unit in a period. It comes before the predicates of the people of whoever
// leads the unit (PermenPANRB 6/2022 art. 24(1) and annex IV.B.1).
type OrgGrade string

// The five grades, best first.
const (
	OrgOutstanding      OrgGrade = "outstanding"       // Istimewa
	OrgGood             OrgGrade = "good"              // Baik
	OrgNeedsImprovement OrgGrade = "needs_improvement" // Butuh Perbaikan
	OrgPoor             OrgGrade = "poor"              // Kurang
	OrgVeryPoor         OrgGrade = "very_poor"         // Sangat Kurang
)

// OrgGrades lists them, best first.
func OrgGrades() []OrgGrade {
	return []OrgGrade{OrgOutstanding, OrgGood, OrgNeedsImprovement, OrgPoor, OrgVeryPoor}
}

// Valid reports whether g is one of the five grades.
func (g OrgGrade) Valid() bool { return slices.Contains(OrgGrades(), g) }

// UnitPerformance is the grade of one unit in a period. Unique by period and unit.
type UnitPerformance struct {
	ID       int64
	PeriodID int64
	UnitID   int64
	Grade    OrgGrade
	Carried  bool // it is last year's, because this year's was not there by the end of January (annex IV.B.1f)
	SetBy    int64
	SetAt    time.Time
}

// LedUnit says which unit an evaluator leads in a period, where the roster does not tell it rightly. Unique by period and person.
type LedUnit struct {
	ID       int64
	PeriodID int64
	PersonID int64
	UnitID   int64 // 0: he leads none
	SetBy    int64
	SetAt    time.Time
}

// UnitLeader is an evaluator of a period with the unit that he leads.
type UnitLeader struct {
	PersonID  int64
	Name      string
	Position  string
	UnitID    int64 // 0 where the roster does not tell it, for he evaluates nobody of his own unit or below it, or where he leads none
	Corrected bool  // an administrator said so
}

// PerformanceLine is a unit that evaluators of a period lead.
type PerformanceLine struct {
	Unit     Unit
	Grade    OrgGrade // "" while nobody has entered it
	Carried  bool
	SetBy    string // name
	SetAt    time.Time
	Leaders  []UnitLeader
	LastYear OrgGrade // of an annual period: the same unit's grade of the year before; "" for none
	Own      bool     // a role of the administrator names it, so another one above him grades it
}

// Performances is the organisation performance of a period, as an administrator sees it.
type Performances struct {
	AdminPeriod
	Units  []PerformanceLine // by code
	Nobody []UnitLeader      // evaluators of whom nobody knows what they lead
	None   []UnitLeader      // of whom an administrator said that they lead none
}

// Entered counts the units that have a grade.
func (p Performances) Entered() int {
	n := 0
	for _, u := range p.Units {
		if u.Grade != "" {
			n++
		}
	}
	return n
}

// Of finds a unit.
func (p Performances) Of(unitID int64) (PerformanceLine, bool) {
	i := slices.IndexFunc(p.Units, func(l PerformanceLine) bool { return l.Unit.ID == unitID })
	if i < 0 {
		return PerformanceLine{}, false
	}
	return p.Units[i], true
}

// PerformancesOf tells an administrator which of his units evaluators of a period lead, and how each performed. Which unit an evaluator leads follows from
// the roster: his own, where he evaluates people of it or below; otherwise, or where that is wrong, an administrator says it (LeadUnit).
// ErrNotFound when none of the period's units are his.
func (s *Store) PerformancesOf(ctx context.Context, adminID, periodID int64) (Performances, error) {
	return s.performancesOf(s.db.WithContext(ctx), adminID, periodID)
}

func (s *Store) performancesOf(tx *gorm.DB, adminID, periodID int64) (Performances, error) {
	period, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return Performances{}, err
	}
	return performancesIn(tx, scope, period)
}

// PerformancesIn is PerformancesOf for the operator, of the period over some days and units. ErrNotFound when there is none.
func (s *Store) PerformancesIn(ctx context.Context, kind PeriodKind, firstDay Date, unitID int64) (Performances, error) {
	tx := s.db.WithContext(ctx)
	var p Period
	if err := first(ofSameDays(tx, PeriodForm{Kind: kind, FirstDay: firstDay, UnitID: unitID}).Take(&p), "find period"); err != nil {
		return Performances{}, err
	}
	return asOperator(tx, p)
}

// asOperator reads the organisation performance of a period as who sees all units.
func asOperator(tx *gorm.DB, p Period) (Performances, error) {
	tree, err := treeIn(tx)
	if err != nil {
		return Performances{}, err
	}
	scope := Scope{tree: tree, roots: []int64{0}}
	return performancesIn(tx, scope, AdminPeriod{Period: p, Unit: scope.Name(p.UnitID), Manages: true})
}

func performancesIn(tx *gorm.DB, scope Scope, period AdminPeriod) (Performances, error) {
	periodID, list := period.ID, Performances{AdminPeriod: period}
	leaders, err := leadersOf(tx, scope.tree, periodID)
	if err != nil {
		return Performances{}, err
	}
	lines := map[int64]*PerformanceLine{}
	for _, leader := range leaders {
		unit, known := scope.tree.Unit(leader.UnitID)
		switch {
		case !known && period.Manages && leader.Corrected:
			list.None = append(list.None, leader)
		case !known && period.Manages:
			list.Nobody = append(list.Nobody, leader)
		case known && scope.Covers(unit.ID):
			if lines[unit.ID] == nil {
				lines[unit.ID] = &PerformanceLine{Unit: unit, Own: !scope.City() && slices.ContainsFunc(scope.Roots(), func(root Unit) bool { return root.ID == unit.ID })}
			}
			lines[unit.ID].Leaders = append(lines[unit.ID].Leaders, leader)
		}
	}
	if err := grade(tx, period.Period, lines); err != nil {
		return Performances{}, err
	}
	for _, line := range lines {
		list.Units = append(list.Units, *line)
	}
	slices.SortFunc(list.Units, func(a, b PerformanceLine) int { return cmp.Compare(a.Unit.Code, b.Unit.Code) })
	return list, nil
}

// grade fills in what was entered for some units in a period, and what the year before had.
func grade(tx *gorm.DB, p Period, lines map[int64]*PerformanceLine) error {
	var entered []struct {
		UnitPerformance `gorm:"embedded"`
		Name            string
	}
	err := failed(tx.Table("unit_performances AS g").Select("g.*, COALESCE(people.name, '') AS name").Joins("LEFT JOIN people ON people.id = g.set_by").
		Where("g.period_id = ?", p.ID).Find(&entered), "read organisation performance")
	if err != nil {
		return err
	}
	for _, e := range entered {
		if line := lines[e.UnitID]; line != nil {
			line.Grade, line.Carried, line.SetBy, line.SetAt = e.Grade, e.Carried, e.Name, e.SetAt
		}
	}
	before, err := lastYears(tx, p)
	for unit, last := range before {
		if line := lines[unit]; line != nil {
			line.LastYear = last
		}
	}
	return err
}

// lastYears reads the grades of the year before an annual period, by unit.
func lastYears(tx *gorm.DB, p Period) (map[int64]OrgGrade, error) {
	first, err := time.Parse(time.DateOnly, string(p.FirstDay))
	if err != nil || p.Kind != Annual {
		return nil, nil //nolint:nilerr // a stored day is one
	}
	var rows []UnitPerformance
	err = failed(tx.Table("unit_performances AS g").Select("g.*").Joins("JOIN periods AS p ON p.id = g.period_id").
		Where("p.kind = ? AND p.first_day = ?", Annual, first.AddDate(-1, 0, 0).Format(time.DateOnly)).Order("g.set_at, g.id").Find(&rows), "read last year's performance")
	grades := map[int64]OrgGrade{}
	for _, r := range rows {
		grades[r.UnitID] = r.Grade
	}
	return grades, err
}

// leadersOf lists the evaluators of a period, each with the unit that he leads, by name.
func leadersOf(tx *gorm.DB, tree Tree, periodID int64) ([]UnitLeader, error) {
	var rows []struct {
		EvaluatorID, UnitID, Own int64
		Name, Position           string
	}
	err := failed(tx.Table("evaluations AS e").Distinct("e.evaluator_id", "e.unit_id", "v.unit_id AS own", "v.name", "v.position").
		Joins("JOIN people AS v ON v.id = e.evaluator_id").Where("e.period_id = ?", periodID).Order("v.name, e.evaluator_id").Find(&rows), "find evaluators of a period")
	if err != nil {
		return nil, err
	}
	var said []LedUnit
	if err := failed(tx.Where("period_id = ?", periodID).Find(&said), "read led units"); err != nil {
		return nil, err
	}
	corrected := map[int64]int64{}
	for _, l := range said {
		corrected[l.PersonID] = l.UnitID
	}
	var leaders []UnitLeader
	for _, r := range rows {
		if n := len(leaders); n == 0 || leaders[n-1].PersonID != r.EvaluatorID {
			unit, is := corrected[r.EvaluatorID]
			leaders = append(leaders, UnitLeader{PersonID: r.EvaluatorID, Name: r.Name, Position: r.Position, UnitID: unit, Corrected: is})
		}
		leader := &leaders[len(leaders)-1]
		if !leader.Corrected && leader.UnitID == 0 && leads(tree, r.Own, r.UnitID) {
			leader.UnitID = r.Own
		}
	}
	return leaders, nil
}

// leads reports whether somebody of one unit who evaluates people of another one leads the former: they are of it, or below it.
func leads(tree Tree, own, theirs int64) bool {
	return own != 0 && slices.Contains(tree.Above(theirs), own)
}

// GradeEntry is the organisation performance of a unit as somebody enters it.
type GradeEntry struct {
	UnitID  int64
	Grade   OrgGrade
	Carried bool
	Seen    *OrgGrade // what he had seen there; nil to overwrite whatever it is
}

// ErrGradeMoved is returned where somebody else entered another grade meanwhile. It is an ErrConflict.
var ErrGradeMoved = fmt.Errorf("organisation performance is another one meanwhile: %w", ErrConflict)

// SetPerformances enters the organisation performance of units, all or none, and tells how many that changed. ErrNotFound unless all of the period's units are
// the administrator's and evaluators of the period lead each of them, ErrClosed in the archive, ErrGradeMoved as it says. Nobody grades his
// own unit by being its administrator: of a period over more units he sees the grades, and of one over it alone he gets ErrUnitOwn.
func (s *Store) SetPerformances(ctx context.Context, adminID, periodID int64, entries []GradeEntry) (changed int, err error) {
	err = s.transaction(ctx, "set organisation performance", func(tx *gorm.DB) error {
		changed = 0
		if err := s.hold(tx, adminID, periodID); err != nil {
			return err
		}
		list, err := s.performancesOf(tx, adminID, periodID)
		if err != nil {
			return err
		}
		changed, err = s.enter(tx, adminID, list, entries)
		return err
	})
	return changed, err
}

// EnterPerformances is SetPerformances by the operator.
func (s *Store) EnterPerformances(ctx context.Context, periodID int64, entries []GradeEntry) (changed int, err error) {
	err = s.transaction(ctx, "enter organisation performance", func(tx *gorm.DB) error {
		var p Period
		if err := first(s.exclusive(tx).Where("id = ?", periodID).Take(&p), "lock period"); err != nil {
			return err
		}
		if p.ArchivedAt != nil {
			return ErrClosed
		}
		if err := s.meet(tx, periodID); err != nil {
			return err
		}
		list, err := asOperator(tx, p)
		if err != nil {
			return err
		}
		changed, err = s.enter(tx, 0, list, entries)
		return err
	})
	return changed, err
}

// enter writes grades of a period that is held, and counts those that change something.
func (s *Store) enter(tx *gorm.DB, actor int64, list Performances, entries []GradeEntry) (changed int, err error) {
	for _, e := range entries {
		line, led := list.Of(e.UnitID)
		switch {
		case !led:
			return 0, ErrNotFound
		case !e.Grade.Valid():
			return 0, fmt.Errorf("no such grade %q", e.Grade)
		case line.Own:
			return 0, ErrUnitOwn
		case line.Grade == e.Grade && line.Carried == e.Carried:
			continue
		case e.Seen != nil && *e.Seen != line.Grade:
			return 0, ErrGradeMoved
		case e.Carried && e.Grade != line.LastYear:
			return 0, ErrConflict
		}
		if err := s.setPerformance(tx, actor, list.ID, e); err != nil {
			return 0, err
		}
		changed++
	}
	return changed, nil
}

func (s *Store) setPerformance(tx *gorm.DB, adminID, periodID int64, e GradeEntry) error {
	var row UnitPerformance
	err := first(tx.Where("period_id = ? AND unit_id = ?", periodID, e.UnitID).Take(&row), "find organisation performance")
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	before := string(row.Grade)
	row = UnitPerformance{ID: row.ID, PeriodID: periodID, UnitID: e.UnitID, Grade: e.Grade, Carried: e.Carried, SetBy: adminID, SetAt: s.now()}
	if err := failed(tx.Save(&row), "write organisation performance"); err != nil {
		return err
	}
	return s.audit(tx, adminID, "performance.set", "unit_performance", row.ID, before, string(e.Grade))
}

// hold locks a period for its administrator to write down something that belongs to it. ErrClosed in the archive.
func (s *Store) hold(tx *gorm.DB, adminID, periodID int64) error {
	period, err := s.managed(tx, adminID, periodID)
	if err != nil {
		return err
	}
	if period.ArchivedAt != nil {
		return ErrClosed
	}
	return s.meet(tx, periodID)
}

// LeadUnit says which unit an evaluator of a period leads; 0 leaves it to the roster again. ErrNotFound unless all of the period's units, and
// that one, are the administrator's and the person evaluates in it, ErrClosed in the archive.
func (s *Store) LeadUnit(ctx context.Context, adminID, periodID, personID, unitID int64) error {
	if unitID == 0 {
		return s.sayLed(ctx, adminID, periodID, personID, nil)
	}
	return s.sayLed(ctx, adminID, periodID, personID, &unitID)
}

// LeadNone says that an evaluator of a period leads no unit. Errors as LeadUnit.
func (s *Store) LeadNone(ctx context.Context, adminID, periodID, personID int64) error {
	return s.sayLed(ctx, adminID, periodID, personID, new(int64))
}

// sayLed writes down what somebody leads: a unit, 0 for none, nil for what the roster says.
func (s *Store) sayLed(ctx context.Context, adminID, periodID, personID int64, unit *int64) error {
	return s.transaction(ctx, "say who leads a unit", func(tx *gorm.DB) error {
		if err := s.hold(tx, adminID, periodID); err != nil {
			return err
		}
		scope, err := s.administered(tx, adminID)
		if err != nil {
			return err
		}
		if unit != nil && *unit != 0 && !scope.takesNew(*unit) {
			return ErrNotFound
		}
		leaders, err := leadersOf(tx, scope.tree, periodID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(leaders, func(l UnitLeader) bool { return l.PersonID == personID })
		switch {
		case i < 0:
			return ErrNotFound
		case unit == nil && !leaders[i].Corrected, unit != nil && leaders[i].Corrected && leaders[i].UnitID == *unit:
			return nil
		}
		if err := failed(tx.Where("period_id = ? AND person_id = ?", periodID, personID).Delete(&LedUnit{}), "forget led unit"); err != nil {
			return err
		}
		after := "roster"
		if unit != nil {
			after = fmt.Sprint(*unit)
			row := LedUnit{PeriodID: periodID, PersonID: personID, UnitID: *unit, SetBy: adminID, SetAt: s.now()}
			if err := failed(tx.Create(&row), "write led unit"); err != nil {
				return err
			}
		}
		return s.audit(tx, adminID, "unit.led", "person", personID, fmt.Sprint(leaders[i].UnitID), after)
	})
}

// GradeChange is one change of the organisation performance of a unit.
type GradeChange struct {
	At     time.Time
	By     string
	Before OrgGrade
	After  OrgGrade
}

// PerformanceChanges lists how the organisation performance of a unit was changed, the latest first, to an administrator of it.
func (s *Store) PerformanceChanges(ctx context.Context, adminID, periodID, unitID int64, limit int) ([]GradeChange, error) {
	tx := s.db.WithContext(ctx)
	_, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return nil, err
	}
	if unitID == 0 || !scope.Covers(unitID) {
		return nil, ErrNotFound
	}
	var changes []GradeChange
	err = failed(tx.Table("unit_performances AS g").Select("a.at, COALESCE(people.name, '') AS `by`, a.`before`, a.`after`").
		Joins("JOIN audits AS a ON a.subject = ? AND a.object_id = g.id AND a.action = ?", "unit_performance", "performance.set").
		Joins("LEFT JOIN people ON people.id = a.actor_id").
		Where("g.period_id = ? AND g.unit_id = ?", periodID, unitID).Order("a.id DESC").Limit(limit).Find(&changes), "list changes of organisation performance")
	return changes, err
}

// OwnPerformance is the organisation performance of the unit that an evaluator leads.
type OwnPerformance struct {
	Unit    string
	Grade   OrgGrade
	Carried bool
}

// PerformanceFor tells an evaluator how the unit that he leads performed in a period; ErrNotFound while nobody has entered it.
func (s *Store) PerformanceFor(ctx context.Context, evaluatorID, periodID int64) (OwnPerformance, error) {
	tx := s.db.WithContext(ctx)
	var row struct {
		OwnPerformance `gorm:"embedded"`
		UnitID         int64
		Own            bool // he is known to lead it: it was said, or he evaluates somebody of it
	}
	err := first(tx.Table("unit_performances AS g").
		Select("g.unit_id, g.grade, g.carried, units.name AS unit, "+
			"(l.id IS NOT NULL OR EXISTS (SELECT 1 FROM evaluations AS e WHERE e.evaluator_id = v.id AND e.period_id = g.period_id AND e.unit_id = g.unit_id)) AS own").
		Joins("JOIN people AS v ON v.id = ?", evaluatorID).
		Joins("LEFT JOIN led_units AS l ON l.period_id = g.period_id AND l.person_id = v.id").
		Joins("JOIN units ON units.id = g.unit_id").
		Where("g.period_id = ? AND g.unit_id = COALESCE(l.unit_id, v.unit_id)", periodID).Take(&row), "find organisation performance")
	if err != nil || row.Own {
		return row.OwnPerformance, err
	}
	var theirs []int64
	err = failed(tx.Model(&Evaluation{}).Distinct("unit_id").Where("evaluator_id = ? AND period_id = ?", evaluatorID, periodID).Pluck("unit_id", &theirs), "find units of a team")
	if err != nil {
		return OwnPerformance{}, err
	}
	tree, err := treeIn(tx)
	if err != nil {
		return OwnPerformance{}, err
	}
	if !slices.ContainsFunc(theirs, func(unit int64) bool { return leads(tree, row.UnitID, unit) }) {
		return OwnPerformance{}, ErrNotFound
	}
	return row.OwnPerformance, nil
}
