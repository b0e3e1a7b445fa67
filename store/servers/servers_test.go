package servers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestMain also plays the program that dies with a server of its own: see TestServersEndWithTheProgramThatStartedThem.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SERVERS_TEST_START_AND_HANG"); dir != "" {
		startAndHang(dir)
	}
	os.Exit(m.Run())
}

func startMariaDB(t *testing.T, options ...Option) *Server {
	t.Helper()
	need(t, MariaDB)
	return started(t)(StartMariaDB(t.Context(), t.TempDir(), options...))
}

func startRedis(t *testing.T) *Server {
	t.Helper()
	need(t, Redis)
	return started(t)(StartRedis(t.Context(), t.TempDir()))
}

func started(t *testing.T) func(*Server, error) *Server {
	t.Helper()
	return func(s *Server, err error) *Server {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { check(t, s.Close()) })
		return s
	}
}

// need skips only where the person was told that something is left out.
func need(t *testing.T, program Program) {
	t.Helper()
	if program.Usable(t.Context()) {
		return
	}
	if os.Getenv("KINERJA_ALLOW_MISSING") == "1" {
		t.Skipf("%s is missing, and allowed to be", program)
	}
	t.Fatalf("%s is missing; run the tests by `make test`", program)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func remember(t *testing.T, databaseURL, word string) {
	t.Helper()
	check(t, execute(t.Context(), databaseURL, "CREATE TABLE IF NOT EXISTS words (word VARCHAR(20))"))
	check(t, execute(t.Context(), databaseURL, "INSERT INTO words VALUES ('"+word+"')"))
}

func recall(t *testing.T, databaseURL string) (word string) {
	t.Helper()
	check(t, withDatabase(databaseURL, func(q querier) error {
		return q.QueryRowContext(t.Context(), "SELECT word FROM words").Scan(&word)
	}))
	return word
}

func TestMariaDBKeepsURLAndDataThroughARestart(t *testing.T) {
	s := startMariaDB(t)
	database, err := s.NewDatabase(t.Context(), "first")
	check(t, err)
	remember(t, database, "baik")
	url, before := s.URL(), s.PID()

	check(t, s.Restart(t.Context()))

	if s.URL() != url || database != url+"first" {
		t.Errorf("URL %s, database %s; before the restart %s", s.URL(), database, url)
	}
	if s.PID() == before || !gone(before) {
		t.Errorf("process %d still runs", before)
	}
	if got := recall(t, database); got != "baik" {
		t.Errorf("after the restart the word is %q", got)
	}
}

func TestDurableMariaDBKeepsWhatWasCommittedBeforeAKill(t *testing.T) {
	s := startMariaDB(t, Durable())
	database, err := s.NewDatabase(t.Context(), "durable")
	check(t, err)
	remember(t, database, "sikap")

	check(t, s.Kill())
	if s.PID() != 0 {
		t.Fatal("it still runs after Kill")
	}
	check(t, s.Restart(t.Context()))

	if got := recall(t, database); got != "sikap" {
		t.Errorf("after the kill the word is %q", got)
	}
}

func TestMariaDBStartsInAFolderTooDeepForAUnixSocket(t *testing.T) {
	need(t, MariaDB)
	deep := filepath.Join(t.TempDir(), strings.Repeat("d", 120))
	started(t)(StartMariaDB(t.Context(), deep))
}

func TestAStartThatFailsTellsTheServersOwnWords(t *testing.T) {
	s := startRedis(t)
	check(t, s.Stop())
	s.command = append(s.command, "--nonsense", "yes")

	err := s.Restart(t.Context())

	if err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("error: %v", err)
	}
}

func TestAServerWhosePortAnotherHoldsDoesNotCountAsReady(t *testing.T) {
	held, late := startRedis(t), startRedis(t)
	check(t, late.Stop())
	late.port = held.port

	if err := redisReady(t.Context(), late, late.process.pid); err == nil {
		t.Error("the other server's answer was taken for ours")
	}
}

func TestRedisComesBackEmptyOnTheSamePort(t *testing.T) {
	s := startRedis(t)
	options, err := redis.ParseURL(s.URL())
	check(t, err)
	client := redis.NewClient(options)
	t.Cleanup(func() { check(t, client.Close()) })
	check(t, client.Set(t.Context(), "position", "page", 0).Err())

	check(t, s.Kill())
	check(t, s.Restart(t.Context()))

	if err := client.Get(t.Context(), "position").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("the key after the restart: %v", err)
	}
}

func TestCloseLeavesNoProcessAndNoFile(t *testing.T) {
	need(t, MariaDB)
	need(t, Redis)
	dir := t.TempDir()
	mariadb := started(t)(StartMariaDB(t.Context(), dir))
	cache := started(t)(StartRedis(t.Context(), dir))
	pids := []int{mariadb.PID(), cache.PID()}

	check(t, errors.Join(mariadb.Close(), cache.Close()))

	for _, pid := range pids {
		if !gone(pid) {
			t.Errorf("process %d still runs", pid)
		}
	}
	left, err := os.ReadDir(dir)
	check(t, err)
	if len(left) != 0 {
		t.Errorf("left in the folder: %v", left)
	}
	check(t, errors.Join(mariadb.Stop(), mariadb.Kill(), mariadb.Close())) // again: nothing happens
}

func TestMariaDBIsAsStrictAsMySQL(t *testing.T) {
	s := startMariaDB(t)
	database, err := s.NewDatabase(t.Context(), "strict")
	check(t, err)
	check(t, execute(t.Context(), database, "CREATE TABLE words (word VARCHAR(20), n INT, UNIQUE (word))"))
	check(t, execute(t.Context(), database, "CREATE TABLE days (day DATE)"))
	check(t, execute(t.Context(), database, "INSERT INTO words VALUES ('a', 1), ('a ', 2)")) // a trailing blank counts
	for what, statement := range map[string]string{
		"a column that is not grouped": "SELECT word, n FROM words GROUP BY word",
		"a day that does not exist":    "INSERT INTO days VALUES ('2026-00-00')",
		"a division by zero":           "INSERT INTO words SELECT 'b', 1/0",
	} {
		if err := execute(t.Context(), database, statement); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}

func TestADatabaseNameThatCouldBeAStatementIsRefused(t *testing.T) {
	for _, name := range []string{"", "a`b", "a b", "a/b", strings.Repeat("a", 65)} {
		if _, err := CreateDatabase(t.Context(), "mysql://root@127.0.0.1:1/", name); err == nil ||
			!strings.Contains(err.Error(), "characters") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestDropDatabaseRemovesItAndMayRunTwice(t *testing.T) {
	s := startMariaDB(t)
	database, err := s.NewDatabase(t.Context(), "short_lived")
	check(t, err)

	check(t, DropDatabase(t.Context(), database))
	check(t, DropDatabase(t.Context(), database))

	if err := execute(t.Context(), database, "SELECT 1"); err == nil {
		t.Error("the database is still there")
	}
	if err := DropDatabase(t.Context(), s.URL()); err == nil {
		t.Error("a URL without a name was accepted")
	}
}

// On Linux the servers end even when their parent is killed and cannot stop them.
func TestServersEndWithTheProgramThatStartedThem(t *testing.T) {
	need(t, MariaDB)
	need(t, Redis)
	parent := exec.CommandContext(t.Context(), os.Args[0])
	parent.Env = append(os.Environ(), "SERVERS_TEST_START_AND_HANG="+t.TempDir())
	parent.Stderr = os.Stderr
	output, err := parent.StdoutPipe()
	check(t, err)
	check(t, parent.Start())
	line, err := bufio.NewReader(output).ReadString('\n')
	check(t, err)

	check(t, parent.Process.Kill())
	if err := parent.Wait(); err == nil {
		t.Fatal("the parent ended by itself")
	}

	for field := range strings.FieldsSeq(line) {
		pid, err := strconv.Atoi(field)
		check(t, err)
		waitGone(t, pid)
	}
}

// startAndHang starts both servers, prints their process ids and waits to be killed.
func startAndHang(dir string) {
	mariadb, err := StartMariaDB(context.Background(), dir)
	if err != nil {
		panic(err)
	}
	cache, err := StartRedis(context.Background(), dir)
	if err != nil {
		panic(err)
	}
	fmt.Println(mariadb.PID(), cache.PID())
	select {}
}

// waitGone waits for the system to end an orphan. A zombie counts as ended: who reaps it is the machine's affair.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	deadline, again := time.After(10*time.Second), time.NewTicker(retryEvery)
	defer again.Stop()
	for !gone(pid) && !zombie(pid) {
		select {
		case <-deadline:
			t.Fatalf("process %d outlives its parent", pid)
		case <-again.C:
		}
	}
}

func zombie(pid int) bool {
	state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(state), ") Z ")
}
