package main

import (
	"context"
	"testing"
	"time"

	"kinerja/store/storetest"
)

func TestWhoBlocksTheBotIsMarkedBeforeAnythingIsSentToHim(t *testing.T) {
	for name, webhook := range map[string]bool{"polling": false, "webhook": true} {
		t.Run(name, func(t *testing.T) {
			w := build(t, storetest.URL(t, "sqlite"), "embedded:", webhook)
			w.open(t)
			who := castOf(w.cast).employee
			w.sim.Block(who)
			w.await(t, "he is marked", func() bool { return w.gone(t, who) })
			w.sim.Unblock(who)
			w.await(t, "he is not marked any more", func() bool { return !w.gone(t, who) })
		})
	}
}

// gone reports that the records hold a Telegram user for unreachable.
func (w *town) gone(t *testing.T, telegramID int64) bool {
	t.Helper()
	actor, err := w.app.store.ActorByTelegram(context.Background(), telegramID)
	if err != nil {
		t.Fatalf("actor: %v", err)
	}
	return actor.UnreachableSince != nil
}

// await waits until a condition holds.
func (w *town) await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-limit:
			t.Fatalf("never happened: %s", what)
		case <-time.After(2 * time.Millisecond):
		}
	}
}
