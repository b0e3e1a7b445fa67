package main

import (
	"errors"
	"fmt"
	"strings"

	"kinerja/store"
)

type leaveCommand struct {
	databaseSetting
	NIP string `name:"nip" required:"" placeholder:"N" help:"Who retired, died or moved out."`
}

// Run ends somebody's place on the roster. Doing it twice is harmless: it then tells what he left behind.
func (l *leaveCommand) Run(c console) error {
	return onPerson(c, l.databaseSetting, l.NIP, func(s *store.Store, person store.Person) error {
		done, err := s.Leave(c.ctx, 0, person.ID)
		if err != nil {
			return err
		}
		behind, err := s.LeftBehindBy(c.ctx, person.ID)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprint(c.stdout, departure(person, done), leftBehind(behind)); err != nil {
			return err
		}
		return warnOfNoAdministrator(c, s)
	})
}

// departure says what ended.
func departure(person store.Person, done store.Departed) string {
	if done.People == 0 {
		return fmt.Sprintf("%s (%s) had left already; nothing was changed.\n", person.Name, person.NIP)
	}
	return fmt.Sprintf("%s (%s) has left. Ended: %d Telegram account, %d roles, %d messages that were to be sent. What is written about the person stays.\n"+
		"Was it a mistake? Import a roster that names the person, then invite again.\n", person.Name, person.NIP, done.Accounts, done.Roles, done.Notifications)
}

// leftBehind lists the evaluations that somebody has to look after; "" for none.
func leftBehind(lines []store.LeftBehind) string {
	if len(lines) == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%d evaluations are open; the administrators are shown them under /admin:\n", len(lines))
	for _, l := range lines {
		fmt.Fprintf(&out, "  %s from %s: of %s%s, by %s%s\n", l.Kind, l.FirstDay, l.Employee, leftMark(l.EmployeeLeft), nobodyIf(l.Evaluator), leftMark(l.EvaluatorLeft))
	}
	return out.String()
}

func leftMark(left bool) string {
	if left {
		return " (has left)"
	}
	return ""
}

func nobodyIf(name string) string {
	if name == "" {
		return "nobody"
	}
	return name
}

// onPerson opens the records and does something with the person of a NIP.
func onPerson(c console, setting databaseSetting, nip string, do func(*store.Store, store.Person) error) (err error) {
	if err := asError(setting.problems()); err != nil {
		return err
	}
	s, err := openStore(c.ctx, setting.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	person, err := personOf(c, s, nip)
	if err != nil {
		return err
	}
	return do(s, person)
}

// warnOfNoAdministrator tells the operator that nobody administers the whole city any more, or nobody who can enter.
func warnOfNoAdministrator(c console, s *store.Store) error {
	administrators, linked, err := s.CityEntered(c.ctx)
	switch {
	case err != nil || linked > 0:
		return err
	case administrators == 0:
		_, err = fmt.Fprintln(c.stderr, "Nobody administers the whole city now. Name somebody: kinerja invite --role admin --nip N")
	default:
		_, err = fmt.Fprintf(c.stderr, "Nobody who administers the whole city can enter now: none of the %d is linked. Invite one: kinerja invite --nip N\n", administrators)
	}
	return err
}
