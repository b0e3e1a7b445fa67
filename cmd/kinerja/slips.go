package main

import (
	"errors"
	"fmt"
	"os"

	"kinerja/flows/document"
	"kinerja/flows/invite"
	"kinerja/store"
)

// print makes the codes of --all or --unit and writes one PDF with all slips.
func (i *inviteCommand) print(c console, s *store.Store, out *slips) error {
	unit, err := unitOf(c, s, i.Unit)
	if err != nil {
		return err
	}
	what := store.Printing{UnitID: unit.ID, Renew: i.Renew}
	plan, err := s.PlanPrinting(c.ctx, 0, what)
	if err != nil {
		return err
	}
	what.Stamp = plan.Stamp
	if plan.Fresh() == 0 && (!i.Renew || plan.Holding() == 0) {
		if err := i.sayHolders(c, plan.Holding()); err != nil {
			return err
		}
		return errors.New("there is nobody to invite; no code was made and nothing was printed")
	}
	if err := i.slips(c, s, what, out); err != nil {
		return err
	}
	return i.sayHolders(c, plan.Holding())
}

// printOne writes the slip of one person.
func (i *inviteCommand) printOne(c console, s *store.Store, p store.Person, out *slips) error {
	_, err := s.ActorByPerson(c.ctx, p.ID)
	switch {
	case err == nil:
		return fmt.Errorf("%s is linked already; `kinerja unlink --nip %s` first, then print again; nothing was changed", p.Name, p.NIP)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return i.slips(c, s, store.Printing{PersonID: p.ID}, out)
}

// slips makes the codes of a printing and writes them. All that can fail beforehand is done before a code is made.
func (i *inviteCommand) slips(c console, s *store.Store, what store.Printing, out *slips) error {
	if file, ok := out.text.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return errors.New("a PDF does not go to a terminal: add > undangan.pdf; no code was made")
		}
	}
	t, err := translator(i.Language)
	if err != nil {
		return err
	}
	printed, err := s.PrintInvitations(c.ctx, 0, what)
	if err != nil {
		return err
	}
	content, err := document.Slips(t, invite.Set(printed, out.username, i.Contact))
	if err == nil {
		_, err = out.text.Write(content)
	}
	if err != nil {
		return fmt.Errorf("the codes were made and not printed, give the command again with --renew: %w", err)
	}
	_, err = fmt.Fprintf(c.stderr, "Slips for %d people in %d units are printed; they are valid until %s.\n", printed.People(), len(printed.Units), t.Moment(printed.Until))
	return err
}
