package flows

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"
)

// Screen is what a person sees: text in Telegram's HTML and rows of buttons. It knows nothing of how it is sent.
type Screen struct {
	Text string // at most 4096 UTF-16 units once its markup is taken out
	Rows [][]Button
	// ShareContact is the label of a button that shares the person's own phone number; "" for none.
	// Telegram has no such button under a message, so this screen is sent as a new one and has no Rows.
	ShareContact string
	// ForText is what can be done with a text that came although the screen asks for none; zero when nothing can. It is shown above the
	// other buttons once there is such a text, and its action finds it in Request.Unasked.
	ForText Button
	// Commands are what Telegram lists for this person behind the menu button, where the page tells who he is: empty for what everybody
	// gets, nil to leave the list as it is.
	Commands []MenuCommand
	// Document is a file that goes out with the screen, which is then its caption: at most 1024 UTF-16 units. Only a notification may carry
	// one (see store.RequestFile): a page is drawn too often, and an edit cannot add a file.
	Document *Document
	// Attached is a picture or a file that Telegram has already and sends again, with the screen as its caption. Only a notification may carry one.
	Attached Attached
	// Open lets people forward and save what is about nobody in particular, and read it at any hour. It has no buttons: a tap would change it
	// into a card, and an edit cannot protect that one any more.
	Open bool
}

// Attached is something that a person has sent to the bot, by the id under which Telegram keeps it for this bot.
type Attached struct {
	ID      string // "" for nothing
	Picture bool   // else a file; Telegram takes neither for the other
}

// Document is a file for a person.
type Document struct {
	Name string // as he finds it on his phone, with its ending
	// Make makes its content, when it is about to be sent; it may be called again after a failure. Telegram takes 50 MB.
	Make func(ctx context.Context) ([]byte, error)
}

// MenuCommand is one line of that list.
type MenuCommand struct {
	Word        string // without slash
	Description string
}

// Button is a link with a label.
type Button struct {
	Label string
	To    Link
	URL   string // opens a page instead; To is empty then
	Copy  string // copies this text instead; To is empty then
	Style Style
}

// Style is a hint that old clients ignore, so the label must say the same.
type Style string

// The styles.
const (
	Plain   Style = ""
	Chosen  Style = "primary" // the value that is stored now
	Confirm Style = "success" // the usual way on
	Danger  Style = "danger"  // cannot be taken back
)

// Row is one row of buttons.
func Row(buttons ...Button) []Button { return buttons }

// What of a label can be read where buttons share a row, in characters, on a phone 360 px wide: Telegram leaves about 290 px to a message, so 145 and
// 97 to a button, of which 15 are its margins, and a letter of its buttons takes 7.
const (
	widestOfTwo   = 18
	widestOfThree = 12
)

// Fit reports whether buttons can stand in one row: whether nothing of their labels is cut on a narrow phone. A button alone has room for
// whatever it says, and numbers alone always fit.
func Fit(row []Button) bool {
	widest := widestOfThree
	if len(row) == 2 {
		widest = widestOfTwo
	}
	numbers := !slices.ContainsFunc(row, func(b Button) bool { return strings.Trim(b.Label, "0123456789") != "" })
	return len(row) == 1 || numbers || !slices.ContainsFunc(row, func(b Button) bool { return Width(b.Label) > widest })
}

// Width is the length of a label in characters, without the mark that only makes an icon of the one before it.
func Width(label string) int {
	return utf8.RuneCountInString(strings.ReplaceAll(label, "\ufe0f", ""))
}

// Pack puts buttons into rows in their order, as many beside each other as can be read, at most so many.
func Pack(most int, buttons ...Button) [][]Button {
	var rows [][]Button
	for _, b := range buttons {
		if last := len(rows) - 1; last >= 0 && len(rows[last]) < most && Fit(append(slices.Clone(rows[last]), b)) {
			rows[last] = append(rows[last], b)
		} else {
			rows = append(rows, Row(b))
		}
	}
	return rows
}

// WidestOfTwo is how many characters of a label can be read where two buttons share a row.
func WidestOfTwo() int { return widestOfTwo }

// Go is a button that leads to a page or runs an action.
func Go(label string, route string, args ...any) Button {
	return Button{Label: label, To: To(route, args...)}
}

// Styled returns the button in another style.
func (b Button) Styled(s Style) Button {
	b.Style = s
	return b
}

// Bar draws progress in eight steps, such as ▓▓▓░░░░░. It is full only when all is done, and empty only when nothing is.
func Bar(done, total int) string {
	const steps = 8
	filled := 0
	if total > 0 {
		filled = done * steps / total
		if filled == 0 && done > 0 {
			filled = 1
		}
	}
	return strings.Repeat("▓", filled) + strings.Repeat("░", steps-filled)
}

// Lines joins the lines that are not empty; "\n" itself stands for an empty line.
func Lines(lines ...string) string {
	kept := make([]string, 0, len(lines))
	for _, line := range lines {
		if line == "\n" {
			kept = append(kept, "")
		} else if line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
