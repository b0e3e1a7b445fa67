package bot

import (
	"context"
	"errors"
	"slices"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"kinerja/flows"
)

// Menu is the commands in one language; "" for whoever speaks none of the others.
type Menu struct {
	Language string
	Commands []flows.MenuCommand
}

// SetMenus sets the commands that everybody sees in private chats, and the button that shows them, where Telegram has others: it lets
// them be set a few times and then not for minutes. A failure costs people only the list: every command works without it.
func (b *Bot) SetMenus(ctx context.Context, menus []Menu) error {
	var failures []error
	for _, m := range menus {
		failures = append(failures, b.setCommands(ctx, m))
	}
	return errors.Join(append(failures, b.setMenuButton(ctx))...)
}

func (b *Bot) setCommands(ctx context.Context, m Menu) error {
	commands := commandsOf(m.Commands)
	scope := &models.BotCommandScopeAllPrivateChats{}
	var set []models.BotCommand
	err := b.call(ctx, aside, "getMyCommands", func(ctx context.Context) (err error) {
		set, err = b.api.GetMyCommands(ctx, &tg.GetMyCommandsParams{Scope: scope, LanguageCode: m.Language})
		return err
	})
	if err != nil || slices.Equal(set, commands) {
		return err
	}
	return b.call(ctx, aside, "setMyCommands", func(ctx context.Context) error {
		_, err := b.api.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: commands, Scope: scope, LanguageCode: m.Language})
		return err
	})
}

func commandsOf(list []flows.MenuCommand) []models.BotCommand {
	commands := make([]models.BotCommand, 0, len(list))
	for _, c := range list {
		commands = append(commands, models.BotCommand{Command: c.Word, Description: c.Description})
	}
	return commands
}

// setMenuButton lets the button beside the text field open the commands.
func (b *Bot) setMenuButton(ctx context.Context) error {
	var set struct {
		Type models.MenuButtonType `json:"type"`
	}
	err := b.ask(ctx, "getChatMenuButton", &set)
	if err != nil || set.Type == models.MenuButtonTypeCommands {
		return err
	}
	return b.call(ctx, aside, "setChatMenuButton", func(ctx context.Context) error {
		_, err := b.api.SetChatMenuButton(ctx, &tg.SetChatMenuButtonParams{MenuButton: models.MenuButtonCommands{Type: models.MenuButtonTypeCommands}})
		return err
	})
}
