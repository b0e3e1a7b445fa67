// Package locales holds every sentence a person can read, in every language, and writes dates, times and numbers as that language does.
//
// The sentences are in id.toml and en.toml under the same keys with the same placeholders; a test compares them.
// A key whose sentence is shown as a message may use Telegram's HTML; a key for a button, a toast or a file name is plain text.
package locales

import (
	"embed"
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

//go:embed *.toml
var files embed.FS

// Indonesian and English are the languages, Indonesian first: it is used for whoever asks for none of them.
const (
	Indonesian = "id"
	English    = "en"
)

// Languages lists what a person can choose from.
var Languages = []string{Indonesian, English}

// Args are the values for the placeholders of a sentence.
type Args map[string]any

// HTML is an argument that is markup already; every other argument is escaped where a sentence is markup.
type HTML string

// Catalog is all sentences, and the zone in which times are told.
type Catalog struct {
	translators map[string]*Translator
}

// Translator speaks one language. It is safe for concurrent use.
type Translator struct {
	catalog   *Catalog
	language  string
	localizer *i18n.Localizer
	zone      *time.Location
}

// Load reads the embedded sentences. zone is where the people live (Asia/Jakarta).
func Load(zone *time.Location) (*Catalog, error) {
	bundle := i18n.NewBundle(language.Indonesian)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	c := &Catalog{translators: map[string]*Translator{}}
	for _, lang := range Languages {
		if _, err := bundle.LoadMessageFileFS(files, lang+".toml"); err != nil {
			return nil, fmt.Errorf("load sentences: %w", err)
		}
		c.translators[lang] = &Translator{catalog: c, language: lang, localizer: i18n.NewLocalizer(bundle, lang), zone: zone}
	}
	return c, nil
}

// In returns the translator for a language code such as "id", "en" or Telegram's "en-GB"; Indonesian for any other.
func (c *Catalog) In(code string) *Translator {
	short, _, _ := strings.Cut(strings.ToLower(code), "-")
	if t, ok := c.translators[short]; ok {
		return t
	}
	return c.translators[Indonesian]
}

// Language is the code of the translator's language.
func (t *Translator) Language() string { return t.language }

// In returns the translator of another language from the same catalog.
func (t *Translator) In(code string) *Translator { return t.catalog.In(code) }

// Plain returns a sentence for a button, a toast or a file name. Arguments are put in as they are.
func (t *Translator) Plain(key string, args ...Args) string {
	return t.say(key, merge(args, func(v any) any { return v }))
}

// HTML returns a sentence for a message. Arguments are escaped, except those of type HTML.
func (t *Translator) HTML(key string, args ...Args) string {
	return t.say(key, merge(args, escape))
}

func escape(v any) any {
	switch v := v.(type) {
	case HTML:
		return string(v)
	case string:
		return Escape(v)
	case fmt.Stringer:
		return Escape(v.String())
	default:
		return v
	}
}

// Escape makes text that somebody typed safe inside Telegram's HTML.
func Escape(text string) string { return html.EscapeString(text) }

func merge(args []Args, each func(any) any) map[string]any {
	all := map[string]any{}
	for _, a := range args {
		for name, value := range a {
			all[name] = each(value)
		}
	}
	return all
}

// say never fails: a missing sentence shows as its key in double brackets, which every transcript test looks for.
func (t *Translator) say(key string, values map[string]any) string {
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: values, TemplateParser: &template.TextParser{Option: "missingkey=error"}}
	if count, ok := values["Count"]; ok {
		config.PluralCount = count
	}
	text, err := t.localizer.Localize(config)
	if err != nil {
		return Missing + key + "⟧"
	}
	return strings.TrimRight(text, "\n")
}

// Missing begins what is shown in place of a sentence that does not exist.
const Missing = "⟦"

// Day writes a day, such as "31 Maret 2026".
func (t *Translator) Day(at time.Time) string {
	local := at.In(t.zone)
	return t.Plain("format.day", Args{"Day": local.Day(), "Month": t.Plain("format.month." + strconv.Itoa(int(local.Month()))), "Year": local.Year()})
}

// LongDay writes a day with its weekday, such as "Senin, 11 Januari 2027": for days on which somebody must act.
func (t *Translator) LongDay(at time.Time) string {
	local := at.In(t.zone)
	return t.Plain("format.long_day", Args{"Weekday": t.Plain("format.weekday." + strconv.Itoa(int(local.Weekday()))),
		"Day": local.Day(), "Month": t.Plain("format.month." + strconv.Itoa(int(local.Month()))), "Year": local.Year()})
}

// Hour is the hour of the day in the zone, 0 to 23.
func (t *Translator) Hour(at time.Time) int { return at.In(t.zone).Hour() }

// Clock writes an hour with its zone, such as "16.00 WIB".
func (t *Translator) Clock(at time.Time) string {
	return t.Plain("format.clock", Args{"Hour": fmt.Sprintf("%02d", at.In(t.zone).Hour()), "Minute": fmt.Sprintf("%02d", at.In(t.zone).Minute())})
}

// Moment writes day and hour, such as "10 Januari 2027 16.00 WIB".
func (t *Translator) Moment(at time.Time) string { return t.Day(at) + " " + t.Clock(at) }

// LongMoment writes a day with its weekday, and the hour: "Senin, 11 Januari 2027 16.00 WIB".
func (t *Translator) LongMoment(at time.Time) string { return t.LongDay(at) + " " + t.Clock(at) }

// Number writes a whole number with the language's thousands mark.
func (t *Translator) Number(n int) string {
	digits := strconv.Itoa(n)
	mark := t.Plain("format.thousands")
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + mark + digits[i:]
	}
	return digits
}
