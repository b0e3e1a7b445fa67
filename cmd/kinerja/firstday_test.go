package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
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
	// The phones of both who enter.
	administrator, employee int64
}

func newFirstDay(t *testing.T) *firstDay {
	t.Helper()
	address, redis := storetest.URL(t, "mariadb"), storetest.Redis(t)
	emptied(t, redis)
	telegram := runs(t, "simulator", "--listen", "127.0.0.1:0")
	found := regexp.MustCompile(`TELEGRAM_API_URL=(\S+) TELEGRAM_TOKEN=(\S+)`).FindStringSubmatch(telegram)
	if found == nil {
		t.Fatalf("the simulator tells no settings: %s", telegram)
	}
	for name, value := range map[string]string{"TELEGRAM_TOKEN": found[2], "DATABASE_URL": address, "REDIS_URL": redis,
		"TELEGRAM_API_URL": found[1], "HEALTH_LISTEN": freeAddress(t)} {
		t.Setenv(name, value)
	}
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	d := &firstDay{t: t, ctx: ctx, client: simulator.Client{BaseURL: found[1]}, seen: map[int64]string{}, played: players{names: map[int64]string{}}}
	d.administrator, d.employee = d.phone("Pengelola"), d.phone("Pegawai")
	return d
}

// phone adds a phone on the simulator's page.
func (d *firstDay) phone(name string) int64 {
	d.t.Helper()
	added, err := d.client.AddPhone(d.ctx, name, "")
	if err != nil {
		d.t.Fatal(err)
	}
	d.played.names[added.ID] = name
	return added.ID
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
		return runs(d.t, "serve")
	case words[1] == "doctor": // of a city that is empty
		code, stdout, stderr := invoke(d.t, words[1:]...)
		if code != exitPartly {
			d.t.Errorf("the doctor finds something wrong with the system, exit code %d:\n%s%s", code, stdout, stderr)
		}
		return stdout
	}
	return does(d.t, words[1:]...)
}

// announced is a writer that closes ready once something was printed, and keeps that.
type announced struct {
	ready chan struct{}
	once  sync.Once
	words string
}

func (a *announced) Write(p []byte) (int, error) {
	a.once.Do(func() { a.words = string(p); close(a.ready) })
	return len(p), nil
}

// runs runs a command until the test ends; it returns what the command prints when it is ready.
func runs(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, code := &announced{ready: make(chan struct{})}, make(chan int, 1)
	var log bytes.Buffer
	go func() { code <- run(ctx, args, out, &log) }()
	t.Cleanup(func() {
		stop()
		if c := <-code; c != exitOK {
			t.Errorf("%s ended with exit code %d:\n%s", args[0], c, log.String())
		}
	})
	select {
	case <-out.ready:
	case c := <-code:
		code <- c
		t.Fatalf("%s ended with exit code %d:\n%s", args[0], c, log.String())
	case <-time.After(time.Minute):
		t.Fatalf("%s is not ready", args[0])
	}
	return out.words
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
			d.enters(d.administrator, printed["invite"], "Siti Rahayu", step{who: d.administrator, text: "/admin", see: "Administrasi"})
		case "invite":
			if slices.Contains(performed, "import") {
				d.enters(d.employee, out, "Zulfahmi")
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
