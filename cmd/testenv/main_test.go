//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kinerja/store/servers"
)

// given plays a person's environment: everything is provided, so that nothing is started.
func given(more ...string) func(string) string {
	variables := append([]string{mysqlVariable, "mysql://his/", redisVariable, "redis://his/0", chromiumVariable, "/his", popplerVariable, "/his"}, more...)
	return func(name string) string {
		for i := len(variables) - 2; i >= 0; i -= 2 {
			if variables[i] == name {
				return variables[i+1]
			}
		}
		return ""
	}
}

// everything is a machine that lacks nothing.
func everything(context.Context, io.Writer, ...servers.Program) []servers.Program { return nil }

// nothing is a machine that has none of the programs and cannot install them.
func nothing(_ context.Context, _ io.Writer, want ...servers.Program) []servers.Program { return want }

// play runs testenv with a temporary folder of its own and returns its exit code and what it printed.
func play(t *testing.T, getenv func(string) string, find finder, arguments ...string) (code int, stdout, stderr string) {
	t.Helper()
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	var out, errors bytes.Buffer
	code = run(t.Context(), arguments, getenv, &out, &errors, find)
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
	return code, out.String(), errors.String()
}

func TestTheCommandsExitCodeAndOutputAreHandedOn(t *testing.T) {
	for command, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -TERM $$": 143} {
		code, stdout, stderr := play(t, given(), everything, "--", "sh", "-c", "echo out; echo err >&2; "+command)
		if code != want || stdout != "out\n" || stderr != "err\n" {
			t.Errorf("%s: code %d, stdout %q, stderr %q", command, code, stdout, stderr)
		}
	}
}

func TestServersAreStartedAndTold(t *testing.T) {
	if missing := servers.FindOrInstall(t.Context(), io.Discard, servers.MariaDB, servers.Redis); len(missing) > 0 {
		if os.Getenv(missingVariable) == "1" {
			t.Skipf("missing, and allowed to be: %v", missing)
		}
		t.Fatalf("missing: %v", missing)
	}
	onlyBrowser := func(name string) string {
		return map[string]string{chromiumVariable: "/his", popplerVariable: "/his"}[name]
	}

	code, stdout, stderr := play(t, onlyBrowser, everything, "--", "sh", "-c", "echo $KINERJA_TEST_MYSQL $KINERJA_TEST_REDIS")

	if code != 0 || !strings.Contains(stdout, "mysql://root@127.0.0.1:") || !strings.Contains(stdout, "redis://127.0.0.1:") {
		t.Errorf("code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestWhatIsMissingIsToldTwiceAndTestsMaySkip(t *testing.T) {
	code, stdout, stderr := play(t, func(string) string { return "" }, nothing,
		"--", "sh", "-c", "echo allowed $KINERJA_ALLOW_MISSING; echo the command >&2")

	before, after, found := strings.Cut(stderr, "the command")
	for _, program := range []string{"MariaDB", "Redis", "Chromium", "Poppler"} {
		if line := "LEFT OUT: " + program; !found || !strings.Contains(before, line) || !strings.Contains(after, line) {
			t.Errorf("%q is not said before and after:\n%s", line, stderr)
		}
	}
	if code != 0 || stdout != "allowed 1\n" {
		t.Errorf("code %d, stdout %q", code, stdout)
	}
}

func TestWhatIsMissingFailsWhereItIsRequired(t *testing.T) {
	inCI := func(name string) string { return map[string]string{"CI": "true"}[name] }
	if code, _, _ := play(t, inCI, nothing, "--", "true"); code == 0 {
		t.Error("CI=true: exit code 0")
	}
	if code, _, _ := play(t, given(redisVariable, ""), nothing, "--require", "--", "true"); code == 0 {
		t.Error("--require: exit code 0")
	}
	if code, _, _ := play(t, given("CI", "true"), nothing, "--require", "--", "true"); code != 0 {
		t.Errorf("nothing is missing, exit code %d", code)
	}
}

func TestWithoutACompilerTheRaceDetectorIsLeftOut(t *testing.T) {
	code, stdout, stderr := play(t, given(), nothing, "--", "echo", "test", "-race", "./...")

	if code != 0 || stdout != "test ./...\n" || !strings.Contains(stderr, "LEFT OUT: the race detector") {
		t.Errorf("code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestWhatThePersonProvidesIsNotLookedFor(t *testing.T) {
	got := wanted([]string{"go", "test"}, given(redisVariable, ""))
	if !slices.Equal(got, []servers.Program{servers.Redis}) {
		t.Errorf("wanted: %v", got)
	}
}

func TestACallWithoutACommandIsToldHow(t *testing.T) {
	if code, _, stderr := play(t, given(), everything, "--require"); code != exitUsage || !strings.Contains(stderr, "usage") {
		t.Errorf("code %d, stderr %q", code, stderr)
	}
}

func TestAnInterruptEndsTheCommandAndCleansUp(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	ctx, interrupt := context.WithCancel(t.Context())
	told := filepath.Join(t.TempDir(), "interrupted")
	reader, writer := io.Pipe()
	code := make(chan int)
	go func() {
		script := "trap 'touch " + told + "; exit 3' INT; echo ready; while :; do sleep 0.05; done"
		code <- run(ctx, []string{"--", "sh", "-c", script}, given(), writer, io.Discard, everything)
	}()
	if _, err := io.ReadFull(reader, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}

	interrupt()

	select {
	case got := <-code:
		if got == 0 {
			t.Error("exit code 0 after an interrupt")
		}
	case <-time.After(2 * patience):
		t.Fatal("it did not end")
	}
	if _, err := os.Stat(told); err != nil {
		t.Errorf("the command was not interrupted in good order: %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
}
