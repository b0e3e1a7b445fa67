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

// KindReminder is the message that sums up what a person owes. Each person has one row of it, which is owed anew on the days that ask
// for it: however many of them pass while he cannot be reached, one message waits.
const KindReminder = "reminder"

// OpenPeriods lists the periods in which something can be owed.
func (s *Store) OpenPeriods(ctx context.Context) ([]Period, error) {
	var periods []Period
	err := failed(s.db.WithContext(ctx).Where("state = ?", PeriodOpen).Order("id").Find(&periods), "list open periods")
	return periods, err
}

// SuperiorsOfLate lists the superiors of the evaluators who have evaluations left in a period.
func (s *Store) SuperiorsOfLate(ctx context.Context, periodID int64) ([]int64, error) {
	var ids []int64
	err := failed(s.db.WithContext(ctx).Table("evaluations AS e").Distinct("e.superior_id").
		Joins("JOIN periods AS p ON p.id = e.period_id AND p.state = ?", PeriodOpen).
		Where("e.period_id = ? AND e.state = ? AND e.superior_id IS NOT NULL AND e.evaluator_id IS NOT NULL", periodID, EvaluationOpen).
		Order("e.superior_id").Find(&ids), "list superiors of late evaluators")
	return ids, err
}

// UnreadSince lists the employees whose result was released within a span of time and is not acknowledged. Whether its period is
// closed by now makes no difference: the result waits all the same.
func (s *Store) UnreadSince(ctx context.Context, from, until time.Time) ([]int64, error) {
	var ids []int64
	err := failed(s.db.WithContext(ctx).Table("results AS r").Distinct("e.employee_id").
		Joins("JOIN evaluations AS e ON e.id = r.evaluation_id AND e.state = ?", EvaluationFinal).
		Where("r.withdrawn_at IS NULL AND r.acknowledged_at IS NULL AND r.release_at >= ? AND r.release_at < ?", from.UTC(), until.UTC()).
		Where("r.version = (SELECT MAX(version) FROM results WHERE results.evaluation_id = r.evaluation_id)").
		Order("e.employee_id").Find(&ids), "list unread results")
	return ids, err
}

// PlanReminders owes people a reminder for a day, due at a moment. Nothing changes for whom one waits already, and for who had one for
// that day.
func (s *Store) PlanReminders(ctx context.Context, day Date, due time.Time, people []int64) error {
	const chunk = 200
	for some := range slices.Chunk(people, chunk) {
		err := s.transaction(ctx, "plan reminders", func(tx *gorm.DB) error {
			idle := tx.Model(&Notification{}).Where("state NOT IN ?", []NotificationState{Owed, Unreachable})
			return s.remind(tx, idle, day, due, some...)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// PostponeReminder owes a person a reminder on another day, also if one waits for an earlier day. Doing it twice is done already.
func (s *Store) PostponeReminder(ctx context.Context, personID int64, day Date, due time.Time) error {
	return s.transaction(ctx, "postpone reminder", func(tx *gorm.DB) error {
		if err := s.remind(tx, tx.Model(&Notification{}), day, due, personID); err != nil {
			return err
		}
		return s.audit(tx, personID, "postponed_reminder", "person", personID, "", string(day))
	})
}

// remind owes people the reminder of a day: those among them anew who had one for an earlier day, as far as some selects it.
// Its argument is the day.
func (s *Store) remind(tx, some *gorm.DB, day Date, due time.Time, people ...int64) error {
	keys, notices := make([]string, 0, len(people)), make([]Notice, 0, len(people))
	for _, id := range people {
		keys = append(keys, reminderKey(id))
		notices = append(notices, Notice{Key: reminderKey(id), PersonID: id, Kind: KindReminder, Args: string(day), DueAt: due})
	}
	anew := some.Where("`key` IN ? AND args < ?", keys, day).Updates(map[string]any{"state": Owed, "args": day, "due_at": due.UTC(),
		"attempts": 0, "last_error": "", "lease_owner": "", "lease_until": nil, "updated_at": s.now()})
	if err := failed(anew, "remind anew"); err != nil {
		return err
	}
	return s.notify(tx, notices...)
}

func reminderKey(personID int64) string { return fmt.Sprintf("%s:%d", KindReminder, personID) }

// LastReminder tells when a person was last sent a reminder, the zero time when never.
func (s *Store) LastReminder(ctx context.Context, personID int64) (time.Time, error) {
	var n Notification
	err := first(s.db.WithContext(ctx).Where("`key` = ?", reminderKey(personID)).Take(&n), "find reminder")
	switch {
	case errors.Is(err, ErrNotFound):
		return time.Time{}, nil
	case err != nil || n.SentAt == nil:
		return time.Time{}, err
	}
	return *n.SentAt, nil
}

// LastNudge tells when an administrator's reminder about a period was last sent to a person; the zero time when never.
func (s *Store) LastNudge(ctx context.Context, personID, periodID int64) (time.Time, error) {
	nudges := s.db.WithContext(ctx).Where("person_id = ? AND state = ? AND kind = ? AND period_id = ?", personID, Sent, KindNudge, periodID)
	var last Notification
	err := first(nudges.Order("sent_at DESC").Take(&last), "find last reminder of an administrator")
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil || last.SentAt == nil {
		return time.Time{}, err
	}
	return *last.SentAt, nil
}

// Debt is what a person owes now.
type Debt struct {
	ToScore    []ScoringDebt // by period, the nearest deadline first
	LatePeople int           // evaluators under him who let a deadline pass
	Unread     []ResultLine  // his results that he has not acknowledged
	Unfinished []PeriodLine  // what he administers: see Store.Unfinished. DebtOf leaves it empty
	DueToday   DueToday      // the same
	Seal       AuditSeal     // of the day before, for who administers what is unfinished: see Store.DigestOn. The same
}

// DueToday is what falls due for a person on a day.
type DueToday struct {
	FollowUps []ResultLine // his own, which he did not tell to be done
	OfTeam    int          // those of his people that no evaluator told to be done
	Talks     []TalkView   // that are promised for that day: see Store.TalksOn
}

// None reports whether nothing falls due.
func (d DueToday) None() bool { return len(d.FollowUps)+d.OfTeam+len(d.Talks) == 0 }

// ScoringDebt is what an evaluator has left in one open period.
type ScoringDebt struct {
	PeriodID int64
	Kind     PeriodKind
	FirstDay Date
	Due      time.Time
	Open     int
}

// LateLine is an evaluator who let the deadline of a period pass.
type LateLine struct {
	ScoringDebt `gorm:"embedded"`
	EvaluatorID int64
	Name        string
}

// None reports whether nothing is owed.
func (d Debt) None() bool {
	return len(d.ToScore)+d.LatePeople+len(d.Unread)+len(d.Unfinished) == 0 && d.DueToday.None()
}

// scoringDebt are the columns of a ScoringDebt.
const scoringDebt = "p.id AS period_id, p.kind, p.first_day, p.scoring_due AS due, COUNT(*) AS `open`"

// DebtOf tells what a person owes at this moment, over all open periods. Evaluators under him are late whose deadline was before lateSince.
func (s *Store) DebtOf(ctx context.Context, personID int64, lateSince time.Time) (Debt, error) {
	var d Debt
	var err error
	if d.ToScore, err = s.ScoringDebts(ctx, personID); err != nil {
		return Debt{}, err
	}
	late, err := s.LateUnder(ctx, personID, lateSince)
	if err != nil {
		return Debt{}, err
	}
	people := map[int64]bool{}
	for _, l := range late {
		people[l.EvaluatorID] = true
	}
	d.LatePeople = len(people)
	results, err := s.ResultsOf(ctx, personID)
	for _, r := range results {
		if r.AcknowledgedAt == nil && r.ReopenedAt == nil {
			d.Unread = append(d.Unread, r)
		}
	}
	return d, err
}

// ScoringDebts tells what an evaluator has left in each open period, the nearest deadline first.
func (s *Store) ScoringDebts(ctx context.Context, evaluatorID int64) ([]ScoringDebt, error) {
	var debts []ScoringDebt
	err := failed(s.db.WithContext(ctx).Table("evaluations AS e").Select(scoringDebt).Joins("JOIN periods AS p ON p.id = e.period_id").
		Where("e.evaluator_id = ? AND e.state = ? AND "+openNow, evaluatorID, EvaluationOpen).
		Group("p.id, p.kind, p.first_day, p.scoring_due").Order("p.scoring_due, p.id").Find(&debts), "count evaluations owed")
	return debts, err
}

// LateUnder lists the evaluators whose superior a person is and who have evaluations left in open periods whose deadline was before
// a moment, the oldest deadline first.
func (s *Store) LateUnder(ctx context.Context, superiorID int64, since time.Time) ([]LateLine, error) {
	var lines []LateLine
	err := failed(s.db.WithContext(ctx).Table("evaluations AS e").Select(scoringDebt+", e.evaluator_id, evaluators.name").
		Joins("JOIN periods AS p ON p.id = e.period_id AND p.state = ? AND p.scoring_due < ?", PeriodOpen, since.UTC()).
		Joins("JOIN people AS evaluators ON evaluators.id = e.evaluator_id").
		Where("e.superior_id = ? AND e.state = ?", superiorID, EvaluationOpen).
		Group("p.id, p.kind, p.first_day, p.scoring_due, e.evaluator_id, evaluators.name").Order("p.scoring_due, evaluators.name, e.evaluator_id").
		Find(&lines), "list late evaluators")
	return lines, err
}

// LastRun returns when a duty was last done, the zero time when never; SetLastRun notes it. They let a scheduler catch up after it was down.
// A moment in the future was written by a process whose clock was wrong, and would end the duty until then: it becomes now.
func (s *Store) LastRun(ctx context.Context, name string) (time.Time, error) {
	var l Lease
	err := first(s.db.WithContext(ctx).Where("name = ?", "last:"+name).Take(&l), "read last run")
	if err == ErrNotFound { //nolint:errorlint // first returns it bare
		return time.Time{}, nil
	}
	if now := s.now(); err == nil && l.Until.After(now) {
		l.Until = now
		err = failed(s.db.WithContext(ctx).Model(&Lease{}).Where("name = ? AND until > ?", l.Name, now).Update("until", now), "correct last run")
	}
	return l.Until, err
}

// SetLastRun notes that a duty was done for everything up to a moment. An earlier moment changes nothing.
func (s *Store) SetLastRun(ctx context.Context, name string, at time.Time) error {
	return s.transaction(ctx, "note last run", func(tx *gorm.DB) error {
		row := Lease{Name: "last:" + name, Until: at.UTC()}
		if err := failed(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row), "create last run"); err != nil {
			return err
		}
		return failed(tx.Model(&Lease{}).Where("name = ? AND until < ?", row.Name, row.Until).Update("until", row.Until), "note last run")
	})
}

// LateEvaluators lists the evaluators of an open period who have evaluations left.
func (s *Store) LateEvaluators(ctx context.Context, periodID int64) ([]int64, error) {
	var ids []int64
	err := failed(s.db.WithContext(ctx).Table("evaluations AS e").Distinct("e.evaluator_id").
		Joins("JOIN periods AS p ON p.id = e.period_id AND p.state = ?", PeriodOpen).
		Where("e.period_id = ? AND e.state = ? AND e.evaluator_id IS NOT NULL", periodID, EvaluationOpen).Order("e.evaluator_id").Find(&ids), "list late evaluators")
	return ids, err
}
