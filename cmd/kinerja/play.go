package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"kinerja/bot/simulator"
	"kinerja/store/sample"
)

// players are the Telegram numbers of the people in the play.
type players struct {
	admin, evaluator, employee int64
	names                      map[int64]string
	employeeName               string
}

func castOf(c *sample.Cast) players {
	p := players{admin: demoPhone(c.Admin.ID), evaluator: demoPhone(c.Evaluator.ID), employee: demoPhone(c.Employee.ID), employeeName: c.Employee.Name}
	p.employeeName, _, _ = strings.Cut(p.employeeName, ",") // buttons leave the titles out, and shorten what stands after the second name
	if parts := strings.Fields(p.employeeName); len(parts) > 2 {
		p.employeeName = parts[0] + " " + parts[1]
	}
	p.names = map[int64]string{p.admin: "Pengelola", p.evaluator: "Penilai", p.employee: "Pegawai"}
	return p
}

// step is one thing that one person does, and what he must then see.
type step struct {
	who  int64
	text string // typed
	tap  string // label of the button
	move time.Duration
	see  string
}

// job is the whole main job: a period is opened, a supervisor scores in three taps, the employee receives, reads and confirms,
// and asks for a talk; the administrator sees how far it is, enters the performance of a unit
// and writes to everybody.
func (p players) job() []step {
	return []step{
		{who: p.admin, text: "/admin", see: "Administrasi"},
		{who: p.admin, tap: "Periode baru", see: "Pekerjaan kapan yang dinilai?"},
		{who: p.admin, tap: "Triwulan", see: "Pegawai unit mana yang dinilai?"},
		{who: p.admin, tap: "Seluruh kota", see: "Sampai kapan"},
		{who: p.admin, tap: "hari lagi)", see: "Kapan pegawai dapat melihat hasilnya?"},
		{who: p.admin, tap: "Segera setelah ditetapkan", see: "Pegawai yang dinilai"},
		{who: p.admin, tap: "Buka periode", see: "Periode sudah dibuka"},
		{who: p.evaluator, see: "belum Anda nilai"},
		{who: p.evaluator, tap: "Nilai tim saya", see: "0 dari 8 selesai"},
		{who: p.evaluator, tap: p.employeeName, see: "0 dari 13 indikator"},
		{who: p.evaluator, tap: "Semua sesuai ekspektasi", see: "→ Baik"},
		{who: p.evaluator, tap: "Tetapkan", see: "Anda dapat menarik kembali sampai"},
		{who: p.evaluator, tap: "Tarik kembali", see: "Ringkasan"},
		{who: p.evaluator, tap: "Tetapkan", see: "Berikutnya"},
		{who: p.evaluator, tap: "Cukup dulu", see: "1 dari 8 selesai"},
		{move: 11 * time.Minute},
		{who: p.employee, see: "sudah tersedia"},
		{who: p.employee, tap: "Buka", see: "Predikat: Baik"},
		{who: p.employee, tap: "Sudah saya baca", see: "Sudah Anda baca"},
		{who: p.employee, tap: "Minta waktu bicara", see: "akan diberi tahu"},
		{who: p.employee, tap: "Minta waktu", see: "Anda meminta waktu bicara"},
		{who: p.evaluator, see: "ingin membicarakan hasilnya"},
		{who: p.evaluator, tap: ", ", see: "Jawaban Anda"}, // the first of the days that are offered
		{who: p.employee, see: "mengajak Anda membicarakan hasil"},
		{who: p.admin, text: "/admin", see: "Administrasi"},
		{who: p.admin, tap: "🟢", see: "sudah dibaca: 1"},
		{who: p.admin, tap: "Capaian organisasi", see: "unit terisi"},
		{who: p.admin, tap: "Isi berikutnya", see: "Bagaimana capaian unit ini?"},
		{who: p.admin, tap: "Baik", see: "Bagaimana capaian unit ini?"},
		{who: p.admin, text: "/admin", see: "Administrasi"},
		{who: p.admin, tap: "Pesan", see: "Belum ada pesan"},
		{who: p.admin, tap: "Pesan baru", see: "kepada siapa?"},
		{who: p.admin, tap: "Semua pegawai", see: "Silakan ketik teksnya"},
		{who: p.admin, text: "Besok sistem SKP nasional tutup pukul 16.00 WIB.", see: "Pengumuman dari"},
		{who: p.admin, tap: "Lanjut", see: "Kirim pesan ini?"},
		{who: p.admin, tap: "Kirim ke", see: "terkirim"},
		{who: p.employee, see: "Besok sistem SKP nasional tutup"},
	}
}

// stepLimit is how long a person waits for what he must see.
const stepLimit = 30 * time.Second

// play plays the job through the simulator over HTTP and prints it as a chat. It fails at the first step that does not happen.
func play(ctx context.Context, w io.Writer, client simulator.Client, p players) error {
	seen := map[int64]string{}
	for n, s := range p.job() {
		if err := s.play(ctx, w, client, p, seen); err != nil {
			return fmt.Errorf("step %d: %w", n+1, err)
		}
	}
	_, err := fmt.Fprintln(w, "\nEvery step happened.")
	return err
}

func (s step) play(ctx context.Context, w io.Writer, client simulator.Client, p players, seen map[int64]string) error {
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	if s.move != 0 {
		if _, err := fmt.Fprintf(w, "\n      … %v kemudian …\n", s.move); err != nil {
			return err
		}
		return client.Advance(ctx, s.move)
	}
	if err := s.act(ctx, w, client, p); err != nil {
		return err
	}
	view, err := client.Await(ctx, s.who, func(v simulator.View) bool {
		now := lastOf(v)
		return strings.Contains(now, s.see) && now != seen[s.who] && len(v.Waiting) == 0
	})
	if err != nil {
		return fmt.Errorf("%s does not see %q: %w", p.names[s.who], s.see, err)
	}
	seen[s.who] = lastOf(view)
	return printMessage(w, p.names[s.who], view)
}

// act does what the step says, if anything: some steps only wait for a push.
func (s step) act(ctx context.Context, w io.Writer, client simulator.Client, p players) error {
	switch {
	case s.text != "":
		if _, err := fmt.Fprintf(w, "\n%s ketik: %s\n", p.names[s.who], s.text); err != nil {
			return err
		}
		return client.Type(ctx, s.who, s.text)
	case s.tap != "":
		if _, err := fmt.Fprintf(w, "\n%s ketuk: [%s]\n", p.names[s.who], s.tap); err != nil {
			return err
		}
		return client.Tap(ctx, s.who, s.tap)
	default:
		return nil
	}
}

// lastOf is what the newest message of a phone says, with its number.
func lastOf(v simulator.View) string {
	if len(v.Messages) == 0 {
		return ""
	}
	m := v.Messages[len(v.Messages)-1]
	if !m.FromBot {
		return ""
	}
	return fmt.Sprintf("%d %s", m.ID, m.Text)
}

func printMessage(w io.Writer, who string, v simulator.View) error {
	m := v.Messages[len(v.Messages)-1]
	var out strings.Builder
	for line := range strings.SplitSeq(m.Text, "\n") {
		fmt.Fprintf(&out, "  %s │ %s\n", who, line)
	}
	for _, row := range m.Buttons {
		fmt.Fprintf(&out, "  %s │ ", who)
		for _, b := range row {
			fmt.Fprintf(&out, "[%s] ", b.Text)
		}
		fmt.Fprintln(&out)
	}
	_, err := io.WriteString(w, out.String())
	return err
}
