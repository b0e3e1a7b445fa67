package courier

import (
	"sync"
	"time"
)

const (
	// firstRest and longestRest are how long this process leaves Telegram alone after it could not be reached: from the first time, doubled each time.
	firstRest   = time.Second
	longestRest = 30 * time.Second
	// wayPause is how long a notification steps back that met a closed way, so that another one tries the way next.
	wayPause = 30 * time.Second
)

// way is whether messages reach Telegram, as far as this process has seen.
type way struct {
	mu       sync.Mutex
	failures int // since something went through
	until    time.Time
}

// closed reports that nothing need be tried at a moment.
func (w *way) closed(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return now.Before(w.until)
}

// doubtful reports that the last try failed: one more is enough to learn whether it is open.
func (w *way) doubtful() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failures > 0
}

// failed notes that Telegram could not be reached, and reports whether that is news. Those who were on their way at the same time
// count as one.
func (w *way) failed(now time.Time) (news bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.Before(w.until) {
		return false
	}
	w.until = now.Add(min(firstRest<<min(w.failures, 10), longestRest))
	w.failures++
	return w.failures == 1
}

// worked notes that Telegram answered, and reports whether that is news.
func (w *way) worked() (news bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	news = w.failures > 0
	w.failures, w.until = 0, time.Time{}
	return news
}
