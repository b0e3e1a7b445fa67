package main

import (
	"context"
	"strings"
	"testing"
)

// What an operator is told of the chain: before it is there, whole, with a digest that was told, and broken.
func TestTheAuditIsVerified(t *testing.T) {
	s, cast := city(t)
	ctx := context.Background()
	if told := does(t, "audit", "verify"); !strings.Contains(told, "Nothing is sealed yet") {
		t.Errorf("it said %q", told)
	}
	for n := 1; n > 0; {
		var err error
		if n, err = s.SealAudit(ctx); err != nil {
			t.Fatal(err)
		}
	}
	told := does(t, "audit", "verify")
	_, digest, found := strings.Cut(told, "Its digest now: ")
	if !strings.Contains(told, "The chain is whole") || !found {
		t.Fatalf("it said %q", told)
	}
	digest, _, _ = strings.Cut(digest, "\n")
	if told := does(t, "audit", "verify", "--digest", digest); !strings.Contains(told, "is as it was") {
		t.Errorf("it said %q", told)
	}
	if code, _, stderr := invoke(t, "audit", "verify", "--digest", "0000 1111 2222 3333 4444"); code != exitFailed || !strings.Contains(stderr, "not in the chain") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if err := s.Looked(ctx, cast.Admin.ID, "result", 1); err != nil {
		t.Fatal(err)
	}
	if told := does(t, "audit", "verify"); !strings.Contains(told, "1 rows wait") {
		t.Errorf("it said %q", told)
	}
}
