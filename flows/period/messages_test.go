package period_test

import (
	"context"
	"testing"
	"time"

	"kinerja/flows/account"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

// post is the stage directions of messages that do not arrive.
func post(t *testing.T, w *transcript.World, cast *sample.Cast) transcript.Hooks {
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	var blocked []*store.Person
	for _, p := range cast.People {
		if p.UnitID == cast.Employee.UnitID && p.ID != cast.Employee.ID && p.ID != cast.Evaluator.ID && len(blocked) < 6 {
			blocked = append(blocked, p)
		}
	}
	return transcript.Hooks{
		"six people block the bot and three messages fail": func() string {
			for i, p := range blocked {
				code, err := w.Store.Invite(ctx, p.ID, time.Hour)
				must(err)
				_, err = w.Store.Link(ctx, int64(9000+i), "id", code)
				must(err)
				w.Clock.Advance(time.Minute)
				must(w.Store.MarkUnreachable(ctx, int64(9000+i)))
			}
			must(w.Store.PlanReminders(ctx, "2027-01-04", w.Store.Now(), []int64{cast.Employee.ID, cast.Evaluator.ID, cast.Admin.ID}))
			claimed, err := w.Store.ClaimNotifications(ctx, "courier", time.Minute, 10)
			must(err)
			for _, n := range claimed {
				n.Attempts = 100
				must(w.Store.Retry(ctx, n, "refused"))
			}
			return ""
		},
		"everybody is back": func() string {
			for _, p := range blocked {
				actor, err := w.Store.ActorByPerson(ctx, p.ID)
				must(err)
				must(w.Store.Returned(ctx, actor))
			}
			return ""
		},
		"the administrator is told of the unreachable": told(t, w, cast.Admin, store.KindUnreachable, "1"),
	}
}

func TestMessagesThatDoNotArriveReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		t.Run(language, func(t *testing.T) {
			w, cast := town(t, calendar(t))
			w.Link("pengelola", cast.Admin, language, account.NoticeVersion)
			w.Link("dinkes", cast.UnitAdmin, language, account.NoticeVersion)
			w.Link("pegawai", cast.Employee, language, account.NoticeVersion)
			transcript.Play(t, w, "testdata/messages_"+language+".txt", post(t, w, cast))
		})
	}
}
