package simulator

import (
	"slices"
	"time"
)

// Message is one bubble of a chat as its phone shows it.
type Message struct {
	ID        int        `json:"id"`
	FromBot   bool       `json:"from_bot"`
	Text      string     `json:"text"` // without markup; the caption of a file
	HTML      string     `json:"html"` // safe markup of the few tags that Telegram knows
	Buttons   [][]Button `json:"buttons,omitempty"`
	Contact   string     `json:"contact,omitempty"` // label of the button that shares the own number, while it is there
	Protected bool       `json:"protected,omitempty"`
	Edited    bool       `json:"edited,omitempty"`
	Date      time.Time  `json:"date"`
	EditDate  time.Time  `json:"-"`
	File      string     `json:"file,omitempty"` // name of a photo or document
	FileID    string     `json:"file_id,omitempty"`
	Photo     bool       `json:"photo,omitempty"` // it is shown, not only named

	markup string // keyboard as JSON, to know an edit that changes nothing
	raw    string // text with markup as it was sent

	hasReply bool // a reply keyboard came with it, so it cannot be edited
}

// Button is one button under a message.
type Button struct {
	Text  string `json:"text"`
	Data  string `json:"callback_data,omitempty"`
	URL   string `json:"url,omitempty"`
	Copy  string `json:"copy,omitempty"`
	Style string `json:"style,omitempty"`
}

// Toast is the answer to a tap.
type Toast struct {
	Text      string    `json:"text"`
	Alert     bool      `json:"alert"`
	MessageID int       `json:"message_id"`
	UpdateID  int64     `json:"update_id"`
	At        time.Time `json:"at"`
}

// Chat is what a person's phone shows, oldest first.
func (s *Server) Chat(user int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[user]
	if !ok {
		return nil
	}
	list := make([]Message, 0, len(c.messages))
	for _, m := range c.messages {
		list = append(list, *m)
	}
	return list
}

// Toasts are the answers to a person's taps, oldest first.
func (s *Server) Toasts(user int64) []Toast {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.chats[user]; ok {
		return slices.Clone(c.toasts)
	}
	return nil
}

// replaceKeyboard opens the reply keyboard that a message of the bot carries, or takes the old one away. A chat has one.
func (c *chat) replaceKeyboard(m *Message, reply *replyMarkup) {
	for _, old := range c.messages {
		old.Contact = ""
	}
	m.hasReply = len(reply.Reply) > 0
	for _, row := range reply.Reply {
		for _, b := range row {
			if b.Contact {
				m.Contact = b.Text
			}
		}
	}
}

// add puts a message into a chat and gives it its number.
func (c *chat) add(m *Message) *Message {
	m.ID = c.next
	c.next++
	c.messages = append(c.messages, m)
	if len(c.messages) > maxMessages {
		c.messages = slices.Delete(c.messages, 0, len(c.messages)-maxMessages)
	}
	return m
}

func (c *chat) message(id int) *Message {
	for _, m := range c.messages {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func (c *chat) remove(id int) {
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m.ID == id })
}
