package store

import (
	"context"

	"gorm.io/gorm"
)

// Preview is what opening a period would do, counted before anything is done.
type Preview struct {
	People             int
	Evaluators         int
	WithoutEvaluator   int
	NotLinked          int // people without a Telegram account
	EvaluatorsUnlinked int
	WithoutTemplate    int
}

// PreviewPeriod counts whom a period of a unit would cover. It returns ErrNotFound to whoever is not administrator of the unit.
func (s *Store) PreviewPeriod(ctx context.Context, adminID, unitID int64) (Preview, error) {
	if err := s.mustAdminister(ctx, adminID, unitID); err != nil {
		return Preview{}, err
	}
	scope := Period{UnitID: unitID}
	var people []struct {
		UnitID     int64
		SuperiorID *int64
		Linked     bool
	}
	err := failed(s.covered(s.db.WithContext(ctx).Table("people"), scope).
		Select("people.unit_id, people.superior_id, EXISTS (SELECT 1 FROM accounts WHERE accounts.person_id = people.id) AS linked").Find(&people), "count people")
	if err != nil {
		return Preview{}, err
	}
	templates, err := s.TemplateVersions(ctx)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{People: len(people)}
	evaluators := map[int64]bool{}
	for _, one := range people {
		if one.SuperiorID == nil {
			p.WithoutEvaluator++
		} else {
			evaluators[*one.SuperiorID] = true
		}
		if !one.Linked {
			p.NotLinked++
		}
		if _, ok := templates[one.UnitID]; !ok {
			p.WithoutTemplate++
		}
	}
	p.Evaluators = len(evaluators)
	p.EvaluatorsUnlinked, err = s.unlinkedAmong(ctx, evaluators)
	return p, err
}

func (s *Store) unlinkedAmong(ctx context.Context, people map[int64]bool) (int, error) {
	var linked []int64
	if err := failed(s.db.WithContext(ctx).Model(&Account{}).Pluck("person_id", &linked), "list accounts"); err != nil {
		return 0, err
	}
	left := len(people)
	for _, id := range linked {
		if people[id] {
			left--
		}
	}
	return left, nil
}

// PersonLine is one line of a list of people for an administrator.
type PersonLine struct {
	Name string
	Unit string
}

// PeopleWithout lists people of a unit and below who lack something, by unit and name: "evaluator" or "account". total is how
// many there are in all. It returns ErrNotFound to whoever is not administrator of the unit.
func (s *Store) PeopleWithout(ctx context.Context, adminID, unitID int64, what string, offset, limit int) (lines []PersonLine, total int, err error) {
	if err := s.mustAdminister(ctx, adminID, unitID); err != nil {
		return nil, 0, err
	}
	lacking := func() *gorm.DB {
		tx := s.covered(s.db.WithContext(ctx).Table("people").Joins("JOIN units ON units.id = people.unit_id"), Period{UnitID: unitID})
		if what == "evaluator" {
			return tx.Where("people.superior_id IS NULL")
		}
		return tx.Where("NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.person_id = people.id)")
	}
	var count int64
	if err := failed(lacking().Count(&count), "count people"); err != nil {
		return nil, 0, err
	}
	err = failed(lacking().Select("people.name, units.name AS unit").Order("units.name, people.name, people.id").Offset(offset).Limit(limit).Find(&lines), "list people")
	return lines, int(count), err
}

// Progress is how far a group of evaluations is.
type Progress struct {
	Total    int
	Begun    int // being evaluated: some answers, not final
	Final    int
	Released int
	Read     int // acknowledged
	NoOne    int // nobody to evaluate them
}

const progressColumns = "COUNT(*) AS total, COALESCE(SUM(CASE WHEN e.state = 'final' THEN 1 ELSE 0 END), 0) AS `final`, " +
	"COALESCE(SUM(CASE WHEN e.state = 'open' AND EXISTS (SELECT 1 FROM answers WHERE answers.evaluation_id = e.id) THEN 1 ELSE 0 END), 0) AS begun, " +
	"COALESCE(SUM(CASE WHEN e.evaluator_id IS NULL THEN 1 ELSE 0 END), 0) AS no_one, " +
	"COALESCE(SUM(CASE WHEN r.release_at <= ? THEN 1 ELSE 0 END), 0) AS released, " +
	"COALESCE(SUM(CASE WHEN r.acknowledged_at IS NOT NULL THEN 1 ELSE 0 END), 0) AS `read`"

func (s *Store) progressOf(ctx context.Context, periodID int64) *gorm.DB {
	return s.db.WithContext(ctx).Table("evaluations AS e").
		Joins("LEFT JOIN results AS r ON e.state = 'final' AND r.evaluation_id = e.id AND r.withdrawn_at IS NULL AND r.version = (SELECT MAX(version) FROM results WHERE results.evaluation_id = e.id)").
		Where("e.period_id = ?", periodID)
}

// PeriodProgress counts a whole period. Who may see it is asked with PeriodFor.
func (s *Store) PeriodProgress(ctx context.Context, periodID int64) (Progress, error) {
	var p Progress
	err := failed(s.progressOf(ctx, periodID).Select(progressColumns, s.now()).Take(&p), "count period")
	return p, err
}

// UnitProgress is one unit of a period.
type UnitProgress struct {
	UnitID   int64
	Name     string
	Progress `gorm:"embedded"`
}

// UnitsProgress lists the units of a period, the one furthest behind first.
func (s *Store) UnitsProgress(ctx context.Context, periodID int64) ([]UnitProgress, error) {
	var units []UnitProgress
	err := failed(s.progressOf(ctx, periodID).Select("e.unit_id, units.name, "+progressColumns, s.now()).
		Joins("JOIN units ON units.id = e.unit_id").Group("e.unit_id, units.name").
		Order("SUM(CASE WHEN e.state = 'final' THEN 1 ELSE 0 END) * 1.0 / COUNT(*), units.name").Find(&units), "count units")
	return units, err
}

// EvaluatorProgress is one evaluator in one unit of a period.
type EvaluatorProgress struct {
	EvaluatorID int64 // 0 for those whom nobody evaluates
	Name        string
	Linked      bool
	Total       int
	Final       int
}

// EvaluatorsProgress lists the evaluators of a unit in a period, the one furthest behind first.
func (s *Store) EvaluatorsProgress(ctx context.Context, periodID, unitID int64) ([]EvaluatorProgress, error) {
	var list []EvaluatorProgress
	err := failed(s.db.WithContext(ctx).Table("evaluations AS e").
		Select("COALESCE(e.evaluator_id, 0) AS evaluator_id, COALESCE(people.name, '') AS name, COUNT(*) AS total, "+
			"SUM(CASE WHEN e.state = 'final' THEN 1 ELSE 0 END) AS `final`, "+
			"EXISTS (SELECT 1 FROM accounts WHERE accounts.person_id = e.evaluator_id) AS linked").
		Joins("LEFT JOIN people ON people.id = e.evaluator_id").
		Where("e.period_id = ? AND e.unit_id = ?", periodID, unitID).
		Group("e.evaluator_id, people.name").
		Order("SUM(CASE WHEN e.state = 'final' THEN 1 ELSE 0 END) * 1.0 / COUNT(*), people.name").Find(&list), "count evaluators")
	return list, err
}

// NotificationCounts counts the notifications of a period by state.
func (s *Store) NotificationCounts(ctx context.Context, periodID int64) (map[NotificationState]int, error) {
	var rows []struct {
		State NotificationState
		N     int
	}
	err := failed(s.db.WithContext(ctx).Model(&Notification{}).Select("state, COUNT(*) AS n").Where("period_id = ?", periodID).Group("state").Find(&rows), "count notifications")
	counts := map[NotificationState]int{}
	for _, r := range rows {
		counts[r.State] = r.N
	}
	return counts, err
}
