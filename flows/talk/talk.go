// Package talk is how an employee asks his evaluator for time to talk about a result, and how the evaluator answers: feedback is also
// given because the employee asks for it (PermenPANRB 6/2022, Lampiran B.C.9).
package talk

import (
	"context"
	"errors"
	"slices"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the conversation needs of the records. Every method answers for the given person's talks only.
type Store interface {
	TalkAbout(ctx context.Context, employeeID, resultID int64) (store.TalkView, error)
	TalkOf(ctx context.Context, employeeID, talkID int64) (store.TalkView, error)
	TalkFor(ctx context.Context, evaluatorID, talkID int64) (store.TalkView, error)
	TalksAsked(ctx context.Context, evaluatorID int64) ([]store.TalkView, error)
	TalksAnswered(ctx context.Context, evaluatorID int64, from store.Date) ([]store.TalkView, error)
	ContactsFor(ctx context.Context, unitID, askerID int64) ([]store.Contact, error)

	RequestTalk(ctx context.Context, employeeID, resultID int64, today store.Date) (asked bool, err error)
	AnswerTalk(ctx context.Context, evaluatorID, talkID int64, answer store.TalkAnswer, day store.Date) error
}

type conversation struct {
	store    Store
	calendar rules.Calendar
}

// Register adds the conversation to the engine.
func Register(e *flows.Engine, s Store, calendar rules.Calendar) {
	c := conversation{store: s, calendar: calendar}
	e.Page("talk.ask", "id", c.ask) // the id is that of the result, in all others that of the talk
	e.Action("talk.request", "id", c.request)
	e.Page("talk.list", "n", c.list)
	e.Page("talk.show", "id", c.show, flows.Accepts(flows.Text, "talk.typed"), flows.Aside)
	e.Page("talk.sure", "id word date", c.sure, flows.Aside)
	e.Action("talk.answer", "id word date", c.answer)
	e.Action("talk.confirmed", "id word date", c.confirmed)
	e.Action("talk.typed", "id", c.typed)
	e.Action("talk.done", "id", c.done)
	e.Message(store.KindTalkAsked, "id", c.tellAsked)
	e.Message(store.KindTalkAnswered, "id n", c.tellAnswered)
}

// MenuEntry is shown to an evaluator while somebody waits for his answer, or for the day that he promised.
func MenuEntry(s Store, calendar rules.Calendar) account.MenuEntry {
	return account.MenuEntry{To: flows.To("talk.list", 1), Draw: func(ctx context.Context, r *flows.Request) (account.MenuLine, error) {
		asked, promised, err := wishes(ctx, r, s, calendar)
		switch {
		case err != nil || len(asked)+len(promised) == 0:
			return account.MenuLine{}, err
		case len(asked) == 0:
			return account.MenuLine{Label: r.T.Plain("menu.talk_promised")}, nil
		}
		waits := r.T.HTML("menu.talk_one", locales.Args{"Name": asked[0].Employee})
		if len(asked) > 1 {
			waits = r.T.HTML("menu.talk_many", locales.Args{"Number": len(asked)})
		}
		return account.MenuLine{Label: r.T.Plain("menu.talk", locales.Args{"Number": len(asked)}), Waits: []string{waits}}, nil
	}}
}

// remembered is how many days after a promised day the talk stays in the list, to be moved or told to be done.
const remembered = 14

// wishes are those that wait for the evaluator's answer, and those for which he promised a day.
func wishes(ctx context.Context, r *flows.Request, s Store, calendar rules.Calendar) (asked, promised []store.TalkView, err error) {
	if asked, err = s.TalksAsked(ctx, r.Actor.PersonID); err != nil {
		return nil, nil, err
	}
	from, err := rules.DayAfter(calendar.Date(r.Now), -remembered)
	if err != nil {
		return nil, nil, err
	}
	promised, err = s.TalksAnswered(ctx, r.Actor.PersonID, from)
	return asked, promised, err
}

// ask says whom the employee would ask, and what happens then.
func (c conversation) ask(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	resultID := r.Args.ID(0)
	view, err := c.store.TalkAbout(ctx, r.Actor.PersonID, resultID)
	if err != nil {
		return flows.Screen{}, err
	}
	back := flows.Row(flows.Go(r.T.Plain("common.back"), "result.show", resultID))
	title := r.T.HTML("talk.ask_title", locales.Args{"Period": period(r, view)})
	if !CanAsk(view, c.calendar.Date(r.Now)) {
		line, err := Line(ctx, r, c.store, view, c.calendar)
		return flows.Screen{Text: flows.Lines(title, "\n", line), Rows: [][]flows.Button{back}}, err
	}
	lines := []string{title, "\n", r.T.HTML("talk.ask", locales.Args{"Name": view.Evaluator})}
	unreached, err := unreached(ctx, r, c.store, view)
	if unreached != "" {
		lines = append(lines, "\n", unreached)
	}
	return flows.Screen{
		Text: flows.Lines(lines...),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("talk.ask_yes"), "talk.request", resultID).Styled(flows.Confirm)), back},
	}, err
}

func (c conversation) request(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	resultID := r.Args.ID(0)
	to := flows.To("result.show", resultID)
	asked, err := c.store.RequestTalk(ctx, r.Actor.PersonID, resultID, c.calendar.Date(r.Now))
	if errors.Is(err, store.ErrNobodyToTalk) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("talk.nobody_now"), to)
	}
	if err != nil {
		return flows.Outcome{}, err
	}
	toast := "talk.asked_already"
	if asked {
		toast = "talk.asked"
	}
	return flows.Outcome{To: to, Toast: r.T.Plain(toast)}, nil
}

func period(r *flows.Request, view store.TalkView) string {
	return words.PeriodName(r.T, view.Kind, view.FirstDay)
}

// perPage is how many wishes stand on one page of the list.
const perPage = 8

// list is who waits for the evaluator's answer, and below whom he has promised a day.
func (c conversation) list(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	asked, promised, err := wishes(ctx, r, c.store, c.calendar)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("talk.list_title"), "\n"}
	if len(asked) == 0 {
		lines = append(lines, r.T.HTML("talk.list_none"))
	} else {
		lines = append(lines, r.T.HTML("talk.list_ask"))
	}
	if len(promised) > 0 {
		lines = append(lines, r.T.HTML("talk.list_answered"))
	}
	all := slices.Concat(asked, promised)
	pages := max(1, (len(all)+perPage-1)/perPage)
	page := max(1, min(r.Args.Int(0), pages))
	var rows [][]flows.Button
	for _, view := range all[(page-1)*perPage : min(page*perPage, len(all))] {
		rows = append(rows, flows.Row(flows.Go(c.listLabel(r, view), "talk.show", view.ID)))
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("talk.list", n) })...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, flows.Row(flows.Go(r.T.Plain("common.back"), "menu")))}, nil
}

func (c conversation) listLabel(r *flows.Request, view store.TalkView) string {
	args := locales.Args{"Name": view.Employee, "Period": period(r, view), "Day": words.LongDay(r.T, view.Day)}
	switch {
	case view.Answer == "":
		return r.T.Plain("talk.list_line", args)
	case !view.Stands(c.calendar.Date(r.Now)):
		return r.T.Plain("talk.list_over", args)
	default:
		return r.T.Plain("talk.list_"+string(view.Answer), args)
	}
}

// show is one wish to the evaluator, with the days that he may offer; a day may be typed too.
func (c conversation) show(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.store.TalkFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	who := locales.Args{"Name": view.Employee, "Period": period(r, view), "When": r.T.LongMoment(view.RequestedAt)}
	lines := []string{r.T.HTML("talk.show_title", who), "\n"}
	if view.Answer == "" {
		lines = append(lines, r.T.HTML("talk.show_asked", who), "\n", r.T.HTML("talk.show_when"))
	} else {
		lines = append(lines, r.T.HTML("talk.show_"+string(view.Answer), locales.Args{"Day": dayOf(r, c.calendar, view)}), r.T.HTML("talk.show_other"))
	}
	rows, err := c.days(r, view.ID)
	if err != nil {
		return flows.Screen{}, err
	}
	if view.Answer != store.TalkDone {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("talk.done"), "talk.done", view.ID)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backRow(r))}, nil
}

// backRow leads to where a wish was opened from: the list, or the employee's page.
func backRow(r *flows.Request) []flows.Button {
	to := flows.To("talk.list", 1)
	if came := r.Came(); !came.Zero() {
		to = came
	}
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

// days are the buttons of the two days that are offered, with their names.
func (c conversation) days(r *flows.Request, talkID int64) ([][]flows.Button, error) {
	today := c.calendar.Date(r.Now)
	first, last, err := c.calendar.TalkDays(today)
	if err != nil {
		return nil, err
	}
	tomorrow, err := rules.DayAfter(today, 1)
	if err != nil {
		return nil, err
	}
	on, until := "talk.on", "talk.until"
	if first == tomorrow {
		on = "talk.tomorrow"
	}
	if rules.SameWeek(today, last) {
		until = "talk.this_week"
	}
	button := func(key string, answer store.TalkAnswer, day store.Date) []flows.Button {
		return flows.Row(flows.Go(r.T.Plain(key, locales.Args{"Day": words.LongDay(r.T, day)}), "talk.answer", talkID, string(answer), day))
	}
	return [][]flows.Button{button(on, store.TalkOn, first), button(until, store.TalkUntil, last)}, nil
}

func (c conversation) answer(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.offerLink(ctx, r, false)
}

// confirmed is the answer of who was asked whether he means it.
func (c conversation) confirmed(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.offerLink(ctx, r, true)
}

// offerLink takes the answer that a link holds. One that a card still offers after they have talked is asked about: it would make an
// appointment again of what is done.
func (c conversation) offerLink(ctx context.Context, r *flows.Request, sure bool) (flows.Outcome, error) {
	answer, day, err := offered(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	view, err := c.store.TalkFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	if view.Answer == store.TalkDone && !sure {
		return flows.Outcome{To: flows.To("talk.sure", view.ID, string(answer), day)}, nil
	}
	return c.offer(ctx, r, answer, day)
}

// offered is the answer that a link holds; ErrBadLink when it holds none.
func offered(r *flows.Request) (store.TalkAnswer, store.Date, error) {
	answer, day := store.TalkAnswer(r.Args.Word(1)), store.Date(r.Args.Word(2))
	if answer != store.TalkOn && answer != store.TalkUntil {
		return "", "", flows.ErrBadLink
	}
	if _, err := time.Parse(time.DateOnly, string(day)); err != nil {
		return "", "", flows.ErrBadLink
	}
	return answer, day, nil
}

// typed takes a day that is typed. A day off is asked about, and one that was typed with an hour: only the day is kept.
func (c conversation) typed(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id, today := r.Args.ID(0), c.calendar.Date(r.Now)
	day, ok := words.ReadDay(r.T, r.Text, today)
	timed := false
	if !ok {
		day, timed = words.ReadDayBeforeHour(r.T, r.Text, today)
	}
	switch {
	case !ok && !timed:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("talk.not_a_day"), flows.To("talk.show", id))
	case day >= today && (timed || !c.calendar.IsWorkday(day)):
		return flows.Outcome{To: flows.To("talk.sure", id, string(store.TalkOn), day)}, nil
	}
	return c.offer(ctx, r, store.TalkOn, day)
}

// sure asks about an answer that may not be meant, and tells why.
func (c conversation) sure(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	answer, day, err := offered(r)
	if err != nil {
		return flows.Screen{}, err
	}
	view, err := c.store.TalkFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	args := locales.Args{"Day": words.LongDay(r.T, day), "Name": view.Employee}
	question, keep := "talk.sure_day", "talk.sure_take"
	rows := [][]flows.Button{}
	switch next := c.calendar.NextWorkday(day); {
	case view.Answer == store.TalkDone:
		question = "talk.sure_again"
	case next != day:
		question, keep = "talk.sure_off", "talk.sure_keep"
		rows = append(rows, flows.Row(flows.Go(words.LongDay(r.T, next), "talk.confirmed", view.ID, string(answer), next).Styled(flows.Confirm)))
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain(keep, args), "talk.confirmed", view.ID, string(answer), day)),
		flows.Row(flows.Go(r.T.Plain("common.back"), "talk.show", view.ID)))
	title := r.T.HTML("talk.show_title", locales.Args{"Name": view.Employee, "Period": period(r, view)})
	return flows.Screen{Text: flows.Lines(title, "\n", r.T.HTML(question, args)), Rows: rows}, nil
}

// furthest is how many days ahead a talk may be; what is further is a slip of the finger.
const furthest = 60

func (c conversation) offer(ctx context.Context, r *flows.Request, answer store.TalkAnswer, day store.Date) (flows.Outcome, error) {
	here, today := flows.To("talk.show", r.Args.ID(0)), c.calendar.Date(r.Now)
	limit, err := rules.DayAfter(today, furthest)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case day < today:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("talk.past"), here)
	case day > limit:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("talk.too_far", locales.Args{"Days": furthest}), here)
	}
	return c.say(ctx, r, answer, day)
}

// done says that they have talked.
func (c conversation) done(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.say(ctx, r, store.TalkDone, c.calendar.Date(r.Now))
}

func (c conversation) say(ctx context.Context, r *flows.Request, answer store.TalkAnswer, day store.Date) (flows.Outcome, error) {
	id := r.Args.ID(0)
	if err := c.store.AnswerTalk(ctx, r.Actor.PersonID, id, answer, day); err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("talk.show", id), Toast: r.T.Plain("talk.answered")}, nil
}

// tellAsked is the push to the evaluator. It names who wants to talk, and nothing of his result.
func (c conversation) tellAsked(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	view, err := c.store.TalkFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil || view.Answer != "" || view.ID != r.Args.ID(0) { // answered meanwhile, or asked anew
		return flows.Screen{}, false, unlessGone(err)
	}
	rows, err := c.days(r, view.ID)
	if err != nil {
		return flows.Screen{}, false, err
	}
	return flows.Screen{
		Text: r.T.HTML("talk.told", locales.Args{"Name": view.Employee, "Period": period(r, view)}),
		Rows: append(rows, flows.Row(flows.Go(r.T.Plain("talk.other_day"), "talk.show", view.ID))),
	}, true, nil
}

// tellAnswered is the push to the employee. Of several answers only the last is told.
func (c conversation) tellAnswered(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	view, err := c.store.TalkOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil || view.Answers != r.Args.Int(1) {
		return flows.Screen{}, false, unlessGone(err)
	}
	args := locales.Args{"Name": view.Evaluator, "Period": period(r, view), "Day": dayOf(r, c.calendar, view)}
	key := "talk.told_" + string(view.Answer)
	if view.Answers > 1 && view.Answer != store.TalkDone {
		key = "talk.moved_" + string(view.Answer)
	}
	return flows.Screen{
		Text: r.T.HTML(key, args),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("talk.see_result"), "result.show", view.ResultID))},
	}, true, nil
}

// unlessGone is nil for a talk that is gone, or has another evaluator: then nothing is owed.
func unlessGone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
