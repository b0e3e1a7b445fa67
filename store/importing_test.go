package store_test

import (
	"errors"
	"sync"
	"testing"

	"kinerja/store"
)

// entry is a person as a roster names him.
func (d *desk) entry(p *store.Person, superior string) store.PersonEntry {
	d.t.Helper()
	unit, err := d.UnitByID(ctx, p.UnitID)
	d.must("unit", err)
	return store.PersonEntry{NIP: p.NIP, Name: p.Name, Position: p.Position, PositionKind: p.PositionKind, Grade: p.Grade, Phone: p.Phone, UnitCode: unit.Code, SuperiorNIP: superior}
}

// A file reaches everybody, so that each of its transactions asks whether who sent it administers the whole city.
func TestAnImportWritesOnlyForWhoAdministersTheWholeCity(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		changed := d.entry(d.cast.Employee, d.cast.Evaluator.NIP)
		changed.Position = "Perawat Penyelia"
		units := []store.UnitEntry{{Code: "BARU", Name: "Unit baru", ParentCode: "DINKES"}}
		for _, actor := range []int64{d.cast.UnitAdmin.ID, d.cast.Evaluator.ID, 999_999} {
			_, err := d.SavePeople(ctx, actor, []store.PersonEntry{changed})
			d.expect("people by who may not", err, store.ErrNotFound)
			_, err = d.SaveUnits(ctx, actor, units)
			d.expect("units by who may not", err, store.ErrNotFound)
		}
		_, err := d.UnitByCode(ctx, "BARU")
		d.expect("the unit", err, store.ErrNotFound)
		if now := d.see(d.worker); now.Position != d.cast.Employee.Position {
			d.t.Errorf("changed to %s", now.Position)
		}
		d.must("people", second(d.SavePeople(ctx, d.cast.Admin.ID, []store.PersonEntry{changed})))
		d.must("units", second(d.SaveUnits(ctx, d.cast.Admin.ID, units)))
	})
}

func TestAnImportClosesNoCircle(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		// The plan was made before somebody put the agency below one of its health centres.
		_, err := d.SaveUnits(ctx, 0, []store.UnitEntry{{Code: "DINKES", Name: "Dinas Kesehatan", ParentCode: "PKM-01"}})
		d.expect("units", err, store.ErrUnitCircle)
		boss, worker := d.see(d.boss), d.see(d.worker)
		_, err = d.SavePeople(ctx, 0, []store.PersonEntry{d.entry(&boss, worker.NIP)})
		d.expect("evaluators", err, store.ErrCircle)
		if now := d.see(d.boss); *now.SuperiorID != *boss.SuperiorID {
			d.t.Errorf("the evaluator is evaluated by %d", *now.SuperiorID)
		}
	})
}

// Two who know nothing of each other must not close a circle together: each names the other one's superior at the same moment.
func TestTwoImportsCloseNoCircleTogether(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		a, b := d.cast.OtherEvaluator, d.cast.UnitAdmin
		start := make(chan struct{})
		var all sync.WaitGroup
		for _, one := range []store.PersonEntry{d.entry(a, b.NIP), d.entry(b, a.NIP)} {
			all.Go(func() {
				<-start
				if _, err := d.SavePeople(ctx, 0, []store.PersonEntry{one}); err != nil && !errors.Is(err, store.ErrCircle) {
					d.t.Errorf("import: %v", err)
				}
			})
		}
		close(start)
		all.Wait()
		first, other := d.see(a.ID), d.see(b.ID)
		if first.SuperiorID != nil && other.SuperiorID != nil && *first.SuperiorID == b.ID && *other.SuperiorID == a.ID {
			d.t.Error("each evaluates the other")
		}
	})
}

func TestARosterGivesNoRoleToWhoLeft(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		e := d.entry(d.cast.Employee, d.cast.Evaluator.NIP)
		e.Roles = []store.RoleEntry{{Role: store.Leader}}
		d.must("leave between two passes", second(d.Leave(ctx, 0, d.worker)))
		if err := d.SaveRolesAlone(ctx, []store.PersonEntry{e}); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("roles: %v, want not found", err)
		}
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM person_roles WHERE person_id = ?", d.worker); n != 0 {
			d.t.Errorf("%d roles", n)
		}
	})
}

// Of two administrators who put the same NIP on the roster one is told that it is taken, and the person stays where the other one put him.
func TestOfTwoWhoCreateAPersonOneIsTold(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		start := make(chan struct{})
		var all sync.WaitGroup
		var mu sync.Mutex
		var made []store.Person
		for _, code := range []string{"DISDIK", "DISHUB"} {
			all.Go(func() {
				<-start
				p, err := d.NewPerson(ctx, d.cast.Admin.ID, store.PersonEntry{NIP: "199001012015051009", Name: "Gita " + code}, d.cast.Units[code].ID, "")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					made = append(made, p)
				case !errors.Is(err, store.ErrNIPTaken):
					d.t.Errorf("new person: %v", err)
				}
			})
		}
		close(start)
		all.Wait()
		if len(made) != 1 {
			d.t.Fatalf("%d were told that it is done", len(made))
		}
		if now, err := d.PersonByNIP(ctx, "199001012015051009"); err != nil || now.UnitID != made[0].UnitID || now.Name != made[0].Name {
			d.t.Errorf("%+v, %v; want %+v", now, err, made[0])
		}
	})
}
