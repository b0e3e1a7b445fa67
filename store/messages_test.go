package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/store"
)

// link gives people accounts.
func (d *desk) link(people ...*store.Person) {
	d.t.Helper()
	for _, p := range people {
		code, err := d.Invite(ctx, p.ID, time.Hour)
		d.must("invite", err)
		_, err = d.Link(ctx, 5000+p.ID, "id", code)
		d.must("link", err)
	}
}

// letter is a draft of an administrator with a text.
func (d *desk) letter(admin int64, to store.Audience, unit, period int64) store.Message {
	d.t.Helper()
	m, err := d.AddressMessage(ctx, admin, 0, to, unit, period)
	d.must("address", err)
	d.must("write", d.WriteMessage(ctx, admin, m.ID, "Besok sistem SKP nasional tutup pukul 16.00."))
	view, err := d.MessageFor(ctx, admin, m.ID)
	d.must("read", err)
	return view.Message
}

// post sends a message and lets the job do its work.
func (d *desk) post(m store.Message) {
	d.t.Helper()
	d.must("send", d.SendMessage(ctx, m.AuthorID, m.ID, m.Revision, store.Place{}, d.clock.Now()))
	d.jobsOf(store.JobSendMessage, d.writeDown)
}

func (d *desk) writeDown(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error) {
	return d.SendMessageChunk(ctx, owner, jobID, lease, 20)
}

// readers are those for whom a message is written down and not taken back.
func (d *desk) readers(id int64) []int64 {
	d.t.Helper()
	claimed, err := d.ClaimNotifications(ctx, "reader", time.Minute, 500)
	d.must("claim", err)
	var people []int64
	for _, n := range claimed {
		if n.Kind == store.KindMessage && n.Args == fmt.Sprint(id) {
			people = append(people, n.PersonID)
		}
		d.must("give back", d.Postpone(ctx, n, n.DueAt))
	}
	slices.Sort(people)
	return people
}

func ids(people ...*store.Person) []int64 {
	var list []int64
	for _, p := range people {
		list = append(list, p.ID)
	}
	slices.Sort(list)
	return list
}

func TestAMessageGoesToThoseWhomItsAudienceNames(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		c := d.cast
		d.Change(d.t, "DELETE FROM notifications")
		d.link(c.Admin, c.UnitAdmin, c.Evaluator, c.Superior, c.Employee, c.OtherEvaluator, c.Leader)
		d.must("lose", d.MarkUnreachable(ctx, 5000+c.Leader.ID))
		d.Change(d.t, "DELETE FROM notifications")
		dinkes, pkm := c.Units["DINKES"].ID, c.Units["PKM-01"].ID
		for name, one := range map[string]struct {
			author *store.Person
			to     store.Audience
			unit   int64
			period int64
			want   []int64
		}{
			"all":                                  {c.Admin, store.ToAll, 0, 0, ids(c.UnitAdmin, c.Evaluator, c.Superior, c.Employee, c.OtherEvaluator)},
			"a unit with its branch":               {c.Admin, store.ToUnit, dinkes, 0, ids(c.UnitAdmin, c.Evaluator, c.Superior, c.Employee)},
			"a part":                               {c.UnitAdmin, store.ToUnit, pkm, 0, ids(c.Evaluator, c.Employee)},
			"who is not done":                      {c.Admin, store.ToUnfinished, 0, d.period.ID, ids(c.UnitAdmin, c.Evaluator, c.Superior, c.OtherEvaluator)},
			"who is not done about a part":         {c.UnitAdmin, store.ToUnfinished, pkm, d.period.ID, ids(c.Evaluator, c.Superior)},
			"the administrators of the city":       {c.Admin, store.ToAdministrators, 0, 0, ids(c.UnitAdmin)},
			"of his branch, and the city's":        {c.UnitAdmin, store.ToAdministrators, dinkes, 0, ids(c.Admin)},
			"of a unit, by who administers it all": {c.Admin, store.ToAdministrators, dinkes, 0, ids(c.UnitAdmin)},
		} {
			m := d.letter(one.author.ID, one.to, one.unit, one.period)
			reach, err := d.ReachOf(ctx, one.author.ID, m.ID)
			d.must(name, err)
			d.post(m)
			if diff := cmp.Diff(one.want, d.readers(m.ID)); diff != "" || reach.Linked != len(one.want) {
				d.t.Errorf("%s: counted %+v, (-want +got) %s", name, reach, diff)
			}
			d.Change(d.t, "DELETE FROM notifications")
		}
	})
}

func TestNobodyWritesBeyondWhatHeAdministers(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		c := d.cast
		disdik, dinkes := c.Units["DISDIK"].ID, c.Units["DINKES"].ID
		refuse := func(what string, who int64, to store.Audience, unit, period int64) {
			d.t.Helper()
			_, err := d.AddressMessage(ctx, who, 0, to, unit, period)
			d.expect(what, err, store.ErrNotFound)
		}
		refuse("the city", c.UnitAdmin.ID, store.ToAll, 0, 0)
		refuse("another agency", c.UnitAdmin.ID, store.ToUnit, disdik, 0)
		refuse("all administrators", c.UnitAdmin.ID, store.ToAdministrators, 0, 0)
		refuse("all evaluators", c.UnitAdmin.ID, store.ToUnfinished, 0, d.period.ID)
		refuse("a period that does not exist", c.UnitAdmin.ID, store.ToUnfinished, dinkes, 999)
		refuse("who administers nothing", c.Employee.ID, store.ToUnit, dinkes, 0)
		refuse("a unit that does not exist", c.Admin.ID, store.ToUnit, 999, 0)
		refuse("an audience that is none", c.Admin.ID, "friends", 0, 0)
		m := d.letter(c.UnitAdmin.ID, store.ToUnit, dinkes, 0)
		for _, other := range []int64{c.Admin.ID, c.Employee.ID} {
			_, err := d.MessageFor(ctx, other, m.ID)
			d.expect("somebody else's draft", err, store.ErrNotFound)
			d.expect("changing it", d.WriteMessage(ctx, other, m.ID, "x"), store.ErrNotFound)
			d.expect("sending it", d.SendMessage(ctx, other, m.ID, m.Revision, store.Place{}, d.clock.Now()), store.ErrNotFound)
			d.expect("throwing it away", d.DiscardMessage(ctx, other, m.ID), store.ErrNotFound)
		}
	})
}

func TestTwoTapsSendOnceAndOnlyWhatWasShown(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		c := d.cast
		d.link(c.Admin, c.Evaluator, c.Employee)
		m := d.letter(c.Admin.ID, store.ToAll, 0, 0)
		send := func() error { return d.SendMessage(ctx, c.Admin.ID, m.ID, m.Revision, store.Place{}, d.clock.Now()) }
		d.must("change it on another phone", d.WriteMessage(ctx, c.Admin.ID, m.ID, "Lain"))
		d.expect("what was shown before", send(), store.ErrConflict)
		m.Revision++
		d.must("send", send())
		d.must("send again", send())
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM jobs WHERE kind = ?", store.JobSendMessage); n != 1 || d.audits("message.send") != 1 {
			d.t.Errorf("%d jobs, %d audits", n, d.audits("message.send"))
		}
		d.expect("a change of what is sent", d.WriteMessage(ctx, c.Admin.ID, m.ID, "Lain lagi"), store.ErrMessageSent)
		d.expect("throwing away what is sent", d.DiscardMessage(ctx, c.Admin.ID, m.ID), store.ErrMessageSent)
	})
}

func TestWhoLosesHisRightBetweenSendsNothingMore(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		c := d.cast
		d.link(c.UnitAdmin, c.Evaluator, c.Employee)
		m := d.letter(c.UnitAdmin.ID, store.ToUnit, c.Units["DINKES"].ID, 0)
		second := d.letter(c.UnitAdmin.ID, store.ToUnit, c.Units["DINKES"].ID, 0)
		d.must("send", d.SendMessage(ctx, m.AuthorID, m.ID, m.Revision, store.Place{}, d.clock.Now()))
		_, err := d.RevokeRole(ctx, 0, c.UnitAdmin.ID, store.Admin, c.Units["DINKES"].ID)
		d.must("revoke", err)
		d.expect("sending without the right", d.SendMessage(ctx, second.AuthorID, second.ID, second.Revision, store.Place{}, d.clock.Now()), store.ErrNotFound)
		d.jobsOf(store.JobSendMessage, d.writeDown)
		if n := d.readers(m.ID); len(n) != 0 {
			d.t.Errorf("%d get it", len(n))
		}
		view, err := d.MessageOf(ctx, c.UnitAdmin.ID, m.ID)
		d.must("read", err)
		if view.State != store.MessageStopped || view.Why != store.WhyRight || d.told(store.KindMessageNews) != 1 {
			d.t.Errorf("%s for %q, %d are told", view.State, view.Why, d.told(store.KindMessageNews))
		}
	})
}

func TestAStoppedMessageReachesNobodyWhomNoCourierHolds(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		c := d.cast
		d.link(c.Admin, c.UnitAdmin, c.Evaluator, c.Employee, c.OtherEvaluator)
		d.Change(d.t, "DELETE FROM notifications")
		m := d.letter(c.UnitAdmin.ID, store.ToUnit, c.Units["DINKES"].ID, 0)
		d.post(m)
		held, err := d.ClaimNotifications(ctx, "courier", time.Minute, 1)
		d.must("claim", err)
		d.expect("who does not see it", d.StopMessage(ctx, c.Employee.ID, m.ID), store.ErrNotFound)
		d.must("the city's stops it", d.StopMessage(ctx, c.Admin.ID, m.ID))
		d.must("twice", d.StopMessage(ctx, c.Admin.ID, m.ID))
		if n := d.audits("message.stop"); n != 1 {
			d.t.Errorf("%d audits", n)
		}
		if _, owed, err := d.MessageTo(ctx, c.Employee.ID, m.ID); owed || err != nil {
			d.t.Errorf("it is still told: %v", err)
		}
		d.settle()
		d.must("what the courier had begun", d.MarkSent(ctx, held[0], 7))
		d.settle()
		view, err := d.MessageFor(ctx, c.Admin.ID, m.ID)
		d.must("read", err)
		if view.Sent != 1 || view.Waiting != 0 || view.Skipped != 1 || view.Stopper != c.Admin.Name || d.told(store.KindMessageNews) != 1 {
			d.t.Errorf("%+v", view)
		}
	})
}

func (d *desk) settle() {
	d.t.Helper()
	_, err := d.SettleMessages(ctx)
	d.must("settle", err)
}

func TestAColleagueStopsWhatHisOwnUnitsWroteAndNotTheCity(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		c := d.cast
		d.link(c.Admin, c.UnitAdmin, c.Evaluator, c.Employee)
		dinkes := c.Units["DINKES"].ID
		d.must("grant", d.GrantRole(ctx, 0, c.Superior.ID, store.Admin, dinkes))
		city, agency := d.letter(c.Admin.ID, store.ToUnit, dinkes, 0), d.letter(c.UnitAdmin.ID, store.ToUnit, dinkes, 0)
		d.post(city)
		d.post(agency)
		d.expect("the city's", d.StopMessage(ctx, c.Superior.ID, city.ID), store.ErrNotFound)
		d.must("his colleague's", d.StopMessage(ctx, c.Superior.ID, agency.ID))
	})
}

func TestAMessageEndsWhenNobodyWaitsAndItsNumbersOutliveItsNotifications(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		c := d.cast
		d.link(c.Admin, c.Evaluator, c.Employee, c.OtherEvaluator)
		d.Change(d.t, "DELETE FROM notifications")
		m := d.letter(c.Admin.ID, store.ToAll, 0, 0)
		d.post(m)
		claimed, err := d.ClaimNotifications(ctx, "courier", time.Minute, 10)
		d.must("claim", err)
		d.must("sent", d.MarkSent(ctx, claimed[0], 1))
		d.must("given up", d.Park(ctx, claimed[1], "refused"))
		d.must("blocked", d.MarkUnreachable(ctx, 5000+claimed[2].PersonID))
		d.clock.Advance(2 * time.Minute)
		d.settle()
		view, err := d.MessageFor(ctx, c.Admin.ID, m.ID)
		d.must("read", err)
		if view.State != store.MessageDone || view.Sent != 1 || view.Failed != 1 || view.Held != 1 || d.told(store.KindMessageNews) != 1 {
			d.t.Fatalf("%+v", view)
		}
		d.must("he is back", d.MarkReachable(ctx, 5000+claimed[2].PersonID))
		if _, owed, err := d.MessageTo(ctx, claimed[2].PersonID, m.ID); !owed || err != nil {
			d.t.Errorf("who is back within days does not get it: %v", err)
		}
		d.clock.Advance(8 * aDay)
		if _, owed, err := d.MessageTo(ctx, claimed[2].PersonID, m.ID); owed || err != nil {
			d.t.Errorf("what is out of date still goes: %v", err)
		}
		d.settle()
		d.clock.Advance(100 * aDay)
		_, err = d.Prune(ctx, store.Retention{Records: fiveYear, Traces: 90 * aDay}, atAnyTime)
		d.must("prune", err)
		view, err = d.MessageFor(ctx, c.Admin.ID, m.ID)
		d.must("read", err)
		if view.Sent != 1 || view.Skipped != 2 || view.SettledAt == nil {
			d.t.Errorf("after its notifications are gone: %+v", view)
		}
	})
}

func TestWhoHasFinishedMeanwhileIsNotDisturbed(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		c := d.cast
		d.link(c.Admin, c.Evaluator)
		m := d.letter(c.Admin.ID, store.ToUnfinished, 0, d.period.ID)
		d.post(m)
		owed := func() bool {
			d.t.Helper()
			_, owed, err := d.MessageTo(ctx, c.Evaluator.ID, m.ID)
			d.must("ask", err)
			return owed
		}
		if !owed() {
			d.t.Error("who owes somebody does not get it")
		}
		d.Change(d.t, "UPDATE evaluations SET state = ? WHERE evaluator_id = ?", store.EvaluationFinal, c.Evaluator.ID)
		if owed() {
			d.t.Error("who owes nobody any more gets it")
		}
	})
}

func TestAFileThatTelegramHasNoMoreStopsTheMessageAndKeepsItsText(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		c := d.cast
		d.link(c.Admin, c.Evaluator, c.Employee)
		d.Change(d.t, "DELETE FROM notifications")
		m := d.letter(c.Admin.ID, store.ToAll, 0, 0)
		d.must("attach", d.AttachToMessage(ctx, c.Admin.ID, m.ID, store.Document, "file-1", "edaran.pdf", ""))
		m.Revision++
		d.post(m)
		claimed, err := d.ClaimNotifications(ctx, "courier", time.Minute, 1)
		d.must("claim", err)
		d.must("lose", d.LoseFile(ctx, claimed[0]))
		d.settle()
		view, err := d.MessageFor(ctx, c.Admin.ID, m.ID)
		d.must("read", err)
		if view.State != store.MessageStopped || view.Why != store.WhyFile || view.Skipped != 2 || view.Text == "" || d.told(store.KindMessageNews) != 1 {
			d.t.Errorf("%+v", view)
		}
		again, err := d.CopyMessage(ctx, c.Admin.ID, m.ID)
		d.must("copy", err)
		if again.Text != view.Text || again.FileKind != "" || again.Audience != store.ToAll {
			d.t.Errorf("the copy: %+v", again)
		}
	})
}

func TestThoseOfALargeAudienceAreDueOneAfterTheOther(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.link(d.cast.People...)
		d.Change(d.t, "DELETE FROM notifications")
		m := d.letter(d.cast.Admin.ID, store.ToAll, 0, 0)
		d.post(m)
		if n := len(d.readers(m.ID)); n != 20 {
			d.t.Errorf("%d are due in the first second, want 20", n)
		}
		d.clock.Advance(time.Minute)
		if n := len(d.readers(m.ID)); n != len(d.cast.People)-1 {
			d.t.Errorf("%d are due after a minute, want %d", n, len(d.cast.People)-1)
		}
	})
}
