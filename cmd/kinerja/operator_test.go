package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/servers"
	"kinerja/store/storetest"
)

// office is an empty, migrated database that the commands find by themselves.
func office(t *testing.T) *store.Store {
	t.Helper()
	url := storetest.URL(t, "sqlite")
	t.Setenv("DATABASE_URL", url)
	t.Setenv("TELEGRAM_TOKEN", "")
	return storetest.Open(t, url, store.Options{})
}

// city is an office with the sample's people.
func city(t *testing.T) (*store.Store, *sample.Cast) {
	t.Helper()
	s := office(t)
	cast, err := sample.City(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return s, cast
}

// does runs a command that must succeed, and returns what it prints.
func does(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := invoke(t, args...)
	if code != exitOK {
		t.Fatalf("%v: exit code %d\n%s%s", args, code, stdout, stderr)
	}
	return stdout + stderr
}

func TestAnOperatorsFirstDay(t *testing.T) {
	t.Setenv("DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "kinerja.db"))
	t.Setenv("TELEGRAM_TOKEN", "")
	units, people := sample.Files()
	folder := t.TempDir()
	unitFile, peopleFile := filepath.Join(folder, "unit.csv"), filepath.Join(folder, "pegawai.csv")
	if err := errors.Join(os.WriteFile(unitFile, units, 0o600), os.WriteFile(peopleFile, people, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"migrate"}, "Applied migrations"},
		{[]string{"migrate"}, "up to date"},
		{[]string{"import", "--dry-run", unitFile, peopleFile}, "Tidak ada yang diubah."},
		{[]string{"import", unitFile, peopleFile}, "Perubahan diterapkan."},
		{[]string{"import", unitFile, peopleFile}, "Tidak ada yang diubah."},
		{[]string{"invite", "--nip", "198404012011012002", "--bot", "solok_bot"}, "https://t.me/solok_bot?start="},
		{[]string{"invite", "--role", "admin", "--nip", "198609262015051001", "--name", "Pengelola Baru"}, "Pengelola Baru"},
		{[]string{"invite", "--all", "--format", "csv"}, "nip,kode,tautan\n"},
		{[]string{"resend"}, "No notification is parked"},
		{[]string{"version"}, "kinerja"},
	} {
		code, stdout, stderr := invoke(t, c.args...)
		if code != exitOK || !strings.Contains(stdout, c.want) {
			t.Fatalf("%v: exit code %d, %q is missing in:\n%s%s", c.args, code, c.want, stdout, stderr)
		}
	}
}

func TestInvitingNobodyOrAnImpossibleNIPIsRefused(t *testing.T) {
	t.Setenv("DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "kinerja.db"))
	t.Setenv("TELEGRAM_TOKEN", "")
	if code, _, stderr := invoke(t, "migrate"); code != exitOK {
		t.Fatal(stderr)
	}
	for _, args := range [][]string{{"invite"}, {"invite", "--nip", "123"}, {"invite", "--nip", "198609262015053001"}, {"invite", "--nip", "198609262015051001"}} {
		if code, stdout, _ := invoke(t, args...); code == exitOK || stdout != "" {
			t.Errorf("%v: exit code %d, printed %q", args, code, stdout)
		}
	}
}

func TestInvitingAgainLeavesTheCodesOnTheSlipsValid(t *testing.T) {
	s, cast := city(t)
	ctx := context.Background()
	slip, err := s.Invite(ctx, cast.Employee.ID, store.CodeLife)
	if err != nil {
		t.Fatal(err)
	}
	held := func() bool {
		t.Helper()
		_, err := s.InvitationFor(ctx, 4711, slip)
		if err != nil && !errors.Is(err, store.ErrCodeExpired) {
			t.Fatal(err)
		}
		return err == nil
	}
	for _, c := range []struct {
		args    []string
		codes   int
		says    string
		slipped bool
	}{
		{[]string{"--all", "--format", "csv"}, len(cast.People) - 1, "1 people hold a valid code and were left out. --renew", true},
		{[]string{"--all", "--format", "csv"}, 0, fmt.Sprint(len(cast.People), " people hold"), true},
		{[]string{"--nip", cast.Superior.NIP, "--format", "csv"}, 1, "The earlier code of " + cast.Superior.Name + " has ended", true},
		{[]string{"--all", "--renew", "--format", "csv"}, len(cast.People), fmt.Sprint(len(cast.People), " people held a valid code; those earlier codes have ended"), false},
	} {
		code, stdout, stderr := invoke(t, append([]string{"invite"}, c.args...)...)
		if codes := max(0, strings.Count(stdout, "\n")-1); code != exitOK || codes != c.codes || !strings.Contains(stderr, c.says) || held() != c.slipped {
			t.Errorf("%v: exit code %d, %d codes, want %d; the slip is valid: %v; it says %s", c.args, code, codes, c.codes, held(), stderr)
		}
	}
	if code, _, stderr := invoke(t, "invite", "--renew", "--nip", cast.Employee.NIP); code != exitUsage || !strings.Contains(stderr, "--renew") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestACommandThatDoesNotReachTelegramNamesTheAddress(t *testing.T) {
	_, cast := city(t)
	closed := "http://" + freeAddress(t)
	code, stdout, stderr := invoke(t, "invite", "--nip", cast.Employee.NIP, "--telegram-token", "123456:SECRET", "--telegram-api-url", closed+"/path")
	if code != exitFailed || stdout != "" {
		t.Errorf("exit code %d, printed %q", code, stdout)
	}
	if !strings.Contains(stderr, closed+" could not be reached.") || strings.Contains(stderr, "not_sent") || strings.Contains(stderr, "SECRET") {
		t.Errorf("it says: %s", stderr)
	}
}

func TestARoleIsForOnePersonByName(t *testing.T) {
	s, cast := city(t)
	for _, args := range [][]string{
		{"invite", "--all", "--role", "admin"},
		{"invite", "--nip", cast.Employee.NIP, "--unit", "DINKES"},
		{"invite", "--nip", cast.Employee.NIP, "--role", "admin", "--unit", "NOWHERE"},
	} {
		if code, stdout, stderr := invoke(t, args...); code == exitOK || stdout != "" || !strings.Contains(stderr, "--role") && !strings.Contains(stderr, "--unit") {
			t.Errorf("%v: exit code %d, printed %q and %q", args, code, stdout, stderr)
		}
	}
	for _, p := range cast.People {
		if roles, err := s.Roles(context.Background(), p.ID); err != nil || p.ID == cast.Employee.ID && len(roles) > 0 {
			t.Errorf("roles of %d: %v, %v", p.ID, roles, err)
		}
	}
}

func TestARoleOverAUnitIsGrantedByCommandAndHoldsAtOnce(t *testing.T) {
	s, cast := city(t)
	ctx := context.Background()
	unit, err := s.UnitByID(ctx, cast.Employee.UnitID)
	if err != nil {
		t.Fatal(err)
	}
	if printed := does(t, "invite", "--role", "leader", "--unit", strings.ToLower(unit.Code), "--nip", cast.Employee.NIP); !strings.Contains(printed, cast.Employee.Name+"\n  ") {
		t.Errorf("no code in %q", printed)
	}
	code, err := s.Invite(ctx, cast.Employee.ID, store.CodeLife)
	if err == nil {
		_, err = s.Link(ctx, 4711, "id", code)
	}
	if err != nil {
		t.Fatal(err)
	}
	if printed := does(t, "invite", "--role", "admin", "--nip", cast.Employee.NIP); !strings.Contains(printed, "linked already") {
		t.Errorf("who is linked needs no code: %q", printed)
	}
	roles, err := s.Roles(ctx, cast.Employee.ID)
	got := []string{}
	for _, r := range roles {
		got = append(got, r.String())
	}
	if want := []string{store.PersonRole{Role: store.Leader, UnitID: unit.ID}.String(), "admin 0"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("roles %v, %v; want %v", got, err, want)
	}
}

func TestWhatWasGivenUpIsSentAgainByCommand(t *testing.T) {
	s, cast := city(t)
	ctx := context.Background()
	if err := s.PlanReminders(ctx, "2027-01-04", s.Now(), []int64{cast.Employee.ID, cast.Evaluator.ID}); err != nil {
		t.Fatal(err)
	}
	claimed, err := s.ClaimNotifications(ctx, "test", time.Minute, 10)
	if err != nil || len(claimed) != 2 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	for _, n := range claimed {
		n.Attempts = 100 // many tries later
		if err := s.Retry(ctx, n, "refused"); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"2 notifications are owed again", "No notification is parked"} {
		if printed := does(t, "resend"); !strings.Contains(printed, want) {
			t.Errorf("it prints %q, want %q", printed, want)
		}
	}
	if states, err := s.NotificationStates(ctx, store.Unsettled()...); err != nil || states[store.Owed] != 2 || states[store.Failed] != 0 {
		t.Errorf("states %v, %v", states, err)
	}
}

func TestALostPhoneARoleAndAPersonEndByCommand(t *testing.T) {
	s, cast := city(t)
	ctx := context.Background()
	code, err := s.Invite(ctx, cast.UnitAdmin.ID, store.CodeLife)
	if err == nil {
		_, err = s.Link(ctx, 4711, "id", code)
	}
	if err == nil {
		err = s.GrantRole(ctx, 0, cast.UnitAdmin.ID, store.Leader, cast.Units["PKM-01"].ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	who := cast.UnitAdmin.NIP
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"unlink", "--nip", who}, exitOK, "is unlinked"},
		{[]string{"unlink", "--nip", who}, exitOK, "had no Telegram account"},
		{[]string{"revoke", "--nip", who, "--role", "leader"}, exitFailed, "does not hold this role; nothing was changed. Held: "},
		{[]string{"revoke", "--nip", who, "--role", "leader", "--unit", "pkm-01"}, exitOK, "is not leader over PKM-01 any more. Still held: admin over"},
		{[]string{"revoke", "--nip", who, "--role", "leader", "--unit", "NOWHERE"}, exitFailed, "no unit has the code NOWHERE"},
		{[]string{"leave", "--nip", who}, exitOK, "has left. Ended: 0 Telegram account, 1 roles"},
		{[]string{"leave", "--nip", who}, exitOK, "had left already; nothing was changed"},
		{[]string{"revoke", "--nip", cast.Admin.NIP, "--role", "admin"}, exitOK, "Nobody administers the whole city now"},
		{[]string{"leave", "--nip", "198609262015051001"}, exitFailed, "nobody on the roster has this NIP"},
		{[]string{"leave"}, exitUsage, "--nip"},
	} {
		code, stdout, stderr := invoke(t, c.args...)
		if said := stdout + stderr; code != c.code || !strings.Contains(said, c.want) {
			t.Errorf("%v: exit code %d, %q is missing in:\n%s", c.args, code, c.want, said)
		}
	}
}

func TestWhoLeavesByCommandIsToldWithWhatHeLeavesBehind(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	if _, err := w.app.openPeriod(context.Background(), w.cast.Admin.ID, store.Quarterly, store.ReleaseAtOnce); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATABASE_URL", w.app.settings.databaseURL)
	said := does(t, "leave", "--nip", w.cast.Evaluator.NIP)
	for _, want := range []string{"9 evaluations are open", "of " + w.cast.Employee.Name + ", by " + w.cast.Evaluator.Name + " (has left)",
		"of " + w.cast.Evaluator.Name + " (has left), by " + w.cast.Superior.Name} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in:\n%s", want, said)
		}
	}
	if err := w.app.closeAfter(nil); err != nil {
		t.Error(err)
	}
}

func TestAnImportThatLeavesRowsOutHasAnExitCodeOfItsOwn(t *testing.T) {
	city(t)
	units, people := sample.Files()
	folder := t.TempDir()
	unitFile, peopleFile := filepath.Join(folder, "unit.csv"), filepath.Join(folder, "pegawai.csv")
	wrong := slices.Concat(people, []byte("12345,Salah,,,,,,,\n"))
	if err := errors.Join(os.WriteFile(unitFile, units, 0o600), os.WriteFile(peopleFile, wrong, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"import", "--dry-run", unitFile, peopleFile}, {"import", unitFile, peopleFile}} {
		if code, _, stderr := invoke(t, args...); code != exitPartly || !strings.Contains(stderr, "wrong rows were left out") {
			t.Errorf("%v: exit code %d: %s", args, code, stderr)
		}
	}
	if code, _, stderr := invoke(t, "import", unitFile); code != exitOK {
		t.Errorf("without a wrong row: exit code %d: %s", code, stderr)
	}
}

func TestMissingPeopleLeaveOnlyOnceTheirNumberIsConfirmed(t *testing.T) {
	s, cast := city(t)
	_, people := sample.Files()
	lines := slices.DeleteFunc(strings.SplitAfter(string(people), "\n"), func(l string) bool { return strings.HasPrefix(l, cast.Admin.NIP+",") })
	file := filepath.Join(t.TempDir(), "pegawai.csv")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		code   int
		want   string
		active bool
	}{
		{[]string{"import", file}, exitOK, "data mereka dibiarkan apa adanya", true},
		{[]string{"import", "--confirm", "1", file}, exitUsage, "--confirm is for a complete roster only", true},
		{[]string{"import", "--complete", "--dry-run", file}, exitOK, "dengan --confirm 1.", true},
		{[]string{"import", "--complete", file}, exitFailed, "Tidak bertugas lagi: " + cast.Admin.Name, true},
		{[]string{"import", "--complete", "--confirm", "2", file}, exitFailed, "Tidak ada yang diubah.", true},
		{[]string{"import", "--complete", "--confirm", "1", file}, exitOK, "Nobody administers the whole city now", false},
		{[]string{"import", "--complete", "--confirm", "1", file}, exitOK, "tidak ada yang keluar", false},
	} {
		code, stdout, stderr := invoke(t, c.args...)
		if said := stdout + stderr; code != c.code || !strings.Contains(said, c.want) {
			t.Errorf("%v: exit code %d, %q is missing in:\n%s", c.args, code, c.want, said)
		}
		if p, err := s.PersonByID(context.Background(), cast.Admin.ID); err != nil || p.Active != c.active {
			t.Fatalf("%v: on the roster %v, %v", c.args, p.Active, err)
		}
	}
}

func TestPruningTellsWhatWouldGoAndRefusesToForgetTooSoon(t *testing.T) {
	city(t)
	if told := does(t, "prune", "--dry-run"); !strings.Contains(told, "invitations") || !strings.Contains(told, "Nothing was deleted") {
		t.Errorf("it said %q", told)
	}
	if code, _, stderr := invoke(t, "prune", "--keep-records", "3"); code == exitOK || !strings.Contains(stderr, "KEEP_RECORDS") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestSlipsArePrintedForAllForAUnitAndForOne(t *testing.T) {
	s, cast := city(t)
	ctx := context.Background()
	health, err := s.PeopleOfUnits(ctx, unitsBelow(t, s, cast.Units["DINKES"].ID))
	if err != nil {
		t.Fatal(err)
	}
	pdf := func(args ...string) (code int, pages []string, stderr string) {
		t.Helper()
		code, stdout, stderr := invoke(t, append([]string{"invite", "--format", "pdf", "--bot", "solok_bot"}, args...)...)
		if stdout == "" {
			return code, nil, stderr
		}
		path := filepath.Join(t.TempDir(), "undangan.pdf")
		if err := os.WriteFile(path, []byte(stdout), 0o600); err != nil {
			t.Fatal(err)
		}
		return code, readPDF(t, path), stderr
	}
	for _, c := range []struct {
		args  []string
		slips int
		says  string
	}{
		{[]string{"--unit", "dinkes"}, len(health), fmt.Sprintf("Slips for %d people", len(health))},
		{[]string{"--all"}, len(cast.People) - len(health), fmt.Sprint(len(health), " people hold a valid code and were left out. --renew")},
		{[]string{"--all"}, 0, "nobody to invite; no code was made"},
		{[]string{"--nip", cast.Employee.NIP, "--contact", "Siti Rahayu, Dinas Kesehatan"}, 1, "The earlier code of " + cast.Employee.Name + " has ended"},
		{[]string{"--all", "--unit", "DINKES", "--renew"}, len(health), "those earlier codes have ended"},
		{[]string{"--unit", "NOWHERE"}, 0, "no unit has the code"},
	} {
		code, pages, stderr := pdf(c.args...)
		all := strings.Join(pages, "\n")
		if slips := strings.Count(all, "https://t.me/solok_bot?start="); slips != c.slips || (code == exitOK) != (c.slips > 0) || !strings.Contains(stderr, c.says) {
			t.Fatalf("%v: exit code %d, %d slips, want %d; it says %s", c.args, code, slips, c.slips, stderr)
		}
		if len(pages) > 0 && !strings.Contains(all, cast.Employee.Name) != (c.args[0] == "--all" && len(c.args) == 1) {
			t.Errorf("%v: the employee is printed or not:\n%s", c.args, all)
		}
		if c.args[0] == "--nip" && !strings.Contains(all, "Pertanyaan: Siti Rahayu, Dinas Kesehatan.") || strings.Contains(all, cast.Employee.NIP) {
			t.Errorf("%v: the contact is missing, or the NIP is printed whole:\n%s", c.args, all)
		}
		if c.slips == 1 {
			if _, err := s.Link(ctx, 4711, "id", deepLink.FindStringSubmatch(all)[1]); err != nil {
				t.Errorf("the printed link does not link: %v", err)
			}
			if _, err := s.Unlink(ctx, 0, cast.Employee.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if code, stdout, stderr := invoke(t, "invite", "--all", "--format", "pdf"); code != exitUsage || stdout != "" || !strings.Contains(stderr, "--bot") {
		t.Errorf("without the bot's name: %d, %s", code, stderr)
	}
	if n := strings.Count(does(t, "invite", "--unit", "DINKES", "--renew", "--format", "csv"), "\n"); n != len(health)+2 {
		t.Errorf("%d lines of csv for %d people", n, len(health))
	}
}

func unitsBelow(t *testing.T, s *store.Store, unit int64) []int64 {
	t.Helper()
	units, err := s.Subtree(context.Background(), unit)
	if err != nil {
		t.Fatal(err)
	}
	return units
}

// readPDF are the texts of a file's pages.
func readPDF(t *testing.T, path string) []string {
	t.Helper()
	storetest.Need(t, servers.Poppler)
	program, _ := servers.Poppler.Path()
	out, err := exec.CommandContext(context.Background(), program, "-raw", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(string(out), "\f")
	return all[:len(all)-1]
}
