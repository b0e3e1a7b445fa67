package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"kinerja/bot/simulator"
	"kinerja/store/dialogue"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// firstDay is a machine with an empty database, an empty Redis and Telegram, on which the README is followed.
type firstDay struct {
	t      *testing.T
	ctx    context.Context
	client simulator.Client
	played players
	seen   map[int64]string
}

const firstAdministrator, firstEmployee = int64(501), int64(502)

func newFirstDay(t *testing.T) *firstDay {
	t.Helper()
	sim := simulator.New(simulator.Options{NoRateLimits: true})
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		sim.Close()
		server.CloseClientConnections()
		server.Close()
	})
	sim.AddPhone(simulator.Phone{ID: firstAdministrator, Name: "Siti", Language: "id", Label: "Pengelola"})
	sim.AddPhone(simulator.Phone{ID: firstEmployee, Name: "Pegawai", Language: "id", Label: "Pegawai"})
	address, redis := storetest.URL(t, "mariadb"), storetest.Redis(t)
	emptied(t, redis)
	for name, value := range map[string]string{"TELEGRAM_TOKEN": sim.Token(), "DATABASE_URL": address, "REDIS_URL": redis,
		"TELEGRAM_API_URL": server.URL, "HEALTH_LISTEN": freeAddress(t)} {
		t.Setenv(name, value)
	}
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return &firstDay{t: t, ctx: ctx, client: simulator.Client{BaseURL: server.URL}, seen: map[int64]string{},
		played: players{names: map[int64]string{firstAdministrator: "Pengelola", firstEmployee: "Pegawai"}}}
}

func emptied(t *testing.T, redis string) {
	t.Helper()
	client, shut, err := dialogue.Connect(redis)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(client.FlushDB(t.Context()).Err(), shut()); err != nil {
		t.Fatal(err)
	}
}

// saveRoster writes the sample city as the workbook that the README imports.
func saveRoster(t *testing.T, path string) {
	t.Helper()
	units, people := sample.Files()
	book := excelize.NewFile()
	for sheet, content := range map[string][]byte{"unit": units, "pegawai": people} {
		table, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := book.NewSheet(sheet); err != nil {
			t.Fatal(err)
		}
		for n, row := range table {
			cell, err := excelize.CoordinatesToCellName(1, n+1)
			if err == nil {
				err = book.SetSheetRow(sheet, cell, &row)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(book.DeleteSheet("Sheet1"), book.SaveAs(path), book.Close()); err != nil {
		t.Fatal(err)
	}
}

// runningIt are the commands of the README's section of that name, each as the words that a shell makes of it.
func runningIt(t *testing.T) [][]string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Running it\n")
	_, block, found := strings.Cut(section, "```sh\n")
	block, _, closed := strings.Cut(block, "```")
	if !found || !closed {
		t.Fatal("the README has no commands under \"Running it\"")
	}
	word := regexp.MustCompile(`"[^"]*"|\S+`)
	var commands [][]string
	for line := range strings.Lines(block) {
		line, _, _ = strings.Cut(line, " #")
		var words []string
		for _, w := range word.FindAllString(line, -1) {
			words = append(words, strings.Trim(w, `"`))
		}
		if len(words) > 0 {
			commands = append(commands, words)
		}
	}
	return commands
}

// perform does one line of the README and returns what it prints.
func (d *firstDay) perform(words []string) string {
	d.t.Helper()
	switch {
	case words[0] == "export":
		name, _, _ := strings.Cut(words[1], "=")
		if os.Getenv(name) == "" {
			d.t.Fatalf("the README sets %s, which this machine does not know", name)
		}
		return ""
	case words[0] != "kinerja":
		d.t.Fatalf("the README has a command that this machine does not know: %v", words)
	case words[1] == "serve":
		d.serve()
		return ""
	case words[1] == "doctor": // of a city that is empty
		code, stdout, stderr := invoke(d.t, words[1:]...)
		if code != exitPartly {
			d.t.Errorf("the doctor finds something wrong with the system, exit code %d:\n%s%s", code, stdout, stderr)
		}
		return stdout
	}
	return does(d.t, words[1:]...)
}

// announced is a writer that closes ready once something was printed.
type announced struct {
	ready chan struct{}
	once  sync.Once
}

func (a *announced) Write(p []byte) (int, error) {
	a.once.Do(func() { close(a.ready) })
	return len(p), nil
}

// serve runs the program until the test ends; it returns when the line is printed that says it is ready.
func (d *firstDay) serve() {
	d.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, code := &announced{ready: make(chan struct{})}, make(chan int, 1)
	var log bytes.Buffer
	go func() { code <- run(ctx, []string{"serve"}, out, &log) }()
	d.t.Cleanup(func() {
		stop()
		if c := <-code; c != exitOK {
			d.t.Errorf("serve ended with exit code %d:\n%s", c, log.String())
		}
	})
	select {
	case <-out.ready:
	case c := <-code:
		code <- c
		d.t.Fatalf("serve ended with exit code %d:\n%s", c, log.String())
	case <-d.ctx.Done():
		d.t.Fatal("serve is not ready")
	}
}

var deepLink = regexp.MustCompile(`https://t\.me/\w+\?start=([0-9A-Z]+)`)

// enters is a person opening the first link of what was printed, down to what he then sees of the menu.
func (d *firstDay) enters(who int64, printed, name string, then ...step) {
	d.t.Helper()
	link := deepLink.FindStringSubmatch(printed)
	if link == nil {
		d.t.Fatalf("no link in %q", printed)
	}
	steps := append([]step{
		{who: who, text: "/start " + link[1], see: name},
		{who: who, tap: "Ya, benar", see: "Pemberitahuan privasi"},
		{who: who, tap: "Saya sudah membaca", see: "Menu kinerja"},
	}, then...)
	for _, s := range steps {
		if err := s.play(d.ctx, io.Discard, d.client, d.played, d.seen); err != nil {
			d.t.Fatal(err)
		}
	}
}

func TestTheReadmeLeadsFromAnEmptyDatabaseToACityWhosePeopleEnter(t *testing.T) {
	commands := runningIt(t)
	d := newFirstDay(t)
	saveRoster(t, "pegawai.xlsx")
	printed, performed := map[string]string{}, []string{}
	for _, words := range commands {
		out := d.perform(words)
		what := words[min(1, len(words)-1)]
		if words[0] == "kinerja" {
			performed, printed[what] = append(performed, what), out
		}
		switch what {
		case "serve":
			d.enters(firstAdministrator, printed["invite"], "Siti Rahayu", step{who: firstAdministrator, text: "/admin", see: "Administrasi"})
		case "invite":
			if slices.Contains(performed, "import") {
				d.enters(firstEmployee, out, "Zulfahmi")
			}
		}
	}
	if want := []string{"migrate", "doctor", "invite", "serve", "import", "import", "invite"}; !slices.Equal(performed, want) {
		t.Errorf("the README does %v, want %v", performed, want)
	}
	if again := does(t, "invite", "--all", "--renew", "--format", "csv"); strings.Count(again, "?start=") != 60 {
		t.Errorf("all but one of the 61 should still be without an account:\n%s", again)
	}
}
