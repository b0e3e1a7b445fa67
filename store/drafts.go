package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// PeriodDraft is a period that an administrator has prepared and not opened: its answers, and nothing else. It has no evaluations, nobody is
// told of it and no reminder knows it. Unique by kind, first day and unit, as periods are.
type PeriodDraft struct {
	ID            int64
	Kind          PeriodKind
	FirstDay      Date
	LastDay       Date
	UnitID        int64
	SelfReportDue time.Time
	ScoringDue    time.Time
	ObjectionDays int
	Release       Release
	CreatedBy     int64
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Form is what was decided in a draft.
func (d PeriodDraft) Form() PeriodForm {
	return PeriodForm{Kind: d.Kind, FirstDay: d.FirstDay, LastDay: d.LastDay, UnitID: d.UnitID, SelfReportDue: d.SelfReportDue, ScoringDue: d.ScoringDue,
		ObjectionDays: d.ObjectionDays, Release: d.Release}
}

// DraftLine is a draft as an administrator sees it.
type DraftLine struct {
	PeriodDraft `gorm:"embedded"`
	Unit        string `gorm:"-"` // name; "" for the whole city
}

// ErrOpened is returned for a draft of a period that is there already. It is an ErrConflict.
var ErrOpened = fmt.Errorf("period is open already: %w", ErrConflict)

// SaveDraft writes down what an administrator has decided about a period, without opening it. With the id of a draft of his that one is changed, otherwise
// the one over the same days for the same units, if there is one. ErrNotFound when the units, or the draft, are not his, ErrOpened when the
// period was opened, ErrConflict when another draft says the same days and units.
func (s *Store) SaveDraft(ctx context.Context, adminID, draftID int64, form PeriodForm) (PeriodDraft, error) {
	var draft PeriodDraft
	save := func(tx *gorm.DB) (err error) {
		draft, err = s.saveDraft(tx, adminID, draftID, form)
		return err
	}
	err := s.transaction(ctx, "save draft", save)
	if errors.Is(err, gorm.ErrDuplicatedKey) { // somebody wrote it down at the same moment
		err = s.transaction(ctx, "save draft", save)
	}
	return draft, err
}

func (s *Store) saveDraft(tx *gorm.DB, adminID, draftID int64, form PeriodForm) (PeriodDraft, error) {
	if _, err := s.scopeFor(tx, adminID, form.UnitID); err != nil {
		return PeriodDraft{}, err
	}
	switch err := first(ofSameDays(tx, form).Take(&Period{}), "find period"); {
	case err == nil:
		return PeriodDraft{}, ErrOpened
	case !errors.Is(err, ErrNotFound):
		return PeriodDraft{}, err
	}
	var before PeriodDraft
	err := first(s.exclusive(ofSameDays(tx, form)).Take(&before), "find draft")
	if err != nil && !errors.Is(err, ErrNotFound) {
		return PeriodDraft{}, err
	}
	if draftID != 0 {
		if before.ID != 0 && before.ID != draftID {
			return PeriodDraft{}, ErrConflict
		}
		if before, err = s.draftFor(s.exclusive(tx), adminID, draftID); err != nil {
			return PeriodDraft{}, err
		}
	}
	after := PeriodDraft{ID: before.ID, Kind: form.Kind, FirstDay: form.FirstDay, LastDay: form.LastDay, UnitID: form.UnitID, SelfReportDue: form.SelfReportDue.UTC(),
		ScoringDue: form.ScoringDue.UTC(), ObjectionDays: form.ObjectionDays, Release: form.Release, CreatedBy: before.CreatedBy, CreatedAt: before.CreatedAt}
	if before.ID == 0 {
		after.CreatedBy = adminID
		if err := failed(tx.Create(&after), "create draft"); err != nil {
			return PeriodDraft{}, err
		}
		return after, s.audit(tx, adminID, ruleOf(MovePrepare).Audit, "draft", after.ID, "", asJSON(form, true))
	}
	if asJSON(before.Form(), true) == asJSON(after.Form(), true) {
		return before, nil
	}
	if err := failed(tx.Save(&after), "change draft"); err != nil {
		return PeriodDraft{}, err
	}
	return after, s.audit(tx, adminID, ruleOf(MoveRewrite).Audit, "draft", after.ID, asJSON(before.Form(), true), asJSON(after.Form(), true))
}

// ofSameDays selects what is over the days and units of a form.
func ofSameDays(tx *gorm.DB, form PeriodForm) *gorm.DB {
	return tx.Where("kind = ? AND first_day = ? AND unit_id = ?", form.Kind, form.FirstDay, form.UnitID)
}

// draftFor reads a draft of an administrator; ErrNotFound to everybody else.
func (s *Store) draftFor(tx *gorm.DB, adminID, draftID int64) (PeriodDraft, error) {
	scope, err := s.administered(tx.Session(&gorm.Session{NewDB: true}), adminID)
	if err != nil {
		return PeriodDraft{}, err
	}
	var draft PeriodDraft
	if err := first(tx.Where("id = ?", draftID).Take(&draft), "find draft"); err != nil {
		return PeriodDraft{}, err
	}
	if !scope.Covers(draft.UnitID) {
		return PeriodDraft{}, ErrNotFound
	}
	return draft, nil
}

// DraftFor returns a draft to an administrator of all of its units; ErrNotFound to everybody else.
func (s *Store) DraftFor(ctx context.Context, adminID, draftID int64) (PeriodDraft, error) {
	return s.draftFor(s.db.WithContext(ctx), adminID, draftID)
}

// Drafts lists the drafts whose units are all an administrator's, the latest days first, and counts them. ErrNotFound when he administers nothing.
func (s *Store) Drafts(ctx context.Context, adminID int64, offset, limit int) (lines []DraftLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	mine := scope.narrow(tx.Model(&PeriodDraft{}), "unit_id").Session(&gorm.Session{})
	var count int64
	if err := failed(mine.Count(&count), "count drafts"); err != nil || count == 0 {
		return nil, 0, err
	}
	err = failed(mine.Order("last_day DESC, id DESC").Offset(offset).Limit(limit).Find(&lines), "list drafts")
	for i := range lines {
		lines[i].Unit = scope.Name(lines[i].UnitID)
	}
	return lines, int(count), err
}

// DiscardDraft throws a draft away. ErrNotFound when it is not the administrator's, or gone already.
func (s *Store) DiscardDraft(ctx context.Context, adminID, draftID int64) error {
	return s.transaction(ctx, "discard draft", func(tx *gorm.DB) error {
		draft, err := s.draftFor(s.exclusive(tx), adminID, draftID)
		if err != nil {
			return err
		}
		if err := failed(tx.Delete(&PeriodDraft{}, draft.ID), "delete draft"); err != nil {
			return err
		}
		return s.audit(tx, adminID, ruleOf(MoveDiscard).Audit, "draft", draft.ID, asJSON(draft.Form(), true), "")
	})
}

// forgetDraft ends the draft of a period that is opened.
func forgetDraft(tx *gorm.DB, form PeriodForm) error {
	return failed(ofSameDays(tx, form).Delete(&PeriodDraft{}), "end draft")
}
