package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"kinerja/store"
)

func TestNothingIsSetWhileSomethingIsMissing(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		if _, err := d.Finalise(ctx, d.boss, d.id, grace, judge); err == nil {
			d.t.Error("an empty evaluation was set")
		}
		d.rateRest()
		d.rate(0, store.Above) // and no reason
		if _, err := d.Finalise(ctx, d.boss, d.id, grace, judge); err == nil {
			d.t.Error("a rating without its reason was set")
		}
		if d.sheet().State != store.EvaluationOpen || d.CountRows(d.t, "SELECT COUNT(*) FROM results") != 0 || d.news(store.Owed) != 0 {
			d.t.Error("something was left behind")
		}
	})
}

func TestTheResultCarriesAllThatWasSaidAndIsSetOnce(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.rate(0, store.Above)
		d.must("reason", d.SetReason(ctx, d.boss, d.id, d.indicator(0), "Melampaui target dua bulan"))
		d.must("note", d.SetNote(ctx, d.boss, d.id, d.indicator(1), "Pertahankan"))
		d.rateRest()
		d.must("choose", d.ChooseOverall(ctx, d.boss, d.id, map[store.Side]store.Rating{store.Work: store.Meets, store.Behaviour: store.Above}))
		d.must("why", d.SetOverallReason(ctx, d.boss, d.id, store.Behaviour, store.Above, "Menjadi teladan bagi rekan"))
		d.must("remark", d.SetEvaluationNote(ctx, d.boss, d.id, "Terima kasih"))
		d.must("follow-up", d.SetFollowUp(ctx, d.boss, d.id, store.Training, "2027-06-30"))
		first, again := d.finalise(), d.finalise()
		if first.ID != again.ID || d.news(store.Owed) != 1 || d.audits("finalised") != 1 {
			d.t.Errorf("set twice: results %d and %d, %d notifications", first.ID, again.ID, d.news(store.Owed))
		}
		d.clock.Advance(grace)
		view, err := d.ResultFor(ctx, d.worker, first.ID)
		d.must("read result", err)
		if view.Predicate != store.Good || view.BehaviourReason != "Menjadi teladan bagi rekan" || view.Note != "Terima kasih" || view.FollowUpKind != store.Training ||
			view.FollowUpDue != "2027-06-30" || view.Evaluator != d.cast.Evaluator.Name || len(view.Answers) != len(view.Indicators) ||
			view.Answers[d.indicator(0)].Reason == "" || view.Answers[d.indicator(1)].Note == "" {
			d.t.Errorf("the result lacks something: %+v", view)
		}
	})
}

func TestAResultIsSeenByItsEmployeeAloneAndNotBeforeItsRelease(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.rateRest()
		r := d.finalise()
		looks := func(who int64) map[string]error {
			return map[string]error{"read": second(d.ResultFor(ctx, who, r.ID)), "open": d.OpenResult(ctx, who, r.ID), "acknowledge": d.Acknowledge(ctx, who, r.ID)}
		}
		d.clock.Advance(grace - time.Microsecond)
		for what, err := range looks(d.worker) {
			d.expect(what+" before the release", err, store.ErrNotFound)
		}
		if lines, err := d.ResultsOf(ctx, d.worker); err != nil || len(lines) != 0 {
			d.t.Errorf("before the release he sees %v, %v", lines, err)
		}
		d.clock.Advance(time.Microsecond)
		for _, who := range []int64{d.boss, d.cast.OtherEvaluator.ID, d.cast.Admin.ID} {
			for what, err := range looks(who) {
				d.expect(what+" by somebody else", err, store.ErrNotFound)
			}
		}
		if lines, err := d.ResultsOf(ctx, d.worker); err != nil || len(lines) != 1 || lines[0].ID != r.ID || lines[0].OpenedAt != nil {
			d.t.Errorf("after the release he sees %+v, %v", lines, err)
		}
	})
}

func TestReceiptAndAcknowledgementAreRecordedOnce(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		r := d.released()
		opened := d.clock.Now()
		d.must("open", d.OpenResult(ctx, d.worker, r.ID))
		d.clock.Advance(time.Hour)
		read := d.clock.Now()
		d.must("acknowledge", d.Acknowledge(ctx, d.worker, r.ID))
		d.clock.Advance(time.Hour)
		d.must("open again", d.OpenResult(ctx, d.worker, r.ID))
		d.must("acknowledge again", d.Acknowledge(ctx, d.worker, r.ID))
		view, err := d.ResultFor(ctx, d.worker, r.ID)
		d.must("read", err)
		if !view.OpenedAt.Equal(opened) || !view.AcknowledgedAt.Equal(read) {
			d.t.Errorf("opened %v, acknowledged %v; want the first times %v and %v", view.OpenedAt, view.AcknowledgedAt, opened, read)
		}
		if d.audits("opened") != 1 || d.audits("acknowledged") != 1 {
			d.t.Errorf("audited %d and %d times", d.audits("opened"), d.audits("acknowledged"))
		}
	})
}

func TestWhatIsTakenBackIsNeverSeenNorTold(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.rateRest()
		d.expect("nothing was set", d.TakeBack(ctx, d.boss, d.id), store.ErrNotFound)
		first := d.finalise()
		d.clock.Advance(grace / 2)
		d.must("take back", d.TakeBack(ctx, d.boss, d.id))
		d.must("take back again", d.TakeBack(ctx, d.boss, d.id))
		if d.sheet().State != store.EvaluationOpen || d.news(store.Owed) != 0 || d.news(store.Cancelled) != 1 || d.audits("took_back") != 1 {
			d.t.Errorf("state %s, %d owed, %d cancelled", d.sheet().State, d.news(store.Owed), d.news(store.Cancelled))
		}
		d.expect("no current result", second(d.CurrentResult(ctx, d.boss, d.id)), store.ErrNotFound)
		d.clock.Advance(grace)
		if lines, err := d.ResultsOf(ctx, d.worker); err != nil || len(lines) != 0 {
			d.t.Errorf("taken back, he sees %+v, %v", lines, err)
		}
		again := d.finalise()
		d.clock.Advance(24 * time.Hour)
		d.expect("the first", second(d.ResultFor(ctx, d.worker, first.ID)), store.ErrNotFound)
		d.expect("open the first", d.OpenResult(ctx, d.worker, first.ID), store.ErrNotFound)
		lines, err := d.ResultsOf(ctx, d.worker)
		if err != nil || len(lines) != 1 || lines[0].ID != again.ID || lines[0].Version != 2 {
			d.t.Errorf("he sees %+v, %v; want version 2", lines, err)
		}
	})
}

func TestNothingIsTakenBackOnceItIsReleasedOrTold(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.rateRest()
		d.finalise()
		// A process whose clock is ahead has told the employee already.
		d.Change(d.t, "UPDATE notifications SET state = ? WHERE kind = ?", store.Sent, store.KindResultReady)
		d.expect("told", d.TakeBack(ctx, d.boss, d.id), store.ErrReleased)
		d.Change(d.t, "UPDATE notifications SET state = ? WHERE kind = ?", store.Owed, store.KindResultReady)
		d.clock.Advance(grace)
		d.expect("released", d.TakeBack(ctx, d.boss, d.id), store.ErrReleased)
		if d.sheet().State != store.EvaluationFinal || d.news(store.Owed) != 1 {
			d.t.Error("something changed")
		}
	})
}

func TestNothingIsTakenBackOnceItIsOpened(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.rateRest()
		r := d.finalise()
		// The employee reads it through a process whose clock is ahead.
		d.clock.Advance(grace)
		d.must("open", d.OpenResult(ctx, d.worker, r.ID))
		d.clock.Advance(-grace)
		d.expect("opened", d.TakeBack(ctx, d.boss, d.id), store.ErrReleased)
		if d.sheet().State != store.EvaluationFinal || d.audits("took_back") != 0 {
			d.t.Error("something changed")
		}
	})
}

func TestPublishedResultsComeAllTogetherAndOnce(t *testing.T) {
	eachDesk(t, store.ReleasePublished, func(d *desk) {
		team, err := d.Team(ctx, d.boss)
		d.must("read team", err)
		for _, m := range team[:5] {
			d.must("rest", second2(d.RateRest(ctx, d.boss, m.EvaluationID)))
			d.must("finalise", second(d.Finalise(ctx, d.boss, m.EvaluationID, grace, judge)))
		}
		d.must("take back", d.TakeBack(ctx, d.boss, team[0].EvaluationID))
		d.clock.Advance(24 * time.Hour)
		if d.news(store.Owed) != 0 {
			d.t.Error("somebody is told before the publication")
		}
		n, err := d.PublishPeriodNow(ctx, d.cast.Admin.ID, d.period.ID)
		if err != nil || n != 4 || d.news(store.Owed) != 4 {
			d.t.Errorf("published %d, %v, %d told; want 4", n, err, d.news(store.Owed))
		}
		n, err = d.PublishPeriodNow(ctx, d.cast.Admin.ID, d.period.ID)
		if err != nil || n != 0 || d.audits("period.publish") != 1 {
			d.t.Errorf("the second time: %d, %v", n, err)
		}
		d.expect("take back", d.TakeBack(ctx, d.boss, team[1].EvaluationID), store.ErrReleased)
		// Whoever is set later follows by itself, after its grace.
		r, err := d.Finalise(ctx, d.boss, team[0].EvaluationID, grace, judge)
		if err != nil || r.ReleaseAt == nil || !r.ReleaseAt.Equal(d.clock.Now().Add(grace)) || d.news(store.Owed) != 5 {
			d.t.Errorf("set after the publication: %+v, %v", r, err)
		}
	})
}

func TestTakingBackAndPublishingAtOnceLeaveNoHalfResult(t *testing.T) {
	eachDesk(t, store.ReleasePublished, func(d *desk) {
		d.rateRest()
		r := d.finalise()
		start := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			<-start
			if _, err := d.PublishPeriodNow(ctx, d.cast.Admin.ID, d.period.ID); err != nil {
				d.t.Errorf("publish: %v", err)
			}
		})
		all.Go(func() {
			<-start
			if err := d.TakeBack(ctx, d.boss, d.id); err != nil && !errors.Is(err, store.ErrReleased) {
				d.t.Errorf("take back: %v", err)
			}
		})
		close(start)
		all.Wait()
		open := d.sheet().State == store.EvaluationOpen
		seen := second(d.ResultFor(ctx, d.worker, r.ID)) == nil
		if open == seen || (d.news(store.Owed) == 1) != seen {
			d.t.Errorf("open again: %v, seen: %v, told: %d", open, seen, d.news(store.Owed))
		}
	})
}

func TestALookAtSomebodyElsesResultIsRecorded(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		r := d.released()
		d.must("look", d.Looked(ctx, d.boss, "result", r.ID))
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE action = 'looked' AND actor_id = ? AND subject = 'result' AND object_id = ?", d.boss, r.ID); n != 1 {
			d.t.Errorf("%d looks recorded", n)
		}
	})
}

func TestTheStoreWorksOnIndicatorsThatItHasNotReadYet(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		list := d.sheet().Indicators
		i, err := d.Indicator(ctx, list[2].ID)
		if err != nil || i.Name != list[2].Name || !slices.Contains(list, i) {
			d.t.Errorf("indicator: %+v, %v", i, err)
		}
		d.expect("none", second(d.Indicator(ctx, 999999)), store.ErrNotFound)
	})
}
