package store

import (
	"slices"

	"gorm.io/gorm"
)

// place is whom and what something that the audit names is about.
type place struct{ ID, PersonID, PeriodID, UnitID int64 }

// places read, for each kind of thing that the audit names, whom and what it is about. What is not among them, or gone, is about nobody.
var places = map[string]string{ //nolint:gochecknoglobals // a constant table
	"person":           "SELECT id, id AS person_id, 0 AS period_id, unit_id FROM people WHERE id IN ?",
	"personal":         "SELECT id, id AS person_id, 0 AS period_id, unit_id FROM people WHERE id IN ?",
	"delegation":       "SELECT d.id, d.evaluator_id AS person_id, 0 AS period_id, p.unit_id FROM delegations AS d JOIN people AS p ON p.id = d.evaluator_id WHERE d.id IN ?",
	"unit":             "SELECT id, 0 AS person_id, 0 AS period_id, id AS unit_id FROM units WHERE id IN ?",
	"template":         "SELECT id, 0 AS person_id, 0 AS period_id, unit_id FROM templates WHERE id IN ?",
	"period":           "SELECT id, 0 AS person_id, id AS period_id, unit_id FROM periods WHERE id IN ?",
	"team":             "SELECT id, 0 AS person_id, id AS period_id, unit_id FROM periods WHERE id IN ?",
	"draft":            "SELECT id, 0 AS person_id, 0 AS period_id, unit_id FROM period_drafts WHERE id IN ?",
	"message":          "SELECT id, 0 AS person_id, period_id, unit_id FROM messages WHERE id IN ?",
	"unit_performance": "SELECT id, 0 AS person_id, period_id, unit_id FROM unit_performances WHERE id IN ?",
	"evaluation":       "SELECT id, employee_id AS person_id, period_id, unit_id FROM evaluations WHERE id IN ?",
	"answer":           "SELECT a.id, e.employee_id AS person_id, e.period_id, e.unit_id FROM answers AS a JOIN evaluations AS e ON e.id = a.evaluation_id WHERE a.id IN ?",
	"result":           "SELECT r.id, e.employee_id AS person_id, e.period_id, e.unit_id FROM results AS r JOIN evaluations AS e ON e.id = r.evaluation_id WHERE r.id IN ?",
}

// about finds whom and what rows of the audit are about, so that each of them is found by person, period and unit later on. It is done here, beside
// the sealing, and not where the rows are written: that is within somebody's tap.
func (s *Store) about(tx *gorm.DB, rows []Audit) ([]SealedAudit, error) {
	named := map[string][]int64{}
	for _, row := range rows {
		named[row.Subject] = append(named[row.Subject], row.ObjectID)
	}
	found := map[string]map[int64]place{}
	for subject, ids := range named {
		query, known := places[subject]
		if !known {
			continue
		}
		slices.Sort(ids)
		var list []place
		if err := failed(tx.Raw(query, slices.Compact(ids)).Scan(&list), "find what audit is about"); err != nil {
			return nil, err
		}
		found[subject] = map[int64]place{}
		for _, p := range list {
			found[subject][p.ID] = p
		}
	}
	closed := make([]SealedAudit, len(rows))
	for i, row := range rows {
		at := found[row.Subject][row.ObjectID]
		closed[i] = SealedAudit{AuditID: row.ID, At: row.At, ActorID: row.ActorID, PersonID: at.PersonID, PeriodID: at.PeriodID, UnitID: at.UnitID}
	}
	return closed, nil
}
