package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
)

// FollowUp is one agreed follow-up (tindak lanjut) of a result, and who tells that it is done.
type FollowUp struct {
	ResultID    int64
	Kind        FollowUpKind
	Due         Date
	Name        string     // what training it is; "" where nobody said
	ByEmployee  *time.Time // when the employee told that it is done; nil for never
	ByEvaluator *time.Time // the same of an evaluator of his
	EvaluatorID int64      // which one; 0 for none
	Evaluator   string     // his name
}

// FollowUpSide is who tells that a follow-up is done.
type FollowUpSide string

// The sides.
const (
	EmployeeSide  FollowUpSide = "employee"
	EvaluatorSide FollowUpSide = "evaluator"
)

// FollowUpReport is what one side tells of the follow-up of a result: that it is done. Unique by result and side.
type FollowUpReport struct {
	ID         int64
	ResultID   int64
	Side       FollowUpSide
	PersonID   int64
	ReportedAt time.Time
}

// reportColumns are what both sides tell of a follow-up, as withReports joins it.
const reportColumns = "mine.reported_at AS by_employee, theirs.reported_at AS by_evaluator, COALESCE(theirs.person_id, 0) AS reporter_id, COALESCE(reporters.name, '') AS reporter"

// withReports joins what both sides tell to results r.
func withReports(results *gorm.DB) *gorm.DB {
	return results.
		Joins("LEFT JOIN follow_up_reports AS mine ON mine.result_id = r.id AND mine.side = ?", EmployeeSide).
		Joins("LEFT JOIN follow_up_reports AS theirs ON theirs.result_id = r.id AND theirs.side = ?", EvaluatorSide).
		Joins("LEFT JOIN people AS reporters ON reporters.id = theirs.person_id")
}

const followUpColumns = "r.id, r.follow_up_kind, r.follow_up_due, r.follow_up_name, " + reportColumns

// FollowUpsOf lists what was agreed with an employee as his evaluator sees it: of the result of this evaluation once it is released, then of
// the earlier ones, newest first.
func (s *Store) FollowUpsOf(ctx context.Context, evaluatorID int64, sheet Sheet) ([]FollowUp, error) {
	earlier, err := s.EarlierOf(ctx, evaluatorID, sheet)
	if err != nil || sheet.State != EvaluationFinal || sheet.FollowUpKind == "" {
		return earlier.FollowUps, err
	}
	var own earlierRow
	err = first(withReports(s.db.WithContext(ctx).Table("results AS r")).Select(followUpColumns).
		Where("r.evaluation_id = ? AND r.withdrawn_at IS NULL AND r.release_at <= ?", sheet.ID, s.now()).Order("r.version DESC").Take(&own), "read follow-up")
	if errors.Is(err, ErrNotFound) {
		return earlier.FollowUps, nil
	}
	return append([]FollowUp{own.followUp()}, earlier.FollowUps...), err
}

// followUpFor is the follow-up of a result.
func (s *Store) followUpFor(ctx context.Context, resultID int64) (FollowUp, error) {
	var row earlierRow
	err := first(withReports(s.db.WithContext(ctx).Table("results AS r")).Select(followUpColumns).Where("r.id = ?", resultID).Take(&row), "read follow-up")
	return row.followUp(), err
}

// mayReport selects the released result r whose follow-up a person may tell of: his own, once he has opened it, or that of somebody whom he
// has evaluated by it or evaluates in an open period. A result without follow-up is none of these.
func (s *Store) mayReport(tx *gorm.DB, side FollowUpSide, personID, resultID int64) *gorm.DB {
	one := s.visible(tx).Where("r.id = ? AND r.follow_up_kind <> ''", resultID)
	if side == EmployeeSide {
		return one.Where("e.employee_id = ? AND r.opened_at IS NOT NULL", personID)
	}
	return one.Where("e.employee_id <> ? AND (e.evaluator_id = ? OR EXISTS (SELECT 1 FROM evaluations AS present JOIN periods AS pp ON pp.id = present.period_id AND pp.state = ? "+
		"WHERE present.employee_id = e.employee_id AND present.evaluator_id = ?))", personID, personID, PeriodOpen, personID)
}

// ReportFollowUp tells, for one side, that the follow-up of a result is done, or takes that back. Only who told it takes it back; doing either
// twice is done already. ErrNotFound to whom the follow-up does not concern.
func (s *Store) ReportFollowUp(ctx context.Context, side FollowUpSide, personID, resultID int64, done bool) error {
	return s.transaction(ctx, "report follow-up", func(tx *gorm.DB) error {
		var line ResultLine
		if err := first(s.mayReport(tx, side, personID, resultID).Take(&line), "find follow-up"); err != nil {
			return err
		}
		if !done {
			gone := tx.Where("result_id = ? AND side = ? AND person_id = ?", resultID, side, personID).Delete(&FollowUpReport{})
			if err := failed(gone, "take follow-up report back"); err != nil || gone.RowsAffected == 0 {
				return err
			}
			return s.audit(tx, personID, "followup.undone", "result", resultID, string(side), "")
		}
		told := tx.Clauses(s.unlessThere()).Create(&FollowUpReport{ResultID: resultID, Side: side, PersonID: personID, ReportedAt: s.now()})
		if err := failed(told, "report follow-up"); err != nil || told.RowsAffected == 0 {
			return err
		}
		return s.audit(tx, personID, "followup.done", "result", resultID, "", string(side))
	})
}
