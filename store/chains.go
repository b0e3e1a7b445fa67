package store

import (
	"context"
	"slices"

	"gorm.io/gorm"
)

// ChainProblem is what can be wrong with the chain of evaluators of somebody on the roster.
type ChainProblem string

// The problems, worst first.
const (
	ChainCircle ChainProblem = "circle" // he is evaluated, over others or by himself, by whom he evaluates
	ChainLeft   ChainProblem = "left"   // his evaluator has left
	ChainNone   ChainProblem = "none"   // nobody evaluates him, and a period has an evaluation of him
	ChainBelow  ChainProblem = "below"  // the roster does not know his evaluator to be entitled, and nobody has said why he is
)

// ChainProblems lists them.
func ChainProblems() []ChainProblem {
	return []ChainProblem{ChainCircle, ChainLeft, ChainNone, ChainBelow}
}

// CountChains counts the people of an administrator's units whose chain has a problem, by problem. entitled judges an evaluator by his kind
// and name of position. ErrNotFound when he administers nothing.
func (s *Store) CountChains(ctx context.Context, adminID int64, entitled func(kind, position string) bool) (map[ChainProblem]int, error) {
	counts := map[ChainProblem]int{}
	for _, problem := range ChainProblems() {
		_, total, err := s.InChain(ctx, adminID, problem, entitled, 0, 0)
		if err != nil {
			return nil, err
		}
		counts[problem] = total
	}
	return counts, nil
}

// InChain lists the people of an administrator's units whose chain has one problem, by name, and counts them.
func (s *Store) InChain(ctx context.Context, adminID int64, problem ChainProblem, entitled func(kind, position string) bool, offset, limit int) (lines []PersonFound, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	people := scope.narrow(tx.Table("people AS p").Where("p.active = ?", true), "p.unit_id")
	switch problem {
	case ChainNone:
		if people, err = evaluatorMissing(tx, people); err != nil {
			return nil, 0, err
		}
	case ChainLeft:
		people = evaluatorGone(people)
	case ChainCircle:
		ids, err := inCircles(tx)
		if err != nil {
			return nil, 0, err
		}
		people = people.Where("p.id IN ?", ids)
	case ChainBelow:
		ids, err := notEntitled(tx, entitled)
		if err != nil {
			return nil, 0, err
		}
		people = people.Where("p.superior_id IN ?", ids).
			Where("NOT EXISTS (SELECT 1 FROM evaluator_reasons AS r WHERE r.person_id = p.id AND r.evaluator_id = p.superior_id)")
	default:
		return nil, 0, ErrNotFound
	}
	return foundPeople(people, offset, limit)
}

// notEntitled lists who evaluates somebody, is on the roster, and is not known to be entitled to it.
func notEntitled(tx *gorm.DB, entitled func(kind, position string) bool) ([]int64, error) {
	var evaluators []Person
	err := failed(tx.Select("id, position_kind, position").Where("active = ? AND id IN (?)", true, tx.Model(&Person{}).Distinct("superior_id").Where("superior_id IS NOT NULL")).
		Find(&evaluators), "read evaluators")
	ids := []int64{}
	for _, e := range evaluators {
		if !entitled(e.PositionKind, e.Position) {
			ids = append(ids, e.ID)
		}
	}
	return ids, err
}

// inCircles lists who stands in a circle of evaluators. Who is only evaluated from within one does not.
func inCircles(tx *gorm.DB) ([]int64, error) {
	var led []Person
	if err := failed(tx.Select("id, superior_id").Where("superior_id IS NOT NULL").Find(&led), "read who evaluates whom"); err != nil {
		return nil, err
	}
	above := make(map[int64]int64, len(led))
	for _, p := range led {
		above[p.ID] = *p.SuperiorID
	}
	ids, walked := []int64{}, map[int64]int{} // the walk that came by first
	for walk, p := range led {
		at := p.ID
		for at != 0 && walked[at] == 0 {
			walked[at] = walk + 1
			at = above[at]
		}
		for at != 0 && walked[at] == walk+1 && !slices.Contains(ids, at) {
			ids = append(ids, at)
			at = above[at]
		}
	}
	return ids, nil
}
