package main

import (
	"errors"
	"strings"

	"kinerja/bot"
)

// telegramTrouble says for whoever gave a command why Telegram did not do its part, and what to look at.
var telegramTrouble = map[bot.FailureKind]string{ //nolint:gochecknoglobals // a constant table
	bot.NotSent:      "SERVER could not be reached. Check the network, the firewall and TELEGRAM_API_URL, then give the command again",
	bot.Unknown:      "SERVER did not answer in time. Check the network, then give the command again",
	bot.Server:       "SERVER is out of order. Give the command again in some minutes",
	bot.Unauthorized: "SERVER does not know this token. Check TELEGRAM_TOKEN; @BotFather shows the right one",
}

// inWords is the text of an error, in which a failed call to Telegram is told as a sentence and not by our word for its kind.
func inWords(err error) string {
	var failure *bot.Failure
	if !errors.As(err, &failure) {
		return err.Error()
	}
	sentence, ok := telegramTrouble[failure.Kind]
	if !ok {
		return err.Error()
	}
	return strings.Replace(err.Error(), failure.Error(), strings.ReplaceAll(sentence, "SERVER", failure.Server), 1)
}
