package bot

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"kinerja/flows"
	"kinerja/store/storetest"
)

// twoGates are two replicas of one bot.
func twoGates(t *testing.T, test func(t *testing.T, clock *storetest.Clock, one, two *Gate)) {
	t.Helper()
	onEachRedis(t, func(t *testing.T, client redis.UniversalClient, prefix string) {
		clock := storetest.NewClock(storetest.Start)
		test(t, clock, NewGate(client, prefix, 25, clock.Now, nil), NewGate(client, prefix, 25, clock.Now, nil))
	})
}

func TestAFloodInOneChatPausesThatChatOnly(t *testing.T) {
	twoGates(t, func(t *testing.T, clock *storetest.Clock, one, two *Gate) {
		one.FloodIn(7, 3*time.Minute)
		flushAll(t, one, two)
		for name, g := range map[string]*Gate{"the one that was told": one, "the other": two} {
			if err := g.Tap(context.Background(), 7); kindOf(err) != Flood {
				t.Errorf("%s lets a message into that chat: %v", name, err)
			}
			var f *Failure
			if err := g.WaitBulk(context.Background(), 7); !errors.As(err, &f) || f.Kind != Flood || f.RetryAfter != 3*time.Minute {
				t.Errorf("%s answers the bulk %v, want the pause of three minutes", name, err)
			}
			if err := g.Tap(context.Background(), 8); err != nil || g.Paused() != 0 {
				t.Errorf("%s holds another chat back: %v", name, err)
			}
		}
		if n := granted(t, two, 100); n == 0 {
			t.Error("the bulk to others is held back")
		}
		clock.Advance(3*time.Minute + time.Second)
		if err := two.Tap(context.Background(), 7); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	})
}

func TestASecondChatThatIsToldSoMeanwhilePausesEverybody(t *testing.T) {
	twoGates(t, func(t *testing.T, clock *storetest.Clock, one, two *Gate) {
		one.FloodIn(7, 2*time.Minute)
		two.FloodIn(8, 5*time.Minute)
		flushAll(t, one, two, one)
		for name, g := range map[string]*Gate{"one": one, "two": two} {
			if got := g.Paused(); got != 2*time.Minute {
				t.Errorf("%s pauses everybody for %v, want two minutes, while both chats are paused", name, got)
			}
		}
		clock.Advance(2*time.Minute + time.Second)
		if one.Paused() != 0 || one.PausedFor(8) == 0 {
			t.Errorf("then everybody waits %v and the second chat %v, want only the chat", one.Paused(), one.PausedFor(8))
		}
	})
}

func TestASecondChatAfterThePauseOfTheFirstPausesNobodyElse(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	g := NewGate(nil, "x:", 25, clock.Now, nil)
	g.FloodIn(7, time.Minute)
	clock.Advance(time.Minute + time.Second)
	g.FloodIn(8, time.Minute)
	if g.Paused() != 0 {
		t.Errorf("everybody waits %v", g.Paused())
	}
}

// Two strangers, or one with two accounts, must not be able to silence a city by being fast.
func TestChatsThatWereSentMuchExplainTheirOwnFlood(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	g := NewGate(nil, "x:", 25, clock.Now, nil)
	for chat := range int64(8) {
		for range usualBurst + 5 {
			g.sending(chat)
		}
		g.FloodIn(chat, time.Minute)
		g.FloodOfBulk(chat, time.Minute)
	}
	if g.Paused() != 0 || g.PausedFor(3) != time.Minute {
		t.Errorf("everybody waits %v, and one of them %v; want only them", g.Paused(), g.PausedFor(3))
	}
}

// Somebody floods on one replica, and what is owed to him goes out by the other one, which has sent him nothing.
func TestAChatThatWasPausedLatelyExplainsItsNextFloodOnEveryReplica(t *testing.T) {
	twoGates(t, func(t *testing.T, clock *storetest.Clock, one, two *Gate) {
		for range usualBurst + 5 {
			one.sending(7)
		}
		one.FloodIn(7, 30*time.Second)
		flushAll(t, one, two)
		clock.Advance(31 * time.Second)
		two.FloodOfBulk(7, time.Minute)
		flushAll(t, two, one)
		for name, g := range map[string]*Gate{"one": one, "two": two} {
			if g.Paused() != 0 || g.PausedFor(7) != time.Minute {
				t.Errorf("%s: everybody waits %v, the chat itself %v; want only the chat", name, g.Paused(), g.PausedFor(7))
			}
		}
		clock.Advance(time.Minute + longMemory)
		two.FloodOfBulk(7, time.Minute)
		if two.Paused() != time.Minute {
			t.Errorf("long after that everybody waits %v, want what Telegram asks for", two.Paused())
		}
	})
}

func TestWhomAFloodOfEachCallPauses(t *testing.T) {
	const chat, everybody, nobody = "chat", "everybody", "nobody"
	screen := flows.Screen{Text: "x"}
	for method, c := range map[string]struct {
		call   func(ctx context.Context, b *Bot) error
		pauses string
	}{
		"sendMessage":            {func(ctx context.Context, b *Bot) error { _, err := b.Send(ctx, 7, screen); return err }, chat},
		"editMessageText":        {func(ctx context.Context, b *Bot) error { _, err := b.Edit(ctx, 7, 1, screen); return err }, chat},
		"editMessageReplyMarkup": {func(ctx context.Context, b *Bot) error { return b.Strip(ctx, 7, 1) }, chat},
		"answerCallbackQuery":    {func(ctx context.Context, b *Bot) error { return b.Answer(ctx, 7, "q", "", false) }, chat},
		"sendDocument": {func(ctx context.Context, b *Bot) error {
			_, err := b.Bulk().SendFile(ctx, 7, flows.Screen{Text: "x", Document: &flows.Document{Name: "a"}}, []byte("a"))
			return err
		}, everybody},
		"broadcast":  {func(ctx context.Context, b *Bot) error { _, err := b.Bulk().Send(ctx, 7, screen); return err }, everybody},
		"getUpdates": {func(ctx context.Context, b *Bot) error { _, err := b.getUpdates(ctx, 0, 1, 0); return err }, everybody},
		"setMyCommands": {func(ctx context.Context, b *Bot) error {
			return b.SetMenus(ctx, []Menu{{Commands: []flows.MenuCommand{{Word: "mulai", Description: "Buka menu"}}}})
		}, nobody},
		"setWebhook": {func(ctx context.Context, b *Bot) error { return b.Register(ctx, "https://x.example", "s", 1) }, nobody},
		"getFile":    {func(ctx context.Context, b *Bot) error { _, err := b.Download(ctx, "f", 1); return err }, nobody},
	} {
		t.Run(method, func(t *testing.T) {
			tel := newTelegram(t)
			tel.setFault(func(called string, _ map[string]string) string {
				if asks := slices.Contains([]string{"getMyCommands", "getChatMenuButton", "getWebhookInfo"}, called); asks {
					return noFault
				}
				return flooded + "300"
			})
			gate := NewGate(nil, "x:", 25, storetest.NewClock(storetest.Start).Now, nil)
			if err := c.call(context.Background(), tel.bot(t, gate)); kindOf(err) != Flood && c.pauses != nobody {
				t.Fatalf("the call says %v", err)
			}
			got := nobody
			switch {
			case gate.Paused() > 0:
				got = everybody
			case gate.PausedFor(7) == 5*time.Minute && gate.PausedFor(8) == 0:
				got = chat
			}
			if got != c.pauses {
				t.Errorf("it pauses %s, want %s", got, c.pauses)
			}
		})
	}
}

func TestNothingIsSentIntoAPausedChat(t *testing.T) {
	tel := newTelegram(t)
	gate := NewGate(nil, "x:", 25, storetest.NewClock(storetest.Start).Now, nil)
	b := tel.bot(t, gate)
	gate.FloodIn(7, time.Minute)
	ctx := context.Background()
	_, sent := b.Send(ctx, 7, flows.Screen{Text: "x"})
	_, edited := b.Edit(ctx, 7, 1, flows.Screen{Text: "x"})
	for _, err := range []error{sent, edited, b.Strip(ctx, 7, 1)} {
		var f *Failure
		if !errors.As(err, &f) || f.Kind != Flood || f.RetryAfter != time.Minute {
			t.Errorf("the caller is told %v, want a flood of one minute", err)
		}
	}
	if n := tel.called("sendMessage") + tel.called("editMessageText") + tel.called("editMessageReplyMarkup"); n != 0 {
		t.Errorf("%d calls during the pause", n)
	}
}

// Eight strangers write, and Telegram answers one of them with a long pause.
func TestOneStrangerCannotSilenceTheOthers(t *testing.T) {
	w := newWorld(t)
	gate := NewGate(w.redis, "pace:", 25, storetest.NewClock(storetest.Start).Now, nil)
	in := w.intakeOn(w.tel.bot(t, gate), w.options())
	w.tel.setFault(func(method string, form map[string]string) string {
		if method == "sendMessage" && form["chat_id"] == "900000" {
			return flooded + "600"
		}
		return noFault
	})
	for round := range 3 {
		for stranger := range int64(8) {
			w.mustDo(in, w.tel.text(firstStranger+stranger, "halo"))
		}
		for stranger := range int64(7) {
			if got := len(w.tel.shownTo(firstStranger + 1 + stranger)); got != round+1 {
				t.Errorf("round %d: stranger %d sees %d cards", round, stranger+1, got)
			}
		}
	}
	if n := w.tel.called("sendMessage"); n != 3*7+1 {
		t.Errorf("%d messages were sent, want one to the chat that must be left alone", n)
	}
}
