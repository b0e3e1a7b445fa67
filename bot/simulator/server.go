// Package simulator is a Telegram Bot API server in the process, with a page that shows a phone for each person.
//
// It refuses what Telegram refuses, with Telegram's codes and words, so that a test fails where Telegram would. It serves one bot.
// Unlike Telegram it takes webhooks by plain http on loopback.
package simulator

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Clock is a clock that the page can move.
type Clock interface {
	Now() time.Time
	Advance(d time.Duration)
}

// Options of New. Zero values mean the defaults.
type Options struct {
	Token        string           // "123456:SIMULATOR"
	BotUsername  string           // "kinerja_demo_bot"
	Now          func() time.Time // time.Now
	Real         func() time.Time // time.Now, also where Now is moved: how long updates live and how soon polls follow each other
	Clock        Clock            // nil: the page has no clock
	Phones       []Phone
	NoRateLimits bool // never answer 429 by itself, but in these chats:
	Limited      []int64
	WebhookRetry time.Duration // first pause after a failed delivery; 100 ms
}

// Phone is a person with Telegram.
type Phone struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Language string `json:"language"`
	Label    string `json:"label"` // shown over the phone
	// Start is the code of an invitation that this person holds and has not opened; "" for none. His empty chat offers to open it.
	Start string `json:"start,omitempty"`
}

// Server is the Bot API server. It is safe for concurrent use.
type Server struct {
	options Options
	faults  *Faults
	life    context.Context
	end     context.CancelFunc
	work    sync.WaitGroup

	mu         sync.Mutex
	changed    chan struct{} // closed and replaced at each change
	version    int64         // grows at each change
	phones     []Phone
	chats      map[int64]*chat
	queries    map[string]*query
	files      map[string]file
	commands   map[string][]command
	menuButton string // its kind
	counts     map[string]int
	limits     limits
	updates    updates
	lastFile   int
}

// chat is one conversation with the bot.
type chat struct {
	id       int64
	group    bool
	started  bool // the person wrote first, or the bot may not write
	blocked  bool
	next     int // number of the next message
	messages []*Message
	toasts   []Toast
	limit    chatLimit
	typing   time.Time
}

// maxMessages bounds the memory of a chat.
const maxMessages = 200

// New starts a server without listening: serve its Handler. End it with Close.
func New(o Options) *Server {
	if o.Token == "" {
		o.Token = "123456:SIMULATOR"
	}
	if o.BotUsername == "" {
		o.BotUsername = "kinerja_demo_bot"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Real == nil {
		o.Real = time.Now
	}
	if o.WebhookRetry == 0 {
		o.WebhookRetry = 100 * time.Millisecond
	}
	life, end := context.WithCancel(context.Background())
	s := &Server{
		options: o, faults: newFaults(), life: life, end: end, changed: make(chan struct{}),
		chats: map[int64]*chat{}, queries: map[string]*query{}, files: map[string]file{}, commands: map[string][]command{}, counts: map[string]int{},
		updates: newUpdates(), limits: newLimits(),
	}
	for _, p := range o.Phones {
		s.AddPhone(p)
	}
	return s
}

// Close ends deliveries and waiting polls.
func (s *Server) Close() {
	s.end()
	s.mu.Lock()
	s.touch()
	s.mu.Unlock()
	s.work.Wait()
}

// Token is what the bot must present.
func (s *Server) Token() string { return s.options.Token }

// Faults injects failures.
func (s *Server) Faults() *Faults { return s.faults }

// AddPhone adds a person. One with the same ID is replaced and keeps his chat.
func (s *Server) AddPhone(p Phone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Language == "" {
		p.Language = "id"
	}
	s.phones = slices.DeleteFunc(s.phones, func(old Phone) bool { return old.ID == p.ID })
	s.phones = append(s.phones, p)
	s.chatOf(p.ID)
	s.touch()
}

// Phones lists the people.
func (s *Server) Phones() []Phone {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.phones)
}

func (s *Server) phone(id int64) (Phone, bool) {
	for _, p := range s.phones {
		if p.ID == id {
			return p, true
		}
	}
	return Phone{}, false
}

// chatOf returns a chat, new when there was none. The lock is held.
func (s *Server) chatOf(id int64) *chat {
	c, ok := s.chats[id]
	if !ok {
		c = &chat{id: id, next: 1}
		s.chats[id] = c
	}
	return c
}

// touch wakes everybody who waits for a change. The lock is held.
func (s *Server) touch() {
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

// Wait returns when cond is true, and an error when ctx ends first. It looks at each change of the server.
func (s *Server) Wait(ctx context.Context, cond func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// SetOneList is the name under which Counts has the calls of setMyCommands for one chat.
const SetOneList = "setMyCommands of a chat"

// Counts is how often each method was called, for benchmarks.
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int, len(s.counts))
	for method, n := range s.counts {
		counts[method] = n
	}
	return counts
}

// Handler serves the Bot API, the files, the page and its own calls.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.routePage(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch { // the token is part of a path segment, which ServeMux cannot match
		case strings.HasPrefix(r.URL.Path, "/bot"):
			s.serveAPI(w, r)
		case strings.HasPrefix(r.URL.Path, "/file/bot"):
			s.serveFile(w, r)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}
