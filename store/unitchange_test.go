package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"kinerja/store"
	"kinerja/store/storetest"
)

// office is a town whose units change: R holds A (with A1 below) and B. Rina administers the city, Budi unit B, Adi unit A.
type office struct {
	*store.Store
	t      *testing.T
	clock  *storetest.Clock
	units  map[string]int64
	people map[string]store.Person
}

func eachOffice(t *testing.T, test func(o *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		o := &office{Store: s, t: t, clock: clock}
		o.units, o.people = town(t, s)
		for name, unit := range map[string]int64{"Rina": 0, "Adi": o.units["A"], "Budi": o.units["B"]} {
			o.must(s.GrantRole(ctx, 0, o.people[name].ID, store.Admin, unit))
		}
		_, err := s.SaveTemplate(ctx, 0, 0, "Kota", indicatorsNamed("Tugas"))
		o.must(err)
		test(o)
	})
}

func indicatorsNamed(names ...string) (list []store.Indicator) {
	for _, name := range names {
		list = append(list, store.Indicator{Aspect: store.Capaian, Name: name})
	}
	return list
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) expect(what string, got, want error) {
	o.t.Helper()
	if !errors.Is(got, want) {
		o.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (o *office) id(name string) int64 { return o.people[name].ID }

func (o *office) unit(code string) store.Unit {
	o.t.Helper()
	unit, err := o.UnitByID(ctx, o.units[code])
	o.must(err)
	return unit
}

func (o *office) roles(name string) (list []string) {
	o.t.Helper()
	roles, err := o.Roles(ctx, o.id(name))
	o.must(err)
	for _, r := range roles {
		list = append(list, r.String())
	}
	slices.Sort(list)
	return list
}

func (o *office) quarter(by string, unit int64) store.Period {
	o.t.Helper()
	now := o.clock.Now()
	p, err := o.OpenPeriodNow(ctx, o.id(by), store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", UnitID: unit,
		SelfReportDue: now.AddDate(0, 0, 1), ScoringDue: now.AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	o.must(err)
	return p
}

func (o *office) merge(by, from, into string, choice store.MergeChoice) (store.UnitMerge, error) {
	o.t.Helper()
	plan, err := o.PlanUnitMerge(ctx, o.id(by), o.units[from], o.units[into])
	if err != nil {
		return plan, err
	}
	return o.MergeUnit(ctx, o.id(by), o.units[from], o.units[into], choice, plan.Seen())
}

func (o *office) news(kind string) int {
	o.t.Helper()
	return o.CountRows(o.t, "SELECT COUNT(*) FROM notifications WHERE kind = ?", kind)
}

func (o *office) audits(action string) int {
	o.t.Helper()
	return o.CountRows(o.t, "SELECT COUNT(*) FROM audits WHERE action = ?", action)
}

func value(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}

func TestOnlyWhoCoversBothUnitsAndWhatHoldsThemMergesOrMovesThem(t *testing.T) {
	eachOffice(t, func(o *office) {
		for name, c := range map[string]struct {
			by, from, into string
			want           error
		}{
			"a unit of others":                 {"Budi", "A", "B", store.ErrNotFound},
			"into a unit of others":            {"Adi", "A1", "B", store.ErrNotFound},
			"somebody who administers nothing": {"Ayu", "A", "B", store.ErrNotFound},
			"into itself":                      {"Rina", "A", "A", store.ErrUnitCircle},
			"into what is below it":            {"Rina", "A", "A1", store.ErrUnitCircle},
		} {
			_, err := o.merge(c.by, c.from, c.into, store.MergeChoice{})
			o.expect("merge "+name, err, c.want)
			_, err = o.MoveUnit(ctx, o.id(c.by), o.units[c.from], o.units[c.into], "")
			o.expect("move "+name, err, c.want)
		}
		// His role names A, and B too: neither may leave whoever is above.
		o.must(o.GrantRole(ctx, 0, o.id("Adi"), store.Admin, o.units["B"]))
		_, err := o.merge("Adi", "A", "B", store.MergeChoice{})
		o.expect("merge his own", err, store.ErrUnitOwn)
		_, err = o.MoveUnit(ctx, o.id("Adi"), o.units["A"], o.units["B"], "")
		o.expect("move his own", err, store.ErrUnitOwn)
		_, err = o.MoveUnit(ctx, o.id("Adi"), o.units["A1"], 0, "")
		o.expect("move to the top", err, store.ErrNotFound)
		_, err = o.MoveUnit(ctx, o.id("Adi"), o.units["A1"], 999999, "")
		o.expect("move below nothing", err, store.ErrNotFound)
		_, err = o.MoveUnit(ctx, 0, o.units["A1"], o.units["B"], "")
		o.expect("move by a stranger", err, store.ErrNotFound)
		if _, err := o.MoveUnit(ctx, o.id("Adi"), o.units["A1"], o.units["B"], ""); err != nil {
			t.Errorf("move what is below his own: %v", err)
		}
		if _, err := o.merge("Adi", "A1", "A", store.MergeChoice{}); err != nil {
			t.Errorf("merge what is below his own: %v", err)
		}
	})
}

func TestAMergeThatIsNotWhatWasShownChangesNothing(t *testing.T) {
	eachOffice(t, func(o *office) {
		plan, err := o.PlanUnitMerge(ctx, o.id("Rina"), o.units["A"], o.units["B"])
		o.must(err)
		_, err = o.SavePeople(ctx, 0, []store.PersonEntry{{NIP: "198609262015051004", Name: "Cici", UnitCode: "A"}})
		o.must(err)
		_, err = o.MergeUnit(ctx, o.id("Rina"), o.units["A"], o.units["B"], store.MergeChoice{}, plan.Seen())
		o.expect("merge", err, store.ErrUnitChanged)
		move, err := o.PlanUnitMove(ctx, o.id("Rina"), o.units["A1"], o.units["B"])
		o.must(err)
		o.must(o.RenameUnit(ctx, o.id("Rina"), o.units["A1"], "Unit lain", o.view("A1").Seen()))
		_, err = o.MoveUnit(ctx, o.id("Rina"), o.units["A1"], o.units["B"], move.Seen())
		o.expect("move", err, store.ErrUnitChanged)
		if o.unit("A").Closed() || value(o.unit("A1").ParentID) != o.units["A"] {
			t.Error("it was done")
		}
	})
}

func (o *office) view(code string) store.UnitView {
	o.t.Helper()
	view, err := o.UnitFor(ctx, o.id("Rina"), o.units[code])
	o.must(err)
	return view
}

func TestAPeriodThatIsBeingOpenedKeepsItsPeople(t *testing.T) {
	eachOffice(t, func(o *office) {
		form := store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-12-01", LastDay: "2026-12-31", UnitID: o.units["A"],
			SelfReportDue: o.clock.Now(), ScoringDue: o.clock.Now(), Release: store.ReleaseAtOnce}
		_, err := o.OpenPeriod(ctx, o.id("Rina"), form, store.Place{})
		o.must(err)
		_, err = o.merge("Rina", "A", "B", store.MergeChoice{})
		o.expect("merge", err, store.ErrUnitOpening)
		if _, err := o.merge("Rina", "A1", "A", store.MergeChoice{}); err != nil {
			t.Errorf("within the period: %v", err)
		}
	})
}

func TestAUnitIsMadeNamedAndMovedOnce(t *testing.T) {
	eachOffice(t, func(o *office) {
		for range 2 {
			unit, err := o.CreateUnit(ctx, o.id("Budi"), o.units["B"], " b1 ", "Seksi Satu")
			if err != nil || unit.Code != "B1" || value(unit.ParentID) != o.units["B"] {
				t.Fatalf("made %+v, %v", unit, err)
			}
			o.units["B1"] = unit.ID
		}
		_, err := o.CreateUnit(ctx, o.id("Budi"), o.units["B"], "B1", "Seksi Dua")
		o.expect("another unit of the code", err, store.ErrUnitExists)
		_, err = o.CreateUnit(ctx, o.id("Budi"), o.units["A"], "B2", "Seksi Dua")
		o.expect("below another's unit", err, store.ErrNotFound)
		_, err = o.CreateUnit(ctx, o.id("Budi"), 0, "B2", "Dinas")
		o.expect("at the top", err, store.ErrNotFound)
		seen := o.view("B1").Seen()
		for range 2 {
			o.must(o.RenameUnit(ctx, o.id("Budi"), o.units["B1"], "Seksi Pertama", seen))
		}
		o.expect("rename what was renamed", o.RenameUnit(ctx, o.id("Rina"), o.units["B1"], "Seksi 1", seen), store.ErrUnitChanged)
		o.expect("rename another's", o.RenameUnit(ctx, o.id("Adi"), o.units["B1"], "Seksi 1", o.view("B1").Seen()), store.ErrNotFound)
		for try := range 2 {
			plan, err := o.MoveUnit(ctx, o.id("Rina"), o.units["B1"], o.units["A"], "")
			if err != nil || plan.Done != (try == 1) {
				t.Errorf("moved %+v, %v", plan, err)
			}
		}
		// Adi has it, Budi has it no more; Rina did it.
		if n := o.news(store.KindUnitMoved); n != 2 {
			t.Errorf("%d administrators were told", n)
		}
		for action, want := range map[string]int{"unit.rename": 1, "unit.move": 1} {
			if n := o.audits(action); n != want {
				t.Errorf("%d audits of %s, want %d", n, action, want)
			}
		}
	})
}

// Whoever moves A below B, and B below A, at the same moment: one of them is told that it cannot be.
func TestTwoMovesThatWouldMakeACircleComeOneAfterTheOther(t *testing.T) {
	eachOffice(t, func(o *office) {
		for range 10 {
			var all sync.WaitGroup
			errs := make([]error, 2)
			start := make(chan struct{})
			for n, pair := range [][2]string{{"A", "B"}, {"B", "A"}} {
				all.Go(func() {
					<-start
					_, errs[n] = o.MoveUnit(ctx, o.id("Rina"), o.units[pair[0]], o.units[pair[1]], "")
				})
			}
			close(start)
			all.Wait()
			refused := 0
			for _, err := range errs {
				if err != nil {
					o.expect("the later", err, store.ErrUnitCircle)
					refused++
				}
			}
			below, err := o.Subtree(ctx, o.units["R"])
			if refused != 1 || err != nil || len(below) != 4 {
				t.Fatalf("%v: below the root are %v, %v", errs, below, err)
			}
			for _, code := range []string{"A", "B"} {
				_, err := o.MoveUnit(ctx, o.id("Rina"), o.units[code], o.units["R"], "")
				o.must(err)
			}
		}
	})
}

func TestNobodyComesToAUnitThatIsMergedAtThatMoment(t *testing.T) {
	eachOffice(t, func(o *office) {
		var all sync.WaitGroup
		start := make(chan struct{})
		do := func(what string, work func() error) {
			all.Go(func() {
				<-start
				if err := work(); err != nil && !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s: %v", what, err)
				}
			})
		}
		do("merge", func() error {
			_, err := o.MergeUnit(ctx, o.id("Rina"), o.units["A"], o.units["B"], store.MergeChoice{}, "")
			return err
		})
		for n := range 4 {
			do("person", func() error {
				_, err := o.SavePeople(ctx, 0, []store.PersonEntry{{NIP: fmt.Sprintf("19860926201505110%d", n), Name: "Orang", UnitCode: "A"}})
				return err
			})
			do("unit", func() error {
				_, err := o.CreateUnit(ctx, store.Operator, o.units["A"], fmt.Sprint("N", n), "Baru")
				return err
			})
		}
		do("role", func() error { return o.GrantRole(ctx, 0, o.id("Ayu"), store.Leader, o.units["A"]) })
		close(start)
		all.Wait()
		for what, query := range map[string]string{
			"people": "SELECT COUNT(*) FROM people WHERE unit_id = ?", "roles": "SELECT COUNT(*) FROM person_roles WHERE unit_id = ?",
			"units": "SELECT COUNT(*) FROM units WHERE parent_id = ?", "": "SELECT COUNT(*) FROM units WHERE closed_at IS NULL AND id = ?",
		} {
			if n := o.CountRows(t, query, o.units["A"]); n != 0 {
				t.Errorf("%d %s stayed with the merged unit", n, what)
			}
		}
	})
}

// Whatever is moved and merged, in whatever order: no circle, nobody in a closed unit, and each closed unit leads to one that is not.
func TestAnyOrderOfMovesAndMergesLeavesATree(t *testing.T) {
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	_, _ = town(t, s)
	rapid.Check(t, func(t *rapid.T) {
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			units, err := s.Units(ctx)
			if err != nil {
				t.Fatal(err)
			}
			pick := func(label string) int64 { return units[rapid.IntRange(0, len(units)-1).Draw(t, label)].ID }
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				_, err = s.MergeUnit(ctx, store.Operator, pick("from"), pick("into"), store.MergeChoice{}, "")
			case 1:
				_, err = s.CreateUnit(ctx, store.Operator, pick("below"), fmt.Sprint("U", len(units)), "Unit")
			default:
				_, err = s.MoveUnit(ctx, store.Operator, pick("unit"), pick("below"), "")
			}
			if err != nil && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
		}
		holds(t, s)
	})
}

func holds(t *rapid.T, s *store.Store) {
	tree, err := s.UnitTree(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range tree.Below(0) {
		unit, _ := tree.Unit(id)
		people, err := s.PeopleOfUnits(ctx, []int64{id})
		if err != nil {
			t.Fatal(err)
		}
		living, _ := tree.Unit(tree.Successor(id))
		if unit.Closed() && len(people) > 0 || living.Closed() || unit.Closed() && !slices.Contains(tree.Above(id), living.ID) {
			t.Fatalf("%+v has %d people and lives on in %+v", unit, len(people), living)
		}
	}
	all, err := s.Units(ctx)
	if err != nil || len(all) != len(tree.Below(0)) {
		t.Fatalf("%d of %d units hang together, %v", len(tree.Below(0)), len(all), err)
	}
}
