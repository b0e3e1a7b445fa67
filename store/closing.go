package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// managed locks a period for its administrator, for a change of the whole of it; ErrNotFound to everybody else.
func (s *Store) managed(tx *gorm.DB, adminID, periodID int64) (AdminPeriod, error) {
	period, _, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return AdminPeriod{}, err
	}
	if !period.Manages {
		return AdminPeriod{}, ErrNotFound
	}
	err = first(s.exclusive(tx).Where("id = ?", periodID).Take(&period.Period), "lock period")
	return period, err
}

// ClosePeriod closes a period for good: its evaluations refuse changes from then on, and a job tells whom it leaves with something
// undone. Closing it again changes nothing.
// ErrNotFound unless all of its units are the administrator's, ErrConflict while it is being opened.
func (s *Store) ClosePeriod(ctx context.Context, adminID, periodID int64) error {
	return s.transaction(ctx, "close period", func(tx *gorm.DB) error {
		period, err := s.managed(tx, adminID, periodID)
		if err != nil || period.State == PeriodClosed {
			return err
		}
		closed := map[string]any{"state": PeriodClosed, "closed_at": s.now()}
		if err := s.move(tx, adminID, MoveClose, period.Period, closed, string(period.State), string(PeriodClosed)); err != nil {
			return err
		}
		// Nobody: the administrator sees at once that it is closed.
		news := Job{Key: fmt.Sprintf("%s:%d", JobCloseNews, periodID), Kind: JobCloseNews, ObjectID: periodID}
		return s.createJob(tx, news)
	})
}

// PublishPeriod lets employees see the results of a period that is released when it is published: those that are set by
// a job, those that are set later by themselves. Publishing it again changes nothing. It returns how many results wait for the job.
// ErrNotFound unless all of its units are the administrator's, ErrConflict when the period is released otherwise or not open yet.
func (s *Store) PublishPeriod(ctx context.Context, adminID, periodID int64) (int, error) {
	waiting := 0
	err := s.transaction(ctx, "publish period", func(tx *gorm.DB) error {
		waiting = 0
		period, err := s.managed(tx, adminID, periodID)
		if err != nil || period.PublishedAt != nil {
			return err
		}
		var n int64
		if err := failed(unreleased(tx, periodID).Count(&n), "count results to publish"); err != nil {
			return err
		}
		waiting = int(n)
		if err := s.move(tx, adminID, MovePublish, period.Period, map[string]any{"published_at": s.now()}, "", fmt.Sprint(waiting)); err != nil {
			return err
		}
		job := Job{Key: fmt.Sprintf("%s:%d", JobPublishResults, periodID), Kind: JobPublishResults, ObjectID: periodID, ActorID: adminID, Total: waiting}
		return s.createJob(tx, job)
	})
	return waiting, err
}

// PublishPeriodNow publishes a period and releases its results at once. It is for tests and samples: the program leaves the work
// to the job, which then finds nothing left to do.
func (s *Store) PublishPeriodNow(ctx context.Context, adminID, periodID int64) (int, error) {
	waiting, err := s.PublishPeriod(ctx, adminID, periodID)
	for cursor, done := int64(0), false; err == nil && !done; {
		err = s.transaction(ctx, "publish results", func(tx *gorm.DB) (err error) {
			_, cursor, done, err = s.publishNext(tx, periodID, cursor)
			return err
		})
	}
	return waiting, err
}

// unreleased selects the results of a period that wait to be published, as r, with their evaluations e.
func unreleased(tx *gorm.DB, periodID int64) *gorm.DB {
	return tx.Table("results AS r").Joins("JOIN evaluations AS e ON e.id = r.evaluation_id AND e.period_id = ?", periodID).
		Where("r.release_at IS NULL AND r.withdrawn_at IS NULL")
}

// PublishChunk releases the results of the next employees of a published period, for the process that holds the lease of the job. The
// returned job is done when there are no more. ErrLeaseLost when another process holds it.
func (s *Store) PublishChunk(ctx context.Context, owner string, jobID int64, lease time.Duration) (Job, error) {
	var job Job
	err := s.transaction(ctx, "publish chunk", func(tx *gorm.DB) error {
		var err error
		if job, err = s.holdJob(tx, owner, jobID); err != nil {
			return err
		}
		released, cursor, done, err := s.publishNext(tx, job.ObjectID, job.Cursor)
		if err != nil {
			return err
		}
		if done {
			job, err = s.finish(tx, job)
			return err
		}
		job, err = s.advance(tx, job, cursor, released, lease)
		return err
	})
	return job, err
}

// publishChunk is how many employees one transaction publishes the results of.
const publishChunk = 200

// publishNext releases what waits of the next employees after a cursor, in the order of their ids, and returns how many results those
// were and the cursor behind them. It guards each evaluation, final or not: one that is being finalised on another node at this
// moment, and does not know of the publication, is finalised again.
func (s *Store) publishNext(tx *gorm.DB, periodID, after int64) (released int, cursor int64, done bool, err error) {
	var employees []int64
	next := tx.Model(&Evaluation{}).Distinct("employee_id").Where("period_id = ? AND employee_id > ?", periodID, after).Order("employee_id").Limit(publishChunk)
	if err := failed(next.Pluck("employee_id", &employees), "find next employees"); err != nil || len(employees) == 0 {
		return 0, after, err == nil, err
	}
	evaluations := tx.Model(&Evaluation{}).Where("period_id = ? AND employee_id IN ?", periodID, employees)
	if err := guard(evaluations, "guard evaluations"); err != nil {
		return 0, after, false, err
	}
	released, err = s.release(tx, periodID, employees)
	return released, employees[len(employees)-1], false, err
}

// KindPublished is the notification that tells an evaluator that his people see their results; the argument is the period.
const KindPublished = "results_published"

// publishTime is longer than it takes to release the results of a city.
const publishTime = time.Minute

// release lets employees see the results that wait for the publication of a period, and owes them the news, and their evaluators once.
func (s *Store) release(tx *gorm.DB, periodID int64, employees []int64) (int, error) {
	var rows []struct {
		Result      `gorm:"embedded"`
		EmployeeID  int64
		EvaluatorID int64
	}
	waiting := unreleased(s.exclusive(tx), periodID).Select("r.*, e.employee_id, COALESCE(e.evaluator_id, 0) AS evaluator_id").
		Where("e.employee_id IN ?", employees).Order("r.id")
	if err := failed(waiting.Find(&rows), "find results to publish"); err != nil || len(rows) == 0 {
		return 0, err
	}
	now := s.now()
	ids, notices, told := make([]int64, 0, len(rows)), make([]Notice, 0, len(rows)), map[int64]bool{0: true}
	for _, row := range rows {
		row.ReleaseAt = &now
		ids, notices = append(ids, row.ID), append(notices, readyNotice(row.Result, row.EmployeeID, periodID))
		if !told[row.EvaluatorID] {
			told[row.EvaluatorID] = true
			news := periodNotice(KindPublished, periodID, row.EvaluatorID)
			news.DueAt = now.Add(publishTime) // when the message counts them, all chunks are done
			notices = append(notices, news)
		}
	}
	if err := failed(tx.Model(&Result{}).Where("id IN ?", ids).Update("release_at", now), "release results"); err != nil {
		return 0, err
	}
	return len(rows), s.notify(tx, notices...)
}

// PublishedResults are the results of one evaluator that their employees can see since a period was published.
type PublishedResults struct {
	Kind     PeriodKind
	FirstDay Date
	Number   int
}

// PublishedBy tells what of an evaluator's results a published period shows; ErrNotFound when it shows none.
func (s *Store) PublishedBy(ctx context.Context, evaluatorID, periodID int64) (PublishedResults, error) {
	var shown PublishedResults
	err := first(s.db.WithContext(ctx).Table("evaluations AS e").Select("p.kind, p.first_day, COUNT(*) AS number").
		Joins("JOIN periods AS p ON p.id = e.period_id AND p.published_at IS NOT NULL").
		Joins("JOIN results AS r ON r.evaluation_id = e.id AND r.withdrawn_at IS NULL AND r.release_at <= ?", s.now()).
		Where("e.evaluator_id = ? AND e.state = ? AND e.period_id = ?", evaluatorID, EvaluationFinal, periodID).
		Group("p.kind, p.first_day").Take(&shown), "count published results")
	return shown, err
}
