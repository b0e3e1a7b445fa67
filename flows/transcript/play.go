package transcript

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/flows"
)

var update = flag.Bool("update", false, "write down what the program says now")

// Hooks are stage directions of one test by name. They return what is then seen, as Type and Tap do, or nothing.
type Hooks map[string]func() string

// Play plays a transcript file and compares it with what the program says.
//
// Lines for the runner, everything else is output:
//
//	# comment
//	@ key                 who acts from here on
//	> text                types; /word is a command
//	> [Label]             taps the button of his latest card that contains Label
//	> {data}              taps a button that no screen made
//	> <sticker>           sends something out of place (sticker, voice, edited)
//	> <file name.xlsx> text   sends a file, with what is written under it
//	> <photo name> text   sends a picture, with what is written under it; <album name> one of several that come together
//	> <contact 0812 own>  shares his own contact; any word other than own shares somebody else's
//	> <group> text        writes in a group
//	> <at once> text      sends a text in the very second in which his card was shown
//	> <before> text       sends a text a second before that
//	! flush redis         empties Redis
//	! restart             starts a new engine
//	! clock +2h           moves the clock
//	! again               delivers the last update once more
//	! name                calls the hook of that name; hooks may be nil
func Play(t *testing.T, w *World, file string, hooks Hooks) {
	t.Helper()
	content, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatalf("read transcript: %v", err)
	}
	got := w.play(t, strings.Split(strings.TrimRight(string(content), "\n"), "\n"), hooks)
	if *update {
		if err := os.WriteFile(filepath.Clean(file), []byte(got), 0o600); err != nil {
			t.Fatalf("write transcript: %v", err)
		}
		return
	}
	if diff := cmp.Diff(string(content), got); diff != "" {
		t.Errorf("%s reads otherwise now (-written +said):\n%s", file, diff)
	}
}

func (w *World) play(t *testing.T, lines []string, hooks Hooks) string {
	t.Helper()
	var out strings.Builder
	key := ""
	for _, line := range lines {
		mark, rest, _ := strings.Cut(line, " ")
		switch mark {
		case "#":
			fmt.Fprintln(&out, line)
		case "@":
			key = strings.TrimSpace(rest)
			fmt.Fprintf(&out, "\n%s\n", line)
		case ">":
			fmt.Fprintf(&out, "\n%s\n%s", line, w.input(key, rest))
		case "!":
			fmt.Fprintf(&out, "\n%s\n%s", line, w.stage(t, key, rest, hooks))
		}
	}
	return strings.TrimLeft(out.String(), "\n")
}

// input plays one line of a person.
func (w *World) input(key, text string) string {
	w.T.Helper()
	switch {
	case strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]"):
		return w.Tap(key, text[1:len(text)-1])
	case strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}"):
		return w.Do(key, flows.Event{Kind: flows.Tap, Private: true, Data: text[1 : len(text)-1]})
	case strings.HasPrefix(text, "<"):
		what, rest, _ := strings.Cut(text[1:], ">")
		return w.special(key, what, strings.TrimSpace(rest))
	default:
		return w.Type(key, text)
	}
}

func (w *World) special(key, what, rest string) string {
	w.T.Helper()
	words := strings.Fields(what)
	switch words[0] {
	case "group":
		return w.Do(key, flows.Event{Kind: flows.Text, Text: rest})
	case "contact":
		contact := flows.SharedContact{Phone: words[1], UserID: 1}
		if words[2] == "own" {
			contact.UserID = w.phones[key].id
		}
		return w.Do(key, flows.Event{Kind: flows.Contact, Private: true, Contact: contact})
	case "file":
		return w.Do(key, flows.Event{Kind: flows.File, Private: true, File: flows.Upload{ID: words[1], Name: words[1], Caption: rest}})
	case "photo", "album":
		id := strings.Join(words[1:], " ")
		return w.Do(key, flows.Event{Kind: flows.Photo, Private: true, File: flows.Upload{ID: id, Caption: rest, Album: words[0] == "album"}})
	case "at":
		return w.Do(key, flows.Event{Kind: flows.Text, Private: true, Text: rest, Sent: w.Clock.Now().Unix()})
	case "before":
		return w.Do(key, flows.Event{Kind: flows.Text, Private: true, Text: rest, Sent: w.Clock.Now().Unix() - 1})
	case "edited":
		return w.Do(key, flows.Event{Kind: flows.Edited, Private: true, Text: rest})
	default:
		return w.Do(key, flows.Event{Kind: flows.Other, Private: true})
	}
}

// stage changes the world around the people.
func (w *World) stage(t *testing.T, key, what string, hooks Hooks) string {
	t.Helper()
	switch {
	case what == "flush redis":
		w.FlushRedis()
	case what == "restart":
		w.Restart()
	case what == "again":
		return w.Again(key)
	case strings.HasPrefix(what, "clock +"):
		d, err := time.ParseDuration(strings.TrimPrefix(what, "clock +"))
		if err != nil {
			t.Fatalf("transcript: %v", err)
		}
		w.Clock.Advance(d)
	default:
		if run, ok := hooks[what]; ok {
			return run()
		}
		t.Fatalf("transcript: nobody knows how to %q", what)
	}
	return ""
}
