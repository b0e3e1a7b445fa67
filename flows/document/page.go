// Package document makes the files that people print or keep. It knows no store: it is given what it prints, and the same
// input makes the same bytes.
package document

import (
	"bytes"
	_ "embed" // the fonts
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/unicode/norm"
)

// DejaVu Sans Condensed, whose licence is in font/LICENSE. A PDF carries only the letters that it uses.
var (
	//go:embed font/DejaVuSansCondensed.ttf
	regularFont []byte
	//go:embed font/DejaVuSansCondensed-Bold.ttf
	boldFont []byte
)

// The styles of letters.
const (
	regular = ""
	bold    = "B"
)

const (
	fontName  = "dejavu"
	pageWide  = 210.0 // A4, in mm
	pageHigh  = 297.0
	lineSpace = 1.16        // of the size of the letters
	point     = 25.4 / 72.0 // in mm
	hair      = 0.01        // less than anybody sees
)

// sheet is a PDF that is being written, in mm from the upper left corner.
type sheet struct{ pdf *fpdf.Fpdf }

// newSheet begins an A4 document. Nothing in it depends on when or where it is made but the time that it is given.
func newSheet(title string, at time.Time) *sheet {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(at.UTC())
	pdf.SetModificationDate(at.UTC())
	pdf.SetTitle(title, true)
	pdf.SetCreator("kinerja", true)
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddUTF8FontFromBytes(fontName, regular, regularFont)
	pdf.AddUTF8FontFromBytes(fontName, bold, boldFont)
	return &sheet{pdf: pdf}
}

// bytes ends the document.
func (s *sheet) bytes() ([]byte, error) {
	var out bytes.Buffer
	if err := s.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("write PDF: %w", err)
	}
	return out.Bytes(), nil
}

// lineHigh is the height of one line of letters of a size in points.
func lineHigh(size float64) float64 { return size * point * lineSpace }

// text writes one line whose upper left corner is at x, y.
func (s *sheet) text(x, y float64, style string, size float64, line string) {
	s.pdf.SetFont(fontName, style, size)
	s.pdf.Text(x, y+size*point*0.93, line)
}

// paragraphs writes texts below each other into a box: in the largest of the sizes in which all fit, in the smallest and cut off with "…" where
// they fit in none. It returns how much of the height they took.
func (s *sheet) paragraphs(x, y, wide, high float64, style string, sizes []float64, texts ...string) float64 {
	var lines []string
	var size float64
	for _, size = range sizes {
		s.pdf.SetFont(fontName, style, size)
		lines = nil
		for _, text := range texts {
			lines = append(lines, wrap(Clean(text), wide, s.pdf.GetStringWidth)...)
		}
		if float64(len(lines))*lineHigh(size) <= high+hair {
			break
		}
	}
	if room := max(1, int((high+hair)/lineHigh(size))); len(lines) > room {
		lines = lines[:room]
		lines[room-1] = shorten(lines[room-1]+"…", wide, s.pdf.GetStringWidth)
	}
	for i, line := range lines {
		s.text(x, y+float64(i)*lineHigh(size), style, size, line)
	}
	return float64(len(lines)) * lineHigh(size)
}

// wrap breaks a clean text into lines that are not wider than wide: between words, and within a word that is wider than a line.
func wrap(text string, wide float64, width func(string) float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if whole := strings.TrimSpace(line + " " + word); width(whole) <= wide {
			line = whole
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; width(line) > wide; {
			head := prefix(line, wide, width)
			lines, line = append(lines, head), line[len(head):]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// prefix is the longest beginning of a word that is not wider than wide; at least one letter.
func prefix(word string, wide float64, width func(string) float64) string {
	end := 0
	for i, r := range word {
		next := i + len(string(r))
		if end > 0 && width(word[:next]) > wide {
			break
		}
		end = next
	}
	return word[:end]
}

// shorten takes letters away before the last one, which is "…", until the line is not wider than wide.
func shorten(line string, wide float64, width func(string) float64) string {
	letters := []rune(strings.TrimSuffix(line, "…"))
	for len(letters) > 0 && width(string(letters)+"…") > wide {
		letters = letters[:len(letters)-1]
	}
	return strings.TrimRight(string(letters), " ") + "…"
}

// unknownLetter stands where the fonts have no letter.
const unknownLetter = '□'

// Clean makes one line of what somebody typed: composed letters, single spaces, nothing that is invisible or turns the direction of the text, and
// "□" for what the fonts cannot show.
func Clean(text string) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Variation_Selector):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
	known := letters()
	shown := strings.Map(func(r rune) rune {
		if r != ' ' && !known[r] {
			return unknownLetter
		}
		return r
	}, norm.NFC.String(visible))
	return strings.Join(strings.Fields(shown), " ")
}

// letters are the characters that both fonts have.
var letters = sync.OnceValue(func() map[rune]bool { //nolint:gochecknoglobals // read once from what is embedded
	inBoth := map[rune]bool{}
	thick := charactersOf(boldFont)
	for r := range charactersOf(regularFont) {
		inBoth[r] = thick[r]
	}
	return inBoth
})
