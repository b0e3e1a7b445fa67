package bot

import (
	"encoding/json"
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"

	"kinerja/flows"
)

const botName = "kinerja_bot"

func eventFrom(t *testing.T, text string) (flows.Event, string, bool) {
	t.Helper()
	var u models.Update
	if err := json.Unmarshal([]byte(text), &u); err != nil {
		t.Fatalf("update: %v", err)
	}
	return eventOf(&u, botName)
}

// sent is an update with a message in a private chat.
func sent(fields string) string {
	return `{"update_id":5,"message":{"message_id":9,"date":1,"from":{"id":7,"language_code":"en"},"chat":{"id":7,"type":"private"},` + fields + `}}`
}

func inGroup(fields string) string {
	return `{"update_id":5,"message":{"message_id":9,"date":1,"from":{"id":7,"language_code":"en"},"chat":{"id":-70,"type":"supergroup"},` + fields + `}}`
}

func TestAnUpdateBecomesAnEvent(t *testing.T) {
	base := flows.Event{UpdateID: 5, From: 7, Language: "en", Chat: 7, Private: true, Message: 9, Sent: 1}
	with := func(change func(*flows.Event)) flows.Event {
		ev := base
		change(&ev)
		return ev
	}
	command := func(word, payload string) flows.Event {
		return with(func(e *flows.Event) { e.Kind, e.Command, e.Payload = flows.Command, word, payload })
	}
	cases := []struct {
		name   string
		update string
		want   flows.Event
	}{
		{"text", sent(`"text":"halo"`), with(func(e *flows.Event) { e.Kind, e.Text = flows.Text, "halo" })},
		{"command", sent(`"text":"/mulai","entities":[{"type":"bot_command","offset":0,"length":6}]`), command("mulai", "")},
		{"deep link", sent(`"text":"/start ABCD-1234","entities":[{"type":"bot_command","offset":0,"length":6}]`), command("start", "ABCD-1234")},
		{"command with our name, in capitals", sent(`"text":"/Mulai@Kinerja_Bot x","entities":[{"type":"bot_command","offset":0,"length":18}]`), command("mulai", "x")},
		{"command with words beyond ASCII after it", sent(`"text":"/nilai 😀é","entities":[{"type":"bot_command","offset":0,"length":6}]`), command("nilai", "😀é")},
		{"a command in the middle is text", sent(`"text":"😀 /mulai","entities":[{"type":"bot_command","offset":3,"length":6}]`), with(func(e *flows.Event) { e.Kind, e.Text = flows.Text, "😀 /mulai" })},
		{"a forged entity is text", sent(`"text":"/a","entities":[{"type":"bot_command","offset":0,"length":99}]`), with(func(e *flows.Event) { e.Kind, e.Text = flows.Text, "/a" })},
		{"contact", sent(`"contact":{"phone_number":"+62812","user_id":7}`), with(func(e *flows.Event) {
			e.Kind, e.Contact = flows.Contact, flows.SharedContact{Phone: "+62812", UserID: 7}
		})},

		{"contact without its plus", sent(`"contact":{"phone_number":"819012345678","user_id":7}`), with(func(e *flows.Event) {
			e.Kind, e.Contact = flows.Contact, flows.SharedContact{Phone: "+819012345678", UserID: 7}
		})}, {"document", sent(`"document":{"file_id":"F","file_name":"a.xlsx","file_size":12}`), with(func(e *flows.Event) { e.Kind, e.File = flows.File, flows.Upload{ID: "F", Name: "a.xlsx", Size: 12} })},
		{"sticker", sent(`"sticker":{"file_id":"S","type":"regular"}`), with(func(e *flows.Event) { e.Kind = flows.Other })},
		{"photo with caption", sent(`"photo":[{"file_id":"p","file_size":1},{"file_id":"P","file_size":9}],"caption":"/mulai"`), with(func(e *flows.Event) {
			e.Kind, e.File = flows.Photo, flows.Upload{ID: "P", Size: 9, Caption: "/mulai"}
		})},
		{"photo of an album", sent(`"photo":[{"file_id":"P"}],"media_group_id":"7"`), with(func(e *flows.Event) { e.Kind, e.File = flows.Photo, flows.Upload{ID: "P", Album: true} })},
		{"edited", `{"update_id":5,"edited_message":{"message_id":9,"date":1,"from":{"id":7,"language_code":"en"},"chat":{"id":7,"type":"private"},"text":"baru"}}`,
			with(func(e *flows.Event) { e.Kind, e.Text = flows.Edited, "baru" })},
		{"tap", `{"update_id":5,"callback_query":{"id":"Q","from":{"id":7,"language_code":"en"},"data":"menu","message":{"message_id":9,"date":1,"chat":{"id":7,"type":"private"}}}}`,
			with(func(e *flows.Event) { e.Kind, e.Data, e.Sent, e.Shown = flows.Tap, "menu", 0, 1 })},
		{"tap on a message that was changed", `{"update_id":5,"callback_query":{"id":"Q","from":{"id":7,"language_code":"en"},"data":"menu","message":{"message_id":9,"date":1,"edit_date":3,"chat":{"id":7,"type":"private"}}}}`,
			with(func(e *flows.Event) { e.Kind, e.Data, e.Sent, e.Shown = flows.Tap, "menu", 0, 3 })},
		{"tap on a message too old to come along", `{"update_id":5,"callback_query":{"id":"Q","from":{"id":7,"language_code":"en"},"data":"menu","message":{"message_id":9,"date":0,"chat":{"id":7,"type":"private"}}}}`,
			with(func(e *flows.Event) { e.Kind, e.Data, e.Sent = flows.Tap, "menu", 0 })},
		{"tap without any message", `{"update_id":5,"callback_query":{"id":"Q","from":{"id":7,"language_code":"en"},"data":"menu"}}`,
			with(func(e *flows.Event) { e.Kind, e.Data, e.Message, e.Sent = flows.Tap, "menu", 0, 0 })},
		{"command in a group with our name", inGroup(`"text":"/mulai@Kinerja_Bot","entities":[{"type":"bot_command","offset":0,"length":18}]`),
			with(func(e *flows.Event) { e.Kind, e.Command, e.Private, e.Chat = flows.Command, "mulai", false, -70 })},
		{"command in a group as a reply to us", inGroup(`"text":"/mulai","entities":[{"type":"bot_command","offset":0,"length":6}],"reply_to_message":{"message_id":8,"date":1,"chat":{"id":-70,"type":"supergroup"},"from":{"id":1,"is_bot":true,"username":"Kinerja_Bot"}}`),
			with(func(e *flows.Event) { e.Kind, e.Command, e.Private, e.Chat = flows.Command, "mulai", false, -70 })},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, _, ours := eventFrom(t, c.update)
			if diff := cmp.Diff(c.want, got); diff != "" || !ours {
				t.Errorf("ours %v, event (-want +got):\n%s", ours, diff)
			}
		})
	}
}

func TestWhatHasNoPlaceHereIsNotOurs(t *testing.T) {
	for name, update := range map[string]string{
		"another bot's command":                      sent(`"text":"/mulai@other_bot","entities":[{"type":"bot_command","offset":0,"length":16}]`),
		"a command in a group that may be any bot's": inGroup(`"text":"/mulai","entities":[{"type":"bot_command","offset":0,"length":6}]`),
		"another bot's command in a group":           inGroup(`"text":"/mulai@other_bot","entities":[{"type":"bot_command","offset":0,"length":16}]`),
		"a reply to another bot": inGroup(`"text":"/mulai","entities":[{"type":"bot_command","offset":0,"length":6}],` +
			`"reply_to_message":{"message_id":8,"date":1,"chat":{"id":-70,"type":"supergroup"},"from":{"id":2,"is_bot":true,"username":"other_bot"}}`),
		"a message was pinned":  sent(`"pinned_message":{"message_id":8,"date":1,"chat":{"id":7,"type":"private"},"text":"kartu"}`),
		"an old one was pinned": sent(`"pinned_message":{"message_id":8,"date":0,"chat":{"id":7,"type":"private"}}`),
		"a timer was set":       sent(`"message_auto_delete_timer_changed":{"message_auto_delete_time":86400}`),
		"a timer was taken off": sent(`"message_auto_delete_timer_changed":{"message_auto_delete_time":0}`),
		"a background was set":  sent(`"chat_background_set":{"type":{"type":"fill","fill":{"type":"solid","color":1},"dark_theme_dimming":0}}`),
		"writing was allowed":   sent(`"write_access_allowed":{}`),
		"chatter in a group":    inGroup(`"text":"halo semua"`),
		"somebody joined":       inGroup(`"new_chat_members":[{"id":8}]`),
		"another bot":           `{"update_id":5,"message":{"message_id":9,"date":1,"from":{"id":7,"is_bot":true},"chat":{"id":7,"type":"private"},"text":"halo"}}`,
		"a channel":             `{"update_id":5,"channel_post":{"message_id":9,"date":1,"chat":{"id":-7,"type":"channel"},"text":"halo"}}`,
		"blocked or unblocked":  `{"update_id":5,"my_chat_member":{"from":{"id":7},"date":1,"chat":{"id":7,"type":"private"},"old_chat_member":{"status":"member","user":{"id":1}},"new_chat_member":{"status":"kicked","user":{"id":1}}}}`,
		"a kind of tomorrow":    `{"update_id":5,"telepathy":{"x":1}}`,
	} {
		if ev, _, ours := eventFrom(t, update); ours {
			t.Errorf("%s became %+v", name, ev)
		}
	}
}

func TestAMessageOfAKindOfTomorrowHasASenderWhoWaits(t *testing.T) {
	if ev, _, ours := eventFrom(t, sent(`"hologram":{"file_id":"H"}`)); !ours || ev.Kind != flows.Other {
		t.Errorf("it became %+v, ours %v", ev, ours)
	}
}

func TestAGroupGetsNoAnswerWhileTheBotDoesNotKnowItsName(t *testing.T) {
	var u models.Update
	if err := json.Unmarshal([]byte(inGroup(`"text":"/mulai@kinerja_bot","entities":[{"type":"bot_command","offset":0,"length":18}]`)), &u); err != nil {
		t.Fatal(err)
	}
	if ev, _, ours := eventOf(&u, ""); ours {
		t.Errorf("it became %+v", ev)
	}
}

func TestOfAnUpdateThatTheLibraryCannotReadItsOutlineIsRead(t *testing.T) {
	from, chat := `"from":{"id":7,"language_code":"en","is_premium":"since 2031"}`, `"chat":{"id":7,"type":"private"}`
	message := flows.Event{UpdateID: 5, From: 7, Language: "en", Chat: 7, Private: true, Message: 9, Sent: 1}
	edited := message
	edited.Kind = flows.Edited
	tap := flows.Event{UpdateID: 5, From: 7, Language: "en", Chat: 7, Private: true, Message: 9, Shown: 3, Kind: flows.Tap, Data: "menu"}
	for update, want := range map[string]flows.Event{
		`{"update_id":5,"message":{"message_id":9,"date":1,` + from + `,` + chat + `,"text":{"rich":"halo"}}}`:                                  message,
		`{"update_id":5,"edited_message":{"message_id":9,"date":1,` + from + `,` + chat + `,"text":["halo"]}}`:                                  edited,
		`{"update_id":5,"callback_query":{"id":"Q",` + from + `,"data":"menu","message":{"message_id":9,"date":1,"edit_date":3,` + chat + `}}}`: tap,
	} {
		u, err := readUpdate([]byte(update))
		if err != nil || u.update == nil || !u.partly {
			t.Fatalf("%s: %+v, %v", update, u, err)
		}
		got, _, ours := eventOf(u.update, botName)
		if diff := cmp.Diff(want, got); diff != "" || !ours {
			t.Errorf("ours %v, event (-want +got):\n%s", ours, diff)
		}
	}
}

func FuzzUpdates(f *testing.F) {
	f.Add([]byte(sent(`"text":"/start A","entities":[{"type":"bot_command","offset":0,"length":6}]`)))
	f.Add([]byte(`{"update_id":5,"callback_query":{"id":"Q","from":{"id":7},"message":{"message_id":9,"date":0}}}`))
	f.Add([]byte(`{"update_id":5,"message":{"message_id":9,"date":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"text":5}}`))
	f.Add([]byte(`{"update_id":5,"my_chat_member":{"from":{"id":7},"date":1,"chat":{"id":7,"type":"private"},"new_chat_member":{"status":"kicked"}}}`))
	f.Add([]byte(sent(`"text":"x","entities":[{"type":"bot_command","offset":0,"length":-4}]`)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := readUpdate(raw)
		if err != nil || u.update == nil {
			return
		}
		if ev, _, ours := eventOf(u.update, botName); ours && (ev.From == 0 || ev.UpdateID != u.id) {
			t.Errorf("an event of nobody: %+v", ev)
		}
	})
}
