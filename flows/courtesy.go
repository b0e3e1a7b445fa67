package flows

import (
	"slices"
	"strings"
	"unicode"

	"kinerja/locales"
)

// courtesy returns the answer to a greeting or to thanks, in the language in which the bot speaks to the person; "" for any other text.
// People write to the bot as they write to a colleague, and a warning is no answer to "Selamat pagi".
func courtesy(r *Request) string {
	text := plainWords(r.Text)
	for _, language := range locales.Languages {
		t := r.T.In(language)
		address := phrases(t, "courtesy.address")
		switch said := without(text, address); {
		case said == "":
		case isAny(said, phrases(t, "courtesy.thanks")):
			return r.T.HTML("courtesy.welcome")
		case isAny(said, phrases(t, "courtesy.greetings")):
			return greet(r)
		}
	}
	return ""
}

// greet greets by the hour of the people.
func greet(r *Request) string {
	key := "courtesy.greet_" + partOfDay(r.T.Hour(r.Now))
	if r.Actor.Name == "" {
		return r.T.HTML(key)
	}
	return r.T.HTML("courtesy.greet_name", locales.Args{"Greeting": r.T.Plain(key), "Name": r.Actor.Name})
}

// partOfDay is how Indonesians part the day: pagi until 10, siang until 15, sore until 18, then malam until 4.
func partOfDay(hour int) string {
	switch {
	case hour < 4 || hour >= 18:
		return "night"
	case hour < 10:
		return "morning"
	case hour < 15:
		return "noon"
	default:
		return "evening"
	}
}

// plainWords is a text in small letters with single blanks and nothing but letters between them.
func plainWords(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }), " ")
}

// phrases reads a list of phrases out of the sentences.
func phrases(t *locales.Translator, key string) []string {
	list := strings.Split(t.Plain(key), ",")
	for i := range list {
		list[i] = plainWords(list[i])
	}
	return list
}

// without leaves out the words that only accompany a greeting, such as "pak", "min" and "banyak".
func without(text string, address []string) string {
	words := strings.Fields(text)
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return slices.Contains(address, word) }), " ")
}

// isAny reports whether a text is one of some phrases, or two of them after each other ("halo selamat pagi").
func isAny(text string, phrases []string) bool {
	for _, phrase := range phrases {
		rest, begins := strings.CutPrefix(text, phrase)
		if begins && (rest == "" || rest[0] == ' ' && slices.Contains(phrases, rest[1:])) {
			return true
		}
	}
	return false
}
