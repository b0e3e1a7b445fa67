package assignment

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// askEvaluator asks for the new evaluator of somebody by name, and lists whom the last search found. The number is its page, 0 before.
func (c conversation) askEvaluator(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	e, err := c.evaluation(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if e.State != store.EvaluationOpen {
		return flows.Screen{}, flows.Refuse(r.T.Plain("assign.meanwhile"), flows.To("assign.show", e.ID))
	}
	if c.himself(r, e) && (e.EvaluatorID == nil || e.EvaluatorActive) { // of one who has left there are others, who are listed
		return flows.Screen{}, flows.Refuse(r.T.Plain("assign.own"), flows.To("assign.show", e.ID))
	}
	lines := append([]string{title(r, e)}, whoLines(r, e)...)
	if r.Args.Int(1) == 0 {
		return c.proposeEvaluator(ctx, r, e, append(lines, "\n"))
	}
	list, rows, err := c.officials(ctx, r, 0, r.Args.Int(1), func(id int64) flows.Link { return flows.To("assign.sure", e.ID, id, seen(e), 1) },
		func(n int) flows.Link { return flows.To("assign.evaluator", e.ID, n) })
	return flows.Screen{Text: flows.Lines(append(append(lines, "\n"), append(list, r.T.HTML("assign.ask_evaluator"))...)...),
		Rows: append(rows, back(r, "assign.evaluator", e.ID, 0))}, err
}

// proposeEvaluator begins with whom the roster names, so that who follows somebody who has left is one tap away.
func (c conversation) proposeEvaluator(ctx context.Context, r *flows.Request, e store.AdminEvaluation, lines []string) (flows.Screen, error) {
	heirs, err := c.store.Heirs(ctx, r.Actor.PersonID, e.ID)
	if err != nil {
		return flows.Screen{}, err
	}
	var names []string
	for n, one := range heirs {
		if heading := "assign.heirs"; n == 0 || one.Superior != heirs[n-1].Superior {
			if one.Superior {
				heading = "assign.heir_superior"
			}
			lines = append(lines, r.T.HTML(heading))
		}
		names = append(names, one.Name)
		lines = append(lines, r.T.HTML("assign.official", locales.Args{"Number": n + 1, "Name": one.Name, "Position": one.Position, "Unit": one.Unit}))
	}
	if len(heirs) > 0 {
		lines = append(lines, "\n")
	}
	rows := numbered(names, 0, func(n int) flows.Link { return flows.To("assign.sure", e.ID, heirs[n].ID, seen(e), 1) }, unmarked)
	return flows.Screen{Text: flows.Lines(append(lines, r.T.HTML("assign.ask_evaluator"))...), Rows: append(rows, backTo(r, r.Came(), flows.To("assign.show", e.ID)))}, nil
}

// seen is the evaluator whom a screen shows, 0 for nobody.
func seen(e store.AdminEvaluation) int64 {
	if e.EvaluatorID == nil {
		return 0
	}
	return *e.EvaluatorID
}

// officials lists whom the search that is kept has found, without one person; nothing on page 0, before there is one.
func (c conversation) officials(ctx context.Context, r *flows.Request, without int64, wanted int, to func(id int64) flows.Link, other func(n int) flows.Link) ([]string, [][]flows.Button, error) {
	text := r.Draft[queryOfficial]
	if wanted == 0 || text == "" {
		return nil, nil, nil
	}
	found, total, page, pages, err := turn(wanted, func(offset, limit int) ([]store.Chosen, int, error) {
		return c.store.FindOfficials(ctx, r.Actor.PersonID, without, text, offset, limit)
	})
	if err != nil {
		return nil, nil, err
	}
	lines := []string{r.T.HTML("assign.officials", locales.Args{"Text": text, "Number": r.T.Number(total)})}
	var names []string
	for n, one := range found {
		names = append(names, one.Name)
		lines = append(lines, r.T.HTML("assign.official", locales.Args{"Number": (page-1)*perPage + n + 1, "Name": one.Name, "Position": one.Position, "Unit": one.Unit}))
	}
	rows := numbered(names, (page-1)*perPage, func(n int) flows.Link { return to(found[n].ID) }, unmarked)
	return append(lines, "\n"), append(rows, flows.Pager(r.T, page, pages, other)...), nil
}

// search takes the name of an official, who is not a certain person.
func (c conversation) search(ctx context.Context, r *flows.Request, without int64, to flows.Link) (flows.Outcome, error) {
	text := words.ShortQuery(r.Text)
	_, total, err := c.store.FindOfficials(ctx, r.Actor.PersonID, without, text, 0, 1)
	if err != nil {
		return flows.Outcome{}, err
	}
	if total == 0 || text == "" {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("assign.none_found", locales.Args{"Text": text}), flows.Link{})
	}
	r.Draft[queryOfficial] = text
	return flows.Outcome{To: to}, nil
}

func (c conversation) findEvaluator(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.evaluation(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	return c.search(ctx, r, 0, flows.To("assign.evaluator", r.Args.ID(0), 1))
}

// change is what a screen of assign.sure is about.
type change struct {
	evaluation store.AdminEvaluation
	next       store.Chosen
	from       int64
	lines      []store.AdminLine // who is not finished of the evaluator that was shown
	chosen     []int64           // of them, sorted
	why        string
	himself    bool // the new evaluator is among them, and is left out
	mine       bool // the administrator is among them, and is left out
}

// form begins what is kept of the choice and of the reason: they are for one change, and for no other screen.
func (ch change) form() string {
	return fmt.Sprintf("%d:%d:%d:", ch.evaluation.ID, ch.next.ID, ch.from)
}

// word names the list that is shown, so that a button gives what its screen told.
func (ch change) word() string {
	hash := fnv.New64a()
	for _, id := range ch.chosen {
		fmt.Fprintf(hash, "%d,", id)
	}
	return "h" + strconv.FormatUint(hash.Sum64(), 36)
}

const atMost = store.ReassignLimit

// changing reads what the arguments and the form say.
func (c conversation) changing(ctx context.Context, r *flows.Request) (change, error) {
	e, err := c.evaluation(ctx, r)
	if err != nil {
		return change{}, err
	}
	ch := change{evaluation: e, from: r.Args.ID(2)}
	if ch.from != seen(e) || e.State == store.EvaluationFinal {
		return change{}, flows.Refuse(r.T.Plain("assign.meanwhile"), flows.To("assign.show", e.ID))
	}
	if ch.next, err = c.store.OfficialFor(ctx, r.Actor.PersonID, r.Args.ID(1)); err != nil {
		return change{}, err
	}
	ch.why, _ = strings.CutPrefix(r.Draft[draftWhy], ch.form())
	if ch.why == r.Draft[draftWhy] {
		ch.why = ""
	}
	all := []store.AdminLine{{EvaluationID: e.ID, EmployeeID: e.EmployeeID, Name: e.Employee, State: e.State, Begun: e.Begun}}
	if ch.from != 0 {
		if _, all, _, err = c.store.PeopleOfPeriod(ctx, r.Actor.PersonID, e.PeriodID, store.PeopleFilter{Evaluator: ch.from}, 0, atMost); err != nil {
			return change{}, err
		}
	}
	chosen := ch.chooser(r.Draft[draftChosen])
	for _, l := range all {
		switch {
		case l.State == store.EvaluationFinal:
		case l.EmployeeID == r.Actor.PersonID:
			ch.mine = true
		case l.EmployeeID == ch.next.ID:
			ch.himself = true
		default:
			ch.lines = append(ch.lines, l)
			if chosen(l.EvaluationID) {
				ch.chosen = append(ch.chosen, l.EvaluationID)
			}
		}
	}
	slices.Sort(ch.chosen)
	return ch, nil
}

// chooser tells who is chosen. Before anybody was: the one whom it began with, or everybody when his evaluator has left, for all of them need another.
func (ch change) chooser(kept string) func(id int64) bool {
	list, ok := strings.CutPrefix(kept, ch.form())
	if !ok {
		gone := ch.from != 0 && !ch.evaluation.EvaluatorActive
		return func(id int64) bool { return gone || id == ch.evaluation.ID }
	}
	ids := strings.Split(list, ",")
	return func(id int64) bool { return slices.Contains(ids, strconv.FormatInt(id, 10)) }
}

// askReassign shows the new evaluator, and lets choose for whom he is one: this person, or any that the evaluator of now has left.
func (c conversation) askReassign(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	ch, err := c.changing(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	e := ch.evaluation
	lines := []string{title(r, e)}
	lines = append(append(lines, whoLines(r, e)[0]), r.T.HTML("assign.next_is", locales.Args{"Name": ch.next.Name, "Position": ch.next.Position, "Unit": ch.next.Unit}))
	if !ch.next.Linked {
		lines = append(lines, r.T.HTML("assign.next_unlinked"))
	}
	if ch.next.Below {
		lines = append(lines, r.T.HTML("assign.next_below"))
	}
	if ch.why != "" {
		lines = append(lines, r.T.HTML("assign.why_is", locales.Args{"Reason": ch.why}))
	}
	if ch.himself {
		lines = append(lines, r.T.HTML("assign.next_himself", locales.Args{"Name": ch.next.Name}))
	}
	if ch.mine {
		lines = append(lines, r.T.HTML("assign.next_mine"))
	}
	rows := ch.choices(r)
	if len(ch.lines) > 0 {
		lines = append(lines, "\n", r.T.HTML("assign.what_happens"))
	}
	switch {
	case len(ch.lines) == 0:
		lines = append(lines, "\n", r.T.HTML("assign.nobody_left"))
	case len(ch.chosen) == 0:
		lines = append(lines, r.T.HTML("assign.choose_somebody"))
	case ch.next.Below && ch.why == "":
		lines = append(lines, r.T.HTML("assign.type_why"))
	default:
		label := r.T.Plain("assign.give", locales.Args{"Number": len(ch.chosen)})
		rows = append(rows, flows.Row(flows.Go(label, "assign.give", ch.args(ch.word())...).Styled(flows.Confirm)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back(r, "assign.evaluator", e.ID, searched(r)))}, nil
}

// searched is the page of the evaluators that the person comes from: of what he found, or of whom the roster names.
func searched(r *flows.Request) int {
	if r.Draft[queryOfficial] == "" {
		return 0
	}
	return 1
}

func (ch change) args(more ...any) []any {
	return append([]any{ch.evaluation.ID, ch.next.ID, ch.from}, more...)
}

// choices are the buttons that choose for whom there is another evaluator; none when there is one person only.
func (ch change) choices(r *flows.Request) [][]flows.Button {
	if len(ch.lines) < 2 {
		return nil
	}
	pages := (len(ch.lines) + perPage - 1) / perPage
	page := max(1, min(r.Args.Int(3), pages))
	shown := ch.lines[(page-1)*perPage : min(page*perPage, len(ch.lines))]
	rows := numbered(namesOf(shown), (page-1)*perPage, func(n int) flows.Link { return flows.To("assign.choose", ch.args(page, shown[n].EvaluationID)...) },
		func(n int) string {
			if slices.Contains(ch.chosen, shown[n].EvaluationID) {
				return "☑️"
			}
			return "⬜"
		})
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("assign.sure", ch.args(n)...) })...)
	if len(ch.chosen) < len(ch.lines) {
		return append(rows, flows.Row(flows.Go(r.T.Plain("assign.choose_all", locales.Args{"Number": len(ch.lines)}), "assign.every", ch.args(page)...)))
	}
	return append(rows, flows.Row(flows.Go(r.T.Plain("assign.choose_none"), "assign.none", ch.args(page)...)))
}

func (ch change) keep(r *flows.Request, chosen []int64) {
	texts := make([]string, 0, len(chosen))
	for _, id := range chosen {
		texts = append(texts, strconv.FormatInt(id, 10))
	}
	r.Draft[draftChosen] = ch.form() + strings.Join(texts, ",")
}

// choose turns the choice of one person.
func (c conversation) choose(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	ch, err := c.changing(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	id := r.Args.ID(4)
	if !slices.ContainsFunc(ch.lines, func(l store.AdminLine) bool { return l.EvaluationID == id }) {
		return flows.Outcome{}, store.ErrNotFound
	}
	chosen := append(slices.Clone(ch.chosen), id)
	if slices.Contains(ch.chosen, id) {
		chosen = slices.DeleteFunc(chosen, func(other int64) bool { return other == id })
	}
	ch.keep(r, chosen)
	return flows.Outcome{To: c.sureAgain(r)}, nil
}

func (c conversation) chooseAll(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	ch, err := c.changing(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	var all []int64
	for _, l := range ch.lines {
		all = append(all, l.EvaluationID)
	}
	ch.keep(r, all)
	return flows.Outcome{To: c.sureAgain(r)}, nil
}

// chooseNone begins the choice again with nobody: of many it is quicker to choose the few.
func (c conversation) chooseNone(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	ch, err := c.changing(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	ch.keep(r, nil)
	return flows.Outcome{To: c.sureAgain(r)}, nil
}

func (c conversation) sureAgain(r *flows.Request) flows.Link {
	return flows.To("assign.sure", r.Args.ID(0), r.Args.ID(1), r.Args.ID(2), r.Args.Int(3))
}

// saveWhy takes the reason for an evaluator; one below pejabat pengawas needs one (art. 1 no. 9).
func (c conversation) saveWhy(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	ch, err := c.changing(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	text, err := c.written(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	r.Draft[draftWhy] = ch.form() + text
	return flows.Outcome{To: c.sureAgain(r)}, nil
}

// reassign gives whoever the screen showed to the new evaluator.
func (c conversation) reassign(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	e, err := c.evaluation(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	to := flows.To("assign.show", e.ID)
	if came := r.CameTo("assign.evaluator"); !came.Zero() {
		to = came // to the list of those who wait, where this began
	}
	if seen(e) == r.Args.ID(1) { // tapped twice
		return flows.Outcome{To: to, Toast: r.T.Plain("assign.given_already")}, nil
	}
	ch, err := c.changing(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if ch.word() != r.Args.Word(3) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("assign.list_changed"), flows.To("assign.sure", e.ID, ch.next.ID, ch.from, 1))
	}
	n, err := c.store.Reassign(ctx, r.Actor.PersonID, e.PeriodID, ch.chosen, ch.from, ch.next.ID, ch.why)
	if err != nil {
		return flows.Outcome{}, c.explain(r, err, to)
	}
	r.ForgetForm()
	return flows.Outcome{To: to, Toast: r.T.Plain("assign.given", locales.Args{"Number": n})}, nil
}
