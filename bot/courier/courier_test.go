package courier_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"kinerja/bot"
	"kinerja/bot/courier"
	"kinerja/flows"
	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// post is Telegram: it notes who was sent something, and fails as it is told.
type post struct {
	mu   sync.Mutex
	sent map[int64]int
	last string
	fail func(chat int64) error
}

func (p *post) Send(_ context.Context, chat int64, screen flows.Screen) (flows.Placed, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		if err := p.fail(chat); err != nil {
			return flows.Placed{}, err
		}
	}
	p.sent[chat]++
	p.last = screen.Text
	return flows.Placed{Message: 1}, nil
}

// SendFile notes the content as what was said last.
func (p *post) SendFile(ctx context.Context, chat int64, screen flows.Screen, content []byte) (flows.Placed, error) {
	screen.Text = string(content)
	return p.Send(ctx, chat, screen)
}

// Reach fails as a message to chat 0 would.
func (p *post) Reach(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail == nil {
		return nil
	}
	return p.fail(0)
}

func (p *post) times(chat int64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent[chat]
}

// open lets everything through at once.
type open struct{}

func (open) WaitBulk(context.Context, int64) error { return nil }

// teller draws everything; nothing is owed while idle is set.
type teller struct{ idle bool }

func (t *teller) Tell(context.Context, store.Actor, string, string) (flows.Screen, bool, error) {
	return flows.Screen{Text: "pengingat"}, !t.idle, nil
}

func (t *teller) Present(context.Context, store.Actor) (*flows.Turn, error) {
	return &flows.Turn{Screen: flows.Screen{Text: "layar"}}, nil
}

func (t *teller) Discreet(store.Actor, flows.Screen) flows.Screen {
	return flows.Screen{Text: "ada kabar"}
}

// hours allows everything from a moment on, and before it what is urgent.
type hours struct {
	from   time.Time
	urgent bool
}

func (h hours) Allowed(at time.Time) time.Time {
	if at.Before(h.from) {
		return h.from
	}
	return at
}
func (h hours) Quiet(string) bool { return !h.urgent }

type office struct {
	store  *store.Store
	clock  *storetest.Clock
	cast   *sample.Cast
	post   *post
	teller *teller
	hours  hours
}

const evaluatorChat = 601

func each(t *testing.T, test func(t *testing.T, o *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		cast, err := sample.City(ctx, s)
		if err != nil {
			t.Fatalf("sample city: %v", err)
		}
		o := &office{store: s, clock: clock, cast: cast, post: &post{sent: map[int64]int{}}, teller: &teller{}}
		code, err := s.Invite(ctx, cast.Evaluator.ID, time.Hour)
		if err == nil {
			_, err = s.Link(ctx, evaluatorChat, "id", code)
		}
		if err == nil {
			err = s.PlanReminders(ctx, "2027-01-04", s.Now(), []int64{cast.Evaluator.ID})
		}
		if err != nil {
			t.Fatalf("prepare: %v", err)
		}
		test(t, o)
	})
}

// linked gives a person a Telegram user and returns the person's id.
func (o *office) linked(t *testing.T, p *store.Person, chat int64) int64 {
	t.Helper()
	code, err := o.store.Invite(context.Background(), p.ID, time.Hour)
	if err == nil {
		_, err = o.store.Link(context.Background(), chat, "id", code)
	}
	if err != nil {
		t.Fatalf("link: %v", err)
	}
	return p.ID
}

func (o *office) courier(owner string, s courier.Store) *courier.Courier {
	return courier.New(s, o.teller, o.post, open{}, o.hours, courier.Options{Owner: owner})
}

func (o *office) round(t *testing.T) {
	t.Helper()
	if _, err := o.courier("a", o.store).Round(context.Background()); err != nil {
		t.Fatalf("round: %v", err)
	}
}

func (o *office) states(t *testing.T, want map[store.NotificationState]int) {
	t.Helper()
	got, err := o.store.NotificationStates(context.Background(), append(store.Unsettled(), store.Sent, store.Cancelled)...)
	if err != nil {
		t.Fatalf("states: %v", err)
	}
	for state, n := range want {
		if got[state] != n {
			t.Errorf("states %v, want %v", got, want)
		}
	}
}

func TestSeveralCouriersSendEachNotificationOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		var all sync.WaitGroup
		for _, owner := range []string{"a", "b", "c"} {
			all.Go(func() {
				if _, err := o.courier(owner, o.store).Round(context.Background()); err != nil {
					t.Errorf("round: %v", err)
				}
			})
		}
		all.Wait()
		o.round(t)
		if n := o.post.times(evaluatorChat); n != 1 {
			t.Errorf("sent %d times, want once", n)
		}
		o.states(t, map[store.NotificationState]int{store.Sent: 1, store.Owed: 0})
	})
}

// dying is a store that is gone just after a message was sent.
type dying struct{ *store.Store }

func (dying) MarkSent(context.Context, store.Notification, int) error {
	return errors.New("killed before it was noted")
}

func TestACrashBetweenSendingAndNotingSendsOnceMoreAndLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		if _, err := o.courier("a", dying{o.store}).Round(context.Background()); err == nil {
			t.Fatal("the crash went unnoticed")
		}
		o.round(t)
		if n := o.post.times(evaluatorChat); n != 1 {
			t.Fatalf("sent %d times while the lease lasts, want 1", n)
		}
		o.clock.Advance(2 * time.Minute)
		o.round(t)
		o.round(t)
		if n := o.post.times(evaluatorChat); n != 2 {
			t.Errorf("sent %d times, want 2: at least once, not for ever", n)
		}
		o.states(t, map[store.NotificationState]int{store.Sent: 1, store.Owed: 0})
	})
}

func TestWhatIsNotOwedAnyMoreIsNotSent(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.teller.idle = true
		o.round(t)
		if o.post.times(evaluatorChat) != 0 {
			t.Error("it was sent")
		}
		o.states(t, map[store.NotificationState]int{store.Cancelled: 1, store.Owed: 0})
	})
}

func TestAFloodPutsOffAndA403Holds(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.post.fail = func(int64) error { return &bot.Failure{Kind: bot.Flood, RetryAfter: time.Hour} }
		o.round(t)
		o.states(t, map[store.NotificationState]int{store.Owed: 1})
		o.post.fail = func(chat int64) error {
			if chat == evaluatorChat {
				return &bot.Failure{Kind: bot.Unreachable}
			}
			return nil
		}
		o.round(t) // nothing is due during the pause
		o.states(t, map[store.NotificationState]int{store.Owed: 1, store.Unreachable: 0})
		o.clock.Advance(time.Hour)
		o.round(t)
		o.states(t, map[store.NotificationState]int{store.Unreachable: 1})
	})
}

func TestAtNightItWaitsForTheMorning(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.hours.from = o.clock.Now().Add(8 * time.Hour)
		o.round(t)
		if o.post.times(evaluatorChat) != 0 {
			t.Error("somebody was disturbed at night")
		}
		o.clock.Advance(8 * time.Hour)
		o.round(t)
		if n := o.post.times(evaluatorChat); n != 1 {
			t.Errorf("sent %d times in the morning, want 1", n)
		}
	})
}

func TestWhatCannotWaitForTheMorningSaysNothingOfItsContent(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.hours = hours{from: o.clock.Now().Add(8 * time.Hour), urgent: true}
		o.round(t)
		if o.post.last != "ada kabar" {
			t.Errorf("at night it says %q", o.post.last)
		}
	})
}

// shut lets nothing through until the caller's time is over.
type shut struct{}

func (shut) WaitBulk(ctx context.Context, _ int64) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestWhatDoesNotGetItsTurnInTimeIsGivenBackForOthersToSend(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		slow := courier.New(o.store, o.teller, o.post, shut{}, o.hours, courier.Options{Owner: "slow", Lease: 20 * time.Millisecond})
		if _, err := slow.Round(context.Background()); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("round: %v, want the end of the time", err)
		}
		// The clock of the records stands still: only what was given back can be claimed.
		o.round(t)
		if got := o.post.times(evaluatorChat); got != 1 {
			t.Errorf("sent %d times, want once, by the other", got)
		}
	})
}

// endless draws until the caller's time is over.
type endless struct{ teller }

func (*endless) Tell(ctx context.Context, _ store.Actor, _, _ string) (flows.Screen, bool, error) {
	<-ctx.Done()
	return flows.Screen{}, false, ctx.Err()
}

func TestWhatCannotBeDrawnInTimeIsGivenBackForOthersToSend(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		slow := courier.New(o.store, &endless{}, o.post, open{}, o.hours, courier.Options{Owner: "slow", Lease: 20 * time.Millisecond})
		if _, err := slow.Round(context.Background()); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("round: %v, want the end of the time", err)
		}
		o.round(t)
		if got := o.post.times(evaluatorChat); got != 1 {
			t.Errorf("sent %d times, want once, by the other", got)
		}
	})
}

// leftAlone must not be sent anything for an hour.
type leftAlone struct{}

func (leftAlone) WaitBulk(context.Context, int64) error {
	return &bot.Failure{Kind: bot.Flood, RetryAfter: time.Hour}
}

func TestWhatIsOwedToAChatThatPausesWaitsForThePauseToEnd(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		paused := courier.New(o.store, o.teller, o.post, leftAlone{}, o.hours, courier.Options{Owner: "paused"})
		if _, err := paused.Round(context.Background()); err != nil {
			t.Fatalf("round: %v", err)
		}
		o.clock.Advance(time.Hour - time.Second)
		o.round(t)
		if n := o.post.times(evaluatorChat); n != 0 {
			t.Errorf("sent %d times during the pause", n)
		}
		o.clock.Advance(time.Second)
		o.round(t)
		if n := o.post.times(evaluatorChat); n != 1 {
			t.Errorf("sent %d times after the pause, want 1", n)
		}
	})
}

func TestWhatMayHaveArrivedIsRepeatedOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		calls := 0
		o.post.fail = func(int64) error { calls++; return &bot.Failure{Kind: bot.Unknown} }
		for range 5 {
			o.round(t)
			o.clock.Advance(time.Hour)
		}
		if calls != 2 {
			t.Errorf("it was sent %d times though it may have arrived each time, want twice", calls)
		}
		o.states(t, map[store.NotificationState]int{store.Failed: 1})
	})
}

func TestABrokenTelegramIsTriedAgainLater(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.post.fail = func(int64) error { return &bot.Failure{Kind: bot.Server, Code: 502} }
		o.round(t)
		o.post.fail = nil
		o.round(t)
		if o.post.times(evaluatorChat) != 0 {
			t.Error("tried again without a pause")
		}
		o.clock.Advance(time.Minute)
		o.round(t)
		if n := o.post.times(evaluatorChat); n != 1 {
			t.Errorf("sent %d times, want 1", n)
		}
	})
}

func TestAnOutageOfTelegramParksNothingHoweverLongItLasts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		if err := o.store.PlanReminders(context.Background(), "2027-01-04", o.store.Now(), []int64{o.linked(t, o.cast.Superior, 602), o.linked(t, o.cast.Admin, 603)}); err != nil {
			t.Fatal(err)
		}
		tries := 0
		outage := []*bot.Failure{{Kind: bot.NotSent}, {Kind: bot.Server, Code: 503}, {Kind: bot.Unauthorized, Code: 401}, {Kind: bot.Refused, Code: 404}}
		o.post.fail = func(int64) error {
			tries++
			return outage[tries%len(outage)]
		}
		c := o.courier("a", o.store)
		for range 12 * 60 { // twelve hours, a minute at a time
			if _, err := c.Round(context.Background()); err != nil {
				t.Fatalf("round: %v", err)
			}
			o.clock.Advance(time.Minute)
		}
		o.states(t, map[store.NotificationState]int{store.Owed: 3, store.Failed: 0})
		if tries > 12*60+3 {
			t.Errorf("%d tries in %d rounds: while it is away, one at a time is enough", tries, 12*60)
		}
		o.post.fail = nil
		for range 2 { // one to see that it is back, the others after it
			if _, err := c.Round(context.Background()); err != nil {
				t.Fatalf("round: %v", err)
			}
			o.clock.Advance(time.Minute)
		}
		o.states(t, map[store.NotificationState]int{store.Sent: 3, store.Owed: 0})
	})
}

// A gateway before Telegram answers 502 whatever it is asked: each message may have arrived.
func TestAnOutageBehindAGatewayParksNothingHoweverLongItLasts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		if err := o.store.PlanReminders(context.Background(), "2027-01-04", o.store.Now(), []int64{o.linked(t, o.cast.Superior, 602), o.linked(t, o.cast.Admin, 603)}); err != nil {
			t.Fatal(err)
		}
		o.post.fail = func(int64) error { return &bot.Failure{Kind: bot.Unknown, Code: 502} }
		c := o.courier("a", o.store)
		for range 64 * 6 { // ten seconds at a time
			if _, err := c.Round(context.Background()); err != nil {
				t.Fatalf("round: %v", err)
			}
			o.clock.Advance(10 * time.Second)
		}
		o.states(t, map[store.NotificationState]int{store.Owed: 3, store.Failed: 0})
	})
}

func TestWhileTelegramIsAwayItIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		tries := 0
		o.post.fail = func(int64) error {
			tries++
			return &bot.Failure{Kind: bot.NotSent}
		}
		c := o.courier("a", o.store)
		for range 10 * 60 { // ten minutes, a second at a time
			if _, err := c.Round(context.Background()); err != nil {
				t.Fatalf("round: %v", err)
			}
			o.clock.Advance(time.Second)
		}
		if tries < 15 || tries > 25 {
			t.Errorf("%d tries in ten minutes, want one every half minute", tries)
		}
	})
}

func TestAMessageThatBreaksTelegramAloneKeepsNobodyWaiting(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		if err := o.store.PlanReminders(context.Background(), "2027-01-04", o.store.Now(), []int64{o.linked(t, o.cast.Superior, 602), o.linked(t, o.cast.Admin, 603)}); err != nil {
			t.Fatal(err)
		}
		o.post.fail = func(chat int64) error {
			if chat == evaluatorChat { // its row is the oldest
				return &bot.Failure{Kind: bot.Server, Code: 500}
			}
			return nil
		}
		c := o.courier("a", o.store)
		for range 5 {
			if _, err := c.Round(context.Background()); err != nil {
				t.Fatalf("round: %v", err)
			}
			o.clock.Advance(2 * time.Second)
		}
		o.states(t, map[store.NotificationState]int{store.Sent: 2, store.Owed: 1})
	})
}

func TestTheBacklogOfOneKeepsNobodyWaiting(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.linked(t, o.cast.Admin, 603)
		for update := range 40 { // two batches, all of them older than what is owed to the superior
			if err := o.store.OweRedraw(ctx, 603, int64(update)); err != nil {
				t.Fatal(err)
			}
		}
		o.clock.Advance(time.Second)
		if err := o.store.PlanReminders(ctx, "2027-01-04", o.store.Now(), []int64{o.linked(t, o.cast.Superior, 602)}); err != nil {
			t.Fatal(err)
		}
		o.round(t)
		if o.post.times(evaluatorChat) != 1 || o.post.times(602) != 1 || o.post.times(603) != 1 {
			t.Errorf("one round sent %d, %d and %d to three people, want one to each", o.post.times(evaluatorChat), o.post.times(602), o.post.times(603))
		}
	})
}

func TestSomebodyWithoutAccountIsHeld(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		if err := o.store.PlanReminders(context.Background(), "2027-01-04", o.store.Now(), []int64{o.cast.Employee.ID}); err != nil {
			t.Fatalf("plan: %v", err)
		}
		o.round(t)
		o.states(t, map[store.NotificationState]int{store.Unreachable: 1, store.Sent: 1})
	})
}

// moveAway gives the evaluator another phone; evaluatorChat is nobody from then on.
func (o *office) moveAway(t *testing.T) {
	t.Helper()
	code, err := o.store.Invite(context.Background(), o.cast.Evaluator.ID, time.Hour)
	if err == nil {
		_, err = o.store.Link(context.Background(), evaluatorChat+1, "en", code)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPhoneThatLostItsPersonIsToldAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.hours.urgent = true
		o.moveAway(t)
		o.round(t)
		if old, now := o.post.times(evaluatorChat), o.post.times(evaluatorChat+1); old != 1 || now != 1 {
			t.Errorf("the old phone got %d messages, the new one %d; want one each", old, now)
		}
	})
}

// lists notes what chats are to find behind the menu button.
type lists map[int64][]flows.MenuCommand

func (l lists) Want(chat int64, commands []flows.MenuCommand) { l[chat] = commands }

// leaving tells everybody that he has no list of his own any more.
type leaving struct{ teller }

func (leaving) Tell(context.Context, store.Actor, string, string) (flows.Screen, bool, error) {
	return flows.Screen{Text: "x", Commands: []flows.MenuCommand{}}, true, nil
}

func TestAMessageTakesAListAwayAlsoWhereItSaysNothingOfItself(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.hours = hours{from: o.clock.Now().Add(time.Hour), urgent: true} // it is night
		got := lists{}
		if _, err := courier.New(o.store, &leaving{}, o.post, open{}, o.hours, courier.Options{Owner: "a", Lists: got}).Round(context.Background()); err != nil {
			t.Fatal(err)
		}
		if commands, ok := got[evaluatorChat]; !ok || commands == nil || len(commands) != 0 {
			t.Errorf("wanted %v", got)
		}
	})
}

// outdated is a program that does not know what a newer one has written.
type outdated struct{ teller }

func (outdated) Tell(_ context.Context, _ store.Actor, kind, _ string) (flows.Screen, bool, error) {
	return flows.Screen{}, false, fmt.Errorf("tell: %w %q", flows.ErrUnknownKind, kind)
}

func TestWhatANewerProgramHasWrittenIsLeftToIt(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		old := courier.New(o.store, &outdated{}, o.post, open{}, o.hours, courier.Options{Owner: "old"})
		for range 20 { // more than the tries of a notification
			if _, err := old.Round(context.Background()); err != nil {
				t.Fatal(err)
			}
			o.clock.Advance(2 * time.Minute)
		}
		o.round(t)
		if n := o.post.times(evaluatorChat); n != 1 {
			t.Errorf("the newer program has sent %d, want 1", n)
		}
	})
}

func TestAPhoneThatLostItsPersonAndBlockedTheBotEndsItsMessage(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.post.fail = func(chat int64) error {
			if chat == evaluatorChat {
				return &bot.Failure{Kind: bot.Unreachable}
			}
			return nil
		}
		o.moveAway(t)
		o.round(t)
		o.states(t, map[store.NotificationState]int{store.Sent: 1, store.Cancelled: 1})
	})
}

// counting notes how often what waits is counted.
type counting struct {
	*store.Store
	times int
}

func (c *counting) NotificationStates(ctx context.Context, states ...store.NotificationState) (map[store.NotificationState]int, error) {
	c.times++
	return c.Store.NotificationStates(ctx, states...)
}

func TestWhatWaitsIsCountedTwiceAMinuteHoweverOftenItIsLookedFor(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		counted := &counting{Store: o.store}
		c := o.courier("a", counted)
		for _, want := range []int{1, 1, 1, 2, 2, 2, 3} {
			if _, err := c.Round(context.Background()); err != nil {
				t.Fatal(err)
			}
			if counted.times != want {
				t.Errorf("counted %d times, want %d", counted.times, want)
			}
			o.clock.Advance(10 * time.Second)
		}
	})
}

// unmarked is a store that is gone at the moment at which somebody is marked unreachable.
type unmarked struct{ *store.Store }

func (unmarked) MarkUnreachable(context.Context, int64) error {
	return errors.New("killed before he was marked")
}

func TestNobodysMessageIsHeldBeforeHeIsMarkedUnreachable(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.post.fail = func(chat int64) error { return &bot.Failure{Kind: bot.Unreachable} }
		if _, err := o.courier("a", unmarked{o.store}).Round(context.Background()); err == nil {
			t.Fatal("the crash went unnoticed")
		}
		o.states(t, map[store.NotificationState]int{store.Owed: 1, store.Unreachable: 0})
		o.post.fail = nil
		o.clock.Advance(time.Minute)
		o.round(t) // he has unblocked the bot meanwhile, and nothing has noted it
		if n := o.post.times(evaluatorChat); n != 1 {
			t.Errorf("he gets it %d times, want once", n)
		}
	})
}

// herald tells of an announcement, which is about nobody.
type herald struct{ teller }

func (*herald) Tell(context.Context, store.Actor, string, string) (flows.Screen, bool, error) {
	return flows.Screen{Text: "apel pagi", Open: true, Attached: flows.Attached{ID: "gambar", Picture: true}}, true, nil
}

// What is about nobody says what it says at night too, when somebody has asked to see it; what Telegram has no more is not tried again.
func TestAnAnnouncementIsNotHiddenAndALostFileIsNotTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.round(t)
		o.hours = hours{from: o.clock.Now().Add(time.Hour), urgent: true}
		o.announces(t)
		if o.post.last != "apel pagi" {
			t.Errorf("at night it says %q", o.post.last)
		}
		o.post.fail = func(int64) error { return &bot.Failure{Kind: bot.FileLost} }
		id := o.announces(t)
		view, err := o.store.MessageFor(context.Background(), o.cast.Admin.ID, id)
		if err != nil || view.State != store.MessageStopped || view.Why != store.WhyFile || view.Skipped != 1 {
			t.Errorf("%+v, %v", view, err)
		}
	})
}

// announces lets an administrator send a picture to everybody, and the courier go once.
func (o *office) announces(t *testing.T) int64 {
	t.Helper()
	ctx, admin := context.Background(), o.cast.Admin.ID
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	m, err := o.store.AddressMessage(ctx, admin, 0, store.ToAll, 0, 0)
	must(err)
	must(o.store.AttachToMessage(ctx, admin, m.ID, store.Picture, "gambar", "", "Apel pagi"))
	must(o.store.SendMessage(ctx, admin, m.ID, m.Revision+1, store.Place{}, o.clock.Now()))
	work, err := o.store.ClaimJob(ctx, "a", time.Minute)
	must(err)
	for work.State == store.JobRunning {
		work, err = o.store.SendMessageChunk(ctx, "a", work.ID, time.Minute, 20)
		must(err)
	}
	_, err = o.courierWith(&herald{}).Round(ctx)
	must(err)
	return m.ID
}
