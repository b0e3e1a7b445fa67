package roster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinerja/flows/roster"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/storetest"
)

// asks returns what Read asks for.
func asks(t testing.TB, content string, mapping roster.Mapping) *roster.HeaderQuestion {
	t.Helper()
	_, err := roster.Read("a.csv", strings.NewReader(content), small(), mapping)
	var question *roster.HeaderQuestion
	if !errors.As(err, &question) {
		t.Fatalf("no question, but %v", err)
	}
	for _, language := range locales.Languages {
		problem, ok := roster.FileProblem(err)
		if said := problem.Text(translator(t, language)) + question.Meaning(translator(t, language)); !ok || strings.Contains(said, locales.Missing) {
			t.Errorf("%s: %s", language, said)
		}
	}
	return question
}

func answers(q *roster.HeaderQuestion) (list []string) {
	for _, c := range q.Candidates {
		list = append(list, c.Answer)
	}
	return list
}

func TestAnUnknownColumnIsAskedForUntilAllIsKnown(t *testing.T) {
	content := "DAFTAR PEGAWAI\nNo,Identitas,Orang,Golongan,Seksi,\n1," + nip(1) + ",Adi,III/a,U,catatan\n2," + nip(2) + ",Ayu,III/b,U,\n"

	first := asks(t, content, nil)
	if first.Column != "nip" || first.Optional || first.Candidates[0].Answer != "Identitas" || !slices.Contains(first.Candidates[0].Samples, nip(1)) {
		t.Fatalf("it asked %+v", first)
	}
	mapping := roster.Mapping{first.Column: "Identitas"}
	second := asks(t, content, mapping)
	if diff := cmp.Diff([]string{"Orang", "Seksi", "[F]"}, answers(second)); second.Column != "nama" || diff != "" {
		t.Fatalf("it asked %s\n%s", second.Column, diff)
	}
	mapping["nama"] = "ORANG"
	mapping["unit"] = asks(t, content, mapping).Candidates[0].Answer
	if last := asks(t, content, mapping); last.Column != "nip_atasan" || !last.Optional {
		t.Fatalf("it asked %+v", last)
	}
	mapping["nip_atasan"] = ""

	stored, err := json.Marshal(mapping)
	var again roster.Mapping
	if err := errors.Join(err, json.Unmarshal(stored, &again)); err != nil {
		t.Fatal(err)
	}
	file, err := roster.Read("a.csv", strings.NewReader(content), small(), again)
	if err != nil {
		t.Fatal(err)
	}
	s := withUnits(t)
	apply(t, s, check(t, s, file))
	want := []store.PersonEntry{{NIP: nip(1), Name: "Adi", Grade: "III/a", UnitCode: "U"}, {NIP: nip(2), Name: "Ayu", Grade: "III/b", UnitCode: "U"}}
	if diff := cmp.Diff(want, peopleOf(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestOfTwoColumnsWithTheSameNameOneIsChosenByItsLetter(t *testing.T) {
	content := "NIP,Nama,Unit,NIP,Atasan\n" + nip(1) + ",Adi,U,,\n"
	q := asks(t, content, nil)
	if diff := cmp.Diff([]string{"[A]", "[D]"}, answers(q)); q.Column != "nip" || !q.Twice || diff != "" {
		t.Fatalf("it asked %+v\n%s", q, diff)
	}
	file, err := roster.Read("a.csv", strings.NewReader(content), small(), roster.Mapping{"nip": "[A]"})
	if err != nil {
		t.Fatal(err)
	}
	if plan := check(t, withUnits(t), file); plan.People.New != 1 {
		t.Errorf("%+v %v", plan.People, found(plan.Wrong))
	}
}

func TestHeadersThatOfficesUseAreKnown(t *testing.T) {
	for header, row := range map[string]string{
		"NIP Baru;Nama Pegawai;Unit Kerja;NIP Atasan Langsung":                 nip(1) + ";Adi;Unit;" + nip(9),
		"N.I.P;NAMA LENGKAP;UNIT ORGANISASI;Pejabat Penilai":                   nip(1) + ";Adi;u;Dr. Bos, S.H.",
		"Nama/NIP;\"Pangkat/\nGol. Ruang\";Perangkat Daerah;Atasan Langsung":   "Adi NIP. 19860926 201505 1 001;;U;Bos",
		"Nomor Induk Pegawai;Nama;Kode Unit;Nama Atasan":                       "NIP " + nip(1) + ";Adi;U;BOS",
		"No;NIP Lama;NIP;Nama;Perangkat Daerah;Unit Kerja;NIP Pejabat Penilai": "1;010;" + nip(1) + ";Adi;Dinas;U;" + nip(9),
		"nip;nama;unit;Atasan Langsung (Nama/NIP)":                             nip(1) + ";Adi;U;\"Bos\nNIP. " + nip(9) + "\"",
	} {
		s := withUnits(t)
		apply(t, s, check(t, s, read(t, "a.csv", []byte(peopleHeader+nip(9)+",Bos,,,,U,,,\n"))))
		file, err := roster.Read("a.csv", strings.NewReader(header+"\n"+row+"\n"), small(), nil)
		if err != nil {
			t.Errorf("%s: %v", header, err)
			continue
		}
		plan := check(t, s, file)
		apply(t, s, plan)
		want := store.PersonEntry{NIP: nip(1), Name: "Adi", UnitCode: "U", SuperiorNIP: nip(9)}
		if diff := cmp.Diff(want, peopleOf(t, s)[0]); diff != "" {
			t.Errorf("%s: %v\n%s", header, found(plan.Wrong), diff)
		}
	}
}

func TestANameThatSeveralHaveIsAFinding(t *testing.T) {
	s := withUnits(t)
	units := unitHeader + "A,Sekretariat,\nB,Sekretariat,\n"
	people := peopleHeader + nip(1) + ",Bos,,,,U,,,\n" + nip(2) + ",\"Bos, S.H.\",,,,U,,,\n" + nip(3) + ",C,,,,U,Bos,,\n" + nip(4) + ",D,,,,U,\"BOS, s.h.\",,\n" +
		nip(5) + ",E,,,,U,Siapa,,\n" + nip(6) + ",F,,,,Sekretariat,,,\n" + nip(7) + ",G,,,,sekretariat,Dr. Bos,,\n"
	f, err := read(t, "unit.csv", []byte(units)).Join(read(t, "a.csv", []byte(people)), small())
	if err != nil {
		t.Fatal(err)
	}
	plan := check(t, s, f)
	want := []string{"6 superior_name", "7 unit_ambiguous", "8 unit_ambiguous", "8 superior_ambiguous"}
	if got := found(plan.Wrong); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	printed(t, plan)
}

func TestWhatIsNoPersonInATableIsPassedOverAndNamed(t *testing.T) {
	content := "PEMERINTAH KOTA SOLOK\nNIP,Nama,Unit,NIP Atasan\n(1),(2),(3),(4)\nBidang Satu,,,\n,,Bidang Satu,\n" + nip(1) + ",Adi,U,\nNIP,Nama,Unit,NIP Atasan\n,,\"Solok, 3 Maret\",\n#N/A,Ayu,U,-\n"
	plan := check(t, withUnits(t), read(t, "a.csv", []byte(content)))
	if got := found(plan.Wrong); plan.People.New != 1 || !slices.Equal(got, []string{"4 nip_digits", "4 empty", "4 no_unit", "9 formula", "9 nip_digits"}) {
		t.Errorf("%+v, wrong %q", plan.People, got)
	}
	if said := printed(t, plan); !strings.Contains(said, "dilewati: 5, 8.") {
		t.Errorf("it said\n%s", said)
	}
}

func TestSeveralSheetsOfPeopleAreReadUnlessOneIsNamedForIt(t *testing.T) {
	row := func(n int) [][]any { return [][]any{{"NIP", "Nama", "Unit Kerja"}, {nip(n), "Adi", "U"}} }
	both := workbook(t, map[string][][]any{"Bidang A": row(1), "Bidang B": row(2), "Rekap": {{"Jumlah", 2}}})
	one := workbook(t, map[string][][]any{"Pegawai": row(1), "Lama": row(2)})
	s := withUnits(t)
	for want, content := range map[int][]byte{2: both, 1: one} {
		if plan := check(t, s, read(t, "a.xlsx", content)); plan.People.New != want {
			t.Errorf("%+v, want %d; %s", plan.People, want, printed(t, plan))
		}
	}
}

func TestTheExampleIsFilledInAndNobodyOfItIsImported(t *testing.T) {
	for _, language := range locales.Languages {
		content, err := roster.Example(translator(t, language))
		if err != nil {
			t.Fatal(err)
		}
		s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
		plan := check(t, s, read(t, "contoh.xlsx", content))
		if plan.Changes() != 0 || len(plan.Wrong) != 0 {
			t.Errorf("%s: %d changes, wrong %q", language, plan.Changes(), found(plan.Wrong))
		}
		if said := printed(t, plan); !strings.Contains(said, "Lembar pegawai: baris contoh yang dilewati: 3.") {
			t.Errorf("it said\n%s", said)
		}
		filled := edited(t, content, map[string]string{"pegawai!A2": nip(1), "pegawai!F2": "A", "unit!A2": "A", "pegawai!B3": "Siapa"})
		plan = check(t, s, read(t, "contoh.xlsx", filled))
		if plan.Units.New != 1 || plan.People.New != 1 || !slices.Contains(found(plan.Wrong), "3 example") {
			t.Errorf("%+v %+v %q", plan.Units, plan.People, found(plan.Wrong))
		}
		noFormulas(t, content)
	}
}

func TestWrongRowsComeBackWithReasonsAndAreReadWhenTheyAreMended(t *testing.T) {
	content := "DAFTAR,,,,\n,,,,\nNo,Identitas,Nama,Unit,Catatan\n1," + nip(1) + ",Adi,U,baik\n2,1986,=HYPERLINK(1),U,+62\n3,,,Y,-x\n"
	mapping := roster.Mapping{"nip": "[B]", "nip_atasan": ""}
	f, err := roster.Read("a.csv", strings.NewReader(content), small(), mapping)
	if err != nil {
		t.Fatal(err)
	}
	s := withUnits(t)
	plan := check(t, s, f)
	for _, language := range locales.Languages {
		tr := translator(t, language)
		back, err := roster.WrongRows(f, plan, tr)
		if err != nil {
			t.Fatal(err)
		}
		noFormulas(t, back)
		rows := rowsOf(t, back, "pegawai")
		want := [][]string{{tr.Plain("roster.wrong_rows.reasons"), "No", "Identitas", "Nama", "Unit", "Catatan"}, {"", "2", "1986", "'=HYPERLINK(1)", "U", "'+62"}, {"", "3", "", "", "Y", "'-x"}}
		for i := range rows[1:] {
			if !strings.HasPrefix(rows[i+1][0], "• ") {
				t.Errorf("no reasons: %q", rows[i+1][0])
			}
			rows[i+1][0] = ""
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Error(diff)
		}
		mended := edited(t, back, map[string]string{"pegawai!C2": nip(2), "pegawai!C3": nip(3), "pegawai!D3": "Ayu", "pegawai!E3": "U"})
		again, err := roster.Read("b.xlsx", bytes.NewReader(mended), small(), mapping)
		if err != nil {
			t.Fatal(err)
		}
		plan := check(t, s, again)
		if plan.People != (roster.Counts{New: 2}) || strings.Contains(printed(t, plan), tr.Plain("roster.wrong_rows.reasons")) {
			t.Errorf("%+v %q\n%s", plan.People, found(plan.Wrong), printed(t, plan))
		}
	}
}

func TestANIPThatWasRoundedIsNotTakenForAGoodOneAfterItCameBack(t *testing.T) {
	rows := [][]any{{"NIP", "Nama", "Unit"}, {198609262015051008, "Adi", "U"}}
	f := read(t, "a.xlsx", workbook(t, map[string][][]any{"pegawai": rows}))
	s := withUnits(t)
	back, err := roster.WrongRows(f, check(t, s, f), translator(t, "id"))
	if err != nil {
		t.Fatal(err)
	}
	if plan := check(t, s, read(t, "b.xlsx", back)); plan.People.Wrong != 1 {
		t.Errorf("%+v", plan.People)
	}
}

func TestAllOrNothingChangesNothingWhileARowIsWrong(t *testing.T) {
	s := withUnits(t)
	plan := check(t, s, read(t, "a.csv", []byte(peopleHeader+nip(1)+",A,,,,U,,,\n1986,B,,,,U,,,\n")))
	problem, ok := roster.FileProblem(plan.AllOrNothing())
	if !ok || problem.Key != "file.all_or_nothing" || plan.Changes() != 0 || len(plan.Steps(10)) != 0 {
		t.Errorf("%v, %d changes", problem, plan.Changes())
	}
	apply(t, s, plan)
	if n := len(peopleOf(t, s)); n != 0 {
		t.Errorf("%d people", n)
	}
	good := check(t, s, read(t, "a.csv", []byte(peopleHeader+nip(1)+",A,,,,U,,,\n")))
	if err := good.AllOrNothing(); err != nil || good.Changes() != 1 {
		t.Errorf("%v, %d changes", err, good.Changes())
	}
}

func TestAPlanIsWrittenInStepsByAnotherProcessAndGoesOnAfterAFailure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		units, people := sampleSources(t)
		again := func() roster.Plan {
			f, err := read(t, "pegawai.csv", people).Join(read(t, "unit.csv", units), roster.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			return check(t, s, f)
		}
		plan := again()
		digest := plan.Digest()
		stored, err := json.Marshal(plan.Steps(7))
		var steps []roster.Step
		if err := errors.Join(err, json.Unmarshal(stored, &steps)); err != nil {
			t.Fatal(err)
		}
		rows := 0
		for n, step := range steps {
			if rows += step.Rows(); step.Rows() > 7 {
				t.Errorf("%d rows in a step", step.Rows())
			}
			want := roster.Begun
			if n == 0 {
				want = roster.Unchanged
			}
			if got := again().Since(digest); got != want {
				t.Fatalf("before step %d: %v", n, got)
			}
			for range 2 { // twice, as after a failure
				if err := step.Apply(ctx, s, 0); err != nil {
					t.Fatalf("step %d: %v", n, err)
				}
			}
		}
		if last := again(); rows != plan.Changes() || last.Changes() != 0 || last.Since(digest) != roster.Begun {
			t.Errorf("%d rows of %d; %d left; %v", rows, plan.Changes(), last.Changes(), last.Since(digest))
		}
	})
}

func TestAPlanThatIsAppliedLaterKnowsThatTheRosterChanged(t *testing.T) {
	content := []byte("NIP,Nama,Unit,NIP Atasan\n" + nip(1) + ",Baru,U,\n")
	other := peopleHeader + nip(2) + ",Lain,,,,U,,%s,\n"
	for name, test := range map[string]struct {
		change string
		want   roster.Drift
	}{
		"nothing":                     {"", roster.Unchanged},
		"a field of who is named":     {peopleHeader + nip(1) + ",Lama,Jabatan,,,U,,,\n", roster.Changed},
		"the phone of who is not":     {strings.Replace(other, "%s", "0812345678", 1), roster.Unchanged},
		"a unit":                      {unitHeader + "U,Nama lain,\n", roster.Changed},
		"somebody came":               {peopleHeader + nip(3) + ",C,,,,U,,,\n", roster.Changed},
		"the superior of who is not":  {peopleHeader + nip(2) + ",Lain,,,,U," + nip(1) + ",,\n", roster.Changed},
		"what the plan wanted itself": {string(content), roster.Begun},
	} {
		s := withUnits(t)
		apply(t, s, check(t, s, read(t, "a.csv", []byte(peopleHeader+nip(1)+",Lama,,,,U,,,\n"+nip(2)+",Lain,,,,U,,,\n"))))
		digest := check(t, s, read(t, "b.csv", content)).Digest()
		if test.change != "" {
			apply(t, s, check(t, s, read(t, "c.csv", []byte(test.change))))
		}
		if got := check(t, s, read(t, "b.csv", content)).Since(digest); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestAUnitAdministratorChangesOnlyHisBranch(t *testing.T) {
	ctx := context.Background()
	s := storetest.SQLite(t, storetest.NewClock(storetest.Start))
	apply(t, s, check(t, s, sampleFile(t)))
	admin, err := s.PersonByNIP(ctx, "197902182006032005") // of DINKES
	if err != nil {
		t.Fatal(err)
	}
	granted, err := s.AdminScope(ctx, admin.ID)
	if err != nil {
		t.Fatal(err)
	}
	scope := roster.ScopeOf(admin, granted)
	const outsider = "198404012011012002" // of SETDA-ORG, with a role over the city
	for name, test := range map[string]struct {
		sheet, row string
		want       []string
	}{
		"own branch":               {peopleHeader, nip(1) + ",A,,,,PKM-01,,,pengelola", nil},
		"another branch":           {peopleHeader, nip(1) + ",A,,,,DISDIK,,,", []string{"2 outside_person_unit"}},
		"somebody of another":      {peopleHeader, outsider + ",A,,,,PKM-01,,0811111111,", []string{"2 outside_person"}},
		"a city role":              {peopleHeader, nip(1) + ",A,,,,PKM-01,,,pengelola kota", []string{"2 role_city"}},
		"a role for himself":       {peopleHeader, admin.NIP + ",A,,,,DINKES,,,pimpinan", []string{"2 role_self"}},
		"himself to another unit":  {peopleHeader, admin.NIP + ",A,,,,DINKES-SEK,,,", []string{"2 move_self"}},
		"a superior from above":    {peopleHeader, nip(1) + ",A,,,,PKM-01,196802111995121002,,", nil},
		"a unit below":             {unitHeader, "PKM-09,Puskesmas,DINKES", nil},
		"a unit below, by name":    {unitHeader, "PKM-09,Puskesmas,Dinas Kesehatan", nil},
		"below a unit of the file": {unitHeader, "A,A,B\nB,B,PKM-01", nil},
		"a unit elsewhere":         {unitHeader, "X,X,DISDIK", []string{"2 outside_unit"}},
		"a unit at the top":        {unitHeader, "X,X,", []string{"2 outside_unit"}},
		"below one elsewhere":      {unitHeader, "A,A,B\nB,B,DISDIK", []string{"2 outside_unit", "3 outside_unit"}},
		"another one's unit":       {unitHeader, "DISDIK,Dinas,KOTA", []string{"2 outside_unit"}},
		"taking a unit":            {unitHeader, "SDN-05,SD,DINKES", []string{"2 outside_unit"}},
		"moving one out":           {unitHeader, "PKM-01,Puskesmas,DISDIK", []string{"2 outside_parent"}},
		"moving one to the top":    {unitHeader, "PKM-01,Puskesmas,", []string{"2 outside_parent"}},
		"the name of his own":      {unitHeader, "DINKES,Dinas Baru,KOTA", nil},
	} {
		plan, err := roster.Check(ctx, s, read(t, "a.csv", []byte(test.sheet+test.row+"\n")), scope)
		if err != nil {
			t.Fatal(err)
		}
		if got := found(plan.Wrong); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		printed(t, plan)
		if test.sheet == peopleHeader && plan.Missing > 40 {
			t.Errorf("%s: %d are missing, also those of others", name, plan.Missing)
		}
	}
	if plan, err := roster.Check(ctx, s, sampleFile(t), roster.Scope{}); err != nil || plan.Changes() != 0 || plan.People.Wrong != 61 || plan.Units.Wrong != 18 {
		t.Errorf("who has no scope: %+v %+v, %v", plan.Units, plan.People, err)
	}
	city := roster.ScopeOf(store.Person{NIP: outsider}, store.Scope{})
	if plan, err := roster.Check(ctx, s, read(t, "a.csv", []byte(unitHeader+"KOTA,Baru,\n")), city); err != nil || plan.Units.Wrong != 1 {
		t.Errorf("an empty scope: %+v, %v", plan.Units, err)
	}
}
