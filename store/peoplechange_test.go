package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kinerja/store"
)

// see is a person as he stands in the records.
func (d *desk) see(id int64) store.Person {
	d.t.Helper()
	p, err := d.PersonByID(ctx, id)
	d.must("read person", err)
	return p
}

// names are the names that a search finds.
func (d *desk) names(admin *store.Person, text string, left bool) []string {
	d.t.Helper()
	lines, total, err := d.FindPeople(ctx, admin.ID, text, left, 0, 100)
	d.must("find", err)
	if total != len(lines) {
		d.t.Errorf("%d found, counted as %d", len(lines), total)
	}
	var names []string
	for _, l := range lines {
		names = append(names, l.Name)
	}
	return names
}

func anybody(store.Person) error { return nil }

func TestPeopleAreFoundByPartsOfNameAndNIP(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		nip := d.cast.Employee.NIP
		grouped := nip[:8] + " " + nip[8:14] + "." + nip[14:15] + " " + nip[15:]
		last := strings.Fields(strings.Split(d.cast.Employee.Name, ",")[0])
		for _, text := range []string{nip, grouped, nip[8:14] + " " + last[0], strings.ToUpper(last[len(last)-1]) + " " + nip[:6]} {
			if got := d.names(d.cast.Admin, text, false); !slices.Contains(got, d.cast.Employee.Name) {
				d.t.Errorf("%q finds %v", text, got)
			}
		}
		for _, text := range []string{"", "  ", "%", "_", "!", "nobody is called that", "1986 1975"} {
			if got := d.names(d.cast.Admin, text, false); len(got) > 0 {
				d.t.Errorf("%q finds %v", text, got)
			}
		}
		if got := d.names(d.cast.UnitAdmin, d.cast.OtherEvaluator.NIP, false); len(got) > 0 {
			d.t.Errorf("the health agency finds a school's %v", got)
		}
		d.must("leave", second(d.Leave(ctx, 0, d.worker)))
		if got := d.names(d.cast.Admin, nip, false); len(got) > 0 {
			d.t.Errorf("who left is on the roster: %v", got)
		}
		if got := d.names(d.cast.Admin, nip, true); len(got) != 1 {
			d.t.Errorf("who left is not found: %v", got)
		}
		d.expect("an employee", second2(d.FindPeople(ctx, d.boss, "a", false, 0, 9)), store.ErrNotFound)
	})
}

func TestAFieldIsChangedOnceAndNeverOverWhatSomebodyElseWrote(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, old := d.cast.UnitAdmin.ID, d.see(d.worker)
		seen := store.Seen(old.Position)
		set := func(admin int64, value string) (bool, error) {
			return d.ChangePerson(ctx, admin, d.worker, store.FieldPosition, seen, value, "")
		}
		if changed, err := set(admin, "Bidan Mahir"); !changed || err != nil {
			d.t.Errorf("changed %v, %v", changed, err)
		}
		if changed, err := set(admin, "Bidan Mahir"); changed || err != nil {
			d.t.Errorf("tapped twice: %v, %v", changed, err)
		}
		d.expect("the form of somebody else", second(set(d.cast.Admin.ID, "Perawat")), store.ErrConflict)
		now := d.see(d.worker)
		if now.Position != "Bidan Mahir" || now.Name != old.Name || now.UnitID != old.UnitID || *now.SuperiorID != *old.SuperiorID || now.Phone != old.Phone {
			d.t.Errorf("%+v", now)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE action = 'person.change' AND actor_id = ?", admin); n != 1 {
			d.t.Errorf("%d audits", n)
		}
		d.expect("another agency", second(d.ChangePerson(ctx, admin, d.cast.OtherEvaluator.ID, store.FieldName, store.Seen(d.cast.OtherEvaluator.Name), "X", "")), store.ErrNotFound)
		d.expect("no administrator", second(set(d.boss, "X")), store.ErrNotFound)
		d.must("leave", second(d.Leave(ctx, 0, d.worker)))
		d.expect("who left", second(set(admin, "X")), store.ErrNotFound)
		if d.see(d.worker).Active {
			d.t.Error("the change brought him back")
		}
	})
}

func TestANIPIsCorrectedWithoutTakingSomebodyElses(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, old := d.cast.UnitAdmin.ID, d.see(d.worker).NIP
		set := func(admin, person int64, nip string) error {
			return second(d.ChangePerson(ctx, admin, person, store.FieldNIP, store.Seen(d.see(person).NIP), nip, "kartu pegawai"))
		}
		d.expect("somebody else's", set(admin, d.worker, d.cast.OtherEvaluator.NIP), store.ErrNIPTaken)
		d.expect("his own", set(admin, admin, "198001012006042001"), store.ErrHimself)
		d.must("correct", set(admin, d.worker, "198001012006042001"))
		if got := d.see(d.worker); got.NIP != "198001012006042001" {
			d.t.Errorf("NIP %s", got.NIP)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE action = 'person.nip' AND `before` = ? AND after = ?", old, "198001012006042001 kartu pegawai"); n != 1 {
			d.t.Errorf("%d audits", n)
		}
	})
}

func TestWhoMovesTakesHisRolesAlongAndKeepsHisEvaluators(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		from, to := d.cast.Evaluator.UnitID, d.cast.Units["PKM-02"].ID
		d.must("grant", d.GrantRole(ctx, 0, d.boss, store.Leader, from))
		admin := d.cast.UnitAdmin.ID
		d.expect("out of his branch", second(d.MovePerson(ctx, admin, d.boss, from, d.cast.Units["SDN-05"].ID)), store.ErrNotFound)
		d.expect("into his branch", second(d.MovePerson(ctx, admin, d.cast.OtherEvaluator.ID, d.cast.OtherEvaluator.UnitID, to)), store.ErrNotFound)
		d.expect("himself", second(d.MovePerson(ctx, admin, admin, d.cast.UnitAdmin.UnitID, to)), store.ErrHimself)
		d.expect("from elsewhere", second(d.MovePerson(ctx, admin, d.boss, to+1, to)), store.ErrConflict)
		for _, want := range []bool{true, false} {
			if moved, err := d.MovePerson(ctx, admin, d.boss, from, to); moved != want || err != nil {
				d.t.Errorf("moved %v, %v", moved, err)
			}
		}
		roles, err := d.Roles(ctx, d.boss)
		d.must("roles", err)
		if len(roles) != 1 || roles[0].UnitID != to {
			d.t.Errorf("roles %v", roles)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM evaluations WHERE employee_id = ? AND unit_id = ? AND evaluator_id = ?", d.boss, from, d.cast.Superior.ID); n != 1 {
			d.t.Error("the open evaluation has moved too")
		}
		d.must("by the city", second(d.MovePerson(ctx, d.cast.Admin.ID, d.boss, to, d.cast.Units["SDN-05"].ID)))
	})
}

func TestNobodyIsChangedByWhoAdministersLessThanHe(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin := d.cast.UnitAdmin.ID
		d.must("grant", d.GrantRole(ctx, 0, d.worker, store.Admin, 0))
		d.expect("a phone", second(d.ChangePerson(ctx, admin, d.worker, store.FieldPhone, store.Seen(d.see(d.worker).Phone), "62811", "")), store.ErrBeyond)
		d.expect("a move", second(d.MovePerson(ctx, admin, d.worker, d.cast.Employee.UnitID, d.cast.Units["PKM-02"].ID)), store.ErrBeyond)
		d.expect("a leave", second(d.LeaveAs(ctx, admin, d.worker, store.Leaving{})), store.ErrBeyond)
		d.expect("an unlinking", second(d.UnlinkAs(ctx, admin, d.worker, "lost")), store.ErrBeyond)
		card, err := d.PersonCardOf(ctx, admin, d.worker)
		d.must("card", err)
		if !card.Beyond {
			d.t.Error("the card does not say so")
		}
		d.must("by his equal", second(d.UnlinkAs(ctx, d.cast.Admin.ID, d.worker, "lost")))
	})
}

func TestAnEvaluatorIsNeverThePersonHimselfNorBelowHimNorGone(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin := d.cast.UnitAdmin.ID
		set := func(person, from, to int64, reason string) error {
			return second(d.SetEvaluator(ctx, admin, person, from, to, reason, anybody))
		}
		d.expect("himself", set(d.boss, d.cast.Superior.ID, d.boss, ""), store.ErrOwnEvaluator)
		d.expect("whom he evaluates", set(d.boss, d.cast.Superior.ID, d.worker, ""), store.ErrCircle)
		d.expect("two steps below", set(d.cast.Superior.ID, *d.see(d.cast.Superior.ID).SuperiorID, d.worker, ""), store.ErrCircle)
		d.expect("a school's", set(d.worker, d.boss, d.cast.OtherEvaluator.ID, ""), store.ErrNotFound)
		d.expect("my own", set(admin, *d.see(admin).SuperiorID, d.boss, ""), store.ErrHimself)
		d.expect("me", set(d.worker, d.boss, admin, ""), store.ErrHimself)
		d.expect("seen otherwise", set(d.worker, d.cast.Superior.ID, d.cast.Newcomer.ID, ""), store.ErrConflict)
		refused := errors.New("not entitled")
		d.expect("not accepted", second(d.SetEvaluator(ctx, admin, d.worker, d.boss, d.cast.Newcomer.ID, "", func(store.Person) error { return refused })), refused)
		if got := d.see(d.worker); *got.SuperiorID != d.boss {
			d.t.Errorf("evaluator %d", *got.SuperiorID)
		}
		d.must("delegated", set(d.worker, d.boss, d.cast.Newcomer.ID, "didelegasikan, surat 12/2027"))
		card, err := d.PersonCardOf(ctx, admin, d.worker)
		d.must("card", err)
		if card.Evaluator.PersonID != d.cast.Newcomer.ID || card.Why == "" {
			d.t.Errorf("%+v %q", card.Evaluator, card.Why)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM evaluations WHERE id = ? AND evaluator_id = ?", d.id, d.boss); n != 1 {
			d.t.Error("the open period has lost its pinned evaluator")
		}
		d.must("leave", second(d.Leave(ctx, 0, d.boss)))
		d.expect("who left", set(d.worker, d.cast.Newcomer.ID, d.boss, ""), store.ErrEvaluatorLeft)
		d.must("nobody", set(d.worker, d.cast.Newcomer.ID, 0, ""))
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM evaluator_reasons"); n != 0 || d.see(d.worker).SuperiorID != nil {
			d.t.Errorf("%d reasons are left", n)
		}
	})
}

func TestTwoChangesAtOnceNeverCloseACircle(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		a, b := d.worker, d.cast.Newcomer.ID
		first, second := *d.see(a).SuperiorID, *d.see(b).SuperiorID
		start := make(chan struct{})
		var all sync.WaitGroup
		var circles atomic.Int32
		try := func(person, from, to int64) {
			<-start
			_, err := d.SetEvaluator(ctx, d.cast.Admin.ID, person, from, to, "", anybody)
			if errors.Is(err, store.ErrCircle) {
				circles.Add(1)
			} else if err != nil {
				d.t.Errorf("set: %v", err)
			}
		}
		all.Go(func() { try(a, first, b) })
		all.Go(func() { try(b, second, a) })
		close(start)
		all.Wait()
		if circles.Load() != 1 {
			d.t.Errorf("%d were refused", circles.Load())
		}
	})
}

func TestNewPeopleComeAndWhoLeftComesBackWithoutRights(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, unit := d.cast.UnitAdmin.ID, d.cast.Units["PKM-01"].ID
		entry := store.PersonEntry{NIP: "199001012019032009", Name: "Ratna Dewi", Position: "Bidan Terampil", PositionKind: "fungsional", Roles: []store.RoleEntry{{Role: store.Admin, City: true}}}
		made, err := d.NewPerson(ctx, admin, entry, unit, "")
		d.must("new", err)
		again, err := d.NewPerson(ctx, admin, entry, unit, "")
		if d.must("twice", err); again.ID != made.ID || d.audits("person.new") == 0 {
			d.t.Errorf("%d and %d", made.ID, again.ID)
		}
		if roles, err := d.Roles(ctx, made.ID); err != nil || len(roles) > 0 {
			d.t.Errorf("roles %v, %v", roles, err)
		}
		entry.Name = "Somebody Else"
		d.expect("taken", second(d.NewPerson(ctx, admin, entry, unit, "")), store.ErrNIPTaken)
		entry.NIP = "199001012019032010"
		d.expect("another agency", second(d.NewPerson(ctx, admin, entry, d.cast.Units["SDN-05"].ID, "")), store.ErrNotFound)

		d.must("grant", d.GrantRole(ctx, 0, d.boss, store.Leader, d.cast.Evaluator.UnitID))
		d.expect("on the roster", second(d.BringBack(ctx, admin, d.cast.OtherEvaluator.ID)), store.ErrNotFound)
		done, err := d.LeaveAs(ctx, admin, d.boss, store.Leaving{Kind: store.Retired, Day: "2026-12-31"})
		if d.must("leave", err); done.People != 1 || done.Roles != 1 {
			d.t.Errorf("%+v", done)
		}
		if again, err := d.LeaveAs(ctx, admin, d.boss, store.Leaving{}); err != nil || again != (store.Departed{}) {
			d.t.Errorf("twice: %+v, %v", again, err)
		}
		card, err := d.PersonCardOf(ctx, admin, d.boss)
		if d.must("card", err); card.Active || card.Departure.Kind != store.Retired || card.Departure.Day != "2026-12-31" || card.ToDo != 8 {
			d.t.Errorf("%+v", card)
		}
		for _, want := range []bool{true, false} {
			if back, err := d.BringBack(ctx, admin, d.boss); back != want || err != nil {
				d.t.Errorf("back %v, %v", back, err)
			}
		}
		p := d.see(d.boss)
		if roles, err := d.Roles(ctx, d.boss); err != nil || len(roles) > 0 || !p.Active || *p.SuperiorID != d.cast.Superior.ID {
			d.t.Errorf("roles %v, %v, %+v", roles, err, p)
		}
	})
}

func TestOfTwoAdministratorsWhoLetEachOtherLeaveOneStays(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.expect("himself", second(d.LeaveAs(ctx, d.cast.Admin.ID, d.cast.Admin.ID, store.Leaving{})), store.ErrHimself)
		d.must("grant", d.GrantRole(ctx, 0, d.worker, store.Admin, 0))
		link(d.t, d.Store, d.cast.Admin, 601) // one who cannot enter does not count
		link(d.t, d.Store, d.cast.Employee, 602)
		start := make(chan struct{})
		var all sync.WaitGroup
		var left atomic.Int32
		for _, pair := range [][2]int64{{d.cast.Admin.ID, d.worker}, {d.worker, d.cast.Admin.ID}} {
			all.Go(func() {
				<-start
				done, err := d.LeaveAs(ctx, pair[0], pair[1], store.Leaving{})
				if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrLastAdministrator) {
					d.t.Errorf("leave: %v", err)
				}
				left.Add(int32(done.People)) //nolint:gosec // 0 or 1
			})
		}
		close(start)
		all.Wait()
		if left.Load() != 1 {
			d.t.Errorf("%d left", left.Load())
		}
	})
}

func TestAnAccountThatEndsIsToldToItsTelegramUser(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		told := func(user int64) int {
			return d.CountRows(d.t, "SELECT COUNT(*) FROM notifications WHERE kind = ? AND person_id = 0 AND state = 'owed' AND args = ?", store.KindAccountEnded, fmt.Sprintf("%d:id", user))
		}
		link(d.t, d.Store, d.cast.Employee, 601)
		link(d.t, d.Store, d.cast.Evaluator, 602)
		for _, want := range []bool{true, false} {
			if ended, err := d.UnlinkAs(ctx, d.cast.UnitAdmin.ID, d.worker, "lost"); ended != want || err != nil {
				d.t.Errorf("ended %v, %v", ended, err)
			}
		}
		d.must("leave", second(d.LeaveAs(ctx, d.cast.UnitAdmin.ID, d.boss, store.Leaving{Kind: store.Died})))
		if told(601) != 1 || told(602) != 1 {
			d.t.Errorf("told %d and %d times", told(601), told(602))
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE action = 'unlinked' AND object_id = ? AND after = 'lost'", d.worker); n != 1 {
			d.t.Errorf("%d audits", n)
		}
		d.expect("another agency", second(d.UnlinkAs(ctx, d.cast.UnitAdmin.ID, d.cast.OtherEvaluator.ID, "lost")), store.ErrNotFound)
		d.expect("himself", second(d.UnlinkAs(ctx, d.cast.UnitAdmin.ID, d.cast.UnitAdmin.ID, "lost")), store.ErrHimself)
	})
}

func TestWhatIsWrongWithTheChainsOfEvaluatorsIsFound(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		entitled := func(kind, _ string) bool { return kind != "pelaksana" }
		chain := func(admin *store.Person, problem store.ChainProblem) []string {
			lines, _, err := d.InChain(ctx, admin.ID, problem, entitled, 0, 50)
			d.must("read chain", err)
			var names []string
			for _, l := range lines {
				names = append(names, l.Name)
			}
			return names
		}
		if got := chain(d.cast.Admin, store.ChainNone); len(got) > 0 {
			d.t.Errorf("who stands at the top needs nobody: %v", got)
		}
		for _, problem := range []store.ChainProblem{store.ChainLeft, store.ChainCircle, store.ChainBelow, store.ChainNone} {
			if got := chain(d.cast.UnitAdmin, problem); len(got) > 0 {
				d.t.Errorf("%s: %v", problem, got)
			}
		}
		d.Change(d.t, "UPDATE people SET superior_id = ? WHERE id = ?", d.worker, d.cast.Superior.ID) // behind the program's back
		if got := chain(d.cast.UnitAdmin, store.ChainCircle); len(got) != 3 {
			d.t.Errorf("circle: %v", got)
		}
		d.Change(d.t, "UPDATE people SET superior_id = NULL WHERE id = ?", d.cast.Superior.ID)
		other := d.cast.People[slices.IndexFunc(d.cast.People, func(p *store.Person) bool {
			return p.UnitID == d.cast.Evaluator.UnitID && p.ID != d.boss && p.ID != d.worker
		})]
		d.must("delegated", second(d.SetEvaluator(ctx, d.cast.UnitAdmin.ID, other.ID, d.boss, d.cast.Newcomer.ID, "surat 12", anybody)))
		d.must("nobody asked", second(d.SetEvaluator(ctx, d.cast.UnitAdmin.ID, d.worker, d.boss, d.cast.Newcomer.ID, "", anybody)))
		if got := chain(d.cast.UnitAdmin, store.ChainBelow); !slices.Equal(got, []string{d.cast.Employee.Name}) {
			d.t.Errorf("below: %v", got)
		}
		d.must("leave", second(d.Leave(ctx, 0, d.boss)))
		counts, err := d.CountChains(ctx, d.cast.UnitAdmin.ID, entitled)
		if d.must("count", err); counts[store.ChainLeft] != 6 || counts[store.ChainNone] != 1 || counts[store.ChainBelow] != 1 || counts[store.ChainCircle] != 0 {
			d.t.Errorf("%v", counts)
		}
		people, err := d.CountPeople(ctx, d.cast.UnitAdmin.ID)
		if d.must("people", err); people.WithoutEvaluator != 7 || people.People < 20 {
			d.t.Errorf("%+v", people)
		}
	})
}

func TestALookAtAPersonIsNotedAndHisTeamIsListed(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.must("rate", d.Rate(ctx, d.boss, d.id, d.indicator(0), store.Above))
		card, err := d.PersonCardOf(ctx, d.cast.UnitAdmin.ID, d.worker)
		if d.must("card", err); len(card.Open) != 1 || !card.Open[0].Begun || card.Evaluator.PersonID != d.boss || card.Unit == "" {
			d.t.Errorf("%+v", card)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM audits WHERE action = 'looked' AND subject = 'person' AND object_id = ? AND actor_id = ?", d.worker, d.cast.UnitAdmin.ID); n != 1 {
			d.t.Errorf("%d looks", n)
		}
		_, lines, total, err := d.EvaluatedBy(ctx, d.cast.UnitAdmin.ID, d.boss, 0, 3)
		if d.must("team", err); len(lines) != 3 || total != 8 {
			d.t.Errorf("%d of %d", len(lines), total)
		}
		unit, lines, total, err := d.PeopleOf(ctx, d.cast.UnitAdmin.ID, d.cast.Evaluator.UnitID, 0, 5)
		if d.must("unit", err); len(lines) != 5 || total != 9 || unit.Name == "" {
			d.t.Errorf("%d of %d in %s", len(lines), total, unit.Name)
		}
		usual, _, err := d.EvaluatorsFor(ctx, d.cast.UnitAdmin.ID, d.worker, "", 0, 4)
		if d.must("usual", err); len(usual) != 2 || !slices.ContainsFunc(usual, func(p store.PersonFound) bool { return p.PersonID == d.boss }) {
			d.t.Errorf("%+v", usual)
		}
		for head, leads := range map[int64]int64{d.boss: d.cast.Superior.ID, d.cast.Superior.ID: d.cast.NoSuperior.ID} {
			proposed, _, err := d.EvaluatorsFor(ctx, d.cast.Admin.ID, head, "", 0, 4)
			is := func(id int64) bool {
				return slices.ContainsFunc(proposed, func(p store.PersonFound) bool { return p.PersonID == id })
			}
			below := slices.ContainsFunc(proposed, func(p store.PersonFound) bool {
				someone, err := d.PersonByID(ctx, p.PersonID)
				d.must("proposed", err)
				return someone.SuperiorID != nil && *someone.SuperiorID == head
			})
			if d.must("who leads the unit above", err); !is(leads) || is(head) || below {
				d.t.Errorf("for the head %d, of whom %d is the evaluator: %+v", head, leads, proposed)
			}
		}
		d.expect("another agency", second(d.PersonCardOf(ctx, d.cast.UnitAdmin.ID, d.cast.OtherEvaluator.ID)), store.ErrNotFound)
		d.expect("an employee", second(d.PersonCardOf(ctx, d.worker, d.worker)), store.ErrNotFound)
	})
}
