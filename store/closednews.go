package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// JobCloseNews owes the news of a closed period to those whom it left with something undone; ObjectID is the period.
const JobCloseNews = "close_news"

// The notifications of a closed period.
const (
	KindClosedUnscored = "closed_unscored" // to an evaluator who has people left; the argument is the period
	KindNotEvaluated   = "not_evaluated"   // to an employee without result; the argument is the period
)

// newsChunk is how many evaluations of a closed period one transaction looks at.
const newsChunk = 200

// CloseNewsChunk owes the next people of a closed period its news, for the process that holds the lease of the job: each evaluator
// once, however many people he has left, and each employee who stays without result. ErrLeaseLost when another process holds it.
func (s *Store) CloseNewsChunk(ctx context.Context, owner string, jobID int64, lease time.Duration) (Job, error) {
	var job Job
	err := s.transaction(ctx, "close news", func(tx *gorm.DB) error {
		var err error
		if job, err = s.holdJob(tx, owner, jobID); err != nil {
			return err
		}
		var left []Evaluation
		next := tx.Where("period_id = ? AND state = ? AND reopened_at IS NULL AND id > ?", job.ObjectID, EvaluationOpen, job.Cursor).Order("id").Limit(newsChunk)
		if err := failed(next.Find(&left), "find evaluations left open"); err != nil {
			return err
		}
		if len(left) == 0 {
			job, err = s.finish(tx, job)
			return err
		}
		if err := s.notify(tx, closedNotices(left)...); err != nil {
			return err
		}
		job, err = s.advance(tx, job, left[len(left)-1].ID, len(left), lease)
		return err
	})
	return job, err
}

func closedNotices(left []Evaluation) []Notice {
	var notices []Notice
	told := map[int64]bool{}
	for _, e := range left {
		if e.EvaluatorID != nil && !told[*e.EvaluatorID] {
			told[*e.EvaluatorID] = true
			notices = append(notices, periodNotice(KindClosedUnscored, e.PeriodID, *e.EvaluatorID))
		}
		notices = append(notices, periodNotice(KindNotEvaluated, e.PeriodID, e.EmployeeID))
	}
	return notices
}

func periodNotice(kind string, periodID, personID int64) Notice {
	return Notice{Key: fmt.Sprintf("%s:%d:%d", kind, periodID, personID), PersonID: personID, PeriodID: periodID, Kind: kind, Args: fmt.Sprint(periodID)}
}

// ClosedGap is what a closed period left undone: for an evaluator how many of his people, for an employee his own result.
type ClosedGap struct {
	PeriodID  int64
	Kind      PeriodKind
	FirstDay  Date
	ClosedAt  time.Time
	UnitID    int64  // of the people left: whose administrator can be asked; one of them where there are several
	Open      int    // people without result
	Evaluator string // who would have evaluated; "" for nobody
}

// closedGaps selects evaluations that a closed period left open, unless the same days were evaluated in another period.
func (s *Store) closedGaps(ctx context.Context) *gorm.DB {
	return s.db.WithContext(ctx).Table("evaluations AS e").
		Joins("JOIN periods AS p ON p.id = e.period_id AND p.state = ?", PeriodClosed).
		Joins("LEFT JOIN people AS evaluators ON evaluators.id = e.evaluator_id").
		Where("e.state = ? AND e.reopened_at IS NULL", EvaluationOpen).
		Where("NOT EXISTS (SELECT 1 FROM evaluations AS o JOIN periods AS op ON op.id = o.period_id "+
			"WHERE o.employee_id = e.employee_id AND o.id <> e.id AND op.kind = p.kind AND op.first_day = p.first_day AND (op.state <> ? OR o.state = ?))",
			PeriodClosed, EvaluationFinal).
		Group("p.id, p.kind, p.first_day, p.closed_at").Order("p.closed_at DESC, p.id DESC")
}

const gapColumns = "p.id AS period_id, p.kind, p.first_day, p.closed_at, MIN(e.unit_id) AS unit_id, COUNT(*) AS `open`, " +
	"COALESCE(MAX(evaluators.name), '') AS evaluator"

// UnscoredBy lists the closed periods in which an evaluator has people left without result, the latest first.
func (s *Store) UnscoredBy(ctx context.Context, evaluatorID int64) ([]ClosedGap, error) {
	var gaps []ClosedGap
	err := failed(s.closedGaps(ctx).Select(gapColumns).Where("e.evaluator_id = ?", evaluatorID).Find(&gaps), "find people left unscored")
	return gaps, err
}

// UnevaluatedIn lists the closed periods that gave an employee no result, the latest first.
func (s *Store) UnevaluatedIn(ctx context.Context, employeeID int64) ([]ClosedGap, error) {
	var gaps []ClosedGap
	err := failed(s.closedGaps(ctx).Select(gapColumns).Where("e.employee_id = ?", employeeID).Find(&gaps), "find periods without result")
	return gaps, err
}

// GapIn finds the gap of one period.
func GapIn(gaps []ClosedGap, periodID int64) (ClosedGap, bool) {
	for _, gap := range gaps {
		if gap.PeriodID == periodID {
			return gap, true
		}
	}
	return ClosedGap{}, false
}
