package message

import (
	"context"
	"errors"
	"slices"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	// longestShown is how much of a text stands on a card that has more to say.
	longestShown = 1200
	// longestFileName fits the record.
	longestFileName = 120
)

// askText asks for the text, and for a picture or file with it.
func (c conversation) askText(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	m, err := c.ownDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	back := flows.To("message.draft", m.ID)
	if m.Empty() {
		back = flows.To("message.whom", m.ID)
	}
	signed, err := c.signed(ctx, r, m.Message)
	if err != nil {
		return flows.Screen{}, err
	}
	most, rows := r.T.Number(room(r.T, signed)), [][]flows.Button{backTo(r, back)}
	if m.FileKind != "" {
		rows = slices.Insert(rows, 0, flows.Row(flows.Go(r.T.Plain("message.detach_"+string(m.FileKind)), "message.detach", m.ID)))
	}
	if m.FileKind != "" && m.Text == "" {
		rows = slices.Insert(rows, 0, flows.Row(flows.Go(r.T.Plain("message.without_text"), "message.draft", m.ID)))
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("message.write_title"), r.T.HTML("message.to", locales.Args{"Whom": toWhom(r.T, m, scope.City())}), fileLine(r, m.Message), "\n",
			r.T.HTML("message.write_ask", locales.Args{"Limit": most}), r.T.HTML("message.write_file"), "\n", r.T.HTML("message.nothing_yet")),
		Rows: rows,
	}, nil
}

// saveText stores what was typed.
func (c conversation) saveText(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.keepText(ctx, r, tidy(r.Text))
}

// replaceText stores what was typed where nobody had asked for it.
func (c conversation) replaceText(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if r.Unasked == "" {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("message.type_again"), flows.To("message.write", r.Args.ID(0)))
	}
	return c.keepText(ctx, r, tidy(r.Unasked))
}

func (c conversation) keepText(ctx context.Context, r *flows.Request, text string) (flows.Outcome, error) {
	m, err := c.ownDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	if err := c.fits(ctx, r, m.Message, text, "message.too_long"); err != nil {
		return flows.Outcome{}, err
	}
	if err := c.store.WriteMessage(ctx, r.Actor.PersonID, m.ID, text); err != nil {
		return flows.Outcome{}, explain(r, m.ID, err)
	}
	return flows.Outcome{To: flows.To("message.draft", m.ID)}, nil
}

// fits refuses a text for which there is no room, by a sentence that says how long it may be.
func (c conversation) fits(ctx context.Context, r *flows.Request, m store.Message, text, sentence string) error {
	signed, err := c.signed(ctx, r, m)
	if err != nil {
		return err
	}
	if most := room(r.T, signed); units(text) > most {
		if m.FileKind != "" && sentence == "message.too_long" {
			sentence = "message.too_long_caption"
		}
		return flows.Refuse(r.T.Plain(sentence, locales.Args{"Number": r.T.Number(units(text)), "Limit": r.T.Number(most)}), flows.Link{})
	}
	return nil
}

// attach takes a picture or a file, with its caption as the text where it has one.
func (c conversation) attach(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	m, err := c.ownDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	if r.File.Album {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("message.no_album"), flows.Link{})
	}
	kind, caption := store.Document, tidy(r.File.Caption)
	if r.Kind == flows.Photo {
		kind = store.Picture
	}
	with, text := m.Message, m.Text
	with.FileKind = kind
	if caption != "" {
		text = caption
	}
	if err := c.fits(ctx, r, with, text, "message.too_long_for_file"); err != nil {
		return flows.Outcome{}, err
	}
	name := words.Shortened(r.File.Name, longestFileName)
	if err := c.store.AttachToMessage(ctx, r.Actor.PersonID, m.ID, kind, r.File.ID, name, caption); err != nil {
		return flows.Outcome{}, explain(r, m.ID, err)
	}
	if text == "" { // what is typed next is its text
		return flows.Outcome{To: flows.To("message.write", m.ID)}, nil
	}
	return flows.Outcome{To: flows.To("message.draft", m.ID)}, nil
}

// detach takes picture or file away again.
func (c conversation) detach(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	m, err := c.ownDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	if err := c.store.DetachFromMessage(ctx, r.Actor.PersonID, m.ID); err != nil {
		return flows.Outcome{}, explain(r, m.ID, err)
	}
	done := flows.Outcome{To: flows.To("message.draft", m.ID), Toast: r.T.Plain("message.detached")}
	if m.Text == "" {
		done.To = flows.To("message.write", m.ID)
	}
	return done, nil
}

// draft is a message that is not sent yet, as its readers would see it, with all that can be changed.
func (c conversation) draft(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	m, err := c.ownDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	preview, err := c.preview(ctx, r, m.Message)
	if err != nil {
		return flows.Screen{}, err
	}
	to := r.T.HTML("message.to", locales.Args{"Whom": toWhom(r.T, m, scope.City())})
	lines := []string{r.T.HTML("message.draft_title"), to, "\n", preview, "\n", lostLine(r, m.Message)}
	var rows [][]flows.Button
	label := "message.change_text"
	if m.Text == "" {
		label = "message.write_text"
	}
	write, whom := flows.Go(r.T.Plain(label), "message.write", m.ID), flows.Go(r.T.Plain("message.change_whom"), "message.whom", m.ID)
	switch {
	case m.Empty():
		write = write.Styled(flows.Confirm)
	case !m.Addressed():
		whom = whom.Styled(flows.Confirm)
	case !m.FileLost:
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("message.go_on"), "message.sure", m.ID).Styled(flows.Confirm)))
	}
	rows = append(rows, flows.Row(write, whom))
	if m.FileKind != "" {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("message.detach_"+string(m.FileKind)), "message.detach", m.ID)))
	} else {
		lines = append(lines, r.T.HTML("message.attach_hint"))
	}
	if !m.Empty() && m.Addressed() && !m.FileLost {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("message.sample"), "message.sample", m.ID)))
	}
	lines = append(lines, r.T.HTML("message.nothing_yet"))
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("message.drop"), "message.drop", m.ID)), backTo(r, flows.To("message.home", 1)))
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows, ForText: flows.Go(r.T.Plain("message.use_text"), "message.retext", m.ID)}, nil
}

// lostLine says that a picture or file must be sent anew; "" when it need not.
func lostLine(r *flows.Request, m store.Message) string {
	if !m.FileLost {
		return ""
	}
	return r.T.HTML("message.file_lost")
}

// preview is what a reader sees, within a card: all of it, unless it is long.
func (c conversation) preview(ctx context.Context, r *flows.Request, m store.Message) (string, error) {
	signed, err := c.signed(ctx, r, m)
	if err != nil {
		return "", err
	}
	shown, more := words.Shortened(m.Text, longestShown), ""
	if shown != m.Text {
		more = r.T.HTML("message.shortened")
	}
	quoted := "<blockquote>" + frame(r.T, signed, shown) + "</blockquote>"
	return flows.Lines(fileLine(r, m), quoted, more), nil
}

// fileLine names what goes with a message; "" for nothing.
func fileLine(r *flows.Request, m store.Message) string {
	switch m.FileKind {
	case store.Picture:
		return r.T.HTML("message.with_picture")
	case store.Document:
		return r.T.HTML("message.with_file", locales.Args{"Name": m.FileName})
	}
	return ""
}

// sample sends the draft to its author, as all others would get it.
func (c conversation) sample(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	m, err := c.ownDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Outcome{}, err
	}
	isNew, err := c.store.SampleMessage(ctx, r.Actor.PersonID, m.ID)
	if err != nil {
		return flows.Outcome{}, explain(r, m.ID, err)
	}
	toast := "message.sample_comes"
	if !isNew {
		toast = "message.sample_on_its_way"
	}
	return flows.Outcome{To: flows.To("message.draft", m.ID), Toast: r.T.Plain(toast)}, nil
}

// sure says whom it reaches and when, before it is sent.
func (c conversation) sure(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	m, err := c.ownDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	if m.Empty() || !m.Addressed() || m.FileLost {
		return c.draft(ctx, r) // which says what is missing
	}
	reach, err := c.store.ReachOf(ctx, r.Actor.PersonID, m.ID)
	if errors.Is(err, store.ErrNotFound) { // the audience is not his any more
		return flows.Screen{}, flows.Refuse(r.T.Plain("message.not_yours"), flows.To("message.whom", m.ID))
	}
	if err != nil {
		return flows.Screen{}, explain(r, m.ID, err)
	}
	preview, err := c.preview(ctx, r, m.Message)
	if err != nil {
		return flows.Screen{}, err
	}
	title := r.T.HTML("message.sure_title")
	to := r.T.HTML("message.to", locales.Args{"Whom": toWhom(r.T, m, scope.City())})
	back := backTo(r, flows.To("message.draft", m.ID))
	if reach.None() {
		return flows.Screen{Text: flows.Lines(title, to, "\n", r.T.HTML("message.nobody"), othersLine(r, reach)), Rows: [][]flows.Button{back}}, nil
	}
	number := locales.Args{"Number": r.T.Number(reach.Linked)}
	finished := ""
	if m.Audience == store.ToUnfinished {
		finished = r.T.HTML("message.finished_not")
	}
	return flows.Screen{
		Text: flows.Lines(title, to, r.T.HTML("message.reaches", number), othersLine(r, reach), c.whenLine(r, reach.Linked), finished, "\n",
			preview, "\n", r.T.HTML("message.sure_ask")),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("message.send", number), "message.send", m.ID, m.Revision).Styled(flows.Danger)), back},
	}, nil
}

// othersLine tells how many do not get it; "" when all do.
func othersLine(r *flows.Request, reach store.Reach) string {
	args := locales.Args{"NotLinked": r.T.Number(reach.NotLinked), "Blocked": r.T.Number(reach.Blocked)}
	switch {
	case reach.NotLinked > 0 && reach.Blocked > 0:
		return r.T.HTML("message.others_both", args)
	case reach.NotLinked > 0:
		return r.T.HTML("message.others_unlinked", args)
	case reach.Blocked > 0:
		return r.T.HTML("message.others_blocked", args)
	}
	return ""
}

// send sends what was shown.
func (c conversation) send(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	id := r.Args.ID(0)
	err := c.store.SendMessage(ctx, r.Actor.PersonID, id, r.Args.Int(1), store.Place{ChatID: r.Chat, MessageID: r.Message}, c.allowed(r.Now))
	if errors.Is(err, store.ErrNotFound) {
		if m, again := c.store.MessageFor(ctx, r.Actor.PersonID, id); again == nil && m.Mine && m.State == store.MessageDraft {
			return flows.Outcome{}, flows.Refuse(r.T.Plain("message.not_yours"), flows.To("message.whom", id))
		}
	}
	if err != nil {
		return flows.Outcome{}, explain(r, id, err)
	}
	return flows.Outcome{To: flows.To("message.show", id)}, nil
}

// askDrop asks once more before a draft is thrown away.
func (c conversation) askDrop(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	m, err := c.ownDraft(ctx, r, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("message.draft_title"), r.T.HTML("message.begins", locales.Args{"Excerpt": excerpt(r.T, m.Message)}), "\n",
			r.T.HTML("message.drop_ask")),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("message.drop_yes"), "message.dropnow", m.ID).Styled(flows.Danger)), backTo(r, flows.To("message.draft", m.ID)),
		},
	}, nil
}

// drop throws a draft away.
func (c conversation) drop(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	there, err := flows.To("message.home", 1), c.store.DiscardMessage(ctx, r.Actor.PersonID, r.Args.ID(0))
	if errors.Is(err, store.ErrNotFound) { // a second tap; of one that is not his he is told the same
		return flows.Outcome{To: there, Toast: r.T.Plain("message.gone")}, nil
	}
	if err != nil {
		return flows.Outcome{}, explain(r, r.Args.ID(0), err)
	}
	return flows.Outcome{To: there, Toast: r.T.Plain("message.dropped")}, nil
}
