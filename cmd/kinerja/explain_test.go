package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"kinerja/store"
	"kinerja/store/storetest"
)

// growing are the tables that hold a row for each person, or more with each period. All others fit on a few pages of the disk.
var growing = []string{ //nolint:gochecknoglobals // a constant list
	"people", "accounts", "invitations", "presented_codes", "link_attempts", "lost_phones", "evaluations", "answers", "results", "result_answers", "talks", "follow_up_reports",
	"personal_versions", "personal_results",
	"notifications", "audits", "audit_seals", "sealed_audits", "jobs", "person_roles", "departures", "evaluator_reasons",
}

// anywhere is a place of readsAll: wherever the statement runs.
const anywhere = ""

type scanned struct{ where, statement, reason string }

// readsAll are the statements that may read a growing table from one end to the other, or more of it than is enough, each with its reason.
var readsAll = []scanned{ //nolint:gochecknoglobals // a constant list
	{"command import", "FROM `people` LEFT JOIN units", "an import compares the whole roster with its files"},
	{"command import", "FROM `person_roles` JOIN people", "an import compares the whole roster with its files"},
	{pruning, "SELECT `id` FROM `jobs`", "most of the work that is written down is old: the first rows that are read fill a chunk"},
	{"action reminder.later", "AS final FROM evaluations", "an administrator's reminder counts what is his"},
	{"page reminder.now", "AS final FROM evaluations", "an administrator's reminder counts what is his"},
	{"page reminder.postponed", "AS final FROM evaluations", "an administrator's reminder counts what is his"},
	{"page indicator.personal", "FROM personal_versions AS v", "an administrator is told how many of all his people have results of their own"},
	{"page period.people", ") AS t", "behind a figure of a whole city's period may be everybody: they are counted, and sorted by unit and name"},
	{"page role.home", "FROM person_roles AS r", "roles are a few hundred in the largest city"},
	{"page role.found", "FROM person_roles AS r", "roles are a few hundred in the largest city"},
	{"action role.find", "FROM person_roles AS r", "roles are a few hundred in the largest city"},
	{"action role.findagain", "FROM person_roles AS r", "roles are a few hundred in the largest city"},
	{"page role.people", "FROM people AS p", "who looks for a part of a name in a whole city reads all names"},
	{"action role.find", "FROM people AS p", "who looks for a part of a name in a whole city reads all names"},
	{"action role.findagain", "FROM people AS p", "who looks for a part of a name in a whole city reads all names"},
	{"action role.findperson", "FROM people AS p", "who looks for a part of a name in a whole city reads all names"},
	{"action role.findotherperson", "FROM people AS p", "who looks for a part of a name in a whole city reads all names"},
	{"page admin.unlinked", "FROM `people`", "what would be printed is counted over all who are not linked, and whose codes are still valid"},
	{"page invite.unit", "FROM `people`", "what would be printed is counted over all who are not linked, and whose codes are still valid"},
	{"page invite.renew", "FROM `people`", "what would be printed is counted over all who are not linked, and whose codes are still valid"},
	{"action invite.print", "FROM `people`", "what would be printed is counted over all who are not linked, and whose codes are still valid"},
	{"action invite.printone", "FROM `people`", "what would be printed is counted over all who are not linked, and whose codes are still valid"},
	{"page invite.people", "FROM people AS p", "who looks for a part of a name in a whole city reads all names"},
	{"page invite.named", "FROM people AS p", "who looks for a part of a name in a whole city reads all names"},
	{"action invite.findperson", "FROM people AS p", "who looks for a part of a name in a whole city reads all names"},
	{"action invite.findother", "FROM people AS p", "who looks for a part of a name in a whole city reads all names"},
	{"action invite.print", "FROM people AS p", "it leads back to the list of all who are not linked, sorted by unit and name"},
	{"action invite.printone", "FROM people AS p", "it leads back to the list of all who are not linked, sorted by unit and name"},
	{"page people.found", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"page people.gone", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"action people.find", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"action people.findagain", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"action people.findfrom", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"page people.evaluators", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"action people.evaluatorfind", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"action people.evaluatoragain", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"page people.chain", "evaluator_reasons AS r", "behind one problem of the chains may be everybody; the reasons are few, each was written by hand"},
	{"page people.chain", "SELECT id, position_kind, position FROM", "of all who evaluate somebody it is asked whether the roster shows that they may"},
	{"page people.chains", "evaluator_reasons AS r", "behind one problem of the chains may be everybody; the reasons are few, each was written by hand"},
	{"page people.chains", "SELECT id, position_kind, position FROM", "of all who evaluate somebody it is asked whether the roster shows that they may"},
	{"action performance.find", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"action performance.findagain", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"action performance.lastyear", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"action performance.set", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"action performance.leadnone", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"action performance.setlead", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"action performance.typed", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"page performance.found", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"page performance.lead", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"page performance.leaders", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"page performance.list", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"page performance.unit", "SELECT DISTINCT e.evaluator_id", "of a city's period all evaluators are listed, each with the unit that he leads: some thousands, and it is the administrator who waits"},
	{"action period.archivenow", "COALESCE(r.opened_at, r.release_at) >= ?", "a period is put away once, and it is asked whether anybody may still object"},
	{"page period.close", ") AS t", "behind a figure of a whole city's period may be everybody: they are counted, and sorted by unit and name"},
	{"page period.figures", ") AS t", "behind a figure of a whole city's period may be everybody: they are counted, and sorted by unit and name"},
	{anywhere, "SELECT people.unit_id, COUNT(*) AS whole", "what would be printed is counted over all who are not linked, and whose codes are still valid"},
	{"page trail.found", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"action trail.find", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"action trail.findagain", " LIKE ?", "an administrator looks for parts in the middle of names and NIPs, which no index knows; it is he who waits"},
	{"page trail.list", "ORDER BY t.at DESC", "the newest rows are read from the end of an index, and no more than a page of them"},
	{"page trail.home", "ORDER BY t.at DESC", "the newest rows are read from the end of an index, and no more than a page of them"},
	{"action trail.export", "ORDER BY t.at DESC", "the newest rows are read from the end of an index, and no more than a page of them"},
	{"job seal", "FROM `audit_seals` ORDER BY id DESC", "the last seal is read from the end of the primary key"},
	{"action period.file", ") AS t", "behind a figure of a whole city's period may be everybody: they are counted, and sorted by unit and name"},
	{"command audit verify", "sealed_audits AS s", "a verification reads the whole audit"},
	{"command audit verify", "audits AS a", "a verification reads the whole audit"},
	{anywhere, "AS stamp FROM", "printing begins with the newest code of all whom it may be about"},
	{pruning, "personal_versions.id = -template_versions.template_id", "most of the copies that are looked at are old, and each looks up one list"},
	{"job open_period", "NOT EXISTS (SELECT 1 FROM evaluations AS own", "at its end an opening looks at everybody for whom it missed"},
}

// Every page, every action and every job is played in a city of 20,000 people, and MariaDB is asked how it would do each statement that
// was run, with its own values. The answer must not be: by reading a growing table from one end to the other.
func TestNoPageAndNoJobScansAGrowingTable(t *testing.T) {
	oneByOne(t)
	if testing.Short() {
		t.Skip("a city of 20,000 people takes a while")
	}
	heard := &recorder{}
	statements := &storetest.Statements{Seen: heard.hear}
	url := storetest.URL(t, "mariadb")
	w := build(t, url, "embedded:", false, func(s *appSettings) {
		s.wrap = statements.Wrap
		s.keep = store.Retention{Records: 365 * day, Traces: 90 * day}
	})
	raw := openRaw(t, url)
	var emptied []scan
	heard.emptying = func(s spoken) {
		for _, found := range explain(t, raw, s) {
			if !allowed(found) {
				emptied = append(emptied, found)
			}
		}
	}
	furnish(t, raw, w)

	playEverything(t, w, raw, heard)

	for _, found := range append(explainAll(t, raw, heard.statements()), emptied...) {
		t.Errorf("%s reads all of %s (%s):\n%s", found.where, found.table, found.how, found.query)
	}
}

// spoken is a statement with the page or the job that said it.
type spoken struct {
	where, query string
	args         []any
}

// recorder notes the statements of whatever is being played.
type recorder struct {
	mu    sync.Mutex
	where string // "" while nothing is played
	kept  map[string][]spoken
	// emptying is asked at once about a statement of the job that empties tables: afterwards there is nothing to read.
	emptying func(spoken)
}

const pruning = "job prune"

// samples is how many values of one statement of one page are looked at: what is best for one may not be for the other.
const samples = 3

var manyMarks = regexp.MustCompile(`\?(,\s*\?)+`)

// now names what is played from here on.
func (r *recorder) now(where string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.where = where
}

func (r *recorder) hear(query string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	verb, _, _ := strings.Cut(query, " ")
	if r.where == "" || !slices.Contains([]string{"SELECT", "UPDATE", "DELETE"}, verb) {
		return
	}
	if r.kept == nil {
		r.kept = map[string][]spoken{}
	}
	key := r.where + "\n" + manyMarks.ReplaceAllString(query, "?…")
	if len(r.kept[key]) == samples {
		return
	}
	said := spoken{where: r.where, query: query, args: slices.Clone(args)}
	r.kept[key] = append(r.kept[key], said)
	if r.where == pruning {
		r.emptying(said)
	}
}

// statements are those that were not explained at once.
func (r *recorder) statements() []spoken {
	var all []spoken
	keys := make([]string, 0, len(r.kept))
	for key := range r.kept {
		if !strings.HasPrefix(key, pruning+"\n") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		all = append(all, r.kept[key]...)
	}
	return all
}

// scan is a statement that reads a table from one end to the other.
type scan struct{ where, table, how, query string }

func explainAll(t *testing.T, raw *sql.DB, statements []spoken) []scan {
	t.Helper()
	var scans []scan
	told := map[string]bool{}
	for _, s := range statements {
		n, much := readsMuch(t, raw, s)
		if found := (scan{where: s.where, table: "what it needs", how: fmt.Sprintf("%d rows", n), query: s.query}); much && !allowed(found) {
			scans = append(scans, found)
		}
		for _, found := range explain(t, raw, s) {
			key := found.where + found.table + manyMarks.ReplaceAllString(found.query, "?…")
			if !told[key] && !allowed(found) {
				scans = append(scans, found)
			}
			told[key] = true
		}
	}
	t.Logf("%d statements were explained", len(statements))
	return scans
}

func allowed(s scan) bool {
	for _, a := range readsAll {
		if (a.where == anywhere || s.where == a.where) && strings.Contains(s.query, a.statement) {
			return true
		}
	}
	return false
}

// explain asks how MariaDB would do a statement.
func explain(t *testing.T, raw *sql.DB, s spoken) []scan {
	t.Helper()
	rows, err := raw.QueryContext(context.Background(), "EXPLAIN "+s.query, s.args...)
	if err != nil {
		t.Fatalf("explain %s: %v", s.query, err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	tables := aliases(s.query)
	var scans []scan
	for rows.Next() {
		var id, kind, table, how, possible, key, length, ref, n, extra sql.NullString
		if err := rows.Scan(&id, &kind, &table, &how, &possible, &key, &length, &ref, &n, &extra); err != nil {
			t.Fatal(err)
		}
		if how.String != "ALL" && how.String != "index" {
			continue
		}
		for _, name := range tables[table.String] {
			if slices.Contains(growing, name) {
				scans = append(scans, scan{where: s.where, table: name, how: fmt.Sprintf("%s %s, %s rows, %s", how.String, key.String, n.String, extra.String), query: s.query})
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return scans
}

var named = regexp.MustCompile("(?i)\\b(?:FROM|JOIN|UPDATE)\\s+`?(\\w+)`?(?:\\s+AS\\s+`?(\\w+)`?)?")

// aliases are the tables of a statement by the names that it gives them.
func aliases(query string) map[string][]string {
	tables := map[string][]string{}
	for _, m := range named.FindAllStringSubmatch(query, -1) {
		alias := m[2]
		if alias == "" {
			alias = m[1]
		}
		if !slices.Contains(tables[alias], m[1]) {
			tables[alias] = append(tables[alias], m[1])
		}
	}
	return tables
}

// enough is how many rows one statement of an evaluator's or an employee's page may read, however large the city is.
const enough = 2000

// counting are those whose work it is to count: an administrator's pages, and what goes on beside the conversation.
var counting = []string{"page admin.", "action admin.", "page people.", "action people.", "page period.", "action period.", "page unit.", "action unit.", "page role.", "action role.", "page leader.", "page trail.", "action trail.", "job ", "command ", "courier", "message "} //nolint:gochecknoglobals // a constant list

// readsMuch reports how many rows a statement reads, where it is not one that counts a period or a city.
func readsMuch(t *testing.T, raw *sql.DB, s spoken) (rows int, much bool) {
	t.Helper()
	counts := slices.ContainsFunc(counting, func(where string) bool { return strings.HasPrefix(s.where, where) })
	if counts || !strings.HasPrefix(s.query, "SELECT") {
		return 0, false
	}
	ctx := context.Background()
	conn, err := raw.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const read = "SELECT CAST(SUM(variable_value) AS SIGNED) FROM information_schema.session_status WHERE variable_name LIKE 'Handler_read%'"
	before, after := 0, 0
	err = errors.Join(conn.QueryRowContext(ctx, read).Scan(&before), all(conn.QueryContext(ctx, s.query, s.args...)), conn.QueryRowContext(ctx, read).Scan(&after), conn.Close())
	if err != nil {
		t.Fatalf("%s: %v", s.query, err)
	}
	return after - before, after-before > enough
}

// all reads an answer to its end.
func all(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
		continue
	}
	return errors.Join(rows.Err(), rows.Close())
}
