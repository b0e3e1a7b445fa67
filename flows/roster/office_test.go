package roster_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"kinerja/flows/roster"
	"kinerja/store"
	"kinerja/store/storetest"
)

// officePeople are the people of testdata/kantor.*: titles above, a header of two rows with merged cells, a row that counts the columns, a
// superior by name, and a NIP that the spreadsheet rounded.
func officePeople() []store.PersonEntry {
	return []store.PersonEntry{
		{NIP: nip(1), Name: "Dr. Hj. Ayu Lestari, S.K.M.", Grade: "IV/b", UnitCode: "DINKES", Phone: "6281234567890"},
		{NIP: nip(2), Name: "Budi Santoso", Grade: "III/d", UnitCode: "DINKES", SuperiorNIP: nip(1), Phone: "6281234567891"},
	}
}

func TestASheetAsAnOfficeWritesItIsRead(t *testing.T) {
	for _, name := range []string{"kantor.ods", "kantor.xlsx"} { // both by LibreOffice 7.4
		content, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
		plan := check(t, s, read(t, name, content))
		if got := found(plan.Wrong); !slices.Equal(got, []string{"8 nip_number"}) {
			t.Errorf("%s: wrong rows %q", name, got)
		}
		said := printed(t, plan)
		for _, want := range []string{"Lembar Data ASN: kolom ini tidak dipakai: Tgl Lahir.", "Lembar tersembunyi tidak dibaca: Arsip.",
			"Lembar Data ASN tidak memiliki kolom: jabatan, jenis_jabatan, peran.", "Salah, lembar Data ASN baris 8: NIP di kolom NIP Baru"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: %q is missing in\n%s", name, want, said)
			}
		}
		apply(t, s, plan)
		if diff := cmp.Diff(officePeople(), peopleOf(t, s)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func peopleOf(t testing.TB, s *store.Store) []store.PersonEntry {
	t.Helper()
	_, people, err := s.Roster(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return people
}

// ods is a spreadsheet as LibreOffice writes it: runs of equal cells are written once, and the rest of the sheet as empty ones.
func ods(t testing.TB, sheets map[string][][]string) []byte {
	t.Helper()
	var body strings.Builder
	for _, name := range slices.Sorted(mapsKeys(sheets)) {
		fmt.Fprintf(&body, `<table:table table:name="%s"><table:table-column table:number-columns-repeated="16384"/>`, escaped(name))
		for _, row := range sheets[name] {
			body.WriteString(`<table:table-row>`)
			for i := 0; i < len(row); {
				n := 1
				for i+n < len(row) && row[i+n] == row[i] {
					n++
				}
				fmt.Fprintf(&body, `<table:table-cell office:value-type="string" table:number-columns-repeated="%d"><office:annotation><text:p>catatan</text:p></office:annotation><text:p>%s</text:p></table:table-cell>`,
					n, strings.ReplaceAll(escaped(row[i]), " ", "<text:s/>"))
				i += n
			}
			body.WriteString(`<table:table-cell table:number-columns-repeated="16370"/></table:table-row>`)
		}
		body.WriteString(`<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>`)
	}
	return odsOf(t, body.String())
}

func mapsKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func escaped(text string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic(err)
	}
	return b.String()
}

func odsOf(t testing.TB, tables string) []byte {
	t.Helper()
	return zipped(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml": "<m/>",
		"content.xml": `<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>` +
			tables + `</office:spreadsheet></office:body></office:document-content>`})
}

func zipped(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	w := zip.NewWriter(&buffer)
	for _, name := range slices.Sorted(mapsKeys(files)) {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(files[name]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func TestAnODSThatCannotBeUsedSaysWhy(t *testing.T) {
	row := `<table:table-row%s><table:table-cell office:value-type="string"%s><text:p>x</text:p></table:table-cell></table:table-row>`
	unit := `<table:table table:name="unit"><table:table-row><table:table-cell><text:p>kode</text:p></table:table-cell><table:table-cell><text:p>nama</text:p></table:table-cell><table:table-cell><text:p>induk</text:p></table:table-cell></table:table-row>`
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"a row for a million":   {odsOf(t, unit+fmt.Sprintf(row, ` table:number-rows-repeated="1048576"`, "")+`</table:table>`), "too_many_rows"},
		"a cell for a million":  {odsOf(t, unit+fmt.Sprintf(row, "", ` table:number-columns-repeated="1000000"`)+`</table:table>`), "too_many_columns"},
		"a far cell":            {odsOf(t, unit+`<table:table-row><table:table-cell table:number-columns-repeated="999999999"/><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>`), "too_many_columns"},
		"a bomb":                {odsOf(t, unit+strings.Repeat("<table:table-row></table:table-row>", 60_000)+`</table:table>`), "unpacks_too_big"},
		"a bomb in one element": {odsOf(t, `<x y="`+strings.Repeat("y", 4<<20)+`"/>`), "unpacks_too_big"},
		"broken":                {odsOf(t, unit), "broken"},
		"a password":            {zipped(t, map[string]string{"content.xml": "xx", "META-INF/manifest.xml": "<manifest:encryption-data/>"}), "locked"},
		"a page called XLS":     {[]byte("\n<html><table>"), "locked"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := roster.Read("a.ods", bytes.NewReader(test.content), small(), nil)
			if problem, ok := roster.FileProblem(err); !ok || problem.Key != "file."+test.want {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}

// xlsxOf is a workbook with hand-made parts, as libraries write them that are not Excel.
func xlsxOf(t testing.TB, target, sheet, strings_ string) []byte {
	t.Helper()
	files := map[string]string{
		"[Content_Types].xml":        `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
		"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="` + strings.Replace(target, "worksheets/sheet1.xml", "workbook.xml", 1) + `"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="` + strings.TrimPrefix(target, "xl/") + `"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + sheet + `</sheetData></worksheet>`,
	}
	if strings_ != "" {
		files["xl/sharedStrings.xml"] = `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` + strings_ + `</sst>`
		files["xl/_rels/workbook.xml.rels"] = strings.Replace(files["xl/_rels/workbook.xml.rels"], `</Relationships>`,
			`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`, 1)
	}
	return zipped(t, files)
}

func TestWorkbooksOfOtherLibrariesAreRead(t *testing.T) {
	inline := func(texts ...string) (cells string) {
		for _, text := range texts {
			cells += `<c t="inlineStr"><is><t>` + text + `</t></is></c>` // without r, as some write
		}
		return cells
	}
	head := []string{"NIP", "Nama", "Unit", "NIP Atasan", "No HP"}
	for name, content := range map[string][]byte{
		"openpyxl, absolute paths and inline text": xlsxOf(t, "/xl/worksheets/sheet1.xml",
			`<row r="1">`+inline("DAFTAR PEGAWAI")+`</row><row r="3">`+inline(head...)+`</row><row r="4">`+inline("'"+nip(1), "Adi", "U")+`<c/><c t="n"><v>81234567890</v></c></row>`, ""),
		"SheetJS, text of formulas": xlsxOf(t, "xl/worksheets/sheet1.xml",
			`<row r="1">`+inline(head...)+`</row><row r="2"><c r="A2" t="str"><v>`+nip(1)+`</v></c><c r="B2" t="str"><f>A</f><v>Adi</v></c><c r="C2" t="str"><v>u</v></c><c r="E2"><v>8.1234567890E10</v></c></row>`, ""),
		"exceljs, shared and rich text": xlsxOf(t, "xl/worksheets/sheet1.xml",
			`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>3</v></c><c r="E1" t="s"><v>4</v></c></row>`+
				`<row r="2"><c r="A2" t="s"><v>5</v></c><c r="B2" t="s"><v>6</v></c><c r="C2" t="s"><v>7</v></c><c r="E2"><v>81234567890.0</v></c></row>`,
			`<si><t>NIP</t></si><si><t>Nama</t></si><si><t>Unit</t></si><si><t>NIP Atasan</t></si><si><t>No HP</t></si><si><t xml:space="preserve"> `+nip(1)+"\u00a0"+`</t></si><si><r><t>A</t></r><r><t>di</t></r></si><si><t>U</t></si>`),
	} {
		t.Run(name, func(t *testing.T) {
			s := withUnits(t)
			plan := check(t, s, read(t, "a.xlsx", content))
			if len(plan.Wrong) > 0 {
				t.Fatalf("wrong: %v", found(plan.Wrong))
			}
			apply(t, s, plan)
			want := []store.PersonEntry{{NIP: nip(1), Name: "Adi", UnitCode: "U", Phone: "6281234567890"}}
			if diff := cmp.Diff(want, peopleOf(t, s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCSVInEveryEncodingAndSeparatorIsRead(t *testing.T) {
	const text = "DAFTAR UNIT, KOTA SOLOK, TAHUN 2026\n\nKode;Nama Unit;Induk\nA;Café, Jalan Raya;\n"
	encoded := func(bytes []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	tabs := strings.ReplaceAll(text, ";", "\t")
	_, table, _ := strings.Cut(text, "\nKode")
	for name, content := range map[string][]byte{
		"UTF-8":          []byte(text),
		"with a mark":    []byte("\ufeff" + text),
		"sep=":           []byte("sep=;\nKode" + table),
		"Windows-1252":   encoded(charmap.Windows1252.NewEncoder().Bytes([]byte(text))),
		"UTF-16":         encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(tabs))),
		"UTF-16 big":     encoded(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(tabs))),
		"UTF-16 no mark": encoded(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(tabs))),
	} {
		s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
		apply(t, s, check(t, s, read(t, "a.csv", content)))
		if units, _, err := s.Roster(context.Background()); err != nil || len(units) != 1 || units[0].Name != "Café, Jalan Raya" {
			t.Errorf("%s: %v, %v", name, units, err)
		}
	}
}

// The same table is the same roster, in whatever file it comes.
func TestXLSXAndODSAndCSVOfATableGiveTheSameRows(t *testing.T) {
	s := withUnits(t)
	words := rapid.SampledFrom([]string{"", "U", "u", "Unit", "X", "Adi", "Dr. Adi, S.E.", nip(1), nip(2), "'" + nip(3), "19860926 201505 1 004", "III/d", "Penata (III.c)", "-", "#N/A", "=1+1", "+62812345678",
		"0812-345-678", "fungsional", "pengelola kota", "a\u00a0b", "  spasi  ", "<&>\"'"})
	heads := rapid.SampledFrom([]string{"NIP", "NIP Baru", "Nama Pegawai", "Jabatan", "Gol. Ruang", "Unit Kerja", "Atasan Langsung", "No HP", "Peran", "No", "Catatan", ""})
	rapid.Check(t, func(r *rapid.T) {
		table := [][]string{}
		for range rapid.IntRange(0, 2).Draw(r, "titles") {
			table = append(table, []string{"DAFTAR"})
		}
		table = append(table, append([]string{"NIP", "Nama", "Unit", "NIP Atasan"}, rapid.SliceOfN(heads, 0, 4).Draw(r, "header")...))
		for range rapid.IntRange(0, 6).Draw(r, "rows") {
			table = append(table, rapid.SliceOfN(words, 1, 8).Draw(r, "row"))
		}
		var first string
		for _, file := range filesOf(t, table) {
			f, err := roster.Read(file.name, bytes.NewReader(file.content), small(), nil)
			said := fmt.Sprint(err)
			if err == nil {
				plan, err := roster.Check(context.Background(), s, f, roster.City())
				if err != nil {
					r.Fatal(err)
				}
				said = fmt.Sprint(plan.Units, plan.People, found(plan.Wrong), found(plan.Warnings), plan.Digest())
			}
			if first == "" {
				first = said
			}
			if said != first {
				r.Errorf("%s: %s, before %s", file.name, said, first)
			}
		}
	})
}

type named struct {
	name    string
	content []byte
}

func filesOf(t testing.TB, table [][]string) []named {
	t.Helper()
	book, cells := excelize.NewFile(), [][]string{}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	for n, row := range table {
		cells = append(cells, row)
		for i, value := range row {
			at, err := excelize.CoordinatesToCellName(i+1, n+1)
			if err := errors.Join(err, book.SetCellStr("Sheet1", at, value)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	buffer, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return []named{{"a.xlsx", buffer.Bytes()}, {"a.ods", ods(t, map[string][][]string{"Sheet1": cells})}, {"a.csv", text.Bytes()}}
}
