package document_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	qr "github.com/piglig/go-qr"

	"kinerja/flows/document"
	"kinerja/locales"
)

var printed = time.Date(2026, 11, 30, 3, 4, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

func translator(t *testing.T, language string) *locales.Translator {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Jakarta")
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := locales.Load(zone)
	if err != nil {
		t.Fatal(err)
	}
	return catalog.In(language)
}

func slipOf(n int) document.Slip {
	code := fmt.Sprintf("K7QF-2MXD-9TRB-%04d", n)
	return document.Slip{Name: fmt.Sprintf("Rahmawati Putri %d, S.Kep., Ns.", n), NIP: "1986******* 001", Position: "Perawat Ahli Muda", Code: code,
		Link: "https://t.me/KotaSolokKinerjaBot?start=" + strings.ReplaceAll(code, "-", "")}
}

func unitOf(name string, slips int) document.SlipUnit {
	unit := document.SlipUnit{Name: name}
	for n := range slips {
		unit.Slips = append(unit.Slips, slipOf(n))
	}
	return unit
}

func setOf(units ...document.SlipUnit) document.SlipSet {
	return document.SlipSet{City: "Kota Solok", Bot: "KotaSolokKinerjaBot", Contact: "Siti Rahayu (Pengelola Kinerja)",
		PrintedAt: printed, ValidUntil: printed.AddDate(0, 0, 7), Units: units}
}

// file prints a set into a file.
func file(t *testing.T, language string, set document.SlipSet) string {
	t.Helper()
	made, err := document.Slips(translator(t, language), set)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "undangan.pdf")
	if err := os.WriteFile(path, made, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// poppler runs one of the programs that come with pdftotext.
func poppler(t *testing.T, program string, args ...string) string {
	t.Helper()
	path := program
	if found := os.Getenv("PDFTOTEXT"); found != "" {
		path = filepath.Join(filepath.Dir(found), program)
	}
	cmd := exec.CommandContext(context.Background(), path, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if _, missing := exec.LookPath(path); missing != nil && os.Getenv("KINERJA_ALLOW_MISSING") == "1" {
		t.Skip("missing, and allowed to be: " + program)
	}
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return string(out)
}

// pages are the texts of a file's pages, as they are read.
func pages(t *testing.T, path string) []string {
	t.Helper()
	all := strings.Split(poppler(t, "pdftotext", "-raw", path, "-"), "\f")
	return all[:len(all)-1]
}

func TestASlipHoldsAllThatItsPersonNeedsInBothLanguages(t *testing.T) {
	for language, wants := range map[string][]string{
		"id": {"Undangan bot kinerja · Kota Solok", "Dicetak 30 November 2026 10.04 WIB · berlaku sampai 7 Desember 2026 10.04 WIB · 1 orang · lembar 1 dari 1",
			"Berlaku sampai 7 Desember 2026 10.04 WIB", "1. Pasang Telegram", "2. Ketuk Mulai", "@KotaSolokKinerjaBot", "3. Periksa nama", "jangan difoto, jangan diteruskan",
			"Pertanyaan: Siti Rahayu (Pengelola Kinerja)."},
		"en": {"Invitations to the kinerja bot · Kota Solok", "1 person · sheet 1 of 1", "Valid until 7 December 2026 10.04 WIB", "1. Install Telegram", "3. Check your name", "do not pass it on"},
	} {
		read := strings.Join(strings.Fields(pages(t, file(t, language, setOf(unitOf("Puskesmas Tanah Garam", 1))))[0]), " ")
		for _, want := range append(wants, "Puskesmas Tanah Garam", "Rahmawati Putri 0, S.Kep., Ns.", "NIP 1986******* 001", "Perawat Ahli Muda",
			"K7QF-2MXD-9TRB-0000", "https://t.me/KotaSolokKinerjaBot?start=K7QF2MXD9TRB0000") {
			if !strings.Contains(read, want) {
				t.Errorf("%s: %q is not on the page:\n%s", language, want, read)
			}
		}
	}
}

func TestEachUnitBeginsOnAPageOfItsOwnAndEightSlipsAreOnAPage(t *testing.T) {
	units := []document.SlipUnit{unitOf("Satu", 1), unitOf("Nol", 0), unitOf("Delapan", 8), unitOf("Sembilan", 9), unitOf("Seratus", 100)}
	var want []string
	for _, u := range units {
		for page := range document.SlipPages(len(u.Slips)) {
			want = append(want, fmt.Sprintf("%s · %d · lembar %d dari %d · %d", u.Name, len(u.Slips), page+1, document.SlipPages(len(u.Slips)), min(8, len(u.Slips)-8*page)))
		}
	}
	read := pages(t, file(t, "id", setOf(units...)))
	if len(read) != len(want) || len(want) != 1+1+2+13 {
		t.Fatalf("%d pages, want %d", len(read), len(want))
	}
	for i, page := range read {
		lines := strings.Split(page, "\n")
		_, sheet, _ := strings.Cut(lines[2], "lembar ")
		sheet, _, _ = strings.Cut(sheet, ". ")
		_, people, _ := strings.Cut(lines[2], "WIB · berlaku sampai 7 Desember 2026 10.04 WIB · ")
		people, _, _ = strings.Cut(people, " orang")
		if got := fmt.Sprintf("%s · %s · lembar %s · %d", lines[1], people, sheet, strings.Count(page, "https://t.me/")); got != want[i] {
			t.Errorf("page %d is %q, want %q", i+1, got, want[i])
		}
	}
}

// codesOn reads the QR codes of a page as a camera would: from its picture, cell by cell.
func codesOn(t *testing.T, path string, cells int) (codes []string) {
	t.Helper()
	var out bytes.Buffer
	out.WriteString(poppler(t, "pdftoppm", "-r", "200", "-png", "-f", "1", "-l", "1", path))
	picture, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	at := func(mm float64) int { return int(mm / 210 * float64(picture.Bounds().Dx())) }
	for cell := range cells {
		x, y := 8+97*float64(cell%2), 28+65*float64(cell/2)
		corner := image.NewRGBA(image.Rect(0, 0, at(31), at(31)))
		draw.Draw(corner, corner.Bounds(), picture, image.Pt(at(x+97-4-30), at(y+3)), draw.Src)
		text, err := qr.Decode(corner)
		if err != nil {
			t.Fatalf("cell %d: %v", cell, err)
		}
		codes = append(codes, text)
	}
	return codes
}

func TestTheCodesAreReadFromThePicture(t *testing.T) {
	set := setOf(unitOf("Delapan", 8))
	path := file(t, "id", set)
	for i, code := range codesOn(t, path, 8) {
		if code != set.Units[0].Slips[i].Link {
			t.Errorf("slip %d leads to %s, not to %s", i, code, set.Units[0].Slips[i].Link)
		}
	}
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		return // another reader, where it is at hand
	}
	picture := filepath.Join(t.TempDir(), "page.png")
	if err := os.WriteFile(picture, []byte(poppler(t, "pdftoppm", "-r", "200", "-png", path)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(context.Background(), zbar, "--quiet", "--raw", picture).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	for _, slip := range set.Units[0].Slips {
		if !strings.Contains(string(out), slip.Link) {
			t.Errorf("zbarimg does not find %s", slip.Link)
		}
	}
}

func TestTheSameSlipsMakeTheSameBytes(t *testing.T) {
	make := func(at time.Time) []byte {
		set := setOf(unitOf("Satu", 3), unitOf("Dua", 9))
		set.PrintedAt = at
		made, err := document.Slips(translator(t, "id"), set)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	for range 3 {
		if !bytes.Equal(make(printed), make(printed)) {
			t.Fatal("two files of the same slips differ")
		}
	}
	if made := make(printed); bytes.Equal(made, make(printed.Add(time.Minute))) || !bytes.Contains(made, []byte("/CreationDate (D:20261130030400)")) {
		t.Error("the time of printing is not in the file")
	}
}

// word is one of a page with its box, in points.
type word struct {
	XMin float64 `xml:"xMin,attr"`
	YMin float64 `xml:"yMin,attr"`
	XMax float64 `xml:"xMax,attr"`
	YMax float64 `xml:"yMax,attr"`
	Text string  `xml:",chardata"`
}

// meet reports that two boxes share more than a hair.
func meet(a, b word) bool {
	const hair = 0.6
	return a.XMin < b.XMax-hair && b.XMin < a.XMax-hair && a.YMin < b.YMax-hair && b.YMin < a.YMax-hair
}

func TestNothingTypedBreaksTheSlip(t *testing.T) {
	long := strings.Repeat("Prof. Dr. dr. Siti Nurhaliza Binti Abdurrahman ", 6)[:255]
	typed := []string{
		long, strings.Repeat("W", 255), strings.Repeat("Wi ", 85), strings.Repeat("i", 255), "(\\) ) ET Q q BT /F1 9 Tf (x) Tj", "<b>&amp;{{.Name}}", "%PDF-1.4 endobj stream",
		"佐藤 😀 \u202eterbalik\u202c a\u0301b\n\t\r\x00c عمر", "\U0010FFFF\uFFFF\uFFFE", strings.Repeat("é̈", 120), "\xff\xfe", "", " ", "=1+1", strings.Repeat("Ǽ", 100),
	}
	unit := document.SlipUnit{Name: long}
	for i, text := range typed {
		slip := slipOf(i)
		slip.Name, slip.Position, slip.NIP = text, typed[(i+3)%len(typed)], "****"
		slip.Link = fmt.Sprintf("https://t.me/%s?start=K7QF2MXD9TRB%04d", strings.Repeat("KinerjaW", 4), i)
		unit.Slips = append(unit.Slips, slip)
	}
	path := ""
	for _, text := range typed {
		set := setOf(unit)
		set.City, set.Contact, set.Units[0].Name, set.Bot = text, text, text, strings.Repeat("KinerjaW", 4)
		var read struct {
			Pages []struct {
				Words []word `xml:"word"`
			} `xml:"body>doc>page"`
		}
		path = file(t, "id", set)
		if err := xml.Unmarshal([]byte(strings.ReplaceAll(poppler(t, "pdftotext", "-bbox", path, "-"), "\x00", "")), &read); err != nil {
			t.Fatal(err)
		}
		if len(read.Pages) != 2 {
			t.Fatalf("%d pages", len(read.Pages))
		}
		for n, page := range read.Pages {
			holdApart(t, page.Words, min(8, len(typed)-8*n))
		}
	}
	for i, code := range codesOn(t, path, 8) {
		if code != unit.Slips[i].Link {
			t.Errorf("slip %d leads to %s", i, code)
		}
	}
}

// holdApart holds that no word lies on another, on a QR code or on a cut, and that each slip has its code.
func holdApart(t *testing.T, words []word, slips int) {
	t.Helper()
	const mm = 72 / 25.4
	blocked := []word{}
	codes := 0
	for cell := range slips {
		x, y := (8+97*float64(cell%2))*mm, (28+65*float64(cell/2))*mm
		blocked = append(blocked, word{x + 63*mm, y + 4*mm, x + 93*mm, y + 32.5*mm, "the QR code"},
			word{x - 3*mm, y, x + 3*mm, y + 65*mm, "the cut"}, word{x + 94*mm, y, x + 100*mm, y + 65*mm, "the cut"})
	}
	for i, w := range words {
		if strings.HasPrefix(w.Text, "K7QF-2MXD-9TRB-") {
			codes++
		}
		if w.XMin < 7*mm || w.XMax > 203*mm || w.YMin < 5*mm || w.YMax > 292*mm {
			t.Errorf("%q is off the page: %+v", w.Text, w)
		}
		if w.Text == "✂" {
			continue
		}
		for _, other := range append(words[i+1:], blocked...) {
			if other.Text != "✂" && meet(w, other) {
				t.Errorf("%+v lies on %+v", w, other)
			}
		}
	}
	if codes != slips {
		t.Errorf("%d codes on a page of %d slips", codes, slips)
	}
}
