package period_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"kinerja/flows/account"
	"kinerja/store"
)

// The file has everybody of the administrator's units, those furthest behind first, and no rating.
func TestTheProgressAsAFile(t *testing.T) {
	w, cast := town(t, calendar(t))
	ctx, s := context.Background(), w.Store
	w.Link("kota", cast.Admin, "id", account.NoticeVersion)
	w.Link("dinas", cast.UnitAdmin, "id", account.NoticeVersion)
	p, err := s.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		SelfReportDue: w.Clock.Now(), ScoringDue: w.Clock.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	if err != nil {
		t.Fatal(err)
	}
	team, err := s.Team(ctx, cast.Evaluator.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.RateRest(ctx, cast.Evaluator.ID, team[0].EvaluationID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Finalise(ctx, cast.Evaluator.ID, team[0].EvaluationID, time.Minute, func(store.Sheet) (store.Predicate, error) { return store.Good, nil }); err != nil {
		t.Fatal(err)
	}
	file := func(key string, who *store.Person) *excelize.File {
		t.Helper()
		screen, told, err := w.Engine.Tell(ctx, store.Actor{PersonID: who.ID, TelegramID: w.TelegramID(key), Language: "id"}, "file.progress", fmt.Sprint(p.ID))
		if err != nil || !told || screen.Document == nil {
			t.Fatalf("%+v, %v, %v", screen, told, err)
		}
		content, err := screen.Document.Make(ctx)
		if err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		return book
	}
	rows := func(book *excelize.File, sheet string) [][]string {
		t.Helper()
		all, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	whole := file("kota", cast.Admin)
	people := rows(whole, "pegawai")
	if len(people) != 62 || people[61][0] != team[0].Name || people[61][4] != "Ditetapkan" || people[1][4] != "Belum dinilai" {
		t.Errorf("%d rows, the last %v", len(people), people[len(people)-1])
	}
	if !slices.ContainsFunc(people, func(row []string) bool { return row[3] == "(tanpa penilai)" }) {
		t.Error("nobody is without evaluator")
	}
	evaluators := rows(whole, "penilai")
	if last := evaluators[len(evaluators)-1]; last[0] != cast.Evaluator.Name || last[2] != "1" {
		t.Errorf("the evaluator furthest on is %v", last)
	}
	agency := rows(file("dinas", cast.UnitAdmin), "pegawai")
	if len(agency) >= len(people) || len(agency) < 2 {
		t.Errorf("the agency's administrator has %d rows", len(agency))
	}
	for _, row := range agency[1:] {
		if strings.Contains(row[2], "Pendidikan") || strings.Contains(row[2], "SMP") {
			t.Errorf("somebody of another agency: %v", row)
		}
	}
}
