package bot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"

	"kinerja/flows"
)

// Telegram's limits, in UTF-16 units.
const (
	maxToast = 200
	maxText  = 4096
)

// keyboardOf is what stands under a message; nil (not an empty keyboard, which Telegram refuses) when there is nothing.
func keyboardOf(s flows.Screen) models.ReplyMarkup {
	if s.ShareContact != "" {
		return &models.ReplyKeyboardMarkup{
			Keyboard:       [][]models.KeyboardButton{{{Text: s.ShareContact, RequestContact: true}}},
			ResizeKeyboard: true, OneTimeKeyboard: true,
		}
	}
	var rows [][]models.InlineKeyboardButton
	for _, row := range s.Rows {
		var buttons []models.InlineKeyboardButton
		for _, b := range row {
			buttons = append(buttons, buttonOf(b))
		}
		if len(buttons) > 0 {
			rows = append(rows, buttons)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}

func buttonOf(b flows.Button) models.InlineKeyboardButton {
	button := models.InlineKeyboardButton{Text: b.Label, Style: string(b.Style)}
	switch {
	case b.URL != "":
		button.URL = b.URL
	case b.Copy != "":
		button.CopyText = &models.CopyTextButton{Text: b.Copy}
	default:
		button.CallbackData = b.To.String()
	}
	return button
}

// lookOf is a short hash of what a message shows: text and keyboard as they are sent. It is kept in Redis, so it is made with the
// token: without that nobody can find out by trying which of five predicates stands on somebody's card.
func (b *Bot) lookOf(s flows.Screen) string {
	keyboard, err := json.Marshal(keyboardOf(s))
	if err != nil {
		return "" // strings and lists of them always can be written
	}
	hash := hmac.New(sha256.New, b.token)
	fmt.Fprintf(hash, "%d %s%s", len(s.Text), s.Text, keyboard)
	return base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:9])
}

func noPreview() *models.LinkPreviewOptions {
	yes := true
	return &models.LinkPreviewOptions{IsDisabled: &yes}
}

var markup = regexp.MustCompile(`<[^>]*>`)

// plainText takes the markup out, for when Telegram cannot read it.
func plainText(text string) string {
	if bare := html.UnescapeString(markup.ReplaceAllString(text, "")); bare != "" {
		return bare
	}
	return text
}

func units(text string) int { return len(utf16.Encode([]rune(text))) }

// cut shortens a text to a number of UTF-16 units without splitting a character.
func cut(text string, limit int) string {
	if units(text) <= limit {
		return text
	}
	n, end := 0, 0
	for i, r := range text {
		n += utf16.RuneLen(r)
		if n > limit-1 {
			break
		}
		end = i + len(string(r))
	}
	return text[:end] + "…"
}
