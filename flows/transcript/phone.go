package transcript

import (
	"context"
	"errors"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store/dialogue"
)

// Phone is what one person sees: his latest card, and what happened since the last line of the transcript.
type Phone struct {
	key      string
	id       int64
	language string
	message  int // of the latest message
	card     int // message that shows the latest screen
	screen   flows.Screen
	last     flows.Event
	taps     int
}

// Do lets a person do something and returns what he then sees, as a transcript writes it.
func (w *World) Do(key string, ev flows.Event) string {
	w.T.Helper()
	p := w.phones[key]
	if p == nil {
		w.T.Fatalf("nobody is called %q", key)
	}
	w.updates++
	ev.UpdateID, ev.From, ev.Chat, ev.Language = w.updates, p.id, p.id, p.language
	if ev.Kind == flows.Tap {
		p.taps++
		if ev.Message == 0 {
			ev.Message = p.card
		}
	} else {
		p.message++
		ev.Message = p.message
	}
	p.last = ev
	return w.deliver(p, ev)
}

// Again delivers the person's last update a second time.
func (w *World) Again(key string) string {
	w.T.Helper()
	return w.deliver(w.phones[key], w.phones[key].last)
}

// Tap taps the button whose label contains the text on the person's latest card.
func (w *World) Tap(key, label string) string {
	w.T.Helper()
	for _, row := range w.phones[key].screen.Rows {
		for _, b := range row {
			if strings.Contains(b.Label, label) && !b.To.Zero() {
				return w.Do(key, flows.Event{Kind: flows.Tap, Private: true, Data: b.To.String()})
			}
		}
	}
	w.T.Fatalf("%s sees no button %q on\n%s", key, label, Render(w.phones[key].screen))
	return ""
}

// Type sends a text; one that begins with a slash is a command.
func (w *World) Type(key, text string) string {
	w.T.Helper()
	if rest, ok := strings.CutPrefix(text, "/"); ok {
		word, payload, _ := strings.Cut(rest, " ")
		return w.Do(key, flows.Event{Kind: flows.Command, Private: true, Command: word, Payload: payload})
	}
	return w.Do(key, flows.Event{Kind: flows.Text, Private: true, Text: text})
}

// deliver plays one event on the engine as the edge would, and checks what Telegram would refuse.
func (w *World) deliver(p *Phone, ev flows.Event) string {
	w.T.Helper()
	ctx := context.Background()
	turn, err := w.Engine.Begin(ctx, ev)
	if err != nil {
		return fmt.Sprintf("  FAILED: %v\n", err)
	}
	check(w.T, turn)
	how := "✎"
	if turn.Edit == 0 || turn.Edit != p.card {
		how = "✉"
		if turn.Edit == 0 {
			p.message++
			p.card = p.message
		} else {
			how, p.card = "✎", turn.Edit
		}
	}
	p.screen = turn.Screen
	closed := ""
	if turn.CloseKeyboard {
		turn.KeyboardClosed()
		closed = "  (the button that shares the number goes)\n"
	}
	if err := turn.Shown(ctx, flows.Placed{Message: p.card, At: w.Clock.Now()}); errors.Is(err, dialogue.ErrLost) {
		return w.deliver(p, ev)
	} else if err != nil {
		return fmt.Sprintf("  FAILED: %v\n", err)
	}
	return toastLine(turn) + how + " " + strings.TrimPrefix(Render(turn.Screen), "  ") + closed
}

func toastLine(turn *flows.Turn) string {
	switch {
	case turn.Toast == "":
		return ""
	case turn.Alert:
		return "  (!) " + turn.Toast + "\n"
	default:
		return "  (…) " + turn.Toast + "\n"
	}
}

var tags = regexp.MustCompile(`</?[a-z][^>]*>`)

// Render writes a screen as a transcript shows it: text without markup, then a line for each row of buttons.
func Render(s flows.Screen) string {
	var out strings.Builder
	for line := range strings.SplitSeq(html.UnescapeString(tags.ReplaceAllString(s.Text, "")), "\n") {
		fmt.Fprintf(&out, "  %s\n", line)
	}
	if s.ShareContact != "" {
		fmt.Fprintf(&out, "  [📱 %s]\n", s.ShareContact)
	}
	for _, row := range s.Rows {
		labels := make([]string, 0, len(row))
		for _, b := range row {
			labels = append(labels, "["+b.Label+"]")
		}
		fmt.Fprintf(&out, "  %s\n", strings.Join(labels, " "))
	}
	return strings.TrimRight(strings.ReplaceAll(out.String(), "  \n", "\n"), "\n") + "\n"
}

const (
	maxRows     = 8
	maxPerRow   = 3
	maxNumbers  = 8 // in a row, of buttons that are numbers only
	maxText     = 4096
	maxToast    = 200
	maxCallback = flows.MaxLink
)

// check holds a turn against Telegram's limits and the habits of every screen (UX.md).
func check(t testing.TB, turn *flows.Turn) {
	t.Helper()
	s := turn.Screen
	plain := html.UnescapeString(tags.ReplaceAllString(s.Text, ""))
	if plain == "" || units(plain) > maxText {
		t.Errorf("screen text has %d units:\n%s", units(plain), plain)
	}
	if strings.Contains(plain+turn.Toast, locales.Missing) {
		t.Errorf("a sentence is missing:\n%s\n%s", plain, turn.Toast)
	}
	if units(turn.Toast) > maxToast {
		t.Errorf("toast is too long: %s", turn.Toast)
	}
	if len(s.Rows) > maxRows {
		t.Errorf("%d rows of buttons on:\n%s", len(s.Rows), plain)
	}
	for _, row := range s.Rows {
		checkRow(t, row, plain)
	}
}

func checkRow(t testing.TB, row []flows.Button, plain string) {
	t.Helper()
	longest := maxPerRow
	if !slices.ContainsFunc(row, func(b flows.Button) bool { return strings.Trim(b.Label, "0123456789") != "" }) {
		longest = maxNumbers
	}
	if len(row) == 0 || len(row) > longest {
		t.Errorf("%d buttons in a row on:\n%s", len(row), plain)
	}
	if !flows.Fit(row) {
		t.Errorf("labels of %v are cut on a narrow phone, on:\n%s", row, plain)
	}
	for _, b := range row {
		if strings.Contains(b.Label, locales.Missing) || b.Label == "" {
			t.Errorf("button without label %q on:\n%s", b.Label, plain)
		}
		if n := len(b.To.String()); b.URL == "" && b.Copy == "" && (n == 0 || n > maxCallback) {
			t.Errorf("button %q carries %d bytes", b.Label, n)
		}
	}
}

func units(text string) int { return len(utf16.Encode([]rune(text))) }
