package roster

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"kinerja/flows/rules"
	"kinerja/store"
)

// readNIP reads a NIP; lost says that the spreadsheet has rounded it.
func readNIP(column, text string, lost bool) (string, []Problem) {
	args := map[string]any{"Column": column}
	if text == "" {
		return "", []Problem{wrong("empty", args)}
	}
	if lost || rounded(text) {
		return "", []Problem{wrong("nip_number", args)}
	}
	nip, err := rules.ParseNIP(text)
	if broken := (rules.NIPError{}); errors.As(err, &broken) {
		return "", []Problem{wrong("nip_"+string(broken.Rule), args)}
	}
	return string(nip), nil
}

// textProblems says that a field is empty or longer than the store keeps.
func textProblems(column, text string, most int, needed bool) []Problem {
	args := map[string]any{"Column": column, "Most": most}
	switch {
	case needed && text == "":
		return []Problem{wrong("empty", args)}
	case utf8.RuneCountInString(text) > most:
		return []Problem{wrong("too_long", args)}
	}
	return nil
}

// positionKind reads jenis_jabatan: the three kinds, also with "jabatan" before them, and what offices call them.
func positionKind(text string) (string, bool) {
	kind := strings.TrimPrefix(strings.ToLower(text), "jabatan ")
	if slices.Contains([]string{"", "struktural", "fungsional", "pelaksana"}, kind) {
		return kind, true
	}
	switch folded := foldName(kind); {
	case slices.Contains([]string{"administrator", "pengawas", "pimpinantinggi", "pimpinantinggipratama", "pimpinantinggimadya", "manajerial"}, folded),
		strings.HasPrefix(folded, "jpt"), strings.HasPrefix(folded, "eselon"):
		return "struktural", true
	case slices.Contains([]string{"jf", "jft", "fungsionaltertentu", "fungsionalkeahlian", "fungsionalketerampilan"}, folded):
		return "fungsional", true
	case slices.Contains([]string{"jfu", "fungsionalumum"}, folded):
		return "pelaksana", true
	}
	return kind, false
}

// readRoles reads peran. Pegawai and penilai are no granted roles: they follow from who evaluates whom.
func readRoles(text string) ([]store.RoleEntry, []Problem) {
	var roles []store.RoleEntry
	var problems []Problem
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ';' || r == '/' }) {
		role := store.RoleEntry{}
		switch clean(word) {
		case "", "pegawai", "penilai":
			continue
		case "pengelola":
			role.Role = store.Admin
		case "pengelola kota":
			role = store.RoleEntry{Role: store.Admin, City: true}
		case "pimpinan":
			role.Role = store.Leader
		case "pimpinan kota":
			role = store.RoleEntry{Role: store.Leader, City: true}
		case "kepala daerah", "wali kota", "walikota", "bupati", "gubernur":
			role = mayor()
		default:
			problems = append(problems, wrong("role", map[string]any{"Text": shorten(clean(word))}))
			continue
		}
		if !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return roles, problems
}
