package roster

import (
	"slices"

	"kinerja/store"
)

// Scope is who asks, and what he may change. Its zero value may change nothing.
type Scope struct {
	city    bool
	self    string          // his NIP, "" for the command line
	units   map[string]bool // codes of the units that he administers
	stored  map[string]store.UnitEntry
	parents map[string]string // of the units of the file that are new
}

// City is the scope of the command line: everything.
func City() Scope { return Scope{city: true} }

// ScopeOf is the scope of an administrator. Take it anew each time that a file is checked.
func ScopeOf(admin store.Person, scope store.Scope) Scope {
	s := Scope{city: scope.City(), self: admin.NIP, units: map[string]bool{}}
	for _, u := range scope.Units() {
		s.units[u.Code] = true
	}
	return s
}

// learn keeps where the units of the store and of the file are.
func (s *Scope) learn(stored map[string]store.UnitEntry, rows []unitRow) {
	s.stored, s.parents = stored, map[string]string{}
	names := indexUnits(stored, rows)
	for _, r := range rows {
		if _, exists := stored[r.code]; exists {
			continue
		}
		if _, twice := s.parents[r.code]; twice {
			continue
		}
		s.parents[r.code] = store.UnitCode(r.parent)
		if found := names.find(r.parent); !names.keys[s.parents[r.code]] && len(found) == 1 {
			s.parents[r.code] = found[0]
		}
	}
}

// covers reports whether a unit is within the scope, or will be. Of a unit that is nowhere it says yes: that is another mistake.
func (s Scope) covers(code string) bool {
	var walked []string
	for !s.city {
		if _, exists := s.stored[code]; exists {
			return s.units[code]
		}
		parent, isNew := s.parents[code]
		if !isNew || slices.Contains(walked, code) {
			return code != "" // unknown, or a circle
		}
		walked = append(walked, code)
		code = parent
	}
	return true
}

// unit says what of a row of a unit is beyond the scope.
func (s Scope) unit(old, wanted store.UnitEntry) []Problem {
	switch {
	case s.city, wanted.Code == "":
		return nil
	case old.Code != "" && !s.units[old.Code], old.Code == "" && !s.covers(wanted.ParentCode):
		return []Problem{wrong("outside_unit", nil)}
	case old.Code != "" && old.ParentCode != wanted.ParentCode && !s.covers(wanted.ParentCode):
		return []Problem{wrong("outside_parent", nil)}
	}
	return nil
}

// person says what of a row of a person is beyond the scope, and that nobody gives rights to himself.
func (s Scope) person(old, wanted store.PersonEntry) (problems []Problem) {
	if !s.city {
		if !s.covers(wanted.UnitCode) {
			problems = append(problems, wrong("outside_person_unit", nil))
		}
		if old.NIP != "" && (old.UnitCode == "" || !s.covers(old.UnitCode)) {
			problems = append(problems, wrong("outside_person", nil))
		}
		if slices.ContainsFunc(wanted.Roles, func(r store.RoleEntry) bool { return r.City && !slices.Contains(old.Roles, r) }) {
			problems = append(problems, wrong("role_city", nil))
		}
	}
	return append(problems, s.ownRights(old, wanted)...)
}

// ownRights says what of a row would give rights to who sends it.
func (s Scope) ownRights(old, wanted store.PersonEntry) (problems []Problem) {
	if s.self == "" {
		return nil
	}
	// Nobody makes himself the evaluator of people who are on the roster, nor chooses another one for himself. The first roster of a city may
	// name both: there is nobody else who could apply it.
	becomes := wanted.SuperiorNIP == s.self && old.NIP != "" && old.SuperiorNIP != s.self
	if becomes || wanted.NIP == s.self && old.SuperiorNIP != "" && wanted.SuperiorNIP != "" && old.SuperiorNIP != wanted.SuperiorNIP {
		problems = append(problems, wrong("evaluator_self", nil))
	}
	if s.self != wanted.NIP {
		return problems
	}
	if slices.ContainsFunc(wanted.Roles, func(r store.RoleEntry) bool { return !slices.Contains(old.Roles, r) }) {
		problems = append(problems, wrong("role_self", nil))
	}
	if len(movesOf(old, wanted)) > 0 {
		problems = append(problems, wrong("move_self", nil))
	}
	return problems
}

// mine reports whether a person of the store is one of those that the file can be about.
func (s Scope) mine(p store.PersonEntry) bool {
	return p.UnitCode != "" && s.covers(p.UnitCode)
}
