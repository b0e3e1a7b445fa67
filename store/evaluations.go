package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

var (
	// ErrFinal is returned for a change to an evaluation that is ditetapkan. It is an ErrConflict.
	ErrFinal = fmt.Errorf("evaluation is final: %w", ErrConflict)
	// ErrClosed is returned for a change in a period that is not open. It is an ErrConflict.
	ErrClosed = fmt.Errorf("period is not open: %w", ErrConflict)
	// ErrArchived is returned for a change in a period that is in the archive. It is an ErrClosed.
	ErrArchived = fmt.Errorf("period is archived: %w", ErrClosed)
)

// TeamMember is one line of an evaluator's team list.
type TeamMember struct {
	EvaluationID      int64
	EmployeeID        int64
	Name              string
	PeriodID          int64
	PeriodKind        PeriodKind
	FirstDay          Date
	LastDay           Date
	ScoringDue        time.Time
	State             EvaluationState
	TemplateVersionID int64
	Answered          int
	Predicate         Predicate  // of the current result, "" before
	ReleaseAt         *time.Time // of the current result
	DelegationID      int64      // by which he evaluates this one; 0 when he is the evaluator himself
	Capacity          Capacity   // of the delegation
	OnBehalf          string     // whose deputy he is, by the delegation
	ActingUntil       *time.Time
}

// Team lists whom a person evaluates in the open periods, the nearest deadline first, then by name.
func (s *Store) Team(ctx context.Context, evaluatorID int64) ([]TeamMember, error) {
	var team []TeamMember
	err := failed(s.team(ctx, evaluatorID).Where(openNow).Find(&team), "read team")
	return team, err
}

// TeamThen lists whom a person evaluated in a closed period, by name.
func (s *Store) TeamThen(ctx context.Context, evaluatorID, periodID int64) ([]TeamMember, error) {
	var team []TeamMember
	err := failed(s.team(ctx, evaluatorID).Where("p.id = ? AND p.state = ?", periodID, PeriodClosed).Find(&team), "read team of a closed period")
	return team, err
}

// openNow is the condition that an evaluation e of a period p can be changed, as far as its period is concerned: also in one that is closed when
// its result was opened again.
const openNow = "(p.state = 'open' OR e.reopened_at IS NOT NULL)"

// acting is the condition that the evaluator of e has the right now: that of a deputy ends with its last day, whether or not it has fallen
// back already. Its argument is the moment.
const acting = "(e.acting_until IS NULL OR e.acting_until > ?)"

func (s *Store) team(ctx context.Context, evaluatorID int64) *gorm.DB {
	return s.db.WithContext(ctx).Table("evaluations AS e").
		Select("e.id AS evaluation_id, e.employee_id, people.name, e.period_id, p.kind AS period_kind, p.first_day, p.last_day, p.scoring_due, e.state, e.template_version_id, "+
			"(SELECT COUNT(*) FROM answers WHERE answers.evaluation_id = e.id AND answers.rating <> '') AS answered, r.predicate, r.release_at, "+
			"e.delegation_id, COALESCE(d.capacity, '') AS capacity, COALESCE(absent.name, '') AS on_behalf, e.acting_until").
		Joins("JOIN periods AS p ON p.id = e.period_id").
		Joins("LEFT JOIN delegations AS d ON d.id = e.delegation_id").Joins("LEFT JOIN people AS absent ON absent.id = d.evaluator_id").
		Joins("JOIN people ON people.id = e.employee_id").
		Joins("LEFT JOIN results AS r ON e.state = ? AND r.evaluation_id = e.id AND r.version = (SELECT MAX(version) FROM results WHERE results.evaluation_id = e.id)", EvaluationFinal).
		Where("e.evaluator_id = ? AND e.state <> ? AND "+acting, evaluatorID, EvaluationExcluded, s.now()).
		Order("p.scoring_due, p.id, e.delegation_id, LOWER(people.name), e.id")
}

// PastPeriod is a closed period in which somebody evaluated people.
type PastPeriod struct {
	PeriodID int64
	Kind     PeriodKind
	FirstDay Date
	ClosedAt time.Time
	Final    int // evaluated
	All      int
}

// PastPeriodsOf lists the closed periods in which a person is somebody's evaluator, as long as they are kept, the latest first.
func (s *Store) PastPeriodsOf(ctx context.Context, evaluatorID int64) ([]PastPeriod, error) {
	var past []PastPeriod
	err := failed(s.db.WithContext(ctx).Table("evaluations AS e").
		Select("p.id AS period_id, p.kind, p.first_day, p.closed_at, SUM(CASE WHEN e.state = ? THEN 1 ELSE 0 END) AS final, COUNT(*) AS `all`", EvaluationFinal).
		Joins("JOIN periods AS p ON p.id = e.period_id AND p.state = ?", PeriodClosed).
		Where("e.evaluator_id = ? AND e.state <> ?", evaluatorID, EvaluationExcluded).
		Group("p.id, p.kind, p.first_day, p.last_day, p.closed_at").Order("p.last_day DESC, p.first_day DESC, p.id").Find(&past), "list past periods")
	return past, err
}

// ToScore counts the evaluations in open periods that a person has not finalised yet, and all that he evaluates there.
func (s *Store) ToScore(ctx context.Context, evaluatorID int64) (open, all int, err error) {
	var count struct{ Open, Total int }
	err = failed(s.db.WithContext(ctx).Table("evaluations AS e").
		Select("COALESCE(SUM(CASE WHEN e.state = ? THEN 1 ELSE 0 END), 0) AS `open`, COUNT(*) AS total", EvaluationOpen).
		Joins("JOIN periods AS p ON p.id = e.period_id").
		Where("e.evaluator_id = ? AND e.state <> ? AND "+openNow, evaluatorID, EvaluationExcluded).Take(&count), "count evaluations to score")
	return count.Open, count.Total, err
}

// Sheet is an evaluation with everything its screens show.
type Sheet struct {
	Evaluation
	Employee   string
	Position   string
	Period     Period
	Indicators []Indicator
	Answers    map[int64]Answer // by indicator
	Kept       int              // drafts of earlier evaluators: see EarlierDrafts
}

// Rating is the stored rating of an indicator, "" while there is none.
func (s Sheet) Rating(indicatorID int64) Rating { return s.Answers[indicatorID].Rating }

// Answered is how many indicators have a rating.
func (s Sheet) Answered() int {
	n := 0
	for _, i := range s.Indicators {
		if s.Rating(i.ID) != "" {
			n++
		}
	}
	return n
}

// Open reports whether the evaluation can still be changed.
func (s Sheet) Open() bool {
	return s.State == EvaluationOpen && (s.Period.State == PeriodOpen || s.ReopenedAt != nil)
}

// Ratings lists the ratings of some aspects in the order of their indicators.
func (s Sheet) Ratings(aspects ...Aspect) []Rating {
	var ratings []Rating
	for _, i := range s.Indicators {
		if rating := s.Rating(i.ID); rating != "" && slices.Contains(aspects, i.Aspect) {
			ratings = append(ratings, rating)
		}
	}
	return ratings
}

// sheetRow is one answer of a sheet with the evaluation, or the evaluation alone.
type sheetRow struct {
	Evaluation `gorm:"embedded"`
	Employee   string
	Position   string
	Kept       int

	PeriodKind        PeriodKind
	FirstDay          Date
	LastDay           Date
	PeriodUnitID      int64
	ScoringDue        time.Time
	ObjectionDays     int
	PeriodRelease     Release
	PeriodState       PeriodState
	PeriodPublishedAt *time.Time

	AnswerID     int64
	IndicatorID  int64
	Rating       Rating
	AnswerReason string
	AnswerNote   string
}

const sheetColumns = "e.*, (SELECT COUNT(*) FROM drafts AS k WHERE k.evaluation_id = e.id AND k.person_id <> e.evaluator_id) AS kept, people.name AS employee, people.position, p.kind AS period_kind, p.first_day, p.last_day, p.unit_id AS period_unit_id, p.scoring_due, " +
	"p.objection_days, p.`release` AS period_release, p.state AS period_state, p.published_at AS period_published_at, " +
	"COALESCE(a.id, 0) AS answer_id, COALESCE(a.indicator_id, 0) AS indicator_id, COALESCE(a.rating, '') AS rating, COALESCE(a.reason, '') AS answer_reason, COALESCE(a.note, '') AS answer_note"

// SheetOf returns the sheet of an evaluation to its evaluator, in one statement. Everybody else gets ErrNotFound.
func (s *Store) SheetOf(ctx context.Context, evaluatorID, evaluationID int64) (Sheet, error) {
	return s.sheet(s.db.WithContext(ctx), evaluatorID, evaluationID)
}

func (s *Store) sheet(tx *gorm.DB, evaluatorID, evaluationID int64) (Sheet, error) {
	var rows []sheetRow
	err := failed(sheetRows(tx).Where("e.id = ? AND e.evaluator_id = ? AND e.state <> ? AND "+acting, evaluationID, evaluatorID, EvaluationExcluded, s.now()).Find(&rows), "read sheet")
	if err != nil {
		return Sheet{}, err
	}
	if len(rows) == 0 {
		return Sheet{}, ErrNotFound
	}
	indicators, err := s.indicatorsIn(tx, rows[0].TemplateVersionID)
	if err != nil {
		return Sheet{}, err
	}
	return sheetFrom(rows, indicators), nil
}

// sheetRows selects the rows of sheets; whose, the caller adds.
func sheetRows(tx *gorm.DB) *gorm.DB {
	return tx.Table("evaluations AS e").Select(sheetColumns).
		Joins("JOIN periods AS p ON p.id = e.period_id").
		Joins("JOIN people ON people.id = e.employee_id").
		Joins("LEFT JOIN answers AS a ON a.evaluation_id = e.id")
}

func sheetFrom(rows []sheetRow, indicators []Indicator) Sheet {
	r := rows[0]
	sheet := Sheet{
		Evaluation: r.Evaluation, Employee: r.Employee, Position: r.Position, Kept: r.Kept, Indicators: indicators, Answers: map[int64]Answer{},
		Period: Period{ID: r.PeriodID, Kind: r.PeriodKind, FirstDay: r.FirstDay, LastDay: r.LastDay, UnitID: r.PeriodUnitID, ScoringDue: r.ScoringDue,
			ObjectionDays: r.ObjectionDays, Release: r.PeriodRelease, State: r.PeriodState, PublishedAt: r.PeriodPublishedAt},
	}
	for _, r := range rows {
		if r.AnswerID != 0 {
			sheet.Answers[r.IndicatorID] = Answer{ID: r.AnswerID, EvaluationID: r.ID, IndicatorID: r.IndicatorID, Rating: r.Rating, Reason: r.AnswerReason, Note: r.AnswerNote}
		}
	}
	return sheet
}

// change runs work on an evaluation that its evaluator may change now, locked against everybody else until the commit.
func (s *Store) change(ctx context.Context, operation string, evaluatorID, evaluationID int64, work func(tx *gorm.DB, e Evaluation) error) error {
	return s.transaction(ctx, operation, func(tx *gorm.DB) error {
		e, err := s.lockEvaluation(tx, evaluatorID, evaluationID)
		if err != nil {
			return err
		}
		if e.State != EvaluationOpen {
			return ErrFinal
		}
		return work(tx, e)
	})
}

// lockEvaluation locks an evaluation for its evaluator, and its period against being closed. It returns ErrClosed unless the period is open
// or the result was opened again. One that is excluded, or whose deputy's days are over, is ErrNotFound.
func (s *Store) lockEvaluation(tx *gorm.DB, evaluatorID, evaluationID int64) (Evaluation, error) {
	var e Evaluation
	mine := s.exclusive(tx).Where("id = ? AND evaluator_id = ? AND state <> ?", evaluationID, evaluatorID, EvaluationExcluded).
		Where("(acting_until IS NULL OR acting_until > ?)", s.now())
	if err := first(mine.Take(&e), "lock evaluation"); err != nil {
		return Evaluation{}, err
	}
	var p Period
	if err := first(s.shared(tx).Where("id = ?", e.PeriodID).Take(&p), "lock period"); err != nil {
		return Evaluation{}, err
	}
	if p.State != PeriodOpen && (e.ReopenedAt == nil || p.ArchivedAt != nil) {
		return Evaluation{}, ErrClosed
	}
	return e, nil
}

// whyNot tells why a rating could not be stored. It is nil when that very rating is there already.
func whyNot(tx *gorm.DB, now time.Time, evaluatorID, evaluationID, indicatorID int64, rating Rating) error {
	var found struct {
		State       EvaluationState
		Open        bool
		IndicatorID int64
		Rating      Rating
	}
	err := first(tx.Table("evaluations AS e").
		Select("e.state, "+openNow+" AS `open`, COALESCE(i.id, 0) AS indicator_id, COALESCE(a.rating, '') AS rating").
		Joins("JOIN periods AS p ON p.id = e.period_id").
		Joins("LEFT JOIN indicators AS i ON i.id = ? AND i.template_version_id = e.template_version_id", indicatorID).
		Joins("LEFT JOIN answers AS a ON a.evaluation_id = e.id AND a.indicator_id = i.id").
		Where("e.id = ? AND e.evaluator_id = ? AND e.state <> ? AND "+acting, evaluationID, evaluatorID, EvaluationExcluded, now).Take(&found), "find out why")
	switch {
	case err != nil:
		return err
	case found.IndicatorID == 0:
		return ErrNotFound
	case !found.Open:
		return ErrClosed
	case found.State != EvaluationOpen:
		return ErrFinal
	case found.Rating == rating:
		return nil
	default:
		return fmt.Errorf("evaluation %d changed meanwhile", evaluationID) // the same tap may be tried again
	}
}

// Looked records that somebody looked at somebody else's result.
func (s *Store) Looked(ctx context.Context, viewerID int64, subject string, id int64) error {
	row := Audit{At: s.now(), ActorID: viewerID, Action: "looked", Subject: subject, ObjectID: id}
	return failed(s.db.WithContext(ctx).Create(&row), "record look")
}

// Earlier is what the periods before tell about an employee.
type Earlier struct {
	ResultID  int64     // his last result; 0 when there is none
	Predicate Predicate // of his last result
	Kind      PeriodKind
	FirstDay  Date
	Agreed    FollowUp   // in his last result, the zero value when nothing was
	FollowUps []FollowUp // agreed in the last results, newest first
}

// lookBack is how many earlier results an evaluator is shown something of: a year of quarters.
const lookBack = 4

// EarlierOf returns what an evaluator sees of an employee's earlier results: those that are released, and his own. Earlier is what
// ended before, and what lies within: a year follows its quarters, its last quarter does not follow the year.
func (s *Store) EarlierOf(ctx context.Context, evaluatorID int64, sheet Sheet) (Earlier, error) {
	var rows []earlierRow
	err := failed(s.earlierRows(ctx, evaluatorID, sheet.Period).Where("e.employee_id = ? AND e.id <> ?", sheet.EmployeeID, sheet.ID).
		Limit(lookBack).Find(&rows), "read earlier results")
	return earlierFrom(rows), err
}

// earlierRow is one earlier result of an employee.
type earlierRow struct {
	EmployeeID   int64
	ID           int64
	Predicate    Predicate
	Kind         PeriodKind
	FirstDay     Date
	FollowUpKind FollowUpKind
	FollowUpDue  Date
	FollowUpName string
	ByEmployee   *time.Time
	ByEvaluator  *time.Time
	ReporterID   int64 // the evaluator who told it
	Reporter     string
	ReporterGone bool // he is not on the roster any more
	MayTell      bool // the evaluator who asks may tell that it is done
}

// earlierRows selects the results from before a period that its evaluator may see, the latest first; whose, the caller adds.
func (s *Store) earlierRows(ctx context.Context, evaluatorID int64, span Period) *gorm.DB {
	return withReports(s.db.WithContext(ctx).Table("results AS r")).
		Select("e.employee_id, r.id, r.predicate, p.kind, p.first_day, r.follow_up_kind, r.follow_up_due, r.follow_up_name, "+reportColumns+", "+mayTell,
			s.now(), evaluatorID, PeriodOpen, evaluatorID).
		Joins("JOIN evaluations AS e ON e.id = r.evaluation_id").
		Joins("JOIN periods AS p ON p.id = e.period_id AND (p.last_day < ? OR p.last_day = ? AND p.first_day > ?)", span.LastDay, span.LastDay, span.FirstDay).
		Where("r.withdrawn_at IS NULL AND (r.release_at <= ? OR r.set_by = ?)", s.now(), evaluatorID).
		Where("r.version = (SELECT MAX(version) FROM results WHERE results.evaluation_id = r.evaluation_id)").
		Order("p.last_day DESC, p.first_day, r.id DESC")
}

// earlierFrom reads one employee's rows, the latest first. Of more than lookBack only the first count.
func earlierFrom(rows []earlierRow) Earlier {
	if len(rows) == 0 {
		return Earlier{}
	}
	last := rows[0]
	earlier := Earlier{ResultID: last.ID, Predicate: last.Predicate, Kind: last.Kind, FirstDay: last.FirstDay}
	earlier.Agreed = last.followUp()
	for _, r := range rows[:min(len(rows), lookBack)] {
		if r.FollowUpKind != "" {
			earlier.FollowUps = append(earlier.FollowUps, r.followUp())
		}
	}
	return earlier
}

func (r earlierRow) followUp() FollowUp {
	if r.FollowUpKind == "" {
		return FollowUp{}
	}
	return FollowUp{ResultID: r.ID, Kind: r.FollowUpKind, Due: r.FollowUpDue, Name: r.FollowUpName, ByEmployee: r.ByEmployee, ByEvaluator: r.ByEvaluator,
		EvaluatorID: r.ReporterID, Evaluator: r.Reporter, EvaluatorGone: r.ReporterGone, MayTell: r.MayTell}
}
