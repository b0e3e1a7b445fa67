package simulator

import (
	"net/http"
	"strconv"
	"time"
)

const notModified = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"

// edit finds the bot's message that a call is about and changes it.
func (s *Server) edit(p params, change func(m *Message) error) (any, error) {
	rows, _, canonical, err := readMarkup(p)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.target(p)
	if err != nil {
		return nil, err
	}
	m := c.message(int(p.number("message_id")))
	if m == nil {
		return nil, badRequest("message to edit not found")
	}
	if !m.FromBot || m.hasReply {
		return nil, badRequest("message can't be edited")
	}
	if err := s.pace(c); err != nil {
		return nil, err
	}
	before := *m
	if err := change(m); err != nil {
		*m = before
		return nil, err
	}
	m.Buttons, m.markup = rows, canonical
	if m.raw == before.raw && m.Text == before.Text && m.markup == before.markup && m.FileID == before.FileID {
		return nil, badRequest(notModified)
	}
	m.Edited, m.EditDate = true, s.options.Now()
	s.touch()
	return s.asTelegram(c, m), nil
}

func (s *Server) editText(_ *http.Request, p params) (any, error) {
	plain, safe, err := rendered(p, "text", maxText, "message text is empty", "message is too long")
	if err != nil {
		return nil, err
	}
	return s.edit(p, func(m *Message) error {
		if m.File != "" {
			return badRequest("there is no text in the message to edit")
		}
		m.Text, m.HTML, m.raw = plain, safe, p.text("text")
		return nil
	})
}

func (s *Server) editCaption(_ *http.Request, p params) (any, error) {
	plain, safe, err := rendered(p, "caption", maxCaption, "", "message caption is too long")
	if err != nil {
		return nil, err
	}
	return s.edit(p, func(m *Message) error {
		if m.File == "" {
			return badRequest("there is no caption in the message to edit")
		}
		m.Text, m.HTML, m.raw = plain, safe, p.text("caption")
		return nil
	})
}

func (s *Server) editMedia(_ *http.Request, p params) (any, error) {
	var media struct {
		Media   string `json:"media"`
		Caption string `json:"caption"`
	}
	if err := p.read("media", &media); err != nil {
		return nil, err
	}
	p.values["media"], p.values["caption"] = media.Media, media.Caption
	plain, safe, err := rendered(p, "caption", maxCaption, "", "message caption is too long")
	if err != nil {
		return nil, err
	}
	name, id, err := s.keepFile(p, "media", maxBody)
	if err != nil {
		return nil, err
	}
	return s.edit(p, func(m *Message) error {
		m.File, m.FileID, m.Text, m.HTML, m.raw = name, id, plain, safe, media.Caption
		return nil
	})
}

func (s *Server) editMarkup(_ *http.Request, p params) (any, error) {
	return s.edit(p, func(*Message) error { return nil })
}

func (s *Server) deleteMessage(_ *http.Request, p params) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.target(p)
	if err != nil {
		return nil, err
	}
	m := c.message(int(p.number("message_id")))
	if m == nil {
		return nil, badRequest("message to delete not found")
	}
	if s.options.Now().Sub(m.Date) > deleteWithin {
		return nil, badRequest("message can't be deleted")
	}
	c.remove(m.ID)
	s.touch()
	return true, nil
}

// deleteMessages skips what is not there, as Telegram does.
func (s *Server) deleteMessages(_ *http.Request, p params) (any, error) {
	var ids []int
	if err := p.read("message_ids", &ids); err != nil {
		return nil, err
	}
	if len(ids) < 1 || len(ids) > 100 {
		return nil, badRequest("message identifiers must be between 1 and 100")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.target(p)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		c.remove(id)
	}
	s.touch()
	return true, nil
}

// query is a tap that waits for its answer.
type query struct {
	user    int64
	message int
	update  int64
	at      time.Time
}

const (
	maxToast    = 200
	answerLimit = 15 * time.Second
	// maxQueries bounds the memory for taps that were never answered.
	maxQueries = 10000
)

const tooOld = "query is too old and response timeout expired or query ID is invalid"

func (s *Server) answerQuery(_ *http.Request, p params) (any, error) {
	if units(p.text("text")) > maxToast {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := p.text("callback_query_id")
	q, ok := s.queries[id]
	delete(s.queries, id)
	if !ok || time.Since(q.at) > answerLimit {
		return nil, badRequest(tooOld)
	}
	c := s.chatOf(q.user)
	c.toasts = append(c.toasts, Toast{Text: p.text("text"), Alert: p.flag("show_alert"), MessageID: q.message, UpdateID: q.update, At: s.options.Now()})
	if len(c.toasts) > maxMessages {
		c.toasts = c.toasts[1:]
	}
	s.touch()
	return true, nil
}

// ask notes a tap and returns the number under which it is answered. The lock is held.
func (s *Server) ask(user int64, message int, update int64) string {
	if len(s.queries) >= maxQueries {
		clear(s.queries)
	}
	id := strconv.FormatInt(update, 10) + "77"
	s.queries[id] = &query{user: user, message: message, update: update, at: time.Now()}
	return id
}

func (s *Server) chatAction(_ *http.Request, p params) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.target(p)
	if err != nil {
		return nil, err
	}
	c.typing = time.Now()
	s.touch()
	return true, nil
}
