// Package tree walks down the tree of units with somebody who administers a part of it: an agency, then its parts. What is typed on the way
// is a search in that part.
package tree

import (
	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Unit is one that can be chosen on the way.
type Unit struct {
	ID    int64
	Name  string
	Parts bool // it leads on to its parts
}

// Walk is one use of the tree.
type Walk struct {
	At    func(unit int64, page int) flows.Link // the page of the parts of a unit
	Leaf  func(unit int64) flows.Link           // what a unit opens that has no parts
	Found func(page int) flows.Link             // the page of what a search has found
	Query string                                // where the draft keeps the text of a search. Should it vanish, the tree is shown instead.
	None  string                                // key of the sentence that a search has found nothing
}

// Place is the unit at which a walk stands; 0 is where the scope begins. ErrNotFound for a unit of somebody else.
func Place(scope store.Scope, unitID int64) (int64, error) {
	if unitID == 0 {
		unitID = scope.Start()
	}
	if unitID != 0 && !scope.Covers(unitID) {
		return 0, store.ErrNotFound
	}
	return unitID, nil
}

// Of are units as they stand in a scope.
func Of(scope store.Scope, units []store.Unit) []Unit {
	list := make([]Unit, 0, len(units))
	for _, u := range units {
		list = append(list, Unit{ID: u.ID, Name: u.Name, Parts: len(scope.Parts(u.ID)) > 0})
	}
	return list
}

// Whole are units that are chosen as they are, whatever is below them.
func Whole(units []store.Unit) []Unit {
	list := make([]Unit, 0, len(units))
	for _, u := range units {
		list = append(list, Unit{ID: u.ID, Name: u.Name})
	}
	return list
}

// To is where a unit leads.
func (w Walk) To(u Unit) flows.Link {
	if u.Parts {
		return w.At(u.ID, 1)
	}
	return w.Leaf(u.ID)
}

// Button leads on to a unit, and shows whether there are parts behind it.
func (w Walk) Button(u Unit) flows.Button {
	label := u.Name
	if u.Parts {
		label += " ›"
	}
	return flows.Button{Label: label, To: w.To(u)}
}

// Rows is a button for each unit.
func (w Walk) Rows(units []Unit) [][]flows.Button {
	rows := make([][]flows.Button, 0, len(units))
	for _, u := range units {
		rows = append(rows, flows.Row(w.Button(u)))
	}
	return rows
}

// Up is the page of the tree above one of a scope; out is where the walk began.
func (w Walk) Up(scope store.Scope, at int64, out flows.Link) flows.Link {
	if at == scope.Start() {
		return out
	}
	return w.At(scope.Above(at), 1)
}

// Take answers a search: one unit is opened at once, several are listed, none is said.
func (w Walk) Take(r *flows.Request, found []Unit) (flows.Outcome, error) {
	text := words.ShortQuery(r.Text)
	switch len(found) {
	case 0:
		return flows.Outcome{}, flows.Refuse(r.T.Plain(w.None, locales.Args{"Text": text}), flows.Link{})
	case 1:
		return flows.Outcome{To: w.To(found[0])}, nil
	}
	r.Draft[w.Query] = text
	return flows.Outcome{To: w.Found(1)}, nil
}

// Title says what a search has found; the sentence of a key that asks for another one when the text is gone, because Redis was emptied or
// the search was left.
func (w Walk) Title(r *flows.Request, found []Unit, gone string) string {
	text := r.Draft[w.Query]
	if text == "" {
		return r.T.HTML(gone)
	}
	return r.T.HTML("period.units_found", locales.Args{"Number": r.T.Number(len(found)), "Text": text})
}
