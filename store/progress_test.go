package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/storetest"
)

func TestAnAdministratorActsOnlyWithinHisUnits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		whole := open(t, s, city.Admin, quarter(0))
		schools := quarter(city.Units["DISDIK"].ID)
		schools.FirstDay, schools.LastDay = "2027-01-01", "2027-03-31"
		foreign := open(t, s, city.Admin, schools)
		health, nobody := city.UnitAdmin.ID, city.Employee.ID

		refused := map[string]func(admin, period int64) error{
			"progress": func(a, p int64) error { _, err := s.ProgressOf(ctx, a, p); return err },
			"units":    func(a, p int64) error { _, err := s.UnitsOf(ctx, a, p); return err },
			"opening":  func(a, p int64) error { _, _, err := s.OpeningOf(ctx, a, p); return err },
			"late":     func(a, p int64) error { _, _, err := s.LateIn(ctx, a, p, "2027-01-04"); return err },
			"nudge": func(a, p int64) error {
				_, err := s.Nudge(ctx, a, p, store.Nudged{}, "2027-01-04", time.Time{})
				return err
			},
			"close":      func(a, p int64) error { return s.ClosePeriod(ctx, a, p) },
			"publish":    func(a, p int64) error { _, err := s.PublishPeriod(ctx, a, p); return err },
			"evaluators": func(a, p int64) error { _, _, _, err := s.EvaluatorsOf(ctx, a, p, city.Units["SDN-05"].ID); return err },
		}
		for name, do := range refused {
			for _, try := range []struct{ admin, period int64 }{{health, foreign.ID}, {nobody, whole.ID}, {health, 999}} {
				if err := do(try.admin, try.period); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s by %d on %d: %v; want not found", name, try.admin, try.period, err)
				}
			}
		}
		for _, name := range []string{"close", "publish", "evaluators"} { // of a period that is his only in part
			if err := refused[name](health, whole.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s of the whole city by a unit's administrator: %v; want not found", name, err)
			}
		}
		if _, err := s.OpenPeriod(ctx, health, quarter(0), store.Place{}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("opening the whole city: %v; want not found", err)
		}
		if _, err := s.PreviewPeriod(ctx, health, schools); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("preview of other units: %v; want not found", err)
		}
		mine, all := progress(t, s, city.UnitAdmin, whole.ID), progress(t, s, city.Admin, whole.ID)
		if mine.Manages || !all.Manages || mine.Total == 0 || mine.Total >= all.Total || mine.Notices[store.Owed] >= all.Notices[store.Owed] {
			t.Errorf("a unit's administrator sees %+v of %+v; want his part", mine, all)
		}
		if lines, n, err := s.Periods(ctx, health, 0, 10); err != nil || n != 1 || lines[0].ID != whole.ID || lines[0].Total != mine.Total {
			t.Errorf("his periods: %+v, %v; want the city's only", lines, err)
		}
		if _, _, err := s.Periods(ctx, nobody, 0, 10); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("periods of no administrator: %v; want not found", err)
		}
	})
}

func TestAReminderGoesOnceADayToLinkedEvaluatorsWhoOwe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		link(t, s, city.Evaluator, 501)
		link(t, s, city.OtherEvaluator, 502)
		link(t, s, city.Employee, 503)
		for day, want := range map[store.Date]int{"2027-01-04": 2, "2027-01-05": 2} {
			for try, want := range []int{want, 0} {
				if n, err := s.Nudge(ctx, city.Admin.ID, period.ID, store.Nudged{}, day, time.Time{}); err != nil || n != want {
					t.Errorf("%s, try %d: %d reminders, %v; want %d", day, try, n, err, want)
				}
			}
		}
		_, late, err := s.LateIn(ctx, city.UnitAdmin.ID, period.ID, "2027-01-05")
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range late {
			if l.EvaluatorID == city.OtherEvaluator.ID {
				t.Error("the health agency's administrator sees a school's evaluator")
			}
			if l.EvaluatorID == city.Evaluator.ID && (!l.Nudged() || !l.Linked || l.Left != 8) {
				t.Errorf("the evaluator is listed as %+v", l)
			}
		}
	})
}

func TestOneIsRemindedOrAllWithoutOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		for n, p := range []*store.Person{city.Evaluator, city.OtherEvaluator, city.Superior} {
			link(t, s, p, int64(501+n))
		}
		for _, step := range []struct {
			what  string
			admin int64
			whom  store.Nudged
			day   store.Date
			want  int
		}{
			{"one", city.Admin.ID, store.Nudged{Only: city.Evaluator.ID}, "2027-01-04", 1},
			{"the same again", city.Admin.ID, store.Nudged{Only: city.Evaluator.ID}, "2027-01-04", 0},
			{"all without another", city.Admin.ID, store.Nudged{But: []int64{city.Superior.ID}}, "2027-01-04", 1},
			{"the rest", city.Admin.ID, store.Nudged{}, "2027-01-04", 1},
			{"who owes nothing", city.Admin.ID, store.Nudged{Only: city.Employee.ID}, "2027-01-05", 0},
			{"somebody of another agency", city.UnitAdmin.ID, store.Nudged{Only: city.OtherEvaluator.ID}, "2027-01-05", 0},
			{"all without two", city.Admin.ID, store.Nudged{But: []int64{city.Superior.ID, city.Evaluator.ID}}, "2027-01-05", 1},
			{"one's own without one", city.UnitAdmin.ID, store.Nudged{But: []int64{city.Evaluator.ID}}, "2027-01-05", 1},
		} {
			if n, err := s.Nudge(ctx, step.admin, period.ID, step.whom, step.day, time.Time{}); err != nil || n != step.want {
				t.Errorf("%s: %d reminders, %v; want %d", step.what, n, err, step.want)
			}
		}
	})
}

func TestTheNamesBehindTheFiguresAreThoseOfTheScope(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		s.Change(t, "UPDATE notifications SET state = 'failed' WHERE person_id IN (?, ?)", city.Evaluator.ID, city.OtherEvaluator.ID)
		s.Change(t, "UPDATE notifications SET state = 'unreachable' WHERE person_id = ?", city.Superior.ID)
		alone := func(admin int64) (names []string) {
			_, lines, total, err := s.WithoutEvaluator(ctx, admin, period.ID, 0, 10)
			for _, l := range lines {
				names = append(names, l.Name)
			}
			if err != nil || total != len(names) {
				t.Errorf("%d people without evaluator, %d names, %v", total, len(names), err)
			}
			return names
		}
		if got := alone(city.Admin.ID); !slices.Equal(got, []string{city.NoSuperior.Name}) {
			t.Errorf("without evaluator are %v", got)
		}
		if got := alone(city.UnitAdmin.ID); len(got) != 0 {
			t.Errorf("in the health agency %v are without evaluator", got)
		}
		_, all, n, err := s.UndeliveredIn(ctx, city.Admin.ID, period.ID, 0, 10)
		if err != nil || n != 3 || len(all) != 3 {
			t.Errorf("in the city %+v of %d, %v", all, n, err)
		}
		_, mine, n, err := s.UndeliveredIn(ctx, city.UnitAdmin.ID, period.ID, 0, 1)
		if err != nil || n != 2 || len(mine) != 1 || mine[0].Failed+mine[0].Waiting != 1 {
			t.Errorf("in the health agency %+v of %d, %v", mine, n, err)
		}
		parked, n, err := s.ParkedPeople(ctx, city.UnitAdmin.ID, 0, 10)
		if err != nil || n != 1 || parked[0].Name != city.Evaluator.Name || parked[0].Failed != 1 {
			t.Errorf("parked are %+v of %d, %v", parked, n, err)
		}
		_, _, _, gone := s.WithoutEvaluator(ctx, city.Employee.ID, period.ID, 0, 10)
		_, _, _, hidden := s.UndeliveredIn(ctx, city.Employee.ID, period.ID, 0, 10)
		_, _, none := s.ParkedPeople(ctx, city.Employee.ID, 0, 10)
		for _, err := range []error{gone, hidden, none} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("an employee: %v; want not found", err)
			}
		}
	})
}

func TestRemindersAtOnceCountEverybodyOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		link(t, s, city.Evaluator, 501)
		link(t, s, city.OtherEvaluator, 502)
		before := audits(t, s)
		var wait sync.WaitGroup
		counts := make([]int, 6)
		for i := range counts {
			wait.Go(func() {
				n, err := s.Nudge(context.Background(), city.Admin.ID, period.ID, store.Nudged{}, "2027-01-04", time.Time{})
				if err != nil {
					t.Errorf("nudge: %v", err)
				}
				counts[i] = n
			})
		}
		wait.Wait()
		if slices.Sort(counts); !slices.Equal(counts, []int{0, 0, 0, 0, 0, 2}) || audits(t, s)-before != 1 {
			t.Errorf("reminded %v with %d audits; want two people once", counts, audits(t, s)-before)
		}
	})
}

func TestPublishingReleasesWaitingResultsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		form := quarter(0)
		form.Release = store.ReleasePublished
		period := open(t, s, city.Admin, form)
		team, err := s.Team(ctx, city.Evaluator.ID)
		if err != nil {
			t.Fatal(err)
		}
		finalise := func(evaluation int64) {
			if _, _, err := s.RateRest(ctx, city.Evaluator.ID, evaluation); err != nil {
				t.Fatalf("rate: %v", err)
			}
			if _, err := s.Finalise(ctx, city.Evaluator.ID, evaluation, 0, func(store.Sheet) (store.Predicate, error) { return store.Good, nil }); err != nil {
				t.Fatalf("finalise: %v", err)
			}
		}
		finalise(team[0].EvaluationID)
		if p := progress(t, s, city.Admin, period.ID); p.Final != 1 || p.Released != 0 {
			t.Fatalf("%+v; want one final, none released", p.Counts)
		}
		for try, want := range []int{1, 0} {
			if n, err := s.PublishPeriod(ctx, city.Admin.ID, period.ID); err != nil || n != want {
				t.Fatalf("publish, try %d: %d, %v; want %d", try, n, err, want)
			}
		}
		job, err := s.ClaimJob(ctx, "one", lease)
		for err == nil && job.State == store.JobRunning {
			job, err = s.PublishChunk(ctx, "one", job.ID, lease)
		}
		if err != nil || job.Kind != store.JobPublishResults || job.Done != 1 {
			t.Fatalf("job %+v, %v", job, err)
		}
		told, err := s.PublishedBy(ctx, city.Evaluator.ID, period.ID)
		news := s.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE kind = ?", store.KindPublished)
		if err != nil || news != 1 || told.Number != 1 || told.Kind != period.Kind {
			t.Errorf("%d evaluators are told of %+v, %v; want one of one result", news, told, err)
		}
		// A city is published chunk by chunk, and the message counts when it is sent.
		if n := s.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE kind = ? AND due_at <= ?", store.KindPublished, s.Now()); n != 0 {
			t.Error("the evaluator is told while results are still being published")
		}
		if _, err := s.PublishedBy(ctx, city.Employee.ID, period.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("somebody who evaluated nobody: %v", err)
		}
		finalise(team[1].EvaluationID) // set after publishing: released by itself
		if p := progress(t, s, city.Admin, period.ID); p.Final != 2 || p.Released != 2 || p.Read != 0 {
			t.Errorf("%+v; want two final and released", p.Counts)
		}
		employee := team[1].EmployeeID
		results, err := s.ResultsOf(ctx, employee)
		if err != nil || len(results) != 1 {
			t.Fatalf("results: %v, %v", results, err)
		}
		if err := s.OpenResult(ctx, employee, results[0].ID); err != nil {
			t.Fatal(err)
		}
		if p := progress(t, s, city.Admin, period.ID); p.Opened != 1 || p.Read != 0 {
			t.Errorf("%+v; want one opened and none marked as read", p.Counts)
		}
		if err := s.Acknowledge(ctx, employee, results[0].ID); err != nil {
			t.Fatal(err)
		}
		if p := progress(t, s, city.Admin, period.ID); p.Opened != 1 || p.Read != 1 {
			t.Errorf("%+v; want one opened and marked as read", p.Counts)
		}
	})
}

func TestProgressListsTheUnitFurthestBehindFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		team, err := s.Team(ctx, city.Evaluator.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, member := range team {
			if _, _, err := s.RateRest(ctx, city.Evaluator.ID, member.EvaluationID); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				continue
			}
			if _, err := s.Finalise(ctx, city.Evaluator.ID, member.EvaluationID, 0, func(store.Sheet) (store.Predicate, error) { return store.Good, nil }); err != nil {
				t.Fatal(err)
			}
		}
		p := progress(t, s, city.Admin, period.ID)
		if p.Final != 7 || p.Begun != 1 || p.NotBegun != p.Total-8 || p.Released != 7 {
			t.Errorf("%+v; want 7 final, 1 begun", p.Counts)
		}
		units, err := s.UnitsOf(ctx, city.Admin.ID, period.ID)
		if err != nil {
			t.Fatal(err)
		}
		if all := units.Of(0); all.Counts != p.Counts {
			t.Errorf("the units add up to %+v, want %+v", all.Counts, p.Counts)
		}
		// Each unit is as much as its own people and its parts, and each person stands in one place.
		seen := 0
		var walk func(at int64)
		walk = func(at int64) {
			parts, sum := units.Parts(at), 0
			for _, u := range units.Directly(at) {
				sum, seen = sum+u.Total, seen+u.Total
			}
			for i, u := range parts {
				sum += u.Total
				if i > 0 && u.Final*parts[i-1].Total < parts[i-1].Final*u.Total {
					t.Errorf("%s comes after %s", u.Name, parts[i-1].Name)
				}
				walk(u.UnitID)
			}
			if whole := units.Of(at); whole.Total != sum {
				t.Errorf("unit %d %q counts %d, its parts %d", at, whole.Name, whole.Total, sum)
			}
		}
		walk(0)
		agency := units.Parts(city.Units["DINKES"].ID)
		if last := agency[len(agency)-1]; last.UnitID != city.Units["PKM-01"].ID || last.Final != 7 || seen != p.Total {
			t.Errorf("last of the agency is %+v, %d people in all units", last, seen)
		}
		mine, err := s.UnitsOf(ctx, city.UnitAdmin.ID, period.ID)
		if err != nil || mine.Of(mine.Scope.Start()).Total != progress(t, s, city.UnitAdmin, period.ID).Total || mine.Of(city.Units["DISDIK"].ID).Total != 0 {
			t.Errorf("the health agency's administrator sees %+v, of the schools %+v, %v", mine.Of(mine.Scope.Start()), mine.Of(city.Units["DISDIK"].ID), err)
		}
	})
}

func link(t testing.TB, s *store.Store, p *store.Person, telegramID int64) {
	t.Helper()
	ctx := context.Background()
	code, err := s.Invite(ctx, p.ID, time.Hour)
	if err != nil {
		t.Fatalf("invite: %v", err)
	}
	if _, err := s.Link(ctx, telegramID, "id", code); err != nil {
		t.Fatalf("link: %v", err)
	}
}

func TestBehindEachFigureOfTheProgressAreAsManyNamesOfTheScope(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		city := sampleCity(t, s)
		period := open(t, s, city.Admin, quarter(0))
		team, err := s.Team(ctx, city.Evaluator.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, member := range team[:3] { // begun, final, and final and opened
			if _, _, err := s.RateRest(ctx, city.Evaluator.ID, member.EvaluationID); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				continue
			}
			if _, err := s.Finalise(ctx, city.Evaluator.ID, member.EvaluationID, 0, func(store.Sheet) (store.Predicate, error) { return store.Good, nil }); err != nil {
				t.Fatal(err)
			}
		}
		results, err := s.ResultsOf(ctx, team[2].EmployeeID)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.OpenResult(ctx, team[2].EmployeeID, results[0].ID), s.Acknowledge(ctx, team[2].EmployeeID, results[0].ID)); err != nil {
			t.Fatal(err)
		}
		for _, admin := range []*store.Person{city.Admin, city.UnitAdmin} {
			p := progress(t, s, admin, period.ID)
			for figure, want := range map[store.Figure]struct {
				n      int
				result bool
			}{
				store.FigureNotBegun: {p.NotBegun, false}, store.FigureBegun: {1, false}, store.FigureFinal: {2, true}, store.FigureReleased: {2, true},
				store.FigureUnopened: {1, true}, store.FigureOpened: {1, true}, store.FigureRead: {1, true}, store.FigureOwed: {p.Notices[store.Owed] - 2, false},
			} {
				_, lines, total, err := s.PeopleIn(ctx, admin.ID, period.ID, figure, 0, 100)
				if figure == store.FigureOwed { // the two results wait for people who wait for nothing else
					total -= 2
				}
				if err != nil || total != want.n || len(lines) == 0 || (lines[0].ResultID != 0) != want.result || lines[0].Name == "" || lines[0].Unit == "" {
					t.Errorf("%s of %s: %d names, %v, first %+v; want %d, with results: %v", figure, admin.Name, total, err, lines[:min(1, len(lines))], want.n, want.result)
				}
			}
		}
		if _, lines, total, err := s.PeopleIn(ctx, city.Admin.ID, period.ID, store.FigureNotBegun, 8, 8); err != nil || len(lines) != 8 || total != progress(t, s, city.Admin, period.ID).NotBegun {
			t.Errorf("the second page: %d of %d, %v", len(lines), total, err)
		}
		for figure, asker := range map[store.Figure]int64{store.FigureFinal: city.Employee.ID, "predicate": city.Admin.ID} {
			if _, _, _, err := s.PeopleIn(ctx, asker, period.ID, figure, 0, 8); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s by %d: %v; want not found", figure, asker, err)
			}
		}
		if p := progress(t, s, city.Admin, period.ID); p.NoEvaluator != 1 || p.NotBegunAlone != 1 {
			t.Errorf("%d without evaluator, %d of them not begun; want one", p.NoEvaluator, p.NotBegunAlone)
		}
	})
}
