package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/flows"
)

// lists are those of one replica, which nothing runs.
func (w *world) lists() *Lists { return NewLists(w.tel.bot(w.t, nil), w.redis, w.prefix, nil, nil) }

// remembered is the key of what is remembered of a chat.
func (w *world) remembered(chat int64) string { return fmt.Sprint(w.prefix, "commands:", chat) }

// sets sets a list of a replica and returns how many calls that made, and the pause it asks for.
func (w *world) sets(l *Lists, chat int64, words ...string) (calls int, pause time.Duration) {
	w.t.Helper()
	made := func() int { return w.tel.called("setMyCommands") + w.tel.called("deleteMyCommands") }
	before := made()
	pause = l.set(context.Background(), chatList{chat, own(words...)})
	return made() - before, pause
}

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
	l = w.lists()
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
			{"a stranger of whom nothing is known", own(), []string{`deleteMyCommands ` + chat + ` `}},
			{"the stranger again", own(), nil},
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

func TestAfterAnEmptiedRedisTheListOfWhoIsNotLinkedAnyMoreIsTakenAway(t *testing.T) {
	onEachRedisWorld(t, func(t *testing.T, w *world) {
		l := w.lists()
		w.sets(l, 7, "mulai", "admin")
		if err := w.redis.Del(context.Background(), w.remembered(7)).Err(); err != nil {
			t.Fatal(err)
		}
		for at, want := range []int{1, 0} {
			if calls, _ := w.sets(l, 7); calls != want {
				t.Errorf("look %d made %d calls, want %d", at, calls, want)
			}
		}
	})
}

func TestWhatAChatHasIsRememberedAsLongAsItIsAskedFor(t *testing.T) {
	w := newWorld(t)
	l := w.lists()
	for range 3 {
		w.sets(l, 7, "mulai")
		w.mini.FastForward(listMemory - time.Hour)
	}
	if calls := w.tel.called("setMyCommands"); calls != 1 {
		t.Errorf("the list was set %d times, want once", calls)
	}
}

func TestAListWhoseFateIsUnknownIsNotTakenForTheOldOne(t *testing.T) {
	w := newWorld(t)
	l := w.lists()
	w.sets(l, 7, "mulai", "hasil")
	w.tel.setFault(func(string, map[string]string) string { return cutAfter })
	if _, pause := w.sets(l, 7); pause < 10*time.Second {
		t.Errorf("Telegram may be at it still, and the next list waits %v", pause)
	}
	w.tel.setFault(nil)
	if calls, _ := w.sets(l, 7, "mulai", "hasil"); calls != 1 {
		t.Errorf("the list that may have been taken away was set %d times, want once", calls)
	}
}

func TestOfTwoReplicasThatSendAtOnceNeitherRemembersItsList(t *testing.T) {
	for name, other := range map[string]string{"the other has begun": "sending other", "the other is done": digestOf(own("other"))} {
		t.Run(name, func(t *testing.T) {
			onEachRedisWorld(t, func(t *testing.T, w *world) {
				l := w.lists()
				w.tel.setFault(func(string, map[string]string) string {
					if err := w.redis.Set(context.Background(), w.remembered(7), other, 0).Err(); err != nil {
						t.Error(err)
					}
					return noFault
				})
				w.sets(l, 7, "mulai")
				w.tel.setFault(nil)
				if calls, _ := w.sets(l, 7, "mulai"); calls != 1 {
					t.Errorf("the list was sent %d times afterwards, want once", calls)
				}
			})
		})
	}
}

func TestAListHasAsMuchTimeAsAMessage(t *testing.T) {
	w := newWorld(t)
	l := w.lists()
	l.bot.limit = time.Nanosecond // the time of a call that changes no message
	if w.sets(l, 7, "mulai"); w.tel.called("setMyCommands") != 1 {
		t.Error("setMyCommands was given up")
	}
	if w.sets(l, 7); w.tel.called("deleteMyCommands") != 1 {
		t.Error("deleteMyCommands was given up")
	}
}

func TestAListThatWasNotSetIsSetTheNextTime(t *testing.T) {
	for _, failure := range []string{cutBefore, cutAfter, brokenServer} {
		w := newWorld(t)
		l := w.lists()
		w.tel.setFault(func(string, map[string]string) string { return failure })
		w.sets(l, 7, "mulai")
		w.tel.setFault(nil)
		for at, want := range []int{1, 0} {
			if calls, _ := w.sets(l, 7, "mulai"); calls != want {
				t.Errorf("%s: look %d afterwards made %d calls, want %d", failure, at, calls, want)
			}
		}
	}
}

func TestAListThatTelegramRefusesForGoodIsNotTriedAtEachMenu(t *testing.T) {
	w := newWorld(t)
	l := w.lists()
	now := time.Now()
	l.now = func() time.Time { return now }
	w.tel.setFault(func(string, map[string]string) string { return "400 Bad Request: chat not found" })
	for at, want := range []int{1, 0, 0, 0, 0} {
		if calls, _ := w.sets(l, 7, "mulai"); calls != want {
			t.Errorf("menu %d made %d calls, want %d", at, calls, want)
		}
	}
	if calls, _ := w.sets(l, 7, "mulai", "admin"); calls != 1 {
		t.Error("another list was not tried")
	}
	now = now.Add(listRest)
	if calls, _ := w.sets(l, 7, "mulai", "admin"); calls != 1 {
		t.Error("it was not tried again after a while")
	}
}

func TestAListThatRedisDoesNotTakeIsNotSentAtEachMenu(t *testing.T) {
	w := newWorld(t)
	l := w.lists()
	w.tel.setFault(func(string, map[string]string) string {
		w.mini.SetError("OOM command not allowed when used memory > 'maxmemory'.")
		return noFault
	})
	for at, want := range []int{1, 0, 0, 0, 0} {
		if calls, _ := w.sets(l, 7, "mulai"); calls != want {
			t.Errorf("menu %d made %d calls, want %d", at, calls, want)
		}
		w.mini.SetError("")
	}
}

func TestWhenTelegramAsksForAPauseNoReplicaSetsAListUntilItIsOver(t *testing.T) {
	w := newWorld(t)
	one, two := w.lists(), w.lists()
	w.tel.setFault(func(string, map[string]string) string { return flooded + "300" })
	if _, pause := w.sets(one, 7, "mulai"); pause != 300*time.Second {
		t.Errorf("the next list waits %v, want 300 s", pause)
	}
	w.tel.setFault(nil)
	for _, l := range []*Lists{one, two} {
		if calls, pause := w.sets(l, 8, "mulai"); calls != 0 || pause == 0 {
			t.Errorf("%d calls meanwhile, and a pause of %v", calls, pause)
		}
	}
	w.mini.FastForward(301 * time.Second)
	for _, chat := range []int64{7, 8} {
		wanted, ok := one.next()
		if !ok || wanted.chat != chat {
			t.Fatalf("%d waits, want %d", wanted.chat, chat)
		}
		if calls, _ := w.sets(one, wanted.chat, "mulai"); calls != 1 {
			t.Errorf("after the pause %d made %d calls, want 1", chat, calls)
		}
	}
}

func TestAListThatBecameOldWhileTelegramPausedIsNotSet(t *testing.T) {
	w := newWorld(t)
	l := w.lists()
	w.tel.setFault(func(string, map[string]string) string {
		l.Want(7, own("mulai", "newer"))
		return flooded + "300"
	})
	w.sets(l, 7, "mulai")
	if wanted, ok := l.next(); !ok || !slices.Equal(wanted.commands, own("mulai", "newer")) {
		t.Errorf("%v waits, want the newer one", wanted)
	}
}

func TestOnePersonsMenusTakeOnePlaceAndTheNewestCounts(t *testing.T) {
	w := newWorld(t)
	l := w.lists() // and nothing takes them
	for n := range 300 {
		l.Want(7, own("mulai", fmt.Sprint("x", n)))
	}
	l.Want(8, own("mulai"))
	var got []chatList
	for wanted, ok := l.next(); ok; wanted, ok = l.next() {
		got = append(got, wanted)
	}
	want := []chatList{{7, own("mulai", "x299")}, {8, own("mulai")}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(chatList{})); diff != "" {
		t.Errorf("(-want +waits)\n%s", diff)
	}
}

func TestNobodyWaitsForAListAndOnlySoManyWait(t *testing.T) {
	w := newWorld(t)
	l := w.lists()
	for n := range 2 * listsWaiting { // and nothing takes them
		l.Want(int64(n), own("mulai"))
	}
	if len(l.order) != listsWaiting || len(l.wanted) != listsWaiting {
		t.Errorf("%d wait in %d places, want %d", len(l.wanted), len(l.order), listsWaiting)
	}
	w.mini.Close() // without Redis it is not known what a chat has
	if calls, pause := w.sets(l, 7, "mulai"); pause != 0 || calls != 0 {
		t.Errorf("without Redis %d lists were set", calls)
	}
}

func TestWhoActsFromAMessageAndNeverSawHisMenuGetsHisListOnceADay(t *testing.T) {
	w := newWorld(t)
	composed := 0
	l := NewLists(w.tel.bot(t, nil), w.redis, w.prefix, func(context.Context, int64) ([]flows.MenuCommand, error) {
		composed++
		return own("mulai", "hasil"), nil
	}, nil)
	now := time.Now()
	l.now = func() time.Time { return now }
	o := w.options()
	o.Lists = l
	in := w.intake(o)
	acts := func() {
		w.mustDo(in, w.tel.tap(7, w.tel.card(7), "add:1"))
		for wanted, ok := l.next(); ok; wanted, ok = l.next() {
			l.lookAfter(context.Background(), wanted)
		}
	}
	for day := range 2 {
		acts()
		acts()
		if calls := w.tel.called("setMyCommands"); calls != 1 || composed != day+1 {
			t.Errorf("on day %d he has got his list %d times, and it was made %d times", day, calls, composed)
		}
		now = now.Add(lookEvery)
	}
}

func TestWhoActsInAGroupGetsNoListThere(t *testing.T) {
	w := newWorld(t)
	l := NewLists(w.tel.bot(t, nil), w.redis, w.prefix, func(context.Context, int64) ([]flows.MenuCommand, error) { return own("mulai"), nil }, nil)
	o := w.options()
	o.Lists = l
	in := w.intake(o)
	if _, err := in.bot.Me(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.mustDo(in, w.tel.inGroup(-5, 7, "/mulai@Kinerja_Bot"))
	if w.tel.called("sendMessage") != 1 {
		t.Error("he was not answered")
	}
	if wanted, ok := l.next(); ok {
		t.Errorf("a list waits for %d", wanted.chat)
	}
}
