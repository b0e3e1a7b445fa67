package roster

import (
	"slices"
	"strings"

	"kinerja/store"
)

// nameIndex finds keys by names: of units their codes, of people their NIPs.
type nameIndex struct {
	keys  map[string]bool     // those that there are
	full  map[string][]string // by the whole name, as foldName writes it
	plain map[string][]string // by the name without titles
}

func newNameIndex() nameIndex {
	return nameIndex{keys: map[string]bool{}, full: map[string][]string{}, plain: map[string][]string{}}
}

func (n nameIndex) add(key, name string) {
	if key == "" || name == "" {
		return
	}
	n.keys[key] = true
	put(n.full, foldName(name), key)
	put(n.plain, foldName(withoutTitles(name)), key)
}

func put(index map[string][]string, name, key string) {
	if name != "" && !slices.Contains(index[name], key) {
		index[name] = append(index[name], key)
	}
}

// find returns who has a name: the whole name first, then the name without titles.
func (n nameIndex) find(name string) []string {
	if found := n.full[foldName(name)]; len(found) > 0 {
		return found
	}
	return n.plain[foldName(withoutTitles(name))]
}

// withoutTitles makes "Dr. H. Zulfahmi, S.H., M.H." Zulfahmi. A single letter in front stays: it may be a name cut short.
func withoutTitles(name string) string {
	name, _, _ = strings.Cut(name, ",")
	words := strings.Fields(name)
	for len(words) > 1 && isTitle(words[0]) {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

func isTitle(word string) bool {
	return slices.Contains([]string{"dr", "drs", "dra", "ir", "prof", "h", "hj", "drg", "drh", "apt", "ns", "bdn", "tgk", "kh", "hc"}, foldName(word)) &&
		(strings.HasSuffix(word, ".") || len(word) <= 3 && strings.ToLower(word) != word)
}

// indexUnits knows the units of the store and of the file, by their old names and their new ones.
func indexUnits(stored map[string]store.UnitEntry, rows []unitRow) nameIndex {
	n := newNameIndex()
	for code, u := range stored {
		n.add(code, u.Name)
	}
	for _, r := range rows {
		n.add(r.code, r.name)
	}
	n.sort()
	return n
}

// indexPeople knows the people of the store and of the file. It is made only where a row names a superior.
func indexPeople(stored map[string]store.PersonEntry, rows []personRow) nameIndex {
	n := newNameIndex()
	if !slices.ContainsFunc(rows, func(r personRow) bool { return r.superiorName != "" }) {
		return n
	}
	for nip, p := range stored {
		n.add(nip, p.Name)
	}
	for _, r := range rows {
		if nip, problems := readNIP(nipColumn, r.nip, r.nipLost); len(problems) == 0 {
			n.add(nip, r.name)
		}
	}
	n.sort()
	return n
}

// sort makes the answers the same each time: maps have no order.
func (n nameIndex) sort() {
	for _, index := range []map[string][]string{n.full, n.plain} {
		for _, keys := range index {
			slices.Sort(keys)
		}
	}
}
