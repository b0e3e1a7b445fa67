package main

import (
	"fmt"

	"kinerja/store"
)

type unlinkCommand struct {
	databaseSetting
	NIP string `name:"nip" required:"" placeholder:"N" help:"Whose phone is lost or in other hands."`
}

// Run ends somebody's Telegram account and the codes that wait for him. He stays on the roster, and only a new code links him again.
func (u *unlinkCommand) Run(c console) error {
	return onPerson(c, u.databaseSetting, u.NIP, func(s *store.Store, person store.Person) error {
		ended, err := s.Unlink(c.ctx, 0, person.ID)
		if err != nil {
			return err
		}
		what := "had no Telegram account; codes that were waiting have ended"
		if ended {
			what = "is unlinked: the old phone shows nothing any more, and its number does not link again"
		}
		if _, err = fmt.Fprintf(c.stdout, "%s (%s) %s.\nFor a new phone: kinerja invite --nip %s\n", person.Name, person.NIP, what, person.NIP); err != nil {
			return err
		}
		return warnOfNoAdministrator(c, s)
	})
}
