package main

import (
	"errors"
	"strings"

	"kinerja/bot"
)

// inWords is the text of an error for whoever gave a command. A failed call to Telegram is told in it as a sentence, with the address,
// and not by our word for its kind.
func inWords(err error) string {
	var failure *bot.Failure
	if !errors.As(err, &failure) {
		return err.Error()
	}
	sentence := failure.Server + ": " + bot.Meaning(failure)
	switch failure.Kind {
	case bot.NotSent:
		sentence = failure.Server + " could not be reached. Check the network, the firewall and TELEGRAM_API_URL, then give the command again"
	case bot.Unknown, bot.Server:
		sentence = failure.Server + " did not answer as it should. Give the command again in some minutes"
	}
	return strings.Replace(err.Error(), failure.Error(), sentence, 1)
}
