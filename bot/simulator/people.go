package simulator

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// What people do. Each returns the number of the update that it makes.

var commandForm = regexp.MustCompile(`/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]+)?`)

// Type sends a text, with the entities that the Telegram app would find in it.
func (s *Server) Type(user int64, text string) int64 {
	return s.write(user, user, &Message{Text: text, HTML: escape(text)}, map[string]any{"text": text, "entities": commandsIn(text)})
}

func commandsIn(text string) []map[string]any {
	found := []map[string]any{}
	for _, at := range commandForm.FindAllStringIndex(text, -1) {
		if at[0] > 0 && !strings.ContainsAny(text[at[0]-1:at[0]], " \n\t") {
			continue
		}
		found = append(found, map[string]any{"type": "bot_command", "offset": units(text[:at[0]]), "length": units(text[at[0]:at[1]])})
	}
	return found
}

// write puts a message of a person into a chat and delivers it with more fields.
func (s *Server) write(user, chatID int64, m *Message, fields map[string]any) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.phone(user)
	if !ok {
		return 0
	}
	c := s.chatOf(chatID)
	c.started = true
	if c.blocked && !c.group { // his app unblocks it first
		s.changeMember(p, c, false)
	}
	m.Date = s.options.Now()
	c.add(m)
	object := map[string]any{"message_id": m.ID, "date": m.Date.Unix(), "chat": s.chatObject(c), "from": userObject(p)}
	for name, value := range fields {
		object[name] = value
	}
	return s.deliver(chatID, "message", object)
}

// ErrNoButton is returned when nobody sees such a button.
var ErrNoButton = errors.New("no such button")

// Tap taps a button under a message. data may be what no button carries.
func (s *Server) Tap(user int64, messageID int, data string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.phone(user)
	if !ok {
		return 0, fmt.Errorf("tap: nobody has the number %d", user)
	}
	c := s.chatOf(user)
	m := c.message(messageID)
	if m == nil || !m.FromBot {
		return 0, fmt.Errorf("tap: message %d: %w", messageID, ErrNoButton)
	}
	c.started = true
	id := s.ask(user, messageID, s.updates.last+1)
	return s.deliver(user, "callback_query", map[string]any{
		"id": id, "from": userObject(p), "chat_instance": "1", "data": data, "message": s.asTelegram(c, m),
	}), nil
}

// TapLabel taps the button whose label contains the text, under the newest message that has one.
func (s *Server) TapLabel(user int64, label string) (int64, error) {
	message, data, err := s.find(user, label)
	if err != nil {
		return 0, err
	}
	return s.Tap(user, message, data)
}

func (s *Server) find(user int64, label string) (int, string, error) {
	chat := s.Chat(user)
	for i := len(chat) - 1; i >= 0; i-- {
		for _, row := range chat[i].Buttons {
			for _, b := range row {
				if b.Data != "" && strings.Contains(b.Text, label) {
					return chat[i].ID, b.Data, nil
				}
			}
		}
	}
	return 0, "", fmt.Errorf("tap %q: %w", label, ErrNoButton)
}

// ShareContact sends a phone number; it is the person's own when contactUserID is his.
func (s *Server) ShareContact(user int64, phone string, contactUserID int64) int64 {
	contact := map[string]any{"phone_number": phone, "first_name": "Kontak", "user_id": contactUserID}
	return s.write(user, user, &Message{Text: "📱 " + phone, HTML: escape("📱 " + phone)}, map[string]any{"contact": contact})
}

// SendSticker sends something that has no use in most bots.
func (s *Server) SendSticker(user int64) int64 {
	sticker := map[string]any{"file_id": "s", "file_unique_id": "s", "width": 512, "height": 512, "type": "regular", "is_animated": false, "is_video": false}
	return s.write(user, user, &Message{Text: "🙂", HTML: "🙂"}, map[string]any{"sticker": sticker})
}

// SendPhoto sends a picture.
func (s *Server) SendPhoto(user int64) int64 { return s.SendPicture(user, []byte("picture"), "", "") }

// SendPicture sends a picture with what is written under it; the pictures of one album come together.
func (s *Server) SendPicture(user int64, content []byte, caption, album string) int64 {
	id := s.storeFile(photoFile, "foto.jpg", content)
	s.mu.Lock()
	photo := s.photoObject(id)
	s.mu.Unlock()
	return s.write(user, user, &Message{File: "foto.jpg", FileID: id, Photo: true, Text: caption, HTML: escape(caption)}, withCaption(map[string]any{"photo": photo}, caption, album))
}

func withCaption(fields map[string]any, caption, album string) map[string]any {
	if caption != "" {
		fields["caption"] = caption
	}
	if album != "" {
		fields["media_group_id"] = album
	}
	return fields
}

// ForgetFiles lets Telegram have none of the files any more that were sent so far.
func (s *Server) ForgetFiles() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.files)
}

// SendVoice sends a voice note.
func (s *Server) SendVoice(user int64) int64 {
	voice := map[string]any{"file_id": "v", "file_unique_id": "v", "duration": 3}
	return s.write(user, user, &Message{Text: "🎤", HTML: "🎤"}, map[string]any{"voice": voice})
}

// SendDocument sends a file, which the bot can fetch by getFile.
func (s *Server) SendDocument(user int64, name string, content []byte) int64 {
	return s.SendDocumentWith(user, name, content, "")
}

// SendDocumentWith is SendDocument with what is written under it.
func (s *Server) SendDocumentWith(user int64, name string, content []byte, caption string) int64 {
	id := s.storeFile(documentFile, name, content)
	document := map[string]any{"file_id": id, "file_unique_id": id, "file_name": name, "file_size": len(content)}
	return s.write(user, user, &Message{File: name, FileID: id, Text: caption, HTML: escape(caption)}, withCaption(map[string]any{"document": document}, caption, ""))
}

// EditText changes a message that the person sent.
func (s *Server) EditText(user int64, messageID int, text string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.phone(user)
	c := s.chatOf(user)
	m := c.message(messageID)
	if !ok || m == nil || m.FromBot {
		return 0
	}
	m.Text, m.HTML, m.Edited = text, escape(text), true
	return s.deliver(user, "edited_message", map[string]any{
		"message_id": m.ID, "date": m.Date.Unix(), "edit_date": s.options.Now().Unix(), "chat": s.chatObject(c), "from": userObject(p), "text": text,
	})
}

// InGroup writes in a group of which the bot is a member.
func (s *Server) InGroup(user, groupID int64, text string) int64 {
	s.mu.Lock()
	c := s.chatOf(groupID)
	c.group, c.started = true, true
	s.mu.Unlock()
	return s.write(user, groupID, &Message{Text: text, HTML: escape(text)}, map[string]any{"text": text, "entities": commandsIn(text)})
}

// Block lets a person block the bot: it is told, and every call about his chat answers 403 until he unblocks it or writes again.
func (s *Server) Block(user int64) { s.setBlocked(user, true) }

// Unblock undoes Block.
func (s *Server) Unblock(user int64) { s.setBlocked(user, false) }

func (s *Server) setBlocked(user int64, blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.phone(user); ok && s.chatOf(user).blocked != blocked {
		s.changeMember(p, s.chatOf(user), blocked)
	}
	s.touch()
}

// changeMember blocks or unblocks the bot in a private chat, and tells it. The lock is held.
func (s *Server) changeMember(p Phone, c *chat, blocked bool) {
	c.blocked = blocked
	was, is := "kicked", "member"
	if blocked {
		was, is = is, was
	}
	s.deliver(c.id, "my_chat_member", map[string]any{
		"chat": s.chatObject(c), "from": userObject(p), "date": s.options.Now().Unix(),
		"old_chat_member": map[string]any{"user": s.botUser(), "status": was, "until_date": 0},
		"new_chat_member": map[string]any{"user": s.botUser(), "status": is, "until_date": 0},
	})
}

// Welcome lets a person have started the bot at some time before, so that the bot may write to him first.
func (s *Server) Welcome(user int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chatOf(user).started = true
}
