package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// hall is the small city with its administrators linked.
type hall struct {
	*store.Store
	t    *testing.T
	cast *sample.Cast
}

func eachHall(t *testing.T, test func(h *hall)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		cast, err := sample.City(ctx, s)
		if err != nil {
			t.Fatalf("sample city: %v", err)
		}
		h := &hall{Store: s, t: t, cast: cast}
		for n, p := range []*store.Person{cast.Admin, cast.UnitAdmin, cast.Employee} {
			h.link(p.ID, int64(9000+n))
		}
		test(h)
	})
}

func (h *hall) link(person, telegram int64) {
	h.t.Helper()
	code, err := h.Invite(ctx, person, store.CodeLife)
	if err == nil {
		_, err = h.Link(ctx, telegram, "id", code)
	}
	if err != nil {
		h.t.Fatalf("link: %v", err)
	}
}

// give gives a role as the screen of now would.
func (h *hall) give(admin, person int64, role store.Role, unit int64) error {
	h.t.Helper()
	holder, err := h.HolderOf(ctx, admin, person)
	if err != nil {
		return err
	}
	_, err = h.GiveRole(ctx, admin, person, role, unit, holder.Seen)
	return err
}

func (h *hall) unit(code string) int64 { return h.cast.Units[code].ID }

// roleOf is the id of a role, 0 when nobody holds it.
func (h *hall) roleOf(person int64, role store.Role, unit int64) int64 {
	h.t.Helper()
	roles, err := h.Roles(ctx, person)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range roles {
		if r.Role == role && r.UnitID == unit {
			return r.ID
		}
	}
	return 0
}

func TestAnAdministratorGivesRolesWithinHisUnitsAndToOthersOnly(t *testing.T) {
	eachHall(t, func(h *hall) {
		city, agency, employee := h.cast.Admin.ID, h.cast.UnitAdmin.ID, h.cast.Employee.ID
		for _, c := range []struct {
			name   string
			admin  int64
			person int64
			role   store.Role
			unit   int64
			want   error
		}{
			{"within the branch", agency, employee, store.Admin, h.unit("PKM-01"), nil},
			{"his own unit", agency, h.cast.Superior.ID, store.Admin, h.unit("DINKES"), nil},
			{"a leader", agency, employee, store.Leader, h.unit("DINKES"), nil},
			{"another agency", agency, employee, store.Admin, h.unit("DISDIK"), store.ErrNotFound},
			{"above", agency, employee, store.Leader, h.unit("KOTA"), store.ErrNotFound},
			{"the city", agency, employee, store.Admin, 0, store.ErrNotFound},
			{"a mayor by an agency", agency, employee, store.Mayor, 0, store.ErrNotFound},
			{"somebody of another agency", agency, h.cast.OtherEvaluator.ID, store.Leader, h.unit("DINKES"), store.ErrNotFound},
			{"nobody", agency, 999999, store.Leader, h.unit("DINKES"), store.ErrNotFound},
			{"himself", agency, agency, store.Leader, h.unit("DINKES"), store.ErrOwnRole},
			{"himself, by the city", city, city, store.Mayor, 0, store.ErrOwnRole},
			{"a mayor of a unit", city, employee, store.Mayor, h.unit("DINKES"), store.ErrNotFound},
			{"no role", city, employee, "emperor", 0, store.ErrNotFound},
			{"no unit", city, employee, store.Admin, 999999, store.ErrNotFound},
			{"who administers nothing", h.cast.Evaluator.ID, h.cast.NoSuperior.ID, store.Leader, h.unit("PKM-01"), store.ErrNotFound},
			{"the city, by the city", city, employee, store.Admin, 0, nil},
			{"a mayor", city, h.cast.NoSuperior.ID, store.Mayor, 0, nil},
		} {
			if err := h.give(c.admin, c.person, c.role, c.unit); !errors.Is(err, c.want) {
				h.t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
		}
		if is, err := h.IsMayor(ctx, h.cast.NoSuperior.ID); err != nil || !is {
			h.t.Errorf("the mayor: %v, %v", is, err)
		}
		if is, err := h.IsMayor(ctx, employee); err != nil || is {
			h.t.Errorf("not the mayor: %v, %v", is, err)
		}
		const told = "SELECT COUNT(*) FROM notifications WHERE kind = 'role_given'"
		if n, audits := h.CountRows(h.t, told), h.CountRows(h.t, "SELECT COUNT(*) FROM audits WHERE action = 'role.grant' AND actor_id <> 0"); n != 5 || audits != 5 {
			h.t.Errorf("%d told, %d audits", n, audits)
		}
		var taken *store.MayorTakenError
		if err := h.give(city, employee, store.Mayor, 0); !errors.As(err, &taken) || taken.PersonID != h.cast.NoSuperior.ID {
			h.t.Errorf("a second mayor: %v", err)
		}
		if err := h.GrantRole(ctx, 0, employee, store.Mayor, 0); !errors.Is(err, store.ErrConflict) {
			h.t.Errorf("a second mayor by the operator: %v", err)
		}
	})
}

func TestARoleIsGivenOnceAndNotByAScreenThatIsOlderThanADecision(t *testing.T) {
	eachHall(t, func(h *hall) {
		city, person, unit := h.cast.Admin.ID, h.cast.Employee.ID, h.unit("PKM-01")
		before, err := h.HolderOf(ctx, city, person)
		if err != nil {
			t.Fatal(err)
		}
		for try, want := range []bool{true, false} {
			if given, err := h.GiveRole(ctx, city, person, store.Leader, unit, before.Seen); err != nil || given != want {
				t.Errorf("try %d: %v, %v", try, given, err)
			}
		}
		if _, err := h.TakeRole(ctx, city, h.roleOf(person, store.Leader, unit)); err != nil {
			t.Fatal(err)
		}
		if _, err := h.GiveRole(ctx, city, person, store.Leader, unit, before.Seen); !errors.Is(err, store.ErrRolesChanged) {
			t.Errorf("an old screen: %v", err)
		}
		if err := h.give(city, person, store.Leader, unit); err != nil {
			t.Errorf("a new screen: %v", err)
		}
	})
}

// Who may take a role follows from what it is over, not from who gave it.
func TestARoleIsTakenByWhoAdministersWhatItIsOver(t *testing.T) {
	eachHall(t, func(h *hall) {
		city, agency := h.cast.Admin.ID, h.cast.UnitAdmin.ID
		for _, c := range []struct {
			name          string
			person        int64
			role          store.Role
			unit          int64
			by            int64
			want, byOther error
		}{
			{"below, given from above", h.cast.Employee.ID, store.Admin, h.unit("PKM-01"), agency, nil, store.ErrNotFound},
			{"an equal", h.cast.Superior.ID, store.Admin, h.unit("DINKES"), agency, nil, store.ErrNotFound},
			{"his unit, held by another agency's", h.cast.OtherEvaluator.ID, store.Leader, h.unit("PKM-02"), agency, nil, store.ErrNotFound},
			{"above", h.cast.Superior.ID, store.Admin, 0, agency, store.ErrNotFound, nil},
			{"another agency", h.cast.Employee.ID, store.Leader, h.unit("DISDIK"), agency, store.ErrNotFound, nil},
		} {
			if err := h.GrantRole(ctx, 0, c.person, c.role, c.unit); err != nil {
				t.Fatal(err)
			}
			id := h.roleOf(c.person, c.role, c.unit)
			if _, err := h.TakeRole(ctx, c.by, id); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
			if _, err := h.TakeRole(ctx, city, id); !errors.Is(err, c.byOther) {
				t.Errorf("%s, then by the city: %v, want %v", c.name, err, c.byOther)
			}
		}
		if _, err := h.TakeRole(ctx, agency, h.roleOf(agency, store.Admin, h.unit("DINKES"))); !errors.Is(err, store.ErrOwnRole) {
			t.Errorf("his own: %v", err)
		}
		if _, err := h.TakeRole(ctx, h.cast.Evaluator.ID, h.roleOf(agency, store.Admin, h.unit("DINKES"))); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("by who administers nothing: %v", err)
		}
	})
}

func TestAnAdministratorSeesTheRolesOfHisBranchOnly(t *testing.T) {
	eachHall(t, func(h *hall) {
		if err := h.GrantRole(ctx, 0, h.cast.OtherEvaluator.ID, store.Leader, h.unit("PKM-02")); err != nil {
			t.Fatal(err)
		}
		lines := func(admin int64, text string) string {
			list, total, err := h.RolesIn(ctx, admin, text, 0, 50)
			if err != nil || total != len(list) {
				t.Fatalf("%d of %d, %v", len(list), total, err)
			}
			var said []string
			for _, l := range list {
				said = append(said, fmt.Sprintf("%s %s %s", l.Role, l.Unit, strings.Fields(l.Name)[0]))
			}
			return strings.Join(said, "; ")
		}
		if got, want := lines(h.cast.UnitAdmin.ID, ""), "admin Dinas Kesehatan Mardiah; leader Puskesmas Nan Balimo Hj."; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if got, want := lines(h.cast.Admin.ID, "tanjung kesehatan"), "admin Dinas Kesehatan Mardiah"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if got := lines(h.cast.Admin.ID, "%"); got != "" {
			t.Errorf("%q by a sign that is in no name", got)
		}
		if got := lines(h.cast.Admin.ID, ""); strings.Count(got, ";") != 5 || !strings.HasPrefix(got, "admin  Yulia") {
			t.Errorf("the city: %q", got)
		}
		if _, err := h.HolderOf(ctx, h.cast.UnitAdmin.ID, h.cast.Leader.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("somebody else's person: %v", err)
		}
		holder, err := h.HolderOf(ctx, h.cast.UnitAdmin.ID, h.cast.OtherEvaluator.ID)
		if err != nil || holder.MayReceive || len(holder.Roles) != 1 {
			t.Errorf("who leads a unit of his: %+v, %v", holder, err)
		}
		found, total, err := h.FindPeople(ctx, h.cast.UnitAdmin.ID, "sri wahyuni", false, 0, 10) // of the education agency
		if err != nil || total != 0 || len(found) != 0 {
			t.Errorf("%v, %d, %v", found, total, err)
		}
		if found, _, err = h.FindPeople(ctx, h.cast.UnitAdmin.ID, "1979 0218", false, 0, 10); err != nil || len(found) != 1 || found[0].PersonID != h.cast.UnitAdmin.ID {
			t.Errorf("by NIP: %v, %v", found, err)
		}
	})
}

// Two who take each other's role at the same moment: one of them is left, however often.
func TestTwoAdministratorsWhoTakeEachOthersRoleLeaveOne(t *testing.T) {
	eachHall(t, func(h *hall) {
		first, second := h.cast.Admin.ID, h.cast.Employee.ID
		for round := range 5 {
			for _, person := range []int64{first, second} {
				if err := h.GrantRole(ctx, 0, person, store.Admin, 0); err != nil {
					t.Fatal(err)
				}
			}
			roles := map[int64]int64{first: h.roleOf(second, store.Admin, 0), second: h.roleOf(first, store.Admin, 0)}
			start := make(chan struct{})
			var all sync.WaitGroup
			errs := make(chan error, 2)
			for by, role := range roles {
				all.Go(func() {
					<-start
					_, err := h.TakeRole(ctx, by, role)
					errs <- err
				})
			}
			close(start)
			all.Wait()
			taken := []error{<-errs, <-errs}
			if n := h.CountRows(t, "SELECT COUNT(*) FROM person_roles WHERE role = 'admin' AND unit_id = 0"); n != 1 || !slices.Contains(taken, nil) {
				t.Fatalf("round %d: %d administrators of the city are left, %v", round, n, taken)
			}
		}
	})
}

func TestTheLastAdministratorOfTheCityWhoCanEnterDoesNotLeaveByTheChat(t *testing.T) {
	eachHall(t, func(h *hall) {
		last, other := h.cast.Admin.ID, h.cast.Superior.ID
		if _, err := h.Leave(ctx, h.cast.UnitAdmin.ID, last); !errors.Is(err, store.ErrLastAdministrator) {
			t.Errorf("the last one: %v", err)
		}
		if err := h.GrantRole(ctx, 0, other, store.Admin, 0); err != nil { // who is not linked
			t.Fatal(err)
		}
		if _, err := h.LeaveMissing(ctx, h.cast.UnitAdmin.ID, []string{h.cast.Admin.NIP}); !errors.Is(err, store.ErrLastAdministrator) {
			t.Errorf("the last one who can enter: %v", err)
		}
		if all, linked, err := h.CityEntered(ctx); all != 2 || linked != 1 || err != nil {
			t.Errorf("%d administer, %d can enter, %v", all, linked, err)
		}
		if _, err := h.Unlink(ctx, h.cast.UnitAdmin.ID, last); !errors.Is(err, store.ErrLastAdministrator) {
			t.Errorf("his account: %v", err)
		}
		h.link(other, 9100)
		if _, err := h.Leave(ctx, other, last); err != nil {
			t.Errorf("one of two: %v", err)
		}
		if _, err := h.RevokeRole(ctx, 0, other, store.Admin, 0); err != nil { // the operator says so: see the command
			t.Errorf("by the operator: %v", err)
		}
	})
}

func TestARosterGivesNoRoleThatItsSenderMayNotGive(t *testing.T) {
	eachHall(t, func(h *hall) {
		entry := func(p *store.Person, unit string, role store.RoleEntry) []store.PersonEntry {
			return []store.PersonEntry{{NIP: p.NIP, Name: p.Name, UnitCode: unit, Roles: []store.RoleEntry{role}}}
		}
		for _, c := range []struct {
			sender  *store.Person
			entries []store.PersonEntry
			want    error
		}{
			{h.cast.UnitAdmin, entry(h.cast.Employee, "PKM-01", store.RoleEntry{Role: store.Leader}), store.ErrNotFound},
			{h.cast.Admin, entry(h.cast.Admin, "SETDA", store.RoleEntry{Role: store.Leader}), store.ErrOwnRole},
			{h.cast.Admin, entry(h.cast.Employee, "PKM-01", store.RoleEntry{Role: store.Leader}), nil},
		} {
			if _, err := h.SavePeople(ctx, c.sender.ID, c.entries); !errors.Is(err, c.want) {
				t.Errorf("%+v: %v, want %v", c.entries[0].Roles, err, c.want)
			}
		}
	})
}
