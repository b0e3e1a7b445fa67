package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// decisions is a period in which administrators decide about single people in any order, and what each evaluator has said in it.
type decisions struct {
	*desk
	rt    *rapid.T
	who   []int64                   // may evaluate, or try to
	all   []int64                   // evaluations
	said  map[[2]int64]store.Rating // by evaluation and person, of its first indicator
	first map[int64]int64           // that indicator
}

// Whatever is decided in whatever order: what somebody has said stays his, each open evaluation has one evaluator who may act, or is shown to an
// administrator as one that has none, and nobody evaluates himself.
func TestInWhateverOrderIsDecidedNothingIsLostAndEachHasOneEvaluator(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	s := storetest.Open(t, "sqlite:"+t.TempDir()+"/city.db", store.Options{Now: clock.Now})
	cast, err := sample.City(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	month := time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		month = month.AddDate(0, 1, 0) // another period each time
		d := &decisions{desk: &desk{Store: s, t: t, clock: clock, cast: cast, boss: cast.Evaluator.ID, worker: cast.Employee.ID}, rt: rt,
			who:  []int64{cast.Evaluator.ID, cast.OtherEvaluator.ID, cast.Superior.ID, cast.Leader.ID, cast.Employee.ID},
			said: map[[2]int64]store.Rating{}, first: map[int64]int64{}}
		d.period = d.open(store.PeriodForm{Kind: store.Monthly, FirstDay: store.Date(month.Format(time.DateOnly)),
			LastDay: store.Date(month.AddDate(0, 1, -1).Format(time.DateOnly)), Release: store.ReleaseAtOnce})
		d.begin()
		for range rapid.IntRange(5, 30).Draw(rt, "steps") {
			what := rapid.SampledFrom([]string{"rate", "rate", "reassign", "reassign", "delegate", "end", "wait", "exclude", "include", "finalise", "reopen", "late", "leave", "back"}).Draw(rt, "what")
			d.step(what)
			_, err := d.SettleDelegations(ctx)
			d.fine("settle", err)
			d.holds(what)
		}
		d.tidy()
	})
}

// begin finds the evaluations of two teams.
func (d *decisions) begin() {
	for _, evaluator := range d.who {
		team, err := d.Team(ctx, evaluator)
		d.must("team", err)
		for _, m := range team {
			if m.PeriodID == d.period.ID && len(d.all) < 12 {
				sheet, err := d.SheetOf(ctx, evaluator, m.EvaluationID)
				d.must("sheet", err)
				d.all, d.first[m.EvaluationID] = append(d.all, m.EvaluationID), sheet.Indicators[0].ID
			}
		}
	}
}

// tidy ends what would reach into the next period.
func (d *decisions) tidy() {
	lines, _, err := d.DelegationsFor(ctx, d.cast.Admin.ID, 0, 1000)
	d.must("delegations", err)
	for _, l := range lines {
		d.must("end", d.EndDelegation(ctx, d.cast.Admin.ID, l.ID))
	}
	d.step("back")
	d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
}

// fine lets pass what may be refused.
func (d *decisions) fine(what string, err error) bool {
	if err != nil && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrNotFound) {
		d.rt.Fatalf("%s: %v", what, err)
	}
	return err == nil
}

func (d *decisions) one(label string, of []int64) int64 {
	return rapid.SampledFrom(of).Draw(d.rt, label)
}

func (d *decisions) now(evaluation int64) store.AdminEvaluation {
	e, err := d.EvaluationFor(ctx, d.cast.Admin.ID, evaluation)
	d.must("read evaluation", err)
	return e
}

// step takes one decision, or does what an evaluator does.
func (d *decisions) step(what string) {
	id := d.one("evaluation", d.all)
	e, by := d.now(id), d.one("by", []int64{d.cast.Admin.ID, d.cast.Admin.ID, d.cast.UnitAdmin.ID})
	evaluator := int64(0)
	if e.EvaluatorID != nil {
		evaluator = *e.EvaluatorID
	}
	switch what {
	case "rate":
		d.rateAs(e, evaluator)
	case "reassign":
		from := d.one("from", []int64{evaluator, evaluator, evaluator, d.boss})
		_, err := d.Reassign(ctx, by, d.period.ID, rapid.SliceOfNDistinct(rapid.SampledFrom(d.all), 1, 5, rapid.ID).Draw(d.rt, "whom"), from, d.one("to", d.who), "Ditunjuk")
		d.fine(what, err)
	case "delegate":
		form := d.days(d.one("deputy", d.who), store.Plh, rapid.IntRange(0, 1).Draw(d.rt, "from"), rapid.IntRange(1, 3).Draw(d.rt, "until"))
		form.EvaluatorID = d.one("absent", d.who)
		_, err := d.Delegate(ctx, by, form)
		d.fine(what, err)
	case "end":
		if lines, n, err := d.DelegationsFor(ctx, by, 0, 1); d.fine(what, err) && n > 0 {
			d.fine(what, d.EndDelegation(ctx, by, lines[0].ID))
		}
	case "wait":
		d.clock.Advance(time.Duration(rapid.IntRange(1, 36).Draw(d.rt, "hours")) * time.Hour)
	case "exclude":
		d.fine(what, d.Exclude(ctx, by, id, store.UnpaidLeave, ""))
	case "include":
		d.fine(what, d.Include(ctx, by, id))
	case "finalise":
		if _, _, err := d.RateRest(ctx, evaluator, id); d.fine(what, err) {
			_, err := d.Finalise(ctx, evaluator, id, grace, func(store.Sheet) (store.Predicate, error) { return store.Good, nil })
			if d.fine(what, err) {
				delete(d.said, [2]int64{id, evaluator}) // it is in the result from now on
			}
		}
	case "reopen":
		d.fine(what, d.Reopen(ctx, by, id, e.ResultID, "Penilaian tertukar"))
	case "late":
		_, err := d.AddLate(ctx, by, d.period.ID)
		d.fine(what, err)
	case "leave":
		_, err := d.Leave(ctx, 0, d.cast.OtherEvaluator.ID)
		d.must(what, err)
	case "back":
		_, err := d.BringBack(ctx, d.cast.Admin.ID, d.cast.OtherEvaluator.ID)
		d.must(what, err)
	}
}

// rateAs lets anybody rate: who may not is refused, who may has said it.
func (d *decisions) rateAs(e store.AdminEvaluation, evaluator int64) {
	who, rating := d.one("who", append(slices.Clone(d.who), evaluator, evaluator, evaluator)), rapid.SampledFrom([]store.Rating{store.Above, store.Meets, store.Below}).Draw(d.rt, "rating")
	err := d.Rate(ctx, who, e.ID, d.first[e.ID], rating)
	d.fine("rate", err)
	if may := who == evaluator && who != 0 && e.State == store.EvaluationOpen; may != (err == nil) {
		d.rt.Fatalf("%d rates evaluation %d of %d, %s: %v", who, e.ID, evaluator, e.State, err)
	}
	if err == nil {
		d.said[[2]int64{e.ID, who}] = rating
	}
}

// holds checks what is true after each step.
func (d *decisions) holds(after string) {
	if own := d.CountRows(d.t, "SELECT COUNT(*) FROM evaluations WHERE evaluator_id = employee_id"); own != 0 {
		d.rt.Fatalf("after %s %d evaluate themselves", after, own)
	}
	acting := map[int64]int{}
	for _, person := range d.who {
		team, err := d.Team(ctx, person)
		d.must("team", err)
		for _, m := range team {
			acting[m.EvaluationID]++
		}
	}
	shown := d.shown()
	for _, id := range d.all {
		e := d.now(id)
		alone := e.EvaluatorID == nil || !e.EvaluatorActive
		switch {
		case e.State != store.EvaluationOpen:
		case alone && !shown[id]:
			d.rt.Fatalf("after %s nobody sees that evaluation %d has no evaluator", after, id)
		case !alone && acting[id] != 1:
			d.rt.Fatalf("after %s %d may act in evaluation %d", after, acting[id], id)
		}
		for said, rating := range d.said {
			if said[0] != id {
				continue
			}
			const live = "SELECT COUNT(*) FROM answers WHERE evaluation_id = ? AND indicator_id = ? AND rating = ?"
			const kept = "SELECT COUNT(*) FROM drafts WHERE evaluation_id = ? AND person_id = ? AND content LIKE ?"
			n := 0
			if e.EvaluatorID != nil && *e.EvaluatorID == said[1] {
				n = d.CountRows(d.t, live, id, d.first[id], rating)
			} else {
				n = d.CountRows(d.t, kept, id, said[1], fmt.Sprintf(`%%"%d":{"rating":"%s"%%`, d.first[id], rating))
			}
			if n != 1 {
				d.rt.Fatalf("after %s what %d has said in evaluation %d is lost", after, said[1], id)
			}
		}
	}
}

// shown are the evaluations that an administrator is shown because nobody may act in them.
func (d *decisions) shown() map[int64]bool {
	shown := map[int64]bool{}
	_, alone, _, err := d.WithoutEvaluator(ctx, d.cast.Admin.ID, d.period.ID, 0, 1000)
	d.must("without evaluator", err)
	for _, l := range alone {
		shown[l.Evaluation] = true
	}
	left, _, err := d.LeftBehind(ctx, d.cast.Admin.ID, 0, 1000)
	d.must("left behind", err)
	for _, l := range left {
		shown[l.EvaluationID] = true
	}
	return shown
}
