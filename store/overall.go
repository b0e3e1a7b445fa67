package store

import (
	"context"

	"gorm.io/gorm"
)

// Side is one of the two overall ratings.
type Side string

// The two sides of the quadrant.
const (
	Work      Side = "work"      // Hasil Kerja
	Behaviour Side = "behaviour" // Perilaku Kerja
)

// Overall returns the chosen rating of one side, "" before, and the reason of its own.
func (e Evaluation) Overall(side Side) (Rating, string) {
	if side == Work {
		return e.WorkRating, e.WorkReason
	}
	return e.BehaviourRating, e.BehaviourReason
}

// ChooseOverall stores overall ratings that the evaluator chose. Another rating than before takes the old reason away.
func (s *Store) ChooseOverall(ctx context.Context, evaluatorID, evaluationID int64, chosen map[Side]Rating) error {
	return s.change(ctx, "choose overall rating", evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		return s.choose(tx, e, chosen)
	})
}

func (s *Store) choose(tx *gorm.DB, e Evaluation, chosen map[Side]Rating) error {
	for _, side := range []Side{Work, Behaviour} {
		before, _ := e.Overall(side)
		rating := chosen[side]
		if rating == before || !rating.Valid() {
			continue
		}
		fields := map[string]any{string(side) + "_rating": rating, string(side) + "_reason": "", "updated_at": s.now()}
		if err := failed(tx.Model(&Evaluation{}).Where("id = ?", e.ID).Updates(fields), "write overall rating"); err != nil {
			return err
		}
		if err := s.audit(tx, *e.EvaluatorID, "chose_"+string(side), "evaluation", e.ID, string(before), string(rating)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) chooseWhereNone(tx *gorm.DB, e Evaluation, rating Rating) error {
	chosen := map[Side]Rating{}
	for _, side := range []Side{Work, Behaviour} {
		if before, _ := e.Overall(side); before == "" {
			chosen[side] = rating
		}
	}
	return s.choose(tx, e, chosen)
}

// SetOverallReason stores why an overall rating is as it is, where no indicator of its side says it or it departs from what the
// system suggests. It returns ErrConflict when the rating is another by now: a reason belongs to the rating that it was given for.
func (s *Store) SetOverallReason(ctx context.Context, evaluatorID, evaluationID int64, side Side, rating Rating, reason string) error {
	return s.change(ctx, "set overall reason", evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		if now, _ := e.Overall(side); now != rating || !rating.Valid() {
			return ErrConflict
		}
		return s.write(tx, e, "set_"+string(side)+"_reason", map[string]any{string(side) + "_reason": reason})
	})
}

// SetEvaluationNote stores the note to the employee; "" takes it away.
func (s *Store) SetEvaluationNote(ctx context.Context, evaluatorID, evaluationID int64, note string) error {
	return s.change(ctx, "set note", evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		return s.write(tx, e, "set_note", map[string]any{"note": note})
	})
}

// SetFollowUp stores what is agreed so that the work gets better, and until when. "" for both takes it away. The name of a training goes
// with another kind.
func (s *Store) SetFollowUp(ctx context.Context, evaluatorID, evaluationID int64, kind FollowUpKind, due Date) error {
	return s.change(ctx, "set follow-up", evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		fields := map[string]any{"follow_up_kind": kind, "follow_up_due": due}
		if kind != e.FollowUpKind {
			fields["follow_up_name"] = ""
		}
		return s.write(tx, e, "set_follow_up", fields)
	})
}

// NameTraining stores what training was agreed; "" for none named. ErrConflict where no training was.
func (s *Store) NameTraining(ctx context.Context, evaluatorID, evaluationID int64, name string) error {
	return s.change(ctx, "name training", evaluatorID, evaluationID, func(tx *gorm.DB, e Evaluation) error {
		if e.FollowUpKind != Training {
			return ErrConflict
		}
		return s.write(tx, e, "named_training", map[string]any{"follow_up_name": name})
	})
}

// write stores fields of an evaluation, with what they were before. Nothing is written when they are so already.
func (s *Store) write(tx *gorm.DB, e Evaluation, action string, fields map[string]any) error {
	all := map[string]any{"note": e.Note, "work_reason": e.WorkReason, "behaviour_reason": e.BehaviourReason, "follow_up_kind": e.FollowUpKind,
		"follow_up_due": e.FollowUpDue, "follow_up_name": e.FollowUpName}
	before := map[string]any{}
	for name := range fields {
		before[name] = all[name]
	}
	was, is := asJSON(before, true), asJSON(fields, true)
	if was == is {
		return nil
	}
	fields["updated_at"] = s.now()
	if err := failed(tx.Model(&Evaluation{}).Where("id = ?", e.ID).Updates(fields), "write evaluation"); err != nil {
		return err
	}
	return s.audit(tx, *e.EvaluatorID, action, "evaluation", e.ID, was, is)
}
