package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/rules"
	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// right is a row of flows/authorisation.toml.
type right struct {
	Route string
	Args  string
	May   string
	Same  bool // it says nothing of the record, so that all who may see the same whether there is one
	Once  bool // who does it leaves nothing for the next one: each of those who may has a house of his own
}

func readRights(t *testing.T) []right {
	t.Helper()
	var table struct{ Routes []right }
	meta, err := toml.DecodeFile("../../flows/authorisation.toml", &table)
	if err != nil || len(meta.Undecoded()) > 0 {
		t.Fatalf("read the table: %v, nobody knows what %v means", err, meta.Undecoded())
	}
	return table.Routes
}

// house is a city in which a right can be tried: everybody of the cast with a telephone, and the records that the rows speak of.
type house struct {
	t       *testing.T
	app     *app
	raw     *sql.DB
	phones  map[string]int64 // of the cast
	records map[string]int64
	updates int64
}

var linkedCast = []string{"employee", "colleague", "evaluator", "superior", "otherevaluator", "city", "agency", "otheragency", "leader"} //nolint:gochecknoglobals // a constant list

// noRecord is a number that no record has.
const noRecord = 999_999

const stranger, invitee = int64(8_000_001), int64(8_000_002)

// enter opens a house on a database.
func enter(t *testing.T, path string, clock *storetest.Clock) *house {
	t.Helper()
	settings := appSettings{token: "1:rights", databaseURL: "sqlite:" + path, redisURL: "embedded:", sendRate: 1000, grace: time.Minute, reasonMin: 15,
		now: clock.Now, log: slog.New(slog.DiscardHandler)}
	a, err := assemble(context.Background(), settings)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.closeAfter(raw.Close()); err != nil {
			t.Error(err)
		}
	})
	return &house{t: t, app: a, raw: raw, updates: 1000}
}

// build makes the city of the play.
func (h *house) build() {
	h.t.Helper()
	ctx, s := context.Background(), h.app.store
	must := func(err error) {
		h.t.Helper()
		if err != nil {
			h.t.Fatal(err)
		}
	}
	_, err := s.Migrate(ctx)
	must(err)
	cast, err := sample.City(ctx, s)
	must(err)
	must(s.GrantRole(ctx, 0, cast.OtherEvaluator.ID, store.Leader, 0))
	other := outsider(cast)
	must(s.GrantRole(ctx, 0, other.ID, store.Admin, cast.Units["DISDIK"].ID))
	must(s.GrantRole(ctx, 0, cast.Superior.ID, store.Leader, cast.Units["DINKES"].ID))
	quarter, err := s.OpenPeriodNow(ctx, cast.Admin.ID, h.form(store.Quarterly, "2026-10-01", "2026-12-31", 0))
	must(err)
	month, err := s.OpenPeriodNow(ctx, cast.UnitAdmin.ID, h.form(store.Monthly, "2026-12-01", "2026-12-31", cast.Units["DINKES"].ID))
	must(err)
	closed, err := s.OpenPeriodNow(ctx, cast.UnitAdmin.ID, h.form(store.Monthly, "2026-11-01", "2026-11-30", cast.Units["DINKES"].ID))
	must(err)
	must(s.ClosePeriod(ctx, cast.UnitAdmin.ID, closed.ID))
	h.records = map[string]int64{"closed": closed.ID, "period": quarter.ID, "agencyperiod": month.ID, "unit": cast.Units["DINKES"].ID,
		"part": cast.Units["PKM-01"].ID, "beside": cast.Units["PKM-02"].ID, "person": cast.Employee.ID, "boss": cast.Evaluator.ID,
		"chief": cast.Superior.ID}
	draft, err := s.SaveDraft(ctx, cast.UnitAdmin.ID, 0, h.form(store.Monthly, "2027-01-01", "2027-01-31", cast.Units["DINKES"].ID))
	must(err)
	h.records["draft"] = draft.ID
	h.people(cast, other)
	h.evaluations(cast, quarter.ID)
	upload, err := s.TakeUpload(ctx, cast.Admin.ID, "file-1", "pegawai.csv", 1)
	must(err)
	h.records["upload"] = upload
	version, err := s.TemplateFor(ctx, cast.Units["DINKES"].ID)
	must(err)
	h.records["version"] = version
	own, err := s.ChangePersonal(ctx, cast.Evaluator.ID, cast.Employee.ID, 0, func([]store.Indicator, bool) ([]store.Indicator, bool, error) {
		return []store.Indicator{{Aspect: store.Capaian, Plan: "Posyandu aktif"}, {Aspect: store.Capaian, Plan: "Laporan tepat waktu", Target: "12"}}, false, nil
	})
	must(err)
	h.records["own"] = own.VersionID
	h.roles(cast)
	code, err := s.Invite(ctx, cast.Newcomer.ID, time.Hour)
	must(err)
	invitation, err := s.InvitationFor(ctx, invitee, code)
	must(err)
	h.records["invitation"] = invitation.ID
	begins := time.Date(2027, time.May, 1, 0, 0, 0, 0, time.UTC)
	delegation, err := s.Delegate(ctx, cast.Admin.ID, store.DelegationForm{EvaluatorID: cast.Evaluator.ID, DeputyID: cast.OtherEvaluator.ID, Capacity: store.Plh,
		FirstDay: "2027-05-01", LastDay: "2027-05-02", BeginsAt: begins, EndsAt: begins.AddDate(0, 0, 2), Letter: "800/1"})
	must(err)
	h.records["delegation"] = delegation.ID
	h.letters(cast)
}

// letters are a message of the agency that is sent, and a draft.
func (h *house) letters(cast *sample.Cast) {
	h.t.Helper()
	ctx, s, agency := context.Background(), h.app.store, cast.UnitAdmin.ID
	for _, name := range []string{"post", "letter"} {
		m, err := s.AddressMessage(ctx, agency, 0, store.ToUnit, cast.Units["DINKES"].ID, 0)
		if err == nil {
			err = s.WriteMessage(ctx, agency, m.ID, "Apel pagi Senin pukul 07.30")
		}
		if err == nil && name == "post" {
			err = s.SendMessage(ctx, agency, m.ID, m.Revision+1, store.Place{}, s.Now())
		}
		if err != nil {
			h.t.Fatal(err)
		}
		h.records[name] = m.ID
	}
}

// roles are the records of the pages about roles.
func (h *house) roles(cast *sample.Cast) {
	h.t.Helper()
	ctx, s := context.Background(), h.app.store
	holder, err := s.HolderOf(ctx, cast.Admin.ID, cast.Employee.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	h.records["seen"], h.records["administrator"], h.records["otherunit"] = int64(holder.Seen), cast.UnitAdmin.ID, cast.Units["DISDIK"].ID
	for record, person := range map[string]*store.Person{"role": cast.Superior, "cityrole": cast.OtherEvaluator, "ownrole": cast.UnitAdmin} {
		held, err := s.Roles(ctx, person.ID)
		if err != nil || len(held) != 1 {
			h.t.Fatalf("%s: %v, %v", record, held, err)
		}
		h.records[record] = held[0].ID
	}
}

// outsider is an employee who has no part in anything of the cast.
func outsider(cast *sample.Cast) *store.Person {
	taken := []*store.Person{cast.Admin, cast.UnitAdmin, cast.Leader, cast.Evaluator, cast.Superior, cast.Employee, cast.OtherEvaluator, cast.NoSuperior, cast.Newcomer}
	return cast.People[slices.IndexFunc(cast.People, func(p *store.Person) bool {
		leads := slices.ContainsFunc(cast.People, func(o *store.Person) bool { return o.SuperiorID != nil && *o.SuperiorID == p.ID })
		return !leads && p.UnitID == cast.Units["SDN-05"].ID && !slices.Contains(taken, p)
	})]
}

func (h *house) form(kind store.PeriodKind, first, last store.Date, unit int64) store.PeriodForm {
	now := h.app.store.Now()
	return store.PeriodForm{Kind: kind, FirstDay: first, LastDay: last, UnitID: unit, SelfReportDue: now.AddDate(0, 0, 1), ScoringDue: now.AddDate(0, 0, 7),
		ObjectionDays: 14, Release: store.ReleaseAtOnce}
}

// people gives everybody of the cast a telephone.
func (h *house) people(cast *sample.Cast, otherAgency *store.Person) {
	h.t.Helper()
	ctx := context.Background()
	h.phones = map[string]int64{"stranger": stranger, "invitee": invitee}
	team, err := h.app.store.Team(ctx, cast.Evaluator.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	colleague := &store.Person{}
	for _, m := range team {
		if m.EmployeeID != cast.Employee.ID && m.PeriodID == h.records["period"] {
			colleague.ID, h.records["evaluation"] = m.EmployeeID, m.EvaluationID
		}
		if m.EmployeeID == cast.Employee.ID && m.PeriodID == h.records["period"] {
			h.records["final"] = m.EvaluationID
		}
	}
	for name, p := range map[string]*store.Person{"employee": cast.Employee, "colleague": colleague, "evaluator": cast.Evaluator, "superior": cast.Superior,
		"otherevaluator": cast.OtherEvaluator, "city": cast.Admin, "agency": cast.UnitAdmin, "otheragency": otherAgency, "leader": cast.Leader} {
		h.phones[name] = demoPhone(p.ID)
		code, err := h.app.store.Invite(ctx, p.ID, time.Hour)
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.app.store.Link(ctx, demoPhone(p.ID), "id", code); err != nil {
			h.t.Fatal(err)
		}
		if err := h.app.store.NoticeShown(ctx, p.ID, account.NoticeVersion); err != nil {
			h.t.Fatal(err)
		}
	}
}

// evaluations: the employee's result of the quarter is released, opened and to be talked about, that of his month is not released. The
// evaluation of the colleague is begun, and a batch of others was confirmed.
func (h *house) evaluations(cast *sample.Cast, quarter int64) {
	h.t.Helper()
	ctx, s, boss := context.Background(), h.app.store, cast.Evaluator.ID
	must := func(err error) {
		h.t.Helper()
		if err != nil {
			h.t.Fatal(err)
		}
	}
	set := func(evaluation int64, grace time.Duration) int64 {
		_, _, err := s.RateRest(ctx, boss, evaluation)
		must(err)
		must(s.SetFollowUp(ctx, boss, evaluation, store.Training, "2027-06-30"))
		r, err := s.Finalise(ctx, boss, evaluation, grace, func(sheet store.Sheet) (store.Predicate, error) {
			return rules.Predicate(sheet.WorkRating, sheet.BehaviourRating)
		})
		must(err)
		return r.ID
	}
	team, err := s.Team(ctx, boss)
	must(err)
	var others []int64
	for _, m := range team {
		switch {
		case m.EmployeeID == cast.Employee.ID && m.PeriodID != quarter:
			h.records["unreleased"] = set(m.EvaluationID, 24*time.Hour)
		case m.PeriodID == quarter && m.EvaluationID != h.records["evaluation"] && m.EvaluationID != h.records["final"]:
			others = append(others, m.EvaluationID)
		}
	}
	h.records["result"] = set(h.records["final"], -time.Second)
	must(s.OpenResult(ctx, cast.Employee.ID, h.records["result"]))
	_, err = s.RequestTalk(ctx, cast.Employee.ID, h.records["result"], "2027-01-04")
	must(err)
	view, err := s.TalkAbout(ctx, cast.Employee.ID, h.records["result"])
	must(err)
	batch, err := s.OpenBatch(ctx, boss, store.Batch{PeriodID: quarter, List: "rights", People: others[:2]})
	must(err)
	must(s.SetFollowUp(ctx, boss, h.records["evaluation"], store.Training, "2027-06-30"))
	sheet, err := s.SheetOf(ctx, boss, h.records["evaluation"])
	must(err)
	h.records["talk"], h.records["batch"] = view.ID, batch.ID
	h.records["indicator"], h.records["value"] = sheet.Indicators[0].ID, sheet.Indicators[len(sheet.Indicators)-1].ID
}

// link is the button of a row, with its record or with one that does not exist.
func (h *house) link(r right, exists bool) flows.Link {
	h.t.Helper()
	link := flows.Link{Route: r.Route}
	first := true
	for _, arg := range strings.Fields(r.Args) {
		name, record := strings.CutPrefix(arg, "{")
		if record {
			id, known := h.records[strings.TrimSuffix(name, "}")]
			if !known {
				h.t.Fatalf("%s: nobody knows a record %q", r.Route, arg)
			}
			if first && !exists {
				id = noRecord
			}
			arg, first = fmt.Sprint(id), false
		}
		link.Args = append(link.Args, arg)
	}
	return link
}

// sees is what a person sees when he taps a button, whoever it was made for.
func (h *house) sees(who string, link flows.Link) string {
	h.t.Helper()
	h.updates++
	phone := h.phones[who]
	turn, err := h.app.engine.Begin(context.Background(), flows.Event{UpdateID: h.updates, From: phone, Chat: phone, Private: true, Language: "id",
		Kind: flows.Tap, Message: 1, Data: link.String()})
	if err != nil {
		h.t.Fatalf("%s taps %s: %v", who, link, err)
	}
	if err := turn.Abandon(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	return fmt.Sprintf("%s\n%s\n%v", turn.Toast, turn.Screen.Text, turn.Screen.Rows)
}

// state is a digest of every row of every table.
func (h *house) state() string {
	h.t.Helper()
	var tables []string
	for _, name := range h.read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
		tables = append(tables, strings.Trim(name, "[]"))
	}
	hash := sha256.New()
	for _, table := range tables {
		fmt.Fprintln(hash, table, h.read("SELECT * FROM `"+table+"`"))
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// read returns the rows of a query as text.
func (h *house) read(query string) (all []string) {
	h.t.Helper()
	rows, err := h.raw.QueryContext(context.Background(), query)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			h.t.Error(err)
		}
	}()
	columns, err := rows.Columns()
	if err != nil {
		h.t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			h.t.Fatal(err)
		}
		all = append(all, fmt.Sprint(values))
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	return all
}

// mayOf are the names of the cast that a row lets in.
func (h *house) mayOf(r right) []string {
	switch r.May {
	case "anyone":
		return append([]string{"stranger", "invitee"}, linkedCast...)
	case "linked":
		return linkedCast
	}
	names := strings.Fields(r.May)
	for _, name := range names {
		if _, known := h.phones[name]; !known {
			h.t.Fatalf("%s: nobody is called %q", r.Route, name)
		}
	}
	return names
}

// shortly is the beginning of what somebody sees.
func shortly(seen string) string {
	runes := []rune(strings.Join(strings.Fields(seen), " "))
	return string(runes[:min(len(runes), 200)])
}

// refused are the sentences with which somebody is told that this is not for him.
func (h *house) refused(seen string) bool {
	t := h.app.catalog.In("id")
	toast, _, _ := strings.Cut(seen, "\n")
	return slices.Contains([]string{t.Plain("admin.only"), t.Plain("leader.only"), t.Plain("import.city_only"), t.Plain("engine.not_found"), t.Plain("engine.link_first")}, toast)
}

func TestEveryRouteIsOpenToThoseWhomTheTableNamesAndToNobodyElse(t *testing.T) {
	oneByOne(t)
	clock := storetest.NewClock(storetest.Start)
	folder := t.TempDir()
	h := enter(t, filepath.Join(folder, "city.db"), clock)
	h.build()
	rights := readRights(t)
	pages, actions := h.app.engine.Routes()
	for _, routes := range []map[string]string{pages, actions} {
		for route := range routes {
			if !slices.ContainsFunc(rights, func(r right) bool { return r.Route == route }) {
				t.Errorf("%s has no row in flows/authorisation.toml: say who may", route)
			}
		}
	}
	before := h.state()
	for _, r := range rights {
		_, page := pages[r.Route]
		if _, action := actions[r.Route]; !page && !action {
			t.Errorf("%s is no route: take its row away", r.Route)
			continue
		}
		may := h.mayOf(r)
		for who := range h.phones {
			if !slices.Contains(may, who) {
				h.staysOut(who, r)
			}
		}
		if after := h.state(); after != before {
			t.Errorf("%s: somebody who may not has changed the database", r.Route)
			before = after
		}
	}
	for n, r := range rights {
		if _, page := pages[r.Route]; page {
			h.letsIn(r)
			continue
		}
		groups := []string{r.May}
		if r.Once {
			groups = strings.Fields(r.May)
		}
		for _, may := range groups {
			one := r
			one.May = may
			copied := filepath.Join(folder, fmt.Sprintf("copy%d%s.db", n, strings.ReplaceAll(may, " ", "")))
			if _, err := h.raw.ExecContext(context.Background(), "VACUUM INTO ?", copied); err != nil {
				t.Fatal(err)
			}
			t.Run(fmt.Sprintf("%s %d", r.Route, n), func(t *testing.T) {
				room := enter(t, copied, clock)
				room.phones, room.records = h.phones, h.records
				room.letsIn(one)
			})
		}
	}
}

// staysOut holds that a person sees of an existing record what he sees of none.
func (h *house) staysOut(who string, r right) {
	h.t.Helper()
	seen := h.sees(who, h.link(r, true))
	switch {
	case !strings.Contains(r.Args, "{"):
		if !h.refused(seen) {
			h.t.Errorf("%s is let in to %s, and may not: %s", who, r.Route, shortly(seen))
		}
	case seen != h.sees(who, h.link(r, false)):
		h.t.Errorf("%s sees that the record of %s %s exists, and may not: %s", who, r.Route, r.Args, shortly(seen))
	}
}

// letsIn holds that those who may see more of a record than that there is none.
func (h *house) letsIn(r right) {
	h.t.Helper()
	for _, who := range h.mayOf(r) {
		seen := h.sees(who, h.link(r, true))
		switch {
		case r.Same:
		case !strings.Contains(r.Args, "{"):
			if h.refused(seen) {
				h.t.Errorf("%s is not let in to %s, and may: %s", who, r.Route, shortly(seen))
			}
		case seen == h.sees(who, h.link(r, false)):
			h.t.Errorf("%s is not let in to %s %s, and may: %s", who, r.Route, r.Args, shortly(seen))
		}
	}
}
