// Package result is how an employee receives, reads and acknowledges his result.
package result

import (
	"context"
	"strings"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/rules"
	"kinerja/flows/talk"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the employee's side needs of the records. Every method answers for the employee himself only.
type Store interface {
	ResultsOf(ctx context.Context, employeeID int64) ([]store.ResultLine, error)
	ResultFor(ctx context.Context, employeeID, resultID int64) (store.ResultView, error)
	OpenResult(ctx context.Context, employeeID, resultID int64) error
	Acknowledge(ctx context.Context, employeeID, resultID int64) error
	UnevaluatedIn(ctx context.Context, employeeID int64) ([]store.ClosedGap, error)
	UnscoredBy(ctx context.Context, evaluatorID int64) ([]store.ClosedGap, error)
	ReportFollowUp(ctx context.Context, side store.FollowUpSide, personID, resultID int64, done bool) (changed bool, err error)
	PersonalNumber(ctx context.Context, personID int64) (int, error)
	TalkAbout(ctx context.Context, employeeID, resultID int64) (store.TalkView, error)
	ExcludedFrom(ctx context.Context, employeeID int64) ([]store.OwnExclusion, error)
	ContactsFor(ctx context.Context, unitID, askerID int64) ([]store.Contact, error)
}

type conversation struct {
	store    Store
	calendar rules.Calendar
}

// Register adds the conversation to the engine.
func Register(e *flows.Engine, s Store, calendar rules.Calendar) {
	c := conversation{store: s, calendar: calendar}
	e.Page("result.list", "n", c.list)
	e.Page("result.show", "id", c.show)
	e.Page("result.details", "id n", c.details)
	e.Action("result.open", "id", c.open)
	e.Action("result.acknowledge", "id", c.acknowledge)
	e.Action("result.followupdone", "id", c.followUpDone)
	e.Action("result.followupundone", "id", c.followUpUndone)
	e.Message(store.KindResultReady, "id", c.ready)
	e.Message(store.KindNotEvaluated, "id", c.tellNotEvaluated)
	e.Command(flows.To("result.list", 1), "hasil", "results")
}

// MenuEntry is shown to every employee, with the results that he has not opened.
func MenuEntry(s Store) account.MenuEntry {
	return account.MenuEntry{To: flows.To("result.list", 1), Command: "results", Draw: func(ctx context.Context, r *flows.Request) (account.MenuLine, error) {
		lines, err := s.ResultsOf(ctx, r.Actor.PersonID)
		menu := account.MenuLine{Label: r.T.Plain("menu.results")}
		for _, l := range lines {
			if l.OpenedAt == nil {
				menu.Waits = append(menu.Waits, r.T.HTML("menu.unread", locales.Args{"Period": period(r, l)}))
			}
		}
		return menu, err
	}}
}

// perPage is how many results stand on one page of the list.
const perPage = 6

func (c conversation) list(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	lines, err := c.store.ResultsOf(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	gaps, err := c.gapLines(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	excluded, err := c.excludedLines(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	gaps = append(excluded, gaps...)
	rows, err := c.ownRow(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("common.back"), "menu")))
	if len(lines) == 0 {
		if len(gaps) == 0 {
			gaps = []string{r.T.HTML("result.none")}
		}
		text := append([]string{r.T.HTML("result.list_title"), "\n"}, gaps...)
		return flows.Screen{Text: flows.Lines(text...), Rows: rows}, nil
	}
	pages := (len(lines) + perPage - 1) / perPage
	page := max(1, min(r.Args.Int(0), pages))
	text := append(append([]string{r.T.HTML("result.list_title"), "\n"}, gaps...), r.T.HTML("result.list_ask"))
	screen := flows.Screen{Text: flows.Lines(text...)}
	for _, l := range lines[(page-1)*perPage : min(page*perPage, len(lines))] {
		label := "result.line_unread"
		if l.OpenedAt != nil {
			label = "result.line_read"
		}
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain(label, locales.Args{"Period": period(r, l)}), "result.open", l.ID)))
	}
	screen.Rows = append(append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("result.list", n) })...), rows...)
	return screen, nil
}

// ownRow leads a person who has results of his own, his SKP, to them.
func (c conversation) ownRow(ctx context.Context, r *flows.Request) ([][]flows.Button, error) {
	n, err := c.store.PersonalNumber(ctx, r.Actor.PersonID)
	if err != nil || n == 0 {
		return nil, err
	}
	return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("skp.mine"), "skp.mine", 1))}, nil
}

// open records the receipt, from which the days to object run, and shows the result.
func (c conversation) open(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	if err := c.store.OpenResult(ctx, r.Actor.PersonID, id); err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("result.show", id)}, nil
}

func (c conversation) acknowledge(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	if err := c.store.Acknowledge(ctx, r.Actor.PersonID, id); err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("result.show", id), Toast: r.T.Plain("result.acknowledged")}, nil
}

// show is the result. Until it is opened by a tap there is only word of it: the days to object run from that tap.
func (c conversation) show(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.store.ResultFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	if view.OpenedAt == nil {
		return waits(r, view.ResultLine), nil
	}
	about, err := c.store.TalkAbout(ctx, r.Actor.PersonID, view.ID)
	if err != nil {
		return flows.Screen{}, err
	}
	talkLine, err := talk.Line(ctx, r, c.store, about, c.calendar)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := append(resultLines(r, view), "\n", talkLine, c.objection(r, view), r.T.HTML("result.working_document"))
	var screen flows.Screen
	if view.AcknowledgedAt == nil {
		lines = append(lines, "\n", r.T.HTML("result.to_acknowledge", locales.Args{"When": r.T.Moment(*view.OpenedAt)}))
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("result.acknowledge"), "result.acknowledge", view.ID).Styled(flows.Confirm)))
	} else {
		lines = append(lines, "\n", r.T.HTML("result.acknowledged_at", locales.Args{"When": r.T.Moment(*view.AcknowledgedAt)}))
	}
	if talk.CanAsk(about, c.calendar.Date(r.Now)) {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("talk.ask_button"), "talk.ask", view.ID)))
	}
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("result.details"), "result.details", view.ID, 1)))
	screen.Rows = append(screen.Rows, followUpRow(r, view)...) // not below the receipt, which is tapped in passing
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("common.back"), "result.list", 1)))
	screen.Text = flows.Lines(lines...)
	return screen, nil
}

// waits tells of a result that is not opened yet, without its content.
func waits(r *flows.Request, line store.ResultLine) flows.Screen {
	return flows.Screen{
		Text: flows.Lines(heading(r, line), "\n", r.T.HTML("result.waits", locales.Args{"Period": period(r, line)})),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("result.open"), "result.open", line.ID).Styled(flows.Confirm)),
			flows.Row(flows.Go(r.T.Plain("common.back"), "result.list", 1)),
		},
	}
}

func period(r *flows.Request, line store.ResultLine) string {
	return words.PeriodName(r.T, line.Kind, line.FirstDay)
}

func heading(r *flows.Request, line store.ResultLine) string {
	return r.T.HTML("result.heading", locales.Args{"Period": period(r, line)})
}

// resultLines are predicate, both sides with what led to them, feedback and follow-up.
func resultLines(r *flows.Request, view store.ResultView) []string {
	lines := []string{
		heading(r, view.ResultLine), "\n",
		r.T.HTML("result.predicate", locales.Args{"Predicate": words.Predicate(r.T, view.Predicate)}),
		r.T.HTML("result.sides", locales.Args{"Work": words.Rating(r.T, view.WorkRating), "Behaviour": words.Rating(r.T, view.BehaviourRating)}),
	}
	for _, aspect := range []store.Aspect{store.Capaian, store.Sikap, store.Perilaku} {
		if counts := countsOf(r, view, aspect); counts != "" {
			lines = append(lines, r.T.HTML("result.aspect", locales.Args{"Aspect": words.Aspect(r.T, aspect), "Counts": counts}))
		}
	}
	lines = append(lines, "\n")
	for _, side := range []store.Side{store.Work, store.Behaviour} {
		if reason := reasonOf(view.Result, side); reason != "" {
			lines = append(lines, r.T.HTML("result.side_reason", locales.Args{"Side": words.Side(r.T, side), "Reason": reason}))
		}
	}
	if view.Note != "" {
		lines = append(lines, r.T.HTML("result.note", locales.Args{"Note": view.Note}))
	}
	if view.FollowUpKind != "" {
		lines = append(lines, r.T.HTML("result.followup", locales.Args{"Kind": words.Agreed(r.T, view.FollowUpKind, view.FollowUpName), "Due": words.LongDay(r.T, view.FollowUpDue)}))
		lines = append(lines, words.Done(r.T, view.FollowUp, r.T.Plain("followup.by_you"), view.FollowUp.Evaluator)...)
	}
	return append(append(lines, setBy(r, view.ResultLine)), reopenedLine(r, view.ResultLine))
}

func reasonOf(result store.Result, side store.Side) string {
	if side == store.Work {
		return result.WorkReason
	}
	return result.BehaviourReason
}

// countsOf sums up the ratings of one aspect: "1 di atas · 2 sesuai". "" when the template has none of it.
func countsOf(r *flows.Request, view store.ResultView, aspect store.Aspect) string {
	count := map[store.Rating]int{}
	for _, i := range view.Indicators {
		if i.Aspect == aspect {
			count[view.Answers[i.ID].Rating]++
		}
	}
	var parts []string
	for _, rating := range []store.Rating{store.Above, store.Meets, store.Below} {
		if count[rating] > 0 {
			parts = append(parts, r.T.Plain("result.count_"+string(rating), locales.Args{"Number": count[rating]}))
		}
	}
	return strings.Join(parts, " · ")
}

// objection says until when an objection can be raised (PP 30/2019 art. 59). The days run from the receipt, so the result is opened.
func (c conversation) objection(r *flows.Request, view store.ResultView) string {
	until := locales.Args{"Until": r.T.LongDay(c.calendar.ObjectionUntil(*view.OpenedAt, view.Objection))}
	if !c.calendar.ObjectionOpen(*view.OpenedAt, view.Objection, r.Now) {
		return r.T.HTML("result.objection_over", until)
	}
	if view.Superior == "" {
		return r.T.HTML("result.objection", until)
	}
	until["Name"] = view.Superior
	return r.T.HTML("result.objection_to", until)
}

const (
	detailsPerPage = 7    // indicators on one page of the details
	detailsLength  = 2400 // characters that are enough for one page: with the longest indicator it still fits into a message
)

// detailPages divides the indicators over pages, fewer on one where more was written about them. A group begins a new page when it does
// not fit whole on the one before.
func detailPages(view store.ResultView) [][]store.Indicator {
	size := map[store.Aspect]int{}
	for _, i := range view.Indicators {
		size[i.Aspect]++
	}
	var pages [][]store.Indicator
	var group store.Aspect
	length := 0
	for _, i := range view.Indicators {
		last := len(pages) - 1
		if last < 0 || length > detailsLength || len(pages[last]) == detailsPerPage ||
			i.Aspect != group && len(pages[last])+size[i.Aspect] > detailsPerPage {
			pages, length = append(pages, nil), 0
			last++
		}
		group = i.Aspect
		pages[last] = append(pages[last], i)
		length += len(i.Name) + len(view.Answers[i.ID].Reason) + len(view.Answers[i.ID].Note)
	}
	return pages
}

// detailLines list ratings under the titles of their groups, with reason and feedback.
func detailLines(r *flows.Request, view store.ResultView, indicators []store.Indicator) []string {
	var lines []string
	for n, i := range indicators {
		if n == 0 || i.Aspect != indicators[n-1].Aspect {
			lines = append(lines, "\n", "<b>"+locales.Escape(words.Aspect(r.T, i.Aspect))+"</b>")
		}
		a := view.Answers[i.ID]
		lines = append(lines, words.ResultTitle(r.T, indicators, n), r.T.HTML("result.indicator",
			locales.Args{"Indicator": i.Name, "Mark": words.Mark(a.Rating), "Rating": r.T.Plain("rating.short." + string(a.Rating))}))
		if a.Reason != "" {
			lines = append(lines, r.T.HTML("result.reason", locales.Args{"Reason": a.Reason}))
		}
		if a.Note != "" {
			lines = append(lines, r.T.HTML("result.note", locales.Args{"Note": a.Note}))
		}
	}
	return lines
}

// details lists the rating of every indicator.
func (c conversation) details(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.store.ResultFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	if view.OpenedAt == nil {
		return waits(r, view.ResultLine), nil
	}
	pages := detailPages(view)
	page := max(1, min(r.Args.Int(1), len(pages)))
	lines := append([]string{
		r.T.HTML("result.details_heading", locales.Args{"Period": period(r, view.ResultLine)}), r.T.HTML("result.details_scale"),
	}, detailLines(r, view, pages[page-1])...)
	rows := flows.Pager(r.T, page, len(pages), func(n int) flows.Link { return flows.To("result.details", view.ID, n) })
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("common.back"), "result.show", view.ID)))
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows}, nil
}

// ready is the push. It has no content: Telegram stores messages abroad, so the result comes when its owner opens it.
func (c conversation) ready(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	lines, err := c.store.ResultsOf(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, false, err
	}
	for _, l := range lines {
		if l.ID == r.Args.ID(0) && l.OpenedAt == nil {
			return flows.Screen{
				Text: r.T.HTML("result.ready", locales.Args{"Period": period(r, l)}),
				Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("result.open"), "result.open", l.ID).Styled(flows.Confirm))},
			}, true, nil
		}
	}
	return flows.Screen{}, false, nil
}
