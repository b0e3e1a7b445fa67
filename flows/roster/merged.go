package roster

import (
	"maps"
	"slices"

	"kinerja/store"
)

// follow reads a file with the codes under which merged units live on: who is of a merged unit, or a unit below it, comes to its successor,
// and the row of the merged unit itself says nothing any more. Each code is warned of once a sheet, at the first row that names it.
func (c *checker) follow(f File, merged map[string]string) File {
	if len(merged) == 0 {
		return f
	}
	units := make([]unitRow, 0, len(f.units))
	seen := mentions{}
	for _, r := range f.units {
		into, parent := merged[store.UnitCode(r.code)], merged[store.UnitCode(r.parent)]
		if into != "" {
			seen.note(r.code, r.at)
			continue
		}
		if parent != "" {
			seen.note(r.parent, r.at)
			if r.parent = parent; parent == r.code {
				r.parent = c.storedUnits[r.code].ParentCode
			}
		}
		units = append(units, r)
	}
	c.warnOfMerged(UnitSheet, seen, merged)
	people := slices.Clone(f.people)
	seen = mentions{}
	for n, r := range people {
		if into := merged[store.UnitCode(r.unit)]; into != "" {
			seen.note(r.unit, r.at)
			people[n].unit = into
		}
	}
	c.warnOfMerged(PeopleSheet, seen, merged)
	f.units, f.people = units, people
	return f
}

// mentions counts the rows that name a code, and remembers the first.
type mentions map[string]mention

type mention struct {
	first place
	rows  int
}

func (m mentions) note(code string, at place) {
	one, known := m[code]
	if !known {
		one.first = at
	}
	one.rows++
	m[code] = one
}

func (c *checker) warnOfMerged(sheet string, seen mentions, merged map[string]string) {
	for _, code := range slices.Sorted(maps.Keys(seen)) {
		problem := Problem{Key: "warning.merged_unit", Args: map[string]any{"Unit": shorten(store.UnitCode(code)), "Into": merged[code], "Rows": seen[code].rows}}
		c.warnings = append(c.warnings, c.finding(sheet, seen[code].first, problem))
	}
}
