// Package bot is Telegram at the edge: updates in, screens and notifications out. Nothing else in the program speaks to Telegram.
//
// The library's own Start and WebhookHandler confirm an update before it was handled, so the intake here is ours
// (Intake, Poller, Webhook); the library writes the requests.
package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"kinerja/flows"
)

const (
	// callLimit is how long one call may take that changes no message. A tap has to be answered within some 15 s.
	callLimit = 6 * time.Second
	// writeLimit is how long a message may take to be sent or changed before its outcome counts as unknown: Telegram waits out a short
	// flood of up to 8 s by itself and then does it.
	writeLimit = 14 * time.Second
	// longestCall is that of a long poll, with time for the answer to travel.
	longestCall = pollTime + 15*time.Second
	// maxAnswer is more than the longest answer: 100 updates of the longest text.
	maxAnswer = 16 << 20
)

// Options of New.
type Options struct {
	Token  string
	APIURL string // another Bot API server; "" for https://api.telegram.org
	Log    *slog.Logger
	// Metrics counts what happens; NewMetrics when nil.
	Metrics *Metrics
	// Gate learns of every 429 that tells more than about its own call, and holds sending back; nil for none.
	Gate *Gate
	// CallLimit is how long one call may take; 6 s when zero, and 14 s for sending or changing a message.
	CallLimit time.Duration
}

// Bot calls Telegram. It is safe for concurrent use. Every error of its methods is a *Failure.
type Bot struct {
	api     *tg.Bot
	http    *transport
	address string // with the token: never to be shown
	server  string // scheme and host of it
	token   []byte
	gate    *Gate
	log     *slog.Logger
	metrics *Metrics
	limit   time.Duration
	writing time.Duration          // limit for sending or changing a message
	name    atomic.Pointer[string] // user name in lower case, once Me was called
}

// New makes a Bot. It does not reach out yet: see Me.
func New(o Options) (*Bot, error) {
	if o.APIURL == "" {
		o.APIURL = "https://api.telegram.org"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics()
	}
	writing := o.CallLimit
	if o.CallLimit == 0 {
		o.CallLimit, writing = callLimit, writeLimit
	}
	base := strings.TrimRight(o.APIURL, "/")
	b := &Bot{
		http:    newTransport(),
		address: base + "/bot" + o.Token + "/", server: serverOf(base), token: []byte(o.Token),
		gate: o.Gate, log: o.Log, metrics: o.Metrics, limit: o.CallLimit, writing: writing,
	}
	// The library's own handlers print updates, which are personal data.
	api, err := tg.New(o.Token, tg.WithSkipGetMe(), tg.WithServerURL(base), tg.WithHTTPClient(pollTime, b.http),
		tg.WithDefaultHandler(func(context.Context, *tg.Bot, *models.Update) {}),
		tg.WithErrorsHandler(func(error) {}), tg.WithDebugHandler(func(string, ...any) {}))
	if err != nil {
		return nil, errors.New("telegram token is empty")
	}
	b.api = api
	return b, nil
}

// serverOf is the part of an address that may be shown: no path, no password.
func serverOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "Telegram"
	}
	return u.Scheme + "://" + u.Host
}

// Close ends idle connections.
func (b *Bot) Close() { b.http.client.CloseIdleConnections() }

// Me asks Telegram who the bot is and returns its user name, without @. Until it succeeded, commands that name a bot
// are taken as ours in private chats, and groups get no answer.
func (b *Bot) Me(ctx context.Context) (string, error) {
	var me models.User
	if err := b.ask(ctx, "getMe", &me); err != nil {
		return "", err
	}
	name := strings.ToLower(me.Username)
	b.name.Store(&name)
	return me.Username, nil
}

// botName is the user name in lower case; "" while not known.
func (b *Bot) botName() string {
	if name := b.name.Load(); name != nil {
		return *name
	}
	return ""
}

// Send sends a screen as a new message and returns where and when. It does not wait for the pace: whoever sends in bulk asks Gate.WaitBulk first.
//
// Every message is protected against forwarding and saving, unless its screen is open: an edit cannot add that, and any card may become one about a person.
func (b *Bot) Send(ctx context.Context, chatID int64, screen flows.Screen) (flows.Placed, error) {
	return b.send(ctx, concern{chat: chatID}, screen)
}

// Bulk sends what goes to many people: when Telegram answers that there were too many requests, that concerns everybody.
type Bulk struct{ bot *Bot }

// Bulk is the bot as a sender of what goes to many.
func (b *Bot) Bulk() Bulk { return Bulk{b} }

// Send is Bot.Send.
func (m Bulk) Send(ctx context.Context, chatID int64, screen flows.Screen) (flows.Placed, error) {
	return m.bot.send(ctx, concern{chat: chatID, all: true}, screen)
}

// Reach asks Telegram who the bot is, to see whether it answers.
func (m Bulk) Reach(ctx context.Context) error {
	var me models.User
	return m.bot.ask(ctx, "getMe", &me)
}

func (b *Bot) send(ctx context.Context, to concern, screen flows.Screen) (flows.Placed, error) {
	if screen.Attached.ID != "" {
		return b.sendAttached(ctx, to, screen)
	}
	send := func(ctx context.Context, text string, mode models.ParseMode) (flows.Placed, error) {
		m, err := b.api.SendMessage(ctx, &tg.SendMessageParams{
			ChatID: to.chat, Text: text, ParseMode: mode, LinkPreviewOptions: noPreview(),
			ProtectContent: !screen.Open, ReplyMarkup: keyboardOf(screen),
		})
		return placedAs(m), err
	}
	return b.write(ctx, to, "sendMessage", screen, send)
}

// Edit changes a message into a screen. That it shows the screen already is no failure.
func (b *Bot) Edit(ctx context.Context, chatID int64, message int, screen flows.Screen) (flows.Placed, error) {
	edit := func(ctx context.Context, text string, mode models.ParseMode) (flows.Placed, error) {
		m, err := b.api.EditMessageText(ctx, &tg.EditMessageTextParams{
			ChatID: chatID, MessageID: message, Text: text, ParseMode: mode, LinkPreviewOptions: noPreview(), ReplyMarkup: keyboardOf(screen),
		})
		return placedAs(m), err
	}
	placed, err := b.write(ctx, concern{chat: chatID}, "editMessageText", screen, edit)
	if err == nil && placed.Message == 0 {
		placed.Message, placed.At, placed.Stood = message, b.http.telegramTime(), true
	}
	return placed, err
}

// placedAs reads where and when Telegram shows a message; nil is nowhere.
func placedAs(m *models.Message) flows.Placed {
	if m == nil {
		return flows.Placed{}
	}
	return flows.Placed{Message: m.ID, At: time.Unix(int64(max(m.Date, m.EditDate)), 0)}
}

// write sends markup, and the bare words when Telegram cannot read the markup: the person must not pay for our mistake.
func (b *Bot) write(
	ctx context.Context, to concern, method string, screen flows.Screen, do func(context.Context, string, models.ParseMode) (flows.Placed, error),
) (placed flows.Placed, err error) {
	return b.writeWithin(ctx, b.writing, to, method, screen, do)
}

func (b *Bot) writeWithin(
	ctx context.Context, limit time.Duration, to concern, method string, screen flows.Screen,
	do func(context.Context, string, models.ParseMode) (flows.Placed, error),
) (placed flows.Placed, err error) {
	once := func(text string, mode models.ParseMode) error {
		return b.callIn(ctx, limit, to, method, func(ctx context.Context) (err error) {
			placed, err = do(ctx, text, mode)
			return err
		})
	}
	err = once(screen.Text, models.ParseModeHTML)
	if err == nil {
		placed.Look = b.lookOf(screen)
	}
	if kindOf(err) == Entities {
		b.log.Error("a screen has markup that Telegram cannot read; it was sent as plain text", "method", method)
		err = once(plainText(screen.Text), "")
	}
	return placed, err
}

// Strip takes the buttons off a message. That it has none, or is gone, is no failure.
func (b *Bot) Strip(ctx context.Context, chatID int64, message int) error {
	err := b.callIn(ctx, b.writing, concern{chat: chatID}, "editMessageReplyMarkup", func(ctx context.Context) error {
		_, err := b.api.EditMessageReplyMarkup(ctx, &tg.EditMessageReplyMarkupParams{ChatID: chatID, MessageID: message})
		return err
	})
	if kindOf(err) == Gone {
		return nil
	}
	return err
}

// Answer ends the spinner of a tap in a chat. A toast that is too long is cut. It goes though the chat must be left alone: Telegram counts
// only messages, and there is no other way to tell the person anything.
func (b *Bot) Answer(ctx context.Context, chatID int64, query, toast string, alert bool) error {
	return b.call(ctx, concern{chat: chatID}, "answerCallbackQuery", func(ctx context.Context) error {
		_, err := b.api.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{CallbackQueryID: query, Text: cut(toast, maxToast), ShowAlert: alert})
		return err
	})
}

// concern is whom it concerns when Telegram answers a call with "too many requests".
type concern struct {
	chat int64 // this chat; 0 for none
	all  bool  // everybody
}

var (
	// aside is for calls that have limits of their own, such as those for settings: nobody has to wait because of them.
	aside     = concern{}
	everybody = concern{all: true}
)

// call makes one call within its limit, counts it, and says what a failure means.
func (b *Bot) call(ctx context.Context, to concern, method string, do func(context.Context) error) error {
	return b.callWithin(ctx, b.limit, to, method, do)
}

// callIn is a call that puts a message into a chat or changes one. It is not made while the chat, or everybody, must be left alone.
func (b *Bot) callIn(ctx context.Context, limit time.Duration, to concern, method string, do func(context.Context) error) error {
	if b.gate != nil {
		if left := b.gate.PausedFor(to.chat); left > 0 {
			return &Failure{Kind: Flood, Method: method, RetryAfter: left}
		}
		b.gate.sending(to.chat)
	}
	return b.callWithin(ctx, limit, to, method, do)
}

func (b *Bot) callWithin(ctx context.Context, limit time.Duration, to concern, method string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return b.judge(to, method, do(ctx))
}

func (b *Bot) judge(to concern, method string, err error) error {
	f := failureOf(method, err)
	if f == nil || f.Kind == Done {
		return nil
	}
	f.Server = b.server
	b.metrics.telegramError(f)
	if f.Kind == Flood && b.gate != nil {
		b.pause(to, f.RetryAfter)
	}
	return f
}

func (b *Bot) pause(to concern, retryAfter time.Duration) {
	switch {
	case to == aside:
	case to.chat == 0:
		b.gate.Flood(retryAfter)
	case to.all:
		b.gate.FloodOfBulk(to.chat, retryAfter)
	default:
		b.gate.FloodIn(to.chat, retryAfter)
	}
}

// raw calls a method that the library keeps to itself, or whose answer it would not read piece by piece.
func (b *Bot) raw(ctx context.Context, to concern, method string, params, result any) error {
	body, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("telegram %s: %w", method, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.address+method, bytes.NewReader(body))
	if err != nil {
		return &Failure{Kind: Refused, Method: method, cause: err}
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := b.http.Do(request)
	if err != nil {
		return b.judge(to, method, err)
	}
	defer response.Body.Close()
	var answer struct {
		OK          bool            `json:"ok"`
		Result      json.RawMessage `json:"result"`
		Description string          `json:"description"`
		Code        int             `json:"error_code"`
		Parameters  struct {
			RetryAfter int `json:"retry_after"`
		} `json:"parameters"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return b.judge(to, method, &Failure{Kind: Server, cause: err})
	}
	if !answer.OK {
		return b.judge(to, method, refusalError(answer.Code, answer.Description, answer.Parameters.RetryAfter))
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return b.judge(to, method, &Failure{Kind: Server, cause: err})
	}
	return nil
}

// refusalError is the library's error for a code, so that one table judges both ways of calling.
func refusalError(code int, description string, retryAfter int) error {
	switch code {
	case http.StatusTooManyRequests:
		return &tg.TooManyRequestsError{RetryAfter: retryAfter}
	case http.StatusForbidden:
		return tg.ErrorForbidden
	case http.StatusUnauthorized:
		return tg.ErrorUnauthorized
	case http.StatusConflict:
		return tg.ErrorConflict
	case http.StatusNotFound:
		return tg.ErrorNotFound
	default:
		return fmt.Errorf("%w, %s", tg.ErrorBadRequest, description)
	}
}

// A connection on which nothing came for quietTime is pinged, and one that does not answer within pongTime is dead: a router that
// forgot it swallows what is sent, and TCP itself would notice after a quarter of an hour. Every call on it then fails and goes over a
// new one. HTTP/2 only, which Telegram speaks.
const (
	quietTime = 4 * time.Second
	pongTime  = 3 * time.Second
)

// transport sends requests and tells apart what the library would only put into words: not reached, broken, cut after sending.
type transport struct {
	client *http.Client
	now    atomic.Int64 // of Telegram's clock, in Unix seconds, as its last answer said; 0 before the first
}

// telegramTime is when Telegram last answered, by its own clock.
func (t *transport) telegramTime() time.Time {
	if now := t.now.Load(); now != 0 {
		return time.Unix(now, 0)
	}
	return time.Now()
}

// Clock is when Telegram last answered, by its own clock, to the second; false while it has told no time.
func (b *Bot) Clock() (time.Time, bool) {
	now := b.http.now.Load()
	return time.Unix(now, 0), now != 0
}

func newTransport() *transport {
	connections := http.DefaultTransport.(*http.Transport).Clone()
	connections.MaxIdleConnsPerHost = 64 // all calls go to one host; two, the default, would mean a new TLS connection for most
	connections.HTTP2 = &http.HTTP2Config{SendPingTimeout: quietTime, PingTimeout: pongTime}
	return &transport{client: &http.Client{Timeout: longestCall, Transport: connections}}
}

// Do returns a *Failure as its error; no other text leaves it, because the address holds the token.
func (t *transport) Do(request *http.Request) (*http.Response, error) {
	response, err := t.client.Do(request)
	if err != nil {
		return nil, broken(err)
	}
	defer response.Body.Close()
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		t.now.Store(date.Unix())
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, &Failure{Kind: Unknown, Code: response.StatusCode, cause: err}
	}
	switch {
	case response.StatusCode == http.StatusBadGateway, response.StatusCode == http.StatusGatewayTimeout:
		return nil, &Failure{Kind: Unknown, Code: response.StatusCode} // something between us and Telegram lost the answer
	case response.StatusCode >= http.StatusInternalServerError:
		return nil, &Failure{Kind: Server, Code: response.StatusCode}
	case !json.Valid(body):
		return nil, &Failure{Kind: Unknown, Code: response.StatusCode}
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}
