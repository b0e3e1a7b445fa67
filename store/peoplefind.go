package store

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// PersonFound is a line of a list of people from which one is chosen.
type PersonFound struct {
	PersonID int64
	NIP      string `gorm:"column:nip"`
	Name     string
	Position string
	UnitID   int64
	Unit     string // "" for somebody whom no roster has named
	Active   bool
}

const foundColumns = "p.id AS person_id, p.nip, p.name, p.position, p.unit_id, COALESCE(u.name, '') AS unit, p.active"

// PeopleCounts is what stands above an administrator's people.
type PeopleCounts struct {
	People, Linked   int
	WithoutEvaluator int // nobody evaluates them, or somebody who has left: as many as the next step counts
}

// CountPeople counts the people of an administrator's units who are on the roster. ErrNotFound when he administers nothing.
func (s *Store) CountPeople(ctx context.Context, adminID int64) (PeopleCounts, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return PeopleCounts{}, err
	}
	var c PeopleCounts
	people := scope.narrow(tx.Table("people AS p").Joins("LEFT JOIN accounts AS a ON a.person_id = p.id").Where("p.active = ?", true), "p.unit_id")
	if err := failed(people.Select("COUNT(*) AS people, COUNT(a.id) AS linked").Take(&c), "count people"); err != nil {
		return PeopleCounts{}, err
	}
	c.WithoutEvaluator, err = withoutEvaluator(tx, scope)
	return c, err
}

// FindPeople lists the people of an administrator's units whose name or NIP holds all that was typed, by name, and counts them: those on
// the roster, or those who have left it. A text that is empty finds nobody.
func (s *Store) FindPeople(ctx context.Context, adminID int64, text string, left bool, offset, limit int) (lines []PersonFound, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	return foundPeople(holding(scope.narrow(tx.Table("people AS p").Where("p.active = ?", !left), "p.unit_id"), text), offset, limit)
}

// PeopleOf lists the people of exactly one unit who are on the roster, by name, and counts them. ErrNotFound when the unit is not the administrator's.
func (s *Store) PeopleOf(ctx context.Context, adminID, unitID int64, offset, limit int) (unit Unit, lines []PersonFound, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return Unit{}, nil, 0, err
	}
	unit, known := scope.tree.Unit(unitID)
	if !known || !scope.Covers(unitID) {
		return Unit{}, nil, 0, ErrNotFound
	}
	lines, total, err = foundPeople(tx.Table("people AS p").Where("p.active = ? AND p.unit_id = ?", true, unitID), offset, limit)
	return unit, lines, total, err
}

// EvaluatedBy lists the people of an administrator's units who are on the roster with a person as evaluator. The person must be one of his.
func (s *Store) EvaluatedBy(ctx context.Context, adminID, personID int64, offset, limit int) (evaluator Person, lines []PersonFound, total int, err error) {
	tx := s.db.WithContext(ctx)
	evaluator, scope, err := s.administeredPerson(tx, adminID, personID)
	if err != nil {
		return Person{}, nil, 0, err
	}
	lines, total, err = foundPeople(scope.narrow(tx.Table("people AS p").Where("p.active = ? AND p.superior_id = ?", true, personID), "p.unit_id"), offset, limit)
	return evaluator, lines, total, err
}

// EvaluatorsFor lists who may be made the evaluator of a person: people on the roster in the administrator's units and in those above them
// whose name or NIP holds all that was typed; never the person, nor the administrator. With an empty text they are those who evaluate most people
// of the person's own unit; for somebody who leads it, those who lead the unit above.
func (s *Store) EvaluatorsFor(ctx context.Context, adminID, personID int64, text string, offset, limit int) (lines []PersonFound, total int, err error) {
	tx := s.db.WithContext(ctx)
	person, scope, err := s.administeredPerson(tx, adminID, personID)
	if err != nil {
		return nil, 0, err
	}
	people := tx.Table("people AS p").Where("p.active = ? AND p.id NOT IN ?", true, []int64{personID, adminID})
	if !scope.City() {
		people = people.Where("p.unit_id IN ? AND p.unit_id <> 0", scope.related())
	}
	if strings.TrimSpace(text) != "" {
		return foundPeople(holding(people, text), offset, limit)
	}
	known, err := usualEvaluators(tx, scope.tree, person, limit)
	if err != nil || len(known) == 0 {
		return nil, 0, err
	}
	return foundPeople(people.Where("p.id IN ?", known), 0, limit)
}

// usualEvaluators are who evaluates people like this one already, at most limit.
func usualEvaluators(tx *gorm.DB, tree Tree, person Person, limit int) (known []int64, err error) {
	var theirs []int64
	err = failed(tx.Model(&Person{}).Distinct("unit_id").Where("active = ? AND superior_id = ?", true, person.ID).Pluck("unit_id", &theirs), "find units of a team")
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(theirs, func(unit int64) bool { return leads(tree, person.UnitID, unit) }) {
		return leadersAbove(tx, tree, person, limit)
	}
	err = failed(tx.Model(&Person{}).Where("active = ? AND unit_id = ? AND superior_id IS NOT NULL AND id <> ?", true, person.UnitID, person.ID).
		Group("superior_id").Order("COUNT(*) DESC, superior_id").Limit(limit).Pluck("superior_id", &known), "find usual evaluators")
	return known, err
}

// leadersAbove are who leads the nearest unit above that of a head: people of it who evaluate people of it, or below. Where nobody does up to the
// city, they are the head of the region and who evaluates the heads of the units beside it. Nobody whom the head evaluates is among them.
func leadersAbove(tx *gorm.DB, tree Tree, head Person, limit int) (known []int64, err error) {
	above := tree.Above(head.UnitID)[1:]
	for _, unit := range above[:max(0, len(above)-1)] {
		err = failed(tx.Table("people AS p").Joins("JOIN people AS t ON t.superior_id = p.id AND t.active = ? AND t.unit_id IN ?", true, tree.Below(unit)).
			Where("p.active = ? AND p.unit_id = ? AND COALESCE(p.superior_id, 0) <> ?", true, unit, head.ID).
			Group("p.id").Order("COUNT(*) DESC, p.id").Limit(limit).Pluck("p.id", &known), "find who leads a unit above")
		if err != nil || len(known) > 0 {
			return known, err
		}
	}
	if err = failed(tx.Model(&PersonRole{}).Where("role = ?", Mayor).Pluck("person_id", &known), "find head of the region"); err != nil {
		return nil, err
	}
	var beside, others []int64
	for _, unit := range tree.Directly(parentOf(tree.units[head.UnitID])) {
		beside = append(beside, unit.ID)
	}
	err = failed(tx.Table("people AS p").Joins("JOIN people AS h ON h.superior_id = p.id AND h.active = ? AND h.unit_id IN ?", true, beside).
		Where("p.active = ? AND COALESCE(p.superior_id, 0) <> ? AND p.unit_id <> h.unit_id AND EXISTS (SELECT 1 FROM people AS t WHERE t.superior_id = h.id AND t.active = ?)", true, head.ID, true).
		Group("p.id").Order("COUNT(*) DESC, p.id").Limit(limit).Pluck("p.id", &others), "find evaluators of heads")
	return append(known, others...), err
}

// foundPeople reads a part of a list of people p.
func foundPeople(list *gorm.DB, offset, limit int) (lines []PersonFound, total int, err error) {
	list = list.Session(&gorm.Session{})
	var count int64
	if err := failed(list.Count(&count), "count people"); err != nil || limit == 0 || count == 0 {
		return nil, int(count), err
	}
	err = failed(list.Joins("LEFT JOIN units AS u ON u.id = p.unit_id").Select(foundColumns).Order("p.name, p.id").Offset(offset).Limit(limit).Find(&lines), "list people")
	return lines, int(count), err
}

// holding keeps the people p whose name holds each word of a text, and whose NIP each number of it.
func holding(people *gorm.DB, text string) *gorm.DB {
	names, numbers := searched(text)
	if len(names)+len(numbers) == 0 {
		return people.Where("1 = 0")
	}
	for _, word := range names {
		people = people.Where("p.name LIKE ? ESCAPE '!'", "%"+literal.Replace(word)+"%")
	}
	for _, number := range numbers {
		people = people.Where("p.nip LIKE ?", "%"+number+"%")
	}
	return people
}

// literal writes what means something in a pattern so that it means itself.
var literal = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// searched parts what was typed into words of a name and numbers of a NIP. A NIP that is written in groups is one number.
func searched(text string) (names, numbers []string) {
	joined := false // the word before was a number
	for _, word := range strings.Fields(text) {
		digits := strings.NewReplacer(".", "", "-", "", "–", "").Replace(word)
		switch {
		case digits == "" || strings.Trim(digits, "0123456789") != "":
			names, joined = append(names, word), false
		case joined:
			numbers[len(numbers)-1] += digits
		default:
			numbers, joined = append(numbers, digits), true
		}
	}
	return names, numbers
}
