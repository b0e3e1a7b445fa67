package account

import (
	"kinerja/flows"
	"kinerja/locales"
)

// Commands lists what everybody may say, linked or not, in the words of a language.
func Commands(t *locales.Translator) []flows.MenuCommand {
	return commands(t, "start", "language", "help", "privacy")
}

// ownCommands lists what a person uses: whose entry is not in his menu, its command is not in his list.
func ownCommands(t *locales.Translator, entries []string) []flows.MenuCommand {
	keys := append([]string{"start"}, entries...)
	return commands(t, append(keys, "language", "help", "privacy", "cancel")...)
}

func commands(t *locales.Translator, keys ...string) []flows.MenuCommand {
	list := make([]flows.MenuCommand, 0, len(keys))
	for _, key := range keys {
		list = append(list, flows.MenuCommand{Word: t.Plain("command." + key + ".word"), Description: t.Plain("command." + key + ".what")})
	}
	return list
}
