package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// ExclusionReason is why somebody is not evaluated in a period.
type ExclusionReason string

// The reasons: of II.C.8, to whom the planning of performance does not apply, and of those whose service has ended. Another one is told in words.
const (
	StateOfficial     ExclusionReason = "official"  // pejabat negara, or head or member of a non-structural body
	Suspended         ExclusionReason = "suspended" // diberhentikan sementara
	UnpaidLeave       ExclusionReason = "leave"     // cuti di luar tanggungan negara
	PreRetirement     ExclusionReason = "mpp"       // masa persiapan pensiun
	IsRetired         ExclusionReason = "retired"
	HasDied           ExclusionReason = "died"
	MovedAway         ExclusionReason = "moved"
	OtherwiseExcluded ExclusionReason = "other" // in words
)

// ExclusionReasons lists the reasons in the order of the law.
func ExclusionReasons() []ExclusionReason {
	return []ExclusionReason{StateOfficial, Suspended, UnpaidLeave, PreRetirement, IsRetired, HasDied, MovedAway, OtherwiseExcluded}
}

// Exclusion is one time that somebody was left out of a period. What ended stays as it was.
type Exclusion struct {
	ID           int64
	EvaluationID int64
	Reason       ExclusionReason
	Words        string // only of OtherwiseExcluded
	ByID         int64
	CreatedAt    time.Time
	EndedBy      int64
	EndedAt      *time.Time
}

// The notifications of an exclusion and of its end; the argument is the exclusion.
const (
	KindExcludedTeam  = "excluded_team"  // to the evaluator
	KindExcluded      = "excluded"       // to the employee
	KindIncludedTeam  = "included_team"  // to the evaluator
	KindIncludedAgain = "included_again" // to the employee
)

// standingExclusion is the exclusion of an evaluation that is excluded.
func standingExclusion(tx *gorm.DB, evaluationID int64) (Exclusion, error) {
	var x Exclusion
	err := first(tx.Where("evaluation_id = ? AND ended_at IS NULL", evaluationID).Order("id DESC").Take(&x), "read exclusion")
	return x, err
}

// Exclude leaves somebody out of an open period: he is not evaluated, nobody owes him anything and he is counted apart. What was rated stays
// stored. He and his evaluator are told, but nobody who has died. Doing it again changes nothing. ErrNotFound when his unit is not the administrator's, ErrOwn for oneself, ErrFinal once his
// result is set, ErrClosed unless the period is open.
func (s *Store) Exclude(ctx context.Context, adminID, evaluationID int64, reason ExclusionReason, inWords string) error {
	return s.transaction(ctx, "exclude", func(tx *gorm.DB) error {
		e, p, err := s.decide(tx, adminID, evaluationID)
		switch {
		case err != nil || e.State == EvaluationExcluded:
			return err
		case p.State != PeriodOpen:
			return ErrClosed
		case e.State != EvaluationOpen || e.ReopenedAt != nil:
			return ErrFinal
		}
		if err := s.setState(tx, e, EvaluationExcluded); err != nil {
			return err
		}
		x := Exclusion{EvaluationID: e.ID, Reason: reason, Words: inWords, ByID: adminID}
		if err := failed(tx.Create(&x), "write exclusion"); err != nil {
			return err
		}
		if err := s.tellExclusion(tx, e, x, KindExcludedTeam, KindExcluded); err != nil {
			return err
		}
		return s.audit(tx, adminID, "evaluation.exclude", "evaluation", e.ID, string(e.State), asJSON(map[string]string{"reason": string(reason), "words": inWords}, true))
	})
}

// Include takes an exclusion back, until the period closes: the evaluation goes on where it was. Doing it again changes nothing. Errors as of Exclude.
func (s *Store) Include(ctx context.Context, adminID, evaluationID int64) error {
	return s.transaction(ctx, "include again", func(tx *gorm.DB) error {
		e, p, err := s.decide(tx, adminID, evaluationID)
		switch {
		case err != nil || e.State != EvaluationExcluded:
			return err
		case p.State != PeriodOpen:
			return ErrClosed
		}
		x, err := standingExclusion(tx, e.ID)
		if err != nil {
			return err
		}
		if err := s.setState(tx, e, EvaluationOpen); err != nil {
			return err
		}
		ended := tx.Model(&Exclusion{}).Where("id = ?", x.ID).Updates(map[string]any{"ended_by": adminID, "ended_at": s.now()})
		if err := failed(ended, "end exclusion"); err != nil {
			return err
		}
		if err := s.tellExclusion(tx, e, x, KindIncludedTeam, KindIncludedAgain); err != nil {
			return err
		}
		return s.audit(tx, adminID, "evaluation.include", "evaluation", e.ID, string(x.Reason), string(EvaluationOpen))
	})
}

func (s *Store) setState(tx *gorm.DB, e Evaluation, state EvaluationState) error {
	changed := tx.Model(&Evaluation{}).Where("id = ?", e.ID).Updates(map[string]any{"state": state, "updated_at": s.now()})
	return failed(changed, "change state of evaluation")
}

// tellExclusion owes the news to the employee and to his evaluator; to nobody who is said to have died.
func (s *Store) tellExclusion(tx *gorm.DB, e Evaluation, x Exclusion, toEvaluator, toEmployee string) error {
	var notices []Notice
	tell := func(kind string, person int64) {
		notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d", kind, x.ID), PersonID: person, PeriodID: e.PeriodID, Kind: kind, Args: fmt.Sprint(x.ID)})
	}
	if x.Reason != HasDied {
		tell(toEmployee, e.EmployeeID)
	}
	if e.EvaluatorID != nil {
		tell(toEvaluator, *e.EvaluatorID)
	}
	return s.notify(tx, notices...)
}

// ExclusionNews is what the two whom an exclusion concerns are told.
type ExclusionNews struct {
	Exclusion `gorm:"embedded"`
	PeriodID  int64
	Kind      PeriodKind
	FirstDay  Date
	UnitID    int64
	Employee  string
	Last      bool // nothing was decided since
}

// ExclusionFor returns an exclusion to the employee whom it concerns, or to his evaluator; ErrNotFound to everybody else.
func (s *Store) ExclusionFor(ctx context.Context, personID, exclusionID int64) (ExclusionNews, error) {
	var news ExclusionNews
	err := first(s.db.WithContext(ctx).Table("exclusions AS x").
		Select("x.*, e.period_id, p.kind, p.first_day, e.unit_id, w.name AS employee, "+
			"NOT EXISTS (SELECT 1 FROM exclusions AS later WHERE later.evaluation_id = x.evaluation_id AND later.id > x.id) AS last").
		Joins("JOIN evaluations AS e ON e.id = x.evaluation_id").Joins("JOIN periods AS p ON p.id = e.period_id").
		Joins("JOIN people AS w ON w.id = e.employee_id").
		Where("x.id = ? AND (e.employee_id = ? OR e.evaluator_id = ?)", exclusionID, personID, personID).Take(&news), "read exclusion")
	return news, err
}
