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

// ClosePeriod closes a period for good: its evaluations refuse changes from then on. Closing it again changes nothing.
// ErrNotFound unless all of its units are the administrator's, ErrConflict while it is being opened.
func (s *Store) ClosePeriod(ctx context.Context, adminID, periodID int64) error {
	return s.transaction(ctx, "close period", func(tx *gorm.DB) error {
		period, err := s.managed(tx, adminID, periodID)
		switch {
		case err != nil || period.State == PeriodClosed:
			return err
		case period.State == PeriodOpening:
			return ErrConflict
		}
		now := s.now()
		closed := tx.Model(&Period{}).Where("id = ?", periodID).Updates(map[string]any{"state": PeriodClosed, "closed_at": now, "updated_at": now})
		if err := failed(closed, "close period"); err != nil {
			return err
		}
		return s.audit(tx, adminID, "period.close", "period", periodID, string(period.State), string(PeriodClosed))
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
		switch {
		case err != nil || period.PublishedAt != nil:
			return err
		case period.Release != ReleasePublished || period.State == PeriodOpening:
			return ErrConflict
		}
		now := s.now()
		published := tx.Model(&Period{}).Where("id = ?", periodID).Updates(map[string]any{"published_at": now, "updated_at": now})
		if err := failed(published, "publish period"); err != nil {
			return err
		}
		if waiting, err = unreleased(tx, periodID); err != nil {
			return err
		}
		job := Job{Key: fmt.Sprintf("%s:%d", JobPublishResults, periodID), Kind: JobPublishResults, ObjectID: periodID, ActorID: adminID, Total: waiting}
		if err := s.createJob(tx, job); err != nil {
			return err
		}
		return s.audit(tx, adminID, "period.publish", "period", periodID, "", fmt.Sprint(waiting))
	})
	return waiting, err
}

// PublishPeriodNow publishes a period and releases its results at once. It is for tests and samples: the program leaves the work
// to the job, which then finds nothing left to do.
func (s *Store) PublishPeriodNow(ctx context.Context, adminID, periodID int64) (int, error) {
	waiting, err := s.PublishPeriod(ctx, adminID, periodID)
	for n := 1; err == nil && n > 0; {
		n, err = s.publishSome(ctx, periodID)
	}
	return waiting, err
}

// unreleased counts the results of a period that wait to be published.
func unreleased(tx *gorm.DB, periodID int64) (int, error) {
	var n int64
	err := failed(tx.Table("results AS r").Joins("JOIN evaluations AS e ON e.id = r.evaluation_id AND e.period_id = ?", periodID).
		Where("r.release_at IS NULL AND r.withdrawn_at IS NULL").Count(&n), "count results to publish")
	return int(n), err
}

// PublishChunk releases the next results of a published period, for the process that holds the lease of the job. The returned job
// is done when there are no more. ErrLeaseLost when another process holds it.
func (s *Store) PublishChunk(ctx context.Context, owner string, jobID int64, lease time.Duration) (Job, error) {
	var job Job
	hold := func(tx *gorm.DB) (err error) {
		job, err = s.holdJob(tx, owner, jobID)
		return err
	}
	if err := s.transaction(ctx, "hold job", hold); err != nil {
		return Job{}, err
	}
	// Not one transaction with the job: a crash between them only makes the count of the job too small.
	released, err := s.publishSome(ctx, job.ObjectID)
	if err != nil {
		return Job{}, err
	}
	err = s.transaction(ctx, "publish chunk", func(tx *gorm.DB) error {
		err := hold(tx)
		if err != nil {
			return err
		}
		if released > 0 {
			job, err = s.advance(tx, job, job.Cursor, released, lease)
			return err
		}
		job, err = s.finish(tx, job)
		return err
	})
	return job, err
}
