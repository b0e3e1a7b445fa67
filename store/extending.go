package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Extension is a deadline that was moved to a later day.
type Extension struct {
	ID               int64
	PeriodID         int64
	DueBefore        time.Time // unique with the period: each deadline is extended once, to the next one
	DueAfter         time.Time
	SelfReportBefore time.Time
	SelfReportAfter  time.Time
	Reason           string
	ExtendedBy       int64
	ExtendedAt       time.Time
}

// TableName is the table of extensions.
func (Extension) TableName() string { return "period_extensions" }

// Why a deadline is not extended. All are an ErrConflict.
var (
	ErrDeadlinePassed = fmt.Errorf("deadline has passed: %w", ErrConflict)
	ErrDeadlineMoved  = fmt.Errorf("deadline is another one meanwhile: %w", ErrConflict)
	ErrNoExtension    = fmt.Errorf("deadline would not become later: %w", ErrConflict)
)

// JobDeadlineNews owes the news of a deadline that was extended; ObjectID is the extension.
const JobDeadlineNews = "deadline_news"

// The notifications of a deadline that was extended; the arguments are the period and the extension.
const (
	KindDeadlineExtended   = "deadline_extended"   // to an evaluator who has people left
	KindSelfReportExtended = "selfreport_extended" // to an employee whose own date moved with it
)

// ExtendPeriod moves the deadline of a period that is open to a later moment, with a reason, and owes the news to those whom it concerns: see
// DeadlineNewsChunk. DueBefore is the deadline that the administrator had seen; the same again is done already.
//
// ErrNotFound unless all of its units are the administrator's. ErrDeadlinePassed after the deadline: then the right is the superiors'
// (PermenPANRB 6/2022, annex IV.A.11). ErrDeadlineMoved when somebody else has extended it, ErrNoExtension when it would not become later.
func (s *Store) ExtendPeriod(ctx context.Context, adminID int64, x Extension) error {
	return s.transaction(ctx, "extend period", func(tx *gorm.DB) error {
		period, err := s.managed(tx, adminID, x.PeriodID)
		if err != nil {
			return err
		}
		x.DueBefore, x.DueAfter, x.SelfReportAfter = x.DueBefore.UTC(), x.DueAfter.UTC(), x.SelfReportAfter.UTC()
		if done, err := isDone(tx, x); done || err != nil {
			return err
		}
		switch {
		case !period.ScoringDue.Equal(x.DueBefore):
			return ErrDeadlineMoved
		case !period.May(MoveExtend, s.now()) && period.State == PeriodOpen:
			return ErrDeadlinePassed
		case !x.DueAfter.After(period.ScoringDue), x.SelfReportAfter.Before(period.SelfReportDue), x.SelfReportAfter.After(x.DueAfter):
			return ErrNoExtension
		}
		x.ID, x.SelfReportBefore, x.ExtendedBy, x.ExtendedAt = 0, period.SelfReportDue, adminID, s.now()
		change := map[string]any{"scoring_due": x.DueAfter, "self_report_due": x.SelfReportAfter}
		if err := s.move(tx, adminID, MoveExtend, period.Period, change, asJSON(dates{x.DueBefore, x.SelfReportBefore, ""}, true),
			asJSON(dates{x.DueAfter, x.SelfReportAfter, x.Reason}, true)); err != nil {
			return err
		}
		if err := failed(tx.Create(&x), "write extension"); err != nil {
			return err
		}
		return s.createJob(tx, Job{Key: fmt.Sprintf("%s:%d", JobDeadlineNews, x.ID), Kind: JobDeadlineNews, ObjectID: x.ID})
	})
}

// dates are the two dates of a period in the audit.
type dates struct {
	ScoringDue    time.Time `json:"scoring_due"`
	SelfReportDue time.Time `json:"self_report_due"`
	Reason        string    `json:"reason,omitempty"`
}

// isDone reports whether a deadline was extended so already.
func isDone(tx *gorm.DB, x Extension) (bool, error) {
	err := first(tx.Where("period_id = ? AND due_before = ? AND due_after = ?", x.PeriodID, x.DueBefore, x.DueAfter).Take(&Extension{}), "find extension")
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Concerned is who hears of a deadline that is extended.
type Concerned struct {
	Evaluators int // with people left
	Employees  int // whose evaluation is not final: they hear of it where their own date moves
}

// ConcernedBy counts whom the extension of a period's deadline concerns, for an administrator of all of its units; ErrNotFound to others.
func (s *Store) ConcernedBy(ctx context.Context, adminID, periodID int64) (AdminPeriod, Concerned, error) {
	tx := s.db.WithContext(ctx)
	period, _, err := s.periodFor(tx, adminID, periodID)
	if err == nil && !period.Manages {
		err = ErrNotFound
	}
	if err != nil {
		return AdminPeriod{}, Concerned{}, err
	}
	var n Concerned
	err = failed(tx.Model(&Evaluation{}).Select("COUNT(DISTINCT evaluator_id) AS evaluators, COUNT(DISTINCT employee_id) AS employees").
		Where("period_id = ? AND state = ?", periodID, EvaluationOpen).Take(&n), "count whom an extension concerns")
	return period, n, err
}

// Extensions lists the extensions of a period, the latest first, to an administrator of some of its units; ErrNotFound to others.
func (s *Store) Extensions(ctx context.Context, adminID, periodID int64) ([]Extension, error) {
	tx := s.db.WithContext(ctx)
	if _, _, err := s.periodFor(tx, adminID, periodID); err != nil {
		return nil, err
	}
	var list []Extension
	err := failed(tx.Where("period_id = ?", periodID).Order("id DESC").Find(&list), "list extensions")
	return list, err
}

// DeadlineNewsChunk owes the next people of an extension its news, for the process that holds the lease of the job: each evaluator with people
// left once, however many, and each employee among those where his own date moved. ErrLeaseLost when another process holds it.
func (s *Store) DeadlineNewsChunk(ctx context.Context, owner string, jobID int64, lease time.Duration) (Job, error) {
	var job Job
	err := s.transaction(ctx, "deadline news", func(tx *gorm.DB) error {
		var err error
		if job, err = s.holdJob(tx, owner, jobID); err != nil {
			return err
		}
		var x Extension
		err = first(tx.Where("id = ?", job.ObjectID).Take(&x), "find extension")
		if err != nil && !errors.Is(err, ErrNotFound) { // its period may have been pruned
			return err
		}
		var left []Evaluation
		next := tx.Where("period_id = ? AND state = ? AND id > ?", x.PeriodID, EvaluationOpen, job.Cursor).Order("id").Limit(newsChunk)
		if err := failed(next.Find(&left), "find evaluations left open"); err != nil {
			return err
		}
		if len(left) == 0 {
			job, err = s.finish(tx, job)
			return err
		}
		if err := s.notify(tx, deadlineNotices(x, left)...); err != nil {
			return err
		}
		job, err = s.advance(tx, job, left[len(left)-1].ID, len(left), lease)
		return err
	})
	return job, err
}

func deadlineNotices(x Extension, left []Evaluation) []Notice {
	var notices []Notice
	told := map[string]bool{}
	tell := func(kind string, person int64) {
		key := fmt.Sprintf("%s:%d:%d", kind, x.ID, person)
		if !told[key] {
			told[key] = true
			notices = append(notices, Notice{Key: key, PersonID: person, PeriodID: x.PeriodID, Kind: kind, Args: fmt.Sprintf("%d:%d", x.PeriodID, x.ID)})
		}
	}
	for _, e := range left {
		if e.EvaluatorID != nil {
			tell(KindDeadlineExtended, *e.EvaluatorID)
		}
		if x.SelfReportAfter.After(x.SelfReportBefore) {
			tell(KindSelfReportExtended, e.EmployeeID)
		}
	}
	return notices
}

// DeadlineNews returns the period of an extension as long as its news is new: it is open, that date was not extended since, and the person has
// an evaluation in it that is not final, as employee or to do. ErrNotFound otherwise.
func (s *Store) DeadlineNews(ctx context.Context, kind string, personID, periodID, extensionID int64) (Period, error) {
	tx := s.db.WithContext(ctx)
	whose, last := "evaluator_id = ?", tx.Where("period_id = ?", periodID)
	if kind == KindSelfReportExtended {
		whose, last = "employee_id = ?", last.Where("self_report_after > self_report_before")
	}
	var x Extension
	if err := first(last.Order("id DESC").Take(&x), "find extension"); err != nil {
		return Period{}, err
	}
	var n int64
	if err := failed(tx.Model(&Evaluation{}).Where("period_id = ? AND state = ?", periodID, EvaluationOpen).Where(whose, personID).Count(&n), "count evaluations left"); err != nil {
		return Period{}, err
	}
	if x.ID != extensionID || n == 0 {
		return Period{}, ErrNotFound
	}
	var p Period
	err := first(tx.Where("id = ? AND state = ?", periodID, PeriodOpen).Take(&p), "find period")
	return p, err
}
