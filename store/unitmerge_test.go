package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kinerja/store"
)

func TestAUnitThatIsMergedLivesOnInAnotherOne(t *testing.T) {
	eachOffice(t, func(o *office) {
		period := o.quarter("Adi", o.units["A"])
		_, err := o.SaveTemplate(ctx, 0, o.units["A"], "A", indicatorsNamed("Pasien", "Obat"))
		o.must(err)
		plan, err := o.merge("Rina", "A", "B", store.MergeChoice{})
		o.must(err)
		if plan.People != 1 || plan.Below != 1 || plan.Administrators != 1 || plan.OpenPeriods != 1 || plan.OpenEvaluations != 1 || plan.Indicators != 2 {
			t.Errorf("the plan was %+v", plan)
		}
		a := o.unit("A")
		if !a.Closed() || *a.MergedInto != o.units["B"] || *a.ParentID != o.units["B"] || a.Name != "Unit A" || !a.ClosedAt.Equal(o.clock.Now()) {
			t.Errorf("the merged unit is %+v", a)
		}
		if adi, err := o.PersonByID(ctx, o.id("Adi")); err != nil || adi.UnitID != o.units["B"] || value(adi.SuperiorID) != o.id("Rina") {
			t.Errorf("its head is %+v, %v", adi, err)
		}
		if below := o.unit("A1"); value(below.ParentID) != o.units["B"] {
			t.Errorf("the unit below it is %+v", below)
		}
		if got := o.roles("Adi"); len(got) != 0 {
			t.Errorf("its administrator still has %v", got)
		}
		// What is open stays as it was pinned, and whoever administers the successor reaches it.
		progress, err := o.UnitsOf(ctx, o.id("Budi"), period.ID)
		if err != nil || !progress.Manages || progress.Of(o.units["A"]).Total != 1 || progress.Of(o.units["A"]).Name != "Unit A" {
			t.Errorf("the period of the merged unit: %+v, %v", progress.Of(o.units["A"]), err)
		}
		if parts := progress.Parts(o.units["B"]); len(parts) != 2 {
			t.Errorf("the progress of the successor has the parts %+v", parts)
		}
		if found := progress.Scope.EverMatching("unit a"); len(found) != 2 {
			t.Errorf("a search where history is shown finds %+v", found)
		}
		// Nothing else offers it.
		for _, offered := range [][]store.Unit{progress.Scope.Choices(), progress.Scope.Parts(o.units["B"]), progress.Scope.Matching("unit")} {
			if slices.ContainsFunc(offered, func(u store.Unit) bool { return u.ID == a.ID }) {
				t.Errorf("it is offered among %+v", offered)
			}
		}
		if own, err := o.OwnTemplates(ctx, o.id("Rina")); err != nil || len(own) != 1 {
			t.Errorf("templates to choose from: %+v, %v", own, err)
		}
		if of, err := o.TemplateOf(ctx, o.id("Budi"), a.ID); err != nil || of.MayChange || len(of.Indicators) != 2 {
			t.Errorf("its own template in history: %+v, %v", of, err)
		}
		// Rina did it; Adi lost it, Budi has it.
		if n := o.news(store.KindUnitMerged); n != 2 {
			t.Errorf("%d administrators were told", n)
		}
		for action, want := range map[string]int{"unit.merge": 1, "unit.takeover": 1, "unit.move": 1, "role.revoke": 1, "person.merge": 1} {
			if n := o.audits(action); n != want {
				t.Errorf("%d audits of %s, want %d", n, action, want)
			}
		}
	})
}

func TestAMergedUnitTakesNothingNew(t *testing.T) {
	eachOffice(t, func(o *office) {
		_, err := o.merge("Rina", "A", "B", store.MergeChoice{})
		o.must(err)
		a := o.units["A"]
		o.expect("a role", o.GrantRole(ctx, 0, o.id("Ayu"), store.Leader, a), store.ErrNotFound)
		ayu, err := o.PersonByID(ctx, o.id("Ayu"))
		o.must(err)
		_, err = o.MovePerson(ctx, o.id("Rina"), ayu.ID, ayu.UnitID, a)
		o.expect("a person who moves", err, store.ErrNotFound)
		_, err = o.NewPerson(ctx, o.id("Rina"), store.PersonEntry{NIP: "199001012015051009", Name: "Gita"}, a, "")
		o.expect("a new person", err, store.ErrNotFound)
		_, err = o.OpenPeriod(ctx, o.id("Rina"), store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-12-01", LastDay: "2026-12-31", UnitID: a}, store.Place{})
		o.expect("a period", err, store.ErrNotFound)
		_, err = o.SaveTemplate(ctx, 0, a, "A", indicatorsNamed("Baru"))
		o.expect("a template", err, store.ErrNotFound)
		_, err = o.CreateUnit(ctx, o.id("Rina"), a, "NEW", "Unit baru")
		o.expect("a unit below it", err, store.ErrNotFound)
		_, err = o.CreateUnit(ctx, o.id("Rina"), o.units["R"], "a", "Unit baru")
		o.expect("its code", err, store.ErrUnitExists)
		_, err = o.MoveUnit(ctx, o.id("Rina"), a, o.units["R"], "")
		o.expect("moving it", err, store.ErrUnitClosed)
		_, err = o.MoveUnit(ctx, o.id("Rina"), o.units["A1"], a, "")
		o.expect("moving below it", err, store.ErrUnitClosed)
		_, err = o.merge("Rina", "A1", "A", store.MergeChoice{})
		o.expect("merging into it", err, store.ErrUnitClosed)
		o.expect("renaming it", o.RenameUnit(ctx, o.id("Rina"), a, "Lain", "s00000000"), store.ErrUnitClosed)
		plan, err := o.MergeUnit(ctx, o.id("Rina"), a, o.units["B"], store.MergeChoice{}, "s00000000")
		if err != nil || !plan.Done || o.audits("unit.merge") != 1 {
			t.Errorf("merging it again: %+v, %v", plan, err)
		}
	})
}

func TestARosterThatNamesAMergedUnitMeansItsSuccessor(t *testing.T) {
	eachOffice(t, func(o *office) {
		_, err := o.merge("Rina", "A", "B", store.MergeChoice{})
		o.must(err)
		_, err = o.merge("Rina", "B", "R", store.MergeChoice{})
		o.must(err)
		if unit, err := o.UnitByCode(ctx, "a"); err != nil || unit.Code != "R" {
			t.Errorf("A is %+v, %v", unit, err)
		}
		if merged, err := o.MergedUnits(ctx); err != nil || len(merged) != 2 || merged["A"] != "R" || merged["B"] != "R" {
			t.Errorf("merged: %v, %v", merged, err)
		}
		before := o.unit("A")
		changes, err := o.SaveUnits(ctx, 0, []store.UnitEntry{{"A", "Nama lama", ""}, {"R", "Root", "A"}, {"C", "Unit C", "A"}, {"A1", "Unit A1", "A"}})
		if err != nil || changes.New != 1 || changes.Changed != 0 || o.unit("A").Name != before.Name {
			t.Errorf("saved units: %+v, %v, A is %+v", changes, err, o.unit("A"))
		}
		for _, code := range []string{"C", "A1"} {
			if unit, err := o.UnitByCode(ctx, code); err != nil || value(unit.ParentID) != o.units["R"] {
				t.Errorf("%s is %+v, %v", code, unit, err)
			}
		}
		_, err = o.SavePeople(ctx, 0, []store.PersonEntry{{NIP: "198609262015051004", Name: "Cici", UnitCode: "b", Roles: []store.RoleEntry{{Role: store.Leader}}}})
		o.must(err)
		cici, err := o.PersonByNIP(ctx, "198609262015051004")
		if err != nil || cici.UnitID != o.units["R"] {
			t.Errorf("Cici is %+v, %v", cici, err)
		}
		units, people, err := o.Roster(ctx)
		if err != nil || len(units) != 3 || slices.ContainsFunc(people, func(p store.PersonEntry) bool { return p.UnitCode == "A" || p.UnitCode == "B" }) {
			t.Errorf("the roster is %+v, %+v, %v", units, people, err)
		}
	})
}

func TestRolesAndIndicatorsFollowWhenTheAdministratorSaysSo(t *testing.T) {
	eachOffice(t, func(o *office) {
		_, err := o.SaveTemplate(ctx, 0, o.units["A"], "A", indicatorsNamed("Pasien", "Obat"))
		o.must(err)
		o.must(o.GrantRole(ctx, 0, o.id("Budi"), store.Leader, o.units["A"]))
		o.must(o.GrantRole(ctx, 0, o.id("Rina"), store.Leader, o.units["A"]))
		o.must(o.GrantRole(ctx, 0, o.id("Ayu"), store.Leader, o.units["A1"]))
		_, err = o.merge("Rina", "A", "B", store.MergeChoice{RolesFollow: true, TakeTemplate: true})
		o.must(err)
		b := o.units["B"]
		for name, want := range map[string][]string{"Adi": {fmt.Sprint("admin ", b)}, "Budi": {fmt.Sprint("admin ", b), fmt.Sprint("leader ", b)},
			"Rina": {"admin 0"}, "Ayu": {fmt.Sprint("leader ", o.units["A1"])}} {
			if got := o.roles(name); !slices.Equal(got, want) {
				t.Errorf("%s has %v, want %v", name, got, want)
			}
		}
		of, err := o.TemplateOf(ctx, o.id("Budi"), b)
		if err != nil || !of.Own() || len(of.Indicators) != 2 || of.ChangedBy != "Rina" {
			t.Errorf("the successor has %+v, %v", of, err)
		}
		if n := o.audits("role.move"); n != 2 {
			t.Errorf("%d roles moved in the audit", n)
		}
	})
}

// A merge is one transaction: so it must be short where a whole city goes into one unit.
func TestTwentyThousandPeopleAreMergedInAMoment(t *testing.T) {
	if testing.Short() {
		t.Skip("20,000 people take a while to be written")
	}
	eachOffice(t, func(o *office) {
		var rows []string
		for n := range 20_000 {
			rows = append(rows, fmt.Sprintf("('2%017d', 'Orang', '', '', '', %d, '', 1, '2026-01-01', '2026-01-01')", n, o.units["A"]))
		}
		for chunk := range slices.Chunk(rows, 1000) {
			o.Change(t, "INSERT INTO people (nip, name, position, position_kind, grade, unit_id, phone, active, created_at, updated_at) VALUES "+strings.Join(chunk, ","))
		}
		began := time.Now()
		plan, err := o.merge("Rina", "A", "B", store.MergeChoice{})
		o.must(err)
		took := time.Since(began)
		t.Logf("%d people in %s", plan.People, took)
		if plan.People != 20_001 || o.audits("person.merge") != 20_001 || o.CountRows(t, "SELECT COUNT(*) FROM people WHERE unit_id = ?", o.units["A"]) != 0 {
			t.Errorf("%+v", plan)
		}
		if took.Seconds() > 10 { // 1 s on a machine with nothing else to do
			t.Errorf("it took %s", took)
		}
	})
}
