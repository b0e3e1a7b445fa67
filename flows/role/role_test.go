package role_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/transcript"
	"kinerja/flows/transcript/town"
	"kinerja/store"
)

// news draws what a person is still to be told of his roles, with the commands that come with it, and settles it as the courier does.
func news(t *testing.T, w *transcript.World) func(person *store.Person) func() string {
	t.Helper()
	waiting := map[int64][]store.Notification{}
	return func(person *store.Person) func() string {
		return func() string {
			owed, err := w.Store.ClaimNotifications(context.Background(), "role", time.Hour, 100)
			if err != nil {
				t.Fatalf("claim: %v", err)
			}
			for _, n := range owed {
				waiting[n.PersonID] = append(waiting[n.PersonID], n)
			}
			said := ""
			for _, n := range waiting[person.ID] {
				if strings.HasPrefix(n.Kind, "role_") {
					said += tell(t, w, n)
				}
			}
			delete(waiting, person.ID)
			return said
		}
	}
}

func tell(t *testing.T, w *transcript.World, n store.Notification) string {
	t.Helper()
	ctx := context.Background()
	actor, err := w.Store.ActorByPerson(ctx, n.PersonID)
	if err != nil {
		t.Fatalf("actor: %v", err)
	}
	screen, still, err := w.Engine.Tell(ctx, actor, n.Kind, n.Args)
	if err != nil {
		t.Fatalf("tell: %v", err)
	}
	if !still {
		if err := w.Store.CancelNotification(ctx, n); err != nil {
			t.Fatalf("cancel: %v", err)
		}
		return "  (nothing is owed any more)\n"
	}
	if err := w.Store.MarkSent(ctx, n, 1); err != nil {
		t.Fatalf("mark as sent: %v", err)
	}
	var commands []string
	for _, c := range screen.Commands {
		commands = append(commands, "/"+c.Word)
	}
	return "🔔 " + strings.TrimPrefix(transcript.Render(screen), "  ") + "  (commands: " + strings.Join(commands, " ") + ")\n"
}

func TestRolesReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"city", "unit"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, cast := town.Of(t, language)
				told := news(t, w)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", transcript.Hooks{
					"the employee is told":           told(cast.Employee),
					"the unit administrator is told": told(cast.UnitAdmin),
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
	w, cast := town.New(t)
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
	refused := regexp.MustCompile("Bagian ini hanya untuk pengelola kinerja|Data ini tidak ditemukan atau bukan kewenangan Anda")
	for _, question := range questions {
		w.Do("dinkes", flows.Event{Kind: flows.Tap, Private: true, Data: strings.Trim(question, "{}")})
		shown := w.Last("dinkes")
		takes(t, w, cast.Admin, cast.UnitAdmin, store.Admin, cast.Units["DINKES"].ID)
		before := held(t, w, cast.Employee, cast.Evaluator)
		for _, row := range shown.Rows {
			for _, b := range row {
				if said := w.Do("dinkes", flows.Event{Kind: flows.Tap, Private: true, Data: b.To.String()}); b.To.Route != "menu" && !refused.MatchString(said) {
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
