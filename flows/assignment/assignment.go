// Package assignment is what an administrator decides about single people within a period: who is left out, who is added late, who evaluates
// whom, who stands in for an evaluator, and which result is opened again. It shows how far an evaluation is, never what was rated.
package assignment

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the conversation needs of the records. Each method with an administrator answers for his units only.
type Store interface {
	PeopleOfPeriod(ctx context.Context, adminID, periodID int64, filter store.PeopleFilter, offset, limit int) (store.AdminPeriod, []store.AdminLine, int, error)
	EvaluationFor(ctx context.Context, adminID, evaluationID int64) (store.AdminEvaluation, error)
	Looked(ctx context.Context, viewerID int64, subject string, id int64) error
	Exclude(ctx context.Context, adminID, evaluationID int64, reason store.ExclusionReason, inWords string) error
	Include(ctx context.Context, adminID, evaluationID int64) error
	WithoutEvaluation(ctx context.Context, adminID, periodID int64, text string, offset, limit int) (store.AdminPeriod, []store.Without, int, error)
	AddLate(ctx context.Context, adminID, periodID int64, listed ...int64) (int, error)
	Heirs(ctx context.Context, adminID, evaluationID int64) ([]store.Chosen, error)
	FindEvaluators(ctx context.Context, adminID int64, text string, offset, limit int) ([]store.Chosen, int, error)
	FindOfficials(ctx context.Context, adminID, without int64, text string, offset, limit int) ([]store.Chosen, int, error)
	OfficialFor(ctx context.Context, adminID, personID int64) (store.Chosen, error)
	OfficialIn(ctx context.Context, adminID, personID int64) (store.Chosen, error)
	Reassign(ctx context.Context, adminID, periodID int64, evaluations []int64, from, to int64, reason string) (int, error)
	Reopen(ctx context.Context, adminID, evaluationID, seen int64, reason string) error
	Delegate(ctx context.Context, adminID int64, form store.DelegationForm) (store.Delegation, error)
	EndDelegation(ctx context.Context, adminID, delegationID int64) error
	DelegationFor(ctx context.Context, adminID, delegationID int64) (store.DelegationView, error)
	DelegationsFor(ctx context.Context, adminID int64, offset, limit int) ([]store.DelegationView, int, error)

	ExclusionFor(ctx context.Context, personID, exclusionID int64) (store.ExclusionNews, error)
	DelegationWith(ctx context.Context, personID, delegationID int64) (store.DelegationView, error)
	ReopenedWith(ctx context.Context, personID, resultID int64) (store.ReopenedNews, error)
	Owes(ctx context.Context, evaluatorID, periodID int64) (period store.Period, open, all int, err error)
}

type conversation struct {
	store    Store
	calendar rules.Calendar
	reason   int // shortest written reason, in characters
}

// Register adds the conversation to the engine. minReason is the shortest written reason, in characters.
func Register(e *flows.Engine, s Store, calendar rules.Calendar, minReason int) {
	c := conversation{store: s, calendar: calendar, reason: minReason}
	// Of a period: its people, found by name. The word is a state, or all.
	e.Action("assign.everybody", "id word", c.everybody)
	e.Page("assign.people", "id word n", c.people, flows.Accepts(flows.Text, "assign.find"))
	e.Action("assign.find", "id word n", c.find)
	e.Page("assign.team", "id unit n", c.team)       // the second is an evaluator, 0 for nobody
	e.Page("assign.show", "id", c.show, flows.Aside) // an evaluation, as in all that follows
	inside := flows.Within("assign.show")

	e.Page("assign.exclude", "id", c.askExclude, inside)
	e.Page("assign.words", "id", c.askWords, flows.Accepts(flows.Text, "assign.savewords"), inside)
	e.Action("assign.savewords", "id", c.saveWords)
	e.Page("assign.excludesure", "id word", c.sureExclude, inside)
	e.Action("assign.leaveout", "id word", c.exclude)
	e.Action("assign.include", "id", c.include)

	e.Page("assign.late", "id n", c.late, flows.Accepts(flows.Text, "assign.findlate")) // a period
	e.Action("assign.findlate", "id n", c.findLate)
	e.Action("assign.add", "id id", c.add) // a period and a person
	e.Page("assign.addask", "id", c.askAddAll)
	e.Action("assign.addall", "id", c.addAll)

	e.Page("assign.evaluator", "id n", c.askEvaluator, flows.Accepts(flows.Text, "assign.findevaluator"), flows.Aside)
	e.Action("assign.findevaluator", "id n", c.findEvaluator)
	// An evaluation, the new evaluator, the one whom the screen showed, 0 for nobody.
	e.Page("assign.sure", "id id unit n", c.askReassign, flows.Accepts(flows.Text, "assign.savewhy"), flows.Within("assign.evaluator"))
	e.Action("assign.savewhy", "id id unit n", c.saveWhy)
	e.Action("assign.choose", "id id unit n id", c.choose) // the last is the evaluation that is chosen, or not any more
	e.Action("assign.every", "id id unit n", c.chooseAll)
	e.Action("assign.none", "id id unit n", c.chooseNone)
	e.Action("assign.give", "id id unit word", c.reassign) // the word names the list that was shown

	e.Page("assign.reopen", "id id", c.askReopen, flows.Accepts(flows.Text, "assign.savereason"), inside) // and the result
	e.Action("assign.savereason", "id id", c.saveReopenReason)
	e.Page("assign.reopensure", "id id", c.sureReopen, inside)
	e.Action("assign.reopennow", "id id", c.reopen)

	c.registerDelegation(e)
	c.registerMessages(e)
}

const (
	perPage = 6 // people on one page
	perRow  = 2
)

// listed are the words of assign.people.
var listed = map[string]store.EvaluationState{ //nolint:gochecknoglobals // a constant table
	"all": "", "open": store.EvaluationOpen, "final": store.EvaluationFinal, "excluded": store.EvaluationExcluded,
}

// Where what was typed is kept until the form is done. Should it vanish, the page asks again.
const (
	queryPeople   = "assign-people"
	queryLate     = "assign-late"
	queryOfficial = "assign-official"
	queryAbsent   = "assign-absent"
	draftChosen   = "assign-chosen"
	draftWhy      = "assign-why"
	draftReopen   = "assign-reopen"
	draftLetter   = "assign-letter"
	draftWords    = "assign-words"
)

func back(r *flows.Request, route string, args ...any) []flows.Button {
	return flows.Row(flows.Go(r.T.Plain("common.back"), route, args...))
}

// turn reads one page of a list that the store counts. A page behind the end is the last one.
func turn[T any](wanted int, read func(offset, limit int) ([]T, int, error)) (lines []T, total, page, pages int, err error) {
	page = max(1, wanted)
	lines, total, err = read((page-1)*perPage, perPage)
	pages = max(1, (total+perPage-1)/perPage)
	if err == nil && page > pages {
		page = pages
		lines, total, err = read((page-1)*perPage, perPage)
	}
	return lines, total, page, pages, err
}

// numbered are the buttons of a page of people: the number of the line, and the name without titles.
func numbered(names []string, start int, to func(n int) flows.Link, mark func(n int) string) [][]flows.Button {
	var rows [][]flows.Button
	for n, name := range names {
		if n%perRow == 0 {
			rows = append(rows, nil)
		}
		short, _, _ := strings.Cut(name, ",")
		last := len(rows) - 1
		before := strings.TrimSpace(mark(n)+" "+strconv.Itoa(start+n+1)) + " "
		rows[last] = append(rows[last], flows.Button{Label: before + words.Brief(short, flows.WidestOfTwo()-flows.Width(before)), To: to(n)})
	}
	return rows
}

func unmarked(int) string { return "" }

// people lists who is evaluated in a period. Who is listed with his state is looked at, and recorded.
func (c conversation) people(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id, word := r.Args.ID(0), r.Args.Word(1)
	state, known := listed[word]
	if !known {
		return flows.Screen{}, flows.ErrBadLink
	}
	filter := store.PeopleFilter{Text: r.Draft[queryPeople], State: state}
	var period store.AdminPeriod
	lines, total, page, pages, err := turn(r.Args.Int(2), func(offset, limit int) (lines []store.AdminLine, n int, err error) {
		period, lines, n, err = c.store.PeopleOfPeriod(ctx, r.Actor.PersonID, id, filter, offset, limit)
		return lines, n, err
	})
	if err != nil {
		return flows.Screen{}, err
	}
	if err := c.looked(ctx, r, period, lines); err != nil {
		return flows.Screen{}, err
	}
	_, _, late, err := c.store.WithoutEvaluation(ctx, r.Actor.PersonID, id, "", 0, 1)
	if err != nil {
		return flows.Screen{}, err
	}
	text := []string{r.T.HTML("assign.people_title", locales.Args{"Period": words.NameOfPeriod(r.T, period), "Number": r.T.Number(total)})}
	if filter.Text != "" {
		text = append(text, r.T.HTML("assign.found", locales.Args{"Text": filter.Text}))
	}
	text = append(append(text, "\n"), peopleLines(r, lines, page)...)
	if total == 0 {
		text = append(text, r.T.HTML("assign.nobody"))
	}
	rows := numbered(namesOf(lines), (page-1)*perPage, func(n int) flows.Link { return flows.To("assign.show", lines[n].EvaluationID) }, unmarked)
	if filter.Text != "" {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.every_name"), "assign.everybody", id, word)))
	}
	rows = append(rows, filterRow(r, id, word))
	if late > 0 && period.State == store.PeriodOpen {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.to_late", locales.Args{"Number": r.T.Number(late)}), "assign.late", id, 1)))
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("assign.people", id, word, n) })...)
	return flows.Screen{Text: flows.Lines(append(text, "\n", r.T.HTML("assign.search"))...), Rows: append(rows, back(r, "period.progress", id))}, nil
}

// everybody leaves a search.
func (c conversation) everybody(_ context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, known := listed[r.Args.Word(1)]; !known {
		return flows.Outcome{}, flows.ErrBadLink
	}
	delete(r.Draft, queryPeople)
	return flows.Outcome{To: flows.To("assign.people", r.Args.ID(0), r.Args.Word(1), 1)}, nil
}

// looked records a look at the states of the people of a page.
func (c conversation) looked(ctx context.Context, r *flows.Request, period store.AdminPeriod, lines []store.AdminLine) error {
	if len(lines) == 0 {
		return nil
	}
	return c.store.Looked(ctx, r.Actor.PersonID, "period", period.ID)
}

// filterRow offers the other lists: everybody, or who is excluded; and the deputies.
func filterRow(r *flows.Request, periodID int64, word string) []flows.Button {
	other, label := "excluded", "assign.only_excluded"
	if word != "all" {
		other, label = "all", "assign.everybody"
	}
	return flows.Row(flows.Go(r.T.Plain(label), "assign.people", periodID, other, 1), flows.Go(r.T.Plain("assign.deputies"), "assign.delegations", 1))
}

func namesOf(lines []store.AdminLine) []string {
	names := make([]string, 0, len(lines))
	for _, l := range lines {
		names = append(names, l.Name)
	}
	return names
}

func peopleLines(r *flows.Request, lines []store.AdminLine, page int) []string {
	text := make([]string, 0, len(lines))
	for n, l := range lines {
		args := locales.Args{"Number": (page-1)*perPage + n + 1, "Name": l.Name, "Unit": l.Unit, "State": r.T.Plain("assign.state_" + stateWord(l.State, l.Begun, l.Reopened))}
		text = append(text, r.T.HTML("assign.person", args))
	}
	return text
}

func stateWord(state store.EvaluationState, begun, reopened bool) string {
	switch {
	case state == store.EvaluationFinal, state == store.EvaluationExcluded:
		return string(state)
	case reopened:
		return "reopened"
	case begun:
		return "begun"
	default:
		return "notbegun"
	}
}

// find takes the text of a search; "*" is everybody again.
func (c conversation) find(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id, word := r.Args.ID(0), r.Args.Word(1)
	text := words.ShortQuery(r.Text)
	_, _, total, err := c.store.PeopleOfPeriod(ctx, r.Actor.PersonID, id, store.PeopleFilter{Text: text, State: listed[word]}, 0, 1)
	if err != nil {
		return flows.Outcome{}, err
	}
	if total == 0 {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("assign.none_found", locales.Args{"Text": text}), flows.Link{})
	}
	r.Draft[queryPeople] = text
	return flows.Outcome{To: flows.To("assign.people", id, word, 1)}, nil
}

// team lists the people of one evaluator in a period.
func (c conversation) team(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id, evaluator := r.Args.ID(0), r.Args.ID(1)
	var period store.AdminPeriod
	filter := store.PeopleFilter{Evaluator: evaluator}
	if evaluator == 0 {
		return flows.Screen{}, flows.ErrBadLink
	}
	lines, total, page, pages, err := turn(r.Args.Int(2), func(offset, limit int) (lines []store.AdminLine, n int, err error) {
		period, lines, n, err = c.store.PeopleOfPeriod(ctx, r.Actor.PersonID, id, filter, offset, limit)
		return lines, n, err
	})
	if err != nil {
		return flows.Screen{}, err
	}
	if total == 0 {
		return flows.Screen{}, store.ErrNotFound
	}
	if err := c.looked(ctx, r, period, lines); err != nil {
		return flows.Screen{}, err
	}
	text := append([]string{r.T.HTML("assign.team_title", locales.Args{"Evaluator": lines[0].Evaluator, "Period": words.NameOfPeriod(r.T, period), "Number": total}), "\n"},
		peopleLines(r, lines, page)...)
	rows := numbered(namesOf(lines), (page-1)*perPage, func(n int) flows.Link { return flows.To("assign.show", lines[n].EvaluationID) }, unmarked)
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.new_deputy"), "assign.deputy", evaluator, 0)))
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("assign.team", id, evaluator, n) })...)
	return flows.Screen{Text: flows.Lines(append(text, "\n", r.T.HTML("assign.team_hint"))...), Rows: append(rows, back(r, "assign.people", id, "all", 1))}, nil
}

// evaluation reads the evaluation of the first argument.
func (c conversation) evaluation(ctx context.Context, r *flows.Request) (store.AdminEvaluation, error) {
	return c.store.EvaluationFor(ctx, r.Actor.PersonID, r.Args.ID(0))
}

// show tells how far one evaluation is and whose it is, and what can be decided about it.
func (c conversation) show(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	e, err := c.evaluation(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if err := c.store.Looked(ctx, r.Actor.PersonID, "evaluation", e.ID); err != nil {
		return flows.Screen{}, err
	}
	lines := []string{title(r, e), locales.Escape(e.Position), locales.Escape(e.Unit), "\n",
		r.T.HTML("assign.state", locales.Args{"State": r.T.Plain("assign.state_" + stateWord(e.State, e.Begun, e.ReopenedAt != nil))})}
	lines = append(append(lines, whoLines(r, e)...), resultLine(r, e))
	if e.State == store.EvaluationExcluded {
		lines = append(lines, "\n", r.T.HTML("assign.excluded_is", locales.Args{"Reason": reasonText(r.T, e.Excluded), "When": r.T.Moment(e.Excluded.CreatedAt)}))
	}
	if c.himself(r, e) && e.State == store.EvaluationOpen {
		lines = append(lines, "\n", r.T.HTML("assign.own_evaluation"))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(c.decisions(r, e), backTo(r, r.Came(), flows.To("assign.people", e.PeriodID, "all", 1)))}, nil
}

// himself reports that an administrator looks at his own evaluation, about which another one decides.
func (c conversation) himself(r *flows.Request, e store.AdminEvaluation) bool {
	return e.EmployeeID == r.Actor.PersonID
}

// backTo leads to where a page was opened from; where that is not known any more, to the usual page.
func backTo(r *flows.Request, came, usual flows.Link) []flows.Button {
	if came.Zero() {
		came = usual
	}
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: came})
}

func title(r *flows.Request, e store.AdminEvaluation) string {
	return r.T.HTML("assign.title", locales.Args{"Name": e.Employee, "Period": words.PeriodName(r.T, e.Kind, e.FirstDay)})
}

// whoLines name the evaluator, in his capacity, and his superior.
func whoLines(r *flows.Request, e store.AdminEvaluation) []string {
	args := locales.Args{"Name": e.Evaluator, "Capacity": capacity(r.T, e.Capacity), "Absent": e.OnBehalf}
	key := "assign.evaluator_is"
	switch {
	case e.EvaluatorID == nil:
		key = "assign.evaluator_none"
	case e.Capacity != "":
		key = "assign.evaluator_deputy"
	case !e.EvaluatorActive:
		key = "assign.evaluator_left"
	}
	lines := []string{r.T.HTML(key, args)}
	if e.Superior != "" {
		lines = append(lines, r.T.HTML("assign.superior_is", locales.Args{"Name": e.Superior}))
	}
	if !e.EmployeeActive {
		lines = append(lines, r.T.HTML("assign.employee_left"))
	}
	return lines
}

// resultLine tells how far the last result has come; nothing of what it says.
func resultLine(r *flows.Request, e store.AdminEvaluation) string {
	args := locales.Args{"Version": e.Version}
	switch {
	case e.ResultID == 0:
		return ""
	case e.OpenedAt != nil:
		args["When"] = r.T.Moment(*e.OpenedAt)
		return r.T.HTML("assign.result_opened", args)
	case e.ReleaseAt != nil && !e.ReleaseAt.After(r.Now):
		return r.T.HTML("assign.result_released", args)
	default:
		return r.T.HTML("assign.result_waits", args)
	}
}

// decisions are the buttons for what can be decided now.
func (c conversation) decisions(r *flows.Request, e store.AdminEvaluation) [][]flows.Button {
	var rows [][]flows.Button
	switch {
	case c.himself(r, e):
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("admin.roles"), "role.home", 1)))
	case e.State == store.EvaluationFinal && e.ResultID != 0 && e.Period.ArchivedAt == nil:
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.to_reopen"), "assign.reopen", e.ID, e.ResultID)))
	case e.State == store.EvaluationExcluded && e.Period.State == store.PeriodOpen:
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.to_include"), "assign.include", e.ID)))
	case e.State == store.EvaluationOpen && e.Managed():
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.to_change"), "assign.evaluator", e.ID, 0)))
		if e.ReopenedAt == nil {
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.to_exclude"), "assign.exclude", e.ID)))
		}
	}
	if e.EvaluatorID != nil {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.to_team"), "assign.team", e.PeriodID, *e.EvaluatorID, 1)))
	}
	return rows
}

// explain turns what the store refuses into a sentence, shown on the page of the evaluation.
func (c conversation) explain(r *flows.Request, err error, to flows.Link) error {
	for _, known := range []struct {
		err error
		key string
	}{
		{store.ErrOwn, "assign.own"}, {store.ErrFinal, "assign.is_final"}, {store.ErrArchived, "assign.is_archived"}, {store.ErrClosed, "assign.is_closed"}, {store.ErrMeanwhile, "assign.meanwhile"},
		{store.ErrSelf, "assign.self"}, {store.ErrNotOnRoster, "assign.has_left"}, {store.ErrNeedsReason, "assign.needs_reason"},
		{store.ErrOverlap, "assign.overlap"}, {store.ErrIsSuperior, "assign.is_superior"}, {store.ErrDaysAreOver, "assign.days_over"},
	} {
		if errors.Is(err, known.err) {
			return flows.Refuse(r.T.Plain(known.key), to)
		}
	}
	return err
}

func capacity(t *locales.Translator, as store.Capacity) string {
	if as == "" {
		return ""
	}
	return t.Plain("assign.capacity_" + string(as))
}
