package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

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
	// ErrCodeNeeded is returned when a phone number does not vouch for a person: he needs a code of his administrator.
	ErrCodeNeeded = errors.New("a code is needed")
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
var misread = strings.NewReplacer("O", "0", "I", "1", "L", "1")

// NormalCode reads a code as somebody typed it. It returns ErrCodeUnknown for what cannot be a code: letters that are not in the
// groups of the paper slip and without a digit are words, such as "bagaimana caranya".
func NormalCode(typed string) (string, error) {
	groups := strings.FieldsFunc(strings.ToUpper(typed), func(r rune) bool { return r == '-' || r == '–' || unicode.IsSpace(r) })
	code := misread.Replace(strings.Join(groups, ""))
	grouped := !slices.ContainsFunc(groups, func(group string) bool { return len(group)%4 != 0 })
	if len(code) != codeLength || strings.Trim(code, codeAlphabet) != "" || !grouped && !strings.ContainsAny(typed, "0123456789") {
		return "", ErrCodeUnknown
	}
	return code, nil
}

func hashOf(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// Invite makes a code that links a Telegram user to a person, once, within life. Earlier codes of the person end. The code is
// returned this one time; only its hash is stored. ErrNotFound for somebody who left the roster.
func (s *Store) Invite(ctx context.Context, personID int64, life time.Duration) (string, error) {
	code := NewCode()
	err := s.transaction(ctx, "invite", func(tx *gorm.DB) error {
		if _, err := s.onRoster(tx, personID); err != nil {
			return err
		}
		_, err := s.invite(tx, Invitation{PersonID: personID, CodeHash: hashOf(code)}, life)
		return err
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// InviteVouched makes an invitation that only one Telegram user can use: Telegram vouched that the person's phone number is his.
// ErrCodeNeeded when that is not enough: the person has an account already, lost his phone, or is an administrator. Numbers are given
// to somebody else after a while, and rosters are not always up to date.
func (s *Store) InviteVouched(ctx context.Context, personID, telegramID int64) (Invitation, error) {
	var made Invitation
	var refused error
	err := s.transaction(ctx, "invite by phone number", func(tx *gorm.DB) error {
		if _, err := s.onRoster(tx, personID); err != nil {
			return err
		}
		needed, err := codeNeeded(tx, personID)
		if err != nil {
			return err
		}
		if refused = nil; needed {
			refused = ErrCodeNeeded
			return s.audit(tx, 0, "phone_refused", "person", personID, "", fmt.Sprint(telegramID))
		}
		made, err = s.invite(tx, Invitation{PersonID: personID, CodeHash: hashOf(NewCode()), TelegramID: telegramID}, VouchedLife)
		return err
	})
	return made, errors.Join(err, refused)
}

// codeNeeded reports whether a phone number cannot vouch for a person.
func codeNeeded(tx *gorm.DB, personID int64) (bool, error) {
	var reasons int64
	err := failed(tx.Model(&Person{}).Where("id = ?", personID).
		Where("(EXISTS (SELECT 1 FROM accounts WHERE accounts.person_id = people.id) OR EXISTS (SELECT 1 FROM lost_phones WHERE lost_phones.person_id = people.id)"+
			" OR EXISTS (SELECT 1 FROM person_roles WHERE person_roles.person_id = people.id AND person_roles.role = ?))", Admin).Count(&reasons), "look for a reason to need a code")
	return reasons > 0, err
}

// invite writes an invitation. Those of one sort replace each other: a shared phone number does not end the code on the paper slip.
func (s *Store) invite(tx *gorm.DB, row Invitation, life time.Duration) (Invitation, error) {
	now := s.now()
	ended := tx.Model(&Invitation{}).Where("person_id = ? AND telegram_id = ? AND used_at IS NULL AND expires_at > ?", row.PersonID, row.TelegramID, now).
		Update("expires_at", now)
	if err := failed(ended, "end earlier codes"); err != nil {
		return Invitation{}, err
	}
	row.ExpiresAt = now.Add(life)
	if err := failed(tx.Create(&row), "write invitation"); err != nil {
		return Invitation{}, err
	}
	return row, s.audit(tx, 0, "invited", "person", row.PersonID, "", "")
}

// Unlinked lists active people without a Telegram account, by id, from after the given id on.
func (s *Store) Unlinked(ctx context.Context, after int64, limit int) ([]Person, error) {
	var people []Person
	err := failed(s.db.WithContext(ctx).Joins("LEFT JOIN accounts ON accounts.person_id = people.id").
		Where("people.active = ? AND people.id > ? AND accounts.id IS NULL", true, after).
		Order("people.id").Limit(limit).Find(&people), "list unlinked people")
	return people, err
}

// holdsCode is the condition of people who can still use a code that was made for them; its argument is the present time.
const holdsCode = "EXISTS (SELECT 1 FROM invitations AS i WHERE i.person_id = people.id AND i.telegram_id = 0 AND i.used_at IS NULL AND i.expires_at > ?)"

// Uninvited is Unlinked without those who hold a code that can still be used.
func (s *Store) Uninvited(ctx context.Context, after int64, limit int) ([]Person, error) {
	var people []Person
	err := failed(s.db.WithContext(ctx).Joins("LEFT JOIN accounts ON accounts.person_id = people.id").
		Where("people.active = ? AND people.id > ? AND accounts.id IS NULL", true, after).Where("NOT "+holdsCode, s.now()).
		Order("people.id").Limit(limit).Find(&people), "list uninvited people")
	return people, err
}

// HoldsCode reports whether a person holds a code that can still be used, and that another Invite would end.
func (s *Store) HoldsCode(ctx context.Context, personID int64) (bool, error) {
	var holders int64
	err := failed(s.db.WithContext(ctx).Model(&Person{}).Where("people.id = ?", personID).Where(holdsCode, s.now()).Count(&holders), "look for a code")
	return holders > 0, err
}

// InvitationFor returns the invitation of a typed code, without using it. From then on the Telegram user may use it by its number: see
// Presented and Accept. Wrong codes are counted for him: after MaxWrongCodes of them it returns a *PausedError, even for a
// right code, until the pause is over. What cannot be a code is ErrCodeUnknown and does not count: it opens nothing.
func (s *Store) InvitationFor(ctx context.Context, telegramID int64, typed string) (Invitation, error) {
	code, err := NormalCode(typed)
	if err != nil {
		return Invitation{}, err
	}
	var found Invitation
	var refusal error
	err = s.transaction(ctx, "look up invitation", func(tx *gorm.DB) error {
		found, refusal = Invitation{}, nil
		attempt, err := s.attempts(tx, telegramID)
		if err != nil {
			return err
		}
		if attempt.BlockedUntil != nil && attempt.BlockedUntil.After(s.now()) {
			refusal = &PausedError{Until: *attempt.BlockedUntil}
			return nil
		}
		found, refusal = s.invitationOf(tx, telegramID, code)
		switch {
		case refusal == nil:
			shown := PresentedCode{TelegramID: telegramID, InvitationID: found.ID}
			return failed(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&shown), "note presented code")
		case isWrongCode(refusal):
			return s.countWrong(tx, attempt)
		default:
			return refusal
		}
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

// invitationOf finds the invitation of a code in its normal form, if it can be used.
func (s *Store) invitationOf(tx *gorm.DB, telegramID int64, code string) (Invitation, error) {
	i, err := findInvitation(s.exclusive(tx).Where("code_hash = ? AND telegram_id IN ?", hashOf(code), []int64{0, telegramID}))
	if err != nil {
		return Invitation{}, err
	}
	return i, s.usable(tx, i, telegramID)
}

// Presented returns an invitation that is meant for a Telegram user: he has shown its code, or Telegram vouched for him.
// ErrCodeUnknown for all others, ErrCodeUsed and ErrCodeExpired as they say.
func (s *Store) Presented(ctx context.Context, telegramID, invitationID int64) (Invitation, error) {
	tx := s.db.WithContext(ctx)
	i, err := findInvitation(presented(tx, telegramID, invitationID))
	if err != nil {
		return Invitation{}, err
	}
	return i, s.usable(tx, i, telegramID)
}

func presented(tx *gorm.DB, telegramID, invitationID int64) *gorm.DB {
	return tx.Where("id = ? AND (telegram_id = ? OR telegram_id = 0 AND EXISTS "+
		"(SELECT 1 FROM presented_codes AS c WHERE c.invitation_id = invitations.id AND c.telegram_id = ?))", invitationID, telegramID, telegramID)
}

func findInvitation(query *gorm.DB) (Invitation, error) {
	var i Invitation
	err := first(query.Take(&i), "find invitation")
	if errors.Is(err, ErrNotFound) {
		err = ErrCodeUnknown
	}
	return i, err
}

// usable says why an invitation cannot be used. A used one still can by the Telegram user who used it: doing it twice is harmless.
func (s *Store) usable(tx *gorm.DB, i Invitation, telegramID int64) error {
	switch {
	case i.UsedAt == nil && !i.ExpiresAt.After(s.now()):
		return ErrCodeExpired
	case i.UsedAt == nil:
		return nil
	}
	account, err := accountOf(tx, i.PersonID)
	if err == nil && account.TelegramID != telegramID {
		err = ErrCodeUsed
	}
	return err
}
