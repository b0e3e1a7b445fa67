package scoring_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/result"
	"kinerja/flows/rules"
	"kinerja/flows/scoring"
	"kinerja/flows/talk"
	"kinerja/flows/transcript"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/sample"
)

const (
	grace     = 10 * time.Minute
	minReason = 15
)

func calendar(t testing.TB) rules.Calendar {
	t.Helper()
	c, err := rules.NewCalendar()
	if err != nil {
		t.Fatalf("calendar: %v", err)
	}
	return c
}

// city is a world with an open period: fourth quarter of 2026, scoring due on 10 January 2027.
func city(t testing.TB, release store.Release) (*transcript.World, *sample.Cast, store.Period) {
	t.Helper()
	w := transcript.NewWorld(t)
	cast, period := furnish(t, w, release)
	return w, cast, period
}

func furnish(t testing.TB, w *transcript.World, release store.Release) (*sample.Cast, store.Period) {
	t.Helper()
	ctx := context.Background()
	cast, err := sample.City(ctx, w.Store)
	if err != nil {
		t.Fatalf("sample city: %v", err)
	}
	days := calendar(t)
	selfReport, due, err := days.Deadlines("2026-12-31")
	if err != nil {
		t.Fatalf("deadlines: %v", err)
	}
	period, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		SelfReportDue: selfReport, ScoringDue: due, ObjectionDays: 14, Release: release})
	if err != nil {
		t.Fatalf("open period: %v", err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{scoring.MenuEntry(w.Store, days), scoring.FollowUpEntry(w.Store), result.MenuEntry(w.Store), talk.MenuEntry(w.Store, days)})
		scoring.Register(e, w.Store, scoring.Settings{Calendar: days, Grace: grace, MinReason: minReason})
		result.Register(e, w.Store, days)
		talk.Register(e, w.Store, days)
	})
	return cast, period
}

// stage is what other people do in the transcripts.
func stage(t *testing.T, w *transcript.World, cast *sample.Cast, period store.Period) transcript.Hooks {
	t.Helper()
	ctx := context.Background()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	tell := func(person *store.Person, kind, args string) string {
		actor, err := w.Store.ActorByPerson(ctx, person.ID)
		must("find person", err)
		screen, owed, err := w.Engine.Tell(ctx, actor, kind, args)
		must("tell", err)
		if !owed {
			return "  (nothing is owed)\n"
		}
		return transcript.Render(screen)
	}
	told := func(person *store.Person, kind string) func() string {
		return func() string { return tell(person, kind, strconv.FormatInt(period.ID, 10)) }
	}
	talk := func() store.TalkView {
		lines, err := w.Store.ResultsOf(ctx, cast.Employee.ID)
		must("list results", err)
		view, err := w.Store.TalkAbout(ctx, cast.Employee.ID, lines[0].ID)
		must("read talk", err)
		return view
	}
	return transcript.Hooks{
		"the evaluator is told that it was closed":                  told(cast.Evaluator, store.KindClosedUnscored),
		"the evaluator is told that it was published":               told(cast.Evaluator, store.KindPublished),
		"the evaluator would be told that he has no result himself": told(cast.Evaluator, store.KindNotEvaluated),
		"the employee is told that it was closed":                   told(cast.Employee, store.KindNotEvaluated),
		"the evaluator is told that he is asked for a talk": func() string {
			return tell(cast.Evaluator, store.KindTalkAsked, strconv.FormatInt(talk().ID, 10))
		},
		"the employee is told the answer": func() string {
			return tell(cast.Employee, store.KindTalkAnswered, fmt.Sprintf("%d:%d", talk().ID, talk().Answers))
		},
		"the employee would be told the answer before": func() string {
			return tell(cast.Employee, store.KindTalkAnswered, fmt.Sprintf("%d:%d", talk().ID, talk().Answers-1))
		},
		"messages to the evaluator do not arrive": func() string {
			actor, err := w.Store.ActorByPerson(ctx, cast.Evaluator.ID)
			must("find evaluator", err)
			must("mark unreachable", w.Store.MarkUnreachable(ctx, actor.TelegramID))
			return ""
		},
		"the evaluator's telephone is taken off": func() string {
			_, err := w.Store.Unlink(ctx, cast.Admin.ID, cast.Evaluator.ID)
			must("unlink", err)
			return ""
		},
		"the evaluator leaves": func() string {
			_, err := w.Store.Leave(ctx, cast.Admin.ID, cast.Evaluator.ID)
			must("leave", err)
			return ""
		},
		"a year is opened too": func() string {
			_, err := w.Store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Annual, FirstDay: "2026-01-01", LastDay: "2026-12-31",
				SelfReportDue: period.SelfReportDue, ScoringDue: period.ScoringDue.AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce})
			must("open a year", err)
			return ""
		},
		"the administrator closes the period": func() string {
			must("close", w.Store.ClosePeriod(ctx, cast.Admin.ID, period.ID))
			return ""
		},
		"the administrator publishes": func() string {
			_, err := w.Store.PublishPeriodNow(ctx, cast.Admin.ID, period.ID)
			must("publish", err)
			return ""
		},
		"the administrator enters that the unit did outstandingly": func() string {
			entry := store.GradeEntry{UnitID: cast.Evaluator.UnitID, Grade: store.OrgOutstanding}
			_, err := w.Store.SetPerformances(ctx, cast.Admin.ID, period.ID, []store.GradeEntry{entry})
			must("enter performance", err)
			return ""
		},
		"the others are evaluated": func() string {
			for _, m := range team(t, w, cast.Evaluator) {
				if m.EmployeeID != cast.Employee.ID {
					evaluate(t, w, cast.Evaluator, m.EvaluationID)
				}
			}
			return ""
		},
		"the employee is told": func() string {
			lines, err := w.Store.ResultsOf(ctx, cast.Employee.ID)
			must("list results", err)
			return tell(cast.Employee, store.KindResultReady, strconv.FormatInt(lines[0].ID, 10))
		},
	}
}

func team(t testing.TB, w *transcript.World, evaluator *store.Person) []store.TeamMember {
	t.Helper()
	team, err := w.Store.Team(context.Background(), evaluator.ID)
	if err != nil {
		t.Fatalf("read team: %v", err)
	}
	return team
}

// evaluate sets a result as the usual way does.
func evaluate(t testing.TB, w *transcript.World, evaluator *store.Person, evaluationID int64) {
	t.Helper()
	ctx := context.Background()
	if _, _, err := w.Store.RateRest(ctx, evaluator.ID, evaluationID); err != nil {
		t.Fatalf("rate: %v", err)
	}
	_, err := w.Store.Finalise(ctx, evaluator.ID, evaluationID, grace, func(sheet store.Sheet) (store.Predicate, error) {
		return rules.Predicate(sheet.WorkRating, sheet.BehaviourRating)
	})
	if err != nil {
		t.Fatalf("finalise: %v", err)
	}
}

func TestScoringReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for file, release := range map[string]store.Release{"usual": store.ReleaseAtOnce, "thorough": store.ReleaseAtOnce, "changes": store.ReleaseAtOnce,
			"last": store.ReleaseAtOnce, "slips": store.ReleaseAtOnce, "periods": store.ReleaseAtOnce, "departs": store.ReleaseAtOnce, "phrases": store.ReleaseAtOnce,
			"review": store.ReleaseAtOnce, "back": store.ReleaseAtOnce, "talk": store.ReleaseAtOnce, "beside": store.ReleaseAtOnce, "agreed": store.ReleaseAtOnce, "stray": store.ReleaseAtOnce, "pattern": store.ReleaseAtOnce,
			"bad": store.ReleaseAtOnce, "published": store.ReleasePublished} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, cast, period := city(t, release)
				w.Link("penilai", cast.Evaluator, language, account.NoticeVersion)
				w.Link("pegawai", cast.Employee, language, account.NoticeVersion)
				w.Link("lain", cast.OtherEvaluator, language, account.NoticeVersion)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", stage(t, w, cast, period))
			})
		}
	}
}

func TestEveryOfferedPhraseIsAReasonThatSuffices(t *testing.T) {
	zone := calendar(t).Location()
	catalog, err := locales.Load(zone)
	if err != nil {
		t.Fatalf("sentences: %v", err)
	}
	for _, language := range locales.Languages {
		for _, aspect := range []store.Aspect{store.Capaian, store.Sikap, store.Perilaku} {
			for _, rating := range []store.Rating{store.Above, store.Meets, store.Below} {
				if rating == store.Meets && aspect == store.Sikap {
					continue // only an overall rating that meets may owe a reason, and none has this aspect
				}
				for n := 1; n <= 4; n++ {
					phrase := catalog.In(language).Plain(fmt.Sprintf("reason.%s_%s_%d", aspect, rating, n))
					if !rules.ReasonSuffices(phrase, minReason) || strings.Contains(phrase, locales.Missing) {
						t.Errorf("%s %s %s: %q", language, aspect, rating, phrase)
					}
				}
			}
		}
	}
}

// looks remembers what somebody looked at.
type looks struct {
	*store.Store
	seen []string
}

func (l *looks) Looked(ctx context.Context, viewerID int64, subject string, id int64) error {
	l.seen = append(l.seen, subject)
	return l.Store.Looked(ctx, viewerID, subject, id)
}

func TestEveryLookAtAResultIsRecorded(t *testing.T) {
	w, cast, _ := city(t, store.ReleaseAtOnce)
	l := &looks{Store: w.Store}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{scoring.MenuEntry(w.Store, calendar(t))})
		scoring.Register(e, l, scoring.Settings{Calendar: calendar(t), Grace: grace, MinReason: minReason})
	})
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	w.Type("penilai", "/nilai")
	w.Tap("penilai", "Erni")
	if len(l.seen) != 0 {
		t.Errorf("without any result he looked at %v", l.seen)
	}
	w.Tap("penilai", "Semua sesuai")
	w.Tap("penilai", "Tetapkan")
	w.Tap("penilai", "Cukup dulu") // the list tells the predicate
	w.Tap("penilai", "Erni")
	if want := []string{"team", "result"}; !slices.Equal(l.seen, want) {
		t.Errorf("he looked at %v, recorded %v", want, l.seen)
	}
}
