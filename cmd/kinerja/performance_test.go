package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kinerja/store"
	"kinerja/store/sample"
)

func TestAPeriodIsNamedAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]store.Date{"2026-Q4": "2026-10-01", "2026-q1": "2026-01-01", "2026-11": "2026-11-01", "2026": "2026-01-01", "2026-Q5": "", "2026-13": "", "2026-0": "", "Q4": "", "26": "", "2026-": "2026-01-01"} {
		span, err := ofPeriod{Period: text}.span()
		if span.First != want || (err == nil) != (want != "") {
			t.Errorf("%q is %v, %v; want %q", text, span, err, want)
		}
	}
}

func TestOrganisationPerformanceGoesOutAndComesBackAsAFile(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	url := "sqlite:" + filepath.Join(folder, "kinerja.db")
	s, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	cast, err := sample.City(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", Release: store.ReleasePublished})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) (code int, said string) {
		var out, errs bytes.Buffer
		code = run(ctx, append([]string{"performance"}, append(args, "--database-url", url, "--period", "2026-Q4")...), &out, &errs)
		return code, out.String() + errs.String()
	}
	file := filepath.Join(folder, "capaian.csv")
	if code, said := command("export", file); code != exitOK {
		t.Fatalf("export: %d, %s", code, said)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	filled := strings.Replace(string(text), "DINKES,Dinas Kesehatan,", "DINKES,Dinas Kesehatan,Istimewa", 1)
	if filled == string(text) {
		t.Fatalf("the agency is not in the list:\n%s", text)
	}
	for content, want := range map[string]int{strings.Replace(filled, "Istimewa", "Hebat", 1): exitFailed, filled: exitOK} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, dry := range [][]string{{"--dry-run"}, nil} {
			if code, said := command(append([]string{"import", file}, dry...)...); code != want {
				t.Errorf("import %v: %d, want %d: %s", dry, code, want, said)
			}
		}
	}
	if s, err = store.Open(ctx, url, store.Options{}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	list, err := s.PerformancesOf(ctx, cast.Admin.ID, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if l, _ := list.Of(cast.Units["DINKES"].ID); l.Grade != store.OrgOutstanding || list.Entered() != 1 {
		t.Errorf("the agency has %+v", l)
	}
}
