package upload

import (
	"bytes"
	"context"
	"errors"
	"time"

	"kinerja/flows"
	"kinerja/flows/job"
	"kinerja/flows/roster"
	"kinerja/locales"
	"kinerja/store"
)

// Records is what the jobs need of the records.
type Records interface {
	Store
	roster.Writer
	UploadOfJob(ctx context.Context, owner string, jobID int64) (store.Upload, store.Job, error)
	RenewJob(ctx context.Context, owner string, jobID int64, lease time.Duration) error
	KeepJob(ctx context.Context, owner string, jobID int64, done, all int, lease time.Duration) (store.Job, error)
	EndUploadJob(ctx context.Context, owner string, jobID int64, state store.UploadState, summary, digest string) (store.Job, error)
}

// stepRows is how many rows are written between two looks at the lease. Whether who asked may still write is looked at in each transaction.
const stepRows = 200

// works does the jobs of uploads.
type works struct {
	records Records
	files   Files
}

// Works is the long work of uploads, for the runner of jobs.
func Works(records Records, files Files) map[string]job.Work {
	w := works{records, files}
	page := func(j store.Job) flows.Link { return flows.To("import.show", j.ObjectID) }
	return map[string]job.Work{
		store.JobCheckUpload: {Chunk: w.check, Page: page},
		store.JobApplyUpload: {Chunk: w.apply, Page: page},
	}
}

// patience is how long a job is tried again for a cause that nobody knows: a file that trips the program would be tried for ever.
const patience = 30 * time.Minute

// check looks what a file would change, and ends the job with that.
func (w works) check(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error) {
	upload, job, err := w.records.UploadOfJob(ctx, owner, jobID)
	if err != nil {
		return store.Job{}, err
	}
	if upload.State == store.UploadDropped { // and nobody asks any more
		return w.records.EndUploadJob(ctx, owner, jobID, store.UploadDropped, "", "")
	}
	plan, err := w.planKept(ctx, owner, jobID, lease, upload)
	if err != nil {
		return w.fails(ctx, owner, job, err)
	}
	return w.end(ctx, owner, jobID, store.UploadReady, summaryOf(plan), plan)
}

// end ends a job with what was found.
func (w works) end(ctx context.Context, owner string, jobID int64, state store.UploadState, found summary, plan roster.Plan) (store.Job, error) {
	text, err := found.text()
	if err != nil {
		return store.Job{}, err
	}
	return w.records.EndUploadJob(ctx, owner, jobID, state, text, plan.Digest())
}

// fails ends a job for what is wrong with the file or with who sent it, and asks where a column is not known. Other causes may pass; the job is
// tried again until patience is over.
func (w works) fails(ctx context.Context, owner string, job store.Job, cause error) (store.Job, error) {
	problem, question, known := fault(cause)
	switch {
	case question != nil:
		return w.end(ctx, owner, job.ID, store.UploadAsking, summary{Question: short(question)}, roster.Plan{})
	case known:
	case w.records.Now().Sub(job.CreatedAt) < patience:
		return store.Job{}, cause
	default:
		problem = &roster.Problem{Key: "file.given_up"}
	}
	return w.end(ctx, owner, job.ID, store.UploadUnusable, summary{Problem: problem, Applied: job.Done}, roster.Plan{})
}

// apply writes the good rows, step by step. It may be done twice: what an earlier run has written is the same for the next.
func (w works) apply(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error) {
	upload, job, err := w.records.UploadOfJob(ctx, owner, jobID)
	if err != nil {
		return store.Job{}, err
	}
	plan, err := w.planKept(ctx, owner, jobID, lease, upload)
	if err != nil {
		return w.fails(ctx, owner, job, err)
	}
	if plan.Since(upload.Digest) == roster.Changed {
		return w.stale(ctx, owner, jobID, plan)
	}
	all := job.Done + plan.Changes()
	for _, step := range plan.Steps(stepRows) {
		if err := step.Apply(ctx, w.records, upload.ActorID); err != nil {
			return w.stopped(ctx, owner, job, upload, err)
		}
		if job, err = w.records.KeepJob(ctx, owner, jobID, job.Done+step.Rows(), all, lease); err != nil {
			return store.Job{}, err
		}
	}
	found, shown := summaryOf(plan), readSummary(upload)
	found.Applied, found.Units, found.People = job.Done, shown.Units, shown.People // of a plan that was made anew half way, the rest is left
	return w.end(ctx, owner, jobID, store.UploadDone, found, plan)
}

// stale ends the job without writing more: what was shown is not what would be done any more.
func (w works) stale(ctx context.Context, owner string, jobID int64, plan roster.Plan) (store.Job, error) {
	found := summaryOf(plan)
	found.Stale = true
	return w.end(ctx, owner, jobID, store.UploadReady, found, plan)
}

// stopped looks at the file anew where a step could not be written because what it points at, or the role of who asked, is gone.
func (w works) stopped(ctx context.Context, owner string, job store.Job, u store.Upload, cause error) (store.Job, error) {
	if !errors.Is(cause, store.ErrNotFound) && !errors.Is(cause, store.ErrConflict) {
		return w.fails(ctx, owner, job, cause)
	}
	plan, err := w.plan(ctx, u)
	if err != nil {
		return w.fails(ctx, owner, job, err)
	}
	return w.stale(ctx, owner, job.ID, plan)
}

// planKept is plan while the lease is renewed.
func (w works) planKept(ctx context.Context, owner string, jobID int64, lease time.Duration, u store.Upload) (roster.Plan, error) {
	defer w.keep(ctx, owner, jobID, lease)()
	return w.plan(ctx, u)
}

// plan fetches the file and looks what it would change, as far as who sent it may change that now.
func (w works) plan(ctx context.Context, u store.Upload) (roster.Plan, error) {
	file, scope, err := read(ctx, w.records, w.files, u)
	if err != nil {
		return roster.Plan{}, err
	}
	return check(ctx, w.records, file, u, scope)
}

// read fetches a file and takes it apart.
func read(ctx context.Context, s Store, files Files, u store.Upload) (roster.File, store.Scope, error) {
	scope, err := s.AdminScope(ctx, u.ActorID)
	switch {
	case err != nil:
		return roster.File{}, scope, err
	case !scope.City():
		return roster.File{}, scope, errNoRole
	}
	content, err := files.Fetch(ctx, u.FileID, maxSize)
	if err != nil {
		return roster.File{}, scope, err
	}
	file, err := roster.Read(u.Name, bytes.NewReader(content), roster.DefaultLimits(), readMapping(u))
	return file, scope, err
}

func check(ctx context.Context, s Store, file roster.File, u store.Upload, scope store.Scope) (roster.Plan, error) {
	admin, err := s.PersonByID(ctx, u.ActorID)
	if err != nil {
		return roster.Plan{}, err
	}
	return roster.Check(ctx, s, file, roster.ScopeOf(admin, scope))
}

var errNoRole = errors.New("the sender administers nothing any more")

// fault reads from an error what is wrong with the file itself; known is false for what may pass.
func fault(err error) (problem *roster.Problem, question *roster.HeaderQuestion, known bool) {
	if errors.As(err, &question) {
		return nil, question, true
	}
	if found, ok := roster.FileProblem(err); ok {
		return &found, nil, true
	}
	for cause, key := range map[error]string{ErrGone: "file.gone", ErrTooLarge: "file.too_big", errNoRole: "file.no_role"} {
		if errors.Is(err, cause) {
			return &roster.Problem{Key: key, Args: locales.Args{"Megabytes": maxSize >> 20}}, nil, true
		}
	}
	return nil, nil, false
}

// keep renews the lease while a long step goes on, until the returned function is called. A lease that is lost shows when the job is ended.
func (w works) keep(ctx context.Context, owner string, jobID int64, lease time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(lease / 3)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if w.records.RenewJob(ctx, owner, jobID, lease) != nil {
					return
				}
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}
