package sample

import "kinerja/store"

// Personal is what one person of the city has of his own, his SKP: a result with two indicators, and one in words.
func Personal(nip string) store.PersonalEntry {
	const plan, serves = "Balita di wilayah kerja terpantau pertumbuhannya", "Prevalensi stunting turun"
	return store.PersonalEntry{NIP: nip, Results: []store.Indicator{
		{Aspect: store.Capaian, Plan: plan, Serves: serves, Name: "Balita ditimbang setiap bulan", Dimension: "kuantitas", Target: "90", Measure: "persen"},
		{Aspect: store.Capaian, Plan: plan, Serves: serves, Name: "Laporan penimbangan tepat waktu", Dimension: "waktu", Target: "3", Measure: "laporan"},
		{Aspect: store.Capaian, Plan: "Kader posyandu memahami cara menimbang yang benar", Additional: true},
	}}
}
