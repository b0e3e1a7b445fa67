package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Program is something the tests need from the machine.
type Program string

// The programs that FindOrInstall knows.
const (
	MariaDB  Program = "MariaDB"
	Galera   Program = "Galera" // what several MariaDB need to be one cluster
	Redis    Program = "Redis"
	Chromium Program = "Chromium"
	Poppler  Program = "Poppler"    // reads PDF files
	Compiler Program = "C compiler" // for the race detector, with the C library's headers
)

// names are the program's executables, the preferred first.
func (p Program) names() []string {
	switch p {
	case MariaDB:
		return []string{"mariadbd", "mysqld"}
	case Galera:
		return []string{"mariadb-backup", "mariabackup"} // copies a node to one that has lost everything
	case Redis:
		return []string{"redis-server"}
	case Chromium:
		return []string{"chromium", "chromium-browser", "google-chrome"}
	case Poppler:
		return []string{"pdftotext"}
	case Compiler:
		return []string{"gcc"}
	}
	return nil
}

// packages are the Debian packages that bring the program.
func (p Program) packages() []string {
	switch p {
	case MariaDB:
		return []string{"mariadb-server"}
	case Galera:
		return []string{"mariadb-server", "galera-4", "mariadb-backup", "socat", "iproute2"}
	case Redis:
		return []string{"redis-server"}
	case Chromium:
		return []string{"chromium"}
	case Poppler:
		return []string{"poppler-utils"}
	case Compiler:
		return []string{"gcc", "libc6-dev"}
	}
	return nil
}

// Path finds the program's executable in PATH and in the usual system folders.
func (p Program) Path() (path string, found bool) { return lookFor(p.names()...) }

// Usable reports whether the program is there with all it needs.
func (p Program) Usable(ctx context.Context) bool {
	path, found := p.Path()
	if !found {
		return false
	}
	switch p {
	case MariaDB:
		_, found = lookFor("mariadb-install-db", "mysql_install_db")
		return found
	case Galera:
		_, provider := galeraProvider()
		_, socat := lookFor("socat")
		return provider && socat && MariaDB.Usable(ctx)
	case Compiler:
		cmd := exec.CommandContext(ctx, path, "-x", "c", "-E", "-o", os.DevNull, "-")
		cmd.Stdin = strings.NewReader("#include <stdlib.h>\n")
		return cmd.Run() == nil
	}
	return true
}

// lookFor searches PATH and the folders that a plain user's PATH may leave out.
func lookFor(names ...string) (path string, found bool) {
	for _, name := range names {
		for _, candidate := range []string{name, "/usr/sbin/" + name, "/usr/bin/" + name} {
			if path, err := exec.LookPath(candidate); err == nil {
				return path, true
			}
		}
	}
	return "", false
}

// FindOrInstall looks for the wanted programs, and installs the missing ones as Debian packages when it is root and apt-get is
// there. It tells on log what it does, and returns what is still missing, in the order wanted. Services that the packages bring
// are not started. On a machine that has everything it changes nothing and asks no registry.
func FindOrInstall(ctx context.Context, log io.Writer, want ...Program) (missing []Program) {
	missing = unusable(ctx, want)
	if len(missing) == 0 || !canInstall() {
		return missing
	}
	if err := installAll(ctx, log, missing); err != nil {
		say(log, "install: %v", err)
	}
	return unusable(ctx, missing)
}

func unusable(ctx context.Context, want []Program) (missing []Program) {
	for _, program := range want {
		if !program.Usable(ctx) {
			missing = append(missing, program)
		}
	}
	return missing
}

func canInstall() bool {
	_, found := lookFor("apt-get")
	return found && os.Geteuid() == 0
}

// installAll installs each program by itself, so that one that is not to be had keeps no other from coming.
func installAll(ctx context.Context, log io.Writer, programs []Program) (err error) {
	restore, err := forbidServices("/usr/sbin/policy-rc.d")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, restore()) }()
	failures := []error{aptGet(ctx, log, "update")}
	for _, program := range programs {
		say(log, "installing %s (%s) ...", program, strings.Join(program.packages(), ", "))
		arguments := append([]string{"install", "--yes", "--no-install-recommends"}, program.packages()...)
		failures = append(failures, aptGet(ctx, log, arguments...))
	}
	return errors.Join(failures...)
}

// forbidServices makes Debian's package scripts start no service, by the file they ask, and returns how to undo that. Where
// the machine has such a file already, its owner has decided and it stays as it is.
func forbidServices(path string) (restore func() error, err error) {
	policy, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755) // dpkg runs it
	if errors.Is(err, os.ErrExist) {
		return func() error { return nil }, nil
	}
	if err != nil {
		return nil, fmt.Errorf("keep services from starting: %w", err)
	}
	_, err = policy.WriteString("#!/bin/sh\nexit 101\n")
	if err = errors.Join(err, policy.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	return func() error { return os.Remove(path) }, nil
}

// aptGet runs apt-get quietly; its words are shown only when it fails.
func aptGet(ctx context.Context, log io.Writer, arguments ...string) error {
	program, _ := lookFor("apt-get")
	options := []string{"-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"}
	cmd := exec.CommandContext(ctx, program, append(options, arguments...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // lets dpkg finish its step
	cmd.WaitDelay = time.Minute
	output, err := cmd.CombinedOutput()
	if err != nil {
		say(log, "%s", output)
		return fmt.Errorf("%s %s: %w", filepath.Base(program), strings.Join(arguments, " "), err)
	}
	return nil
}

// say writes a line for the person who waits; what cannot be shown to him cannot be told to him either.
func say(log io.Writer, format string, arguments ...any) {
	_, _ = fmt.Fprintf(log, format+"\n", arguments...)
}
