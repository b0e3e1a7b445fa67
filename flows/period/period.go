// Package period is the administration: opening evaluation periods, seeing how far they are, reminding, publishing, closing.
package period

import (
	"context"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/job"
	"kinerja/flows/rules"
	"kinerja/flows/upload"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what administrators need of the records. Each method answers for the units of the administrator only.
type Store interface {
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	Readiness(ctx context.Context, adminID int64) ([]store.NextStep, error)
	Periods(ctx context.Context, adminID int64, offset, limit int) ([]store.PeriodLine, int, error)
	PeriodsDue(ctx context.Context, adminID int64, limit int) ([]store.PeriodLine, int, error)
	NotLinked(ctx context.Context, adminID int64, offset, limit int) ([]store.UnlinkedLine, int, error)
	ExpiredCodes(ctx context.Context, adminID int64, offset, limit int) ([]store.UnlinkedLine, int, error)
	PlanPrinting(ctx context.Context, adminID int64, p store.Printing) (store.PrintPlan, error)
	UnreachablePeople(ctx context.Context, adminID int64, offset, limit int) ([]store.UnreachableLine, int, error)
	ParkedFor(ctx context.Context, adminID int64) (int, error)
	ParkedPeople(ctx context.Context, adminID int64, offset, limit int) ([]store.UndeliveredLine, int, error)
	OweParkedAgain(ctx context.Context, adminID int64) (int, error)
	LeftBehind(ctx context.Context, adminID int64, offset, limit int) ([]store.LeftBehind, int, error)
	GoneEvaluators(ctx context.Context, adminID int64, limit int) ([]store.GoneEvaluator, error)

	PreviewPeriod(ctx context.Context, adminID int64, form store.PeriodForm) (store.Preview, error)
	PreviewPeople(ctx context.Context, adminID int64, form store.PeriodForm, lack store.Lack, offset, limit int) ([]store.PersonLine, int, error)
	OpenPeriod(ctx context.Context, adminID int64, form store.PeriodForm, place store.Place) (store.Period, error)
	OpeningOf(ctx context.Context, adminID, periodID int64) (store.AdminPeriod, store.Job, error)
	ShowOpening(ctx context.Context, adminID, periodID int64, place store.Place) error

	ProgressRows(ctx context.Context, adminID, periodID, after int64, limit int) ([]store.ProgressRow, error)
	RequestFile(ctx context.Context, personID int64, name string, args ...any) (bool, error)
	PeriodFor(ctx context.Context, adminID, periodID int64) (store.AdminPeriod, error)
	ProgressOf(ctx context.Context, adminID, periodID int64) (store.Progress, error)
	UnitsOf(ctx context.Context, adminID, periodID int64) (store.UnitsProgress, error)
	EvaluatorsOf(ctx context.Context, adminID, periodID, unitID int64) (store.AdminPeriod, store.Unit, []store.EvaluatorProgress, error)
	WithoutEvaluator(ctx context.Context, adminID, periodID int64, offset, limit int) (store.AdminPeriod, []store.FigureLine, int, error)
	PeopleIn(ctx context.Context, adminID, periodID int64, figure store.Figure, offset, limit int) (store.AdminPeriod, []store.FigureLine, int, error)
	Looked(ctx context.Context, viewerID int64, subject string, id int64) error
	UndeliveredIn(ctx context.Context, adminID, periodID int64, offset, limit int) (store.AdminPeriod, []store.UndeliveredLine, int, error)
	LateIn(ctx context.Context, adminID, periodID int64, day store.Date) (store.AdminPeriod, []store.Late, error)
	Nudge(ctx context.Context, adminID, periodID int64, whom store.Nudged, day store.Date, due time.Time) (int, error)
	PublishPeriod(ctx context.Context, adminID, periodID int64) (int, error)
	ClosePeriod(ctx context.Context, adminID, periodID int64) error
	UnlinkedIn(ctx context.Context, adminID, periodID int64) (int, error)

	SaveDraft(ctx context.Context, adminID, draftID int64, form store.PeriodForm) (store.PeriodDraft, error)
	DraftFor(ctx context.Context, adminID, draftID int64) (store.PeriodDraft, error)
	Drafts(ctx context.Context, adminID int64, offset, limit int) ([]store.DraftLine, int, error)
	DiscardDraft(ctx context.Context, adminID, draftID int64) error
	ConcernedBy(ctx context.Context, adminID, periodID int64) (store.AdminPeriod, store.Concerned, error)
	ExtendPeriod(ctx context.Context, adminID int64, x store.Extension) error
	Extensions(ctx context.Context, adminID, periodID int64) ([]store.Extension, error)
	DeadlineNews(ctx context.Context, kind string, personID, periodID, extensionID int64) (store.Period, error)
	ArchivedPeriods(ctx context.Context, adminID int64, offset, limit int) ([]store.PeriodLine, int, error)
	ArchivePeriod(ctx context.Context, adminID, periodID int64, runningSince time.Time) error
	RestorePeriod(ctx context.Context, adminID, periodID int64) error
	PerformancesOf(ctx context.Context, adminID, periodID int64) (store.Performances, error)

	LastNudge(ctx context.Context, personID, periodID int64) (time.Time, error)
	Owes(ctx context.Context, evaluatorID, periodID int64) (period store.Period, open, all int, err error)
	JobFor(ctx context.Context, personID, jobID int64) (store.Job, error)
}

type conversation struct {
	store    Store
	calendar rules.Calendar
	allowed  func(time.Time) time.Time
}

// Register adds the conversation to the engine. allowed is the first moment from another on at which people may be disturbed.
func Register(e *flows.Engine, s Store, calendar rules.Calendar, allowed func(time.Time) time.Time) {
	c := conversation{store: s, calendar: calendar, allowed: allowed}
	e.Page("admin.home", "", c.home, upload.TakesFile())
	e.Page("admin.steps", "", c.steps, upload.TakesFile())
	e.Page("admin.attention", "", c.attention)
	e.Page("admin.unlinked", "n", c.unlinked)
	e.Page("admin.expired", "n", c.expired)
	e.Page("admin.unreachable", "n", c.unreachable)
	e.Page("admin.parked", "n", c.parked)
	e.Action("admin.sendagain", "", c.sendAgain)
	e.Page("admin.left", "n", c.left)
	e.Page("period.home", "n", c.list)

	e.Page("period.new", "", c.askSpan)
	e.Page("period.units", "word date unit n", c.askUnits, flows.Accepts(flows.Text, "period.findunits"))
	e.Page("period.found", "word date n", c.found, flows.Accepts(flows.Text, "period.findagain"))
	e.Page("period.due", "word date unit", c.askDue, flows.Accepts(flows.Text, "period.savedue"))
	e.Page("period.dayoff", "word date unit date", c.askDayOff, flows.Accepts(flows.Text, "period.savedayoff"))
	e.Page("period.release", "word date unit date", c.askRelease)
	e.Page("period.preview", "word date unit date word", c.preview)
	e.Page("period.lacking", "word date unit date word word n", c.lacking)
	e.Page("period.opening", "id", c.opening)
	e.Action("period.findunits", "word date unit n", c.findUnits)
	e.Action("period.findagain", "word date n", c.findUnits)
	e.Action("period.savedue", "word date unit", c.saveDue)
	e.Action("period.savedayoff", "word date unit date", c.saveDue)
	e.Action("period.open", "word date unit date word", c.open)
	e.Action("period.watch", "id", c.watch)
	e.Action("period.leave", "id", c.leave)

	registerWhole(e, c)

	e.Page("period.progress", "id", c.progress)
	e.Page("period.byunit", "id unit n n", c.byUnit, flows.Accepts(flows.Text, "period.findbranch")) // the last is the page of a search
	e.Action("period.findbranch", "id unit n n", c.findBranch)
	e.Page("period.branches", "id n", c.branches, flows.Accepts(flows.Text, "period.findbranchagain"))
	e.Action("period.findbranchagain", "id n", c.findBranch)
	e.Page("period.unit", "id id n n", c.unit)
	e.Page("period.figures", "id", c.figures)
	e.Action("period.file", "id", c.askFile)
	e.Message("file."+fileOfProgress, "id", c.tellFile)
	e.Page("period.people", "id word n", c.people) // the word is a figure
	e.Page("period.alone", "id n", c.alone)
	e.Page("period.undelivered", "id n", c.undelivered)
	e.Page("period.nudge", "id n", c.askNudge)
	e.Page("period.publish", "id", c.askPublish)
	e.Page("period.close", "id", c.askClose)
	e.Page("period.nudgeone", "id id", c.askNudgeOne) // the second is an evaluator
	e.Page("period.nudgesure", "id", c.askNudgeAll)
	e.Action("period.sendnudge", "id word", c.nudge) // the word names who is left out
	e.Action("period.nudgeonly", "id id", c.nudgeOnly)
	e.Action("period.nudgebut", "id id", c.nudgeBut)
	e.Action("period.nudgetoo", "id id", c.nudgeToo)
	e.Action("period.publishnow", "id", c.publish)
	e.Action("period.closenow", "id", c.close)

	e.Message(store.KindPeriodOpened, "id", c.tellOpened)
	e.Message(store.KindNudge, "id", c.tellNudge)
	e.Message(store.KindDeadlineExtended, "id id", c.tellExtended)
	e.Message(store.KindSelfReportExtended, "id id", c.tellSelfReport)
	e.Message(store.KindJobDone, "id", c.tellDone)
	e.Message(store.KindUnreachable, "id", c.tellUnreachable)
	e.Message(store.KindPeopleLeft, "", c.tellLeft)

	e.Command(flows.To("admin.home"), "admin")
}

// registerWhole adds what is done with a period as a whole.
func registerWhole(e *flows.Engine, c conversation) {
	e.Page("period.drafts", "n", c.drafts)
	e.Page("period.draft", "id", c.draft)
	e.Page("period.sure", "id", c.askOpen)
	e.Page("period.drop", "id", c.askDrop)
	e.Action("period.keep", "word date unit date word", c.keep)
	e.Action("period.keepas", "word date unit date word id", c.keepAs) // the last is the draft that is changed
	e.Action("period.rewrite", "id", c.rewrite)
	e.Action("period.dropnow", "id", c.drop)

	e.Page("period.extend", "id", c.askExtend, flows.Accepts(flows.Text, "period.extendday"))
	e.Page("period.extendwhy", "id date date", c.askExtendWhy, flows.Accepts(flows.Text, "period.saywhy")) // the deadline that was shown, and the new one
	e.Page("period.extendsure", "id date date word", c.askExtendSure)
	e.Action("period.extendday", "id", c.saveExtendDay)
	e.Action("period.saywhy", "id date date", c.saveExtendWhy)
	e.Action("period.extendnow", "id date date word", c.extend)

	e.Page("period.archives", "n", c.archives)
	e.Page("period.archive", "id", c.askArchive)
	e.Action("period.archivenow", "id", c.archive)
	e.Action("period.restore", "id", c.restore)
}

// MenuEntry is shown to administrators.
func MenuEntry(s Store) account.MenuEntry {
	return account.MenuEntry{To: flows.To("admin.home"), Command: "admin", Help: "help.administrator", Draw: func(ctx context.Context, r *flows.Request) (account.MenuLine, error) {
		scope, err := s.AdminScope(ctx, r.Actor.PersonID)
		if err != nil || scope.None() {
			return account.MenuLine{}, err
		}
		return account.MenuLine{Label: r.T.Plain("menu.admin")}, nil
	}}
}

// Chunks is what the long work of periods needs of the records.
type Chunks interface {
	OpenPeriodChunk(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error)
	PublishChunk(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error)
	CloseNewsChunk(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error)
	DeadlineNewsChunk(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error)
}

// Works is the long work of periods, for the runner of jobs.
func Works(s Chunks) map[string]job.Work {
	return map[string]job.Work{
		store.JobOpenPeriod:     {Chunk: s.OpenPeriodChunk, Page: func(j store.Job) flows.Link { return flows.To("period.opening", j.ObjectID) }},
		store.JobPublishResults: {Chunk: s.PublishChunk},
		store.JobCloseNews:      {Chunk: s.CloseNewsChunk},
		store.JobDeadlineNews:   {Chunk: s.DeadlineNewsChunk},
	}
}

// administrator returns what a person administers, and refuses whoever administers nothing.
func (c conversation) administrator(ctx context.Context, r *flows.Request) (store.Scope, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err == nil && scope.None() {
		err = flows.Refuse(r.T.Plain("admin.only"), flows.To("menu"))
	}
	return scope, err
}

// today is the day in the zone of the people.
func (c conversation) today(r *flows.Request) store.Date { return c.calendar.Date(r.Now) }

// back is the last row of an inner screen.
func back(t *locales.Translator, route string, args ...any) []flows.Button {
	return backButton(t, flows.To(route, args...))
}

func backButton(t *locales.Translator, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: t.Plain("common.back"), To: to})
}

// turn reads one page of a list that the store counts.
func turn[T any](wanted, size int, read func(offset, limit int) ([]T, int, error)) (lines []T, total, page, pages int, err error) {
	return flows.ReadPart(wanted, size, read)
}

// pageOf is the page on which the thing at a place stands, counted from 0.
func pageOf(place, size int) int { return place/size + 1 }

// part is one page of n things.
func part(wanted, n, size int) (page, pages, start, end int) { return flows.Part(wanted, n, size) }
