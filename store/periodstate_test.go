package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// superiorsUntil stands for the working calendar.
func superiorsUntil(due time.Time) time.Time { return due.AddDate(0, 0, 20) }

// walk is a period on its way, with random people at random times.
type walk struct {
	*store.Store
	t     *rapid.T
	clock *storetest.Clock
	cast  *sample.Cast
	form  store.PeriodForm
	draft int64
	id    int64
}

func (w *walk) period() store.Period {
	if w.id == 0 {
		return store.Period{}
	}
	p, err := w.PeriodFor(ctx, w.cast.Admin.ID, w.id)
	if err != nil {
		w.t.Fatalf("read period: %v", err)
	}
	return p.Period
}

func (w *walk) stage() store.Stage {
	if w.id == 0 && w.draft != 0 {
		return store.StageDraft
	}
	p := w.period()
	return p.Stage(w.clock.Now(), superiorsUntil(p.ScoringDue))
}

// try makes a move as somebody, and tells whether anything came of it.
func (w *walk) try(move store.Move, who int64) error {
	switch move {
	case store.MovePrepare:
		d, err := w.SaveDraft(ctx, who, 0, w.form)
		if err == nil {
			w.draft = d.ID
		}
		return err
	case store.MoveRewrite:
		changed := w.form
		changed.ScoringDue = changed.ScoringDue.Add(time.Hour)
		_, err := w.SaveDraft(ctx, who, cmp.Or(w.draft, 1<<40), changed) // never 0, which would be a new one
		if err == nil {
			w.form = changed
		}
		return err
	case store.MoveDiscard:
		err := w.DiscardDraft(ctx, who, w.draft)
		if err == nil {
			w.draft = 0
		}
		return err
	case store.MoveOpen:
		p, err := w.OpenPeriod(ctx, who, w.form, store.Place{})
		if err == nil {
			w.id, w.draft = p.ID, 0
		}
		return err
	case store.MoveOpened:
		_, err := w.OpenPeriodNow(ctx, w.cast.Admin.ID, w.form)
		return err
	case store.MoveExtend:
		p := w.period()
		return w.ExtendPeriod(ctx, who, store.Extension{PeriodID: w.id, DueBefore: p.ScoringDue, DueAfter: p.ScoringDue.AddDate(0, 0, 3),
			SelfReportAfter: p.SelfReportDue, Reason: "Jaringan terganggu"})
	case store.MovePublish:
		_, err := w.PublishPeriod(ctx, who, w.id)
		return err
	case store.MoveClose:
		return w.ClosePeriod(ctx, who, w.id)
	case store.MoveArchive:
		return w.ArchivePeriod(ctx, who, w.id, w.clock.Now())
	case store.MoveRestore:
		return w.RestorePeriod(ctx, who, w.id)
	default:
		w.t.Fatalf("nobody makes the move %s", move)
		return nil
	}
}

// audited counts the audit rows of a move, of this period or its draft.
func (w *walk) audited(tb testing.TB, rule store.PeriodMove) int {
	return w.CountRows(tb, "SELECT COUNT(*) FROM audits WHERE action = ?", rule.Audit)
}

// Whatever anybody tries at whatever time: what the table allows to him happens, with one row in the audit, and leads where it says; all
// else is refused and leaves the period as it is; and time alone moves it only as the clock may.
func TestAPeriodMovesAsItsTableSaysAndInNoOtherWay(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	s := storetest.SQLite(t, clock)
	cast := sampleCity(t, s)
	day := time.Date(2031, time.January, 1, 0, 0, 0, 0, time.UTC)
	var byPeople []store.PeriodMove
	for _, rule := range store.PeriodMoves() {
		if rule.By != store.ByClock {
			byPeople = append(byPeople, rule)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		day = day.AddDate(0, 1, 0) // another period each time
		now := clock.Now()
		w := &walk{Store: s, t: rt, clock: clock, cast: cast, form: store.PeriodForm{Kind: store.Monthly, FirstDay: store.Date(day.Format(time.DateOnly)),
			LastDay: store.Date(day.AddDate(0, 1, -1).Format(time.DateOnly)), SelfReportDue: now.AddDate(0, 0, 2), ScoringDue: now.AddDate(0, 0, 5), ObjectionDays: 14,
			Release: rapid.SampledFrom([]store.Release{store.ReleaseAtOnce, store.ReleasePublished}).Draw(rt, "release")}}
		for range rapid.IntRange(5, 25).Draw(rt, "steps") {
			w.wait()
			rule := rapid.SampledFrom(byPeople).Draw(rt, "move")
			// Half of the steps are made by who may make them.
			who := rapid.SampledFrom([]int64{cast.Admin.ID, cast.Admin.ID, cast.Admin.ID, cast.UnitAdmin.ID, cast.Evaluator.ID, cast.Leader.ID}).Draw(rt, "who")
			w.check(t, rule, who)
		}
	})
}

// wait lets some time pass: only the deadline and the time of the superiors move a period meanwhile.
func (w *walk) wait() {
	before := w.stage()
	w.clock.Advance(time.Duration(rapid.IntRange(0, 9*24).Draw(w.t, "hours")) * time.Hour)
	if after := w.stage(); after != before {
		rule := ruleFor(store.MovePass)
		if !slices.Contains(rule.From, before) || !slices.Contains(rule.To, after) {
			w.t.Fatalf("time alone led from %s to %s", before, after)
		}
	}
}

func ruleFor(move store.Move) store.PeriodMove {
	rules := store.PeriodMoves()
	return rules[slices.IndexFunc(rules, func(r store.PeriodMove) bool { return r.Move == move })]
}

func (w *walk) check(tb testing.TB, rule store.PeriodMove, who int64) {
	before, p := w.stage(), w.period()
	allowed := slices.Contains(rule.From, before) && (rule.Only == nil || rule.Only(p, w.clock.Now())) && (who == w.cast.Admin.ID || rule.By == store.ByJob)
	if rule.Move == store.MoveOpened && before == store.StageNone || rule.Move == store.MoveOpened && before == store.StageDraft {
		return // the job is there with the period only
	}
	rows := w.audited(tb, rule)
	err := w.try(rule.Move, who)
	after, more := w.stage(), w.audited(tb, rule)-rows
	switch {
	case allowed && (err != nil || more != 1 || !slices.Contains(rule.To, after)):
		w.t.Fatalf("%s by %d led from %s to %s with %d audit rows: %v", rule.Move, who, before, after, more, err)
	case !allowed && (more != 0 || after != before):
		w.t.Fatalf("%s by %d, who may not, led from %s to %s with %d audit rows: %v", rule.Move, who, before, after, more, err)
	}
	if who != w.cast.Admin.ID && rule.By == store.ByManager && !errors.Is(err, store.ErrNotFound) {
		w.t.Fatalf("%s by somebody else: %v, want ErrNotFound", rule.Move, err)
	}
}

func TestEveryMoveHasOneRow(t *testing.T) {
	all := []store.Move{store.MovePrepare, store.MoveRewrite, store.MoveDiscard, store.MoveOpen, store.MoveOpened, store.MoveExtend, store.MovePass, store.MovePublish,
		store.MoveClose, store.MoveArchive, store.MoveRestore}
	var rows []store.Move
	for _, rule := range store.PeriodMoves() {
		rows = append(rows, rule.Move)
		if rule.Then == "" || rule.Audit == "" && rule.By != store.ByClock {
			t.Errorf("%s does not say what follows, or has no action in the audit", rule.Move)
		}
	}
	slices.Sort(all)
	slices.Sort(rows)
	if !slices.Equal(all, rows) {
		t.Errorf("the table has %v, want %v", rows, all)
	}
}

// Where else a period is written: nowhere.
func TestAPeriodIsWrittenInOnePlace(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	write := regexp.MustCompile(`Model\(&Period\{\}\)[^\n]*\.Update|Save\(&(p|period)\)|UPDATE periods`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "periodstate.go" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := write.Find(text); found != nil {
			t.Errorf("%s writes a period past the table: %s", file, found)
		}
	}
}

func TestTheClockTellsThatADeadlineHasPassed(t *testing.T) {
	due := time.Date(2027, time.January, 11, 9, 0, 0, 0, time.UTC)
	until := superiorsUntil(due)
	moment := func(t time.Time) *time.Time { return &t }
	for _, c := range []struct {
		p    store.Period
		at   time.Time
		want store.Stage
	}{
		{store.Period{}, due, store.StageNone},
		{store.Period{ID: 1, State: store.PeriodOpening}, until.Add(time.Hour), store.StageOpening},
		{store.Period{ID: 1, State: store.PeriodOpen}, due.Add(-time.Nanosecond), store.StageOpen},
		{store.Period{ID: 1, State: store.PeriodOpen}, due, store.StageSuperiors},
		{store.Period{ID: 1, State: store.PeriodOpen, PublishedAt: &due}, due, store.StageSuperiors},
		{store.Period{ID: 1, State: store.PeriodOpen}, until, store.StageSuperiors},
		{store.Period{ID: 1, State: store.PeriodOpen}, until.Add(time.Nanosecond), store.StageEvaluated},
		{store.Period{ID: 1, State: store.PeriodClosed}, due.Add(-time.Hour), store.StageClosed},
		{store.Period{ID: 1, State: store.PeriodClosed, PublishedAt: moment(due)}, due, store.StagePublished},
		{store.Period{ID: 1, State: store.PeriodClosed, PublishedAt: moment(due), ArchivedAt: moment(due)}, due, store.StageArchived},
	} {
		c.p.ScoringDue = due
		if got := c.p.Stage(c.at, until); got != c.want {
			t.Errorf("%+v at %s is %s, want %s", c.p, c.at, got, c.want)
		}
	}
}

func TestNobodyArchivesWhatWaitsOrMayBeObjectedTo(t *testing.T) {
	eachDesk(t, store.ReleasePublished, func(d *desk) {
		archive := func(since time.Time) error { return d.ArchivePeriod(ctx, d.cast.Admin.ID, d.period.ID, since) }
		long := d.clock.Now().Add(time.Hour)
		d.expect("an open period", archive(long), store.ErrConflict)
		d.rateRest()
		d.finalise()
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		d.expect("a result that waits to be published", archive(long), store.ErrUnpublished)
		_, err := d.PublishPeriodNow(ctx, d.cast.Admin.ID, d.period.ID)
		d.must("publish", err)
		results, err := d.ResultsOf(ctx, d.worker)
		d.must("results", err)
		d.clock.Advance(time.Hour)
		d.must("open result", d.OpenResult(ctx, d.worker, results[0].ID))
		d.expect("a result that may be objected to", archive(d.clock.Now()), store.ErrObjectable)
		d.expect("somebody else's", d.ArchivePeriod(ctx, d.cast.UnitAdmin.ID, d.period.ID, long.Add(time.Hour)), store.ErrNotFound)

		d.must("archive", archive(d.clock.Now().Add(time.Second)))
		d.must("archive again", archive(d.clock.Now().Add(time.Second)))
		lines, n, err := d.Periods(ctx, d.cast.Admin.ID, 0, 10)
		d.must("list", err)
		_, archived, err := d.ArchivedPeriods(ctx, d.cast.Admin.ID, 0, 10)
		d.must("list", err)
		if n != 0 || len(lines) != 0 || archived != 1 {
			d.t.Errorf("%d periods are listed and %d archived, want 0 and 1", n, archived)
		}
		if kept, err := d.ResultsOf(ctx, d.worker); err != nil || len(kept) != 1 {
			d.t.Errorf("the employee has %d results: %v", len(kept), err)
		}
		d.must("restore", d.RestorePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		if _, n, _ := d.Periods(ctx, d.cast.Admin.ID, 0, 10); n != 1 {
			d.t.Error("it does not stand among the others again")
		}
	})
}

func TestADraftIsNoPeriod(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, form := d.cast.Admin.ID, quarter(0)
		_, err := d.SaveDraft(ctx, admin, 0, form)
		d.expect("a draft of what is open", err, store.ErrOpened)
		form.Kind, form.FirstDay = store.Monthly, "2026-11-01"
		draft, err := d.SaveDraft(ctx, admin, 0, form)
		d.must("prepare", err)
		again, err := d.SaveDraft(ctx, admin, 0, form)
		d.must("prepare again", err)
		if again.ID != draft.ID || d.audits("period.prepare") != 1 || d.audits("period.rewrite") != 0 {
			d.t.Errorf("writing the same down twice made drafts %d and %d", draft.ID, again.ID)
		}
		if open, err := d.OpenPeriods(ctx); err != nil || len(open) != 1 {
			d.t.Errorf("reminders know %d periods, want the open one: %v", len(open), err)
		}
		for who, person := range map[string]int64{"a unit's administrator": d.cast.UnitAdmin.ID, "an evaluator": d.boss} {
			_, err := d.DraftFor(ctx, person, draft.ID)
			d.expect("a look by "+who, err, store.ErrNotFound)
			_, err = d.SaveDraft(ctx, person, draft.ID, form)
			d.expect("a change by "+who, err, store.ErrNotFound)
			d.expect("thrown away by "+who, d.DiscardDraft(ctx, person, draft.ID), store.ErrNotFound)
		}
		other := form
		other.FirstDay, other.LastDay, other.UnitID = "2026-12-01", "2026-12-31", d.cast.UnitAdmin.UnitID
		moved, err := d.SaveDraft(ctx, admin, draft.ID, other)
		d.must("change days and units", err)
		lines, n, err := d.Drafts(ctx, d.cast.UnitAdmin.ID, 0, 10)
		d.must("list", err)
		if n != 1 || moved.ID != draft.ID || lines[0].ID != draft.ID || lines[0].FirstDay != "2026-12-01" || lines[0].Unit == "" {
			d.t.Errorf("the unit's administrator has %d drafts: %+v", n, lines)
		}
		_, err = d.SaveDraft(ctx, admin, 0, form)
		d.must("another one", err)
		_, err = d.SaveDraft(ctx, admin, draft.ID, form)
		d.expect("two of the same days", err, store.ErrConflict)
		_, err = d.OpenPeriodNow(ctx, admin, other)
		d.must("open", err)
		if _, err := d.DraftFor(ctx, admin, draft.ID); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("the draft of an open period is there: %v", err)
		}
	})
}

func TestADeadlineIsExtendedBeforeItPassesAndWhoIsConcernedIsToldOnce(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, due := d.cast.Admin.ID, d.period.ScoringDue
		extend := func(who int64, before, after, selfReport time.Time) error {
			return d.ExtendPeriod(ctx, who, store.Extension{PeriodID: d.period.ID, DueBefore: before, DueAfter: after, SelfReportAfter: selfReport, Reason: "Jaringan terganggu"})
		}
		same, later := d.period.SelfReportDue, due.AddDate(0, 0, 3)
		for what, err := range map[string]error{"a unit's administrator": extend(d.cast.UnitAdmin.ID, due, later, same), "an evaluator": extend(d.boss, due, later, same)} {
			d.expect(what, err, store.ErrNotFound)
		}
		d.expect("a shorter one", extend(admin, due, due.Add(-time.Hour), same), store.ErrNoExtension)
		d.expect("the same", extend(admin, due, due, same), store.ErrNoExtension)
		d.expect("a self-report after the deadline", extend(admin, due, later, later.Add(time.Hour)), store.ErrNoExtension)
		d.expect("a screen that is old", extend(admin, due.Add(time.Hour), later, same), store.ErrDeadlineMoved)

		_, concerned, err := d.ConcernedBy(ctx, admin, d.period.ID)
		d.must("count", err)
		d.must("extend", extend(admin, due, later, same))
		d.must("extend by a second tap", extend(admin, due, later, same))
		d.jobsOf(store.JobDeadlineNews, d.DeadlineNewsChunk)
		if n := d.told(store.KindDeadlineExtended); n != concerned.Evaluators || d.told(store.KindSelfReportExtended) != 0 || d.audits("period.extend") != 1 {
			d.t.Errorf("%d evaluators are told, want %d, and no employee", n, concerned.Evaluators)
		}
		d.must("extend once more, with the employees' date", extend(admin, later, later.AddDate(0, 0, 1), same.AddDate(0, 0, 2)))
		d.jobsOf(store.JobDeadlineNews, d.DeadlineNewsChunk)
		if n := d.told(store.KindSelfReportExtended); n != concerned.Employees {
			d.t.Errorf("%d employees are told, want %d", n, concerned.Employees)
		}
		first, second := d.extensionIDs()
		_, err = d.DeadlineNews(ctx, store.KindDeadlineExtended, d.boss, d.period.ID, first)
		d.expect("the news that is old", err, store.ErrNotFound)
		p, err := d.DeadlineNews(ctx, store.KindDeadlineExtended, d.boss, d.period.ID, second)
		d.must("the latest news", err)
		if !p.ScoringDue.Equal(later.AddDate(0, 0, 1)) {
			d.t.Errorf("it tells of %s", p.ScoringDue)
		}
		// A further extension that leaves the employees' date alone does not take their news away.
		d.must("extend a third time", extend(admin, p.ScoringDue, p.ScoringDue.AddDate(0, 0, 1), p.SelfReportDue))
		_, err = d.DeadlineNews(ctx, store.KindSelfReportExtended, d.worker, d.period.ID, second)
		d.must("the employee's news", err)
		_, err = d.DeadlineNews(ctx, store.KindDeadlineExtended, d.boss, d.period.ID, second)
		d.expect("the evaluator's news that is old", err, store.ErrNotFound)
		p.ScoringDue = p.ScoringDue.AddDate(0, 0, 1)
		d.clock.Advance(p.ScoringDue.Sub(d.clock.Now()))
		d.expect("at the deadline", extend(admin, p.ScoringDue, p.ScoringDue.AddDate(0, 0, 1), p.SelfReportDue), store.ErrDeadlinePassed)
		d.must("close", d.ClosePeriod(ctx, admin, d.period.ID))
		d.expect("after closing", extend(admin, p.ScoringDue, p.ScoringDue.AddDate(0, 0, 1), p.SelfReportDue), store.ErrConflict)
		_, err = d.DeadlineNews(ctx, store.KindDeadlineExtended, d.boss, d.period.ID, second)
		d.expect("news of a closed period", err, store.ErrNotFound)
	})
}

// jobsOf does the one job that waits, which is of a kind.
func (d *desk) jobsOf(kind string, chunk func(context.Context, string, int64, time.Duration) (store.Job, error)) {
	d.t.Helper()
	job, err := d.ClaimJob(ctx, "jobs", time.Minute)
	d.must("claim", err)
	if job.Kind != kind {
		d.t.Fatalf("the job is %s, want %s", job.Kind, kind)
	}
	for job.State == store.JobRunning {
		job, err = chunk(ctx, "jobs", job.ID, time.Minute)
		d.must("chunk", err)
	}
}

func (d *desk) extensionIDs() (first, second int64) {
	d.t.Helper()
	list, err := d.Extensions(ctx, d.cast.UnitAdmin.ID, d.period.ID)
	d.must("list extensions", err)
	if len(list) != 2 {
		d.t.Fatalf("%d extensions, want 2", len(list))
	}
	return list[1].ID, list[0].ID
}

// Two administrators tap at the same moment: one of them extends.
func TestTwoWhoExtendAtOnceExtendOnce(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		due := d.period.ScoringDue
		results := make(chan error, 4)
		for i := range cap(results) {
			go func() {
				results <- d.ExtendPeriod(ctx, d.cast.Admin.ID, store.Extension{PeriodID: d.period.ID, DueBefore: due, DueAfter: due.AddDate(0, 0, 1+i%2),
					SelfReportAfter: d.period.SelfReportDue, Reason: fmt.Sprint("alasan ", i)})
			}()
		}
		for range cap(results) {
			if err := <-results; err != nil && !errors.Is(err, store.ErrDeadlineMoved) {
				d.t.Errorf("extend: %v", err)
			}
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM period_extensions"); n != 1 {
			d.t.Errorf("extended %d times, want once", n)
		}
	})
}
