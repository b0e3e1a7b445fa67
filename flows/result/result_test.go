package result_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/result"
	"kinerja/flows/rules"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

// The conversation of an employee with his result is played in flows/scoring/testdata, after the scoring that it follows.
// Here is what takes more than one result, or an unusually long one.

// city is a world with people and the conversation, without a period.
func city(t *testing.T) (*transcript.World, *sample.Cast) {
	t.Helper()
	w := transcript.NewWorld(t)
	cast, err := sample.City(context.Background(), w.Store)
	if err != nil {
		t.Fatalf("sample city: %v", err)
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		t.Fatalf("calendar: %v", err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{result.MenuEntry(w.Store)})
		result.Register(e, w.Store, calendar)
	})
	w.Link("pegawai", cast.Employee, "id", account.NoticeVersion)
	return w, cast
}

// evaluated opens a month, lets the evaluator say something of everything, and releases the result.
func evaluated(t *testing.T, w *transcript.World, cast *sample.Cast, first, last store.Date, text string) {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("evaluate: %v", err)
		}
	}
	period, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Monthly, FirstDay: first, LastDay: last,
		SelfReportDue: w.Clock.Now(), ScoringDue: w.Clock.Now(), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	must(err)
	team, err := w.Store.Team(ctx, cast.Evaluator.ID)
	must(err)
	for _, m := range team {
		if m.EmployeeID != cast.Employee.ID || m.PeriodID != period.ID {
			continue
		}
		list, err := w.Store.Indicators(ctx, m.TemplateVersionID)
		must(err)
		for _, i := range list {
			must(w.Store.Rate(ctx, cast.Evaluator.ID, m.EvaluationID, i.ID, store.Above))
			must(w.Store.SetReason(ctx, cast.Evaluator.ID, m.EvaluationID, i.ID, text))
			must(w.Store.SetNote(ctx, cast.Evaluator.ID, m.EvaluationID, i.ID, text))
		}
		must(w.Store.ChooseOverall(ctx, cast.Evaluator.ID, m.EvaluationID, map[store.Side]store.Rating{store.Work: store.Above, store.Behaviour: store.Above}))
		must(w.Store.SetEvaluationNote(ctx, cast.Evaluator.ID, m.EvaluationID, text))
		_, err = w.Store.Finalise(ctx, cast.Evaluator.ID, m.EvaluationID, time.Minute, func(store.Sheet) (store.Predicate, error) { return store.VeryGood, nil })
		must(err)
	}
	w.Clock.Advance(time.Minute)
}

func TestHoweverMuchIsWrittenEachPageFitsIntoAMessageAndNothingIsLeftOut(t *testing.T) {
	w, cast := city(t)
	evaluated(t, w, cast, "2026-12-01", "2026-12-31", strings.Repeat("<Teladan & tekun> ", 27))
	w.Type("pegawai", "/hasil")
	w.Tap("pegawai", "🆕")
	w.Tap("pegawai", "Rincian")
	seen := w.Last("pegawai").Text // that it fits is checked by the world itself
	for strings.Contains(transcript.Render(w.Last("pegawai")), "Berikutnya ›") {
		w.Tap("pegawai", "Berikutnya")
		seen += w.Last("pegawai").Text
	}
	if n := strings.Count(seen, ": Di atas"); n != 13 {
		t.Errorf("%d indicators on all pages, want 13", n)
	}
}

func TestManyResultsArePagedTheNewestFirst(t *testing.T) {
	w, cast := city(t)
	for month := 1; month <= 8; month++ {
		last := time.Date(2026, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC)
		evaluated(t, w, cast, store.Date(fmt.Sprintf("2026-%02d-01", month)), store.Date(last.Format(time.DateOnly)), "Menjadi teladan bagi rekan")
	}
	first := w.Type("pegawai", "/hasil")
	if !strings.Contains(first, "[🆕 Agustus 2026]") || strings.Contains(first, "Februari") {
		t.Errorf("the first page is\n%s", first)
	}
	if second := w.Tap("pegawai", "Berikutnya"); !strings.Contains(second, "[🆕 Januari 2026]") || !strings.Contains(second, "[‹ Sebelumnya (1/2)]") {
		t.Errorf("the second page is\n%s", second)
	}
}

func TestTheLastDayToObjectIsToldUntilItIsOver(t *testing.T) {
	w, cast := city(t)
	evaluated(t, w, cast, "2026-12-01", "2026-12-31", "Menjadi teladan bagi rekan")
	w.Type("pegawai", "/hasil")
	if opened := w.Tap("pegawai", "🆕"); !strings.Contains(opened, "sampai Senin, 18 Januari 2027 pukul 23.59 WIB") {
		t.Errorf("opened on 4 January:\n%s", opened)
	}
	show := w.Last("pegawai").Rows[0][0].To // acknowledges; drawn anew it shows the day
	w.Clock.Advance(time.Date(2027, time.January, 18, 16, 59, 59, 0, time.UTC).Sub(w.Clock.Now()))
	tap := func() string {
		return w.Do("pegawai", flows.Event{Kind: flows.Tap, Private: true, Data: show.String()})
	}
	if last := tap(); !strings.Contains(last, "dapat diajukan") {
		t.Errorf("in the last second:\n%s", last)
	}
	w.Clock.Advance(time.Second)
	if over := tap(); !strings.Contains(over, "sudah lewat") {
		t.Errorf("at midnight:\n%s", over)
	}
}
