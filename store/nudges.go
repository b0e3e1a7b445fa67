package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// KindNudge is the notification with which an administrator reminds an evaluator.
const KindNudge = "nudge"

// Late is an evaluator with evaluations that are not final.
type Late struct {
	EvaluatorID int64
	Name        string
	Left        int
	Linked      bool      // and not known to block the bot
	NudgedAt    time.Time // when an administrator reminded him on that day, as far as it went out when it did; zero when nobody has
	NudgeDue    time.Time // when that reminder goes out, while it has to wait for it; else zero
}

// Nudged reports whether an administrator has reminded him on that day already.
func (l Late) Nudged() bool { return !l.NudgedAt.IsZero() }

// Reachable reports whether a reminder would be written for him now.
func (l Late) Reachable() bool { return l.Linked && !l.Nudged() }

// nudgeKey lets an administrator remind an evaluator once a day.
func nudgeKey(periodID int64, day Date, evaluatorID int64) string {
	return fmt.Sprintf("%s:%d:%s:%d", KindNudge, periodID, day, evaluatorID)
}

// LateIn lists the evaluators of an open period who are not done in the units of an administrator, those with most left first.
// day is today in the local zone. It is empty unless the period is open.
func (s *Store) LateIn(ctx context.Context, adminID, periodID int64, day Date) (AdminPeriod, []Late, error) {
	return s.lateIn(s.db.WithContext(ctx), adminID, periodID, day)
}

func (s *Store) lateIn(tx *gorm.DB, adminID, periodID int64, day Date) (AdminPeriod, []Late, error) {
	period, scope, err := s.periodFor(tx, adminID, periodID)
	if err != nil || period.State != PeriodOpen {
		return period, nil, err
	}
	var list []Late
	late := scope.narrow(tx.Table("evaluations AS e").Select("e.evaluator_id, COUNT(*) AS `left`").
		Where("e.period_id = ? AND e.state = ? AND e.evaluator_id IS NOT NULL", periodID, EvaluationOpen), "e.unit_id").Group("e.evaluator_id")
	err = failed(tx.Table("(?) AS late", late).
		Select("late.evaluator_id, late.`left`, people.name, CASE WHEN accounts.id IS NULL OR accounts.unreachable_since IS NOT NULL THEN 0 ELSE 1 END AS linked").
		Joins("JOIN people ON people.id = late.evaluator_id").Joins("LEFT JOIN accounts ON accounts.person_id = late.evaluator_id").
		Find(&list), "find late evaluators")
	if err != nil {
		return AdminPeriod{}, nil, err
	}
	nudged, err := nudgedOn(tx, periodID, day)
	for i := range list {
		reminder := nudged[nudgeKey(periodID, day, list[i].EvaluatorID)]
		switch list[i].NudgedAt = reminder.CreatedAt; {
		case reminder.SentAt != nil:
			list[i].NudgedAt = *reminder.SentAt
		case reminder.DueAt.After(s.now()):
			list[i].NudgeDue = reminder.DueAt
		}
	}
	slices.SortFunc(list, func(a, b Late) int {
		return cmp.Or(cmp.Compare(b.Left, a.Left), cmp.Compare(a.Name, b.Name), cmp.Compare(a.EvaluatorID, b.EvaluatorID))
	})
	return period, list, err
}

// nudgedOn reads the reminders of a day in a period, by their keys.
func nudgedOn(tx *gorm.DB, periodID int64, day Date) (map[string]Notification, error) {
	var rows []Notification
	err := failed(tx.Select("key", "due_at", "sent_at", "created_at").
		Where("period_id = ? AND `key` LIKE ?", periodID, fmt.Sprintf("%s:%d:%s:%%", KindNudge, periodID, day)).Find(&rows), "find reminders of the day")
	reminders := make(map[string]Notification, len(rows))
	for _, n := range rows {
		reminders[n.Key] = n
	}
	return reminders, err
}

// Nudged are the evaluators among the late ones whom an administrator reminds: all of them, one, or all without some.
type Nudged struct {
	Only int64
	But  []int64
}

func (n Nudged) holds(evaluatorID int64) bool {
	return (n.Only == 0 || n.Only == evaluatorID) && !slices.Contains(n.But, evaluatorID)
}

// Nudge owes a reminder to those of whom who are not done in the units of an administrator, have an account and were not reminded on that
// day, and returns how many those are. They are due at due. ErrClosed unless the period is open.
func (s *Store) Nudge(ctx context.Context, adminID, periodID int64, whom Nudged, day Date, due time.Time) (int, error) {
	// Counting reads all that is left of a period; nobody who evaluates waits for that.
	period, list, err := s.LateIn(ctx, adminID, periodID, day)
	if err != nil {
		return 0, err
	}
	if period.State != PeriodOpen {
		return 0, ErrClosed
	}
	var notices []Notice
	for _, late := range list {
		if late.Reachable() && whom.holds(late.EvaluatorID) {
			notices = append(notices, Notice{Key: nudgeKey(periodID, day, late.EvaluatorID), PersonID: late.EvaluatorID, PeriodID: periodID,
				Kind: KindNudge, Args: fmt.Sprint(periodID), DueAt: due})
		}
	}
	if len(notices) == 0 {
		return 0, nil
	}
	return s.writeNudges(ctx, adminID, periodID, notices)
}

// writeNudges writes reminders of an open period and returns how many of them are new: of two administrators at once each counts
// those that are his.
func (s *Store) writeNudges(ctx context.Context, adminID, periodID int64, notices []Notice) (int, error) {
	nudged := 0
	err := s.transaction(ctx, "nudge", func(tx *gorm.DB) error {
		nudged = 0
		var period Period
		if err := first(s.shared(tx).Where("id = ?", periodID).Take(&period), "lock period"); err != nil {
			return err
		}
		if period.State != PeriodOpen {
			return ErrClosed
		}
		for chunk := range slices.Chunk(notices, openChunk) {
			n, err := s.notifyNew(tx, chunk...)
			if err != nil {
				return err
			}
			nudged += n
		}
		if nudged == 0 {
			return nil
		}
		return s.audit(tx, adminID, "period.nudge", "period", periodID, "", fmt.Sprint(nudged))
	})
	return nudged, err
}

// Owes tells an evaluator's part of a period: how many evaluations are not final, and how many there are. open is 0 unless the period is open.
// ErrNotFound for a period that does not exist.
func (s *Store) Owes(ctx context.Context, evaluatorID, periodID int64) (period Period, open, all int, err error) {
	tx := s.db.WithContext(ctx)
	if err := first(tx.Where("id = ?", periodID).Take(&period), "find period"); err != nil {
		return Period{}, 0, 0, err
	}
	var count struct{ Open, Total int }
	err = failed(tx.Model(&Evaluation{}).Select("COALESCE(SUM(CASE WHEN state = ? THEN 1 ELSE 0 END), 0) AS `open`, COUNT(*) AS total", EvaluationOpen).
		Where("period_id = ? AND evaluator_id = ? AND state <> ?", periodID, evaluatorID, EvaluationExcluded).Take(&count), "count owed evaluations")
	if period.State != PeriodOpen {
		count.Open = 0
	}
	return period, count.Open, count.Total, err
}
