package main

import (
	"context"
	"strings"
	"testing"
)

func TestUnitsAreListedMovedAndMergedByTheOperator(t *testing.T) {
	s, cast := city(t)
	ctx := context.Background()
	if said := does(t, "unit", "list"); !strings.Contains(said, "\n  DINKES  Dinas Kesehatan\n    DINKES-SEK  ") {
		t.Errorf("list said %s", said)
	}
	move := []string{"unit", "move", "--code", "pkm-02", "--below", "PKM-01"}
	if said := does(t, move...); !strings.Contains(said, "stands below PKM-01 (Puskesmas Kampuang Jao) now") {
		t.Errorf("move said %s", said)
	}
	if said := does(t, move...); !strings.Contains(said, "already; nothing was changed") {
		t.Errorf("moving again said %s", said)
	}
	merge := []string{"unit", "merge", "--code", "PKM-02", "--into", "DINKES"}
	if said := does(t, append(merge, "--dry-run")...); !strings.Contains(said, "Would merge PKM-02 (Puskesmas Nan Balimo) into DINKES") {
		t.Errorf("dry run said %s", said)
	}
	if unit, err := s.UnitByID(ctx, cast.Units["PKM-02"].ID); err != nil || unit.Closed() {
		t.Errorf("after a dry run it is %+v, %v", unit, err)
	}
	if said := does(t, merge...); !strings.Contains(said, "Merged: PKM-02") || !strings.Contains(said, "a roster that names it means DINKES") {
		t.Errorf("merge said %s", said)
	}
	if said := does(t, merge...); !strings.Contains(said, "Merged already") {
		t.Errorf("merging again said %s", said)
	}
	if said := does(t, "unit", "list"); !strings.Contains(said, "PKM-02  Puskesmas Nan Balimo  (merged into DINKES on ") {
		t.Errorf("list said %s", said)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"unit", "merge", "--code", "NOBODY", "--into", "DINKES"}, "no unit has the code NOBODY"},
		{[]string{"unit", "merge", "--code", "DINKES", "--into", "PKM-01"}, "cannot go below itself"},
		{[]string{"unit", "move", "--code", "PKM-02", "--below", "DISDIK"}, "was merged into DINKES"},
		{[]string{"unit", "move", "--code", "PKM-01"}, "--below"},
		{[]string{"invite", "--role", "admin", "--unit", "PKM-02", "--nip", cast.Employee.NIP}, "was merged into DINKES"},
		{[]string{"template", "export", "--unit", "PKM-02", t.TempDir() + "/a.xlsx"}, "was merged into DINKES"},
	} {
		if code, _, stderr := invoke(t, c.args...); code == exitOK || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: exit code %d, said %s", c.args, code, stderr)
		}
	}
}
