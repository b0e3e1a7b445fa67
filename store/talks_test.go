package store_test

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"kinerja/store"
)

const today = store.Date("2027-01-04")

func (d *desk) askToTalk(resultID int64) store.TalkView {
	d.t.Helper()
	_, err := d.RequestTalk(ctx, d.worker, resultID, today)
	d.must("request talk", err)
	view, err := d.TalkAbout(ctx, d.worker, resultID)
	d.must("read talk", err)
	return view
}

// opened is a result that its employee has opened.
func (d *desk) opened() store.Result {
	d.t.Helper()
	r := d.released()
	d.must("open", d.OpenResult(ctx, d.worker, r.ID))
	return r
}

func (d *desk) told(kind string) int {
	d.t.Helper()
	return d.CountRows(d.t, "SELECT COUNT(*) FROM notifications WHERE kind = ?", kind)
}

func TestATalkIsAskedForByTheEmployeeAloneAndOnceHeHasOpenedHisResult(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		r := d.released()
		_, err := d.RequestTalk(ctx, d.worker, r.ID, today)
		d.expect("before he has opened it", err, store.ErrNotFound)
		d.must("open", d.OpenResult(ctx, d.worker, r.ID))
		for _, other := range []int64{d.boss, d.cast.OtherEvaluator.ID, d.cast.Admin.ID, 0} {
			_, err := d.RequestTalk(ctx, other, r.ID, today)
			d.expect("somebody else asks", err, store.ErrNotFound)
			_, err = d.TalkAbout(ctx, other, r.ID)
			d.expect("somebody else looks", err, store.ErrNotFound)
		}
		view := d.askToTalk(r.ID)
		for _, other := range []int64{d.worker, d.cast.OtherEvaluator.ID, d.cast.Admin.ID, 0} {
			_, err := d.TalkFor(ctx, other, view.ID)
			d.expect("somebody else reads the wish", err, store.ErrNotFound)
			d.expect("somebody else answers", d.AnswerTalk(ctx, other, view.ID, store.TalkOn, "2027-01-06"), store.ErrNotFound)
		}
		_, err = d.TalkOf(ctx, d.boss, view.ID)
		d.expect("the evaluator reads as the employee", err, store.ErrNotFound)
		if d.told(store.KindTalkAsked) != 1 || d.told(store.KindTalkAnswered) != 0 {
			d.t.Errorf("%d and %d notifications", d.told(store.KindTalkAsked), d.told(store.KindTalkAnswered))
		}
	})
}

// The employee taps from several places at once, and so does the evaluator.
func TestHoweverOftenItIsTappedThereIsOneWishAndOneAnswer(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		r := d.opened()
		var all sync.WaitGroup
		var asked atomic.Int32
		for range 6 {
			all.Go(func() {
				isNew, err := d.RequestTalk(ctx, d.worker, r.ID, today)
				if err != nil {
					d.t.Errorf("request talk: %v", err)
				}
				if isNew {
					asked.Add(1)
				}
			})
		}
		all.Wait()
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM talks"); n != 1 || asked.Load() != 1 || d.told(store.KindTalkAsked) != 1 {
			d.t.Fatalf("%d wishes, %d said to be new, %d notifications", n, asked.Load(), d.told(store.KindTalkAsked))
		}
		view := d.askToTalk(r.ID)
		for range 6 {
			all.Go(func() {
				if err := d.AnswerTalk(ctx, d.boss, view.ID, store.TalkOn, "2027-01-06"); err != nil {
					d.t.Errorf("answer: %v", err)
				}
			})
		}
		all.Wait()
		if view := d.askToTalk(r.ID); view.Answers != 1 || view.Day != "2027-01-06" || d.told(store.KindTalkAnswered) != 1 {
			d.t.Errorf("answered %d times for %s, %d notifications", view.Answers, view.Day, d.told(store.KindTalkAnswered))
		}
	})
}

func TestAWishStandsUntilItsDayIsOver(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		r := d.opened()
		first := d.askToTalk(r.ID)
		if asked, err := d.TalksAsked(ctx, d.boss); err != nil || len(asked) != 1 || asked[0].ID != first.ID || asked[0].Employee != d.cast.Employee.Name {
			d.t.Errorf("the evaluator is asked by %+v, %v", asked, err)
		}
		for _, step := range []struct {
			answer store.TalkAnswer
			day    store.Date
			on     store.Date
			stands bool
		}{
			{store.TalkOn, "2027-01-06", "2027-01-06", true},
			{store.TalkOn, "2027-01-06", "2027-01-07", false},
			{store.TalkUntil, "2027-01-08", "2027-01-07", true},
			{store.TalkUntil, "2027-01-08", "2027-01-09", false},
			{store.TalkDone, "2027-01-08", "2027-01-08", false},
		} {
			d.must("answer", d.AnswerTalk(ctx, d.boss, first.ID, step.answer, step.day))
			view, err := d.TalkAbout(ctx, d.worker, r.ID)
			d.must("read talk", err)
			if view.Stands(step.on) != step.stands {
				d.t.Errorf("%s %s stands on %s: %v", step.answer, step.day, step.on, !step.stands)
			}
		}
		if asked, err := d.TalksAsked(ctx, d.boss); err != nil || len(asked) != 0 {
			d.t.Errorf("answered, the evaluator is asked by %+v, %v", asked, err)
		}
		second := d.askToTalk(r.ID)
		if second.ID == first.ID || second.Number != 2 || second.Answer != "" || d.told(store.KindTalkAsked) != 2 {
			d.t.Errorf("asked again: %+v, %d notifications", second.Talk, d.told(store.KindTalkAsked))
		}
		// The button of the first wish answers the second.
		d.must("answer by the old card", d.AnswerTalk(ctx, d.boss, first.ID, store.TalkOn, "2027-01-11"))
		if view := d.askToTalk(r.ID); view.ID != second.ID || view.Day != "2027-01-11" {
			d.t.Errorf("the old card answered %+v", view.Talk)
		}
	})
}

func TestWhoIsNotTheEvaluatorAnyMoreIsNotAskedAnyMore(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		r := d.opened()
		first := d.askToTalk(r.ID)
		d.Change(d.t, "UPDATE evaluations SET evaluator_id = ? WHERE id = ?", d.cast.OtherEvaluator.ID, d.id)
		d.expect("he who was asked answers", d.AnswerTalk(ctx, d.boss, first.ID, store.TalkOn, "2027-01-06"), store.ErrNotFound)
		if asked, err := d.TalksAsked(ctx, d.boss); err != nil || len(asked) != 0 {
			d.t.Errorf("he is asked by %+v, %v", asked, err)
		}
		view, err := d.TalkAbout(ctx, d.worker, r.ID)
		if err != nil || view.ID != 0 || view.Evaluator != d.cast.OtherEvaluator.Name {
			d.t.Errorf("the employee sees %+v, %v", view, err)
		}
		if second := d.askToTalk(r.ID); second.EvaluatorID != d.cast.OtherEvaluator.ID || second.Number != 2 || d.told(store.KindTalkAsked) != 2 {
			d.t.Errorf("asked anew: %+v", second.Talk)
		}
		_, err = d.Leave(ctx, 0, d.cast.OtherEvaluator.ID)
		d.must("leave", err)
		if _, err := d.RequestTalk(ctx, d.worker, r.ID, today); !errors.Is(err, store.ErrNobodyToTalk) {
			d.t.Errorf("nobody is there to be asked: %v", err)
		}
	})
}

func TestAPromisedTalkStaysInTheListOfTheEvaluatorAndConcernsBothOnItsDay(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		view := d.askToTalk(d.opened().ID)
		promised := func(from store.Date) int {
			d.t.Helper()
			list, err := d.TalksAnswered(ctx, d.boss, from)
			d.must("list promised talks", err)
			return len(list)
		}
		if promised(today) != 0 {
			d.t.Error("promised before it is answered")
		}
		d.must("answer", d.AnswerTalk(ctx, d.boss, view.ID, store.TalkOn, "2027-01-06"))
		if promised(today) != 1 || promised("2027-01-07") != 0 {
			d.t.Errorf("%d promised, %d later", promised(today), promised("2027-01-07"))
		}
		people, err := d.PeopleOfTalksOn(ctx, "2027-01-06")
		if err != nil || !slices.Equal(people, sorted(d.worker, d.boss)) {
			d.t.Errorf("on the day it concerns %v, %v", people, err)
		}
		for who, want := range map[int64]int{d.boss: 1, d.worker: 1, d.cast.OtherEvaluator.ID: 0} {
			if list, err := d.TalksOn(ctx, who, "2027-01-06"); err != nil || len(list) != want {
				d.t.Errorf("person %d finds %d, %v", who, len(list), err)
			}
		}
		if found, err := d.TalkAboutEvaluation(ctx, d.boss, d.id); err != nil || found.ID != view.ID {
			d.t.Errorf("on the employee's page: %+v, %v", found, err)
		}
		_, err = d.TalkAboutEvaluation(ctx, d.cast.OtherEvaluator.ID, d.id)
		d.expect("somebody else on that page", err, store.ErrNotFound)
		d.must("done", d.AnswerTalk(ctx, d.boss, view.ID, store.TalkDone, "2027-01-05"))
		if list, err := d.TalksOn(ctx, d.boss, "2027-01-06"); err != nil || len(list)+promised(today) != 0 {
			d.t.Errorf("after they have talked: %v, %v", list, err)
		}
	})
}
