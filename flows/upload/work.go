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
	KeepJob(ctx context.Context, owner string, jobID int64, done, all int, lease time.Duration) (store.Job, error)
	EndUploadJob(ctx context.Context, owner string, jobID int64, state store.UploadState, summary, digest string) (store.Job, error)
}

// stepRows is how many rows are written between two looks at the lease and the rights of who asked.
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

// check looks what a file would change, and ends the job with that.
func (w works) check(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error) {
	upload, _, err := w.records.UploadOfJob(ctx, owner, jobID)
	if err != nil {
		return store.Job{}, err
	}
	if upload.State == store.UploadDropped { // and nobody asks any more
		return w.records.EndUploadJob(ctx, owner, jobID, store.UploadDropped, "", "")
	}
	plan, _, err := w.planKept(ctx, owner, jobID, lease, upload)
	state, found := store.UploadReady, summaryOf(plan)
	if problem, question, known := fault(err); known {
		state, found = store.UploadUnusable, summary{Problem: problem}
		if question != nil {
			state, found = store.UploadAsking, summary{Question: short(question)}
		}
	} else if err != nil {
		return store.Job{}, err
	}
	return w.end(ctx, owner, jobID, state, found, plan)
}

// end ends a job with what was found.
func (w works) end(ctx context.Context, owner string, jobID int64, state store.UploadState, found summary, plan roster.Plan) (store.Job, error) {
	text, err := found.text()
	if err != nil {
		return store.Job{}, err
	}
	return w.records.EndUploadJob(ctx, owner, jobID, state, text, plan.Digest())
}

// apply writes the good rows, step by step. It may be done twice: what an earlier run has written is the same for the next.
func (w works) apply(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error) {
	upload, begun, err := w.records.UploadOfJob(ctx, owner, jobID)
	if err != nil {
		return store.Job{}, err
	}
	plan, scope, err := w.planKept(ctx, owner, jobID, lease, upload)
	if problem, _, known := fault(err); known { // Telegram has lost the file, or he lost his role
		return w.end(ctx, owner, jobID, store.UploadUnusable, summary{Problem: problem}, plan)
	}
	if err != nil {
		return store.Job{}, err
	}
	found := summaryOf(plan)
	if plan.Since(upload.Digest) == roster.Changed {
		found.Stale = true
		return w.end(ctx, owner, jobID, store.UploadReady, found, plan)
	}
	done, all := begun.Done, begun.Done+plan.Changes()
	for _, step := range plan.Steps(stepRows) {
		if err := w.step(ctx, upload, scope, step); err != nil {
			return w.changedUnderway(ctx, owner, jobID, upload, err)
		}
		done += step.Rows()
		if _, err := w.records.KeepJob(ctx, owner, jobID, done, all, lease); err != nil {
			return store.Job{}, err
		}
	}
	found.Applied = done
	return w.end(ctx, owner, jobID, store.UploadDone, found, plan)
}

// planKept is plan while the lease is renewed.
func (w works) planKept(ctx context.Context, owner string, jobID int64, lease time.Duration, u store.Upload) (roster.Plan, store.Scope, error) {
	defer w.keep(ctx, owner, jobID, lease)()
	return w.plan(ctx, u)
}

// step writes one step while whoever asked administers what he did when it was planned.
func (w works) step(ctx context.Context, u store.Upload, planned store.Scope, step roster.Step) error {
	now, err := w.records.AdminScope(ctx, u.ActorID)
	switch {
	case err != nil:
		return err
	case !now.Same(planned):
		return errScopeChanged
	}
	return step.Apply(ctx, w.records, u.ActorID)
}

var errScopeChanged = errors.New("the administrator's scope changed")

// changedUnderway ends the job where what is left of the plan does not hold any more, with a new look at the file.
func (w works) changedUnderway(ctx context.Context, owner string, jobID int64, u store.Upload, cause error) (store.Job, error) {
	if !errors.Is(cause, errScopeChanged) && !errors.Is(cause, store.ErrNotFound) && !errors.Is(cause, store.ErrConflict) {
		return store.Job{}, cause
	}
	plan, _, err := w.plan(ctx, u)
	if problem, _, known := fault(err); known {
		return w.end(ctx, owner, jobID, store.UploadUnusable, summary{Problem: problem}, plan)
	}
	if err != nil {
		return store.Job{}, err
	}
	found := summaryOf(plan)
	found.Stale = true
	return w.end(ctx, owner, jobID, store.UploadReady, found, plan)
}

// plan fetches the file and looks what it would change, as far as who sent it may change that now.
func (w works) plan(ctx context.Context, u store.Upload) (roster.Plan, store.Scope, error) {
	file, scope, err := read(ctx, w.records, w.files, u)
	if err != nil {
		return roster.Plan{}, scope, err
	}
	plan, err := check(ctx, w.records, file, u, scope)
	return plan, scope, err
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
				if _, err := w.records.KeepJob(ctx, owner, jobID, 0, 0, lease); err != nil {
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
