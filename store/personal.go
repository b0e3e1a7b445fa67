package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// MaxIndicators is how many indicators an evaluation may have: they and their buttons fit into a message.
const MaxIndicators = 40

// ErrTooManyIndicators is returned when results of one's own and the indicators of the unit are more than MaxIndicators together.
var ErrTooManyIndicators = errors.New("too many indicators")

// KindPersonalChanged is the notification that tells a person that results of his own were changed.
const KindPersonalChanged = "personal_changed"

// personalNews is how long changes are gathered into one message: who writes a plan makes many.
const personalNews = 30 * time.Minute

// PersonalVersion is one state of the results that a person has of his own, his SKP. It never changes once it exists.
type PersonalVersion struct {
	ID        int64
	PersonID  int64
	Version   int   // from 1; unique with PersonID
	Instead   bool  // of the results of his unit; else beside them
	CreatedBy int64 // person; 0 for the program
	CreatedAt time.Time
	// SupersededAt is when the next version came; nil for the one that is in force.
	SupersededAt *time.Time
}

// PersonalResult is one indicator of a PersonalVersion; all of them are capaian.
type PersonalResult struct {
	ID                int64
	PersonalVersionID int64
	Ordinal           int // from 1; unique with PersonalVersionID
	Name              string
	Description       string
	Target            string
	Measure           string
	Dimension         string
	Plan              string
	Serves            string
	Additional        bool
}

func (r PersonalResult) indicator() Indicator {
	return Indicator{Ordinal: r.Ordinal, Aspect: Capaian, Name: r.Name, Description: r.Description, Target: r.Target, Measure: r.Measure, Dimension: r.Dimension,
		Plan: r.Plan, Serves: r.Serves, Additional: r.Additional}
}

// Personal is what a person has of his own, and what his unit is evaluated with.
type Personal struct {
	PersonID  int64
	Name      string
	Position  string
	UnitID    int64
	VersionID int64 // 0 before the first
	Version   int
	Instead   bool
	ChangedBy string // name; "" for the program
	ChangedAt time.Time
	Results   []Indicator
	Unit      []Indicator `gorm:"-"` // those of his unit now; none where it has none
}

// Merged is what he would be evaluated with if a period opened now.
func (p Personal) Merged() []Indicator { return Merged(p.Unit, p.Results, p.Instead) }

// LeftOut are the results of his unit that Merged leaves out because there would be more than MaxIndicators.
func (p Personal) LeftOut() []Indicator {
	_, left := merged(p.Unit, p.Results, p.Instead)
	return left
}

// Merged puts the results that a person has of his own together with the indicators of his unit: instead of its results, or before them.
// A result of the unit with the same name is the person's own then. What is more than MaxIndicators is left out of the unit's results,
// from their end. Without any of his own he has those of the unit.
func Merged(unit, own []Indicator, instead bool) []Indicator {
	list, _ := merged(unit, own, instead)
	return list
}

func merged(unit, own []Indicator, instead bool) (all, left []Indicator) {
	if len(own) == 0 {
		return unit, nil
	}
	var list, results []Indicator
	for _, i := range unit {
		switch {
		case i.Aspect != Capaian:
			list = append(list, i)
		case !instead && !slices.ContainsFunc(own, func(o Indicator) bool { return o.Name == i.Name }):
			results = append(results, i)
		}
	}
	room := min(len(results), max(0, MaxIndicators-len(list)-len(own)))
	return ordered(slices.Concat(own, results[:room], list)), results[room:]
}

// PersonalChange makes other results of one's own. It may be called more than once; its error changes nothing.
type PersonalChange func(list []Indicator, instead bool) ([]Indicator, bool, error)

// PersonalFor returns what a person has of his own to who evaluates him by the roster of this moment (PermenPANRB 6/2022 art. 14(3): the
// Pejabat Penilai sets the SKP). ErrNotFound for everybody else.
func (s *Store) PersonalFor(ctx context.Context, evaluatorID, personID int64) (Personal, error) {
	tx := s.db.WithContext(ctx)
	if _, err := planOf(tx, evaluatorID, personID); err != nil {
		return Personal{}, err
	}
	return s.personal(tx, personID)
}

// PersonalOf returns to a person what he has of his own; ErrNotFound when he has left the roster.
func (s *Store) PersonalOf(ctx context.Context, personID int64) (Personal, error) {
	return s.personal(s.db.WithContext(ctx), personID)
}

// PersonalNumber is how many results a person has of his own.
func (s *Store) PersonalNumber(ctx context.Context, personID int64) (int, error) {
	var n int64
	err := failed(s.db.WithContext(ctx).Table("personal_results AS r").
		Joins("JOIN personal_versions AS v ON v.id = r.personal_version_id AND v.superseded_at IS NULL").Where("v.person_id = ?", personID).Count(&n), "count personal results")
	return int(n), err
}

// planOf finds a person on the roster whose superior somebody is now.
func planOf(tx *gorm.DB, evaluatorID, personID int64) (Person, error) {
	var p Person
	err := first(tx.Where("id = ? AND active = ? AND superior_id = ? AND id <> ?", personID, true, evaluatorID, evaluatorID).
		Where("EXISTS (SELECT 1 FROM people AS s WHERE s.id = ? AND s.active = ?)", evaluatorID, true).Take(&p), "find person")
	return p, err
}

// newestPersonal joins the newest version v of what people p have of their own.
const newestPersonal = "LEFT JOIN personal_versions AS v ON v.person_id = p.id AND v.version = (SELECT MAX(version) FROM personal_versions WHERE person_id = p.id)"

func (s *Store) personal(tx *gorm.DB, personID int64) (Personal, error) {
	var row struct {
		Name, Position, By string
		UnitID, VersionID  int64
		Version            int
		Instead            bool
		CreatedAt          *time.Time
	}
	err := first(tx.Table("people AS p").Joins(newestPersonal).Joins("LEFT JOIN people AS b ON b.id = v.created_by").
		Select("p.name, p.position, p.unit_id, COALESCE(v.id, 0) AS version_id, COALESCE(v.version, 0) AS version, COALESCE(v.instead, 0) AS instead, "+
			"COALESCE(b.name, '') AS `by`, v.created_at").Where("p.id = ? AND p.active = ?", personID, true).Take(&row), "find person")
	if err != nil {
		return Personal{}, err
	}
	view := Personal{PersonID: personID, Name: row.Name, Position: row.Position, UnitID: row.UnitID, VersionID: row.VersionID, Version: row.Version,
		Instead: row.Instead, ChangedBy: row.By}
	if row.CreatedAt != nil {
		view.ChangedAt = *row.CreatedAt
	}
	if view.VersionID != 0 {
		own, err := resultsOf(tx, view.VersionID)
		if err != nil {
			return view, err
		}
		view.Results = own[view.VersionID]
	}
	view.Unit, err = s.unitIndicators(tx, view.UnitID)
	return view, err
}

// resultsOf reads the results of personal versions.
func resultsOf(tx *gorm.DB, versions ...int64) (map[int64][]Indicator, error) {
	var rows []PersonalResult
	err := failed(tx.Where("personal_version_id IN ?", versions).Order("personal_version_id, ordinal").Find(&rows), "read personal results")
	own := map[int64][]Indicator{}
	for _, r := range rows {
		own[r.PersonalVersionID] = append(own[r.PersonalVersionID], r.indicator())
	}
	return own, err
}

// unitIndicators are those with which a unit is evaluated now; none where it has none.
func (s *Store) unitIndicators(tx *gorm.DB, unitID int64) ([]Indicator, error) {
	tree, err := treeIn(tx)
	if err != nil {
		return nil, err
	}
	own, err := ownVersions(tx)
	if err != nil {
		return nil, err
	}
	version := nearestVersions(tree, own)[unitID]
	if version == 0 {
		return nil, nil
	}
	return s.indicatorsIn(tx, version)
}

// ChangePersonal makes a new version of what a person has of his own. seen is the version that the evaluator looked at, 0 for none: when another
// one is in force by now, nothing is changed and ErrTemplateChanged returned; a change that is made already is done. The person is told once.
// ErrTooManyIndicators when with those of the unit they were more than MaxIndicators; ErrNotFound unless he evaluates him now.
func (s *Store) ChangePersonal(ctx context.Context, evaluatorID, personID, seen int64, change PersonalChange) (Personal, error) {
	var after Personal
	err := s.transaction(ctx, "change personal results", func(tx *gorm.DB) error {
		now, err := s.personalToChange(tx, evaluatorID, personID)
		if err != nil {
			return err
		}
		before, instead := now.Results, now.Instead
		if now.VersionID != seen {
			if before, instead, err = seenPersonal(tx, personID, seen); err != nil {
				return err
			}
		}
		list, instead, err := change(slices.Clone(before), instead)
		if err != nil {
			return err
		}
		if list, err = checkedResults(list); err != nil {
			return err
		}
		made := slices.Equal(list, now.Results) && instead == now.Instead
		switch {
		case made:
			after = now
			return nil
		case now.VersionID != seen:
			return ErrTemplateChanged
		case len(list) > MaxIndicators || countMerged(now.Unit, list, instead) > MaxIndicators:
			return ErrTooManyIndicators
		}
		if err := s.writePersonal(tx, evaluatorID, now, list, instead); err != nil {
			return err
		}
		after, err = s.personal(tx, personID)
		return err
	})
	return after, err
}

// seenPersonal reads the version that somebody looked at, which is not in force any more.
func seenPersonal(tx *gorm.DB, personID, versionID int64) ([]Indicator, bool, error) {
	if versionID == 0 {
		return nil, false, nil
	}
	var v PersonalVersion
	if err := first(tx.Where("id = ? AND person_id = ?", versionID, personID).Take(&v), "find personal version"); err != nil {
		if errors.Is(err, ErrNotFound) {
			err = ErrTemplateChanged
		}
		return nil, false, err
	}
	own, err := resultsOf(tx, v.ID)
	return own[v.ID], v.Instead, err
}

// countMerged is how many indicators there would be if none was left out.
func countMerged(unit, own []Indicator, instead bool) int {
	n := len(own)
	for _, i := range unit {
		if i.Aspect != Capaian || !instead && !slices.ContainsFunc(own, func(o Indicator) bool { return o.Name == i.Name }) {
			n++
		}
	}
	return n
}

// checkedResults is checked for results of one's own, of which there may be none.
func checkedResults(list []Indicator) ([]Indicator, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if slices.ContainsFunc(list, func(i Indicator) bool { return i.Aspect != Capaian }) {
		return nil, errors.New("personal results are work results")
	}
	return checked(list)
}

// personalToChange locks a person for who evaluates him now. An opening guards its people too: it takes them before the change or after it.
func (s *Store) personalToChange(tx *gorm.DB, evaluatorID, personID int64) (Personal, error) {
	p, err := planOf(s.exclusive(tx), evaluatorID, personID)
	if err != nil {
		return Personal{}, err
	}
	if err := guard(tx.Model(&Person{}).Where("id = ?", p.ID), "guard person"); err != nil {
		return Personal{}, err
	}
	return s.personal(tx, p.ID)
}

// writePersonal writes the next version of what a person who is locked has of his own, and owes him the news, once for what comes together.
func (s *Store) writePersonal(tx *gorm.DB, actor int64, now Personal, list []Indicator, instead bool) error {
	v := PersonalVersion{PersonID: now.PersonID, Version: now.Version + 1, Instead: instead, CreatedBy: actor, CreatedAt: s.now()}
	if err := failed(tx.Create(&v), "write personal version"); err != nil {
		return err
	}
	past := tx.Model(&PersonalVersion{}).Where("person_id = ? AND version < ? AND superseded_at IS NULL", now.PersonID, v.Version).Update("superseded_at", s.now())
	if err := failed(past, "supersede personal version"); err != nil {
		return err
	}
	rows := make([]PersonalResult, 0, len(list))
	for n, i := range list {
		rows = append(rows, PersonalResult{PersonalVersionID: v.ID, Ordinal: n + 1, Name: i.Name, Description: i.Description, Target: i.Target, Measure: i.Measure,
			Dimension: i.Dimension, Plan: i.Plan, Serves: i.Serves, Additional: i.Additional})
	}
	if len(rows) > 0 {
		if err := failed(tx.Create(&rows), "write personal results"); err != nil {
			return err
		}
	}
	due := s.now().Truncate(personalNews).Add(personalNews)
	news := Notice{Key: fmt.Sprintf("%s:%d:%d", KindPersonalChanged, now.PersonID, due.Unix()), PersonID: now.PersonID, Kind: KindPersonalChanged, DueAt: due}
	if err := s.notify(tx, news); err != nil {
		return err
	}
	return s.audit(tx, actor, "personal.version", "person", now.PersonID, fmt.Sprint(now.Version), fmt.Sprint(v.Version))
}

// PersonalLine is one of the people whom somebody evaluates by the roster.
type PersonalLine struct {
	PersonID int64
	Name     string
	Results  int // of his own
	Instead  bool
}

// PersonalTeam lists whom somebody evaluates by the roster of now, by name, with how many results each has of his own, and counts them.
func (s *Store) PersonalTeam(ctx context.Context, evaluatorID int64, offset, limit int) (lines []PersonalLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	return personalLines(func() *gorm.DB { return teamOf(tx, evaluatorID) }, offset, limit)
}

// PersonalSources lists, as PersonalTeam does, from whom results can be copied for a person: those who have some of their own. To who evaluates
// the person too; ErrNotFound for everybody else.
func (s *Store) PersonalSources(ctx context.Context, evaluatorID, personID int64, offset, limit int) (lines []PersonalLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	if _, err := planOf(tx, evaluatorID, personID); err != nil {
		return nil, 0, err
	}
	return personalLines(func() *gorm.DB {
		return teamOf(tx, evaluatorID).Where("p.id <> ?", personID).Where("EXISTS (SELECT 1 FROM personal_results AS r " +
			"JOIN personal_versions AS n ON n.id = r.personal_version_id AND n.superseded_at IS NULL WHERE n.person_id = p.id)")
	}, offset, limit)
}

// teamOf are the people p whom somebody evaluates by the roster of now.
func teamOf(tx *gorm.DB, evaluatorID int64) *gorm.DB {
	return tx.Table("people AS p").Where("p.superior_id = ? AND p.active = ? AND p.id <> ?", evaluatorID, true, evaluatorID)
}

func personalLines(people func() *gorm.DB, offset, limit int) (lines []PersonalLine, total int, err error) {
	var n int64
	if err := failed(people().Count(&n), "count people"); err != nil {
		return nil, 0, err
	}
	err = failed(people().Joins(newestPersonal).Select("p.id AS person_id, p.name, COALESCE(v.instead, 0) AS instead, "+
		"(SELECT COUNT(*) FROM personal_results WHERE personal_version_id = v.id) AS results").
		Order("LOWER(p.name), p.id").Offset(offset).Limit(limit).Find(&lines), "list people")
	return lines, int(n), err
}

// PersonalHeld tells who sees a person's page whether he may plan for him now, and how many results the person has of his own.
func (s *Store) PersonalHeld(ctx context.Context, evaluatorID, personID int64) (may bool, results int, err error) {
	var lines []PersonalLine
	err = failed(s.db.WithContext(ctx).Table("people AS p").Joins(newestPersonal).
		Select("p.id AS person_id, (SELECT COUNT(*) FROM personal_results WHERE personal_version_id = v.id) AS results").
		Where("p.id = ? AND p.superior_id = ? AND p.active = ? AND p.id <> ?", personID, evaluatorID, true, evaluatorID).Find(&lines), "find person")
	if err != nil || len(lines) == 0 {
		return false, 0, err
	}
	return true, lines[0].Results, nil
}

// PersonalCount tells an administrator how many people of a unit and those below it, 0 for the city, have results of their own; nothing of what they
// are. ErrNotFound when the unit is not his.
func (s *Store) PersonalCount(ctx context.Context, adminID, unitID int64) (int, error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.scopeFor(tx, adminID, unitID)
	if err != nil {
		return 0, err
	}
	var n int64
	err = failed(tx.Table("personal_versions AS v").Joins("JOIN people AS p ON p.id = v.person_id AND p.active = ? AND p.unit_id IN ?", true, scope.tree.Below(unitID)).
		Where("v.version = (SELECT MAX(version) FROM personal_versions WHERE person_id = v.person_id)").
		Where("EXISTS (SELECT 1 FROM personal_results WHERE personal_version_id = v.id)").Count(&n), "count personal results")
	return int(n), err
}

// PersonalVersionLine is one version in the history of what a person has of his own.
type PersonalVersionLine struct {
	ID        int64
	Version   int
	Instead   bool
	By        string // name; "" for the program
	CreatedAt time.Time
	Results   []Indicator          `gorm:"-"`
	Before    *PersonalVersionLine `gorm:"-"` // nil for the first
}

// PersonalHistory lists the versions, the newest first, and counts them; to who evaluates the person now.
func (s *Store) PersonalHistory(ctx context.Context, evaluatorID, personID int64, offset, limit int) (lines []PersonalVersionLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	if _, err := planOf(tx, evaluatorID, personID); err != nil {
		return nil, 0, err
	}
	var n int64
	if err := failed(tx.Model(&PersonalVersion{}).Where("person_id = ?", personID).Count(&n), "count personal versions"); err != nil {
		return nil, 0, err
	}
	err = failed(tx.Table("personal_versions AS v").Joins("LEFT JOIN people AS p ON p.id = v.created_by").Where("v.person_id = ?", personID).
		Select("v.id, v.version, v.instead, v.created_at, COALESCE(p.name, '') AS `by`").
		Order("v.version DESC").Offset(offset).Limit(limit+1).Find(&lines), "list personal versions")
	if err != nil {
		return nil, 0, err
	}
	var ids []int64
	for _, l := range lines {
		ids = append(ids, l.ID)
	}
	own, err := resultsOf(tx, ids...)
	for n := range lines {
		lines[n].Results = own[lines[n].ID]
		if n > 0 {
			lines[n-1].Before = &lines[n]
		}
	}
	return lines[:min(limit, len(lines))], int(n), err
}
