package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// KindResultReady is the notification that tells an employee that his result can be read.
const KindResultReady = "result_ready"

// ErrReleased is returned when a result is to be taken back that its employee may already have seen. It is an ErrConflict.
var ErrReleased = fmt.Errorf("result is released: %w", ErrConflict)

// Finalise sets the result of an evaluation. judge decides on the sheet as it is stored, locked: it returns the predicate, or an
// error that stops everything. A result of a period that is released at once becomes visible after grace, so that a slip
// can be taken back. Finalising again returns the result that is there.
func (s *Store) Finalise(ctx context.Context, evaluatorID, evaluationID int64, grace time.Duration, judge func(Sheet) (Predicate, error)) (Result, error) {
	var result Result
	var refused error
	err := s.transaction(ctx, "finalise", func(tx *gorm.DB) error {
		result, refused = Result{}, nil
		e, err := s.lockEvaluation(tx, evaluatorID, evaluationID)
		if err != nil {
			return err
		}
		last, err := s.lastResult(tx, evaluationID)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if e.State == EvaluationFinal {
			result = last
			return nil
		}
		sheet, err := s.sheet(tx, evaluatorID, evaluationID)
		if err != nil {
			return err
		}
		predicate, err := judge(sheet)
		if err != nil {
			refused = err
			return nil
		}
		result = s.resultOf(sheet, last.Version+1, predicate, grace)
		return s.writeResult(tx, sheet, &result)
	})
	return result, errors.Join(err, refused)
}

func (s *Store) resultOf(sheet Sheet, version int, predicate Predicate, grace time.Duration) Result {
	r := Result{
		EvaluationID: sheet.ID, Version: version, WorkRating: sheet.WorkRating, BehaviourRating: sheet.BehaviourRating, Predicate: predicate,
		Note: sheet.Note, FollowUpKind: sheet.FollowUpKind, FollowUpDue: sheet.FollowUpDue, SetBy: *sheet.EvaluatorID, SetAt: s.now(),
	}
	if sheet.Period.Release == ReleaseAtOnce || sheet.Period.PublishedAt != nil {
		visible := r.SetAt.Add(grace)
		r.ReleaseAt = &visible
	}
	return r
}

// writeResult stores a result with its answers, and owes the employee the news when it is known when he may see it.
func (s *Store) writeResult(tx *gorm.DB, sheet Sheet, r *Result) error {
	if err := failed(tx.Create(r), "write result"); err != nil {
		return err
	}
	answers := make([]ResultAnswer, 0, len(sheet.Answers))
	for _, i := range sheet.Indicators {
		if a, ok := sheet.Answers[i.ID]; ok {
			answers = append(answers, ResultAnswer{ResultID: r.ID, IndicatorID: i.ID, Rating: a.Rating, Reason: a.Reason, Note: a.Note})
		}
	}
	if err := failed(tx.Create(&answers), "write result answers"); err != nil {
		return err
	}
	final := tx.Model(&Evaluation{}).Where("id = ?", sheet.ID).Updates(map[string]any{"state": EvaluationFinal, "updated_at": s.now()})
	if err := failed(final, "make evaluation final"); err != nil {
		return err
	}
	if r.ReleaseAt != nil {
		if err := s.notify(tx, readyNotice(*r, sheet.EmployeeID, sheet.PeriodID)); err != nil {
			return err
		}
	}
	return s.audit(tx, r.SetBy, "finalised", "result", r.ID, "", fmt.Sprintf("%s %s %s", r.WorkRating, r.BehaviourRating, r.Predicate))
}

func readyNotice(r Result, employeeID, periodID int64) Notice {
	return Notice{Key: readyKey(r.ID), PersonID: employeeID, PeriodID: periodID, Kind: KindResultReady, Args: fmt.Sprint(r.ID), DueAt: *r.ReleaseAt}
}

func readyKey(resultID int64) string { return fmt.Sprintf("%s:%d", KindResultReady, resultID) }

func (s *Store) lastResult(tx *gorm.DB, evaluationID int64) (Result, error) {
	var r Result
	err := first(tx.Where("evaluation_id = ?", evaluationID).Order("version DESC").Take(&r), "read last result")
	return r, err
}

// TakeBack opens a final evaluation again, until its result is released; then it returns ErrReleased. Taking back twice is done already.
func (s *Store) TakeBack(ctx context.Context, evaluatorID, evaluationID int64) error {
	return s.transaction(ctx, "take back", func(tx *gorm.DB) error {
		e, err := s.lockEvaluation(tx, evaluatorID, evaluationID)
		if err != nil || e.State == EvaluationOpen {
			return err
		}
		r, err := s.lastResult(s.exclusive(tx), evaluationID)
		if err != nil {
			return err
		}
		now := s.now()
		if r.ReleaseAt != nil && !r.ReleaseAt.After(now) {
			return ErrReleased
		}
		if err := failed(tx.Model(&Result{}).Where("id = ?", r.ID).Update("withdrawn_at", now), "withdraw result"); err != nil {
			return err
		}
		cancelled := tx.Model(&Notification{}).Where("`key` = ? AND state IN ?", readyKey(r.ID), []NotificationState{Owed, Unreachable}).
			Updates(map[string]any{"state": Cancelled, "updated_at": now})
		if err := failed(cancelled, "cancel notification"); err != nil {
			return err
		}
		open := tx.Model(&Evaluation{}).Where("id = ?", e.ID).Updates(map[string]any{"state": EvaluationOpen, "updated_at": now})
		if err := failed(open, "open evaluation again"); err != nil {
			return err
		}
		return s.audit(tx, evaluatorID, "took_back", "result", r.ID, string(r.Predicate), "")
	})
}

// CurrentResult returns the result of an evaluation to its evaluator; ErrNotFound while there is none.
func (s *Store) CurrentResult(ctx context.Context, evaluatorID, evaluationID int64) (Result, error) {
	var r Result
	err := first(s.db.WithContext(ctx).Where("evaluation_id = ? AND withdrawn_at IS NULL", evaluationID).
		Where("EXISTS (SELECT 1 FROM evaluations AS e WHERE e.id = results.evaluation_id AND e.evaluator_id = ?)", evaluatorID).
		Order("version DESC").Take(&r), "read current result")
	return r, err
}

// ResultLine is one line of an employee's list of results.
type ResultLine struct {
	Result     `gorm:"embedded"`
	EmployeeID int64
	Kind       PeriodKind
	FirstDay   Date
	LastDay    Date
	PeriodID   int64
	Objection  int    // days in which an objection may be raised, from receipt
	Evaluator  string // name
}

const resultColumns = "r.*, e.employee_id, p.kind, p.first_day, p.last_day, p.id AS period_id, p.objection_days AS objection, COALESCE(evaluators.name, '') AS evaluator"

// visible selects the results that their employees may see: released, not withdrawn, the last of their evaluation.
func (s *Store) visible(ctx context.Context) *gorm.DB {
	return s.db.WithContext(ctx).Table("results AS r").Select(resultColumns).
		Joins("JOIN evaluations AS e ON e.id = r.evaluation_id").
		Joins("JOIN periods AS p ON p.id = e.period_id").
		Joins("LEFT JOIN people AS evaluators ON evaluators.id = r.set_by").
		Where("r.withdrawn_at IS NULL AND r.release_at <= ?", s.now()).
		Where("r.version = (SELECT MAX(version) FROM results WHERE results.evaluation_id = r.evaluation_id)")
}

// ResultsOf lists what an employee may see of himself, the newest period first.
func (s *Store) ResultsOf(ctx context.Context, employeeID int64) ([]ResultLine, error) {
	var lines []ResultLine
	err := failed(s.visible(ctx).Where("e.employee_id = ?", employeeID).Order("p.last_day DESC, r.id DESC").Find(&lines), "list results")
	return lines, err
}

// ResultView is a result with the answers behind it.
type ResultView struct {
	ResultLine
	Indicators []Indicator
	Answers    map[int64]ResultAnswer // by indicator
}

// ResultFor returns a released result to its employee. Everybody else, and he before the release, gets ErrNotFound.
func (s *Store) ResultFor(ctx context.Context, employeeID, resultID int64) (ResultView, error) {
	view := ResultView{Answers: map[int64]ResultAnswer{}}
	err := first(s.visible(ctx).Where("r.id = ? AND e.employee_id = ?", resultID, employeeID).Take(&view.ResultLine), "read result")
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
func (s *Store) OpenResult(ctx context.Context, employeeID, resultID int64) error {
	return s.stamp(ctx, employeeID, resultID, "opened_at", "opened")
}

// Acknowledge records that an employee has read his result. It says "received", not "agreed".
func (s *Store) Acknowledge(ctx context.Context, employeeID, resultID int64) error {
	if err := s.OpenResult(ctx, employeeID, resultID); err != nil {
		return err
	}
	return s.stamp(ctx, employeeID, resultID, "acknowledged_at", "acknowledged")
}

// stamp writes a time that is written once.
func (s *Store) stamp(ctx context.Context, employeeID, resultID int64, column, action string) error {
	if _, err := s.ResultFor(ctx, employeeID, resultID); err != nil {
		return err
	}
	return s.transaction(ctx, action, func(tx *gorm.DB) error {
		now := s.now()
		stamped := tx.Model(&Result{}).Where("id = ? AND withdrawn_at IS NULL AND release_at <= ? AND "+column+" IS NULL", resultID, now).Update(column, now)
		if stamped.Error != nil || stamped.RowsAffected == 0 {
			return failed(stamped, action)
		}
		return s.audit(tx, employeeID, action, "result", resultID, "", "")
	})
}

// publishChunk is how many results one transaction publishes.
const publishChunk = 200

// PublishResults releases all results of a period that wait for it, and owes every employee the news. Results that are set
// later are released by themselves. It works in chunks and may be repeated after an interruption. It returns how many it released.
func (s *Store) PublishResults(ctx context.Context, periodID, actorID int64) (int, error) {
	if err := s.markPublished(ctx, periodID, actorID); err != nil {
		return 0, err
	}
	for total := 0; ; {
		n, err := s.publishSome(ctx, periodID)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

func (s *Store) markPublished(ctx context.Context, periodID, actorID int64) error {
	return s.transaction(ctx, "publish period", func(tx *gorm.DB) error {
		now := s.now()
		marked := tx.Model(&Period{}).Where("id = ? AND published_at IS NULL", periodID).Updates(map[string]any{"published_at": now, "updated_at": now})
		if marked.Error != nil || marked.RowsAffected == 0 {
			return failed(marked, "publish period")
		}
		return s.audit(tx, actorID, "published", "period", periodID, "", "")
	})
}

func (s *Store) publishSome(ctx context.Context, periodID int64) (int, error) {
	released := 0
	err := s.transaction(ctx, "publish results", func(tx *gorm.DB) error {
		var rows []struct {
			Result     `gorm:"embedded"`
			EmployeeID int64
		}
		waiting := tx.Table("results AS r").Select("r.*, e.employee_id").Joins("JOIN evaluations AS e ON e.id = r.evaluation_id AND e.period_id = ?", periodID).
			Where("r.release_at IS NULL AND r.withdrawn_at IS NULL").Order("r.id").Limit(publishChunk)
		if err := failed(s.exclusive(waiting).Find(&rows), "find results to publish"); err != nil {
			return err
		}
		released = len(rows)
		now := s.now()
		for _, row := range rows {
			if err := failed(tx.Model(&Result{}).Where("id = ?", row.ID).Update("release_at", now), "release result"); err != nil {
				return err
			}
			row.ReleaseAt = &now
			if err := s.notify(tx, readyNotice(row.Result, row.EmployeeID, periodID)); err != nil {
				return err
			}
		}
		return nil
	})
	return released, err
}
