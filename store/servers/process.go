package servers

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// process is a child process that somebody waits for.
type process struct {
	cmd  *exec.Cmd
	pid  int
	done chan struct{} // closed when the process is gone and err is set
	err  error         // how it ended
}

// launch starts cmd and a goroutine that waits for it. On Linux the system kills the child when the thread that started it
// ends (Pdeathsig), not when the program ends. Go may end a thread at any time, so this goroutine keeps the thread for itself
// until the child is gone.
func launch(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = attributes()
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	return p, nil
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// signal sends sig; a process that has ended meanwhile is no error.
func (p *process) signal(sig os.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// kill ends the process at once, with whatever it started itself, and waits until it is gone.
func (p *process) kill() error {
	if p.ended() {
		return nil // its id may be another's by now
	}
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.done
	endGroup(p.pid)
	return nil
}
