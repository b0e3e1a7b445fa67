package store_test

import (
	"context"
	"errors"
	"fmt"
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

func invited(t *testing.T, s *store.Store, person int64) string {
	t.Helper()
	code, err := s.Invite(context.Background(), person, store.CodeLife)
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
		code := invited(t, s, cast.Employee.ID)
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
		code := invited(t, s, cast.Employee.ID)
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
		late := invited(t, s, cast.Employee.ID)
		clock.Advance(store.CodeLife)
		links(t, s, phone1, late, store.ErrCodeExpired)
		older, newer := invited(t, s, cast.Employee.ID), invited(t, s, cast.Employee.ID)
		links(t, s, phone1, older, store.ErrCodeExpired)
		links(t, s, phone1, newer, nil)
	})
}

func TestFiveWrongCodesPauseEvenARightOne(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		code := invited(t, s, cast.Employee.ID)
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

func TestWhatCannotBeACodeDoesNotCountAsAWrongOne(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		code := invited(t, s, cast.Employee.ID)
		for _, text := range []string{"siapa ini?", "selamat pagi", "tolong", "bagaimana caranya", "1234", "081234567890", strings.Repeat("7", 18)} {
			links(t, s, phone1, text, store.ErrCodeUnknown)
		}
		links(t, s, phone1, code, nil)
	})
}

func TestOnlyTheHashOfACodeIsStored(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		code := invited(t, s, cast.Employee.ID)
		invitation, err := s.InvitationFor(context.Background(), phone1, code)
		if err != nil {
			t.Fatalf("look up: %v", err)
		}
		if len(invitation.CodeHash) != 64 || strings.Contains(strings.ToUpper(invitation.CodeHash), code) {
			t.Errorf("stored as %q", invitation.CodeHash)
		}
	})
}

func TestAVouchedInvitationIsForOneTelegramUserAndLeavesThePaperSlipValid(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		slip := invited(t, s, cast.Employee.ID)
		vouched := vouch(t, s, cast.Employee.ID, phone1, nil)
		accepts(t, s, phone2, vouched.ID, store.ErrCodeUnknown)
		clock.Advance(store.VouchedLife)
		accepts(t, s, phone1, vouched.ID, store.ErrCodeExpired)
		links(t, s, phone1, slip, nil)
	})
}

// vouch expects the error; nil means that the phone number is enough.
func vouch(t *testing.T, s *store.Store, person, telegramID int64, want error) store.Invitation {
	t.Helper()
	invitation, err := s.InviteVouched(context.Background(), person, telegramID)
	if !errors.Is(err, want) {
		t.Errorf("invite by phone number: %v, want %v", err, want)
	}
	return invitation
}

// accepts expects the error; nil means that the invitation is used.
func accepts(t *testing.T, s *store.Store, telegramID, invitation int64, want error) {
	t.Helper()
	if _, err := s.Accept(context.Background(), telegramID, "id", invitation); !errors.Is(err, want) {
		t.Errorf("accept by %d: %v, want %v", telegramID, err, want)
	}
}

func TestTheNumberOfAnInvitationIsOfUseOnlyToWhoHasShownItsCode(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, cast *sample.Cast) {
		ctx := context.Background()
		invitation, err := s.InvitationFor(ctx, phone1, invited(t, s, cast.Employee.ID))
		if err != nil {
			t.Fatal(err)
		}
		for telegramID, want := range map[int64]error{phone1: nil, phone2: store.ErrCodeUnknown} {
			if got, err := s.Presented(ctx, telegramID, invitation.ID); !errors.Is(err, want) || err == nil && got.PersonID != cast.Employee.ID {
				t.Errorf("shown to %d: %+v, %v, want %v", telegramID, got, err, want)
			}
		}
		accepts(t, s, phone2, invitation.ID, store.ErrCodeUnknown)
		accepts(t, s, phone1, invitation.ID+1, store.ErrCodeUnknown)
		accepts(t, s, phone1, invitation.ID, nil)
		accepts(t, s, phone1, invitation.ID, nil) // the same tap again is done already
		clock.Advance(store.CodeLife)
		accepts(t, s, phone1, invitation.ID, nil)
	})
}

// moved links a person to one phone and then to another.
func moved(t *testing.T, s *store.Store, person int64) {
	t.Helper()
	links(t, s, phone1, invited(t, s, person), nil)
	links(t, s, phone2, invited(t, s, person), nil)
}

func TestANewPhoneTakesThePersonAlongAndGivesTheOldOneNothing(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		moved(t, s, cast.Employee.ID)
		if _, err := s.ActorByTelegram(context.Background(), phone1); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the old phone is still known: %v", err)
		}
		links(t, s, phone2, invited(t, s, cast.Superior.ID), store.ErrLinkedElsewhere)
	})
}

func TestEveryMoveOfAnAccountIsToldToAdministratorsAndToTheOldPhoneAndTheAuditHasBoth(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		moved(t, s, cast.Employee.ID)
		administrators, err := s.AdministratorsFor(context.Background(), cast.Employee.UnitID)
		if err != nil || len(administrators) < 2 {
			t.Fatalf("administrators %v, %v", administrators, err)
		}
		for _, admin := range administrators {
			if n := s.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE kind = ? AND person_id = ? AND args = ?", store.KindAccountMoved, admin, cast.Employee.ID); n != 1 {
				t.Errorf("administrator %d is told %d times", admin, n)
			}
		}
		if n := s.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE kind = ? AND person_id = 0 AND args = ?", store.KindAccountLeft, fmt.Sprintf("%d:id", phone1)); n != 1 {
			t.Errorf("the old phone is told %d times", n)
		}
		audited := s.CountRows(t, "SELECT COUNT(*) FROM audits WHERE action = 'linked' AND object_id = ? AND `before` = ? AND `after` = ?",
			cast.Employee.ID, fmt.Sprintf("telegram %d", phone1), fmt.Sprintf("telegram %d", phone2))
		if audited != 1 {
			t.Errorf("%d rows of audit have both Telegram users", audited)
		}
	})
}

func TestAFirstLinkAndTheSamePhoneAgainMoveNothing(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		for range 2 {
			links(t, s, phone1, invited(t, s, cast.Employee.ID), nil)
		}
		if n := s.CountRows(t, "SELECT COUNT(*) FROM notifications WHERE kind IN (?, ?)", store.KindAccountMoved, store.KindAccountLeft); n != 0 {
			t.Errorf("%d are told of a move", n)
		}
	})
}

func TestAPhoneNumberIsNotEnoughWhereAnAccountIsOrWasLostOrAdministers(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		ctx := context.Background()
		vouch(t, s, cast.Admin.ID, phone2, store.ErrCodeNeeded)
		early := vouch(t, s, cast.Employee.ID, phone2, nil)
		links(t, s, phone1, invited(t, s, cast.Employee.ID), nil)
		vouch(t, s, cast.Employee.ID, phone2, store.ErrCodeNeeded)
		accepts(t, s, phone2, early.ID, store.ErrCodeNeeded)
		for _, want := range []bool{true, false} {
			if ended, err := s.Unlink(ctx, cast.Admin.ID, cast.Employee.ID); ended != want || err != nil {
				t.Errorf("unlink: %v, %v, want %v", ended, err, want)
			}
		}
		if _, err := s.ActorByTelegram(ctx, phone1); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the lost phone is still known: %v", err)
		}
		vouch(t, s, cast.Employee.ID, phone1, store.ErrCodeNeeded)
		links(t, s, phone2, invited(t, s, cast.Employee.ID), nil)
	})
}

func TestUnlinkingEndsTheCodesThatWaitAndIsAudited(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		links(t, s, phone1, invited(t, s, cast.Employee.ID), nil)
		waiting := invited(t, s, cast.Employee.ID)
		for range 2 {
			if _, err := s.Unlink(context.Background(), cast.Admin.ID, cast.Employee.ID); err != nil {
				t.Fatal(err)
			}
		}
		links(t, s, phone2, waiting, store.ErrCodeExpired)
		if n := s.CountRows(t, "SELECT COUNT(*) FROM audits WHERE action = 'unlinked' AND actor_id = ? AND object_id = ? AND `before` = 'telegram 8001'", cast.Admin.ID, cast.Employee.ID); n != 1 {
			t.Errorf("audited %d times", n)
		}
		if _, err := s.Unlink(context.Background(), 0, 999999); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestWhoIsNotLinkedIsListedPageByPage(t *testing.T) {
	unlinked(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, cast *sample.Cast) {
		links(t, s, phone1, invited(t, s, cast.Employee.ID), nil)
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
