package bot

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/flows"
)

// listing runs lists of a world at no pace and writes down what they ask of Telegram.
func (w *world) listing() (l *Lists, calls func() []string) {
	w.t.Helper()
	var mu sync.Mutex
	var said []string
	w.tel.setFault(func(method string, form map[string]string) string {
		if strings.HasSuffix(method, "MyCommands") {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, method+" "+form["scope"]+" "+form["commands"])
		}
		return noFault
	})
	l = NewLists(w.tel.bot(w.t, nil), w.redis, w.prefix, nil)
	l.pace = time.Nanosecond
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	return l, func() []string {
		// Whatever was wanted before this list has been looked at once it is set.
		last := flows.MenuCommand{Word: "last", Description: time.Now().String()}
		l.Want(9, []flows.MenuCommand{last})
		mark := `setMyCommands {"type":"chat","chat_id":9}`
		var before []string
		eventually(w.t, "the last list is set", func() bool {
			mu.Lock()
			defer mu.Unlock()
			if len(said) == 0 || !strings.HasPrefix(said[len(said)-1], mark) {
				return false
			}
			before, said = said[:len(said)-1], nil
			return true
		})
		return before
	}
}

func own(words ...string) []flows.MenuCommand {
	list := []flows.MenuCommand{}
	for _, word := range words {
		list = append(list, flows.MenuCommand{Word: word, Description: "x"})
	}
	return list
}

func TestAChatGetsItsCommandsOnceAndAgainOnlyWhenTheyChange(t *testing.T) {
	onEachRedisWorld(t, func(t *testing.T, w *world) {
		l, calls := w.listing()
		const chat = `{"type":"chat","chat_id":7}`
		for _, step := range []struct {
			name string
			want []flows.MenuCommand
			sent []string
		}{
			{"a stranger who had none", own(), nil},
			{"linked", own("mulai", "hasil"), []string{`setMyCommands ` + chat + ` [{"command":"mulai","description":"x"},{"command":"hasil","description":"x"}]`}},
			{"his menu again", own("mulai", "hasil"), nil},
			{"a role more", own("mulai", "admin"), []string{`setMyCommands ` + chat + ` [{"command":"mulai","description":"x"},{"command":"admin","description":"x"}]`}},
			{"not linked any more", own(), []string{`deleteMyCommands ` + chat + ` `}},
			{"still not", own(), nil},
		} {
			l.Want(7, step.want)
			if diff := cmp.Diff(step.sent, calls(), cmp.Transformer("none", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
				t.Errorf("%s: (-want +sent)\n%s", step.name, diff)
			}
		}
	})
}

func TestAListThatTelegramRefusesIsSetTheNextTime(t *testing.T) {
	w := newWorld(t)
	l := NewLists(w.tel.bot(t, nil), w.redis, w.prefix, nil)
	for _, refusal := range []string{flooded + "300", "400 Bad Request: chat not found", cutAfter} {
		w.tel.setFault(func(string, map[string]string) string { return refusal })
		pause := l.set(context.Background(), chatList{7, own("mulai", refusal)})
		if wants := max(listPace, map[string]time.Duration{flooded + "300": 300 * time.Second}[refusal]); pause != wants {
			t.Errorf("%s: the next list waits %v, want %v", refusal, pause, wants)
		}
		w.tel.setFault(nil)
		before := w.tel.called("setMyCommands")
		l.set(context.Background(), chatList{7, own("mulai", refusal)})
		l.set(context.Background(), chatList{7, own("mulai", refusal)})
		if sent := w.tel.called("setMyCommands") - before; sent != 1 {
			t.Errorf("%s: set %d times afterwards, want once", refusal, sent)
		}
	}
}

func TestNobodyWaitsForAList(t *testing.T) {
	w := newWorld(t)
	l := NewLists(w.tel.bot(t, nil), w.redis, w.prefix, nil)
	for n := range 2 * listsWaiting { // and nothing takes them
		l.Want(int64(n), own("mulai"))
	}
	w.mini.Close() // without Redis it is not known what a chat has
	if pause := l.set(context.Background(), chatList{7, own("mulai")}); pause != 0 || w.tel.called("setMyCommands") != 0 {
		t.Errorf("without Redis %d lists were set", w.tel.called("setMyCommands"))
	}
}
