// Package transcript plays conversations that are written down as a chat: what a person taps or types, what he then sees.
//
// A transcript is both test and document. Run the tests with -update to write down what the program says now, then read it.
package transcript

import (
	"context"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/dialogue"
	"kinerja/store/storetest"
)

// World is one bot with its stores and the people who talk to it, without Telegram.
type World struct {
	T      testing.TB
	Store  *store.Store
	Clock  *storetest.Clock
	Engine *flows.Engine

	redis    *miniredis.Miniredis
	client   redis.UniversalClient
	catalog  *locales.Catalog
	register func(*flows.Engine)
	phones   map[string]*Phone
	updates  int64
}

// NewWorld makes a world on a new SQLite store and an in-memory Redis. Its clock stands at storetest.Start until it is moved.
func NewWorld(t testing.TB) *World {
	t.Helper()
	clock := storetest.NewClock(storetest.Start)
	return NewWorldOn(t, storetest.SQLite(t, clock), clock)
}

// NewWorldOn makes a world on the given store.
func NewWorldOn(t testing.TB, s *store.Store, clock *storetest.Clock) *World {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Jakarta")
	if err != nil {
		t.Fatalf("zone: %v", err)
	}
	catalog, err := locales.Load(zone)
	if err != nil {
		t.Fatalf("sentences: %v", err)
	}
	w := &World{T: t, Store: s, Clock: clock, catalog: catalog, redis: miniredis.RunT(t), phones: map[string]*Phone{}, updates: 1000}
	w.client = redis.NewClient(&redis.Options{Addr: w.redis.Addr()})
	t.Cleanup(func() {
		if err := w.client.Close(); err != nil {
			t.Errorf("close redis client: %v", err)
		}
	})
	w.Register(func(*flows.Engine) {})
	return w
}

// Redis is the client of the world's Redis, for counting its round trips.
func (w *World) Redis() redis.UniversalClient { return w.client }

// Register makes the engine and registers the conversations of the test. A restart calls register again on a new engine.
func (w *World) Register(register func(*flows.Engine)) {
	w.register = register
	w.Restart()
}

// Restart replaces the engine, as a new process would.
func (w *World) Restart() {
	w.Engine = flows.NewEngine(w.Store, dialogue.New(w.client, "test:"), w.catalog, w.Clock.Now)
	w.register(w.Engine)
}

// FlushRedis empties Redis.
func (w *World) FlushRedis() { w.redis.FlushAll() }

// DumpRedis is everything that lies in Redis, as text.
func (w *World) DumpRedis() string {
	miniredis.DumpMaxLineLen = 1 << 20 // whole values, not their beginnings
	return w.redis.Dump()
}

// Link gives a person a phone that is linked to him. The key is how transcripts call it ("@ key"). His language is Indonesian
// and the present privacy notice counts as shown.
func (w *World) Link(key string, person *store.Person, language, noticeVersion string) {
	w.T.Helper()
	p := w.Stranger(key, language)
	ctx := context.Background()
	code, err := w.Store.Invite(ctx, person.ID, time.Hour)
	if err != nil {
		w.T.Fatalf("invite %s: %v", key, err)
	}
	if _, err := w.Store.Link(ctx, p.id, language, code); err != nil {
		w.T.Fatalf("link %s: %v", key, err)
	}
	if noticeVersion == "" {
		return
	}
	if err := w.Store.NoticeShown(ctx, person.ID, noticeVersion); err != nil {
		w.T.Fatalf("notice of %s: %v", key, err)
	}
}

// Stranger gives somebody who is not linked a phone whose app speaks the language.
func (w *World) Stranger(key, language string) *Phone {
	p := &Phone{key: key, id: int64(700000 + len(w.phones)), language: language}
	w.phones[key] = p
	return p
}

// TelegramID is the Telegram user behind a key.
func (w *World) TelegramID(key string) int64 { return w.phones[key].id }

// Last is the screen that the person saw last.
func (w *World) Last(key string) flows.Screen { return w.phones[key].screen }

// Taps counts the taps a person made so far.
func (w *World) Taps(key string) int { return w.phones[key].taps }
