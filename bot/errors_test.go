package bot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	tg "github.com/go-telegram/bot"
)

func TestWhatAnErrorOfTelegramMeans(t *testing.T) {
	refused := func(text string) error { return fmt.Errorf("%w, Bad Request: %s", tg.ErrorBadRequest, text) }
	cases := []struct {
		err  error
		want FailureKind
	}{
		{refused("message is not modified: specified new message content and reply markup are exactly the same"), Done},
		{refused("MESSAGE TO EDIT NOT FOUND"), Gone},
		{refused("message can't be edited"), Gone},
		{refused("MESSAGE_ID_INVALID"), Gone},
		{refused("message to delete not found"), Gone},
		{refused("query is too old and response timeout expired or query ID is invalid"), Expired},
		{refused("can't parse entities: Unsupported start tag \"x\" at byte offset 3"), Entities},
		{refused("chat not found"), Unreachable},
		{refused("message is too long"), Refused},
		{refused("wrong remote file identifier specified: can't unserialize it. Wrong last symbol"), FileLost},
		{refused("wrong file identifier/HTTP URL specified"), FileLost},
		{refused("can't use file of type Document as Photo"), FileLost},
		{refused("FILE_REFERENCE_EXPIRED"), FileLost},
		{fmt.Errorf("%w, Forbidden: bot was blocked by the user", tg.ErrorForbidden), Unreachable},
		{fmt.Errorf("wrapped: %w", &tg.TooManyRequestsError{RetryAfter: 7}), Flood},
		{fmt.Errorf("wrapped: %w", &tg.MigrateError{MigrateToChatID: -100}), Migrated},
		{tg.ErrorUnauthorized, Unauthorized},
		{tg.ErrorConflict, Conflict},
		{tg.ErrorNotFound, Unauthorized},
		{fmt.Errorf("do: %w", context.DeadlineExceeded), Unknown},
		{fmt.Errorf("do: %w", broken(&net.OpError{Op: "dial", Err: errors.New("refused")})), NotSent},
		{fmt.Errorf("do: %w", broken(&net.OpError{Op: "read", Err: errors.New("reset")})), Unknown},
		{fmt.Errorf("do: %w", &Failure{Kind: Server, Code: 500}), Server},
		{errors.New("something new"), Refused},
	}
	for _, c := range cases {
		if got := failureOf("sendMessage", c.err); got.Kind != c.want {
			t.Errorf("%v means %s, want %s", c.err, got.Kind, c.want)
		}
	}
	if failureOf("sendMessage", nil) != nil {
		t.Error("no error is a failure")
	}
}

func TestTheWaitOfAFloodIsKept(t *testing.T) {
	if got := failureOf("sendMessage", fmt.Errorf("x: %w", &tg.TooManyRequestsError{RetryAfter: 7200})).RetryAfter; got != 2*time.Hour {
		t.Errorf("wait is %v, want 2h", got)
	}
}

func TestAFailureNeverShowsTheToken(t *testing.T) {
	const token = "123456:SECRET-TOKEN"
	b, err := New(Options{Token: token, APIURL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatalf("new: %v", err)
	}
	defer b.Close()
	_, failure := b.Me(context.Background())
	_, rawFailure := b.getUpdates(context.Background(), 0, 1, 0)
	for _, err := range []error{failure, rawFailure} {
		for _, form := range []string{"%v", "%+v", "%s", "%#v"} {
			if text := fmt.Sprintf(form, err); kindOf(err) != NotSent || strings.Contains(text, "SECRET") && form != "%#v" {
				t.Errorf("failure is %s", text)
			}
		}
		if strings.Contains(classOf(err), "SECRET") {
			t.Errorf("class is %s", classOf(err))
		}
	}
}
