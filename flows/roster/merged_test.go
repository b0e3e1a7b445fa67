package roster_test

import (
	"context"
	"strings"
	"testing"

	"kinerja/store"
	"kinerja/store/storetest"
)

// A city's file names the units of last year for a long time.
func TestARosterThatNamesAMergedUnitIsReadAsItsSuccessor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		apply(t, s, check(t, s, sampleFile(t)))
		unit := func(code string) store.Unit {
			t.Helper()
			u, err := s.UnitByCode(ctx, code)
			if err != nil {
				t.Fatal(err)
			}
			return u
		}
		from, into := unit("PKM-01"), unit("DINKES")
		if _, err := s.MergeUnit(ctx, store.Operator, from.ID, into.ID, store.MergeChoice{}, ""); err != nil {
			t.Fatal(err)
		}
		// The whole of last year's file: nothing comes back, and each sheet warns once.
		plan := check(t, s, sampleFile(t))
		said := printed(t, plan)
		if plan.Changes() != 0 || len(plan.Wrong) > 0 || strings.Count(said, "unit PKM-01 sudah digabung ke DINKES") != 2 {
			t.Errorf("%d changes:\n%s", plan.Changes(), said)
		}
		apply(t, s, plan)
		rows := peopleHeader + nip(1) + ",Orang Baru,Perawat,,,pkm-01,,,\n"
		apply(t, s, check(t, s, read(t, "pegawai.csv", []byte(rows))))
		units := "kode,nama,induk\nPKM-01,Nama lama,\nBARU,Pustu Baru,PKM-01\nDINKES,Dinas Kesehatan,PKM-01\n"
		apply(t, s, check(t, s, read(t, "unit.csv", []byte(units))))
		person, err := s.PersonByNIP(ctx, nip(1))
		if err != nil || person.UnitID != into.ID {
			t.Errorf("the new one is %+v, %v", person, err)
		}
		if made := unit("BARU"); made.ParentID == nil || *made.ParentID != into.ID {
			t.Errorf("the new unit is %+v", made)
		}
		if closed, err := s.UnitByID(ctx, from.ID); err != nil || !closed.Closed() || closed.Name != from.Name {
			t.Errorf("the merged unit is %+v, %v", closed, err)
		}
		if after := unit("DINKES"); after.ParentID == nil || *after.ParentID != *into.ParentID {
			t.Errorf("the successor is %+v", after)
		}
	})
}
