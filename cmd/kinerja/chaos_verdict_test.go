package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"kinerja/locales"
)

// atOnce is how many people look at their phones at the same time.
const atOnce = 16

// playPeriod is one period, counted back from this month: it is opened, everybody is evaluated, everybody reads, it is closed.
func (w *chaosWorld) playPeriod(ctx context.Context, back int) {
	admin := w.people[demoPhone(w.cast.Admin.ID)]
	month := time.Date(time.Now().Year(), time.Now().Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, -back, 0)
	if err := admin.openPeriod(ctx, month, w.cast.Units[w.ordeal.unit]); err != nil {
		w.unless(errStuck, "open a period", err)
		return
	}
	w.tally.periods++
	w.unless(nil, "open the period", w.insist(ctx, func() error { // he may have been told of an earlier one once more
		open, err := w.numbers(ctx, "SELECT id FROM periods WHERE state = 'open'")
		if err == nil && len(open) == 0 {
			err = errors.New("it is not open yet")
		}
		return err
	}))
	w.together(ctx, "evaluator_id", (*someone).evaluateTeam)
	w.together(ctx, "employee_id", (*someone).readResult)
	w.unless(nil, "close the period", w.insist(ctx, func() error {
		open, err := w.numbers(ctx, "SELECT id FROM periods WHERE state = 'open'")
		if err != nil || len(open) == 0 {
			return err
		}
		return w.store.ClosePeriod(ctx, admin.person, open[0])
	}))
}

// unless notes an error that is not the expected one, which is noted already.
func (w *chaosWorld) unless(expected error, what string, err error) {
	if err != nil && !errors.Is(err, expected) {
		w.tally.note(&w.tally.stuck, "%s: %v", what, err)
	}
}

// insist tries for a minute: the test's own connection falls over like all others.
func (w *chaosWorld) insist(ctx context.Context, do func() error) (err error) {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for range 300 {
		if err = do(); err == nil || ctx.Err() != nil {
			return err
		}
		<-ticker.C
	}
	return err
}

// together lets everybody who has a role in the open period do something.
func (w *chaosWorld) together(ctx context.Context, role string, do func(*someone, context.Context) error) {
	var ids []int64
	w.unless(nil, "find people", w.insist(ctx, func() (err error) {
		ids, err = w.numbers(ctx, "SELECT DISTINCT e."+role+" FROM evaluations e JOIN periods p ON p.id = e.period_id WHERE p.state = 'open' AND e.evaluator_id IS NOT NULL")
		return err
	}))
	group := errgroup.Group{}
	group.SetLimit(atOnce)
	for _, id := range ids {
		group.Go(func() error {
			w.unless(errStuck, fmt.Sprintf("person %d", id), do(w.people[demoPhone(id)], ctx))
			return nil
		})
	}
	w.unless(nil, "play", group.Wait())
}

func (w *chaosWorld) numbers(ctx context.Context, query string, args ...any) (all []int64, err error) {
	err = w.each(ctx, query, args, func(scan func(...any) error) error {
		var n int64
		defer func() { all = append(all, n) }()
		return scan(&n)
	})
	return all, err
}

// each calls do for each row of a query.
func (w *chaosWorld) each(ctx context.Context, query string, args []any, do func(scan func(...any) error) error) (err error) {
	rows, err := w.raw.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := do(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// calm waits until nothing is left to do: no update waits but the flooder's, every job is done, nothing is owed to anybody.
func (w *chaosWorld) calm(ctx context.Context) {
	const unfinished = "SELECT (SELECT COUNT(*) FROM notifications WHERE state = 'owed') + (SELECT COUNT(*) FROM jobs WHERE state = 'running')"
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for begun := time.Now(); time.Since(begun) < 2*stuckAfter; <-ticker.C {
		w.unless(nil, "let time pass", w.hasten(ctx, 100))
		w.unless(nil, "send again what was given up", w.insist(ctx, func() error { // what may have arrived twice is parked
			_, err := w.store.OweAllParkedAgain(ctx)
			return err
		}))
		left, err := w.numbers(ctx, unfinished)
		w.unless(nil, "look what is left", err)
		if err != nil || left[0] == 0 && w.sim.Pending() == w.sim.PendingFrom(flooder) {
			return
		}
	}
	w.tally.note(&w.tally.stuck, "%d updates wait, and jobs or notifications are left, long after the last fault", w.sim.Pending())
}

// judge asks the records and the phones.
func (w *chaosWorld) judge(ctx context.Context) {
	for _, p := range w.people {
		for evaluation, in := range p.sheets {
			w.unless(nil, "judge evaluation "+evaluation, w.judgeAnswers(ctx, p, evaluation, in))
		}
		for _, result := range p.read {
			w.finds(ctx, &w.tally.lost, "acknowledged result is not", "SELECT id FROM results WHERE id = ? AND acknowledged_at IS NULL", result)
		}
	}
	w.judgeRecords(ctx)
	w.unless(nil, "judge the history", w.judgeHistory(ctx))
	w.judgePhones(ctx)
	w.judgeNuisances()
	w.judgeSettings()
	w.judgeLogs()
}

// judgeAnswers compares what an evaluator saw confirmed with what is stored.
func (w *chaosWorld) judgeAnswers(ctx context.Context, p *someone, evaluation string, in *intention) error {
	stored, reasons := map[string]string{}, map[string]string{}
	err := w.each(ctx, "SELECT i.id, CONCAT('i', i.ordinal), LEFT(a.rating, 1), a.reason FROM answers a JOIN indicators i ON i.id = a.indicator_id WHERE a.evaluation_id = ?", []any{evaluation},
		func(scan func(...any) error) error {
			var indicator, word, rating, reason string
			err := scan(&indicator, &word, &rating, &reason)
			stored[indicator], reasons[word] = rating, reason
			return err
		})
	if err != nil {
		return err
	}
	var state, work, behaviour string
	if err := w.raw.QueryRowContext(ctx, "SELECT state, work_reason, behaviour_reason FROM evaluations WHERE id = ? AND evaluator_id = ?", evaluation, p.person).Scan(&state, &work, &behaviour); err != nil {
		return err
	}
	reasons["work"], reasons["behaviour"] = work, behaviour
	for indicator, sure := range in.sure {
		if sure && stored[indicator] != in.mind[indicator] {
			w.tally.note(&w.tally.lost, "evaluation %s, indicator %s: confirmed %q, stored %q; he did%s", evaluation, indicator, in.mind[indicator],
				stored[indicator], p.trailOf(evaluation))
		}
	}
	for subject, reason := range in.reasons {
		if reasons[subject] != reason {
			w.tally.note(&w.tally.lost, "evaluation %s, reason of %s: confirmed %q, stored %q; he did%s", evaluation, subject, reason,
				reasons[subject], p.trailOf(evaluation))
		}
	}
	if in.final && state != "final" {
		w.tally.note(&w.tally.lost, "evaluation %s: confirmed as final, stored as %s", evaluation, state)
	}
	return nil
}

// finds notes each record that a query finds: there must be none.
func (w *chaosWorld) finds(ctx context.Context, list *[]string, what, query string, args ...any) {
	ids, err := w.numbers(ctx, query, args...)
	w.unless(nil, what, err)
	for _, id := range ids {
		w.tally.note(list, "%s: %d", what, id)
	}
}

// judgeRecords asks for what the rules do not allow.
func (w *chaosWorld) judgeRecords(ctx context.Context) {
	t := w.tally
	const current = "SELECT * FROM results WHERE withdrawn_at IS NULL"
	w.finds(ctx, &t.duplicates, "evaluation with two results", "SELECT evaluation_id FROM ("+current+") r GROUP BY evaluation_id HAVING COUNT(*) > 1")
	w.finds(ctx, &t.impossible, "final evaluation without a result", "SELECT e.id FROM evaluations e LEFT JOIN ("+current+") r ON r.evaluation_id = e.id WHERE e.state = 'final' AND r.id IS NULL")
	w.finds(ctx, &t.impossible, "open evaluation with a result", "SELECT e.id FROM evaluations e JOIN ("+current+") r ON r.evaluation_id = e.id WHERE e.state <> 'final'")
	w.finds(ctx, &t.impossible, "result that is not what was answered", "SELECT r.id FROM ("+current+") r JOIN evaluations e ON e.id = r.evaluation_id JOIN indicators i ON i.template_version_id = e.template_version_id "+
		"LEFT JOIN answers a ON a.evaluation_id = e.id AND a.indicator_id = i.id LEFT JOIN result_answers ra ON ra.result_id = r.id AND ra.indicator_id = i.id "+
		"WHERE a.rating IS NULL OR a.rating = '' OR ra.rating IS NULL OR a.rating <> ra.rating OR a.reason <> ra.reason GROUP BY r.id")
	w.finds(ctx, &t.impossible, "answer to an indicator of another template", "SELECT a.id FROM answers a JOIN evaluations e ON e.id = a.evaluation_id JOIN indicators i ON i.id = a.indicator_id WHERE i.template_version_id <> e.template_version_id")
	w.finds(ctx, &t.impossible, "result acknowledged and never opened", "SELECT id FROM results WHERE acknowledged_at IS NOT NULL AND opened_at IS NULL")
	w.finds(ctx, &t.impossible, "withdrawn result that was opened", "SELECT id FROM results WHERE withdrawn_at IS NOT NULL AND opened_at IS NOT NULL")
	w.finds(ctx, &t.impossible, "evaluation left open", "SELECT id FROM evaluations WHERE evaluator_id IS NOT NULL AND state = 'open'")
	w.finds(ctx, &t.impossible, "job that never ended", "SELECT id FROM jobs WHERE state = 'running'")
	w.finds(ctx, &t.unsent, "notification neither sent nor needless", "SELECT id FROM notifications WHERE state NOT IN ('sent', 'cancelled')")
	w.finds(ctx, &t.unsent, "result that nobody was told of", "SELECT r.id FROM ("+current+") r WHERE r.release_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.kind = 'result_ready' AND n.args = r.id AND (n.state = 'sent' OR r.opened_at IS NOT NULL))")
	w.unless(nil, "count notifications", w.raw.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(state = 'sent'), 0), COALESCE(SUM(state = 'cancelled'), 0) FROM notifications").Scan(&t.owed, &t.sent, &t.cancelled))
}

// judgeHistory reads the audit of each rating as a chain: each change begins where the one before it ended. A change that is
// written twice breaks it.
func (w *chaosWorld) judgeHistory(ctx context.Context) error {
	last := map[string]string{}
	return w.each(ctx, "SELECT id, object_id, `before`, `after` FROM audits WHERE action = 'rated' ORDER BY "+w.stores.inTime(), nil, func(scan func(...any) error) error {
		var id, evaluation int64
		var before, after string
		if err := scan(&id, &evaluation, &before, &after); err != nil {
			return err
		}
		indicator, rating, _ := strings.Cut(after, " ")
		key := fmt.Sprintf("%d %s", evaluation, indicator)
		restRated := last[key] == "" && before == "meets" // by "all meet the expectation", which has one row for them together
		if before != last[key] && !restRated {
			w.tally.note(&w.tally.duplicates, "audit %d of evaluation %d: from %q, where it was %q", id, evaluation, before, last[key])
		}
		last[key] = rating
		return nil
	})
}

// judgePhones asks whether everybody saw his result on his phone, acknowledged it and saw that.
func (w *chaosWorld) judgePhones(ctx context.Context) {
	query := "SELECT r.id, e.employee_id FROM results r JOIN evaluations e ON e.id = r.evaluation_id WHERE r.withdrawn_at IS NULL"
	w.unless(nil, "look at results", w.each(ctx, query, nil, func(scan func(...any) error) error {
		var result string
		var employee int64
		if err := scan(&result, &employee); err != nil {
			return err
		}
		if !slices.Contains(w.people[demoPhone(employee)].read, result) {
			w.tally.note(&w.tally.unsent, "person %d did not see result %s", employee, result)
		}
		return nil
	}))
}

// judgeSettings asks how often the program set its commands: once in each language, however often its processes started. The lists of single chats are apart.
func (w *chaosWorld) judgeSettings() {
	catalog, err := locales.Load(time.UTC)
	w.must("load the sentences", err)
	if set, most := w.sim.Counts()["setMyCommands"], len(menus(catalog)); set > most {
		w.tally.note(&w.tally.impossible, "the commands were set %d times, for %d languages", set, most)
	}
}

// judgeLogs reads what the processes wrote: ids only, and no data race.
func (w *chaosWorld) judgeLogs() {
	secret := map[string]string{w.sim.Token(): "the token", "Alasan tertulis": "an answer"}
	for _, p := range w.cast.People {
		name, _, _ := strings.Cut(p.Name, ",")
		secret[name], secret[p.NIP], secret[p.Phone] = "a name", "a NIP", "a phone number"
	}
	for n, r := range w.replicas {
		content, err := os.ReadFile(r.log)
		w.unless(nil, "read a log", err)
		for word, what := range secret {
			if word != "" && strings.Contains(string(content), word) {
				w.tally.note(&w.tally.leaks, "the log of process %d has %s", n, what)
			}
		}
		if strings.Contains(string(content), "DATA RACE") {
			w.tally.note(&w.tally.impossible, "process %d has a data race: see its log", n)
		}
	}
}
