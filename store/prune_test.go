package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/store"
	"kinerja/store/storetest"
)

const (
	aDay     = 24 * time.Hour
	fiveYear = 5 * 366 * aDay
)

func atAnyTime(context.Context) error { return nil }

func TestOnlyWhatIsOlderThanItsRetentionGoes(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		keep := store.Retention{Records: fiveYear, Traces: 90 * aDay}
		tables := []string{"audit_seals", "sealed_audits", "period_drafts", "period_extensions", "unit_performances", "led_units", "messages", "periods", "evaluations", "answers", "results", "result_answers", "talks", "follow_up_reports",
			"exclusions", "handovers", "drafts", "delegations", "reopenings", "notifications", "invitations", "presented_codes", "link_attempts", "jobs", "uploads"}
		count := func() map[string]int {
			rows := map[string]int{}
			for _, table := range tables {
				rows[table] = d.CountRows(d.t, "SELECT COUNT(*) FROM "+table)
			}
			return rows
		}
		prune := func(dry bool) map[string]int {
			gone, err := d.Prunable(ctx, keep)
			if !dry {
				gone, err = d.Prune(ctx, keep, atAnyTime)
			}
			d.must("prune", err)
			rows := map[string]int{}
			for _, g := range gone {
				rows[g.Table] += g.Rows
			}
			return rows
		}
		agreed := d.agreed()
		d.askToTalk(agreed.ID)
		d.must("report", d.report(store.EmployeeSide, d.worker, agreed.ID, true))
		code, err := d.Invite(ctx, d.worker, time.Hour)
		d.must("invite", err)
		_, err = d.InvitationFor(ctx, 901, code)
		d.must("show code", err)
		_, err = d.InvitationFor(ctx, 902, "ABCD-EFGH-JKMN-PQRS")
		d.expect("a wrong code", err, store.ErrCodeUnknown)
		d.decided(agreed.ID)
		d.must("extend", d.ExtendPeriod(ctx, d.cast.Admin.ID, store.Extension{PeriodID: d.period.ID, DueBefore: d.period.ScoringDue, DueAfter: d.period.ScoringDue.AddDate(0, 0, 1),
			SelfReportAfter: d.period.SelfReportDue, Reason: "Jaringan terganggu"}))
		d.jobsOf(store.JobDeadlineNews, d.DeadlineNewsChunk)
		d.must("grade a unit", d.grade(d.cast.Evaluator.UnitID, store.OrgGood))
		d.must("say who leads", d.LeadUnit(ctx, d.cast.Admin.ID, d.period.ID, d.boss, d.cast.Evaluator.UnitID))
		_, err = d.SaveDraft(ctx, d.cast.Admin.ID, 0, quarter(d.cast.Evaluator.UnitID))
		d.must("write down a draft", err)
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		d.closeNews()
		_, err = d.TakeUpload(ctx, d.cast.Admin.ID, "file", "pegawai.csv", 1)
		d.must("take a file", err)
		d.jobsOf(store.JobCheckUpload, func(ctx context.Context, owner string, jobID int64, _ time.Duration) (store.Job, error) {
			return d.EndUploadJob(ctx, owner, jobID, store.UploadReady, "{}", "")
		})
		m, err := d.AddressMessage(ctx, d.cast.Admin.ID, 0, store.ToAll, 0, 0)
		d.must("begin a message", err)
		d.must("write it", d.WriteMessage(ctx, d.cast.Admin.ID, m.ID, "Besok libur"))
		d.Change(d.t, "UPDATE notifications SET state = ?", store.Sent)
		sealAll(d.t, d.Store)
		whole := count()

		d.clock.Advance(80 * aDay)
		prune(false)
		if diff := cmp.Diff(whole, count()); diff != "" {
			d.t.Errorf("after eighty days: %s", diff)
		}

		d.clock.Advance(20 * aDay)
		would := prune(true)
		if diff := cmp.Diff(whole, count()); diff != "" {
			d.t.Errorf("a dry run changed: %s", diff)
		}
		if diff := cmp.Diff(would, prune(false)); diff != "" {
			d.t.Errorf("the dry run told otherwise: %s", diff)
		}
		after := map[string]int{"notifications": 0, "invitations": 0, "presented_codes": 0, "link_attempts": 0, "jobs": 0, "uploads": 0}
		for _, kept := range tables[:19] {
			after[kept] = whole[kept]
		}
		if diff := cmp.Diff(after, count()); diff != "" {
			d.t.Errorf("after a hundred days: %s", diff)
		}

		d.clock.Advance(fiveYear)
		d.Change(d.t, "INSERT INTO notifications (`key`, person_id, period_id, kind, args, state, due_at, attempts, lease_owner, last_error, message_id, created_at, updated_at)"+
			" SELECT 'old', 1, id, 'reminder', '', 'sent', created_at, 1, '', '', 0, created_at, created_at FROM periods")
		would = prune(true)
		if diff := cmp.Diff(would, prune(false)); diff != "" {
			d.t.Errorf("after five years the dry run told otherwise: %s", diff)
		}
		for table, rows := range count() {
			if rows != 0 {
				d.t.Errorf("after five years %d rows of %s are left", rows, table)
			}
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE action = 'pruned'"); n == 0 || n != d.CountRows(d.t, "SELECT COUNT(*) FROM audits") {
			d.t.Errorf("%d audits of pruning, and others", n)
		}
	})
}

func TestWhatIsStillOwedIsKeptAsLongAsItCanBeTold(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		keep := store.Retention{Records: fiveYear, Traces: 90 * aDay}
		gone, err := d.Leave(ctx, 0, d.cast.Newcomer.ID)
		d.must("leave", err)
		if gone.People != 1 {
			d.t.Fatalf("%d people left", gone.People)
		}
		d.Change(d.t, "DELETE FROM notifications")
		for _, state := range []store.NotificationState{store.Owed, store.Failed, store.Unreachable} {
			for who, person := range map[string]int64{"nobody": 0, "who left": d.cast.Newcomer.ID, "who is here": d.worker} {
				d.Change(d.t, "INSERT INTO notifications (`key`, person_id, period_id, kind, args, state, due_at, attempts, lease_owner, last_error, message_id, created_at, updated_at)"+
					" VALUES (?, ?, 0, 'news', '', ?, ?, 8, '', '', 0, ?, ?)", fmt.Sprintf("%s, %s", state, who), person, state, d.clock.Now(), d.clock.Now(), d.clock.Now())
			}
		}
		left := func(after string, want int) {
			would, err := d.Prunable(ctx, keep)
			d.must("count", err)
			pruned, err := d.Prune(ctx, keep, atAnyTime)
			d.must("prune", err)
			if diff := cmp.Diff(would, pruned); diff != "" {
				d.t.Errorf("%s the dry run told otherwise: %s", after, diff)
			}
			if n := d.CountRows(d.t, "SELECT COUNT(*) FROM notifications"); n != want {
				d.t.Errorf("%s %d messages are left, want %d", after, n, want)
			}
		}
		d.clock.Advance(80 * aDay)
		left("after eighty days", 9)
		d.clock.Advance(20 * aDay)
		left("after a hundred days", 5) // three that a courier will settle, and two for who is here
		d.clock.Advance(fiveYear)
		left("after five years", 3)
	})
}

func TestARetentionThatIsTooShortDeletesNothing(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		for _, keep := range []store.Retention{{}, {Records: fiveYear, Traces: 29 * aDay}, {Records: -fiveYear, Traces: 90 * aDay}} {
			_, counted := d.Prunable(ctx, keep)
			_, pruned := d.Prune(ctx, keep, atAnyTime)
			if !errors.Is(counted, store.ErrKeptTooShort) || !errors.Is(pruned, store.ErrKeptTooShort) {
				d.t.Errorf("%v: %v, %v", keep, counted, pruned)
			}
		}
	})
}

// Whoever is reminded between the moment at which pruning finds his old reminder and that at which it deletes it keeps the new one.
func TestWhatIsOwedAnewWhileItIsPrunedStays(t *testing.T) {
	clock, url := storetest.NewClock(storetest.Start), storetest.URL(t, "mariadb")
	other := storetest.Open(t, url, store.Options{Now: clock.Now})
	other.Change(t, "INSERT INTO notifications (`key`, person_id, period_id, kind, args, state, due_at, attempts, lease_owner, last_error, message_id, created_at, updated_at)"+
		" VALUES ('reminder:1', 1, 0, 'reminder', '', 'sent', ?, 1, '', '', 0, ?, ?)", clock.Now(), clock.Now(), clock.Now())
	clock.Advance(100 * aDay)
	statements := &storetest.Statements{Seen: func(query string, _ []any) {
		if strings.HasPrefix(query, "DELETE FROM notifications") {
			other.Change(t, "UPDATE notifications SET state = ?, updated_at = ?", store.Owed, clock.Now())
		}
	}}
	s := storetest.Open(t, url, store.Options{Now: clock.Now, Wrap: statements.Wrap})
	if _, err := s.Prune(ctx, store.Retention{Records: fiveYear, Traces: 90 * aDay}, atAnyTime); err != nil {
		t.Fatal(err)
	}
	if n := s.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE state = ?", store.Owed); n != 1 {
		t.Errorf("%d reminders are owed, want 1", n)
	}
}
