// Package sample builds a small invented city into a store: for the demo, for trying things out and for tests.
//
// The people are generated; their names, NIPs and phone numbers belong to nobody on purpose.
// pegawai.csv and unit.csv have the form of a roster to import and serve as examples of it.
package sample

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"kinerja/store"
)

//go:embed unit.csv
var unitsCSV []byte

//go:embed pegawai.csv
var peopleCSV []byte

// Cast is who lives in the built city. The people that tests speak of have names of their own; each is somebody else.
type Cast struct {
	Admin          *store.Person          // administrator of the whole city
	UnitAdmin      *store.Person          // administrator of the health agency and all below it
	Leader         *store.Person          // leader of the whole city, evaluated like anybody
	Evaluator      *store.Person          // head of a puskesmas with exactly eight people
	Superior       *store.Person          // the evaluator's superior, head of the health agency
	Employee       *store.Person          // first of the evaluator's people by name, a plain employee
	OtherEvaluator *store.Person          // head of a school, in another agency
	NoSuperior     *store.Person          // the roster names nobody who evaluates him
	Newcomer       *store.Person          // a plain employee of the health agency whose account the demo does not link
	People         []*store.Person        // everybody, in the order of their NIPs
	Units          map[string]*store.Unit // by code
}

// The named people by NIP, as they stand in pegawai.csv.
const (
	adminNIP          = "198404012011012002"
	unitAdminNIP      = "197902182006032005"
	leaderNIP         = "196904201996122007"
	evaluatorNIP      = "198007192006122009"
	superiorNIP       = "197107091996032007"
	otherEvaluatorNIP = "197012241994122004"
	noSuperiorNIP     = "196802111995121002"
	newcomerNIP       = "199101282023212024"
)

// Files returns the city's units and people as the two files of a roster.
func Files() (units, people []byte) { return bytes.Clone(unitsCSV), bytes.Clone(peopleCSV) }

// City builds the city: three agencies that evaluate differently (health, education, transport), the secretariat, and 61 people.
// Building it again changes nothing.
func City(ctx context.Context, s *store.Store) (*Cast, error) {
	units, err := unitEntries()
	if err != nil {
		return nil, err
	}
	people, err := personEntries()
	if err != nil {
		return nil, err
	}
	if _, err := s.SaveUnits(ctx, 0, units); err != nil {
		return nil, fmt.Errorf("build sample city: %w", err)
	}
	if _, err := s.SavePeople(ctx, 0, people); err != nil {
		return nil, fmt.Errorf("build sample city: %w", err)
	}
	if err := saveTemplates(ctx, s); err != nil {
		return nil, fmt.Errorf("build sample city: %w", err)
	}
	return read(ctx, s)
}

func unitEntries() ([]store.UnitEntry, error) {
	rows, err := rows(unitsCSV)
	if err != nil {
		return nil, err
	}
	var entries []store.UnitEntry
	for _, r := range rows {
		entries = append(entries, store.UnitEntry{Code: r["kode"], Name: r["nama"], ParentCode: r["induk"]})
	}
	return entries, nil
}

func personEntries() ([]store.PersonEntry, error) {
	rows, err := rows(peopleCSV)
	if err != nil {
		return nil, err
	}
	var entries []store.PersonEntry
	for _, r := range rows {
		phone, ok := store.Phone(r["telepon"])
		if !ok {
			return nil, fmt.Errorf("sample city: phone of %s", r["nama"])
		}
		entries = append(entries, store.PersonEntry{NIP: r["nip"], Name: r["nama"], Position: r["jabatan"], PositionKind: r["jenis_jabatan"],
			Grade: r["golongan"], UnitCode: r["unit"], SuperiorNIP: r["nip_atasan"], Phone: phone, Roles: roles(r["peran"])})
	}
	return entries, nil
}

// roles reads the words that the sample uses; roster.Read knows all of them and what to say about wrong ones.
func roles(words string) []store.RoleEntry {
	known := map[string]store.RoleEntry{
		"pengelola":      {Role: store.Admin},
		"pengelola kota": {Role: store.Admin, City: true},
		"pimpinan":       {Role: store.Leader},
		"pimpinan kota":  {Role: store.Leader, City: true},
	}
	var found []store.RoleEntry
	for word := range strings.SplitSeq(words, ",") {
		if role, ok := known[word]; ok {
			found = append(found, role)
		}
	}
	return found
}

// rows reads a CSV file as one map a row, by the names of its header.
func rows(file []byte) ([]map[string]string, error) {
	table, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("sample city: %w", err)
	}
	var all []map[string]string
	for _, line := range table[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[table[0][i]] = cell
		}
		all = append(all, row)
	}
	return all, nil
}

// read returns the city as it is stored.
func read(ctx context.Context, s *store.Store) (*Cast, error) {
	units, err := s.Units(ctx)
	if err != nil {
		return nil, err
	}
	city := &Cast{Units: map[string]*store.Unit{}}
	var ids []int64
	for i := range units {
		city.Units[units[i].Code] = &units[i]
		ids = append(ids, units[i].ID)
	}
	people, err := s.PeopleOfUnits(ctx, ids)
	if err != nil {
		return nil, err
	}
	byNIP := map[string]*store.Person{}
	for i := range people {
		byNIP[people[i].NIP] = &people[i]
		city.People = append(city.People, &people[i])
	}
	slices.SortFunc(city.People, func(a, b *store.Person) int { return strings.Compare(a.NIP, b.NIP) })
	city.Admin, city.UnitAdmin, city.Leader = byNIP[adminNIP], byNIP[unitAdminNIP], byNIP[leaderNIP]
	city.Evaluator, city.Superior = byNIP[evaluatorNIP], byNIP[superiorNIP]
	city.OtherEvaluator, city.NoSuperior = byNIP[otherEvaluatorNIP], byNIP[noSuperiorNIP]
	city.Newcomer = byNIP[newcomerNIP]
	team, err := s.Subordinates(ctx, city.Evaluator.ID)
	if err != nil {
		return nil, err
	}
	city.Employee = byNIP[team[0].NIP]
	return city, nil
}
