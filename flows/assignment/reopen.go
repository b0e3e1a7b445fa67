package assignment

import (
	"context"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// askReopen says what opening a result again means, and asks why.
func (c conversation) askReopen(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	e, err := c.reopenable(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(title(r, e), "\n", r.T.HTML("assign.reopen_what", locales.Args{"Version": e.Version}), r.T.HTML("assign.reopen_who"), "\n", r.T.HTML("assign.reopen_ask")),
		Rows: [][]flows.Button{back(r, "assign.show", e.ID)},
	}, nil
}

// reopenable reads an evaluation whose result is the one of the second argument.
func (c conversation) reopenable(ctx context.Context, r *flows.Request) (store.AdminEvaluation, error) {
	e, err := c.evaluation(ctx, r)
	switch {
	case err != nil:
		return e, err
	case e.State != store.EvaluationFinal || e.ResultID != r.Args.ID(1):
		return e, flows.Refuse(r.T.Plain("assign.meanwhile"), flows.To("assign.show", e.ID))
	case e.Period.ArchivedAt != nil:
		return e, flows.Refuse(r.T.Plain("assign.is_archived"), flows.To("assign.show", e.ID))
	case e.EmployeeID == r.Actor.PersonID || seen(e) == r.Actor.PersonID || e.SetBy == r.Actor.PersonID:
		return e, flows.Refuse(r.T.Plain("assign.own"), flows.To("assign.show", e.ID))
	}
	return e, nil
}

func (c conversation) saveReopenReason(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.reopenable(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	text, err := c.written(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	r.Draft[draftReopen] = text
	return flows.Outcome{To: flows.To("assign.reopensure", r.Args.ID(0), r.Args.ID(1))}, nil
}

// sureReopen asks once more: a result that is open again cannot be set as it was but by its evaluator.
func (c conversation) sureReopen(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	e, err := c.reopenable(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	why := r.Draft[draftReopen]
	if why == "" {
		return flows.Screen{Text: flows.Lines(title(r, e), "\n", r.T.HTML("assign.typed_gone")), Rows: [][]flows.Button{back(r, "assign.reopen", e.ID, e.ResultID)}}, nil
	}
	return flows.Screen{
		Text: flows.Lines(title(r, e), "\n", r.T.HTML("assign.why_is", locales.Args{"Reason": why}), "\n", r.T.HTML("assign.reopen_sure", locales.Args{"Evaluator": e.Evaluator})),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("assign.reopen_yes"), "assign.reopennow", e.ID, e.ResultID).Styled(flows.Danger)),
			back(r, "assign.reopen", e.ID, e.ResultID),
		},
	}, nil
}

func (c conversation) reopen(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	e, err := c.evaluation(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	to := flows.To("assign.show", e.ID)
	if e.ResultID == r.Args.ID(1) && e.ResultReopened != nil { // tapped twice
		return flows.Outcome{To: to, Toast: r.T.Plain("assign.reopened_now")}, nil
	}
	why := r.Draft[draftReopen]
	if why == "" {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("assign.typed_gone"), flows.To("assign.reopen", e.ID, r.Args.ID(1)))
	}
	if err := c.store.Reopen(ctx, r.Actor.PersonID, e.ID, r.Args.ID(1), why); err != nil {
		return flows.Outcome{}, c.explain(r, err, to)
	}
	r.ForgetForm()
	return flows.Outcome{To: to, Toast: r.T.Plain("assign.reopened_now")}, nil
}
