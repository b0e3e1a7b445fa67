package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Printed are the invitations of one file.
type Printed struct {
	City      string
	At, Until time.Time
	Units     []PrintedUnit // in the order of the pages
}

// PrintedUnit is one unit of a file.
type PrintedUnit struct {
	Name   string // "" for people without a unit
	Guests []Guest
}

// Guest is somebody with the code that was made for him. It is nowhere else: only its hash is stored.
type Guest struct {
	PersonID            int64
	Name, NIP, Position string
	UnitID              int64
	Code                string `gorm:"-"`
}

// People is how many invitations there are.
func (p Printed) People() (n int) {
	for _, u := range p.Units {
		n += len(u.Guests)
	}
	return n
}

// printChunk is how many people are invited in one transaction.
const printChunk = 100

// PrintInvitations makes the codes of one file, and audits each of them and the file. Earlier codes of these people end. The rights are checked
// again with each chunk; after a failure it may be called again. Nobody is in the file when all have got an account or a code meanwhile.
func (s *Store) PrintInvitations(ctx context.Context, adminID int64, p Printing) (Printed, error) {
	scope, err := s.printScope(s.db.WithContext(ctx), adminID)
	if err != nil {
		return Printed{}, err
	}
	meant, err := s.guests(s.db.WithContext(ctx), adminID, p, nil)
	if err != nil {
		return Printed{}, err
	}
	at := s.now()
	out := Printed{City: scope.cityName(), At: at, Until: at.Add(CodeLife)}
	byUnit := map[int64][]Guest{}
	for chunk := range slices.Chunk(meant, printChunk) {
		var invited []Guest
		err := s.transaction(ctx, "print invitations", func(tx *gorm.DB) (err error) {
			invited, err = s.inviteTogether(tx, adminID, p, chunk, out.Until)
			return err
		})
		if err != nil {
			return Printed{}, err
		}
		for _, g := range invited {
			unit, _ := scope.tree.Unit(g.UnitID) // the zero Unit for people without one
			byUnit[unit.ID] = append(byUnit[unit.ID], g)
		}
	}
	for _, id := range scope.printed(0) {
		if guests := byUnit[id]; len(guests) > 0 {
			slices.SortStableFunc(guests, func(a, b Guest) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
			out.Units = append(out.Units, PrintedUnit{Name: scope.Name(id), Guests: guests})
		}
	}
	return out, s.auditPrinting(ctx, adminID, p, out.People())
}

// auditPrinting says that a file was made, and of how many codes.
func (s *Store) auditPrinting(ctx context.Context, adminID int64, p Printing, codes int) error {
	subject, object := "unit", p.UnitID
	if p.PersonID != 0 {
		subject, object = "person", p.PersonID
	}
	return s.transaction(ctx, "audit printing", func(tx *gorm.DB) error {
		return s.audit(tx, adminID, "invitations.print", subject, object, "", fmt.Sprint(codes))
	})
}

// guests reads whom a printing is for at this moment, by id; of the people with some ids, or of all where ids is nil.
func (s *Store) guests(tx *gorm.DB, adminID int64, p Printing, ids []int64) ([]Guest, error) {
	scope, err := s.printScope(tx, adminID)
	if err != nil {
		return nil, err
	}
	people, err := printedPeople(tx, scope, p)
	if err != nil {
		return nil, err
	}
	beyond, outside := scope.beyond()
	people = people.Where(withoutAccount).Where("NOT "+beyond, outside...)
	if !p.Renew && p.PersonID == 0 {
		people = people.Where("NOT "+codeOfOthers, s.now(), p.key(adminID))
	}
	if ids != nil {
		people = people.Where("people.id IN ?", ids)
	}
	var list []Guest
	err = failed(people.Select("people.id AS person_id, people.name, people.nip, people.position, people.unit_id").Order("people.id").Find(&list), "read people to invite")
	return list, err
}

// inviteTogether makes the codes of those of a chunk who are still meant.
func (s *Store) inviteTogether(tx *gorm.DB, adminID int64, p Printing, chunk []Guest, until time.Time) ([]Guest, error) {
	ids := make([]int64, 0, len(chunk))
	for _, g := range chunk {
		ids = append(ids, g.PersonID)
	}
	if err := guard(tx.Model(&Person{}).Where("id IN ? AND active = ?", ids, true), "guard people"); err != nil {
		return nil, err
	}
	guests, err := s.guests(tx, adminID, p, ids)
	if err != nil || len(guests) == 0 {
		return nil, err
	}
	now := s.now()
	ended := tx.Model(&Invitation{}).Where("person_id IN ? AND telegram_id = 0 AND used_at IS NULL AND expires_at > ?", ids, now).Update("expires_at", now)
	if err := failed(ended, "end earlier codes"); err != nil {
		return nil, err
	}
	codes, audits := make([]Invitation, len(guests)), make([]Audit, len(guests))
	for i := range guests {
		guests[i].Code = NewCode()
		codes[i] = Invitation{PersonID: guests[i].PersonID, CodeHash: hashOf(guests[i].Code), ExpiresAt: until, PrintKey: p.key(adminID)}
		audits[i] = Audit{At: now, ActorID: adminID, Action: "invited", Subject: "person", ObjectID: guests[i].PersonID}
	}
	if err := failed(tx.Create(&codes), "write invitations"); err != nil {
		return nil, err
	}
	return guests, failed(tx.Create(&audits), "write audit")
}
