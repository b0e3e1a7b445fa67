package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// Stage is where a period stands, as people speak of it. What is stored (PeriodState and three moments) an older program understands too;
// that a deadline has passed is told by the clock, never by a job that may be late.
type Stage string

// The stages, in their order.
const (
	StageNone    Stage = "none"    // there is no such period
	StageDraft   Stage = "draft"   // prepared: see PeriodDraft
	StageOpening Stage = "opening" // the job is creating its evaluations
	StageOpen    Stage = "open"    // evaluators evaluate, until the deadline
	// StageSuperiors: the window of evaluation is closed. What an evaluator let pass is now his superior's to evaluate, within 14 working
	// days, and final (PermenPANRB 6/2022, annex IV.A.11 and V.A.8).
	StageSuperiors Stage = "superiors"
	StageEvaluated Stage = "evaluated" // the window is closed, and the time of the superiors has passed too
	StageClosed    Stage = "closed"    // by its administrator: what is not final stays without result
	StagePublished Stage = "published" // closed, and its results were published
	StageArchived  Stage = "archived"  // read only for all, and in no list of what goes on
)

// SuperiorWorkdays is how many working days after the deadline a superior has (PermenPANRB 6/2022, annex V.A.8).
const SuperiorWorkdays = 14

// Stage tells where a period stands at a moment. superiorsUntil is the last moment of its superiors, which the working calendar knows:
// see rules.Calendar.SuperiorsUntil. No move tells StageSuperiors from StageEvaluated, so that deciding one needs no calendar.
func (p Period) Stage(now, superiorsUntil time.Time) Stage {
	switch {
	case p.ID == 0:
		return StageNone
	case p.State == PeriodOpening:
		return StageOpening
	case p.ArchivedAt != nil:
		return StageArchived
	case p.State == PeriodClosed && p.PublishedAt != nil:
		return StagePublished
	case p.State == PeriodClosed:
		return StageClosed
	case now.Before(p.ScoringDue):
		return StageOpen
	case now.After(superiorsUntil):
		return StageEvaluated
	default:
		return StageSuperiors
	}
}

// Move is a step of a period from one stage to another one.
type Move string

// The moves.
const (
	MovePrepare Move = "prepare" // a period is written down
	MoveRewrite Move = "rewrite" // what is written down is changed
	MoveDiscard Move = "discard" // and thrown away
	MoveOpen    Move = "open"
	MoveOpened  Move = "opened"
	MoveExtend  Move = "extend" // its deadline
	MovePass    Move = "pass"   // a deadline passes
	MovePublish Move = "publish"
	MoveClose   Move = "close"
	MoveArchive Move = "archive"
	MoveRestore Move = "restore" // out of the archive
)

// Mover is who makes a move.
type Mover string

// The movers.
const (
	ByManager Mover = "manager" // an administrator of all of its units: see AdminPeriod.Manages
	ByJob     Mover = "job"     // the work that an administrator asked for
	ByClock   Mover = "clock"   // nobody: see Period.Stage
)

// PeriodMove is one row of what a period may do.
type PeriodMove struct {
	Move Move
	From []Stage
	To   []Stage // where it may lead; the same stage is named too
	By   Mover
	// Only is a further condition that the period itself tells; nil for none.
	Only func(p Period, now time.Time) bool
	// Needs says what else is looked for in the records, where the move is made; "" for nothing.
	Needs string
	// Audit is the action in the audit; "" for the clock, who is not in it.
	Audit string
	// Then says what follows from it, in the same transaction or by a job that is written in it.
	Then string
}

var (
	running = []Stage{StageOpen, StageSuperiors, StageEvaluated} //nolint:gochecknoglobals // constant tables
	over    = []Stage{StageClosed, StagePublished}               //nolint:gochecknoglobals // constant tables
)

// periodMoves is all that may become of a period. Whatever is not in it is refused, to everybody, from everywhere.
var periodMoves = []PeriodMove{ //nolint:gochecknoglobals // a constant table
	{Move: MovePrepare, From: []Stage{StageNone}, To: []Stage{StageDraft}, By: ByManager, Audit: "period.prepare",
		Needs: "nothing over the same days for the same units, open or written down",
		Then:  "nobody is told: a draft has no evaluations"},
	{Move: MoveRewrite, From: []Stage{StageDraft}, To: []Stage{StageDraft}, By: ByManager, Audit: "period.rewrite", Then: "nobody is told"},
	{Move: MoveDiscard, From: []Stage{StageDraft}, To: []Stage{StageNone}, By: ByManager, Audit: "period.discard", Then: "nobody is told"},
	{Move: MoveOpen, From: []Stage{StageNone, StageDraft}, To: []Stage{StageOpening}, By: ByManager, Audit: "period.open",
		Then: "templates are pinned, a draft of it is gone, and a job gives everybody his evaluation"},
	{Move: MoveOpened, From: []Stage{StageOpening}, To: running, By: ByJob, Audit: "period.opened", Then: "every evaluator is told once"},
	{Move: MoveExtend, From: []Stage{StageOpen}, To: []Stage{StageOpen}, By: ByManager, Audit: "period.extend",
		// After the deadline the right is the superior's (annex IV.A.11): nobody gives it back.
		Only: func(p Period, now time.Time) bool { return now.Before(p.ScoringDue) },
		Then: "a job tells every evaluator with people left once, and their employees where their own date moves; reminders follow the date"},
	{Move: MovePass, From: []Stage{StageOpen, StageSuperiors}, To: []Stage{StageSuperiors, StageEvaluated}, By: ByClock,
		Then: "at the deadline what is left passes to the superiors; after 14 working days it stays without result"},
	{Move: MovePublish, From: append(slices.Clone(running), StageClosed), To: append(slices.Clone(running), StagePublished), By: ByManager, Audit: "period.publish",
		Only: func(p Period, _ time.Time) bool { return p.Release == ReleasePublished && p.PublishedAt == nil },
		Then: "a job shows the results to their employees and tells them and their evaluators"},
	{Move: MoveClose, From: running, To: over, By: ByManager, Audit: "period.close",
		Then: "evaluations refuse changes; a job tells whom it leaves without result, and their evaluators"},
	{Move: MoveArchive, From: over, To: []Stage{StageArchived}, By: ByManager, Audit: "period.archive",
		Needs: "no result waits to be published, which would never be seen then, and nobody may still object to his",
		Then:  "nothing of it is changed any more; results stay with their people"},
	{Move: MoveRestore, From: []Stage{StageArchived}, To: over, By: ByManager, Audit: "period.restore", Then: "it stands among the closed ones again"},
}

// PeriodMoves returns the whole table.
func PeriodMoves() []PeriodMove { return slices.Clone(periodMoves) }

func ruleOf(move Move) PeriodMove {
	i := slices.IndexFunc(periodMoves, func(m PeriodMove) bool { return m.Move == move })
	return periodMoves[i] // each constant has its row: a test
}

// May reports whether a move is open to a period at a moment. It says nothing of whose it is.
func (p Period) May(move Move, now time.Time) bool {
	rule := ruleOf(move)
	return slices.Contains(rule.From, p.Stage(now, now)) && (rule.Only == nil || rule.Only(p, now))
}

// move moves a period that is locked, and writes what that changes in its row: two that decide at once, on two nodes, meet in it. The row
// is as it was read, or nothing happens. ErrConflict when the table does not allow it.
func (s *Store) move(tx *gorm.DB, actor int64, move Move, p Period, change map[string]any, before, after string) error {
	if !p.May(move, s.now()) {
		return ErrConflict
	}
	change["updated_at"] = s.now()
	moved := tx.Model(&Period{}).Where("id = ? AND state = ?", p.ID, p.State).Updates(change)
	if err := failed(moved, string(move)+" period"); err != nil {
		return err
	}
	if moved.RowsAffected != 1 {
		return ErrConflict
	}
	return s.audit(tx, actor, ruleOf(move).Audit, "period", p.ID, before, after)
}

// ArchivePeriod puts a closed period away: from then on nothing of it is changed, and it stands in no list of what goes on. Results stay with
// their people. runningSince is the earliest receipt of a result whose days of objection still run. Archiving it again changes nothing.
// ErrNotFound unless all of its units are the administrator's, ErrObjectable while somebody may still object, ErrUnpublished while a result waits, ErrReopened while one is open again,
// ErrConflict for one that is not closed.
func (s *Store) ArchivePeriod(ctx context.Context, adminID, periodID int64, runningSince time.Time) error {
	return s.transaction(ctx, "archive period", func(tx *gorm.DB) error {
		period, err := s.managed(tx, adminID, periodID)
		if err != nil || period.ArchivedAt != nil {
			return err
		}
		n, err := objectable(tx, periodID, runningSince)
		if err != nil {
			return err
		}
		if n > 0 {
			return ErrObjectable
		}
		if err := failed(tx.Model(&Evaluation{}).Where("period_id = ? AND state = ? AND reopened_at IS NOT NULL", periodID, EvaluationOpen).Count(&n), "count results open again"); err != nil {
			return err
		}
		if n > 0 {
			return ErrReopened
		}
		if err := failed(unreleased(tx, periodID).Count(&n), "count results to publish"); err != nil {
			return err
		}
		if n > 0 {
			return ErrUnpublished
		}
		return s.move(tx, adminID, MoveArchive, period.Period, map[string]any{"archived_at": s.now()}, string(period.State), string(StageArchived))
	})
}

// RestorePeriod takes a period out of the archive. Restoring it again changes nothing. The errors are those of ArchivePeriod.
func (s *Store) RestorePeriod(ctx context.Context, adminID, periodID int64) error {
	return s.transaction(ctx, "restore period", func(tx *gorm.DB) error {
		period, err := s.managed(tx, adminID, periodID)
		if err != nil || period.ArchivedAt == nil {
			return err
		}
		return s.move(tx, adminID, MoveRestore, period.Period, map[string]any{"archived_at": nil}, string(StageArchived), string(period.State))
	})
}

// Why a period cannot be archived. Each is an ErrConflict.
var (
	ErrObjectable  = fmt.Errorf("somebody may still object to his result: %w", ErrConflict)
	ErrReopened    = fmt.Errorf("a result was opened again and is not set yet: %w", ErrConflict)
	ErrUnpublished = fmt.Errorf("results wait to be published: %w", ErrConflict)
)

// objectable counts the results of a period that were received since a moment: their employees may still object. Of what nobody has opened the
// days count from its release here: somebody who never opens his result must not keep a period out of the archive for ever, and his right stays.
func objectable(tx *gorm.DB, periodID int64, since time.Time) (int64, error) {
	var n int64
	err := failed(tx.Table("evaluations AS e").Joins("JOIN results AS r ON r.evaluation_id = e.id AND r.withdrawn_at IS NULL AND "+
		"COALESCE(r.opened_at, r.release_at) >= ?", since.UTC()).
		Where("e.period_id = ? AND e.state = ?", periodID, EvaluationFinal).Count(&n), "count results that may be objected to")
	return n, err
}

// meet writes the row of a period that is locked and not changed, so that what belongs to it is not written on one node while it is archived on
// another. A time would not do: who writes what is there already writes nothing.
func (s *Store) meet(tx *gorm.DB, periodID int64) error {
	return guard(tx.Model(&Period{}).Where("id = ?", periodID), "hold period")
}
