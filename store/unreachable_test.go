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

// lists takes the administrators' lists of unreachable people that are due.
func lists(t *testing.T, s *store.Store) map[int64]store.Notification {
	t.Helper()
	due := map[int64]store.Notification{}
	for _, n := range claim(t, s, "courier") {
		if n.Kind == store.KindUnreachable {
			due[n.PersonID] = n
		}
	}
	return due
}

// block lets people block the bot, who are linked for it.
func block(t *testing.T, s *store.Store, telegramID int64, people ...*store.Person) {
	t.Helper()
	for i, p := range people {
		linkAs(t, s, p, telegramID+int64(i))
		if err := s.MarkUnreachable(context.Background(), telegramID+int64(i)); err != nil {
			t.Fatalf("mark: %v", err)
		}
	}
}

func TestAnAdministratorHearsOnceADayOfAllWhoBlockedTheBot(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		ctx := context.Background()
		admin := cast.Admin.ID
		block(t, s, 501, cast.Employee, cast.Evaluator)
		clock.Advance(time.Hour)
		block(t, s, 511, cast.Superior)
		clock.Advance(14 * time.Hour) // 5 January, 00.00 WIB
		due := lists(t, s)
		if len(due) != 2 || due[admin].ID == 0 || due[cast.UnitAdmin.ID].ID == 0 {
			t.Fatalf("%v are due, want one to each of two administrators", due)
		}
		people, total, err := s.UnreachablePeople(ctx, admin, 0, 2)
		if err != nil || total != 3 || len(people) != 2 || people[0].Name != cast.Superior.Name || people[0].Unit == "" {
			t.Errorf("the list: %+v of %d, %v; want the superior first of three", people, total, err)
		}

		// While it goes somebody joins the list: it goes once more, the next day.
		block(t, s, 521, cast.NoSuperior)
		if err := s.MarkSent(ctx, due[admin], 7); err != nil {
			t.Fatal(err)
		}
		if again := lists(t, s); len(again) != 0 {
			t.Errorf("%d more on the same day", len(again))
		}
		clock.Advance(24 * time.Hour)
		again := lists(t, s)
		if again[admin].ID != due[admin].ID {
			t.Fatalf("the next day %v is due", again)
		}
		if err := s.MarkSent(ctx, again[admin], 8); err != nil {
			t.Fatal(err)
		}
		clock.Advance(48 * time.Hour)
		if n := lists(t, s)[admin]; n.ID != 0 {
			t.Errorf("without news there is a list: %+v", n)
		}
	})
}

func TestWhoIsUnreachableIsSeenByHisAdministratorsOnly(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		ctx := context.Background()
		block(t, s, 501, cast.Admin, cast.Employee) // the city's own administrator is in no unit of the agency
		if people, total, err := s.UnreachablePeople(ctx, cast.UnitAdmin.ID, 0, 10); err != nil || total != 1 || people[0].Name != cast.Employee.Name {
			t.Errorf("the agency's administrator sees %+v of %d, %v", people, total, err)
		}
		if _, total, err := s.UnreachablePeople(ctx, cast.Admin.ID, 0, 10); err != nil || total != 2 {
			t.Errorf("the city's administrator sees %d, %v", total, err)
		}
		if _, _, err := s.UnreachablePeople(ctx, cast.Employee.ID, 0, 10); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an employee: %v, want ErrNotFound", err)
		}
		actor, err := s.ActorByTelegram(ctx, 502)
		if err == nil {
			err = s.Returned(ctx, actor)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, total, err := s.UnreachablePeople(ctx, cast.UnitAdmin.ID, 0, 10); err != nil || total != 0 {
			t.Errorf("after his return: %d, %v", total, err)
		}
	})
}

func TestAnAccountThatMovesAtThatMomentIsNotMarkedForItsFormerPhone(t *testing.T) {
	inCity(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		linkAs(t, s, cast.Employee, 501)
		s.OnceAfterReading(t, "person_roles", func() {
			s.Change(t, "UPDATE accounts SET telegram_id = ? WHERE person_id = ?", 502, cast.Employee.ID)
		})
		if err := s.MarkUnreachable(context.Background(), 501); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("marking a phone that is linked no more: %v", err)
		}
		actor, err := s.ActorByTelegram(context.Background(), 502)
		if err != nil || actor.UnreachableSince != nil {
			t.Errorf("the new phone counts as unreachable: %v, %v", actor.UnreachableSince, err)
		}
	})
}
