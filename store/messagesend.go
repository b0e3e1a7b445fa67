package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// JobSendMessage writes down for whom a message is; ObjectID is the message.
const JobSendMessage = "send_message"

// The notifications of messages. The argument is the message.
const (
	KindMessage       = "message"        // the message itself
	KindMessageSample = "message_sample" // to its author, as all others would get it
	KindMessageNews   = "message_news"   // to its author: what became of it
)

const (
	// messageChunk is how many people one transaction writes a message down for, or takes it from.
	messageChunk = 200
	// messageFresh is how long a message waits for somebody who cannot be reached when it goes: what an office announces is soon out of date.
	messageFresh = 7 * 24 * time.Hour
	// watchedFor is how long its author is thought to look on: the end of a message that took longer is told him.
	watchedFor = time.Minute
)

// messageKey is the notification that brings a message to a person.
func messageKey(id, personID int64) string { return fmt.Sprintf("%s:%d:%d", KindMessage, id, personID) }

// rowsOf selects the notifications of a message: their keys lie side by side.
func rowsOf(tx *gorm.DB, id int64) *gorm.DB {
	return tx.Model(&Notification{}).Where("`key` >= ? AND `key` < ?", fmt.Sprintf("%s:%d:", KindMessage, id), fmt.Sprintf("%s:%d;", KindMessage, id))
}

// SendMessage sends a draft of an administrator, as he saw it: a job writes down for whom it is, and the first may have it at due. Its progress is
// shown in place. Sending it again changes nothing. ErrConflict when the draft is another revision by now, ErrNobody when nobody would get it,
// ErrFileLost when Telegram has its picture or file no more; the other errors are those of AddressMessage.
func (s *Store) SendMessage(ctx context.Context, adminID, id int64, revision int, place Place, due time.Time) error {
	return s.transaction(ctx, "send message", func(tx *gorm.DB) error {
		scope, err := s.administered(tx, adminID)
		if err != nil {
			return err
		}
		m, err := s.ownMessage(tx, adminID, id)
		if err != nil || m.State != MessageDraft {
			return err
		}
		if err := s.sendable(tx, scope, m, revision); err != nil {
			return err
		}
		counted, err := reach(tx, scope, m)
		if err == nil && counted.None() {
			err = ErrNobody
		}
		if err != nil {
			return err
		}
		sender, err := senderOf(tx, scope, adminID, m.UnitID)
		if err != nil {
			return err
		}
		now := s.now()
		sent := tx.Model(&Message{}).Where("id = ? AND state = ? AND revision = ?", id, MessageDraft, revision).Updates(map[string]any{
			"state": MessagePreparing, "expected": counted.Linked, "waiting": counted.Linked, "sender_name": sender.Name, "sender_office": sender.Office,
			"sender_over": sender.Over, "chat_id": place.ChatID, "card_id": place.MessageID, "confirmed_at": now, "due_at": due.UTC(), "updated_at": now})
		if err := found(sent, "send message"); err != nil {
			return err
		}
		// Nobody: what became of it is told otherwise.
		job := Job{Key: fmt.Sprintf("%s:%d", JobSendMessage, id), Kind: JobSendMessage, ObjectID: id, Total: counted.Linked}
		if err := s.createJob(tx, job); err != nil {
			return err
		}
		return s.audit(tx, adminID, "message.send", "message", id, "", fmt.Sprintf("%s %d", audienceOf(m), counted.Linked))
	})
}

// sendable holds a draft against what was shown of it, and against what its author may.
func (s *Store) sendable(tx *gorm.DB, scope Scope, m Message, revision int) error {
	switch err := s.mayWrite(tx, scope, m.AuthorID, m); {
	case err != nil:
		return err
	case m.Revision != revision, m.Empty():
		return ErrConflict
	case m.FileLost:
		return ErrFileLost
	}
	return nil
}

// SendMessageChunk writes down a message for the next of its people, for the process that holds the lease of the job. perSecond of them are due
// each second: what others are owed meanwhile does not wait behind a whole city. Whoever may not write to them any more ends it.
// ErrLeaseLost when another process holds the job.
func (s *Store) SendMessageChunk(ctx context.Context, owner string, jobID int64, lease time.Duration, perSecond int) (Job, error) {
	var job Job
	err := s.transaction(ctx, "send message chunk", func(tx *gorm.DB) error {
		var err error
		if job, err = s.holdJob(tx, owner, jobID); err != nil {
			return err
		}
		m, next, err := s.nextReaders(tx, job)
		switch {
		case err != nil:
			return err
		case m.State != MessagePreparing: // stopped, by a person or by the loss of a right
			job, err = s.finish(tx, job)
			return err
		case len(next) == 0:
			return s.written(tx, &job, m)
		}
		notices := make([]Notice, 0, len(next))
		for n, person := range next {
			due := m.DueAt.Add(time.Duration((m.Written+n)/perSecond) * time.Second)
			notices = append(notices, Notice{Key: messageKey(m.ID, person), PersonID: person, Kind: KindMessage, Args: fmt.Sprint(m.ID), DueAt: due})
		}
		if err := s.notify(tx, notices...); err != nil {
			return err
		}
		// Its row is written with them, so that whoever stops it on another node comes before or after, and finds them.
		kept := tx.Model(&Message{}).Where("id = ?", m.ID).Updates(map[string]any{"written": gorm.Expr("written + ?", len(next)), "updated_at": s.now()})
		if err := failed(kept, "count readers"); err != nil {
			return err
		}
		job, err = s.advance(tx, job, next[len(next)-1], len(next), lease)
		return err
	})
	return job, err
}

// nextReaders locks the message of a job and reads its next people. A message whose author may not write to them any more is stopped.
func (s *Store) nextReaders(tx *gorm.DB, job Job) (m Message, next []int64, err error) {
	if err = first(s.exclusive(tx).Where("id = ?", job.ObjectID).Take(&m), "find message"); err != nil || m.State != MessagePreparing {
		return m, nil, err
	}
	scope, err := s.scopeIn(tx, m.AuthorID)
	if err != nil {
		return m, nil, err
	}
	switch err := s.mayWrite(tx, scope, m.AuthorID, m); {
	case scope.None(), errors.Is(err, ErrNotFound):
		m.State = MessageStopped
		return m, nil, s.endMessage(tx, m, map[string]any{"state": MessageStopped, "why": WhyRight})
	case errors.Is(err, ErrClosed): // nobody is unfinished any more
		return m, nil, nil
	case err != nil:
		return m, nil, err
	}
	linked := audience(tx, scope, m).Joins("JOIN accounts AS a ON a.person_id = p.id AND a.unreachable_since IS NULL").Where("p.id > ?", job.Cursor)
	return m, next, failed(linked.Order("p.id").Limit(messageChunk).Pluck("p.id", &next), "find next readers")
}

// written ends the writing down.
func (s *Store) written(tx *gorm.DB, job *Job, m Message) (err error) {
	moved := tx.Model(&Message{}).Where("id = ? AND state = ?", m.ID, MessagePreparing).Updates(map[string]any{"state": MessageSending, "updated_at": s.now()})
	if err := failed(moved, "move message"); err != nil {
		return err
	}
	if err := s.audit(tx, 0, "message.written", "message", m.ID, "", fmt.Sprint(m.Written)); err != nil {
		return err
	}
	*job, err = s.finish(tx, *job)
	return err
}

// endMessage moves a message that is under way to its end and owes its author the news, unless he looked on or it was he.
func (s *Store) endMessage(tx *gorm.DB, m Message, fields map[string]any) error {
	now := s.now()
	fields["ended_at"], fields["updated_at"] = now, now
	moved := tx.Model(&Message{}).Where("id = ? AND state IN ?", m.ID, []MessageState{MessagePreparing, MessageSending}).Updates(fields)
	if err := failed(moved, "end message"); err != nil || moved.RowsAffected == 0 {
		return err
	}
	if fields["stopped_by"] == m.AuthorID || fields["state"] == MessageDone && m.ConfirmedAt != nil && now.Sub(*m.ConfirmedAt) < watchedFor {
		return nil
	}
	return s.notify(tx, Notice{Key: fmt.Sprintf("%s:%d", KindMessageNews, m.ID), PersonID: m.AuthorID, Kind: KindMessageNews, Args: fmt.Sprint(m.ID)})
}

// StopMessage ends a message that is under way: who does not have it yet gets it no more. Stopping what has ended changes nothing. ErrNotFound for
// a message that an administrator does not see or may not stop.
func (s *Store) StopMessage(ctx context.Context, adminID, id int64) error {
	err := s.transaction(ctx, "stop message", func(tx *gorm.DB) error {
		view, _, err := s.messageFor(tx, adminID, id)
		if err != nil {
			return err
		}
		if !view.MayStop || view.State == MessageDraft {
			return ErrNotFound
		}
		var m Message
		if err := first(s.exclusive(tx).Where("id = ?", id).Take(&m), "lock message"); err != nil || !m.UnderWay() {
			return err
		}
		if m, err = recount(tx, m); err != nil {
			return err
		}
		if err := s.audit(tx, adminID, "message.stop", "message", id, "", fmt.Sprint(max(m.Waiting, m.Expected-m.Sent))); err != nil {
			return err
		}
		return s.endMessage(tx, m, map[string]any{"state": MessageStopped, "stopped_by": adminID})
	})
	if err != nil {
		return err
	}
	return s.takeBackRest(ctx, id)
}

// takeBackRest cancels what of a stopped message nobody has in his hands. What a courier holds he sends, or finds stopped and cancels.
func (s *Store) takeBackRest(ctx context.Context, id int64) error {
	for {
		taken := 0
		err := s.transaction(ctx, "take back message", func(tx *gorm.DB) error {
			var ids []int64
			free := rowsOf(tx, id).Where("state IN ? AND (lease_until IS NULL OR lease_until <= ?)", []NotificationState{Owed, Unreachable, Failed}, s.leaseTime(0))
			if err := failed(free.Order("id").Limit(messageChunk).Pluck("id", &ids), "find what is not sent"); err != nil || len(ids) == 0 {
				return err
			}
			taken = len(ids)
			rest := tx.Model(&Notification{}).Where("id IN ? AND state IN ? AND (lease_until IS NULL OR lease_until <= ?)", ids, []NotificationState{Owed, Unreachable, Failed}, s.leaseTime(0))
			return failed(rest.Updates(map[string]any{"state": Cancelled, "updated_at": s.now()}), "take back message")
		})
		if err != nil || taken < messageChunk {
			return err
		}
	}
}

// ShowMessage lets the progress of a message be shown in a message of an administrator; nowhere for the zero Place. It is shown in one place.
// ErrNotFound for a message that he does not see.
func (s *Store) ShowMessage(ctx context.Context, adminID, id int64, place Place) error {
	return s.transaction(ctx, "show message", func(tx *gorm.DB) error {
		if _, _, err := s.messageFor(tx, adminID, id); err != nil {
			return err
		}
		return failed(tx.Model(&Message{}).Where("id = ?", id).Updates(map[string]any{"chat_id": place.ChatID, "card_id": place.MessageID}), "show message")
	})
}

// SampleMessage owes an administrator his own draft as all others would get it, and reports whether it is a new one. Errors as of AddressMessage.
func (s *Store) SampleMessage(ctx context.Context, adminID, id int64) (bool, error) {
	isNew := false
	err := s.transaction(ctx, "sample message", func(tx *gorm.DB) error {
		isNew = false
		if _, err := s.administered(tx, adminID); err != nil {
			return err
		}
		m, err := s.ownMessage(tx, adminID, id)
		if err != nil {
			return err
		}
		switch {
		case m.State != MessageDraft:
			return ErrMessageSent
		case m.FileLost:
			return ErrFileLost
		case m.Empty():
			return ErrConflict
		}
		var waiting []int64
		owed := tx.Model(&Notification{}).Where("person_id = ? AND state = ? AND kind = ? AND args = ?", adminID, Owed, KindMessageSample, fmt.Sprint(id))
		if err := failed(owed.Limit(1).Pluck("id", &waiting), "find sample"); err != nil || len(waiting) > 0 {
			return err
		}
		isNew = true
		key := fmt.Sprintf("%s:%d:%d:%d", KindMessageSample, id, m.Revision, s.now().UnixNano())
		return s.notify(tx, Notice{Key: key, PersonID: adminID, Kind: KindMessageSample, Args: fmt.Sprint(id)})
	})
	return isNew, err
}

// SampleFor returns a draft for its sample, with how its sender would be named. ErrNotFound when it is no draft of his any more.
func (s *Store) SampleFor(ctx context.Context, adminID, id int64) (Message, error) {
	var m Message
	err := first(s.db.WithContext(ctx).Where("id = ? AND author_id = ? AND state = ?", id, adminID, MessageDraft).Take(&m), "find draft")
	if err != nil {
		return m, err
	}
	sender, err := s.SenderOf(ctx, adminID, m.UnitID)
	m.SenderName, m.SenderOffice, m.SenderOver = sender.Name, sender.Office, sender.Over
	return m, err
}

// MessageTo returns a message to somebody to whom it is about to go. owed is false when he is not to get it any more: it was stopped, it is
// out of date, or he is done with what it asks of him.
func (s *Store) MessageTo(ctx context.Context, personID, id int64) (m Message, owed bool, err error) {
	tx := s.db.WithContext(ctx)
	if err := first(tx.Where("id = ?", id).Take(&m), "find message"); err != nil {
		return m, false, err
	}
	if m.State == MessageDraft || m.State == MessageStopped || m.outOfDate(s.now()) {
		return m, false, nil
	}
	if m.Audience != ToUnfinished {
		return m, true, nil
	}
	owing := tx.Table("evaluations AS e").Joins("JOIN periods AS p ON p.id = e.period_id AND p.state = ?", PeriodOpen).
		Where("e.period_id = ? AND e.evaluator_id = ? AND e.state = ?", m.PeriodID, personID, EvaluationOpen)
	if m.UnitID != 0 {
		tree, err := treeIn(tx)
		if err != nil {
			return m, false, err
		}
		owing = owing.Where("e.unit_id IN ?", tree.Below(m.UnitID))
	}
	var left []int64
	err = failed(owing.Limit(1).Pluck("e.id", &left), "find what is owed")
	return m, len(left) > 0, err
}

// outOfDate reports that whoever does not have the message by now gets it no more.
func (m Message) outOfDate(now time.Time) bool {
	return m.DueAt != nil && now.After(m.DueAt.Add(messageFresh))
}

// LoseFile notes that Telegram does not send the picture or file of a message any more, which a notification was to bring: the message is
// stopped, and its author told. The text stays.
func (s *Store) LoseFile(ctx context.Context, n Notification) error {
	id, err := strconv.ParseInt(n.Args, 10, 64)
	if err != nil || !strings.HasPrefix(n.Kind, KindMessage) {
		return s.Retry(ctx, n, "file_lost")
	}
	err = s.transaction(ctx, "lose file", func(tx *gorm.DB) error {
		var m Message
		if err := first(s.exclusive(tx).Where("id = ?", id).Take(&m), "find message"); err != nil {
			return err
		}
		lost := tx.Model(&Message{}).Where("id = ?", id).Updates(map[string]any{"file_lost": true, "revision": gorm.Expr("revision + 1"), "updated_at": s.now()})
		if err := failed(lost, "note lost file"); err != nil {
			return err
		}
		if n.Kind == KindMessageSample { // its author waits for it
			news := Notice{Key: fmt.Sprintf("%s:%d:%d", KindMessageNews, id, n.ID), PersonID: m.AuthorID, Kind: KindMessageNews, Args: fmt.Sprint(id)}
			if err := s.notify(tx, news); err != nil {
				return err
			}
		} else if err := s.endMessage(tx, m, map[string]any{"state": MessageStopped, "why": WhyFile}); err != nil {
			return err
		}
		return s.settleIn(tx, n, map[string]any{"state": Cancelled, "last_error": "file_lost"})
	})
	if errors.Is(err, ErrNotFound) {
		return s.CancelNotification(ctx, n)
	}
	return err
}

// MessageOf returns a message to its author, whatever he administers by now, with what became of it.
func (s *Store) MessageOf(ctx context.Context, authorID, id int64) (MessageView, error) {
	tx := s.db.WithContext(ctx)
	var view MessageView
	err := first(named(tx.Table("messages AS m")).Where("m.id = ? AND m.author_id = ?", id, authorID).Take(&view), "find message")
	if err == nil && view.State != MessageDraft && view.SettledAt == nil {
		view.Message, err = recount(tx, view.Message)
	}
	view.Mine = true
	return view, err
}

// recount counts what became of a message.
func recount(tx *gorm.DB, m Message) (Message, error) {
	var rows []struct {
		State NotificationState
		N     int
	}
	if err := failed(rowsOf(tx, m.ID).Select("state, COUNT(*) AS n").Group("state").Find(&rows), "count message"); err != nil {
		return m, err
	}
	n := map[NotificationState]int{}
	for _, r := range rows {
		n[r.State] = r.N
	}
	m.Sent, m.Waiting, m.Failed, m.Held, m.Skipped = n[Sent], n[Owed], n[Failed], n[Unreachable], n[Cancelled]
	return m, nil
}

// SettleMessages brings the messages that are not settled further: it ends those that everybody has, takes back what is left of those that were
// stopped, and writes down for good what became of those that are out of date. It returns those of which something has changed. Any number of
// processes may do it; nothing is done twice.
func (s *Store) SettleMessages(ctx context.Context) ([]Message, error) {
	var open, changed []Message
	if err := failed(s.db.WithContext(ctx).Where("settled_at IS NULL AND state <> ?", MessageDraft).Order("id").Find(&open), "find messages"); err != nil {
		return nil, err
	}
	for _, m := range open {
		moved, err := s.settleMessage(ctx, m)
		if err != nil {
			return changed, err
		}
		if moved {
			changed = append(changed, m)
		}
	}
	return changed, nil
}

func (s *Store) settleMessage(ctx context.Context, before Message) (moved bool, err error) {
	over := before.EndedAt != nil && before.outOfDate(s.now())
	if before.EndedAt != nil && before.Waiting == 0 && !over { // nothing changes but that somebody comes back
		return false, nil
	}
	if before.State == MessageStopped || over {
		if err := s.takeBackRest(ctx, before.ID); err != nil {
			return false, err
		}
	}
	err = s.transaction(ctx, "settle message", func(tx *gorm.DB) error {
		m, err := recount(tx, before)
		if err != nil {
			return err
		}
		ends := m.State == MessageSending && m.Waiting == 0
		moved = ends || m.counts() != before.counts()
		if ends {
			if err := s.endMessage(tx, m, map[string]any{"state": MessageDone}); err != nil {
				return err
			}
		}
		return s.keepCounts(tx, m, over && m.Waiting == 0)
	})
	return moved, err
}

// counts are what became of those for whom a message is.
func (m Message) counts() [5]int { return [5]int{m.Sent, m.Waiting, m.Failed, m.Held, m.Skipped} }

// keepCounts writes down what was counted; for good when it is settled. While a message is being written down those who wait are not all known.
func (s *Store) keepCounts(tx *gorm.DB, m Message, settled bool) error {
	fields := map[string]any{"sent": m.Sent, "failed": m.Failed, "held": m.Held, "skipped": m.Skipped}
	if m.State != MessagePreparing {
		fields["waiting"] = m.Waiting
	}
	if settled {
		fields["settled_at"] = s.now()
	}
	return failed(tx.Model(&Message{}).Where("id = ? AND settled_at IS NULL", m.ID).UpdateColumns(fields), "count message")
}
