package store

import (
	"context"
	"slices"

	"gorm.io/gorm"
)

// Team is everybody of an administrator's units who has one evaluator on the roster. Evaluator 0 is nobody: then it is who has none in exactly one unit.
type Team struct {
	EvaluatorID int64
	UnitID      int64 // counts only where there is no evaluator
}

// TeamLine is a team with its name and the number of its people.
type TeamLine struct {
	Team
	Evaluator string // name; "" for nobody
	Left      bool   // the evaluator has left
	Unit      string
	Number    int
}

// KeptOut is somebody of a team who cannot have a successor as his evaluator: ErrOwnEvaluator, ErrCircle, ErrHimself for the administrator, ErrBeyond.
type KeptOut struct {
	PersonFound
	Why error
}

// Succession is what naming a successor for a team does.
type Succession struct {
	TeamLine
	To    Person
	Given []PersonFound // who gets him
	Kept  []KeptOut
	Open  []GoneEvaluator // the open evaluations that the team's evaluator has in periods: they stay with him
}

// TeamLimit is how many people of a team are given to a successor at once; the rest by doing it again.
const TeamLimit = 1000

// teamChunk is how many of them one transaction writes.
const teamChunk = 50

// Teamless lists the teams of an administrator whose evaluator has left and the units in which people have none, most people first, and counts them.
// ErrNotFound when he administers nothing.
func (s *Store) Teamless(ctx context.Context, adminID int64, offset, limit int) (lines []TeamLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	var gone, alone []TeamLine
	err = failed(evaluatorGone(placed(tx, scope)).Joins("JOIN people AS v ON v.id = p.superior_id").
		Select("p.superior_id AS evaluator_id, v.name AS evaluator, NOT v.active AS `left`, COUNT(*) AS number").
		Group("p.superior_id, v.name, v.active").Find(&gone), "list teams whose evaluator has left")
	if err != nil {
		return nil, 0, err
	}
	list, err := evaluatorMissing(tx, placed(tx, scope))
	if err != nil {
		return nil, 0, err
	}
	err = failed(list.Joins("JOIN units AS u ON u.id = p.unit_id").Select("p.unit_id, u.name AS unit, COUNT(*) AS number").
		Group("p.unit_id, u.name").Find(&alone), "list units with people without evaluator")
	lines = slices.SortedStableFunc(slices.Values(append(gone, alone...)), func(a, b TeamLine) int { return b.Number - a.Number })
	return lines[min(offset, len(lines)):min(offset+limit, len(lines))], len(lines), err
}

// TeamOf reads a team of an administrator, and some of its people. ErrNotFound for the evaluator of nobody of his who is not one of his himself.
func (s *Store) TeamOf(ctx context.Context, adminID int64, team Team, limit int) (line TeamLine, some []PersonFound, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return TeamLine{}, nil, err
	}
	line, members, err := teamIn(tx, scope, team)
	if err != nil {
		return TeamLine{}, nil, err
	}
	some, line.Number, err = foundPeople(members(), 0, limit)
	if err == nil && line.Number == 0 && team.EvaluatorID != 0 {
		_, _, err = s.administeredPerson(tx, adminID, team.EvaluatorID)
	}
	return line, some, err
}

// teamIn names a team, and selects its people p.
func teamIn(tx *gorm.DB, scope Scope, team Team) (line TeamLine, members func() *gorm.DB, err error) {
	if team.EvaluatorID == 0 {
		unit, known := scope.Unit(team.UnitID)
		if !known {
			return TeamLine{}, nil, ErrNotFound
		}
		top, err := atTheTop(tx)
		return TeamLine{Team: team, Unit: unit.Name}, func() *gorm.DB {
			return placed(tx, scope).Where("p.unit_id = ? AND p.id <> ?", unit.ID, top.ID).Where(unevaluated)
		}, err
	}
	var evaluator Person
	err = first(tx.Where("id = ?", team.EvaluatorID).Take(&evaluator), "read evaluator")
	team.UnitID = 0
	return TeamLine{Team: team, Evaluator: evaluator.Name, Left: !evaluator.Active}, func() *gorm.DB {
		return scope.narrow(tx.Table("people AS p").Where("p.active = ? AND p.superior_id = ?", true, evaluator.ID), "p.unit_id")
	}, err
}

// SuccessorsFor lists who may be named for a team, as EvaluatorsFor does for one person. With an empty text they are the superior of its evaluator, who
// holds his position in his unit now, and who evaluates most people of the units of the team already.
func (s *Store) SuccessorsFor(ctx context.Context, adminID int64, team Team, text string, offset, limit int) (lines []PersonFound, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	_, members, err := teamIn(tx, scope, team)
	if err != nil {
		return nil, 0, err
	}
	people := tx.Table("people AS p").Where("p.active = ? AND p.id NOT IN ?", true, []int64{team.EvaluatorID, adminID})
	if !scope.City() {
		people = people.Where("p.unit_id IN ? AND p.unit_id <> 0", scope.related())
	}
	if text != "" {
		return foundPeople(holding(people, text), offset, limit)
	}
	known, err := usualSuccessors(tx, team, members)
	if err != nil || len(known) == 0 {
		return nil, 0, err
	}
	known = known[:min(len(known), limit)]
	lines, total, err = foundPeople(people.Where("p.id IN ?", known), 0, limit)
	slices.SortFunc(lines, func(a, b PersonFound) int { return slices.Index(known, a.PersonID) - slices.Index(known, b.PersonID) })
	return lines, total, err
}

// usualSuccessors are who is likely to follow the evaluator of a team, likeliest first.
func usualSuccessors(tx *gorm.DB, team Team, members func() *gorm.DB) ([]int64, error) {
	var known []int64
	if team.EvaluatorID != 0 {
		var evaluator Person
		if err := first(tx.Where("id = ?", team.EvaluatorID).Take(&evaluator), "read evaluator"); err != nil {
			return nil, err
		}
		post := tx.Model(&Person{}).Where("active = ? AND unit_id = ? AND position = ? AND position <> '' AND id <> ?", true, evaluator.UnitID, evaluator.Position, evaluator.ID)
		if err := failed(post.Order("id").Limit(2).Pluck("id", &known), "find who holds the position now"); err != nil {
			return nil, err
		}
		if evaluator.SuperiorID != nil && !slices.Contains(known, *evaluator.SuperiorID) {
			known = append(known, *evaluator.SuperiorID)
		}
	}
	var usual []int64
	units := members().Distinct("p.unit_id")
	err := failed(tx.Table("people AS w").Where("w.active = ? AND w.superior_id IS NOT NULL AND w.unit_id IN (?)", true, units).
		Group("w.superior_id").Order("COUNT(*) DESC, w.superior_id").Limit(4).Pluck("w.superior_id", &usual), "find usual evaluators")
	for _, id := range usual {
		if !slices.Contains(known, id) {
			known = append(known, id)
		}
	}
	return known, err
}

// SuccessionFor tells what naming a successor for a team would do. Errors are those of Succeed.
func (s *Store) SuccessionFor(ctx context.Context, adminID int64, team Team, to int64) (Succession, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return Succession{}, err
	}
	line, _, err := s.TeamOf(ctx, adminID, team, 0)
	if err != nil {
		return Succession{}, err
	}
	all := Succession{TeamLine: line}
	evaluator, above, err := successor(tx, scope, adminID, to, func(int64) error { return nil })
	if err != nil {
		return Succession{}, err
	}
	all.To = evaluator
	_, members, err := teamIn(tx, scope, team)
	if err != nil {
		return Succession{}, err
	}
	people, _, err := foundPeople(members(), 0, TeamLimit)
	if err != nil {
		return Succession{}, err
	}
	beyond, err := rolesBeyond(tx, scope, people)
	if err != nil {
		return Succession{}, err
	}
	for _, p := range people {
		if why := keptOut(p.PersonID, adminID, to, above, beyond); why != nil {
			all.Kept = append(all.Kept, KeptOut{PersonFound: p, Why: why})
			continue
		}
		all.Given = append(all.Given, p)
	}
	all.Open, err = openOf(tx, scope, team)
	return all, err
}

// successor reads who is to evaluate a team, and who stands on the way up from him; each of them is held.
func successor(tx *gorm.DB, scope Scope, adminID, to int64, hold func(id int64) error) (Person, []int64, error) {
	if to == adminID {
		return Person{}, nil, ErrHimself
	}
	evaluator, above, err := wayUp(tx, scope, to, hold)
	if err == nil && !evaluator.Active {
		err = ErrEvaluatorLeft
	}
	return evaluator, above, err
}

// keptOut says why somebody of a team cannot have a successor, above whom others stand; nil when he can.
func keptOut(id, adminID, to int64, above, beyond []int64) error {
	switch {
	case id == adminID:
		return ErrHimself
	case id == to:
		return ErrOwnEvaluator
	case slices.Contains(above, id):
		return ErrCircle
	case slices.Contains(beyond, id):
		return ErrBeyond
	}
	return nil
}

// rolesBeyond lists who of some people holds a role over units beyond a scope.
func rolesBeyond(tx *gorm.DB, scope Scope, people []PersonFound) ([]int64, error) {
	var beyond []int64
	if scope.City() {
		return nil, nil
	}
	for chunk := range slices.Chunk(people, rosterChunk) {
		ids := make([]int64, 0, len(chunk))
		for _, p := range chunk {
			ids = append(ids, p.PersonID)
		}
		var held []PersonRole
		if err := failed(tx.Where("person_id IN ?", ids).Find(&held), "read roles"); err != nil {
			return nil, err
		}
		for _, r := range held {
			if !scope.Covers(r.UnitID) {
				beyond = append(beyond, r.PersonID)
			}
		}
	}
	return beyond, nil
}

// openOf lists the periods, not closed, with open evaluations in a scope by the evaluator of a team; for who has none, those of its unit without one.
func openOf(tx *gorm.DB, scope Scope, team Team) (open []GoneEvaluator, err error) {
	list := scope.narrow(tx.Table("evaluations AS e").Joins("JOIN periods AS p ON p.id = e.period_id AND p.state <> ?", PeriodClosed), "e.unit_id").
		Joins("LEFT JOIN people AS v ON v.id = e.evaluator_id").Where("e.state = ?", EvaluationOpen)
	if team.EvaluatorID == 0 {
		list = list.Where("e.evaluator_id IS NULL AND e.unit_id = ?", team.UnitID)
	} else {
		list = list.Where("e.evaluator_id = ?", team.EvaluatorID)
	}
	err = failed(list.Select("MIN(e.id) AS evaluation_id, p.kind, p.first_day, COALESCE(v.name, '') AS evaluator, COUNT(*) AS number").
		Group("p.id, p.kind, p.first_day, v.id, v.name").Order("p.first_day, p.id").Find(&open), "list what is open in periods")
	return open, err
}

// Succeed names one evaluator for everybody of a team from the next period on, and returns how many have him now. Whoever cannot have him is passed over:
// see KeptOut; open periods do not change. It works in chunks, each checked by itself: after a failure, or when tapped twice, the rest goes on by
// calling it again. The reason, where one is given, is kept for each. accept judges the successor; its error ends it. ErrNotFound when the team or the
// successor is not the administrator's, ErrHimself when he is it himself, ErrEvaluatorLeft.
func (s *Store) Succeed(ctx context.Context, adminID int64, team Team, to int64, reason string, accept func(evaluator Person) error) (int, error) {
	plan, err := s.SuccessionFor(ctx, adminID, team, to)
	if err != nil {
		return 0, err
	}
	if err := accept(plan.To); err != nil {
		return 0, err
	}
	given := 0
	for chunk := range slices.Chunk(plan.Given, teamChunk) {
		n := 0
		err := s.transaction(ctx, "succeed", func(tx *gorm.DB) (err error) {
			n, err = s.succeed(tx, adminID, team, chunk, to, reason, accept)
			return err
		})
		if err != nil {
			return given, err
		}
		given += n
	}
	return given, nil
}

// succeed gives a successor to those of some people who are still in a team and can have him.
func (s *Store) succeed(tx *gorm.DB, adminID int64, team Team, some []PersonFound, to int64, reason string, accept func(evaluator Person) error) (int, error) {
	ids := make([]int64, 0, len(some))
	for _, p := range some {
		ids = append(ids, p.PersonID)
	}
	// Written before anything is read, as whoever lets one of them leave, or names another evaluator for one, does.
	if err := guard(tx.Model(&Person{}).Where("id IN ?", slices.Sorted(slices.Values(append(slices.Clone(ids), to)))), "guard team"); err != nil {
		return 0, err
	}
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return 0, err
	}
	evaluator, above, err := successor(tx, scope, adminID, to, func(id int64) error { return guard(tx.Model(&Person{}).Where("id = ?", id), "guard evaluator") })
	if err == nil {
		err = accept(evaluator)
	}
	if err != nil {
		return 0, err
	}
	_, members, err := teamIn(tx, scope, team)
	if err != nil {
		return 0, err
	}
	still, _, err := foundPeople(members().Where("p.id IN ?", ids), 0, len(ids))
	if err != nil {
		return 0, err
	}
	beyond, err := rolesBeyond(tx, scope, still)
	if err != nil {
		return 0, err
	}
	still = slices.DeleteFunc(still, func(p PersonFound) bool { return keptOut(p.PersonID, adminID, to, above, beyond) != nil })
	entries := make([]PersonEntry, 0, len(still))
	for _, p := range still {
		entries = append(entries, PersonEntry{NIP: p.NIP, SuperiorNIP: evaluator.NIP})
	}
	if len(entries) == 0 {
		return 0, nil
	}
	if _, err := s.saveSuperiors(tx, adminID, entries); err != nil {
		return 0, err
	}
	for _, p := range still {
		if err := s.noteReason(tx, EvaluatorReason{PersonID: p.PersonID, EvaluatorID: to, Reason: reason, GivenBy: adminID}); err != nil {
			return 0, err
		}
	}
	return len(still), nil
}

// wayUp reads somebody who might evaluate, and lists who stands above him, himself first; each is held. ErrNotFound when he is not near a scope.
func wayUp(tx *gorm.DB, scope Scope, evaluatorID int64, hold func(id int64) error) (evaluator Person, way []int64, err error) {
	for at := evaluatorID; at != 0 && !slices.Contains(way, at); {
		way = append(way, at)
		if err := hold(at); err != nil {
			return Person{}, nil, err
		}
		var one Person
		if err := first(tx.Where("id = ?", at).Take(&one), "find evaluator"); err != nil {
			return Person{}, nil, err
		}
		if at == evaluatorID {
			if evaluator = one; !scope.near(one.UnitID) {
				return Person{}, nil, ErrNotFound
			}
		}
		at = value(one.SuperiorID)
	}
	if len(way) == 0 {
		return Person{}, nil, ErrNotFound
	}
	return evaluator, way, nil
}
