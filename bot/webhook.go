package bot

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot/models"
)

const (
	maxUpdate    = 1 << 20
	webhookLimit = 50 * time.Second // Telegram waits up to 60
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
)

// Webhook takes updates that Telegram delivers. It answers 200 only when the intake is done with the update; any other
// answer makes Telegram send it again.
type Webhook struct {
	intake   *Intake
	secret   string
	log      *slog.Logger
	limit    time.Duration
	draining atomic.Bool
}

// NewWebhook makes the handler. secret is what setWebhook was given.
func NewWebhook(in *Intake, secret string, log *slog.Logger) *Webhook {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Webhook{intake: in, secret: secret, log: log, limit: webhookLimit}
}

// Drain answers 503 from now on, so that Telegram brings new updates to another replica.
func (w *Webhook) Drain() { w.draining.Store(true) }

// ServeHTTP answers:
//
//	405 not POST    401 wrong secret    413 over 1 MiB    400 not an update
//	503 stopping or full    500 not done in time    200 done
func (w *Webhook) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	out.WriteHeader(w.serve(out, r))
}

func (w *Webhook) serve(out http.ResponseWriter, r *http.Request) int {
	if r.Method != http.MethodPost {
		out.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed
	}
	if w.secret == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get(secretHeader)), []byte(w.secret)) != 1 {
		return http.StatusUnauthorized
	}
	if w.draining.Load() {
		return http.StatusServiceUnavailable
	}
	body, err := io.ReadAll(http.MaxBytesReader(out, r.Body, maxUpdate))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusBadRequest
	}
	u, err := readUpdate(body)
	if err != nil {
		return http.StatusBadRequest
	}
	w.intake.metrics.received()
	return w.handle(r.Context(), u)
}

func (w *Webhook) handle(ctx context.Context, u incoming) int {
	if !w.intake.readable(u) {
		return http.StatusOK
	}
	ctx, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	switch err := w.intake.Do(ctx, u.update); {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrStopping), errors.Is(err, ErrFull):
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// deleteWebhook makes polling possible. Updates that wait are kept.
func (b *Bot) deleteWebhook(ctx context.Context) error {
	var done bool
	return b.ask(ctx, "deleteWebhook", &done)
}

// Inbox is how the updates of a bot reach whoever works with its token.
type Inbox struct {
	Webhook string // where Telegram delivers them; "" for nowhere
	Waiting int    // those that nobody has taken yet
	// Problem is Telegram's word for why it could last not deliver to the webhook, and FailedAt when; "" while it never failed.
	Problem  string
	FailedAt time.Time
}

// Inbox asks Telegram about the updates of the bot. It changes nothing.
func (b *Bot) Inbox(ctx context.Context) (Inbox, error) {
	var info models.WebhookInfo
	err := b.ask(ctx, "getWebhookInfo", &info)
	in := Inbox{Webhook: info.URL, Waiting: info.PendingUpdateCount, Problem: info.LastErrorMessage}
	if info.LastErrorDate != 0 {
		in.FailedAt = time.Unix(int64(info.LastErrorDate), 0)
	}
	return in, err
}

// ask calls a method without parameters. The library would announce a form and send none, or one without a field;
// Telegram's server refuses a form that has no part.
func (b *Bot) ask(ctx context.Context, method string, result any) error {
	ctx, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	return b.raw(ctx, aside, method, struct{}{}, result)
}
