package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Rate stores the rating of one indicator. The same rating again changes nothing; another one takes the old reason away.
// It returns ErrNotFound for somebody else's evaluation or a foreign indicator, ErrFinal and ErrClosed as they say.
//
// It is the most frequent change there is, so it takes two statements: the audit row is written by a select that checks every
// right, keeps the old rating, and locks evaluation and period against being finalised and closed until the commit.
func (s *Store) Rate(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, rating Rating) error {
	if !rating.Valid() {
		return fmt.Errorf("rate: no such rating %q", rating)
	}
	return s.transaction(ctx, "rate", func(tx *gorm.DB) error {
		permitted := tx.Exec(rateAudit+s.shareLock(), s.now(), strconv.FormatInt(indicatorID, 10)+" "+string(rating),
			indicatorID, evaluationID, evaluatorID, EvaluationOpen, s.now(), rating)
		if err := failed(permitted, "check and audit"); err != nil {
			return err
		}
		if permitted.RowsAffected == 0 {
			return whyNot(tx, s.now(), evaluatorID, evaluationID, indicatorID, rating)
		}
		row := Answer{EvaluationID: evaluationID, IndicatorID: indicatorID, Rating: rating}
		return failed(tx.Clauses(s.overwriteRating(rating)).Create(&row), "write answer")
	})
}

const rateAudit = "INSERT INTO audits (at, actor_id, action, subject, object_id, `before`, `after`) " +
	"SELECT ?, e.evaluator_id, 'rated', 'evaluation', e.id, COALESCE(a.rating, ''), ? " +
	"FROM evaluations e JOIN periods p ON p.id = e.period_id " +
	"JOIN indicators i ON i.id = ? AND i.template_version_id = e.template_version_id " +
	"LEFT JOIN answers a ON a.evaluation_id = e.id AND a.indicator_id = i.id " +
	"WHERE e.id = ? AND e.evaluator_id = ? AND e.state = ? AND " + acting + " AND " + openNow + " AND (a.rating IS NULL OR a.rating <> ?)"

func (s *Store) shareLock() string {
	if s.engine == "sqlite" {
		return ""
	}
	return " LOCK IN SHARE MODE"
}

// overwriteRating is the upsert of a rating. The reason is looked at before the rating changes: MySQL assigns in order.
func (s *Store) overwriteRating(rating Rating) clause.OnConflict {
	return clause.OnConflict{
		Columns: []clause.Column{{Name: "evaluation_id"}, {Name: "indicator_id"}},
		DoUpdates: clause.Set{
			{Column: clause.Column{Name: "reason"}, Value: gorm.Expr("CASE WHEN rating = ? THEN reason ELSE '' END", rating)},
			{Column: clause.Column{Name: "rating"}, Value: rating},
			{Column: clause.Column{Name: "updated_at"}, Value: s.now()},
		},
	}
}

// RateRest rates every indicator that has no rating yet as meeting the expectation, and returns how many those were and how many
// had one already. When then all indicators meet it, both overall ratings that are not chosen yet are chosen so too: that is
// what the evaluator said.
func (s *Store) RateRest(ctx context.Context, evaluatorID, evaluationID int64) (rated, kept int, err error) {
	err = s.change(ctx, "rate the rest", evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		rated, kept, err = s.rateRest(tx, e)
		return err
	})
	return rated, kept, err
}

func (s *Store) rateRest(tx *gorm.DB, e Evaluation) (rated, kept int, err error) {
	sheet, err := s.sheet(tx, *e.EvaluatorID, e.ID)
	if err != nil {
		return 0, 0, err
	}
	var rows []Answer
	allMeet := true
	for _, i := range sheet.Indicators {
		switch sheet.Rating(i.ID) {
		case "":
			rows = append(rows, Answer{EvaluationID: e.ID, IndicatorID: i.ID, Rating: Meets})
		case Meets:
		default:
			allMeet = false
		}
	}
	rated, kept = len(rows), len(sheet.Indicators)-len(rows)
	if allMeet {
		if err := s.chooseWhereNone(tx, e, Meets); err != nil {
			return 0, 0, err
		}
	}
	if rated == 0 {
		return 0, kept, nil
	}
	if err := failed(tx.Clauses(s.overwriteRating(Meets)).Create(&rows), "write answers"); err != nil {
		return 0, 0, err
	}
	return rated, kept, s.audit(tx, *e.EvaluatorID, "rated_rest", "evaluation", e.ID, fmt.Sprintf("%d rated", kept), fmt.Sprintf("%d %s", rated, Meets))
}

// SetReason stores why an indicator is not rated as meeting the expectation. It returns ErrConflict when its rating needs no reason.
func (s *Store) SetReason(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, reason string) error {
	return s.change(ctx, "set reason", evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		before, err := answerOf(tx, e.ID, indicatorID)
		if err != nil {
			return err
		}
		if before.Rating != Above && before.Rating != Below {
			return ErrConflict
		}
		if before.Reason == reason {
			return nil
		}
		written := tx.Model(&Answer{}).Where("id = ?", before.ID).Updates(map[string]any{"reason": reason, "updated_at": s.now()})
		if err := failed(written, "write reason"); err != nil {
			return err
		}
		return s.audit(tx, evaluatorID, "set_reason", "answer", before.ID, before.Reason, reason)
	})
}

// SetNote stores feedback on one indicator, which need not be rated yet; "" takes it away.
// ErrNotFound when the indicator is none of this evaluation.
func (s *Store) SetNote(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, note string) error {
	return s.change(ctx, "set note", evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		var i Indicator
		if err := first(tx.Where("id = ? AND template_version_id = ?", indicatorID, e.TemplateVersionID).Take(&i), "find indicator"); err != nil {
			return err
		}
		before, err := answerOf(tx, e.ID, indicatorID)
		if err != nil && !errors.Is(err, ErrConflict) {
			return err
		}
		if before.Note == note {
			return nil
		}
		row := Answer{EvaluationID: e.ID, IndicatorID: indicatorID, Note: note}
		written := tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "evaluation_id"}, {Name: "indicator_id"}},
			DoUpdates: clause.Assignments(map[string]any{"note": note, "updated_at": s.now()}),
		}).Create(&row)
		if err := failed(written, "write note"); err != nil {
			return err
		}
		return s.audit(tx, evaluatorID, "set_note", "evaluation", e.ID, asJSON(map[int64]string{indicatorID: before.Note}, true), asJSON(map[int64]string{indicatorID: note}, true))
	})
}

// answerOf reads one answer; ErrConflict when there is none yet.
func answerOf(tx *gorm.DB, evaluationID, indicatorID int64) (Answer, error) {
	var a Answer
	err := first(tx.Where("evaluation_id = ? AND indicator_id = ?", evaluationID, indicatorID).Take(&a), "read answer")
	if errors.Is(err, ErrNotFound) {
		return Answer{}, ErrConflict
	}
	return a, err
}

// ReasonsUsed returns the reasons that an evaluator gave for this rating of this indicator, whichever version of a template it
// stands in, in the last periods that he has or had people in; those given first come first, so that a new one moves none.
func (s *Store) ReasonsUsed(ctx context.Context, evaluatorID int64, indicator Indicator, rating Rating, limit int) ([]string, error) {
	var reasons []string
	db := s.db.WithContext(ctx)
	recent := db.Table("evaluations AS o").Select("o.period_id").Joins("JOIN periods AS p ON p.id = o.period_id").
		Where("o.evaluator_id = ?", evaluatorID).Group("o.period_id").Order("MAX(p.last_day) DESC, o.period_id DESC").Limit(lookBack + 1)
	err := failed(db.Table("(?) AS recent", recent).Select("a.reason").
		Joins("JOIN evaluations AS e ON e.evaluator_id = ? AND e.period_id = recent.period_id", evaluatorID).
		Joins("JOIN answers AS a ON a.evaluation_id = e.id").
		Joins("JOIN indicators AS i ON i.id = a.indicator_id AND i.aspect = ? AND i.name = ?", indicator.Aspect, indicator.Name).
		Where("a.rating = ? AND a.reason <> ''", rating).
		Group("a.reason").Order("MIN(a.id)").Limit(limit).Find(&reasons), "read reasons used")
	return reasons, err
}

// ReasonsGiven returns all reasons that stand in the evaluations of one evaluator in one period.
func (s *Store) ReasonsGiven(ctx context.Context, evaluatorID, periodID int64) ([]string, error) {
	var reasons []string
	err := failed(s.db.WithContext(ctx).Table("answers AS a").Select("a.reason").
		Joins("JOIN evaluations AS e ON e.id = a.evaluation_id AND e.evaluator_id = ? AND e.period_id = ?", evaluatorID, periodID).
		Where("a.reason <> ''").Order("a.id").Find(&reasons), "read reasons given")
	return reasons, err
}
