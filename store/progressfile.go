package store

import (
	"context"
	"time"
)

// ProgressRow is one evaluation of a period as a file of the progress tells it: no rating and no predicate.
type ProgressRow struct {
	EvaluationID   int64
	Employee       string
	NIP            string `gorm:"column:nip"`
	UnitID         int64
	Unit           string
	EvaluatorID    int64 // 0 for nobody
	Evaluator      string
	Linked         bool // the evaluator has an account
	State          EvaluationState
	Begun          bool
	ReleaseAt      *time.Time
	OpenedAt       *time.Time
	AcknowledgedAt *time.Time
}

// ProgressRows lists the evaluations of a period in the units of an administrator, by id, after one of them. ErrNotFound when none of the
// period's units are his.
func (s *Store) ProgressRows(ctx context.Context, adminID, periodID, after int64, limit int) ([]ProgressRow, error) {
	tx := s.db.WithContext(ctx)
	_, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return nil, err
	}
	var rows []ProgressRow
	err = failed(tx.Table("(?) AS t", standing(tx, scope, periodID).Where("e.id > ?", after).Order("e.id").Limit(limit)).
		Select("t.id AS evaluation_id, w.name AS employee, w.nip, t.unit_id, COALESCE(u.name, '') AS unit, COALESCE(t.evaluator_id, 0) AS evaluator_id, "+
			"COALESCE(v.name, '') AS evaluator, CASE WHEN a.id IS NULL THEN 0 ELSE 1 END AS linked, t.state, t.begun, t.release_at, t.opened_at, t.acknowledged_at").
		Joins("JOIN people AS w ON w.id = t.employee_id").Joins("LEFT JOIN units AS u ON u.id = t.unit_id").
		Joins("LEFT JOIN people AS v ON v.id = t.evaluator_id").Joins("LEFT JOIN accounts AS a ON a.person_id = t.evaluator_id").
		Order("t.id").Find(&rows), "list evaluations for a file")
	return rows, err
}
