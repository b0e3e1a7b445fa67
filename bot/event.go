package bot

import (
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"

	"kinerja/flows"
)

// AllowedUpdates is what Telegram is asked to deliver.
func AllowedUpdates() []string {
	return []string{models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage, models.AllowedUpdateCallbackQuery, models.AllowedUpdateMyChatMember}
}

// eventOf frees an update of Telegram's types. ours is false for what has no place here and is confirmed unread:
// other kinds of update, what Telegram itself notes in a chat, other bots' commands, whatever a group does not address to this bot.
// query is the tap to answer; "" for none. botName, in lower case, may be "" while not known.
func eventOf(u *models.Update, botName string) (ev flows.Event, query string, ours bool) {
	switch {
	case u.CallbackQuery != nil:
		return tapOf(u)
	case u.Message != nil:
		ev, ours = messageOf(u.ID, u.Message, botName)
	case u.EditedMessage != nil:
		ev, ours = messageOf(u.ID, u.EditedMessage, botName)
		ev.Kind = flows.Edited
		ours = ours && ev.Private
	}
	return ev, "", ours
}

func tapOf(u *models.Update) (flows.Event, string, bool) {
	q := u.CallbackQuery
	ev := flows.Event{UpdateID: u.ID, From: q.From.ID, Language: q.From.LanguageCode, Kind: flows.Tap, Data: q.Data}
	// A message that is too old comes without its content; its number is all that is needed.
	switch {
	case q.Message.Message != nil:
		ev.Chat, ev.Message = q.Message.Message.Chat.ID, q.Message.Message.ID
		ev.Private = q.Message.Message.Chat.Type == models.ChatTypePrivate
		ev.Shown = int64(max(q.Message.Message.Date, q.Message.Message.EditDate))
	case q.Message.InaccessibleMessage != nil:
		ev.Chat, ev.Message = q.Message.InaccessibleMessage.Chat.ID, q.Message.InaccessibleMessage.MessageID
		ev.Private = q.Message.InaccessibleMessage.Chat.Type == models.ChatTypePrivate
	default: // under a message sent through inline mode, which this bot never does
		ev.Chat, ev.Private = q.From.ID, true
	}
	return ev, q.ID, q.From.ID != 0 && !q.From.IsBot
}

func messageOf(updateID int64, m *models.Message, botName string) (flows.Event, bool) {
	if m.From == nil || m.From.IsBot || m.From.ID == 0 || isService(m) {
		return flows.Event{}, false
	}
	ev := flows.Event{
		UpdateID: updateID, From: m.From.ID, Language: m.From.LanguageCode,
		Chat: m.Chat.ID, Private: m.Chat.Type == models.ChatTypePrivate, Message: m.ID, Sent: int64(m.Date), Kind: flows.Other,
	}
	switch {
	case m.Contact != nil:
		ev.Kind, ev.Contact = flows.Contact, flows.SharedContact{Phone: international(m.Contact.PhoneNumber), UserID: m.Contact.UserID}
	case m.Document != nil:
		ev.Kind, ev.File = flows.File, uploadOf(m, m.Document.FileID, m.Document.FileName, m.Document.FileSize)
	case len(m.Photo) > 0:
		largest := m.Photo[len(m.Photo)-1] // Telegram gives the sizes in their order
		ev.Kind, ev.File = flows.Photo, uploadOf(m, largest.FileID, "", int64(largest.FileSize))
	case m.Text != "":
		ev.Kind, ev.Text = flows.Text, m.Text
		if word, rest, ok := commandIn(m); ok {
			ev, ours := asCommand(ev, word, rest, botName)
			return ev, ours && (ev.Private || addresses(m, word, botName))
		}
	}
	return ev, ev.Private // in a group only commands are meant for a bot
}

func uploadOf(m *models.Message, id, name string, size int64) flows.Upload {
	return flows.Upload{ID: id, Name: name, Size: size, Caption: m.Caption, Album: m.MediaGroupID != ""}
}

// addresses reports that a command in a group is meant for this bot: it has its name, or replies to it. One without a name may be any bot's.
func addresses(m *models.Message, word, botName string) bool {
	if botName == "" {
		return false
	}
	to := m.ReplyToMessage
	return strings.HasSuffix(strings.ToLower(word), "@"+botName) || to != nil && to.From != nil && strings.ToLower(to.From.Username) == botName
}

// isService reports that a message is Telegram's note of what happened in a private chat, such as that somebody pinned a message or set
// a timer: nobody said anything, so nobody waits for an answer. Of a kind that the library does not know yet it is false, because that
// may as well be something that a person sent.
func isService(m *models.Message) bool { //nolint:gocyclo // a list of the kinds that there are
	return m.PinnedMessage != nil || m.MessageAutoDeleteTimerChanged != nil || m.ChatBackgroundSet != nil ||
		m.WriteAccessAllowed != nil || m.ConnectedWebsite != "" || m.UsersShared != nil || m.ChatShared != nil ||
		m.SuccessfulPayment != nil || m.RefundedPayment != nil || m.PassportData != nil || m.WebAppData != nil ||
		m.Gift != nil || m.UniqueGift != nil || m.GiftUpgradeSent != nil || m.GiveawayCreated != nil || m.GiveawayCompleted != nil ||
		m.ChecklistTasksDone != nil || m.ChecklistTasksAdded != nil || m.PollOptionAdded != nil || m.PollOptionDeleted != nil ||
		m.ProximityAlertTriggered != nil || m.ForumTopicCreated != nil || m.ForumTopicEdited != nil || m.ForumTopicClosed != nil ||
		m.ForumTopicReopened != nil || m.ManagedBotCreated != nil
}

// membershipOf reads that a person blocked the bot or unblocked it, which Telegram tells of private chats only then.
func membershipOf(u *models.Update) (flows.Event, membership) {
	m := u.MyChatMember
	if m == nil || m.Chat.Type != models.ChatTypePrivate || m.From.ID == 0 || m.From.ID != m.Chat.ID {
		return flows.Event{}, unchanged
	}
	ev := flows.Event{UpdateID: u.ID, From: m.From.ID, Language: m.From.LanguageCode, Chat: m.Chat.ID, Private: true, Sent: int64(m.Date)}
	switch m.NewChatMember.Type {
	case models.ChatMemberTypeBanned:
		return ev, blocked
	case models.ChatMemberTypeMember:
		return ev, unblocked
	}
	return flows.Event{}, unchanged
}

// international writes a number of Telegram with its plus. Telegram's numbers begin with the country code, and only some of its apps write
// the plus before it; without one a Japanese 81… would be read as an Indonesian 081….
func international(phone string) string { return "+" + strings.TrimPrefix(phone, "+") }

// asCommand reads /word@bot payload. A command for another bot is not ours.
func asCommand(ev flows.Event, word, rest, botName string) (flows.Event, bool) {
	name, addressee, named := strings.Cut(strings.ToLower(word), "@")
	if named && botName != "" && addressee != botName {
		return flows.Event{}, false
	}
	ev.Kind, ev.Text, ev.Command, ev.Payload = flows.Command, "", name, strings.TrimSpace(rest)
	return ev, true
}

// commandIn finds the command at the very beginning of a message. Telegram counts entities in UTF-16 units.
func commandIn(m *models.Message) (word, rest string, ok bool) {
	for _, e := range m.Entities {
		if e.Type != models.MessageEntityTypeBotCommand || e.Offset != 0 {
			continue
		}
		text := utf16.Encode([]rune(m.Text))
		if e.Length < 2 || e.Length > len(text) {
			return "", "", false
		}
		return string(utf16.Decode(text[1:e.Length])), string(utf16.Decode(text[e.Length:])), true
	}
	return "", "", false
}
