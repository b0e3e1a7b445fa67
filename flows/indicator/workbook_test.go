package indicator_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"kinerja/flows/indicator"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/standard"
)

// workbook is an XLSX with these rows in its sheets.
func workbook(t *testing.T, sheets map[string][][]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	for name, rows := range sheets {
		if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for n, row := range rows {
			cell, err := excelize.CoordinatesToCellName(1, n+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := book.SetSheetRow(name, cell, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	text := rapid.StringMatching(`[A-Za-z][A-Za-z0-9 <>&'"=+.,é’-]{0,25}[A-Za-z0-9]`)
	rapid.Check(t, func(t *rapid.T) {
		var wanted []store.Indicator
		names := rapid.SliceOfNDistinct(text, 1, 12, strings.ToLower).Draw(t, "names")
		for n, name := range names {
			name = strings.Join(strings.Fields(name), " ")
			if n%3 == 2 {
				wanted = append(wanted, store.Indicator{Aspect: store.Sikap, Name: name})
				continue
			}
			wanted = append([]store.Indicator{{
				Aspect: store.Capaian, Name: name, Description: tidyText(text.Draw(t, "description")), Plan: tidyText(text.Draw(t, "plan")),
				Serves: tidyText(text.Draw(t, "serves")), Additional: rapid.Bool().Draw(t, "additional"),
				Dimension: rapid.SampledFrom([]string{"", "kuantitas", "kualitas", "waktu", "biaya"}).Draw(t, "dimension"),
				Target:    rapid.SampledFrom([]string{"", "250", "12,5", "007"}).Draw(t, "target"), Measure: "pasien",
			}}, wanted...)
		}
		shared := map[string]store.Indicator{} // what belongs to a result is the same in each of its indicators
		for n := range wanted {
			i := &wanted[n]
			if first, again := shared[i.Plan]; again && i.Plan != "" {
				i.Serves, i.Additional = first.Serves, first.Additional
			}
			shared[i.Plan] = *i
		}
		values := standard.Values()
		values[rapid.IntRange(0, 6).Draw(t, "value")].Expectation = tidyText(text.Draw(t, "expectation"))
		wanted = append(wanted, values...)
		var out bytes.Buffer
		if err := indicator.WriteWorkbook(&out, wanted); err != nil {
			t.Fatal(err)
		}
		got, wrong, err := indicator.ReadWorkbook(&out)
		if err != nil || len(wrong) > 0 {
			t.Fatalf("%v, %v", wrong, err)
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Fatalf("read otherwise: %s", diff)
		}
	})
}

func tidyText(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestASheetMayHaveTitlesAboveAndItsColumnsInAnyOrder(t *testing.T) {
	data := workbook(t, map[string][][]any{
		"Capaian": {{"PEMERINTAH KOTA SOLOK"}, {}, {"Satuan", "No", "INDIKATOR", "Target", "Jenis"}, {"pasien", 1, "  Pasien   dilayani ", 250, "Tambahan"}, {}, {"persen", 2, "Mutu", 97.5, ""}},
		"nilai":   {{"nothing of ours"}},
	})
	got, wrong, err := indicator.ReadWorkbook(bytes.NewReader(data))
	if err != nil || len(wrong) > 0 {
		t.Fatalf("%v, %v", wrong, err)
	}
	want := append([]store.Indicator{
		{Aspect: store.Capaian, Name: "Pasien dilayani", Target: "250", Measure: "pasien", Additional: true},
		{Aspect: store.Capaian, Name: "Mutu", Target: "97.5", Measure: "persen"},
	}, standard.Values()...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAllThatIsWrongIsToldAtOnceWithItsRow(t *testing.T) {
	data := workbook(t, map[string][][]any{
		"capaian":  {{"indikator", "jenis", "aspek", "target"}, {"A", "penting", "", ""}, {"B", "", "mutu", ""}, {"", "utama", "", "5"}, {"A", "", "", ""}, {"C", "", "", strings.Repeat("9", 41)}},
		"sikap":    {{"nama", "uraian"}, {"Disiplin", ""}},
		"perilaku": {{"nilai", "ekspektasi_khusus"}, {"Kolaboratif", "Berbagi data"}, {"Jujur", ""}},
	})
	_, wrong, err := indicator.ReadWorkbook(bytes.NewReader(data))
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
		"Lembar capaian, baris 2: jenis “penting” tidak dikenal; utama atau tambahan.",
		"Lembar capaian, baris 3: aspek “mutu” tidak dikenal; kuantitas, kualitas, waktu, biaya, atau kosong.",
		"Lembar capaian, baris 4: kolom indikator kosong.",
		"Lembar capaian, baris 5: nama “A” sudah ada di baris lain.",
		"Lembar capaian, baris 6: kolom target berisi 41 karakter, paling banyak 40.",
		"Lembar sikap: baris judul kolom tidak ditemukan. Salah satu dari sepuluh baris pertama harus memuat kolom sikap.",
		"Lembar perilaku, baris 3: “Jujur” bukan salah satu dari tujuh nilai BerAKHLAK.",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoWorkbookIsSaidToBeNone(t *testing.T) {
	for name, data := range map[string][]byte{"text": []byte("indikator\nA"), "nothing": nil, "a broken zip": []byte("PK\x03\x04 and then nothing")} {
		if _, _, err := indicator.ReadWorkbook(bytes.NewReader(data)); err != indicator.ErrNoWorkbook { //nolint:errorlint // the very error
			t.Errorf("%s: %v", name, err)
		}
	}
	_, wrong, err := indicator.ReadWorkbook(bytes.NewReader(workbook(t, nil)))
	if err != nil || len(wrong) != 1 || wrong[0].Key != "no_results" {
		t.Errorf("an empty workbook: %v, %v", wrong, err)
	}
}

func FuzzReadingAWorkbook(f *testing.F) {
	var out bytes.Buffer
	if err := indicator.WriteWorkbook(&out, standard.Of(standard.Health)); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		indicators, wrong, err := indicator.ReadWorkbook(bytes.NewReader(data))
		if err == nil && len(wrong) == 0 && len(indicators) < 8 {
			t.Errorf("%d indicators without a complaint", len(indicators))
		}
	})
}
