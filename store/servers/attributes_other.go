//go:build !linux

package servers

import "syscall"

// attributes is empty here: only Linux can tie a child's life to its parent's.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// endGroup does nothing here: a child has no group of its own.
func endGroup(int) {}
