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
	poll     chan struct{} // closed when another getUpdates takes over
	webhook  *webhook
	lastErr  string
	lastErrT time.Time
}

type update struct {
	id   int64
	chat int64
	kind string
	body json.RawMessage
}

// maxSeen is how many confirmed updates are kept for Redeliver.
const maxSeen = 2000

func newUpdates() updates { return updates{last: 900000, seen: map[int64]update{}} }

// webhook is where updates are delivered.
type webhook struct {
	url, secret string
	connections int
	slots       chan struct{}
	busy        map[int64]bool // chats with a delivery under way
	stop        context.CancelFunc
	life        context.Context
}

// deliver queues an update of a chat for the bot and returns its number. The lock is held.
func (s *Server) deliver(chat int64, kind string, object any) int64 {
	s.updates.last++
	return s.enqueue(update{id: s.updates.last, chat: chat, kind: kind, body: marshal(map[string]any{"update_id": s.updates.last, kind: object})})
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
	return len(s.updates.waiting)
}

func conflict(words string) error {
	return &apiError{code: http.StatusConflict, words: "Conflict: " + words}
}

// maxPoll is the longest that a poll is held open.
const maxPoll = 50 * time.Second

func (s *Server) getUpdates(r *http.Request, p params) (any, error) {
	mine, err := s.beginPoll(p)
	if err != nil {
		return nil, err
	}
	timeout := time.NewTimer(min(time.Duration(p.number("timeout"))*time.Second, maxPoll))
	defer timeout.Stop()
	for {
		s.mu.Lock()
		batch, changed := s.batch(p), s.changed
		s.mu.Unlock()
		if len(batch) > 0 {
			return batch, nil
		}
		select {
		case <-mine:
			return nil, conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
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
func (s *Server) beginPoll(p params) (chan struct{}, error) {
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
	offset := p.number("offset")
	if offset < 0 {
		keep := min(int(-offset), len(s.updates.waiting))
		s.updates.waiting = s.updates.waiting[len(s.updates.waiting)-keep:]
	} else {
		s.confirm(offset)
	}
	if s.updates.poll != nil {
		close(s.updates.poll)
	}
	s.updates.poll = make(chan struct{})
	s.touch()
	return s.updates.poll, nil
}

func (s *Server) batch(p params) []json.RawMessage {
	limit := int(p.number("limit"))
	if limit < 1 || limit > 100 {
		limit = 100
	}
	var out []json.RawMessage
	for _, u := range s.updates.waiting[:min(limit, len(s.updates.waiting))] {
		out = append(out, u.body)
	}
	return out
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
	life, stop := context.WithCancel(s.life)
	s.updates.allowed = allowed
	s.updates.webhook = &webhook{url: address, secret: p.text("secret_token"), connections: connections, slots: make(chan struct{}, connections), busy: map[int64]bool{}, stop: stop, life: life}
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
	info := map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": len(s.updates.waiting)}
	if w := s.updates.webhook; w != nil {
		info["url"], info["max_connections"] = w.url, w.connections
	}
	if s.updates.lastErr != "" {
		info["last_error_message"], info["last_error_date"] = s.updates.lastErr, s.updates.lastErrT.Unix()
	}
	return info, nil
}

// push starts a delivery for every chat that has an update waiting and none under way. The lock is held.
func (s *Server) push() {
	w := s.updates.webhook
	if w == nil || s.life.Err() != nil {
		return
	}
	for _, u := range s.updates.waiting {
		if !w.busy[u.chat] {
			w.busy[u.chat] = true
			s.work.Go(func() { s.deliverChat(w, u.chat) })
		}
	}
}

// deliverChat delivers what one chat has, in order, each until it is taken.
func (s *Server) deliverChat(w *webhook, chat int64) {
	for pause := s.options.WebhookRetry; ; {
		u, ok := s.nextOf(w, chat)
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

func (s *Server) nextOf(w *webhook, chat int64) (update, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.life.Err() == nil {
		for _, u := range s.updates.waiting {
			if u.chat == chat {
				return u, true
			}
		}
	}
	delete(w.busy, chat)
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
