package main

import (
	"errors"
	"fmt"

	"kinerja/flows/rules"
	"kinerja/store"
)

// errNobody says that a NIP is sound and that nobody has it.
var errNobody = errors.New("nobody on the roster has this NIP; nothing was changed")

// personOf finds the person of --nip, also one who left. With errNobody it returns the NIP as it is stored.
func personOf(c console, s *store.Store, typed string) (store.Person, error) {
	nip, err := rules.ParseNIP(typed)
	if err != nil {
		return store.Person{}, fmt.Errorf("--nip: %w; nothing was changed", err)
	}
	person, err := s.PersonByNIP(c.ctx, string(nip))
	if errors.Is(err, store.ErrNotFound) {
		return store.Person{NIP: string(nip)}, errNobody
	}
	return person, err
}

// unitOf finds the unit of --unit; the zero Unit, the whole city, when none is given.
func unitOf(c console, s *store.Store, code string) (store.Unit, error) {
	if code == "" {
		return store.Unit{}, nil
	}
	return unitNamed(c, s, "--unit", code)
}
