package document

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func widthOf(text string) float64 { return float64(utf8.RuneCountInString(text)) }

func TestWrappedLinesFitAndLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, wide := Clean(rapid.String().Draw(t, "text")), float64(rapid.IntRange(1, 30).Draw(t, "wide"))
		lines := wrap(text, wide, widthOf)
		for _, line := range lines {
			if line == "" || widthOf(line) > wide {
				t.Fatalf("%q is wider than %v", line, wide)
			}
		}
		letters := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if letters(strings.Join(lines, "")) != letters(text) {
			t.Fatalf("%q became %q", text, lines)
		}
	})
}

func TestAShortenedLineFitsAndSaysSo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, wide := Clean(rapid.String().Draw(t, "text")), float64(rapid.IntRange(1, 30).Draw(t, "wide"))
		if short := shorten(text+"…", wide, widthOf); widthOf(short) > wide || !strings.HasSuffix(short, "…") || !strings.HasPrefix(text, strings.TrimSuffix(short, "…")) {
			t.Fatalf("%q became %q", text, short)
		}
	})
}

func TestCleanLeavesWhatCanBePrintedOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clean := Clean(rapid.String().Draw(t, "text"))
		if clean != Clean(clean) {
			t.Fatalf("%q is cleaned again to %q", clean, Clean(clean))
		}
		for _, r := range clean {
			if !letters()[r] {
				t.Fatalf("%q holds %q", clean, r)
			}
		}
	})
	for typed, want := range map[string]string{
		"  Siti \n\tRahayu ": "Siti Rahayu", "e\u0301": "é", "a\u202eb": "ab", "x\x00y": "x y", "佐": "□", "😀": "□", "I Gusti Ngurah Ñ": "I Gusti Ngurah Ñ", "✂ … “”–": "✂ … “”–",
	} {
		if got := Clean(typed); got != want {
			t.Errorf("%q becomes %q, want %q", typed, got, want)
		}
	}
}
