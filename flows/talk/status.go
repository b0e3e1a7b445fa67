package talk

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Contacts is what knows whom to ask where the evaluator cannot be reached.
type Contacts interface {
	ContactsFor(ctx context.Context, unitID, askerID int64) ([]store.Contact, error)
}

// CanAsk reports whether the employee may ask now: there is an evaluator, and no wish stands.
func CanAsk(view store.TalkView, today store.Date) bool {
	return view.Evaluator != "" && !view.Stands(today)
}

// Line tells the employee, on his result, with whom he may talk, or how it stands with his wish.
func Line(ctx context.Context, r *flows.Request, s Contacts, view store.TalkView, calendar rules.Calendar) (string, error) {
	args := locales.Args{"Name": view.Evaluator, "Day": dayOf(r, calendar, view)}
	switch {
	case view.Evaluator == "":
		contacts, err := s.ContactsFor(ctx, view.UnitID, r.Actor.PersonID)
		return r.T.HTML("talk.nobody", locales.Args{"Contacts": words.Contacts(r.T, contacts)}), err
	case view.ID == 0:
		return r.T.HTML("talk.right", args), nil
	case view.Answer == "":
		args["When"] = r.T.LongMoment(view.RequestedAt)
		unreached, err := unreached(ctx, r, s, view)
		return flows.Lines(r.T.HTML("talk.waiting", args), unreached), err
	case view.Answer != store.TalkDone && !view.Stands(calendar.Date(r.Now)):
		return r.T.HTML("talk.over", args), nil
	default:
		return r.T.HTML("talk.is_"+string(view.Answer), args), nil
	}
}

// dayOf is the day of an answer; that it is a day off is said, and is theirs to decide: some work on Sundays.
func dayOf(r *flows.Request, calendar rules.Calendar, view store.TalkView) string {
	day := words.LongDay(r.T, view.Day)
	if view.Answer == store.TalkOn && !calendar.IsWorkday(view.Day) {
		return r.T.Plain("talk.day_off", locales.Args{"Day": day})
	}
	return day
}

// unreached says that the wish waits because the evaluator cannot be told now, and whom to ask; "" where he can.
func unreached(ctx context.Context, r *flows.Request, s Contacts, view store.TalkView) (string, error) {
	key := "talk.not_linked"
	switch {
	case view.Linked && !view.Lost:
		return "", nil
	case view.Linked:
		key = "talk.not_reached"
	}
	contacts, err := s.ContactsFor(ctx, view.UnitID, r.Actor.PersonID)
	return r.T.HTML(key, locales.Args{"Name": view.Evaluator, "Contacts": words.Contacts(r.T, contacts)}), err
}
