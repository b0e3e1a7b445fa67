package flows

import (
	"slices"
	"unicode/utf16"

	"kinerja/locales"
)

// Where the draft keeps a text that no question asked for, and the action that may take it. Like all of the draft it may vanish.
const (
	unaskedText = "unasked"
	unaskedFor  = "unasked_for"
	// maxUnasked is the longest text that is kept so, in UTF-16 units: a position is small.
	maxUnasked = 500
)

// withUnasked puts above a screen what became of a text that it does not ask for. Where the screen can do something with it the text
// is kept, and offered until it is taken or another page is shown; elsewhere one line says that buttons are enough.
func (s *scene) withUnasked(screen Screen) Screen {
	r, offer := s.request, screen.ForText
	if s.unasked && !offer.To.Zero() && len(utf16.Encode([]rune(r.Text))) <= maxUnasked {
		r.Draft[unaskedText], r.Draft[unaskedFor] = r.Text, offer.To.String()
	}
	switch {
	case !offer.To.Zero() && r.Draft[unaskedFor] == offer.To.String():
		screen.Text = r.T.HTML("engine.unasked", locales.Args{"Text": r.Draft[unaskedText]}) + "\n\n" + screen.Text
		screen.Rows = slices.Insert(slices.Clone(screen.Rows), 0, Row(offer))
		return screen
	case s.answer != "":
		screen.Text = s.answer + "\n\n" + screen.Text
	case s.unasked && s.awaitsFile():
		screen.Text = r.T.HTML("engine.not_text_file") + "\n\n" + screen.Text
	case s.unasked:
		screen.Text = r.T.HTML("engine.not_text") + "\n\n" + screen.Text
	}
	s.forgetUnasked()
	return screen
}

// awaitsFile reports that the present page is there for a file.
func (s *scene) awaitsFile() bool { return s.engine.pages[s.present().Route].asksFile }

func (s *scene) forgetUnasked() {
	delete(s.request.Draft, unaskedText)
	delete(s.request.Draft, unaskedFor)
}
