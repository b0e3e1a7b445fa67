package bot

import (
	"context"
	"errors"
	"time"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// answerTries is how often the answer to a tap is tried.
const answerTries = 3

// noticeScreen is a message that is one sentence.
func noticeScreen(sentence string) flows.Screen {
	return flows.Screen{Text: warning + locales.Escape(sentence)}
}

// withToast puts a toast above the screen, for when no answer can carry it.
func withToast(s flows.Screen, turn *flows.Turn) flows.Screen {
	if turn.Toast == "" || units(s.Text)+units(turn.Toast) > maxText-10 {
		return s
	}
	mark := information
	if turn.Alert {
		mark = warning
	}
	s.Text = mark + locales.Escape(turn.Toast) + "\n\n" + s.Text
	return s
}

const (
	information = "ℹ️ "
	warning     = "⚠️ "
)

// show answers the tap and shows the screen side by side, and returns where it stands; nowhere when it is only owed.
// An error means that the screen was neither shown nor written down as owed.
func (in *Intake) show(ctx context.Context, t *task, turn *flows.Turn) (placed flows.Placed, err error) {
	screen, answer := turn.Screen, make(chan error, 1)
	switch {
	case t.claimAnswer():
		t.toast = turn.Toast
		go func() { answer <- in.answer(ctx, t, turn.Toast, turn.Alert) }()
	case turn.Toast != t.toast: // the one answer of this tap is spent, or there was no tap
		screen = withToast(screen, turn)
		answer <- nil
	default:
		answer <- nil
	}
	placed, err = in.place(ctx, t, turn, screen)
	in.list(t, screen)
	if turn.CloseKeyboard && placed.Message != 0 {
		in.closeKeyboard(ctx, t, turn)
	}
	unanswered := <-answer
	if unanswered != nil && turn.Alert && placed.Message != 0 {
		with, again := in.bot.Edit(ctx, t.event.Chat, placed.Message, withToast(screen, turn))
		if again != nil {
			with = flows.Placed{Message: placed.Message, At: placed.At} // its look is not sure any more
		}
		placed = with
		in.cosmetic(t, again)
	}
	return placed, err
}

// list asks for the person's own commands where the screen tells them, and else that they are looked after now and then.
func (in *Intake) list(t *task, screen flows.Screen) {
	switch lists := in.options.Lists; {
	case lists == nil || !t.event.Private:
	case screen.Commands != nil:
		lists.Want(t.event.Chat, screen.Commands)
	default:
		lists.Look(t.event.Chat)
	}
}

// answer ends the spinner. Its failure stops nothing: the screen matters more.
func (in *Intake) answer(ctx context.Context, t *task, toast string, alert bool) (err error) {
	defer recovered(&err)
	for try := range answerTries {
		if in.bot.gate != nil && in.bot.gate.Paused() > 0 {
			return &Failure{Kind: Flood}
		}
		err = in.bot.Answer(ctx, t.event.Chat, t.query, toast, alert)
		var f *Failure
		if !errors.As(err, &f) || !f.worthRetrying() || rest(ctx, pauseAfter(try+2)) != nil {
			return err
		}
	}
	return err
}

// place shows a screen until it stands or time is over; then it is left to the courier.
func (in *Intake) place(ctx context.Context, t *task, turn *flows.Turn, screen flows.Screen) (flows.Placed, error) {
	p := placingOf(t, turn, screen)
	here := turn.Known.Look != "" && p.edit == turn.Known.Message
	if here && !t.drew && turn.Known.Look == in.bot.lookOf(screen) {
		return turn.Known, nil // it stands there already
	}
	// Where the card showed something else, or an earlier try may have drawn, a screen that Telegram finds there already came just now.
	changed := t.drew || here
	t.drew = true
	for try := 0; ; try++ {
		placed, err := in.placeOnce(ctx, t, &p, screen)
		if err == nil {
			placed.Stood = placed.Stood && !changed
			in.placed(ctx, t, &p, placed.Message)
			return placed, nil
		}
		changed = changed || kindOf(err) == Unknown
		switch next := p.after(err); {
		case next == giveUp:
			return flows.Placed{}, in.cannotShow(ctx, t, err)
		case outlasts(ctx, err), kindOf(err) == Flood && in.mayNotWait(t, p.chat),
			next == pauseFirst && rest(ctx, in.pauseFor(err, try)) != nil, ctx.Err() != nil:
			return flows.Placed{}, in.owe(ctx, t, err)
		}
	}
}

// outlasts reports that Telegram asked for a pause longer than there is time: waiting would only hold up the person's next updates.
func outlasts(ctx context.Context, err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Kind == Flood && (f.RetryAfter > floodPatience || outlives(ctx, f.RetryAfter))
}

// placing is where a screen goes.
type placing struct {
	chat    int64
	edit    int // message to change; 0 to send
	strip   int // older card
	resends int // after an unknown outcome
}

// placingOf is where the screen of a turn goes: on the message that an earlier try has sent, if any.
func placingOf(t *task, turn *flows.Turn, screen flows.Screen) placing {
	p := placing{chat: t.event.Chat, edit: turn.Edit, strip: turn.Strip}
	if t.card != 0 && screen.ShareContact == "" {
		p.edit = t.card
	}
	return p
}

// What to do after a failure.
type nextStep int

const (
	again nextStep = iota
	pauseFirst
	giveUp
)

// after says how to go on after a failure, and where the screen goes then.
func (p *placing) after(err error) nextStep {
	var f *Failure
	if !errors.As(err, &f) {
		return giveUp
	}
	switch f.Kind {
	case Gone:
		if p.edit == 0 {
			return giveUp
		}
		p.edit, p.strip = 0, 0
		return again
	case Migrated:
		p.chat = f.MigratedTo
		return again
	case Unknown:
		return p.afterUnknown()
	case NotSent, Server, Flood:
		return pauseFirst
	default:
		return giveUp
	}
}

// afterUnknown draws again by edit: an edit that was done already is none. A new card that may have been sent is not sent
// blindly again: the old card shows the screen instead. Where there is no old card, one more is better than silence.
func (p *placing) afterUnknown() nextStep {
	if p.edit == 0 {
		p.resends++
		p.edit, p.strip = p.strip, 0
	}
	if p.resends > 1 {
		return giveUp
	}
	return pauseFirst
}

func (in *Intake) pauseFor(err error, try int) time.Duration {
	var f *Failure
	if errors.As(err, &f) && f.Kind == Flood && in.bot.gate == nil {
		return f.RetryAfter
	}
	return pauseAfter(try + 1) // with a gate, that is where a flood is waited out
}

func (in *Intake) placeOnce(ctx context.Context, t *task, p *placing, screen flows.Screen) (flows.Placed, error) {
	if in.bot.gate != nil {
		unworthy := func(chat int64) bool { return in.mayNotWait(t, chat) }
		if err := in.bot.gate.tapUnless(ctx, p.chat, unworthy); err != nil {
			return flows.Placed{}, err
		}
	}
	if p.edit != 0 {
		return in.bot.Edit(ctx, p.chat, p.edit, screen)
	}
	return in.bot.Send(ctx, p.chat, screen)
}

// placed strips the older card once the new one stands.
func (in *Intake) placed(ctx context.Context, t *task, p *placing, card int) {
	if p.edit == 0 {
		t.card = card
	}
	if p.edit == 0 && p.strip != 0 && p.strip != card {
		in.cosmetic(t, in.bot.Strip(ctx, p.chat, p.strip))
	}
}

// cannotShow ends showing for a reason that trying again will not change.
func (in *Intake) cannotShow(ctx context.Context, t *task, err error) error {
	switch kindOf(err) {
	case Unreachable:
		return in.markUnreachable(ctx, t)
	case Unknown:
		return in.owe(ctx, t, err)
	}
	in.log.Error("a screen was refused", "update", t.event.UpdateID, "cause", classOf(err))
	_, err = in.bot.Send(ctx, t.event.Chat, noticeScreen(in.engine.Say(t.event.Language, "edge.cannot_show")))
	in.cosmetic(t, err)
	return nil
}

// afterwards is for what must still be done when the time for showing is over. It ends with the intake.
func (in *Intake) afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), in.options.TryLimit)
	release := context.AfterFunc(in.life, cancel)
	return limited, func() {
		release()
		cancel()
	}
}

// owe writes down that the person has not seen where he stands.
func (in *Intake) owe(ctx context.Context, t *task, cause error) error {
	if in.life.Err() != nil {
		return ErrStopping // not confirmed, so another process shows it
	}
	in.log.Warn("a screen could not be shown", "update", t.event.UpdateID, "cause", classOf(cause))
	if in.options.Owing == nil || !t.event.Private {
		return nil
	}
	ctx, cancel := in.afterwards(ctx)
	defer cancel()
	err := in.options.Owing.OweRedraw(ctx, t.event.From, t.event.UpdateID)
	if errors.Is(err, store.ErrNotFound) {
		return nil // a stranger: he will write again
	}
	if err == nil {
		in.metrics.redraws.Inc()
	}
	return err
}

func (in *Intake) markUnreachable(ctx context.Context, t *task) error {
	if in.options.Reachability == nil || !t.event.Private {
		return nil
	}
	ctx, cancel := in.afterwards(ctx)
	defer cancel()
	err := in.options.Reachability.MarkUnreachable(ctx, t.event.From)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// cosmetic notes a failure that changes nothing for the person.
func (in *Intake) cosmetic(t *task, err error) {
	if err != nil {
		in.log.Info("a nicety failed", "update", t.event.UpdateID, "cause", classOf(err))
	}
}
