package assignment

import (
	"context"
	"errors"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

func (c conversation) registerMessages(e *flows.Engine) {
	e.Message(store.KindExcluded, "id", c.tellExclusion("assign.told_excluded", true, false))
	e.Message(store.KindExcludedTeam, "id", c.tellExclusion("assign.told_excluded_team", true, true))
	e.Message(store.KindIncludedAgain, "id", c.tellExclusion("assign.told_included", false, false))
	e.Message(store.KindIncludedTeam, "id", c.tellExclusion("assign.told_included_team", false, true))
	e.Message(store.KindYouAdded, "id", c.tellYouAdded)
	e.Message(store.KindPeopleAdded, "id n", c.tellPeople("assign.told_added"))
	e.Message(store.KindPeopleGiven, "id n", c.tellPeople("assign.told_given"))
	e.Message(store.KindPeopleTaken, "id n", c.tellTaken)
	e.Message(store.KindDeputyNamed, "id", c.tellDelegation("assign.told_deputy", false))
	e.Message(store.KindDelegated, "id", c.tellDelegation("assign.told_delegated", false))
	e.Message(store.KindDelegationOver, "id", c.tellDelegation("assign.told_over", true))
	e.Message(store.KindReopened, "id", c.tellReopened)
	e.Message(store.KindReopenedTeam, "id", c.tellReopenedTeam)
}

// gone turns what is not there any more into nothing to tell.
func gone(err error) (flows.Screen, bool, error) {
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return flows.Screen{}, false, err
}

func one(text string, rows ...[]flows.Button) (flows.Screen, bool, error) {
	return flows.Screen{Text: text, Rows: rows}, true, nil
}

// tellExclusion tells that somebody was left out, or is in again, as long as that is how it stands. The reason stays with the administrator:
// it may be a sanction or an illness.
func (c conversation) tellExclusion(key string, out, team bool) flows.Message {
	return func(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
		x, err := c.store.ExclusionFor(ctx, r.Actor.PersonID, r.Args.ID(0))
		if err != nil {
			return gone(err)
		}
		if !x.Last || out != (x.EndedAt == nil) {
			return flows.Screen{}, false, nil
		}
		text := r.T.HTML(key, locales.Args{"Name": x.Employee, "Period": words.PeriodName(r.T, x.Kind, x.FirstDay)})
		if team {
			return one(text, teamRow(r))
		}
		return one(text)
	}
}

func teamRow(r *flows.Request) []flows.Button {
	return flows.Row(flows.Go(r.T.Plain("assign.open_team"), "score.team", 1))
}

// tellYouAdded tells somebody that he is evaluated too.
func (c conversation) tellYouAdded(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	p, _, _, err := c.store.Owes(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil || p.State != store.PeriodOpen {
		return gone(err)
	}
	return one(r.T.HTML("assign.told_you_added", locales.Args{"Period": words.PeriodName(r.T, p.Kind, p.FirstDay), "From": words.Day(r.T, p.FirstDay), "Until": words.Day(r.T, p.LastDay)}))
}

// tellPeople tells an evaluator of people who came to him, as long as he has some to evaluate.
func (c conversation) tellPeople(key string) flows.Message {
	return func(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
		p, open, _, err := c.store.Owes(ctx, r.Actor.PersonID, r.Args.ID(0))
		if err != nil || open == 0 {
			return gone(err)
		}
		return one(r.T.HTML(key, locales.Args{"Number": r.T.Number(r.Args.Int(1)), "Period": words.PeriodName(r.T, p.Kind, p.FirstDay),
			"Deadline": words.Deadline(r.T, c.calendar, r.Now, p.ScoringDue)}), teamRow(r))
	}
}

// tellTaken tells an evaluator that somebody else evaluates people of his from now on.
func (c conversation) tellTaken(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	p, _, _, err := c.store.Owes(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return gone(err)
	}
	return one(r.T.HTML("assign.told_taken", locales.Args{"Number": r.T.Number(r.Args.Int(1)), "Period": words.PeriodName(r.T, p.Kind, p.FirstDay)}), teamRow(r))
}

// tellDelegation tells of a delegation while it stands, or of its end.
func (c conversation) tellDelegation(key string, over bool) flows.Message {
	return func(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
		d, err := c.store.DelegationWith(ctx, r.Actor.PersonID, r.Args.ID(0))
		if err != nil || over != (d.State == store.DelegationOver) {
			return gone(err)
		}
		return one(r.T.HTML(key, args(r.T, d)), teamRow(r))
	}
}

// tellReopened tells the employee that his result is looked at again, and why.
func (c conversation) tellReopened(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	news, err := c.store.ReopenedWith(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil || !news.Open {
		return gone(err)
	}
	return one(r.T.HTML("assign.told_reopened", locales.Args{"Period": words.PeriodName(r.T, news.Kind, news.FirstDay), "Reason": news.Reason}),
		flows.Row(flows.Go(r.T.Plain("assign.open_result"), "result.show", news.ResultID)))
}

func (c conversation) tellReopenedTeam(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	news, err := c.store.ReopenedWith(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil || !news.Open {
		return gone(err)
	}
	return one(r.T.HTML("assign.told_reopened_team", locales.Args{"Name": news.Employee, "Period": words.PeriodName(r.T, news.Kind, news.FirstDay), "Reason": news.Reason}),
		flows.Row(flows.Go(r.T.Plain("assign.open_person"), "score.person", news.EvaluationID)))
}

// Delegations lets deputies begin and end: see store.SettleDelegations.
type Delegations interface {
	SettleDelegations(ctx context.Context) (int, error)
}

// Clock settles delegations every so often until ctx ends; a minute when zero. That it is late gives nobody a right: see store.Delegation. warn is
// told what went wrong; it is tried again.
func Clock(s Delegations, every time.Duration, warn func(error)) func(ctx context.Context) error {
	if every == 0 {
		every = time.Minute
	}
	return func(ctx context.Context) error {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			if _, err := s.SettleDelegations(ctx); err != nil && ctx.Err() == nil {
				warn(err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
		}
	}
}
