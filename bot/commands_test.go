package bot

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMenusAreSetPerLanguageAndPerPerson(t *testing.T) {
	w := newWorld(t)
	var seen []map[string]string
	w.tel.setFault(func(_ string, form map[string]string) string {
		seen = append(seen, form)
		return noFault
	})
	b := w.tel.bot(t, nil)
	if err := b.SetMenus(context.Background(), []Menu{
		{Commands: []MenuCommand{{"mulai", "Buka menu"}}}, {Language: "en", Commands: []MenuCommand{{"start", "Open the menu"}}},
	}); err != nil {
		t.Fatalf("set menus: %v", err)
	}
	if err := b.SetMenuOf(context.Background(), 7, Menu{Commands: []MenuCommand{{"admin", "Pengelola"}}}); err != nil {
		t.Fatalf("set menu: %v", err)
	}
	want := []map[string]string{
		{"commands": `[{"command":"mulai","description":"Buka menu"}]`, "scope": `{"type":"all_private_chats"}`},
		{"commands": `[{"command":"start","description":"Open the menu"}]`, "scope": `{"type":"all_private_chats"}`, "language_code": "en"},
		{"menu_button": `{"type":"commands"}`},
		{"commands": `[{"command":"admin","description":"Pengelola"}]`, "scope": `{"type":"chat","chat_id":7}`},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("(-want +sent):\n%s", diff)
	}
}
