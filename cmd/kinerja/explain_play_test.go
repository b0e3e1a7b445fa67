package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"kinerja/flows"
	"kinerja/flows/roster"
	"kinerja/flows/trail"
	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// tour is somebody's way through all the pages that he can get to.
type tour struct {
	t     *testing.T
	w     *town
	heard *recorder
	// times is how often each route was played, over all people.
	times   map[string]int
	updates int64
	records *sql.DB // past the store
}

// Each person follows so many links of one page, and so many of one action: another one is another record of the same kind.
const (
	linksOfPage   = 6
	linksOfAction = 5
)

// last are the actions after which nothing else can be played.
var last = []string{ //nolint:gochecknoglobals // a constant list
	"score.finalise", "score.confirmed", "others.set", "period.publishnow", "period.closenow", "period.open", "period.dropnow", "period.archivenow", "period.extendnow",
	"unit.move", "unit.merge", "role.grant", "role.take",
}

// takes are the actions that no button leads to: they take what is sent on a page.
var takes = map[string]string{ //nolint:gochecknoglobals // a constant table
	"welcome": "account.code", "account.phone": "account.contact", "score.note": "score.savenote", "score.reason": "score.savereason",
	"score.due": "score.savedue", "score.training": "score.savetraining", "talk.show": "talk.typed",
	"indicator.units": "indicator.find", "indicator.found": "indicator.findagain", "indicator.name": "indicator.create", "indicator.field": "indicator.save", "score.remark": "score.saveremark", "period.due": "period.savedue",
	"period.units": "period.findunits", "period.found": "period.findagain", "period.dayoff": "period.savedayoff",
	"invite.units": "invite.find", "invite.found": "invite.findagain", "invite.people": "invite.findperson", "invite.named": "invite.findother",
	"skp.plan": "skp.create", "skp.ask": "skp.answer", "skp.field": "skp.save", "skp.also": "skp.addto",
	"role.home": "role.find", "role.found": "role.findagain", "role.whom": "role.findperson", "role.people": "role.findotherperson",
	"role.units": "role.findunit", "role.unitsfound": "role.findunitagain",
	"period.extend": "period.extendday", "period.extendwhy": "period.saywhy",
	"performance.list": "performance.typed", "performance.lead": "performance.find", "performance.found": "performance.findagain",
	"period.byunit": "period.findbranch", "period.branches": "period.findbranchagain",
	"unit.home": "unit.find", "unit.found": "unit.findagain", "unit.new": "unit.named", "unit.code": "unit.create", "unit.rename": "unit.save",
	"trail.who": "trail.find", "trail.found": "trail.findagain", "trail.when": "trail.day",
	"unit.pick": "unit.findpick", "unit.picked": "unit.findpicked",
}

// beside are the pages that only actions lead to, each by a page with the same arguments.
var beside = map[string]string{"score.valuesat": "score.valued"} //nolint:gochecknoglobals // a constant table

// typed is what is sent on each page: an answer, a day, and a part of the name of many units.
var typed = []string{"Melampaui target setiap bulan", "29 Januari 2027", "kantor"} //nolint:gochecknoglobals // a constant list

func playEverything(t *testing.T, w *town, raw *sql.DB, heard *recorder) {
	t.Helper()
	tour := &tour{t: t, w: w, heard: heard, times: map[string]int{}, updates: 1000, records: raw}
	tour.openPeriods()
	halfDone(t, raw)
	tour.seals()
	tour.others(w.cast.OtherEvaluator) // who is not linked any more later on
	tour.people()
	tour.writing(w.cast.Admin, 0)
	tour.writing(w.cast.UnitAdmin, w.cast.Units["DINKES"].ID)
	tour.operators()
	tour.intake()
	tour.days()
	tour.messages(raw)
	tour.ends()
	tour.units()
	tour.messages(raw)
	tour.seals()
	tour.sayable(raw)
	tour.prune()
	tour.missed()
}

// as names what runs now.
func (o *tour) as(where string, do func(ctx context.Context) error) {
	o.t.Helper()
	o.heard.now(where)
	defer o.heard.now("")
	if err := do(context.Background()); err != nil {
		o.t.Fatalf("%s: %v", where, err)
	}
}

// jobs does all work that waits.
func (o *tour) jobs(where string) {
	o.t.Helper()
	o.as(where, func(ctx context.Context) error {
		for worked, err := true, error(nil); worked; {
			if worked, err = o.w.app.jobs.Next(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// openPeriods opens a quarter whose results are released at once and a year whose results are published, for everybody.
func (o *tour) openPeriods() {
	o.t.Helper()
	for _, form := range []store.PeriodForm{
		{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", Release: store.ReleaseAtOnce},
		{Kind: store.Annual, FirstDay: "2026-01-01", LastDay: "2026-12-31", Release: store.ReleasePublished},
	} {
		form.SelfReportDue, form.ScoringDue, form.ObjectionDays = o.w.clock.Now().AddDate(0, 0, 1), o.w.clock.Now().AddDate(0, 0, 7), 14
		period, err := o.w.app.store.OpenPeriod(context.Background(), o.w.cast.Admin.ID, form, store.Place{})
		if err != nil {
			o.t.Fatal(err)
		}
		admin := demoPhone(o.w.cast.Admin.ID)
		o.tap(admin, "page", flows.To("period.opening", period.ID))
		o.tap(admin, "action", flows.To("period.watch", period.ID))
		o.tap(admin, "action", flows.To("period.leave", period.ID))
		o.jobs("job open_period")
	}
}

// halfDone lets half of the evaluators of the large city finish.
func halfDone(t *testing.T, raw *sql.DB) {
	t.Helper()
	day := storetest.Start.Format(time.DateTime)
	const done = "e.period_id IN (SELECT p.id FROM periods AS p WHERE p.state = 'open') AND e.evaluator_id > 1000000 AND e.evaluator_id % 2 = 0"
	change(t, raw, "INSERT INTO results (evaluation_id, version, work_rating, behaviour_rating, predicate, work_reason, behaviour_reason, note, follow_up_kind, follow_up_due, set_by, set_at, release_at)"+
		" SELECT e.id, 1, 'meets', 'meets', 'good', '', '', '', '', '', e.evaluator_id, ?, IF(p.kind = 'annual', NULL, ?) FROM evaluations AS e JOIN periods AS p ON p.id = e.period_id WHERE "+done, day, day)
	change(t, raw, "INSERT INTO answers (evaluation_id, indicator_id, rating, reason, note, updated_at) SELECT e.id, i.id, 'meets', '', '', ?"+
		" FROM evaluations AS e JOIN indicators AS i ON i.template_version_id = e.template_version_id AND i.ordinal <= 3 WHERE "+done, day)
	change(t, raw, "UPDATE evaluations AS e SET e.state = 'final' WHERE "+done)
	analyze(t, raw)
}

// people lets everybody whose pages differ go everywhere.
func (o *tour) people() {
	o.t.Helper()
	known := func(p *store.Person) int64 { return demoPhone(p.ID) }
	cast := o.w.cast
	o.uploading(cast.Admin)
	o.training(cast.Evaluator)
	o.plans(cast.Evaluator)
	o.reminding(cast.Admin, cast.Evaluator)
	o.opening(cast.Admin)
	o.changingPeople(cast.Admin)
	o.roles(cast.Admin, cast.Employee)
	o.wholePeriods(cast.Admin, cast.Evaluator)
	o.assigning(cast.Admin, cast.Evaluator, cast.OtherEvaluator)
	for _, person := range []int64{known(cast.Admin), known(cast.UnitAdmin), known(cast.Evaluator), known(cast.Superior), known(cast.Employee), known(cast.Leader), 5_000_201} {
		o.walk(person, flows.To("menu"), flows.To("admin.home"), flows.To("admin.unreachable", 1), flows.To("admin.expired", 1), flows.To("result.list", 1), flows.To("score.team", 1),
			flows.To("reminder.postponed", "2027-01-05"), flows.To("reminder.later", "2027-01-05"), flows.To("reminder.late", 1), flows.To("reminder.now"),
			flows.To("account.superiorwrong", cast.Employee.ID), flows.To("account.moved", cast.Employee.ID),
			flows.To("invite.unit", 0), flows.To("invite.renew", 0), flows.To("invite.found", 1), flows.To("invite.named", 1),
			flows.To("role.found", 1), flows.To("role.people", 1), flows.To("role.more", cast.Employee.ID, 1), flows.To("role.unitsfound", cast.Employee.ID, "admin", 1),
			flows.To("period.found", "q", "2026-10-01", 1), flows.To("skp.team", 1), flows.To("skp.mine", 1), flows.To("indicator.found", 1), flows.To("people.unitsfound", 1), flows.To("unit.found", 1), flows.To("trail.found", 0, 0, "0001-01-01", "0001-01-01", 1), flows.To("unit.code", cast.Units["DINKES"].ID),
			flows.To("unit.picked", cast.Units["PKM-02"].ID, "merge", 1), flows.To("unit.moving", cast.Units["PKM-02"].ID, cast.Units["PKM-01"].ID),
			flows.To("unit.merging", cast.Units["PKM-02"].ID, cast.Units["PKM-01"].ID, "ek"), flows.To("period.dayoff", "q", "2026-10-01", 0, "2027-01-30"))
	}
	code, err := o.w.app.store.Invite(context.Background(), cast.Newcomer.ID, time.Hour)
	if err != nil {
		o.t.Fatal(err)
	}
	o.play(7_000_001, "action account.start", flows.Event{Kind: flows.Command, Command: "mulai", Payload: code})
	o.walk(7_000_002, flows.To("welcome"))
	o.play(7_000_003, "action account.start", flows.Event{Kind: flows.Command, Command: "mulai", Payload: code})
	screen := o.play(7_000_003, "action account.start", flows.Event{Kind: flows.Command, Command: "mulai", Payload: code})
	for _, to := range links(screen) {
		if to.Route == "account.link" {
			o.walk(7_000_003, flows.To("account.confirm", to.Args[0]))
		}
	}
	o.play(7_000_003, "action account.cancel", flows.Event{Kind: flows.Command, Command: "batal"})
	o.jobs("job open_period")
}

// reminding lets an administrator leave an evaluator out of a reminder, take that back, remind one, and be asked about all.
func (o *tour) reminding(administrator, evaluator *store.Person) {
	o.t.Helper()
	phone := demoPhone(administrator.ID)
	lines, _, err := o.w.app.store.Periods(context.Background(), administrator.ID, 0, 1)
	if err != nil || len(lines) == 0 {
		o.t.Fatalf("%d periods, %v", len(lines), err)
	}
	id := lines[0].ID
	for _, route := range []string{"period.nudgebut", "period.nudgetoo", "period.nudgeonly"} {
		o.tap(phone, "action", flows.To(route, id, evaluator.ID))
	}
	o.tap(phone, "page", flows.To("period.nudgesure", id))
	o.tap(phone, "action", flows.To("period.sendnudge", id, "all"))
	o.tap(phone, "page", flows.To("period.branches", id, 1))
	o.play(phone, "action period.findbranchagain", flows.Event{Kind: flows.Text, Text: "kantor"})
}

// opening lets an administrator see who lacks what for a month, and open it.
func (o *tour) opening(administrator *store.Person) {
	o.t.Helper()
	phone := demoPhone(administrator.ID)
	for _, to := range links(o.tap(phone, "page", flows.To("period.preview", "m", "2026-12-01", 0, "2027-01-29", "a"))) {
		if to.Route == "period.lacking" {
			o.tap(phone, "page", to)
		}
	}
	o.tap(phone, "action", flows.To("period.open", "m", "2026-12-01", 0, "2027-01-29", "a"))
}

// roles lets an administrator give somebody a role and take it again.
func (o *tour) roles(administrator, person *store.Person) {
	o.t.Helper()
	phone, ctx := demoPhone(administrator.ID), context.Background()
	holder, err := o.w.app.store.HolderOf(ctx, administrator.ID, person.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	o.tap(phone, "action", flows.To("role.grant", person.ID, string(store.Leader), person.UnitID, holder.Seen))
	held, err := o.w.app.store.Roles(ctx, person.ID)
	if err != nil || len(held) != 1 {
		o.t.Fatalf("roles %v, %v", held, err)
	}
	o.tap(phone, "page", flows.To("role.drop", held[0].ID))
	o.tap(phone, "action", flows.To("role.take", held[0].ID))
}

// uploading lets an administrator send a roster as a file. Its jobs are played without Telegram, which would have the content.
func (o *tour) uploading(administrator *store.Person) {
	o.t.Helper()
	phone, s := demoPhone(administrator.ID), o.w.app.store
	send := func(taker string) int64 {
		o.play(phone, "action "+taker, flows.Event{Kind: flows.File, File: flows.Upload{ID: "berkas", Name: "pegawai.csv", Size: 1}})
		last, err := s.LastUpload(context.Background(), administrator.ID)
		if err != nil {
			o.t.Fatal(err)
		}
		return last.ID
	}
	ends := func(state store.UploadState, found string) {
		o.as("job of an upload", func(ctx context.Context) error {
			work, err := s.ClaimJob(ctx, "tour", time.Minute)
			if err != nil {
				return err
			}
			_, _, held := s.UploadOfJob(ctx, "tour", work.ID)
			_, kept := s.KeepJob(ctx, "tour", work.ID, 1, 2, time.Minute)
			_, ended := s.EndUploadJob(ctx, "tour", work.ID, state, found, "")
			return errors.Join(held, kept, ended)
		})
	}
	const wrong = `{"people":{"New":1,"Wrong":1},"changes":1}`
	o.tap(phone, "page", flows.To("import.home"))
	o.tap(phone, "action", flows.To("import.example"))
	id := send("import.take")
	o.tap(phone, "page", flows.To("import.show", id))
	ends(store.UploadAsking, `{"question":{"Column":"nip","Sheet":"pegawai","Candidates":[{"Answer":"X","Header":"X","Letter":"A"}]}}`)
	o.tap(phone, "action", flows.To("import.column", id, 1, 0))
	ends(store.UploadReady, wrong)
	o.tap(phone, "page", flows.To("import.sure", id, 3))
	o.tap(phone, "action", flows.To("import.wrongrows", id))
	o.tap(phone, "action", flows.To("import.look", id, 3))
	ends(store.UploadReady, wrong)
	o.tap(phone, "action", flows.To("import.apply", id, 5))
	ends(store.UploadDone, wrong)
	o.tap(phone, "page", flows.To("import.show", id))
	other := send("import.takenext")
	ends(store.UploadReady, wrong)
	o.tap(phone, "action", flows.To("import.drop", other))
}

// training lets an evaluator agree on a training, name it and take the name away.
func (o *tour) training(evaluator *store.Person) {
	o.t.Helper()
	phone := demoPhone(evaluator.ID)
	team, err := o.w.app.store.Team(context.Background(), evaluator.ID)
	if err != nil || len(team) == 0 {
		o.t.Fatalf("a team of %d, %v", len(team), err)
	}
	id := team[0].EvaluationID
	o.tap(phone, "action", flows.To("score.setdue", id, string(store.Training), "2027-06-30"))
	o.tap(phone, "page", flows.To("score.training", id))
	o.play(phone, "action score.savetraining", flows.Event{Kind: flows.Text, Text: "Pelayanan prima"})
	o.tap(phone, "action", flows.To("score.cleartraining", id))
}

// plans lets an evaluator write down what one of his people has of his own, and let it count in an open evaluation.
func (o *tour) plans(evaluator *store.Person) {
	o.t.Helper()
	phone, ctx := demoPhone(evaluator.ID), context.Background()
	team, err := o.w.app.store.Team(ctx, evaluator.ID)
	if err != nil || len(team) < 2 {
		o.t.Fatalf("a team of %d, %v", len(team), err)
	}
	person := team[len(team)-1]
	seen := func() int64 {
		own, err := o.w.app.store.PersonalFor(ctx, evaluator.ID, person.EmployeeID)
		if err != nil {
			o.t.Fatal(err)
		}
		return own.VersionID
	}
	type asks struct {
		page, action string
		args         []any
	}
	act := func(route string, args ...any) {
		o.tap(phone, "action", flows.To(route, append([]any{person.EmployeeID, seen()}, args...)...))
	}
	for _, a := range []asks{{"skp.plan", "skp.create", nil}, {"skp.ask", "skp.answer", []any{1, "serves"}}, {"skp.field", "skp.save", []any{1, "target"}}, {"skp.also", "skp.addto", []any{1}}} {
		o.tap(phone, "page", flows.To(a.page, append([]any{person.EmployeeID, seen()}, a.args...)...))
		o.play(phone, "action "+a.action, flows.Event{Kind: flows.Text, Text: "Laporan " + a.action})
	}
	act("skp.choose", 1, "kind", "additional")
	act("skp.pick", 1, "dimension", "waktu")
	act("skp.move", 1, "down")
	act("skp.clear", 1, "target")
	act("skp.mode", "instead")
	for _, page := range [][]any{{"skp.copy", 1}, {"skp.copyfrom", 0}, {"skp.item", 1}, {"skp.drop", 1}} {
		o.tap(phone, "page", flows.To(page[0].(string), person.EmployeeID, seen(), page[1]))
	}
	act("skp.docopy", 0, 0)
	o.tap(phone, "page", flows.To("skp.sure", person.EmployeeID, seen(), person.EvaluationID))
	act("skp.take", person.EvaluationID)
	act("skp.remove", 1)
	o.tap(phone, "page", flows.To("skp.preview", person.EmployeeID, 0))
	o.tap(phone, "page", flows.To("skp.history", person.EmployeeID, 1))
}

// walk follows the links of one person, pages first and what ends things not at all.
func (o *tour) walk(person int64, from ...flows.Link) {
	o.t.Helper()
	pages, actions := o.w.app.engine.Routes()
	queue, seen, times := from, map[string]bool{}, map[string]int{}
	for len(queue) > 0 {
		next := o.choose(queue, pages, times)
		link := queue[next]
		queue = slices.Delete(queue, next, next+1)
		_, action := actions[link.Route]
		limit := linksOfPage
		if action {
			limit = linksOfAction
		}
		if strings.HasPrefix(link.Route, "indicator.") { // some of its actions stand on pages behind many pages of the same kind
			limit *= 2
		}
		if seen[link.String()] || times[link.Route] >= limit || slices.Contains(last, link.Route) {
			continue
		}
		seen[link.String()] = true
		times[link.Route]++
		queue = append(queue, o.follow(person, link, action, times[link.Route] == 1)...)
		if other, ok := beside[link.Route]; ok {
			queue = append(queue, flows.Link{Route: other, Args: link.Args})
		}
	}
}

// choose takes a page that this person has not seen yet, else any page, else an action.
func (o *tour) choose(queue []flows.Link, pages map[string]string, times map[string]int) int {
	isPage := func(l flows.Link) bool { _, page := pages[l.Route]; return page }
	for _, suits := range []func(l flows.Link) bool{
		func(l flows.Link) bool { return isPage(l) && times[l.Route] == 0 },
		isPage,
		func(l flows.Link) bool { return times[l.Route] == 0 },
	} {
		if n := slices.IndexFunc(queue, suits); n >= 0 {
			return n
		}
	}
	return 0
}

// follow taps a link; on a page that is seen for the first time something is sent too.
func (o *tour) follow(person int64, link flows.Link, action, first bool) []flows.Link {
	o.t.Helper()
	if action {
		return links(o.tap(person, "action", link))
	}
	found := links(o.tap(person, "page", link))
	if !first {
		return found
	}
	taker := "page " + link.Route
	if action, ok := takes[link.Route]; ok {
		taker = "action " + action
	}
	for _, text := range typed {
		o.tap(person, "page", link)
		found = append(found, links(o.play(person, taker, flows.Event{Kind: flows.Text, Text: text}))...)
	}
	o.tap(person, "page", link)
	contact := flows.SharedContact{Phone: "+" + o.w.cast.NoSuperior.Phone, UserID: person}
	found = append(found, links(o.play(person, taker, flows.Event{Kind: flows.Contact, Contact: contact}))...)
	return found
}

// play lets one event take effect.
func (o *tour) play(person int64, where string, ev flows.Event) (screen flows.Screen) {
	o.t.Helper()
	o.updates++
	ev.UpdateID, ev.From, ev.Chat, ev.Language, ev.Private = o.updates, person, person, "id", true
	o.times[where]++
	o.as(where, func(ctx context.Context) error {
		turn, err := o.w.app.engine.Begin(ctx, ev)
		if err != nil {
			return err
		}
		screen = turn.Screen
		return turn.Shown(ctx, flows.Placed{Message: 1, At: o.w.clock.Now()})
	})
	return screen
}

// tap plays a tap on a page or an action.
func (o *tour) tap(person int64, kind string, link flows.Link) flows.Screen {
	o.t.Helper()
	return o.play(person, kind+" "+link.Route, flows.Event{Kind: flows.Tap, Message: 1, Data: link.String()})
}

func links(screen flows.Screen) []flows.Link {
	var found []flows.Link
	for _, b := range slices.Concat(screen.Rows...) {
		if !b.To.Zero() {
			found = append(found, b.To)
		}
	}
	return found
}

// operators does what the commands do.
func (o *tour) operators() {
	o.t.Helper()
	s, cast := o.w.app.store, o.w.cast
	o.as("command invite", func(ctx context.Context) error {
		people, err := s.Unlinked(ctx, baseID, 200)
		if err != nil {
			return err
		}
		_, err = s.Invite(ctx, people[0].ID, time.Hour)
		return errors.Join(err, s.GrantRole(ctx, 0, people[0].ID, store.Leader, 0))
	})
	o.as("command invite --format pdf", func(ctx context.Context) error {
		for _, what := range []store.Printing{{UnitID: cast.Units["PKM-01"].ID}, {PersonID: cast.NoSuperior.ID}} {
			_, planned := s.PlanPrinting(ctx, 0, what)
			_, printed := s.PrintInvitations(ctx, 0, what)
			if err := errors.Join(planned, printed); err != nil {
				return err
			}
		}
		return nil
	})
	o.as("command leave", func(ctx context.Context) error {
		_, revoked := s.RevokeRole(ctx, 0, cast.Leader.ID, store.Leader, 0)
		_, unlinked := s.Unlink(ctx, 0, cast.OtherEvaluator.ID)
		const gone = baseID + 9 // with people of his own
		_, left := s.Leave(ctx, 0, gone)
		_, listed := s.LeftBehindBy(ctx, gone)
		return errors.Join(revoked, unlinked, left, listed)
	})
	for _, admin := range []*store.Person{cast.Admin, cast.UnitAdmin} {
		o.tap(demoPhone(admin.ID), "page", flows.To("admin.attention"))
		o.tap(demoPhone(admin.ID), "page", flows.To("admin.home"))
		o.tap(demoPhone(admin.ID), "page", flows.To("admin.steps"))
		o.tap(demoPhone(admin.ID), "page", flows.To("admin.left", 1))
	}
	o.as("command resend", func(ctx context.Context) error {
		_, err := s.OweAllParkedAgain(ctx)
		return err
	})
	o.as("command import", func(ctx context.Context) error {
		units, people := sample.Files()
		people = bytes.Replace(people, []byte(cast.NoSuperior.Name), []byte("Nama Baru"), 1)
		file, err := roster.Read("pegawai.csv", bytes.NewReader(people), roster.CommandLimits(), nil)
		if err != nil {
			return err
		}
		more, err := roster.Read("unit.csv", bytes.NewReader(units), roster.CommandLimits(), nil)
		if err != nil {
			return err
		}
		if file, err = file.Join(more, roster.CommandLimits()); err != nil {
			return err
		}
		plan, err := roster.Check(ctx, s, file, roster.City())
		if err != nil {
			return err
		}
		return plan.Apply(ctx, s, 0)
	})
}

// intake does what the edge does beside the conversation.
func (o *tour) intake() {
	o.t.Helper()
	s, person := o.w.app.store, o.w.cast.Employee
	o.as("intake", func(ctx context.Context) error {
		actor, err := s.ActorByPerson(ctx, person.ID)
		if err != nil {
			return err
		}
		_, held := s.Hold(ctx, "poller", "test", time.Minute)
		return errors.Join(held, s.TakesWrites(ctx), s.CheckSchemaStill(ctx), s.OweRedraw(ctx, actor.TelegramID, 1),
			s.MarkUnreachable(ctx, actor.TelegramID), s.Returned(ctx, actor))
	})
}

// days lets three weeks pass, with all reminders and with some of what is sent.
func (o *tour) days() {
	o.t.Helper()
	for range 21 {
		o.as("job reminders", o.w.app.scheduler.Plan)
		o.w.clock.Advance(24 * time.Hour)
	}
	for range 5 {
		o.as("courier", func(ctx context.Context) error {
			_, err := o.w.app.courier.Round(ctx)
			return err
		})
	}
}

// seals seals the audit and verifies it.
func (o *tour) seals() {
	o.t.Helper()
	o.as("job seal", o.w.app.sealer.Now)
	o.as("command audit verify", func(ctx context.Context) error {
		check, err := o.w.app.store.VerifyAudit(ctx, nil)
		if check.Broken != nil {
			err = fmt.Errorf("broken at %+v", check.Broken)
		}
		return err
	})
}

// sayable looks for actions of the audit that have no words.
func (o *tour) sayable(raw *sql.DB) {
	o.t.Helper()
	rows, err := raw.QueryContext(context.Background(), "SELECT DISTINCT action, subject FROM audits")
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			o.t.Error(err)
		}
	}()
	for rows.Next() {
		var action, subject string
		if err := rows.Scan(&action, &subject); err != nil {
			o.t.Fatal(err)
		}
		if !trail.Known(action, subject) {
			o.t.Errorf("the audit names %q on %q, which flows/trail/entry.go has no words for", action, subject)
		}
	}
}

// messages draws one notification of each kind that exists.
func (o *tour) messages(raw *sql.DB) {
	o.t.Helper()
	rows, err := raw.QueryContext(context.Background(), "SELECT n.kind, MAX(n.args), MAX(a.person_id), MAX(a.telegram_id) FROM notifications AS n JOIN accounts AS a ON a.person_id = n.person_id GROUP BY n.kind")
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			o.t.Error(err)
		}
	}()
	for rows.Next() {
		var kind, args string
		actor := store.Actor{Language: "id"}
		if err := rows.Scan(&kind, &args, &actor.PersonID, &actor.TelegramID); err != nil {
			o.t.Fatal(err)
		}
		if kind == store.KindRedraw {
			continue
		}
		o.as("message "+kind, func(ctx context.Context) error {
			_, _, err := o.w.app.engine.Tell(ctx, actor, kind, args)
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			return err
		})
	}
	if err := rows.Err(); err != nil {
		o.t.Fatal(err)
	}
}

// ends does what ends things: a result is set, the year is published, the quarter is closed.
func (o *tour) ends() {
	o.t.Helper()
	evaluator, admin := demoPhone(o.w.cast.Evaluator.ID), demoPhone(o.w.cast.Admin.ID)
	team, err := o.w.app.store.Team(context.Background(), o.w.cast.Evaluator.ID)
	if err != nil || len(team) == 0 {
		o.t.Fatalf("a team of %d, %v", len(team), err)
	}
	for _, m := range team {
		for _, route := range []string{"score.all", "score.suggested", "score.clearfollowup", "score.finalise", "score.takeback", "score.finalise"} {
			o.tap(evaluator, "action", flows.To(route, m.EvaluationID))
		}
		o.tap(evaluator, "page", flows.To("score.done", m.EvaluationID))
		o.tap(evaluator, "page", flows.To("score.confirm", m.EvaluationID))
		o.tap(evaluator, "action", flows.To("score.confirmed", m.EvaluationID, string(store.Poor)))
	}
	lines, _, err := o.w.app.store.Periods(context.Background(), o.w.cast.Admin.ID, 0, 2)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, end := range []struct{ route, job string }{{"period.publishnow", "job publish_results"}, {"period.closenow", "job close_news"}} {
		for _, p := range lines {
			o.tap(admin, "action", flows.To(end.route, p.ID))
		}
		o.jobs(end.job)
	}
	for _, p := range lines {
		o.tap(admin, "page", flows.To("period.archive", p.ID))
		o.tap(admin, "action", flows.To("period.archivenow", p.ID))
		o.tap(admin, "page", flows.To("period.archives", 1))
		o.tap(admin, "action", flows.To("period.restore", p.ID))
	}
	o.w.clock.Advance(time.Hour)
	o.walk(demoPhone(o.w.cast.Employee.ID), flows.To("result.list", 1))
	o.walk(evaluator, flows.To("talk.list", 1))
}

// units lets an administrator move a unit, and merge it into the agency of a third of the city.
func (o *tour) units() {
	o.t.Helper()
	phone, units := demoPhone(o.w.cast.Admin.ID), o.w.cast.Units
	for _, page := range []flows.Link{
		flows.To("unit.moving", units["PKM-02"].ID, units["PKM-01"].ID), flows.To("unit.merging", units["PKM-02"].ID, units["DINKES"].ID, "gt"),
	} {
		for _, sure := range links(o.tap(phone, "page", page)) {
			if sure.Route == "unit.move" || sure.Route == "unit.merge" {
				o.tap(phone, "action", sure)
			}
		}
	}
	o.tap(phone, "page", flows.To("unit.show", units["PKM-02"].ID))
}

// others lets an evaluator say of a whole team that they meet the expectations, go on with it and take it back.
func (o *tour) others(evaluator *store.Person) {
	o.t.Helper()
	phone, ctx := demoPhone(evaluator.ID), context.Background()
	team, err := o.w.app.store.Team(ctx, evaluator.ID)
	if err != nil || len(team) == 0 {
		o.t.Fatalf("a team of %d, %v", len(team), err)
	}
	for _, sure := range links(o.tap(phone, "page", flows.To("others.list", team[0].PeriodID))) {
		if sure.Route == "others.sure" {
			o.tap(phone, "page", sure)
			o.tap(phone, "action", flows.To("others.set", sure.Args[0], sure.Args[1]))
		}
	}
	batch, err := o.w.app.store.LastBatch(ctx, evaluator.ID, team[0].PeriodID)
	if err != nil || batch.ID == 0 {
		o.t.Fatalf("nobody of %d people was confirmed: %v", len(team), err)
	}
	o.tap(phone, "page", flows.To("others.done", batch.ID))
	o.tap(phone, "action", flows.To("others.goon", batch.ID))
	o.tap(phone, "action", flows.To("others.back", batch.ID))
}

// prune lets go of what is over, in a night after months.
func (o *tour) prune() {
	o.t.Helper()
	o.w.clock.Advance(100 * day)
	o.w.untilTwo()
	o.as(pruning, o.w.app.keeper.Tonight)
	if n := o.w.old(o.t); n > 0 {
		o.t.Errorf("%d rows were not pruned", n)
	}
}

// missed names the routes that were not played: whoever adds one sees to it that the tour comes by.
func (o *tour) missed() {
	o.t.Helper()
	var missing []string
	pages, actions := o.w.app.engine.Routes()
	for route := range pages {
		if o.times["page "+route] == 0 {
			missing = append(missing, "page "+route)
		}
	}
	for route := range actions {
		if o.times["action "+route] == 0 {
			missing = append(missing, "action "+route)
		}
	}
	if sort.Strings(missing); len(missing) > 0 {
		o.t.Errorf("nobody came by %v: let one of the people of explain_play_test.go have a way there", missing)
	}
	fmt.Fprintf(o.t.Output(), "%d pages and %d actions were played\n", len(pages), len(actions))
}
