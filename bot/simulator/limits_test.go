package simulator_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"kinerja/bot/simulator"
	"kinerja/store/storetest"
)

// floods reports what pause a call was answered; 0 for none.
func floods(t *testing.T, err error) int {
	t.Helper()
	var flood *tg.TooManyRequestsError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &flood):
		t.Fatalf("the call was answered %v", err)
	}
	return flood.RetryAfter
}

func TestSendsAndEditsShareTheLimitOfAChatAndWhoDoesNotWaitWaitsLonger(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	s, b, _ := start(t, simulator.Options{Now: clock.Now})
	m, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: "0"})
	if err != nil {
		t.Fatal(err)
	}
	edit := func(text string) int {
		_, err := b.EditMessageText(ctx(t), &tg.EditMessageTextParams{ChatID: anna, MessageID: m.ID, Text: text})
		return floods(t, err)
	}
	for n := range 29 {
		if got := edit(string(rune('A' + n))); got != 0 {
			t.Fatalf("edit %d was answered 429", n)
		}
	}
	var pauses []int
	for range 8 {
		_, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: "x"})
		pauses = append(pauses, floods(t, err))
	}
	if pauses[0] != 3 || pauses[1] != 6 || pauses[7] != 120 {
		t.Errorf("the pauses are %v seconds, want 3, doubled each time up to 120", pauses)
	}
	clock.Advance(2 * time.Minute)
	if got := edit("later"); got != 0 {
		t.Errorf("after the pause: 429 and %d s", got)
	}
	if writes, refused := s.Traffic(anna); writes != 31 || refused != 8 {
		t.Errorf("%d writes, %d refused", writes, refused)
	}
}

func TestAGroupTakesTwentyMessagesAMinute(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	s, b, _ := start(t, simulator.Options{Now: clock.Now})
	const group = -100
	s.InGroup(anna, group, "/x")
	sent := 0
	for range 60 {
		_, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: group, Text: "x"})
		if floods(t, err) > 0 {
			break
		}
		sent++
	}
	if sent != 20 {
		t.Errorf("the group took %d messages at once, want 20", sent)
	}
}

func TestSettingsHaveALimitOfTheirOwn(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	_, b, _ := start(t, simulator.Options{Now: clock.Now})
	pause := 0
	for range 11 {
		_, err := b.SetMyCommands(ctx(t), &tg.SetMyCommandsParams{Commands: []models.BotCommand{}})
		pause = floods(t, err)
	}
	if pause < 60 {
		t.Errorf("after eleven settings the pause is %d s, want minutes", pause)
	}
	if _, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: "x"}); err != nil {
		t.Errorf("a message meanwhile: %v", err)
	}
}

func TestAHeldCallIsDoneThoughTheClientGaveUp(t *testing.T) {
	s, _, address := start(t, simulator.Options{})
	released := make(chan struct{})
	s.Faults().FailNext("sendMessage", 1, simulator.HoldUntil(released))
	given, giveUp := context.WithCancel(ctx(t))
	request, err := http.NewRequestWithContext(given, http.MethodGet, address+"/bot"+s.Token()+"/sendMessage?chat_id=101&text=nanti", nil)
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			err = response.Body.Close()
		}
		gone <- err
	}()
	if err := s.Wait(ctx(t), func() bool { return s.Faults().Count() == 1 }); err != nil {
		t.Fatal(err)
	}
	giveUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Fatalf("the client that gave up: %v", err)
	}
	if n := len(s.Chat(anna)); n != 1 {
		t.Fatalf("the chat has %d messages while the call is held", n)
	}
	close(released)
	if err := s.Wait(ctx(t), func() bool { return len(s.Chat(anna)) == 2 }); err != nil {
		t.Errorf("it was never done: %v", err)
	}
}
