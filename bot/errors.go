package bot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	tg "github.com/go-telegram/bot"
)

// FailureKind says what a failed call to Telegram means for whoever made it.
type FailureKind string

// What a failure can mean.
const (
	Done         FailureKind = "done"         // the message shows this already; Bot's own methods never return it
	Gone         FailureKind = "gone"         // the message cannot be changed any more: send a new one
	Expired      FailureKind = "expired"      // the tap cannot be answered any more: nothing to do
	Unreachable  FailureKind = "unreachable"  // the person blocked the bot, deleted his account or never started it
	Flood        FailureKind = "flood"        // too many requests: the chat, or everybody, must be left alone for RetryAfter; see pauses
	Migrated     FailureKind = "migrated"     // the group has the new id MigratedTo
	NotSent      FailureKind = "not_sent"     // Telegram was not reached: safe to do again
	Server       FailureKind = "server"       // Telegram is broken and did nothing: safe to do again later
	Unknown      FailureKind = "unknown"      // cut or timed out after sending: it may have been done
	Entities     FailureKind = "entities"     // our markup is wrong: a bug; the words can go without it
	Conflict     FailureKind = "conflict"     // another process polls for this bot, or a webhook is set
	Unauthorized FailureKind = "unauthorized" // the token is wrong or was revoked: 401, or 404 where not even its form is right
	FileLost     FailureKind = "file_lost"    // Telegram does not take the id of a file any more, or not for this kind of message
	Refused      FailureKind = "refused"      // anything else that will be refused again
)

// Failure is a call that Telegram did not do, or may not have done. Its text holds no token, no name and nothing that a
// person wrote, so it may be logged.
type Failure struct {
	Kind       FailureKind
	Method     string        // of the Bot API; "" while not known
	Code       int           // HTTP status or Telegram's error_code; 0 when there was no answer
	RetryAfter time.Duration // of Flood
	MigratedTo int64         // of Migrated
	Words      string        // Telegram's own, of setWebhook only: they speak of the address
	Server     string        // scheme and host of the Bot API server
	cause      error         // for errors.Is only: its text may hold the address with the token
}

func (f *Failure) Error() string {
	text := "telegram " + f.Method + ": " + string(f.Kind)
	if f.Code != 0 {
		text += fmt.Sprintf(" (%d)", f.Code)
	}
	if f.Words != "" {
		text += ": " + f.Words
	}
	return text
}

// Is lets errors.Is find an ended context behind a failure.
func (f *Failure) Is(target error) bool {
	return (target == context.Canceled || target == context.DeadlineExceeded) && errors.Is(f.cause, target)
}

// worthRetrying reports whether the same call may succeed soon and does no harm when it had succeeded.
func (f *Failure) worthRetrying() bool { return f.Kind == NotSent || f.Kind == Server }

// OfTheWay reports that Telegram was not reached, did nothing or does not know the bot: whatever was to be sent was not looked at, and
// trying something else would fail too. 404 is what an unknown token is answered.
func (f *Failure) OfTheWay() bool {
	return f.Kind == NotSent || f.Kind == Server || f.Kind == Unauthorized || f.Code == http.StatusNotFound
}

// refusals is how Telegram words what it will not do, in lower case. It changes its wording now and then, so only the
// part that carries the meaning is compared. The first that fits counts.
var refusals = []struct {
	part string
	kind FailureKind
}{
	{"message is not modified", Done},
	{"message to edit not found", Gone},
	{"message can't be edited", Gone},
	{"message_id_invalid", Gone},
	{"message to delete not found", Gone},
	{"message can't be deleted", Gone},
	{"query is too old", Expired},
	{"query id is invalid", Expired},
	{"query_id_invalid", Expired},
	{"can't parse entities", Entities},
	{"file identifier", FileLost}, // "wrong remote file identifier specified: …", "wrong file identifier/HTTP URL specified"
	{"can't use file of type", FileLost},
	{"file_reference_", FileLost},
	{"file_id_invalid", FileLost},
	{"invalid file_id", FileLost},
	{"chat not found", Unreachable},
	{"user is deactivated", Unreachable},
	{"bot was blocked", Unreachable},
	{"can't initiate conversation", Unreachable},
	{"peer_id_invalid", Unreachable},
}

// failureOf is the one table of what an error of the library means. It returns nil for nil.
func failureOf(method string, err error) *Failure {
	if err == nil {
		return nil
	}
	f := &Failure{Kind: Refused, Method: method, cause: err}
	var (
		ours     *Failure
		flood    *tg.TooManyRequestsError
		migrated *tg.MigrateError
	)
	switch {
	case errors.As(err, &ours): // classified by the transport
		f.Kind, f.Code, f.RetryAfter = ours.Kind, ours.Code, ours.RetryAfter
	case errors.As(err, &flood):
		f.Kind, f.Code, f.RetryAfter = Flood, http.StatusTooManyRequests, time.Duration(max(1, flood.RetryAfter))*time.Second
	case errors.As(err, &migrated):
		f.Kind, f.Code, f.MigratedTo = Migrated, http.StatusBadRequest, int64(migrated.MigrateToChatID)
	case errors.Is(err, tg.ErrorForbidden):
		f.Kind, f.Code = Unreachable, http.StatusForbidden
	case errors.Is(err, tg.ErrorUnauthorized):
		f.Kind, f.Code = Unauthorized, http.StatusUnauthorized
	case errors.Is(err, tg.ErrorConflict):
		f.Kind, f.Code = Conflict, http.StatusConflict
	case errors.Is(err, tg.ErrorNotFound):
		f.Kind, f.Code = Unauthorized, http.StatusNotFound // every method that is called here exists, so it is the token in the address
	case errors.Is(err, tg.ErrorBadRequest):
		f.Kind, f.Code = refusalOf(err.Error()), http.StatusBadRequest
		if method == methodSetWebhook {
			_, f.Words, _ = strings.Cut(err.Error(), tg.ErrorBadRequest.Error()+", ")
		}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		f.Kind = Unknown
	}
	return f
}

// Meaning tells an operator what a failure means and what to do.
func Meaning(err error) string {
	switch kindOf(err) {
	case Conflict:
		return "another process polls for this bot, or a webhook is set"
	case Unauthorized:
		return "the token is wrong or was revoked; ask @BotFather for a new one"
	case Flood:
		return "Telegram asked to wait"
	case Refused:
		return "Telegram refuses this, and will again"
	default:
		return "Telegram cannot be reached or does not work"
	}
}

func refusalOf(text string) FailureKind {
	text = strings.ToLower(text)
	for _, r := range refusals {
		if strings.Contains(text, r.part) {
			return r.kind
		}
	}
	return Refused
}

// broken says what a request that got no answer means.
func broken(err error) *Failure {
	var network *net.OpError
	if errors.As(err, &network) && network.Op == "dial" {
		return &Failure{Kind: NotSent, cause: err}
	}
	var name *net.DNSError
	if errors.As(err, &name) {
		return &Failure{Kind: NotSent, cause: err}
	}
	return &Failure{Kind: Unknown, cause: err}
}

// kindOf is the kind of a failure; "" for nil and for other errors.
func kindOf(err error) FailureKind {
	var f *Failure
	if errors.As(err, &f) {
		return f.Kind
	}
	return ""
}
