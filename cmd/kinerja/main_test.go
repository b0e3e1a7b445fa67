package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kinerja/bot/simulator"
	"kinerja/flows/gallery"
	"kinerja/locales"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// town is the program as it serves, beside a simulator, on stores of the test's choice.
type town struct {
	app    *app
	cast   *sample.Cast
	sim    *simulator.Server
	client simulator.Client
	clock  *storetest.Clock
}

func build(t *testing.T, database, redis string, webhook bool, change ...func(*appSettings)) *town {
	t.Helper()
	clock := storetest.NewClock(storetest.Start)
	sim := simulator.New(simulator.Options{Now: clock.Now, Clock: clock, NoRateLimits: true, WebhookRetry: 10 * time.Millisecond})
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		sim.Close()
		server.CloseClientConnections()
		server.Close()
	})
	settings := appSettings{token: sim.Token(), apiURL: server.URL, databaseURL: database, redisURL: redis, sendRate: 1000,
		grace: 10 * time.Minute, reasonMin: 15, now: clock.Now, tick: 20 * time.Millisecond, log: slog.New(slog.DiscardHandler)}
	if webhook {
		address := freeAddress(t)
		settings.webhook = &webhookSettings{url: "http://" + address, secret: "rahasia", listen: address, connections: 20}
	}
	for _, c := range change {
		c(&settings)
	}
	a, cast, err := assembleSample(context.Background(), settings)
	if err != nil {
		t.Fatalf("assemble: %v", err)
	}
	if err := a.linkPhones(context.Background(), sim, cast); err != nil {
		t.Fatalf("link: %v", a.closeAfter(err))
	}
	return &town{app: a, cast: cast, sim: sim, client: simulator.Client{BaseURL: server.URL}, clock: clock}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	defer func() {
		if err := listener.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	return listener.Addr().String()
}

// open runs the program until the test ends.
func (w *town) open(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- w.app.run(ctx, sync.OnceFunc(func() { close(ready) })) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the program ended with: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		t.Fatalf("the program did not start: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("the program was not ready within a minute")
	}
}

func (w *town) play(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var chat bytes.Buffer
	if err := play(ctx, &chat, w.client, castOf(w.cast)); err != nil {
		t.Fatalf("%v\n%s", err, chat.String())
	}
}

func TestTheMainJobOverHTTPOnMariaDBAndRedis(t *testing.T) {
	for name, webhook := range map[string]bool{"polling": false, "webhook": true} {
		t.Run(name, func(t *testing.T) {
			w := build(t, storetest.URL(t, "mariadb"), storetest.Redis(t), webhook)
			if err := w.app.redis.FlushDB(context.Background()).Err(); err != nil {
				t.Fatalf("empty redis: %v", err)
			}
			w.open(t)
			w.play(t)
		})
	}
}

func TestAWebhookThatSomebodyTookAwayIsRegisteredAgain(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", true)
	w.open(t)
	w.ask(t, "deleteWebhook")
	w.play(t)
}

func TestABotThatHadAWebhookIsPolled(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.ask(t, "setWebhook?url=http://"+freeAddress(t))
	w.sim.Faults().FailNext("deleteWebhook", 1, simulator.ServerError()) // nor does one failure leave it there
	w.open(t)
	w.play(t)
}

// ask makes a call of the Bot API as somebody else who holds the token.
func (w *town) ask(t *testing.T, method string) {
	t.Helper()
	answer, err := http.Get(w.client.BaseURL + "/bot" + w.sim.Token() + "/" + method) //nolint:gosec // the simulator's own address
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", method, answer.Status)
	}
}

func TestTheMainJobOnEmbeddedStores(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	w.play(t)
}

func TestEveryCardIsProtectedAlsoAfterItBecameAResult(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	w.play(t)
	becameResult := false
	for _, p := range w.sim.Phones() {
		for _, m := range w.sim.Chat(p.ID) {
			// An announcement of the office is about nobody, and without buttons never becomes a card.
			announced := strings.HasPrefix(m.Text, "📣 ") && len(m.Buttons) == 0
			if m.FromBot && !m.Protected && !announced {
				t.Errorf("%s can forward message %d: %s", p.Label, m.ID, m.Text)
			}
			becameResult = becameResult || m.Edited && p.ID == demoPhone(w.cast.Employee.ID) && strings.Contains(m.Text, "Predikat: Baik")
		}
	}
	if !becameResult {
		t.Error("no card became a result by an edit, so nothing was proven")
	}
}

func TestTheButtonThatSharesANumberGoesWithItsPage(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	const guest = 4711
	w.sim.AddPhone(simulator.Phone{ID: guest, Name: "Tamu", Language: "en", Label: "Tamu", Phone: "6281399998888"})
	for _, s := range []struct {
		does  func() error
		share bool // the button is there afterwards
		see   string
	}{
		{func() error { return w.client.Type(ctx, guest, "/start") }, false, "Employee Performance Evaluation"},
		{func() error { return w.client.Tap(ctx, guest, "Link by phone") }, true, "Link by phone number"},
		{func() error { return w.client.ShareContact(ctx, guest) }, false, "not on record"},
		{func() error { return w.client.Tap(ctx, guest, "Help") }, false, "Help"},
		{func() error { return w.client.ShareContact(ctx, guest) }, false, "A phone number is not asked for here"},
	} {
		w.clock.Advance(time.Second) // nobody reads and answers within one
		if err := s.does(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.client.Await(ctx, guest, func(v simulator.View) bool {
			last, share := v.Messages[len(v.Messages)-1], false
			for _, m := range v.Messages {
				share = share || m.Contact != ""
			}
			return last.FromBot && strings.Contains(last.Text, s.see) && share == s.share
		}); err != nil {
			t.Fatalf("%q: %v", s.see, err)
		}
	}
}

func TestAStrangerWithALinkBecomesAPersonOverHTTP(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	const guest = 4711
	w.sim.AddPhone(simulator.Phone{ID: guest, Name: "Tamu", Language: "en", Label: "Tamu"})
	for _, s := range []step{
		{who: guest, text: "/start", see: "Employee Performance Evaluation"},
		{who: guest, text: "1234-5678-9ABC-DEFG", see: "This code is not known"},
		{who: guest, text: "/admin", see: "not linked to an employee yet"},
	} {
		w.clock.Advance(time.Second) // nobody reads and answers within one
		if err := s.play(ctx, io.Discard, w.client, players{names: map[int64]string{guest: "Tamu"}}, map[int64]string{}); err != nil {
			t.Fatal(err)
		}
	}
}

func invoke(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, failed bytes.Buffer
	code = run(context.Background(), args, &out, &failed)
	return code, out.String(), failed.String()
}

func TestWrongSettingsAreToldAllAtOnceBeforeAnythingStarts(t *testing.T) {
	for _, name := range []string{"TELEGRAM_TOKEN", "DATABASE_URL", "REDIS_URL", "WEBHOOK_URL", "WEBHOOK_SECRET"} {
		t.Setenv(name, "")
	}
	code, _, stderr := invoke(t, "serve", "--updates", "webhook", "--listen", "nowhere", "--telegram-token", "not a token")
	if code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	for _, name := range []string{"TELEGRAM_TOKEN is not a bot token", "DATABASE_URL is missing", "REDIS_URL is missing", "WEBHOOK_URL", "WEBHOOK_SECRET", "LISTEN is not host:port", "for example:"} {
		if !strings.Contains(stderr, name) {
			t.Errorf("%q is not told in:\n%s", name, stderr)
		}
	}
}

func TestTheDatabasesCertificatesAreASettingOfTheirOwn(t *testing.T) {
	t.Setenv("DATABASE_URL", "mysql://kinerja:hidden@db1.local:3306,db2.local:3306/kinerja?timeout=1s")
	t.Setenv("DATABASE_CA", filepath.Join(t.TempDir(), "none.pem"))
	for _, command := range [][]string{{"migrate"}, {"serve", "--telegram-token", "123456:ABCDEF", "--redis-url", "embedded:"}} {
		code, _, stderr := invoke(t, command...)
		if code != exitUsage || !strings.Contains(stderr, "DATABASE_URL cannot be used: certificates of the database") || strings.Contains(stderr, "hidden") {
			t.Errorf("%v: exit code %d: %s", command, code, stderr)
		}
	}
}

func TestServeRefusesAnOlderSchemaAndSaysWhatToRun(t *testing.T) {
	t.Setenv("DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "empty.db"))
	t.Setenv("REDIS_URL", "embedded:")
	t.Setenv("TELEGRAM_TOKEN", "123456:ABCDEF")
	code, _, stderr := invoke(t, "serve")
	if code != exitFailed || !strings.Contains(stderr, "kinerja migrate") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// pretendNewer is what a migration by a newer program leaves in a SQLite database.
func pretendNewer(t *testing.T, url string) {
	t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestEveryCommandRefusesANewerSchemaAndSaysWhy(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "kinerja.db")
	t.Setenv("DATABASE_URL", url)
	t.Setenv("REDIS_URL", "embedded:")
	t.Setenv("TELEGRAM_TOKEN", "123456:ABCDEF")
	if code, _, stderr := invoke(t, "migrate"); code != exitOK {
		t.Fatalf("migrate: %s", stderr)
	}
	pretendNewer(t, url)
	for _, command := range [][]string{{"serve"}, {"migrate"}, {"invite", "--all", "--bot", "kinerja_bot"}} {
		code, _, stderr := invoke(t, command...)
		if code != exitFailed || !strings.Contains(stderr, "has version 9000") || !strings.Contains(stderr, "newer kinerja") {
			t.Errorf("%v: exit code %d: %s", command, code, stderr)
		}
	}
}

func TestHelpIsForStrangers(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"serve", "--help"}} {
		code, stdout, _ := invoke(t, args...)
		if code != exitOK || !strings.Contains(stdout, "Usage: kinerja") {
			t.Errorf("%v: exit code %d\n%s", args, code, stdout)
		}
	}
}

func TestEverySettingOfServeIsInTheReadmeAndTheExampleFile(t *testing.T) {
	_, help, _ := invoke(t, "serve", "--help")
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, word := range strings.FieldsFunc(help, func(r rune) bool { return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ_$", r) }) {
		name, isSetting := strings.CutPrefix(word, "$")
		if !isSetting {
			continue
		}
		found++
		if !strings.Contains(string(readme), "`"+name+"`") || !strings.Contains(string(example), name+"=") {
			t.Errorf("%s is not in README.md or not in .env.example", name)
		}
	}
	if found < 8 {
		t.Errorf("only %d settings found in the help", found)
	}
}

func TestHealthTellsWhatIsAway(t *testing.T) {
	url := storetest.URL(t, "sqlite")
	w := build(t, url, "embedded:", false)
	t.Cleanup(func() {
		if err := w.app.store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	handler := w.app.healthHandler(func(context.Context) error { return nil })
	get := func(path string) (int, string) {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil))
		return rec.Code, rec.Body.String()
	}
	if code, body := get("/readyz"); code != http.StatusOK {
		t.Errorf("ready: %d %s", code, body)
	}
	if _, body := get("/metrics"); !strings.Contains(body, "kinerja_store_seconds") || !strings.Contains(body, "kinerja_updates_waiting") {
		t.Errorf("metrics lack what the README promises:\n%s", body)
	}
	pretendNewer(t, url)
	if code, body := get("/readyz"); code != http.StatusOK {
		t.Errorf("ready after a migration by a newer program: %d %s", code, body)
	}
	if err := w.app.redis.Close(); err != nil {
		t.Fatal(err)
	}
	if code, body := get("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "redis does not answer") {
		t.Errorf("ready without redis: %d %s", code, body)
	}
}

// hostile is what a name, a title or a reason would be if somebody meant harm, or was fond of mathematics.
const hostile = "<x> & <i>"

func TestWhatPeopleTypedIsEscapedOnEveryPage(t *testing.T) {
	database := storetest.URL(t, "sqlite")
	w := build(t, database, "embedded:", false)
	ctx := context.Background()
	raw, err := sql.Open("sqlite", strings.TrimPrefix(database, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"people.name", "people.position", "units.name", "indicators.name", "indicators.description", "indicators.target", "indicators.measure"} {
		table, field, _ := strings.Cut(column, ".")
		if _, err := raw.ExecContext(ctx, "UPDATE "+table+" SET "+field+" = "+field+" || ' "+hostile+"'"); err != nil {
			t.Fatal(err)
		}
	}
	visitors, err := w.app.visitors(ctx, w.cast)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(ctx, "UPDATE answers SET note = ?, reason = CASE WHEN rating = 'meets' THEN '' ELSE ? END", hostile, hostile); err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(ctx, "UPDATE result_answers SET note = ?", hostile); err != nil {
		t.Fatal(err)
	}
	pictures, err := gallery.Walk(ctx, w.app.engine, []string{"id"}, visitors)
	if err := errors.Join(err, raw.Close(), w.app.closeAfter(nil)); err != nil {
		t.Fatal(err)
	}
	escaped := 0
	for _, p := range pictures {
		if strings.Contains(p.Source, "<x>") || strings.Contains(p.Source, " & <") {
			t.Errorf("%s does not escape:\n%s", p.Route, p.Source)
		}
		escaped += strings.Count(p.Source, "&lt;x&gt;")
	}
	if escaped < 20 {
		t.Errorf("only %d hostile words were met", escaped)
	}
}

func TestTheGalleryShowsEveryPageInEveryLanguage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "gallery.html")
	if code, _, stderr := invoke(t, "gallery", "--out", file); code != exitOK {
		t.Fatal(stderr)
	}
	content, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	pages, _ := w.app.engine.Routes()
	for page := range pages {
		for _, language := range locales.Languages {
			if !strings.Contains(string(content), `id="`+page+"-"+language+`"`) {
				t.Errorf("%s in %s is not in the gallery: nobody reaches it by a button", page, language)
			}
		}
	}
	if strings.Contains(string(content), locales.Missing) {
		t.Error("a sentence is missing")
	}
	for _, cut := range regexp.MustCompile(`<p class="cut">(.*?)</p>`).FindAllStringSubmatch(string(content), -1) {
		t.Errorf("in a row with others %s is cut on a narrow phone", cut[1])
	}
	if err := w.app.closeAfter(nil); err != nil {
		t.Error(err)
	}
}
