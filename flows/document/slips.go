package document

import (
	"fmt"
	"strings"
	"time"

	qr "github.com/piglig/go-qr"

	"kinerja/locales"
)

// Slip invites one person on paper.
type Slip struct {
	Name     string
	NIP      string // as it is to be read; masked, because paper goes through hands
	Position string // jabatan
	Code     string // in groups, as it is typed
	Link     string // the deep link that the QR code holds
}

// SlipUnit is the slips of one unit, which begin on a page of their own.
type SlipUnit struct {
	Name  string // "" for people without a unit
	Slips []Slip
}

// SlipSet is one file of slips.
type SlipSet struct {
	City       string // "" where no name is known
	Bot        string // its user name, without @
	Contact    string // whom to ask; "" for the administrator of the unit
	PrintedAt  time.Time
	ValidUntil time.Time
	Units      []SlipUnit // those without slips get no page
}

// The page in mm: a heading, and a grid of slips on each page.
const (
	margin    = 8.0
	headHigh  = 20.0
	slipWide  = (pageWide - 2*margin) / slipsAcross
	slipHigh  = 65.0
	slipInset = 4.0  // between a cut and what is printed
	qrWide    = 29.0 // with its quiet zone

	slipsAcross = 2
	slipsDown   = 4
	// SlipsOnPage is how many slips fit on a page.
	SlipsOnPage = slipsAcross * slipsDown
)

// SlipPages is how many pages a unit of n people takes.
func SlipPages(n int) int { return (n + SlipsOnPage - 1) / SlipsOnPage }

// Slips makes the PDF of invitations that are printed, cut and handed over. It is in the language of t.
func Slips(t *locales.Translator, set SlipSet) ([]byte, error) {
	w := slipWriter{sheet: newSheet(t.Plain("slip.title"), set.PrintedAt), t: t, set: set}
	for _, unit := range set.Units {
		for page := range SlipPages(len(unit.Slips)) {
			on := unit.Slips[page*SlipsOnPage : min(len(unit.Slips), (page+1)*SlipsOnPage)]
			w.pdf.AddPage()
			w.head(unit, page+1)
			for i, slip := range on {
				if err := w.slip(margin+float64(i%slipsAcross)*slipWide, margin+headHigh+float64(i/slipsAcross)*slipHigh, unit.Name, slip); err != nil {
					return nil, err
				}
			}
			w.cuts(len(on))
		}
	}
	return w.bytes()
}

type slipWriter struct {
	*sheet
	t   *locales.Translator
	set SlipSet
}

// head stays with whoever hands the slips over: unit, time of printing, how many.
func (w slipWriter) head(unit SlipUnit, page int) {
	title := w.t.Plain("slip.title")
	if w.set.City != "" {
		title += " · " + w.set.City
	}
	const wide = pageWide - 2*margin
	y := margin - 1.0
	y += w.paragraphs(margin, y, wide, 4.2, regular, []float64{8.5, 7.5, 6.5}, title)
	name := unit.Name
	if name == "" {
		name = w.t.Plain("slip.no_unit")
	}
	y += w.paragraphs(margin, y, wide, 6, bold, []float64{13, 11, 9, 7.5}, name)
	w.paragraphs(margin, y+0.4, wide, 7, regular, []float64{8, 7}, w.t.Plain("slip.printed", locales.Args{
		"Printed": w.t.Moment(w.set.PrintedAt), "Until": w.t.Moment(w.set.ValidUntil), "Count": len(unit.Slips), "Number": w.t.Number(len(unit.Slips)),
		"Page": page, "Pages": SlipPages(len(unit.Slips)),
	}))
}

// slip prints one into the cell whose upper left corner is at x, y, and nothing outside of it.
func (w slipWriter) slip(x, y float64, unit string, s Slip) error {
	const wide, high = slipWide - 2*slipInset, slipHigh - 2*slipInset
	const beside = wide - qrWide - 2 // the QR code
	w.pdf.ClipRect(x, y, slipWide, slipHigh, false)
	defer w.pdf.ClipEnd()
	x, y = x+slipInset, y+slipInset

	at := y
	at += w.paragraphs(x, at, beside, 12.6, bold, []float64{11, 10, 9, 8, 7, 6, 5}, s.Name) + 0.6
	at += w.paragraphs(x, at, beside, 3.3, regular, []float64{7.5, 6.5}, w.t.Plain("slip.nip", locales.Args{"NIP": s.NIP})) + 0.3
	at += w.paragraphs(x, at, beside, 6.6, regular, []float64{7.5, 6.5, 5.5, 5}, s.Position)
	w.paragraphs(x, at, beside, y+qrWide-at, regular, []float64{7.5, 6.5, 5.5, 5}, unit)
	if err := w.code(x+wide-qrWide, y, qrWide, s.Link); err != nil {
		return err
	}

	at = y + qrWide + 0.8
	const codeSize = 12.5
	w.text(x, at, bold, codeSize, s.Code)
	left := w.pdf.GetStringWidth(s.Code) + 3
	w.paragraphs(x+left, at, wide-left, 5.6, bold, []float64{7, 6.5, 6, 5.5}, w.t.Plain("slip.until"), w.t.Moment(w.set.ValidUntil))
	at += 6
	at += w.paragraphs(x, at, wide, 2.9, regular, []float64{6.5, 6, 5.5, 5, 4.5}, s.Link) + 0.5

	const warning = 5.6 // at the foot
	foot := y + high - warning
	w.paragraphs(x, at, wide, foot-at, regular, []float64{7, 6.5, 6, 5.5}, w.steps()...)
	w.paragraphs(x, foot, wide, warning, bold, []float64{6.5, 6, 5.5, 5}, w.t.Plain("slip.secret")+" "+w.contact())
	return nil
}

// steps are what to do with a slip.
func (w slipWriter) steps() []string {
	steps := []string{w.t.Plain("slip.step1"), w.t.Plain("slip.step2", locales.Args{"Bot": w.set.Bot}), w.t.Plain("slip.step3")}
	for i := range steps {
		steps[i] = fmt.Sprintf("%d. %s", i+1, steps[i])
	}
	return steps
}

// contact is whom to ask.
func (w slipWriter) contact() string {
	if w.set.Contact == "" {
		return w.t.Plain("slip.ask_admin")
	}
	return w.t.Plain("slip.ask", locales.Args{"Contact": w.set.Contact})
}

// quiet is how many light modules a QR code wants around it.
const quiet = 4

// code draws a QR code as one shape, so that no seams show between its squares. The quiet zone is within the width.
func (w slipWriter) code(x, y, wide float64, text string) error {
	symbol, err := qr.EncodeText(text, qr.Medium)
	if err != nil {
		return fmt.Errorf("make QR code: %w", err)
	}
	size := symbol.Size()
	module := wide / float64(size+2*quiet)
	var shape strings.Builder
	for row := range size {
		for from := 0; from < size; from++ {
			to := from
			for to < size && symbol.Module(to, row) {
				to++
			}
			if to > from {
				fmt.Fprintf(&shape, "%.3f %.3f %.3f %.3f re\n", (x+module*float64(quiet+from))/point, (pageHigh-y-module*float64(quiet+row+1))/point,
					module*float64(to-from)/point, module/point)
				from = to
			}
		}
	}
	w.pdf.SetFillColor(0, 0, 0)
	w.pdf.RawWriteStr(shape.String() + "f")
	return nil
}

// cuts draws where the slips of a page are cut, and the scissors.
func (w slipWriter) cuts(slips int) {
	const top = margin + headHigh
	inRow := func(row int) int { return min(max(slips-row*slipsAcross, 0), slipsAcross) }
	rows := (slips + slipsAcross - 1) / slipsAcross
	w.pdf.SetDrawColor(110, 110, 110)
	w.pdf.SetLineWidth(0.2)
	w.pdf.SetDashPattern([]float64{1.6, 1.2}, 0)
	for row := range rows + 1 {
		y, wide := top+float64(row)*slipHigh, slipWide*float64(max(inRow(row), inRow(max(row-1, 0))))
		w.pdf.Line(margin, y, margin+wide, y)
	}
	for column := range slipsAcross + 1 {
		down := (slips + slipsAcross - max(column, 1)) / slipsAcross // the slips of a column at least
		x := margin + float64(column)*slipWide
		w.pdf.Line(x, top, x, top+float64(down)*slipHigh)
	}
	w.pdf.SetDashPattern(nil, 0)
	w.pdf.SetTextColor(110, 110, 110)
	for row := range rows + 1 {
		w.text(margin+1, top+float64(row)*slipHigh-2.1, regular, 11, "✂")
	}
	w.pdf.SetTextColor(0, 0, 0)
}
