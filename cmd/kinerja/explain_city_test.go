package main

import (
	"context"
	"database/sql"
	"fmt"
	neturl "net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"kinerja/store/storetest"
)

const (
	largeCity = 20_000 // people beside those of the sample
	baseID    = 1_000_000
)

// openRaw opens a database past the store, for what no method of it does.
func openRaw(t *testing.T, url string) *sql.DB {
	t.Helper()
	address, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User, config.DBName = "tcp", address.Host, address.User.Username(), strings.Trim(address.Path, "/")
	config.Passwd, _ = address.User.Password()
	config.InterpolateParams = true
	connector, err := mysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	raw := sql.OpenDB(connector)
	t.Cleanup(func() {
		if err := raw.Close(); err != nil {
			t.Error(err)
		}
	})
	return raw
}

// furnish fills the sample's city with the people of a large one and with three quarters of work, one of which every evaluator has done.
func furnish(t *testing.T, raw *sql.DB, w *town) {
	t.Helper()
	health := w.cast.Units["DINKES"].ID
	day := storetest.Start.Format(time.DateTime)
	people := fmt.Sprintf("seq_1_to_%d", largeCity)
	for _, statement := range []string{
		// 300 units, a third of them below the health agency.
		fmt.Sprintf("INSERT INTO units (id, code, name, parent_id, created_at, updated_at) SELECT %d + seq, CONCAT('K', seq), CONCAT('Kantor ', seq),"+
			" IF(seq %% 3 = 0, %d, %d), '%s', '%s' FROM seq_1_to_300", baseID, health, w.cast.Units["DISDIK"].ID, day, day),
		// Each leads eight.
		fmt.Sprintf("INSERT INTO people (id, nip, name, position, position_kind, grade, unit_id, superior_id, phone, active, created_at, updated_at)"+
			" SELECT %[1]d + seq, CONCAT('9', LPAD(seq, 17, '0')), CONCAT('Pegawai ', seq), 'Staf', 'pelaksana', 'III/a', %[1]d + 1 + seq %% 300,"+
			" IF(seq < 8, %[2]d, %[1]d + seq DIV 8), CONCAT('62999', seq), 1, '%[3]s', '%[3]s' FROM %[4]s", baseID, w.cast.Superior.ID, day, people),
		fmt.Sprintf("INSERT INTO accounts (person_id, telegram_id, language, notice_version, created_at, updated_at)"+
			" SELECT %d + seq, 5000000 + seq, 'id', '2026-11', '%s', '%s' FROM %s WHERE seq %% 4 > 0", baseID, day, day, people),
		fmt.Sprintf("INSERT INTO person_roles (person_id, role, unit_id, created_at) SELECT %d + seq, 'admin', %d + seq, '%s' FROM seq_1_to_300", baseID, baseID, day),
		fmt.Sprintf("INSERT INTO invitations (person_id, code_hash, telegram_id, expires_at, used_at, created_at)"+
			" SELECT %d + seq, SHA2(seq, 256), 0, '%s' - INTERVAL seq MINUTE, NULL, '%s' FROM %s", baseID, day, day, people),
		fmt.Sprintf("INSERT INTO presented_codes (telegram_id, invitation_id, created_at) SELECT 5000000 + seq, seq, '%s' FROM %s", day, people),
		fmt.Sprintf("INSERT INTO link_attempts (telegram_id, failures, blocked_until, updated_at) SELECT 8000000 + seq, 1, NULL, '%s' FROM %s", day, people),
		fmt.Sprintf("INSERT INTO jobs (`key`, kind, object_id, actor_id, `cursor`, done, total, state, chat_id, message_id, lease_owner, lease_until, created_at, updated_at)"+
			" SELECT CONCAT('old:', seq), 'open_period', 0, 0, 0, 0, 0, 'done', 0, 0, '', NULL, '%s', '%s' FROM seq_1_to_2000", day, day),
		fmt.Sprintf("INSERT INTO notifications (`key`, person_id, period_id, kind, args, state, due_at, attempts, lease_owner, lease_until, last_error, sent_at, message_id, created_at, updated_at)"+
			" SELECT CONCAT('old:', seq), %d + seq DIV 5, %d + seq %% 3, 'reminder', '2026-12-01', ELT(1 + seq %% 20, 'unreachable', 'failed', 'cancelled', 'sent', 'sent', 'sent', 'sent', 'sent',"+
			" 'sent', 'sent', 'sent', 'sent', 'sent', 'sent', 'sent', 'sent', 'sent', 'sent', 'sent', 'sent'), '%s' - INTERVAL seq MINUTE, 1, '', NULL, '', NULL, 0, '%s', '%s' FROM seq_1_to_100000",
			baseID, baseID, day, day, day),
		// Every fourth has results of his own.
		fmt.Sprintf("INSERT INTO personal_versions (id, person_id, version, instead, created_by, created_at) SELECT %[1]d + seq, %[1]d + seq, 1, seq %% 8 = 0, 0, '%[2]s' FROM %[3]s WHERE seq %% 4 = 0",
			baseID, day, people),
		"INSERT INTO personal_results (personal_version_id, ordinal, name, description, target, measure, dimension, plan, serves, additional)" +
			" SELECT v.id, s.seq, CONCAT('Hasil ', s.seq), '', '12', 'laporan', '', CONCAT('Hasil ', s.seq), '', 0 FROM personal_versions AS v JOIN seq_1_to_2 AS s",
		fmt.Sprintf("INSERT INTO audits (at, actor_id, action, subject, object_id, `before`, `after`)"+
			" SELECT '%s' - INTERVAL seq MINUTE, %d + seq DIV 5, 'rated', 'evaluation', %d + seq DIV 2, '', 'meets' FROM seq_1_to_100000", day, baseID, baseID),
	} {
		change(t, raw, statement)
	}
	for n, quarter := range [][2]string{{"2026-01-01", "2026-03-31"}, {"2026-04-01", "2026-06-30"}, {"2026-07-01", "2026-09-30"}} {
		pastQuarter(t, raw, int64(baseID+n), quarter[0], quarter[1])
	}
	analyze(t, raw)
}

// pastQuarter is a period that is over, with a result for everybody.
func pastQuarter(t *testing.T, raw *sql.DB, id int64, first, last string) {
	t.Helper()
	const evaluations = "(SELECT e.* FROM evaluations AS e WHERE e.period_id = ?)"
	change(t, raw, "INSERT INTO periods (id, kind, first_day, last_day, unit_id, self_report_due, scoring_due, objection_days, `release`, state, published_at, closed_at, created_by, created_at, updated_at)"+
		" VALUES (?, 'quarterly', ?, ?, 0, ?, ?, 14, 'at_once', 'closed', NULL, ?, 0, ?, ?)", id, first, last, last, last, last, first, last)
	change(t, raw, "INSERT INTO evaluations (period_id, employee_id, segment, unit_id, evaluator_id, superior_id, template_version_id, state, work_rating, behaviour_rating, work_reason,"+
		" behaviour_reason, note, follow_up_kind, follow_up_due, created_at, updated_at) SELECT ?, p.id, 1, p.unit_id, p.superior_id, s.superior_id, 1, 'final', 'meets', 'meets', '', '', '', '', '', ?, ?"+
		" FROM people AS p LEFT JOIN people AS s ON s.id = p.superior_id", id, last, last)
	change(t, raw, "INSERT INTO answers (evaluation_id, indicator_id, rating, reason, note, updated_at) SELECT e.id, i.id, 'above', IF(i.id % 2, CONCAT('Melampaui target ', e.id % 50), ''), '', ?"+
		" FROM "+evaluations+" AS e JOIN indicators AS i ON i.template_version_id = 1 AND i.ordinal <= 3", last, id)
	change(t, raw, "INSERT INTO results (evaluation_id, version, work_rating, behaviour_rating, predicate, work_reason, behaviour_reason, note, follow_up_kind, follow_up_due, set_by, set_at, release_at, opened_at, acknowledged_at)"+
		" SELECT e.id, 1, 'meets', 'meets', 'good', '', '', '', '', '', COALESCE(e.evaluator_id, 0), ?, ?, ?, IF(e.id % 3 = 0, NULL, ?) FROM "+evaluations+" AS e", last, last, last, last, id)
	change(t, raw, "INSERT INTO result_answers (result_id, indicator_id, rating, reason, note) SELECT r.id, i.id, 'meets', '', '' FROM "+evaluations+" AS e JOIN results AS r ON r.evaluation_id = e.id"+
		" JOIN indicators AS i ON i.template_version_id = 1 AND i.ordinal <= 2", id)
	change(t, raw, "UPDATE results AS r JOIN "+evaluations+" AS e ON e.id = r.evaluation_id SET r.follow_up_kind = 'training', r.follow_up_due = '2026-12-31' WHERE e.id % 5 = 0", id)
	change(t, raw, "INSERT INTO follow_up_reports (result_id, side, person_id, reported_at) SELECT r.id, 'employee', e.employee_id, ? FROM "+evaluations+" AS e"+
		" JOIN results AS r ON r.evaluation_id = e.id WHERE e.id % 10 = 0", last, id)
	change(t, raw, "INSERT INTO talks (evaluation_id, number, evaluator_id, requested_at, answer, day, answered_at, answers) SELECT e.id, n.number, e.evaluator_id, ?, 'done', '2026-10-20', ?, 1"+
		" FROM "+evaluations+" AS e JOIN (SELECT 1 AS number UNION SELECT 2) AS n WHERE e.evaluator_id IS NOT NULL AND e.id % 3 = 0", last, last, id)
}

// analyze lets the database look at what is in its tables.
func analyze(t *testing.T, raw *sql.DB) {
	t.Helper()
	change(t, raw, "ANALYZE TABLE "+strings.Join(append([]string{"units", "periods"}, growing...), ", "))
}

func change(t *testing.T, raw *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := raw.ExecContext(context.Background(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
