// Package standard is the indicators with which a city can begin: a default for everybody, and samples for agencies to start from.
package standard

import (
	"slices"

	"kinerja/store"
)

// Sample is a set of indicators to start from.
type Sample string

// The samples.
const (
	General   Sample = "general"
	Health    Sample = "health"
	Education Sample = "education"
	Transport Sample = "transport"
)

// Samples lists the samples in the order in which they are offered.
func Samples() []Sample { return []Sample{General, Health, Education, Transport} }

// Of returns the indicators of a sample: results of its field, the attitudes and the seven values. Nil for an unknown one.
func Of(sample Sample) []store.Indicator {
	results := map[Sample]func() []store.Indicator{General: general, Health: health, Education: education, Transport: transport}[sample]
	if results == nil {
		return nil
	}
	return slices.Concat(results(), attitudes(), Values())
}

func general() []store.Indicator {
	return []store.Indicator{
		capaian("Tugas pokok diselesaikan", "Bagian rencana kerja triwulan yang selesai.", "100", "persen", "kuantitas"),
		capaian("Mutu hasil kerja", "Hasil kerja diterima tanpa perbaikan berarti.", "90", "persen", "kualitas"),
		capaian("Ketepatan waktu", "Pekerjaan selesai pada tenggatnya.", "95", "persen", "waktu"),
	}
}

func health() []store.Indicator {
	return []store.Indicator{
		capaian("Pasien dilayani", "Pasien yang dilayani sampai tuntas selama triwulan.", "250", "pasien", "kuantitas"),
		capaian("Penanganan pengaduan", "Pengaduan masyarakat yang dijawab dalam dua hari kerja.", "95", "persen", "waktu"),
		capaian("Komitmen pada program kesehatan", "Kegiatan posyandu, imunisasi, dan penyuluhan yang diikuti secara aktif.", "6", "kegiatan", "kualitas"),
	}
}

func education() []store.Indicator {
	return []store.Indicator{
		capaian("Metode pembelajaran baru", "Metode yang dikembangkan, diterapkan di kelas, dan dibagikan kepada rekan.", "2", "metode", "kuantitas"),
		capaian("Perangkat ajar lengkap", "Perangkat ajar yang siap sebelum pembelajaran dimulai.", "100", "persen", "kualitas"),
		capaian("Tindak lanjut masukan orang tua", "Masukan orang tua yang ditanggapi dalam satu minggu.", "90", "persen", "waktu"),
		capaian("Pendampingan murid tertinggal", "Murid yang didampingi sampai mencapai kompetensi minimum.", "10", "murid", "kuantitas"),
	}
}

func transport() []store.Indicator {
	return []store.Indicator{
		capaian("Waktu tunggu izin", "Rata-rata waktu dari berkas lengkap sampai izin terbit.", "3", "hari kerja", "waktu"),
		capaian("Permohonan izin diselesaikan", "Permohonan izin angkutan yang selesai selama triwulan.", "120", "permohonan", "kuantitas"),
		capaian("Kepuasan pengguna layanan", "Penumpang dan pemohon yang menyatakan puas dalam survei.", "85", "persen", "kualitas"),
		capaian("Penghematan biaya operasional", "Biaya operasional dibandingkan dengan anggaran triwulan.", "5", "persen", "biaya"),
	}
}

func capaian(name, description, target, measure, dimension string) store.Indicator {
	return store.Indicator{Aspect: store.Capaian, Name: name, Description: description, Target: target, Measure: measure, Dimension: dimension}
}

// attitudes are what sikap is judged by where nobody has said otherwise.
func attitudes() []store.Indicator {
	return []store.Indicator{
		{Aspect: store.Sikap, Name: "Kehadiran dan disiplin", Description: "Hadir tepat waktu dan menaati ketentuan jam kerja."},
		{Aspect: store.Sikap, Name: "Tanggung jawab", Description: "Menuntaskan pekerjaan dan mengakui serta memperbaiki kekeliruan."},
		{Aspect: store.Sikap, Name: "Inisiatif", Description: "Menemukan dan memulai yang perlu dikerjakan tanpa menunggu perintah."},
	}
}

// Values returns the seven BerAKHLAK values in their order (PermenPANRB 6/2022 art. 10), each with its three behaviours in Description, one a line.
func Values() []store.Indicator {
	value := func(name, first, second, third string) store.Indicator {
		return store.Indicator{Aspect: store.Perilaku, Name: name, Description: first + "\n" + second + "\n" + third}
	}
	return []store.Indicator{
		value("Berorientasi Pelayanan", "Memahami dan memenuhi kebutuhan masyarakat.",
			"Ramah, cekatan, solutif, dan dapat diandalkan.", "Melakukan perbaikan tiada henti."),
		value("Akuntabel", "Melaksanakan tugas dengan jujur, bertanggung jawab, cermat, disiplin, dan berintegritas tinggi.",
			"Menggunakan kekayaan dan barang milik negara secara bertanggung jawab, efektif, dan efisien.", "Tidak menyalahgunakan kewenangan jabatan."),
		value("Kompeten", "Meningkatkan kompetensi diri untuk menjawab tantangan yang selalu berubah.",
			"Membantu orang lain belajar.", "Melaksanakan tugas dengan kualitas terbaik."),
		value("Harmonis", "Menghargai setiap orang apa pun latar belakangnya.",
			"Suka menolong orang lain.", "Membangun lingkungan kerja yang kondusif."),
		value("Loyal", "Memegang teguh ideologi Pancasila, Undang-Undang Dasar Negara Republik Indonesia Tahun 1945, setia kepada Negara Kesatuan Republik Indonesia serta pemerintahan yang sah.",
			"Menjaga nama baik sesama ASN, pimpinan, instansi, dan negara.", "Menjaga rahasia jabatan dan negara."),
		value("Adaptif", "Cepat menyesuaikan diri menghadapi perubahan.",
			"Terus berinovasi dan mengembangkan kreativitas.", "Bertindak proaktif."),
		value("Kolaboratif", "Memberi kesempatan kepada berbagai pihak untuk berkontribusi.",
			"Terbuka dalam bekerja sama untuk menghasilkan nilai tambah.", "Menggerakkan pemanfaatan berbagai sumber daya untuk tujuan bersama."),
	}
}
