package account

import (
	"context"

	"kinerja/flows"
	"kinerja/locales"
)

// Commands lists what everybody may say, linked or not, in the words of a language.
func Commands(t *locales.Translator) []flows.MenuCommand {
	return commands(t, "start", "language", "help", "privacy")
}

// lines are what the person sees of each entry.
func (c conversation) lines(ctx context.Context, r *flows.Request) ([]MenuLine, error) {
	lines := make([]MenuLine, 0, len(c.entries))
	for _, entry := range c.entries {
		line, err := entry.Draw(ctx, r)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// commandsOf lists what a linked person uses, by what he sees of the entries.
func (c conversation) commandsOf(r *flows.Request, lines []MenuLine) []flows.MenuCommand {
	keys := []string{"start"}
	for i, line := range lines {
		if command := c.entries[i].Command; command != "" && line.his() {
			keys = append(keys, command)
		}
	}
	return commands(r.T, append(keys, "language", "help", "privacy", "cancel")...)
}

func commands(t *locales.Translator, keys ...string) []flows.MenuCommand {
	list := make([]flows.MenuCommand, 0, len(keys))
	for _, key := range keys {
		list = append(list, flows.MenuCommand{Word: t.Plain("command." + key + ".word"), Description: t.Plain("command." + key + ".what")})
	}
	return list
}
