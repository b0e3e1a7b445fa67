package store

import (
	"context"
	"time"
)

// KeptDraft is what somebody else rated in an evaluation, shown to who evaluates now as information.
type KeptDraft struct {
	ID       int64
	PersonID int64
	Name     string
	Capacity Capacity // as whose deputy he wrote it; "" for none
	KeptAt   time.Time
	Content  string
	Draft    DraftContent `gorm:"-"`
}

// EarlierDrafts lists what earlier evaluators rated in an evaluation, the latest first, for its evaluator of now; ErrNotFound to everybody else.
func (s *Store) EarlierDrafts(ctx context.Context, evaluatorID, evaluationID int64) ([]KeptDraft, error) {
	var kept []KeptDraft
	err := failed(s.db.WithContext(ctx).Table("drafts AS k").Select("k.id, k.person_id, w.name, COALESCE(d.capacity, '') AS capacity, k.kept_at, k.content").
		Joins("JOIN evaluations AS e ON e.id = k.evaluation_id AND e.evaluator_id = ? AND e.state <> ? AND "+acting, evaluatorID, EvaluationExcluded, s.now()).
		Joins("JOIN people AS w ON w.id = k.person_id").Joins("LEFT JOIN delegations AS d ON d.id = k.delegation_id").
		Where("k.evaluation_id = ? AND k.person_id <> ?", evaluationID, evaluatorID).Order("k.kept_at DESC, k.id DESC").Find(&kept), "read earlier drafts")
	for i := range kept {
		if err == nil {
			err = readDraft(kept[i].Content, &kept[i].Draft)
		}
	}
	return kept, err
}

// ReopeningOf returns why the result of an evaluation was opened again last, to its evaluator; ErrNotFound to everybody else.
func (s *Store) ReopeningOf(ctx context.Context, evaluatorID, evaluationID int64) (Reopening, error) {
	var o Reopening
	err := first(s.db.WithContext(ctx).Table("reopenings AS o").Select("o.*").Joins("JOIN results AS r ON r.id = o.result_id AND r.evaluation_id = ?", evaluationID).
		Joins("JOIN evaluations AS e ON e.id = r.evaluation_id AND e.evaluator_id = ?", evaluatorID).Order("o.id DESC").Take(&o), "read reopening")
	return o, err
}
