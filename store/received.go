package store

import (
	"context"

	"gorm.io/gorm"
)

// ResultLine is one line of an employee's list of results.
type ResultLine struct {
	Result     `gorm:"embedded"`
	EmployeeID int64
	Kind       PeriodKind
	FirstDay   Date
	LastDay    Date
	PeriodID   int64
	Objection  int    // days in which an objection may be raised, from receipt
	Evaluator  string // name of who set it
	Superior   string // name of who decides on an objection; "" for nobody on the roster
	// Of a result that was set for the evaluator: in which capacity, for whom, and by which letter.
	Capacity Capacity
	OnBehalf string
	Letter   string
}

const resultColumns = "r.*, e.employee_id, p.kind, p.first_day, p.last_day, p.id AS period_id, p.objection_days AS objection, COALESCE(evaluators.name, '') AS evaluator, " +
	"COALESCE(superiors.name, '') AS superior, COALESCE(d.capacity, '') AS capacity, COALESCE(absent.name, '') AS on_behalf, COALESCE(d.letter, '') AS letter"

// visible selects the results that their employees may see: of each evaluation the last version that is released and not withdrawn. One that
// was opened again stays to be seen until its successor is.
func (s *Store) visible(tx *gorm.DB) *gorm.DB {
	return tx.Table("results AS r").Select(resultColumns).
		Joins("JOIN evaluations AS e ON e.id = r.evaluation_id").
		Joins("JOIN periods AS p ON p.id = e.period_id").
		Joins("LEFT JOIN people AS evaluators ON evaluators.id = r.set_by").
		Joins("LEFT JOIN people AS superiors ON superiors.id = e.superior_id AND superiors.active = ?", true).
		Joins("LEFT JOIN delegations AS d ON d.id = r.delegation_id").Joins("LEFT JOIN people AS absent ON absent.id = d.evaluator_id").
		Where("r.withdrawn_at IS NULL AND r.release_at <= ?", s.now()).
		Where("NOT EXISTS (SELECT 1 FROM results AS later WHERE later.evaluation_id = r.evaluation_id AND later.version > r.version "+
			"AND later.withdrawn_at IS NULL AND later.release_at <= ?)", s.now())
}

// ResultsOf lists what an employee may see of himself, the newest period first.
func (s *Store) ResultsOf(ctx context.Context, employeeID int64) ([]ResultLine, error) {
	var lines []ResultLine
	err := failed(s.visible(s.db.WithContext(ctx)).Where("e.employee_id = ?", employeeID).Order("p.last_day DESC, r.id DESC").Find(&lines), "list results")
	return lines, err
}

// ResultView is a result with the answers behind it.
type ResultView struct {
	ResultLine
	Indicators []Indicator
	Answers    map[int64]ResultAnswer // by indicator
	FollowUp   FollowUp               // the zero value when none was agreed
}

// ResultFor returns a released result to its employee. Everybody else, and he before the release, gets ErrNotFound.
func (s *Store) ResultFor(ctx context.Context, employeeID, resultID int64) (ResultView, error) {
	view := ResultView{Answers: map[int64]ResultAnswer{}}
	err := first(s.visible(s.db.WithContext(ctx)).Where("r.id = ? AND e.employee_id = ?", resultID, employeeID).Take(&view.ResultLine), "read result")
	if err != nil {
		return ResultView{}, err
	}
	var e Evaluation
	if err := first(s.db.WithContext(ctx).Where("id = ?", view.EvaluationID).Take(&e), "read evaluation"); err != nil {
		return ResultView{}, err
	}
	if view.Indicators, err = s.Indicators(ctx, e.TemplateVersionID); err != nil {
		return ResultView{}, err
	}
	if view.FollowUpKind != "" {
		if view.FollowUp, err = s.followUpFor(ctx, resultID); err != nil {
			return ResultView{}, err
		}
	}
	var answers []ResultAnswer
	if err := failed(s.db.WithContext(ctx).Where("result_id = ?", resultID).Find(&answers), "read result answers"); err != nil {
		return ResultView{}, err
	}
	for _, a := range answers {
		view.Answers[a.IndicatorID] = a
	}
	return view, nil
}

// OpenResult records that an employee has received his result: the days in which he may object run from the first time.
// Like all that is his, it is ErrNotFound to everybody else, and to him before the release.
func (s *Store) OpenResult(ctx context.Context, employeeID, resultID int64) error {
	return s.transaction(ctx, "open result", func(tx *gorm.DB) error {
		return s.stamp(tx, employeeID, resultID, "opened_at", "opened")
	})
}

// Acknowledge records that an employee has read his result. It says "received", not "agreed".
func (s *Store) Acknowledge(ctx context.Context, employeeID, resultID int64) error {
	return s.transaction(ctx, "acknowledge result", func(tx *gorm.DB) error {
		if err := s.stamp(tx, employeeID, resultID, "opened_at", "opened"); err != nil {
			return err
		}
		return s.stamp(tx, employeeID, resultID, "acknowledged_at", "acknowledged")
	})
}

// stamp writes a time that is written once.
func (s *Store) stamp(tx *gorm.DB, employeeID, resultID int64, column, action string) error {
	var line ResultLine
	if err := first(s.visible(tx).Where("r.id = ? AND e.employee_id = ?", resultID, employeeID).Take(&line), "find result"); err != nil {
		return err
	}
	stamped := tx.Model(&Result{}).Where("id = ? AND withdrawn_at IS NULL AND "+column+" IS NULL", resultID).Update(column, s.now())
	if stamped.Error != nil || stamped.RowsAffected == 0 {
		return failed(stamped, action)
	}
	return s.audit(tx, employeeID, action, "result", resultID, "", "")
}
