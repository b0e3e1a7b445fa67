package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"kinerja/flows"
	"kinerja/flows/gallery"
	"kinerja/flows/rules"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/sample"
)

type galleryCommand struct {
	Out string `default:"gallery.html" help:"File to write." type:"path"`
}

// Run writes every page in every language into one HTML file.
func (g *galleryCommand) Run(c console) (err error) {
	folder, err := os.MkdirTemp("", "kinerja-gallery-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	a, cast, err := assembleSample(c.ctx, appSettings{
		token: "1:gallery", databaseURL: "sqlite:" + filepath.Join(folder, "kinerja.db"), redisURL: "embedded:", sendRate: 1,
		grace: time.Minute, reasonMin: 15, now: time.Now, log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	defer func() { err = a.closeAfter(err) }()
	visitors, err := a.visitors(c.ctx, cast)
	if err != nil {
		return err
	}
	pictures, err := gallery.Walk(c.ctx, a.engine, locales.Languages, visitors)
	if err != nil {
		return err
	}
	file, err := os.Create(g.Out)
	if err != nil {
		return err
	}
	if err := errors.Join(gallery.Write(file, pictures), file.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "%d screens are in %s\n", len(pictures), g.Out)
	return err
}

// visitors are the people through whose eyes the pages are seen, after a play that has made all states: a period, an
// evaluation that is begun and owes reasons, one that is final, a result that is read, an evaluator who has left.
func (a *app) visitors(ctx context.Context, cast *sample.Cast) ([]gallery.Visitor, error) {
	evaluations, periods, err := a.stage(ctx, cast)
	if err != nil {
		return nil, err
	}
	actor := func(p *store.Person) store.Actor {
		return store.Actor{PersonID: p.ID, TelegramID: demoPhone(p.ID), Name: p.Name}
	}
	if _, err := a.store.Leave(ctx, cast.Admin.ID, cast.OtherEvaluator.ID); err != nil {
		return nil, err
	}
	results, err := a.store.ResultsOf(ctx, cast.Employee.ID)
	if err != nil {
		return nil, err
	}
	if err := a.lose(ctx, cast.Superior); err != nil {
		return nil, err
	}
	begun := evaluations[1]
	batch, err := a.confirmOthers(ctx, cast, periods[0], evaluations[3:6])
	if err != nil {
		return nil, err
	}
	talkID, err := a.askToTalk(ctx, cast, evaluations[6])
	if err != nil {
		return nil, err
	}
	code, err := a.store.Invite(ctx, cast.NoSuperior.ID, time.Hour)
	if err != nil {
		return nil, err
	}
	invitation, err := a.store.InvitationFor(ctx, 0, code)
	if err != nil {
		return nil, err
	}
	evaluator := []flows.Link{flows.To("menu"), flows.To("score.team", 1), flows.To("score.done", evaluations[0]), flows.To("score.pattern", periods[0], 0), flows.To("score.summary", begun),
		flows.To("score.valued", begun, 13), flows.To("score.confirm", evaluations[2]), flows.To("others.done", batch.ID), flows.To("account.notice"), flows.To("talk.list", 1), flows.To("talk.sure", talkID, string(store.TalkOn), "2027-01-17")}
	employee := []flows.Link{flows.To("menu"), flows.To("result.list", 1), flows.To("reminder.postponed", "2027-01-05"), flows.To("reminder.late", 1)}
	for _, r := range results {
		employee = append(employee, flows.To("result.show", r.ID))
	}
	own, err := a.plans(ctx, cast)
	if err != nil {
		return nil, err
	}
	evaluator = append(evaluator, flows.To("skp.home", own.PersonID), flows.To("skp.ask", own.PersonID, own.VersionID, 1, "serves"), flows.To("skp.team", 1))
	employee = append(employee, flows.To("skp.mine", 1))
	administrator, err := a.administratorPages(ctx, cast, periods)
	if err != nil {
		return nil, err
	}
	singles, err := a.singlePeople(ctx, cast, periods[0], evaluations[0], begun, results[0].ID)
	if err != nil {
		return nil, err
	}
	evaluator, administrator = append(evaluator, flows.To("score.earlier", begun, 1)), append(administrator, singles...)
	return []gallery.Visitor{
		{Name: "penilai", Actor: actor(cast.Evaluator), From: evaluator},
		{Name: "pegawai", Actor: actor(cast.Employee), From: employee},
		{Name: "pengelola", Actor: actor(cast.Admin), From: administrator},
		{Name: "pimpinan", Actor: actor(cast.Leader), From: []flows.Link{flows.To("menu"), flows.To("leader.home", 1)}},
		{Name: "orang luar", From: []flows.Link{flows.To("welcome"), flows.To("account.confirm", invitation.ID), flows.To("account.wrongsuperior", invitation.ID)}},
	}, nil
}

// administratorPages is where an administrator begins, and the pages of his that only a text or an act leads to.
func (a *app) administratorPages(ctx context.Context, cast *sample.Cast, periods []int64) ([]flows.Link, error) {
	all, err := a.formPages(periods)
	if err != nil {
		return nil, err
	}
	all = append(all, flows.To("role.found", 1), flows.To("role.people", 1), flows.To("role.more", cast.UnitAdmin.ID, 1),
		flows.To("trail.found", 0, 0, "0001-01-01", "0001-01-01", 1),
		flows.To("role.unitsfound", cast.Employee.ID, string(store.Admin), 1), flows.To("role.sure", cast.Employee.ID, string(store.Mayor), 0),
		flows.To("account.superiorwrong", cast.Employee.ID), flows.To("account.moved", cast.Employee.ID))
	for _, part := range []func() ([]flows.Link, error){
		func() ([]flows.Link, error) { return a.changedTemplate(ctx, cast) },
		func() ([]flows.Link, error) { return a.unitPages(ctx, cast) },
		func() ([]flows.Link, error) { return peoplePages(cast), nil },
		func() ([]flows.Link, error) { return a.wholePeriods(ctx, cast, periods[0]) },
		func() ([]flows.Link, error) { return a.uploadPages(ctx, cast) },
		func() ([]flows.Link, error) { return a.messagePages(ctx, cast) },
	} {
		pages, err := part()
		if err != nil {
			return nil, err
		}
		all = append(all, pages...)
	}
	return all, nil
}

// unitPages are those of a unit that was merged, and those that only a text leads to.
func (a *app) unitPages(ctx context.Context, cast *sample.Cast) ([]flows.Link, error) {
	from, into := cast.Units["PKM-02"].ID, cast.Units["PKM-01"].ID
	pages := []flows.Link{flows.To("unit.show", into), flows.To("unit.show", from), flows.To("unit.found", 1), flows.To("unit.code", into), flows.To("unit.picked", into, "merge", 1),
		flows.To("unit.moving", into, cast.Units["DISHUB"].ID), flows.To("unit.merging", into, cast.Units["DINKES"].ID, "gk")}
	_, err := a.store.MergeUnit(ctx, cast.Admin.ID, from, into, store.MergeChoice{}, "")
	return pages, err
}

// uploadPages are those of a roster that was sent into the chat, with a wrong row.
func (a *app) uploadPages(ctx context.Context, cast *sample.Cast) ([]flows.Link, error) {
	id, err := a.store.TakeUpload(ctx, cast.Admin.ID, "berkas", "pegawai.xlsx", 1)
	if err != nil {
		return nil, err
	}
	var check store.Job
	for check.Kind != store.JobCheckUpload {
		if check, err = a.store.ClaimJob(ctx, a.owner, time.Minute); err != nil {
			return nil, err
		}
	}
	const found = `{"people":{"New":380,"Changed":30,"Wrong":1},"changes":410,"missing":3,` +
		`"wrong":[{"sheet":"pegawai","row":7,"Key":"wrong.unknown_unit","Args":{"Unit":"Dinas Antariksa"}}]}`
	_, err = a.store.EndUploadJob(ctx, a.owner, check.ID, store.UploadReady, found, "")
	return []flows.Link{flows.To("import.home"), flows.To("import.show", id), flows.To("import.sure", id, 1)}, err
}

// formPages is where an administrator begins, and the pages of his that only a text leads to.
func (a *app) formPages(periods []int64) ([]flows.Link, error) {
	calendar, err := rules.NewCalendar()
	if err != nil {
		return nil, err
	}
	span, err := calendar.SpanAt(store.Quarterly, a.store.Now())
	if err != nil {
		return nil, err
	}
	off := span.Last // then the first day off from it on
	for calendar.IsWorkday(off) {
		if off, err = rules.DayAfter(off, 1); err != nil {
			return nil, err
		}
	}
	return []flows.Link{flows.To("menu"), flows.To("admin.home"), flows.To("period.home", 1), flows.To("period.opening", periods[0]), flows.To("period.publish", periods[1]),
		flows.To("period.found", "q", span.First, 1), flows.To("indicator.found", 1), flows.To("invite.unit", 0), flows.To("invite.renew", 0), flows.To("invite.found", 1), flows.To("invite.named", 1), flows.To("admin.steps"), flows.To("admin.attention"), flows.To("admin.parked", 1), flows.To("admin.expired", 1), flows.To("period.undelivered", periods[0], 1), flows.To("period.nudgesure", periods[0]), flows.To("period.branches", periods[0], 1), flows.To("period.dayoff", "q", span.First, 0, off)}, nil
}

// peoplePages are the pages about people that only a text leads to, or that are about somebody of the cast.
func peoplePages(cast *sample.Cast) []flows.Link {
	id := cast.Employee.ID
	return []flows.Link{flows.To("people.found", 1), flows.To("people.gone", 1), flows.To("people.unitsfound", 1), flows.To("people.show", id), flows.To("people.movefound", id, 1),
		flows.To("people.nip", id, store.Seen(cast.Employee.NIP)), flows.To("people.evaluators", id, 1), flows.To("people.evaluatorwhy", id, cast.Evaluator.ID, cast.Newcomer.ID),
		flows.To("people.teams", 1), flows.To("people.heirs", cast.Evaluator.ID, 0, 0), flows.To("people.heirsure", cast.Evaluator.ID, 0, cast.Superior.ID),
		flows.To("people.heirwhy", cast.Evaluator.ID, 0, cast.Newcomer.ID, "h0"),
		flows.To("people.unlink", cast.Superior.ID), flows.To("people.back", cast.OtherEvaluator.ID), flows.To("people.chain", string(store.ChainLeft), 1),
		flows.To("people.newunit", 0, 1), flows.To("people.newfound", 1)}
}

// lose lets a person link a phone and block the bot.
func (a *app) lose(ctx context.Context, p *store.Person) error {
	code, err := a.store.Invite(ctx, p.ID, time.Hour)
	if err != nil {
		return err
	}
	if _, err := a.store.Link(ctx, demoPhone(p.ID), "id", code); err != nil {
		return err
	}
	return a.store.MarkUnreachable(ctx, demoPhone(p.ID))
}

// stage opens a period that is released at once and one that is published, and lets the evaluator begin. Of the evaluations
// that it returns the first, of the cast's employee, is final, the second owes a reason, and the third comes to less than Baik.
func (a *app) stage(ctx context.Context, cast *sample.Cast) (evaluations, periods []int64, err error) {
	for kind, release := range map[store.PeriodKind]store.Release{store.Quarterly: store.ReleaseAtOnce, store.Annual: store.ReleasePublished} {
		p, err := a.openPeriod(ctx, cast.Admin.ID, kind, release)
		if err != nil {
			return nil, nil, err
		}
		if kind == store.Quarterly {
			periods = append([]int64{p.ID}, periods...)
		} else {
			periods = append(periods, p.ID)
		}
	}
	if err := a.closedMonth(ctx, cast); err != nil {
		return nil, nil, err
	}
	team, err := a.store.Team(ctx, cast.Evaluator.ID)
	if err != nil {
		return nil, nil, err
	}
	published := false
	for _, m := range team {
		switch {
		case m.PeriodID == periods[1] && !published:
			published = true
			if _, err := a.finalise(ctx, cast, m.EvaluationID); err != nil {
				return nil, nil, err
			}
		case m.PeriodID != periods[0]:
		case m.EmployeeID == cast.Employee.ID:
			evaluations = append([]int64{m.EvaluationID}, evaluations...)
		default:
			evaluations = append(evaluations, m.EvaluationID)
		}
	}
	return evaluations, periods, errors.Join(a.finish(ctx, cast, evaluations[0]), a.begin(ctx, cast, evaluations[1], team[0].TemplateVersionID), a.depart(ctx, cast, evaluations[2]))
}

// plans gives the employee results of his own.
func (a *app) plans(ctx context.Context, cast *sample.Cast) (store.Personal, error) {
	if _, err := a.store.ImportPersonal(ctx, 0, []store.PersonalEntry{sample.Personal(cast.Employee.NIP)}); err != nil {
		return store.Personal{}, err
	}
	return a.store.PersonalOf(ctx, cast.Employee.ID)
}

// changedTemplate changes the indicators of an agency and returns the page of the version before.
func (a *app) changedTemplate(ctx context.Context, cast *sample.Cast) ([]flows.Link, error) {
	unit := cast.Units["DISHUB"].ID
	before, err := a.store.TemplateOf(ctx, cast.Admin.ID, unit)
	if err != nil {
		return nil, err
	}
	_, err = a.store.ChangeTemplate(ctx, cast.Admin.ID, unit, before.VersionID, func(list []store.Indicator) ([]store.Indicator, error) {
		list[0].Target = "2"
		return list, nil
	})
	return []flows.Link{flows.To("indicator.version", unit, before.VersionID)}, err
}

// closedMonth is a period that was closed with nobody evaluated.
func (a *app) closedMonth(ctx context.Context, cast *sample.Cast) error {
	p, err := a.openPeriod(ctx, cast.Admin.ID, store.Monthly, store.ReleaseAtOnce)
	if err != nil {
		return err
	}
	return a.store.ClosePeriod(ctx, cast.Admin.ID, p.ID)
}

func (a *app) openPeriod(ctx context.Context, admin int64, kind store.PeriodKind, release store.Release) (store.Period, error) {
	calendar, err := rules.NewCalendar()
	if err != nil {
		return store.Period{}, err
	}
	span, err := calendar.SpanAt(kind, a.store.Now())
	if err != nil {
		return store.Period{}, err
	}
	selfReport, due, err := calendar.Deadlines(span.Last)
	if err != nil {
		return store.Period{}, err
	}
	return a.store.OpenPeriodNow(ctx, admin, store.PeriodForm{Kind: kind, FirstDay: span.First, LastDay: span.Last, SelfReportDue: selfReport, ScoringDue: due, ObjectionDays: 14, Release: release})
}

// agreedUntil is the day by which what is agreed in the play is done.
const agreedUntil = store.Date("2027-06-30")

// finish sets a result that its employee can read already, with a training that was agreed.
func (a *app) finish(ctx context.Context, cast *sample.Cast, evaluation int64) error {
	if err := a.store.SetFollowUp(ctx, cast.Evaluator.ID, evaluation, store.Training, agreedUntil); err != nil {
		return err
	}
	r, err := a.finalise(ctx, cast, evaluation)
	if err != nil {
		return err
	}
	return a.store.OpenResult(ctx, cast.Employee.ID, r.ID)
}

// askToTalk sets a result about which its employee then wants to talk.
func (a *app) askToTalk(ctx context.Context, cast *sample.Cast, evaluation int64) (talkID int64, err error) {
	r, err := a.finalise(ctx, cast, evaluation)
	if err != nil {
		return 0, err
	}
	sheet, err := a.store.SheetOf(ctx, cast.Evaluator.ID, evaluation)
	if err != nil {
		return 0, err
	}
	if err := a.store.OpenResult(ctx, sheet.EmployeeID, r.ID); err != nil {
		return 0, err
	}
	if _, err := a.store.RequestTalk(ctx, sheet.EmployeeID, r.ID, store.Date(a.store.Now().Format(time.DateOnly))); err != nil {
		return 0, err
	}
	view, err := a.store.TalkAboutEvaluation(ctx, cast.Evaluator.ID, evaluation)
	return view.ID, err
}

// finalise rates everything as expected and sets the result.
func (a *app) finalise(ctx context.Context, cast *sample.Cast, evaluation int64) (store.Result, error) {
	if _, _, err := a.store.RateRest(ctx, cast.Evaluator.ID, evaluation); err != nil {
		return store.Result{}, err
	}
	return a.store.Finalise(ctx, cast.Evaluator.ID, evaluation, -time.Second, func(s store.Sheet) (store.Predicate, error) {
		return rules.Predicate(s.WorkRating, s.BehaviourRating)
	})
}

// confirmOthers lets the evaluator confirm people together, and stops after the first as a crash would.
func (a *app) confirmOthers(ctx context.Context, cast *sample.Cast, periodID int64, people []int64) (store.Batch, error) {
	batch, err := a.store.OpenBatch(ctx, cast.Evaluator.ID, store.Batch{PeriodID: periodID, List: "gallery", People: people})
	if err != nil {
		return store.Batch{}, err
	}
	usual := func(store.Sheet) error { return nil }
	return batch, a.store.FinaliseInBatch(ctx, cast.Evaluator.ID, batch.ID, people[0], time.Hour, usual, func(s store.Sheet) (store.Predicate, error) {
		return rules.Predicate(s.WorkRating, s.BehaviourRating)
	})
}

// begin rates everything, one indicator so that it owes a reason, and agrees on a training.
func (a *app) begin(ctx context.Context, cast *sample.Cast, evaluation, template int64) error {
	indicators, err := a.store.Indicators(ctx, template)
	if err != nil {
		return err
	}
	if err := a.store.Rate(ctx, cast.Evaluator.ID, evaluation, indicators[0].ID, store.Above); err != nil {
		return err
	}
	if _, _, err := a.store.RateRest(ctx, cast.Evaluator.ID, evaluation); err != nil {
		return err
	}
	if err := a.store.SetFollowUp(ctx, cast.Evaluator.ID, evaluation, store.Training, agreedUntil); err != nil {
		return err
	}
	return a.store.ChooseOverall(ctx, cast.Evaluator.ID, evaluation, map[store.Side]store.Rating{store.Work: store.Meets, store.Behaviour: store.Meets})
}

// depart rates everything as expected and chooses less for the whole of the work.
func (a *app) depart(ctx context.Context, cast *sample.Cast, evaluation int64) error {
	if _, _, err := a.store.RateRest(ctx, cast.Evaluator.ID, evaluation); err != nil {
		return err
	}
	return a.store.ChooseOverall(ctx, cast.Evaluator.ID, evaluation, map[store.Side]store.Rating{store.Work: store.Below})
}
