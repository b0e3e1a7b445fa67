package bot

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinerja/flows"
)

func TestMenusAreSetPerLanguageAndOnlyWhereTheyChanged(t *testing.T) {
	w := newWorld(t)
	var seen []map[string]string
	w.tel.setFault(func(method string, form map[string]string) string {
		if strings.HasPrefix(method, "set") {
			seen = append(seen, form)
		}
		return noFault
	})
	start := func(english string) []map[string]string {
		seen = nil
		if err := w.tel.bot(t, nil).SetMenus(context.Background(), []Menu{
			{Commands: []flows.MenuCommand{{Word: "mulai", Description: "Buka menu"}}}, {Language: "en", Commands: []flows.MenuCommand{{Word: "start", Description: english}}},
		}); err != nil {
			t.Fatalf("set menus: %v", err)
		}
		return seen
	}
	englishAs := func(description string) map[string]string {
		return map[string]string{
			"commands": `[{"command":"start","description":"` + description + `"}]`, "scope": `{"type":"all_private_chats"}`, "language_code": "en",
		}
	}
	first := []map[string]string{
		{"commands": `[{"command":"mulai","description":"Buka menu"}]`, "scope": `{"type":"all_private_chats"}`},
		englishAs("Open the menu"),
		{"menu_button": `{"type":"commands"}`},
	}
	if diff := cmp.Diff(first, start("Open the menu")); diff != "" {
		t.Errorf("the first start (-want +sent):\n%s", diff)
	}
	if again := start("Open the menu"); len(again) > 0 {
		t.Errorf("a second start sets %v", again)
	}
	if diff := cmp.Diff([]map[string]string{englishAs("Show the menu")}, start("Show the menu")); diff != "" {
		t.Errorf("a start with another sentence (-want +sent):\n%s", diff)
	}
}
