package store

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// PersonalEntry is what a file says that somebody has of his own.
type PersonalEntry struct {
	NIP     string `gorm:"column:nip"` // 18 digits
	Name    string // for whoever reads the file; ignored when it is read
	Instead bool
	Results []Indicator `gorm:"-"`
}

// PersonalUnknown lists those NIPs of which nobody is on the roster, and of the others how many indicators their units would add.
func (s *Store) PersonalUnknown(ctx context.Context, nips []string) (unknown []string, err error) {
	known := map[string]bool{}
	for chunk := range slices.Chunk(nips, openChunk) {
		var found []string
		if err := failed(s.db.WithContext(ctx).Model(&Person{}).Where("nip IN ? AND active = ?", chunk, true).Pluck("nip", &found), "find people"); err != nil {
			return nil, err
		}
		for _, nip := range found {
			known[nip] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(nips), func(nip string) bool { return known[nip] }), nil
}

// PersonalTooMany is the error of an import by which somebody would have more than MaxIndicators.
type PersonalTooMany struct{ NIPs []string }

func (e PersonalTooMany) Error() string {
	return "too many indicators for " + strings.Join(e.NIPs, ", ")
}

// ImportPersonal makes what a file says what its people have of their own, of all of them or of none, and returns for how many that is new. A
// person who has the same already keeps his version. ErrNotFound when one of them is not on the roster, PersonalTooMany as it says.
func (s *Store) ImportPersonal(ctx context.Context, actor int64, entries []PersonalEntry) (changed int, err error) {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b PersonalEntry) int { return strings.Compare(a.NIP, b.NIP) })
	for n := range entries {
		list, err := checkedResults(entries[n].Results)
		if err != nil {
			return 0, err
		}
		entries[n].Results = list
	}
	err = s.transaction(ctx, "import personal results", func(tx *gorm.DB) error {
		changed = 0
		var tooMany PersonalTooMany
		for chunk := range slices.Chunk(entries, openChunk) {
			n, err := s.importPersonal(tx, actor, chunk, &tooMany)
			if err != nil {
				return err
			}
			changed += n
		}
		if len(tooMany.NIPs) > 0 {
			return tooMany
		}
		return nil
	})
	return changed, err
}

func (s *Store) importPersonal(tx *gorm.DB, actor int64, entries []PersonalEntry, tooMany *PersonalTooMany) (changed int, err error) {
	nips := make([]string, 0, len(entries))
	for _, e := range entries {
		nips = append(nips, e.NIP)
	}
	var people []Person
	if err := failed(s.exclusive(tx).Where("nip IN ? AND active = ?", nips, true).Order("id").Find(&people), "lock people"); err != nil {
		return 0, err
	}
	if len(people) != len(entries) {
		return 0, ErrNotFound
	}
	if err := guard(tx.Model(&Person{}).Where("nip IN ?", nips), "guard people"); err != nil {
		return 0, err
	}
	for _, p := range people {
		entry := entries[slices.Index(nips, p.NIP)]
		now, err := s.personal(tx, p.ID)
		if err != nil {
			return changed, err
		}
		if countMerged(now.Unit, entry.Results, entry.Instead) > MaxIndicators {
			tooMany.NIPs = append(tooMany.NIPs, p.NIP)
			continue
		}
		if slices.Equal(entry.Results, now.Results) && entry.Instead == now.Instead {
			continue
		}
		if err := s.writePersonal(tx, actor, now, entry.Results, entry.Instead); err != nil {
			return changed, err
		}
		changed++
	}
	return changed, nil
}

// PersonalEntries returns what everybody of a unit and those below it, 0 for the city, has of his own, by NIP. ErrNotFound for an unknown unit.
func (s *Store) PersonalEntries(ctx context.Context, unitID int64) ([]PersonalEntry, error) {
	tx := s.db.WithContext(ctx)
	tree, err := treeIn(tx)
	if err != nil {
		return nil, err
	}
	units := tree.Below(unitID)
	if len(units) == 0 && unitID != 0 {
		return nil, ErrNotFound
	}
	var rows []struct {
		VersionID     int64
		PersonalEntry `gorm:"embedded"`
	}
	err = failed(tx.Table("personal_versions AS v").Joins("JOIN people AS p ON p.id = v.person_id AND p.active = ? AND p.unit_id IN ?", true, units).
		Select("v.id AS version_id, v.instead, p.nip, p.name").
		Where("v.version = (SELECT MAX(version) FROM personal_versions WHERE person_id = v.person_id)").Order("p.nip").Find(&rows), "list personal versions")
	if err != nil {
		return nil, err
	}
	var entries []PersonalEntry
	for chunk := range slices.Chunk(rows, openChunk) {
		var ids []int64
		for _, r := range chunk {
			ids = append(ids, r.VersionID)
		}
		own, err := resultsOf(tx, ids...)
		if err != nil {
			return nil, err
		}
		for _, r := range chunk {
			if r.Results = own[r.VersionID]; len(r.Results) > 0 {
				entries = append(entries, r.PersonalEntry)
			}
		}
	}
	return entries, nil
}
