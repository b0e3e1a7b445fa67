package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
)

// Preview is what opening a period would do, counted before anything is done.
type Preview struct {
	People              int // who get an evaluation
	Evaluators          int
	WithoutEvaluator    int // of the people
	NotLinked           int // of the people: no Telegram account yet
	EvaluatorsNotLinked int
	Elsewhere           int      // left out: evaluated over the same days in another period
	WithoutTemplate     int      // left out: their unit has no indicators
	BareUnits           []string `gorm:"-"`
	Existing            int64    // the same period, when it exists already; 0 otherwise
}

// PreviewPeriod counts what opening a period would do. ErrNotFound when the units are not the administrator's.
func (s *Store) PreviewPeriod(ctx context.Context, adminID int64, form PeriodForm) (Preview, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.scopeFor(tx, adminID, form.UnitID)
	if err != nil {
		return Preview{}, err
	}
	period := s.intended(form)
	units, _, err := unitsToEvaluate(tx, scope.tree, period)
	if err != nil {
		return Preview{}, err
	}
	var p Preview
	err = failed(withAccounts(candidates(tx, period)).Where("p.unit_id IN ?", units).
		Select("COUNT(*) AS people, COUNT(DISTINCT s.id) AS evaluators, "+
			"COALESCE(SUM(CASE WHEN s.id IS NULL THEN 1 ELSE 0 END), 0) AS without_evaluator, "+
			"COALESCE(SUM(CASE WHEN pa.id IS NULL THEN 1 ELSE 0 END), 0) AS not_linked, "+
			"COUNT(DISTINCT CASE WHEN sa.id IS NULL THEN s.id END) AS evaluators_not_linked").Take(&p), "count people")
	if err != nil {
		return Preview{}, err
	}
	if err := s.leftOut(tx, scope.tree, period, units, &p); err != nil {
		return Preview{}, err
	}
	var existing Period
	err = first(tx.Where("kind = ? AND first_day = ? AND unit_id = ?", form.Kind, form.FirstDay, form.UnitID).Take(&existing), "find period")
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	p.Existing = existing.ID
	return p, err
}

// intended is the period that a form would create.
func (s *Store) intended(form PeriodForm) Period {
	return Period{Kind: form.Kind, FirstDay: form.FirstDay, UnitID: form.UnitID, CreatedAt: s.now()}
}

// leftOut counts who get no evaluation, and why.
func (s *Store) leftOut(tx *gorm.DB, tree Tree, period Period, evaluated []int64, p *Preview) error {
	var rows []struct {
		UnitID int64
		N      int
	}
	err := failed(tx.Model(&Person{}).Select("unit_id, COUNT(*) AS n").Where("active = ? AND unit_id IN ?", true, tree.Below(period.UnitID)).
		Group("unit_id").Order("unit_id").Find(&rows), "count people of units")
	withTemplate := map[int64]bool{}
	for _, id := range evaluated {
		withTemplate[id] = true
	}
	p.Elsewhere = -p.People
	for _, row := range rows {
		if withTemplate[row.UnitID] {
			p.Elsewhere += row.N
			continue
		}
		unit, _ := tree.Unit(row.UnitID)
		p.BareUnits, p.WithoutTemplate = append(p.BareUnits, unit.Name), p.WithoutTemplate+row.N
	}
	return err
}

// withAccounts joins the accounts of the people and of their evaluators.
func withAccounts(tx *gorm.DB) *gorm.DB {
	return tx.Joins("LEFT JOIN accounts AS pa ON pa.person_id = p.id").Joins("LEFT JOIN accounts AS sa ON sa.person_id = s.id")
}

// scopeFor is the scope of an administrator of a unit that can have new periods; ErrNotFound for everybody else.
func (s *Store) scopeFor(tx *gorm.DB, adminID, unitID int64) (Scope, error) {
	scope, err := s.scopeIn(tx, adminID)
	if err != nil {
		return Scope{}, err
	}
	if !scope.takesNew(unitID) {
		return Scope{}, ErrNotFound
	}
	return scope, nil
}

// PersonLine is one line of a list of people.
type PersonLine struct {
	Name string
	Unit string // "" for somebody whom no roster has named yet
}

// Lack is what people of a preview lack.
type Lack string

// The lists behind a preview.
const (
	LackEvaluator        Lack = "evaluator" // people whom nobody would evaluate
	LackAccount          Lack = "account"   // people without a Telegram account
	LackEvaluatorAccount Lack = "chief"     // evaluators without one
)

// PreviewPeople lists who of a preview lack something, by unit and name, and counts all of them.
func (s *Store) PreviewPeople(ctx context.Context, adminID int64, form PeriodForm, lack Lack, offset, limit int) (lines []PersonLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.scopeFor(tx, adminID, form.UnitID)
	if err != nil {
		return nil, 0, err
	}
	period := s.intended(form)
	units, _, err := unitsToEvaluate(tx, scope.tree, period)
	if err != nil {
		return nil, 0, err
	}
	list := withAccounts(candidates(tx, period)).Where("p.unit_id IN ?", units)
	who := "p"
	switch lack {
	case LackEvaluator:
		list = list.Where("s.id IS NULL")
	case LackAccount:
		list = list.Where("pa.id IS NULL")
	case LackEvaluatorAccount:
		who, list = "s", list.Where("s.id IS NOT NULL AND sa.id IS NULL")
	default:
		return nil, 0, ErrNotFound
	}
	return page(list.Joins("LEFT JOIN units AS u ON u.id = "+who+".unit_id").Distinct(who+".id", who+".name", "COALESCE(u.name, '') AS unit"), offset, limit)
}

// page reads a part of a list of people, each with id, name and unit, and counts all of it.
func page(list *gorm.DB, offset, limit int) (lines []PersonLine, total int, err error) {
	fresh := list.Session(&gorm.Session{NewDB: true})
	var count int64
	if err := failed(fresh.Table("(?) AS list", list).Count(&count), "count list"); err != nil {
		return nil, 0, err
	}
	err = failed(fresh.Table("(?) AS list", list).Select("name, unit").Order("unit, name, id").Offset(offset).Limit(limit).Find(&lines), "read list")
	return lines, int(count), err
}
