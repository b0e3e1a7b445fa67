package flows

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf16"

	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/dialogue"
)

// maxToast is Telegram's limit for the answer to a tap, in UTF-16 units.
const maxToast = 200

// scene is one event on its way to a screen.
type scene struct {
	engine   *Engine
	request  *Request
	position dialogue.Position
	shown    Link   // the page that was drawn
	unasked  bool   // the event is a text that the present page does not ask for
	answered bool   // an action took what was sent
	answer   string // HTML above the page: to a greeting, to thanks, or to what is no answer on this page: see Otherwise
	out      Turn
}

// respond does what the event asks for. Everything that can go wrong on the person's side ends in a screen, not in an error.
func (s *scene) respond(ctx context.Context) error {
	link, complaint := s.target()
	if to, stop := s.gated(link); stop {
		link = to
	}
	if complaint != "" {
		return s.refuse(ctx, complaint, link)
	}
	outcome, err := s.act(ctx, link)
	if err == nil {
		s.out.Toast, s.out.Alert = outcome.Toast, outcome.Alert
		err = s.show(ctx, outcome.To)
	}
	if s.out.Screen.Commands == nil {
		s.out.Screen.Commands = outcome.Commands
	}
	if sentence, to, ok := s.complaintOf(err); ok {
		return s.refuse(ctx, sentence, to)
	}
	return err
}

// target reads what the person wants: a link, and a sentence when it is not what the screen offers.
func (s *scene) target() (Link, string) {
	r := s.request
	switch r.Kind {
	case Tap:
		link, err := ParseLink(r.Data)
		if err != nil {
			return s.home(), r.T.Plain("engine.bad_button")
		}
		return link, ""
	case Command:
		if to, ok := s.engine.commands[r.Command]; ok {
			return s.instead(to), ""
		}
		return s.home(), r.T.Plain("engine.unknown_command")
	case Edited:
		return s.present(), r.T.Plain("engine.edited_text")
	default:
		return s.sent()
	}
}

// instead is where a command leads on the present page.
func (s *scene) instead(to Link) Link {
	here := s.present()
	action, ok := s.engine.pages[here.Route].instead[to.Route]
	if !ok {
		return to
	}
	return s.taking(here, action)
}

// taking is an action with the first arguments of a page, as many as it takes.
func (s *scene) taking(page Link, action string) Link {
	takes := len(strings.Fields(s.engine.actions[action].spec))
	return Link{Route: action, Args: page.Args[:min(takes, len(page.Args))]}
}

// sent finds the action that takes a text, contact or file on the page where the person is.
func (s *scene) sent() (Link, string) {
	here := s.present()
	p := s.engine.pages[here.Route]
	otherwise := ""
	if s.request.Kind == Text && p.otherwise != nil {
		otherwise = p.otherwise(s.request.Text)
	}
	if taker, ok := p.accepts[s.request.Kind]; ok && otherwise == "" {
		if complaint := s.sentTooSoon(); complaint != "" {
			return here, complaint
		}
		return s.taking(here, taker), ""
	}
	if s.request.Kind == Text {
		s.answer = courtesy(s.request)
	}
	if s.answer == "" && otherwise != "" {
		s.answer = s.request.T.HTML(otherwise)
	}
	switch {
	case s.answer != "":
		return here, ""
	case s.request.Kind == Text && s.position.Page == "": // perhaps it was an answer, and stored, before the place was forgotten
		return s.home(), s.request.T.Plain("engine.place_unknown")
	case s.request.Kind == Text:
		s.unasked = true
		return here, ""
	case s.request.Kind == Contact: // the button for it may stand in the chat long after its page
		return here, s.request.T.Plain("engine.not_contact")
	}
	if s.awaitsFile() {
		return here, s.request.T.Plain("engine.as_file")
	}
	return here, s.request.T.Plain("engine.not_file")
}

// sentTooSoon is what to say of a message that left the person before he could have seen what the present page asks: it was meant for
// another question, or is the second half of an answer; "" when it is an answer. Both times are Telegram's own, in whole seconds, and nobody
// reads and writes within one. But who tapped for the question himself knows it, and may paste the answer: see onlyQuestion.
func (s *scene) sentTooSoon() string {
	r, p := s.request, s.position
	switch {
	case r.Sent == 0 || r.Sent > p.Seen:
		return ""
	case r.Sent < p.Seen:
		return r.T.Plain("engine.sent_before")
	case p.Expected != 0 && r.UpdateID > p.Expected:
		return ""
	}
	return r.T.Plain("engine.sent_beside")
}

// onlyQuestion reports that the event is the person's own tap and led to a question from where there was no other: what he sends next, even at
// once, can be meant for nothing else. Where his place was forgotten, so was what he was asked.
func (s *scene) onlyQuestion() bool {
	return s.request.Kind == Tap && s.position.Page != "" && len(s.engine.pages[s.present().Route].accepts) == 0
}

// gated leads a linked person to what he must see first. Routes that are open to everyone stay open.
func (s *scene) gated(link Link) (Link, bool) {
	if !s.request.Actor.Known() || s.engine.pages[link.Route].open || s.engine.actions[link.Route].open {
		return link, false
	}
	return s.engine.gate(s.request)
}

// act runs an action; a page is its own outcome.
func (s *scene) act(ctx context.Context, link Link) (Outcome, error) {
	a, ok := s.engine.actions[link.Route]
	if !ok {
		return Outcome{To: link}, nil
	}
	if !fits(a.spec, link.Args) {
		return Outcome{}, ErrBadLink
	}
	if !a.open && !s.request.Actor.Known() {
		return Outcome{}, errStranger
	}
	if s.tappedBefore() {
		return Outcome{}, Refuse(s.request.T.Plain("engine.tapped_before"), s.present())
	}
	at := *s.request
	at.Args, at.here = link.Args, s.present().Route
	if at.Draft[unaskedFor] == link.String() {
		at.Unasked = at.Draft[unaskedText]
	}
	outcome, err := a.run(ctx, &at)
	s.request.Draft, s.request.Actor, s.request.T = at.Draft, at.Actor, at.T
	if err == nil && at.Unasked != "" {
		s.forgetUnasked()
	}
	s.answered = err == nil && s.request.Kind != Tap
	if err == nil && outcome.To.Zero() {
		outcome.To = s.present()
	}
	return outcome, err
}

// tappedBefore reports that a tap comes late, after an answer that the person sent later and that was taken: Telegram delivers taps and
// messages in queues of their own. He gave it up for what he sent, so it must not replace that.
func (s *scene) tappedBefore() bool {
	return s.request.Kind == Tap && s.request.UpdateID < s.position.Answered && s.request.Now.Sub(s.position.At) <= memoryOfUpdates
}

// show draws a page and decides where it goes: a tap changes the tapped message, everything else gets a new card below.
func (s *scene) show(ctx context.Context, link Link) error {
	if to, stop := s.gated(link); stop {
		link = to
	}
	s.keepTrail(link)
	screen, err := s.engine.draw(ctx, s.request, link)
	if err != nil {
		return err
	}
	s.shown, s.out.Screen = link, s.withUnasked(screen)
	s.out.Edit, s.out.Strip, s.out.Known = 0, 0, Placed{}
	s.out.CloseKeyboard = screen.ShareContact == "" && (s.position.Keyboard || s.request.Kind == Contact)
	switch {
	case screen.ShareContact != "":
	case s.request.Kind == Tap:
		s.out.Edit, s.out.Known = s.request.Message, s.known()
	default:
		s.out.Strip = s.position.Card
	}
	return nil
}

// known is what the tapped message shows, when it is the card and was not changed since: after a Redis that forgot something, or
// an edit of somebody else, the two times differ.
func (s *scene) known() Placed {
	p := s.position
	if s.request.Message != p.Card || s.request.Shown == 0 || s.request.Shown != p.Seen {
		return Placed{}
	}
	return Placed{Message: p.Card, At: time.Unix(p.Seen, 0), Look: p.Look}
}

// showAgain draws the present page for an update that was handled before, on the card that shows it, whatever that may show now.
func (s *scene) showAgain(ctx context.Context) error {
	err := s.show(ctx, s.present())
	if sentence, to, ok := s.complaintOf(err); ok {
		err = s.refuse(ctx, sentence, to)
	}
	s.out.Known = Placed{}
	if s.position.Card != 0 && s.out.Screen.ShareContact == "" {
		s.out.Edit, s.out.Strip = s.position.Card, 0
	}
	return err
}

// complaintOf turns the errors that are the person's business into a sentence and a page.
func (s *scene) complaintOf(err error) (string, Link, bool) {
	var refusal *Refusal
	switch {
	case err == nil:
		return "", Link{}, false
	case errors.As(err, &refusal):
		to := refusal.To
		if to.Zero() {
			to = s.present()
		}
		return refusal.Sentence, to, true
	case errors.Is(err, store.ErrNotFound):
		return s.request.T.Plain("engine.not_found"), s.home(), true
	case errors.Is(err, ErrBadLink):
		return s.request.T.Plain("engine.bad_button"), s.home(), true
	case errors.Is(err, errStranger):
		return s.request.T.Plain("engine.link_first"), s.home(), true
	default:
		return "", Link{}, false
	}
}

// refuse shows a sentence with a page: above it after a message, as an alert after a tap.
func (s *scene) refuse(ctx context.Context, sentence string, link Link) error {
	if err := s.show(ctx, link); err != nil {
		if _, _, ok := s.complaintOf(err); !ok {
			return err
		}
		if err := s.show(ctx, s.home()); err != nil {
			return err
		}
	}
	if s.request.Kind == Tap && len(utf16.Encode([]rune(sentence))) <= maxToast {
		s.out.Toast, s.out.Alert = sentence, true
		return nil
	}
	s.out.Screen.Text = "⚠️ " + locales.Escape(sentence) + "\n\n" + s.out.Screen.Text
	return nil
}

// home is where this person starts.
func (s *scene) home() Link { return s.engine.home(s.request.Actor) }

// present is the page on which the person is. A position that is gone, or that an older program wrote, is the start;
// so is a page that is not an action's to show to this person any more.
func (s *scene) present() Link {
	link, err := ParseLink(s.position.Page)
	p, ok := s.engine.pages[link.Route]
	if err != nil || !ok || !fits(p.spec, link.Args) || (!p.open && !s.request.Actor.Known()) {
		return s.home()
	}
	return link
}
