package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// KindResultReady is the notification that tells an employee that his result can be read.
const KindResultReady = "result_ready"

// ErrReleased is returned when a result is to be taken back that its employee may already have seen. It is an ErrConflict.
var ErrReleased = fmt.Errorf("result is released: %w", ErrConflict)

// Finalise sets the result of an evaluation. judge decides on the sheet as it is stored, locked: it returns the predicate, or an
// error that stops everything. A result of a period that is released at once becomes visible after grace, so that a slip
// can be taken back. Finalising again returns the result that is there.
func (s *Store) Finalise(ctx context.Context, evaluatorID, evaluationID int64, grace time.Duration, judge func(Sheet) (Predicate, error)) (Result, error) {
	var result Result
	err := s.transaction(ctx, "finalise", func(tx *gorm.DB) error {
		e, err := s.lockEvaluation(tx, evaluatorID, evaluationID)
		if err == nil {
			result, err = s.finalise(tx, e, grace, judge)
		}
		return err
	})
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

// finalise sets the result of an evaluation that is locked.
func (s *Store) finalise(tx *gorm.DB, e Evaluation, grace time.Duration, judge func(Sheet) (Predicate, error)) (Result, error) {
	last, err := s.lastResult(tx, e.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Result{}, err
	}
	if e.State == EvaluationFinal {
		return last, nil
	}
	if err := guard(tx.Model(&Answer{}).Where("evaluation_id = ?", e.ID), "guard answers"); err != nil {
		return Result{}, err
	}
	sheet, err := s.sheet(tx, *e.EvaluatorID, e.ID)
	if err != nil {
		return Result{}, err
	}
	predicate, err := judge(sheet)
	if err != nil {
		return Result{}, err
	}
	result := s.resultOf(sheet, last.Version+1, predicate, grace)
	return result, s.writeResult(tx, sheet, &result)
}

func (s *Store) resultOf(sheet Sheet, version int, predicate Predicate, grace time.Duration) Result {
	r := Result{
		EvaluationID: sheet.ID, Version: version, WorkRating: sheet.WorkRating, BehaviourRating: sheet.BehaviourRating, Predicate: predicate,
		WorkReason: sheet.WorkReason, BehaviourReason: sheet.BehaviourReason, Note: sheet.Note,
		FollowUpKind: sheet.FollowUpKind, FollowUpDue: sheet.FollowUpDue, FollowUpName: trainingName(sheet.Evaluation), SetBy: *sheet.EvaluatorID, SetAt: s.now(),
		DelegationID: sheet.DelegationID,
	}
	if sheet.Period.Release == ReleaseAtOnce || sheet.Period.PublishedAt != nil {
		visible := r.SetAt.Add(grace)
		r.ReleaseAt = &visible
	}
	return r
}

// writeResult stores a result with its answers, and owes the employee the news when it is known when he may see it.
func (s *Store) writeResult(tx *gorm.DB, sheet Sheet, r *Result) error {
	if err := failed(tx.Create(r), "write result"); err != nil {
		return err
	}
	answers := make([]ResultAnswer, 0, len(sheet.Answers))
	for _, i := range sheet.Indicators {
		if a, ok := sheet.Answers[i.ID]; ok {
			answers = append(answers, ResultAnswer{ResultID: r.ID, IndicatorID: i.ID, Rating: a.Rating, Reason: a.Reason, Note: a.Note})
		}
	}
	if err := failed(tx.Create(&answers), "write result answers"); err != nil {
		return err
	}
	final := tx.Model(&Evaluation{}).Where("id = ?", sheet.ID).Updates(map[string]any{"state": EvaluationFinal, "reopened_at": nil, "updated_at": s.now()})
	if err := failed(final, "make evaluation final"); err != nil {
		return err
	}
	if r.ReleaseAt != nil {
		if err := s.notify(tx, readyNotice(*r, sheet.EmployeeID, sheet.PeriodID)); err != nil {
			return err
		}
	}
	return s.audit(tx, r.SetBy, "finalised", "result", r.ID, "", fmt.Sprintf("%s %s %s", r.WorkRating, r.BehaviourRating, r.Predicate))
}

func readyNotice(r Result, employeeID, periodID int64) Notice {
	return Notice{Key: readyKey(r.ID), PersonID: employeeID, PeriodID: periodID, Kind: KindResultReady, Args: fmt.Sprint(r.ID), DueAt: *r.ReleaseAt}
}

func readyKey(resultID int64) string { return fmt.Sprintf("%s:%d", KindResultReady, resultID) }

func (s *Store) lastResult(tx *gorm.DB, evaluationID int64) (Result, error) {
	var r Result
	err := first(tx.Where("evaluation_id = ?", evaluationID).Order("version DESC").Take(&r), "read last result")
	return r, err
}

// TakeBack opens a final evaluation again, until its result is released; then it returns ErrReleased, and also when its employee has
// opened it, by a process whose clock is ahead. Taking back twice is done already; ErrNotFound when no result was ever set.
func (s *Store) TakeBack(ctx context.Context, evaluatorID, evaluationID int64) error {
	return s.transaction(ctx, "take back", func(tx *gorm.DB) error {
		e, err := s.lockEvaluation(tx, evaluatorID, evaluationID)
		if err != nil {
			return err
		}
		r, err := s.lastResult(s.exclusive(tx), evaluationID)
		if err != nil || e.State == EvaluationOpen {
			return err
		}
		now := s.now()
		if r.OpenedAt != nil || r.ReleaseAt != nil && !r.ReleaseAt.After(now) {
			return ErrReleased
		}
		if err := s.cancelNews(tx, r); err != nil {
			return err
		}
		if err := failed(tx.Model(&Result{}).Where("id = ?", r.ID).Update("withdrawn_at", now), "withdraw result"); err != nil {
			return err
		}
		open := tx.Model(&Evaluation{}).Where("id = ?", e.ID).Updates(map[string]any{"state": EvaluationOpen, "updated_at": now})
		if err := failed(open, "open evaluation again"); err != nil {
			return err
		}
		return s.audit(tx, evaluatorID, "took_back", "result", r.ID, string(r.Predicate), "")
	})
}

// cancelNews takes back what the employee was to be told about a result. ErrReleased when he was told already,
// by a process whose clock is ahead.
func (s *Store) cancelNews(tx *gorm.DB, r Result) error {
	var news []Notification
	if err := failed(s.exclusive(tx).Where("`key` = ?", readyKey(r.ID)).Find(&news), "find notification"); err != nil || len(news) == 0 {
		return err
	}
	if news[0].State == Sent {
		return ErrReleased
	}
	cancelled := tx.Model(&Notification{}).Where("id = ?", news[0].ID).Updates(map[string]any{"state": Cancelled, "updated_at": s.now()})
	return failed(cancelled, "cancel notification")
}

// CurrentResult returns the result of an evaluation to its evaluator; ErrNotFound while there is none.
func (s *Store) CurrentResult(ctx context.Context, evaluatorID, evaluationID int64) (Result, error) {
	var r Result
	err := first(s.db.WithContext(ctx).Where("evaluation_id = ? AND withdrawn_at IS NULL", evaluationID).
		Where("EXISTS (SELECT 1 FROM evaluations AS e WHERE e.id = results.evaluation_id AND e.evaluator_id = ?)", evaluatorID).
		Order("version DESC").Take(&r), "read current result")
	return r, err
}

// trainingName is the name of a training that is agreed. A program before 0012 changes the kind and leaves the name.
func trainingName(e Evaluation) string {
	if e.FollowUpKind != Training {
		return ""
	}
	return e.FollowUpName
}
