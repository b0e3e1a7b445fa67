package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"kinerja/bot"
	"kinerja/bot/simulator"
	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/standard"
	"kinerja/store/storetest"
)

// ward is a machine on which everything is as it should be: a migrated MariaDB, a Redis, a Telegram, and a city that lacks nothing.
type ward struct {
	t        *testing.T
	sim      *simulator.Server
	api      string
	skew     time.Duration // of Telegram's clock
	database string
	store    *store.Store
	folder   string
}

func newWard(t *testing.T) *ward {
	t.Helper()
	w := &ward{t: t, sim: simulator.New(simulator.Options{NoRateLimits: true}), folder: t.TempDir(), database: storetest.URL(t, "mariadb")}
	inner := w.sim.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		out.Header().Set("Date", time.Now().Add(w.skew).UTC().Format(http.TimeFormat))
		inner.ServeHTTP(out, r)
	}))
	t.Cleanup(func() {
		w.sim.Close()
		server.Close()
	})
	w.api = server.URL
	for name, value := range map[string]string{"TELEGRAM_TOKEN": w.sim.Token(), "TELEGRAM_API_URL": w.api, "DATABASE_URL": w.database,
		"REDIS_URL": storetest.Redis(t), "UPDATES": "polling", "WORK_CALENDAR": "", "KINERJA_LANGUAGE": "id"} {
		t.Setenv(name, value)
	}
	w.store = storetest.Open(t, w.database, store.Options{})
	return w
}

// change does something behind the program's back.
func (w *ward) change(statement string, args ...any) {
	w.t.Helper()
	if _, err := openRaw(w.t, w.database).ExecContext(w.t.Context(), statement, args...); err != nil {
		w.t.Fatal(err)
	}
}

// furnish makes a city that lacks nothing.
func (w *ward) furnish() *sample.Cast {
	w.t.Helper()
	ctx := w.t.Context()
	cast, err := sample.City(ctx, w.store)
	if err != nil {
		w.t.Fatal(err)
	}
	for n, p := range cast.People {
		code, err := w.store.Invite(ctx, p.ID, store.CodeLife)
		if err == nil {
			_, err = w.store.Link(ctx, int64(9000+n), "id", code)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	_, err = w.store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31",
		SelfReportDue: time.Now().AddDate(0, 0, 5), ScoringDue: time.Now().AddDate(0, 0, 7), ObjectionDays: 14, Release: store.ReleaseAtOnce})
	if err != nil {
		w.t.Fatal(err)
	}
	return cast
}

// asks calls a method of Telegram.
func (w *ward) asks(method string, values url.Values) {
	w.t.Helper()
	answer, err := http.PostForm(w.api+"/bot"+w.sim.Token()+"/"+method, values) //nolint:gosec // the simulator's own address
	if err != nil {
		w.t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s, %v", method, answer.Status, err)
	}
}

// writes is what a person types so many times.
func (w *ward) writes(times int) {
	w.t.Helper()
	w.sim.AddPhone(simulator.Phone{ID: 7, Name: "Pegawai", Language: "id", Label: "Pegawai"})
	for range times {
		if err := (simulator.Client{BaseURL: w.api}).Type(w.t.Context(), 7, "/mulai"); err != nil {
			w.t.Fatal(err)
		}
	}
}

// file writes one and returns its path.
func (w *ward) file(content string) string {
	w.t.Helper()
	path := filepath.Join(w.folder, "daysoff.toml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// sees runs the doctor and looks for what it must say.
func (w *ward) sees(code int, said ...string) string {
	w.t.Helper()
	got, stdout, stderr := invoke(w.t, "doctor")
	if got != code {
		w.t.Errorf("exit code %d, want %d:\n%s%s", got, code, stdout, stderr)
	}
	for _, sentence := range said {
		if !strings.Contains(stdout, sentence) {
			w.t.Errorf("it does not say %q:\n%s%s", sentence, stdout, stderr)
		}
	}
	for _, secret := range []string{"SIMULATOR", "geheim", "goroutine"} {
		if strings.Contains(stdout+stderr, secret) {
			w.t.Errorf("it tells %q:\n%s%s", secret, stdout, stderr)
		}
	}
	return stdout
}

// with replaces a part of a database URL.
func with(address string, change func(*url.URL)) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	change(u)
	return u.String()
}

func TestTheDoctorFindsNothingWhereNothingIsWrong(t *testing.T) {
	w := newWard(t)
	w.furnish()
	report := w.sees(exitOK, "Token: Telegram mengenalnya sebagai @kinerja_demo_bot",
		"tidak ada webhook", "sesuai dengan jam Telegram", "sesuai dengan jam basis data", "MariaDB",
		"Skema sesuai", "utf8mb4", "Redis menjawab", "Hari libur yang diperlukan sudah tercatat", "Setiap pegawai memiliki pejabat penilai", "Semuanya beres.")
	if strings.Contains(report, "PERLU") || strings.Contains(report, "lewat") {
		t.Errorf("something seems to be wrong:\n%s", report)
	}
	t.Setenv("KINERJA_LANGUAGE", "en")
	w.sees(exitOK, "Everything is fine.", "Every unit with people has indicators.")
}

// Each thing is broken once, and seen with what to do; whatever else is well is still said to be so.
func TestTheDoctorSeesWhatIsBrokenAndSaysWhatToDo(t *testing.T) {
	oneByOne(t)
	closed := "127.0.0.1:1"
	for name, c := range map[string]struct {
		breaks func(w *ward)
		code   int
		said   []string
	}{
		"no setting": {func(w *ward) { w.t.Setenv("REDIS_URL", "") }, exitFailed,
			[]string{"Setelan REDIS_URL", "→ Contoh: REDIS_URL=", "Belum dapat diperiksa: Redis", "Skema sesuai"}},
		"a wrong token": {func(w *ward) { w.t.Setenv("TELEGRAM_TOKEN", "999:AAanother") }, exitFailed,
			[]string{"Telegram tidak mengenal token ini.", "→ Ambil token bot dari @BotFather", "Skema sesuai", "Redis menjawab"}},
		"no Telegram": {func(w *ward) { w.t.Setenv("TELEGRAM_API_URL", "http://"+closed+"/geheim") }, exitFailed,
			[]string{"http://" + closed + " tidak dapat dihubungi.", "→ Periksa jaringan", "Skema sesuai"}},
		"a webhook while polling": {func(w *ward) { w.asks("setWebhook", url.Values{"url": {"https://lain.example/geheim"}}) }, exitFailed,
			[]string{"webhook di lain.example, padahal UPDATES=polling", "@BotFather"}},
		"no webhook": {func(w *ward) { w.byWebhook("https://kinerja.example/geheim") }, exitFailed,
			[]string{"Belum ada webhook yang terpasang.", "→ Jalankan `kinerja serve`"}},
		"another webhook": {func(w *ward) {
			w.byWebhook("https://kinerja.example/geheim")
			w.asks("setWebhook", url.Values{"url": {"https://lain.example/geheim"}})
		}, exitFailed, []string{"bukan WEBHOOK_URL, melainkan alamat lain di lain.example"}},
		"a webhook that nobody answers": {func(w *ward) {
			w.byWebhook("http://" + closed + "/geheim")
			w.asks("setWebhook", url.Values{"url": {"http://" + closed + "/geheim"}})
			w.writes(1)
			w.failed()
		}, exitFailed, []string{"Telegram gagal mengirim ke webhook pada", "onnection", "→ Pastikan `kinerja serve` berjalan"}},
		"many updates wait": {func(w *ward) { w.writes(manyWaiting) }, exitFailed, []string{"menunggu diambil: 100."}},
		"a clock ahead": {func(w *ward) { w.skew = -time.Hour }, exitFailed,
			[]string{"detik lebih cepat daripada jam Telegram", "→ Nyalakan penyelarasan waktu"}},
		"a clock behind": {func(w *ward) { w.skew = 40 * time.Second }, exitFailed,
			[]string{"detik lebih lambat daripada jam Telegram"}},
		"a clock just so far": {func(w *ward) { w.skew = 25 * time.Second }, exitOK, []string{"sesuai dengan jam Telegram"}},
		"the database's clock": {func(w *ward) {
			w.t.Setenv("DATABASE_URL", w.database+"?timestamp="+fmt.Sprint(time.Now().Add(-2*time.Hour).Unix()))
		}, exitFailed,
			[]string{"detik lebih cepat daripada jam basis data", "→ Nyalakan penyelarasan waktu (NTP) di mesin ini dan di server basis data"}},
		"no database server": {func(w *ward) {
			w.t.Setenv("DATABASE_URL", with(w.database, func(u *url.URL) { u.Host = closed }))
		}, exitFailed,
			[]string{"Basis data tidak menjawab.", "→ Periksa apakah server basis data berjalan", "Redis menjawab", "Belum dapat diperiksa: skema, set karakter, isi kota."}},
		"a wrong password": {func(w *ward) {
			w.t.Setenv("DATABASE_URL", with(w.database, func(u *url.URL) { u.User = url.UserPassword("nobody", "geheim") }))
		}, exitFailed, []string{"Basis data menolak pengguna"}},
		"no such database": {func(w *ward) {
			w.t.Setenv("DATABASE_URL", with(w.database, func(u *url.URL) { u.Path = "/kinerja_none" }))
		}, exitFailed, []string{"tidak memiliki basis data bernama itu", "→ Buat: CREATE DATABASE"}},
		"another character set": {func(w *ward) { w.change("ALTER DATABASE CHARACTER SET latin1") }, exitFailed,
			[]string{"memakai latin1, bukan utf8mb4", "→ ALTER DATABASE `"}},
		"a table in latin1": {func(w *ward) { w.change("ALTER TABLE answers CONVERT TO CHARACTER SET latin1") }, exitFailed,
			[]string{"Tabel answers tidak menyimpan teks", "ALTER TABLE `answers` CONVERT TO"}},
		"another collation": {func(w *ward) {
			w.change("ALTER TABLE units MODIFY code VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL")
		}, exitFailed,
			[]string{"Tabel units tidak menyimpan teks"}},
		"a missing migration": {func(w *ward) { w.change("DELETE FROM goose_db_version WHERE version_id = 18") }, exitFailed,
			[]string{"lebih lama daripada program ini", "→ Jalankan `kinerja migrate`", "Belum dapat diperiksa: set karakter, isi kota."}},
		"a newer schema": {func(w *ward) { w.change("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)") }, exitFailed,
			[]string{"Skema lebih baru"}},
		"no Redis": {func(w *ward) { w.t.Setenv("REDIS_URL", "redis://"+closed+"/0") }, exitFailed,
			[]string{"Redis tidak menjawab.", "→ Periksa apakah Redis berjalan"}},
		"a Redis with a password": {func(w *ward) {
			guarded := miniredis.RunT(w.t)
			guarded.RequireAuth("geheim")
			w.t.Setenv("REDIS_URL", "redis://"+guarded.Addr()+"/0")
		}, exitFailed, []string{"Redis menolak kata sandi"}},
		"a Redis that is read only": {func(w *ward) {
			replica := miniredis.RunT(w.t)
			replica.SetError("READONLY You can't write against a read only replica.")
			w.t.Setenv("REDIS_URL", "redis://"+replica.Addr()+"/0")
		}, exitFailed, []string{"tidak menerima tulisan", "bukan replika"}},
		"no calendar": {func(w *ward) { w.t.Setenv("WORK_CALENDAR", w.file("years = [2001]\ndays = []\n")) }, exitFailed,
			[]string{"Hari libur tahun " + fmt.Sprint(time.Now().Year()), "SKB 3 Menteri"}},
		"a calendar is gone": {func(w *ward) { w.t.Setenv("WORK_CALENDAR", filepath.Join(w.folder, "none")) }, exitFailed,
			[]string{"tidak dapat dibaca"}},
		"a calendar is wrong": {func(w *ward) { w.t.Setenv("WORK_CALENDAR", w.file("jahre = 1")) }, exitFailed,
			[]string{"WORK_CALENDAR keliru"}},
		"no evaluator": {func(w *ward) { w.change("UPDATE people SET superior_id = NULL WHERE nip = '197107091996032007'") }, exitPartly,
			[]string{"Pegawai yang belum memilikinya: 2.", "→ /admin → Pegawai → Periksa rantai penilai"}},
		"a circle": {func(w *ward) {
			w.change("UPDATE people AS p JOIN people AS e ON e.nip = '198007192006122009' SET p.superior_id = e.id WHERE p.nip = '197107091996032007'")
		}, exitPartly, []string{"saling menilai: 2."}},
		"no indicators": {func(w *ward) { w.change("UPDATE template_versions SET inherits = 1") }, exitPartly,
			[]string{"belum ada indikator untuk", "→ `kinerja migrate` memberi"}},
		"an unlinked evaluator": {func(w *ward) {
			w.change("DELETE a FROM accounts AS a JOIN people AS p ON p.id = a.person_id WHERE p.nip = '198007192006122009'")
		}, exitPartly,
			[]string{"belum memegang kode: 1 orang", "Cetak undangan"}},
		"no period": {func(w *ward) { w.change("DELETE FROM periods") }, exitPartly,
			[]string{"buka periode yang pertama", "→ /admin → Periode baru"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWard(t)
			w.furnish()
			c.breaks(w)
			w.sees(c.code, c.said...)
		})
	}
}

func TestTheDoctorMakesNothingInAnEmptyDatabase(t *testing.T) {
	w := newWard(t)
	empty := storetest.URL(t, "mariadb")
	t.Setenv("DATABASE_URL", empty)
	w.sees(exitFailed, "Skema belum ada", "→ Jalankan `kinerja migrate`", "Belum dapat diperiksa: set karakter, isi kota.")
	var tables int
	counted := openRaw(t, empty).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()")
	if err := counted.Scan(&tables); err != nil || tables != 0 {
		t.Errorf("%d tables, %v", tables, err)
	}
}

// byWebhook lets updates come to an address.
func (w *ward) byWebhook(address string) {
	w.t.Setenv("UPDATES", "webhook")
	w.t.Setenv("WEBHOOK_URL", address)
	w.t.Setenv("WEBHOOK_SECRET", "rahasia")
}

// failed waits until Telegram has failed to deliver.
func (w *ward) failed() {
	w.t.Helper()
	for w.t.Context().Err() == nil {
		b, err := bot.New(bot.Options{Token: w.sim.Token(), APIURL: w.api})
		if err != nil {
			w.t.Fatal(err)
		}
		in, err := b.Inbox(w.t.Context())
		b.Close()
		if err != nil {
			w.t.Fatal(err)
		}
		if in.Problem != "" {
			return
		}
	}
}

func TestTheDoctorLeadsAnEmptyCityWithTheSameListAsTheChat(t *testing.T) {
	w := newWard(t)
	admin, err := w.store.FirstAdministrator(t.Context(), "198609262015051001", "Siti Rahayu")
	if err := errors.Join(err, w.store.GrantRole(context.Background(), 0, admin.ID, store.Admin, 0)); err != nil {
		t.Fatal(err)
	}
	if report := w.sees(exitPartly, "PERLU    kirim berkas unit dan pegawai", "→ `kinerja import pegawai.xlsx`"); strings.Contains(report, "indikator") {
		t.Errorf("nobody is there who could lack indicators:\n%s", report)
	}
	if _, err := w.store.SaveTemplate(t.Context(), 0, 0, "Indikator umum", standard.Of(standard.General)); err != nil {
		t.Fatal(err)
	}
	cast, err := sample.City(t.Context(), w.store)
	if err != nil {
		t.Fatal(err)
	}
	report := w.sees(exitPartly, "belum memegang kode: 19 orang", "buka periode yang pertama")
	steps, err := w.store.Readiness(t.Context(), cast.Admin.ID)
	if n := strings.Count(report, "PERLU"); err != nil || n != len(steps) {
		t.Errorf("the doctor names %d, the chat %d, %v:\n%s", n, len(steps), err, report)
	}
}
