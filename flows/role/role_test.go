package role_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/indicator"
	"kinerja/flows/leader"
	"kinerja/flows/period"
	"kinerja/flows/reminder"
	"kinerja/flows/role"
	"kinerja/flows/rules"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

func city(t *testing.T) (*transcript.World, *sample.Cast) {
	t.Helper()
	w := transcript.NewWorld(t)
	cast, err := sample.City(context.Background(), w.Store)
	if err != nil {
		t.Fatalf("sample city: %v", err)
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		t.Fatalf("calendar: %v", err)
	}
	schedule, err := reminder.Default(calendar)
	if err != nil {
		t.Fatalf("schedule: %v", err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{leader.MenuEntry(w.Store), period.MenuEntry(w.Store)})
		period.Register(e, w.Store, calendar, schedule.Allowed)
		indicator.Register(e, w.Store)
		role.Register(e, w.Store)
		leader.Register(e, w.Store, calendar)
	})
	return w, cast
}

// news draws what a person is still to be told of his roles, with the commands that come with it, and counts it as sent.
func news(t *testing.T, w *transcript.World, person *store.Person) func() string {
	t.Helper()
	told := 0
	return func() string {
		ctx := context.Background()
		owed, err := w.Store.ClaimNotifications(ctx, fmt.Sprint("role", person.ID, told), 24*time.Hour, 100)
		if err != nil {
			t.Fatalf("claim: %v", err)
		}
		told++
		actor, err := w.Store.ActorByPerson(ctx, person.ID)
		if err != nil {
			t.Fatalf("actor: %v", err)
		}
		said := ""
		for _, n := range owed {
			if n.PersonID != person.ID || !strings.HasPrefix(n.Kind, "role_") {
				continue
			}
			screen, still, err := w.Engine.Tell(ctx, actor, n.Kind, n.Args)
			switch {
			case err != nil:
				t.Fatalf("tell: %v", err)
			case !still:
				said += "  (nothing is owed any more)\n"
				continue
			}
			var commands []string
			for _, c := range screen.Commands {
				commands = append(commands, "/"+c.Word)
			}
			said += "🔔 " + strings.TrimPrefix(transcript.Render(screen), "  ") + "  (commands: " + strings.Join(commands, " ") + ")\n"
		}
		return said
	}
}

func TestRolesReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"city", "unit"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, cast := city(t)
				w.Link("kota", cast.Admin, language, account.NoticeVersion)
				w.Link("dinkes", cast.UnitAdmin, language, account.NoticeVersion)
				w.Link("pegawai", cast.Employee, language, account.NoticeVersion)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", transcript.Hooks{
					"the employee is told":           news(t, w, cast.Employee),
					"the unit administrator is told": news(t, w, cast.UnitAdmin),
					"the city takes his role": func() string {
						return takes(t, w, cast.Admin, cast.UnitAdmin, store.Admin, cast.Units["DINKES"].ID)
					},
				})
			})
		}
	}
}

// takes lets an administrator take somebody's role by himself.
func takes(t *testing.T, w *transcript.World, admin, person *store.Person, which store.Role, unit int64) string {
	t.Helper()
	roles, err := w.Store.Roles(context.Background(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range roles {
		if r.Role == which && r.UnitID == unit {
			if _, err := w.Store.TakeRole(context.Background(), admin.ID, r.ID); err != nil {
				t.Fatal(err)
			}
			return ""
		}
	}
	t.Fatalf("%s does not hold %s over %d", person.Name, which, unit)
	return ""
}

// held lists the roles of some people.
func held(t *testing.T, w *transcript.World, people ...*store.Person) string {
	t.Helper()
	said := ""
	for _, p := range people {
		roles, err := w.Store.Roles(context.Background(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		said += fmt.Sprint(roles)
	}
	return said
}

// Every page of this conversation, and every question, is left open while the right ends; the buttons then do nothing.
func TestWhoLosesHisRightWhileAQuestionIsOpenChangesNothing(t *testing.T) {
	w, cast := city(t)
	ctx := context.Background()
	w.Link("kota", cast.Admin, "id", account.NoticeVersion)
	w.Link("dinkes", cast.UnitAdmin, "id", account.NoticeVersion)
	unit := cast.Units["PKM-01"].ID
	if err := w.Store.GrantRole(ctx, 0, cast.Evaluator.ID, store.Leader, unit); err != nil {
		t.Fatal(err)
	}
	lead, err := w.Store.Roles(ctx, cast.Evaluator.ID)
	if err != nil {
		t.Fatal(err)
	}
	person := cast.Employee.ID
	questions := []string{
		fmt.Sprintf("{role.sure:%d:admin:%d}", person, unit), fmt.Sprintf("{role.drop:%d}", lead[0].ID), fmt.Sprintf("{role.of:%d}", person),
		fmt.Sprintf("{role.give:%d}", person), fmt.Sprintf("{role.units:%d:leader:0:1}", person), "{role.home:1}", "{role.whom}",
	}
	only := "Bagian ini hanya untuk pengelola kinerja"
	for _, question := range questions {
		w.Do("dinkes", flows.Event{Kind: flows.Tap, Private: true, Data: strings.Trim(question, "{}")})
		shown := w.Last("dinkes")
		takes(t, w, cast.Admin, cast.UnitAdmin, store.Admin, cast.Units["DINKES"].ID)
		before := held(t, w, cast.Employee, cast.Evaluator)
		for _, row := range shown.Rows {
			for _, b := range row {
				if said := w.Do("dinkes", flows.Event{Kind: flows.Tap, Private: true, Data: b.To.String()}); !strings.Contains(said, only) {
					t.Errorf("%s, then %s: %s", question, b.To, said)
				}
			}
		}
		if said := w.Type("dinkes", "andi"); strings.Contains(said, "Andi") {
			t.Errorf("%s, then a search: %s", question, said)
		}
		if after := held(t, w, cast.Employee, cast.Evaluator); after != before {
			t.Errorf("%s: %s instead of %s, by somebody who may not", question, after, before)
		}
		if err := w.Store.GrantRole(ctx, 0, cast.UnitAdmin.ID, store.Admin, cast.Units["DINKES"].ID); err != nil {
			t.Fatal(err)
		}
	}
}
