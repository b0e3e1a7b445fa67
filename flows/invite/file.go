package invite

import (
	"context"
	"strings"

	"kinerja/flows"
	"kinerja/flows/document"
	"kinerja/locales"
	"kinerja/store"
)

// tellUnit brings the slips of a unit.
func (c conversation) tellUnit(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	return c.tell(ctx, r, store.Printing{UnitID: r.Args.ID(0), Alone: r.Args.Word(1) == alone, Renew: r.Args.Word(2) == renew, Stamp: r.Args.ID(3)})
}

// tellPerson brings the slip of one person.
func (c conversation) tellPerson(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	return c.tell(ctx, r, store.Printing{PersonID: r.Args.ID(0), Stamp: r.Args.ID(1)})
}

// tell brings a file of slips whose codes are made when it is sent, or says that nobody needs one any more.
func (c conversation) tell(ctx context.Context, r *flows.Request, what store.Printing) (flows.Screen, bool, error) {
	plan, err := c.store.PlanPrinting(ctx, r.Actor.PersonID, what)
	if err != nil {
		return flows.Screen{}, false, err
	}
	people, _, pages := pagesOf(plan, what.Renew || what.PersonID != 0)
	if people == 0 {
		return flows.Screen{Text: r.T.HTML("invite.file_nobody", locales.Args{"Whom": nameOf(r.T, plan)})}, true, nil
	}
	return flows.Screen{
		Text: r.T.HTML("invite.file", locales.Args{"Whom": nameOf(r.T, plan), "People": r.T.Number(people), "Pages": r.T.Number(pages),
			"Printed": r.T.Moment(r.Now), "Until": r.T.Moment(r.Now.Add(store.CodeLife))}),
		Document: &flows.Document{Name: fileName(r.T, plan, what), Make: func(ctx context.Context) ([]byte, error) { return c.make(ctx, r, what) }},
	}, true, nil
}

// make makes the codes and the file. It is in Indonesian whatever language the administrator has: those who read it have not chosen one yet.
func (c conversation) make(ctx context.Context, r *flows.Request, what store.Printing) ([]byte, error) {
	bot, err := c.bot(ctx) // before any code is made
	if err != nil {
		return nil, err
	}
	printed, err := c.store.PrintInvitations(ctx, r.Actor.PersonID, what)
	if err != nil {
		return nil, err
	}
	t := r.T.In(locales.Indonesian)
	set := Set(printed, bot, t.Plain("invite.contact", locales.Args{"Name": r.Actor.Name}))
	set.PrintedAt, set.ValidUntil = r.Now, printed.Until
	return document.Slips(t, set)
}

// fileName is made of letters that every phone and every printer's machine takes. It never names a person.
func fileName(t *locales.Translator, plan store.PrintPlan, what store.Printing) string {
	name := t.Plain("invite.file_name")
	if what.PersonID == 0 && plan.Name != "" {
		name += "-" + plan.Name
	}
	plain := strings.Map(func(letter rune) rune {
		switch {
		case 'a' <= letter && letter <= 'z', '0' <= letter && letter <= '9':
			return letter
		default:
			return ' '
		}
	}, strings.ToLower(name))
	short := strings.Join(strings.Fields(plain), "-")
	return short[:min(len(short), 60)] + ".pdf"
}
