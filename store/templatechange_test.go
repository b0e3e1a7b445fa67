package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"kinerja/store"
	"kinerja/store/standard"
)

// adds adds an indicator of the attitudes.
func adds(name string) store.TemplateChange {
	return func(list []store.Indicator) ([]store.Indicator, error) {
		return append(list, store.Indicator{Aspect: store.Sikap, Name: name}), nil
	}
}

func (d *desk) template(admin, unit int64) store.UnitTemplate {
	d.t.Helper()
	view, err := d.TemplateOf(ctx, admin, unit)
	d.must("read template", err)
	return view
}

func TestAUnitFollowsTheOneAboveUntilItHasIndicatorsOfItsOwnAndAgainWhenItGivesThemUp(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, agency, clinic := d.cast.UnitAdmin.ID, d.cast.Units["DINKES"].ID, d.cast.Units["PKM-01"].ID
		inherited := d.template(admin, clinic)
		if inherited.Own() || inherited.From != agency || !inherited.MayChange || len(inherited.Indicators) == 0 {
			d.t.Fatalf("the clinic has %+v", inherited)
		}
		own, err := d.ChangeTemplate(ctx, admin, clinic, inherited.VersionID, adds("Kerja sama"))
		d.must("change", err)
		if !own.Own() || own.ChangedBy != d.cast.UnitAdmin.Name || len(own.Indicators) != len(inherited.Indicators)+1 {
			d.t.Errorf("changed, the clinic has %+v", own)
		}
		// In the order of the aspects, wherever it was put.
		if last := own.Indicators[len(own.Indicators)-1]; last.Aspect != store.Perilaku || last.Ordinal != len(own.Indicators) {
			d.t.Errorf("the last indicator is %+v", last)
		}
		if view := d.template(admin, agency); view.VersionID != inherited.VersionID {
			d.t.Errorf("the agency has version %d", view.VersionID)
		}
		d.must("inherit", d.InheritTemplate(ctx, admin, clinic, own.VersionID))
		d.must("inherit twice", d.InheritTemplate(ctx, admin, clinic, inherited.VersionID))
		if again := d.template(admin, clinic); again.Own() || again.VersionID != inherited.VersionID {
			d.t.Errorf("it follows %+v", again)
		}
		history, total, err := d.TemplateHistory(ctx, admin, clinic, 0, 10)
		if err != nil || total != 2 || !history[0].Inherits || len(history[1].Indicators) != len(own.Indicators) || len(history[0].Before) != len(own.Indicators) || history[1].By != d.cast.UnitAdmin.Name {
			d.t.Errorf("the history is %+v, %v", history, err)
		}
		old, err := d.TemplateVersionOf(ctx, admin, clinic, own.VersionID)
		if err != nil || len(old.Indicators) != len(own.Indicators) || old.Version != 1 || old.By != d.cast.UnitAdmin.Name || old.Before != nil {
			d.t.Errorf("the version of the history is %+v, %v", old, err)
		}
		d.expect("the city follows nobody", d.InheritTemplate(ctx, d.cast.Admin.ID, 0, d.template(d.cast.Admin.ID, 0).VersionID), store.ErrConflict)
	})
}

func TestATemplateIsChangedByWhoAdministersItsUnitAlone(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		school, agency := d.cast.Units["SDN-05"].ID, d.cast.Units["DINKES"].ID
		for who, admin := range map[string]int64{"an evaluator": d.boss, "an employee": d.worker, "nobody": 0} {
			_, err := d.TemplateOf(ctx, admin, agency)
			d.expect(who+" reads", err, store.ErrNotFound)
			_, err = d.ChangeTemplate(ctx, admin, agency, d.template(d.cast.Admin.ID, agency).VersionID, adds("Kerja sama"))
			d.expect(who+" changes", err, store.ErrNotFound)
		}
		seen := d.template(d.cast.Admin.ID, school).VersionID
		_, err := d.TemplateOf(ctx, d.cast.UnitAdmin.ID, school)
		d.expect("another agency's administrator reads", err, store.ErrNotFound)
		_, err = d.ChangeTemplate(ctx, d.cast.UnitAdmin.ID, school, seen, adds("Kerja sama"))
		d.expect("another agency's administrator changes", err, store.ErrNotFound)
		d.expect("or gives up", d.InheritTemplate(ctx, d.cast.UnitAdmin.ID, school, seen), store.ErrNotFound)

		city := d.template(d.cast.UnitAdmin.ID, 0)
		if city.MayChange {
			d.t.Error("the agency's administrator may change the city's default")
		}
		_, err = d.ChangeTemplate(ctx, d.cast.UnitAdmin.ID, 0, city.VersionID, adds("Kerja sama"))
		d.expect("the city's default", err, store.ErrNotFound)
		other := d.template(d.cast.Admin.ID, d.cast.Units["DISHUB"].ID)
		_, err = d.TemplateVersionOf(ctx, d.cast.UnitAdmin.ID, agency, other.VersionID)
		d.expect("a version of another unit by way of one's own", err, store.ErrNotFound)
		own, err := d.OwnTemplates(ctx, d.cast.UnitAdmin.ID)
		if err != nil || len(own) != 2 || own[0].UnitID != 0 || own[1].UnitID != agency {
			d.t.Errorf("his templates are %+v, %v", own, err)
		}
	})
}

// Several administrators, and several taps of one of them, meet on the version that all of them saw.
func TestOneOfManyChangesOfAVersionCountsAndTheOthersHearOfIt(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		clinic := d.cast.Units["PKM-01"].ID
		before := d.template(d.cast.Admin.ID, clinic)
		var all sync.WaitGroup
		var done, refused atomic.Int32
		for n := range 6 {
			admin := []int64{d.cast.Admin.ID, d.cast.UnitAdmin.ID}[n%2]
			all.Go(func() {
				if _, err := d.ChangeTemplate(ctx, admin, clinic, before.VersionID, adds(fmt.Sprint("Kerja sama ", n))); err != nil {
					refused.Add(1)
					d.expect("the others", err, store.ErrTemplateChanged)
					return
				}
				done.Add(1)
			})
		}
		all.Wait()
		if after := d.template(d.cast.Admin.ID, clinic); done.Load() != 1 || refused.Load() != 5 || after.Version != 1 || len(after.Indicators) != len(before.Indicators)+1 {
			d.t.Errorf("%d changed it, %d were refused; it has version %d with %d indicators", done.Load(), refused.Load(), after.Version, len(after.Indicators))
		}
	})
}

func TestAnOpenPeriodKeepsTheIndicatorsItOpenedWith(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		before := d.sheet().Indicators
		clinic := d.cast.Evaluator.UnitID
		seen := d.template(d.cast.Admin.ID, clinic).VersionID
		_, err := d.ChangeTemplate(ctx, d.cast.Admin.ID, clinic, seen, func([]store.Indicator) ([]store.Indicator, error) { return standard.Of(standard.Transport), nil })
		d.must("change", err)
		if after := d.sheet().Indicators; len(after) != len(before) || after[0].ID != before[0].ID {
			d.t.Errorf("the open period has %d indicators, had %d", len(after), len(before))
		}
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		next := d.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2027-01-01", LastDay: "2027-03-31", Release: store.ReleaseAtOnce})
		d.id = d.evaluationIn(next.ID)
		if indicators := d.sheet().Indicators; indicators[0].Name != standard.Of(standard.Transport)[0].Name {
			d.t.Errorf("the next period begins with %q", indicators[0].Name)
		}
	})
}

func TestTheSamplesAreWholeTemplates(t *testing.T) {
	for _, sample := range standard.Samples() {
		count := map[store.Aspect]int{}
		for _, i := range standard.Of(sample) {
			count[i.Aspect]++
		}
		if count[store.Capaian] < 3 || count[store.Sikap] != 3 || count[store.Perilaku] != 7 {
			t.Errorf("%s has %v", sample, count)
		}
	}
	if standard.Of("nothing") != nil {
		t.Error("there is a sample without a name")
	}
}
