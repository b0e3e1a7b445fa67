package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// ErrOwn is returned to an administrator who would decide about his own evaluation, or about one that he has set. It is an ErrConflict.
var ErrOwn = fmt.Errorf("nobody decides about himself: %w", ErrConflict)

// ErrMeanwhile is returned when what a screen showed is not so any more. It is an ErrConflict.
var ErrMeanwhile = fmt.Errorf("changed meanwhile: %w", ErrConflict)

// AdminEvaluation is an evaluation as an administrator sees it: how far it is and whose, never what was rated.
type AdminEvaluation struct {
	Evaluation      `gorm:"embedded"`
	Period          Period `gorm:"-"`
	Kind            PeriodKind
	FirstDay        Date
	Employee        string
	Position        string
	EmployeeActive  bool
	Unit            string
	Begun           bool // something is rated
	Evaluator       string
	EvaluatorActive bool
	Superior        string
	Capacity        Capacity // of the deputy who evaluates now; "" when the evaluator does
	OnBehalf        string
	Version         int // of the last result that was not taken back; 0 for none
	ReleaseAt       *time.Time
	OpenedAt        *time.Time
	ResultReopened  *time.Time
	ResultID        int64
	SetBy           int64
	Excluded        Exclusion `gorm:"-"` // zero unless it is
}

// Managed reports whether the period still takes decisions about single people.
func (e AdminEvaluation) Managed() bool { return e.Period.State == PeriodOpen || e.ReopenedAt != nil }

const adminEvaluation = "e.*, p.kind, p.first_day, w.name AS employee, w.position, w.active AS employee_active, COALESCE(u.name, '') AS unit, " +
	"EXISTS (SELECT 1 FROM answers AS a WHERE a.evaluation_id = e.id AND a.rating <> '') AS begun, COALESCE(v.name, '') AS evaluator, " +
	"COALESCE(v.active, FALSE) AS evaluator_active, COALESCE(sup.name, '') AS superior, COALESCE(d.capacity, '') AS capacity, COALESCE(absent.name, '') AS on_behalf, " +
	"COALESCE(r.version, 0) AS version, COALESCE(r.id, 0) AS result_id, COALESCE(r.set_by, 0) AS set_by, r.release_at, r.opened_at, r.reopened_at AS result_reopened"

func adminEvaluations(tx *gorm.DB) *gorm.DB {
	return tx.Table("evaluations AS e").Select(adminEvaluation).
		Joins("JOIN periods AS p ON p.id = e.period_id").
		Joins("JOIN people AS w ON w.id = e.employee_id").
		Joins("LEFT JOIN units AS u ON u.id = e.unit_id").
		Joins("LEFT JOIN people AS v ON v.id = e.evaluator_id").
		Joins("LEFT JOIN people AS sup ON sup.id = e.superior_id").
		Joins("LEFT JOIN delegations AS d ON d.id = e.delegation_id").Joins("LEFT JOIN people AS absent ON absent.id = d.evaluator_id").
		Joins("LEFT JOIN results AS r ON r.evaluation_id = e.id AND r.withdrawn_at IS NULL AND " +
			"r.version = (SELECT MAX(version) FROM results WHERE results.evaluation_id = e.id)")
}

// EvaluationFor returns an evaluation to an administrator of its unit; ErrNotFound to everybody else.
func (s *Store) EvaluationFor(ctx context.Context, adminID, evaluationID int64) (AdminEvaluation, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return AdminEvaluation{}, err
	}
	var e AdminEvaluation
	if err := first(adminEvaluations(tx).Where("e.id = ?", evaluationID).Take(&e), "read evaluation for administrator"); err != nil {
		return AdminEvaluation{}, err
	}
	if !scope.Covers(e.UnitID) {
		return AdminEvaluation{}, ErrNotFound
	}
	if err := first(tx.Where("id = ?", e.PeriodID).Take(&e.Period), "read period"); err != nil {
		return AdminEvaluation{}, err
	}
	if e.State == EvaluationExcluded {
		e.Excluded, err = standingExclusion(tx, e.ID)
	}
	return e, err
}

// AdminLine is one line of a list of evaluations for an administrator.
type AdminLine struct {
	EvaluationID int64
	EmployeeID   int64
	Name         string
	Unit         string
	State        EvaluationState
	Begun        bool
	Reopened     bool
	Evaluator    string // name; "" for none
	EvaluatorID  int64
}

// PeopleFilter narrows a list of people of a period.
type PeopleFilter struct {
	Text      string          // words of the name, or a part of the NIP; "" for all
	Evaluator int64           // only whom he evaluates; 0 for all
	State     EvaluationState // "" for all
}

// PeopleOfPeriod lists the evaluations of a period in an administrator's units, by name, and counts all of them. ErrNotFound when none of the
// period's units are his.
func (s *Store) PeopleOfPeriod(ctx context.Context, adminID, periodID int64, filter PeopleFilter, offset, limit int) (period AdminPeriod, lines []AdminLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	period, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return AdminPeriod{}, nil, 0, err
	}
	narrowed := func(list *gorm.DB) *gorm.DB {
		list = scope.narrow(list.Where("e.period_id = ?", periodID), "e.unit_id")
		if filter.Evaluator != 0 {
			list = list.Where("e.evaluator_id = ?", filter.Evaluator)
		}
		if filter.State != "" {
			list = list.Where("e.state = ?", filter.State)
		}
		return list
	}
	named := func() *gorm.DB {
		return namedLike(narrowed(tx.Table("people AS w").Joins("JOIN evaluations AS e ON e.employee_id = w.id")), "w", filter.Text)
	}
	counted := named()
	if filter.Text == "" { // names do not matter
		counted = narrowed(tx.Table("evaluations AS e"))
	}
	var count int64
	if err := failed(counted.Count(&count), "count people of period"); err != nil || count == 0 {
		return period, nil, 0, err
	}
	// The people of the page first, by the index of names alone: of a city's period nothing else is read.
	var ids []int64
	if err := failed(named().Order("w.name, w.id").Offset(offset).Limit(limit).Pluck("e.id", &ids), "find people of period"); err != nil || len(ids) == 0 {
		return period, nil, int(count), err
	}
	err = failed(tx.Table("evaluations AS e").Joins("JOIN people AS w ON w.id = e.employee_id").Where("e.id IN ?", ids).
		Joins("LEFT JOIN units AS u ON u.id = e.unit_id").Joins("LEFT JOIN people AS v ON v.id = e.evaluator_id").
		Select("e.id AS evaluation_id, e.employee_id, w.name, COALESCE(u.name, '') AS unit, e.state, e.reopened_at IS NOT NULL AS reopened, "+
			"EXISTS (SELECT 1 FROM answers AS a WHERE a.evaluation_id = e.id AND a.rating <> '') AS begun, "+
			"COALESCE(v.name, '') AS evaluator, COALESCE(v.id, 0) AS evaluator_id").
		Order("w.name, w.id").Find(&lines), "list people of period")
	return period, lines, int(count), err
}

// namedLike keeps the people of an alias whose name holds every word of a text, or whose NIP begins with it.
func namedLike(tx *gorm.DB, alias, text string) *gorm.DB {
	text = strings.Map(func(r rune) rune {
		if r == '%' || r == '_' || r == '\\' {
			return -1
		}
		return r
	}, text)
	if nip := strings.NewReplacer(" ", "", ".", "", "-", "").Replace(text); len(nip) >= 4 && strings.Trim(nip, "0123456789") == "" {
		return tx.Where(alias+".nip LIKE ?", nip+"%")
	}
	for _, word := range strings.Fields(strings.ToLower(text)) {
		tx = tx.Where("LOWER("+alias+".name) LIKE ?", "%"+word+"%")
	}
	return tx
}

// decide locks an evaluation for an administrator of its unit who decides about it, and its period as it is. ErrNotFound to everybody else,
// ErrOwn when it is his own.
func (s *Store) decide(tx *gorm.DB, adminID, evaluationID int64) (Evaluation, Period, error) {
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return Evaluation{}, Period{}, err
	}
	var e Evaluation
	if err := first(s.exclusive(tx).Where("id = ?", evaluationID).Take(&e), "lock evaluation"); err != nil {
		return Evaluation{}, Period{}, err
	}
	if !scope.Covers(e.UnitID) {
		return Evaluation{}, Period{}, ErrNotFound
	}
	p, err := s.holdPeriod(tx, e.PeriodID)
	if err != nil {
		return Evaluation{}, Period{}, err
	}
	if e.EmployeeID == adminID {
		return Evaluation{}, Period{}, ErrOwn
	}
	return e, p, nil
}

// holdPeriod locks and writes the period of somebody about whom is decided: it is neither closed nor archived at that moment, on another node either.
func (s *Store) holdPeriod(tx *gorm.DB, periodID int64) (Period, error) {
	var p Period
	if err := first(s.exclusive(tx).Where("id = ?", periodID).Take(&p), "lock period"); err != nil {
		return Period{}, err
	}
	return p, s.meet(tx, periodID)
}

// Without is somebody who has no evaluation in a period, and would have one if it were opened now.
type Without struct {
	PersonID  int64
	Name      string
	Unit      string
	Evaluator string // name; "" when nobody on the roster would evaluate him
}

// without selects the people p of an administrator who have no evaluation in a period: candidates of now in units that have indicators.
func (s *Store) without(tx *gorm.DB, scope Scope, period Period) (*gorm.DB, map[int64]int64, error) {
	units, versions, err := unitsToEvaluate(tx, scope.tree, period)
	if err != nil {
		return nil, nil, err
	}
	units = slices.DeleteFunc(units, func(id int64) bool { return !scope.Covers(id) })
	return candidates(tx, period).Where("p.unit_id IN ?", units).
		Where("NOT EXISTS (SELECT 1 FROM evaluations AS own WHERE own.period_id = ? AND own.employee_id = p.id)", period.ID), versions, nil
}

// WithoutEvaluation lists the people of an administrator's units who have no evaluation in a period, by name, and counts all of them.
// ErrNotFound when none of the period's units are his.
func (s *Store) WithoutEvaluation(ctx context.Context, adminID, periodID int64, text string, offset, limit int) (period AdminPeriod, lines []Without, total int, err error) {
	tx := s.db.WithContext(ctx)
	period, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return AdminPeriod{}, nil, 0, err
	}
	list, _, err := s.without(tx, scope, period.Period)
	if err != nil {
		return AdminPeriod{}, nil, 0, err
	}
	list = namedLike(list, "p", text).Session(&gorm.Session{})
	var count int64
	if err := failed(list.Count(&count), "count people without evaluation"); err != nil || count == 0 {
		return period, nil, 0, err
	}
	err = failed(list.Joins("LEFT JOIN units AS u ON u.id = p.unit_id").
		Select("p.id AS person_id, p.name, COALESCE(u.name, '') AS unit, COALESCE(s.name, '') AS evaluator").
		Order("p.name, p.id").Offset(offset).Limit(limit).Find(&lines), "list people without evaluation")
	return period, lines, int(count), err
}

// The notifications of who is added late.
const (
	KindPeopleAdded = "people_added" // to the evaluator, once for all of one act; the arguments are the period and their number
	KindYouAdded    = "you_added"    // to the employee; the argument is the period
)

// LateAtOnce is how many people one act adds.
const LateAtOnce = openChunk

// AddLate gives people who have no evaluation in an open period one, pinned as at its opening: the indicators that the period was opened
// with, evaluator and superior of now (II.C: who comes later is evaluated too). Nobody listed means the first LateAtOnce of all. Who has one by
// now is passed over, so that two may tap at once. It returns how many were added. ErrNotFound when the period is not the
// administrator's, ErrClosed unless it is open.
func (s *Store) AddLate(ctx context.Context, adminID, periodID int64, listed ...int64) (added int, err error) {
	err = s.transaction(ctx, "add late", func(tx *gorm.DB) error {
		added = 0
		period, scope, err := s.periodFor(tx, adminID, periodID)
		if err != nil {
			return err
		}
		if period.Period, err = s.holdPeriod(tx, periodID); err != nil {
			return err
		}
		if period.State != PeriodOpen {
			return ErrClosed
		}
		people, versions, err := s.lockLate(tx, scope, period.Period, listed)
		if err != nil || len(people) == 0 {
			return err
		}
		if added, err = s.evaluate(tx, period.Period, people, versions); err != nil || added == 0 {
			return err
		}
		return s.tellAdded(tx, adminID, periodID, people)
	})
	return added, err
}

// lockLate locks those of listed who have no evaluation, and guards them as opening does.
func (s *Store) lockLate(tx *gorm.DB, scope Scope, period Period, listed []int64) ([]int64, map[int64]int64, error) {
	find := func(ids []int64) (people []int64, versions map[int64]int64, err error) {
		list, versions, err := s.without(tx, scope, period)
		if err != nil {
			return nil, nil, err
		}
		if len(ids) > 0 {
			list = list.Where("p.id IN ?", ids)
		}
		return people, versions, failed(list.Order("p.name, p.id").Limit(LateAtOnce).Pluck("p.id", &people), "find people to add")
	}
	people, _, err := find(listed)
	if err != nil || len(people) == 0 {
		return nil, nil, err
	}
	slices.Sort(people)
	if err := failed(s.exclusive(tx).Where("id IN ?", people).Order("id").Find(&[]Person{}), "lock people to add"); err != nil {
		return nil, nil, err
	}
	if err := guard(tx.Model(&Person{}).Where("id IN ?", people), "guard people"); err != nil {
		return nil, nil, err
	}
	people, versions, err := find(people) // as they are now that they are locked
	return people, versions, err
}

// tellAdded audits who was added and owes them and their evaluators the news.
func (s *Store) tellAdded(tx *gorm.DB, adminID, periodID int64, people []int64) error {
	var rows []Evaluation
	if err := failed(tx.Where("period_id = ? AND employee_id IN ?", periodID, people).Order("id").Find(&rows), "read who was added"); err != nil {
		return err
	}
	var notices []Notice
	first, number := map[int64]int64{}, map[int64]int{}
	for _, e := range rows {
		notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d", KindYouAdded, e.ID), PersonID: e.EmployeeID, PeriodID: periodID, Kind: KindYouAdded, Args: fmt.Sprint(periodID)})
		if err := s.audit(tx, adminID, "evaluation.add", "evaluation", e.ID, "", idText(e.EvaluatorID)); err != nil {
			return err
		}
		if e.EvaluatorID != nil {
			if number[*e.EvaluatorID]++; number[*e.EvaluatorID] == 1 {
				first[*e.EvaluatorID] = e.ID
			}
		}
	}
	for evaluator, n := range number {
		notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d:%d", KindPeopleAdded, first[evaluator], evaluator), PersonID: evaluator, PeriodID: periodID,
			Kind: KindPeopleAdded, Args: fmt.Sprintf("%d:%d", periodID, n)})
	}
	slices.SortFunc(notices, func(a, b Notice) int { return strings.Compare(a.Key, b.Key) })
	return s.notify(tx, notices...)
}

func idText(id *int64) string {
	if id == nil {
		return ""
	}
	return fmt.Sprint(*id)
}
