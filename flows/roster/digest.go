package roster

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"kinerja/store"
)

// Drift is what became of the roster since a file was checked.
type Drift int

// What may have become of it.
const (
	Unchanged Drift = iota // nothing that the plan looked at is different
	Begun                  // only steps of this plan are written: go on
	Changed                // somebody else changed what the plan looked at: show the new plan and ask again
)

// Digest is a short text to keep beside the file. It stands for all that the plan was made of: every field of whom the file names, of
// everybody else the unit and the superior, and all units.
func (p Plan) Digest() string {
	after := p.sums.after
	if p.complete {
		after -= p.sums.missing
	}
	return fmt.Sprintf("%016x-%016x", p.sums.before, after)
}

// Since compares this plan, of the same file with the same mapping, with the digest of the earlier one. Once steps are written it no longer
// sees that somebody else changed a row that is still to be written; the step overwrites it, as it would have a moment later.
func (p Plan) Since(digest string) Drift {
	before, after, _ := strings.Cut(digest, "-")
	now, then, _ := strings.Cut(p.Digest(), "-")
	switch {
	case before == now && after == then:
		return Unchanged
	case after == then:
		return Begun
	}
	return Changed
}

// sums add up the rows of the roster, whatever their order: as it is, as it will be, and of it those who are missing from the file.
type sums struct{ before, after, missing uint64 }

// sum adds up what Check looked at.
func (c *checker) sum(units []*entry[store.UnitEntry], people []*entry[store.PersonEntry], missing []store.PersonEntry) (s sums) {
	for _, u := range c.storedUnits {
		s.before += hash(u.Code, u.Name, u.ParentCode)
	}
	for _, p := range c.storedPeople {
		s.before += c.hashPerson(p)
	}
	s.after = s.before
	for _, e := range units {
		if old, exists := c.storedUnits[e.key]; exists {
			s.after -= hash(old.Code, old.Name, old.ParentCode)
		}
		s.after += hash(e.value.Code, e.value.Name, e.value.ParentCode)
	}
	for _, e := range people {
		old, exists := c.storedPeople[e.key]
		if exists {
			s.after -= c.hashPerson(old)
		}
		wanted := e.value
		wanted.Roles = slices.Clone(old.Roles)
		for _, role := range e.value.Roles {
			if !slices.Contains(wanted.Roles, role) {
				wanted.Roles = append(wanted.Roles, role)
			}
		}
		s.after += c.hashPerson(wanted)
	}
	for _, p := range missing {
		s.missing += c.hashPerson(p)
	}
	return s
}

func (c *checker) hashPerson(p store.PersonEntry) uint64 {
	fields := []string{p.NIP, p.UnitCode, p.SuperiorNIP}
	if c.inFile[p.NIP] {
		fields = append(fields, p.Name, p.Position, p.PositionKind, p.Grade, p.Phone)
		var roles []string
		for _, r := range p.Roles {
			roles = append(roles, fmt.Sprint(r.Role, r.City))
		}
		slices.Sort(roles)
		fields = append(fields, roles...)
	}
	return hash(fields...)
}

func hash(fields ...string) uint64 {
	sum := sha256.Sum256([]byte(strings.Join(fields, "\x00")))
	return binary.BigEndian.Uint64(sum[:8])
}
