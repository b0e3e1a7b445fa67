package scoring_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/rules"
	"kinerja/flows/scoring"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

// past gives the team an earlier period: Gusrizal was below Baik, with Leni something was agreed.
func past(t *testing.T, w *transcript.World, cast *sample.Cast) {
	t.Helper()
	ctx, boss := context.Background(), cast.Evaluator.ID
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("earlier period: %v", err)
		}
	}
	period, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-07-01", LastDay: "2026-09-30",
		SelfReportDue: w.Clock.Now(), ScoringDue: w.Clock.Now().Add(grace), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	must(err)
	for _, m := range team(t, w, cast.Evaluator) {
		if m.PeriodID != period.ID {
			continue
		}
		_, _, err := w.Store.RateRest(ctx, boss, m.EvaluationID)
		must(err)
		switch {
		case strings.HasPrefix(m.Name, "Gusrizal"):
			must(w.Store.ChooseOverall(ctx, boss, m.EvaluationID, map[store.Side]store.Rating{store.Work: store.Below}))
		case strings.HasPrefix(m.Name, "Leni"):
			must(w.Store.SetFollowUp(ctx, boss, m.EvaluationID, store.Training, "2027-03-31"))
		}
		evaluate(t, w, cast.Evaluator, m.EvaluationID)
	}
	w.Clock.Advance(2 * grace)
	must(w.Store.ClosePeriod(ctx, cast.Admin.ID, period.ID))
}

// member is the line of the evaluator's team whose name begins so.
func member(t testing.TB, w *transcript.World, evaluator *store.Person, name string) store.TeamMember {
	t.Helper()
	for _, m := range team(t, w, evaluator) {
		if strings.HasPrefix(m.Name, name) {
			return m
		}
	}
	t.Fatalf("nobody in the team is called %s", name)
	return store.TeamMember{}
}

func rateBelow(t testing.TB, w *transcript.World, evaluator *store.Person, name string) {
	t.Helper()
	ctx, m := context.Background(), member(t, w, evaluator, name)
	indicators, err := w.Store.Indicators(ctx, m.TemplateVersionID)
	if err == nil {
		err = w.Store.Rate(ctx, evaluator.ID, m.EvaluationID, indicators[0].ID, store.Below)
	}
	if err != nil {
		t.Fatalf("rate %s: %v", name, err)
	}
}

func TestTheOthersWhoAllMeetReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		t.Run(language, func(t *testing.T) {
			w, cast, _ := city(t, store.ReleaseAtOnce)
			past(t, w, cast)
			w.Link("penilai", cast.Evaluator, language, account.NoticeVersion)
			w.Link("lain", cast.OtherEvaluator, language, account.NoticeVersion)
			transcript.Play(t, w, "testdata/others_"+language+".txt", transcript.Hooks{
				"one is begun otherwise":          func() string { rateBelow(t, w, cast.Evaluator, "Indra"); return "" },
				"another one is begun meanwhile":  func() string { rateBelow(t, w, cast.Evaluator, "Murniati"); return "" },
				"the three are evaluated as well": func() string { evaluateRest(t, w, cast.Evaluator); return "" },
			})
		})
	}
}

// evaluateRest sets everybody who is left as Baik.
func evaluateRest(t testing.TB, w *transcript.World, evaluator *store.Person) {
	t.Helper()
	for _, m := range team(t, w, evaluator) {
		if m.State != store.EvaluationOpen {
			continue
		}
		both := map[store.Side]store.Rating{store.Work: store.Meets, store.Behaviour: store.Meets}
		if err := w.Store.ChooseOverall(context.Background(), evaluator.ID, m.EvaluationID, both); err != nil {
			t.Fatalf("choose: %v", err)
		}
		evaluate(t, w, evaluator, m.EvaluationID)
	}
}

func TestEightUsualPeopleTakeAtMostTwelveTaps(t *testing.T) {
	w, cast, _ := city(t, store.ReleaseAtOnce)
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	w.Type("penilai", "/nilai")
	w.Tap("penilai", "Yang lain semua sesuai")
	w.Tap("penilai", "Semua sesuai: 8 orang")
	last := w.Tap("penilai", "Tetapkan 8 orang")
	members := team(t, w, cast.Evaluator)
	for _, m := range members {
		if m.State != store.EvaluationFinal || m.Predicate != store.Good {
			t.Errorf("%s is %s, %s", m.Name, m.State, m.Predicate)
		}
	}
	if taps := w.Taps("penilai"); len(members) != 8 || taps > 12 || taps != 3 {
		t.Errorf("%d people took %d taps", len(members), taps)
	}
	if !strings.Contains(last, "mendapat predikat yang sama") {
		t.Errorf("the private hint is missing:\n%s", last)
	}
}

func TestWithTwoOpenPeriodsTheOthersAreThoseOfOne(t *testing.T) {
	w, cast, period := city(t, store.ReleaseAtOnce)
	if _, err := w.Store.OpenPeriodNow(context.Background(), cast.Admin.ID, store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-12-01", LastDay: "2026-12-31",
		SelfReportDue: w.Clock.Now(), ScoringDue: w.Clock.Now().Add(grace), ObjectionDays: 14, Release: store.ReleaseAtOnce}); err != nil {
		t.Fatalf("open: %v", err)
	}
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	w.Type("penilai", "/nilai")
	w.Tap("penilai", "Triwulan IV 2026")
	w.Tap("penilai", "Yang lain semua sesuai")
	w.Tap("penilai", "Semua sesuai: 8 orang")
	w.Tap("penilai", "Tetapkan 8 orang")
	for _, m := range team(t, w, cast.Evaluator) {
		if final := m.State == store.EvaluationFinal; final != (m.PeriodID == period.ID) {
			t.Errorf("%s in period %d is %s", m.Name, m.PeriodID, m.State)
		}
	}
}

// crashing is a store that is cut at one of the people of a batch, before or after he is stored.
type crashing struct {
	*store.Store
	left  int // people until the cut; below 0 for none
	after bool
}

func (c *crashing) cut(change func() error) error {
	c.left--
	if c.left == 0 && !c.after {
		return errFault
	}
	err := change()
	if c.left == 0 && err == nil {
		return errFault
	}
	return err
}

func (c *crashing) FinaliseInBatch(ctx context.Context, evaluatorID, batchID, evaluationID int64, grace time.Duration,
	usual func(store.Sheet) error, judge func(store.Sheet) (store.Predicate, error)) error {
	return c.cut(func() error {
		return c.Store.FinaliseInBatch(ctx, evaluatorID, batchID, evaluationID, grace, usual, judge)
	})
}

func (c *crashing) TakeBack(ctx context.Context, evaluatorID, evaluationID int64) error {
	return c.cut(func() error { return c.Store.TakeBack(ctx, evaluatorID, evaluationID) })
}

// crashWorld is a city whose evaluator stands before the last tap that sets eight people.
func crashWorld(t *testing.T, left int, after bool) (*transcript.World, *sample.Cast, *crashing) {
	t.Helper()
	w, cast, _ := city(t, store.ReleaseAtOnce)
	c := &crashing{Store: w.Store, left: left, after: after}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{scoring.MenuEntry(w.Store, calendar(t))})
		scoring.Register(e, c, scoring.Settings{Calendar: calendar(t), Grace: grace, MinReason: minReason})
	})
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	w.Type("penilai", "/nilai")
	w.Tap("penilai", "Yang lain")
	w.Tap("penilai", "Semua sesuai")
	return w, cast, c
}

// finals counts who is evaluated.
func finals(t testing.TB, w *transcript.World, evaluator *store.Person) int {
	t.Helper()
	n := 0
	for _, m := range team(t, w, evaluator) {
		if m.State == store.EvaluationFinal {
			n++
		}
	}
	return n
}

// crash taps, and expects that the tap fails.
func crash(t testing.TB, w *transcript.World, label string) {
	t.Helper()
	if seen := w.Tap("penilai", label); !strings.Contains(seen, "FAILED") {
		t.Fatalf("nothing went wrong:\n%s", seen)
	}
}

func TestACrashAmongTheOthersIsGoneOnFrom(t *testing.T) {
	for after, stored := range map[bool]int{false: 2, true: 3} {
		t.Run(fmt.Sprintf("after %d", stored), func(t *testing.T) {
			w, cast, _ := crashWorld(t, 3, after)
			crash(t, w, "Tetapkan 8 orang")
			if n := finals(t, w, cast.Evaluator); n != stored {
				t.Fatalf("%d people are stored at the crash, want %d", n, stored)
			}
			w.Restart()
			if seen := w.Again("penilai"); !strings.Contains(seen, "8 dari 8 orang ditetapkan") {
				t.Errorf("the same update again says\n%s", seen)
			}
			settledOnce(t, w, cast)
		})
	}
}

// settledOnce checks that eight people have one result each, from one batch.
func settledOnce(t *testing.T, w *transcript.World, cast *sample.Cast) {
	t.Helper()
	ctx := context.Background()
	batch, err := w.Store.LastBatch(ctx, cast.Evaluator.ID, team(t, w, cast.Evaluator)[0].PeriodID)
	if err != nil || len(batch.People) != 8 {
		t.Fatalf("the batch is %+v, %v", batch, err)
	}
	members, err := w.Store.BatchMembers(ctx, cast.Evaluator.ID, batch)
	if err != nil {
		t.Fatalf("members: %v", err)
	}
	for _, m := range members {
		result, err := w.Store.CurrentResult(ctx, cast.Evaluator.ID, m.EvaluationID)
		if err != nil || result.Version != 1 || result.ID != m.ResultID || !m.Settled {
			t.Errorf("%s has version %d, %v, %+v", m.Name, result.Version, err, m)
		}
	}
}

func TestWhatACrashLeftIsToldAndGoneOnWithLater(t *testing.T) {
	w, cast, _ := crashWorld(t, 3, true)
	crash(t, w, "Tetapkan 8 orang")
	rateBelow(t, w, cast.Evaluator, "Ns. Dewi") // who was confirmed, and now is not usual any more
	w.Type("penilai", "/nilai")
	if seen := w.Tap("penilai", "Yang lain"); !strings.Contains(seen, "Tadi Anda menyetujui 8 orang") || !strings.Contains(seen, "[▶️ Lanjut: 4 orang]") {
		t.Errorf("the list says\n%s", seen)
	}
	seen := w.Tap("penilai", "Lanjut: 4 orang")
	if !strings.Contains(seen, "7 dari 8 orang ditetapkan") || !strings.Contains(seen, "Ns. Dewi Anggraini, S.Kep.: sudah ada nilai lain") {
		t.Errorf("going on says\n%s", seen)
	}
	if n := finals(t, w, cast.Evaluator); n != 7 {
		t.Errorf("%d people are evaluated, want 7", n)
	}
}

func TestTakingTheOthersBackSurvivesACrashAndIsNotUndoneByAnOldCard(t *testing.T) {
	w, cast, c := crashWorld(t, -1, false)
	w.Tap("penilai", "Tetapkan 8 orang")
	batch, err := w.Store.LastBatch(context.Background(), cast.Evaluator.ID, team(t, w, cast.Evaluator)[0].PeriodID)
	if err != nil {
		t.Fatalf("batch: %v", err)
	}
	c.left, c.after = 4, true
	crash(t, w, "Tarik kembali semuanya (8)")
	w.Restart()
	w.Again("penilai")
	if n := finals(t, w, cast.Evaluator); n != 0 {
		t.Errorf("%d people are still evaluated", n)
	}
	w.Do("penilai", flows.Event{Kind: flows.Tap, Private: true, Data: flows.To("others.set", batch.PeriodID, batch.List).String()})
	w.Do("penilai", flows.Event{Kind: flows.Tap, Private: true, Data: flows.To("others.goon", batch.ID).String()})
	if n := finals(t, w, cast.Evaluator); n != 0 {
		t.Errorf("an old card has set %d people again", n)
	}
	again := member(t, w, cast.Evaluator, "Erni")
	evaluate(t, w, cast.Evaluator, again.EvaluationID) // by itself, after the batch
	w.Do("penilai", flows.Event{Kind: flows.Tap, Private: true, Data: flows.To("others.back", batch.ID).String()})
	if member(t, w, cast.Evaluator, "Erni").State != store.EvaluationFinal {
		t.Error("taking the batch back took back what was set singly since")
	}
}

// sneaky is a store in which somebody is given a note just after the list was read.
type sneaky struct {
	*store.Store
	before func()
}

func (s *sneaky) FinaliseInBatch(ctx context.Context, evaluatorID, batchID, evaluationID int64, grace time.Duration,
	usual func(store.Sheet) error, judge func(store.Sheet) (store.Predicate, error)) error {
	s.before()
	return s.Store.FinaliseInBatch(ctx, evaluatorID, batchID, evaluationID, grace, usual, judge)
}

func TestWhoIsGivenANoteInTheLastMomentIsLeftOut(t *testing.T) {
	w, cast, _ := city(t, store.ReleaseAtOnce)
	s := &sneaky{Store: w.Store, before: func() {
		m := member(t, w, cast.Evaluator, "Erni")
		if m.State != store.EvaluationOpen {
			return
		}
		if err := w.Store.SetEvaluationNote(context.Background(), cast.Evaluator.ID, m.EvaluationID, "Perlu kita bicarakan"); err != nil {
			t.Fatalf("note: %v", err)
		}
	}}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{scoring.MenuEntry(w.Store, calendar(t))})
		scoring.Register(e, s, scoring.Settings{Calendar: calendar(t), Grace: grace, MinReason: minReason})
	})
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	w.Type("penilai", "/nilai")
	w.Tap("penilai", "Yang lain")
	w.Tap("penilai", "Semua sesuai")
	w.Tap("penilai", "Tetapkan 8 orang")
	m := member(t, w, cast.Evaluator, "Erni")
	sheet, err := w.Store.SheetOf(context.Background(), cast.Evaluator.ID, m.EvaluationID)
	if err != nil || m.State != store.EvaluationOpen || sheet.Answered() != 0 || !rules.SaysOtherwise(sheet) {
		t.Errorf("Erni is %s with %d ratings, %v", m.State, sheet.Answered(), err)
	}
	if n := finals(t, w, cast.Evaluator); n != 7 {
		t.Errorf("%d people are evaluated, want 7", n)
	}
}
