package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Retention is how long is kept what is over.
type Retention struct {
	Records time.Duration // closed periods with their evaluations and results, from their last day, the audit, and what administrators wrote to many
	Traces  time.Duration // messages that are settled, codes, wrong codes and work that is done
}

// LeastKept is the shortest retention: whoever mistypes must not lose a period in which somebody may still object.
const LeastKept = 30 * 24 * time.Hour

// ErrKeptTooShort is returned for a retention below LeastKept; nothing was deleted.
var ErrKeptTooShort = errors.New("retention is shorter than 30 days")

// Pruned is how many rows of a table went, or would go.
type Pruned struct {
	Table string
	Rows  int
}

// pruneChunk is how many rows, or evaluations with all that hangs on them, one transaction deletes.
const pruneChunk = 500

// pruneSeals is how many seals one transaction deletes, each with up to sealSize rows.
const pruneSeals = 5

// old is what is over in one table.
type old struct {
	table, key, where string
	args              []any
	with              []dependent // what goes before the rows themselves
	order             string      // in which they go; "" for any
	chunk             int         // how many one transaction deletes; 0 for pruneChunk
}

// dependent is a table whose rows belong to those of another one, whose id they hold in a column. No id of a row that is gone may stay:
// SQLite gives it to the next one.
type dependent struct {
	table, column string
	key           string // by which its own dependents know it; "" for id
	with          []dependent
}

// oldRows lists what a retention lets go, each by an index that begins with its first condition.
//
// A message that is parked or waits for its person is still owed, however old: a result nobody has told him of. It goes with the period that
// it is about, and one about none when the records of its time go, because by then there is nothing left to tell. Earlier goes only what is
// for nobody on the roster: leaving has cancelled what was owed to who left, and a phone that somebody lost has no claim for ever.
func (s *Store) oldRows(keep Retention) []old {
	now := s.now()
	trace, record := now.Add(-keep.Traces), now.Add(-keep.Records)
	settled, waiting := []NotificationState{Sent, Cancelled}, []NotificationState{Failed, Unreachable}
	const over = "state = ? AND last_day < ?"
	last := Date(record.Format(time.DateOnly))
	closed := s.db.Model(&Period{}).Select("id").Where(over, PeriodClosed, last)
	results := dependent{table: "results", column: "evaluation_id", with: []dependent{{table: "result_answers", column: "result_id"}, {table: "follow_up_reports", column: "result_id"},
		{table: "reopenings", column: "result_id"}}}
	own := []dependent{{table: "personal_results", column: "personal_version_id"}}
	return []old{
		{table: "notifications", key: "id", where: "state IN ? AND due_at < ? AND updated_at < ?", args: []any{settled, trace, trace}},
		{table: "notifications", key: "id", where: "state IN ? AND due_at < ? AND updated_at < ? AND NOT EXISTS " +
			"(SELECT 1 FROM people WHERE people.id = notifications.person_id AND people.active = ?)", args: []any{waiting, trace, trace, true}},
		// No code is taken after its end, so that these are gone before their invitations.
		{table: "presented_codes", key: "telegram_id", where: "created_at < ?", args: []any{trace}},
		{table: "invitations", key: "id", where: "expires_at < ?", args: []any{trace}},
		{table: "link_attempts", key: "telegram_id", where: "updated_at < ? AND (blocked_until IS NULL OR blocked_until < ?)", args: []any{trace, now}},
		{table: "uploads", key: "id", where: "updated_at < ?", args: []any{trace}},
		{table: "jobs", key: "id", where: "state = ? AND updated_at < ?", args: []any{JobDone, trace}},
		// What somebody had of his own, then the lists made of it, then who was evaluated by them: each night one of these frees the one before.
		{table: "personal_versions", key: "id", where: "superseded_at < ? AND " + noList, args: []any{record}, with: own},
		{table: "personal_versions", key: "id", where: "created_at < ? AND superseded_at IS NULL AND NOT " + heldNow + " AND " + noList, args: []any{record, true}, with: own},
		{table: "template_versions", key: "id", where: unusedList, args: []any{record, true}, with: []dependent{{table: "indicators", column: "template_version_id"}}},
		{table: "evaluations", key: "id", where: "period_id IN (?)", args: []any{closed}, with: []dependent{results, {table: "answers", column: "evaluation_id"}, {table: "talks", column: "evaluation_id"},
			{table: "exclusions", column: "evaluation_id"}, {table: "handovers", column: "evaluation_id"}, {table: "drafts", column: "evaluation_id"}}},
		{table: "notifications", key: "id", where: "period_id IN (?)", args: []any{closed}},
		{table: "notifications", key: "id", where: "state IN ? AND due_at < ? AND updated_at < ? AND period_id = 0", args: []any{waiting, record, record}},
		{table: "period_extensions", key: "id", where: "period_id IN (?)", args: []any{closed}},
		{table: "unit_performances", key: "id", where: "period_id IN (?)", args: []any{closed}},
		{table: "led_units", key: "id", where: "period_id IN (?)", args: []any{closed}},
		{table: "periods", key: "id", where: over, args: []any{PeriodClosed, last}},
		{table: "period_drafts", key: "id", where: "updated_at < ?", args: []any{record}},
		// What an office announced is a record of it, whoever got it; its own notifications go as traces, and are counted into it before.
		{table: "messages", key: "id", where: "updated_at < ? AND state NOT IN ?", args: []any{record, []MessageState{MessagePreparing, MessageSending}}},
		{table: "delegations", key: "id", where: "state = ? AND ends_at < ?", args: []any{DelegationOver, record}},
		// The audit goes by whole seals, the oldest first, so that the chain of what stays is whole.
		{table: "audit_seals", key: "id", where: "newest_at < ?", args: []any{record}, order: "newest_at, id", chunk: pruneSeals,
			with: []dependent{{table: "sealed_audits", column: "seal_id", key: "audit_id", with: []dependent{{table: "audits", column: "id"}}}}},
	}
}

const (
	// heldNow is whether whose personal version it is, is on the roster.
	heldNow = "EXISTS (SELECT 1 FROM people WHERE people.id = personal_versions.person_id AND people.active = ?)"
	// noList is whether no list is made of a personal version: a number must not come to mean another one's (see dependent).
	noList = "NOT EXISTS (SELECT 1 FROM template_versions WHERE template_versions.template_id = -personal_versions.id)"
	// unusedList is a list of one person's by which nobody is evaluated any more, nor will be: what it was made of is not in force.
	unusedList = "template_id < 0 AND created_at < ? AND NOT EXISTS (SELECT 1 FROM evaluations WHERE evaluations.template_version_id = template_versions.id) " +
		"AND NOT EXISTS (SELECT 1 FROM personal_versions WHERE personal_versions.id = -template_versions.template_id AND personal_versions.superseded_at IS NULL AND " + heldNow + ")"
)

// Prunable counts what Prune would delete, and deletes nothing.
func (s *Store) Prunable(ctx context.Context, keep Retention) ([]Pruned, error) {
	if keep.tooShort() {
		return nil, ErrKeptTooShort
	}
	var would []Pruned
	all := s.oldRows(keep)
	for i, o := range all {
		rest := s.db.WithContext(ctx).Table(o.table).Where(o.where, o.args...)
		for _, before := range all[:i] {
			if before.table == o.table {
				rest = rest.Where("NOT ("+before.where+")", before.args...)
			}
		}
		var n int64
		if err := failed(rest.Count(&n), "count old "+o.table); err != nil {
			return would, err
		}
		would = append(would, Pruned{Table: o.table, Rows: int(n)})
	}
	return would, nil
}

// Prune deletes what is older than a retention, a chunk at a time, each with its audit row, and tells how much that was, also when it
// ends with an error. It may be stopped and run again at any moment, and several at once do no harm. Before each chunk it asks may, whose
// error ends it and is returned.
func (s *Store) Prune(ctx context.Context, keep Retention, may func(context.Context) error) ([]Pruned, error) {
	if keep.tooShort() {
		return nil, ErrKeptTooShort
	}
	var gone []Pruned
	for _, o := range s.oldRows(keep) {
		rows, err := s.prune(ctx, o, may)
		gone = append(gone, Pruned{Table: o.table, Rows: rows})
		if err != nil {
			return gone, err
		}
	}
	return gone, nil
}

func (r Retention) tooShort() bool { return min(r.Records, r.Traces) < LeastKept }

func (s *Store) prune(ctx context.Context, o old, may func(context.Context) error) (total int, err error) {
	for {
		if err := may(ctx); err != nil {
			return total, err
		}
		gone, more, err := s.pruneSome(ctx, o)
		total += gone
		if err != nil || !more {
			return total, err
		}
	}
}

// pruneSome deletes one chunk and tells how many rows it was, and whether there may be more.
func (s *Store) pruneSome(ctx context.Context, o old) (gone int, more bool, err error) {
	err = s.transaction(ctx, "prune "+o.table, func(tx *gorm.DB) error {
		var keys []int64
		chunk, found := cmp.Or(o.chunk, pruneChunk), tx.Table(o.table).Where(o.where, o.args...)
		if o.order != "" {
			found = found.Order(o.order)
		}
		if err := failed(found.Limit(chunk).Pluck(o.key, &keys), "find old "+o.table); err != nil {
			return err
		}
		if gone, more = 0, len(keys) == chunk; len(keys) == 0 {
			return nil
		}
		for _, d := range o.with {
			if err := deleteWith(tx, d, keys); err != nil {
				return err
			}
		}
		// The condition again: what was settled when it was found may be owed anew.
		deleted := tx.Exec("DELETE FROM "+o.table+" WHERE "+o.key+" IN ? AND "+o.where, append([]any{keys}, o.args...)...)
		if err := failed(deleted, "prune "+o.table); err != nil || deleted.RowsAffected == 0 {
			return err
		}
		gone = int(deleted.RowsAffected)
		if o.table == "template_versions" {
			s.indicators.forget()
		}
		return s.audit(tx, 0, "pruned", o.table, 0, fmt.Sprint(gone), "")
	})
	return gone, more, err
}

// deleteWith deletes what belongs to rows of another table. Its own ids are looked up first: MariaDB reads all of a table to delete by a subquery.
func deleteWith(tx *gorm.DB, d dependent, owners []int64) error {
	if len(d.with) > 0 {
		var ids []int64
		if err := failed(tx.Table(d.table).Where(d.column+" IN ?", owners).Pluck(cmp.Or(d.key, "id"), &ids), "find "+d.table+" to prune"); err != nil || len(ids) == 0 {
			return err
		}
		for _, below := range d.with {
			if err := deleteWith(tx, below, ids); err != nil {
				return err
			}
		}
	}
	return failed(tx.Exec("DELETE FROM "+d.table+" WHERE "+d.column+" IN ?", owners), "prune "+d.table)
}
