package courier_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"kinerja/bot/courier"
	"kinerja/flows"
	"kinerja/store"
)

// clerk tells of a file that make makes, and of everything else as usual.
type clerk struct {
	teller
	make func(ctx context.Context) ([]byte, error)
}

func (c *clerk) Tell(ctx context.Context, actor store.Actor, kind, args string) (flows.Screen, bool, error) {
	if !store.IsFile(kind) {
		return c.teller.Tell(ctx, actor, kind, args)
	}
	return flows.Screen{Text: "berkas", Document: &flows.Document{Name: "a.xlsx", Make: c.make}}, true, nil
}

// asksForFile owes the evaluator a file and nothing else.
func (o *office) asksForFile(t *testing.T) {
	t.Helper()
	o.round(t)
	o.post.last = ""
	ctx := context.Background()
	if isNew, err := o.store.RequestFile(ctx, o.cast.Evaluator.ID, "recap", 7); err != nil || !isNew {
		t.Fatalf("request: %v, %v; want a new one", isNew, err)
	}
}

func (o *office) courierWith(t courier.Teller) *courier.Courier {
	return courier.New(o.store, t, o.post, open{}, o.hours, courier.Options{Owner: "a"})
}

// A file goes out beside everything else, in the night too, and is neither hidden nor made twice.
func TestAFileIsMadeWhenItIsSentAndHoldsNobodyUp(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.asksForFile(t)
		o.hours = hours{from: o.clock.Now().Add(time.Hour), urgent: true}
		asked, made := make(chan struct{}, 1), make(chan struct{})
		c := o.courierWith(&clerk{make: func(context.Context) ([]byte, error) {
			asked <- struct{}{}
			<-made
			return []byte("isi"), nil
		}})
		if _, err := c.Round(context.Background()); err != nil { // returns though the file is not made yet
			t.Fatalf("round: %v", err)
		}
		select {
		case <-asked:
		case <-time.After(time.Minute):
			t.Fatal("nobody makes the file")
		}
		o.clock.Advance(time.Minute) // longer than the claim of a message
		if _, err := o.courier("b", o.store).Round(context.Background()); err != nil {
			t.Fatalf("round of another: %v", err)
		}
		if o.post.last != "" {
			t.Errorf("somebody else has sent %q, the file is still being made", o.post.last)
		}
		close(made)
		c.Wait()
		if o.post.last != "isi" {
			t.Errorf("sent was %q, want the file", o.post.last)
		}
		o.states(t, map[store.NotificationState]int{store.Sent: 2}) // with the reminder from before
	})
}

func TestAFileThatCannotBeMadeIsTriedAgainAndThenParked(t *testing.T) {
	for name, fail := range map[string]func(context.Context) ([]byte, error){
		"failure": func(context.Context) ([]byte, error) { return nil, errors.New("no paper") },
		"panic":   func(context.Context) ([]byte, error) { panic("no paper") },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, o *office) {
				o.asksForFile(t)
				c := o.courierWith(&clerk{make: fail})
				for range 12 {
					if _, err := c.Round(context.Background()); err != nil {
						t.Fatalf("round: %v", err)
					}
					c.Wait()
					o.clock.Advance(3 * time.Hour)
				}
				o.states(t, map[store.NotificationState]int{store.Failed: 1})
			})
		})
	}
}
