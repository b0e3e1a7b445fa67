// Package job does long work that is written down in the store: chunk by chunk, in any process, and shows how far it is.
package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"kinerja/flows"
	"kinerja/store"
)

const (
	// Lease is how long a process may be silent before another goes on with its job; a chunk takes far less.
	Lease = 30 * time.Second
	// every is how often a process looks for work.
	every = time.Second
	// showEvery is how often a message that shows progress is edited at most.
	showEvery = 2 * time.Second
	// watched is how long whoever asked for a job is thought to look on. The end of a longer one is told him by a message of its own.
	watched = 30 * time.Second
	// stopLimit is how long giving a job back may take when the program stops.
	stopLimit = 5 * time.Second
)

// Store is what a runner needs of the records.
type Store interface {
	ClaimJob(ctx context.Context, owner string, lease time.Duration) (store.Job, error)
	ReleaseJob(ctx context.Context, owner string, id int64) error
	JobSeen(ctx context.Context, id int64) error
}

// Shower shows the page at link in a message of a Telegram user.
type Shower interface {
	Show(ctx context.Context, telegramID int64, message int, link flows.Link) error
}

// Work is how the jobs of one kind are done.
type Work struct {
	// Chunk does the next chunk, in one transaction with the progress of the job, and returns the job as it is then.
	Chunk func(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error)
	// Page shows the progress of a job; nil when it is shown nowhere.
	Page func(store.Job) flows.Link
}

// Runner does the jobs of one process, one at a time. Several runners at once, in one process or in many, do no harm.
type Runner struct {
	store  Store
	shower Shower
	works  map[string]Work
	owner  string // of leases
	cause  func(error) string
	log    *slog.Logger
}

// New makes a runner. owner is a name that no other process has. cause tells an error for the log without what people wrote, which its text may hold.
func New(s Store, shower Shower, works map[string]Work, owner string, cause func(error) string, log *slog.Logger) *Runner {
	return &Runner{store: s, shower: shower, works: works, owner: owner, cause: cause, log: log}
}

// Run does jobs until ctx ends, and then gives back the one it was doing. What fails is tried again, by whoever is free first.
func (r *Runner) Run(ctx context.Context) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		worked, err := r.Next(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.Error("a job did not go on; it will be tried again", "cause", r.cause(err))
		}
		if worked && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Next does the oldest job that nobody works on, to its end, and reports whether there was one.
func (r *Runner) Next(ctx context.Context) (worked bool, err error) {
	if ctx.Err() != nil {
		return false, nil
	}
	job, err := r.store.ClaimJob(ctx, r.owner, Lease)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	work, known := r.works[job.Kind]
	if !known { // of a newer program, whose process takes it when the lease is over
		r.log.Warn("a job is of a kind that this program does not know", "job", job.ID, "kind", job.Kind)
		return false, nil
	}
	err = r.do(ctx, work, job)
	if ctx.Err() != nil {
		return true, r.giveBack(ctx, job)
	}
	switch {
	case err == nil, errors.Is(err, store.ErrLeaseLost): // another process was quicker; it goes on
		return true, nil
	default:
		return true, fmt.Errorf("job %d: %w", job.ID, err)
	}
}

// do does one job chunk by chunk until it is done.
func (r *Runner) do(ctx context.Context, work Work, job store.Job) error {
	var shown time.Time
	for job.State == store.JobRunning {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := guarded(func() (err error) {
			job, err = work.Chunk(ctx, r.owner, job.ID, Lease)
			return err
		})
		if err != nil {
			return err
		}
		if job.State == store.JobDone || time.Since(shown) >= showEvery {
			shown = time.Now()
			r.show(ctx, work, job)
		}
	}
	r.log.Info("a job is done", "job", job.ID, "kind", job.Kind, "count", job.Done)
	return nil
}

// guarded turns a panic of do into an error: the process lives on, and what failed is tried again.
func guarded(do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("%s\n%s", faultText(value), debug.Stack())
		}
	}()
	return do()
}

// faultText tells a fault without its values, which may be personal: a runtime error has none, of all else it is the type.
func faultText(value any) string {
	if fault, ok := value.(runtime.Error); ok {
		return fault.Error()
	}
	return fmt.Sprintf("panic of type %T", value)
}

// show edits the message of a job. That it cannot be shown stops no work: the page draws the present state whenever it is opened, and the
// end is told by a message of its own. Who looks on and sees the end needs no such message.
func (r *Runner) show(ctx context.Context, work Work, job store.Job) {
	if work.Page == nil || job.MessageID == 0 {
		return
	}
	err := guarded(func() error {
		err := r.shower.Show(ctx, job.ChatID, job.MessageID, work.Page(job))
		if err == nil && job.State == store.JobDone && job.UpdatedAt.Sub(job.CreatedAt) < watched {
			err = r.store.JobSeen(ctx, job.ID)
		}
		return err
	})
	if err != nil {
		r.log.Warn("the progress of a job could not be shown", "job", job.ID, "cause", r.cause(err))
	}
}

func (r *Runner) giveBack(ctx context.Context, job store.Job) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	return r.store.ReleaseJob(limited, r.owner, job.ID)
}
