package store

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"
)

// LeaderScope returns what a person leads, as Pimpinan or as Kepala Daerah: the units whose figures he reads. Of all others it is empty.
func (s *Store) LeaderScope(ctx context.Context, personID int64) (Scope, error) {
	return ledBy(s.db.WithContext(ctx), personID)
}

func ledBy(tx *gorm.DB, personID int64) (Scope, error) { return scopeOf(tx, personID, Leader, Mayor) }

// led is the scope of a leader; ErrNotFound for everybody else.
func led(tx *gorm.DB, personID int64) (Scope, error) {
	scope, err := ledBy(tx, personID)
	if err == nil && scope.None() {
		err = ErrNotFound
	}
	return scope, err
}

// LedPeriods lists the periods that touch a leader's units, once they are open, the newest first, with what is final, and counts them.
// ErrNotFound when he leads nothing.
func (s *Store) LedPeriods(ctx context.Context, leaderID int64, offset, limit int) (lines []PeriodLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := led(tx, leaderID)
	if err != nil {
		return nil, 0, err
	}
	theirs := periodsLed(tx, scope).Session(&gorm.Session{})
	var count int64
	if err := failed(theirs.Count(&count), "count periods"); err != nil || count == 0 {
		return nil, 0, err
	}
	err = failed(theirs.Order("p.last_day DESC, p.id DESC").Offset(offset).Limit(limit).Find(&lines), "list periods")
	if err != nil {
		return nil, 0, err
	}
	return lines, int(count), describe(tx, scope, lines)
}

// periodsLed selects the periods p that a leader sees: those that are open or over.
func periodsLed(tx *gorm.DB, scope Scope) *gorm.DB {
	return tx.Table("periods AS p").Where("p.unit_id IN ? AND p.state <> ?", scope.related(), PeriodOpening)
}

// Attained counts the evaluations of some people of a period.
type Attained struct {
	Total  int
	Final  int // evaluated (ditetapkan)
	OnTime int // of these, by the deadline
}

func (n Attained) plus(more Attained) Attained {
	return Attained{Total: n.Total + more.Total, Final: n.Final + more.Final, OnTime: n.OnTime + more.OnTime}
}

// PartAttained is a unit with all below it.
type PartAttained struct {
	UnitID   int64
	Name     string
	Attained `gorm:"embedded"`
}

// Achievement is how a period went in a unit of a leader, without anybody's name.
type Achievement struct {
	AdminPeriod
	Scope  Scope
	UnitID int64 // 0 for all that he leads
	Attained
	Own   Attained       // of the people of the unit itself, who belong to none of its parts
	Parts []PartAttained // the units directly below it, the one furthest behind first
	// Spread counts the predicates of the unit with all below it, and is there only for a unit that a role of his names: those of its parts
	// would tell, by subtraction, what is hidden in the others. It is also nil until nothing changes any more, because who looks before and after
	// one more result knows that one: see Settled.
	Spread map[Predicate]int
}

// Settled reports that the figures of an achievement stay as they are: the period is over. Before that a result may be taken back and set anew.
func (a Achievement) Settled() bool { return a.ClosedAt != nil }

// Widest reports that the figures are about a unit that a role of the leader names and that lies below no other such unit.
func (a Achievement) Widest() bool { return slices.Contains(a.Scope.Widest(), a.UnitID) }

// AchievementOf tells a leader how a period went in a unit and all below it; 0 is all that he leads. ErrNotFound for what is not his.
func (s *Store) AchievementOf(ctx context.Context, leaderID, periodID, unitID int64) (Achievement, error) {
	tx := s.db.WithContext(ctx)
	scope, err := led(tx, leaderID)
	if err != nil {
		return Achievement{}, err
	}
	if unitID != 0 && !scope.Covers(unitID) {
		return Achievement{}, ErrNotFound
	}
	a := Achievement{Scope: scope, UnitID: unitID}
	if err := first(periodsLed(tx, scope).Where("p.id = ?", periodID).Take(&a.Period), "find period"); err != nil {
		return Achievement{}, err
	}
	a.Unit = scope.Name(a.Period.UnitID)
	var units []PartAttained
	counted := scope.narrow(tx.Table("evaluations AS e").Where("e.period_id = ? AND e.state <> ?", periodID, EvaluationExcluded), "e.unit_id").Group("e.unit_id")
	err = failed(counted.Select("e.unit_id, COUNT(*) AS total, SUM(CASE WHEN e.state = ? THEN 1 ELSE 0 END) AS final, "+
		"SUM(CASE WHEN e.state = ? AND (SELECT MIN(f.set_at) FROM results AS f WHERE f.evaluation_id = e.id AND f.withdrawn_at IS NULL) <= ? THEN 1 ELSE 0 END) AS on_time",
		EvaluationFinal, EvaluationFinal, a.ScoringDue).Find(&units), "count evaluations of units")
	if err != nil {
		return Achievement{}, err
	}
	a.count(units)
	if !a.Widest() || !a.Settled() {
		return a, nil
	}
	return a, a.spread(tx)
}

// count adds up what is known of single units.
func (a *Achievement) count(units []PartAttained) {
	own := map[int64]Attained{}
	for _, u := range units {
		own[u.UnitID] = u.Attained
	}
	sum := func(unitID int64) (all Attained) {
		for _, id := range a.below(unitID) {
			all = all.plus(own[id])
		}
		return all
	}
	a.Attained, a.Own = sum(a.UnitID), sum(a.UnitID)
	for _, unit := range a.parts() {
		part := PartAttained{UnitID: unit.ID, Name: unit.Name, Attained: sum(unit.ID)}
		a.Own = Attained{Total: a.Own.Total - part.Total, Final: a.Own.Final - part.Final, OnTime: a.Own.OnTime - part.OnTime}
		if part.Total > 0 {
			a.Parts = append(a.Parts, part)
		}
	}
	slices.SortFunc(a.Parts, func(a, b PartAttained) int {
		return cmp.Or(cmp.Compare(a.Final*b.Total, b.Final*a.Total), cmp.Compare(b.Total-b.Final, a.Total-a.Final), cmp.Compare(a.Name, b.Name), cmp.Compare(a.UnitID, b.UnitID))
	})
}

// parts are the units directly below; of several that are led, the widest.
func (a *Achievement) parts() []Unit {
	if a.UnitID != 0 || a.Scope.City() {
		return a.Scope.Parts(a.UnitID)
	}
	return slices.DeleteFunc(a.Scope.Roots(), func(u Unit) bool { return !slices.Contains(a.Scope.Widest(), u.ID) })
}

// below are a unit and all under it; of 0, all that is led.
func (a *Achievement) below(unitID int64) []int64 {
	if unitID != 0 || a.Scope.City() {
		return a.Scope.tree.Below(unitID)
	}
	var ids []int64
	for _, u := range a.Scope.Units() {
		ids = append(ids, u.ID)
	}
	return ids
}

// spread counts the predicates that are in force.
func (a *Achievement) spread(tx *gorm.DB) error {
	var rows []struct {
		Predicate Predicate
		N         int
	}
	counted := tx.Table("(?) AS t", standing(tx, a.Scope, a.ID)).Joins("JOIN results AS r ON r.id = t.result_id").
		Where("t.unit_id IN ?", a.below(a.UnitID)).Select("r.predicate, COUNT(*) AS n").Group("r.predicate")
	if err := failed(counted.Find(&rows), "count predicates"); err != nil {
		return err
	}
	a.Spread = make(map[Predicate]int, len(rows))
	for _, row := range rows {
		a.Spread[row.Predicate] = row.N
	}
	return nil
}
