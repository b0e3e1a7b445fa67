// Package message lets administrators write to many people at once: to everybody, to a unit, to who has not finished, to administrators.
//
// What they write is an announcement of the office and about nobody in particular, so that it may be forwarded and saved, unlike all else that the
// bot sends. Its readers see who sends it, and that it needs no answer.
package message

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what messages need of the records. Each method answers for what the administrator may see and do only.
type Store interface {
	AdminScope(ctx context.Context, personID int64) (store.Scope, error)
	Messages(ctx context.Context, adminID int64, offset, limit int) ([]store.MessageView, int, error)
	MessageFor(ctx context.Context, adminID, id int64) (store.MessageView, error)
	OpenPeriodsOf(ctx context.Context, adminID int64) ([]store.AdminPeriod, error)
	SenderOf(ctx context.Context, adminID, unitID int64) (store.Sender, error)
	ReachOf(ctx context.Context, adminID, id int64) (store.Reach, error)

	AddressMessage(ctx context.Context, adminID, id int64, to store.Audience, unitID, periodID int64) (store.Message, error)
	WriteMessage(ctx context.Context, adminID, id int64, text string) error
	AttachToMessage(ctx context.Context, adminID, id int64, kind store.FileKind, fileID, name, caption string) error
	DetachFromMessage(ctx context.Context, adminID, id int64) error
	DiscardMessage(ctx context.Context, adminID, id int64) error
	CopyMessage(ctx context.Context, adminID, id int64) (store.Message, error)
	SampleMessage(ctx context.Context, adminID, id int64) (bool, error)
	SendMessage(ctx context.Context, adminID, id int64, revision int, place store.Place, due time.Time) error
	StopMessage(ctx context.Context, adminID, id int64) error
	ShowMessage(ctx context.Context, adminID, id int64, place store.Place) error

	SampleFor(ctx context.Context, adminID, id int64) (store.Message, error)
	MessageTo(ctx context.Context, personID, id int64) (store.Message, bool, error)
	MessageOf(ctx context.Context, authorID, id int64) (store.MessageView, error)
}

type conversation struct {
	store     Store
	allowed   func(time.Time) time.Time
	perSecond int
}

const (
	messagesPerPage = 5
	unitsPerPage    = 5
	periodsShown    = 6
)

// Pace is how many readers of a message are due each second, of so many messages that the whole bot sends: a fifth is left to all others.
func Pace(sendRate int) int { return max(1, sendRate*4/5) }

// Register adds the conversation to the engine. allowed is the first moment from another on at which people may be disturbed, perSecond is Pace.
func Register(e *flows.Engine, s Store, allowed func(time.Time) time.Time, perSecond int) {
	c := conversation{store: s, allowed: allowed, perSecond: perSecond}
	text := func(action string) flows.RouteOption { return flows.Accepts(flows.Text, action) }
	picture, file := flows.Accepts(flows.Photo, "message.picture"), flows.Accepts(flows.File, "message.file")

	e.Page("message.home", "n", c.home)
	e.Page("message.whom", "unit", c.askWhom) // draft; 0 for a new one, as below
	e.Page("message.unit", "unit word unit n", c.askUnit, text("message.findunit"))
	e.Action("message.findunit", "unit word unit n", c.findUnit)
	e.Page("message.unitsfound", "unit word n", c.unitsFound, text("message.findagain"))
	e.Action("message.findagain", "unit word n", c.findUnit)
	e.Page("message.period", "unit unit", c.askPeriod)
	e.Action("message.to", "unit word unit unit", c.address) // audience, unit, period

	e.Page("message.write", "id", c.askText, text("message.text"), picture, file)
	e.Action("message.text", "id", c.saveText)
	e.Action("message.retext", "id", c.replaceText)
	e.Action("message.picture", "id", c.attach)
	e.Action("message.file", "id", c.attach)
	e.Page("message.draft", "id", c.draft, picture, file)
	e.Action("message.detach", "id", c.detach)
	e.Action("message.sample", "id", c.sample)
	e.Page("message.sure", "id", c.sure)
	e.Action("message.send", "id n", c.send) // revision
	e.Page("message.drop", "id", c.askDrop)
	e.Action("message.dropnow", "id", c.drop)

	e.Page("message.show", "id", c.show)
	e.Page("message.read", "id", c.read)
	e.Page("message.stop", "id", c.askStop)
	e.Action("message.stopnow", "id", c.stop)
	e.Action("message.watch", "id", c.watch)
	e.Action("message.leave", "id", c.leave)
	e.Action("message.again", "id", c.again)

	e.Message(store.KindMessage, "id", c.tell)
	e.Message(store.KindMessageSample, "id", c.tellSample)
	e.Message(store.KindMessageNews, "id", c.tellNews)
}

// administrator returns what a person administers, and refuses whoever administers nothing.
func (c conversation) administrator(ctx context.Context, r *flows.Request) (store.Scope, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err == nil && scope.None() {
		err = flows.Refuse(r.T.Plain("admin.only"), flows.To("menu"))
	}
	return scope, err
}

// home lists what was written, the drafts first, and leads to a new message.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	list, total, page, pages, err := flows.ReadPart(r.Args.Int(0), messagesPerPage, func(offset, limit int) ([]store.MessageView, int, error) {
		return c.store.Messages(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("message.home_title"), scopeLine(r.T, scope), "\n"}
	if total == 0 {
		lines = append(lines, r.T.HTML("message.none"))
	}
	var numbers []flows.Button
	for i, m := range list {
		number := strconv.Itoa((page-1)*messagesPerPage + i + 1)
		lines = append(lines, r.T.HTML("message.line", locales.Args{"Number": number, "Mark": mark(m.Message), "Excerpt": excerpt(r.T, m.Message),
			"How": locales.HTML(c.briefly(r, m))}))
		numbers = append(numbers, flows.Button{Label: number, To: linkOf(m.Message)})
	}
	screen := flows.Screen{Text: flows.Lines(lines...)}
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("message.new"), "message.whom", 0).Styled(flows.Confirm)))
	if len(numbers) > 0 {
		screen.Rows = append(screen.Rows, numbers)
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("message.home", n) })...)
	screen.Rows = append(screen.Rows, backTo(r, flows.To("admin.home")))
	return screen, nil
}

// linkOf is the page of a message.
func linkOf(m store.Message) flows.Link {
	if m.State == store.MessageDraft {
		return flows.To("message.draft", m.ID)
	}
	return flows.To("message.show", m.ID)
}

// mark is the sign of a state. It always stands beside words.
func mark(m store.Message) string {
	return map[store.MessageState]string{store.MessageDraft: "✏️", store.MessagePreparing: "⏳", store.MessageSending: "⏳", store.MessageDone: "✅",
		store.MessageStopped: "⏹"}[m.State]
}

const longestExcerpt = 60

// excerpt is how a message begins.
func excerpt(t *locales.Translator, m store.Message) string {
	text := strings.Join(strings.Fields(m.Text), " ")
	switch {
	case text != "":
		return words.Shortened(text, longestExcerpt)
	case m.FileKind == store.Picture:
		return t.Plain("message.only_picture")
	case m.FileKind == store.Document:
		return words.Shortened(m.FileName, longestExcerpt)
	}
	return t.Plain("message.no_text")
}

// briefly is one line about a message: how far it is, who wrote it and when.
func (c conversation) briefly(r *flows.Request, m store.MessageView) string {
	if m.State == store.MessageDraft {
		return r.T.HTML("message.is_draft")
	}
	author := m.Author
	if m.Mine {
		author = r.T.Plain("message.you")
	}
	return r.T.HTML("message.how_"+stateKey(m.Message), locales.Args{"Sent": r.T.Number(m.Sent), "All": r.T.Number(all(m.Message)),
		"Author": author, "At": r.T.Moment(*m.ConfirmedAt)})
}

// stateKey is the state in keys of sentences: that it is being written down is nothing for a reader.
func stateKey(m store.Message) string {
	if m.State == store.MessagePreparing {
		return string(store.MessageSending)
	}
	return string(m.State)
}

// toWhom tells the audience in words.
func toWhom(t *locales.Translator, m store.MessageView, city bool) string {
	args := locales.Args{"Unit": m.Unit, "Period": words.PeriodName(t, m.Kind, m.First)}
	key := "message.to_" + string(m.Audience)
	switch {
	case m.Audience == "":
		key = "message.to_nobody"
	case m.Audience == store.ToAll, m.Audience == store.ToUnit:
	case m.UnitID == 0:
		key += "_city"
	case m.Audience == store.ToAdministrators && !city:
		key += "_both"
	}
	return t.Plain(key, args)
}

// byCity reports whether who administers the city wrote a message.
func byCity(m store.MessageView, mine store.Scope) bool {
	if m.State == store.MessageDraft {
		return mine.City()
	}
	return m.SenderOver == ""
}

func scopeLine(t *locales.Translator, scope store.Scope) string {
	if scope.City() {
		return t.HTML("admin.scope_city")
	}
	names := ""
	for i, unit := range scope.Roots() {
		if i > 0 {
			names += ", "
		}
		names += unit.Name
	}
	return t.HTML("admin.scope_unit", locales.Args{"Unit": names})
}

func backTo(r *flows.Request, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

// explain tells why a draft could not be changed or sent.
func explain(r *flows.Request, id int64, err error) error {
	switch {
	case errors.Is(err, store.ErrMessageSent):
		return flows.Refuse(r.T.Plain("message.is_sent"), flows.To("message.show", id))
	case errors.Is(err, store.ErrFileLost):
		return flows.Refuse(r.T.Plain("message.file_lost"), flows.To("message.draft", id))
	case errors.Is(err, store.ErrNobody):
		return flows.Refuse(r.T.Plain("message.nobody"), flows.To("message.sure", id))
	case errors.Is(err, store.ErrClosed):
		return flows.Refuse(r.T.Plain("message.period_closed"), flows.To("message.whom", id))
	case errors.Is(err, store.ErrConflict):
		return flows.Refuse(r.T.Plain("message.changed"), flows.To("message.draft", id))
	}
	return err
}
