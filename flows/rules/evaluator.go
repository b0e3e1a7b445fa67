package rules

import (
	"slices"
	"strings"
)

// MayEvaluate reports whether the roster shows that somebody may be a Pejabat Penilai: at least pejabat pengawas, which is every structural
// official, or a functional official who leads a unit (PermenPANRB 6/2022 art. 1 no. 9 and annex IV.A.7). Of who leads one the name of the
// position tells it. False means that the roster does not show it: the work may have been delegated to him.
func MayEvaluate(kind, position string) bool {
	if kind == "struktural" {
		return true
	}
	words := strings.Fields(strings.ToLower(position))
	if len(words) > 0 && slices.Contains([]string{"plt.", "plt", "plh.", "plh", "pj.", "pj", "pjs.", "pjs"}, words[0]) {
		words = words[1:]
	}
	return len(words) > 0 && slices.Contains([]string{"kepala", "ketua", "direktur", "camat", "lurah", "inspektur"}, words[0])
}
