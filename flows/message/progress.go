package message

import (
	"context"
	"errors"
	"time"

	"kinerja/flows"
	"kinerja/flows/job"
	"kinerja/locales"
	"kinerja/store"
)

// all is for how many a message is.
func all(m store.Message) int { return max(m.Expected, m.Written) }

// left is how many are still to get it.
func left(m store.Message) int { return max(0, all(m)-m.Sent-m.Failed-m.Held-m.Skipped) }

// show is a message that was sent: how far it is while it is under way, and what became of it.
func (c conversation) show(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	m, err := c.store.MessageFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	if m.State == store.MessageDraft {
		return c.draft(ctx, r)
	}
	lines := []string{r.T.HTML("message.show_title"), r.T.HTML("message.begins", locales.Args{"Excerpt": excerpt(r.T, m.Message)}),
		r.T.HTML("message.to", locales.Args{"Whom": toWhom(r.T, m, byCity(m, scope))}),
		r.T.HTML("message.by", locales.Args{"Author": m.Author, "At": r.T.LongMoment(*m.ConfirmedAt)}), "\n"}
	var rows [][]flows.Button
	if m.UnderWay() {
		lines = append(lines, c.progress(r, m.Message), countsLine(r, m.Message), c.untilLine(r, m.Message), "\n", r.T.HTML("message.goes_on"))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("message.refresh"), "message.watch", m.ID)))
		if m.MayStop {
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("message.stop"), "message.stop", m.ID).Styled(flows.Danger)))
		}
	} else {
		lines = append(lines, c.outcome(r, m), countsLine(r, m.Message))
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("message.read"), "message.read", m.ID), flows.Go(r.T.Plain("message.again"), "message.again", m.ID)))
	// Leaving takes the card away from whoever edits it, who would draw over what is shown in it next.
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, flows.To("message.leave", m.ID)))}, nil
}

func (c conversation) progress(r *flows.Request, m store.Message) string {
	return r.T.HTML("message.bar", locales.Args{"Bar": flows.Bar(m.Sent, all(m)), "Sent": r.T.Number(m.Sent), "All": r.T.Number(all(m))})
}

// countsLine tells who does not have it, and why; "" when nobody lacks it.
func countsLine(r *flows.Request, m store.Message) string {
	text := ""
	for _, one := range []struct {
		key string
		n   int
	}{{"message.count_left", left(m)}, {"message.count_failed", m.Failed}, {"message.count_held", m.Held}, {"message.count_skipped", m.Skipped}} {
		if one.n == 0 || one.key == "message.count_left" && !m.UnderWay() || one.key == "message.count_skipped" && m.State == store.MessageStopped {
			continue
		}
		if text != "" {
			text += " · "
		}
		text += r.T.HTML(one.key, locales.Args{"Number": r.T.Number(one.n)})
	}
	return text
}

// outcome tells what became of a message that is not under way any more.
func (c conversation) outcome(r *flows.Request, m store.MessageView) string {
	rest := max(0, all(m.Message)-m.Sent-m.Failed-m.Held-m.Waiting)
	args := locales.Args{"Sent": r.T.Number(m.Sent), "All": r.T.Number(all(m.Message)), "Rest": r.T.Number(rest), "By": m.Stopper}
	switch {
	case m.State == store.MessageDone:
		return r.T.HTML("message.done", args)
	case m.UnderWay():
		return c.progress(r, m.Message)
	}
	hand := ""
	if m.Waiting > 0 {
		hand = r.T.HTML("message.in_hand", locales.Args{"Number": r.T.Number(m.Waiting)})
	}
	key := "message.stopped"
	switch {
	case m.Why != "":
		key += "_" + m.Why
	case m.StoppedBy == r.Actor.PersonID:
		key += "_you"
	}
	return flows.Lines(r.T.HTML(key, args), r.T.HTML("message.stopped_count", args), hand)
}

// whenLine says before it is sent when it begins and how long it takes.
func (c conversation) whenLine(r *flows.Request, people int) string {
	begins := c.allowed(r.Now)
	start := r.T.HTML("message.now")
	if begins.After(r.Now) {
		start = r.T.HTML("message.from", locales.Args{"Moment": r.T.LongMoment(begins)})
	}
	return flows.Lines(r.T.HTML("message.when", locales.Args{"Start": locales.HTML(start), "Time": c.estimate(r, people)}), c.restLine(r, begins, people))
}

// untilLine says of one that is under way when it goes on and how long it takes; "" when that is known no better than soon.
func (c conversation) untilLine(r *flows.Request, m store.Message) string {
	if n := left(m); n > 0 {
		if m.DueAt.After(r.Now) {
			return r.T.HTML("message.begins_at", locales.Args{"Moment": r.T.LongMoment(*m.DueAt)})
		}
		if goes := c.allowed(r.Now); goes.After(r.Now) {
			return r.T.HTML("message.goes_on_at", locales.Args{"Moment": r.T.LongMoment(goes)})
		}
		return flows.Lines(r.T.HTML("message.time_left", locales.Args{"Time": c.estimate(r, n)}), c.restLine(r, r.Now, n))
	}
	return ""
}

// restLine says when those get it who come after the hours in which people may be disturbed; "" when all come before.
func (c conversation) restLine(r *flows.Request, begins time.Time, people int) string {
	ends := begins.Add(time.Duration(people/c.perSecond) * time.Second)
	if rest := c.allowed(ends); rest.After(ends) {
		return r.T.HTML("message.rest_at", locales.Args{"Moment": r.T.LongMoment(rest)})
	}
	return ""
}

func (c conversation) estimate(r *flows.Request, people int) string {
	minutes := (people/c.perSecond + 59) / 60
	if minutes < 2 {
		return r.T.Plain("message.time_soon")
	}
	return r.T.Plain("message.time", locales.Args{"Minutes": r.T.Number(minutes)})
}

// read is the whole of a message, as its readers have it.
func (c conversation) read(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	m, err := c.store.MessageFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	if m.State == store.MessageDraft {
		return c.draft(ctx, r)
	}
	text := frame(r.T, m.Message, m.Text)
	if with := fileLine(r, m.Message); with != "" { // which a text has room for that is short enough for a caption
		text = flows.Lines(with, "\n", text)
	}
	return flows.Screen{Text: text, Rows: [][]flows.Button{backTo(r, flows.To("message.show", m.ID))}}, nil
}

// askStop says what stopping does.
func (c conversation) askStop(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	m, err := c.store.MessageFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	switch {
	case err != nil:
		return flows.Screen{}, err
	case m.State == store.MessageDraft, !m.MayStop:
		return flows.Screen{}, store.ErrNotFound
	case !m.UnderWay():
		return c.show(ctx, r)
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("message.stop_title"), r.T.HTML("message.begins", locales.Args{"Excerpt": excerpt(r.T, m.Message)}), "\n",
			r.T.HTML("message.stop_ask", locales.Args{"Sent": r.T.Number(m.Sent), "Left": r.T.Number(left(m.Message))})),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("message.stop_yes"), "message.stopnow", m.ID).Styled(flows.Danger)), backTo(r, flows.To("message.show", m.ID)),
		},
	}, nil
}

// stop ends a message for those who do not have it yet.
func (c conversation) stop(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	err := c.store.StopMessage(ctx, r.Actor.PersonID, r.Args.ID(0))
	return flows.Outcome{To: flows.To("message.show", r.Args.ID(0))}, err
}

// watch shows the progress in the message that was tapped, and lets it be edited there.
func (c conversation) watch(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.place(ctx, r, store.Place{ChatID: r.Chat, MessageID: r.Message}, flows.To("message.show", r.Args.ID(0)))
}

func (c conversation) leave(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.place(ctx, r, store.Place{}, flows.To("message.home", 1))
}

func (c conversation) place(ctx context.Context, r *flows.Request, where store.Place, to flows.Link) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: to}, c.store.ShowMessage(ctx, r.Actor.PersonID, r.Args.ID(0), where)
}

// again begins a draft with the content of a message.
func (c conversation) again(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	m, err := c.store.CopyMessage(ctx, r.Actor.PersonID, r.Args.ID(0))
	return flows.Outcome{To: flows.To("message.draft", m.ID), Toast: r.T.Plain("message.copied")}, err
}

// Chunks is what the work of messages needs of the records.
type Chunks interface {
	SendMessageChunk(ctx context.Context, owner string, jobID int64, lease time.Duration, perSecond int) (store.Job, error)
}

// Works is the long work of messages, for the runner of jobs: it writes down for whom each is. perSecond is Pace.
func Works(s Chunks, perSecond int) map[string]job.Work {
	return map[string]job.Work{store.JobSendMessage: {Chunk: func(ctx context.Context, owner string, jobID int64, lease time.Duration) (store.Job, error) {
		return s.SendMessageChunk(ctx, owner, jobID, lease, perSecond)
	}}}
}

// Settler is what the clock of messages needs of the records.
type Settler interface {
	SettleMessages(ctx context.Context) ([]store.Message, error)
	Hold(ctx context.Context, name, owner string, ttl time.Duration) (bool, error)
}

const (
	duty = "messages"
	// showEvery is how often a card that shows progress is edited.
	showEvery = 3 * time.Second
)

// Clock ends messages that everybody has, takes back what is left of those that were stopped, and shows on their cards how far they are. One process
// at a time does it, so that a card is edited once; several do no harm.
func Clock(s Settler, shower job.Shower, owner string, every time.Duration, warn func(error)) func(ctx context.Context) error {
	if every == 0 {
		every = showEvery
	}
	return func(ctx context.Context) error {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			if err := Settle(ctx, s, shower, owner, 5*every); err != nil && ctx.Err() == nil {
				warn(err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
		}
	}
}

// Settle is one look of Clock, by the owner of its lease. That a card cannot be shown stops nothing: its page draws the present state whenever it is opened.
func Settle(ctx context.Context, s Settler, shower job.Shower, owner string, lease time.Duration) error {
	ours, err := s.Hold(ctx, duty, owner, lease)
	if err != nil || !ours {
		return err
	}
	changed, err := s.SettleMessages(ctx)
	var hidden error
	for _, m := range changed {
		if m.CardID != 0 {
			hidden = errors.Join(hidden, shower.Show(ctx, m.ChatID, m.CardID, flows.To("message.show", m.ID)))
		}
	}
	return errors.Join(err, hidden)
}
