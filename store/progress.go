package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
)

// AdminPeriod is a period as an administrator sees it.
type AdminPeriod struct {
	Period  `gorm:"embedded"`
	Unit    string // name; "" for the whole city
	Manages bool   // he may publish and close it: all of its units are his
}

// Counts is how far a group of evaluations is.
type Counts struct {
	Total       int
	NotBegun    int // no answer yet
	Begun       int // being evaluated
	Final       int // ditetapkan
	Released    int // visible to the employee
	Opened      int // by the employee: received
	Read        int // acknowledged
	NoEvaluator int // not final, and nobody to do it
	Excluded    int // left out for a reason; not in Total

	NotBegunAlone int // the part of NoEvaluator within NotBegun; the rest of it is within Begun
}

// Progress is how far a period is in the units of an administrator.
type Progress struct {
	AdminPeriod
	Counts
	Notices map[NotificationState]int // unsettled notifications of the period to people of his units
}

// UnitProgress is one unit of a period, with or without those below it.
type UnitProgress struct {
	UnitID int64
	Name   string
	Counts `gorm:"embedded"`
}

// EvaluatorProgress is one evaluator with his evaluations in one unit.
type EvaluatorProgress struct {
	EvaluatorID int64 // 0 for the evaluations without evaluator
	Name        string
	Linked      bool
	Total       int
	Final       int
}

// PeriodLine is one line of a list of periods, with what is final in the units of the administrator.
type PeriodLine struct {
	AdminPeriod `gorm:"embedded"`
	Total       int
	Final       int
}

// periodFor reads a period that touches the scope of an administrator; ErrNotFound to everybody else.
func (s *Store) periodFor(tx *gorm.DB, adminID, periodID int64) (AdminPeriod, Scope, error) {
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return AdminPeriod{}, Scope{}, err
	}
	p := AdminPeriod{}
	if err := first(tx.Model(&Period{}).Where("id = ? AND unit_id IN ?", periodID, scope.related()).Take(&p.Period), "find period"); err != nil {
		return AdminPeriod{}, Scope{}, err
	}
	p.Unit, p.Manages = scope.Name(p.UnitID), scope.Covers(p.UnitID)
	return p, scope, nil
}

// PeriodFor returns a period to an administrator of some of its units; ErrNotFound to everybody else.
func (s *Store) PeriodFor(ctx context.Context, adminID, periodID int64) (AdminPeriod, error) {
	p, _, err := s.periodFor(s.db.WithContext(ctx), adminID, periodID)
	return p, err
}

// Periods lists the periods that touch the units of an administrator, the newest first, and counts all of them. Those in the archive are not among
// them. ErrNotFound when he administers nothing.
func (s *Store) Periods(ctx context.Context, adminID int64, offset, limit int) (lines []PeriodLine, total int, err error) {
	return s.periods(ctx, adminID, "p.archived_at IS NULL", latestFirst, offset, limit)
}

// PeriodsDue is Periods with what is to be done before all others: those in which somebody is not evaluated yet, the nearest deadline first.
func (s *Store) PeriodsDue(ctx context.Context, adminID int64, limit int) (lines []PeriodLine, total int, err error) {
	return s.periods(ctx, adminID, "p.archived_at IS NULL", dueFirst+", "+latestFirst, 0, limit)
}

// The orders of periods p. One that is open and has nobody left to evaluate waits for its closing only, and is not due.
const (
	latestFirst = "p.last_day DESC, p.id DESC"
	unfinished  = "p.state = '" + string(PeriodOpening) + "' OR p.state = '" + string(PeriodOpen) + "' AND " +
		"EXISTS (SELECT 1 FROM evaluations AS owed WHERE owed.period_id = p.id AND owed.state = '" + string(EvaluationOpen) + "')"
	dueFirst = "CASE WHEN " + unfinished + " THEN 0 ELSE 1 END, CASE WHEN " + unfinished + " THEN p.scoring_due END"
)

// ArchivedPeriods is Periods of those in the archive.
func (s *Store) ArchivedPeriods(ctx context.Context, adminID int64, offset, limit int) (lines []PeriodLine, total int, err error) {
	return s.periods(ctx, adminID, "p.archived_at IS NOT NULL", latestFirst, offset, limit)
}

func (s *Store) periods(ctx context.Context, adminID int64, which, order string, offset, limit int) (lines []PeriodLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	mine := tx.Table("periods AS p").Where("p.unit_id IN ?", scope.related()).Where(which).Session(&gorm.Session{})
	var count int64
	if err := failed(mine.Count(&count), "count periods"); err != nil {
		return nil, 0, err
	}
	err = failed(mine.Order(order).Offset(offset).Limit(limit).Find(&lines), "list periods")
	if err != nil {
		return nil, 0, err
	}
	return lines, int(count), describe(tx, scope, lines)
}

// Unfinished lists the open periods of an administrator whose deadline of scoring lies in a span of time and which are not final in his
// units yet, the nearest deadline first. Of somebody who administers nothing the list is empty.
func (s *Store) Unfinished(ctx context.Context, adminID int64, from, until time.Time) ([]PeriodLine, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.scopeIn(tx, adminID)
	if err != nil || scope.None() {
		return nil, err
	}
	var lines []PeriodLine
	err = failed(tx.Table("periods AS p").Where("p.unit_id IN ? AND p.state = ?", scope.related(), PeriodOpen).
		Where("p.scoring_due >= ? AND p.scoring_due < ?", from.UTC(), until.UTC()).Order("p.scoring_due, p.id").Find(&lines), "list unfinished periods")
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	err = describe(tx, scope, lines)
	return slices.DeleteFunc(lines, func(l PeriodLine) bool { return l.Final == l.Total }), err
}

// AdministratorsOf lists the administrators of units that a period covers, or that lie above it.
func (s *Store) AdministratorsOf(ctx context.Context, periodID int64) ([]int64, error) {
	tx := s.db.WithContext(ctx)
	var period Period
	if err := first(tx.Where("id = ?", periodID).Take(&period), "find period"); err != nil {
		return nil, err
	}
	tree, err := treeIn(tx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	units := append(tree.Above(period.UnitID), tree.Below(period.UnitID)...)
	err = failed(tx.Model(&PersonRole{}).Distinct("person_id").Where("role = ? AND unit_id IN ?", Admin, units).Order("person_id").Pluck("person_id", &ids),
		"list administrators of a period")
	return ids, err
}

// describe says of some periods what an administrator's scope has to do with them, and counts its evaluations, and those that are final.
func describe(tx *gorm.DB, scope Scope, lines []PeriodLine) error {
	ids := make([]int64, 0, len(lines))
	for i, l := range lines {
		lines[i].Unit, lines[i].Manages = scope.Name(l.UnitID), scope.Covers(l.UnitID)
		ids = append(ids, l.ID)
	}
	var rows []struct {
		PeriodID     int64
		Total, Final int
	}
	counted := tx.Table("evaluations AS e").Where("e.period_id IN ?", ids).
		Select("e.period_id, COUNT(*) AS total, SUM(CASE WHEN e.state = ? THEN 1 ELSE 0 END) AS final", EvaluationFinal).
		Where("e.state <> ?", EvaluationExcluded).Group("e.period_id")
	err := failed(scope.narrow(counted, "e.unit_id").Find(&rows), "count evaluations of periods")
	for _, row := range rows {
		i := slices.Index(ids, row.PeriodID)
		lines[i].Total, lines[i].Final = row.Total, row.Final
	}
	return err
}

// countColumns adds up the rows of standing.
const countColumns = "COALESCE(SUM(CASE WHEN t.state <> 'excluded' THEN 1 ELSE 0 END), 0) AS total, " +
	"COALESCE(SUM(CASE WHEN t.state = 'excluded' THEN 1 ELSE 0 END), 0) AS excluded, " +
	"COALESCE(SUM(CASE WHEN t.state = 'final' THEN 1 ELSE 0 END), 0) AS final, " +
	"COALESCE(SUM(CASE WHEN t.state = 'open' AND t.begun = 1 THEN 1 ELSE 0 END), 0) AS begun, " +
	"COALESCE(SUM(CASE WHEN t.state = 'open' AND t.begun = 0 THEN 1 ELSE 0 END), 0) AS not_begun, " +
	"COALESCE(SUM(CASE WHEN t.state = 'open' AND t.evaluator_id IS NULL THEN 1 ELSE 0 END), 0) AS no_evaluator, " +
	"COALESCE(SUM(CASE WHEN t.state = 'open' AND t.begun = 0 AND t.evaluator_id IS NULL THEN 1 ELSE 0 END), 0) AS not_begun_alone, " +
	"COALESCE(SUM(CASE WHEN t.release_at <= ? THEN 1 ELSE 0 END), 0) AS released, " +
	"COALESCE(SUM(CASE WHEN t.opened_at IS NOT NULL THEN 1 ELSE 0 END), 0) AS opened, " +
	"COALESCE(SUM(CASE WHEN t.acknowledged_at IS NOT NULL THEN 1 ELSE 0 END), 0) AS `read`"

// standing selects the evaluations of a period within a scope, each with what became of it. Of those that are final it reads the result,
// of the others whether they are begun.
func standing(tx *gorm.DB, scope Scope, periodID int64) *gorm.DB {
	return scope.narrow(tx.Table("evaluations AS e").
		Select("e.id, e.unit_id, e.employee_id, e.evaluator_id, e.state, r.id AS result_id, r.release_at, r.opened_at, r.acknowledged_at, "+
			"CASE WHEN e.state = ? THEN 1 ELSE EXISTS (SELECT 1 FROM answers AS a WHERE a.evaluation_id = e.id AND a.rating <> '') END AS begun", EvaluationFinal).
		Joins("LEFT JOIN results AS r ON e.state = ? AND r.evaluation_id = e.id AND r.withdrawn_at IS NULL AND "+
			"r.version = (SELECT MAX(version) FROM results WHERE results.evaluation_id = e.id)", EvaluationFinal).
		Where("e.period_id = ?", periodID), "e.unit_id")
}

// ProgressOf tells an administrator how far a period is in his units; ErrNotFound when none of its units are his.
func (s *Store) ProgressOf(ctx context.Context, adminID, periodID int64) (Progress, error) {
	tx := s.db.WithContext(ctx)
	period, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{AdminPeriod: period, Notices: map[NotificationState]int{}}
	err = failed(tx.Table("(?) AS t", standing(tx, scope, periodID)).Select(countColumns, s.now()).Take(&p.Counts), "count evaluations")
	if err != nil {
		return Progress{}, err
	}
	var rows []struct {
		State NotificationState
		N     int
	}
	err = failed(ofPeriod(tx, scope, periodID, Unsettled()...).Select("n.state, COUNT(*) AS n").Group("n.state").Find(&rows), "count notifications")
	for _, row := range rows {
		p.Notices[row.State] = row.N
	}
	return p, err
}

// ofPeriod selects the messages of a period in some states to the people of a scope.
func ofPeriod(tx *gorm.DB, scope Scope, periodID int64, states ...NotificationState) *gorm.DB {
	notices := tx.Table("notifications AS n").Where("n.period_id = ? AND n.state IN ?", periodID, states)
	if scope.City() {
		return notices
	}
	return scope.narrow(notices.Joins("JOIN people AS p ON p.id = n.person_id"), "p.unit_id")
}

// WithoutEvaluator lists the people of an administrator in a period whose evaluation is not final and who have nobody to evaluate them, by
// name, and counts them. ErrNotFound when none of the period's units are his.
func (s *Store) WithoutEvaluator(ctx context.Context, adminID, periodID int64, offset, limit int) (period AdminPeriod, lines []FigureLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	period, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return AdminPeriod{}, nil, 0, err
	}
	alone := scope.narrow(tx.Table("evaluations AS e").
		Where("e.period_id = ? AND e.evaluator_id IS NULL AND e.state = ?", periodID, EvaluationOpen), "e.unit_id").Session(&gorm.Session{})
	var count int64
	if err := failed(alone.Count(&count), "count people without evaluator"); err != nil || count == 0 {
		return period, nil, 0, err
	}
	err = failed(alone.Joins("JOIN people AS w ON w.id = e.employee_id").Joins("LEFT JOIN units AS u ON u.id = e.unit_id").
		Select("w.name, COALESCE(u.name, '') AS unit, e.id AS evaluation").Order("w.name, e.id").Offset(offset).Limit(limit).Find(&lines), "list people without evaluator")
	return period, lines, int(count), err
}

// Figure is a number of Progress behind which are people.
type Figure string

// The figures. Those of results beyond EvaluationFinal count what employees can see.
const (
	FigureNotBegun Figure = "notbegun"
	FigureBegun    Figure = "begun"
	FigureFinal    Figure = "final"
	FigureReleased Figure = "released"
	FigureUnopened Figure = "unopened" // released and not opened
	FigureOpened   Figure = "opened"
	FigureRead     Figure = "read"
	FigureExcluded Figure = "excluded"
	FigureOwed     Figure = "owed" // people to whom messages of the period wait to be sent
	// FigureUnlinked: evaluators who have people left and no account, or block the bot.
	FigureUnlinked Figure = "unlinked"
)

// FigureLine is one of the people behind a figure.
type FigureLine struct {
	PersonLine `gorm:"embedded"`
	ResultID   int64 // what looking at this line tells something of; 0 for no result
	Evaluation int64 // 0 where the figure is of messages
}

// PeopleIn lists the people of an administrator behind a figure of a period, by unit and name, and counts them. It tells of no result more than
// what the figure does. ErrNotFound when none of the period's units are his, or there is no such figure.
func (s *Store) PeopleIn(ctx context.Context, adminID, periodID int64, figure Figure, offset, limit int) (period AdminPeriod, lines []FigureLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	period, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return AdminPeriod{}, nil, 0, err
	}
	people, err := s.behind(tx, scope, periodID, figure)
	if err != nil {
		return AdminPeriod{}, nil, 0, err
	}
	people = people.Session(&gorm.Session{})
	var count int64
	if err := failed(people.Count(&count), "count people behind a figure"); err != nil || count == 0 {
		return period, nil, 0, err
	}
	err = failed(people.Joins("JOIN people AS w ON w.id = t.employee_id").Joins("LEFT JOIN units AS u ON u.id = t.unit_id").
		Select("w.name, COALESCE(u.name, '') AS unit, COALESCE(t.result_id, 0) AS result_id, t.id AS evaluation").
		Order("unit, w.name, w.id").Offset(offset).Limit(limit).Find(&lines), "list people behind a figure")
	return period, lines, int(count), err
}

// behind selects as t who is behind a figure: employee_id, unit_id, and result_id where the figure is of results.
func (s *Store) behind(tx *gorm.DB, scope Scope, periodID int64, figure Figure) (*gorm.DB, error) {
	if figure == FigureOwed {
		waiting := scope.narrow(tx.Table("people AS p").Select("0 AS id, p.id AS employee_id, p.unit_id, 0 AS result_id").
			Where("p.id IN (?)", ofPeriod(tx, scope, periodID, Owed).Select("n.person_id")), "p.unit_id")
		return tx.Table("(?) AS t", waiting), nil
	}
	if figure == FigureUnlinked {
		return tx.Table("(?) AS t", unlinkedEvaluators(tx, scope, periodID)), nil
	}
	all := tx.Table("(?) AS t", standing(tx, scope, periodID))
	switch figure {
	case FigureNotBegun:
		return all.Where("t.state = ? AND t.begun = 0", EvaluationOpen), nil
	case FigureBegun:
		return all.Where("t.state = ? AND t.begun = 1", EvaluationOpen), nil
	case FigureFinal:
		return all.Where("t.state = ?", EvaluationFinal), nil
	case FigureExcluded:
		return all.Where("t.state = ?", EvaluationExcluded), nil
	case FigureReleased:
		return all.Where("t.release_at <= ?", s.now()), nil
	case FigureUnopened:
		return all.Where("t.release_at <= ? AND t.opened_at IS NULL", s.now()), nil
	case FigureOpened:
		return all.Where("t.opened_at IS NOT NULL"), nil
	case FigureRead:
		return all.Where("t.acknowledged_at IS NOT NULL"), nil
	default:
		return nil, ErrNotFound
	}
}

// unlinkedEvaluators selects, as the people behind a figure, the evaluators with people left in a scope whom no message reaches.
func unlinkedEvaluators(tx *gorm.DB, scope Scope, periodID int64) *gorm.DB {
	left := scope.narrow(tx.Table("evaluations AS e").Select("e.evaluator_id").Where("e.period_id = ? AND e.state = ?", periodID, EvaluationOpen), "e.unit_id")
	return tx.Table("people AS v").Select("0 AS id, v.id AS employee_id, v.unit_id, 0 AS result_id").
		Joins("LEFT JOIN accounts AS va ON va.person_id = v.id").
		Where("v.id IN (?) AND (va.id IS NULL OR va.unreachable_since IS NOT NULL)", left)
}

// UnlinkedIn counts them.
func (s *Store) UnlinkedIn(ctx context.Context, adminID, periodID int64) (int, error) {
	_, _, total, err := s.PeopleIn(ctx, adminID, periodID, FigureUnlinked, 0, 1)
	return total, err
}

// UnitsProgress is how far a period is in each unit of an administrator.
type UnitsProgress struct {
	AdminPeriod
	Scope Scope
	own   map[int64]Counts // of the people of each unit itself
}

// UnitsOf tells an administrator how far a period is in his units; ErrNotFound when none of its units are his.
func (s *Store) UnitsOf(ctx context.Context, adminID, periodID int64) (UnitsProgress, error) {
	tx := s.db.WithContext(ctx)
	period, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return UnitsProgress{}, err
	}
	var units []UnitProgress
	err = failed(tx.Table("(?) AS t", standing(tx, scope, periodID)).Select("t.unit_id, "+countColumns, s.now()).Group("t.unit_id").Find(&units), "count units")
	p := UnitsProgress{AdminPeriod: period, Scope: scope, own: make(map[int64]Counts, len(units))}
	for _, u := range units {
		p.own[u.UnitID] = u.Counts
	}
	return p, err
}

// Of adds up a unit and all below it, as far as they are the administrator's; of 0, all that is his.
func (p UnitsProgress) Of(unitID int64) UnitProgress {
	sum := UnitProgress{UnitID: unitID, Name: p.Scope.Name(unitID)}
	for _, id := range p.Scope.tree.Below(unitID) {
		sum.Counts = sum.plus(p.own[id])
	}
	return sum
}

// Parts lists the units of Scope.Parts in which somebody is evaluated, and those that were merged since, each with all below it, the one
// furthest behind first.
func (p UnitsProgress) Parts(unitID int64) []UnitProgress {
	var parts []UnitProgress
	for _, unit := range p.Scope.everPart(unitID) {
		if part := p.Of(unit.ID); part.Total > 0 {
			parts = append(parts, part)
		}
	}
	slices.SortFunc(parts, func(a, b UnitProgress) int {
		// By share, then by how many are left.
		return cmp.Or(cmp.Compare(a.Final*b.Total, b.Final*a.Total), cmp.Compare(b.Total-b.Final, a.Total-a.Final), cmp.Compare(a.Name, b.Name), cmp.Compare(a.UnitID, b.UnitID))
	})
	return parts
}

// Directly lists the units whose own people are counted in Of a unit and in none of its Parts: itself, or at the top the one that holds
// all others.
func (p UnitsProgress) Directly(unitID int64) []UnitProgress {
	within := map[int64]bool{}
	for _, part := range p.Scope.everPart(unitID) {
		for _, id := range p.Scope.tree.Below(part.ID) {
			within[id] = true
		}
	}
	var units []UnitProgress
	for _, id := range p.Scope.tree.Below(unitID) {
		if own := p.own[id]; own.Total > 0 && !within[id] {
			units = append(units, UnitProgress{UnitID: id, Name: p.Scope.Name(id), Counts: own})
		}
	}
	return units
}

func (c Counts) plus(more Counts) Counts {
	return Counts{Total: c.Total + more.Total, NotBegun: c.NotBegun + more.NotBegun, Begun: c.Begun + more.Begun, Final: c.Final + more.Final,
		Released: c.Released + more.Released, Opened: c.Opened + more.Opened, Read: c.Read + more.Read, Excluded: c.Excluded + more.Excluded,
		NoEvaluator: c.NoEvaluator + more.NoEvaluator, NotBegunAlone: c.NotBegunAlone + more.NotBegunAlone}
}

// EvaluatorsOf lists the evaluators of one unit of a period, the one furthest behind first. ErrNotFound when the unit is
// not the administrator's.
func (s *Store) EvaluatorsOf(ctx context.Context, adminID, periodID, unitID int64) (AdminPeriod, Unit, []EvaluatorProgress, error) {
	tx := s.db.WithContext(ctx)
	period, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return AdminPeriod{}, Unit{}, nil, err
	}
	unit, known := scope.tree.Unit(unitID)
	if !known || !scope.Covers(unitID) {
		return AdminPeriod{}, Unit{}, nil, ErrNotFound
	}
	var list []EvaluatorProgress
	err = failed(tx.Table("evaluations AS e").
		Select("COALESCE(e.evaluator_id, 0) AS evaluator_id, COALESCE(people.name, '') AS name, CASE WHEN accounts.id IS NULL THEN 0 ELSE 1 END AS linked, "+
			"COUNT(*) AS total, SUM(CASE WHEN e.state = ? THEN 1 ELSE 0 END) AS final", EvaluationFinal).
		Joins("LEFT JOIN people ON people.id = e.evaluator_id").Joins("LEFT JOIN accounts ON accounts.person_id = e.evaluator_id").
		Where("e.period_id = ? AND e.unit_id = ? AND e.state <> ?", periodID, unitID, EvaluationExcluded).Group("e.evaluator_id, people.name, accounts.id").Find(&list), "count evaluators")
	slices.SortFunc(list, func(a, b EvaluatorProgress) int {
		return cmp.Or(cmp.Compare(a.Final*b.Total, b.Final*a.Total), cmp.Compare(b.Total-b.Final, a.Total-a.Final), cmp.Compare(a.Name, b.Name), cmp.Compare(a.EvaluatorID, b.EvaluatorID))
	})
	return period, unit, list, err
}

// OpeningOf returns a period with the job that opens it, to an administrator of some of its units.
func (s *Store) OpeningOf(ctx context.Context, adminID, periodID int64) (AdminPeriod, Job, error) {
	tx := s.db.WithContext(ctx)
	period, _, err := s.periodFor(tx, adminID, periodID)
	if err != nil {
		return AdminPeriod{}, Job{}, err
	}
	var job Job
	err = first(tx.Where("`key` = ?", openingKey(periodID)).Take(&job), "find job")
	return period, job, err
}

// ShowOpening sets the message that shows how a period opens, for the administrator who opened it; the zero Place shows it nowhere.
// It changes nothing for anybody else, nor once the period is open.
func (s *Store) ShowOpening(ctx context.Context, adminID, periodID int64, place Place) error {
	return s.transaction(ctx, "show opening", func(tx *gorm.DB) error {
		return failed(tx.Model(&Job{}).Where("`key` = ? AND actor_id = ? AND state = ?", openingKey(periodID), adminID, JobRunning).
			Updates(map[string]any{"chat_id": place.ChatID, "message_id": place.MessageID}), "show opening")
	})
}
