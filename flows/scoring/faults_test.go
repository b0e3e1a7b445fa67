package scoring_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/rules"
	"kinerja/flows/scoring"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

var errFault = errors.New("the connection was cut")

// flaky is a store whose connection is cut once, before or after a change was made.
type flaky struct {
	*store.Store
	before, after bool
}

func (f *flaky) around(change func() error) error {
	if f.before {
		f.before = false
		return errFault
	}
	err := change()
	if f.after && err == nil {
		f.after = false
		return errFault
	}
	return err
}

func (f *flaky) Rate(ctx context.Context, evaluator, evaluation, indicator int64, rating store.Rating) error {
	return f.around(func() error { return f.Store.Rate(ctx, evaluator, evaluation, indicator, rating) })
}

func (f *flaky) RateRest(ctx context.Context, evaluator, evaluation int64) (rated, kept int, err error) {
	err = f.around(func() error {
		var err error
		rated, kept, err = f.Store.RateRest(ctx, evaluator, evaluation)
		return err
	})
	return rated, kept, err
}

func (f *flaky) TakeBack(ctx context.Context, evaluator, evaluation int64) error {
	return f.around(func() error { return f.Store.TakeBack(ctx, evaluator, evaluation) })
}

// answers is what is stored of an evaluation, as far as the property speaks of it.
type answers struct {
	Final bool
	Rated map[int]store.Rating // by place
}

// room is one evaluation with a person who taps, and what may go wrong around him.
type room struct {
	*transcript.World
	flaky *flaky
	boss  int64
	id    int64
}

func newRoom(t *testing.T) *room {
	w, cast, _ := city(t, store.ReleasePublished)
	r := &room{World: w, flaky: &flaky{Store: w.Store}, boss: cast.Evaluator.ID, id: team(t, w, cast.Evaluator)[0].EvaluationID}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{scoring.MenuEntry(w.Store, calendar(t))})
		scoring.Register(e, r.flaky, scoring.Settings{Calendar: calendar(t), Grace: grace, MinReason: minReason})
	})
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	w.Type("penilai", "/nilai")
	return r
}

func (r *room) sheet(t *rapid.T) store.Sheet {
	sheet, err := r.Store.SheetOf(context.Background(), r.boss, r.id)
	if err != nil {
		t.Fatalf("read sheet: %v", err)
	}
	return sheet
}

func stored(sheet store.Sheet) answers {
	a := answers{Final: sheet.State == store.EvaluationFinal, Rated: map[int]store.Rating{}}
	for _, i := range sheet.Indicators {
		if rating := sheet.Rating(i.ID); rating != "" {
			a.Rated[i.Ordinal] = rating
		}
	}
	return a
}

// complete brings the evaluation to where nothing is missing, so that the taps that follow meet it there.
func (r *room) complete(t *rapid.T) {
	ctx := context.Background()
	sheet := r.sheet(t)
	errs := []error{}
	if sheet.State == store.EvaluationFinal {
		errs = append(errs, r.Store.TakeBack(ctx, r.boss, r.id))
	}
	for _, i := range sheet.Indicators {
		errs = append(errs, r.Store.Rate(ctx, r.boss, r.id, i.ID, store.Meets))
	}
	errs = append(errs, r.Store.ChooseOverall(ctx, r.boss, r.id, map[store.Side]store.Rating{store.Work: store.Meets, store.Behaviour: store.Meets}))
	if err := errors.Join(errs...); err != nil {
		t.Fatalf("complete: %v", err)
	}
}

// step is one tap and what it must come to.
type step struct {
	tap  flows.Link
	then answers
}

// anyStep draws a tap: most of them rate, some say the rest, set the result or take it back.
func anyStep(t *rapid.T, r *room) step {
	sheet := r.sheet(t)
	now := stored(sheet)
	then := answers{Final: now.Final, Rated: maps.Clone(now.Rated)}
	switch rapid.SampledFrom([]string{"rate", "rate", "rate", "rate", "all", "finalise", "takeback"}).Draw(t, "tap") {
	case "all":
		for _, i := range sheet.Indicators {
			if !now.Final && then.Rated[i.Ordinal] == "" {
				then.Rated[i.Ordinal] = store.Meets
			}
		}
		return step{flows.To("score.all", r.id), then}
	case "finalise":
		then.Final = now.Final || rules.Check(sheet, minReason).None()
		return step{flows.To("score.finalise", r.id), then}
	case "takeback":
		then.Final = false
		return step{flows.To("score.takeback", r.id), then}
	default:
		i := rapid.SampledFrom(sheet.Indicators).Draw(t, "indicator")
		rating := rapid.SampledFrom([]store.Rating{store.Meets, store.Meets, store.Above, store.Below}).Draw(t, "rating")
		if !now.Final {
			then.Rated[i.Ordinal] = rating
		}
		return step{flows.To("score.rate", r.id, i.ID, rating), then}
	}
}

// play taps once while something goes wrong, and delivers the update again as long as the engine asks for it.
func (r *room) play(t *rapid.T, s step) {
	trouble := rapid.SampledFrom([]string{"none", "none", "twice", "tapped twice", "cut before", "cut after", "redis", "restart"}).Draw(t, "trouble")
	r.flaky.before, r.flaky.after = trouble == "cut before", trouble == "cut after"
	if trouble == "restart" {
		r.Restart()
	}
	tap := flows.Event{Kind: flows.Tap, Private: true, Data: s.tap.String()}
	seen := r.Do("penilai", tap)
	for try := 0; strings.Contains(seen, "FAILED"); try++ {
		if try == 3 {
			t.Fatalf("%s is stuck after %s:\n%s", s.tap, trouble, seen)
		}
		seen = r.Again("penilai")
	}
	switch trouble {
	case "redis":
		r.FlushRedis()
		r.Again("penilai")
	case "twice":
		r.Again("penilai")
	case "tapped twice":
		r.Do("penilai", tap)
	}
	r.flaky.before, r.flaky.after = false, false
}

func TestWhateverGoesWrongTheAnswersAreThoseOfTheCleanRun(t *testing.T) {
	r := newRoom(t)
	finals := 0
	rapid.Check(t, func(t *rapid.T) {
		if rapid.Bool().Draw(t, "complete at first") {
			r.complete(t)
		}
		for n := range rapid.IntRange(1, 12).Draw(t, "taps") {
			s := anyStep(t, r)
			r.play(t, s)
			if diff := cmp.Diff(s.then, stored(r.sheet(t))); diff != "" {
				t.Fatalf("tap %d, %s: %s", n, s.tap, diff)
			}
			if s.then.Final {
				finals++
			}
		}
	})
	if finals == 0 {
		t.Error("no run came to a result: the property says too little")
	}
}

func TestALargeTeamIsPagedWithThePersonToGoOnWithFirst(t *testing.T) {
	w, cast, _ := city(t, store.ReleaseAtOnce)
	ctx := context.Background()
	var more []store.PersonEntry
	for n := range 11 {
		more = append(more, store.PersonEntry{NIP: fmt.Sprintf("19900101201501%d%03d", n%2+1, 900+n), Name: fmt.Sprintf("Zulkifli, S.T. %c", 'A'+n), Position: "Staf",
			PositionKind: "pelaksana", UnitCode: unitOf(cast, cast.Employee), SuperiorNIP: cast.Evaluator.NIP})
	}
	if _, err := w.Store.SavePeople(ctx, 0, more); err != nil {
		t.Fatalf("add people: %v", err)
	}
	if _, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-12-01", LastDay: "2026-12-31",
		SelfReportDue: w.Clock.Now(), ScoringDue: w.Clock.Now().Add(grace), ObjectionDays: 14, Release: store.ReleaseAtOnce}); err != nil {
		t.Fatalf("open: %v", err)
	}
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	choice := w.Type("penilai", "/nilai")
	if !strings.Contains(choice, "[1 Desember 2026 (19 belum)]") || !strings.Contains(choice, "[2 Triwulan IV 2026 (8 belum)]") {
		t.Fatalf("with two open periods he is asked\n%s", choice)
	}
	first := w.Tap("penilai", "Desember 2026")
	if !strings.Contains(first, "0 dari 19 selesai") || !strings.Contains(first, "  [Berikutnya › (2/3)]\n") {
		t.Errorf("the first page is\n%s", first)
	}
	w.Tap("penilai", "Berikutnya")
	last := w.Tap("penilai", "Berikutnya")
	if !strings.Contains(last, "[‹ Sebelumnya (2/3)]") || strings.Contains(last, "Triwulan") || !strings.Contains(last, "19. ○ Zulkifli, S.T. K") {
		t.Errorf("the last page is\n%s", last) // same short names keep their titles
	}
	w.Tap("penilai", "19 Zulkifli")
	if back := w.Tap("penilai", "‹ Kembali"); !strings.Contains(back, "19. ○ Zulkifli") {
		t.Errorf("from a person of the last page he comes back to\n%s", back)
	}
	w.Tap("penilai", "19 Zulkifli")
	w.Tap("penilai", "Mulai menilai")
	w.Tap("penilai", "Sesuai")
	w.Type("penilai", "/nilai")
	if again := w.Tap("penilai", "Desember"); !strings.Contains(again, "[✏️ Lanjutkan Zulkifli — 1 dari 13]") || !strings.Contains(again, "(2/3)") {
		t.Errorf("he is led on from\n%s", again)
	}
	if other := w.Tap("penilai", "‹ Kembali"); !strings.Contains(other, "Triwulan IV 2026") {
		t.Errorf("from the list of one period he comes back to\n%s", other)
	}
}

// unitOf is the code of a person's unit.
func unitOf(cast *sample.Cast, p *store.Person) string {
	for code, unit := range cast.Units {
		if unit.ID == p.UnitID {
			return code
		}
	}
	return ""
}
