package message_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/job"
	"kinerja/flows/message"
	"kinerja/flows/period"
	"kinerja/flows/rules"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

// office is a world in which administrators write.
type office struct {
	*transcript.World
	t     *testing.T
	cast  *sample.Cast
	shown string
	names map[int64]string // keys of the transcript by person
	quiet bool             // nobody may be disturbed before 07.00 of the next day
}

func open(t *testing.T) *office {
	t.Helper()
	w := transcript.NewWorld(t)
	cast, err := sample.City(context.Background(), w.Store)
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	o := &office{World: w, t: t, cast: cast, names: map[int64]string{}}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{period.MenuEntry(w.Store)})
		period.Register(e, w.Store, calendar, o.allowed)
		message.Register(e, w.Store, o.allowed, message.Pace(25))
	})
	return o
}

func (o *office) allowed(at time.Time) time.Time {
	if o.quiet && at.Before(time.Date(2027, time.January, 5, 0, 0, 0, 0, time.UTC)) {
		return time.Date(2027, time.January, 5, 0, 0, 0, 0, time.UTC)
	}
	return at
}

// link gives somebody a telephone by the name of the transcript.
func (o *office) link(key string, p *store.Person, language string) {
	o.t.Helper()
	o.Link(key, p, language, account.NoticeVersion)
	o.names[p.ID] = key
}

// Show draws a page into the card of a message, as the edge would.
func (o *office) Show(ctx context.Context, telegramID int64, _ int, link flows.Link) error {
	actor, err := o.Store.ActorByTelegram(ctx, telegramID)
	if err != nil {
		return err
	}
	screen, err := o.Engine.Draw(ctx, actor, link)
	o.shown = "✎ " + strings.TrimPrefix(transcript.Render(screen), "  ")
	return err
}

// work writes down for whom messages are.
func (o *office) work() string {
	o.t.Helper()
	runner := job.New(o.Store, o, message.Works(o.Store, message.Pace(25)), "test", error.Error, slog.New(slog.DiscardHandler))
	for {
		if worked, err := runner.Next(context.Background()); err != nil {
			o.t.Fatalf("work: %v", err)
		} else if !worked {
			return ""
		}
	}
}

// deliver sends at most so many of what is due, and returns what their phones then show.
func (o *office) deliver(most int) string {
	o.t.Helper()
	ctx := context.Background()
	var out strings.Builder
	for sent := 0; sent < most; sent++ {
		claimed, err := o.Store.ClaimNotifications(ctx, "test", time.Minute, 1)
		if err != nil {
			o.t.Fatal(err)
		}
		if len(claimed) == 0 {
			break
		}
		out.WriteString(o.bring(ctx, claimed[0]))
	}
	return out.String()
}

func (o *office) bring(ctx context.Context, n store.Notification) string {
	o.t.Helper()
	actor, err := o.Store.ActorByPerson(ctx, n.PersonID)
	if err != nil {
		o.must(o.Store.HoldUnlinked(ctx, n))
		return ""
	}
	screen, owed, err := o.Engine.Tell(ctx, actor, n.Kind, n.Args)
	if err != nil {
		o.t.Fatalf("tell %s: %v", n.Kind, err)
	}
	if !owed {
		o.must(o.Store.CancelNotification(ctx, n))
		return ""
	}
	if screen.Attached.ID == "hilang" {
		o.must(o.Store.LoseFile(ctx, n))
		return ""
	}
	o.must(o.Store.MarkSent(ctx, n, 1))
	with := ""
	if screen.Attached.ID != "" {
		with = fmt.Sprintf("  (%s)\n", screen.Attached.ID)
	}
	if screen.Open != (len(screen.Rows) == 0) {
		o.t.Errorf("what may be forwarded has buttons, or what has none may not: %+v", screen)
	}
	return fmt.Sprintf("  %s:\n%s%s", o.names[n.PersonID], with, transcript.Render(screen))
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// settle looks how far messages are and returns what their cards then show.
func (o *office) settle() string {
	o.t.Helper()
	o.shown = ""
	o.must(message.Settle(context.Background(), o.Store, o, "test", time.Minute))
	return o.shown
}

func (o *office) openPeriod() {
	o.t.Helper()
	now := o.Clock.Now()
	_, err := o.Store.OpenPeriodNow(context.Background(), o.cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		SelfReportDue: now.AddDate(0, 0, 1), ScoringDue: now.AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	o.must(err)
	o.deliver(100)
}

// finish lets the evaluator set the results of all his people.
func (o *office) finish(ctx context.Context) {
	o.t.Helper()
	team, err := o.Store.Team(ctx, o.cast.Evaluator.ID)
	o.must(err)
	for _, m := range team {
		_, _, err := o.Store.RateRest(ctx, o.cast.Evaluator.ID, m.EvaluationID)
		o.must(err)
		_, err = o.Store.Finalise(ctx, o.cast.Evaluator.ID, m.EvaluationID, 1000*time.Hour, func(s store.Sheet) (store.Predicate, error) {
			return rules.Predicate(s.WorkRating, s.BehaviourRating)
		})
		o.must(err)
	}
}

func (o *office) hooks() transcript.Hooks {
	ctx := context.Background()
	return transcript.Hooks{
		"the job runs":       o.work,
		"all is delivered":   func() string { return o.deliver(100) },
		"one is delivered":   func() string { return o.deliver(1) },
		"the cards go on":    o.settle,
		"a period is opened": func() string { o.openPeriod(); return "" },
		"the evaluator is done": func() string {
			o.finish(ctx)
			return ""
		},
		"it is evening": func() string { o.quiet = true; return "" },
		"dinkes loses its role": func() string {
			_, err := o.Store.RevokeRole(ctx, 0, o.cast.UnitAdmin.ID, store.Admin, o.cast.Units["DINKES"].ID)
			o.must(err)
			return ""
		},
		"the employee blocks": func() string {
			o.must(o.Store.MarkUnreachable(ctx, o.TelegramID("pegawai")))
			return ""
		},
	}
}

// What an administrator writes, and what its readers see, reads as a chat.
func TestMessagesReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, story := range []string{"usual", "files", "unit", "bad"} {
			t.Run(story+"/"+language, func(t *testing.T) {
				o := open(t)
				o.link("pengelola", o.cast.Admin, language)
				o.link("dinkes", o.cast.UnitAdmin, language)
				o.link("penilai", o.cast.Evaluator, language)
				o.link("pegawai", o.cast.Employee, language)
				o.link("sekolah", o.cast.OtherEvaluator, "id")
				transcript.Play(t, o.World, "testdata/"+story+"_"+language+".txt", o.hooks())
			})
		}
	}
}
