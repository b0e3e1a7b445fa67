package scoring

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// othersStore is what "the others all meet" needs of the records.
type othersStore interface {
	Standings(ctx context.Context, evaluatorID, periodID int64) ([]store.Standing, error)
	LastBatch(ctx context.Context, evaluatorID, periodID int64) (store.Batch, error)
	BatchOf(ctx context.Context, evaluatorID, id int64) (store.Batch, error)
	BatchMembers(ctx context.Context, evaluatorID int64, batch store.Batch) ([]store.BatchMember, error)
	OpenBatch(ctx context.Context, evaluatorID int64, batch store.Batch) (store.Batch, error)
	FinaliseInBatch(ctx context.Context, evaluatorID, batchID, evaluationID int64, grace time.Duration,
		usual func(store.Sheet) error, judge func(store.Sheet) (store.Predicate, error)) error
}

const (
	fewestOthers = 2  // of one person his own page says the same with fewer taps
	maxTogether  = 20 // people confirmed at once: as many names as one reads; the rest comes after them
	maxLookLines = 10
	maxLookRows  = 5
	longestName  = 60 // characters, where names stand in a list
)

// registerOthers adds "the others all meet": the list, the question, and what came of it. People are never chosen beforehand; the
// evaluator asks for the list, and two taps on what it says confirm all of it.
func (c conversation) registerOthers(e *flows.Engine) {
	e.Page("others.list", "id", c.others) // the period
	e.Page("others.sure", "id word", c.othersSure)
	e.Page("others.done", "id", c.othersDone) // the batch, as for the actions

	e.Action("others.set", "id word", c.setOthers)
	e.Action("others.goon", "id", c.goOnWithOthers)
	e.Action("others.back", "id", c.takeOthersBack)
}

// othersRow is the button on the list of a period's people; none while too few wait.
func othersRow(r *flows.Request, members []store.TeamMember) [][]flows.Button {
	if len(members)-finishedOf(members) < fewestOthers {
		return nil
	}
	return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("others.button"), "others.list", members[0].PeriodID))}
}

// rest is who is left of a team in a period, as far as one screen takes it.
type rest struct {
	period      store.Period
	usual       []store.Standing
	later       int // usual people for whom this screen has no room
	notable     []store.Standing
	last        store.Batch
	interrupted []int64 // confirmed in the last batch and not come to, although nothing stands out
	list        string  // names who is listed and after which batch, so that exactly this is confirmed, and once
}

func (c conversation) restOf(ctx context.Context, r *flows.Request, periodID int64) (rest, error) {
	standings, err := c.store.Standings(ctx, r.Actor.PersonID, periodID)
	if err != nil || len(standings) == 0 {
		return rest{}, err
	}
	left := rest{period: standings[0].Period}
	for _, s := range standings {
		switch {
		case len(rules.StandsOut(s)) > 0:
			left.notable = append(left.notable, s)
		case len(left.usual) == maxTogether:
			left.later++
		default:
			left.usual = append(left.usual, s)
		}
	}
	if left.last, err = c.store.LastBatch(ctx, r.Actor.PersonID, periodID); err != nil {
		return rest{}, err
	}
	left.list = left.nameOfList()
	members, err := c.store.BatchMembers(ctx, r.Actor.PersonID, left.last)
	for _, m := range members {
		if !m.Settled && slices.ContainsFunc(left.usual, func(s store.Standing) bool { return s.ID == m.EvaluationID }) {
			left.interrupted = append(left.interrupted, m.EvaluationID)
		}
	}
	return left, err
}

func (left rest) people() []int64 {
	ids := make([]int64, 0, len(left.usual))
	for _, s := range left.usual {
		ids = append(ids, s.ID)
	}
	return ids
}

// nameOfList is short enough for a link, and no word that somebody could guess to mean other people.
func (left rest) nameOfList() string {
	sum := sha256.Sum256(fmt.Append(nil, left.last.ID, left.people()))
	return "l" + hex.EncodeToString(sum[:10])
}

// others lists about whom nothing stands out, and who needs a look and why.
func (c conversation) others(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	return c.othersList(ctx, r, "")
}

func (c conversation) othersList(ctx context.Context, r *flows.Request, note string) (flows.Screen, error) {
	left, err := c.restOf(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	if len(left.usual)+len(left.notable) == 0 {
		return c.teamOf(ctx, r, r.Args.ID(0))
	}
	looks, err := c.lookLines(ctx, r, left.notable)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("others.heading", locales.Args{"Period": words.PeriodName(r.T, left.period.Kind, left.period.FirstDay)}), note, "\n"}
	lines = append(lines, usualLines(r, left)...)
	return flows.Screen{Text: flows.Lines(append(lines, looks...)...), Rows: listRows(r, left)}, nil
}

// teamOf is the list of a period's people, from a page whose arguments are not its own.
func (c conversation) teamOf(ctx context.Context, r *flows.Request, periodID int64) (flows.Screen, error) {
	at := *r
	at.Args = flows.To("score.period", periodID, 1).Args
	return c.teamOfPeriod(ctx, &at)
}

func usualLines(r *flows.Request, left rest) []string {
	var lines []string
	if n := len(left.interrupted); n > 0 {
		all := len(left.last.People)
		lines = append(lines, r.T.HTML("others.interrupted", locales.Args{"All": all, "Done": all - n, "Number": n}), "\n")
	}
	if len(left.usual) == 0 {
		return append(lines, r.T.HTML("others.none_usual"))
	}
	lines = append(lines, r.T.HTML("others.usual", counted(len(left.usual))))
	lines = append(lines, nameLines(r, left.usual)...)
	if left.later > 0 {
		lines = append(lines, r.T.HTML("others.later", counted(left.later)))
	}
	return append(lines, r.T.HTML("others.own"))
}

func nameLines(r *flows.Request, people []store.Standing) []string {
	lines := make([]string, 0, len(people))
	for _, s := range people {
		lines = append(lines, r.T.HTML("others.line", locales.Args{"Name": words.Shortened(s.Employee, longestName)}))
	}
	return lines
}

// lookLines tell who needs a look and why. What an earlier result tells is a look at that result, and recorded.
func (c conversation) lookLines(ctx context.Context, r *flows.Request, people []store.Standing) ([]string, error) {
	if len(people) == 0 {
		return nil, nil
	}
	lines := []string{"\n", r.T.HTML("others.look")}
	for _, s := range people[:min(len(people), maxLookLines)] {
		lines = append(lines, r.T.HTML("others.look_line", locales.Args{"Name": words.Shortened(s.Employee, longestName), "Why": why(r, s)}))
		if s.Earlier.ResultID == 0 {
			continue
		}
		if err := c.store.Looked(ctx, r.Actor.PersonID, "result", s.Earlier.ResultID); err != nil {
			return nil, err
		}
	}
	if more := len(people) - maxLookLines; more > 0 {
		lines = append(lines, r.T.HTML("others.look_more", counted(more)))
	}
	return lines, nil
}

// why says what is noticed about somebody.
func why(r *flows.Request, s store.Standing) string {
	agreed := s.Earlier.Agreed
	args := locales.Args{"Kind": words.Agreed(r.T, agreed.Kind, agreed.Name), "Due": words.LongDay(r.T, agreed.Due),
		"Predicate": words.Predicate(r.T, s.Earlier.Predicate), "Period": words.PeriodName(r.T, s.Earlier.Kind, s.Earlier.FirstDay)}
	var reasons []string
	for _, notable := range rules.StandsOut(s) {
		key := "others.why_" + string(notable)
		if notable == rules.FollowUpOpen && agreed.ByEmployee != nil {
			key = "others.why_followup_told"
		}
		reasons = append(reasons, r.T.Plain(key, args))
	}
	return strings.Join(reasons, "; ")
}

func listRows(r *flows.Request, left rest) [][]flows.Button {
	var rows [][]flows.Button
	if n := len(left.interrupted); n > 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("others.go_on", counted(n)), "others.goon", left.last.ID).Styled(flows.Confirm)))
	}
	if n := len(left.usual); n > 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("others.all_meet", counted(n)), "others.sure", left.period.ID, left.list)))
	}
	for _, s := range left.notable[:min(len(left.notable), maxLookRows)] {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("others.look_at", locales.Args{"Name": s.Employee}), "score.person", s.ID)))
	}
	return append(rows, backTo(r, "score.period", left.period.ID, 1))
}

// othersSure asks once more, with the names and with what will be stored.
func (c conversation) othersSure(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	left, err := c.restOf(ctx, r, r.Args.ID(0))
	switch {
	case err != nil:
		return flows.Screen{}, err
	case left.list != r.Args.Word(1) || len(left.usual) == 0:
		return c.othersList(ctx, r, r.T.HTML("others.changed"))
	}
	number := counted(len(left.usual))
	number["Period"] = words.PeriodName(r.T, left.period.Kind, left.period.FirstDay)
	number["Predicate"] = words.Predicate(r.T, store.Good)
	lines := append([]string{r.T.HTML("others.sure_heading", number), "\n"}, nameLines(r, left.usual)...)
	return flows.Screen{
		Text: flows.Lines(append(lines, "\n", r.T.HTML("others.sure", number))...),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("others.set", number), "others.set", left.period.ID, left.list).Styled(flows.Confirm)),
			backTo(r, "others.list", left.period.ID),
		},
	}, nil
}

// setOthers records whom the evaluator confirmed and finalises them one after the other. The same tap again, after a crash
// half-way too, goes on with the same people.
func (c conversation) setOthers(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	periodID, list := r.Args.ID(0), r.Args.Word(1)
	batch, err := c.store.LastBatch(ctx, r.Actor.PersonID, periodID)
	if err != nil {
		return flows.Outcome{}, err
	}
	if batch.List != list {
		left, err := c.restOf(ctx, r, periodID)
		switch {
		case err != nil:
			return flows.Outcome{}, err
		case left.list != list || len(left.usual) == 0:
			return flows.Outcome{}, flows.Refuse(r.T.Plain("others.changed"), flows.To("others.list", periodID))
		}
		batch, err = c.store.OpenBatch(ctx, r.Actor.PersonID, store.Batch{PeriodID: periodID, List: list, People: left.people()})
		if err != nil {
			return flows.Outcome{}, c.explainOthers(r, err)
		}
	}
	return c.finaliseOthers(ctx, r, batch)
}

// goOnWithOthers finalises those of a batch whom a crash left.
func (c conversation) goOnWithOthers(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	batch, err := c.store.BatchOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.finaliseOthers(ctx, r, batch)
}

var errStandsOut = errors.New("something stands out about this person")

// finaliseOthers sets the results that a batch has not set yet, each in a transaction of its own. Whoever is not usual any more is left
// out: the screen that follows tells so.
func (c conversation) finaliseOthers(ctx context.Context, r *flows.Request, batch store.Batch) (flows.Outcome, error) {
	usual, err := c.stillUsual(ctx, r, batch)
	if err != nil {
		return flows.Outcome{}, err
	}
	done := flows.Outcome{To: flows.To("others.done", batch.ID)}
	for _, id := range usual {
		err := c.store.FinaliseInBatch(ctx, r.Actor.PersonID, batch.ID, id, c.Grace, meetsOnly, c.judge(""))
		var lacking incomplete
		switch {
		case err == nil:
			done.Toast = r.T.Plain("others.stored")
		case errors.Is(err, errStandsOut), errors.As(err, &lacking), errors.Is(err, store.ErrNotFound): // changed in this very moment
		default:
			return flows.Outcome{}, c.explainOthers(r, err)
		}
	}
	return done, nil
}

// stillUsual lists the people of a batch whom it has not finalised and about whom nothing stands out now.
func (c conversation) stillUsual(ctx context.Context, r *flows.Request, batch store.Batch) ([]int64, error) {
	standings, err := c.store.Standings(ctx, r.Actor.PersonID, batch.PeriodID)
	if err != nil {
		return nil, err
	}
	members, err := c.store.BatchMembers(ctx, r.Actor.PersonID, batch)
	var ids []int64
	for _, m := range members {
		usual := func(s store.Standing) bool { return s.ID == m.EvaluationID && len(rules.StandsOut(s)) == 0 }
		if !m.Settled && slices.ContainsFunc(standings, usual) {
			ids = append(ids, m.EvaluationID)
		}
	}
	return ids, err
}

// meetsOnly decides on an evaluation as it is stored, locked, which may be another than the one that was listed.
func meetsOnly(sheet store.Sheet) error {
	if rules.SaysOtherwise(sheet) {
		return errStandsOut
	}
	return nil
}

func (c conversation) explainOthers(r *flows.Request, err error) error {
	if errors.Is(err, store.ErrClosed) {
		return flows.Refuse(r.T.Plain("scoring.is_closed"), flows.To("score.team", 1))
	}
	return err
}

// takeOthersBack opens again what a batch finalised, until it is released. What was set otherwise since stays.
func (c conversation) takeOthersBack(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	batch, err := c.store.BatchOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	members, err := c.store.BatchMembers(ctx, r.Actor.PersonID, batch)
	if err != nil {
		return flows.Outcome{}, err
	}
	released, taken := 0, 0
	for _, m := range members {
		if m.ResultID == 0 {
			continue
		}
		err := c.store.TakeBack(ctx, r.Actor.PersonID, m.EvaluationID)
		switch {
		case errors.Is(err, store.ErrReleased):
			released++
		case err != nil:
			return flows.Outcome{}, c.explainOthers(r, err)
		default:
			taken++
		}
	}
	switch {
	case released > 0 && taken == 0:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("scoring.released"), flows.To("others.done", batch.ID))
	case released > 0:
		return flows.Outcome{To: flows.To("others.done", batch.ID), Toast: r.T.Plain("others.some_released", counted(released))}, nil
	}
	return flows.Outcome{To: flows.To("others.list", batch.PeriodID), Toast: r.T.Plain("scoring.taken_back")}, nil
}
