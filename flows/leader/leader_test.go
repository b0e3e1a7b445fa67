package leader_test

import (
	"context"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/leader"
	"kinerja/flows/rules"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/sample"
)

// stage is a city with its leaders, and what happens to it while they look.
type stage struct {
	*transcript.World
	t      *testing.T
	cast   *sample.Cast
	period store.Period
}

func city(t *testing.T) *stage {
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
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{leader.MenuEntry(w.Store)})
		leader.Register(e, w.Store, calendar)
	})
	return &stage{World: w, t: t, cast: cast}
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) open() string {
	s.t.Helper()
	var err error
	s.period, err = s.Store.OpenPeriodNow(context.Background(), s.cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		SelfReportDue: s.Clock.Now().AddDate(0, 0, 1), ScoringDue: s.Clock.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	s.must(err)
	return ""
}

// evaluate finalises what an evaluator has not, at most n, with one rating for all.
func (s *stage) evaluate(evaluator *store.Person, n int, rating store.Rating) {
	s.t.Helper()
	ctx := context.Background()
	team, err := s.Store.Team(ctx, evaluator.ID)
	s.must(err)
	for _, member := range team {
		if member.State != store.EvaluationOpen || n == 0 {
			continue
		}
		n--
		_, _, err := s.Store.RateRest(ctx, evaluator.ID, member.EvaluationID)
		s.must(err)
		s.must(s.Store.ChooseOverall(ctx, evaluator.ID, member.EvaluationID, map[store.Side]store.Rating{store.Work: rating, store.Behaviour: store.Meets}))
		if rating != store.Meets {
			s.must(s.Store.SetOverallReason(ctx, evaluator.ID, member.EvaluationID, store.Work, rating, "Target belum tercapai"))
			s.must(s.Store.SetFollowUp(ctx, evaluator.ID, member.EvaluationID, store.Training, "2027-06-30"))
		}
		_, err = s.Store.Finalise(ctx, evaluator.ID, member.EvaluationID, time.Minute, func(sheet store.Sheet) (store.Predicate, error) {
			return rules.Predicate(sheet.WorkRating, sheet.BehaviourRating)
		})
		s.must(err)
	}
}

func TestTheFiguresOfALeaderReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		t.Run(language, func(t *testing.T) {
			s := city(t)
			s.Link("pimpinan", s.cast.Superior, language, account.NoticeVersion)
			s.Link("kota", s.cast.Leader, language, account.NoticeVersion)
			s.Link("pegawai", s.cast.Employee, language, account.NoticeVersion)
			s.must(s.Store.GrantRole(context.Background(), 0, s.cast.Superior.ID, store.Leader, s.cast.Units["DINKES"].ID))
			transcript.Play(t, s.World, "testdata/figures_"+language+".txt", transcript.Hooks{
				"a quarter is open":       s.open,
				"eight are evaluated":     func() string { s.evaluate(s.cast.Evaluator, 8, store.Meets); return "" },
				"late ones are evaluated": func() string { s.evaluate(s.cast.Superior, 3, store.Below); return "" },
				"the quarter is closed": func() string {
					s.must(s.Store.ClosePeriod(context.Background(), s.cast.Admin.ID, s.period.ID))
					return ""
				},
				"the role ends": func() string {
					_, err := s.Store.RevokeRole(context.Background(), 0, s.cast.Superior.ID, store.Leader, s.cast.Units["DINKES"].ID)
					s.must(err)
					return ""
				},
			})
		})
	}
}
