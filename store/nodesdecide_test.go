package store_test

import (
	"errors"
	"testing"
	"time"

	"kinerja/store"
)

// Two administrators decide about single people at the same moment, each on a node of his own.
func TestTwoAdministratorsOnTwoNodesDecideAboutSinglePeopleOneAfterTheOther(t *testing.T) {
	refused := func(n *nodes, err error, as ...error) {
		n.t.Helper()
		for _, one := range as {
			if errors.Is(err, one) {
				return
			}
		}
		if err != nil {
			n.t.Error(err)
		}
	}
	onNodes(t, store.ReleaseAtOnce, alreadyBegun, map[string]func(n *nodes){
		"another evaluator beside a rating": func(n *nodes) {
			i, next := n.indicator(0), n.cast.Superior.ID
			err := n.inTheGap(func() {
				_, err := n.other.Reassign(ctx, n.cast.Admin.ID, n.period.ID, []int64{n.id}, n.boss, next, "Mutasi")
				n.must("reassign", err)
			}, func() error { return n.Rate(ctx, n.boss, n.id, i, store.Above) })
			refused(n, err, store.ErrNotFound)
			sheet, err := n.SheetOf(ctx, next, n.id)
			n.must("read sheet", err)
			if sheet.Answered() != 0 {
				n.t.Error("what the earlier evaluator rates counts as the new one's")
			}
		},
		"two new evaluators": func(n *nodes) {
			give := func(s *store.Store, to int64) error {
				_, err := s.Reassign(ctx, n.cast.Admin.ID, n.period.ID, []int64{n.id}, n.boss, to, "Mutasi")
				return err
			}
			err := n.inTheGap(func() { n.must("reassign", give(n.other, n.cast.Superior.ID)) }, func() error { return give(n.Store, n.cast.Leader.ID) })
			n.expect("who sees the evaluator of before", err, store.ErrMeanwhile)
			if passed := n.CountRows(n.t, "SELECT COUNT(*) FROM handovers"); passed != 1 {
				n.t.Errorf("it was passed on %d times", passed)
			}
		},
		"an exclusion beside the result": func(n *nodes) {
			n.rateRest()
			err := n.inTheGap(func() { n.must("exclude", n.other.Exclude(ctx, n.cast.Admin.ID, n.id, store.UnpaidLeave, "")) }, func() error {
				_, err := n.Finalise(ctx, n.boss, n.id, grace, judge)
				return err
			})
			n.expect("finalise", err, store.ErrNotFound)
			if results := n.CountRows(n.t, "SELECT COUNT(*) FROM results"); results != 0 {
				n.t.Error("who is excluded has a result")
			}
		},
		"a result that is opened again beside the archive": func(n *nodes) {
			n.rateRest()
			result := n.finalise()
			n.clock.Advance(100 * 24 * time.Hour)
			n.must("close", n.ClosePeriod(ctx, n.cast.Admin.ID, n.period.ID))
			err := n.inTheGap(func() { n.must("archive", n.other.ArchivePeriod(ctx, n.cast.Admin.ID, n.period.ID, n.clock.Now())) },
				func() error { return n.Reopen(ctx, n.cast.Admin.ID, n.id, result.ID, "Tertukar") })
			n.expect("reopen", err, store.ErrArchived)
		},
		"who is added late beside the closing": func(n *nodes) {
			n.Change(n.t, "DELETE FROM evaluations WHERE employee_id = ?", n.cast.Newcomer.ID)
			err := n.inTheGap(func() { n.must("close", n.other.ClosePeriod(ctx, n.cast.Admin.ID, n.period.ID)) }, func() error {
				_, err := n.AddLate(ctx, n.cast.Admin.ID, n.period.ID, n.cast.Newcomer.ID)
				return err
			})
			n.expect("add late", err, store.ErrClosed)
		},
		"what comes to a deputy beside his end": func(n *nodes) {
			deputy := n.cast.OtherEvaluator.ID
			delegation, err := n.Delegate(ctx, n.cast.Admin.ID, n.days(deputy, store.Plh, 0, 5))
			n.must("delegate", err)
			team, err := n.Team(ctx, n.cast.Superior.ID)
			n.must("team", err)
			var comes int64
			for _, m := range team {
				if m.EmployeeID != n.boss && m.EmployeeID != deputy {
					comes = m.EvaluationID
				}
			}
			_, err = n.Reassign(ctx, n.cast.Admin.ID, n.period.ID, []int64{comes}, n.cast.Superior.ID, n.boss, "Mutasi")
			n.must("reassign", err)
			err = n.inTheGap(func() { n.must("end", n.other.EndDelegation(ctx, n.cast.Admin.ID, delegation.ID)) }, func() error {
				_, err := n.SettleDelegations(ctx)
				return err
			})
			n.must("settle", err)
			const stays = "SELECT COUNT(*) FROM evaluations e JOIN delegations d ON d.id = e.delegation_id WHERE d.state = 'over'"
			if left := n.CountRows(n.t, stays); left != 0 {
				n.t.Errorf("%d stay with a deputy whose days are over", left)
			}
		},
		"two deputies": func(n *nodes) {
			form := n.days(n.cast.OtherEvaluator.ID, store.Plh, 0, 5)
			other := form
			other.DeputyID = n.cast.Leader.ID
			err := n.inTheGap(func() {
				_, err := n.other.Delegate(ctx, n.cast.Admin.ID, form)
				n.must("delegate", err)
			}, func() error {
				_, err := n.Delegate(ctx, n.cast.Admin.ID, other)
				return err
			})
			n.expect("the second", err, store.ErrOverlap)
		},
	})
}

// A message is stopped on one node while the job on another one writes down for whom it is: nobody is written down behind its end.
func TestAMessageIsStoppedOnOneNodeWhileAnotherWritesItDown(t *testing.T) {
	onNodes(t, store.ReleaseAtOnce, alreadyBegun, map[string]func(n *nodes){
		"a stop beside a chunk": func(n *nodes) {
			n.link(n.cast.Evaluator, n.cast.Employee, n.cast.OtherEvaluator)
			m := n.letter(n.cast.Admin.ID, store.ToAll, 0, 0)
			n.must("send", n.SendMessage(ctx, m.AuthorID, m.ID, m.Revision, store.Place{}, n.clock.Now()))
			job, err := n.ClaimJob(ctx, "jobs", time.Minute)
			n.must("claim", err)
			err = n.inTheGap(func() { n.must("stop", n.other.StopMessage(ctx, n.cast.Admin.ID, m.ID)) }, func() error {
				_, err := n.SendMessageChunk(ctx, "jobs", job.ID, time.Minute, 20)
				return err
			})
			n.must("chunk", err)
			if rows := n.CountRows(n.t, "SELECT COUNT(*) FROM notifications WHERE kind = ?", store.KindMessage); rows != 0 {
				n.t.Errorf("%d are written down for a message that is stopped", rows)
			}
		},
		"two who send one draft": func(n *nodes) {
			n.link(n.cast.Evaluator)
			m := n.letter(n.cast.Admin.ID, store.ToAll, 0, 0)
			send := func(s *store.Store) error {
				return s.SendMessage(ctx, m.AuthorID, m.ID, m.Revision, store.Place{}, n.clock.Now())
			}
			n.must("the second", n.inTheGap(func() { n.must("the first", send(n.other)) }, func() error { return send(n.Store) }))
			if rows := n.CountRows(n.t, "SELECT COUNT(*) FROM jobs WHERE kind = ?", store.JobSendMessage); rows != 1 || n.audits("message.send") != 1 {
				n.t.Errorf("%d jobs, %d audits", rows, n.audits("message.send"))
			}
		},
	})
}
