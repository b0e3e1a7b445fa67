package flows_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/dialogue"
)

// shop is a toy conversation: a counter for each person, a page that shows it, actions that set it, a note that is typed.
type shop struct {
	engine  *flows.Engine
	redis   *miniredis.Miniredis
	now     time.Time
	ran     int // how often the action ran
	values  map[int64]string
	linked  map[int64]bool
	updates int64
}

const anna, stranger = int64(11), int64(99)

type testingT interface {
	Helper()
	Fatalf(string, ...any)
}

// opening is what opening a shop needs of a test.
type opening interface {
	testingT
	miniredis.Tester
}

func open(t opening) *shop {
	t.Helper()
	redisServer := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: redisServer.Addr()})
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	})
	catalog, err := locales.Load(time.UTC)
	if err != nil {
		t.Fatalf("sentences: %v", err)
	}
	s := &shop{redis: redisServer, now: time.Date(2027, 1, 4, 2, 0, 0, 0, time.UTC), values: map[int64]string{}, linked: map[int64]bool{anna: true}, updates: 500}
	s.engine = flows.NewEngine(s, dialogue.New(client, ""), catalog, func() time.Time { return s.now })
	s.register()
	return s
}

func (s *shop) register() {
	e := s.engine
	e.Home(func(a store.Actor) flows.Link {
		if a.Known() {
			return flows.To("menu")
		}
		return flows.To("welcome")
	})
	e.Page("welcome", "", func(context.Context, *flows.Request) (flows.Screen, error) { return flows.Screen{Text: "welcome"}, nil }, flows.ForStrangers)
	e.Page("menu", "", func(_ context.Context, r *flows.Request) (flows.Screen, error) {
		return flows.Screen{Text: "menu " + s.values[r.From]}, nil
	})
	e.Page("note", "id", func(_ context.Context, r *flows.Request) (flows.Screen, error) {
		if r.Args.ID(0) > 9 {
			return flows.Screen{}, store.ErrNotFound
		}
		return flows.Screen{Text: fmt.Sprintf("note %d %s", r.Args.ID(0), s.values[r.From])}, nil
	}, flows.Accepts(flows.Text, "save"))
	e.Action("save", "id", func(_ context.Context, r *flows.Request) (flows.Outcome, error) {
		s.ran++
		s.values[r.From] = r.Text
		return flows.Outcome{To: flows.To("menu"), Toast: "saved"}, nil
	})
	e.Action("set", "word", func(_ context.Context, r *flows.Request) (flows.Outcome, error) {
		s.ran++
		s.values[r.From] = r.Args.Word(0)
		return flows.Outcome{To: flows.To("menu"), Toast: "set"}, nil
	})
	e.Page("shelf", "id", func(_ context.Context, r *flows.Request) (flows.Screen, error) {
		return flows.Screen{Text: fmt.Sprintf("shelf %d %s", r.Args.ID(0), s.values[r.From]), Rows: [][]flows.Button{flows.Row(flows.Go("Menu", "menu"))},
			ForText: flows.Go("Put there", "put", r.Args.ID(0))}, nil
	})
	e.Action("put", "id", func(_ context.Context, r *flows.Request) (flows.Outcome, error) {
		s.ran++
		s.values[r.From] = r.Unasked
		return flows.Outcome{To: flows.To("menu"), Toast: "put"}, nil
	})
	e.Action("refuse", "", func(context.Context, *flows.Request) (flows.Outcome, error) {
		return flows.Outcome{}, flows.Refuse("no, because", flows.To("note", 3))
	})
	e.Command(flows.To("menu"), "mulai", "start")
}

func (s *shop) ActorByTelegram(_ context.Context, id int64) (store.Actor, error) {
	if !s.linked[id] {
		return store.Actor{}, store.ErrNotFound
	}
	return store.Actor{PersonID: id, TelegramID: id, Language: "id"}, nil
}

func (s *shop) Returned(context.Context, store.Actor) error { return nil }

// does lets a person do something new and shows him what follows.
func (s *shop) does(t testingT, who int64, ev flows.Event) *flows.Turn {
	t.Helper()
	s.updates++
	ev.UpdateID, ev.From, ev.Private = s.updates, who, true
	return s.deliver(t, ev)
}

func (s *shop) deliver(t testingT, ev flows.Event) *flows.Turn {
	t.Helper()
	turn, err := s.engine.Begin(context.Background(), ev)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	if err := turn.Shown(context.Background(), flows.Placed{Message: 42, At: s.now}); err != nil {
		t.Fatalf("shown: %v", err)
	}
	return turn
}

func tap(data string) flows.Event   { return flows.Event{Kind: flows.Tap, Data: data, Message: 7} }
func text(words string) flows.Event { return flows.Event{Kind: flows.Text, Text: words, Message: 8} }

func wants(t *testing.T, turn *flows.Turn, screen string) {
	t.Helper()
	if !strings.Contains(turn.Screen.Text, screen) {
		t.Errorf("screen says %q, want %q in it", turn.Screen.Text, screen)
	}
}

func TestATapChangesTheTappedMessageAndSaysWhatHappened(t *testing.T) {
	turn := open(t).does(t, anna, tap("set:tea"))
	wants(t, turn, "menu tea")
	if turn.Edit != 7 || turn.Toast != "set" {
		t.Errorf("edits %d with toast %q, want 7 and set", turn.Edit, turn.Toast)
	}
}

func TestATypedAnswerGoesToThePageAndGetsANewCard(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("note:3"))
	turn := s.does(t, anna, text("hello"))
	wants(t, turn, "menu hello")
	if turn.Edit != 0 || turn.Strip != 42 {
		t.Errorf("edit %d, strip %d; want a new card and the old one stripped", turn.Edit, turn.Strip)
	}
}

// sent is a text that left the person at a moment.
func sent(words string, at time.Time) flows.Event {
	ev := text(words)
	ev.Sent = at.Unix()
	return ev
}

func TestATextThatLeftBeforeTheQuestionWasShownIsNotItsAnswer(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("note:3")) // shown at s.now
	wants(t, s.does(t, anna, sent("for another question", s.now.Add(-time.Second))), "Pesan Anda terkirim sebelum")
	wants(t, s.does(t, anna, sent("for another question", s.now)), "Pesan Anda terkirim bersamaan") // the refusal drew the question anew
	if s.values[anna] != "" {
		t.Fatalf("stored %q", s.values[anna])
	}
	wants(t, s.does(t, anna, sent("an answer", s.now.Add(time.Second))), "menu an answer")
}

func TestATextInTheSecondOfItsQuestionIsAnAnswerWhenNothingElseCanBeMeant(t *testing.T) {
	for name, c := range map[string]struct {
		before []flows.Event // the last of them shows note 3, at s.now
		answer bool
	}{
		"his own tap, from where nothing was asked":    {[]flows.Event{tap("menu"), tap("note:3")}, true},
		"his own tap, from where nobody knows":         {[]flows.Event{tap("note:3")}, false},
		"his own tap twice, while another was open":    {[]flows.Event{tap("menu"), tap("note:4"), tap("note:3"), tap("note:3")}, false},
		"his own tap, while another question was open": {[]flows.Event{tap("note:4"), tap("note:3")}, false},
		"a refused text drew the question":             {[]flows.Event{tap("note:3"), {Kind: flows.Edited, Text: "x"}}, false},
		"a command came between":                       {[]flows.Event{tap("note:3"), {Kind: flows.Command, Command: "?"}, tap("note:4"), tap("note:3")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			for _, ev := range c.before {
				s.does(t, anna, ev)
			}
			turn := s.does(t, anna, sent("31-12-2026", s.now))
			if took := s.values[anna] == "31-12-2026"; took != c.answer {
				t.Errorf("taken: %t, want %t; the screen says %q", took, c.answer, turn.Screen.Text)
			}
		})
	}
	t.Run("sent before the tap", func(t *testing.T) {
		s := open(t)
		s.updates++ // the text is on its way
		s.does(t, anna, tap("note:3"))
		overtaken := sent("x", s.now)
		overtaken.UpdateID, overtaken.From, overtaken.Private = s.updates-1, anna, true
		wants(t, s.deliver(t, overtaken), "Pesan Anda terkirim bersamaan")
	})
}

// Whatever he taps and types in whatever second, a text is never stored as the answer to a question that he cannot have seen: it was sent
// after the question was shown, or in the very second of it by who tapped for it himself and had been asked nothing else before.
func TestNoTextAnswersAQuestionThatItsSenderCannotHaveSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := open(t)
		var question string   // that his card asks, "" for none
		var shown, only int64 // since when, and the second in which he alone knew what was asked; 0 for never
		for range rapid.IntRange(1, 25).Draw(t, "events") {
			switch rapid.SampledFrom([]string{"menu", "note:3", "note:4", "set:tea", "text", "wait", "text again"}).Draw(t, "does") {
			case "wait":
				s.now = s.now.Add(time.Second)
			case "text", "text again":
				at := s.now.Add(time.Duration(rapid.IntRange(-1, 0).Draw(t, "sent")) * time.Second)
				s.values[anna] = ""
				turn := s.does(t, anna, sent("words", at))
				if s.values[anna] == "words" && (question == "" || at.Unix() < shown || at.Unix() == shown && only != shown) {
					t.Fatalf("sent at %d it answered %q, shown at %d", at.Unix(), question, shown)
				}
				if s.values[anna] == "" && question != "" && at.Unix() > shown {
					t.Fatalf("sent at %d it did not answer %q, shown at %d: %s", at.Unix(), question, shown, turn.Screen.Text)
				}
				if s.values[anna] == "words" {
					question = ""
				} else {
					shown, only = s.now.Unix(), 0 // the refusal drew the card anew
				}
			case "menu":
				s.does(t, anna, tap("menu"))
				question, shown = "", s.now.Unix()
			case "set:tea":
				s.does(t, anna, tap("set:tea"))
				question, shown = "", s.now.Unix()
			case "note:3":
				question, shown, only = asks(t, s, "note:3", question, shown)
			case "note:4":
				question, shown, only = asks(t, s, "note:4", question, shown)
			}
		}
	})
}

// asks taps for a question. Who was asked something before, or whose place nobody knows, may have written for that.
func asks(t *rapid.T, s *shop, note, before string, shownBefore int64) (question string, shown, only int64) {
	s.does(t, anna, tap(note))
	if shown = s.now.Unix(); before == "" && shownBefore != 0 {
		only = shown
	}
	return note, shown, only
}

func TestAQuestionThatCouldNotBeShownTakesNoAnswerUntilItIs(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	event := tap("note:3")
	event.UpdateID, event.From, event.Private = 900, anna, true
	turn, err := s.engine.Begin(ctx, event)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	if err := turn.Shown(ctx, flows.Placed{}); err != nil {
		t.Fatalf("shown nowhere: %v", err)
	}
	wants(t, s.present(t), "belum sempat tampil")
	// Being told of it is not seeing it. The refusal shows it; from then on it can be answered.
	wants(t, s.does(t, anna, sent("blind", s.now.Add(time.Hour))), "Pesan Anda terkirim sebelum")
	wants(t, s.does(t, anna, sent("an answer", s.now.Add(2*time.Hour))), "menu an answer")
}

// present is what a person is sent when a screen is owed to him; nil when nothing is.
func (s *shop) present(t *testing.T) *flows.Turn {
	t.Helper()
	turn, err := s.engine.Present(context.Background(), store.Actor{PersonID: anna, TelegramID: anna, Language: "id"})
	if err != nil {
		t.Fatalf("present: %v", err)
	}
	if turn != nil {
		if err := turn.Shown(context.Background(), flows.Placed{Message: 43, At: s.now}); err != nil {
			t.Fatalf("shown: %v", err)
		}
	}
	return turn
}

func TestAScreenThatIsOwedComesAsAButtonThatNamesNobody(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("set:rahasia"))
	ev := tap("note:3")
	ev.UpdateID, ev.From, ev.Private = 900, anna, true
	turn, err := s.engine.Begin(context.Background(), ev)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	if err := turn.Shown(context.Background(), flows.Placed{}); err != nil {
		t.Fatalf("shown nowhere: %v", err)
	}
	told := s.present(t)
	if strings.Contains(told.Screen.Text, "rahasia") || len(told.Screen.Rows) != 1 || len(told.Screen.Rows[0]) != 1 {
		t.Fatalf("it says %q with %v, want one sentence and one button", told.Screen.Text, told.Screen.Rows)
	}
	if again := s.present(t); again != nil {
		t.Errorf("he is told a second time: %q", again.Screen.Text)
	}
	wants(t, s.does(t, anna, tap(told.Screen.Rows[0][0].To.String())), "note 3 rahasia")
	wants(t, s.does(t, anna, sent("an answer", s.now.Add(time.Second))), "menu an answer")
}

func TestAMessageAtNightSaysOnlyThatThereIsOne(t *testing.T) {
	e := open(t).engine
	got := e.Discreet(store.Actor{PersonID: anna, Language: "id"}, flows.Screen{Text: "Budi: Baik", Rows: [][]flows.Button{{{Label: "x", URL: "https://x.id"}}, {flows.Go("Budi", "note", 3)}}})
	if strings.Contains(flows.Lines(got.Text, got.Rows[0][0].Label), "Budi") || got.Rows[0][0].To.String() != "note:3" || len(got.Rows) != 1 {
		t.Errorf("at night it says %q with %v", got.Text, got.Rows)
	}
	if bare := e.Discreet(store.Actor{PersonID: anna, Language: "id"}, flows.Screen{Text: "Budi"}); bare.Rows[0][0].To.String() != "menu" {
		t.Errorf("a message without a button leads to %v, want the menu", bare.Rows)
	}
}

func TestAScreenThatIsOwedIsNotShownWhenALaterOneWasSeen(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("note:3"))
	turn, err := s.engine.Present(context.Background(), store.Actor{PersonID: anna, TelegramID: anna, Language: "id"})
	if err != nil || turn != nil {
		t.Fatalf("present: %v, %v; want nothing to show", turn, err)
	}
	s.does(t, anna, tap("menu")) // his turn is free
}

func TestTheSameUpdateTwiceHasTheEffectOfOnceAndShowsTheSameScreen(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("note:3"))
	ev := text("hello")
	first := s.does(t, anna, ev)
	ev.UpdateID, ev.From, ev.Private = s.updates, anna, true
	second := s.deliver(t, ev)
	if s.ran != 1 {
		t.Errorf("the action ran %d times, want once", s.ran)
	}
	if second.Screen.Text != first.Screen.Text || second.Edit != 42 {
		t.Errorf("second time shows %q on message %d, want %q on 42", second.Screen.Text, second.Edit, first.Screen.Text)
	}
}

func TestWhatTheTappedCardShowsIsKnownOnlyWhenItIsSure(t *testing.T) {
	for name, c := range map[string]struct {
		disturb func(s *shop, ev *flows.Event)
		sure    bool
	}{
		"nothing came between":     {func(*shop, *flows.Event) {}, true},
		"an older card":            {func(_ *shop, ev *flows.Event) { ev.Message = 41 }, false},
		"somebody else drew on it": {func(_ *shop, ev *flows.Event) { ev.Shown++ }, false},
		"a card too old to tell":   {func(_ *shop, ev *flows.Event) { ev.Shown = 0 }, false},
		"an emptied Redis":         {func(s *shop, _ *flows.Event) { s.redis.FlushAll() }, false},
		"the same update again":    {func(s *shop, ev *flows.Event) { ev.UpdateID = s.updates }, false},
		"a typed text":             {func(_ *shop, ev *flows.Event) { ev.Kind, ev.Text = flows.Text, "x" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			shown := flows.Placed{Message: 42, At: s.now, Look: "abc"}
			begin := func(ev flows.Event) *flows.Turn {
				turn, err := s.engine.Begin(context.Background(), ev)
				if err != nil {
					t.Fatalf("begin: %v", err)
				}
				return turn
			}
			s.updates++
			if err := begin(flows.Event{UpdateID: s.updates, From: anna, Private: true, Kind: flows.Tap, Data: "menu", Message: 42}).Shown(context.Background(), shown); err != nil {
				t.Fatalf("shown: %v", err)
			}
			next := flows.Event{UpdateID: s.updates + 1, From: anna, Private: true, Kind: flows.Tap, Data: "menu", Message: 42, Shown: s.now.Unix()}
			c.disturb(s, &next)
			known := begin(next).Known
			if sure := known.Look == "abc" && known.Message == 42 && known.At.Unix() == s.now.Unix(); sure != c.sure || !c.sure && known.Look != "" {
				t.Errorf("known is %+v", known)
			}
		})
	}
}

func TestAnOlderUpdateThatComesLateStillCounts(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("set:new"))
	late := tap("set:late")
	late.UpdateID, late.From, late.Private = s.updates-1, anna, true
	wants(t, s.deliver(t, late), "menu late")
}

// Telegram delivers taps and messages in queues of their own: a tap that nothing came of may arrive after what was typed in its place.
func TestATapThatComesLateReplacesNothingThatWasTypedAfterIt(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("note:3"))
	s.updates++ // the tap is on its way
	late := tap("set:late")
	late.UpdateID, late.From, late.Private = s.updates, anna, true
	wants(t, s.does(t, anna, sent("typed", s.now.Add(time.Second))), "menu typed")
	refused := s.deliver(t, late)
	wants(t, refused, "menu typed")
	if !refused.Alert || !strings.Contains(refused.Toast, "tidak dijalankan") {
		t.Errorf("he is told %q", refused.Toast)
	}
	wants(t, s.does(t, anna, tap("set:again")), "menu again")
	s.now = s.now.Add(8 * 24 * time.Hour) // the numbers of updates start anew
	late.Data, late.UpdateID = "set:new", 1
	wants(t, s.deliver(t, late), "menu new")
}

func TestAfterAQuietWeekUpdateNumbersMayStartAnew(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("set:old"))
	s.now = s.now.Add(8 * 24 * time.Hour)
	same := tap("set:new")
	same.UpdateID, same.From, same.Private = s.updates, anna, true
	wants(t, s.deliver(t, same), "menu new")
}

func TestAnEmptiedRedisLosesOnlyThePlace(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("set:tea"))
	s.redis.FlushAll()
	wants(t, s.does(t, anna, tap("note:3")), "note 3 tea")
	s.redis.FlushAll()
	turn := s.does(t, anna, text("where am I"))
	wants(t, turn, "menu tea")
	wants(t, turn, "tidak dapat dikaitkan")
}

func TestAForgedTapShowsHomeAndChangesNothing(t *testing.T) {
	for _, data := range []string{"nothing", "set", "set:UPPER", "set:a:b", "note:0", "note:x", "note:-1", "'; DROP TABLE", "set:" + strings.Repeat("a", 80)} {
		s := open(t)
		turn := s.does(t, anna, tap(data))
		wants(t, turn, "menu")
		if !turn.Alert || s.ran != 0 {
			t.Errorf("%q: alert %v, action ran %d times; want an alert and no change", data, turn.Alert, s.ran)
		}
	}
}

func TestWhatIsMissingAndWhatIsForbiddenLookTheSame(t *testing.T) {
	turn := open(t).does(t, anna, tap("note:12"))
	wants(t, turn, "menu")
	if !strings.Contains(turn.Toast, "tidak ditemukan atau bukan kewenangan Anda") {
		t.Errorf("toast is %q", turn.Toast)
	}
}

func TestARefusalShowsItsSentenceAndItsPage(t *testing.T) {
	turn := open(t).does(t, anna, tap("refuse"))
	wants(t, turn, "note 3")
	if turn.Toast != "no, because" || !turn.Alert {
		t.Errorf("toast %q, alert %v", turn.Toast, turn.Alert)
	}
}

func TestAStrangerSeesOnlyWhatIsOpen(t *testing.T) {
	s := open(t)
	for _, data := range []string{"menu", "note:3", "set:x"} {
		wants(t, s.does(t, stranger, tap(data)), "welcome")
	}
	if s.ran != 0 {
		t.Errorf("an action ran for a stranger")
	}
}

func TestOutOfPlaceThingsGetASentenceAndThePageStays(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("note:3"))
	turn := s.does(t, anna, flows.Event{Kind: flows.Other})
	wants(t, turn, "note 3")
	wants(t, turn, "tidak disimpan")
	wants(t, s.does(t, anna, text("still here")), "menu still here")
}

func TestATextThatNothingAsksForLeavesThePersonWhereHeIs(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("set:tea"))
	s.does(t, anna, tap("shelf:3"))
	s.does(t, anna, tap("menu"))
	turn := s.does(t, anna, text("nice weather"))
	wants(t, turn, "menu tea")
	wants(t, turn, "cukup dengan tombol")
	if strings.Contains(turn.Screen.Text, "⚠️") || len(turn.Screen.Rows) != 0 {
		t.Errorf("a stray text is no danger and nothing can be done with it here: %q, %v", turn.Screen.Text, turn.Screen.Rows)
	}
}

func TestGreetingsAndThanksAreAnsweredAsAColleagueWould(t *testing.T) {
	s := open(t)
	s.now = time.Date(2027, 1, 4, 8, 0, 0, 0, time.UTC)
	for _, said := range []string{"Selamat pagi", "assalamualaikum wr. wb.", "Halo, selamat siang min 🙏", "pagi pak", "Good morning!"} {
		turn := s.does(t, anna, text(said))
		wants(t, turn, "Selamat pagi")
		if strings.Contains(turn.Screen.Text, "⚠️") || strings.Contains(turn.Screen.Text, "tombol") {
			t.Errorf("%q is answered with %q", said, turn.Screen.Text)
		}
	}
	wants(t, s.does(t, anna, text("Baik, terima kasih banyak Pak")), "Sama-sama")
	wants(t, s.does(t, anna, text("Selamat pagi, tolong ubah nilai saya")), "cukup dengan tombol")
	s.does(t, anna, tap("shelf:3"))
	if turn := s.does(t, anna, text("Terima kasih")); len(turn.Screen.Rows) != 1 {
		t.Errorf("thanks are offered as an answer: %v", turn.Screen.Rows)
	}
	s.does(t, anna, tap("note:3"))
	wants(t, s.does(t, anna, text("Terima kasih")), "menu Terima kasih") // asked for, it is an answer
}

func TestATextThatNothingAsksForIsOfferedWhereSomethingCanBeDoneWithIt(t *testing.T) {
	s := open(t)
	s.does(t, anna, tap("shelf:3"))
	turn := s.does(t, anna, text("two <cups>"))
	wants(t, turn, "shelf 3")
	wants(t, turn, "two &lt;cups&gt;")
	if len(turn.Screen.Rows) != 2 || turn.Screen.Rows[0][0].To.String() != "put:3" || s.values[anna] != "" {
		t.Fatalf("offered %v, stored %q", turn.Screen.Rows, s.values[anna])
	}
	again := s.deliver(t, flows.Event{UpdateID: s.updates, From: anna, Private: true, Kind: flows.Text, Text: "two <cups>", Message: 8})
	if again.Screen.Text != turn.Screen.Text || len(again.Screen.Rows) != 2 {
		t.Errorf("the same update shows another screen: %q", again.Screen.Text)
	}
	s.does(t, anna, tap("put:4")) // another shelf's
	if s.values[anna] != "" {
		t.Errorf("another button took %q", s.values[anna])
	}
	s.does(t, anna, tap("shelf:3"))
	s.does(t, anna, text("two <cups>"))
	wants(t, s.does(t, anna, tap("put:3")), "menu two <cups>")
	s.does(t, anna, tap("put:3"))
	if s.values[anna] != "" {
		t.Errorf("the text was there a second time: %q", s.values[anna])
	}
}

func TestATextThatNothingAsksForIsForgottenWithThePageAndWithThePlace(t *testing.T) {
	s := open(t)
	for what, forget := range map[string]func(){
		"another page": func() { s.does(t, anna, tap("menu")); s.does(t, anna, tap("shelf:3")) },
		"a lost place": s.redis.FlushAll,
	} {
		s.does(t, anna, tap("shelf:3"))
		s.does(t, anna, text("two cups"))
		forget()
		s.does(t, anna, tap("put:3"))
		if s.values[anna] != "" {
			t.Errorf("after %s the text %q was still there", what, s.values[anna])
		}
	}
	s.does(t, anna, tap("shelf:3"))
	if turn := s.does(t, anna, text(strings.Repeat("x", 501))); len(turn.Screen.Rows) != 1 {
		t.Errorf("a text that is too long to keep is offered: %v", turn.Screen.Rows)
	}
}

func TestAGroupGetsOneLineAndNothingElse(t *testing.T) {
	s := open(t)
	turn, err := s.engine.Begin(context.Background(), flows.Event{UpdateID: 1, From: anna, Chat: -5, Kind: flows.Text, Text: "halo"})
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	wants(t, turn, "percakapan pribadi")
	if len(turn.Screen.Rows) != 0 {
		t.Errorf("a group sees buttons")
	}
}

// TestAnySequenceEndsAsTheCleanRun delivers taps and texts with repeats and an emptied Redis in between, and compares
// with the run without either. What a person typed after Redis was emptied is refused with a sentence, so only taps count here.
func TestAnySequenceEndsAsTheCleanRun(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		disturbed, clean := open(t), open(t)
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			ev := tap(rapid.SampledFrom([]string{"set:a", "set:b", "note:3", "menu", "refuse", "note:77", "junk!"}).Draw(rt, "tap"))
			want := clean.does(rt, anna, ev)
			got := disturbed.does(rt, anna, ev)
			if rapid.Bool().Draw(rt, "again") {
				ev.UpdateID, ev.From, ev.Private = disturbed.updates, anna, true
				got = disturbed.deliver(rt, ev)
			}
			if rapid.Bool().Draw(rt, "flush") {
				disturbed.redis.FlushAll()
			}
			if got.Screen.Text != want.Screen.Text || disturbed.values[anna] != clean.values[anna] {
				rt.Fatalf("after %q: %q with value %q, want %q with %q", ev.Data, got.Screen.Text, disturbed.values[anna], want.Screen.Text, clean.values[anna])
			}
		}
	})
}
