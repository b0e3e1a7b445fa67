package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford's base 32: nothing that is misread on paper
	codeLength   = 16                                 // 80 random bits
	// CodeLife is how long an invitation can be used.
	CodeLife = 7 * 24 * time.Hour
	// VouchedLife is how long the confirmation after a shared phone number can be used.
	VouchedLife = 15 * time.Minute
	// MaxWrongCodes is how many wrong codes a Telegram user may try before he has to wait for WrongCodePause.
	MaxWrongCodes = 5
	// WrongCodePause is how long he has to wait then.
	WrongCodePause = 15 * time.Minute
)

// Why a code cannot be used.
var (
	// ErrCodeUnknown is returned for a code that never existed, that is not for this Telegram user, or that is no code at all.
	ErrCodeUnknown = errors.New("code is not known")
	ErrCodeUsed    = errors.New("code was used")
	ErrCodeExpired = errors.New("code has expired")
	// ErrLinkedElsewhere is returned when the Telegram user is linked to somebody else already.
	ErrLinkedElsewhere = errors.New("telegram user is linked to another person")
)

// PausedError says that a Telegram user has tried too many wrong codes.
type PausedError struct{ Until time.Time }

func (e *PausedError) Error() string { return "too many wrong codes" }

// NewCode makes a code of 80 random bits.
func NewCode() string {
	random := make([]byte, codeLength)
	_, _ = rand.Read(random) // never fails: see crypto/rand
	for i, b := range random {
		random[i] = codeAlphabet[b%32]
	}
	return string(random)
}

// GroupCode writes a code so that it can be typed from paper: "K7QF-2MXD-9TRB-4WCN".
func GroupCode(code string) string {
	var groups []string
	for len(code) > 4 {
		groups, code = append(groups, code[:4]), code[4:]
	}
	return strings.Join(append(groups, code), "-")
}

// misread maps what people type for digits that look like letters.
var misread = strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "–", "", "O", "0", "I", "1", "L", "1")

// NormalCode reads a code as somebody typed it. It returns ErrCodeUnknown for what cannot be a code.
func NormalCode(typed string) (string, error) {
	code := misread.Replace(strings.ToUpper(strings.TrimSpace(typed)))
	if len(code) != codeLength || strings.Trim(code, codeAlphabet) != "" {
		return "", ErrCodeUnknown
	}
	return code, nil
}

func hashOf(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// Invite makes a code that links a Telegram user to a person, once, within life. It grants role when it is used ("" for none).
// Earlier codes of the person end. The code is returned this one time; only its hash is stored.
func (s *Store) Invite(ctx context.Context, personID int64, role Role, life time.Duration) (string, error) {
	return s.invite(ctx, Invitation{PersonID: personID, Role: role}, life)
}

// InviteVouched makes a code that only one Telegram user can use: Telegram vouched that the person's phone number is his.
func (s *Store) InviteVouched(ctx context.Context, personID, telegramID int64) (string, error) {
	return s.invite(ctx, Invitation{PersonID: personID, TelegramID: telegramID}, VouchedLife)
}

func (s *Store) invite(ctx context.Context, invitation Invitation, life time.Duration) (string, error) {
	code := NewCode()
	err := s.transaction(ctx, "invite", func(tx *gorm.DB) error {
		now := s.now()
		// Codes of one sort replace each other: a shared phone number does not end the code on the paper slip.
		ended := tx.Model(&Invitation{}).
			Where("person_id = ? AND telegram_id = ? AND used_at IS NULL AND expires_at > ?", invitation.PersonID, invitation.TelegramID, now).
			Update("expires_at", now)
		if err := failed(ended, "end earlier codes"); err != nil {
			return err
		}
		row := invitation
		row.CodeHash, row.ExpiresAt = hashOf(code), now.Add(life)
		if err := failed(tx.Create(&row), "write invitation"); err != nil {
			return err
		}
		return s.audit(tx, 0, "invited", "person", row.PersonID, "", string(row.Role))
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// Unlinked lists active people without a Telegram account, by id, from after the given id on.
func (s *Store) Unlinked(ctx context.Context, after int64, limit int) ([]Person, error) {
	var people []Person
	err := failed(s.db.WithContext(ctx).Where("active = ? AND id > ?", true, after).
		Where("NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.person_id = people.id)").
		Order("id").Limit(limit).Find(&people), "list unlinked people")
	return people, err
}

// InvitationFor returns whom a typed code invites, without using it. Wrong codes are counted for the Telegram user: after
// MaxWrongCodes of them it returns a *PausedError, even for a right code, until the pause is over.
func (s *Store) InvitationFor(ctx context.Context, telegramID int64, typed string) (Invitation, error) {
	var found Invitation
	var refusal error
	err := s.transaction(ctx, "look up invitation", func(tx *gorm.DB) error {
		found, refusal = Invitation{}, nil
		attempt, err := s.attempts(tx, telegramID)
		if err != nil {
			return err
		}
		if attempt.BlockedUntil != nil && attempt.BlockedUntil.After(s.now()) {
			refusal = &PausedError{Until: *attempt.BlockedUntil}
			return nil
		}
		if found, refusal = s.usable(tx, telegramID, typed); !isWrongCode(refusal) {
			return nil
		}
		return s.countWrong(tx, attempt)
	})
	if err != nil {
		return Invitation{}, err
	}
	return found, refusal
}

func isWrongCode(err error) bool {
	return errors.Is(err, ErrCodeUnknown) || errors.Is(err, ErrCodeUsed) || errors.Is(err, ErrCodeExpired)
}

// attempts returns how often a Telegram user was wrong, locked until the end of the transaction.
func (s *Store) attempts(tx *gorm.DB, telegramID int64) (LinkAttempt, error) {
	none := LinkAttempt{TelegramID: telegramID}
	if err := failed(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&none), "count attempt"); err != nil {
		return LinkAttempt{}, err
	}
	var a LinkAttempt
	return a, first(s.exclusive(tx).Where("telegram_id = ?", telegramID).Take(&a), "read attempts")
}

func (s *Store) countWrong(tx *gorm.DB, a LinkAttempt) error {
	failures, until := a.Failures+1, a.BlockedUntil
	if a.BlockedUntil != nil { // the earlier pause is over
		failures, until = 1, nil
	}
	if failures >= MaxWrongCodes {
		end := s.now().Add(WrongCodePause)
		failures, until = 0, &end
	}
	return failed(tx.Model(&LinkAttempt{}).Where("telegram_id = ?", a.TelegramID).
		Updates(map[string]any{"failures": failures, "blocked_until": until, "updated_at": s.now()}), "count wrong code")
}

// usable finds the invitation of a code. A used one is still usable for the Telegram user who used it: doing it twice is harmless.
func (s *Store) usable(tx *gorm.DB, telegramID int64, typed string) (Invitation, error) {
	code, err := NormalCode(typed)
	if err != nil {
		return Invitation{}, err
	}
	var i Invitation
	err = first(s.exclusive(tx).Where("code_hash = ? AND telegram_id IN ?", hashOf(code), []int64{0, telegramID}).Take(&i), "find invitation")
	switch {
	case errors.Is(err, ErrNotFound):
		return Invitation{}, ErrCodeUnknown
	case err != nil:
		return Invitation{}, err
	case i.UsedAt != nil && !s.usedBy(tx, i, telegramID):
		return Invitation{}, ErrCodeUsed
	case i.UsedAt == nil && !i.ExpiresAt.After(s.now()):
		return Invitation{}, ErrCodeExpired
	}
	return i, nil
}

func (s *Store) usedBy(tx *gorm.DB, i Invitation, telegramID int64) bool {
	var a Account
	return tx.Where("person_id = ? AND telegram_id = ?", i.PersonID, telegramID).Take(&a).Error == nil
}

// Link uses a code: from then on the Telegram user is the person. A person who had another Telegram user before is moved.
// The same call again is done already. Errors are those of InvitationFor, and ErrLinkedElsewhere.
func (s *Store) Link(ctx context.Context, telegramID int64, language, typed string) (Actor, error) {
	invitation, err := s.InvitationFor(ctx, telegramID, typed)
	if err != nil {
		return Actor{}, err
	}
	err = s.transaction(ctx, "link account", func(tx *gorm.DB) error {
		current, err := s.usable(tx, telegramID, typed) // again, and locked: two may use one code at the same moment
		if err != nil {
			return fmt.Errorf("use code: %w", err)
		}
		if current.UsedAt != nil {
			return nil
		}
		if err := s.bind(tx, current, telegramID, language); err != nil {
			return err
		}
		return failed(tx.Model(&Invitation{}).Where("id = ?", current.ID).Update("used_at", s.now()), "use invitation")
	})
	if err != nil {
		return Actor{}, err
	}
	return s.ActorByPerson(ctx, invitation.PersonID)
}

// bind moves the person to the Telegram user and grants what the invitation grants.
func (s *Store) bind(tx *gorm.DB, i Invitation, telegramID int64, language string) error {
	var other Account
	err := first(s.exclusive(tx).Where("telegram_id = ? AND person_id <> ?", telegramID, i.PersonID).Take(&other), "find other account")
	if err == nil {
		return ErrLinkedElsewhere
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := failed(tx.Where("person_id = ?", i.PersonID).Delete(&Account{}), "unlink earlier account"); err != nil {
		return err
	}
	account := Account{PersonID: i.PersonID, TelegramID: telegramID, Language: language}
	if err := failed(tx.Create(&account), "create account"); err != nil {
		return err
	}
	if i.Role != "" {
		granted := PersonRole{PersonID: i.PersonID, Role: i.Role}
		if err := failed(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&granted), "grant role"); err != nil {
			return err
		}
	}
	if err := s.oweAgain(tx, i.PersonID); err != nil {
		return err
	}
	return s.audit(tx, i.PersonID, "linked", "account", account.ID, "", string(i.Role))
}
