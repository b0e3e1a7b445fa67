package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// Audience is to whom a message of an administrator goes.
type Audience string

// The audiences. Each but the first is that of a unit with all below it; unit 0 is the whole city.
const (
	ToAll            Audience = "all"        // everybody of the city
	ToUnit           Audience = "unit"       // everybody of a unit
	ToUnfinished     Audience = "unfinished" // who evaluates in an open period and still owes somebody of the unit
	ToAdministrators Audience = "admins"     // who administers a unit of it; of an administrator of units, the city's too
)

// Audiences are all of them.
func Audiences() []Audience { return []Audience{ToAll, ToUnit, ToUnfinished, ToAdministrators} }

// MessageState is where a message is on its way.
type MessageState string

// The states of a message.
const (
	MessageDraft     MessageState = "draft"
	MessagePreparing MessageState = "preparing" // a job writes down for whom it is; the first have it by then
	MessageSending   MessageState = "sending"   // the couriers have it
	MessageDone      MessageState = "done"      // nobody waits for it any more
	MessageStopped   MessageState = "stopped"
)

// FileKind is what goes with a message: Telegram sends a picture and a file by methods of their own, and neither by the other's.
type FileKind string

// The kinds of file.
const (
	Picture  FileKind = "photo"
	Document FileKind = "document"
)

// Why a message ended before everybody had it, where nobody ended it.
const (
	WhyFile  = "file"  // Telegram gives the picture or file no more
	WhyRight = "right" // its author may not write to these people any more
)

// Message is what an administrator writes to many people: an announcement of the office, about nobody in particular.
type Message struct {
	ID       int64
	AuthorID int64
	Audience Audience
	UnitID   int64 // with all below it; 0 for the whole city
	PeriodID int64 // of ToUnfinished
	Text     string
	FileKind FileKind // "" for none
	FileID   string   // Telegram's, of this bot: it keeps the content
	FileName string   // of a document
	FileLost bool     // Telegram said that it has the file no more
	State    MessageState
	Revision int // grows with each change of the draft: a button carries the one that it showed
	// Who sends it, as all who get it read: pinned when it is sent.
	SenderName, SenderOffice, SenderOver string
	Expected                             int // whom it was to reach when it was sent
	Written                              int // for whom it is written down
	// What became of those, when it was last counted; for good once it is settled.
	Sent, Waiting, Failed, Held, Skipped int
	ChatID                               int64 // where its progress is shown
	CardID                               int
	Why                                  string // of stopped: see WhyFile; "" when a person stopped it
	StoppedBy                            int64
	ConfirmedAt, DueAt                   *time.Time // when it was sent, and when the first may have it
	EndedAt, SettledAt                   *time.Time
	CreatedAt, UpdatedAt                 time.Time
}

// UnderWay reports that people are still to get it.
func (m Message) UnderWay() bool { return m.State == MessagePreparing || m.State == MessageSending }

// Empty reports that there is nothing in it.
func (m Message) Empty() bool { return m.Text == "" && m.FileKind == "" }

// MessageView is a message as an administrator sees it.
type MessageView struct {
	Message `gorm:"embedded"`
	Author  string
	Unit    string // name; "" for the whole city
	Kind    PeriodKind
	First   Date // of the period
	Stopper string
	Mine    bool
	MayStop bool
}

// What cannot be done with a message.
var (
	ErrNobody      = fmt.Errorf("nobody would get the message: %w", ErrConflict)
	ErrMessageSent = fmt.Errorf("message is sent already: %w", ErrConflict)
	ErrFileLost    = fmt.Errorf("telegram has the file no more: %w", ErrConflict)
)

// wellAddressed reports that unit and period go with the audience.
func (m Message) wellAddressed() bool {
	switch m.Audience {
	case ToAll:
		return m.UnitID == 0 && m.PeriodID == 0
	case ToUnit:
		return m.UnitID != 0 && m.PeriodID == 0
	case ToUnfinished:
		return m.PeriodID != 0
	default:
		return m.Audience == ToAdministrators && m.PeriodID == 0
	}
}

// mayWrite holds an audience against what its author administers; ErrNotFound beyond it, ErrClosed for a period that is not open.
func (s *Store) mayWrite(tx *gorm.DB, scope Scope, adminID int64, m Message) error {
	if !m.wellAddressed() || !scope.Covers(m.UnitID) {
		return ErrNotFound
	}
	if m.Audience != ToUnfinished {
		return nil
	}
	period, _, err := s.periodFor(tx, adminID, m.PeriodID)
	if err == nil && period.State != PeriodOpen {
		err = ErrClosed
	}
	return err
}

// AddressMessage says to whom a draft of an administrator goes, and returns it. Draft 0 begins one, or goes on with one of his that is empty.
// ErrNotFound for an audience beyond what he administers and for a draft that is not his, ErrClosed for a period that is not open,
// ErrMessageSent for what is no draft any more.
func (s *Store) AddressMessage(ctx context.Context, adminID, id int64, to Audience, unitID, periodID int64) (Message, error) {
	var m Message
	err := s.transaction(ctx, "address message", func(tx *gorm.DB) error {
		scope, err := s.administered(tx, adminID)
		if err != nil {
			return err
		}
		wanted := Message{AuthorID: adminID, Audience: to, UnitID: unitID, PeriodID: periodID, State: MessageDraft}
		if err := s.mayWrite(tx, scope, adminID, wanted); err != nil {
			return err
		}
		if id == 0 {
			empty := tx.Where("author_id = ? AND state = ? AND text = ? AND file_kind = ?", adminID, MessageDraft, "", "")
			switch err := first(empty.Order("id").Take(&m), "find empty draft"); {
			case errors.Is(err, ErrNotFound):
				m = wanted
				if err := failed(tx.Create(&m), "create message"); err != nil {
					return err
				}
				return s.audit(tx, adminID, "message.draft", "message", m.ID, "", audienceOf(m))
			case err != nil:
				return err
			}
			id = m.ID
		}
		m, err = s.changeDraft(tx, adminID, id, map[string]any{"audience": to, "unit_id": unitID, "period_id": periodID})
		return err
	})
	return m, err
}

// audienceOf is an audience in the audit.
func audienceOf(m Message) string { return fmt.Sprintf("%s %d %d", m.Audience, m.UnitID, m.PeriodID) }

// changeDraft is the one place in which a draft changes.
func (s *Store) changeDraft(tx *gorm.DB, adminID, id int64, fields map[string]any) (Message, error) {
	if _, err := s.administered(tx, adminID); err != nil {
		return Message{}, err
	}
	m, err := s.ownMessage(tx, adminID, id)
	if err != nil {
		return Message{}, err
	}
	before := m
	fields["revision"], fields["updated_at"] = gorm.Expr("revision + 1"), s.now()
	changed := tx.Model(&Message{}).Where("id = ? AND state = ?", id, MessageDraft).Updates(fields)
	switch err := found(changed, "change draft"); {
	case errors.Is(err, ErrNotFound):
		return Message{}, ErrMessageSent
	case err != nil:
		return Message{}, err
	}
	if m, err = s.ownMessage(tx, adminID, id); err != nil {
		return Message{}, err
	}
	return m, s.audit(tx, adminID, "message.draft", "message", id, audienceOf(before), audienceOf(m))
}

func (s *Store) ownMessage(tx *gorm.DB, adminID, id int64) (Message, error) {
	var m Message
	err := first(s.exclusive(tx).Where("id = ? AND author_id = ?", id, adminID).Take(&m), "find message")
	return m, err
}

// WriteMessage stores the text of a draft. Errors as of AddressMessage.
func (s *Store) WriteMessage(ctx context.Context, adminID, id int64, text string) error {
	return s.editMessage(ctx, adminID, id, map[string]any{"text": text})
}

// AttachToMessage gives a draft a picture or a file, by Telegram's id; it has one. A caption that came with it is its text from now on, unless
// it is empty. Errors as of AddressMessage.
func (s *Store) AttachToMessage(ctx context.Context, adminID, id int64, kind FileKind, fileID, name, caption string) error {
	fields := map[string]any{"file_kind": kind, "file_id": fileID, "file_name": name, "file_lost": false}
	if caption != "" {
		fields["text"] = caption
	}
	return s.editMessage(ctx, adminID, id, fields)
}

// DetachFromMessage takes picture or file from a draft. Errors as of AddressMessage.
func (s *Store) DetachFromMessage(ctx context.Context, adminID, id int64) error {
	return s.editMessage(ctx, adminID, id, map[string]any{"file_kind": "", "file_id": "", "file_name": "", "file_lost": false})
}

func (s *Store) editMessage(ctx context.Context, adminID, id int64, fields map[string]any) error {
	return s.transaction(ctx, "edit message", func(tx *gorm.DB) error {
		_, err := s.changeDraft(tx, adminID, id, fields)
		return err
	})
}

// DiscardMessage throws a draft away. Errors as of AddressMessage.
func (s *Store) DiscardMessage(ctx context.Context, adminID, id int64) error {
	return s.transaction(ctx, "discard message", func(tx *gorm.DB) error {
		if _, err := s.administered(tx, adminID); err != nil {
			return err
		}
		m, err := s.ownMessage(tx, adminID, id)
		if err != nil {
			return err
		}
		gone := tx.Where("id = ? AND state = ?", id, MessageDraft).Delete(&Message{})
		if err := found(gone, "discard message"); err != nil {
			if errors.Is(err, ErrNotFound) {
				return ErrMessageSent
			}
			return err
		}
		return s.audit(tx, adminID, "message.discard", "message", id, audienceOf(m), "")
	})
}

// CopyMessage begins a draft with the content of an earlier message that an administrator sees, and returns it; without its picture or file
// where Telegram has that no more. The audience is the same as far as it is his, else it is to be chosen: see Addressed.
func (s *Store) CopyMessage(ctx context.Context, adminID, id int64) (Message, error) {
	var draft Message
	err := s.transaction(ctx, "copy message", func(tx *gorm.DB) error {
		view, scope, err := s.messageFor(tx, adminID, id)
		if err != nil {
			return err
		}
		m := view.Message
		draft = Message{AuthorID: adminID, Audience: m.Audience, UnitID: m.UnitID, PeriodID: m.PeriodID, Text: m.Text, State: MessageDraft}
		if !m.FileLost {
			draft.FileKind, draft.FileID, draft.FileName = m.FileKind, m.FileID, m.FileName
		}
		switch err := s.mayWrite(tx, scope, adminID, draft); {
		case errors.Is(err, ErrClosed), errors.Is(err, ErrNotFound):
			draft.Audience, draft.UnitID, draft.PeriodID = "", 0, 0
		case err != nil:
			return err
		}
		same := tx.Where("author_id = ? AND state = ? AND revision = 0 AND text = ? AND file_id = ?", adminID, MessageDraft, draft.Text, draft.FileID)
		if err := first(same.Take(&draft), "find copy"); !errors.Is(err, ErrNotFound) { // a second tap
			return err
		}
		if err := failed(tx.Create(&draft), "copy message"); err != nil {
			return err
		}
		return s.audit(tx, adminID, "message.draft", "message", draft.ID, "", audienceOf(draft))
	})
	return draft, err
}

// Addressed reports that it is said to whom it goes.
func (m Message) Addressed() bool { return m.Audience != "" }

// MessageFor returns a message to an administrator who may see it: his own, and what was sent to units of his. ErrNotFound to everybody else.
// While it is not settled what became of it is counted anew.
func (s *Store) MessageFor(ctx context.Context, adminID, id int64) (MessageView, error) {
	tx := s.db.WithContext(ctx)
	view, _, err := s.messageFor(tx, adminID, id)
	if err != nil || view.State == MessageDraft || view.SettledAt != nil {
		return view, err
	}
	view.Message, err = recount(tx, view.Message)
	return view, err
}

const messageColumns = "m.*, COALESCE(w.name, '') AS author, COALESCE(u.name, '') AS unit, COALESCE(p.kind, '') AS kind, COALESCE(p.first_day, '') AS first, " +
	"COALESCE(x.name, '') AS stopper"

func messagesSeen(tx *gorm.DB, scope Scope, adminID int64) *gorm.DB {
	seen := tx.Session(&gorm.Session{NewDB: true}).Where("m.author_id = ?", adminID)
	others := tx.Session(&gorm.Session{NewDB: true}).Where("m.state <> ?", MessageDraft)
	return tx.Table("messages AS m").Where(seen.Or(scope.narrow(others, "m.unit_id")))
}

func (s *Store) messageFor(tx *gorm.DB, adminID, id int64) (MessageView, Scope, error) {
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return MessageView{}, scope, err
	}
	var view MessageView
	found := named(messagesSeen(tx, scope, adminID)).Where("m.id = ?", id)
	if err := first(found.Take(&view), "find message"); err != nil {
		return MessageView{}, scope, err
	}
	view.Mine = view.AuthorID == adminID
	view.MayStop, err = s.mayStop(tx, scope, view)
	return view, scope, err
}

// named adds the names to messages.
func named(messages *gorm.DB) *gorm.DB {
	return messages.Select(messageColumns).Joins("LEFT JOIN people AS w ON w.id = m.author_id").Joins("LEFT JOIN units AS u ON u.id = m.unit_id").
		Joins("LEFT JOIN periods AS p ON p.id = m.period_id").Joins("LEFT JOIN people AS x ON x.id = m.stopped_by")
}

// mayStop reports whether an administrator may stop a message: its author, and who administers all that its author does. Of who administers
// nothing any more it is enough that the message is his, which he sees.
func (s *Store) mayStop(tx *gorm.DB, scope Scope, view MessageView) (bool, error) {
	if view.Mine || scope.City() {
		return true, nil
	}
	author, err := s.scopeIn(tx, view.AuthorID)
	return err == nil && !slices.ContainsFunc(author.roots, func(id int64) bool { return !scope.Covers(id) }), err
}

// Messages lists the messages that an administrator sees, his drafts first, then the newest, and counts all of them. ErrNotFound when he
// administers nothing.
func (s *Store) Messages(ctx context.Context, adminID int64, offset, limit int) (lines []MessageView, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	seen := messagesSeen(tx, scope, adminID).Session(&gorm.Session{})
	var count int64
	if err := failed(seen.Count(&count), "count messages"); err != nil || count == 0 {
		return nil, 0, err
	}
	order := named(seen).Order("CASE WHEN m.state = 'draft' THEN 0 ELSE 1 END, COALESCE(m.confirmed_at, m.updated_at) DESC, m.id DESC")
	err = failed(order.Offset(offset).Limit(limit).Find(&lines), "list messages")
	for i := range lines {
		lines[i].Mine = lines[i].AuthorID == adminID
		if m := lines[i].Message; err == nil && m.UnderWay() {
			lines[i].Message, err = recount(tx, m)
		}
	}
	return lines, int(count), err
}

// OpenPeriodsOf lists the open periods whose evaluators an administrator may write to, the nearest deadline first.
func (s *Store) OpenPeriodsOf(ctx context.Context, adminID int64) ([]AdminPeriod, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, err
	}
	var periods []Period
	open := tx.Where("unit_id IN ? AND state = ?", scope.related(), PeriodOpen).Order("scoring_due, id")
	err = failed(open.Find(&periods), "list open periods")
	list := make([]AdminPeriod, 0, len(periods))
	for _, p := range periods {
		list = append(list, AdminPeriod{Period: p, Unit: scope.Name(p.UnitID), Manages: scope.Covers(p.UnitID)})
	}
	return list, err
}

// Sender is who sends a message, as its readers see him.
type Sender struct {
	Name   string
	Office string // where he works; "" for nowhere
	Over   string // what he administers, as far as the message is concerned; "" for the whole city
}

// SenderOf returns how an administrator would be named in a message to a unit; ErrNotFound when the unit is not his.
func (s *Store) SenderOf(ctx context.Context, adminID, unitID int64) (Sender, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return Sender{}, err
	}
	return senderOf(tx, scope, adminID, unitID)
}

func senderOf(tx *gorm.DB, scope Scope, adminID, unitID int64) (Sender, error) {
	var sender Sender
	who := tx.Table("people AS p").Select("p.name, COALESCE(u.name, '') AS office").Joins("LEFT JOIN units AS u ON u.id = p.unit_id").Where("p.id = ?", adminID)
	if err := first(who.Take(&sender), "find sender"); err != nil || scope.City() {
		return sender, err
	}
	for _, root := range scope.Widest() {
		if slices.Contains(scope.tree.Above(unitID), root) {
			sender.Over = scope.Name(root)
			return sender, nil
		}
	}
	return sender, ErrNotFound
}
