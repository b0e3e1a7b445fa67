package simulator

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

// apiError is a refusal in Telegram's words.
type apiError struct {
	code       int
	words      string
	retryAfter int
}

func (e *apiError) Error() string { return e.words }

// errForm refuses a form without a part, or one that breaks off. Telegram's server ends it before any method is asked: 400 without a word.
var errForm = &apiError{code: http.StatusBadRequest}

func badRequest(words string) error {
	return &apiError{code: http.StatusBadRequest, words: "Bad Request: " + words}
}

// params are the parameters of a call: strings as they came, or as JSON.
type params struct {
	values map[string]string
	files  map[string]*multipart.FileHeader
}

func (p params) text(name string) string { return p.values[name] }

func (p params) number(name string) int64 {
	n, err := strconv.ParseInt(p.values[name], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (p params) flag(name string) bool { return p.values[name] == "true" || p.values[name] == "1" }

// read decodes a JSON parameter; a missing one leaves into as it is.
func (p params) read(name string, into any) error {
	text := p.values[name]
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return badRequest("can't parse " + name + " JSON object")
	}
	return nil
}

// maxBody is Telegram's limit for an upload.
const maxBody = 50 << 20

func readParams(r *http.Request) (params, error) {
	p := params{values: map[string]string{}, files: map[string]*multipart.FileHeader{}}
	for name, list := range r.URL.Query() {
		p.values[name] = list[0]
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return p, nil // no body, or none that anybody reads
	}
	switch kind {
	case "application/json":
		return p, p.readJSON(r.Body)
	case "multipart/form-data":
		if nothingIn(r) {
			return p, nil // announced and not sent, as the library does with getMe
		}
		if err := r.ParseMultipartForm(maxBody); err != nil || len(r.MultipartForm.Value)+len(r.MultipartForm.File) == 0 {
			return p, errForm
		}
		for name, list := range r.MultipartForm.Value {
			p.values[name] = list[0]
		}
		for name, list := range r.MultipartForm.File {
			p.files[name] = list[0]
		}
	case "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return p, badRequest("can't parse form")
		}
		for name, list := range r.PostForm {
			p.values[name] = list[0]
		}
	}
	return p, nil
}

// nothingIn reports whether a request has no body. What it reads to find out is put back.
func nothingIn(r *http.Request) bool {
	body := bufio.NewReader(r.Body)
	_, err := body.Peek(1)
	r.Body = struct {
		io.Reader
		io.Closer
	}{body, r.Body}
	return errors.Is(err, io.EOF)
}

func (p params) readJSON(body io.Reader) error {
	var raw map[string]json.RawMessage
	if err := json.NewDecoder(io.LimitReader(body, maxBody)).Decode(&raw); err != nil {
		return badRequest("can't parse JSON object")
	}
	for name, value := range raw {
		var text string
		if json.Unmarshal(value, &text) == nil {
			p.values[name] = text
		} else {
			p.values[name] = string(value)
		}
	}
	return nil
}

type method func(s *Server, r *http.Request, p params) (any, error)

// methods are what the server knows. A name is compared without case, as Telegram does.
func methods() map[string]method {
	return map[string]method{
		"getme": (*Server).getMe, "getupdates": (*Server).getUpdates, "setwebhook": (*Server).setWebhook,
		"deletewebhook": (*Server).deleteWebhook, "getwebhookinfo": (*Server).getWebhookInfo,
		"sendmessage": (*Server).sendMessage, "sendphoto": (*Server).sendPhoto, "senddocument": (*Server).sendDocument, "sendmediagroup": (*Server).sendMediaGroup,
		"editmessagetext": (*Server).editText, "editmessagecaption": (*Server).editCaption, "editmessagemedia": (*Server).editMedia, "editmessagereplymarkup": (*Server).editMarkup,
		"deletemessage": (*Server).deleteMessage, "deletemessages": (*Server).deleteMessages,
		"answercallbackquery": (*Server).answerQuery, "sendchataction": (*Server).chatAction, "getfile": (*Server).getFile,
		"setmycommands": (*Server).setCommands, "getmycommands": (*Server).getCommands, "deletemycommands": (*Server).deleteCommands,
		"setchatmenubutton": (*Server).setMenuButton, "getchatmenubutton": (*Server).getMenuButton,
	}
}

// counted is under which name a call is counted: that of its method, and apart what sets the list of one chat.
func counted(method string, p params) string {
	if to, err := readScope(p); err == nil && to.kind == "chat" && strings.EqualFold(method, "setMyCommands") {
		return SetOneList
	}
	return method
}

// serveAPI is one call of the bot.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	token, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	if token != s.options.Token {
		answer(w, nil, &apiError{code: http.StatusUnauthorized, words: "Unauthorized"})
		return
	}
	do, ok := methods()[strings.ToLower(name)]
	if !ok {
		answer(w, nil, &apiError{code: http.StatusNotFound, words: "Not Found"})
		return
	}
	p, err := readParams(r)
	s.mu.Lock()
	s.counts[counted(name, p)]++
	s.mu.Unlock()
	fault := s.faults.next(name)
	if fault.before(s, w, r) {
		return
	}
	var result any
	if err == nil {
		err = s.paceMethod(name)
	}
	if err == nil {
		result, err = do(s, r, p)
	}
	if fault.after(w) {
		return
	}
	answer(w, result, err)
}

func answer(w http.ResponseWriter, result any, err error) {
	reply, code := map[string]any{"ok": true, "result": result}, http.StatusOK
	if err != nil {
		refused, ok := err.(*apiError) //nolint:errorlint // made here and never wrapped
		if !ok {
			refused = &apiError{code: http.StatusInternalServerError, words: "Internal Server Error"}
		}
		if refused == errForm {
			w.WriteHeader(refused.code)
			return
		}
		code = refused.code
		reply = map[string]any{"ok": false, "error_code": code, "description": refused.words}
		if refused.retryAfter > 0 {
			reply["parameters"] = map[string]any{"retry_after": refused.retryAfter}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(reply); err != nil {
		return // the bot has gone
	}
}

func tooMany(seconds int) error {
	return &apiError{code: http.StatusTooManyRequests, words: fmt.Sprintf("Too Many Requests: retry after %d", seconds), retryAfter: seconds}
}

func (s *Server) getMe(*http.Request, params) (any, error) {
	return s.botUser(), nil
}

func (s *Server) botUser() map[string]any {
	id, _, _ := strings.Cut(s.options.Token, ":")
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		number = 1
	}
	return map[string]any{"id": number, "is_bot": true, "first_name": "kinerja", "username": s.options.BotUsername}
}
