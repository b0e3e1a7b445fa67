package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// AuditSeal closes some rows of the audit. Seals are a chain: see SealAudit.
type AuditSeal struct {
	ID        int64     `gorm:"primaryKey;autoIncrement:false"` // from 1, without a gap
	Size      int       // rows that it closes
	Digest    string    // see digestOfSeal
	ThroughID int64     // every row up to this id stands in this seal or in an earlier one
	NewestAt  time.Time // of its rows and those of all before
	SealedAt  time.Time // never before the seal before
}

// SealedAudit is a row of the audit as it was sealed. The rest of it, which the program derives, is whom and what it is about; 0 for nothing.
type SealedAudit struct {
	AuditID  int64 `gorm:"primaryKey;autoIncrement:false"`
	SealID   int64
	Digest   string // see digestOfRow
	At       time.Time
	ActorID  int64
	PersonID int64
	PeriodID int64
	UnitID   int64
}

const (
	// sealSize is how many rows one seal closes at most.
	sealSize = 1000
	// sealWait is how long after its time a row of the audit may still appear: far longer than any transaction lasts, and than clocks are apart.
	sealWait = time.Hour
)

// SealAudit closes the rows of the audit that no seal closes yet, up to 1,000 of them, and tells how many. The digest of a seal is made of the
// digests of its rows and that of the seal before, so that whoever changes, adds or removes a row behind the program's back has to make all
// seals anew from there on: and then the digests that were told to people (DigestOn) are not in the chain any more.
// Any number of processes may seal at once: of two that close the same rows one does nothing.
func (s *Store) SealAudit(ctx context.Context) (sealed int, err error) {
	err = s.transaction(ctx, "seal audit", func(tx *gorm.DB) error {
		sealed = 0
		var last AuditSeal
		if err := failed(tx.Order("id DESC").Limit(1).Find(&last), "find last seal"); err != nil {
			return err
		}
		var rows []Audit
		// Ids are given before a transaction ends: a lower one may appear after a higher one. What is not sealed is looked for, not what is newest.
		open := tx.Table("audits AS a").Select("a.*").Joins("LEFT JOIN sealed_audits AS s ON s.audit_id = a.id").Where("a.id > ? AND s.audit_id IS NULL", last.ThroughID)
		if err := failed(open.Order("a.id").Limit(sealSize).Find(&rows), "read audit to seal"); err != nil || len(rows) == 0 {
			return err
		}
		sealed = len(rows)
		return s.seal(tx, last, rows)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) { // another process was faster
		return 0, nil
	}
	return sealed, err
}

func (s *Store) seal(tx *gorm.DB, last AuditSeal, rows []Audit) error {
	now := s.now()
	next := AuditSeal{ID: last.ID + 1, Size: len(rows), NewestAt: last.NewestAt, SealedAt: now}
	if now.Before(last.SealedAt) { // by another process's clock
		next.SealedAt = last.SealedAt
	}
	closed, err := s.about(tx, rows)
	if err != nil {
		return err
	}
	digests := make([]string, len(rows))
	for i, row := range rows {
		digests[i] = digestOfRow(row)
		closed[i].SealID, closed[i].Digest = next.ID, digests[i]
		if row.At.After(next.NewestAt) {
			next.NewestAt = row.At
		}
	}
	next.Digest = digestOfSeal(last.Digest, next, digests)
	whole := tx.Model(&Audit{}).Select("COALESCE(MAX(id), ?)", last.ThroughID).Where("id > ? AND at < ?", last.ThroughID, now.Add(-sealWait))
	if len(rows) == sealSize {
		whole = whole.Where("id <= ?", rows[len(rows)-1].ID)
	}
	if err := failed(whole.Scan(&next.ThroughID), "find what is sealed"); err != nil {
		return err
	}
	return firstOf(failed(tx.Create(&next), "write seal"), failed(tx.CreateInBatches(closed, 200), "write sealed audit"))
}

// digestOfRow is the SHA-256, in hex, of everything that a row of the audit says.
func digestOfRow(a Audit) string {
	said, _ := json.Marshal([]any{a.ID, a.At.UnixMicro(), a.ActorID, a.Action, a.Subject, a.ObjectID, a.Before, a.After}) // numbers and strings always have a form
	return hexDigest(string(said))
}

// digestOfSeal is the SHA-256, in hex, of the digest before, the seal's own number, size and time, and the digests of its rows in the order of their ids.
func digestOfSeal(before string, seal AuditSeal, rows []string) string {
	return hexDigest(fmt.Sprintf("%s\n%d %d %d\n%s", before, seal.ID, seal.Size, seal.SealedAt.UnixMicro(), strings.Join(rows, "\n")))
}

func hexDigest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// shortDigest is how much of a digest people are told: 80 bits, which nobody finds another chain for.
const shortDigest = 20

// Short is a digest as people read it to each other: 20 letters in groups of four.
func (a AuditSeal) Short() string {
	if len(a.Digest) < shortDigest {
		return a.Digest
	}
	var groups []string
	for at := 0; at < shortDigest; at += 4 {
		groups = append(groups, a.Digest[at:at+4])
	}
	return strings.Join(groups, " ")
}

// DigestOn returns the last seal of a day in WIB, or of the last day before it that has one. It is what is told to people about that day.
// ErrNotFound when there is none.
func (s *Store) DigestOn(ctx context.Context, day Date) (AuditSeal, error) {
	begin, err := time.ParseInLocation(time.DateOnly, string(day), WIB)
	if err != nil {
		return AuditSeal{}, fmt.Errorf("read day: %w", err)
	}
	var seal AuditSeal
	err = first(s.db.WithContext(ctx).Where("sealed_at < ?", begin.AddDate(0, 0, 1).UTC()).Order("sealed_at DESC, id DESC").Take(&seal), "find seal of a day")
	return seal, err
}

// SealWith returns the seal whose digest begins so; spaces and hyphens are left out, as people write them down. At least 20 letters.
func (s *Store) SealWith(ctx context.Context, digest string) (AuditSeal, error) {
	told := strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(digest))
	if _, err := hex.DecodeString(told); err != nil || len(told) < shortDigest {
		return AuditSeal{}, ErrNotFound
	}
	var seal AuditSeal
	err := first(s.db.WithContext(ctx).Where("digest LIKE ?", told+"%").Order("id").Take(&seal), "find seal by digest")
	return seal, err
}
