package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// What is told when a person's account goes to another Telegram user, which is what a thief would do too.
const (
	KindAccountMoved = "account_moved" // to his administrators; the argument is the person
	KindAccountLeft  = "account_left"  // to the Telegram user who was that person until then: see Notification.Stranger
	KindAccountEnded = "account_ended" // to the Telegram user who was a person until his account ended, without another one
)

// Link uses a typed code: from then on the Telegram user is the person. The same call again is done already. Errors are those of
// InvitationFor and Accept.
func (s *Store) Link(ctx context.Context, telegramID int64, language, typed string) (Actor, error) {
	invitation, err := s.InvitationFor(ctx, telegramID, typed)
	if err != nil {
		return Actor{}, err
	}
	return s.Accept(ctx, telegramID, language, invitation.ID)
}

// Accept uses an invitation that is meant for a Telegram user: from then on he is the person. A person who had another Telegram user
// before is moved; his administrators and the Telegram user before are told. The same call again is done already. Errors are
// those of Presented, ErrLinkedElsewhere, and ErrCodeNeeded when only a phone number vouches and an account is there by now.
func (s *Store) Accept(ctx context.Context, telegramID int64, language string, invitationID int64) (Actor, error) {
	var i Invitation
	err := s.transaction(ctx, "link account", func(tx *gorm.DB) (err error) {
		// Locked: two may use one code at the same moment.
		if i, err = findInvitation(presented(s.exclusive(tx), telegramID, invitationID)); err != nil {
			return err
		}
		if err := s.usable(tx, i, telegramID); err != nil || i.UsedAt != nil {
			return err
		}
		person, err := s.onRoster(tx, i.PersonID)
		if errors.Is(err, ErrNotFound) {
			return ErrCodeExpired // he left at this moment
		}
		if err != nil {
			return err
		}
		if err := s.bind(tx, i, person, telegramID, language); err != nil {
			return err
		}
		return failed(tx.Model(&Invitation{}).Where("id = ?", i.ID).Update("used_at", s.now()), "use invitation")
	})
	if err != nil {
		return Actor{}, err
	}
	return s.ActorByPerson(ctx, i.PersonID)
}

// onRoster reads a person who is on the roster, guarded against leaving it until the commit; ErrNotFound for everybody else.
func (s *Store) onRoster(tx *gorm.DB, personID int64) (Person, error) {
	var p Person
	if err := guard(tx.Model(&Person{}).Where("id = ? AND active = ?", personID, true), "guard person"); err != nil {
		return Person{}, err
	}
	err := first(tx.Where("id = ? AND active = ?", personID, true).Take(&p), "find person")
	return p, err
}

// accountOf reads the account of a person, the zero Account when he has none.
func accountOf(tx *gorm.DB, personID int64) (Account, error) {
	var a Account
	err := first(tx.Where("person_id = ?", personID).Take(&a), "find account")
	if errors.Is(err, ErrNotFound) {
		return Account{}, nil
	}
	return a, err
}

// bind makes the Telegram user the person.
func (s *Store) bind(tx *gorm.DB, i Invitation, person Person, telegramID int64, language string) error {
	err := first(s.exclusive(tx).Where("telegram_id = ? AND person_id <> ?", telegramID, person.ID).Take(&Account{}), "find other account")
	if err == nil {
		return ErrLinkedElsewhere
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	old, err := accountOf(s.exclusive(tx), person.ID)
	switch {
	case err != nil:
		return err
	case old.TelegramID == telegramID:
		return nil
	case i.TelegramID != 0: // vouched for by his phone number, which may have changed hands since he got an account
		if needed, err := codeNeeded(tx, person.ID); err != nil || needed {
			return errors.Join(err, ErrCodeNeeded)
		}
	}
	if err := s.endAccount(tx, old); err != nil {
		return err
	}
	account := Account{PersonID: person.ID, TelegramID: telegramID, Language: language}
	if err := failed(tx.Create(&account), "create account"); err != nil {
		return err
	}
	if err := failed(tx.Where("person_id = ?", person.ID).Delete(&LostPhone{}), "trust phone again"); err != nil {
		return err
	}
	if err := s.oweAgain(tx, person.ID); err != nil {
		return err
	}
	if err := s.audit(tx, person.ID, "linked", "person", person.ID, telegramUser(old), telegramUser(account)); err != nil || old.ID == 0 {
		return err
	}
	return s.tellOfMove(tx, person, old, account)
}

// endAccount takes an account away, if there is one.
func (s *Store) endAccount(tx *gorm.DB, old Account) error {
	if old.ID == 0 {
		return nil
	}
	return failed(tx.Where("id = ?", old.ID).Delete(&Account{}), "end account")
}

// telegramUser writes the Telegram user of an account for the audit; "" of no account.
func telegramUser(a Account) string {
	if a.ID == 0 {
		return ""
	}
	return fmt.Sprintf("telegram %d", a.TelegramID)
}

// tellOfMove owes the news to the administrators of the person and to the Telegram user he had.
func (s *Store) tellOfMove(tx *gorm.DB, person Person, old, account Account) error {
	administrators, err := administratorsFor(tx, person.UnitID)
	if err != nil {
		return err
	}
	notices := []Notice{strangerNotice(fmt.Sprintf("%s:%d", KindAccountLeft, account.ID), KindAccountLeft, old)}
	for _, admin := range administrators {
		if admin != person.ID {
			notices = append(notices, Notice{Key: fmt.Sprintf("%s:%d:%d", KindAccountMoved, account.ID, admin), PersonID: admin, Kind: KindAccountMoved, Args: fmt.Sprint(person.ID)})
		}
	}
	return s.notify(tx, notices...)
}

// strangerNotice is for a Telegram user who is nobody on the roster any more, so it names him itself.
func strangerNotice(key, kind string, was Account) Notice {
	return Notice{Key: key, Kind: kind, Args: fmt.Sprintf("%d:%s", was.TelegramID, was.Language)}
}

// Stranger returns whom a notification is for that has no person: a Telegram user who was one. ok is false for all others.
func (n Notification) Stranger() (to Actor, ok bool) {
	if n.PersonID != 0 {
		return Actor{}, false
	}
	_, err := fmt.Sscanf(n.Args, "%d:%s", &to.TelegramID, &to.Language)
	return to, err == nil
}

// Unlink ends the account of a person whose phone is lost, and the codes that wait for him, and reports whether there was an account.
// Until a new code has linked him his phone number vouches for nobody. Doing it twice is done already; ErrNotFound for an unknown person.
func (s *Store) Unlink(ctx context.Context, actor, personID int64) (bool, error) {
	ended := false
	err := s.transaction(ctx, "unlink", func(tx *gorm.DB) (err error) {
		if err := first(s.exclusive(tx).Where("id = ?", personID).Take(&Person{}), "find person"); err != nil {
			return err
		}
		ended, err = s.unlink(tx, actor, personID, "")
		return err
	})
	return ended, err
}

// UnlinkAs is Unlink for one of an administrator's people on the roster, with the reason for the audit. ErrNotFound when the person is not
// his, ErrHimself for himself, ErrBeyond as it says.
func (s *Store) UnlinkAs(ctx context.Context, adminID, personID int64, reason string) (bool, error) {
	ended := false
	err := s.transaction(ctx, "unlink", func(tx *gorm.DB) error {
		_, _, err := s.changing(tx, adminID, personID)
		if err == nil && adminID == personID {
			err = ErrHimself
		}
		if err != nil {
			return err
		}
		ended, err = s.unlink(tx, adminID, personID, reason)
		return err
	})
	return ended, err
}

// unlink ends the account of a person who is locked. Its Telegram user is told, and what he finds behind the menu button ends.
func (s *Store) unlink(tx *gorm.DB, actor, personID int64, reason string) (ended bool, err error) {
	old, err := accountOf(s.exclusive(tx), personID)
	if err != nil {
		return false, err
	}
	if err := s.entryStays(tx, actor, old); err != nil {
		return false, err
	}
	if err := s.endAccount(tx, old); err != nil {
		return false, err
	}
	if err := s.endInvitations(tx, personID); err != nil {
		return false, err
	}
	lost := tx.Clauses(s.unlessThere()).Create(&LostPhone{PersonID: personID})
	if ended = old.ID != 0; lost.Error != nil || !ended && lost.RowsAffected == 0 {
		return ended, failed(lost, "note lost phone")
	}
	if ended {
		if err := s.tellEnded(tx, old); err != nil {
			return false, err
		}
	}
	return ended, s.audit(tx, actor, "unlinked", "person", personID, telegramUser(old), reason)
}

// tellEnded owes the Telegram users of accounts that ended the news, with which the list of commands on their phones ends too.
func (s *Store) tellEnded(tx *gorm.DB, accounts ...Account) error {
	notices := make([]Notice, 0, len(accounts))
	for _, a := range accounts {
		notices = append(notices, strangerNotice(fmt.Sprintf("%s:%d:%d", KindAccountEnded, a.ID, s.now().UnixMicro()), KindAccountEnded, a))
	}
	return s.notify(tx, notices...)
}

// endInvitations lets the codes end that wait for people.
func (s *Store) endInvitations(tx *gorm.DB, people ...int64) error {
	now := s.now()
	return failed(tx.Model(&Invitation{}).Where("person_id IN ? AND used_at IS NULL AND expires_at > ?", people, now).Update("expires_at", now), "end invitations")
}
