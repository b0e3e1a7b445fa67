// Package result is how an employee receives, reads and acknowledges his result.
package result

import (
	"context"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/rules"
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
	e.Message(store.KindResultReady, "id", c.ready)
	e.Command(flows.To("result.list", 1), "hasil", "results")
}

// MenuEntry is shown to every employee.
func MenuEntry() account.MenuEntry {
	return account.MenuEntry{Sentence: "menu.results", To: flows.To("result.list", 1), Show: func(context.Context, store.Actor) (int, bool, error) { return 0, true, nil }}
}

// perPage is how many results stand on one page of the list.
const perPage = 6

func (c conversation) list(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	lines, err := c.store.ResultsOf(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	back := flows.Row(flows.Go(r.T.Plain("common.back"), "menu"))
	if len(lines) == 0 {
		return flows.Screen{Text: flows.Lines(r.T.HTML("result.list_title"), "\n", r.T.HTML("result.none")), Rows: [][]flows.Button{back}}, nil
	}
	pages := (len(lines) + perPage - 1) / perPage
	page := max(1, min(r.Args.Int(0), pages))
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("result.list_title"), "\n", r.T.HTML("result.list_ask")), Protect: true}
	for _, l := range lines[(page-1)*perPage : min(page*perPage, len(lines))] {
		label := "result.line_unread"
		if l.AcknowledgedAt != nil {
			label = "result.line_read"
		}
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain(label, locales.Args{"Period": words.PeriodName(r.T, l.Kind, l.FirstDay)}), "result.open", l.ID)))
	}
	if pages > 1 {
		onward := page%pages + 1
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("common.page", locales.Args{"Page": page, "Pages": pages})+" ›", "result.list", onward)))
	}
	screen.Rows = append(screen.Rows, back)
	return screen, nil
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

func (c conversation) show(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.store.ResultFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{
		r.T.HTML("result.heading", locales.Args{"Period": words.PeriodName(r.T, view.Kind, view.FirstDay)}), "\n",
		r.T.HTML("result.predicate", locales.Args{"Predicate": words.Predicate(r.T, view.Predicate)}),
		r.T.HTML("result.sides", locales.Args{"Work": words.Rating(r.T, view.WorkRating), "Behaviour": words.Rating(r.T, view.BehaviourRating)}),
		r.T.HTML("result.evaluator", locales.Args{"Name": view.Evaluator, "When": r.T.Day(view.SetAt)}),
	}
	if view.Note != "" {
		lines = append(lines, r.T.HTML("result.note", locales.Args{"Note": view.Note}))
	}
	if view.FollowUpKind != "" {
		lines = append(lines, r.T.HTML("result.followup", locales.Args{"Kind": words.FollowUp(r.T, view.FollowUpKind), "Due": words.Day(r.T, view.FollowUpDue)}))
	}
	lines = append(lines, "\n", c.objection(r, view), r.T.HTML("result.working_document"))
	screen := flows.Screen{Protect: true}
	if view.AcknowledgedAt == nil {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("result.acknowledge"), "result.acknowledge", view.ID).Styled(flows.Confirm)))
	} else {
		lines = append(lines, "\n", r.T.HTML("result.acknowledged_at", locales.Args{"When": r.T.Moment(*view.AcknowledgedAt)}))
	}
	screen.Rows = append(screen.Rows,
		flows.Row(flows.Go(r.T.Plain("result.details"), "result.details", view.ID, 1)),
		flows.Row(flows.Go(r.T.Plain("common.back"), "result.list", 1)))
	screen.Text = flows.Lines(lines...)
	return screen, nil
}

// objection says until when an objection can be raised (PP 30/2019 art. 59). The days run from the receipt.
func (c conversation) objection(r *flows.Request, view store.ResultView) string {
	received := r.Now
	if view.OpenedAt != nil {
		received = *view.OpenedAt
	}
	until := locales.Args{"Until": r.T.Day(c.calendar.ObjectionUntil(received, view.Objection))}
	if !c.calendar.ObjectionOpen(received, view.Objection, r.Now) {
		return r.T.HTML("result.objection_over", until)
	}
	return r.T.HTML("result.objection", until)
}

// detailsPerPage is how many indicators fit on one screen with their reasons and notes.
const detailsPerPage = 5

// details lists the rating of every indicator with reason and feedback.
func (c conversation) details(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.store.ResultFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	pages := (len(view.Indicators) + detailsPerPage - 1) / detailsPerPage
	page := max(1, min(r.Args.Int(1), pages))
	lines := []string{r.T.HTML("result.details_heading", locales.Args{"Period": words.PeriodName(r.T, view.Kind, view.FirstDay), "Page": strconv.Itoa(page), "Pages": strconv.Itoa(pages)})}
	for _, i := range view.Indicators[(page-1)*detailsPerPage : min(page*detailsPerPage, len(view.Indicators))] {
		a := view.Answers[i.ID]
		lines = append(lines, "\n", r.T.HTML("result.indicator", locales.Args{"Indicator": i.Name, "Mark": words.Mark(a.Rating), "Rating": words.Rating(r.T, a.Rating)}))
		for _, text := range []string{a.Reason, a.Note} {
			if text != "" {
				lines = append(lines, "<i>"+locales.Escape(text)+"</i>")
			}
		}
	}
	screen := flows.Screen{Text: flows.Lines(lines...), Protect: true}
	if pages > 1 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("common.next_page"), "result.details", view.ID, page%pages+1)))
	}
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("common.back"), "result.show", view.ID)))
	return screen, nil
}

// ready is the push. It has no content: Telegram stores messages abroad, so the result comes when its owner opens it.
func (c conversation) ready(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	lines, err := c.store.ResultsOf(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, false, err
	}
	for _, l := range lines {
		if l.ID == r.Args.ID(0) && l.AcknowledgedAt == nil {
			return flows.Screen{
				Text: r.T.HTML("result.ready", locales.Args{"Period": words.PeriodName(r.T, l.Kind, l.FirstDay)}),
				Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("result.open"), "result.open", l.ID).Styled(flows.Confirm))},
			}, true, nil
		}
	}
	return flows.Screen{}, false, nil
}
