package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// leaseTime is a moment so much later than now, by the clock of leases, as an argument of a statement. Clocks of processes
// may be minutes apart: by its own, one would think that what another holds is free.
func (s *Store) leaseTime(later time.Duration) any {
	if s.leases != nil {
		return s.leases().UTC().Truncate(time.Microsecond).Add(later)
	}
	return gorm.Expr("UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND", later.Microseconds())
}

// Hold takes or renews a duty for ttl and reports whether owner has it now. A duty whose time is over is free for anyone;
// a ttl of zero gives it back. It is a convenience between processes: nothing correct may rest on it.
func (s *Store) Hold(ctx context.Context, name, owner string, ttl time.Duration) (bool, error) {
	held := false
	err := s.transaction(ctx, "hold lease", func(tx *gorm.DB) error {
		// A row without owner first: on MySQL the count of an insert does not tell whether it did anything.
		free := Lease{Name: name, Until: s.now()}
		if err := failed(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&free), "create lease"); err != nil {
			return err
		}
		taken := tx.Model(&Lease{}).Where("name = ? AND (owner = ? OR owner = ? OR until <= ?)", name, owner, "", s.leaseTime(0)).
			Updates(map[string]any{"owner": owner, "until": s.leaseTime(ttl)})
		held = taken.RowsAffected == 1
		return failed(taken, "take lease")
	})
	return held && ttl > 0, err
}
