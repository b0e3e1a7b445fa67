package servers

import "syscall"

// attributes makes a child end with the thread that started it, and keeps the terminal's Ctrl-C away from it: whoever started
// the server stops it, after those who use it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// endGroup kills what a child has started and left behind, such as a script that copies a database.
func endGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) } // as a rule there is nobody
