package sample

import (
	"context"
	"fmt"

	"kinerja/store"
)

// saveTemplates gives the city its default and each agency indicators of its own.
func saveTemplates(ctx context.Context, s *store.Store) error {
	templates := []struct {
		unit, name string
		capaian    []store.Indicator
	}{
		{"", "Indikator umum", general()},
		{"DINKES", "Indikator Dinas Kesehatan", health()},
		{"DISDIK", "Indikator Dinas Pendidikan", education()},
		{"DISHUB", "Indikator Dinas Perhubungan", transport()},
	}
	for _, t := range templates {
		var unitID int64
		if t.unit != "" {
			unit, err := s.UnitByCode(ctx, t.unit)
			if err != nil {
				return fmt.Errorf("unit of template: %w", err)
			}
			unitID = unit.ID
		}
		indicators := append(append(t.capaian, sikap()...), Values()...)
		if _, err := s.SaveTemplate(ctx, 0, unitID, t.name, indicators); err != nil {
			return err
		}
	}
	return nil
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

func sikap() []store.Indicator {
	return []store.Indicator{
		{Aspect: store.Sikap, Name: "Kehadiran dan disiplin", Description: "Hadir tepat waktu dan menaati ketentuan jam kerja."},
		{Aspect: store.Sikap, Name: "Tanggung jawab", Description: "Menuntaskan pekerjaan dan mengakui serta memperbaiki kekeliruan."},
		{Aspect: store.Sikap, Name: "Inisiatif", Description: "Menemukan dan memulai yang perlu dikerjakan tanpa menunggu perintah."},
	}
}

// Values returns the seven BerAKHLAK values in their order, each with its three behaviours in Description, one a line.
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
