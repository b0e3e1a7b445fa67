package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// The states of a job.
const (
	JobRunning = "running"
	JobDone    = "done"
)

// ClaimJob takes a running job whose lease is free, for the length of a lease; ErrNotFound when there is none. Any process
// may go on with a job whose holder died.
func (s *Store) ClaimJob(ctx context.Context, owner string, lease time.Duration) (Job, error) {
	var job Job
	err := s.transaction(ctx, "claim job", func(tx *gorm.DB) error {
		now := s.now()
		job = Job{}
		free := s.exclusive(tx).Where("state = ? AND (lease_until IS NULL OR lease_until <= ? OR lease_owner = ?)", JobRunning, now, owner)
		if err := first(free.Order("id").Take(&job), "find job"); err != nil {
			return err
		}
		until := now.Add(lease)
		job.LeaseOwner, job.LeaseUntil = owner, &until
		return failed(tx.Model(&Job{}).Where("id = ?", job.ID).Updates(map[string]any{"lease_owner": owner, "lease_until": until, "updated_at": now}), "take job")
	})
	return job, err
}

// WorkOn does the next chunk of a job in one transaction with its progress, and returns the job as it is then. When another
// process has moved it meanwhile it does nothing but return what that one left.
func (s *Store) WorkOn(ctx context.Context, job Job) (Job, error) {
	templates, err := s.TemplateVersions(ctx)
	if err != nil {
		return job, err
	}
	var after Job
	err = s.transaction(ctx, fmt.Sprintf("work on job %d", job.ID), func(tx *gorm.DB) error {
		after = Job{}
		if err := first(s.exclusive(tx).Where("id = ?", job.ID).Take(&after), "lock job"); err != nil {
			return err
		}
		if after.State != JobRunning || after.Cursor != job.Cursor {
			return nil
		}
		if after.Kind != jobOpenPeriod {
			return fmt.Errorf("job of unknown kind %q", after.Kind)
		}
		if err := s.fillPeriod(tx, &after, templates); err != nil {
			return err
		}
		progress := map[string]any{"cursor": after.Cursor, "done": after.Done, "state": after.State, "updated_at": s.now()}
		return failed(tx.Model(&Job{}).Where("id = ?", after.ID).Updates(progress), "store progress")
	})
	return after, err
}

// JobFor returns a job to the person who asked for it; ErrNotFound to everybody else.
func (s *Store) JobFor(ctx context.Context, personID, jobID int64) (Job, error) {
	var job Job
	err := first(s.db.WithContext(ctx).Where("id = ? AND actor_id = ?", jobID, personID).Take(&job), "read job")
	return job, err
}
