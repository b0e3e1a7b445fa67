package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
)

// FollowUp is one agreed follow-up (tindak lanjut) of a result, and who tells that it is done.
type FollowUp struct {
	ResultID    int64
	Kind        FollowUpKind
	Due         Date
	Name        string     // what training it is; "" where nobody said
	ByEmployee  *time.Time // when the employee told that it is done; nil for never
	ByEvaluator *time.Time // the same of an evaluator of his
	EvaluatorID int64      // which one; 0 for none
	Evaluator   string     // his name
	// EvaluatorGone reports that he is not on the roster any more: another evaluator may take back what he told.
	EvaluatorGone bool
	MayTell       bool // who asks may tell, for the evaluator's side, that it is done
}

// FollowUpSide is who tells that a follow-up is done.
type FollowUpSide string

// The sides.
const (
	EmployeeSide  FollowUpSide = "employee"
	EvaluatorSide FollowUpSide = "evaluator"
)

// FollowUpReport is what one side tells of the follow-up of a result: that it is done. Unique by result and side.
type FollowUpReport struct {
	ID         int64
	ResultID   int64
	Side       FollowUpSide
	PersonID   int64
	ReportedAt time.Time
}

// reportColumns are what both sides tell of a follow-up, as withReports joins it.
const reportColumns = "mine.reported_at AS by_employee, theirs.reported_at AS by_evaluator, COALESCE(theirs.person_id, 0) AS reporter_id, COALESCE(reporters.name, '') AS reporter"

// withReports joins what both sides tell to results r.
func withReports(results *gorm.DB) *gorm.DB {
	return results.
		Joins("LEFT JOIN follow_up_reports AS mine ON mine.result_id = r.id AND mine.side = ?", EmployeeSide).
		Joins("LEFT JOIN follow_up_reports AS theirs ON theirs.result_id = r.id AND theirs.side = ?", EvaluatorSide).
		Joins("LEFT JOIN people AS reporters ON reporters.id = theirs.person_id")
}

// evaluates holds for the evaluation e of somebody whom a person has evaluated by it, or evaluates in an open period. Its arguments are the
// person, PeriodOpen and the person.
const evaluates = "(COALESCE(e.evaluator_id = ?, FALSE) OR EXISTS (SELECT 1 FROM evaluations AS present JOIN periods AS pp ON pp.id = present.period_id AND pp.state = ? " +
	"WHERE present.employee_id = e.employee_id AND present.evaluator_id = ?))"

// mayTell is whether mayReport holds for a result r of an earlier evaluation e. Its first argument is now, the others those of evaluates.
const mayTell = "(COALESCE(r.release_at <= ?, FALSE) AND " + evaluates + ") AS may_tell"

const followUpColumns = "r.id, r.follow_up_kind, r.follow_up_due, r.follow_up_name, " + reportColumns

// FollowUpsOf lists what was agreed with an employee as his evaluator sees it: of the result of this evaluation once it is released, then of
// the earlier ones, newest first.
func (s *Store) FollowUpsOf(ctx context.Context, evaluatorID int64, sheet Sheet) ([]FollowUp, error) {
	earlier, err := s.EarlierOf(ctx, evaluatorID, sheet)
	if err != nil || sheet.State != EvaluationFinal || sheet.FollowUpKind == "" {
		return earlier.FollowUps, err
	}
	var own earlierRow
	err = first(withReports(s.db.WithContext(ctx).Table("results AS r")).Select(followUpColumns).
		Where("r.evaluation_id = ? AND r.withdrawn_at IS NULL AND r.release_at <= ?", sheet.ID, s.now()).Order("r.version DESC").Take(&own), "read follow-up")
	if errors.Is(err, ErrNotFound) {
		return earlier.FollowUps, nil
	}
	own.MayTell = true
	return append([]FollowUp{own.followUp()}, earlier.FollowUps...), err
}

// followUpFor is the follow-up of a result.
func (s *Store) followUpFor(ctx context.Context, resultID int64) (FollowUp, error) {
	var row earlierRow
	err := first(withReports(s.db.WithContext(ctx).Table("results AS r")).Select(followUpColumns).Where("r.id = ?", resultID).Take(&row), "read follow-up")
	return row.followUp(), err
}

// mayReport selects the released result r whose follow-up a person may tell of: his own, once he has opened it, or that of somebody whom he
// has evaluated by it or evaluates in an open period. A result without follow-up is none of these.
func (s *Store) mayReport(tx *gorm.DB, side FollowUpSide, personID, resultID int64) *gorm.DB {
	one := s.visible(tx).Where("r.id = ? AND r.follow_up_kind <> ''", resultID)
	if side == EmployeeSide {
		return one.Where("e.employee_id = ? AND r.opened_at IS NOT NULL", personID)
	}
	return one.Where("e.employee_id <> ? AND "+evaluates, personID, personID, PeriodOpen, personID)
}

// ReportFollowUp tells, for one side, that the follow-up of a result is done, or takes that back, and returns whether that changed anything:
// what another evaluator told stays his, until he is not on the roster any more. ErrNotFound to whom the follow-up does not concern.
func (s *Store) ReportFollowUp(ctx context.Context, side FollowUpSide, personID, resultID int64, done bool) (changed bool, err error) {
	err = s.transaction(ctx, "report follow-up", func(tx *gorm.DB) error {
		changed = false
		var line ResultLine
		if err := first(s.mayReport(tx, side, personID, resultID).Take(&line), "find follow-up"); err != nil {
			return err
		}
		var written *gorm.DB
		action, before, after := "followup.done", "", string(side)
		if done {
			written = tx.Clauses(s.unlessThere()).Create(&FollowUpReport{ResultID: resultID, Side: side, PersonID: personID, ReportedAt: s.now()})
		} else {
			action, before, after = "followup.undone", string(side), ""
			gone := tx.Session(&gorm.Session{NewDB: true}).Model(&Person{}).Select("id").Where("active = ?", false)
			written = tx.Where("result_id = ? AND side = ? AND (person_id = ? OR person_id IN (?))", resultID, side, personID, gone).Delete(&FollowUpReport{})
		}
		if err := failed(written, action); err != nil || written.RowsAffected == 0 {
			return err
		}
		changed = true
		return s.audit(tx, personID, action, "result", resultID, before, after)
	})
	return changed && err == nil, err
}

// TeamFollowUp is a follow-up that is not done, as an evaluator finds it among those of all his people.
type TeamFollowUp struct {
	FollowUp     `gorm:"embedded"`
	EvaluationID int64 // his own of that employee
	Employee     string
}

// OpenFollowUps lists what was agreed with the people whom a person has evaluated, or evaluates in an open period, and what no evaluator
// told to be done; the earliest day first. Who is not on the roster any more is left out.
func (s *Store) OpenFollowUps(ctx context.Context, evaluatorID int64) ([]TeamFollowUp, error) {
	db := s.db.WithContext(ctx)
	present := openFollowUps(s, db, "present.id").Joins("JOIN evaluations AS present ON present.employee_id = e.employee_id AND present.evaluator_id = ?", evaluatorID).
		Joins("JOIN periods AS pp ON pp.id = present.period_id AND pp.state = ?", PeriodOpen)
	var list, then []TeamFollowUp
	if err := failed(present.Find(&list), "list follow-ups of the team"); err != nil {
		return nil, err
	}
	if err := failed(openFollowUps(s, db, "e.id").Where("e.evaluator_id = ?", evaluatorID).Find(&then), "list follow-ups agreed"); err != nil {
		return nil, err
	}
	list = append(list, then...)
	seen := map[int64]bool{}
	list = slices.DeleteFunc(list, func(f TeamFollowUp) bool {
		again := seen[f.ResultID]
		seen[f.ResultID] = true
		return again
	})
	slices.SortFunc(list, func(a, b TeamFollowUp) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Employee, b.Employee), cmp.Compare(a.ResultID, b.ResultID))
	})
	return list, nil
}

// openFollowUps selects the follow-ups that no evaluator told to be done, of visible results r with their evaluations e and employees w.
// evaluation is the column that leads to the evaluation to show.
func openFollowUps(s *Store, tx *gorm.DB, evaluation string) *gorm.DB {
	return tx.Table("results AS r").
		Select("r.id AS result_id, r.follow_up_kind AS kind, r.follow_up_due AS due, r.follow_up_name AS name, mine.reported_at AS by_employee, "+
			evaluation+" AS evaluation_id, w.name AS employee").
		Joins("JOIN evaluations AS e ON e.id = r.evaluation_id").
		Joins("JOIN people AS w ON w.id = e.employee_id AND w.active = ?", true).
		Joins("LEFT JOIN follow_up_reports AS mine ON mine.result_id = r.id AND mine.side = ?", EmployeeSide).
		Where("r.withdrawn_at IS NULL AND r.release_at <= ? AND r.follow_up_kind <> ''", s.now()).
		Where("r.version = (SELECT MAX(version) FROM results WHERE results.evaluation_id = r.evaluation_id)").
		Where("NOT EXISTS (SELECT 1 FROM follow_up_reports AS theirs WHERE theirs.result_id = r.id AND theirs.side = ?)", EvaluatorSide)
}

// FollowUpsDue lists whom the follow-ups concern that fall due on a day and are not done: the employees who did not tell it either, and their
// evaluators of now, or those who agreed on them.
func (s *Store) FollowUpsDue(ctx context.Context, day Date) ([]int64, error) {
	var due []struct {
		ByEmployee  *time.Time
		EmployeeID  int64
		EvaluatorID int64
	}
	find := openFollowUps(s, s.db.WithContext(ctx), "e.id").Where("r.follow_up_due = ?", day).
		Select("mine.reported_at AS by_employee, e.employee_id, COALESCE((SELECT present.evaluator_id FROM evaluations AS present JOIN periods AS pp "+
			"ON pp.id = present.period_id AND pp.state = ? WHERE present.employee_id = e.employee_id ORDER BY pp.last_day DESC, present.id DESC LIMIT 1), e.evaluator_id, 0) AS evaluator_id", PeriodOpen)
	if err := failed(find.Find(&due), "find follow-ups due"); err != nil {
		return nil, err
	}
	var people []int64
	for _, d := range due {
		if d.ByEmployee == nil {
			people = append(people, d.EmployeeID)
		}
		if d.EvaluatorID != 0 {
			people = append(people, d.EvaluatorID)
		}
	}
	slices.Sort(people)
	return slices.Compact(people), nil
}

// DueOn tells what falls due for a person on a day: talks on that day, follow-ups since a day, which lies before it after days off.
func (s *Store) DueOn(ctx context.Context, personID int64, since, day Date) (DueToday, error) {
	var due DueToday
	own := s.visible(s.db.WithContext(ctx)).Where("e.employee_id = ? AND r.follow_up_kind <> '' AND r.follow_up_due BETWEEN ? AND ?", personID, since, day).
		Where("NOT EXISTS (SELECT 1 FROM follow_up_reports AS told WHERE told.result_id = r.id)")
	if err := failed(own.Order("r.id").Find(&due.FollowUps), "find own follow-ups due"); err != nil {
		return DueToday{}, err
	}
	team, err := s.OpenFollowUps(ctx, personID)
	if err != nil {
		return DueToday{}, err
	}
	for _, f := range team {
		if f.Due >= since && f.Due <= day {
			due.OfTeam++
		}
	}
	due.Talks, err = s.TalksOn(ctx, personID, day)
	return due, err
}
