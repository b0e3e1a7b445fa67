package account

import (
	"context"
	"errors"
	"slices"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// menu is where a linked person starts. What waits for him comes first, with one green button to it.
func (c conversation) menu(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	lines, err := c.lines(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	var waits []string
	var rows [][]flows.Button
	for i, line := range lines {
		if line.Label == "" {
			continue
		}
		button := flows.Button{Label: line.Label, To: c.entries[i].To}
		if len(line.Waits) > 0 && len(waits) == 0 {
			button.Style = flows.Confirm
		}
		waits = append(waits, line.Waits...)
		rows = append(rows, flows.Row(button))
	}
	heading := []string{r.T.HTML("menu.title")}
	if len(waits) > 0 {
		heading = slices.Concat(waits, []string{"\n"})
	}
	return flows.Screen{
		Text:     flows.Lines(append(heading, r.T.HTML("menu.hello", locales.Args{"Name": r.Actor.Name}), "\n", r.T.HTML("menu.choose"))...),
		Rows:     append(rows, flows.Row(flows.Go(r.T.Plain("menu.language"), "language"), flows.Go(r.T.Plain("menu.help"), "help"))),
		Commands: c.commandsOf(r, lines),
	}, nil
}

// welcome is where a stranger starts. What he types there is a code; the button that shares his number may still be there from before.
func (c conversation) welcome(_ context.Context, r *flows.Request) (flows.Screen, error) {
	if r.Actor.Known() { // an old card
		return flows.Screen{}, c.alreadyLinked(r)
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("welcome.title"), "\n", r.T.HTML("welcome.what"), "\n", r.T.HTML("welcome.how")),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("welcome.phone"), "account.phone")),
			flows.Row(flows.Go(r.T.Plain("menu.language"), "language"), flows.Go(r.T.Plain("menu.help"), "help")),
		},
		Commands: []flows.MenuCommand{}, // of whoever was linked here before
	}, nil
}

// phone offers Telegram's button that shares the own number.
func (c conversation) phone(_ context.Context, r *flows.Request) (flows.Screen, error) {
	return flows.Screen{Text: flows.Lines(r.T.HTML("account.phone_title"), "\n", r.T.HTML("account.phone_how")), ShareContact: r.T.Plain("account.phone_share")}, nil
}

// confirm shows as whom the Telegram user would be linked, before anything is.
func (c conversation) confirm(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	invitation, err := c.store.Presented(ctx, r.From, id)
	if err != nil {
		return flows.Screen{}, refusal(r, err)
	}
	card, err := c.store.CardOf(ctx, invitation.PersonID)
	if errors.Is(err, store.ErrNotFound) {
		return flows.Screen{}, refusal(r, store.ErrCodeUnknown)
	}
	if err != nil {
		return flows.Screen{}, err
	}
	superior, moves := r.T.HTML("account.no_superior"), ""
	if card.Linked && !r.Actor.Known() {
		moves = r.T.HTML("account.confirm_moves")
	}
	rows := [][]flows.Button{
		flows.Row(flows.Go(r.T.Plain("account.yes"), "account.link", id).Styled(flows.Confirm)),
		flows.Row(flows.Go(r.T.Plain("account.not_me"), "account.notme")),
	}
	if card.Superior != "" {
		superior = r.T.HTML("account.superior", locales.Args{"Superior": card.Superior})
		rows[1] = append(rows[1], flows.Go(r.T.Plain("account.wrong_superior"), "account.wrongsuperior", id))
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("account.confirm_title"), "\n",
			r.T.HTML("account.confirm_who", asWhom(card)),
			superior, moves, "\n", r.T.HTML("account.confirm_ask")),
		Rows: rows,
	}, nil
}

// asWhom is what a sentence says of a person: his name, and position and unit as far as they are known.
func asWhom(card store.Card) locales.Args {
	as := ""
	for _, part := range []string{card.Position, card.Unit} {
		if part != "" {
			as += ", " + part
		}
	}
	return locales.Args{"Name": card.Name, "As": as}
}

// notice is the privacy notice. It informs; it asks for no consent, because the evaluation is a public task.
func (c conversation) notice(_ context.Context, r *flows.Request) (flows.Screen, error) {
	row := flows.Row(flows.Go(r.T.Plain("notice.read"), "account.noticeread"))
	if !r.Actor.Known() || r.Actor.NoticeVersion == NoticeVersion { // he only wants to read it again
		row = backRow(r)
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("notice.title"), "\n", r.T.HTML("notice.text"), "\n", r.T.HTML("notice.version", locales.Args{"Version": NoticeVersion})),
		Rows: [][]flows.Button{row},
	}, nil
}

func (c conversation) languages(_ context.Context, r *flows.Request) (flows.Screen, error) {
	var choices []flows.Button
	for _, code := range locales.Languages {
		label := r.T.In(code).Plain("language.name")
		b := flows.Go(label, "account.speak", code)
		if code == r.T.Language() {
			b = flows.Go("• "+label, "account.speak", code).Styled(flows.Chosen)
		}
		choices = append(choices, b)
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("language.title"), "\n", r.T.HTML("language.ask")),
		Rows: [][]flows.Button{choices, backRow(r)},
	}, nil
}

// help tells what this person can do, no more.
func (c conversation) help(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	back := backRow(r)
	if !r.Actor.Known() {
		return flows.Screen{Text: flows.Lines(r.T.HTML("help.title"), "\n", r.T.HTML("help.stranger")), Rows: [][]flows.Button{back}}, nil
	}
	lines, err := c.lines(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	told := []string{r.T.HTML("help.title"), "\n", r.T.HTML("help.everyone")}
	for i, line := range lines {
		if key := c.entries[i].Help; key != "" && line.his() {
			told = append(told, r.T.HTML(key))
		}
	}
	person, err := c.store.PersonByID(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	contacts, err := c.store.ContactsFor(ctx, person.UnitID, person.ID)
	if err != nil {
		return flows.Screen{}, err
	}
	told = append(told, "\n", r.T.HTML("help.trouble", locales.Args{"Contacts": words.Contacts(r.T, contacts)}))
	return flows.Screen{
		Text:     flows.Lines(told...),
		Rows:     [][]flows.Button{flows.Row(flows.Go(r.T.Plain("help.notice"), "account.notice")), back},
		Commands: c.commandsOf(r, lines),
	}, nil
}

// askWrongSuperior asks before the account is linked and the administrators are told that the superior is wrong.
func (c conversation) askWrongSuperior(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	invitation, err := c.store.Presented(ctx, r.From, id)
	if err != nil {
		return flows.Screen{}, refusal(r, err)
	}
	card, err := c.store.CardOf(ctx, invitation.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	superior := r.T.HTML("account.no_superior")
	if card.Superior != "" {
		superior = r.T.HTML("account.superior", locales.Args{"Superior": card.Superior})
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("account.wrong_superior_title"), "\n", superior, r.T.HTML("account.wrong_superior_ask")),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("account.wrong_superior_yes"), "account.reportsuperior", id).Styled(flows.Confirm)),
			flows.Row(flows.Go(r.T.Plain("common.back"), "account.confirm", id)),
		},
	}, nil
}

// administered is the card of a person whose unit the reader administers; store.ErrNotFound for everybody else's.
func (c conversation) administered(ctx context.Context, r *flows.Request) (store.Card, error) {
	card, err := c.store.CardOf(ctx, r.Args.ID(0))
	if err != nil {
		return store.Card{}, err
	}
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err == nil && !scope.Covers(card.UnitID) {
		err = store.ErrNotFound
	}
	return card, err
}

// aboutPerson tells an administrator something about a person of his units.
func (c conversation) aboutPerson(sentence string) flows.Page {
	return func(ctx context.Context, r *flows.Request) (flows.Screen, error) {
		card, err := c.administered(ctx, r)
		if err != nil {
			return flows.Screen{}, err
		}
		return flows.Screen{
			Text: r.T.HTML(sentence, asWhom(card)),
			Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("common.menu"), "menu"))},
		}, nil
	}
}

// newsOfPerson is the message that leads to such a page. It names nobody, as the privacy notice promises: Telegram keeps what it carries.
func (c conversation) newsOfPerson(sentence, page string) flows.Message {
	return func(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
		if _, err := c.administered(ctx, r); err != nil {
			return flows.Screen{}, false, err // not found is nothing left to tell
		}
		return flows.Screen{
			Text: r.T.HTML(sentence),
			Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("engine.open_it"), page, r.Args.ID(0)).Styled(flows.Confirm))},
		}, true, nil
	}
}

// nobodyAnyMore tells a Telegram user that he is nobody here any more. It names nobody: he may never have been whom he passed for.
func nobodyAnyMore(sentence string) flows.Message {
	return func(_ context.Context, r *flows.Request) (flows.Screen, bool, error) {
		return flows.Screen{
			Text:     r.T.HTML(sentence),
			Rows:     [][]flows.Button{flows.Row(flows.Go(r.T.Plain("common.menu"), "welcome"))},
			Commands: []flows.MenuCommand{}, // what he had here is not his any more
		}, true, nil
	}
}
