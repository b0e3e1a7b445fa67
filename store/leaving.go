package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// KindPeopleLeft tells administrators that people have left whose evaluations, or whose work on those of others, are not finished.
const KindPeopleLeft = "people_left"

// Departure notes when a person left the roster last, and how. It counts only while he is off the roster.
type Departure struct {
	PersonID int64 `gorm:"primaryKey;autoIncrement:false"`
	LeftAt   time.Time
	Kind     LeaveKind // "" where nobody said
	Day      Date      // the last one in service as the administrator says; "" where he did not
}

// LeaveKind is why somebody leaves the roster.
type LeaveKind string

// The kinds of leaving.
const (
	Retired  LeaveKind = "retired"
	Died     LeaveKind = "died"
	MovedOut LeaveKind = "moved" // to another institution
	Resigned LeaveKind = "resigned"
)

// Leaving says how somebody leaves; the zero value says nothing.
type Leaving struct {
	Kind LeaveKind
	Day  Date
}

// String writes it for the audit.
func (l Leaving) String() string { return strings.TrimSpace(string(l.Kind) + " " + string(l.Day)) }

// Departed counts what ended with the people who left.
type Departed struct{ People, Accounts, Roles, Notifications int }

func (d *Departed) add(more Departed) {
	d.People, d.Accounts = d.People+more.People, d.Accounts+more.Accounts
	d.Roles, d.Notifications = d.Roles+more.Roles, d.Notifications+more.Notifications
}

// Leave ends a person's place on the roster: he retired, died or moved out. He gets no new evaluation; his account, his codes and his
// roles end, and what was owed to him is not sent any more. What is written about him stays, and his open evaluations, and those
// that he was to do, are shown to their administrators: see LeftBehind. Doing it twice is done already, with nothing counted;
// ErrNotFound for an unknown person, ErrLastAdministrator for the last one who administers the city: see cityStays. A roster that names him brings him back, without account and roles.
func (s *Store) Leave(ctx context.Context, actor, personID int64) (Departed, error) {
	if _, err := s.PersonByID(ctx, personID); err != nil {
		return Departed{}, err
	}
	return leaveInChunks(ctx, s, actor, []int64{personID}, "id IN ?")
}

// LeaveAs is Leave for one of an administrator's people, who tells how. ErrNotFound when the person is not his, ErrHimself for himself,
// ErrBeyond as it says.
func (s *Store) LeaveAs(ctx context.Context, adminID, personID int64, how Leaving) (Departed, error) {
	var done Departed
	at := s.now()
	err := s.transaction(ctx, "leave", func(tx *gorm.DB) error {
		done = Departed{}
		// Both are written before anything is read: of two administrators who let each other leave the first one does.
		if err := guard(tx.Model(&Person{}).Where("id IN ?", []int64{adminID, personID}), "guard people"); err != nil {
			return err
		}
		p, _, err := s.changing(tx, adminID, personID)
		if errors.Is(err, ErrNotFound) { // perhaps he has left already
			_, _, err = s.administeredPerson(tx, adminID, personID)
			return err
		}
		if err == nil && adminID == personID {
			err = ErrHimself
		}
		if err != nil {
			return err
		}
		done, err = s.leave(tx, adminID, []Person{p}, at, how)
		return err
	})
	return done, err
}

// LeaveMissing is Leave for those whom a complete roster does not name any more, by NIP. It works in chunks: after a failure the rest
// leaves by calling it again. A NIP that nobody has is passed over. ErrLastAdministrator when among the rest are all who administer the city.
func (s *Store) LeaveMissing(ctx context.Context, actor int64, nips []string) (Departed, error) {
	return leaveInChunks(ctx, s, actor, nips, "nip IN ?")
}

// leaveInChunks lets people leave, a chunk a transaction. All chunks tell an administrator once.
func leaveInChunks[K any](ctx context.Context, s *Store, actor int64, keys []K, which string) (Departed, error) {
	var all Departed
	at := s.now()
	for chunk := range slices.Chunk(keys, rosterChunk) {
		var done Departed
		err := s.transaction(ctx, "leave", func(tx *gorm.DB) (err error) {
			var people []Person
			if err = failed(s.exclusive(tx).Where("active = ?", true).Where(which, chunk).Order("id").Find(&people), "find people who leave"); err != nil {
				return err
			}
			done, err = s.leave(tx, actor, people, at, Leaving{})
			return err
		})
		if err != nil {
			return all, err
		}
		all.add(done)
	}
	return all, nil
}

// leave takes people off the roster who are locked and on it.
func (s *Store) leave(tx *gorm.DB, actor int64, people []Person, at time.Time, how Leaving) (Departed, error) {
	if len(people) == 0 {
		return Departed{}, nil
	}
	ids := make([]int64, 0, len(people))
	for _, p := range people {
		ids = append(ids, p.ID)
	}
	gone := tx.Model(&Person{}).Where("id IN ?", ids).Updates(map[string]any{"active": false, "updated_at": s.now()})
	if err := failed(gone, "take off the roster"); err != nil {
		return Departed{}, err
	}
	done := Departed{People: len(people)}
	for _, end := range []func(tx *gorm.DB, actor int64, ids []int64, how Leaving, done *Departed) error{s.noteDeparture, s.endRoles, s.endAccess, s.cancelOwed} {
		if err := end(tx, actor, ids, how, &done); err != nil {
			return Departed{}, err
		}
	}
	return done, s.tellLeftBehind(tx, ids, at)
}

func (s *Store) noteDeparture(tx *gorm.DB, _ int64, ids []int64, how Leaving, _ *Departed) error {
	rows := make([]Departure, 0, len(ids))
	for _, id := range ids {
		rows = append(rows, Departure{PersonID: id, LeftAt: s.now(), Kind: how.Kind, Day: how.Day})
	}
	return failed(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&rows), "note departure")
}

// endRoles takes all roles of people away.
func (s *Store) endRoles(tx *gorm.DB, actor int64, ids []int64, _ Leaving, done *Departed) error {
	var held []PersonRole
	if err := failed(s.exclusive(tx).Where("person_id IN ?", ids).Order("id").Find(&held), "read roles"); err != nil || len(held) == 0 {
		return err
	}
	done.Roles = len(held)
	return s.revoke(tx, actor, held)
}

// endAccess takes the accounts of people away, and the codes that wait for them, and notes for each that he left.
func (s *Store) endAccess(tx *gorm.DB, actor int64, ids []int64, how Leaving, done *Departed) error {
	var accounts []Account
	if err := failed(s.exclusive(tx).Where("person_id IN ?", ids).Find(&accounts), "read accounts"); err != nil {
		return err
	}
	was := map[int64]string{}
	for _, a := range accounts {
		was[a.PersonID] = telegramUser(a)
	}
	if done.Accounts = len(accounts); done.Accounts > 0 {
		if err := failed(tx.Where("person_id IN ?", ids).Delete(&Account{}), "end accounts"); err != nil {
			return err
		}
	}
	if err := s.tellEnded(tx, accounts...); err != nil {
		return err
	}
	if err := s.endInvitations(tx, ids...); err != nil {
		return err
	}
	rows := make([]Audit, 0, len(ids))
	for _, id := range ids {
		rows = append(rows, Audit{At: s.now(), ActorID: actor, Action: "person.leave", Subject: "person", ObjectID: id, Before: was[id], After: how.String()})
	}
	return failed(tx.Create(&rows), "write audit")
}

// cancelOwed ends what people were to be told, also what waits until they can be reached or is parked. Whoever has claimed one of
// these notes nothing any more: see settle.
func (s *Store) cancelOwed(tx *gorm.DB, _ int64, ids []int64, _ Leaving, done *Departed) error {
	ended := tx.Model(&Notification{}).Where("person_id IN ? AND state IN ?", ids, []NotificationState{Owed, Unreachable, Failed}).
		Updates(map[string]any{"state": Cancelled, "lease_owner": "", "lease_until": nil, "updated_at": s.now()})
	done.Notifications = int(ended.RowsAffected)
	return failed(ended, "cancel notifications")
}

// tellLeftBehind owes the news to the administrators of the evaluations that are left behind, once each for all who leave at a moment.
func (s *Store) tellLeftBehind(tx *gorm.DB, ids []int64, at time.Time) error {
	var units []int64
	behind := leftBehind(tx, "gone.person_id IN ?", ids).Distinct("e.unit_id").Order("e.unit_id")
	if err := failed(behind.Pluck("e.unit_id", &units), "find units of evaluations left behind"); err != nil || len(units) == 0 {
		return err
	}
	administrators, err := administratorsFor(tx, units...)
	if err != nil {
		return err
	}
	var notices []Notice
	for _, admin := range administrators {
		notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d:%d", KindPeopleLeft, at.UnixNano(), admin), PersonID: admin, Kind: KindPeopleLeft})
	}
	return s.notify(tx, notices...)
}

// LeftBehind is an evaluation that is not finished and whose employee, or evaluator, has left the roster.
type LeftBehind struct {
	EvaluationID  int64
	PeriodID      int64
	Kind          PeriodKind
	FirstDay      Date
	Unit          string
	Employee      string // name
	EmployeeLeft  bool
	Evaluator     string // name; "" for none
	EvaluatorLeft bool
}

// GoneEvaluator is somebody who has left the roster and still is the evaluator of people in a period.
type GoneEvaluator struct {
	EvaluationID int64 // of one of them
	Kind         PeriodKind
	FirstDay     Date
	Evaluator    string // name
	Number       int
}

// behindIDs selects the open evaluations of people who have left and those by them, each once. A condition on gone, the departure, is added.
const behindIDs = "(SELECT mine.id FROM departures AS gone JOIN evaluations AS mine ON mine.employee_id = gone.person_id WHERE mine.state = ? AND %[1]s " +
	"UNION SELECT theirs.id FROM departures AS gone JOIN evaluations AS theirs ON theirs.evaluator_id = gone.person_id WHERE theirs.state = ? AND %[1]s) AS behind"

// leftBehind selects evaluations e in periods p that are not closed, of employees w and by evaluators v of whom one has left.
func leftBehind(tx *gorm.DB, which string, value any) *gorm.DB {
	return tx.Table(fmt.Sprintf(behindIDs, which), EvaluationOpen, value, EvaluationOpen, value).
		Joins("JOIN evaluations AS e ON e.id = behind.id").
		Joins("JOIN periods AS p ON p.id = e.period_id AND p.state <> ?", PeriodClosed).
		Joins("JOIN people AS w ON w.id = e.employee_id").
		Joins("LEFT JOIN people AS v ON v.id = e.evaluator_id").
		Where("(w.active = ? OR v.active = ?)", false, false)
}

const behindColumns = "e.id AS evaluation_id, e.period_id, p.kind, p.first_day, COALESCE(u.name, '') AS unit, w.name AS employee, NOT w.active AS employee_left, " +
	"COALESCE(v.name, '') AS evaluator, COALESCE(NOT v.active, FALSE) AS evaluator_left"

// LeftBehind lists the evaluations in an administrator's units that people left behind, by unit and employee, and counts all of them.
// ErrNotFound when he administers nothing.
func (s *Store) LeftBehind(ctx context.Context, adminID int64, offset, limit int) (lines []LeftBehind, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	began, err := oldestOpen(tx)
	if err != nil || began.IsZero() {
		return nil, 0, err
	}
	list := func() *gorm.DB { return scope.narrow(leftBehind(tx, "gone.left_at >= ?", began), "e.unit_id") }
	var count int64
	if err := failed(list().Count(&count), "count evaluations left behind"); err != nil || count == 0 {
		return nil, 0, err
	}
	err = failed(list().Joins("LEFT JOIN units AS u ON u.id = e.unit_id").Select(behindColumns).Order("unit, employee, e.id").
		Offset(offset).Limit(limit).Find(&lines), "list evaluations left behind")
	return lines, int(count), err
}

// GoneEvaluators lists, for an administrator, who has left evaluations in his units behind that somebody else can take over, a line for each period,
// most of them first. ErrNotFound when he administers nothing.
func (s *Store) GoneEvaluators(ctx context.Context, adminID int64, limit int) (gone []GoneEvaluator, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, err
	}
	began, err := oldestOpen(tx)
	if err != nil || began.IsZero() {
		return nil, err
	}
	list := scope.narrow(leftBehind(tx, "gone.left_at >= ?", began), "e.unit_id").Where("v.active = ? AND w.active = ?", false, true)
	err = failed(list.Select("MIN(e.id) AS evaluation_id, p.kind, p.first_day, v.name AS evaluator, COUNT(*) AS number").
		Group("p.id, p.kind, p.first_day, v.id, v.name").Order("number DESC, evaluator, p.id").Limit(limit).Find(&gone), "list evaluators who have left")
	return gone, err
}

// oldestOpen is when the oldest period that is not closed was created; the zero time without one. Whoever left before has no part in any: what old
// departures left behind is not looked for again.
func oldestOpen(tx *gorm.DB) (time.Time, error) {
	var began []time.Time
	oldest := tx.Model(&Period{}).Where("state <> ?", PeriodClosed).Order("created_at").Limit(1)
	if err := failed(oldest.Pluck("created_at", &began), "find oldest open period"); err != nil || len(began) == 0 {
		return time.Time{}, err
	}
	return began[0], nil
}

// LeftBehindBy lists what one person left behind, for the operator; it is empty for somebody on the roster.
func (s *Store) LeftBehindBy(ctx context.Context, personID int64) (lines []LeftBehind, err error) {
	list := leftBehind(s.db.WithContext(ctx), "gone.person_id = ?", personID).Joins("LEFT JOIN units AS u ON u.id = e.unit_id")
	err = failed(list.Where("(w.id = ? AND w.active = ? OR v.id = ? AND v.active = ?)", personID, false, personID, false).
		Select(behindColumns).Order("p.id, employee, e.id").Find(&lines), "list what a person left behind")
	return lines, err
}
