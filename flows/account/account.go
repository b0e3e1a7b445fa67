// Package account is how a Telegram user becomes a person: linking, privacy notice, language, menu and help.
package account

import (
	"context"
	"errors"
	"fmt"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// NoticeVersion is the version of the privacy notice. A new one is shown once to everybody (UU 27/2022 PDP).
const NoticeVersion = "2026-11-27"

// Store is what linking needs of the records.
type Store interface {
	InvitationFor(ctx context.Context, telegramID int64, typed string) (store.Invitation, error)
	InviteVouched(ctx context.Context, personID, telegramID int64) (store.Invitation, error)
	Presented(ctx context.Context, telegramID, invitationID int64) (store.Invitation, error)
	Accept(ctx context.Context, telegramID int64, language string, invitationID int64) (store.Actor, error)
	CardOf(ctx context.Context, personID int64) (store.Card, error)
	PersonByPhone(ctx context.Context, phone string) (store.Person, error)
	PersonByID(ctx context.Context, id int64) (store.Person, error)
	SetLanguage(ctx context.Context, personID int64, language string) error
	NoticeShown(ctx context.Context, personID int64, version string) error
	ReportWrongSuperior(ctx context.Context, personID int64) error
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	ContactsFor(ctx context.Context, unitID, askerID int64) ([]store.Contact, error)
}

// MenuEntry is one button of the menu, contributed by another conversation.
type MenuEntry struct {
	To      flows.Link
	Command string // key of its command, without "command."; "" for none
	Help    string // key of the sentence that explains it in the help; "" for none
	Draw    func(ctx context.Context, r *flows.Request) (MenuLine, error)
}

// MenuLine is what a person sees of an entry.
type MenuLine struct {
	Uses  bool     // he has a use for the command although nothing waits for him now
	Label string   // of the button in the menu; "" for none
	Waits []string // what waits for the person there, in HTML: the first lines of his menu
}

// his reports that the entry is for this person: then its command is in his list and the help explains it.
func (l MenuLine) his() bool { return l.Uses || l.Label != "" }

type conversation struct {
	store   Store
	entries []MenuEntry
}

// Register adds the conversation to the engine. entries are the menu in its order.
func Register(e *flows.Engine, s Store, entries []MenuEntry) {
	c := conversation{store: s, entries: entries}
	e.Home(home)
	e.Gate(gate)

	e.Page("menu", "", c.menu)
	e.Page("welcome", "", c.welcome, flows.ForStrangers,
		flows.Accepts(flows.Contact, "account.contact"), flows.Accepts(flows.Text, "account.code"), flows.Otherwise(noCode))
	e.Page("account.confirm", "id", c.confirm, flows.ForStrangers)
	e.Page("account.wrongsuperior", "id", c.askWrongSuperior, flows.ForStrangers)
	e.Page("account.phone", "", c.phone, flows.ForStrangers,
		flows.Accepts(flows.Contact, "account.contact"), flows.Accepts(flows.Text, "account.code"), flows.Otherwise(noCode))
	e.Page("account.notice", "", c.notice, flows.ForStrangers, flows.Aside)
	e.Page("language", "", c.languages, flows.ForStrangers, flows.Aside)
	e.Page("help", "", c.help, flows.ForStrangers, flows.Aside)

	e.Action("account.start", "", c.start, flows.ForStrangers)
	e.Action("account.code", "", c.code, flows.ForStrangers)
	e.Action("account.contact", "", c.contact, flows.ForStrangers)
	e.Action("account.link", "id", c.link, flows.ForStrangers)
	e.Action("account.notme", "", c.notMe, flows.ForStrangers)
	e.Action("account.reportsuperior", "id", c.reportSuperior, flows.ForStrangers)
	e.Action("account.noticeread", "", c.noticeRead)
	e.Action("account.speak", "word", c.speak, flows.ForStrangers)
	e.Action("account.cancel", "", c.cancel, flows.ForStrangers)

	e.Page("account.superiorwrong", "id", c.aboutPerson("account.superior_wrong"))
	e.Page("account.moved", "id", c.aboutPerson("account.moved"))
	e.Message("superior_wrong", "id", c.newsOfPerson("account.superior_wrong_news", "account.superiorwrong"))
	e.Message(store.KindAccountMoved, "id", c.newsOfPerson("account.moved_news", "account.moved"))
	e.Message(store.KindAccountLeft, "id word", nobodyAnyMore("account.left"))
	e.Message(store.KindAccountEnded, "id word", nobodyAnyMore("account.ended"))

	e.Command(flows.To("account.start"), "mulai", "start", "menu")
	e.Command(flows.To("account.notice"), "privasi", "privacy")
	e.Command(flows.To("help"), "bantuan", "help")
	e.Command(flows.To("language"), "bahasa", "language")
	e.Command(flows.To("account.cancel"), "batal", "cancel")
}

func home(a store.Actor) flows.Link {
	if a.Known() {
		return flows.To("menu")
	}
	return flows.To("welcome")
}

// cameOrHome is where a page in between was opened from.
func cameOrHome(r *flows.Request) flows.Link {
	if came := r.Came(); !came.Zero() {
		return came
	}
	return home(r.Actor)
}

// backRow leads out of a page in between.
func backRow(r *flows.Request) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: cameOrHome(r)})
}

// gate shows the privacy notice before anything else to whoever has not seen its present version.
func gate(r *flows.Request) (flows.Link, bool) {
	if r.Actor.NoticeVersion == NoticeVersion || r.Kind == flows.Tap && r.Data == "account.noticeread" {
		return flows.Link{}, false
	}
	return flows.To("account.notice"), true
}

// start is /start and /mulai, with or without the code of a deep link.
func (c conversation) start(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if r.Payload == "" {
		return flows.Outcome{To: home(r.Actor)}, nil
	}
	return c.enter(ctx, r, r.Payload)
}

// noCode answers a text that is no code, such as a question. Only codes are looked up, and count when they are wrong.
func noCode(text string) string {
	if _, err := store.NormalCode(text); err != nil {
		return "account.no_code"
	}
	return ""
}

// code takes a typed code.
func (c conversation) code(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.enter(ctx, r, r.Text)
}

func (c conversation) enter(ctx context.Context, r *flows.Request, typed string) (flows.Outcome, error) {
	if r.Actor.Known() {
		return flows.Outcome{}, c.alreadyLinked(r)
	}
	invitation, err := c.store.InvitationFor(ctx, r.From, typed)
	if err != nil {
		return flows.Outcome{}, refusal(r, err)
	}
	return flows.Outcome{To: flows.To("account.confirm", invitation.ID)}, nil
}

func (c conversation) alreadyLinked(r *flows.Request) error {
	return flows.Refuse(r.T.Plain("account.already_linked", locales.Args{"Name": r.Actor.Name}), flows.To("menu"))
}

// refusal says why a code cannot be used. An unknown code and one that is none sound the same, so guessing learns nothing.
func refusal(r *flows.Request, err error) error {
	var paused *store.PausedError
	sentence := ""
	switch {
	case errors.As(err, &paused):
		sentence = r.T.Plain("account.paused", locales.Args{"Until": r.T.Clock(paused.Until)})
	case errors.Is(err, store.ErrCodeUnknown):
		sentence = r.T.Plain("account.code_unknown")
	case errors.Is(err, store.ErrCodeUsed):
		sentence = r.T.Plain("account.code_used")
	case errors.Is(err, store.ErrCodeExpired):
		sentence = r.T.Plain("account.code_expired")
	case errors.Is(err, store.ErrCodeNeeded):
		sentence = r.T.Plain("account.code_needed")
	case errors.Is(err, store.ErrLinkedElsewhere):
		sentence = r.T.Plain("account.linked_elsewhere")
	default:
		return err
	}
	return flows.Refuse(sentence, home(r.Actor))
}

// contact takes a shared phone number. It proves something only when Telegram says that it is the sender's own.
func (c conversation) contact(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if r.Actor.Known() {
		return flows.Outcome{}, c.alreadyLinked(r)
	}
	if r.Contact.UserID != r.From {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("account.contact_not_own"), flows.To("account.phone"))
	}
	person, err := c.store.PersonByPhone(ctx, r.Contact.Phone)
	if errors.Is(err, store.ErrNotFound) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("account.phone_unknown"), flows.To("welcome"))
	}
	if err != nil {
		return flows.Outcome{}, err
	}
	invitation, err := c.store.InviteVouched(ctx, person.ID, r.From)
	if err != nil {
		return flows.Outcome{}, refusal(r, err)
	}
	return flows.Outcome{To: flows.To("account.confirm", invitation.ID)}, nil
}

// link is "Ya, benar".
func (c conversation) link(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	actor, err := c.store.Accept(ctx, r.From, r.T.Language(), r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, refusal(r, err)
	}
	r.Actor = actor
	r.T = r.T.In(actor.Language)
	to := flows.To("menu")
	if actor.NoticeVersion != NoticeVersion {
		to = flows.To("account.notice")
	}
	return flows.Outcome{To: to, Toast: r.T.Plain("account.linked")}, nil
}

// notMe is "Bukan saya": nothing is linked, and the code stays unused.
func (c conversation) notMe(_ context.Context, r *flows.Request) (flows.Outcome, error) {
	return flows.Outcome{}, flows.Refuse(r.T.Plain("account.not_me_done"), home(r.Actor))
}

// reportSuperior links all the same and tells the administrators: a mistake in the roster must not keep anybody out.
func (c conversation) reportSuperior(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	outcome, err := c.link(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if err := c.store.ReportWrongSuperior(ctx, r.Actor.PersonID); err != nil {
		return flows.Outcome{}, err
	}
	outcome.Toast, outcome.Alert = r.T.Plain("account.superior_reported"), true
	return outcome, nil
}

func (c conversation) noticeRead(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if err := c.store.NoticeShown(ctx, r.Actor.PersonID, NoticeVersion); err != nil {
		return flows.Outcome{}, err
	}
	r.Actor.NoticeVersion = NoticeVersion
	return flows.Outcome{To: flows.To("menu")}, nil
}

// speak sets the language; a stranger's is kept in his draft until he has an account.
func (c conversation) speak(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	t := r.T.In(r.Args.Word(0))
	if t.Language() != r.Args.Word(0) {
		return flows.Outcome{}, flows.ErrBadLink
	}
	if !r.Actor.Known() {
		r.Draft[flows.LanguageDraft] = t.Language()
	} else if err := c.store.SetLanguage(ctx, r.Actor.PersonID, t.Language()); err != nil {
		return flows.Outcome{}, fmt.Errorf("set language: %w", err)
	}
	r.T, r.Actor.Language = t, t.Language()
	outcome := flows.Outcome{To: cameOrHome(r), Toast: t.Plain("language.done")}
	if !r.Actor.Known() {
		return outcome, nil // a stranger has everybody's list, in the language of his app
	}
	lines, err := c.lines(ctx, r)
	outcome.Commands = c.commandsOf(r, lines)
	return outcome, err
}

// cancel leaves whatever form was begun. What was stored stays stored.
func (c conversation) cancel(_ context.Context, r *flows.Request) (flows.Outcome, error) {
	said := "account.nothing_to_cancel"
	if r.Asked {
		said = "account.cancelled"
	}
	r.ForgetForm()
	return flows.Outcome{To: home(r.Actor), Toast: r.T.Plain(said)}, nil
}
