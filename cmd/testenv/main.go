//go:build unix

// Command testenv runs a command, as a rule the tests, with private servers beside it:
//
//	go run ./cmd/testenv [--require] -- go test -race ./...
//
// It finds or installs what the tests need, starts MariaDB and Redis in a temporary folder, tells the command about them in
// its environment, and stops and removes everything afterwards. It exits with the command's own code. Clusters of them
// (Galera, Redis Cluster) are started by the tests that need one.
//
// The environment of the command:
//
//	KINERJA_TEST_MYSQL     mysql://root@127.0.0.1:PORT/; each test makes databases of its own there
//	KINERJA_TEST_REDIS     redis://127.0.0.1:PORT/0
//	CHROMIUM               the browser's path
//	PDFTOTEXT              Poppler's program that reads a PDF
//	KINERJA_ALLOW_MISSING  1 when something could not be had; tests that need it may skip then, and only then
//
// A variable of the first four that is set already is used as it is, and nothing is started for it. Where something could not
// be had, testenv says so before and after the command; with --require or CI=true it then fails, whatever the tests said.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"kinerja/store/servers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr, servers.FindOrInstall)
	stop()
	os.Exit(code)
}

const (
	exitFailed = 1
	exitUsage  = 2
)

// run does the whole job and returns the exit code. When ctx ends, the command is stopped and everything is cleaned up.
func run(ctx context.Context, arguments []string, getenv func(string) string, stdout, stderr io.Writer, find finder) int {
	flags := flag.NewFlagSet("testenv", flag.ContinueOnError)
	flags.SetOutput(stderr)
	require := flags.Bool("require", false, "fail when something was left out, as with CI=true")
	if err := flags.Parse(arguments); err != nil {
		return exitUsage
	}
	command := flags.Args()
	if len(command) == 0 {
		fmt.Fprintln(stderr, "testenv: no command; usage: testenv [--require] -- go test -race ./...")
		return exitUsage
	}
	prepared, err := prepare(ctx, command, getenv, stderr, find)
	if err != nil {
		fmt.Fprintf(stderr, "testenv: %v\n", err)
		return exitFailed
	}
	tellLeftOut(stderr, prepared.leftOut)
	code := execute(ctx, prepared, stdout, stderr)
	if err := prepared.close(); err != nil {
		fmt.Fprintf(stderr, "testenv: clean up: %v\n", err)
		code = max(code, exitFailed)
	}
	tellLeftOut(stderr, prepared.leftOut)
	if len(prepared.leftOut) > 0 && (*require || getenv("CI") == "true") {
		return max(code, exitFailed)
	}
	return code
}

// tellLeftOut says loudly what the tests will not, or did not, cover.
func tellLeftOut(stderr io.Writer, leftOut []string) {
	if len(leftOut) == 0 {
		return
	}
	line := strings.Repeat("!", 80)
	fmt.Fprintf(stderr, "\n%s\nLEFT OUT: %s\n", line, strings.Join(leftOut, "\nLEFT OUT: "))
	fmt.Fprintf(stderr, "What needs it is not tested. Install it, or run as root where apt-get is.\n%s\n\n", line)
}
