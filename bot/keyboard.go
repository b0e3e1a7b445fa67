package bot

import (
	"context"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"kinerja/flows"
)

// closeKeyboard takes away the keyboard that an earlier screen opened to share a phone number; it would stay over half of a small phone.
// Only a new message can do that, and only one without buttons: it is deleted as soon as it was sent.
func (in *Intake) closeKeyboard(ctx context.Context, t *task, turn *flows.Turn) {
	chat := t.event.Chat
	message, err := in.bot.sendWithoutKeyboard(ctx, chat, in.engine.Say(t.event.Language, "edge.keyboard_closed"))
	if err != nil {
		in.cosmetic(t, err) // the next screen tries again
		return
	}
	turn.KeyboardClosed()
	in.cosmetic(t, in.bot.Delete(ctx, chat, message))
}

func (b *Bot) sendWithoutKeyboard(ctx context.Context, chatID int64, sentence string) (message int, err error) {
	err = b.callIn(ctx, b.writing, concern{chat: chatID}, "sendMessage", func(ctx context.Context) error {
		m, err := b.api.SendMessage(ctx, &tg.SendMessageParams{
			ChatID: chatID, Text: sentence, ProtectContent: true, DisableNotification: true, ReplyMarkup: &models.ReplyKeyboardRemove{RemoveKeyboard: true},
		})
		message = placedAs(m).Message
		return err
	})
	return message, err
}

// Delete takes a message of the last 48 hours away. That it is gone is no failure.
func (b *Bot) Delete(ctx context.Context, chatID int64, message int) error {
	err := b.call(ctx, concern{chat: chatID}, "deleteMessage", func(ctx context.Context) error {
		_, err := b.api.DeleteMessage(ctx, &tg.DeleteMessageParams{ChatID: chatID, MessageID: message})
		return err
	})
	if kindOf(err) == Gone {
		return nil
	}
	return err
}
