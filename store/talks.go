package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// The notifications about a talk; the argument is the talk, of an answer also which one it was.
const (
	KindTalkAsked    = "talk_asked"    // to the evaluator
	KindTalkAnswered = "talk_answered" // to the employee
)

// ErrNobodyToTalk is returned when nobody evaluates the employee any more who could be asked. Nothing was written.
var ErrNobodyToTalk = errors.New("the evaluation has no evaluator on the roster")

// TalkAnswer is what an evaluator says to the wish to talk.
type TalkAnswer string

// The answers. Of the first two the day is in the future when they are given, of the last it is the day on which it was said.
const (
	TalkOn    TalkAnswer = "on"    // on a day
	TalkUntil TalkAnswer = "until" // on a day or before
	TalkDone  TalkAnswer = "done"  // we have talked
)

// Talk is an employee's wish to talk with his evaluator about a result, and the answer. Each wish about an evaluation has the next number.
type Talk struct {
	ID           int64
	EvaluationID int64
	Number       int
	EvaluatorID  int64 // who was asked
	RequestedAt  time.Time
	Answer       TalkAnswer // "" while there is none
	Day          Date       // of the answer
	AnsweredAt   *time.Time
	Answers      int // how often the evaluator has answered: the last answer counts
}

// Stands reports whether a wish is still alive on a day: not answered, or answered with a day that is not over. A new one is not needed.
func (t Talk) Stands(today Date) bool {
	return t.ID != 0 && (t.Answer == "" || t.Answer != TalkDone && t.Day >= today)
}

// TalkView is a talk with what the two who talk are told.
type TalkView struct {
	Talk
	ResultID   int64 // the last of the evaluation
	EmployeeID int64
	Employee   string // name
	Evaluator  string // name; "" when nobody on the roster evaluates him
	UnitID     int64
	PeriodID   int64
	Kind       PeriodKind
	FirstDay   Date
	Linked     bool // the evaluator has a Telegram account
	Lost       bool // and messages do not reach it
}

const talkColumns = "COALESCE(t.id, 0) AS id, e.id AS evaluation_id, COALESCE(t.number, 0) AS number, COALESCE(t.evaluator_id, 0) AS evaluator_id, t.requested_at, " +
	"COALESCE(t.answer, '') AS answer, COALESCE(t.day, '') AS day, t.answered_at, COALESCE(t.answers, 0) AS answers, " +
	"(SELECT MAX(r.id) FROM results AS r WHERE r.evaluation_id = e.id) AS result_id, e.employee_id, e.unit_id, e.period_id, p.kind, p.first_day, w.name AS employee, COALESCE(v.name, '') AS evaluator, " +
	"COALESCE(a.id, 0) > 0 AS linked, a.unreachable_since IS NOT NULL AS lost"

// talks selects evaluations e with the last wish to talk of their evaluators of now, if there is one.
func talks(tx *gorm.DB) *gorm.DB {
	return tx.Table("evaluations AS e").Select(talkColumns).
		Joins("JOIN periods AS p ON p.id = e.period_id").
		Joins("JOIN people AS w ON w.id = e.employee_id").
		Joins("LEFT JOIN people AS v ON v.id = e.evaluator_id AND v.active = ?", true).
		Joins("LEFT JOIN accounts AS a ON a.person_id = v.id").
		Joins("LEFT JOIN talks AS t ON t.evaluation_id = e.id AND t.evaluator_id = e.evaluator_id " +
			"AND t.number = (SELECT MAX(number) FROM talks WHERE talks.evaluation_id = e.id)")
}

// TalkAbout returns to an employee his wish to talk about a result that he has opened, and whom he can ask; the wish is zero when there is
// none of the evaluator of now. ErrNotFound to everybody else, and before he has opened it.
func (s *Store) TalkAbout(ctx context.Context, employeeID, resultID int64) (TalkView, error) {
	return s.talkAbout(s.db.WithContext(ctx), employeeID, resultID)
}

func (s *Store) talkAbout(tx *gorm.DB, employeeID, resultID int64) (TalkView, error) {
	var view TalkView
	about := s.visible(tx).Where("r.id = ? AND e.employee_id = ? AND r.opened_at IS NOT NULL", resultID, employeeID)
	err := first(talks(tx).Where("e.id = (?)", about.Select("r.evaluation_id")).Take(&view), "read talk")
	return view, err
}

// RequestTalk tells the evaluator that an employee wants to talk about a result. While a wish stands it is done already, and asked is false.
func (s *Store) RequestTalk(ctx context.Context, employeeID, resultID int64, today Date) (asked bool, err error) {
	err = s.transaction(ctx, "request talk", func(tx *gorm.DB) error {
		asked = false
		view, err := s.talkAbout(tx, employeeID, resultID)
		if err != nil {
			return err
		}
		e, err := s.lockTalks(tx, view.EvaluationID)
		if err != nil {
			return err
		}
		view, err = s.talkAbout(tx, employeeID, resultID)
		switch {
		case err != nil:
			return err
		case view.Evaluator == "":
			return ErrNobodyToTalk
		case view.Stands(today):
			return nil
		}
		asked = true
		return s.writeTalk(tx, e)
	})
	return asked && err == nil, err
}

// lockTalks holds the talks about an evaluation: who asks and who answers come one after the other, on every node.
func (s *Store) lockTalks(tx *gorm.DB, evaluationID int64) (Evaluation, error) {
	var e Evaluation
	if err := first(s.exclusive(tx).Where("id = ?", evaluationID).Take(&e), "lock evaluation"); err != nil {
		return Evaluation{}, err
	}
	return e, guard(tx.Model(&Evaluation{}).Where("id = ?", evaluationID), "guard evaluation")
}

// writeTalk writes the next wish about an evaluation that is locked.
func (s *Store) writeTalk(tx *gorm.DB, e Evaluation) error {
	var number int
	if err := failed(tx.Model(&Talk{}).Where("evaluation_id = ?", e.ID).Select("COALESCE(MAX(number), 0)").Scan(&number), "count talks"); err != nil {
		return err
	}
	t := Talk{EvaluationID: e.ID, Number: number + 1, EvaluatorID: *e.EvaluatorID, RequestedAt: s.now()}
	if err := failed(tx.Create(&t), "write talk"); err != nil {
		return err
	}
	notice := Notice{Key: fmt.Sprintf("%s:%d", KindTalkAsked, t.ID), PersonID: t.EvaluatorID, PeriodID: e.PeriodID, Kind: KindTalkAsked, Args: fmt.Sprint(t.ID)}
	if err := s.notify(tx, notice); err != nil {
		return err
	}
	return s.audit(tx, e.EmployeeID, "asked_to_talk", "evaluation", e.ID, "", "")
}

// AnswerTalk answers a wish to talk, or the one that followed it, for the evaluator who was asked and still is the employee's; ErrNotFound to
// everybody else. The same answer again changes nothing; another one takes its place, and the employee is told of it.
func (s *Store) AnswerTalk(ctx context.Context, evaluatorID, talkID int64, answer TalkAnswer, day Date) error {
	return s.transaction(ctx, "answer talk", func(tx *gorm.DB) error {
		view, err := s.talkFor(tx, evaluatorID, talkID)
		if err != nil {
			return err
		}
		if _, err := s.lockTalks(tx, view.EvaluationID); err != nil {
			return err
		}
		if view, err = s.talkFor(tx, evaluatorID, talkID); err != nil || view.Answer == answer && view.Day == day {
			return err
		}
		t := view.Talk
		answered := tx.Model(&Talk{}).Where("id = ?", t.ID).
			Updates(map[string]any{"answer": answer, "day": day, "answered_at": s.now(), "answers": t.Answers + 1})
		if err := failed(answered, "answer talk"); err != nil {
			return err
		}
		args := fmt.Sprintf("%d:%d", t.ID, t.Answers+1)
		if err := s.notify(tx, Notice{Key: KindTalkAnswered + ":" + args, PersonID: view.EmployeeID, PeriodID: view.PeriodID, Kind: KindTalkAnswered, Args: args}); err != nil {
			return err
		}
		return s.audit(tx, evaluatorID, "answered_talk", "evaluation", t.EvaluationID, string(t.Answer), string(answer))
	})
}

// TalkFor returns a wish to talk, or the one that followed it, to the evaluator who was asked, while he is the employee's evaluator.
func (s *Store) TalkFor(ctx context.Context, evaluatorID, talkID int64) (TalkView, error) {
	return s.talkFor(s.db.WithContext(ctx), evaluatorID, talkID)
}

func (s *Store) talkFor(tx *gorm.DB, evaluatorID, talkID int64) (TalkView, error) {
	var view TalkView
	err := first(talks(tx).Where("e.id = (SELECT evaluation_id FROM talks WHERE id = ?) AND t.evaluator_id = ?", talkID, evaluatorID).Take(&view), "read talk")
	return view, err
}

// TalkOf returns a wish to talk to the employee whose it is, unless another one followed.
func (s *Store) TalkOf(ctx context.Context, employeeID, talkID int64) (TalkView, error) {
	var view TalkView
	err := first(talks(s.db.WithContext(ctx)).Where("t.id = ? AND e.employee_id = ?", talkID, employeeID).Take(&view), "read talk")
	return view, err
}

// TalksAsked lists the wishes that wait for an evaluator's answer, the oldest first.
func (s *Store) TalksAsked(ctx context.Context, evaluatorID int64) ([]TalkView, error) {
	var list []TalkView
	err := failed(talks(s.db.WithContext(ctx)).Where("t.evaluator_id = ? AND t.answer = '' AND w.active = ?", evaluatorID, true).
		Order("t.id").Find(&list), "list talks")
	return list, err
}

// TalksAnswered lists the wishes to which an evaluator has promised a day, from a day on, the nearest first: he may move it, and says when
// they have talked.
func (s *Store) TalksAnswered(ctx context.Context, evaluatorID int64, from Date) ([]TalkView, error) {
	var list []TalkView
	promised := talks(s.db.WithContext(ctx)).Where("t.evaluator_id = ? AND t.answer IN ? AND t.day >= ? AND w.active = ?", evaluatorID, []TalkAnswer{TalkOn, TalkUntil}, from, true)
	err := failed(promised.Order("t.day, t.id").Find(&list), "list talks promised")
	return list, err
}

// TalkAboutEvaluation returns to an evaluator the last wish to talk about an evaluation; ErrNotFound when he was never asked.
func (s *Store) TalkAboutEvaluation(ctx context.Context, evaluatorID, evaluationID int64) (TalkView, error) {
	var view TalkView
	err := first(talks(s.db.WithContext(ctx)).Where("e.id = ? AND t.evaluator_id = ?", evaluationID, evaluatorID).Take(&view), "read talk about evaluation")
	return view, err
}

// TalksOn lists the talks that are promised for a day, to who takes part: for the evaluator those of all his people, for an employee his own.
func (s *Store) TalksOn(ctx context.Context, personID int64, day Date) ([]TalkView, error) {
	var list []TalkView
	promised := talksOn(s.db.WithContext(ctx), day).Where("(t.evaluator_id = ? OR e.employee_id = ?)", personID, personID)
	err := failed(promised.Order("t.id").Find(&list), "list talks of a day")
	return list, err
}

// PeopleOfTalksOn lists who takes part in the talks that are promised for a day.
func (s *Store) PeopleOfTalksOn(ctx context.Context, day Date) ([]int64, error) {
	var list []TalkView
	if err := failed(talksOn(s.db.WithContext(ctx), day).Find(&list), "list talks of a day"); err != nil {
		return nil, err
	}
	var people []int64
	for _, t := range list {
		people = append(people, t.EvaluatorID, t.EmployeeID)
	}
	slices.Sort(people)
	return slices.Compact(people), nil
}

func talksOn(tx *gorm.DB, day Date) *gorm.DB {
	return talks(tx).Where("t.day = ? AND t.answer IN ? AND w.active = ?", day, []TalkAnswer{TalkOn, TalkUntil}, true)
}
