package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// SaveTemplate makes the indicators the newest version of a unit's template (unit 0: the default of the city) and returns the
// version's id. A version never changes: other indicators make a new one, the same indicators return the newest one as it is.
// The order of the slice is the order of the screens; ids and ordinals in it are ignored. ErrNotFound for an unknown unit.
func (s *Store) SaveTemplate(ctx context.Context, actor, unitID int64, name string, indicators []Indicator) (int64, error) {
	indicators, err := checked(indicators)
	if err != nil {
		return 0, fmt.Errorf("save template: %w", err)
	}
	var version int64
	err = s.transaction(ctx, "save template", func(tx *gorm.DB) error {
		template, err := s.lockTemplate(tx, unitID, name)
		if err != nil {
			return err
		}
		version, err = s.saveVersion(tx, actor, template.ID, indicators, false)
		return err
	})
	return version, err
}

var aspectOrder = []Aspect{Capaian, Sikap, Perilaku} //nolint:gochecknoglobals // a constant list

// checked returns a copy in the order of the aspects, with ordinals from 1 and no ids.
func checked(indicators []Indicator) ([]Indicator, error) {
	if len(indicators) == 0 {
		return nil, errors.New("no indicators")
	}
	indicators = slices.Clone(indicators)
	for i := range indicators {
		one := &indicators[i]
		if one.Name == "" && one.Aspect == Capaian {
			one.Name = NameOf(one.Plan) // a result in words alone
		}
		if one.Name == "" {
			return nil, fmt.Errorf("indicator %d has no name", i+1)
		}
		if !slices.Contains(aspectOrder, one.Aspect) {
			return nil, fmt.Errorf("indicator %d has no known aspect", i+1)
		}
	}
	return ordered(indicators), nil
}

// ordered sorts indicators, in place, by aspect, those of one result beside each other where its first one stands, and numbers them. What belongs
// to a result (see Indicator.Plan) is that of its first indicator.
func ordered(indicators []Indicator) []Indicator {
	first := map[string]int{} // place of the first indicator of a plan
	for n, i := range indicators {
		if _, known := first[i.Plan]; i.Plan != "" && !known {
			first[i.Plan] = n
		}
	}
	place := make([]int, len(indicators))
	for n := range indicators {
		i := &indicators[n]
		i.ID, i.TemplateVersionID, i.Ordinal, place[n] = 0, 0, n, n
		if leads, known := first[i.Plan]; known && i.Aspect == Capaian {
			place[n], i.Serves, i.Additional = leads, indicators[leads].Serves, indicators[leads].Additional
		}
	}
	slices.SortStableFunc(indicators, func(a, b Indicator) int {
		return cmp.Or(slices.Index(aspectOrder, a.Aspect)-slices.Index(aspectOrder, b.Aspect), place[a.Ordinal]-place[b.Ordinal])
	})
	for n := range indicators {
		indicators[n].Ordinal = n + 1
	}
	return indicators
}

// lockTemplate finds or makes the template of a unit, gives it its name unless that is "", and holds it, so that versions are made one after another.
func (s *Store) lockTemplate(tx *gorm.DB, unitID int64, name string) (Template, error) {
	if unitID != 0 {
		if err := first(s.shared(tx).Where("id = ? AND closed_at IS NULL", unitID).Take(&Unit{}), "find unit"); err != nil {
			return Template{}, err
		}
	}
	row := Template{UnitID: unitID, Name: name}
	upsert := clause.OnConflict{DoNothing: true}
	if name != "" {
		upsert = clause.OnConflict{Columns: []clause.Column{{Name: "unit_id"}}, DoUpdates: clause.AssignmentColumns([]string{"name"})}
	}
	if err := failed(tx.Clauses(upsert).Create(&row), "write template"); err != nil {
		return Template{}, err
	}
	var t Template
	err := first(s.exclusive(tx).Where("unit_id = ?", unitID).Take(&t), "find template")
	return t, err
}

// saveVersion makes the next version of a template that is locked. One that inherits holds a copy of what the unit above has.
func (s *Store) saveVersion(tx *gorm.DB, actor, templateID int64, indicators []Indicator, inherits bool) (int64, error) {
	var newest TemplateVersion
	err := first(tx.Where("template_id = ?", templateID).Order("version DESC").Take(&newest), "find template version")
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	same, err := s.sameIndicators(tx, newest.ID, indicators)
	if err != nil {
		return 0, err
	}
	if same && newest.Inherits == inherits && newest.ID != 0 {
		return newest.ID, nil
	}
	version := TemplateVersion{TemplateID: templateID, Version: newest.Version + 1, CreatedBy: actor, Inherits: inherits, CreatedAt: s.now()}
	if !version.CreatedAt.After(newest.CreatedAt) { // the clock of another process was ahead
		version.CreatedAt = newest.CreatedAt.Add(time.Microsecond)
	}
	if err := failed(tx.Create(&version), "write template version"); err != nil {
		return 0, err
	}
	rows := slices.Clone(indicators)
	for i := range rows {
		rows[i].TemplateVersionID = version.ID
	}
	if len(rows) > 0 {
		if err := failed(tx.Create(&rows), "write indicators"); err != nil {
			return 0, err
		}
	}
	return version.ID, s.audit(tx, actor, "template.version", "template", templateID, fmt.Sprint(newest.Version), fmt.Sprint(version.Version))
}

func (s *Store) sameIndicators(tx *gorm.DB, versionID int64, wanted []Indicator) (bool, error) {
	var have []Indicator
	err := failed(tx.Where("template_version_id = ?", versionID).Order("ordinal").Find(&have), "read indicators")
	return slices.Equal(bare(have), wanted), err
}

// bare returns indicators without what a version gives them.
func bare(indicators []Indicator) []Indicator {
	indicators = slices.Clone(indicators)
	for i := range indicators {
		indicators[i].ID, indicators[i].TemplateVersionID = 0, 0
	}
	return indicators
}

// TemplateVersions returns for every unit, and for 0, the newest version of the nearest template: its own, or that of the
// nearest unit above it that has one, or the default of the city. A unit without any is not in the map.
func (s *Store) TemplateVersions(ctx context.Context) (map[int64]int64, error) {
	tree, err := s.UnitTree(ctx)
	if err != nil {
		return nil, err
	}
	own, err := ownVersions(s.db.WithContext(ctx))
	return nearestVersions(tree, own), err
}

// ownVersions returns the version in force of each unit that has a template of its own: the one with the highest number, whatever the
// clocks say of it.
func ownVersions(tx *gorm.DB) (map[int64]int64, error) {
	var rows []struct{ UnitID, VersionID int64 }
	err := failed(tx.Table("templates").Select("templates.unit_id, versions.id AS version_id").
		Joins("JOIN template_versions versions ON versions.template_id = templates.id AND versions.inherits = ?", false).
		Where("NOT EXISTS (SELECT 1 FROM template_versions newer WHERE newer.template_id = versions.template_id AND newer.version > versions.version)").
		Scan(&rows), "read template versions")
	own := make(map[int64]int64, len(rows))
	for _, r := range rows {
		own[r.UnitID] = r.VersionID
	}
	return own, err
}

// nearestVersions gives every unit, and 0, the version of the nearest unit above it that has one.
func nearestVersions(tree Tree, own map[int64]int64) map[int64]int64 {
	nearest := map[int64]int64{}
	for _, unit := range append(tree.Below(0), 0) {
		for _, above := range tree.Above(unit) {
			if version, found := own[above]; found {
				nearest[unit] = version
				break
			}
		}
	}
	return nearest
}

// TemplateFor returns the version that a unit would be evaluated with today: see TemplateVersions. ErrNotFound when there is none.
func (s *Store) TemplateFor(ctx context.Context, unitID int64) (int64, error) {
	versions, err := s.TemplateVersions(ctx)
	if err != nil {
		return 0, err
	}
	version, found := versions[unitID]
	if !found {
		return 0, ErrNotFound
	}
	return version, nil
}
