package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// updates is what waits to be delivered to the bot, and how.
type updates struct {
	last     int64
	waiting  []update // not confirmed, in order
	seen     map[int64]update
	order    []int64 // of seen
	allowed  []string
	poll     *poll // the last one
	webhook  *webhook
	lastErr  string
	lastErrT time.Time
}

type update struct {
	id    int64
	queue queue
	kind  string
	body  json.RawMessage
	until time.Time // after that it is gone
}

// queue is what a webhook is given in order: the messages of a chat, edited ones among them; or the taps of a person; or whatever else of a chat.
// Queues do not wait for each other, so a text may overtake a tap.
type queue struct {
	of   int64
	kind string
}

const (
	messageLife = 24 * time.Hour
	tapLife     = 150 * time.Second
)

// maxSeen is how many confirmed updates are kept for Redeliver.
const maxSeen = 2000

func newUpdates() updates { return updates{last: 900000, seen: map[int64]update{}} }

// webhook is where updates are delivered.
type webhook struct {
	url, secret string
	connections int
	slots       chan struct{}
	busy        map[queue]bool // with a delivery under way
	stop        context.CancelFunc
	life        context.Context
}

// deliver queues an update for the bot and returns its number. of is the chat, or for a tap the person. The lock is held.
func (s *Server) deliver(of int64, kind string, object any) int64 {
	s.updates.last++
	u := update{
		id: s.updates.last, queue: queue{of, kind}, kind: kind, until: s.options.Real().Add(messageLife),
		body: marshal(map[string]any{"update_id": s.updates.last, kind: object}),
	}
	switch kind {
	case "edited_message":
		u.queue.kind = "message"
	case "callback_query":
		u.until = s.options.Real().Add(tapLife)
	}
	return s.enqueue(u)
}

func marshal(v any) json.RawMessage {
	body, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("{}") // maps of plain values always marshal
	}
	return body
}

func (s *Server) enqueue(u update) int64 {
	if len(s.updates.allowed) > 0 && !slices.Contains(s.updates.allowed, u.kind) {
		return u.id
	}
	s.updates.waiting = append(s.updates.waiting, u)
	s.touch()
	s.push()
	return u.id
}

// confirm forgets updates below an offset. The lock is held.
func (s *Server) confirm(below int64) {
	s.updates.waiting = slices.DeleteFunc(s.updates.waiting, func(u update) bool {
		if u.id < below {
			s.remember(u)
			return true
		}
		return false
	})
}

// expire drops updates that were not taken in time. The lock is held.
func (s *Server) expire() {
	now := s.options.Real()
	s.updates.waiting = slices.DeleteFunc(s.updates.waiting, func(u update) bool { return now.After(u.until) })
}

func (s *Server) remember(u update) {
	s.updates.seen[u.id] = u
	s.updates.order = append(s.updates.order, u.id)
	if len(s.updates.order) > maxSeen {
		delete(s.updates.seen, s.updates.order[0])
		s.updates.order = s.updates.order[1:]
	}
}

// Redeliver delivers an update a second time, as Telegram does when it does not learn that the first time succeeded.
func (s *Server) Redeliver(updateID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, ok := s.updates.seen[updateID]; ok {
		s.updates.waiting = append([]update{u}, s.updates.waiting...)
		s.touch()
		s.push()
	}
}

// Pending is how many updates are not confirmed.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	return len(s.updates.waiting)
}

// PendingFrom is how many of them are a private chat's or a person's own.
func (s *Server) PendingFrom(user int64) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	for _, u := range s.updates.waiting {
		if u.queue.of == user {
			n++
		}
	}
	return n
}

func (s *Server) setWebhook(_ *http.Request, p params) (any, error) {
	address := p.text("url")
	if address == "" {
		return s.deleteWebhook(nil, p)
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && !onLoopback(u)) {
		return nil, badRequest("bad webhook: An HTTPS URL must be provided for webhook")
	}
	var allowed []string
	if err := p.read("allowed_updates", &allowed); err != nil {
		return nil, err
	}
	connections := int(p.number("max_connections"))
	if connections < 1 || connections > 100 {
		connections = 40
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropWebhook()
	s.updates.poll.end("terminated by setWebhook request")
	life, stop := context.WithCancel(s.life)
	s.updates.allowed = allowed
	s.updates.lastErr = ""
	s.updates.webhook = &webhook{
		url: address, secret: p.text("secret_token"), connections: connections, slots: make(chan struct{}, connections),
		busy: map[queue]bool{}, stop: stop, life: life,
	}
	if p.flag("drop_pending_updates") {
		s.updates.waiting = nil
	}
	s.push()
	return true, nil
}

func onLoopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Server) deleteWebhook(_ *http.Request, p params) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropWebhook()
	if p.flag("drop_pending_updates") {
		s.updates.waiting = nil
	}
	return true, nil
}

func (s *Server) dropWebhook() {
	if s.updates.webhook != nil {
		s.updates.webhook.stop()
		s.updates.webhook = nil
	}
}

func (s *Server) getWebhookInfo(*http.Request, params) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	info := map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": len(s.updates.waiting)}
	if w := s.updates.webhook; w != nil {
		info["url"], info["max_connections"] = w.url, w.connections
		if len(s.updates.allowed) > 0 {
			info["allowed_updates"] = s.updates.allowed
		}
	}
	if s.updates.lastErr != "" {
		info["last_error_message"], info["last_error_date"] = s.updates.lastErr, s.updates.lastErrT.Unix()
	}
	return info, nil
}

// push starts a delivery for every queue that has an update waiting and none under way. The lock is held.
func (s *Server) push() {
	w := s.updates.webhook
	if w == nil || s.life.Err() != nil {
		return
	}
	for _, u := range s.updates.waiting {
		if !w.busy[u.queue] {
			w.busy[u.queue] = true
			s.work.Go(func() { s.deliverQueue(w, u.queue) })
		}
	}
}

// deliverQueue delivers what one queue has, in order, each until it is taken or gone.
func (s *Server) deliverQueue(w *webhook, q queue) {
	for pause := s.options.WebhookRetry; ; {
		u, ok := s.nextOf(w, q)
		if !ok {
			return
		}
		select {
		case w.slots <- struct{}{}:
		case <-w.life.Done():
			return
		}
		problem := post(w, u)
		<-w.slots
		if problem == "" {
			pause = s.options.WebhookRetry
			s.taken(u)
			continue
		}
		s.mu.Lock()
		s.updates.lastErr, s.updates.lastErrT = problem, s.options.Now()
		s.mu.Unlock()
		timer := time.NewTimer(pause)
		select {
		case <-w.life.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		pause = min(2*pause, 20*s.options.WebhookRetry)
	}
}

func (s *Server) nextOf(w *webhook, q queue) (update, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.life.Err() == nil {
		s.expire()
		for _, u := range s.updates.waiting {
			if u.queue == q {
				return u, true
			}
		}
	}
	delete(w.busy, q)
	return update{}, false
}

func (s *Server) taken(u update) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, waiting := range s.updates.waiting {
		if waiting.id == u.id {
			s.updates.waiting = slices.Delete(s.updates.waiting, i, i+1)
			break
		}
	}
	s.remember(u)
	s.touch()
}

// post delivers one update; "" when the bot took it.
func post(w *webhook, u update) string {
	ctx, cancel := context.WithTimeout(w.life, time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(u.body))
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Content-Type", "application/json")
	if w.secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", w.secret)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return "Connection failed: " + strings.ReplaceAll(err.Error(), w.url, "webhook")
	}
	if err := response.Body.Close(); err != nil {
		return err.Error()
	}
	if response.StatusCode/100 != 2 {
		return "Wrong response from the webhook: " + response.Status
	}
	return ""
}
