package store_test

import (
	"context"
	"testing"

	"kinerja/store"
	"kinerja/store/storetest"
)

func TestMigratingTwiceIsHarmless(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		if err := s.CheckSchema(context.Background()); err != nil {
			t.Fatalf("fresh schema: %v", err)
		}
		applied, err := s.Migrate(context.Background())
		if err != nil || len(applied) != 0 {
			t.Fatalf("second migration applied %v, %v; want nothing", applied, err)
		}
	})
}
