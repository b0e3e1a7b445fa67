package indicator_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/flows/indicator"
	"kinerja/locales"
	"kinerja/store"
)

func TestWhatPeopleHaveOfTheirOwnIsWrittenAndReadAgain(t *testing.T) {
	wanted := []store.PersonalEntry{
		{NIP: "198609262015051001", Instead: true, Results: []store.Indicator{
			{Aspect: store.Capaian, Plan: "Posyandu aktif", Serves: "Stunting turun", Name: "Balita ditimbang", Target: "90", Measure: "persen", Dimension: "kuantitas"},
			{Aspect: store.Capaian, Plan: "Kader terlatih", Name: "Kader terlatih", Additional: true}}},
		{NIP: "199101282023212024", Results: []store.Indicator{{Aspect: store.Capaian, Name: "=Surat dijawab"}}},
	}
	var out bytes.Buffer
	if err := indicator.WritePersonal(&out, wanted); err != nil {
		t.Fatal(err)
	}
	read, wrong, err := indicator.ReadPersonal(&out)
	if err != nil || len(wrong) > 0 {
		t.Fatalf("%v, %v", wrong, err)
	}
	var got []store.PersonalEntry
	for _, p := range read {
		got = append(got, p.PersonalEntry)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
	if read[1].Row != 4 {
		t.Errorf("the second stands in row %d", read[1].Row)
	}
}

func TestAllThatIsWrongWithPeoplesOwnResultsIsToldWithItsRow(t *testing.T) {
	data := workbook(t, map[string][][]any{"skp": {
		{"Rekap SKP"}, {"NIP", "Hasil Unit", "Rencana Hasil Kerja", "RHK Pimpinan", "Jenis", "Indikator"},
		{"19860926 201505 1 001", "bersama", "A", "X", "utama", "A1"}, {"198609262015051001", "menggantikan", "A", "Y", "utama", "A2"},
		{"1986", "", "B", "", "", ""}, {"", "", "B", "", "", ""}, {"1.98609262015051E+17", "", "B", "", "", ""},
		{"199101282023212024", "entah", "", "", "penting", ""}, {"199101282023212024", "", "C", "", "", ""}, {"199101282023212024", "", "C", "", "", ""},
	}})
	_, wrong, err := indicator.ReadPersonal(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := locales.Load(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, w := range wrong {
		said = append(said, w.Text(catalog.In("id")))
	}
	want := []string{
		"Lembar skp, baris 4: pegawai ini sudah ditandai lain di baris sebelumnya (bersama atau menggantikan); mohon disamakan.",
		"Lembar skp, baris 4: rencana hasil kerja “A” di baris lain berjenis atau mendukung hasil pimpinan yang berbeda; mohon disamakan.",
		"Lembar skp, baris 5: “1986” bukan NIP 18 angka.",
		"Lembar skp, baris 6: kolom nip kosong.",
		"Lembar skp, baris 7: NIP disimpan sebagai angka, sehingga angka terakhirnya hilang. Mohon ubah kolom nip menjadi teks dan isi ulang.",
		"Lembar skp, baris 8: jenis “penting” tidak dikenal; utama atau tambahan.",
		"Lembar skp, baris 8: “entah” tidak dikenal; bersama atau menggantikan.",
		"Lembar skp, baris 8: kolom rencana_hasil_kerja kosong.",
		"Lembar skp, baris 10: nama “C” sudah ada di baris lain.",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}
