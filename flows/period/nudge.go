package period

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	leftOut       = "nudge-but" // where the draft keeps whom the reminder to all leaves out, with period and day
	everybody     = "all"       // names the empty choice in a link
	nameOnButton  = 40          // characters
	leftOutListed = 8           // names
)

// reminding is who is late in a period, and whom the administrator leaves out of a reminder to all.
type reminding struct {
	period store.AdminPeriod
	late   []store.Late
	but    []int64 // ascending; who is done meanwhile may be among them
}

// reminding reads the period of the first argument. Whom a reminder can reach comes first, so that reminding somebody or leaving him
// out moves nobody to another number.
func (c conversation) reminding(ctx context.Context, r *flows.Request) (reminding, error) {
	p, late, err := c.store.LateIn(ctx, r.Actor.PersonID, r.Args.ID(0), c.today(r))
	slices.SortStableFunc(late, func(a, b store.Late) int {
		switch {
		case a.Linked == b.Linked:
			return 0
		case a.Linked:
			return -1
		default:
			return 1
		}
	})
	return reminding{period: p, late: late, but: c.chosenOut(r)}, err
}

// chosenOut reads whom the administrator leaves out today. Should it vanish, the list shows everybody again, and the button of the old
// list sends nothing.
func (c conversation) chosenOut(r *flows.Request) []int64 {
	list, ok := strings.CutPrefix(r.Draft[leftOut], c.choiceOf(r))
	if !ok {
		return nil
	}
	var ids []int64
	for _, text := range strings.Split(list, ",") {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// choiceOf begins the choice of one period on one day.
func (c conversation) choiceOf(r *flows.Request) string {
	return fmt.Sprintf("%d:%s:", r.Args.ID(0), c.today(r))
}

func (c conversation) chooseOut(r *flows.Request, ids []int64) {
	slices.Sort(ids)
	list := make([]string, 0, len(ids))
	for _, id := range slices.Compact(ids) {
		list = append(list, strconv.FormatInt(id, 10))
	}
	r.Draft[leftOut] = c.choiceOf(r) + strings.Join(list, ",")
}

// name says in a link who is left out, so that a button reminds nobody whom its screen did not count.
func (l reminding) name() string {
	if len(l.but) == 0 {
		return everybody
	}
	sum := sha256.Sum256(fmt.Append(nil, l.but))
	return "l" + hex.EncodeToString(sum[:10])
}

func (l reminding) isLeftOut(late store.Late) bool { return slices.Contains(l.but, late.EvaluatorID) }

// reached are those whom a reminder to all would reach now.
func (l reminding) reached() []store.Late {
	var reached []store.Late
	for _, late := range l.late {
		if late.Reachable() && !l.isLeftOut(late) {
			reached = append(reached, late)
		}
	}
	return reached
}

// others tells how many get no reminder now, and why; "" when all do.
func (l reminding) others(t *locales.Translator) string {
	nudged, unlinked, out := 0, 0, 0
	for _, late := range l.late {
		switch {
		case late.Nudged():
			nudged++
		case !late.Linked:
			unlinked++
		case l.isLeftOut(late):
			out++
		}
	}
	return countLine(t, figure{"progress.nudge_already", nudged}, figure{"progress.nudge_unlinked", unlinked}, figure{"progress.nudge_out", out})
}

// row leads to the list from the progress of the period, and says how many can be reminded; none when all are done.
func (l reminding) row(r *flows.Request) [][]flows.Button {
	key, n := "progress.nudge", len(l.reached())
	switch {
	case len(l.late) == 0:
		return nil
	case n == 0:
		key, n = "progress.see_late", len(l.late)
	}
	return [][]flows.Button{flows.Row(flows.Go(r.T.Plain(key, locales.Args{"Number": r.T.Number(n)}), "period.nudge", r.Args.ID(0), 1))}
}

// noneLine says why nobody can be reminded; "" while somebody can, or all are done.
func (l reminding) noneLine(t *locales.Translator) string {
	if len(l.late) == 0 || len(l.reached()) > 0 {
		return ""
	}
	return t.HTML("progress.nudge_none", locales.Args{"Why": l.others(t)})
}

// find returns the place of an evaluator on the list. Who is done meanwhile, is somebody else's or does not exist looks the same.
func (l reminding) find(r *flows.Request, evaluator int64) (int, error) {
	at := slices.IndexFunc(l.late, func(late store.Late) bool { return late.EvaluatorID == evaluator })
	if at < 0 {
		return 0, flows.Refuse(r.T.Plain("progress.nudge_gone"), flows.To("period.nudge", r.Args.ID(0), 1))
	}
	return at, nil
}

// askNudge lists who is late, those first whom a reminder can reach, and says how many would go out. Each number leads to one of them.
func (c conversation) askNudge(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	list, err := c.reminding(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	reached := list.reached()
	intro := r.T.HTML("progress.nudge_to", locales.Args{"Number": r.T.Number(len(reached))})
	if len(reached) == 0 {
		intro = r.T.HTML("progress.nudge_nobody")
	}
	lines := []string{r.T.HTML("progress.nudge_title", locales.Args{"Period": words.NameOfPeriod(r.T, list.period)}), intro, list.others(r.T), "\n"}
	page, pages, start, end := part(r.Args.Int(1), len(list.late), evaluatorsShown)
	var numbers []flows.Button
	for n, late := range list.late[start:end] {
		number := strconv.Itoa(start + n + 1)
		lines = append(lines, r.T.HTML("progress.nudge_line", locales.Args{"Number": number, "Late": list.line(r.T, late)}))
		numbers = append(numbers, flows.Go(number, "period.nudgeone", id, late.EvaluatorID))
	}
	var rows [][]flows.Button
	if len(reached) > 0 {
		lines = append(lines, c.morningLine(r))
		rows = append(rows, flows.Row(list.button(r, reached).Styled(flows.Confirm)))
	}
	for row := range slices.Chunk(numbers, evaluatorsShown/2) {
		rows = append(rows, row)
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("period.nudge", id, n) })...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back(r.T, "period.progress", id))}, nil
}

// button reminds all whom it can reach. More than one are asked about once more.
func (l reminding) button(r *flows.Request, reached []store.Late) flows.Button {
	number := locales.Args{"Number": r.T.Number(len(reached))}
	switch {
	case len(reached) == 1:
		return onlyButton(r, reached[0])
	case len(l.but) > 0:
		return flows.Go(r.T.Plain("progress.nudge_others", number), "period.nudgesure", r.Args.ID(0))
	default:
		return flows.Go(r.T.Plain("progress.nudge_all", number), "period.nudgesure", r.Args.ID(0))
	}
}

func onlyButton(r *flows.Request, late store.Late) flows.Button {
	return flows.Go(r.T.Plain("progress.nudge_only", onButton(late)), "period.nudgeonly", r.Args.ID(0), late.EvaluatorID)
}

func onButton(late store.Late) locales.Args {
	return locales.Args{"Name": words.Shortened(late.Name, nameOnButton)}
}

// line is one evaluator with what he has left, and why he gets no reminder now.
func (l reminding) line(t *locales.Translator, late store.Late) string {
	key := "progress.nudge_one"
	switch {
	case !late.NudgeDue.IsZero():
		key = "progress.nudge_one_waits"
	case late.Nudged():
		key = "progress.nudge_one_already"
	case !late.Linked:
		key = "progress.nudge_one_unlinked"
	case l.isLeftOut(late):
		key = "progress.nudge_one_out"
	}
	return t.Plain(key, locales.Args{"Name": late.Name, "Left": late.Left, "Clock": t.Clock(late.NudgedAt), "Moment": t.LongMoment(late.NudgeDue)})
}

// morningLine says when a reminder goes out that may not at once; "" when it may.
func (c conversation) morningLine(r *flows.Request) string {
	due := c.allowed(r.Now)
	if !due.After(r.Now) {
		return ""
	}
	return r.T.HTML("progress.nudge_morning", locales.Args{"Moment": r.T.LongMoment(due)})
}

// outLine says when reminders go out that are asked for now.
func (c conversation) outLine(r *flows.Request) string {
	due := c.allowed(r.Now)
	if c.calendar.Date(due) != c.today(r) {
		return c.morningLine(r)
	}
	return r.T.HTML("progress.nudge_today", locales.Args{"Clock": r.T.Clock(due)})
}

// askNudgeOne is one evaluator who is late.
func (c conversation) askNudgeOne(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id, evaluator := r.Args.ID(0), r.Args.ID(1)
	list, err := c.reminding(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	at, err := list.find(r, evaluator)
	if err != nil {
		return flows.Screen{}, err
	}
	late := list.late[at]
	lines := []string{r.T.HTML("progress.nudge_title", locales.Args{"Period": words.NameOfPeriod(r.T, list.period)}), "\n", locales.Escape(list.line(r.T, late))}
	var rows [][]flows.Button
	if late.Reachable() {
		lines = append(lines, c.morningLine(r))
		choice := flows.Go(r.T.Plain("progress.nudge_but", onButton(late)), "period.nudgebut", id, evaluator)
		if list.isLeftOut(late) {
			choice = flows.Go(r.T.Plain("progress.nudge_too", onButton(late)), "period.nudgetoo", id, evaluator)
		}
		rows = append(rows, flows.Row(onlyButton(r, late).Styled(flows.Confirm)), flows.Row(choice))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back(r.T, "period.nudge", id, pageOf(at, evaluatorsShown)))}, nil
}

// askNudgeAll asks once more before several people are written to.
func (c conversation) askNudgeAll(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	list, err := c.reminding(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	reached := list.reached()
	if len(reached) == 0 {
		at := *r
		at.Args = flows.To("period.nudge", id, 1).Args
		return c.askNudge(ctx, &at)
	}
	number := locales.Args{"Number": r.T.Number(len(reached))}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("progress.nudge_title", locales.Args{"Period": words.NameOfPeriod(r.T, list.period)}), "\n",
			r.T.HTML("progress.nudge_sure", number), c.outLine(r), list.outNames(r.T)),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("progress.nudge_yes", number), "period.sendnudge", id, list.name()).Styled(flows.Confirm)),
			back(r.T, "period.nudge", id, 1),
		},
	}, nil
}

// outNames names those who are late and left out; "" when nobody is.
func (l reminding) outNames(t *locales.Translator) string {
	var names []string
	for _, late := range l.late {
		if l.isLeftOut(late) {
			names = append(names, late.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	shown := strings.Join(names[:min(len(names), leftOutListed)], "; ")
	if more := len(names) - leftOutListed; more > 0 {
		shown = t.Plain("period.and_more", locales.Args{"Unit": shown, "Number": more})
	}
	return t.HTML("progress.nudge_without", locales.Args{"Names": shown})
}

// nudge reminds all whom the administrator has not left out.
func (c conversation) nudge(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	list, err := c.reminding(ctx, r)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case list.name() != r.Args.Word(1):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("progress.nudge_changed"), flows.To("period.nudge", r.Args.ID(0), 1))
	}
	n, err := c.remind(ctx, r, store.Nudged{But: list.but})
	if err != nil {
		return flows.Outcome{}, err
	}
	done := flows.Outcome{To: flows.To("period.progress", r.Args.ID(0)), Toast: r.T.Plain("progress.nudged", locales.Args{"Number": r.T.Number(n)})}
	if n == 0 {
		done.Toast = r.T.Plain("progress.nudged_none", locales.Args{"Why": list.others(r.T)})
	}
	return done, nil
}

// nudgeOnly reminds one, and says of a second tap when it was that he was reminded.
func (c conversation) nudgeOnly(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	n, err := c.remind(ctx, r, store.Nudged{Only: r.Args.ID(1)})
	if err != nil {
		return flows.Outcome{}, err
	}
	list, err := c.reminding(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	at, err := list.find(r, r.Args.ID(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	late, key := list.late[at], "progress.nudged_one"
	switch {
	case n > 0:
	case !late.NudgeDue.IsZero():
		key = "progress.nudged_one_waits"
	case late.Nudged():
		key = "progress.nudged_one_already"
	default:
		key = "progress.nudged_one_unlinked"
	}
	return flows.Outcome{To: flows.To("period.nudgeone", r.Args.ID(0), late.EvaluatorID),
		Toast: r.T.Plain(key, locales.Args{"Name": late.Name, "Clock": r.T.Clock(late.NudgedAt), "Moment": r.T.LongMoment(late.NudgeDue)})}, nil
}

// remind owes the reminders and returns how many are new.
func (c conversation) remind(ctx context.Context, r *flows.Request, whom store.Nudged) (int, error) {
	n, err := c.store.Nudge(ctx, r.Actor.PersonID, r.Args.ID(0), whom, c.today(r), c.allowed(r.Now))
	if errors.Is(err, store.ErrClosed) {
		return 0, flows.Refuse(r.T.Plain("progress.not_open"), flows.To("period.progress", r.Args.ID(0)))
	}
	return n, err
}

// nudgeBut leaves one more out of the reminder to all.
func (c conversation) nudgeBut(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.choose(ctx, r, func(but []int64, evaluator int64) []int64 { return append(but, evaluator) })
}

// nudgeToo takes that back.
func (c conversation) nudgeToo(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.choose(ctx, r, func(but []int64, evaluator int64) []int64 {
		return slices.DeleteFunc(but, func(id int64) bool { return id == evaluator })
	})
}

// choose changes who is left out, and goes to the page of the list on which the evaluator of the second argument stands.
func (c conversation) choose(ctx context.Context, r *flows.Request, change func(but []int64, evaluator int64) []int64) (flows.Outcome, error) {
	list, err := c.reminding(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	at, err := list.find(r, r.Args.ID(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	c.chooseOut(r, change(list.but, r.Args.ID(1)))
	return flows.Outcome{To: flows.To("period.nudge", r.Args.ID(0), pageOf(at, evaluatorsShown))}, nil
}
