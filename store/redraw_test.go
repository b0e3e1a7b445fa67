package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

func TestAScreenIsOwedToWhoIsLinkedAndOnlyOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		cast, err := sample.City(ctx, s)
		if err != nil {
			t.Fatalf("city: %v", err)
		}
		code, err := s.Invite(ctx, cast.Evaluator.ID, time.Hour)
		if err != nil {
			t.Fatalf("invite: %v", err)
		}
		if _, err := s.Link(ctx, 700, "id", code); err != nil {
			t.Fatalf("link: %v", err)
		}
		for range 2 {
			if err := s.OweRedraw(ctx, 700, 31); err != nil {
				t.Errorf("owe: %v", err)
			}
		}
		if err := s.OweRedraw(ctx, 701, 31); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("owed to a stranger: %v, want ErrNotFound", err)
		}
	})
}
