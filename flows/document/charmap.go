package document

import "encoding/binary"

// charactersOf lists the characters of the Basic Multilingual Plane that a TrueType font has, from its table "cmap" in format 4. The font is one
// of ours: what is not as expected is a mistake of the build, and the list is then empty.
func charactersOf(font []byte) map[rune]bool {
	table := fontTable(font, "cmap")
	found := map[rune]bool{}
	for i := range number(table, 2) {
		entry := 4 + 8*i
		sub := part(table, int(long(table, entry+4)))
		if number(table, entry) != 3 || number(table, entry+2) != 1 || number(sub, 0) != 4 {
			continue // not the one for Windows and Unicode
		}
		segments := number(sub, 6) / 2
		for s := range segments {
			last := number(sub, 14+2*s)
			first := number(sub, 16+2*segments+2*s)
			delta := number(sub, 16+4*segments+2*s)
			place := 16 + 6*segments + 2*s
			offset := number(sub, place)
			for c := first; c <= last && c != 0xFFFF; c++ {
				glyph := c
				if offset != 0 {
					glyph = number(sub, place+offset+2*(c-first))
				}
				if offset == 0 || glyph != 0 {
					glyph = (glyph + delta) & 0xFFFF
				}
				found[rune(c)] = glyph != 0
			}
		}
	}
	return found
}

// fontTable is one table of a TrueType font; empty when there is none of that name.
func fontTable(font []byte, name string) []byte {
	for i := range number(font, 4) {
		entry := part(font, 12+16*i)
		if len(entry) >= 16 && string(entry[:4]) == name {
			return part(font, int(long(entry, 8)))
		}
	}
	return nil
}

func part(data []byte, from int) []byte {
	if from < 0 || from > len(data) {
		return nil
	}
	return data[from:]
}

func number(data []byte, at int) int {
	if at < 0 || at+2 > len(data) {
		return 0
	}
	return int(binary.BigEndian.Uint16(data[at:]))
}

func long(data []byte, at int) uint32 {
	if at < 0 || at+4 > len(data) {
		return 0
	}
	return binary.BigEndian.Uint32(data[at:])
}
