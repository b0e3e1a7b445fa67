//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"kinerja/store/servers"
)

// The variables that tell the tests about their surroundings.
const (
	mysqlVariable    = "KINERJA_TEST_MYSQL"
	redisVariable    = "KINERJA_TEST_REDIS"
	chromiumVariable = "CHROMIUM"
	popplerVariable  = "PDFTOTEXT"
	missingVariable  = "KINERJA_ALLOW_MISSING"
)

// raceFlag is the one option of go test that needs a C compiler.
const raceFlag = "-race"

// finder is servers.FindOrInstall, or a machine that lacks something.
type finder func(ctx context.Context, log io.Writer, want ...servers.Program) (missing []servers.Program)

// environment is what the command runs in.
type environment struct {
	command []string
	extra   []string // variables for the command, NAME=value
	leftOut []string // what could not be had, one sentence each
	folder  string   // everything that is to be removed
	running []*servers.Server
}

// prepare finds or starts all that command needs and that getenv does not already give. After an error nothing is left.
func prepare(
	ctx context.Context, command []string, getenv func(string) string, log io.Writer, find finder,
) (*environment, error) {
	e := &environment{command: command}
	want := wanted(command, getenv)
	missing := find(ctx, log, want...)
	var err error
	if e.folder, err = os.MkdirTemp("", "kinerja-test-"); err != nil {
		return nil, err
	}
	for _, program := range want {
		if slices.Contains(missing, program) {
			e.leaveOut(program)
			continue
		}
		if err := e.provide(ctx, program); err != nil {
			return nil, errors.Join(err, e.close())
		}
	}
	if len(e.leftOut) > 0 {
		e.extra = append(e.extra, missingVariable+"=1")
	}
	return e, nil
}

// wanted are the programs that the person has not provided himself.
func wanted(command []string, getenv func(string) string) (programs []servers.Program) {
	if slices.Contains(command, raceFlag) {
		programs = append(programs, servers.Compiler)
	}
	if getenv(mysqlVariable) == "" {
		programs = append(programs, servers.Galera) // the tests start their own
	}
	for _, need := range []struct {
		variable string
		program  servers.Program
	}{
		{mysqlVariable, servers.MariaDB},
		{redisVariable, servers.Redis},
		{chromiumVariable, servers.Chromium},
		{popplerVariable, servers.Poppler},
	} {
		if getenv(need.variable) == "" {
			programs = append(programs, need.program)
		}
	}
	return programs
}

// leaveOut notes that the tests must do without the program.
func (e *environment) leaveOut(program servers.Program) {
	if program != servers.Compiler {
		e.leftOut = append(e.leftOut, string(program))
		return
	}
	e.leftOut = append(e.leftOut, "the race detector, for lack of a "+string(program))
	e.command = slices.DeleteFunc(slices.Clone(e.command), func(word string) bool { return word == raceFlag })
}

// provide starts the server, or finds the program, and tells the command where it is.
func (e *environment) provide(ctx context.Context, program servers.Program) error {
	switch program {
	case servers.MariaDB:
		server, err := servers.StartMariaDB(ctx, e.folder)
		return e.serve(mysqlVariable, server, err)
	case servers.Redis:
		server, err := servers.StartRedis(ctx, e.folder)
		return e.serve(redisVariable, server, err)
	case servers.Chromium, servers.Poppler:
		path, found := program.Path()
		if !found {
			return fmt.Errorf("%s was found a moment ago and is gone", program)
		}
		path, err := filepath.Abs(path)
		variable := map[servers.Program]string{servers.Chromium: chromiumVariable, servers.Poppler: popplerVariable}[program]
		e.extra = append(e.extra, variable+"="+path)
		return err
	case servers.Compiler, servers.Galera: // whoever needs it finds it
	}
	return nil
}

func (e *environment) serve(variable string, server *servers.Server, err error) error {
	if err != nil {
		return err
	}
	e.running = append(e.running, server)
	e.extra = append(e.extra, variable+"="+server.URL())
	return nil
}

// close stops what runs and removes the folder.
func (e *environment) close() error {
	var failures []error
	for _, server := range e.running {
		failures = append(failures, server.Close())
	}
	return errors.Join(append(failures, os.RemoveAll(e.folder))...)
}
