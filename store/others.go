package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"
)

// Standing is what is known about an employee whose evaluation is open: what his evaluator said so far, and what earlier periods tell.
type Standing struct {
	Sheet
	Earlier Earlier
}

// Standings lists the open evaluations of an evaluator in an open period, in the order of the team list.
func (s *Store) Standings(ctx context.Context, evaluatorID, periodID int64) ([]Standing, error) {
	var rows []sheetRow
	err := failed(sheetRows(s.db.WithContext(ctx)).
		Where("e.evaluator_id = ? AND e.period_id = ? AND e.state = ? AND p.state = ?", evaluatorID, periodID, EvaluationOpen, PeriodOpen).
		Where("e.reopened_at IS NULL AND "+acting, s.now()). // what was opened again is looked at singly
		Order("LOWER(people.name), e.id").Find(&rows), "read sheets")
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var standings []Standing
	for len(rows) > 0 {
		n := 0
		for n < len(rows) && rows[n].ID == rows[0].ID {
			n++
		}
		indicators, err := s.Indicators(ctx, rows[0].TemplateVersionID)
		if err != nil {
			return nil, err
		}
		standings = append(standings, Standing{Sheet: sheetFrom(rows[:n], indicators)})
		rows = rows[n:]
	}
	return standings, s.addEarlier(ctx, evaluatorID, standings)
}

// addEarlier reads what earlier periods tell about people of one period.
func (s *Store) addEarlier(ctx context.Context, evaluatorID int64, standings []Standing) error {
	people := make([]int64, 0, len(standings))
	for _, one := range standings {
		people = append(people, one.EmployeeID)
	}
	var rows []earlierRow
	err := failed(s.earlierRows(ctx, evaluatorID, standings[0].Period).Where("e.employee_id IN ?", people).Find(&rows), "read earlier results")
	if err != nil {
		return err
	}
	of := map[int64][]earlierRow{}
	for _, r := range rows {
		of[r.EmployeeID] = append(of[r.EmployeeID], r)
	}
	for i := range standings {
		standings[i].Earlier = earlierFrom(of[standings[i].EmployeeID])
	}
	return nil
}

// Batch is the people whom an evaluator confirmed in one act as meeting all expectations. It is written, as a row of the audit, before
// the first of them is finalised: whoever goes on after a crash finds whom the evaluator meant.
type Batch struct {
	ID       int64 // 0 for none
	PeriodID int64
	List     string  // names the list that was confirmed, so that the same tap is the same batch
	People   []int64 // their evaluations, in the order of the list
}

const confirmedOthers, finalisedInBatch = "confirmed_others", "finalised_in_batch" // actions in the audit

// batchRecord is what the audit keeps of a batch.
type batchRecord struct {
	List        string  `json:"list"`
	Evaluations []int64 `json:"evaluations"`
}

// OpenBatch records whom an evaluator confirmed. It returns ErrNotFound when one of them is not his in this period, and ErrClosed.
func (s *Store) OpenBatch(ctx context.Context, evaluatorID int64, batch Batch) (Batch, error) {
	record, err := json.Marshal(batchRecord{List: batch.List, Evaluations: batch.People})
	if err != nil {
		return Batch{}, fmt.Errorf("write batch: %w", err)
	}
	err = s.transaction(ctx, "open batch", func(tx *gorm.DB) error {
		var p Period
		if err := first(s.shared(tx).Where("id = ?", batch.PeriodID).Take(&p), "lock period"); err != nil {
			return err
		}
		var his int64
		err := failed(tx.Model(&Evaluation{}).Where("id IN ? AND evaluator_id = ? AND period_id = ?", batch.People, evaluatorID, p.ID).Count(&his), "count his people")
		switch {
		case err != nil:
			return err
		case len(batch.People) == 0 || int(his) != len(batch.People):
			return ErrNotFound
		case p.State != PeriodOpen:
			return ErrClosed
		}
		row := Audit{At: s.now(), ActorID: evaluatorID, Action: confirmedOthers, Subject: "period", ObjectID: p.ID, After: string(record)}
		err = failed(tx.Create(&row), "write batch")
		batch.ID = row.ID
		return err
	})
	return batch, err
}

// LastBatch returns the last batch of an evaluator in a period, the zero value when there was none.
func (s *Store) LastBatch(ctx context.Context, evaluatorID, periodID int64) (Batch, error) {
	return s.batch(s.db.WithContext(ctx).Where("subject = 'period' AND object_id = ? AND actor_id = ?", periodID, evaluatorID))
}

// BatchOf returns a batch to the evaluator who confirmed it; ErrNotFound to everybody else.
func (s *Store) BatchOf(ctx context.Context, evaluatorID, id int64) (Batch, error) {
	batch, err := s.batch(s.db.WithContext(ctx).Where("id = ? AND subject = 'period' AND actor_id = ?", id, evaluatorID))
	if err == nil && batch.ID == 0 {
		return Batch{}, ErrNotFound
	}
	return batch, err
}

func (s *Store) batch(rows *gorm.DB) (Batch, error) {
	var found []Audit
	err := failed(rows.Where("action = ?", confirmedOthers).Order("id DESC").Limit(1).Find(&found), "find batch")
	if err != nil || len(found) == 0 {
		return Batch{}, err
	}
	var record batchRecord
	if err := json.Unmarshal([]byte(found[0].After), &record); err != nil {
		return Batch{}, fmt.Errorf("read batch %d: %w", found[0].ID, err)
	}
	return Batch{ID: found[0].ID, PeriodID: found[0].ObjectID, List: record.List, People: record.Evaluations}, nil
}

// BatchMember is how far one person of a batch is.
type BatchMember struct {
	EvaluationID int64
	Name         string
	State        EvaluationState
	PeriodState  PeriodState
	Settled      bool       // the batch has finalised him; what happened afterwards stays as it is
	ResultID     int64      // of the batch, while it is his current result; else 0
	ReleaseAt    *time.Time // of this result
	OpenedAt     *time.Time
}

// BatchMembers lists how far the people of a batch are, in the order of the team list. Who is evaluated by somebody else now is left out.
func (s *Store) BatchMembers(ctx context.Context, evaluatorID int64, batch Batch) ([]BatchMember, error) {
	if batch.ID == 0 {
		return nil, nil
	}
	db := s.db.WithContext(ctx)
	var members []BatchMember
	err := failed(db.Table("evaluations AS e").Select("e.id AS evaluation_id, people.name, e.state, p.state AS period_state").
		Joins("JOIN people ON people.id = e.employee_id").Joins("JOIN periods AS p ON p.id = e.period_id").
		Where("e.id IN ? AND e.evaluator_id = ? AND e.state <> ?", batch.People, evaluatorID, EvaluationExcluded).Order("LOWER(people.name), e.id").Find(&members), "read people of batch")
	if err != nil {
		return nil, err
	}
	var results []struct {
		ID, EvaluationID                 int64
		ReleaseAt, OpenedAt, WithdrawnAt *time.Time
		Newest                           int
	}
	err = failed(db.Table("results AS r").
		Select("r.id, r.evaluation_id, r.release_at, r.opened_at, r.withdrawn_at, (SELECT MAX(version) FROM results WHERE results.evaluation_id = r.evaluation_id) = r.version AS newest").
		Joins("JOIN audits AS a ON a.subject = 'result' AND a.object_id = r.id AND a.action = ? AND a.`after` = ?", finalisedInBatch, strconv.FormatInt(batch.ID, 10)).
		Where("r.evaluation_id IN ?", batch.People).Find(&results), "read results of batch")
	if err != nil {
		return nil, err
	}
	for i := range members {
		m := &members[i]
		for _, r := range results {
			if r.EvaluationID != m.EvaluationID {
				continue
			}
			m.Settled = true
			if r.WithdrawnAt == nil && r.Newest == 1 {
				m.ResultID, m.ReleaseAt, m.OpenedAt = r.ID, r.ReleaseAt, r.OpenedAt
			}
		}
	}
	return members, nil
}

// FinaliseInBatch rates the rest of one evaluation of a batch as meeting the expectation and sets its result, in one
// transaction and with the same audit as if it were done singly. usual decides on the sheet as it is stored, locked, before anything is
// written; its error, or that of judge, stops it. One that is final already stays as it is.
func (s *Store) FinaliseInBatch(ctx context.Context, evaluatorID, batchID, evaluationID int64, grace time.Duration,
	usual func(Sheet) error, judge func(Sheet) (Predicate, error)) error {
	return s.transaction(ctx, "finalise in batch", func(tx *gorm.DB) error {
		e, err := s.lockEvaluation(tx, evaluatorID, evaluationID)
		if err != nil || e.State == EvaluationFinal {
			return err
		}
		sheet, err := s.sheet(tx, evaluatorID, evaluationID)
		if err != nil {
			return err
		}
		if err := usual(sheet); err != nil {
			return err
		}
		if _, _, err := s.rateRest(tx, e); err != nil {
			return err
		}
		result, err := s.finalise(tx, e, grace, judge)
		if err != nil {
			return err
		}
		return s.audit(tx, evaluatorID, finalisedInBatch, "result", result.ID, "", strconv.FormatInt(batchID, 10))
	})
}
