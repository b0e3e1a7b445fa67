package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// getUpdates polls by hand: the library keeps its own poll to itself. Errors are the library's.
func getUpdates(b *tg.Bot, offset int64) ([]*models.Update, error) {
	return getUpdatesWait(b, offset, 0)
}

func getUpdatesWait(b *tg.Bot, offset int64, timeout int) ([]*models.Update, error) {
	base, _, _ := strings.Cut(b.FileDownloadLink(&models.File{}), "/file/")
	body := fmt.Appendf(nil, `{"offset":%d,"timeout":%d}`, offset, timeout)
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, base+"/bot"+b.Token()+"/getUpdates", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusConflict {
		return nil, tg.ErrorConflict
	}
	var answer struct{ Result []*models.Update }
	return answer.Result, json.NewDecoder(response.Body).Decode(&answer)
}
