package bot

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

const methodSetWebhook = "setWebhook"

// Register tells Telegram where to deliver updates, unless it knows: setting a webhook has a limit of its own, and ends the deliveries
// that are under way. connections (1 to 100) is how many it may deliver at one moment.
//
// Telegram tells everything but the secret. So a seal of what it was told last lies in Redis; where that is empty, it is told once more.
func (b *Bot) Register(ctx context.Context, url, secret string, connections int) error {
	var known models.WebhookInfo
	if err := b.ask(ctx, "getWebhookInfo", &known); err != nil {
		return err
	}
	seal := b.seal(url, secret, strconv.Itoa(connections))
	if delivers(known, url, connections) && b.wasTold(ctx, seal) {
		return nil
	}
	err := b.call(ctx, aside, methodSetWebhook, func(ctx context.Context) error {
		_, err := b.api.SetWebhook(ctx, &tg.SetWebhookParams{URL: url, SecretToken: secret, MaxConnections: connections, AllowedUpdates: AllowedUpdates()})
		return err
	})
	if err == nil {
		b.noteTold(ctx, seal)
	}
	return err
}

// delivers reports whether a webhook is as it should be, as far as Telegram tells. That we answered it 401 means that somebody else gave
// it another secret for our address.
func delivers(known models.WebhookInfo, url string, connections int) bool {
	return known.URL == url && known.MaxConnections == connections &&
		slices.Equal(slices.Sorted(slices.Values(known.AllowedUpdates)), slices.Sorted(slices.Values(AllowedUpdates()))) &&
		!strings.Contains(known.LastErrorMessage, strconv.Itoa(http.StatusUnauthorized))
}

// seal tells whether words are the same without telling the words. Its key is the token, which Redis never sees.
func (b *Bot) seal(words ...string) string {
	code := hmac.New(sha256.New, b.token)
	for _, word := range words {
		_, _ = fmt.Fprintf(code, "%d:%s", len(word), word) // a hash takes everything
	}
	return hex.EncodeToString(code.Sum(nil))
}

// wasTold reports whether the seal is that of the webhook that was set last. A Redis that does not answer knows of none.
func (b *Bot) wasTold(ctx context.Context, seal string) bool {
	if b.gate == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	told, err := b.gate.redis.Get(ctx, b.gate.webhookKey()).Result()
	return err == nil && hmac.Equal([]byte(told), []byte(seal))
}

// noteTold keeps the seal. When that fails the next start sets the webhook once more.
func (b *Bot) noteTold(ctx context.Context, seal string) {
	if b.gate == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	if err := b.gate.redis.Set(ctx, b.gate.webhookKey(), seal, 0).Err(); err != nil {
		b.log.Info("it is not remembered which webhook was set", "cause", classOf(err))
	}
}

func (g *Gate) webhookKey() string { return g.key + ":webhook" }
