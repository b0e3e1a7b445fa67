package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/storetest"
)

// leftLines is what an administrator is shown of the evaluations that people left behind, a line each.
func (d *desk) leftLines(admin *store.Person) []string {
	d.t.Helper()
	lines, total, err := d.LeftBehind(ctx, admin.ID, 0, 50)
	d.must("read what was left behind", err)
	if total != len(lines) {
		d.t.Errorf("%d lines, counted as %d", len(lines), total)
	}
	var shown []string
	for _, l := range lines {
		shown = append(shown, fmt.Sprintf("%s %v by %s %v", l.Employee, l.EmployeeLeft, l.Evaluator, l.EvaluatorLeft))
	}
	return shown
}

func TestWhoLeavesIsNobodyAnyMoreAndGetsNothing(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		link(t, d.Store, d.cast.Evaluator, 501)
		d.must("grant", d.GrantRole(ctx, 0, d.boss, store.Admin, d.cast.Evaluator.UnitID))
		d.must("plan", d.PlanReminders(ctx, "2027-01-05", d.clock.Now().AddDate(0, 0, 1), []int64{d.boss}))
		code := invited(t, d.Store, d.boss)

		done, err := d.Leave(ctx, d.cast.Admin.ID, d.boss)
		d.must("leave", err)
		if done.People != 1 || done.Accounts != 1 || done.Roles != 1 || done.Notifications < 1 {
			t.Errorf("ended %+v", done)
		}
		for _, action := range []string{"person.leave", "role.revoke"} {
			if d.audits(action) != 1 {
				t.Errorf("%d audits of %s", d.audits(action), action)
			}
		}
		if again, err := d.Leave(ctx, d.cast.Admin.ID, d.boss); err != nil || again != (store.Departed{}) || d.audits("person.leave") != 1 {
			t.Errorf("leaving again: %+v, %v", again, err)
		}
		d.expect("the old phone", second(d.ActorByTelegram(ctx, 501)), store.ErrNotFound)
		links(t, d.Store, 502, code, store.ErrCodeExpired)
		d.expect("a new code", second(d.Invite(ctx, d.boss, time.Hour)), store.ErrNotFound)
		if roles, err := d.Roles(ctx, d.boss); err != nil || len(roles) > 0 {
			t.Errorf("roles %v, %v", roles, err)
		}
		if n := d.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE person_id = ? AND state IN ('owed', 'unreachable', 'failed')", d.boss); n > 0 {
			t.Errorf("%d notifications are still to be sent", n)
		}
		next := d.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2027-01-01", LastDay: "2027-03-31", Release: store.ReleaseAtOnce})
		if n := d.CountRows(t, "SELECT COUNT(*) FROM evaluations WHERE period_id = ? AND (employee_id = ? OR evaluator_id = ?)", next.ID, d.boss, d.boss); n > 0 {
			t.Errorf("%d new evaluations", n)
		}
		d.expect("nobody", second(d.Leave(ctx, 0, 999999)), store.ErrNotFound)
	})
}

func TestANotificationOnItsWayDoesNotComeBackAfterItsPersonLeft(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		link(t, d.Store, d.cast.Evaluator, 501)
		claimed, err := d.ClaimNotifications(ctx, "courier", time.Minute, 100)
		d.must("claim", err)
		of := slices.IndexFunc(claimed, func(n store.Notification) bool { return n.PersonID == d.boss })
		if of < 0 {
			t.Fatal("nothing is owed to the evaluator")
		}
		_, err = d.Leave(ctx, 0, d.boss)
		d.must("leave", err)
		d.must("retry", d.Retry(ctx, claimed[of], "server"))
		if n := d.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE id = ? AND state = 'cancelled'", claimed[of].ID); n != 1 {
			t.Error("it is owed again")
		}
	})
}

func TestWhatPeopleLeaveBehindIsShownToTheirAdministratorsUntilItIsDone(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		if shown := d.leftLines(d.cast.Admin); len(shown) > 0 {
			t.Fatalf("before: %v", shown)
		}
		d.clock.Advance(time.Minute)
		_, err := d.Leave(ctx, 0, d.worker)
		d.must("leave", err)
		employee, evaluator := d.cast.Employee.Name, d.cast.Evaluator.Name
		want := []string{fmt.Sprintf("%s true by %s false", employee, evaluator)}
		for _, admin := range []*store.Person{d.cast.Admin, d.cast.UnitAdmin} {
			if shown := d.leftLines(admin); !slices.Equal(shown, want) {
				t.Errorf("%d is shown %v, want %v", admin.ID, shown, want)
			}
			if n := d.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE person_id = ? AND kind = ?", admin.ID, store.KindPeopleLeft); n != 1 {
				t.Errorf("%d is told %d times", admin.ID, n)
			}
		}
		d.expect("the leader", second2(d.LeftBehind(ctx, d.cast.Leader.ID, 0, 50)), store.ErrNotFound)

		done, err := d.LeaveMissing(ctx, 0, []string{d.cast.Evaluator.NIP, d.cast.OtherEvaluator.NIP, "000000000000000000"})
		if err != nil || done.People != 2 {
			t.Fatalf("%+v, %v", done, err)
		}
		shown := d.leftLines(d.cast.UnitAdmin)
		// The eight of the evaluator, of whom one has left too, and the evaluation of himself.
		if len(shown) != 9 || !slices.Contains(shown, fmt.Sprintf("%s true by %s true", employee, evaluator)) {
			t.Errorf("the health agency's administrator is shown %v", shown)
		}
		if all := d.leftLines(d.cast.Admin); len(all) <= len(shown) {
			t.Errorf("the school's are not shown: %v", all)
		}
		of, err := d.LeftBehindBy(ctx, d.boss)
		if err != nil || len(of) != 9 {
			t.Errorf("%d by the evaluator, %v", len(of), err)
		}
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		if shown := d.leftLines(d.cast.Admin); len(shown) > 0 {
			t.Errorf("of a closed period: %v", shown)
		}
	})
}

func TestARosterBringsBackWhoLeft(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		_, people, err := d.Roster(ctx)
		d.must("read roster", err)
		of := slices.IndexFunc(people, func(p store.PersonEntry) bool { return p.NIP == d.cast.Evaluator.NIP })
		for range 2 {
			d.clock.Advance(time.Minute)
			if _, err := d.Leave(ctx, 0, d.boss); err != nil {
				t.Fatal(err)
			}
			if shown := d.leftLines(d.cast.UnitAdmin); len(shown) != 9 {
				t.Errorf("gone: %d lines", len(shown))
			}
			if done, err := d.SavePeople(ctx, 0, people[of:of+1]); err != nil || done.Changed != 1 {
				t.Fatalf("%+v, %v", done, err)
			}
			if shown := d.leftLines(d.cast.UnitAdmin); len(shown) > 0 {
				t.Errorf("back: %v", shown)
			}
		}
	})
}

func TestARoleMovesWithWhoMovesToAnotherUnit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		units, people := town(t, s)
		adi := people["Adi"].ID
		for _, role := range []store.PersonRole{{Role: store.Admin, UnitID: units["A"]}, {Role: store.Leader, UnitID: units["A"]},
			{Role: store.Leader, UnitID: units["B"]}, {Role: store.Admin, UnitID: units["A1"]}, {Role: store.Admin}} {
			if err := s.GrantRole(ctx, 0, adi, role.Role, role.UnitID); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.SavePeople(ctx, 0, []store.PersonEntry{{NIP: people["Adi"].NIP, Name: "Adi", UnitCode: "B"}}); err != nil {
			t.Fatal(err)
		}
		roles, err := s.Roles(ctx, adi)
		var held []string
		for _, r := range roles {
			held = append(held, r.String())
		}
		slices.Sort(held)
		want := []string{"admin 0", fmt.Sprintf("admin %d", units["A1"]), fmt.Sprintf("admin %d", units["B"]), fmt.Sprintf("leader %d", units["B"])}
		if slices.Sort(want); err != nil || !slices.Equal(held, want) {
			t.Errorf("roles %v, %v; want %v", held, err, want)
		}
		if n := s.CountRows(t, "SELECT COUNT(*) FROM audits WHERE action = 'role.move' AND object_id = ?", adi); n != 2 {
			t.Errorf("%d audits of moved roles", n)
		}
	})
}

func TestARoleIsRevokedOnceAndLeavesTheOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		units, people := town(t, s)
		adi := people["Adi"].ID
		for _, unit := range []int64{0, units["A"]} {
			if err := s.GrantRole(ctx, 0, adi, store.Admin, unit); err != nil {
				t.Fatal(err)
			}
		}
		for try, want := range []bool{true, false} {
			if revoked, err := s.RevokeRole(ctx, 0, adi, store.Admin, units["A"]); err != nil || revoked != want {
				t.Errorf("try %d: %v, %v", try, revoked, err)
			}
		}
		if roles, err := s.Roles(ctx, adi); err != nil || len(roles) != 1 || roles[0].UnitID != 0 {
			t.Errorf("roles %v, %v", roles, err)
		}
		if n := s.CountRows(t, "SELECT COUNT(*) FROM audits WHERE action = 'role.revoke'"); n != 1 {
			t.Errorf("%d audits", n)
		}
		if _, err := s.RevokeRole(ctx, 0, 999999, store.Admin, 0); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}
