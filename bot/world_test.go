package bot

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/go-telegram/bot/models"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/dialogue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// records is a toy of the store: what each person did, each thing once. It is shared by replicas, as a database is.
type records struct {
	mu      sync.Mutex
	history map[int64][]string
	tries   map[string]int // of each thing
	fail    func(ctx context.Context, person int64, what string) error
	owed    []int64
	gone    []int64
}

func newRecords() *records {
	return &records{history: map[int64][]string{}, tries: map[string]int{}}
}

const firstStranger = 900_000

// ActorByTelegram knows everybody below firstStranger.
func (r *records) ActorByTelegram(_ context.Context, id int64) (store.Actor, error) {
	if id >= firstStranger {
		return store.Actor{}, store.ErrNotFound
	}
	return store.Actor{PersonID: id, AccountID: id, TelegramID: id, Language: "id"}, nil
}

// Returned does nothing.
func (r *records) Returned(context.Context, store.Actor) error { return nil }

// OweRedraw notes the update.
func (r *records) OweRedraw(_ context.Context, telegramID, updateID int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if telegramID >= firstStranger {
		return store.ErrNotFound
	}
	r.owed = append(r.owed, updateID)
	return nil
}

// MarkUnreachable notes the person.
func (r *records) MarkUnreachable(_ context.Context, telegramID int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if telegramID >= firstStranger {
		return store.ErrNotFound
	}
	r.gone = append(r.gone, telegramID)
	return nil
}

// MarkReachable forgets that the person was gone.
func (r *records) MarkReachable(_ context.Context, telegramID int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if telegramID >= firstStranger {
		return store.ErrNotFound
	}
	r.gone = slices.DeleteFunc(r.gone, func(id int64) bool { return id == telegramID })
	return nil
}

// unreachable is who cannot be reached.
func (r *records) unreachable() []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.gone)
}

// add does a thing once.
func (r *records) add(ctx context.Context, person int64, what string) error {
	r.mu.Lock()
	fail := r.fail
	r.tries[what]++
	r.mu.Unlock()
	if fail != nil {
		if err := fail(ctx, person, what); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.history[person], what) {
		r.history[person] = append(r.history[person], what)
	}
	return nil
}

func (r *records) did(person int64) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.history[person])
}

func (r *records) triesOf(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tries[what]
}

func (r *records) setFail(fail func(ctx context.Context, person int64, what string) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = fail
}

// toys is a conversation with one page that lists what was done, and takes taps ("add:3") and texts.
func toys(r *records, client redis.UniversalClient, prefix string) *flows.Engine {
	catalog, err := locales.Load(time.UTC)
	if err != nil {
		panic(err)
	}
	e := flows.NewEngine(r, dialogue.New(client, prefix), catalog, time.Now)
	e.Home(func(store.Actor) flows.Link { return flows.To("list") })
	e.Page("list", "", func(_ context.Context, q *flows.Request) (flows.Screen, error) {
		return flows.Screen{Text: "<b>Daftar</b>\n" + locales.Escape(strings.Join(r.did(q.From), " ")), Rows: [][]flows.Button{{flows.Go("Tambah", "add", 1)}}}, nil
	}, flows.Accepts(flows.Text, "note"), flows.ForStrangers)
	e.Action("add", "n", func(ctx context.Context, q *flows.Request) (flows.Outcome, error) {
		return flows.Outcome{Toast: "tersimpan " + q.Args.Word(0)}, r.add(ctx, q.From, q.Args.Word(0))
	})
	e.Action("refuse", "", func(context.Context, *flows.Request) (flows.Outcome, error) {
		return flows.Outcome{}, flows.Refuse("tidak boleh", flows.To("list"))
	})
	e.Action("note", "", func(ctx context.Context, q *flows.Request) (flows.Outcome, error) {
		return flows.Outcome{To: flows.To("list")}, r.add(ctx, q.From, q.Text)
	}, flows.ForStrangers)
	e.Command(flows.To("list"), "mulai")
	return e
}

// world is one Telegram, one toy store and one Redis; replicas share them.
type world struct {
	t       *testing.T
	tel     *telegram
	records *records
	redis   redis.UniversalClient
	mini    *miniredis.Miniredis // nil on a real Redis
	prefix  string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr(), MaxRetries: -1})
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Errorf("close redis: %v", err)
		}
	})
	return &world{t: t, tel: newTelegram(t), records: newRecords(), redis: client, mini: mini, prefix: "toy:"}
}

// options with limits that suit a test.
func (w *world) options() IntakeOptions {
	return IntakeOptions{Owing: w.records, Reachability: w.records, TryLimit: 3 * time.Second, ShowLimit: 2 * time.Second, ChatBurst: 10_000}
}

func (w *world) intake(o IntakeOptions) *Intake { return w.intakeOn(w.tel.bot(w.t, nil), o) }

func (w *world) intakeOn(b *Bot, o IntakeOptions) *Intake {
	in := NewIntake(b, toys(w.records, w.redis, w.prefix), o)
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = in.Stop(ctx) // tests that care call it themselves
	})
	return in
}

func updateFrom(t *testing.T, raw string) *models.Update {
	t.Helper()
	u, err := readUpdate([]byte(raw))
	if err != nil || u.update == nil {
		t.Fatalf("update %s: %v", raw, err)
	}
	return u.update
}

// do hands one update to an intake and waits for it.
func (w *world) do(in *Intake, id int64) error {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return in.Do(ctx, updateFrom(w.t, w.tel.raw(id)))
}

func (w *world) mustDo(in *Intake, id int64) {
	w.t.Helper()
	if err := w.do(in, id); err != nil {
		w.t.Fatalf("update %d: %v", id, err)
	}
}

// poll runs a poller until the returned function ends it as SIGTERM would; that returns what Run returned.
func (w *world) poll(in *Intake, o PollerOptions) (stop func() error) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := NewPoller(in.bot, in, o)
	result := make(chan error, 1)
	go func() { result <- p.Run(ctx) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() {
			cancel()
			err = <-result
		})
		return err
	}
	w.t.Cleanup(func() { _ = stop() })
	return stop
}

// waitFor waits in the toy store for a test to let it go on; a test that failed lets it go by stopping the intake.
func waitFor(ctx context.Context, held <-chan struct{}) error {
	select {
	case <-held:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-limit.C:
			t.Fatalf("never happened: %s", what)
		case <-look.C:
		}
	}
}

func numbers(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprint(i))
	}
	return all
}

// onEachRedisWorld runs a test on miniredis and on a real Redis.
func onEachRedisWorld(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	onEachRedis(t, func(t *testing.T, client redis.UniversalClient, prefix string) {
		test(t, &world{t: t, tel: newTelegram(t), records: newRecords(), redis: client, prefix: prefix})
	})
}

// logged keeps what was logged.
type logged struct {
	mu  sync.Mutex
	out strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *logged) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// counts is what the metrics say, by name and labels.
func counts(t *testing.T, m *Metrics) map[string]float64 {
	t.Helper()
	families, err := m.Registry().Gather()
	if err != nil {
		t.Fatalf("gather: %v", err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			got[name] = m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount()) + m.GetGauge().GetValue()
		}
	}
	return got
}
