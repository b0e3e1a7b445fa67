package account

import "kinerja/locales"

// Command is one line of the list that Telegram shows behind the menu button.
type Command struct{ Word, Description string }

// Commands lists the commands that every linked person has, in the words of a language.
func Commands(t *locales.Translator) []Command {
	var list []Command
	for _, key := range []string{"start", "score", "results", "admin", "language", "help", "cancel"} {
		list = append(list, Command{Word: t.Plain("command." + key + ".word"), Description: t.Plain("command." + key + ".what")})
	}
	return list
}
