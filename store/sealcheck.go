package store

import (
	"context"

	"gorm.io/gorm"
)

// AuditBreak is how a link of the audit's chain is broken.
type AuditBreak string

// The breaks.
const (
	BreakRowChanged AuditBreak = "row_changed" // a row does not say what it said when it was sealed
	BreakRowMissing AuditBreak = "row_missing" // a row that was sealed is gone
	BreakRowAdded   AuditBreak = "row_added"   // a row was put among those that were sealed
	BreakSealGone   AuditBreak = "seal_gone"   // a seal between others is gone
	BreakSeal       AuditBreak = "seal"        // a seal does not follow from its rows and the seal before
)

// BrokenLink is where the chain breaks first.
type BrokenLink struct {
	Why     AuditBreak
	Seal    AuditSeal
	AuditID int64 // the row; 0 where the seal itself is it
}

// AuditCheck is what VerifyAudit found.
type AuditCheck struct {
	First, Last AuditSeal // those that the chain begins and ends with; zero where there is none
	Seals, Rows int       // that were compared
	Waiting     int       // rows that are not sealed yet
	Broken      *BrokenLink
}

// verifySeals is how many seals are compared at a time: 100,000 rows at most.
const verifySeals = 100

// sealedRow is a sealed row beside what the audit says now.
type sealedRow struct {
	SealedAudit `gorm:"embedded;embeddedPrefix:s_"`
	Audit       *Audit `gorm:"embedded;embeddedPrefix:a_"`
}

// VerifyAudit compares the audit with its seals, from the first seal that is kept to the last, and ends at the first link that is broken. It
// changes nothing and may run while the program does. each is told after every hundred seals how many were compared; nil for nobody.
func (s *Store) VerifyAudit(ctx context.Context, each func(seals int)) (AuditCheck, error) {
	var check AuditCheck
	tx := s.db.WithContext(ctx)
	for {
		var seals []AuditSeal
		if err := failed(tx.Where("id > ?", check.Last.ID).Order("id").Limit(verifySeals).Find(&seals), "read seals"); err != nil {
			return check, err
		}
		if len(seals) == 0 {
			break
		}
		if err := compareSeals(tx, &check, seals); err != nil || check.Broken != nil {
			return check, err
		}
		if each != nil {
			each(check.Seals)
		}
	}
	return check, s.unsealed(tx, &check)
}

// compareSeals goes on with a check by the next seals.
func compareSeals(tx *gorm.DB, check *AuditCheck, seals []AuditSeal) error {
	rows, err := sealedRows(tx, seals[0].ID, seals[len(seals)-1].ID)
	if err != nil {
		return err
	}
	for _, seal := range seals {
		if check.First.ID == 0 {
			check.First = seal
			if seal.ID > 1 { // what was before was let go of after its time: its digest is not there to begin with
				check.Last, check.Seals, check.Rows = seal, 1, len(rows[seal.ID])
				if check.Broken = brokenRow(seal, rows[seal.ID]); check.Broken != nil {
					return nil
				}
				continue
			}
		}
		if check.Broken = broken(check.Last, seal, rows[seal.ID]); check.Broken != nil {
			return nil
		}
		check.Last = seal
		check.Seals, check.Rows = check.Seals+1, check.Rows+seal.Size
	}
	return nil
}

// broken tells how a seal does not follow from the one before; nil when it does.
func broken(before, seal AuditSeal, rows []sealedRow) *BrokenLink {
	if seal.ID != before.ID+1 {
		return &BrokenLink{Why: BreakSealGone, Seal: seal}
	}
	if found := brokenRow(seal, rows); found != nil {
		return found
	}
	digests := make([]string, len(rows))
	for i, row := range rows {
		digests[i] = row.Digest
	}
	if seal.Size != len(rows) || seal.Digest != digestOfSeal(before.Digest, seal, digests) {
		return &BrokenLink{Why: BreakSeal, Seal: seal}
	}
	return nil
}

// brokenRow tells which row of a seal is not what it was.
func brokenRow(seal AuditSeal, rows []sealedRow) *BrokenLink {
	for _, row := range rows {
		switch {
		case row.Audit == nil || row.Audit.ID == 0:
			return &BrokenLink{Why: BreakRowMissing, Seal: seal, AuditID: row.AuditID}
		case digestOfRow(*row.Audit) != row.Digest:
			return &BrokenLink{Why: BreakRowChanged, Seal: seal, AuditID: row.AuditID}
		}
	}
	return nil
}

// sealedRows reads the rows of some seals beside what the audit says now, by seal, in the order of their ids.
func sealedRows(tx *gorm.DB, from, to int64) (map[int64][]sealedRow, error) {
	var list []sealedRow
	query := tx.Table("sealed_audits AS s").Select("s.audit_id AS s_audit_id, s.seal_id AS s_seal_id, s.digest AS s_digest, a.id AS a_id, a.at AS a_at, "+
		"a.actor_id AS a_actor_id, a.action AS a_action, a.subject AS a_subject, a.object_id AS a_object_id, a.`before` AS a_before, a.`after` AS a_after").
		Joins("LEFT JOIN audits AS a ON a.id = s.audit_id").Where("s.seal_id BETWEEN ? AND ?", from, to).Order("s.seal_id, s.audit_id")
	if err := failed(query.Find(&list), "read sealed audit"); err != nil {
		return nil, err
	}
	rows := map[int64][]sealedRow{}
	for _, row := range list {
		rows[row.SealID] = append(rows[row.SealID], row)
	}
	return rows, nil
}

// unsealed counts what waits to be sealed, and finds a row among those that all are.
func (s *Store) unsealed(tx *gorm.DB, check *AuditCheck) error {
	open := tx.Table("audits AS a").Joins("LEFT JOIN sealed_audits AS s ON s.audit_id = a.id").Where("s.audit_id IS NULL").Session(&gorm.Session{})
	var added []int64
	if err := failed(open.Where("a.id <= ?", check.Last.ThroughID).Order("a.id").Limit(1).Pluck("a.id", &added), "find audit beside its seals"); err != nil {
		return err
	}
	if len(added) > 0 {
		check.Broken = &BrokenLink{Why: BreakRowAdded, Seal: check.Last, AuditID: added[0]}
		return nil
	}
	var n int64
	err := failed(open.Where("a.id > ?", check.Last.ThroughID).Count(&n), "count audit to seal")
	check.Waiting = int(n)
	return err
}
