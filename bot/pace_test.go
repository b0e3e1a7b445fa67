package bot

import (
	"context"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"kinerja/store/dialogue"
	"kinerja/store/storetest"
)

// onEachRedis runs a test on miniredis and on a real Redis, under a prefix of its own.
func onEachRedis(t *testing.T, test func(t *testing.T, client redis.UniversalClient, prefix string)) {
	t.Helper()
	run := func(t *testing.T, address string) {
		client, shut, err := dialogue.Connect(address)
		if err != nil {
			t.Fatalf("connect: %v", err)
		}
		t.Cleanup(func() {
			if err := shut(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
		test(t, client, "test:"+t.Name()+time.Now().String()+":")
	}
	t.Run("miniredis", func(t *testing.T) { run(t, "redis://"+miniredis.RunT(t).Addr()+"/0") })
	t.Run("redis", func(t *testing.T) { run(t, storetest.Redis(t)) })
}

// granted counts how many messages the bulk gets at this moment, each to another chat.
func granted(t *testing.T, g *Gate, firstChat int64) int {
	t.Helper()
	for n := 0; ; n++ {
		wait, err := g.reserve(context.Background(), firstChat+int64(n))
		if err != nil {
			t.Fatalf("reserve: %v", err)
		}
		if wait > 0 {
			return n
		}
	}
}

// inSeconds counts what the bulk gets over some seconds, asked every 50 ms in turn from each gate. taps are sent each second.
func inSeconds(t *testing.T, clock *storetest.Clock, seconds, taps int, gates ...*Gate) []int {
	t.Helper()
	var counts []int
	chat := int64(1000)
	for range seconds {
		count := 0
		for step := range 20 {
			for _, g := range gates {
				n := granted(t, g, chat)
				chat += int64(n) + 1
				count += n
			}
			for range taps / 20 {
				if err := gates[0].Tap(context.Background(), 1); err != nil {
					t.Fatalf("tap: %v", err)
				}
			}
			if step%4 == 3 {
				flushAll(t, gates...)
			}
			clock.Advance(50 * time.Millisecond)
		}
		counts = append(counts, count)
	}
	return counts
}

func flushAll(t *testing.T, gates ...*Gate) {
	t.Helper()
	for _, g := range gates {
		if err := g.flush(context.Background()); err != nil {
			t.Fatalf("flush: %v", err)
		}
	}
}

func TestTheBulkOfAllReplicasStaysWithinTheRate(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client redis.UniversalClient, prefix string) {
		clock := storetest.NewClock(storetest.Start)
		one, two := NewGate(client, prefix, 25, clock.Now, nil), NewGate(client, prefix, 25, clock.Now, nil)
		for i, n := range inSeconds(t, clock, 4, 0, one, two) {
			if n > 31 || i > 0 && (n > 26 || n < 23) {
				t.Errorf("second %d: %d messages, want about 25 and never over 30", i+1, n)
			}
		}
	})
}

func TestPeopleWhoTapComeFirstAndTheBulkIsNotSilenced(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client redis.UniversalClient, prefix string) {
		clock := storetest.NewClock(storetest.Start)
		g := NewGate(client, prefix, 20, clock.Now, nil)
		few := inSeconds(t, clock, 4, 0, g)[3]
		some := inSeconds(t, clock, 4, 10*2, g)[3]
		many := inSeconds(t, clock, 4, 20*4, g)[3]
		if few < 18 || some > few/2 || many < 1 || many > 3 {
			t.Errorf("bulk gets %d without taps, %d with 20 a second, %d with 80; want about 20, few, and the tenth of 2", few, some, many)
		}
	})
}

func TestAChatGetsOneBulkMessageASecond(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client redis.UniversalClient, prefix string) {
		clock := storetest.NewClock(storetest.Start)
		one, two := NewGate(client, prefix, 25, clock.Now, nil), NewGate(client, prefix, 25, clock.Now, nil)
		sent := 0
		for range 30 {
			for _, g := range []*Gate{one, two} {
				if wait, err := g.reserve(context.Background(), 7); err != nil {
					t.Fatalf("reserve: %v", err)
				} else if wait == 0 {
					sent++
				}
			}
			clock.Advance(100 * time.Millisecond)
		}
		if sent != 3 {
			t.Errorf("%d messages to one chat in 3 seconds, want 3", sent)
		}
	})
}

func TestAFloodPausesEverybodyOnAllReplicas(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client redis.UniversalClient, prefix string) {
		clock := storetest.NewClock(storetest.Start)
		one, two := NewGate(client, prefix, 25, clock.Now, nil), NewGate(client, prefix, 25, clock.Now, nil)
		one.Flood(time.Hour)
		flushAll(t, one, two)
		for name, g := range map[string]*Gate{"the one that was told": one, "the other": two} {
			limited, cancel := context.WithTimeout(context.Background(), time.Second)
			err := g.Tap(limited, 1)
			cancel()
			if kindOf(err) != Flood {
				t.Errorf("%s lets a tap through: %v", name, err)
			}
			if n := granted(t, g, 1); n != 0 {
				t.Errorf("%s lets %d of the bulk through", name, n)
			}
		}
		clock.Advance(time.Hour + time.Second)
		for name, g := range map[string]*Gate{"the one that was told": one, "the other": two} {
			if err := g.Tap(context.Background(), 1); err != nil {
				t.Errorf("%s still holds taps back: %v", name, err)
			}
		}
		if n := granted(t, one, 1); n == 0 {
			t.Error("the bulk is still held back")
		}
	})
}

func TestATapNeverWaitsForRedis(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	defer func() {
		if err := client.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	g := NewGate(client, "x:", 25, storetest.NewClock(storetest.Start).Now, nil)
	if err := g.Tap(context.Background(), 1); err != nil {
		t.Errorf("tap without Redis: %v", err)
	}
	if err := g.WaitBulk(context.Background(), 1); err == nil {
		t.Error("the bulk goes on without anybody counting")
	}
}
