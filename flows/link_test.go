package flows_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kinerja/flows"
	"kinerja/store"
)

func TestALinkIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		route := rapid.StringMatching(`[a-z]{1,8}(\.[a-z]{1,8})?`).Draw(t, "route")
		args := rapid.SliceOfN(rapid.StringMatching(`[A-Za-z0-9_-]{1,9}`), 0, 4).Draw(t, "args")
		want := flows.Link{Route: route, Args: args}
		got, err := flows.ParseLink(want.String())
		if err != nil || got.String() != want.String() {
			t.Fatalf("read %q as %q, %v", want, got, err)
		}
	})
}

func TestARatingTravelsAsOneLetter(t *testing.T) {
	for rating, want := range map[store.Rating]string{store.Above: "r:a", store.Meets: "r:m", store.Below: "r:b"} {
		link := flows.To("r", rating)
		if got := link.String(); got != want {
			t.Errorf("%s is written %q, want %q", rating, got, want)
		}
		if got := flows.Args(link.Args).Rating(0); got != rating {
			t.Errorf("%q is read as %s, want %s", link, got, rating)
		}
	}
}

func TestForeignCallbackDataIsRefused(t *testing.T) {
	for _, data := range []string{"", ":", "a:", ":1", "A", "a b", "a.", ".a", "a..b", "a:é", "a:1:", "a:1;2", "a\n", "a:'", strings.Repeat("a", 65)} {
		if link, err := flows.ParseLink(data); err == nil {
			t.Errorf("%q was read as %v, want an error", data, link)
		}
	}
}

func FuzzParseLink(f *testing.F) {
	for _, seed := range []string{"menu", "score.rate:118:3:a", "a:", "\x00", "a:1:2:3:4:5:6:7:8:9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		link, err := flows.ParseLink(data)
		if err == nil && link.String() != data {
			t.Errorf("%q was read as %q", data, link)
		}
	})
}
