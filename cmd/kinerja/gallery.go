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
// evaluation that is begun and owes reasons, one that is final, a result that is read.
func (a *app) visitors(ctx context.Context, cast *sample.Cast) ([]gallery.Visitor, error) {
	evaluations, err := a.stage(ctx, cast)
	if err != nil {
		return nil, err
	}
	actor := func(p *store.Person) store.Actor {
		return store.Actor{PersonID: p.ID, TelegramID: demoPhone(p.ID), Name: p.Name}
	}
	results, err := a.store.ResultsOf(ctx, cast.Employee.ID)
	if err != nil {
		return nil, err
	}
	begun := evaluations[1]
	evaluator := []flows.Link{flows.To("menu"), flows.To("score.team", 1), flows.To("score.done", evaluations[0]), flows.To("score.reason", begun, 1), flows.To("score.note", begun, 1), flows.To("account.notice")}
	employee := []flows.Link{flows.To("menu"), flows.To("result.list", 1), flows.To("reminder.postponed", "2027-01-05")}
	for _, r := range results {
		employee = append(employee, flows.To("result.show", r.ID))
	}
	return []gallery.Visitor{
		{Name: "penilai", Actor: actor(cast.Evaluator), From: evaluator},
		{Name: "pegawai", Actor: actor(cast.Employee), From: employee},
		{Name: "pengelola", Actor: actor(cast.Admin), From: []flows.Link{flows.To("menu"), flows.To("admin.home")}},
		{Name: "orang luar", From: []flows.Link{flows.To("welcome")}},
	}, nil
}

// stage opens a period and lets the evaluator begin, and returns the evaluations of his team: the first is final, the second begun.
func (a *app) stage(ctx context.Context, cast *sample.Cast) ([]int64, error) {
	calendar, err := rules.NewCalendar()
	if err != nil {
		return nil, err
	}
	span, err := calendar.SpanAt(store.Quarterly, a.store.Now())
	if err != nil {
		return nil, err
	}
	selfReport, due, err := calendar.Deadlines(span.Last)
	if err != nil {
		return nil, err
	}
	_, err = a.store.OpenPeriodNow(ctx, cast.Admin.ID, store.PeriodForm{Kind: span.Kind, FirstDay: span.First, LastDay: span.Last, SelfReportDue: selfReport, ScoringDue: due, ObjectionDays: 14, Release: store.ReleaseAtOnce})
	if err != nil {
		return nil, err
	}
	team, err := a.store.Team(ctx, cast.Evaluator.ID)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, m := range team {
		ids = append(ids, m.EvaluationID)
	}
	if _, _, err := a.store.RateRest(ctx, cast.Evaluator.ID, ids[0]); err != nil {
		return nil, err
	}
	_, err = a.store.Finalise(ctx, cast.Evaluator.ID, ids[0], -time.Second, func(s store.Sheet) (store.Predicate, error) {
		return rules.Predicate(s.WorkRating, s.BehaviourRating)
	})
	if err != nil {
		return nil, err
	}
	indicators, err := a.store.Indicators(ctx, team[1].TemplateVersionID)
	if err != nil {
		return nil, err
	}
	return ids, a.store.Rate(ctx, cast.Evaluator.ID, ids[1], indicators[0].ID, store.Above)
}
