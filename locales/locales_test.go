package locales_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"kinerja/locales"
)

// sentences reads a file as key -> sentence, plural forms under "key#form".
func sentences(t *testing.T, lang string) map[string]string {
	t.Helper()
	var tree map[string]any
	if _, err := toml.DecodeFile(lang+".toml", &tree); err != nil {
		t.Fatalf("%s.toml: %v", lang, err)
	}
	flat := map[string]string{}
	flatten(tree, "", flat)
	return flat
}

var pluralForms = []string{"one", "other", "few", "many", "two", "zero"}

func flatten(tree map[string]any, prefix string, into map[string]string) {
	for key, value := range tree {
		switch value := value.(type) {
		case map[string]any:
			flatten(value, prefix+key+".", into)
		case string:
			if slices.Contains(pluralForms, key) {
				into[strings.TrimSuffix(prefix, ".")+"#"+key] = value
			} else {
				into[prefix+key] = value
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)
var field = regexp.MustCompile(`\.[A-Z][A-Za-z]*`)

// fields lists the placeholders of each key; the forms of one plural count together.
func fields(all map[string]string) map[string][]string {
	out := map[string][]string{}
	for key, sentence := range all {
		key, _, _ = strings.Cut(key, "#")
		for _, p := range placeholder.FindAllString(sentence, -1) {
			out[key] = append(out[key], field.FindAllString(p, -1)...)
		}
		sort.Strings(out[key])
		out[key] = slices.Compact(out[key])
	}
	return out
}

func TestEveryLanguageHasTheSameSentencesWithTheSamePlaceholders(t *testing.T) {
	want := fields(sentences(t, locales.Indonesian))
	for _, lang := range locales.Languages[1:] {
		if diff := cmp.Diff(want, fields(sentences(t, lang))); diff != "" {
			t.Errorf("%s.toml against id.toml (-id +%s):\n%s", lang, lang, diff)
		}
	}
}

func TestNoSentenceIsEmptyAndMarkupIsClosed(t *testing.T) {
	for _, lang := range locales.Languages {
		for key, sentence := range sentences(t, lang) {
			if strings.TrimSpace(sentence) == "" {
				t.Errorf("%s %s is empty", lang, key)
			}
			for _, tag := range []string{"b", "i", "code", "pre", "blockquote"} {
				if strings.Count(sentence, "<"+tag+">") != strings.Count(sentence, "</"+tag+">") {
					t.Errorf("%s %s leaves <%s> open: %s", lang, key, tag, sentence)
				}
			}
		}
	}
}

var usedKey = regexp.MustCompile(`\.(?:Plain|HTML)\(\s*"([a-z0-9_.]+)"`)

func TestEverySentenceThatTheCodeNamesExists(t *testing.T) {
	known := fields(sentences(t, locales.Indonesian))
	for key := range sentences(t, locales.Indonesian) {
		key, _, _ = strings.Cut(key, "#")
		known[key] = append(known[key], "")
	}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range usedKey.FindAllStringSubmatch(string(code), -1) {
			if _, ok := known[m[1]]; !ok && strings.TrimRight(m[1], "._") == m[1] {
				t.Errorf("%s says %q, which is in no file", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("read code: %v", err)
	}
}

func load(t *testing.T) *locales.Catalog {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Jakarta")
	if err != nil {
		t.Fatalf("zone: %v", err)
	}
	catalog, err := locales.Load(zone)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return catalog
}

func TestDatesAndNumbersAreWrittenAsTheLanguageDoes(t *testing.T) {
	at := time.Date(2026, time.December, 31, 17, 5, 0, 0, time.UTC)
	id, en := load(t).In("id"), load(t).In("en-GB")
	for got, want := range map[string]string{
		id.Moment(at): "1 Januari 2027 00.05 WIB", en.Moment(at): "1 January 2027 00.05 WIB",
		id.Number(1234567): "1.234.567", en.Number(-1234): "-1,234", id.Number(12): "12",
	} {
		if got != want {
			t.Errorf("wrote %q, want %q", got, want)
		}
	}
}

func TestWhatSomebodyTypedIsEscapedInMessages(t *testing.T) {
	got := load(t).In("id").HTML("common.next_of", locales.Args{"Page": "<b>&", "Pages": locales.HTML("<i>2</i>")})
	if want := "Berikutnya › (&lt;b&gt;&amp;/<i>2</i>)"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}

func TestAnUnknownLanguageIsAnsweredInIndonesian(t *testing.T) {
	for _, code := range []string{"", "fr", "min", "ID", "id-ID"} {
		if got := load(t).In(code).Language(); got != locales.Indonesian {
			t.Errorf("%q is answered in %s", code, got)
		}
	}
}
