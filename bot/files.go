package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"kinerja/flows"
)

const (
	// maxDownload is Telegram's limit for bots.
	maxDownload = 20 << 20
	// fileLimit is how long moving a file may take: less than the client's own limit, and than the courier keeps a file to itself.
	fileLimit = 40 * time.Second
)

// ErrTooLarge says that a file is over the limit.
var ErrTooLarge = errors.New("the file is too large")

// Download fetches a file that a person sent. It returns ErrTooLarge when it has more than limit bytes; limit is at most 20 MB.
func (b *Bot) Download(ctx context.Context, fileID string, limit int64) ([]byte, error) {
	limit = min(limit, maxDownload)
	var file *models.File
	err := b.call(ctx, aside, "getFile", func(ctx context.Context) (err error) {
		file, err = b.api.GetFile(ctx, &tg.GetFileParams{FileID: fileID})
		return err
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, fileLimit)
	defer cancel()
	// The address has the token in it, so no error of this request is passed on as it is.
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.api.FileDownloadLink(file), nil)
	if err != nil {
		return nil, &Failure{Kind: Refused, Method: "download", cause: err}
	}
	response, err := b.http.client.Do(request)
	if err != nil {
		return nil, b.judge(aside, "download", broken(err))
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound: // the file, not the token, which getFile was called with
		return nil, b.judge(aside, "download", &Failure{Kind: Refused, Code: http.StatusNotFound})
	default:
		return nil, b.judge(aside, "download", refusalError(response.StatusCode, "", 0))
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, b.judge(aside, "download", broken(err))
	case int64(len(content)) > limit:
		return nil, fmt.Errorf("download: %w", ErrTooLarge)
	}
	return content, nil
}

// SendFile sends the document of a screen, with the screen as its caption and the content that was made. Unlike a screen it can be saved:
// it was asked for to be printed or worked with.
func (m Bulk) SendFile(ctx context.Context, chatID int64, screen flows.Screen, content []byte) (flows.Placed, error) {
	b := m.bot
	send := func(ctx context.Context, caption string, mode models.ParseMode) (flows.Placed, error) {
		sent, err := b.api.SendDocument(ctx, &tg.SendDocumentParams{
			ChatID: chatID, Caption: caption, ParseMode: mode, ReplyMarkup: keyboardOf(screen),
			Document: &models.InputFileUpload{Filename: screen.Document.Name, Data: bytes.NewReader(content)},
		})
		return placedAs(sent), err
	}
	return b.writeWithin(ctx, fileLimit, concern{chat: chatID, all: true}, "sendDocument", screen, send)
}

// sendAttached sends a picture or a file that Telegram has already, with the screen as its caption.
func (b *Bot) sendAttached(ctx context.Context, to concern, screen flows.Screen) (flows.Placed, error) {
	file := &models.InputFileString{Data: screen.Attached.ID}
	method := "sendDocument"
	send := func(ctx context.Context, caption string, mode models.ParseMode) (flows.Placed, error) {
		m, err := b.api.SendDocument(ctx, &tg.SendDocumentParams{
			ChatID: to.chat, Document: file, Caption: caption, ParseMode: mode, ProtectContent: !screen.Open, ReplyMarkup: keyboardOf(screen)})
		return placedAs(m), err
	}
	if screen.Attached.Picture {
		method = "sendPhoto"
		send = func(ctx context.Context, caption string, mode models.ParseMode) (flows.Placed, error) {
			m, err := b.api.SendPhoto(ctx, &tg.SendPhotoParams{
				ChatID: to.chat, Photo: file, Caption: caption, ParseMode: mode, ProtectContent: !screen.Open, ReplyMarkup: keyboardOf(screen)})
			return placedAs(m), err
		}
	}
	return b.write(ctx, to, method, screen, send)
}
