package unit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/transcript"
	"kinerja/flows/transcript/town"
	"kinerja/store"
)

func TestUnitsReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"merge", "branch"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, cast := town.Of(t, language)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", transcript.Hooks{
					"the city's administrator leads it too": func() string {
						if err := w.Store.GrantRole(context.Background(), 0, cast.Admin.ID, store.Leader, cast.Units["DINKES"].ID); err != nil {
							t.Error(err)
						}
						return ""
					},
					"somebody comes": func() string {
						_, err := w.Store.SavePeople(context.Background(), 0, []store.PersonEntry{{NIP: "198609262015051777", Name: "Orang Baru", UnitCode: "PKM-02"}})
						if err != nil {
							t.Error(err)
						}
						return ""
					},
				})
			})
		}
	}
}

// Whoever is responsible for other units than before is told so, in words that fit what he may see.
func TestAnAdministratorIsToldOfWhatIsHisAndOfWhatIsHisNoMore(t *testing.T) {
	w, cast := town.New(t)
	ctx := context.Background()
	w.Link("dinkes", cast.UnitAdmin, "id", account.NoticeVersion)
	administrator, err := w.Store.ActorByPerson(ctx, cast.UnitAdmin.ID)
	if err != nil {
		t.Fatal(err)
	}
	id := func(code string) int64 { return cast.Units[code].ID }
	move := func(code, below string) error {
		_, err := w.Store.MoveUnit(ctx, cast.Admin.ID, id(code), id(below), "")
		return err
	}
	merge := func(code, into string) error {
		_, err := w.Store.MergeUnit(ctx, cast.Admin.ID, id(code), id(into), store.MergeChoice{}, "")
		return err
	}
	for _, c := range []struct {
		do                     func(code, other string) error
		kind, code, into, says string
		to                     flows.Link
	}{
		{move, store.KindUnitMoved, "SDN-05", "DINKES", "kini berada di bawah Dinas Kesehatan", flows.To("unit.show", id("SDN-05"))},
		{move, store.KindUnitMoved, "PKM-02", "DISDIK", "tidak lagi termasuk kewenangan Anda", flows.To("admin.home")},
		{merge, store.KindUnitMerged, "DISHUB", "DINKES", "digabung ke Dinas Kesehatan", flows.To("unit.show", id("DISHUB"))},
		{merge, store.KindUnitMerged, "DINKES", "SETDA", "tidak lagi termasuk kewenangan Anda", flows.To("menu")},
	} {
		if err := c.do(c.code, c.into); err != nil {
			t.Fatal(err)
		}
		push, owed, err := w.Engine.Tell(ctx, administrator, c.kind, fmt.Sprint(id(c.code)))
		if err != nil || !owed || !strings.Contains(push.Text, c.says) || !strings.Contains(push.Text, cast.Units[c.code].Name) || push.Rows[0][0].To.String() != c.to.String() {
			t.Errorf("of %s: %q, %+v, %v, %v", c.code, push.Text, push.Rows, owed, err)
		}
	}
}
