package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"kinerja/store"
)

// planned is a change that adds a result in words.
func planned(plan string) store.PersonalChange {
	return func(list []store.Indicator, instead bool) ([]store.Indicator, bool, error) {
		return append(list, store.Indicator{Aspect: store.Capaian, Plan: plan}), instead, nil
	}
}

func (d *desk) own() store.Personal {
	d.t.Helper()
	own, err := d.PersonalFor(ctx, d.boss, d.worker)
	d.must("read what he has of his own", err)
	return own
}

// plans adds a result of his own to what the worker has now.
func (d *desk) plans(plan string) store.Personal {
	d.t.Helper()
	own, err := d.ChangePersonal(ctx, d.boss, d.worker, d.own().VersionID, planned(plan))
	d.must("plan", err)
	return own
}

func (d *desk) setInstead() {
	d.t.Helper()
	_, err := d.ChangePersonal(ctx, d.boss, d.worker, d.own().VersionID, func(list []store.Indicator, _ bool) ([]store.Indicator, bool, error) { return list, true, nil })
	d.must("take their place", err)
}

// results are the names of the work results of a sheet.
func results(list []store.Indicator) []string {
	var names []string
	for _, i := range list {
		if i.Aspect == store.Capaian {
			names = append(names, i.Name)
		}
	}
	return names
}

func TestOwnResultsCountFromTheNextOpeningOn(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		before := d.sheet().Indicators
		d.plans("Posyandu aktif")
		if !slices.Equal(d.sheet().Indicators, before) {
			d.t.Error("an open evaluation has changed by itself")
		}
		year := d.open(store.PeriodForm{Kind: store.Annual, FirstDay: "2026-01-01", LastDay: "2026-12-31", Release: store.ReleaseAtOnce})
		d.id = d.evaluationIn(year.ID)
		beside := d.sheet()
		if got := results(beside.Indicators); got[0] != "Posyandu aktif" || len(beside.Indicators) != len(before)+1 {
			d.t.Errorf("beside those of the unit he has %v", got)
		}
		d.setInstead()
		d.plans("Laporan tepat waktu")
		month := d.open(store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-12-01", LastDay: "2026-12-31", Release: store.ReleaseAtOnce})
		if !slices.Equal(d.sheet().Indicators, beside.Indicators) {
			d.t.Error("a later version has changed the year")
		}
		d.id = d.evaluationIn(month.ID)
		if got := results(d.sheet().Indicators); !slices.Equal(got, []string{"Posyandu aktif", "Laporan tepat waktu"}) {
			d.t.Errorf("instead of those of the unit he has %v", got)
		}
		for n, i := range d.sheet().Indicators {
			if i.Ordinal != n+1 {
				d.t.Errorf("indicator %d has number %d", n+1, i.Ordinal)
			}
		}
		if n := len(d.sheet().Indicators) - 2; n != len(before)-3 {
			d.t.Errorf("%d of attitude and behaviour, the unit has %d", n, len(before)-3)
		}
		d.rateRest()
		if r := d.finalise(); r.Predicate != store.Good {
			d.t.Errorf("the result is %s", r.Predicate)
		}
		// Who has the same as at the opening before uses the same list.
		lists := d.CountRows(d.t, "SELECT COUNT(*) FROM template_versions WHERE template_id < 0")
		d.open(store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-11-01", LastDay: "2026-11-30", Release: store.ReleaseAtOnce})
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM template_versions WHERE template_id < 0"); n != lists || lists != 2 {
			d.t.Errorf("%d lists, before the last opening %d", n, lists)
		}
	})
}

func TestAnOpenEvaluationTakesThemOverWhileNothingIsSaidInIt(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		unit := d.sheet().TemplateVersionID
		seen := d.plans("Posyandu aktif").VersionID
		other := d.evaluationOf(d.otherOf(d.worker))
		d.expect("an older version", d.TakePersonal(ctx, d.boss, d.worker, seen-1, d.id), store.ErrTemplateChanged)
		d.expect("another's evaluation", d.TakePersonal(ctx, d.boss, d.worker, seen, other), store.ErrNotFound)
		d.expect("by somebody else", d.TakePersonal(ctx, d.cast.OtherEvaluator.ID, d.worker, seen, d.id), store.ErrNotFound)
		d.must("take", d.TakePersonal(ctx, d.boss, d.worker, seen, d.id))
		d.must("take twice", d.TakePersonal(ctx, d.boss, d.worker, seen, d.id))
		if got := results(d.sheet().Indicators); got[0] != "Posyandu aktif" || d.audits("personal.take") != 1 {
			d.t.Errorf("it has %v", got)
		}
		openings, err := d.PersonalOpenings(ctx, d.boss, d.own())
		if err != nil || len(openings) != 1 || !openings[0].Counts || openings[0].Begun {
			d.t.Errorf("the openings are %+v, %v", openings, err)
		}
		d.rate(0, store.Meets)
		seen = d.plans("Laporan tepat waktu").VersionID
		d.expect("after a rating", d.TakePersonal(ctx, d.boss, d.worker, seen, d.id), store.ErrRated)
		if openings, err = d.PersonalOpenings(ctx, d.boss, d.own()); err != nil || openings[0].Counts || !openings[0].Begun {
			d.t.Errorf("after a rating the openings are %+v, %v", openings, err)
		}
		d.rateRest()
		d.finalise()
		d.expect("a final one", d.TakePersonal(ctx, d.boss, d.worker, seen, d.id), store.ErrFinal)

		// Without any he is evaluated by those of the unit again.
		d.worker = d.otherOf(d.worker)
		d.id = other
		d.must("take", d.TakePersonal(ctx, d.boss, d.worker, d.plans("Posyandu aktif").VersionID, d.id))
		none, err := d.ChangePersonal(ctx, d.boss, d.worker, d.own().VersionID, func([]store.Indicator, bool) ([]store.Indicator, bool, error) { return nil, false, nil })
		d.must("remove all", err)
		d.must("take none", d.TakePersonal(ctx, d.boss, d.worker, none.VersionID, d.id))
		if d.sheet().TemplateVersionID != unit {
			d.t.Error("he is not evaluated by those of the unit again")
		}
	})
}

// otherOf is somebody else in the team.
func (d *desk) otherOf(worker int64) int64 {
	d.t.Helper()
	team, err := d.Team(ctx, d.boss)
	d.must("read team", err)
	for _, m := range team {
		if m.EmployeeID != worker {
			return m.EmployeeID
		}
	}
	d.t.Fatal("there is nobody else")
	return 0
}

func (d *desk) evaluationOf(worker int64) int64 {
	d.t.Helper()
	was := d.worker
	defer func() { d.worker = was }()
	d.worker = worker
	return d.evaluationIn(d.period.ID)
}

func TestAPersonReadsInWhichRunningEvaluationsHisOwnResultsCount(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		reads := func(when string, counts ...bool) {
			d.t.Helper()
			own, err := d.PersonalOf(ctx, d.worker)
			d.must("read his own", err)
			openings, err := d.PersonalOpeningsOf(ctx, own)
			d.must("read openings", err)
			var found []bool
			for _, o := range openings {
				found = append(found, o.Counts)
			}
			if !slices.Equal(found, counts) {
				d.t.Errorf("%s he reads %v, want %v", when, found, counts)
			}
		}
		reads("with none of his own", true)
		seen := d.plans("Posyandu aktif").VersionID
		reads("with one that came later", false)
		d.must("take", d.TakePersonal(ctx, d.boss, d.worker, seen, d.id))
		reads("once it is taken", true)
		d.rateRest()
		d.finalise()
		reads("once it is set", true)
		d.plans("Laporan")
		reads("with another one after that", false)
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		reads("with no open period")
	})
}

func TestOwnResultsAreCopiedFromWhoHasSome(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		other := d.otherOf(d.worker)
		sources := func(of int64, offset int) (people []int64, total int) {
			d.t.Helper()
			lines, total, err := d.PersonalSources(ctx, d.boss, of, offset, 1)
			d.must("list sources", err)
			for _, l := range lines {
				people = append(people, l.PersonID)
			}
			return people, total
		}
		if people, total := sources(other, 0); total != 0 || people != nil {
			d.t.Errorf("%v of %d have some", people, total)
		}
		d.plans("Posyandu aktif")
		if people, total := sources(other, 0); total != 1 || !slices.Equal(people, []int64{d.worker}) {
			d.t.Errorf("%v of %d have some, it is %d", people, total, d.worker)
		}
		if people, total := sources(d.worker, 0); total != 0 || people != nil {
			d.t.Errorf("he copies from %v of %d, and is the only one", people, total)
		}
		_, err := d.ChangePersonal(ctx, d.boss, d.worker, d.own().VersionID, func([]store.Indicator, bool) ([]store.Indicator, bool, error) { return nil, false, nil })
		d.must("remove all", err)
		if people, total := sources(other, 0); total != 0 || people != nil {
			d.t.Errorf("%v of %d have none any more", people, total)
		}
		_, _, err = d.PersonalSources(ctx, d.cast.OtherEvaluator.ID, d.worker, 0, 1)
		d.expect("for somebody else's people", err, store.ErrNotFound)
	})
}

func TestWhatOfTheUnitHasNoRoomIsNamed(t *testing.T) {
	var unit, own []store.Indicator
	for n := range 25 {
		unit = append(unit, store.Indicator{Aspect: store.Capaian, Name: fmt.Sprint("unit ", n)})
		own = append(own, store.Indicator{Aspect: store.Capaian, Name: fmt.Sprint("own ", n)})
	}
	unit = append(unit, store.Indicator{Aspect: store.Sikap, Name: "Disiplin"})
	p := store.Personal{Unit: unit, Results: own}
	var left []string
	for _, i := range p.LeftOut() {
		left = append(left, i.Name)
	}
	if len(p.Merged()) != store.MaxIndicators || len(left) != 11 || left[0] != "unit 14" || left[10] != "unit 24" {
		t.Errorf("of %d, %v are left out", len(p.Merged()), left)
	}
	p.Instead = true
	if n := len(p.LeftOut()); n != 0 {
		t.Errorf("%d are left out where his own take their place", n)
	}
	p.Results = nil
	if n := len(p.LeftOut()); n != 0 {
		t.Errorf("%d are left out where he has none", n)
	}
}

func TestOnlyHisEvaluatorOfNowReadsAndChangesWhatAPersonHas(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		seen := d.plans("Posyandu aktif").VersionID
		for who, id := range map[string]int64{"the administrator": d.cast.Admin.ID, "another evaluator": d.cast.OtherEvaluator.ID, "the superior": d.cast.Superior.ID, "he himself": d.worker, "nobody": 0} {
			_, err := d.PersonalFor(ctx, id, d.worker)
			d.expect(who+" reads", err, store.ErrNotFound)
			_, err = d.ChangePersonal(ctx, id, d.worker, seen, planned("Lain"))
			d.expect(who+" changes", err, store.ErrNotFound)
			_, _, err = d.PersonalHistory(ctx, id, d.worker, 0, 5)
			d.expect(who+" reads the history", err, store.ErrNotFound)
		}
		if n, err := d.PersonalCount(ctx, d.cast.UnitAdmin.ID, d.cast.Units["DINKES"].ID); err != nil || n != 1 {
			d.t.Errorf("the administrator is told of %d, %v", n, err)
		}
		_, err := d.PersonalCount(ctx, d.cast.UnitAdmin.ID, d.cast.Units["SDN-05"].ID)
		d.expect("another agency's", err, store.ErrNotFound)
		if own, err := d.PersonalOf(ctx, d.worker); err != nil || len(own.Results) != 1 {
			d.t.Errorf("he himself reads %+v, %v", own, err)
		}
		d.Change(d.t, "UPDATE people SET superior_id = ? WHERE id = ?", d.cast.OtherEvaluator.ID, d.worker)
		_, err = d.PersonalFor(ctx, d.boss, d.worker)
		d.expect("who was his evaluator", err, store.ErrNotFound)
		if _, err := d.PersonalFor(ctx, d.cast.OtherEvaluator.ID, d.worker); err != nil {
			d.t.Errorf("his evaluator of now: %v", err)
		}
	})
}

func TestChangesOfOwnResultsMeetOnTheVersionThatWasSeenAndAreToldOnce(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		first := d.plans("Posyandu aktif")
		again, err := d.ChangePersonal(ctx, d.boss, d.worker, 0, planned("Posyandu aktif"))
		if err != nil || again.VersionID != first.VersionID {
			d.t.Errorf("the same tap again: version %d, %v", again.VersionID, err)
		}
		_, err = d.ChangePersonal(ctx, d.boss, d.worker, 0, planned("Laporan"))
		d.expect("from a screen before", err, store.ErrTemplateChanged)
		d.plans("Laporan")
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM notifications WHERE kind = ? AND person_id = ?", store.KindPersonalChanged, d.worker); n != 1 {
			d.t.Errorf("%d notifications", n)
		}
		history, total, err := d.PersonalHistory(ctx, d.boss, d.worker, 0, 1)
		if err != nil || total != 2 || len(history) != 1 || history[0].By != d.cast.Evaluator.Name || history[0].Before == nil || len(history[0].Before.Results) != 1 {
			d.t.Errorf("the history is %+v, %d, %v", history, total, err)
		}
		_, err = d.ChangePersonal(ctx, d.boss, d.worker, d.own().VersionID, func(list []store.Indicator, instead bool) ([]store.Indicator, bool, error) {
			for n := range store.MaxIndicators {
				list = append(list, store.Indicator{Aspect: store.Capaian, Name: fmt.Sprint(n)})
			}
			return list, instead, nil
		})
		d.expect("more than fit", err, store.ErrTooManyIndicators)

		seen, errs := d.own().VersionID, make([]error, 4)
		var all sync.WaitGroup
		for n := range errs {
			all.Go(func() {
				_, errs[n] = d.ChangePersonal(ctx, d.boss, d.worker, seen, planned(fmt.Sprintf("Tambahan %d", n)))
			})
		}
		all.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else if !errors.Is(err, store.ErrTemplateChanged) {
				d.t.Errorf("at once: %v", err)
			}
		}
		if own := d.own(); done != 1 || len(own.Results) != 3 {
			d.t.Errorf("of four changes of one version %d were made, and there are %d", done, len(own.Results))
		}
	})
}

func TestAFileIsImportedWholeOrNotAtAll(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		entry := func(nip string, plans ...string) store.PersonalEntry {
			e := store.PersonalEntry{NIP: nip, Instead: true}
			for _, plan := range plans {
				e.Results = append(e.Results, store.Indicator{Aspect: store.Capaian, Plan: plan})
			}
			return e
		}
		mine := d.cast.Employee.NIP
		_, err := d.ImportPersonal(ctx, 0, []store.PersonalEntry{entry(mine, "A"), entry("199901012020011001", "B")})
		d.expect("a stranger", err, store.ErrNotFound)
		var many []string
		for n := range store.MaxIndicators {
			many = append(many, fmt.Sprint("hasil ", n))
		}
		var tooMany store.PersonalTooMany
		if _, err := d.ImportPersonal(ctx, 0, []store.PersonalEntry{entry(mine, "A"), entry(d.cast.Newcomer.NIP, many...)}); !errors.As(err, &tooMany) || tooMany.NIPs[0] != d.cast.Newcomer.NIP {
			d.t.Errorf("too many: %v", err)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM personal_versions"); n != 0 {
			d.t.Fatalf("%d versions of a file that was refused", n)
		}
		for n, want := range []int{2, 0} {
			changed, err := d.ImportPersonal(ctx, 0, []store.PersonalEntry{entry(mine, "A", "B"), entry(d.cast.Newcomer.NIP, "C")})
			if err != nil || changed != want {
				d.t.Errorf("import %d changed %d, %v", n+1, changed, err)
			}
		}
		entries, err := d.PersonalEntries(ctx, 0)
		if err != nil || len(entries) != 2 || !entries[0].Instead {
			d.t.Errorf("the export has %+v, %v", entries, err)
		}
	})
}

func TestWhatSomebodyHadOfHisOwnGoesOnceNobodyIsEvaluatedByIt(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		keep := store.Retention{Records: fiveYear, Traces: 90 * aDay}
		d.must("take", d.TakePersonal(ctx, d.boss, d.worker, d.plans("Posyandu aktif").VersionID, d.id))
		d.plans("Laporan")
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		d.clock.Advance(fiveYear + 90*aDay)
		for night := range 3 {
			would, err := d.Prunable(ctx, keep)
			d.must("count", err)
			gone, err := d.Prune(ctx, keep, atAnyTime)
			d.must("prune", err)
			if !slices.Equal(would, gone) {
				d.t.Errorf("night %d: %v would go, %v went", night+1, would, gone)
			}
		}
		for table, want := range map[string]int{"personal_versions": 1, "personal_results": 2, "evaluations": 0} {
			if n := d.CountRows(d.t, "SELECT COUNT(*) FROM "+table); n != want {
				d.t.Errorf("%d rows of %s are left, want %d", n, table, want)
			}
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM template_versions WHERE template_id < 0"); n != 0 {
			d.t.Errorf("%d lists are left", n)
		}
		orphans := "SELECT COUNT(*) FROM indicators WHERE NOT EXISTS (SELECT 1 FROM template_versions WHERE template_versions.id = indicators.template_version_id)"
		if n := d.CountRows(d.t, orphans); n != 0 {
			d.t.Errorf("%d indicators of no list", n)
		}
		if own := d.own(); len(own.Results) != 2 {
			d.t.Errorf("he has %d results", len(own.Results))
		}
	})
}

// However many there are: the results of his own are all there, attitude and behaviour are the unit's, nothing has the name of another one, and
// it fits.
func TestAListOfOnesOwnIsWholeAndFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := func(label string, aspect store.Aspect, most int) []store.Indicator {
			var all []store.Indicator
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 60), 0, most, rapid.ID).Draw(t, label) {
				all = append(all, store.Indicator{Aspect: aspect, Name: fmt.Sprintf("%s %d", aspect, n)})
			}
			return all
		}
		own, unit := list("own", store.Capaian, 20), slices.Concat(list("unit", store.Capaian, 30), list("values", store.Perilaku, 10))
		instead := rapid.Bool().Draw(t, "instead")
		merged := store.Merged(unit, own, instead)
		if len(own) == 0 {
			if !slices.Equal(merged, unit) {
				t.Fatal("without any of his own he has not those of the unit")
			}
			return
		}
		names := map[string]bool{}
		values := 0
		for n, i := range merged {
			if names[i.Name] || i.Ordinal != n+1 {
				t.Fatalf("%s is there twice, or at number %d", i.Name, i.Ordinal)
			}
			names[i.Name] = true
			if i.Aspect == store.Perilaku {
				values++
			}
		}
		for _, i := range own {
			if !names[i.Name] {
				t.Fatalf("%s is not there", i.Name)
			}
		}
		if len(merged) > store.MaxIndicators || instead && len(merged) != len(own)+values {
			t.Fatalf("%d of them", len(merged))
		}
	})
}
