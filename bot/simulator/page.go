package simulator

import (
	"embed"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed page
var pageFiles embed.FS

// maxName is how many characters Telegram lets a first name have.
const maxName = 64

var phoneForm = regexp.MustCompile(`^\+?[0-9]{6,15}$`)

func escape(text string) string { return html.EscapeString(text) }

// routePage serves the page and the calls that it, and Client, make.
func (s *Server) routePage(mux *http.ServeMux) {
	files, err := fs.Sub(pageFiles, "page")
	if err == nil { // always: the folder is embedded
		mux.Handle("GET /", http.FileServerFS(files))
	}
	mux.HandleFunc("GET /sim/phones", s.listPhones)
	mux.HandleFunc("POST /sim/phones", s.buyPhone)
	mux.HandleFunc("GET /sim/chat", s.showChat)
	mux.HandleFunc("GET /sim/events", s.events)
	mux.HandleFunc("GET /sim/clock", s.showClock)
	mux.HandleFunc("POST /sim/clock", s.moveClock)
	mux.HandleFunc("POST /sim/act", s.act)
	mux.HandleFunc("POST /sim/upload", s.upload)
	mux.HandleFunc("GET /sim/file", s.download)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return // the page has gone
	}
}

func (s *Server) listPhones(w http.ResponseWriter, _ *http.Request) {
	reply(w, map[string]any{"phones": s.Phones(), "bot": s.options.BotUsername})
}

// firstBought is the number of the first phone that somebody adds on the page; those of a caller of AddPhone are his to choose.
const firstBought = 500_000_001

// buyPhone adds a person by name, who has not written to the bot yet, and answers with his phone.
func (s *Server) buyPhone(w http.ResponseWriter, r *http.Request) {
	name, number := strings.Join(strings.Fields(r.FormValue("name")), " "), strings.TrimSpace(r.FormValue("phone"))
	if name == "" || utf8.RuneCountInString(name) > maxName || number != "" && !phoneForm.MatchString(number) {
		http.Error(w, "a phone has the name of a person (1 to 64 characters) and a number such as +628126600001, or none", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	p := Phone{ID: firstBought, Name: name, Label: name, Phone: number, Language: "id"}
	if r.FormValue("language") == "en" {
		p.Language = "en"
	}
	for _, taken := range s.phones {
		p.ID = max(p.ID, taken.ID+1)
	}
	s.mu.Unlock()
	s.AddPhone(p)
	reply(w, p)
}

// View is what one phone shows.
type View struct {
	Messages []Message `json:"messages"`
	Toasts   []Toast   `json:"toasts"`
	Commands []command `json:"commands"`
	Typing   bool      `json:"typing"`
	Waiting  []int64   `json:"waiting"` // taps without an answer, by update
}

// typingTime is how long "typing" is shown.
const typingTime = 5 * time.Second

func (s *Server) view(user int64) View {
	v := View{Messages: s.Chat(user), Toasts: s.Toasts(user), Commands: s.commandsFor(user)}
	s.mu.Lock()
	defer s.mu.Unlock()
	v.Typing = time.Since(s.chatOf(user).typing) < typingTime
	for _, q := range s.queries {
		if q.user == user {
			v.Waiting = append(v.Waiting, q.update)
		}
	}
	return v
}

func userOf(r *http.Request) int64 {
	id, err := strconv.ParseInt(r.FormValue("user"), 10, 64)
	if err != nil {
		return 0 // nobody
	}
	return id
}

func (s *Server) showChat(w http.ResponseWriter, r *http.Request) { reply(w, s.view(userOf(r))) }

// events tells the page that something changed; it then asks for what it shows.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	flusher, ok := w.(http.Flusher)
	if !ok {
		http.Error(w, "no streaming", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		s.mu.Lock()
		version, changed := s.version, s.changed
		s.mu.Unlock()
		if _, err := fmt.Fprintf(w, "data: %d\n\n", version); err != nil {
			return
		}
		flusher.Flush()
		select {
		case <-r.Context().Done():
			return
		case <-s.life.Done():
			return
		case <-changed:
		}
	}
}

func (s *Server) showClock(w http.ResponseWriter, _ *http.Request) {
	if s.options.Clock == nil {
		reply(w, map[string]any{})
		return
	}
	reply(w, map[string]any{"now": s.options.Clock.Now().UTC().Format(time.RFC3339)})
}

// maxAdvance is how far one call moves the clock.
const maxAdvance = 400 * 24 * time.Hour

func (s *Server) moveClock(w http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.FormValue("advance"))
	if err != nil || d < 0 || d > maxAdvance || s.options.Clock == nil {
		http.Error(w, "the clock moves forward by a duration such as 24h", http.StatusBadRequest)
		return
	}
	s.options.Clock.Advance(d)
	s.mu.Lock()
	s.touch()
	s.mu.Unlock()
	s.showClock(w, r)
}

// act is what a person does on his phone: type, tap, contact or block.
func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	user := userOf(r)
	var id int64
	var err error
	switch r.FormValue("do") {
	case "type":
		id = s.Type(user, r.FormValue("text"))
	case "tap":
		if label := r.FormValue("label"); label != "" {
			id, err = s.TapLabel(user, label)
			break
		}
		message, numberErr := strconv.Atoi(r.FormValue("message"))
		if err = numberErr; err == nil {
			id, err = s.Tap(user, message, r.FormValue("data"))
		}
	case "contact":
		s.mu.Lock()
		p, _ := s.phone(user)
		s.mu.Unlock()
		id = s.ShareContact(user, p.Phone, user)
	case "sticker":
		id = s.SendSticker(user)
	case "block":
		s.Block(user)
	case "unblock":
		s.Unblock(user)
	default:
		err = fmt.Errorf("unknown act %q", r.FormValue("do"))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply(w, map[string]any{"update_id": id})
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	file, header, err := r.FormFile("file")
	if err != nil {
		http.Error(w, "no file", http.StatusBadRequest)
		return
	}
	content, err := io.ReadAll(io.LimitReader(file, maxBody))
	if err != nil {
		http.Error(w, "file cannot be read", http.StatusBadRequest)
		return
	}
	user, caption := userOf(r), r.FormValue("caption")
	if strings.HasPrefix(header.Header.Get("Content-Type"), "image/") { // which a phone sends as a picture
		reply(w, map[string]any{"update_id": s.SendPicture(user, content, caption, "")})
		return
	}
	reply(w, map[string]any{"update_id": s.SendDocumentWith(user, header.Filename, content, caption)})
}

// download gives the page a file of a chat, as a phone saves it.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f, ok := s.files[r.FormValue("id")]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	if f.kind == photoFile && strings.HasPrefix(http.DetectContentType(f.content), "image/") {
		w.Header().Set("Content-Type", http.DetectContentType(f.content))
		if _, err := w.Write(f.content); err != nil {
			return // the page has gone
		}
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	if _, err := w.Write(f.content); err != nil {
		return // the page has gone
	}
}
