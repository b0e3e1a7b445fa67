package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// unlinked is the sample city with nobody linked.
func unlinked(t *testing.T, test func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		cast, err := sample.City(context.Background(), s)
		if err != nil {
			t.Fatalf("sample city: %v", err)
		}
		test(t, s, clock, cast)
	})
}

func invited(t *testing.T, s *store.Store, person int64, role store.Role) string {
	t.Helper()
	code, err := s.Invite(context.Background(), person, role, store.CodeLife)
	if err != nil {
		t.Fatalf("invite: %v", err)
	}
	return code
}

// links expects the error; nil means that the code is used.
func links(t *testing.T, s *store.Store, telegramID int64, code string, want error) {
	t.Helper()
	if _, err := s.Link(context.Background(), telegramID, "id", code); !errors.Is(err, want) {
		t.Errorf("link %d: %v, want %v", telegramID, err, want)
	}
}

const phone1, phone2 = int64(8001), int64(8002)

func TestACodeLinksOneTelegramUserOnce(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		code := invited(t, s, cast.Employee.ID, "")
		links(t, s, phone1, strings.ToLower(store.GroupCode(code)), nil)
		links(t, s, phone1, code, nil) // the same again is done already
		links(t, s, phone2, code, store.ErrCodeUsed)
		actor, err := s.ActorByTelegram(context.Background(), phone1)
		if err != nil || actor.PersonID != cast.Employee.ID {
			t.Errorf("linked to %d, %v", actor.PersonID, err)
		}
	})
}

func TestOfManyWithOneCodeOneIsLinked(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		code := invited(t, s, cast.Employee.ID, "")
		var all sync.WaitGroup
		outcomes := make(chan error, 6)
		for n := range int64(6) {
			all.Go(func() {
				_, err := s.Link(context.Background(), phone1+n, "id", code)
				outcomes <- err
			})
		}
		all.Wait()
		close(outcomes)
		linked := 0
		for err := range outcomes {
			switch {
			case err == nil:
				linked++
			case !errors.Is(err, store.ErrCodeUsed):
				t.Errorf("a loser got %v, want ErrCodeUsed", err)
			}
		}
		if linked != 1 {
			t.Errorf("%d were linked, want one", linked)
		}
	})
}

func TestCodesEndWithTheirTimeAndWithTheNextCode(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		late := invited(t, s, cast.Employee.ID, "")
		clock.Advance(store.CodeLife)
		links(t, s, phone1, late, store.ErrCodeExpired)
		older, newer := invited(t, s, cast.Employee.ID, ""), invited(t, s, cast.Employee.ID, "")
		links(t, s, phone1, older, store.ErrCodeExpired)
		links(t, s, phone1, newer, nil)
	})
}

func TestFiveWrongCodesPauseEvenARightOne(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		code := invited(t, s, cast.Employee.ID, "")
		for range store.MaxWrongCodes {
			links(t, s, phone1, store.NewCode(), store.ErrCodeUnknown)
		}
		_, err := s.Link(context.Background(), phone1, "id", code)
		var paused *store.PausedError
		if !errors.As(err, &paused) || !paused.Until.Equal(clock.Now().Add(store.WrongCodePause)) {
			t.Fatalf("after five wrong codes: %v, want a pause", err)
		}
		links(t, s, phone2, store.NewCode(), store.ErrCodeUnknown) // others are not paused
		clock.Advance(store.WrongCodePause)
		links(t, s, phone1, code, nil)
	})
}

func TestOnlyTheHashOfACodeIsStored(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		code := invited(t, s, cast.Employee.ID, "")
		invitation, err := s.InvitationFor(context.Background(), phone1, code)
		if err != nil {
			t.Fatalf("look up: %v", err)
		}
		if len(invitation.CodeHash) != 64 || strings.Contains(strings.ToUpper(invitation.CodeHash), code) {
			t.Errorf("stored as %q", invitation.CodeHash)
		}
	})
}

func TestAVouchedCodeIsForOneTelegramUserAndLeavesThePaperSlipValid(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		slip := invited(t, s, cast.Employee.ID, "")
		vouched, err := s.InviteVouched(context.Background(), cast.Employee.ID, phone1)
		if err != nil {
			t.Fatalf("vouch: %v", err)
		}
		links(t, s, phone2, vouched, store.ErrCodeUnknown)
		clock.Advance(store.VouchedLife)
		links(t, s, phone1, vouched, store.ErrCodeExpired)
		links(t, s, phone1, slip, nil)
	})
}

func TestANewPhoneTakesThePersonAlongAndGivesTheOldOneNothing(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		links(t, s, phone1, invited(t, s, cast.Employee.ID, ""), nil)
		links(t, s, phone2, invited(t, s, cast.Employee.ID, ""), nil)
		if _, err := s.ActorByTelegram(context.Background(), phone1); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the old phone is still known: %v", err)
		}
		links(t, s, phone2, invited(t, s, cast.Superior.ID, ""), store.ErrLinkedElsewhere)
	})
}

func TestACodeGrantsTheRoleItWasMadeFor(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		ctx := context.Background()
		before, err := s.AdminScope(ctx, cast.Employee.ID)
		if err != nil || !before.None() {
			t.Fatalf("scope before: %+v, %v", before, err)
		}
		links(t, s, phone1, invited(t, s, cast.Employee.ID, store.Admin), nil)
		after, err := s.AdminScope(ctx, cast.Employee.ID)
		if err != nil || after.None() {
			t.Errorf("scope after: %+v, %v", after, err)
		}
	})
}

func TestWhoIsNotLinkedIsListedPageByPage(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		links(t, s, phone1, invited(t, s, cast.Employee.ID, ""), nil)
		var seen []int64
		for after := int64(0); ; {
			page, err := s.Unlinked(context.Background(), after, 25)
			if err != nil {
				t.Fatalf("list: %v", err)
			}
			if len(page) == 0 {
				break
			}
			for _, p := range page {
				seen = append(seen, p.ID)
			}
			after = page[len(page)-1].ID
		}
		if len(seen) != len(cast.People)-1 || slices.Contains(seen, cast.Employee.ID) {
			t.Errorf("%d listed of %d, the linked one among them: %v", len(seen), len(cast.People), slices.Contains(seen, cast.Employee.ID))
		}
	})
}

// FuzzNormalCode: what is read as a code is in its normal form, and reading it again changes nothing.
func FuzzNormalCode(f *testing.F) {
	for _, seed := range []string{"K7QF-2MXD-9TRB-4WCN", "k7qf 2mxd 9trb 4wcn", "OIL0-OIL0-OIL0-OIL0", "", "ſ7QF-2MXD-9TRB-4WCN", "K7QF–2MXD–9TRB–4WCN"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := store.NormalCode(typed)
		if err != nil {
			if code != "" || !errors.Is(err, store.ErrCodeUnknown) {
				t.Errorf("%q: %q, %v", typed, code, err)
			}
			return
		}
		for _, form := range []string{code, store.GroupCode(code), strings.ToLower(code)} {
			if again, err := store.NormalCode(form); err != nil || again != code {
				t.Errorf("%q was read as %q, and %q as %q, %v", typed, code, form, again, err)
			}
		}
	})
}
