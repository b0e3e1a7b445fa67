package dialogue_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"kinerja/store/dialogue"
	"kinerja/store/storetest"
)

// each runs a test on miniredis and on a real Redis, under a prefix of its own.
func each(t *testing.T, test func(t *testing.T, s *dialogue.Store, client redis.UniversalClient)) {
	t.Helper()
	t.Run("miniredis", func(t *testing.T) {
		run(t, "redis://"+miniredis.RunT(t).Addr()+"/0", test)
	})
	t.Run("redis", func(t *testing.T) { run(t, storetest.Redis(t), test) })
}

func run(t *testing.T, address string, test func(t *testing.T, s *dialogue.Store, client redis.UniversalClient)) {
	t.Helper()
	client, shut, err := dialogue.Connect(address)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() {
		if err := shut(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	for _, key := range keys(t, client) { // of an earlier run on the same server
		if err := client.Del(context.Background(), key).Err(); err != nil {
			t.Fatalf("delete: %v", err)
		}
	}
	test(t, dialogue.New(client, "test:"+t.Name()+":"), client)
}

func begin(t *testing.T, s *dialogue.Store, person int64) *dialogue.Turn {
	t.Helper()
	turn, err := s.Begin(context.Background(), person)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	return turn
}

func TestAPositionIsReadAsItWasWritten(t *testing.T) {
	each(t, func(t *testing.T, s *dialogue.Store, _ redis.UniversalClient) {
		want := dialogue.Position{Format: dialogue.Format, Page: "score.person:4", Draft: map[string]string{"note": "baik"}, Card: 9, Recent: []int64{4, 5}, At: storetest.Start}
		if err := begin(t, s, 1).Commit(context.Background(), want); err != nil {
			t.Fatalf("commit: %v", err)
		}
		if diff := cmp.Diff(want, begin(t, s, 1).Position); diff != "" {
			t.Errorf("position (-written +read):\n%s", diff)
		}
		if got := begin(t, s, 2).Position.Page; got != "" {
			t.Errorf("another person stands on %q, want nowhere", got)
		}
	})
}

func TestOnePersonHasOneTurnAtATime(t *testing.T) {
	each(t, func(t *testing.T, s *dialogue.Store, _ redis.UniversalClient) {
		held := begin(t, s, 1)
		if _, err := s.Begin(context.Background(), 1); !errors.Is(err, dialogue.ErrBusy) {
			t.Fatalf("second turn while the first runs: %v, want ErrBusy", err)
		}
		if err := held.Abandon(context.Background()); err != nil {
			t.Fatalf("abandon: %v", err)
		}
		begin(t, s, 1)
	})
}

func TestALongTurnGivesSignsOfLifeUntilItEnds(t *testing.T) {
	each(t, func(t *testing.T, s *dialogue.Store, client redis.UniversalClient) {
		held := begin(t, s, 1)
		first := heldUntil(t, client)
		for deadline := time.Now().Add(time.Minute); heldUntil(t, client) == first; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the turn gave no sign of life")
			}
		}
		if err := held.Abandon(context.Background()); err != nil {
			t.Fatalf("abandon: %v", err)
		}
		if got := heldUntil(t, client); got != "" {
			t.Errorf("the turn is held until %q after its end", got)
		}
	})
}

func TestWhatTheCardShowsIsSureOnlyAfterACommit(t *testing.T) {
	each(t, func(t *testing.T, s *dialogue.Store, client redis.UniversalClient) {
		ctx := context.Background()
		drawn := dialogue.Position{Page: "x", Card: 9, Look: "abc"}
		for name, disturb := range map[string]func(){
			"":                        func() {},
			"an abandoned turn":       func() { _ = begin(t, s, 1).Abandon(ctx) }, //nolint:contextcheck // a helper of the test
			"a process that was lost": func() { begin(t, s, 1); endTurns(t, client) },
		} {
			if err := begin(t, s, 1).Commit(ctx, drawn); err != nil {
				t.Fatalf("commit: %v", err)
			}
			disturb()
			next := begin(t, s, 1)
			if sure := next.Position.Look == "abc"; sure != (name == "") || next.Position.Card != 9 {
				t.Errorf("after %s the card %d shows %q", name, next.Position.Card, next.Position.Look)
			}
			if err := next.Commit(ctx, drawn); err != nil {
				t.Fatalf("commit: %v", err)
			}
		}
	})
}

func TestALateCommitIsRefusedAfterAnotherTurn(t *testing.T) {
	each(t, func(t *testing.T, s *dialogue.Store, client redis.UniversalClient) {
		ctx := context.Background()
		stalled := begin(t, s, 1)
		endTurns(t, client)
		if err := begin(t, s, 1).Commit(ctx, dialogue.Position{Page: "newer"}); err != nil {
			t.Fatalf("commit of the second: %v", err)
		}
		if err := stalled.Commit(ctx, dialogue.Position{Page: "older"}); !errors.Is(err, dialogue.ErrLost) {
			t.Fatalf("late commit: %v, want ErrLost", err)
		}
		if got := begin(t, s, 1).Position.Page; got != "newer" {
			t.Errorf("position is %q, want newer", got)
		}
	})
}

func TestACommitIntoAnEmptiedRedisIsLostNotWrong(t *testing.T) {
	each(t, func(t *testing.T, s *dialogue.Store, client redis.UniversalClient) {
		ctx := context.Background()
		if err := begin(t, s, 1).Commit(ctx, dialogue.Position{Page: "first"}); err != nil {
			t.Fatalf("commit: %v", err)
		}
		held := begin(t, s, 1)
		for _, key := range keys(t, client) {
			if err := client.Del(ctx, key).Err(); err != nil {
				t.Fatalf("delete: %v", err)
			}
		}
		if err := held.Commit(ctx, dialogue.Position{Page: "second"}); !errors.Is(err, dialogue.ErrLost) {
			t.Fatalf("commit after the key vanished: %v, want ErrLost", err)
		}
		if got := begin(t, s, 1).Position; got.Page != "" {
			t.Errorf("position is %+v, want none", got)
		}
	})
}

func TestAPositionOfAnotherFormatIsNone(t *testing.T) {
	each(t, func(t *testing.T, s *dialogue.Store, client redis.UniversalClient) {
		ctx := context.Background()
		if err := begin(t, s, 1).Commit(ctx, dialogue.Position{Page: "x"}); err != nil {
			t.Fatalf("commit: %v", err)
		}
		for _, value := range []string{`{"f":99,"p":"x"}`, `not json`} {
			for _, key := range keys(t, client) {
				if err := client.HSet(ctx, key, "value", value).Err(); err != nil {
					t.Fatalf("write: %v", err)
				}
			}
			held := begin(t, s, 1)
			if held.Position.Page != "" {
				t.Errorf("%s was read as %+v, want none", value, held.Position)
			}
			if err := held.Abandon(ctx); err != nil {
				t.Fatalf("abandon: %v", err)
			}
		}
	})
}

func TestAPositionExpiresWithoutUse(t *testing.T) {
	each(t, func(t *testing.T, s *dialogue.Store, client redis.UniversalClient) {
		if err := begin(t, s, 1).Commit(context.Background(), dialogue.Position{Page: "x"}); err != nil {
			t.Fatalf("commit: %v", err)
		}
		for _, key := range keys(t, client) {
			life, err := client.PTTL(context.Background(), key).Result()
			if err != nil || life <= dialogue.Life-time.Minute || life > dialogue.Life {
				t.Errorf("life of %s is %v, %v; want %v", key, life, err, dialogue.Life)
			}
		}
	})
}

func TestURLsAreReadOrRefusedWithExamples(t *testing.T) {
	for _, address := range []string{"redis://127.0.0.1:6379/0", "redis-sentinel://127.0.0.1:26379,127.0.0.2:26379/utama", "redis-cluster://127.0.0.1:7000,127.0.0.1:7001", "embedded:"} {
		_, shut, err := dialogue.Connect(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if err := shut(); err != nil {
			t.Errorf("close %s: %v", address, err)
		}
	}
	for _, address := range []string{"", "localhost:6379", "http://x", "redis-sentinel://h:1", "redis://h:1/notanumber"} {
		if _, _, err := dialogue.Connect(address); !errors.Is(err, dialogue.ErrURL) {
			t.Errorf("%q: %v, want ErrURL", address, err)
		}
	}
}

func keys(t *testing.T, client redis.UniversalClient) []string {
	t.Helper()
	found, err := client.Keys(context.Background(), "test:"+t.Name()+"*").Result()
	if err != nil {
		t.Fatalf("keys: %v", err)
	}
	return found
}

// heldUntil is the moment until which the only turn is held; "" when it is not.
func heldUntil(t *testing.T, client redis.UniversalClient) string {
	t.Helper()
	found := keys(t, client)
	if len(found) == 0 {
		return ""
	}
	until, err := client.HGet(context.Background(), found[0], "until").Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		t.Fatalf("read the turn: %v", err)
	}
	return until
}

// endTurns lets the running turns be over their time, as a stalled process would find them.
func endTurns(t *testing.T, client redis.UniversalClient) {
	t.Helper()
	for _, key := range keys(t, client) {
		if err := client.HSet(context.Background(), key, "until", 1).Err(); err != nil {
			t.Fatalf("end turn: %v", err)
		}
	}
}
