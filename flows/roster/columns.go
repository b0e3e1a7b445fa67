package roster

import (
	"strings"
	"unicode"
)

// How a missing column is taken.
const (
	optional = iota // what is stored stays
	asked           // somebody is asked for it, and may answer that there is none: what is stored stays
	needed          // nothing can be done without it
)

// column is one column of a sheet with the names that offices give it, as foldName writes them. Where a sheet has several of them the
// first name in the list counts.
type column struct {
	name  string
	need  int
	names []string
}

// personColumns is data: a new name is one word here.
func personColumns() []column {
	return []column{
		{nipColumn, needed, []string{"nip", "nipbaru", "nippegawai", "nipasn", "nomorindukpegawai", "noindukpegawai", "nippppk", "nipnippppk", "nipnipppk", "nipnrp", "nipnomorindukpegawai",
			"namanip", "nipnama", "namadannip", "namapegawainip"}},
		{nameColumn, asked, []string{"nama", "namapegawai", "namalengkap", "namalengkappegawai", "namaasn", "namadangelar", "namalengkapdangelar", "namapns", "namagelar", "namaanip",
			"namanip", "nipnama", "namadannip", "namapegawainip", "name"}},
		{"jabatan", optional, []string{"jabatan", "namajabatan", "jabatansaatini", "jabatanterakhir", "jabatansekarang", "uraianjabatan", "jabatanpegawai"}},
		{"jenis_jabatan", optional, []string{"jenisjabatan", "jenisjab", "tipejabatan", "kelompokjabatan", "jnsjabatan"}},
		{"golongan", optional, []string{"golongan", "golonganruang", "golruang", "gol", "golru", "pangkatgol", "pangkatgolruang", "pangkatgolongan", "pangkatgolonganruang", "pangkatgolru",
			"golpangkat", "golonganpangkat", "pangkatdangolongan", "pangkatruanggol", "golonganterakhir", "golakhir", "golonganakhir", "pangkatgolterakhir"}},
		{unitColumn, asked, []string{"unit", "kodeunit", "kodeunitkerja", "unitkerja", "namaunitkerja", "namaunit", "unitorganisasi", "unor", "namaunor", "subunit", "bidang", "unitkerjaopd",
			"perangkatdaerah", "opd", "namaopd", "skpd", "namaskpd", "dinas", "instansi", "satuankerja", "satker", "tempattugas"}},
		{superiorColumn, asked, []string{"nipatasan", "nipatasanlangsung", "atasanlangsungnip", "atasannip", "nippejabatpenilai", "pejabatpenilainip", "nippejabatpenilaikinerja", "pejabatpenilaikinerjanip", "nippenilai", "penilainip",
			"atasanlangsung", "atasan", "pejabatpenilai", "pejabatpenilaikinerja", "penilai", "atasanlangsungnamanip", "atasanlangsungpejabatpenilai"}},
		{superiorNameColumn, optional, []string{"namaatasan", "namaatasanlangsung", "atasanlangsungnama", "atasannama", "namapejabatpenilai", "pejabatpenilainama", "namapejabatpenilaikinerja", "pejabatpenilaikinerjanama", "namapenilai", "penilainama",
			"atasanlangsung", "atasan", "pejabatpenilai", "pejabatpenilaikinerja", "penilai"}},
		{"telepon", optional, []string{"telepon", "notelepon", "nomortelepon", "notelp", "telp", "telpon", "nohp", "nomorhp", "hp", "nohandphone", "handphone", "nowa", "nowhatsapp", "nomorwhatsapp", "whatsapp", "nohpwa", "notelphp", "notelponhp", "noponsel", "ponsel", "phone"}},
		{"peran", optional, []string{"peran", "role", "hakakses"}},
	}
}

func unitColumns() []column {
	return []column{
		{codeColumn, needed, []string{"kode", "kodeunit", "kodeunitkerja", "kodeopd", "kodeskpd", "kodeunor", "kodeunitorganisasi", "kodeperangkatdaerah", "code"}},
		{nameColumn, asked, []string{"nama", "namaunit", "namaunitkerja", "unitkerja", "namaopd", "namaskpd", "namaunor", "unitorganisasi", "namaunitorganisasi", "perangkatdaerah", "namaperangkatdaerah", "opd", "skpd", "unit"}},
		{parentColumn, asked, []string{"induk", "kodeinduk", "indukunit", "unitinduk", "kodeunitinduk", "kodeindukunit", "namainduk", "namaunitinduk", "unitatasan", "kodeunitatasan", "atasan", "parent"}},
	}
}

// The columns that the code names.
const (
	nipColumn          = "nip"
	nameColumn         = "nama"
	unitColumn         = "unit"
	superiorColumn     = "nip_atasan"
	superiorNameColumn = "nama_atasan"
	codeColumn         = "kode"
	parentColumn       = "induk"
)

func columnsOf(sheet string) []column {
	if sheet == PeopleSheet {
		return personColumns()
	}
	return unitColumns()
}

// columnList names the columns of a sheet that a file is best written with.
func columnList(sheet string) string {
	var names []string
	for _, c := range columnsOf(sheet) {
		if c.name != superiorNameColumn {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, ", ")
}

// answerKey is the name of a column in a Mapping.
func answerKey(sheet, column string) string {
	if sheet == UnitSheet {
		return "unit." + column
	}
	return column
}

// Columns lists what a Mapping can name: the columns of people as they are, those of units as "unit.kode".
func Columns() []string {
	var keys []string
	for _, sheet := range []string{PeopleSheet, UnitSheet} {
		for _, c := range columnsOf(sheet) {
			keys = append(keys, answerKey(sheet, c.name))
		}
	}
	return keys
}

// unnamed are columns that are of no use and that nobody needs to hear of: running numbers, and what WrongRows puts in front.
func unnamed(folded string) bool {
	switch folded {
	case "", "no", "nomor", "nourut", "nomorurut", "urut":
		return true
	}
	return isReasons(folded)
}

// isReasons recognises the column of WrongRows in each language; a test holds it to the sentences.
func isReasons(folded string) bool { return folded == "yangperludiperbaiki" || folded == "whattomend" }

// foldName is what names are compared as: "Gol. Ruang", "GOL/RUANG" and "gol_ruang" are one.
func foldName(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}
