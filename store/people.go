package store

import "context"

// PersonByID returns one person, also one who left the roster; or ErrNotFound.
func (s *Store) PersonByID(ctx context.Context, id int64) (Person, error) {
	var p Person
	err := first(s.db.WithContext(ctx).Where("id = ?", id).Take(&p), "find person")
	return p, err
}

// PersonByNIP returns the person with a NIP of 18 digits, also one who left the roster; or ErrNotFound.
func (s *Store) PersonByNIP(ctx context.Context, nip string) (Person, error) {
	var p Person
	err := first(s.db.WithContext(ctx).Where("nip = ?", nip).Take(&p), "find person")
	return p, err
}

// PeopleOfUnits returns the people on the roster of exactly these units, by name.
func (s *Store) PeopleOfUnits(ctx context.Context, unitIDs []int64) ([]Person, error) {
	var list []Person
	err := failed(s.db.WithContext(ctx).Where("active = ? AND unit_id IN ?", true, unitIDs).Order("name, id").Find(&list), "read people")
	return list, err
}

// Subordinates returns the people on the roster whom somebody evaluates today, by name. An open period has its own, pinned list.
func (s *Store) Subordinates(ctx context.Context, superiorID int64) ([]Person, error) {
	var list []Person
	err := failed(s.db.WithContext(ctx).Where("active = ? AND superior_id = ?", true, superiorID).Order("name, id").Find(&list), "read subordinates")
	return list, err
}

// nullable makes 0 the database's NULL.
func nullable(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// value makes NULL 0.
func value(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}

// Leads reports whether somebody on the roster has a person as his superior.
func (s *Store) Leads(ctx context.Context, personID int64) (bool, error) {
	var led []int64
	err := failed(s.db.WithContext(ctx).Model(&Person{}).Where("superior_id = ? AND active = ?", personID, true).Limit(1).Pluck("id", &led), "find who is led")
	return len(led) > 0, err
}
