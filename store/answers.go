package store

import (
	"context"
	"fmt"
	"strconv"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Rate stores the rating of one indicator. Rating it the same again changes nothing; another rating takes the old reason away.
// It returns ErrNotFound for somebody else's evaluation or a foreign indicator, ErrFinal and ErrClosed as they say.
//
// It is the most frequent change there is, so it takes two statements: the audit row is written by a select that checks every
// right, keeps the old rating, and locks evaluation and period against being finalised and closed until the commit.
func (s *Store) Rate(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, rating Rating) error {
	return s.transaction(ctx, "rate", func(tx *gorm.DB) error {
		permitted := tx.Exec(rateAudit+s.shareLock(), s.now(), "rated", strconv.FormatInt(indicatorID, 10)+" "+string(rating),
			indicatorID, evaluationID, evaluatorID, EvaluationOpen, PeriodOpen)
		if err := failed(permitted, "check and audit"); err != nil {
			return err
		}
		if permitted.RowsAffected == 0 {
			return s.whyNot(tx, evaluatorID, evaluationID)
		}
		row := Answer{EvaluationID: evaluationID, IndicatorID: indicatorID, Rating: rating}
		return failed(tx.Clauses(keepReasonOf(rating, s)).Create(&row), "write answer")
	})
}

const rateAudit = "INSERT INTO audits (at, actor_id, action, subject, object_id, `before`, `after`) " +
	"SELECT ?, e.evaluator_id, ?, 'evaluation', e.id, COALESCE(a.rating, ''), ? " +
	"FROM evaluations e JOIN periods p ON p.id = e.period_id " +
	"JOIN indicators i ON i.id = ? AND i.template_version_id = e.template_version_id " +
	"LEFT JOIN answers a ON a.evaluation_id = e.id AND a.indicator_id = i.id " +
	"WHERE e.id = ? AND e.evaluator_id = ? AND e.state = ? AND p.state = ?"

func (s *Store) shareLock() string {
	if s.engine == "sqlite" {
		return ""
	}
	return " LOCK IN SHARE MODE"
}

// keepReasonOf is the upsert of a rating. The reason is looked at before the rating changes: MySQL assigns in order.
func keepReasonOf(rating Rating, s *Store) clause.OnConflict {
	return clause.OnConflict{
		Columns: []clause.Column{{Name: "evaluation_id"}, {Name: "indicator_id"}},
		DoUpdates: clause.Set{
			{Column: clause.Column{Name: "reason"}, Value: gorm.Expr("CASE WHEN rating = ? THEN reason ELSE '' END", rating)},
			{Column: clause.Column{Name: "rating"}, Value: rating},
			{Column: clause.Column{Name: "updated_at"}, Value: s.now()},
		},
	}
}

// RateRest rates every indicator that has no rating yet as meeting the expectation, and returns how many those were. When then
// all indicators meet it, both overall ratings that are not chosen yet are chosen so too: that is what the evaluator said.
func (s *Store) RateRest(ctx context.Context, evaluatorID, evaluationID int64) (rated int, err error) {
	err = s.change(ctx, "rate the rest", evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		sheet, err := s.sheet(tx, evaluatorID, evaluationID)
		if err != nil {
			return err
		}
		var rows []Answer
		allMeet := true
		for _, i := range sheet.Indicators {
			answer, ok := sheet.Answers[i.ID]
			if !ok {
				rows = append(rows, Answer{EvaluationID: e.ID, IndicatorID: i.ID, Rating: Meets})
			}
			allMeet = allMeet && (!ok || answer.Rating == Meets)
		}
		rated = len(rows)
		if rated > 0 {
			if err := failed(tx.Create(&rows), "write answers"); err != nil {
				return err
			}
		}
		if allMeet {
			if err := s.chooseWhereNone(tx, e, Meets); err != nil {
				return err
			}
		}
		return s.audit(tx, evaluatorID, "rated_rest", "evaluation", e.ID, fmt.Sprint(len(sheet.Answers)), fmt.Sprintf("%d %s", rated, Meets))
	})
	return rated, err
}

func (s *Store) chooseWhereNone(tx *gorm.DB, e Evaluation, rating Rating) error {
	for column, chosen := range map[string]Rating{"work_rating": e.WorkRating, "behaviour_rating": e.BehaviourRating} {
		if chosen != "" {
			continue
		}
		if err := failed(tx.Model(&Evaluation{}).Where("id = ?", e.ID).Update(column, rating), "choose overall rating"); err != nil {
			return err
		}
	}
	return nil
}

// SetReason stores why an indicator is not rated as meeting the expectation. It returns ErrConflict when the indicator has no rating.
func (s *Store) SetReason(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, reason string) error {
	return s.setOnAnswer(ctx, evaluatorID, evaluationID, indicatorID, "reason", reason)
}

// SetNote stores feedback on one indicator; "" takes it away. It returns ErrConflict when the indicator has no rating.
func (s *Store) SetNote(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, note string) error {
	return s.setOnAnswer(ctx, evaluatorID, evaluationID, indicatorID, "note", note)
}

func (s *Store) setOnAnswer(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, column, text string) error {
	return s.change(ctx, "set "+column, evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		var before Answer
		err := first(tx.Where("evaluation_id = ? AND indicator_id = ?", e.ID, indicatorID).Take(&before), "read answer")
		if err == ErrNotFound { //nolint:errorlint // first returns it bare
			return ErrConflict
		}
		if err != nil {
			return err
		}
		changed := tx.Model(&Answer{}).Where("id = ?", before.ID).Updates(map[string]any{column: text, "updated_at": s.now()})
		if err := failed(changed, "write "+column); err != nil {
			return err
		}
		old := map[string]string{"reason": before.Reason, "note": before.Note}[column]
		return s.audit(tx, evaluatorID, "set_"+column, "answer", before.ID, old, text)
	})
}

// Side is one of the two overall ratings.
type Side string

// The two sides of the quadrant.
const (
	Work      Side = "work"      // Hasil Kerja
	Behaviour Side = "behaviour" // Perilaku Kerja
)

// ChooseOverall stores an overall rating. Another rating takes the old reason away.
func (s *Store) ChooseOverall(ctx context.Context, evaluatorID, evaluationID int64, side Side, rating Rating) error {
	return s.change(ctx, "choose overall rating", evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		before := e.WorkRating
		if side == Behaviour {
			before = e.BehaviourRating
		}
		if before == rating {
			return nil
		}
		fields := map[string]any{string(side) + "_rating": rating, string(side) + "_reason": "", "updated_at": s.now()}
		if err := failed(tx.Model(&Evaluation{}).Where("id = ?", e.ID).Updates(fields), "write overall rating"); err != nil {
			return err
		}
		return s.audit(tx, evaluatorID, "chose_"+string(side), "evaluation", e.ID, string(before), string(rating))
	})
}

// SetOverallReason stores why an overall rating is not "meets", where no indicator of its side says it.
func (s *Store) SetOverallReason(ctx context.Context, evaluatorID, evaluationID int64, side Side, reason string) error {
	return s.setOnEvaluation(ctx, evaluatorID, evaluationID, "set_"+string(side)+"_reason", map[string]any{string(side) + "_reason": reason})
}

// SetEvaluationNote stores the note to the employee; "" takes it away.
func (s *Store) SetEvaluationNote(ctx context.Context, evaluatorID, evaluationID int64, note string) error {
	return s.setOnEvaluation(ctx, evaluatorID, evaluationID, "set_note", map[string]any{"note": note})
}

// SetFollowUp stores what is agreed so that the work gets better, and until when.
func (s *Store) SetFollowUp(ctx context.Context, evaluatorID, evaluationID int64, kind FollowUpKind, due Date) error {
	return s.setOnEvaluation(ctx, evaluatorID, evaluationID, "set_follow_up", map[string]any{"follow_up_kind": kind, "follow_up_due": due})
}

func (s *Store) setOnEvaluation(ctx context.Context, evaluatorID, evaluationID int64, action string, fields map[string]any) error {
	return s.change(ctx, action, evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		after := asJSON(fields, true)
		fields["updated_at"] = s.now()
		if err := failed(tx.Model(&Evaluation{}).Where("id = ?", e.ID).Updates(fields), "write evaluation"); err != nil {
			return err
		}
		before := map[string]any{"note": e.Note, "work_reason": e.WorkReason, "behaviour_reason": e.BehaviourReason, "follow_up_kind": e.FollowUpKind, "follow_up_due": e.FollowUpDue}
		for name := range before {
			if _, changed := fields[name]; !changed {
				delete(before, name)
			}
		}
		return s.audit(tx, evaluatorID, action, "evaluation", e.ID, asJSON(before, true), after)
	})
}

// ReasonsUsed returns the reasons that an evaluator gave before for ratings like this, the most used first.
func (s *Store) ReasonsUsed(ctx context.Context, evaluatorID int64, aspect Aspect, rating Rating, limit int) ([]string, error) {
	var reasons []string
	err := failed(s.db.WithContext(ctx).Table("answers AS a").Select("a.reason").
		Joins("JOIN evaluations AS e ON e.id = a.evaluation_id AND e.evaluator_id = ?", evaluatorID).
		Joins("JOIN indicators AS i ON i.id = a.indicator_id AND i.aspect = ?", aspect).
		Where("a.rating = ? AND a.reason <> ''", rating).
		Group("a.reason").Order("COUNT(*) DESC, MAX(a.id) DESC").Limit(limit).Find(&reasons), "read reasons used")
	return reasons, err
}
