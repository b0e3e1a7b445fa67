package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// Printing says for whom invitations are printed together. In all of it only those are meant who have no Telegram account.
type Printing struct {
	PersonID int64 // one person, who always gets a new code; else the people of
	UnitID   int64 // this unit and all below it, 0 for all whom the administrator is responsible for
	Alone    bool  // not of those below it; of unit 0 those without a unit
	Renew    bool  // also those who hold a code that can still be used: it ends
	// Stamp is that of the plan that was shown: see PrintPlan. Made again under the same stamp, a printing is for the same people.
	Stamp int64
}

// key names a printing of an administrator.
func (p Printing) key(adminID int64) string {
	return fmt.Sprintf("%d:%d:%d:%t:%t:%d", adminID, p.PersonID, p.UnitID, p.Alone, p.Renew, p.Stamp)
}

// PrintPlan is what would be printed.
type PrintPlan struct {
	City   string // the unit that holds all others; "" where there is none
	Name   string // of the person or of the unit; "" for all
	Units  []PrintUnit
	Beyond int // people who are left out because they have a role beyond the administrator's units: a slip would lend it to him
	Stamp  int64
	scope  Scope
	what   Printing
}

// PrintUnit is how many people of one unit have no account.
type PrintUnit struct {
	UnitID  int64
	Name    string
	Fresh   int // who hold no code that can be used
	Holding int // who hold one
}

// Fresh is how many people hold no code that can be used.
func (p PrintPlan) Fresh() (n int) {
	for _, u := range p.Units {
		n += u.Fresh
	}
	return n
}

// Holding is how many people hold a code that can be used: they are left out, unless the printing renews.
func (p PrintPlan) Holding() (n int) {
	for _, u := range p.Units {
		n += u.Holding
	}
	return n
}

// PrintFile is one file of a printing.
type PrintFile struct {
	Printing
	People int
}

// Files divides a printing, so that a file has at most limit people where the units allow it: one for each part of the unit, and one for the
// people of the unit itself.
func (p PrintPlan) Files(renew bool, limit int) []PrintFile {
	what := p.what
	what.Renew, what.Stamp = what.Renew || renew, p.Stamp
	own := map[int64]int{}
	for _, u := range p.Units {
		own[u.UnitID] += u.Fresh
		if what.Renew {
			own[u.UnitID] += u.Holding
		}
	}
	var files []PrintFile
	add := func(unitID int64, alone bool, people int) {
		if people > 0 {
			file := PrintFile{what, people}
			file.UnitID, file.Alone = unitID, alone
			files = append(files, file)
		}
	}
	var divide func(unitID int64)
	divide = func(unitID int64) {
		below := 0
		for _, id := range p.scope.printed(unitID) {
			below += own[id]
		}
		parts := p.scope.partsPrinted(unitID)
		if what.PersonID != 0 || what.Alone || below <= limit || len(parts) == 0 {
			add(unitID, what.Alone, below)
			return
		}
		for _, part := range parts {
			divide(part)
		}
		if unitID != 0 || p.scope.City() {
			add(unitID, true, own[unitID])
		}
	}
	divide(what.UnitID)
	return files
}

// partsPrinted are the units directly below one in a scope; of 0, those with which the scope begins, each once.
func (c Scope) partsPrinted(unitID int64) []int64 {
	if unitID != 0 || c.City() {
		return c.tree.children[unitID]
	}
	return slices.DeleteFunc(slices.Clone(c.roots), func(root int64) bool {
		return slices.ContainsFunc(c.tree.Above(root)[1:], func(above int64) bool { return slices.Contains(c.roots, above) })
	})
}

// printed lists a unit of a scope and those below it, each before its parts: the order of the pages. Of 0, all of the scope, and in that of the
// city at last 0 for the people without a unit.
func (c Scope) printed(unitID int64) []int64 {
	var order []int64
	var down func(id int64)
	down = func(id int64) {
		if slices.Contains(order, id) {
			return // a loop in the data
		}
		order = append(order, id)
		for _, part := range c.tree.children[id] {
			down(part)
		}
	}
	if unitID != 0 {
		down(unitID)
		return order
	}
	for _, part := range c.partsPrinted(0) {
		down(part)
	}
	if c.City() {
		order = append(order, 0)
	}
	return order
}

// printScope is the scope of an administrator, or for 0, who is at the command line, the city.
func (s *Store) printScope(tx *gorm.DB, adminID int64) (Scope, error) {
	if adminID != 0 {
		return s.administered(tx, adminID)
	}
	tree, err := treeIn(tx)
	return Scope{tree: tree, roots: []int64{0}}, err
}

// printedPeople selects the people whom a printing names, whoever of them has an account or a code. ErrNotFound for a unit or a person of somebody else.
func printedPeople(tx *gorm.DB, scope Scope, p Printing) (*gorm.DB, error) {
	people := tx.Table("people").Where("people.active = ?", true)
	switch {
	case p.PersonID != 0:
		people = scope.narrow(people, "people.unit_id").Where("people.id = ?", p.PersonID).Session(&gorm.Session{})
		return people, first(people.Select("people.id").Take(&struct{ ID int64 }{}), "find person")
	case !scope.Covers(p.UnitID) && (p.UnitID != 0 || p.Alone):
		return nil, ErrNotFound
	case p.Alone && p.UnitID == 0:
		people = people.Where("NOT EXISTS (SELECT 1 FROM units AS u WHERE u.id = people.unit_id)")
	case p.Alone:
		people = people.Where("people.unit_id = ?", p.UnitID)
	case p.UnitID != 0:
		people = people.Where("people.unit_id IN ?", scope.tree.Below(p.UnitID))
	default:
		people = scope.narrow(people, "people.unit_id")
	}
	return people.Session(&gorm.Session{}), nil
}

// Parts of the conditions on a row of people.
const (
	withoutAccount = "NOT EXISTS (SELECT 1 FROM accounts AS a WHERE a.person_id = people.id)"
	// codeOfOthers is a code that can still be used and was not made for this printing; its arguments are the present time and the printing's key.
	codeOfOthers = "EXISTS (SELECT 1 FROM invitations AS i WHERE i.person_id = people.id AND i.telegram_id = 0 AND i.used_at IS NULL AND i.expires_at > ? AND i.print_key <> ?)"
)

// beyond is the condition of people who have a role over units that a scope does not cover.
func (c Scope) beyond() (condition string, args []any) {
	if c.City() {
		return "1 = 0", nil
	}
	ids := []int64{}
	for _, unit := range c.Units() {
		ids = append(ids, unit.ID)
	}
	return "EXISTS (SELECT 1 FROM person_roles AS r WHERE r.person_id = people.id AND r.unit_id NOT IN ?)", []any{ids}
}

// PlanPrinting counts for whom invitations would be printed, by units in the order of the pages. 0 is the operator at the command line.
// ErrNotFound for who is no administrator, and for a unit or a person of somebody else.
func (s *Store) PlanPrinting(ctx context.Context, adminID int64, p Printing) (PrintPlan, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.printScope(tx, adminID)
	if err != nil {
		return PrintPlan{}, err
	}
	people, err := printedPeople(tx, scope, p)
	if err != nil {
		return PrintPlan{}, err
	}
	plan := PrintPlan{City: scope.cityName(), Name: scope.Name(p.UnitID), scope: scope, what: p}
	if p.PersonID != 0 {
		if err := first(people.Select("people.name").Take(&plan.Name), "read name"); err != nil {
			return PrintPlan{}, err
		}
	}
	beyond, outside := scope.beyond()
	unlinked := people.Where(withoutAccount).Session(&gorm.Session{})
	var rows []struct {
		UnitID             int64
		Whole, Held, Apart int
	}
	err = failed(unlinked.Select("people.unit_id, COUNT(*) AS whole, COUNT(CASE WHEN NOT "+beyond+" AND "+codeOfOthers+" THEN 1 END) AS held, COUNT(CASE WHEN "+beyond+" THEN 1 END) AS apart",
		slices.Concat(outside, []any{s.now(), p.key(adminID)}, outside)...).Group("people.unit_id").Find(&rows), "count people to invite")
	if err != nil {
		return PrintPlan{}, err
	}
	counted := map[int64]PrintUnit{}
	for _, row := range rows {
		unit, _ := scope.tree.Unit(row.UnitID) // the zero Unit for people without one
		sum := counted[unit.ID]
		counted[unit.ID] = PrintUnit{UnitID: unit.ID, Name: unit.Name, Fresh: sum.Fresh + row.Whole - row.Held - row.Apart, Holding: sum.Holding + row.Held}
		plan.Beyond += row.Apart
	}
	for _, id := range scope.printed(0) {
		if unit := counted[id]; unit.Fresh+unit.Holding > 0 {
			plan.Units = append(plan.Units, unit)
		}
	}
	newest := unlinked.Select("COALESCE(MAX(i.id), 0) AS stamp").Joins("JOIN invitations AS i ON i.person_id = people.id AND i.telegram_id = 0")
	return plan, failed(newest.Take(&plan.Stamp), "find newest code")
}

// cityName is the unit that holds all others; "" where there is none.
func (c Scope) cityName() string {
	if top := c.tree.children[0]; len(top) == 1 && len(c.tree.children[top[0]]) > 0 {
		return c.Name(top[0])
	}
	return ""
}
