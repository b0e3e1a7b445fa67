package words_test

import (
	"testing"
	"time"

	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

func translator(t testing.TB) *locales.Translator {
	t.Helper()
	catalog, err := locales.Load(time.UTC)
	if err != nil {
		t.Fatalf("sentences: %v", err)
	}
	return catalog.In(locales.Indonesian)
}

func TestDaysAreReadAsPeopleWriteThem(t *testing.T) {
	const today = "2026-12-02" // a Wednesday
	for text, want := range map[string]store.Date{
		"15 Januari 2027": "2027-01-15", "15 jan 2027": "2027-01-15", "15 January 2027": "2027-01-15", "5-12-26": "2026-12-05", "05/12/2026": "2026-12-05",
		"5.12.2026": "2026-12-05", "5 12 26": "2026-12-05", "2027-01-15": "2027-01-15", "15/1": "2027-01-15", "2 Desember": "2026-12-02", "1 des": "2027-12-01",
		"31 agt 2027": "2027-08-31", "1 Nopember 2027": "2027-11-01", "Senin, 11 Januari 2027": "2027-01-11", " besok ": "2026-12-03", "Lusa": "2026-12-04", "hari ini": "2026-12-02",
		"Jumat": "2026-12-04", "jum'at": "2026-12-04", "rabu": "2026-12-09", "Friday": "2026-12-04", "tomorrow": "2026-12-03", "29 februari 2028": "2028-02-29",
		"Senin depan": "2026-12-07", "jumat depan": "2026-12-11", "rabu depan": "2026-12-09", "minggu depan": "2026-12-07", "pekan depan": "2026-12-07", "next week": "2026-12-07", "hari Minggu depan": "2026-12-13", "kemarin": "2026-12-01", "next Friday": "2026-12-11",
		"hari Jumat": "2026-12-04", "Jumat ini": "2026-12-04", "on Friday": "2026-12-04", "hari Jumat depan": "2026-12-11", "depan": "", "hari depan": "",
		"kapan-kapan": "", "31-2-2027": "", "15": "", "": "", "15-13-2027": "", "0-1-2027": "", "tahun 2027": "", "12 Mei 20270": "", "15 Januari 2027 pagi sekali": "", "15 pebruari 27": "2027-02-15",
	} {
		got, ok := words.ReadDay(translator(t), text, today)
		if got != want || ok != (want != "") {
			t.Errorf("%q is read as %q (%v), want %q", text, got, ok, want)
		}
	}
}

func FuzzAnyTextIsReadAsARealDayOrNone(f *testing.F) {
	f.Add("15 Januari 2027")
	f.Add("29/2")
	tr := translator(f)
	f.Fuzz(func(t *testing.T, text string) {
		day, ok := words.ReadDay(tr, text, "2027-03-01")
		if _, err := time.Parse(time.DateOnly, string(day)); ok != (err == nil) && day != "" {
			t.Errorf("%q is read as %q", text, day)
		}
	})
}

// Of a day without a year it is the question that tells which one is meant: one that is over, or the nearest.
func TestADayWithoutYearIsTheOneThatIsAskedFor(t *testing.T) {
	const today = "2026-12-02"
	for _, c := range []struct {
		text       string
		past, near store.Date
	}{
		{"1 Desember", "2026-12-01", "2026-12-01"}, {"2 Desember", "2026-12-02", "2026-12-02"}, {"31 Desember", "2025-12-31", "2026-12-31"},
		{"30 November", "2026-11-30", "2026-11-30"}, {"15 Januari", "2026-01-15", "2027-01-15"}, {"31 Desember 2026", "2026-12-31", "2026-12-31"},
		{"kemarin", "2026-12-01", "2026-12-01"}, {"besok", "2026-12-03", "2026-12-03"}, {"32 Desember", "", ""},
	} {
		if past, _ := words.ReadPastDay(translator(t), c.text, today); past != c.past {
			t.Errorf("%q is read as %q, of the past %q", c.text, past, c.past)
		}
		if near, _ := words.ReadNearDay(translator(t), c.text, today); near != c.near {
			t.Errorf("%q is read as %q, the nearest is %q", c.text, near, c.near)
		}
	}
}
