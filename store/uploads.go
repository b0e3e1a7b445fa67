package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
)

// UploadState is where a file is on its way into the roster.
type UploadState string

// The states of an upload. It goes from checking to asking or ready and back, and from ready to applying and done.
const (
	UploadChecking UploadState = "checking" // the job looks what the file would change
	UploadAsking   UploadState = "asking"   // a column has a name that nobody knows: its administrator is asked
	UploadUnusable UploadState = "unusable"
	UploadReady    UploadState = "ready" // told what would change; nothing is changed yet
	UploadApplying UploadState = "applying"
	UploadDone     UploadState = "done"
	UploadDropped  UploadState = "dropped" // given up before it was applied
)

// Upload is a roster file that an administrator sent into the chat. Its content stays with Telegram and is fetched when it is needed.
type Upload struct {
	ID        int64
	ActorID   int64 // who sent it; nobody else sees it
	FileID    string
	Name      string
	Size      int64 // bytes
	State     UploadState
	Revision  int    // grows with each state: a button carries the one that it showed
	Mapping   string // JSON: which column is which, as answered
	Summary   string // JSON: what the last look found
	Digest    string // of the roster that it looked at
	CreatedAt time.Time
	UpdatedAt time.Time
}

// The jobs of an upload; ObjectID is the upload.
const (
	JobCheckUpload = "check_upload"
	JobApplyUpload = "apply_upload"
)

// KindUploadDone is the notification that tells an administrator what became of his file.
const KindUploadDone = "upload_done"

// TakeUpload writes down a file that an administrator has sent, to be looked at by a job, and returns its id. ErrNotFound for who is none.
func (s *Store) TakeUpload(ctx context.Context, adminID int64, fileID, name string, size int64) (int64, error) {
	var upload Upload
	err := s.transaction(ctx, "take upload", func(tx *gorm.DB) error {
		if _, err := s.administered(tx, adminID); err != nil {
			return err
		}
		upload = Upload{ActorID: adminID, FileID: fileID, Name: name, Size: size, State: UploadChecking}
		if err := failed(tx.Create(&upload), "create upload"); err != nil {
			return err
		}
		if err := s.audit(tx, adminID, "upload.take", "upload", upload.ID, "", name); err != nil {
			return err
		}
		return s.createJob(tx, uploadJob(upload, JobCheckUpload, Place{}))
	})
	return upload.ID, err
}

func uploadJob(u Upload, kind string, place Place) Job {
	return Job{Key: fmt.Sprintf("%s:%d:%d", kind, u.ID, u.Revision), Kind: kind, ObjectID: u.ID, ActorID: u.ActorID, ChatID: place.ChatID, MessageID: place.MessageID}
}

// UploadFor returns an upload to the administrator who sent it; ErrNotFound to everybody else, and to him when he administers nothing any more.
func (s *Store) UploadFor(ctx context.Context, adminID, id int64) (Upload, error) {
	return s.uploadFor(s.db.WithContext(ctx), adminID, id)
}

func (s *Store) uploadFor(tx *gorm.DB, adminID, id int64) (Upload, error) {
	var u Upload
	if _, err := s.administered(tx, adminID); err != nil {
		return u, err
	}
	err := first(tx.Where("id = ? AND actor_id = ?", id, adminID).Take(&u), "find upload")
	return u, err
}

// LastUpload returns the newest upload of an administrator that he has not given up, or ErrNotFound.
func (s *Store) LastUpload(ctx context.Context, adminID int64) (Upload, error) {
	var u Upload
	err := first(s.db.WithContext(ctx).Where("actor_id = ? AND state <> ?", adminID, UploadDropped).Order("id DESC").Take(&u), "find last upload")
	return u, err
}

// LookAgain has an upload looked at anew, with the answers so far as JSON: after a question was answered, or because the roster has changed.
// Only from the revision that the administrator saw; ErrConflict when it is another by now.
func (s *Store) LookAgain(ctx context.Context, adminID, id int64, revision int, mapping string, place Place) error {
	return s.moveUpload(ctx, adminID, id, revision, uploadMove{from: []UploadState{UploadAsking, UploadReady, UploadUnusable}, to: UploadChecking,
		job: JobCheckUpload, place: place, fields: map[string]any{"mapping": mapping}})
}

// ApplyUpload begins to write what an upload would change. Only what the administrator saw: ErrConflict when it is another revision by now.
// Asking again while it is applied, or afterwards, changes nothing.
func (s *Store) ApplyUpload(ctx context.Context, adminID, id int64, revision int, place Place) error {
	return s.moveUpload(ctx, adminID, id, revision, uploadMove{from: []UploadState{UploadReady}, to: UploadApplying, job: JobApplyUpload, place: place,
		already: []UploadState{UploadApplying, UploadDone}})
}

// DropUpload gives an upload up before it was applied.
func (s *Store) DropUpload(ctx context.Context, adminID, id int64) error {
	return s.moveUpload(ctx, adminID, id, -1, uploadMove{from: []UploadState{UploadChecking, UploadAsking, UploadReady, UploadUnusable}, to: UploadDropped,
		already: []UploadState{UploadDropped}})
}

// uploadMove is a transition of an upload.
type uploadMove struct {
	from, already []UploadState
	to            UploadState
	job           string // that it begins; "" for none
	place         Place
	fields        map[string]any
}

// moveUpload is the one place in which an administrator moves an upload; revision -1 is any.
func (s *Store) moveUpload(ctx context.Context, adminID, id int64, revision int, m uploadMove) error {
	return s.transaction(ctx, "move upload", func(tx *gorm.DB) error {
		u, err := s.uploadFor(tx, adminID, id)
		if err != nil || slices.Contains(m.already, u.State) {
			return err
		}
		fields := map[string]any{"state": m.to, "revision": gorm.Expr("revision + 1"), "updated_at": s.now()}
		maps.Copy(fields, m.fields)
		moved := tx.Model(&Upload{}).Where("id = ? AND state IN ? AND revision = ?", id, m.from, u.Revision)
		if revision >= 0 {
			moved = moved.Where("revision = ?", revision)
		}
		switch err := found(moved.Updates(fields), "move upload"); {
		case errors.Is(err, ErrNotFound):
			return ErrConflict
		case err != nil:
			return err
		}
		if err := s.audit(tx, adminID, "upload."+string(m.to), "upload", id, string(u.State), string(m.to)); err != nil || m.job == "" {
			return err
		}
		u.Revision++
		return s.createJob(tx, uploadJob(u, m.job, m.place))
	})
}

// UploadOfJob returns the upload on which the holder of a job's lease works; ErrLeaseLost to everybody else.
func (s *Store) UploadOfJob(ctx context.Context, owner string, jobID int64) (Upload, Job, error) {
	var u Upload
	var job Job
	err := s.transaction(ctx, "find upload of job", func(tx *gorm.DB) (err error) {
		if job, err = s.holdJob(tx, owner, jobID); err != nil {
			return err
		}
		return first(tx.Where("id = ?", job.ObjectID).Take(&u), "find upload")
	})
	return u, job, err
}

// RenewJob renews the lease of a job while a long chunk goes on. ErrLeaseLost when it is somebody else's by now.
func (s *Store) RenewJob(ctx context.Context, owner string, jobID int64, lease time.Duration) error {
	return s.transaction(ctx, "renew job", func(tx *gorm.DB) error {
		renewed := tx.Model(&Job{}).Where("id = ? AND lease_owner = ? AND state = ?", jobID, owner, JobRunning).Update("lease_until", s.leaseTime(lease))
		err := found(renewed, "renew job")
		if errors.Is(err, ErrNotFound) {
			return ErrLeaseLost
		}
		return err
	})
}

// KeepJob notes that so many of all rows of a job are done, and renews its lease.
func (s *Store) KeepJob(ctx context.Context, owner string, jobID int64, done, all int, lease time.Duration) (Job, error) {
	var job Job
	err := s.transaction(ctx, "keep job", func(tx *gorm.DB) (err error) {
		if job, err = s.holdJob(tx, owner, jobID); err != nil {
			return err
		}
		job.Total = all
		if err := failed(tx.Model(&Job{}).Where("id = ?", jobID).Update("total", all), "note size of job"); err != nil {
			return err
		}
		job, err = s.advance(tx, job, job.Cursor, done-job.Done, lease)
		return err
	})
	return job, err
}

// EndUploadJob ends the job of an upload with what it found. An upload that was given up meanwhile stays so.
func (s *Store) EndUploadJob(ctx context.Context, owner string, jobID int64, state UploadState, summary, digest string) (Job, error) {
	var job Job
	err := s.transaction(ctx, "end upload job", func(tx *gorm.DB) (err error) {
		if job, err = s.holdJob(tx, owner, jobID); err != nil {
			return err
		}
		moved := tx.Model(&Upload{}).Where("id = ? AND state <> ?", job.ObjectID, UploadDropped).Updates(map[string]any{
			"state": state, "summary": summary, "digest": digest, "revision": gorm.Expr("revision + 1"), "updated_at": s.now()})
		if err := failed(moved, "move upload"); err != nil {
			return err
		}
		job, err = s.finishAs(tx, job, KindUploadDone, fmt.Sprint(job.ObjectID))
		return err
	})
	return job, err
}

// UploadProgress returns the running job of an upload to who sent it; ErrNotFound when there is none.
func (s *Store) UploadProgress(ctx context.Context, adminID, id int64) (Job, error) {
	var job Job
	kinds := []string{JobCheckUpload, JobApplyUpload}
	running := s.db.WithContext(ctx).Where("state = ? AND kind IN ? AND object_id = ? AND actor_id = ?", JobRunning, kinds, id, adminID)
	err := first(running.Order("id DESC").Take(&job), "find job of upload")
	return job, err
}
