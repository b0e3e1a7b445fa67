// Package flows is the conversation engine: a small web site whose pages are Telegram messages.
//
// A page is drawn from what is stored, a button is a link with its arguments in it, an action changes something
// and then goes to a page. The conversations in the folders below register their pages and actions here.
package flows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/dialogue"
)

// Page draws a screen from what is stored. It changes nothing: drawn twice it is the same screen.
type Page func(ctx context.Context, r *Request) (Screen, error)

// Action checks the right to act, changes the store in one transaction and says where to go. It may run twice.
type Action func(ctx context.Context, r *Request) (Outcome, error)

// Message draws a notification at the moment it is sent. owed is false when there is nothing left to tell.
type Message func(ctx context.Context, r *Request) (screen Screen, owed bool, err error)

// Outcome is what an action leads to.
type Outcome struct {
	To    Link   // the page to show
	Toast string // what happened, in plain text of at most 200 characters; true at the time it is shown
	Alert bool   // the toast waits for a tap
	// Commands are those of the screen, for a page that leaves the list as it is: see Screen.
	Commands []MenuCommand
}

// Request is what a page or an action knows.
type Request struct {
	Event
	Actor store.Actor // the zero Actor for a stranger
	Now   time.Time   // UTC
	T     *locales.Translator
	Args  Args
	// Draft is the form that is being filled in, kept between turns and emptied by /batal. Pages only read it.
	Draft map[string]string
	// Asked reports that the page on which he was asks for a text, contact or file.
	Asked bool
	here  string // the route of the page that is drawn, or on which the person is whose action runs
	// Unasked is the text that the button of Screen.ForText takes; "" when it is gone. Only its action is given it.
	Unasked string
}

// ForgetForm leaves the form that is being filled in. What was stored stays stored.
func (r *Request) ForgetForm() {
	for key := range r.Draft {
		if key != LanguageDraft {
			delete(r.Draft, key)
		}
	}
}

// Refusal is an error for the person: it says what happened, that nothing was lost, and what to do. Nothing was changed.
type Refusal struct {
	Sentence string
	To       Link // the page to show with it; the present one when zero
}

func (r *Refusal) Error() string { return "refused" }

// Refuse makes a Refusal that shows the page at link.
func Refuse(sentence string, link Link) error { return &Refusal{Sentence: sentence, To: link} }

// Accounts tells who a Telegram user is.
type Accounts interface {
	ActorByTelegram(ctx context.Context, telegramID int64) (store.Actor, error)
	Returned(ctx context.Context, actor store.Actor) error
}

// Positions keeps where each person stands.
type Positions interface {
	Begin(ctx context.Context, telegramID int64) (*dialogue.Turn, error)
	Peek(ctx context.Context, telegramID int64) (dialogue.Position, error)
}

// Engine holds the routes of all conversations. Register them before the first event; after that it is safe for concurrent use.
type Engine struct {
	accounts  Accounts
	positions Positions
	catalog   *locales.Catalog
	now       func() time.Time

	pages    map[string]page
	actions  map[string]action
	messages map[string]message
	commands map[string]Link
	home     func(store.Actor) Link
	gate     func(*Request) (Link, bool)
}

type page struct {
	spec      string
	draw      Page
	open      bool
	aside     bool
	within    string            // the page in between to which it belongs; "" for none
	accepts   map[Kind]string   // which action takes a text, contact or file that is sent while the page is shown
	asksFile  bool              // a file is what it is there for
	instead   map[string]string // which action runs where a command leads to another one
	otherwise func(text string) string
}

type action struct {
	spec string
	run  Action
	open bool
}

type message struct {
	spec string
	draw Message
}

// NewEngine makes an engine without routes. now is the clock.
func NewEngine(accounts Accounts, positions Positions, catalog *locales.Catalog, now func() time.Time) *Engine {
	return &Engine{
		accounts: accounts, positions: positions, catalog: catalog, now: now,
		pages: map[string]page{}, actions: map[string]action{}, messages: map[string]message{}, commands: map[string]Link{},
		home: func(store.Actor) Link { return To("menu") },
		gate: func(*Request) (Link, bool) { return Link{}, false },
	}
}

// RouteOption changes what a route allows.
type RouteOption func(*page)

// ForStrangers opens a route to people who are not linked.
func ForStrangers(p *page) { p.open = true }

// Accepts names the action, with the first arguments of the page, as many as it takes, that takes what the person sends while the page is shown.
func Accepts(kind Kind, action string) RouteOption {
	return func(p *page) { p.accepts[kind] = action }
}

// AsksForFile is Accepts for a page that is there for a file: whoever sends something else is told so.
func AsksForFile(action string) RouteOption {
	return func(p *page) { p.accepts[File], p.asksFile = action, true }
}

// Otherwise tells texts that answer what the page asks from others. Of those it returns the key of the sentence that stands above the
// page in place of an action; a greeting is greeted. For a text that is an answer it returns "".
func Otherwise(sentence func(text string) string) RouteOption {
	return func(p *page) { p.otherwise = sentence }
}

// Instead names the action that runs while the page is shown for the commands that lead to another one. It is given the first arguments of the
// page, as many as it takes.
func Instead(of, action string) RouteOption {
	return func(p *page) { p.instead[of] = action }
}

// Page registers a page. spec lists the forms of its arguments: id, unit, n, rating, word, date.
func (e *Engine) Page(route, spec string, draw Page, options ...RouteOption) {
	e.mustBeNew(route, spec)
	p := page{spec: spec, draw: draw, accepts: map[Kind]string{}, instead: map[string]string{}}
	for _, o := range options {
		o(&p)
	}
	e.pages[route] = p
}

// Action registers an action. Of the options only ForStrangers has a meaning for it.
func (e *Engine) Action(route, spec string, run Action, options ...RouteOption) {
	e.mustBeNew(route, spec)
	p := page{accepts: map[Kind]string{}, instead: map[string]string{}}
	for _, o := range options {
		o(&p)
	}
	e.actions[route] = action{spec: spec, run: run, open: p.open}
}

// Message registers how a kind of notification is told.
func (e *Engine) Message(kind, spec string, draw Message) {
	if _, ok := e.messages[kind]; ok {
		panic("flows: message registered twice: " + kind)
	}
	e.messages[kind] = message{spec: spec, draw: draw}
}

// Command lets commands lead to a page or an action: the first word is the one in the menu, the others work too.
func (e *Engine) Command(to Link, words ...string) {
	for _, w := range words {
		if _, ok := e.commands[w]; ok {
			panic("flows: command registered twice: " + w)
		}
		e.commands[w] = to
	}
}

// Home sets where a person starts.
func (e *Engine) Home(home func(store.Actor) Link) { e.home = home }

// Gate sets what a linked person must see before anything else, such as the privacy notice.
func (e *Engine) Gate(gate func(*Request) (Link, bool)) { e.gate = gate }

// mustBeNew stops the program at start when two conversations claim one route: a mistake in the code, not of a user.
func (e *Engine) mustBeNew(route, spec string) {
	_, isPage := e.pages[route]
	_, isAction := e.actions[route]
	if isPage || isAction || !routeForm.MatchString(route) {
		panic("flows: route is not new or not well formed: " + route)
	}
	for _, form := range strings.Fields(spec) {
		if argForms[form] == nil {
			panic("flows: unknown argument form " + form + " of " + route)
		}
	}
}

// Routes lists pages and actions with their arguments, for the gallery and the tests.
func (e *Engine) Routes() (pages, actions map[string]string) {
	pages, actions = map[string]string{}, map[string]string{}
	for name, p := range e.pages {
		pages[name] = p.spec
	}
	for name, a := range e.actions {
		actions[name] = a.spec
	}
	return pages, actions
}

// Draw draws the page at link for a person outside of any turn: for the progress of long work, and the gallery.
func (e *Engine) Draw(ctx context.Context, actor store.Actor, link Link) (Screen, error) {
	r := &Request{Event: Event{From: actor.TelegramID, Private: true}, Actor: actor, Now: e.now().UTC(), T: e.catalog.In(actor.Language), Draft: map[string]string{}}
	return e.draw(ctx, r, link)
}

// Commands are what Telegram lists for a Telegram user behind the menu button, as the page tells on which he starts.
func (e *Engine) Commands(ctx context.Context, telegramID int64) ([]MenuCommand, error) {
	actor, err := e.accounts.ActorByTelegram(ctx, telegramID)
	if errors.Is(err, store.ErrNotFound) {
		actor, err = store.Actor{TelegramID: telegramID}, nil
	}
	if err != nil {
		return nil, err
	}
	screen, err := e.Draw(ctx, actor, e.home(actor))
	return screen.Commands, err
}

// ErrUnknownKind is returned by Tell for a kind that this program does not know: a newer one that runs beside it has written it.
var ErrUnknownKind = errors.New("no message of kind")

// Tell draws a notification for a person. owed is false when its cause is gone, or is not his any more, such as a period for an
// administrator who lost his role.
func (e *Engine) Tell(ctx context.Context, actor store.Actor, kind, args string) (screen Screen, owed bool, err error) {
	m, ok := e.messages[kind]
	if !ok {
		return Screen{}, false, fmt.Errorf("tell: %w %q", ErrUnknownKind, kind)
	}
	r := &Request{Event: Event{From: actor.TelegramID, Private: true}, Actor: actor, Now: e.now().UTC(), T: e.catalog.In(actor.Language)}
	if args != "" {
		r.Args = strings.Split(args, ":")
	}
	if !fits(m.spec, r.Args) {
		return Screen{}, false, fmt.Errorf("tell: arguments of %q do not fit", kind)
	}
	screen, owed, err = m.draw(ctx, r)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Screen{}, false, nil
	case err != nil:
		return Screen{}, false, fmt.Errorf("tell %s: %w", kind, err)
	}
	return screen, owed, nil
}

// Say returns one sentence in a language, for the edge, which has a few of its own (such as "not stored yet").
func (e *Engine) Say(language, key string, args ...locales.Args) string {
	return e.catalog.In(language).Plain(key, args...)
}

func (e *Engine) draw(ctx context.Context, r *Request, link Link) (Screen, error) {
	p, ok := e.pages[link.Route]
	if !ok || !fits(p.spec, link.Args) {
		return Screen{}, ErrBadLink
	}
	if !p.open && !r.Actor.Known() {
		return Screen{}, errStranger
	}
	at := *r
	at.Args, at.here = link.Args, link.Route
	return p.draw(ctx, &at)
}
