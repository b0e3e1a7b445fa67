package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Retention is how long is kept what is over.
type Retention struct {
	Records time.Duration // closed periods with their evaluations and results, from their last day, and the audit
	Traces  time.Duration // messages that are settled, codes, wrong codes and work that is done
}

// Pruned is how many rows of a table went, or would go.
type Pruned struct {
	Table string
	Rows  int
}

// pruneChunk is how many rows, or evaluations with all that hangs on them, one transaction deletes.
const pruneChunk = 500

// old is what is over in one table.
type old struct {
	table, key, where string
	args              []any
	with              []dependent // what goes before the rows themselves
}

// dependent is a table whose rows belong to rows of another one; %s stands for their keys.
type dependent struct{ table, where string }

// oldRows lists what a retention lets go, each by an index that begins with its first condition.
func (s *Store) oldRows(keep Retention) []old {
	now := s.now()
	trace, record := now.Add(-keep.Traces), now.Add(-keep.Records)
	settled := []NotificationState{Sent, Cancelled}
	closed := s.db.Model(&Period{}).Select("id").Where("state = ? AND last_day < ?", PeriodClosed, Date(record.Format(time.DateOnly)))
	return []old{
		{table: "notifications", key: "id", where: "state IN ? AND due_at < ? AND updated_at < ?", args: []any{settled, trace, trace}},
		{table: "invitations", key: "id", where: "expires_at < ?", args: []any{trace}, with: []dependent{{"presented_codes", "invitation_id IN ?"}}},
		{table: "link_attempts", key: "telegram_id", where: "updated_at < ? AND (blocked_until IS NULL OR blocked_until < ?)", args: []any{trace, now}},
		{table: "jobs", key: "id", where: "state = ? AND updated_at < ?", args: []any{JobDone, trace}},
		{table: "evaluations", key: "id", where: "period_id IN (?)", args: []any{closed}, with: []dependent{
			{"result_answers", "result_id IN (SELECT id FROM results WHERE evaluation_id IN ?)"}, {"results", "evaluation_id IN ?"}, {"answers", "evaluation_id IN ?"}}},
		{table: "notifications", key: "id", where: "period_id IN (?)", args: []any{closed}},
		{table: "periods", key: "id", where: "id IN (?)", args: []any{closed}},
		{table: "audits", key: "id", where: "at < ?", args: []any{record}},
	}
}

// Prune deletes what is older than a retention, a chunk at a time, each with its audit row. It may be stopped and run again at any
// moment, and several at once do no harm. With dry it only counts.
func (s *Store) Prune(ctx context.Context, keep Retention, dry bool) ([]Pruned, error) {
	var gone []Pruned
	for _, o := range s.oldRows(keep) {
		rows, err := s.prune(ctx, o, dry)
		if err != nil {
			return gone, err
		}
		gone = append(gone, Pruned{Table: o.table, Rows: rows})
	}
	return gone, nil
}

func (s *Store) prune(ctx context.Context, o old, dry bool) (int, error) {
	if dry {
		var n int64
		err := failed(s.db.WithContext(ctx).Table(o.table).Where(o.where, o.args...).Count(&n), "count old "+o.table)
		return int(n), err
	}
	total := 0
	for {
		n, err := s.pruneSome(ctx, o)
		total += n
		if err != nil || n < pruneChunk {
			return total, err
		}
	}
}

// pruneSome deletes one chunk and returns how many rows it was.
func (s *Store) pruneSome(ctx context.Context, o old) (int, error) {
	var keys []int64
	err := s.transaction(ctx, "prune "+o.table, func(tx *gorm.DB) error {
		keys = nil
		if err := failed(tx.Table(o.table).Where(o.where, o.args...).Limit(pruneChunk).Pluck(o.key, &keys), "find old "+o.table); err != nil || len(keys) == 0 {
			return err
		}
		for _, d := range o.with {
			if err := failed(tx.Exec("DELETE FROM "+d.table+" WHERE "+d.where, keys), "prune "+d.table); err != nil {
				return err
			}
		}
		if err := failed(tx.Exec("DELETE FROM "+o.table+" WHERE "+o.key+" IN ?", keys), "prune "+o.table); err != nil {
			return err
		}
		return s.audit(tx, 0, "pruned", o.table, 0, fmt.Sprint(len(keys)), "")
	})
	return len(keys), err
}
