package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Card is what a person is shown of himself before he links his account.
type Card struct {
	PersonID int64
	Name     string
	Position string
	UnitID   int64  // 0 for somebody whom no roster has named yet, such as the first administrator
	Unit     string // "" then
	Superior string // "" when the roster names none
	Linked   bool   // he has an account
}

// CardOf returns the card of an active person.
func (s *Store) CardOf(ctx context.Context, personID int64) (Card, error) {
	var c Card
	err := first(s.db.WithContext(ctx).Table("people").
		Select("people.id AS person_id, people.name, people.position, people.unit_id, COALESCE(units.name, '') AS unit, "+
			"COALESCE(superiors.name, '') AS superior, accounts.id IS NOT NULL AS linked").
		Joins("LEFT JOIN units ON units.id = people.unit_id").
		Joins("LEFT JOIN people AS superiors ON superiors.id = people.superior_id").
		Joins("LEFT JOIN accounts ON accounts.person_id = people.id").
		Where("people.id = ? AND people.active = ?", personID, true).Take(&c), "read card")
	return c, err
}

// PersonByPhone returns the one active person with a phone number; ErrNotFound when nobody or more than one has it.
func (s *Store) PersonByPhone(ctx context.Context, phone string) (Person, error) {
	normal, ok := Phone(phone)
	if !ok || normal == "" {
		return Person{}, ErrNotFound
	}
	var people []Person
	err := failed(s.db.WithContext(ctx).Where("phone = ? AND active = ?", normal, true).Limit(2).Find(&people), "find person by phone")
	if err != nil {
		return Person{}, err
	}
	if len(people) != 1 {
		return Person{}, ErrNotFound
	}
	return people[0], nil
}

// SetLanguage sets the language of a linked person.
func (s *Store) SetLanguage(ctx context.Context, personID int64, language string) error {
	changed := s.db.WithContext(ctx).Model(&Account{}).Where("person_id = ?", personID).Updates(map[string]any{"language": language, "updated_at": s.now()})
	return found(changed, "set language")
}

// NoticeShown records which version of the privacy notice a person was shown, and when first.
func (s *Store) NoticeShown(ctx context.Context, personID int64, version string) error {
	return s.transaction(ctx, "record notice", func(tx *gorm.DB) error {
		changed := tx.Model(&Account{}).Where("person_id = ? AND notice_version <> ?", personID, version).
			Updates(map[string]any{"notice_version": version, "notice_shown_at": s.now(), "updated_at": s.now()})
		if changed.Error != nil || changed.RowsAffected == 0 {
			return failed(changed, "record notice")
		}
		return s.audit(tx, personID, "notice_shown", "person", personID, "", version)
	})
}

// MarkReachable notes that a Telegram user unblocked the bot; he need not have written. ErrNotFound for a stranger.
func (s *Store) MarkReachable(ctx context.Context, telegramID int64) error {
	actor, err := s.ActorByTelegram(ctx, telegramID)
	if err != nil || actor.UnreachableSince == nil {
		return err
	}
	return s.Returned(ctx, actor)
}

// Returned notes that a person who could not be reached has written again: what he missed is owed again.
func (s *Store) Returned(ctx context.Context, actor Actor) error {
	return s.transaction(ctx, "note return", func(tx *gorm.DB) error {
		if err := guard(tx.Model(&Person{}).Where("id = ?", actor.PersonID), "guard person"); err != nil {
			return err
		}
		back := tx.Model(&Account{}).Where("person_id = ?", actor.PersonID).Updates(map[string]any{"unreachable_since": nil, "updated_at": s.now()})
		if err := failed(back, "clear unreachable"); err != nil {
			return err
		}
		return s.oweAgain(tx, actor.PersonID)
	})
}

// oweAgain makes due what a person could not be told.
func (s *Store) oweAgain(tx *gorm.DB, personID int64) error {
	return failed(tx.Model(&Notification{}).Where("person_id = ? AND state = ?", personID, Unreachable).
		Updates(map[string]any{"state": Owed, "attempts": 0, "lease_owner": "", "lease_until": nil, "updated_at": s.now()}), "owe again")
}

// ReportWrongSuperior tells the administrators of a person's unit that he says his superior is wrong. Saying it again on
// the same day changes nothing.
func (s *Store) ReportWrongSuperior(ctx context.Context, personID int64) error {
	card, err := s.CardOf(ctx, personID)
	if err != nil {
		return err
	}
	administrators, err := s.AdministratorsFor(ctx, card.UnitID)
	if err != nil {
		return err
	}
	return s.transaction(ctx, "report wrong superior", func(tx *gorm.DB) error {
		day := s.now().In(WIB).Format(time.DateOnly)
		for _, admin := range administrators {
			notice := Notice{Key: fmt.Sprintf("superior_wrong:%d:%s:%d", personID, day, admin), PersonID: admin, Kind: "superior_wrong", Args: fmt.Sprint(personID)}
			if err := s.notify(tx, notice); err != nil {
				return err
			}
		}
		return s.audit(tx, personID, "superior_reported_wrong", "person", personID, "", "")
	})
}

// found is failed for an update of one record: no such record is ErrNotFound.
func found(tx *gorm.DB, operation string) error {
	if err := failed(tx, operation); err != nil {
		return err
	}
	if tx.RowsAffected == 0 {
		return ErrNotFound
	}
	return nil
}

// FirstAdministrator returns the person with a NIP, and creates him, without unit and superior, when the roster does not have
// him yet: somebody must be able to open the first door.
func (s *Store) FirstAdministrator(ctx context.Context, nip, name string) (Person, error) {
	var person Person
	err := s.transaction(ctx, "create first administrator", func(tx *gorm.DB) error {
		row := Person{NIP: nip, Name: name, Active: true}
		created := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if err := failed(created, "create person"); err != nil {
			return err
		}
		return first(tx.Where("nip = ?", nip).Take(&person), "read person")
	})
	return person, err
}
