package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// ErrTemplateChanged is returned when a template is to be changed that is another one by now. It is an ErrConflict.
var ErrTemplateChanged = fmt.Errorf("template has changed meanwhile: %w", ErrConflict)

// UnitTemplate is the indicators that a unit is evaluated with in the periods to come.
type UnitTemplate struct {
	UnitID     int64
	Unit       string // name; "" for the whole city
	From       int64  // the unit whose template it is: itself, or one above, 0 for the city
	FromUnit   string // name; "" for the whole city
	Above      string // name of the unit that it would follow without indicators of its own; "" for the whole city
	MayChange  bool   // for the administrator who asks
	VersionID  int64
	Version    int
	ChangedBy  string // name; "" for the program
	ChangedAt  time.Time
	Indicators []Indicator
}

// Own reports whether the template is the unit's own.
func (t UnitTemplate) Own() bool { return t.From == t.UnitID }

// TemplateOf returns the template of a unit, or of the city (0), to an administrator. He sees what his units inherit too, as nothing in a
// template is about a person. ErrNotFound for other units, to other people, and where there is no template at all.
func (s *Store) TemplateOf(ctx context.Context, adminID, unitID int64) (UnitTemplate, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return UnitTemplate{}, err
	}
	if unitID != 0 && !slices.Contains(scope.related(), unitID) {
		return UnitTemplate{}, ErrNotFound
	}
	return s.templateOf(tx, scope, unitID)
}

func (s *Store) templateOf(tx *gorm.DB, scope Scope, unitID int64) (UnitTemplate, error) {
	own, err := ownVersions(tx)
	if err != nil {
		return UnitTemplate{}, err
	}
	view := UnitTemplate{UnitID: unitID, Unit: scope.Name(unitID), MayChange: scope.takesNew(unitID)}
	var found bool
	if view.VersionID, found = nearestVersions(scope.tree, own)[unitID]; !found {
		return view, ErrNotFound
	}
	for _, above := range scope.tree.Above(unitID)[1:] {
		if _, found := own[above]; found {
			view.Above = scope.Name(above)
			break
		}
	}
	var version struct {
		UnitID, CreatedBy int64
		Version           int
		CreatedAt         time.Time
		Name              string
	}
	err = first(tx.Table("template_versions AS v").Select("t.unit_id, v.created_by, v.version, v.created_at, COALESCE(p.name, '') AS name").
		Joins("JOIN templates AS t ON t.id = v.template_id").Joins("LEFT JOIN people AS p ON p.id = v.created_by").
		Where("v.id = ?", view.VersionID).Take(&version), "read template version")
	if err != nil {
		return view, err
	}
	view.From, view.FromUnit = version.UnitID, scope.Name(version.UnitID)
	view.Version, view.ChangedBy, view.ChangedAt = version.Version, version.Name, version.CreatedAt
	view.Indicators, err = readIndicators(tx, view.VersionID) // past the cache: in a transaction the version may never be committed
	return view, err
}

// TemplateChange makes other indicators of those that are there. It may be called more than once; its error changes nothing.
type TemplateChange func([]Indicator) ([]Indicator, error)

// ChangeTemplate makes a new version of a unit's template, its first one of what it inherited so far. seen is the version that the
// administrator looked at: when another one is in force by now, nothing is changed and ErrTemplateChanged returned. Periods that are
// open keep the version that they opened with. A change that is made already, as by a tap that is handled twice, is done. ErrNotFound when
// the unit is not his.
func (s *Store) ChangeTemplate(ctx context.Context, adminID, unitID, seen int64, change TemplateChange) (UnitTemplate, error) {
	var after UnitTemplate
	err := s.transaction(ctx, "change template", func(tx *gorm.DB) error {
		scope, now, err := s.templateToChange(tx, adminID, unitID, seen)
		if errors.Is(err, ErrTemplateChanged) && isMade(tx, now, seen, change) {
			after = now
			return nil
		}
		if err != nil {
			return err
		}
		indicators, err := change(slices.Clone(now.Indicators))
		if err != nil {
			return err
		}
		if indicators, err = checked(indicators); err != nil {
			return err
		}
		if err := s.writeVersion(tx, adminID, unitID, indicators, false); err != nil {
			return err
		}
		after, err = s.templateOf(tx, scope, unitID)
		return err
	})
	return after, err
}

// isMade reports whether a unit's own template is what a change makes of the version that was seen.
func isMade(tx *gorm.DB, now UnitTemplate, seen int64, change TemplateChange) bool {
	before, err := readIndicators(tx, seen)
	if err != nil || !now.Own() {
		return false
	}
	wanted, err := change(before)
	if err != nil {
		return false
	}
	wanted, err = checked(wanted)
	return err == nil && slices.Equal(wanted, bare(now.Indicators))
}

// InheritTemplate lets a unit follow the one above it again. Its own versions stay in its history. The city has nothing to follow:
// ErrConflict; else as ChangeTemplate.
func (s *Store) InheritTemplate(ctx context.Context, adminID, unitID, seen int64) error {
	return s.transaction(ctx, "inherit template", func(tx *gorm.DB) error {
		scope, now, err := s.templateToChange(tx, adminID, unitID, seen)
		switch {
		case errors.Is(err, ErrTemplateChanged) && !now.Own(): // done already
			return nil
		case err != nil:
			return err
		case unitID == 0:
			return ErrConflict
		case !now.Own():
			return nil
		}
		above, err := s.templateOf(tx, scope, scope.tree.Above(unitID)[1])
		if err != nil {
			return err
		}
		return s.writeVersion(tx, adminID, unitID, bare(above.Indicators), true)
	})
}

// templateToChange locks the template of a unit, which an administrator saw in a version that must still be in force.
func (s *Store) templateToChange(tx *gorm.DB, adminID, unitID, seen int64) (Scope, UnitTemplate, error) {
	scope, err := s.administered(tx, adminID)
	if err == nil && !scope.takesNew(unitID) {
		err = ErrNotFound
	}
	if err != nil {
		return scope, UnitTemplate{}, err
	}
	if _, err := s.lockTemplate(tx, unitID, ""); err != nil {
		return scope, UnitTemplate{}, err
	}
	now, err := s.templateOf(tx, scope, unitID)
	if err == nil && now.VersionID != seen {
		err = ErrTemplateChanged
	}
	return scope, now, err
}

func (s *Store) writeVersion(tx *gorm.DB, actor, unitID int64, indicators []Indicator, inherits bool) error {
	var t Template
	if err := first(tx.Where("unit_id = ?", unitID).Take(&t), "find template"); err != nil {
		return err
	}
	_, err := s.saveVersion(tx, actor, t.ID, indicators, inherits)
	return err
}

// TemplateLine is one unit with indicators of its own.
type TemplateLine struct {
	UnitID     int64
	Unit       string // name; "" for the whole city
	Indicators int
}

// OwnTemplates lists the units of an administrator's scope that have indicators of their own and were not merged into others, the city's default first, then by name.
// ErrNotFound when he administers nothing.
func (s *Store) OwnTemplates(ctx context.Context, adminID int64) ([]TemplateLine, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, err
	}
	var all []TemplateLine
	err = failed(tx.Table("templates AS t").Select("t.unit_id, COALESCE(u.name, '') AS unit, COUNT(*) AS indicators").
		Joins("LEFT JOIN units AS u ON u.id = t.unit_id").
		Joins("JOIN template_versions AS v ON v.template_id = t.id AND v.inherits = ? AND v.version = (SELECT MAX(version) FROM template_versions WHERE template_id = t.id)", false).
		Joins("JOIN indicators AS i ON i.template_version_id = v.id").
		Group("t.unit_id, u.name").Order("u.name, t.unit_id").Find(&all), "list templates")
	return slices.DeleteFunc(all, func(l TemplateLine) bool { return l.UnitID != 0 && !scope.takesNew(l.UnitID) }), err
}

// TemplateVersionLine is one version in the history of a unit's template.
type TemplateVersionLine struct {
	ID         int64
	Version    int
	Inherits   bool
	By         string // name; "" for the program
	CreatedAt  time.Time
	Indicators []Indicator `gorm:"-"`
	Before     []Indicator `gorm:"-"` // of the version before; none for the first
}

// TemplateHistory lists the versions of a unit's own template, the newest first, and counts them.
func (s *Store) TemplateHistory(ctx context.Context, adminID, unitID int64, offset, limit int) (lines []TemplateVersionLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	if _, err := s.TemplateOf(ctx, adminID, unitID); err != nil {
		return nil, 0, err
	}
	var count int64
	if err := failed(versionsOf(tx, unitID).Count(&count), "count template versions"); err != nil {
		return nil, 0, err
	}
	// One more: the last of the page differs from the one before it.
	err = failed(versionLines(tx, unitID).Order("v.version DESC").Offset(offset).Limit(limit+1).Find(&lines), "list template versions")
	if err != nil {
		return nil, 0, err
	}
	for n := range lines {
		if lines[n].Indicators, err = s.indicatorsIn(tx, lines[n].ID); err != nil && !errors.Is(err, ErrNotFound) {
			return nil, 0, err
		}
		if n > 0 {
			lines[n-1].Before = lines[n].Indicators
		}
	}
	return lines[:min(limit, len(lines))], int(count), nil
}

// versionsOf selects the versions v of a unit's own template.
func versionsOf(tx *gorm.DB, unitID int64) *gorm.DB {
	return tx.Table("template_versions AS v").Joins("JOIN templates AS t ON t.id = v.template_id AND t.unit_id = ?", unitID)
}

func versionLines(tx *gorm.DB, unitID int64) *gorm.DB {
	return versionsOf(tx, unitID).Joins("LEFT JOIN people AS p ON p.id = v.created_by").
		Select("v.id, v.version, v.inherits, v.created_at, COALESCE(p.name, '') AS `by`")
}

// TemplateVersionOf returns one version in the history of a unit; ErrNotFound when it is none, or follows another unit.
func (s *Store) TemplateVersionOf(ctx context.Context, adminID, unitID, versionID int64) (TemplateVersionLine, error) {
	if _, err := s.TemplateOf(ctx, adminID, unitID); err != nil {
		return TemplateVersionLine{}, err
	}
	tx := s.db.WithContext(ctx)
	var line TemplateVersionLine
	if err := first(versionLines(tx, unitID).Where("v.id = ? AND v.inherits = ?", versionID, false).Take(&line), "find template version"); err != nil {
		return TemplateVersionLine{}, err
	}
	var before TemplateVersionLine
	err := first(versionLines(tx, unitID).Where("v.version < ?", line.Version).Order("v.version DESC").Take(&before), "find version before")
	if err == nil {
		line.Before, err = s.indicatorsIn(tx, before.ID)
	}
	if err != nil && !errors.Is(err, ErrNotFound) { // the first one has none before it
		return TemplateVersionLine{}, err
	}
	line.Indicators, err = s.indicatorsIn(tx, line.ID)
	return line, err
}
