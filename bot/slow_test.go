package bot

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kinerja/bot/simulator"
	"kinerja/flows"
)

// pipes is a network inside one process, so that its time can be that of a test.
type pipes struct {
	calls chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{calls: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.calls <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.calls:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{} }

// inVirtualTime runs a test against the simulator, in a time that passes when everybody waits.
func inVirtualTime(t *testing.T, test func(t *testing.T, sim *simulator.Server, b *Bot)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sim := simulator.New(simulator.Options{Phones: []simulator.Phone{{ID: 7, Name: "Anna"}}})
		network := newPipes()
		server := &http.Server{Handler: sim.Handler(), ReadHeaderTimeout: time.Minute}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(network) })
		b, err := New(Options{Token: sim.Token(), APIURL: "http://telegram"})
		if err != nil {
			t.Fatal(err)
		}
		b.http.client.Transport.(*http.Transport).DialContext = network.dial
		sim.Type(7, "/start")
		test(t, sim, b)
		b.Close()
		sim.Close()
		_ = server.Close()
		serving.Wait()
	})
}

func TestTelegramMayWaitOutAShortFloodBeforeItDoesACall(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, sim *simulator.Server, b *Bot) {
		ctx := context.Background()
		sim.Faults().FailNext("sendMessage", 1, simulator.Hold(7*time.Second))
		card, err := b.Send(ctx, 7, flows.Screen{Text: "satu"})
		if err != nil {
			t.Fatalf("a message that was held 7 s: %v", err)
		}
		sim.Faults().FailNext("editMessageText", 1, simulator.Hold(8*time.Second))
		if _, err := b.Edit(ctx, 7, card.Message, flows.Screen{Text: "dua"}); err != nil {
			t.Fatalf("a change that was held 8 s: %v", err)
		}
		if chat := sim.Chat(7); len(chat) != 2 || chat[1].Text != "dua" {
			t.Errorf("the phone shows %+v", chat)
		}
		began := time.Now()
		sim.Faults().FailNext("sendMessage", 1, simulator.Hold(time.Minute))
		if _, err := b.Send(ctx, 7, flows.Screen{Text: "tiga"}); kindOf(err) != Unknown {
			t.Errorf("a message that is held a minute is %v, want unknown", err)
		}
		if took := time.Since(began); took < 12*time.Second || took > 15*time.Second {
			t.Errorf("its outcome counts as unknown after %v, want 12 to 15 s", took)
		}
		time.Sleep(time.Minute) // virtual: the held one is done in the end
		if chat := sim.Chat(7); chat[len(chat)-1].Text != "tiga" {
			t.Errorf("the phone shows %q last", chat[len(chat)-1].Text)
		}
	})
}
