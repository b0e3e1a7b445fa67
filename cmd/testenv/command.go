//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// exitSignal is what a shell adds to the number of the signal that ended a command.
const exitSignal = 128

// patience is how long an interrupted command may take to end by itself.
const patience = 10 * time.Second

// execute runs the command and returns its exit code. When ctx ends, the command is interrupted and, if it does not end,
// killed, with every process it started: `go test` alone would leave its test programs behind.
func execute(ctx context.Context, e *environment, stdout, stderr io.Writer) int {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), e.command[0], e.command[1:]...)
	cmd.Env = append(os.Environ(), e.extra...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a group of its own, to be signalled as one
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(stderr, "testenv: %v\n", err)
		return exitFailed
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return exitCode(err, stderr)
	case <-ctx.Done():
		return max(exitFailed, interrupt(cmd.Process.Pid, ended, stderr))
	}
}

// interrupt ends the process group in good order, or else by force.
func interrupt(group int, ended <-chan error, stderr io.Writer) int {
	signalGroup(group, syscall.SIGINT, stderr)
	select {
	case err := <-ended:
		signalGroup(group, syscall.SIGKILL, stderr) // whoever the command left behind
		return exitCode(err, stderr)
	case <-time.After(patience):
		signalGroup(group, syscall.SIGKILL, stderr)
		return exitCode(<-ended, stderr)
	}
}

func signalGroup(group int, sig syscall.Signal, stderr io.Writer) {
	if err := syscall.Kill(-group, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		fmt.Fprintf(stderr, "testenv: %s to the command: %v\n", sig, err)
	}
}

// exitCode is the command's own, or 128 and the signal that ended it, as a shell says it.
func exitCode(err error, stderr io.Writer) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		fmt.Fprintf(stderr, "testenv: %v\n", err)
		return exitFailed
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitSignal + int(status.Signal())
	}
	return exit.ExitCode()
}
