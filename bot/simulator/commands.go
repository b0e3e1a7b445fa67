package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// The lists of commands, as telegram-bot-api reads them (Client::get_bot_commands, get_bot_command_scope, check_bot_command_scope) and tdlib
// checks them (set_commands in BotCommand.cpp, BotCommandScope::get_bot_command_scope). The first letter of what tdlib says becomes small on
// the way (Client::fail_query_with_error), in words that are not all capitals.

// command is one entry of the list behind the menu button.
type command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

const (
	maxCommands    = 100
	maxCommand     = 32  // characters, not UTF-16 units
	maxDescription = 256 // the same
)

// readCommands reads the list of a call. A missing one is empty.
func readCommands(p params) ([]command, error) {
	text := p.text("commands")
	if text == "" {
		return nil, nil
	}
	if !json.Valid([]byte(text)) {
		return nil, badRequest("can't parse commands JSON object")
	}
	var entries []json.RawMessage
	if json.Unmarshal([]byte(text), &entries) != nil || entries == nil {
		return nil, badRequest("expected an Array of BotCommand")
	}
	list := make([]command, 0, len(entries))
	for _, raw := range entries {
		entry, err := objectOf(raw, "expected an Object")
		c := command{}
		if err == nil {
			c.Command, err = entry.text("command")
		}
		if err == nil {
			c.Description, err = entry.text("description")
		}
		if err != nil {
			return nil, badRequest("can't parse BotCommand: " + err.Error())
		}
		list = append(list, c)
	}
	return list, nil
}

// words are what Telegram says.
type words string

func (w words) Error() string { return string(w) }

// object is a JSON object whose fields are asked for as telegram-bot-api does.
type object map[string]json.RawMessage

func objectOf(raw json.RawMessage, otherwise string) (object, error) {
	var o object
	if json.Unmarshal(raw, &o) != nil || o == nil {
		return nil, words(otherwise)
	}
	return o, nil
}

// text is a field that must be there: a string, or a number as it is written.
func (o object) text(name string) (string, error) {
	raw, ok := o[name]
	if !ok {
		return "", words(fmt.Sprintf("Can't find field %q", name))
	}
	var text string
	if json.Unmarshal(raw, &text) == nil && string(raw) != "null" {
		return text, nil
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil && string(raw) != "null" {
		return number.String(), nil
	}
	return "", words(fmt.Sprintf("Field %q must be of type String", name))
}

// scope is for whom a list of commands is.
type scope struct {
	kind string
	chat string // as it was given; "" for all
	user string // of chat_member; whether the bot knows him is not looked at
}

// readScope reads the scope of a call. A missing one is the default.
func readScope(p params) (scope, error) {
	text := p.text("scope")
	if text == "" {
		return scope{kind: "default"}, nil
	}
	if !json.Valid([]byte(text)) {
		return scope{}, badRequest("can't parse BotCommandScope JSON object")
	}
	s, err := scopeOf(json.RawMessage(text))
	if err != nil {
		return scope{}, badRequest("can't parse BotCommandScope: " + err.Error())
	}
	return s, nil
}

func scopeOf(raw json.RawMessage) (s scope, err error) {
	o, err := objectOf(raw, "BotCommandScope must be an Object")
	if err == nil {
		s.kind, err = o.text("type")
	}
	if err != nil {
		return scope{}, err
	}
	switch s.kind {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return s, nil
	case "chat", "chat_administrators", "chat_member":
	default:
		return scope{}, words("Unsupported type specified")
	}
	switch s.chat, err = o.text("chat_id"); {
	case err != nil:
		return scope{}, err
	case s.chat == "":
		return scope{}, words("Empty chat_id specified")
	case s.kind == "chat_member":
		s.user, err = o.text("user_id")
	}
	return s, err
}

// place is the key of a list, once scope and language are found good. The lock is held.
func (s *Server) place(p params, to scope) (string, error) {
	if to.chat != "" {
		c := s.chats[params{values: map[string]string{"chat": to.chat}}.number("chat")]
		switch {
		case c == nil || !c.started: // who never wrote to the bot is no chat that it knows
			return "", badRequest("chat not found")
		case !c.group && to.kind != "chat":
			return "", badRequest("can't use specified scope in private chats")
		}
	}
	language := p.text("language_code")
	if language != "" && (len(language) != 2 || strings.Trim(language, "abcdefghijklmnopqrstuvwxyz") != "") {
		return "", badRequest("invalid language code specified")
	}
	return strings.Join([]string{to.kind, to.chat + to.user, language}, ":"), nil
}

// cleaned is a list as tdlib passes it on.
func cleaned(list []command) ([]command, error) {
	out := make([]command, 0, len(list))
	for _, c := range list {
		c.Command = strings.TrimPrefix(trimmed(c.Command), "/")
		c.Description = trimmed(c.Description)
		switch {
		case c.Command == "":
			return nil, badRequest("command must be non-empty")
		case utf8.RuneCountInString(c.Command) > maxCommand:
			return nil, badRequest(fmt.Sprintf("command length must not exceed %d", maxCommand))
		case c.Description == "":
			return nil, badRequest("command description must be non-empty")
		case utf8.RuneCountInString(c.Description) > maxDescription:
			return nil, badRequest(fmt.Sprintf("command description length must not exceed %d", maxDescription))
		}
		out = append(out, c)
	}
	return out, nil
}

// trimmed takes blanks off both ends, once control characters other than the line feed have become blanks (clean_input_string, trim).
func trimmed(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return -1
		case r < ' ' && r != '\n':
			return ' '
		}
		return r
	}, text)
	return strings.Trim(text, " \n")
}

func (s *Server) setCommands(_ *http.Request, p params) (any, error) {
	list, err := readCommands(p)
	if err != nil {
		return nil, err
	}
	to, err := readScope(p)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.place(p, to)
	if err == nil {
		list, err = cleaned(list)
	}
	if err == nil {
		err = taken(list)
	}
	if err != nil {
		return nil, err
	}
	s.commands[key] = list
	s.touch()
	return true, nil
}

// taken is what Telegram itself refuses, behind tdlib.
func taken(list []command) error {
	if len(list) > maxCommands {
		return badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for _, c := range list {
		if strings.Trim(c.Command, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return badRequest("BOT_COMMAND_INVALID")
		}
	}
	return nil
}

// listed finds the place of the list that a call is about. The lock is held.
func (s *Server) listed(p params) (string, error) {
	to, err := readScope(p)
	if err != nil {
		return "", err
	}
	return s.place(p, to)
}

func (s *Server) getCommands(_ *http.Request, p params) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.listed(p)
	return append([]command{}, s.commands[key]...), err
}

func (s *Server) deleteCommands(_ *http.Request, p params) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.listed(p)
	if err != nil {
		return nil, err
	}
	delete(s.commands, key)
	s.touch()
	return true, nil
}

// setMenuButton sets the button of everybody, which there is one kind of at first and another once the bot has asked for it.
func (s *Server) setMenuButton(_ *http.Request, p params) (any, error) {
	var button struct {
		Type string `json:"type"`
	}
	if err := p.read("menu_button", &button); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.menuButton = button.Type
	return true, nil
}

func (s *Server) getMenuButton(*http.Request, params) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{"type": cmp.Or(s.menuButton, "default")}, nil
}

// commandsFor is what a person's menu button shows: for his chat, else for all, in his language, else in any.
func (s *Server) commandsFor(user int64) []command {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, _ := s.phone(user)
	for _, scope := range []string{fmt.Sprintf("chat:%d", user), "all_private_chats:", "default:"} {
		for _, language := range []string{p.Language, ""} {
			if list, ok := s.commands[scope+":"+language]; ok {
				return slices.Clone(list)
			}
		}
	}
	return nil
}
