package store

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// Parting is since when somebody is not any more an evaluator's to evaluate.
type Parting struct {
	Employee string
	Since    time.Time
	Excluded bool // he is left out of the period; otherwise another evaluates him
}

// PartingOf tells an evaluator since when an evaluation that was his is not his to do. ErrNotFound for one that never was, and for one that is.
func (s *Store) PartingOf(ctx context.Context, evaluatorID, evaluationID int64) (Parting, error) {
	tx := s.db.WithContext(ctx)
	var e Evaluation
	if err := first(tx.Where("id = ?", evaluationID).Take(&e), "find evaluation"); err != nil {
		return Parting{}, err
	}
	parting, err := s.parting(tx, e, evaluatorID)
	if err != nil {
		return Parting{}, err
	}
	var employee Person
	err = first(tx.Where("id = ?", e.EmployeeID).Take(&employee), "read employee")
	parting.Employee = employee.Name
	return parting, err
}

func (s *Store) parting(tx *gorm.DB, e Evaluation, evaluatorID int64) (Parting, error) {
	if value(e.EvaluatorID) != evaluatorID {
		var h Handover
		err := first(tx.Where("evaluation_id = ? AND from_id = ?", e.ID, evaluatorID).Order("id DESC").Take(&h), "read handover")
		return Parting{Since: h.CreatedAt}, err
	}
	switch {
	case e.State == EvaluationExcluded:
		x, err := standingExclusion(tx, e.ID)
		return Parting{Since: x.CreatedAt, Excluded: true}, err
	case e.ActingUntil != nil && !e.ActingUntil.After(s.now()): // the days of a deputy are over
		return Parting{Since: *e.ActingUntil}, nil
	}
	return Parting{}, ErrNotFound
}

// OwnExclusion is a period in which somebody is not evaluated, as he is told himself.
type OwnExclusion struct {
	PeriodID int64
	Kind     PeriodKind
	FirstDay Date
	UnitID   int64
	Reason   ExclusionReason
}

// ExcludedFrom lists the periods, not archived, from which somebody is left out now, the latest first. What was written as a reason is not in it.
func (s *Store) ExcludedFrom(ctx context.Context, employeeID int64) (out []OwnExclusion, err error) {
	err = failed(s.db.WithContext(ctx).Table("evaluations AS e").Select("e.period_id, p.kind, p.first_day, e.unit_id, x.reason").
		Joins("JOIN periods AS p ON p.id = e.period_id AND p.archived_at IS NULL").Joins("JOIN exclusions AS x ON x.evaluation_id = e.id AND x.ended_at IS NULL").
		Where("e.employee_id = ? AND e.state = ?", employeeID, EvaluationExcluded).Order("p.last_day DESC, p.id DESC").Find(&out), "list own exclusions")
	return out, err
}
