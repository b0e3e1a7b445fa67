package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Handover is one time that an evaluation got another evaluator. It never changes.
type Handover struct {
	ID           int64
	EvaluationID int64
	FromID       int64 // 0 for nobody
	ToID         int64
	DelegationID int64 // by which it went to a deputy, or fell back from one; 0 for a change for good
	ByID         int64 // 0 for the program, when the days of a delegation begin or end
	Reason       string
	CreatedAt    time.Time
}

// Draft is what somebody rated in an evaluation that he does not evaluate now. A draft belongs to who wrote it: it is information to whoever
// evaluates now (IV.A.13-14), never counted as his, and is there again when the evaluation comes back. Unique by evaluation and person.
type Draft struct {
	ID           int64
	EvaluationID int64
	PersonID     int64
	DelegationID int64  // as whose deputy he wrote it; 0 for none
	Content      string // JSON: see DraftContent
	KeptAt       time.Time
}

// DraftContent is a draft: the ratings of indicators, and of the whole.
type DraftContent struct {
	WorkRating      Rating                `json:"work,omitempty"`
	BehaviourRating Rating                `json:"behaviour,omitempty"`
	WorkReason      string                `json:"work_reason,omitempty"`
	BehaviourReason string                `json:"behaviour_reason,omitempty"`
	Note            string                `json:"note,omitempty"`
	FollowUpKind    FollowUpKind          `json:"follow_up,omitempty"`
	FollowUpDue     Date                  `json:"follow_up_due,omitempty"`
	FollowUpName    string                `json:"follow_up_name,omitempty"`
	Answers         map[int64]DraftAnswer `json:"answers,omitempty"` // by indicator
}

// DraftAnswer is the answer to one indicator in a draft.
type DraftAnswer struct {
	Rating Rating `json:"rating,omitempty"`
	Reason string `json:"reason,omitempty"`
	Note   string `json:"note,omitempty"`
}

// draftOf is what an evaluator has written so far; empty reports that it is nothing.
func draftOf(e Evaluation, answers []Answer) (draft DraftContent, empty bool) {
	draft = DraftContent{WorkRating: e.WorkRating, BehaviourRating: e.BehaviourRating, WorkReason: e.WorkReason, BehaviourReason: e.BehaviourReason, Note: e.Note,
		FollowUpKind: e.FollowUpKind, FollowUpDue: e.FollowUpDue, FollowUpName: e.FollowUpName, Answers: map[int64]DraftAnswer{}}
	for _, a := range answers {
		if one := (DraftAnswer{Rating: a.Rating, Reason: a.Reason, Note: a.Note}); one != (DraftAnswer{}) {
			draft.Answers[a.IndicatorID] = one
		}
	}
	return draft, len(draft.Answers) == 0 && e.WorkRating+e.BehaviourRating == "" && e.WorkReason+e.BehaviourReason+e.Note == "" && e.FollowUpKind == ""
}

// fields are the columns of an evaluation that hold a draft.
func (d DraftContent) fields() map[string]any {
	return map[string]any{"work_rating": d.WorkRating, "behaviour_rating": d.BehaviourRating, "work_reason": d.WorkReason, "behaviour_reason": d.BehaviourReason,
		"note": d.Note, "follow_up_kind": d.FollowUpKind, "follow_up_due": d.FollowUpDue, "follow_up_name": d.FollowUpName}
}

// passing says to whom evaluations go, and why.
type passing struct {
	to           int64
	by           int64
	reason       string
	delegation   int64                             // the delegation that begins or ends with it; 0 for none
	acts         bool                              // it begins: to is a deputy from then on
	until        *time.Time                        // of a deputy
	superiorThen func(e Evaluation) *int64         // the superior from then on
	changed      func(e Evaluation, h int64) error // may be nil
}

// pass gives evaluations that are locked and open to another evaluator. The draft of the one before is kept under his name, and one that the
// next has there of his own is put in its place, so that nobody's rating counts as another one's and nothing is lost. It writes the answers
// to all indicators, also those that are not there yet: a rating that is stored on another node at this moment meets it there.
func (s *Store) pass(tx *gorm.DB, evaluations []Evaluation, p passing) error {
	for chunk := range slices.Chunk(evaluations, passChunk) {
		if err := s.passSome(tx, chunk, p); err != nil {
			return err
		}
	}
	return nil
}

// passChunk is of how many evaluations the drafts are read at once.
const passChunk = 50

func (s *Store) passSome(tx *gorm.DB, evaluations []Evaluation, p passing) error {
	ids := make([]int64, 0, len(evaluations))
	for _, e := range evaluations {
		ids = append(ids, e.ID)
	}
	var answers []Answer
	if err := failed(s.exclusive(tx).Where("evaluation_id IN ?", ids).Find(&answers), "read drafts"); err != nil {
		return err
	}
	var own []Draft
	if err := failed(tx.Where("evaluation_id IN ? AND person_id = ?", ids, p.to).Find(&own), "read drafts of the next"); err != nil {
		return err
	}
	for _, e := range evaluations {
		next := DraftContent{}
		if n := slices.IndexFunc(own, func(d Draft) bool { return d.EvaluationID == e.ID }); n >= 0 {
			if err := readDraft(own[n].Content, &next); err != nil {
				return err
			}
		}
		mine := slices.Collect(func(yield func(Answer) bool) {
			for _, a := range answers {
				if a.EvaluationID == e.ID && !yield(a) {
					return
				}
			}
		})
		if err := s.passOne(tx, e, mine, next, p); err != nil {
			return err
		}
	}
	return nil
}

func readDraft(content string, draft *DraftContent) error {
	if err := json.Unmarshal([]byte(content), draft); err != nil {
		return fmt.Errorf("read draft: %w", err)
	}
	return nil
}

func (s *Store) passOne(tx *gorm.DB, e Evaluation, answers []Answer, next DraftContent, p passing) error {
	if err := s.keepDraft(tx, e, answers); err != nil {
		return err
	}
	if err := s.putDraft(tx, e, next); err != nil {
		return err
	}
	if err := failed(tx.Where("evaluation_id = ? AND person_id = ?", e.ID, p.to).Delete(&Draft{}), "take up draft"); err != nil {
		return err
	}
	fields := next.fields()
	fields["evaluator_id"], fields["superior_id"], fields["updated_at"] = p.to, p.superiorThen(e), s.now()
	fields["delegation_id"], fields["acting_until"] = int64(0), nil
	if p.acts {
		fields["delegation_id"], fields["acting_until"] = p.delegation, p.until
	}
	if err := failed(tx.Model(&Evaluation{}).Where("id = ?", e.ID).Updates(fields), "change evaluator"); err != nil {
		return err
	}
	h := Handover{EvaluationID: e.ID, FromID: value(e.EvaluatorID), ToID: p.to, DelegationID: p.delegation, ByID: p.by, Reason: p.reason}
	if err := failed(tx.Create(&h), "write handover"); err != nil {
		return err
	}
	if p.changed != nil {
		if err := p.changed(e, h.ID); err != nil {
			return err
		}
	}
	return s.audit(tx, p.by, "evaluation.pass", "evaluation", e.ID, idText(e.EvaluatorID), fmt.Sprint(p.to))
}

// keepDraft keeps what the evaluator of an evaluation has written so far, if that is anything.
func (s *Store) keepDraft(tx *gorm.DB, e Evaluation, answers []Answer) error {
	draft, empty := draftOf(e, answers)
	if empty || e.EvaluatorID == nil {
		return nil
	}
	row := Draft{EvaluationID: e.ID, PersonID: *e.EvaluatorID, DelegationID: e.DelegationID, Content: asJSON(draft, true), KeptAt: s.now()}
	return failed(tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "evaluation_id"}, {Name: "person_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"delegation_id", "content", "kept_at"}),
	}).Create(&row), "keep draft")
}

// putDraft makes a draft, which may be empty, the answers of an evaluation.
func (s *Store) putDraft(tx *gorm.DB, e Evaluation, draft DraftContent) error {
	indicators, err := s.indicatorsIn(tx, e.TemplateVersionID)
	if err != nil || len(indicators) == 0 {
		return err
	}
	rows := make([]Answer, 0, len(indicators))
	for _, i := range indicators {
		a := draft.Answers[i.ID]
		rows = append(rows, Answer{EvaluationID: e.ID, IndicatorID: i.ID, Rating: a.Rating, Reason: a.Reason, Note: a.Note, UpdatedAt: s.now()})
	}
	update := append(clause.AssignmentColumns([]string{"rating", "reason", "note", "updated_at"}),
		clause.Assignment{Column: clause.Column{Name: "guard"}, Value: gorm.Expr("answers.guard + 1")})
	return failed(tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "evaluation_id"}, {Name: "indicator_id"}}, DoUpdates: update}).Create(&rows), "write draft")
}

// The notifications of a change of evaluator, one to each for all people of one act; the arguments are the period and their number.
const (
	KindPeopleGiven = "people_given"
	KindPeopleTaken = "people_taken"
)

// Errors of who cannot be an evaluator. Each is an ErrConflict.
var (
	ErrNotOnRoster = fmt.Errorf("has left the roster: %w", ErrConflict)
	ErrSelf        = fmt.Errorf("nobody evaluates himself: %w", ErrConflict)
	ErrNeedsReason = fmt.Errorf("is below pejabat pengawas: a reason is needed: %w", ErrConflict)
)

// ReassignLimit is how many evaluations one act gives to another evaluator.
const ReassignLimit = 200

// Reassign gives evaluations of a period that are not final to another evaluator (IV.A.13-14), whose superior of now becomes theirs. from is the
// evaluator whom the screen showed, 0 for none: whoever has another one by now is passed over, so that the same tap twice changes once. It
// returns how many changed. ErrNotFound when one of them is not the administrator's; ErrNotOnRoster; ErrSelf when the new one is among
// them; ErrNeedsReason when he is below pejabat pengawas (art. 1 no. 9) and no reason is given; ErrOwn when the administrator would
// become an evaluator by it, or is one of them; ErrMeanwhile when nobody is as the screen showed.
func (s *Store) Reassign(ctx context.Context, adminID, periodID int64, evaluations []int64, from, to int64, reason string) (changed int, err error) {
	evaluations = slices.Compact(slices.Sorted(slices.Values(evaluations)))
	if len(evaluations) == 0 || len(evaluations) > ReassignLimit {
		return 0, ErrNotFound
	}
	err = s.transaction(ctx, "reassign", func(tx *gorm.DB) error {
		changed = 0
		rows, err := s.lockAssigned(tx, adminID, periodID, evaluations)
		if err != nil {
			return err
		}
		next, err := s.nextEvaluator(tx, adminID, to, reason)
		if err != nil {
			return err
		}
		var open []Evaluation
		already := 0
		for _, e := range rows {
			switch {
			case e.EmployeeID == to:
				return ErrSelf
			case e.EmployeeID == adminID:
				return ErrOwn
			case e.State != EvaluationFinal && value(e.EvaluatorID) == to && e.DelegationID == 0:
				already++
			case e.State != EvaluationFinal && value(e.EvaluatorID) == from:
				open = append(open, e)
			}
		}
		if len(open) == 0 {
			if already > 0 {
				return nil
			}
			return ErrMeanwhile
		}
		changed = len(open)
		return s.reassign(tx, adminID, periodID, open, next, reason)
	})
	return changed, err
}

func (s *Store) reassign(tx *gorm.DB, adminID, periodID int64, open []Evaluation, next Person, reason string) error {
	superior, err := superiorOf(tx, next)
	if err != nil {
		return err
	}
	act := int64(0)
	err = s.pass(tx, open, passing{to: next.ID, by: adminID, reason: reason,
		superiorThen: func(e Evaluation) *int64 {
			if superior == nil || *superior == e.EmployeeID {
				return nil
			}
			return superior
		},
		changed: func(_ Evaluation, handover int64) error {
			act = max(act, handover)
			return nil
		}})
	if err != nil {
		return err
	}
	args := fmt.Sprintf("%d:%d", periodID, len(open))
	notices := []Notice{{Key: fmt.Sprintf("%s:%d", KindPeopleGiven, act), PersonID: next.ID, PeriodID: periodID, Kind: KindPeopleGiven, Args: args}}
	before, err := evaluatorsBefore(tx, open[0])
	for _, person := range before {
		notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d:%d", KindPeopleTaken, act, person), PersonID: person, PeriodID: periodID, Kind: KindPeopleTaken, Args: args})
	}
	if err != nil {
		return err
	}
	return s.notify(tx, notices...)
}

// evaluatorsBefore are whose an evaluation was: its evaluator, and whom he stands in for.
func evaluatorsBefore(tx *gorm.DB, e Evaluation) ([]int64, error) {
	if e.EvaluatorID == nil {
		return nil, nil
	}
	if e.DelegationID == 0 {
		return []int64{*e.EvaluatorID}, nil
	}
	var d Delegation
	err := first(tx.Where("id = ?", e.DelegationID).Take(&d), "read delegation")
	return []int64{*e.EvaluatorID, d.EvaluatorID}, err
}

// lockAssigned locks evaluations of an open period, or that were opened again, for an administrator of their units.
func (s *Store) lockAssigned(tx *gorm.DB, adminID, periodID int64, ids []int64) ([]Evaluation, error) {
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, err
	}
	var rows []Evaluation
	if err := failed(s.exclusive(tx).Where("id IN ? AND period_id = ?", ids, periodID).Order("id").Find(&rows), "lock evaluations"); err != nil {
		return nil, err
	}
	if len(rows) != len(ids) || slices.ContainsFunc(rows, func(e Evaluation) bool { return !scope.Covers(e.UnitID) }) {
		return nil, ErrNotFound
	}
	p, err := s.holdPeriod(tx, periodID)
	if err != nil {
		return nil, err
	}
	if p.State != PeriodOpen && slices.ContainsFunc(rows, func(e Evaluation) bool { return e.ReopenedAt == nil }) {
		return nil, ErrClosed
	}
	return rows, nil
}

// nextEvaluator locks who is to evaluate, and checks that he may.
func (s *Store) nextEvaluator(tx *gorm.DB, adminID, id int64, reason string) (Person, error) {
	var p Person
	if err := first(s.shared(tx).Where("id = ?", id).Take(&p), "find evaluator"); err != nil {
		return Person{}, err
	}
	if !p.Active {
		return Person{}, ErrNotOnRoster
	}
	if p.ID == adminID {
		return Person{}, ErrOwn
	}
	// The leaving of this person writes him too: a cluster then sees that the two meet.
	if err := guard(tx.Model(&Person{}).Where("id = ?", id), "guard evaluator"); err != nil {
		return Person{}, err
	}
	below, err := belowSupervisor(tx, p)
	if err == nil && below && strings.TrimSpace(reason) == "" {
		err = ErrNeedsReason
	}
	return p, err
}

// belowSupervisor reports whether somebody is below pejabat pengawas, who evaluates only where it was delegated to him (art. 1 no. 9): no
// structural official, nor a functional one who leads people (IV.A.7).
func belowSupervisor(tx *gorm.DB, p Person) (bool, error) {
	if p.PositionKind == "struktural" {
		return false, nil
	}
	var led []int64
	err := failed(tx.Model(&Person{}).Where("superior_id = ? AND active = ?", p.ID, true).Limit(1).Pluck("id", &led), "find who is led")
	return p.PositionKind != "fungsional" || len(led) == 0, err
}

// superiorOf is the superior of somebody on the roster, who is on it too; nil for none.
func superiorOf(tx *gorm.DB, p Person) (*int64, error) {
	if p.SuperiorID == nil || *p.SuperiorID == p.ID {
		return nil, nil //nolint:nilnil // nobody is an answer
	}
	var superior Person
	err := first(tx.Where("id = ? AND active = ?", *p.SuperiorID, true).Take(&superior), "find superior")
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // nobody is an answer
	}
	return &superior.ID, err
}
