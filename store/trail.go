package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"
)

// TrailFilter is which part of the audit is looked at. Zero values mean no bound.
type TrailFilter struct {
	PersonID    int64 // whom it is about, or who did it
	PeriodID    int64
	From, Until Date // days in WIB, both included
}

// TrailEntry is a row of the audit with the names of whom and what it is about; "" for what it does not name, or is gone.
type TrailEntry struct {
	Audit    `gorm:"embedded"`
	Actor    string
	PersonID int64
	Person   string
	Unit     string
	PeriodID int64
	Kind     PeriodKind
	FirstDay Date
	Named    map[string]string `gorm:"-"` // the evaluators that before and after name, by what stands there
	Deputy   string            `gorm:"-"` // of a row about a delegation, who stands in
}

// Trail lists what was changed and looked at in the units of an administrator, the newest first, and whether there is more after it. What is
// not about any unit is shown to who administers the whole city. It holds what is sealed: the last minutes are missing. ErrNotFound for
// everybody else, and for a person or a period that is not his.
func (s *Store) Trail(ctx context.Context, adminID int64, filter TrailFilter, offset, limit int) (entries []TrailEntry, more bool, err error) {
	tx := s.db.WithContext(ctx)
	list, err := s.trail(tx, adminID, filter)
	if err != nil {
		return nil, false, err
	}
	// The rows of the page first, by an index alone; then their names.
	var ids []int64
	if err := failed(list.Order("t.at DESC, t.audit_id DESC").Offset(offset).Limit(limit+1).Pluck("t.audit_id", &ids), "list audit"); err != nil || len(ids) == 0 {
		return nil, false, err
	}
	if more = len(ids) > limit; more {
		ids = ids[:limit]
	}
	names := tx.Table("sealed_audits AS t").Select("a.*, COALESCE(w.name, '') AS actor, t.person_id, COALESCE(p.name, '') AS person, COALESCE(u.name, '') AS unit, "+
		"t.period_id, COALESCE(e.kind, '') AS kind, COALESCE(e.first_day, '') AS first_day").
		Joins("JOIN audits AS a ON a.id = t.audit_id").Joins("LEFT JOIN people AS w ON w.id = t.actor_id").Joins("LEFT JOIN people AS p ON p.id = t.person_id").
		Joins("LEFT JOIN units AS u ON u.id = t.unit_id").Joins("LEFT JOIN periods AS e ON e.id = t.period_id").Where("t.audit_id IN ?", ids)
	if err := failed(names.Order("t.at DESC, t.audit_id DESC").Find(&entries), "read audit"); err != nil {
		return nil, false, err
	}
	if err := nameEvaluators(tx, entries); err != nil {
		return nil, false, err
	}
	return entries, more, nameDeputies(tx, entries)
}

// nameDeputies reads who stands in by the delegations that rows are about.
func nameDeputies(tx *gorm.DB, entries []TrailEntry) error {
	var ids []int64
	for _, e := range entries {
		if e.Subject == "delegation" {
			ids = append(ids, e.ObjectID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var found []DelegationView
	if err := failed(delegations(tx).Where("d.id IN ?", ids).Find(&found), "read deputies"); err != nil {
		return err
	}
	deputies := map[int64]string{}
	for _, d := range found {
		deputies[d.ID] = d.Deputy
	}
	for i, e := range entries {
		if e.Subject == "delegation" {
			entries[i].Deputy = deputies[e.ObjectID]
		}
	}
	return nil
}

// namesEvaluators are the actions whose before and after may be the ids of evaluators.
var namesEvaluators = []string{"evaluation.pass", "evaluation.add", "person.change"} //nolint:gochecknoglobals // a constant list

// nameEvaluators reads the names of those whom rows about a change of the evaluator give by their ids.
func nameEvaluators(tx *gorm.DB, entries []TrailEntry) error {
	var ids []int64
	for _, e := range entries {
		if !slices.Contains(namesEvaluators, e.Action) {
			continue
		}
		for _, said := range []string{e.Before, e.After} {
			if id, err := strconv.ParseInt(said, 10, 64); err == nil && id > 0 {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var people []Person
	if err := failed(tx.Select("id, name").Where("id IN ?", ids).Find(&people), "read evaluators"); err != nil {
		return err
	}
	named := map[string]string{}
	for _, p := range people {
		named[strconv.FormatInt(p.ID, 10)] = p.Name
	}
	for i := range entries {
		entries[i].Named = named
	}
	return nil
}

// trail is what an administrator may see of the audit.
func (s *Store) trail(tx *gorm.DB, adminID int64, filter TrailFilter) (*gorm.DB, error) {
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, err
	}
	list := scope.narrow(tx.Table("sealed_audits AS t"), "t.unit_id")
	if filter.PersonID != 0 {
		if _, _, err := s.administeredPerson(tx, adminID, filter.PersonID); err != nil {
			return nil, err
		}
		list = list.Where("(t.person_id = ? OR t.actor_id = ?)", filter.PersonID, filter.PersonID)
	}
	if filter.PeriodID != 0 {
		if _, _, err := s.periodFor(tx, adminID, filter.PeriodID); err != nil {
			return nil, err
		}
		list = list.Where("t.period_id = ?", filter.PeriodID)
	}
	for _, bound := range []struct {
		day   Date
		later int
		where string
	}{{filter.From, 0, "t.at >= ?"}, {filter.Until, 1, "t.at < ?"}} {
		if bound.day == "" {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, string(bound.day), WIB)
		if err != nil {
			return nil, fmt.Errorf("read day: %w", err)
		}
		list = list.Where(bound.where, day.AddDate(0, 0, bound.later).UTC())
	}
	return list, nil
}

// TrailPerson is the name of somebody whose changes an administrator looks at; ErrNotFound for who is not his.
func (s *Store) TrailPerson(ctx context.Context, adminID, personID int64) (string, error) {
	p, _, err := s.administeredPerson(s.db.WithContext(ctx), adminID, personID)
	return p.Name, err
}
