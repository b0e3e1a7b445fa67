package main

import (
	"fmt"
	"runtime"
)

// version is set by the linker: -X main.version=1.2.3
var version = "unreleased" //nolint:gochecknoglobals // the linker can set nothing else

type versionCommand struct{}

// Run prints the version and what it was built with.
func (*versionCommand) Run(c console) error {
	_, err := fmt.Fprintf(c.stdout, "kinerja %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
