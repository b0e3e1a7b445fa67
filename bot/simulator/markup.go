package simulator

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// tagNames are the tags that Telegram's HTML knows, by what the page shows for them.
var tagNames = map[string]string{
	"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "ins": "u", "s": "s", "strike": "s", "del": "s",
	"code": "code", "pre": "pre", "a": "a", "blockquote": "blockquote", "tg-spoiler": "span", "span": "span",
}

// parseHTML reads Telegram's HTML. It returns the text without markup and markup that is safe to show.
func parseHTML(source string) (plain, safe string, err error) {
	var text, shown strings.Builder
	var open []string
	for i := 0; i < len(source); {
		switch source[i] {
		case '<':
			end := strings.IndexByte(source[i:], '>')
			if end < 0 {
				return "", "", entities("Unclosed start tag at byte offset %d", i)
			}
			tag := source[i+1 : i+end]
			if open, err = readTag(tag, i, open, &shown); err != nil {
				return "", "", err
			}
			i += end + 1
		case '&':
			decoded, length := readEntity(source[i:])
			text.WriteString(decoded)
			shown.WriteString(html.EscapeString(decoded))
			i += length
		default:
			next := strings.IndexAny(source[i:], "<&")
			if next < 0 {
				next = len(source) - i
			}
			text.WriteString(source[i : i+next])
			shown.WriteString(html.EscapeString(source[i : i+next]))
			i += next
		}
	}
	if len(open) > 0 {
		return "", "", entities("Can't find end tag corresponding to start tag \"%s\"", open[len(open)-1])
	}
	return text.String(), shown.String(), nil
}

func entities(format string, args ...any) error {
	return badRequest("can't parse entities: " + fmt.Sprintf(format, args...))
}

// readTag reads what stands between < and >, and returns the tags that are open then.
func readTag(tag string, offset int, open []string, shown *strings.Builder) ([]string, error) {
	if name, closing := strings.CutPrefix(tag, "/"); closing {
		name = strings.ToLower(strings.TrimSpace(name))
		if len(open) == 0 {
			return nil, entities("Unexpected end tag at byte offset %d", offset)
		}
		if last := open[len(open)-1]; last != name {
			return nil, entities("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", offset, last, name)
		}
		fmt.Fprintf(shown, "</%s>", tagNames[name])
		return open[:len(open)-1], nil
	}
	name, attributes, _ := strings.Cut(tag, " ")
	name = strings.ToLower(name)
	shownAs, ok := tagNames[name]
	if !ok {
		return nil, entities("Unsupported start tag \"%s\" at byte offset %d", name, offset)
	}
	if shownAs == "a" {
		fmt.Fprintf(shown, `<a rel="noopener" href="%s">`, html.EscapeString(hrefOf(attributes)))
	} else {
		fmt.Fprintf(shown, "<%s>", shownAs)
	}
	return append(slices.Clone(open), name), nil
}

// hrefOf reads the address of a link; only those that Telegram opens in a browser are shown.
func hrefOf(attributes string) string {
	_, value, _ := strings.Cut(attributes, "href=")
	value = html.UnescapeString(strings.Trim(value, `"' `))
	if u, err := url.Parse(value); err == nil && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "tg") {
		return value
	}
	return "#"
}

// readEntity reads one of the four named entities, or a numeric one. Anything else is a plain ampersand.
func readEntity(source string) (decoded string, length int) {
	end := strings.IndexByte(source, ';')
	if end > 1 && end <= 10 {
		name := source[1:end]
		if strings.HasPrefix(name, "#") || slices.Contains([]string{"lt", "gt", "amp", "quot"}, name) {
			if text := html.UnescapeString(source[:end+1]); text != source[:end+1] {
				return text, end + 1
			}
		}
	}
	return "&", 1
}

func units(text string) int { return len(utf16.Encode([]rune(text))) }

// rendered is the text of a call, held against Telegram's limit.
func rendered(p params, field string, limit int, empty, long string) (plain, safe string, err error) {
	source := p.text(field)
	plain, safe = source, html.EscapeString(source)
	switch strings.ToLower(p.text("parse_mode")) {
	case "html":
		if plain, safe, err = parseHTML(source); err != nil {
			return "", "", err
		}
	case "":
	default:
		return "", "", badRequest("unsupported parse_mode")
	}
	plain = strings.TrimSpace(plain)
	if plain == "" && empty != "" {
		return "", "", badRequest(empty)
	}
	if units(plain) > limit {
		return "", "", badRequest(long)
	}
	return plain, safe, nil
}

// replyMarkup is every kind of keyboard that a call can carry.
type replyMarkup struct {
	Inline json.RawMessage `json:"inline_keyboard"`
	Reply  [][]struct {
		Text    string `json:"text"`
		Contact bool   `json:"request_contact"`
	} `json:"keyboard"`
	Remove bool `json:"remove_keyboard"`
}

type inlineButton struct {
	Text  string  `json:"text"`
	Data  *string `json:"callback_data"`
	URL   string  `json:"url"`
	Style string  `json:"style"`
	Copy  *struct {
		Text string `json:"text"`
	} `json:"copy_text"`
}

const maxButtons = 100

// readMarkup reads the keyboard of a call; canonical is its JSON, "" for none.
func readMarkup(p params) (rows [][]Button, reply *replyMarkup, canonical string, err error) {
	source := p.text("reply_markup")
	if source == "" {
		return nil, nil, "", nil
	}
	var m replyMarkup
	if err := json.Unmarshal([]byte(source), &m); err != nil {
		return nil, nil, "", badRequest("can't parse reply keyboard markup JSON object")
	}
	if m.Inline == nil {
		return nil, &m, "", nil
	}
	var keyboard [][]inlineButton
	if string(m.Inline) == "null" || json.Unmarshal(m.Inline, &keyboard) != nil {
		return nil, nil, "", badRequest("object expected as reply markup: Field \"inline_keyboard\" must be of type Array")
	}
	if rows, err = readButtons(keyboard); err != nil {
		return nil, nil, "", err
	}
	if len(rows) == 0 {
		return nil, nil, "", nil
	}
	text, err := json.Marshal(rows)
	return rows, nil, string(text), err
}

func readButtons(keyboard [][]inlineButton) ([][]Button, error) {
	var rows [][]Button
	total := 0
	for _, row := range keyboard {
		var buttons []Button
		for _, b := range row {
			button, err := readButton(b)
			if err != nil {
				return nil, err
			}
			buttons = append(buttons, button)
		}
		if total += len(buttons); total > maxButtons {
			return nil, badRequest("reply markup is too long")
		}
		if len(buttons) > 0 {
			rows = append(rows, buttons)
		}
	}
	return rows, nil
}

func readButton(b inlineButton) (Button, error) {
	out := Button{Text: b.Text, URL: b.URL, Style: b.Style}
	if strings.TrimSpace(b.Text) == "" {
		return out, badRequest("inline keyboard button text is empty")
	}
	if b.Style != "" && !slices.Contains([]string{"primary", "success", "danger"}, b.Style) {
		return out, badRequest("invalid button style specified")
	}
	switch {
	case b.Data != nil && *b.Data != "":
		if len(*b.Data) > 64 {
			return out, badRequest("BUTTON_DATA_INVALID")
		}
		out.Data = *b.Data
	case b.URL != "":
		if u, err := url.Parse(b.URL); err != nil || u.Host == "" {
			return out, badRequest("inline keyboard button URL '" + b.URL + "' is invalid: Wrong HTTP URL")
		}
	case b.Copy != nil:
		if n := units(b.Copy.Text); n < 1 || n > 256 {
			return out, badRequest("BUTTON_COPY_TEXT_INVALID")
		}
		out.Copy = b.Copy.Text
	default:
		return out, badRequest("Text buttons are not allowed in the inline keyboard")
	}
	return out, nil
}
