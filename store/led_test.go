package store_test

import (
	"errors"
	"testing"

	"kinerja/store"
)

func TestALeaderReadsTheFiguresOfHisUnitsOnceTheyStandStill(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		d.rateRest()
		_, err := d.Finalise(ctx, d.boss, d.id, grace, judge)
		d.must("finalise", err)
		leader, health := d.cast.NoSuperior.ID, d.cast.Units["DINKES"].ID // NoSuperior leads the city
		a, err := d.AchievementOf(ctx, leader, d.period.ID, health)
		d.must("read", err)
		if a.Final != 1 || a.OnTime != 1 || a.Total != 23 || a.Spread != nil {
			t.Errorf("%+v, spread %v", a.Attained, a.Spread)
		}
		if last := a.Parts[len(a.Parts)-1]; last.UnitID != d.cast.Employee.UnitID || last.Final != 1 || last.Total != 9 {
			t.Errorf("parts %+v", a.Parts)
		}
		if a, err = d.AchievementOf(ctx, leader, d.period.ID, 0); err != nil || a.Spread != nil {
			t.Errorf("the spread of an open period: %v, %v", a.Spread, err)
		}
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		if a, err = d.AchievementOf(ctx, leader, d.period.ID, 0); err != nil || len(a.Spread) != 1 || a.Total != len(d.cast.People) {
			t.Errorf("the spread of a closed period: %v of %d, %v", a.Spread, a.Total, err)
		}
		if a, err = d.AchievementOf(ctx, leader, d.period.ID, health); err != nil || a.Spread != nil {
			t.Errorf("the spread of a part: %v, %v", a.Spread, err)
		}
	})
}

func TestALeaderReadsNoUnitButHisOwn(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		health, school := d.cast.Units["DINKES"].ID, d.cast.Units["DISDIK"].ID
		d.must("grant", d.GrantRole(ctx, 0, d.worker, store.Leader, health))
		d.must("grant", d.GrantRole(ctx, 0, d.worker, store.Leader, d.cast.Employee.UnitID))
		for _, unit := range []int64{school, d.cast.Units["KOTA"].ID, 999999} {
			if _, err := d.AchievementOf(ctx, d.worker, d.period.ID, unit); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("unit %d: %v", unit, err)
			}
		}
		if _, err := d.AchievementOf(ctx, d.boss, d.period.ID, health); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("who leads nothing: %v", err)
		}
		d.must("close", d.ClosePeriod(ctx, d.cast.Admin.ID, d.period.ID))
		a, err := d.AchievementOf(ctx, d.worker, d.period.ID, 0)
		if err != nil || a.Total != 23 || len(a.Parts) != 1 || a.Own.Total != 0 || a.Spread != nil { // the center lies within the agency
			t.Errorf("all that he leads: %+v of %+v, spread %v, %v", a.Attained, a.Parts, a.Spread, err)
		}
		if a, err = d.AchievementOf(ctx, d.worker, d.period.ID, health); err != nil || a.Spread == nil {
			t.Errorf("his agency: %v, %v", a.Spread, err)
		}
		if a, err = d.AchievementOf(ctx, d.worker, d.period.ID, d.cast.Employee.UnitID); err != nil || a.Spread != nil {
			t.Errorf("the center, within his agency: %v, %v", a.Spread, err)
		}
	})
}
