package upload_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/job"
	"kinerja/flows/people"
	"kinerja/flows/period"
	"kinerja/flows/roster"
	"kinerja/flows/rules"
	"kinerja/flows/transcript"
	"kinerja/flows/upload"
	"kinerja/store"
	"kinerja/store/sample"
)

// drawer is where Telegram keeps the files, by name.
type drawer map[string]string

func (d drawer) Fetch(_ context.Context, id string, _ int64) ([]byte, error) {
	content, ok := d[id]
	switch {
	case !ok:
		return nil, upload.ErrGone
	case content == "":
		return nil, errors.New("telegram is away")
	}
	return []byte(content), nil
}

// office is a world in which an administrator sends files.
type office struct {
	*transcript.World
	t     *testing.T
	cast  *sample.Cast
	files drawer
	shown string
}

func open(t *testing.T) *office {
	t.Helper()
	w := transcript.NewWorld(t)
	ctx := context.Background()
	cast, err := sample.City(ctx, w.Store)
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		t.Fatal(err)
	}
	o := &office{World: w, t: t, cast: cast, files: drawer{}}
	w.Register(func(e *flows.Engine) {
		account.Register(e, w.Store, []account.MenuEntry{period.MenuEntry(w.Store)})
		period.Register(e, w.Store, calendar, func(at time.Time) time.Time { return at })
		people.Register(e, w.Store, calendar, 15)
		upload.Register(e, w.Store, o.files)
	})
	return o
}

// Show draws a page into the message of a job, as the edge would.
func (o *office) Show(ctx context.Context, telegramID int64, _ int, link flows.Link) error {
	actor, err := o.Store.ActorByTelegram(ctx, telegramID)
	if err != nil {
		return err
	}
	screen, err := o.Engine.Draw(ctx, actor, link)
	o.shown = transcript.Render(screen)
	return err
}

// work does the jobs that wait and returns what their messages show at the end.
func (o *office) work() string {
	o.t.Helper()
	o.shown = ""
	runner := job.New(o.Store, o, upload.Works(o.Store, o.files), "test", error.Error, slog.New(slog.DiscardHandler))
	for {
		worked, err := runner.Next(context.Background())
		if err != nil {
			o.t.Fatalf("work: %v", err)
		}
		if !worked {
			return o.shown
		}
	}
}

// told draws what the administrator is sent, and the file that comes with it.
func (o *office) told() string {
	o.t.Helper()
	ctx := context.Background()
	claimed, err := o.Store.ClaimNotifications(ctx, "test", time.Minute, 10)
	if err != nil {
		o.t.Fatal(err)
	}
	var out strings.Builder
	for _, n := range claimed {
		if n.PersonID != o.cast.Admin.ID {
			continue
		}
		actor, err := o.Store.ActorByPerson(ctx, n.PersonID)
		if err != nil {
			o.t.Fatal(err)
		}
		screen, owed, err := o.Engine.Tell(ctx, actor, n.Kind, n.Args)
		if err != nil || !owed {
			o.t.Fatalf("tell %s: owed %v, %v", n.Kind, owed, err)
		}
		out.WriteString(transcript.Render(screen))
		if screen.Document != nil {
			content, err := screen.Document.Make(ctx)
			if err != nil {
				o.t.Fatalf("make %s: %v", n.Kind, err)
			}
			fmt.Fprintf(&out, "  (📄 %s)\n", screen.Document.Name)
			o.files["kiriman.xlsx"] = string(content)
		}
		if err := o.Store.MarkSent(ctx, n, 1); err != nil {
			o.t.Fatal(err)
		}
	}
	return out.String()
}

const header = "DAFTAR PEGAWAI KOTA SOLOK;;;;;\n;;;;;\nNo;NIP Baru;Nama Pegawai;Nama Jabatan;Unit Kerja;Atasan Langsung\n"

// roster has a title, the names of an office, a person who is new, one who changes, and one whose unit nobody knows.
func (o *office) roster() string {
	e := o.cast.Employee
	unit, err := o.Store.UnitByID(context.Background(), e.UnitID)
	if err != nil {
		o.t.Fatal(err)
	}
	line := "%d;%s;%s;%s;%s;%s\n"
	return header + fmt.Sprintf(line, 1, e.NIP, e.Name, "Perawat Mahir", unit.Name, o.cast.Evaluator.NIP) +
		fmt.Sprintf(line, 2, "199001012015051009", "Gita Pertiwi", "Bidan Terampil", unit.Code, o.cast.Evaluator.NIP) +
		fmt.Sprintf(line, 3, "199101012015051008", "Hasan Basri", "Analis", "Dinas Antariksa", "")
}

func TestARosterThatIsSentIntoTheChatReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, story := range []string{"roster", "bad"} {
			t.Run(story+"/"+language, func(t *testing.T) {
				o := open(t)
				o.Link("pengelola", o.cast.Admin, language, account.NoticeVersion)
				o.Link("pegawai", o.cast.Employee, language, account.NoticeVersion)
				o.Link("dinkes", o.cast.UnitAdmin, language, account.NoticeVersion)
				o.files["pegawai.csv"] = o.roster()
				o.files["tanya.csv"] = strings.Replace(o.roster(), "NIP Baru", "Nomor Induk", 1)
				o.files["rusak.csv"] = "halo\n"
				transcript.Play(t, o.World, "testdata/"+story+"_"+language+".txt", transcript.Hooks{
					"the jobs run": o.work,
					"told":         o.told,
					"somebody moves": func() string {
						_, err := o.Store.SaveUnits(context.Background(), 0, []store.UnitEntry{{Code: "BARU", Name: "Unit Baru"}})
						if err != nil {
							t.Fatal(err)
						}
						return ""
					},
				})
			})
		}
	}
}

// A plan is written only while whoever asked administers what he did when he saw it.
func TestWhoLosesHisRoleMeanwhileChangesNothing(t *testing.T) {
	o := open(t)
	ctx := context.Background()
	admin := o.cast.Superior
	if err := o.Store.GrantRole(ctx, 0, admin.ID, store.Admin, 0); err != nil {
		t.Fatal(err)
	}
	o.files["pegawai.csv"] = o.roster()
	id, err := o.Store.TakeUpload(ctx, admin.ID, "pegawai.csv", "pegawai.csv", 1)
	if err != nil {
		t.Fatal(err)
	}
	o.work()
	ready, err := o.Store.UploadFor(ctx, admin.ID, id)
	if err != nil || ready.State != store.UploadReady {
		t.Fatalf("%+v, %v; want it ready", ready, err)
	}
	if err := o.Store.ApplyUpload(ctx, admin.ID, id, ready.Revision, store.Place{}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Store.RevokeRole(ctx, 0, admin.ID, store.Admin, 0); err != nil {
		t.Fatal(err)
	}
	o.work()
	if _, err := o.Store.PersonByNIP(ctx, "199001012015051009"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the new person: %v; want that nobody made her", err)
	}
	if _, err := o.Store.UploadFor(ctx, admin.ID, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("his file: %v; want not found for who is no administrator any more", err)
	}
}

// A file that Telegram cannot give just now is asked for again; nothing is said to be wrong with it.
func TestATelegramThatIsAwayIsWaitedFor(t *testing.T) {
	o := open(t)
	ctx := context.Background()
	o.files["pegawai.csv"] = "" // away
	id, err := o.Store.TakeUpload(ctx, o.cast.Admin.ID, "pegawai.csv", "pegawai.csv", 1)
	if err != nil {
		t.Fatal(err)
	}
	runner := job.New(o.Store, o, upload.Works(o.Store, o.files), "test", error.Error, slog.New(slog.DiscardHandler))
	if _, err := runner.Next(ctx); err == nil {
		t.Fatal("the job says that it is done")
	}
	o.files["pegawai.csv"] = o.roster()
	o.Clock.Advance(job.Lease)
	o.work()
	if u, err := o.Store.UploadFor(ctx, o.cast.Admin.ID, id); err != nil || u.State != store.UploadReady {
		t.Errorf("%+v, %v; want it ready", u, err)
	}
}

// The example can be sent back as it is: it changes nothing and nothing of it is wrong.
func TestTheExampleChangesNothing(t *testing.T) {
	o := open(t)
	o.Link("pengelola", o.cast.Admin, "id", account.NoticeVersion)
	o.Do("pengelola", flows.Event{Kind: flows.Tap, Private: true, Data: "import.example"})
	o.told()
	file, err := roster.Read("contoh.xlsx", strings.NewReader(o.files["kiriman.xlsx"]), roster.DefaultLimits(), nil)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := roster.Check(context.Background(), o.Store, file, roster.City())
	if err != nil || plan.Changes() != 0 || len(plan.Wrong) != 0 {
		t.Errorf("%d changes, wrong %v, %v; want nothing", plan.Changes(), plan.Wrong, err)
	}
}

// Nobody makes himself the evaluator of people by a file, nor chooses another one for himself.
func TestNobodyMakesHimselfAnEvaluatorByAFile(t *testing.T) {
	o := open(t)
	e := o.cast.Employee
	o.files["pegawai.csv"] = "nip;nama;unit;nip_atasan\n" + fmt.Sprintf("%s;%s;%s;%s\n", e.NIP, e.Name, "PKM-01", o.cast.Admin.NIP)
	id, err := o.Store.TakeUpload(context.Background(), o.cast.Admin.ID, "pegawai.csv", "pegawai.csv", 1)
	if err != nil {
		t.Fatal(err)
	}
	o.work()
	u, err := o.Store.UploadFor(context.Background(), o.cast.Admin.ID, id)
	if err != nil || !strings.Contains(u.Summary, "evaluator_self") {
		t.Errorf("%s, %v; want that the row is wrong", u.Summary, err)
	}
}
