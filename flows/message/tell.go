package message

import (
	"context"
	"errors"
	"html"
	"regexp"
	"strings"
	"unicode/utf16"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	// longestText and longestCaption are Telegram's, in UTF-16 units of what is seen.
	longestText    = 4096
	longestCaption = 1024
	// longestName is how much is seen of a name in the frame, so that it leaves room in a caption.
	longestName = 60
)

// frame is a message as its reader sees it: who sends it, what he writes, and that it needs no answer.
func frame(t *locales.Translator, m store.Message, text string) string {
	office := m.SenderOffice
	if office == "" {
		office = m.SenderOver
	}
	title := t.HTML("message.frame", locales.Args{"Office": words.Shortened(office, longestName)})
	if office == "" {
		title = t.HTML("message.frame_city")
	}
	as := t.Plain("message.as_city")
	if m.SenderOver != "" {
		as = t.Plain("message.as_unit", locales.Args{"Unit": words.Shortened(m.SenderOver, longestName)})
	}
	lines := []string{title, t.HTML("message.frame_who", locales.Args{"Name": words.Shortened(m.SenderName, longestName), "As": as})}
	if text != "" {
		lines = append(lines, "\n", locales.Escape(text))
	}
	return flows.Lines(append(lines, "\n", t.HTML("message.frame_no_answer"))...)
}

// screenOf is a message as it goes out.
func screenOf(t *locales.Translator, m store.Message) flows.Screen {
	return flows.Screen{Text: frame(t, m, m.Text), Open: true, Attached: flows.Attached{ID: m.FileID, Picture: m.FileKind == store.Picture}}
}

var markup = regexp.MustCompile(`<[^>]*>`)

// units is the length of a text as Telegram counts it.
func units(text string) int { return len(utf16.Encode([]rune(text))) }

// room is how long the text of a message may be, in whatever language its frame is read.
func room(t *locales.Translator, m store.Message) int {
	longest := longestText
	if m.FileKind != "" {
		longest = longestCaption
	}
	left := longest
	for _, language := range locales.Languages {
		seen := html.UnescapeString(markup.ReplaceAllString(frame(t.In(language), m, "."), ""))
		left = min(left, longest-units(seen)+1)
	}
	return left
}

// tidy is a typed text without what nobody sees.
func tidy(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

// tell brings a message to one of its readers; not to who finished meanwhile, and not after it was stopped.
func (c conversation) tell(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	m, owed, err := c.store.MessageTo(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil || !owed {
		return flows.Screen{}, false, err
	}
	return screenOf(r.T, m), true, nil
}

// tellSample brings its author what all others would get.
func (c conversation) tellSample(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	m, err := c.store.SampleFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil || m.Empty() {
		return flows.Screen{}, false, err
	}
	return screenOf(r.T, m), true, nil
}

// tellNews tells the author of a message what became of it.
func (c conversation) tellNews(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	m, err := c.store.MessageOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, false, err
	}
	if m.State == store.MessageDraft {
		if !m.FileLost {
			return flows.Screen{}, false, nil
		}
		return flows.Screen{Text: flows.Lines(r.T.HTML("message.news_title"), "\n", r.T.HTML("message.file_lost")),
			Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("message.open"), "message.draft", m.ID))}}, true, nil
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("message.news_title"), r.T.HTML("message.begins", locales.Args{"Excerpt": excerpt(r.T, m.Message)}), "\n", c.outcome(r, m))}
	switch scope, err := c.store.AdminScope(ctx, r.Actor.PersonID); {
	case err != nil:
		return flows.Screen{}, false, err
	case !scope.None():
		screen.Rows = [][]flows.Button{flows.Row(flows.Go(r.T.Plain("message.open"), "message.show", m.ID))}
	}
	return screen, true, nil
}

// ownDraft is a draft of his; what was sent leads to its page.
func (c conversation) ownDraft(ctx context.Context, r *flows.Request, id int64) (store.MessageView, error) {
	m, err := c.store.MessageFor(ctx, r.Actor.PersonID, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return m, err
	case err == nil && !m.Mine:
		return m, store.ErrNotFound
	case err == nil && m.State != store.MessageDraft:
		return m, explain(r, id, store.ErrMessageSent)
	}
	return m, err
}

// signed is a draft with how its sender would be named.
func (c conversation) signed(ctx context.Context, r *flows.Request, m store.Message) (store.Message, error) {
	sender, err := c.store.SenderOf(ctx, r.Actor.PersonID, m.UnitID)
	if errors.Is(err, store.ErrNotFound) { // of an audience that is not his any more, or not chosen
		sender, err = store.Sender{Name: r.Actor.Name}, nil
	}
	m.SenderName, m.SenderOffice, m.SenderOver = sender.Name, sender.Office, sender.Over
	return m, err
}
