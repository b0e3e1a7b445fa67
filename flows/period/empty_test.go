package period_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"testing"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/indicator"
	"kinerja/flows/invite"
	"kinerja/flows/job"
	"kinerja/flows/people"
	"kinerja/flows/performance"
	"kinerja/flows/period"
	"kinerja/flows/reminder"
	"kinerja/flows/role"
	"kinerja/flows/transcript"
	"kinerja/flows/unit"
	"kinerja/flows/upload"
	"kinerja/store"
	"kinerja/store/standard"
)

// sent are the files that the administrator of an empty city sends, by name.
type sent map[string]string

// Fetch finds a file by its name.
func (s sent) Fetch(_ context.Context, id string, _ int64) ([]byte, error) {
	if content, ok := s[id]; ok {
		return []byte(content), nil
	}
	return nil, upload.ErrGone
}

const (
	fewUnits  = "kode,nama,induk\nKOTA,Pemerintah Kota,\nDINKES,Dinas Kesehatan,KOTA\nDISHUB,Dinas Perhubungan,KOTA\n"
	fewPeople = "nip,nama,jabatan,jenis_jabatan,unit,nip_atasan\n" +
		"196802111995121002,Zulfahmi,Sekretaris Daerah,struktural,KOTA,\n" +
		"197107091996032007,Desmawati,Kepala Dinas Kesehatan,struktural,DINKES,196802111995121002\n" +
		"199101282023212024,Rina Marlina,Perawat,fungsional,DINKES,197107091996032007\n" +
		"197001071998021001,Bakhtiar,Kepala Dinas Perhubungan,struktural,DISHUB,\n" +
		"199203152019031005,Joni Saputra,Penguji kendaraan,pelaksana,DISHUB,197001071998021001\n" +
		"198609262015051001,Siti Rahayu,Analis kepegawaian,pelaksana,KOTA,196802111995121002\n"
)

// emptyCity is a bot of which only the first administrator knows, on a new database.
func emptyCity(t *testing.T, language string) (*transcript.World, transcript.Hooks) {
	t.Helper()
	ctx, w, files := context.Background(), transcript.NewWorld(t), sent{"unit.csv": fewUnits, "pegawai.csv": fewPeople}
	schedule, err := reminder.Default(calendar(t))
	if err != nil {
		t.Fatal(err)
	}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{period.MenuEntry(w.Store)})
		period.Register(e, w.Store, calendar(t), schedule.Allowed)
		indicator.Register(e, w.Store)
		unit.Register(e, w.Store)
		people.Register(e, w.Store, calendar(t), 15)
		role.Register(e, w.Store)
		upload.Register(e, w.Store, files)
		performance.Register(e, w.Store, calendar(t))
		invite.Register(e, w.Store, func(context.Context) (string, error) { return "solok_bot", nil })
	})
	if _, err := w.Store.SaveTemplate(ctx, 0, 0, "Indikator umum", standard.Of(standard.General)); err != nil { // as `kinerja migrate` does
		t.Fatal(err)
	}
	admin, err := w.Store.FirstAdministrator(ctx, "198609262015051001", "Siti Rahayu")
	if err := errors.Join(err, w.Store.GrantRole(ctx, 0, admin.ID, store.Admin, 0)); err != nil {
		t.Fatal(err)
	}
	w.Link("siti", &admin, language, account.NoticeVersion)
	works := period.Works(w.Store)
	maps.Copy(works, upload.Works(w.Store, files))
	return w, transcript.Hooks{
		"the jobs run": func() string {
			m := &message{w: w}
			runner := job.New(w.Store, m, works, "runner", error.Error, slog.New(slog.DiscardHandler))
			for worked := true; worked; {
				if worked, err = runner.Next(ctx); err != nil {
					t.Fatalf("job: %v", err)
				}
			}
			return m.shown
		},
		"the slips are printed": func() string {
			if _, err := w.Store.PrintInvitations(ctx, admin.ID, store.Printing{}); err != nil {
				t.Fatal(err)
			}
			return ""
		},
		"the evaluators open their invitations": func() string {
			unlinked, err := w.Store.Unlinked(context.Background(), 0, 20)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range unlinked {
				w.Link(p.NIP, &p, language, account.NoticeVersion)
			}
			return ""
		},
	}
}

// The administrator of an empty city knows nothing but /admin, and does what it says.
func TestAnEmptyCityIsLedByTheHandToAnOpenPeriod(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"empty", "byhand"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, hooks := emptyCity(t, language)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", hooks)
			})
		}
	}
}
