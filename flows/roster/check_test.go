package roster_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinerja/flows/roster"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// NIPs of nobody: n from 1.
func nip(n int) string { return fmt.Sprintf("198609262015051%03d", n) }

func check(t testing.TB, s *store.Store, f roster.File) roster.Plan {
	t.Helper()
	plan, err := roster.Check(context.Background(), s, f, roster.City())
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	return plan
}

// found lists "row key" of each finding.
func found(findings []roster.Finding) []string {
	list := []string{}
	for _, f := range findings {
		list = append(list, fmt.Sprintf("%d %s", f.Row, f.Key[strings.Index(f.Key, ".")+1:]))
	}
	return list
}

func withUnits(t testing.TB) *store.Store {
	t.Helper()
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	_, err := s.SaveUnits(context.Background(), 0, []store.UnitEntry{{Code: "U", Name: "Unit"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEachKindOfWrongPersonIsNamed(t *testing.T) {
	long := strings.Repeat("x", 201)
	tests := map[string]struct{ rows, want []string }{
		"good":               {[]string{nip(1) + ",A,,,,U,,,"}, nil},
		"no NIP":             {[]string{",A,,,,U,,,"}, []string{"2 empty"}},
		"short NIP":          {[]string{"1986,A,,,,U,,,"}, []string{"2 nip_length"}},
		"letters":            {[]string{"19860926201505100l,A,,,,U,,,"}, []string{"2 nip_digits"}},
		"a rounded number":   {[]string{"1.98609E+17,A,,,,U,,,"}, []string{"2 nip_number"}},
		"rounded with comma": {[]string{"\"1,98609E+17\",A,,,,U,,,"}, []string{"2 nip_number"}},
		"birth":              {[]string{"198602302015051001,A,,,,U,,,"}, []string{"2 nip_birth"}},
		"appointment":        {[]string{"198609262015131001,A,,,,U,,,"}, []string{"2 nip_appointment"}},
		"sex":                {[]string{"198609262015053001,A,,,,U,,,"}, []string{"2 nip_sex"}},
		"sequence":           {[]string{"198609262015051000,A,,,,U,,,"}, []string{"2 nip_sequence"}},
		"twice":              {[]string{nip(1) + ",A,,,,U,,,", "19860926 201505 1 001,B,,,,U,,,"}, []string{"3 nip_twice"}},
		"no name":            {[]string{nip(1) + ", ,,,,U,,,"}, []string{"2 empty"}},
		"long name":          {[]string{nip(1) + "," + long + ",,,,U,,,"}, []string{"2 too_long"}},
		"long position":      {[]string{nip(1) + ",A," + long + ",,,U,,,"}, []string{"2 too_long"}},
		"long grade":         {[]string{nip(1) + ",A,,," + long + ",U,,,"}, []string{"2 too_long"}},
		"kind":               {[]string{nip(1) + ",A,,honorer,,U,,,"}, []string{"2 position_kind"}},
		"no unit":            {[]string{nip(1) + ",A,,,,,,,"}, []string{"2 no_unit"}},
		"unknown unit":       {[]string{nip(1) + ",A,,,,X,,,"}, []string{"2 unknown_unit"}},
		"wrong superior":     {[]string{nip(1) + ",A,,,,U,123,,"}, []string{"2 nip_length"}},
		"unknown superior":   {[]string{nip(1) + ",A,,,,U," + nip(9) + ",,"}, []string{"2 unknown_superior"}},
		"own superior":       {[]string{nip(1) + ",A,,,,U," + nip(1) + ",,"}, []string{"2 own_superior"}},
		"phone":              {[]string{nip(1) + ",A,,,,U,,nanti,"}, []string{"2 phone"}},
		"role":               {[]string{nip(1) + ",A,,,,U,,,\"pegawai,raja\""}, []string{"2 role"}},
		"several at once":    {[]string{"1986,,,,,X,,nanti,"}, []string{"2 nip_length", "2 empty", "2 phone", "2 unknown_unit"}},
		"circle of two": {[]string{nip(1) + ",A,,,,U," + nip(2) + ",,", nip(2) + ",B,,,,U," + nip(1) + ",,", nip(3) + ",C,,,,U,,,"},
			[]string{"2 superior_cycle", "3 superior_cycle"}},
		"behind a circle": {[]string{nip(1) + ",A,,,,U," + nip(2) + ",,", nip(2) + ",B,,,,U," + nip(1) + ",,", nip(3) + ",C,,,,U," + nip(1) + ",,"},
			[]string{"2 superior_cycle", "3 superior_cycle", "4 unknown_superior"}},
		"behind a wrong row": {[]string{nip(1) + ",A,,,,U," + nip(2) + ",,", nip(2) + ",B,,,,U," + nip(3) + ",,", nip(3) + ",C,,,,X,,,"},
			[]string{"2 unknown_superior", "3 unknown_superior", "4 unknown_unit"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := withUnits(t)
			plan := check(t, s, read(t, "a.csv", []byte(peopleHeader+strings.Join(test.rows, "\n"))))
			if got := found(plan.Wrong); !slices.Equal(got, test.want) {
				t.Fatalf("found %q, want %q", got, test.want)
			}
			if all := plan.People.New + plan.People.Wrong; all != len(test.rows) {
				t.Errorf("%+v does not count %d rows", plan.People, len(test.rows))
			}
			printed(t, plan)
		})
	}
}

// printed fails when a sentence is missing, in any language.
func printed(t *testing.T, plan roster.Plan) string {
	t.Helper()
	var indonesian string
	for _, language := range locales.Languages {
		var out bytes.Buffer
		if err := plan.Print(&out, translator(t, language)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), locales.Missing) || strings.Contains(out.String(), "no value") {
			t.Errorf("%s: %s", language, out.String())
		}
		if language == locales.Indonesian {
			indonesian = out.String()
		}
	}
	return indonesian
}

func TestEachKindOfWrongUnitIsNamed(t *testing.T) {
	tests := map[string]struct{ rows, want []string }{
		"good, parent later": {[]string{"B,Anak,A", "A,Induk,"}, nil},
		"no code":            {[]string{",Nama,"}, []string{"2 empty"}},
		"no name":            {[]string{"A,,"}, []string{"2 empty"}},
		"long code":          {[]string{strings.Repeat("A", 41) + ",Nama,"}, []string{"2 too_long"}},
		"strange code":       {[]string{"Ä B,Nama,"}, []string{"2 unit_code"}},
		"twice":              {[]string{"A,Satu,", "a,Dua,"}, []string{"3 unit_twice"}},
		"own parent":         {[]string{"A,Satu,a"}, []string{"2 own_parent"}},
		"unknown parent":     {[]string{"A,Satu,X"}, []string{"2 unknown_parent"}},
		"circle":             {[]string{"A,Satu,B", "B,Dua,C", "C,Tiga,A", "D,Empat,U"}, []string{"2 unit_cycle", "3 unit_cycle", "4 unit_cycle"}},
		"circle by a change": {[]string{"U,Unit,A", "A,Satu,U"}, []string{"2 unit_cycle", "3 unit_cycle"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			plan := check(t, withUnits(t), read(t, "a.csv", []byte(unitHeader+strings.Join(test.rows, "\n"))))
			if got := found(plan.Wrong); !slices.Equal(got, test.want) {
				t.Fatalf("found %q, want %q", got, test.want)
			}
			printed(t, plan)
		})
	}
}

func TestUnlikelyRowsAreUsedWithAWarning(t *testing.T) {
	rows := "198609262003051001,A,,,,U,,0812 3456 7890,\n195009261980051001,B,,,,U,,+6281234567890,\n"
	plan := check(t, withUnits(t), read(t, "a.csv", []byte(peopleHeader+rows)))
	want := []string{"2 too_young", "3 too_old", "3 phone_twice"}
	if got := found(plan.Warnings); !slices.Equal(got, want) || plan.People.New != 2 {
		t.Errorf("warnings %q of %+v, want %q", got, plan.People, want)
	}
	printed(t, plan)
}

func TestANIPThatASpreadsheetTookForANumberIsNotGuessed(t *testing.T) {
	rows := [][]any{header(), {198609262015051001, "A", "", "", "", "U"}, {198609262015051000, "A", "", "", "", "U"},
		{"'" + nip(1), "A", "", "", "", "U"}}
	plan := check(t, withUnits(t), read(t, "a.xlsx", workbook(t, map[string][][]any{"pegawai": rows})))
	want := []string{"2 nip_number", "3 nip_sequence"}
	if got := found(plan.Wrong); !slices.Equal(got, want) || plan.People.New != 1 {
		t.Errorf("found %q, want %q; %+v", got, want, plan.People)
	}
}

func TestAPhoneThatASpreadsheetTookForANumberIsRead(t *testing.T) {
	s := withUnits(t)
	rows := [][]any{header(), {nip(1), "A", "", "", "", "U", "", 81234567890}, {nip(2), "B", "", "", "", "U", "", 628123456789012}}
	plan := check(t, s, read(t, "a.xlsx", workbook(t, map[string][][]any{"pegawai": rows})))
	apply(t, s, plan)
	for n, want := range map[int]string{1: "6281234567890", 2: "628123456789012"} {
		if p, err := s.PersonByNIP(context.Background(), nip(n)); err != nil || p.Phone != want {
			t.Errorf("phone %q, %v; want %q", p.Phone, err, want)
		}
	}
}

func apply(t testing.TB, s *store.Store, plan roster.Plan) {
	t.Helper()
	if err := plan.Apply(context.Background(), s, 0); err != nil {
		t.Fatalf("apply: %v", err)
	}
}

func snapshot(t testing.TB, s *store.Store) any {
	t.Helper()
	units, people, err := s.Roster(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return []any{units, people}
}

func TestTheSampleFilesMakeTheSampleCity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		plan := check(t, s, sampleFile(t))
		if plan.Units != (roster.Counts{New: 18}) || plan.People != (roster.Counts{New: 61}) || len(plan.Wrong)+len(plan.Warnings) != 0 {
			t.Fatalf("units %+v, people %+v, %v, %v", plan.Units, plan.People, plan.Wrong, plan.Warnings)
		}
		apply(t, s, plan)
		apply(t, s, plan)
		imported := snapshot(t, s)
		if _, err := sample.City(context.Background(), s); err != nil {
			t.Fatal(err)
		}
		if difference := cmp.Diff(imported, snapshot(t, s)); difference != "" {
			t.Errorf("the city differs from its files:\n%s", difference)
		}
		again := check(t, s, sampleFile(t))
		if again.Units != (roster.Counts{Same: 18}) || again.People != (roster.Counts{Same: 61}) || again.Changes() != 0 {
			t.Errorf("second import: units %+v, people %+v", again.Units, again.People)
		}
	})
}

func TestADryRunWritesNothing(t *testing.T) {
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	before := snapshot(t, s)
	check(t, s, sampleFile(t))
	if difference := cmp.Diff(before, snapshot(t, s)); difference != "" {
		t.Errorf("a plan wrote:\n%s", difference)
	}
}

func TestAWrongRowDoesNotStopTheGoodOnesAndOthersAreLeftAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		apply(t, s, check(t, s, sampleFile(t)))
		old, err := s.PersonByNIP(ctx, "198801192012021001")
		if err != nil {
			t.Fatal(err)
		}
		rows := old.NIP + ",Nama Baru,Dokter,Jabatan Fungsional,III/d,pkm-02,,,pimpinan\n" + // superior and phone taken away
			"1986,Salah,,,,PKM-01,,,\n" +
			nip(1) + ",Bawahan,,,,PKM-01," + nip(2) + ",,\n" + // his superior comes later
			nip(2) + ",=HYPERLINK(1),+1,,@x,PKM-01,,,\"penilai, pengelola kota\"\n"
		plan := check(t, s, read(t, "a.csv", []byte(peopleHeader+rows)))
		if plan.People != (roster.Counts{New: 2, Changed: 1, Wrong: 1}) || plan.Missing != 60 {
			t.Fatalf("%+v, %d missing", plan.People, plan.Missing)
		}
		apply(t, s, plan)
		changed, _ := s.PersonByNIP(ctx, old.NIP)
		if changed.Name != "Nama Baru" || changed.SuperiorID != nil || changed.Phone != "" || changed.ID != old.ID || changed.UnitID == old.UnitID {
			t.Errorf("changed person: %+v", changed)
		}
		boss, _ := s.PersonByNIP(ctx, nip(2))
		member, _ := s.PersonByNIP(ctx, nip(1))
		if member.SuperiorID == nil || *member.SuperiorID != boss.ID {
			t.Errorf("superior of the later row: %v, want %d", member.SuperiorID, boss.ID)
		}
		if boss.Name != "=HYPERLINK(1)" || boss.Position != "+1" || boss.Grade != "@x" {
			t.Errorf("cells that look like formulas: %+v", boss)
		}
		admins, err := s.AdministratorsFor(ctx, 0)
		if err != nil || !slices.Contains(admins, boss.ID) || len(admins) != 2 {
			t.Errorf("administrators of the city %v, %v; want the old one and %d", admins, err, boss.ID)
		}
		if again := check(t, s, read(t, "a.csv", []byte(peopleHeader+rows))); again.Changes() != 0 {
			t.Errorf("%d rows would change again", again.Changes())
		}
	})
}

func TestThePlanReadsAsProse(t *testing.T) {
	s := withUnits(t)
	apply(t, s, check(t, s, read(t, "a.csv", []byte(peopleHeader+nip(7)+",Lama,,,,U,,,\n"))))
	plan := check(t, s, read(t, "a.csv", []byte(peopleHeader+nip(1)+",A,,,,U,,,\n1986,B,,,,X,,,\n")))
	want := `Pegawai: 2 baris: 1 baru, 0 berubah, 0 tetap, 1 salah.
Salah, lembar pegawai baris 3: NIP di kolom nip tidak terdiri dari 18 angka.
Salah, lembar pegawai baris 3: unit "X" tidak ditemukan, atau baris unitnya sendiri salah.
1 pegawai yang tersimpan tidak ada di berkas ini; data mereka dibiarkan apa adanya.
Berkas ini tidak mencabut peran. Peran di unit lama ikut pindah bersama orangnya.
`
	if difference := cmp.Diff(want, printed(t, plan)); difference != "" {
		t.Error(difference)
	}
}

func TestARoleThatMovesWithItsHolderIsToldBefore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		apply(t, s, check(t, s, sampleFile(t)))
		head, err := s.PersonByNIP(context.Background(), "197902182006032005") // administers the health agency
		if err != nil {
			t.Fatal(err)
		}
		rows := peopleHeader + head.NIP + ",Nama,Kepala,,,DISDIK,,,\n"
		told := "Peran pengelola Nama (" + head.NIP + ") pindah dari unit DINKES ke unit DISDIK.\n"
		plan := check(t, s, read(t, "a.csv", []byte(rows)))
		if said := printed(t, plan); !strings.Contains(said, told) {
			t.Errorf("%q is missing in:\n%s", told, said)
		}
		apply(t, s, plan)
		roles, err := s.Roles(context.Background(), head.ID)
		unit, _ := s.UnitByCode(context.Background(), "DISDIK")
		if err != nil || len(roles) != 1 || roles[0].UnitID != unit.ID {
			t.Errorf("roles %v, %v; want one over %d", roles, err, unit.ID)
		}
		if said := printed(t, check(t, s, read(t, "a.csv", []byte(rows)))); strings.Contains(said, "pindah dari") {
			t.Errorf("again:\n%s", said)
		}
	})
}

func TestWhoIsMissingFromACompleteRosterIsListedAndLeaves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		apply(t, s, check(t, s, sampleFile(t)))
		founder, err := s.FirstAdministrator(ctx, nip(1), "Pendiri")
		if err != nil {
			t.Fatal(err)
		}
		_, people := sample.Files()
		lines := strings.SplitAfter(string(people), "\n")
		kept := slices.DeleteFunc(lines, func(l string) bool {
			return strings.HasPrefix(l, "197902182006032005,") || strings.HasPrefix(l, "198007192006122009,")
		})
		plan := check(t, s, read(t, "a.csv", []byte(strings.Join(kept, ""))))
		if plan.Leaving() != 0 || plan.Changes() != 0 || plan.Missing != 2 {
			t.Fatalf("not declared complete: %d leave, %d changes, %d missing", plan.Leaving(), plan.Changes(), plan.Missing)
		}
		if err := plan.Complete(); err != nil || plan.Leaving() != 2 {
			t.Fatalf("%d leave, %v", plan.Leaving(), err)
		}
		said := printed(t, plan)
		for _, told := range []string{"2 pegawai tidak ada di berkas lengkap ini", "(197902182006032005), unit DINKES; perannya ikut berakhir.", "(198007192006122009), unit PKM-01.",
			"10 pegawai di berkas ini beratasan orang yang akan keluar."} {
			if !strings.Contains(said, told) {
				t.Errorf("%q is missing in:\n%s", told, said)
			}
		}
		apply(t, s, plan)
		for _, who := range []string{"197902182006032005", "198007192006122009"} {
			if p, err := s.PersonByNIP(ctx, who); err != nil || p.Active {
				t.Errorf("%s stays: %v", who, err)
			}
		}
		if p, err := s.PersonByID(ctx, founder.ID); err != nil || !p.Active {
			t.Errorf("who was on no roster leaves: %v", err)
		}
	})
}

func TestAFileThatMayMissSomebodyByMistakeIsNotComplete(t *testing.T) {
	s := withUnits(t)
	for content, want := range map[string]string{
		peopleHeader + "1986,A,,,,U,,,\n": "file.complete_wrong",
		"kode,nama,induk\nV,Lain,\n":      "file.complete_no_people",
	} {
		plan := check(t, s, read(t, "a.csv", []byte(content)))
		problem, ok := roster.FileProblem(plan.Complete())
		if !ok || problem.Key != want || plan.Leaving() != 0 || strings.Contains(problem.Text(translator(t, "en")), locales.Missing) {
			t.Errorf("%q: %v %v", content, problem, ok)
		}
	}
}

// A long line of superiors, last row first, and a circle at its end must not take long: the work grows with the rows.
func TestFiftyThousandRowsAreCheckedInSeconds(t *testing.T) {
	var rows strings.Builder
	rows.WriteString(peopleHeader)
	const n = 49_000
	at := func(i int) string {
		day := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i%9000)
		return fmt.Sprintf("%s2015051%03d", day.Format("20060102"), i/9000+1)
	}
	for i := range n {
		fmt.Fprintf(&rows, "%s,Nama,,,,U,%s,,\n", at(i), at((i+1)%n))
	}
	s := withUnits(t)
	f := read(t, "a.csv", []byte(rows.String()))
	started := time.Now()
	plan := check(t, s, f)
	if plan.People.Wrong != n {
		t.Errorf("%+v, want %d on a circle", plan.People, n)
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestARosterNamesOneKepalaDaerah(t *testing.T) {
	ctx := context.Background()
	s := withUnits(t)
	row := func(n int, role string) string { return nip(n) + ",Orang " + fmt.Sprint(n) + ",,,,U,,," + role + "\n" }
	plan := check(t, s, read(t, "a.csv", []byte(peopleHeader+row(1, "Kepala Daerah")+row(2, "wali kota"))))
	if plan.People != (roster.Counts{New: 1, Wrong: 1}) || plan.Wrong[0].Key != "wrong.second_mayor" {
		t.Fatalf("two in a file: %+v, %+v", plan.People, plan.Wrong)
	}
	apply(t, s, plan)
	first, err := s.PersonByNIP(ctx, nip(1))
	if err != nil {
		t.Fatal(err)
	}
	if is, err := s.IsMayor(ctx, first.ID); err != nil || !is {
		t.Errorf("he is not: %v", err)
	}
	if plan := check(t, s, read(t, "a.csv", []byte(peopleHeader+row(2, "kepala daerah")))); plan.People != (roster.Counts{Wrong: 1}) {
		t.Errorf("beside the one who is: %+v", plan.People)
	}
	if plan := check(t, s, read(t, "a.csv", []byte(peopleHeader+row(1, "kepala daerah")))); plan.People != (roster.Counts{Same: 1}) {
		t.Errorf("himself again: %+v", plan.People)
	}
}
