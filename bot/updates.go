package bot

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/go-telegram/bot/models"
)

// incoming is one update as it arrived. update is nil when it cannot be read.
type incoming struct {
	id     int64
	update *models.Update
	partly bool // only who sent it, and a tap's data, could be read
}

// getUpdates fetches updates at and above offset, and so confirms all below it.
func (b *Bot) getUpdates(ctx context.Context, offset int64, limit int, wait time.Duration) ([]incoming, error) {
	ctx, cancel := context.WithTimeout(ctx, wait+15*time.Second)
	defer cancel()
	var raw []json.RawMessage
	err := b.raw(ctx, everybody, "getUpdates", map[string]any{
		"offset": offset, "limit": limit, "timeout": int(wait.Seconds()), "allowed_updates": AllowedUpdates(),
	}, &raw)
	if err != nil {
		return nil, err
	}
	updates := make([]incoming, 0, len(raw))
	for _, one := range raw {
		u, err := readUpdate(one)
		if err != nil {
			return nil, &Failure{Kind: Server, Method: "getUpdates", cause: err}
		}
		updates = append(updates, u)
	}
	return updates, nil
}

// readUpdate reads one update by itself, so that one that the library cannot read does not take its neighbours with it.
// It returns an error only when not even its number can be read.
func readUpdate(raw []byte) (incoming, error) {
	var number struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw, &number); err != nil {
		return incoming{}, err
	}
	if number.ID == 0 {
		return incoming{}, errors.New("update without number")
	}
	update := &models.Update{}
	if err := json.Unmarshal(raw, update); err != nil {
		return outlineOf(number.ID, raw), nil
	}
	return incoming{id: number.ID, update: update}, nil
}

// outline is the little of an update that is needed to answer it. What a later Telegram may write differently is left out.
type outline struct {
	Message       *messageOutline `json:"message"`
	EditedMessage *messageOutline `json:"edited_message"`
	CallbackQuery *struct {
		ID      string          `json:"id"`
		From    userOutline     `json:"from"`
		Data    string          `json:"data"`
		Message *messageOutline `json:"message"`
	} `json:"callback_query"`
}

type messageOutline struct {
	ID       int         `json:"message_id"`
	Date     int         `json:"date"`
	EditDate int         `json:"edit_date"`
	From     userOutline `json:"from"`
	Chat     struct {
		ID   int64           `json:"id"`
		Type models.ChatType `json:"type"`
	} `json:"chat"`
}

type userOutline struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	LanguageCode string `json:"language_code"`
}

func (u userOutline) user() models.User {
	return models.User{ID: u.ID, IsBot: u.IsBot, LanguageCode: u.LanguageCode}
}

// message is without content: its sender is told that it was not understood.
func (m *messageOutline) message() *models.Message {
	if m == nil {
		return nil
	}
	from := m.From.user()
	return &models.Message{ID: m.ID, Date: m.Date, EditDate: m.EditDate, From: &from, Chat: models.Chat{ID: m.Chat.ID, Type: m.Chat.Type}}
}

// outlineOf reads an update that the library cannot. A tap needs no more than its outline; a message is then one without content.
func outlineOf(id int64, raw []byte) incoming {
	var o outline
	if err := json.Unmarshal(raw, &o); err != nil || o.Message == nil && o.EditedMessage == nil && o.CallbackQuery == nil {
		return incoming{id: id}
	}
	update := &models.Update{ID: id, Message: o.Message.message(), EditedMessage: o.EditedMessage.message()}
	if q := o.CallbackQuery; q != nil {
		update.CallbackQuery = &models.CallbackQuery{ID: q.ID, From: q.From.user(), Data: q.Data, Message: models.MaybeInaccessibleMessage{Message: q.Message.message()}}
	}
	return incoming{id: id, update: update, partly: true}
}

// readable notes what could not be read of an update, and returns false when nothing is left to handle: then it is set aside, because
// it would come again the same.
func (in *Intake) readable(u incoming) bool {
	switch {
	case u.update == nil:
		in.log.Error("an update was set aside: it cannot be read", "update", u.id)
		in.metrics.update("unreadable", outcomeSetAside)
		return false
	case u.partly:
		in.log.Warn("an update could be read in part only", "update", u.id)
	}
	return true
}
