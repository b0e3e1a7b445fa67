package rules_test

import (
	"testing"

	"kinerja/flows/rules"
)

func TestWhoIsKnownToBeEntitledToEvaluate(t *testing.T) {
	for _, c := range []struct {
		kind, position string
		may            bool
	}{
		{"struktural", "Sekretaris Dinas Kesehatan", true},
		{"fungsional", "Kepala SD Negeri 05 Sinapa Piliang", true},
		{"fungsional", "Plt. Kepala Puskesmas", true},
		{"pelaksana", "Plh. Lurah Kampung Jawa", true},
		{"fungsional", "Dokter Ahli Muda", false},
		{"pelaksana", "Pengelola Data", false},
		{"pelaksana", "Staf Kepala Bagian", false},
		{"", "", false},
		{"", "Plt.", false},
		{"", "Kepala Seksi Perizinan", true},
	} {
		if got := rules.MayEvaluate(c.kind, c.position); got != c.may {
			t.Errorf("%s, %s: %v", c.kind, c.position, got)
		}
	}
}
