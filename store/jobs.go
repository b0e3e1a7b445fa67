package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// The kinds of job.
const (
	JobOpenPeriod     = "open_period"     // creates the evaluations of a period; ObjectID is the period
	JobPublishResults = "publish_results" // releases the results of a period; ObjectID is the period
)

// The states of a job.
const (
	JobRunning = "running"
	JobDone    = "done"
)

// KindJobDone is the notification that tells who asked for long work that it is done.
const KindJobDone = "job_done"

// cardTime is how long the news of a job waits for the message that shows its end: see JobSeen.
const cardTime = 20 * time.Second

// ErrLeaseLost is returned to a process that went on with a job which another process has taken over. It is an ErrConflict.
var ErrLeaseLost = fmt.Errorf("job belongs to another process: %w", ErrConflict)

// freeJob selects the running jobs that no process holds at a moment of the clock of leases.
const freeJob = "state = ? AND (lease_until IS NULL OR lease_until <= ?)"

// ClaimJob gives owner, whose name is unique to its process, the oldest job that nobody works on, for the time of the lease.
// ErrNotFound means that there is none. Whoever stops without giving it back loses it when the lease ends.
func (s *Store) ClaimJob(ctx context.Context, owner string, lease time.Duration) (Job, error) {
	var job Job
	// Read without a lock first: the usual answer is that there is no work.
	if err := first(s.db.WithContext(ctx).Where(freeJob, JobRunning, s.leaseTime(0)).Order("id").Take(&job), "find job"); err != nil {
		return Job{}, err
	}
	return s.takeJob(ctx, job.ID, owner, lease)
}

// takeJob claims one job; ErrNotFound when somebody was quicker, or it is done.
func (s *Store) takeJob(ctx context.Context, id int64, owner string, lease time.Duration) (Job, error) {
	var job Job
	err := s.transaction(ctx, "claim job", func(tx *gorm.DB) error {
		taken := tx.Model(&Job{}).Where("id = ? AND "+freeJob, id, JobRunning, s.leaseTime(0)).
			Updates(map[string]any{"lease_owner": owner, "lease_until": s.leaseTime(lease)})
		if err := found(taken, "claim job"); err != nil {
			return err
		}
		return first(tx.Where("id = ?", id).Take(&job), "read job")
	})
	return job, err
}

// ReleaseJob gives a job back, so that another process can go on at once. Giving back what is not held changes nothing.
func (s *Store) ReleaseJob(ctx context.Context, owner string, id int64) error {
	return s.transaction(ctx, "release job", func(tx *gorm.DB) error {
		return failed(tx.Model(&Job{}).Where("id = ? AND lease_owner = ?", id, owner).
			Updates(map[string]any{"lease_owner": "", "lease_until": nil}), "release job")
	})
}

// JobFor returns a job to the person who asked for it; ErrNotFound to everybody else.
func (s *Store) JobFor(ctx context.Context, personID, id int64) (Job, error) {
	var job Job
	err := first(s.db.WithContext(ctx).Where("id = ? AND actor_id = ?", id, personID).Take(&job), "find job")
	return job, err
}

// createJob writes down work that is to be done. The caller makes sure that it is asked for once.
func (s *Store) createJob(tx *gorm.DB, job Job) error {
	job.State = JobRunning
	return failed(tx.Create(&job), "create job")
}

// holdJob locks a running job for the process that holds its lease, for one chunk of its work.
func (s *Store) holdJob(tx *gorm.DB, owner string, id int64) (Job, error) {
	var job Job
	err := first(s.exclusive(tx).Where("id = ? AND lease_owner = ? AND state = ?", id, owner, JobRunning).Take(&job), "hold job")
	if err == ErrNotFound { //nolint:errorlint // first returns it bare
		return Job{}, ErrLeaseLost
	}
	return job, err
}

// advance records a chunk that is done, in the transaction of its work, and renews the lease.
func (s *Store) advance(tx *gorm.DB, job Job, cursor int64, done int, lease time.Duration) (Job, error) {
	job.Cursor, job.Done, job.UpdatedAt = cursor, job.Done+done, s.now()
	advanced := tx.Model(&Job{}).Where("id = ?", job.ID).
		Updates(map[string]any{"cursor": job.Cursor, "done": job.Done, "lease_until": s.leaseTime(lease), "updated_at": job.UpdatedAt})
	return job, failed(advanced, "advance job")
}

// finish ends a job, in the transaction of its last chunk, and owes the news to whoever asked for it.
func (s *Store) finish(tx *gorm.DB, job Job) (Job, error) {
	return s.finishAs(tx, job, KindJobDone, fmt.Sprint(job.ID))
}

// finishAs is finish with news of another kind.
func (s *Store) finishAs(tx *gorm.DB, job Job, kind, args string) (Job, error) {
	job.State, job.LeaseOwner, job.LeaseUntil, job.UpdatedAt = JobDone, "", nil, s.now()
	ended := tx.Model(&Job{}).Where("id = ?", job.ID).
		Updates(map[string]any{"state": JobDone, "lease_owner": "", "lease_until": nil, "updated_at": job.UpdatedAt})
	if err := failed(ended, "finish job"); err != nil || job.ActorID == 0 {
		return job, err
	}
	due := s.now()
	if job.MessageID != 0 {
		due = due.Add(cardTime)
	}
	return job, s.notify(tx, Notice{Key: jobNewsKey(job.ID), PersonID: job.ActorID, Kind: kind, Args: args, DueAt: due})
}

func jobNewsKey(jobID int64) string { return fmt.Sprintf("%s:%d", KindJobDone, jobID) }

// JobSeen says that whoever asked for a job saw its end in the message that shows it, so that he need not be sent the news.
func (s *Store) JobSeen(ctx context.Context, jobID int64) error {
	return s.transaction(ctx, "forget news of job", func(tx *gorm.DB) error {
		unsent := tx.Model(&Notification{}).
			Where("`key` = ? AND state = ? AND (lease_until IS NULL OR lease_until <= ?)", jobNewsKey(jobID), Owed, s.leaseTime(0))
		return failed(unsent.Updates(map[string]any{"state": Cancelled, "updated_at": s.now()}), "forget news of job")
	})
}
