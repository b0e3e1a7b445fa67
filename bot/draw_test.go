package bot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/locales"
)

func TestAScreenWithoutButtonsHasNoKeyboardAtAll(t *testing.T) {
	for _, rows := range [][][]flows.Button{nil, {}, {{}}} {
		if got := keyboardOf(flows.Screen{Rows: rows}); got != nil {
			t.Errorf("%v became %v; Telegram refuses an empty keyboard", rows, got)
		}
	}
}

func TestEachKindOfButtonIsWrittenAsTelegramReadsIt(t *testing.T) {
	screen := flows.Screen{Rows: [][]flows.Button{{
		flows.Go("Sesuai", "score.rate", 4, "m").Styled(flows.Chosen), {Label: "Buka", URL: "https://x.id"}, {Label: "Salin", Copy: "AB12"},
	}}}
	got, err := json.Marshal(keyboardOf(screen))
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	want := `{"inline_keyboard":[[{"text":"Sesuai","style":"primary","callback_data":"score.rate:4:m"},{"text":"Buka","url":"https://x.id"},{"text":"Salin","copy_text":{"text":"AB12"}}]]}`
	if string(got) != want {
		t.Errorf("keyboard is\n%s\nwant\n%s", got, want)
	}
}

func TestTheContactButtonStandsUnderTheInput(t *testing.T) {
	got, err := json.Marshal(keyboardOf(flows.Screen{ShareContact: "Bagikan"}))
	if err != nil || !strings.Contains(string(got), `"request_contact":true`) || !strings.Contains(string(got), `"one_time_keyboard":true`) {
		t.Errorf("keyboard is %s, %v", got, err)
	}
}

func TestWordsAreCutWithoutSplittingACharacter(t *testing.T) {
	long := strings.Repeat("😀", 150)
	if got := cut(long, 200); units(got) > 200 || !strings.HasSuffix(got, "😀…") {
		t.Errorf("cut to %d units: %q", units(got), got)
	}
	if got := cut("pendek", 200); got != "pendek" {
		t.Errorf("cut %q", got)
	}
}

func TestPlainTextKeepsTheWords(t *testing.T) {
	if got := plainText("<b>A &amp; B</b>\n<unknown>1 &lt; 2"); got != "A & B\n1 < 2" {
		t.Errorf("plain text is %q", got)
	}
}

func TestTheSentencesOfTheEdgeFitAToast(t *testing.T) {
	catalog, err := locales.Load(time.UTC)
	if err != nil {
		t.Fatalf("sentences: %v", err)
	}
	for _, language := range locales.Languages {
		for _, key := range []string{"edge.not_stored_yet", "edge.too_fast", "edge.set_aside", "edge.cannot_show"} {
			if s := catalog.In(language).Plain(key); units(s) > maxToast || strings.HasPrefix(s, locales.Missing) {
				t.Errorf("%s in %s has %d units: %s", key, language, units(s), s)
			}
		}
	}
}
