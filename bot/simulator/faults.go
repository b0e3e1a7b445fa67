package simulator

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Fault is one way in which a call fails.
type Fault struct {
	kind     faultKind
	retry    int
	hold     time.Duration
	released <-chan struct{}
}

type faultKind int

const (
	noFault faultKind = iota
	tooManyFault
	serverFault
	hangFault
	cutFault
	holdFault
)

// TooMany answers 429 with retry_after, in seconds, and does nothing.
func TooMany(retryAfter int) Fault { return Fault{kind: tooManyFault, retry: retryAfter} }

// ServerError answers 500 with a page of HTML and does nothing.
func ServerError() Fault { return Fault{kind: serverFault} }

// Hang does nothing until the client gives up, 10 s at most.
func Hang() Fault { return Fault{kind: hangFault} }

// CutAfter does what was asked and then cuts the connection: the client cannot know.
func CutAfter() Fault { return Fault{kind: cutFault} }

// Hold does what was asked after a while, as Telegram does that waits out a short flood by itself. It does it though the client gave up.
func Hold(d time.Duration) Fault { return Fault{kind: holdFault, hold: d} }

// HoldUntil is Hold until a channel is closed.
func HoldUntil(released <-chan struct{}) Fault { return Fault{kind: holdFault, released: released} }

// hangLimit is how long a hanging call is held.
const hangLimit = 10 * time.Second

// Faults decides which calls fail. Decisions depend on the seed and the order of the calls only.
type Faults struct {
	mu     sync.Mutex
	random *rand.Rand
	queued map[string][]Fault
	chance map[string][]chance
	count  int
}

type chance struct {
	probability float64
	fault       Fault
}

func newFaults() *Faults {
	f := &Faults{queued: map[string][]Fault{}, chance: map[string][]chance{}}
	f.Seed(1)
	return f
}

// Seed makes the following decisions repeatable.
func (f *Faults) Seed(seed uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.random = rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // repeatable on purpose
}

// FailNext lets the next n calls of a method fail.
func (f *Faults) FailNext(method string, n int, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range n {
		f.queued[strings.ToLower(method)] = append(f.queued[strings.ToLower(method)], fault)
	}
}

// Fail lets each call of a method fail with a probability.
func (f *Faults) Fail(method string, probability float64, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.chance[strings.ToLower(method)] = append(f.chance[strings.ToLower(method)], chance{probability, fault})
}

// Clear ends all faults.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.queued)
	clear(f.chance)
}

// Count is how many calls failed.
func (f *Faults) Count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

func (f *Faults) next(method string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	method = strings.ToLower(method)
	if list := f.queued[method]; len(list) > 0 {
		f.queued[method] = list[1:]
		f.count++
		return list[0]
	}
	for _, c := range f.chance[method] {
		if f.random.Float64() < c.probability {
			f.count++
			return c.fault
		}
	}
	return Fault{}
}

// before lets a call fail that then does nothing; it reports whether it did.
func (f Fault) before(s *Server, w http.ResponseWriter, r *http.Request) bool {
	switch f.kind {
	case tooManyFault:
		answer(w, nil, tooMany(f.retry))
	case serverFault:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		if _, err := fmt.Fprint(w, "<html><body>Internal Server Error</body></html>"); err != nil {
			return true
		}
	case hangFault:
		timer := time.NewTimer(hangLimit)
		defer timer.Stop()
		select {
		case <-r.Context().Done():
		case <-s.life.Done():
		case <-timer.C:
		}
		cut(w)
	case holdFault:
		s.mu.Lock()
		s.touch() // a test may wait for it to be held
		s.mu.Unlock()
		f.wait(s)
		return false
	case noFault, cutFault:
		return false
	}
	return true
}

// wait holds a call until its time has come.
func (f Fault) wait(s *Server) {
	var over <-chan time.Time
	if f.released == nil {
		timer := time.NewTimer(f.hold)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
	case <-f.released:
	case <-s.life.Done():
	}
}

// after cuts the connection of a call that was done; it reports whether it did.
func (f Fault) after(w http.ResponseWriter) bool { return f.kind == cutFault && cut(w) }

// cut closes the connection without an answer.
func cut(w http.ResponseWriter) bool {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return false
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
