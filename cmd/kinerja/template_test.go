package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kinerja/store/standard"
)

// An operator whose agencies keep their indicators in a spreadsheet brings them in on the first day.
func TestIndicatorsGoOutAndComeInAsAWorkbook(t *testing.T) {
	s, cast := city(t)
	ctx := context.Background()
	file := filepath.Join(t.TempDir(), "indikator.xlsx")
	if said := does(t, "template", "export", "--unit", "DINKES", file); !strings.Contains(said, "13 indicators are in "+file) {
		t.Errorf("export said %s", said)
	}
	versions := func(code string) int64 {
		t.Helper()
		version, err := s.TemplateFor(ctx, cast.Units[code].ID)
		if err != nil {
			t.Fatal(err)
		}
		return version
	}
	before := versions("DISHUB")
	if said := does(t, "template", "import", "--dry-run", "--unit", "DISHUB", file); !strings.Contains(said, "Tidak ada yang diubah") || versions("DISHUB") != before {
		t.Errorf("a dry run said %s", said)
	}
	does(t, "template", "import", "--unit", "DISHUB", file)
	indicators, err := s.Indicators(ctx, versions("DISHUB"))
	if err != nil || versions("DISHUB") == before || indicators[0].Name != standard.Of(standard.Health)[0].Name || len(indicators) != 13 {
		t.Errorf("after the import there are %d indicators, the first is %q, %v", len(indicators), indicators[0].Name, err)
	}
	now := versions("DISHUB")
	does(t, "template", "import", "--unit", "DISHUB", file)
	if versions("DISHUB") != now {
		t.Error("the same indicators made another version")
	}
}

func TestAWorkbookThatIsWrongOrMeantForNobodyChangesNothing(t *testing.T) {
	s, cast := city(t)
	before, err := s.TemplateFor(context.Background(), cast.Units["DINKES"].ID)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "indikator.xlsx")
	does(t, "template", "export", file)
	text := filepath.Join(t.TempDir(), "indikator.csv")
	if err := os.WriteFile(text, []byte("indikator\nA"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--unit", "NOBODY", file}, `there is no unit with the code "NOBODY"`},
		{[]string{"--unit", "DINKES", text}, "no XLSX workbook"},
		{[]string{"--unit", "DINKES", filepath.Join(t.TempDir(), "missing.xlsx")}, "missing.xlsx"},
	} {
		if code, _, stderr := invoke(t, append([]string{"template", "import"}, c.args...)...); code == exitOK || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: exit code %d, said %s", c.args, code, stderr)
		}
	}
	if after, err := s.TemplateFor(context.Background(), cast.Units["DINKES"].ID); err != nil || after != before {
		t.Errorf("version %d, was %d, %v", after, before, err)
	}
}

// With `serve` a city could import its people and open a period, and then nobody had indicators.
func TestACityHasIndicatorsFromItsFirstMigrate(t *testing.T) {
	t.Setenv("DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "kinerja.db"))
	t.Setenv("TELEGRAM_TOKEN", "")
	if said := does(t, "migrate"); !strings.Contains(said, "Wrote the default indicators") || !strings.Contains(said, "Applied migrations") {
		t.Errorf("the first migrate said %s", said)
	}
	if said := does(t, "migrate"); !strings.Contains(said, "up to date") || strings.Contains(said, "indicators") {
		t.Errorf("the second migrate said %s", said)
	}
	if said := does(t, "template", "export", filepath.Join(t.TempDir(), "a.xlsx")); !strings.Contains(said, "13 indicators") {
		t.Errorf("export said %s", said)
	}
}
