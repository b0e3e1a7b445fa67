package bot

import (
	"context"
	"errors"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// MenuCommand is one line of the list that Telegram shows behind the menu button.
type MenuCommand struct {
	Word        string // without slash
	Description string
}

// Menu is the commands in one language; "" for whoever speaks none of the others.
type Menu struct {
	Language string
	Commands []MenuCommand
}

// SetMenus sets the commands that everybody sees in private chats, and the button that shows them. Its failure costs
// people only the list: every command works without it.
func (b *Bot) SetMenus(ctx context.Context, menus []Menu) error {
	var failures []error
	for _, m := range menus {
		failures = append(failures, b.setCommands(ctx, &models.BotCommandScopeAllPrivateChats{}, m))
	}
	failures = append(failures, b.call(ctx, aside, "setChatMenuButton", func(ctx context.Context) error {
		_, err := b.api.SetChatMenuButton(ctx, &tg.SetChatMenuButtonParams{MenuButton: models.MenuButtonCommands{Type: models.MenuButtonTypeCommands}})
		return err
	}))
	return errors.Join(failures...)
}

// SetMenuOf sets the commands of one person, whose role gives him more than everybody has.
func (b *Bot) SetMenuOf(ctx context.Context, telegramID int64, m Menu) error {
	return b.setCommands(ctx, &models.BotCommandScopeChat{ChatID: telegramID}, m)
}

func (b *Bot) setCommands(ctx context.Context, scope models.BotCommandScope, m Menu) error {
	commands := make([]models.BotCommand, 0, len(m.Commands))
	for _, c := range m.Commands {
		commands = append(commands, models.BotCommand{Command: c.Word, Description: c.Description})
	}
	return b.call(ctx, aside, "setMyCommands", func(ctx context.Context) error {
		_, err := b.api.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: commands, Scope: scope, LanguageCode: m.Language})
		return err
	})
}
