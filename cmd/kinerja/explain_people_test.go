package main

import (
	"context"
	"fmt"
	"slices"

	"kinerja/flows"
	"kinerja/store"
)

// The pages on which something is typed about people, and the actions that take it.
func init() { //nolint:gochecknoinits // one table of a test in two files
	for page, action := range map[string]string{
		"people.home": "people.find", "people.found": "people.findagain", "people.gone": "people.findagain", "people.show": "people.findfrom", "people.units": "people.findunit",
		"people.unitsfound": "people.findunitagain", "people.field": "people.save", "people.nip": "people.nipreason", "people.move": "people.movefind",
		"people.movefound": "people.movefindagain", "people.evaluator": "people.evaluatorfind", "people.evaluators": "people.evaluatoragain",
		"people.evaluatorwhy": "people.evaluatorbecause", "people.leaveday": "people.leavetyped", "people.new": "people.answer",
		"people.heirs": "people.heirfind", "people.heirwhy": "people.heirbecause",
		"people.newunit": "people.newfind", "people.newfound": "people.newfindagain",
	} {
		takes[page] = action
	}
	last = append(last, peopleEnds...)
	const parts = "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"
	for _, where := range []string{"page people.heirs", "action people.heirfind"} {
		readsAll = append(readsAll, scanned{where, " LIKE ?", parts})
	}
}

// peopleEnds are the actions that would take the people of the play away from it: one after the other they are done to somebody else.
var peopleEnds = []string{"people.setkind", "people.moveset", "people.evaluatorset", "people.clear", "people.nipset", "people.unlinkset", "people.leaveset", "people.backset"} //nolint:gochecknoglobals // a constant list

// typing lets somebody open a page and send texts there, one after the other.
func (o *tour) typing(phone int64, page flows.Link, texts ...string) flows.Screen {
	o.t.Helper()
	screen := o.tap(phone, "page", page)
	for _, text := range texts {
		screen = o.play(phone, "action "+takes[page.Route], flows.Event{Kind: flows.Text, Text: text})
	}
	return screen
}

// changingPeople lets an administrator find people, change one in every way, and put one on the roster.
func (o *tour) changingPeople(administrator *store.Person) {
	o.t.Helper()
	phone, id := demoPhone(administrator.ID), int64(baseID+17)
	for _, text := range []string{"pegawai 1", "999 17"} {
		o.typing(phone, flows.To("people.home"), text)
		for _, route := range []string{"people.found", "people.gone"} {
			o.tap(phone, "page", flows.To(route, 1))
			o.typing(phone, flows.To(route, 1), text)
		}
	}
	for _, problem := range store.ChainProblems() {
		o.tap(phone, "page", flows.To("people.chain", string(problem), 1))
	}
	p, err := o.w.app.store.PersonByID(context.Background(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	above, to := *p.SuperiorID, p.UnitID-1
	o.typing(phone, flows.To("people.field", id, "nip", store.Seen(p.NIP)), "200901012020031001", "Sesuai SK pengangkatan")
	o.tap(phone, "page", flows.To("people.nip", id, store.Seen(p.NIP)))
	o.play(phone, "action people.nipreason", flows.Event{Kind: flows.Text, Text: "Sesuai SK pengangkatan"})
	for _, end := range []flows.Link{
		flows.To("people.nipset", id, store.Seen(p.NIP)), flows.To("people.setkind", id, store.Seen(p.PositionKind), "k0"), flows.To("people.clear", id, "phone", store.Seen(p.Phone)),
		flows.To("people.moveset", id, p.UnitID, to), flows.To("people.evaluatorset", id, above, 0), flows.To("people.unlinkset", id, "lost"),
	} {
		o.tap(phone, "action", end)
	}
	for _, route := range []string{"people.movefound", "people.evaluators"} {
		o.tap(phone, "page", flows.To(route, id, 1))
	}
	o.typing(phone, flows.To("people.evaluator", id), "pegawai 2")
	o.typing(phone, flows.To("people.evaluators", id, 1), "pegawai 3")
	o.typing(phone, flows.To("people.evaluatorwhy", id, 0, above), fmt.Sprintf("Delegasi %d", above), "Delegasi kepala kantor")
	for _, link := range []flows.Link{flows.To("people.leave", id), flows.To("people.leaveday", id, "retired"), flows.To("people.leavesure", id, "retired", "2027-01-04"), flows.To("people.unlinksure", id, "lost"), flows.To("people.unlink", id)} {
		o.tap(phone, "page", link)
	}
	o.succeeding(phone, above)
	o.tap(phone, "action", flows.To("people.leaveset", id, "retired", "2027-01-04"))
	o.tap(phone, "page", flows.To("people.back", id))
	o.tap(phone, "action", flows.To("people.backset", id))
	o.newPerson(phone, to)
}

// succeeding gives everybody of an evaluator a successor, and another one who needs a reason for it.
func (o *tour) succeeding(phone, evaluator int64) {
	o.t.Helper()
	o.tap(phone, "page", flows.To("people.teams", 1))
	o.typing(phone, flows.To("people.heirs", evaluator, 0, 0), "pegawai 2")
	from := evaluator
	for _, to := range []int64{o.w.cast.Superior.ID, baseID + 19} {
		screen := o.tap(phone, "page", flows.To("people.heirsure", from, 0, to))
		for _, b := range slices.Concat(screen.Rows...) {
			switch b.To.Route {
			case "people.heirset":
				o.tap(phone, "action", b.To)
			case "people.heirwhy":
				o.typing(phone, b.To, "Delegasi kepala kantor")
			}
		}
		from = to
	}
}

// newPerson fills in the form.
func (o *tour) newPerson(phone, unit int64) {
	o.t.Helper()
	o.typing(phone, flows.To("people.new", 1), "199001012019032009", "Ratna Dewi")
	o.typing(phone, flows.To("people.newfound", 1), "kantor")
	o.typing(phone, flows.To("people.newunit", 0, 1), "kantor")
	o.tap(phone, "action", flows.To("people.newin", unit))
	o.play(phone, "action people.answer", flows.Event{Kind: flows.Text, Text: "Bidan Terampil"})
	o.tap(phone, "action", flows.To("people.newkind", "k1"))
	o.tap(phone, "action", flows.To("people.newsave"))
	if _, err := o.w.app.store.PersonByNIP(context.Background(), "199001012019032009"); err != nil {
		o.t.Errorf("the form made nobody: %v", err)
	}
}
