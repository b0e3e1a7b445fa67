package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
)

const (
	// maxAttempts is after how many failed sends a notification is parked for the administrator to see.
	maxAttempts = 8
	firstPause  = 30 * time.Second
	longestWait = 2 * time.Hour
)

// oldestOfEach keeps the first that is due of each person, so that the backlog of one takes one place in a batch and not all of them.
// While that one is being sent, his others wait: nobody hears of things in another order than they happened. What is for nobody
// on the roster (see Stranger) has no such order.
const oldestOfEach = "person_id = 0 OR NOT EXISTS (SELECT 1 FROM notifications AS earlier WHERE earlier.person_id = notifications.person_id " +
	"AND earlier.state = ? AND earlier.due_at <= ? " +
	"AND (earlier.due_at < notifications.due_at OR earlier.due_at = notifications.due_at AND earlier.id < notifications.id))"

// ClaimNotifications takes what is owed and due, the oldest of each person, for the length of a lease: until then nobody else
// sends it. What a process took and did not send because it died is free again when its lease is over.
func (s *Store) ClaimNotifications(ctx context.Context, owner string, lease time.Duration, limit int) ([]Notification, error) {
	var claimed []Notification
	err := s.transaction(ctx, "claim notifications", func(tx *gorm.DB) error {
		claimed = nil
		now := s.now()
		var due []Notification
		free := tx.Where("state = ? AND due_at <= ? AND (lease_until IS NULL OR lease_until <= ?)", Owed, now, s.leaseTime(0))
		if err := failed(free.Where(oldestOfEach, Owed, now).Order("due_at, id").Limit(limit).Find(&due), "find due notifications"); err != nil {
			return err
		}
		for _, n := range due {
			// The condition again: another process may have taken it since it was read.
			taken := tx.Model(&Notification{}).
				Where("id = ? AND state = ? AND (lease_until IS NULL OR lease_until <= ?)", n.ID, Owed, s.leaseTime(0)).
				Updates(map[string]any{"lease_owner": owner, "lease_until": s.leaseTime(lease), "updated_at": now})
			if err := failed(taken, "take notification"); err != nil {
				return err
			}
			if taken.RowsAffected == 1 {
				n.LeaseOwner = owner
				claimed = append(claimed, n)
			}
		}
		return nil
	})
	return claimed, err
}

// HoldNotification prolongs a claim, for what takes longer. ErrLeaseLost when it is somebody else's by now, or settled.
func (s *Store) HoldNotification(ctx context.Context, n Notification, lease time.Duration) error {
	return s.transaction(ctx, "hold claim", func(tx *gorm.DB) error {
		held := tx.Model(&Notification{}).Where("id = ? AND state = ? AND lease_owner = ?", n.ID, Owed, n.LeaseOwner).
			Updates(map[string]any{"lease_until": s.leaseTime(lease), "updated_at": s.now()})
		err := found(held, "hold claim")
		if errors.Is(err, ErrNotFound) {
			return ErrLeaseLost
		}
		return err
	})
}

// settle ends a claim, if it is still the caller's. A claim that was lost meanwhile stays with its new owner.
func (s *Store) settle(ctx context.Context, n Notification, fields map[string]any) error {
	return s.settleIn(s.db.WithContext(ctx), n, fields)
}

func (s *Store) settleIn(tx *gorm.DB, n Notification, fields map[string]any) error {
	fields["lease_owner"], fields["lease_until"], fields["updated_at"] = "", nil, s.now()
	done := tx.Model(&Notification{}).Where("id = ? AND state = ? AND lease_owner = ?", n.ID, Owed, n.LeaseOwner).Updates(fields)
	return failed(done, "settle notification")
}

// MarkSent notes that a notification was sent. Between the sending and this a crash makes it be sent once more: at least once, rarely twice.
func (s *Store) MarkSent(ctx context.Context, n Notification, messageID int) error {
	return s.settle(ctx, n, map[string]any{"state": Sent, "sent_at": s.now(), "message_id": messageID, "attempts": n.Attempts + 1, "last_error": ""})
}

// Postpone gives a notification back until a later time, for a reason that is not its own: a pause, the hour of the day, or that Telegram
// cannot be reached. It costs none of its tries.
func (s *Store) Postpone(ctx context.Context, n Notification, until time.Time) error {
	return s.settle(ctx, n, map[string]any{"due_at": until.UTC()})
}

// Retry notes a failed send by its class. The pauses grow; after maxAttempts it is parked as failed.
func (s *Store) Retry(ctx context.Context, n Notification, class string) error {
	attempts := n.Attempts + 1
	if attempts >= maxAttempts {
		return s.settle(ctx, n, map[string]any{"state": Failed, "attempts": attempts, "last_error": class})
	}
	wait := min(firstPause<<(attempts-1), longestWait)
	return s.settle(ctx, n, map[string]any{"due_at": s.now().Add(wait), "attempts": attempts, "last_error": class})
}

// Park notes a failed send that must not be tried again by itself.
func (s *Store) Park(ctx context.Context, n Notification, class string) error {
	return s.settle(ctx, n, map[string]any{"state": Failed, "attempts": n.Attempts + 1, "last_error": class})
}

// CancelNotification ends a notification whose cause is gone.
func (s *Store) CancelNotification(ctx context.Context, n Notification) error {
	return s.settle(ctx, n, map[string]any{"state": Cancelled})
}

// HoldUnlinked keeps a notification for a person without an account, or who is marked unreachable. It is owed again when he links one
// or writes; it ends when he left the roster. Whoever has come back meanwhile is still owed it: nothing would owe it again.
func (s *Store) HoldUnlinked(ctx context.Context, n Notification) error {
	return s.transaction(ctx, "hold notification", func(tx *gorm.DB) error {
		state, err := s.waitingState(tx, n.PersonID)
		if err != nil {
			return err
		}
		return s.settleIn(tx, n, map[string]any{"state": state})
	})
}

// waitingState is how a notification waits for a person. He is guarded, and his account is locked, so that whoever links it or notes his
// return comes before, and is seen here, or after, and finds what is held.
func (s *Store) waitingState(tx *gorm.DB, personID int64) (NotificationState, error) {
	_, err := s.onRoster(tx, personID)
	if errors.Is(err, ErrNotFound) {
		return Cancelled, nil
	}
	if err != nil {
		return "", err
	}
	account, err := accountOf(s.shared(tx), personID)
	if err != nil || account.ID != 0 && account.UnreachableSince == nil {
		return Owed, err
	}
	return Unreachable, nil
}

// Unsettled are the states in which a notification may need somebody. Those that are settled grow without end and are counted by no page.
func Unsettled() []NotificationState { return []NotificationState{Owed, Failed, Unreachable} }

// NotificationStates counts the notifications in some states, over all periods.
func (s *Store) NotificationStates(ctx context.Context, states ...NotificationState) (map[NotificationState]int, error) {
	var rows []struct {
		State NotificationState
		N     int
	}
	err := failed(s.db.WithContext(ctx).Model(&Notification{}).Where("state IN ?", states).Select("state, COUNT(*) AS n").Group("state").Find(&rows), "count notifications")
	counts := map[NotificationState]int{}
	for _, r := range rows {
		counts[r.State] = r.N
	}
	return counts, err
}
