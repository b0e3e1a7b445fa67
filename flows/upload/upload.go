// Package upload takes the roster of people as a file in the chat: it tells what would change and what is wrong, asks which column is which
// where it cannot know, gives wrong rows back as a file, and applies the good ones when it is told to.
//
// The content of a file stays with Telegram; it is fetched for each look by the jobs of work.go, which also hold the rights of who sent it to
// every step.
package upload

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"kinerja/flows"
	"kinerja/flows/roster"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the conversation needs of the records. Each method answers for the administrator's own uploads only.
type Store interface {
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	TakeUpload(ctx context.Context, adminID int64, fileID, name string, size int64) (int64, error)
	UploadFor(ctx context.Context, adminID, id int64) (store.Upload, error)
	LastUpload(ctx context.Context, adminID int64) (store.Upload, error)
	LookAgain(ctx context.Context, adminID, id int64, revision int, mapping string, place store.Place) error
	ApplyUpload(ctx context.Context, adminID, id int64, revision int, place store.Place) error
	DropUpload(ctx context.Context, adminID, id int64) error
	UploadProgress(ctx context.Context, adminID, id int64) (store.Job, error)
	RequestFile(ctx context.Context, personID int64, name string, args ...any) (bool, error)
	PersonByID(ctx context.Context, id int64) (store.Person, error)
	roster.Reader
}

// Files fetches what people sent. Its errors ErrGone and ErrTooLarge are the file's own fault; after others it may be tried again.
type Files interface {
	Fetch(ctx context.Context, fileID string, limit int64) ([]byte, error)
}

// What is wrong with a file that cannot be fetched.
var (
	ErrGone     = errors.New("telegram has the file no more")
	ErrTooLarge = errors.New("the file is too large")
)

// The files that go out, as notifications "file.<name>".
const (
	fileExample   = "rosterexample"
	fileWrongRows = "wrongrows"
)

type conversation struct {
	store Store
	files Files
}

// TakesFile lets a page of the administration take the file of a roster, as the page on which it is asked for does.
func TakesFile() flows.RouteOption { return flows.Accepts(flows.File, "import.take") }

// Register adds the conversation to the engine.
func Register(e *flows.Engine, s Store, files Files) {
	c := conversation{store: s, files: files}
	e.Page("import.home", "", c.home, flows.AsksForFile("import.take"))
	e.Page("import.show", "id", c.show, flows.AsksForFile("import.takenext"))
	e.Page("import.sure", "id n", c.sure, flows.Accepts(flows.File, "import.takenext"))
	e.Action("import.take", "", c.take)
	e.Action("import.takenext", "id", c.take)
	e.Action("import.example", "", c.example)
	e.Action("import.wrongrows", "id", c.wrongRows)
	e.Action("import.column", "id n n", c.column) // revision, candidate
	e.Action("import.look", "id n", c.look)
	e.Action("import.apply", "id n", c.apply)
	e.Action("import.drop", "id", c.drop)
	e.Message(store.KindUploadDone, "id", c.told)
	e.Message("file."+fileExample, "", c.sendExample)
	e.Message("file."+fileWrongRows, "id", c.sendWrongRows)
}

// home tells what to send, and leads to the file that is under way.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("import.title"), "\n", r.T.HTML("import.send"), r.T.HTML("import.understood"), "\n", r.T.HTML("import.nothing_yet"))}
	last, err := c.store.LastUpload(ctx, r.Actor.PersonID)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return flows.Screen{}, err
	default:
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("import.last", locales.Args{"Name": shortName(last.Name)}), "import.show", last.ID)))
	}
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("import.example"), "import.example")), backTo(r, flows.To("people.home")))
	return screen, nil
}

// kinds are the endings of the files that can be read.
func kinds() []string { return []string{".xlsx", ".ods", ".csv", ".txt"} }

// maxSize is what a bot may fetch from Telegram, in bytes.
const maxSize = 20 << 20

// take writes down the file that was sent; a job looks at it.
func (c conversation) take(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	ending := strings.ToLower(filepath.Ext(r.File.Name))
	switch {
	case r.File.Size > maxSize:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("import.too_large", locales.Args{"Megabytes": maxSize >> 20}), flows.Link{})
	case ending == ".xls":
		return flows.Outcome{}, flows.Refuse(r.T.Plain("import.old_excel"), flows.Link{})
	case !slices.Contains(kinds(), ending):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("import.other_kind"), flows.Link{})
	}
	id, err := c.store.TakeUpload(ctx, r.Actor.PersonID, r.File.ID, cutName(r.File.Name), r.File.Size)
	return flows.Outcome{To: flows.To("import.show", id)}, err
}

// example orders the file that shows how a roster may look.
func (c conversation) example(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	return c.order(ctx, r, flows.To("import.home"), fileExample)
}

// order owes a file to whoever asks, and shows the page at to.
func (c conversation) order(ctx context.Context, r *flows.Request, to flows.Link, name string, args ...any) (flows.Outcome, error) {
	isNew, err := c.store.RequestFile(ctx, r.Actor.PersonID, name, args...)
	toast := "import.file_comes"
	if !isNew {
		toast = "import.file_on_its_way"
	}
	return flows.Outcome{To: to, Toast: r.T.Plain(toast)}, err
}

// wrongRows orders the rows that cannot be used.
func (c conversation) wrongRows(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	upload, err := c.store.UploadFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	if readSummary(upload).wrong() == 0 {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("import.none_wrong"), flows.To("import.show", upload.ID))
	}
	return c.order(ctx, r, flows.To("import.show", upload.ID), fileWrongRows, upload.ID)
}

// column answers which column is the one that was asked for; the number behind the last candidate says that there is none.
func (c conversation) column(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	upload, err := c.store.UploadFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	question, here := readSummary(upload).Question, flows.To("import.show", upload.ID)
	chosen := r.Args.Int(2)
	if question == nil || upload.Revision != r.Args.Int(1) || chosen > len(question.Candidates) || chosen == len(question.Candidates) && !question.Optional {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("import.moved_on"), here)
	}
	mapping := readMapping(upload)
	mapping[question.Column] = ""
	if chosen < len(question.Candidates) {
		mapping[question.Column] = question.Candidates[chosen].Answer
	}
	return c.again(ctx, r, upload, mapping)
}

// look has the file looked at anew, as the roster is now.
func (c conversation) look(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	upload, err := c.store.UploadFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.again(ctx, r, upload, readMapping(upload))
}

func (c conversation) again(ctx context.Context, r *flows.Request, upload store.Upload, mapping roster.Mapping) (flows.Outcome, error) {
	answers, err := json.Marshal(mapping)
	if err != nil {
		return flows.Outcome{}, err // strings always can be written
	}
	err = c.store.LookAgain(ctx, r.Actor.PersonID, upload.ID, r.Args.Int(1), string(answers), place(r))
	return c.moved(r, upload.ID, "", err)
}

// apply begins to write the good rows.
func (c conversation) apply(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	err := c.store.ApplyUpload(ctx, r.Actor.PersonID, r.Args.ID(0), r.Args.Int(1), place(r))
	return c.moved(r, r.Args.ID(0), r.T.Plain("import.begun"), err)
}

// drop gives the file up.
func (c conversation) drop(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	err := c.store.DropUpload(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return c.moved(r, r.Args.ID(0), "", err)
	}
	return flows.Outcome{To: flows.To("import.home"), Toast: r.T.Plain("import.dropped")}, nil
}

// moved says what came of a button that belongs to what was shown.
func (c conversation) moved(r *flows.Request, id int64, toast string, err error) (flows.Outcome, error) {
	if errors.Is(err, store.ErrConflict) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("import.moved_on"), flows.To("import.show", id))
	}
	return flows.Outcome{To: flows.To("import.show", id), Toast: toast}, err
}

// place is where the progress of the work is shown: the message that was tapped.
func place(r *flows.Request) store.Place { return store.Place{ChatID: r.Chat, MessageID: r.Message} }

// administrator refuses whoever does not administer the whole city. A file reaches every person and unit at once, and who administers a part
// changes single people under people.home, where each right is checked in the transaction of the change.
func (c conversation) administrator(ctx context.Context, r *flows.Request) error {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	switch {
	case err != nil || scope.City():
		return err
	case scope.None():
		return flows.Refuse(r.T.Plain("admin.only"), flows.To("menu"))
	}
	return flows.Refuse(r.T.Plain("import.city_only"), flows.To("people.home"))
}

func backTo(r *flows.Request, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}
