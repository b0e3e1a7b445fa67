package simulator

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	maxText    = 4096
	maxCaption = 1024

	deleteWithin = 48 * time.Hour
)

type file struct {
	kind    string // as Telegram names it
	name    string // of a document
	content []byte
}

// The kinds of file. An id of one is no id of the other.
const (
	photoFile    = "Photo"
	documentFile = "Document"
)

func kindFor(field string) string {
	if field == "photo" {
		return photoFile
	}
	return documentFile
}

// target finds the chat of a call and whether the bot may write there. The lock is held.
func (s *Server) target(p params) (*chat, error) {
	id := p.number("chat_id")
	c, ok := s.chats[id]
	switch {
	case !ok:
		return nil, badRequest("chat not found")
	case c.blocked:
		return nil, &apiError{code: http.StatusForbidden, words: "Forbidden: bot was blocked by the user"}
	case !c.started:
		return nil, &apiError{code: http.StatusForbidden, words: "Forbidden: bot can't initiate conversation with a user"}
	}
	return c, nil
}

func (s *Server) sendMessage(_ *http.Request, p params) (any, error) {
	plain, safe, err := rendered(p, "text", maxText, "message text is empty", "message is too long")
	if err != nil {
		return nil, err
	}
	return s.send(p, &Message{Text: plain, HTML: safe, raw: p.text("text")})
}

func (s *Server) sendPhoto(_ *http.Request, p params) (any, error) {
	return s.sendFile(p, "photo", 10<<20)
}

func (s *Server) sendDocument(_ *http.Request, p params) (any, error) {
	return s.sendFile(p, "document", maxBody)
}

func (s *Server) sendFile(p params, field string, limit int64) (any, error) {
	plain, safe, err := rendered(p, "caption", maxCaption, "", "message caption is too long")
	if err != nil {
		return nil, err
	}
	name, id, err := s.keepFile(p, field, limit)
	if err != nil {
		return nil, err
	}
	return s.send(p, &Message{Text: plain, HTML: safe, raw: p.text("caption"), File: name, FileID: id, Photo: kindFor(field) == photoFile})
}

// keepFile stores an upload, or finds one that was stored before by its id.
func (s *Server) keepFile(p params, field string, limit int64) (name, id string, err error) {
	header, ok := p.files[field]
	if !ok {
		if attached, found := strings.CutPrefix(p.text(field), "attach://"); found {
			header, ok = p.files[attached]
		}
	}
	if !ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		kept, known := s.files[p.text(field)]
		if !known {
			return "", "", badRequest("wrong remote file identifier specified: can't unserialize it. Wrong last symbol")
		}
		if field != "media" && kept.kind != kindFor(field) {
			return "", "", badRequest("can't use file of type " + kept.kind + " as " + kindFor(field))
		}
		return kept.name, p.text(field), nil
	}
	if header.Size > limit {
		return "", "", &apiError{code: http.StatusRequestEntityTooLarge, words: "Request Entity Too Large"}
	}
	if header.Size == 0 {
		return "", "", badRequest("file must be non-empty")
	}
	reader, err := header.Open()
	if err != nil {
		return "", "", fmt.Errorf("open upload: %w", err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		return "", "", fmt.Errorf("read upload: %w", err)
	}
	return header.Filename, s.storeFile(kindFor(field), header.Filename, content), nil
}

func (s *Server) storeFile(kind, name string, content []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastFile++
	id := fmt.Sprintf("file-%d", s.lastFile)
	s.files[id] = file{kind: kind, name: name, content: content}
	return id
}

func (s *Server) sendMediaGroup(_ *http.Request, p params) (any, error) {
	var media []struct {
		Type    string `json:"type"`
		Media   string `json:"media"`
		Caption string `json:"caption"`
	}
	if err := p.read("media", &media); err != nil {
		return nil, err
	}
	if len(media) < 2 || len(media) > 10 {
		return nil, badRequest("number of media must be between 2 and 10")
	}
	var sent []any
	for _, m := range media {
		one := params{values: map[string]string{"chat_id": p.text("chat_id"), "media": m.Media, "caption": m.Caption}, files: p.files}
		message, err := s.sendFile(one, "media", maxBody)
		if err != nil {
			return nil, err
		}
		sent = append(sent, message)
	}
	return sent, nil
}

// send puts a message of the bot into its chat.
func (s *Server) send(p params, m *Message) (any, error) {
	rows, reply, canonical, err := readMarkup(p)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.target(p)
	if err != nil {
		return nil, err
	}
	if to := p.number("reply_to_message_id"); to != 0 && c.message(int(to)) == nil {
		return nil, badRequest("message to be replied not found")
	}
	if err := s.pace(c); err != nil {
		return nil, err
	}
	m.FromBot, m.Date, m.Buttons, m.markup, m.Protected = true, s.options.Now(), rows, canonical, p.flag("protect_content")
	if reply != nil {
		c.replaceKeyboard(m, reply)
	}
	c.add(m)
	s.touch()
	return s.asTelegram(c, m), nil
}

// asTelegram is a message as the Bot API writes it.
func (s *Server) asTelegram(c *chat, m *Message) map[string]any {
	out := map[string]any{"message_id": m.ID, "date": m.Date.Unix(), "chat": s.chatObject(c)}
	if m.Edited {
		out["edit_date"] = m.EditDate.Unix()
	}
	if m.FromBot {
		out["from"] = s.botUser()
	} else if p, ok := s.phone(c.id); ok {
		out["from"] = userObject(p)
	}
	switch {
	case m.Photo:
		out["photo"], out["caption"] = s.photoObject(m.FileID), m.Text
	case m.File != "":
		out["document"] = map[string]any{"file_id": m.FileID, "file_unique_id": m.FileID, "file_name": m.File, "file_size": len(s.files[m.FileID].content)}
		out["caption"] = m.Text
	default:
		out["text"] = m.Text
	}
	if m.markup != "" {
		out["reply_markup"] = map[string]any{"inline_keyboard": inlineObject(m.Buttons)}
	}
	if m.Protected {
		out["has_protected_content"] = true
	}
	return out
}

// photoObject is a picture in its sizes, each with an id of its own; all of them are good for sending it again.
func (s *Server) photoObject(id string) []map[string]any {
	size := len(s.files[id].content)
	return []map[string]any{{"file_id": id + "-small", "file_unique_id": id + "s", "width": 90, "height": 60, "file_size": size / 10},
		{"file_id": id, "file_unique_id": id, "width": 900, "height": 600, "file_size": size}}
}

func inlineObject(rows [][]Button) [][]map[string]any {
	var out [][]map[string]any
	for _, row := range rows {
		var buttons []map[string]any
		for _, b := range row {
			one := map[string]any{"text": b.Text}
			switch {
			case b.Data != "":
				one["callback_data"] = b.Data
			case b.URL != "":
				one["url"] = b.URL
			default:
				one["copy_text"] = map[string]any{"text": b.Copy}
			}
			buttons = append(buttons, one)
		}
		out = append(out, buttons)
	}
	return out
}

func (s *Server) chatObject(c *chat) map[string]any {
	if c.group {
		return map[string]any{"id": c.id, "type": "supergroup", "title": "Grup"}
	}
	p, _ := s.phone(c.id)
	return map[string]any{"id": c.id, "type": "private", "first_name": p.Name, "username": p.Username}
}

func userObject(p Phone) map[string]any {
	return map[string]any{"id": p.ID, "is_bot": false, "first_name": p.Name, "username": p.Username, "language_code": p.Language}
}

func (s *Server) getFile(_ *http.Request, p params) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := p.text("file_id")
	f, ok := s.files[id]
	if !ok {
		return nil, badRequest("invalid file_id")
	}
	if len(f.content) > 20<<20 {
		return nil, badRequest("file is too big")
	}
	return map[string]any{"file_id": id, "file_unique_id": id, "file_size": len(f.content), "file_path": "documents/" + id}, nil
}

func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	token, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/file/bot"), "/")
	s.mu.Lock()
	f, ok := s.files[strings.TrimPrefix(path, "documents/")]
	s.mu.Unlock()
	if token != s.options.Token || !ok {
		http.NotFound(w, r)
		return
	}
	if _, err := w.Write(f.content); err != nil {
		return // the bot has gone
	}
}
