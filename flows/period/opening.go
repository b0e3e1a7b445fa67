package period

import (
	"context"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// opening shows how far the opening of a period is. The runner of jobs edits the message while it goes on.
func (c conversation) opening(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, job, err := c.store.OpeningOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	title := r.T.HTML("period.opening_title", locales.Args{"Period": words.NameOfPeriod(r.T, p)})
	if p.State != store.PeriodOpening {
		return flows.Screen{
			Text: flows.Lines(title, "\n", r.T.HTML("period.opening_done", locales.Args{"Number": r.T.Number(job.Done)}), c.toldLine(r, job), c.dueLine(r, p.Period)),
			Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("period.see_progress"), "period.progress", p.ID)), back(r.T, "admin.home")},
		}, nil
	}
	return flows.Screen{
		Text: flows.Lines(title, "\n",
			r.T.HTML("period.opening_bar", locales.Args{"Bar": flows.Bar(job.Done, job.Total), "Done": r.T.Number(job.Done), "All": r.T.Number(job.Total)}),
			estimate(r, job), "\n", r.T.HTML("period.opening_goes_on")),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("period.refresh"), "period.watch", p.ID)),
			// Leaving takes the message away from the runner, which would draw over whatever is shown in it next.
			back(r.T, "period.leave", p.ID),
		},
	}, nil
}

// toldLine says when evaluators heard, or will hear, of a period whose opening has ended.
func (c conversation) toldLine(r *flows.Request, opening store.Job) string {
	if due := c.allowed(opening.UpdatedAt); due.After(r.Now) {
		return r.T.HTML("period.told_later", locales.Args{"Moment": r.T.LongMoment(due)})
	}
	return r.T.HTML("period.told")
}

// estimate tells how long a job will take from how long it took; "" before it has done anything.
func estimate(r *flows.Request, job store.Job) string {
	if job.Done == 0 || job.Done >= job.Total {
		return ""
	}
	left := r.Now.Sub(job.CreatedAt) / time.Duration(job.Done) * time.Duration(job.Total-job.Done)
	minutes := int((left + time.Minute - 1) / time.Minute)
	if minutes < 2 {
		return r.T.HTML("period.estimate_soon")
	}
	return r.T.HTML("period.estimate", locales.Args{"Minutes": minutes})
}

// watch shows the opening in the message that was tapped, and lets the runner go on showing it there.
func (c conversation) watch(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if err := c.store.ShowOpening(ctx, r.Actor.PersonID, r.Args.ID(0), store.Place{ChatID: r.Chat, MessageID: r.Message}); err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("period.opening", r.Args.ID(0))}, nil
}

func (c conversation) leave(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if err := c.store.ShowOpening(ctx, r.Actor.PersonID, r.Args.ID(0), store.Place{}); err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("admin.home")}, nil
}

// tellOpened tells an evaluator that his people wait.
func (c conversation) tellOpened(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	return c.tellOwed(ctx, r, "period.told_opened")
}

// tellNudge is an administrator's reminder. Of those of many days that waited for somebody one is sent on a day.
func (c conversation) tellNudge(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	last, err := c.store.LastNudge(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil || c.calendar.Date(last) == c.today(r) {
		return flows.Screen{}, false, err
	}
	return c.tellOwed(ctx, r, "period.told_nudge")
}

// tellOwed sums up what an evaluator still owes at the moment of sending. It names nobody.
func (c conversation) tellOwed(ctx context.Context, r *flows.Request, title string) (flows.Screen, bool, error) {
	p, open, all, err := c.store.Owes(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil || open == 0 {
		return flows.Screen{}, false, err
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML(title, locales.Args{"Period": words.PeriodName(r.T, p.Kind, p.FirstDay)}), "\n",
			r.T.HTML("period.told_waiting", locales.Args{"Open": open, "All": all}), c.dueLine(r, p)),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("period.go_score"), "score.team", 1).Styled(flows.Confirm))},
	}, true, nil
}

// tellDone tells an administrator that the work which he asked for is done.
func (c conversation) tellDone(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	done, err := c.store.JobFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, false, err
	}
	p, err := c.store.PeriodFor(ctx, r.Actor.PersonID, done.ObjectID)
	if err != nil {
		return flows.Screen{}, false, err
	}
	news := ""
	if done.Kind == store.JobOpenPeriod {
		news = c.toldLine(r, done)
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("job."+done.Kind, locales.Args{"Period": words.NameOfPeriod(r.T, p)}), "\n",
			r.T.HTML("job."+done.Kind+"_count", locales.Args{"Number": r.T.Number(done.Done)}), news),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("period.see_progress"), "period.progress", p.ID))},
	}, true, nil
}
