package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"kinerja/store"
	"kinerja/store/sample"
)

func TestOwnResultsGoOutAndComeInAsAWorkbook(t *testing.T) {
	s, cast := city(t)
	ctx := context.Background()
	file := filepath.Join(t.TempDir(), "skp.xlsx")
	if _, err := s.ImportPersonal(ctx, 0, []store.PersonalEntry{sample.Personal(cast.Employee.NIP)}); err != nil {
		t.Fatal(err)
	}
	if said := does(t, "skp", "export", "--unit", "DINKES", file); !strings.Contains(said, "the results of 1 people") {
		t.Errorf("export said %s", said)
	}
	if said := does(t, "skp", "import", "--dry-run", file); !strings.Contains(said, "Tidak ada yang diubah") {
		t.Errorf("a dry run said %s", said)
	}
	if said := does(t, "skp", "import", file); !strings.Contains(said, "1 pegawai tersimpan, 0 di antaranya berubah") {
		t.Errorf("import said %s", said)
	}
	own, err := s.PersonalOf(ctx, cast.Employee.ID)
	if err != nil || own.Version != 1 || len(own.Results) != 3 {
		t.Errorf("he has %+v, %v", own, err)
	}
}
