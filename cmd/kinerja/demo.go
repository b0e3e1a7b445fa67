package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kinerja/bot/simulator"
	"kinerja/flows/account"
	"kinerja/flows/reminder"
	"kinerja/flows/rules"
	"kinerja/store"
	"kinerja/store/sample"
)

type demoCommand struct {
	Play   bool   `help:"Play the whole main job through the simulator, print it as a chat and exit. Needs no browser."`
	Listen string `env:"LISTEN" default:"localhost:8080" help:"Address of the page."`
	Data   string `env:"DEMO_DATA" placeholder:"FILE" help:"SQLite file to keep; a temporary one when not given."`
	Token  string `name:"telegram-token" env:"TELEGRAM_TOKEN" placeholder:"TOKEN" help:"Talk to the real Telegram with this bot, for a pilot on real phones."`
	APIURL string `name:"telegram-api-url" env:"TELEGRAM_API_URL" default:"https://api.telegram.org" help:"Another Bot API server, with a token."`
	// TakeOver is for whoever tries the pilot a second time with the same bot.
	TakeOver bool `name:"take-over" help:"With a token: take the bot's updates also when it has a webhook or updates wait for somebody."`
}

// demoTick is how often the demo looks at what is due: its clock can jump.
const demoTick = 300 * time.Millisecond

// demoHour is the hour at which the demo's day begins, in WIB.
const demoHour = 9

// Run starts everything in one process with sample data.
func (d *demoCommand) Run(c console) (err error) {
	data, remove, err := d.dataFile()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	clock, err := morningClock()
	if err != nil {
		return err
	}
	settings := appSettings{
		token: d.Token, apiURL: d.APIURL, databaseURL: "sqlite:" + data, redisURL: "embedded:", sendRate: 25,
		grace: 10 * time.Minute, reasonMin: 15, now: clock.Now, tick: demoTick,
		log: slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	if d.Token != "" {
		return d.pilot(ctx, c, settings)
	}
	return d.simulate(ctx, stop, c, settings, clock)
}

// dataFile is where the records are, and what removes it in the end.
func (d *demoCommand) dataFile() (path string, remove func() error, err error) {
	if d.Data != "" {
		return d.Data, func() error { return nil }, nil
	}
	folder, err := os.MkdirTemp("", "kinerja-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("make a place for the demo: %w", err)
	}
	return filepath.Join(folder, "kinerja.db"), func() error { return os.RemoveAll(folder) }, nil
}

// simulate runs the bot against the simulator in the same process.
func (d *demoCommand) simulate(ctx context.Context, stop func(), c console, settings appSettings, clock *movingClock) error {
	listen := d.Listen
	if d.Play {
		listen = "127.0.0.1:0" // the player finds it; another demo may be running
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen for the page (choose another address with --listen): %w", err)
	}
	sim := simulator.New(simulator.Options{Now: clock.Now, Clock: clock})
	settings.token, settings.apiURL = sim.Token(), "http://"+listener.Addr().String()
	a, cast, err := assembleSample(ctx, settings)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := errors.Join(a.linkPhones(ctx, sim, cast), a.demoPlan(ctx, cast)); err != nil {
		return errors.Join(a.closeAfter(err), listener.Close())
	}
	// The simulator outlives the bot, which tells it in the end what was done.
	serving, shut := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- serveOn(serving, listener, sim.Handler(), nil) }()
	err = d.runBeside(ctx, stop, c, a, simulator.Client{BaseURL: settings.apiURL}, cast)
	sim.Close()
	shut()
	return errors.Join(err, <-served)
}

// runBeside runs the bot, and beside it the player or the words that say where the page is.
func (d *demoCommand) runBeside(ctx context.Context, stop func(), c console, a *app, client simulator.Client, cast *sample.Cast) error {
	ready := make(chan struct{})
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return a.run(running, sync.OnceFunc(func() { close(ready) })) })
	group.Go(func() error {
		select {
		case <-ready:
		case <-running.Done():
			return nil
		}
		if d.Play {
			defer stop()
			return play(running, c.stdout, client, castOf(cast))
		}
		return d.welcome(c.stdout, client.BaseURL)
	})
	return group.Wait()
}

func (d *demoCommand) welcome(w io.Writer, address string) error {
	_, err := fmt.Fprintf(w, "kinerja demo is ready at %s\n\nFour phones: administrator, evaluator, employee, and one that is not linked yet; on a narrow screen one at a time, with tabs.\n"+
		"Type /mulai in each; open a period as administrator, score as evaluator, move the clock, read the result as employee,\n"+
		"open the invitation as the newcomer. Stop with Ctrl+C.\n", address)
	return err
}

// assembleSample assembles the program over a sample city.
func assembleSample(ctx context.Context, settings appSettings) (*app, *sample.Cast, error) {
	a, err := assemble(ctx, settings)
	if err != nil {
		return nil, nil, err
	}
	if _, err := a.store.Migrate(ctx); err != nil {
		return nil, nil, a.closeAfter(err)
	}
	cast, err := sample.City(ctx, a.store)
	if err != nil {
		return nil, nil, a.closeAfter(err)
	}
	return a, cast, nil
}

// demoPlan gives the last of the evaluator's people results of her own beside those of the unit: one person of the demo has an SKP.
func (a *app) demoPlan(ctx context.Context, cast *sample.Cast) error {
	team, err := a.store.Subordinates(ctx, cast.Evaluator.ID)
	if err != nil {
		return err
	}
	_, err = a.store.ImportPersonal(ctx, 0, []store.PersonalEntry{sample.Personal(team[len(team)-1].NIP)})
	return err
}

// demoPhone is the Telegram number of a person's phone in the demo.
func demoPhone(personID int64) int64 { return 100000 + personID }

// linkPhones gives everybody in the city a phone. All but the newcomer are linked already; she holds an invitation, so that linking
// and the privacy notice can be played.
func (a *app) linkPhones(ctx context.Context, sim *simulator.Server, cast *sample.Cast) error {
	named := []struct {
		person *store.Person
		label  string
	}{{cast.Admin, "Pengelola Kinerja"}, {cast.Evaluator, "Pejabat Penilai"}, {cast.Employee, "Pegawai"}, {cast.Superior, "Atasan Pejabat Penilai"}, {cast.OtherEvaluator, "Pejabat Penilai lain"}, {cast.UnitAdmin, "Pengelola unit"}, {cast.Leader, "Pimpinan"}}
	seen := map[int64]bool{cast.Newcomer.ID: true}
	for _, n := range named {
		seen[n.person.ID] = true
		sim.AddPhone(simulator.Phone{ID: demoPhone(n.person.ID), Name: n.person.Name, Phone: "+" + n.person.Phone, Language: "id", Label: n.label + " · " + n.person.Name})
	}
	if err := a.inviteNewcomer(ctx, sim, cast.Newcomer); err != nil {
		return err
	}
	for _, p := range cast.People {
		if !seen[p.ID] {
			sim.AddPhone(simulator.Phone{ID: demoPhone(p.ID), Name: p.Name, Phone: "+" + p.Phone, Language: "id", Label: p.Position + " · " + p.Name})
		}
		if p.ID == cast.Newcomer.ID {
			continue
		}
		if err := a.linkPhone(ctx, sim, p); err != nil {
			return err
		}
	}
	return nil
}

// inviteNewcomer gives the newcomer a phone that the bot does not know yet. In an earlier run of the same data she may have linked it.
func (a *app) inviteNewcomer(ctx context.Context, sim *simulator.Server, p *store.Person) error {
	phone := simulator.Phone{ID: demoPhone(p.ID), Name: p.Name, Phone: "+" + p.Phone, Language: "id", Label: "Belum terhubung · " + p.Name}
	_, err := a.store.ActorByPerson(ctx, p.ID)
	switch {
	case err == nil:
		phone.Label = p.Position + " · " + p.Name
		sim.AddPhone(phone)
		sim.Welcome(phone.ID)
		return nil
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	if phone.Start, err = a.store.Invite(ctx, p.ID, store.CodeLife); err != nil {
		return err
	}
	sim.AddPhone(phone)
	return nil
}

// linkPhone links one person, unless he is linked from an earlier run of the same data.
func (a *app) linkPhone(ctx context.Context, sim *simulator.Server, p *store.Person) error {
	sim.Welcome(demoPhone(p.ID))
	if _, err := a.store.ActorByPerson(ctx, p.ID); err == nil {
		return nil
	}
	code, err := a.store.Invite(ctx, p.ID, time.Hour)
	if err != nil {
		return err
	}
	if _, err := a.store.Link(ctx, demoPhone(p.ID), "id", code); err != nil {
		return err
	}
	return a.store.NoticeShown(ctx, p.ID, account.NoticeVersion)
}

// movingClock is the real clock, ahead by what was added.
type movingClock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// morningClock starts at the next time that is nine o'clock in the morning and not a holiday: the demo shows a working day.
func morningClock() (*movingClock, error) {
	calendar, err := rules.NewCalendar()
	if err != nil {
		return nil, err
	}
	schedule, err := reminder.Default(calendar)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	morning, err := calendar.At(calendar.Date(now), demoHour, 0)
	if err != nil {
		return nil, err
	}
	if now.After(morning) {
		morning = morning.Add(24 * time.Hour)
	}
	for schedule.Allowed(morning) != morning {
		morning = morning.Add(24 * time.Hour)
	}
	return &movingClock{ahead: morning.Sub(now)}, nil
}

// Now is the time it shows, in UTC.
func (m *movingClock) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().UTC().Add(m.ahead)
}

// Advance moves it forward.
func (m *movingClock) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ahead += d
}
