package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// KindPeriodOpened is the notification that tells an evaluator that people wait for his evaluation.
const KindPeriodOpened = "period_opened"

// openChunk is how many people one transaction gives their evaluations.
const openChunk = 200

// PeriodForm is what an administrator decides about a new period.
type PeriodForm struct {
	Kind          PeriodKind
	FirstDay      Date
	LastDay       Date
	UnitID        int64 // 0 for the whole city
	SelfReportDue time.Time
	ScoringDue    time.Time
	ObjectionDays int
	Release       Release
}

// Place is a message in a chat that shows the progress of long work. The zero Place shows nothing.
type Place struct {
	ChatID    int64
	MessageID int
}

func openingKey(periodID int64) string { return fmt.Sprintf("%s:%d", JobOpenPeriod, periodID) }

// OpenPeriod begins to open a period: it is created in state opening, with a job that gives everybody his evaluation chunk by
// chunk. place shows the job's progress. Opening it again returns the period that is there, unchanged. ErrNotFound when the
// units are not the administrator's.
func (s *Store) OpenPeriod(ctx context.Context, adminID int64, form PeriodForm, place Place) (Period, error) {
	var period Period
	open := func(tx *gorm.DB) error {
		period = Period{} // of a try that was rolled back
		scope, err := s.scopeFor(tx, adminID, form.UnitID)
		if err != nil {
			return err
		}
		err = first(tx.Where("kind = ? AND first_day = ? AND unit_id = ?", form.Kind, form.FirstDay, form.UnitID).Take(&period), "find period")
		if errors.Is(err, ErrNotFound) {
			period, err = s.createPeriod(tx, scope.tree, adminID, form, place)
		}
		return err
	}
	err := s.transaction(ctx, "open period", open)
	if errors.Is(err, gorm.ErrDuplicatedKey) { // somebody opened it at the same moment: it is there now
		err = s.transaction(ctx, "open period", open)
	}
	return period, err
}

func (s *Store) createPeriod(tx *gorm.DB, tree Tree, adminID int64, form PeriodForm, place Place) (Period, error) {
	if !(Period{}).May(MoveOpen, s.now()) {
		return Period{}, ErrConflict
	}
	own, err := ownVersions(tx)
	if err != nil {
		return Period{}, err
	}
	p := Period{
		Kind: form.Kind, FirstDay: form.FirstDay, LastDay: form.LastDay, UnitID: form.UnitID, SelfReportDue: form.SelfReportDue.UTC(), ScoringDue: form.ScoringDue.UTC(),
		ObjectionDays: form.ObjectionDays, Release: form.Release, State: PeriodOpening, CreatedBy: adminID, Templates: asJSON(own, true),
	}
	if err := openUnits(tx, form.UnitID); err != nil {
		return Period{}, err
	}
	if err := failed(tx.Create(&p), "create period"); err != nil {
		return Period{}, err
	}
	units, _, err := unitsToEvaluate(tx, tree, p)
	if err != nil {
		return Period{}, err
	}
	var total int64
	if err := failed(candidates(tx, p).Where("p.unit_id IN ?", units).Count(&total), "count people"); err != nil {
		return Period{}, err
	}
	job := Job{Key: openingKey(p.ID), Kind: JobOpenPeriod, ObjectID: p.ID, ActorID: adminID, Total: int(total), ChatID: place.ChatID, MessageID: place.MessageID}
	if err := s.createJob(tx, job); err != nil {
		return Period{}, err
	}
	if err := forgetDraft(tx, form); err != nil {
		return Period{}, err
	}
	return p, s.audit(tx, adminID, ruleOf(MoveOpen).Audit, "period", p.ID, "", asJSON(form, true))
}

// unitsToEvaluate lists the units of a period that have a template, and the version that each pins.
func unitsToEvaluate(tx *gorm.DB, tree Tree, p Period) ([]int64, map[int64]int64, error) {
	own, err := pins(tx, p)
	if err != nil {
		return nil, nil, err
	}
	versions := nearestVersions(tree, own)
	units := slices.DeleteFunc(tree.Below(p.UnitID), func(id int64) bool { return versions[id] == 0 })
	return units, versions, nil
}

// pins are the versions of the templates that a period is evaluated with: those in force when it was created, so that all chunks of its
// opening pin the same, whatever is changed meanwhile. What is not created yet, or was by a program before 0014, has those of now.
func pins(tx *gorm.DB, p Period) (map[int64]int64, error) {
	if p.Templates == "" {
		return ownVersions(tx)
	}
	own := map[int64]int64{}
	if err := json.Unmarshal([]byte(p.Templates), &own); err != nil {
		return nil, fmt.Errorf("read templates of period %d: %w", p.ID, err)
	}
	return own, nil
}

// OpenPeriodChunk gives the next people of a period their evaluations, as one transaction, for the process that holds the lease of
// the job. After the last of them it looks once more for those who appeared behind it meanwhile. The returned job is done when
// there are no more: then the period is open and its evaluators are owed the news. ErrLeaseLost when another process holds the job.
func (s *Store) OpenPeriodChunk(ctx context.Context, owner string, jobID int64, lease time.Duration) (Job, error) {
	var job Job
	err := s.transaction(ctx, "open period chunk", func(tx *gorm.DB) error {
		var err error
		if job, err = s.holdJob(tx, owner, jobID); err != nil {
			return err
		}
		var period Period
		if err := first(s.shared(tx).Where("id = ?", job.ObjectID).Take(&period), "find period"); err != nil {
			return err
		}
		next, err := s.nextPeople(tx, period, job.Cursor)
		if err != nil {
			return err
		}
		if next.more {
			job, err = s.advance(tx, job, next.cursor, next.evaluations, lease)
			return err
		}
		if err := s.completeOpening(tx, period, job); err != nil {
			return err
		}
		job, err = s.finish(tx, job)
		return err
	})
	return job, err
}

// openedChunk is what one chunk of an opening did.
type openedChunk struct {
	more        bool  // there were people to look at
	cursor      int64 // behind the last of them
	evaluations int   // that were created: who is evaluated elsewhere gets none
}

// nextPeople creates the evaluations of the next chunk of people after a cursor.
// At the end these are the people whom it passed before they were there: on a cluster ids do not come in the order of time, and
// an import moves people between units.
func (s *Store) nextPeople(tx *gorm.DB, period Period, cursor int64) (openedChunk, error) {
	tree, err := treeIn(tx)
	if err != nil {
		return openedChunk{}, err
	}
	units, versions, err := unitsToEvaluate(tx, tree, period)
	if err != nil {
		return openedChunk{}, err
	}
	var people []int64
	// The people are locked, so that two periods that overlap cannot both give one of them an evaluation.
	next := s.exclusive(tx).Model(&Person{}).Where("active = ? AND unit_id IN ? AND id > ?", true, units, cursor).Order("id").Limit(openChunk)
	if err := failed(next.Pluck("id", &people), "find next people"); err != nil {
		return openedChunk{}, err
	}
	if len(people) > 0 {
		cursor = people[len(people)-1]
	} else if people, err = s.missed(tx, period, units); err != nil || len(people) == 0 {
		return openedChunk{}, err
	}
	if err := guard(tx.Model(&Person{}).Where("id IN ?", people), "guard people"); err != nil {
		return openedChunk{}, err
	}
	created, err := s.evaluate(tx, period, people, versions)
	if err != nil {
		return openedChunk{}, err
	}
	return openedChunk{more: true, cursor: cursor, evaluations: created}, guardUnfinished(tx, period, people)
}

// guardUnfinished guards what people have in closed periods over the same days, and were taken from.
func guardUnfinished(tx *gorm.DB, period Period, people []int64) error {
	var closed []int64
	err := failed(tx.Model(&Period{}).Where("kind = ? AND first_day = ? AND id <> ? AND state = ?", period.Kind, period.FirstDay, period.ID, PeriodClosed).
		Pluck("id", &closed), "find closed periods")
	if err != nil || len(closed) == 0 {
		return err
	}
	return guard(tx.Model(&Evaluation{}).Where("period_id IN ? AND employee_id IN ?", closed, people), "guard evaluations")
}

// missed finds, and locks, people of a period who should have an evaluation and have none.
func (s *Store) missed(tx *gorm.DB, period Period, units []int64) ([]int64, error) {
	var people []int64
	without := candidates(tx, period).Where("p.unit_id IN ?", units).
		Where("NOT EXISTS (SELECT 1 FROM evaluations AS own WHERE own.period_id = ? AND own.employee_id = p.id)", period.ID)
	if err := failed(without.Order("p.id").Limit(openChunk).Pluck("p.id", &people), "find missed people"); err != nil || len(people) == 0 {
		return nil, err
	}
	return people, failed(s.exclusive(tx).Where("id IN ?", people).Find(&[]Person{}), "lock missed people")
}

// evaluate creates the evaluations of people who are locked, except of those who get none, and counts them.
func (s *Store) evaluate(tx *gorm.DB, period Period, people []int64, versions map[int64]int64) (int, error) {
	var pinned []struct {
		ID, UnitID              int64
		EvaluatorID, SuperiorID *int64
	}
	err := failed(candidates(tx, period).Select("p.id, p.unit_id, s.id AS evaluator_id, ss.id AS superior_id").Where("p.id IN ?", people).Order("p.id").Scan(&pinned), "find evaluators")
	if err != nil {
		return 0, err
	}
	units := map[int64]int64{}
	for _, p := range pinned {
		if versions[p.UnitID] != 0 {
			units[p.ID] = versions[p.UnitID]
		}
	}
	own, err := s.personalTemplates(tx, units)
	if err != nil {
		return 0, err
	}
	rows := make([]Evaluation, 0, len(pinned))
	for _, p := range pinned {
		if units[p.ID] == 0 {
			continue // moved to a unit without indicators since he was found
		}
		rows = append(rows, Evaluation{PeriodID: period.ID, EmployeeID: p.ID, Segment: 1, UnitID: p.UnitID, EvaluatorID: p.EvaluatorID, SuperiorID: p.SuperiorID,
			TemplateVersionID: cmp.Or(own[p.ID], units[p.ID]), State: EvaluationOpen})
	}
	if len(rows) == 0 {
		return 0, nil
	}
	created := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows)
	return int(created.RowsAffected), failed(created, "create evaluations")
}

// candidates selects the people p who get an evaluation in a period, with evaluator s and his superior ss. Nobody evaluates himself or decides
// an objection against his own evaluation; who left the roster does neither. Left out is who is evaluated over the
// same days elsewhere, except where a period was closed before his evaluation was finished.
func candidates(tx *gorm.DB, period Period) *gorm.DB {
	return tx.Table("people AS p").
		Joins("LEFT JOIN people AS s ON s.id = p.superior_id AND s.active = ? AND s.id <> p.id", true).
		Joins("LEFT JOIN people AS ss ON ss.id = s.superior_id AND ss.active = ? AND ss.id <> s.id AND ss.id <> p.id", true).
		Where("p.active = ?", true).
		Where("NOT EXISTS (SELECT 1 FROM evaluations AS e JOIN periods AS o ON o.id = e.period_id "+
			"WHERE e.employee_id = p.id AND o.kind = ? AND o.first_day = ? AND o.id <> ? AND (o.state <> ? OR e.state = ?))",
			period.Kind, period.FirstDay, period.ID, PeriodClosed, EvaluationFinal)
}

// completeOpening opens a period whose evaluations are all there, and owes every evaluator the news.
func (s *Store) completeOpening(tx *gorm.DB, period Period, job Job) error {
	err := s.move(tx, job.ActorID, MoveOpened, period, map[string]any{"state": PeriodOpen}, string(PeriodOpening), string(PeriodOpen))
	if err != nil {
		return err
	}
	var evaluators []int64
	err = failed(tx.Model(&Evaluation{}).Distinct("evaluator_id").Where("period_id = ? AND evaluator_id IS NOT NULL", period.ID).Order("evaluator_id").
		Pluck("evaluator_id", &evaluators), "find evaluators")
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(evaluators, openChunk) {
		notices := make([]Notice, 0, len(chunk))
		for _, person := range chunk {
			notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d:%d", KindPeriodOpened, period.ID, person), PersonID: person, PeriodID: period.ID,
				Kind: KindPeriodOpened, Args: fmt.Sprint(period.ID)})
		}
		if err := s.notify(tx, notices...); err != nil {
			return err
		}
	}
	return nil
}

// OpenPeriodNow opens a period and does all its work at once. It is for tests, samples and small cities.
func (s *Store) OpenPeriodNow(ctx context.Context, adminID int64, form PeriodForm) (Period, error) {
	period, err := s.OpenPeriod(ctx, adminID, form, Place{})
	if err != nil {
		return Period{}, err
	}
	const owner, lease = "open period now", time.Minute
	var job Job
	if err := first(s.db.WithContext(ctx).Where("`key` = ?", openingKey(period.ID)).Take(&job), "find job"); err != nil {
		return Period{}, err
	}
	if job.State == JobRunning {
		if job, err = s.takeJob(ctx, job.ID, owner, lease); err != nil {
			return Period{}, err
		}
	}
	for job.State == JobRunning {
		if job, err = s.OpenPeriodChunk(ctx, owner, job.ID, lease); err != nil {
			return Period{}, err
		}
	}
	err = first(s.db.WithContext(ctx).Where("id = ?", period.ID).Take(&period), "read period")
	return period, err
}
