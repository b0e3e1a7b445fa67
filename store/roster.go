package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// rosterChunk is how many rows of a roster one transaction writes: long enough to be quick, short enough to be repeated.
const rosterChunk = 200

// PersonEntry is a person as a roster names him, with unit by code and superior by NIP.
type PersonEntry struct {
	NIP          string      `json:"nip" gorm:"column:nip"` // 18 digits
	Name         string      `json:"name"`
	Position     string      `json:"position"`
	PositionKind string      `json:"kind"`
	Grade        string      `json:"grade"`
	UnitCode     string      `json:"unit"`
	SuperiorNIP  string      `json:"superior" gorm:"column:superior_nip"` // "" for none
	Phone        string      `json:"phone"`                               // digits with country code, "" for none
	Roles        []RoleEntry `json:"roles,omitempty" gorm:"-"`
}

// RoleEntry is a granted role as a roster names it.
type RoleEntry struct {
	Role Role `json:"role"`
	City bool `json:"city,omitempty"` // over the whole city instead of the person's own unit
}

// Changes counts what saving a roster did.
type Changes struct{ New, Changed, Same int }

// SavePeople creates and changes people so that they are as the entries say; others stay as they are. Roles are only added, and those
// over the own unit move with whoever moves to another one. Who left the roster comes back, without account and without roles.
// A superior may come later in the list. It works in chunks: after a failure the rest can be saved by calling it again.
// An unknown unit or superior is ErrNotFound; nobody is made his own superior (ErrConflict).
func (s *Store) SavePeople(ctx context.Context, actor int64, entries []PersonEntry) (Changes, error) {
	return inChunks(ctx, s, "save people", actor, entries, s.savePeople, s.saveSuperiors, s.saveRoles)
}

// inChunks lets each pass go over all entries, a chunk a transaction, and counts what they did.
func inChunks[E any](ctx context.Context, s *Store, operation string, actor int64, entries []E, passes ...func(*gorm.DB, int64, []E) (outcomes, error)) (Changes, error) {
	all := outcomes{}
	for _, pass := range passes {
		for chunk := range slices.Chunk(entries, rosterChunk) {
			var done outcomes
			err := s.transaction(ctx, operation, func(tx *gorm.DB) (err error) {
				if err := s.importing(tx, actor); err != nil {
					return err
				}
				done, err = pass(tx, actor, chunk)
				return err
			})
			if err != nil {
				return all.count(len(entries)), err
			}
			all.add(done)
		}
	}
	return all.count(len(entries)), nil
}

// importing holds to it in each transaction of an import that who asked still administers the whole city, because a file reaches everybody.
// He is guarded, as by whoever takes his role. The command line (0) may always. ErrNotFound for all others.
func (s *Store) importing(tx *gorm.DB, actor int64) error {
	if actor == 0 {
		return nil
	}
	if _, err := s.onRoster(tx, actor); err != nil {
		return err
	}
	scope, err := s.administered(tx, actor)
	if err == nil && !scope.City() {
		err = ErrNotFound
	}
	return err
}

// savePeople writes everything that does not point at another person.
func (s *Store) savePeople(tx *gorm.DB, actor int64, entries []PersonEntry) (outcomes, error) {
	units, err := s.unitsOf(tx, entries)
	if err != nil {
		return nil, err
	}
	known, err := s.peopleByNIP(s.exclusive(tx), entries)
	if err != nil {
		return nil, err
	}
	done, rows, moves, taking := outcomes{}, []Person{}, []move{}, []int64{}
	for _, e := range entries {
		unitID, found := units[UnitCode(e.UnitCode)]
		if !found {
			return nil, ErrNotFound
		}
		old, exists := known[e.NIP]
		wanted := Person{ID: old.ID, NIP: e.NIP, Name: e.Name, Position: e.Position, PositionKind: e.PositionKind, Grade: e.Grade,
			UnitID: unitID, SuperiorID: old.SuperiorID, Phone: e.Phone, Active: true, CreatedAt: old.CreatedAt, UpdatedAt: old.UpdatedAt}
		if exists && wanted == old {
			continue
		}
		if exists && old.UnitID != unitID {
			moves = append(moves, move{person: old.ID, from: old.UnitID, to: unitID})
		}
		if old.UnitID != unitID {
			taking = append(taking, unitID)
		}
		wanted.ID, wanted.SuperiorID = 0, nil // found by its NIP; the superior follows
		rows = append(rows, wanted)
		done[e.NIP] = outcome{isNew: !exists, before: asJSON(old, exists), after: asJSON(e, true)}
	}
	if len(rows) == 0 {
		return done, nil
	}
	if err := openUnits(tx, taking...); err != nil {
		return nil, err
	}
	if err := s.writePeople(tx, rows); err != nil {
		return nil, err
	}
	if err := s.moveRoles(tx, actor, moves); err != nil {
		return nil, err
	}
	known, err = s.peopleByNIP(tx, entries)
	if err != nil {
		return nil, err
	}
	return done, s.auditAll(tx, actor, "person", done, func(nip string) int64 { return known[nip].ID })
}

// writePeople creates people, or changes those who have the NIP.
func (s *Store) writePeople(tx *gorm.DB, rows []Person) error {
	now := s.now()
	for i := range rows {
		rows[i].CreatedAt, rows[i].UpdatedAt = now, now
	}
	upsert := clause.OnConflict{Columns: []clause.Column{{Name: "nip"}}, DoUpdates: clause.AssignmentColumns(
		[]string{"name", "position", "position_kind", "grade", "unit_id", "phone", "active", "updated_at"})}
	return failed(tx.Clauses(upsert).Create(&rows), "write people")
}

// saveSuperiors sets who evaluates whom, one statement for each superior. ErrCircle when somebody would evaluate whom he is evaluated by.
func (s *Store) saveSuperiors(tx *gorm.DB, actor int64, entries []PersonEntry) (outcomes, error) {
	known, err := s.peopleByNIP(s.exclusive(tx), entries)
	if err != nil {
		return nil, err
	}
	done, moved := outcomes{}, map[int64][]int64{}
	for _, e := range entries {
		person, superior := known[e.NIP], known[e.SuperiorNIP]
		switch {
		case person.ID == 0, e.SuperiorNIP != "" && superior.ID == 0:
			return nil, ErrNotFound
		case person.ID == superior.ID:
			return nil, ErrConflict
		case value(person.SuperiorID) == superior.ID:
			continue
		}
		moved[superior.ID] = append(moved[superior.ID], person.ID)
		done[e.NIP] = outcome{before: asJSON(value(person.SuperiorID), true), after: asJSON(superior.ID, true)}
	}
	var all []int64
	for superior, people := range moved {
		all = append(all, people...)
		update := map[string]any{"superior_id": nullable(superior)}
		if err := failed(tx.Model(&Person{}).Where("id IN ?", people).Updates(update), "write superior"); err != nil {
			return nil, err
		}
	}
	if err := noCircle(tx, all); err != nil {
		return nil, err
	}
	return done, s.auditAll(tx, actor, "person", done, func(nip string) int64 { return known[nip].ID })
}

// longestWay is how many evaluators stand above one another at most; what goes on for longer is a circle of others.
const longestWay = 30

// noCircle looks at everybody on the way up from people whose evaluator was just named, and guards them, so that no two changes close a circle
// together. ErrCircle when one of the people stands on his own way.
func noCircle(tx *gorm.DB, people []int64) error {
	at := map[int64]int64{} // how far the way up from each was followed
	for _, id := range people {
		at[id] = id
	}
	for range longestWay {
		ids := slices.Sorted(maps.Values(at))
		ids = slices.Compact(ids)
		if len(ids) == 0 {
			return nil
		}
		if err := guard(tx.Model(&Person{}).Where("id IN ?", ids), "guard evaluators"); err != nil {
			return err
		}
		var rows []Person
		if err := failed(tx.Select("id", "superior_id").Where("id IN ?", ids).Find(&rows), "read evaluators"); err != nil {
			return err
		}
		above := map[int64]int64{}
		for _, p := range rows {
			above[p.ID] = value(p.SuperiorID)
		}
		for id, here := range at {
			switch at[id] = above[here]; at[id] {
			case 0:
				delete(at, id)
			case id:
				return ErrCircle
			}
		}
	}
	return nil
}

// saveRoles grants what the entries name and takes nothing away: a file that forgot the administrator must not lock him out.
func (s *Store) saveRoles(tx *gorm.DB, actor int64, entries []PersonEntry) (outcomes, error) {
	entries = slices.DeleteFunc(slices.Clone(entries), func(e PersonEntry) bool { return len(e.Roles) == 0 })
	if len(entries) == 0 {
		return nil, nil
	}
	known, err := s.peopleByNIP(tx, entries)
	if err != nil {
		return nil, err
	}
	nips, units, wanted := map[int64]string{}, []int64{}, []PersonRole{}
	for _, e := range entries {
		person := known[e.NIP]
		nips[person.ID], units = e.NIP, append(units, person.UnitID)
		for _, r := range e.Roles {
			role := PersonRole{PersonID: person.ID, Role: r.Role, UnitID: person.UnitID}
			if r.City {
				role.UnitID = 0
			}
			wanted = append(wanted, role)
		}
	}
	if err := guardActive(tx, slices.Sorted(maps.Keys(nips))); err != nil {
		return nil, err
	}
	if err := openUnits(tx, units...); err != nil {
		return nil, err
	}
	granted, err := s.grant(tx, actor, wanted)
	done := outcomes{}
	for _, r := range granted {
		done[nips[r.PersonID]] = outcome{}
	}
	return done, err
}

// guardActive guards people as onRoster does one. ErrNotFound when one of them is not on the roster any more.
func guardActive(tx *gorm.DB, ids []int64) error {
	guarded := tx.Model(&Person{}).Where("id IN ? AND active = ?", ids, true).UpdateColumn("guard", gorm.Expr("guard + 1"))
	if guarded.Error == nil && int(guarded.RowsAffected) < len(ids) {
		return ErrNotFound
	}
	return failed(guarded, "guard people")
}

// peopleByNIP reads the people of the entries and their superiors.
func (s *Store) peopleByNIP(tx *gorm.DB, entries []PersonEntry) (map[string]Person, error) {
	var nips []string
	for _, e := range entries {
		nips = append(nips, e.NIP, e.SuperiorNIP)
	}
	var list []Person
	if err := failed(tx.Where("nip IN ?", nips).Order("id").Find(&list), "read people"); err != nil {
		return nil, err
	}
	known := map[string]Person{}
	for _, p := range list {
		known[p.NIP] = p
	}
	return known, nil
}

func (s *Store) unitsOf(tx *gorm.DB, entries []PersonEntry) (map[string]int64, error) {
	var codes []string
	for _, e := range entries {
		codes = append(codes, UnitCode(e.UnitCode))
	}
	known, err := unitsByCode(s.shared(tx), codes)
	ids := map[string]int64{}
	for code, u := range known {
		ids[code] = u.ID
	}
	return ids, err
}

// Roster returns all units, without those that were merged into others, and all people on the roster in the form in which they are imported. Who was only invited so far, such as
// the first administrator, has no unit.
func (s *Store) Roster(ctx context.Context) ([]UnitEntry, []PersonEntry, error) {
	var units []UnitEntry
	err := failed(s.db.WithContext(ctx).Table("units").Select("units.code, units.name, COALESCE(parents.code, '') AS parent_code").
		Joins("LEFT JOIN units parents ON parents.id = units.parent_id").Where("units.closed_at IS NULL").Order("units.code").Scan(&units), "read units")
	if err != nil {
		return nil, nil, err
	}
	var rows []struct {
		PersonEntry `gorm:"embedded"`
		ID          int64
	}
	err = failed(s.db.WithContext(ctx).Table("people").
		Select("people.id, people.nip, people.name, people.position, people.position_kind, people.grade, people.phone, "+
			"COALESCE(units.code, '') AS unit_code, COALESCE(superiors.nip, '') AS superior_nip").
		Joins("LEFT JOIN units ON units.id = people.unit_id").Joins("LEFT JOIN people superiors ON superiors.id = people.superior_id").
		Where("people.active = ?", true).Order("people.nip").Scan(&rows), "read people")
	if err != nil {
		return nil, nil, err
	}
	roles, err := s.rosterRoles(ctx)
	if err != nil {
		return nil, nil, err
	}
	people := make([]PersonEntry, 0, len(rows))
	for _, r := range rows {
		r.Roles = roles[r.ID]
		people = append(people, r.PersonEntry)
	}
	return units, people, nil
}

// rosterRoles returns the roles that a roster can name: over the city and over the own unit.
func (s *Store) rosterRoles(ctx context.Context) (map[int64][]RoleEntry, error) {
	var rows []PersonRole
	err := failed(s.db.WithContext(ctx).Table("person_roles").Select("person_roles.*").
		Joins("JOIN people ON people.id = person_roles.person_id AND person_roles.unit_id IN (0, people.unit_id)").
		Order("person_roles.id").Scan(&rows), "read roles")
	roles := map[int64][]RoleEntry{}
	for _, r := range rows {
		roles[r.PersonID] = append(roles[r.PersonID], RoleEntry{Role: r.Role, City: r.UnitID == 0})
	}
	return roles, err
}

// outcome is what happened to one row of a roster, with its audit.
type outcome struct {
	isNew         bool
	before, after string
}

// outcomes are the rows that changed, by natural key.
type outcomes map[string]outcome

// add keeps that a row was new when a later pass changes it again.
func (o outcomes) add(more outcomes) {
	for key, one := range more {
		o[key] = outcome{isNew: one.isNew || o[key].isNew}
	}
}

func (o outcomes) count(total int) Changes {
	c := Changes{Same: total - len(o)}
	for _, one := range o {
		if one.isNew {
			c.New++
		} else {
			c.Changed++
		}
	}
	return c
}

// auditAll writes the audit of a chunk in one statement.
func (s *Store) auditAll(tx *gorm.DB, actor int64, subject string, done outcomes, id func(key string) int64) error {
	rows := make([]Audit, 0, len(done))
	for key, one := range done {
		action := subject + ".change"
		if one.isNew {
			action = subject + ".new"
		}
		rows = append(rows, Audit{At: s.now(), ActorID: actor, Action: action, Subject: subject, ObjectID: id(key), Before: one.before, After: one.after})
	}
	if len(rows) == 0 {
		return nil
	}
	return failed(tx.Create(&rows), "write audit")
}

// asJSON writes a value for the audit; "" when there is none.
func asJSON(v any, exists bool) string {
	if !exists {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error() // records of plain fields always marshal
	}
	return string(text)
}
