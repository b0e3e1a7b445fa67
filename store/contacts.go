package store

import "context"

// Contact is somebody whom people may ask.
type Contact struct {
	Name       string
	TelegramID int64 // 0 for who is not linked: he can be named, not written to
}

// ContactsFor lists the administrators whom somebody of a unit asks, by name: those of the unit, else of the nearest unit above that
// has any, up to the city's. Nobody is told to ask himself.
func (s *Store) ContactsFor(ctx context.Context, unitID, askerID int64) ([]Contact, error) {
	tx := s.db.WithContext(ctx)
	tree, err := treeIn(tx)
	if err != nil {
		return nil, err
	}
	var admins []struct {
		UnitID  int64
		Contact `gorm:"embedded"`
	}
	err = failed(tx.Table("person_roles").Select("person_roles.unit_id, people.name, COALESCE(accounts.telegram_id, 0) AS telegram_id").
		Joins("JOIN people ON people.id = person_roles.person_id AND people.active = ?", true).
		Joins("LEFT JOIN accounts ON accounts.person_id = people.id").
		Where("person_roles.role = ? AND person_roles.unit_id IN ? AND people.id <> ?", Admin, tree.Above(unitID), askerID).
		Order("people.name, people.id").Find(&admins), "find contacts")
	for _, unit := range tree.Above(unitID) {
		var contacts []Contact
		for _, a := range admins {
			if a.UnitID == unit {
				contacts = append(contacts, a.Contact)
			}
		}
		if len(contacts) > 0 {
			return contacts, err
		}
	}
	return nil, err
}
