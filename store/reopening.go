package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Reopening is why a result was opened again. Unique by result, so that one result is opened again once.
type Reopening struct {
	ID        int64
	ResultID  int64
	ByID      int64
	Reason    string
	CreatedAt time.Time
}

// The notifications of a result that was opened again; the argument is the result.
const (
	KindReopened     = "reopened"      // to the employee, when he could see it
	KindReopenedTeam = "reopened_team" // to the evaluator
)

// Reopen opens the set result of an evaluation again, with a reason. The result itself is not changed: it stays as the version that it is, and its
// employee goes on seeing it until the next version is released, whose days for an objection run from its own receipt. The evaluator goes on
// with the answers of then, also when the period is closed. One that its employee cannot see yet is taken back instead.
// Doing it again changes nothing. seen is the result that the screen showed: ErrMeanwhile when another one is there by now. ErrNotFound when
// his unit is not the administrator's or no result is set, ErrArchived for a period in the archive, ErrOwn for the employee, and for who evaluated him: he would give himself the right.
func (s *Store) Reopen(ctx context.Context, adminID, evaluationID, seen int64, reason string) error {
	return s.transaction(ctx, "reopen", func(tx *gorm.DB) error {
		e, p, err := s.decide(tx, adminID, evaluationID)
		if err != nil {
			return err
		}
		switch {
		case p.State == PeriodOpening:
			return ErrClosed
		case p.ArchivedAt != nil:
			return ErrArchived
		}
		r, err := s.lastResult(s.exclusive(tx), e.ID)
		switch {
		case err != nil:
			return err
		case r.ID == seen && (r.ReopenedAt != nil || r.WithdrawnAt != nil):
			return nil
		case r.ID != seen:
			return ErrMeanwhile
		case e.State != EvaluationFinal:
			return ErrMeanwhile
		case value(e.EvaluatorID) == adminID || r.SetBy == adminID:
			return ErrOwn
		}
		return s.reopen(tx, adminID, e, r, reason)
	})
}

func (s *Store) reopen(tx *gorm.DB, adminID int64, e Evaluation, r Result, reason string) error {
	now := s.now()
	shown := r.OpenedAt != nil || r.ReleaseAt != nil && !r.ReleaseAt.After(now)
	if !shown {
		switch err := s.cancelNews(tx, r); {
		case errors.Is(err, ErrReleased): // by a process whose clock is ahead
			shown = true
		case err != nil:
			return err
		}
	}
	column := "withdrawn_at"
	if shown {
		column = "reopened_at"
	}
	if err := failed(tx.Model(&Result{}).Where("id = ?", r.ID).Update(column, now), "note that the result is open again"); err != nil {
		return err
	}
	if err := failed(tx.Create(&Reopening{ResultID: r.ID, ByID: adminID, Reason: reason}), "write reopening"); err != nil {
		return err
	}
	open := tx.Model(&Evaluation{}).Where("id = ?", e.ID).Updates(map[string]any{"state": EvaluationOpen, "reopened_at": now, "updated_at": now})
	if err := failed(open, "open evaluation again"); err != nil {
		return err
	}
	if err := s.tellReopened(tx, e, r, shown); err != nil {
		return err
	}
	return s.audit(tx, adminID, "result.reopen", "result", r.ID, string(EvaluationFinal), asJSON(map[string]string{"reason": reason}, true))
}

func (s *Store) tellReopened(tx *gorm.DB, e Evaluation, r Result, shown bool) error {
	var notices []Notice
	if shown {
		notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d", KindReopened, r.ID), PersonID: e.EmployeeID, PeriodID: e.PeriodID, Kind: KindReopened, Args: fmt.Sprint(r.ID)})
	}
	if e.EvaluatorID != nil {
		notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d", KindReopenedTeam, r.ID), PersonID: *e.EvaluatorID, PeriodID: e.PeriodID, Kind: KindReopenedTeam, Args: fmt.Sprint(r.ID)})
	}
	return s.notify(tx, notices...)
}

// ReopenedNews is what the two whom a reopening concerns are told.
type ReopenedNews struct {
	ResultID     int64
	EvaluationID int64
	Version      int
	Kind         PeriodKind
	FirstDay     Date
	Employee     string
	Evaluator    string
	Reason       string
	At           time.Time
	Open         bool // no later version is set
}

// ReopenedWith returns the reopening of a result to its employee, or to who evaluates him now; ErrNotFound to everybody else.
func (s *Store) ReopenedWith(ctx context.Context, personID, resultID int64) (ReopenedNews, error) {
	var news ReopenedNews
	err := first(s.db.WithContext(ctx).Table("reopenings AS o").
		Select("r.id AS result_id, e.id AS evaluation_id, r.version, p.kind, p.first_day, w.name AS employee, COALESCE(v.name, '') AS evaluator, o.reason, "+
			"o.created_at AS at, NOT EXISTS (SELECT 1 FROM results AS later WHERE later.evaluation_id = r.evaluation_id AND later.version > r.version) AS `open`").
		Joins("JOIN results AS r ON r.id = o.result_id").Joins("JOIN evaluations AS e ON e.id = r.evaluation_id").
		Joins("JOIN periods AS p ON p.id = e.period_id").Joins("JOIN people AS w ON w.id = e.employee_id").
		Joins("LEFT JOIN people AS v ON v.id = e.evaluator_id").
		Where("o.result_id = ? AND (e.employee_id = ? OR e.evaluator_id = ?)", resultID, personID, personID).Take(&news), "read reopening")
	return news, err
}
