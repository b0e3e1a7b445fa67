package bot

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// member is what Telegram delivers when a person blocks or unblocks the bot.
func (tel *telegram) member(person int64, status string) int64 {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	return tel.push(fmt.Sprintf(`"my_chat_member":{"from":{"id":%d,"language_code":"id"},"date":1,"chat":{"id":%d,"type":"private"},`+
		`"old_chat_member":{"status":"member","user":{"id":1,"is_bot":true}},"new_chat_member":{"status":%q,"user":{"id":1,"is_bot":true},"until_date":0}}`, person, person, status))
}

func TestWhoBlocksTheBotIsMarkedAtOnceAndWhoComesBackIsNot(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	w.mustDo(in, w.tel.member(7, "kicked"))
	if gone := w.records.unreachable(); !slices.Equal(gone, []int64{7}) {
		t.Errorf("unreachable are %v, want the one who blocked", gone)
	}
	w.mustDo(in, w.tel.member(7, "member"))
	if gone := w.records.unreachable(); len(gone) != 0 {
		t.Errorf("unreachable are %v although he is back", gone)
	}
	w.mustDo(in, w.tel.member(firstStranger, "kicked"))
	if w.tel.called("sendMessage") != 0 {
		t.Error("somebody was written to because he blocked the bot")
	}
}

func TestABlockThatCannotBeStoredYetIsStoredLater(t *testing.T) {
	w := newWorld(t)
	flaky := &flakyReachability{records: w.records, failures: 5}
	o := w.options()
	o.Reachability, o.TellAfter = flaky, 1
	w.mustDo(w.intake(o), w.tel.member(7, "kicked"))
	if gone := w.records.unreachable(); !slices.Equal(gone, []int64{7}) || w.tel.called("sendMessage") != 0 {
		t.Errorf("unreachable are %v, %d messages sent", gone, w.tel.called("sendMessage"))
	}
}

func TestWhatTelegramNotesInAPrivateChatGetsNoAnswer(t *testing.T) {
	w := newWorld(t)
	in := w.intake(w.options())
	w.mustDo(in, w.tel.text(7, "/mulai"))
	before := w.tel.called("sendMessage")
	for _, content := range []string{`"pinned_message":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"text":"x"}`, `"message_auto_delete_timer_changed":{"message_auto_delete_time":86400}`} {
		w.mustDo(in, w.tel.message7(content))
	}
	if w.tel.called("sendMessage") != before {
		t.Errorf("the person sees %+v", w.tel.shownTo(7))
	}
}

// message7 delivers a message with any content from person 7.
func (tel *telegram) message7(content string) int64 {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	return tel.push(fmt.Sprintf(`"message":{"message_id":%d,"date":%d,"from":{"id":7,"language_code":"id"},"chat":{"id":7,"type":"private"},%s}`, tel.message(), afterAll, content))
}

func TestWhoSendsWhatTheLibraryCannotReadIsToldSoAndNobodyWaitsForIt(t *testing.T) {
	const sentence = "Pesan jenis ini tidak dapat diproses"
	t.Run("polling", func(t *testing.T) {
		w := newWorld(t)
		w.tel.text(7, "/mulai")
		w.tel.message7(`"text":{"rich":"halo"}`)
		w.tel.text(8, "/mulai")
		w.poll(w.intake(w.options()), PollerOptions{})
		eventually(t, "all is confirmed", func() bool { return len(w.tel.pending()) == 0 })
		if !strings.Contains(w.tel.lastText(7), sentence) || w.tel.lastText(8) == "" {
			t.Errorf("he reads %q, the other %q", w.tel.lastText(7), w.tel.lastText(8))
		}
	})
	t.Run("webhook", func(t *testing.T) {
		w := newWorld(t)
		hook := NewWebhook(w.intake(w.options()), secret, nil)
		if got := post(t, hook, http.MethodPost, secret, w.tel.raw(w.tel.message7(`"text":5`))); got != http.StatusOK || !strings.Contains(w.tel.lastText(7), sentence) {
			t.Errorf("answered %d, he reads %q", got, w.tel.lastText(7))
		}
	})
}

func TestATapOnAMessageThatTheLibraryCannotReadCounts(t *testing.T) {
	w := newWorld(t)
	card := w.tel.card(7)
	w.tel.mu.Lock()
	id := w.tel.push(fmt.Sprintf(`"callback_query":{"id":"q%d","from":{"id":7},"data":"add:3","message":{"message_id":%d,"date":1,"chat":{"id":7,"type":"private"},"text":{"rich":"x"}}}`, w.tel.next, card))
	w.tel.mu.Unlock()
	w.mustDo(w.intake(w.options()), id)
	if !slices.Equal(w.records.did(7), []string{"3"}) || len(w.tel.answersTo(id)) != 1 {
		t.Errorf("done %v, answered %v", w.records.did(7), w.tel.answersTo(id))
	}
}

// flakyReachability is a store that is away for the first calls.
type flakyReachability struct {
	*records
	failures int
}

// MarkUnreachable fails at first.
func (f *flakyReachability) MarkUnreachable(ctx context.Context, telegramID int64) error {
	if f.failures--; f.failures >= 0 {
		return context.DeadlineExceeded
	}
	return f.records.MarkUnreachable(ctx, telegramID)
}
