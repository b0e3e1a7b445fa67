package bot

import (
	"cmp"
	"encoding/json"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// telegram is a small Telegram whose faults a test can place exactly. The strict one is the simulator, on which cmd/kinerja tests the whole program.
type telegram struct {
	server *httptest.Server

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced when something happened
	updates  []storedUpdate
	next     int64
	messages map[int64][]*shownMessage // by chat
	lastID   int
	answers  map[string][]string // by tap
	calls    map[string]int
	polled   map[int64]time.Time // when the last poll began, by its offset
	settings map[string]string   // the commands by language, the kind of the menu button and the webhook's address
	clock    int64               // what its answers say that it is, in Unix seconds; 0 for the machine's

	fault func(method string, form map[string]string) string
}

type storedUpdate struct {
	id  int64
	raw string
}

type shownMessage struct {
	id      int
	text    string
	buttons bool
	edits   int
}

// The faults that telegram.fault can ask for. Anything else is a refusal "code description", such as "400 Bad Request: chat not found".
const (
	noFault      = ""
	cutBefore    = "cut before"   // the connection ends before anything was done
	cutAfter     = "cut after"    // it was done, and then the connection ends
	brokenServer = "500 Internal" // an answer in HTML
	flooded      = "429 Too Many Requests: retry after "
)

func newTelegram(t *testing.T) *telegram {
	t.Helper()
	tel := &telegram{changed: make(chan struct{}), next: 100, messages: map[int64][]*shownMessage{}, answers: map[string][]string{}, calls: map[string]int{}, settings: map[string]string{}}
	tel.server = httptest.NewServer(http.HandlerFunc(tel.serve))
	t.Cleanup(tel.server.Close)
	return tel
}

// bot makes a client of it whose calls are short.
func (tel *telegram) bot(t *testing.T, gate *Gate) *Bot {
	t.Helper()
	b, err := New(Options{Token: "1:TEST", APIURL: tel.server.URL, Gate: gate, CallLimit: time.Second})
	if err != nil {
		t.Fatalf("new bot: %v", err)
	}
	t.Cleanup(b.Close)
	return b
}

func (tel *telegram) notify() {
	close(tel.changed)
	tel.changed = make(chan struct{})
}

// text delivers a text message; tap a tap on a message. Both return the update's number.
func (tel *telegram) text(person int64, text string) int64 {
	return tel.textAt(afterAll, person, text)
}

// The moments of this Telegram: everything is shown at shownAt, and what people write comes after it, unless a test says otherwise.
const (
	shownAt  = 1
	afterAll = 4_000_000_000
)

func (tel *telegram) textAt(date int64, person int64, text string) int64 {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	entities := ""
	if strings.HasPrefix(text, "/") {
		entities = fmt.Sprintf(`,"entities":[{"type":"bot_command","offset":0,"length":%d}]`, len(text))
	}
	return tel.push(fmt.Sprintf(`"message":{"message_id":%d,"date":%d,"from":{"id":%d,"language_code":"id"},"chat":{"id":%d,"type":"private"},"text":%q%s}`, tel.message(), date, person, person, text, entities))
}

// inGroup delivers a command of a person in a group.
func (tel *telegram) inGroup(group, person int64, command string) int64 {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	return tel.push(fmt.Sprintf(`"message":{"message_id":%d,"date":1,"from":{"id":%d,"language_code":"id"},"chat":{"id":%d,"type":"supergroup"},"text":%q,"entities":[{"type":"bot_command","offset":0,"length":%d}]}`,
		tel.message(), person, group, command, len(command)))
}

func (tel *telegram) tap(person int64, message int, data string) int64 {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	return tel.push(fmt.Sprintf(`"callback_query":{"id":"q%d","from":{"id":%d,"language_code":"id"},"data":%q,"message":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"private"}}}`, tel.next, person, data, message, person))
}

func (tel *telegram) push(fields string) int64 {
	id := tel.next
	tel.next++
	tel.updates = append(tel.updates, storedUpdate{id, fmt.Sprintf(`{"update_id":%d,%s}`, id, fields)})
	tel.notify()
	return id
}

func (tel *telegram) message() int {
	tel.lastID++
	return tel.lastID
}

// card is a message that stands in a chat already.
func (tel *telegram) card(person int64) int {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	m := &shownMessage{id: tel.message(), text: "card", buttons: true}
	tel.messages[person] = append(tel.messages[person], m)
	return m.id
}

// raw is what Telegram would deliver for an update, by its number.
func (tel *telegram) raw(id int64) string {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	for _, u := range tel.updates {
		if u.id == id {
			return u.raw
		}
	}
	return ""
}

// pending is the updates that were not confirmed.
func (tel *telegram) pending() []int64 {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	var ids []int64
	for _, u := range tel.updates {
		ids = append(ids, u.id)
	}
	return ids
}

func (tel *telegram) shownTo(person int64) []shownMessage {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	var all []shownMessage
	for _, m := range tel.messages[person] {
		all = append(all, *m)
	}
	return all
}

func (tel *telegram) lastText(person int64) string {
	all := tel.shownTo(person)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1].text
}

func (tel *telegram) answersTo(update int64) []string {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	return slices.Clone(tel.answers["q"+strconv.FormatInt(update, 10)])
}

func (tel *telegram) called(method string) int {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	return tel.calls[method]
}

// setFault places a fault; it is asked with the lock held.
func (tel *telegram) setFault(fault func(method string, form map[string]string) string) {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	tel.fault = fault
}

// setClock sets the clock by which it answers. Its messages keep their own dates.
func (tel *telegram) setClock(now int64) {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	tel.clock = now
}

func (tel *telegram) serve(w http.ResponseWriter, r *http.Request) {
	method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	form := readForm(r)
	tel.mu.Lock()
	tel.calls[method]++
	fault := noFault
	if tel.clock != 0 {
		w.Header().Set("Date", time.Unix(tel.clock, 0).UTC().Format(http.TimeFormat))
	}
	if tel.fault != nil {
		fault = tel.fault(method, form)
	}
	tel.mu.Unlock()
	if fault == cutBefore {
		panic(http.ErrAbortHandler)
	}
	if fault == brokenServer {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte("<html>broken</html>"))
		return
	}
	refusal := fault
	var result any
	if fault == noFault || fault == cutAfter {
		result, refusal = tel.do(r, method, form)
	}
	if fault == cutAfter {
		panic(http.ErrAbortHandler)
	}
	answerWith(w, result, refusal)
}

func answerWith(w http.ResponseWriter, result any, refusal string) {
	answer := map[string]any{"ok": refusal == "", "result": result}
	if refusal != "" {
		code, description, _ := strings.Cut(refusal, " ")
		number, _ := strconv.Atoi(code)
		answer["error_code"], answer["description"] = number, description
		if seconds, ok := strings.CutPrefix(refusal, flooded); ok {
			after, _ := strconv.Atoi(seconds)
			answer["parameters"] = map[string]any{"retry_after": after}
		}
		w.WriteHeader(number)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// readForm reads the fields of a request in JSON or multipart.
func readForm(r *http.Request) map[string]string {
	form := map[string]string{}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/json" {
		var fields map[string]any
		_ = json.NewDecoder(r.Body).Decode(&fields)
		for name, value := range fields {
			form[name] = fmt.Sprintf("%.0f", value)
			if text, ok := value.(string); ok {
				form[name] = text
			}
		}
		return form
	}
	if parsed, err := multipart.NewReader(r.Body, params["boundary"]).ReadForm(1 << 20); err == nil {
		for name, values := range parsed.Value {
			form[name] = values[0]
		}
	}
	return form
}

func (tel *telegram) do(r *http.Request, method string, form map[string]string) (any, string) {
	if method == "getUpdates" {
		return tel.getUpdates(r, form), ""
	}
	tel.mu.Lock()
	defer tel.mu.Unlock()
	defer tel.notify()
	chat, _ := strconv.ParseInt(form["chat_id"], 10, 64)
	message, _ := strconv.Atoi(form["message_id"])
	switch method {
	case "getMe":
		return map[string]any{"id": 1, "is_bot": true, "username": "Kinerja_Bot"}, ""
	case "getMyCommands", "getChatMenuButton", "getWebhookInfo", "setMyCommands", "deleteMyCommands", "setChatMenuButton", "setWebhook":
		return tel.setting(method, form), ""
	case "sendMessage":
		m := &shownMessage{id: tel.message(), text: form["text"], buttons: form["reply_markup"] != ""}
		tel.messages[chat] = append(tel.messages[chat], m)
		return messageResult(m.id, chat), ""
	case "editMessageText", "editMessageReplyMarkup":
		return tel.edit(method, chat, message, form)
	case "answerCallbackQuery":
		if len(tel.answers[form["callback_query_id"]]) > 0 {
			return nil, "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
		}
		tel.answers[form["callback_query_id"]] = append(tel.answers[form["callback_query_id"]], form["text"])
	}
	return true, ""
}

// setting is what a bot sets once and can ask for. Of the webhook its secret is not told.
func (tel *telegram) setting(method string, form map[string]string) any {
	commands := "commands in " + form["language_code"]
	switch method {
	case "setMyCommands":
		tel.settings[commands] = form["commands"]
	case "setChatMenuButton":
		tel.settings["button"] = form["menu_button"]
	case "setWebhook":
		connections, _ := strconv.Atoi(form["max_connections"])
		info, _ := json.Marshal(map[string]any{"url": form["url"], "max_connections": connections, "allowed_updates": json.RawMessage(form["allowed_updates"])})
		tel.settings["webhook"] = string(info)
	case "getMyCommands":
		return json.RawMessage(cmp.Or(tel.settings[commands], "[]"))
	case "getChatMenuButton":
		return json.RawMessage(cmp.Or(tel.settings["button"], `{"type":"default"}`))
	case "getWebhookInfo":
		return json.RawMessage(cmp.Or(tel.settings["webhook"], `{"url":""}`))
	}
	return true
}

func (tel *telegram) edit(method string, chat int64, message int, form map[string]string) (any, string) {
	for _, m := range tel.messages[chat] {
		switch {
		case m.id != message:
			continue
		case method == "editMessageReplyMarkup":
			m.buttons = form["reply_markup"] != ""
			return messageResult(message, chat), ""
		case m.text == form["text"]:
			return nil, "400 Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content"
		}
		m.text, m.buttons = form["text"], form["reply_markup"] != ""
		m.edits++
		return messageResult(message, chat), ""
	}
	return nil, "400 Bad Request: message to edit not found"
}

func messageResult(id int, chat int64) any {
	return map[string]any{"message_id": id, "date": shownAt, "chat": map[string]any{"id": chat, "type": "private"}}
}

// getUpdates forgets what lies below the offset and waits for what lies above, as the real one does. Like that one it gives less
// to who asks the same again in a hurry.
func (tel *telegram) getUpdates(r *http.Request, form map[string]string) any {
	offset, _ := strconv.ParseInt(form["offset"], 10, 64)
	limit, _ := strconv.Atoi(form["limit"])
	seconds, _ := strconv.Atoi(form["timeout"])
	tel.mu.Lock()
	since := time.Since(tel.polled[offset])
	tel.polled = map[int64]time.Time{offset: time.Now()}
	tel.mu.Unlock()
	if since < 3*time.Second {
		seconds = max(seconds, 3)
	}
	if since < 500*time.Millisecond {
		limit = 1
	}
	timer := time.NewTimer(time.Duration(seconds) * time.Second)
	defer timer.Stop()
	for {
		tel.mu.Lock()
		tel.updates = slices.DeleteFunc(tel.updates, func(u storedUpdate) bool { return u.id < offset })
		found := []json.RawMessage{}
		for _, u := range tel.updates[:min(limit, len(tel.updates))] {
			found = append(found, json.RawMessage(u.raw))
		}
		changed := tel.changed
		tel.mu.Unlock()
		if len(found) > 0 || seconds == 0 {
			return found
		}
		select {
		case <-timer.C:
			return found
		case <-changed:
		case <-r.Context().Done():
			return found
		}
	}
}
