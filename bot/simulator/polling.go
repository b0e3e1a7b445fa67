package simulator

import (
	"encoding/json"
	"net/http"
	"time"
)

const (
	// maxPoll is the longest that a poll is held open.
	maxPoll = 50 * time.Second
	// maxReply is about how much one poll brings, in bytes.
	maxReply = 4 << 20

	// A poll that begins within hurry after another from the same offset gets one update; one within eager is held open at least so long.
	hurry = 500 * time.Millisecond
	eager = 3 * time.Second
)

// poll is one call of getUpdates.
type poll struct {
	offset  int64
	limit   int
	timeout time.Duration
	began   time.Time
	ended   chan struct{} // closed when something else takes its place
	why     string        // read after ended
}

// end lets a poll that waits fail. The lock is held.
func (p *poll) end(why string) {
	if p == nil || p.why != "" {
		return
	}
	p.why = why
	close(p.ended)
}

func conflict(words string) error {
	return &apiError{code: http.StatusConflict, words: "Conflict: " + words}
}

func (s *Server) getUpdates(r *http.Request, p params) (any, error) {
	mine, err := s.beginPoll(p)
	if err != nil {
		return nil, err
	}
	timeout := time.NewTimer(mine.timeout)
	defer timeout.Stop()
	for {
		s.mu.Lock()
		batch, changed := s.batch(mine.limit), s.changed
		s.mu.Unlock()
		if len(batch) > 0 {
			return batch, nil
		}
		select {
		case <-mine.ended:
			return nil, conflict(mine.why)
		case <-r.Context().Done():
			return []json.RawMessage{}, nil
		case <-s.life.Done():
			return []json.RawMessage{}, nil
		case <-timeout.C:
			return []json.RawMessage{}, nil
		case <-changed:
		}
	}
}

// beginPoll confirms by offset, takes over from an older poll and remembers which kinds are wanted.
func (s *Server) beginPoll(p params) (*poll, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.updates.webhook != nil {
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	if p.text("allowed_updates") != "" {
		var allowed []string
		if err := p.read("allowed_updates", &allowed); err != nil {
			return nil, err
		}
		s.updates.allowed = allowed
	}
	mine := s.pollFrom(p)
	if mine.offset < 0 {
		keep := min(int(-mine.offset), len(s.updates.waiting))
		s.updates.waiting = s.updates.waiting[len(s.updates.waiting)-keep:]
	} else {
		s.confirm(mine.offset)
	}
	s.updates.poll.end("terminated by other getUpdates request; make sure that only one bot instance is running")
	s.updates.poll = mine
	s.touch()
	return mine, nil
}

// pollFrom reads what is asked for, and gives less of it to a bot that asks the same again in a hurry.
func (s *Server) pollFrom(p params) *poll {
	mine := &poll{
		offset: p.number("offset"), limit: int(p.number("limit")), timeout: min(time.Duration(p.number("timeout"))*time.Second, maxPoll),
		began: s.options.Real(), ended: make(chan struct{}),
	}
	if mine.limit < 1 || mine.limit > 100 {
		mine.limit = 100
	}
	last := s.updates.poll
	if last == nil || last.offset != mine.offset {
		return mine
	}
	since := mine.began.Sub(last.began)
	if since < eager {
		mine.timeout = max(mine.timeout, eager)
	}
	if since < hurry {
		mine.limit = 1
	}
	return mine
}

// batch is what waits, as far as one reply goes. The lock is held.
func (s *Server) batch(limit int) []json.RawMessage {
	s.expire()
	var out []json.RawMessage
	size := 0
	for _, u := range s.updates.waiting[:min(limit, len(s.updates.waiting))] {
		if size += len(u.body); size > maxReply && len(out) > 0 {
			break
		}
		out = append(out, u.body)
	}
	return out
}
