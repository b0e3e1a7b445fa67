package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// KindPeriodOpened tells an evaluator that his people wait. KindNudge reminds him, at an administrator's wish.
const (
	KindPeriodOpened = "period_opened"
	KindNudge        = "nudge"
	KindJobDone      = "job_done"
)

// PeriodForm is what an administrator decides when he opens a period.
type PeriodForm struct {
	Kind          PeriodKind
	FirstDay      Date
	LastDay       Date
	UnitID        int64 // 0 for the whole city
	SelfReportDue time.Time
	ScoringDue    time.Time
	ObjectionDays int
	Release       Release
	ChatID        int64 // where the progress of opening is shown; 0 for nowhere
	MessageID     int
}

// openChunk is how many people one transaction of opening takes.
const openChunk = 200

// jobOpenPeriod is the kind of the job that opens a period.
const jobOpenPeriod = "open_period"

// OpenPeriod creates a period and the job that fills it. The same kind, first day and unit again is the same period, with its job.
// It returns ErrNotFound to whoever is not administrator of the unit.
func (s *Store) OpenPeriod(ctx context.Context, adminID int64, form PeriodForm) (Period, Job, error) {
	if err := s.mustAdminister(ctx, adminID, form.UnitID); err != nil {
		return Period{}, Job{}, err
	}
	var period Period
	var job Job
	err := s.transaction(ctx, "open period", func(tx *gorm.DB) error {
		row := Period{Kind: form.Kind, FirstDay: form.FirstDay, LastDay: form.LastDay, UnitID: form.UnitID, SelfReportDue: form.SelfReportDue.UTC(),
			ScoringDue: form.ScoringDue.UTC(), ObjectionDays: form.ObjectionDays, Release: form.Release, State: PeriodOpening, CreatedBy: adminID}
		if err := failed(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row), "create period"); err != nil {
			return err
		}
		period = Period{}
		err := first(tx.Where("kind = ? AND first_day = ? AND unit_id = ?", form.Kind, form.FirstDay, form.UnitID).Take(&period), "read period")
		if err != nil {
			return err
		}
		var people int64
		if err := failed(s.covered(tx.Model(&Person{}), period).Count(&people), "count people"); err != nil {
			return err
		}
		task := Job{Key: fmt.Sprintf("%s:%d", jobOpenPeriod, period.ID), Kind: jobOpenPeriod, ObjectID: period.ID, ActorID: adminID,
			Total: int(people), State: JobRunning, ChatID: form.ChatID, MessageID: form.MessageID}
		if err := failed(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&task), "create job"); err != nil {
			return err
		}
		job = Job{}
		if err := first(tx.Where("`key` = ?", task.Key).Take(&job), "read job"); err != nil {
			return err
		}
		if job.CreatedAt.Equal(task.CreatedAt) {
			return s.audit(tx, adminID, "opened", "period", period.ID, "", asJSON(form, true))
		}
		return nil
	})
	return period, job, err
}

// OpenPeriodNow opens a period and fills it at once. It is for tests and samples; the program lets its job runner do the work.
func (s *Store) OpenPeriodNow(ctx context.Context, adminID int64, form PeriodForm) (Period, error) {
	period, job, err := s.OpenPeriod(ctx, adminID, form)
	for err == nil && job.State == JobRunning {
		job, err = s.WorkOn(ctx, job)
	}
	if err != nil {
		return Period{}, err
	}
	return s.periodByID(ctx, period.ID)
}

func (s *Store) periodByID(ctx context.Context, id int64) (Period, error) {
	var p Period
	err := first(s.db.WithContext(ctx).Where("id = ?", id).Take(&p), "read period")
	return p, err
}

// covered narrows a query on people to those whom a period covers.
func (s *Store) covered(tx *gorm.DB, p Period) *gorm.DB {
	tx = tx.Where("people.active = ?", true)
	if p.UnitID == 0 {
		return tx
	}
	return tx.Where("people.unit_id IN (WITH RECURSIVE below (id) AS (SELECT ? UNION ALL SELECT units.id FROM units JOIN below ON units.parent_id = below.id) SELECT id FROM below)", p.UnitID)
}

// fillPeriod creates the evaluations of the next people, and opens the period after the last of them.
func (s *Store) fillPeriod(tx *gorm.DB, job *Job, templates map[int64]int64) error {
	var period Period
	if err := first(s.exclusive(tx).Where("id = ?", job.ObjectID).Take(&period), "lock period"); err != nil {
		return err
	}
	var people []struct {
		Person     `gorm:"embedded"`
		SuperiorOf *int64 // the superior's superior
		Elsewhere  bool   // evaluated in another period of the same days
	}
	elsewhere := "EXISTS (SELECT 1 FROM evaluations AS e JOIN periods AS p ON p.id = e.period_id WHERE e.employee_id = people.id AND p.id <> ? AND p.kind = ? AND p.first_day = ?)"
	chunk := s.covered(tx.Table("people"), period).
		Select("people.*, superiors.superior_id AS superior_of, "+elsewhere+" AS elsewhere", period.ID, period.Kind, period.FirstDay).
		Joins("LEFT JOIN people AS superiors ON superiors.id = people.superior_id").
		Where("people.id > ?", job.Cursor).Order("people.id").Limit(openChunk)
	if err := failed(chunk.Find(&people), "read people"); err != nil {
		return err
	}
	if len(people) == 0 {
		return s.finishOpening(tx, job, period)
	}
	var rows []Evaluation
	for _, p := range people {
		job.Cursor, job.Done = p.ID, job.Done+1
		template, ok := templates[p.UnitID]
		if p.Elsewhere || !ok {
			continue
		}
		e := Evaluation{PeriodID: period.ID, EmployeeID: p.ID, Segment: 1, UnitID: p.UnitID, EvaluatorID: p.SuperiorID, SuperiorID: p.SuperiorOf, TemplateVersionID: template, State: EvaluationOpen}
		if p.SuperiorID != nil && *p.SuperiorID == p.ID { // nobody evaluates himself
			e.EvaluatorID, e.SuperiorID = nil, nil
		}
		rows = append(rows, e)
	}
	if len(rows) == 0 {
		return nil
	}
	return failed(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows), "create evaluations")
}

// finishOpening opens the period and owes every evaluator the news.
func (s *Store) finishOpening(tx *gorm.DB, job *Job, period Period) error {
	job.State = JobDone
	opened := tx.Model(&Period{}).Where("id = ? AND state = ?", period.ID, PeriodOpening).Updates(map[string]any{"state": PeriodOpen, "updated_at": s.now()})
	if opened.Error != nil || opened.RowsAffected == 0 {
		return failed(opened, "open period")
	}
	var evaluators []int64
	err := failed(tx.Model(&Evaluation{}).Distinct("evaluator_id").Where("period_id = ? AND evaluator_id IS NOT NULL", period.ID).Order("evaluator_id").Find(&evaluators), "list evaluators")
	if err != nil {
		return err
	}
	notices := []Notice{{Key: fmt.Sprintf("%s:%d", KindJobDone, job.ID), PersonID: job.ActorID, PeriodID: period.ID, Kind: KindJobDone, Args: fmt.Sprint(job.ID)}}
	for _, id := range evaluators {
		notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d:%d", KindPeriodOpened, period.ID, id), PersonID: id, PeriodID: period.ID, Kind: KindPeriodOpened, Args: fmt.Sprint(period.ID)})
	}
	if err := s.notify(tx, notices...); err != nil {
		return err
	}
	return s.audit(tx, job.ActorID, "filled", "period", period.ID, "", fmt.Sprint(job.Done))
}

// ClosePeriod closes a period for good: its evaluations can no longer be changed. Closing again is done already. It returns
// ErrNotFound to whoever is not administrator of the period's unit.
func (s *Store) ClosePeriod(ctx context.Context, adminID, periodID int64) error {
	period, err := s.PeriodFor(ctx, adminID, periodID)
	if err != nil {
		return err
	}
	return s.transaction(ctx, "close period", func(tx *gorm.DB) error {
		now := s.now()
		closed := tx.Model(&Period{}).Where("id = ? AND state = ?", period.ID, PeriodOpen).Updates(map[string]any{"state": PeriodClosed, "closed_at": now, "updated_at": now})
		if closed.Error != nil || closed.RowsAffected == 0 {
			return failed(closed, "close period")
		}
		return s.audit(tx, adminID, "closed", "period", period.ID, string(PeriodOpen), string(PeriodClosed))
	})
}

// PeriodFor returns a period to an administrator of its unit; ErrNotFound to everybody else.
func (s *Store) PeriodFor(ctx context.Context, adminID, periodID int64) (Period, error) {
	p, err := s.periodByID(ctx, periodID)
	if err != nil {
		return Period{}, err
	}
	return p, s.mustAdminister(ctx, adminID, p.UnitID)
}

// PeriodsFor lists the periods that an administrator may see, the newest first.
func (s *Store) PeriodsFor(ctx context.Context, adminID int64) ([]Period, error) {
	var all, mine []Period
	if err := failed(s.db.WithContext(ctx).Order("last_day DESC, id DESC").Find(&all), "list periods"); err != nil {
		return nil, err
	}
	for _, p := range all {
		err := s.mustAdminister(ctx, adminID, p.UnitID)
		if err == nil {
			mine = append(mine, p)
		} else if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	return mine, nil
}

// AdminUnits lists the units over which a person is administrator; 0 among them is the city.
func (s *Store) AdminUnits(ctx context.Context, personID int64) ([]int64, error) {
	var units []int64
	err := failed(s.db.WithContext(ctx).Model(&PersonRole{}).Where("person_id = ? AND role = ?", personID, Admin).Order("unit_id").Pluck("unit_id", &units), "list administered units")
	return units, err
}

// mustAdminister returns ErrNotFound unless the person is administrator of the unit, of one above it, or of the city.
func (s *Store) mustAdminister(ctx context.Context, personID, unitID int64) error {
	units, err := s.AdminUnits(ctx, personID)
	if err != nil {
		return err
	}
	tree, err := s.UnitTree(ctx)
	if err != nil {
		return err
	}
	for _, u := range units {
		if slices.Contains(tree.Above(unitID), u) {
			return nil
		}
	}
	return ErrNotFound
}

// Nudge owes every evaluator of a period who is not done a reminder, at most one a day, and returns to how many.
func (s *Store) Nudge(ctx context.Context, adminID, periodID int64, day Date) (int, error) {
	period, err := s.PeriodFor(ctx, adminID, periodID)
	if err != nil {
		return 0, err
	}
	late, err := s.LateEvaluators(ctx, period.ID)
	if err != nil {
		return 0, err
	}
	err = s.transaction(ctx, "nudge", func(tx *gorm.DB) error {
		var notices []Notice
		for _, id := range late {
			notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d:%s:%d", KindNudge, period.ID, day, id), PersonID: id, PeriodID: period.ID, Kind: KindNudge, Args: fmt.Sprint(period.ID)})
		}
		if err := s.notify(tx, notices...); err != nil {
			return err
		}
		return s.audit(tx, adminID, "nudged", "period", period.ID, "", fmt.Sprint(len(late)))
	})
	return len(late), err
}

// LateEvaluators lists the evaluators of an open period who have evaluations left.
func (s *Store) LateEvaluators(ctx context.Context, periodID int64) ([]int64, error) {
	var ids []int64
	err := failed(s.db.WithContext(ctx).Table("evaluations AS e").Distinct("e.evaluator_id").
		Joins("JOIN periods AS p ON p.id = e.period_id AND p.state = ?", PeriodOpen).
		Where("e.period_id = ? AND e.state = ? AND e.evaluator_id IS NOT NULL", periodID, EvaluationOpen).Order("e.evaluator_id").Find(&ids), "list late evaluators")
	return ids, err
}
