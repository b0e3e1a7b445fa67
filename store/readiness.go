package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
)

// Step is something that a city, or a branch of it, lacks before its people can be evaluated, or be told their results.
type Step string

// The steps, in the order in which they are best taken. Each is gone once it is done; none has to wait for the ones before it.
const (
	StepUnits       Step = "units"       // there is no unit; for who covers the whole city
	StepPeople      Step = "people"      // nobody is in a unit, or one alone in the whole city
	StepCircles     Step = "circles"     // people evaluate each other in a circle; looked for by the Operator only, because nothing here makes one
	StepEvaluators  Step = "evaluators"  // people whom nobody evaluates, or somebody who has left
	StepIndicators  Step = "indicators"  // units with people and without indicators
	StepInvite      Step = "invite"      // evaluators who are not linked and hold no valid code
	StepPeriod      Step = "period"      // no period was ever opened; for who covers the whole city
	StepPerformance Step = "performance" // units whose organisation performance is missing, of a period that only has to be published
	StepLink        Step = "link"        // evaluators who hold a valid code and have not used it
)

// Steps lists them.
func Steps() []Step {
	return []Step{StepUnits, StepPeople, StepCircles, StepEvaluators, StepIndicators, StepInvite, StepPeriod, StepPerformance, StepLink}
}

// NextStep is a step that is not done.
type NextStep struct {
	Step   Step
	Number int   // of units or people that it is about; 0 where there is nothing to count
	ID     int64 // of StepPeriod a draft that waits to be opened, of StepPerformance the period; 0 for none
}

// Readiness lists the steps that an administrator's units lack; the Operator's are all. ErrNotFound when he administers nothing.
func (s *Store) Readiness(ctx context.Context, adminID int64) ([]NextStep, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.unitScope(tx, adminID)
	if err != nil {
		return nil, err
	}
	looks := []func(*gorm.DB, Scope) ([]NextStep, error){s.evaluatorSteps, bareUnits, s.accountSteps, s.periodSteps}
	if adminID == Operator {
		looks = append([]func(*gorm.DB, Scope) ([]NextStep, error){circleSteps}, looks...)
	}
	found, err := rosterSteps(tx, scope)
	if err != nil || len(found) > 0 {
		return found, err // without people there is nobody to whom the others could apply
	}
	for _, look := range looks {
		some, err := look(tx, scope)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return inOrder(found), nil
}

// inOrder sorts by the order of Steps and leaves out what counts nobody.
func inOrder(found []NextStep) (sorted []NextStep) {
	for _, step := range Steps() {
		for _, f := range found {
			if f.Step == step && (f.Number > 0 || step == StepPeriod) {
				sorted = append(sorted, f)
			}
		}
	}
	return sorted
}

// placed are the people of a scope who are on the roster and in a unit, as p: those whom a period evaluates.
func placed(tx *gorm.DB, scope Scope) *gorm.DB {
	return scope.narrow(tx.Table("people AS p").Where("p.active = ? AND p.unit_id <> 0", true), "p.unit_id")
}

func rosterSteps(tx *gorm.DB, scope Scope) ([]NextStep, error) {
	if len(scope.Units()) == 0 && scope.City() {
		return []NextStep{{Step: StepUnits}}, nil
	}
	var some []int64
	err := failed(placed(tx, scope).Limit(2).Pluck("p.id", &some), "look for people")
	if len(some) == 0 || len(some) == 1 && scope.City() { // one alone has nobody to evaluate
		return []NextStep{{Step: StepPeople}}, err
	}
	return nil, err
}

// unevaluated is the condition of people p whom nobody evaluates though a period has an evaluation of them: a Kepala Daerah is elected and no ASN.
const unevaluated = "p.superior_id IS NULL AND p.unit_id <> 0 AND NOT EXISTS (SELECT 1 FROM person_roles AS mayors WHERE mayors.person_id = p.id AND mayors.role = '" + string(Mayor) + "')"

// evaluatorMissing keeps those of people p whom nobody evaluates, without who stands at the top.
func evaluatorMissing(tx, people *gorm.DB) (*gorm.DB, error) {
	top, err := atTheTop(tx)
	return people.Where(unevaluated).Where("p.id <> ?", top.ID), err
}

// evaluatorGone keeps those of people p whose evaluator has left.
func evaluatorGone(people *gorm.DB) *gorm.DB {
	return people.Where("p.superior_id IN (SELECT gone.id FROM people AS gone WHERE gone.active = ?)", false)
}

// withoutEvaluator counts the people of a scope who need an evaluator: nobody evaluates them, or somebody who has left.
func withoutEvaluator(tx *gorm.DB, scope Scope) (int, error) {
	var none, left int64
	missing, err := evaluatorMissing(tx, placed(tx, scope))
	if err != nil {
		return 0, err
	}
	if err := failed(missing.Count(&none), "count people without evaluator"); err != nil {
		return 0, err
	}
	err = failed(evaluatorGone(placed(tx, scope)).Count(&left), "count people whose evaluator has left")
	return int(none + left), err
}

func (s *Store) evaluatorSteps(tx *gorm.DB, scope Scope) ([]NextStep, error) {
	number, err := withoutEvaluator(tx, scope)
	return []NextStep{{Step: StepEvaluators, Number: number}}, err
}

// atTheTop is who stands above all others where the Kepala Daerah is not on the roster, as he has no NIP: the only one who evaluates and is evaluated
// by nobody. Zero where there are several, because then all but one of them lack somebody.
func atTheTop(tx *gorm.DB) (Person, error) {
	err := first(tx.Model(&PersonRole{}).Where("role = ?", Mayor).Limit(1).Take(&PersonRole{}), "look for a mayor")
	if !errors.Is(err, ErrNotFound) {
		return Person{}, err
	}
	var tops []Person
	err = failed(tx.Table("people AS p").Select("p.id, p.unit_id").Where("p.active = ?", true).Where(unevaluated).
		Where("EXISTS (SELECT 1 FROM people AS led WHERE led.superior_id = p.id AND led.active = ?)", true).Limit(2).Find(&tops), "look for who stands at the top")
	if len(tops) != 1 {
		return Person{}, err
	}
	return tops[0], err
}

func circleSteps(tx *gorm.DB, _ Scope) ([]NextStep, error) {
	ids, err := inCircles(tx)
	return []NextStep{{Step: StepCircles, Number: len(ids)}}, err
}

func bareUnits(tx *gorm.DB, scope Scope) ([]NextStep, error) {
	own, err := ownVersions(tx)
	if err != nil {
		return nil, err
	}
	var units []int64
	if err := failed(placed(tx, scope).Distinct("p.unit_id").Pluck("p.unit_id", &units), "list units with people"); err != nil {
		return nil, err
	}
	versions, bare := nearestVersions(scope.tree, own), 0
	for _, id := range units {
		if versions[id] == 0 {
			bare++
		}
	}
	return []NextStep{{Step: StepIndicators, Number: bare}}, nil
}

// accountSteps count the evaluators of the scope who cannot evaluate yet, because they are not linked. Somebody who evaluates people of the scope
// and is not of it himself is invited by another administrator.
func (s *Store) accountSteps(tx *gorm.DB, scope Scope) ([]NextStep, error) {
	var counts struct{ Waiting, Invited int }
	err := failed(scope.narrow(tx.Table("people AS people").Joins("LEFT JOIN accounts AS a ON a.person_id = people.id"), "people.unit_id").
		Where("people.active = ? AND a.id IS NULL", true).
		Where("EXISTS (SELECT 1 FROM people AS led WHERE led.superior_id = people.id AND led.active = ? AND led.unit_id <> 0)", true).
		Select("COUNT(*) AS waiting, COALESCE(SUM(CASE WHEN "+holdsCode+" THEN 1 ELSE 0 END), 0) AS invited", s.now()).Take(&counts), "count evaluators who are not linked")
	return []NextStep{{Step: StepInvite, Number: counts.Waiting - counts.Invited}, {Step: StepLink, Number: counts.Invited}}, err
}

func (s *Store) periodSteps(tx *gorm.DB, scope Scope) ([]NextStep, error) {
	if !scope.City() {
		return s.performanceStep(tx, scope)
	}
	err := first(tx.Model(&Period{}).Select("id").Limit(1).Take(&Period{}), "look for a period")
	if !errors.Is(err, ErrNotFound) {
		if err != nil {
			return nil, err
		}
		return s.performanceStep(tx, scope)
	}
	var draft PeriodDraft
	err = first(tx.Order("last_day DESC, id DESC").Limit(1).Take(&draft), "look for a draft")
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return []NextStep{{Step: StepPeriod, ID: draft.ID}}, err
}

// performanceStep is about the oldest period of the scope that touches the scope, whose deadline has passed and whose results wait to be published.
func (s *Store) performanceStep(tx *gorm.DB, scope Scope) ([]NextStep, error) {
	var waiting Period
	err := first(tx.Where("unit_id IN ?", scope.related()).Where("`release` = ? AND published_at IS NULL AND archived_at IS NULL AND state <> ? AND scoring_due <= ?",
		ReleasePublished, PeriodOpening, s.now()).Order("last_day, id").Limit(1).Take(&waiting), "look for a period to publish")
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := performancesIn(tx, scope, AdminPeriod{Period: waiting, Unit: scope.Name(waiting.UnitID), Manages: scope.Covers(waiting.UnitID)})
	return []NextStep{{Step: StepPerformance, Number: len(list.Units) - list.Entered(), ID: waiting.ID}}, err
}
