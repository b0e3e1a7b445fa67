package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// print makes a printing and returns the codes by person.
func print(t *testing.T, s *store.Store, admin int64, p store.Printing) (store.Printed, map[int64]string) {
	t.Helper()
	made, err := s.PrintInvitations(ctx, admin, p)
	if err != nil {
		t.Fatalf("print: %v", err)
	}
	codes := map[int64]string{}
	for _, u := range made.Units {
		for _, g := range u.Guests {
			codes[g.PersonID] = g.Code
		}
	}
	if len(codes) != made.People() {
		t.Fatalf("%d people, %d codes", made.People(), len(codes))
	}
	return made, codes
}

func plan(t *testing.T, s *store.Store, admin int64, p store.Printing) store.PrintPlan {
	t.Helper()
	found, err := s.PlanPrinting(ctx, admin, p)
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	return found
}

// usable reports whether a code still opens something.
func usable(t *testing.T, s *store.Store, code string) bool {
	t.Helper()
	_, err := s.InvitationFor(ctx, rand.Int64N(1<<40), code) // each a stranger who has tried nothing yet
	if err != nil && !errors.Is(err, store.ErrCodeExpired) && !errors.Is(err, store.ErrCodeUsed) {
		t.Fatal(err)
	}
	return err == nil
}

func TestAPrintingIsForThoseWithoutAccountAndCode(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		links(t, s, phone1, invited(t, s, cast.Admin.ID), nil)
		held := invited(t, s, cast.Employee.ID)
		all := len(cast.People)
		shown := plan(t, s, cast.Admin.ID, store.Printing{})
		if shown.Fresh() != all-2 || shown.Holding() != 1 || shown.Beyond != 0 || shown.City == "" {
			t.Errorf("planned %d, %d, %d of %d in %q", shown.Fresh(), shown.Holding(), shown.Beyond, all, shown.City)
		}
		made, codes := print(t, s, cast.Admin.ID, store.Printing{Stamp: shown.Stamp})
		if len(codes) != all-2 || codes[cast.Employee.ID] != "" || codes[cast.Admin.ID] != "" || !usable(t, s, held) || made.City != shown.City {
			t.Errorf("%d codes, his earlier code is usable: %v", len(codes), usable(t, s, held))
		}
		if !made.At.Equal(clock.Now()) || !made.Until.Equal(clock.Now().Add(store.CodeLife)) {
			t.Errorf("made at %v, valid until %v", made.At, made.Until)
		}
		var units, planned []string
		for _, u := range made.Units {
			units = append(units, fmt.Sprint(u.Name, " ", len(u.Guests)))
			if !slices.IsSortedFunc(u.Guests, func(a, b store.Guest) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) }) {
				t.Errorf("the people of %s are not in the order of their names", u.Name)
			}
		}
		for _, u := range shown.Units {
			if u.Fresh > 0 {
				planned = append(planned, fmt.Sprint(u.Name, " ", u.Fresh))
			}
		}
		if !slices.Equal(units, planned) {
			t.Errorf("printed %v, planned %v", units, planned)
		}
		again := plan(t, s, cast.Admin.ID, store.Printing{})
		if again.Fresh() != 0 || again.Holding() != all-1 || again.Stamp <= shown.Stamp {
			t.Errorf("afterwards %d and %d, stamp %d after %d", again.Fresh(), again.Holding(), again.Stamp, shown.Stamp)
		}
		if _, none := print(t, s, cast.Admin.ID, store.Printing{Stamp: again.Stamp}); len(none) != 0 || !usable(t, s, codes[cast.Superior.ID]) {
			t.Errorf("printed again: %d codes", len(none))
		}
		if _, renewed := print(t, s, cast.Admin.ID, store.Printing{Stamp: again.Stamp, Renew: true}); len(renewed) != all-1 || usable(t, s, held) || usable(t, s, codes[cast.Superior.ID]) {
			t.Errorf("renewed: %d codes", len(renewed))
		}
		clock.Advance(store.CodeLife + time.Second)
		if after := plan(t, s, cast.Admin.ID, store.Printing{}); after.Fresh() != all-1 || after.Holding() != 0 {
			t.Errorf("after their time %d and %d", after.Fresh(), after.Holding())
		}
	})
}

func TestAPrintingThatIsMadeAgainIsForTheSamePeopleAndEndsItsFirstCodes(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		what := store.Printing{UnitID: cast.Units["DINKES"].ID, Stamp: plan(t, s, cast.Admin.ID, store.Printing{UnitID: cast.Units["DINKES"].ID}).Stamp}
		_, first := print(t, s, cast.Admin.ID, what)
		_, second := print(t, s, cast.Admin.ID, what)
		if len(first) == 0 || len(first) != len(second) {
			t.Fatalf("%d people, then %d", len(first), len(second))
		}
		for person, code := range first {
			if second[person] == "" || usable(t, s, code) || !usable(t, s, second[person]) {
				t.Errorf("of %d the first code works: %v", person, usable(t, s, code))
			}
		}
		_, other := print(t, s, cast.UnitAdmin.ID, what) // another administrator with the same screen
		later := what
		later.Stamp = plan(t, s, cast.Admin.ID, what).Stamp
		_, next := print(t, s, cast.Admin.ID, later)
		if len(other) != 0 || len(next) != 0 {
			t.Errorf("who holds the code of another printing is printed: %d and %d", len(other), len(next))
		}
		for _, code := range second {
			if !usable(t, s, code) {
				t.Fatal("another printing has ended a code of this one")
			}
		}
	})
}

func TestAnAdministratorPrintsForHisUnitsOnlyAndForNobodyWithARoleBeyondThem(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		health, school := cast.Units["DINKES"].ID, cast.OtherEvaluator
		for _, p := range []store.Printing{{PersonID: school.ID}, {UnitID: school.UnitID}, {UnitID: 999_999}, {PersonID: 999_999}, {Alone: true}} {
			_, planned := s.PlanPrinting(ctx, cast.UnitAdmin.ID, p)
			_, printed := s.PrintInvitations(ctx, cast.UnitAdmin.ID, p)
			if !errors.Is(planned, store.ErrNotFound) || !errors.Is(printed, store.ErrNotFound) {
				t.Errorf("%+v: %v, %v; want not found", p, planned, printed)
			}
		}
		for _, p := range []store.Printing{{}, {PersonID: cast.Employee.ID}, {UnitID: health}} {
			if _, err := s.PrintInvitations(ctx, cast.Evaluator.ID, p); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("who administers nothing prints %+v: %v", p, err)
			}
		}
		inside := plan(t, s, cast.UnitAdmin.ID, store.Printing{}).Fresh()
		if err := s.GrantRole(ctx, 0, cast.Employee.ID, store.Leader, 0); err != nil {
			t.Fatal(err)
		}
		if err := s.GrantRole(ctx, 0, cast.Evaluator.ID, store.Admin, cast.Evaluator.UnitID); err != nil { // within his units
			t.Fatal(err)
		}
		for _, p := range []store.Printing{{}, {UnitID: health}} {
			shown := plan(t, s, cast.UnitAdmin.ID, p)
			_, codes := print(t, s, cast.UnitAdmin.ID, store.Printing{UnitID: p.UnitID, Renew: true})
			if shown.Fresh()+shown.Holding() != inside-1 || shown.Beyond != 1 || len(codes) != inside-1 || codes[cast.Employee.ID] != "" || codes[cast.Evaluator.ID] == "" {
				t.Errorf("%+v: %d and %d planned, %d printed of %d, %d are beyond", p, shown.Fresh(), shown.Holding(), len(codes), inside, shown.Beyond)
			}
		}
		if shown := plan(t, s, cast.UnitAdmin.ID, store.Printing{PersonID: cast.Employee.ID}); shown.Beyond != 1 || shown.Fresh() != 0 {
			t.Errorf("his slip alone: %+v", shown)
		}
		if _, codes := print(t, s, cast.UnitAdmin.ID, store.Printing{PersonID: cast.Employee.ID}); len(codes) != 0 {
			t.Error("a slip lends the role over the city")
		}
		if _, codes := print(t, s, cast.Admin.ID, store.Printing{PersonID: cast.Employee.ID}); len(codes) != 1 {
			t.Error("the administrator of the city may not")
		}
	})
}

func TestOnePersonAlwaysGetsANewCode(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		held := invited(t, s, cast.Employee.ID)
		if shown := plan(t, s, cast.UnitAdmin.ID, store.Printing{PersonID: cast.Employee.ID}); shown.Fresh() != 0 || shown.Holding() != 1 {
			t.Errorf("planned %+v", shown)
		}
		if _, codes := print(t, s, cast.UnitAdmin.ID, store.Printing{PersonID: cast.Employee.ID}); len(codes) != 1 || usable(t, s, held) || !usable(t, s, codes[cast.Employee.ID]) {
			t.Error("his earlier code still works, or the new one does not")
		}
		links(t, s, phone1, invited(t, s, cast.Employee.ID), nil)
		if _, codes := print(t, s, cast.UnitAdmin.ID, store.Printing{PersonID: cast.Employee.ID}); len(codes) != 0 {
			t.Error("who has an account gets a slip")
		}
	})
}

func TestALargePrintingIsDividedByUnits(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		whole := plan(t, s, cast.Admin.ID, store.Printing{})
		if files := whole.Files(false, 1000); len(files) != 1 || files[0].People != len(cast.People) || files[0].UnitID != 0 || files[0].Stamp != whole.Stamp {
			t.Errorf("%+v", files)
		}
		seen := map[int64]bool{}
		for _, limit := range []int{30, 10, 1} {
			clear(seen)
			for _, file := range whole.Files(true, limit) {
				_, codes := print(t, s, cast.Admin.ID, file.Printing)
				if len(codes) != file.People || file.People == 0 || file.People > max(limit, 12) {
					t.Errorf("%d people in a file of %d, limit %d", len(codes), file.People, limit)
				}
				for person := range codes {
					if seen[person] {
						t.Errorf("%d is in two files", person)
					}
					seen[person] = true
				}
			}
			if len(seen) != len(cast.People) {
				t.Errorf("limit %d: %d of %d people are in files", limit, len(seen), len(cast.People))
			}
		}
		if err := s.GrantRole(ctx, 0, cast.UnitAdmin.ID, store.Admin, cast.Employee.UnitID); err != nil { // within the agency that he has
			t.Fatal(err)
		}
		people := 0
		for _, file := range plan(t, s, cast.UnitAdmin.ID, store.Printing{}).Files(true, 1) {
			people += file.People
		}
		if want := plan(t, s, cast.UnitAdmin.ID, store.Printing{}); people != want.Fresh()+want.Holding() {
			t.Errorf("%d people in the files of %d", people, want.Fresh()+want.Holding())
		}
	})
}

func TestEachFileAndEachCodeIsAuditedAndNoCodeIsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		cast, err := sample.City(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		_, codes := print(t, s, cast.UnitAdmin.ID, store.Printing{})
		by := cast.UnitAdmin.ID
		if n := s.CountRows(t, "SELECT COUNT(*) FROM audits WHERE action = 'invitations.print' AND actor_id = ? AND subject = 'unit' AND object_id = 0 AND `after` = ?", by, fmt.Sprint(len(codes))); n != 1 {
			t.Errorf("the file is audited %d times", n)
		}
		if n := s.CountRows(t, "SELECT COUNT(DISTINCT object_id) FROM audits WHERE action = 'invited' AND actor_id = ? AND subject = 'person'", by); n != len(codes) || n == 0 {
			t.Errorf("%d of %d codes are audited", n, len(codes))
		}
		for _, code := range codes {
			if n := s.CountRows(t, "SELECT (SELECT COUNT(*) FROM audits WHERE `after` LIKE ? OR `before` LIKE ?) + (SELECT COUNT(*) FROM invitations WHERE code_hash LIKE ? OR print_key LIKE ?)",
				"%"+code+"%", "%"+code+"%", "%"+code+"%", "%"+code+"%"); n != 0 {
				t.Fatal("a code is stored")
			}
		}
	})
}
