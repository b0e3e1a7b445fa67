package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"

	"kinerja/store"
	"kinerja/store/dialogue"
)

// panicked is a panic in the handling of an update, as an error.
type panicked struct {
	value any
	where string // file and line in this program
}

func (p *panicked) Error() string { return fmt.Sprintf("panic (%T) at %s", p.value, p.where) }

// recovered turns a panic into an error. Defer it, with the error to be set.
func recovered(err *error) {
	if value := recover(); value != nil {
		*err = &panicked{value: value, where: panickedAt()}
	}
}

// panickedAt finds the line that panicked: the first below the runtime's own. The stack is still there while a deferred function runs.
func panickedAt() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	inPanic := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			inPanic = true
		case inPanic && !strings.HasPrefix(frame.Function, "runtime."):
			file := frame.File[strings.LastIndex(frame.File, "/")+1:]
			return fmt.Sprintf("%s:%d", file, frame.Line)
		}
		if !more {
			return "unknown"
		}
	}
}

// redisSoon begins what Redis says when the same command may work later.
var redisSoon = []string{"LOADING", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "BUSY", "OOM", "NOREPLICAS", "MISCONF", "UNBLOCKED"}

// transient reports whether the same update may succeed later without anybody mending anything: a store was away or busy, or took too long.
func transient(err error) bool {
	if store.Transient(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.Is(err, dialogue.ErrBusy) || errors.Is(err, dialogue.ErrLost) || errors.Is(err, redis.ErrPoolTimeout) {
		return true
	}
	var said redis.Error
	if errors.As(err, &said) {
		for _, soon := range redisSoon {
			if strings.HasPrefix(said.Error(), soon) {
				return true
			}
		}
	}
	return false
}

// classOf describes an error for the log without its text, which may hold what a person wrote.
func classOf(err error) string {
	var (
		numbered *mysql.MySQLError
		crash    *panicked
		failure  *Failure
	)
	switch {
	case errors.As(err, &crash):
		return crash.Error()
	case errors.As(err, &failure):
		return failure.Error()
	case errors.As(err, &numbered):
		return fmt.Sprintf("%smysql %d", operations(err, numbered), numbered.Number)
	}
	root := rootOf(err)
	return fmt.Sprintf("%s%T", operations(err, root), root)
}

// rootOf is the innermost error, the first one where several were joined.
func rootOf(err error) error {
	for {
		switch wrapper := err.(type) { //nolint:errorlint // looking at each layer is the point
		case interface{ Unwrap() error }:
			if wrapper.Unwrap() == nil {
				return err
			}
			err = wrapper.Unwrap()
		case interface{ Unwrap() []error }:
			if len(wrapper.Unwrap()) == 0 {
				return err
			}
			err = wrapper.Unwrap()[0]
		default:
			return err
		}
	}
}

// operations is what the layers above the root wrapped around it, such as "open period 12: ". Those are our own words and numbers.
func operations(err, root error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
		err = joined.Unwrap()[0]
	}
	outer, found := strings.CutSuffix(err.Error(), root.Error())
	if !found {
		return ""
	}
	return outer
}

// Cause describes an error for the log without its text, which may hold what a person wrote.
func Cause(err error) string { return classOf(err) }
