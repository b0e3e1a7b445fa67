package invite_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/transcript"
	"kinerja/flows/transcript/town"
	"kinerja/store"
	"kinerja/store/servers"
	"kinerja/store/storetest"
)

// files plays the courier: each file that is owed arrives, its pages are read. twice makes each two times, as after a send of which nobody
// knows whether it arrived.
func files(t *testing.T, w *transcript.World, twice bool) (said string, pages [][]string) {
	t.Helper()
	ctx := context.Background()
	claimed, err := w.Store.ClaimNotifications(ctx, "courier", time.Minute, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range claimed {
		if !store.IsFile(n.Kind) {
			continue
		}
		actor, err := w.Store.ActorByPerson(ctx, n.PersonID)
		if err != nil {
			t.Fatal(err)
		}
		for range map[bool]int{false: 1, true: 2}[twice] {
			screen, owed, err := w.Engine.Tell(ctx, actor, n.Kind, n.Args)
			if err != nil || !owed {
				t.Fatalf("tell %s: owed %v, %v", n.Args, owed, err)
			}
			said += transcript.Render(screen)
			if screen.Document == nil {
				continue
			}
			content, err := screen.Document.Make(ctx)
			if err != nil {
				t.Fatal(err)
			}
			read := readPDF(t, content)
			pages = append(pages, read)
			said += fmt.Sprintf("  📎 %s: %d × 📄, %d × 🎫\n", screen.Document.Name, len(read), len(codesIn(read)))
		}
		if err := w.Store.MarkSent(ctx, n, 1); err != nil {
			t.Fatal(err)
		}
	}
	return said, pages
}

func readPDF(t *testing.T, content []byte) []string {
	t.Helper()
	storetest.Need(t, servers.Poppler)
	path := filepath.Join(t.TempDir(), "undangan.pdf")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	program, _ := servers.Poppler.Path()
	out, err := exec.CommandContext(context.Background(), program, "-raw", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(string(out), "\f")
	return all[:len(all)-1]
}

var link = regexp.MustCompile(`https://t\.me/` + town.Bot + `\?start=([0-9A-Z]{16})`)

func codesIn(pages []string) (codes []string) {
	for _, m := range link.FindAllStringSubmatch(strings.Join(pages, "\n"), -1) {
		codes = append(codes, m[1])
	}
	return codes
}

func TestPrintingReadsAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		t.Run(language, func(t *testing.T) {
			w, cast := town.New(t)
			w.Link("kota", cast.Admin, language, account.NoticeVersion)
			w.Link("dinkes", cast.UnitAdmin, language, account.NoticeVersion)
			w.Link("pegawai", cast.Evaluator, language, account.NoticeVersion)
			transcript.Play(t, w, "testdata/print_"+language+".txt", transcript.Hooks{
				"the file arrives":       func() string { said, _ := files(t, w, false); return said },
				"the file arrives twice": func() string { said, _ := files(t, w, true); return said },
				"rina opens the link of an earlier code": func() string {
					_, err := w.Store.Invite(context.Background(), cast.Employee.ID, store.CodeLife)
					if err != nil {
						t.Fatal(err)
					}
					return ""
				},
				"the head of the agency leads the city": func() string {
					if err := w.Store.GrantRole(context.Background(), 0, cast.Superior.ID, store.Leader, 0); err != nil {
						t.Fatal(err)
					}
					return ""
				},
			})
		})
	}
}

// Given a screen that two administrators have open, and one of them twice, nobody's code is made twice.
func TestTappedTwiceOrByTwoNobodyIsPrintedTwice(t *testing.T) {
	w, cast := town.New(t)
	w.Link("kota", cast.Admin, "id", account.NoticeVersion)
	w.Link("dinkes", cast.UnitAdmin, "id", account.NoticeVersion)
	for _, who := range []string{"kota", "dinkes"} {
		w.Do(who, flows.Event{Kind: flows.Tap, Private: true, Data: fmt.Sprint("invite.unit:", cast.Units["DINKES"].ID)})
	}
	tap := func(who string) string {
		t.Helper()
		for _, row := range w.Last(who).Rows {
			if row[0].To.Route == "invite.print" {
				return row[0].To.String()
			}
		}
		t.Fatalf("%s sees nothing to print", who)
		return ""
	}
	first, other := tap("kota"), tap("dinkes")
	do := func(who, data string) string {
		return w.Do(who, flows.Event{Kind: flows.Tap, Private: true, Data: data})
	}
	do("kota", first)
	if said := do("kota", first); !strings.Contains(said, "sudah diminta") {
		t.Errorf("the second tap: %s", said)
	}
	do("dinkes", other)
	said, pages := files(t, w, false)
	if len(pages) != 1 || !strings.Contains(said, "Tidak ada yang dicetak") {
		t.Errorf("%d files: %s", len(pages), said)
	}
	if said := do("kota", first); !strings.Contains(said, "berubah") {
		t.Errorf("the tap on the old screen: %s", said)
	}
	if _, more := files(t, w, false); len(more) != 0 {
		t.Error("an old screen has printed again")
	}
	for _, code := range codesIn(pages[0]) {
		if _, err := w.Store.InvitationFor(context.Background(), 4711, code); err != nil {
			t.Fatalf("a printed code: %v", err)
		}
	}
}

// Given a file that is made twice, the codes of the second link and those of the first have ended.
func TestOfAFileThatComesTwiceTheLatestCounts(t *testing.T) {
	w, cast := town.New(t)
	w.Link("dinkes", cast.UnitAdmin, "id", account.NoticeVersion)
	w.Do("dinkes", flows.Event{Kind: flows.Tap, Private: true, Data: "invite.unit:0"})
	w.Tap("dinkes", "Cetak")
	_, pages := files(t, w, true)
	if len(pages) != 2 || len(codesIn(pages[0])) != len(codesIn(pages[1])) || len(codesIn(pages[0])) == 0 {
		t.Fatalf("%d files", len(pages))
	}
	for n, works := range []bool{false, true} {
		if _, err := w.Store.InvitationFor(context.Background(), int64(5000+n), codesIn(pages[n])[0]); (err == nil) != works {
			t.Errorf("file %d: %v", n+1, err)
		}
	}
}

// Given an administrator who loses his role between the tap and the sending, nothing is made.
func TestWhoIsNoAdministratorAnyMoreGetsNoFile(t *testing.T) {
	w, cast := town.New(t)
	ctx := context.Background()
	w.Link("dinkes", cast.UnitAdmin, "id", account.NoticeVersion)
	actor, err := w.Store.ActorByPerson(ctx, cast.UnitAdmin.ID)
	if err != nil {
		t.Fatal(err)
	}
	args := fmt.Sprint(cast.Units["DINKES"].ID, ":below:all:0")
	screen, owed, err := w.Engine.Tell(ctx, actor, "file.slips", args)
	if err != nil || !owed {
		t.Fatalf("%v, %v", owed, err)
	}
	if _, err := w.Store.RevokeRole(ctx, cast.Admin.ID, cast.UnitAdmin.ID, store.Admin, cast.Units["DINKES"].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := screen.Document.Make(ctx); err == nil {
		t.Error("the file is made")
	}
	if _, owed, err := w.Engine.Tell(ctx, actor, "file.slips", args); err != nil || owed {
		t.Errorf("it is still owed: %v, %v", owed, err)
	}
	if held, err := w.Store.HoldsCode(ctx, cast.Employee.ID); err != nil || held {
		t.Errorf("a code was made: %v, %v", held, err)
	}
}
