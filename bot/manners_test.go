package bot

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"kinerja/store/storetest"
)

func (w *world) mustTake(in *Intake, id int64) *task {
	w.t.Helper()
	tk, err := in.take(updateFrom(w.t, w.tel.raw(id)))
	if err != nil {
		w.t.Fatalf("take update %d: %v", id, err)
	}
	return tk
}

// timesTold counts the messages of a chat that have some words.
func (w *world) timesTold(chat int64, words string) (n int) {
	for _, m := range w.tel.shownTo(chat) {
		if strings.Contains(m.text, words) {
			n++
		}
	}
	return n
}

func TestAChatThatSendsTooFastIsSlowedAndThenLeftOutAndNobodyElseNotices(t *testing.T) {
	w := newWorld(t)
	clock := storetest.NewClock(storetest.Start)
	o := w.options()
	o.ChatBurst, o.Now = 5, clock.Now
	in := w.intake(o)
	var waits []time.Duration
	shed := 0
	for range 20 {
		tk := w.mustTake(in, w.tel.text(7, "banjir"))
		select {
		case <-tk.done:
			if tk.begin.IsZero() {
				shed++
				continue
			}
		default:
		}
		waits = append(waits, tk.begin.Sub(tk.taken))
	}
	if len(waits) != 9 || shed != 11 || waits[4] != 0 || waits[5] != time.Second || waits[8] != slowPatience {
		t.Errorf("the updates wait %v and %d are shed; want 5 at once, one more each second for 4 s, 11 shed", waits, shed)
	}
	w.mustDo(in, w.tel.text(8, "tenang"))
	if got := w.records.did(8); len(got) != 1 {
		t.Errorf("the other one did %v", got)
	}
	eventually(t, "he is told", func() bool { return w.timesTold(7, "Terlalu cepat") == 1 })
	clock.Advance(time.Minute)
	if tk := w.mustTake(in, w.tel.text(7, "tenang")); tk.begin != tk.taken {
		t.Errorf("a minute later he still waits %v", tk.begin.Sub(tk.taken))
	}
}

// isDone reports whether an update is dealt with.
func isDone(tk *task) bool {
	select {
	case <-tk.done:
		return true
	default:
		return false
	}
}

// In a paused chat each screen waits for the end of the pause. While polling everybody's newer updates would wait with those of one who floods.
func TestWhoFloodsAPausedChatHoldsUpNobodysUpdates(t *testing.T) {
	w := newWorld(t)
	clock := storetest.NewClock(storetest.Start) // it stands still, and so does the pause
	gate := NewGate(w.redis, "pace:", 25, clock.Now, nil)
	o := w.options()
	o.ChatBurst, o.Now, o.ShowLimit = 5, clock.Now, time.Minute
	in := w.intakeOn(w.tel.bot(t, gate), o)
	gate.FloodIn(7, 2*time.Second)
	card := w.tel.card(7)
	var taken []*task
	for n := range 5 {
		taken = append(taken, w.mustTake(in, w.tel.tap(7, card, "add:"+strconv.Itoa(n))))
	}
	for n := range 95 {
		taken = append(taken, w.mustTake(in, w.tel.text(7, "banjir "+strconv.Itoa(n))))
	}
	for n, tk := range taken[5:] {
		if !isDone(tk) {
			t.Fatalf("update %d of the chat waits", n+5)
		}
	}
	for n, tk := range taken[:5] {
		eventually(t, "what he might send at once is dealt with", func() bool { return isDone(tk) })
		if tk.err != nil {
			t.Errorf("update %d: %v", n, tk.err)
		}
	}
	if got := w.records.did(7); len(got) != 5 {
		t.Errorf("%v was stored, want what he might send at once", got)
	}
	w.records.mu.Lock()
	owed := len(w.records.owed)
	w.records.mu.Unlock()
	if n := w.tel.called("sendMessage") + w.tel.called("editMessageText"); owed != 5 || n != 0 {
		t.Errorf("%d screens are owed and %d were sent into the pause, want 5 and none", owed, n)
	}
	clock.Advance(2 * time.Second)
	eventually(t, "he is told after the pause", func() bool { return w.timesTold(7, "Terlalu cepat") == 1 })
}

func TestWhoIsMerelyQuickLosesNothingInAPause(t *testing.T) {
	w := newWorld(t)
	clock := storetest.NewClock(storetest.Start)
	gate := NewGate(w.redis, "pace:", 25, clock.Now, nil)
	o := w.options()
	o.ChatBurst, o.Now, o.ShowLimit = 5, clock.Now, time.Minute
	in := w.intakeOn(w.tel.bot(t, gate), o)
	gate.FloodIn(7, 2*time.Second)
	var taken []*task
	for n := range 4 {
		taken = append(taken, w.mustTake(in, w.tel.text(7, "cepat "+strconv.Itoa(n))))
	}
	eventually(t, "the first one is stored", func() bool { return len(w.records.did(7)) == 1 })
	clock.Advance(2 * time.Second)
	for _, tk := range taken {
		eventually(t, "all are dealt with", func() bool { return isDone(tk) })
	}
	w.records.mu.Lock()
	owed := len(w.records.owed)
	w.records.mu.Unlock()
	if got := w.records.did(7); len(got) != 4 || owed != 0 {
		t.Errorf("%v was stored and %d screens are owed, want all four, and each shown", got, owed)
	}
	if w.timesTold(7, "Terlalu cepat") != 0 || len(w.tel.shownTo(7)) == 0 {
		t.Error("he is told that he is too fast, or sees nothing")
	}
}

func TestAFloodIsToldSoSeldomByMessageAndAtEachTapByToast(t *testing.T) {
	w := newWorld(t)
	clock := storetest.NewClock(storetest.Start)
	o := w.options()
	o.ChatBurst, o.Now = 1, clock.Now
	in := w.intake(o)
	for range 6 { // the burst, and what waits
		w.mustTake(in, w.tel.text(7, "banjir"))
	}
	card := w.tel.card(7)
	for n := range 10 {
		w.mustTake(in, w.tel.text(7, "banjir"))
		tap := w.tel.tap(7, card, "add:1")
		w.mustTake(in, tap)
		eventually(t, "the tap is answered", func() bool { return len(w.tel.answersTo(tap)) == 1 })
		if n == 4 {
			clock.Advance(noticePause) // and then five more are let in
		}
	}
	told := w.timesTold(7, "Terlalu cepat")
	if told < 1 || told > 2 {
		t.Errorf("he got %d messages about being too fast, want one in five seconds", told)
	}
}

func TestAGroupGetsItsOneLineEveryTenMinutesFromAllReplicasTogether(t *testing.T) {
	w := newWorld(t)
	clock := storetest.NewClock(storetest.Start)
	gate := NewGate(w.redis, "pace:", 25, clock.Now, nil)
	o := w.options()
	o.Now = clock.Now
	replicas := []*Intake{w.intakeOn(w.tel.bot(t, gate), o), w.intakeOn(w.tel.bot(t, gate), o)}
	for _, in := range replicas {
		if _, err := in.bot.Me(t.Context()); err != nil {
			t.Fatalf("getMe: %v", err)
		}
	}
	const group = -100
	provoke := func() {
		for person := range int64(30) {
			w.mustDo(replicas[person%2], w.tel.inGroup(group, person+1, "/x@kinerja_bot"))
		}
	}
	provoke()
	clock.Advance(groupPause - time.Second)
	w.mini.FastForward(groupPause - time.Second)
	provoke()
	if got := len(w.tel.shownTo(group)); got != 1 {
		t.Fatalf("the group got %d lines in ten minutes, want one", got)
	}
	clock.Advance(time.Second)
	w.mini.FastForward(time.Second)
	provoke()
	if got := len(w.tel.shownTo(group)); got != 2 {
		t.Errorf("the group got %d lines, want the second after ten minutes", got)
	}
}
