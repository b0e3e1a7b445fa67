package rules_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kinerja/flows/rules"
	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

func TestParseNIPNamesTheBrokenRule(t *testing.T) {
	tests := map[string]rules.NIPRule{
		"198609262015051001":          "",
		"19860926 201505 1 001":       "",
		" 19860926-201505.1\u00a0001": "",
		"198609262024212040":          "", // PPPK
		"199602291996022001":          "", // leap day
		"19860926201505100":           rules.NIPLength,
		"1986092620150510011":         rules.NIPLength,
		"":                            rules.NIPLength,
		"1.98609E+17":                 rules.NIPDigits,
		"19860926201505100l":          rules.NIPDigits,
		"١٩٨٦٠٩٢٦٢٠١٥٠٥١٠٠١":          rules.NIPDigits,
		"198602302015051001":          rules.NIPBirth,
		"198613262015051001":          rules.NIPBirth,
		"198600002015051001":          rules.NIPBirth,
		"199702291997022001":          rules.NIPBirth,
		"000001012015051001":          rules.NIPBirth,
		"198609262015001001":          rules.NIPAppointment,
		"198609262015131001":          rules.NIPAppointment,
		"198609262015191001":          rules.NIPAppointment,
		"198609262015050001":          rules.NIPSex,
		"198609262015053001":          rules.NIPSex,
		"198609262015051000":          rules.NIPSequence,
	}
	for text, want := range tests {
		_, err := rules.ParseNIP(text)
		var broken rules.NIPError
		if errors.As(err, &broken); broken.Rule != want {
			t.Errorf("ParseNIP(%q) breaks %q, want %q", text, broken.Rule, want)
		}
	}
}

func TestNIPIsWrittenGroupedAndMasked(t *testing.T) {
	n, err := rules.ParseNIP("198609262015051001")
	if err != nil {
		t.Fatal(err)
	}
	if n.Grouped() != "19860926 201505 1 001" || n.Masked() != "1986******* 001" {
		t.Errorf("grouped %q, masked %q", n.Grouped(), n.Masked())
	}
}

func TestUnlikelyNIPsAreWarnedOf(t *testing.T) {
	tests := []struct {
		nip   string
		today store.Date
		want  []rules.NIPWarning
	}{
		{"198609262015051001", "2027-01-04", nil},
		{"198609262004091001", "2027-01-04", nil}, // 18 in the month of the appointment
		{"198610012004091001", "2027-01-04", []rules.NIPWarning{rules.NIPTooYoung}},
		{"198612312004211001", "2027-01-04", nil}, // PPPK: only the year is known
		{"198701012004211001", "2027-01-04", []rules.NIPWarning{rules.NIPTooYoung}},
		{"196101041985011001", "2027-01-03", nil}, // 65
		{"196101041985011001", "2027-01-04", []rules.NIPWarning{rules.NIPTooOld}},
		{"203001012004091001", "2027-01-04", []rules.NIPWarning{rules.NIPTooYoung}}, // not yet born
	}
	for _, test := range tests {
		n, err := rules.ParseNIP(test.nip)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Warnings(test.today); !slices.Equal(got, test.want) {
			t.Errorf("%s on %s: warnings %v, want %v", n, test.today, got, test.want)
		}
	}
}

// Every NIP that is put together by the rules is read back, however it is spaced; with one digit less it is not.
func TestEveryWellFormedNIPIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		birth := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 22000).Draw(t, "birth"))
		code := rapid.SampledFrom([]int{1, 6, 12, 20, 21, 99}).Draw(t, "code")
		want := fmt.Sprintf("%s%04d%02d%d%03d", birth.Format("20060102"), rapid.IntRange(1970, 2026).Draw(t, "year"), code,
			rapid.IntRange(1, 2).Draw(t, "sex"), rapid.IntRange(1, 999).Draw(t, "sequence"))
		cut := rapid.IntRange(0, 18).Draw(t, "cut")
		separator := rapid.SampledFrom([]string{"", " ", "-", ".", " - "}).Draw(t, "separator")
		n, err := rules.ParseNIP(want[:cut] + separator + want[cut:])
		if err != nil || string(n) != want {
			t.Fatalf("ParseNIP(%s cut at %d with %q) = %q, %v", want, cut, separator, n, err)
		}
		if strings.ReplaceAll(n.Grouped(), " ", "") != want || n.Contract() != (code >= 20) {
			t.Fatalf("grouped %q, contract %v", n.Grouped(), n.Contract())
		}
		if _, err := rules.ParseNIP(want[1:]); err == nil {
			t.Fatal("17 digits were read")
		}
	})
}

func TestTheSampleCityHasOnlyLikelyNIPs(t *testing.T) {
	city, err := sample.City(context.Background(), storetest.SQLite(t, storetest.NewClock(storetest.Start)))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range city.People {
		n, err := rules.ParseNIP(p.NIP)
		if err != nil || len(n.Warnings("2027-01-04")) != 0 {
			t.Errorf("%s: %v, %v", p.NIP, err, n)
		}
	}
}

func FuzzParseNIP(f *testing.F) {
	f.Add("19860926 201505 1 001")
	f.Add("1.98609E+17")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := rules.ParseNIP(text)
		if err != nil {
			return
		}
		again, err := rules.ParseNIP(n.Grouped())
		if err != nil || again != n {
			t.Fatalf("%q became %q, then %q, %v", text, n, again, err)
		}
		n.Warnings("2027-01-04")
	})
}
