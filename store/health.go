package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// pulseEvery is how long one write vouches for the next questions.
const pulseEvery = 2 * time.Second

// pulse remembers when a write last went through. Its channel is held by whoever writes; the others wait for what he finds.
type pulse struct {
	turn chan struct{}
	at   time.Time
}

func newPulse() *pulse { return &pulse{turn: make(chan struct{}, 1)} }

// TakesWrites reports why the database takes no writes, nil when one has just gone through: a server that has become read-only
// still answers a ping. It writes one tiny row, every 2 seconds at most.
func (s *Store) TakesWrites(ctx context.Context) error {
	select {
	case s.pulse.turn <- struct{}{}:
		defer func() { <-s.pulse.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if time.Since(s.pulse.at) < pulseEvery {
		return nil
	}
	err := s.transaction(ctx, "write to database", func(tx *gorm.DB) error {
		row := Lease{Name: "pulse", Until: s.now()}
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"until"})}).
			Create(&row).Error
	})
	if err == nil {
		s.pulse.at = time.Now()
	}
	return err
}
