package roster_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"kinerja/flows/roster"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

const (
	peopleHeader = "nip,nama,jabatan,jenis_jabatan,golongan,unit,nip_atasan,telepon,peran\n"
	unitHeader   = "kode,nama,induk\n"
)

// small are limits that a test can reach.
func small() roster.Limits {
	return roster.Limits{Bytes: 64 << 10, Unzipped: 1 << 20, Rows: 20, Columns: 30}
}

// workbook makes an XLSX from sheets of rows. Strings become text, numbers become numbers.
func workbook(t testing.TB, sheets map[string][][]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	for name, rows := range sheets {
		if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := book.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := book.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	buffer, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func header() []any {
	var cells []any
	for name := range strings.SplitSeq(strings.TrimSpace(peopleHeader), ",") {
		cells = append(cells, name)
	}
	return cells
}

// bomb is a workbook whose sheet unpacks to far more than it weighs.
func bomb(t testing.TB) []byte {
	t.Helper()
	var buffer bytes.Buffer
	w := zip.NewWriter(&buffer)
	small := workbook(t, map[string][][]any{"pegawai": {header()}})
	old, err := zip.NewReader(bytes.NewReader(small), int64(len(small)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range old.File {
		if err := w.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	entry, err := w.Create("xl/worksheets/sheet9.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(bytes.Repeat([]byte(" "), 8<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func translator(t testing.TB, language string) *locales.Translator {
	t.Helper()
	catalog, err := locales.Load(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return catalog.In(language)
}

func TestAFileThatCannotBeUsedSaysWhy(t *testing.T) {
	wide := make([]any, 40)
	for i := range wide {
		wide[i] = "x"
	}
	tests := map[string]struct {
		name    string
		content []byte
		want    string
	}{
		"nothing":              {"a.csv", nil, "empty"},
		"only blanks":          {"a.csv", []byte(" \n;;\n"), "empty"},
		"too big":              {"a.csv", bytes.Repeat([]byte("x"), 65<<10), "too_big"},
		"old XLS or password":  {"a.xlsx", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 more"), "locked"},
		"XLSX by name only":    {"a.xlsx", []byte("nip,nama"), "not_xlsx"},
		"a broken zip":         {"a.xlsx", []byte("PK\x03\x04 and then nothing"), "broken"},
		"half a workbook":      {"a.xlsx", workbook(t, map[string][][]any{"pegawai": {header()}})[:3000], "broken"},
		"a zip bomb":           {"a.xlsx", bomb(t), "unpacks_too_big"},
		"other sheets":         {"a.xlsx", workbook(t, map[string][][]any{"data": {{"x", "y"}}}), "no_sheets"},
		"a hidden sheet":       {"a.xlsx", hiddenSheet(t), "hidden"},
		"a sheet twice":        {"a.xlsx", workbook(t, map[string][][]any{"unit": {{"kode", "nama", "induk"}}, "Unit ": {{"kode", "nama", "induk"}}}), "sheet_twice"}, //nolint:gocritic // the space is the point
		"a far cell":           {"a.xlsx", workbook(t, map[string][][]any{"unit": {append(make([]any, 16_383), "x")}}), "too_many_columns"},
		"an empty sheet":       {"a.xlsx", workbook(t, map[string][][]any{"pegawai": {}}), "no_header"},
		"a wide sheet":         {"a.xlsx", workbook(t, map[string][][]any{"unit": {wide}}), "too_many_columns"},
		"a long sheet":         {"a.xlsx", workbook(t, map[string][][]any{"unit": manyUnits()}), "too_many_rows"},
		"a strange header":     {"a.csv", []byte("satu,dua\n"), "unknown_header"},
		"a program":            {"a.csv", []byte("\x7fELF\x02\x01\x00\x00text"), "not_text"},
		"no column of NIPs":    {"a.csv", []byte("nama,jabatan,unit\n"), "columns_missing"},
		"an open quotation":    {"a.csv", []byte(unitHeader + "A,\"B,\n"), "csv_broken"},
		"too many lines":       {"a.csv", []byte(unitHeader + strings.Repeat("A,B,\n", 21)), "too_many_rows"},
		"too many CSV columns": {"a.csv", []byte(strings.Repeat("kode,", 40)), "too_many_columns"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := roster.Read(test.name, bytes.NewReader(test.content), small(), nil)
			problem, ok := roster.FileProblem(err)
			if !ok || problem.Key != "file."+test.want {
				t.Fatalf("%v, want %s", err, test.want)
			}
			for _, language := range locales.Languages {
				if text := problem.Text(translator(t, language)); strings.Contains(text, locales.Missing) || strings.Contains(text, "no value") {
					t.Errorf("%s: %s", language, text)
				}
			}
		})
	}
}

func manyUnits() [][]any {
	rows := [][]any{{"kode", "nama", "induk"}}
	for i := range 21 {
		rows = append(rows, []any{fmt.Sprintf("U%d", i), "Unit", ""})
	}
	return rows
}

// hiddenSheet has its people where nobody sees them.
func hiddenSheet(t testing.TB) []byte {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(workbook(t, map[string][][]any{"pegawai": {header()}, "lain": {{"x"}}})))
	if err == nil {
		book.SetActiveSheet(slices.Index(book.GetSheetList(), "lain")) // the one in sight cannot be hidden
		err = book.SetSheetVisible("pegawai", false)
	}
	if err != nil {
		t.Fatal(err)
	}
	buffer, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func TestColumnsThatAreNotThereLeaveWhatIsStored(t *testing.T) {
	s := withUnits(t)
	full := peopleHeader + nip(1) + ",Atasan,Kepala,struktural,IV/a,U,,0811111111,\n" + nip(2) + ",Adi,Analis,fungsional,III/a,U," + nip(1) + ",0812222222,pengelola\n"
	apply(t, s, check(t, s, read(t, "a.csv", []byte(full))))
	before := peopleOf(t, s)

	plan := check(t, s, read(t, "a.csv", []byte("nip,nama,golongan\n"+nip(1)+",Atasan,IV/a\n"+nip(2)+",Adi Baru,III/b\n"+nip(3)+",Baru,III/a\n")))

	if got := found(plan.Wrong); !slices.Equal(got, []string{"4 no_unit"}) {
		t.Errorf("wrong rows %q", got)
	}
	if said := printed(t, plan); !strings.Contains(said, "Lembar pegawai tidak memiliki kolom: jabatan, jenis_jabatan, unit, nip_atasan, telepon, peran.") {
		t.Errorf("it said\n%s", said)
	}
	apply(t, s, plan)
	before[1].Name, before[1].Grade = "Adi Baru", "III/b"
	if diff := cmp.Diff(before, peopleOf(t, s)); diff != "" {
		t.Error(diff)
	}
}

// read must succeed.
func read(t testing.TB, name string, content []byte) roster.File {
	t.Helper()
	f, err := roster.Read(name, bytes.NewReader(content), roster.DefaultLimits(), nil)
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return f
}

func sampleFile(t testing.TB) roster.File {
	t.Helper()
	units, people := sample.Files()
	f, err := read(t, "pegawai.csv", people).Join(read(t, "unit.csv", units), roster.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSeveralFilesAreReadAsOneAndEachRowIsNamedWithItsFile(t *testing.T) {
	const adi, ayu = "198609262015051001", "198609262015051002"
	f := read(t, "unit1.csv", []byte(unitHeader+"A,Unit A,\n"))
	for _, more := range []struct{ name, text string }{
		{"a.csv", peopleHeader + adi + ",Adi,,,,B," + ayu + ",0812345678,\n"}, // his unit and his superior come later
		{"b.csv", peopleHeader + ayu + ",Ayu,,,,A,,0812345678,\n" + adi + ",Adi lain,,,,A,,,\n"},
		{"unit2.csv", unitHeader + "B,Unit B,A\na,Lagi,\n"},
	} {
		joined, err := f.Join(read(t, more.name, []byte(more.text)), roster.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		f = joined
	}

	plan := check(t, storetest.SQLite(t, storetest.NewClock(storetest.Start)), f)

	want := `Unit: 3 baris: 2 baru, 0 berubah, 0 tetap, 1 salah.
Pegawai: 3 baris: 2 baru, 0 berubah, 0 tetap, 1 salah.
Salah, lembar unit (unit2.csv) baris 3: kode unit ini sudah ada di baris 2 (unit1.csv); baris itu yang dipakai.
Salah, lembar pegawai (b.csv) baris 3: NIP ini sudah ada di baris 2 (a.csv); baris itu yang dipakai.
Periksa, lembar pegawai (b.csv) baris 2: nomor telepon sama dengan baris 2 (a.csv). Baris tetap dipakai.
Berkas ini tidak mencabut peran. Peran di unit lama ikut pindah bersama orangnya.
`
	if diff := cmp.Diff(want, printed(t, plan)); diff != "" {
		t.Error(diff)
	}
}

// many is a CSV of n valid rows.
func many(n, from int) []byte {
	var rows strings.Builder
	rows.WriteString(peopleHeader)
	for i := from; i < from+n; i++ {
		day := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i%9000)
		fmt.Fprintf(&rows, "%s2015051%03d,Nama Pegawai,Analis,pelaksana,III/a,U,,,\n", day.Format("20060102"), i/9000+1)
	}
	return []byte(rows.String())
}

func TestAnOperatorMayBringTwoHundredThousandRowsOverSeveralFilesAndNotOneMore(t *testing.T) {
	limits := roster.CommandLimits()
	readMany := func(name string, n, from int) roster.File {
		f, err := roster.Read(name, bytes.NewReader(many(n, from)), limits, nil)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f, err := readMany("a.csv", 120_000, 0).Join(readMany("b.csv", 80_000, 120_000), limits)
	if err != nil {
		t.Fatalf("200,000 rows: %v", err)
	}
	if plan := check(t, withUnits(t), f); plan.People != (roster.Counts{New: 200_000}) {
		t.Errorf("%+v", plan.People)
	}
	_, err = f.Join(readMany("c.csv", 1, 200_000), limits)
	if problem, ok := roster.FileProblem(err); !ok || problem.Key != "file.too_many_rows" {
		t.Errorf("one more: %v", err)
	}
}

func TestSmallFilesMayNotBeALargeOneTogether(t *testing.T) {
	limits := small()
	wide := func(name string) roster.File {
		f, err := roster.Read(name, strings.NewReader(unitHeader+"A,"+strings.Repeat("x", int(limits.Bytes)/2)+",\n"), limits, nil)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	_, err := wide("a.csv").Join(wide("b.csv"), limits)
	if problem, ok := roster.FileProblem(err); !ok || problem.Key != "file.too_big" {
		t.Errorf("%v", err)
	}
}

func TestTheLimitsAgainstZipBombsAreTheSameForAnOperator(t *testing.T) {
	if command, usual := roster.CommandLimits(), roster.DefaultLimits(); command.Unzipped != usual.Unzipped || command.Columns != usual.Columns {
		t.Errorf("%+v, usually %+v", command, usual)
	}
}

func TestHeadersInAnyOrderCaseAndSeparatorAreRead(t *testing.T) {
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	files := map[string][]byte{
		"comma.csv":     []byte(unitHeader + "a,Unit A,\n"),
		"semicolon.csv": []byte("\ufeffINDUK;catatan;Nama;Kode\r\n;x;Unit A;a\r\n"),
		"book.xlsx":     workbook(t, map[string][][]any{"UNIT ": {{}, {"Nama", "lain", "KODE", "induk"}, {}, {"Unit  A\n", 1, "a"}}}),
	}
	for name, content := range files {
		plan, err := roster.Check(context.Background(), s, read(t, name, content), roster.City())
		if err != nil || plan.Units != (roster.Counts{New: 1}) {
			t.Errorf("%s: %+v, %v", name, plan, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	units, people := sample.Files()
	f.Add("a.csv", units)
	f.Add("a.csv", people)
	f.Add("a.csv", []byte("nip;\"nama"))
	f.Add("a.xlsx", workbook(f, map[string][][]any{"pegawai": {header(), {"198609262015051001", "A"}}, "unit": {{"kode", "nama", "induk"}, {"A", "B", "A"}}}))
	f.Add("a.xlsx", []byte("PK\x03\x04"))
	s := storetest.SQLite(f, storetest.NewClock(storetest.Start))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		file, err := roster.Read(name, bytes.NewReader(content), small(), nil)
		if err != nil {
			if _, ok := roster.FileProblem(err); !ok {
				t.Fatalf("not the file's fault: %v", err)
			}
			return
		}
		plan, err := roster.Check(context.Background(), s, file, roster.City())
		if err != nil {
			t.Fatal(err)
		}
		if rows := plan.Changes(); rows > 2*small().Rows {
			t.Fatalf("%d rows of a file of at most %d", rows, small().Rows)
		}
	})
}

var _ roster.Writer = (*store.Store)(nil)
