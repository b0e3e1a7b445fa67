package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// Capacity is as what somebody stands in for an evaluator.
type Capacity string

// The capacities (IV.A.3).
const (
	Plt Capacity = "plt" // Pelaksana Tugas: the post is vacant, or its holder absent for good
	Plh Capacity = "plh" // Pelaksana Harian: its holder is absent for some days
)

// DelegationState is where a delegation stands. It only moves forward.
type DelegationState string

// The states of a delegation.
const (
	DelegationPlanned DelegationState = "planned" // its first day is to come
	DelegationActive  DelegationState = "active"
	DelegationOver    DelegationState = "over"
)

// Delegation lets a deputy evaluate all people of an absent evaluator, from a first day to a last one, by a letter (IV.A.2-3). Within these days the
// evaluator himself does not, as Plt. or as Plh.: art. 1 no. 9 knows one Pejabat Penilai of a person, his superior or the one to whom it was
// delegated. Who is back early has the delegation ended. Results that the deputy sets name him in his capacity.
type Delegation struct {
	ID          int64
	EvaluatorID int64
	DeputyID    int64
	Capacity    Capacity
	FirstDay    Date
	LastDay     Date
	BeginsAt    time.Time // the beginning of the first day in the local zone
	EndsAt      time.Time // the end of the last one
	Letter      string    // number of the letter
	State       DelegationState
	ByID        int64
	CreatedAt   time.Time
	EndedBy     int64 // who ended it early; 0 for its last day, or because the deputy has left
	EndedAt     *time.Time
}

// The notifications of a delegation; the argument is the delegation.
const (
	KindDeputyNamed    = "deputy_named"    // to the deputy
	KindDelegated      = "delegated"       // to the evaluator
	KindDelegationOver = "delegation_over" // to both
)

// Errors of delegations. Each is an ErrConflict.
var (
	ErrOverlap     = fmt.Errorf("the evaluator has a deputy on these days: %w", ErrConflict)
	ErrIsSuperior  = fmt.Errorf("the superior evaluates himself and is nobody's deputy: %w", ErrConflict)
	ErrDaysAreOver = fmt.Errorf("the days are over, or the last is before the first: %w", ErrConflict)
)

// DelegationForm is what an administrator decides. The moments are the beginning of the first day and the end of the last one.
type DelegationForm struct {
	EvaluatorID, DeputyID int64
	Capacity              Capacity
	FirstDay, LastDay     Date
	BeginsAt, EndsAt      time.Time
	Letter                string
}

// Delegate writes a delegation down, and lets it begin when its first day has come. The same again is done already. ErrNotFound unless the absent
// evaluator's unit is the administrator's; ErrSelf, ErrOwn, ErrNotOnRoster, ErrIsSuperior (IV.A.2: he evaluates in his own right, by Reassign),
// ErrOverlap and ErrDaysAreOver as they say.
func (s *Store) Delegate(ctx context.Context, adminID int64, form DelegationForm) (Delegation, error) {
	var d Delegation
	err := s.transaction(ctx, "delegate", func(tx *gorm.DB) error {
		d = Delegation{EvaluatorID: form.EvaluatorID, DeputyID: form.DeputyID, Capacity: form.Capacity, FirstDay: form.FirstDay, LastDay: form.LastDay,
			BeginsAt: form.BeginsAt.UTC(), EndsAt: form.EndsAt.UTC(), Letter: form.Letter, State: DelegationPlanned, ByID: adminID}
		there, err := s.delegable(tx, adminID, d)
		if err != nil || there.ID != 0 {
			d = there
			return err
		}
		if err := failed(tx.Create(&d), "write delegation"); err != nil {
			return err
		}
		notices := []Notice{{Key: fmt.Sprintf("%s:%d", KindDeputyNamed, d.ID), PersonID: d.DeputyID, Kind: KindDeputyNamed, Args: fmt.Sprint(d.ID)},
			{Key: fmt.Sprintf("%s:%d", KindDelegated, d.ID), PersonID: d.EvaluatorID, Kind: KindDelegated, Args: fmt.Sprint(d.ID)}}
		if err := s.notify(tx, notices...); err != nil {
			return err
		}
		if err := s.audit(tx, adminID, "delegation.create", "delegation", d.ID, "", asJSON(d, true)); err != nil {
			return err
		}
		d, err = s.carryOn(tx, d)
		return err
	})
	return d, err
}

// delegable checks that a delegation may be written, and locks the evaluator so that two do not overlap. It returns the same one that is there.
func (s *Store) delegable(tx *gorm.DB, adminID int64, d Delegation) (Delegation, error) {
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return Delegation{}, err
	}
	var evaluator, deputy Person
	if err := first(s.exclusive(tx).Where("id = ?", d.EvaluatorID).Take(&evaluator), "find evaluator"); err != nil {
		return Delegation{}, err
	}
	if !scope.Covers(evaluator.UnitID) {
		return Delegation{}, ErrNotFound
	}
	if err := guard(tx.Model(&Person{}).Where("id IN ?", []int64{d.EvaluatorID, d.DeputyID}), "guard evaluator and deputy"); err != nil {
		return Delegation{}, err
	}
	if err := first(s.shared(tx).Where("id = ?", d.DeputyID).Take(&deputy), "find deputy"); err != nil {
		return Delegation{}, err
	}
	if err := s.mayStandIn(d, evaluator, deputy, adminID); err != nil {
		return Delegation{}, err
	}
	return alreadyWritten(tx, d)
}

// mayStandIn tells why somebody may not stand in for an evaluator; nil when he may.
func (s *Store) mayStandIn(d Delegation, evaluator, deputy Person, adminID int64) error {
	switch {
	case d.DeputyID == d.EvaluatorID:
		return ErrSelf
	case d.DeputyID == adminID:
		return ErrOwn
	case !deputy.Active:
		return ErrNotOnRoster
	case value(evaluator.SuperiorID) == d.DeputyID:
		return ErrIsSuperior
	case d.LastDay < d.FirstDay || !d.EndsAt.After(s.now()) || !d.EndsAt.After(d.BeginsAt):
		return ErrDaysAreOver
	}
	return nil
}

// alreadyWritten returns the same delegation that is there; ErrOverlap for another one over some of its days.
func alreadyWritten(tx *gorm.DB, d Delegation) (Delegation, error) {
	var others []Delegation
	overlapping := tx.Where("evaluator_id = ? AND state <> ? AND first_day <= ? AND last_day >= ?", d.EvaluatorID, DelegationOver, d.LastDay, d.FirstDay)
	if err := failed(overlapping.Order("id").Find(&others), "find delegations"); err != nil || len(others) == 0 {
		return Delegation{}, err
	}
	for _, other := range others {
		if other.DeputyID == d.DeputyID && other.Capacity == d.Capacity && other.FirstDay == d.FirstDay && other.LastDay == d.LastDay && other.Letter == d.Letter {
			return other, nil
		}
	}
	return Delegation{}, ErrOverlap
}

// EndDelegation ends a delegation before its last day: the rights fall back at once. Doing it again changes nothing. ErrNotFound unless the
// evaluator's unit is the administrator's.
func (s *Store) EndDelegation(ctx context.Context, adminID, delegationID int64) error {
	return s.transaction(ctx, "end delegation", func(tx *gorm.DB) error {
		d, err := s.delegationOf(tx, adminID, delegationID, s.exclusive(tx))
		if err != nil || d.State == DelegationOver {
			return err
		}
		return s.endDelegation(tx, d, adminID)
	})
}

func (s *Store) delegationOf(tx *gorm.DB, adminID, id int64, locked *gorm.DB) (Delegation, error) {
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return Delegation{}, err
	}
	var d Delegation
	if err := first(locked.Where("id = ?", id).Take(&d), "find delegation"); err != nil {
		return Delegation{}, err
	}
	var evaluator Person
	if err := first(tx.Where("id = ?", d.EvaluatorID).Take(&evaluator), "find evaluator"); err != nil {
		return Delegation{}, err
	}
	if !scope.Covers(evaluator.UnitID) {
		return Delegation{}, ErrNotFound
	}
	return d, nil
}

// endDelegation lets the evaluations of a delegation that is locked fall back.
func (s *Store) endDelegation(tx *gorm.DB, d Delegation, by int64) error {
	if err := s.fallBack(tx, d, by); err != nil {
		return err
	}
	now := s.now()
	ended := tx.Model(&Delegation{}).Where("id = ?", d.ID).Updates(map[string]any{"state": DelegationOver, "ended_by": by, "ended_at": now})
	if err := failed(ended, "end delegation"); err != nil {
		return err
	}
	args := fmt.Sprint(d.ID)
	notices := []Notice{{Key: fmt.Sprintf("%s:%d:%d", KindDelegationOver, d.ID, d.DeputyID), PersonID: d.DeputyID, Kind: KindDelegationOver, Args: args},
		{Key: fmt.Sprintf("%s:%d:%d", KindDelegationOver, d.ID, d.EvaluatorID), PersonID: d.EvaluatorID, Kind: KindDelegationOver, Args: args}}
	if err := s.notify(tx, notices...); err != nil {
		return err
	}
	return s.audit(tx, by, "delegation.end", "delegation", d.ID, string(d.State), string(DelegationOver))
}

// fallBack gives the evaluations of a delegation back to its evaluator. What is final, or was closed meanwhile, is his again too, without
// a change of what was set.
func (s *Store) fallBack(tx *gorm.DB, d Delegation, by int64) error {
	var all []Evaluation
	err := failed(s.exclusive(tx).Where("evaluator_id = ? AND delegation_id = ?", d.DeputyID, d.ID).Order("id").Find(&all), "find evaluations of delegation")
	if err != nil {
		return err
	}
	unfinished := slices.DeleteFunc(slices.Clone(all), func(e Evaluation) bool { return e.State == EvaluationFinal })
	back := passing{to: d.EvaluatorID, by: by, delegation: d.ID, superiorThen: func(e Evaluation) *int64 { return e.SuperiorID }}
	if err := s.pass(tx, unfinished, back); err != nil {
		return err
	}
	returned := tx.Model(&Evaluation{}).Where("evaluator_id = ? AND delegation_id = ? AND state = ?", d.DeputyID, d.ID, EvaluationFinal).
		Updates(map[string]any{"evaluator_id": d.EvaluatorID, "delegation_id": 0, "acting_until": nil, "updated_at": s.now()})
	return failed(returned, "give results back")
}

// carryOn does what a delegation that is locked asks for now: it begins, takes what came to the absent evaluator meanwhile, or ends.
func (s *Store) carryOn(tx *gorm.DB, d Delegation) (Delegation, error) {
	now := s.now()
	switch {
	case d.State == DelegationOver || now.Before(d.BeginsAt):
		return d, nil
	case !now.Before(d.EndsAt):
		return d, s.endDelegation(tx, d, 0)
	}
	var deputy Person
	if err := first(tx.Where("id = ?", d.DeputyID).Take(&deputy), "find deputy"); err != nil {
		return d, err
	}
	if !deputy.Active {
		return d, s.endDelegation(tx, d, 0)
	}
	if d.State == DelegationPlanned {
		if err := failed(tx.Model(&Delegation{}).Where("id = ?", d.ID).Update("state", DelegationActive), "begin delegation"); err != nil {
			return d, err
		}
		d.State = DelegationActive
		if err := s.audit(tx, 0, "delegation.begin", "delegation", d.ID, string(DelegationPlanned), string(DelegationActive)); err != nil {
			return d, err
		}
	}
	return d, s.standIn(tx, d)
}

// standIn gives the deputy what the evaluator has to do now. His own evaluation is not among it: nobody evaluates himself, it stays with the
// evaluator, or the administrator names another one (IV.A.5).
func (s *Store) standIn(tx *gorm.DB, d Delegation) error {
	open := tx.Model(&Period{}).Select("id").Where("state = ?", PeriodOpen)
	var due []Evaluation
	err := failed(s.exclusive(tx).Where("evaluator_id = ? AND state = ? AND employee_id <> ?", d.EvaluatorID, EvaluationOpen, d.DeputyID).
		Where("(period_id IN (?) OR reopened_at IS NOT NULL)", open).Where("delegation_id = 0").Order("id").Find(&due), "find evaluations of who is absent")
	if err != nil || len(due) == 0 {
		return err
	}
	// Its end writes it too: what comes to the deputy at that moment on another node must not stay with him.
	if err := guard(tx.Model(&Delegation{}).Where("id = ?", d.ID), "guard delegation"); err != nil {
		return err
	}
	return s.pass(tx, due, passing{to: d.DeputyID, delegation: d.ID, acts: true, until: &d.EndsAt,
		superiorThen: func(e Evaluation) *int64 { return e.SuperiorID }})
}

// SettleDelegations lets delegations begin and end whose moment has come, and gives deputies what came to their evaluators meanwhile. It returns
// how many there were to look at. Any number of processes may do it at once. A deputy has no right after his last day, however late
// this is done: see acting.
func (s *Store) SettleDelegations(ctx context.Context) (int, error) {
	var ids []int64
	now := s.now()
	err := failed(s.db.WithContext(ctx).Model(&Delegation{}).Where("state IN ? AND begins_at <= ?", []DelegationState{DelegationPlanned, DelegationActive}, now).
		Order("id").Pluck("id", &ids), "find delegations")
	var all error
	for _, id := range ids {
		all = errors.Join(all, s.transaction(ctx, "settle delegation", func(tx *gorm.DB) error {
			var d Delegation
			if err := first(s.exclusive(tx).Where("id = ?", id).Take(&d), "lock delegation"); err != nil {
				return err
			}
			_, err := s.carryOn(tx, d)
			return err
		}))
	}
	return len(ids), errors.Join(err, all)
}

// DelegationView is a delegation with its names.
type DelegationView struct {
	Delegation `gorm:"embedded"`
	Evaluator  string
	Deputy     string
	Position   string // of the evaluator
	OwnPeople  int    `gorm:"-"` // open evaluations that the deputy would have to do of himself
}

func delegations(tx *gorm.DB) *gorm.DB {
	return tx.Table("delegations AS d").Select("d.*, absent.name AS evaluator, absent.position, deputies.name AS deputy").
		Joins("JOIN people AS absent ON absent.id = d.evaluator_id").Joins("JOIN people AS deputies ON deputies.id = d.deputy_id")
}

// DelegationFor returns a delegation to an administrator of the evaluator's unit; ErrNotFound to everybody else.
func (s *Store) DelegationFor(ctx context.Context, adminID, delegationID int64) (DelegationView, error) {
	tx := s.db.WithContext(ctx)
	if _, err := s.delegationOf(tx, adminID, delegationID, tx); err != nil {
		return DelegationView{}, err
	}
	return s.delegationView(tx.Where("d.id = ?", delegationID))
}

// DelegationWith returns a delegation to its deputy or its evaluator; ErrNotFound to everybody else.
func (s *Store) DelegationWith(ctx context.Context, personID, delegationID int64) (DelegationView, error) {
	return s.delegationView(s.db.WithContext(ctx).Where("d.id = ? AND (d.evaluator_id = ? OR d.deputy_id = ?)", delegationID, personID, personID))
}

func (s *Store) delegationView(one *gorm.DB) (DelegationView, error) {
	var view DelegationView
	if err := first(delegations(one).Take(&view), "read delegation"); err != nil {
		return DelegationView{}, err
	}
	var own int64
	err := failed(s.db.WithContext(one.Statement.Context).Model(&Evaluation{}).
		Where("employee_id = ? AND evaluator_id = ? AND state = ?", view.DeputyID, view.EvaluatorID, EvaluationOpen).Count(&own), "count own evaluations of deputy")
	view.OwnPeople = int(own)
	return view, err
}

// StandingInFor lists who evaluates in somebody's place now, the latest first; it is empty for who evaluates himself.
func (s *Store) StandingInFor(ctx context.Context, evaluatorID int64) (now []DelegationView, err error) {
	at := s.now()
	active := delegations(s.db.WithContext(ctx)).Where("d.evaluator_id = ? AND d.state = ? AND d.begins_at <= ? AND d.ends_at > ?", evaluatorID, DelegationActive, at, at)
	err = failed(active.Order("d.id DESC").Find(&now), "list who stands in")
	return now, err
}

// DelegationsFor lists the delegations of evaluators in an administrator's units, those that are not over first, then the latest, and counts all of
// them. ErrNotFound when he administers nothing.
func (s *Store) DelegationsFor(ctx context.Context, adminID int64, offset, limit int) (lines []DelegationView, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	list := func() *gorm.DB { return scope.narrow(delegations(tx), "absent.unit_id") }
	var count int64
	if err := failed(list().Count(&count), "count delegations"); err != nil || count == 0 {
		return nil, 0, err
	}
	err = failed(list().Order("CASE WHEN d.state = 'over' THEN 1 ELSE 0 END, d.first_day DESC, d.id DESC").Offset(offset).Limit(limit).Find(&lines), "list delegations")
	return lines, int(count), err
}
