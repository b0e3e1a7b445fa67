package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"go.uber.org/goleak"

	"kinerja/bot/simulator"
	"kinerja/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const anna, budi, nobody = int64(101), int64(102), int64(999)

// start serves a simulator with two phones and the library's client for it. Anna has written, Budi has not.
func start(t *testing.T, o simulator.Options) (*simulator.Server, *tg.Bot, string) {
	t.Helper()
	o.Phones = append(o.Phones, simulator.Phone{ID: anna, Name: "Anna", Language: "id", Phone: "6281100000001"}, simulator.Phone{ID: budi, Name: "Budi", Language: "en"})
	s := simulator.New(o)
	server := httptest.NewServer(s.Handler())
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	b, err := tg.New(s.Token(), tg.WithServerURL(server.URL), tg.WithHTTPClient(5*time.Second, client), tg.WithErrorsHandler(func(error) {}))
	if err != nil {
		t.Fatalf("client: %v", err)
	}
	t.Cleanup(func() {
		s.Close()
		client.CloseIdleConnections()
		http.DefaultClient.CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
	})
	s.Type(anna, "/start")
	return s, b, server.URL
}

func ctx(t *testing.T) context.Context {
	t.Helper()
	c, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return c
}

func keyboard(rows ...[]models.InlineKeyboardButton) *models.InlineKeyboardMarkup {
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}

func button(text, data string) []models.InlineKeyboardButton {
	return []models.InlineKeyboardButton{{Text: text, CallbackData: data}}
}

func TestItRefusesWhatTelegramRefusesInItsWords(t *testing.T) {
	long := strings.Repeat("x", 4097)
	send := func(p *tg.SendMessageParams) func(*tg.Bot) error {
		return func(b *tg.Bot) error { _, err := b.SendMessage(context.Background(), p); return err }
	}
	edit := func(p *tg.EditMessageTextParams) func(*tg.Bot) error {
		return func(b *tg.Bot) error { _, err := b.EditMessageText(context.Background(), p); return err }
	}
	html := models.ParseModeHTML
	for name, c := range map[string]struct {
		call func(*tg.Bot) error
		want string
	}{
		"unknown chat":        {send(&tg.SendMessageParams{ChatID: nobody, Text: "x"}), "chat not found"},
		"not started":         {send(&tg.SendMessageParams{ChatID: budi, Text: "x"}), "bot can't initiate conversation with a user"},
		"empty":               {send(&tg.SendMessageParams{ChatID: anna, Text: " "}), "message text is empty"},
		"only markup":         {send(&tg.SendMessageParams{ChatID: anna, Text: "<b></b>", ParseMode: html}), "message text is empty"},
		"too long":            {send(&tg.SendMessageParams{ChatID: anna, Text: long}), "message is too long"},
		"unclosed tag":        {send(&tg.SendMessageParams{ChatID: anna, Text: "<b>x", ParseMode: html}), `can't parse entities: Can't find end tag corresponding to start tag "b"`},
		"wrong end":           {send(&tg.SendMessageParams{ChatID: anna, Text: "<b><i>x</b></i>", ParseMode: html}), "can't parse entities: Unmatched end tag"},
		"unknown tag":         {send(&tg.SendMessageParams{ChatID: anna, Text: "<h1>x</h1>", ParseMode: html}), `can't parse entities: Unsupported start tag "h1"`},
		"lonely less-than":    {send(&tg.SendMessageParams{ChatID: anna, Text: "a < b", ParseMode: html}), "can't parse entities"},
		"button without data": {send(&tg.SendMessageParams{ChatID: anna, Text: "x", ReplyMarkup: keyboard(button("b", ""))}), "Text buttons are not allowed in the inline keyboard"},
		"data too long":       {send(&tg.SendMessageParams{ChatID: anna, Text: "x", ReplyMarkup: keyboard(button("b", strings.Repeat("d", 65)))}), "BUTTON_DATA_INVALID"},
		"null keyboard":       {send(&tg.SendMessageParams{ChatID: anna, Text: "x", ReplyMarkup: models.InlineKeyboardMarkup{}}), `Field "inline_keyboard" must be of type Array`},
		"edit unknown":        {edit(&tg.EditMessageTextParams{ChatID: anna, MessageID: 77, Text: "x"}), "message to edit not found"},
		"edit another's":      {edit(&tg.EditMessageTextParams{ChatID: anna, MessageID: 1, Text: "x"}), "message can't be edited"},
		"answer unknown": {func(b *tg.Bot) error {
			_, err := b.AnswerCallbackQuery(context.Background(), &tg.AnswerCallbackQueryParams{CallbackQueryID: "1"})
			return err
		}, "query is too old and response timeout expired or query ID is invalid"},
		"toast too long": {func(b *tg.Bot) error {
			_, err := b.AnswerCallbackQuery(context.Background(), &tg.AnswerCallbackQueryParams{CallbackQueryID: "1", Text: strings.Repeat("x", 201)})
			return err
		}, "MESSAGE_TOO_LONG"},
		"delete unknown": {func(b *tg.Bot) error {
			_, err := b.DeleteMessage(context.Background(), &tg.DeleteMessageParams{ChatID: anna, MessageID: 77})
			return err
		}, "message to delete not found"},
		"caption too long": {func(b *tg.Bot) error {
			_, err := b.SendDocument(context.Background(), &tg.SendDocumentParams{ChatID: anna, Caption: long, Document: &models.InputFileUpload{Filename: "a", Data: strings.NewReader("x")}})
			return err
		}, "message caption is too long"},
		"webhook without tls": {func(b *tg.Bot) error {
			_, err := b.SetWebhook(context.Background(), &tg.SetWebhookParams{URL: "http://example.org/x"})
			return err
		}, "bad webhook: An HTTPS URL must be provided for webhook"},
	} {
		t.Run(name, func(t *testing.T) {
			_, b, _ := start(t, simulator.Options{})
			if err := c.call(b); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("answered %v, want %q", err, c.want)
			}
		})
	}
}

// asks calls a method with parameters in JSON, past the library, and returns what Telegram says against it; "" for nothing.
func asks(t *testing.T, s *simulator.Server, address, method string, parameters map[string]any) string {
	t.Helper()
	body, err := json.Marshal(parameters)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(ctx(t), http.MethodPost, address+"/bot"+s.Token()+"/"+method, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct{ Description string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Description
}

func TestAListOfCommandsIsRefusedAsByTelegram(t *testing.T) {
	const group = -1001
	one := func(word, description string) []map[string]any {
		return []map[string]any{{"command": word, "description": description}}
	}
	good, to := one("good", "x"), func(kind string, chat any) map[string]any { return map[string]any{"type": kind, "chat_id": chat} }
	for name, c := range map[string]struct {
		parameters map[string]any
		want       string
	}{
		"capitals":                 {map[string]any{"commands": one("Bad", "x")}, "BOT_COMMAND_INVALID"},
		"blank after the slash":    {map[string]any{"commands": one("/ good", "x")}, "BOT_COMMAND_INVALID"},
		"only a slash":             {map[string]any{"commands": one(" / ", "x")}, "command must be non-empty"},
		"empty":                    {map[string]any{"commands": one("", "x")}, "command must be non-empty"},
		"two slashes":              {map[string]any{"commands": one("//good", "x")}, "BOT_COMMAND_INVALID"},
		"too long":                 {map[string]any{"commands": one(strings.Repeat("a", 33), "x")}, "command length must not exceed 32"},
		"no description":           {map[string]any{"commands": one("good", " \t ")}, "command description must be non-empty"},
		"long description":         {map[string]any{"commands": one("good", strings.Repeat("é", 257))}, "command description length must not exceed 256"},
		"too many":                 {map[string]any{"commands": slices.Repeat(good, 101)}, "BOT_COMMANDS_TOO_MUCH"},
		"no array":                 {map[string]any{"commands": map[string]any{}}, "expected an Array of BotCommand"},
		"no object":                {map[string]any{"commands": []string{"good"}}, "can't parse BotCommand: expected an Object"},
		"without description":      {map[string]any{"commands": []map[string]any{{"command": "good"}}}, `can't parse BotCommand: Can't find field "description"`},
		"word of another type":     {map[string]any{"commands": []map[string]any{{"command": true}}}, `can't parse BotCommand: Field "command" must be of type String`},
		"no JSON":                  {map[string]any{"commands": "good"}, "can't parse commands JSON object"},
		"language in three":        {map[string]any{"commands": good, "language_code": "ind"}, "invalid language code specified"},
		"language in capitals":     {map[string]any{"commands": good, "language_code": "ID"}, "invalid language code specified"},
		"scope of no type":         {map[string]any{"commands": good, "scope": map[string]any{}}, `can't parse BotCommandScope: Can't find field "type"`},
		"unknown scope":            {map[string]any{"commands": good, "scope": to("everybody", anna)}, "can't parse BotCommandScope: Unsupported type specified"},
		"scope that is no object":  {map[string]any{"commands": good, "scope": []int{1}}, "can't parse BotCommandScope: BotCommandScope must be an Object"},
		"scope that is no JSON":    {map[string]any{"commands": good, "scope": "chat"}, "can't parse BotCommandScope JSON object"},
		"chat of no number":        {map[string]any{"commands": good, "scope": map[string]any{"type": "chat"}}, `can't parse BotCommandScope: Can't find field "chat_id"`},
		"empty chat":               {map[string]any{"commands": good, "scope": to("chat", "")}, "can't parse BotCommandScope: Empty chat_id specified"},
		"nobody's":                 {map[string]any{"commands": good, "scope": to("chat", nobody)}, "chat not found"},
		"of one who never wrote":   {map[string]any{"commands": good, "scope": to("chat", budi)}, "chat not found"},
		"private administrators":   {map[string]any{"commands": good, "scope": to("chat_administrators", anna)}, "can't use specified scope in private chats"},
		"chat before its commands": {map[string]any{"commands": one("", ""), "scope": to("chat", nobody)}, "chat not found"},
		"language before commands": {map[string]any{"commands": one("", ""), "language_code": "x"}, "invalid language code specified"},

		"longest":                 {map[string]any{"commands": one(strings.Repeat("a", 32), strings.Repeat("😀", 256))}, ""},
		"slash and blanks":        {map[string]any{"commands": one(" /good ", " x ")}, ""},
		"own language":            {map[string]any{"commands": good, "scope": to("chat", anna), "language_code": "id"}, ""},
		"chat in quotes":          {map[string]any{"commands": good, "scope": to("chat", fmt.Sprint(anna))}, ""},
		"administrators of group": {map[string]any{"commands": good, "scope": to("chat_administrators", group)}, ""},
		"of all groups":           {map[string]any{"commands": good, "scope": to("all_group_chats", "")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, address := start(t, simulator.Options{})
			s.InGroup(anna, group, "x")
			want := c.want
			if want != "" {
				want = "Bad Request: " + want
			}
			if got := asks(t, s, address, "setMyCommands", c.parameters); got != want {
				t.Errorf("answered %q, want %q", got, want)
			}
			delete(c.parameters, "commands")
			for _, method := range []string{"getMyCommands", "deleteMyCommands"} {
				if got := asks(t, s, address, method, c.parameters); got != "" && got != want {
					t.Errorf("%s answered %q, want %q", method, got, want)
				}
			}
		})
	}
}

func TestACommandIsKeptWithoutSlashAndBlanks(t *testing.T) {
	_, b, _ := start(t, simulator.Options{})
	scope := &models.BotCommandScopeChat{ChatID: anna}
	if _, err := b.SetMyCommands(ctx(t), &tg.SetMyCommandsParams{Scope: scope, Commands: []models.BotCommand{{Command: " /good\n", Description: "\tx\r "}}}); err != nil {
		t.Fatal(err)
	}
	got, err := b.GetMyCommands(ctx(t), &tg.GetMyCommandsParams{Scope: scope})
	if want := []models.BotCommand{{Command: "good", Description: "x"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v (%v)", got, want, err)
	}
}

func TestAMessageCountsInUTF16UnitsAfterItsMarkup(t *testing.T) {
	_, b, _ := start(t, simulator.Options{})
	text := "<b>" + strings.Repeat("😀", 2048) + "</b>"
	if _, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: text, ParseMode: models.ParseModeHTML}); err != nil {
		t.Errorf("4096 units are refused: %v", err)
	}
	if _, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: text + "x", ParseMode: models.ParseModeHTML}); err == nil {
		t.Error("4097 units are taken")
	}
}

func TestAnEditThatChangesNothingIsRefused(t *testing.T) {
	_, b, _ := start(t, simulator.Options{})
	m, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: "x", ReplyMarkup: keyboard(button("b", "d"))})
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	_, err = b.EditMessageText(ctx(t), &tg.EditMessageTextParams{ChatID: anna, MessageID: m.ID, Text: "x", ReplyMarkup: keyboard(button("b", "d"))})
	if err == nil || !strings.Contains(err.Error(), "message is not modified") {
		t.Errorf("same edit: %v", err)
	}
	if _, err = b.EditMessageText(ctx(t), &tg.EditMessageTextParams{ChatID: anna, MessageID: m.ID, Text: "x", ReplyMarkup: keyboard(button("b", "e"))}); err != nil {
		t.Errorf("other keyboard: %v", err)
	}
}

func TestATapIsAnsweredOnce(t *testing.T) {
	s, b, _ := start(t, simulator.Options{})
	m, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: "x", ReplyMarkup: keyboard(button("Ya", "yes"))})
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	if _, err := s.TapLabel(anna, "Ya"); err != nil {
		t.Fatalf("tap: %v", err)
	}
	updates := poll(t, b, 0)
	q := updates[len(updates)-1].CallbackQuery
	if q == nil || q.Data != "yes" || q.Message.Message.ID != m.ID {
		t.Fatalf("the tap arrived as %+v", q)
	}
	answer := &tg.AnswerCallbackQueryParams{CallbackQueryID: q.ID, Text: "stored"}
	if _, err := b.AnswerCallbackQuery(ctx(t), answer); err != nil {
		t.Fatalf("answer: %v", err)
	}
	if _, err := b.AnswerCallbackQuery(ctx(t), answer); err == nil {
		t.Error("a second answer is taken")
	}
	if toasts := s.Toasts(anna); len(toasts) != 1 || toasts[0].Text != "stored" {
		t.Errorf("toasts: %+v", toasts)
	}
}

// poll fetches what waits at and above an offset.
func poll(t *testing.T, b *tg.Bot, offset int64) []*models.Update {
	t.Helper()
	got, err := getUpdates(b, offset)
	if err != nil {
		t.Fatalf("poll: %v", err)
	}
	return got
}

func TestAnOffsetConfirmsAndNumbersGrow(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	s, b, _ := start(t, simulator.Options{Real: clock.Now})
	s.Type(anna, "dua")
	first := poll(t, b, 0)
	if len(first) != 2 || first[1].ID <= first[0].ID {
		t.Fatalf("first poll brought %d updates", len(first))
	}
	clock.Advance(time.Second)
	if again := poll(t, b, 0); len(again) != 2 {
		t.Errorf("unconfirmed updates came %d times again, want 2", len(again))
	}
	if rest := poll(t, b, first[0].ID+1); len(rest) != 1 || rest[0].ID != first[1].ID {
		t.Errorf("after confirming the first: %d updates", len(rest))
	}
	s.Redeliver(first[0].ID)
	if rest := poll(t, b, first[0].ID); len(rest) != 2 {
		t.Errorf("after redelivery %d updates wait, want 2", len(rest))
	}
}

func TestASecondPollEndsTheFirst(t *testing.T) {
	s, b, _ := start(t, simulator.Options{})
	poll(t, b, 1<<40) // confirms everything
	ended := make(chan error, 1)
	go func() {
		_, err := getUpdatesWait(b, 0, 20)
		ended <- err
	}()
	if err := s.Wait(ctx(t), func() bool { return s.Counts()["getUpdates"] >= 2 }); err != nil {
		t.Fatalf("wait: %v", err)
	}
	var err error
	for offset := int64(1); err == nil; offset++ { // the first poll may only just have been counted
		poll(t, b, offset)
		select {
		case err = <-ended:
		default:
		}
	}
	if !errors.Is(err, tg.ErrorConflict) {
		t.Errorf("the first poll ended with %v, want a conflict", err)
	}
}

func TestAPollThatAsksTheSameAgainInAHurryGetsLessAndWaitsLonger(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	s, b, _ := start(t, simulator.Options{Real: clock.Now})
	s.Type(anna, "dua")
	for _, step := range []struct {
		later  time.Duration
		offset int64
		want   int
	}{{0, 0, 2}, {499 * time.Millisecond, 0, 1}, {0, 1, 2}, {0, 0, 2}, {500 * time.Millisecond, 0, 2}} {
		clock.Advance(step.later)
		if got := poll(t, b, step.offset); len(got) != step.want {
			t.Errorf("%v later from %d: %d updates, want %d", step.later, step.offset, len(got), step.want)
		}
	}
	next := poll(t, b, 0)[0].ID + 2
	poll(t, b, next) // nothing there
	polls, held := s.Counts()["getUpdates"], make(chan int, 1)
	go func() {
		got, err := getUpdates(b, next)
		if err != nil {
			t.Errorf("poll: %v", err)
		}
		held <- len(got)
	}()
	if err := s.Wait(ctx(t), func() bool { return s.Counts()["getUpdates"] > polls }); err != nil {
		t.Fatalf("wait: %v", err)
	}
	s.Type(anna, "tiga")
	if got := <-held; got != 1 {
		t.Errorf("the same poll again, without a time-out of its own, brought %d updates of the next three seconds, want 1", got)
	}
}

func TestWhatIsNotTakenInTimeIsGone(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	s, b, _ := start(t, simulator.Options{Real: clock.Now})
	if _, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: "pilih", ReplyMarkup: keyboard(button("Ya", "ya"))}); err != nil {
		t.Fatalf("send: %v", err)
	}
	if _, err := s.TapLabel(anna, "Ya"); err != nil {
		t.Fatalf("tap: %v", err)
	}
	for _, step := range []struct {
		later time.Duration
		want  int
	}{{150 * time.Second, 2}, {time.Second, 1}, {24 * time.Hour, 0}} {
		clock.Advance(step.later)
		if got := poll(t, b, 0); len(got) != step.want || s.Pending() != step.want {
			t.Errorf("%v later: %d updates, want %d", step.later, len(got), step.want)
		}
	}
}

func TestATextOvertakesATapThatIsDeliveredAgain(t *testing.T) {
	s, b, _ := start(t, simulator.Options{WebhookRetry: time.Millisecond})
	if _, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: "pilih", ReplyMarkup: keyboard(button("Ya", "ya"))}); err != nil {
		t.Fatalf("send: %v", err)
	}
	if _, err := s.TapLabel(anna, "Ya"); err != nil {
		t.Fatalf("tap: %v", err)
	}
	last := s.Type(anna, "teks")
	var overtook atomic.Bool
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var u models.Update
		if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
			t.Errorf("delivered: %v", err)
		}
		if u.ID == last {
			overtook.Store(true)
		}
		if u.CallbackQuery != nil && !overtook.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(receiver.Close)
	if _, err := b.SetWebhook(ctx(t), &tg.SetWebhookParams{URL: receiver.URL}); err != nil {
		t.Fatalf("set webhook: %v", err)
	}
	if err := s.Wait(ctx(t), func() bool { return s.Pending() == 0 }); err != nil {
		t.Fatalf("a text waits for a tap: %v", err)
	}
}

func TestAWebhookIsDeliveredInOrderUntilItIsTaken(t *testing.T) {
	s, b, _ := start(t, simulator.Options{WebhookRetry: time.Millisecond})
	var calls atomic.Int32
	var secret atomic.Value
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret.Store(r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
		if calls.Add(1) <= 2 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(receiver.Close)
	if _, err := b.SetWebhook(ctx(t), &tg.SetWebhookParams{URL: receiver.URL, SecretToken: "s3cret"}); err != nil {
		t.Fatalf("set webhook: %v", err)
	}
	if err := s.Wait(ctx(t), func() bool { return s.Pending() == 0 }); err != nil {
		t.Fatalf("the update was not taken: %v", err)
	}
	if got := secret.Load(); calls.Load() != 3 || got != "s3cret" {
		t.Errorf("delivered %d times with secret %v, want 3 times", calls.Load(), got)
	}
	if _, err := getUpdates(b, 0); !errors.Is(err, tg.ErrorConflict) {
		t.Errorf("polling beside a webhook: %v, want a conflict", err)
	}
}

func TestFaultsHappenAsAsked(t *testing.T) {
	s, b, _ := start(t, simulator.Options{})
	hi := &tg.SendMessageParams{ChatID: anna, Text: "hi"}
	s.Faults().FailNext("sendMessage", 1, simulator.TooMany(7))
	_, err := b.SendMessage(ctx(t), hi)
	var flood *tg.TooManyRequestsError
	if !errors.As(err, &flood) || flood.RetryAfter != 7 {
		t.Errorf("429 arrived as %v", err)
	}
	s.Faults().FailNext("sendMessage", 1, simulator.ServerError())
	if _, err := b.SendMessage(ctx(t), hi); err == nil {
		t.Error("500 arrived as success")
	}
	before := len(s.Chat(anna))
	s.Faults().FailNext("sendMessage", 1, simulator.CutAfter())
	if _, err := b.SendMessage(ctx(t), hi); err == nil || len(s.Chat(anna)) != before+1 {
		t.Errorf("cut after accepting: error %v, %d messages more", err, len(s.Chat(anna))-before)
	}
	s.Block(anna)
	if _, err := b.SendMessage(ctx(t), hi); !errors.Is(err, tg.ErrorForbidden) {
		t.Errorf("blocked: %v", err)
	}
	if got := s.Faults().Count(); got != 3 {
		t.Errorf("%d faults counted, want 3", got)
	}
}

func TestABotThatSendsTooFastIsStopped(t *testing.T) {
	_, b, _ := start(t, simulator.Options{})
	var err error
	for range 60 {
		if _, err = b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: "x"}); err != nil {
			break
		}
	}
	var flood *tg.TooManyRequestsError
	if !errors.As(err, &flood) || flood.RetryAfter < 1 {
		t.Errorf("sixty messages at once: %v, want 429", err)
	}
}

func TestAFileCanBeFetched(t *testing.T) {
	s, b, _ := start(t, simulator.Options{})
	s.SendDocument(anna, "pegawai.xlsx", []byte("isi"))
	updates := poll(t, b, 0)
	d := updates[len(updates)-1].Message.Document
	f, err := b.GetFile(ctx(t), &tg.GetFileParams{FileID: d.FileID})
	if err != nil || d.FileName != "pegawai.xlsx" {
		t.Fatalf("get file %q: %v", d.FileName, err)
	}
	request, err := http.NewRequestWithContext(ctx(t), http.MethodGet, b.FileDownloadLink(f), nil)
	if err != nil {
		t.Fatalf("request: %v", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("download: %v", err)
	}
	defer response.Body.Close()
	var content bytes.Buffer
	if _, err := content.ReadFrom(response.Body); err != nil || content.String() != "isi" {
		t.Errorf("downloaded %q, %v", content.String(), err)
	}
}

func TestAFormWithoutAPartIsRefusedAndNoFormIsNot(t *testing.T) {
	_, b, address := start(t, simulator.Options{})
	for what, c := range map[string]struct {
		body string
		want int
	}{
		"nothing but the end": {"\r\n--x--\r\n", http.StatusBadRequest},
		"broken off":          {"--x\r\nContent-Disposition: form-data; name=\"url\"\r\n", http.StatusBadRequest},
		"no body at all":      {"", http.StatusOK},
	} {
		request, err := http.NewRequestWithContext(ctx(t), http.MethodPost, address+"/bot123456:SIMULATOR/deleteWebhook", strings.NewReader(c.body))
		if err != nil {
			t.Fatalf("request: %v", err)
		}
		request.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		var said bytes.Buffer
		if _, err := said.ReadFrom(response.Body); err != nil || response.Body.Close() != nil {
			t.Fatalf("%s: read: %v", what, err)
		}
		if response.StatusCode != c.want || (said.Len() == 0) != (c.want == http.StatusBadRequest) {
			t.Errorf("%s: %d with %q, want %d", what, response.StatusCode, said.String(), c.want)
		}
	}
	if _, err := b.DeleteWebhook(ctx(t), &tg.DeleteWebhookParams{}); err == nil {
		t.Error("the library's form without a field was taken")
	}
}

func TestAWrongTokenAndAnUnknownMethodAreTold(t *testing.T) {
	_, _, address := start(t, simulator.Options{})
	for path, want := range map[string]int{"/bot1:wrong/getMe": http.StatusUnauthorized, "/bot123456:SIMULATOR/makeCoffee": http.StatusNotFound} {
		request, err := http.NewRequestWithContext(ctx(t), http.MethodPost, address+path, nil)
		if err != nil {
			t.Fatalf("request: %v", err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatalf("call: %v", err)
		}
		if err := response.Body.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
		}
	}
}

func TestCommandsAreFoundInUTF16(t *testing.T) {
	s, b, _ := start(t, simulator.Options{})
	s.Type(anna, "😀 /nilai@kinerja_demo_bot")
	updates := poll(t, b, 0)
	e := updates[len(updates)-1].Message.Entities
	if len(e) != 1 || e[0].Offset != 3 || e[0].Length != 23 {
		t.Errorf("entities: %+v", e)
	}
}

// A picture that was sent is sent again by its id, as a picture only; an id that is none, or not any more, is refused.
func TestAPictureIsSentAgainByItsIDAndByNothingElse(t *testing.T) {
	s, b, _ := start(t, simulator.Options{})
	s.SendPicture(anna, []byte("gambar"), "Apel pagi", "")
	chat := s.Chat(anna)
	sent := chat[len(chat)-1]
	if !sent.Photo || sent.Text != "Apel pagi" {
		t.Fatalf("her phone shows %+v", sent)
	}
	id := &models.InputFileString{Data: sent.FileID}
	again, err := b.SendPhoto(ctx(t), &tg.SendPhotoParams{ChatID: anna, Photo: id, Caption: "Lagi"})
	if err != nil || len(again.Photo) == 0 || again.Photo[len(again.Photo)-1].FileID != sent.FileID || again.Caption != "Lagi" {
		t.Errorf("sent again: %+v, %v", again, err)
	}
	_, err = b.SendDocument(ctx(t), &tg.SendDocumentParams{ChatID: anna, Document: id})
	refuses(t, err, "can't use file of type Photo as Document")
	s.ForgetFiles()
	_, err = b.SendPhoto(ctx(t), &tg.SendPhotoParams{ChatID: anna, Photo: id})
	refuses(t, err, "wrong remote file identifier specified")
}

func refuses(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%v, want %q", err, words)
	}
}
