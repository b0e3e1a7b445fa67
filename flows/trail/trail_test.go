package trail_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/period"
	"kinerja/flows/rules"
	"kinerja/flows/trail"
	"kinerja/flows/transcript"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/sample"
)

// told has a digest that is the same in each run: what happens at one moment has its ids in any order.
type told struct{ *store.Store }

func (t told) DigestOn(ctx context.Context, day store.Date) (store.AuditSeal, error) {
	seal, err := t.Store.DigestOn(ctx, day)
	seal.Digest = "a41c09f277b0e3125d10" + "00"
	return seal, err
}

// town is the sample city with an open quarter.
func town(t *testing.T) (*transcript.World, *sample.Cast) {
	t.Helper()
	days, err := rules.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	w := transcript.NewWorld(t)
	cast, err := sample.City(context.Background(), w.Store)
	if err != nil {
		t.Fatal(err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{period.MenuEntry(w.Store)})
		period.Register(e, w.Store, days, func(at time.Time) time.Time { return at })
		trail.Register(e, told{w.Store})
	})
	_, err = w.Store.OpenPeriodNow(context.Background(), cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		SelfReportDue: w.Clock.Now(), ScoringDue: w.Clock.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	if err != nil {
		t.Fatal(err)
	}
	return w, cast
}

// happen lets a few things happen and seals them.
func happen(t *testing.T, w *transcript.World, cast *sample.Cast) {
	t.Helper()
	ctx, s := context.Background(), w.Store
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	seal := func() {
		t.Helper()
		for n := 1; n > 0; {
			var err error
			n, err = s.SealAudit(ctx)
			must(err)
		}
	}
	seal()
	w.Clock.Advance(24 * time.Hour)
	must(s.GrantRole(ctx, cast.Admin.ID, cast.Superior.ID, store.Leader, cast.Units["PKM-01"].ID))
	team, err := s.Team(ctx, cast.Evaluator.ID)
	must(err)
	_, _, err = s.RateRest(ctx, cast.Evaluator.ID, team[0].EvaluationID)
	must(err)
	_, err = s.Finalise(ctx, cast.Evaluator.ID, team[0].EvaluationID, time.Minute, func(store.Sheet) (store.Predicate, error) { return store.Good, nil })
	must(err)
	view, err := s.UnitFor(ctx, cast.Admin.ID, cast.Units["PKM-02"].ID)
	must(err)
	must(s.RenameUnit(ctx, cast.Admin.ID, cast.Units["PKM-02"].ID, "Puskesmas Nan Balimo Baru", view.Seen()))
	_, err = s.SavePeople(ctx, cast.Admin.ID, []store.PersonEntry{{NIP: cast.Employee.NIP, Name: cast.Employee.Name, Position: "Perawat Ahli Muda", PositionKind: cast.Employee.PositionKind,
		Grade: cast.Employee.Grade, UnitCode: "PKM-01", SuperiorNIP: cast.Evaluator.NIP, Phone: "6281200000001"}})
	must(err)
	lines, _, err := s.Periods(ctx, cast.Admin.ID, 0, 1)
	must(err)
	due := lines[0].ScoringDue
	must(s.ExtendPeriod(ctx, cast.Admin.ID, store.Extension{PeriodID: lines[0].ID, DueBefore: due, DueAfter: due.AddDate(0, 0, 7), SelfReportAfter: lines[0].SelfReportDue, Reason: "Sistem nasional tidak dapat diakses"}))
	for range 3 { // a card that is drawn again
		must(s.Looked(ctx, cast.UnitAdmin.ID, "person", cast.Employee.ID))
	}
	_, err = s.Delegate(ctx, cast.Admin.ID, store.DelegationForm{EvaluatorID: cast.Evaluator.ID, DeputyID: cast.OtherEvaluator.ID, Capacity: store.Plh, FirstDay: "2027-02-01",
		LastDay: "2027-02-05", BeginsAt: w.Clock.Now().AddDate(0, 0, 30), EndsAt: w.Clock.Now().AddDate(0, 0, 35), Letter: "800/14/2027"})
	must(err)
	_, err = s.Unlink(ctx, cast.Admin.ID, cast.OtherEvaluator.ID)
	must(err)
	seal()
}

func TestTheTrailReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		t.Run(language, func(t *testing.T) {
			w, cast := town(t)
			w.Link("pengelola", cast.Admin, language, account.NoticeVersion)
			w.Link("dinkes", cast.UnitAdmin, language, account.NoticeVersion)
			w.Link("penilai", cast.Evaluator, language, account.NoticeVersion)
			transcript.Play(t, w, "testdata/chat_"+language+".txt", transcript.Hooks{
				"things happen and are sealed": func() string { happen(t, w, cast); return "" },
			})
		})
	}
}

// The file says the same as the chat, and nothing of what an evaluation says.
func TestTheFileOfTheTrail(t *testing.T) {
	w, cast := town(t)
	w.Link("pengelola", cast.Admin, "id", account.NoticeVersion)
	happen(t, w, cast)
	screen, told, err := w.Engine.Tell(context.Background(), store.Actor{PersonID: cast.Admin.ID, TelegramID: w.TelegramID("pengelola"), Language: "id"}, "file.trail", "0:0:0001-01-01:0001-01-01")
	if err != nil || !told || screen.Document == nil {
		t.Fatalf("%+v, %v, %v", screen, told, err)
	}
	content, err := screen.Document.Make(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("riwayat")
	if err != nil || len(rows) < 50 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	var all strings.Builder
	for _, row := range rows {
		all.WriteString(strings.Join(row, " | ") + "\n")
	}
	for _, said := range []string{"memberi peran", "Pimpinan, Puskesmas", "mengubah nama unit", "→ Puskesmas Nan Balimo Baru", "Jabatan: ", "Telepon: tidak ditampilkan", "menetapkan hasil evaluasi",
		"Tenggat penilaian: 11 Januari 2027 09.00 WIB → 18 Januari 2027 09.00 WIB; Alasan: Sistem nasional"} {
		if !strings.Contains(all.String(), said) {
			t.Errorf("%q is not said", said)
		}
	}
	for _, hidden := range []string{"6281200000001", "good", string(store.Meets), cast.OtherEvaluator.Phone} {
		if strings.Contains(all.String(), hidden) {
			t.Errorf("%q is told", hidden)
		}
	}
}

// Every action has words in both languages, and no value of the audit that nobody has words for is shown as it stands.
func TestEveryActionHasWords(t *testing.T) {
	catalog, err := locales.Load(store.WIB)
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"id", "en"} {
		for _, said := range trail.Said(catalog.In(language)) {
			if strings.Contains(said, "trail.did") || strings.Contains(said, "⟦") || said == "" {
				t.Errorf("%s: %q", language, said)
			}
		}
	}
	if trail.Known("something.new", "person") || trail.Known("looked", "something") {
		t.Error("an action is known that nobody named")
	}
}
